// SPDX-License-Identifier: GPL-2.0-or-later
/* core.c - field tables: Node, Namespace, Event, ConfigMap, Secret, ServiceAccount, Lease, Binding */
#include "api/schema/types.h"

TYPE(ObjectReference, PKG_CORE, "Names another object.",
	STR("apiVersion"),
	STR("fieldPath"),
	STR("kind"),
	STR("name"),
	STR("namespace"),
	STR("resourceVersion"),
	STR("uid"))

TYPE(ConfigMapNodeConfigSource, PKG_CORE, NULL,
	STR("kubeletConfigKey", REQUIRED),
	STR("name", REQUIRED),
	STR("namespace", REQUIRED),
	STR("resourceVersion"),
	STR("uid"))

TYPE(NodeConfigSource, PKG_CORE, NULL,
	OBJECT("configMap", ConfigMapNodeConfigSource))

TYPE(Taint, PKG_CORE, NULL,
	STR("effect", REQUIRED, ONE_OF("NoExecute,NoSchedule,PreferNoSchedule")),
	STR("key", REQUIRED),
	TIME("timeAdded"),
	STR("value"))

TYPE(NodeSpec, PKG_CORE, NULL,
	OBJECT("configSource", NodeConfigSource),
	STR("externalID"),
	STR("podCIDR"),
	STRINGS("podCIDRs", MERGE_SET),
	STR("providerID"),
	LIST("taints", Taint),
	BOOL("unschedulable"))

TYPE(NodeAddress, PKG_CORE, NULL,
	STR("address", REQUIRED),
	STR("type", REQUIRED))

TYPE(NodeCondition, PKG_CORE, NULL,
	TIME("lastHeartbeatTime"),
	TIME("lastTransitionTime"),
	STR("message"),
	STR("reason"),
	STR("status", REQUIRED),
	STR("type", REQUIRED))

TYPE(NodeConfigStatus, PKG_CORE, NULL,
	OBJECT("active", NodeConfigSource),
	OBJECT("assigned", NodeConfigSource),
	STR("error"),
	OBJECT("lastKnownGood", NodeConfigSource))

TYPE(DaemonEndpoint, PKG_CORE, NULL,
	INT32("Port", REQUIRED))

TYPE(NodeDaemonEndpoints, PKG_CORE, NULL,
	OBJECT("kubeletEndpoint", DaemonEndpoint))

TYPE(NodeFeatures, PKG_CORE, NULL,
	BOOL("supplementalGroupsPolicy"))

TYPE(ContainerImage, PKG_CORE, NULL,
	STRINGS("names"),
	INT64("sizeBytes"))

TYPE(NodeSystemInfo, PKG_CORE, NULL,
	STR("architecture", REQUIRED),
	STR("bootID", REQUIRED),
	STR("containerRuntimeVersion", REQUIRED),
	STR("kernelVersion", REQUIRED),
	STR("kubeProxyVersion", REQUIRED),
	STR("kubeletVersion", REQUIRED),
	STR("machineID", REQUIRED),
	STR("operatingSystem", REQUIRED),
	STR("osImage", REQUIRED),
	STR("systemUUID", REQUIRED))

TYPE(NodeRuntimeHandlerFeatures, PKG_CORE, NULL,
	BOOL("recursiveReadOnlyMounts"),
	BOOL("userNamespaces"))

TYPE(NodeRuntimeHandler, PKG_CORE, NULL,
	OBJECT("features", NodeRuntimeHandlerFeatures),
	STR("name"))

TYPE(AttachedVolume, PKG_CORE, NULL,
	STR("devicePath", REQUIRED),
	STR("name", REQUIRED))

TYPE(NodeStatus, PKG_CORE, NULL,
	LIST("addresses", NodeAddress, MERGE_BY("type", "type")),
	QUANTITIES("allocatable"),
	QUANTITIES("capacity"),
	LIST("conditions", NodeCondition, MERGE_BY("type", "type")),
	OBJECT("config", NodeConfigStatus),
	OBJECT("daemonEndpoints", NodeDaemonEndpoints),
	OBJECT("features", NodeFeatures),
	LIST("images", ContainerImage),
	OBJECT("nodeInfo", NodeSystemInfo),
	STR("phase"),
	LIST("runtimeHandlers", NodeRuntimeHandler),
	LIST("volumesAttached", AttachedVolume),
	STRINGS("volumesInUse"))

TYPE(Node, PKG_CORE, "A machine of the cluster.",
	STR("apiVersion"),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	OBJECT("spec", NodeSpec),
	OBJECT("status", NodeStatus))

TYPE(NamespaceSpec, PKG_CORE, NULL,
	STRINGS("finalizers"))

TYPE(NamespaceCondition, PKG_CORE, NULL,
	TIME("lastTransitionTime"),
	STR("message"),
	STR("reason"),
	STR("status", REQUIRED),
	STR("type", REQUIRED))

TYPE(NamespaceStatus, PKG_CORE, NULL,
	LIST("conditions", NamespaceCondition, MERGE_BY("type", "type")),
	STR("phase", ONE_OF("Active,Terminating")))

TYPE(Namespace, PKG_CORE, "A scope for names.",
	STR("apiVersion"),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	OBJECT("spec", NamespaceSpec),
	OBJECT("status", NamespaceStatus))

TYPE(EventSeries, PKG_CORE, NULL,
	INT32("count"),
	MICRO_TIME("lastObservedTime"))

TYPE(EventSource, PKG_CORE, NULL,
	STR("component"),
	STR("host"))

TYPE(Event, PKG_CORE, "A report of something that happened to an object.",
	STR("action"),
	STR("apiVersion"),
	INT32("count"),
	MICRO_TIME("eventTime"),
	TIME("firstTimestamp"),
	OBJECT("involvedObject", ObjectReference, REQUIRED),
	STR("kind"),
	TIME("lastTimestamp"),
	STR("message"),
	OBJECT("metadata", ObjectMeta, REQUIRED),
	STR("reason"),
	OBJECT("related", ObjectReference),
	STR("reportingComponent"),
	STR("reportingInstance"),
	OBJECT("series", EventSeries),
	OBJECT("source", EventSource),
	STR("type"))

TYPE(ConfigMap, PKG_CORE, "Configuration data for pods.",
	STR("apiVersion"),
	BYTES_MAP("binaryData"),
	STRINGS_MAP("data"),
	BOOL("immutable"),
	STR("kind"),
	OBJECT("metadata", ObjectMeta))

TYPE(Secret, PKG_CORE, "Confidential data for pods.",
	STR("apiVersion"),
	BYTES_MAP("data"),
	BOOL("immutable"),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	STRINGS_MAP("stringData"),
	STR("type"))

TYPE(ServiceAccount, PKG_CORE, "An identity for what runs in pods.",
	STR("apiVersion"),
	BOOL("automountServiceAccountToken"),
	LIST("imagePullSecrets", LocalObjectReference),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	LIST("secrets", ObjectReference, MERGE_BY("name", "name")))

TYPE(LeaseSpec, PKG_COORDINATION, NULL,
	MICRO_TIME("acquireTime"),
	STR("holderIdentity"),
	INT32("leaseDurationSeconds"),
	INT32("leaseTransitions"),
	STR("preferredHolder"),
	MICRO_TIME("renewTime"),
	STR("strategy"))

TYPE(Lease, PKG_COORDINATION, "A lock or a heartbeat with a time limit.",
	STR("apiVersion"),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	OBJECT("spec", LeaseSpec))

TYPE(Binding, PKG_CORE, "Ties a pod to a node.",
	STR("apiVersion"),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	OBJECT("target", ObjectReference, REQUIRED))
