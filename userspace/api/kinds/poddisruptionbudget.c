// SPDX-License-Identifier: GPL-2.0-or-later
/* poddisruptionbudget.c - PodDisruptionBudget */
#include "api/kinds/workload.h"
#include "api/meta/validate_values.h"

/* The spec as Kubernetes prints its own form of one. */
static json *spec_as_printed(const json *spec)
{
	static const char *const members[][2] = {
		{ "MinAvailable", "minAvailable" }, { "Selector", "selector" }, { "MaxUnavailable", "maxUnavailable" },
		{ "UnhealthyPodEvictionPolicy", "unhealthyPodEvictionPolicy" },
	};
	json *printed = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const json *v = json_get(spec, members[i][1]);

		json_set(printed, members[i][0], v ? json_clone(v) : json_new_null());
	}
	return printed;
}

static void validate_budget(const json *obj, struct field_errors *e)
{
	static const char *const members[] = { "minAvailable", "maxUnavailable" };
	const json *spec = json_get(obj, "spec");

	if (json_get(spec, members[0]) && json_get(spec, members[1])) {
		_cleanup_json_ json *printed = spec_as_printed(spec);

		field_invalid(e, "spec", printed, "minAvailable and maxUnavailable cannot be both set");
	}
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		PATH(p, "spec.%s", members[i]);

		validate_int_or_percent(json_get(spec, members[i]), p, e);
		validate_at_most_100_percent(json_get(spec, members[i]), p, e);
	}
	validate_label_selector(json_get(spec, "selector"), "spec.selector", e);
	validate_known(spec, "unhealthyPodEvictionPolicy", "AlwaysAllow,IfHealthyBudget", "spec", e);
}

static void validate_status(const json *new, const json *old, struct field_errors *e)
{
	const json *status = json_get(new, "status");

	validate_conditions(json_get(status, "conditions"), "status.conditions", e);
	validate_not_negatives(status, "disruptionsAllowed,currentHealthy,desiredHealthy,expectedPods", "status", e);
}

static void cell_int_or_percent(json *cells, const json *v)
{
	cell_take(cells, !v ? xstrdup("N/A") : json_is_string(v) ? xstrdup(json_str(v)) :
		  xasprintf("%lld", (long long)json_int(v, 0)));
}

static void budget_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_int_or_percent(cells, json_get(obj, "spec", "minAvailable"));
	cell_int_or_percent(cells, json_get(obj, "spec", "maxUnavailable"));
	cell_int(cells, status_int(obj, "disruptionsAllowed"));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_poddisruptionbudget = {
	.validate = validate_budget,
	.validate_status = validate_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Min Available", "string", "Pods that must stay."),
		COLUMN("Max Unavailable", "string", "Pods that may be away."),
		COLUMN("Allowed Disruptions", "integer", "Pods that may be evicted now."),
		COLUMN_AGE),
	.cells = budget_cells,
};
