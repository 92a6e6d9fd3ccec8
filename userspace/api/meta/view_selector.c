// SPDX-License-Identifier: GPL-2.0-or-later
/* view_selector.c - see view_selector.h */
#include "api/meta/view_selector.h"

static bool expression_matches(const json *x, const json *labels)
{
	const char *op = json_str_or(json_get(x, "operator"), "");
	const char *value = json_str(json_get(labels, json_str_or(json_get(x, "key"), "")));
	bool listed = false;

	json_each(v, json_get(x, "values"))
		listed = listed || (value && streq(json_str(v), value));
	if (streq(op, "In"))
		return listed;
	if (streq(op, "NotIn"))
		return !listed;
	if (streq(op, "Exists"))
		return value != NULL;
	return streq(op, "DoesNotExist") && value == NULL;
}

bool label_selector_matches(const json *selector, const json *labels)
{
	if (!selector)
		return false;
	json_each(l, json_get(selector, "matchLabels")) {
		const char *value = json_str(json_get(labels, json_key(l)));

		if (!value || !streq(json_str(l), value))
			return false;
	}
	json_each(x, json_get(selector, "matchExpressions"))
		if (!expression_matches(x, labels))
			return false;
	return true;
}
