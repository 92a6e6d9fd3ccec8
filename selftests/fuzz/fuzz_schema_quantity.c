// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_schema_quantity.c - amounts, a line each: their canonical text is the same amount and stays as it is */
#include "fuzz.h"

#include "api/schema/quantity.h"

static void amount(const char *text)
{
	_cleanup_free_ char *canonical = NULL, *twice = NULL;
	_cleanup_json_ json *j = json_new_str(text);
	enum quantity_format format, again;
	const char *why = NULL;
	quantity_t q, same;

	if (quantity_parse(text, &q, &format, &why)) {
		must(why && *why);
		must(quantity_milli(j, 7) == 7 && quantity_value(j, 7) == 7);
		return;
	}
	canonical = quantity_format(q, format);
	must(!quantity_parse(canonical, &same, &again, NULL));
	must(same == q);
	twice = quantity_format(same, again);
	must(streq(canonical, twice));
	/* Rounded away from zero, the larger unit never says less. */
	must(q < 0 || quantity_value(j, -1) >= quantity_milli(j, -1) / 1000);
	must(quantity_value(j, -1) == 0 ? q == 0 : (quantity_value(j, -1) < 0) == (q < 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct parts in = { (const char *)data, len };

	while (in.left) {
		_cleanup_free_ char *text = next_part(&in);

		amount(text);
	}
	return 0;
}
