// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_admission.c - webhook configurations, admission policies and their bindings */
#include "test_kinds.h"

#define HOOKS(h) "{" META ",'webhooks':[" h "]}"
#define GOOD "'name':'a.b.c','sideEffects':'None','admissionReviewVersions':['v1'],'clientConfig':{'url':'https://h/p'}"
#define BUT(more) HOOKS("{" GOOD "," more "}")
#define RULE(r) BUT("'rules':[" r "]")
#define DNS1035_WHY "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "	\
	"and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
#define FORM "; desired format: https://host[/path]"

static void webhooks(void **state)
{
	static const struct verdict v[] = {
		{ HOOKS("{" GOOD "}"), "" },
		{ "{" META "}", "" },
		{ HOOKS("{'name':'a.b','clientConfig':{},'admissionReviewVersions':['v2','v2','V3'],'sideEffects':'Some','timeoutSeconds':31,"
			"'failurePolicy':'Odd','matchPolicy':'Odd'}"),
		  "[webhooks[0].name: Invalid value: \"a.b\": should be a domain with at least three segments separated by dots, "
		  "webhooks[0].failurePolicy: Unsupported value: \"Odd\": supported values: \"Fail\", \"Ignore\", webhooks[0].matchPolicy: "
		  "Unsupported value: \"Odd\": supported values: \"Equivalent\", \"Exact\", webhooks[0].sideEffects: Unsupported value: \"Some\": "
		  "supported values: \"None\", \"NoneOnDryRun\", webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between "
		  "1 and 30 seconds, webhooks[0].clientConfig: Required value: exactly one of url or service is required, "
		  "webhooks[0].admissionReviewVersions[1]: Invalid value: \"v2\": duplicate version, webhooks[0].admissionReviewVersions[2]: "
		  "Invalid value: \"V3\": " DNS1035_WHY ", webhooks[0].admissionReviewVersions: Invalid value: [\"v2\",\"v2\",\"V3\"]: must include "
		  "at least one of v1, v1beta1]" },
		{ HOOKS("{'name':'','clientConfig':{'url':'https://h'}}"),
		  "[webhooks[0].name: Required value, webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun, "
		  "webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1]" },
		{ HOOKS("{" GOOD "},{" GOOD "}"), "webhooks[1].name: Duplicate value: \"a.b.c\"" },
		{ RULE("{'operations':['*'],'apiGroups':[''],'apiVersions':['*'],'resources':['pods','pods/status']}"), "" },
		{ RULE("{}"), "[webhooks[0].rules[0].operations: Required value, webhooks[0].rules[0].apiGroups: Required value, "
		  "webhooks[0].rules[0].apiVersions: Required value, webhooks[0].rules[0].resources: Required value]" },
		{ RULE("{'operations':['*','Odd'],'apiGroups':['*','a'],'apiVersions':['*',''],'resources':['*','pods',''],'scope':'Odd'}"),
		  "[webhooks[0].rules[0].operations: Invalid value: [\"*\",\"Odd\"]: if '*' is present, must not specify other operations, "
		  "webhooks[0].rules[0].operations[1]: Unsupported value: \"Odd\": supported values: \"*\", \"CONNECT\", \"CREATE\", \"DELETE\", "
		  "\"UPDATE\", webhooks[0].rules[0].apiGroups: Invalid value: [\"*\",\"a\"]: if '*' is present, must not specify other API groups, "
		  "webhooks[0].rules[0].apiVersions: Invalid value: [\"*\",\"\"]: if '*' is present, must not specify other API versions, "
		  "webhooks[0].rules[0].apiVersions[1]: Required value, webhooks[0].rules[0].resources[2]: Required value, "
		  "webhooks[0].rules[0].resources: Invalid value: [\"*\",\"pods\",\"\"]: if '*' is present, must not specify other resources "
		  "without subresources, webhooks[0].rules[0].scope: Unsupported value: \"Odd\": supported values: \"*\", \"Cluster\", "
		  "\"Namespaced\"]" },
		{ RULE("{'operations':['*'],'apiGroups':[''],'apiVersions':['*'],'resources':['pods/*','*/scale','pods/status','a/scale','*/*']}"),
		  "[webhooks[0].rules[0].resources[2]: Invalid value: \"pods/status\": if 'pods/*' is present, must not specify pods/status, "
		  "webhooks[0].rules[0].resources[3]: Invalid value: \"a/scale\": if '*/scale' is present, must not specify a/scale, "
		  "webhooks[0].rules[0].resources: Invalid value: [\"pods/*\",\"*/scale\",\"pods/status\",\"a/scale\",\"*/*\"]: if '*/*' is "
		  "present, must not specify other resources]" },
		{ BUT("'matchConditions':[{'name':'a','expression':'true'},{'name':'a','expression':' '},{'name':'','expression':'x'}]"),
		  "[webhooks[0].matchConditions[1].expression: Required value, webhooks[0].matchConditions[1].name: Duplicate value: \"a\", "
		  "webhooks[0].matchConditions[2].name: Required value]" },
	};

	CREATES(validatingwebhookconfigurations, v);
	CREATES(mutatingwebhookconfigurations, v);
}

