// SPDX-License-Identifier: GPL-2.0-or-later
/* test_controllers_zones.c - who is silent, and how fast pods of broken nodes may be evicted */
#include "test_controllers.h"

#include "controllers/node_zones.h"

#define GRACE (40 * SECOND)
#define EVERY NODE_EVICTION_US
#define SETTLE (GRACE / 8)

static struct node_zones *zones;
static uint64_t now;

static int setup(void **state)
{
	zones = node_zones_new(GRACE, EVERY);
	now = 1000 * SECOND;
	node_zones_pass(zones, 1, now);
	return 0;
}

static int teardown(void **state)
{
	node_zones_free(zones);
	return 0;
}

/* labels: members of metadata.labels. */
static void put(int i, const char *labels, const char *ready)
{
	_cleanup_json_ json *node = json_build("{\"metadata\":{\"name\":\"n%d\",\"labels\":{%s}},\"status\":{\"conditions\":"
					       "[{\"type\":\"Ready\",\"status\":\"%s\"}]}}", i, labels, ready);

	node_zones_put(zones, node, now);
}

/* n nodes, of which the first ones are down. */
static void put_all(int n, int down)
{
	for (int i = 0; i < n; i++)
		put(i, "", i < down ? "False" : "True");
}

static bool ask(int i, uint64_t *ret_wait)
{
	_cleanup_free_ char *name = xasprintf("n%d", i);

	return node_zones_may_evict(zones, name, true, false, now, ret_wait);
}

/* Asks for the first `down` nodes, again and again, for some time: how many may go? */
static int granted_within(int down, uint64_t us)
{
	uint64_t end = now + us, wait;
	int n;

	for (; now <= end; now += SECOND)
		for (n = 0; n < down; n++)
			ask(n, &wait);
	n = 0;
	for (int i = 0; i < down; i++)
		n += ask(i, &wait);
	now -= SECOND;
	return n;
}

static bool called(int i)
{
	_cleanup_free_ char *name = xasprintf("n%d", i);
	bool found = false;
	const char *got;

	while ((got = node_zones_call(zones)))
		found |= streq(got, name);
	return found;
}

static void test_rates(void **state)
{
	static const struct {
		int nodes, down;
		int in_a_minute;	/* nodes that may be evicted from within 5 s and a minute after that */
	} rows[] = {
		{ 10, 1, 1 },
		{ 10, 5, 5 },		/* half of them are fewer than 55 % */
		{ 20, 10, 7 },
		{ 10, 6, 0 },		/* a small zone, partly down */
		{ 3, 2, 2 },		/* two are not enough to call it so */
		{ 4, 3, 0 },
		{ 50, 28, 0 },
		{ 51, 29, 1 },		/* a large one: one, and the next after 100 s */
		{ 51, 28, 7 },		/* 54.9 % */
		{ 100, 55, 1 },
		{ 100, 54, 7 },
		{ 100, 100, 0 },	/* all are down */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int got;

		setup(state);
		put_all(rows[i].nodes, rows[i].down);
		got = granted_within(rows[i].down, SETTLE + 60 * SECOND);
		if (got != rows[i].in_a_minute)
			fail_msg("%d of %d down: %d in a minute, wanted %d", rows[i].down, rows[i].nodes, got, rows[i].in_a_minute);
		teardown(state);
	}
}

static void test_slow_rate(void **state)
{
	put_all(100, 60);
	assert_int_equal(granted_within(60, SETTLE + 250 * SECOND), 3);
}

/* In order; the others are told when they are the first. */
static void test_queue(void **state)
{
	uint64_t wait;

	put_all(10, 3);
	called(-1);
	assert_false(ask(0, &wait));
	assert_int_equal(wait, SETTLE);
	assert_false(ask(1, &wait));
	assert_int_equal(wait, 0);
	assert_false(ask(2, &wait));
	now += SETTLE;
	assert_false(ask(1, &wait));
	assert_true(ask(0, &wait));
	assert_true(ask(0, &wait));
	assert_true(called(1));
	assert_false(ask(1, &wait));
	assert_int_equal(wait, EVERY);
	/* The first one goes away: the next is called, and the pace is kept. */
	now += 4 * SECOND;
	node_zones_remove(zones, "n1");
	assert_true(called(2));
	assert_false(ask(2, &wait));
	assert_int_equal(wait, EVERY - 4 * SECOND);
	now += wait;
	assert_true(ask(2, &wait));
	/* Evicted, or well again: it stands in nobody's way, and begins anew. */
	assert_false(node_zones_may_evict(zones, "n2", true, true, now, &wait));
	assert_false(node_zones_may_evict(zones, "n0", false, false, now, &wait));
	assert_false(ask(0, &wait));
	assert_int_equal(wait, EVERY);
}

