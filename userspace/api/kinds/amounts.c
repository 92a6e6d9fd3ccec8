// SPDX-License-Identifier: GPL-2.0-or-later
/* amounts.c - see amounts.h */
#include "api/kinds/amounts.h"

#include "api/meta/validate_values.h"
#include "api/schema/quantity.h"

#define ONE 1000000000	/* a unit, in billionths */
#define HUGEPAGES "hugepages-"
#define REQUESTS "requests."
#define COMPUTE "cpu,memory,ephemeral-storage"
#define COUNTED "pods,resourcequotas,services,replicationcontrollers,secrets,configmaps,persistentvolumeclaims," \
	"services.nodeports,services.loadbalancers"
#define QUOTA COMPUTE ",requests.cpu,requests.memory,requests.storage,requests.ephemeral-storage,limits.cpu," \
	"limits.memory,limits.ephemeral-storage," COUNTED

bool resource_is_native(const char *name)
{
	return !strchr(name, '/') || strstr(name, "kubernetes.io/");
}

bool resource_is_hugepages(const char *name)
{
	return startswith(name, HUGEPAGES);
}

static bool is_quota_hugepages(const char *name)
{
	return resource_is_hugepages(name) || startswith(name, REQUESTS HUGEPAGES);
}

bool resource_is_extended(const char *name)
{
	_cleanup_free_ char *for_quota = NULL;

	if (resource_is_native(name) || startswith(name, REQUESTS))
		return false;
	for_quota = xasprintf(REQUESTS "%s", name);
	return !invalid_label_key(for_quota);
}

bool resource_may_overcommit(const char *name)
{
	return resource_is_native(name) && !resource_is_hugepages(name);
}

bool resource_is_for_quota(const char *name)
{
	return one_of(name, QUOTA) || is_quota_hugepages(name);
}

bool resource_has_scope(const char *scope, const char *name)
{
	static const char pods[] = "pods,cpu,memory,limits.cpu,limits.memory,requests.cpu,requests.memory";

	if (streq(scope, "BestEffort"))
		return streq(name, "pods");
	if (streq(scope, "VolumeAttributesClass"))
		return one_of(name, "persistentvolumeclaims,requests.storage");
	if (one_of(scope, "Terminating,NotTerminating,NotBestEffort,PriorityClass,CrossNamespacePodAffinity"))
		return one_of(name, pods);
	return true;
}

void validate_resource_name(const char *name, const char *path, struct field_errors *e)
{
	size_t before = e->n;

	validate_label_name(name, path, e);
	if (e->n == before && !strchr(name, '/') && !streq(name, "storage") && !resource_is_for_quota(name))
		field_invalid_str(e, path, name, "must be a standard resource type or fully qualified");
}

void validate_container_resource_name(const char *name, const char *path, struct field_errors *e)
{
	validate_resource_name(name, path, e);
	if (!strchr(name, '/')) {
		if (!one_of(name, COMPUTE) && !resource_is_hugepages(name))
			field_invalid_str(e, path, name, "must be a standard resource for containers");
	} else if (!resource_is_native(name) && !resource_is_extended(name)) {
		field_invalid_str(e, path, name, "doesn't follow extended resource name standard");
	}
}

void validate_quota_resource_name(const char *name, const char *path, struct field_errors *e)
{
	validate_resource_name(name, path, e);
	if (!strchr(name, '/') && !resource_is_for_quota(name))
		field_invalid_str(e, path, name, "must be a standard resource for quota");
}

void validate_resource_amount(const char *name, const json *amount, const char *path, struct field_errors *e)
{
	validate_amount_not_negative(amount, path, e);
	if ((one_of(name, COUNTED) || resource_is_extended(name)) && !quantity_is_whole(amount))
		field_invalid(e, path, amount, "must be an integer");
}

void validate_basic_amount(const json *amount, const char *path, struct field_errors *e)
{
	int64_t v = quantity_value(amount, 0);

	if (v < 0)
		field_invalid_int(e, path, v, "must be a valid resource quantity");
}

bool hugepages_divide(const char *name, const json *amount)
{
	quantity_t size;

	return !quantity_parse(name + strlen(HUGEPAGES), &size, NULL, NULL) && size >= ONE && size % ONE == 0 &&
	       quantity_value(amount, 0) % (int64_t)(size / ONE) == 0;
}

/* Adds a container's request; false if it has none. */
static bool add_request(const json *container, const char *name, quantity_t *sum, enum quantity_format *format,
			bool first)
{
	const char *s = json_str(json_get(container, "resources", "requests", name));
	enum quantity_format its;
	quantity_t q;

	if (!s || quantity_parse(s, &q, &its, NULL))
		return false;
	if (first)
		*format = its;
	*sum += q;
	return true;
}

char *containers_request(const json *spec, const char *name)
{
	enum quantity_format format = QUANTITY_DECIMAL_SI;
	quantity_t running = 0, sidecars = 0, most = 0;
	bool any = false;

	json_each(c, json_get(spec, "containers"))
		any |= add_request(c, name, &running, &format, !any);
	json_each(c, json_get(spec, "initContainers")) {
		bool sidecar = streq(json_str(json_get(c, "restartPolicy")), "Always");
		quantity_t one = 0;

		any |= add_request(c, name, &one, &format, !any);
		if (sidecar)
			sidecars += one;
		if (sidecars + (sidecar ? 0 : one) > most)
			most = sidecars + (sidecar ? 0 : one);
	}
	running += sidecars;
	return any ? quantity_format(running > most ? running : most, format) : NULL;
}

#define FINEST 1000000	/* a thousandth, in billionths */

void default_amounts(json *list)
{
	json_each(it, list) {
		enum quantity_format format;
		_cleanup_free_ char *text = NULL;
		quantity_t q;

		if (!json_is_string(it) || quantity_parse(it->valuestring, &q, &format, NULL) || q % FINEST == 0)
			continue;
		text = quantity_format((q / FINEST + (q > 0 ? 1 : -1)) * FINEST, format);
		cJSON_SetValuestring(it, text);
	}
}
