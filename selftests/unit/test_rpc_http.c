// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rpc_http.c - requests, answers, TLS and refusals */
#include "test_rpc_http.h"

/* --- tests ------------------------------------------------------------------------ */

static void test_requests(void **state)
{
	static const struct { enum how how; const char *peer; } ways[] = {
		{ TCP, "-" }, { TLS, "system:node:n1" }, { UNIX, "-" }, { TCP6, "-" },
	};
	struct fixture f;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		_cleanup_free_ char *get = xasprintf("GET /a b/c?x=1;y=;z=;q=a,b=c&d; type=- body= len=0 peer=%s", ways[i].peer);
		_cleanup_free_ char *post = xasprintf("POST /p? type=text/x body={\"a\":1} len=7 peer=%s", ways[i].peer);
		_cleanup_free_ char *del = xasprintf("DELETE /p? type=- body= len=0 peer=%s", ways[i].peer);
		_cleanup_free_ char *patch = xasprintf("PATCH /p? type=text/x body=x len=1 peer=%s", ways[i].peer);
		_cleanup_free_ char *put = xasprintf("PUT /p? type=- body= len=0 peer=%s", ways[i].peer);

		open_fixture(&f, ways[i].how, 0);
		expect(f.client, "GET", "/a%20b/c?x=1&y=&z&q=a%2Cb%3Dc%26d", NULL, 200, get);
		expect(f.client, "POST", "/p", "{\"a\":1}", 200, post);
		expect(f.client, "DELETE", "/p", NULL, 200, del);
		expect(f.client, "PATCH", "/p", "x", 200, patch);
		expect(f.client, "PUT", "/p", NULL, 200, put);
		expect(f.client, "GET", "/missing", NULL, 404, "no");
		expect(f.client, "HEAD", "/p", NULL, 200, "");
		close_fixture(&f);
	}
}

static void test_big_answer(void **state)
{
	struct reply r = { 0 };
	struct fixture f;

	open_fixture(&f, TLS, 0);
	start(f.client, &r, "GET", "/big", NULL);
	loop_until(loop, 20000, r.calls);
	assert_int_equal(r.err, 0);
	assert_int_equal(r.body.len, 4000000);
	assert_string_equal(r.body.data + 3999990, "0123456789");
	reply_free(&r);
	close_fixture(&f);
}

static void test_many_at_once(void **state)
{
	struct reply r[50] = { 0 };
	struct fixture f;
	int done;

	open_fixture(&f, TCP, 0);
	for (int i = 0; i < 50; i++)
		start(f.client, &r[i], "POST", "/x", "body");
	loop_until(loop, 20000, (done = 0, ({ for (int i = 0; i < 50; i++) done += r[i].calls; }), done == 50));
	for (int i = 0; i < 50; i++) {
		assert_int_equal(r[i].status, 200);
		reply_free(&r[i]);
	}
	assert_int_equal(f.requests, 50);
	close_fixture(&f);
}

static void test_answered_later(void **state)
{
	struct reply a = { 0 };
	struct fixture f;

	open_fixture(&f, TLS, 0);
	start(f.client, &a, "POST", "/hold", "kept");
	loop_until(loop, 20000, f.held);
	loop_for(loop, 50);
	assert_int_equal(a.calls, 0);
	assert_string_equal(http_request_body(f.held, NULL), "kept");
	http_respond(f.held, 201, "text/plain", "late", 4, NULL);
	loop_until(loop, 20000, a.calls);
	assert_int_equal(a.status, 201);
	assert_string_equal(a.body.data, "late");
	reply_free(&a);
	close_fixture(&f);
}

/* The client is gone before the handler has its answer: the request stays good until then. */
static void test_answered_too_late(void **state)
{
	struct reply a = { 0 };
	struct fixture f;

	open_fixture(&f, TCP, 0);
	start(f.client, &a, "GET", "/hold?q=1", NULL);
	loop_until(loop, 20000, f.held);
	http_client_free(f.client);
	open_client(&f, NULL, &f.client);
	loop_for(loop, 50);
	assert_string_equal(http_request_query(f.held, "q"), "1");
	assert_null(http_request_query(f.held, "p"));
	http_respond(f.held, 200, "text/plain", "x", 1, NULL);
	f.held = NULL;
	expect(f.client, "GET", "/missing", NULL, 404, "no");
	/* and beyond the server's own end */
	start(f.client, &a, "GET", "/hold", NULL);
	loop_until(loop, 20000, f.held);
	http_server_free(TAKE_PTR(f.server));
	http_respond(f.held, 200, "text/plain", "x", 1, NULL);
	loop_until(loop, 20000, a.calls);
	assert_int_equal(a.err, -EAGAIN);
	reply_free(&a);
	close_fixture(&f);
}

