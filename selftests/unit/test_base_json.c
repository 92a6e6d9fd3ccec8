// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base_json.c - the strict reader, exact integers, and the helpers on trees */
#include "test_loop.h"

#include <errno.h>
#include <stdio.h>
#include "base/json.h"

static json *parse(const char *text)
{
	_cleanup_free_ char *msg = NULL;
	json *j = NULL;

	if (json_parse(text, strlen(text), &j, &msg) < 0)
		fail_msg("%s: %s", text, msg);
	return j;
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "{", "}", "[1", "[1,]", "{\"a\":1,}", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "[1 2]", "{} x", "1 2",
		"nul", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x10", "1_0",
		"\"a", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\\u0000\"",
		"\"a\nb\"", "\"\t\"", "\"\x01\"", "// c\n1", "/**/1",
		/* UTF-8: stray continuation, cut short, overlong, surrogate, above U+10FFFF */
		"\"\x80\"", "\"\xc3\"", "\"\xc0\xaf\"", "\"\xe0\x80\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xff\"",
		"\xef\xbb\xbf{}",
		/* duplicates, at any depth */
		"{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":3}", "[{\"x\":{\"k\":1,\"\\u006b\":2}}]",
		/* beyond a double, or beyond cJSON's buffer */
		"1e999", "-1e999", "1111111111111111111111111111111111111111111111111111111111111111111111",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char *msg = NULL;
		json *j = NULL;

		if (json_parse(bad[i], strlen(bad[i]), &j, &msg) != -EINVAL)
			fail_msg("accepted: %s", bad[i]);
		assert_null(j);
		assert_non_null(msg);
		free(msg);
	}
	assert_int_equal(json_parse("[", 1, &(json *){ NULL }, NULL), -EINVAL);
}

static void test_message_names_the_place(void **state)
{
	_cleanup_free_ char *place = NULL, *key = NULL;
	json *j;

	assert_int_equal(json_parse("{\"a\": tru}", 10, &j, &place), -EINVAL);
	assert_non_null(strstr(place, "byte 6"));
	assert_int_equal(json_parse("{\"dup\":1,\"dup\":2}", 17, &j, &key), -EINVAL);
	assert_non_null(strstr(key, "\"dup\""));
}

static void test_nul_inside(void **state)
{
	json *j;

	assert_int_equal(json_parse("1\0", 2, &j, NULL), -EINVAL);
	assert_int_equal(json_parse("\"\0\"", 3, &j, NULL), -EINVAL);
	assert_int_equal(json_parse("{}garbage", 2, &j, NULL), 0);	/* only len bytes count */
	cJSON_Delete(j);
}

/* What is read is printed again as it was. */
static void test_round_trip(void **state)
{
	static const char *const texts[] = {
		"{}", "[]", "\"\"", "0", "-1", "true", "false", "null", "{\"a\":[1,{\"b\":null}],\"A\":\"x\"}",
		"2147483648", "999999999999999", "1000000000000000", "1763884616000000", "9007199254740993", "9223372036854775807",
		"-9223372036854775808", "18446744073709551615", "123456789012345678901234567890", "0.5", "-2.25",
		"\"\xc3\xbc \xe2\x82\xac \xf0\x9f\x9a\xa2\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"", "[1763884616000000,1,1763884616000001,[2]]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_json_ json *j = parse(texts[i]), *c = json_clone(j);
		_cleanup_free_ char *out = json_print(j), *copy = json_print(c);

		assert_string_equal(out, texts[i]);
		assert_string_equal(copy, texts[i]);
		assert_true(json_equal(j, c));
	}
}

static void test_escapes(void **state)
{
	_cleanup_json_ json *j = parse(" [ \"\\u00fc\\ud83d\\udea2\" , \"\\/\" ] \r\n\t");

	assert_string_equal(json_str(j->child), "\xc3\xbc\xf0\x9f\x9a\xa2");
	assert_string_equal(json_str(j->child->next), "/");
}

