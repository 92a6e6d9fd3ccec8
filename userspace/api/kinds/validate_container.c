// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_container.c - the containers of a pod, see validate_pod.h */
#include "api/kinds/amounts.h"
#include "api/kinds/validate_pod.h"

#define PROTOCOLS "SCTP,TCP,UDP"

static const char *const lists[] = {
	[CONTAINERS] = "containers",
	[INIT_CONTAINERS] = "initContainers",
	[EPHEMERAL_CONTAINERS] = "ephemeralContainers",
};

/* --- ports ------------------------------------------------------------------------------- */

static void validate_ports(const json *container, const char *path, struct field_errors *e)
{
	const json *ports = json_get(container, "ports");
	int i = 0;

	json_each(p, ports) {
		const char *name = text_of(p, "name");
		int64_t port = json_int(json_get(p, "containerPort"), 0);
		int64_t host = json_int(json_get(p, "hostPort"), 0);
		size_t before = e->n;
		PATH(base, "%s.ports[%d]", path, i++);
		PATH(name_path, "%s.name", base);
		PATH(port_path, "%s.containerPort", base);
		PATH(host_path, "%s.hostPort", base);

		if (name)
			validate_port_name(name, name_path, e);
		if (e->n == before && list_has_before(ports, p, "name", name))
			field_duplicate(e, name_path, name);
		if (!port)
			field_required(e, port_path, NULL);
		else
			validate_port_number(port, port_path, e);
		if (host)
			validate_port_number(host, host_path, e);
		validate_enum(p, "protocol", PROTOCOLS, base, e);
	}
}

/* A host port is one address, protocol and number: held once. base is the container's path. */
static void hold_host_ports(const json *container, json *held, const char *base, struct field_errors *e)
{
	int i = 0;

	json_each(p, json_get(container, "ports")) {
		int64_t port = json_int(json_get(p, "hostPort"), 0);
		PATH(key, "%s/%s/%lld", json_str_or(json_get(p, "protocol"), ""), json_str_or(json_get(p, "hostIP"), ""),
		     (long long)port);
		PATH(host_path, "%s.ports[%d].hostPort", base, i++);

		if (port && json_get(held, key))
			field_duplicate(e, host_path, key);
		else if (port)
			json_set_bool(held, key, true);
	}
}

/* Containers run side by side and share the ports; init containers run one after the other. */
static void validate_host_ports(const struct pod_check *c)
{
	_cleanup_json_ json *held = json_new_object();
	int i = 0;

	json_each(container, json_get(c->spec, lists[CONTAINERS])) {
		PATH(base, "%s.%s[%d]", c->path, lists[CONTAINERS], i++);

		hold_host_ports(container, held, base, c->e);
	}
}

/* --- mounts and devices -------------------------------------------------------------------- */

const json *pod_volume_named(const struct pod_check *c, const char *name)
{
	for (size_t i = 0; i < c->n_volumes; i++)
		if (streq(text_of(c->volumes[i], "name"), name))
			return c->volumes[i];
	return NULL;
}

static void validate_propagation(const json *container, const json *mount, const char *list, struct field_errors *e)
{
	const char *how = json_str(json_get(mount, "mountPropagation"));

	validate_known(mount, "mountPropagation", "Bidirectional,HostToContainer,None", list, e);
	if (streq(how, "Bidirectional") && !json_bool(json_get(container, "securityContext", "privileged"), false))
		child_forbidden(e, list, "mountPropagation",
				"Bidirectional mount propagation is available only to privileged containers");
}

static void validate_recursive_read_only(const json *mount, const char *list, struct field_errors *e)
{
	const char *how = json_str(json_get(mount, "recursiveReadOnly"));
	const char *propagation = json_str_or(json_get(mount, "mountPropagation"), "None");

	validate_known(mount, "recursiveReadOnly", "Disabled,Enabled,IfPossible", list, e);
	if (!how || !one_of(how, "Enabled,IfPossible"))
		return;
	if (!is_true(mount, "readOnly"))
		child_forbidden(e, list, "recursiveReadOnly", "may only be specified when readOnly is true");
	if (!streq(propagation, "None"))
		child_forbidden(e, list, "recursiveReadOnly",
				"may only be specified when mountPropagation is None or not specified");
}

/* list is the path of all the mounts: Kubernetes names no index for what is below one. */
static void validate_sub_paths(const json *mount, const json *volume, const char *base, const char *list,
			       struct field_errors *e)
{
	const char *sub = text_of(mount, "subPath"), *expr = text_of(mount, "subPathExpr");
	bool image = json_get(volume, "image");
	PATH(sub_path, "%s.subPath", list);
	PATH(expr_path, "%s.subPathExpr", list);

	if (image && sub)
		child_invalid_str(e, base, "subPath", sub, "not allowed in image volume sources");
	if (image && expr)
		child_invalid_str(e, base, "subPathExpr", expr, "not allowed in image volume sources");
	if (sub)
		validate_relative_path(sub, sub_path, e);
	if (expr && sub)
		child_invalid_str(e, base, "subPathExpr", expr, "subPathExpr and subPath are mutually exclusive");
	if (expr)
		validate_relative_path(expr, expr_path, e);
}

