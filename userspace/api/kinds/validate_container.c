// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_container.c - the containers of a pod, see validate.h */
#include "api/schema/quantity.h"
#include "api/kinds/validate_parts.h"

#define PROTOCOLS "SCTP,TCP,UDP"

/* One of the pod's three lists of containers. */
enum container_list { CONTAINERS, INIT_CONTAINERS, EPHEMERAL_CONTAINERS };

static bool has_volume(const json *spec, const char *name)
{
	json_each(v, json_get(spec, "volumes"))
		if (streq(text_of(v, "name"), name))
			return true;
	return false;
}

/* Is a member of that text in an element of the list before `end`? */
static bool seen_before(const json *list, const json *end, const char *key, const char *text)
{
	json_each(it, list) {
		if (it == end)
			return false;
		if (text && streq(text_of(it, key), text))
			return true;
	}
	return false;
}

static void validate_ports(const json *container, bool host_network, const char *path, struct field_errors *e)
{
	const json *ports = json_get(container, "ports");
	int i = 0;

	json_each(p, ports) {
		const char *name = text_of(p, "name");
		const char *why = name ? invalid_port_name(name) : NULL;
		int64_t port = json_int(json_get(p, "containerPort"), 0);
		int64_t host = json_int(json_get(p, "hostPort"), 0);
		PATH(base, "%s.ports[%d]", path, i++);
		PATH(name_path, "%s.name", base);
		PATH(port_path, "%s.containerPort", base);
		PATH(host_path, "%s.hostPort", base);

		if (why)
			field_invalid_str(e, name_path, name, why);
		else if (seen_before(ports, p, "name", name))
			field_duplicate(e, name_path, name);
		if (!port)
			field_required(e, port_path, NULL);
		else
			validate_port_number(port, port_path, e);
		if (host)
			validate_port_number(host, host_path, e);
		if (host_network && host && host != port)
			field_invalid_int(e, port_path, port, "must match `hostPort` when `hostNetwork` is true");
		validate_enum(p, "protocol", PROTOCOLS, base, e);
	}
}

/* A host port is one address, protocol and number: held once in a pod. */
static void validate_host_ports(const json *containers, const char *path, struct field_errors *e)
{
	_cleanup_json_ json *held = json_new_object();
	int c = 0;

	json_each(container, containers) {
		int i = 0;

		json_each(p, json_get(container, "ports")) {
			int64_t port = json_int(json_get(p, "hostPort"), 0);
			PATH(key, "%s/%s/%lld", json_str_or(json_get(p, "protocol"), ""),
			     json_str_or(json_get(p, "hostIP"), ""), (long long)port);
			PATH(host_path, "%s[%d].ports[%d].hostPort", path, c, i++);

			if (port && json_get(held, key))
				field_duplicate(e, host_path, key);
			else if (port)
				json_set_bool(held, key, true);
		}
		c++;
	}
}

static void validate_env(const json *container, const char *path, struct field_errors *e)
{
	static const char *const sources[] = { "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef" };
	int i = 0;

	json_each(v, json_get(container, "env")) {
		const char *name = text_of(v, "name");
		const json *from = json_get(v, "valueFrom");
		const char *why = name ? invalid_env_name(name) : NULL;
		size_t n = 0;
		PATH(base, "%s.env[%d]", path, i++);
		PATH(name_path, "%s.name", base);
		PATH(from_path, "%s.valueFrom", base);

		if (!name)
			field_required(e, name_path, NULL);
		else if (why)
			field_invalid_str(e, name_path, name, why);
		for (size_t s = 0; s < ARRAY_SIZE(sources); s++)
			n += json_get(from, sources[s]) != NULL;
		if (from && n == 0)
			field_invalid_str(e, from_path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, "
					  "`configMapKeyRef` or `secretKeyRef`");
		else if (n > 1)
			field_invalid_str(e, from_path, "", "may not have more than one field specified at a time");
		else if (n && text_of(v, "value"))
			field_invalid_str(e, from_path, "", "may not be specified when `value` is not empty");
	}
	i = 0;
	json_each(f, json_get(container, "envFrom")) {
		bool cm = json_get(f, "configMapRef") != NULL, secret = json_get(f, "secretRef") != NULL;
		PATH(base, "%s.envFrom[%d]", path, i++);

		if (!cm && !secret)
			field_invalid_str(e, base, "", "must specify one of: `configMapRef` or `secretRef`");
		else if (cm && secret)
			field_invalid_str(e, base, "", "may not have more than one field specified at a time");
	}
}

