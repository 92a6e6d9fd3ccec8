// SPDX-License-Identifier: GPL-2.0-or-later
/* test_controllers_runner.c - the shell of the controllers, over a store in memory */
#include "test_controllers.h"
#include "test_fake_store.h"
#include "test_loop.h"

#include "api/meta/view_pod.h"
#include "base/metrics.h"
#include "controllers/controllers.h"
#include "controllers/runner.h"

/* A controller whose sync is the test's: keys are ConfigMaps. */
struct bench {
	sd_event *loop;
	struct fake_store *fake;
	struct informers *informers;
	struct runner *runner;
	int runs;			/* syncs so far */
	char *last_failure;		/* what the last one was told */
	void (*decide)(struct bench *b, const struct sync *s, const json *obj, struct actions *out);
};
static struct bench bench;

static void sync_bench(const struct sync *s, struct actions *out)
{
	const json *obj = informers_get(s->informers, &res_configmaps, s->ns, s->name);

	bench.runs++;
	free(bench.last_failure);
	bench.last_failure = s->last_failure ? xstrdup(s->last_failure) : NULL;
	if (!obj)
		return;
	out->about_res = &res_configmaps;
	out->about = obj;
	bench.decide(&bench, s, obj, out);
}

static void secret_changed(struct runner *r, const json *old, const json *new)
{
}

static const struct controller bench_controller = {
	.name = "bench",
	.watches = (const struct controller_watch[]){
		{ &res_configmaps, runner_changed_self },
		{ &res_secrets, secret_changed },
		{ 0 },
	},
	.sync = sync_bench,
};

static int setup(void **state)
{
	assert_int_equal(loop_new(&bench.loop), 0);
	bench.fake = fake_store_new(bench.loop);
	bench.informers = informers_new(bench.loop, &bench.fake->store);
	bench.runner = runner_new(bench.loop, &bench.fake->store, bench.informers, &bench_controller, NULL);
	bench.runs = 0;
	return 0;
}

static int teardown(void **state)
{
	runner_free(bench.runner);
	informers_free(bench.informers);
	loop_until(bench.loop, 2000, !bench.fake->pending);
	fake_store_free(bench.fake);
	sd_event_unref(bench.loop);
	free(bench.last_failure);
	bench = (struct bench){ 0 };
	return 0;
}

static void put_key(const char *name)
{
	fake_put(bench.fake, &res_configmaps, json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\"}}", name));
}

static void start_informers(void)
{
	informers_start(bench.informers);
	loop_until(bench.loop, 2000, runner_idle(bench.runner));
}

static void busy(unsigned ms)
{
	uint64_t end = now_monotonic_us() + ms * 1000ULL;

	while (now_monotonic_us() < end)
		;
}

static void decide_slowly(struct bench *b, const struct sync *s, const json *obj, struct actions *out)
{
	busy(1);
}

/* However many keys there are, a turn of the loop is short. */
static void test_short_turns(void **state)
{
	int most = 0;

	bench.decide = decide_slowly;
	for (int i = 0; i < 40; i++) {
		_cleanup_free_ char *name = xasprintf("k%d", i);

		put_key(name);
	}
	informers_start(bench.informers);
	while (bench.runs < 40) {
		int had = bench.runs;

		assert_true(sd_event_run(bench.loop, 1000000) >= 0);
		if (bench.runs - had > most)
			most = bench.runs - had;
	}
	assert_true(most >= 2);		/* not one by one either */
	assert_true(most <= 6);		/* of a millisecond each; the budget is five */
}

static void decide_nothing(struct bench *b, const struct sync *s, const json *obj, struct actions *out)
{
}

static int walked;

static void enqueue_slowly(struct runner *r, const struct resource *res, const json *obj)
{
	_cleanup_free_ char *key = xasprintf("ns/%s", meta_name(obj));

	walked++;
	busy(1);
	runner_enqueue(r, key);
}

