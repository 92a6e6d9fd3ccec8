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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(apiservices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
