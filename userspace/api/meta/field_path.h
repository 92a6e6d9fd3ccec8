/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * field_path.h - one step of a path to a field: a name, an element of a list by
 *                its keys or by its value, an index
 *
 * A step is written in FieldsV1 as a letter, a colon and its text: `f:spec`,
 * `k:{"name":"c"}`, `v:"x"`, `i:3`. The text of k and v is JSON in one form
 * only (no space, keys in order, < > & escaped), so that equal steps have equal
 * texts.
 */
#ifndef KEELSON_API_META_FIELD_PATH_H
#define KEELSON_API_META_FIELD_PATH_H

#include "base/json.h"

enum step_kind {	/* in the order of FieldsV1 */
	STEP_FIELD,
	STEP_KEY,
	STEP_VALUE,
	STEP_INDEX,
};

struct field_step {
	enum step_kind kind;
	const char *text;
};

/*
 * The step that a member of FieldsV1 names. *ret_text (caller frees) is NULL where
 * the text behind the colon is canonical already. -EINVAL if it is none, -ENOENT
 * if it is of a kind we do not know.
 */
int field_step_parse(const char *s, struct field_step *ret, char **ret_text);
/* The order of FieldsV1: by kind, then names by their bytes, keys and values by type and size. */
int field_step_cmp(struct field_step a, struct field_step b);
/* As a conflict's message has it: .spec, [name="c"], [="x"], [3] */
void field_step_print(struct buf *b, struct field_step s);
/* Appends a scalar in canonical form. */
void field_text_add(struct buf *b, const json *value);
/* The same of a string. */
void field_text_add_str(struct buf *b, const char *s);

#endif
