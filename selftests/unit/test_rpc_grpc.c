// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rpc_grpc.c - gRPC's frames and texts, and the channel against an HTTP/2 server that misbehaves on request */
#include "test_loop.h"

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "base/loop.h"
#include "rpc/grpc.h"
#include "rpc/grpc_wire.h"
#include "rpc/sock.h"

static sd_event *loop;

/* --- pure parts ------------------------------------------------------------------- */

static void test_frames(void **state)
{
	struct buf b = { 0 };
	const char *p;
	size_t n;

	grpc_frame(&b, "hello", 5);
	assert_int_equal(b.len, 10);
	assert_memory_equal(b.data, "\0\0\0\0\5hello", 10);
	for (size_t len = 0; len < 10; len++)
		assert_int_equal(grpc_next_message(b.data, len, &p, &n), 0);
	assert_int_equal(grpc_next_message(b.data, 10, &p, &n), 1);
	assert_ptr_equal(p, b.data + 5);
	assert_int_equal(n, 5);
	b.len = 0;
	grpc_frame(&b, "", 0);
	assert_int_equal(grpc_next_message(b.data, b.len, &p, &n), 1);
	assert_int_equal(n, 0);
	assert_int_equal(grpc_next_message("\1\0\0\0\0", 5, &p, &n), -EBADMSG);
	assert_int_equal(grpc_next_message("\0\xff\xff\xff\xff", 5, &p, &n), -EMSGSIZE);
	buf_free(&b);
}

static void test_message_text(void **state)
{
	static const char *const cases[][2] = {
		{ "plain", "plain" }, { "a%20b%0A", "a b\n" }, { "%e2%82%ac", "\xe2\x82\xac" }, { "100%", "100%" }, { "%4", "%4" },
		{ "%zz%41", "%zzA" }, { "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *s = grpc_message_decode(cases[i][0], strlen(cases[i][0]));

		assert_string_equal(s, cases[i][1]);
	}
}

static void test_timeout_text(void **state)
{
	char out[16];

	grpc_timeout_format(5000, out);
	assert_string_equal(out, "5000m");
	grpc_timeout_format(99999999, out);
	assert_string_equal(out, "99999999m");
	grpc_timeout_format(4000000000u, out);
	assert_string_equal(out, "4000000S");
}

static void test_targets(void **state)
{
	static const struct { const char *text, *path, *host, *port, *authority; bool tls; } good[] = {
		{ "unix:/run/c.sock", "/run/c.sock", NULL, NULL, "localhost", false },
		{ "unix:///run/c.sock", "/run/c.sock", NULL, NULL, "localhost", false },
		{ "http://127.0.0.1:2379", NULL, "127.0.0.1", "2379", "127.0.0.1:2379", false },
		{ "https://etcd.example:1/", NULL, "etcd.example", "1", "etcd.example:1", true },
		{ "http://[::1]:2379", NULL, "::1", "2379", "[::1]:2379", false },
	};
	static const char *const bad[] = {
		"", "unix:", "unix:x", "unix:relative/path", "http://", "http://a", "http://a:", "http://:1", "http://a:65536", "http://a:1/path",
		"http://u@a:1", "http://[::1]", "http://[]:1", "tcp://a:1", "http://a b:1",
	};
	struct sock_target t;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		char *msg = NULL;

		if (sock_target_parse(good[i].text, &t, &msg) < 0)
			fail_msg("%s", msg);
		assert_true(streq(t.path, good[i].path) && streq(t.host, good[i].host) && streq(t.port, good[i].port));
		assert_string_equal(t.authority, good[i].authority);
		assert_int_equal(t.tls, good[i].tls);
		sock_target_clear(&t);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_free_ char *msg = NULL;

		if (sock_target_parse(bad[i], &t, &msg) != -EINVAL)
			fail_msg("accepted: %s", bad[i]);
		assert_non_null(strstr(msg, bad[i]));
	}
}

/* --- the server ---------------------------------------------------------------------- */

struct call {
	struct call *next;
	int32_t id;
	char path[64], timeout[16];
	struct buf rx, tx;
	size_t tx_off;
	bool end, trailers, no_status;
	const char *status, *message;
	size_t piece;		/* longest DATA frame; 0: any */
};

struct peer {
	int fd;
	nghttp2_session *session;
	sd_event_source *io;
	struct call *calls;
	struct buf out;
	struct peer *next;
};

