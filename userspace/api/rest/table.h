/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - server-side printing: objects as the rows that `kubectl get` shows
 *
 * meta.k8s.io/v1 Table. A kind's columns and cells are one entry in
 * table_core.c or table_apps.c; a kind without one has name and age. Pure.
 */
#ifndef KEELSON_API_TABLE_H
#define KEELSON_API_TABLE_H

#include "api/kinds/kinds.h"
#include "base/json.h"

/* What a row carries besides its cells (query parameter includeObject). */
enum table_include {
	TABLE_METADATA,		/* PartialObjectMetadata; the default */
	TABLE_OBJECT,
	TABLE_NONE,
};

struct table_opts {
	const char *version;	/* "v1" or "v1beta1": of Table and PartialObjectMetadata */
	enum table_include include;
	bool no_columns;	/* events of a watch after the first leave the column definitions out */
	uint64_t now_us;	/* ages are told as of then (microseconds since the epoch) */
};

/* obj is an object of kind k or a list of such. The caller owns the Table. */
json *table_new(const struct kind *k, const json *obj, const struct table_opts *opts);

#endif
