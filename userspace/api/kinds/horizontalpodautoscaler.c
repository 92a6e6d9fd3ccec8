// SPDX-License-Identifier: GPL-2.0-or-later
/* horizontalpodautoscaler.c - HorizontalPodAutoscaler, as autoscaling/v2 has it */
#include "api/kinds/amounts.h"
#include "api/kinds/rules.h"
#include "api/kinds/workload.h"
#include "api/meta/validate_values.h"
#include "api/schema/quantity.h"

/* --- defaults --------------------------------------------------------------------- */

#define CPU_TARGET 80	/* percent */

static void default_rules(json *rules, const char *policies)
{
	default_str(rules, "selectPolicy", "Max");
	if (!json_get(rules, "policies"))
		json_set(rules, "policies", json_build("%s", policies));
}

static void default_behavior(json *behavior)
{
	json *up = json_obj(behavior, "scaleUp");

	default_int(up, "stabilizationWindowSeconds", 0);
	default_rules(up, "[{\"type\":\"Pods\",\"value\":4,\"periodSeconds\":15},"
		      "{\"type\":\"Percent\",\"value\":100,\"periodSeconds\":15}]");
	/* How long it waits to scale down is the controller's to say. */
	default_rules(json_obj(behavior, "scaleDown"), "[{\"type\":\"Percent\",\"value\":100,\"periodSeconds\":15}]");
}

static void default_autoscaler(json *obj)
{
	json *spec = json_obj(obj, "spec");

	default_int(spec, "minReplicas", 1);
	if (!json_len(json_get(spec, "metrics")))
		json_set(spec, "metrics", json_build("[{\"type\":\"Resource\",\"resource\":{\"name\":\"cpu\",\"target\":"
			 "{\"type\":\"Utilization\",\"averageUtilization\":%d}}}]", CPU_TARGET));
	if (json_get(spec, "behavior"))
		default_behavior(json_get(spec, "behavior"));
}

/* --- metrics ------------------------------------------------------------------------ */

static void validate_segment(const json *obj, const char *key, const char *why_required, const char *path,
			     struct field_errors *e)
{
	if (!text_of(obj, key))
		child_required(e, path, key, why_required);
	validate_name(obj, key, invalid_path_segment, path, e);
}

static void validate_reference(const json *ref, const char *path, struct field_errors *e)
{
	validate_segment(ref, "kind", NULL, path, e);
	validate_segment(ref, "name", NULL, path, e);
}

static void validate_target(const json *target, const char *path, struct field_errors *e)
{
	static const char *const amounts[] = { "value", "averageValue" };
	const char *type = json_str_or(json_get(target, "type"), "");
	const json *percent = json_get(target, "averageUtilization");

	if (!*type)
		child_required(e, path, "type", "must specify a metric target type");
	if (!one_of(type, "Utilization,Value,AverageValue"))
		child_invalid_str(e, path, "type", type, "must be either Utilization, Value, or AverageValue");
	for (size_t i = 0; i < ARRAY_SIZE(amounts); i++)
		if (json_get(target, amounts[i]) && quantity_sign(json_get(target, amounts[i])) <= 0)
			child_invalid(e, path, amounts[i], json_get(target, amounts[i]), "must be positive");
	if (percent && json_int(percent, 0) < 1)
		child_invalid(e, path, "averageUtilization", percent, "must be greater than 0");
}

/* A metric's source and the two ways to say how much of it is wanted. */
struct source {
	const json *obj;
	const char *path, *target;
	struct field_errors *e;
};

static void validate_metric_and_target(const struct source *s)
{
	PATH(metric, "%s.metric", s->path);

	validate_segment(json_get(s->obj, "metric"), "name", "must specify a metric name", metric, s->e);
	validate_target(json_get(s->obj, "target"), s->target, s->e);
}

static bool wants(const struct source *s, const char *member)
{
	return json_get(s->obj, "target", member);
}

static void validate_object(const struct source *s)
{
	PATH(described, "%s.describedObject", s->path);

	validate_reference(json_get(s->obj, "describedObject"), described, s->e);
	validate_metric_and_target(s);
	if (!wants(s, "value") && !wants(s, "averageValue"))
		child_required(s->e, s->target, "averageValue", "must set either a target value or averageValue");
}