/* Keys for all that is filed under one, in parts too. */
static void test_enqueue_filed(void **state)
{
	int most = 0;

	walked = 0;
	bench.decide = decide_nothing;
	informers_index(bench.informers, &res_secrets, index_by_controller_uid, INDEX_EVERY);
	for (int i = 0; i < 40; i++)
		fake_put(bench.fake, &res_secrets, json_build("{\"metadata\":{\"name\":\"s%d\",\"namespace\":\"ns\",\"uid\":\"s%d\","
							      "\"ownerReferences\":[{\"uid\":\"o%d\",\"controller\":true}]}}", i, i, i % 2));
	start_informers();
	assert_int_equal(bench.runs, 0);
	runner_enqueue_filed(bench.runner, &res_secrets, index_by_controller_uid, "nobody", enqueue_slowly);
	assert_true(runner_idle(bench.runner));
	runner_enqueue_filed(bench.runner, &res_secrets, index_by_controller_uid, "o1", enqueue_slowly);
	assert_false(runner_idle(bench.runner));
	while (!runner_idle(bench.runner)) {
		int had = walked;

		assert_true(sd_event_run(bench.loop, 1000000) > 0);
		if (walked - had > most)
			most = walked - had;
	}
	assert_int_equal(bench.runs, 20);
	assert_int_equal(walked, 20);
	assert_true(most <= 6);
}

/* Within a time, together with others; a sooner wish counts. */
static void test_enqueue_by(void **state)
{
	bench.decide = decide_nothing;
	put_key("a");
	start_informers();
	for (int i = 0; i < 5; i++)
		runner_enqueue_by(bench.runner, "ns/a", 20000);
	assert_int_equal(bench.runs, 1);
	loop_until(bench.loop, 2000, bench.runs == 2);
	loop_for(bench.loop, 50);
	assert_int_equal(bench.runs, 2);
	runner_enqueue_by(bench.runner, "ns/a", 3600000000);
	runner_enqueue_by(bench.runner, "ns/a", 1000);
	loop_until(bench.loop, 2000, bench.runs == 3);
	runner_enqueue_by(bench.runner, "ns/a", 3600000000);
	runner_enqueue(bench.runner, "ns/a");
	loop_until(bench.loop, 2000, bench.runs == 4);
}

static json *secret(const char *generate)
{
	return json_build("{\"metadata\":{\"generateName\":\"%s\",\"namespace\":\"ns\"}}", generate);
}

/* Makes one secret if there is none in the cache. */
static void decide_one_secret(struct bench *b, const struct sync *s, const json *obj, struct actions *out)
{
	struct action *act;

	if (informer_count(informers_of(s->informers, &res_secrets)))
		return;
	act = actions_create(out, 0, &res_secrets, "ns", secret("x-"));
	action_on_ok(act, "Made", "Created secret: %%s");
	action_on_failure(act, "NotMade", "Error creating: ");
}

static void test_one_run_for_each_key(void **state)
{
	bench.decide = decide_nothing;
	put_key("a");
	put_key("b");
	start_informers();
	assert_int_equal(bench.runs, 2);
	/* Asked for many times before it can run: runs once. */
	for (int i = 0; i < 5; i++)
		runner_enqueue(bench.runner, "ns/a");
	loop_until(bench.loop, 2000, runner_idle(bench.runner));
	assert_int_equal(bench.runs, 3);
}

/* The one object of that kind. */
static const json *only(const struct resource *r)
{
	assert_int_equal(fake_count(bench.fake, r), 1);
	for (size_t i = 0; i < bench.fake->n; i++)
		if (bench.fake->objects[i].res == r)
			return bench.fake->objects[i].obj;
	return NULL;
}

