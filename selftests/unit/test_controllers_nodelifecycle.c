// SPDX-License-Identifier: GPL-2.0-or-later
/* test_controllers_nodelifecycle.c - silence, taints, evictions */
#include "test_controllers.h"
#include "test_fake_store.h"
#include "test_loop.h"

#include "controllers/controllers.h"
#include "controllers/nodelifecycle.h"

static json *node(const char *ready, const char *spec)
{
	return json_build("{\"metadata\":{\"name\":\"n\",\"uid\":\"n\",\"creationTimestamp\":\"2023-11-14T20:00:00Z\"},\"spec\":%s,"
			  "\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"%s\","
			  "\"lastHeartbeatTime\":\"2023-11-14T22:00:00Z\",\"lastTransitionTime\":\"2023-11-14T20:00:00Z\"}]}}",
			  spec, ready);
}

static json *pod(const char *tolerations)
{
	return json_build("{\"metadata\":{\"name\":\"p\",\"namespace\":\"ns\",\"uid\":\"p\"},\"spec\":{\"nodeName\":\"n\","
			  "\"tolerations\":%s},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}", tolerations);
}

static bool turn = true;	/* its turn to be evicted has come */

static void run(const json *n, uint64_t silent, bool all_down, const json *p, struct actions *out)
{
	const json *pods[] = { p };
	struct nodelifecycle_in in = {
		.node = n, .silent_us = silent, .grace_us = NODE_GRACE_US, .all_down = all_down, .may_evict = turn,
		.pods = pods, .n_pods = p != NULL, .now = NOW,
	};

	nodelifecycle_reconcile(&in, out);
}

/* "key:effect" of every taint that the patch sets, joined; NULL without a patch. */
static char *taints_of(const struct actions *a)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < a->n; i++) {
		if (a->list[i].type != ACTION_PATCH || a->list[i].res != &res_nodes || a->list[i].subresource)
			continue;
		buf_puts(&b, "");
		json_each(t, json_get(a->list[i].body, "spec", "taints"))
			buf_printf(&b, "%s:%s ", json_str(json_get(t, "key")), json_str(json_get(t, "effect")));
		return buf_steal(&b);
	}
	return NULL;
}

static void test_alive(void **state)
{
	_cleanup_json_ json *n = node("True", "{}"), *p = pod("[]");
	_cleanup_actions_ struct actions out = { 0 };

	run(n, 15 * SECOND, false, p, &out);
	assert_int_equal(out.n, 0);
	assert_int_equal(out.requeue_us, 25 * SECOND);
}

static void test_silent(void **state)
{
	_cleanup_json_ json *n = node("True", "{}"), *p = pod("[]");
	_cleanup_actions_ struct actions out = { 0 };
	_cleanup_free_ char *taints = NULL;
	const struct action *act;
	const json *c;

	run(n, 41 * SECOND, false, p, &out);
	act = actions_nth(&out, ACTION_PATCH, &res_nodes, 0);
	assert_string_equal(act->subresource, "status");
	assert_int_equal(act->patch_type, STORE_PATCH_STRATEGIC);
	c = json_get(act->body, "status", "conditions");
	assert_int_equal(json_len(c), 4);
	assert_string_equal(json_str(json_get(c->child, "type")), "Ready");
	assert_string_equal(json_str(json_get(c->child, "status")), "Unknown");
	assert_string_equal(json_str(json_get(c->child, "reason")), "NodeStatusUnknown");
	assert_string_equal(json_str(json_get(c->child, "lastHeartbeatTime")), "2023-11-14T22:00:00Z");
	taints = taints_of(&out);
	assert_string_equal(taints, "node.kubernetes.io/unreachable:NoSchedule node.kubernetes.io/unreachable:NoExecute ");
	/* Nobody else can say that its pods are not ready. */
	c = json_get(actions_nth(&out, ACTION_PATCH, &res_pods, 0)->body, "status", "conditions");
	assert_string_equal(json_str(json_get(c->child, "status")), "False");
	assert_int_equal(out.n_events, 1);
	assert_int_equal(actions_count(&out, ACTION_DELETE, &res_pods, -1), 0);
}