static void test_answers_are_told(void **state)
{
	struct reply r = { 0 }, gone = { 0 }, late = { 0 };
	struct fixture f;

	open_fixture(&f, TCP, 0);
	expect(f.client, "GET", "/missing?told=1", NULL, 404, "no");
	start_stream(f.client, &r, "/stream?told=1");
	loop_until(loop, 20000, f.held);
	http_stream_write(f.held, "one\n", 4);
	loop_until(loop, 20000, r.streamed.len == 4);
	assert_string_equal(told.data, "an 404 2;");
	http_stream_write(f.held, "two\n", 4);
	http_stream_end(TAKE_PTR(f.held));
	loop_until(loop, 20000, r.calls);
	assert_string_equal(told.data, "an 404 2;an 200 8;");
	start_stream(f.client, &gone, "/stream?told=1");
	loop_until(loop, 20000, f.held);
	http_stream_write(f.held, "one\n", 4);
	loop_until(loop, 20000, gone.chunks);
	http_client_free(f.client);
	open_client(&f, NULL, &f.client);
	loop_until(loop, 20000, f.closes);
	assert_string_equal(told.data, "an 404 2;an 200 8;an 200 4;");
	/* The client is gone before there is an answer. */
	start(f.client, &late, "GET", "/hold?told=1", NULL);
	loop_until(loop, 20000, f.held);
	http_client_free(TAKE_PTR(f.client));
	loop_for(loop, 50);
	http_respond(TAKE_PTR(f.held), 500, "text/plain", "x", 1, NULL);
	assert_string_equal(told.data, "an 404 2;an 200 8;an 200 4;an 500 1;");
	reply_free(&r);
	reply_free(&gone);
	reply_free(&late);
	buf_free(&told);
	close_fixture(&f);
}

static void test_body_limit(void **state)
{
	struct buf b = { 0 };
	struct reply r = { 0 };
	struct fixture f;
	int fd;

	open_fixture(&f, TCP, 10);
	expect(f.client, "POST", "/p", "0123456789", 200, "POST /p? type=text/x body=0123456789 len=10 peer=-");
	start(f.client, &r, "POST", "/p", "0123456789a");
	loop_until(loop, 20000, r.calls);
	assert_int_equal(r.err, 0);
	assert_int_equal(r.status, 413);
	reply_free(&r);
	fd = tcp_connect(&f);
	send_text(fd, "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n8\r\n01234567\r\n0\r\n\r\n");
	read_until(fd, &b, "413");
	close(fd);
	assert_int_equal(f.requests, 1);
	buf_free(&b);
	close_fixture(&f);
}

static void test_what_may_be_plain(void **state)
{
	static const char *const local[] = { "127.0.0.1:80", "127.9.9.9:0", "localhost:80", "[::1]:80", "unix:/x" };
	static const char *const open[] = { "0.0.0.0:80", "[::]:80", "10.0.0.1:80", "127.0.0.1.example:80", "nonsense", "" };
	static const char *const safe[] = { "http://127.0.0.1:2379", "http://localhost", "http://localhost:80/x", "http://[::1]/",
					    "http://[::1]:80", "https://10.0.0.1", "unix:/x" };
	static const char *const unsafe[] = { "http://10.0.0.1:80", "http://etcd:2379", "http://127.0.0.1.example/", "http://unix:80",
					      "http://localhost@example:80", "http://localhost.example", "http://" };
	struct http_server *s;
	char *msg = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(local); i++)
		assert_true(http_listen_is_local(local[i]));
	for (size_t i = 0; i < ARRAY_SIZE(open); i++)
		assert_false(http_listen_is_local(open[i]));
	for (size_t i = 0; i < ARRAY_SIZE(safe); i++)
		assert_true(http_url_is_safe(safe[i]));
	for (size_t i = 0; i < ARRAY_SIZE(unsafe); i++)
		assert_false(http_url_is_safe(unsafe[i]));
	assert_int_equal(http_server_new(loop, &(struct http_server_config){ .listen = "localhost:0" }, handle, NULL, &s, &msg), 0);
	http_server_free(s);
}

