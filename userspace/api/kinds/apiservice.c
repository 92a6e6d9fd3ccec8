// SPDX-License-Identifier: GPL-2.0-or-later
/* apiservice.c - APIService: which server answers for an API group's version */
#include "api/kinds/rules.h"
#include "api/meta/validate_text.h"
#include "base/base64.h"

static void default_apiservice(json *obj)
{
	json *service = json_get(obj, "spec", "service");

	if (service)
		default_int(service, "port", 443);
}

/* What this server answers for itself is there at once. */
static void prepare_create(json *obj)
{
	json *list, *c;

	if (json_get(obj, "spec", "service"))
		return;
	list = json_set(json_obj(obj, "status"), "conditions", json_new_array());
	c = json_build("{\"type\":\"Available\",\"status\":\"True\",\"reason\":\"Local\","
		       "\"message\":\"Local APIServices are always available\"}");
	json_set_str(c, "lastTransitionTime", json_str(json_get(obj, "metadata", "creationTimestamp")));
	json_append(list, c);
}

static void validate_name(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");
	const char *name = json_str_or(json_get(obj, "metadata", "name"), "");
	PATH(wanted, "%s.%s", json_str_or(json_get(spec, "version"), ""), json_str_or(json_get(spec, "group"), ""));
	PATH(why, "must be `spec.version+\".\"+spec.group`: \"%s\"", wanted);

	if (!invalid_path_segment(name) && !streq(name, wanted))
		field_invalid_str(e, "metadata.name", name, why);
}

/* This server needs nothing to reach itself. */
static void validate_local(const json *spec, struct field_errors *e)
{
	const char *bundle = json_str_or(json_get(spec, "caBundle"), "");
	const json *insecure = json_get(spec, "insecureSkipTLSVerify");
	struct buf bytes = { 0 };

	base64_decode(bundle, strlen(bundle), &bytes);
	if (bytes.len) {
		PATH(value, "%zu bytes", bytes.len);

		field_invalid_str(e, "spec.caBundle", value, "local APIServices may not have a caBundle");
	}
	buf_free(&bytes);
	if (json_bool(insecure, false))
		field_invalid(e, "spec.insecureSkipTLSVerify", insecure, "local APIServices may not have insecureSkipTLSVerify");
}

static void validate_remote(const json *spec, struct field_errors *e)
{
	const json *service = json_get(spec, "service"), *insecure = json_get(spec, "insecureSkipTLSVerify");
	int64_t port = json_int(json_get(service, "port"), 0);

	need_text(service, "namespace", "spec.service", NULL, e);
	need_text(service, "name", "spec.service", NULL, e);
	if (port < 1 || port > 65535)
		field_invalid_int(e, "spec.service.port", port, "port is not valid: " MSG_PORT);
	if (json_bool(insecure, false) && text_of(spec, "caBundle"))
		field_invalid(e, "spec.insecureSkipTLSVerify", insecure, "may not be true if caBundle is present");
}

static void validate_priority(const json *spec, const char *key, int64_t max, struct field_errors *e)
{
	int64_t v = json_int(json_get(spec, key), 0);
	PATH(path, "spec.%s", key);
	PATH(why, "must be positive and less than %jd", (intmax_t)max);

	if (v <= 0 || v > max)
		field_invalid_int(e, path, v, why);
}

static void validate_apiservice(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");
	const char *group = text_of(spec, "group"), *version = json_str_or(json_get(spec, "version"), "");

	validate_name(obj, e);
	if (!group && !streq(version, "v1"))
		field_required(e, "spec.group", "only v1 may have an empty group and it better be legacy kube");
	if (group)
		check_text(group, invalid_dns1123_subdomain, "spec.group", e);
	check_text(version, invalid_dns1035_label, "spec.version", e);
	validate_priority(spec, "groupPriorityMinimum", 20000, e);
	validate_priority(spec, "versionPriority", 1000, e);
	if (json_get(spec, "service"))
		validate_remote(spec, e);
	else
		validate_local(spec, e);
}

static void validate_status(const json *new, const json *old, struct field_errors *e)
{
	int i = 0;

	(void)old;
	json_each(c, json_get(new, "status", "conditions")) {
		const char *status = json_str_or(json_get(c, "status"), "");
		PATH(path, "status.conditions[%d].status", i++);

		if (!one_of(status, "True,False,Unknown"))
			field_not_supported(e, path, status, "True,False,Unknown");
	}
}

static void cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *service = json_get(obj, "spec", "service"), *available = find_condition(obj, "Available");
	const char *status = json_str_or(json_get(available, "status"), "Unknown"), *reason = text_of(available, "reason");

	cell_name(cells, obj);
	if (service)
		cell_take(cells, xasprintf("%s/%s", json_str_or(json_get(service, "namespace"), ""),
					   json_str_or(json_get(service, "name"), "")));
	else
		cell_str(cells, "Local");
	if (reason && !streq(status, "True"))
		cell_take(cells, xasprintf("%s (%s)", status, reason));
	else
		cell_str(cells, status);
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_apiservice = {
	.defaults = default_apiservice,
	.prepare_create = prepare_create,
	.prepare_status = keep_own_metadata,
	.validate = validate_apiservice,
	.validate_status = validate_status,
	.columns = COLUMNS(COLUMN_NAME,
			   COLUMN("Service", "string", "The service whose pods answer, or Local."),
			   COLUMN("Available", "string", "Does it answer?"),
			   COLUMN_AGE),
	.cells = cells,
};
