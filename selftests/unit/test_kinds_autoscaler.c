// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_autoscaler.c - HorizontalPodAutoscaler: v2, and v1 which says less */
#include "test_kinds.h"

#define REF "'scaleTargetRef':{'kind':'Deployment','name':'d'}"
#define HPA(spec) "{" META_NS ",'spec':{" REF ",'maxReplicas':5" spec "}}"
#define METRIC(m) HPA(",'metrics':[" m "]")
#define AT "spec.metrics[0]"
#define TYPES "\"ContainerResource\", \"External\", \"Object\", \"Pods\", \"Resource\""

static void autoscalers(void **state)
{
	static const struct verdict v[] = {
		{ HPA(""), "" },
		{ "{" META_NS ",'spec':{'scaleTargetRef':{'kind':'a/b'},'minReplicas':0}}",
		  "[spec.minReplicas: Invalid value: 0: must be greater than or equal to 1, spec.maxReplicas: Required value: must be "
		  "set and greater than 0, spec.scaleTargetRef.kind: Invalid value: \"a/b\": may not contain '/', "
		  "spec.scaleTargetRef.name: Required value, spec.metrics: Forbidden: must specify at least one Object or External "
		  "metric to support scaling to zero replicas]" },
		{ "{" META_NS ",'spec':{" REF ",'maxReplicas':-1,'minReplicas':2}}",
		  "[spec.maxReplicas: Invalid value: -1: must be greater than 0, spec.maxReplicas: Invalid value: -1: must be greater "
		  "than or equal to `minReplicas`]" },
		{ METRIC("{}"), "[" AT ".type: Required value: must specify a metric source type, " AT ".type: Unsupported value: \"\": "
		  "supported values: " TYPES "]" },
		{ METRIC("{'type':'Pods'}"), AT ".pods: Required value: must populate information for the given metric source" },
		{ METRIC("{'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':0}},"
			 "'pods':{'metric':{'name':'p'},'target':{'type':'AverageValue','averageValue':'1'}}}"),
		  AT ".pods: Forbidden: must populate the given metric source only" },
		{ METRIC("{'type':'Resource','resource':{'target':{'type':'Odd','averageUtilization':0,'averageValue':'0'}}}"),
		  "[" AT ".resource.name: Required value: must specify a resource name, " AT ".resource.target.type: Invalid value: "
		  "\"Odd\": must be either Utilization, Value, or AverageValue, " AT ".resource.target.averageValue: Invalid value: "
		  "\"0\": must be positive, " AT ".resource.target.averageUtilization: Invalid value: 0: must be greater than 0, "
		  AT ".resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization]" },
		{ METRIC("{'type':'ContainerResource','containerResource':{'name':'gpu','container':'C','target':{'type':'Utilization'}}}"),
		  "[" AT ".containerResource.name: Invalid value: \"gpu\": must be a standard resource type or fully qualified, "
		  AT ".containerResource.name: Invalid value: \"gpu\": must be a standard resource for containers, "
		  AT ".containerResource.container: Invalid value: \"C\": " LABEL_WHY ", "
		  AT ".containerResource.target.averageUtilization: Required value: must set either a target raw value or a target "
		  "utilization]" },
		{ METRIC("{'type':'Object','object':{'describedObject':{'kind':'K','name':'n'},'metric':{},'target':{'type':'Value'}}}"),
		  "[" AT ".object.metric.name: Required value: must specify a metric name, " AT ".object.target.averageValue: Required "
		  "value: must set either a target value or averageValue]" },
		{ METRIC("{'type':'External','external':{'metric':{'name':'m'},'target':{'type':'Value','value':'1','averageValue':'1'}}}"),
		  AT ".external.target.value: Forbidden: may not set both a target value for metric and a per-pod target" },
		{ METRIC("{'type':'Pods','pods':{'metric':{'name':'m'},'target':{'type':'AverageValue'}}}"),
		  AT ".pods.target.averageValue: Required value: must specify a positive target averageValue" },
		{ HPA(",'behavior':{'scaleUp':{'stabilizationWindowSeconds':3601,'selectPolicy':'Odd','policies':[{'type':'Odd','value':0,"
		      "'periodSeconds':1801}],'tolerance':'-1'},'scaleDown':{'stabilizationWindowSeconds':-1}}"),
		  "[spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600, "
		  "spec.behavior.scaleUp.selectPolicy: Unsupported value: \"Odd\": supported values: \"Disabled\", \"Max\", \"Min\", "
		  "spec.behavior.scaleUp.policies[0].type: Unsupported value: \"Odd\": supported values: \"Percent\", \"Pods\", "
		  "spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero, "
		  "spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800, "
		  "spec.behavior.scaleUp.tolerance: Invalid value: \"-1\": must be greater than or equal to 0, "
		  "spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero]" },
	};
	static const struct step statuses[] = {
		{ "{" META_NS ",'spec':{" REF "}}", "{" META_NS ",'spec':{" REF "},'status':{'currentReplicas':-1,'desiredReplicas':-1}}",
		  "[status.currentReplicas: Invalid value: -1: must be greater than or equal to 0, status.desiredReplicas: Invalid value: "
		  "-1: must be greater than or equal to 0]" },
	};

	CREATES(horizontalpodautoscalers, v);
	STATUSES(horizontalpodautoscalers, statuses);
}

