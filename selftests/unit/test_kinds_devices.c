// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_devices.c - DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice */
#include "test_kinds.h"

#define OBJ(spec) "{" META ",'spec':{" spec "}}"
#define OBJ_NS(spec) "{" META_NS ",'spec':{" spec "}}"
#define NAME_WHY "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'"
#define ID_WHY "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' " \
	"(e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')"
#define REF_WHY "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

static void classes(void **state)
{
	static const struct verdict v[] = {
		{ OBJ(""), "" },
		{ OBJ("'selectors':[{'cel':{'expression':'true'}}],'config':[{'opaque':{'driver':'D.example.com','parameters':{'a':1}}}],"
		      "'extendedResourceName':'example.com/gpu'"), "" },
		{ OBJ("'selectors':[{},{'cel':{}}],'config':[{},{'opaque':{'driver':'','parameters':1}},{'opaque':{'driver':'d_'}}],"
		      "'extendedResourceName':'gpu'"),
		  "[spec.selectors[0].cel: Required value, spec.selectors[1].cel.expression: Required value, "
		  "spec.config[0].opaque: Required value, spec.config[1].opaque.driver: Required value, "
		  "spec.config[1].opaque.parameters: Invalid value: \"<value omitted>\": must be a valid JSON object, "
		  "spec.config[2].opaque.driver: Invalid value: \"d_\": " SUBDOMAIN_WHY ", "
		  "spec.config[2].opaque.parameters: Required value, "
		  "spec.extendedResourceName: Invalid value: \"gpu\": must be a valid extended resource name]" },
	};
	static const struct step u[] = {
		{ OBJ(""), OBJ("'extendedResourceName':'requests.example.com/gpu'"),
		  "spec.extendedResourceName: Invalid value: \"requests.example.com/gpu\": must be a valid extended resource name" },
	};

	CREATES(deviceclasses, v);
	UPDATES(deviceclasses, u);
	is_row(&kind_deviceclasses, OBJ(""), "x|60s");
}

#define REQUEST(r) OBJ_NS("'devices':{'requests':[" r "]}")
#define R "{'name':'r','exactly':{'deviceClassName':'c'}}"
#define DEVICES(d) OBJ_NS("'devices':{'requests':[" R ",{'name':'alt','firstAvailable':[{'name':'a','deviceClassName':'c'}]}]," d "}")

