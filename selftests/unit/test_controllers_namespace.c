// SPDX-License-Identifier: GPL-2.0-or-later
/* test_controllers_namespace.c - what a namespace holds, and how it ends and says why not yet */
#include "test_controllers.h"
#include "test_fake_store.h"
#include "test_loop.h"

#include "controllers/controllers.h"
#include "controllers/namespace.h"
#include "controllers/namespace_deletion.h"

#define DELETING "\"deletionTimestamp\":\"2023-11-14T22:13:20Z\""

static json *terminating(void)
{
	return json_build("{\"metadata\":{\"name\":\"n\",\"resourceVersion\":\"9\"," DELETING "},"
			  "\"spec\":{\"finalizers\":[\"kubernetes\"]},\"status\":{\"phase\":\"Terminating\"}}");
}

/* more: further members of metadata, with a comma in front. */
static json *object(const char *name, const char *more)
{
	return json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"n\",\"uid\":\"u-%s\"%s}}", name, name, more);
}

static void test_active(void **state)
{
	_cleanup_json_ json *ns = json_build("{\"metadata\":{\"name\":\"n\"},\"spec\":{\"finalizers\":[\"kubernetes\"]}}");
	_cleanup_json_ json *sa = object("default", ""), *stale = object("kube-root-ca.crt", "");
	_cleanup_actions_ struct actions first = { 0 }, second = { 0 }, third = { 0 };
	struct namespace_in in = { .ns = ns, .ca_pem = "PEM" };

	json_set_str(json_obj(stale, "data"), "ca.crt", "old");
	namespace_reconcile(&in, &first);
	assert_string_equal(actions_nth(&first, ACTION_CREATE, &res_serviceaccounts, 0)->name, "default");
	assert_string_equal(actions_nth(&first, ACTION_CREATE, &res_configmaps, 0)->name, "kube-root-ca.crt");
	assert_string_equal(json_str(json_get(actions_nth(&first, ACTION_CREATE, &res_configmaps, 0)->body, "data", "ca.crt")), "PEM");
	in.account = sa;
	in.ca = stale;
	namespace_reconcile(&in, &second);
	assert_int_equal(second.n, 1);
	assert_string_equal(json_str(json_get(second.list[0].body, "data", "ca.crt")), "PEM");
	in.ca_pem = NULL;
	namespace_reconcile(&in, &third);
	assert_int_equal(third.n, 0);
}

/* --- the end, round by round --- */

struct content {
	struct objects living, dying;
	json *finalizers;
};

static struct namespace_content content(const struct resource *res, struct content *c)
{
	cJSON_Delete(c->finalizers);
	c->finalizers = json_new_object();
	for (size_t i = 0; i < c->dying.n; i++)
		json_each(f, json_get(c->dying.list[i], "metadata", "finalizers"))
			json_set_int(c->finalizers, json_str(f), json_int(json_get(c->finalizers, json_str(f)), 0) + 1);
	return (struct namespace_content){
		.res = res, .n_remaining = c->living.n + c->dying.n, .living = c->living.list, .n_living = c->living.n,
		.finalizers = c->finalizers,
	};
}

static void content_clear(struct content *c)
{
	objects_clear(&c->living);
	objects_clear(&c->dying);
	cJSON_Delete(c->finalizers);
}
#define _cleanup_content_ _cleanup_(content_clear)

static void run(const json *ns, const struct namespace_content *c, size_t n, const char *failure, struct actions *out)
{
	struct namespace_deletion_in in = {
		.ns = ns, .content = c, .n_content = n, .now = NOW,
		.failures = &failure, .n_failures = failure != NULL,
	};

	namespace_delete(&in, out);
}

/* "Status Reason: message" of a condition in a list. */
static void expect_condition(const json *list, const char *type, const char *text)
{
	json_each(c, list) {
		_cleanup_free_ char *got = NULL;

		if (!streq(json_str(json_get(c, "type")), type))
			continue;
		got = xasprintf("%s %s: %s", json_str(json_get(c, "status")), json_str(json_get(c, "reason")),
				json_str(json_get(c, "message")));
		assert_string_equal(got, text);
		assert_non_null(json_str(json_get(c, "lastTransitionTime")));
		return;
	}
	fail_msg("no condition %s", type);
}