static void validate_mounts(const struct pod_check *c, const json *container, const char *path)
{
	const json *mounts = json_get(container, "volumeMounts"), *devices = json_get(container, "volumeDevices");
	int i = 0;
	PATH(list, "%s.volumeMounts", path);

	json_each(m, mounts) {
		const char *name = json_str_or(json_get(m, "name"), ""), *where = text_of(m, "mountPath");
		const json *volume = pod_volume_named(c, name);
		PATH(base, "%s[%d]", list, i++);

		validate_given(m, "name", base, c->e);
		if (!volume)
			child_not_found(c->e, base, "name", name);
		validate_given(m, "mountPath", base, c->e);
		if (list_has_before(mounts, m, "mountPath", where))
			child_invalid_str(c->e, base, "mountPath", where, "must be unique");
		if (list_has_before(devices, NULL, "name", name))
			child_invalid_str(c->e, base, "name", name, "must not already exist in volumeDevices");
		if (list_has_before(devices, NULL, "devicePath", where))
			child_invalid_str(c->e, base, "mountPath", where, "must not already exist as a path in volumeDevices");
		validate_sub_paths(m, volume, base, list, c->e);
		validate_propagation(container, m, list, c->e);
		validate_recursive_read_only(m, list, c->e);
	}
}

static void validate_devices(const struct pod_check *c, const json *container, const char *path)
{
	const json *mounts = json_get(container, "volumeMounts"), *devices = json_get(container, "volumeDevices");
	int i = 0;

	json_each(d, devices) {
		const char *name = json_str_or(json_get(d, "name"), ""), *where = text_of(d, "devicePath");
		const json *volume = pod_volume_named(c, name);
		PATH(base, "%s.volumeDevices[%d]", path, i++);

		validate_given(d, "name", base, c->e);
		if (*name && list_has_before(devices, d, "name", name))
			child_invalid_str(c->e, base, "name", name, "must be unique");
		if (!volume)
			child_not_found(c->e, base, "name", name);
		else if (!json_get(volume, "persistentVolumeClaim") && !json_get(volume, "ephemeral"))
			child_invalid_str(c->e, base, "name", name, "can only use volume source type of "
					  "PersistentVolumeClaim or Ephemeral for block mode");
		validate_given(d, "devicePath", base, c->e);
		if (list_has_before(devices, d, "devicePath", where))
			child_invalid_str(c->e, base, "devicePath", where, "must be unique");
		if (where && has_backsteps(where))
			child_invalid_str(c->e, base, "devicePath", where, "can not contain backsteps ('..')");
		if (list_has_before(mounts, NULL, "name", name))
			child_invalid_str(c->e, base, "name", name, "must not already exist in volumeMounts");
		if (list_has_before(mounts, NULL, "mountPath", where))
			child_invalid_str(c->e, base, "devicePath", where, "must not already exist as a path in volumeMounts");
	}
}

/* --- restarts -------------------------------------------------------------------------------- */

#define RESTART_RULES_MAX 20
#define EXIT_CODES_MAX 255

static void validate_restart_rules(const json *container, const char *path, struct field_errors *e)
{
	int i = 0;

	validate_at_most_items(container, "restartPolicyRules", RESTART_RULES_MAX, path, e);
	json_each(rule, json_get(container, "restartPolicyRules")) {
		const json *codes = json_get(rule, "exitCodes");
		const char *action = json_str_or(json_get(rule, "action"), "");
		const char *op = json_str_or(json_get(codes, "operator"), "");
		PATH(base, "%s.restartPolicyRules[%d]", path, i++);
		PATH(codes_path, "%s.exitCodes", base);

		if (!one_of(action, "Restart,RestartAllContainers"))
			child_not_supported(e, base, "action", action, "Restart,RestartAllContainers");
		if (!codes) {
			field_required(e, codes_path, "must be specified");
			continue;
		}
		if (!one_of(op, "In,NotIn"))
			child_not_supported(e, codes_path, "operator", op, "In,NotIn");
		validate_at_most_items(codes, "values", EXIT_CODES_MAX, codes_path, e);
	}
}

/* A container's own policy stands above the pod's; its rules say more. */
static void validate_restart_policy(const json *container, const char *path, struct field_errors *e)
{
	validate_known(container, "restartPolicy", "Always,Never,OnFailure", path, e);
	if (json_len(json_get(container, "restartPolicyRules")) && !json_get(container, "restartPolicy"))
		child_required(e, path, "restartPolicy", "must specify restartPolicy when restart rules are used");
	validate_restart_rules(container, path, e);
}

/* --- a container ------------------------------------------------------------------------------ */

