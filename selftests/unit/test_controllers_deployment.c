// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_controllers_deployment.c - rollouts, step by step
 *
 * A small world stands in for the cluster: what a reconcile decides is done to
 * the objects at once, and ReplicaSets of good images gain one available pod a
 * step. After every step the promises of a rolling update must hold.
 */
#include <stdio.h>

#include "test_controllers.h"

#include "api/meta/patch.h"
#include "api/meta/view_deployment.h"
#include "controllers/deployment.h"
#include "controllers/template.h"

struct world {
	json *d;
	struct objects sets, pods;
	uint64_t now;
	int serial;
	struct actions last;		/* of the last step */
	const char *failure;
};

#define REVISION "deployment.kubernetes.io/revision"

static struct world world_new(int replicas, const char *strategy)
{
	struct world w = { .now = NOW };

	w.d = json_build("{\"metadata\":{\"name\":\"web\",\"namespace\":\"ns\",\"uid\":\"d\",\"generation\":1,"
			 "\"resourceVersion\":\"1\",\"annotations\":{\"who\":\"me\","
			 "\"kubectl.kubernetes.io/last-applied-configuration\":\"x\"}},"
			 "\"spec\":{\"replicas\":%d,\"selector\":{\"matchLabels\":{\"app\":\"web\"}},\"strategy\":%s,"
			 "\"template\":{\"metadata\":{\"labels\":{\"app\":\"web\"}},"
			 "\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"v1\"}]}}}}", replicas, strategy);
	return w;
}

static void world_clear(struct world *w)
{
	cJSON_Delete(w->d);
	objects_clear(&w->sets);
	objects_clear(&w->pods);
	actions_clear(&w->last);
}
#define _cleanup_world_ _cleanup_(world_clear)

static void world_spec(struct world *w, const char *key, json *value)
{
	json_set(json_get(w->d, "spec"), key, value);
	json_set_int(json_get(w->d, "metadata"), "generation", meta_generation(w->d) + 1);
}

static void world_image(struct world *w, const char *image)
{
	json_set_str(json_get(w->d, "spec", "template", "spec", "containers")->child, "image", image);
	json_set_int(json_get(w->d, "metadata"), "generation", meta_generation(w->d) + 1);
}

static json *merged(const json *obj, const json *patch)
{
	char *msg = NULL;
	json *ret = NULL;

	assert_int_equal(patch_merge(obj, patch, &ret, &msg), 0);
	return ret;
}

static void perform(struct world *w, const struct action *act)
{
	json *obj;
	char text[24];

	if (act->res == &res_deployments) {
		assert_int_equal(act->type, ACTION_PATCH);
		obj = merged(w->d, act->body);
		cJSON_Delete(w->d);
		w->d = obj;
		return;
	}
	assert_ptr_equal(act->res, &res_replicasets);
	if (act->type == ACTION_CREATE) {
		obj = objects_add(&w->sets, json_clone(act->body));
		snprintf(text, sizeof(text), "rs%d", ++w->serial);
		json_set_str(json_get(obj, "metadata"), "uid", text);
		json_set_int(json_get(obj, "metadata"), "generation", 1);
		json_set_str(json_get(obj, "metadata"), "creationTimestamp", time_text(w->now));
		return;
	}
	for (size_t i = 0; i < w->sets.n; i++) {
		if (!streq(meta_name(w->sets.list[i]), act->name))
			continue;
		if (act->type == ACTION_DELETE) {
			cJSON_Delete((json *)w->sets.list[i]);
			w->sets.list[i] = w->sets.list[--w->sets.n];
			return;
		}
		assert_int_equal(act->type, ACTION_PATCH);
		obj = merged(w->sets.list[i], act->body);
		if (json_get(act->body, "spec"))
			json_set_int(json_get(obj, "metadata"), "generation", meta_generation(obj) + 1);
		cJSON_Delete((json *)w->sets.list[i]);
		w->sets.list[i] = obj;
		return;
	}
	fail_msg("no ReplicaSet %s", act->name);
}

static const char *image_of(const json *rs)
{
	return json_str(json_get(json_get(rs, "spec", "template", "spec", "containers")->child, "image"));
}

