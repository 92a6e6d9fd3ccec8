// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_storage.c - volumes, claims and classes, and what drivers say of themselves */
#include "test_kinds.h"

#define NEGATIVE "must be greater than or equal to 0"
#define IMMUTABLE "field is immutable"

/* --- PersistentVolume ------------------------------------------------------------------ */

#define MODES "'accessModes':['ReadWriteOnce']"
#define SIZE "'capacity':{'storage':'1Gi'}"
#define PV(spec) "{" META ",'spec':{" spec "}}"
#define PV_OF(source) PV(MODES "," SIZE "," source)
#define NFS "'nfs':{'server':'s','path':'/p'}"
#define AFFINITY(key) "'nodeAffinity':{'required':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'" key "','operator':'Exists'}]}]}}"

static void volumes(void **state)
{
	static const struct verdict v[] = {
		{ PV_OF(NFS), "" },
		{ PV_OF("'csi':{'driver':'d','volumeHandle':'h'},'volumeAttributesClassName':'c'"), "" },
		{ PV(""), "[spec.accessModes: Required value, spec.capacity: Required value, spec.capacity: Unsupported value: null: "
			  "supported values: \"storage\", spec: Required value: must specify a volume type]" },
		{ PV("'accessModes':['ReadWriteOncePod','ReadOnlyMany','Odd'],'capacity':{'storage':'0','cpu':'1'}," NFS),
		  "[spec.accessModes: Unsupported value: \"Odd\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", "
		  "\"ReadWriteOnce\", \"ReadWriteOncePod\", spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access "
		  "modes, spec.capacity: Unsupported value: {\"storage\":\"0\",\"cpu\":\"1\"}: supported values: \"storage\", "
		  "spec.capacity[storage]: Invalid value: \"0\": must be greater than zero]" },
		{ PV_OF(NFS ",'persistentVolumeReclaimPolicy':'Odd','volumeMode':'Odd','storageClassName':'A'"),
		  "[spec.persistentVolumeReclaimPolicy: Unsupported value: \"Odd\": supported values: \"Delete\", \"Recycle\", \"Retain\", "
		  "spec.storageClassName: Invalid value: \"A\": " SUBDOMAIN_WHY ", spec.volumeMode: Unsupported value: \"Odd\": supported "
		  "values: \"Block\", \"Filesystem\"]" },
		{ PV_OF(NFS ",'hostPath':{'path':'/x'}"), "spec.nfs: Forbidden: may not specify more than 1 volume type" },
		{ PV_OF("'hostPath':{'path':'/'},'persistentVolumeReclaimPolicy':'Recycle'"),
		  "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'" },
		{ PV_OF("'local':{'path':'/d'}"), "spec.nodeAffinity: Required value: Local volume requires node affinity" },
		{ PV_OF("'local':{'path':'/d'}," AFFINITY("k")), "" },
		{ PV_OF(NFS ",'nodeAffinity':{}"), "spec.nodeAffinity.required: Required value: must specify required node constraints" },
		{ PV_OF(NFS ",'volumeAttributesClassName':''"),
		  "[spec.volumeAttributesClassName: Required value: an empty string is disallowed, spec.csi: Required value: has to be "
		  "specified when using volumeAttributesClassName]" },
	};
	static const struct step steps[] = {
		{ PV_OF(NFS), PV_OF(NFS ",'claimRef':{'name':'c','namespace':'d'},'mountOptions':['a'],'storageClassName':'s',"
		  "'persistentVolumeReclaimPolicy':'Delete'"), "" },
		{ PV_OF(NFS), PV_OF("'nfs':{'server':'s','path':'/q'}"),
		  "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation" },
		{ PV_OF(NFS), PV_OF(NFS ",'volumeMode':'Block'"), "volumeMode: Invalid value: \"Block\": " IMMUTABLE },
		{ PV_OF(NFS "," AFFINITY("beta.kubernetes.io/os")), PV_OF(NFS "," AFFINITY("kubernetes.io/os")), "" },
	};
	static const struct change d[] = {
		{ "{'spec':{'hostPath':{'path':'/'},'capacity':{'storage':'0.0001'}}}",
		  "{'spec':{'hostPath':{'path':'/','type':''},'capacity':{'storage':'1m'},'persistentVolumeReclaimPolicy':'Retain',"
		  "'volumeMode':'Filesystem'},'status':{'phase':'Pending'}}" },
	};
	_cleanup_field_errors_ struct field_errors e = {0};
	_cleanup_json_ json *pv = made(&kind_persistentvolumes, PV_OF(NFS), &e);

	CREATES(persistentvolumes, v);
	UPDATES(persistentvolumes, steps);
	DEFAULTS(persistentvolumes, d);
	is_json(json_get(pv, "status"), "status", "{'phase':'Pending','lastPhaseTransitionTime':'2025-12-31T23:59:00Z'}");
	is_row(&kind_persistentvolumes, "{" META ",'spec':{'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteMany','ReadWriteOnce',"
	       "'ReadWriteMany'],'persistentVolumeReclaimPolicy':'Retain','claimRef':{'namespace':'n','name':'c'},'storageClassName':'s',"
	       "'volumeMode':'Block'},'status':{'phase':'Bound'}}", "x|1Gi|RWO,RWX|Retain|Bound|n/c|s|<unset>||60s|Block");
}

