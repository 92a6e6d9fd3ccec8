// SPDX-License-Identifier: GPL-2.0-or-later
/* deployment.c - Deployment */
#include "api/kinds/defaults_pod.h"
#include "api/kinds/workload.h"
#include "api/meta/validate_values.h"
#include "api/meta/view_meta.h"

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
	default_template(spec);
}

static void prepare_status(const json *cur, json *next)
{
	keep_member(json_obj(next, "metadata"), json_get(cur, "metadata"), "labels");
}

static bool counts(const json *cur, const json *next)
{
	return !json_equal(json_get(cur, "spec"), json_get(next, "spec")) ||
	       !json_equal(meta_annotations(cur), meta_annotations(next));
}

static void validate_rolling_update(const json *ru, struct field_errors *e)
{
	const json *unavailable = json_get(ru, "maxUnavailable"), *surge = json_get(ru, "maxSurge");
	static const char path[] = "spec.strategy.rollingUpdate.maxUnavailable";

	validate_int_or_percent(unavailable, path, e);
	validate_int_or_percent(surge, "spec.strategy.rollingUpdate.maxSurge", e);
	if (!int_or_percent_number(unavailable) && !int_or_percent_number(surge))
		field_invalid(e, path, unavailable, "may not be 0 when `maxSurge` is 0");
	validate_at_most_100_percent(unavailable, path, e);
}

static void validate_strategy(const json *spec, struct field_errors *e)
{
	const json *strategy = json_get(spec, "strategy"), *ru = json_get(strategy, "rollingUpdate");
	const char *type = json_str_or(json_get(strategy, "type"), "");

	if (streq(type, "Recreate")) {
		if (ru)
			field_forbidden(e, "spec.strategy.rollingUpdate",
					"may not be specified when strategy `type` is 'Recreate'");
	} else if (streq(type, "RollingUpdate")) {
		validate_rolling_update(ru, e);
	} else {
		strategy_not_supported(e, "spec.strategy", strategy, "\"Recreate\", \"RollingUpdate\"");
	}
}

static void validate_deployment(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec"), *selector = json_get(spec, "selector");
	const json *deadline = json_get(spec, "progressDeadlineSeconds");

	validate_not_negative(spec, "replicas", "spec", e);
	validate_selector_of(spec, "deployment", e);
	if (selector_is_sound(selector))
		validate_running_template(spec, selector, "ReplicaSet", e);
	else
		field_invalid_selector(e, "spec.selector", selector, "invalid label selector");
	validate_strategy(spec, e);
	validate_not_negatives(spec, "minReadySeconds,revisionHistoryLimit,progressDeadlineSeconds", "spec", e);
	if (deadline && json_int(deadline, 0) <= json_int(json_get(spec, "minReadySeconds"), 0))
		field_invalid_int(e, "spec.progressDeadlineSeconds", json_int(deadline, 0),
				  "must be greater than minReadySeconds");
}

static void validate_status(const json *new, const json *old, struct field_errors *e)
{
	const json *status = json_get(new, "status");

	validate_not_negatives(status, "observedGeneration,replicas,updatedReplicas,readyReplicas,availableReplicas,"
			       "unavailableReplicas,terminatingReplicas,collisionCount", "status", e);
	validate_status_at_most(status, "updatedReplicas,readyReplicas,availableReplicas", "replicas",
				MSG_ABOVE_REPLICAS, e);
	validate_status_at_most(status, "availableReplicas", "readyReplicas", "cannot be greater than readyReplicas", e);
	validate_collisions(new, old, e);
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

/* Two columns are numbers although they are said to be strings: so they are in Kubernetes. */
const struct kind_rules kind_rules_deployment = {
	.defaults = default_deployment,
	.prepare_status = prepare_status,
	.validate = validate_deployment,
	.validate_update = validate_selector_update,
	.validate_status = validate_status,
	.counts = counts,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Ready", "string", "Pods that are ready, of those wanted."),
		COLUMN("Up-to-date", "string", "Pods made from the newest template."),
		COLUMN("Available", "string", "Pods that have been ready for long enough."),
		COLUMN_AGE,
		TEMPLATE_COLUMNS),
	.cells = deployment_cells,
};
