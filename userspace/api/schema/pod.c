// SPDX-License-Identifier: GPL-2.0-or-later
/* pod.c - field tables: PodSpec and what is in it, but volumes */
#include "api/schema/types.h"

TYPE(NodeSelectorRequirement, PKG_CORE, NULL,
	STR("key", REQUIRED),
	STR("operator", REQUIRED),
	STRINGS("values"))

TYPE(NodeSelectorTerm, PKG_CORE, NULL,
	LIST("matchExpressions", NodeSelectorRequirement),
	LIST("matchFields", NodeSelectorRequirement))

TYPE(PreferredSchedulingTerm, PKG_CORE, NULL,
	OBJECT("preference", NodeSelectorTerm, REQUIRED),
	INT32("weight", REQUIRED))

TYPE(NodeSelector, PKG_CORE, NULL,
	LIST("nodeSelectorTerms", NodeSelectorTerm, REQUIRED))

TYPE(NodeAffinity, PKG_CORE, NULL,
	LIST("preferredDuringSchedulingIgnoredDuringExecution", PreferredSchedulingTerm),
	OBJECT("requiredDuringSchedulingIgnoredDuringExecution", NodeSelector))

TYPE(PodAffinityTerm, PKG_CORE, NULL,
	OBJECT("labelSelector", LabelSelector),
	STRINGS("matchLabelKeys"),
	STRINGS("mismatchLabelKeys"),
	OBJECT("namespaceSelector", LabelSelector),
	STRINGS("namespaces"),
	STR("topologyKey", REQUIRED))

TYPE(WeightedPodAffinityTerm, PKG_CORE, NULL,
	OBJECT("podAffinityTerm", PodAffinityTerm, REQUIRED),
	INT32("weight", REQUIRED))

TYPE(PodAffinity, PKG_CORE, NULL,
	LIST("preferredDuringSchedulingIgnoredDuringExecution", WeightedPodAffinityTerm),
	LIST("requiredDuringSchedulingIgnoredDuringExecution", PodAffinityTerm))

TYPE(PodAntiAffinity, PKG_CORE, NULL,
	LIST("preferredDuringSchedulingIgnoredDuringExecution", WeightedPodAffinityTerm),
	LIST("requiredDuringSchedulingIgnoredDuringExecution", PodAffinityTerm))

TYPE(Affinity, PKG_CORE, NULL,
	OBJECT("nodeAffinity", NodeAffinity),
	OBJECT("podAffinity", PodAffinity),
	OBJECT("podAntiAffinity", PodAntiAffinity))

TYPE(ConfigMapKeySelector, PKG_CORE, NULL,
	STR("key", REQUIRED),
	STR("name"),
	BOOL("optional"))

TYPE(ObjectFieldSelector, PKG_CORE, NULL,
	STR("apiVersion"),
	STR("fieldPath", REQUIRED))

TYPE(ResourceFieldSelector, PKG_CORE, NULL,
	STR("containerName"),
	QUANTITY("divisor"),
	STR("resource", REQUIRED))

TYPE(SecretKeySelector, PKG_CORE, NULL,
	STR("key", REQUIRED),
	STR("name"),
	BOOL("optional"))

TYPE(EnvVarSource, PKG_CORE, NULL,
	OBJECT("configMapKeyRef", ConfigMapKeySelector),
	OBJECT("fieldRef", ObjectFieldSelector),
	OBJECT("resourceFieldRef", ResourceFieldSelector),
	OBJECT("secretKeyRef", SecretKeySelector))

TYPE(EnvVar, PKG_CORE, NULL,
	STR("name", REQUIRED),
	STR("value"),
	OBJECT("valueFrom", EnvVarSource))

TYPE(ConfigMapEnvSource, PKG_CORE, NULL,
	STR("name"),
	BOOL("optional"))

TYPE(SecretEnvSource, PKG_CORE, NULL,
	STR("name"),
	BOOL("optional"))

TYPE(EnvFromSource, PKG_CORE, NULL,
	OBJECT("configMapRef", ConfigMapEnvSource),
	STR("prefix"),
	OBJECT("secretRef", SecretEnvSource))

