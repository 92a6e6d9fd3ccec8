/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - dynamic resource allocation: what claims, classes and slices share
 *
 * CEL expressions are not compiled. `path` is the value's own path.
 */
#ifndef KEELSON_API_KINDS_DEVICE_H
#define KEELSON_API_KINDS_DEVICE_H

#include "api/kinds/rules.h"

#define DEVICE_MAX_REQUESTS 32
#define DEVICE_MAX_CONFIGS 32
#define DEVICE_TAINT_EFFECTS "NoExecute,NoSchedule,None"

/* --- device_parts.c --- */
/* A driver's name, as CSI has them; in any case. */
void device_driver_name(const char *s, const char *path, struct field_errors *e);
/* Subdomains with slashes between them. */
void device_pool_name(const char *s, const char *path, struct field_errors *e);
/* A C identifier, or one in the domain of a driver: "example.com/model". */
void device_qualified_name(const char *s, const char *path, struct field_errors *e);
void device_uid(const char *s, const char *path, struct field_errors *e);
/* An object of at most max bytes. */
void device_raw_object(const json *raw, int max, bool stored, const char *path, struct field_errors *e);
/* Tells of what stands in the list twice; key is the member that must differ, or NULL for the items themselves. */
void device_unique(const json *list, const char *key, const char *path, struct field_errors *e);
void device_toleration(const json *t, const char *path, struct field_errors *e);
void device_taint(const json *t, const char *path, struct field_errors *e);
/* bindingConditions and bindingFailureConditions of obj */
void device_binding(const json *obj, const char *path, struct field_errors *e);
void device_node_selector(const json *selector, const char *path, struct field_errors *e);

/* --- device_claim.c --- */
/* opaque parameters; stored: they were there before. */
void device_config(const json *config, bool stored, const char *path, struct field_errors *e);
/* name is that of a request in the claim, or of one in its alternatives: "request/alternative". */
void device_request_name(const json *claim, const char *name, const char *path, struct field_errors *e);
/* The names in obj.requests. */
void device_request_names(const json *claim, const json *obj, const char *path, struct field_errors *e);

/* --- device_status.c --- */
void device_prepare_status(const json *cur, json *next);
void device_validate_status(const json *new, const json *old, struct field_errors *e);

#endif
