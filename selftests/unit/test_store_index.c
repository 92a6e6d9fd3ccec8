// SPDX-License-Identifier: GPL-2.0-or-later
/* test_store_index.c - objects under keys, beside a model that is too simple to be wrong */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "store/index.h"

#define OBJECTS 60
#define KEYS 8

/* Every member that is true is a key; one twice to see that it does not count twice. */
static void by_members(const json *obj, void (*emit)(void *, const char *), void *data)
{
	json_each(m, obj) {
		if (!json_bool(m, false))
			continue;
		emit(data, json_key(m));
		emit(data, json_key(m));
	}
}

static struct filed filed[OBJECTS];
static unsigned has[OBJECTS];	/* the model: bit k, key k */

static json *object(unsigned mask)
{
	json *o = json_new_object();

	for (unsigned k = 0; k < KEYS; k++) {
		char key[8];

		snprintf(key, sizeof(key), "k%u", k);
		json_set_bool(o, key, mask >> k & 1);
	}
	return o;
}

static void put(struct index *x, unsigned i, unsigned mask)
{
	_cleanup_json_ json *o = object(mask);

	has[i] = mask;
	index_put(x, &filed[i], o);
}

static size_t count_under(struct index *x, unsigned k)
{
	char key[8];

	snprintf(key, sizeof(key), "k%u", k);
	return index_count(x, key);
}

/* Each key shows exactly those objects that have it, each once. */
static void check(struct index *x)
{
	for (unsigned k = 0; k < KEYS; k++) {
		bool seen[OBJECTS] = { false };
		struct filed *const *all;
		size_t n, wanted = 0;
		char key[8];

		snprintf(key, sizeof(key), "k%u", k);
		all = index_find(x, key, &n);
		for (unsigned i = 0; i < OBJECTS; i++)
			wanted += has[i] >> k & 1;
		assert_int_equal(n, wanted);
		assert_int_equal(index_count(x, key), wanted);
		for (size_t i = 0; i < n; i++) {
			size_t o = all[i] - filed;

			assert_ptr_equal(index_at(x, key, i), all[i]);
			assert_true(has[o] >> k & 1);
			assert_false(seen[o]);
			seen[o] = true;
		}
		assert_null(index_at(x, key, n));
	}
}

static void empty(struct index *x)
{
	for (unsigned i = 0; i < OBJECTS; i++) {
		filed_remove(&filed[i]);
		has[i] = 0;
	}
	for (unsigned k = 0; x && k < KEYS; k++)
		assert_int_equal(count_under(x, k), 0);
}

static void test_against_a_model(void **state)
{
	struct index *x = index_new(by_members, INDEX_EVERY), *y = index_new(by_members, INDEX_EVERY);
	unsigned seed = 7;

	for (int round = 0; round < 3000; round++) {
		unsigned i = rand_r(&seed) % OBJECTS, mask = rand_r(&seed) % (1 << KEYS);

		if (rand_r(&seed) % 5 == 0) {
			filed_remove(&filed[i]);
			has[i] = 0;
		} else {
			/* Two indexes share the object's places. */
			put(y, i, mask);
			put(x, i, mask);
		}
		if (round % 20 == 0) {
			check(x);
			check(y);
		}
	}
	index_put(x, &filed[0], NULL);
	has[0] = 0;
	check(x);
	empty(x);
	empty(y);
	index_free(x);
	index_free(y);
}

/* One place each, where fewest are; it stays there as long as it is right. */
static void test_any(void **state)
{
	struct index *x = index_new(by_members, INDEX_ANY);

	/* All have key 0, and one of their own or none. */
	put(x, 0, 1);
	put(x, 1, 1 | 2);
	put(x, 2, 1 | 4);
	put(x, 3, 1 | 4 | 8);
	assert_int_equal(count_under(x, 0), 1);
	assert_int_equal(count_under(x, 1), 1);
	assert_int_equal(count_under(x, 2), 1);
	assert_int_equal(count_under(x, 3), 1);
	put(x, 3, 1 | 8);
	assert_int_equal(count_under(x, 3), 1);
	put(x, 3, 1);
	assert_int_equal(count_under(x, 3), 0);
	assert_int_equal(count_under(x, 0), 2);
	put(x, 3, 0);
	assert_int_equal(count_under(x, 0), 1);
	empty(x);
	index_free(x);
}

/* Counted down, a walk sees all that stay, whatever happens between its steps. */
static void test_walk(void **state)
{
	for (unsigned seed = 1; seed <= 50; seed++) {
		struct index *x = index_new(by_members, INDEX_EVERY);
		bool seen[OBJECTS] = { false }, left[OBJECTS] = { false };
		unsigned s = seed;
		size_t at;

		for (unsigned i = 0; i < OBJECTS / 2; i++)
			put(x, i, 1);
		at = index_count(x, "k0");
		while (at > 0) {
			unsigned i = rand_r(&s) % OBJECTS;
			struct filed *f;

			if (has[i] && rand_r(&s) % 2) {
				put(x, i, 2);
				left[i] = true;
			} else if (!has[i]) {
				put(x, i, 1);
				left[i] = true;		/* new: may be missed */
			}
			if (at > index_count(x, "k0"))
				at = index_count(x, "k0");
			f = at ? index_at(x, "k0", --at) : NULL;
			if (f)
				seen[f - filed] = true;
		}
		for (unsigned i = 0; i < OBJECTS / 2; i++)
			assert_true(seen[i] || left[i]);
		empty(x);
		index_free(x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_a_model),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
