// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_env.c - the environment of containers, and what of a pod can be told to it, see validate_pod.h */
#include "api/kinds/validate_pod.h"

#include "api/schema/quantity.h"

/* --- fields of the pod ----------------------------------------------------------- */

#define ENV_FIELDS "metadata.name,metadata.namespace,metadata.uid,spec.nodeName,spec.serviceAccountName,"	\
	"status.hostIP,status.hostIPs,status.podIP,status.podIPs"
#define FILE_FIELDS "metadata.annotations,metadata.labels,metadata.name,metadata.namespace,metadata.uid"
/* What can be named at all. */
#define POD_FIELDS FILE_FIELDS "," ENV_FIELDS ",spec.restartPolicy,spec.schedulerName,status.phase"

/* "metadata.labels['key']": the length of what stands before the bracket, and the key; false if there is no bracket. */
static bool split_subscript(const char *s, size_t *ret_len, char **ret_key)
{
	const char *bracket = strstr(s, "['");

	if (!bracket || !endswith(s, "']"))
		return false;
	*ret_len = bracket - s;
	*ret_key = xstrndup(bracket + 2, strlen(bracket) - 4);
	return true;
}

static void validate_subscript(const char *field, size_t len, const char *key, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *lower = xstrdup(key);

	if (len == strlen("metadata.annotations") && startswith(field, "metadata.annotations")) {
		/* Upper case is let through in an annotation's prefix. */
		for (char *p = lower; *p; p++)
			if (*p >= 'A' && *p <= 'Z')
				*p += 'a' - 'A';
		validate_label_name(lower, path, e);
	} else if (len == strlen("metadata.labels") && startswith(field, "metadata.labels")) {
		validate_label_name(key, path, e);
	} else {
		PATH(why, "error converting fieldPath: field label does not support subscript: %s", field);

		child_invalid_str(e, path, "fieldPath", field, why);
	}
}

static void validate_field_ref(const json *ref, const char *allowed, const char *path, struct field_errors *e)
{
	const char *version = text_of(ref, "apiVersion"), *field = text_of(ref, "fieldPath");
	_cleanup_free_ char *key = NULL;
	size_t len;

	if (!version) {
		child_required(e, path, "apiVersion", NULL);
	} else if (!field) {
		child_required(e, path, "fieldPath", NULL);
	} else if (!streq(version, "v1")) {
		PATH(why, "error converting fieldPath: unsupported pod version: %s", version);

		child_invalid_str(e, path, "fieldPath", field, why);
	} else if (split_subscript(field, &len, &key)) {
		validate_subscript(field, len, key, path, e);
	} else if (!one_of(field, POD_FIELDS) && !streq(field, "spec.host")) {
		PATH(why, "error converting fieldPath: field label not supported: %s", field);

		child_invalid_str(e, path, "fieldPath", field, why);
	} else if (!one_of(streq(field, "spec.host") ? "spec.nodeName" : field, allowed)) {
		child_not_supported(e, path, "fieldPath", field, allowed);
	}
}

/* --- resources of a container -------------------------------------------------------- */

#define RESOURCES "limits.cpu,limits.ephemeral-storage,limits.memory,requests.cpu,requests.ephemeral-storage,"	\
	"requests.memory"

static bool is_hugepages(const char *resource)
{
	return startswith(resource, "limits.hugepages-") || startswith(resource, "requests.hugepages-");
}

static void validate_divisor(const char *resource, const json *divisor, const char *path, struct field_errors *e)
{
	static const char sizes[] = "1,1k,1M,1G,1T,1P,1E,1Ki,1Mi,1Gi,1Ti,1Pi,1Ei";
	const char *text = json_str_or(divisor, "");
	const char *what = NULL;

	if (!divisor || !quantity_sign(divisor))
		return;
	if (one_of(resource, "limits.cpu,requests.cpu")) {
		if (!one_of(text, "1m,1"))
			child_invalid_str(e, path, "divisor", resource,
					  "only divisor's values 1m and 1 are supported with the cpu resource");
		return;
	}
	if (one_of(resource, "limits.memory,requests.memory"))
		what = "memory";
	else if (one_of(resource, "limits.ephemeral-storage,requests.ephemeral-storage"))
		what = "local ephemeral storage";
	else if (is_hugepages(resource))
		what = "hugepages";
	if (what && !one_of(text, sizes)) {
		PATH(why, "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with "
		     "the %s resource", what);

		child_invalid_str(e, path, "divisor", resource, why);
	}
}

