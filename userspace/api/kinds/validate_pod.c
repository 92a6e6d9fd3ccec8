// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_pod.c - pods and pod templates, see validate.h */
#include "api/kinds/validate_parts.h"
#include "api/meta/view_selector.h"

#define EFFECTS "NoExecute,NoSchedule,PreferNoSchedule"

static void validate_volumes(const json *spec, const char *path, struct field_errors *e)
{
	const json *volumes = json_get(spec, "volumes");
	int i = 0;

	json_each(v, volumes) {
		const char *name = text_of(v, "name");
		const char *why = name ? invalid_dns1123_label(name) : NULL;
		const char *host = text_of(json_get(v, "hostPath"), "path");
		bool twice = false;
		int sources = 0;
		PATH(base, "%s.volumes[%d]", path, i++);
		PATH(name_path, "%s.name", base);
		PATH(host_path, "%s.hostPath.path", base);
		PATH(cm_path, "%s.configMap.name", base);
		PATH(secret_path, "%s.secret.secretName", base);

		if (!name)
			field_required(e, name_path, NULL);
		else if (why)
			field_invalid_str(e, name_path, name, why);
		for (const json *b = volumes->child; b != v; b = b->next)
			twice = twice || (name && streq(text_of(b, "name"), name));
		if (twice)
			field_duplicate(e, name_path, name);
		json_each(it, v) {
			PATH(source, "%s.%s", base, json_key(it));

			if (json_is_object(it) && sources++)
				field_forbidden(e, source, "may not specify more than 1 volume type");
		}
		if (!sources)
			field_required(e, base, "must specify a volume type");
		if (json_get(v, "hostPath") && !host)
			field_required(e, host_path, NULL);
		if (json_get(v, "configMap") && !text_of(json_get(v, "configMap"), "name"))
			field_required(e, cm_path, NULL);
		if (json_get(v, "secret") && !text_of(json_get(v, "secret"), "secretName"))
			field_required(e, secret_path, NULL);
	}
}

void validate_tolerations(const json *list, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(t, list) {
		const char *key = text_of(t, "key"), *op = text_of(t, "operator") ?: "Equal";
		const char *effect = text_of(t, "effect");
		const char *why = key ? invalid_label_key(key) : NULL;
		PATH(base, "%s[%d]", path, i++);
		PATH(key_path, "%s.key", base);
		PATH(op_path, "%s.operator", base);
		PATH(effect_path, "%s.effect", base);

		if (why)
			field_invalid_str(e, key_path, key, why);
		if (!key && !streq(op, "Exists"))
			field_invalid_str(e, op_path, op, "operator must be Exists when `key` is empty, which means "
					  "\"match all values and all keys\"");
		if (json_get(t, "tolerationSeconds") && !streq(effect, "NoExecute"))
			field_invalid_str(e, effect_path, effect ?: "",
					  "effect must be 'NoExecute' when `tolerationSeconds` is set");
		if (!one_of(op, "Equal,Exists"))
			field_not_supported(e, op_path, op, "Equal,Exists");
		else if (streq(op, "Exists") && text_of(t, "value"))
			field_invalid(e, op_path, t, "value must be empty when `operator` is 'Exists'");
		if (effect && !one_of(effect, EFFECTS))
			field_not_supported(e, effect_path, effect, EFFECTS);
	}
}

void validate_taints(const json *list, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(t, list) {
		const char *key = json_str_or(json_get(t, "key"), ""), *effect = text_of(t, "effect");
		const char *value = json_str_or(json_get(t, "value"), "");
		bool twice = false;
		PATH(base, "%s[%d]", path, i++);
		PATH(key_path, "%s.key", base);
		PATH(value_path, "%s.value", base);

		if (invalid_label_key(key))
			field_invalid_str(e, key_path, key, invalid_label_key(key));
		if (invalid_label_value(value))
			field_invalid_str(e, value_path, value, invalid_label_value(value));
		validate_enum(t, "effect", EFFECTS, base, e);
		for (const json *b = list->child; b != t; b = b->next)
			twice = twice || (streq(text_of(b, "key"), key) && streq(text_of(b, "effect"), effect));
		if (twice)
			field_duplicate(e, base, key);
	}
}

