// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * validate_volume.c - where volumes come from, in pods and as PersistentVolumes, see validate_pod.h
 *
 * A source is a member of the volume. Both tables below are in the order in
 * which Kubernetes looks at the sources: the first one there is looked into,
 * another one is one too many.
 */
#include "api/kinds/claim.h"
#include "api/kinds/validate_pod.h"
#include "api/schema/quantity.h"

#define MSG_TWO "may not specify more than 1 volume type"
#define MSG_MODE "must be a number between 0 and 0777 (octal), both inclusive"
#define MSG_BACKSTEPS "must not contain '..'"
#define FILE_MODE_MAX 0777
#define HOST_PATH_TYPES ",BlockDevice,CharDevice,Directory,DirectoryOrCreate,File,FileOrCreate,Socket"

/* A volume source that is being looked at. */
struct source {
	const json *obj;
	const char *path;	/* its own */
	const char *name;	/* of the volume or the PersistentVolume */
	const json *pod;	/* whose volume it is; NULL: a template's, or a PersistentVolume */
	bool persistent;	/* a PersistentVolume's */
	bool node_affinity;	/* which says where it is */
	const char *holder;	/* the path of what has the source */
	struct field_errors *e;
};

/* --- paths ----------------------------------------------------------------------------- */

bool has_backsteps(const char *s)
{
	for (const char *p = s; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (p[0] == '.' && p[1] == '.' && (!p[2] || p[2] == '/'))
			return true;
	}
	return false;
}

void validate_no_backsteps(const char *s, const char *path, struct field_errors *e)
{
	if (has_backsteps(s))
		field_invalid_str(e, path, s, MSG_BACKSTEPS);
}

void validate_relative_path(const char *s, const char *path, struct field_errors *e)
{
	if (*s == '/')
		field_invalid_str(e, path, s, "must be a relative path");
	validate_no_backsteps(s, path, e);
}

void validate_file_path(const char *s, const char *path, struct field_errors *e)
{
	validate_relative_path(s, path, e);
	if (startswith(s, "..") && !startswith(s, "../"))
		field_invalid_str(e, path, s, "must not start with '..'");
}

static void validate_mode(const json *obj, const char *key, const char *path, struct field_errors *e)
{
	int64_t mode = json_int(json_get(obj, key), 0);

	if (mode < 0 || mode > FILE_MODE_MAX)
		child_invalid_int(e, path, key, mode, MSG_MODE);
}

/* --- keys as files ------------------------------------------------------------------------ */

static void validate_items(const json *obj, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(it, json_get(obj, "items")) {
		PATH(base, "%s.items[%d]", path, i++);
		PATH(file, "%s.path", base);

		validate_given(it, "key", base, e);
		validate_given(it, "path", base, e);
		validate_file_path(json_str_or(json_get(it, "path"), ""), file, e);
		validate_mode(it, "mode", base, e);
	}
}

static void check_secret(const struct source *s)
{
	validate_given(s->obj, "secretName", s->path, s->e);
	validate_mode(s->obj, "defaultMode", s->path, s->e);
	validate_items(s->obj, s->path, s->e);
}

static void check_configmap(const struct source *s)
{
	validate_given(s->obj, "name", s->path, s->e);
	validate_mode(s->obj, "defaultMode", s->path, s->e);
	validate_items(s->obj, s->path, s->e);
}

static void check_downward(const struct source *s)
{
	validate_mode(s->obj, "defaultMode", s->path, s->e);
	json_each(it, json_get(s->obj, "items")) {
		validate_downward_item(it, s->path, s->e);
		validate_mode(it, "mode", s->path, s->e);
	}
}

/* --- several sources in one volume --------------------------------------------------------- */

/* A file of a projected volume is written by one source. */
static void take_path(json *taken, const char *file, const char *value, const struct source *s)
{
	if (!*file)
		return;
	if (json_get(taken, file))
		field_invalid_str(s->e, s->path, value, "conflicting duplicate paths");
	json_set_bool(taken, file, true);
}

