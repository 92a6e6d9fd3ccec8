// SPDX-License-Identifier: GPL-2.0-or-later
/* volume.c - field tables: the kinds of volumes a pod can name */
#include "api/schema/types.h"

TYPE(AWSElasticBlockStoreVolumeSource, PKG_CORE, NULL,
	STR("fsType"),
	INT32("partition"),
	BOOL("readOnly"),
	STR("volumeID", REQUIRED))

TYPE(AzureDiskVolumeSource, PKG_CORE, NULL,
	STR("cachingMode"),
	STR("diskName", REQUIRED),
	STR("diskURI", REQUIRED),
	STR("fsType"),
	STR("kind"),
	BOOL("readOnly"))

TYPE(AzureFileVolumeSource, PKG_CORE, NULL,
	BOOL("readOnly"),
	STR("secretName", REQUIRED),
	STR("shareName", REQUIRED))

TYPE(CephFSVolumeSource, PKG_CORE, NULL,
	STRINGS("monitors", REQUIRED),
	STR("path"),
	BOOL("readOnly"),
	STR("secretFile"),
	OBJECT("secretRef", LocalObjectReference),
	STR("user"))

TYPE(CinderVolumeSource, PKG_CORE, NULL,
	STR("fsType"),
	BOOL("readOnly"),
	OBJECT("secretRef", LocalObjectReference),
	STR("volumeID", REQUIRED))

TYPE(KeyToPath, PKG_CORE, NULL,
	STR("key", REQUIRED),
	INT32("mode"),
	STR("path", REQUIRED))

TYPE(ConfigMapVolumeSource, PKG_CORE, NULL,
	INT32("defaultMode"),
	LIST("items", KeyToPath),
	STR("name"),
	BOOL("optional"))

TYPE(CSIVolumeSource, PKG_CORE, NULL,
	STR("driver", REQUIRED),
	STR("fsType"),
	OBJECT("nodePublishSecretRef", LocalObjectReference),
	BOOL("readOnly"),
	STRINGS_MAP("volumeAttributes"))

TYPE(DownwardAPIVolumeFile, PKG_CORE, NULL,
	OBJECT("fieldRef", ObjectFieldSelector),
	INT32("mode"),
	STR("path", REQUIRED),
	OBJECT("resourceFieldRef", ResourceFieldSelector))

TYPE(DownwardAPIVolumeSource, PKG_CORE, NULL,
	INT32("defaultMode"),
	LIST("items", DownwardAPIVolumeFile))

TYPE(EmptyDirVolumeSource, PKG_CORE, NULL,
	STR("medium"),
	QUANTITY("sizeLimit"))

TYPE(TypedLocalObjectReference, PKG_CORE, NULL,
	STR("apiGroup"),
	STR("kind", REQUIRED),
	STR("name", REQUIRED))

TYPE(TypedObjectReference, PKG_CORE, NULL,
	STR("apiGroup"),
	STR("kind", REQUIRED),
	STR("name", REQUIRED),
	STR("namespace"))

TYPE(VolumeResourceRequirements, PKG_CORE, NULL,
	QUANTITIES("limits"),
	QUANTITIES("requests"))

TYPE(PersistentVolumeClaimSpec, PKG_CORE, NULL,
	STRINGS("accessModes"),
	OBJECT("dataSource", TypedLocalObjectReference),
	OBJECT("dataSourceRef", TypedObjectReference),
	OBJECT("resources", VolumeResourceRequirements),
	OBJECT("selector", LabelSelector),
	STR("storageClassName"),
	STR("volumeAttributesClassName"),
	STR("volumeMode"),
	STR("volumeName"))

TYPE(PersistentVolumeClaimTemplate, PKG_CORE, NULL,
	OBJECT("metadata", ObjectMeta),
	OBJECT("spec", PersistentVolumeClaimSpec, REQUIRED))

