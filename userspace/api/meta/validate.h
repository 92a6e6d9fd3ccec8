/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate.h - the checks that many kinds share: names, metadata, selectors
 *
 * `path` is the field's path so far ("spec.template"); children are named with
 * PATH(). Every function adds what it finds to e.
 */
#ifndef KEELSON_API_META_VALIDATE_H
#define KEELSON_API_META_VALIDATE_H

#include "api/meta/fielderr.h"
#include "base/json.h"

/* Each answers NULL if the text is valid, else the reason (static). */
const char *invalid_dns1123_label(const char *s);
const char *invalid_dns1123_subdomain(const char *s);
const char *invalid_dns1035_label(const char *s);
const char *invalid_path_segment(const char *s);
const char *invalid_ip_name(const char *s);	/* an address in its canonical form */
const char *invalid_label_key(const char *s);	/* qualified name */
/* All that is wrong with it, each a static text; how many. */
#define LABEL_KEY_REASONS 3
size_t label_key_reasons(const char *s, const char *ret[LABEL_KEY_REASONS]);
const char *invalid_label_value(const char *s);
bool valid_ip(const char *s);			/* IPv4 or IPv6, canonical or not */

/* A local string that frees itself: PATH(p, "%s.name", path); */
#define PATH(var, ...) _cleanup_free_ char *var = xasprintf(__VA_ARGS__)

/* The path of a member; that of the object itself may be "". */
#define CHILD(var, path, key) PATH(var, "%s%s%s", path, *(path) ? "." : "", key)

#define MSG_IMMUTABLE "field is immutable"
#define MSG_NEGATIVE "must be greater than or equal to 0"
#define MSG_PORT "must be between 1 and 65535, inclusive"

typedef const char *(*name_check)(const char *s);

/* An absent or empty string is NULL. */
const char *text_of(const json *obj, const char *key);
/* "a" is one of "a,b" */
bool one_of(const char *s, const char *comma_separated);
const char *invalid_port_name(const char *s);	/* IANA service name */
/* All that is wrong with it, each a static text; how many. */
#define PORT_NAME_REASONS 5
size_t port_name_reasons(const char *s, const char *ret[PORT_NAME_REASONS]);
const char *invalid_env_name(const char *s);
const char *invalid_config_key(const char *s);
bool valid_cidr(const char *s);

void validate_meta(const json *obj, bool namespaced, name_check check, struct field_errors *e);
void validate_meta_update(const json *new, const json *old, struct field_errors *e);
void validate_labels(const json *labels, const char *path, struct field_errors *e);
void validate_annotations(const json *annotations, const char *path, struct field_errors *e);
void validate_label_selector(const json *selector, const char *path, struct field_errors *e);
/* field_invalid() for a LabelSelector */
void field_invalid_selector(struct field_errors *e, const char *path, const json *selector, const char *why);
void validate_immutable(const json *new, const json *old, const char *path, struct field_errors *e);
/* obj[key], if there, is an integer of at least 0. */
void validate_not_negative(const json *obj, const char *key, const char *path, struct field_errors *e);
/* obj[key] is required and one of `values`. */
void validate_enum(const json *obj, const char *key, const char *values, const char *path, struct field_errors *e);
void validate_port_number(int64_t port, const char *path, struct field_errors *e);
/* A number or a port's name (targetPort, probes). */
void validate_port_or_name(const json *port, const char *path, struct field_errors *e);

#endif
