// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rest_log.c - logs through the server: a client, the REST server, a node's agent, all on loopback */
#include "test_loop.h"

#include <errno.h>
#include "api/kinds/kinds.h"
#include "api/rest/rest.h"
#include "api/meta/status.h"
#include "base/loop.h"
#include "rpc/http_client.h"

#define WAIT_MS 10000

static sd_event *loop;
static struct http_server *agent, *api;
static int agent_port;
static struct rest *rest;
static struct http_client *client;

/* --- a store that holds two pods and a node ------------------------------------------------- */

struct pending {
	struct loop_timer timer;
	json *obj;
	store_cb cb;
	void *data;
};

static void answer(void *data)
{
	struct pending *p = data;
	bool refused = streq(json_str(json_get(p->obj, "kind")), "Status");
	const struct store_result res = { .err = refused ? status_errno(p->obj) : 0, .code = 200, .obj = p->obj };

	p->cb(p->data, &res);
	loop_timer_stop(&p->timer);
	json_freep(&p->obj);
	free(p);
}

static void fake_get(struct store *s, const struct resource *r, const char *ns, const char *name, store_cb cb, void *data)
{
	struct pending *p = xnew0(struct pending);

	if (r == &res_nodes)
		p->obj = json_build("{\"metadata\":{\"name\":\"n1\"},\"status\":{\"addresses\":[{\"type\":\"Hostname\",\"address\":\"n1\"},"
				    "{\"type\":\"InternalIP\",\"address\":\"127.0.0.1\"}],\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":%d}}}}",
				    agent_port);
	else if (streq(name, "one"))
		p->obj = json_build("{\"spec\":{\"nodeName\":\"n1\",\"containers\":[{\"name\":\"c\"}],\"initContainers\":[{\"name\":\"i\"}]}}");
	else if (streq(name, "two"))
		p->obj = json_build("{\"spec\":{\"nodeName\":\"n1\",\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]}}");
	else if (streq(name, "waiting"))
		p->obj = json_build("{\"spec\":{\"containers\":[{\"name\":\"c\"}]}}");
	else
		p->obj = status_not_found(r, name);
	p->cb = cb;
	p->data = data;
	loop_timer_init(&p->timer, loop, answer, p);
	loop_timer_start(&p->timer, 0);
}

static const struct store_ops fake_ops = { .get = fake_get };
static struct store fake = { .ops = &fake_ops };

/* --- an agent ---------------------------------------------------------------------------------- */

static struct http_request *following;
static int gone;

static void on_gone(void *data)
{
	gone++;
	following = NULL;
}

static void agent_handle(void *data, struct http_request *req)
{
	static const char waiting[] = "container \"b\" in pod \"two\" is waiting to start: ContainerCreating";
	const char *path = http_request_path(req), *tail = http_request_query(req, "tailLines");

	if (streq(path, "/containerLogs/d/one/c") && http_request_query(req, "follow")) {
		following = req;
		http_stream_begin(req, 200, "text/plain", on_gone, NULL);
		http_stream_write(req, "first\n", 6);
	} else if (streq(path, "/containerLogs/d/one/c")) {
		_cleanup_free_ char *text = xasprintf("all of it%s%s\n", tail ? ", tail " : "", tail ? tail : "");

		http_respond(req, 200, "text/plain", text, strlen(text), NULL);
	} else if (streq(path, "/containerLogs/d/one/i")) {
		http_respond(req, 200, "text/plain", "", 0, NULL);
	} else {
		http_respond(req, 400, "text/plain", waiting, strlen(waiting), NULL);
	}
}

/* --- a client ------------------------------------------------------------------------------------ */

struct got {
	int done, status;
	struct buf body;
};

static void on_done(void *data, int err, const char *msg, int status, const char *body, size_t len)
{
	struct got *g = data;

	assert_int_equal(err, 0);
	g->status = status;
	g->done++;
	buf_add(&g->body, body ? body : "", len);
}

static void on_chunk(void *data, const char *p, size_t len)
{
	struct got *g = data;

	buf_add(&g->body, p, len);
}

/* The status and body; the caller frees the text. */
static char *get(const char *path, int want)
{
	const struct http_call_opts o = { .method = "GET", .path = path };
	struct got g = {0};

	http_call(client, &o, on_done, &g);
	loop_until(loop, WAIT_MS, g.done);
	assert_int_equal(g.status, want);
	return buf_steal(&g.body);
}

