// SPDX-License-Identifier: GPL-2.0-or-later
/* test_controllers_garbage.c - what goes with its owner, with its node */
#include "test_controllers.h"

#include "api/meta/view_meta.h"
#include "controllers/garbage.h"
#include "controllers/podgc.h"

#define OWNERS(list) "\"ownerReferences\":[" list "]"
#define OWNER(uid, block) "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"" uid "\",\"uid\":\"" uid \
			  "\",\"blockOwnerDeletion\":" block "}"

static json *object(const char *uid, const char *more)
{
	return json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\",\"uid\":\"%s\",\"resourceVersion\":\"5\"%s%s}}",
			  uid, uid, *more ? "," : "", more);
}

static const struct garbage_owner there = { .state = OWNER_THERE };
static const struct garbage_owner absent = { OWNER_ABSENT, &res_deployments, "ns" };
static const struct garbage_owner waiting = { OWNER_WAITING, &res_deployments, "ns" };

static void run(const json *obj, const struct garbage_owner *owners, const json *dependent, struct actions *out)
{
	struct garbage_object dep = { &res_pods, dependent };
	struct garbage_in in = {
		.of = { &res_replicasets, obj }, .owners = owners, .dependents = &dep,
		.n_dependents = dependent != NULL, .n_listed = dependent != NULL,
		.n_blocking = dependent && json_bool(json_get(meta_owners(dependent)->child, "blockOwnerDeletion"), false),
	};

	garbage_reconcile(&in, out);
}

