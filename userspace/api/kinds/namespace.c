// SPDX-License-Identifier: GPL-2.0-or-later
/* namespace.c - Namespace: finalized before it goes */
#include "api/kinds/rules.h"
#include "api/meta/validate_text.h"
#include "api/meta/view_meta.h"

#define NAME_LABEL "kubernetes.io/metadata.name"
#define FINALIZER "kubernetes"

static void default_namespace(json *obj)
{
	const char *name = json_str(json_get(obj, "metadata", "name"));

	if (name && *name)
		json_set_str(json_obj(obj, "metadata", "labels"), NAME_LABEL, name);
	default_str(json_obj(obj, "status"), "phase", "Active");
}

static void prepare_create(json *obj)
{
	json *spec = json_obj(obj, "spec"), *list = json_get(spec, "finalizers");

	json_set_str(json_obj(obj, "status"), "phase", "Active");
	if (!json_is_array(list))
		list = json_set(spec, "finalizers", json_new_array());
	json_each(f, list)
		if (streq(json_str(f), FINALIZER))
			return;
	json_append(list, json_new_str(FINALIZER));
}

/* Only /finalize changes the finalizers. */
static void prepare_update(const json *cur, json *next)
{
	keep_member(json_obj(next, "spec"), json_get(cur, "spec"), "finalizers");
}

static void prepare_finalize(const json *cur, json *next)
{
	keep_member(next, cur, "status");
}

static void validate_finalizer(const char *name, const char *path, struct field_errors *e)
{
	check_text(name, invalid_label_key, path, e);
	if (!strchr(name, '/') && !one_of(name, FINALIZER ",orphan,foregroundDeletion"))
		field_invalid_str(e, path, name, "name is neither a standard finalizer name nor is it fully qualified");
}

static void validate_namespace(const json *obj, struct field_errors *e)
{
	json_each(f, json_get(obj, "spec", "finalizers"))
		validate_finalizer(json_str_or(f, ""), "spec.finalizers", e);
}

static void validate_finalize(const json *new, const json *old, struct field_errors *e)
{
	int i = 0;

	json_each(f, json_get(new, "spec", "finalizers")) {
		PATH(p, "spec.finalizers[%d]", i++);

		validate_finalizer(json_str_or(f, ""), p, e);
	}
}

/* It is being deleted, or it is not: its phase says nothing else. */
static void validate_status(const json *new, const json *old, struct field_errors *e)
{
	const char *phase = json_str_or(json_get(new, "status", "phase"), "");

	if (!meta_deleting(new) && !streq(phase, "Active"))
		field_invalid_str(e, "status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty");
	if (meta_deleting(new) && !streq(phase, "Terminating"))
		field_invalid_str(e, "status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
}

static void namespace_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "status", "phase"), ""));
	cell_age(cells, obj, now_us);
}

static const struct sub_rules subs[] = {
	{ "finalize", prepare_finalize, validate_finalize },
	{ 0 },
};

const struct kind_rules kind_rules_namespace = {
	.defaults = default_namespace,
	.prepare_create = prepare_create,
	.prepare_update = prepare_update,
	.subs = subs,
	.validate = validate_namespace,
	.validate_status = validate_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Status", "string", "Active, or Terminating while its content is being deleted."),
		COLUMN_AGE),
	.cells = namespace_cells,
	.deletion = DELETE_FINALIZED,
};
