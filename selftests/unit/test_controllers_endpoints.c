// SPDX-License-Identifier: GPL-2.0-or-later
/* test_controllers_endpoints.c - what stands behind a Service: EndpointSlices and Endpoints */
#include <stdio.h>
#include <time.h>

#include "test_controllers.h"

#include "api/meta/view_meta.h"
#include "controllers/endpoints.h"
#include "controllers/endpointslice.h"

static json *service(const char *spec)
{
	json *svc = json_build("{\"metadata\":{\"name\":\"web\",\"namespace\":\"ns\",\"uid\":\"s\",\"labels\":{\"team\":\"a\"}},"
			       "\"spec\":{\"selector\":{\"app\":\"web\"},\"clusterIP\":\"10.96.0.9\","
			       "\"ports\":[{\"port\":80,\"targetPort\":8080}]}}");
	_cleanup_json_ json *more = json_build("%s", spec);

	json_each(it, more)
		json_set(json_get(svc, "spec"), json_key(it), json_clone(it));
	return svc;
}

static json *pod(int i, bool ready)
{
	return json_build("{\"metadata\":{\"name\":\"p%d\",\"namespace\":\"ns\",\"uid\":\"u%d\",\"labels\":{\"app\":\"web\"}},"
			  "\"spec\":{\"nodeName\":\"n1\",\"containers\":[{\"ports\":[{\"name\":\"http\",\"containerPort\":%d}]}]},"
			  "\"status\":{\"phase\":\"Running\",\"podIP\":\"10.244.%d.%d\","
			  "\"conditions\":[{\"type\":\"Ready\",\"status\":\"%s\"}]}}",
			  i, i, 8000 + i % 2, i / 250, 1 + i % 250, ready ? "True" : "False");
}

struct world {
	json *svc;
	struct objects pods, slices;
	struct actions last;
	int serial;
};

static void world_clear(struct world *w)
{
	cJSON_Delete(w->svc);
	objects_clear(&w->pods);
	objects_clear(&w->slices);
	actions_clear(&w->last);
}
#define _cleanup_world_ _cleanup_(world_clear)

/* Decides, and does it. */
static void step(struct world *w)
{
	struct endpointslice_in in = {
		.svc = w->svc, .pods = w->pods.list, .n_pods = w->pods.n,
		.slices = w->slices.list, .n_slices = w->slices.n,
	};

	actions_clear(&w->last);
	endpointslice_reconcile(&in, &w->last);
	for (size_t i = 0; i < w->last.n; i++) {
		const struct action *act = &w->last.list[i];
		char name[16];

		if (act->type == ACTION_CREATE) {
			json *s = objects_add(&w->slices, json_clone(act->body));

			snprintf(name, sizeof(name), "web-%d", w->serial++);
			json_set_str(json_get(s, "metadata"), "name", name);
			continue;
		}
		for (size_t k = 0; k < w->slices.n; k++) {
			if (!streq(meta_name(w->slices.list[k]), act->name))
				continue;
			cJSON_Delete((json *)w->slices.list[k]);
			if (act->type == ACTION_UPDATE)
				w->slices.list[k] = json_clone(act->body);
			else
				w->slices.list[k] = w->slices.list[--w->slices.n];
			break;
		}
	}
}

static const json *endpoint_of(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->slices.n; i++)
		json_each(e, json_get(w->slices.list[i], "endpoints"))
			if (streq(json_str(json_get(e, "targetRef", "name")), name))
				return e;
	fail_msg("no endpoint %s", name);
	return NULL;
}

static size_t endpoints_in(const struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->slices.n; i++)
		n += json_len(json_get(w->slices.list[i], "endpoints"));
	return n;
}

static bool condition(const json *endpoint, const char *name)
{
	return json_bool(json_get(endpoint, "conditions", name), false);
}

