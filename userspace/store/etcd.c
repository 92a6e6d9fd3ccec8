// SPDX-License-Identifier: GPL-2.0-or-later
/* etcd.c - see etcd.h; watches are in etcd_watch.c */
#include "store/etcd.h"

#include <errno.h>
#include <stdio.h>
#include <utlist.h>
#include "base/loop_stats.h"
#include "base/metrics.h"
#include "store/etcd_pb.h"

#define TIMEOUT_MS 5000

static const double seconds[] = {
	0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
};
static struct metric_family duration = {
	.name = "etcd_request_duration_seconds", .type = METRIC_HISTOGRAM,
	.help = "Time from a request to etcd to its answer, by what it does and in which directory below /registry.",
	.labels = { "operation", "type" }, METRIC_BOUNDS(seconds),
};

struct etcd {
	struct grpc_channel *ch;
	struct etcd_watcher *watcher;
	struct call *calls;
};

enum call_kind { CALL_RANGE, CALL_TXN, CALL_LEASE, CALL_COMPACT };

static const char *const method_of[] = {
	[CALL_RANGE] = "/etcdserverpb.KV/Range",
	[CALL_TXN] = "/etcdserverpb.KV/Txn",
	[CALL_LEASE] = "/etcdserverpb.Lease/LeaseGrant",
	[CALL_COMPACT] = "/etcdserverpb.KV/Compact",
};

struct call {
	struct call *prev, *next;
	struct etcd *e;
	enum call_kind kind;
	etcd_cb cb;
	void *data;
	struct metric *duration;
	uint64_t since;
};

/* --- messages ---------------------------------------------------------------- */

static void *terminated_alloc(void *data, size_t size)
{
	char *p = xmalloc(size + 1);

	p[size] = '\0';
	return p;
}

static void plain_free(void *data, void *p)
{
	free(p);
}

ProtobufCAllocator etcd_pb_allocator = { .alloc = terminated_alloc, .free = plain_free };

ProtobufCBinaryData etcd_pb_key(const char *key)
{
	/* The NUL that ends "" is the one-byte key that etcd means. */
	return (ProtobufCBinaryData){ .len = key[0] ? strlen(key) : 1, .data = (uint8_t *)key };
}

struct etcd_kv etcd_pb_kv(const Etcdserverpb__KeyValue *kv)
{
	return (struct etcd_kv){
		.key = kv->key,
		.value = kv->value.data ? (const char *)kv->value.data : "",
		.value_len = kv->value.len,
		.create_revision = kv->create_revision,
		.mod_revision = kv->mod_revision,
		.version = kv->version,
		.lease = kv->lease,
	};
}

void *etcd_pb_pack(const ProtobufCMessage *m, size_t *ret_len)
{
	void *p = xmalloc(protobuf_c_message_get_packed_size(m));

	*ret_len = protobuf_c_message_pack(m, p);
	return p;
}

int etcd_pb_errno(int status, const char *msg)
{
	switch (status) {
	case GRPC_OUT_OF_RANGE:
		return msg && strstr(msg, "compacted") ? -EKEYEXPIRED : msg && strstr(msg, "future") ? -ERANGE : -EINVAL;
	case GRPC_REPLY_TOO_LONG:
		return -EMSGSIZE;
	case GRPC_INVALID_ARGUMENT:
	case GRPC_FAILED_PRECONDITION:
	case GRPC_NOT_FOUND:
		return -EINVAL;
	case GRPC_UNAVAILABLE:
	case GRPC_DEADLINE_EXCEEDED:
	case GRPC_CANCELLED:
	case GRPC_ABORTED:
		return -EAGAIN;
	case GRPC_RESOURCE_EXHAUSTED:	/* a request longer than gRPC takes, or a server that is full */
		return msg && strstr(msg, "larger than max") ? -EINVAL : -EAGAIN;
	default:
		return -EIO;
	}
}

/* --- the client ---------------------------------------------------------------- */

int etcd_new(sd_event *loop, const struct etcd_config *config, struct etcd **ret, char **ret_msg)
{
	struct grpc_config g = {
		.target = config->endpoints,
		.ca_file = config->ca_file,
		.cert_file = config->cert_file,
		.key_file = config->key_file,
	};
	struct grpc_channel *ch;
	int r = grpc_channel_new(loop, &g, &ch, ret_msg);

	if (r < 0)
		return r;
	*ret = xnew0(struct etcd);
	(*ret)->ch = ch;
	(*ret)->watcher = etcd_watcher_new(ch);
	return 0;
}

void etcd_free(struct etcd *e)
{
	struct call *c, *tmp;

	if (!e)
		return;
	etcd_watcher_free(e->watcher);
	grpc_channel_free(e->ch);
	DL_FOREACH_SAFE(e->calls, c, tmp)
		free(c);
	free(e);
}

struct etcd_watcher *etcd_get_watcher(struct etcd *e)
{
	return e->watcher;
}

