// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_pod_status.c - what may be said in a pod's status, see validate_pod.h */
#include "api/kinds/validate_pod.h"

#define MSG_IP "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"

/* --- containers ---------------------------------------------------------------------------- */

static bool is_sidecar(const json *spec, const char *name)
{
	json_each(c, json_get(spec, "initContainers"))
		if (streq(text_of(c, "name"), name))
			return streq(text_of(c, "restartPolicy"), "Always");
	return false;
}

/* A container that has ended and will not be started again stays ended. */
static void validate_transitions(const json *new, const json *old, const char *list, const char *restart,
				 const json *sidecars_of, struct field_errors *e)
{
	int i = 0;

	if (streq(restart, "Always"))
		return;
	json_each(o, json_get(old, "status", list)) {
		const json *ended = json_get(o, "state", "terminated");
		const char *name = text_of(o, "name");
		PATH(p, "status.%s[%d].state", list, i++);

		if (!ended || (json_int(json_get(ended, "exitCode"), 0) && streq(restart, "OnFailure")) ||
		    is_sidecar(sidecars_of, name))
			continue;
		json_each(n, json_get(new, "status", list))
			if (streq(text_of(n, "name"), name) && !json_get(n, "state", "terminated"))
				field_forbidden(e, p, "may not be transitioned to non-terminated state");
	}
}

static void validate_users(const json *pod, const char *list, struct field_errors *e)
{
	bool windows = streq(json_str(json_get(pod, "spec", "os", "name")), "windows");
	int i = 0;

	json_each(s, json_get(pod, "status", list)) {
		const json *user = json_get(s, "user", "linux");
		int g = 0;
		PATH(base, "status.%s[%d].linux", list, i++);

		if (user && windows) {
			field_forbidden(e, base, "cannot be set for a windows pod");
			continue;
		}
		validate_between(user, "uid", 0, MSG_HUGE_INT, base, e);
		validate_between(user, "gid", 0, MSG_HUGE_INT, base, e);
		json_each(id, json_get(user, "supplementalGroups")) {
			PATH(p, "%s.supplementalGroups[%d]", base, g++);

			if (json_int(id, -1) < 0 || json_int(id, -1) > MSG_HUGE_INT)
				field_invalid(e, p, id, "must be between 0 and 2147483647, inclusive");
		}
	}
}

/* --- addresses --------------------------------------------------------------------------------- */

/* A list of {ip}: each an address, of each family one. */
static void validate_addresses(const json *list, const char *path, struct field_errors *e)
{
	int v4 = 0, v6 = 0, i = 0;

	json_each(a, list) {
		const char *ip = json_str_or(json_get(a, "ip"), "");
		PATH(p, "%s[%d]", path, i++);

		v6 += strchr(ip, ':') != NULL;
		v4 += strchr(ip, ':') == NULL;
		if (!valid_ip(ip))
			field_invalid_str(e, p, ip, MSG_IP);
	}
	if (v4 > 1 || v6 > 1)
		field_invalid(e, path, list, "may specify no more than one IP for each IP family");
	i = 0;
	json_each(a, list) {
		_cleanup_free_ char *text = json_print(a);
		PATH(p, "%s[%d]", path, i++);

		if (list_has_before(list, a, "ip", json_str(json_get(a, "ip"))))
			field_error(e, p, FIELD_DUPLICATE, "Duplicate value: %s", text);
	}
}

static void validate_host_ips(const json *pod, struct field_errors *e)
{
	const json *list = json_get(pod, "status", "hostIPs");
	const char *first = json_len(list) ? json_str_or(json_get(list->child, "ip"), "") : NULL;

	if (first && !streq(first, json_str_or(json_get(pod, "status", "hostIP"), "")))
		field_invalid_str(e, "status.hostIPs[0].ip", first, "must be equal to `hostIP`");
	validate_addresses(list, "status.hostIPs", e);
}

/* --- the status --------------------------------------------------------------------------------- */

static void validate_claim_statuses(const json *pod, struct field_errors *e)
{
	const json *list = json_get(pod, "status", "resourceClaimStatuses");
	int i = 0;

	json_each(s, list) {
		const char *name = json_str_or(json_get(s, "name"), ""), *claim = text_of(s, "resourceClaimName");
		const char *why = claim ? invalid_dns1123_subdomain(claim) : NULL;
		PATH(p, "status.resourceClaimStatuses[%d].name", i++);

		if (!list_has_before(json_get(pod, "spec", "resourceClaims"), NULL, "name", name))
			field_invalid_str(e, p, name, "must match the name of an entry in `spec.resourceClaims`");
		if (list_has_before(list, s, "name", name))
			field_duplicate(e, p, name);
		if (why)
			field_invalid_str(e, p, claim, why);
	}
}

void validate_pod_status(const json *new, const json *old, struct field_errors *e)
{
	static const char *const lists[] = { "containerStatuses", "initContainerStatuses",
					     "ephemeralContainerStatuses" };
	const json *status = json_get(new, "status"), *spec = json_get(old, "spec");
	const char *restart = json_str_or(json_get(spec, "restartPolicy"), "");
	int i = 0;

	validate_pod_annotations_update(new, old, e);
	json_each(c, json_get(status, "conditions")) {
		const char *type = json_str_or(json_get(c, "type"), "");
		PATH(p, "metadata.conditions[%d].Type", i++);

		validate_label_name(type, p, e);
	}
	if (!json_equal(json_get(status, "nominatedNodeName"), json_get(old, "status", "nominatedNodeName")))
		validate_name(status, "nominatedNodeName", invalid_dns1123_subdomain, "status", e);
	validate_immutable(json_get(status, "qosClass"), json_get(old, "status", "qosClass"), "status.qosClass", e);
	validate_transitions(new, old, lists[0], restart, NULL, e);
	validate_transitions(new, old, lists[1], restart, spec, e);
	/* Nobody starts one of these again. */
	validate_transitions(new, old, lists[2], "Never", NULL, e);
	validate_claim_statuses(new, e);
	validate_addresses(json_get(status, "podIPs"), "status.podIPs", e);
	validate_host_ips(new, e);
	for (size_t l = 0; l < ARRAY_SIZE(lists); l++)
		validate_users(new, lists[l], e);
}