static void test_taints(void **state)
{
	static const struct {
		const char *what, *ready, *spec;
		uint64_t silent;
		bool all_down;
		const char *taints;	/* NULL: left alone */
	} rows[] = {
		{ "well", "True", "{}", 0, false, NULL },
		{ "not ready", "False", "{}", 0, false,
		  "node.kubernetes.io/not-ready:NoSchedule node.kubernetes.io/not-ready:NoExecute " },
		{ "not ready, and so is everybody", "False", "{}", 0, true, "node.kubernetes.io/not-ready:NoSchedule " },
		{ "back again", "True", "{\"taints\":[{\"key\":\"node.kubernetes.io/unreachable\",\"effect\":\"NoExecute\"}]}", 0,
		  false, "" },
		{ "users' taints stay", "True", "{\"taints\":[{\"key\":\"mine\",\"effect\":\"NoSchedule\"},"
		  "{\"key\":\"node.kubernetes.io/not-ready\",\"effect\":\"NoExecute\"}]}", 0, false, "mine:NoSchedule " },
		{ "cordoned", "True", "{\"unschedulable\":true}", 0, false, "node.kubernetes.io/unschedulable:NoSchedule " },
		{ "unreachable takes not-ready's place", "False", "{\"taints\":[{\"key\":\"node.kubernetes.io/not-ready\","
		  "\"effect\":\"NoSchedule\"}]}", 50 * SECOND, false,
		  "node.kubernetes.io/unreachable:NoSchedule node.kubernetes.io/unreachable:NoExecute " },
		{ "new and silent so far", "", "{}", 0, false, "node.kubernetes.io/not-ready:NoSchedule " },
		{ "as it should be", "Unknown", "{\"taints\":[{\"key\":\"node.kubernetes.io/unreachable\",\"effect\":\"NoExecute\"},"
		  "{\"key\":\"node.kubernetes.io/unreachable\",\"effect\":\"NoSchedule\"}]}", 50 * SECOND, false, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json *n = node(rows[i].ready, rows[i].spec);
		_cleanup_actions_ struct actions out = { 0 };
		_cleanup_free_ char *got = NULL;

		if (!*rows[i].ready)
			json_del(n, "status");
		run(n, rows[i].silent, rows[i].all_down, NULL, &out);
		got = taints_of(&out);
		if (!streq(got, rows[i].taints))
			fail_msg("%s: %s", rows[i].what, got ?: "left alone");
	}
}

/* Before its turn has come: nothing new is put on it, but what is evicted already stays so. */
static void test_not_yet(void **state)
{
	static const struct {
		const char *ready, *spec, *taints;
	} rows[] = {
		{ "False", "{}", "node.kubernetes.io/not-ready:NoSchedule " },
		{ "Unknown", "{}", "node.kubernetes.io/unreachable:NoSchedule " },
		{ "Unknown", "{\"taints\":[{\"key\":\"node.kubernetes.io/not-ready\",\"effect\":\"NoExecute\"}]}",
		  "node.kubernetes.io/unreachable:NoSchedule node.kubernetes.io/unreachable:NoExecute " },
		{ "Unknown", "{\"taints\":[{\"key\":\"mine\",\"effect\":\"NoExecute\"}]}",
		  "mine:NoExecute node.kubernetes.io/unreachable:NoSchedule " },
	};

	turn = false;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json *n = node(rows[i].ready, rows[i].spec);
		_cleanup_actions_ struct actions out = { 0 };
		_cleanup_free_ char *got = NULL;

		run(n, 0, false, NULL, &out);
		got = taints_of(&out);
		assert_string_equal(got, rows[i].taints);
	}
	turn = true;
}