static struct {
	char path[64];
	int fd, accepted, refuse, requests;
	bool mute;	/* accepts and says nothing */
	sd_event_source *io;
	struct peer *peers;
	char last_timeout[16];
} server;

static struct call *call_of(struct peer *p, int32_t id)
{
	struct call *c = p->calls;

	while (c && c->id != id)
		c = c->next;
	return c;
}

static void peer_send(struct peer *p)
{
	const uint8_t *out;
	ssize_t n;

	do {
		while (p->out.len < 65536 && (n = nghttp2_session_mem_send(p->session, &out)) > 0)
			buf_add(&p->out, out, n);
		n = p->out.len ? send(p->fd, p->out.data, p->out.len, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
		buf_consume(&p->out, n > 0 ? n : 0);
	} while (n > 0);
	if (p->io)
		sd_event_source_set_io_events(p->io, EPOLLIN | (p->out.len ? EPOLLOUT : 0));
}

static ssize_t read_tx(nghttp2_session *session, int32_t id, uint8_t *out, size_t len, uint32_t *flags,
		       nghttp2_data_source *source, void *data)
{
	struct call *c = source->ptr;
	size_t n = c->tx.len - c->tx_off;

	if (c->piece && len > c->piece)
		len = c->piece;
	if (!n && !c->end)
		return NGHTTP2_ERR_DEFERRED;
	n = n < len ? n : len;
	if (n)
		memcpy(out, c->tx.data + c->tx_off, n);
	c->tx_off += n;
	if (c->end && c->tx_off == c->tx.len) {
		nghttp2_nv t[] = {
			{ (uint8_t *)"grpc-status", (uint8_t *)c->status, 11, strlen(c->status), 0 },
			{ (uint8_t *)"grpc-message", (uint8_t *)c->message, 12, strlen(c->message), 0 },
		};

		*flags |= NGHTTP2_DATA_FLAG_EOF;
		if (!c->no_status) {
			*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
			nghttp2_submit_trailer(session, id, t, 2);
		}
	}
	return n;
}

static void respond(struct peer *p, struct call *c, const char *http_status)
{
	nghttp2_nv h[] = {
		{ (uint8_t *)":status", (uint8_t *)http_status, 7, 3, 0 },
		{ (uint8_t *)"content-type", (uint8_t *)"application/grpc", 12, 16, 0 },
	};
	nghttp2_data_provider d = { .source.ptr = c, .read_callback = read_tx };

	nghttp2_submit_response(p->session, c->id, h, 2, &d);
}

static void trailers_only(struct peer *p, struct call *c, const char *status, const char *msg)
{
	nghttp2_nv h[] = {
		{ (uint8_t *)":status", (uint8_t *)"200", 7, 3, 0 },
		{ (uint8_t *)"grpc-status", (uint8_t *)status, 11, strlen(status), 0 },
		{ (uint8_t *)"grpc-message", (uint8_t *)msg, 12, strlen(msg), 0 },
	};

	nghttp2_submit_response(p->session, c->id, h, 3, NULL);
}

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
	struct peer *p = data;
	struct call *c = xnew0(struct call);

	c->id = frame->hd.stream_id;
	c->status = "0";
	c->message = "";
	c->next = p->calls;
	p->calls = c;
	return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t namelen,
		     const uint8_t *value, size_t valuelen, uint8_t flags, void *data)
{
	struct call *c = call_of(data, frame->hd.stream_id);

	if (streq((const char *)name, ":path"))
		snprintf(c->path, sizeof(c->path), "%s", value);
	if (streq((const char *)name, "grpc-timeout"))
		snprintf(server.last_timeout, sizeof(server.last_timeout), "%s", value);
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *p, size_t len, void *data)
{
	struct call *c = call_of(data, id);

	buf_add(streq(c->path, "/t/Stream") ? &c->tx : &c->rx, p, len);
	return 0;
}

