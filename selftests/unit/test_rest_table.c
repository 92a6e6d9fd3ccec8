// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rest_table.c - rows as kubectl get shows them */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/rest/table.h"
#include "api/kinds/table_cells.h"

#define S INT64_C(1000000)
#define NOW UINT64_C(1767225600000000)	/* 2026-01-01T00:00:00Z */

static json *parse(const char *text)
{
	_cleanup_free_ char *msg = NULL;
	json *j = NULL;

	if (json_parse(text, strlen(text), &j, &msg))
		fail_msg("%s: %s", text, msg);
	return j;
}

static json *table(const struct resource *r, const char *obj, enum table_include include)
{
	const struct table_opts o = { .version = "v1", .include = include, .now_us = NOW };
	_cleanup_json_ json *j = parse(obj);

	return table_new(kind_of(r), j, &o);
}

/* The only row's cells, joined by "|" (caller frees); there is one per column. */
static char *row(const struct resource *r, const char *obj)
{
	_cleanup_json_ json *t = table(r, obj, TABLE_NONE);
	const json *rows = json_get(t, "rows"), *cells;
	struct buf b = {0};

	assert_int_equal(json_len(rows), 1);
	cells = json_get(rows->child, "cells");
	assert_int_equal(json_len(cells), json_len(json_get(t, "columnDefinitions")));
	json_each(c, cells) {
		if (json_is_int(c))
			buf_printf(&b, "%s%lld", b.len ? "|" : "", (long long)json_int(c, 0));
		else
			buf_printf(&b, "%s%s", b.len ? "|" : "", json_str(c));
	}
	return buf_steal(&b);
}

static void is_row(const struct resource *r, const char *obj, const char *want)
{
	_cleanup_free_ char *is = row(r, obj);

	assert_string_equal(is, want);
}

static void durations(void **state)
{
	static const struct {
		int64_t s;
		const char *text;
	} v[] = {
		{ -5, "<invalid>" }, { -1, "0s" }, { 0, "0s" }, { 1, "1s" }, { 119, "119s" }, { 120, "2m" }, { 121, "2m1s" },
		{ 599, "9m59s" }, { 600, "10m" }, { 601, "10m" }, { 10799, "179m" }, { 10800, "3h" }, { 10860, "3h1m" },
		{ 8 * 3600 - 1, "7h59m" }, { 8 * 3600 + 60, "8h" }, { 48 * 3600 - 1, "47h" }, { 48 * 3600, "2d" },
		{ 49 * 3600, "2d1h" }, { 8 * 86400 - 1, "7d23h" }, { 8 * 86400, "8d" }, { 729 * 86400, "729d" },
		{ 730 * 86400, "2y" }, { 731 * 86400, "2y1d" }, { 8 * 365 * 86400, "8y" }, { 9 * 365 * 86400 + 86400, "9y" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_free_ char *is = human_duration(v[i].s * S);

		assert_string_equal(is, v[i].text);
	}
}

#define META "\"metadata\":{\"name\":\"x\",\"creationTimestamp\":\"2025-12-31T23:59:00Z\"}"
#define ONE "\"spec\":{\"containers\":[{\"name\":\"c\"}]}"

static void is_status(const char *pod, const char *ready, const char *status)
{
	_cleanup_free_ char *is = row(&res_pods, pod), *want = xasprintf("x|%s|%s|", ready, status);

	if (!startswith(is, want))
		fail_msg("%s\nis %s, want %s", pod, is, want);
}

static void pod_status(void **state)
{
	is_status("{" META "," ONE ",\"status\":{\"phase\":\"Pending\"}}", "0/1", "Pending");
	is_status("{" META "," ONE ",\"status\":{\"phase\":\"Pending\",\"containerStatuses\":[{\"state\":{\"waiting\":{\"reason\":\"ContainerCreating\"}}}]}}",
		  "0/1", "ContainerCreating");
	is_status("{" META "," ONE ",\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"ready\":true,\"state\":{\"running\":{}}}]}}",
		  "1/1", "Running");
	is_status("{" META "," ONE ",\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"ready\":false,\"state\":{\"running\":{}}}]}}",
		  "0/1", "Running");
	is_status("{" META "," ONE ",\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"restartCount\":3,\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}}]}}",
		  "0/1", "CrashLoopBackOff|3");
	is_status("{" META "," ONE ",\"status\":{\"phase\":\"Succeeded\",\"containerStatuses\":[{\"state\":{\"terminated\":{\"exitCode\":0,\"reason\":\"Completed\"}}}]}}",
		  "0/1", "Completed");
	/* one that failed says more than one that did not */
	is_status("{" META "," ONE ",\"status\":{\"phase\":\"Failed\",\"containerStatuses\":[{\"state\":{\"terminated\":"
		  "{\"exitCode\":0,\"reason\":\"Completed\"}}},{\"state\":{\"terminated\":{\"exitCode\":1,\"reason\":\"Error\"}}}]}}",
		  "0/1", "Error");
	is_status("{" META "," ONE ",\"status\":{\"phase\":\"Failed\",\"containerStatuses\":[{\"state\":{\"terminated\":{\"exitCode\":3}}}]}}",
		  "0/1", "ExitCode:3");
	is_status("{" META "," ONE ",\"status\":{\"phase\":\"Failed\",\"containerStatuses\":[{\"state\":{\"terminated\":{\"signal\":9}}}]}}",
		  "0/1", "Signal:9");
	is_status("{" META "," ONE ",\"status\":{\"phase\":\"Failed\",\"reason\":\"Evicted\"}}", "0/1", "Evicted");
	is_status("{\"metadata\":{\"name\":\"x\",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"}," ONE ",\"status\":{\"phase\":\"Running\"}}",
		  "0/1", "Terminating");
	is_status("{\"metadata\":{\"name\":\"x\",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"}," ONE ",\"status\":{\"phase\":\"Failed\"}}",
		  "0/1", "Failed");
	is_status("{\"metadata\":{\"name\":\"x\",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"}," ONE ",\"status\":{\"phase\":\"Running\",\"reason\":\"NodeLost\"}}",
		  "0/1", "Unknown");
	is_status("{" META "," ONE ",\"status\":{\"phase\":\"Pending\",\"conditions\":[{\"type\":\"PodScheduled\",\"status\":\"False\",\"reason\":\"SchedulingGated\"}]}}",
		  "0/1", "SchedulingGated");
}