#define LOST(added) "{\"taints\":[{\"key\":\"node.kubernetes.io/unreachable\",\"effect\":\"NoSchedule\",\"timeAdded\":\"" added "\"}," \
		    "{\"key\":\"node.kubernetes.io/unreachable\",\"effect\":\"NoExecute\",\"timeAdded\":\"" added "\"}]}"
#define BEARS(seconds) "[{\"key\":\"node.kubernetes.io/unreachable\",\"operator\":\"Exists\",\"effect\":\"NoExecute\"" seconds "}]"

static void test_evictions(void **state)
{
	static const struct {
		const char *what, *spec, *tolerations;
		bool all_down;
		size_t deletes;
		uint64_t requeue;	/* 0: none asked for */
	} rows[] = {
		{ "bears it not at all", LOST("2023-11-14T22:13:20Z"), "[]", false, 1, 0 },
		{ "bears it a while longer", LOST("2023-11-14T22:10:20Z"), BEARS(",\"tolerationSeconds\":300"), false, 0, 120 * SECOND },
		{ "no longer", LOST("2023-11-14T22:08:20Z"), BEARS(",\"tolerationSeconds\":300"), false, 1, 0 },
		{ "for ever", LOST("2023-11-14T20:00:00Z"), BEARS(""), false, 0, 0 },
		{ "everything", LOST("2023-11-14T20:00:00Z"), "[{\"operator\":\"Exists\"}]", false, 0, 0 },
		{ "another effect", LOST("2023-11-14T22:13:20Z"), "[{\"operator\":\"Exists\",\"effect\":\"NoSchedule\"}]", false, 1, 0 },
		{ "all nodes are down", LOST("2023-11-14T20:00:00Z"), "[]", true, 0, 0 },
		{ "a user's taint with the wrong value", "{\"taints\":[{\"key\":\"k\",\"value\":\"v\",\"effect\":\"NoExecute\"}]}",
		  "[{\"key\":\"k\",\"value\":\"w\"}]", false, 1, 0 },
		{ "with the right one", "{\"taints\":[{\"key\":\"k\",\"value\":\"v\",\"effect\":\"NoExecute\"}]}",
		  "[{\"key\":\"k\",\"value\":\"v\"}]", false, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json *n = node("Unknown", rows[i].spec), *p = pod(rows[i].tolerations);
		_cleanup_actions_ struct actions out = { 0 };

		run(n, 50 * SECOND, rows[i].all_down, p, &out);
		if (actions_count(&out, ACTION_DELETE, &res_pods, -1) != rows[i].deletes || out.requeue_us != rows[i].requeue)
			fail_msg("%s: %zu deletes, again in %llu", rows[i].what,
				 actions_count(&out, ACTION_DELETE, &res_pods, -1), (unsigned long long)out.requeue_us);
	}
}

/* --- over a store, with a clock that goes faster --- */

#define GRACE 800000ULL
#define EVERY 200000ULL

static struct bench {
	sd_event *loop;
	struct fake_store *s;
	struct informers *informers;
	struct runner *runner;
	int nodes, alive;	/* n0 ... n(alive-1) renew their leases */
	unsigned renewals;
	struct loop_timer renew;
} bench;

static void renew(void *data)
{
	bench.renewals++;
	for (int i = 0; i < bench.alive; i++)
		fake_put(bench.s, &res_leases, json_build("{\"metadata\":{\"name\":\"n%d\",\"namespace\":\"kube-node-lease\"},"
							  "\"spec\":{\"renewTime\":\"%u\"}}", i, bench.renewals));
	loop_timer_start(&bench.renew, GRACE / 8);
}

static int setup(void **state)
{
	static const struct controllers_config config = { .node_grace_us = GRACE, .eviction_us = EVERY };

	assert_int_equal(loop_new(&bench.loop), 0);
	bench.s = fake_store_new(bench.loop);
	bench.informers = informers_new(bench.loop, &bench.s->store);
	bench.runner = runner_new(bench.loop, &bench.s->store, bench.informers, &nodelifecycle_controller, &config);
	loop_timer_init(&bench.renew, bench.loop, renew, NULL);
	return 0;
}

static int teardown(void **state)
{
	loop_timer_stop(&bench.renew);
	runner_free(bench.runner);
	informers_free(bench.informers);
	loop_until(bench.loop, 2000, !bench.s->pending);
	fake_store_free(bench.s);
	sd_event_unref(bench.loop);
	bench = (struct bench){ 0 };
	return 0;
}

static void start(int nodes)
{
	bench.nodes = bench.alive = nodes;
	for (int i = 0; i < nodes; i++)
		fake_put(bench.s, &res_nodes, json_build("{\"metadata\":{\"name\":\"n%d\"},\"spec\":{},\"status\":{\"conditions\":"
							 "[{\"type\":\"Ready\",\"status\":\"True\"}]}}", i));
	renew(NULL);
	informers_start(bench.informers);
	loop_for(bench.loop, GRACE / 1000 * 2);
}

/* Nodes that bear a taint of the node controller with that effect. */
static int tainted(const char *effect)
{
	int n = 0;

	for (size_t i = 0; i < bench.s->n; i++) {
		bool found = false;

		json_each(t, json_get(bench.s->objects[i].obj, "spec", "taints"))
			found |= streq(json_str(json_get(t, "effect")), effect);
		n += bench.s->objects[i].res == &res_nodes && found;
	}
	return n;
}

/* One after the other, at the normal pace. */
static void test_paced(void **state)
{
	uint64_t at;

	start(10);
	assert_int_equal(tainted("NoSchedule"), 0);
	bench.alive = 6;
	loop_until(bench.loop, 5000, tainted("NoSchedule") == 4);
	loop_until(bench.loop, 5000, tainted("NoExecute") == 1);
	at = now_monotonic_us();
	loop_until(bench.loop, 5000, tainted("NoExecute") == 4);
	assert_true(now_monotonic_us() - at >= 3 * EVERY - 50000);
	/* They come back: their Ready condition is theirs to write. */
	bench.alive = 10;
	for (int i = 6; i < 10; i++)
		fake_put(bench.s, &res_nodes, json_build("{\"metadata\":{\"name\":\"n%d\"},\"spec\":{\"taints\":[{\"key\":"
							 "\"node.kubernetes.io/unreachable\",\"effect\":\"NoExecute\"}]},\"status\":"
							 "{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}", i));
	loop_until(bench.loop, 5000, tainted("NoExecute") == 0 && tainted("NoSchedule") == 0);
}

/* More than half go silent at once: nothing is evicted, until most are back. */
static void test_half_silent(void **state)
{
	start(10);
	bench.alive = 4;
	loop_until(bench.loop, 5000, tainted("NoSchedule") == 6);
	loop_for(bench.loop, (GRACE + 3 * EVERY) / 1000);
	assert_int_equal(tainted("NoExecute"), 0);
	for (int i = 4; i < 6; i++)
		fake_put(bench.s, &res_nodes, json_build("{\"metadata\":{\"name\":\"n%d\"},\"spec\":{},\"status\":{\"conditions\":"
							 "[{\"type\":\"Ready\",\"status\":\"True\"}]}}", i));
	bench.alive = 6;
	loop_until(bench.loop, 5000, tainted("NoExecute") == 4);
}

/* All go silent: nothing is evicted, and what was begun ends. */
static void test_all_silent(void **state)
{
	start(4);
	bench.alive = 3;
	loop_until(bench.loop, 5000, tainted("NoExecute") == 1);
	bench.alive = 0;
	loop_until(bench.loop, 5000, tainted("NoSchedule") == 4);
	loop_until(bench.loop, 5000, tainted("NoExecute") == 0);
	loop_for(bench.loop, GRACE / 1000);
	assert_int_equal(tainted("NoExecute"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alive),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_taints),
		cmocka_unit_test(test_not_yet),
		cmocka_unit_test(test_evictions),
		cmocka_unit_test_setup_teardown(test_paced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_half_silent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_silent, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