static void test_asks_to_go(void **state)
{
	_cleanup_json_ json *ns = terminating();
	_cleanup_content_ struct content maps = { 0 }, secrets = { 0 };
	_cleanup_actions_ struct actions out = { 0 };
	struct namespace_content c[2];

	objects_add(&maps.living, object("a", ""));
	objects_add(&maps.living, object("b", ""));
	objects_add(&secrets.dying, object("c", "," DELETING));
	c[0] = content(&res_configmaps, &maps);
	c[1] = content(&res_secrets, &secrets);
	run(ns, c, 2, NULL, &out);
	/* By name and uid; nothing is listed, and nothing is said of what was not asked yet. */
	assert_int_equal(out.n, 2);
	assert_string_equal(actions_nth(&out, ACTION_DELETE, &res_configmaps, 1)->name, "b");
	assert_string_equal(actions_nth(&out, ACTION_DELETE, &res_configmaps, 1)->uid, "u-b");
	assert_string_equal(actions_nth(&out, ACTION_DELETE, &res_configmaps, 1)->propagation, "Background");
}

static void test_pods_go_first(void **state)
{
	_cleanup_json_ json *ns = terminating();
	_cleanup_content_ struct content maps = { 0 }, pods = { 0 };
	_cleanup_actions_ struct actions first = { 0 }, second = { 0 };
	struct namespace_content c[2];
	const json *list;

	objects_add(&maps.living, object("a", ""));
	objects_add(&pods.living, object("p", ""));
	c[0] = content(&res_configmaps, &maps);
	c[1] = content(&res_pods, &pods);
	run(ns, c, 2, NULL, &first);
	assert_int_equal(first.n, 1);
	assert_string_equal(actions_nth(&first, ACTION_DELETE, &res_pods, 0)->name, "p");
	/* On its way out, it still keeps the others. */
	pods.dying = pods.living;
	pods.living = (struct objects){ 0 };
	c[1] = content(&res_pods, &pods);
	run(ns, c, 2, NULL, &second);
	assert_int_equal(second.n, 1);
	list = json_get(status_patch(&second, &res_namespaces), "conditions");
	expect_condition(list, "NamespaceContentRemaining",
			 "True SomeResourcesRemain: Some resources are remaining: pods. has 1 resource instances");
	expect_condition(list, "NamespaceFinalizersRemaining",
			 "False ContentHasNoFinalizers: All content-preserving finalizers finished");
}

static void test_says_what_remains(void **state)
{
	_cleanup_json_ json *ns = terminating();
	_cleanup_content_ struct content maps = { 0 }, secrets = { 0 }, deployments = { 0 };
	_cleanup_actions_ struct actions out = { 0 }, again = { 0 }, fewer = { 0 };
	struct namespace_content c[3];
	const json *list;

	for (int i = 0; i < 12; i++)
		objects_add(&secrets.dying, object("s", "," DELETING ",\"finalizers\":[\"example.com/a\"]"));
	objects_add(&maps.dying, object("m", "," DELETING ",\"finalizers\":[\"example.com/b\",\"example.com/a\"]"));
	objects_add(&deployments.dying, object("d", "," DELETING ",\"finalizers\":[\"foregroundDeletion\"]"));
	c[0] = content(&res_secrets, &secrets);
	c[1] = content(&res_deployments, &deployments);
	c[2] = content(&res_configmaps, &maps);
	run(ns, c, 3, NULL, &out);
	assert_int_equal(out.n, 1);
	list = json_get(status_patch(&out, &res_namespaces), "conditions");
	assert_int_equal(json_len(list), 5);
	expect_condition(list, "NamespaceDeletionDiscoveryFailure",
			 "False ResourcesDiscovered: All resources successfully discovered");
	expect_condition(list, "NamespaceDeletionGroupVersionParsingFailure",
			 "False ParsedGroupVersions: All legacy kube types successfully parsed");
	expect_condition(list, "NamespaceDeletionContentFailure",
			 "False ContentDeleted: All content successfully deleted, may be waiting on finalization");
	expect_condition(list, "NamespaceContentRemaining",
			 "True SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances, "
			 "deployments.apps has 1 resource instances, secrets. has 12 resource instances");
	expect_condition(list, "NamespaceFinalizersRemaining",
			 "True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: "
			 "example.com/a in 13 resource instances, example.com/b in 1 resource instances, "
			 "foregroundDeletion in 1 resource instances");
	/* Said once. */
	json_set(json_obj(ns, "status"), "conditions", json_clone(list));
	run(ns, c, 3, NULL, &again);
	assert_int_equal(again.n, 0);
	/* The message follows, the time of the last transition stays. */
	json_set_str(json_get(ns, "status", "conditions")->child->next->next->next, "lastTransitionTime", "2023-11-14T20:00:00Z");
	run(ns, c, 2, NULL, &fewer);
	list = json_get(status_patch(&fewer, &res_namespaces), "conditions");
	assert_string_equal(json_str(json_get(list->child->next->next->next, "lastTransitionTime")), "2023-11-14T20:00:00Z");
	assert_string_equal(json_str(json_get(list->child->next->next->next, "message")),
			    "Some resources are remaining: deployments.apps has 1 resource instances, secrets. has 12 resource instances");
}