/* The cache lags behind the write: the key rests, however often it is asked for. */
static void test_reads_its_writes(void **state)
{
	bench.decide = decide_one_secret;
	put_key("a");
	start_informers();
	assert_int_equal(fake_count(bench.fake, &res_secrets), 1);
	fake_remove(bench.fake, &res_secrets, "ns", meta_name(only(&res_secrets)));
	loop_until(bench.loop, 2000, fake_told(bench.fake));
	bench.fake->hold = true;
	runner_enqueue(bench.runner, "ns/a");
	loop_until(bench.loop, 2000, fake_count(bench.fake, &res_secrets) == 1);
	for (int i = 0; i < 10; i++) {
		runner_enqueue(bench.runner, "ns/a");
		loop_for(bench.loop, 20);
	}
	assert_int_equal(fake_count(bench.fake, &res_secrets), 1);
	assert_false(runner_idle(bench.runner));
	fake_release(bench.fake);
	loop_until(bench.loop, 2000, runner_idle(bench.runner));
	assert_int_equal(fake_count(bench.fake, &res_secrets), 1);
}

/* Each key writes two kinds, once. */
static void decide_two_kinds(struct bench *b, const struct sync *s, const json *obj, struct actions *out)
{
	if (json_get(obj, "data", "done"))
		return;
	actions_create(out, 0, &res_secrets, "ns", secret("x-"));
	actions_patch(out, 1, &res_configmaps, obj, NULL, json_build("{\"data\":{\"done\":\"yes\"}}"));
}

/* Many keys wait for the caches, each for its own revisions, and none decides on what is older. */
static void test_many_wait(void **state)
{
	bench.decide = decide_two_kinds;
	for (int i = 0; i < 100; i++) {
		_cleanup_free_ char *name = xasprintf("k%d", i);

		put_key(name);
	}
	bench.fake->hold = true;
	informers_start(bench.informers);
	loop_until(bench.loop, 5000, fake_count(bench.fake, &res_secrets) == 100 && !bench.fake->pending);
	for (int i = 0; i < 100; i++) {
		_cleanup_free_ char *key = xasprintf("ns/k%d", i);

		runner_enqueue(bench.runner, key);
	}
	loop_for(bench.loop, 50);
	assert_int_equal(bench.runs, 100);
	fake_release(bench.fake);
	loop_until(bench.loop, 5000, runner_idle(bench.runner));
	assert_true(bench.runs >= 200);
	assert_int_equal(fake_count(bench.fake, &res_secrets), 100);
}

/* A stage of many writes: started in parts, and over only when all have answered. */
static void decide_many(struct bench *b, const struct sync *s, const json *obj, struct actions *out)
{
	if (b->runs > 1)
		return;
	for (int i = 0; i < 40; i++)
		actions_create(out, 0, &res_secrets, "ns", secret("x-"));
	actions_create(out, 1, &res_serviceaccounts, "ns", secret("y-"));
}

static void test_wide_stage(void **state)
{
	size_t most = 0;

	bench.decide = decide_many;
	bench.fake->create_us = 1000;
	put_key("a");
	informers_start(bench.informers);
	while (!fake_count(bench.fake, &res_serviceaccounts)) {
		size_t had = bench.fake->pending;

		assert_true(sd_event_run(bench.loop, 1000000) >= 0);
		if (bench.fake->pending > had && bench.fake->pending - had > most)
			most = bench.fake->pending - had;
	}
	assert_int_equal(fake_count(bench.fake, &res_secrets), 40);
	assert_true(most <= 6);		/* of a millisecond each; the budget is five */
}

static void test_events(void **state)
{
	const json *e;

	bench.decide = decide_one_secret;
	put_key("a");
	start_informers();
	loop_until(bench.loop, 2000, fake_count(bench.fake, &res_events) == 1);
	e = only(&res_events);
	assert_string_equal(json_str(json_get(e, "reason")), "Made");
	assert_true(startswith(json_str(json_get(e, "message")), "Created secret: x-"));
	assert_string_equal(json_str(json_get(e, "involvedObject", "kind")), "ConfigMap");
	assert_string_equal(json_str(json_get(e, "involvedObject", "name")), "a");
	assert_string_equal(json_str(json_get(e, "source", "component")), "bench");
}

