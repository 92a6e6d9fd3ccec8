// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base_log.c - what a line looks like, and which are left out */
#include "test_loop.h"

#include <fcntl.h>
#include <stdio.h>
#include "base/log.h"

static char path[] = "/tmp/keelson-test-log.XXXXXX";

/* What log_at() wrote to standard error. */
static char *capture(int priority, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC), old = dup(2);
	char *ret;

	assert_true(fd >= 0 && old >= 0);
	dup2(fd, 2);
	log_at(priority, "%s", text);
	dup2(old, 2);
	close(fd);
	close(old);
	assert_int_equal(read_file(path, 4096, &ret, NULL), 0);
	return ret;
}

static void test_terminal(void **state)
{
	_cleanup_free_ char *err = NULL, *info = NULL, *debug = NULL, *shown = NULL;
	uint64_t us;

	unsetenv("JOURNAL_STREAM");
	log_set_name("agent node1");
	err = capture(LOG_ERR, "it broke");
	assert_non_null(strstr(err, " agent node1: error: it broke\n"));
	err[strcspn(err, " ")] = '\0';
	assert_int_equal(parse_time(err, &us), 0);
	info = capture(LOG_INFO, "x");
	assert_non_null(strstr(info, " agent node1: x\n"));
	debug = capture(LOG_DEBUG, "x");
	assert_string_equal(debug, "");
	log_set_level(LOG_DEBUG);
	shown = capture(LOG_DEBUG, "x");
	assert_string_not_equal(shown, "");
	log_set_level(LOG_INFO);
}

static void test_journal(void **state)
{
	_cleanup_free_ char *line = NULL;

	setenv("JOURNAL_STREAM", "8:1", 1);
	line = capture(LOG_WARNING, "careful");
	assert_string_equal(line, "<4>careful\n");
}

static int setup(void **state)
{
	int fd = mkstemp(path);

	close(fd);
	return fd < 0;
}

static int teardown(void **state)
{
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_journal),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
