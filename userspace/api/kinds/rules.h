/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules.h - what the tables cannot say of a kind: one struct kind_rules each
 *
 * A file kinds/NAME.c defines kind_rules_NAME; the row of kinds.tsv names it.
 * Every member may be left out. Objects are in the kind's storage version, of
 * the types their schema says, and all functions are pure.
 */
#ifndef KEELSON_API_KINDS_RULES_H
#define KEELSON_API_KINDS_RULES_H

#include "api/kinds/defaults.h"
#include "api/kinds/kinds.h"
#include "api/kinds/table_cells.h"
#include "api/meta/validate.h"

/* What an update is checked for, in Kubernetes' order of the findings. */
enum update_order {
	UPDATE_LAST,		/* validate(), then validate_update() */
	UPDATE_FIRST,		/* the other way round */
	UPDATE_ALONE,		/* validate_update() only */
};

/* A subresource whose body is the object itself, beside /status. */
struct sub_rules {
	const char *name;	/* "approval"; NULL ends the list */
	/* next is what was sent with the metadata that nobody changes: takes the rest from cur. */
	void (*prepare)(const json *cur, json *next);
	void (*validate)(const json *new, const json *old, struct field_errors *e);
};

struct kind_rules {
	/*
	 * Sets what the user left out (the tables' constants are there already).
	 * Idempotent; for every write, and on reading.
	 */
	void (*defaults)(json *obj);
	/* The same of what admission sets: after the defaults, and owned by nobody in managedFields. */
	void (*admit)(json *obj);
	/* A create, before the defaults; status is {} where the kind has one. */
	void (*prepare_create)(json *obj);
	/* next is to replace cur (metadata and status are cur's already): what a PUT may not change is taken from cur. */
	void (*prepare_update)(const json *cur, json *next);
	/*
	 * A write of /status: next is cur with the wanted metadata and status. What of
	 * the metadata /status may not change is taken from cur: keep_own_metadata().
	 */
	void (*prepare_status)(const json *cur, json *next);
	/* A create by user: what the object says of its author. After prepare_create. */
	void (*sign)(json *obj, const struct kind_user *user);
	const struct sub_rules *subs;	/* or NULL */

	/* metadata was looked at already. */
	void (*validate)(const json *obj, struct field_errors *e);
	/* For a create in place of validate(), where more is said of a new one. */
	void (*validate_create)(const json *obj, struct field_errors *e);
	void (*validate_update)(const json *new, const json *old, struct field_errors *e);
	enum update_order order;
	void (*validate_status)(const json *new, const json *old, struct field_errors *e);
	/* Does the change count in metadata.generation? Left out: anything but metadata and status. */
	bool (*counts)(const json *cur, const json *next);

	/* What kubectl get shows; left out: name and age. */
	const struct table_column *columns;	/* ends at a NULL name */
	void (*cells)(json *cells, const json *obj, uint64_t now_us);	/* appends one a column */
	const char *(*row_completed)(const json *obj);	/* the reason why the row may be left out, or NULL */
	/* The value that a field selector compares, where it is not what the path says; NULL: it is. */
	const char *(*field)(const json *obj, const char *path);

	/*
	 * A kind of which nothing is stored. The answer to a POST of obj (valid) by user:
	 * changes obj; NULL, or a Status that refuses. What there is for a list: appends
	 * to items, in order of their names.
	 */
	json *(*answer)(json *obj, const struct kind_user *user);
	void (*list)(json *items);

	bool keeps_status;	/* a create may bring its status */
	bool expires;		/* objects go away by themselves after an hour */
	enum kind_allots allots;
	enum kind_deletion deletion;
};

/* Copies a member, or removes it where `from` has none. */
void keep_member(json *to, const json *from, const char *member);
/* The same where `to` does not say otherwise. */
void fill_member(json *to, const json *from, const char *member);
/* For prepare_status: labels, annotations, finalizers and owners are cur's. */
void keep_own_metadata(const json *cur, json *next);

/*
 * Another version of a kind than the one that is stored. Both change obj in
 * place; apiVersion and kind are set by the caller. What the other version cannot
 * say is kept in annotations or lost, as in Kubernetes.
 */
struct kind_convert {
	void (*to_storage)(json *obj);
	void (*from_storage)(json *obj);
	/* What a field selector's path is called in storage; left out: the same. */
	const char *(*field_to_storage)(const char *path);
};

#endif
