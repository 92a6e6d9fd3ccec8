// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_workload.c - the kinds with a template of pods that run on and on, and their revisions */
#include "test_kinds.h"

#define PODS "'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'c','image':'i'}]}}"
#define ONCE "'template':{'metadata':{'labels':{'a':'b'}},'spec':{'restartPolicy':'Never','activeDeadlineSeconds':5,"	\
	"'containers':[{'name':'c','image':'i'}]}}"
#define SELECTOR "'selector':{'matchLabels':{'a':'b'}},"
#define OBJ(spec) "{" META_NS ",'spec':{" spec "}}"
#define WITH(more) OBJ(more "," SELECTOR PODS)
#define STATUS(status) "{" META_NS ",'spec':{" SELECTOR PODS "},'status':{" status "}}"
#define MISMATCH "spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`"
#define NEGATIVE "must be greater than or equal to 0"
#define PERCENT_WHY "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used " \
	"for validation is '[0-9]+%')"

#define POD_DEFAULTS "'restartPolicy':'Always','dnsPolicy':'ClusterFirst','schedulerName':'default-scheduler',"	\
	"'terminationGracePeriodSeconds':30,'securityContext':{}"
#define PODS_FULL "'template':{'metadata':{'labels':{'a':'b'}},'spec':{" POD_DEFAULTS ",'containers':[{'name':'c','image':'i',"	\
	"'resources':{},'imagePullPolicy':'Always','terminationMessagePath':'/dev/termination-log',"			\
	"'terminationMessagePolicy':'File'}]}}"

/* What all four say of selector and template; kind: as the messages call it. */
#define ONCE_SAID(kind) "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\", "	\
	"spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in " kind " is not Supported"

static void deployments(void **state)
{
	static const struct verdict v[] = {
		{ OBJ(SELECTOR PODS), "" },
		{ OBJ(SELECTOR ONCE), "[" ONCE_SAID("ReplicaSet") "]" },
		{ OBJ("'selector':{'matchLabels':{'a':'c'}}," PODS), MISMATCH },
		{ OBJ("'selector':{'matchExpressions':[{'key':'a','operator':'Odd'}]}," PODS),
		  "[spec.selector.matchExpressions[0].operator: Invalid value: \"Odd\": not a valid selector operator, spec.selector: "
		  "Invalid value: {\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Odd\"}]}: invalid label selector]" },
		{ WITH("'replicas':-1,'minReadySeconds':-1,'revisionHistoryLimit':-1,'progressDeadlineSeconds':-2"),
		  "[spec.replicas: Invalid value: -1: " NEGATIVE ", spec.minReadySeconds: Invalid value: -1: " NEGATIVE ", "
		  "spec.revisionHistoryLimit: Invalid value: -1: " NEGATIVE ", spec.progressDeadlineSeconds: Invalid value: -2: "
		  NEGATIVE ", spec.progressDeadlineSeconds: Invalid value: -2: must be greater than minReadySeconds]" },
		{ WITH("'minReadySeconds':600"),
		  "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds" },
		{ WITH("'strategy':{'type':'Odd'}"),
		  "spec.strategy: Unsupported value: {\"Type\":\"Odd\",\"RollingUpdate\":null}: supported values: \"Recreate\", "
		  "\"RollingUpdate\"" },
		{ WITH("'strategy':{'rollingUpdate':{'maxUnavailable':'x','maxSurge':-1}}"),
		  "[spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"x\": " PERCENT_WHY ", "
		  "spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: " NEGATIVE "]" },
	};
	static const struct step statuses[] = {
		{ STATUS(""), STATUS("'replicas':3,'updatedReplicas':3,'readyReplicas':3,'availableReplicas':2,'collisionCount':1"), "" },
		{ STATUS(""), STATUS("'replicas':1,'updatedReplicas':2,'readyReplicas':1,'availableReplicas':2"),
		  "[status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas, status.availableReplicas: Invalid "
		  "value: 2: cannot be greater than status.replicas, status.availableReplicas: Invalid value: 2: cannot be greater than "
		  "readyReplicas]" },
		{ STATUS(""), STATUS("'collisionCount':-1"), "status.collisionCount: Invalid value: -1: " NEGATIVE },
		{ STATUS("'collisionCount':0"), STATUS(""), "status.collisionCount: Invalid value: 0: cannot be decremented" },
		{ STATUS("'collisionCount':2"), STATUS("'collisionCount':1,'observedGeneration':-1"),
		  "[status.observedGeneration: Invalid value: -1: " NEGATIVE ", status.collisionCount: Invalid value: 1: cannot be "
		  "decremented]" },
	};

	CREATES(deployments, v);
	STATUSES(deployments, statuses);
	is_row(&kind_deployments, "{" META_NS ",'spec':{'replicas':3," SELECTOR PODS "},'status':{'readyReplicas':2,"
	       "'updatedReplicas':3,'availableReplicas':1}}", "x|2/3|3|1|60s|c|i|a=b");
}