#define CALL(c) HOOKS("{'name':'a.b.c','sideEffects':'None','admissionReviewVersions':['v1'],'clientConfig':{" c "}}")

static void where_to_call(void **state)
{
	static const struct verdict v[] = {
		{ CALL("'url':'http://u:p@h/x?q#f'"),
		  "[webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme" FORM ", webhooks[0].clientConfig.url: "
		  "Invalid value: \"u:p\": user information is not permitted in the URL, webhooks[0].clientConfig.url: Invalid value: \"f\": "
		  "fragments are not permitted in the URL, webhooks[0].clientConfig.url: Invalid value: \"q\": query parameters are not permitted "
		  "in the URL]" },
		{ CALL("'url':'h'"), "[webhooks[0].clientConfig.url: Invalid value: \"\": 'https' is the only allowed URL scheme" FORM ", "
		  "webhooks[0].clientConfig.url: Invalid value: \"\": host must be specified" FORM "]" },
		{ CALL("'service':{'name':'s','namespace':'d','path':'/a/b/'}"), "" },
		{ CALL("'service':{'name':'','namespace':'','path':'a','port':65536}"),
		  "[webhooks[0].clientConfig.service.name: Required value, webhooks[0].clientConfig.service.namespace: Required value, "
		  "webhooks[0].clientConfig.service.port: Invalid value: 65536: port is not valid: must be between 1 and 65535, inclusive, "
		  "webhooks[0].clientConfig.service.path: Invalid value: \"a\": must start with a '/', webhooks[0].clientConfig.service.path: "
		  "Invalid value: \"a\": segment[0] may not be empty]" },
		{ CALL("'service':{'name':'s','namespace':'d','path':'/A//b'}"),
		  "[webhooks[0].clientConfig.service.path: Invalid value: \"/A//b\": segment[0]: " SUBDOMAIN_WHY ", "
		  "webhooks[0].clientConfig.service.path: Invalid value: \"/A//b\": segment[1] may not be empty]" },
	};

	CREATES(validatingwebhookconfigurations, v);
}

static void webhooks_change(void **state)
{
	_cleanup_json_ json *old = obj_of(&kind_validatingwebhookconfigurations,
					  HOOKS("{'name':'a.b.c','sideEffects':'Some','admissionReviewVersions':['v9'],'clientConfig':{'url':'https://h'}},"
						"{'name':'a.b.c','sideEffects':'Some','admissionReviewVersions':['v9'],'clientConfig':{'url':'https://h'}}"));
	_cleanup_field_errors_ struct field_errors made_again = { 0 }, same = { 0 };

	/* what an older server took may stay */
	default_object(&kind_validatingwebhookconfigurations, old);
	validate_update(&kind_validatingwebhookconfigurations, old, old, &same);
	is_said(&same, "update", NULL);
	validate_create(&kind_validatingwebhookconfigurations, old, &made_again);
	assert_int_equal(made_again.n, 5);
}

static void webhook_defaults(void **state)
{
	static const struct change v[] = {
		{ "{'webhooks':[{'name':'n','rules':[{'operations':['*']}],'clientConfig':{'service':{'name':'s','namespace':'d'}}}]}",
		  "{'webhooks':[{'name':'n','rules':[{'operations':['*'],'scope':'*'}],'clientConfig':{'service':{'name':'s','namespace':'d','port':443}},"
		  "'failurePolicy':'Fail','matchPolicy':'Equivalent','namespaceSelector':{},'objectSelector':{},'timeoutSeconds':10,"
		  "'reinvocationPolicy':'Never'}]}" },
	};

	DEFAULTS(mutatingwebhookconfigurations, v);
	is_row(&kind_mutatingwebhookconfigurations, "{" META ",'webhooks':[{},{}]}", "x|2|60s");
}

