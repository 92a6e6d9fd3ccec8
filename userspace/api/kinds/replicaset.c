// SPDX-License-Identifier: GPL-2.0-or-later
/* replicaset.c - ReplicaSet */
#include "api/kinds/defaults_pod.h"
#include "api/kinds/validate_parts.h"
#include "api/kinds/workload.h"

static void default_replicaset(json *obj)
{
	default_int(json_obj(obj, "spec"), "replicas", 1);
	default_pod_spec(json_get(obj, "spec", "template", "spec"));
}

static void replicaset_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_int(cells, json_int(json_get(obj, "spec", "replicas"), 0));
	cell_int(cells, status_int(obj, "replicas"));
	cell_int(cells, status_int(obj, "readyReplicas"));
	cell_age(cells, obj, now_us);
	template_cells(cells, obj);
}

const struct kind_rules kind_rules_replicaset = {
	.defaults = default_replicaset,
	.validate = validate_replicaset,
	.validate_update = validate_selector_update,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Desired", "integer", "Pods wanted."),
		COLUMN("Current", "integer", "Pods there are."),
		COLUMN("Ready", "integer", "Pods that are ready."),
		COLUMN_AGE,
		TEMPLATE_COLUMNS),
	.cells = replicaset_cells,
};