static void test_slice(void **state)
{
	_cleanup_world_ struct world w = { .svc = service("{}") };
	const json *s, *e;

	objects_add(&w.pods, pod(1, true));
	objects_add(&w.pods, pod(2, false));
	json_del(json_get(objects_add(&w.pods, pod(3, true)), "status"), "podIP");
	json_set_str(json_get(objects_add(&w.pods, pod(4, true)), "status"), "phase", "Failed");
	json_set_str(json_get(objects_add(&w.pods, pod(5, true)), "metadata", "labels"), "app", "db");
	json_set_str(json_get(objects_add(&w.pods, pod(6, true)), "metadata"), "deletionTimestamp", time_text(NOW));
	step(&w);
	assert_int_equal(w.slices.n, 1);
	s = w.slices.list[0];
	assert_string_equal(json_str(json_get(s, "addressType")), "IPv4");
	assert_string_equal(json_str(json_get(s, "metadata", "generateName")), "web-");
	assert_string_equal(meta_label(s, "kubernetes.io/service-name"), "web");
	assert_string_equal(meta_label(s, "endpointslice.kubernetes.io/managed-by"), "endpointslice-controller.k8s.io");
	assert_string_equal(meta_label(s, "team"), "a");
	assert_null(meta_label(s, "service.kubernetes.io/headless"));
	assert_string_equal(meta_controller_uid(s), "s");
	assert_int_equal(json_len(json_get(s, "ports")), 1);
	assert_int_equal(json_int(json_get(json_get(s, "ports")->child, "port"), 0), 8080);
	assert_int_equal(endpoints_in(&w), 3);
	e = endpoint_of(&w, "p1");
	assert_string_equal(json_str(json_get(e, "addresses")->child), "10.244.0.2");
	assert_string_equal(json_str(json_get(e, "nodeName")), "n1");
	assert_string_equal(json_str(json_get(e, "targetRef", "uid")), "u1");
	assert_true(condition(e, "ready") && condition(e, "serving") && !condition(e, "terminating"));
	e = endpoint_of(&w, "p2");
	assert_true(!condition(e, "ready") && !condition(e, "serving") && !condition(e, "terminating"));
	e = endpoint_of(&w, "p6");
	assert_true(!condition(e, "ready") && condition(e, "serving") && condition(e, "terminating"));
	step(&w);
	assert_int_equal(w.last.n, 0);
}

static void test_publish_not_ready(void **state)
{
	_cleanup_world_ struct world w = { .svc = service("{\"publishNotReadyAddresses\":true,\"clusterIP\":\"None\"}") };

	objects_add(&w.pods, pod(2, false));
	step(&w);
	assert_true(condition(endpoint_of(&w, "p2"), "ready"));
	assert_false(condition(endpoint_of(&w, "p2"), "serving"));
	assert_string_equal(meta_label(w.slices.list[0], "service.kubernetes.io/headless"), "");
}

/* A name may stand for different numbers in different pods: one slice for each. */
static void test_named_ports(void **state)
{
	_cleanup_world_ struct world w = { .svc = service("{\"ports\":[{\"name\":\"web\",\"port\":80,\"targetPort\":\"http\"}]}") };

	for (int i = 0; i < 6; i++)
		objects_add(&w.pods, pod(i, true));
	step(&w);
	assert_int_equal(w.slices.n, 2);
	assert_int_equal(json_len(json_get(w.slices.list[0], "endpoints")), 3);
	assert_int_equal(json_len(json_get(w.slices.list[1], "endpoints")), 3);
	assert_int_equal(json_int(json_get(json_get(w.slices.list[0], "ports")->child, "port"), 0) +
			 json_int(json_get(json_get(w.slices.list[1], "ports")->child, "port"), 0), 16001);
}

static void test_no_pods_keep_one_slice(void **state)
{
	_cleanup_world_ struct world w = { .svc = service("{}") };

	step(&w);
	assert_int_equal(w.slices.n, 1);
	assert_int_equal(endpoints_in(&w), 0);
	step(&w);
	assert_int_equal(w.last.n, 0);
	objects_add(&w.pods, pod(1, true));
	step(&w);
	/* The empty one is used, not replaced. */
	assert_int_equal(w.last.n, 1);
	assert_int_equal(w.last.list[0].type, ACTION_UPDATE);
	assert_int_equal(endpoints_in(&w), 1);
	objects_clear(&w.pods);
	step(&w);
	assert_int_equal(w.slices.n, 1);
	assert_int_equal(endpoints_in(&w), 0);
	step(&w);
	assert_int_equal(w.last.n, 0);
}

static void test_many(void **state)
{
	_cleanup_world_ struct world w = { .svc = service("{}") };
	bool seen[250] = { 0 };

	for (int i = 0; i < 250; i++)
		objects_add(&w.pods, pod(i, true));
	step(&w);
	assert_int_equal(w.slices.n, 3);
	for (size_t i = 0; i < w.slices.n; i++) {
		assert_in_range(json_len(json_get(w.slices.list[i], "endpoints")), 1, ENDPOINTS_PER_SLICE);
		json_each(e, json_get(w.slices.list[i], "endpoints"))
			seen[atoi(json_str(json_get(e, "targetRef", "name")) + 1)] = true;
	}
	for (int i = 0; i < 250; i++)
		assert_true(seen[i]);
	/* One pod changes: one slice is written. */
	json_set_str(json_get(w.pods.list[120], "status", "conditions")->child, "status", "False");
	step(&w);
	assert_int_equal(w.last.n, 1);
	assert_int_equal(w.last.list[0].type, ACTION_UPDATE);
	assert_false(condition(endpoint_of(&w, "p120"), "ready"));
	/* One more pod: it goes where there is room. */
	objects_add(&w.pods, pod(250, true));
	step(&w);
	assert_int_equal(w.last.n, 1);
	assert_int_equal(w.slices.n, 3);
	/* Most go: what is left comes together. */
	for (size_t i = 10; i < w.pods.n; i++)
		json_set_str(json_get(w.pods.list[i], "status"), "phase", "Succeeded");
	step(&w);
	assert_int_equal(endpoints_in(&w), 10);
	assert_int_equal(w.slices.n, 1);
	step(&w);
	assert_int_equal(w.last.n, 0);
}

