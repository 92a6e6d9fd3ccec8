// SPDX-License-Identifier: GPL-2.0-or-later
/* test_store_http.c - the store over HTTP, against a server that the test plays */
#include "test_loop.h"

#include <errno.h>
#include <stdio.h>
#include "base/loop.h"
#include "rpc/http_server.h"
#include "store/http.h"

static const struct resource pods = { "", "v1", "pods", "Pod", true, "pods", "" };
static const struct resource deployments = { "apps", "v1", "deployments", "Deployment", true, "deployments", "" };

static sd_event *loop;
static struct http_server *server;
static struct http_client *client;
static struct store *store;
static char url[64];

/* --- the API server: answers from a script, remembers what it was asked ------------ */

static struct {
	int code;
	const char *body;
} script[8];
static int next_answer, asked;
static char request[8][1024];	/* "METHOD path?query type body" */
static struct http_request *stream;
static int closes;

static void add_query(void *data, const char *key, const char *value)
{
	buf_printf(data, "%s=%s&", key, value);
}

static void on_close(void *data)
{
	closes++;
	stream = NULL;
}

static void serve(void *data, struct http_request *req)
{
	struct buf b = { 0 };
	const char *type = http_request_header(req, "Content-Type");

	buf_printf(&b, "%s %s?", http_request_method(req), http_request_path(req));
	http_request_each_query(req, add_query, &b);
	buf_printf(&b, " %s %s", type ? type : "-", http_request_body(req, NULL));
	assert_true(asked < 8);
	snprintf(request[asked++], sizeof(request[0]), "%s", b.data);
	buf_free(&b);
	if (http_request_query(req, "watch") && !script[next_answer].code) {
		stream = req;
		http_stream_begin(req, 200, "application/json", on_close, NULL);
		return;
	}
	assert_true(next_answer < 8 && script[next_answer].code);
	http_respond(req, script[next_answer].code, "application/json", script[next_answer].body,
		     strlen(script[next_answer].body), NULL);
	next_answer++;
}

static void answer(int n, int code, const char *body)
{
	script[n].code = code;
	script[n].body = body;
}

/* --- what came back ------------------------------------------------------------------- */

static int calls, err, code;
static int64_t rv;
static char *obj;

static void take(void *data, const struct store_result *res)
{
	calls++;
	err = res->err;
	code = res->code;
	rv = res->rv;
	free(obj);
	obj = json_print(res->obj);
}

static void wait_done(void)
{
	assert_int_equal(calls, 0);
	loop_until(loop, 20000, calls);
	assert_int_equal(calls, 1);
	calls = 0;
}

static int setup(void **state)
{
	struct http_client_config c = { .base_url = url };
	_cleanup_free_ char *msg = NULL;

	memset(script, 0, sizeof(script));
	next_answer = asked = closes = calls = 0;
	stream = NULL;
	if (loop_new(&loop) < 0 ||
	    http_server_new(loop, &(struct http_server_config){ .listen = "127.0.0.1:0" }, serve, NULL, &server, &msg) < 0)
		return -1;
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", http_server_port(server));
	if (http_client_new(loop, &c, &client, &msg) < 0)
		return -1;
	store = store_http_new(loop, client);
	return 0;
}

static int teardown(void **state)
{
	store->ops->free(store);
	http_client_free(client);
	http_server_free(server);
	sd_event_unref(loop);
	free(TAKE_PTR(obj));
	return 0;
}

/* --- tests ------------------------------------------------------------------------------- */

static void test_requests(void **state)
{
	static const char ok[] = "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"41\"}}";
	_cleanup_json_ json *o = json_build("{\"metadata\":{\"name\":\"a\"}}");
	struct store_delete_opts d = { .grace_period = 5, .uid = "u" };

	for (int i = 0; i < 8; i++)
		answer(i, 200, ok);
	store_get(store, &pods, "ns", "a", take, NULL);
	wait_done();
	assert_int_equal(err, 0);
	assert_int_equal(code, 200);
	assert_int_equal(rv, 41);
	assert_string_equal(obj, ok);
	assert_string_equal(request[0], "GET /api/v1/namespaces/ns/pods/a? - ");
	store_create(store, &deployments, "ns", "a", NULL, o, take, NULL);
	wait_done();
	assert_string_equal(request[1], "POST /apis/apps/v1/namespaces/ns/deployments? application/json {\"metadata\":{\"name\":\"a\"}}");
	store_create(store, &pods, "ns", "a", "binding", o, take, NULL);
	wait_done();
	assert_true(startswith(request[2], "POST /api/v1/namespaces/ns/pods/a/binding? application/json {"));
	store_update(store, &pods, "ns", "a", "status", o, take, NULL);
	wait_done();
	assert_true(startswith(request[3], "PUT /api/v1/namespaces/ns/pods/a/status? application/json {"));
	store_patch(store, &pods, "ns", "a", NULL, STORE_PATCH_STRATEGIC, o, take, NULL);
	wait_done();
	assert_true(startswith(request[4], "PATCH /api/v1/namespaces/ns/pods/a? application/strategic-merge-patch+json {"));
	store_patch(store, &pods, "ns", "a", "status", STORE_PATCH_MERGE, o, take, NULL);
	wait_done();
	assert_true(startswith(request[5], "PATCH /api/v1/namespaces/ns/pods/a/status? application/merge-patch+json {"));
	store_patch(store, &pods, "ns", "a", NULL, STORE_PATCH_APPLY, o, take, NULL);
	wait_done();
	assert_true(startswith(request[6], "PATCH /api/v1/namespaces/ns/pods/a?fieldManager=keelson&force=true& application/apply-patch+yaml {"));
	store_delete(store, &pods, "ns", "a", &d, take, NULL);
	wait_done();
	assert_string_equal(request[7], "DELETE /api/v1/namespaces/ns/pods/a? application/json {\"kind\":\"DeleteOptions\","
			    "\"apiVersion\":\"v1\",\"gracePeriodSeconds\":5,\"preconditions\":{\"uid\":\"u\"}}");
}

