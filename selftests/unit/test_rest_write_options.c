// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rest_write_options.c - the query of a write: who writes, dry runs, strictness; YAML bodies */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/meta/status.h"
#include "api/rest/media.h"
#include "api/rest/write_options.h"
#include "api/schema/strlist.h"

/* A query as "key=value" strings, NULL at the end. */
static const char *find(const void *data, const char *key)
{
	for (const char *const *p = data; *p; p++)
		if (startswith(*p, key) && (*p)[strlen(key)] == '=')
			return *p + strlen(key) + 1;
	return NULL;
}

static void manager_is(const char *want, const char *given, const char *user_agent)
{
	_cleanup_free_ char *parameter = xasprintf("fieldManager=%s", given ? given : ""), *manager = NULL;
	const char *query[] = { given ? parameter : NULL, NULL };
	struct registry_write_opts o;

	assert_null(write_options_parse(WRITE_CREATE, find, query, user_agent, &o, &manager));
	assert_string_equal(o.manager, want);
}

static void managers_have_names(void **state)
{
	char a[200] = { 0 }, b[129] = { 0 };

	memset(a, 'a', 199);
	memset(b, 'a', 128);
	manager_is("me", "me", "kubectl/v1");
	manager_is("kubectl", NULL, "kubectl/v1.32.4 (linux/amd64) kubernetes/59526cd");
	manager_is("kubectl", "", "kubectl/v1");
	manager_is("curl", NULL, "curl/8.0");
	manager_is("two words", NULL, "two words");
	manager_is("", NULL, NULL);
	manager_is("ab\xc3\xa4\xe2\x82\xac", NULL, "a\x01\xe2\x80\x8b" "b\xc3\xa4\xe2\x82\xac/1");
	manager_is(b, NULL, a);
}

static void refused(enum write_verb verb, const char *const *query, const char *want)
{
	struct registry_write_opts o;
	char *manager = NULL;
	_cleanup_json_ json *s = write_options_parse(verb, find, query, "t/1", &o, &manager);

	assert_non_null(s);
	assert_null(manager);
	assert_int_equal(status_code(s), 422);
	assert_string_equal(json_str(json_get(s, "message")), want);
}
#define QUERY(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void bad_queries_are_refused(void **state)
{
	_cleanup_free_ char *longer = xasprintf("fieldManager=%0129d", 0);

	refused(WRITE_APPLY, QUERY("force=true"), "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
	refused(WRITE_PATCH, QUERY("force=false"), "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch");
	refused(WRITE_CREATE, QUERY("fieldManager=a\nb"),
		"CreateOptions.meta.k8s.io \"\" is invalid: fieldManager: Invalid value: \"a\\nb\": invalid character U+000A (at position 1)");
	refused(WRITE_UPDATE, QUERY(longer), "UpdateOptions.meta.k8s.io \"\" is invalid: fieldManager: Too long: may not be more than 128 bytes");
	refused(WRITE_CREATE, QUERY("fieldValidation=Maybe"),
		"CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"Maybe\": supported values: \"Ignore\", \"Strict\", \"Warn\"");
	refused(WRITE_PATCH, QUERY("dryRun=Some", "force=1"),
		"PatchOptions.meta.k8s.io \"\" is invalid: [force: Forbidden: may not be specified for non-apply patch, "
		"dryRun: Unsupported value: [\"Some\"]: supported values: \"All\"]");
}

static void what_was_asked_for(void **state)
{
	_cleanup_free_ char *manager = NULL, *other = NULL;
	struct registry_write_opts o;

	assert_null(write_options_parse(WRITE_APPLY, find, QUERY("fieldManager=m", "force=true", "dryRun=All", "fieldValidation=Strict"),
					NULL, &o, &manager));
	assert_true(o.force && o.dry_run && o.field_validation == FIELDS_STRICT);
	assert_null(write_options_parse(WRITE_APPLY, find, QUERY("fieldManager=m", "force=False"), NULL, &o, &other));
	assert_true(!o.force && !o.dry_run && o.field_validation == FIELDS_WARN);
}

static void bodies_may_be_yaml(void **state)
{
	static const char text[] = "data:\n  a: \"1\"\n  a: \"2\"\n", bad[] = "a: [";
	_cleanup_strlist_ struct strlist odd = {0};
	_cleanup_json_ json *obj = NULL, *s = NULL;

	assert_int_equal(rest_body_type("application/yaml; charset=utf-8"), REST_BODY_YAML);
	obj = rest_decode(REST_BODY_YAML, text, strlen(text), "v1", "ConfigMap", &odd, &s);
	assert_string_equal(json_str(json_get(obj, "data", "a")), "2");
	assert_int_equal(odd.n, 1);
	assert_string_equal(odd.items[0], "yaml: unmarshal errors:\n  line 3: key \"a\" already set in map");
	assert_null(rest_decode(REST_BODY_YAML, bad, strlen(bad), "v1", "ConfigMap", NULL, &s));
	assert_string_equal(json_str(json_get(s, "message")),
			    "the object provided is unrecognized (must be of type ConfigMap): error converting YAML to JSON: "
			    "yaml: line 1: did not find expected node content");
}

static void configurations_are_yaml(void **state)
{
	static const struct {
		const char *text, *why;
	} v[] = {
		{ "a: b: c", "error decoding patch: error converting YAML to JSON: yaml: mapping values are not allowed in this context" },
		{ "- a", "error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}" },
		{ "a", "error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type map[string]interface {}" },
		{ "1", "error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal number into Go value of type map[string]interface {}" },
	};
	_cleanup_strlist_ struct strlist odd = {0};
	_cleanup_json_ json *s = NULL, *empty = NULL, *twice = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		assert_null(rest_decode_config(v[i].text, strlen(v[i].text), &odd, &s));
		assert_string_equal(json_str(json_get(s, "message")), v[i].why);
		json_freep(&s);
	}
	empty = rest_decode_config("", 0, &odd, &s);
	assert_int_equal(json_len(empty), 0);
	assert_int_equal(odd.n, 0);
	twice = rest_decode_config("a: 1\na: 2", 9, &odd, &s);
	assert_int_equal(json_int(json_get(twice, "a"), 0), 2);
	assert_string_equal(odd.items[0], "error converting YAML to JSON: yaml: unmarshal errors:\n  line 2: key \"a\" already set in map");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(managers_have_names),
		cmocka_unit_test(bad_queries_are_refused),
		cmocka_unit_test(what_was_asked_for),
		cmocka_unit_test(bodies_may_be_yaml),
		cmocka_unit_test(configurations_are_yaml),
	};

	return cmocka_run_group_tests_name("write_options", tests, NULL, NULL);
}