/* Does a path step out of where it starts? */
static bool has_dotdot(const char *path)
{
	for (const char *p = path; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (p[0] == '.' && p[1] == '.' && (!p[2] || p[2] == '/'))
			return true;
	}
	return false;
}

static void validate_mounts(const json *container, const json *spec, const char *path, struct field_errors *e)
{
	const json *mounts = json_get(container, "volumeMounts");
	int i = 0;

	json_each(m, mounts) {
		const char *name = text_of(m, "name"), *where = text_of(m, "mountPath");
		const char *sub = text_of(m, "subPath");
		PATH(base, "%s.volumeMounts[%d]", path, i++);
		PATH(name_path, "%s.name", base);
		PATH(mount_path, "%s.mountPath", base);
		PATH(sub_path, "%s.subPath", base);

		if (!name)
			field_required(e, name_path, NULL);
		else if (!has_volume(spec, name))
			field_not_found(e, name_path, name);
		if (!where)
			field_required(e, mount_path, NULL);
		else if (seen_before(mounts, m, "mountPath", where))
			field_invalid_str(e, mount_path, where, "must be unique");
		if (sub && *sub == '/')
			field_invalid_str(e, sub_path, sub, "must be a relative path");
		if (sub && has_dotdot(sub))
			field_invalid_str(e, sub_path, sub, "must not contain '..'");
	}
}

static void validate_resources(const json *container, const char *path, struct field_errors *e)
{
	static const char *const lists[] = { "limits", "requests" };
	const json *resources = json_get(container, "resources");

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++)
		json_each(q, json_get(resources, lists[l])) {
			PATH(base, "%s.resources.%s", path, lists[l]);
			PATH(item, "%s[%s]", base, json_key(q));
			const char *why = invalid_label_key(json_key(q));

			if (why)
				field_invalid_str(e, base, json_key(q), why);
			else if (!strchr(json_key(q), '/') && !startswith(json_key(q), "hugepages-") &&
				 !one_of(json_key(q), "cpu,memory,ephemeral-storage"))
				field_invalid_str(e, base, json_key(q), "must be a standard resource for containers");
			if (quantity_milli(q, 0) < 0)
				field_invalid(e, item, q, MSG_NEGATIVE);
		}
	json_each(request, json_get(resources, "requests")) {
		const json *limit = json_get(resources, "limits", json_key(request));
		PATH(base, "%s.resources.requests", path);

		if (limit && quantity_milli(request, 0) > quantity_milli(limit, 0)) {
			PATH(why, "must be less than or equal to %s limit of %s", json_key(request),
			     json_str_or(limit, ""));

			field_invalid(e, base, request, why);
		}
	}
}

static const char *const handlers[] = { "exec", "httpGet", "tcpSocket", "grpc", "sleep" };

/* Exactly one of the ways to ask, and that one whole. */
static void validate_handler(const json *h, const char *path, struct field_errors *e)
{
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(handlers); i++) {
		const json *way = json_get(h, handlers[i]);
		PATH(base, "%s.%s", path, handlers[i]);
		PATH(port, "%s.port", base);
		PATH(command, "%s.command", base);

		if (!way)
			continue;
		if (any) {
			field_forbidden(e, base, "may not specify more than 1 handler type");
			continue;
		}
		any = true;
		if (streq(handlers[i], "exec") && !json_len(json_get(way, "command")))
			field_required(e, command, NULL);
		if (one_of(handlers[i], "httpGet,tcpSocket"))
			validate_port_or_name(json_get(way, "port"), port, e);
		if (streq(handlers[i], "grpc"))
			validate_port_number(json_int(json_get(way, "port"), 0), port, e);
		if (streq(handlers[i], "httpGet"))
			validate_enum(way, "scheme", "HTTP,HTTPS", base, e);
	}
	if (!any)
		field_required(e, path, "must specify a handler type");
}

