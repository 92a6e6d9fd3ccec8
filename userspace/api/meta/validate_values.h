/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_values.h - the checks of single values that many kinds share: ranges, sets of words, names, amounts
 *
 * `path` is the path of the object that has the member `key`, unless said
 * otherwise; the longer path is made only where there is something to say.
 */
#ifndef KEELSON_API_META_VALIDATE_VALUES_H
#define KEELSON_API_META_VALIDATE_VALUES_H

#include "api/meta/validate_text.h"

#define MSG_POSITIVE "must be greater than zero"
#define MSG_HUGE_INT INT64_C(2147483647)

/* What field_*() say, at path.key. */
void child_required(struct field_errors *e, const char *path, const char *key, const char *why);
void child_invalid(struct field_errors *e, const char *path, const char *key, const json *value, const char *why);
void child_invalid_str(struct field_errors *e, const char *path, const char *key, const char *value, const char *why);
void child_invalid_int(struct field_errors *e, const char *path, const char *key, int64_t value, const char *why);
void child_duplicate(struct field_errors *e, const char *path, const char *key, const char *value);
void child_forbidden(struct field_errors *e, const char *path, const char *key, const char *why);
void child_not_supported(struct field_errors *e, const char *path, const char *key, const char *value,
			 const char *supported);
void child_not_found(struct field_errors *e, const char *path, const char *key, const char *value);
/* `Too long: may not be more than N bytes` */
void child_too_long(struct field_errors *e, const char *path, const char *key, int max);
/* `Too many: N: must have at most MAX items` where the list at obj[key] has more */
void validate_at_most_items(const json *obj, const char *key, int max, const char *path, struct field_errors *e);

/* obj[key] is there and says something. */
void validate_given(const json *obj, const char *key, const char *path, struct field_errors *e);
/* obj[key], if it is there, is one of `values`. */
void validate_known(const json *obj, const char *key, const char *values, const char *path, struct field_errors *e);
/* obj[key], if it says something, passes the check. */
void validate_name(const json *obj, const char *key, name_check check, const char *path, struct field_errors *e);
/* The same, and it must say something. */
void validate_given_name(const json *obj, const char *key, name_check check, const char *path, struct field_errors *e);
/* obj[key], if there, is an integer of min..max. */
void validate_between(const json *obj, const char *key, int64_t min, int64_t max, const char *path,
		      struct field_errors *e);
/* obj[key] is above zero; absent is zero. */
void validate_positive(const json *obj, const char *key, const char *path, struct field_errors *e);
/* Every one of the members named, separated by commas, is an integer of at least 0 if it is there; in that order. */
void validate_not_negatives(const json *obj, const char *keys, const char *path, struct field_errors *e);

/* path is the value's own: all that is wrong with the key of a label. */
void validate_label_name(const char *key, const char *path, struct field_errors *e);
/* The same for the name of a port. */
void validate_port_name(const char *name, const char *path, struct field_errors *e);
void validate_strings_as(const json *list, name_check check, const char *path, struct field_errors *e);

/* An integer of at least 0, or "25%"; path is the value's own, v may be NULL. */
void validate_int_or_percent(const json *v, const char *path, struct field_errors *e);
/* A percentage, if it is one, is at most 100. */
void validate_at_most_100_percent(const json *v, const char *path, struct field_errors *e);
/* The number before the percent sign, or the integer; 0 for what is neither. */
int64_t int_or_percent_number(const json *v);

/* Amounts; path is the value's own. */
void validate_amount_not_negative(const json *amount, const char *path, struct field_errors *e);
void validate_amount_positive(const json *amount, const char *path, struct field_errors *e);

/* Has an element of the list before `end` (NULL: any) the text at key? NULL text: no. */
bool list_has_before(const json *list, const json *end, const char *key, const char *text);
/* Is the text one of a list of strings, before `end` (NULL: anywhere)? */
bool strings_have_before(const json *list, const json *end, const char *text);
/* true in obj[key] */
bool is_true(const json *obj, const char *key);
/* Neither matchLabels nor matchExpressions. */
bool selector_is_void(const json *selector);

#endif
