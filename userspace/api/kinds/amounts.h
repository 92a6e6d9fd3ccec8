/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * amounts.h - named amounts of things (cpu, memory, requests.storage, example.com/gpu): what names there are,
 * where they may stand, and what an amount of each must be
 */
#ifndef KEELSON_API_KINDS_AMOUNTS_H
#define KEELSON_API_KINDS_AMOUNTS_H

#include "api/meta/validate.h"

/* In a Kubernetes namespace: without a prefix, or one of kubernetes.io. */
bool resource_is_native(const char *name);
/* Someone else's, such as example.com/gpu. */
bool resource_is_extended(const char *name);
bool resource_is_hugepages(const char *name);
/* Is the amount of a hugepages resource a number of whole pages of that size? */
bool hugepages_divide(const char *name, const json *amount);
/* May more be promised than there is: limits above requests? */
bool resource_may_overcommit(const char *name);
/* Does a quota know it: "pods", "limits.cpu", "requests.hugepages-2Mi"? */
bool resource_is_for_quota(const char *name);
/* Does a quota of that scope count it? Only for names a quota knows. */
bool resource_has_scope(const char *scope, const char *name);

/* path is the entry's own: "spec.hard[pods]". */
void validate_resource_name(const char *name, const char *path, struct field_errors *e);
void validate_container_resource_name(const char *name, const char *path, struct field_errors *e);
void validate_quota_resource_name(const char *name, const char *path, struct field_errors *e);
/* At least 0, and whole where the thing has no parts. */
void validate_resource_amount(const char *name, const json *amount, const char *path, struct field_errors *e);
/* Whole units of it are at least 0: what statuses and capacities are held to. */
void validate_basic_amount(const json *amount, const char *path, struct field_errors *e);

/*
 * What the containers of a pod's spec ask for together of a resource: the sum of those that run side by side, or what
 * one init container needs beside the sidecars before it, if that is more. NULL if none names it; caller frees.
 */
char *containers_request(const json *spec, const char *name);

/* Every amount of the list is kept to the thousandth, what is finer rounded up; the list may be NULL. */
void default_amounts(json *list);

#endif