static void test_depth(void **state)
{
	struct buf ok = { 0 }, deep = { 0 };
	json *j;

	for (int i = 0; i < JSON_MAX_DEPTH; i++)
		buf_puts(&ok, "[");
	for (int i = 0; i < JSON_MAX_DEPTH; i++)
		buf_puts(&ok, "]");
	assert_int_equal(json_parse(ok.data, ok.len, &j, NULL), 0);
	cJSON_Delete(j);
	for (int i = 0; i < 100000; i++)
		buf_puts(&deep, "[");
	assert_int_equal(json_parse(deep.data, deep.len, &j, NULL), -EINVAL);
	buf_free(&ok);
	buf_free(&deep);
}

static void test_integers(void **state)
{
	static const int64_t values[] = {
		0, -1, 42, INT32_MAX, INT32_MIN, 1LL << 53, (1LL << 53) + 1, 999999999999999, 1000000000000000, 1763884616000000,
		INT64_MAX, INT64_MIN,
	};
	static const char *const none[] = { "1.5", "18446744073709551615", "\"1\"", "true", "null", "{}", "1e16" };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		_cleanup_free_ char *digits = xasprintf("%lld", (long long)values[i]), *printed = NULL;
		_cleanup_json_ json *made = json_new_int(values[i]), *read = parse(digits);

		printed = json_print(made);
		assert_string_equal(printed, digits);
		assert_true(json_is_int(made) && json_is_int(read));
		assert_true(json_int(made, 7) == values[i] && json_int(read, 7) == values[i]);
		assert_true(json_equal(made, read));
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		_cleanup_json_ json *j = parse(none[i]);

		assert_false(json_is_int(j));
		assert_int_equal(json_int(j, 7), 7);
	}
	assert_int_equal(json_int(NULL, 7), 7);
}

static void test_readers(void **state)
{
	_cleanup_json_ json *j = parse("{\"metadata\":{\"name\":\"x\",\"Name\":\"y\"},\"n\":3,\"t\":true,\"z\":null,\"l\":[1,2]}");
	int n = 0;

	assert_string_equal(json_str(json_get(j, "metadata", "name")), "x");
	assert_string_equal(json_str(json_get(j, "metadata", "Name")), "y");
	assert_null(json_get(j, "metadata", "NAME"));
	assert_null(json_get(j, "n", "name"));
	assert_null(json_get(j, "l", "0"));
	assert_null(json_get(NULL, "a"));
	assert_null(json_str(json_get(j, "n")));
	assert_string_equal(json_str_or(json_get(j, "n"), "d"), "d");
	assert_true(json_bool(json_get(j, "t"), false));
	assert_true(json_bool(json_get(j, "z"), true));
	assert_false(json_bool(NULL, false));
	assert_int_equal(json_len(j), 5);
	assert_int_equal(json_len(json_get(j, "l")), 2);
	assert_int_equal(json_len(json_get(j, "n")), 0);
	assert_int_equal(json_len(NULL), 0);
	json_each(it, json_get(j, "l"))
		n += json_int(it, 0);
	assert_int_equal(n, 3);
	json_each(it, json_get(j, "absent"))
		n++;
	assert_int_equal(n, 3);
	assert_string_equal(json_key(j->child), "metadata");
}

static void expect_print(const json *j, const char *text)
{
	_cleanup_free_ char *s = json_print(j);

	assert_string_equal(s, text);
}

static void test_writers(void **state)
{
	_cleanup_json_ json *j = json_new_object(), *taken = NULL;

	json_set_str(j, "a", "1");
	json_set_int(j, "b", 2);
	json_set_bool(j, "c", true);
	json_set(j, "d", json_new_null());
	expect_print(j, "{\"a\":\"1\",\"b\":2,\"c\":true,\"d\":null}");
	json_set_str(j, "b", "in place");
	json_set_str(j, "a", NULL);
	json_set_str(j, "absent", NULL);
	json_del(j, "c");
	json_del(j, "absent");
	expect_print(j, "{\"b\":\"in place\",\"d\":null}");
	json_set(j, "b", json_get(j, "b"));	/* itself */
	taken = json_take(j, "b");
	assert_string_equal(json_str(taken), "in place");
	assert_null(json_take(j, "b"));
	assert_null(json_take(taken, "b"));
	json_set_int(json_obj(j, "d", "e"), "f", 1);	/* null becomes an object */
	json_append(json_set(j, "l", json_new_array()), json_new_int(1));
	json_append(json_get(j, "l"), TAKE_PTR(taken));
	expect_print(j, "{\"d\":{\"e\":{\"f\":1}},\"l\":[1,\"in place\"]}");
	assert_ptr_equal(json_obj(j, "d", "e"), json_get(j, "d", "e"));
}