static void validate_external(const struct source *s)
{
	validate_metric_and_target(s);
	if (!wants(s, "value") && !wants(s, "averageValue"))
		child_required(s->e, s->target, "averageValue",
			       "must set either a target value for metric or a per-pod target");
	if (wants(s, "value") && wants(s, "averageValue"))
		child_forbidden(s->e, s->target, "value",
				"may not set both a target value for metric and a per-pod target");
}

static void validate_pods(const struct source *s)
{
	validate_metric_and_target(s);
	if (!wants(s, "averageValue"))
		child_required(s->e, s->target, "averageValue", "must specify a positive target averageValue");
}

static void validate_used(const struct source *s)
{
	validate_target(json_get(s->obj, "target"), s->target, s->e);
	if (!wants(s, "averageUtilization") && !wants(s, "averageValue"))
		child_required(s->e, s->target, "averageUtilization",
			       "must set either a target raw value or a target utilization");
	if (wants(s, "averageUtilization") && wants(s, "averageValue"))
		child_forbidden(s->e, s->target, "averageValue",
				"may not set both a target raw value and a target utilization");
}

static void validate_resource(const struct source *s)
{
	if (!text_of(s->obj, "name"))
		child_required(s->e, s->path, "name", "must specify a resource name");
	validate_used(s);
}

static void validate_container_resource(const struct source *s)
{
	const char *name = text_of(s->obj, "name");
	PATH(name_path, "%s.name", s->path);

	if (name)
		validate_container_resource_name(name, name_path, s->e);
	else
		field_required(s->e, name_path, "must specify a resource name");
	if (!text_of(s->obj, "container"))
		child_required(s->e, s->path, "container", "must specify a container");
	validate_name(s->obj, "container", invalid_dns1123_label, s->path, s->e);
	validate_used(s);
}

#define METRIC_TYPES "ContainerResource,External,Object,Pods,Resource"

/* In the order in which Kubernetes looks for them: the first one is checked, the others are too many. */
static const struct source_type {
	const char *type, *member;
	void (*check)(const struct source *s);
} source_types[] = {
	{ "Object", "object", validate_object },
	{ "External", "external", validate_external },
	{ "Pods", "pods", validate_pods },
	{ "Resource", "resource", validate_resource },
	{ "ContainerResource", "containerResource", validate_container_resource },
};

static void validate_metric(const json *metric, const char *path, struct field_errors *e)
{
	const char *type = json_str_or(json_get(metric, "type"), "");
	bool known = one_of(type, METRIC_TYPES);
	int n = 0;

	if (!*type)
		child_required(e, path, "type", "must specify a metric source type");
	if (!known)
		child_not_supported(e, path, "type", type, METRIC_TYPES);
	for (size_t i = 0; i < ARRAY_SIZE(source_types); i++) {
		const struct source_type *t = &source_types[i];
		PATH(p, "%s.%s", path, t->member);
		PATH(target, "%s.target", p);
		const struct source s = { json_get(metric, t->member), p, target, e };

		if (s.obj && !n++)
			t->check(&s);
	}
	for (size_t i = 0; i < ARRAY_SIZE(source_types); i++)
		if (streq(type, source_types[i].type) && !json_get(metric, source_types[i].member))
			child_required(e, path, source_types[i].member,
				       "must populate information for the given metric source");
	if (!known)
		child_not_supported(e, path, "type", type, METRIC_TYPES);
	for (size_t i = 0; i < ARRAY_SIZE(source_types); i++)
		if (n != 1 && json_get(metric, source_types[i].member) && !streq(type, source_types[i].type))
			child_forbidden(e, path, source_types[i].member, "must populate the given metric source only");
}

static void validate_metrics(const json *spec, struct field_errors *e)
{
	const json *min = json_get(spec, "minReplicas");
	bool outside = false;
	int i = 0;

	json_each(m, json_get(spec, "metrics")) {
		PATH(p, "spec.metrics[%d]", i++);

		validate_metric(m, p, e);
		outside = outside || one_of(json_str_or(json_get(m, "type"), ""), "Object,External");
	}
	/* Pods that are not there measure nothing. */
	if (min && !json_int(min, 0) && !outside)
		field_forbidden(e, "spec.metrics",
				"must specify at least one Object or External metric to support scaling to zero replicas");
}

