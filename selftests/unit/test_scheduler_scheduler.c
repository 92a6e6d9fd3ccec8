// SPDX-License-Identifier: GPL-2.0-or-later
/* test_scheduler_scheduler.c - the scheduler's shell, over a store in memory */
#include "test_controllers.h"
#include "test_fake_store.h"
#include "test_loop.h"

#include "api/meta/view_pod.h"
#include "scheduler/scheduler.h"

struct bench {
	sd_event *loop;
	struct fake_store *fake;
	struct scheduler *scheduler;
};
static struct bench bench;

static int setup(void **state)
{
	assert_int_equal(loop_new(&bench.loop), 0);
	bench.fake = fake_store_new(bench.loop);
	bench.scheduler = scheduler_start(bench.loop, &bench.fake->store);
	return 0;
}

static int teardown(void **state)
{
	scheduler_free(bench.scheduler);
	loop_until(bench.loop, 2000, !bench.fake->pending);
	fake_store_free(bench.fake);
	sd_event_unref(bench.loop);
	bench = (struct bench){ 0 };
	return 0;
}

static void put_node(const char *name, int cpus)
{
	fake_put(bench.fake, &res_nodes, json_build("{\"metadata\":{\"name\":\"%s\"},\"spec\":{},\"status\":{\"allocatable\":"
		 "{\"cpu\":\"%d\",\"memory\":\"8Gi\",\"pods\":\"110\"},\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}",
		 name, cpus));
}

static void put_pod(const char *name, const char *more)
{
	fake_put(bench.fake, &res_pods, json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\"},\"spec\":{%s\"containers\":"
		 "[{\"resources\":{\"requests\":{\"cpu\":\"1\"}}}]},\"status\":{\"phase\":\"Pending\"}}", name, more));
}

static size_t bound(void)
{
	size_t n = 0;

	for (size_t i = 0; i < bench.fake->n; i++)
		n += bench.fake->objects[i].res == &res_pods && pod_node(bench.fake->objects[i].obj);
	return n;
}

static const json *pod(const char *name)
{
	json **p = fake_find(bench.fake, &res_pods, "ns", name);

	return p ? *p : NULL;
}

/* Pods that were told so and still have no node (the store in memory leaves the condition of bound ones). */
static size_t unschedulable(void)
{
	size_t n = 0;

	for (size_t i = 0; i < bench.fake->n; i++)
		n += bench.fake->objects[i].res == &res_pods && !pod_node(bench.fake->objects[i].obj) &&
		     streq(json_str(json_get(status_condition(bench.fake->objects[i].obj, "PodScheduled"), "reason")),
			   "Unschedulable");
	return n;
}

static void test_binds(void **state)
{
	put_node("n1", 4);
	put_pod("a", "");
	loop_until(bench.loop, 2000, bound() == 1);
	assert_string_equal(pod_node(pod("a")), "n1");
	loop_until(bench.loop, 2000, fake_count(bench.fake, &res_events) == 1);
}

/* What was decided counts before the watch shows it: no node gets too much. */
static void test_assumes(void **state)
{
	char name[16];

	put_node("n1", 3);
	put_node("n2", 3);
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		put_pod(name, "");
	}
	loop_until(bench.loop, 3000, bound() == 6 && unschedulable() == 4);
	loop_for(bench.loop, 100);
	assert_int_equal(bound(), 6);
}

static void test_waits_for_room(void **state)
{
	const json *c;

	put_pod("a", "");
	loop_until(bench.loop, 2000, unschedulable() == 1);
	c = status_condition(pod("a"), "PodScheduled");
	assert_string_equal(json_str(json_get(c, "message")), "no nodes available to schedule pods");
	put_node("n1", 1);
	loop_until(bench.loop, 3000, bound() == 1);
	put_pod("b", "");
	loop_until(bench.loop, 2000, unschedulable() == 1);
	assert_string_equal(json_str(json_get(status_condition(pod("b"), "PodScheduled"), "message")),
			    "0/1 nodes are available: 1 Insufficient cpu.");
	fake_remove(bench.fake, &res_pods, "ns", "a");
	loop_until(bench.loop, 3000, bound() == 1);
	assert_string_equal(pod_node(pod("b")), "n1");
}

static void remove_one_bound(void)
{
	for (size_t i = 0; i < bench.fake->n; i++) {
		const json *p = bench.fake->objects[i].obj;

		if (bench.fake->objects[i].res == &res_pods && pod_node(p)) {
			fake_remove(bench.fake, &res_pods, "ns", meta_name(p));
			return;
		}
	}
}

/* What one place that becomes free costs, while many wait for it. */
static uint64_t cost_of_room(int waiting)
{
	uint64_t before;
	char name[16];

	setup(NULL);
	put_node("n1", 2);
	for (int i = 0; i < waiting + 2; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		put_pod(name, "");
	}
	loop_until(bench.loop, 20000, bound() == 2 && unschedulable() == (size_t)waiting && fake_told(bench.fake));
	loop_for(bench.loop, 300);
	before = scheduler_visits(bench.scheduler);
	remove_one_bound();
	loop_until(bench.loop, 5000, bound() == 2);
	loop_for(bench.loop, 300);
	assert_int_equal(bound(), 2);
	before = scheduler_visits(bench.scheduler) - before;
	teardown(NULL);
	return before;
}

static void test_waiting_is_cheap(void **state)
{
	uint64_t few = cost_of_room(10), many = cost_of_room(300);

	if (many > few + 5)
		fail_msg("%llu objects read with 10 pods that wait, %llu with 300", (unsigned long long)few,
			 (unsigned long long)many);
}

/* One that asks for less is not hidden by those that ask for more, and all places are filled. */
static void test_classes(void **state)
{
	char name[32];

	put_node("n1", 1);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "big%d", i);
		put_pod(name, "\"overhead\":{\"cpu\":\"2\"},");
	}
	put_pod("a", "");
	loop_until(bench.loop, 5000, bound() == 1);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "small%d", i);
		put_pod(name, "");
	}
	loop_until(bench.loop, 5000, unschedulable() == 40);
	put_node("n2", 5);
	/* One big and two small, or five small: never less, never more. */
	loop_until(bench.loop, 5000, bound() == 4 || bound() == 6);
	loop_for(bench.loop, 300);
	assert_true(bound() == 4 || bound() == 6);
	put_node("n3", 100);
	loop_until(bench.loop, 10000, bound() == 41);
}

/* A binding that is refused takes no room, and is tried again. */
static void test_refused_binding(void **state)
{
	put_node("n1", 1);
	bench.fake->fail_res = &res_pods;
	bench.fake->fail_err = -EACCES;
	bench.fake->fail_count = 2;
	put_pod("a", "");
	loop_until(bench.loop, 3000, bound() == 1);
	assert_int_equal(bench.fake->fail_count, 0);
}

static void test_leaves_others_alone(void **state)
{
	put_node("n1", 4);
	put_pod("theirs", "\"schedulerName\":\"other\",");
	put_pod("gated", "\"schedulingGates\":[{\"name\":\"g\"}],");
	put_pod("mine", "");
	loop_until(bench.loop, 2000, bound() == 1);
	loop_for(bench.loop, 50);
	assert_int_equal(bound(), 1);
	assert_non_null(pod_node(pod("mine")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_binds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_assumes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waits_for_room, setup, teardown),
		cmocka_unit_test(test_waiting_is_cheap),
		cmocka_unit_test_setup_teardown(test_classes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_binding, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leaves_others_alone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
