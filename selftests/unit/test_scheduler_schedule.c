// SPDX-License-Identifier: GPL-2.0-or-later
/* test_scheduler_schedule.c - filters, scores, and the account of what nodes give */
#include <stdio.h>

#include "test_controllers.h"

#include "scheduler/schedule.h"

static size_t next;	/* where the next search begins */

/* 4 CPUs, 8Gi, ready; extra: more members of spec. */
static json *node(const char *name, const char *labels, const char *spec)
{
	return json_build("{\"metadata\":{\"name\":\"%s\",\"labels\":%s},\"spec\":%s,\"status\":{"
			  "\"allocatable\":{\"cpu\":\"4\",\"memory\":\"8Gi\",\"pods\":\"3\"},"
			  "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}", name, labels, spec);
}

static json *pod(const char *name, const char *spec)
{
	return json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\",\"uid\":\"u-%s\"},\"spec\":%s}",
			  name, name, spec);
}

#define ASKS(cpu, memory) \
	"{\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"" cpu "\",\"memory\":\"" memory "\"}}}]}"

/* One node, one pod: may it run there, and if not, what is said? */
static void test_filters(void **state)
{
	static const struct {
		const char *labels, *node_spec, *pod_spec;
		const char *reason;	/* NULL: fits */
	} rows[] = {
		{ "{}", "{}", "{}", NULL },
		{ "{}", "{\"unschedulable\":true}", "{}", "node(s) were unschedulable" },
		{ "{}", "{\"unschedulable\":true}", "{\"tolerations\":[{\"key\":\"node.kubernetes.io/unschedulable\","
		  "\"operator\":\"Exists\",\"effect\":\"NoSchedule\"}]}", NULL },
		{ "{}", "{\"taints\":[{\"key\":\"gpu\",\"value\":\"yes\",\"effect\":\"NoSchedule\"}]}", "{}",
		  "node(s) had untolerated taint {gpu: yes}" },
		{ "{}", "{\"taints\":[{\"key\":\"gpu\",\"value\":\"yes\",\"effect\":\"NoSchedule\"}]}",
		  "{\"tolerations\":[{\"key\":\"gpu\",\"value\":\"yes\"}]}", NULL },
		{ "{}", "{\"taints\":[{\"key\":\"gpu\",\"value\":\"yes\",\"effect\":\"NoSchedule\"}]}",
		  "{\"tolerations\":[{\"key\":\"gpu\",\"value\":\"no\"}]}", "node(s) had untolerated taint {gpu: yes}" },
		{ "{}", "{\"taints\":[{\"key\":\"gpu\",\"effect\":\"NoExecute\"}]}",
		  "{\"tolerations\":[{\"key\":\"gpu\",\"operator\":\"Exists\",\"effect\":\"NoSchedule\"}]}",
		  "node(s) had untolerated taint {gpu: }" },
		{ "{}", "{\"taints\":[{\"key\":\"gpu\",\"effect\":\"NoExecute\"}]}",
		  "{\"tolerations\":[{\"operator\":\"Exists\"}]}", NULL },
		{ "{}", "{\"taints\":[{\"key\":\"gpu\",\"effect\":\"PreferNoSchedule\"}]}", "{}", NULL },
		{ "{\"disk\":\"ssd\"}", "{}", "{\"nodeSelector\":{\"disk\":\"ssd\"}}", NULL },
		{ "{\"disk\":\"hdd\"}", "{}", "{\"nodeSelector\":{\"disk\":\"ssd\"}}",
		  "node(s) didn't match Pod's node affinity/selector" },
#define REQUIRED(terms) "{\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":" \
			"{\"nodeSelectorTerms\":[" terms "]}}}}"
		{ "{}", "{}", REQUIRED("{\"matchFields\":[{\"key\":\"metadata.name\",\"operator\":\"In\",\"values\":[\"n\"]}]}"), NULL },
		{ "{}", "{}", REQUIRED("{\"matchFields\":[{\"key\":\"metadata.name\",\"operator\":\"In\",\"values\":[\"m\"]}]}"),
		  "node(s) didn't match Pod's node affinity/selector" },
		{ "{\"size\":\"9\"}", "{}", REQUIRED("{\"matchExpressions\":[{\"key\":\"size\",\"operator\":\"Gt\",\"values\":[\"8\"]}]}"), NULL },
		{ "{\"size\":\"8\"}", "{}", REQUIRED("{\"matchExpressions\":[{\"key\":\"size\",\"operator\":\"Gt\",\"values\":[\"8\"]}]}"),
		  "node(s) didn't match Pod's node affinity/selector" },
		{ "{}", "{}", REQUIRED("{\"matchExpressions\":[{\"key\":\"size\",\"operator\":\"NotIn\",\"values\":[\"8\"]}]}"), NULL },
		{ "{}", "{}", REQUIRED("{}"), "node(s) didn't match Pod's node affinity/selector" },
		{ "{\"a\":\"b\"}", "{}", REQUIRED("{\"matchExpressions\":[{\"key\":\"z\",\"operator\":\"Exists\"}]},"
		  "{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\"}]}"), NULL },
		{ "{}", "{}", ASKS("3", "7Gi"), NULL },
		{ "{}", "{}", ASKS("3001m", "1"), "Insufficient cpu" },
		{ "{}", "{}", ASKS("1", "8Gi"), "Insufficient memory" },
		{ "{}", "{}", "{\"containers\":[{\"resources\":{\"requests\":{\"example.com/gpu\":\"1\"}}}]}",
		  "Insufficient example.com/gpu" },
		/* An init container asks for more than all others together. */
		{ "{}", "{}", "{\"initContainers\":[{\"resources\":{\"requests\":{\"cpu\":\"5\"}}}],"
		  "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1\"}}}]}", "Insufficient cpu" },
		{ "{}", "{}", "{\"overhead\":{\"cpu\":\"500m\"},\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"2600m\"}}}]}",
		  "Insufficient cpu" },
		{ "{}", "{}", "{\"containers\":[{\"ports\":[{\"containerPort\":1,\"hostPort\":80,\"hostIP\":\"10.0.0.1\"}]}]}",
		  "node(s) didn't have free ports for the requested pod ports" },
		{ "{}", "{}", "{\"containers\":[{\"ports\":[{\"containerPort\":1,\"hostPort\":80,\"protocol\":\"UDP\"}]}]}", NULL },
		{ "{}", "{}", "{\"hostNetwork\":true,\"containers\":[{\"ports\":[{\"containerPort\":80}]}]}",
		  "node(s) didn't have free ports for the requested pod ports" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json *n = node("n", rows[i].labels, rows[i].node_spec);
		_cleanup_json_ json *p = pod("p", rows[i].pod_spec);
		/* Somebody is there already: 1 CPU, 1Gi, port 80. */
		_cleanup_json_ json *there = pod("there", "{\"containers\":[{\"ports\":[{\"containerPort\":80,\"hostPort\":80}],"
						 "\"resources\":{\"requests\":{\"cpu\":\"1\",\"memory\":\"1Gi\"}}}]}");
		struct cluster *c = cluster_new();
		struct reasons r = { 0 };
		struct placement pl;
		bool fits;

		cluster_put(c, there, "n", false);
		placement_init(&pl, p, c);
		fits = node_fits(&pl, n, &r);
		if (fits != (rows[i].reason == NULL) || (!fits && !streq(r.list[0], rows[i].reason)))
			fail_msg("row %zu: %s, wanted %s", i, fits ? "fits" : r.list[0], rows[i].reason ?: "fits");
		reasons_clear(&r);
		placement_clear(&pl);
		cluster_free(c);
	}
}

static void test_not_ready(void **state)
{
	_cleanup_json_ json *n = node("n", "{}", "{}"), *p = pod("p", "{}");
	_cleanup_free_ char *message = NULL;
	struct cluster *c = cluster_new();
	const json *nodes[] = { n };

	json_set_str(json_get(n, "status", "conditions")->child, "status", "Unknown");
	assert_null(schedule_pod(p, nodes, 1, &next, c, &message));
	assert_string_equal(message,
			    "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.");
	cluster_free(c);
}

static void test_message(void **state)
{
	_cleanup_json_ json *a = node("a", "{}", "{}"), *b = node("b", "{}", "{}"), *p = pod("p", ASKS("5", "9Gi"));
	_cleanup_json_ json *c = node("c", "{}", "{\"unschedulable\":true}");
	_cleanup_free_ char *message = NULL, *none = NULL;
	const json *nodes[] = { a, b, c };
	struct cluster *cl = cluster_new();

	assert_null(schedule_pod(p, nodes, 3, &next, cl, &message));
	assert_string_equal(message, "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu, "
			    "2 Insufficient memory.");
	assert_null(schedule_pod(p, nodes, 0, &next, cl, &none));
	assert_string_equal(none, "no nodes available to schedule pods");
	cluster_free(cl);
}

static void test_account(void **state)
{
	_cleanup_json_ json *n = node("n", "{}", "{}"), *a = pod("a", ASKS("2", "1Gi")), *b = pod("b", ASKS("2", "1Gi"));
	_cleanup_json_ json *c = pod("c", ASKS("1", "1Gi"));
	_cleanup_free_ char *message = NULL;
	struct cluster *cl = cluster_new();
	const json *nodes[] = { n };

	cluster_put(cl, a, "n", true);
	cluster_put(cl, a, "n", false);		/* confirmed: counted once */
	cluster_put(cl, b, "n", true);
	assert_int_equal(amounts_get(&cluster_node(cl, "n")->requested, "cpu"), 4000);
	assert_int_equal(cluster_node(cl, "n")->pods, 2);
	assert_null(schedule_pod(c, nodes, 1, &next, cl, &message));
	cluster_drop(cl, a, true);		/* no longer an assumption: stays */
	assert_int_equal(cluster_node(cl, "n")->pods, 2);
	cluster_drop(cl, b, true);
	assert_string_equal(schedule_pod(c, nodes, 1, &next, cl, NULL), "n");
	cluster_drop(cl, a, false);
	assert_int_equal(cluster_node(cl, "n")->pods, 0);
	assert_int_equal(amounts_get(&cluster_node(cl, "n")->requested, "cpu"), 0);
	cluster_free(cl);
}

static void test_too_many_pods(void **state)
{
	_cleanup_json_ json *n = node("n", "{}", "{}"), *p = pod("p", "{}");
	_cleanup_free_ char *message = NULL;
	struct cluster *c = cluster_new();
	const json *nodes[] = { n };

	for (int i = 0; i < 3; i++) {
		_cleanup_json_ json *other = NULL;
		char name[16];

		snprintf(name, sizeof(name), "o%d", i);
		other = pod(name, "{}");
		cluster_put(c, other, "n", false);
	}
	assert_null(schedule_pod(p, nodes, 1, &next, c, &message));
	assert_string_equal(message, "0/1 nodes are available: 1 Too many pods.");
	cluster_free(c);
}

/* Two nodes that both fit: "b" is the better one in each row. */
static void test_scores(void **state)
{
	static const struct {
		const char *what, *a_spec, *b_labels, *pod_spec;
		const char *on_a;	/* a pod that is on a already, or NULL */
	} rows[] = {
		{ "free capacity", "{}", "{}", ASKS("1", "1Gi"), ASKS("2", "4Gi") },
		{ "pods that ask for nothing count too", "{}", "{}", "{}", "{}" },
		{ "soft taint", "{\"taints\":[{\"key\":\"k\",\"effect\":\"PreferNoSchedule\"}]}", "{}", "{}", NULL },
		{ "preferred", "{}", "{\"disk\":\"ssd\"}", "{\"affinity\":{\"nodeAffinity\":"
		  "{\"preferredDuringSchedulingIgnoredDuringExecution\":[{\"weight\":1,\"preference\":"
		  "{\"matchExpressions\":[{\"key\":\"disk\",\"operator\":\"In\",\"values\":[\"ssd\"]}]}}]}}}", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json *a = node("a", "{}", rows[i].a_spec), *b = node("b", rows[i].b_labels, "{}");
		_cleanup_json_ json *p = pod("p", rows[i].pod_spec), *there = pod("there", rows[i].on_a ?: "{}");
		struct cluster *c = cluster_new();
		const json *nodes[] = { a, b };
		const char *got;

		if (rows[i].on_a)
			cluster_put(c, there, "a", false);
		got = schedule_pod(p, nodes, 2, &next, c, NULL);
		if (!streq(got, "b"))
			fail_msg("%s: %s", rows[i].what, got);
		cluster_free(c);
	}
}

/* Six pods of one owner on three equal nodes: two each. */
static void test_spread(void **state)
{
	_cleanup_json_ json *a = node("a", "{}", "{}"), *b = node("b", "{}", "{}"), *c = node("c", "{}", "{}");
	const json *nodes[] = { a, b, c };
	struct cluster *cl = cluster_new();
	int on[3] = { 0 };

	for (int i = 0; i < 6; i++) {
		_cleanup_json_ json *p = NULL;
		const char *got;
		char name[16];

		snprintf(name, sizeof(name), "p%d", i);
		p = pod(name, "{}");
		json_append(json_set(json_get(p, "metadata"), "ownerReferences", json_new_array()),
			    json_build("{\"uid\":\"rs\",\"controller\":true}"));
		got = schedule_pod(p, nodes, 3, &next, cl, NULL);
		assert_non_null(got);
		on[*got - 'a']++;
		cluster_put(cl, p, got, true);
	}
	for (int i = 0; i < 3; i++)
		assert_int_equal(on[i], 2);
	assert_int_equal(cluster_owner_pods(cl, "rs", "a"), 2);
	cluster_free(cl);
}

/* Equal nodes: many pods do not all prefer the same one. */
static void test_ties(void **state)
{
	_cleanup_json_ json *a = node("a", "{}", "{}"), *b = node("b", "{}", "{}");
	const json *nodes[] = { a, b };
	struct cluster *cl = cluster_new();
	int on_a = 0;

	for (int i = 0; i < 100; i++) {
		_cleanup_json_ json *p = NULL;
		char name[16];

		snprintf(name, sizeof(name), "p%d", i);
		p = pod(name, "{}");
		on_a += streq(schedule_pod(p, nodes, 2, &next, cl, NULL), "a");
	}
	assert_in_range(on_a, 25, 75);
	cluster_free(cl);
}

/* In a large cluster not every node is looked at, and none is left out for ever. */
static void test_enough(void **state)
{
	static const struct {
		size_t nodes, enough;
	} rows[] = { { 0, 0 }, { 1, 1 }, { 100, 100 }, { 101, 100 }, { 250, 120 }, { 1000, 420 }, { 5000, 500 }, { 6000, 300 }, { 20000, 1000 } };
	_cleanup_json_ json *p = pod("p", "{}");
	struct cluster *c = cluster_new();
	const json *nodes[300];
	bool seen[300] = { false };
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(schedule_enough(rows[i].nodes), rows[i].enough);
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%zu", i);
		nodes[i] = node(name, "{}", "{}");
	}
	for (int round = 0; round < 3; round++) {
		size_t from = at;

		assert_non_null(schedule_pod(p, nodes, 300, &at, c, NULL));
		for (size_t i = from; i != at; i = (i + 1) % 300)
			seen[i] = true;
	}
	for (size_t i = 0; i < 300; i++) {
		assert_true(seen[i]);
		cJSON_Delete((json *)nodes[i]);
	}
	cluster_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_not_ready),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_account),
		cmocka_unit_test(test_too_many_pods),
		cmocka_unit_test(test_scores),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_ties),
		cmocka_unit_test(test_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
