/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * object.h - what a write does to an object, apart from etcd
 *
 * Pure: the time is passed in. A function that can refuse gives NULL or a
 * Status that the caller owns.
 */
#ifndef KEELSON_API_REGISTRY_OBJECT_H
#define KEELSON_API_REGISTRY_OBJECT_H

#include "api/kinds/kinds.h"
#include "base/json.h"
#include "store/store.h"

/* --- as etcd holds it: codec.c ---------------------------------------------------------- */

/* Appends the value for etcd: without what etcd itself knows. obj is of a storage version. */
void object_encode(const json *obj, struct buf *out);
/*
 * A value of etcd, protobuf or JSON of any version, as an object of the storage
 * version with its defaults, whose resourceVersion is `revision`. -EINVAL with
 * *ret_msg (to free) naming the key if it is no object.
 */
int object_decode(const char *key, const char *value, size_t len, int64_t revision, json **ret, char **ret_msg);
/* metadata.resourceVersion */
void object_set_rv(json *obj, int64_t rv);

/* --- requests ------------------------------------------------------------------- */

/*
 * Is the body an object of kind k, for this namespace and name (NULL: any)? Kind,
 * apiVersion, namespace and name are filled in where left out.
 */
json *object_check_body(const struct kind *k, const char *ns, const char *name, bool strict, json *obj);
/* Is the body a Scale of that object? */
json *object_check_scale(const char *name, bool strict, json *scale);
/*
 * Makes obj (checked) the object to write: metadata of its own, defaults, first
 * status. admit_object() has to follow.
 */
json *object_prepare_create(const struct kind *k, json *obj, uint64_t now_us);
/*
 * stored as the patch of version k changes it, in *ret, again as it is stored. strict: fields that no schema knows and
 * that cur has not either are refused.
 */
json *object_patch(const struct kind *k, const char *subresource, const json *stored, enum store_patch_type type,
		   const json *patch, bool strict, json **ret);
/* 409 if wanted was meant for another object of cur's name: its metadata.uid, where it has one, is not cur's. */
json *object_check_uid(const struct kind *k, const json *cur, const json *wanted);
/*
 * Makes wanted (the body of a PUT, or what object_patch() gave) the object to
 * write in cur's place: what this way of writing may not touch is taken from cur.
 * Takes wanted. subresource NULL, "status", "scale" or one of the kind's sub_rules.
 */
json *object_prepare_update(const struct kind *k, const char *subresource, const json *cur, json *wanted,
			    json **ret);

/* --- who writes: record.c ----------------------------------------------------------- */

struct object_writer {
	const struct kind *as;	/* in which version of the kind */
	const char *manager;	/* as managedFields name it; NULL or "": unknown */
	uint64_t now_us;
};
/*
 * Sets next's managedFields: of a write to the subresource (NULL: the object) that
 * makes it of cur.
 */
void object_record(const struct object_writer *w, const char *subresource, const json *cur, json *next);
/* The managedFields of what a create makes of body, before the cluster adds to it; NULL: none. Caller frees. */
json *object_record_create(const struct object_writer *w, const json *body);
/*
 * Server-side apply: what object_prepare_update() (cur NULL: object_prepare_create())
 * is to be given, in *ret, and the managedFields it shall have then, in *ret_managed
 * (NULL: none). Caller frees both. ns and name are the URL's.
 */
json *object_apply(const struct object_writer *w, const char *ns, const char *name, const char *subresource,
		   const json *cur, const json *config, bool force, json **ret, json **ret_managed);
/* metadata.managedFields as it shall be; takes it, NULL: none. */
void object_set_managed(json *obj, json *managed);
/* An empty list of managedFields says something, and outlives the normal form as [{}]. */
void object_mark_reset(json *meta);

/* Validation findings as a Status, or NULL. cur NULL: a create. */
json *object_validate(const struct kind *k, const char *subresource, const json *obj, const json *cur);
/* A pod with spec.nodeName as the Binding says. */
json *object_bind(const json *pod, const json *binding, uint64_t now_us, json **ret);
/* The autoscaling/v1 Scale of a workload. */
json *object_scale(const json *obj);

/* --- deletion --------------------------------------------------------------------- */

enum object_fate {
	OBJECT_REMOVE,		/* from etcd */
	OBJECT_MARK,		/* write *ret, which says that it is being deleted */
	OBJECT_KEEP,		/* nothing to do: it is being deleted already */
};
/* What a DELETE does to cur; refusals in *ret_status. */
enum object_fate object_delete(const struct kind *k, const json *cur, const struct store_delete_opts *opts,
			       uint64_t now_us, json **ret, json **ret_status);
/* True when an update has taken away the last that kept a deleted object. */
bool object_is_finished(const struct kind *k, const json *obj);

#endif