/* --- PersistentVolumeClaim ------------------------------------------------------------- */

#define REQUEST(n) "'resources':{'requests':{'storage':'" n "'}}"
#define PVC(spec) "{" META_NS ",'spec':{" spec "}}"
#define CLAIM(more) PVC(MODES "," REQUEST("1Gi") more)
#define BOUND(spec) "{" META_NS ",'spec':{" spec "},'status':{'phase':'Bound','capacity':{'storage':'1Gi'}}}"

static void claims(void **state)
{
	static const struct verdict v[] = {
		{ CLAIM(""), "" },
		{ PVC(""), "[spec.accessModes: Required value: at least 1 access mode is required, spec.resources[storage]: Required value]" },
		{ PVC("'accessModes':['Odd']," REQUEST("-1") ",'selector':{'matchLabels':{'a':'-'}},'storageClassName':'A',"
		      "'volumeMode':'Odd','volumeAttributesClassName':'B'"),
		  "[spec.selector.matchLabels: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric "
		  "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
		  "or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?'), spec.accessModes: "
		  "Unsupported value: \"Odd\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", \"ReadWriteOnce\", "
		  "\"ReadWriteOncePod\", spec.resources[storage]: Invalid value: \"-1\": must be greater than zero, "
		  "spec.storageClassName: Invalid value: \"A\": " SUBDOMAIN_WHY ", spec.volumeMode: Unsupported value: \"Odd\": "
		  "supported values: \"Block\", \"Filesystem\", spec.volumeAttributesClassName: Invalid value: \"B\": "
		  SUBDOMAIN_WHY "]" },
		{ CLAIM(",'dataSourceRef':{'kind':'K'}"),
		  "[spec.dataSource.name: Required value, spec.dataSource: Invalid value: \"K\": must be 'PersistentVolumeClaim' when "
		  "referencing the default apiGroup, spec.dataSourceRef.name: Required value, spec.dataSourceRef: Invalid value: \"K\": "
		  "must be 'PersistentVolumeClaim' when referencing the default apiGroup]" },
	};
	static const struct change d[] = {
		{ "{'spec':{'dataSource':{'kind':'PersistentVolumeClaim','name':'c'}}}",
		  "{'spec':{'dataSource':{'kind':'PersistentVolumeClaim','name':'c'},'dataSourceRef':{'kind':'PersistentVolumeClaim',"
		  "'name':'c'},'volumeMode':'Filesystem'},'status':{'phase':'Pending'}}" },
		{ "{'spec':{'dataSourceRef':{'kind':'K','name':'c','namespace':'n'}}}",
		  "{'spec':{'dataSourceRef':{'kind':'K','name':'c','namespace':'n'},'volumeMode':'Filesystem'},'status':{'phase':'Pending'}}" },
	};

	CREATES(persistentvolumeclaims, v);
	DEFAULTS(persistentvolumeclaims, d);
	is_row(&kind_persistentvolumeclaims, CLAIM(",'storageClassName':'s'"), "x|||||s|<unset>|60s|<unset>");
	is_row(&kind_persistentvolumeclaims, "{" META_NS ",'spec':{'volumeName':'v','volumeMode':'Filesystem'},'status':{'phase':'Bound',"
	       "'capacity':{'storage':'2Gi'},'accessModes':['ReadWriteOncePod']}}", "x|Bound|v|2Gi|RWOP||<unset>|60s|Filesystem");
}

#define FIXED "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"

