// SPDX-License-Identifier: GPL-2.0-or-later
/* test_base_members.c - members of large objects */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/members.h"

#define MANY 20000

/* {"k00000":0,"k00001":1,...}, from either end */
static json *large(bool backwards)
{
	json *obj = json_new_object();
	char key[16];

	for (int i = 0; i < MANY; i++) {
		int n = backwards ? MANY - 1 - i : i;

		snprintf(key, sizeof(key), "k%05d", n);
		cJSON_AddItemToObject(obj, key, json_new_int(n));
	}
	return obj;
}

static void finds_each_whatever_the_order(void **state)
{
	for (int backwards = 0; backwards < 2; backwards++) {
		_cleanup_json_ json *obj = large(backwards);
		_cleanup_members_ struct members m = members_of(obj);
		char key[16];

		for (int i = 0; i < MANY; i++) {
			snprintf(key, sizeof(key), "k%05d", i);
			assert_int_equal(json_int(members_get(&m, key), -1), i);
		}
		assert_null(members_get(&m, "k"));
		assert_null(members_get(&m, "z"));
		assert_int_equal(json_int(members_get(&m, "k00007"), -1), 7);
	}
}

static void nothing_has_no_members(void **state)
{
	_cleanup_json_ json *empty = json_new_object();
	_cleanup_members_ struct members m = members_of(NULL), n = members_of(empty);
	_cleanup_free_ const json **list = NULL;
	unsigned count;

	for (int i = 0; i < 100; i++) {
		assert_null(members_get(&m, "a"));
		assert_null(members_get(&n, "a"));
	}
	list = members_sorted(NULL, &count);
	assert_int_equal(count, 0);
}

static void sorts(void **state)
{
	_cleanup_json_ json *obj = large(true);
	_cleanup_free_ const json **list = NULL;
	unsigned n;

	list = members_sorted(obj, &n);
	assert_int_equal(n, MANY);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(json_int(list[i], -1), i);
}

static void equal_in_any_order(void **state)
{
	_cleanup_json_ json *a = large(false), *b = large(true);

	assert_true(json_equal(a, b));
	json_set_int(b, "k00100", 1);
	assert_false(json_equal(a, b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each_whatever_the_order),
		cmocka_unit_test(nothing_has_no_members),
		cmocka_unit_test(sorts),
		cmocka_unit_test(equal_in_any_order),
	};

	return cmocka_run_group_tests_name("members", tests, NULL, NULL);
}
