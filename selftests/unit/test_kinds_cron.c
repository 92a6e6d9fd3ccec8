// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_cron.c - schedules: what is understood, what is said of the rest, and when they are due */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "api/kinds/cron.h"
#include "base/util.h"
#include "base/zone.h"

static void bad_texts(void **state)
{
	static const char *const v[][2] = {
		{ "", "empty spec string" },
		{ "* * * *", "expected exactly 5 fields, found 4: [* * * *]" },
		{ "* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]" },
		{ "60 * * * *", "end of range (60) above maximum (59): 60" },
		{ "* * 0 * *", "beginning of range (0) below minimum (1): 0" },
		{ "* * * * 7", "end of range (7) above maximum (6): 7" },
		{ "5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1" },
		{ "1-2-3 * * * *", "too many hyphens: 1-2-3" },
		{ "1/2/3 * * * *", "too many slashes: 1/2/3" },
		{ "*/0 * * * *", "step of range should be a positive number: */0" },
		{ "x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax" },
		{ "-5 * * * *", "failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax" },
		{ "1/ * * * *", "failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax" },
		{ "99999999999999999999 * * * *",
		  "failed to parse int from 99999999999999999999: strconv.Atoi: parsing \"99999999999999999999\": value out of range" },
		{ "@never", "unrecognized descriptor: @never" },
		{ "@every", "unrecognized descriptor: @every" },
		{ "@every x", "failed to parse duration @every x: time: invalid duration \"x\"" },
		{ "@every 5", "failed to parse duration @every 5: time: missing unit in duration \"5\"" },
		{ "TZ=UTC", "expected exactly 5 fields, found 0: []" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_free_ char *why = NULL;
		struct cron *c;

		assert_int_equal(cron_parse(v[i][0], &c, &why), -EINVAL);
		assert_string_equal(why, v[i][1]);
	}
}

static int64_t at(const char *time)
{
	uint64_t us;

	assert_int_equal(parse_time(time, &us), 0);
	return us / 1000000;
}

static void due(const char *schedule, const struct zone *zone, const char *after, const char *want)
{
	_cleanup_cron_ struct cron *c = NULL;
	_cleanup_free_ char *why = NULL;
	int64_t next;
	char got[32];

	if (cron_parse(schedule, &c, &why))
		fail_msg("%s: %s", schedule, why);
	next = cron_next(c, zone, at(after));
	if (!want) {
		assert_int_equal(next, -1);
		return;
	}
	format_time(next * 1000000, got);
	if (!streq(got, want))
		fail_msg("%s after %s: got %s, want %s", schedule, after, got, want);
}

static void times(void **state)
{
	static const char *const v[][3] = {
		{ "* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z" },
		{ "* * * * *", "2026-01-01T00:00:59Z", "2026-01-01T00:01:00Z" },
		{ "*/15 * * * *", "2026-01-01T00:14:59Z", "2026-01-01T00:15:00Z" },
		{ "5/20 * * * *", "2026-01-01T00:25:00Z", "2026-01-01T00:45:00Z" },
		{ "5/20 * * * *", "2026-01-01T00:45:00Z", "2026-01-01T01:05:00Z" },
		{ "30 2 * * *", "2026-01-01T02:30:00Z", "2026-01-02T02:30:00Z" },
		{ "0 0 1 1 *", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z" },
		{ "0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z" },
		{ "0 12 * * mon-FRI", "2026-01-02T12:00:00Z", "2026-01-05T12:00:00Z" },
		/* either of the days, unless one does not choose */
		{ "0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z" },
		{ "0 0 13 * *", "2026-01-01T00:00:00Z", "2026-01-13T00:00:00Z" },
		{ "0 0 */2 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z" },
		{ "0 0 ? * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z" },
		{ "1,,3 * * * *", "2026-01-01T00:01:00Z", "2026-01-01T00:03:00Z" },
		{ "0 0 1 dec ?", "2026-01-01T00:00:00Z", "2026-12-01T00:00:00Z" },
		{ "@yearly", "2026-05-01T00:00:00Z", "2027-01-01T00:00:00Z" },
		{ "@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z" },
		{ "@hourly", "2026-01-01T00:30:00Z", "2026-01-01T01:00:00Z" },
		{ "@every 1m30s", "2026-01-01T00:00:05Z", "2026-01-01T00:01:35Z" },
		{ "@every 1ms", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z" },
		{ "TZ=UTC  0 1 * * *", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z" },
		{ "0 0 30 2 *", "2026-01-01T00:00:00Z", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		due(v[i][0], NULL, v[i][1], v[i][2]);
}

static void zones(void **state)
{
	_cleanup_zone_ struct zone *z = NULL;
	_cleanup_free_ char *name = cron_text_zone("CRON_TZ=Asia/Tokyo 0 1 * * *");

	assert_string_equal(name, "Asia/Tokyo");
	assert_null(cron_text_zone("0 1 * * *"));
	if (zone_load("Europe/Berlin", &z))
		skip();
	due("0 12 * * *", z, "2026-07-01T00:00:00Z", "2026-07-01T10:00:00Z");
	due("0 12 * * *", z, "2026-01-01T00:00:00Z", "2026-01-01T11:00:00Z");
	due("0 0 1 * *", z, "2026-07-01T00:00:00Z", "2026-07-31T22:00:00Z");
	/* an hour that there is not that day, and one that comes twice */
	due("30 2 * * *", z, "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z");
	due("30 2 * * *", z, "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z");
	due("30 2 * * *", z, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_texts),
		cmocka_unit_test(times),
		cmocka_unit_test(zones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
