/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_parts.h - what the validate_*.c files share
 *
 * `path` is the field's path so far ("spec.template"); children are named with
 * PATH(). Every function adds what it finds to e.
 */
#ifndef KEELSON_API_VALIDATE_PARTS_H
#define KEELSON_API_VALIDATE_PARTS_H

#include "api/kinds/validate.h"

/* validate_container.c: the lists of containers; volumes is the pod's list. */
void validate_containers(const json *spec, const char *path, struct field_errors *e);

/* validate_pod.c */
void validate_pod_spec(const json *spec, const char *path, struct field_errors *e);
void validate_pod_spec_update(const json *new, const json *old, struct field_errors *e);
/* A template in a controller: its pods must match the selector and restart always. */
void validate_pod_template(const json *template, const json *selector, const char *path, struct field_errors *e);
void validate_tolerations(const json *list, const char *path, struct field_errors *e);
void validate_taints(const json *list, const char *path, struct field_errors *e);

/* validate_apps.c */
void validate_deployment(const json *obj, struct field_errors *e);
void validate_replicaset(const json *obj, struct field_errors *e);

#endif