static void test_failures(void **state)
{
	static const char status[] = "{\"kind\":\"Status\",\"reason\":\"AlreadyExists\",\"code\":409}";
	static const struct { int code; const char *body; int err; const char *in_obj; } cases[] = {
		{ 409, status, -EEXIST, status },
		{ 404, "404 page not found\n", -ENOENT, "404 page not found" },
		{ 503, "<html>", -EAGAIN, "\"code\":503" },
		{ 200, "{", -EAGAIN, "invalid JSON" },
		{ 200, "[]", -EAGAIN, "\"code\":500" },
		{ 422, "{\"kind\":\"Status\",\"code\":422,\"reason\":\"Invalid\"}", -EINVAL, "Invalid" },
		{ 403, "{\"no\":\"status\"}", -EACCES, "\"kind\":\"Status\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		answer(i, cases[i].code, cases[i].body);
		store_get(store, &pods, "ns", "a", take, NULL);
		wait_done();
		assert_int_equal(err, cases[i].err);
		assert_int_equal(code, cases[i].code);
		if (!strstr(obj, cases[i].in_obj))
			fail_msg("%s does not hold %s", obj, cases[i].in_obj);
	}
}

static void test_no_server(void **state)
{
	http_server_free(TAKE_PTR(server));
	store_get(store, &pods, "ns", "a", take, NULL);
	wait_done();
	assert_int_equal(err, -EAGAIN);
	assert_int_equal(code, 0);
	assert_non_null(strstr(obj, "\"kind\":\"Status\""));
	assert_non_null(strstr(obj, url));
}

static void test_list_pages(void **state)
{
	struct store_selector sel = { .label = "app=x", .field = "spec.nodeName=n1" };

	answer(0, 200, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"9\",\"continue\":\"t1\",\"remainingItemCount\":3},\"items\":[{\"a\":1},{\"a\":2}]}");
	answer(1, 200, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"9\",\"continue\":\"t2\"},\"items\":[]}");
	answer(2, 200, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"9\",\"continue\":\"t3\"},\"items\":[{\"a\":3,\"kind\":\"Other\"}]}");
	answer(3, 200, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"9\"},\"items\":[{\"a\":4}]}");
	store_list(store, &pods, NULL, &sel, take, NULL);
	wait_done();
	assert_int_equal(err, 0);
	assert_int_equal(rv, 9);
	assert_string_equal(obj, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"9\"},\"items\":["
			    "{\"a\":1,\"kind\":\"Pod\",\"apiVersion\":\"v1\"},{\"a\":2,\"kind\":\"Pod\",\"apiVersion\":\"v1\"},"
			    "{\"a\":3,\"kind\":\"Other\",\"apiVersion\":\"v1\"},{\"a\":4,\"kind\":\"Pod\",\"apiVersion\":\"v1\"}]}");
	assert_string_equal(request[0], "GET /api/v1/pods?labelSelector=app=x&fieldSelector=spec.nodeName=n1&limit=500& - ");
	assert_string_equal(request[1], "GET /api/v1/pods?labelSelector=app=x&fieldSelector=spec.nodeName=n1&limit=500&continue=t1& - ");
	assert_non_null(strstr(request[3], "continue=t3&"));
}

static void test_list_token_expired(void **state)
{
	answer(0, 200, "{\"metadata\":{\"resourceVersion\":\"9\",\"continue\":\"t1\"},\"items\":[{\"a\":1}]}");
	answer(1, 410, "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}");
	answer(2, 200, "{\"metadata\":{\"resourceVersion\":\"12\"},\"items\":null}");
	store_list(store, &deployments, "ns", NULL, take, NULL);
	wait_done();
	assert_int_equal(err, 0);
	assert_int_equal(rv, 12);
	assert_string_equal(obj, "{\"metadata\":{\"resourceVersion\":\"12\"},\"items\":[]}");
	assert_string_equal(request[2], "GET /apis/apps/v1/namespaces/ns/deployments? - ");
}

/* Who asks for a part gets that one, and the token for the next. */
static void test_list_in_parts(void **state)
{
	struct store_selector sel = { .limit = 2 };

	answer(0, 200, "{\"metadata\":{\"resourceVersion\":\"9\",\"continue\":\"t1\"},\"items\":[{\"a\":1},{\"a\":2}]}");
	answer(1, 410, "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}");
	store_list(store, &pods, NULL, &sel, take, NULL);
	wait_done();
	assert_int_equal(err, 0);
	assert_int_equal(rv, 9);
	assert_string_equal(obj, "{\"metadata\":{\"resourceVersion\":\"9\",\"continue\":\"t1\"},\"items\":["
			    "{\"a\":1,\"kind\":\"Pod\",\"apiVersion\":\"v1\"},{\"a\":2,\"kind\":\"Pod\",\"apiVersion\":\"v1\"}]}");
	assert_string_equal(request[0], "GET /api/v1/pods?limit=2& - ");
	sel.cont = "t1";
	store_list(store, &pods, NULL, &sel, take, NULL);
	wait_done();
	assert_int_equal(err, -EKEYEXPIRED);
	assert_string_equal(request[1], "GET /api/v1/pods?limit=2&continue=t1& - ");
}

/* --- watches ---------------------------------------------------------------------------- */

static char events[1024];
static struct store_watch *watch;
static bool close_at_once;

static void on_event(void *data, enum store_event_type type, const json *o, int64_t revision)
{
	size_t n = strlen(events);

	if (type == STORE_ERROR)
		snprintf(events + n, sizeof(events) - n, "ERROR%d ", (int)json_int(json_get(o, "code"), 0));
	else
		snprintf(events + n, sizeof(events) - n, "%d@%d ", type, (int)revision);
	if (close_at_once)
		store_watch_close(store, TAKE_PTR(watch));
}

static void start_watch(int64_t from)
{
	struct store_selector sel = { .field = "spec.nodeName=n1" };

	events[0] = '\0';
	watch = store_watch(store, &pods, NULL, &sel, from, on_event, NULL);
	loop_until(loop, 20000, stream || script[0].code);
}

static void send_lines(const char *text)
{
	http_stream_write(stream, text, strlen(text));
}

static void wait_events(const char *text)
{
	loop_until(loop, 20000, streq(events, text));
}

static void test_watch(void **state)
{
	start_watch(7);
	assert_string_equal(request[0], "GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=7&fieldSelector=spec.nodeName=n1& - ");
	send_lines("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"8\"}}}\n{\"type\":\"MODI");
	wait_events("0@8 ");
	send_lines("FIED\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}}}\n\n"
		   "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"10\"}}}\n");
	wait_events("0@8 1@9 3@10 ");
	http_stream_end(stream);
	wait_events("0@8 1@9 3@10 ERROR503 ");
	store_watch_close(store, watch);
}

static void test_watch_from_now(void **state)
{
	start_watch(0);
	assert_null(strstr(request[0], "resourceVersion"));
	store_watch_close(store, watch);
	loop_until(loop, 20000, closes == 1);
	assert_string_equal(events, "");
}

static void test_watch_errors(void **state)
{
	start_watch(1);
	send_lines("{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410}}\n{\"type\":\"ADDED\",\"object\":{}}\n");
	wait_events("ERROR410 ");
	loop_until(loop, 20000, closes == 1);
	store_watch_close(store, watch);

	start_watch(1);
	send_lines("nonsense\n");
	wait_events("ERROR500 ");
	store_watch_close(store, watch);
	loop_until(loop, 20000, closes == 2);

	start_watch(1);
	http_server_free(TAKE_PTR(server));
	wait_events("ERROR503 ");
	store_watch_close(store, watch);
	events[0] = '\0';
	watch = store_watch(store, &pods, NULL, NULL, 1, on_event, NULL);
	wait_events("ERROR503 ");
	store_watch_close(store, watch);
}

static void test_watch_refused(void **state)
{
	answer(0, 410, "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}");
	start_watch(1);
	wait_events("ERROR410 ");
	store_watch_close(store, watch);
}

static void test_watch_closed_in_callback(void **state)
{
	close_at_once = true;
	start_watch(1);
	send_lines("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"8\"}}}\n"
		   "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}}}\n");
	loop_until(loop, 20000, closes == 1);
	assert_string_equal(events, "0@8 ");
	close_at_once = false;
}

static void test_free_with_calls(void **state)
{
	store_get(store, &pods, "ns", "a", take, NULL);
	store_list(store, &pods, "ns", NULL, take, NULL);
	store_watch(store, &pods, NULL, NULL, 1, on_event, NULL);
	store->ops->free(store);
	store = store_http_new(loop, client);
	loop_for(loop, 50);
	assert_int_equal(calls, 0);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_requests),
		TEST(test_failures),
		TEST(test_no_server),
		TEST(test_list_pages),
		TEST(test_list_token_expired),
		TEST(test_list_in_parts),
		TEST(test_watch),
		TEST(test_watch_from_now),
		TEST(test_watch_errors),
		TEST(test_watch_refused),
		TEST(test_watch_closed_in_callback),
		TEST(test_free_with_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
