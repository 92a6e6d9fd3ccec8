// SPDX-License-Identifier: GPL-2.0-or-later
/* device_parts.c - names, taints, conditions and selectors of devices, see device.h */
#include <ctype.h>

#include "api/kinds/device.h"
#include "api/meta/validate_text.h"

#define MAX_DRIVER 63
#define MAX_POOL 253
#define MAX_ID 32
#define MAX_CONDITIONS 4

void device_driver_name(const char *s, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *lower = xstrdup(s);
	const char *why;

	if (!*s) {
		field_required(e, path, NULL);
		return;
	}
	for (char *p = lower; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	why = invalid_dns1123_subdomain(lower);
	if (strlen(s) > MAX_DRIVER)
		field_too_long(e, path, MAX_DRIVER);
	if (why)
		field_invalid_str(e, path, s, why);
}

void device_pool_name(const char *s, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *copy = xstrdup(s);

	if (!*s) {
		field_required(e, path, NULL);
		return;
	}
	if (strlen(s) > MAX_POOL)
		field_too_long(e, path, MAX_POOL);
	for (char *part = copy, *next; part; part = next) {
		next = strchr(part, '/');
		if (next)
			*next++ = '\0';
		check_text(part, invalid_dns1123_subdomain, path, e);
	}
}

static const char *invalid_identifier(const char *s)
{
	bool good = isalpha((unsigned char)*s) || *s == '_';

	for (const char *p = s; *p; p++)
		good &= isalnum((unsigned char)*p) || *p == '_';
	return good ? NULL : "a valid C identifier must start with alphabetic character or '_', followed by a string of "
		"alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is "
		"'[A-Za-z_][A-Za-z0-9_]*')";
}

static void identifier(const char *s, const char *path, struct field_errors *e)
{
	if (strlen(s) > MAX_ID)
		field_too_long(e, path, MAX_ID);
	check_text(s, invalid_identifier, path, e);
}

void device_qualified_name(const char *s, const char *path, struct field_errors *e)
{
	const char *slash = strchr(s, '/');
	_cleanup_free_ char *domain = slash ? xstrndup(s, (size_t)(slash - s)) : NULL;

	if (!slash) {
		identifier(s, path, e);
		return;
	}
	if (strchr(slash + 1, '/')) {
		field_invalid_str(e, path, s, "must not contain more than one slash");
		return;
	}
	if (*domain)
		device_driver_name(domain, path, e);
	else
		field_invalid_str(e, path, "", "the domain must not be empty");
	if (slash[1])
		identifier(slash + 1, path, e);
	else
		field_invalid_str(e, path, "", "the name must not be empty");
}

/* The ways to write a UUID, of which one is good. */
static const char *uuid_fault(const char *s)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t n = strlen(s);
	const char *at = n == 45 ? s + 9 : n == 38 ? s + 1 : s;

	if (n == 45 && strncasecmp(s, "urn:uuid:", 9))
		return "error validating uid: invalid urn prefix";
	if (n == 38 && (s[0] != '{' || s[37] != '}'))
		return "error validating uid: invalid bracketed UUID format";
	for (int i = 0; n != 32 && i < 36; i++)
		if (form[i] == '-' ? at[i] != '-' : !isxdigit((unsigned char)at[i]))
			return "error validating uid: invalid UUID format";
	for (int i = 0; n == 32 && i < 32; i++)
		if (!isxdigit((unsigned char)s[i]))
			return "error validating uid: invalid UUID format";
	return NULL;
}

void device_uid(const char *s, const char *path, struct field_errors *e)
{
	size_t n = strlen(s);
	bool upper = false;
	PATH(length, "error validating uid: invalid UUID length: %zu", n);
	const char *why;

	if (n != 36 && n != 45 && n != 38 && n != 32) {
		field_invalid_str(e, path, s, length);
		return;
	}
	why = uuid_fault(s);
	for (const char *p = s; *p; p++)
		upper |= isupper((unsigned char)*p) != 0;
	if (!why && (n != 36 || upper))
		why = "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal "
		      "characters";
	if (why)
		field_invalid_str(e, path, s, why);
}

void device_raw_object(const json *raw, int max, bool stored, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *text = raw ? json_print(raw) : NULL;

	if (!raw || cJSON_IsNull(raw))
		field_required(e, path, NULL);
	else if (!stored && strlen(text) > (size_t)max)
		field_too_long(e, path, max);
	else if (!json_is_object(raw))
		field_invalid_str(e, path, "<value omitted>", "must be a valid JSON object");
}

void device_unique(const json *list, const char *key, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(it, list) {
		const json *mine = key ? json_get(it, key) : it, *b = list->child;
		PATH(p, "%s[%d]", path, i++);

		while (b != it && !streq(json_str_or(key ? json_get(b, key) : b, ""), json_str_or(mine, "")))
			b = b->next;
		if (b != it)
			field_duplicate(e, p, json_str_or(mine, ""));
	}
}

/* --- taints ------------------------------------------------------------------------------------------ */

void device_toleration(const json *t, const char *path, struct field_errors *e)
{
	const char *operator = json_str_or(json_get(t, "operator"), ""), *value = json_str_or(json_get(t, "value"), "");
	const char *effect = text_of(t, "effect");
	PATH(value_path, "%s.value", path);
	PATH(operator_path, "%s.operator", path);
	PATH(effect_path, "%s.effect", path);

	may_name(t, "key", invalid_label_key, path, e);
	if (streq(operator, "Exists") && *value)
		field_invalid_str(e, value_path, value, "must be empty for operator `Exists`");
	else if (streq(operator, "Equal"))
		check_text(value, invalid_label_value, value_path, e);
	else if (!*operator)
		field_required(e, operator_path, NULL);
	else if (!streq(operator, "Exists"))
		field_not_supported(e, operator_path, operator, "Equal,Exists");
	if (effect && !one_of(effect, DEVICE_TAINT_EFFECTS))
		field_not_supported(e, effect_path, effect, DEVICE_TAINT_EFFECTS);
}

