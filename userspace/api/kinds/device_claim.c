// SPDX-License-Identifier: GPL-2.0-or-later
/* device_claim.c - ResourceClaim, ResourceClaimTemplate and DeviceClass: which devices somebody wants */
#include "api/kinds/device.h"
#include "api/meta/validate_text.h"

#define MAX_SELECTORS 32
#define MAX_CONSTRAINTS 32
#define MAX_ALTERNATIVES 8
#define MAX_EXPRESSION (10 * 1024)
#define MAX_PARAMETERS (10 * 1024)

/* --- defaults ----------------------------------------------------------------------------------------- */

static void default_request(json *r)
{
	default_str(r, "allocationMode", "ExactCount");
	if (streq(json_str(json_get(r, "allocationMode")), "ExactCount") && !json_int(json_get(r, "count"), 0))
		json_set_int(r, "count", 1);
	json_each(t, json_get(r, "tolerations"))
		default_str(t, "operator", "Equal");
}

static void default_spec(const json *spec)
{
	json_each(r, json_get(spec, "devices", "requests")) {
		json *exactly = json_get(r, "exactly");

		if (exactly)
			default_request(exactly);
		json_each(sub, json_get(r, "firstAvailable"))
			default_request(sub);
	}
}

static void default_claim(json *obj)
{
	default_spec(json_get(obj, "spec"));
}

static void default_template(json *obj)
{
	default_spec(json_get(obj, "spec", "spec"));
}

/* --- requests ------------------------------------------------------------------------------------------- */

static void selectors(const json *list, const char *path, struct field_errors *e)
{
	int i = 0;

	if (!at_most(list, MAX_SELECTORS, path, e))
		return;
	json_each(s, list) {
		const char *text = json_str_or(json_get(s, "cel", "expression"), "");
		PATH(cel, "%s[%d].cel", path, i++);
		PATH(expression, "%s.expression", cel);

		if (!json_get(s, "cel"))
			field_required(e, cel, NULL);
		else if (strlen(text) > MAX_EXPRESSION)
			field_too_long(e, expression, MAX_EXPRESSION);
		else if (!*text)
			field_required(e, expression, NULL);
	}
}

static void allocation_mode(const json *r, const char *path, struct field_errors *e)
{
	const char *mode = json_str_or(json_get(r, "allocationMode"), "");
	int64_t count = json_int(json_get(r, "count"), 0);
	PATH(mode_path, "%s.allocationMode", path);
	PATH(count_path, "%s.count", path);

	if (streq(mode, "All") && count)
		field_invalid_int(e, count_path, count, "must not be specified when allocationMode is 'All'");
	else if (streq(mode, "ExactCount") && count <= 0)
		field_invalid_int(e, count_path, count, "must be greater than zero");
	else if (!one_of(mode, "All,ExactCount"))
		field_not_supported(e, mode_path, mode, "All,ExactCount");
}

/* What is asked for, exactly or as one of several. */
static void wanted(const json *r, const char *path, struct field_errors *e)
{
	int i = 0;
	PATH(selectors_path, "%s.selectors", path);

	need_name(r, "deviceClassName", invalid_dns1123_subdomain, path, e);
	selectors(json_get(r, "selectors"), selectors_path, e);
	allocation_mode(r, path, e);
	json_each(t, json_get(r, "tolerations")) {
		PATH(p, "%s.tolerations[%d]", path, i++);

		device_toleration(t, p, e);
	}
}

static void request_label(const json *r, const char *path, struct field_errors *e)
{
	PATH(name, "%s.name", path);

	check_text(json_str_or(json_get(r, "name"), ""), invalid_dns1123_label, name, e);
}

static void alternatives(const json *list, const char *path, struct field_errors *e)
{
	int i = 0;

	if (!at_most(list, MAX_ALTERNATIVES, path, e))
		return;
	json_each(sub, list) {
		PATH(p, "%s[%d]", path, i++);

		request_label(sub, p, e);
		wanted(sub, p, e);
	}
	device_unique(list, "name", path, e);
}

