// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_policy.c - what bounds others: PodDisruptionBudget, LimitRange, ResourceQuota, PriorityClass */
#include "test_kinds.h"

#define NEGATIVE "must be greater than or equal to 0"
#define OBJ(spec) "{" META_NS ",'spec':{" spec "}}"
#define STATUS(status) "{" META_NS ",'status':{" status "}}"

static void budgets(void **state)
{
	static const struct verdict v[] = {
		{ OBJ("'minAvailable':'50%','selector':{'matchLabels':{'a':'b'}},'unhealthyPodEvictionPolicy':'AlwaysAllow'"), "" },
		{ OBJ("'minAvailable':1,'maxUnavailable':'1%'"),
		  "spec: Invalid value: {\"MinAvailable\":1,\"Selector\":null,\"MaxUnavailable\":\"1%\",\"UnhealthyPodEvictionPolicy\":"
		  "null}: minAvailable and maxUnavailable cannot be both set" },
		{ OBJ("'minAvailable':-1,'unhealthyPodEvictionPolicy':'Odd','selector':{'matchExpressions':[{'key':'a','operator':'In'}]}"),
		  "[spec.minAvailable: Invalid value: -1: " NEGATIVE ", spec.selector.matchExpressions[0].values: Required value: must be "
		  "specified when `operator` is 'In' or 'NotIn', spec.unhealthyPodEvictionPolicy: Unsupported value: \"Odd\": supported "
		  "values: \"AlwaysAllow\", \"IfHealthyBudget\"]" },
		{ OBJ("'maxUnavailable':'101%'"), "spec.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%" },
	};
	static const struct step steps[] = {
		{ OBJ("'minAvailable':1"), OBJ("'maxUnavailable':1,'selector':{}"), "" },
	};
#define COND(more) "{'type':'A','status':'True','lastTransitionTime':'2026-01-01T00:00:00Z','reason':'R'" more "}"
	static const struct step statuses[] = {
		{ STATUS(""), STATUS("'conditions':[" COND("") "],'disruptionsAllowed':1"), "" },
		{ STATUS(""), STATUS("'conditions':[" COND("") ",{'type':'A','status':'Odd','reason':'-'}],'disruptionsAllowed':-1,"
				     "'expectedPods':-1"),
		  "[status.conditions[1].type: Duplicate value: \"A\", status.conditions[1].status: Unsupported value: \"Odd\": supported "
		  "values: \"False\", \"True\", \"Unknown\", status.conditions[1].lastTransitionTime: Required value, "
		  "status.conditions[1].reason: Invalid value: \"-\": a condition reason must start with alphabetic character, optionally "
		  "followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. "
		  "'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is "
		  "'[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'), status.disruptionsAllowed: Invalid value: -1: " NEGATIVE ", "
		  "status.expectedPods: Invalid value: -1: " NEGATIVE "]" },
	};

	CREATES(poddisruptionbudgets, v);
	UPDATES(poddisruptionbudgets, steps);
	STATUSES(poddisruptionbudgets, statuses);
	is_row(&kind_poddisruptionbudgets, "{" META_NS ",'spec':{'maxUnavailable':'25%'},'status':{'disruptionsAllowed':2}}",
	       "x|N/A|25%|2|60s");
	is_row(&kind_poddisruptionbudgets, OBJ("'minAvailable':1"), "x|1|N/A|0|60s");
}

#define LIMITS(items) OBJ("'limits':[" items "]")
#define AT "spec.limits[0]"

