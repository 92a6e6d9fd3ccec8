/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_text.h - checks of single texts, as the rules of many kinds need them
 *
 * `path` is the parent's path; the member's is made of it and the key ("" for an
 * object's own members). Every function adds what it finds to e.
 */
#ifndef KEELSON_API_META_VALIDATE_TEXT_H
#define KEELSON_API_META_VALIDATE_TEXT_H

#include "api/meta/validate.h"

/* "spec" and "a" as "spec.a"; caller frees. */
char *member_path(const char *path, const char *key);

/* s (not NULL) is what check wants; path is s's own. */
void check_text(const char *s, name_check check, const char *path, struct field_errors *e);
/* obj[key] is there and not empty; the text, or NULL. why may be NULL. */
const char *need_text(const json *obj, const char *key, const char *path, const char *why, struct field_errors *e);
/* need_text(), and check_text() of it. */
void need_name(const json *obj, const char *key, name_check check, const char *path, struct field_errors *e);
/* check_text() where there is a text that is not empty. */
void may_name(const json *obj, const char *key, name_check check, const char *path, struct field_errors *e);
/* Where there is a text, it is one of `values`; an empty one is not. */
void may_enum(const json *obj, const char *key, const char *values, const char *path, struct field_errors *e);
/* False and an error if the list is longer; path is the list's own. */
bool at_most(const json *list, int max, const char *path, struct field_errors *e);
/* The number obj[key], where it is there, is within the limits; else Invalid, why as its reason. */
void within(const json *obj, const char *key, int64_t min, int64_t max, const char *why, const char *path,
	    struct field_errors *e);

/* "*.example.com" */
const char *invalid_wildcard_subdomain(const char *s);
/* "example.com/foo", also with more parts; path is s's own. */
void validate_domain_path(const char *s, const char *path, struct field_errors *e);
/* At least `parts` labels with dots between them. */
void validate_domain_name(const char *s, int parts, const char *path, struct field_errors *e);
/* A metav1.Condition list: each type once, each member as it should be. */
void validate_conditions(const json *conditions, const char *path, struct field_errors *e);

#endif