static void claims(void **state)
{
	static const struct verdict v[] = {
		{ OBJ_NS(""), "" },
		{ DEVICES("'constraints':[{'requests':['r','alt/a'],'matchAttribute':'example.com/numa'}],"
			  "'config':[{'requests':['alt'],'opaque':{'driver':'d','parameters':{}}}]"), "" },
		{ REQUEST("{'name':'R'},{'name':'a','exactly':{'deviceClassName':'C'},'firstAvailable':[{'name':'b','deviceClassName':'c'}]}"),
		  "[spec.devices.requests[0].name: Invalid value: \"R\": " LABEL_WHY ", "
		  "spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required, "
		  "spec.devices.requests[1]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, "
		  "but multiple fields are set]" },
		{ REQUEST(R "," R), "spec.devices.requests[1]: Duplicate value: \"r\"" },
		{ REQUEST("{'name':'r','exactly':{'deviceClassName':'','allocationMode':'All','count':2}},"
			  "{'name':'s','exactly':{'deviceClassName':'c','count':-1}},{'name':'t','exactly':{'deviceClassName':'c','allocationMode':'Some'}}"),
		  "[spec.devices.requests[0].exactly.deviceClassName: Required value, "
		  "spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All', "
		  "spec.devices.requests[1].exactly.count: Invalid value: -1: must be greater than zero, "
		  "spec.devices.requests[2].exactly.allocationMode: Unsupported value: \"Some\": supported values: \"All\", \"ExactCount\"]" },
		{ REQUEST("{'name':'r','exactly':{'deviceClassName':'c','tolerations':[{'key':'k','operator':'Exists','value':'v'},"
			  "{'operator':'Like','effect':'Never'}]}}"),
		  "[spec.devices.requests[0].exactly.tolerations[0].value: Invalid value: \"v\": must be empty for operator `Exists`, "
		  "spec.devices.requests[0].exactly.tolerations[1].operator: Unsupported value: \"Like\": supported values: \"Equal\", \"Exists\", "
		  "spec.devices.requests[0].exactly.tolerations[1].effect: Unsupported value: \"Never\": "
		  "supported values: \"NoExecute\", \"NoSchedule\", \"None\"]" },
		{ REQUEST("{'name':'r','firstAvailable':[{'name':'a','deviceClassName':'c'},{'name':'a'}]}"),
		  "[spec.devices.requests[0].firstAvailable[1].deviceClassName: Required value, "
		  "spec.devices.requests[0].firstAvailable[1]: Duplicate value: \"a\"]" },
		{ DEVICES("'constraints':[{},{'requests':['x','r','r','r/a','a/b/c'],'matchAttribute':'numa'},{'distinctAttribute':'/'},"
			  "{'matchAttribute':'a/b/c'}]"),
		  "[spec.devices.constraints[0]: Required value: exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, "
		  "but multiple fields are set, "
		  "spec.devices.constraints[1].requests[0]: Invalid value: \"x\": " REF_WHY ", "
		  "spec.devices.constraints[1].requests[3]: Invalid value: \"r/a\": " REF_WHY ", "
		  "spec.devices.constraints[1].requests[4]: Invalid value: \"a/b/c\": " REF_WHY ", "
		  "spec.devices.constraints[1].requests[2]: Duplicate value: \"r\", "
		  "spec.devices.constraints[1].matchAttribute: Invalid value: \"numa\": "
		  "a fully qualified name must be a domain and a name separated by a slash, "
		  "spec.devices.constraints[2].distinctAttribute: Invalid value: \"\": the domain must not be empty, "
		  "spec.devices.constraints[2].distinctAttribute: Invalid value: \"\": the name must not be empty, "
		  "spec.devices.constraints[3].matchAttribute: Invalid value: \"a/b/c\": must not contain more than one slash]" },
		{ DEVICES("'config':[{'requests':['x']}]"),
		  "[spec.devices.config[0].requests[0]: Invalid value: \"x\": " REF_WHY ", spec.devices.config[0].opaque: Required value]" },
	};
	static const struct step u[] = {
		{ REQUEST(R), REQUEST(R), "" },
		{ OBJ_NS(""), OBJ_NS("'devices':{'requests':[{'name':'R','exactly':{'deviceClassName':'c','allocationMode':'All'}}]}"),
		  "spec: Invalid value: {\"devices\":{\"requests\":[{\"name\":\"R\",\"exactly\":{\"deviceClassName\":\"c\",\"allocationMode\":\"All\"}}]}}: "
		  "field is immutable" },
	};
	static const struct change d[] = {
		{ "{'spec':{'devices':{'requests':[{'name':'r','exactly':{'deviceClassName':'c','tolerations':[{'key':'k'}]}},"
		  "{'name':'s','firstAvailable':[{'name':'a','allocationMode':'All'}]}]}}}",
		  "{'spec':{'devices':{'requests':[{'name':'r','exactly':{'deviceClassName':'c','tolerations':[{'key':'k','operator':'Equal'}],"
		  "'allocationMode':'ExactCount','count':1}},{'name':'s','firstAvailable':[{'name':'a','allocationMode':'All'}]}]}}}" },
	};

	CREATES(resourceclaims, v);
	UPDATES(resourceclaims, u);
	DEFAULTS(resourceclaims, d);
	is_row(&kind_resourceclaims, "{" META_NS "}", "x|pending|60s");
	is_row(&kind_resourceclaims, "{" META_NS ",'status':{'allocation':{}}}", "x|allocated|60s");
	is_row(&kind_resourceclaims, "{'metadata':{'name':'x','deletionTimestamp':'2025-12-31T23:59:00Z'},"
	       "'status':{'allocation':{},'reservedFor':[{'uid':'1'}]}}", "x|deleted,allocated,reserved|<unknown>");
}

static void templates(void **state)
{
	static const struct verdict v[] = {
		{ OBJ_NS("'spec':{'devices':{'requests':[" R "]}}"), "" },
		{ OBJ_NS("'metadata':{'labels':{'a b':'c'}},'spec':{'devices':{'requests':[{'name':'r'}]}}"),
		  "[spec.metadata.labels: Invalid value: \"a b\": " NAME_PART_WHY ", "
		  "spec.spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required]" },
	};
	static const struct step u[] = {
		{ OBJ_NS("'spec':{}"), OBJ_NS("'spec':{},'metadata':{'labels':{'a':'b'}}"),
		  "spec: Invalid value: {\"spec\":{},\"metadata\":{\"labels\":{\"a\":\"b\"}}}: field is immutable" },
	};

	CREATES(resourceclaimtemplates, v);
	UPDATES(resourceclaimtemplates, u);
}

