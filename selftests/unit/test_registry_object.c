// SPDX-License-Identifier: GPL-2.0-or-later
/* test_registry_object.c - what writes do to objects, pages, address arithmetic: the pure half of the registry */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/registry/ranges.h"
#include "api/registry/list.h"
#include "api/registry/object.h"
#include "api/meta/status.h"

#define NOW UINT64_C(1767225600000000)	/* 2026-01-01T00:00:00Z */

static json *parse(const char *text)
{
	_cleanup_free_ char *msg = NULL;
	json *j = NULL;

	if (json_parse(text, strlen(text), &j, &msg))
		fail_msg("%s: %s", text, msg);
	return j;
}

/* Takes the Status, which must be there and have this code; its message is for the caller to free. */
static char *refused(json *s, int code)
{
	char *message;

	assert_non_null(s);
	assert_int_equal(status_code(s), code);
	message = xstrdup(json_str(json_get(s, "message")));
	json_freep(&s);
	return message;
}

static const char *str(const json *obj, const char *a, const char *b)
{
	return json_str(json_get(obj, a, b));
}

/* --- bodies and creates --------------------------------------------------------------- */

static void bodies_are_completed(void **state)
{
	const struct kind *k = kind_of(&res_deployments);
	_cleanup_json_ json *obj = parse("{\"metadata\":{\"name\":\"w\"}}");

	assert_null(object_check_body(k, "d", "w", true, obj));
	assert_string_equal(json_str(json_get(obj, "kind")), "Deployment");
	assert_string_equal(json_str(json_get(obj, "apiVersion")), "apps/v1");
	assert_string_equal(str(obj, "metadata", "namespace"), "d");
}