static void limit_ranges(void **state)
{
	static const struct verdict v[] = {
		{ LIMITS("{'type':'Container','max':{'cpu':'2'},'min':{'cpu':'100m'},'default':{'cpu':'1'},'defaultRequest':{'cpu':'200m'},"
			 "'maxLimitRequestRatio':{'cpu':'5'}}"), "" },
		{ LIMITS("{'type':'example.com/Thing','max':{'example.com/x':'2'}}"), "" },
		{ LIMITS("{'type':'Odd'},{'type':'Pod'},{'type':'Pod'}"),
		  "[" AT ".type: Invalid value: \"Odd\": must be a standard limit type or fully qualified, spec.limits[2].type: Duplicate "
		  "value: \"Pod\"]" },
		{ LIMITS("{'type':'Pod','max':{'storage':'1'},'default':{'cpu':'1'},'defaultRequest':{'cpu':'1'}}"),
		  "[" AT ".max[storage]: Invalid value: \"storage\": must be a standard resource for containers, " AT ".default: "
		  "Forbidden: may not be specified when `type` is 'Pod', " AT ".defaultRequest: Forbidden: may not be specified when "
		  "`type` is 'Pod']" },
		{ LIMITS("{'type':'PersistentVolumeClaim'}"),
		  AT ".limits: Required value: either minimum or maximum storage value is required, but neither was provided" },
		{ LIMITS("{'type':'PersistentVolumeClaim','min':{'storage':'1Gi'}}"), "" },
		{ LIMITS("{'type':'Container','max':{'cpu':'1'},'min':{'cpu':'2'}}"),
		  "[" AT ".min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1, " AT ".defaultRequest[cpu]: Invalid "
		  "value: \"1\": min value 2 is greater than default request value 1, " AT ".default[cpu]: Invalid value: \"2\": min value "
		  "2 is greater than default value 1]" },
		{ LIMITS("{'type':'Container','max':{'cpu':'1'},'default':{'cpu':'2'},'defaultRequest':{'cpu':'3'}}"),
		  "[" AT ".defaultRequest[cpu]: Invalid value: \"3\": default request value 3 is greater than max value 1, "
		  AT ".defaultRequest[cpu]: Invalid value: \"3\": default request value 3 is greater than default limit value 2, "
		  AT ".default[cpu]: Invalid value: \"1\": default value 2 is greater than max value 1]" },
		{ LIMITS("{'type':'Pod','max':{'cpu':'3'},'min':{'cpu':'2'},'maxLimitRequestRatio':{'cpu':'2','memory':'0.5'}}"),
		  "[" AT ".maxLimitRequestRatio[cpu]: Invalid value: \"2\": ratio 2 is greater than max/min = 1.500000, "
		  AT ".maxLimitRequestRatio[memory]: Invalid value: \"500m\": ratio 500m is less than 1]" },
		{ LIMITS("{'type':'Container','default':{'example.com/gpu':'2'},'defaultRequest':{'example.com/gpu':'1'}}"),
		  AT ".defaultRequest[example.com/gpu]: Invalid value: \"1\": default value 2 must equal to defaultRequest value 1 in "
		  "example.com/gpu" },
	};
	static const struct change d[] = {
		{ "{'spec':{'limits':[{'type':'Container','max':{'cpu':'2'},'min':{'cpu':'1','memory':'1Mi'}},{'type':'Pod','max':{'cpu':'2'}}]}}",
		  "{'spec':{'limits':[{'type':'Container','max':{'cpu':'2'},'min':{'cpu':'1','memory':'1Mi'},'default':{'cpu':'2'},"
		  "'defaultRequest':{'cpu':'2','memory':'1Mi'}},{'type':'Pod','max':{'cpu':'2'}}]}}" },
	};

	CREATES(limitranges, v);
	DEFAULTS(limitranges, d);
	is_row(&kind_limitranges, LIMITS(""), "x|2025-12-31T23:59:00Z");
}

#define QUOTA(spec) OBJ(spec)