/* The request is whole. */
static void serve(struct peer *p, struct call *c)
{
	server.requests++;
	if (streq(c->path, "/t/Hang"))
		return;
	if (streq(c->path, "/t/Fail")) {
		trailers_only(p, c, "5", "not%20here");
		return;
	}
	if (streq(c->path, "/t/Refuse") && server.refuse-- > 0) {
		nghttp2_submit_rst_stream(p->session, NGHTTP2_FLAG_NONE, c->id, NGHTTP2_REFUSED_STREAM);
		return;
	}
	if (streq(c->path, "/t/Reset")) {
		nghttp2_submit_rst_stream(p->session, NGHTTP2_FLAG_NONE, c->id, NGHTTP2_INTERNAL_ERROR);
		return;
	}
	if (streq(c->path, "/t/GoAway"))	/* one that answers what came before it */
		nghttp2_submit_goaway(p->session, NGHTTP2_FLAG_NONE, c->id, NGHTTP2_NO_ERROR, NULL, 0);
	c->end = true;
	if (streq(c->path, "/t/Bytewise"))
		c->piece = 1;
	if (streq(c->path, "/t/Compressed"))
		buf_add(&c->tx, "\1\0\0\0\1x", 6);
	else if (!streq(c->path, "/t/Empty") && c->rx.len)
		buf_add(&c->tx, c->rx.data, c->rx.len);
	if (streq(c->path, "/t/Late"))
		c->status = "13";
	c->no_status = streq(c->path, "/t/NoStatus") || streq(c->path, "/t/Http503");
	respond(p, c, streq(c->path, "/t/Http503") ? "503" : "200");
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
	struct peer *p = data;
	struct call *c = frame->hd.stream_id ? call_of(p, frame->hd.stream_id) : NULL;
	bool end = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

	if (!c || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA))
		return 0;
	if (!streq(c->path, "/t/Stream")) {
		if (end)
			serve(p, c);
		return 0;
	}
	if (frame->hd.type == NGHTTP2_HEADERS)
		respond(p, c, "200");
	c->end = end;
	nghttp2_session_resume_data(session, c->id);
	return 0;
}

static void peer_free(struct peer *p)
{
	struct call *c;

	loop_source_drop(&p->io);
	nghttp2_session_del(p->session);
	buf_free(&p->out);
	close(p->fd);
	while ((c = p->calls)) {
		p->calls = c->next;
		buf_free(&c->rx);
		buf_free(&c->tx);
		free(c);
	}
	free(p);
}

static void drop_peers(void)
{
	struct peer *p;

	while ((p = server.peers)) {
		server.peers = p->next;
		peer_free(p);
	}
}

static int on_peer(sd_event_source *src, int fd, uint32_t revents, void *data)
{
	struct peer *p = data;
	char chunk[16384];
	ssize_t n = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		loop_source_drop(&p->io);
		return 0;
	}
	if (n > 0)
		assert_int_equal(nghttp2_session_mem_recv(p->session, (uint8_t *)chunk, n), n);
	peer_send(p);
	return 0;
}

static int on_accept(sd_event_source *src, int fd, uint32_t revents, void *data)
{
	struct peer *p = xnew0(struct peer);
	nghttp2_settings_entry s = { NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 10 };
	nghttp2_session_callbacks *cbs;

	p->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	server.accepted++;
	p->next = server.peers;
	server.peers = p;
	nghttp2_session_callbacks_new(&cbs);
	nghttp2_session_callbacks_set_on_begin_headers_callback(cbs, on_begin);
	nghttp2_session_callbacks_set_on_header_callback(cbs, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cbs, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cbs, on_frame);
	nghttp2_session_server_new(&p->session, cbs, p);
	nghttp2_session_callbacks_del(cbs);
	if (server.mute)
		return 0;
	nghttp2_submit_settings(p->session, NGHTTP2_FLAG_NONE, &s, 1);
	sd_event_add_io(loop, &p->io, p->fd, EPOLLIN, on_peer, p);
	peer_send(p);
	return 0;
}

static void server_start(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	memcpy(un.sun_path, server.path, sizeof(server.path));
	server.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server.fd, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(listen(server.fd, 16), 0);
	assert_true(sd_event_add_io(loop, &server.io, server.fd, EPOLLIN, on_accept, NULL) >= 0);
}

static void server_stop(void)
{
	drop_peers();
	loop_source_drop(&server.io);
	if (server.fd >= 0)
		close(server.fd);
	server.fd = -1;
	unlink(server.path);
}

/* --- the channel under test ------------------------------------------------------------ */

static struct grpc_channel *ch;

struct answer {
	int calls, status;
	char msg[256];
	struct buf p;
	bool free_channel;
};

static void take(void *data, int status, const char *msg, const void *p, size_t len)
{
	struct answer *a = data;

	a->calls++;
	a->status = status;
	snprintf(a->msg, sizeof(a->msg), "%s", msg ? msg : "");
	if (a->free_channel)
		grpc_channel_free(TAKE_PTR(ch));
	buf_add(&a->p, p, len);
}