#define CLAIM(status) "{" META_NS ",'spec':{'devices':{'requests':[" R "]}},'status':{" status "}}"
#define RESULT "{'request':'r','driver':'d','pool':'p','device':'dev'}"
#define ALLOCATION "'allocation':{'devices':{'results':[" RESULT "]}}"
#define USER "{'resource':'pods','name':'p','uid':'1'}"
#define UUID "12345678-1234-1234-1234-123456789abc"

static void allocations(void **state)
{
	static const struct step v[] = {
		{ CLAIM(""), CLAIM(ALLOCATION ",'reservedFor':[" USER "]"), "" },
		{ CLAIM(""), CLAIM("'reservedFor':[{},{'resource':'pods','name':'p','uid':'1'},{'resource':'pods','name':'q','uid':'1'}]"),
		  "[status.reservedFor[0].resource: Required value, status.reservedFor[0].name: Required value, "
		  "status.reservedFor[0].uid: Required value, status.reservedFor[2]: Duplicate value: \"1\", "
		  "status.reservedFor: Forbidden: may not be specified when `allocated` is not set]" },
		{ CLAIM(""), CLAIM("'allocation':{'devices':{'results':[{'request':'x','driver':'','pool':'a//','device':'D','shareID':'1'}],"
				   "'config':[{'source':'FromLuck','opaque':{'driver':'d','parameters':{}}}]},'nodeSelector':{}}"),
		  "[status.allocation.devices.results[0].request: Invalid value: \"x\": " REF_WHY ", "
		  "status.allocation.devices.results[0].driver: Required value, "
		  "status.allocation.devices.results[0].pool: Invalid value: \"\": " SUBDOMAIN_WHY ", "
		  "status.allocation.devices.results[0].device: Invalid value: \"D\": " LABEL_WHY ", "
		  "status.allocation.devices.results[0].shareID: Invalid value: \"1\": error validating uid: invalid UUID length: 1, "
		  "status.allocation.devices.config[0].source: Unsupported value: \"FromLuck\": supported values: \"FromClaim\", \"FromClass\", "
		  "status.allocation.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term]" },
		{ CLAIM(ALLOCATION), CLAIM("'allocation':{'devices':{}}"), "status.allocation: Invalid value: {\"devices\":{}}: field is immutable" },
		{ CLAIM(ALLOCATION), CLAIM(""), "" },
		{ CLAIM(ALLOCATION), CLAIM(ALLOCATION ",'devices':[{'driver':'d','pool':'p','device':'dev','data':{'a':1},"
					   "'networkData':{'ips':['10.0.0.1/8','fe80::1/64']}}]"), "" },
		{ CLAIM(ALLOCATION), CLAIM(ALLOCATION ",'devices':[{'driver':'d','pool':'p','device':'dev','data':[],"
					   "'networkData':{'ips':['10.0.0.1','10.0.0.01/8']}},{'driver':'d','pool':'p','device':'dev'},"
					   "{'driver':'d','pool':'p','device':'e','shareID':'" UUID "'}]"),
		  "[status.devices[0].data: Invalid value: \"<value omitted>\": must be a valid JSON object, "
		  "status.devices[0].networkData.ips[0]: Invalid value: \"10.0.0.1\": must be a valid address in CIDR form, "
		  "(e.g. 10.9.8.7/24 or 2001:db8::1/64), "
		  "status.devices[0].networkData.ips[1]: Invalid value: \"10.0.0.01/8\": must be in canonical form (\"10.0.0.1/8\"), "
		  "status.devices[2]: Invalid value: \"d/p/e/" UUID "\": must be an allocated device in the claim, "
		  "status.devices[1]: Duplicate value: \"d/p/dev\"]" },
		{ "{'metadata':{'name':'x','namespace':'d','deletionTimestamp':'2025-12-31T23:59:00Z'},'status':{" ALLOCATION ",'reservedFor':[" USER "]}}",
		  "{'metadata':{'name':'x','namespace':'d','deletionTimestamp':'2025-12-31T23:59:00Z'},'status':{" ALLOCATION ",'reservedFor':["
		  "{'resource':'pods','name':'q','uid':'2'}]}}",
		  "status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set" },
	};
	_cleanup_json_ json *cur = obj_of(&kind_resourceclaims, CLAIM(ALLOCATION ",'devices':[{'driver':'d','pool':'p','device':'dev'}]"));
	_cleanup_json_ json *next = obj_of(&kind_resourceclaims, CLAIM("'devices':[{'driver':'d','pool':'p','device':'dev'}]"));

	STATUSES(resourceclaims, v);
	kind_resourceclaims.rules->prepare_status(cur, next);
	assert_null(json_get(next, "status", "devices"));
}