/* CPU time of a first and a second look at n pods, and one pod that changes. */
static uint64_t time_of(int n)
{
	_cleanup_world_ struct world w = { .svc = service("{}") };
	clock_t start;

	for (int i = 0; i < n; i++)
		objects_add(&w.pods, pod(i, true));
	start = clock();
	step(&w);
	/* Slices come in any order. */
	for (size_t i = 0, k = w.slices.n - 1; i < k; i++, k--) {
		const json *slice = w.slices.list[i];

		w.slices.list[i] = w.slices.list[k];
		w.slices.list[k] = slice;
	}
	step(&w);
	assert_int_equal(w.last.n, 0);
	json_set_str(json_get(w.pods.list[n / 2], "status", "conditions")->child, "status", "False");
	step(&w);
	assert_int_equal(w.last.n, 1);
	return (uint64_t)(clock() - start) * 1000000 / CLOCKS_PER_SEC;
}

/* Eight times as many pods cost eight times as much and the sorting, not sixty-four times. */
static void test_many_are_cheap(void **state)
{
	uint64_t few = UINT64_MAX, many;

	for (int i = 0; i < 3; i++) {
		uint64_t us = time_of(500);

		few = us < few ? us : few;
	}
	many = time_of(4000);
	if (many > few * 24)
		fail_msg("%llu us for 500 pods, %llu us for 4000", (unsigned long long)few, (unsigned long long)many);
}

/* Whatever of an endpoint is no longer true is noticed, and nothing else. */
static void test_every_member_counts(void **state)
{
	static const char *const changes[] = {
		"{\"addresses\":[\"10.244.0.1\",\"10.9.9.9\"]}", "{\"conditions\":{\"ready\":true,\"serving\":true}}",
		"{\"conditions\":{\"ready\":false,\"serving\":true,\"terminating\":false}}",
		"{\"conditions\":{\"ready\":true,\"serving\":false,\"terminating\":false}}",
		"{\"conditions\":{\"ready\":true,\"serving\":true,\"terminating\":true}}",
		"{\"nodeName\":\"n2\"}", "{\"nodeName\":null}", "{\"hostname\":\"h\"}", "{\"zone\":\"z\"}",
		"{\"targetRef\":{\"kind\":\"Pod\",\"namespace\":\"ns\",\"name\":\"other\",\"uid\":\"u0\"}}",
		"{\"targetRef\":{\"kind\":\"Pod\",\"namespace\":\"ns\",\"name\":\"p0\",\"uid\":\"u0\",\"fieldPath\":\"x\"}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		_cleanup_json_ json *change = json_build("%s", changes[i]), *right = NULL;
		_cleanup_world_ struct world w = { .svc = service("{}") };
		json *e;

		objects_add(&w.pods, pod(0, true));
		step(&w);
		e = json_get(w.slices.list[0], "endpoints")->child;
		right = json_clone(e);
		json_each(it, change)
			json_set(e, json_key(it), cJSON_IsNull(it) ? NULL : json_clone(it));
		step(&w);
		if (w.last.n != 1)
			fail_msg("%s: not noticed", changes[i]);
		assert_true(json_equal(json_get(w.slices.list[0], "endpoints")->child, right));
		step(&w);
		assert_int_equal(w.last.n, 0);
	}
}

static void test_foreign_slices_are_left_alone(void **state)
{
	_cleanup_world_ struct world w = { .svc = service("{}") };

	objects_add(&w.slices, json_build("{\"metadata\":{\"name\":\"mine\",\"labels\":{\"kubernetes.io/service-name\":\"web\"}},"
					  "\"addressType\":\"IPv4\",\"endpoints\":[],\"ports\":[]}"));
	objects_add(&w.pods, pod(1, true));
	step(&w);
	assert_int_equal(w.slices.n, 2);
	assert_int_equal(w.last.n, 1);
	assert_int_equal(w.last.list[0].type, ACTION_CREATE);
}

static void test_labels_follow(void **state)
{
	_cleanup_world_ struct world w = { .svc = service("{}") };

	objects_add(&w.pods, pod(1, true));
	step(&w);
	json_set_str(json_get(w.svc, "metadata", "labels"), "team", "b");
	step(&w);
	assert_int_equal(w.last.n, 1);
	assert_string_equal(meta_label(w.slices.list[0], "team"), "b");
}

