// SPDX-License-Identifier: GPL-2.0-or-later
/* configmap.c - ConfigMap, and what a Secret shares with it */
#include "api/kinds/rules.h"
#include "api/kinds/data.h"
#include "api/meta/validate_text.h"

/* Bytes that base64 text stands for; line breaks do not count. */
static size_t decoded_length(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s != '=' && *s != '\n' && *s != '\r';
	return n / 4 * 3 + n % 4 * 3 / 4;
}

size_t validate_data(const json *obj, const char *key, bool bytes, const json *other, struct field_errors *e)
{
	size_t total = 0;

	json_each(d, json_get(obj, key)) {
		const char *value = json_str_or(d, "");
		PATH(p, "%s[%s]", key, json_key(d));

		check_text(json_key(d), invalid_config_key, p, e);
		if (json_get(other, json_key(d)))
			field_invalid_str(e, p, json_key(d), "duplicate of key present in binaryData");
		total += bytes ? decoded_length(value) : strlen(value);
	}
	return total;
}

static void validate_configmap(const json *obj, struct field_errors *e)
{
	size_t total = validate_data(obj, "data", false, json_get(obj, "binaryData"), e);

	total += validate_data(obj, "binaryData", true, NULL, e);
	if (total > DATA_MAX)
		field_too_long(e, "", DATA_MAX);
}

void validate_frozen(const json *new, const json *old, struct field_errors *e)
{
	static const char *const members[] = { "data", "binaryData" };

	if (!json_bool(json_get(old, "immutable"), false))
		return;
	if (!json_bool(json_get(new, "immutable"), false))
		field_forbidden(e, "immutable", "field is immutable when `immutable` is set");
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (!json_equal(json_get(new, members[i]), json_get(old, members[i])))
			field_forbidden(e, members[i], "field is immutable when `immutable` is set");
}

static void configmap_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_int(cells, json_len(json_get(obj, "data")) + json_len(json_get(obj, "binaryData")));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_configmap = {
	.validate = validate_configmap,
	.validate_update = validate_frozen,
	.order = UPDATE_FIRST,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Data", "string", "The number of entries."),
		COLUMN_AGE),
	.cells = configmap_cells,
};
