// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_pod.c - what a new pod is given, and what may change of one */
#include "test_kinds.h"
#include "api/meta/view_pod.h"

#define SPEC(spec) "{" META_NS ",'spec':{" spec "}}"
#define C "'containers':[{'name':'c','image':'i'}]"
/* What tolerates all is given no tolerations of its own. */
#define ALL "{'operator':'Exists'}"
#define POD(more) SPEC(C ",'tolerations':[" ALL "]" more)
#define TOLERATES(more) SPEC(C ",'tolerations':[" ALL more "]")
#define MAY "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"			\
	"`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "	\
	"tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

/* --- new ones --------------------------------------------------------------------------- */

#define EVICTED(from) "{'key':'node.kubernetes.io/" from "','operator':'Exists','effect':'NoExecute','tolerationSeconds':300}"
#define SPEC_DEFAULTS "'restartPolicy':'Always','dnsPolicy':'ClusterFirst','schedulerName':'default-scheduler',"	\
	"'terminationGracePeriodSeconds':30,'securityContext':{},'enableServiceLinks':true,'tolerations':[" EVICTED("not-ready") "," \
	EVICTED("unreachable") "]"
#define CONTAINER(more) "{'name':'c','terminationMessagePath':'/dev/termination-log','terminationMessagePolicy':'File'," more "}"

static void defaults_of_pods(void **state)
{
	static const struct change v[] = {
		/* no image needs no pull; amounts are kept to the thousandth */
		{ "{'spec':{'containers':[{'name':'c','resources':{'limits':{'cpu':'0.0001'}}}],'terminationGracePeriodSeconds':-5,"
		  "'tolerations':[" ALL "]}}",
		  "{'spec':{'containers':[" CONTAINER("'imagePullPolicy':'IfNotPresent','resources':{'limits':{'cpu':'1m'},'requests':"
		  "{'cpu':'1m'}}") "],'restartPolicy':'Always','dnsPolicy':'ClusterFirst','schedulerName':'default-scheduler',"
		  "'terminationGracePeriodSeconds':1,'securityContext':{},'enableServiceLinks':true,'tolerations':[" ALL "]}}" },
		{ "{'spec':{'containers':[],'volumes':[{'name':'a','image':{'reference':'x'}},{'name':'b','image':{'reference':'x:1'}},"
		  "{'name':'c','ephemeral':{'volumeClaimTemplate':{'spec':{}}}}]}}",
		  "{'spec':{" SPEC_DEFAULTS ",'containers':[],'volumes':[{'name':'a','image':{'reference':'x','pullPolicy':'Always'}},"
		  "{'name':'b','image':{'reference':'x:1','pullPolicy':'IfNotPresent'}},{'name':'c','ephemeral':{'volumeClaimTemplate':"
		  "{'spec':{'volumeMode':'Filesystem'}}}}]}}" },
		/* the pod as a whole asks for what its containers do, or for its limit */
		{ "{'spec':{'resources':{'limits':{'cpu':'2','memory':'1Gi'}},'containers':[{'name':'c','resources':{'requests':"
		  "{'cpu':'500m'}}}]}}",
		  "{'spec':{" SPEC_DEFAULTS ",'resources':{'limits':{'cpu':'2','memory':'1Gi'},'requests':{'cpu':'500m','memory':'1Gi'}},"
		  "'containers':[" CONTAINER("'imagePullPolicy':'IfNotPresent','resources':{'requests':{'cpu':'500m'}}") "]}}" },
		{ "{'spec':{'resources':{'requests':{'cpu':'2'}},'containers':[{'name':'c','resources':{'limits':{'hugepages-2Mi':'4Mi'}}}]}}",
		  "{'spec':{" SPEC_DEFAULTS ",'resources':{'limits':{'hugepages-2Mi':'4Mi'},'requests':{'cpu':'2','hugepages-2Mi':'4Mi'}},"
		  "'containers':[" CONTAINER("'imagePullPolicy':'IfNotPresent','resources':{'limits':{'hugepages-2Mi':'4Mi'},'requests':"
		  "{'hugepages-2Mi':'4Mi'}}") "]}}" },
	};

	DEFAULTS(pods, v);
}

#define LABELS "'metadata':{'name':'x','namespace':'d','labels':{'a':'b'}}"
#define TERM(more) "{'topologyKey':'k','labelSelector':{'matchLabels':{'x':'y'}" more "}"
#define REQUIRED "'requiredDuringSchedulingIgnoredDuringExecution'"
#define PREFERRED "'preferredDuringSchedulingIgnoredDuringExecution'"