TYPE(ExecAction, PKG_CORE, NULL,
	STRINGS("command"))

TYPE(HTTPHeader, PKG_CORE, NULL,
	STR("name", REQUIRED),
	STR("value", REQUIRED))

TYPE(HTTPGetAction, PKG_CORE, NULL,
	STR("host"),
	LIST("httpHeaders", HTTPHeader),
	STR("path"),
	INT_OR_STRING("port", REQUIRED),
	STR("scheme", ONE_OF("HTTP,HTTPS")))

TYPE(SleepAction, PKG_CORE, NULL,
	INT64("seconds", REQUIRED))

TYPE(TCPSocketAction, PKG_CORE, NULL,
	STR("host"),
	INT_OR_STRING("port", REQUIRED))

TYPE(LifecycleHandler, PKG_CORE, NULL,
	OBJECT("exec", ExecAction),
	OBJECT("httpGet", HTTPGetAction),
	OBJECT("sleep", SleepAction),
	OBJECT("tcpSocket", TCPSocketAction))

TYPE(Lifecycle, PKG_CORE, NULL,
	OBJECT("postStart", LifecycleHandler),
	OBJECT("preStop", LifecycleHandler))

TYPE(GRPCAction, PKG_CORE, NULL,
	INT32("port", REQUIRED),
	STR("service"))

TYPE(Probe, PKG_CORE, "A check of a container.",
	OBJECT("exec", ExecAction),
	INT32("failureThreshold"),
	OBJECT("grpc", GRPCAction),
	OBJECT("httpGet", HTTPGetAction),
	INT32("initialDelaySeconds"),
	INT32("periodSeconds"),
	INT32("successThreshold"),
	OBJECT("tcpSocket", TCPSocketAction),
	INT64("terminationGracePeriodSeconds"),
	INT32("timeoutSeconds"))

TYPE(ContainerPort, PKG_CORE, NULL,
	INT32("containerPort", REQUIRED),
	STR("hostIP"),
	INT32("hostPort"),
	STR("name"),
	STR("protocol", ONE_OF("SCTP,TCP,UDP")))

TYPE(ContainerResizePolicy, PKG_CORE, NULL,
	STR("resourceName", REQUIRED),
	STR("restartPolicy", REQUIRED))

TYPE(ResourceClaim, PKG_CORE, NULL,
	STR("name", REQUIRED),
	STR("request"))

TYPE(ResourceRequirements, PKG_CORE, NULL,
	LIST("claims", ResourceClaim, MAP_KEYS("name")),
	QUANTITIES("limits"),
	QUANTITIES("requests"))

TYPE(AppArmorProfile, PKG_CORE, NULL,
	STR("localhostProfile"),
	STR("type", REQUIRED))

TYPE(Capabilities, PKG_CORE, NULL,
	STRINGS("add"),
	STRINGS("drop"))

TYPE(SELinuxOptions, PKG_CORE, NULL,
	STR("level"),
	STR("role"),
	STR("type"),
	STR("user"))

TYPE(SeccompProfile, PKG_CORE, NULL,
	STR("localhostProfile"),
	STR("type", REQUIRED))

TYPE(WindowsSecurityContextOptions, PKG_CORE, NULL,
	STR("gmsaCredentialSpec"),
	STR("gmsaCredentialSpecName"),
	BOOL("hostProcess"),
	STR("runAsUserName"))

TYPE(SecurityContext, PKG_CORE, NULL,
	BOOL("allowPrivilegeEscalation"),
	OBJECT("appArmorProfile", AppArmorProfile),
	OBJECT("capabilities", Capabilities),
	BOOL("privileged"),
	STR("procMount"),
	BOOL("readOnlyRootFilesystem"),
	INT64("runAsGroup"),
	BOOL("runAsNonRoot"),
	INT64("runAsUser"),
	OBJECT("seLinuxOptions", SELinuxOptions),
	OBJECT("seccompProfile", SeccompProfile),
	OBJECT("windowsOptions", WindowsSecurityContextOptions))