static void test_owners(void **state)
{
	static const struct {
		const char *what;
		struct garbage_owner owners[2];
		const char *more;	/* finalizers */
		bool dependent;
		size_t verified;	/* owners looked for on the server first */
		const char *deleted;	/* propagation, or NULL */
		int left;		/* references left by a patch, or -1 */
	} rows[] = {
		{ "both live", { there, there }, "", true, 0, NULL, -1 },
		{ "both gone", { absent, absent }, "", true, 2, "Background", -1 },
		{ "one lives", { absent, there }, "", true, 1, NULL, 1 },
		{ "one lives, one waits", { waiting, there }, "", true, 0, NULL, 1 },
		{ "waiting, and dependents of its own", { waiting, absent }, "", true, 1, "Foreground", -1 },
		{ "waiting, nothing below", { waiting, absent }, "", false, 1, "Background", -1 },
		{ "gone, and it wants to orphan", { absent, absent }, ",\"finalizers\":[\"orphan\"]", true, 2, "Orphan", -1 },
		{ "gone, foreground", { absent, absent }, ",\"finalizers\":[\"foregroundDeletion\"]", true, 2, "Foreground", -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *more = xasprintf(OWNERS(OWNER("a", "true") "," OWNER("b", "true")) "%s", rows[i].more);
		_cleanup_json_ json *obj = object("x", more), *dep = object("d", OWNERS(OWNER("x", "true")));
		_cleanup_actions_ struct actions out = { 0 };
		size_t deletes, patches;

		run(obj, rows[i].owners, rows[i].dependent ? dep : NULL, &out);
		assert_int_equal(actions_count(&out, ACTION_VERIFY_GONE, &res_deployments, 0), rows[i].verified);
		deletes = actions_count(&out, ACTION_DELETE, &res_replicasets, 1);
		patches = actions_count(&out, ACTION_PATCH, &res_replicasets, 1);
		if (deletes != (rows[i].deleted != NULL) || patches != (rows[i].left >= 0))
			fail_msg("%s: %zu deletes, %zu patches", rows[i].what, deletes, patches);
		if (rows[i].deleted) {
			const struct action *act = actions_nth(&out, ACTION_DELETE, &res_replicasets, 0);

			assert_string_equal(act->uid, "x");
			assert_string_equal(act->propagation, rows[i].deleted);
		}
		if (rows[i].left >= 0) {
			const json *body = actions_nth(&out, ACTION_PATCH, &res_replicasets, 0)->body;

			assert_int_equal(json_len(meta_owners(body)), rows[i].left);
			assert_string_equal(json_str(json_get(meta_owners(body)->child, "uid")), "b");
			assert_string_equal(json_str(json_get(body, "metadata", "resourceVersion")), "5");
		}
	}
}

#define DELETING "\"deletionTimestamp\":\"2023-11-14T22:13:20Z\""

static void test_foreground(void **state)
{
	_cleanup_json_ json *obj = object("x", DELETING ",\"finalizers\":[\"a\",\"foregroundDeletion\"]");
	_cleanup_json_ json *blocks = object("d", OWNERS(OWNER("x", "true"))), *not = object("d", OWNERS(OWNER("x", "false")));
	_cleanup_actions_ struct actions held = { 0 }, free_of_it = { 0 }, alone = { 0 };
	const json *left;

	run(obj, NULL, blocks, &held);
	assert_int_equal(held.n, 0);
	run(obj, NULL, not, &free_of_it);
	assert_int_equal(free_of_it.n, 1);
	run(obj, NULL, NULL, &alone);
	assert_int_equal(alone.n, 1);
	left = json_get(alone.list[0].body, "metadata", "finalizers");
	assert_int_equal(json_len(left), 1);
	assert_string_equal(json_str(left->child), "a");
}

static void test_orphan(void **state)
{
	_cleanup_json_ json *obj = object("x", DELETING ",\"finalizers\":[\"orphan\"]");
	_cleanup_json_ json *dep = object("d", OWNERS(OWNER("x", "true") "," OWNER("y", "true")));
	_cleanup_actions_ struct actions out = { 0 };
	const struct action *act;

	run(obj, NULL, dep, &out);
	act = actions_nth(&out, ACTION_PATCH, &res_pods, 0);
	assert_int_equal(act->stage, 0);
	assert_int_equal(json_len(meta_owners(act->body)), 1);
	assert_string_equal(json_str(json_get(meta_owners(act->body)->child, "uid")), "y");
	/* Only then does the owner go. */
	act = actions_nth(&out, ACTION_PATCH, &res_replicasets, 0);
	assert_int_equal(act->stage, 1);
	assert_true(cJSON_IsNull(json_get(act->body, "metadata", "finalizers")));
}

/* Of many dependents some are let go in a round; the owner waits for the last of them. */
static void test_orphan_in_parts(void **state)
{
	_cleanup_json_ json *obj = object("x", DELETING ",\"finalizers\":[\"orphan\"]");
	_cleanup_json_ json *dep = object("d", OWNERS(OWNER("x", "true")));
	_cleanup_actions_ struct actions out = { 0 };
	struct garbage_object deps[] = { { &res_pods, dep }, { &res_pods, dep } };
	struct garbage_in in = {
		.of = { &res_replicasets, obj }, .dependents = deps, .n_listed = 2, .n_dependents = 3,
	};

	garbage_reconcile(&in, &out);
	assert_int_equal(actions_count(&out, ACTION_PATCH, &res_pods, 0), 2);
	assert_int_equal(actions_count(&out, ACTION_PATCH, &res_replicasets, -1), 0);
	assert_true(out.requeue_us > 0);
}

static void test_plain_deletion_is_left_alone(void **state)
{
	_cleanup_json_ json *obj = object("x", DELETING ",\"finalizers\":[\"somebody/else\"]," OWNERS(OWNER("a", "true")));
	_cleanup_actions_ struct actions out = { 0 };

	run(obj, &absent, NULL, &out);
	assert_int_equal(out.n, 0);
}

/* --- pods whose node is gone --- */

static void test_podgc(void **state)
{
	static const struct {
		const char *what, *more, *spec;
		bool known;
		size_t verifies, deletes;
		uint64_t requeue;
	} rows[] = {
		{ "its node is there", "\"creationTimestamp\":\"2023-11-14T20:00:00Z\"", "{\"nodeName\":\"n\"}", true, 0, 0, 0 },
		{ "its node is gone", "\"creationTimestamp\":\"2023-11-14T20:00:00Z\"", "{\"nodeName\":\"n\"}", false, 1, 1, 0 },
		{ "its node may still come", "\"creationTimestamp\":\"2023-11-14T22:13:10Z\"", "{\"nodeName\":\"n\"}", false, 0, 0,
		  30 * SECOND },
		{ "waits for a node", "", "{}", false, 0, 0, 0 },
		{ "went before it had a node", DELETING, "{}", false, 0, 1, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json *pod = object("p", rows[i].more);
		_cleanup_actions_ struct actions out = { 0 };

		json_set(pod, "spec", json_build("%s", rows[i].spec));
		podgc_reconcile(pod, rows[i].known, NOW, &out);
		if (actions_count(&out, ACTION_VERIFY_GONE, &res_nodes, 0) != rows[i].verifies ||
		    actions_count(&out, ACTION_DELETE, &res_pods, -1) != rows[i].deletes || out.requeue_us != rows[i].requeue)
			fail_msg("%s", rows[i].what);
		if (rows[i].deletes)
			assert_int_equal(actions_nth(&out, ACTION_DELETE, &res_pods, 0)->grace_period, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_foreground),
		cmocka_unit_test(test_orphan),
		cmocka_unit_test(test_orphan_in_parts),
		cmocka_unit_test(test_plain_deletion_is_left_alone),
		cmocka_unit_test(test_podgc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