void device_taint(const json *t, const char *path, struct field_errors *e)
{
	PATH(key, "%s.key", path);

	check_text(json_str_or(json_get(t, "key"), ""), invalid_label_key, key, e);
	may_name(t, "value", invalid_label_value, path, e);
	validate_enum(t, "effect", DEVICE_TAINT_EFFECTS, path, e);
}

/* --- conditions that a device waits for --------------------------------------------------------------- */

static void condition_names(const json *list, const char *path, struct field_errors *e)
{
	int i = 0;

	if (!at_most(list, MAX_CONDITIONS, path, e))
		return;
	json_each(c, list) {
		PATH(p, "%s[%d]", path, i++);

		check_text(json_str_or(c, ""), invalid_label_key, p, e);
	}
}

static bool among(const json *list, const json *s)
{
	json_each(it, list)
		if (json_equal(it, s))
			return true;
	return false;
}

void device_binding(const json *obj, const char *path, struct field_errors *e)
{
	const json *good = json_get(obj, "bindingConditions"), *bad = json_get(obj, "bindingFailureConditions");
	int i = 0;
	PATH(good_path, "%s.bindingConditions", path);
	PATH(bad_path, "%s.bindingFailureConditions", path);

	condition_names(good, good_path, e);
	condition_names(bad, bad_path, e);
	device_unique(good, NULL, good_path, e);
	json_each(c, bad) {
		const json *b = bad->child;
		PATH(p, "%s[%d]", bad_path, i++);

		while (b != c && !json_equal(b, c))
			b = b->next;
		if (b != c)
			field_duplicate(e, p, json_str_or(c, ""));
		if (among(good, c))
			field_invalid(e, p, c, "bindingFailureConditions must not overlap with bindingConditions");
	}
	if (!json_len(good) && json_len(bad))
		field_invalid_strings(e, good_path, good, "bindingConditions are required to use bindingFailureConditions");
	if (!json_len(bad) && json_len(good))
		field_invalid_strings(e, bad_path, bad, "bindingFailureConditions are required to use bindingConditions");
}

/* --- nodes ---------------------------------------------------------------------------------------------- */

static void expression(const json *x, const char *path, struct field_errors *e)
{
	const char *operator = json_str_or(json_get(x, "operator"), "");
	int n = json_len(json_get(x, "values")), i = 0;
	PATH(values, "%s.values", path);
	PATH(operator_path, "%s.operator", path);
	PATH(key, "%s.key", path);

	if (one_of(operator, "In,NotIn") && !n)
		field_required(e, values, "must be specified when `operator` is 'In' or 'NotIn'");
	else if (one_of(operator, "Exists,DoesNotExist") && n)
		field_forbidden(e, values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
	else if (one_of(operator, "Gt,Lt") && n != 1)
		field_required(e, values, "must be specified single value when `operator` is 'Lt' or 'Gt'");
	else if (!one_of(operator, "In,NotIn,Exists,DoesNotExist,Gt,Lt"))
		field_invalid_str(e, operator_path, operator, "not a valid selector operator");
	check_text(json_str_or(json_get(x, "key"), ""), invalid_label_key, key, e);
	json_each(v, json_get(x, "values")) {
		PATH(p, "%s[%d]", values, i++);

		check_text(json_str_or(v, ""), invalid_label_value, p, e);
	}
}

static void field_expression(const json *x, const char *path, struct field_errors *e)
{
	const char *operator = json_str_or(json_get(x, "operator"), ""), *key = json_str_or(json_get(x, "key"), "");
	const json *values = json_get(x, "values");
	PATH(values_path, "%s.values", path);
	PATH(operator_path, "%s.operator", path);
	PATH(key_path, "%s.key", path);

	if (!one_of(operator, "In,NotIn"))
		field_invalid_str(e, operator_path, operator, "not a valid selector operator");
	else if (json_len(values) != 1)
		field_required(e, values_path, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
	if (!streq(key, "metadata.name")) {
		field_invalid_str(e, key_path, key, "not a valid field selector key");
		return;
	}
	for (int i = 0; i < json_len(values); i++) {
		PATH(p, "%s[%d]", values_path, i);

		check_text(json_str_or(cJSON_GetArrayItem(values, i), ""), invalid_dns1123_subdomain, p, e);
	}
}

void device_node_selector(const json *selector, const char *path, struct field_errors *e)
{
	static const char *const lists[] = { "matchExpressions", "matchFields" };
	const json *terms = json_get(selector, "nodeSelectorTerms");
	int i = 0;
	PATH(terms_path, "%s.nodeSelectorTerms", path);

	if (!json_len(terms))
		field_required(e, terms_path, "must have at least one node selector term");
	json_each(t, terms) {
		PATH(p, "%s[%d]", terms_path, i++);

		for (size_t k = 0; k < ARRAY_SIZE(lists); k++) {
			int n = 0;

			json_each(x, json_get(t, lists[k])) {
				PATH(at, "%s.%s[%d]", p, lists[k], n++);

				(k ? field_expression : expression)(x, at, e);
			}
		}
	}
}
