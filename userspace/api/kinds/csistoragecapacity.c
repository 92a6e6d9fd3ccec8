// SPDX-License-Identifier: GPL-2.0-or-later
/* csistoragecapacity.c - CSIStorageCapacity */
#include "api/kinds/rules.h"
#include "api/meta/validate_values.h"

static void validate_capacity(const json *obj, struct field_errors *e)
{
	const char *class = json_str_or(json_get(obj, "storageClassName"), "");
	const char *why = invalid_dns1123_subdomain(class);

	validate_label_selector(json_get(obj, "nodeTopology"), "nodeTopology", e);
	if (why)
		field_invalid_str(e, "storageClassName", class, why);
	validate_amount_not_negative(json_get(obj, "capacity"), "capacity", e);
}

static void validate_capacity_update(const json *new, const json *old, struct field_errors *e)
{
	const json *topology = json_get(new, "nodeTopology");

	if (!json_equal(topology, json_get(old, "nodeTopology")))
		field_invalid_selector(e, "nodeTopology", topology, MSG_IMMUTABLE);
	validate_immutable(json_get(new, "storageClassName"), json_get(old, "storageClassName"), "storageClassName", e);
}

static void capacity_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "metadata", "creationTimestamp"), ""));
}

const struct kind_rules kind_rules_csistoragecapacity = {
	.validate = validate_capacity,
	.validate_update = validate_capacity_update,
	.columns = COLUMNS(COLUMN_NAME, COLUMN("Created At", "date", "When the object was created.")),
	.cells = capacity_cells,
};