static int64_t status_of(const json *obj, const char *key)
{
	return json_int(json_get(obj, "status", key), 0);
}

/* What the ReplicaSet controller and the kubelets would do meanwhile. */
static void live(struct world *w)
{
	for (size_t i = 0; i < w->sets.n; i++) {
		json *rs = (json *)w->sets.list[i], *st = json_obj(rs, "status");
		int64_t n = workload_replicas(rs), available = status_of(rs, "availableReplicas");

		if (!streq(image_of(rs), "bad") && available < n)
			available++;
		if (available > n)
			available = n;
		json_set_int(st, "replicas", n);
		json_set_int(st, "readyReplicas", available);
		json_set_int(st, "availableReplicas", available);
		json_set_int(st, "observedGeneration", meta_generation(rs));
	}
}

static void reconcile(struct world *w)
{
	_cleanup_free_ char *name = deployment_new_name(w->d);
	struct deployment_in in = {
		.d = w->d, .candidates = w->sets.list, .n_candidates = w->sets.n,
		.pods = w->pods.list, .n_pods = w->pods.n, .now = w->now, .last_failure = w->failure,
	};

	for (size_t i = 0; i < w->sets.n; i++)
		if (streq(meta_name(w->sets.list[i]), name))
			in.namesake = w->sets.list[i];
	actions_clear(&w->last);
	deployment_reconcile(&in, &w->last);
	for (size_t i = 0; i < w->last.n; i++)
		perform(w, &w->last.list[i]);
}

static void check_bounds(const struct world *w)
{
	int64_t total = 0, available = 0, surge, unavailable;

	deployment_bounds(w->d, &surge, &unavailable);
	for (size_t i = 0; i < w->sets.n; i++) {
		total += workload_replicas(w->sets.list[i]);
		available += status_of(w->sets.list[i], "availableReplicas");
	}
	assert_true(total <= workload_replicas(w->d) + surge);
	assert_true(available >= workload_replicas(w->d) - unavailable);
}

/* Until a step decides nothing. */
static void settle(struct world *w, bool bounded)
{
	for (int i = 0; i < 200; i++) {
		reconcile(w);
		if (bounded)
			check_bounds(w);
		live(w);
		if (bounded)
			check_bounds(w);
		w->now += SECOND;
		if (!w->last.n) {
			reconcile(w);
			if (!w->last.n)
				return;
		}
	}
	fail_msg("it never comes to rest");
}

static const json *set_of_image(const struct world *w, const char *image)
{
	for (size_t i = 0; i < w->sets.n; i++)
		if (streq(image_of(w->sets.list[i]), image))
			return w->sets.list[i];
	fail_msg("no ReplicaSet of %s", image);
	return NULL;
}

static void expect_condition(const struct world *w, const char *type, const char *status, const char *reason)
{
	const json *c = status_condition(w->d, type);

	assert_non_null(c);
	assert_string_equal(json_str(json_get(c, "status")), status);
	assert_string_equal(json_str(json_get(c, "reason")), reason);
}

static void expect_complete(const struct world *w, const char *revision)
{
	int64_t n = workload_replicas(w->d);

	assert_int_equal(status_of(w->d, "replicas"), n);
	assert_int_equal(status_of(w->d, "updatedReplicas"), n);
	assert_int_equal(status_of(w->d, "readyReplicas"), n);
	assert_int_equal(status_of(w->d, "availableReplicas"), n);
	assert_int_equal(status_of(w->d, "unavailableReplicas"), 0);
	assert_int_equal(status_of(w->d, "observedGeneration"), meta_generation(w->d));
	assert_string_equal(meta_annotation(w->d, REVISION), revision);
	expect_condition(w, "Available", "True", "MinimumReplicasAvailable");
	expect_condition(w, "Progressing", "True", "NewReplicaSetAvailable");
}

#define ROLLING(surge, unavailable) \
	"{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxSurge\":" surge ",\"maxUnavailable\":" unavailable "}}"