static void take_range(struct etcd_result *res, const Etcdserverpb__RangeResponse *r, struct etcd_kv **kvs)
{
	*kvs = xcalloc(r->n_kvs, sizeof(**kvs));
	for (size_t i = 0; i < r->n_kvs; i++)
		(*kvs)[i] = etcd_pb_kv(r->kvs[i]);
	res->kvs = *kvs;
	res->n_kvs = r->n_kvs;
	res->count = r->count;
	res->more = r->more;
}

static int64_t revision_of(const Etcdserverpb__ResponseHeader *h)
{
	return h ? h->revision : 0;
}

/* The message that *res borrows from, or NULL when it is none. */
static ProtobufCMessage *parse(enum call_kind kind, const void *p, size_t len, struct etcd_result *res,
			       struct etcd_kv **kvs)
{
	ProtobufCAllocator *a = &etcd_pb_allocator;
	Etcdserverpb__CompactionResponse *compact;
	Etcdserverpb__LeaseGrantResponse *lease;
	Etcdserverpb__RangeResponse *range;
	Etcdserverpb__TxnResponse *txn;

	switch (kind) {
	case CALL_RANGE:
		range = etcdserverpb__range_response__unpack(a, len, p);
		if (!range)
			return NULL;
		res->revision = revision_of(range->header);
		take_range(res, range, kvs);
		return &range->base;
	case CALL_TXN:
		txn = etcdserverpb__txn_response__unpack(a, len, p);
		if (!txn)
			return NULL;
		res->revision = revision_of(txn->header);
		res->succeeded = txn->succeeded;
		if (txn->n_responses && txn->responses[0]->response_case == ETCDSERVERPB__RESPONSE_OP__RESPONSE_RESPONSE_RANGE)
			take_range(res, txn->responses[0]->response_range, kvs);
		return &txn->base;
	case CALL_LEASE:
		lease = etcdserverpb__lease_grant_response__unpack(a, len, p);
		if (!lease)
			return NULL;
		res->revision = revision_of(lease->header);
		res->lease = lease->id;
		return &lease->base;
	default:
		compact = etcdserverpb__compaction_response__unpack(a, len, p);
		if (!compact)
			return NULL;
		res->revision = revision_of(compact->header);
		return &compact->base;
	}
}

static void on_answer(void *data, int status, const char *msg, const void *p, size_t len)
{
	struct call *c = data;
	_cleanup_free_ struct etcd_kv *kvs = NULL;
	struct etcd_result res = { .msg = msg };
	ProtobufCMessage *m = NULL;

	loop_part("etcd's answer", NULL);
	if (status != GRPC_OK) {
		res.err = etcd_pb_errno(status, msg);
		/* A member that answers so has lost its cluster; another one may have it. */
		if (status == GRPC_UNAVAILABLE || status == GRPC_DEADLINE_EXCEEDED)
			grpc_channel_next_target(c->e->ch);
	} else {
		m = parse(c->kind, p, len, &res, &kvs);
		if (!m) {
			res.err = -EIO;
			res.msg = "etcd's answer is no valid message";
		}
	}
	DL_DELETE(c->e->calls, c);
	metric_observe(c->duration, (double)(now_monotonic_us() - c->since) / 1e6);
	c->cb(c->data, &res);
	if (m)
		protobuf_c_message_free_unpacked(m, &etcd_pb_allocator);
	free(c);
}

/* Where it is counted: "pods" of "/registry/pods/default/web", the first two parts where one is a group or "services". */
static struct metric *duration_of(const char *operation, const char *key)
{
	const char *dir = startswith(key, "/registry/") ? key + strlen("/registry/") : "";
	size_t n = strcspn(dir, "/");
	char type[64];

	if (dir[n] && (memchr(dir, '.', n) || (n == strlen("services") && startswith(dir, "services"))))
		n += 1 + strcspn(dir + n + 1, "/");
	snprintf(type, sizeof(type), "%.*s", (int)n, dir);
	return metric_of(&duration, operation, type);
}

static void send_call(struct etcd *e, enum call_kind kind, const ProtobufCMessage *m, size_t max_reply, struct metric *measure,
		      etcd_cb cb,
		      void *data)
{
	struct call *c = xnew0(struct call);
	size_t len;
	_cleanup_free_ void *p = etcd_pb_pack(m, &len);

	*c = (struct call){
		.e = e, .kind = kind, .cb = cb, .data = data, .duration = measure, .since = now_monotonic_us(),
	};
	DL_APPEND(e->calls, c);
	if (max_reply)
		grpc_unary_max(e->ch, method_of[kind], p, len, TIMEOUT_MS, max_reply, on_answer, c);
	else
		grpc_unary(e->ch, method_of[kind], p, len, TIMEOUT_MS, on_answer, c);
}

/* --- calls ---------------------------------------------------------------------- */

