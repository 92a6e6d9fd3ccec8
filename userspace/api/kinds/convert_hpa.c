// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * convert_hpa.c - HorizontalPodAutoscaler of autoscaling/v1, stored as v2
 *
 * v1 knows one metric, CPU utilisation. The others, the behavior, the conditions
 * and all that was measured travel in annotations, named and written as in
 * Kubernetes, so that a v1 client that writes back what it read loses nothing:
 * metrics in the form that v1 has for them, the behavior as Kubernetes' own
 * type, whose members begin with a capital letter.
 */
#include <strings.h>

#include "api/kinds/rules.h"
#include "api/meta/validate_values.h"
#include "api/schema/quantity.h"
#include "api/schema/strlist.h"

#define METRICS "autoscaling.alpha.kubernetes.io/metrics"
#define BEHAVIOR "autoscaling.alpha.kubernetes.io/behavior"
#define CONDITIONS "autoscaling.alpha.kubernetes.io/conditions"
#define CURRENT_METRICS "autoscaling.alpha.kubernetes.io/current-metrics"

/* --- metrics ------------------------------------------------------------------------ */

/*
 * Where v1 has what v2 has. "+Value" is targetValue of a metric that is wanted and
 * currentValue of one that was measured, "^.value" is target.value and
 * current.value. ZERO: v1 has a number even if there is none; MEASURED: then only.
 */
enum absent { NOTHING, ZERO, MEASURED };
static const struct move {
	const char *type, *v1, *v2;
	enum absent absent;
} moves[] = {
	{ "object", "target", "describedObject", NOTHING },
	{ "object", "metricName", "metric.name", NOTHING },
	{ "object", "+Value", "^.value", ZERO },
	{ "object", "selector", "metric.selector", NOTHING },
	{ "object", "averageValue", "^.averageValue", NOTHING },
	{ "pods", "metricName", "metric.name", NOTHING },
	{ "pods", "+AverageValue", "^.averageValue", ZERO },
	{ "pods", "selector", "metric.selector", NOTHING },
	{ "resource", "name", "name", NOTHING },
	{ "resource", "+AverageUtilization", "^.averageUtilization", NOTHING },
	{ "resource", "+AverageValue", "^.averageValue", MEASURED },
	{ "containerResource", "name", "name", NOTHING },
	{ "containerResource", "+AverageUtilization", "^.averageUtilization", NOTHING },
	{ "containerResource", "+AverageValue", "^.averageValue", MEASURED },
	{ "containerResource", "container", "container", NOTHING },
	{ "external", "metricName", "metric.name", NOTHING },
	{ "external", "metricSelector", "metric.selector", NOTHING },
	{ "external", "+Value", "^.value", MEASURED },
	{ "external", "+AverageValue", "^.averageValue", NOTHING },
};

static char *v1_key(const struct move *m, bool measured)
{
	return *m->v1 == '+' ? xasprintf("%s%s", measured ? "current" : "target", m->v1 + 1) : xstrdup(m->v1);
}

/* The object that has a value in v2, and the value's key there, as "^.value" says it. */
static json *v2_holder(json *source, const struct move *m, bool measured, bool make, const char **ret_key)
{
	const char *dot = strchr(m->v2, '.');
	_cleanup_free_ char *first = NULL;

	*ret_key = dot ? dot + 1 : m->v2;
	if (!dot)
		return source;
	first = *m->v2 == '^' ? xstrdup(measured ? "current" : "target") : xstrndup(m->v2, dot - m->v2);
	return make ? json_obj(source, first) : json_get(source, first);
}

static json *metric_to_v1(const json *metric, bool measured)
{
	json *out = json_new_object();

	json_set_str(out, "type", json_str_or(json_get(metric, "type"), ""));
	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		const struct move *m = &moves[i];
		json *source = json_get(metric, m->type);
		_cleanup_free_ char *key = v1_key(m, measured);
		const json *holder, *v;
		const char *v2_key;

		if (!source)
			continue;
		holder = v2_holder(source, m, measured, false, &v2_key);
		v = json_get(holder, v2_key);
		if (v)
			json_set(json_obj(out, m->type), key, json_clone(v));
		else if (m->absent == ZERO || (m->absent == MEASURED && measured))
			json_set_str(json_obj(out, m->type), key, "0");
	}
	return out;
}

