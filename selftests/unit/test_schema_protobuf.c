// SPDX-License-Identifier: GPL-2.0-or-later
/* test_schema_protobuf.c - every type there and back, known bytes, and bytes that are no message */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "api/schema/protobuf.h"
#include "api/schema/tables.h"

/* --- objects of any type, the same in every run ------------------------------------- */

static uint32_t seed;
static int left;	/* members that may still be made: some types hold themselves */

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static json *object_of(const struct schema *s, int depth);

static json *any_union(enum field_type type, const struct schema *s, int depth)
{
	if (type == F_SCHEMA_OR_BOOL && any(2))
		return json_new_bool(any(2));
	if (type == F_SCHEMA_OR_STRINGS && any(2))
		return json_build("[\"a\",\"b\"]");
	if (type == F_SCHEMA_OR_ARRAY && any(2)) {
		json *list = json_new_array();

		json_append(list, object_of(s, depth + 1));
		json_append(list, object_of(s, depth + 1));
		return list;
	}
	return object_of(s, depth + 1);
}

static json *any_value(enum field_type type, const struct schema *sub, int depth)
{
	static const char *const texts[] = { "x", "a longer text with \"quotes\" and a line\n", "\303\274ber", "0" };
	static const char *const quantities[] = { "1", "100m", "1Gi", "12e6", "-3" };
	char text[32];

	switch (type) {
	case F_STRING:
		return json_new_str(texts[any(ARRAY_SIZE(texts))]);
	case F_BYTES:
		return json_new_str(any(2) ? "AAEC" : "//79/A==");
	case F_INT32:
		return json_new_int(any(2) ? -5 - (int64_t)any(1000) : INT32_MAX - (int64_t)any(1000));
	case F_INT64:
		return json_new_int(any(2) ? INT64_MIN + any(1000) : 1 + any(1000));
	case F_BOOL:
		return json_new_bool(true);
	case F_DOUBLE:
		return cJSON_CreateNumber(any(100) / 8.0);
	case F_QUANTITY:
		return json_new_str(quantities[any(ARRAY_SIZE(quantities))]);
	case F_INT_OR_STRING:
		return any(2) ? json_new_int(any(70000)) : json_new_str("25%");
	case F_TIME:
		format_time((uint64_t)any(1u << 23) * 200 * 1000000 + 1000000, text);
		return json_new_str(text);
	case F_MICRO_TIME:
		format_micro_time((uint64_t)any(1u << 23) * 200000001 + 1, text);
		return json_new_str(text);
	case F_DURATION:
		return json_new_str(any(2) ? "1m30s" : "-5.5ms");
	case F_ANY:
		return json_build("{\"a\":[1,null,{\"b\":\"c\"}]}");
	case F_STRINGS:
		return json_build("[\"a\",\"\"]");
	case F_OBJECT:
		return object_of(sub, depth + 1);
	default:
		return any_union(type, sub, depth);
	}
}

static json *object_of(const struct schema *s, int depth)
{
	json *obj = json_new_object();

	for (size_t i = 0; i < s->n_fields; i++) {
		const struct field *f = &s->fields[i];
		json *v;

		if (!f->number || (depth > 2 && (any((uint32_t)depth) || left < 0)))
			continue;
		left--;
		if (f->type == F_LIST) {
			v = json_new_array();
			for (uint32_t n = 1 + any(2); n; n--)
				json_append(v, any_value(f->elem, f->sub, depth));
		} else if (f->type == F_MAP) {
			v = json_new_object();
			json_set(v, "k/z", any_value(f->elem, f->sub, depth));
			json_set(v, "a", any_value(f->elem, f->sub, depth));
		} else {
			v = any_value(f->type, f->sub, depth);
		}
		json_set(obj, f->name, v);
	}
	return obj;
}

