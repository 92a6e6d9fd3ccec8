/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * types.h - the list of types, and the words their tables are written in
 *
 * To add a type: a row here, its table in the schema_*.c it belongs to. Names
 * and types of fields are those of the Kubernetes API (v1, as of 1.32).
 */
#ifndef KEELSON_API_SCHEMA_TYPES_H
#define KEELSON_API_SCHEMA_TYPES_H

#include "api/schema/schema.h"

#define PKG_META "io.k8s.apimachinery.pkg.apis.meta.v1"
#define PKG_CORE "io.k8s.api.core.v1"
#define PKG_APPS "io.k8s.api.apps.v1"
#define PKG_AUTOSCALING "io.k8s.api.autoscaling.v1"
#define PKG_DISCOVERY "io.k8s.api.discovery.v1"
#define PKG_COORDINATION "io.k8s.api.coordination.v1"

#define SCHEMA_TYPES(X)											\
	X(ManagedFieldsEntry) X(OwnerReference) X(ObjectMeta) X(LabelSelectorRequirement)		\
	X(LabelSelector) X(Condition) X(Preconditions) X(DeleteOptions) X(StatusCause)			\
	X(StatusDetails) X(ListMeta) X(Status)								\
	X(NodeSelectorRequirement) X(NodeSelectorTerm) X(PreferredSchedulingTerm)			\
	X(NodeSelector) X(NodeAffinity) X(PodAffinityTerm) X(WeightedPodAffinityTerm)			\
	X(PodAffinity) X(PodAntiAffinity) X(Affinity) X(ConfigMapKeySelector)				\
	X(ObjectFieldSelector) X(ResourceFieldSelector) X(SecretKeySelector)				\
	X(EnvVarSource) X(EnvVar) X(ConfigMapEnvSource) X(SecretEnvSource)				\
	X(EnvFromSource) X(ExecAction) X(HTTPHeader) X(HTTPGetAction) X(SleepAction)			\
	X(TCPSocketAction) X(LifecycleHandler) X(Lifecycle) X(GRPCAction) X(Probe)			\
	X(ContainerPort) X(ContainerResizePolicy) X(ResourceClaim) X(ResourceRequirements)		\
	X(AppArmorProfile) X(Capabilities) X(SELinuxOptions) X(SeccompProfile)				\
	X(WindowsSecurityContextOptions) X(SecurityContext) X(VolumeDevice) X(VolumeMount)		\
	X(Container) X(PodDNSConfigOption) X(PodDNSConfig) X(EphemeralContainer)			\
	X(HostAlias) X(LocalObjectReference) X(PodOS) X(PodReadinessGate)				\
	X(PodResourceClaim) X(PodSchedulingGate) X(Sysctl) X(PodSecurityContext)			\
	X(Toleration) X(TopologySpreadConstraint) X(PodSpec)						\
	X(PodCondition) X(ResourceHealth) X(ResourceStatus) X(ContainerStateRunning)			\
	X(ContainerStateTerminated) X(ContainerStateWaiting) X(ContainerState)				\
	X(LinuxContainerUser) X(ContainerUser) X(VolumeMountStatus) X(ContainerStatus)			\
	X(HostIP) X(PodIP) X(PodResourceClaimStatus) X(PodStatus) X(Pod)				\
	X(PodTemplateSpec)										\
	X(AWSElasticBlockStoreVolumeSource) X(AzureDiskVolumeSource)					\
	X(AzureFileVolumeSource) X(CephFSVolumeSource) X(CinderVolumeSource) X(KeyToPath)		\
	X(ConfigMapVolumeSource) X(CSIVolumeSource) X(DownwardAPIVolumeFile)				\
	X(DownwardAPIVolumeSource) X(EmptyDirVolumeSource) X(TypedLocalObjectReference)			\
	X(TypedObjectReference) X(VolumeResourceRequirements) X(PersistentVolumeClaimSpec)		\
	X(PersistentVolumeClaimTemplate) X(EphemeralVolumeSource) X(FCVolumeSource)			\
	X(FlexVolumeSource) X(FlockerVolumeSource) X(GCEPersistentDiskVolumeSource)			\
	X(GitRepoVolumeSource) X(GlusterfsVolumeSource) X(HostPathVolumeSource)				\
	X(ImageVolumeSource) X(ISCSIVolumeSource) X(NFSVolumeSource)					\
	X(PersistentVolumeClaimVolumeSource) X(PhotonPersistentDiskVolumeSource)			\
	X(PortworxVolumeSource) X(ClusterTrustBundleProjection) X(ConfigMapProjection)			\
	X(DownwardAPIProjection) X(SecretProjection) X(ServiceAccountTokenProjection)			\
	X(VolumeProjection) X(ProjectedVolumeSource) X(QuobyteVolumeSource)				\
	X(RBDVolumeSource) X(ScaleIOVolumeSource) X(SecretVolumeSource)					\
	X(StorageOSVolumeSource) X(VsphereVirtualDiskVolumeSource) X(Volume)				\
	X(RollingUpdateDeployment) X(DeploymentStrategy) X(DeploymentSpec)				\
	X(DeploymentCondition) X(DeploymentStatus) X(Deployment) X(ReplicaSetSpec)			\
	X(ReplicaSetCondition) X(ReplicaSetStatus) X(ReplicaSet) X(ScaleSpec)				\
	X(ScaleStatus) X(Scale)										\
	X(ServicePort) X(ClientIPConfig) X(SessionAffinityConfig) X(ServiceSpec)			\
	X(PortStatus) X(LoadBalancerIngress) X(LoadBalancerStatus) X(ServiceStatus)			\
	X(Service) X(EndpointAddress) X(EndpointPort) X(EndpointSubset) X(Endpoints)			\
	X(EndpointConditions) X(ForZone) X(EndpointHints) X(Endpoint) X(SliceEndpointPort)		\
	X(EndpointSlice)										\
	X(ObjectReference) X(ConfigMapNodeConfigSource) X(NodeConfigSource) X(Taint)			\
	X(NodeSpec) X(NodeAddress) X(NodeCondition) X(NodeConfigStatus) X(DaemonEndpoint)		\
	X(NodeDaemonEndpoints) X(NodeFeatures) X(ContainerImage) X(NodeSystemInfo)			\
	X(NodeRuntimeHandlerFeatures) X(NodeRuntimeHandler) X(AttachedVolume)				\
	X(NodeStatus) X(Node) X(NamespaceSpec) X(NamespaceCondition) X(NamespaceStatus)			\
	X(Namespace) X(EventSeries) X(EventSource) X(Event) X(ConfigMap) X(Secret)			\
	X(ServiceAccount) X(LeaseSpec) X(Lease) X(Binding)