#define SLICE(more) OBJ("'driver':'d.example.com','pool':{'name':'p','generation':1,'resourceSliceCount':1}," more)
#define DEVICE(d) SLICE("'allNodes':true,'devices':[{'name':'dev'," d "}]")
#define CAP(c) DEVICE("'allowMultipleAllocations':true,'capacity':{'c':{'value':'10'," c "}}")
#define C "spec.devices[0].capacity[c].requestPolicy"

static void slices(void **state)
{
	static const struct verdict v[] = {
		{ SLICE("'nodeName':'n'"), "" },
		{ SLICE("'nodeSelector':{'nodeSelectorTerms':[{'matchFields':[{'key':'metadata.name','operator':'In','values':['n']}]}]}"), "" },
		{ OBJ("'pool':{'name':'','generation':-1}"),
		  "[spec.driver: Required value, spec.pool.name: Required value, "
		  "spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero, "
		  "spec.pool.generation: Invalid value: -1: must be greater than or equal to zero, "
		  "spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required]" },
		{ SLICE("'nodeName':'N','allNodes':true,'perDeviceNodeSelection':false"),
		  "[spec.nodeName: Invalid value: \"N\": " SUBDOMAIN_WHY ", "
		  "spec.perDeviceNodeSelection: Invalid value: false: must be either unset or set to true, "
		  "spec: Invalid value: \"{`nodeName`, `allNodes`}\": exactly one of `nodeName`, `nodeSelector`, `allNodes`, "
		  "`perDeviceNodeSelection` is required, but multiple fields are set]" },
		{ SLICE("'nodeSelector':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'a','operator':'In'},{'key':'','operator':'Is'}]},{}]}"),
		  "[spec.nodeSelector.nodeSelectorTerms[0].matchExpressions[0].values: Required value: "
		  "must be specified when `operator` is 'In' or 'NotIn', "
		  "spec.nodeSelector.nodeSelectorTerms[0].matchExpressions[1].operator: Invalid value: \"Is\": not a valid selector operator, "
		  "spec.nodeSelector.nodeSelectorTerms[0].matchExpressions[1].key: Invalid value: \"\": name part must be non-empty, "
		  "spec.nodeSelector.nodeSelectorTerms: Invalid value: [{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\"},"
		  "{\"key\":\"\",\"operator\":\"Is\"}]},{}]: must have exactly one node selector term]" },
		{ DEVICE("'attributes':{'a':{'bool':true},'e.example/b':{'version':'1.2.3-rc.1+x'}},'capacity':{'c':{'value':'1Gi'}}"), "" },
		{ DEVICE("'attributes':{'a-b':{'bool':true,'int':1},'v':{'version':'1.02.3'},'n':{}}"),
		  "[spec.devices[0].attributes: Invalid value: \"a-b\": " ID_WHY ", "
		  "spec.devices[0].attributes[a-b]: Invalid value: {\"bool\":true,\"int\":1}: exactly one value must be specified, "
		  "spec.devices[0].attributes[v].version: Invalid value: \"1.02.3\": must be a string compatible with semver.org spec 2.0.0, "
		  "spec.devices[0].attributes[n]: Invalid value: \"\": exactly one value must be specified]" },
		{ DEVICE("'capacity':{'c':{'value':'1','requestPolicy':{}}}"), C ": Forbidden: allowMultipleAllocations must be true" },
		{ CAP("'requestPolicy':{'default':'2','validValues':['1','2']}"), "" },
		{ CAP("'requestPolicy':{'validValues':['1']}"), C ".default: Required value: required when validValues is defined" },
		{ CAP("'requestPolicy':{'default':'3','validValues':['2','1','11','1']}"),
		  "[" C ".validValues[1]: Invalid value: \"1\": values must be sorted in ascending order, "
		  C ".validValues[3]: Invalid value: \"1\": values must be sorted in ascending order, "
		  C ".validValues[2]: Invalid value: \"11\": option is larger than capacity value: 10, "
		  C ".validValues[3]: Duplicate value: \"1\", "
		  C ".validValues: Invalid value: \"3\": default value is not valid according to the requestPolicy]" },
		{ CAP("'requestPolicy':{'default':'4','validRange':{'min':'2','max':'8','step':'2'}}"), "" },
		{ CAP("'requestPolicy':{'default':'1','validRange':{'min':'2','max':'11','step':'9'}}"),
		  "[" C ".validRange.default: Invalid value: \"1\": default is less than min: 2, "
		  C ".validRange.max: Invalid value: \"11\": max is larger than capacity value: 10, "
		  C ".validRange.step: Invalid value: \"9\": one step 11 is larger than capacity value: 10, "
		  C ".validRange.step: Invalid value: \"1\": value is not a multiple of a given step (9) from (2)]" },
		{ CAP("'requestPolicy':{'default':'1','validRange':{},'validValues':['1']}"),
		  C ": Forbidden: exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same time" },
		{ CAP("'requestPolicy':{'default':'1','validRange':{}}"), C ".validRange.min: Required value: required when validRange is defined" },
		{ DEVICE("'taints':[{'key':'','effect':'Never'},{'key':'k','value':'a b'}]"),
		  "[spec.devices[0].taints[0].key: Invalid value: \"\": name part must be non-empty, "
		  "spec.devices[0].taints[0].effect: Unsupported value: \"Never\": supported values: \"NoExecute\", \"NoSchedule\", \"None\", "
		  "spec.devices[0].taints[1].value: Invalid value: \"a b\": " NAME_WHY ", and must start and end with an alphanumeric character "
		  "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?'), "
		  "spec.devices[0].taints[1].effect: Required value]" },
		{ DEVICE("'nodeName':'n'"), "spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if "
		  "`perDeviceNodeSelection` is set to true in the ResourceSlice spec" },
		{ SLICE("'perDeviceNodeSelection':true,'devices':[{'name':'a','nodeName':'n'},{'name':'a'}]"),
		  "[spec.devices[1]: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when "
		  "`perDeviceNodeSelection` is set to true in the ResourceSlice spec, spec.devices[1]: Duplicate value: \"a\"]" },
		{ DEVICE("'bindingConditions':['a','a'],'bindingFailureConditions':['a']"),
		  "[spec.devices[0].bindingConditions[1]: Duplicate value: \"a\", "
		  "spec.devices[0].bindingFailureConditions[0]: Invalid value: \"a\": bindingFailureConditions must not overlap with bindingConditions]" },
		{ DEVICE("'bindingConditions':['a']"),
		  "spec.devices[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions" },
		{ SLICE("'allNodes':true,'sharedCounters':[{'name':'s','counters':{'C':{'value':'1'}}},{'name':'s'}]"),
		  "[spec.sharedCounters[0].counters: Invalid value: \"C\": " LABEL_WHY ", spec.sharedCounters[1].counters: Required value, "
		  "spec.sharedCounters[1]: Duplicate value: \"s\"]" },
		{ DEVICE("'consumesCounters':[{},{},{}]"), "spec.devices[0].consumesCounters: Too many: 3: must have at most 2 items" },
	};
	static const struct step u[] = {
		{ SLICE("'nodeName':'n'"), OBJ("'driver':'e.example.com','pool':{'name':'q','generation':1,'resourceSliceCount':1},'nodeName':'m'"),
		  "[spec.pool.name: Invalid value: \"q\": field is immutable, spec.driver: Invalid value: \"e.example.com\": field is immutable, "
		  "spec.nodeName: Invalid value: \"m\": field is immutable]" },
	};
	_cleanup_field_errors_ struct field_errors e = { 0 };
	_cleanup_json_ json *dated = made(&kind_resourceslices, DEVICE("'taints':[{'key':'k','effect':'NoSchedule'}]"), &e);

	CREATES(resourceslices, v);
	UPDATES(resourceslices, u);
	assert_string_equal(json_str(json_get(json_get(json_get(dated, "spec", "devices")->child, "taints")->child, "timeAdded")),
			    "2025-12-31T23:59:00Z");
	is_row(&kind_resourceslices, SLICE("'nodeName':'n'"), "x|n|d.example.com|p|60s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes),
		cmocka_unit_test(claims),
		cmocka_unit_test(templates),
		cmocka_unit_test(allocations),
		cmocka_unit_test(slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