static void wrong_bodies_are_refused(void **state)
{
	static const struct {
		const char *body, *why;
	} v[] = {
		{ "{\"apiVersion\":\"v2\",\"metadata\":{\"name\":\"w\"}}", "the API version in the data (v2) does not match the expected API version (v1)" },
		{ "{\"kind\":\"Service\",\"metadata\":{\"name\":\"w\"}}", "Service in version \"v1\" cannot be handled as a Pod: converting (v1.Service) to (core.Pod): unknown conversion" },
		{ "{\"metadata\":{\"name\":\"x\"}}", "the name of the object (x) does not match the name on the URL (w)" },
		{ "{\"metadata\":{\"name\":\"w\",\"namespace\":\"e\"}}", "the namespace of the provided object does not match the namespace sent on the request" },
		{ "{\"metadata\":{\"name\":\"w\"},\"spec\":{\"nodeName\":5}}", "Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field PodSpec.spec.nodeName of type string" },
		{ "{\"metadata\":{\"name\":\"w\"},\"spec\":{\"nodename\":\"n\"}}", "Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: unknown field \"spec.nodename\"" },
		{ "[]", "the object provided is unrecognized (must be of type Pod): it is no JSON object" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_json_ json *obj = parse(v[i].body);
		_cleanup_free_ char *why = refused(object_check_body(kind_of(&res_pods), "d", "w", true, obj), 400);

		assert_string_equal(why, v[i].why);
	}
}

static void creates_get_their_own_metadata(void **state)
{
	_cleanup_json_ json *obj = parse("{\"metadata\":{\"generateName\":\"w-\",\"uid\":\"mine\",\"generation\":7,\"deletionTimestamp\":\"2020-01-01T00:00:00Z\","
					 "\"resourceVersion\":\"\"},\"spec\":{},\"status\":{\"replicas\":9}}");
	const struct kind *k = kind_of(&res_deployments);

	assert_null(object_check_body(k, "d", NULL, true, obj));
	assert_null(object_prepare_create(k, obj, NOW));
	assert_true(startswith(str(obj, "metadata", "name"), "w-"));
	assert_int_equal(strlen(str(obj, "metadata", "name")), 7);
	assert_int_equal(strlen(str(obj, "metadata", "uid")), 36);
	assert_string_equal(str(obj, "metadata", "creationTimestamp"), "2026-01-01T00:00:00Z");
	assert_int_equal(json_int(json_get(obj, "metadata", "generation"), 0), 1);
	assert_null(json_get(obj, "metadata", "deletionTimestamp"));
	assert_null(json_get(obj, "metadata", "resourceVersion"));
	assert_null(json_get(obj, "status", "replicas"));
	assert_int_equal(json_int(json_get(obj, "spec", "replicas"), 0), 1);
}

static void creates_name_no_version(void **state)
{
	_cleanup_json_ json *obj = parse("{\"metadata\":{\"name\":\"c\",\"resourceVersion\":\"5\"}}");
	_cleanup_free_ char *why = refused(object_prepare_create(kind_of(&res_configmaps), obj, NOW), 400);

	assert_string_equal(why, "resourceVersion should not be set on objects to be created");
}

static void namespaces_are_held_from_the_start(void **state)
{
	_cleanup_json_ json *obj = parse("{\"metadata\":{\"name\":\"n\"}}");

	assert_null(object_prepare_create(kind_of(&res_namespaces), obj, NOW));
	assert_string_equal(json_str(json_get(obj, "spec", "finalizers")->child), "kubernetes");
	assert_string_equal(str(obj, "status", "phase"), "Active");
}

/* --- in etcd --------------------------------------------------------------------------- */

static void values_make_the_round_trip(void **state)
{
	_cleanup_json_ json *obj = parse("{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"c\",\"resourceVersion\":\"9\","
					 "\"selfLink\":\"/x\",\"generation\":9007199254740993},\"type\":\"Opaque\",\"data\":{\"k\":\"AAEC\"}}");
	_cleanup_json_ json *before = json_clone(obj), *back = NULL;
	_cleanup_free_ char *why = NULL;
	struct buf value = { 0 };

	object_encode(obj, &value);
	assert_true(json_equal(obj, before));
	assert_memory_equal(value.data, "k8s\0\x0a\x0c\x0a\x02v1\x12\x06Secret", 18);
	assert_null(memmem(value.data, value.len, "/x", 2));
	assert_int_equal(object_decode("k", value.data, value.len, 42, &back, &why), 0);
	json_set_str(json_get(obj, "metadata"), "resourceVersion", "42");
	json_del(json_get(obj, "metadata"), "selfLink");
	assert_true(json_equal(obj, back));
	buf_free(&value);
}

/* What another server wrote: JSON, an older version, without the defaults of today. */
static void values_of_others_are_read(void **state)
{
	static const char cronjob[] = "{\"apiVersion\":\"batch/v1beta1\",\"kind\":\"CronJob\",\"metadata\":{\"name\":\"c\"}}";
	static const char deployment[] = "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"d\"},"
					 "\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i:1\"}]}}}}";
	_cleanup_json_ json *c = NULL, *d = NULL;
	_cleanup_free_ char *why = NULL;

	assert_int_equal(object_decode("k", cronjob, strlen(cronjob), 1, &c, &why), 0);
	assert_string_equal(json_str(json_get(c, "apiVersion")), "batch/v1");
	assert_int_equal(object_decode("k", deployment, strlen(deployment), 1, &d, &why), 0);
	assert_int_equal(json_int(json_get(d, "spec", "revisionHistoryLimit"), 0), 10);
}

static void foreign_values_are_named(void **state)
{
	static const struct { const char *value; size_t len; const char *why; } bad[] = {
		{ "k8s\0\n", 5, "/k in etcd cannot be read: proto: unexpected EOF" },
		{ "k8s\0\x0a\x07\x0a\x02x1\x12\x01" "A", 13, "/k in etcd cannot be read: it is a A of x1, which this server does not know" },
		{ "[]", 2, "/k in etcd is no object with metadata" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_free_ char *why = NULL;
		json *obj;

		assert_int_equal(object_decode("/k", bad[i].value, bad[i].len, 1, &obj, &why), -EINVAL);
		assert_string_equal(why, bad[i].why);
	}
}

/* --- updates ----------------------------------------------------------------------------- */

#define CUR "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"w\",\"namespace\":\"d\",\"uid\":\"u\","		\
	"\"creationTimestamp\":\"2025-01-01T00:00:00Z\",\"generation\":3,\"resourceVersion\":\"10\"},\"spec\":{\"replicas\":1,"	\
	"\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":"	\
	"[{\"name\":\"c\",\"image\":\"i\"}]}}},\"status\":{\"replicas\":1}}"

/* cur in its defaulted form, as etcd holds it */
static json *current(void)
{
	_cleanup_json_ json *cur = parse(CUR);
	json *out = NULL;

	assert_null(object_prepare_update(kind_of(&res_deployments), NULL, cur, json_clone(cur), &out));
	json_set_int(json_get(out, "metadata"), "generation", 3);
	return out;
}

static json *patched(const char *sub, enum store_patch_type type, const char *text)
{
	const struct kind *k = kind_of(&res_deployments);
	_cleanup_json_ json *cur = current(), *patch = parse(text);
	json *wanted = NULL, *next = NULL;

	assert_null(object_patch(k, sub, cur, type, patch, true, &wanted));
	assert_null(object_prepare_update(k, sub, cur, wanted, &next));
	assert_null(object_validate(k, sub, next, cur));
	return next;
}

static void generation_counts_spec_changes(void **state)
{
	_cleanup_json_ json *spec = patched(NULL, STORE_PATCH_MERGE, "{\"spec\":{\"replicas\":2}}");
	_cleanup_json_ json *meta = patched(NULL, STORE_PATCH_MERGE, "{\"metadata\":{\"labels\":{\"x\":\"y\"},\"generation\":99}}");
	_cleanup_json_ json *status = patched("status", STORE_PATCH_MERGE, "{\"status\":{\"replicas\":2}}");
	_cleanup_json_ json *scale = patched("scale", STORE_PATCH_MERGE, "{\"spec\":{\"replicas\":6}}");

	assert_int_equal(json_int(json_get(spec, "metadata", "generation"), 0), 4);
	assert_int_equal(json_int(json_get(meta, "metadata", "generation"), 0), 3);
	assert_int_equal(json_int(json_get(status, "metadata", "generation"), 0), 3);
	assert_int_equal(json_int(json_get(scale, "metadata", "generation"), 0), 4);
	assert_int_equal(json_int(json_get(scale, "spec", "replicas"), 0), 6);
}

static void spec_and_status_are_apart(void **state)
{
	static const char both[] = "{\"metadata\":{\"labels\":{\"x\":\"y\"}},\"spec\":{\"replicas\":2},\"status\":{\"replicas\":2}}";
	_cleanup_json_ json *main_part = patched(NULL, STORE_PATCH_STRATEGIC, both);
	_cleanup_json_ json *status = patched("status", STORE_PATCH_STRATEGIC, both);

	assert_int_equal(json_int(json_get(main_part, "spec", "replicas"), 0), 2);
	assert_int_equal(json_int(json_get(main_part, "status", "replicas"), 0), 1);
	assert_int_equal(json_int(json_get(status, "spec", "replicas"), 0), 1);
	assert_int_equal(json_int(json_get(status, "status", "replicas"), 0), 2);
	assert_null(json_get(status, "metadata", "labels"));
}

/* What Kubernetes' own writers of /status may change besides. */
static void status_writes_bring_metadata(void **state)
{
	static const char cur[] = "{\"metadata\":{\"name\":\"x\",\"uid\":\"u\",\"labels\":{\"a\":\"b\"}},\"spec\":{}}";
	static const char wanted[] = "{\"metadata\":{\"labels\":{\"c\":\"d\"},\"uid\":\"u\",\"ownerReferences\":[{\"uid\":\"o\"}],\"generation\":7},"
		"\"spec\":{\"unschedulable\":true}}";
	static const struct resource *const r[] = { &res_nodes, &res_pods, &res_services };

	for (size_t i = 0; i < ARRAY_SIZE(r); i++) {
		_cleanup_json_ json *old = parse(cur), *next = NULL;

		assert_null(object_prepare_update(kind_of(r[i]), "status", old, parse(wanted), &next));
		assert_string_equal(json_str(json_get(next, "metadata", "labels", "c")), "d");
		assert_null(json_get(next, "metadata", "labels", "a"));
		assert_string_equal(json_str(json_get(next, "metadata", "uid")), "u");
		assert_int_not_equal(json_int(json_get(next, "metadata", "generation"), 0), 7);
		assert_null(json_get(next, "spec", "unschedulable"));
		/* old agents spoil a pod's owners */
		assert_int_equal(!json_get(next, "metadata", "ownerReferences"), r[i] == &res_pods);
	}
}

static void nothing_changed_is_equal(void **state)
{
	_cleanup_json_ json *cur = current(), *next = patched(NULL, STORE_PATCH_MERGE, "{\"spec\":{\"replicas\":1}}");

	assert_true(json_equal(cur, next));
}

static void stale_and_wrong_updates_are_refused(void **state)
{
	const struct kind *k = kind_of(&res_deployments);
	_cleanup_json_ json *cur = current(), *stale = parse("{\"metadata\":{\"resourceVersion\":\"9\"}}");
	_cleanup_json_ json *other = parse("{\"metadata\":{\"uid\":\"v\"}}"), *unknown = parse("{\"spec\":{\"replica\":1,\"x\":[\"a\",2],\"paused\":true},\"metadata\":{\"labels\":null}}");
	_cleanup_json_ json *test = parse("[{\"op\":\"test\",\"path\":\"/spec/replicas\",\"value\":2}]");
	_cleanup_free_ char *why = NULL, *uid = NULL, *field = NULL, *tested = NULL, *apply = NULL;
	json *wanted = NULL, *next = NULL;

	assert_null(object_patch(k, NULL, cur, STORE_PATCH_MERGE, stale, true, &wanted));
	why = refused(object_prepare_update(k, NULL, cur, wanted, &next), 409);
	assert_true(startswith(why, "Operation cannot be fulfilled on deployments.apps \"w\": the object has been modified"));

	assert_null(object_patch(k, NULL, cur, STORE_PATCH_MERGE, other, true, &wanted));
	assert_null(object_prepare_update(k, NULL, cur, wanted, &next));
	uid = refused(object_validate(k, NULL, next, cur), 422);
	assert_non_null(strstr(uid, "metadata.uid: Invalid value: \"v\": field is immutable"));
	json_freep(&next);

	field = refused(object_patch(k, NULL, cur, STORE_PATCH_STRATEGIC, unknown, true, &wanted), 422);
	assert_string_equal(field, " \"\" is invalid: patch: Invalid value: \"map[metadata:map[labels:<nil>] spec:map[paused:true replica:1 x:[a 2]]]\": "
			    "strict decoding error: unknown field \"spec.replica\", unknown field \"spec.x\"");
	assert_null(object_patch(k, NULL, cur, STORE_PATCH_MERGE, unknown, false, &wanted));
	json_freep(&wanted);

	tested = refused(object_patch(k, NULL, cur, STORE_PATCH_JSON, test, true, &wanted), 422);
	apply = refused(object_patch(k, NULL, cur, STORE_PATCH_APPLY, test, true, &wanted), 415);
}

static void unknown_fields_of_before_do_not_stop_a_strict_patch(void **state)
{
	const struct kind *k = kind_of(&res_configmaps);
	_cleanup_json_ json *cur = parse("{\"metadata\":{\"name\":\"c\"},\"old\":1}"), *patch = parse("{\"data\":{\"a\":\"b\"}}");
	_cleanup_json_ json *next = NULL;

	assert_null(object_patch(k, NULL, cur, STORE_PATCH_MERGE, patch, true, &next));
	assert_int_equal(json_int(json_get(next, "old"), 0), 1);
}

static void services_keep_their_address(void **state)
{
	const struct kind *k = kind_of(&res_services);
	_cleanup_json_ json *cur = parse("{\"metadata\":{\"name\":\"s\"},\"spec\":{\"type\":\"ClusterIP\",\"clusterIP\":\"10.96.0.5\",\"clusterIPs\":[\"10.96.0.5\"],\"ports\":[{\"port\":1}]}}");
	_cleanup_json_ json *next = NULL;

	assert_null(object_prepare_update(k, NULL, cur, parse("{\"metadata\":{\"name\":\"s\"},\"spec\":{\"ports\":[{\"port\":2}]}}"), &next));
	assert_string_equal(str(next, "spec", "clusterIP"), "10.96.0.5");
}

static void node_ports_go_with_the_type(void **state)
{
	const struct kind *k = kind_of(&res_services);
	_cleanup_json_ json *cur = parse("{\"metadata\":{\"name\":\"s\"},\"spec\":{\"type\":\"NodePort\",\"clusterIP\":\"10.96.0.5\",\"ports\":[{\"port\":1,\"nodePort\":30001}]}}");
	_cleanup_json_ json *wanted = parse("{\"spec\":{\"type\":\"ClusterIP\",\"ports\":[{\"port\":1,\"nodePort\":30001}]}}");
	_cleanup_json_ json *more = parse("{\"spec\":{\"type\":\"ClusterIP\",\"ports\":[{\"port\":1,\"nodePort\":30001},{\"port\":2,\"nodePort\":30002}]}}");
	_cleanup_json_ json *next = NULL, *wrong = NULL;

	assert_null(object_prepare_update(k, NULL, cur, json_clone(wanted), &next));
	assert_null(json_get(json_get(next, "spec", "ports")->child, "nodePort"));
	/* one that was not there before is the user's mistake, and is refused by validation */
	assert_null(object_prepare_update(k, NULL, cur, json_clone(more), &wrong));
	assert_int_equal(json_int(json_get(json_get(wrong, "spec", "ports")->child->next, "nodePort"), 0), 30002);
}

static void negative_scales_are_refused(void **state)
{
	const struct kind *k = kind_of(&res_deployments);
	_cleanup_json_ json *cur = current();
	json *next = NULL;
	_cleanup_free_ char *why = refused(object_prepare_update(k, "scale", cur, parse("{\"spec\":{\"replicas\":-1}}"), &next), 422);

	assert_string_equal(why, "Scale.autoscaling \"w\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0");
}

static void scale_shows_the_workload(void **state)
{
	_cleanup_json_ json *cur = current(), *scale = object_scale(cur);
	_cleanup_free_ char *text = json_print(scale);

	assert_string_equal(text, "{\"kind\":\"Scale\",\"apiVersion\":\"autoscaling/v1\",\"metadata\":{\"name\":\"w\",\"namespace\":\"d\",\"uid\":\"u\","
			    "\"resourceVersion\":\"10\",\"creationTimestamp\":\"2025-01-01T00:00:00Z\"},\"spec\":{\"replicas\":1},"
			    "\"status\":{\"replicas\":1,\"selector\":\"a=b\"}}");
}

static void bindings(void **state)
{
	_cleanup_json_ json *pod = parse("{\"metadata\":{\"name\":\"p\",\"uid\":\"u\"},\"spec\":{}}");
	_cleanup_json_ json *binding = parse("{\"metadata\":{\"annotations\":{\"k\":\"v\"}},\"target\":{\"kind\":\"Node\",\"name\":\"n1\"}}");
	_cleanup_json_ json *empty = parse("{\"target\":{}}"), *bound = NULL;
	_cleanup_free_ char *again = NULL, *none = NULL;
	json *next = NULL;

	assert_null(object_bind(pod, binding, NOW, &bound));
	assert_string_equal(str(bound, "spec", "nodeName"), "n1");
	assert_string_equal(json_str(json_get(bound, "metadata", "annotations", "k")), "v");
	assert_string_equal(json_str(json_get(json_get(bound, "status", "conditions")->child, "status")), "True");
	again = refused(object_bind(bound, binding, NOW, &next), 409);
	assert_string_equal(again, "Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to node \"n1\"");
	none = refused(object_bind(pod, empty, NOW, &next), 422);
	assert_non_null(strstr(none, "target.name: Required value"));
}

/* --- deletion ------------------------------------------------------------------------------ */

static const struct store_delete_opts plain = { .grace_period = -1 };

/* The fate; the new object, or NULL, is for the caller to free. */
static enum object_fate fate(const struct resource *r, const char *text, const struct store_delete_opts *o, json **next)
{
	_cleanup_json_ json *cur = parse(text);
	enum object_fate f;
	json *s = NULL;

	*next = NULL;
	f = object_delete(kind_of(r), cur, o, NOW, next, &s);
	assert_null(s);
	assert_true((f == OBJECT_MARK) == (*next != NULL));
	return f;
}

#define POD(meta, spec) "{\"metadata\":{\"name\":\"p\"" meta "},\"spec\":{\"terminationGracePeriodSeconds\":30" spec "}}"
#define MARKED ",\"deletionTimestamp\":\"2026-01-01T00:00:30Z\",\"deletionGracePeriodSeconds\":30"

static void pods_go_gracefully(void **state)
{
	const struct store_delete_opts zero = { .grace_period = 0 }, five = { .grace_period = 5 }, sixty = { .grace_period = 60 };
	json *next;

	assert_int_equal(fate(&res_pods, POD("", ""), &plain, &next), OBJECT_REMOVE);
	assert_int_equal(fate(&res_pods, POD("", ",\"nodeName\":\"n\""), &plain, &next), OBJECT_MARK);
	assert_string_equal(str(next, "metadata", "deletionTimestamp"), "2026-01-01T00:00:30Z");
	assert_int_equal(json_int(json_get(next, "metadata", "deletionGracePeriodSeconds"), 0), 30);
	json_freep(&next);
	assert_int_equal(fate(&res_pods, POD("", ",\"nodeName\":\"n\""), &five, &next), OBJECT_MARK);
	assert_string_equal(str(next, "metadata", "deletionTimestamp"), "2026-01-01T00:00:05Z");
	json_freep(&next);
	assert_int_equal(fate(&res_pods, POD("", ",\"nodeName\":\"n\""), &zero, &next), OBJECT_REMOVE);
	/* a second time: shorter counts, longer does not */
	assert_int_equal(fate(&res_pods, POD(MARKED, ",\"nodeName\":\"n\""), &plain, &next), OBJECT_KEEP);
	assert_int_equal(fate(&res_pods, POD(MARKED, ",\"nodeName\":\"n\""), &sixty, &next), OBJECT_KEEP);
	assert_int_equal(fate(&res_pods, POD(MARKED, ",\"nodeName\":\"n\""), &five, &next), OBJECT_MARK);
	assert_string_equal(str(next, "metadata", "deletionTimestamp"), "2026-01-01T00:00:05Z");
	assert_int_equal(json_int(json_get(next, "metadata", "deletionGracePeriodSeconds"), 0), 5);
	json_freep(&next);
	assert_int_equal(fate(&res_pods, POD(MARKED, ",\"nodeName\":\"n\""), &zero, &next), OBJECT_REMOVE);
	/* finalizers keep it even then */
	assert_int_equal(fate(&res_pods, POD(MARKED ",\"finalizers\":[\"f\"]", ",\"nodeName\":\"n\""), &zero, &next), OBJECT_MARK);
	assert_int_equal(json_int(json_get(next, "metadata", "deletionGracePeriodSeconds"), -1), 0);
	assert_true(json_len(json_get(next, "metadata", "finalizers")) == 1);
	json_freep(&next);
}

static void propagation_is_a_finalizer(void **state)
{
	const struct store_delete_opts orphan = { .grace_period = -1, .propagation = "Orphan" };
	const struct store_delete_opts foreground = { .grace_period = -1, .propagation = "Foreground" };
	const struct store_delete_opts background = { .grace_period = -1, .propagation = "Background" };
	json *next;

	assert_int_equal(fate(&res_deployments, CUR, &background, &next), OBJECT_REMOVE);
	assert_int_equal(fate(&res_deployments, CUR, &foreground, &next), OBJECT_MARK);
	assert_string_equal(json_str(json_get(next, "metadata", "finalizers")->child), "foregroundDeletion");
	assert_string_equal(str(next, "metadata", "deletionTimestamp"), "2026-01-01T00:00:00Z");
	assert_false(object_is_finished(kind_of(&res_deployments), next));
	json_del(json_get(next, "metadata"), "finalizers");
	assert_true(object_is_finished(kind_of(&res_deployments), next));
	json_freep(&next);
	assert_int_equal(fate(&res_deployments, CUR, &orphan, &next), OBJECT_MARK);
	assert_string_equal(json_str(json_get(next, "metadata", "finalizers")->child), "orphan");
	json_freep(&next);
	assert_int_equal(fate(&res_configmaps, "{\"metadata\":{\"name\":\"c\",\"finalizers\":[\"orphan\"]}}", &background, &next), OBJECT_REMOVE);
	assert_int_equal(fate(&res_configmaps, "{\"metadata\":{\"name\":\"c\",\"finalizers\":[\"x\"]}}", &plain, &next), OBJECT_MARK);
	json_freep(&next);
}

static void namespaces_end_slowly(void **state)
{
	json *next;

	assert_int_equal(fate(&res_namespaces, "{\"metadata\":{\"name\":\"n\"},\"spec\":{\"finalizers\":[\"kubernetes\"]}}", &plain, &next), OBJECT_MARK);
	assert_string_equal(str(next, "status", "phase"), "Terminating");
	assert_null(json_get(next, "metadata", "deletionGracePeriodSeconds"));
	assert_false(object_is_finished(kind_of(&res_namespaces), next));
	json_set(json_get(next, "spec"), "finalizers", json_new_array());
	assert_true(object_is_finished(kind_of(&res_namespaces), next));
	json_freep(&next);
}

static void preconditions_hold(void **state)
{
	const struct store_delete_opts uid = { .grace_period = -1, .uid = "v" }, rv = { .grace_period = -1, .rv = 9 };
	_cleanup_json_ json *cur = parse(CUR);
	_cleanup_free_ char *a = NULL, *b = NULL;
	json *next = NULL, *s = NULL;

	object_delete(kind_of(&res_deployments), cur, &uid, NOW, &next, &s);
	a = refused(s, 409);
	assert_non_null(strstr(a, "the UID in the precondition (v) does not match the UID in record (u)"));
	object_delete(kind_of(&res_deployments), cur, &rv, NOW, &next, &s);
	b = refused(s, 409);
	assert_non_null(strstr(b, "the ResourceVersion in the precondition (9) does not match the ResourceVersion in record (10)"));
	assert_null(next);
}

/* --- pages ------------------------------------------------------------------------------------ */

static void tokens_make_the_round_trip(void **state)
{
	_cleanup_free_ char *token = continue_encode(1549, "default/cm1"), *start = NULL, *why = NULL;
	int64_t rv = 0;

	/* {"v":"meta.k8s.io/v1","rv":1549,"start":"default/cm1\u0000"} */
	assert_string_equal(token, "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTU0OSwic3RhcnQiOiJkZWZhdWx0L2NtMVx1MDAwMCJ9");
	assert_int_equal(continue_decode(token, &rv, &start, &why), 0);
	assert_int_equal(rv, 1549);
	assert_string_equal(start, "default/cm1");
}

static void bad_tokens_are_refused(void **state)
{
	static const struct {
		const char *token, *why;
	} v[] = {
		{ "zzz", "invalid character 'Ï' looking for beginning of value" },
		{ "a!b", "illegal base64 data at input byte 1" },
		{ "eyJ2IjoieCJ9", "server does not recognize this encoded version \"x\"" },
		/* {"v":"meta.k8s.io/v1","rv":0,"start":"a"} */
		{ "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MCwic3RhcnQiOiJhIn0", "incorrect encoded start resourceVersion (version meta.k8s.io/v1)" },
		/* {"v":"meta.k8s.io/v1","rv":1,"start":"../x"} */
		{ "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIuLi94In0", "encoded start key empty (version meta.k8s.io/v1)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_free_ char *why = NULL, *want = xasprintf("invalid continue token: continue key is not valid: %s", v[i].why);
		char *start;
		int64_t rv;

		assert_int_equal(continue_decode(v[i].token, &rv, &start, &why), -EINVAL);
		assert_string_equal(why, want);
	}
}

/* --- ranges ------------------------------------------------------------------------------------ */

static struct ip_range range(const char *s)
{
	struct ip_range r;

	assert_int_equal(ip_range_parse(s, &r), 0);
	return r;
}

static void ranges(void **state)
{
	static const char *const bad[] = { "", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "x/8", "10.0.0.0/", "fd00::/129", "/8" };
	struct ip_range r = range("10.96.3.4/16"), six = range("fd00::/108"), tiny = range("10.0.0.0/29"), r2;
	_cleanup_free_ char *text = ip_range_format(&r), *last = ip_format(AF_INET, r.base + ip_range_last(&r));
	ip_num ip;
	int family;

	assert_string_equal(text, "10.96.0.0/16");
	assert_string_equal(last, "10.96.255.254");
	assert_int_equal((int)ip_range_dynamic(&r), 257);
	assert_int_equal((int)ip_range_dynamic(&tiny), 1);
	assert_int_equal((int)ip_range_last(&tiny), 6);
	assert_int_equal((int)ip_range_last(&six), (1 << 20) - 1);
	assert_int_equal(ip_parse("10.96.255.255", &family, &ip), 0);
	assert_true(ip_range_contains(&r, family, ip));
	assert_false(ip_range_contains(&r, family, ip + 1));
	assert_false(ip_range_contains(&six, family, ip));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(ip_range_parse(bad[i], &r2), -EINVAL);
}

static void blocks(void **state)
{
	struct ip_range pods = range("10.244.0.0/16"), b = ip_range_block(&pods, 24, 255), other = range("10.245.0.0/24");
	struct ip_range wide = range("10.244.0.0/23"), six = range("fd00::/48"), six_block = ip_range_block(&six, 64, 1);
	_cleanup_free_ char *text = ip_range_format(&b), *six_text = ip_range_format(&six_block);
	uint32_t index = 0;

	assert_int_equal(ip_range_blocks(&pods, 24), 256);
	assert_int_equal(ip_range_blocks(&pods, 16), 1);
	assert_int_equal(ip_range_blocks(&pods, 15), 0);
	assert_int_equal(ip_range_blocks(&pods, 33), 0);
	assert_string_equal(text, "10.244.255.0/24");
	assert_string_equal(six_text, "fd00:0:0:1::/64");
	assert_int_equal(ip_range_block_index(&pods, 24, &b, &index), 0);
	assert_int_equal(index, 255);
	assert_int_equal(ip_range_block_index(&pods, 24, &other, &index), -EINVAL);
	assert_int_equal(ip_range_block_index(&pods, 24, &wide, &index), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_are_completed),
		cmocka_unit_test(wrong_bodies_are_refused),
		cmocka_unit_test(creates_get_their_own_metadata),
		cmocka_unit_test(creates_name_no_version),
		cmocka_unit_test(namespaces_are_held_from_the_start),
		cmocka_unit_test(values_make_the_round_trip),
		cmocka_unit_test(values_of_others_are_read),
		cmocka_unit_test(foreign_values_are_named),
		cmocka_unit_test(generation_counts_spec_changes),
		cmocka_unit_test(spec_and_status_are_apart),
		cmocka_unit_test(status_writes_bring_metadata),
		cmocka_unit_test(nothing_changed_is_equal),
		cmocka_unit_test(stale_and_wrong_updates_are_refused),
		cmocka_unit_test(unknown_fields_of_before_do_not_stop_a_strict_patch),
		cmocka_unit_test(services_keep_their_address),
		cmocka_unit_test(node_ports_go_with_the_type),
		cmocka_unit_test(negative_scales_are_refused),
		cmocka_unit_test(scale_shows_the_workload),
		cmocka_unit_test(bindings),
		cmocka_unit_test(pods_go_gracefully),
		cmocka_unit_test(propagation_is_a_finalizer),
		cmocka_unit_test(namespaces_end_slowly),
		cmocka_unit_test(preconditions_hold),
		cmocka_unit_test(tokens_make_the_round_trip),
		cmocka_unit_test(bad_tokens_are_refused),
		cmocka_unit_test(ranges),
		cmocka_unit_test(blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