/* The generation counts the annotations too, and nothing of the rest of the metadata. */
static void deployments_count(void **state)
{
	_cleanup_json_ json *a = obj_of(NULL, "{'metadata':{},'spec':{'replicas':1}}");
	_cleanup_json_ json *b = obj_of(NULL, "{'metadata':{'labels':{'x':'y'}},'spec':{'replicas':1},'status':{}}");
	_cleanup_json_ json *c = obj_of(NULL, "{'metadata':{'annotations':{'x':'y'}},'spec':{'replicas':1}}");
	_cleanup_json_ json *d = obj_of(NULL, "{'metadata':{},'spec':{'replicas':2}}");

	assert_false(kind_deployments.rules->counts(a, b));
	assert_true(kind_deployments.rules->counts(a, c));
	assert_true(kind_deployments.rules->counts(a, d));
}

static void replicasets(void **state)
{
	static const struct verdict v[] = {
		{ OBJ(SELECTOR PODS), "" },
		{ WITH("'replicas':-1,'minReadySeconds':-1"),
		  "[spec.replicas: Invalid value: -1: " NEGATIVE ", spec.minReadySeconds: Invalid value: -1: " NEGATIVE "]" },
		{ OBJ("'selector':{}," ONCE), "[spec.selector: Invalid value: {}: empty selector is invalid for deployment, "
		  ONCE_SAID("ReplicaSet") "]" },
		{ OBJ(PODS), "[spec.selector: Required value, " MISMATCH "]" },
		{ "{" META_NS "}", "[spec.selector: Required value, spec.template.metadata.labels: Invalid value: null: `selector` does "
		  "not match template `labels`, spec.template.spec.containers: Required value]" },
	};
	static const struct step steps[] = {
		{ OBJ(SELECTOR PODS), WITH("'replicas':5"), "" },
		{ OBJ(SELECTOR PODS), OBJ("'selector':{'matchExpressions':[{'key':'a','operator':'Exists'}]}," PODS),
		  "spec.selector: Invalid value: {\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\"}]}: field is immutable" },
	};
	static const struct step statuses[] = {
		{ STATUS(""), STATUS("'replicas':1,'fullyLabeledReplicas':1"), "" },
		{ STATUS(""), STATUS("'replicas':1,'fullyLabeledReplicas':2,'readyReplicas':2,'availableReplicas':3"),
		  "[status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas, status.readyReplicas: Invalid "
		  "value: 2: cannot be greater than status.replicas, status.availableReplicas: Invalid value: 3: cannot be greater than "
		  "status.replicas, status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas]" },
	};

	CREATES(replicasets, v);
	UPDATES(replicasets, steps);
	STATUSES(replicasets, statuses);
	is_row(&kind_replicasets, "{" META_NS ",'spec':{'replicas':3," SELECTOR PODS "},'status':{'replicas':2,'readyReplicas':1}}",
	       "x|3|2|1|60s|c|i|a=b");
}

static void replication_controllers(void **state)
{
	static const struct verdict v[] = {
		{ OBJ(PODS), "" },
		{ OBJ("'minReadySeconds':-1,'replicas':-1"),
		  "[spec.minReadySeconds: Invalid value: -1: " NEGATIVE ", spec.selector: Required value, spec.replicas: Invalid value: "
		  "-1: " NEGATIVE ", spec.template: Required value]" },
		{ OBJ("'selector':{'a':'c'}," ONCE), "[" MISMATCH ", " ONCE_SAID("ReplicationController") "]" },
	};
	static const struct change d[] = {
		{ "{'metadata':{},'spec':{" PODS "}}",
		  "{'metadata':{'labels':{'a':'b'}},'spec':{'replicas':1,'selector':{'a':'b'}," PODS_FULL "}}" },
		{ "{'metadata':{'labels':{'x':'y'}},'spec':{'replicas':0,'selector':{'c':'d'}," PODS "}}",
		  "{'metadata':{'labels':{'x':'y'}},'spec':{'replicas':0,'selector':{'c':'d'}," PODS_FULL "}}" },
	};

	CREATES(replicationcontrollers, v);
	DEFAULTS(replicationcontrollers, d);
	is_row(&kind_replicationcontrollers, "{" META_NS ",'spec':{'replicas':3,'selector':{'a':'b'}," PODS "},'status':{'replicas':2}}",
	       "x|3|2|0|60s|c|i|a=b");
}

