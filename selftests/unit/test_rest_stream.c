// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rest_stream.c - long lists over HTTP: at the reader's pace, cut off where they fail, in every form */
#include "test_loop.h"
#include "test_fake_etcd.h"
#include "test_rest_server.h"
#include "api/schema/protobuf.h"

#define MAPS "/api/v1/namespaces/default/configmaps"

static int setup(void **state)
{
	api_start();
	fake_put("/registry/namespaces/default", "{\"metadata\":{\"name\":\"default\"}}");
	return 0;
}

static int teardown(void **state)
{
	api_stop();
	fake_free();
	fake.compacted = 0;
	fake.max_reply = 0;
	return 0;
}

static void put_configmaps(int n, size_t size)
{
	_cleanup_free_ char *fill = xcalloc(1, size + 1);

	memset(fill, 'x', size);
	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *key = xasprintf("/registry/configmaps/default/c%02d", i);
		_cleanup_free_ char *value = xasprintf("{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"c%02d\","
						       "\"namespace\":\"default\"},\"data\":{\"f\":\"%s\"}}", i, fill);

		fake_put(key, value);
	}
}

static json *body(const struct reply *r)
{
	json *j = NULL;

	assert_int_equal(r->err, 0);
	assert_int_equal(json_parse(r->body.data, r->body.len, &j, NULL), 0);
	return j;
}

/* The names of the items, or of what rows carry: "c00 c01 " */
static void names_are(const json *items, const char *member, int n)
{
	int i = 0;

	json_each(it, items) {
		_cleanup_free_ char *want = xasprintf("c%02d", i++);

		assert_string_equal(json_str(json_get(member ? json_get(it, member) : it, "metadata", "name")), want);
	}
	assert_int_equal(i, n);
}

/* Whoever reads slowly is read for slowly: no page before the last one was taken. */
static void a_long_list_waits_for_its_reader(void **state)
{
	struct reply r = { .pause_at = 1 };
	_cleanup_json_ json *j = NULL;
	unsigned paused;

	put_configmaps(50, 1000000);
	fake.max_reply = 4 << 20;
	api_ask(&r, "GET", MAPS, NULL, NULL, true);
	loop_until(api.loop, WAIT_MS, r.paused);
	loop_for(api.loop, 500);
	paused = fake.ranges;
	loop_for(api.loop, 300);
	assert_int_equal(fake.ranges, paused);
	http_call_pause(r.call, false);
	loop_until(api.loop, WAIT_MS, r.calls);
	assert_true(fake.ranges > paused + 3);
	j = body(&r);
	assert_string_equal(json_str(json_get(j, "kind")), "ConfigMapList");
	assert_null(json_get(json_get(j, "items")->child, "kind"));
	names_are(json_get(j, "items"), NULL, 50);
	reply_free(&r);
}

static void a_long_page_says_how_to_go_on(void **state)
{
	struct reply r = {0};
	_cleanup_json_ json *j = NULL, *rest = NULL;
	_cleanup_free_ char *path = NULL;

	put_configmaps(10, 100000);
	api_ask(&r, "GET", MAPS "?limit=7", NULL, NULL, true);
	loop_until(api.loop, WAIT_MS, r.calls);
	j = body(&r);
	names_are(json_get(j, "items"), NULL, 7);
	assert_int_equal(json_int(json_get(j, "metadata", "remainingItemCount"), 0), 3);
	path = xasprintf(MAPS "?continue=%s", json_str(json_get(j, "metadata", "continue")));
	rest = api_json("GET", path, NULL, 200);
	assert_int_equal(json_len(json_get(rest, "items")), 3);
	assert_null(json_get(rest, "metadata", "continue"));
	assert_string_equal(json_str(json_get(rest, "metadata", "resourceVersion")), json_str(json_get(j, "metadata", "resourceVersion")));
	reply_free(&r);
}

static void a_list_that_fails_is_cut_off(void **state)
{
	struct reply r = { .pause_at = 1 }, early = {0};

	put_configmaps(20, 1000000);
	fake.max_reply = 4 << 20;
	api_ask(&r, "GET", MAPS, NULL, NULL, true);
	loop_until(api.loop, WAIT_MS, r.paused);
	fake_put("/registry/configmaps/default/d", "{\"metadata\":{\"name\":\"d\"}}");
	fake.compacted = fake.revision - 1;
	http_call_pause(r.call, false);
	loop_until(api.loop, WAIT_MS, r.calls);
	assert_int_equal(r.err, -EAGAIN);
	reply_free(&r);
	/* before anything was sent it is an answer like others */
	fake_put("/registry/configmaps/default/c00", "no JSON");
	api_ask(&early, "GET", MAPS, NULL, NULL, true);
	loop_until(api.loop, WAIT_MS, early.calls);
	assert_int_equal(early.status, 500);
	reply_free(&early);
}

