// SPDX-License-Identifier: GPL-2.0-or-later
/* test_agent_pods.c - the pods' workers, between a store and a runtime in memory */
#include "test_fake_runtime.h"
#include "test_fake_store.h"
#include "test_loop.h"

#include <arpa/inet.h>
#include <fcntl.h>

#include "agent/api.h"
#include "agent/pods.h"
#include "rpc/http_client.h"

#define RUNNING_STATUS "{\"phase\":\"Running\",\"podIP\":\"10.244.1.7\",\"podIPs\":[{\"ip\":\"10.244.1.7\"}]," \
	"\"startTime\":\"2026-11-18T11:00:00Z\",\"conditions\":[" \
	"{\"type\":\"Ready\",\"status\":\"True\",\"lastTransitionTime\":\"2026-11-18T11:00:00Z\"}]," \
	"\"containerStatuses\":[{\"name\":\"a\",\"ready\":true,\"started\":true,\"containerID\":\"containerd://a-0\"}]}"

struct bench {
	sd_event *loop;
	struct fake_store *fake;
	struct informer *pods_cache, *services;
	struct event_recorder *events;
	struct node_facts facts;
	char *dir;
	struct pods *pods;
	char *problem;			/* of the runtime, as told */
	unsigned told;			/* how often */
};
static struct bench bench;

static void on_runtime(void *data, const char *problem)
{
	free(bench.problem);
	bench.problem = problem ? xstrdup(problem) : NULL;
	bench.told++;
}

static int setup(void **state)
{
	struct pods_config config = { .runtime_changed = on_runtime, .runtime_patience_us = 3 * SEC_US };

	bench.dir = xstrdup("/tmp/keelson-test-pods.XXXXXX");
	assert_non_null(mkdtemp(bench.dir));
	assert_int_equal(loop_new(&bench.loop), 0);
	runtime = (struct runtime){ .loop = bench.loop };
	bench.fake = fake_store_new(bench.loop);
	bench.pods_cache = informer_new(bench.loop, &bench.fake->store, &res_pods, NULL, NULL);
	bench.services = informer_new(bench.loop, &bench.fake->store, &res_services, NULL, NULL);
	bench.events = recorder_new(&bench.fake->store, "kubelet", "n1");
	bench.facts = (struct node_facts){ .name = "n1", .ip = "192.0.2.1", .data_dir = bench.dir };
	bench.problem = xstrdup("not told yet");
	config.loop = bench.loop;
	config.store = &bench.fake->store;
	config.facts = &bench.facts;
	config.events = bench.events;
	config.pods = bench.pods_cache;
	config.services = bench.services;
	bench.pods = pods_new(&config);
	pods_set_network(bench.pods, NULL);
	return 0;
}

static int teardown(void **state)
{
	_cleanup_free_ char *rm = xasprintf("rm -rf %s", bench.dir);

	runtime.hold = false;
	loop_until(bench.loop, 2000, !bench.fake->pending && !runtime.pending);
	informer_free(bench.pods_cache);
	informer_free(bench.services);
	pods_free(bench.pods);
	recorder_free(bench.events);
	fake_store_free(bench.fake);
	observed_clear(&runtime.obs);
	sd_event_unref(bench.loop);
	assert_int_equal(system(rm), 0);
	free(bench.dir);
	free(bench.problem);
	bench = (struct bench){ 0 };
	return 0;
}

static void put_pod(const char *spec, const char *status)
{
	_cleanup_free_ char *text = xasprintf("{" META ",\"spec\":{%s},\"status\":%s}", spec, status);

	fake_put(bench.fake, &res_pods, parse_or_fail(text));
}

static const json *pod(void)
{
	json **slot = fake_find(bench.fake, &res_pods, "default", "p");

	assert_non_null(slot);
	return *slot;
}

static bool says(const char *phase, bool ready, const char *ip)
{
	return streq(json_str(json_get(pod(), "status", "phase")), phase) &&
	       status_condition_true(pod(), "Ready") == ready && streq(json_str(json_get(pod(), "status", "podIP")), ip);
}

/* --- after a restart of the agent --- */

static void stays_running(void)
{
	unsigned lists = runtime.lists;

	loop_until(bench.loop, 5000, runtime.lists >= lists + 2 || !says("Running", true, "10.244.1.7"));
	loop_for(bench.loop, 20);
	assert_true(says("Running", true, "10.244.1.7"));
	assert_int_equal(runtime.sandboxes, 0);
	assert_int_equal(runtime.stops, 0);
}

