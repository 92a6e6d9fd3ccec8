// SPDX-License-Identifier: GPL-2.0-or-later
/* priorityclass.c - PriorityClass */
#include "api/kinds/priorityclass.h"

#include "api/kinds/rules.h"
#include "api/meta/validate_values.h"
#include "api/meta/view_meta.h"

/* Above all that users may have. */
#define USER_MAX INT64_C(1000000000)

struct system_class {
	const char *name;
	int64_t value;
};

static const struct system_class classes[] = {
	{ "system-node-critical", 2000001000 },
	{ "system-cluster-critical", 2000000000 },
};

static const struct system_class *system_class(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (streq(classes[i].name, name))
			return &classes[i];
	return NULL;
}

int64_t priority_of_system_class(const char *name)
{
	const struct system_class *c = system_class(name);

	return c ? c->value : 0;
}

static void default_class(json *obj)
{
	default_str(obj, "preemptionPolicy", "PreemptLowerPriority");
}

/* It stays 1: Kubernetes does not count here. */
static void prepare_create(json *obj)
{
	json_set_int(json_obj(obj, "metadata"), "generation", 1);
}

/* Why it is not the class that every cluster has by that name; NULL: it is. Caller frees. */
static char *not_as_known(const json *obj)
{
	const struct system_class *known = system_class((meta_name(obj) ?: ""));

	if (!known)
		return xasprintf("%s is not a known system priority class", (meta_name(obj) ?: ""));
	if (json_int(json_get(obj, "value"), 0) != known->value)
		return xasprintf("value of %s PriorityClass must be %lld", known->name, (long long)known->value);
	if (is_true(obj, "globalDefault"))
		return xasprintf("globalDefault of %s PriorityClass must be false", known->name);
	return NULL;
}

static void validate_class(const json *obj, struct field_errors *e)
{
	bool system = startswith((meta_name(obj) ?: ""), "system-");
	_cleanup_free_ char *why = system ? not_as_known(obj) : NULL;
	PATH(reserved, "priority class names with 'system-' prefix are reserved for system use only. error: %s", why ?: "");

	if (why)
		field_forbidden(e, "metadata.name", reserved);
	if (!system && json_int(json_get(obj, "value"), 0) > USER_MAX)
		field_forbidden(e, "value", "maximum allowed value of a user defined priority is 1000000000");
	validate_enum(obj, "preemptionPolicy", "PreemptLowerPriority,Never", "", e);
}

static void validate_class_update(const json *new, const json *old, struct field_errors *e)
{
	if (json_int(json_get(new, "value"), 0) != json_int(json_get(old, "value"), 0))
		field_forbidden(e, "Value", "may not be changed in an update.");
	validate_immutable(json_get(new, "preemptionPolicy"), json_get(old, "preemptionPolicy"), "preemptionPolicy", e);
}

static void class_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_int(cells, json_int(json_get(obj, "value"), 0));
	json_append(cells, json_new_bool(is_true(obj, "globalDefault")));
	cell_age(cells, obj, now_us);
	cell_str(cells, json_str_or(json_get(obj, "preemptionPolicy"), ""));
}

const struct kind_rules kind_rules_priorityclass = {
	.defaults = default_class,
	.prepare_create = prepare_create,
	.validate = validate_class,
	.validate_update = validate_class_update,
	.order = UPDATE_ALONE,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Value", "integer", "The priority of the pods of this class."),
		COLUMN("Global-Default", "boolean", "Whether pods that name no class are of this one."),
		COLUMN_AGE,
		COLUMN("PreemptionPolicy", "string", "Whether such pods may push others off their nodes.")),
	.cells = class_cells,
};
