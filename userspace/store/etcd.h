/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * etcd.h - an etcd v3 client over gRPC: keys and bytes, no knowledge of objects
 *
 * Protocol: etcd's api/etcdserverpb/rpc.proto and mvccpb/kv.proto (field
 * numbers in store/etcd.proto). Asynchronous; callbacks come from the loop,
 * once per call. Reconnects by itself; a call made while there is no
 * connection waits up to its time-out (5 s), then answers -EAGAIN with a
 * sentence that names the endpoint.
 */
#ifndef KEELSON_STORE_ETCD_H
#define KEELSON_STORE_ETCD_H

#include <systemd/sd-event.h>
#include "base/util.h"

struct etcd;

struct etcd_config {
	const char *endpoints;	/* comma-separated: "http://127.0.0.1:2379" or "https://..." */
	const char *ca_file;	/* for https, else NULL */
	const char *cert_file;
	const char *key_file;
};
/* 0 or -EINVAL (with *ret_msg to free). Does not wait for a connection. */
int etcd_new(sd_event *loop, const struct etcd_config *config, struct etcd **ret, char **ret_msg);
/* After all its watches are closed, and not from inside a callback. Calls without an answer end without one. */
void etcd_free(struct etcd *e);

struct etcd_kv {
	const char *key;	/* NUL-terminated */
	const char *value;	/* NUL-terminated besides value_len; NULL with keys_only */
	size_t value_len;
	int64_t create_revision;
	int64_t mod_revision;
	int64_t version;
	int64_t lease;
};

/* Borrowed for the callback. */
struct etcd_result {
	int err;		/* 0, -EAGAIN (no answer), -EKEYEXPIRED (compacted), -ERANGE (revision of the future),
				   -EMSGSIZE (more than max_bytes), -EINVAL, -EIO */
	const char *msg;	/* with err: a sentence */
	int64_t revision;	/* header.revision */
	bool succeeded;		/* txn: the compares held */
	const struct etcd_kv *kvs;	/* range; txn: the range answer of the branch taken */
	size_t n_kvs;
	int64_t count;		/* range: keys in range, beyond the limit too */
	bool more;
	int64_t lease;		/* lease grant */
};
typedef void (*etcd_cb)(void *data, const struct etcd_result *res);

struct etcd_range_opts {
	int64_t limit;		/* 0: no limit */
	int64_t revision;	/* 0: newest */
	size_t max_bytes;	/* of the answer; 0: what one message may have (256 MiB) */
	bool keys_only, count_only;
};
/* range_end as etcd's: NULL for one key; etcd_prefix_end(key) for a prefix. opts may be NULL. */
void etcd_range(struct etcd *e, const char *key, const char *range_end,
		const struct etcd_range_opts *opts, etcd_cb cb, void *data);
/* The key after all keys with this prefix; caller frees. */
char *etcd_prefix_end(const char *prefix);

/*
 * The transaction every write is: if key's mod revision is `mod_revision`
 * (0: the key is absent), put value (NULL: delete the key); else fetch the key
 * as it is now into kvs. lease 0: none.
 */
void etcd_txn_put(struct etcd *e, const char *key, int64_t mod_revision, const char *value,
		  size_t value_len, int64_t lease, etcd_cb cb, void *data);

/* A key that must be as it was when it was read (0: absent) for a write to happen. */
struct etcd_guard {
	const char *key;
	int64_t mod_revision;
};
/* The same, if the guard (NULL: none) holds as well; with a guard that does not hold, kvs is of the key all the same. */
void etcd_txn_put_guarded(struct etcd *e, const char *key, int64_t mod_revision, const char *value, size_t value_len,
			  int64_t lease, const struct etcd_guard *guard, etcd_cb cb, void *data);

/* Leases: seconds; the answer's `lease` is the id. */
void etcd_lease_grant(struct etcd *e, int64_t ttl, etcd_cb cb, void *data);
/* Drops history before a revision (Kubernetes' API server does so every 5 minutes). */
void etcd_compact(struct etcd *e, int64_t revision, etcd_cb cb, void *data);

struct etcd_event {
	bool deleted;
	struct etcd_kv kv;		/* deleted: key and mod_revision only */
	bool has_prev;
	struct etcd_kv prev;		/* the value before */
};
struct etcd_watch;
/*
 * n events in order of revision, all of a revision together, and `revision` the
 * last of them; or n == 0: progress only (everything up to `revision` was
 * delivered; a watch from now starts with one, any other with revision 0: it stands). err != 0: the watch is over (-EKEYEXPIRED:
 * compacted, `revision` is then the compact revision; -EAGAIN: connection lost);
 * the owner still calls etcd_watch_close().
 */
typedef void (*etcd_watch_cb)(void *data, int err, const struct etcd_event *ev, size_t n, int64_t revision);
/* Events with mod revision >= start_revision (0: from now); prev: with the values before. */
struct etcd_watch *etcd_watch(struct etcd *e, const char *key, const char *range_end,
			      int64_t start_revision, bool prev, etcd_watch_cb cb, void *data);
void etcd_watch_close(struct etcd_watch *w);

#endif