static void ask(struct answer *a, const char *method, const char *text, unsigned timeout_ms)
{
	grpc_unary(ch, method, text, strlen(text), timeout_ms, take, a);
	assert_int_equal(a->calls, 0);
}

static void expect(const char *method, const char *text, int status, const char *answer)
{
	struct answer a = { 0 };

	ask(&a, method, text, 3000);
	loop_until(loop, 20000, a.calls);
	if (a.status != status)
		fail_msg("%s: status %d, %s", method, a.status, a.msg);
	assert_string_equal(status ? a.msg : a.p.data, answer);
	buf_free(&a.p);
}

static int setup(void **state)
{
	struct grpc_config c;
	_cleanup_free_ char *target = NULL, *msg = NULL;

	memset(&server, 0, sizeof(server));
	snprintf(server.path, sizeof(server.path), "/tmp/keelson-test-grpc.%d", getpid());
	target = xasprintf("unix:%s", server.path);
	c = (struct grpc_config){ .target = target };
	if (loop_new(&loop) < 0)
		return -1;
	server_start();
	return grpc_channel_new(loop, &c, &ch, &msg);
}

static int teardown(void **state)
{
	grpc_channel_free(TAKE_PTR(ch));
	server_stop();
	sd_event_unref(loop);
	return 0;
}

/* --- tests --------------------------------------------------------------------------------- */

static void test_unary(void **state)
{
	expect("/t/Echo", "hello", GRPC_OK, "hello");
	assert_string_equal(server.last_timeout, "3000m");
	expect("/t/Echo", "", GRPC_OK, "");
	expect("/t/Bytewise", "one byte a frame", GRPC_OK, "one byte a frame");
	expect("/t/Fail", "x", GRPC_NOT_FOUND, "not here");
	assert_int_equal(server.accepted, 1);
}

static void test_bad_answers(void **state)
{
	_cleanup_free_ char *no_status = xasprintf("unix:%s: no gRPC answer, HTTP status 200", server.path);
	_cleanup_free_ char *http = xasprintf("unix:%s: no gRPC answer, HTTP status 503", server.path);
	_cleanup_free_ char *reset = xasprintf("unix:%s: stream reset: INTERNAL_ERROR", server.path);

	expect("/t/NoStatus", "x", GRPC_INTERNAL, no_status);
	expect("/t/Http503", "x", GRPC_UNAVAILABLE, http);
	expect("/t/Reset", "x", GRPC_INTERNAL, reset);
	expect("/t/Empty", "x", GRPC_INTERNAL, "the server's answer holds no whole message");
	expect("/t/Compressed", "x", GRPC_INTERNAL, "the server's answer holds no whole message");
	expect("/t/Late", "x", GRPC_INTERNAL, "");	/* a message, and then an error in the trailers */
	expect("/t/Echo", "still good", GRPC_OK, "still good");
	assert_int_equal(server.accepted, 1);
}

/* Larger than every window and socket buffer on the way, both ways. */
static void test_big(void **state)
{
	_cleanup_free_ char *big = xcalloc(1, (12 << 20) + 1);
	struct answer a = { 0 };

	for (size_t i = 0; i < 12 << 20; i++)
		big[i] = 'a' + i % 23;
	ask(&a, "/t/Echo", big, 20000);
	loop_until(loop, 20000, a.calls);
	assert_int_equal(a.status, GRPC_OK);
	assert_int_equal(a.p.len, 12 << 20);
	assert_memory_equal(a.p.data, big, 12 << 20);
	buf_free(&a.p);
}

/* A reply that the caller does not take ends with its first bytes; the connection stays. */
static void test_max_reply(void **state)
{
	_cleanup_free_ char *big = xcalloc(1, (12 << 20) + 1);
	struct answer a = { 0 }, b = { 0 };

	memset(big, 'x', 12 << 20);
	grpc_unary_max(ch, "/t/Echo", big, 12 << 20, 20000, (12 << 20) - 1, take, &a);
	grpc_unary_max(ch, "/t/Echo", big, 1000, 20000, 1000, take, &b);
	loop_until(loop, 20000, a.calls && b.calls);
	assert_int_equal(a.status, GRPC_REPLY_TOO_LONG);
	assert_int_equal(a.p.len, 0);
	assert_int_equal(b.status, GRPC_OK);
	assert_int_equal(b.p.len, 1000);
	expect("/t/Echo", "still good", GRPC_OK, "still good");
	assert_int_equal(server.accepted, 1);
	buf_free(&a.p);
	buf_free(&b.p);
}