static void every_type_comes_back(void **state)
{
	for (size_t i = 0; schema_types[i]; i++) {
		for (int n = 0; n < 2; n++) {
			const struct schema *s = schema_types[i];
			_cleanup_free_ char *why = NULL, *was = NULL, *is = NULL;
			_cleanup_json_ json *obj = NULL, *back = NULL;
			struct buf b = { 0 };

			seed = (uint32_t)(i * 31 + (size_t)n);
			left = 2000;
			obj = object_of(s, n * 3);
			schema_normalise(s, obj);
			protobuf_encode(s, obj, &b);
			if (protobuf_decode(s, b.data ? b.data : "", b.len, &back, &why))
				fail_msg("%s: %s", s->name, why);
			if (!json_equal(obj, back)) {
				was = json_print(obj);
				is = json_print(back);
				fail_msg("%s:\n%s\n%s", s->name, was, is);
			}
			buf_free(&b);
		}
	}
}

/* --- bytes ---------------------------------------------------------------------------- */

static json *parse(const char *text)
{
	json *j = NULL;

	assert_int_equal(json_parse(text, strlen(text), &j, NULL), 0);
	return j;
}

static void assert_bytes(const struct schema *s, const char *text, const void *want, size_t len)
{
	_cleanup_json_ json *obj = parse(text);
	struct buf b = { 0 };

	protobuf_encode(s, obj, &b);
	assert_int_equal(b.len, len);
	if (len)
		assert_memory_equal(b.data, want, len);
	buf_free(&b);
}
#define assert_message(s, text, bytes) assert_bytes(s, text, bytes, sizeof(bytes) - 1)