static void test_families(void **state)
{
	_cleanup_world_ struct world w = { .svc = service("{\"ipFamilies\":[\"IPv6\",\"IPv4\"]}") };

	json_set(json_get(objects_add(&w.pods, pod(1, true)), "status"), "podIPs",
		 json_build("[{\"ip\":\"10.244.0.2\"},{\"ip\":\"fd00::2\"}]"));
	step(&w);
	assert_int_equal(w.slices.n, 2);
	assert_string_equal(json_str(json_get(w.slices.list[0], "addressType")), "IPv6");
	assert_string_equal(json_str(json_get(json_get(w.slices.list[0], "endpoints")->child, "addresses")->child), "fd00::2");
	/* A family less: its slice goes, it cannot become another family's. */
	json_set(json_get(w.svc, "spec"), "ipFamilies", json_build("[\"IPv4\"]"));
	step(&w);
	assert_int_equal(w.slices.n, 1);
	assert_string_equal(json_str(json_get(w.slices.list[0], "addressType")), "IPv4");
}

/* --- Endpoints --- */

static json *endpoints_step(const json *svc, const struct objects *pods, json *have, size_t *ret_n)
{
	struct endpoints_in in = { .svc = svc, .pods = pods->list, .n_pods = pods->n, .endpoints = have };
	_cleanup_actions_ struct actions out = { 0 };
	json *now = NULL;

	endpoints_reconcile(&in, &out);
	*ret_n = out.n;
	if (out.n)
		now = json_clone(out.list[0].body);
	else
		now = json_clone(have);
	cJSON_Delete(have);
	return now;
}

static void test_endpoints(void **state)
{
	_cleanup_json_ json *svc = service("{}");
	_cleanup_objects_ struct objects pods = { 0 };
	_cleanup_json_ json *ep = NULL;
	const json *subset;
	size_t n;

	objects_add(&pods, pod(1, true));
	objects_add(&pods, pod(2, false));
	json_set_str(json_get(objects_add(&pods, pod(3, true)), "metadata"), "deletionTimestamp", time_text(NOW));
	ep = endpoints_step(svc, &pods, ep, &n);
	assert_int_equal(n, 1);
	assert_string_equal(meta_name(ep), "web");
	assert_int_equal(json_len(json_get(ep, "subsets")), 1);
	subset = json_get(ep, "subsets")->child;
	assert_int_equal(json_len(json_get(subset, "addresses")), 1);
	assert_int_equal(json_len(json_get(subset, "notReadyAddresses")), 1);
	assert_string_equal(json_str(json_get(json_get(subset, "addresses")->child, "ip")), "10.244.0.2");
	assert_string_equal(json_str(json_get(json_get(subset, "addresses")->child, "targetRef", "name")), "p1");
	assert_int_equal(json_int(json_get(json_get(subset, "ports")->child, "port"), 0), 8080);
	assert_null(json_get(json_get(subset, "ports")->child, "name"));
	ep = endpoints_step(svc, &pods, ep, &n);
	assert_int_equal(n, 0);
	objects_clear(&pods);
	ep = endpoints_step(svc, &pods, ep, &n);
	assert_int_equal(n, 1);
	assert_null(json_get(ep, "subsets"));
	ep = endpoints_step(svc, &pods, ep, &n);
	assert_int_equal(n, 0);
}

static void test_endpoints_are_truncated(void **state)
{
	_cleanup_json_ json *svc = service("{}");
	_cleanup_objects_ struct objects pods = { 0 };
	_cleanup_json_ json *ep = NULL;
	const json *subset;
	size_t n;

	for (int i = 0; i < 1100; i++)
		objects_add(&pods, pod(i, i % 2));
	ep = endpoints_step(svc, &pods, ep, &n);
	subset = json_get(ep, "subsets")->child;
	assert_int_equal(json_len(json_get(subset, "addresses")), 550);
	assert_int_equal(json_len(json_get(subset, "notReadyAddresses")), 450);
	assert_string_equal(meta_annotation(ep, "endpoints.kubernetes.io/over-capacity"), "truncated");
	ep = endpoints_step(svc, &pods, ep, &n);
	assert_int_equal(n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slice),
		cmocka_unit_test(test_publish_not_ready),
		cmocka_unit_test(test_named_ports),
		cmocka_unit_test(test_no_pods_keep_one_slice),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_many_are_cheap),
		cmocka_unit_test(test_every_member_counts),
		cmocka_unit_test(test_foreign_slices_are_left_alone),
		cmocka_unit_test(test_labels_follow),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_endpoints_are_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
