// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_security.c - what pods and containers are let do, and what only one system can, see validate_pod.h */
#include "api/kinds/validate_pod.h"

/* --- profiles ------------------------------------------------------------------------ */

#define PROFILES "Localhost,RuntimeDefault,Unconfined"

static void validate_seccomp(const json *profile, const char *path, struct field_errors *e)
{
	const char *type = text_of(profile, "type"), *file = json_str(json_get(profile, "localhostProfile"));
	PATH(file_path, "%s.localhostProfile", path);

	if (!profile)
		return;
	if (!type)
		child_required(e, path, "type", "type is required when seccompProfile is set");
	else if (!one_of(type, PROFILES))
		child_not_supported(e, path, "type", type, PROFILES);
	if (streq(type, "Localhost") && !file)
		field_required(e, file_path, "must be set when seccomp type is Localhost");
	else if (streq(type, "Localhost"))
		validate_relative_path(file, file_path, e);
	else if (file)
		field_invalid(e, file_path, profile, "can only be set when seccomp type is Localhost");
}

#define APPARMOR_FILE_MAX 4095	/* PATH_MAX - 1 */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void validate_apparmor_file(const char *file, const char *path, struct field_errors *e)
{
	size_t n = file ? strlen(file) : 0;

	if (!n)
		field_required(e, path, "must be set when AppArmor type is Localhost");
	else if (is_space(file[0]) || is_space(file[n - 1]))
		field_invalid_str(e, path, file, "must not be padded with whitespace");
	if (n > APPARMOR_FILE_MAX)
		field_too_long(e, path, APPARMOR_FILE_MAX);
}

static void validate_apparmor(const json *profile, const char *path, struct field_errors *e)
{
	const char *type = text_of(profile, "type"), *file = json_str(json_get(profile, "localhostProfile"));
	PATH(file_path, "%s.localhostProfile", path);

	if (!profile)
		return;
	if (!type)
		child_required(e, path, "type", "type is required when appArmorProfile is set");
	else if (!one_of(type, PROFILES))
		child_not_supported(e, path, "type", type, PROFILES);
	else if (streq(type, "Localhost"))
		validate_apparmor_file(file, file_path, e);
	else if (file)
		field_invalid_str(e, file_path, file, "can only be set when AppArmor type is Localhost");
}

/* --- windows -------------------------------------------------------------------------- */

static const char *const lists[] = { "initContainers", "containers", "ephemeralContainers" };

static const json *windows_host_process(const json *holder)
{
	return json_get(holder, "securityContext", "windowsOptions", "hostProcess");
}

void validate_windows_host_process(const struct pod_check *c)
{
	const json *pods = windows_host_process(c->spec);
	int all = 0, processes = 0;

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		int i = 0;

		json_each(container, json_get(c->spec, lists[l])) {
			const json *its = windows_host_process(container);
			PATH(p, "%s.%s[%d].securityContext.windowsOptions.hostProcess", c->path, lists[l], i++);
			PATH(why, "pod hostProcess value must be identical if both are specified, was %s",
			     json_bool(pods, false) ? "true" : "false");

			if (pods && its && json_bool(pods, false) != json_bool(its, false))
				field_invalid(c->e, p, its, why);
			all++;
			processes += json_bool(its ?: pods, false);
		}
	}
	if (processes && processes != all)
		field_invalid_str(c->e, c->path, "", "If pod contains any hostProcess containers then all containers must be "
				  "HostProcess containers");
	if (processes && !is_true(c->spec, "hostNetwork")) {
		_cleanup_json_ json *no = json_new_bool(false);

		child_invalid(c->e, c->path, "hostNetwork", no,
			      "hostNetwork must be true if pod contains any hostProcess containers");
	}
}

/* --- containers -------------------------------------------------------------------------- */

static bool host_users(const struct pod_check *c)
{
	return json_bool(json_get(c->spec, "hostUsers"), true);
}

