// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_extensions.c - APIService, FlowSchema, PriorityLevelConfiguration */
#include "test_kinds.h"

#define API(name, spec) "{'metadata':{'name':'" name "','creationTimestamp':'2025-12-31T23:59:00Z'},'spec':{" spec "}}"
#define PRIORITY "'groupPriorityMinimum':100,'versionPriority':10"

static void apiservices(void **state)
{
	static const struct verdict v[] = {
		{ API("v1.", "'version':'v1'," PRIORITY), "" },
		{ API("v1.e.example", "'group':'e.example','version':'v1'," PRIORITY ",'insecureSkipTLSVerify':true,'service':{'name':'s','namespace':'n'}"), "" },
		{ API("other", "'group':'E','version':'2','groupPriorityMinimum':20001"),
		  "[metadata.name: Invalid value: \"other\": must be `spec.version+\".\"+spec.group`: \"2.E\", "
		  "spec.group: Invalid value: \"E\": " SUBDOMAIN_WHY ", "
		  "spec.version: Invalid value: \"2\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
		  "start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
		  "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?'), "
		  "spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000, "
		  "spec.versionPriority: Invalid value: 0: must be positive and less than 1000]" },
		{ API("v2.", "'version':'v2'," PRIORITY), "spec.group: Required value: only v1 may have an empty group and it better be legacy kube" },
		{ API("v1.", "'version':'v1','caBundle':'AAAA','insecureSkipTLSVerify':true," PRIORITY),
		  "[spec.caBundle: Invalid value: \"3 bytes\": local APIServices may not have a caBundle, "
		  "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify]" },
		{ API("v1.e.example", "'group':'e.example','version':'v1'," PRIORITY ",'insecureSkipTLSVerify':true,'caBundle':'AAAA','service':{'port':70000}"),
		  "[spec.service.namespace: Required value, spec.service.name: Required value, "
		  "spec.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive, "
		  "spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present]" },
	};
	static const struct step s[] = {
		{ "{'metadata':{'name':'v1.'}}", "{'metadata':{'name':'v1.'},'status':{'conditions':[{'type':'Available','status':'Maybe'}]}}",
		  "status.conditions[0].status: Unsupported value: \"Maybe\": supported values: \"True\", \"False\", \"Unknown\"" },
	};
	static const struct change d[] = {
		{ "{'spec':{'service':{'name':'s'}}}", "{'spec':{'service':{'name':'s','port':443}}}" },
	};
	_cleanup_field_errors_ struct field_errors e = { 0 };
	_cleanup_json_ json *local = made(&kind_apiservices, API("v1.", "'version':'v1'"), &e);
	const json *c = find_condition(local, "Available");

	CREATES(apiservices, v);
	STATUSES(apiservices, s);
	DEFAULTS(apiservices, d);
	assert_string_equal(json_str(json_get(c, "reason")), "Local");
	assert_string_equal(json_str(json_get(c, "lastTransitionTime")), "2025-12-31T23:59:00Z");
	is_row(&kind_apiservices, API("v1.", ""), "v1.|Local|Unknown|60s");
	is_row(&kind_apiservices, "{'metadata':{'name':'v1.e'},'spec':{'service':{'name':'s','namespace':'n'}},"
	       "'status':{'conditions':[{'type':'Available','status':'False','reason':'MissingEndpoints'}]}}",
	       "v1.e|n/s|False (MissingEndpoints)|<unknown>");
}

#define FLOW(name, spec) "{'metadata':{'name':'" name "','creationTimestamp':'2025-12-31T23:59:00Z'},'spec':{" spec "}}"
#define LEVEL "'priorityLevelConfiguration':{'name':'p'}"
#define RULES(r) FLOW("x", LEVEL ",'rules':[" r "]")
#define ALL "'resourceRules':[{'verbs':['*'],'apiGroups':['*'],'resources':['*'],'namespaces':['*'],'clusterScope':true}]," \
	"'nonResourceRules':[{'verbs':['*'],'nonResourceURLs':['*']}]"