static void test_failures_come_back(void **state)
{
	bench.decide = decide_one_secret;
	bench.fake->fail_res = &res_secrets;
	bench.fake->fail_err = -EACCES;
	bench.fake->fail_count = 3;
	put_key("a");
	informers_start(bench.informers);
	loop_until(bench.loop, 2000, bench.runs == 3);
	assert_string_equal(bench.last_failure, "error -13");
	loop_until(bench.loop, 5000, fake_count(bench.fake, &res_secrets) == 1);
	assert_int_equal(bench.fake->fail_count, 0);
	assert_true(bench.runs >= 4);
	/* Forgotten once it worked. The same event three times is one with a count. */
	runner_enqueue(bench.runner, "ns/a");
	loop_until(bench.loop, 2000, runner_idle(bench.runner));
	assert_null(bench.last_failure);
	loop_until(bench.loop, 2000, fake_count(bench.fake, &res_events) == 2 && !bench.fake->pending);
	for (size_t i = 0; i < bench.fake->n; i++) {
		const json *o = bench.fake->objects[i].obj;

		if (streq(json_str(json_get(o, "reason")), "NotMade"))
			assert_int_equal(json_int(json_get(o, "count"), 0), 3);
	}
}

/* A number of the bench's queue as it is printed. */
static double metric(const char *name)
{
	_cleanup_free_ char *line = xasprintf("\n%s{name=\"bench\"} ", name);
	struct buf text = { 0 };
	const char *at;
	double v;

	metrics_print(&text);
	at = strstr(text.data, line);
	assert_non_null(at);
	v = strtod(at + strlen(line), NULL);
	buf_free(&text);
	return v;
}

static void test_metrics(void **state)
{
	double adds = metric("workqueue_adds_total"), retries = metric("workqueue_retries_total");
	double worked = metric("workqueue_work_duration_seconds_count"), waited = metric("workqueue_queue_duration_seconds_count");

	bench.decide = decide_one_secret;
	bench.fake->fail_res = &res_secrets;
	bench.fake->fail_err = -EACCES;
	bench.fake->fail_count = 2;
	put_key("a");
	informers_start(bench.informers);
	loop_until(bench.loop, 2000, bench.runs == 1);
	assert_true(metric("workqueue_longest_running_processor_seconds") > 0);
	loop_until(bench.loop, 5000, fake_count(bench.fake, &res_secrets) == 1 && runner_idle(bench.runner));
	/* Once by the change, twice after a failure. */
	assert_int_equal(bench.runs, 3);
	assert_true(metric("workqueue_adds_total") == adds + 3);
	assert_true(metric("workqueue_retries_total") == retries + 2);
	assert_true(metric("workqueue_work_duration_seconds_count") == worked + 3);
	assert_true(metric("workqueue_queue_duration_seconds_count") == waited + 3);
	assert_true(metric("workqueue_depth") == 0);
	assert_true(metric("workqueue_longest_running_processor_seconds") == 0);
	for (int i = 0; i < 3; i++)
		runner_enqueue(bench.runner, i ? "ns/b" : "ns/a");
	assert_true(metric("workqueue_depth") == 2);
	assert_true(metric("workqueue_adds_total") == adds + 5);
}

/* Stages: 1, 2, 4 secrets; the second stage fails. */
static void decide_stages(struct bench *b, const struct sync *s, const json *obj, struct actions *out)
{
	if (b->runs > 1)
		return;
	for (int i = 0; i < 7; i++)
		actions_create(out, i == 0 ? 0 : i < 3 ? 1 : 2, &res_secrets, "ns", secret("x-"));
}

static void test_stages(void **state)
{
	bench.decide = decide_stages;
	put_key("a");
	start_informers();
	assert_int_equal(fake_count(bench.fake, &res_secrets), 7);
	assert_int_equal(bench.fake->most_pending, 4);
}

static void decide_stages_slowly(struct bench *b, const struct sync *s, const json *obj, struct actions *out)
{
	decide_stages(b, s, obj, out);
	/* From the second create on. */
	b->fake->fail_res = &res_secrets;
	b->fake->fail_err = -EACCES;
	b->fake->fail_count = 1;
	if (out->n)
		out->list[0].res = &res_serviceaccounts;
}

