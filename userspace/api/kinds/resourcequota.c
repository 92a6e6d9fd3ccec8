// SPDX-License-Identifier: GPL-2.0-or-later
/* resourcequota.c - ResourceQuota */
#include "api/kinds/amounts.h"
#include "api/kinds/rules.h"
#include "api/meta/validate_values.h"

#define SCOPES "Terminating,NotTerminating,BestEffort,NotBestEffort,PriorityClass,CrossNamespacePodAffinity,VolumeAttributesClass"
/* Of these it can only be said that they are. */
#define PLAIN_SCOPES "BestEffort,NotBestEffort,Terminating,NotTerminating,CrossNamespacePodAffinity"

static void default_quota(json *obj)
{
	default_amounts(json_get(obj, "spec", "hard"));
	default_amounts(json_get(obj, "status", "hard"));
	default_amounts(json_get(obj, "status", "used"));
}

/* --- validation ---------------------------------------------------------------------- */

static void validate_amounts(const json *list, const char *path, struct field_errors *e)
{
	json_each(q, list) {
		PATH(p, "%s[%s]", path, json_key(q));

		validate_quota_resource_name(json_key(q), p, e);
		validate_resource_amount(json_key(q), q, p, e);
	}
}

/* Is there something in hard that the scope does not count? As many errors as names, at path with the value. */
static void validate_counted(const json *spec, const char *scope, const char *path, const json *value,
			     struct field_errors *e)
{
	json_each(q, json_get(spec, "hard"))
		if (resource_is_for_quota(json_key(q)) && !resource_has_scope(scope, json_key(q)))
			field_invalid(e, path, value, "unsupported scope applied to resource");
}

/* names: those scopes that are named; the value that is printed is spec.scopes. */
static void validate_pairs(const json *names, const char *path, const json *value, struct field_errors *e)
{
	static const char *const pairs[][2] = { { "BestEffort", "NotBestEffort" }, { "Terminating", "NotTerminating" } };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (json_get(names, pairs[i][0]) && json_get(names, pairs[i][1]))
			field_invalid(e, path, value, "conflicting scopes");
}

static void validate_scopes(const json *spec, struct field_errors *e)
{
	const json *scopes = json_get(spec, "scopes");
	_cleanup_json_ json *names = json_new_object();

	json_each(s, scopes) {
		const char *scope = json_str_or(s, "");

		if (!one_of(scope, SCOPES))
			field_invalid(e, "spec.scopes", scopes, "unsupported scope");
		validate_counted(spec, scope, "spec.scopes", scopes, e);
		json_set_bool(names, scope, true);
	}
	validate_pairs(names, "spec.scopes", scopes, e);
}

#define EXPRESSIONS "spec.scopeSelector.matchExpressions"

static void validate_operator(const json *x, struct field_errors *e)
{
	const char *scope = json_str_or(json_get(x, "scopeName"), ""), *op = json_str_or(json_get(x, "operator"), "");
	const json *values = json_get(x, "values");

	if (one_of(scope, PLAIN_SCOPES) && !streq(op, "Exists"))
		field_invalid_str(e, EXPRESSIONS ".operator", op, "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
				  "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
				  "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
	if (one_of(op, "In,NotIn")) {
		if (!json_len(values))
			field_required(e, EXPRESSIONS ".values",
				       "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
	} else if (one_of(op, "Exists,DoesNotExist")) {
		if (json_len(values))
			field_invalid(e, EXPRESSIONS ".values", values,
				      "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
	} else {
		field_invalid_str(e, EXPRESSIONS ".operator", op, "not a valid selector operator");
	}
}

/* As Kubernetes prints its own form of one. */
static json *selector_as_printed(const json *selector)
{
	json *printed = json_build("{\"MatchExpressions\":[]}");

	json_each(x, json_get(selector, "matchExpressions")) {
		const json *values = json_get(x, "values");
		json *r = json_new_object();

		json_set_str(r, "ScopeName", json_str_or(json_get(x, "scopeName"), ""));
		json_set_str(r, "Operator", json_str_or(json_get(x, "operator"), ""));
		json_set(r, "Values", values ? json_clone(values) : json_new_null());
		json_append(json_get(printed, "MatchExpressions"), r);
	}
	return printed;
}

static void validate_scope_selector(const json *spec, struct field_errors *e)
{
	const json *selector = json_get(spec, "scopeSelector");
	_cleanup_json_ json *names = json_new_object(), *printed = selector_as_printed(selector);

	json_each(x, json_get(selector, "matchExpressions")) {
		const char *scope = json_str_or(json_get(x, "scopeName"), "");

		if (!one_of(scope, SCOPES))
			field_invalid_str(e, EXPRESSIONS ".scopeName", scope, "unsupported scope");
		validate_counted(spec, scope, EXPRESSIONS, printed, e);
		validate_operator(x, e);
		json_set_bool(names, scope, true);
	}
	validate_pairs(names, EXPRESSIONS, json_get(spec, "scopes"), e);
}

static void validate_quota(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");

	validate_amounts(json_get(spec, "hard"), "spec.hard", e);
	validate_scopes(spec, e);
	validate_scope_selector(spec, e);
}

static bool all_in(const json *list, const json *other)
{
	json_each(s, list)
		if (!strings_have_before(other, NULL, json_str_or(s, "")))
			return false;
	return true;
}

static void validate_quota_update(const json *new, const json *old, struct field_errors *e)
{
	const json *is = json_get(new, "spec", "scopes"), *was = json_get(old, "spec", "scopes");

	if (!all_in(is, was) || !all_in(was, is))
		field_invalid(e, "spec.scopes", is, MSG_IMMUTABLE);
}

static void validate_status(const json *new, const json *old, struct field_errors *e)
{
	validate_amounts(json_get(new, "status", "hard"), "status.hard", e);
	validate_amounts(json_get(new, "status", "used"), "status.used", e);
}

/* --- its row ---------------------------------------------------------------------------- */

/* "NAME: used/hard" of each name that is of limits, or is not; caller frees. */
static char *amounts_text(const json *obj, bool limits)
{
	_cleanup_json_ json *hard = field_sorted(json_get(obj, "status", "hard"));
	const json *used = json_get(obj, "status", "used");
	struct buf b = {0};

	json_each(q, hard)
		if (startswith(json_key(q), "limits.") == limits)
			buf_printf(&b, "%s%s: %s/%s", b.len ? ", " : "", json_key(q),
				   json_str_or(json_get(used, json_key(q)), "0"), json_str_or(q, "0"));
	return buf_steal(&b);
}

static void quota_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_take(cells, amounts_text(obj, false));
	cell_take(cells, amounts_text(obj, true));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_resourcequota = {
	.defaults = default_quota,
	.validate = validate_quota,
	.validate_update = validate_quota_update,
	.validate_status = validate_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Request", "string", "What is used of what there may be."),
		COLUMN("Limit", "string", "The same of limits."),
		COLUMN_AGE),
	.cells = quota_cells,
};