static void check_keys(const struct source *s, const json *keys, const char *path, json *taken)
{
	validate_given(keys, "name", path, s->e);
	validate_items(keys, path, s->e);
	json_each(it, json_get(keys, "items"))
		take_path(taken, json_str_or(json_get(it, "path"), ""), json_str_or(json_get(keys, "name"), ""), s);
}

#define TOKEN_SECONDS_MIN 600
#define TOKEN_SECONDS_MAX (INT64_C(1) << 32)

static void check_token(const struct source *s, const json *token, const char *path)
{
	int64_t seconds = json_int(json_get(token, "expirationSeconds"), 0);
	const char *file = json_str_or(json_get(token, "path"), "");
	PATH(file_path, "%s.path", s->path);

	if (seconds < TOKEN_SECONDS_MIN)
		child_invalid_int(s->e, path, "expirationSeconds", seconds,
				  "may not specify a duration less than 10 minutes");
	if (seconds > TOKEN_SECONDS_MAX)
		child_invalid_int(s->e, path, "expirationSeconds", seconds,
				  "may not specify a duration larger than 2^32 seconds");
	if (!*file)
		field_required(s->e, file_path, NULL);
	else
		validate_file_path(file, file_path, s->e);
}

static void check_bundle(const struct source *s, const json *bundle, const char *path, json *taken)
{
	bool by_name = json_get(bundle, "name"), by_signer = json_get(bundle, "signerName");
	const char *file = json_str_or(json_get(bundle, "path"), "");
	PATH(selector, "%s.labelSelector", path);
	PATH(file_path, "%s.path", path);

	if (by_name && by_signer)
		field_invalid(s->e, path, bundle, "only one of name and signerName may be used");
	else if (!by_name && !by_signer)
		field_required(s->e, path, "either name or signerName must be specified");
	else if (by_name && !text_of(bundle, "name"))
		child_required(s->e, path, "name", "must be a valid object name");
	else if (by_signer && !text_of(bundle, "signerName"))
		child_required(s->e, path, "signerName", "must be a valid signer name");
	if (by_name && !by_signer && json_get(bundle, "labelSelector"))
		field_invalid(s->e, selector, json_get(bundle, "labelSelector"),
			      "labelSelector must be unset if name is specified");
	if (by_signer && !by_name)
		validate_label_selector(json_get(bundle, "labelSelector"), selector, s->e);
	validate_given(bundle, "path", path, s->e);
	validate_file_path(file, file_path, s->e);
	take_path(taken, file, file, s);
}

/* A key and a certificate that the node asks for. */
static void check_certificate(const struct source *s, const json *cert, const char *path, json *taken)
{
	static const char *const files[] = { "credentialBundlePath", "keyPath", "certificateChainPath" };

	validate_given(cert, "signerName", path, s->e);
	validate_given(cert, "keyType", path, s->e);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const char *file = json_str_or(json_get(cert, files[i]), "");
		PATH(p, "%s.%s", path, files[i]);

		validate_file_path(file, p, s->e);
		take_path(taken, file, file, s);
	}
}

static void check_projected(const struct source *s)
{
	_cleanup_json_ json *taken = json_new_object();
	int i = 0;

	validate_mode(s->obj, "defaultMode", s->path, s->e);
	json_each(it, json_get(s->obj, "sources")) {
		int n = 0;
		PATH(base, "%s.sources[%d]", s->path, i++);

		json_each(part, it) {
			PATH(p, "%s.%s", base, json_key(part));

			n += json_is_object(part);
			if (one_of(json_key(part), "secret,configMap"))
				check_keys(s, part, p, taken);
			else if (streq(json_key(part), "serviceAccountToken"))
				check_token(s, part, p);
			else if (streq(json_key(part), "clusterTrustBundle"))
				check_bundle(s, part, p, taken);
			else if (streq(json_key(part), "podCertificate"))
				check_certificate(s, part, p, taken);
			json_each(item, streq(json_key(part), "downwardAPI") ? json_get(part, "items") : NULL) {
				validate_downward_item(item, p, s->e);
				validate_mode(item, "mode", p, s->e);
				take_path(taken, json_str_or(json_get(item, "path"), ""),
					  json_str_or(json_get(item, "path"), ""), s);
			}
		}
		if (n > 1)
			field_forbidden(s->e, base, "may not specify more than 1 volume type per source");
	}
}

