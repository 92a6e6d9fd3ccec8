/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.h - objects by name, with resource versions: the door that controllers,
 *           the scheduler and the agent see
 *
 * Two providers: api/registry.h (in the server: defaulting, validation, then
 * etcd) and store/http.h (in the agent: a Kubernetes API server). On top of
 * either, store/informer.h keeps a cache.
 *
 * Everything is asynchronous on one sd-event loop. A callback is called exactly
 * once per call, later, from the loop, never from inside the call itself. What
 * a callback is given is borrowed for its duration; json_keep() (base/frozen.h)
 * keeps it, without a copy where the provider has the object for itself too.
 *
 * Errors: result.err is 0 or negative errno, and result.obj is then a
 * Kubernetes Status (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/):
 *   -ENOENT  404 NotFound          -EEXIST  409 AlreadyExists
 *   -ESTALE  409 Conflict          -EINVAL  400/422 BadRequest, Invalid
 *   -EACCES  401/403 Forbidden     -EKEYEXPIRED 410 Expired
 *   -EOPNOTSUPP 405/415            -EAGAIN  429, 500, 503, no connection: try again
 */
#ifndef KEELSON_STORE_STORE_H
#define KEELSON_STORE_STORE_H

#include "base/json.h"
#include "store/resource.h"

struct store;

struct store_result {
	int err;		/* 0 or negative errno, see above */
	int code;		/* HTTP status, 0 where there was no answer */
	const json *obj;	/* the object or list; with err, a Status (never NULL) */
	int64_t rv;		/* revision of this read or write; 0 if the provider does not tell */
};
typedef void (*store_cb)(void *data, const struct store_result *res);

enum store_patch_type {
	STORE_PATCH_MERGE,	/* RFC 7396 */
	STORE_PATCH_STRATEGIC,	/* Kubernetes' strategic merge patch */
	STORE_PATCH_JSON,	/* RFC 6902 */
	STORE_PATCH_APPLY,	/* server-side apply */
};

enum store_event_type {
	STORE_ADDED,
	STORE_MODIFIED,
	STORE_DELETED,		/* obj is the last state */
	STORE_BOOKMARK,		/* obj carries only metadata.resourceVersion */
	STORE_ERROR,		/* obj is a Status; the watch is over */
	STORE_STALLED,		/* the source is out of reach, a Status says why; what is told next comes late */
};

/* What a list or watch leaves out; NULL members match all. Syntax as in the API's query parameters. */
struct store_selector {
	const char *label;
	const char *field;
	/*
	 * Lists in parts: at most limit objects (0: all), and of the next part the
	 * metadata.continue that the one before has. A provider may give more at once.
	 */
	int64_t limit;
	const char *cont;
	/* Whoever lists watches from the list's revision on, so that it need not be the newest. */
	bool cached;
};

struct store_delete_opts {
	int64_t grace_period;		/* seconds; -1: the object's own */
	const char *propagation;	/* "Background", "Foreground", "Orphan" or NULL */
	const char *uid;		/* precondition, or NULL */
	int64_t rv;			/* precondition, or 0 */
};

struct store_watch;
/*
 * One event. After STORE_ERROR no more come, and the owner still calls
 * store_watch_close(). A lost connection is a STORE_ERROR with Status code 503;
 * a compacted revision one with code 410. A provider that finds its source again
 * by itself says STORE_STALLED instead of the former, and a bookmark when it is back.
 */
typedef void (*store_watch_cb)(void *data, enum store_event_type type, const json *obj, int64_t rv);

/*
 * ns is NULL for cluster-scoped kinds; in list and watch NULL means all
 * namespaces. subresource is NULL, "status", "scale", "binding" or
 * "finalize". Objects passed in are borrowed for the call only.
 */
struct store_ops {
	void (*get)(struct store *s, const struct resource *r, const char *ns, const char *name,
		    store_cb cb, void *data);
	void (*list)(struct store *s, const struct resource *r, const char *ns,
		     const struct store_selector *sel, store_cb cb, void *data);
	/* Events after revision rv (0: from now, after a synthetic ADDED for each object there is). */
	struct store_watch *(*watch)(struct store *s, const struct resource *r, const char *ns,
				     const struct store_selector *sel, int64_t rv,
				     store_watch_cb cb, void *data);
	void (*watch_close)(struct store *s, struct store_watch *w);
	void (*create)(struct store *s, const struct resource *r, const char *ns, const char *name,
		       const char *subresource, const json *obj, store_cb cb, void *data);
	/* Replaces; obj's metadata.resourceVersion, when there, must still be current (-ESTALE). */
	void (*update)(struct store *s, const struct resource *r, const char *ns, const char *name,
		       const char *subresource, const json *obj, store_cb cb, void *data);
	void (*patch)(struct store *s, const struct resource *r, const char *ns, const char *name,
		      const char *subresource, enum store_patch_type type, const json *patch,
		      store_cb cb, void *data);
	/* opts may be NULL. */
	void (*del)(struct store *s, const struct resource *r, const char *ns, const char *name,
		    const struct store_delete_opts *opts, store_cb cb, void *data);
	void (*free)(struct store *s);
};

/* First member of every provider's own struct. */
struct store {
	const struct store_ops *ops;
};

/* Thin calls through the table; arguments as above. */
static inline void store_get(struct store *s, const struct resource *r, const char *ns,
			     const char *name, store_cb cb, void *data)
{
	s->ops->get(s, r, ns, name, cb, data);
}
static inline void store_list(struct store *s, const struct resource *r, const char *ns,
			      const struct store_selector *sel, store_cb cb, void *data)
{
	s->ops->list(s, r, ns, sel, cb, data);
}
static inline struct store_watch *store_watch(struct store *s, const struct resource *r, const char *ns,
					      const struct store_selector *sel, int64_t rv,
					      store_watch_cb cb, void *data)
{
	return s->ops->watch(s, r, ns, sel, rv, cb, data);
}
static inline void store_watch_close(struct store *s, struct store_watch *w)
{
	if (w)
		s->ops->watch_close(s, w);
}
static inline void store_create(struct store *s, const struct resource *r, const char *ns,
				const char *name, const char *subresource, const json *obj,
				store_cb cb, void *data)
{
	s->ops->create(s, r, ns, name, subresource, obj, cb, data);
}
static inline void store_update(struct store *s, const struct resource *r, const char *ns,
				const char *name, const char *subresource, const json *obj,
				store_cb cb, void *data)
{
	s->ops->update(s, r, ns, name, subresource, obj, cb, data);
}
static inline void store_patch(struct store *s, const struct resource *r, const char *ns,
			       const char *name, const char *subresource, enum store_patch_type type,
			       const json *patch, store_cb cb, void *data)
{
	s->ops->patch(s, r, ns, name, subresource, type, patch, cb, data);
}
static inline void store_delete(struct store *s, const struct resource *r, const char *ns,
				const char *name, const struct store_delete_opts *opts,
				store_cb cb, void *data)
{
	s->ops->del(s, r, ns, name, opts, cb, data);
}

#endif