static void validate_probe(const json *container, const char *key, const char *path, struct field_errors *e)
{
	static const char *const numbers[] = { "initialDelaySeconds", "timeoutSeconds", "periodSeconds",
					       "successThreshold", "failureThreshold" };
	const json *probe = json_get(container, key);
	int64_t success = json_int(json_get(probe, "successThreshold"), 1);
	PATH(base, "%s.%s", path, key);
	PATH(success_path, "%s.successThreshold", base);

	if (!probe)
		return;
	validate_handler(probe, base, e);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		validate_not_negative(probe, numbers[i], base, e);
	if (!streq(key, "readinessProbe") && success != 1)
		field_invalid_int(e, success_path, success, "must be 1");
}

static void validate_container(const json *c, const json *spec, enum container_list which, const char *path,
			       struct field_errors *e)
{
	static const char *const probes[] = { "livenessProbe", "readinessProbe", "startupProbe" };
	static const char *const hooks[] = { "postStart", "preStop" };
	const char *name = text_of(c, "name"), *image = text_of(c, "image");
	const char *why = name ? invalid_dns1123_label(name) : NULL;
	const char *restart = text_of(c, "restartPolicy");
	bool sidecar = which == INIT_CONTAINERS && streq(restart, "Always");
	PATH(name_path, "%s.name", path);
	PATH(image_path, "%s.image", path);
	PATH(restart_path, "%s.restartPolicy", path);

	if (!name)
		field_required(e, name_path, NULL);
	else if (why)
		field_invalid_str(e, name_path, name, why);
	if (!image)
		field_required(e, image_path, NULL);
	else if (*image == ' ' || image[strlen(image) - 1] == ' ')
		field_invalid_str(e, image_path, image, "must not have leading or trailing whitespace");
	validate_enum(c, "terminationMessagePolicy", "FallbackToLogsOnError,File", path, e);
	validate_ports(c, json_bool(json_get(spec, "hostNetwork"), false), path, e);
	validate_env(c, path, e);
	validate_mounts(c, spec, path, e);
	if (text_of(c, "imagePullPolicy"))
		validate_enum(c, "imagePullPolicy", "Always,IfNotPresent,Never", path, e);
	validate_resources(c, path, e);
	if (restart && which != INIT_CONTAINERS)
		field_forbidden(e, restart_path, "may not be set for non-init containers");
	else if (restart && !sidecar)
		field_not_supported(e, restart_path, restart, "Always");
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		PATH(p, "%s.%s", path, probes[i]);

		if (which == CONTAINERS || sidecar)
			validate_probe(c, probes[i], path, e);
		else if (json_get(c, probes[i]))
			field_forbidden(e, p, which == INIT_CONTAINERS ?
					"may not be set for init containers without restartPolicy=Always" :
					"may not be set for ephemeral containers");
	}
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		const json *h = json_get(c, "lifecycle", hooks[i]);
		PATH(p, "%s.lifecycle.%s", path, hooks[i]);

		if (h)
			validate_handler(h, p, e);
	}
}

void validate_containers(const json *spec, const char *path, struct field_errors *e)
{
	static const char *const lists[] = {
		[CONTAINERS] = "containers",
		[INIT_CONTAINERS] = "initContainers",
		[EPHEMERAL_CONTAINERS] = "ephemeralContainers",
	};
	PATH(main_path, "%s.containers", path);

	if (!json_len(json_get(spec, "containers")))
		field_required(e, main_path, NULL);
	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		const json *list = json_get(spec, lists[l]);
		int i = 0;

		json_each(c, list) {
			const char *name = text_of(c, "name");
			bool twice = seen_before(list, c, "name", name);
			PATH(base, "%s.%s[%d]", path, lists[l], i++);
			PATH(name_path, "%s.name", base);

			/* Names are held once in the pod, over all lists. */
			for (size_t before = 0; before < l; before++)
				twice = twice || seen_before(json_get(spec, lists[before]), NULL, "name", name);
			if (twice)
				field_duplicate(e, name_path, name);
			validate_container(c, spec, l, base, e);
		}
	}
	validate_host_ports(json_get(spec, "containers"), main_path, e);
}