/* What containers of every list have. */
static void validate_common(const struct pod_check *c, const json *container, const char *path)
{
	PATH(resources, "%s.resources", path);
	PATH(security, "%s.securityContext", path);

	validate_given_name(container, "name", invalid_dns1123_label, path, c->e);
	validate_given(container, "image", path, c->e);
	validate_enum(container, "terminationMessagePolicy", "File,FallbackToLogsOnError", path, c->e);
	validate_ports(container, path, c->e);
	validate_env(container, path, c->e);
	validate_mounts(c, container, path);
	validate_devices(c, container, path);
	validate_enum(container, "imagePullPolicy", "Always,IfNotPresent,Never", path, c->e);
	validate_requirements(json_get(container, "resources"), json_get(c->spec, "resourceClaims"),
			      validate_container_resource_name, resources, c->e);
	validate_resize_policy(c, container, path);
	validate_container_security(c, json_get(container, "securityContext"), security);
}

static bool is_space(char ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static void validate_image(const json *container, const char *path, struct field_errors *e)
{
	const char *image = text_of(container, "image");

	if (image && (is_space(image[0]) || is_space(image[strlen(image) - 1])))
		child_invalid_str(e, path, "image", image, "must not have leading or trailing whitespace");
}

void validate_pod_images(const struct pod_check *c, const char *list)
{
	int i = 0;

	json_each(container, json_get(c->spec, list)) {
		PATH(base, "%s.%s[%d]", c->path, list, i++);

		validate_image(container, base, c->e);
	}
}

static void validate_init_container(const struct pod_check *c, const json *container, const char *path)
{
	static const char *const not_yours[] = { "lifecycle", "livenessProbe", "readinessProbe", "startupProbe" };
	_cleanup_json_ json *held = json_new_object();
	bool sidecar = streq(text_of(container, "restartPolicy"), "Always");
	PATH(first, "%s.%s[0]", c->path, lists[INIT_CONTAINERS]);

	hold_host_ports(container, held, first, c->e);
	if (sidecar) {
		validate_lifecycle(c, container, path);
		validate_probes(c, container, path);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(not_yours); i++)
		if (json_get(container, not_yours[i]))
			child_forbidden(c->e, path, not_yours[i],
					"may not be set for init containers without restartPolicy=Always");
	if (json_len(json_get(container, "resizePolicy")))
		child_invalid(c->e, path, "resizePolicy", json_get(container, "resizePolicy"),
			      "must not be set for init containers");
}

/* One to look into a pod with: nothing that the pod's work could come to need. */
static void validate_ephemeral_container(const struct pod_check *c, const json *container, const char *path)
{
	static const char *const not_yours[] = { "ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules",
						 "livenessProbe", "readinessProbe", "startupProbe", "lifecycle" };
	static const char why[] = "cannot be set for an Ephemeral Container";
	const char *target = text_of(container, "targetContainerName");
	int i = 0;

	if (target && !list_has_before(json_get(c->spec, lists[CONTAINERS]), NULL, "name", target) &&
	    !list_has_before(json_get(c->spec, lists[INIT_CONTAINERS]), NULL, "name", target))
		child_not_found(c->e, path, "targetContainerName", target);
	for (size_t n = 0; n < ARRAY_SIZE(not_yours); n++)
		if (json_len(json_get(container, not_yours[n])) || json_str(json_get(container, not_yours[n])))
			child_forbidden(c->e, path, not_yours[n], why);
	json_each(m, json_get(container, "volumeMounts")) {
		PATH(base, "%s.volumeMounts[%d]", path, i++);

		if (text_of(m, "subPath"))
			child_forbidden(c->e, base, "subPath", why);
		if (text_of(m, "subPathExpr"))
			child_forbidden(c->e, base, "subPathExpr", why);
	}
}

/* Names are held once in the pod: in the list before this one, and in the lists before. */
static bool name_taken(const struct pod_check *c, const json *container, size_t list)
{
	const char *name = json_str_or(json_get(container, "name"), "");

	for (size_t l = 0; l < list; l++)
		if (list_has_before(json_get(c->spec, lists[l]), NULL, "name", name))
			return true;
	return list_has_before(json_get(c->spec, lists[list]), container, "name", name);
}

static void validate_list(const struct pod_check *c, enum container_list list)
{
	int i = 0;

	json_each(container, json_get(c->spec, lists[list])) {
		PATH(base, "%s.%s[%d]", c->path, lists[list], i++);

		validate_common(c, container, base);
		if (list == EPHEMERAL_CONTAINERS)
			validate_image(container, base, c->e);
		else if (list == INIT_CONTAINERS)
			validate_restart_policy(container, base, c->e);
		if (name_taken(c, container, list))
			child_duplicate(c->e, base, "name", json_str_or(json_get(container, "name"), ""));
		if (list == INIT_CONTAINERS) {
			validate_init_container(c, container, base);
		} else if (list == EPHEMERAL_CONTAINERS) {
			validate_ephemeral_container(c, container, base);
		} else {
			validate_lifecycle(c, container, base);
			validate_probes(c, container, base);
			validate_restart_policy(container, base, c->e);
		}
	}
}

void validate_pod_containers(const struct pod_check *c)
{
	if (!json_len(json_get(c->spec, lists[CONTAINERS])))
		child_required(c->e, c->path, lists[CONTAINERS], NULL);
	validate_list(c, CONTAINERS);
	validate_host_ports(c);
	validate_list(c, INIT_CONTAINERS);
	validate_list(c, EPHEMERAL_CONTAINERS);
}