#define CLAIM(name, more) "{'metadata':{'name':'" name "'},'spec':{'accessModes':['ReadWriteOnce'],'resources':{'requests':"	\
	"{'storage':'1Gi'}}" more "}}"
#define MOUNTS(claims, volumes) OBJ(SELECTOR "'volumeClaimTemplates':[" claims "],'template':{'metadata':{'labels':{'a':'b'}},'spec':"	\
	"{'containers':[{'name':'c','image':'i','volumeMounts':[{'name':'data','mountPath':'/d'}]}]" volumes "}}")

static void statefulsets(void **state)
{
	static const struct verdict v[] = {
		{ OBJ(SELECTOR PODS), "" },
		{ OBJ(SELECTOR ONCE), "[" ONCE_SAID("StatefulSet") "]" },
		{ OBJ("'selector':{}," PODS), "spec.selector: Invalid value: {}: empty selector is invalid for statefulset" },
		{ OBJ("'selector':{'matchLabels':{'a':'-'}}," PODS),
		  "[spec.selector.matchLabels: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric "
		  "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
		  "or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?'), spec.selector: Invalid value: "
		  "{\"matchLabels\":{\"a\":\"-\"}}]" },
		{ WITH("'podManagementPolicy':'Odd','updateStrategy':{'type':'Odd'},'persistentVolumeClaimRetentionPolicy':"
		       "{'whenScaled':'Odd'},'replicas':-1,'ordinals':{'start':-1},'serviceName':'a.b'"),
		  "[spec.podManagementPolicy: Invalid value: \"Odd\": must be 'OrderedReady' or 'Parallel', spec.updateStrategy: Invalid "
		  "value: {\"Type\":\"Odd\",\"RollingUpdate\":null}: must be 'RollingUpdate' or 'OnDelete', "
		  "spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: \"Odd\": supported values: \"Retain\", "
		  "\"Delete\", spec.replicas: Invalid value: -1: " NEGATIVE ", spec.ordinals.start: Invalid value: -1: " NEGATIVE ", "
		  "spec.serviceName: Invalid value: \"a.b\": must not contain dots]" },
		{ WITH("'updateStrategy':{'type':'OnDelete','rollingUpdate':{'partition':1}}"),
		  "spec.updateStrategy.rollingUpdate: Invalid value: {\"Partition\":1,\"MaxUnavailable\":null}: only allowed for "
		  "updateStrategy 'RollingUpdate'" },
		{ WITH("'updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'partition':-1,'maxUnavailable':0}}"),
		  "[spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: " NEGATIVE ", "
		  "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0]" },
		/* a claim is a volume that can be mounted, in place of one of its name */
		{ MOUNTS(CLAIM("data", ""), ""), "" },
		{ MOUNTS(CLAIM("data", "") "," CLAIM("data", ""), ",'volumes':[{'name':'data'},{'name':'other'}]"), "" },
		{ MOUNTS(CLAIM("logs", ""), ""), "spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"data\"" },
		{ MOUNTS(CLAIM("data", ",'volumeMode':'Odd'"), ""),
		  "spec.volumeClaimTemplates[0].spec.volumeMode: Unsupported value: \"Odd\": supported values: \"Block\", \"Filesystem\"" },
		{ "{'metadata':{'name':'a.b','namespace':'d'},'spec':{" SELECTOR PODS "}}",
		  "metadata.name: Invalid value: \"a.b\": must not contain dots" },
	};
	static const char fixed[] = "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', "
		"'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are "
		"forbidden";
	const struct step steps[] = {
		{ OBJ(SELECTOR PODS), WITH("'replicas':2,'ordinals':{'start':1},'updateStrategy':{'type':'OnDelete'},"
		  "'revisionHistoryLimit':1,'minReadySeconds':1,'persistentVolumeClaimRetentionPolicy':{'whenDeleted':'Delete'}"), "" },
		{ OBJ(SELECTOR PODS), WITH("'serviceName':'s'"), fixed },
		{ OBJ(SELECTOR PODS), WITH("'podManagementPolicy':'Parallel'"), fixed },
		{ OBJ(SELECTOR PODS), OBJ(SELECTOR "'template':{'metadata':{'labels':{'a':'b'}},'spec':{}}"),
		  "spec.template.spec.containers: Required value" },
	};
	static const struct step statuses[] = {
		{ STATUS(""), STATUS("'replicas':2,'readyReplicas':2,'currentReplicas':1,'updatedReplicas':1"), "" },
		{ STATUS("'collisionCount':1"), STATUS("'replicas':1,'currentReplicas':2,'availableReplicas':1"),
		  "[status.currentReplicas: Invalid value: 2: cannot be greater than status.replicas, status.availableReplicas: Invalid "
		  "value: 1: cannot be greater than status.readyReplicas, status.collisionCount: Invalid value: 0: cannot be decremented]" },
	};
	static const struct change d[] = {
		{ "{'spec':{" PODS ",'volumeClaimTemplates':[{'metadata':{'name':'v'}}]}}",
		  "{'spec':{'podManagementPolicy':'OrderedReady','updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'partition':0}},"
		  "'persistentVolumeClaimRetentionPolicy':{'whenDeleted':'Retain','whenScaled':'Retain'},'replicas':1,"
		  "'revisionHistoryLimit':10," PODS_FULL ",'volumeClaimTemplates':[{'apiVersion':'v1','kind':'PersistentVolumeClaim',"
		  "'metadata':{'name':'v'},'spec':{'volumeMode':'Filesystem'},'status':{'phase':'Pending'}}]}}" },
		/* who names the strategy says whether it has parameters */
		{ "{'spec':{" PODS ",'updateStrategy':{'type':'RollingUpdate'}}}",
		  "{'spec':{'podManagementPolicy':'OrderedReady','updateStrategy':{'type':'RollingUpdate'},"
		  "'persistentVolumeClaimRetentionPolicy':{'whenDeleted':'Retain','whenScaled':'Retain'},'replicas':1,"
		  "'revisionHistoryLimit':10," PODS_FULL "}}" },
	};

	CREATES(statefulsets, v);
	updates(&kind_statefulsets, steps, ARRAY_SIZE(steps));
	STATUSES(statefulsets, statuses);
	DEFAULTS(statefulsets, d);
	is_row(&kind_statefulsets, "{" META_NS ",'spec':{'replicas':3," PODS "},'status':{'readyReplicas':1}}", "x|1/3|60s|c|i");
}