static void bytes_are_those_of_go(void **state)
{
	/* an embedded message without a name in JSON: VolumeSource is field 2 of Volume, emptyDir 2 of it */
	assert_message(&sch_core_v1_Volume, "{\"name\":\"v\",\"emptyDir\":{}}", "\x0a\x01v\x12\x02\x12\x00");
	assert_message(&sch_core_v1_Volume, "{\"name\":\"v\"}", "\x0a\x01v");
	/* two deep: Rule in RuleWithOperations in NamedRuleWithOperations */
	assert_message(&sch_admissionregistration_v1_NamedRuleWithOperations,
		       "{\"apiGroups\":[\"a\"],\"operations\":[\"*\"],\"resourceNames\":[\"n\"]}",
		       "\x0a\x01n\x12\x08\x0a\x01*\x12\x03\x0a\x01" "a");
	assert_message(&sch_autoscaling_v1_ScaleSpec, "{\"replicas\":-1}", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
	assert_message(&sch_core_v1_ServicePort, "{\"targetPort\":\"http\"}", "\x22\x0a\x08\x01\x10\x00\x1a\x04http");
	assert_message(&sch_core_v1_ServicePort, "{\"targetPort\":80}", "\x22\x06\x08\x00\x10\x50\x1a\x00");
	assert_message(&sch_core_v1_ConfigMap, "{\"data\":{\"b\":\"2\",\"a\":\"\"},\"binaryData\":{\"c\":\"AAE=\"}}",
		       "\x12\x05\x0a\x01" "a\x12\x00\x12\x06\x0a\x01" "b\x12\x01" "2" "\x1a\x07\x0a\x01" "c\x12\x02\x00\x01");
	assert_message(&sch_core_v1_ResourceRequirements, "{\"limits\":{\"cpu\":\"1\"}}", "\x0a\x0a\x0a\x03" "cpu\x12\x03\x0a\x01" "1");
}

static void lengths_of_more_than_a_byte(void **state)
{
	_cleanup_json_ json *obj = json_build("{\"data\":{}}"), *back = NULL;
	_cleanup_free_ char *text = xmalloc(300001);
	struct buf b = { 0 };

	memset(text, 'x', 300000);
	text[300000] = '\0';
	json_set_str(json_get(obj, "data"), "k", text);
	protobuf_encode(&sch_core_v1_ConfigMap, obj, &b);
	assert_memory_equal(b.data, "\x12\xe7\xa7\x12\x0a\x01k\x12\xe0\xa7\x12xx", 13);
	assert_int_equal(protobuf_decode(&sch_core_v1_ConfigMap, b.data, b.len, &back, NULL), 0);
	assert_true(json_equal(obj, back));
	buf_free(&b);
}

static void zeros_count_where_go_holds_a_pointer(void **state)
{
	/* replicas is a pointer, minReadySeconds is not; paused is left out when false */
	static const char bytes[] = "\x08\x00\x28\x00\x38\x00\x22\x02\x0a\x00";
	_cleanup_json_ json *spec = NULL, *want = parse("{\"replicas\":0,\"strategy\":{}}");

	assert_int_equal(protobuf_decode(&sch_apps_v1_DeploymentSpec, bytes, sizeof(bytes) - 1, &spec, NULL), 0);
	assert_true(json_equal(spec, want));
}

static void other_encoders_are_understood(void **state)
{
	/* packed numbers, an unknown field, a map entry without a value, the last of two scalars */
	static const char groups[] = "\x22\x03\x01\xac\x02\x22\x00\xfa\x07\x01x\x22\x01\x05";
	static const char data[] = "\x12\x03\x0a\x01" "a";
	_cleanup_json_ json *context = NULL, *map = NULL, *want = parse("{\"supplementalGroups\":[1,300,5]}");
	_cleanup_json_ json *want_map = parse("{\"data\":{\"a\":\"\"}}");

	assert_int_equal(protobuf_decode(&sch_core_v1_PodSecurityContext, groups, sizeof(groups) - 1, &context, NULL), 0);
	assert_true(json_equal(context, want));
	assert_int_equal(protobuf_decode(&sch_core_v1_ConfigMap, data, sizeof(data) - 1, &map, NULL), 0);
	assert_true(json_equal(map, want_map));
}

/* --- what is none ------------------------------------------------------------------- */

static void cut_anywhere_is_refused_or_shorter(void **state)
{
	_cleanup_json_ json *pod = NULL;
	struct buf b = { 0 };

	seed = 7;
	left = 1000;
	pod = object_of(&sch_core_v1_Pod, 2);
	protobuf_encode(&sch_core_v1_Pod, pod, &b);
	for (size_t n = 0; n < b.len; n++) {
		_cleanup_free_ char *copy = xmalloc(n + 1), *why = NULL;	/* so that ASan sees a read too far */
		_cleanup_json_ json *j = NULL;

		memcpy(copy, b.data, n);
		copy = xrealloc(copy, n ? n : 1);
		assert_true(!protobuf_decode(&sch_core_v1_Pod, copy, n, &j, &why) == (j != NULL));
	}
	buf_free(&b);
}

static void changed_bytes_do_no_harm(void **state)
{
	_cleanup_json_ json *pod = NULL;
	struct buf b = { 0 };

	seed = 11;
	left = 1000;
	pod = object_of(&sch_core_v1_Pod, 2);
	protobuf_encode(&sch_core_v1_Pod, pod, &b);
	for (int n = 0; n < 2000; n++) {
		_cleanup_free_ char *copy = xmalloc(b.len), *why = NULL;
		_cleanup_json_ json *j = NULL;

		memcpy(copy, b.data, b.len);
		for (int i = 0; i < 3; i++)
			copy[any((uint32_t)b.len)] = (char)any(256);
		protobuf_decode(&sch_core_v1_Pod, copy, b.len, &j, &why);
	}
	buf_free(&b);
}

static void refused(const struct schema *s, const char *bytes, size_t len, const char *want)
{
	_cleanup_free_ char *why = NULL;
	json *j = NULL;

	assert_int_equal(protobuf_decode(s, bytes, len, &j, &why), -EINVAL);
	assert_string_equal(why, want);
}

static void nested(struct buf *b, int depth)
{
	for (; depth; depth--) {
		struct buf outer = { 0 };

		/* allOf of JSONSchemaProps: field 25 */
		buf_add(&outer, "\xca\x01", 2);
		for (size_t n = b->len, more = 1; more; n >>= 7) {
			char c = (char)(n & 0x7f);

			more = n > 0x7f;
			c = (char)(c | (more ? 0x80 : 0));
			buf_add(&outer, &c, 1);
		}
		buf_add(&outer, b->data ? b->data : "", b->len);
		buf_free(b);
		*b = outer;
	}
}

static void what_is_wrong_is_said(void **state)
{
	struct buf deep = { 0 };

	refused(&sch_core_v1_Volume, "\x0a\x05v", 3, "proto: unexpected EOF");
	refused(&sch_core_v1_Volume, "\x0a", 1, "proto: unexpected EOF");
	refused(&sch_core_v1_Volume, "\x08\x05", 2, "proto: wrong wireType");
	refused(&sch_core_v1_Volume, "\x0b", 1, "proto: illegal wireType");
	refused(&sch_core_v1_Volume, "\x02", 1, "proto: illegal tag");
	refused(&sch_core_v1_Volume, "\x0a\x01\xff", 3, "proto: a string holds invalid UTF-8");
	refused(&sch_core_v1_Volume, "\x0a\x02" "a\0", 4, "proto: a string holds a NUL");
	nested(&deep, 200);
	refused(&sch_apiextensions_v1_JSONSchemaProps, deep.data, deep.len, "proto: nested too deep");
	buf_free(&deep);
}

static void envelopes(void **state)
{
	/* recorded from kubectl autoscale */
	static const char head[] = "k8s\0\x0a\x29\x0a\x0e" "autoscaling/v1\x12\x17HorizontalPodAutoscaler\x12";
	_cleanup_json_ json *hpa = parse("{\"apiVersion\":\"autoscaling/v1\",\"kind\":\"HorizontalPodAutoscaler\","
					 "\"metadata\":{\"name\":\"web\"},\"spec\":{\"maxReplicas\":3}}");
	_cleanup_envelope_ struct protobuf_envelope e = { 0 };
	static const struct { const char *bytes; size_t len; const char *why; } bad[] = {
		{ "", 0, "empty data" },
		{ "k8s\0", 4, "empty body" },
		{ "{\"a\":1}", 7, "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]" },
		{ "k8s\0\x0a\x7f", 6, "proto: unexpected EOF" },
	};
	_cleanup_json_ json *back = NULL;
	struct buf b = { 0 };

	protobuf_encode_object(&sch_autoscaling_v1_HorizontalPodAutoscaler, hpa, &b);
	assert_memory_equal(b.data, head, sizeof(head) - 1);
	assert_memory_equal(b.data + b.len - 4, "\x1a\x00\x22\x00", 4);
	assert_int_equal(protobuf_open(b.data, b.len, &e, NULL), 0);
	assert_string_equal(e.api_version, "autoscaling/v1");
	assert_string_equal(e.kind, "HorizontalPodAutoscaler");
	assert_int_equal(protobuf_decode(&sch_autoscaling_v1_HorizontalPodAutoscaler, e.raw, e.raw_len, &back, NULL), 0);
	assert_string_equal(json_str(json_get(back, "metadata", "name")), "web");
	buf_free(&b);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct protobuf_envelope none = { 0 };
		_cleanup_free_ char *why = NULL;

		assert_int_equal(protobuf_open(bad[i].bytes, bad[i].len, &none, &why), -EINVAL);
		assert_string_equal(why, bad[i].why);
	}
}