/* --- the behavior ---------------------------------------------------------------------- */

#define WINDOW_MAX 3600
#define PERIOD_MAX 1800

static void validate_policy(const json *policy, const char *path, struct field_errors *e)
{
	const char *type = json_str_or(json_get(policy, "type"), "");
	int64_t period = json_int(json_get(policy, "periodSeconds"), 0);

	if (!one_of(type, "Percent,Pods"))
		child_not_supported(e, path, "type", type, "Percent,Pods");
	validate_positive(policy, "value", path, e);
	validate_positive(policy, "periodSeconds", path, e);
	if (period > PERIOD_MAX)
		child_invalid_int(e, path, "periodSeconds", period, "must be less than or equal to 1800");
}

static void validate_rules(const json *rules, const char *path, struct field_errors *e)
{
	int64_t window = json_int(json_get(rules, "stabilizationWindowSeconds"), 0);
	const json *tolerance = json_get(rules, "tolerance");
	int i = 0;

	if (!rules)
		return;
	if (window < 0)
		child_invalid_int(e, path, "stabilizationWindowSeconds", window, "must be greater than or equal to zero");
	if (window > WINDOW_MAX)
		child_invalid_int(e, path, "stabilizationWindowSeconds", window, "must be less than or equal to 3600");
	validate_known(rules, "selectPolicy", "Disabled,Max,Min", path, e);
	if (!json_len(json_get(rules, "policies")))
		child_required(e, path, "policies", "must specify at least one Policy");
	json_each(p, json_get(rules, "policies")) {
		PATH(base, "%s.policies[%d]", path, i++);

		validate_policy(p, base, e);
	}
	if (tolerance && quantity_sign(tolerance) < 0)
		child_invalid(e, path, "tolerance", tolerance, MSG_NEGATIVE);
}

/* --- the whole ---------------------------------------------------------------------------- */

static void validate_spec(const json *spec, int64_t least, struct field_errors *e)
{
	const json *min = json_get(spec, "minReplicas");
	int64_t max = json_int(json_get(spec, "maxReplicas"), 0);

	if (min && json_int(min, 0) < least) {
		PATH(why, "must be greater than or equal to %lld", (long long)least);

		field_invalid(e, "spec.minReplicas", min, why);
	}
	if (!max)
		field_required(e, "spec.maxReplicas", "must be set and greater than 0");
	else if (max < 0)
		field_invalid_int(e, "spec.maxReplicas", max, "must be greater than 0");
	if (min && max < json_int(min, 0))
		field_invalid_int(e, "spec.maxReplicas", max, "must be greater than or equal to `minReplicas`");
	validate_reference(json_get(spec, "scaleTargetRef"), "spec.scaleTargetRef", e);
	validate_metrics(spec, e);
	validate_rules(json_get(spec, "behavior", "scaleUp"), "spec.behavior.scaleUp", e);
	validate_rules(json_get(spec, "behavior", "scaleDown"), "spec.behavior.scaleDown", e);
}

static void validate_autoscaler(const json *obj, struct field_errors *e)
{
	validate_spec(json_get(obj, "spec"), 1, e);
}

/* Where nothing is scaled to zero, it may stay what it is. */
static void validate_autoscaler_update(const json *new, const json *old, struct field_errors *e)
{
	validate_spec(json_get(new, "spec"), json_int(json_get(old, "spec", "minReplicas"), 1) ? 1 : 0, e);
}

static void validate_status(const json *new, const json *old, struct field_errors *e)
{
	validate_not_negatives(json_get(new, "status"), "currentReplicas,desiredReplicas", "status", e);
}

/* --- its row -------------------------------------------------------------------------------- */

static const char *amount_or(const json *amount, const char *dflt)
{
	return json_str_or(amount, dflt);
}

