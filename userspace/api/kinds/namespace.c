// SPDX-License-Identifier: GPL-2.0-or-later
/* namespace.c - Namespace: finalized before it goes */
#include "api/kinds/rules.h"

#define NAME_LABEL "kubernetes.io/metadata.name"

static void default_namespace(json *obj)
{
	const char *name = json_str(json_get(obj, "metadata", "name"));

	if (name && *name)
		json_set_str(json_obj(obj, "metadata", "labels"), NAME_LABEL, name);
}

static void prepare_create(json *obj)
{
	json_set_str(json_obj(obj, "status"), "phase", "Active");
	json_set(json_obj(obj, "spec"), "finalizers", json_build("[\"kubernetes\"]"));
}

/* Only /finalize changes the finalizers. */
static void prepare_update(const json *cur, json *next)
{
	keep_member(json_obj(next, "spec"), json_get(cur, "spec"), "finalizers");
}

static void namespace_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "status", "phase"), ""));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_namespace = {
	.defaults = default_namespace,
	.prepare_create = prepare_create,
	.prepare_update = prepare_update,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Status", "string", "Active, or Terminating while its content is being deleted."),
		COLUMN_AGE),
	.cells = namespace_cells,
	.deletion = DELETE_FINALIZED,
};