static void lists_and_frames(void **state)
{
	_cleanup_json_ json *list = parse("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMapList\",\"metadata\":{\"resourceVersion\":\"7\"},"
					  "\"items\":[{\"data\":{\"a\":\"b\"}},{}]}");
	struct buf b = { 0 };

	protobuf_encode_list(&sch_core_v1_ConfigMap, list, &b);
	assert_memory_equal(b.data, "k8s\0\x0a\x13\x0a\x02v1\x12\x0d" "ConfigMapList\x12\x11\x0a\x03\x12\x01" "7"
			    "\x12\x08\x12\x06\x0a\x01" "a\x12\x01" "b\x12\x00\x1a\x00\x22\x00", b.len);
	assert_int_equal(b.len, 48);
	b.len = 0;
	protobuf_frame("ADDED", "xyz", 3, &b);
	assert_int_equal(b.len, 18);
	assert_memory_equal(b.data, "\0\0\0\x0e\x0a\x05" "ADDED\x12\x05\x0a\x03xyz", 18);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_comes_back),
		cmocka_unit_test(bytes_are_those_of_go),
		cmocka_unit_test(lengths_of_more_than_a_byte),
		cmocka_unit_test(zeros_count_where_go_holds_a_pointer),
		cmocka_unit_test(other_encoders_are_understood),
		cmocka_unit_test(cut_anywhere_is_refused_or_shorter),
		cmocka_unit_test(changed_bytes_do_no_harm),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(envelopes),
		cmocka_unit_test(lists_and_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