#define SCHEMA_EXTERN(sym) extern const struct schema sch_##sym;
SCHEMA_TYPES(SCHEMA_EXTERN)
#undef SCHEMA_EXTERN

/* A type and its fields; TYPE_NAMED where two packages have a type of one name. */
#define TYPE_NAMED(sym, type_name, pkg, text, ...)						\
	static const struct field fields_##sym[] = { __VA_ARGS__ };				\
	const struct schema sch_##sym = {							\
		.package = pkg, .name = type_name, .doc = text,					\
		.fields = fields_##sym, .n_fields = ARRAY_SIZE(fields_##sym),			\
	};
#define TYPE(sym, pkg, text, ...) TYPE_NAMED(sym, #sym, pkg, text, __VA_ARGS__)

/* Fields: the name, then any of the properties below. */
#define STR(n, ...) { .name = n, .type = F_STRING, ##__VA_ARGS__ }
#define INT32(n, ...) { .name = n, .type = F_INT32, ##__VA_ARGS__ }
#define INT64(n, ...) { .name = n, .type = F_INT64, ##__VA_ARGS__ }
#define BOOL(n, ...) { .name = n, .type = F_BOOL, ##__VA_ARGS__ }
#define QUANTITY(n, ...) { .name = n, .type = F_QUANTITY, ##__VA_ARGS__ }
#define INT_OR_STRING(n, ...) { .name = n, .type = F_INT_OR_STRING, ##__VA_ARGS__ }
#define TIME(n, ...) { .name = n, .type = F_TIME, ##__VA_ARGS__ }
#define MICRO_TIME(n, ...) { .name = n, .type = F_MICRO_TIME, ##__VA_ARGS__ }
#define ANY(n, ...) { .name = n, .type = F_ANY, ##__VA_ARGS__ }
#define OBJECT(n, t, ...) { .name = n, .type = F_OBJECT, .sub = &sch_##t, ##__VA_ARGS__ }
#define LIST(n, t, ...) { .name = n, .type = F_LIST, .elem = F_OBJECT, .sub = &sch_##t, ##__VA_ARGS__ }
#define STRINGS(n, ...) { .name = n, .type = F_LIST, .elem = F_STRING, ##__VA_ARGS__ }
#define INT64S(n, ...) { .name = n, .type = F_LIST, .elem = F_INT64, ##__VA_ARGS__ }
#define STRINGS_MAP(n, ...) { .name = n, .type = F_MAP, .elem = F_STRING, ##__VA_ARGS__ }
#define BYTES_MAP(n, ...) { .name = n, .type = F_MAP, .elem = F_BYTES, ##__VA_ARGS__ }
#define QUANTITIES(n, ...) { .name = n, .type = F_MAP, .elem = F_QUANTITY, ##__VA_ARGS__ }

/* Properties. MERGE_BY: the key of strategic merges, then the list's map keys. */
#define REQUIRED .required = true
#define MERGE_BY(key, keys) .strategy = STRATEGY_MERGE, .merge_key = key, .map_keys = keys
#define MERGE_BY_RETAIN(key, keys)								\
	.strategy = STRATEGY_MERGE | STRATEGY_RETAIN_KEYS, .merge_key = key, .map_keys = keys
#define MERGE_SET .strategy = STRATEGY_MERGE, .set = true
#define RETAIN_KEYS .strategy = STRATEGY_RETAIN_KEYS
#define MAP_KEYS(keys) .map_keys = keys
#define SET .set = true
#define ONE_OF(list) .values = list

#endif