/* A set of before templates were looked at can still be scaled. */
static void old_statefulsets(void **state)
{
	static const char bad[] = "'template':{'metadata':{'labels':{'a':'b'}},'spec':{'containers':[{'name':'C','image':'i'}]}}";
	_cleanup_free_ char *before = xasprintf(OBJ(SELECTOR "%s"), bad);
	_cleanup_free_ char *after = xasprintf(OBJ("'replicas':3," SELECTOR "%s"), bad);
	_cleanup_json_ json *old = obj_of(&kind_statefulsets, before), *new = obj_of(&kind_statefulsets, after);
	_cleanup_field_errors_ struct field_errors e = {0};

	default_object(&kind_statefulsets, old);
	default_object(&kind_statefulsets, new);
	validate_update(&kind_statefulsets, new, old, &e);
	is_said(&e, after, "");
}

static void daemonsets(void **state)
{
	static const struct verdict v[] = {
		{ OBJ(SELECTOR PODS), "" },
		{ OBJ(PODS), MISMATCH },
		{ OBJ("'selector':{}," ONCE), "[spec.selector: Invalid value: {}: empty selector is invalid for daemonset, "
		  ONCE_SAID("DaemonSet") "]" },
		{ WITH("'minReadySeconds':-1,'revisionHistoryLimit':-1,'updateStrategy':{'type':'Odd','rollingUpdate':{'maxSurge':1}}"),
		  "[spec.minReadySeconds: Invalid value: -1: " NEGATIVE ", spec.updateStrategy: Unsupported value: {\"Type\":\"Odd\","
		  "\"RollingUpdate\":{\"MaxUnavailable\":0,\"MaxSurge\":1}}: supported values: \"RollingUpdate\", \"OnDelete\", "
		  "spec.revisionHistoryLimit: Invalid value: -1: " NEGATIVE "]" },
		{ WITH("'updateStrategy':{'rollingUpdate':{'maxSurge':1}}"),
		  "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero" },
		{ WITH("'updateStrategy':{'rollingUpdate':{'maxUnavailable':0}}"),
		  "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0" },
		{ WITH("'updateStrategy':{'rollingUpdate':{'maxUnavailable':'101%'}}"),
		  "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%" },
	};
	static const struct step steps[] = {
		{ OBJ(SELECTOR PODS), OBJ("'selector':{'matchExpressions':[{'key':'a','operator':'Exists'}]}," PODS),
		  "spec.selector: Invalid value: {\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\"}]}: field is immutable" },
	};
	static const struct step statuses[] = {
		{ STATUS("'collisionCount':1"), STATUS("'numberReady':-1"),
		  "[status.numberReady: Invalid value: -1: " NEGATIVE ", status.collisionCount: Invalid value: 0: cannot be decremented]" },
	};
	static const struct change d[] = {
		{ "{'spec':{" PODS "}}",
		  "{'spec':{'updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'maxUnavailable':1,'maxSurge':0}},"
		  "'revisionHistoryLimit':10," PODS_FULL "}}" },
		{ "{'spec':{" PODS ",'updateStrategy':{'type':'OnDelete'}}}",
		  "{'spec':{'updateStrategy':{'type':'OnDelete'},'revisionHistoryLimit':10," PODS_FULL "}}" },
	};

	CREATES(daemonsets, v);
	UPDATES(daemonsets, steps);
	STATUSES(daemonsets, statuses);
	DEFAULTS(daemonsets, d);
	is_row(&kind_daemonsets, "{" META_NS ",'spec':{" SELECTOR PODS "},'status':{'desiredNumberScheduled':5,"
	       "'currentNumberScheduled':4,'numberReady':3,'updatedNumberScheduled':2,'numberAvailable':1}}",
	       "x|5|4|3|2|1|<none>|60s|c|i|a=b");
}