/* Keys of the pod's own labels are looked up once, when it is made. */
static void selectors_follow_labels(void **state)
{
	_cleanup_field_errors_ struct field_errors e = {0};
	_cleanup_json_ json *pod = made(&kind_pods, "{" LABELS ",'spec':{" C ",'affinity':{'podAffinity':{" REQUIRED ":["
		TERM("},'matchLabelKeys':['a','none']") "]},'podAntiAffinity':{" PREFERRED ":[{'weight':1,"
		"'podAffinityTerm':" TERM("},'mismatchLabelKeys':['a']") "}]}},'topologySpreadConstraints':[{'maxSkew':1,"
		"'topologyKey':'k','whenUnsatisfiable':'DoNotSchedule','labelSelector':{},'matchLabelKeys':['a']}]}}", &e);
	const json *spec = json_get(pod, "spec");

	is_said(&e, "matchLabelKeys", "");
	is_json(json_get(spec, "affinity"), "affinity", "{'podAffinity':{" REQUIRED ":[" TERM(",'matchExpressions':[{'key':'a',"
		"'operator':'In','values':['b']}]},'matchLabelKeys':['a','none']") "]},'podAntiAffinity':{"
		PREFERRED ":[{'weight':1,'podAffinityTerm':" TERM(",'matchExpressions':[{'key':'a','operator':'NotIn','values':['b']}]},"
		"'mismatchLabelKeys':['a']") "}]}}");
	is_json(json_get(spec, "topologySpreadConstraints")->child, "spread", "{'maxSkew':1,'topologyKey':'k','whenUnsatisfiable':"
		"'DoNotSchedule','labelSelector':{'matchExpressions':[{'key':'a','operator':'In','values':['b']}]},"
		"'matchLabelKeys':['a']}");
}

static void first_status(void **state)
{
	_cleanup_field_errors_ struct field_errors e = {0};
	_cleanup_json_ json *gated = made(&kind_pods, POD(",'schedulingGates':[{'name':'g'}]"), &e);
	_cleanup_json_ json *whole = obj_of(NULL, "{'spec':{'resources':{'limits':{'cpu':'1','memory':'1Gi'}},'containers':[{}]}}");

	is_json(json_get(gated, "status"), "a gate", "{'phase':'Pending','qosClass':'BestEffort','conditions':[{'type':'PodScheduled',"
		"'status':'False','reason':'SchedulingGated','message':'Scheduling is blocked due to non-empty scheduling gates'}]}");
	assert_string_equal(pod_qos_class(whole), "Guaranteed");
}