static void test_first_rollout(void **state)
{
	_cleanup_world_ struct world w = world_new(3, ROLLING("1", "0"));
	const struct action *act;
	const char *hash;

	reconcile(&w);
	act = actions_nth(&w.last, ACTION_CREATE, &res_replicasets, 0);
	hash = meta_label(act->body, POD_TEMPLATE_HASH_LABEL);
	assert_non_null(hash);
	assert_string_equal(act->name + strlen("web-"), hash);
	assert_string_equal(json_str(json_get(act->body, "spec", "selector", "matchLabels", POD_TEMPLATE_HASH_LABEL)), hash);
	assert_string_equal(json_str(json_get(act->body, "spec", "template", "metadata", "labels", POD_TEMPLATE_HASH_LABEL)), hash);
	assert_string_equal(meta_controller_uid(act->body), "d");
	assert_string_equal(meta_annotation(act->body, REVISION), "1");
	assert_string_equal(meta_annotation(act->body, "who"), "me");
	assert_null(meta_annotation(act->body, "kubectl.kubernetes.io/last-applied-configuration"));
	assert_string_equal(meta_annotation(act->body, "deployment.kubernetes.io/desired-replicas"), "3");
	assert_string_equal(meta_annotation(act->body, "deployment.kubernetes.io/max-replicas"), "4");
	assert_int_equal(workload_replicas(act->body), 3);
	assert_string_equal(act->ok_reason, "ScalingReplicaSet");
	expect_condition(&w, "Progressing", "True", "NewReplicaSetCreated");
	expect_condition(&w, "Available", "False", "MinimumReplicasUnavailable");
	settle(&w, false);
	expect_complete(&w, "1");
	assert_int_equal(w.sets.n, 1);
}

static void test_rolling_updates(void **state)
{
	static const struct {
		int replicas;
		const char *strategy;
	} rows[] = {
		{ 3, ROLLING("1", "0") }, { 3, ROLLING("0", "1") }, { 10, ROLLING("\"25%\"", "\"25%\"") },
		{ 10, ROLLING("3", "2") }, { 1, ROLLING("\"25%\"", "\"25%\"") }, { 4, ROLLING("0", "0") },
		{ 5, ROLLING("\"100%\"", "\"100%\"") },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_world_ struct world w = world_new(rows[i].replicas, rows[i].strategy);

		settle(&w, false);
		world_image(&w, "v2");
		settle(&w, true);
		expect_complete(&w, "2");
		assert_int_equal(w.sets.n, 2);
		assert_int_equal(workload_replicas(set_of_image(&w, "v1")), 0);
		/* And back again: the first ReplicaSet is used once more. */
		world_image(&w, "v1");
		settle(&w, true);
		expect_complete(&w, "3");
		assert_int_equal(w.sets.n, 2);
		assert_string_equal(meta_annotation(set_of_image(&w, "v1"), REVISION), "3");
		assert_string_equal(meta_annotation(set_of_image(&w, "v1"), "deployment.kubernetes.io/revision-history"), "1");
	}
}

static void test_bad_image_times_out(void **state)
{
	_cleanup_world_ struct world w = world_new(4, ROLLING("1", "1"));

	settle(&w, false);
	world_image(&w, "bad");
	settle(&w, true);
	expect_condition(&w, "Progressing", "True", "ReplicaSetUpdated");
	assert_true(w.last.requeue_us > 0 && w.last.requeue_us <= 601 * SECOND);
	w.now += 601 * SECOND;
	settle(&w, true);
	expect_condition(&w, "Progressing", "False", "ProgressDeadlineExceeded");
	expect_condition(&w, "Available", "True", "MinimumReplicasAvailable");
	/* A good one mends it, and the pods that never worked go first. */
	world_image(&w, "v3");
	settle(&w, true);
	expect_complete(&w, "3");
}

static void test_scaling(void **state)
{
	_cleanup_world_ struct world w = world_new(3, ROLLING("1", "0"));

	settle(&w, false);
	world_spec(&w, "replicas", json_new_int(6));
	reconcile(&w);
	assert_string_equal(actions_nth(&w.last, ACTION_PATCH, &res_replicasets, 0)->ok_reason, "ScalingReplicaSet");
	assert_int_equal(workload_replicas(w.sets.list[0]), 6);
	settle(&w, false);
	expect_complete(&w, "1");
	world_spec(&w, "replicas", json_new_int(0));
	settle(&w, false);
	expect_complete(&w, "1");
	assert_int_equal(workload_replicas(w.sets.list[0]), 0);
}