/* v1 does not say what is to be compared: it shows in what is given. */
static void set_target_type(json *metric)
{
	static const char *const types[] = { "object", "pods", "resource", "containerResource", "external" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		json *target = json_get(metric, types[i]) ? json_obj(metric, types[i], "target") : NULL;
		bool average = json_get(target, "averageValue");

		if (!target)
			continue;
		/* That there is no value v1 says with a zero. */
		if (average && json_get(target, "value") && !quantity_sign(json_get(target, "value")))
			json_del(target, "value");
		json_set_str(target, "type", json_get(target, "averageUtilization") ? "Utilization" :
			     json_get(target, "value") && (i == 4 || !average) ? "Value" : "AverageValue");
	}
}

static json *metric_to_v2(const json *metric, bool measured)
{
	json *out = json_new_object();

	json_set_str(out, "type", json_str_or(json_get(metric, "type"), ""));
	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		const struct move *m = &moves[i];
		_cleanup_free_ char *key = v1_key(m, measured);
		const json *v = json_get(metric, m->type, key);
		const char *v2_key;
		json *holder;

		if (!v)
			continue;
		holder = v2_holder(json_obj(out, m->type), m, measured, true, &v2_key);
		json_set(holder, v2_key, json_clone(v));
	}
	if (!measured)
		set_target_type(out);
	return out;
}

static bool is_cpu_utilisation(const json *metric, const char *member)
{
	return streq(json_str(json_get(metric, "type")), "Resource") &&
	       streq(json_str(json_get(metric, "resource", "name")), "cpu") &&
	       json_is_int(json_get(metric, "resource", member, "averageUtilization"));
}

/* --- the behavior --------------------------------------------------------------------- */

/* The member of that name, whatever its letters' case: so Go reads. */
static const json *member(const json *obj, const char *name)
{
	json_each(it, json_is_object(obj) ? obj : NULL)
		if (!strcasecmp(json_key(it), name))
			return cJSON_IsNull(it) ? NULL : it;
	return NULL;
}

/* The members named, separated by commas, with or without a capital letter in front; null where Go prints null. */
static json *members(const json *obj, const char *names, bool capital)
{
	_cleanup_strlist_ struct strlist l = {0};
	json *out = json_new_object();

	strlist_split(&l, names, ',');
	for (size_t i = 0; i < l.n; i++) {
		const json *v = member(obj, l.items[i]);

		if (capital)
			l.items[i][0] -= 'a' - 'A';
		if (v || capital)
			json_set(out, l.items[i], v ? json_clone(v) : json_new_null());
	}
	return out;
}

static json *rules_as(const json *rules, bool capital)
{
	json *out = members(rules, "stabilizationWindowSeconds,selectPolicy,policies,tolerance", capital);
	const json *list = member(rules, "policies");
	json *policies = json_new_array();

	json_each(p, list)
		json_append(policies, members(p, "type,value,periodSeconds", capital));
	if (list)
		json_set(out, capital ? "Policies" : "policies", policies);
	else
		json_freep(&policies);
	return out;
}

static json *behavior_as(const json *behavior, bool capital)
{
	static const char *const parts[] = { "scaleUp", "scaleDown" };
	json *out = members(behavior, "scaleUp,scaleDown", capital);

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const json *rules = member(behavior, parts[i]);

		if (rules)
			json_set(out, !capital ? parts[i] : i ? "ScaleDown" : "ScaleUp", rules_as(rules, capital));
	}
	return out;
}

/* --- annotations ------------------------------------------------------------------------ */

/* A JSON text in an annotation, taken away from there; NULL if there is none that can be read. */
static json *take_annotation(json *obj, const char *key)
{
	_cleanup_json_ json *text = json_take(json_get(obj, "metadata", "annotations"), key);
	json *value = NULL;

	if (!json_is_string(text) || json_parse(text->valuestring, strlen(text->valuestring), &value, NULL))
		return NULL;
	return value;
}

/* Takes value. */
static void put_annotation(json *obj, const char *key, json *value)
{
	_cleanup_json_ json *v = value;
	_cleanup_free_ char *text = NULL;

	if (!json_len(v))
		return;
	text = json_print(v);
	json_set_str(json_obj(obj, "metadata", "annotations"), key, text);
}