#define POLICY(more) "{" META ",'spec':{'matchConstraints':{'resourceRules':[{'operations':['*'],'apiGroups':[''],'apiVersions':['v1'],"	\
	"'resources':['pods']}]}," more "}}"

static void policies(void **state)
{
	static const struct verdict v[] = {
		{ POLICY("'validations':[{'expression':'true'}]"), "" },
		{ POLICY("'auditAnnotations':[{'key':'k','valueExpression':'x'}]"), "" },
		{ "{" META ",'spec':{}}", "[spec.matchConstraints: Required value, spec.validations: Required value: validations or auditAnnotations "
		  "must contain at least one item, spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one "
		  "item]" },
		{ "{" META ",'spec':{'failurePolicy':'Odd','matchConstraints':{'matchPolicy':'Odd'},'validations':[{'expression':' ','message':' ',"
		  "'messageExpression':' ','reason':'Odd'},{'expression':'x','message':'a\\nb'}]}}",
		  "[spec.failurePolicy: Unsupported value: \"Odd\": supported values: \"Fail\", \"Ignore\", spec.matchConstraints.matchPolicy: Unsupported "
		  "value: \"Odd\": supported values: \"Equivalent\", \"Exact\", spec.matchConstraints.resourceRules: Required value, "
		  "spec.validations[0].expression: Required value: expression is not specified, spec.validations[0].messageExpression: Invalid value: "
		  "\" \": must be non-empty if specified, spec.validations[0].message: Invalid value: \" \": message must be non-empty if specified, "
		  "spec.validations[0].reason: Unsupported value: \"Odd\": supported values: \"Forbidden\", \"Invalid\", \"RequestEntityTooLarge\", "
		  "spec.validations[1].message: Invalid value: \"a\\nb\": message must not contain line breaks]" },
		{ POLICY("'validations':[{'expression':'true'}],'paramKind':{'apiVersion':'a/b/c','kind':'0K'},'variables':[{'name':'in','expression':''},"
			 "{'name':' ','expression':'x'}]"),
		  "[spec.paramKind.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: a/b/c, spec.paramKind.kind: Invalid value: "
		  "\"0K\": may have mixed case, but should otherwise match: " DNS1035_WHY ", spec.variables[0].name: Invalid value: \"in\": name is not "
		  "a valid CEL identifier, spec.variables[0].expression: Required value: expression is not specified, spec.variables[1].name: Required "
		  "value: name is not specified]" },
		{ POLICY("'auditAnnotations':[{'key':'a b','valueExpression':''},{'key':'a b','valueExpression':'x'}]"),
		  "[spec.auditAnnotations[0].key: Invalid value: \"x/a b\": " NAME_PART_WHY ", spec.auditAnnotations[0].valueExpression: Required value: "
		  "valueExpression is not specified, spec.auditAnnotations[1].key: Invalid value: \"x/a b\": " NAME_PART_WHY ", "
		  "spec.auditAnnotations[1].key: Duplicate value: \"a b\"]" },
	};
	static const struct verdict m[] = {
		{ POLICY("'reinvocationPolicy':'Never','mutations':[{'patchType':'JSONPatch','jsonPatch':{'expression':'x'}}]"), "" },
		{ POLICY("'reinvocationPolicy':'Odd'"), "[spec.mutations: Required value: mutations must contain at least one item, "
		  "spec.reinvocationPolicy: Unsupported value: \"Odd\": supported values: \"IfNeeded\", \"Never\"]" },
		{ POLICY("'reinvocationPolicy':'Never','mutations':[{'patchType':'ApplyConfiguration','jsonPatch':{'expression':'x'}},{'patchType':''},"
			 "{'patchType':'Odd'}]"),
		  "[spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration, "
		  "spec.mutations[0].jsonPatch: Invalid value: {\"expression\":\"x\"}: must not be specified when patchType is ApplyConfiguration, "
		  "spec.mutations[1].patchType: Required value, spec.mutations[2].patchType: Unsupported value: \"Odd\": supported values: "
		  "\"ApplyConfiguration\", \"JSONPatch\"]" },
	};
	static const struct step status[] = {
		{ POLICY("'validations':[{'expression':'true'}]"), "{" META ",'spec':{'validations':[{'expression':'true'}]},'status':{'typeChecking':"
		  "{'expressionWarnings':[{'fieldRef':' ','warning':''}]},'conditions':[{'type':'a b','status':'Odd','reason':'1'}]}}",
		  "[status.typeChecking.expressionWarnings[0].warning: Required value, status.typeChecking.expressionWarnings[0].fieldRef: Required "
		  "value, status.conditions[0].type: Invalid value: \"a b\": " NAME_PART_WHY ", status.conditions[0].status: Unsupported value: \"Odd\": "
		  "supported values: \"False\", \"True\", \"Unknown\", status.conditions[0].lastTransitionTime: Required value, "
		  "status.conditions[0].reason: Invalid value: \"1\": a condition reason must start with alphabetic character, optionally followed by a "
		  "string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or "
		  "'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')]" },
	};
	static const struct change d[] = {
		{ "{'spec':{'matchConstraints':{'resourceRules':[{'operations':['*']}]}}}",
		  "{'spec':{'failurePolicy':'Fail','matchConstraints':{'matchPolicy':'Equivalent','namespaceSelector':{},'objectSelector':{},"
		  "'resourceRules':[{'operations':['*'],'scope':'*'}]}}}" },
	};

	CREATES(validatingadmissionpolicies, v);
	CREATES(mutatingadmissionpolicies, m);
	STATUSES(validatingadmissionpolicies, status);
	DEFAULTS(validatingadmissionpolicies, d);
	is_row(&kind_validatingadmissionpolicies, "{" META ",'spec':{'validations':[{}],'paramKind':{'apiVersion':'v1','kind':'ConfigMap'}}}",
	       "x|1|v1/ConfigMap|60s");
	is_row(&kind_mutatingadmissionpolicies, "{" META ",'spec':{'mutations':[{},{}]}}", "x|2|<unset>|60s");
}