/* The example of Kubernetes' documentation: 8 old and 5 new, 10 become 15. */
static void test_proportional_scaling(void **state)
{
	_cleanup_world_ struct world w = world_new(10, ROLLING("3", "2"));

	settle(&w, false);
	world_image(&w, "bad");
	settle(&w, true);
	assert_int_equal(workload_replicas(set_of_image(&w, "v1")), 8);
	assert_int_equal(workload_replicas(set_of_image(&w, "bad")), 5);
	world_spec(&w, "replicas", json_new_int(15));
	reconcile(&w);
	assert_int_equal(workload_replicas(set_of_image(&w, "v1")), 11);
	assert_int_equal(workload_replicas(set_of_image(&w, "bad")), 7);
	assert_string_equal(meta_annotation(set_of_image(&w, "v1"), "deployment.kubernetes.io/max-replicas"), "18");
	settle(&w, false);
	world_spec(&w, "replicas", json_new_int(10));
	reconcile(&w);
	assert_int_equal(workload_replicas(set_of_image(&w, "v1")) + workload_replicas(set_of_image(&w, "bad")), 13);
}

static void test_recreate(void **state)
{
	_cleanup_world_ struct world w = world_new(2, "{\"type\":\"Recreate\"}");
	json *pod;

	settle(&w, false);
	expect_complete(&w, "1");
	pod = objects_add(&w.pods, json_build("{\"metadata\":{\"name\":\"p\",\"uid\":\"p\",\"deletionTimestamp\":\"x\","
		"\"ownerReferences\":[{\"uid\":\"%s\",\"controller\":true}]},\"status\":{\"phase\":\"Running\"}}",
		meta_uid(w.sets.list[0])));
	world_image(&w, "v2");
	settle(&w, false);
	/* The old pod is still there: no new ReplicaSet. */
	assert_int_equal(w.sets.n, 1);
	assert_int_equal(workload_replicas(w.sets.list[0]), 0);
	json_set_str(json_get(pod, "status"), "phase", "Succeeded");
	settle(&w, false);
	assert_int_equal(w.sets.n, 2);
	expect_complete(&w, "2");
}

static void test_paused(void **state)
{
	_cleanup_world_ struct world w = world_new(3, ROLLING("1", "0"));

	settle(&w, false);
	world_spec(&w, "paused", json_new_bool(true));
	world_image(&w, "v2");
	world_spec(&w, "replicas", json_new_int(5));
	settle(&w, false);
	assert_int_equal(w.sets.n, 1);
	assert_int_equal(workload_replicas(w.sets.list[0]), 5);
	expect_condition(&w, "Progressing", "Unknown", "DeploymentPaused");
	/* A pause is not charged the deadline. */
	w.now += 3600 * SECOND;
	settle(&w, false);
	world_spec(&w, "paused", NULL);
	settle(&w, true);
	assert_int_equal(w.sets.n, 2);
	expect_complete(&w, "2");
}

static void test_history_is_trimmed(void **state)
{
	_cleanup_world_ struct world w = world_new(1, ROLLING("1", "0"));

	world_spec(&w, "revisionHistoryLimit", json_new_int(2));
	for (int i = 1; i <= 6; i++) {
		char image[16];

		snprintf(image, sizeof(image), "v%d", i);
		world_image(&w, image);
		settle(&w, false);
	}
	assert_int_equal(w.sets.n, 3);
	set_of_image(&w, "v6");
	set_of_image(&w, "v5");
	set_of_image(&w, "v4");
	expect_complete(&w, "6");
}