static void test_listen_errors(void **state)
{
	_cleanup_free_ char *ca = file("ca.crt"), *crt = file("server.crt"), *key = file("server.key"), *none = file("none");
	_cleanup_free_ char *wrong_key = file("client.key"), *sock = file("sock2"), *unix_listen = xasprintf("unix:%s", sock);
	const struct { struct http_server_config c; int err; const char *text; } cases[] = {
		{ { .listen = "0.0.0.0:0" }, -EPERM, "without TLS" },
		{ { .listen = "[::]:0" }, -EPERM, "[::]:0" },
		{ { .listen = "10.0.0.1:80" }, -EPERM, "without TLS" },
		{ { .listen = "192.0.2.1:6443", .ca_file = ca, .cert_file = crt, .key_file = key }, -EADDRNOTAVAIL, "192.0.2.1" },
		{ { .listen = "nonsense" }, -EINVAL, "nonsense" },
		{ { .listen = "127.0.0.1:70000" }, -EINVAL, "70000" },
		{ { .listen = "::1:80" }, -EINVAL, "::1:80" },
		{ { .listen = "unix:relative" }, -EINVAL, "absolute" },
		{ { .listen = "127.0.0.1:0", .ca_file = ca }, -EINVAL, "missing" },
		{ { .listen = "127.0.0.1:0", .ca_file = none, .cert_file = crt, .key_file = key }, -ENOENT, "none" },
		{ { .listen = "127.0.0.1:0", .ca_file = key, .cert_file = crt, .key_file = key }, -EINVAL, "server.key" },
		{ { .listen = "127.0.0.1:0", .ca_file = ca, .cert_file = crt, .key_file = wrong_key }, -EINVAL, "client.key" },
	};
	struct http_server *s, *s2;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	_cleanup_free_ char *addr = NULL;
	char *msg = NULL;
	struct stat st;
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(http_server_new(loop, &cases[i].c, handle, NULL, &s, &msg), cases[i].err);
		if (!strstr(msg, cases[i].text))
			fail_msg("\"%s\" does not name \"%s\"", msg, cases[i].text);
		free(TAKE_PTR(msg));
	}
	assert_int_equal(http_server_new(loop, &(struct http_server_config){ .listen = "127.0.0.1:0" }, handle, NULL, &s, &msg), 0);
	addr = xasprintf("127.0.0.1:%d", http_server_port(s));
	assert_int_equal(http_server_new(loop, &(struct http_server_config){ .listen = addr }, handle, NULL, &s2, &msg), -EADDRINUSE);
	free(TAKE_PTR(msg));
	http_server_free(s);

	/* what a killed server left behind is taken over; a living one's socket is not */
	memcpy(un.sun_path, sock, strlen(sock));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	close(fd);
	assert_int_equal(http_server_new(loop, &(struct http_server_config){ .listen = unix_listen }, handle, NULL, &s, &msg), 0);
	assert_int_equal(stat(sock, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(http_server_new(loop, &(struct http_server_config){ .listen = unix_listen }, handle, NULL, &s2, &msg), -EADDRINUSE);
	free(TAKE_PTR(msg));
	http_server_free(s);
	assert_int_equal(stat(sock, &st), -1);
}

/* No certificate, one of a stranger's CA, one that is a server's: no request reaches the handler. */
static void test_tls_refuses(void **state)
{
	static const char *const certs[] = { NULL, "stranger", "server" };
	struct fixture f;

	open_fixture(&f, TLS, 0);
	for (size_t i = 0; i < ARRAY_SIZE(certs); i++) {
		struct http_client *c;
		struct reply r = { 0 };

		open_client(&f, certs[i], &c);
		start(c, &r, "GET", "/x", NULL);
		loop_until(loop, 20000, r.calls);
		assert_int_equal(r.err, -EAGAIN);
		assert_non_null(strstr(r.msg, f.url));
		reply_free(&r);
		http_client_free(c);
	}
	assert_int_equal(f.requests, 0);
	expect(f.client, "GET", "/missing", NULL, 404, "no");
	close_fixture(&f);
}

static void test_client_errors(void **state)
{
	struct http_client_config bad = { .base_url = "nonsense" };
	struct http_client_config no_file = { .base_url = "https://127.0.0.1:1", .ca_file = "/nonexistent/ca" };
	struct http_client_config nobody = { .base_url = "http://127.0.0.1:1" };
	struct reply r = { 0 };
	struct http_client *c;
	struct fixture f;
	char *msg = NULL;

	assert_int_equal(http_client_new(loop, &bad, &c, &msg), -EINVAL);
	free(TAKE_PTR(msg));
	assert_int_equal(http_client_new(loop, &no_file, &c, &msg), -ENOENT);
	assert_non_null(strstr(msg, "/nonexistent/ca"));
	free(TAKE_PTR(msg));
	assert_int_equal(http_client_new(loop, &nobody, &c, &msg), 0);
	start(c, &r, "GET", "/x", NULL);
	loop_until(loop, 20000, r.calls);
	assert_int_equal(r.err, -EAGAIN);
	assert_non_null(strstr(r.msg, "http://127.0.0.1:1"));
	reply_free(&r);
	http_client_free(c);

	open_fixture(&f, TCP, 0);
	r.call = http_call(f.client, &(struct http_call_opts){ .method = "GET", .path = "/hold", .timeout_ms = 100 }, on_done, &r);
	loop_until(loop, 20000, r.calls);
	assert_int_equal(r.err, -ETIMEDOUT);
	http_respond(f.held, 200, "text/plain", "", 0, NULL);
	f.held = NULL;
	reply_free(&r);

	/* a refusal of a stream is an answer like any other */
	start_stream(f.client, &r, "/missing");
	loop_until(loop, 20000, r.calls);
	assert_int_equal(r.status, 404);
	assert_int_equal(r.chunks, 0);
	assert_string_equal(r.body.data, "no");
	reply_free(&r);

	/* the server goes away in the middle of a stream */
	start_stream(f.client, &r, "/stream");
	loop_until(loop, 20000, f.held);
	http_stream_write(f.held, "x", 1);
	loop_until(loop, 20000, r.chunks);
	http_server_free(TAKE_PTR(f.server));
	assert_int_equal(f.closes, 1);
	loop_until(loop, 20000, r.calls);
	assert_int_equal(r.err, -EAGAIN);
	reply_free(&r);
	close_fixture(&f);
}

static void test_cancel(void **state)
{
	struct reply a = { 0 }, b = { 0 }, s = { 0 };
	struct fixture f;

	open_fixture(&f, TCP, 0);
	start(f.client, &a, "GET", "/hold", NULL);
	loop_until(loop, 20000, f.held);
	http_call_cancel(a.call);
	http_respond(f.held, 200, "text/plain", "x", 1, NULL);
	f.held = NULL;

	/* one call's callback cancels another one */
	start(f.client, &a, "GET", "/hold", NULL);
	start(f.client, &b, "GET", "/missing", NULL);
	b.cancel = a.call;
	loop_until(loop, 20000, b.calls);
	loop_until(loop, 20000, f.held);
	http_respond(f.held, 200, "text/plain", "x", 1, NULL);
	f.held = NULL;
	reply_free(&b);

	/* a stream cancels itself in its callback */
	start_stream(f.client, &s, "/stream");
	s.cancel = s.call;
	loop_until(loop, 20000, f.held);
	http_stream_write(f.held, "x", 1);
	loop_until(loop, 20000, f.closes == 1);
	assert_int_equal(s.chunks, 1);
	assert_int_equal(s.calls, 0);
	assert_int_equal(a.calls, 0);
	reply_free(&s);

	/* the client is freed in a callback, with another call under way */
	start(f.client, &a, "GET", "/hold", NULL);
	start(f.client, &b, "GET", "/missing", NULL);
	b.free_client = TAKE_PTR(f.client);
	loop_until(loop, 20000, b.calls && f.held);
	http_respond(f.held, 200, "text/plain", "x", 1, NULL);
	loop_for(loop, 20);
	assert_int_equal(a.calls, 0);
	reply_free(&b);
	close_fixture(&f);
}

static void test_url_encode(void **state)
{
	_cleanup_free_ char *a = url_encode("a=b,c d/e%ü~_-."), *b = url_encode("");

	assert_string_equal(a, "a%3Db%2Cc%20d%2Fe%25%C3%BC~_-.");
	assert_string_equal(b, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_big_answer),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_answered_later),
		cmocka_unit_test(test_answered_too_late),
		cmocka_unit_test(test_answers_are_told),
		cmocka_unit_test(test_body_limit),
		cmocka_unit_test(test_what_may_be_plain),
		cmocka_unit_test(test_listen_errors),
		cmocka_unit_test(test_tls_refuses),
		cmocka_unit_test(test_client_errors),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_url_encode),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