static void quotas(void **state)
{
	static const char affinity[] = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
		"ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
		"ResourceQuotaScopeCrossNamespacePodAffinity";
	_cleanup_free_ char *operator_said = xasprintf("[spec.scopeSelector.matchExpressions.scopeName: Invalid value: \"Odd\": "
		"unsupported scope, spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` "
		"is 'In' or 'NotIn' for scope selector, spec.scopeSelector.matchExpressions.operator: Invalid value: \"In\": %s, "
		"spec.scopeSelector.matchExpressions.operator: Invalid value: \"Odd\": not a valid selector operator, "
		"spec.scopeSelector.matchExpressions.values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or "
		"'DoesNotExist' for scope selector]", affinity);
	const struct verdict v[] = {
		{ QUOTA("'hard':{'pods':'10','requests.cpu':'1','count/jobs.batch':'5','requests.example.com/gpu':'1','limits.memory':'1Gi',"
			"'requests.hugepages-2Mi':'4Mi'}"), "" },
		{ QUOTA("'hard':{'odd':'1','pods':'1.5','services':'-1'}"),
		  "[spec.hard[odd]: Invalid value: \"odd\": must be a standard resource type or fully qualified, spec.hard[odd]: Invalid "
		  "value: \"odd\": must be a standard resource for quota, spec.hard[pods]: Invalid value: \"1500m\": must be an integer, "
		  "spec.hard[services]: Invalid value: \"-1\": " NEGATIVE "]" },
		{ QUOTA("'hard':{'pods':'1','services':'1'},'scopes':['BestEffort','NotBestEffort','Odd']"),
		  "[spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\",\"Odd\"]: unsupported scope applied to resource, "
		  "spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\",\"Odd\"]: unsupported scope, spec.scopes: Invalid value: "
		  "[\"BestEffort\",\"NotBestEffort\",\"Odd\"]: conflicting scopes]" },
		{ QUOTA("'scopeSelector':{'matchExpressions':[{'scopeName':'Odd','operator':'In'},{'scopeName':'BestEffort','operator':'In',"
			"'values':['a']},{'scopeName':'PriorityClass','operator':'Odd'},{'scopeName':'Terminating','operator':'Exists',"
			"'values':['a']}]}"), operator_said },
		{ QUOTA("'hard':{'cpu':'1'},'scopeSelector':{'matchExpressions':[{'scopeName':'BestEffort','operator':'Exists'}]}"),
		  "spec.scopeSelector.matchExpressions: Invalid value: {\"MatchExpressions\":[{\"ScopeName\":\"BestEffort\",\"Operator\":"
		  "\"Exists\",\"Values\":null}]}: unsupported scope applied to resource" },
	};
	static const struct step steps[] = {
		{ QUOTA("'hard':{'pods':'1'},'scopes':['BestEffort']"), QUOTA("'hard':{'pods':'2'},'scopes':['BestEffort']"), "" },
		{ QUOTA("'hard':{'pods':'1'},'scopes':['BestEffort']"), QUOTA("'hard':{'pods':'1'},'scopes':['Terminating']"),
		  "spec.scopes: Invalid value: [\"Terminating\"]: field is immutable" },
	};
	static const struct step statuses[] = {
		{ STATUS(""), STATUS("'hard':{'pods':'1'},'used':{'pods':'0.5'}"), "status.used[pods]: Invalid value: \"500m\": must be an integer" },
	};

	creates(&kind_resourcequotas, v, ARRAY_SIZE(v));
	UPDATES(resourcequotas, steps);
	STATUSES(resourcequotas, statuses);
	is_row(&kind_resourcequotas, STATUS("'hard':{'pods':'5','limits.cpu':'2','cpu':'1'},'used':{'pods':'3','limits.cpu':'1'}"),
	       "x|cpu: 0/1, pods: 3/5|limits.cpu: 1/2|60s");
}

#define CLASS(name, more) "{'metadata':{'name':'" name "','creationTimestamp':'2025-12-31T23:59:00Z'}" more "}"

static void priority_classes(void **state)
{
	static const char reserved[] = "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use "
		"only. error: ";
	_cleanup_free_ char *unknown = xasprintf("%ssystem-x is not a known system priority class", reserved);
	_cleanup_free_ char *value = xasprintf("%svalue of system-node-critical PriorityClass must be 2000001000", reserved);
	_cleanup_free_ char *dflt = xasprintf("%sglobalDefault of system-node-critical PriorityClass must be false", reserved);
	const struct verdict v[] = {
		{ CLASS("x", ",'value':1000000000"), "" },
		{ CLASS("x", ",'value':-5,'preemptionPolicy':'Never','globalDefault':true"), "" },
		{ CLASS("x", ",'value':1000000001,'preemptionPolicy':'Odd'"),
		  "[value: Forbidden: maximum allowed value of a user defined priority is 1000000000, preemptionPolicy: Unsupported value: "
		  "\"Odd\": supported values: \"PreemptLowerPriority\", \"Never\"]" },
		{ CLASS("system-cluster-critical", ",'value':2000000000"), "" },
		{ CLASS("system-node-critical", ",'value':5"), value },
		{ CLASS("system-node-critical", ",'value':2000001000,'globalDefault':true"), dflt },
		{ CLASS("system-x", ",'value':5"), unknown },
	};
	static const struct step steps[] = {
		{ CLASS("x", ",'value':5"), CLASS("x", ",'value':5,'globalDefault':true,'description':'d'"), "" },
		{ CLASS("x", ",'value':5"), CLASS("x", ",'value':6,'preemptionPolicy':'Never'"),
		  "[Value: Forbidden: may not be changed in an update., preemptionPolicy: Invalid value: \"Never\": field is immutable]" },
	};
	_cleanup_field_errors_ struct field_errors e = {0};
	_cleanup_json_ json *made_one = made(&kind_priorityclasses, CLASS("x", ",'value':5"), &e);

	creates(&kind_priorityclasses, v, ARRAY_SIZE(v));
	UPDATES(priorityclasses, steps);
	assert_int_equal(json_int(json_get(made_one, "metadata", "generation"), 0), 1);
	assert_string_equal(json_str(json_get(made_one, "preemptionPolicy")), "PreemptLowerPriority");
	is_row(&kind_priorityclasses, CLASS("x", ",'value':5,'preemptionPolicy':'Never'"), "x|5|false|60s|Never");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(budgets),
		cmocka_unit_test(limit_ranges),
		cmocka_unit_test(quotas),
		cmocka_unit_test(priority_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
