/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * registry.h - the one way objects get into etcd: decode, default, validate,
 *              check for conflict, write
 *
 * It is a store (store.h): the REST server and the server's own controllers
 * write through the same code. What only HTTP callers can ask for (dry run,
 * strict fields, paging, consistent lists) is in the calls below.
 */
#ifndef KEELSON_API_REGISTRY_H
#define KEELSON_API_REGISTRY_H

#include "api/kinds/kinds.h"
#include "store/etcd.h"
#include "store/store.h"

struct registry_config {
	const char *service_cidr;	/* "10.96.0.0/16" */
	const char *cluster_cidr;	/* pod prefixes are cut from it for nodes: "10.244.0.0/16" */
	int node_prefix_len;		/* 24 */
};

/* etcd is borrowed. The store is freed with s->ops->free(s). -EINVAL with *ret_msg on a bad prefix. */
int registry_new(sd_event *loop, struct etcd *etcd, const struct registry_config *config,
		 struct store **ret, char **ret_msg);

/*
 * Creates what every cluster has (namespaces, system priorities, the kubernetes Service); retries
 * until etcd answers. done(data) when there is enough to start the rest of the server.
 */
void registry_bootstrap(struct store *s, void (*done)(void *data), void *data);

/*
 * From now on this server is one of the endpoints of Service default/kubernetes,
 * at this address and port; those of other servers stay. Once, after the bootstrap.
 */
void registry_advertise(struct store *s, const char *address, int port);

struct registry_write_opts {
	bool dry_run;
	const struct kind_user *user;	/* borrowed until the answer; NULL: the server itself */
	enum { FIELDS_IGNORE, FIELDS_WARN, FIELDS_STRICT } field_validation;	/* WARN: as IGNORE, the caller warns */
	const char *manager;	/* who writes, in managedFields; NULL: this server */
	bool force;		/* server-side apply takes what others own */
};
/* As store_create/update/patch with those options (NULL: ignore, no dry run). */
void registry_create(struct store *s, const struct resource *r, const char *ns, const char *name,
		     const char *subresource, const json *obj, const struct registry_write_opts *o,
		     store_cb cb, void *data);
void registry_update(struct store *s, const struct resource *r, const char *ns, const char *name,
		     const char *subresource, const json *obj, const struct registry_write_opts *o,
		     store_cb cb, void *data);
void registry_patch(struct store *s, const struct resource *r, const char *ns, const char *name,
		    const char *subresource, enum store_patch_type type, const json *patch,
		    const struct registry_write_opts *o, store_cb cb, void *data);

void registry_delete(struct store *s, const struct resource *r, const char *ns, const char *name,
		     const struct store_delete_opts *opts, const struct registry_write_opts *o,
		     store_cb cb, void *data);
/* As store_get(), as of min_rv or later (0: newest), which is waited for. */
void registry_get(struct store *s, const struct resource *r, const char *ns, const char *name, int64_t min_rv,
		  store_cb cb, void *data);
/* The autoscaling/v1 Scale of a workload. */
void registry_get_scale(struct store *s, const struct resource *r, const char *ns, const char *name,
			store_cb cb, void *data);

struct registry_list_opts {
	struct store_selector sel;
	int64_t limit;			/* 0: all */
	const char *continue_token;	/* or NULL */
	int64_t exact_rv;		/* as of this revision; 0: newest */
	int64_t min_rv;			/* as of this or a later one, which is waited for (3 s); 0: newest */
	bool any;			/* as of whatever the cache has, if there is a cache; the limit does not count then */
	bool watched;			/* a watch from its revision follows: there is going to be a cache */
};
/* All of it at once: res->obj is a list whose items json_keep() shares. */
void registry_list(struct store *s, const struct resource *r, const char *ns,
		   const struct registry_list_opts *o, store_cb cb, void *data);

/* The same object by object, for lists that are never whole in memory. */
struct list_reader;
struct list_end {
	const json *status;		/* NULL: it went well; else why not, borrowed */
	int64_t rv;			/* the revision that was read */
	const char *token;		/* continue: there is more; NULL: that was all */
	int64_t remaining;		/* objects after these; -1: nobody knows */
};
struct list_ops {
	/* In the order of keys; json_keep() shares the object. False: no more until registry_read_on(). */
	bool (*item)(void *data, const json *obj);
	/* Once and last; the reader is gone with it. */
	void (*end)(void *data, const struct list_end *end);
};
struct list_reader *registry_read(struct store *s, const struct resource *r, const char *ns,
				  const struct registry_list_opts *o, const struct list_ops *ops, void *data);
/* The revision that is read, from the first item on. */
int64_t registry_read_rv(const struct list_reader *l);
void registry_read_on(struct list_reader *l);
/* Before its end: nothing comes after it. NULL is fine. */
void registry_read_stop(struct list_reader *l);

struct registry_watch_opts {
	struct store_selector sel;
	bool initial;			/* the objects there are come first, as ADDED ... */
	bool any;			/* ... as the cache has them will do ... */
	bool mark;			/* ... and then a bookmark that says so (METADATA_INITIAL_END) */
	int64_t rv;			/* initial: they are of this revision or a later one (0: newest); else the events
					   told are those after it (0: from now) */
};
/* The annotation, "true" in the bookmark after the initial objects. */
#define METADATA_INITIAL_END "k8s.io/initial-events-end"
/* As store_watch(), with those options. */
struct store_watch *registry_watch_with(struct store *s, const struct resource *r, const char *ns,
					const struct registry_watch_opts *o, store_watch_cb cb, void *data);
/*
 * For a slow reader: while paused, no more than what is being told at the moment
 * still comes, and nothing is kept for it. It goes on where it was.
 */
void registry_watch_pause(struct store_watch *w, bool paused);
/* Everything up to this revision was told; 0 while initial objects are still to come. */
int64_t registry_watch_rv(const struct store_watch *w);

#endif