static void drop_annotations(json *obj)
{
	static const char *const keys[] = { METRICS, BEHAVIOR, CONDITIONS, CURRENT_METRICS };
	json *annotations = json_get(obj, "metadata", "annotations");

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		json_del(annotations, keys[i]);
	if (annotations && !json_len(annotations))
		json_del(json_get(obj, "metadata"), "annotations");
}

/* --- to v2 --------------------------------------------------------------------------------- */

static void metrics_to_storage(json *obj)
{
	_cleanup_json_ json *target = json_take(json_get(obj, "spec"), "targetCPUUtilizationPercentage");
	_cleanup_json_ json *others = take_annotation(obj, METRICS);
	json *metrics = json_new_array();

	json_each(m, json_is_array(others) ? others : NULL)
		json_append(metrics, metric_to_v2(m, false));
	if (json_is_int(target))
		json_append(metrics, json_build("{\"type\":\"Resource\",\"resource\":{\"name\":\"cpu\",\"target\":"
						"{\"type\":\"Utilization\",\"averageUtilization\":%lld}}}",
						(long long)json_int(target, 0)));
	if (json_len(metrics))
		json_set(json_obj(obj, "spec"), "metrics", metrics);
	else
		json_freep(&metrics);
}

/* What was measured stands in the annotation, CPU too: the number beside it says less. */
static void measured_to_storage(json *obj)
{
	_cleanup_json_ json *current = json_take(json_get(obj, "status"), "currentCPUUtilizationPercentage");
	_cleanup_json_ json *all = take_annotation(obj, CURRENT_METRICS);
	json *metrics;

	if (!json_is_array(all) && !json_is_int(current))
		return;
	metrics = json_set(json_obj(obj, "status"), "currentMetrics", json_new_array());
	json_each(m, json_is_array(all) ? all : NULL)
		json_append(metrics, metric_to_v2(m, true));
	if (!json_is_array(all))
		json_append(metrics, json_build("{\"type\":\"Resource\",\"resource\":{\"name\":\"cpu\",\"current\":"
						"{\"averageUtilization\":%lld}}}", (long long)json_int(current, 0)));
}

static void to_storage(json *obj)
{
	_cleanup_json_ json *behavior = take_annotation(obj, BEHAVIOR);
	json *conditions = take_annotation(obj, CONDITIONS);

	metrics_to_storage(obj);
	measured_to_storage(obj);
	if (member(behavior, "scaleUp") || member(behavior, "scaleDown"))
		json_set(json_obj(obj, "spec"), "behavior", behavior_as(behavior, false));
	if (json_is_array(conditions))
		json_set(json_obj(obj, "status"), "conditions", conditions);
	else
		json_freep(&conditions);
	drop_annotations(obj);
}

/* --- from v2 -------------------------------------------------------------------------------- */

/* Sets obj.member to the first CPU utilisation of a list. */
static void show_cpu(json *obj, const char *name, const json *list, const char *member_name)
{
	json_each(m, list)
		if (is_cpu_utilisation(m, member_name)) {
			json_set_int(obj, name, json_int(json_get(m, "resource", member_name, "averageUtilization"), 0));
			return;
		}
}

static void from_storage(json *obj)
{
	json *spec = json_get(obj, "spec"), *status = json_get(obj, "status");
	_cleanup_json_ json *metrics = json_take(spec, "metrics"), *behavior = json_take(spec, "behavior");
	_cleanup_json_ json *current = json_take(status, "currentMetrics");
	json *conditions = json_take(status, "conditions"), *others = json_new_array(), *all = json_new_array();

	drop_annotations(obj);
	show_cpu(spec, "targetCPUUtilizationPercentage", metrics, "target");
	show_cpu(status, "currentCPUUtilizationPercentage", current, "current");
	json_each(m, metrics)
		if (!is_cpu_utilisation(m, "target"))
			json_append(others, metric_to_v1(m, false));
	json_each(m, current)
		json_append(all, metric_to_v1(m, true));
	put_annotation(obj, METRICS, others);
	put_annotation(obj, CURRENT_METRICS, all);
	put_annotation(obj, BEHAVIOR, behavior ? behavior_as(behavior, true) : NULL);
	put_annotation(obj, CONDITIONS, conditions);
}

const struct kind_convert kind_convert_hpa_v1 = { .to_storage = to_storage, .from_storage = from_storage };
