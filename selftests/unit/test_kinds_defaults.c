// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_defaults.c - what is filled in where the user said nothing */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/kinds/defaults.h"

/* Defaults of obj are `want`; doing it twice changes nothing. */
static void check(const char *api_version, const char *kind, const char *obj, const char *want)
{
	const struct kind *k = kind_by_name(api_version, kind);
	_cleanup_json_ json *j = json_build("%s", obj), *w = json_build("%s", want);

	for (int i = 0; i < 2; i++) {
		default_object(k, j);
		if (!json_equal(j, w)) {
			_cleanup_free_ char *text = json_print(j);

			fail_msg("%s:\n got %s\nwant %s", obj, text, want);
		}
	}
}

#define CONTAINER_DEFAULTS "\"terminationMessagePath\":\"/dev/termination-log\",\"terminationMessagePolicy\":\"File\""
#define POD_SPEC_DEFAULTS "\"restartPolicy\":\"Always\",\"dnsPolicy\":\"ClusterFirst\","	\
	"\"schedulerName\":\"default-scheduler\",\"terminationGracePeriodSeconds\":30,\"securityContext\":{}"

static void deployments(void **state)
{
	check("apps/v1", "Deployment",
	      "{\"spec\":{\"selector\":{},\"template\":{\"metadata\":{\"creationTimestamp\":null},\"spec\":{\"containers\":"
	      "[{\"name\":\"c\",\"image\":\"busybox\",\"ports\":[{\"containerPort\":80}],"
	      "\"readinessProbe\":{\"httpGet\":{\"port\":80}}}]}}}}",
	      "{\"spec\":{\"replicas\":1,\"revisionHistoryLimit\":10,\"progressDeadlineSeconds\":600,\"selector\":{},"
	      "\"strategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxSurge\":\"25%\",\"maxUnavailable\":\"25%\"}},"
	      "\"template\":{\"metadata\":{},\"spec\":{" POD_SPEC_DEFAULTS ",\"containers\":"
	      "[{\"name\":\"c\",\"image\":\"busybox\",\"imagePullPolicy\":\"Always\",\"resources\":{},"
	      "\"ports\":[{\"containerPort\":80,\"protocol\":\"TCP\"}]," CONTAINER_DEFAULTS ","
	      "\"readinessProbe\":{\"httpGet\":{\"port\":80,\"path\":\"/\",\"scheme\":\"HTTP\"},\"timeoutSeconds\":1,"
	      "\"periodSeconds\":10,\"successThreshold\":1,\"failureThreshold\":3}}]}}}}");
	check("apps/v1", "Deployment", "{\"spec\":{\"replicas\":0,\"strategy\":{\"type\":\"Recreate\"}}}",
	      "{\"spec\":{\"replicas\":0,\"revisionHistoryLimit\":10,\"progressDeadlineSeconds\":600,"
	      "\"strategy\":{\"type\":\"Recreate\"},\"template\":{\"spec\":{" POD_SPEC_DEFAULTS "}}}}");
}

#define TOLERATIONS "\"tolerations\":["									\
	"{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":\"Exists\",\"effect\":\"NoExecute\",\"tolerationSeconds\":300}," \
	"{\"key\":\"node.kubernetes.io/unreachable\",\"operator\":\"Exists\",\"effect\":\"NoExecute\",\"tolerationSeconds\":300}]"
#define POD_DEFAULTS POD_SPEC_DEFAULTS ",\"enableServiceLinks\":true"

static void pods(void **state)
{
	check("v1", "Pod",
	      "{\"spec\":{\"hostNetwork\":true,\"containers\":[{\"image\":\"r:5000/a/b:1.2\",\"ports\":[{\"containerPort\":80}],"
	      "\"resources\":{\"limits\":{\"cpu\":\"0.5\",\"memory\":\"1Gi\"},\"requests\":{\"cpu\":\"100m\"}}}],"
	      "\"volumes\":[{\"name\":\"a\"},{\"name\":\"b\",\"configMap\":{\"name\":\"x\"}},{\"name\":\"c\",\"hostPath\":{\"path\":\"/\"}}]}}",
	      "{\"spec\":{\"hostNetwork\":true,\"containers\":[{\"image\":\"r:5000/a/b:1.2\",\"imagePullPolicy\":\"IfNotPresent\","
	      "\"ports\":[{\"containerPort\":80,\"hostPort\":80,\"protocol\":\"TCP\"}]," CONTAINER_DEFAULTS ","
	      "\"resources\":{\"limits\":{\"cpu\":\"500m\",\"memory\":\"1Gi\"},\"requests\":{\"cpu\":\"100m\",\"memory\":\"1Gi\"}}}],"
	      "\"volumes\":[{\"name\":\"a\",\"emptyDir\":{}},{\"name\":\"b\",\"configMap\":{\"name\":\"x\",\"defaultMode\":420}},"
	      "{\"name\":\"c\",\"hostPath\":{\"path\":\"/\",\"type\":\"\"}}]," POD_DEFAULTS "," TOLERATIONS "}}");
	/* a toleration of everything stands for the two */
	check("v1", "Pod", "{\"spec\":{\"tolerations\":[{\"operator\":\"Exists\"}],\"serviceAccountName\":\"sa\"}}",
	      "{\"spec\":{\"tolerations\":[{\"operator\":\"Exists\"}]," POD_SPEC_DEFAULTS ",\"enableServiceLinks\":true,"
	      "\"serviceAccountName\":\"sa\",\"serviceAccount\":\"sa\"}}");
}

