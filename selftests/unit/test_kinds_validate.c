// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_validate.c - what is refused, and in which words */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/kinds/defaults.h"
#include "api/kinds/validate.h"
#include "api/meta/view_selector.h"

static json *parse(const char *text)
{
	json *j = NULL;
	char *msg = NULL;

	if (json_parse(text, strlen(text), &j, &msg) < 0)
		fail_msg("%s: %s", text, msg);
	return j;
}

/* The complaints about an object, defaulted first, as one sentence. */
static char *complaint(const struct resource *r, const char *text)
{
	_cleanup_field_errors_ struct field_errors e = { 0 };
	_cleanup_json_ json *j = parse(text);

	default_object(kind_of(r), j);
	validate_create(kind_of(r), j, &e);
	return field_errors_text(&e);
}

static void check(const struct resource *r, const char *text, const char *want)
{
	_cleanup_free_ char *got = complaint(r, text);

	if (!streq(got, want))
		fail_msg("%s:\n got %s\nwant %s", text, got, want);
}

/* The same for a step from old to new. */
static void check_update(const struct resource *r, const char *old_text, const char *new_text, const char *want)
{
	_cleanup_field_errors_ struct field_errors e = { 0 };
	_cleanup_json_ json *old = parse(old_text), *new = parse(new_text);
	_cleanup_free_ char *got = NULL;

	default_object(kind_of(r), old);
	default_object(kind_of(r), new);
	validate_update(kind_of(r), new, old, &e);
	got = field_errors_text(&e);
	if (!streq(got, want))
		fail_msg("%s -> %s:\n got %s\nwant %s", old_text, new_text, got, want);
}

#define SUBDOMAIN "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "	\
	"and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "	\
	"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
#define LABEL "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "	\
	"end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "		\
	"'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

