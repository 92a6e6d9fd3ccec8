/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view_meta.h - typed readers of what every object has: metadata
 *
 * What is returned is borrowed from the tree. NULL (or 0) means absent.
 */
#ifndef KEELSON_API_VIEW_META_H
#define KEELSON_API_VIEW_META_H

#include "base/json.h"

static inline const char *meta_name(const json *obj)
{
	return json_str(json_get(obj, "metadata", "name"));
}

static inline const char *meta_namespace(const json *obj)
{
	return json_str(json_get(obj, "metadata", "namespace"));
}

static inline const char *meta_uid(const json *obj)
{
	return json_str(json_get(obj, "metadata", "uid"));
}

/* The resource version as etcd's revision; 0 when absent or no number. */
static inline int64_t meta_rv(const json *obj)
{
	const char *s = json_str(json_get(obj, "metadata", "resourceVersion"));
	int64_t rv;

	return s && parse_i64(s, 0, INT64_MAX, &rv) == 0 ? rv : 0;
}

static inline int64_t meta_generation(const json *obj)
{
	return json_int(json_get(obj, "metadata", "generation"), 0);
}

/* Objects of strings, or NULL */
static inline const json *meta_labels(const json *obj)
{
	return json_get(obj, "metadata", "labels");
}

static inline const char *meta_label(const json *obj, const char *key)
{
	return json_str(json_get(meta_labels(obj), key));
}

static inline const json *meta_annotations(const json *obj)
{
	return json_get(obj, "metadata", "annotations");
}

static inline const char *meta_annotation(const json *obj, const char *key)
{
	return json_str(json_get(meta_annotations(obj), key));
}

/* Microseconds since the epoch; 0 when absent or malformed. */
static inline uint64_t json_time(const json *j)
{
	const char *s = json_str(j);
	uint64_t us;

	return s && parse_time(s, &us) == 0 ? us : 0;
}

static inline uint64_t meta_created(const json *obj)
{
	return json_time(json_get(obj, "metadata", "creationTimestamp"));
}

/* True once deletion was asked for, even while finalizers or grace keep the object. */
static inline bool meta_deleting(const json *obj)
{
	return json_str(json_get(obj, "metadata", "deletionTimestamp")) != NULL;
}

static inline uint64_t meta_deletion_time(const json *obj)
{
	return json_time(json_get(obj, "metadata", "deletionTimestamp"));
}

/* An array of references, or NULL */
static inline const json *meta_owners(const json *obj)
{
	return json_get(obj, "metadata", "ownerReferences");
}

/* The reference with controller: true, or NULL. Its members: apiVersion, kind, name, uid. */
static inline const json *meta_controller(const json *obj)
{
	json_each(ref, meta_owners(obj))
		if (json_bool(json_get(ref, "controller"), false))
			return ref;
	return NULL;
}

static inline const char *meta_controller_uid(const json *obj)
{
	return json_str(json_get(meta_controller(obj), "uid"));
}

static inline bool meta_has_finalizer(const json *obj, const char *name)
{
	json_each(f, json_get(obj, "metadata", "finalizers"))
		if (streq(json_str(f), name))
			return true;
	return false;
}

/* Same object, not just the same name: equal uids. */
static inline bool meta_same(const json *a, const json *b)
{
	return meta_uid(a) && streq(meta_uid(a), meta_uid(b));
}

/* The condition of that type below status.conditions, or NULL. */
static inline const json *status_condition(const json *obj, const char *type)
{
	json_each(c, json_get(obj, "status", "conditions"))
		if (streq(json_str(json_get(c, "type")), type))
			return c;
	return NULL;
}

static inline bool status_condition_true(const json *obj, const char *type)
{
	return streq(json_str(json_get(status_condition(obj, type), "status")), "True");
}

#endif
