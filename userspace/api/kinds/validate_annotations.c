// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_annotations.c - annotations that mean something on a pod or a template, see validate_pod.h */
#include "api/kinds/validate_pod.h"

#define MIRROR "kubernetes.io/config.mirror"
#define DELETION_COST "controller.kubernetes.io/pod-deletion-cost"
#define SECCOMP_POD "seccomp.security.alpha.kubernetes.io/pod"
#define SECCOMP_CONTAINER "container.seccomp.security.alpha.kubernetes.io/"
#define APPARMOR "container.apparmor.security.beta.kubernetes.io/"
#define LOCALHOST "localhost/"

static const char *const lists[] = { "initContainers", "containers", "ephemeralContainers" };

/* A 32-bit integer without a plus sign or zeros before it. */
static bool is_cost(const char *s)
{
	int64_t v;

	return parse_i64(s, INT32_MIN, INT32_MAX, &v) == 0 && *s != '+' && (*s != '0' || !s[1]);
}

static bool has_container(const json *spec, const char *name)
{
	for (size_t l = 0; l < ARRAY_SIZE(lists); l++)
		if (list_has_before(json_get(spec, lists[l]), NULL, "name", name))
			return true;
	return false;
}

static void validate_seccomp_annotation(const json *a, const char *path, struct field_errors *e)
{
	const char *profile = json_str_or(a, "");
	PATH(p, "%s.%s", path, json_key(a));

	if (startswith(profile, LOCALHOST))
		validate_relative_path(profile + strlen(LOCALHOST), p, e);
	else if (!one_of(profile, "runtime/default,docker/default,unconfined"))
		field_invalid_str(e, p, profile, "must be a valid seccomp profile");
}

static void validate_apparmor_annotation(const json *a, const json *spec, const char *path, struct field_errors *e)
{
	const char *container = json_key(a) + strlen(APPARMOR), *profile = json_str_or(a, "");
	PATH(p, "%s[%s]", path, json_key(a));

	if (!has_container(spec, container))
		field_invalid_str(e, p, container, "container not found");
	if (*profile && !one_of(profile, "runtime/default,unconfined") && !startswith(profile, LOCALHOST)) {
		PATH(why, "invalid AppArmor profile name: \"%s\"", profile);

		field_invalid_str(e, p, profile, why);
	}
}

void validate_pod_annotations(const json *annotations, const json *spec, const char *path, struct field_errors *e)
{
	const json *mirror = json_get(annotations, MIRROR), *cost = json_get(annotations, DELETION_COST);

	if (mirror && !text_of(spec, "nodeName")) {
		PATH(p, "%s[" MIRROR "]", path);

		field_invalid(e, p, mirror, "must set spec.nodeName if mirror pod annotation is set");
	}
	if (cost && !is_cost(json_str_or(cost, ""))) {
		PATH(p, "%s[" DELETION_COST "]", path);

		field_invalid(e, p, cost, "must be a 32bit integer");
	}
	json_each(a, annotations)
		if (streq(json_key(a), SECCOMP_POD) || startswith(json_key(a), SECCOMP_CONTAINER))
			validate_seccomp_annotation(a, path, e);
	json_each(a, annotations)
		if (startswith(json_key(a), APPARMOR))
			validate_apparmor_annotation(a, spec, path, e);
}

/* --- annotation and field, where both say something ---------------------------------------- */

/* Does an annotation say what a profile says? The member that differs, or NULL. */
static const char *differs(const char *annotation, const json *profile)
{
	const char *type = json_str_or(json_get(profile, "type"), "");

	if (streq(type, "Unconfined"))
		return streq(annotation, "unconfined") ? NULL : "type";
	if (streq(type, "RuntimeDefault"))
		return one_of(annotation, "runtime/default,docker/default") ? NULL : "type";
	if (!streq(type, "Localhost"))
		return NULL;
	if (!startswith(annotation, LOCALHOST))
		return "type";
	return streq(annotation + strlen(LOCALHOST), json_str(json_get(profile, "localhostProfile"))) ? NULL :
	       "localhostProfile";
}

/* what: "seccomp" or "apparmor"; path is the profile's. */
static void must_agree(const json *annotation, const json *profile, const char *what, const char *path,
		       struct field_errors *e)
{
	const char *member = annotation && profile ? differs(json_str_or(annotation, ""), profile) : NULL;
	PATH(why, "%s %s in annotation and field must match", what, streq(member, "type") ? "type" : "profile");

	if (member)
		child_forbidden(e, path, member, why);
}

/* Those of every container; a container without an AppArmor profile has the pod's. */
static void containers_agree(const json *annotations, const json *spec, bool apparmor, const char *path,
			     struct field_errors *e)
{
	const char *member = apparmor ? "appArmorProfile" : "seccompProfile";

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		int i = 0;

		json_each(c, json_get(spec, lists[l])) {
			const json *profile = json_get(c, "securityContext", member);
			PATH(key, "%s%s", apparmor ? APPARMOR : SECCOMP_CONTAINER, json_str_or(json_get(c, "name"), ""));
			PATH(p, "%s.%s[%d].securityContext.%s", path, lists[l], i++, member);

			if (!profile && apparmor)
				profile = json_get(spec, "securityContext", member);
			must_agree(json_get(annotations, key), profile, apparmor ? "apparmor" : "seccomp", p, e);
		}
	}
}

void validate_profiles_agree(const json *meta, const json *spec, const char *path, struct field_errors *e)
{
	const json *annotations = json_get(meta, "annotations");
	PATH(seccomp, "%s.securityContext.seccompProfile", path);

	if (!annotations)
		return;
	must_agree(json_get(annotations, SECCOMP_POD), json_get(spec, "securityContext", "seccompProfile"), "seccomp",
		   seccomp, e);
	containers_agree(annotations, spec, false, path, e);
	if (!streq(json_str(json_get(spec, "os", "name")), "windows"))
		containers_agree(annotations, spec, true, path, e);
}

/* --- updates ----------------------------------------------------------------------------------- */

void validate_pod_annotations_update(const json *new, const json *old, struct field_errors *e)
{
	const json *now = json_get(new, "metadata", "annotations"), *was = json_get(old, "metadata", "annotations");

	json_each(a, was) {
		const json *b = json_get(now, json_key(a));
		PATH(p, "metadata.annotations[%s]", json_key(a));

		if (streq(json_str(a), json_str(b)))
			continue;
		if (startswith(json_key(a), APPARMOR))
			field_forbidden(e, p, "may not remove or update AppArmor annotations");
		if (streq(json_key(a), MIRROR))
			field_forbidden(e, p, "may not remove or update mirror pod annotation");
	}
	json_each(a, now) {
		PATH(p, "metadata.annotations[%s]", json_key(a));

		if (json_get(was, json_key(a)))
			continue;
		if (startswith(json_key(a), APPARMOR))
			field_forbidden(e, p, "may not add AppArmor annotations");
		if (streq(json_key(a), MIRROR))
			field_forbidden(e, p, "may not add mirror pod annotation");
	}
	validate_pod_annotations(now, json_get(new, "spec"), "metadata.annotations", e);
}

bool pod_is_mirror(const json *pod)
{
	return json_get(pod, "metadata", "annotations", MIRROR);
}