static void names_and_labels(void **state)
{
	static const char *const good[] = { "a", "a-b", "a.b-c.d", "0" };
	static const char *const bad[] = { "", "-a", "a-", "a..b", "A", "a_b", "a.", ".a" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_null(invalid_dns1123_subdomain(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_non_null(invalid_dns1123_subdomain(bad[i]));
	assert_null(invalid_dns1123_label("a23456789012345678901234567890123456789012345678901234567890123"));
	assert_non_null(invalid_dns1123_label("a234567890123456789012345678901234567890123456789012345678901234"));
	assert_non_null(invalid_dns1123_label("a.b"));
	assert_non_null(invalid_dns1035_label("0a"));
	assert_null(invalid_label_key("app.kubernetes.io/name"));
	assert_null(invalid_label_key("App_x.y"));
	assert_non_null(invalid_label_key("a/b/c"));
	assert_non_null(invalid_label_key("/b"));
	assert_non_null(invalid_label_key("a/"));
	assert_null(invalid_label_value(""));
	assert_null(invalid_label_value("V1.2_x"));
	assert_non_null(invalid_label_value("-x"));
	assert_true(valid_ip("10.0.0.1") && valid_ip("fd00::1"));
	assert_false(valid_ip("10.0.0.256") || valid_ip("10.0.0.1/8") || valid_ip("x"));

	check(&res_configmaps, "{\"metadata\":{\"name\":\"Bad_Name\",\"namespace\":\"d\"}}",
	      "metadata.name: Invalid value: \"Bad_Name\": " SUBDOMAIN);
	check(&res_configmaps, "{\"metadata\":{\"namespace\":\"d\"}}",
	      "metadata.name: Required value: name or generateName is required");
	check(&res_configmaps, "{\"metadata\":{\"name\":\"a\",\"namespace\":\"d\",\"labels\":{\"a\":\"b c\"}}}",
	      "metadata.labels: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric "
	      "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
	      "'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
	check(&res_configmaps, "{\"metadata\":{\"name\":\"a\",\"namespace\":\"d\",\"ownerReferences\":[{\"apiVersion\":\"v1\","
	      "\"kind\":\"Pod\",\"name\":\"p\"}]}}",
	      "metadata.ownerReferences[0].uid: Invalid value: \"\": must not be empty");
	check(&res_configmaps, "{\"metadata\":{\"name\":\"a\",\"namespace\":\"d\"},\"data\":{\"a b\":\"\"}}",
	      "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or "
	      "'.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
}

#define POD(spec) "{\"metadata\":{\"name\":\"p\",\"namespace\":\"d\"},\"spec\":" spec "}"
#define C1 "\"name\":\"c\",\"image\":\"i\""

static void pods(void **state)
{
	check(&res_pods, POD("{\"containers\":[{" C1 "}]}"), "");
	check(&res_pods, POD("{}"), "spec.containers: Required value");
	check(&res_pods, POD("{\"containers\":[{}]}"),
	      "[spec.containers[0].name: Required value, spec.containers[0].image: Required value]");
	check(&res_pods, POD("{\"containers\":[{\"name\":\"A\",\"image\":\"i\"}]}"),
	      "spec.containers[0].name: Invalid value: \"A\": " LABEL);
	check(&res_pods, POD("{\"containers\":[{" C1 "},{" C1 "}]}"), "spec.containers[1].name: Duplicate value: \"c\"");
	check(&res_pods, POD("{\"containers\":[{" C1 "}],\"initContainers\":[{" C1 "}]}"),
	      "spec.initContainers[0].name: Duplicate value: \"c\"");
	check(&res_pods, POD("{\"restartPolicy\":\"Often\",\"containers\":[{" C1 "}]}"),
	      "spec.restartPolicy: Unsupported value: \"Often\": supported values: \"Always\", \"OnFailure\", \"Never\"");
	check(&res_pods, POD("{\"containers\":[{" C1 ",\"ports\":[{\"containerPort\":70000},{\"containerPort\":1,"
			     "\"protocol\":\"X\"},{}]}]}"),
	      "[spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive, "
	      "spec.containers[0].ports[1].protocol: Unsupported value: \"X\": supported values: \"SCTP\", \"TCP\", \"UDP\", "
	      "spec.containers[0].ports[2].containerPort: Required value]");
	check(&res_pods, POD("{\"containers\":[{" C1 ",\"env\":[{\"name\":\"A=B\"},{\"value\":\"x\"},"
			     "{\"name\":\"B\",\"valueFrom\":{}}]}]}"),
	      "[spec.containers[0].env[0].name: Invalid value: \"A=B\": a valid environment variable name must consist only "
	      "of printable ASCII characters other than '=', spec.containers[0].env[1].name: Required value, "
	      "spec.containers[0].env[2].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, "
	      "`resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`]");
	check(&res_pods, POD("{\"containers\":[{" C1 ",\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/a\"},"
			     "{\"name\":\"w\",\"mountPath\":\"/a\",\"subPath\":\"x/../..\"}]}],\"volumes\":[{\"name\":\"v\"}]}"),
	      "[spec.containers[0].volumeMounts[1].name: Not found: \"w\", "
	      "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique, "
	      "spec.containers[0].volumeMounts.subPath: Invalid value: \"x/../..\": must not contain '..']");
	check(&res_pods, POD("{\"containers\":[{" C1 "}],\"volumes\":[{\"name\":\"v\",\"emptyDir\":{},\"hostPath\":{\"path\":\"/\"}},"
			     "{\"name\":\"v\"}]}"),
	      "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type");
	check(&res_pods, POD("{\"containers\":[{" C1 "}],\"volumes\":[{\"name\":\"v\"},{\"name\":\"v\"}]}"),
	      "spec.volumes[1].name: Duplicate value: \"v\"");
	check(&res_pods, POD("{\"containers\":[{" C1 ",\"livenessProbe\":{\"successThreshold\":2,\"periodSeconds\":-1,"
			     "\"httpGet\":{\"port\":0}},\"readinessProbe\":{}}]}"),
	      "[spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive, "
	      "spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0, "
	      "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1, "
	      "spec.containers[0].readinessProbe: Required value: must specify a handler type]");
	check(&res_pods, POD("{\"containers\":[{" C1 ",\"resources\":{\"requests\":{\"cpu\":\"2\",\"memory\":\"-1\"},"
			     "\"limits\":{\"cpu\":\"1\"}}}]}"),
	      "[spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1, "
	      "spec.containers[0].resources.requests[memory]: Invalid value: \"-1\": must be greater than or equal to 0]");
	check(&res_pods, POD("{\"containers\":[{" C1 "}],\"tolerations\":[{\"value\":\"x\"},{\"key\":\"k\",\"operator\":\"Exists\","
			     "\"effect\":\"NoSchedule\",\"tolerationSeconds\":1}]}"),
	      "[spec.tolerations[0].operator: Invalid value: \"\": operator must be Exists when `key` is empty, which "
	      "means \"match all values and all keys\", spec.tolerations[1].effect: Invalid value: \"NoSchedule\": effect "
	      "must be 'NoExecute' when `tolerationSeconds` is set]");
}

static void pods_change_little(void **state)
{
#define META "\"metadata\":{\"name\":\"p\",\"namespace\":\"d\",\"uid\":\"u\"}"
#define STEP(a, b, want) check_update(&res_pods, "{" META ",\"spec\":" a "}", "{" META ",\"spec\":" b "}", want)
	static const char may[] =
		"spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
		"`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
		"tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

	STEP("{\"containers\":[{" C1 "}]}", "{\"containers\":[{\"name\":\"c\",\"image\":\"j\"}]}", "");
	STEP("{\"containers\":[{" C1 "}]}", "{\"containers\":[{" C1 "}],\"activeDeadlineSeconds\":5}", "");
	STEP("{\"containers\":[{" C1 "}]}", "{\"containers\":[{" C1 "}],\"nodeName\":\"n\"}", may);
	STEP("{\"containers\":[{" C1 "}]}", "{\"containers\":[{" C1 "},{\"name\":\"d\",\"image\":\"i\"}]}",
	     "spec.containers: Forbidden: pod updates may not add or remove containers");
	STEP("{\"containers\":[{" C1 "}]}",
	     "{\"containers\":[{" C1 "}],\"tolerations\":[{\"key\":\"x\",\"operator\":\"Exists\"}]}", "");
	STEP("{\"containers\":[{" C1 "}],\"tolerations\":[{\"key\":\"x\",\"operator\":\"Exists\"}]}", "{\"containers\":[{" C1 "}]}",
	     "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds");
	check_update(&res_pods, "{" META ",\"spec\":{\"containers\":[{" C1 "}]}}",
		     "{\"metadata\":{\"name\":\"p\",\"namespace\":\"d\",\"uid\":\"zz\"},\"spec\":{\"containers\":[{" C1 "}]}}",
		     "metadata.uid: Invalid value: \"zz\": field is immutable");
}

#define DEPLOY(spec) "{\"metadata\":{\"name\":\"x\",\"namespace\":\"d\"},\"spec\":" spec "}"
#define TEMPLATE(l) "\"template\":{\"metadata\":{\"labels\":{" l "}},\"spec\":{\"containers\":[{" C1 "}]}}"
#define SELECTOR "\"selector\":{\"matchLabels\":{\"a\":\"b\"}}"

static void deployments(void **state)
{
	check(&res_deployments, DEPLOY("{" SELECTOR "," TEMPLATE("\"a\":\"b\"") "}"), "");
	/* word for word what a Kubernetes server answered to this */
	check(&res_deployments,
	      DEPLOY("{" SELECTOR ",\"template\":{\"metadata\":{\"labels\":{\"a\":\"c\"}},\"spec\":{}}}"),
	      "[spec.template.metadata.labels: Invalid value: {\"a\":\"c\"}: `selector` does not match "
	      "template `labels`, spec.template.spec.containers: Required value]");
	check(&res_deployments, DEPLOY("{" TEMPLATE("\"a\":\"b\"") "}"),
	      "[spec.selector: Required value, spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: "
	      "`selector` does not match template `labels`]");
	check(&res_deployments, DEPLOY("{\"selector\":{}," TEMPLATE("\"a\":\"b\"") "}"),
	      "spec.selector: Invalid value: {}: empty selector is invalid for deployment");
	check(&res_deployments, DEPLOY("{\"replicas\":-1," SELECTOR "," TEMPLATE("\"a\":\"b\"") "}"),
	      "spec.replicas: Invalid value: -1: must be greater than or equal to 0");
	check(&res_deployments, DEPLOY("{" SELECTOR "," TEMPLATE("\"a\":\"b\"") ",\"strategy\":{\"rollingUpdate\":"
	      "{\"maxSurge\":0,\"maxUnavailable\":\"0%\"}}}"),
	      "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0 when `maxSurge` is 0");
	check(&res_deployments, DEPLOY("{" SELECTOR "," TEMPLATE("\"a\":\"b\"") ",\"strategy\":{\"rollingUpdate\":"
	      "{\"maxUnavailable\":\"101%\"}}}"),
	      "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%");
	check(&res_deployments, DEPLOY("{" SELECTOR "," TEMPLATE("\"a\":\"b\"") ",\"strategy\":{\"type\":\"Recreate\","
	      "\"rollingUpdate\":{}}}"),
	      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'");
	check_update(&res_deployments, DEPLOY("{" SELECTOR "," TEMPLATE("\"a\":\"b\",\"c\":\"d\"") "}"),
		     DEPLOY("{\"selector\":{\"matchLabels\":{\"c\":\"d\"}}," TEMPLATE("\"a\":\"b\",\"c\":\"d\"") "}"),
		     "spec.selector: Invalid value: {\"matchLabels\":{\"c\":\"d\"}}: field is immutable");
	check_update(&res_deployments, DEPLOY("{" SELECTOR "," TEMPLATE("\"a\":\"b\"") "}"),
		     DEPLOY("{\"selector\":{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\"},"
			    "{\"key\":\"a\",\"operator\":\"In\",\"values\":[\"b\",\"c\"]}]}," TEMPLATE("\"a\":\"b\"") "}"),
		     "spec.selector: Invalid value: {\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\"},"
		     "{\"key\":\"a\",\"operator\":\"In\",\"values\":[\"b\",\"c\"]}]}: field is immutable");
}

#define SVC(spec) "{\"metadata\":{\"name\":\"s\",\"namespace\":\"d\"},\"spec\":" spec "}"

/* Nothing that passes decoding may trip validation: every object is tried with each member taken out. */
static void without_each_member(const struct kind *k, json *root, json *at)
{
	for (json *it = at->child; it; it = it->next)
		if (it->child)
			without_each_member(k, root, it);
	if (!json_is_object(at))
		return;
	/* The first is taken out and put back as the last, until all were. */
	for (int n = json_len(at); n > 0; n--) {
		_cleanup_field_errors_ struct field_errors e = { 0 };
		_cleanup_free_ char *text = NULL, *key = xstrdup(json_key(at->child));
		json *taken = json_take(at, key);
		_cleanup_json_ json *copy = json_clone(root);

		json_set(at, key, taken);
		default_object(k, copy);
		validate_create(k, copy, &e);
		validate_update(k, copy, root, &e);
		validate_update(k, root, copy, &e);
		text = field_errors_text(&e);
		assert_non_null(text);
	}
}

static void missing_members_never_trip_it(void **state)
{
	static const struct {
		const struct resource *r;
		const char *obj;
	} v[] = {
		{ &res_deployments, DEPLOY("{\"selector\":{\"matchLabels\":{\"a\":\"b\"},\"matchExpressions\":[{\"key\":\"a\","
		  "\"operator\":\"In\",\"values\":[\"b\"]}]}," TEMPLATE("\"a\":\"b\"") ",\"strategy\":{\"type\":\"RollingUpdate\","
		  "\"rollingUpdate\":{\"maxSurge\":1}}}") },
		{ &res_pods, POD("{\"containers\":[{" C1 ",\"ports\":[{\"containerPort\":1,\"name\":\"n\",\"hostPort\":1}],\"env\":"
		  "[{\"name\":\"a\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"x\"}}}],\"envFrom\":[{\"configMapRef\":{\"name\":\"c\"}}],"
		  "\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/\"}],\"livenessProbe\":{\"exec\":{\"command\":[\"x\"]}},"
		  "\"readinessProbe\":{\"httpGet\":{\"port\":1}},\"lifecycle\":{\"preStop\":{\"tcpSocket\":{\"port\":1}}},"
		  "\"resources\":{\"limits\":{\"cpu\":\"1\"},\"requests\":{\"cpu\":\"1\"}}}],\"volumes\":[{\"name\":\"v\","
		  "\"hostPath\":{\"path\":\"/\"}}],\"tolerations\":[{\"key\":\"a\",\"operator\":\"Equal\",\"effect\":\"NoExecute\"}],"
		  "\"hostAliases\":[{\"ip\":\"1.1.1.1\",\"hostnames\":[\"a\"]}],\"dnsConfig\":{\"nameservers\":[\"1.1.1.1\"]},"
		  "\"topologySpreadConstraints\":[{\"maxSkew\":1,\"topologyKey\":\"a\",\"whenUnsatisfiable\":\"DoNotSchedule\"}]}") },
		{ &res_services, SVC("{\"clusterIP\":\"1.1.1.1\",\"ports\":[{\"name\":\"a\",\"port\":80},{\"name\":\"b\",\"port\":81}]}") },
		{ &res_endpoints, "{\"metadata\":{\"name\":\"e\",\"namespace\":\"d\"},\"subsets\":[{\"addresses\":[{\"ip\":\"1.1.1.1\"}],"
		  "\"ports\":[{\"port\":80}]}]}" },
		{ &res_endpointslices, "{\"metadata\":{\"name\":\"e\",\"namespace\":\"d\"},\"addressType\":\"IPv4\",\"endpoints\":"
		  "[{\"addresses\":[\"1.1.1.1\"]}],\"ports\":[{\"name\":\"a\",\"port\":1}]}" },
		{ &res_nodes, "{\"metadata\":{\"name\":\"n\"},\"spec\":{\"podCIDRs\":[\"1.0.0.0/8\"],\"taints\":[{\"key\":\"a\","
		  "\"effect\":\"NoExecute\"},{\"key\":\"b\",\"effect\":\"NoExecute\"}]},\"status\":{\"capacity\":{\"cpu\":\"1\"}}}" },
		{ &res_secrets, "{\"metadata\":{\"name\":\"n\",\"namespace\":\"d\",\"ownerReferences\":[{\"apiVersion\":\"v1\","
		  "\"kind\":\"Pod\",\"name\":\"p\",\"uid\":\"u\",\"controller\":true},{\"controller\":true}]},\"type\":\"x\","
		  "\"data\":{\"a\":\"\"},\"immutable\":true}" },
		{ &res_events, "{\"metadata\":{\"name\":\"n\",\"namespace\":\"d\"},\"involvedObject\":{\"namespace\":\"d\"}}" },
		{ &res_leases, "{\"metadata\":{\"name\":\"n\",\"namespace\":\"d\"},\"spec\":{\"leaseDurationSeconds\":1}}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_json_ json *j = parse(v[i].obj);

		without_each_member(kind_of(v[i].r), j, j);
	}
}

static void status_updates_look_at_metadata_only(void **state)
{
	_cleanup_field_errors_ struct field_errors e = { 0 };
	_cleanup_json_ json *old = parse(POD("{}")), *new = parse(POD("{}"));

	validate_update_status(kind_of(&res_pods), new, old, &e);
	assert_int_equal(e.n, 0);
	json_set_str(json_get(new, "metadata"), "uid", "x");
	validate_update_status(kind_of(&res_pods), new, old, &e);
	assert_int_equal(e.n, 1);
	assert_string_equal(e.items[0].path, "metadata.uid");
	assert_string_equal(e.items[0].reason, FIELD_INVALID);
}

static void causes_follow_the_errors(void **state)
{
	_cleanup_field_errors_ struct field_errors e = { 0 };
	_cleanup_json_ json *causes = NULL;
	_cleanup_free_ char *text = NULL;

	field_required(&e, "a", NULL);
	field_required(&e, "a", NULL);
	field_not_found(&e, "b", "x\"y");
	text = field_errors_text(&e);
	assert_string_equal(text, "[a: Required value, b: Not found: \"x\\\"y\"]");
	causes = field_errors_causes(&e);
	assert_int_equal(json_len(causes), 3);
	assert_string_equal(json_str(json_get(causes->child, "reason")), "FieldValueRequired");
	assert_string_equal(json_str(json_get(causes->child, "field")), "a");
}

static void selectors_choose(void **state)
{
	_cleanup_json_ json *labels = parse("{\"a\":\"1\",\"b\":\"\"}");
	static const struct {
		const char *selector;
		bool want;
	} v[] = {
		{ "{}", true },
		{ "{\"matchLabels\":{\"a\":\"1\",\"b\":\"\"}}", true },
		{ "{\"matchLabels\":{\"a\":\"2\"}}", false },
		{ "{\"matchLabels\":{\"c\":\"1\"}}", false },
		{ "{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\",\"values\":[\"0\",\"1\"]}]}", true },
		{ "{\"matchExpressions\":[{\"key\":\"c\",\"operator\":\"In\",\"values\":[\"0\"]}]}", false },
		{ "{\"matchExpressions\":[{\"key\":\"c\",\"operator\":\"NotIn\",\"values\":[\"0\"]}]}", true },
		{ "{\"matchExpressions\":[{\"key\":\"b\",\"operator\":\"Exists\"}]}", true },
		{ "{\"matchExpressions\":[{\"key\":\"b\",\"operator\":\"DoesNotExist\"}]}", false },
		{ "{\"matchExpressions\":[{\"key\":\"b\",\"operator\":\"Odd\"}]}", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_json_ json *s = parse(v[i].selector);

		if (label_selector_matches(s, labels) != v[i].want)
			fail_msg("%s", v[i].selector);
	}
	assert_false(label_selector_matches(NULL, labels));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_labels),
		cmocka_unit_test(pods),
		cmocka_unit_test(pods_change_little),
		cmocka_unit_test(deployments),
		cmocka_unit_test(missing_members_never_trip_it),
		cmocka_unit_test(status_updates_look_at_metadata_only),
		cmocka_unit_test(causes_follow_the_errors),
		cmocka_unit_test(selectors_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
