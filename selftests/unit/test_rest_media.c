// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rest_media.c - what is asked for, what is sent, and objects as either */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/rest/media.h"
#include "api/schema/protobuf.h"

static void accepts(void **state)
{
	static const char kubectl_get[] = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
	static const char kubectl_discovery[] = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
	static const struct {
		const char *header;
		unsigned forms;
		enum rest_form form;
		const char *version;
		enum rest_encoding encoding;
	} v[] = {
		{ NULL, 0, REST_OBJECT, "", REST_JSON },
		{ "", 0, REST_OBJECT, "", REST_JSON },
		{ "*/*", 0, REST_OBJECT, "", REST_JSON },
		{ "application/*", 0, REST_OBJECT, "", REST_JSON },
		{ "application/json, */*", 0, REST_OBJECT, "", REST_JSON },
		{ "Application/JSON;charset=utf-8", 0, REST_OBJECT, "", REST_JSON },
		{ "application/vnd.kubernetes.protobuf,application/json", 1 << REST_TABLE, REST_OBJECT, "", REST_JSON },
		{ "application/vnd.kubernetes.protobuf, */*", 0, REST_OBJECT, "", REST_JSON },
		{ "application/vnd.kubernetes.protobuf", 0, REST_NOT_ACCEPTABLE, "", REST_JSON },
		{ "application/vnd.kubernetes.protobuf,application/json", REST_MAY_PROTOBUF, REST_OBJECT, "", REST_PROTOBUF },
		{ "application/json,application/vnd.kubernetes.protobuf", REST_MAY_PROTOBUF, REST_OBJECT, "", REST_JSON },
		{ "application/json;q=0.5,application/vnd.kubernetes.protobuf", REST_MAY_PROTOBUF, REST_OBJECT, "", REST_PROTOBUF },
		{ "*/*,application/vnd.kubernetes.protobuf", REST_MAY_PROTOBUF, REST_OBJECT, "", REST_PROTOBUF },
		{ "application/vnd.kubernetes.protobuf;stream=watch", REST_MAY_PROTOBUF, REST_OBJECT, "", REST_PROTOBUF },
		{ "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", REST_MAY_PROTOBUF | 1 << REST_PARTIAL,
		  REST_PARTIAL, "v1", REST_PROTOBUF },
		{ "application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1,application/json", REST_MAY_PROTOBUF | 1 << REST_TABLE,
		  REST_OBJECT, "", REST_JSON },
		{ "application/yaml", REST_MAY_YAML, REST_OBJECT, "", REST_YAML },
		{ "application/yaml", 0, REST_NOT_ACCEPTABLE, "", REST_JSON },
		{ "application/yaml;q=0.1,application/json", REST_MAY_YAML, REST_OBJECT, "", REST_JSON },
		{ "application/yaml;as=Table;g=meta.k8s.io;v=v1", REST_MAY_YAML | 1 << REST_TABLE, REST_TABLE, "v1", REST_YAML },
		{ "text/html", 0, REST_NOT_ACCEPTABLE, "", REST_JSON },
		{ kubectl_get, 1 << REST_TABLE, REST_TABLE, "v1", REST_JSON },
		{ kubectl_get, 0, REST_OBJECT, "", REST_JSON },
		{ "application/json;as=Table;v=v2;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io", 1 << REST_TABLE, REST_TABLE, "v1beta1", REST_JSON },
		{ kubectl_discovery, 1 << REST_DISCOVERY, REST_DISCOVERY, "v2", REST_JSON },
		{ "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", 1 << REST_PARTIAL, REST_PARTIAL, "v1", REST_JSON },
		{ "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", 1 << REST_OPENAPI_V2_PROTOBUF, REST_OPENAPI_V2_PROTOBUF, "", REST_JSON },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		struct rest_accept a = rest_accept_parse(v[i].header, v[i].forms);

		if (a.form != v[i].form || (a.form == REST_OBJECT && a.encoding != v[i].encoding) || !streq(a.version, v[i].version))
			fail_msg("%s: form %d %s", v[i].header, a.form, a.version);
	}
}

static void bodies(void **state)
{
	assert_int_equal(rest_body_type(NULL), REST_BODY_JSON);
	assert_int_equal(rest_body_type("application/json; charset=utf-8"), REST_BODY_JSON);
	assert_int_equal(rest_body_type("application/vnd.kubernetes.protobuf"), REST_BODY_PROTOBUF);
	assert_int_equal(rest_body_type("application/merge-patch+json"), REST_BODY_MERGE_PATCH);
	assert_int_equal(rest_body_type("application/strategic-merge-patch+json"), REST_BODY_STRATEGIC_PATCH);
	assert_int_equal(rest_body_type("application/json-patch+json"), REST_BODY_JSON_PATCH);
	assert_int_equal(rest_body_type("application/apply-patch+yaml"), REST_BODY_APPLY_PATCH);
	assert_int_equal(rest_body_type("text/plain"), REST_BODY_OTHER);
	assert_int_equal(rest_body_type("application/jsonx"), REST_BODY_OTHER);
}

