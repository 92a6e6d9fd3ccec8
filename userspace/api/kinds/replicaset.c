// SPDX-License-Identifier: GPL-2.0-or-later
/* replicaset.c - ReplicaSet */
#include "api/kinds/defaults_pod.h"
#include "api/kinds/workload.h"
#include "api/meta/validate_values.h"

static void default_replicaset(json *obj)
{
	json *spec = json_obj(obj, "spec");

	default_int(spec, "replicas", 1);
	default_template(spec);
}

static void validate_replicaset(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec"), *selector = json_get(spec, "selector");

	validate_not_negatives(spec, "replicas,minReadySeconds", "spec", e);
	/* The message names the other kind, as Kubernetes' does. */
	validate_selector_of(spec, "deployment", e);
	if (selector_is_sound(selector))
		validate_running_template(spec, selector, "ReplicaSet", e);
	else
		field_invalid_selector(e, "spec.selector", selector, "invalid label selector");
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
	.validate_status = validate_replicas_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Desired", "integer", "Pods wanted."),
		COLUMN("Current", "integer", "Pods there are."),
		COLUMN("Ready", "integer", "Pods that are ready."),
		COLUMN_AGE,
		TEMPLATE_COLUMNS),
	.cells = replicaset_cells,
};