static void pod_of_several_containers(void **state)
{
	static const char two[] = "{" META ",\"spec\":{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]},\"status\":{\"phase\":\"Running\",%s"
		"\"containerStatuses\":[{\"name\":\"a\",\"state\":{\"terminated\":{\"reason\":\"Completed\",\"exitCode\":0}}},"
		"{\"name\":\"b\",\"ready\":true,\"state\":{\"running\":{}}}]}}";
	_cleanup_free_ char *not_ready = xstrdup(two), *ready = NULL;
	char *at = strstr(not_ready, "%s");

	/* One is done, the other runs: the pod's readiness decides. */
	memmove(at, at + 2, strlen(at + 2) + 1);
	is_status(not_ready, "1/2", "NotReady");
	ready = xasprintf("%.*s\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}],%s", (int)(at - not_ready), not_ready, at);
	is_status(ready, "1/2", "Running");
}

static void pod_init(void **state)
{
#define INIT "\"spec\":{\"initContainers\":[{\"name\":\"i\"},{\"name\":\"j\"}],\"containers\":[{\"name\":\"c\"}]}"
	is_status("{" META "," INIT ",\"status\":{\"phase\":\"Pending\",\"initContainerStatuses\":[{\"name\":\"i\",\"state\":{\"running\":{}}},{\"name\":\"j\",\"state\":{\"waiting\":{\"reason\":\"PodInitializing\"}}}]}}",
		  "0/1", "Init:0/2");
	is_status("{" META "," INIT ",\"status\":{\"phase\":\"Pending\",\"initContainerStatuses\":[{\"name\":\"i\",\"state\":{\"terminated\":{\"exitCode\":0}}},{\"name\":\"j\",\"state\":{\"waiting\":{\"reason\":\"PodInitializing\"}}}]}}",
		  "0/1", "Init:1/2");
	is_status("{" META "," INIT ",\"status\":{\"phase\":\"Pending\",\"initContainerStatuses\":[{\"name\":\"i\",\"restartCount\":2,\"state\":{\"terminated\":{\"exitCode\":1}}}]}}",
		  "0/1", "Init:ExitCode:1|2");
	is_status("{" META "," INIT ",\"status\":{\"phase\":\"Pending\",\"initContainerStatuses\":[{\"name\":\"i\",\"state\":{\"waiting\":{\"reason\":\"ImagePullBackOff\"}}}]}}",
		  "0/1", "Init:ImagePullBackOff");
	/* A sidecar that has started does not hold the pod up, and counts. */
	is_status("{" META ",\"spec\":{\"initContainers\":[{\"name\":\"i\",\"restartPolicy\":\"Always\"}],\"containers\":[{\"name\":\"c\"}]},\"status\":{\"phase\":\"Running\",\"initContainerStatuses\":[{\"name\":\"i\",\"started\":true,\"ready\":true,\"state\":{\"running\":{}}}],\"containerStatuses\":[{\"ready\":true,\"state\":{\"running\":{}}}]}}",
		  "2/2", "Running");
}

