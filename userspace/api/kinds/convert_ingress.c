// SPDX-License-Identifier: GPL-2.0-or-later
/* convert_ingress.c - Ingress of v1beta1, stored as networking.k8s.io/v1 */
#include "api/kinds/rules.h"

/* serviceName and servicePort become service.name and service.port. */
static void backend_to_storage(json *backend)
{
	_cleanup_json_ json *name = json_take(backend, "serviceName"), *port = json_take(backend, "servicePort");
	json *service;

	if (!json_is_string(name) && !port)
		return;
	service = json_obj(backend, "service");
	json_set_str(service, "name", json_str_or(name, ""));
	if (json_is_string(port))
		json_set_str(json_obj(service, "port"), "name", port->valuestring);
	else if (json_is_int(port))
		json_set_int(json_obj(service, "port"), "number", json_int(port, 0));
}

static void backend_from_storage(json *backend)
{
	_cleanup_json_ json *service = json_take(backend, "service");
	const json *name = json_get(service, "port", "name");

	if (!service)
		return;
	json_set_str(backend, "serviceName", json_str_or(json_get(service, "name"), ""));
	if (json_is_string(name))
		json_set_str(backend, "servicePort", name->valuestring);
	else
		json_set_int(backend, "servicePort", json_int(json_get(service, "port", "number"), 0));
}

static void each_path(json *obj, void (*convert)(json *backend), bool default_type)
{
	json_each(rule, json_get(obj, "spec", "rules"))
		json_each(path, json_get(rule, "http", "paths")) {
			if (json_get(path, "backend"))
				convert(json_get(path, "backend"));
			if (default_type && !json_get(path, "pathType"))
				json_set_str(path, "pathType", "ImplementationSpecific");
		}
}

static void to_storage(json *obj)
{
	json *spec = json_get(obj, "spec"), *backend = json_take(spec, "backend");

	if (backend) {
		backend_to_storage(backend);
		json_set(spec, "defaultBackend", backend);
	}
	each_path(obj, backend_to_storage, true);
}

static void from_storage(json *obj)
{
	json *spec = json_get(obj, "spec"), *backend = json_take(spec, "defaultBackend");

	if (backend) {
		backend_from_storage(backend);
		json_set(spec, "backend", backend);
	}
	each_path(obj, backend_from_storage, false);
}

const struct kind_convert kind_convert_ingresses_v1beta1 = { .to_storage = to_storage, .from_storage = from_storage };