#define CPU(percent) "{'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':" percent "}}}"

static void autoscaler_defaults(void **state)
{
	static const struct change v[] = {
		{ "{'spec':{'maxReplicas':5}}", "{'spec':{'maxReplicas':5,'minReplicas':1,'metrics':[" CPU("80") "]}}" },
		{ "{'spec':{'maxReplicas':5,'minReplicas':2,'metrics':[" CPU("50") "],'behavior':{'scaleUp':{'policies':[{'type':'Pods','value':1,'periodSeconds':5}]}}}}",
		  "{'spec':{'maxReplicas':5,'minReplicas':2,'metrics':[" CPU("50") "],'behavior':{'scaleUp':{'policies':[{'type':'Pods','value':1,'periodSeconds':5}],"
		  "'stabilizationWindowSeconds':0,'selectPolicy':'Max'},'scaleDown':{'selectPolicy':'Max','policies':[{'type':'Percent',"
		  "'value':100,'periodSeconds':15}]}}}}" },
	};

	DEFAULTS(horizontalpodautoscalers, v);
}

/* What Kubernetes 1.20 writes for the same object. */
#define ANNOTATIONS "\"autoscaling.alpha.kubernetes.io/metrics\":\"[{\\\"type\\\":\\\"Object\\\",\\\"object\\\":{\\\"target\\\":"	\
	"{\\\"kind\\\":\\\"K\\\",\\\"name\\\":\\\"n\\\"},\\\"metricName\\\":\\\"m\\\",\\\"targetValue\\\":\\\"0\\\",\\\"selector\\\":"	\
	"{\\\"matchLabels\\\":{\\\"a\\\":\\\"b\\\"}},\\\"averageValue\\\":\\\"5\\\"}},{\\\"type\\\":\\\"Pods\\\",\\\"pods\\\":"		\
	"{\\\"metricName\\\":\\\"p\\\",\\\"targetAverageValue\\\":\\\"1k\\\"}},{\\\"type\\\":\\\"External\\\",\\\"external\\\":"	\
	"{\\\"metricName\\\":\\\"e\\\",\\\"targetValue\\\":\\\"2\\\"}},{\\\"type\\\":\\\"Resource\\\",\\\"resource\\\":"		\
	"{\\\"name\\\":\\\"memory\\\",\\\"targetAverageValue\\\":\\\"1Gi\\\"}}]\","							\
	"\"autoscaling.alpha.kubernetes.io/current-metrics\":\"[{\\\"type\\\":\\\"Resource\\\",\\\"resource\\\":{\\\"name\\\":"	\
	"\\\"cpu\\\",\\\"currentAverageUtilization\\\":40,\\\"currentAverageValue\\\":\\\"100m\\\"}}]\","				\
	"\"autoscaling.alpha.kubernetes.io/behavior\":\"{\\\"ScaleUp\\\":{\\\"StabilizationWindowSeconds\\\":0,\\\"SelectPolicy\\\":"	\
	"\\\"Min\\\",\\\"Policies\\\":[{\\\"Type\\\":\\\"Pods\\\",\\\"Value\\\":4,\\\"PeriodSeconds\\\":15}],\\\"Tolerance\\\":null},"	\
	"\\\"ScaleDown\\\":null}\","													\
	"\"autoscaling.alpha.kubernetes.io/conditions\":\"[{\\\"type\\\":\\\"AbleToScale\\\",\\\"status\\\":\\\"True\\\"}]\""
#define V1 "{\"apiVersion\":\"autoscaling/v1\",\"kind\":\"HorizontalPodAutoscaler\",\"metadata\":{\"annotations\":{" ANNOTATIONS "}},"	\
	"\"spec\":{\"maxReplicas\":5,\"targetCPUUtilizationPercentage\":50},\"status\":{\"currentCPUUtilizationPercentage\":40}}"