static void pod_templates(void **state)
{
	static const struct verdict v[] = {
		{ "{" META_NS "," PODS "}", "" },
		{ "{" META_NS "}", "template.spec.containers: Required value" },
		{ "{" META_NS ",'template':{'metadata':{'labels':{'a b':'c'}},'spec':{'containers':[{'name':'c','image':'i'}],"
		  "'ephemeralContainers':[{'name':'d','image':'i'}]}}}",
		  "[template.labels: Invalid value: \"a b\": " NAME_PART_WHY ", template.spec.ephemeralContainers: Forbidden: ephemeral "
		  "containers not allowed in pod template]" },
	};

	CREATES(podtemplates, v);
	is_row(&kind_podtemplates, "{" META_NS "," PODS "}", "x|c|i|a=b");
}

static void controller_revisions(void **state)
{
	static const struct verdict v[] = {
		{ "{" META_NS ",'revision':1,'data':{'a':1}}", "" },
		{ "{" META_NS ",'revision':-1}", "[data: Required value: data is mandatory, revision: Invalid value: -1: " NEGATIVE "]" },
	};
	static const struct step steps[] = {
		{ "{" META_NS ",'revision':1,'data':{'a':1}}", "{" META_NS ",'revision':2,'data':{'a':1}}", "" },
		{ "{" META_NS ",'revision':1,'data':{'a':1}}", "{" META_NS ",'revision':1,'data':{'a':2}}",
		  "data: Invalid value: {\"a\":2}: field is immutable" },
	};

	CREATES(controllerrevisions, v);
	UPDATES(controllerrevisions, steps);
	is_row(&kind_controllerrevisions, "{'metadata':{'name':'x','ownerReferences':[{'apiVersion':'apps/v1','kind':'DaemonSet',"
	       "'name':'d','uid':'u','controller':true}]},'revision':7}", "x|daemonset.apps/d|7|<unknown>");
	is_row(&kind_controllerrevisions, "{" META_NS ",'revision':7}", "x|<none>|7|60s");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(deployments),
		cmocka_unit_test(deployments_count),
		cmocka_unit_test(replicasets),
		cmocka_unit_test(replication_controllers),
		cmocka_unit_test(statefulsets),
		cmocka_unit_test(old_statefulsets),
		cmocka_unit_test(daemonsets),
		cmocka_unit_test(pod_templates),
		cmocka_unit_test(controller_revisions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