/* A zone that is down by itself is evicted at the normal pace; what concerns it does not concern others. */
static void test_zones(void **state)
{
	static const char a[] = "\"topology.kubernetes.io/region\":\"r\",\"topology.kubernetes.io/zone\":\"a\"";
	static const char b[] = "\"topology.kubernetes.io/region\":\"r\",\"topology.kubernetes.io/zone\":\"b\"";
	uint64_t wait;

	for (int i = 0; i < 8; i++)
		put(i, i < 4 ? a : b, "True");
	for (int i = 0; i < 3; i++)
		put(i, a, "False");
	assert_int_equal(granted_within(3, SETTLE + 60 * SECOND), 0);	/* 3 of 4 */
	called(-1);
	put(3, a, "Unknown");
	assert_true(called(0));
	assert_false(node_zones_all_down(zones));
	assert_int_equal(granted_within(4, SETTLE + 60 * SECOND), 4);
	/* One of the other has its own clock. */
	put(4, b, "False");
	assert_false(ask(4, &wait));
	now += SETTLE;
	assert_true(ask(4, &wait));
	/* A node that moves counts where it is. */
	put(5, a, "True");
	put(0, b, "False");
	assert_false(node_zones_all_down(zones));
	for (int i = 4; i < 8; i++)
		put(i, i == 5 ? a : b, "False");
	put(5, a, "False");
	assert_true(node_zones_all_down(zones));
}

static void test_all_down(void **state)
{
	uint64_t wait;

	assert_false(node_zones_all_down(zones));	/* there are none */
	put_all(5, 0);
	assert_false(node_zones_turned(zones));
	put_all(5, 5);
	assert_true(node_zones_all_down(zones));
	assert_true(node_zones_turned(zones));
	assert_false(node_zones_turned(zones));
	assert_false(ask(0, &wait));
	assert_int_equal(wait, 0);
	put(4, "", "True");
	assert_true(node_zones_turned(zones));
	/* There and back between two questions is nothing new. */
	put(4, "", "False");
	put(4, "", "True");
	assert_false(node_zones_turned(zones));
	for (int i = 0; i < 5; i++) {
		_cleanup_free_ char *name = xasprintf("n%d", i);

		node_zones_remove(zones, name);
	}
	assert_false(node_zones_all_down(zones));
}

/* Nodes that are labelled so do not count, for good or bad. */
static void test_excluded(void **state)
{
	for (int i = 0; i < 10; i++)
		put(i, i < 6 ? "\"node.kubernetes.io/exclude-disruption\":\"\"" : "", i < 6 ? "False" : "True");
	assert_int_equal(granted_within(6, SETTLE + 20 * SECOND), 3);
}

/* Says it is ready, but is not heard of: not healthy either. */
static void test_silence(void **state)
{
	put_all(4, 0);
	for (int i = 0; i < 4; i++) {
		_cleanup_free_ char *name = xasprintf("n%d", i);

		node_zones_heartbeat(zones, name, "12:00", now);
	}
	now += 30 * SECOND;
	node_zones_renewal(zones, "n0", "12:30", now);
	node_zones_heartbeat(zones, "n1", "12:00", now);	/* the same as before: no sign of life */
	now += 10 * SECOND;
	node_zones_pass(zones, 1, now);
	assert_int_equal(node_zones_silence(zones, "n0", now), 10 * SECOND);
	assert_int_equal(node_zones_silence(zones, "n1", now), 40 * SECOND);
	assert_int_equal(granted_within(4, SETTLE + 60 * SECOND), 0);	/* three of four are silent */
	node_zones_pass(zones, 1, now);
	assert_true(node_zones_all_down(zones));
	node_zones_renewal(zones, "n1", "13:40", now);
	assert_false(node_zones_all_down(zones));
	/* A lease without a node is nobody. */
	node_zones_renewal(zones, "nobody", "1", now);
	assert_false(node_zones_may_evict(zones, "nobody", true, false, now, &(uint64_t){ 0 }));
}

/* While nobody can be heard nobody is silent, and when they can be again each has its time anew. */
static void test_out_of_contact(void **state)
{
	put_all(3, 0);
	now += 60 * SECOND;
	node_zones_pass(zones, 0, now);
	assert_int_equal(node_zones_silence(zones, "n0", now), 0);
	assert_false(node_zones_all_down(zones));
	now += SECOND;
	node_zones_pass(zones, now, now);
	now += 30 * SECOND;
	node_zones_renewal(zones, "n2", "1", now);
	node_zones_pass(zones, now - 30 * SECOND, now);
	assert_int_equal(node_zones_silence(zones, "n0", now), 30 * SECOND);
	now += 10 * SECOND;
	node_zones_pass(zones, now - 40 * SECOND, now);
	assert_int_equal(node_zones_silence(zones, "n0", now), 40 * SECOND);
	assert_false(node_zones_all_down(zones));
	now += 30 * SECOND;
	node_zones_pass(zones, now - 70 * SECOND, now);
	assert_true(node_zones_all_down(zones));
	/* Lost again, and found. */
	node_zones_pass(zones, now, now);
	assert_false(node_zones_all_down(zones));
	assert_int_equal(node_zones_silence(zones, "n0", now), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test_setup_teardown(test_slow_rate, setup, teardown),
		cmocka_unit_test_setup_teardown(test_queue, setup, teardown),
		cmocka_unit_test_setup_teardown(test_zones, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_down, setup, teardown),
		cmocka_unit_test_setup_teardown(test_excluded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(test_out_of_contact, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
