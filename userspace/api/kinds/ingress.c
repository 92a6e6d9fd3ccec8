// SPDX-License-Identifier: GPL-2.0-or-later
/* ingress.c - Ingress */
#include "api/kinds/service.h"
#include "api/meta/validate_net.h"
#include "api/meta/validate_text.h"
#include "api/meta/validate_values.h"
#include "api/schema/strlist.h"

#define CLASS_ANNOTATION "kubernetes.io/ingress.class"
#define HOSTS_SHOWN 3

static void prepare_create(json *obj)
{
	json_set(json_obj(obj, "status"), "loadBalancer", json_new_object());
}

/* --- backends ------------------------------------------------------------------------ */

static void validate_resource(const json *ref, const char *path, struct field_errors *e)
{
	const char *group = json_str(json_get(ref, "apiGroup"));
	PATH(group_path, "%s.apiGroup", path);

	if (group)
		check_text(group, invalid_dns1123_subdomain, group_path, e);
	need_name(ref, "kind", invalid_path_segment, path, e);
	need_name(ref, "name", invalid_path_segment, path, e);
}

static void validate_port(const json *port, const char *path, struct field_errors *e)
{
	int64_t number = json_int(json_get(port, "number"), 0);
	const char *name = text_of(port, "name");
	PATH(name_path, "%s.service.port.name", path);
	PATH(number_path, "%s.service.port.number", path);

	if (name && number)
		field_invalid_str(e, path, "", "cannot set both port name & port number");
	else if (name)
		validate_port_name(name, name_path, e);
	else if (number)
		validate_port_number(number, number_path, e);
	else
		field_required(e, path, "port name or number is required");
}

static void validate_backend(const json *backend, const char *path, struct field_errors *e)
{
	const json *resource = json_get(backend, "resource"), *service = json_get(backend, "service");
	PATH(resource_path, "%s.resource", path);
	PATH(service_path, "%s.service", path);

	if (resource && service) {
		field_invalid_str(e, path, "", "cannot set both resource and service backends");
	} else if (resource) {
		validate_resource(resource, resource_path, e);
	} else if (service) {
		need_name(service, "name", invalid_dns1123_label, service_path, e);
		validate_port(json_get(service, "port"), path, e);
	} else {
		field_invalid_str(e, path, "", "resource or service backend is required");
	}
}

/* --- rules ------------------------------------------------------------------------------ */

/* A path that is compared part by part has no part that stands for another. */
static void validate_parts(const char *s, const char *path, struct field_errors *e)
{
	static const char *const inside[] = { "//", "/./", "/../", "%2f", "%2F" };
	static const char *const at_end[] = { "/..", "/." };

	for (size_t i = 0; i < ARRAY_SIZE(inside); i++) {
		PATH(why, "must not contain '%s'", inside[i]);

		if (strstr(s, inside[i]))
			field_invalid_str(e, path, s, why);
	}
	for (size_t i = 0; i < ARRAY_SIZE(at_end); i++) {
		PATH(why, "cannot end with '%s'", at_end[i]);

		if (endswith(s, at_end[i]))
			field_invalid_str(e, path, s, why);
	}
}

static void validate_http_path(const json *p, const char *path, struct field_errors *e)
{
	const char *type = json_str(json_get(p, "pathType")), *s = json_str_or(json_get(p, "path"), "");
	PATH(type_path, "%s.pathType", path);
	PATH(path_path, "%s.path", path);
	PATH(backend_path, "%s.backend", path);

	if (!type) {
		field_required(e, type_path, "pathType must be specified");
		return;
	}
	if (one_of(type, "Exact,Prefix")) {
		if (*s != '/')
			field_invalid_str(e, path_path, s, "must be an absolute path");
		validate_parts(s, path_path, e);
	} else if (streq(type, "ImplementationSpecific")) {
		if (*s && *s != '/')
			field_invalid_str(e, path_path, s, "must be an absolute path");
	} else {
		field_not_supported(e, type_path, type, "Exact,ImplementationSpecific,Prefix");
	}
	validate_backend(json_get(p, "backend"), backend_path, e);
}

static void validate_http(const json *http, const char *path, struct field_errors *e)
{
	int i = 0;
	PATH(paths, "%s.http.paths", path);

	if (!http)
		return;
	if (!json_len(json_get(http, "paths")))
		field_required(e, paths, NULL);
	json_each(p, json_get(http, "paths")) {
		PATH(at, "%s[%d]", paths, i++);

		validate_http_path(p, at, e);
	}
}

static void validate_host(const char *host, const char *path, struct field_errors *e)
{
	check_text(host, strchr(host, '*') ? invalid_wildcard_subdomain : invalid_dns1123_subdomain, path, e);
}

