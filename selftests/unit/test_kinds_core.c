// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_core.c - ConfigMap, Secret, ServiceAccount, Namespace, Node, Event, Lease */
#include "api/meta/selector.h"
#include "test_kinds.h"

#define CONFIG_KEY_WHY "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "	\
	"'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
#define FROZEN "field is immutable when `immutable` is set"

static void configmaps(void **state)
{
	static const struct verdict v[] = {
		{ "{" META_NS ",'data':{'a.B-_1':''},'binaryData':{'b':'/w=='}}", "" },
		{ "{" META_NS ",'data':{'a b':'','..':'','..a':'','.':''},'binaryData':{'/':''}}",
		  "[data[a b]: Invalid value: \"a b\": " CONFIG_KEY_WHY ", data[..]: Invalid value: \"..\": must not be '..', "
		  "data[..a]: Invalid value: \"..a\": must not start with '..', data[.]: Invalid value: \".\": must not be '.', "
		  "binaryData[/]: Invalid value: \"/\": " CONFIG_KEY_WHY "]" },
		{ "{" META_NS ",'data':{'a':''},'binaryData':{'a':''}}",
		  "data[a]: Invalid value: \"a\": duplicate of key present in binaryData" },
	};
	static const struct step s[] = {
		{ "{" META_NS ",'immutable':true,'data':{'a':'b'}}", "{" META_NS ",'data':{'a':'c'},'binaryData':{'b':''}}",
		  "[immutable: Forbidden: " FROZEN ", data: Forbidden: " FROZEN ", binaryData: Forbidden: " FROZEN "]" },
		{ "{" META_NS ",'immutable':true,'data':{'a':'b'}}", "{'metadata':{'name':'x','namespace':'d','creationTimestamp':"
		  "'2025-12-31T23:59:00Z','labels':{'l':'m'}},'immutable':true,'data':{'a':'b'}}", "" },
		{ "{" META_NS ",'data':{'a':'b'}}", "{" META_NS ",'immutable':true,'data':{'a':'c'}}", "" },
	};

	CREATES(configmaps, v);
	UPDATES(configmaps, s);
	is_row(&kind_configmaps, "{" META ",'data':{'a':'1'},'binaryData':{'b':''}}", "x|2|60s");
}

