/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_parts.h - what the validate_*.c files share
 *
 * `path` is the field's path so far ("spec.template"); children are named with
 * PATH(). Every function adds what it finds to e.
 */
#ifndef KEELSON_API_VALIDATE_PARTS_H
#define KEELSON_API_VALIDATE_PARTS_H

#include "api/validate.h"

/* A local string that frees itself: PATH(p, "%s.name", path); */
#define PATH(var, ...) _cleanup_free_ char *var = xasprintf(__VA_ARGS__)

#define MSG_IMMUTABLE "field is immutable"
#define MSG_NEGATIVE "must be greater than or equal to 0"
#define MSG_PORT "must be between 1 and 65535, inclusive"

typedef const char *(*name_check)(const char *s);

/* An absent or empty string is NULL. */
const char *text_of(const json *obj, const char *key);
/* "a" is one of "a,b" */
bool one_of(const char *s, const char *comma_separated);
const char *invalid_port_name(const char *s);	/* IANA service name */
const char *invalid_env_name(const char *s);
const char *invalid_config_key(const char *s);
bool valid_cidr(const char *s);

/* validate_meta.c */
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

/* validate_container.c: the lists of containers; volumes is the pod's list. */
void validate_containers(const json *spec, const char *path, struct field_errors *e);

/* validate_pod.c */
void validate_pod_spec(const json *spec, const char *path, struct field_errors *e);
void validate_pod_spec_update(const json *new, const json *old, struct field_errors *e);
/* A template in a controller: its pods must match the selector and restart always. */
void validate_pod_template(const json *template, const json *selector, const char *path, struct field_errors *e);
void validate_tolerations(const json *list, const char *path, struct field_errors *e);
void validate_taints(const json *list, const char *path, struct field_errors *e);

/* validate_apps.c, validate_service.c */
void validate_deployment(const json *obj, struct field_errors *e);
void validate_replicaset(const json *obj, struct field_errors *e);
void validate_service(const json *obj, struct field_errors *e);
void validate_service_update(const json *new, const json *old, struct field_errors *e);
void validate_endpoints(const json *obj, struct field_errors *e);
void validate_endpointslice(const json *obj, struct field_errors *e);

#endif
