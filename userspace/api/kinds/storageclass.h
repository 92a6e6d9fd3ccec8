/* SPDX-License-Identifier: GPL-2.0-or-later */
/* storageclass.h - what the classes of storage share; obj[key] each, of the object itself */
#ifndef KEELSON_API_KINDS_STORAGECLASS_H
#define KEELSON_API_KINDS_STORAGECLASS_H

#include "api/meta/validate.h"

/* The name of what makes the volumes. */
void validate_provisioner(const json *obj, const char *key, struct field_errors *e);
/* What it is told; not_empty: something there must be. */
void validate_parameters(const json *obj, bool not_empty, struct field_errors *e);
/* It may not change. */
void validate_parameters_kept(const json *new, const json *old, struct field_errors *e);
void validate_word_kept(const json *new, const json *old, const char *key, struct field_errors *e);
/* The size of a map of strings, in bytes. */
size_t map_bytes(const json *map);

#define MAP_BYTES_MAX (256 * 1024)

#endif
