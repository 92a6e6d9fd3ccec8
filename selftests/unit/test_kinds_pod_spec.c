// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_kinds_pod_spec.c - pods as a whole: security, scheduling, names
 *
 * What a server of Kubernetes 1.20 says too was compared with one.
 */
#include "test_kinds.h"

/* A pod by its spec; by its spec beside an ordinary container; by what is said of its only container besides. */
#define SPEC(spec) "{" META_NS ",'spec':{" spec "}}"
#define POD(spec) SPEC("'containers':[{'name':'c','image':'i'}]," spec)
#define ONE(c) SPEC("'containers':[{'name':'c','image':'i'," c "}]")
#define HUGE_WHY "must be between 0 and 2147483647, inclusive"

static void security(void **state)
{
	static const struct verdict v[] = {
		{ ONE("'securityContext':{'privileged':true,'allowPrivilegeEscalation':false}"),
		  "spec.containers[0].securityContext: Invalid value: {\"privileged\":true,"
		  "\"allowPrivilegeEscalation\":false}: cannot set `allowPrivilegeEscalation` to false and "
		  "`privileged` to true" },
		{ ONE("'securityContext':{'runAsUser':-1,'runAsGroup':-1,'procMount':'Odd'}"),
		  "[spec.containers[0].securityContext.runAsUser: Invalid value: -1: " HUGE_WHY ", "
		  "spec.containers[0].securityContext.runAsGroup: Invalid value: -1: " HUGE_WHY ", "
		  "spec.containers[0].securityContext.procMount: Unsupported value: \"Odd\": supported values: "
		  "\"Default\", \"Unmasked\"]" },
		{ ONE("'securityContext':{'capabilities':{'add':['CAP_SYS_ADMIN']},'allowPrivilegeEscalation':false}"),
		  "spec.containers[0].securityContext: Invalid value: "
		  "{\"capabilities\":{\"add\":[\"CAP_SYS_ADMIN\"]},\"allowPrivilegeEscalation\":false}: cannot "
		  "set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN" },
		{ ONE("'securityContext':{'seccompProfile':{'type':'Odd'}}"),
		  "spec.containers[0].securityContext.seccompProfile.type: Unsupported value: \"Odd\": "
		  "supported values: \"Localhost\", \"RuntimeDefault\", \"Unconfined\"" },
		{ ONE("'securityContext':{'seccompProfile':{'type':'Localhost'}}"),
		  "spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be "
		  "set when seccomp type is Localhost" },
		{ ONE("'securityContext':{'seccompProfile':{'type':'RuntimeDefault','localhostProfile':'x'}}"),
		  "spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: "
		  "{\"localhostProfile\":\"x\",\"type\":\"RuntimeDefault\"}: can only be set when seccomp type "
		  "is Localhost" },
		{ ONE("'securityContext':{'seccompProfile':{'type':'Localhost','localhostProfile':'/a/../b'}}"),
		  "[spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: "
		  "\"/a/../b\": must be a relative path, "
		  "spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: "
		  "\"/a/../b\": must not contain '..']" },
		{ ONE("'securityContext':{'procMount':'Unmasked'}"),
		  "spec.containers[0].securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must "
		  "be false to use `Unmasked`" },
		{ ONE("'securityContext':{'windowsOptions':{'runAsUserName':'','gmsaCredentialSpecName':'A_',"
		  "'gmsaCredentialSpec':''}}"),
		  "[spec.containers[0].securityContext.windowsOptions.gmsaCredentialSpecName: Invalid value: "
		  "\"A_\": " SUBDOMAIN_WHY ", "
		  "spec.containers[0].securityContext.windowsOptions.gmsaCredentialSpec: Invalid value: \"\": "
		  "gmsaCredentialSpec cannot be an empty string, "
		  "spec.containers[0].securityContext.windowsOptions.runAsUserName: Invalid value: \"\": "
		  "runAsUserName cannot be an empty string]" },
		{ ONE("'securityContext':{'windowsOptions':{'runAsUserName':'a\\\\b\\\\c'}}"),
		  "spec.containers[0].securityContext.windowsOptions.runAsUserName: Invalid value: "
		  "\"a\\\\b\\\\c\": runAsUserName cannot contain more than one backslash" },
		{ ONE("'securityContext':{'windowsOptions':{'runAsUserName':'.\\\\ab'}}"),
		  "spec.containers[0].securityContext.windowsOptions.runAsUserName: Invalid value: "
		  "\".\\\\ab\": runAsUserName's Domain doesn't match the NetBios nor the DNS format" },
		{ POD("'securityContext':{'runAsUser':-1,'runAsGroup':-1,'fsGroup':-1,'supplementalGroups':[-1],"
		  "'sysctls':[{'name':''},{'name':'A b'},{'name':'a.b'},{'name':'a.b'}],"
		  "'fsGroupChangePolicy':'Odd','seccompProfile':{'type':''}}"),
		  "[spec.securityContext.fsGroup: Invalid value: -1: " HUGE_WHY ", "
		  "spec.securityContext.runAsUser: Invalid value: -1: " HUGE_WHY ", "
		  "spec.securityContext.runAsGroup: Invalid value: -1: " HUGE_WHY ", "
		  "spec.securityContext.supplementalGroups[0]: Invalid value: -1: " HUGE_WHY ", "
		  "spec.securityContext.sysctls[0].name: Required value, spec.securityContext.sysctls[1].name: "
		  "Invalid value: \"A b\": must have at most 253 characters and match regex "
		  "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$, "
		  "spec.securityContext.sysctls[3].name: Duplicate value: \"a.b\", "
		  "spec.securityContext.fsGroupChangePolicy: Unsupported value: \"Odd\": supported values: "
		  "\"Always\", \"OnRootMismatch\", spec.securityContext.seccompProfile.type: Required value: "
		  "type is required when seccompProfile is set]" },
		{ POD("'hostPID':true,'shareProcessNamespace':true"),
		  "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and "
		  "HostPID cannot both be enabled" },
		{ POD("'hostNetwork':true,'securityContext':{'sysctls':[{'name':'net.a','value':'1'}]}"),
		  "spec.securityContext.sysctls[0].name: Invalid value: \"net.a\": may not be specified when "
		  "'hostNetwork' is true" },
		{ POD("'hostIPC':true,'securityContext':{'sysctls':[{'name':'kernel.shm_x','value':'1'}]}"),
		  "spec.securityContext.sysctls[0].name: Invalid value: \"kernel.shm_x\": may not be specified "
		  "when 'hostIPC' is true" },
		{ "{'metadata':{'namespace':'d','name':'x',"
		  "'annotations':{'seccomp.security.alpha.kubernetes.io/pod':'odd',"
		  "'container.seccomp.security.alpha.kubernetes.io/x':'localhost//a'}},"
		  "'spec':{'containers':[{'name':'c','image':'i'}]}}",
		  "[metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: Invalid value: \"odd\": "
		  "must be a valid seccomp profile, "
		  "metadata.annotations.container.seccomp.security.alpha.kubernetes.io/x: Invalid value: "
		  "\"/a\": must be a relative path]" },
		{ ONE("'securityContext':{'appArmorProfile':{'type':'Odd'}}"),
		  "spec.containers[0].securityContext.appArmorProfile.type: Unsupported value: \"Odd\": "
		  "supported values: \"Localhost\", \"RuntimeDefault\", \"Unconfined\"" },
		{ SPEC("'containers':[{'name':'c','image':'i','securityContext':{'privileged':true}}],"
		  "'os':{'name':'windows'},'hostPID':true,'securityContext':{'runAsUser':5,"
		  "'seLinuxOptions':{'user':'u'}}"),
		  "[spec.securityContext.seLinuxOptions: Forbidden: cannot be set for a windows pod, "
		  "spec.hostPID: Forbidden: cannot be set for a windows pod, spec.securityContext.runAsUser: "
		  "Forbidden: cannot be set for a windows pod, spec.containers[0].securityContext.privileged: "
		  "Forbidden: cannot be set for a windows pod]" },
		{ POD("'os':{'name':'linux'},'securityContext':{'windowsOptions':{'runAsUserName':'a'}}"),
		  "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux "
		  "pod" },
		{ POD("'os':{'name':'odd'}"),
		  "spec.os: Unsupported value: \"odd\": supported values: \"linux\", \"windows\"" },
		{ POD("'os':{}"),
		  "spec.os.name: Required value: cannot be empty" },
		{ POD("'hostUsers':false,'hostNetwork':true,'hostPID':true,'hostIPC':true"),
		  "[spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false, spec.HostPID: Forbidden: "
		  "when `pod.Spec.HostUsers` is false, spec.HostIPC: Forbidden: when `pod.Spec.HostUsers` is "
		  "false]" },
		{ SPEC("'containers':[{'name':'c','image':'i','volumeDevices':[]}],'hostUsers':false"),
		  "" },
		{ ONE("'securityContext':{'appArmorProfile':{'type':'Localhost'}}"),
		  "spec.containers[0].securityContext.appArmorProfile.localhostProfile: Required value: must "
		  "be set when AppArmor type is Localhost" },
		{ ONE("'securityContext':{'appArmorProfile':{'type':'RuntimeDefault','localhostProfile':'x'}}"),
		  "spec.containers[0].securityContext.appArmorProfile.localhostProfile: Invalid value: \"x\": "
		  "can only be set when AppArmor type is Localhost" },
		{ ONE("'securityContext':{'appArmorProfile':{'type':'Localhost','localhostProfile':' x'}}"),
		  "spec.containers[0].securityContext.appArmorProfile.localhostProfile: Invalid value: \" x\": "
		  "must not be padded with whitespace" },
		{ POD("'securityContext':{'supplementalGroupsPolicy':'Odd','seLinuxChangePolicy':'Odd'}"),
		  "[spec.securityContext.supplementalGroupsPolicy: Unsupported value: \"Odd\": supported "
		  "values: \"Merge\", \"Strict\", spec.securityContext.seLinuxChangePolicy: Unsupported value: "
		  "\"Odd\": supported values: \"MountOption\", \"Recursive\"]" },
		{ POD("'securityContext':{'windowsOptions':{'hostProcess':true}}"),
		  "spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any "
		  "hostProcess containers" },
		{ SPEC("'containers':[{'name':'c','image':'i',"
		  "'securityContext':{'windowsOptions':{'hostProcess':false}}}],'hostNetwork':true,"
		  "'securityContext':{'windowsOptions':{'hostProcess':true}}"),
		  "spec.containers[0].securityContext.windowsOptions.hostProcess: Invalid value: false: pod "
		  "hostProcess value must be identical if both are specified, was true" },
	};

	CREATES(pods, v);
}

