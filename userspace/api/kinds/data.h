/* SPDX-License-Identifier: GPL-2.0-or-later */
/* data.h - the data of ConfigMaps and Secrets */
#ifndef KEELSON_API_KINDS_DATA_H
#define KEELSON_API_KINDS_DATA_H

#include "api/meta/fielderr.h"
#include "base/json.h"

#define DATA_MAX (1024 * 1024)

/*
 * Checks the keys of obj[key], which may not be in `other` (or NULL) too, and
 * gives the bytes of its values: of what base64 stands for, if bytes.
 */
size_t validate_data(const json *obj, const char *key, bool bytes, const json *other, struct field_errors *e);
/* "immutable: true" holds for good, and with it the data. */
void validate_frozen(const json *new, const json *old, struct field_errors *e);

#endif