TYPE(EphemeralVolumeSource, PKG_CORE, NULL,
	OBJECT("volumeClaimTemplate", PersistentVolumeClaimTemplate))

TYPE(FCVolumeSource, PKG_CORE, NULL,
	STR("fsType"),
	INT32("lun"),
	BOOL("readOnly"),
	STRINGS("targetWWNs"),
	STRINGS("wwids"))

TYPE(FlexVolumeSource, PKG_CORE, NULL,
	STR("driver", REQUIRED),
	STR("fsType"),
	STRINGS_MAP("options"),
	BOOL("readOnly"),
	OBJECT("secretRef", LocalObjectReference))

TYPE(FlockerVolumeSource, PKG_CORE, NULL,
	STR("datasetName"),
	STR("datasetUUID"))

TYPE(GCEPersistentDiskVolumeSource, PKG_CORE, NULL,
	STR("fsType"),
	INT32("partition"),
	STR("pdName", REQUIRED),
	BOOL("readOnly"))

TYPE(GitRepoVolumeSource, PKG_CORE, NULL,
	STR("directory"),
	STR("repository", REQUIRED),
	STR("revision"))

TYPE(GlusterfsVolumeSource, PKG_CORE, NULL,
	STR("endpoints", REQUIRED),
	STR("path", REQUIRED),
	BOOL("readOnly"))

TYPE(HostPathVolumeSource, PKG_CORE, NULL,
	STR("path", REQUIRED),
	STR("type"))

TYPE(ImageVolumeSource, PKG_CORE, NULL,
	STR("pullPolicy"),
	STR("reference"))

TYPE(ISCSIVolumeSource, PKG_CORE, NULL,
	BOOL("chapAuthDiscovery"),
	BOOL("chapAuthSession"),
	STR("fsType"),
	STR("initiatorName"),
	STR("iqn", REQUIRED),
	STR("iscsiInterface"),
	INT32("lun", REQUIRED),
	STRINGS("portals"),
	BOOL("readOnly"),
	OBJECT("secretRef", LocalObjectReference),
	STR("targetPortal", REQUIRED))

TYPE(NFSVolumeSource, PKG_CORE, NULL,
	STR("path", REQUIRED),
	BOOL("readOnly"),
	STR("server", REQUIRED))

TYPE(PersistentVolumeClaimVolumeSource, PKG_CORE, NULL,
	STR("claimName", REQUIRED),
	BOOL("readOnly"))

TYPE(PhotonPersistentDiskVolumeSource, PKG_CORE, NULL,
	STR("fsType"),
	STR("pdID", REQUIRED))

TYPE(PortworxVolumeSource, PKG_CORE, NULL,
	STR("fsType"),
	BOOL("readOnly"),
	STR("volumeID", REQUIRED))

TYPE(ClusterTrustBundleProjection, PKG_CORE, NULL,
	OBJECT("labelSelector", LabelSelector),
	STR("name"),
	BOOL("optional"),
	STR("path", REQUIRED),
	STR("signerName"))

TYPE(ConfigMapProjection, PKG_CORE, NULL,
	LIST("items", KeyToPath),
	STR("name"),
	BOOL("optional"))

TYPE(DownwardAPIProjection, PKG_CORE, NULL,
	LIST("items", DownwardAPIVolumeFile))

TYPE(SecretProjection, PKG_CORE, NULL,
	LIST("items", KeyToPath),
	STR("name"),
	BOOL("optional"))

TYPE(ServiceAccountTokenProjection, PKG_CORE, NULL,
	STR("audience"),
	INT64("expirationSeconds"),
	STR("path", REQUIRED))

TYPE(VolumeProjection, PKG_CORE, NULL,
	OBJECT("clusterTrustBundle", ClusterTrustBundleProjection),
	OBJECT("configMap", ConfigMapProjection),
	OBJECT("downwardAPI", DownwardAPIProjection),
	OBJECT("secret", SecretProjection),
	OBJECT("serviceAccountToken", ServiceAccountTokenProjection))

