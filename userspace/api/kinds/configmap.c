// SPDX-License-Identifier: GPL-2.0-or-later
/* configmap.c - ConfigMap, and what a Secret shares with it */
#include "api/kinds/rules.h"
#include "api/kinds/data.h"

/* Bytes that base64 text stands for; line breaks do not count. */
static size_t decoded_length(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s != '=' && *s != '\n' && *s != '\r';
	return n / 4 * 3 + n % 4 * 3 / 4;
}

size_t validate_data(const json *obj, const char *key, bool bytes, struct field_errors *e)
{
	size_t total = 0;

	json_each(d, json_get(obj, key)) {
		const char *why = invalid_config_key(json_key(d)), *value = json_str_or(d, "");
		PATH(p, "%s[%s]", key, json_key(d));

		if (why)
			field_invalid_str(e, p, json_key(d), why);
		total += bytes ? decoded_length(value) : strlen(value);
	}
	return total;
}

static void validate_configmap(const json *obj, struct field_errors *e)
{
	size_t total = validate_data(obj, "data", false, e) + validate_data(obj, "binaryData", true, e);

	json_each(d, json_get(obj, "binaryData")) {
		PATH(p, "data[%s]", json_key(d));

		if (json_get(obj, "data", json_key(d)))
			field_error(e, p, FIELD_INVALID, "Invalid value: \"%s\": duplicate of key present in binaryData",
				    json_key(d));
	}
	if (total > DATA_MAX)
		field_too_long(e, "", DATA_MAX);
}

/* "immutable: true" holds for good, and with it the data. */
bool validate_frozen(const json *new, const json *old, struct field_errors *e)
{
	static const char *const members[] = { "data", "binaryData" };

	if (!json_bool(json_get(old, "immutable"), false))
		return false;
	if (!json_bool(json_get(new, "immutable"), false))
		field_forbidden(e, "immutable", "field is immutable when `immutable` is set");
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (!json_equal(json_get(new, members[i]), json_get(old, members[i])))
			field_forbidden(e, members[i], "field is immutable when `immutable` is set");
	return true;
}

static void validate_configmap_update(const json *new, const json *old, struct field_errors *e)
{
	validate_frozen(new, old, e);
}

static void configmap_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_int(cells, json_len(json_get(obj, "data")) + json_len(json_get(obj, "binaryData")));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_configmap = {
	.validate = validate_configmap,
	.validate_update = validate_configmap_update,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Data", "integer", "The number of entries."),
		COLUMN_AGE),
	.cells = configmap_cells,
};