/* Of a metric that is compared as a number; measured may be NULL. */
static char *value_text(const json *source, const json *measured)
{
	const json *average = json_get(source, "target", "averageValue");
	const char *member = average ? "averageValue" : "value", *now = "<unknown>";

	if (measured)
		now = amount_or(json_get(measured, "current", member), average ? "<unknown>" : "0");
	return xasprintf("%s/%s%s", now, amount_or(json_get(source, "target", member), "0"), average ? " (avg)" : "");
}

static char *pods_text(const json *source, const json *measured)
{
	const char *now = measured ? amount_or(json_get(measured, "current", "averageValue"), "0") : "<unknown>";

	return xasprintf("%s/%s", now, amount_or(json_get(source, "target", "averageValue"), "0"));
}

static char *percent_text(const json *percent, const char *dflt)
{
	return percent ? xasprintf("%lld%%", (long long)json_int(percent, 0)) : xstrdup(dflt);
}

static char *resource_text(const json *source, const json *measured)
{
	const char *name = json_str_or(json_get(source, "name"), "");
	_cleanup_free_ char *now = NULL, *target = NULL, *text = NULL;

	if (json_get(source, "target", "averageValue")) {
		text = pods_text(source, measured);
	} else {
		now = percent_text(json_get(measured, "current", "averageUtilization"), "<unknown>");
		target = percent_text(json_get(source, "target", "averageUtilization"), "<auto>");
		text = xasprintf("%s/%s", now, target);
	}
	return xasprintf("%s: %s", name, text);
}

static char *metric_text(const json *metric, const json *measured)
{
	const char *type = json_str_or(json_get(metric, "type"), "");

	for (size_t i = 0; i < ARRAY_SIZE(source_types); i++) {
		const char *member = source_types[i].member;
		const json *source = json_get(metric, member), *now = json_get(measured, member);

		if (!streq(type, source_types[i].type))
			continue;
		if (one_of(type, "Object,External"))
			return value_text(source, now);
		return streq(type, "Pods") ? pods_text(source, now) : resource_text(source, now);
	}
	return xstrdup("<unknown type>");
}

#define METRICS_SHOWN 2

static char *targets_text(const json *obj)
{
	const json *metrics = json_get(obj, "spec", "metrics"), *current = json_get(obj, "status", "currentMetrics");
	const json *now = current ? current->child : NULL;
	struct buf b = {0};
	int n = 0;

	json_each(m, metrics) {
		_cleanup_free_ char *text = metric_text(m, now);

		if (n++ < METRICS_SHOWN)
			buf_printf(&b, "%s%s", n > 1 ? ", " : "", text);
		now = now ? now->next : NULL;
	}
	if (n > METRICS_SHOWN)
		buf_printf(&b, " + %d more...", n - METRICS_SHOWN);
	if (!n)
		buf_puts(&b, "<none>");
	return buf_steal(&b);
}

static void autoscaler_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *spec = json_get(obj, "spec"), *ref = json_get(spec, "scaleTargetRef"), *min = json_get(spec, "minReplicas");

	cell_name(cells, obj);
	cell_take(cells, xasprintf("%s/%s", json_str_or(json_get(ref, "kind"), ""), json_str_or(json_get(ref, "name"), "")));
	cell_take(cells, targets_text(obj));
	cell_take(cells, min ? xasprintf("%lld", (long long)json_int(min, 0)) : xstrdup("<unset>"));
	cell_int(cells, json_int(json_get(spec, "maxReplicas"), 0));
	cell_int(cells, status_int(obj, "currentReplicas"));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_horizontalpodautoscaler = {
	.defaults = default_autoscaler,
	.validate = validate_autoscaler,
	.validate_update = validate_autoscaler_update,
	.order = UPDATE_ALONE,
	.validate_status = validate_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Reference", "string", "What it scales."),
		COLUMN("Targets", "string", "What is measured, of what is wanted."),
		COLUMN("MinPods", "string", "The fewest pods there may be."),
		COLUMN("MaxPods", "string", "The most pods there may be."),
		COLUMN("Replicas", "string", "Pods there are."),
		COLUMN_AGE),
	.cells = autoscaler_cells,
};
