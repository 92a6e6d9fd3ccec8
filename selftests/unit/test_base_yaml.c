// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base_yaml.c - YAML to JSON and back */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/yaml.h"

static void reads(const char *yaml, const char *want)
{
	_cleanup_free_ char *why = NULL, *text = NULL, *twice = NULL;
	_cleanup_json_ json *j = NULL;

	if (yaml_parse(yaml, strlen(yaml), &j, &twice, &why))
		fail_msg("%s: %s", yaml, why);
	text = json_print(j);
	assert_string_equal(text, want);
	assert_null(twice);
}

static void refuses(const char *yaml, const char *want)
{
	_cleanup_free_ char *why = NULL, *twice = NULL;
	json *j = NULL;

	if (!yaml_parse(yaml, strlen(yaml), &j, &twice, &why))
		fail_msg("it was read: %s", yaml);
	assert_string_equal(why, want);
}

static void scalars_are_what_go_sees(void **state)
{
	static const struct {
		const char *yaml, *json;
	} v[] = {
		{ "a", "\"a\"" }, { "'1'", "\"1\"" }, { "\"true\"", "\"true\"" }, { "|\n  a\n  b\n", "\"a\\nb\\n\"" },
		{ "", "null" }, { "~", "null" }, { "null", "null" }, { "Null", "null" }, { "nUll", "\"nUll\"" }, { "''", "\"\"" },
		{ "true", "true" }, { "True", "true" }, { "TRUE", "true" }, { "tRUE", "\"tRUE\"" },
		{ "yes", "true" }, { "y", "true" }, { "Y", "true" }, { "on", "true" }, { "On", "true" }, { "ON", "true" },
		{ "no", "false" }, { "n", "false" }, { "off", "false" }, { "False", "false" }, { "yess", "\"yess\"" },
		{ "0", "0" }, { "-0", "0" }, { "12", "12" }, { "-12", "-12" }, { "+12", "12" }, { "1_000", "1000" },
		{ "0x1F", "31" }, { "-0x1f", "-31" }, { "0b101", "5" }, { "0o17", "15" }, { "017", "15" }, { "0644", "420" },
		{ "08", "8" }, { "0x", "\"0x\"" }, { "0xg", "\"0xg\"" }, { "1a", "\"1a\"" }, { "-", "[null]" }, { "--", "\"--\"" },
		{ "9223372036854775807", "9223372036854775807" }, { "-9223372036854775808", "-9223372036854775808" },
		{ "18446744073709551615", "18446744073709551615" },
		{ "1.5", "1.5" }, { ".5", "0.5" }, { "5.", "5" }, { "1e3", "1000" }, { "1.5e-3", "0.0015" }, { "-.5", "-0.5" },
		{ ".", "\".\"" }, { "1e", "\"1e\"" }, { "1.2.3", "\"1.2.3\"" }, { "1e999", "\"1e999\"" }, { "10.0.0.1", "\"10.0.0.1\"" },
		{ "100m", "\"100m\"" }, { "1Gi", "\"1Gi\"" }, { "1:30", "\"1:30\"" },
		{ "2001-02-03", "\"2001-02-03\"" }, { "2001-02-03T04:05:06Z", "\"2001-02-03T04:05:06Z\"" },
		{ "!!str 1", "\"1\"" }, { "!!int 1", "1" }, { "!!float 1", "1" }, { "!!bool yes", "true" }, { "!!null ''", "null" },
		{ "! 1", "\"1\"" }, { "!x 1", "\"1\"" }, { "\"\\u00e4\\n\"", "\"\xc3\xa4\\n\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		reads(v[i].yaml, v[i].json);
	refuses(".inf", "yaml: .inf is no number in JSON");
	refuses("- -.Inf", "yaml: -.Inf is no number in JSON");
	refuses("!!int a", "yaml: cannot decode `a` as a !!int");
	refuses("!!binary YQ==", "yaml: cannot decode `YQ==` as a !!binary");
	refuses("\"a\\0b\"", "yaml: NUL in a string");
	reads("'.inf'", "\".inf\"");
}

static void collections(void **state)
{
	reads("a: 1\nb:\n- x\n- w: z\nc: {d: [1, 2], e: }\n",
	      "{\"a\":1,\"b\":[\"x\",{\"w\":\"z\"}],\"c\":{\"d\":[1,2],\"e\":null}}");
	reads("{\"apiVersion\":\"v1\",\"data\":{\"a\":\"b\"}}", "{\"apiVersion\":\"v1\",\"data\":{\"a\":\"b\"}}");
	/* keys are strings, of what they are read as */
	reads("1: a\n0x10: b\ny: c\n1.5: e\n'no': f\n", "{\"1\":\"a\",\"16\":\"b\",\"true\":\"c\",\"1.5\":\"e\",\"no\":\"f\"}");
}

static void duplicates_are_told(void **state)
{
	static const char yaml[] = "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n";
	_cleanup_free_ char *why = NULL, *twice = NULL, *text = NULL;
	_cleanup_json_ json *j = NULL;

	assert_int_equal(yaml_parse(yaml, strlen(yaml), &j, &twice, &why), 0);
	text = json_print(j);
	assert_string_equal(text, "{\"b\":{\"c\":2},\"a\":3}");
	assert_string_equal(twice, "line 4: key \"c\" already set in map\nline 5: key \"a\" already set in map");
}

static void only_the_first_document_counts(void **state)
{
	reads("a: 1\n---\nb: 2\n", "{\"a\":1}");
	reads("--- \n# nothing\n", "null");
	reads("# nothing\n", "null");
	reads("%YAML 1.1\n---\na\n", "\"a\"");
}

static void aliases_and_merges(void **state)
{
	reads("a: &x [1, {b: c}]\nd: *x\ne: [*x]\n", "{\"a\":[1,{\"b\":\"c\"}],\"d\":[1,{\"b\":\"c\"}],\"e\":[[1,{\"b\":\"c\"}]]}");
	reads("- &x a\n- &x b\n- *x\n", "[\"a\",\"b\",\"b\"]");
	reads("- &x {a: 1, b: 2}\n- <<: *x\n  c: 3\n- {<<: [{d: 5}, *x]}\n",
	      "[{\"a\":1,\"b\":2},{\"a\":1,\"b\":2,\"c\":3},{\"a\":1,\"b\":2,\"d\":5}]");
	refuses("*x", "yaml: unknown anchor 'x' referenced");
	refuses("&x [*x]", "yaml: anchor 'x' value contains itself");
	refuses("<<: 1", "yaml: map merge requires map or sequence of maps as the value");
	refuses("<<: [1]", "yaml: map merge requires map or sequence of maps as the value");
}

static void says_what_is_wrong_and_where(void **state)
{
	refuses("a: b: c", "yaml: mapping values are not allowed in this context");
	refuses("a: 1\nb: c: d\n", "yaml: line 2: mapping values are not allowed in this context");
	refuses("a: [1\nb: 2\n", "yaml: line 1: did not find expected ',' or ']'");
	refuses("a: \"x", "yaml: found unexpected end of stream");
	refuses("a:\n\tb: 1\n", "yaml: line 2: found character that cannot start any token");
	refuses("\x01", "yaml: control characters are not allowed");
	refuses("? [a]\n: b\n", "yaml: a key of a mapping is neither a string nor a number nor a boolean");
	refuses("~: b\n", "yaml: a key of a mapping is neither a string nor a number nor a boolean");
}

static void small_documents_stay_small(void **state)
{
	struct buf b = {0};
	char *why = NULL, *twice = NULL;
	json *j = NULL;

	/* each level has ten of the former */
	buf_puts(&b, "a0: &a0 x\n");
	for (int i = 1; i < 12; i++) {
		buf_printf(&b, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			buf_printf(&b, "%s*a%d", k ? "," : "", i - 1);
		buf_puts(&b, "]\n");
	}
	assert_int_equal(yaml_parse(b.data, b.len, &j, &twice, &why), -EINVAL);
	assert_string_equal(why, "yaml: document contains excessive aliasing");
	free(TAKE_PTR(why));
	buf_free(&b);
	/* and deep ones are none */
	for (int i = 0; i < 100000; i++)
		buf_puts(&b, "[");
	assert_int_equal(yaml_parse(b.data, b.len, &j, &twice, &why), -EINVAL);
	assert_string_equal(why, "yaml: nested too deep");
	free(TAKE_PTR(why));
	buf_free(&b);
}

static void cut_documents_never_crash(void **state)
{
	static const char whole[] = "a: &x {b: [1, 'two', \"thr\\u00e9\"]}\n? k\n: |\n  text\n  more\n<<: *x\nz: !!int 5\n";

	for (size_t n = 0; n < strlen(whole); n++) {
		_cleanup_free_ char *cut = xstrndup(whole, n), *why = NULL, *twice = NULL;
		_cleanup_json_ json *j = NULL;

		yaml_parse(cut, n, &j, &twice, &why);
	}
}

static void writes(const char *text, const char *want)
{
	_cleanup_free_ char *why = NULL, *twice = NULL;
	_cleanup_json_ json *j = NULL, *back = NULL;
	struct buf b = {0};

	assert_int_equal(json_parse(text, strlen(text), &j, NULL), 0);
	yaml_print(j, &b);
	assert_string_equal(b.data, want);
	assert_int_equal(yaml_parse(b.data, b.len, &back, &twice, &why), 0);
	assert_true(json_equal(j, back));
	buf_free(&b);
}

static void writes_as_kubernetes_does(void **state)
{
	writes("{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"data\":{\"b\":\"1\",\"a\":\"x y\"},\"list\":[1,{\"c\":null,\"a\":true}],\"e\":{},\"f\":[]}",
	       "apiVersion: v1\ndata:\n  a: x y\n  b: \"1\"\ne: {}\nf: []\nkind: ConfigMap\nlist:\n- 1\n- a: true\n  c: null\n");
	writes("{\"a\":\"yes\",\"b\":\"\",\"c\":\"null\",\"d\":\"1.5\",\"e\":\"a: b\",\"f\":\"l1\\nl2\\n\",\"g\":\"2001-01-01\",\"h\":\"#x\",\"y\":1.5}",
	       "a: \"yes\"\nb: \"\"\nc: \"null\"\nd: \"1.5\"\ne: 'a: b'\nf: |\n  l1\n  l2\ng: \"2001-01-01\"\nh: '#x'\n\"y\": 1.5\n");
	writes("[]", "[]\n");
	writes("\"\xc3\xa4\"", "\xc3\xa4\n");
	writes("9007199254740993", "9007199254740993\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scalars_are_what_go_sees),
		cmocka_unit_test(collections),
		cmocka_unit_test(duplicates_are_told),
		cmocka_unit_test(only_the_first_document_counts),
		cmocka_unit_test(aliases_and_merges),
		cmocka_unit_test(says_what_is_wrong_and_where),
		cmocka_unit_test(small_documents_stay_small),
		cmocka_unit_test(cut_documents_never_crash),
		cmocka_unit_test(writes_as_kubernetes_does),
	};

	return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