/* --- of the node -------------------------------------------------------------------------------- */

static void check_empty_dir(const struct source *s)
{
	if (quantity_sign(json_get(s->obj, "sizeLimit")) < 0)
		child_forbidden(s->e, s->path, "sizeLimit", "SizeLimit field must be a valid resource quantity");
}

static void check_host_path(const struct source *s)
{
	const char *dir = text_of(s->obj, "path");
	PATH(p, "%s.path", s->path);

	if (!dir) {
		field_required(s->e, p, NULL);
		return;
	}
	validate_no_backsteps(dir, p, s->e);
	validate_known(s->obj, "type", HOST_PATH_TYPES, s->path, s->e);
}

static void check_git_repo(const struct source *s)
{
	PATH(p, "%s.directory", s->path);

	validate_given(s->obj, "repository", s->path, s->e);
	validate_relative_path(json_str_or(json_get(s->obj, "directory"), ""), p, s->e);
}

static void check_local(const struct source *s)
{
	PATH(p, "%s.path", s->path);

	validate_given(s->obj, "path", s->path, s->e);
	validate_no_backsteps(json_str_or(json_get(s->obj, "path"), ""), p, s->e);
	if (!s->node_affinity)
		child_required(s->e, s->holder, "nodeAffinity", "Local volume requires node affinity");
}

/* --- of a cloud or a network ---------------------------------------------------------------------- */

static void check_gce(const struct source *s)
{
	int64_t part = json_int(json_get(s->obj, "partition"), 0);

	validate_given(s->obj, "pdName", s->path, s->e);
	if (part < 0 || part > 255)
		child_invalid_int(s->e, s->path, "partition", part, "must be between 1 and 255, inclusive");
}

static void check_aws(const struct source *s)
{
	int64_t part = json_int(json_get(s->obj, "partition"), 0);

	validate_given(s->obj, "volumeID", s->path, s->e);
	if (part < 0 || part > 255)
		child_invalid_int(s->e, s->path, "partition", part, "must be between 1 and 255, inclusive");
}

static void check_nfs(const struct source *s)
{
	const char *dir = json_str_or(json_get(s->obj, "path"), "");

	validate_given(s->obj, "server", s->path, s->e);
	validate_given(s->obj, "path", s->path, s->e);
	if (*dir != '/')
		child_invalid_str(s->e, s->path, "path", dir, "must be an absolute path");
}

/* iqn.2012-05.org.example:disk, eui.0123456789abcdef or naa.<32 digits> */
static bool is_iscsi_name(const char *s)
{
	size_t n = strlen(s);

	if (startswith(s, "eui"))
		return n == strlen("eui.") + 16;
	if (startswith(s, "naa"))
		return n == strlen("naa.") + 32;
	return n > strlen("iqn.2012-05.") && strspn(s + 4, "0123456789") == 4 && s[8] == '-' &&
	       strspn(s + 9, "0123456789") == 2 && s[11] == '.' && strchr(s + 12, ':') && !strpbrk(s, ",;*&$| ");
}

static void check_iscsi_name(const struct source *s, const char *key, const char *name)
{
	if (!startswith(name, "iqn") && !startswith(name, "eui") && !startswith(name, "naa"))
		child_invalid_str(s->e, s->path, key, name, s->persistent ? "must be valid format" :
				  "must be valid format starting with iqn, eui, or naa");
	else if (!is_iscsi_name(name))
		child_invalid_str(s->e, s->path, key, name, "must be valid format");
}

#define ISCSI_NAME_MAX 64
#define MSG_ISCSI_LENGTH "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if "	\
	"iscsi.initiatorName is specified."