static void validate_resource_ref(const json *ref, bool in_file, const char *path, struct field_errors *e)
{
	const char *resource = json_str_or(json_get(ref, "resource"), "");

	if (in_file && !text_of(ref, "containerName"))
		child_required(e, path, "containerName", NULL);
	else if (!*resource)
		child_required(e, path, "resource", NULL);
	else if (!one_of(resource, RESOURCES) && !is_hugepages(resource))
		child_not_supported(e, path, "resource", resource, RESOURCES);
	validate_divisor(resource, json_get(ref, "divisor"), path, e);
}

void validate_downward_item(const json *item, const char *path, struct field_errors *e)
{
	const char *file = json_str_or(json_get(item, "path"), "");
	const json *field = json_get(item, "fieldRef"), *resource = json_get(item, "resourceFieldRef");
	PATH(file_path, "%s.path", path);
	PATH(field_path, "%s.fieldRef", path);
	PATH(resource_path, "%s.resourceFieldRef", path);

	validate_given(item, "path", path, e);
	validate_file_path(file, file_path, e);
	if (field) {
		validate_field_ref(field, FILE_FIELDS, field_path, e);
		if (resource)
			field_invalid_str(e, path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
	} else if (resource) {
		validate_resource_ref(resource, true, resource_path, e);
	} else {
		field_required(e, path, "one of fieldRef and resourceFieldRef is required");
	}
}

/* --- variables -------------------------------------------------------------------------- */

/* A key of a ConfigMap or Secret. */
static void validate_key_ref(const json *ref, const char *path, struct field_errors *e)
{
	const char *name = json_str_or(json_get(ref, "name"), "");
	const char *why = invalid_dns1123_subdomain(name);

	if (why)
		child_invalid_str(e, path, "name", name, why);
	validate_given_name(ref, "key", invalid_config_key, path, e);
}

/* A variable in a file of an emptyDir. */
static void validate_file_ref(const json *ref, const char *path, struct field_errors *e)
{
	const char *file = json_str_or(json_get(ref, "path"), "");
	PATH(file_path, "%s.path", path);

	validate_given_name(ref, "volumeName", invalid_dns1123_label, path, e);
	validate_given(ref, "path", path, e);
	validate_file_path(file, file_path, e);
	validate_given_name(ref, "key", invalid_env_name, path, e);
}

static void validate_value_from(const json *v, const char *path, struct field_errors *e)
{
	static const char *const sources[] = { "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef",
					       "fileKeyRef" };
	const json *from = json_get(v, "valueFrom");
	int n = 0;

	if (!from)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		const json *ref = json_get(from, sources[i]);
		PATH(base, "%s.%s", path, sources[i]);

		n += ref != NULL;
		if (ref && i == 0)
			validate_field_ref(ref, ENV_FIELDS, base, e);
		else if (ref && i == 1)
			validate_resource_ref(ref, false, base, e);
		else if (ref && i == 4)
			validate_file_ref(ref, base, e);
		else if (ref)
			validate_key_ref(ref, base, e);
	}
	if (!n)
		field_invalid_str(e, path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, "
				  "`configMapKeyRef` or `secretKeyRef`");
	else if (text_of(v, "value"))
		field_invalid_str(e, path, "", "may not be specified when `value` is not empty");
	else if (n > 1)
		field_invalid_str(e, path, "", "may not have more than one field specified at a time");
}

static void validate_env_from(const json *container, const char *path, struct field_errors *e)
{
	static const char *const sources[] = { "configMapRef", "secretRef" };
	int i = 0;
	PATH(list, "%s.envFrom", path);

	json_each(f, json_get(container, "envFrom")) {
		int n = 0;
		PATH(base, "%s[%d]", list, i++);

		validate_name(f, "prefix", invalid_env_name, base, e);
		for (size_t s = 0; s < ARRAY_SIZE(sources); s++) {
			const json *ref = json_get(f, sources[s]);
			PATH(ref_path, "%s.%s", base, sources[s]);

			n += ref != NULL;
			if (ref)
				validate_given_name(ref, "name", invalid_dns1123_subdomain, ref_path, e);
		}
		if (!n)
			field_invalid_str(e, list, "", "must specify one of: `configMapRef` or `secretRef`");
		else if (n > 1)
			field_invalid_str(e, list, "", "may not have more than one field specified at a time");
	}
}

void validate_env(const json *container, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(v, json_get(container, "env")) {
		PATH(base, "%s.env[%d]", path, i++);
		PATH(from, "%s.valueFrom", base);

		validate_given_name(v, "name", invalid_env_name, base, e);
		validate_value_from(v, from, e);
	}
	validate_env_from(container, path, e);
}