static void test_says_why_it_fails(void **state)
{
	_cleanup_json_ json *ns = terminating();
	_cleanup_content_ struct content maps = { 0 };
	_cleanup_actions_ struct actions out = { 0 };
	struct namespace_content c;
	const json *list;

	objects_add(&maps.living, object("m", ""));
	c = content(&res_configmaps, &maps);
	run(ns, &c, 1, "no such luck", &out);
	assert_int_equal(actions_count(&out, ACTION_DELETE, &res_configmaps, -1), 1);
	list = json_get(status_patch(&out, &res_namespaces), "conditions");
	expect_condition(list, "NamespaceDeletionContentFailure",
			 "True ContentDeletionFailed: Failed to delete all resource types, 1 remaining: no such luck");
	expect_condition(list, "NamespaceContentRemaining",
			 "True SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances");
}

/* Nothing is left: says so first, then asks the server of every kind, and finalizes. */
static void test_finalizes(void **state)
{
	_cleanup_json_ json *ns = terminating();
	_cleanup_actions_ struct actions says = { 0 }, out = { 0 }, done = { 0 };
	const struct action *act;

	run(ns, NULL, 0, NULL, &says);
	assert_int_equal(says.n, 1);
	expect_condition(json_get(status_patch(&says, &res_namespaces), "conditions"), "NamespaceContentRemaining",
			 "False ContentRemoved: All content successfully removed");
	json_set(json_obj(ns, "status"), "conditions", json_clone(json_get(status_patch(&says, &res_namespaces), "conditions")));
	run(ns, NULL, 0, NULL, &out);
	for (size_t i = 0; kind_stored_at(i); i++)
		assert_int_equal(actions_count(&out, ACTION_DELETE_ALL, kind_stored_at(i)->res, 0),
				 kind_stored_at(i)->res->namespaced);
	assert_int_equal(actions_count(&out, ACTION_DELETE_ALL, &res_events, 0), 1);
	act = actions_nth(&out, ACTION_UPDATE, &res_namespaces, 0);
	assert_int_equal(act->stage, 1);
	assert_string_equal(act->subresource, "finalize");
	assert_int_equal(json_len(json_get(act->body, "spec", "finalizers")), 0);
	json_set(json_get(ns, "spec"), "finalizers", json_new_array());
	run(ns, NULL, 0, NULL, &done);
	assert_int_equal(done.n, 0);
}

/* --- over a store --- */

static struct bench {
	sd_event *loop;
	struct fake_store *s;
	struct controllers *c;
} bench;

static int setup(void **state)
{
	assert_int_equal(loop_new(&bench.loop), 0);
	bench.s = fake_store_new(bench.loop);
	bench.c = controllers_start(bench.loop, &bench.s->store, NULL);
	return 0;
}