static void test_name_is_taken(void **state)
{
	_cleanup_world_ struct world w = world_new(1, ROLLING("1", "0"));
	_cleanup_free_ char *name = deployment_new_name(w.d), *other = NULL;

	objects_add(&w.sets, json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\",\"uid\":\"z\","
		"\"ownerReferences\":[{\"uid\":\"else\",\"controller\":true}]},\"spec\":{\"replicas\":0,"
		"\"template\":{\"spec\":{\"containers\":[{\"image\":\"z\"}]}}}}", name));
	reconcile(&w);
	assert_int_equal(actions_count(&w.last, ACTION_CREATE, &res_replicasets, -1), 0);
	assert_int_equal(status_of(w.d, "collisionCount"), 1);
	other = deployment_new_name(w.d);
	assert_string_not_equal(name, other);
	settle(&w, false);
	assert_int_equal(w.sets.n, 2);
	assert_int_equal(status_of(w.d, "collisionCount"), 1);
	expect_complete(&w, "1");
}

static void test_create_failure_is_told(void **state)
{
	_cleanup_world_ struct world w = world_new(1, ROLLING("1", "0"));
	const json *conditions;

	w.failure = "no quota";
	reconcile(&w);
	/* The first status written says so; the second, after the creation, says that it was made. */
	conditions = json_get(actions_nth(&w.last, ACTION_PATCH, &res_deployments, 0)->body, "status", "conditions");
	assert_string_equal(json_str(json_get(conditions->child, "reason")), "ReplicaSetCreateError");
	expect_condition(&w, "Progressing", "True", "NewReplicaSetCreated");
}

static void test_deleting_only_reports(void **state)
{
	_cleanup_world_ struct world w = world_new(3, ROLLING("1", "0"));

	settle(&w, false);
	json_set_str(json_get(w.d, "metadata"), "deletionTimestamp", time_text(NOW));
	world_image(&w, "v2");
	reconcile(&w);
	assert_int_equal(actions_count(&w.last, ACTION_CREATE, &res_replicasets, -1), 0);
	assert_int_equal(status_of(w.d, "observedGeneration"), meta_generation(w.d));
}

static void test_templates(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{ "{\"spec\":{\"x\":1,\"y\":2}}", "{\"spec\":{\"y\":2,\"x\":1}}", true },
		{ "{\"metadata\":{\"creationTimestamp\":null},\"spec\":{}}", "{\"spec\":{}}", true },
		{ "{\"metadata\":{\"labels\":{\"pod-template-hash\":\"z\"}}}", "{}", true },
		{ "{\"metadata\":{\"labels\":{\"a\":\"b\",\"pod-template-hash\":\"z\"}}}", "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}", true },
		{ "{\"spec\":{\"containers\":[{\"resources\":{},\"command\":[]}]}}", "{\"spec\":{\"containers\":[{}]}}", true },
		{ "{\"spec\":{\"containers\":[{\"image\":\"a\"}]}}", "{\"spec\":{\"containers\":[{\"image\":\"b\"}]}}", false },
		{ "{\"spec\":{\"volumes\":[{\"emptyDir\":{}}]}}", "{\"spec\":{\"volumes\":[{}]}}", false },
		{ "{\"spec\":{\"l\":[1,2]}}", "{\"spec\":{\"l\":[2,1]}}", false },
		{ "{\"spec\":{\"hostNetwork\":false}}", "{\"spec\":{\"hostNetwork\":true}}", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json *a = json_build("%s", rows[i].a), *b = json_build("%s", rows[i].b);
		char ha[TEMPLATE_HASH_LEN], hb[TEMPLATE_HASH_LEN];

		template_hash(a, 0, ha);
		template_hash(b, 0, hb);
		if (template_equal(a, b) != rows[i].equal || streq(ha, hb) != rows[i].equal)
			fail_msg("row %zu: %s %s", i, ha, hb);
		template_hash(a, 1, hb);
		assert_string_not_equal(ha, hb);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_rollout),
		cmocka_unit_test(test_rolling_updates),
		cmocka_unit_test(test_bad_image_times_out),
		cmocka_unit_test(test_scaling),
		cmocka_unit_test(test_proportional_scaling),
		cmocka_unit_test(test_recreate),
		cmocka_unit_test(test_paused),
		cmocka_unit_test(test_history_is_trimmed),
		cmocka_unit_test(test_name_is_taken),
		cmocka_unit_test(test_create_failure_is_told),
		cmocka_unit_test(test_deleting_only_reports),
		cmocka_unit_test(test_templates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
