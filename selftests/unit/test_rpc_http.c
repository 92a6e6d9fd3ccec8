// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rpc_http.c - the HTTP server and client against each other: TCP, TLS, unix socket */
#include "test_loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "base/loop.h"
#include "rpc/http_client.h"
#include "rpc/http_server.h"
#include "test_certs.h"

static sd_event *loop;
static char dir[] = "/tmp/keelson-test-http.XXXXXX";

static char *file(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

/* --- the server under test ----------------------------------------------------- */

struct fixture {
	struct http_server *server;
	struct http_client *client;
	char *url, *socket;
	int requests;
	struct http_request *held;	/* /hold and /stream keep their request here */
	int closes, drains;
	struct bytes *line;	/* what on_drain() sends again, until it was called often enough */
};

static void on_close(void *data)
{
	struct fixture *f = data;

	f->closes++;
	f->held = NULL;
}

/* What was told of answers: "200 4;404 2;", status and bytes. */
static struct buf told;

static void on_answer(void *data, int status, size_t bytes)
{
	buf_printf(&told, "%s %d %zu;", (const char *)data, status, bytes);
}

static void add_query(void *data, const char *key, const char *value)
{
	buf_printf(data, "%s=%s;", key, value);
}

static void handle(void *data, struct http_request *req)
{
	const char *path = http_request_path(req), *x = http_request_header(req, "content-TYPE");
	struct fixture *f = data;
	struct buf b = { 0 };
	size_t len;

	f->requests++;
	if (http_request_query(req, "told"))
		http_request_on_answer(req, on_answer, "an");
	if (streq(path, "/hold")) {
		f->held = req;
		return;
	}
	if (streq(path, "/stream")) {
		f->held = req;
		http_stream_begin(req, 200, "application/json", on_close, f);
		return;
	}
	if (streq(path, "/missing")) {
		http_respond(req, 404, "text/plain", "no", 2, NULL);
		return;
	}
	if (streq(path, "/big")) {
		for (int i = 0; i < 400000; i++)
			buf_puts(&b, "0123456789");
		http_respond(req, 200, "text/plain", b.data, b.len, NULL);
		buf_free(&b);
		return;
	}
	buf_printf(&b, "%s %s?", http_request_method(req), path);
	http_request_each_query(req, add_query, &b);
	buf_printf(&b, " type=%s body=%s", x ? x : "-", http_request_body(req, &len));
	buf_printf(&b, " len=%zu peer=%s", len, http_request_peer_name(req) ? http_request_peer_name(req) : "-");
	http_respond(req, 200, "text/plain", b.data, b.len, "X-Test: yes\r\nWarning: 299 - \"x: y\"\r\n");
	buf_free(&b);
}

enum how { TCP, TLS, UNIX, TCP6 };

static void open_client(struct fixture *f, const char *cert, struct http_client **ret)
{
	_cleanup_free_ char *ca = file("ca.crt"), *crt = NULL, *key = NULL, *msg = NULL;
	struct http_client_config c = { .base_url = f->url, .unix_socket = f->socket };

	if (startswith(f->url, "https"))
		c.ca_file = ca;
	if (cert) {
		crt = xasprintf("%s/%s.crt", dir, cert);
		key = xasprintf("%s/%s.key", dir, cert);
		c.cert_file = crt;
		c.key_file = key;
	}
	assert_int_equal(http_client_new(loop, &c, ret, &msg), 0);
}

static void open_fixture(struct fixture *f, enum how how, size_t max_body)
{
	static const char *const listen_on[] = { "127.0.0.1:0", "0.0.0.0:0", NULL, "[::1]:0" };
	_cleanup_free_ char *ca = file("ca.crt"), *crt = file("server.crt"), *key = file("server.key"), *msg = NULL;
	_cleanup_free_ char *sock = file("sock"), *unix_listen = xasprintf("unix:%s", sock);
	struct http_server_config c = { .listen = how == UNIX ? unix_listen : listen_on[how], .max_body = max_body };

	*f = (struct fixture){ 0 };
	if (how == TLS) {
		c.ca_file = ca;
		c.cert_file = crt;
		c.key_file = key;
	}
	if (http_server_new(loop, &c, handle, f, &f->server, &msg) < 0)
		fail_msg("%s", msg);
	if (how == UNIX) {
		f->socket = TAKE_PTR(sock);
		f->url = xstrdup("http://localhost");
		assert_int_equal(http_server_port(f->server), 0);
	} else {
		f->url = xasprintf("%s://%s:%d", how == TLS ? "https" : "http", how == TCP6 ? "[::1]" : "127.0.0.1",
				   http_server_port(f->server));
	}
	open_client(f, how == TLS ? "client" : NULL, &f->client);
}

static void close_fixture(struct fixture *f)
{
	http_client_free(f->client);
	http_server_free(f->server);
	free(f->url);
	free(f->socket);
}

/* --- the client under test -------------------------------------------------------- */

struct reply {
	int calls, err, status, chunks;
	char *msg;
	struct buf body, streamed;
	struct http_call *call, *cancel;	/* cancel: in the first callback of any kind */
	struct http_client *free_client;
};

static void react(struct reply *r)
{
	if (r->cancel)
		http_call_cancel(TAKE_PTR(r->cancel));
	if (r->free_client)
		http_client_free(TAKE_PTR(r->free_client));
}

static void on_done(void *data, int err, const char *msg, int status, const char *body, size_t len)
{
	struct reply *r = data;

	r->calls++;
	r->err = err;
	r->status = status;
	r->msg = msg ? xstrdup(msg) : NULL;
	react(r);
	assert_int_equal(strlen(body), len);	/* none of these holds a NUL; and it is still there */
	buf_add(&r->body, body, len);
}

static void on_chunk(void *data, const char *p, size_t len)
{
	struct reply *r = data;

	r->chunks++;
	react(r);
	buf_add(&r->streamed, p, len);
}

static void reply_free(struct reply *r)
{
	free(r->msg);
	buf_free(&r->body);
	buf_free(&r->streamed);
	*r = (struct reply){ 0 };
}

static void start(struct http_client *c, struct reply *r, const char *method, const char *path, const char *body)
{
	struct http_call_opts o = { .method = method, .path = path, .body = body, .body_len = body ? strlen(body) : 0,
				    .content_type = body ? "text/x" : NULL };

	r->call = http_call(c, &o, on_done, r);
	assert_int_equal(r->calls, 0);
}

static void start_stream(struct http_client *c, struct reply *r, const char *path)
{
	struct http_call_opts o = { .method = "GET", .path = path, .on_chunk = on_chunk };

	r->call = http_call(c, &o, on_done, r);
}

static void expect(struct http_client *c, const char *method, const char *path, const char *body,
		   int status, const char *text)
{
	struct reply r = { 0 };

	start(c, &r, method, path, body);
	loop_until(loop, 20000, r.calls);
	if (r.err)
		fail_msg("%s %s: %s", method, path, r.msg);
	assert_int_equal(r.status, status);
	assert_string_equal(r.body.data ? r.body.data : "", text);
	reply_free(&r);
}

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

static void test_stream(void **state)
{
	static const enum how ways[] = { TCP, TLS, UNIX };
	uint64_t before, after;
	struct fixture f;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct reply r = { 0 };

		open_fixture(&f, ways[i], 0);
		start_stream(f.client, &r, "/stream?watch=1");
		loop_until(loop, 20000, f.held);
		loop_for(loop, 20);
		http_stream_write(f.held, "one\n", 4);
		loop_until(loop, 20000, r.streamed.len == 4);
		http_stream_write(f.held, "two\n", 4);
		http_stream_write(f.held, "three\n", 6);
		loop_until(loop, 20000, r.streamed.len == 14);
		assert_string_equal(r.streamed.data, "one\ntwo\nthree\n");
		assert_int_equal(http_stream_backlog(f.held), 0);
		assert_int_equal(r.calls, 0);
		/* a stream with nothing to say costs nothing */
		loop_for(loop, 20);
		assert_int_equal(sd_event_get_iteration(loop, &before), 0);
		loop_for(loop, 200);
		assert_int_equal(sd_event_get_iteration(loop, &after), 0);
		assert_true(after - before < 20);
		http_stream_write(f.held, "last\n", 5);
		http_stream_end(f.held);
		loop_until(loop, 20000, r.calls);
		assert_int_equal(r.err, 0);
		assert_int_equal(r.status, 200);
		assert_string_equal(r.streamed.data, "one\ntwo\nthree\nlast\n");
		assert_int_equal(f.closes, 0);
		reply_free(&r);
		close_fixture(&f);
	}
}