static void request(const json *r, const char *path, struct field_errors *e)
{
	const json *exactly = json_get(r, "exactly"), *list = json_get(r, "firstAvailable");
	PATH(exactly_path, "%s.exactly", path);
	PATH(list_path, "%s.firstAvailable", path);

	request_label(r, path, e);
	if (!exactly && !json_len(list))
		field_required(e, path, "exactly one of `exactly` or `firstAvailable` is required");
	else if (exactly && json_len(list))
		field_invalid(e, path, NULL, "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set");
	else if (exactly)
		wanted(exactly, exactly_path, e);
	else
		alternatives(list, list_path, e);
}

static bool named(const json *list, const char *name, size_t n, const json **ret)
{
	json_each(r, list) {
		const char *own = json_str_or(json_get(r, "name"), "");

		*ret = r;
		if (strlen(own) == n && !strncmp(own, name, n))
			return true;
	}
	return false;
}

static bool knows_request(const json *claim, const char *name)
{
	size_t n = strcspn(name, "/");
	const json *r = NULL;

	return named(json_get(claim, "requests"), name, n, &r) &&
	       (!name[n] || named(json_get(r, "firstAvailable"), name + n + 1, strlen(name + n + 1), &r));
}

void device_request_name(const json *claim, const char *name, const char *path, struct field_errors *e)
{
	static const char why[] = "must be the name of a request in the claim or the name of a request and a subrequest "
		"separated by '/'";
	const char *slash = strchr(name, '/');
	_cleanup_free_ char *first = xstrndup(name, strcspn(name, "/"));

	if (slash && strchr(slash + 1, '/')) {
		field_invalid_str(e, path, name, why);
		return;
	}
	check_text(first, invalid_dns1123_label, path, e);
	if (slash)
		check_text(slash + 1, invalid_dns1123_label, path, e);
	if (!knows_request(claim, name))
		field_invalid_str(e, path, name, why);
}

void device_request_names(const json *claim, const json *obj, const char *path, struct field_errors *e)
{
	const json *list = json_get(obj, "requests");
	int i = 0;
	PATH(list_path, "%s.requests", path);

	if (!at_most(list, DEVICE_MAX_REQUESTS, list_path, e))
		return;
	json_each(name, list) {
		PATH(p, "%s[%d]", list_path, i++);

		device_request_name(claim, json_str_or(name, ""), p, e);
	}
	device_unique(list, NULL, list_path, e);
}

static void full_name(const char *s, const char *path, struct field_errors *e)
{
	device_qualified_name(s, path, e);
	if (!strchr(s, '/'))
		field_invalid_str(e, path, s, "a fully qualified name must be a domain and a name separated by a slash");
}

static void constraint(const json *claim, const json *c, const char *path, struct field_errors *e)
{
	const char *match = json_str(json_get(c, "matchAttribute")), *distinct = json_str(json_get(c, "distinctAttribute"));
	PATH(match_path, "%s.matchAttribute", path);
	PATH(distinct_path, "%s.distinctAttribute", path);

	device_request_names(claim, c, path, e);
	if (match)
		full_name(match, match_path, e);
	else if (distinct)
		full_name(distinct, distinct_path, e);
	else
		field_required(e, path, "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, "
			       "but multiple fields are set");
}

void device_config(const json *config, bool stored, const char *path, struct field_errors *e)
{
	const json *opaque = json_get(config, "opaque");
	PATH(opaque_path, "%s.opaque", path);
	PATH(driver, "%s.driver", opaque_path);
	PATH(parameters, "%s.parameters", opaque_path);

	if (!opaque) {
		field_required(e, opaque_path, NULL);
		return;
	}
	device_driver_name(json_str_or(json_get(opaque, "driver"), ""), driver, e);
	device_raw_object(json_get(opaque, "parameters"), MAX_PARAMETERS, stored, parameters, e);
}

static void validate_spec(const json *spec, const char *path, struct field_errors *e)
{
	const json *claim = json_get(spec, "devices"), *requests = json_get(claim, "requests");
	const json *constraints = json_get(claim, "constraints"), *configs = json_get(claim, "config");
	int i = 0;
	PATH(requests_path, "%s.devices.requests", path);
	PATH(constraints_path, "%s.devices.constraints", path);
	PATH(configs_path, "%s.devices.config", path);

	if (at_most(requests, DEVICE_MAX_REQUESTS, requests_path, e)) {
		json_each(r, requests) {
			PATH(p, "%s[%d]", requests_path, i++);

			request(r, p, e);
		}
		device_unique(requests, "name", requests_path, e);
	}
	if (at_most(constraints, MAX_CONSTRAINTS, constraints_path, e)) {
		i = 0;
		json_each(c, constraints) {
			PATH(p, "%s[%d]", constraints_path, i++);

			constraint(claim, c, p, e);
		}
	}
	if (!at_most(configs, DEVICE_MAX_CONFIGS, configs_path, e))
		return;
	i = 0;
	json_each(c, configs) {
		PATH(p, "%s[%d]", configs_path, i++);

		device_request_names(claim, c, p, e);
		device_config(c, false, p, e);
	}
}