/* Of bytes, not of what base64 makes of them; exactly 1 MiB is well. */
static void one_mebibyte(void **state)
{
	static const struct {
		size_t base64;	/* characters */
		const char *configmap, *secret;
	} v[] = {
		{ 1398104, "", "" },	/* with "==" at the end: 1048576 bytes */
		{ 1398108, ": Too long: may not be more than 1048576 bytes", "data: Too long: may not be more than 1048576 bytes" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_field_errors_ struct field_errors e = { 0 }, e2 = { 0 };
		_cleanup_json_ json *cm = obj_of(NULL, "{" META_NS "}"), *secret = json_clone(cm);
		_cleanup_free_ char *text = xmalloc(v[i].base64 + 1);

		memset(text, 'A', v[i].base64);
		memcpy(text + v[i].base64 - 2, "==", 3);
		json_set_str(json_obj(cm, "binaryData"), "a", text);
		json_set_str(json_obj(secret, "data"), "a", text);
		validate_create(&kind_configmaps, cm, &e);
		validate_create(&kind_secrets, secret, &e2);
		is_said(&e, "ConfigMap", v[i].configmap);
		is_said(&e2, "Secret", v[i].secret);
	}
}

#define SECRET(type, data) "{" META_NS ",'type':'kubernetes.io/" type "','data':{" data "}}"

static void secrets(void **state)
{
	static const struct verdict v[] = {
		{ "{" META_NS ",'stringData':{'a':'b'}}", "" },
		{ SECRET("tls", "'tls.crt':''"), "data[tls.key]: Required value" },
		{ SECRET("tls", "'tls.crt':'','tls.key':''"), "" },
		{ SECRET("basic-auth", ""), "[data[username]: Required value, data[password]: Required value]" },
		{ SECRET("basic-auth", "'password':''"), "" },
		{ SECRET("ssh-auth", "'ssh-privatekey':''"), "data[ssh-privatekey]: Required value" },
		{ SECRET("ssh-auth", "'ssh-privatekey':'eA=='"), "" },
		{ SECRET("dockercfg", ""), "data[.dockercfg]: Required value" },
		{ SECRET("dockercfg", "'.dockercfg':'e30='"), "" },			/* {} */
		{ SECRET("dockercfg", "'.dockercfg':''"),
		  "data[.dockercfg]: Invalid value: \"<secret contents redacted>\": unexpected end of JSON input" },
		{ SECRET("dockerconfigjson", "'.dockerconfigjson':'W10='"),		/* [] */
		  "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": json: cannot unmarshal array into Go value "
		  "of type map[string]interface {}" },
		{ SECRET("dockerconfigjson", "'.dockerconfigjson':'YWJj'"),		/* abc */
		  "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'a' looking for "
		  "beginning of value" },
		{ SECRET("service-account-token", ""), "metadata.annotations[kubernetes.io/service-account.name]: Required value" },
		{ "{'metadata':{'name':'x','namespace':'d','annotations':{'kubernetes.io/service-account.name':'a'}},"
		  "'type':'kubernetes.io/service-account-token'}", "" },
		{ "{" META_NS ",'data':{'a b':''}}", "data[a b]: Invalid value: \"a b\": " CONFIG_KEY_WHY },
	};
	static const struct step s[] = {
		{ "{" META_NS "}", "{" META_NS ",'type':'x'}", "type: Invalid value: \"x\": field is immutable" },
		{ "{" META_NS ",'immutable':true,'data':{'a':'eA=='}}", "{" META_NS ",'immutable':true,'stringData':{'a':'y'}}",
		  "data: Forbidden: " FROZEN },
		{ "{" META_NS ",'immutable':true,'data':{'a':'eA=='}}", "{" META_NS ",'immutable':true,'stringData':{'a':'x'}}", "" },
	};
	static const struct change d[] = {
		{ "{'data':{'b':'eA=='},'stringData':{'a':'hello','e':'','b':'yy'}}",
		  "{'type':'Opaque','data':{'a':'aGVsbG8=','e':'','b':'eXk='}}" },
	};

	CREATES(secrets, v);
	UPDATES(secrets, s);
	DEFAULTS(secrets, d);
	is_row(&kind_secrets, "{" META ",'type':'Opaque','data':{'a':'1'}}", "x|Opaque|1|60s");
}

static void serviceaccounts_name_secrets(void **state)
{
	_cleanup_field_errors_ struct field_errors e = { 0 };
	_cleanup_json_ json *obj = made(&kind_serviceaccounts, "{" META_NS ",'secrets':[{'name':'s','namespace':'other','uid':'u'}]}", &e);

	assert_int_equal(e.n, 0);
	is_json(json_get(obj, "secrets"), "create", "[{'name':'s'}]");
	prepared(&kind_serviceaccounts, "{" META_NS "}", "{" META_NS ",'secrets':[{'name':'s','kind':'Secret'}]}",
		 "{" META_NS ",'secrets':[{'name':'s'}]}");
	/* Name and Age since 1.35 */
	assert_null(kind_serviceaccounts.rules->columns);
}

#define NOT_QUALIFIED "name is neither a standard finalizer name nor is it fully qualified"

static void namespaces(void **state)
{
	static const struct verdict v[] = {
		{ "{" META "}", "" },
		{ "{" META ",'spec':{'finalizers':['a.b/c','orphan']}}", "" },
		{ "{" META ",'spec':{'finalizers':['odd','a b']}}",
		  "[spec.finalizers: Invalid value: \"odd\": " NOT_QUALIFIED ", spec.finalizers: Invalid value: \"a b\": " NAME_PART_WHY
		  ", spec.finalizers: Invalid value: \"a b\": " NOT_QUALIFIED "]" },
	};
	static const struct step status[] = {
		{ "{" META "}", "{" META ",'status':{'phase':'Active'}}", "" },
		{ "{" META "}", "{" META ",'status':{'phase':'Terminating'}}",
		  "status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty" },
		{ "{'metadata':{'name':'x','deletionTimestamp':'2026-01-01T00:00:00Z'}}",
		  "{'metadata':{'name':'x','deletionTimestamp':'2026-01-01T00:00:00Z'},'status':{'phase':'Active'}}",
		  "status.Phase: Invalid value: \"Active\": may only be 'Terminating' if `deletionTimestamp` is not empty" },
	};
	static const struct step finalize[] = {
		{ "{" META ",'spec':{'finalizers':['kubernetes']}}", "{" META "}", "" },
		{ "{" META ",'spec':{'finalizers':['kubernetes']}}", "{" META ",'spec':{'finalizers':['a.b/c','odd']}}",
		  "spec.finalizers[1]: Invalid value: \"odd\": " NOT_QUALIFIED },
	};
	_cleanup_field_errors_ struct field_errors e = { 0 };
	_cleanup_json_ json *obj = made(&kind_namespaces, "{'metadata':{'name':'x'},'spec':{'finalizers':['a.b/c']},'status':{'phase':'Odd'}}", &e);

	CREATES(namespaces, v);
	STATUSES(namespaces, status);
	sub_updates(&kind_namespaces, "finalize", finalize, ARRAY_SIZE(finalize));
	is_json(obj, "create", "{'metadata':{'name':'x','labels':{'kubernetes.io/metadata.name':'x'}},'spec':{'finalizers':"
		"['a.b/c','kubernetes']},'status':{'phase':'Active'}}");
	prepared(&kind_namespaces, "{" META ",'spec':{'finalizers':['kubernetes']}}",
		 "{'metadata':{'name':'x','labels':{'kubernetes.io/metadata.name':'odd'}},'spec':{'finalizers':['a.b/c']}}",
		 "{'metadata':{'name':'x','labels':{'kubernetes.io/metadata.name':'x'}},'spec':{'finalizers':['kubernetes']},"
		 "'status':{'phase':'Active'}}");
	is_row(&kind_namespaces, "{" META ",'status':{'phase':'Active'}}", "x|Active|60s");
}

#define NODE(spec) "{" META ",'spec':" spec "}"
#define CAPACITY(c) "{" META ",'status':{'capacity':{" c "}}}"

static void nodes(void **state)
{
	static const struct verdict v[] = {
		{ NODE("{'taints':[{'key':'a','effect':'NoSchedule'},{'key':'a','effect':'NoExecute'}],'podCIDRs':['10.0.0.0/24','fd00::/64']}"), "" },
		{ NODE("{'taints':[{'key':'a b','value':'-','effect':'Odd'},{'key':'a','effect':'NoExecute'},{'key':'a','effect':'NoExecute'}]}"),
		  "[metadata.taints[0].key: Invalid value: \"a b\": " NAME_PART_WHY ", metadata.taints[0].value: Invalid value: \"-\": a "
		  "valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
		  "an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
		  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?'), metadata.taints[0].effect: Unsupported value: \"Odd\": supported values: "
		  "\"NoExecute\", \"NoSchedule\", \"PreferNoSchedule\", metadata.taints[2]: Duplicate value: {\"Key\":\"a\",\"Value\":\"\","
		  "\"Effect\":\"NoExecute\",\"TimeAdded\":null}: taints must be unique by key and effect pair]" },
		{ NODE("{'podCIDRs':['10.0.0.0/24','10.0.0.0/24','x']}"),
		  "[spec.podCIDRs[2]: Invalid value: \"x\": " CIDR_WHY ", spec.podCIDRs: Invalid value: [\"10.0.0.0/24\",\"10.0.0.0/24\",\"x\"]: "
		  "may specify no more than one CIDR for each IP family, spec.podCIDRs[1]: Duplicate value: \"10.0.0.0/24\"]" },
		{ CAPACITY("'cpu':'-1','pods':'1.5','a.b/c':'1500m','memory':'1.5'"),
		  "[status.capacity.cpu: Invalid value: \"-1\": must be greater than or equal to 0, status.capacity.pods: Invalid value: "
		  "\"1500m\": must be an integer, status.capacity.a.b/c: Invalid value: \"1500m\": must be an integer, "
		  "status.allocatable.cpu: Invalid value: \"-1\": must be greater than or equal to 0, status.allocatable.pods: Invalid value: "
		  "\"1500m\": must be an integer, status.allocatable.a.b/c: Invalid value: \"1500m\": must be an integer]" },
	};
	static const struct step s[] = {
		{ NODE("{'podCIDRs':['10.0.0.0/24'],'providerID':'a'}"), NODE("{'podCIDRs':['10.0.1.0/24'],'providerID':'b'}"),
		  "[spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid, spec.providerID: Forbidden: node "
		  "updates may not change providerID except from \"\" to valid]" },
		{ NODE("{}"), NODE("{'podCIDRs':['10.0.1.0/24'],'providerID':'b','unschedulable':true}"), "" },
		{ NODE("{}"), NODE("{'configSource':{'configMap':{'namespace':'d','name':'n','kubeletConfigKey':'k','uid':'u'}}}"),
		  "spec.configSource.configMap.uid: Forbidden: uid must not be set in spec" },
		{ NODE("{}"), NODE("{'configSource':{}}"),
		  "spec.configSource: Invalid value: {}: exactly one reference subfield must be non-nil" },
		{ NODE("{'externalID':'a'}"), NODE("{}"), "spec.externalID: Forbidden: may not be updated" },
	};
	static const struct step status[] = {
		{ NODE("{}"), "{" META ",'status':{'addresses':[{'type':'A','address':'1'},{'type':'A','address':'2'},{'type':'A','address':'1'}],"
		  "'capacity':{'cpu':'-1'},'allocatable':{'cpu':'1'}}}",
		  "[status.capacity.cpu: Invalid value: \"-1\": must be greater than or equal to 0, status.addresses[2]: Duplicate value: "
		  "{\"Type\":\"A\",\"Address\":\"1\"}]" },
	};
	static const struct change d[] = {
		{ "{'status':{'capacity':{'cpu':'2'}}}", "{'status':{'capacity':{'cpu':'2'},'allocatable':{'cpu':'2'}}}" },
		{ "{'status':{'capacity':{'cpu':'2','pods':'110'},'allocatable':{'cpu':'1'}}}",
		  "{'status':{'capacity':{'cpu':'2','pods':'110'},'allocatable':{'cpu':'1'}}}" },
	};

	CREATES(nodes, v);
	UPDATES(nodes, s);
	STATUSES(nodes, status);
	DEFAULTS(nodes, d);
	is_row(&kind_nodes, "{'metadata':{'name':'x','creationTimestamp':'2025-12-31T23:59:00Z','labels':{'node-role.kubernetes.io/worker':'',"
	       "'node-role.kubernetes.io/control-plane':''}},'spec':{'unschedulable':true},'status':{'conditions':[{'type':'Ready','status':'True'}],"
	       "'addresses':[{'type':'InternalIP','address':'10.0.0.1'}],'nodeInfo':{'kubeletVersion':'v1','osImage':'Debian','kernelVersion':'6.1',"
	       "'architecture':'amd64'}}}", "x|Ready,SchedulingDisabled|control-plane,worker|60s|v1|10.0.0.1|<none>|Debian|6.1 (amd64)|<unknown>");
	is_row(&kind_nodes, "{" META ",'status':{'conditions':[{'type':'Ready','status':'Unknown'}]}}",
	       "x|NotReady|<none>|60s||<none>|<none>|<unknown>|<unknown>|<unknown>");
}

#define EVENT(about, more) "{" META_NS ",'involvedObject':" about more "}"
#define NEW_EVENT(more) "{" META_NS ",'regarding':{'namespace':'d'},'eventTime':'2026-01-01T00:00:00.000000Z','reportingController':'a.b/c',"	\
	"'reportingInstance':'i','action':'A','reason':'R','type':'Normal'" more "}"

static void events(void **state)
{
	static const struct verdict v[] = {
		{ EVENT("{'namespace':'d'}", ""), "" },
		{ EVENT("{'namespace':'e'}", ""), "involvedObject.namespace: Invalid value: \"e\": does not match event.namespace" },
		{ EVENT("{}", ""), "involvedObject.namespace: Invalid value: \"\": does not match event.namespace" },
		{ "{'metadata':{'name':'x','namespace':'default'},'involvedObject':{}}", "" },
		{ EVENT("{'namespace':'d'}", ",'eventTime':'2026-01-01T00:00:00.000000Z','reportingComponent':'a b'"),
		  "[reportingController: Invalid value: \"a b\": " NAME_PART_WHY ", reportingInstance: Required value, action: Required value, "
		  "reason: Required value]" },
		{ "{'metadata':{'name':'x','namespace':'kube-system'},'involvedObject':{},'eventTime':'2026-01-01T00:00:00.000000Z',"
		  "'reportingComponent':'a','reportingInstance':'i','action':'A','reason':'R'}", "" },
	};
	static const struct verdict strict[] = {
		{ NEW_EVENT(""), "" },
		{ NEW_EVENT(",'series':{'count':1}"),
		  "[series.count: Invalid value: \"\": should be at least 2, series.lastObservedTime: Required value]" },
		{ NEW_EVENT(",'deprecatedCount':1,'deprecatedSource':{'component':'x'},'deprecatedFirstTimestamp':'2026-01-01T00:00:00Z',"
			    "'deprecatedLastTimestamp':'2026-01-01T00:00:00Z'"),
		  "[firstTimestamp: Invalid value: \"\": needs to be unset, lastTimestamp: Invalid value: \"\": needs to be unset, count: Invalid "
		  "value: \"\": needs to be unset, source: Invalid value: \"\": needs to be unset]" },
		{ "{" META_NS ",'regarding':{'namespace':'d'},'type':'Odd'}",
		  "[eventTime: Required value, type: Invalid value: \"\": has invalid value: Odd]" },
	};
	static const struct step s[] = {
		{ NEW_EVENT(""), NEW_EVENT(",'series':{'count':2,'lastObservedTime':'2026-01-01T00:00:00.000000Z'}"), "" },
		{ NEW_EVENT(""), NEW_EVENT(",'note':'n'"), "message: Invalid value: \"n\": field is immutable" },
	};
	char note[1030] = "";
	_cleanup_free_ char *obj = NULL;
	struct verdict too_long = { NULL, "message: Invalid value: \"\": can have at most 1024 characters" };

	CREATES(events, v);
	CREATES(events_events_v1, strict);
	UPDATES(events_events_v1, s);
	memset(note, 'x', 1025);
	obj = xasprintf(NEW_EVENT(",'note':'%s'"), note);
	too_long.obj = obj;
	creates(&kind_events_events_v1, &too_long, 1);
	is_row(&kind_events, "{" META ",'type':'Normal','reason':'Started','message':' m ','count':2,'firstTimestamp':'2025-12-31T23:58:00Z',"
	       "'lastTimestamp':'2025-12-31T23:59:50Z','involvedObject':{'kind':'Pod','name':'p','fieldPath':'f'},'source':{'component':'agent','host':'n'}}",
	       "10s|Normal|Started|pod/p|f|agent, n|m|2m|2|x");
	is_row(&kind_events, "{" META ",'eventTime':'2025-12-31T23:58:00.000000Z','series':{'count':5,'lastObservedTime':'2025-12-31T23:59:58.000000Z'},"
	       "'involvedObject':{'kind':'Node'},'reportingComponent':'c','reportingInstance':'i'}", "2s|||node||c, i||2m|5|x");
	converts(&kind_events_events_v1,
		 "{'apiVersion':'events.k8s.io/v1','kind':'Event','regarding':{'kind':'Pod'},'note':'n','reportingController':'c','deprecatedCount':1}",
		 "{'apiVersion':'v1','kind':'Event','involvedObject':{'kind':'Pod'},'message':'n','reportingComponent':'c','count':1}");
}

static bool selects(const struct kind *k, const char *field, const char *obj)
{
	const struct store_selector sel = { .field = field };
	_cleanup_json_ json *j = obj_of(NULL, obj);
	_cleanup_free_ char *msg = NULL;
	struct selector *s = NULL;
	bool yes;

	if (kind_selector_parse(k, &sel, &s, &msg))
		fail_msg("%s: %s", field, msg);
	yes = selector_match(s, j);
	selector_free(s);
	return yes;
}

/* Both groups select what is stored in the core group's form. */
static void events_are_selected(void **state)
{
	static const char obj[] = "{'involvedObject':{'kind':'Pod','name':'p'},'reportingComponent':'c','source':{'component':''},'type':'Normal'}";

	assert_true(selects(&kind_events, "involvedObject.kind=Pod,involvedObject.name=p,type=Normal", obj));
	assert_false(selects(&kind_events, "involvedObject.kind=Node", obj));
	assert_true(selects(&kind_events, "source=c", obj));
	assert_true(selects(&kind_events, "source=s,reportingComponent=", "{'source':{'component':'s'}}"));
	assert_true(selects(&kind_events_events_v1, "regarding.kind=Pod,regarding.name=p,reportingController=c,type=Normal", obj));
	assert_false(selects(&kind_events_events_v1, "regarding.kind=Node", obj));
	assert_true(selects(&kind_events_events_v1beta1, "regarding.kind!=Node", obj));
}

#define LEASE(spec) "{" META_NS ",'spec':" spec "}"

static void leases(void **state)
{
	static const struct verdict v[] = {
		{ LEASE("{'holderIdentity':'h','leaseDurationSeconds':1,'leaseTransitions':0}"), "" },
		{ LEASE("{'leaseDurationSeconds':0,'leaseTransitions':-1}"),
		  "[spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0, spec.leaseTransitions: Invalid value: -1: must be "
		  "greater than or equal to 0]" },
		{ LEASE("{'strategy':'Odd'}"),
		  "spec.strategy.strategy: Unsupported value: \"Odd\": supported values: \"OldestEmulationVersion\"" },
		{ LEASE("{'strategy':'a.b/c','preferredHolder':'h'}"), "" },
		{ LEASE("{'preferredHolder':'h'}"), "spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined" },
	};

	CREATES(leases, v);
	is_row(&kind_leases, "{" META ",'spec':{'holderIdentity':'h'}}", "x|h|60s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configmaps),
		cmocka_unit_test(one_mebibyte),
		cmocka_unit_test(secrets),
		cmocka_unit_test(serviceaccounts_name_secrets),
		cmocka_unit_test(namespaces),
		cmocka_unit_test(nodes),
		cmocka_unit_test(events),
		cmocka_unit_test(events_are_selected),
		cmocka_unit_test(leases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