static void long_lists_have_every_form(void **state)
{
	static const char *const accept[] = { "application/json;as=Table;v=v1;g=meta.k8s.io",
					      "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
					      "application/yaml" };	/* in JSON's syntax */
	char fill[3000] = "";

	for (size_t i = 0; i + 1 < sizeof(fill); i++)
		fill[i] = 'a';
	for (int i = 0; i < 50; i++) {
		_cleanup_free_ char *key = xasprintf("/registry/configmaps/default/c%02d", i);
		_cleanup_free_ char *value = xasprintf("{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"c%02d\","
						       "\"namespace\":\"default\",\"annotations\":{\"a\":\"%s%s%s\"}}}", i, fill, fill, fill);

		fake_put(key, value);
	}
	for (int i = 0; i < 3; i++) {
		struct reply r = {0};
		_cleanup_json_ json *j = NULL;

		api_ask(&r, "GET", MAPS, NULL, accept[i], true);
		loop_until(api.loop, WAIT_MS, r.calls);
		j = body(&r);
		assert_string_equal(json_str(json_get(j, "apiVersion")), i == 2 ? "v1" : "meta.k8s.io/v1");
		assert_non_null(json_get(j, "metadata", "resourceVersion"));
		if (i == 0) {
			assert_string_equal(json_str(json_get(j, "kind")), "Table");
			assert_string_equal(json_str(json_get(json_get(j, "columnDefinitions")->child, "name")), "Name");
			names_are(json_get(j, "rows"), "object", 50);
		} else if (i == 2) {
			assert_string_equal(json_str(json_get(j, "kind")), "ConfigMapList");
			names_are(json_get(j, "items"), NULL, 50);
		} else {
			assert_string_equal(json_str(json_get(j, "kind")), "PartialObjectMetadataList");
			assert_string_equal(json_str(json_get(json_get(j, "items")->child, "kind")), "PartialObjectMetadata");
			names_are(json_get(j, "items"), NULL, 50);
		}
		reply_free(&r);
	}
}

static uint64_t varint(const unsigned char **p)
{
	uint64_t v = 0;
	int shift = 0;

	do {
		v |= (uint64_t)(**p & 0x7f) << shift;
		shift += 7;
	} while (*(*p)++ & 0x80);
	return v;
}

/* How many of field 2, the items, are in a list's message, which must be whole. */
static int items_in(const void *raw, size_t len)
{
	const unsigned char *p = raw, *end = p + len;
	int n = 0;

	while (p < end) {
		uint64_t tag = varint(&p), size = varint(&p);

		assert_true(tag == (1 << 3 | 2) || tag == (2 << 3 | 2));
		n += tag >> 3 == 2;
		p += size;
	}
	assert_ptr_equal(p, end);
	return n;
}

/* Protobuf says first how long it is, whether the objects are the cache's or were read for this list. */
static void long_lists_are_protobuf(void **state)
{
	struct reply r[2] = { { .pause_at = 1 }, { .pause_at = 1 } }, watch = {0};

	put_configmaps(50, 20000);
	for (int i = 0; i < 2; i++) {
		_cleanup_envelope_ struct protobuf_envelope e = {0};
		char *why = NULL;

		api_ask(&r[i], "GET", MAPS, NULL, "application/vnd.kubernetes.protobuf", true);
		loop_until(api.loop, WAIT_MS, r[i].paused);
		loop_for(api.loop, 100);
		http_call_pause(r[i].call, false);
		loop_until(api.loop, WAIT_MS, r[i].calls);
		assert_int_equal(r[i].err, 0);
		if (protobuf_open(r[i].body.data, r[i].body.len, &e, &why))
			fail_msg("%s", why);
		assert_string_equal(e.kind, "ConfigMapList");
		assert_string_equal(e.api_version, "v1");
		assert_int_equal(items_in(e.raw, e.raw_len), 50);
		if (i)
			continue;
		api_ask(&watch, "GET", MAPS "?watch=1", NULL, NULL, true);
		loop_until(api.loop, WAIT_MS, watch.body.len > 50 * 20000);
		loop_for(api.loop, 100);
	}
	assert_int_equal(r[0].body.len, r[1].body.len);
	assert_memory_equal(r[0].body.data, r[1].body.data, r[0].body.len);
	http_call_cancel(watch.call);
	reply_free(&watch);
	reply_free(&r[0]);
	reply_free(&r[1]);
}

static void collections_are_deleted_by_page(void **state)
{
	_cleanup_json_ json *page = NULL, *all = NULL, *none = NULL;

	put_configmaps(30, 20000);
	fake.max_reply = 100000;
	page = api_json("DELETE", MAPS "?limit=4", NULL, 200);
	assert_int_equal(json_len(json_get(page, "items")), 4);
	assert_non_null(json_get(page, "metadata", "continue"));
	assert_null(fake_find("/registry/configmaps/default/c03"));
	assert_non_null(fake_find("/registry/configmaps/default/c04"));
	all = api_json("DELETE", MAPS, NULL, 200);
	assert_int_equal(json_len(json_get(all, "items")), 26);
	assert_string_equal(json_str(json_get(all, "kind")), "ConfigMapList");
	none = api_json("DELETE", MAPS "?fieldSelector=metadata.name%3Dx", NULL, 200);
	assert_int_equal(json_len(json_get(none, "items")), 0);
	assert_non_null(fake_find("/registry/namespaces/default"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_long_list_waits_for_its_reader),
		TEST(a_long_page_says_how_to_go_on),
		TEST(a_list_that_fails_is_cut_off),
		TEST(long_lists_have_every_form),
		TEST(long_lists_are_protobuf),
		TEST(collections_are_deleted_by_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
