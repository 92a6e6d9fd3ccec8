// SPDX-License-Identifier: GPL-2.0-or-later
/* test_controllers_replicaset.c - what a ReplicaSet decides, object by object */
#include "test_controllers.h"

#include <time.h>

#include "api/meta/view_meta.h"
#include "controllers/replicaset.h"

static json *replicaset(int replicas)
{
	return json_build("{\"metadata\":{\"name\":\"web\",\"namespace\":\"ns\",\"uid\":\"rs\",\"generation\":3},"
			  "\"spec\":{\"replicas\":%d,\"selector\":{\"matchLabels\":{\"app\":\"web\"}},"
			  "\"template\":{\"metadata\":{\"labels\":{\"app\":\"web\"},\"annotations\":{\"a\":\"b\"}},"
			  "\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}", replicas);
}

#define OWNED "\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"ReplicaSet\",\"name\":\"web\",\"uid\":\"rs\",\"controller\":true}]"

/* A running, ready pod of the set on a node, ready for an hour. */
static json *pod(const char *name)
{
	return json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\",\"uid\":\"u-%s\",\"resourceVersion\":\"7\","
			  "\"labels\":{\"app\":\"web\"},\"creationTimestamp\":\"%s\"," OWNED "},"
			  "\"spec\":{\"nodeName\":\"n1\"},\"status\":{\"phase\":\"Running\","
			  "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"lastTransitionTime\":\"%s\"}]}}",
			  name, name, time_text(NOW - 3600 * SECOND), time_text(NOW - 3600 * SECOND));
}

static void run(const json *rs, const struct objects *pods, const struct objects *related, struct actions *out)
{
	size_t n = pods->n + (related ? related->n : 0);
	_cleanup_free_ struct pod_facts *facts = xcalloc(n, sizeof(*facts));
	_cleanup_free_ const struct pod_facts **owned = xcalloc(n, sizeof(*owned)), **orphans = xcalloc(n, sizeof(*orphans));
	_cleanup_free_ const struct pod_facts **others = xcalloc(n, sizeof(*others));
	struct replicaset_in in = { .rs = rs, .now = NOW, .owned = owned, .orphans = orphans, .related = others };

	for (size_t i = 0; i < n; i++) {
		pod_facts_of(i < pods->n ? pods->list[i] : related->list[i - pods->n], &facts[i]);
		if (i >= pods->n)
			others[in.n_related++] = &facts[i];
		else if (meta_controller(facts[i].obj))
			owned[in.n_owned++] = &facts[i];
		else
			orphans[in.n_orphans++] = &facts[i];
	}
	replicaset_reconcile(&in, out);
}

static void test_creates_slowly(void **state)
{
	_cleanup_json_ json *rs = replicaset(12);
	_cleanup_objects_ struct objects pods = { 0 };
	_cleanup_actions_ struct actions out = { 0 };
	const struct action *act;

	objects_add(&pods, pod("a"));
	objects_add(&pods, pod("b"));
	run(rs, &pods, NULL, &out);
	assert_int_equal(actions_count(&out, ACTION_CREATE, &res_pods, -1), 10);
	assert_int_equal(actions_count(&out, ACTION_CREATE, &res_pods, 2), 1);
	assert_int_equal(actions_count(&out, ACTION_CREATE, &res_pods, 3), 2);
	assert_int_equal(actions_count(&out, ACTION_CREATE, &res_pods, 4), 4);
	assert_int_equal(actions_count(&out, ACTION_CREATE, &res_pods, 5), 3);
	act = actions_nth(&out, ACTION_CREATE, &res_pods, 0);
	assert_null(act->name);
	assert_string_equal(act->ns, "ns");
	assert_string_equal(act->ok_message, "Created pod: %s");
	assert_string_equal(json_str(json_get(act->body, "metadata", "generateName")), "web-");
	assert_string_equal(meta_label(act->body, "app"), "web");
	assert_string_equal(meta_annotation(act->body, "a"), "b");
	assert_string_equal(meta_controller_uid(act->body), "rs");
	assert_true(json_equal(json_get(act->body, "spec"), json_get(rs, "spec", "template", "spec")));
}

