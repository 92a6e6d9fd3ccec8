// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rpc_http.h - a server and clients on loopback, for the tests of HTTP */
#ifndef TEST_RPC_HTTP_H
#define TEST_RPC_HTTP_H

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

static inline char *file(const char *name)
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

static inline void on_close(void *data)
{
	struct fixture *f = data;

	f->closes++;
	f->held = NULL;
}

/* What was told of answers: "200 4;404 2;", status and bytes. */
static struct buf told;

static inline void on_answer(void *data, int status, size_t bytes)
{
	buf_printf(&told, "%s %d %zu;", (const char *)data, status, bytes);
}

static inline void add_query(void *data, const char *key, const char *value)
{
	buf_printf(data, "%s=%s;", key, value);
}

static inline void handle(void *data, struct http_request *req)
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

static inline void open_client(struct fixture *f, const char *cert, struct http_client **ret)
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

static inline void open_fixture(struct fixture *f, enum how how, size_t max_body)
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

static inline void close_fixture(struct fixture *f)
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

static inline void react(struct reply *r)
{
	if (r->cancel)
		http_call_cancel(TAKE_PTR(r->cancel));
	if (r->free_client)
		http_client_free(TAKE_PTR(r->free_client));
}

static inline void on_done(void *data, int err, const char *msg, int status, const char *body, size_t len)
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

static inline void on_chunk(void *data, const char *p, size_t len)
{
	struct reply *r = data;

	r->chunks++;
	react(r);
	buf_add(&r->streamed, p, len);
}

static inline void reply_free(struct reply *r)
{
	free(r->msg);
	buf_free(&r->body);
	buf_free(&r->streamed);
	*r = (struct reply){ 0 };
}

static inline void start(struct http_client *c, struct reply *r, const char *method, const char *path, const char *body)
{
	struct http_call_opts o = { .method = method, .path = path, .body = body, .body_len = body ? strlen(body) : 0,
				    .content_type = body ? "text/x" : NULL };

	r->call = http_call(c, &o, on_done, r);
	assert_int_equal(r->calls, 0);
}

static inline void start_stream(struct http_client *c, struct reply *r, const char *path)
{
	struct http_call_opts o = { .method = "GET", .path = path, .on_chunk = on_chunk };

	r->call = http_call(c, &o, on_done, r);
}

static inline void expect(struct http_client *c, const char *method, const char *path, const char *body,
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

static inline int setup(void **state)
{
	return !mkdtemp(dir) || loop_new(&loop) < 0 ? -1 : make_test_certs(dir);
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline int teardown(void **state)
{
	sd_event_unref(loop);
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline int tcp_connect(const struct fixture *f)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sa.sin_port = htons(http_server_port(f->server));
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static inline void send_text(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until what came holds text. */
static inline void read_until(int fd, struct buf *b, const char *text)
{
	char chunk[65536];
	ssize_t n;

	loop_until(loop, 20000, ({
		while ((n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0)
			buf_add(b, chunk, n);
		b->data && strstr(b->data, text);
	}));
}

#endif