static void flowschemas(void **state)
{
	static const struct verdict v[] = {
		{ FLOW("x", LEVEL), "" },
		{ RULES("{'subjects':[{'kind':'User','user':{'name':'u'}},{'kind':'ServiceAccount','serviceAccount':{'name':'*','namespace':'d'}}],"
			"'nonResourceRules':[{'verbs':['get'],'nonResourceURLs':['/','/healthz','/metrics/*']}]}"), "" },
		{ FLOW("x", "'matchingPrecedence':1,'distinguisherMethod':{'type':'ByLuck'}"),
		  "[spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1, "
		  "spec.distinguisherMethod.type: Unsupported value: {\"Type\":\"ByLuck\"}: supported values: \"ByNamespace\", \"ByUser\", "
		  "spec.priorityLevelConfiguration.name: Required value: must reference a priority level]" },
		{ FLOW("x", LEVEL ",'matchingPrecedence':10001"), "spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000" },
		{ RULES("{}"), "[spec.rules[0].subjects: Required value: subjects must contain at least one value, "
		  "spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty]" },
		{ RULES("{'subjects':[{'kind':'Users'},{'kind':'User','group':{'name':'g'}},{'kind':'ServiceAccount','serviceAccount':{}}]," ALL "}"),
		  "[spec.rules[0].subjects[0].kind: Unsupported value: \"Users\": supported values: \"Group\", \"ServiceAccount\", \"User\", "
		  "spec.rules[0].subjects[1].user: Required value: user is required when subject kind is 'User', "
		  "spec.rules[0].subjects[1].group: Forbidden: group is forbidden when subject kind is not 'Group', "
		  "spec.rules[0].subjects[2].serviceAccount.name: Required value, "
		  "spec.rules[0].subjects[2].serviceAccount.namespace: Required value: must specify namespace for service account]" },
		{ RULES("{'subjects':[{'kind':'Group','group':{'name':'g'}}],'resourceRules':[{'verbs':['*','get'],'apiGroups':[],"
			"'resources':['*','a'],'namespaces':['N']},{'verbs':['look'],'apiGroups':['a'],'resources':['b']}]}"),
		  "[spec.rules[0].resourceRules[0].verbs: Invalid value: [\"*\",\"get\"]: if '*' is present, must not specify other verbs, "
		  "spec.rules[0].resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group, "
		  "spec.rules[0].resourceRules[0].resources: Invalid value: [\"*\",\"a\"]: if '*' is present, must not specify other resources, "
		  "spec.rules[0].resourceRules[0].namespaces[0]: Invalid value: \"N\": each member of this list must be '*' or a DNS-1123 label; "
		  LABEL_WHY ", spec.rules[0].resourceRules[1].verbs: Unsupported value: [\"look\"]: supported values: \"create\", \"delete\", "
		  "\"deletecollection\", \"get\", \"list\", \"patch\", \"proxy\", \"update\", \"watch\", "
		  "spec.rules[0].resourceRules[1].namespaces: Required value: resource rules that are not cluster scoped "
		  "must supply at least one namespace]" },
		{ RULES("{'subjects':[{'kind':'Group','group':{'name':'g'}}],'nonResourceRules':[{'verbs':['get'],"
			"'nonResourceURLs':['a','/a b','//','/a*','/*/b']}]}"),
		  "[spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"a\": must start with slash, "
		  "spec.rules[0].nonResourceRules[0].nonResourceURLs[1]: Invalid value: \"/a b\": must not contain white-space, "
		  "spec.rules[0].nonResourceRules[0].nonResourceURLs[2]: Invalid value: \"//\": must not contain double slash, "
		  "spec.rules[0].nonResourceRules[0].nonResourceURLs[3]: Invalid value: \"/a*\": wildcard can only do suffix matching, "
		  "spec.rules[0].nonResourceRules[0].nonResourceURLs[4]: Invalid value: \"/*/b\": wildcard can only do suffix matching]" },
		{ FLOW("exempt", "'priorityLevelConfiguration':{'name':'exempt'},'matchingPrecedence':1,'rules':[{'subjects':["
		       "{'kind':'Group','group':{'name':'system:masters'}}]," ALL "}]"), "" },
		{ FLOW("exempt", LEVEL ",'matchingPrecedence':2"), "spec: Invalid value: {\"priorityLevelConfiguration\":{\"name\":\"p\"},"
		  "\"matchingPrecedence\":2}: spec of 'exempt' must equal the fixed value" },
	};
	static const struct step s[] = {
		{ "{'metadata':{'name':'x'}}", "{'metadata':{'name':'x'},'status':{'conditions':[{'type':'A','status':'True'},{'type':'A','status':'True'},"
		  "{'status':'True'}]}}",
		  "[status.conditions[1].type: Duplicate value: \"A\", status.conditions[2].type: Required value: must not be empty]" },
	};
	static const struct change d[] = {
		{ "{'spec':{'priorityLevelConfiguration':{'name':'p'}}}",
		  "{'spec':{'priorityLevelConfiguration':{'name':'p'},'matchingPrecedence':1000}}" },
	};

	CREATES(flowschemas, v);
	STATUSES(flowschemas, s);
	DEFAULTS(flowschemas, d);
	is_row(&kind_flowschemas, FLOW("x", LEVEL ",'matchingPrecedence':7"), "x|p|7|<none>|60s|?");
}