/* More than the server takes at once: the rest waits its turn. */
static void test_many(void **state)
{
	struct answer a[100] = { 0 };
	int done;

	for (int i = 0; i < 100; i++)
		ask(&a[i], "/t/Echo", "x", 5000);
	loop_until(loop, 20000, (done = 0, ({ for (int i = 0; i < 100; i++) done += a[i].calls; }), done == 100));
	for (int i = 0; i < 100; i++) {
		assert_int_equal(a[i].status, GRPC_OK);
		buf_free(&a[i].p);
	}
	assert_int_equal(server.accepted, 1);
}

static void test_deadline(void **state)
{
	struct answer a = { 0 };

	ask(&a, "/t/Hang", "x", 100);
	loop_until(loop, 20000, a.calls);
	assert_int_equal(a.status, GRPC_DEADLINE_EXCEEDED);
	assert_non_null(strstr(a.msg, server.path));
	loop_for(loop, 50);
	assert_int_equal(a.calls, 1);
	expect("/t/Echo", "next", GRPC_OK, "next");
	buf_free(&a.p);
}

static void test_refused_streams_are_sent_again(void **state)
{
	struct answer a = { 0 };

	server.refuse = 2;
	expect("/t/Refuse", "x", GRPC_OK, "x");
	server.refuse = 100;
	ask(&a, "/t/Refuse", "x", 3000);
	loop_until(loop, 20000, a.calls);
	assert_int_equal(a.status, GRPC_UNAVAILABLE);
	assert_int_equal(server.requests, 7);
	buf_free(&a.p);
}

static void test_goaway(void **state)
{
	struct answer hanging = { 0 };

	expect("/t/GoAway", "x", GRPC_OK, "x");
	expect("/t/Echo", "new connection", GRPC_OK, "new connection");
	assert_int_equal(server.accepted, 2);
	/* a call that is open meanwhile does not hold up the next one for ever */
	ask(&hanging, "/t/Hang", "x", 0);
	expect("/t/GoAway", "x", GRPC_OK, "x");
	loop_until(loop, 8000, hanging.calls);
	assert_int_equal(hanging.status, GRPC_UNAVAILABLE);
	expect("/t/Echo", "y", GRPC_OK, "y");
	buf_free(&hanging.p);
}

static void test_lost_connection(void **state)
{
	struct answer hanging = { 0 }, waiting = { 0 }, no_timeout = { 0 }, late = { 0 };

	ask(&hanging, "/t/Hang", "x", 0);
	loop_until(loop, 20000, server.requests == 1);
	server_stop();
	loop_until(loop, 20000, hanging.calls);
	assert_int_equal(hanging.status, GRPC_UNAVAILABLE);
	assert_non_null(strstr(hanging.msg, "lost connection to unix:"));
	/* with a time-out a call waits for the server; without, it fails at the first attempt */
	ask(&waiting, "/t/Echo", "back", 5000);
	ask(&late, "/t/Echo", "x", 400);
	ask(&no_timeout, "/t/Echo", "x", 0);
	loop_until(loop, 20000, no_timeout.calls && late.calls);
	assert_int_equal(no_timeout.status, GRPC_UNAVAILABLE);
	assert_int_equal(late.status, GRPC_UNAVAILABLE);
	assert_non_null(strstr(late.msg, "No such file or directory"));
	assert_non_null(strstr(late.msg, server.path));
	assert_int_equal(waiting.calls, 0);
	server_start();
	loop_until(loop, 20000, waiting.calls);
	assert_int_equal(waiting.status, GRPC_OK);
	buf_free(&hanging.p);
	buf_free(&waiting.p);
	buf_free(&no_timeout.p);
	buf_free(&late.p);
}

/* A server that accepts and never says a word. */
static void test_mute_server(void **state)
{
	struct answer a = { 0 };
	uint64_t start = now_monotonic_us();

	server.mute = true;
	ask(&a, "/t/Echo", "x", 0);
	loop_until(loop, 8000, a.calls);
	assert_int_equal(a.status, GRPC_UNAVAILABLE);
	assert_non_null(strstr(a.msg, "timed out"));
	assert_true(now_monotonic_us() - start >= 4500000);
	buf_free(&a.p);
}