static void pod_wide(void **state)
{
	is_row(&res_pods, "{" META ",\"spec\":{\"nodeName\":\"n1\",\"containers\":[{\"name\":\"c\"}]},\"status\":{\"phase\":\"Running\",\"podIP\":\"10.0.0.1\",\"podIPs\":[{\"ip\":\"10.0.0.1\"}],\"containerStatuses\":[{\"restartCount\":1,\"ready\":true,\"state\":{\"running\":{}},\"lastState\":{\"terminated\":{\"finishedAt\":\"2025-12-31T23:59:30Z\"}}}]}}",
	       "x|1/1|Running|1 (30s ago)|60s|10.0.0.1|n1|<none>|<none>");
}

static void other_kinds(void **state)
{
	is_row(&res_deployments, "{" META ",\"spec\":{\"replicas\":3,\"selector\":{\"matchLabels\":{\"b\":\"2\",\"a\":\"1\"}},\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"},{\"name\":\"d\",\"image\":\"j\"}]}}},\"status\":{\"readyReplicas\":1,\"updatedReplicas\":2,\"availableReplicas\":1}}",
	       "x|1/3|2|1|60s|c,d|i,j|a=1,b=2");
	is_row(&res_replicasets, "{" META ",\"spec\":{\"replicas\":3,\"selector\":{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\",\"values\":[\"z\",\"y\"]},{\"key\":\"b\",\"operator\":\"DoesNotExist\"}]}},\"status\":{\"replicas\":2}}",
	       "x|3|2|0|60s|||a in (y,z),!b");
	is_row(&res_services, "{" META ",\"spec\":{\"type\":\"ClusterIP\",\"clusterIP\":\"10.96.0.9\",\"ports\":[{\"port\":80,\"protocol\":\"TCP\"},{\"port\":53,\"protocol\":\"UDP\",\"nodePort\":30053}],\"selector\":{\"app\":\"w\"}}}",
	       "x|ClusterIP|10.96.0.9|<none>|80/TCP,53:30053/UDP|60s|app=w");
	is_row(&res_services, "{" META ",\"spec\":{\"type\":\"ExternalName\",\"externalName\":\"e.com\"}}",
	       "x|ExternalName|<none>|e.com|<none>|60s|<none>");
	is_row(&res_services, "{" META ",\"spec\":{\"type\":\"LoadBalancer\",\"clusterIP\":\"10.96.0.9\"}}",
	       "x|LoadBalancer|10.96.0.9|<pending>|<none>|60s|<none>");
	is_row(&res_nodes, "{\"metadata\":{\"name\":\"x\",\"creationTimestamp\":\"2025-12-31T23:59:00Z\",\"labels\":{\"node-role.kubernetes.io/worker\":\"\",\"node-role.kubernetes.io/control-plane\":\"\"}},\"spec\":{\"unschedulable\":true},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}],\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"10.0.0.1\"}],\"nodeInfo\":{\"kubeletVersion\":\"v1\",\"osImage\":\"Debian\",\"kernelVersion\":\"6.1\"}}}",
	       "x|Ready,SchedulingDisabled|control-plane,worker|60s|v1|10.0.0.1|<none>|Debian|6.1|<unknown>");
	is_row(&res_nodes, "{" META "}", "x|Unknown|<none>|60s||<none>|<none>|<unknown>|<unknown>|<unknown>");
	is_row(&res_namespaces, "{" META ",\"status\":{\"phase\":\"Active\"}}", "x|Active|60s");
	is_row(&res_configmaps, "{" META ",\"data\":{\"a\":\"1\"},\"binaryData\":{\"b\":\"\"}}", "x|2|60s");
	is_row(&res_secrets, "{" META ",\"type\":\"Opaque\",\"data\":{\"a\":\"1\"}}", "x|Opaque|1|60s");
	is_row(&res_endpoints, "{" META ",\"subsets\":[{\"addresses\":[{\"ip\":\"10.0.0.1\"},{\"ip\":\"10.0.0.2\"}],\"ports\":[{\"port\":80},{\"port\":81}]}]}",
	       "x|10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 1 more...|60s");
	is_row(&res_endpoints, "{" META "}", "x|<none>|60s");
	is_row(&res_endpointslices, "{" META ",\"addressType\":\"IPv4\",\"ports\":[{\"port\":80}],\"endpoints\":[{\"addresses\":[\"10.0.0.1\"]},{\"addresses\":[\"10.0.0.2\"]}]}",
	       "x|IPv4|80|10.0.0.1,10.0.0.2|60s");
	is_row(&res_endpointslices, "{" META "}", "x||<unset>|<unset>|60s");
	is_row(&res_leases, "{" META ",\"spec\":{\"holderIdentity\":\"h\"}}", "x|h|60s");
	is_row(&res_events, "{" META ",\"type\":\"Normal\",\"reason\":\"Started\",\"message\":\"m\",\"count\":2,\"firstTimestamp\":\"2025-12-31T23:58:00Z\",\"lastTimestamp\":\"2025-12-31T23:59:50Z\",\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"p\",\"fieldPath\":\"f\"},\"source\":{\"component\":\"agent\",\"host\":\"n\"}}",
	       "10s|Normal|Started|pod/p|f|agent, n|m|2m|2|x");
}