static void check_iscsi(const struct source *s)
{
	const char *portal = json_str_or(json_get(s->obj, "targetPortal"), ""), *iqn = text_of(s->obj, "iqn");
	const json *initiator = json_get(s->obj, "initiatorName"), *secret = json_get(s->obj, "secretRef");
	bool too_long = initiator && strlen(s->name) + 1 + strlen(portal) > ISCSI_NAME_MAX;
	PATH(secret_path, "%s.secretRef", s->path);

	validate_given(s->obj, "targetPortal", s->path, s->e);
	if (too_long && s->persistent)
		child_invalid_str(s->e, s->path, "targetportal", portal, MSG_ISCSI_LENGTH);
	if (iqn)
		check_iscsi_name(s, "iqn", iqn);
	else
		child_required(s->e, s->path, "iqn", NULL);
	validate_between(s->obj, "lun", 0, 255, s->path, s->e);
	if ((is_true(s->obj, "chapAuthDiscovery") || is_true(s->obj, "chapAuthSession")) && !secret)
		field_required(s->e, secret_path, NULL);
	if (secret && s->persistent)
		validate_given(secret, "name", secret_path, s->e);
	if (initiator)
		check_iscsi_name(s, "initiatorname", json_str_or(initiator, ""));
	if (too_long && !s->persistent)
		child_invalid_str(s->e, s->holder, "name", s->name, MSG_ISCSI_LENGTH);
}

static void check_glusterfs(const struct source *s)
{
	validate_given(s->obj, "endpoints", s->path, s->e);
	validate_given(s->obj, "path", s->path, s->e);
	if (s->persistent && json_get(s->obj, "endpointsNamespace"))
		validate_name(s->obj, "endpointsNamespace", invalid_dns1123_label, s->path, s->e);
}