static void test_build(void **state)
{
	_cleanup_json_ json *j = json_build("{\"a\":[%d,\"%s\"]}", 3, "x");
	_cleanup_free_ char *pretty = json_print_pretty(j);

	expect_print(j, "{\"a\":[3,\"x\"]}");
	assert_non_null(strchr(pretty, '\n'));
	assert_null(json_clone(NULL));
}

static void test_equal(void **state)
{
	static const struct { const char *a, *b; bool equal; } cases[] = {
		{ "{\"a\":1,\"b\":[1,2]}", "{\"b\":[1,2],\"a\":1.0}", true },
		{ "{\"a\":1}", "{\"a\":1,\"b\":null}", false },
		{ "{\"a\":1,\"c\":2}", "{\"a\":1,\"b\":2}", false },
		{ "[1,2]", "[2,1]", false }, { "[1]", "[1,1]", false }, { "[]", "{}", false },
		{ "1", "\"1\"", false }, { "null", "false", false }, { "true", "true", true }, { "true", "false", false },
		{ "9223372036854775807", "9223372036854775806", false },
		{ "18446744073709551615", "18446744073709551615", true },
		{ "12345678901234567.9", "12345678901234568", true }, { "12345678901234567.9", "\"12345678901234568\"", false },
		{ "18446744073709551615", "18446744073709551614", false }, { "9223372036854775807", "1", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_json_ json *a = parse(cases[i].a), *b = parse(cases[i].b);

		assert_int_equal(json_equal(a, b), cases[i].equal);
		assert_int_equal(json_equal(b, a), cases[i].equal);
		assert_false(json_equal(a, NULL));
	}
	assert_true(json_equal(NULL, NULL));
}

/* Trees share the names of their members; names that are long, or too many, work as well. */
static void test_keys(void **state)
{
	_cleanup_json_ json *a = json_build("{\"shared\":{\"shared\":1}}"), *b = json_new_object(), *c = NULL, *many = NULL;
	char name[128];

	json_set_int(b, "shared", 2);
	c = json_clone(a);
	assert_ptr_equal(json_key(a->child), json_key(b->child));
	assert_ptr_equal(json_key(a->child), json_key(c->child));
	assert_ptr_equal(json_key(a->child), json_key(a->child->child));
	/* A node that moves to another name, is replaced, or stands in an array. */
	json_set(b, "other", json_take(c, "shared"));
	json_set(b, "shared", json_new_str("x"));
	json_append(json_set(b, "list", json_new_array()), json_take(b, "other"));
	{
		_cleanup_free_ char *text = json_print(b);

		assert_string_equal(text, "{\"shared\":\"x\",\"list\":[{\"shared\":1}]}");
	}
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	json_set_int(a, name, 5);
	json_set_int(a, "", 6);
	assert_int_equal(json_int(json_get(a, name), 0), 5);
	assert_int_equal(json_int(json_get(a, ""), 0), 6);
	many = json_new_object();
	for (int i = 0; i < 10000; i++) {
		_cleanup_json_ json *one = json_build("{\"name-%d\":%d}", i, i);

		snprintf(name, sizeof(name), "name-%d", i);
		assert_int_equal(json_int(json_get(one, name), -1), i);
		if (i % 100 == 0)
			json_set(many, name, json_clone(json_get(one, name)));
	}
	assert_int_equal(json_len(many), 100);
	json_each(it, many)
		assert_ptr_equal(json_get(many, json_key(it)), it);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_message_names_the_place),
		cmocka_unit_test(test_nul_inside),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_readers),
		cmocka_unit_test(test_writers),
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
