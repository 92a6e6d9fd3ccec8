// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_events.c - which Events the recorder makes and counts up, over a store that the test plays */
#include "test_loop.h"

#include <errno.h>

#include "api/kinds/event_recorder.h"
#include "api/kinds/kinds.h"
#include "api/meta/view_meta.h"

#define NOW 1700000000000000ULL
#define MINUTE (60 * 1000000ULL)

/* --- a store that keeps what it was asked; the test answers, in order --- */

struct request {
	bool create;
	char *name;
	json *body;
	store_cb cb;	/* NULL: answered */
	void *data;
};

static struct {
	struct store base;
	struct request *list;
	size_t n, answered;
} fake;
static struct event_recorder *recorder;

static void ask(bool create, const struct resource *r, const char *name, const json *body, store_cb cb, void *data)
{
	assert_ptr_equal(r, &res_events);
	if (fake.n % 1024 == 0)
		fake.list = xrealloc(fake.list, (fake.n + 1024) * sizeof(*fake.list));
	fake.list[fake.n++] = (struct request){ create, xstrdup(name), json_clone(body), cb, data };
}

static void fake_create(struct store *s, const struct resource *r, const char *ns, const char *name,
			const char *subresource, const json *obj, store_cb cb, void *data)
{
	assert_string_equal(ns, "ns");
	assert_string_equal(name, meta_name(obj));
	ask(true, r, name, obj, cb, data);
}

static void fake_patch(struct store *s, const struct resource *r, const char *ns, const char *name,
		       const char *subresource, enum store_patch_type type, const json *patch, store_cb cb, void *data)
{
	ask(false, r, name, patch, cb, data);
}

static void answer(int err)
{
	struct request *q = &fake.list[fake.answered++];
	struct store_result res = { .err = err, .obj = q->body };
	store_cb cb = TAKE_PTR(q->cb);

	cb(q->data, &res);
}

static void answer_all(void)
{
	while (fake.answered < fake.n)
		answer(0);
}

static const struct request *last(void)
{
	return &fake.list[fake.n - 1];
}

static int setup(void **state)
{
	static const struct store_ops ops = { .create = fake_create, .patch = fake_patch };

	fake.base.ops = &ops;
	recorder = recorder_new(&fake.base, "tester", NULL);
	return 0;
}

static int teardown(void **state)
{
	recorder_free(recorder);
	answer_all();
	for (size_t i = 0; i < fake.n; i++) {
		free(fake.list[i].name);
		cJSON_Delete(fake.list[i].body);
	}
	free(fake.list);
	memset(&fake, 0, sizeof(fake));
	return 0;
}