static void check_flocker(const struct source *s)
{
	const char *name = text_of(s->obj, "datasetName"), *uuid = text_of(s->obj, "datasetUUID");

	if (!name && !uuid)
		field_required(s->e, s->path, "one of datasetName and datasetUUID is required");
	if (name && uuid)
		field_invalid_str(s->e, s->path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
	if (name && strchr(name, '/'))
		child_invalid_str(s->e, s->path, "datasetName", name, "must not contain '/'");
}

static void check_rbd(const struct source *s)
{
	if (!json_len(json_get(s->obj, "monitors")))
		child_required(s->e, s->path, "monitors", NULL);
	validate_given(s->obj, "image", s->path, s->e);
}

static void check_cephfs(const struct source *s)
{
	if (!json_len(json_get(s->obj, "monitors")))
		child_required(s->e, s->path, "monitors", NULL);
}

/* secretRef, if there, names a secret; a PersistentVolume's says its namespace too. */
static void check_secret_ref(const struct source *s)
{
	const json *secret = json_get(s->obj, "secretRef");
	PATH(p, "%s.secretRef", s->path);

	if (!secret)
		return;
	validate_given(secret, "name", p, s->e);
	if (s->persistent)
		validate_given(secret, "namespace", p, s->e);
}

static void check_cinder(const struct source *s)
{
	validate_given(s->obj, "volumeID", s->path, s->e);
	check_secret_ref(s);
}

static void check_storageos(const struct source *s)
{
	validate_given_name(s->obj, "volumeName", invalid_dns1123_label, s->path, s->e);
	validate_name(s->obj, "volumeNamespace", invalid_dns1123_label, s->path, s->e);
	check_secret_ref(s);
}

static void check_quobyte(const struct source *s)
{
	const char *registry = text_of(s->obj, "registry");

	if (!registry)
		child_required(s->e, s->path, "registry",
			       "must be a host:port pair or multiple pairs separated by commas");
	else if (strlen(json_str_or(json_get(s->obj, "tenant"), "")) > 64)
		child_required(s->e, s->path, "tenant", "must be a UUID and may not exceed a length of 64 characters");
	else if (!strchr(registry, ':'))
		child_invalid_str(s->e, s->path, "registry", registry,
				  "must be a host:port pair or multiple pairs separated by commas");
	validate_given(s->obj, "volume", s->path, s->e);
}

static void check_fc(const struct source *s)
{
	const json *names = json_get(s->obj, "targetWWNs");
	bool wwns = json_len(names), wwids = json_len(json_get(s->obj, "wwids"));

	if (!wwns && !wwids)
		child_required(s->e, s->path, "targetWWNs", "must specify either targetWWNs or wwids, but not both");
	if (wwns && wwids)
		child_invalid(s->e, s->path, "targetWWNs", names, "targetWWNs and wwids can not be specified simultaneously");
	if (wwns && !json_get(s->obj, "lun"))
		child_required(s->e, s->path, "lun", "lun is required if targetWWNs is specified");
	else if (wwns)
		validate_between(s->obj, "lun", 0, 255, s->path, s->e);
}

static void check_flex(const struct source *s)
{
	validate_given(s->obj, "driver", s->path, s->e);
	json_each(o, json_get(s->obj, "options")) {
		_cleanup_free_ char *space = xasprintf(".%.*s", (int)strcspn(json_key(o), "/"), json_key(o));
		PATH(p, "%s.options[%s]", s->path, json_key(o));

		if (endswith(space, ".kubernetes.io") || endswith(space, ".k8s.io"))
			field_invalid_str(s->e, p, json_key(o), "kubernetes.io and k8s.io namespaces are reserved");
	}
}

static void check_azure_file(const struct source *s)
{
	const json *ns = json_get(s->obj, "secretNamespace");

	validate_given(s->obj, "secretName", s->path, s->e);
	validate_given(s->obj, "shareName", s->path, s->e);
	if (s->persistent && ns && !*json_str_or(ns, ""))
		child_required(s->e, s->path, "secretNamespace", NULL);
}

static void check_azure_disk(const struct source *s)
{
	const char *kind = json_str_or(json_get(s->obj, "kind"), ""), *uri = json_str_or(json_get(s->obj, "diskURI"), "");

	validate_given(s->obj, "diskName", s->path, s->e);
	validate_given(s->obj, "diskURI", s->path, s->e);
	validate_known(s->obj, "cachingMode", "None,ReadOnly,ReadWrite", s->path, s->e);
	validate_known(s->obj, "kind", "Dedicated,Managed,Shared", s->path, s->e);
	if (streq(kind, "Managed") && !startswith(uri, "/subscriptions/"))
		child_not_supported(s->e, s->path, "diskURI", uri, "/subscriptions/{sub-id}/resourcegroups/{group-name}/"
				    "providers/microsoft.compute/disks/{disk-id}");
	if (*kind && !streq(kind, "Managed") && !startswith(uri, "https://"))
		child_not_supported(s->e, s->path, "diskURI", uri,
				    "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd");
}

static void check_scaleio(const struct source *s)
{
	validate_given(s->obj, "gateway", s->path, s->e);
	validate_given(s->obj, "system", s->path, s->e);
	validate_given(s->obj, "volumeName", s->path, s->e);
}

static void check_vsphere(const struct source *s)
{
	validate_given(s->obj, "volumePath", s->path, s->e);
}

static void check_photon(const struct source *s)
{
	validate_given(s->obj, "pdID", s->path, s->e);
}

static void check_portworx(const struct source *s)
{
	validate_given(s->obj, "volumeID", s->path, s->e);
}

/* --- of a driver ------------------------------------------------------------------------------------ */

#define CSI_NAME_MAX 63

void validate_csi_driver_name(const char *name, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *lower = xstrdup(name);
	const char *why;

	for (char *p = lower; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	why = invalid_dns1123_subdomain(lower);
	if (!*name)
		field_required(e, path, NULL);
	if (strlen(name) > CSI_NAME_MAX)
		field_too_long(e, path, CSI_NAME_MAX);
	if (why)
		field_invalid_str(e, path, name, why);
}

static void check_csi_secrets(const struct source *s)
{
	static const char *const refs[] = { "controllerPublishSecretRef", "controllerExpandSecretRef",
					    "nodePublishSecretRef", "nodeExpandSecretRef" };

	for (size_t i = 0; i < ARRAY_SIZE(refs); i++) {
		const json *ref = json_get(s->obj, refs[i]);
		PATH(p, "%s.%s", s->path, refs[i]);

		if (!ref)
			continue;
		validate_given_name(ref, "name", invalid_dns1123_subdomain, p, s->e);
		validate_given_name(ref, "namespace", invalid_dns1123_label, p, s->e);
	}
}

static void check_csi(const struct source *s)
{
	const json *secret = json_get(s->obj, "nodePublishSecretRef");
	PATH(driver, "%s.driver", s->path);

	validate_csi_driver_name(json_str_or(json_get(s->obj, "driver"), ""), driver, s->e);
	if (s->persistent) {
		validate_given(s->obj, "volumeHandle", s->path, s->e);
		check_csi_secrets(s);
	} else if (secret && !text_of(secret, "name")) {
		child_required(s->e, s->path, "nodePublishSecretRef.name", NULL);
	} else if (secret) {
		validate_name(secret, "name", invalid_dns1123_subdomain, s->path, s->e);
	}
}

static void check_claim(const struct source *s)
{
	validate_given(s->obj, "claimName", s->path, s->e);
}

/* The claim that is made for the pod bears both names. */
static void check_ephemeral(const struct source *s)
{
	const json *template = json_get(s->obj, "volumeClaimTemplate");
	const char *pod = text_of(json_get(s->pod, "metadata"), "name");
	PATH(p, "%s.volumeClaimTemplate", s->path);
	PATH(claim, "%s-%s", pod ?: "", s->name);
	const char *why = pod && *s->name ? invalid_dns1123_subdomain(claim) : NULL;

	if (!template)
		field_required(s->e, p, NULL);
	else
		validate_claim_template(template, p, s->e);
	if (why) {
		PATH(text, "PVC name \"%s\": %s", claim, why);

		child_invalid_str(s->e, s->holder, "name", s->name, text);
	}
}

static void check_image(const struct source *s)
{
	if (s->pod)
		validate_given(s->obj, "reference", s->path, s->e);
	validate_enum(s->obj, "pullPolicy", "Always,IfNotPresent,Never", s->path, s->e);
}

/* --- the tables ----------------------------------------------------------------------------------------- */

static const struct source_type {
	const char *member;
	void (*check)(const struct source *s);
	/* How Kubernetes spells it in what it says of its parts, and of one too many; NULL: as the member. */
	const char *inner, *extra;
} in_pods[] = {
	{ .member = "emptyDir", .check = check_empty_dir },
	{ .member = "hostPath", .check = check_host_path },
	{ .member = "gitRepo", .check = check_git_repo },
	{ .member = "gcePersistentDisk", .check = check_gce, .inner = "persistentDisk" },
	{ .member = "awsElasticBlockStore", .check = check_aws },
	{ .member = "secret", .check = check_secret },
	{ .member = "nfs", .check = check_nfs },
	{ .member = "iscsi", .check = check_iscsi },
	{ .member = "glusterfs", .check = check_glusterfs },
	{ .member = "flocker", .check = check_flocker },
	{ .member = "persistentVolumeClaim", .check = check_claim },
	{ .member = "rbd", .check = check_rbd },
	{ .member = "cinder", .check = check_cinder },
	{ .member = "cephfs", .check = check_cephfs, .extra = "cephFS" },
	{ .member = "quobyte", .check = check_quobyte },
	{ .member = "downwardAPI", .check = check_downward, .extra = "downwarAPI" },
	{ .member = "fc", .check = check_fc },
	{ .member = "flexVolume", .check = check_flex },
	{ .member = "configMap", .check = check_configmap },
	{ .member = "azureFile", .check = check_azure_file },
	{ .member = "vsphereVolume", .check = check_vsphere },
	{ .member = "photonPersistentDisk", .check = check_photon },
	{ .member = "portworxVolume", .check = check_portworx },
	{ .member = "azureDisk", .check = check_azure_disk },
	{ .member = "storageos", .check = check_storageos },
	{ .member = "projected", .check = check_projected },
	{ .member = "scaleIO", .check = check_scaleio },
	{ .member = "csi", .check = check_csi },
	{ .member = "ephemeral", .check = check_ephemeral },
	{ .member = "image", .check = check_image },
}, persistent[] = {
	{ .member = "hostPath", .check = check_host_path },
	{ .member = "gcePersistentDisk", .check = check_gce, .inner = "persistentDisk" },
	{ .member = "awsElasticBlockStore", .check = check_aws },
	{ .member = "glusterfs", .check = check_glusterfs },
	{ .member = "flocker", .check = check_flocker },
	{ .member = "nfs", .check = check_nfs },
	{ .member = "rbd", .check = check_rbd },
	{ .member = "quobyte", .check = check_quobyte },
	{ .member = "cephfs", .check = check_cephfs, .extra = "cephFS" },
	{ .member = "iscsi", .check = check_iscsi },
	{ .member = "cinder", .check = check_cinder },
	{ .member = "fc", .check = check_fc },
	{ .member = "flexVolume", .check = check_flex },
	{ .member = "azureFile", .check = check_azure_file },
	{ .member = "vsphereVolume", .check = check_vsphere },
	{ .member = "photonPersistentDisk", .check = check_photon },
	{ .member = "portworxVolume", .check = check_portworx },
	{ .member = "azureDisk", .check = check_azure_disk },
	{ .member = "scaleIO", .check = check_scaleio },
	{ .member = "local", .check = check_local },
	{ .member = "storageos", .check = check_storageos },
	{ .member = "csi", .check = check_csi },
};

/* s is filled but for obj and the paths; base is the path of holder, which has the source. */
static void validate_sources(const json *holder, const struct source_type *types, size_t n, struct source *s,
			     const char *base)
{
	bool any = false;

	s->holder = base;
	for (size_t i = 0; i < n; i++) {
		const struct source_type *t = &types[i];
		PATH(p, "%s.%s", base, t->inner ?: t->member);

		s->obj = json_get(holder, t->member);
		s->path = p;
		if (!s->obj)
			continue;
		if (any)
			child_forbidden(s->e, base, t->extra ?: t->member, MSG_TWO);
		else
			t->check(s);
		any = true;
	}
	if (!any)
		field_required(s->e, base, "must specify a volume type");
}

void validate_pod_volumes(struct pod_check *c)
{
	const json *volumes = json_get(c->spec, "volumes");
	const char *pod = text_of(json_get(c->pod, "metadata"), "name");
	int i = 0;

	c->volumes = xcalloc((size_t)json_len(volumes) + 1, sizeof(*c->volumes));
	json_each(v, volumes) {
		const char *name = text_of(v, "name"), *claim = text_of(json_get(v, "persistentVolumeClaim"), "claimName");
		struct source s = { .name = name ?: "", .pod = c->pod, .e = c->e };
		size_t before = c->e->n;
		PATH(base, "%s.volumes[%d]", c->path, i++);

		validate_sources(v, in_pods, ARRAY_SIZE(in_pods), &s, base);
		validate_given_name(v, "name", invalid_dns1123_label, base, c->e);
		if (name && pod_volume_named(c, name))
			child_duplicate(c->e, base, "name", name);
		if (c->e->n == before)
			c->volumes[c->n_volumes++] = v;
		/* What the pod's own volumes will be made of is none to be mounted by name. */
		json_each(other, pod && claim ? volumes : NULL) {
			PATH(made, "%s-%s", pod, json_str_or(json_get(other, "name"), ""));

			if (json_get(other, "ephemeral") && streq(made, claim))
				child_invalid_str(c->e, base, "persistentVolumeClaim.claimName", claim,
						  "must not reference a PVC that gets created for an ephemeral volume");
		}
	}
}

void validate_volume_source(const json *spec, const char *pv_name, bool node_affinity, const char *path,
			    struct field_errors *e)
{
	struct source s = { .name = pv_name, .persistent = true, .node_affinity = node_affinity, .e = e };

	validate_sources(spec, persistent, ARRAY_SIZE(persistent), &s, path);
}
