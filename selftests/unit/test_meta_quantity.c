// SPDX-License-Identifier: GPL-2.0-or-later
/* test_meta_quantity.c - amounts, and what a pod asks for */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/schema/quantity.h"
#include "api/meta/view_pod.h"

static void reads_and_writes_canonically(void **state)
{
	static const struct {
		const char *text;
		int64_t milli, value;
		const char *canonical;
	} v[] = {
		{ "0", 0, 0, "0" },
		{ "1", 1000, 1, "1" },
		{ "100m", 100, 1, "100m" },
		{ "1000m", 1000, 1, "1" },
		{ "0.5", 500, 1, "500m" },
		{ ".5", 500, 1, "500m" },
		{ "5.", 5000, 5, "5" },
		{ "+2", 2000, 2, "2" },
		{ "-1500m", -1500, -2, "-1500m" },
		{ "1k", 1000000, 1000, "1k" },
		{ "1000", 1000000, 1000, "1k" },
		{ "1500", 1500000, 1500, "1500" },
		{ "64Mi", 67108864000, 67108864, "64Mi" },
		{ "1024Ki", 1048576000, 1048576, "1Mi" },
		{ "1.5Gi", 1610612736000, 1610612736, "1536Mi" },
		{ "512Ki", 524288000, 524288, "512Ki" },
		{ "0.5Ki", 512000, 512, "512" },
		{ "2e3", 2000000, 2000, "2e3" },
		{ "2E-3", 2, 1, "2e-3" },
		{ "1E", 1000 * INT64_C(1000000000000000), INT64_C(1000000000000000000), "1E" },
		{ "1n", 1, 1, "1n" },
		{ "0.1n", 1, 1, "1n" },
		{ "1.0000000001", 1001, 2, "1000000001n" },
		{ "0.0000000000000000000000000000000000001Ei", 1, 1, "1n" },
		/* beyond the range: the largest there is */
		{ "99999999999999999999999999999999999999", INT64_MAX, INT64_MAX, "9223372036854775807" },
		{ "8Ei", INT64_MAX, INT64_MAX, "9223372036854775807" },
		{ "1e400", INT64_MAX, INT64_MAX, "9223372036854775807" },
		{ "1e-400", 1, 1, "1e-9" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_json_ json *j = json_new_str(v[i].text);
		_cleanup_free_ char *text = NULL;
		enum quantity_format format;
		quantity_t q;

		assert_int_equal(quantity_parse(v[i].text, &q, &format, NULL), 0);
		text = quantity_format(q, format);
		assert_string_equal(text, v[i].canonical);
		if (strcmp(v[i].text, "1E"))
			assert_int_equal(quantity_milli(j, -7), v[i].milli);
		assert_int_equal(quantity_value(j, -7), v[i].value);
	}
}

static void refuses_what_is_no_amount(void **state)
{
	static const char *const bad[] = { "", "x", "1x", "1.2.3", "1 Mi", "Mi", "-", "1mi", "1KI", "1e", "1ee3",
					   "1e+", "--1", "0x10", "1Kim", " 1" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *msg = NULL;
		quantity_t q;

		if (quantity_parse(bad[i], &q, NULL, &msg) != -EINVAL || !msg)
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

static void reads_numbers_too(void **state)
{
	_cleanup_json_ json *j = json_build("[0.25, 2, true, 9007199254740993]");
	json *it = j->child;

	assert_int_equal(quantity_milli(it, -1), 250);
	it = it->next;
	assert_int_equal(quantity_value(it, -1), 2);
	it = it->next;
	assert_int_equal(quantity_value(it, -1), -1);
	it = it->next;
	assert_int_equal(quantity_value(it, -1), INT64_C(9007199254740993));
	assert_int_equal(quantity_value(NULL, 5), 5);
}

static void adds_up_what_a_pod_asks_for(void **state)
{
	_cleanup_json_ json *pod = json_build(
		"{\"spec\":{\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"100m\",\"memory\":\"64Mi\"}}},"
		"{\"resources\":{\"requests\":{\"cpu\":\"50m\"}}}],"
		"\"initContainers\":[{\"restartPolicy\":\"Always\",\"resources\":{\"requests\":{\"cpu\":\"10m\"}}},"
		"{\"resources\":{\"requests\":{\"cpu\":\"300m\",\"memory\":\"1Mi\"}}}],"
		"\"overhead\":{\"cpu\":\"1m\"}}}");

	/* the init container (300m) beside the sidecar before it (10m) needs most */
	assert_int_equal(pod_request(pod, "cpu"), 311);
	assert_int_equal(pod_request(pod, "memory"), 64 << 20);
	assert_int_equal(pod_request(pod, "ephemeral-storage"), 0);
	assert_string_equal(pod_qos_class(pod), "Burstable");
}

static void tells_qos_classes(void **state)
{
	_cleanup_json_ json *none = json_build("{\"spec\":{\"containers\":[{},{}]}}");
	_cleanup_json_ json *all = json_build(
		"{\"spec\":{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":\"1\",\"memory\":\"1Gi\"},"
		"\"requests\":{\"cpu\":\"1000m\",\"memory\":\"1Gi\"}}}]}}");
	_cleanup_json_ json *half = json_build(
		"{\"spec\":{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":\"1\",\"memory\":\"1Gi\"}}},{}]}}");

	assert_string_equal(pod_qos_class(none), "BestEffort");
	assert_string_equal(pod_qos_class(all), "Guaranteed");
	assert_string_equal(pod_qos_class(half), "Burstable");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_canonically),
		cmocka_unit_test(refuses_what_is_no_amount),
		cmocka_unit_test(reads_numbers_too),
		cmocka_unit_test(adds_up_what_a_pod_asks_for),
		cmocka_unit_test(tells_qos_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