static void validate_host_aliases(const json *spec, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(a, json_get(spec, "hostAliases")) {
		const char *ip = json_str_or(json_get(a, "ip"), "");
		PATH(base, "%s.hostAliases[%d]", path, i++);
		PATH(ip_path, "%s.ip", base);
		PATH(names, "%s.hostnames", base);

		if (!valid_ip(ip))
			field_invalid_str(e, ip_path, ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
		json_each(h, json_get(a, "hostnames")) {
			const char *why = invalid_dns1123_subdomain(json_str_or(h, ""));

			if (why)
				field_invalid(e, names, h, why);
		}
	}
}

static void validate_dns(const json *spec, const char *path, struct field_errors *e)
{
	const json *config = json_get(spec, "dnsConfig");
	bool none = streq(text_of(spec, "dnsPolicy"), "None");
	int i = 0;
	PATH(servers, "%s.dnsConfig.nameservers", path);

	validate_enum(spec, "dnsPolicy", "ClusterFirst,ClusterFirstWithHostNet,Default,None", path, e);
	if (none && !json_len(json_get(config, "nameservers")))
		field_required(e, servers, "must provide at least one DNS nameserver when `dnsPolicy` is None");
	json_each(s, json_get(config, "nameservers")) {
		PATH(p, "%s[%d]", servers, i++);

		if (!valid_ip(json_str_or(s, "")))
			field_invalid(e, p, s, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
	}
}

static void validate_spread(const json *spec, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(c, json_get(spec, "topologySpreadConstraints")) {
		int64_t skew = json_int(json_get(c, "maxSkew"), 0);
		PATH(base, "%s.topologySpreadConstraints[%d]", path, i++);
		PATH(skew_path, "%s.maxSkew", base);
		PATH(key_path, "%s.topologyKey", base);
		PATH(selector, "%s.labelSelector", base);

		if (skew <= 0)
			field_invalid_int(e, skew_path, skew, "must be greater than zero");
		if (!text_of(c, "topologyKey"))
			field_required(e, key_path, "can not be empty");
		validate_enum(c, "whenUnsatisfiable", "DoNotSchedule,ScheduleAnyway", base, e);
		validate_label_selector(json_get(c, "labelSelector"), selector, e);
	}
}

/* A member that, where it is given, is a name of some syntax. */
static void validate_name_of(const json *spec, const char *key, name_check check, const char *path,
			     struct field_errors *e)
{
	const char *s = text_of(spec, key);
	const char *why = s ? check(s) : NULL;
	PATH(p, "%s.%s", path, key);

	if (why)
		field_invalid_str(e, p, s, why);
}

void validate_pod_spec(const json *spec, const char *path, struct field_errors *e)
{
	const json *deadline = json_get(spec, "activeDeadlineSeconds");
	PATH(tolerations, "%s.tolerations", path);
	PATH(node_selector, "%s.nodeSelector", path);
	PATH(deadline_path, "%s.activeDeadlineSeconds", path);

	validate_volumes(spec, path, e);
	validate_containers(spec, path, e);
	validate_enum(spec, "restartPolicy", "Always,Never,OnFailure", path, e);
	validate_dns(spec, path, e);
	validate_labels(json_get(spec, "nodeSelector"), node_selector, e);
	validate_name_of(spec, "serviceAccountName", invalid_dns1123_subdomain, path, e);
	validate_name_of(spec, "nodeName", invalid_dns1123_subdomain, path, e);
	validate_name_of(spec, "hostname", invalid_dns1123_label, path, e);
	validate_name_of(spec, "subdomain", invalid_dns1123_label, path, e);
	validate_name_of(spec, "priorityClassName", invalid_dns1123_subdomain, path, e);
	if (deadline && (json_int(deadline, 0) < 1 || json_int(deadline, 0) > INT32_MAX))
		field_invalid_int(e, deadline_path, json_int(deadline, 0), "must be between 1 and 2147483647, inclusive");
	validate_not_negative(spec, "terminationGracePeriodSeconds", path, e);
	validate_tolerations(json_get(spec, "tolerations"), tolerations, e);
	validate_host_aliases(spec, path, e);
	validate_spread(spec, path, e);
}

void validate_pod_template(const json *template, const json *selector, const char *path, struct field_errors *e)
{
	const json *meta = json_get(template, "metadata"), *spec = json_get(template, "spec");
	const char *restart = text_of(spec, "restartPolicy");
	bool empty = !json_len(json_get(selector, "matchLabels")) && !json_len(json_get(selector, "matchExpressions"));
	PATH(labels, "%s.metadata.labels", path);
	PATH(annotations, "%s.metadata.annotations", path);
	PATH(spec_path, "%s.spec", path);
	PATH(restart_path, "%s.spec.restartPolicy", path);

	if (!empty && !label_selector_matches(selector, json_get(meta, "labels"))) {
		const json *l = json_get(meta, "labels");

		if (json_len(l))
			field_invalid(e, labels, l, "`selector` does not match template `labels`");
		else
			field_error(e, labels, FIELD_INVALID,
				    "Invalid value: map[string]string(nil): `selector` does not match template `labels`");
	}
	validate_labels(json_get(meta, "labels"), labels, e);
	validate_annotations(json_get(meta, "annotations"), annotations, e);
	validate_pod_spec(spec, spec_path, e);
	if (restart && !streq(restart, "Always") && one_of(restart, "Never,OnFailure"))
		field_not_supported(e, restart_path, restart, "Always");
	if (json_get(spec, "activeDeadlineSeconds")) {
		PATH(deadline, "%s.spec.activeDeadlineSeconds", path);

		field_forbidden(e, deadline, "activeDeadlineSeconds in ReplicaSet is not Supported");
	}
}

static const char may_change[] =
	"pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
	"`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
	"`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

static bool images_put_alike(json *new, const json *old)
{
	const json *o = old ? old->child : NULL;

	if (json_len(new) != json_len(old))
		return false;
	json_each(c, new) {
		json_set_str(c, "image", json_str(json_get(o, "image")));
		o = o->next;
	}
	return true;
}

static bool tolerations_only_grew(const json *new, const json *old)
{
	json_each(o, old) {
		bool there = false;

		/* How long may change. */
		json_each(n, new)
			there = there || (streq(text_of(n, "key"), text_of(o, "key")) &&
					  streq(text_of(n, "operator"), text_of(o, "operator")) &&
					  streq(text_of(n, "value"), text_of(o, "value")) &&
					  streq(text_of(n, "effect"), text_of(o, "effect")));
		if (!there)
			return false;
	}
	return true;
}

void validate_pod_spec_update(const json *new_spec, const json *old, struct field_errors *e)
{
	static const char *const lists[] = { "containers", "initContainers" };
	_cleanup_json_ json *new = json_clone(new_spec);
	int64_t deadline = json_int(json_get(new, "activeDeadlineSeconds"), INT64_MAX);

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		PATH(p, "spec.%s", lists[i]);

		if (!images_put_alike(json_get(new, lists[i]), json_get(old, lists[i]))) {
			field_forbidden(e, p, "pod updates may not add or remove containers");
			return;
		}
	}
	if (deadline > json_int(json_get(old, "activeDeadlineSeconds"), INT64_MAX))
		field_invalid(e, "spec.activeDeadlineSeconds", json_get(new, "activeDeadlineSeconds"),
			      "must be less than or equal to previous value");
	if (!tolerations_only_grew(json_get(new, "tolerations"), json_get(old, "tolerations")))
		field_forbidden(e, "spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
	json_set(new, "activeDeadlineSeconds", json_clone(json_get(old, "activeDeadlineSeconds")));
	json_set(new, "tolerations", json_clone(json_get(old, "tolerations")));
	if (json_int(json_get(old, "terminationGracePeriodSeconds"), 0) < 0 &&
	    json_int(json_get(new, "terminationGracePeriodSeconds"), 0) == 1)
		json_set(new, "terminationGracePeriodSeconds",
			 json_clone(json_get(old, "terminationGracePeriodSeconds")));
	if (!json_equal(new, old))
		field_forbidden(e, "spec", may_change);
}