static void scheduling(void **state)
{
	static const struct verdict v[] = {
		{ POD("'nodeSelector':{'a b':'x','ok':'-'}"),
		  "[spec.nodeSelector: Invalid value: \"a b\": " NAME_PART_WHY ", spec.nodeSelector: Invalid "
		  "value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, "
		  "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
		  "'my_value',  or '12345', regex used for validation is "
		  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')]" },
		{ POD("'tolerations':[{'key':'a b'},{'operator':'Equal'},{'key':'k','operator':'Odd'},{'key':'k',"
		  "'operator':'Exists','value':'x'},{'key':'k','effect':'Odd'},{'key':'k','effect':'NoSchedule',"
		  "'tolerationSeconds':3},{'key':'k','value':'-'},{'operator':'Exists','effect':'Odd'}]"),
		  "[spec.tolerations[0].key: Invalid value: \"a b\": " NAME_PART_WHY ", "
		  "spec.tolerations[1].operator: Invalid value: \"Equal\": operator must be Exists when `key` "
		  "is empty, which means \"match all values and all keys\", spec.tolerations[2].operator: "
		  "Unsupported value: \"Odd\": supported values: \"Equal\", \"Exists\", "
		  "spec.tolerations[3].operator: Invalid value: \"x\": value must be empty when `operator` is "
		  "'Exists', spec.tolerations[4].effect: Unsupported value: \"Odd\": supported values: "
		  "\"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\", spec.tolerations[5].effect: Invalid "
		  "value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set, "
		  "spec.tolerations[6].operator: Invalid value: \"-\": a valid label must be an empty string "
		  "or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
		  "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
		  "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?'), spec.tolerations[7].effect: "
		  "Unsupported value: \"Odd\": supported values: \"NoSchedule\", \"PreferNoSchedule\", "
		  "\"NoExecute\"]" },
		{ POD("'schedulingGates':[{'name':''},{'name':'a b'},{'name':'a'},{'name':'a'}],'nodeName':'n'"),
		  "[spec.schedulingGates[0]: Invalid value: \"\": name part must be non-empty, "
		  "spec.schedulingGates[0]: Invalid value: \"\": " NAME_PART_WHY ", spec.schedulingGates[1]: "
		  "Invalid value: \"a b\": " NAME_PART_WHY ", spec.schedulingGates[3]: Duplicate value: \"a\", "
		  "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared]" },
		{ POD("'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms"
		  "':[]}}}"),
		  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms:"
		  " Required value: must have at least one node selector term" },
		{ POD("'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{'nodeSelectorTerms"
		  "':[{'matchExpressions':[{'key':'a','operator':'In'},{'key':'a b','operator':'Exists',"
		  "'values':['x']},{'key':'a','operator':'Gt','values':['1','2']},{'key':'a','operator':'Odd'}],"
		  "'matchFields':[{'key':'metadata.odd','operator':'In','values':['a']},{'key':'metadata.name',"
		  "'operator':'Exists'},{'key':'metadata.name','operator':'In','values':['a','b']},"
		  "{'key':'metadata.name','operator':'In','values':['A_']}]}]}}}"),
		  "[spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
		  "[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' "
		  "or 'NotIn', "
		  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms["
		  "0].matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' "
		  "or 'DoesNotExist', "
		  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms["
		  "0].matchExpressions[1].key: Invalid value: \"a b\": " NAME_PART_WHY ", "
		  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms["
		  "0].matchExpressions[2].values: Required value: must be specified single value when "
		  "`operator` is 'Lt' or 'Gt', "
		  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms["
		  "0].matchExpressions[3].operator: Invalid value: \"Odd\": not a valid selector operator, "
		  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms["
		  "0].matchFields[0].key: Invalid value: \"metadata.odd\": not a valid field selector key, "
		  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms["
		  "0].matchFields[1].operator: Invalid value: \"Exists\": not a valid selector operator, "
		  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms["
		  "0].matchFields[2].values: Required value: must be only one value when `operator` is 'In' or "
		  "'NotIn' for node field selector, "
		  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms["
		  "0].matchFields[3].values[0]: Invalid value: \"A_\": " SUBDOMAIN_WHY "]" },
		{ POD("'affinity':{'nodeAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':0,"
		  "'preference':{}},{'weight':101,'preference':{'matchExpressions':[{'key':'a',"
		  "'operator':'In'}]}}]}}"),
		  "[spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: "
		  "Invalid value: 0: must be in the range 1-100, "
		  "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[1].weight: "
		  "Invalid value: 101: must be in the range 1-100, "
		  "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[1].preference.mat"
		  "chExpressions[0].values: Required value: must be specified when `operator` is 'In' or "
		  "'NotIn']" },
		{ POD("'affinity':{'podAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'',"
		  "'namespaces':['A'],'labelSelector':{'matchExpressions':[{'key':'a','operator':'In'}]}},"
		  "{'topologyKey':'a b'}],'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':0,"
		  "'podAffinityTerm':{'topologyKey':'','namespaces':['A'],"
		  "'labelSelector':{'matchExpressions':[{'key':'a','operator':'In'}]}}}]},"
		  "'podAntiAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'',"
		  "'namespaces':['A'],'labelSelector':{'matchExpressions':[{'key':'a','operator':'In'}]}}],"
		  "'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':200,"
		  "'podAffinityTerm':{'topologyKey':'k'}}]}}"),
		  "[spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.m"
		  "atchExpressions[0].values: Required value: must be specified when `operator` is 'In' or "
		  "'NotIn', "
		  "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespace: "
		  "Invalid value: \"A\": " LABEL_WHY ", "
		  "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: "
		  "Required value: can not be empty, "
		  "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: "
		  "Invalid value: \"\": name part must be non-empty, "
		  "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: "
		  "Invalid value: \"\": " NAME_PART_WHY ", "
		  "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[1].topologyKey: "
		  "Invalid value: \"a b\": " NAME_PART_WHY ", "
		  "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: "
		  "Invalid value: 0: must be in the range 1-100, "
		  "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm"
		  ".labelSelector.matchExpressions[0].values: Required value: must be specified when "
		  "`operator` is 'In' or 'NotIn', "
		  "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm"
		  ".namespace: Invalid value: \"A\": " LABEL_WHY ", "
		  "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm"
		  ".topologyKey: Required value: can not be empty, "
		  "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm"
		  ".topologyKey: Invalid value: \"\": name part must be non-empty, "
		  "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm"
		  ".topologyKey: Invalid value: \"\": " NAME_PART_WHY ", "
		  "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelecto"
		  "r.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or "
		  "'NotIn', "
		  "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespace: "
		  "Invalid value: \"A\": " LABEL_WHY ", "
		  "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey:"
		  " Required value: can not be empty, "
		  "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey:"
		  " Invalid value: \"\": name part must be non-empty, "
		  "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey:"
		  " Invalid value: \"\": " NAME_PART_WHY ", "
		  "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: "
		  "Invalid value: 200: must be in the range 1-100]" },
		{ POD("'topologySpreadConstraints':[{'maxSkew':0,'topologyKey':'','whenUnsatisfiable':''},{'maxSkew':1,"
		  "'topologyKey':'k','whenUnsatisfiable':'Odd'},{'maxSkew':1,'topologyKey':'k',"
		  "'whenUnsatisfiable':'ScheduleAnyway'},{'maxSkew':1,'topologyKey':'k',"
		  "'whenUnsatisfiable':'ScheduleAnyway'}]"),
		  "[spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero, "
		  "spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty, "
		  "spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: \"\": supported "
		  "values: \"DoNotSchedule\", \"ScheduleAnyway\", "
		  "spec.topologySpreadConstraints[1].whenUnsatisfiable: Unsupported value: \"Odd\": supported "
		  "values: \"DoNotSchedule\", \"ScheduleAnyway\", "
		  "spec.topologySpreadConstraints[2].{topologyKey, whenUnsatisfiable}: Duplicate value: \"{k, "
		  "ScheduleAnyway}\"]" },
		{ POD("'schedulingGates':[{'name':'a.b/c'}]"),
		  "" },
		{ POD("'topologySpreadConstraints':[{'maxSkew':1,'topologyKey':'k',"
		  "'whenUnsatisfiable':'ScheduleAnyway','minDomains':1},{'maxSkew':1,'topologyKey':'k',"
		  "'whenUnsatisfiable':'DoNotSchedule','minDomains':0,'nodeAffinityPolicy':'Odd',"
		  "'nodeTaintsPolicy':'Odd','matchLabelKeys':['a']},{'maxSkew':1,'topologyKey':'l',"
		  "'whenUnsatisfiable':'DoNotSchedule','matchLabelKeys':['a','a b'],"
		  "'labelSelector':{'matchExpressions':[{'key':'a','operator':'Exists'}]}},{'maxSkew':1,"
		  "'topologyKey':'m m','whenUnsatisfiable':'DoNotSchedule',"
		  "'labelSelector':{'matchExpressions':[{'key':'a','operator':'Odd'}]}}]"),
		  "[spec.topologySpreadConstraints[0].minDomains: Invalid value: 1: can only use minDomains if "
		  "whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway, "
		  "spec.topologySpreadConstraints[1].minDomains: Invalid value: 0: must be greater than zero, "
		  "spec.topologySpreadConstraints[1].nodeAffinityPolicy: Unsupported value: \"Odd\": supported "
		  "values: \"Honor\", \"Ignore\", spec.topologySpreadConstraints[1].nodeTaintsPolicy: "
		  "Unsupported value: \"Odd\": supported values: \"Honor\", \"Ignore\", "
		  "spec.topologySpreadConstraints[1].matchLabelKeys: Forbidden: must not be specified when "
		  "labelSelector is not set, spec.topologySpreadConstraints[2].matchLabelKeys[1]: Invalid "
		  "value: \"a b\": " NAME_PART_WHY ", "
		  "spec.topologySpreadConstraints[3].labelSelector.matchExpressions[0].operator: Invalid "
		  "value: \"Odd\": not a valid selector operator]" },
		{ POD("'affinity':{'podAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'k',"
		  "'matchLabelKeys':['a']},{'topologyKey':'k','labelSelector':{},'matchLabelKeys':['a'],"
		  "'mismatchLabelKeys':['a']},{'topologyKey':'k','namespaceSelector':{'matchLabels':{'a "
		  "b':'c'}}}]}}"),
		  "[spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys:"
		  " Forbidden: must not be specified when labelSelector is not set, "
		  "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[1].matchLabelKeys[0"
		  "]: Invalid value: \"a\": exists in both matchLabelKeys and mismatchLabelKeys, "
		  "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[2].namespaceSelecto"
		  "r.matchLabels: Invalid value: \"a b\": " NAME_PART_WHY "]" },
	};

	CREATES(pods, v);
}

static void the_rest(void **state)
{
	static const struct verdict v[] = {
		{ POD("'restartPolicy':'Odd'"),
		  "spec.restartPolicy: Unsupported value: \"Odd\": supported values: \"Always\", "
		  "\"OnFailure\", \"Never\"" },
		{ POD("'dnsPolicy':'Odd'"),
		  "spec.dnsPolicy: Unsupported value: \"Odd\": supported values: \"ClusterFirstWithHostNet\", "
		  "\"ClusterFirst\", \"Default\", \"None\"" },
		{ POD("'dnsPolicy':'None'"),
		  "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None" },
		{ POD("'dnsPolicy':'None','dnsConfig':{}"),
		  "spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when "
		  "`dnsPolicy` is None" },
		{ POD("'dnsConfig':{'nameservers':['x','1.1.1.1','2.2.2.2','3.3.3.3'],'searches':['a b','A','ok','_x'],"
		  "'options':[{'name':''}]}"),
		  "[spec.dnsConfig.nameservers: Invalid value: [\"x\",\"1.1.1.1\",\"2.2.2.2\",\"3.3.3.3\"]: "
		  "must not have more than 3 nameservers, spec.dnsConfig.nameservers[0]: Invalid value: \"x\": "
		  IP_WHY ", spec.dnsConfig.searches[0]: Invalid value: \"a b\": a lowercase RFC 1123 "
		  "subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must "
		  "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation "
		  "is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*'), "
		  "spec.dnsConfig.searches[1]: Invalid value: \"A\": a lowercase RFC 1123 subdomain must "
		  "consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with "
		  "an alphanumeric character (e.g. 'example.com', regex used for validation is "
		  "'_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*'), "
		  "spec.dnsConfig.options[0]: Required value: must not be empty]" },
		{ POD("'nodeName':'A'"),
		  "spec.nodeName: Invalid value: \"A\": " SUBDOMAIN_WHY },
		{ POD("'activeDeadlineSeconds':0"),
		  "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive" },
		{ POD("'activeDeadlineSeconds':3000000000"),
		  "spec.activeDeadlineSeconds: Invalid value: 3000000000: must be between 1 and 2147483647, "
		  "inclusive" },
		{ POD("'hostname':'A.b','subdomain':'a.b'"),
		  "[spec.hostname: Invalid value: \"A.b\": " LABEL_WHY ", spec.subdomain: Invalid value: "
		  "\"a.b\": must not contain dots]" },
		{ POD("'hostAliases':[{'ip':'x','hostnames':['A','ok']},{'hostnames':['a']}]"),
		  "[spec.hostAliases[0].ip: Invalid value: \"x\": " IP_WHY ", "
		  "spec.hostAliases[0].hostnames[0]: Invalid value: \"A\": " SUBDOMAIN_WHY ", "
		  "spec.hostAliases[1].ip: Invalid value: \"\": " IP_WHY "]" },
		{ POD("'runtimeClassName':'A'"),
		  "spec.runtimeClassName: Invalid value: \"A\": " SUBDOMAIN_WHY },
		{ POD("'terminationGracePeriodSeconds':-1"),
		  "" },
		{ POD("'imagePullSecrets':[{}]"),
		  "" },
		{ "{'metadata':{'namespace':'d','name':'x','labels':{'a b':'-'}},'spec':{'containers':[{'name':'c',"
		  "'image':'i'}]}}",
		  "[metadata.labels: Invalid value: \"a b\": " NAME_PART_WHY ", metadata.labels: Invalid "
		  "value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, "
		  "'-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
		  "'my_value',  or '12345', regex used for validation is "
		  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')]" },
		{ "{'metadata':{'namespace':'d','name':'x','annotations':{'a b':'x'}},"
		  "'spec':{'containers':[{'name':'c','image':'i'}]}}",
		  "metadata.annotations: Invalid value: \"a b\": " NAME_PART_WHY },
		{ "{'metadata':{'namespace':'d','name':'x','annotations':{'kubernetes.io/config.mirror':''}},"
		  "'spec':{'containers':[{'name':'c','image':'i'}]}}",
		  "metadata.annotations[kubernetes.io/config.mirror]: Invalid value: \"\": must set "
		  "spec.nodeName if mirror pod annotation is set" },
		{ POD("'hostnameOverride':'A'"),
		  "spec.hostnameOverride: Invalid value: \"A\": " SUBDOMAIN_WHY },
		{ POD("'hostnameOverride':'a','hostNetwork':true,'setHostnameAsFQDN':true"),
		  "[spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true, "
		  "spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true]" },
	};

	CREATES(pods, v);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(security),
		cmocka_unit_test(scheduling),
		cmocka_unit_test(the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
