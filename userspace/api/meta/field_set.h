/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * field_set.h - a set of paths to fields, as a tree: what a manager owns of an
 *               object
 *
 * A node is one step of a path; it is a member, or only on the way to members,
 * or both. No node is neither: what an operation empties it takes away. The
 * root has no step and is no member. Its form on the wire is FieldsV1, one JSON
 * object a node:
 *
 *	{"f:spec":{"f:replicas":{},"f:ports":{".":{},"k:{\"port\":80}":{}}}}
 *
 * Operations change their first argument in place and only read the second.
 */
#ifndef KEELSON_API_META_FIELD_SET_H
#define KEELSON_API_META_FIELD_SET_H

#include "api/meta/field_path.h"
#include "api/schema/schema.h"

struct field_set {
	const char *text;		/* of the step, see field_path.h */
	struct field_set *items;	/* in the order of field_step_cmp() */
	unsigned n, cap;
	unsigned char kind;		/* enum step_kind */
	bool member;
	bool owned;			/* text is freed with the node; else it is one of the tables' names */
};

/* {0} is the empty set. */
void field_set_free(struct field_set *s);
#define _cleanup_field_set_ _cleanup_(field_set_free)
static inline bool field_set_empty(const struct field_set *s)
{
	return !s->n;
}
static inline struct field_step field_set_step(const struct field_set *s)
{
	return (struct field_step){ s->kind, s->text };
}

/* The node below s, made if it is not there; the text is copied unless `lasting`. */
struct field_set *field_set_under(struct field_set *s, struct field_step step, bool lasting);
/* NULL if it is not there. */
const struct field_set *field_set_find(const struct field_set *s, struct field_step step);
/* Items of s that are no members and have none below them go. */
void field_set_drop_empty(struct field_set *s);
/* "metadata.labels": names only. */
void field_set_insert_names(struct field_set *s, const char *path);

struct field_set field_set_clone(const struct field_set *s);
/* Union. */
void field_set_add(struct field_set *s, const struct field_set *other);
/* Difference: a member of s whose path is a member of other goes; what is below it stays. */
void field_set_remove(struct field_set *s, const struct field_set *other);
/* Recursive difference: what is below a member of other goes as well. */
void field_set_remove_below(struct field_set *s, const struct field_set *other);
/* Intersection. */
void field_set_keep(struct field_set *s, const struct field_set *other);
bool field_set_equal(const struct field_set *a, const struct field_set *b);
/* True if the two have a member in common. */
bool field_set_meets(const struct field_set *a, const struct field_set *b);

/* Calls cb with each member's path, as messages print it (".spec.ports[port=80]"), parents first. */
void field_set_each(const struct field_set *s, void (*cb)(void *data, const char *path), void *data);

/*
 * Reads FieldsV1 (NULL: the empty set) of an object of type schema (NULL: of
 * none). What the schema meanwhile owns as a whole counts as such. -EINVAL, with
 * nothing in *ret, if it is not in that form.
 */
int field_set_parse(const struct schema *schema, const json *fields, struct field_set *ret);
/* As FieldsV1; caller frees. */
json *field_set_json(const struct field_set *s);

#endif