static void test_round_before_the_api(void **state)
{
	put_pod(A_, RUNNING_STATUS);
	runtime_set("S0+ a/0@0:R");
	loop_until(bench.loop, 2000, runtime.asked);
	loop_for(bench.loop, 20);		/* the round ends, and its pod is nobody's yet */
	informer_start(bench.pods_cache);
	stays_running();
}

static void test_round_across_the_api(void **state)
{
	put_pod(A_, RUNNING_STATUS);
	runtime.hold = true;			/* answers with what was there when it was asked: nothing */
	loop_until(bench.loop, 2000, runtime.pending);
	runtime_set("S0+ a/0@0:R");
	informer_start(bench.pods_cache);
	loop_for(bench.loop, 20);
	runtime.hold = false;
	stays_running();
}

/* --- somebody else's word --- */

/* Somebody says that the pod is not ready, beside a changed label so that it is news each time. */
static void call_unready(unsigned n)
{
	json *other = json_clone(pod());

	json_each(c, json_get(other, "status", "conditions"))
		if (streq(json_str(json_get(c, "type")), "Ready"))
			json_set_str(c, "status", "False");
	json_set_int(json_obj(other, "metadata", "labels"), "n", n);
	fake_put(bench.fake, &res_pods, other);
}

static void test_overruled(void **state)
{
	size_t writes;

	put_pod(A_, "{}");
	runtime_set("S0+ a/0@0:R");
	informer_start(bench.pods_cache);
	loop_until(bench.loop, 5000, says("Running", true, "10.244.1.7"));
	loop_for(bench.loop, 20);
	call_unready(1);
	loop_until(bench.loop, 5000, says("Running", true, "10.244.1.7"));
	/* Twice at once: the second answer waits, but comes. */
	call_unready(2);
	writes = bench.fake->writes;
	loop_for(bench.loop, 100);
	assert_int_equal(bench.fake->writes, writes);
	loop_until(bench.loop, 5000, says("Running", true, "10.244.1.7"));
	writes = bench.fake->writes;
	loop_for(bench.loop, 1500);
	assert_int_equal(bench.fake->writes, writes);
}

/* --- probes and hooks that nobody answers --- */

#define PROBE(kind) "\"containers\":[{\"name\":\"a\",\"image\":\"busybox\",\"" kind "Probe\":" \
	"{\"exec\":{\"command\":[\"true\"]},\"periodSeconds\":1,\"failureThreshold\":1}}]"

static const int errors[] = { GRPC_UNAVAILABLE, GRPC_UNKNOWN, GRPC_NOT_FOUND, GRPC_INTERNAL };

static void one_more_exec(void)
{
	unsigned n = runtime.execs;

	loop_until(bench.loop, 3000, runtime.execs > n);
	loop_for(bench.loop, 20);
}

static void test_readiness_errors(void **state)
{
	put_pod(PROBE("readiness"), "{}");
	runtime_set("S0+ a/0@0:R");
	informer_start(bench.pods_cache);
	loop_until(bench.loop, 5000, says("Running", true, "10.244.1.7"));
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		runtime.exec_status = errors[i];
		one_more_exec();
		assert_true(says("Running", true, "10.244.1.7"));
	}
	runtime.exec_status = GRPC_DEADLINE_EXCEEDED;
	one_more_exec();
	assert_true(says("Running", false, "10.244.1.7"));
	runtime.exec_status = GRPC_OK;
	one_more_exec();
	assert_true(says("Running", true, "10.244.1.7"));
	runtime.exec_code = 1;
	one_more_exec();
	assert_true(says("Running", false, "10.244.1.7"));
}

static void test_liveness_errors(void **state)
{
	put_pod(PROBE("liveness"), "{}");
	runtime_set("S0+ a/0@0:R");
	runtime.exec_status = GRPC_UNAVAILABLE;
	informer_start(bench.pods_cache);
	one_more_exec();
	one_more_exec();
	assert_int_equal(runtime.stops, 0);
	runtime.exec_status = GRPC_DEADLINE_EXCEEDED;
	one_more_exec();
	assert_true(runtime.stops > 0);
}