static int setup(void **state)
{
	const struct http_server_config listen = { .listen = "127.0.0.1:0" };
	const struct rest_config config = { .store = &fake };
	struct http_client_config c = {0};
	_cleanup_free_ char *url = NULL;
	char *msg = NULL;

	assert_int_equal(loop_new(&loop), 0);
	rest = rest_new(loop, &config);
	assert_int_equal(http_server_new(loop, &listen, agent_handle, NULL, &agent, &msg), 0);
	agent_port = http_server_port(agent);
	assert_int_equal(http_server_new(loop, &listen, rest_handle, rest, &api, &msg), 0);
	c.base_url = url = xasprintf("http://127.0.0.1:%d", http_server_port(api));
	assert_int_equal(http_client_new(loop, &c, &client, &msg), 0);
	return 0;
}

static int teardown(void **state)
{
	http_client_free(client);
	http_server_free(api);
	rest_free(rest);
	http_server_free(agent);
	sd_event_unref(loop);
	return 0;
}

#define LOG(pod) "/api/v1/namespaces/d/pods/" pod "/log"

static void logs_come_through(void **state)
{
	_cleanup_free_ char *all = get(LOG("one"), 200), *tail = get(LOG("one") "?container=c&tailLines=5", 200);
	_cleanup_free_ char *empty = get(LOG("one") "?container=i", 200);

	assert_string_equal(all, "all of it\n");
	assert_string_equal(tail, "all of it, tail 5\n");
	assert_string_equal(empty, "");
}

static void is_refused(const char *path, int code, const char *message)
{
	_cleanup_free_ char *text = get(path, code);
	_cleanup_json_ json *s = NULL;

	assert_int_equal(json_parse(text, strlen(text), &s, NULL), 0);
	assert_string_equal(json_str(json_get(s, "message")), message);
}

static void refusals_are_told(void **state)
{
	is_refused(LOG("none"), 404, "pods \"none\" not found");
	is_refused(LOG("two"), 400, "a container name must be specified for pod two, choose one of: [a b]");
	is_refused(LOG("two") "?container=x", 400, "container x is not valid for pod two");
	is_refused(LOG("waiting"), 400, "pod waiting does not have a host assigned");
	is_refused(LOG("two") "?container=b", 400, "container \"b\" in pod \"two\" is waiting to start: ContainerCreating");
}

static void following_streams(void **state)
{
	const struct http_call_opts o = { .method = "GET", .path = LOG("one") "?follow=true", .on_chunk = on_chunk };
	struct got g = {0};

	http_call(client, &o, on_done, &g);
	loop_until(loop, WAIT_MS, g.body.len == 6);
	http_stream_write(following, "second\n", 7);
	loop_until(loop, WAIT_MS, g.body.len == 13);
	http_stream_end(following);
	loop_until(loop, WAIT_MS, g.done);
	assert_string_equal(g.body.data, "first\nsecond\n");
	buf_free(&g.body);
}

static void a_slow_reader_slows_the_agent(void **state)
{
	enum { ALL = 48 << 20, PIECE = 1 << 20 };
	const struct http_call_opts o = { .method = "GET", .path = LOG("one") "?follow=true", .on_chunk = on_chunk };
	_cleanup_free_ char *piece = xmalloc(PIECE);
	struct http_call *call;
	struct got g = {0};
	size_t left;

	memset(piece, 'x', PIECE);
	call = http_call(client, &o, on_done, &g);
	loop_until(loop, WAIT_MS, g.body.len == 6);
	http_call_pause(call, true);
	for (int i = 0; i < ALL / PIECE; i++)
		http_stream_write(following, piece, PIECE);
	/* the sockets' buffers and our own fill, then nothing moves any more */
	loop_for(loop, 1000);
	left = http_stream_backlog(following);
	assert_true(left > ALL / 4);
	loop_for(loop, 300);
	assert_int_equal(http_stream_backlog(following), left);
	http_call_pause(call, false);
	http_stream_end(following);
	loop_until(loop, WAIT_MS, g.done);
	assert_int_equal(g.body.len, ALL + 6);
	buf_free(&g.body);
}

static void the_agent_hears_that_the_client_left(void **state)
{
	const struct http_call_opts o = { .method = "GET", .path = LOG("one") "?follow=true", .on_chunk = on_chunk };
	struct http_call *call;
	struct got g = {0};

	gone = 0;
	call = http_call(client, &o, on_done, &g);
	loop_until(loop, WAIT_MS, g.body.len == 6);
	http_call_cancel(call);
	loop_until(loop, WAIT_MS, gone);
	buf_free(&g.body);
}

static void an_agent_that_is_not_there_is_named(void **state)
{
	_cleanup_free_ char *text = NULL;

	http_server_free(agent);
	agent = NULL;
	text = get("/api/v1/namespaces/d/pods/one/log", 500);
	assert_non_null(strstr(text, "cannot reach the agent of node n1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_come_through),
		cmocka_unit_test(refusals_are_told),
		cmocka_unit_test(following_streams),
		cmocka_unit_test(a_slow_reader_slows_the_agent),
		cmocka_unit_test(the_agent_hears_that_the_client_left),
		cmocka_unit_test(an_agent_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
