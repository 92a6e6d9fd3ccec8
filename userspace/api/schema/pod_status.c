// SPDX-License-Identifier: GPL-2.0-or-later
/* pod_status.c - field tables: Pod, PodStatus and PodTemplateSpec */
#include "api/schema/types.h"

TYPE(PodCondition, PKG_CORE, NULL,
	TIME("lastProbeTime"),
	TIME("lastTransitionTime"),
	STR("message"),
	STR("reason"),
	STR("status", REQUIRED),
	STR("type", REQUIRED))

TYPE(ResourceHealth, PKG_CORE, NULL,
	STR("health"),
	STR("resourceID", REQUIRED))

TYPE(ResourceStatus, PKG_CORE, NULL,
	STR("name", REQUIRED),
	LIST("resources", ResourceHealth))

TYPE(ContainerStateRunning, PKG_CORE, NULL,
	TIME("startedAt"))

TYPE(ContainerStateTerminated, PKG_CORE, NULL,
	STR("containerID"),
	INT32("exitCode", REQUIRED),
	TIME("finishedAt"),
	STR("message"),
	STR("reason"),
	INT32("signal"),
	TIME("startedAt"))

TYPE(ContainerStateWaiting, PKG_CORE, NULL,
	STR("message"),
	STR("reason"))

TYPE(ContainerState, PKG_CORE, NULL,
	OBJECT("running", ContainerStateRunning),
	OBJECT("terminated", ContainerStateTerminated),
	OBJECT("waiting", ContainerStateWaiting))

TYPE(LinuxContainerUser, PKG_CORE, NULL,
	INT64("gid", REQUIRED),
	INT64S("supplementalGroups"),
	INT64("uid", REQUIRED))

TYPE(ContainerUser, PKG_CORE, NULL,
	OBJECT("linux", LinuxContainerUser))

TYPE(VolumeMountStatus, PKG_CORE, NULL,
	STR("mountPath", REQUIRED),
	STR("name", REQUIRED),
	BOOL("readOnly"),
	STR("recursiveReadOnly"))

TYPE(ContainerStatus, PKG_CORE, NULL,
	QUANTITIES("allocatedResources"),
	LIST("allocatedResourcesStatus", ResourceStatus, MERGE_BY("name", "name")),
	STR("containerID"),
	STR("image", REQUIRED),
	STR("imageID", REQUIRED),
	OBJECT("lastState", ContainerState),
	STR("name", REQUIRED),
	BOOL("ready", REQUIRED),
	OBJECT("resources", ResourceRequirements),
	INT32("restartCount", REQUIRED),
	BOOL("started"),
	OBJECT("state", ContainerState),
	OBJECT("user", ContainerUser),
	LIST("volumeMounts", VolumeMountStatus, MERGE_BY("mountPath", "mountPath")))

TYPE(HostIP, PKG_CORE, NULL,
	STR("ip", REQUIRED))

TYPE(PodIP, PKG_CORE, NULL,
	STR("ip", REQUIRED))

TYPE(PodResourceClaimStatus, PKG_CORE, NULL,
	STR("name", REQUIRED),
	STR("resourceClaimName"))

TYPE(PodStatus, PKG_CORE, "The present state of a pod.",
	LIST("conditions", PodCondition, MERGE_BY("type", "type")),
	LIST("containerStatuses", ContainerStatus),
	LIST("ephemeralContainerStatuses", ContainerStatus),
	STR("hostIP"),
	LIST("hostIPs", HostIP, MERGE_BY("ip", "ip")),
	LIST("initContainerStatuses", ContainerStatus),
	STR("message"),
	STR("nominatedNodeName"),
	STR("phase", ONE_OF("Failed,Pending,Running,Succeeded,Unknown")),
	STR("podIP"),
	LIST("podIPs", PodIP, MERGE_BY("ip", "ip")),
	STR("qosClass", ONE_OF("BestEffort,Burstable,Guaranteed")),
	STR("reason"),
	STR("resize"),
	LIST("resourceClaimStatuses", PodResourceClaimStatus, MERGE_BY_RETAIN("name", "name")),
	TIME("startTime"))

TYPE(Pod, PKG_CORE, "A group of containers that run together on one node and share its network.",
	STR("apiVersion"),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	OBJECT("spec", PodSpec),
	OBJECT("status", PodStatus))

TYPE(PodTemplateSpec, PKG_CORE, "The pods that a controller makes.",
	OBJECT("metadata", ObjectMeta),
	OBJECT("spec", PodSpec))