static json *parse(const char *text)
{
	json *j = NULL;

	assert_int_equal(json_parse(text, strlen(text), &j, NULL), 0);
	return j;
}

/* What is written is what is read, whatever it is. */
static void both_ways(void **state)
{
	static const char *const objects[] = {
		"{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"},\"data\":{\"a\":\"b\"}}",
		"{\"apiVersion\":\"batch/v1beta1\",\"kind\":\"CronJob\",\"metadata\":{\"name\":\"c\"},\"spec\":{\"schedule\":\"@daily\"}}",
		"{\"apiVersion\":\"autoscaling/v1\",\"kind\":\"Scale\",\"metadata\":{\"name\":\"c\"},\"spec\":{\"replicas\":3}}",
		"{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"metadata\":{},\"status\":\"Failure\",\"code\":404,"
		"\"details\":{\"causes\":[{\"reason\":\"r\",\"message\":\"m\",\"field\":\"f\"}]}}",
		"{\"apiVersion\":\"apps/v1\",\"kind\":\"DeleteOptions\",\"gracePeriodSeconds\":0,\"dryRun\":[\"All\"]}",
		"{\"apiVersion\":\"meta.k8s.io/v1\",\"kind\":\"PartialObjectMetadata\",\"metadata\":{\"name\":\"x\"}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		_cleanup_json_ json *obj = parse(objects[i]);

		for (int e = REST_JSON; e <= REST_PROTOBUF; e++) {
			_cleanup_json_ json *back = NULL;
			struct buf b = { 0 };
			const char *type;
			json *s = NULL;

			rest_encode(e, obj, &b, &type);
			assert_string_equal(type, e == REST_JSON ? REST_TYPE_JSON : REST_TYPE_PROTOBUF);
			assert_int_equal(protobuf_has_magic(b.data, b.len), e == REST_PROTOBUF);
			back = rest_decode(rest_body_type(type), b.data, b.len, "v1", "Pod", NULL, &s);
			assert_null(s);
			assert_true(json_equal(obj, back));
			buf_free(&b);
		}
	}
}

static void members_that_stand_twice(void **state)
{
	static const char text[] = "{\"a\":1,\"spec\":{\"ports\":[{},{\"p\":1,\"q\":0,\"p\":2}]},\"a\":{\"b\":1,\"b\":2}}";
	_cleanup_strlist_ struct strlist twice = { 0 };
	_cleanup_json_ json *want = parse("{\"spec\":{\"ports\":[{},{\"q\":0,\"p\":2}]},\"a\":{\"b\":2}}"), *is = NULL;
	json *s = NULL;

	is = rest_decode(REST_BODY_JSON, text, sizeof(text) - 1, "v1", "Pod", &twice, &s);
	assert_true(json_equal(is, want));
	assert_int_equal(twice.n, 3);
	assert_string_equal(twice.items[0], "duplicate field \"a\"");
	assert_string_equal(twice.items[1], "duplicate field \"spec.ports[1].p\"");
	assert_string_equal(twice.items[2], "duplicate field \"a.b\"");
}

/* A Table has no protobuf. */
static void some_are_json_only(void **state)
{
	_cleanup_json_ json *table = parse("{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"rows\":[]}");
	struct buf b = { 0 };
	const char *type;

	rest_encode(REST_PROTOBUF, table, &b, &type);
	assert_string_equal(type, REST_TYPE_JSON);
	buf_free(&b);
}

static void events(void **state)
{
	struct buf b = { 0 };

	rest_encode_event(REST_JSON, "ADDED", "{}\n", 3, &b);
	assert_string_equal(b.data, "{\"type\":\"ADDED\",\"object\":{}}\n");
	buf_free(&b);
	rest_encode_event(REST_PROTOBUF, "ADDED", "xyz", 3, &b);
	assert_memory_equal(b.data, "\0\0\0\x0e\x0a\x05" "ADDED\x12\x05\x0a\x03xyz", 18);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(bodies),
		cmocka_unit_test(both_ways),
		cmocka_unit_test(members_that_stand_twice),
		cmocka_unit_test(some_are_json_only),
		cmocka_unit_test(events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