static void image_pull_policies(void **state)
{
	static const char *const v[][2] = {
		{ "busybox", "Always" }, { "busybox:latest", "Always" }, { "busybox:1.36", "IfNotPresent" },
		{ "localhost:5000/busybox", "Always" }, { "localhost:5000/busybox:1", "IfNotPresent" },
		{ "busybox@sha256:0123", "IfNotPresent" }, { "localhost/busybox:latest", "Always" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_json_ json *j = json_build("{\"spec\":{\"containers\":[{\"image\":\"%s\"}]}}", v[i][0]);

		default_object(kind_of(&res_pods), j);
		assert_string_equal(json_str(json_get(json_get(j, "spec", "containers")->child, "imagePullPolicy")),
				    v[i][1]);
	}
}

static void services(void **state)
{
	check("v1", "Service",
	      "{\"spec\":{\"clusterIP\":\"10.96.0.10\",\"ports\":"
	      "[{\"port\":80},{\"port\":53,\"protocol\":\"UDP\",\"targetPort\":\"dns\"}]}}",
	      "{\"spec\":{\"clusterIP\":\"10.96.0.10\",\"clusterIPs\":[\"10.96.0.10\"],\"type\":\"ClusterIP\","
	      "\"sessionAffinity\":\"None\",\"internalTrafficPolicy\":\"Cluster\",\"ipFamilies\":[\"IPv4\"],"
	      "\"ipFamilyPolicy\":\"SingleStack\",\"ports\":[{\"port\":80,\"protocol\":\"TCP\",\"targetPort\":80},"
	      "{\"port\":53,\"protocol\":\"UDP\",\"targetPort\":\"dns\"}]}}");
	check("v1", "Service", "{\"spec\":{\"type\":\"NodePort\",\"sessionAffinity\":\"ClientIP\"}}",
	      "{\"spec\":{\"type\":\"NodePort\",\"sessionAffinity\":\"ClientIP\","
	      "\"sessionAffinityConfig\":{\"clientIP\":{\"timeoutSeconds\":10800}},\"externalTrafficPolicy\":\"Cluster\","
	      "\"internalTrafficPolicy\":\"Cluster\",\"ipFamilies\":[\"IPv4\"],\"ipFamilyPolicy\":\"SingleStack\"}}");
	check("v1", "Service", "{\"spec\":{\"type\":\"ExternalName\",\"externalName\":\"a.b\"}}",
	      "{\"spec\":{\"type\":\"ExternalName\",\"externalName\":\"a.b\",\"sessionAffinity\":\"None\"}}");
}

static void the_rest(void **state)
{
	check("v1", "Secret", "{\"data\":{\"b\":\"eA==\"},\"stringData\":{\"a\":\"hello\",\"e\":\"\",\"b\":\"yy\"}}",
	      "{\"type\":\"Opaque\",\"data\":{\"a\":\"aGVsbG8=\",\"e\":\"\",\"b\":\"eXk=\"}}");
	check("v1", "Namespace", "{\"metadata\":{\"name\":\"x\"}}",
	      "{\"metadata\":{\"name\":\"x\",\"labels\":{\"kubernetes.io/metadata.name\":\"x\"}},\"status\":{\"phase\":\"Active\"}}");
	check("apps/v1", "ReplicaSet", "{}", "{\"spec\":{\"replicas\":1,\"template\":{\"spec\":{" POD_SPEC_DEFAULTS "}}}}");
	check("v1", "Endpoints", "{\"subsets\":[{\"ports\":[{\"port\":1}]}]}",
	      "{\"subsets\":[{\"ports\":[{\"port\":1,\"protocol\":\"TCP\"}]}]}");
	check("discovery.k8s.io/v1", "EndpointSlice", "{\"ports\":[{\"port\":1}]}",
	      "{\"ports\":[{\"port\":1,\"protocol\":\"TCP\",\"name\":\"\"}]}");
	check("v1", "Node", "{\"status\":{\"capacity\":{\"cpu\":\"2\",\"pods\":\"110\"},\"allocatable\":{\"cpu\":\"1\"}}}",
	      "{\"status\":{\"capacity\":{\"cpu\":\"2\",\"pods\":\"110\"},\"allocatable\":{\"cpu\":\"1\"}}}");
	check("v1", "ConfigMap", "{\"data\":{\"a\":\"b\"}}", "{\"data\":{\"a\":\"b\"}}");
}

static void first_status_is_the_servers(void **state)
{
	_cleanup_json_ json *pod = json_build("{\"spec\":{},\"status\":{\"phase\":\"Running\",\"podIP\":\"1.2.3.4\"}}");
	_cleanup_json_ json *want = json_build("{\"phase\":\"Pending\",\"qosClass\":\"BestEffort\"}");
	_cleanup_json_ json *node = json_build("{\"status\":{\"capacity\":{}}}");
	_cleanup_json_ json *cm = json_build("{}");

	reset_status(kind_of(&res_pods), pod);
	assert_true(json_equal(json_get(pod, "status"), want));
	reset_status(kind_of(&res_nodes), node);
	assert_non_null(json_get(node, "status", "capacity"));
	reset_status(kind_of(&res_configmaps), cm);
	assert_null(json_get(cm, "status"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deployments),
		cmocka_unit_test(pods),
		cmocka_unit_test(image_pull_policies),
		cmocka_unit_test(services),
		cmocka_unit_test(the_rest),
		cmocka_unit_test(first_status_is_the_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
