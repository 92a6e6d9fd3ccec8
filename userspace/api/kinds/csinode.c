// SPDX-License-Identifier: GPL-2.0-or-later
/* csinode.c - CSINode */
#include "api/kinds/rules.h"
#include "api/kinds/validate_pod.h"

#define NODE_ID_MAX 256

static void validate_topology_keys(const json *driver, const char *path, struct field_errors *e)
{
	const json *keys = json_get(driver, "topologyKeys");

	/* What is wrong with a key is said of the driver. */
	json_each(k, keys) {
		const char *key = json_str_or(k, "");

		if (!*key)
			field_required(e, path, NULL);
		if (strings_have_before(keys, k, key))
			field_duplicate(e, path, key);
		validate_label_name(key, path, e);
	}
}

static void validate_driver(const json *drivers, const json *driver, const char *path, struct field_errors *e)
{
	const char *name = json_str_or(json_get(driver, "name"), ""), *id = json_str_or(json_get(driver, "nodeID"), "");
	PATH(name_path, "%s.name", path);
	PATH(allocatable, "%s.allocatable", path);

	validate_csi_driver_name(name, name_path, e);
	validate_given(driver, "nodeID", path, e);
	if (strlen(id) > NODE_ID_MAX)
		child_invalid_str(e, path, "nodeID", id, "must be 256 characters or less");
	validate_not_negative(json_get(driver, "allocatable"), "count", allocatable, e);
	if (list_has_before(drivers, driver, "name", name))
		field_duplicate(e, name_path, name);
	validate_topology_keys(driver, path, e);
}

static void validate_node(const json *obj, struct field_errors *e)
{
	const json *drivers = json_get(obj, "spec", "drivers");
	int i = 0;

	json_each(d, drivers) {
		PATH(p, "spec.drivers[%d]", i++);

		validate_driver(drivers, d, p, e);
	}
}

/* Of a driver that stays, only how many volumes it can have may change. */
static void validate_kept(const json *new, const json *old, struct field_errors *e)
{
	_cleanup_json_ json *is = json_clone(new), *was = json_clone(old);

	json_del(is, "allocatable");
	json_del(was, "allocatable");
	validate_immutable(is, was, "spec.drivers", e);
}

static void validate_node_update(const json *new, const json *old, struct field_errors *e)
{
	json_each(o, json_get(old, "spec", "drivers"))
		json_each(n, json_get(new, "spec", "drivers"))
			if (streq(text_of(o, "name"), text_of(n, "name")))
				validate_kept(n, o, e);
}

static void node_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_int(cells, json_len(json_get(obj, "spec", "drivers")));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_csinode = {
	.validate = validate_node,
	.validate_update = validate_node_update,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Drivers", "integer", "Drivers that run on the node."),
		COLUMN_AGE),
	.cells = node_cells,
};