void validate_container_security(const struct pod_check *c, const json *context, const char *path)
{
	const json *escalation = json_get(context, "allowPrivilegeEscalation");
	bool stays = escalation && !json_bool(escalation, true);
	const char *mount = json_str(json_get(context, "procMount"));
	PATH(seccomp, "%s.seccompProfile", path);
	PATH(windows, "%s.windowsOptions", path);
	PATH(apparmor, "%s.appArmorProfile", path);

	if (!context)
		return;
	validate_between(context, "runAsUser", 0, MSG_HUGE_INT, path, c->e);
	validate_between(context, "runAsGroup", 0, MSG_HUGE_INT, path, c->e);
	validate_known(context, "procMount", "Default,Unmasked", path, c->e);
	if (streq(mount, "Unmasked") && host_users(c))
		child_invalid_str(c->e, path, "procMount", mount, "`hostUsers` must be false to use `Unmasked`");
	validate_seccomp(json_get(context, "seccompProfile"), seccomp, c->e);
	if (stays && is_true(context, "privileged"))
		field_invalid(c->e, path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
	if (stays && strings_have_before(json_get(context, "capabilities", "add"), NULL, "CAP_SYS_ADMIN"))
		field_invalid(c->e, path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` "
			      "CAP_SYS_ADMIN");
	validate_windows_options(json_get(context, "windowsOptions"), windows, c->e);
	validate_apparmor(json_get(context, "appArmorProfile"), apparmor, c->e);
}

/* --- pods ------------------------------------------------------------------------------------ */

#define SYSCTL_MAX 253
#define SYSCTL_SEGMENT "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"

/* Segments between dots or slashes, each of small letters and digits with - and _ inside. */
static bool is_sysctl(const char *s)
{
	static const char ends[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	if (strlen(s) > SYSCTL_MAX)
		return false;
	for (;;) {
		size_t n = strcspn(s, "./");

		if (!n || !strchr(ends, s[0]) || !strchr(ends, s[n - 1]) ||
		    strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") < n)
			return false;
		if (!s[n])
			return true;
		s += n + 1;
	}
}

/* A sysctl of a namespace that the pod shares with its node, with the field that says so; NULL if it is none. */
static const char *shared_with_host(const struct pod_check *c, const char *name)
{
	static const char *const ipc[] = { "kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue." };
	_cleanup_free_ char *dotted = xstrdup(name);

	for (char *p = dotted; *p; p++)
		if (*p == '/')
			*p = '.';
	if (is_true(c->spec, "hostNetwork") && startswith(dotted, "net."))
		return "may not be specified when 'hostNetwork' is true";
	for (size_t i = 0; is_true(c->spec, "hostIPC") && i < ARRAY_SIZE(ipc); i++)
		if (startswith(dotted, ipc[i]))
			return "may not be specified when 'hostIPC' is true";
	return NULL;
}

static void validate_sysctls(const struct pod_check *c, const json *context, const char *path)
{
	const json *sysctls = json_get(context, "sysctls");
	int i = 0;

	json_each(s, sysctls) {
		const char *name = json_str_or(json_get(s, "name"), "");
		const char *why = shared_with_host(c, name);
		PATH(p, "%s.sysctls[%d].name", path, i++);

		if (!*name)
			field_required(c->e, p, NULL);
		else if (!is_sysctl(name))
			field_invalid_str(c->e, p, name, "must have at most 253 characters and match regex ^(" SYSCTL_SEGMENT
					  "[\\./])*" SYSCTL_SEGMENT "$");
		else if (list_has_before(sysctls, s, "name", name))
			field_duplicate(c->e, p, name);
		if (why)
			field_invalid_str(c->e, p, name, why);
	}
}

static void validate_groups(const json *groups, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(g, groups) {
		PATH(p, "%s.supplementalGroups[%d]", path, i++);

		if (json_int(g, -1) < 0 || json_int(g, -1) > MSG_HUGE_INT)
			field_invalid(e, p, g, "must be between 0 and 2147483647, inclusive");
	}
}

void validate_pod_security(const struct pod_check *c)
{
	const json *context = json_get(c->spec, "securityContext");
	const json *share = json_get(c->spec, "shareProcessNamespace");
	PATH(path, "%s.securityContext", c->path);
	PATH(seccomp, "%s.seccompProfile", path);
	PATH(windows, "%s.windowsOptions", path);
	PATH(apparmor, "%s.appArmorProfile", path);

	validate_between(context, "fsGroup", 0, MSG_HUGE_INT, path, c->e);
	validate_between(context, "runAsUser", 0, MSG_HUGE_INT, path, c->e);
	validate_between(context, "runAsGroup", 0, MSG_HUGE_INT, path, c->e);
	validate_groups(json_get(context, "supplementalGroups"), path, c->e);
	if (json_bool(share, false) && is_true(c->spec, "hostPID"))
		child_invalid(c->e, path, "shareProcessNamespace", share,
			      "ShareProcessNamespace and HostPID cannot both be enabled");
	validate_sysctls(c, context, path);
	validate_known(context, "fsGroupChangePolicy", "Always,OnRootMismatch", path, c->e);
	validate_seccomp(json_get(context, "seccompProfile"), seccomp, c->e);
	validate_windows_options(json_get(context, "windowsOptions"), windows, c->e);
	validate_apparmor(json_get(context, "appArmorProfile"), apparmor, c->e);
	validate_known(context, "supplementalGroupsPolicy", "Merge,Strict", path, c->e);
	validate_known(context, "seLinuxChangePolicy", "MountOption,Recursive", path, c->e);
}

void validate_host_users(const struct pod_check *c)
{
	static const char why[] = "when `pod.Spec.HostUsers` is false";

	if (host_users(c))
		return;
	if (is_true(c->spec, "hostNetwork"))
		child_forbidden(c->e, c->path, "hostNetwork", why);
	if (is_true(c->spec, "hostPID"))
		child_forbidden(c->e, c->path, "HostPID", why);
	if (is_true(c->spec, "hostIPC"))
		child_forbidden(c->e, c->path, "HostIPC", why);
}

/* --- operating systems ----------------------------------------------------------------------- */

/* Every member named that is there is too much; a false and an empty list say nothing. */
static void forbid_members(const json *obj, const char *const *names, size_t n, const char *why, const char *path,
			   struct field_errors *e)
{
	for (size_t i = 0; i < n; i++)
		if (json_get(obj, names[i]))
			child_forbidden(e, path, names[i], why);
}

/* The same in the security context of every container. */
static void forbid_in_containers(const struct pod_check *c, const char *const *names, size_t n, const char *why)
{
	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		int i = 0;

		json_each(container, json_get(c->spec, lists[l])) {
			PATH(p, "%s.%s[%d].securityContext", c->path, lists[l], i++);

			forbid_members(json_get(container, "securityContext"), names, n, why, p, c->e);
		}
	}
}

static void validate_linux(const struct pod_check *c)
{
	static const char *const no[] = { "windowsOptions" };
	static const char why[] = "windows options cannot be set for a linux pod";
	PATH(path, "%s.securityContext", c->path);

	forbid_members(json_get(c->spec, "securityContext"), no, ARRAY_SIZE(no), why, path, c->e);
	forbid_in_containers(c, no, ARRAY_SIZE(no), why);
}

static void validate_windows(const struct pod_check *c)
{
	static const char *const in_pod[][2] = {
		{ "securityContext", "appArmorProfile" }, { "securityContext", "seLinuxOptions" }, { "hostUsers" },
		{ "hostPID" }, { "hostIPC" }, { "securityContext", "seccompProfile" }, { "securityContext", "fsGroup" },
		{ "securityContext", "fsGroupChangePolicy" }, { "securityContext", "sysctls" },
		{ "shareProcessNamespace" }, { "securityContext", "runAsUser" }, { "securityContext", "runAsGroup" },
		{ "securityContext", "supplementalGroups" }, { "securityContext", "supplementalGroupsPolicy" },
		{ "securityContext", "seLinuxChangePolicy" },
	};
	static const char *const in_container[] = {
		"appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem",
		"privileged", "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
	};
	static const char why[] = "cannot be set for a windows pod";

	for (size_t i = 0; i < ARRAY_SIZE(in_pod); i++) {
		const char *inner = in_pod[i][1];
		PATH(key, "%s%s%s", in_pod[i][0], inner ? "." : "", inner ?: "");

		if (json_get(c->spec, in_pod[i][0], inner))
			child_forbidden(c->e, c->path, key, why);
	}
	forbid_in_containers(c, in_container, ARRAY_SIZE(in_container), why);
}

void validate_os(const struct pod_check *c)
{
	const char *name = json_str_or(json_get(c->spec, "os", "name"), "");

	if (!json_get(c->spec, "os"))
		return;
	if (!*name)
		child_required(c->e, c->path, "os.name", "cannot be empty");
	else if (!one_of(name, "linux,windows"))
		child_not_supported(c->e, c->path, "os", name, "linux,windows");
	else if (streq(name, "linux"))
		validate_linux(c);
	else
		validate_windows(c);
}
