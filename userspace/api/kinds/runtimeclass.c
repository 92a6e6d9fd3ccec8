// SPDX-License-Identifier: GPL-2.0-or-later
/* runtimeclass.c - RuntimeClass */
#include "api/kinds/validate_parts.h"
#include "api/kinds/rules.h"
#include "api/meta/validate_text.h"
#include "api/schema/quantity.h"

static void validate_runtimeclass(const json *obj, struct field_errors *e)
{
	const json *scheduling = json_get(obj, "scheduling");

	check_text(json_str_or(json_get(obj, "handler"), ""), invalid_dns1123_label, "handler", e);
	json_each(q, json_get(obj, "overhead", "podFixed")) {
		PATH(p, "overhead.limits[%s]", json_key(q));

		check_text(json_key(q), invalid_label_key, p, e);
		if (quantity_milli(q, 0) < 0)
			field_invalid(e, p, q, MSG_NEGATIVE);
	}
	validate_labels(json_get(scheduling, "nodeSelector"), "scheduling.nodeSelector", e);
	validate_tolerations(json_get(scheduling, "tolerations"), "scheduling.tolerations", e);
}

static void validate_runtimeclass_update(const json *new, const json *old, struct field_errors *e)
{
	validate_immutable(json_get(new, "handler"), json_get(old, "handler"), "handler", e);
}

static void runtimeclass_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "handler"), ""));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_runtimeclass = {
	.validate = validate_runtimeclass,
	.validate_update = validate_runtimeclass_update,
	.order = UPDATE_ALONE,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Handler", "string", "What the container runtime calls it."),
		COLUMN_AGE),
	.cells = runtimeclass_cells,
};
