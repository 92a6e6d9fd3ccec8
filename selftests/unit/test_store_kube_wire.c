// SPDX-License-Identifier: GPL-2.0-or-later
/* test_store_kube_wire.c - paths, errors, watch lines */
#include "test_loop.h"

#include <errno.h>
#include "store/kube_wire.h"

static const struct resource pods = { "", "v1", "pods", "Pod", true, "pods", "" };
static const struct resource nodes = { "", "v1", "nodes", "Node", false, "minions", "" };
static const struct resource deployments = { "apps", "v1", "deployments", "Deployment", true, "deployments", "" };

static void test_paths(void **state)
{
	const struct { const struct resource *r; const char *ns, *name, *sub, *path; } cases[] = {
		{ &pods, "default", "a", NULL, "/api/v1/namespaces/default/pods/a" },
		{ &pods, "default", "a", "binding", "/api/v1/namespaces/default/pods/a/binding" },
		{ &pods, "default", NULL, NULL, "/api/v1/namespaces/default/pods" },
		{ &pods, NULL, NULL, NULL, "/api/v1/pods" },
		{ &nodes, NULL, "node1", "status", "/api/v1/nodes/node1/status" },
		{ &nodes, "ignored", "node1", NULL, "/api/v1/nodes/node1" },
		{ &deployments, "a", "b", "scale", "/apis/apps/v1/namespaces/a/deployments/b/scale" },
		{ &pods, "a", "../x?y", NULL, "/api/v1/namespaces/a/pods/..%2Fx%3Fy" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *p = kube_path(cases[i].r, cases[i].ns, cases[i].name, cases[i].sub);

		assert_string_equal(p, cases[i].path);
	}
}

static void test_query(void **state)
{
	struct buf b = { 0 };

	buf_puts(&b, "/x");
	kube_add_query(&b, "a", NULL);
	assert_string_equal(b.data, "/x");
	kube_add_query(&b, "labelSelector", "app in (a,b)");
	kube_add_query(&b, "c", "");
	assert_string_equal(b.data, "/x?labelSelector=app%20in%20%28a%2Cb%29&c=");
	buf_free(&b);
}

static void test_delete_options(void **state)
{
	struct store_delete_opts none = { .grace_period = -1 };
	struct store_delete_opts all = { .propagation = "Background", .uid = "u", .rv = 12 };
	_cleanup_json_ json *a = kube_delete_options(NULL), *b = kube_delete_options(&none), *c = kube_delete_options(&all);
	_cleanup_free_ char *ta = json_print(a), *tb = json_print(b), *tc = json_print(c);

	assert_string_equal(ta, "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\"}");
	assert_string_equal(tb, ta);
	assert_string_equal(tc, "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"gracePeriodSeconds\":0,"
			    "\"propagationPolicy\":\"Background\",\"preconditions\":{\"uid\":\"u\",\"resourceVersion\":\"12\"}}");
}

static void test_errno(void **state)
{
	static const int cases[][2] = {
		{ 200, 0 }, { 201, 0 }, { 302, -EAGAIN }, { 400, -EINVAL }, { 401, -EACCES }, { 403, -EACCES }, { 404, -ENOENT },
		{ 405, -EOPNOTSUPP }, { 409, -ESTALE }, { 410, -EKEYEXPIRED }, { 413, -EINVAL }, { 415, -EOPNOTSUPP },
		{ 422, -EINVAL }, { 429, -EAGAIN }, { 500, -EAGAIN }, { 503, -EAGAIN }, { 504, -EAGAIN },
	};
	_cleanup_json_ json *exists = kube_failure(409, "AlreadyExists", "x"), *conflict = kube_failure(409, "Conflict", "x");

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(kube_errno(cases[i][0], NULL), cases[i][1]);
	assert_int_equal(kube_errno(409, exists), -EEXIST);
	assert_int_equal(kube_errno(409, conflict), -ESTALE);
}

static void test_rv(void **state)
{
	static const struct { const char *text; int64_t rv; } cases[] = {
		{ "{}", 0 }, { "{\"metadata\":{\"resourceVersion\":\"12\"}}", 12 },
		{ "{\"metadata\":{\"resourceVersion\":\"9223372036854775807\"}}", INT64_MAX },
		{ "{\"metadata\":{\"resourceVersion\":\"opaque\"}}", 0 }, { "{\"metadata\":{\"resourceVersion\":\"-1\"}}", 0 },
		{ "{\"metadata\":{\"resourceVersion\":12}}", 0 }, { "{\"metadata\":null}", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_json_ json *j = json_build("%s", cases[i].text);

		assert_int_equal(kube_rv(j), cases[i].rv);
	}
	assert_int_equal(kube_rv(NULL), 0);
}

static void test_events(void **state)
{
	static const char *const good[] = { "ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR" };
	static const char *const bad[] = {
		"", "{", "[]", "1", "{\"type\":\"ADDED\"}", "{\"type\":\"ADDED\",\"object\":1}", "{\"object\":{}}",
		"{\"type\":\"added\",\"object\":{}}", "{\"type\":\"ADDED\",\"object\":{}}x", "{\"type\":1,\"object\":{}}",
	};
	enum store_event_type type;
	json *obj;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		_cleanup_free_ char *line = xasprintf("{\"type\":\"%s\",\"object\":{\"kind\":\"Pod\"}}", good[i]);

		assert_int_equal(kube_event_parse(line, strlen(line), &type, &obj), 0);
		assert_int_equal(type, i);
		assert_string_equal(json_str(json_get(obj, "kind")), "Pod");
		cJSON_Delete(obj);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(kube_event_parse(bad[i], strlen(bad[i]), &type, &obj), -EBADMSG);
}

/* The same lines come out however the stream is cut. */
static void test_lines(void **state)
{
	static const char text[] = "one\n\ntwo\r\n\r\nthree\nrest";

	for (size_t piece = 1; piece <= sizeof(text); piece++) {
		struct kube_lines l = { 0 };
		struct buf got = { 0 };
		const char *line;
		size_t n;

		for (size_t at = 0; at < strlen(text); at += piece) {
			kube_lines_add(&l, text + at, strlen(text) - at < piece ? strlen(text) - at : piece);
			while (kube_lines_next(&l, &line, &n) == 1) {
				buf_add(&got, line, n);
				buf_puts(&got, "|");
			}
		}
		assert_string_equal(got.data, "one|two|three|");
		kube_lines_add(&l, "\n", 1);
		assert_int_equal(kube_lines_next(&l, &line, &n), 1);
		assert_int_equal(n, 4);
		buf_free(&got);
		kube_lines_free(&l);
	}
}

static void test_long_lines(void **state)
{
	_cleanup_free_ char *chunk = xmalloc(1 << 20);
	struct kube_lines l = { 0 };
	const char *line;
	size_t n;

	memset(chunk, 'x', 1 << 20);
	for (unsigned i = 0; i < KUBE_MAX_LINE >> 20; i++) {
		kube_lines_add(&l, chunk, 1 << 20);
		assert_int_equal(kube_lines_next(&l, &line, &n), 0);
	}
	kube_lines_add(&l, "\n", 1);
	assert_int_equal(kube_lines_next(&l, &line, &n), 1);
	assert_int_equal(n, KUBE_MAX_LINE);
	for (unsigned i = 0; i < KUBE_MAX_LINE >> 20; i++)
		kube_lines_add(&l, chunk, 1 << 20);
	kube_lines_add(&l, "x", 1);
	assert_int_equal(kube_lines_next(&l, &line, &n), -EMSGSIZE);
	kube_lines_add(&l, "\n", 1);
	assert_int_equal(kube_lines_next(&l, &line, &n), -EMSGSIZE);
	kube_lines_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_delete_options),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_rv),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
