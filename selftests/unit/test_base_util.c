// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base_util.c - strings, buffers, numbers, times, files */
#include "test_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include "base/util.h"

static void test_strings(void **state)
{
	assert_true(streq(NULL, NULL) && streq("a", "a"));
	assert_false(streq("a", NULL) || streq(NULL, "a") || streq("a", "b"));
	assert_true(startswith("abc", "ab") && startswith("abc", ""));
	assert_false(startswith("ab", "abc"));
	assert_true(endswith("abc", "bc") && endswith("abc", "") && endswith("abc", "abc"));
	assert_false(endswith("bc", "abc") || endswith("abc", "ab"));
}

static void test_buf(void **state)
{
	struct buf b = { 0 };
	char *s;

	s = buf_steal(&b);
	assert_string_equal(s, "");
	free(s);
	buf_consume(&b, 0);
	buf_printf(&b, "%d-%s", 7, "x");
	assert_string_equal(b.data, "7-x");
	for (int i = 0; i < 1000; i++)
		buf_add(&b, "0123456789", 10);
	assert_int_equal(b.len, 10003);
	assert_int_equal(b.data[b.len], 0);
	buf_consume(&b, 9993);
	assert_string_equal(b.data, "0123456789");
	buf_consume(&b, 10);
	assert_string_equal(b.data, "");
	buf_add(&b, NULL, 0);
	buf_puts(&b, "end");
	s = buf_steal(&b);
	assert_string_equal(s, "end");
	assert_null(b.data);
	free(s);
	buf_free(&b);
}

static void test_numbers(void **state)
{
	static const struct { const char *s; int64_t min, max; int r; int64_t v; } cases[] = {
		{ "0", 0, 9, 0, 0 }, { "-5", -9, 9, 0, -5 }, { "007", 0, 9, 0, 7 }, { "10", 0, 9, -ERANGE, 0 }, { "-1", 0, 9, -ERANGE, 0 },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX },
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN },
		{ "9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE, 0 },
		{ "", 0, 9, -EINVAL, 0 }, { "-", -9, 9, -EINVAL, 0 }, { " 1", 0, 9, -EINVAL, 0 }, { "1 ", 0, 9, -EINVAL, 0 },
		{ "+1", 0, 9, -EINVAL, 0 }, { "1x", 0, 9, -EINVAL, 0 }, { "0x1", 0, 9, -EINVAL, 0 }, { "--1", -9, 9, -EINVAL, 0 },
		{ "1.0", 0, 9, -EINVAL, 0 }, { NULL, 0, 9, -EINVAL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int64_t v = 77;

		assert_int_equal(parse_i64(cases[i].s, cases[i].min, cases[i].max, &v), cases[i].r);
		assert_true(v == (cases[i].r ? 77 : cases[i].v));
	}
}

static void test_times(void **state)
{
	static const struct { const char *s; uint64_t us; } good[] = {
		{ "1970-01-01T00:00:00Z", 0 }, { "2026-11-23T05:56:46Z", 1795413406000000 },
		{ "2026-11-23T05:56:46.5Z", 1795413406500000 }, { "2026-11-23T05:56:46.123456Z", 1795413406123456 },
		{ "2026-11-23T05:56:46.123456789Z", 1795413406123456 }, { "2026-11-23T07:26:46+01:30", 1795413406000000 },
		{ "2026-11-22T21:56:46-08:00", 1795413406000000 }, { "2024-02-29T23:59:59Z", 1709251199000000 },
		{ "1970-01-01T01:00:00+01:00", 0 }, { "2100-01-01T00:00:00.000001Z", 4102444800000001 },
	};
	static const char *const bad[] = {
		"", "2026", "2026-11-23", "2026-11-23T05:56:46", "2026-11-23 05:56:46Z", "2026-11-23t05:56:46Z", "2026-11-23T05:56:46z",
		"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-00T00:00:00Z",
		"2026-11-23T24:00:00Z", "2026-11-23T05:60:00Z", "2026-11-23T05:56:60Z", "2026-1-23T05:56:46Z", "26-11-23T05:56:46Z",
		" 2026-11-23T05:56:46Z", "2026-11-23T05:56:46Zx", "2026-11-23T05:56:46.Z", "2026-11-23T05:56:46+1:30", "2026-11-23T05:56:46+0130",
		"2026-11-23T05:56:46+24:00", "2026-11-23T05:56:46+01:60", "2026-11-23T05:56:46+-1:30", "1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00+00:01", "+026-11-23T05:56:46Z",
	};
	char out[32];
	uint64_t us;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		us = 1;
		if (parse_time(good[i].s, &us) < 0)
			fail_msg("refused: %s", good[i].s);
		assert_true(us == good[i].us);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (parse_time(bad[i], &us) != -EINVAL)
			fail_msg("accepted: %s", bad[i]);
	format_time(1795413406999999, out);
	assert_string_equal(out, "2026-11-23T05:56:46Z");
	format_micro_time(1795413406000042, out);
	assert_string_equal(out, "2026-11-23T05:56:46.000042Z");
	format_time(0, out);
	assert_string_equal(out, "1970-01-01T00:00:00Z");
}

static void test_random(void **state)
{
	char a[11], b[11], u[37], v[37];

	random_suffix(a, 10);
	random_suffix(b, 10);
	assert_string_not_equal(a, b);
	assert_int_equal(strspn(a, "bcdfghjklmnpqrstvwxz2456789"), 10);
	assert_int_equal(a[10], 0);
	random_uuid(u);
	random_uuid(v);
	assert_string_not_equal(u, v);
	assert_int_equal(strlen(u), 36);
	assert_int_equal(u[14], '4');
	assert_non_null(strchr("89ab", u[19]));
	for (int i = 0; i < 36; i++)
		assert_true(i == 8 || i == 13 || i == 18 || i == 23 ? u[i] == '-' : strchr("0123456789abcdef", u[i]) != NULL);
}

static void test_files(void **state)
{
	char dir[] = "/tmp/keelson-test-util.XXXXXX";
	_cleanup_free_ char *deep = NULL, *path = NULL, *through = NULL, *text = NULL, *again = NULL, *rm = NULL;
	struct stat st;
	size_t len;

	assert_non_null(mkdtemp(dir));
	deep = xasprintf("%s/a/b/c/", dir);
	assert_int_equal(mkdir_p(deep, 0755), 0);
	assert_int_equal(mkdir_p(deep, 0755), 0);
	assert_int_equal(mkdir_p("/", 0755), 0);
	path = xasprintf("%s/a/file", dir);
	assert_int_equal(write_file_atomic(path, "one\0two", 7, 0640), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(read_file(path, 7, &text, &len), 0);
	assert_int_equal(len, 7);
	assert_memory_equal(text, "one\0two", 8);
	assert_int_equal(read_file(path, 6, &again, &len), -EFBIG);
	assert_int_equal(write_file_atomic(path, "", 0, 0600), 0);
	assert_int_equal(read_file(path, 0, &again, NULL), 0);
	assert_string_equal(again, "");
	assert_int_equal(mkdir_p(path, 0755), -ENOTDIR);
	through = xasprintf("%s/d", path);
	assert_int_equal(mkdir_p(through, 0755), -ENOTDIR);
	assert_int_equal(read_file(through, 9, &text, NULL), -ENOTDIR);
	assert_int_equal(write_file_atomic("/nonexistent/x", "", 0, 0600), -ENOENT);
	rm = xasprintf("rm -r '%s'", dir);
	assert_int_equal(system(rm), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_buf),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
