// SPDX-License-Identifier: GPL-2.0-or-later
/* volumeattributesclass.c - VolumeAttributesClass */
#include "api/kinds/rules.h"
#include "api/kinds/storageclass.h"

static void validate_class(const json *obj, struct field_errors *e)
{
	validate_provisioner(obj, "driverName", e);
	validate_parameters(obj, true, e);
}

static void validate_class_update(const json *new, const json *old, struct field_errors *e)
{
	validate_word_kept(new, old, "driverName", e);
	validate_parameters_kept(new, old, e);
}

static void class_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "driverName"), ""));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_volumeattributesclass = {
	.validate = validate_class,
	.validate_update = validate_class_update,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("DriverName", "string", "What gives volumes these attributes."),
		COLUMN_AGE),
	.cells = class_cells,
};