/* A container that was created is started, and its hook is run. */
static void start_with_hook(int exec_status)
{
	put_pod("\"containers\":[{\"name\":\"a\",\"image\":\"busybox\",\"lifecycle\":"
		"{\"postStart\":{\"exec\":{\"command\":[\"true\"]}}}}]", "{}");
	runtime_set("S0+ a/0@0:C");
	runtime.exec_status = exec_status;
	informer_start(bench.pods_cache);
	loop_until(bench.loop, 5000, runtime.execs);
	runtime_set("S0+ a/0@0:R");
}

static void test_post_start_unreached(void **state)
{
	start_with_hook(GRPC_UNAVAILABLE);
	one_more_exec();
	runtime.exec_status = GRPC_OK;
	one_more_exec();
	loop_for(bench.loop, 1500);
	assert_int_equal(runtime.execs, 3);
	assert_int_equal(runtime.stops, 0);
}

static void test_post_start_error(void **state)
{
	start_with_hook(GRPC_UNKNOWN);
	loop_until(bench.loop, 3000, runtime.stops);
	assert_int_equal(runtime.execs, 1);
}

/* --- a runtime that is away --- */

static void test_runtime_away(void **state)
{
	loop_until(bench.loop, 3000, !bench.problem);	/* the first round */
	runtime.fail_method = "/ListContainers";
	runtime.fail_status = GRPC_UNAVAILABLE;
	loop_for(bench.loop, 1500);
	assert_null(bench.problem);
	/* Back in time: told, for whoever asks it for its version. */
	bench.told = 0;
	runtime.fail_method = NULL;
	loop_until(bench.loop, 3000, bench.told);
	assert_null(bench.problem);
	loop_for(bench.loop, 1500);
	assert_int_equal(bench.told, 1);
	runtime.fail_method = "/ListContainers";
	loop_until(bench.loop, 5000, bench.problem);
	assert_string_equal(bench.problem, "the runtime said no");
}

/* --- a container that the runtime cannot speak of --- */

static void test_status_error(void **state)
{
	put_pod(NEVER A_, "{}");
	runtime_set("S0+ a/0@0:R");
	informer_start(bench.pods_cache);
	loop_until(bench.loop, 5000, says("Running", true, "10.244.1.7"));
	/* It ended, but the list does not say how. */
	runtime.fail_method = "/ContainerStatus";
	runtime.fail_status = GRPC_INTERNAL;
	runtime_set("S0+ a/0@0:X1");
	runtime.asked = 0;
	loop_until(bench.loop, 5000, runtime.asked == 2);
	loop_for(bench.loop, 20);
	assert_true(says("Running", true, "10.244.1.7"));
	assert_null(bench.problem);
	assert_in_range(runtime.detail_timeout_ms, 1, 10000);
	runtime.fail_method = NULL;
	loop_until(bench.loop, 5000, says("Failed", false, "10.244.1.7"));
}

/* --- files that an earlier agent left --- */

#define UID(c) "0000000" c "-0000-4000-8000-000000000000"

static const char *const files[] = {
	/* a pod of the API, then one that is in neither, then what is not ours */
	"run/" UID("a") "/volumes/v", "pods/default_b_" UID("a") "/c",
	"run/" UID("d") "/volumes/v", "pods/default_b_" UID("d") "/c",
	"run/other", "pods/other", "pods/other_" UID("d"),
};

static bool has_file(size_t i)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", bench.dir, files[i]);

	return access(path, F_OK) == 0;
}

static void test_sweep(void **state)
{
	fake_put(bench.fake, &res_pods, json_build("{\"metadata\":{\"name\":\"b\",\"namespace\":\"default\",\"uid\":\"" UID("a") "\"},"
		 "\"spec\":{" NEVER A_ "},\"status\":{\"phase\":\"Succeeded\"}}"));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", bench.dir, files[i]);

		assert_int_equal(mkdir_p(path, 0755), 0);
	}
	/* A pod of the runtime that cannot be judged yet holds all back. */
	runtime_set("S0+ a/0@0:R");
	runtime.fail_method = "/ContainerStatus";
	runtime.fail_status = GRPC_INTERNAL;
	loop_until(bench.loop, 3000, runtime.lists == 1);
	informer_start(bench.pods_cache);
	loop_until(bench.loop, 3000, runtime.lists == 3);
	loop_for(bench.loop, 20);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		assert_true(has_file(i));
	runtime.fail_method = NULL;
	runtime_set("");
	loop_until(bench.loop, 3000, !has_file(2) && !has_file(3));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		assert_int_equal(has_file(i), i != 2 && i != 3);
}