/* An event about pod number i. */
static void say(unsigned i, const char *message, uint64_t now)
{
	_cleanup_json_ json *pod = json_build("{\"metadata\":{\"name\":\"p%u\",\"namespace\":\"ns\",\"uid\":\"u%u\"}}", i, i);

	recorder_event(recorder, &res_pods, pod, NULL, "Normal", "Tested", message, now);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* However many there were before, and though it is all one instant and about one object. */
static void test_names_are_unique(void **state)
{
	_cleanup_free_ char **names = NULL;

	for (unsigned i = 0; i < 4200; i++)
		say(i, "first", NOW);
	for (unsigned i = 0; i < 20; i++) {
		_cleanup_free_ char *m = xasprintf("message %u", i);

		say(5000, m, NOW);
	}
	assert_int_equal(fake.n, 4220);
	names = xcalloc(fake.n, sizeof(*names));
	for (size_t i = 0; i < fake.n; i++) {
		assert_true(fake.list[i].create);
		names[i] = fake.list[i].name;
	}
	qsort(names, fake.n, sizeof(*names), by_name);
	for (size_t i = 1; i < fake.n; i++)
		if (streq(names[i - 1], names[i]))
			fail_msg("two events are called %s", names[i]);
}

/* Two recorders of one process, as the controllers are. */
static void test_names_of_two_recorders(void **state)
{
	struct event_recorder *mine = recorder;

	for (unsigned i = 0; i < 500; i++) {
		say(0, "same", NOW);
		recorder = recorder_new(&fake.base, "other", NULL);
		say(0, "same", NOW);
		recorder_free(recorder);
		recorder = mine;
		assert_true(fake.n == 1 || !streq(fake.list[0].name, last()->name));
		if (i == 0)
			answer_all();
	}
}

static void test_repetition_counts_its_own(void **state)
{
	for (unsigned i = 0; i < 4200; i++)
		say(i, "first", NOW);
	answer_all();
	/* Said lately: counted up in the event that was made for it. */
	for (unsigned i = 200; i < 4200; i += 500) {
		say(i, "first", NOW + MINUTE);
		assert_false(last()->create);
		assert_string_equal(last()->name, fake.list[i].name);
		assert_int_equal(json_int(json_get(last()->body, "count"), 0), 2);
		assert_string_equal(json_str(json_get(last()->body, "lastTimestamp")), "2023-11-14T22:14:20Z");
	}
	/* Forgotten: a new one. The first 104 were, as nobody said them again. */
	say(50, "first", NOW + MINUTE);
	assert_true(last()->create);
	assert_int_equal(json_int(json_get(last()->body, "count"), 0), 1);
}

/* What is said again stays; what was said least lately goes. */
static void test_the_least_recent_goes(void **state)
{
	say(1, "kept", NOW);
	say(2, "lost", NOW);
	answer_all();
	for (unsigned i = 10; i < 10 + 4095; i++) {
		say(i, "filler", NOW);
		if (i % 1000 == 0)
			say(1, "kept", NOW);
		answer_all();
	}
	say(1, "kept", NOW);
	assert_false(last()->create);
	assert_string_equal(last()->name, fake.list[0].name);
	answer_all();
	say(2, "lost", NOW);
	assert_true(last()->create);
}

static void test_old_ones_start_anew(void **state)
{
	say(1, "x", NOW);
	answer_all();
	say(1, "x", NOW + 51 * MINUTE);
	assert_true(last()->create);
	assert_false(streq(last()->name, fake.list[0].name));
}

/* Repetitions while a write is under way wait for it, and go out as one. */
static void test_one_write_at_a_time(void **state)
{
	for (unsigned i = 0; i < 5; i++)
		say(1, "x", NOW + i * 1000000);
	assert_int_equal(fake.n, 1);
	answer(0);
	assert_int_equal(fake.n, 2);
	assert_false(last()->create);
	assert_string_equal(last()->name, fake.list[0].name);
	assert_int_equal(json_int(json_get(last()->body, "count"), 0), 5);
	assert_string_equal(json_str(json_get(last()->body, "lastTimestamp")), "2023-11-14T22:13:24Z");
	answer(0);
	assert_int_equal(fake.n, 2);
}

/* A name that somebody has already is not ours to count up. */
static void test_name_taken(void **state)
{
	say(1, "x", NOW);
	say(1, "x", NOW);
	answer(-EEXIST);
	assert_int_equal(fake.n, 2);
	assert_true(last()->create);
	assert_false(streq(last()->name, fake.list[0].name));
	assert_string_equal(meta_name(last()->body), last()->name);
	assert_int_equal(json_int(json_get(last()->body, "count"), 0), 2);
	answer(0);
	say(1, "x", NOW);
	assert_false(last()->create);
	assert_string_equal(last()->name, fake.list[1].name);
	answer(0);
	/* Not for ever. */
	say(2, "x", NOW);
	while (fake.answered < fake.n)
		answer(-EEXIST);
	assert_int_equal(fake.n, 6);
}

static void test_failed_creation_is_forgotten(void **state)
{
	say(1, "x", NOW);
	answer(-EACCES);
	assert_int_equal(fake.n, 1);
	say(1, "x", NOW + 1000000);
	assert_true(last()->create);
	assert_int_equal(json_int(json_get(last()->body, "count"), 0), 1);
}

/* Somebody deleted it: made anew, with what was counted so far. */
static void test_deleted_event(void **state)
{
	say(1, "x", NOW);
	answer(0);
	say(1, "x", NOW + MINUTE);
	answer(-ENOENT);
	assert_int_equal(fake.n, 3);
	assert_true(last()->create);
	assert_int_equal(json_int(json_get(last()->body, "count"), 0), 2);
	assert_string_equal(json_str(json_get(last()->body, "firstTimestamp")), "2023-11-14T22:13:20Z");
	assert_string_equal(json_str(json_get(last()->body, "lastTimestamp")), "2023-11-14T22:14:20Z");
	answer(0);
	say(1, "x", NOW + MINUTE);
	assert_false(last()->create);
	assert_string_equal(last()->name, fake.list[2].name);
}

static void test_long_names(void **state)
{
	char name[254];
	_cleanup_json_ json *pod = NULL;
	const char *event;

	memset(name, 'a', sizeof(name));
	memset(name + 230, '.', 10);
	name[253] = '\0';
	pod = json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\"}}", name);
	recorder_event(recorder, &res_pods, pod, NULL, "Normal", "Tested", "x", NOW);
	event = last()->name;
	assert_true(strlen(event) <= 253);
	assert_null(strstr(event, ".."));
}

static void test_bounded_for_each_object(void **state)
{
	for (unsigned i = 0; i < 40; i++) {
		_cleanup_free_ char *m = xasprintf("message %u", i);

		say(1, m, NOW);
	}
	assert_int_equal(fake.n, 25);
	/* Another object has its own measure, though it has no uid and its name is known. */
	{
		_cleanup_json_ json *a = json_build("{\"metadata\":{\"name\":\"a\",\"namespace\":\"ns\"}}");

		for (unsigned i = 0; i < 30; i++)
			recorder_event(recorder, &res_pods, a, NULL, "Normal", "Tested", "x", NOW + i);
		recorder_event(recorder, &res_services, a, NULL, "Normal", "Tested", "x", NOW);
	}
	assert_int_equal(fake.n, 27);
	say(1, "message 30", NOW + 5 * MINUTE);
	say(1, "message 31", NOW + 5 * MINUTE);
	assert_int_equal(fake.n, 28);
}

/* An answer that comes when the recorder is gone (the sanitizer watches). */
static void test_free_in_flight(void **state)
{
	say(1, "x", NOW);
	say(1, "x", NOW);
	recorder_free(TAKE_PTR(recorder));
	answer(0);
	assert_int_equal(fake.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names_are_unique, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_of_two_recorders, setup, teardown),
		cmocka_unit_test_setup_teardown(test_repetition_counts_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_least_recent_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_ones_start_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_write_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_name_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failed_creation_is_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deleted_event, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounded_for_each_object, setup, teardown),
		cmocka_unit_test_setup_teardown(test_free_in_flight, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
