// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rest_list.c - what the queries of lists and watches ask for, and what is refused */
#include "test_loop.h"

#include <stdio.h>
#include "api/rest/list_options.h"

/* "a=b&c" as a query. */
static const char *query(const void *data, const char *key)
{
	static char values[16][64];	/* the last ones asked for stay */
	static size_t next;
	size_t n = strlen(key);
	char *value;

	for (const char *p = data; p && *p; p = strchr(p, '&') ? strchr(p, '&') + 1 : NULL) {
		if (strncmp(p, key, n) || !strchr("=&", p[n]))
			continue;
		value = values[next++ % ARRAY_SIZE(values)];
		snprintf(value, sizeof(values[0]), "%.*s", p[n] == '=' ? (int)strcspn(p + n + 1, "&") : 0, p + n + 1);
		return value;
	}
	return NULL;
}

static void refused(const char *q, int code, const char *want)
{
	struct list_options o;
	_cleanup_json_ json *s = list_options_parse(query, q, &o);

	if (!s)
		fail_msg("%s is taken", q);
	assert_int_equal(json_int(json_get(s, "code"), 0), code);
	assert_string_equal(json_str(json_get(s, "message")), want);
}

#define INVALID "ListOptions.meta.k8s.io \"\" is invalid: "

static void what_does_not_go_together(void **state)
{
	_cleanup_json_ json *s = NULL;
	struct list_options o;

	refused("resourceVersionMatch=Exact", 422, INVALID "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
	refused("resourceVersion=1&resourceVersionMatch=No", 422, INVALID "resourceVersionMatch: Unsupported value: \"No\": supported values: \"Exact\", \"NotOlderThan\", \"\"");
	refused("resourceVersion=0&resourceVersionMatch=Exact", 422, INVALID "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
	refused("resourceVersion=1&resourceVersionMatch=Exact&continue=x", 422, INVALID "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided");
	refused("sendInitialEvents=false", 422, INVALID "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list");
	refused("watch=1&sendInitialEvents=true", 422, INVALID "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
	refused("watch=1&resourceVersionMatch=NotOlderThan", 422, INVALID "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
	refused("watch=1&sendInitialEvents=true&resourceVersionMatch=Exact", 422, INVALID "[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, "
		"resourceVersionMatch: Unsupported value: \"Exact\": supported values: \"NotOlderThan\"]");
	refused("resourceVersion=5&continue=x", 400, "specifying resource version is not allowed when using continue");
	refused("limit=x", 400, "strconv.ParseInt: parsing \"x\": invalid syntax");
	refused("resourceVersion=x", 400, "resourceVersion: Invalid value: \"x\": strconv.ParseUint: parsing \"x\": invalid syntax");
	s = list_options_parse(query, "resourceVersionMatch=Exact", &o);
	assert_string_equal(json_str(json_get(json_get(s, "details", "causes")->child, "reason")), "FieldValueForbidden");
	assert_string_equal(json_str(json_get(json_get(s, "details", "causes")->child, "field")), "resourceVersionMatch");
	assert_string_equal(json_str(json_get(s, "details", "kind")), "ListOptions");
}

static struct list_options taken(const char *q)
{
	struct list_options o;
	_cleanup_json_ json *s = list_options_parse(query, q, &o);

	if (s)
		fail_msg("%s: %s", q, json_str(json_get(s, "message")));
	return o;
}

static void which_version_is_meant(void **state)
{
	static const struct {
		const char *q;
		enum rv_match match;
		int64_t rv;
	} v[] = {
		{ "", RV_UNSET, 0 }, { "limit=5", RV_UNSET, 0 }, { "resourceVersion=", RV_UNSET, 0 }, { "resourceVersion=0", RV_ANY, 0 },
		{ "resourceVersion=0&limit=5", RV_ANY, 0 }, { "resourceVersion=0&resourceVersionMatch=NotOlderThan", RV_ANY, 0 },
		{ "resourceVersion=7", RV_AT_LEAST, 7 }, { "resourceVersion=7&limit=5", RV_EXACT, 7 },
		{ "resourceVersion=7&limit=5&resourceVersionMatch=NotOlderThan", RV_AT_LEAST, 7 },
		{ "resourceVersion=7&resourceVersionMatch=Exact", RV_EXACT, 7 }, { "resourceVersion=0&continue=x", RV_ANY, 0 },
		{ "watch=1&resourceVersion=7", RV_AT_LEAST, 7 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		struct list_options o = taken(v[i].q);

		assert_int_equal(o.match, v[i].match);
		assert_int_equal(o.rv, v[i].rv);
	}
	assert_int_equal(taken("limit=-3").limit, 0);
	assert_int_equal(taken("watch=1").initial, INITIAL_LEGACY);
	assert_int_equal(taken("watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan").initial, INITIAL_SEND);
	assert_int_equal(taken("watch=1&sendInitialEvents=False&resourceVersionMatch=NotOlderThan").initial, INITIAL_SKIP);
	assert_true(taken("watch&allowWatchBookmarks").bookmarks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_go_together),
		cmocka_unit_test(which_version_is_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