static void test_bounded_burst(void **state)
{
	_cleanup_json_ json *rs = replicaset(2000);
	_cleanup_objects_ struct objects pods = { 0 };
	_cleanup_actions_ struct actions out = { 0 };

	run(rs, &pods, NULL, &out);
	assert_int_equal(actions_count(&out, ACTION_CREATE, &res_pods, -1), 500);
}

static void test_steady(void **state)
{
	_cleanup_json_ json *rs = replicaset(1);
	_cleanup_objects_ struct objects pods = { 0 };
	_cleanup_actions_ struct actions out = { 0 };

	json_set(rs, "status", json_build("{\"replicas\":1,\"fullyLabeledReplicas\":1,\"readyReplicas\":1,"
					  "\"availableReplicas\":1,\"observedGeneration\":3}"));
	objects_add(&pods, pod("a"));
	run(rs, &pods, NULL, &out);
	assert_int_equal(out.n, 0);
	assert_int_equal(out.requeue_us, 0);
}

static void test_inactive_do_not_count(void **state)
{
	_cleanup_json_ json *rs = replicaset(2);
	_cleanup_objects_ struct objects pods = { 0 };
	_cleanup_actions_ struct actions out = { 0 };
	const json *st;

	json_set_str(json_get(objects_add(&pods, pod("done")), "status"), "phase", "Succeeded");
	json_set_str(json_get(objects_add(&pods, pod("failed")), "status"), "phase", "Failed");
	json_set_str(json_get(objects_add(&pods, pod("going")), "metadata"), "deletionTimestamp", time_text(NOW));
	objects_add(&pods, pod("a"));
	run(rs, &pods, NULL, &out);
	assert_int_equal(actions_count(&out, ACTION_CREATE, &res_pods, -1), 1);
	assert_int_equal(actions_count(&out, ACTION_DELETE, &res_pods, -1), 0);
	st = status_patch(&out, &res_replicasets);
	assert_int_equal(json_int(json_get(st, "replicas"), -1), 1);
	assert_int_equal(json_int(json_get(st, "readyReplicas"), -1), 1);
	assert_int_equal(json_int(json_get(st, "observedGeneration"), -1), 3);
}

static void test_deleting_set_rests(void **state)
{
	_cleanup_json_ json *rs = replicaset(5);
	_cleanup_objects_ struct objects pods = { 0 };
	_cleanup_actions_ struct actions out = { 0 };
	json *orphan;

	json_set_str(json_get(rs, "metadata"), "deletionTimestamp", time_text(NOW));
	orphan = objects_add(&pods, pod("orphan"));
	json_del(json_get(orphan, "metadata"), "ownerReferences");
	run(rs, &pods, NULL, &out);
	assert_int_equal(actions_count(&out, ACTION_CREATE, &res_pods, -1), 0);
	assert_int_equal(actions_count(&out, ACTION_PATCH, &res_pods, -1), 0);
}

static void test_adopts_and_releases(void **state)
{
	_cleanup_json_ json *rs = replicaset(2);
	_cleanup_objects_ struct objects pods = { 0 };
	_cleanup_actions_ struct actions out = { 0 };
	const struct action *act;
	json *orphan, *stray, *other;

	orphan = objects_add(&pods, pod("orphan"));
	json_del(json_get(orphan, "metadata"), "ownerReferences");
	stray = objects_add(&pods, pod("stray"));
	json_set_str(json_get(stray, "metadata", "labels"), "app", "debug");
	/* An orphan that it does not select stays one. */
	other = objects_add(&pods, pod("other"));
	json_del(json_get(other, "metadata"), "ownerReferences");
	json_del(json_get(other, "metadata"), "labels");
	run(rs, &pods, NULL, &out);
	act = actions_nth(&out, ACTION_VERIFY, &res_replicasets, 0);
	assert_int_equal(act->stage, 0);
	assert_string_equal(act->uid, "rs");
	assert_int_equal(actions_count(&out, ACTION_PATCH, &res_pods, 1), 2);
	act = actions_nth(&out, ACTION_PATCH, &res_pods, 1);
	assert_string_equal(act->name, "orphan");
	assert_string_equal(meta_controller_uid(act->body), "rs");
	assert_string_equal(json_str(json_get(act->body, "metadata", "resourceVersion")), "7");
	act = actions_nth(&out, ACTION_PATCH, &res_pods, 0);
	assert_string_equal(act->name, "stray");
	assert_true(cJSON_IsNull(json_get(act->body, "metadata", "ownerReferences")));
	/* The adopted one counts, the released one does not. */
	assert_int_equal(actions_count(&out, ACTION_CREATE, &res_pods, -1), 1);
}

