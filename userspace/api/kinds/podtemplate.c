// SPDX-License-Identifier: GPL-2.0-or-later
/* podtemplate.c - PodTemplate */
#include "api/kinds/defaults_pod.h"
#include "api/kinds/validate_parts.h"
#include "api/kinds/workload.h"

static void validate_podtemplate(const json *obj, struct field_errors *e)
{
	validate_template(json_get(obj, "template"), "template", e);
}

static void podtemplate_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	containers_cells(cells, json_get(obj, "template", "spec"));
	cell_take(cells, labels_text(json_get(obj, "template", "metadata", "labels")));
}

const struct kind_rules kind_rules_podtemplate = {
	.defaults = default_template,
	.validate = validate_podtemplate,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Containers", "string", "The names of the containers."),
		COLUMN("Images", "string", "The images of the containers."),
		COLUMN("Pod Labels", "string", "The labels of the pods.")),
	.cells = podtemplate_cells,
};
