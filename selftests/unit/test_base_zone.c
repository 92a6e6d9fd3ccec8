// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base_zone.c - the calendar, and what clocks show in other places */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "base/util.h"
#include "base/zone.h"

static void days_and_dates(void **state)
{
	static const struct {
		int64_t year;
		int month, day;
		int64_t days;
	} v[] = {
		{ 1970, 1, 1, 0 }, { 1969, 12, 31, -1 }, { 2000, 2, 29, 11016 }, { 2000, 3, 1, 11017 },
		{ 2026, 11, 27, 20784 }, { 1900, 3, 1, -25508 }, { 2100, 2, 28, 47540 }, { 2100, 3, 1, 47541 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		int64_t year;
		int month, day;

		assert_int_equal(days_of_date(v[i].year, v[i].month, v[i].day), v[i].days);
		date_of_days(v[i].days, &year, &month, &day);
		assert_int_equal(year, v[i].year);
		assert_int_equal(month, v[i].month);
		assert_int_equal(day, v[i].day);
	}
	/* a month too many is one of the next year */
	assert_int_equal(days_of_date(2025, 13, 1), days_of_date(2026, 1, 1));
}

/* A file as the database has them: no changes listed, only the rules. */
static int by_rules(const char *rules, struct zone **ret)
{
	static const char header[] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"	/* 20 bytes */
		"\0\0\0\0" "\0\0\0\0" "\0\0\0\0" "\0\0\0\0" "\0\0\0\1" "\0\0\0\4";
	static const char type[] = "\0\0\0\0\0\0LMT";	/* 6 and 4 with the NUL */
	_cleanup_free_ char *data = NULL;
	struct buf b = {0};
	int err;

	for (int i = 0; i < 2; i++) {
		buf_add(&b, header, 44);
		buf_add(&b, type, 10);
	}
	buf_printf(&b, "\n%s\n", rules);
	err = zone_parse(b.data, b.len, ret);
	buf_free(&b);
	return err;
}

#define AT(y, mo, d, h, mi) (days_of_date(y, mo, d) * 86400 + (h) * 3600 + (mi) * 60)

static void rules(void **state)
{
	_cleanup_zone_ struct zone *berlin = NULL, *sydney = NULL, *kolkata = NULL, *julian = NULL;
	struct zone *bad;

	assert_int_equal(by_rules("CET-1CEST,M3.5.0,M10.5.0/3", &berlin), 0);
	assert_int_equal(zone_offset(berlin, AT(2026, 3, 29, 0, 59)), 3600);
	assert_int_equal(zone_offset(berlin, AT(2026, 3, 29, 1, 0)), 7200);
	assert_int_equal(zone_offset(berlin, AT(2026, 10, 25, 0, 59)), 7200);
	assert_int_equal(zone_offset(berlin, AT(2026, 10, 25, 1, 0)), 3600);
	/* noon there */
	assert_int_equal(zone_time(berlin, AT(2026, 7, 1, 12, 0)), AT(2026, 7, 1, 10, 0));
	assert_int_equal(zone_time(berlin, AT(2026, 1, 1, 12, 0)), AT(2026, 1, 1, 11, 0));

	/* summer lies across the year's end */
	assert_int_equal(by_rules("AEST-10AEDT,M10.1.0,M4.1.0/3", &sydney), 0);
	assert_int_equal(zone_offset(sydney, AT(2026, 1, 1, 0, 0)), 39600);
	assert_int_equal(zone_offset(sydney, AT(2026, 6, 1, 0, 0)), 36000);

	assert_int_equal(by_rules("IST-5:30", &kolkata), 0);
	assert_int_equal(zone_offset(kolkata, AT(2026, 6, 1, 0, 0)), 19800);
	assert_int_equal(by_rules("<-03>3<-02>,J60/0,300/0", &julian), 0);
	assert_int_equal(zone_offset(julian, AT(2024, 2, 29, 12, 0)), -10800);
	assert_int_equal(zone_offset(julian, AT(2024, 3, 1, 12, 0)), -7200);

	assert_int_equal(by_rules("CET-1CEST,M3.5.0", &bad), -EINVAL);
	assert_int_equal(by_rules("CET-1CEST,M13.5.0,M10.5.0", &bad), -EINVAL);
	assert_int_equal(by_rules("C-1", &bad), -EINVAL);
	assert_int_equal(zone_parse("TZif", 4, &bad), -EINVAL);
}

static void names(void **state)
{
	_cleanup_zone_ struct zone *utc = NULL;
	struct zone *none;

	assert_int_equal(zone_load("UTC", &utc), 0);
	assert_int_equal(zone_offset(utc, 0), 0);
	assert_int_equal(zone_offset(NULL, 1), 0);
	assert_int_equal(zone_load("Nowhere/Never", &none), -ENOENT);
	assert_int_equal(zone_load("../../../etc/passwd", &none), -ENOENT);
	assert_int_equal(zone_load("", &none), -ENOENT);
}

/* Where this machine has the database: real changes, before and after the last that is listed. */
static void the_database(void **state)
{
	_cleanup_zone_ struct zone *z = NULL;

	if (zone_load("Europe/Berlin", &z))
		skip();
	assert_int_equal(zone_offset(z, AT(1980, 4, 6, 0, 59)), 3600);
	assert_int_equal(zone_offset(z, AT(1980, 4, 6, 1, 0)), 7200);
	assert_int_equal(zone_offset(z, AT(2031, 8, 1, 0, 0)), 7200);
	assert_int_equal(zone_offset(z, AT(2090, 1, 1, 0, 0)), 3600);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_and_dates),
		cmocka_unit_test(rules),
		cmocka_unit_test(names),
		cmocka_unit_test(the_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