/* Each row: what makes one of two pods the one to go. The text replaces members of pod "b". */
static void test_victims(void **state)
{
	static const struct {
		const char *what, *b;
		const char *victim;
	} rows[] = {
		{ "no node", "{\"spec\":{\"nodeName\":null}}", "b" },
		{ "pending", "{\"status\":{\"phase\":\"Pending\"}}", "b" },
		{ "unknown", "{\"status\":{\"phase\":\"Unknown\"}}", "b" },
		{ "not ready", "{\"status\":{\"conditions\":[]}}", "b" },
		{ "cheap", "{\"metadata\":{\"annotations\":{\"controller.kubernetes.io/pod-deletion-cost\":\"-5\"}}}", "b" },
		{ "dear", "{\"metadata\":{\"annotations\":{\"controller.kubernetes.io/pod-deletion-cost\":\"5\"}}}", "a" },
		{ "nonsense cost", "{\"metadata\":{\"annotations\":{\"controller.kubernetes.io/pod-deletion-cost\":\"x\"}},"
		  "\"spec\":{\"nodeName\":null}}", "b" },
		{ "crowded node", "{\"spec\":{\"nodeName\":\"n2\"}}", "b" },
		{ "ready for less time", "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\","
		  "\"lastTransitionTime\":\"2023-11-14T22:12:00Z\"}]}}", "b" },
		{ "ready since nobody knows when", "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}", "b" },
		{ "restarted", "{\"status\":{\"containerStatuses\":[{\"name\":\"c\",\"restartCount\":2}]}}", "b" },
		{ "younger", "{\"metadata\":{\"creationTimestamp\":\"2023-11-14T22:13:00Z\"}}", "b" },
		{ "not ready before costs", "{\"metadata\":{\"annotations\":{\"controller.kubernetes.io/pod-deletion-cost\":\"99\"}},"
		  "\"status\":{\"conditions\":[]}}", "b" },
		{ "all the same: by uid", "{}", "a" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json *rs = replicaset(1), *change = json_build("%s", rows[i].b);
		_cleanup_objects_ struct objects pods = { 0 }, related = { 0 };
		_cleanup_actions_ struct actions out = { 0 };
		const struct action *act;
		json *b;

		/* Neighbours of another set of the same Deployment sit on n2. */
		objects_add(&related, json_build("{\"metadata\":{\"name\":\"x\",\"uid\":\"x\"},\"spec\":{\"nodeName\":\"n2\"},"
						 "\"status\":{\"phase\":\"Running\"}}"));
		objects_add(&related, json_build("{\"metadata\":{\"name\":\"y\",\"uid\":\"y\"},\"spec\":{\"nodeName\":\"n2\"},"
						 "\"status\":{\"phase\":\"Running\"}}"));
		objects_add(&pods, pod("a"));
		b = objects_add(&pods, pod("b"));
		json_each(part, change)
			json_each(m, part)
				json_set(json_get(b, json_key(part)), json_key(m), json_clone(m));
		run(rs, &pods, &related, &out);
		act = actions_nth(&out, ACTION_DELETE, &res_pods, 0);
		if (!streq(act->name, rows[i].victim) || actions_count(&out, ACTION_DELETE, &res_pods, -1) != 1)
			fail_msg("%s: %s goes, wanted %s", rows[i].what, act->name, rows[i].victim);
		assert_string_equal(act->uid, streq(act->name, "a") ? "u-a" : "u-b");
	}
}

/* CPU time of one decision to take one of n pods away, spread over n / 20 nodes; "n1" has one more than the others. */
static uint64_t time_to_shrink(size_t n)
{
	_cleanup_json_ json *rs = replicaset(n - 1);
	_cleanup_objects_ struct objects pods = { 0 };
	_cleanup_actions_ struct actions out = { 0 };
	clock_t start;

	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *name = xasprintf("p%zu", i), *node = xasprintf("n%zu", i ? i % (n / 20) : 1);

		json_set_str(json_get(objects_add(&pods, pod(name)), "spec"), "nodeName", node);
	}
	start = clock();
	run(rs, &pods, NULL, &out);
	start = clock() - start;
	assert_int_equal(actions_count(&out, ACTION_DELETE, &res_pods, -1), 1);
	/* Of those on "n1": the least uid. */
	assert_string_equal(actions_nth(&out, ACTION_DELETE, &res_pods, 0)->name, "p0");
	return (uint64_t)start * 1000000 / CLOCKS_PER_SEC;
}

