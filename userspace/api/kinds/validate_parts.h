/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_parts.h - what the validate_*.c files have for the kinds
 *
 * `path` is the field's path so far ("spec.template"); children are named with
 * PATH(). Every function adds what it finds to e.
 */
#ifndef KEELSON_API_VALIDATE_PARTS_H
#define KEELSON_API_VALIDATE_PARTS_H

#include "api/kinds/validate.h"

/* --- validate_scheduling.c: lists of tolerations, of taints, of TopologySelectorTerms; a NodeSelector --- */
void validate_tolerations(const json *list, const char *path, struct field_errors *e);
void validate_taints(const json *list, const char *path, struct field_errors *e);
void validate_node_selector(const json *selector, const char *path, struct field_errors *e);
void validate_topologies(const json *list, const char *path, struct field_errors *e);

/* --- validate_pod.c: a PodTemplateSpec, which may be NULL --- */
void validate_template(const json *template, const char *path, struct field_errors *e);
/* Its labels and annotations only. */
void validate_template_meta(const json *template, const char *path, struct field_errors *e);
/* The selector of a controller chooses the pods that it makes. */
void validate_template_selected(const json *template, const json *selector, const char *path, struct field_errors *e);
/* The pods of a kind of controller that makes new ones for those that end. */
void validate_template_runs_always(const json *template, const char *kind, const char *path, struct field_errors *e);

#endif
