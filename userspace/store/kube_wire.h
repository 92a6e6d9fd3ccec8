/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kube_wire.h - the Kubernetes API as bytes: paths, Status, watch streams;
 *               without any I/O
 */
#ifndef KEELSON_STORE_KUBE_WIRE_H
#define KEELSON_STORE_KUBE_WIRE_H

#include "base/json.h"
#include "store/store.h"

/*
 * "/api/v1/namespaces/NS/pods/NAME/SUBRESOURCE", percent-encoded. ns NULL for
 * all namespaces and for cluster-scoped kinds; name NULL is the collection.
 */
char *kube_path(const struct resource *r, const char *ns, const char *name, const char *subresource);
/* Appends "?key=value" or "&key=value", encoded; nothing when value is NULL. */
void kube_add_query(struct buf *url, const char *key, const char *value);
const char *kube_patch_type(enum store_patch_type type);
/* The body of a DELETE; opts may be NULL. */
json *kube_delete_options(const struct store_delete_opts *opts);

/* A Failure that no server sent, such as 503 ServiceUnavailable. */
json *kube_failure(int code, const char *reason, const char *message);
/* The errno of an answer (store.h); status is its body if that was a Status, else NULL. 0 for 2xx. */
int kube_errno(int code, const json *status);
/* metadata.resourceVersion; 0 when absent or no number (it may be opaque elsewhere). */
int64_t kube_rv(const json *obj);

/* One watch event: {"type":"ADDED","object":{...}}. -EBADMSG for anything else; the object belongs to the caller. */
int kube_event_parse(const char *line, size_t len, enum store_event_type *ret_type, json **ret_obj);

/* Longer lines end a watch. */
#define KUBE_MAX_LINE (16u << 20)
/* Cuts a stream into lines. */
struct kube_lines {
	struct buf buf;
	size_t start;	/* of the line that comes next */
	size_t seen;	/* up to here there is no newline behind start */
};
void kube_lines_add(struct kube_lines *l, const char *p, size_t len);
/* The next whole line without its end, empty ones left out: 1; 0 when none is whole; -EMSGSIZE. Good until the next add. */
int kube_lines_next(struct kube_lines *l, const char **ret, size_t *ret_len);
void kube_lines_free(struct kube_lines *l);

#endif
