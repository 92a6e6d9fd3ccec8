// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base_metrics.c - metrics and their text, byte by byte */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "base/metrics.h"

/* What is printed of one family, from its HELP to the next one's; caller frees. */
static char *text_of(const char *name)
{
	_cleanup_free_ char *help = xasprintf("# HELP %s ", name);
	struct buf out = { 0 };
	char *from, *to, *text;

	metrics_print(&out);
	from = strstr(out.data, help);
	assert_non_null(from);
	to = strstr(from + 1, "# HELP ");
	text = xstrndup(from, to ? (size_t)(to - from) : strlen(from));
	buf_free(&out);
	return text;
}

static void counters(void **state)
{
	static struct metric_family f = {
		.name = "test_requests_total", .help = "How many.\nAnd a \\.", .type = METRIC_COUNTER, .labels = { "code", "verb" },
	};
	struct metric *m = metric_of(&f, "200", "GET");
	_cleanup_free_ char *text = NULL;

	metric_add(m, 1);
	metric_add(m, 1000000);
	assert_ptr_equal(metric_of(&f, "200", "GET"), m);
	/* The same letters, cut elsewhere. */
	metric_add(metric_of(&f, "200G", "ET"), 1);
	metric_add(metric_of(&f, "200", "a\"b\\c\nd"), 0.5);
	metric_of(&f, "", "");
	text = text_of("test_requests_total");
	assert_string_equal(text,
			    "# HELP test_requests_total How many.\\nAnd a \\\\.\n"
			    "# TYPE test_requests_total counter\n"
			    "test_requests_total{code=\"\",verb=\"\"} 0\n"
			    "test_requests_total{code=\"200\",verb=\"GET\"} 1000001\n"
			    "test_requests_total{code=\"200\",verb=\"a\\\"b\\\\c\\nd\"} 0.5\n"
			    "test_requests_total{code=\"200G\",verb=\"ET\"} 1\n");
}

static int asked;

static void set_gauge(void *data)
{
	asked++;
	metric_set(metric_get(data, NULL), -asked);
}

static void gauges(void **state)
{
	static struct metric_family f = { .name = "test_depth", .help = "Deep.", .type = METRIC_GAUGE };
	struct metrics_hook hook = { .fn = set_gauge, .data = &f };
	_cleanup_free_ char *text = NULL, *again = NULL;

	metrics_hook_add(&hook);
	text = text_of("test_depth");
	assert_string_equal(text, "# HELP test_depth Deep.\n# TYPE test_depth gauge\ntest_depth -1\n");
	metrics_hook_remove(&hook);
	metric_add(metric_get(&f, NULL), -0.25);
	again = text_of("test_depth");
	assert_string_equal(again, "# HELP test_depth Deep.\n# TYPE test_depth gauge\ntest_depth -1.25\n");
	assert_int_equal(asked, 1);
}

static void histograms(void **state)
{
	static const double bounds[] = { 0.005, 0.1, 1, 2.5, 10000 };
	static struct metric_family f = {
		.name = "test_seconds", .help = "Long.", .type = METRIC_HISTOGRAM, .labels = { "name" }, METRIC_BOUNDS(bounds),
	};
	struct metric *m = metric_of(&f, "a");
	_cleanup_free_ char *text = NULL;

	metric_observe(m, 0.001);
	metric_observe(m, 0.1);		/* a bound belongs to its bucket */
	metric_observe(m, 0.10001);
	metric_observe(m, 20000);
	text = text_of("test_seconds");
	assert_string_equal(text,
			    "# HELP test_seconds Long.\n"
			    "# TYPE test_seconds histogram\n"
			    "test_seconds_bucket{name=\"a\",le=\"0.005\"} 1\n"
			    "test_seconds_bucket{name=\"a\",le=\"0.1\"} 2\n"
			    "test_seconds_bucket{name=\"a\",le=\"1\"} 3\n"
			    "test_seconds_bucket{name=\"a\",le=\"2.5\"} 3\n"
			    "test_seconds_bucket{name=\"a\",le=\"10000\"} 3\n"
			    "test_seconds_bucket{name=\"a\",le=\"+Inf\"} 4\n"
			    "test_seconds_sum{name=\"a\"} 20000.20101\n"
			    "test_seconds_count{name=\"a\"} 4\n");
}

static void histograms_counted_elsewhere(void **state)
{
	static const double bounds[] = { 1, 2 };
	static struct metric_family f = { .name = "test_turns", .help = "t", .type = METRIC_HISTOGRAM, METRIC_BOUNDS(bounds) };
	static const uint64_t within[] = { 3, 4 };
	_cleanup_free_ char *text = NULL;

	metric_set_histogram(metric_get(&f, NULL), within, 9, 12.5);
	text = text_of("test_turns");
	assert_string_equal(text,
			    "# HELP test_turns t\n# TYPE test_turns histogram\n"
			    "test_turns_bucket{le=\"1\"} 3\ntest_turns_bucket{le=\"2\"} 4\ntest_turns_bucket{le=\"+Inf\"} 9\n"
			    "test_turns_sum 12.5\ntest_turns_count 9\n");
}

static void numbers(void **state)
{
	static struct metric_family f = { .name = "test_number", .help = "n", .type = METRIC_GAUGE };
	static const struct {
		double v;
		const char *text;
	} cases[] = {
		{ 0, " 0\n" }, { 0.1, " 0.1\n" }, { 1e-8, " 1e-08\n" }, { 123456789, " 123456789\n" }, { 1e21, " 1e+21\n" },
		{ INFINITY, " +Inf\n" }, { -INFINITY, " -Inf\n" }, { NAN, " NaN\n" }, { 1.7e9 + 0.25, " 1700000000.25\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL;

		metric_set(metric_get(&f, NULL), cases[i].v);
		text = text_of("test_number");
		if (!endswith(text, cases[i].text))
			fail_msg("%g: want%sgot %s", cases[i].v, cases[i].text, text);
	}
}

/* A value of the process. */
static double process(const char *name)
{
	_cleanup_free_ char *text = text_of(name);

	return strtod(strrchr(text, ' ') + 1, NULL);
}

static void the_process(void **state)
{
	double now = (double)now_realtime_us() / 1e6;

	assert_true(process("process_cpu_seconds_total") > 0);
	assert_true(process("process_resident_memory_bytes") > 1e6);
	assert_true(process("process_virtual_memory_bytes") >= process("process_resident_memory_bytes"));
	assert_true(process("process_open_fds") >= 3 && process("process_open_fds") < process("process_max_fds"));
	assert_true(process("process_start_time_seconds") <= now + 1 && process("process_start_time_seconds") > now - 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters),
		cmocka_unit_test(gauges),
		cmocka_unit_test(histograms),
		cmocka_unit_test(histograms_counted_elsewhere),
		cmocka_unit_test(numbers),
		cmocka_unit_test(the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