static void test_free_in_callback(void **state)
{
	struct answer a = { .free_channel = true }, b = { 0 };

	ask(&a, "/t/Echo", "mine", 3000);
	ask(&b, "/t/Hang", "x", 3000);
	loop_until(loop, 20000, a.calls);
	assert_string_equal(a.p.data, "mine");
	loop_for(loop, 50);
	assert_int_equal(b.calls, 0);
	buf_free(&a.p);
}

/* --- streams --- */

struct seen {
	struct grpc_stream *s;
	int messages, ends, status;
	struct buf text;
	bool close_at_once;
};

static void on_message(void *data, const void *p, size_t len)
{
	struct seen *s = data;

	s->messages++;
	if (s->close_at_once)
		grpc_stream_close(TAKE_PTR(s->s));
	buf_add(&s->text, p, len);
	buf_puts(&s->text, "|");
}

static void on_end(void *data, int status, const char *msg)
{
	struct seen *s = data;

	s->ends++;
	s->status = status;
	s->s = NULL;
}

static const struct grpc_stream_ops ops = { .on_message = on_message, .on_end = on_end };

static void test_stream(void **state)
{
	struct seen s = { 0 };

	s.s = grpc_stream_open(ch, "/t/Stream", &ops, &s);
	grpc_stream_send(s.s, "one", 3);	/* before there is a connection */
	loop_until(loop, 20000, s.messages == 1);
	grpc_stream_send(s.s, "two", 3);
	grpc_stream_send(s.s, "", 0);
	loop_until(loop, 20000, s.messages == 3);
	loop_for(loop, 20);
	grpc_stream_send(s.s, "three", 5);
	grpc_stream_send_end(s.s);
	loop_until(loop, 20000, s.ends);
	assert_string_equal(s.text.data, "one|two||three|");
	assert_int_equal(s.status, GRPC_OK);
	buf_free(&s.text);
}

static void test_stream_close(void **state)
{
	struct seen s = { .close_at_once = true }, other = { 0 };

	other.s = grpc_stream_open(ch, "/t/Stream", &ops, &other);
	s.s = grpc_stream_open(ch, "/t/Stream", &ops, &s);
	grpc_stream_send(s.s, "one", 3);
	grpc_stream_send(s.s, "two", 3);
	loop_until(loop, 20000, s.messages);
	loop_for(loop, 50);
	assert_string_equal(s.text.data, "one|");
	assert_int_equal(s.ends, 0);
	grpc_stream_send(other.s, "still", 5);
	loop_until(loop, 20000, other.messages == 1);
	drop_peers();
	loop_until(loop, 20000, other.ends);
	assert_int_equal(other.status, GRPC_UNAVAILABLE);
	buf_free(&s.text);
	buf_free(&other.text);
}

static void test_stream_ends_by_server(void **state)
{
	struct seen s = { 0 };

	s.s = grpc_stream_open(ch, "/t/Fail", &ops, &s);
	grpc_stream_send(s.s, "x", 1);
	grpc_stream_send_end(s.s);
	loop_until(loop, 20000, s.ends);
	assert_int_equal(s.status, GRPC_NOT_FOUND);
	assert_int_equal(s.messages, 0);
	s.s = grpc_stream_open(ch, "/t/Compressed", &ops, &s);
	grpc_stream_send_end(s.s);
	loop_until(loop, 20000, s.ends == 2);
	assert_int_equal(s.status, GRPC_INTERNAL);
	server_stop();
	s.s = grpc_stream_open(ch, "/t/Stream", &ops, &s);
	loop_until(loop, 20000, s.ends == 3);
	assert_int_equal(s.status, GRPC_UNAVAILABLE);
	buf_free(&s.text);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_message_text),
		cmocka_unit_test(test_timeout_text),
		cmocka_unit_test(test_targets),
		TEST(test_unary),
		TEST(test_bad_answers),
		TEST(test_big),
		TEST(test_max_reply),
		TEST(test_many),
		TEST(test_deadline),
		TEST(test_refused_streams_are_sent_again),
		TEST(test_goaway),
		TEST(test_lost_connection),
		TEST(test_mute_server),
		TEST(test_free_in_callback),
		TEST(test_stream),
		TEST(test_stream_close),
		TEST(test_stream_ends_by_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