#define V2 "{'apiVersion':'autoscaling/v2','kind':'HorizontalPodAutoscaler','metadata':{},'spec':{'maxReplicas':5,'metrics':["		\
	"{'type':'Object','object':{'describedObject':{'kind':'K','name':'n'},'metric':{'name':'m','selector':{'matchLabels':"	\
	"{'a':'b'}}},'target':{'type':'AverageValue','averageValue':'5'}}},"							\
	"{'type':'Pods','pods':{'metric':{'name':'p'},'target':{'type':'AverageValue','averageValue':'1k'}}},"			\
	"{'type':'External','external':{'metric':{'name':'e'},'target':{'type':'Value','value':'2'}}},"				\
	"{'type':'Resource','resource':{'name':'memory','target':{'type':'AverageValue','averageValue':'1Gi'}}},"			\
	CPU("50") "],'behavior':{'scaleUp':{'stabilizationWindowSeconds':0,'selectPolicy':'Min','policies':[{'type':'Pods',"	\
	"'value':4,'periodSeconds':15}]}}},'status':{'currentMetrics':[{'type':'Resource','resource':{'name':'cpu','current':"	\
	"{'averageUtilization':40,'averageValue':'100m'}}}],'conditions':[{'type':'AbleToScale','status':'True'}]}}"

static void v1(void **state)
{
	_cleanup_json_ json *obj = json_build("%s", V1), *want = json_build("%s", V1);

	kind_to_storage(&kind_horizontalpodautoscalers_v1, obj);
	is_json(obj, "v1", V2);
	kind_from_storage(&kind_horizontalpodautoscalers_v1, obj);
	if (!json_equal(obj, want)) {
		_cleanup_free_ char *text = json_print(obj);

		fail_msg("got %s", text);
	}
}

/* What cannot be read is as if it were not there; what was there before says nothing. */
static void v1_of_old(void **state)
{
	_cleanup_json_ json *bad = json_build("{\"metadata\":{\"annotations\":{\"a\":\"b\",\"autoscaling.alpha.kubernetes.io/metrics\":"
		"\"[\",\"autoscaling.alpha.kubernetes.io/behavior\":\"{}\"}},\"spec\":{\"maxReplicas\":1}}");
	_cleanup_json_ json *cpu = json_build("{\"metadata\":{},\"spec\":{},\"status\":{\"currentCPUUtilizationPercentage\":7}}");

	kind_to_storage(&kind_horizontalpodautoscalers_v1, bad);
	is_json(bad, "annotations", "{'apiVersion':'autoscaling/v2','kind':'HorizontalPodAutoscaler','metadata':{'annotations':"
		"{'a':'b'}},'spec':{'maxReplicas':1}}");
	kind_to_storage(&kind_horizontalpodautoscalers_v1, cpu);
	is_json(json_get(cpu, "status"), "cpu", "{'currentMetrics':[{'type':'Resource','resource':{'name':'cpu','current':"
		"{'averageUtilization':7}}}]}");
}

#define ROW(metrics, current) "{" META_NS ",'spec':{" REF ",'minReplicas':1,'maxReplicas':5,'metrics':[" metrics "]},'status':"	\
	"{'currentReplicas':2,'currentMetrics':[" current "]}}"

static void rows(void **state)
{
	is_row(&kind_horizontalpodautoscalers, ROW(CPU("50"), ""), "x|Deployment/d|cpu: <unknown>/50%|1|5|2|60s");
	is_row(&kind_horizontalpodautoscalers, "{" META_NS ",'spec':{" REF ",'maxReplicas':5}}", "x|Deployment/d|<none>|<unset>|5|0|60s");
	is_row(&kind_horizontalpodautoscalers, ROW("{'type':'Pods','pods':{'target':{'averageValue':'10'}}},"
	       "{'type':'External','external':{'target':{'averageValue':'5'}}},{'type':'Object','object':{'target':{'value':'7'}}}",
	       "{'type':'Pods','pods':{'current':{'averageValue':'3'}}},{'type':'External','external':{'current':{}}}"),
	       "x|Deployment/d|3/10, <unknown>/5 (avg) + 1 more...|1|5|2|60s");
	is_row(&kind_horizontalpodautoscalers, ROW("{'type':'Resource','resource':{'name':'memory','target':{'averageValue':'1Gi'}}},"
	       "{'type':'ContainerResource','containerResource':{'name':'cpu','target':{}}}",
	       "{'type':'Resource','resource':{'name':'memory','current':{'averageValue':'512Mi'}}},{'type':'ContainerResource',"
	       "'containerResource':{'name':'cpu','current':{'averageUtilization':9}}}"),
	       "x|Deployment/d|memory: 512Mi/1Gi, cpu: 9%/<auto>|1|5|2|60s");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(autoscalers),
		cmocka_unit_test(autoscaler_defaults),
		cmocka_unit_test(v1),
		cmocka_unit_test(v1_of_old),
		cmocka_unit_test(rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
