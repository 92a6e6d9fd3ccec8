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

struct kind_rules {
	/*
	 * Sets what the user left out, admission's defaults included (the tables'
	 * constants are there already). Idempotent; for every write, and on reading.
	 */
	void (*defaults)(json *obj);
	/* A create, before the defaults; status is {} where the kind has one. */
	void (*prepare_create)(json *obj);
	/* next is to replace cur (metadata and status are cur's already): what a PUT may not change is taken from cur. */
	void (*prepare_update)(const json *cur, json *next);
	/* A write of /status: next is cur with the wanted metadata and status. */
	void (*prepare_status)(const json *cur, json *next);

	/* metadata was looked at already. */
	void (*validate)(const json *obj, struct field_errors *e);
	void (*validate_update)(const json *new, const json *old, struct field_errors *e);
	void (*validate_status)(const json *new, const json *old, struct field_errors *e);
	/* Does the change count in metadata.generation? Left out: anything but metadata and status. */
	bool (*counts)(const json *cur, const json *next);

	/* What kubectl get shows; left out: name and age. */
	const struct table_column *columns;	/* ends at a NULL name */
	void (*cells)(json *cells, const json *obj, uint64_t now_us);	/* appends one a column */
	const char *(*row_completed)(const json *obj);	/* the reason why the row may be left out, or NULL */
	/* The value that a field selector compares, where it is not what the path says; NULL: it is. */
	const char *(*field)(const json *obj, const char *path);

	/* A kind of which nothing is stored: the answer to a POST of obj by user; changes obj. */
	void (*answer)(json *obj, const struct kind_user *user);

	bool keeps_status;	/* a create may bring its status */
	bool expires;		/* objects go away by themselves after an hour */
	enum kind_allots allots;
	enum kind_deletion deletion;
};

/* Copies a member, or removes it where `from` has none. */
void keep_member(json *to, const json *from, const char *member);
/* The same where `to` does not say otherwise. */
void fill_member(json *to, const json *from, const char *member);

/*
 * Another version of a kind than the one that is stored. Both change obj in
 * place; apiVersion and kind are set by the caller. What the other version cannot
 * say is kept in annotations or lost, as in Kubernetes.
 */
struct kind_convert {
	void (*to_storage)(json *obj);
	void (*from_storage)(json *obj);
};

#endif
