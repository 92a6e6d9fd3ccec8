// SPDX-License-Identifier: GPL-2.0-or-later
/* test_agent_log.c - container logs: their format, however the bytes arrive, and their tails */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "agent/cri_log.h"
#include "agent/log_rotate.h"

#include <sys/stat.h>

#define T0 "2026-11-18T11:06:40.000000001Z"
#define T1 "2026-11-18T11:06:41.5Z"
#define T2 "2026-11-18T11:06:42.123456789Z"
#define LOG \
	T0 " stdout F one\n" \
	T1 " stderr F two words\n" \
	T1 " stdout P half a \n" \
	T2 " stdout F line\n" \
	T2 " stdout F \n" \
	T2 " stdout F:x tagged\n"

static char *run(struct log_options o, const char *log, size_t step)
{
	struct log_format f = { .o = o };
	struct buf out = { 0 };
	size_t len = strlen(log);

	for (size_t i = 0; i < len; i += step)
		log_format_feed(&f, log + i, len - i < step ? len - i : step, &out);
	log_format_clear(&f);
	return buf_steal(&out);
}

static void test_format(void **state)
{
	static const struct {
		const char *what;
		struct log_options o;
		const char *log, *expect;
	} rows[] = {
		{ "plain", { .limit = -1 }, LOG, "one\ntwo words\nhalf a line\n\ntagged\n" },
		{ "timestamps", { .limit = -1, .timestamps = true }, LOG,
		  T0 " one\n" T1 " two words\n" T1 " half a line\n" T2 " \n" T2 " tagged\n" },
		{ "stdout only", { .limit = -1, .no_stderr = true }, LOG, "one\nhalf a line\n\ntagged\n" },
		{ "stderr only", { .limit = -1, .no_stdout = true }, LOG, "two words\n" },
		{ "since", { .limit = -1, .since_us = 1795000002000000 }, LOG, "line\n\ntagged\n" },
		{ "limit", { .limit = 6 }, LOG, "one\ntw" },
		{ "limit at a line's end", { .limit = 4 }, LOG, "one\n" },
		{ "limit in a time", { .limit = 3, .timestamps = true }, LOG, "202" },
		{ "unfinished line", { .limit = -1 }, T0 " stdout F one\n" T1 " stdout F tw", "one\n" },
		{ "no blank after the tag", { .limit = -1 }, T0 " stdout F\n", "\n" },
		{ "another format", { .limit = -1 }, "garbage\n\n" T0 " stdout F one\n", "garbage\n\none\n" },
		{ "empty", { .limit = -1 }, "", "" },
	};
	static const size_t steps[] = { 1, 2, 7, 4096 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
			_cleanup_free_ char *got = run(rows[i].o, rows[i].log, steps[s]);

			if (!streq(got, rows[i].expect))
				fail_msg("%s in steps of %zu: \"%s\"", rows[i].what, steps[s], got);
		}
}

static void test_tail(void **state)
{
	struct buf big = { 0 };
	char path[] = "/tmp/test_agent_log.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(log_tail_offset(fd, 3), 0);
	for (int i = 0; i < 3000; i++)
		buf_printf(&big, "line %04d\n", i);	/* 10 bytes each, over several blocks */
	assert_int_equal(write(fd, big.data, big.len), big.len);
	assert_int_equal(log_tail_offset(fd, 0), 30000);
	assert_int_equal(log_tail_offset(fd, 1), 29990);
	assert_int_equal(log_tail_offset(fd, 1000), 20000);
	assert_int_equal(log_tail_offset(fd, 2999), 10);
	assert_int_equal(log_tail_offset(fd, 3000), 0);
	assert_int_equal(log_tail_offset(fd, 1000000), 0);
	/* A line that is not finished counts. */
	assert_int_equal(write(fd, "half", 4), 4);
	assert_int_equal(log_tail_offset(fd, 1), 30000);
	assert_int_equal(log_tail_offset(fd, 2), 29990);
	buf_free(&big);
	close(fd);
}

/* Each step: the sizes of the log and of those before it ("-": none); what log_rotate() says. */
static void test_rotate(void **state)
{
	static const struct {
		const char *before;
		int expect;
		const char *after;
	} rows[] = {
		{ "-", 0, "-" },
		{ "100", 0, "100" },
		{ "101", 1, "- 101" },
		{ "101 1", 1, "- 101 1" },
		{ "101 1 2", 1, "- 101 1 2" },
		{ "101 1 2 3", 1, "- 101 1 2" },
		{ "101 - 2 3", 1, "- 101 - 2" },	/* an older file stays where none takes its place */
		{ "50 1 2 3", 0, "50 1 2 3" },
		{ "- 500", 1, "- 500" },		/* it was not opened anew */
	};
	char dir[] = "/tmp/keelson-test-log.XXXXXX";
	_cleanup_free_ char *path = NULL, *first = NULL;

	assert_non_null(mkdtemp(dir));
	path = xasprintf("%s/0.log", dir);
	first = xasprintf("%s.1", path);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_cleanup_free_ char *before = xstrdup(rows[i].before);
		char *save = NULL, *t = strtok_r(before, " ", &save);
		struct buf after = { 0 };
		size_t last = 0;

		for (unsigned n = 0; n < 5; n++, t = t ? strtok_r(NULL, " ", &save) : NULL) {
			_cleanup_free_ char *file = n ? xasprintf("%s.%u", path, n) : xstrdup(path);

			unlink(file);
			if (t && *t != '-') {
				assert_int_equal(write_file_atomic(file, "", 0, 0644), 0);
				assert_int_equal(truncate(file, atoi(t)), 0);
			}
		}
		assert_int_equal(log_rotate(path, 100, 4), rows[i].expect);
		for (unsigned n = 0; n < 5; n++) {
			_cleanup_free_ char *file = n ? xasprintf("%s.%u", path, n) : xstrdup(path);
			struct stat st;

			if (stat(file, &st) < 0) {
				buf_puts(&after, " -");
			} else {
				buf_printf(&after, " %lld", (long long)st.st_size);
				last = after.len;
			}
		}
		if (!last)
			last = 2;
		after.data[last] = '\0';
		if (strcmp(after.data + 1, rows[i].after))
			fail_msg("%s: got \"%s\", not \"%s\"", rows[i].before, after.data + 1, rows[i].after);
		buf_free(&after);
	}
	log_rotate_undo(path);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(write_file_atomic(first, "", 0, 0644), 0);
	log_rotate_undo(path);
	assert_int_equal(access(first, F_OK), 0);
	unlink(first);
	unlink(path);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_tail),
		cmocka_unit_test(test_rotate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
