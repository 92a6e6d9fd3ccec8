// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * convert_hpa.c - HorizontalPodAutoscaler of autoscaling/v1, stored as v2
 *
 * v1 knows one metric, CPU utilisation. The others, the behavior and the
 * conditions travel in annotations, under the names that Kubernetes uses, so
 * that a v1 client that writes back what it read loses nothing.
 */
#include "api/kinds/rules.h"

#define METRICS "autoscaling.alpha.kubernetes.io/metrics"
#define BEHAVIOR "autoscaling.alpha.kubernetes.io/behavior"
#define CONDITIONS "autoscaling.alpha.kubernetes.io/conditions"
#define CURRENT_METRICS "autoscaling.alpha.kubernetes.io/current-metrics"

static bool is_cpu_utilisation(const json *metric)
{
	return streq(json_str(json_get(metric, "type")), "Resource") &&
	       streq(json_str(json_get(metric, "resource", "name")), "cpu");
}

/* A JSON text in an annotation, taken away from there; NULL if there is none that can be read. */
static json *take_annotation(json *obj, const char *key)
{
	_cleanup_json_ json *text = json_take(json_get(obj, "metadata", "annotations"), key);
	json *value = NULL;

	if (!json_is_string(text) || json_parse(text->valuestring, strlen(text->valuestring), &value, NULL))
		return NULL;
	return value;
}

static void put_annotation(json *obj, const char *key, const json *value)
{
	_cleanup_free_ char *text = NULL;

	if (!json_len(value))
		return;
	text = json_print(value);
	json_set_str(json_obj(obj, "metadata", "annotations"), key, text);
}

static void drop_empty_annotations(json *obj)
{
	if (json_get(obj, "metadata", "annotations") && !json_len(json_get(obj, "metadata", "annotations")))
		json_del(json_get(obj, "metadata"), "annotations");
}

static void to_storage(json *obj)
{
	json *spec = json_get(obj, "spec"), *status = json_get(obj, "status"), *metrics, *part;
	_cleanup_json_ json *target = json_take(spec, "targetCPUUtilizationPercentage");
	_cleanup_json_ json *current = json_take(status, "currentCPUUtilizationPercentage");

	metrics = take_annotation(obj, METRICS);
	if (!json_is_array(metrics)) {
		json_freep(&metrics);
		metrics = json_new_array();
	}
	if (json_is_int(target)) {
		part = json_build("{\"type\":\"Resource\",\"resource\":{\"name\":\"cpu\",\"target\":"
				  "{\"type\":\"Utilization\",\"averageUtilization\":%lld}}}", (long long)json_int(target, 0));
		cJSON_InsertItemInArray(metrics, 0, part);
	}
	if (json_len(metrics))
		json_set(json_obj(obj, "spec"), "metrics", metrics);
	else
		json_freep(&metrics);
	part = take_annotation(obj, BEHAVIOR);
	if (part)
		json_set(json_obj(obj, "spec"), "behavior", part);
	part = take_annotation(obj, CONDITIONS);
	if (part)
		json_set(json_obj(obj, "status"), "conditions", part);
	part = take_annotation(obj, CURRENT_METRICS);
	if (part)
		json_set(json_obj(obj, "status"), "currentMetrics", part);
	if (json_is_int(current)) {
		json *list = json_get(obj, "status", "currentMetrics");

		if (!json_is_array(list))
			list = json_set(json_obj(obj, "status"), "currentMetrics", json_new_array());
		part = json_build("{\"type\":\"Resource\",\"resource\":{\"name\":\"cpu\",\"current\":"
				  "{\"averageUtilization\":%lld,\"averageValue\":\"0\"}}}", (long long)json_int(current, 0));
		cJSON_InsertItemInArray(list, 0, part);
	}
	drop_empty_annotations(obj);
}

/* Takes the first CPU utilisation out of a list and gives its number; false if there is none. */
static bool take_cpu(json *list, const char *member, int64_t *ret)
{
	json_each(m, list) {
		const json *value = json_get(m, "resource", member, "averageUtilization");

		if (is_cpu_utilisation(m) && json_is_int(value)) {
			*ret = json_int(value, 0);
			cJSON_Delete(cJSON_DetachItemViaPointer(list, m));
			return true;
		}
	}
	return false;
}

static void from_storage(json *obj)
{
	json *spec = json_get(obj, "spec"), *status = json_get(obj, "status");
	_cleanup_json_ json *metrics = json_take(spec, "metrics"), *behavior = json_take(spec, "behavior");
	_cleanup_json_ json *conditions = json_take(status, "conditions"), *current = json_take(status, "currentMetrics");
	int64_t percent;

	if (take_cpu(metrics, "target", &percent))
		json_set_int(spec, "targetCPUUtilizationPercentage", percent);
	if (take_cpu(current, "current", &percent))
		json_set_int(status, "currentCPUUtilizationPercentage", percent);
	put_annotation(obj, METRICS, metrics);
	put_annotation(obj, BEHAVIOR, behavior);
	put_annotation(obj, CONDITIONS, conditions);
	put_annotation(obj, CURRENT_METRICS, current);
}

const struct kind_convert kind_convert_hpa_v1 = { .to_storage = to_storage, .from_storage = from_storage };