static void test_a_failed_stage_ends_the_round(void **state)
{
	bench.decide = decide_stages_slowly;
	put_key("a");
	informers_start(bench.informers);
	loop_until(bench.loop, 2000, bench.runs >= 2 && !bench.fake->pending);
	/* One of the two of the stage went through, the four of the next were never tried. */
	assert_int_equal(fake_count(bench.fake, &res_serviceaccounts), 1);
	assert_int_equal(fake_count(bench.fake, &res_secrets), 1);
}

static void decide_requeue(struct bench *b, const struct sync *s, const json *obj, struct actions *out)
{
	if (b->runs < 3)
		actions_requeue(out, 20000);
}

static void test_requeue(void **state)
{
	bench.decide = decide_requeue;
	put_key("a");
	informers_start(bench.informers);
	loop_until(bench.loop, 2000, bench.runs == 3);
	loop_for(bench.loop, 60);
	assert_int_equal(bench.runs, 3);
}

static void decide_verify(struct bench *b, const struct sync *s, const json *obj, struct actions *out)
{
	if (fake_count(b->fake, &res_secrets))
		return;
	actions_verify(out, 0, ACTION_VERIFY_GONE, &res_services, "ns", "svc", "u");
	actions_create(out, 1, &res_secrets, "ns", secret("x-"));
}

/* A question answered with no keeps the rest from happening, until the answer changes. */
static void test_verify(void **state)
{
	bench.decide = decide_verify;
	fake_put(bench.fake, &res_services, json_build("{\"metadata\":{\"name\":\"svc\",\"namespace\":\"ns\",\"uid\":\"u\"}}"));
	put_key("a");
	informers_start(bench.informers);
	loop_until(bench.loop, 2000, bench.runs >= 3);
	assert_int_equal(fake_count(bench.fake, &res_secrets), 0);
	fake_remove(bench.fake, &res_services, "ns", "svc");
	loop_until(bench.loop, 5000, fake_count(bench.fake, &res_secrets) == 1);
}

static void decide_delete_all(struct bench *b, const struct sync *s, const json *obj, struct actions *out)
{
	if (fake_count(b->fake, &res_services))
		return;
	actions_delete_all(out, 0, &res_secrets, "ns");
	actions_create(out, 1, &res_services, "ns", json_build("{\"metadata\":{\"name\":\"done\",\"namespace\":\"ns\"}}"));
}

static void test_delete_all(void **state)
{
	bench.decide = decide_delete_all;
	for (int i = 0; i < 5; i++)
		fake_put(bench.fake, &res_secrets, json_build("{\"metadata\":{\"name\":\"s%d\",\"namespace\":\"ns\"}}", i));
	fake_put(bench.fake, &res_secrets, json_build("{\"metadata\":{\"name\":\"s\",\"namespace\":\"other\"}}"));
	put_key("a");
	informers_start(bench.informers);
	loop_until(bench.loop, 5000, fake_count(bench.fake, &res_services) == 1);
	assert_int_equal(fake_count(bench.fake, &res_secrets), 1);
}

/* Freed with writes under way: nothing is touched afterwards (the sanitizer watches). */
static void test_free_in_flight(void **state)
{
	bench.decide = decide_one_secret;
	put_key("a");
	informers_start(bench.informers);
	loop_until(bench.loop, 2000, bench.runs == 1);
	assert_true(bench.fake->pending > 0);
	runner_free(TAKE_PTR(bench.runner));
	informers_free(TAKE_PTR(bench.informers));
	loop_for(bench.loop, 20);
}

/* --- all controllers together, with a kubelet that readies every pod at once --- */

static void ready_pods(struct fake_store *s)
{
	for (size_t i = 0; i < s->n; i++) {
		json *pod;

		if (s->objects[i].res != &res_pods || pod_ready(s->objects[i].obj))
			continue;
		pod = json_clone(s->objects[i].obj);
		json_set(pod, "status", json_build("{\"phase\":\"Running\",\"podIP\":\"10.244.0.%zu\",\"conditions\":"
						   "[{\"type\":\"Ready\",\"status\":\"True\"}]}", i));
		fake_put(s, &res_pods, pod);
	}
}