static void claims_change_little(void **state)
{
	static const struct {
		const char *old, *new, *want;
	} v[] = {
		{ PVC(MODES "," REQUEST("1Gi")), PVC(MODES "," REQUEST("1Gi") ",'volumeName':'v'"), "" },
		{ PVC(MODES "," REQUEST("1Gi")), PVC(MODES "," REQUEST("2Gi")), FIXED },
		{ BOUND(MODES "," REQUEST("1Gi")), BOUND(MODES "," REQUEST("2Gi")), "" },
		{ BOUND(MODES "," REQUEST("2Gi")), BOUND(MODES "," REQUEST("1Gi")),
		  "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity" },
		{ BOUND(MODES "," REQUEST("1Gi")), BOUND("'accessModes':['ReadOnlyMany']," REQUEST("1Gi")), FIXED },
		{ BOUND(MODES "," REQUEST("1Gi") ",'volumeAttributesClassName':'a'"), BOUND(MODES "," REQUEST("1Gi")),
		  "[" FIXED ", spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden]" },
		{ PVC(MODES "," REQUEST("1Gi")), PVC(MODES "," REQUEST("1Gi") ",'storageClassName':'s'"), "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_json_ json *old = obj_of(&kind_persistentvolumeclaims, v[i].old);
		_cleanup_json_ json *new = obj_of(&kind_persistentvolumeclaims, v[i].new);
		_cleanup_field_errors_ struct field_errors e = {0};

		default_object(&kind_persistentvolumeclaims, old);
		default_object(&kind_persistentvolumeclaims, new);
		validate_update(&kind_persistentvolumeclaims, new, old, &e);
		is_said(&e, v[i].new, v[i].want);
	}
}

/* --- classes --------------------------------------------------------------------------- */

#define SC(more) "{" META ",'provisioner':'a.b/c'" more "}"
#define VAC(more) "{" META ",'driverName':'a.b'" more "}"

static void classes(void **state)
{
	static const struct verdict v[] = {
		{ SC(""), "" },
		{ "{" META ",'provisioner':'A_b c','parameters':{'':'x'},'reclaimPolicy':'Recycle','volumeBindingMode':'Odd'}",
		  "[provisioner: Invalid value: \"a_b c\": " NAME_PART_WHY ", parameters: Invalid value: \"\": field can not be empty., "
		  "reclaimPolicy: Unsupported value: \"Recycle\": supported values: \"Delete\", \"Retain\", volumeBindingMode: "
		  "Unsupported value: \"Odd\": supported values: \"Immediate\", \"WaitForFirstConsumer\"]" },
		{ "{" META "}", "provisioner: Required value" },
	};
	static const struct step steps[] = {
		{ SC(""), SC(",'allowVolumeExpansion':true,'mountOptions':['a']"), "" },
		{ SC(",'parameters':{'a':'b'}"), "{" META ",'provisioner':'d','reclaimPolicy':'Retain','volumeBindingMode':"
		  "'WaitForFirstConsumer'}",
		  "[parameters: Forbidden: updates to parameters are forbidden., provisioner: Forbidden: updates to provisioner are "
		  "forbidden., reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden., volumeBindingMode: Invalid value: "
		  "\"WaitForFirstConsumer\": " IMMUTABLE "]" },
	};
	static const struct verdict a[] = {
		{ VAC(",'parameters':{'a':'b'}"), "" },
		{ "{" META "}", "[driverName: Required value, parameters: Required value: must contain at least one key/value pair]" },
	};
	static const struct step attributes[] = {
		{ VAC(",'parameters':{'a':'b'}"), "{" META ",'driverName':'x','parameters':{'a':'c'}}",
		  "[driverName: Forbidden: updates to driverName are forbidden., parameters: Forbidden: updates to parameters are "
		  "forbidden.]" },
	};
	static const struct change d[] = {
		{ "{'provisioner':'p'}", "{'provisioner':'p','reclaimPolicy':'Delete','volumeBindingMode':'Immediate'}" },
	};

	CREATES(storageclasses, v);
	UPDATES(storageclasses, steps);
	DEFAULTS(storageclasses, d);
	CREATES(volumeattributesclasses, a);
	UPDATES(volumeattributesclasses, attributes);
	is_row(&kind_storageclasses, "{'metadata':{'name':'x','annotations':{'storageclass.kubernetes.io/is-default-class':'true'}},"
	       "'provisioner':'p','reclaimPolicy':'Retain','allowVolumeExpansion':true}",
	       "x (default)|p|Retain|Immediate|true|<unknown>");
	is_row(&kind_volumeattributesclasses, VAC(""), "x|a.b|60s");
}

/* --- VolumeAttachment ------------------------------------------------------------------ */

#define VA(spec) "{" META ",'spec':{" spec "}}"
#define ATTACHED "'attacher':'d','nodeName':'n','source':{'persistentVolumeName':'v'}"
#define VA_STATUS(status) "{" META ",'spec':{" ATTACHED "},'status':{" status "}}"

static void attachments(void **state)
{
	static const char one[] = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
	static const struct verdict v[] = {
		{ VA(ATTACHED), "" },
		{ VA("'attacher':'d','nodeName':'n','source':{'inlineVolumeSpec':{" MODES ",'csi':{'driver':'d','volumeHandle':'h'}}}"), "" },
		{ VA(""), "[spec.attacher: Required value, spec.source: Required value: must specify exactly one of inlineVolumeSpec and "
			  "persistentVolumeName, spec.nodeName: Invalid value: \"\": " SUBDOMAIN_WHY ", spec.attacher: Invalid value: \"\": " SUBDOMAIN_WHY "]" },
		{ VA("'attacher':'D_','nodeName':'n','source':{'persistentVolumeName':'V'}"),
		  "[spec.attacher: Invalid value: \"D_\": " SUBDOMAIN_WHY ", spec.source.persistentVolumeName: Invalid value: \"V\": "
		  SUBDOMAIN_WHY "]" },
		{ VA("'attacher':'d','nodeName':'n','source':{'inlineVolumeSpec':{" SIZE "," MODES "," NFS ",'storageClassName':'s'}}"),
		  "[spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes, "
		  "spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes, "
		  "spec.source.inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the context of inline volumes]" },
	};
	static const struct step steps[] = {
		{ VA(ATTACHED), VA("'attacher':'e','nodeName':'n','source':{'persistentVolumeName':'v'}"),
		  "spec: Invalid value: {\"attacher\":\"e\",\"nodeName\":\"n\",\"source\":{\"persistentVolumeName\":\"v\"}}: " IMMUTABLE },
	};
	static const struct step statuses[] = {
		{ VA_STATUS(""), VA_STATUS("'attached':true,'attachmentMetadata':{'a':'b'}"), "" },
		{ VA_STATUS(""), VA_STATUS("'attached':false,'attachError':{'errorCode':-1}"),
		  "status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive" },
	};
	_cleanup_json_ json *cur = obj_of(NULL, "{'metadata':{'name':'x'},'spec':{}}");
	_cleanup_json_ json *next = obj_of(NULL, "{'metadata':{'name':'x','labels':{'a':'b'}},'spec':{},'status':{}}");

	CREATES(volumeattachments, v);
	UPDATES(volumeattachments, steps);
	STATUSES(volumeattachments, statuses);
	kind_volumeattachments.rules->prepare_status(cur, next);
	is_json(next, one, "{'metadata':{'name':'x'},'spec':{},'status':{}}");
	is_row(&kind_volumeattachments, VA_STATUS("'attached':true"), "x|d|v|n|true|60s");
}

/* --- drivers --------------------------------------------------------------------------- */

#define CSI(spec) "{" META ",'spec':{" spec "}}"
#define DRIVERS(list) CSI("'drivers':[" list "]")

static void drivers(void **state)
{
	static const struct verdict v[] = {
		{ CSI(""), "" },
		{ CSI("'fsGroupPolicy':'Odd','volumeLifecycleModes':['Odd'],'nodeAllocatableUpdatePeriodSeconds':9,'tokenRequests':"
		      "[{'audience':'a','expirationSeconds':1},{'audience':'a'},{'audience':'b','expirationSeconds':4294967297}]"),
		  "[spec.fsGroupPolicy: Unsupported value: \"Odd\": supported values: \"File\", \"None\", \"ReadWriteOnceWithFSType\", "
		  "spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes, "
		  "spec.tokenRequests[1].audience: Duplicate value: \"a\", spec.tokenRequests[2].expirationSeconds: Invalid value: "
		  "4294967297: may not specify a duration larger than 2^32 seconds, spec.volumeLifecycleModes: Unsupported value: "
		  "\"Odd\": supported values: \"Persistent\", \"Ephemeral\", spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: "
		  "must be greater than or equal to 10 seconds]" },
	};
	static const struct step steps[] = {
		{ CSI(""), CSI("'podInfoOnMount':true"), "" },
		{ CSI(""), CSI("'attachRequired':false,'volumeLifecycleModes':['Ephemeral']"),
		  "[spec.attachedRequired: Invalid value: false: " IMMUTABLE ", spec.volumeLifecycleModes: Invalid value: [\"Ephemeral\"]: "
		  IMMUTABLE "]" },
	};
	static const struct change d[] = {
		{ "{'spec':{}}", "{'spec':{'attachRequired':true,'podInfoOnMount':false,'storageCapacity':false,'fsGroupPolicy':"
		  "'ReadWriteOnceWithFSType','volumeLifecycleModes':['Persistent'],'requiresRepublish':false,'seLinuxMount':false}}" },
	};

	CREATES(csidrivers, v);
	UPDATES(csidrivers, steps);
	DEFAULTS(csidrivers, d);
	is_row(&kind_csidrivers, CSI("'attachRequired':false,'tokenRequests':[{'audience':'a'},{'audience':'b'}],"
	       "'volumeLifecycleModes':['Persistent']"), "x|false|false|false|a,b|false|Persistent|60s");
	is_row(&kind_csidrivers, CSI(""), "x|true|false|false|<unset>|false|<none>|60s");
}

#define CAPACITY(more) "{" META_NS ",'storageClassName':'s'" more "}"

static void nodes_and_capacities(void **state)
{
	static const struct verdict v[] = {
		{ DRIVERS("{'name':'d','nodeID':'n','topologyKeys':['a','b'],'allocatable':{'count':3}}"), "" },
		{ DRIVERS("{'name':'d','nodeID':'n'},{'name':'d','nodeID':'','allocatable':{'count':-1},'topologyKeys':['a','a','']}"),
		  "[spec.drivers[1].nodeID: Required value, spec.drivers[1].allocatable.count: Invalid value: -1: " NEGATIVE ", "
		  "spec.drivers[1].name: Duplicate value: \"d\", spec.drivers[1]: Duplicate value: \"a\", spec.drivers[1]: Required "
		  "value, spec.drivers[1]: Invalid value: \"\": name part must be non-empty, spec.drivers[1]: Invalid value: \"\": "
		  NAME_PART_WHY "]" },
	};
	static const struct step steps[] = {
		{ DRIVERS("{'name':'d','nodeID':'n'}"), DRIVERS("{'name':'d','nodeID':'n','allocatable':{'count':3}},{'name':'e','nodeID':'n'}"), "" },
		{ DRIVERS("{'name':'d','nodeID':'n'}"), DRIVERS("{'name':'d','nodeID':'m'}"),
		  "spec.drivers: Invalid value: {\"name\":\"d\",\"nodeID\":\"m\"}: " IMMUTABLE },
	};
	static const struct verdict c[] = {
		{ CAPACITY(",'capacity':'1Gi'"), "" },
		{ "{" META_NS ",'capacity':'-1'}",
		  "[storageClassName: Invalid value: \"\": " SUBDOMAIN_WHY ", capacity: Invalid value: \"-1\": " NEGATIVE "]" },
	};
	static const struct step capacities[] = {
		{ CAPACITY(""), CAPACITY(",'capacity':'1Gi'"), "" },
		{ CAPACITY(""), "{" META_NS ",'storageClassName':'t','nodeTopology':{'matchLabels':{'a':'b'}}}",
		  "[nodeTopology: Invalid value: {\"matchLabels\":{\"a\":\"b\"}}: " IMMUTABLE ", storageClassName: Invalid value: \"t\": "
		  IMMUTABLE "]" },
	};

	CREATES(csinodes, v);
	UPDATES(csinodes, steps);
	CREATES(csistoragecapacities, c);
	UPDATES(csistoragecapacities, capacities);
	is_row(&kind_csinodes, DRIVERS("{'name':'d','nodeID':'n'}"), "x|1|60s");
	is_row(&kind_csistoragecapacities, CAPACITY(""), "x|2025-12-31T23:59:00Z");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(volumes),
		cmocka_unit_test(claims),
		cmocka_unit_test(claims_change_little),
		cmocka_unit_test(classes),
		cmocka_unit_test(attachments),
		cmocka_unit_test(drivers),
		cmocka_unit_test(nodes_and_capacities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