/* Words in quotes, which the tables of this kind's other tests have no room for. */
static void field_paths(void **state)
{
	static const char *const v[][2] = {
		{ "metadata.labels['a']", NULL },
		{ "metadata.annotations['a.b/c']", NULL },
		{ "metadata.labels['a b']", "spec.containers[0].env[0].valueFrom.fieldRef: Invalid value: \"a b\": " NAME_PART_WHY },
		{ "metadata.uid", NULL },
		{ "spec.nodeName", NULL },
		{ "status.hostIPs", NULL },
		{ "metadata.odd", "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"metadata.odd\": error converting "
		  "fieldPath: field label not supported: metadata.odd" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_field_errors_ struct field_errors e = {0};
		_cleanup_json_ json *pod = obj_of(&kind_pods, SPEC("'containers':[{'name':'c','image':'i','env':[{'name':'A','valueFrom':"
								   "{'fieldRef':{'fieldPath':''}}}]}]"));
		json *env = json_get(json_get(pod, "spec", "containers")->child, "env");

		json_set_str(json_get(env->child, "valueFrom", "fieldRef"), "fieldPath", v[i][0]);
		default_object(&kind_pods, pod);
		validate_create(&kind_pods, pod, &e);
		is_said(&e, v[i][0], v[i][1]);
	}
}

/* --- changes ------------------------------------------------------------------------------- */

#define GATED(more) POD(",'schedulingGates':[{'name':'g'}]" more)
#define NODES(terms) ",'affinity':{'nodeAffinity':{" REQUIRED ":{'nodeSelectorTerms':[" terms "]}}}"
#define HAS(key) "{'key':'" key "','operator':'Exists'}"

static void changes(void **state)
{
	static const struct step v[] = {
		{ POD(""), SPEC("'containers':[{'name':'c','image':'j'}],'activeDeadlineSeconds':5,'tolerations':[" ALL ","
		  EVICTED("not-ready") "]"), "" },
		{ POD(""), SPEC("'containers':[{'name':'c','image':'','imagePullPolicy':'Always'}],'tolerations':[" ALL "]"), "spec.containers[0].image: Required value" },
		{ POD(",'activeDeadlineSeconds':5"), POD(",'activeDeadlineSeconds':6"),
		  "spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value" },
		{ POD(",'activeDeadlineSeconds':5"), POD(""),
		  "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value" },
		{ POD(""), POD(",'hostname':'h'"), MAY },
		{ POD(",'terminationGracePeriodSeconds':20"), POD(",'terminationGracePeriodSeconds':1"), MAY },
		{ POD(""), SPEC("'containers':[],'tolerations':[" ALL "]"), "[spec.containers: Required value, spec.containers: Forbidden: pod updates may not add or "
		  "remove containers]" },
		{ TOLERATES(",{'key':'a','operator':'Exists','effect':'NoExecute'}"), TOLERATES(",{'key':'a','operator':'Exists','effect':"
		  "'NoExecute','tolerationSeconds':5}"), "" },
		{ TOLERATES(",{'key':'a','operator':'Exists'}"), TOLERATES(",{'key':'b','operator':'Exists'}"),
		  "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds" },
		/* a mirror of what its node runs stays one */
		{ POD(""), "{'metadata':{'name':'x','namespace':'d','creationTimestamp':'2025-12-31T23:59:00Z','annotations':"
		  "{'kubernetes.io/config.mirror':'m'}},'spec':{" C ",'tolerations':[" ALL "]}}",
		  "[metadata.annotations[kubernetes.io/config.mirror]: Invalid value: \"m\": must set spec.nodeName if mirror pod annotation is "
		  "set, metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation]" },
		/* gates go and never come */
		{ GATED(""), POD(""), "" },
		{ POD(""), GATED(""), "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'" },
		{ GATED(""), GATED(",'nodeSelector':{'a':'b'}" NODES("{'matchExpressions':[" HAS("k") "]}")), "" },
		{ GATED(",'nodeSelector':{'a':'b'}"), GATED(",'nodeSelector':{'a':'c'}"),
		  "spec.nodeSelector: Invalid value: {\"a\":\"c\"}: only additions to spec.nodeSelector are allowed (no mutations or "
		  "deletions)" },
		{ GATED(NODES("{'matchExpressions':[" HAS("k") "]}")), GATED(NODES("{'matchExpressions':[" HAS("k") "," HAS("l") "]}")), "" },
		{ GATED(NODES("{'matchExpressions':[" HAS("k") "]}")), GATED(NODES("{'matchExpressions':[" HAS("l") "]}")),
		  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: Invalid value: "
		  "{\"matchExpressions\":[{\"key\":\"l\",\"operator\":\"Exists\"}]}: only additions are allowed (no mutations or deletions)" },
		{ POD(""), POD(",'nodeSelector':{'a':'b'}"), MAY },
	};

	UPDATES(pods, v);
}

#define STATUS(status) "{" META_NS ",'spec':{'restartPolicy':'OnFailure'," C "},'status':{" status "}}"
#define ENDED(code) "'containerStatuses':[{'name':'c','image':'','imageID':'','ready':false,'restartCount':0,'state':{'terminated':"	\
	"{'exitCode':" code "}}}]"
#define RUNS "'containerStatuses':[{'name':'c','image':'','imageID':'','ready':false,'restartCount':0,'state':{'running':{}}}]"

static void statuses(void **state)
{
	static const struct step v[] = {
		{ STATUS("'phase':'Pending'"), STATUS("'phase':'Running','podIP':'10.0.0.1','podIPs':[{'ip':'10.0.0.1'},{'ip':'fd00::1'}],"
		  "'hostIP':'10.1.0.1'"), "" },
		{ STATUS(""), STATUS("'conditions':[{'type':'a b','status':'True'}],'nominatedNodeName':'N','podIPs':[{'ip':'x'}]"),
		  "[metadata.conditions[0].Type: Invalid value: \"a b\": " NAME_PART_WHY ", status.nominatedNodeName: Invalid value: \"N\": "
		  SUBDOMAIN_WHY ", status.podIPs[0]: Invalid value: \"x\": " IP_WHY "]" },
		{ STATUS(""), STATUS("'podIPs':[{'ip':'10.0.0.1'},{'ip':'10.0.0.1'}]"),
		  "[status.podIPs: Invalid value: [{\"ip\":\"10.0.0.1\"},{\"ip\":\"10.0.0.1\"}]: may specify no more than one IP for each IP "
		  "family, status.podIPs[1]: Duplicate value: {\"ip\":\"10.0.0.1\"}]" },
		{ STATUS("'hostIP':'10.1.0.1'"), STATUS("'hostIP':'10.1.0.1','hostIPs':[{'ip':'10.1.0.2'}]"),
		  "status.hostIPs[0].ip: Invalid value: \"10.1.0.2\": must be equal to `hostIP`" },
		{ STATUS("'qosClass':'Burstable'"), STATUS("'qosClass':'Guaranteed'"),
		  "status.qosClass: Invalid value: \"Guaranteed\": field is immutable" },
		{ STATUS(ENDED("1")), STATUS(RUNS), "" },
		{ STATUS(ENDED("0")), STATUS(RUNS),
		  "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state" },
	};
	_cleanup_json_ json *cur = obj_of(NULL, "{'metadata':{'name':'x','ownerReferences':[{'uid':'u'}]},'status':{'qosClass':'Burstable'}}");
	_cleanup_json_ json *next = obj_of(NULL, "{'metadata':{'name':'x'},'status':{'hostIP':'10.1.0.1'}}");

	STATUSES(pods, v);
	kind_pods.rules->prepare_status(cur, next);
	is_json(next, "an old agent's", "{'metadata':{'name':'x','ownerReferences':[{'uid':'u'}]},'status':{'hostIP':'10.1.0.1',"
		"'qosClass':'Burstable','hostIPs':[{'ip':'10.1.0.1'}]}}");
}

/* --- subresources ------------------------------------------------------------------------------- */

#define DEBUG(more) "'ephemeralContainers':[{'name':'d','image':'i'" more "}]"

static void debuggers(void **state)
{
	static const struct step v[] = {
		{ POD(""), POD("," DEBUG("")), "" },
		/* nothing else of the pod changes that way */
		{ POD(""), SPEC("'containers':[{'name':'z','image':'z'}]," DEBUG(",'targetContainerName':'c'")), "" },
		{ POD(""), POD("," DEBUG(",'ports':[{'containerPort':1}],'targetContainerName':'q'")),
		  "[spec.ephemeralContainers[0].targetContainerName: Not found: \"q\", spec.ephemeralContainers[0].ports: Forbidden: cannot "
		  "be set for an Ephemeral Container]" },
		{ POD("," DEBUG("")), POD(""),
		  "spec.ephemeralContainers: Forbidden: existing ephemeral containers \"d\" may not be removed\n" },
		{ POD("," DEBUG("")), POD("," DEBUG(",'command':['sh']")),
		  "spec.ephemeralContainers: Forbidden: existing ephemeral containers \"d\" may not be changed\n" },
	};

	sub_updates(&kind_pods, "ephemeralcontainers", v, ARRAY_SIZE(v));
}

#define SIZED(resources, more) SPEC("'tolerations':[" ALL "],'containers':[{'name':'c','image':'i','resources':{" resources "}" more "}]")

static void resizes(void **state)
{
	static const struct step v[] = {
		{ SIZED("'requests':{'cpu':'1'}", ""), SIZED("'requests':{'cpu':'2'}", ""), "" },
		{ SIZED("'requests':{'cpu':'1'}", ""), SIZED("'requests':{'cpu':'2'}", ",'resizePolicy':[{'resourceName':'cpu','restartPolicy':"
		  "'RestartContainer'}]"), "" },
		{ SIZED("'requests':{'cpu':'1'}", ""), SIZED("'requests':{'cpu':'2','ephemeral-storage':'1'}", ""),
		  "spec: Forbidden: only cpu and memory resources are mutable" },
		{ SIZED("'requests':{'cpu':'1'}", ""), SPEC("'tolerations':[" ALL "],'containers':[{'name':'c','image':'j','resources':{'requests':{'cpu':'2'}}}]"),
		  "spec: Forbidden: only cpu and memory resources are mutable" },
		{ SIZED("'requests':{'cpu':'1','memory':'1Gi'}", ""), SIZED("'requests':{'cpu':'1'}", ""),
		  "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed" },
		{ SIZED("'requests':{'cpu':'1'}", ""), SIZED("", ""), "[spec: Invalid value: \"BestEffort\": Pod QOS Class may not change as a "
		  "result of resizing, spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed]" },
		{ SIZED("'limits':{'memory':'2Gi'}", ""), SIZED("'limits':{'memory':'1Gi'},'requests':{'memory':'1Gi'}", ""),
		  "spec.containers[0].resources.limits[memory]: Forbidden: memory limits cannot be decreased unless resizePolicy is "
		  "RestartContainer" },
	};

	sub_updates(&kind_pods, "resize", v, ARRAY_SIZE(v));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_of_pods),
		cmocka_unit_test(selectors_follow_labels),
		cmocka_unit_test(first_status),
		cmocka_unit_test(field_paths),
		cmocka_unit_test(changes),
		cmocka_unit_test(statuses),
		cmocka_unit_test(debuggers),
		cmocka_unit_test(resizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