static int64_t ready_of(struct fake_store *s, const char *deployment)
{
	json **d = fake_find(s, &res_deployments, "ns", deployment);

	ready_pods(s);
	return d ? json_int(json_get(*d, "status", "availableReplicas"), 0) : -1;
}

static size_t endpoints_of(struct fake_store *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->objects[i].res == &res_endpointslices)
			n += json_len(json_get(s->objects[i].obj, "endpoints"));
	return n;
}

static void test_together(void **state)
{
	_cleanup_event_ sd_event *loop = NULL;
	struct controllers *c;
	struct fake_store *s;
	json *d;

	assert_int_equal(loop_new(&loop), 0);
	s = fake_store_new(loop);
	c = controllers_start(loop, &s->store, NULL);
	fake_put(s, &res_namespaces, json_build("{\"metadata\":{\"name\":\"ns\"},\"spec\":{\"finalizers\":[\"kubernetes\"]}}"));
	fake_put(s, &res_services, json_build("{\"metadata\":{\"name\":\"web\",\"namespace\":\"ns\"},\"spec\":{\"clusterIP\":\"10.96.0.2\","
					      "\"selector\":{\"app\":\"web\"},\"ports\":[{\"port\":80}]}}"));
	fake_put(s, &res_deployments, json_build("{\"metadata\":{\"name\":\"web\",\"namespace\":\"ns\"},\"spec\":{\"replicas\":3,"
						 "\"selector\":{\"matchLabels\":{\"app\":\"web\"}},\"template\":"
						 "{\"metadata\":{\"labels\":{\"app\":\"web\"}},\"spec\":{\"containers\":"
						 "[{\"name\":\"c\",\"image\":\"i\"}]}}}}"));
	loop_until(loop, 5000, ready_of(s, "web") == 3);
	assert_int_equal(fake_count(s, &res_pods), 3);
	assert_int_equal(fake_count(s, &res_replicasets), 1);
	loop_until(loop, 5000, fake_find(s, &res_serviceaccounts, "ns", "default"));
	loop_until(loop, 5000, endpoints_of(s) == 3);
	d = json_clone(*fake_find(s, &res_deployments, "ns", "web"));
	json_set_int(json_get(d, "spec"), "replicas", 10);
	fake_put(s, &res_deployments, d);
	loop_until(loop, 5000, ready_of(s, "web") == 10);
	assert_int_equal(fake_count(s, &res_pods), 10);
	d = json_clone(*fake_find(s, &res_deployments, "ns", "web"));
	json_set_str(json_get(d, "spec", "template", "spec", "containers")->child, "image", "j");
	fake_put(s, &res_deployments, d);
	loop_until(loop, 10000, fake_count(s, &res_replicasets) == 2 && ready_of(s, "web") == 10 &&
		   fake_count(s, &res_pods) == 10);
	loop_until(loop, 5000, endpoints_of(s) == 10);
	/* The owner goes, and everything below it. */
	fake_remove(s, &res_deployments, "ns", "web");
	fake_remove(s, &res_services, "ns", "web");
	loop_until(loop, 10000, !fake_count(s, &res_pods) && !fake_count(s, &res_replicasets) &&
		   !fake_count(s, &res_endpointslices) && !fake_count(s, &res_endpoints));
	controllers_free(c);
	loop_until(loop, 2000, !s->pending);
	fake_store_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_run_for_each_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_short_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_enqueue_filed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_enqueue_by, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reads_its_writes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wide_stage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures_come_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_metrics, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_failed_stage_ends_the_round, setup, teardown),
		cmocka_unit_test_setup_teardown(test_requeue, setup, teardown),
		cmocka_unit_test_setup_teardown(test_verify, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delete_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_free_in_flight, setup, teardown),
		cmocka_unit_test(test_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
