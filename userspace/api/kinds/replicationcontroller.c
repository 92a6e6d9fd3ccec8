// SPDX-License-Identifier: GPL-2.0-or-later
/* replicationcontroller.c - ReplicationController, whose selector is a map of labels */
#include "api/kinds/defaults_pod.h"
#include "api/kinds/validate_parts.h"
#include "api/kinds/workload.h"
#include "api/meta/validate_values.h"

static void default_controller(json *obj)
{
	json *spec = json_obj(obj, "spec"), *meta = json_obj(obj, "metadata");
	const json *labels = json_get(spec, "template", "metadata", "labels");

	default_int(spec, "replicas", 1);
	if (labels && !json_len(json_get(spec, "selector")))
		json_set(spec, "selector", json_clone(labels));
	if (labels && !json_len(json_get(meta, "labels")))
		json_set(meta, "labels", json_clone(labels));
	default_pod_spec(json_get(spec, "template", "spec"));
}

static void validate_controller(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec"), *labels = json_get(spec, "selector");
	_cleanup_json_ json *selector = json_new_object();

	validate_not_negative(spec, "minReadySeconds", "spec", e);
	if (!json_len(labels))
		field_required(e, "spec.selector", NULL);
	validate_not_negative(spec, "replicas", "spec", e);
	json_set(selector, "matchLabels", json_clone(labels));
	if (json_get(spec, "template"))
		validate_running_template(spec, selector, "ReplicationController", e);
	else
		field_required(e, "spec.template", NULL);
}

static void controller_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_int(cells, json_int(json_get(obj, "spec", "replicas"), 0));
	cell_int(cells, status_int(obj, "replicas"));
	cell_int(cells, status_int(obj, "readyReplicas"));
	cell_age(cells, obj, now_us);
	containers_cells(cells, json_get(obj, "spec", "template", "spec"));
	cell_take(cells, labels_text(json_get(obj, "spec", "selector")));
}

const struct kind_rules kind_rules_replicationcontroller = {
	.defaults = default_controller,
	.validate = validate_controller,
	.validate_status = validate_replicas_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Desired", "integer", "Pods wanted."),
		COLUMN("Current", "integer", "Pods there are."),
		COLUMN("Ready", "integer", "Pods that are ready."),
		COLUMN_AGE,
		TEMPLATE_COLUMNS),
	.cells = controller_cells,
};