static int teardown(void **state)
{
	controllers_free(bench.c);
	loop_until(bench.loop, 2000, !bench.s->pending);
	fake_store_free(bench.s);
	sd_event_unref(bench.loop);
	return 0;
}

static json *held(const char *name)
{
	return object(name, ",\"finalizers\":[\"example.com/hold\"]");
}

static const char *message(const char *type)
{
	json **ns = fake_find(bench.s, &res_namespaces, NULL, "n");

	return json_str_or(json_get(ns ? status_condition(*ns, type) : NULL, "message"), "");
}

static void ignore(void *data, const struct store_result *res)
{
}

static void let_go(const struct resource *res, const char *name)
{
	_cleanup_json_ json *patch = json_build("{\"metadata\":{\"finalizers\":null}}");

	fake_patch(&bench.s->store, res, "n", name, NULL, STORE_PATCH_MERGE, patch, ignore, NULL);
}

static void test_life(void **state)
{
	struct fake_store *s = bench.s;

	fake_put(s, &res_namespaces, json_build("{\"metadata\":{\"name\":\"n\"},\"spec\":{\"finalizers\":[\"kubernetes\"]}}"));
	fake_put(s, &res_namespaces, json_build("{\"metadata\":{\"name\":\"other\"},\"spec\":{\"finalizers\":[\"kubernetes\"]}}"));
	fake_put(s, &res_configmaps, held("held"));
	fake_put(s, &res_secrets, held("held-too"));
	fake_put(s, &res_configmaps, object("free", ""));
	fake_put(s, &res_pods, held("pod"));
	for (int i = 0; i < 450; i++) {
		_cleanup_free_ char *name = xasprintf("e%d", i);

		fake_put(s, &res_events, object(name, ""));
	}
	loop_until(bench.loop, 5000, fake_find(s, &res_serviceaccounts, "n", "default") && !s->pending);
	s->listed = 0;
	fake_put(s, &res_namespaces, terminating());
	loop_until(bench.loop, 5000, streq(message("NamespaceFinalizersRemaining"),
					   "Some content in the namespace has finalizers remaining: "
					   "example.com/hold in 1 resource instances"));
	/* The pod keeps all the rest. */
	assert_non_null(fake_find(s, &res_configmaps, "n", "free"));
	let_go(&res_pods, "pod");
	loop_until(bench.loop, 5000, !fake_find(s, &res_configmaps, "n", "free"));
	loop_until(bench.loop, 5000, streq(message("NamespaceContentRemaining"),
					   "Some resources are remaining: configmaps. has 1 resource instances, "
					   "secrets. has 1 resource instances"));
	let_go(&res_secrets, "held-too");
	loop_until(bench.loop, 5000, streq(message("NamespaceFinalizersRemaining"),
					   "Some content in the namespace has finalizers remaining: "
					   "example.com/hold in 1 resource instances"));
	/* To know all this, nothing was listed. */
	assert_int_equal(s->listed, 0);
	let_go(&res_configmaps, "held");
	loop_until(bench.loop, 10000, !fake_find(s, &res_namespaces, NULL, "n"));
	assert_int_equal(fake_count(s, &res_events), 0);
	assert_int_equal(s->listed, 450);
	assert_non_null(fake_find(s, &res_serviceaccounts, "other", "default"));
}

/* What cannot be deleted is told, and tried again. */
static void test_failing_deletion(void **state)
{
	struct fake_store *s = bench.s;

	s->fail_delete_res = &res_secrets;
	fake_put(s, &res_secrets, object("a", ""));
	fake_put(s, &res_namespaces, terminating());
	loop_until(bench.loop, 5000, streq(message("NamespaceDeletionContentFailure"),
					   "Failed to delete all resource types, 1 remaining: error -13"));
	s->fail_delete_res = NULL;
	loop_until(bench.loop, 5000, !fake_find(s, &res_namespaces, NULL, "n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_active),
		cmocka_unit_test(test_asks_to_go),
		cmocka_unit_test(test_pods_go_first),
		cmocka_unit_test(test_says_what_remains),
		cmocka_unit_test(test_says_why_it_fails),
		cmocka_unit_test(test_finalizes),
		cmocka_unit_test_setup_teardown(test_life, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failing_deletion, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
