/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * managed.h - metadata.managedFields: who set which fields of an object, and what
 *             every write makes of that
 *
 * An entry is of one manager, one operation (Update, or Apply for server-side
 * apply) and one subresource; those of updates also of one version of the API,
 * whose names its fields have. Whoever changes a field takes it from the others;
 * who applies one that another has, with another value, is refused.
 *
 * Pure: objects and times are passed in.
 */
#ifndef KEELSON_API_META_MANAGED_H
#define KEELSON_API_META_MANAGED_H

#include "api/meta/field_object.h"

/* The versions in which a kind can be had. */
struct managed_versions {
	const char *stored;	/* "apps/v1": of the objects that are passed in */
	/* The type in a version; NULL if that is not known (any more). */
	const struct schema *(*schema)(const void *data, const char *version);
	/* Changes obj from one known version into another. */
	void (*convert)(const void *data, json *obj, const char *from, const char *to);
	const void *data;
};

struct managed_write {
	struct managed_versions versions;
	const char *version;		/* of the request */
	const char *manager;		/* NULL or "": unknown */
	const char *subresource;	/* NULL: the object itself */
	const char *resets;		/* paths that this way of writing does not change, comma-separated; or NULL */
	uint64_t now_us;
};

/*
 * Sets next's managedFields for a create (live NULL), update or patch that makes
 * it out of live. What next has there is what the client sent: nothing keeps
 * live's, [] or [{}] forgets them. Of objects that have none nothing is recorded
 * until they are applied.
 */
void managed_update(const struct managed_write *w, const json *live, json *next);

/*
 * Server-side apply: *ret is live (NULL: a create) as the configuration, which is
 * of version w->version, changes it, with its managedFields. The caller frees it,
 * and has to default and to validate it still. NULL, or a Status.
 */
json *managed_apply(const struct managed_write *w, const json *live, const json *config, bool force, json **ret);

/* True if the two are equal but for the times in managedFields. */
bool managed_same_but_times(const json *a, const json *b);

/*
 * /scale is an object of its own, and so are its managedFields: those of
 * `replicas`. managed_to_scale() gives them (NULL: none; caller frees), and
 * managed_from_scale() puts what a write made of them back into obj, whose
 * version is `version`.
 */
#define MANAGED_SCALE_VERSION "autoscaling/v1"
json *managed_to_scale(const struct managed_versions *v, const json *obj);
void managed_from_scale(const struct managed_versions *v, const char *version, json *obj, const json *scale);

/* --- between managed*.c --------------------------------------------------------------- */

struct managed_entry {
	char *manager, *version, *subresource;	/* subresource "": none */
	bool applied;
	uint64_t time;		/* seconds; 0: none */
	struct field_set set;
	const json *as_is;	/* how it stands in the object, while nothing of it changes */
};

struct managed {
	struct managed_entry *items;
	size_t n;
};

/* metadata.managedFields, NULL: none. -EINVAL if it is not in that form. */
int managed_parse(const struct managed_versions *v, const json *list, struct managed *ret);
void managed_free(struct managed *m);
#define _cleanup_managed_ _cleanup_(managed_free)
/* Sets metadata.managedFields, in order, or takes it away. */
void managed_put(struct managed *m, json *obj);
/* The entry of that writer, NULL if there is none. version is not looked at if applied. */
struct managed_entry *managed_find(struct managed *m, const char *manager, bool applied, const char *version,
				   const char *subresource);
/* A new one, without fields. */
struct managed_entry *managed_add(struct managed *m, const char *manager, bool applied, const char *version,
				  const char *subresource);
void managed_drop(struct managed *m, struct managed_entry *e);
/* Who writes: never empty. */
const char *managed_name(const struct managed_write *w);
/* What no entry has: identity and times of the object. */
void managed_strip(struct field_set *s);
/* The write's fields that it does not change go out of the set. */
void managed_reset(const struct managed_write *w, struct field_set *s);

/* A pair of objects in several versions, and what is different between them. */
struct managed_pair {
	const struct managed_write *w;
	const json *old, *new;		/* of version `version`; old NULL: nothing */
	const char *version;
	struct managed_view {
		char *version;
		struct field_changes c;
		bool known;
	} *views;
	size_t n;
};
/* NULL if nobody knows the version. */
const struct field_changes *managed_changes(struct managed_pair *p, const char *version);
void managed_pair_free(struct managed_pair *p);
/* obj, of version `from`, in another version: itself, or a new tree in *ret_owned. */
const json *managed_convert(const struct managed_versions *v, const json *obj, const char *from, const char *to,
			    json **ret_owned);

#endif