/* Whoever asked hears once of each answer, however it comes to its end. */
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

static int tcp_connect(const struct fixture *f)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sa.sin_port = htons(http_server_port(f->server));
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static void send_text(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until what came holds text. */
static void read_until(int fd, struct buf *b, const char *text)
{
	char chunk[65536];
	ssize_t n;

	loop_until(loop, 20000, ({
		while ((n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0)
			buf_add(b, chunk, n);
		b->data && strstr(b->data, text);
	}));
}

static void test_stream_header_at_once(void **state)
{
	struct buf b = { 0 };
	struct fixture f;
	int fd;

	open_fixture(&f, TCP, 0);
	fd = tcp_connect(&f);
	send_text(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	read_until(fd, &b, "\r\n\r\n");
	assert_true(startswith(b.data, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strcasestr(b.data, "Transfer-Encoding: chunked"));
	assert_non_null(strcasestr(b.data, "Content-Type: application/json"));
	http_stream_write(f.held, "x\n", 2);
	read_until(fd, &b, "2\r\nx\n\r\n");
	close(fd);
	loop_until(loop, 20000, f.closes == 1);
	buf_free(&b);
	close_fixture(&f);
}

static void test_keep_alive(void **state)
{
	struct buf b = { 0 };
	struct fixture f;
	int fd;

	open_fixture(&f, TCP, 0);
	fd = tcp_connect(&f);
	for (int i = 0; i < 3; i++) {
		b.len = 0;
		send_text(fd, "POST /k HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok");
		read_until(fd, &b, "body=ok len=2");
		assert_non_null(strstr(b.data, "X-Test: yes\r\n"));
		assert_non_null(strstr(b.data, "Warning: 299 - \"x: y\"\r\n"));
	}
	/* a stream that ends leaves the connection good as well */
	b.len = 0;
	send_text(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	loop_until(loop, 20000, f.held);
	http_stream_write(f.held, "abc", 3);
	http_stream_end(f.held);
	read_until(fd, &b, "3\r\nabc\r\n0\r\n\r\n");
	send_text(fd, "GET /k HTTP/1.1\r\nHost: x\r\n\r\n");
	read_until(fd, &b, "GET /k?");
	close(fd);
	buf_free(&b);
	close_fixture(&f);
}

static void test_client_goes_away(void **state)
{
	static const enum how ways[] = { TCP, TLS, UNIX };
	struct fixture f;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct reply r = { 0 };

		open_fixture(&f, ways[i], 0);
		start_stream(f.client, &r, "/stream");
		loop_until(loop, 20000, f.held);
		http_stream_write(f.held, "one\n", 4);
		loop_until(loop, 20000, r.chunks);
		loop_for(loop, 20);	/* suspended by now */
		http_client_free(TAKE_PTR(f.client));
		loop_until(loop, 20000, f.closes);
		loop_for(loop, 20);
		assert_int_equal(f.closes, 1);
		assert_int_equal(r.calls, 0);
		reply_free(&r);
		close_fixture(&f);
	}
}

static void test_slow_reader(void **state)
{
	_cleanup_free_ char *line = xcalloc(1, 1001);
	struct buf b = { 0 };
	struct fixture f;
	size_t body;
	int fd;

	memset(line, 'x', 1000);
	open_fixture(&f, TCP, 0);
	fd = tcp_connect(&f);
	send_text(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	loop_until(loop, 20000, f.held);
	for (int i = 0; i < 10000; i++)
		http_stream_write(f.held, line, 1000);
	loop_for(loop, 200);
	assert_true(http_stream_backlog(f.held) > 1000000);
	/* others are served meanwhile */
	expect(f.client, "GET", "/missing", NULL, 404, "no");
	/* it reads after all */
	http_stream_write(f.held, "end", 3);
	read_until(fd, &b, "end");
	assert_int_equal(http_stream_backlog(f.held), 0);
	body = 0;
	for (size_t i = 0; i < b.len; i++)
		body += b.data[i] == 'x';
	assert_int_equal(body, 10000000);
	/* and goes away in the middle of the next lot */
	for (int i = 0; i < 10000; i++)
		http_stream_write(f.held, line, 1000);
	loop_for(loop, 100);
	close(fd);
	loop_until(loop, 20000, f.closes);
	buf_free(&b);
	close_fixture(&f);
}

static void on_drain(void *data)
{
	struct fixture *f = data;

	/* never more than what was there and one turn's worth */
	assert_true(http_stream_backlog(f->held) <= 1000);
	if (++f->drains == 2000) {
		http_stream_write(f->held, "end", 3);
		return;
	}
	for (int i = 0; i < 10; i++)
		http_stream_write_bytes(f->held, f->line);
	http_stream_on_drain(f->held, 1000, on_drain);
}

/* Whoever writes only what was taken holds little, however slow the reader is. */
static void test_drain(void **state)
{
	_cleanup_free_ char *line = xcalloc(1, 1001);
	static char chunk[65536];
	struct fixture f;
	size_t body = 0;
	ssize_t n;
	int fd;

	memset(line, 'x', 1000);
	open_fixture(&f, TCP, 0);
	f.line = bytes_new(line, 1000);
	fd = tcp_connect(&f);
	send_text(fd, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
	loop_until(loop, 20000, f.held);
	http_stream_on_drain(f.held, 1000, on_drain);
	assert_int_equal(f.drains, 0);
	loop_for(loop, 500);
	assert_true(f.drains > 0 && f.drains < 2000);
	loop_until(loop, 20000, ({
		while ((n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0)
			for (ssize_t i = 0; i < n; i++)
				body += chunk[i] == 'x';
		body == 1999 * 10000;
	}));
	loop_until(loop, 20000, !http_stream_backlog(f.held));
	assert_int_equal(f.line->refs, 1);
	bytes_unref(f.line);
	close(fd);
	loop_until(loop, 20000, f.closes);
	close_fixture(&f);
}

static void test_abort(void **state)
{
	struct reply r = { 0 };
	struct fixture f;

	open_fixture(&f, TCP, 0);
	start_stream(f.client, &r, "/stream");
	loop_until(loop, 20000, f.held);
	http_stream_write(f.held, "one", 3);
	loop_until(loop, 20000, r.streamed.len == 3);
	http_stream_abort(f.held);
	loop_until(loop, 20000, r.calls);
	assert_int_equal(r.err, -EAGAIN);
	assert_int_equal(f.closes, 0);
	reply_free(&r);
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

static int setup(void **state)
{
	return !mkdtemp(dir) || loop_new(&loop) < 0 ? -1 : make_test_certs(dir);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int teardown(void **state)
{
	sd_event_unref(loop);
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_big_answer),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_answered_later),
		cmocka_unit_test(test_answered_too_late),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_answers_are_told),
		cmocka_unit_test(test_stream_header_at_once),
		cmocka_unit_test(test_keep_alive),
		cmocka_unit_test(test_client_goes_away),
		cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_abort),
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