char *etcd_prefix_end(const char *prefix)
{
	char *end = xstrdup(prefix);

	for (size_t n = strlen(end); n > 0; n--) {
		unsigned char *last = (unsigned char *)end + n - 1;

		if (*last < 0xff) {
			++*last;
			break;
		}
		*last = '\0';
	}
	return end;
}

void etcd_range(struct etcd *e, const char *key, const char *range_end,
		const struct etcd_range_opts *opts, etcd_cb cb, void *data)
{
	Etcdserverpb__RangeRequest m = ETCDSERVERPB__RANGE_REQUEST__INIT;

	m.key = etcd_pb_key(key);
	if (range_end)
		m.range_end = etcd_pb_key(range_end);
	if (opts) {
		m.limit = opts->limit;
		m.revision = opts->revision;
		m.keys_only = opts->keys_only;
		m.count_only = opts->count_only;
	}
	send_call(e, CALL_RANGE, &m.base, opts ? opts->max_bytes : 0, duration_of(range_end ? "list" : "get", key), cb, data);
}

void etcd_txn_put(struct etcd *e, const char *key, int64_t mod_revision, const char *value,
		  size_t value_len, int64_t lease, etcd_cb cb, void *data)
{
	etcd_txn_put_guarded(e, key, mod_revision, value, value_len, lease, NULL, cb, data);
}

static Etcdserverpb__Compare compare(const char *key, int64_t mod_revision)
{
	Etcdserverpb__Compare cmp = ETCDSERVERPB__COMPARE__INIT;

	cmp.result = ETCDSERVERPB__COMPARE__COMPARE_RESULT__EQUAL;
	cmp.target = ETCDSERVERPB__COMPARE__COMPARE_TARGET__MOD;
	cmp.key = etcd_pb_key(key);
	cmp.target_union_case = ETCDSERVERPB__COMPARE__TARGET_UNION_MOD_REVISION;
	cmp.mod_revision = mod_revision;
	return cmp;
}

void etcd_txn_put_guarded(struct etcd *e, const char *key, int64_t mod_revision, const char *value, size_t value_len,
			  int64_t lease, const struct etcd_guard *guard, etcd_cb cb, void *data)
{
	Etcdserverpb__TxnRequest m = ETCDSERVERPB__TXN_REQUEST__INIT;
	Etcdserverpb__Compare own = compare(key, mod_revision), more = compare(guard ? guard->key : "", guard ? guard->mod_revision : 0);
	Etcdserverpb__Compare *cmps[] = { &own, &more };
	Etcdserverpb__RequestOp then = ETCDSERVERPB__REQUEST_OP__INIT, *thens = &then;
	Etcdserverpb__RequestOp other = ETCDSERVERPB__REQUEST_OP__INIT, *others = &other;
	Etcdserverpb__PutRequest put = ETCDSERVERPB__PUT_REQUEST__INIT;
	Etcdserverpb__DeleteRangeRequest del = ETCDSERVERPB__DELETE_RANGE_REQUEST__INIT;
	Etcdserverpb__RangeRequest range = ETCDSERVERPB__RANGE_REQUEST__INIT;

	if (value) {
		put.key = etcd_pb_key(key);
		put.value = (ProtobufCBinaryData){ .len = value_len, .data = (uint8_t *)value };
		put.lease = lease;
		then.request_case = ETCDSERVERPB__REQUEST_OP__REQUEST_REQUEST_PUT;
		then.request_put = &put;
	} else {
		del.key = etcd_pb_key(key);
		then.request_case = ETCDSERVERPB__REQUEST_OP__REQUEST_REQUEST_DELETE_RANGE;
		then.request_delete_range = &del;
	}
	range.key = etcd_pb_key(key);
	other.request_case = ETCDSERVERPB__REQUEST_OP__REQUEST_REQUEST_RANGE;
	other.request_range = &range;
	m.compare = cmps;
	m.success = &thens;
	m.failure = &others;
	m.n_compare = guard ? 2 : 1;
	m.n_success = m.n_failure = 1;
	send_call(e, CALL_TXN, &m.base, 0, duration_of(!value ? "delete" : mod_revision ? "update" : "create", key), cb, data);
}

void etcd_lease_grant(struct etcd *e, int64_t ttl, etcd_cb cb, void *data)
{
	Etcdserverpb__LeaseGrantRequest m = ETCDSERVERPB__LEASE_GRANT_REQUEST__INIT;

	m.ttl = ttl;
	send_call(e, CALL_LEASE, &m.base, 0, duration_of("lease", ""), cb, data);
}

void etcd_compact(struct etcd *e, int64_t revision, etcd_cb cb, void *data)
{
	Etcdserverpb__CompactionRequest m = ETCDSERVERPB__COMPACTION_REQUEST__INIT;

	m.revision = revision;
	send_call(e, CALL_COMPACT, &m.base, 0, duration_of("compact", ""), cb, data);
}