#define LIMITED(l) FLOW("x", "'type':'Limited','limited':{" l "}")
#define QUEUE(q) LIMITED("'limitResponse':{'type':'Queue','queuing':{" q "}}")
#define Q "spec.limited.limitResponse.queuing."

static void priority_levels(void **state)
{
	static const struct verdict v[] = {
		{ LIMITED("'limitResponse':{'type':'Reject'}"), "" },
		{ QUEUE(""), "" },
		{ FLOW("exempt", "'type':'Exempt','exempt':{'nominalConcurrencyShares':7}"), "" },
		{ FLOW("x", "'type':'Exempt','limited':{'limitResponse':{'type':'Reject'}}"),
		  "[spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt', "
		  "spec.limited: Forbidden: must be nil if the type is not Limited]" },
		{ FLOW("x", "'type':'Limited','exempt':{}"),
		  "[spec.exempt: Forbidden: must be nil if the type is Limited, spec.limited: Required value: must not be empty when type is Limited]" },
		{ FLOW("x", "'type':'Some'"), "spec.type: Unsupported value: \"Some\": supported values: \"Exempt\", \"Limited\"" },
		{ LIMITED("'nominalConcurrencyShares':-1,'lendablePercent':101,'borrowingLimitPercent':-1,'limitResponse':{'type':'Reject','queuing':{}}"),
		  "[spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer, "
		  "spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited, "
		  "spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive, "
		  "spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer]" },
		{ LIMITED("'limitResponse':{'type':'Queue'}"),
		  "spec.limited.limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited" },
		{ LIMITED("'limitResponse':{'type':'Drop'}"),
		  "spec.limited.limitResponse.type: Unsupported value: \"Drop\": supported values: \"Queue\", \"Reject\"" },
		{ QUEUE("'queues':-1,'handSize':-1,'queueLengthLimit':-1"),
		  "[" Q "queueLengthLimit: Invalid value: -1: must be positive, " Q "queues: Invalid value: -1: must be positive, "
		  Q "handSize: Invalid value: -1: must be positive]" },
		{ QUEUE("'queues':10000001,'handSize':3"),
		  "[" Q "queues: Invalid value: 10000001: must not be greater than 10000000, "
		  Q "handSize: Invalid value: 3: required entropy bits of deckSize 10000001 and handSize 3 should not be greater than 60]" },
		{ QUEUE("'queues':4,'handSize':5"), Q "handSize: Invalid value: 5: should not be greater than queues (4)" },
		{ QUEUE("'queues':64,'handSize':10"), "" },
		{ QUEUE("'queues':64,'handSize':11"),
		  Q "handSize: Invalid value: 11: required entropy bits of deckSize 64 and handSize 11 should not be greater than 60" },
		{ FLOW("catch-all", "'type':'Limited','limited':{'nominalConcurrencyShares':5,'limitResponse':{'type':'Reject'}}"), "" },
		{ FLOW("catch-all", "'type':'Limited','limited':{'nominalConcurrencyShares':6,'limitResponse':{'type':'Reject'}}"),
		  "spec: Invalid value: {\"type\":\"Limited\",\"limited\":{\"nominalConcurrencyShares\":6,\"limitResponse\":{\"type\":\"Reject\"},"
		  "\"lendablePercent\":0}}: spec of 'catch-all' must equal the fixed value" },
	};
	static const struct change d[] = {
		{ "{'spec':{'type':'Limited','limited':{'limitResponse':{'type':'Queue','queuing':{'queues':3}}}}}",
		  "{'spec':{'type':'Limited','limited':{'nominalConcurrencyShares':30,'lendablePercent':0,'limitResponse':{'type':'Queue',"
		  "'queuing':{'queues':3,'handSize':8,'queueLengthLimit':50}}}}}" },
		{ "{'spec':{'type':'Exempt','exempt':{}}}",
		  "{'spec':{'type':'Exempt','exempt':{'nominalConcurrencyShares':0,'lendablePercent':0}}}" },
	};

	CREATES(prioritylevelconfigurations, v);
	DEFAULTS(prioritylevelconfigurations, d);
	is_row(&kind_prioritylevelconfigurations, QUEUE("'queues':3,'handSize':2,'queueLengthLimit':1"), "x|Limited|<none>|3|2|1|60s");
	is_row(&kind_prioritylevelconfigurations, FLOW("exempt", "'type':'Exempt'"), "exempt|Exempt|<none>|<none>|<none>|<none>|60s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(apiservices),
		cmocka_unit_test(flowschemas),
		cmocka_unit_test(priority_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
