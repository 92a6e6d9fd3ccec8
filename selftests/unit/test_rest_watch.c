// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rest_watch.c - watches over HTTP against a real etcd */
#include "test_rest_server.h"

static int setup(void **state)
{
	api_start();
	api_do("POST", "/api/v1/namespaces", "{\"metadata\":{\"name\":\"default\"}}", 201);
	return 0;
}

static int teardown(void **state)
{
	api_stop();
	return 0;
}

#define MAPS "/api/v1/namespaces/default/configmaps"

static void configmap(const char *name, const char *labels, size_t size)
{
	_cleanup_free_ char *fill = xcalloc(1, size + 1), *body = NULL;

	memset(fill, 'x', size);
	body = xasprintf("{\"metadata\":{\"name\":\"%s\",\"labels\":{%s}},\"data\":{\"f\":\"%s\"}}", name, labels, fill);
	api_do("POST", MAPS, body, 201);
}

static int count(const struct reply *r, const char *text)
{
	int n = 0;

	for (const char *p = r->body.data; p && (p = memmem(p, r->body.len - (size_t)(p - r->body.data), text, strlen(text))); p++)
		n++;
	return n;
}

/* Events that ended so far, each of them looked at once. */
static int lines(const struct reply *r)
{
	static const struct reply *of;
	static size_t seen;
	static int n;

	if (of != r)
		seen = n = 0;
	of = r;
	for (; seen < r->body.len; seen++)
		n += r->body.data[seen] == '\n';
	return n;
}

/* More than any buffer holds, to a reader that takes its time. */
static void a_first_burst_waits_for_its_reader(void **state)
{
	struct reply r = { .pause_at = 1 };

	for (int i = 0; i < 30; i++) {
		_cleanup_free_ char *name = xasprintf("big-%02d", i);

		configmap(name, "", 900000);
	}
	api_ask(&r, "GET", MAPS "?watch=1", NULL, NULL, true);
	loop_until(api.loop, WAIT_MS, r.paused);
	loop_for(api.loop, 1000);
	/* what happens meanwhile comes afterwards */
	configmap("later", "", 1);
	http_call_pause(r.call, false);
	loop_until(api.loop, WAIT_MS, lines(&r) == 31 || r.calls);
	assert_int_equal(r.calls, 0);
	assert_int_equal(count(&r, "{\"type\":\"ADDED\""), 31);
	/* the reader stops again, and history waits for it */
	r.paused = false;
	for (int i = 0; i < 30; i++) {
		_cleanup_free_ char *path = xasprintf(MAPS "/big-%02d", i);

		api_do("DELETE", path, NULL, 200);
	}
	loop_for(api.loop, 500);
	http_call_pause(r.call, false);
	loop_until(api.loop, WAIT_MS, lines(&r) == 61 || r.calls);
	assert_int_equal(r.calls, 0);
	assert_int_equal(count(&r, "{\"type\":\"DELETED\""), 30);
	http_call_cancel(r.call);
	reply_free(&r);
	api_do("DELETE", MAPS "/later", NULL, 200);
}

static void initial_events_end_with_a_mark(void **state)
{
	static const char query[] = MAPS "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=in%3Dyes";
	_cleanup_free_ char *versioned = NULL, *future = NULL, *skip = NULL;
	struct reply r = {0}, v = {0}, f = {0}, s = {0};
	_cleanup_json_ json *list = NULL;
	const char *rv;

	configmap("a", "\"in\":\"yes\"", 1);
	configmap("b", "\"in\":\"no\"", 1);
	configmap("c", "\"in\":\"yes\"", 1);
	list = api_json("GET", MAPS, NULL, 200);
	rv = json_str(json_get(list, "metadata", "resourceVersion"));
	versioned = xasprintf("%s&resourceVersion=%s", query, rv);
	future = xasprintf("%s&resourceVersion=%s0", query, rv);
	skip = xasprintf(MAPS "?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan");
	api_ask(&r, "GET", query, NULL, NULL, true);
	api_ask(&v, "GET", versioned, NULL, NULL, true);
	api_ask(&f, "GET", future, NULL, NULL, true);
	api_ask(&s, "GET", skip, NULL, NULL, true);
	loop_until(api.loop, WAIT_MS, events_are(&r, "ADDED a,ADDED c,BOOKMARK end") || events_are(&r, "ADDED a,ADDED c,BOOKMARK end,BOOKMARK"));
	loop_until(api.loop, WAIT_MS, events_are(&v, "ADDED a,ADDED c,BOOKMARK end") || events_are(&v, "ADDED a,ADDED c,BOOKMARK end,BOOKMARK"));
	loop_for(api.loop, 200);
	configmap("d", "\"in\":\"yes\"", 1);
	loop_until(api.loop, WAIT_MS, strstr(r.body.data, "\"d\""));
	loop_until(api.loop, WAIT_MS, events_are(&s, "ADDED d"));
	/* the mark carries the version that the objects are of */
	assert_true(count(&r, "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}") == 1);
	loop_until(api.loop, WAIT_MS, f.calls);
	assert_true(events_are(&f, "ERROR 504"));
	http_call_cancel(r.call);
	http_call_cancel(v.call);
	http_call_cancel(s.call);
	reply_free(&r);
	reply_free(&v);
	reply_free(&f);
	reply_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_burst_waits_for_its_reader),
		cmocka_unit_test(initial_events_end_with_a_mark),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
