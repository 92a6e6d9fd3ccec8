// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_kinds_pod_volume.c - the volumes of pods
 *
 * What a server of Kubernetes 1.20 says too was compared with one.
 */
#include "test_kinds.h"

/* A pod by its spec; by its spec beside an ordinary container; by what is said of its only container besides. */
#define SPEC(spec) "{" META_NS ",'spec':{" spec "}}"
#define POD(spec) SPEC("'containers':[{'name':'c','image':'i'}]," spec)
#define ONE(c) SPEC("'containers':[{'name':'c','image':'i'," c "}]")
#define MODE_WHY "must be a number between 0 and 0777 (octal), both inclusive"

static void volumes(void **state)
{
	static const struct verdict v[] = {
		{ POD("'volumes':[{'name':'v','emptyDir':{},'hostPath':{'path':'/'}}]"),
		  "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type" },
		{ POD("'volumes':[{'name':'v','emptyDir':{'sizeLimit':'-1','medium':'Odd'}}]"),
		  "spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource "
		  "quantity" },
		{ POD("'volumes':[{'name':'v','hostPath':{'path':''}}]"),
		  "spec.volumes[0].hostPath.path: Required value" },
		{ POD("'volumes':[{'name':'v','hostPath':{'path':'/a/../b','type':'Odd'}}]"),
		  "[spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..', "
		  "spec.volumes[0].hostPath.type: Unsupported value: \"Odd\": supported values: \"\", "
		  "\"BlockDevice\", \"CharDevice\", \"Directory\", \"DirectoryOrCreate\", \"File\", "
		  "\"FileOrCreate\", \"Socket\"]" },
		{ POD("'volumes':[{'name':'v','gitRepo':{'repository':'','directory':'../a'}}]"),
		  "[spec.volumes[0].gitRepo.repository: Required value, spec.volumes[0].gitRepo.directory: "
		  "Invalid value: \"../a\": must not contain '..']" },
		{ POD("'volumes':[{'name':'v','gcePersistentDisk':{'pdName':'','partition':300}}]"),
		  "[spec.volumes[0].persistentDisk.pdName: Required value, "
		  "spec.volumes[0].persistentDisk.partition: Invalid value: 300: must be between 1 and 255, "
		  "inclusive]" },
		{ POD("'volumes':[{'name':'v','awsElasticBlockStore':{'volumeID':'','partition':300}}]"),
		  "[spec.volumes[0].awsElasticBlockStore.volumeID: Required value, "
		  "spec.volumes[0].awsElasticBlockStore.partition: Invalid value: 300: must be between 1 and "
		  "255, inclusive]" },
		{ POD("'volumes':[{'name':'v','secret':{'secretName':'','defaultMode':1000,'items':[{'key':'',"
		  "'path':'','mode':9999},{'key':'a','path':'../x'},{'key':'a','path':'/x'}]}}]"),
		  "[spec.volumes[0].secret.secretName: Required value, spec.volumes[0].secret.defaultMode: "
		  "Invalid value: 1000: " MODE_WHY ", spec.volumes[0].secret.items[0].key: Required value, "
		  "spec.volumes[0].secret.items[0].path: Required value, spec.volumes[0].secret.items[0].mode: "
		  "Invalid value: 9999: " MODE_WHY ", spec.volumes[0].secret.items[1].path: Invalid value: "
		  "\"../x\": must not contain '..', spec.volumes[0].secret.items[2].path: Invalid value: "
		  "\"/x\": must be a relative path]" },
		{ POD("'volumes':[{'name':'v','nfs':{'server':'','path':'x'}}]"),
		  "[spec.volumes[0].nfs.server: Required value, spec.volumes[0].nfs.path: Invalid value: "
		  "\"x\": must be an absolute path]" },
		{ POD("'volumes':[{'name':'v','iscsi':{'targetPortal':'','iqn':'x','lun':300,"
		  "'chapAuthDiscovery':true}}]"),
		  "[spec.volumes[0].iscsi.targetPortal: Required value, spec.volumes[0].iscsi.iqn: Invalid "
		  "value: \"x\": must be valid format starting with iqn, eui, or naa, "
		  "spec.volumes[0].iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive, "
		  "spec.volumes[0].iscsi.secretRef: Required value]" },
		{ POD("'volumes':[{'name':'v','iscsi':{'targetPortal':'a','iqn':'iqn.2020-01.com','lun':1,"
		  "'initiatorName':'x'}}]"),
		  "[spec.volumes[0].iscsi.iqn: Invalid value: \"iqn.2020-01.com\": must be valid format, "
		  "spec.volumes[0].iscsi.initiatorname: Invalid value: \"x\": must be valid format starting "
		  "with iqn, eui, or naa]" },
		{ POD("'volumes':[{'name':'v','glusterfs':{'endpoints':'','path':''}}]"),
		  "[spec.volumes[0].glusterfs.endpoints: Required value, spec.volumes[0].glusterfs.path: "
		  "Required value]" },
		{ POD("'volumes':[{'name':'v','flocker':{}}]"),
		  "spec.volumes[0].flocker: Required value: one of datasetName and datasetUUID is required" },
		{ POD("'volumes':[{'name':'v','flocker':{'datasetName':'a/b','datasetUUID':'x'}}]"),
		  "[spec.volumes[0].flocker: Invalid value: \"resource\": datasetName and datasetUUID can not "
		  "be specified simultaneously, spec.volumes[0].flocker.datasetName: Invalid value: \"a/b\": "
		  "must not contain '/']" },
		{ POD("'volumes':[{'name':'v','persistentVolumeClaim':{'claimName':''}}]"),
		  "spec.volumes[0].persistentVolumeClaim.claimName: Required value" },
		{ POD("'volumes':[{'name':'v','rbd':{'monitors':[],'image':''}}]"),
		  "[spec.volumes[0].rbd.monitors: Required value, spec.volumes[0].rbd.image: Required value]" },
		{ POD("'volumes':[{'name':'v','cinder':{'volumeID':'','secretRef':{}}}]"),
		  "[spec.volumes[0].cinder.volumeID: Required value, spec.volumes[0].cinder.secretRef.name: "
		  "Required value]" },
		{ POD("'volumes':[{'name':'v','cephfs':{'monitors':[]}}]"),
		  "spec.volumes[0].cephfs.monitors: Required value" },
		{ POD("'volumes':[{'name':'v','quobyte':{'registry':'','volume':''}}]"),
		  "[spec.volumes[0].quobyte.registry: Required value: must be a host:port pair or multiple "
		  "pairs separated by commas, spec.volumes[0].quobyte.volume: Required value]" },
		{ POD("'volumes':[{'name':'v','quobyte':{'registry':'a','volume':'v',"
		  "'tenant':'ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt'}}]"),
		  "spec.volumes[0].quobyte.tenant: Required value: must be a UUID and may not exceed a length "
		  "of 64 characters" },
		{ POD("'volumes':[{'name':'v','downwardAPI':{'defaultMode':-1,'items':[{'path':'',"
		  "'fieldRef':{'fieldPath':'metadata.name'}},{'path':'../a',"
		  "'resourceFieldRef':{'resource':'limits.cpu'}},{'path':'a'},{'path':'b',"
		  "'fieldRef':{'fieldPath':'metadata.name'},'resourceFieldRef':{'containerName':'c',"
		  "'resource':'limits.cpu'}},{'path':'a','mode':1000,'fieldRef':{'fieldPath':'spec.nodeName'}}]}}]"),
		  "[spec.volumes[0].downwardAPI.defaultMode: Invalid value: -1: " MODE_WHY ", "
		  "spec.volumes[0].downwardAPI.path: Required value, spec.volumes[0].downwardAPI.path: Invalid "
		  "value: \"../a\": must not contain '..', "
		  "spec.volumes[0].downwardAPI.resourceFieldRef.containerName: Required value, "
		  "spec.volumes[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is "
		  "required, spec.volumes[0].downwardAPI: Invalid value: \"resource\": fieldRef and "
		  "resourceFieldRef can not be specified simultaneously, "
		  "spec.volumes[0].downwardAPI.fieldRef.fieldPath: Unsupported value: \"spec.nodeName\": "
		  "supported values: \"metadata.annotations\", \"metadata.labels\", \"metadata.name\", "
		  "\"metadata.namespace\", \"metadata.uid\", spec.volumes[0].downwardAPI.mode: Invalid value: "
		  "1000: " MODE_WHY "]" },
		{ POD("'volumes':[{'name':'v','fc':{}}]"),
		  "spec.volumes[0].fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but "
		  "not both" },
		{ POD("'volumes':[{'name':'v','fc':{'targetWWNs':['a'],'lun':300,'wwids':['b']}}]"),
		  "[spec.volumes[0].fc.targetWWNs: Invalid value: [\"a\"]: targetWWNs and wwids can not be "
		  "specified simultaneously, spec.volumes[0].fc.lun: Invalid value: 300: must be between 0 and "
		  "255, inclusive]" },
		{ POD("'volumes':[{'name':'v','flexVolume':{'driver':'','options':{'kubernetes.io/x':'a'}}}]"),
		  "[spec.volumes[0].flexVolume.driver: Required value, "
		  "spec.volumes[0].flexVolume.options[kubernetes.io/x]: Invalid value: \"kubernetes.io/x\": "
		  "kubernetes.io and k8s.io namespaces are reserved]" },
		{ POD("'volumes':[{'name':'v','configMap':{'name':'','defaultMode':1000,'items':[{'key':'a',"
		  "'path':'..a'},{'key':'b','path':'a:b'}]}}]"),
		  "[spec.volumes[0].configMap.name: Required value, spec.volumes[0].configMap.defaultMode: "
		  "Invalid value: 1000: " MODE_WHY ", spec.volumes[0].configMap.items[0].path: Invalid value: "
		  "\"..a\": must not start with '..']" },
		{ POD("'volumes':[{'name':'v','azureFile':{'secretName':'','shareName':''}}]"),
		  "[spec.volumes[0].azureFile.secretName: Required value, spec.volumes[0].azureFile.shareName: "
		  "Required value]" },
		{ POD("'volumes':[{'name':'v','vsphereVolume':{'volumePath':''}}]"),
		  "spec.volumes[0].vsphereVolume.volumePath: Required value" },
		{ POD("'volumes':[{'name':'v','photonPersistentDisk':{'pdID':''}}]"),
		  "spec.volumes[0].photonPersistentDisk.pdID: Required value" },
		{ POD("'volumes':[{'name':'v','portworxVolume':{'volumeID':''}}]"),
		  "spec.volumes[0].portworxVolume.volumeID: Required value" },
		{ POD("'volumes':[{'name':'v','azureDisk':{'diskName':'','diskURI':'x','cachingMode':'Odd',"
		  "'kind':'Odd'}}]"),
		  "[spec.volumes[0].azureDisk.diskName: Required value, spec.volumes[0].azureDisk.cachingMode: "
		  "Unsupported value: \"Odd\": supported values: \"None\", \"ReadOnly\", \"ReadWrite\", "
		  "spec.volumes[0].azureDisk.kind: Unsupported value: \"Odd\": supported values: "
		  "\"Dedicated\", \"Managed\", \"Shared\", spec.volumes[0].azureDisk.diskURI: Unsupported "
		  "value: \"x\": supported values: "
		  "\"https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd\"]" },
		{ POD("'volumes':[{'name':'v','azureDisk':{'diskName':'a','diskURI':'x','kind':'Managed'}}]"),
		  "spec.volumes[0].azureDisk.diskURI: Unsupported value: \"x\": supported values: "
		  "\"/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}\"" },
		{ POD("'volumes':[{'name':'v','azureDisk':{'diskName':'a','diskURI':'/subscriptions/x',"
		  "'kind':'Shared'}}]"),
		  "spec.volumes[0].azureDisk.diskURI: Unsupported value: \"/subscriptions/x\": supported "
		  "values: \"https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd\"" },
		{ POD("'volumes':[{'name':'v','storageos':{'volumeName':'','volumeNamespace':'A_','secretRef':{}}}]"),
		  "[spec.volumes[0].storageos.volumeName: Required value, "
		  "spec.volumes[0].storageos.volumeNamespace: Invalid value: \"A_\": " LABEL_WHY ", "
		  "spec.volumes[0].storageos.secretRef.name: Required value]" },
		{ POD("'volumes':[{'name':'v','scaleIO':{'gateway':'','system':'','volumeName':'','secretRef':{}}}]"),
		  "[spec.volumes[0].scaleIO.gateway: Required value, spec.volumes[0].scaleIO.system: Required "
		  "value, spec.volumes[0].scaleIO.volumeName: Required value]" },
		{ POD("'volumes':[{'name':'v','csi':{'driver':''}}]"),
		  "[spec.volumes[0].csi.driver: Required value, spec.volumes[0].csi.driver: Invalid value: "
		  "\"\": " SUBDOMAIN_WHY "]" },
		{ POD("'volumes':[{'name':'v','csi':{'driver':'a_','nodePublishSecretRef':{}}}]"),
		  "[spec.volumes[0].csi.driver: Invalid value: \"a_\": " SUBDOMAIN_WHY ", "
		  "spec.volumes[0].csi.nodePublishSecretRef.name: Required value]" },
		{ POD("'volumes':[{'name':'v','projected':{'defaultMode':1000,'sources':[{},{'secret':{'name':''}},"
		  "{'configMap':{'name':'a','items':[{'key':'a','path':'p'}]}},{'secret':{'name':'a',"
		  "'items':[{'key':'b','path':'p'}]}},{'serviceAccountToken':{'path':'','expirationSeconds':1}},"
		  "{'downwardAPI':{'items':[{'path':'d','fieldRef':{'fieldPath':'metadata.odd'}}]}},"
		  "{'secret':{'name':'a'},'configMap':{'name':'b'}}]}}]"),
		  "[spec.volumes[0].projected.defaultMode: Invalid value: 1000: " MODE_WHY ", "
		  "spec.volumes[0].projected.sources[1].secret.name: Required value, "
		  "spec.volumes[0].projected: Invalid value: \"a\": conflicting duplicate paths, "
		  "spec.volumes[0].projected.sources[4].serviceAccountToken.expirationSeconds: Invalid value: "
		  "1: may not specify a duration less than 10 minutes, spec.volumes[0].projected.path: "
		  "Required value, spec.volumes[0].projected.sources[5].downwardAPI.fieldRef.fieldPath: "
		  "Invalid value: \"metadata.odd\": error converting fieldPath: field label not supported: "
		  "metadata.odd, spec.volumes[0].projected.sources[6]: Forbidden: may not specify more than 1 "
		  "volume type per source]" },
		{ POD("'volumes':[{'name':'v','projected':{'sources':[{'serviceAccountToken':{'path':'a',"
		  "'expirationSeconds':4294967297}}]}}]"),
		  "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: "
		  "4294967297: may not specify a duration larger than 2^32 seconds" },
		{ POD("'volumes':[{'name':''},{'name':'A'},{'name':'a'},{'name':'a'}]"),
		  "[spec.volumes[0].name: Required value, spec.volumes[1].name: Invalid value: \"A\": "
		  LABEL_WHY ", spec.volumes[3].name: Duplicate value: \"a\"]" },
		{ POD("'volumes':[{'name':'v','ephemeral':{}},{'name':'w',"
		  "'ephemeral':{'volumeClaimTemplate':{'metadata':{'name':'x','labels':{'a b':'c'}},'spec':{}}}}]"),
		  "[spec.volumes[0].ephemeral.volumeClaimTemplate: Required value, "
		  "spec.volumes[1].ephemeral.volumeClaimTemplate.metadata.labels: Invalid value: \"a b\": "
		  NAME_PART_WHY ", spec.volumes[1].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: "
		  "cannot be set, spec.volumes[1].ephemeral.volumeClaimTemplate.spec.accessModes: Required "
		  "value: at least 1 access mode is required, "
		  "spec.volumes[1].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value]" },
		{ SPEC("'containers':[{'name':'c','image':'i','volumeMounts':[{'name':'v','mountPath':'/a',"
		  "'subPath':'x'},{'name':'w','mountPath':'/b','subPathExpr':'y'}]}],'volumes':[{'name':'v',"
		  "'image':{}},{'name':'w','image':{'reference':'a:b','pullPolicy':'Odd'}}]"),
		  "[spec.volumes[0].image.reference: Required value, spec.volumes[1].image.pullPolicy: "
		  "Unsupported value: \"Odd\": supported values: \"Always\", \"IfNotPresent\", \"Never\", "
		  "spec.containers[0].volumeMounts[0].name: Not found: \"v\", "
		  "spec.containers[0].volumeMounts[1].name: Not found: \"w\"]" },
		{ POD("'volumes':[{'name':'v','projected':{'sources':[{'clusterTrustBundle':{'path':''}},"
		  "{'clusterTrustBundle':{'name':'a','signerName':'b','path':'p'}},"
		  "{'clusterTrustBundle':{'name':'A:','path':'../p'}},{'clusterTrustBundle':{'signerName':'x y',"
		  "'path':'q','labelSelector':{'matchLabels':{'a b':'c'}}}},{'podCertificate':{'signerName':'',"
		  "'keyType':''}}]}}]"),
		  "[spec.volumes[0].projected.sources[0].clusterTrustBundle: Required value: either name or "
		  "signerName must be specified, spec.volumes[0].projected.sources[0].clusterTrustBundle.path: "
		  "Required value, spec.volumes[0].projected.sources[1].clusterTrustBundle: Invalid value: "
		  "{\"name\":\"a\",\"path\":\"p\",\"signerName\":\"b\"}: only one of name and signerName may "
		  "be used, spec.volumes[0].projected.sources[2].clusterTrustBundle.path: Invalid value: "
		  "\"../p\": must not contain '..', "
		  "spec.volumes[0].projected.sources[3].clusterTrustBundle.labelSelector.matchLabels: Invalid "
		  "value: \"a b\": " NAME_PART_WHY ", "
		  "spec.volumes[0].projected.sources[4].podCertificate.signerName: Required value, "
		  "spec.volumes[0].projected.sources[4].podCertificate.keyType: Required value]" },
	};

	CREATES(pods, v);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(volumes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