TYPE(ProjectedVolumeSource, PKG_CORE, NULL,
	INT32("defaultMode"),
	LIST("sources", VolumeProjection))

TYPE(QuobyteVolumeSource, PKG_CORE, NULL,
	STR("group"),
	BOOL("readOnly"),
	STR("registry", REQUIRED),
	STR("tenant"),
	STR("user"),
	STR("volume", REQUIRED))

TYPE(RBDVolumeSource, PKG_CORE, NULL,
	STR("fsType"),
	STR("image", REQUIRED),
	STR("keyring"),
	STRINGS("monitors", REQUIRED),
	STR("pool"),
	BOOL("readOnly"),
	OBJECT("secretRef", LocalObjectReference),
	STR("user"))

TYPE(ScaleIOVolumeSource, PKG_CORE, NULL,
	STR("fsType"),
	STR("gateway", REQUIRED),
	STR("protectionDomain"),
	BOOL("readOnly"),
	OBJECT("secretRef", LocalObjectReference, REQUIRED),
	BOOL("sslEnabled"),
	STR("storageMode"),
	STR("storagePool"),
	STR("system", REQUIRED),
	STR("volumeName"))

TYPE(SecretVolumeSource, PKG_CORE, NULL,
	INT32("defaultMode"),
	LIST("items", KeyToPath),
	BOOL("optional"),
	STR("secretName"))

TYPE(StorageOSVolumeSource, PKG_CORE, NULL,
	STR("fsType"),
	BOOL("readOnly"),
	OBJECT("secretRef", LocalObjectReference),
	STR("volumeName"),
	STR("volumeNamespace"))

TYPE(VsphereVirtualDiskVolumeSource, PKG_CORE, NULL,
	STR("fsType"),
	STR("storagePolicyID"),
	STR("storagePolicyName"),
	STR("volumePath", REQUIRED))

TYPE(Volume, PKG_CORE, NULL,
	OBJECT("awsElasticBlockStore", AWSElasticBlockStoreVolumeSource),
	OBJECT("azureDisk", AzureDiskVolumeSource),
	OBJECT("azureFile", AzureFileVolumeSource),
	OBJECT("cephfs", CephFSVolumeSource),
	OBJECT("cinder", CinderVolumeSource),
	OBJECT("configMap", ConfigMapVolumeSource),
	OBJECT("csi", CSIVolumeSource),
	OBJECT("downwardAPI", DownwardAPIVolumeSource),
	OBJECT("emptyDir", EmptyDirVolumeSource),
	OBJECT("ephemeral", EphemeralVolumeSource),
	OBJECT("fc", FCVolumeSource),
	OBJECT("flexVolume", FlexVolumeSource),
	OBJECT("flocker", FlockerVolumeSource),
	OBJECT("gcePersistentDisk", GCEPersistentDiskVolumeSource),
	OBJECT("gitRepo", GitRepoVolumeSource),
	OBJECT("glusterfs", GlusterfsVolumeSource),
	OBJECT("hostPath", HostPathVolumeSource),
	OBJECT("image", ImageVolumeSource),
	OBJECT("iscsi", ISCSIVolumeSource),
	STR("name", REQUIRED),
	OBJECT("nfs", NFSVolumeSource),
	OBJECT("persistentVolumeClaim", PersistentVolumeClaimVolumeSource),
	OBJECT("photonPersistentDisk", PhotonPersistentDiskVolumeSource),
	OBJECT("portworxVolume", PortworxVolumeSource),
	OBJECT("projected", ProjectedVolumeSource),
	OBJECT("quobyte", QuobyteVolumeSource),
	OBJECT("rbd", RBDVolumeSource),
	OBJECT("scaleIO", ScaleIOVolumeSource),
	OBJECT("secret", SecretVolumeSource),
	OBJECT("storageos", StorageOSVolumeSource),
	OBJECT("vsphereVolume", VsphereVirtualDiskVolumeSource))