/* Wildcard hosts were not looked at in former times: such a rule may go on with its faults. */
static bool wildcards_are_faulty(const json *obj)
{
	_cleanup_field_errors_ struct field_errors e = { 0 };

	json_each(r, json_get(obj, "spec", "rules"))
		if (strchr(json_str_or(json_get(r, "host"), ""), '*'))
			validate_http(json_get(r, "http"), "", &e);
	return e.n;
}

static void validate_rules(const json *spec, const json *old, struct field_errors *e)
{
	bool lenient = wildcards_are_faulty(old);
	int i = 0;

	json_each(r, json_get(spec, "rules")) {
		const char *host = text_of(r, "host");
		PATH(path, "spec.rules[%d]", i++);
		PATH(host_path, "%s.host", path);

		if (host && ip_family(host))
			field_invalid_str(e, host_path, host, "must be a DNS name, not an IP address");
		if (host)
			validate_host(host, host_path, e);
		if (!lenient || !host || !strchr(host, '*'))
			validate_http(json_get(r, "http"), path, e);
	}
}

static bool secret_names_are_faulty(const json *obj)
{
	json_each(t, json_get(obj, "spec", "tls"))
		if (text_of(t, "secretName") && invalid_dns1123_subdomain(text_of(t, "secretName")))
			return true;
	return false;
}

static void validate_tls(const json *spec, const json *old, struct field_errors *e)
{
	bool lenient = secret_names_are_faulty(old);
	int i = 0;

	json_each(t, json_get(spec, "tls")) {
		int n = 0;
		PATH(path, "spec.tls[%d]", i++);

		json_each(h, json_get(t, "hosts")) {
			PATH(p, "%s.hosts[%d]", path, n++);

			validate_host(json_str_or(h, ""), p, e);
		}
		if (!lenient)
			may_name(t, "secretName", invalid_dns1123_subdomain, path, e);
	}
}

static void validate_ingress_update(const json *new, const json *old, struct field_errors *e)
{
	const json *spec = json_get(new, "spec"), *backend = json_get(spec, "defaultBackend");
	const char *class = json_str(json_get(spec, "ingressClassName"));

	if (!json_len(json_get(spec, "rules")) && !backend)
		field_invalid_json(e, "spec", json_get(spec, "rules"), "either `defaultBackend` or `rules` must be specified");
	if (backend)
		validate_backend(backend, "spec.defaultBackend", e);
	validate_rules(spec, old, e);
	validate_tls(spec, old, e);
	if (class)
		check_text(class, invalid_dns1123_subdomain, "spec.ingressClassName", e);
}

static void validate_ingress(const json *obj, struct field_errors *e)
{
	const char *annotation = json_str(json_get(obj, "metadata", "annotations", CLASS_ANNOTATION));
	const char *class = json_str(json_get(obj, "spec", "ingressClassName"));

	validate_ingress_update(obj, NULL, e);
	if (annotation && class && !streq(annotation, class))
		field_invalid_str(e, "annotations." CLASS_ANNOTATION, annotation,
				  "must match `ingressClassName` when both are specified");
}

static void validate_status(const json *new, const json *old, struct field_errors *e)
{
	_cleanup_json_ json *was = json_new_array();

	json_each(i, json_get(old, "status", "loadBalancer", "ingress"))
		if (text_of(i, "ip"))
			json_append(was, json_new_str(text_of(i, "ip")));
	validate_load_balancer_ingress(json_get(new, "status", "loadBalancer", "ingress"), was, false, e);
}

/* --- what is shown ------------------------------------------------------------------------ */

static char *hosts_text(const json *obj)
{
	const json *rules = json_get(obj, "spec", "rules");
	int shown = 0, more = 0;
	struct buf b = { 0 };

	json_each(r, rules) {
		const char *host = text_of(r, "host");

		more |= shown == HOSTS_SHOWN;
		if (host && shown < HOSTS_SHOWN)
			buf_printf(&b, "%s%s", shown++ ? "," : "", host);
	}
	if (more)
		buf_printf(&b, " + %d more...", json_len(rules) - HOSTS_SHOWN);
	return shown ? buf_steal(&b) : xstrdup("*");
}

static void ingress_cells(json *cells, const json *obj, uint64_t now_us)
{
	struct buf b = { 0 };

	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "spec", "ingressClassName"), "<none>"));
	cell_take(cells, hosts_text(obj));
	load_balancer_text(&b, obj);
	cell_take(cells, buf_steal(&b));
	cell_str(cells, json_len(json_get(obj, "spec", "tls")) ? "80, 443" : "80");
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_ingress = {
	.prepare_create = prepare_create,
	.validate = validate_ingress,
	.validate_update = validate_ingress_update,
	.order = UPDATE_ALONE,
	.validate_status = validate_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Class", "string", "Who fulfils it."),
		COLUMN("Hosts", "string", "The hosts of its rules."),
		COLUMN("Address", "string", "Where its load balancer is found."),
		COLUMN("Ports", "string", "443 too if it speaks TLS."),
		COLUMN_AGE),
	.cells = ingress_cells,
};
