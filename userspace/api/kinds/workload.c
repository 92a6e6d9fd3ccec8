// SPDX-License-Identifier: GPL-2.0-or-later
/* workload.c - see workload.h */
#include "api/kinds/workload.h"

#include "api/kinds/validate_parts.h"
#include "api/meta/validate_values.h"
#include "api/schema/strlist.h"

/* --- rows ---------------------------------------------------------------------- */

void containers_cells(json *cells, const json *pod_spec)
{
	cell_take(cells, containers_text(pod_spec, "name"));
	cell_take(cells, containers_text(pod_spec, "image"));
}

void template_cells(json *cells, const json *obj)
{
	containers_cells(cells, json_get(obj, "spec", "template", "spec"));
	cell_take(cells, label_selector_text(json_get(obj, "spec", "selector")));
}

int64_t status_int(const json *obj, const char *member)
{
	return json_int(json_get(obj, "status", member), 0);
}

/* --- selectors and templates ------------------------------------------------------ */

bool selector_is_sound(const json *selector)
{
	_cleanup_field_errors_ struct field_errors e = {0};

	validate_label_selector(selector, "", &e);
	return !e.n;
}

void validate_selector_of(const json *spec, const char *kind, struct field_errors *e)
{
	const json *selector = json_get(spec, "selector");
	PATH(why, "empty selector is invalid for %s", kind);

	if (!selector) {
		field_required(e, "spec.selector", NULL);
		return;
	}
	validate_label_selector(selector, "spec.selector", e);
	if (selector_is_void(selector))
		field_invalid_selector(e, "spec.selector", selector, why);
}

void validate_running_template(const json *spec, const json *selector, const char *kind, struct field_errors *e)
{
	const json *template = json_get(spec, "template");

	validate_template_selected(template, selector, "spec.template", e);
	validate_template(template, "spec.template", e);
	validate_template_runs_always(template, kind, "spec.template", e);
}

void validate_selector_update(const json *new, const json *old, struct field_errors *e)
{
	const json *selector = json_get(new, "spec", "selector");

	if (!json_equal(selector, json_get(old, "spec", "selector")))
		field_invalid_selector(e, "spec.selector", selector, MSG_IMMUTABLE);
}

/* --- strategies ----------------------------------------------------------------------- */

json *strategy_as_printed(const json *strategy, const struct strategy_member members[2])
{
	const json *ru = json_get(strategy, "rollingUpdate");
	json *printed = json_new_object();

	json_set_str(printed, "Type", json_str_or(json_get(strategy, "type"), ""));
	json_set(printed, "RollingUpdate", ru ? json_new_object() : json_new_null());
	for (int i = 0; ru && i < 2; i++) {
		const json *v = json_get(ru, members[i].key);

		json_set(json_get(printed, "RollingUpdate"), members[i].name,
			 v ? json_clone(v) : members[i].null ? json_new_null() : json_new_int(0));
	}
	return printed;
}

void strategy_not_supported(struct field_errors *e, const char *path, const json *strategy, const char *supported)
{
	_cleanup_json_ json *printed = strategy_as_printed(strategy, SURGE_MEMBERS);
	_cleanup_free_ char *text = json_print(printed);

	field_error(e, path, FIELD_NOT_SUPPORTED, "Unsupported value: %s: supported values: %s", text, supported);
}

/* --- statuses ----------------------------------------------------------------------- */

void validate_status_at_most(const json *status, const char *members, const char *most, const char *why,
			     struct field_errors *e)
{
	int64_t max = json_int(json_get(status, most), 0);
	_cleanup_strlist_ struct strlist l = {0};

	strlist_split(&l, members, ',');
	for (size_t i = 0; i < l.n; i++) {
		int64_t v = json_int(json_get(status, l.items[i]), 0);

		if (v > max)
			child_invalid_int(e, "status", l.items[i], v, why);
	}
}

void validate_collisions(const json *new, const json *old, struct field_errors *e)
{
	const json *was = json_get(old, "status", "collisionCount");
	int64_t v = status_int(new, "collisionCount");

	if (was && (v < json_int(was, 0) || !json_get(new, "status", "collisionCount")))
		field_invalid_int(e, "status.collisionCount", v, "cannot be decremented");
}

void validate_replicas_status(const json *new, const json *old, struct field_errors *e)
{
	const json *status = json_get(new, "status");

	validate_not_negatives(status, "replicas,fullyLabeledReplicas,readyReplicas,availableReplicas,"
			       "terminatingReplicas,observedGeneration", "status", e);
	validate_status_at_most(status, "fullyLabeledReplicas,readyReplicas,availableReplicas", "replicas",
				MSG_ABOVE_REPLICAS, e);
	validate_status_at_most(status, "availableReplicas", "readyReplicas", "cannot be greater than readyReplicas", e);
}