/* --- logs --- */

#define LOG "pods/default_p_u1/a/0.log"

static void append(const char *rel, const char *text)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", bench.dir, rel);
	_cleanup_close_ int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static bool has(const char *rel)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", bench.dir, rel);

	return access(path, F_OK) == 0;
}

static void big_log(void)
{
	_cleanup_free_ char *dir = xasprintf("%s/pods/default_p_u1/a", bench.dir), *path = xasprintf("%s/0.log", dir);

	assert_int_equal(mkdir_p(dir, 0755), 0);
	append(LOG, "2026-11-18T11:06:40Z stdout F old\n");
	assert_int_equal(truncate(path, 11 << 20), 0);
	append(LOG, "\n2026-11-18T11:06:40Z stdout F last of the old\n");
	put_pod(A_, "{}");
	runtime_set("S0+ a/0@0:R");
	informer_start(bench.pods_cache);
}

static void test_log_rotation(void **state)
{
	big_log();
	loop_until(bench.loop, 5000, runtime.reopened);
	loop_for(bench.loop, 20);
	assert_false(has(LOG));
	assert_true(has(LOG ".1"));
}

static void test_log_rotation_fails(void **state)
{
	big_log();
	runtime.fail_method = "/ReopenContainerLog";
	runtime.fail_status = GRPC_UNAVAILABLE;
	loop_until(bench.loop, 5000, runtime.reopened);
	loop_for(bench.loop, 20);
	assert_true(has(LOG));
	assert_false(has(LOG ".1"));
}

/* An address that nobody listens on. Caller frees. */
static char *free_address(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(sa);

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	return xasprintf("127.0.0.1:%u", ntohs(sa.sin_port));
}

static struct buf got;

static void on_chunk(void *data, const char *p, size_t len)
{
	buf_add(&got, p, len);
}

static void on_log_end(void *data, int err, const char *msg, int status, const char *body, size_t len)
{
	*(bool *)data = true;
}

static void test_follow_rotation(void **state)
{
	_cleanup_free_ char *listen = free_address(), *url = xasprintf("http://%s", listen), *msg = NULL;
	struct http_server_config config = { .listen = listen };
	struct http_client_config client = { .base_url = url };
	struct http_call_opts opts = { .method = "GET", .path = "/containerLogs/default/p/a?follow=true&tailLines=1",
		.on_chunk = on_chunk };
	struct agent_api *api;
	struct http_client *http;
	bool ended = false;

	big_log();
	loop_until(bench.loop, 5000, says("Running", true, "10.244.1.7"));
	assert_int_equal(agent_api_new(bench.loop, &config, bench.pods, &api, &msg), 0);
	assert_int_equal(http_client_new(bench.loop, &client, &http, &msg), 0);
	http_call(http, &opts, on_log_end, &ended);
	loop_until(bench.loop, 5000, got.data && strstr(got.data, "last of the old\n"));
	loop_until(bench.loop, 5000, runtime.reopened);
	/* The runtime opens it anew, and writes once more to the old one. */
	append(LOG, "2026-11-18T11:06:42Z stdout F first of the new\n");
	append(LOG ".1", "2026-11-18T11:06:41Z stdout F one more of the old\n");
	loop_until(bench.loop, 5000, strstr(got.data, "one more of the old\nfirst of the new\n"));
	append(LOG, "2026-11-18T11:06:43Z stdout F second of the new\n");
	loop_until(bench.loop, 5000, strstr(got.data, "first of the new\nsecond of the new\n"));
	runtime_set("S0+ a/0@0:X0,1,1");
	loop_until(bench.loop, 5000, ended);
	http_client_free(http);
	agent_api_free(api);
	buf_free(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_before_the_api, setup, teardown),
		cmocka_unit_test_setup_teardown(test_round_across_the_api, setup, teardown),
		cmocka_unit_test_setup_teardown(test_overruled, setup, teardown),
		cmocka_unit_test_setup_teardown(test_readiness_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_liveness_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_post_start_unreached, setup, teardown),
		cmocka_unit_test_setup_teardown(test_post_start_error, setup, teardown),
		cmocka_unit_test_setup_teardown(test_runtime_away, setup, teardown),
		cmocka_unit_test_setup_teardown(test_status_error, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sweep, setup, teardown),
		cmocka_unit_test_setup_teardown(test_log_rotation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_log_rotation_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_follow_rotation, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