#define BIND(spec) "{" META ",'spec':{" spec "}}"

static void policy_bindings(void **state)
{
	static const struct verdict v[] = {
		{ BIND("'policyName':'p','validationActions':['Deny','Audit'],'paramRef':{'name':'n','parameterNotFoundAction':'Deny'}"), "" },
		{ BIND(""), "[spec.policyName: Required value, spec.validationActions: Required value: at least one validation action is required]" },
		{ BIND("'policyName':'A','validationActions':['Deny','Warn','Warn','Odd'],'paramRef':{'name':'a/b','selector':{}}"),
		  "[spec.policyName: Invalid value: \"A\": " SUBDOMAIN_WHY ", spec.paramRef.name: Invalid value: \"a/b\": may not contain '/', "
		  "spec.paramRef.name: Forbidden: name and selector are mutually exclusive, spec.paramRef.selector: Forbidden: name and selector are "
		  "mutually exclusive, spec.paramRef.parameterNotFoundAction: Required value, spec.validationActions[2]: Duplicate value: \"Warn\", "
		  "spec.validationActions[3]: Unsupported value: \"Odd\": supported values: \"Audit\", \"Deny\", \"Warn\", spec.validationActions: "
		  "Invalid value: [\"Deny\",\"Warn\",\"Warn\",\"Odd\"]: must not contain both Deny and Warn (repeating the same validation failure "
		  "information in the API response and headers serves no purpose)]" },
		{ BIND("'policyName':'p','validationActions':['Deny'],'paramRef':{'parameterNotFoundAction':'Odd'},'matchResources':{'resourceRules':"
		       "[{'resourceNames':['a','a'],'operations':['*'],'apiGroups':[''],'apiVersions':['v1'],'resources':['pods']}]}"),
		  "[spec.paramRef: Required value: one of name or selector must be specified, spec.paramRef.parameterNotFoundAction: Unsupported value: "
		  "\"Odd\": supported values: \"Deny\", \"Allow\", spec.matchResources.resourceRules[0].resourceNames[1]: Duplicate value: \"a\"]" },
	};
	static const struct verdict m[] = { { BIND("'policyName':'p'"), "" } };

	CREATES(validatingadmissionpolicybindings, v);
	CREATES(mutatingadmissionpolicybindings, m);
	is_row(&kind_validatingadmissionpolicybindings, BIND("'policyName':'p','paramRef':{'name':'n','namespace':'d'}"), "x|p|d/n|60s");
	is_row(&kind_validatingadmissionpolicybindings, BIND("'policyName':'p','paramRef':{'name':'n'}"), "x|p|*/n|60s");
	is_row(&kind_mutatingadmissionpolicybindings, BIND("'policyName':'p','paramRef':{'selector':{'matchLabels':{'a':'b'}}}"),
	       "x|p|&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{},}|60s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(webhooks),
		cmocka_unit_test(where_to_call),
		cmocka_unit_test(webhooks_change),
		cmocka_unit_test(webhook_defaults),
		cmocka_unit_test(policies),
		cmocka_unit_test(policy_bindings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
