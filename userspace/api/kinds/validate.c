// SPDX-License-Identifier: GPL-2.0-or-later
/* validate.c - which checks a kind gets, and the checks of the small kinds, see validate.h */
#include "api/kinds/validate_parts.h"

#define DATA_MAX (1024 * 1024)

static void validate_pod(const json *obj, struct field_errors *e)
{
	validate_pod_spec(json_get(obj, "spec"), "spec", e);
}

static void validate_pod_update(const json *new, const json *old, struct field_errors *e)
{
	validate_pod_spec_update(json_get(new, "spec"), json_get(old, "spec"), e);
}

static void validate_selector_update(const json *new, const json *old, struct field_errors *e)
{
	const json *selector = json_get(new, "spec", "selector");

	if (!json_equal(selector, json_get(old, "spec", "selector")))
		field_invalid_selector(e, "spec.selector", selector, MSG_IMMUTABLE);
}

static void validate_endpointslice_update(const json *new, const json *old, struct field_errors *e)
{
	validate_immutable(json_get(new, "addressType"), json_get(old, "addressType"), "addressType", e);
}

static void validate_node(const json *obj, struct field_errors *e)
{
	int i = 0;

	validate_taints(json_get(obj, "spec", "taints"), "spec.taints", e);
	json_each(c, json_get(obj, "spec", "podCIDRs")) {
		PATH(p, "spec.podCIDRs[%d]", i++);

		if (!valid_cidr(json_str_or(c, "")))
			field_invalid(e, p, c, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
	}
}

static void validate_node_update(const json *new, const json *old, struct field_errors *e)
{
	const json *was = json_get(old, "spec", "podCIDRs");

	if (json_len(was) && !json_equal(was, json_get(new, "spec", "podCIDRs")))
		field_forbidden(e, "spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
}

static size_t validate_data(const json *obj, const char *key, struct field_errors *e)
{
	size_t total = 0;

	json_each(d, json_get(obj, key)) {
		const char *why = invalid_config_key(json_key(d));
		PATH(p, "%s[%s]", key, json_key(d));

		if (why)
			field_invalid_str(e, p, json_key(d), why);
		total += strlen(json_str_or(d, ""));
	}
	return total;
}

static void validate_configmap(const json *obj, struct field_errors *e)
{
	size_t total = validate_data(obj, "data", e) + validate_data(obj, "binaryData", e);

	json_each(d, json_get(obj, "binaryData")) {
		PATH(p, "data[%s]", json_key(d));

		if (json_get(obj, "data", json_key(d)))
			field_error(e, p, FIELD_INVALID, "Invalid value: \"%s\": duplicate of key present in binaryData",
				    json_key(d));
	}
	if (total > DATA_MAX)
		field_too_long(e, "", DATA_MAX);
}

/* "immutable: true" holds for good, and with it the data. */
static bool validate_frozen(const json *new, const json *old, struct field_errors *e)
{
	static const char *const members[] = { "data", "binaryData" };

	if (!json_bool(json_get(old, "immutable"), false))
		return false;
	if (!json_bool(json_get(new, "immutable"), false))
		field_forbidden(e, "immutable", "field is immutable when `immutable` is set");
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (!json_equal(json_get(new, members[i]), json_get(old, members[i])))
			field_forbidden(e, members[i], "field is immutable when `immutable` is set");
	return true;
}

static void validate_configmap_update(const json *new, const json *old, struct field_errors *e)
{
	validate_frozen(new, old, e);
}

static void validate_secret(const json *obj, struct field_errors *e)
{
	static const char *const needed[][2] = {
		{ "kubernetes.io/dockercfg", ".dockercfg" },
		{ "kubernetes.io/dockerconfigjson", ".dockerconfigjson" },
		{ "kubernetes.io/ssh-auth", "ssh-privatekey" },
		{ "kubernetes.io/tls", "tls.crt" },
		{ "kubernetes.io/tls", "tls.key" },
	};
	const char *type = text_of(obj, "type");

	/* Counted as the text it stands for. */
	if (validate_data(obj, "data", e) / 4 * 3 > DATA_MAX)
		field_too_long(e, "data", DATA_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		PATH(p, "data[%s]", needed[i][1]);

		if (streq(type, needed[i][0]) && !json_get(obj, "data", needed[i][1]))
			field_required(e, p, NULL);
	}
	if (streq(type, "kubernetes.io/basic-auth") && !json_get(obj, "data", "username") &&
	    !json_get(obj, "data", "password")) {
		field_required(e, "data[username]", NULL);
		field_required(e, "data[password]", NULL);
	}
}

static void validate_secret_update(const json *new, const json *old, struct field_errors *e)
{
	validate_immutable(json_get(new, "type"), json_get(old, "type"), "type", e);
	validate_frozen(new, old, e);
}

static void validate_lease(const json *obj, struct field_errors *e)
{
	const json *seconds = json_get(obj, "spec", "leaseDurationSeconds");

	if (seconds && json_int(seconds, 0) <= 0)
		field_invalid_int(e, "spec.leaseDurationSeconds", json_int(seconds, 0), "must be greater than 0");
	validate_not_negative(json_get(obj, "spec"), "leaseTransitions", "spec", e);
}

/* An event lies in the namespace of what it is about; of what has none, in "default". */
static void validate_event(const json *obj, struct field_errors *e)
{
	const char *ns = json_str_or(json_get(obj, "metadata", "namespace"), "");
	const char *about = json_str_or(json_get(obj, "involvedObject", "namespace"), "");

	if (*about ? !streq(about, ns) : !one_of(ns, "default,kube-system"))
		field_invalid_str(e, "involvedObject.namespace", about, "does not match event.namespace");
}

static const struct {
	const struct resource *res;
	name_check name;
	void (*object)(const json *obj, struct field_errors *e);	/* or NULL */
	void (*update)(const json *new, const json *old, struct field_errors *e);	/* or NULL */
} checks[] = {
	{ &res_namespaces, invalid_dns1123_label, NULL, NULL },
	{ &res_nodes, invalid_dns1123_subdomain, validate_node, validate_node_update },
	{ &res_pods, invalid_dns1123_subdomain, validate_pod, validate_pod_update },
	{ &res_services, invalid_dns1035_label, validate_service, validate_service_update },
	{ &res_endpoints, invalid_dns1123_subdomain, validate_endpoints, NULL },
	{ &res_events, invalid_dns1123_subdomain, validate_event, NULL },
	{ &res_configmaps, invalid_dns1123_subdomain, validate_configmap, validate_configmap_update },
	{ &res_secrets, invalid_dns1123_subdomain, validate_secret, validate_secret_update },
	{ &res_serviceaccounts, invalid_dns1123_subdomain, NULL, NULL },
	{ &res_deployments, invalid_dns1123_subdomain, validate_deployment, validate_selector_update },
	{ &res_replicasets, invalid_dns1123_subdomain, validate_replicaset, validate_selector_update },
	{ &res_endpointslices, invalid_dns1123_subdomain, validate_endpointslice, validate_endpointslice_update },
	{ &res_leases, invalid_dns1123_subdomain, validate_lease, NULL },
};

static size_t check_of(const struct kind *k)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(checks) && checks[i].res != k->res)
		i++;
	return i;
}

void validate_create(const struct kind *k, const json *obj, struct field_errors *e)
{
	size_t i = check_of(k);

	validate_meta(obj, k->res->namespaced, i < ARRAY_SIZE(checks) ? checks[i].name : invalid_dns1123_subdomain, e);
	if (i < ARRAY_SIZE(checks) && checks[i].object)
		checks[i].object(obj, e);
}

void validate_update(const struct kind *k, const json *new, const json *old, struct field_errors *e)
{
	size_t i = check_of(k);

	validate_meta_update(new, old, e);
	validate_create(k, new, e);
	if (i < ARRAY_SIZE(checks) && checks[i].update)
		checks[i].update(new, old, e);
}

void validate_update_status(const struct kind *k, const json *new, const json *old, struct field_errors *e)
{
	validate_meta_update(new, old, e);
	validate_meta(new, k->res->namespaced, invalid_dns1123_subdomain, e);
}