static void validate_claim(const json *obj, struct field_errors *e)
{
	validate_spec(json_get(obj, "spec"), "spec", e);
}

static void validate_same_spec(const json *new, const json *old, struct field_errors *e)
{
	validate_immutable(json_get(new, "spec"), json_get(old, "spec"), "spec", e);
}

static void validate_template(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");

	validate_annotations(json_get(spec, "metadata", "annotations"), "spec.metadata.annotations", e);
	validate_labels(json_get(spec, "metadata", "labels"), "spec.metadata.labels", e);
	validate_spec(json_get(spec, "spec"), "spec.spec", e);
}

static void claim_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *status = json_get(obj, "status");
	bool ends = json_get(obj, "metadata", "deletionTimestamp"), allocated = json_get(status, "allocation");
	bool reserved = json_len(json_get(status, "reservedFor"));
	struct buf state = { 0 };

	if (ends)
		buf_puts(&state, "deleted,");
	if (!ends && !allocated)
		buf_puts(&state, "pending,");
	if (allocated)
		buf_puts(&state, reserved ? "allocated,reserved," : "allocated,");
	cell_name(cells, obj);
	cell_take(cells, xasprintf("%.*s", (int)state.len - 1, state.data));
	cell_age(cells, obj, now_us);
	buf_free(&state);
}

static void name_age_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_resourceclaim = {
	.defaults = default_claim,
	.prepare_status = device_prepare_status,
	.validate = validate_claim,
	.validate_update = validate_same_spec,
	.order = UPDATE_ALONE,
	.validate_status = device_validate_status,
	.columns = COLUMNS(COLUMN_NAME, COLUMN("State", "string", "Is it allocated, and does somebody use it?"), COLUMN_AGE),
	.cells = claim_cells,
};

const struct kind_rules kind_rules_resourceclaimtemplate = {
	.defaults = default_template,
	.validate = validate_template,
	.validate_update = validate_same_spec,
	.order = UPDATE_ALONE,
	.columns = COLUMNS(COLUMN_NAME, COLUMN_AGE),
	.cells = name_age_cells,
};

/* --- DeviceClass ------------------------------------------------------------------------------------------ */

/* "example.com/gpu": a resource of pods that stands for a device. */
static bool is_extended_resource(const char *s)
{
	_cleanup_free_ char *quota = xasprintf("requests.%s", s);

	return strchr(s, '/') && !strstr(s, "kubernetes.io/") && !startswith(s, "requests.") && !invalid_label_key(quota);
}

static void validate_class_update(const json *new, const json *old, struct field_errors *e)
{
	const json *spec = json_get(new, "spec"), *configs = json_get(spec, "config");
	const json *extended = json_get(spec, "extendedResourceName");
	bool stored = old && json_equal(configs, json_get(old, "spec", "config"));
	int i = 0;

	selectors(json_get(spec, "selectors"), "spec.selectors", e);
	if (at_most(configs, DEVICE_MAX_CONFIGS, "spec.config", e))
		json_each(c, configs) {
			PATH(p, "spec.config[%d]", i++);

			device_config(c, stored, p, e);
		}
	if (extended && !is_extended_resource(json_str_or(extended, "")))
		field_invalid(e, "spec.extendedResourceName", extended, "must be a valid extended resource name");
}

static void validate_class(const json *obj, struct field_errors *e)
{
	validate_class_update(obj, NULL, e);
}

const struct kind_rules kind_rules_deviceclass = {
	.validate = validate_class,
	.validate_update = validate_class_update,
	.order = UPDATE_ALONE,
	.columns = COLUMNS(COLUMN_NAME, COLUMN_AGE),
	.cells = name_age_cells,
};
