/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * field_object.h - objects as Kubernetes' server-side apply sees them: which
 *                  parts of one can be owned for themselves, what changed
 *                  between two, how a configuration is merged into one
 *
 * The tables say it (schema.h): objects and maps fall into their members, lists
 * of type map and set into their elements; other lists, and types that are
 * atomic, are owned as a whole. Objects are in their normal form
 * (schema_normalise()), configurations as their author wrote them.
 */
#ifndef KEELSON_API_META_FIELD_OBJECT_H
#define KEELSON_API_META_FIELD_OBJECT_H

#include "api/meta/field_set.h"

/* What the tables say of the value at a path. */
struct field_shape {
	const struct field *f;		/* whose value, or whose element; NULL at the top and where no table reaches */
	const struct schema *sub;	/* of an F_OBJECT */
	enum field_type type;
};
/* Of a whole object; s NULL: anything. */
struct field_shape field_shape_of(const struct schema *s);
struct field_shape field_shape_below(struct field_shape shape, struct field_step step);
/* An object, map or list that is owned as a whole, or what no table looks into. */
bool field_shape_is_whole(struct field_shape shape);
/* A list whose elements are owned one by one. */
bool field_shape_is_keyed(struct field_shape shape);

/* An element of such a list. */
struct field_item {
	struct field_step step;		/* text is owned */
	const json *value;
	unsigned index;
};
/* All of them (NULL, 0 of what is no list), in the list's order or in that of their steps; field_items_free() them. */
struct field_item *field_items(struct field_shape shape, const json *list, bool sorted, unsigned *ret_n);
void field_items_free(struct field_item *items, unsigned n);

/* All fields that the object names, of a configuration: what its author wants to own. */
void field_set_of(const struct schema *s, const json *obj, struct field_set *ret);
/* Fields of a struct that are only on the way to members become members too. */
void field_set_name(const struct schema *s, struct field_set *set);

/* Members of one of the three are in no other. Free with field_changes_free(). */
struct field_changes {
	struct field_set added, modified, removed;
};
/*
 * What is different in new. old NULL: everything that Go would write of new but
 * not of an empty object of the type. metadata.managedFields is left out.
 */
void field_compare(const struct schema *s, const json *old, const json *new, struct field_changes *ret);
void field_changes_free(struct field_changes *c);
#define _cleanup_field_changes_ _cleanup_(field_changes_free)

/*
 * live as the configuration changes it: what that does not name stays, also
 * elements of lists, which come in the configuration's order. Caller frees.
 */
json *field_merge(const struct schema *s, const json *live, const json *config);
/* Takes the members of the set out of the object, and what is empty thereafter. */
void field_take_out(const struct schema *s, json *obj, const struct field_set *set);

/*
 * Does the configuration fit the schema? NULL, or what a Kubernetes server finds
 * wrong (caller frees): ".spec.foo: field not declared in schema".
 */
char *field_check(const struct schema *s, const json *config);

#endif
