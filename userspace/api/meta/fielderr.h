/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fielderr.h - what validation found wrong, field by field
 *
 * Collected in the order of discovery; status.c makes the Status of it. The
 * reasons are those of Kubernetes' StatusCause.
 */
#ifndef KEELSON_API_FIELDERR_H
#define KEELSON_API_FIELDERR_H

#include "base/json.h"

#define FIELD_REQUIRED "FieldValueRequired"
#define FIELD_INVALID "FieldValueInvalid"
#define FIELD_NOT_SUPPORTED "FieldValueNotSupported"
#define FIELD_DUPLICATE "FieldValueDuplicate"
#define FIELD_FORBIDDEN "FieldValueForbidden"
#define FIELD_TOO_LONG "FieldValueTooLong"
#define FIELD_TOO_MANY "FieldValueTooMany"
#define FIELD_NOT_FOUND "FieldValueNotFound"

struct field_error {
	char *path;		/* "spec.template.spec.containers[0].name" */
	const char *reason;	/* one of FIELD_*; not owned */
	char *message;		/* as printed after the path: "Invalid value: \"x\": must be ..." */
};

struct field_errors {
	struct field_error *items;
	size_t n;
};

/* The general form; the message is the whole text after "path: ". */
void field_error(struct field_errors *e, const char *path, const char *reason, const char *fmt, ...) PRINTF(4, 5);

/*
 * The usual forms. `value` is printed as Kubernetes does since 1.34: as JSON,
 * maps of strings in order of their keys; NULL as null. `why` may be NULL or "".
 */
void field_required(struct field_errors *e, const char *path, const char *why);
void field_invalid(struct field_errors *e, const char *path, const json *value, const char *why);
void field_invalid_str(struct field_errors *e, const char *path, const char *value, const char *why);
/* An array of strings as it is printed in such a message, ["a","b"]; caller frees. */
char *field_strings(const json *list);
void field_invalid_strings(struct field_errors *e, const char *path, const json *list, const char *why);
/* The same with JSON for whatever the value is. */
void field_invalid_json(struct field_errors *e, const char *path, const json *value, const char *why);
/* A copy of a map, in order of its keys; caller owns. */
json *field_sorted(const json *map);
/* map is a map of strings; NULL or empty: none */
void field_invalid_map(struct field_errors *e, const char *path, const json *map, const char *why);
void field_invalid_int(struct field_errors *e, const char *path, int64_t value, const char *why);
void field_duplicate(struct field_errors *e, const char *path, const char *value);
void field_duplicate_json(struct field_errors *e, const char *path, const json *value, const char *why);
void field_forbidden(struct field_errors *e, const char *path, const char *why);
/* supported: comma-separated, in the order to print; one that begins with a comma has the empty text first */
void field_not_supported(struct field_errors *e, const char *path, const char *value, const char *supported);
/* `Too long: may not be more than N bytes` */
void field_too_long(struct field_errors *e, const char *path, int max);
/* `Not found: "x"` */
void field_not_found(struct field_errors *e, const char *path, const char *value);

/*
 * The errors as one sentence, "path: message" or "[a: b, c: d]" (the same
 * sentence is said once); caller frees. "" when there are none.
 */
char *field_errors_text(const struct field_errors *e);
/* details.causes of a Status; caller owns the array. */
json *field_errors_causes(const struct field_errors *e);
void field_errors_free(struct field_errors *e);
#define _cleanup_field_errors_ _cleanup_(field_errors_free)

#endif