/* Eight times as many pods may cost eight times as much and the sorting, not sixty-four times. */
static void test_shrinking_is_cheap(void **state)
{
	uint64_t few = UINT64_MAX, many;

	for (int i = 0; i < 3; i++) {
		uint64_t us = time_to_shrink(500);

		few = us < few ? us : few;
	}
	many = time_to_shrink(4000);
	if (many > few * 24)
		fail_msg("%llu us for 500 pods, %llu us for 4000", (unsigned long long)few, (unsigned long long)many);
}

static void test_min_ready(void **state)
{
	_cleanup_json_ json *rs = replicaset(1);
	_cleanup_objects_ struct objects pods = { 0 };
	_cleanup_actions_ struct actions out = { 0 };
	const json *st;

	json_set_int(json_get(rs, "spec"), "minReadySeconds", 3610);
	objects_add(&pods, pod("a"));
	run(rs, &pods, NULL, &out);
	st = status_patch(&out, &res_replicasets);
	assert_int_equal(json_int(json_get(st, "readyReplicas"), 0), 1);
	assert_int_equal(json_int(json_get(st, "availableReplicas"), 0), 0);
	assert_int_equal(out.requeue_us, 10 * SECOND);
}

static void test_failure_condition(void **state)
{
	_cleanup_json_ json *rs = replicaset(1);
	_cleanup_actions_ struct actions out = { 0 }, after = { 0 };
	struct replicaset_in in = { .rs = rs, .now = NOW, .last_failure = "no quota" };
	const json *c;

	replicaset_reconcile(&in, &out);
	c = json_get(status_patch(&out, &res_replicasets), "conditions");
	assert_int_equal(json_len(c), 1);
	assert_string_equal(json_str(json_get(c->child, "type")), "ReplicaFailure");
	assert_string_equal(json_str(json_get(c->child, "reason")), "FailedCreate");
	assert_string_equal(json_str(json_get(c->child, "message")), "no quota");
	/* It tries again all the same, and the condition goes with the failure. */
	assert_int_equal(actions_count(&out, ACTION_CREATE, &res_pods, -1), 1);
	json_set(rs, "status", json_clone(status_patch(&out, &res_replicasets)));
	in.last_failure = NULL;
	replicaset_reconcile(&in, &after);
	assert_true(cJSON_IsNull(json_get(status_patch(&after, &res_replicasets), "conditions")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_creates_slowly),
		cmocka_unit_test(test_bounded_burst),
		cmocka_unit_test(test_steady),
		cmocka_unit_test(test_inactive_do_not_count),
		cmocka_unit_test(test_deleting_set_rests),
		cmocka_unit_test(test_adopts_and_releases),
		cmocka_unit_test(test_victims),
		cmocka_unit_test(test_shrinking_is_cheap),
		cmocka_unit_test(test_min_ready),
		cmocka_unit_test(test_failure_condition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
