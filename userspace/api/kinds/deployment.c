// SPDX-License-Identifier: GPL-2.0-or-later
/* deployment.c - Deployment */
#include "api/kinds/defaults_pod.h"
#include "api/kinds/validate_parts.h"
#include "api/kinds/workload.h"

static void default_deployment(json *obj)
{
	json *spec = json_obj(obj, "spec");
	json *strategy = json_obj(spec, "strategy");

	default_int(spec, "replicas", 1);
	default_int(spec, "revisionHistoryLimit", 10);
	default_int(spec, "progressDeadlineSeconds", 600);
	default_str(strategy, "type", "RollingUpdate");
	if (streq(json_str(json_get(strategy, "type")), "RollingUpdate")) {
		json *ru = json_obj(strategy, "rollingUpdate");

		default_str(ru, "maxUnavailable", "25%");
		default_str(ru, "maxSurge", "25%");
	}
	default_pod_spec(json_get(spec, "template", "spec"));
}

static void prepare_status(const json *cur, json *next)
{
	keep_member(json_obj(next, "metadata"), json_get(cur, "metadata"), "labels");
}

static void deployment_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_take(cells, xasprintf("%lld/%lld", (long long)status_int(obj, "readyReplicas"),
				   (long long)json_int(json_get(obj, "spec", "replicas"), 0)));
	cell_int(cells, status_int(obj, "updatedReplicas"));
	cell_int(cells, status_int(obj, "availableReplicas"));
	cell_age(cells, obj, now_us);
	template_cells(cells, obj);
}

const struct kind_rules kind_rules_deployment = {
	.defaults = default_deployment,
	.prepare_status = prepare_status,
	.validate = validate_deployment,
	.validate_update = validate_selector_update,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Ready", "string", "Pods that are ready, of those wanted."),
		COLUMN("Up-to-date", "integer", "Pods made from the newest template."),
		COLUMN("Available", "integer", "Pods that have been ready for long enough."),
		COLUMN_AGE,
		TEMPLATE_COLUMNS),
	.cells = deployment_cells,
};