static void tables_of_lists(void **state)
{
	static const char list[] = "{\"kind\":\"ConfigMapList\",\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"c\",\"remainingItemCount\":2},\"items\":[{\"metadata\":{\"name\":\"a\",\"labels\":{\"l\":\"v\"}}},{\"metadata\":{\"name\":\"b\"}}]}";
	const struct table_opts bare = { .version = "v1", .include = TABLE_NONE, .no_columns = true };
	_cleanup_json_ json *t = table(&res_configmaps, list, TABLE_METADATA), *obj = parse("{\"metadata\":{}}");
	_cleanup_json_ json *full = table(&res_configmaps, list, TABLE_OBJECT), *no = table_new(kind_of(&res_pods), obj, &bare);
	const json *row1 = json_get(t, "rows")->child;

	assert_string_equal(json_str(json_get(t, "kind")), "Table");
	assert_string_equal(json_str(json_get(t, "apiVersion")), "meta.k8s.io/v1");
	assert_string_equal(json_str(json_get(t, "metadata", "resourceVersion")), "7");
	assert_string_equal(json_str(json_get(t, "metadata", "continue")), "c");
	assert_int_equal(json_int(json_get(t, "metadata", "remainingItemCount"), 0), 2);
	assert_int_equal(json_len(json_get(t, "rows")), 2);
	assert_string_equal(json_str(json_get(row1, "object", "kind")), "PartialObjectMetadata");
	assert_string_equal(json_str(json_get(row1, "object", "metadata", "labels", "l")), "v");
	assert_string_equal(json_str(json_get(json_get(full, "rows")->child, "object", "kind")), "ConfigMap");
	assert_int_equal(json_len(json_get(no, "columnDefinitions")), 0);
	assert_null(json_get(json_get(no, "rows")->child, "object"));
}

/* What is asked for as another version looks the same. */
static void other_versions(void **state)
{
	is_row(&res_horizontalpodautoscalers_v1, "{" META ",\"spec\":{\"scaleTargetRef\":{\"kind\":\"Deployment\",\"name\":\"d\"},"
	       "\"minReplicas\":1,\"maxReplicas\":5,\"targetCPUUtilizationPercentage\":50},\"status\":{\"currentReplicas\":2,"
	       "\"currentCPUUtilizationPercentage\":40}}", "x|Deployment/d|cpu: 40%/50%|1|5|2|60s");
	is_row(&res_cronjobs_v1beta1, "{" META ",\"spec\":{\"schedule\":\"@daily\",\"suspend\":false}}",
	       "x|@daily|<none>|False|0|<none>|60s|||<none>");
}

static void columns_are_kubernetes(void **state)
{
	_cleanup_json_ json *t = table(&res_pods, "{\"metadata\":{}}", TABLE_NONE);
	static const struct {
		const char *name;
		int priority;
	} want[] = {
		{ "Name", 0 }, { "Ready", 0 }, { "Status", 0 }, { "Restarts", 0 }, { "Age", 0 }, { "IP", 1 }, { "Node", 1 },
		{ "Nominated Node", 1 }, { "Readiness Gates", 1 },
	};
	size_t i = 0;

	json_each(c, json_get(t, "columnDefinitions")) {
		assert_true(i < ARRAY_SIZE(want));
		assert_string_equal(json_str(json_get(c, "name")), want[i].name);
		assert_int_equal(json_int(json_get(c, "priority"), -1), want[i].priority);
		assert_string_equal(json_str(json_get(c, "type")), "string");
		assert_string_equal(json_str(json_get(c, "format")), i ? "" : "name");
		i++;
	}
	assert_int_equal(i, ARRAY_SIZE(want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(pod_status),
		cmocka_unit_test(pod_of_several_containers),
		cmocka_unit_test(pod_init),
		cmocka_unit_test(pod_wide),
		cmocka_unit_test(other_kinds),
		cmocka_unit_test(tables_of_lists),
		cmocka_unit_test(other_versions),
		cmocka_unit_test(columns_are_kubernetes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
