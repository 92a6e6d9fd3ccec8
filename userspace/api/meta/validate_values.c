// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_values.c - see validate_values.h */
#include "api/meta/validate_values.h"

#include "api/schema/quantity.h"
#include "api/schema/strlist.h"

/* --- errors at a child -------------------------------------------------------- */

void child_required(struct field_errors *e, const char *path, const char *key, const char *why)
{
	CHILD(p, path, key);

	field_required(e, p, why);
}

void child_invalid(struct field_errors *e, const char *path, const char *key, const json *value, const char *why)
{
	CHILD(p, path, key);

	field_invalid(e, p, value, why);
}

void child_invalid_str(struct field_errors *e, const char *path, const char *key, const char *value, const char *why)
{
	CHILD(p, path, key);

	field_invalid_str(e, p, value, why);
}

void child_invalid_int(struct field_errors *e, const char *path, const char *key, int64_t value, const char *why)
{
	CHILD(p, path, key);

	field_invalid_int(e, p, value, why);
}

void child_duplicate(struct field_errors *e, const char *path, const char *key, const char *value)
{
	CHILD(p, path, key);

	field_duplicate(e, p, value);
}

void child_forbidden(struct field_errors *e, const char *path, const char *key, const char *why)
{
	CHILD(p, path, key);

	field_forbidden(e, p, why);
}

void child_not_supported(struct field_errors *e, const char *path, const char *key, const char *value,
			 const char *supported)
{
	CHILD(p, path, key);

	field_not_supported(e, p, value, supported);
}

void child_not_found(struct field_errors *e, const char *path, const char *key, const char *value)
{
	CHILD(p, path, key);

	field_not_found(e, p, value);
}

void child_too_long(struct field_errors *e, const char *path, const char *key, int max)
{
	CHILD(p, path, key);

	field_too_long(e, p, max);
}

void validate_at_most_items(const json *obj, const char *key, int max, const char *path, struct field_errors *e)
{
	int n = json_len(json_get(obj, key));
	CHILD(p, path, key);

	if (n > max)
		field_error(e, p, FIELD_TOO_MANY, "Too many: %d: must have at most %d items", n, max);
}

/* --- members -------------------------------------------------------------------- */

void validate_given(const json *obj, const char *key, const char *path, struct field_errors *e)
{
	if (!text_of(obj, key))
		child_required(e, path, key, NULL);
}

void validate_known(const json *obj, const char *key, const char *values, const char *path, struct field_errors *e)
{
	const json *v = json_get(obj, key);

	if (v && !one_of(json_str_or(v, ""), values))
		child_not_supported(e, path, key, json_str_or(v, ""), values);
}

void validate_name(const json *obj, const char *key, name_check check, const char *path, struct field_errors *e)
{
	const char *s = text_of(obj, key);
	const char *why = s ? check(s) : NULL;

	if (why)
		child_invalid_str(e, path, key, s, why);
}

void validate_given_name(const json *obj, const char *key, name_check check, const char *path, struct field_errors *e)
{
	validate_given(obj, key, path, e);
	validate_name(obj, key, check, path, e);
}

void validate_between(const json *obj, const char *key, int64_t min, int64_t max, const char *path,
		      struct field_errors *e)
{
	const json *j = json_get(obj, key);
	int64_t v = json_int(j, min);

	if (j && (v < min || v > max)) {
		PATH(why, "must be between %lld and %lld, inclusive", (long long)min, (long long)max);

		child_invalid_int(e, path, key, v, why);
	}
}

void validate_positive(const json *obj, const char *key, const char *path, struct field_errors *e)
{
	int64_t v = json_int(json_get(obj, key), 0);

	if (v <= 0)
		child_invalid_int(e, path, key, v, MSG_POSITIVE);
}

void validate_not_negatives(const json *obj, const char *keys, const char *path, struct field_errors *e)
{
	_cleanup_strlist_ struct strlist l = {0};

	strlist_split(&l, keys, ',');
	for (size_t i = 0; i < l.n; i++)
		validate_not_negative(obj, l.items[i], path, e);
}

/* --- texts ---------------------------------------------------------------------- */

void validate_label_name(const char *key, const char *path, struct field_errors *e)
{
	const char *why[LABEL_KEY_REASONS];
	size_t n = label_key_reasons(key, why);

	for (size_t i = 0; i < n; i++)
		field_invalid_str(e, path, key, why[i]);
}

void validate_port_name(const char *name, const char *path, struct field_errors *e)
{
	const char *why[PORT_NAME_REASONS];
	size_t n = port_name_reasons(name, why);

	for (size_t i = 0; i < n; i++)
		field_invalid_str(e, path, name, why[i]);
}

void validate_strings_as(const json *list, name_check check, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(s, list) {
		const char *why = check(json_str_or(s, ""));
		PATH(p, "%s[%d]", path, i++);

		if (why)
			field_invalid_str(e, p, json_str_or(s, ""), why);
	}
}

/* --- numbers or percentages -------------------------------------------------------- */

/* "25%" is 25; -1 if the text is no percentage. */
static int64_t percent(const char *s)
{
	size_t n = strlen(s);
	_cleanup_free_ char *digits = NULL;
	int64_t v;

	if (n < 2 || s[n - 1] != '%' || strspn(s, "0123456789") != n - 1)
		return -1;
	digits = xstrndup(s, n - 1);
	return parse_i64(digits, 0, INT64_MAX, &v) == 0 ? v : INT64_MAX;
}

void validate_int_or_percent(const json *v, const char *path, struct field_errors *e)
{
	const char *s = json_str(v);

	if (s && percent(s) < 0)
		field_invalid_str(e, path, s, "a valid percent string must be a numeric string followed by an ending '%' "
				  "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
	else if (!s && json_int(v, 0) < 0)
		field_invalid_int(e, path, json_int(v, 0), MSG_NEGATIVE);
}

void validate_at_most_100_percent(const json *v, const char *path, struct field_errors *e)
{
	const char *s = json_str(v);

	if (s && percent(s) > 100)
		field_invalid_str(e, path, s, "must not be greater than 100%");
}

int64_t int_or_percent_number(const json *v)
{
	const char *s = json_str(v);

	if (s)
		return percent(s) > 0 ? percent(s) : 0;
	return json_int(v, 0);
}

/* --- amounts ------------------------------------------------------------------------ */

void validate_amount_not_negative(const json *amount, const char *path, struct field_errors *e)
{
	if (quantity_sign(amount) < 0)
		field_invalid(e, path, amount, MSG_NEGATIVE);
}

void validate_amount_positive(const json *amount, const char *path, struct field_errors *e)
{
	if (quantity_sign(amount) <= 0)
		field_invalid(e, path, amount, MSG_POSITIVE);
}

/* --- lists --------------------------------------------------------------------------- */

bool list_has_before(const json *list, const json *end, const char *key, const char *text)
{
	json_each(it, list) {
		if (it == end)
			return false;
		if (text && streq(json_str(json_get(it, key)), text))
			return true;
	}
	return false;
}

bool strings_have_before(const json *list, const json *end, const char *text)
{
	json_each(it, list) {
		if (it == end)
			return false;
		if (streq(json_str(it), text))
			return true;
	}
	return false;
}

bool is_true(const json *obj, const char *key)
{
	return json_bool(json_get(obj, key), false);
}

bool selector_is_void(const json *selector)
{
	return !json_len(json_get(selector, "matchLabels")) && !json_len(json_get(selector, "matchExpressions"));
}
