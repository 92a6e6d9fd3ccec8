// SPDX-License-Identifier: GPL-2.0-or-later
/* daemonset.c - DaemonSet */
#include "api/kinds/defaults_pod.h"
#include "api/kinds/validate_parts.h"
#include "api/kinds/workload.h"
#include "api/meta/validate_values.h"

static void default_daemonset(json *obj)
{
	json *spec = json_obj(obj, "spec");
	json *strategy = json_obj(spec, "updateStrategy");

	default_str(strategy, "type", "RollingUpdate");
	if (streq(text_of(strategy, "type"), "RollingUpdate")) {
		json *ru = json_obj(strategy, "rollingUpdate");

		default_int(ru, "maxUnavailable", 1);
		default_int(ru, "maxSurge", 0);
	}
	default_int(spec, "revisionHistoryLimit", 10);
	default_template(spec);
}

/* --- validation ---------------------------------------------------------------------- */

static void validate_rolling_update(const json *ru, struct field_errors *e)
{
	static const char down[] = "spec.updateStrategy.rollingUpdate.maxUnavailable";
	static const char up[] = "spec.updateStrategy.rollingUpdate.maxSurge";
	const json *unavailable = json_get(ru, "maxUnavailable"), *surge = json_get(ru, "maxSurge");
	bool less = int_or_percent_number(unavailable), more = int_or_percent_number(surge);

	validate_int_or_percent(unavailable, down, e);
	validate_int_or_percent(surge, up, e);
	validate_at_most_100_percent(unavailable, down, e);
	validate_at_most_100_percent(surge, up, e);
	if (less && more)
		field_invalid(e, up, surge, "may not be set when maxUnavailable is non-zero");
	else if (!less && !more)
		field_required(e, down, "cannot be 0 when maxSurge is 0");
}

static void validate_strategy(const json *spec, struct field_errors *e)
{
	const json *strategy = json_get(spec, "updateStrategy");
	const char *type = json_str_or(json_get(strategy, "type"), "");

	if (streq(type, "RollingUpdate")) {
		if (json_get(strategy, "rollingUpdate"))
			validate_rolling_update(json_get(strategy, "rollingUpdate"), e);
		else
			field_required(e, "spec.updateStrategy.rollingUpdate", NULL);
	} else if (!streq(type, "OnDelete")) {
		strategy_not_supported(e, "spec.updateStrategy", strategy, "\"RollingUpdate\", \"OnDelete\"");
	}
}

static void validate_daemonset(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec"), *selector = json_get(spec, "selector");
	const json *template = json_get(spec, "template");

	validate_label_selector(selector, "spec.selector", e);
	if (selector_is_sound(selector))
		validate_template_selected(template, selector, "spec.template", e);
	if (selector && selector_is_void(selector))
		field_invalid_selector(e, "spec.selector", selector, "empty selector is invalid for daemonset");
	validate_template(template, "spec.template", e);
	validate_template_runs_always(template, "DaemonSet", "spec.template", e);
	validate_not_negative(spec, "minReadySeconds", "spec", e);
	validate_strategy(spec, e);
	validate_not_negative(spec, "revisionHistoryLimit", "spec", e);
}

static void validate_status(const json *new, const json *old, struct field_errors *e)
{
	validate_not_negatives(json_get(new, "status"), "currentNumberScheduled,numberMisscheduled,"
			       "desiredNumberScheduled,numberReady,observedGeneration,updatedNumberScheduled,"
			       "numberAvailable,numberUnavailable,collisionCount", "status", e);
	validate_collisions(new, old, e);
}

/* --- its row -------------------------------------------------------------------------- */

static void daemonset_cells(json *cells, const json *obj, uint64_t now_us)
{
	static const char *const numbers[] = { "desiredNumberScheduled", "currentNumberScheduled", "numberReady",
					       "updatedNumberScheduled", "numberAvailable" };

	cell_name(cells, obj);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		cell_int(cells, status_int(obj, numbers[i]));
	cell_take(cells, labels_text(json_get(obj, "spec", "template", "spec", "nodeSelector")));
	cell_age(cells, obj, now_us);
	template_cells(cells, obj);
}

const struct kind_rules kind_rules_daemonset = {
	.defaults = default_daemonset,
	.validate = validate_daemonset,
	.validate_update = validate_selector_update,
	.validate_status = validate_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Desired", "integer", "Nodes that should run the pod."),
		COLUMN("Current", "integer", "Nodes that should and do."),
		COLUMN("Ready", "integer", "Nodes whose pod is ready."),
		COLUMN("Up-to-date", "integer", "Nodes whose pod is of the newest template."),
		COLUMN("Available", "integer", "Nodes whose pod has been ready for long enough."),
		COLUMN("Node Selector", "string", "The labels of the nodes that run the pod."),
		COLUMN_AGE,
		TEMPLATE_COLUMNS),
	.cells = daemonset_cells,
};
