// SPDX-License-Identifier: GPL-2.0-or-later
/* table.c - see table.h: the Table around the rows */
#include "api/rest/table.h"

#include "api/kinds/rules.h"

static void name_and_age(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_age(cells, obj, now_us);
}

static const struct table_column plain_columns[] = { COLUMN_NAME, COLUMN_AGE, {0} };

static json *column_definitions(const struct kind *k)
{
	json *defs = json_new_array();

	for (const struct table_column *c = k->storage->rules->columns ?: plain_columns; c->name; c++) {
		json *d = json_new_object();

		json_set_str(d, "name", c->name);
		json_set_str(d, "type", c->type);
		json_set_str(d, "format", c->format);
		json_set_str(d, "description", c->doc);
		json_set_int(d, "priority", c->priority);
		json_append(defs, d);
	}
	return defs;
}

/* A finished object's row says so, so that clients can leave it out. */
static json *row_conditions(const char *reason)
{
	json *list = json_new_array(), *c = json_new_object();

	json_set_str(c, "type", "Completed");
	json_set_str(c, "status", "True");
	json_set_str(c, "reason", reason);
	json_set_str(c, "message", streq(reason, "Succeeded") ? "The pod has completed successfully." :
		     "The pod failed.");
	json_append(list, c);
	return list;
}

static void add_row(json *rows, const struct kind *k, const json *obj, const struct table_opts *opts)
{
	json *row = json_new_object(), *cells = json_set(row, "cells", json_new_array());
	const struct kind_rules *rules = k->storage->rules;
	_cleanup_json_ json *stored = k != k->storage ? json_clone(obj) : NULL;
	const char *completed;

	/* Every version of a kind has the same rows. */
	if (stored)
		kind_to_storage(k, stored);
	completed = rules->row_completed ? rules->row_completed(stored ?: obj) : NULL;
	(rules->cells ?: name_and_age)(cells, stored ?: obj, opts->now_us);
	if (completed)
		json_set(row, "conditions", row_conditions(completed));
	if (opts->include == TABLE_OBJECT) {
		json *copy = json_set(row, "object", json_clone(obj));
		_cleanup_free_ char *version = api_version_of(k->res);

		json_set_str(copy, "kind", k->res->kind);
		json_set_str(copy, "apiVersion", version);
	} else if (opts->include == TABLE_METADATA) {
		json *partial = json_set(row, "object", json_new_object());
		_cleanup_free_ char *version = xasprintf("meta.k8s.io/%s", opts->version);
		const json *meta = json_get(obj, "metadata");

		json_set_str(partial, "kind", "PartialObjectMetadata");
		json_set_str(partial, "apiVersion", version);
		json_set(partial, "metadata", meta ? json_clone(meta) : json_new_object());
	}
	json_append(rows, row);
}

json *table_new(const struct kind *k, const json *obj, const struct table_opts *opts)
{
	static const char *const list_meta[] = { "resourceVersion", "continue", "remainingItemCount" };
	_cleanup_free_ char *version = xasprintf("meta.k8s.io/%s", opts->version);
	const json *items = json_get(obj, "items");
	json *t = json_new_object(), *meta, *rows;

	json_set_str(t, "kind", "Table");
	json_set_str(t, "apiVersion", version);
	meta = json_set(t, "metadata", json_new_object());
	for (size_t i = 0; i < (items ? ARRAY_SIZE(list_meta) : 1); i++) {
		const json *v = json_get(obj, "metadata", list_meta[i]);

		if (v)
			json_set(meta, list_meta[i], json_clone(v));
	}
	json_set(t, "columnDefinitions", opts->no_columns ? json_new_array() : column_definitions(k));
	rows = json_set(t, "rows", json_new_array());
	if (!items)
		add_row(rows, k, obj, opts);
	json_each(it, items)
		add_row(rows, k, it, opts);
	return t;
}