TYPE(VolumeDevice, PKG_CORE, NULL,
	STR("devicePath", REQUIRED),
	STR("name", REQUIRED))

TYPE(VolumeMount, PKG_CORE, NULL,
	STR("mountPath", REQUIRED),
	STR("mountPropagation"),
	STR("name", REQUIRED),
	BOOL("readOnly"),
	STR("recursiveReadOnly"),
	STR("subPath"),
	STR("subPathExpr"))

TYPE(Container, PKG_CORE, "One container of a pod.",
	STRINGS("args"),
	STRINGS("command"),
	LIST("env", EnvVar, MERGE_BY("name", "name")),
	LIST("envFrom", EnvFromSource),
	STR("image"),
	STR("imagePullPolicy", ONE_OF("Always,IfNotPresent,Never")),
	OBJECT("lifecycle", Lifecycle),
	OBJECT("livenessProbe", Probe),
	STR("name", REQUIRED),
	LIST("ports", ContainerPort, MERGE_BY("containerPort", "containerPort,protocol")),
	OBJECT("readinessProbe", Probe),
	LIST("resizePolicy", ContainerResizePolicy),
	OBJECT("resources", ResourceRequirements),
	STR("restartPolicy"),
	OBJECT("securityContext", SecurityContext),
	OBJECT("startupProbe", Probe),
	BOOL("stdin"),
	BOOL("stdinOnce"),
	STR("terminationMessagePath"),
	STR("terminationMessagePolicy", ONE_OF("FallbackToLogsOnError,File")),
	BOOL("tty"),
	LIST("volumeDevices", VolumeDevice, MERGE_BY("devicePath", "devicePath")),
	LIST("volumeMounts", VolumeMount, MERGE_BY("mountPath", "mountPath")),
	STR("workingDir"))

TYPE(PodDNSConfigOption, PKG_CORE, NULL,
	STR("name"),
	STR("value"))

TYPE(PodDNSConfig, PKG_CORE, NULL,
	STRINGS("nameservers"),
	LIST("options", PodDNSConfigOption),
	STRINGS("searches"))

TYPE(EphemeralContainer, PKG_CORE, NULL,
	STRINGS("args"),
	STRINGS("command"),
	LIST("env", EnvVar, MERGE_BY("name", "name")),
	LIST("envFrom", EnvFromSource),
	STR("image"),
	STR("imagePullPolicy", ONE_OF("Always,IfNotPresent,Never")),
	OBJECT("lifecycle", Lifecycle),
	OBJECT("livenessProbe", Probe),
	STR("name", REQUIRED),
	LIST("ports", ContainerPort, MERGE_BY("containerPort", "containerPort,protocol")),
	OBJECT("readinessProbe", Probe),
	LIST("resizePolicy", ContainerResizePolicy),
	OBJECT("resources", ResourceRequirements),
	STR("restartPolicy"),
	OBJECT("securityContext", SecurityContext),
	OBJECT("startupProbe", Probe),
	BOOL("stdin"),
	BOOL("stdinOnce"),
	STR("targetContainerName"),
	STR("terminationMessagePath"),
	STR("terminationMessagePolicy", ONE_OF("FallbackToLogsOnError,File")),
	BOOL("tty"),
	LIST("volumeDevices", VolumeDevice, MERGE_BY("devicePath", "devicePath")),
	LIST("volumeMounts", VolumeMount, MERGE_BY("mountPath", "mountPath")),
	STR("workingDir"))

TYPE(HostAlias, PKG_CORE, NULL,
	STRINGS("hostnames"),
	STR("ip", REQUIRED))

TYPE(LocalObjectReference, PKG_CORE, NULL,
	STR("name"))

TYPE(PodOS, PKG_CORE, NULL,
	STR("name", REQUIRED))

TYPE(PodReadinessGate, PKG_CORE, NULL,
	STR("conditionType", REQUIRED))

TYPE(PodResourceClaim, PKG_CORE, NULL,
	STR("name", REQUIRED),
	STR("resourceClaimName"),
	STR("resourceClaimTemplateName"))

