// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pod.c - Pod: what is in defaults_pod.c, validate_pod*.c and table_pod.c, put together
 *
 * What admission asks of other objects is not here: the value of a PriorityClass,
 * the account's secrets and token, a LimitRange, a RuntimeClass.
 */
#include "api/kinds/defaults_pod.h"
#include "api/kinds/rules.h"
#include "api/kinds/validate_pod.h"
#include "api/meta/view_pod.h"

/* --- selectors that follow the pod's own labels ----------------------------------------- */

/* One requirement for each key named that the pod has as a label: such pods as have the same, or have not. */
static void add_requirements(json *term, const char *keys, const char *op, const json *labels)
{
	json *selector = json_get(term, "labelSelector");

	json_each(k, selector ? json_get(term, keys) : NULL) {
		const char *key = json_str_or(k, ""), *value = json_str(json_get(labels, key));
		json *list = json_get(selector, "matchExpressions");
		json *r;

		if (!value)
			continue;
		r = json_build("{\"key\":\"\",\"operator\":\"%s\",\"values\":[]}", op);
		json_set_str(r, "key", key);
		json_append(json_get(r, "values"), json_new_str(value));
		if (!json_is_array(list))
			list = json_set(selector, "matchExpressions", json_new_array());
		json_append(list, r);
	}
}

static void follow_labels(json *pod)
{
	static const char *const kinds[] = { "podAffinity", "podAntiAffinity" };
	static const char required[] = "requiredDuringSchedulingIgnoredDuringExecution";
	static const char preferred[] = "preferredDuringSchedulingIgnoredDuringExecution";
	const json *labels = json_get(pod, "metadata", "labels");
	json *spec = json_get(pod, "spec");

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		json_each(t, json_get(spec, "affinity", kinds[i], required)) {
			add_requirements(t, "matchLabelKeys", "In", labels);
			add_requirements(t, "mismatchLabelKeys", "NotIn", labels);
		}
		json_each(w, json_get(spec, "affinity", kinds[i], preferred)) {
			add_requirements(json_get(w, "podAffinityTerm"), "matchLabelKeys", "In", labels);
			add_requirements(json_get(w, "podAffinityTerm"), "mismatchLabelKeys", "NotIn", labels);
		}
	}
	json_each(c, json_get(spec, "topologySpreadConstraints"))
		add_requirements(c, "matchLabelKeys", "In", labels);
}

/* --- writing ------------------------------------------------------------------------------- */

static void prepare_create(json *pod)
{
	json *status = json_obj(pod, "status");

	follow_labels(pod);
	json_set_str(status, "phase", "Pending");
	json_set_str(status, "qosClass", pod_qos_class(pod));
	if (json_len(json_get(pod, "spec", "schedulingGates")))
		json_set(status, "conditions", json_build("[{\"type\":\"PodScheduled\",\"status\":\"False\","
			 "\"reason\":\"SchedulingGated\","
			 "\"message\":\"Scheduling is blocked due to non-empty scheduling gates\"}]"));
}

/* Agents of old know one address and no class, and spoil the owners. */
static void prepare_status(const json *cur, json *next)
{
	json *status = json_obj(next, "status");
	const char *ip = json_str(json_get(status, "hostIP"));

	keep_member(json_obj(next, "metadata"), json_get(cur, "metadata"), "ownerReferences");
	fill_member(status, json_get(cur, "status"), "qosClass");
	if (ip && *ip && !json_len(json_get(status, "hostIPs"))) {
		json_set(status, "hostIPs", json_build("[{}]"));
		json_set_str(json_get(status, "hostIPs")->child, "ip", ip);
	}
}

static void prepare_ephemeral(const json *cur, json *next)
{
	_cleanup_json_ json *list = json_take(json_get(next, "spec"), "ephemeralContainers");

	json_set(next, "spec", json_clone(json_get(cur, "spec")));
	json_set(next, "metadata", json_clone(json_get(cur, "metadata")));
	json_set(next, "status", json_clone(json_get(cur, "status")));
	json_set(json_obj(next, "spec"), "ephemeralContainers", TAKE_PTR(list));
}

static void prepare_resize(const json *cur, json *next)
{
	json_set(next, "metadata", json_clone(json_get(cur, "metadata")));
	json_set(next, "status", json_clone(json_get(cur, "status")));
}

/* --- checking ---------------------------------------------------------------------------------- */

static void validate_new(const json *pod, struct field_errors *e)
{
	validate_pod_and_spec(pod, e);
	validate_pod_create(pod, e);
}

static void validate_debuggers(const json *new, const json *old, struct field_errors *e)
{
	validate_pod_and_spec(new, e);
	validate_pod_ephemeral(new, old, e);
}

static void validate_resized(const json *new, const json *old, struct field_errors *e)
{
	validate_pod_and_spec(new, e);
	validate_pod_resize(new, old, e);
}

static const char *row_completed(const json *pod)
{
	const char *phase = json_str(json_get(pod, "status", "phase"));

	return streq(phase, "Succeeded") || streq(phase, "Failed") ? phase : NULL;
}

static const struct sub_rules subs[] = {
	{ "ephemeralcontainers", prepare_ephemeral, validate_debuggers },
	{ "resize", prepare_resize, validate_resized },
	{0},
};

const struct kind_rules kind_rules_pod = {
	.defaults = default_pod,
	.admit = admit_pod,
	.prepare_create = prepare_create,
	.prepare_status = prepare_status,
	.subs = subs,
	.validate = validate_pod_and_spec,
	.validate_create = validate_new,
	.validate_update = validate_pod_update,
	.validate_status = validate_pod_status,
	.columns = table_pod_columns,
	.cells = table_pod_cells,
	.row_completed = row_completed,
	.deletion = DELETE_GRACEFULLY,
};