TYPE(PodSchedulingGate, PKG_CORE, NULL,
	STR("name", REQUIRED))

TYPE(Sysctl, PKG_CORE, NULL,
	STR("name", REQUIRED),
	STR("value", REQUIRED))

TYPE(PodSecurityContext, PKG_CORE, NULL,
	OBJECT("appArmorProfile", AppArmorProfile),
	INT64("fsGroup"),
	STR("fsGroupChangePolicy"),
	INT64("runAsGroup"),
	BOOL("runAsNonRoot"),
	INT64("runAsUser"),
	STR("seLinuxChangePolicy"),
	OBJECT("seLinuxOptions", SELinuxOptions),
	OBJECT("seccompProfile", SeccompProfile),
	INT64S("supplementalGroups"),
	STR("supplementalGroupsPolicy"),
	LIST("sysctls", Sysctl),
	OBJECT("windowsOptions", WindowsSecurityContextOptions))

TYPE(Toleration, PKG_CORE, NULL,
	STR("effect", ONE_OF("NoExecute,NoSchedule,PreferNoSchedule")),
	STR("key"),
	STR("operator", ONE_OF("Equal,Exists")),
	INT64("tolerationSeconds"),
	STR("value"))

TYPE(TopologySpreadConstraint, PKG_CORE, NULL,
	OBJECT("labelSelector", LabelSelector),
	STRINGS("matchLabelKeys"),
	INT32("maxSkew", REQUIRED),
	INT32("minDomains"),
	STR("nodeAffinityPolicy"),
	STR("nodeTaintsPolicy"),
	STR("topologyKey", REQUIRED),
	STR("whenUnsatisfiable", REQUIRED, ONE_OF("DoNotSchedule,ScheduleAnyway")))

TYPE(PodSpec, PKG_CORE, "What a pod is to run and how.",
	INT64("activeDeadlineSeconds"),
	OBJECT("affinity", Affinity),
	BOOL("automountServiceAccountToken"),
	LIST("containers", Container, REQUIRED, MERGE_BY("name", "name")),
	OBJECT("dnsConfig", PodDNSConfig),
	STR("dnsPolicy", ONE_OF("ClusterFirst,ClusterFirstWithHostNet,Default,None")),
	BOOL("enableServiceLinks"),
	LIST("ephemeralContainers", EphemeralContainer, MERGE_BY("name", "name")),
	LIST("hostAliases", HostAlias, MERGE_BY("ip", "ip")),
	BOOL("hostIPC"),
	BOOL("hostNetwork"),
	BOOL("hostPID"),
	BOOL("hostUsers"),
	STR("hostname"),
	LIST("imagePullSecrets", LocalObjectReference, MERGE_BY("name", "name")),
	LIST("initContainers", Container, MERGE_BY("name", "name")),
	STR("nodeName"),
	STRINGS_MAP("nodeSelector"),
	OBJECT("os", PodOS),
	QUANTITIES("overhead"),
	STR("preemptionPolicy"),
	INT32("priority"),
	STR("priorityClassName"),
	LIST("readinessGates", PodReadinessGate),
	LIST("resourceClaims", PodResourceClaim, MERGE_BY_RETAIN("name", "name")),
	OBJECT("resources", ResourceRequirements),
	STR("restartPolicy", ONE_OF("Always,Never,OnFailure")),
	STR("runtimeClassName"),
	STR("schedulerName"),
	LIST("schedulingGates", PodSchedulingGate, MERGE_BY("name", "name")),
	OBJECT("securityContext", PodSecurityContext),
	STR("serviceAccount"),
	STR("serviceAccountName"),
	BOOL("setHostnameAsFQDN"),
	BOOL("shareProcessNamespace"),
	STR("subdomain"),
	INT64("terminationGracePeriodSeconds"),
	LIST("tolerations", Toleration),
	LIST("topologySpreadConstraints", TopologySpreadConstraint,
	     MERGE_BY("topologyKey", "topologyKey,whenUnsatisfiable")),
	LIST("volumes", Volume, MERGE_BY_RETAIN("name", "name")))
