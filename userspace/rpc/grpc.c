// SPDX-License-Identifier: GPL-2.0-or-later
/* grpc.c - see grpc.h; HTTP/2 itself is in grpc_session.c */
#include "rpc/grpc.h"

#include <errno.h>
#include <utlist.h>
#include "rpc/grpc_session.h"
#include "rpc/grpc_wire.h"

#define OUT_BACKLOG (256 << 10)		/* with that much queued, nghttp2 keeps the rest */
#define CONNECT_TIMEOUT_US 5000000
#define DRAIN_TIMEOUT_US 5000000	/* after GOAWAY, for the calls still open */
#define STABLE_US 1000000		/* a connection that lived that long starts back-off over */
/*
 * etcd's server tolerates a PING every 5 s while a stream is open and none
 * without; grpc-go elsewhere less, so unix sockets, whose peer the kernel
 * watches, get none.
 */
#define PING_IDLE_US 10000000
#define PING_ANSWER_US 5000000

static void enter(struct grpc_channel *ch)
{
	ch->depth++;
}

static void leave(struct grpc_channel *ch)
{
	if (--ch->depth == 0 && ch->dead)
		free(ch);
}

/* --- streams ----------------------------------------------------------------- */

void grpc_mark_ready(struct grpc_stream *s)
{
	if (s->ready)
		return;
	s->ready = true;
	DL_APPEND2(s->ch->ready, s, rprev, rnext);
}

void grpc_end(struct grpc_stream *s, int status, char *msg)
{
	if (s->ended) {
		free(msg);
		return;
	}
	s->ended = true;
	s->status = status;
	free(s->msg);
	s->msg = msg;
	grpc_mark_ready(s);
}

static void detach(struct grpc_stream *s)
{
	if (s->id >= 0) {
		nghttp2_session_set_stream_user_data(s->ch->session, s->id, NULL);
		s->id = -1;
	}
}

static void reset(struct grpc_stream *s, uint32_t code)
{
	if (s->id < 0)
		return;
	nghttp2_submit_rst_stream(s->ch->session, NGHTTP2_FLAG_NONE, s->id, code);
	detach(s);
	loop_timer_start_by(&s->ch->flush, 0);
}

static void stream_free(struct grpc_stream *s)
{
	struct grpc_channel *ch = s->ch;

	if (s->active)
		DL_DELETE(ch->active, s);
	else
		DL_DELETE(ch->waiting, s);
	if (s->ready)
		DL_DELETE2(ch->ready, s, rprev, rnext);
	if (ch->current == s)
		ch->current = NULL;
	loop_timer_stop(&s->deadline);
	buf_free(&s->tx);
	buf_free(&s->rx);
	free(s->method);
	free(s->msg);
	free(s);
}

static void finish_unary(struct grpc_stream *s, struct buf *rx)
{
	grpc_unary_cb cb = s->cb;
	void *data = s->data;
	int status = s->status;
	_cleanup_free_ char *msg = TAKE_PTR(s->msg);
	const char *p = NULL;
	size_t len = 0;

	stream_free(s);
	if (status == GRPC_OK && grpc_next_message(rx->data, rx->len, &p, &len) != 1) {
		status = GRPC_INTERNAL;
		free(msg);
		msg = xstrdup("the server's answer holds no whole message");
	}
	cb(data, status, status ? msg : NULL, p, len);
}

static void deliver_one(struct grpc_channel *ch, struct grpc_stream *s)
{
	struct buf rx = s->rx;
	size_t off = 0, len;
	const char *p;
	int r = 0;

	if (s->cb && !s->ended)
		return;
	s->rx = (struct buf){ 0 };	/* the message must outlive the stream during its callback */
	if (s->cb) {
		finish_unary(s, &rx);
		buf_free(&rx);
		return;
	}
	ch->current = s;
	while (ch->current && (r = grpc_next_message(rx.data + off, rx.len - off, &p, &len)) == 1) {
		off += p + len - (rx.data + off);
		s->ops->on_message(s->data, p, len);
	}
	if (ch->current && r < 0) {
		reset(s, NGHTTP2_CANCEL);
		s->ended = true;
		s->status = GRPC_INTERNAL;
		free(s->msg);
		s->msg = xstrdup("the server sent a compressed or too long message");
	}
	if (ch->current && s->ended) {
		const struct grpc_stream_ops *ops = s->ops;
		void *data = s->data;
		int status = s->status;
		_cleanup_free_ char *msg = TAKE_PTR(s->msg);

		stream_free(s);
		ops->on_end(data, status, status ? msg : NULL);
	} else if (ch->current) {
		buf_consume(&rx, off);
		s->rx = rx;
		rx = (struct buf){ 0 };
	}
	ch->current = NULL;
	buf_free(&rx);
}

static void deliver(struct grpc_channel *ch)
{
	while (!ch->dead && ch->ready) {
		struct grpc_stream *s = ch->ready;

		DL_DELETE2(ch->ready, s, rprev, rnext);
		s->ready = false;
		deliver_one(ch, s);
	}
}

/* --- the connection --------------------------------------------------------- */

static void kick(struct grpc_channel *ch)
{
	uint64_t now = now_monotonic_us();

	if (!ch->sock && !loop_timer_armed(&ch->connect))
		loop_timer_start(&ch->connect, ch->retry_at > now ? ch->retry_at - now : 0);
}

static void drop_connection(struct grpc_channel *ch)
{
	struct grpc_stream *s;

	DL_FOREACH(ch->active, s)
		s->id = -1;
	nghttp2_session_del(ch->session);
	ch->session = NULL;
	sock_free(ch->sock);
	ch->sock = NULL;
	loop_timer_stop(&ch->limit);
	loop_timer_stop(&ch->flush);
	loop_timer_stop(&ch->keepalive);
	ch->got_settings = ch->up = ch->draining = ch->pinged = ch->leave_target = false;
}

/* The connection, or the attempt at one, is over. */
static void lost(struct grpc_channel *ch, const char *why)
{
	bool was_up = ch->up;
	uint64_t now = now_monotonic_us(), delay;
	_cleanup_free_ char *msg = xasprintf(was_up ? "lost connection to %s: %s" : "cannot connect to %s: %s",
					     grpc_target(ch)->name, why);
	struct grpc_stream *s;

	drop_connection(ch);
	DL_FOREACH(ch->active, s)
		grpc_end(s, GRPC_UNAVAILABLE, xstrdup(msg));
	if (was_up) {
		if (now - ch->up_since >= STABLE_US)
			backoff_reset(&ch->backoff);
		ch->failures = 0;
	} else {
		DL_FOREACH(ch->waiting, s)
			if (!s->timeout_ms)
				grpc_end(s, GRPC_UNAVAILABLE, xstrdup(msg));
		ch->failures++;
	}
	/* Every target gets its turn before there is a pause. */
	delay = ch->n_targets > 1 && ch->failures % ch->n_targets ? 0 : backoff_next(&ch->backoff);
	ch->retry_at = now + delay;
	ch->cur = (ch->cur + 1) % ch->n_targets;
	free(ch->error);
	ch->error = TAKE_PTR(msg);
	deliver(ch);
	if (!ch->dead && ch->waiting)
		kick(ch);
}

static void submit_waiting(struct grpc_channel *ch)
{
	struct grpc_stream *s, *tmp;

	if (!ch->up || ch->draining)
		return;
	DL_FOREACH_SAFE(ch->waiting, s, tmp)
		if (!s->ended)
			grpc_submit(ch, s);
	if (ch->active && !grpc_target(ch)->path && !loop_timer_armed(&ch->keepalive))
		loop_timer_start(&ch->keepalive, PING_IDLE_US);
}

static void flush(struct grpc_channel *ch)
{
	const uint8_t *p;
	ssize_t n = 0;

	submit_waiting(ch);
	while (sock_backlog(ch->sock) < OUT_BACKLOG && (n = nghttp2_session_mem_send(ch->session, &p)) > 0)
		sock_write(ch->sock, p, n);
	if (n < 0)
		lost(ch, nghttp2_strerror(n));
	else if (!nghttp2_session_want_read(ch->session) && !nghttp2_session_want_write(ch->session))
		lost(ch, "the server closed the connection");
	else if (ch->draining && !ch->active)
		lost(ch, "the server is going away");
}

static void on_flush(void *data)
{
	struct grpc_channel *ch = data;

	enter(ch);
	if (ch->leave_target)
		lost(ch, "the server does not serve");
	else if (ch->session)
		flush(ch);
	deliver(ch);
	leave(ch);
}

static void on_sock_open(void *data)
{
	struct grpc_channel *ch = data;

	ch->session = grpc_session_new(ch);
	enter(ch);
	flush(ch);
	leave(ch);
}

static void on_sock_data(void *data, const void *p, size_t len)
{
	struct grpc_channel *ch = data;
	bool was_draining = ch->draining;
	ssize_t n;

	enter(ch);
	ch->last_rx = now_monotonic_us();
	ch->pinged = false;
	n = nghttp2_session_mem_recv(ch->session, p, len);
	if (n < 0) {
		lost(ch, nghttp2_strerror(n));
		leave(ch);
		return;
	}
	if (ch->got_settings && !ch->up) {
		ch->up = true;
		ch->failures = 0;
		ch->up_since = ch->last_rx;
		loop_timer_stop(&ch->limit);
	}
	if (ch->draining && !was_draining)
		loop_timer_start(&ch->limit, DRAIN_TIMEOUT_US);
	flush(ch);
	deliver(ch);
	leave(ch);
}

static void on_sock_drain(void *data)
{
	on_flush(data);
}

static void on_sock_close(void *data, const char *msg)
{
	struct grpc_channel *ch = data;

	enter(ch);
	lost(ch, msg);
	leave(ch);
}

static const struct sock_ops sock_ops = {
	.on_open = on_sock_open,
	.on_data = on_sock_data,
	.on_drain = on_sock_drain,
	.on_close = on_sock_close,
};

static void on_connect(void *data)
{
	struct grpc_channel *ch = data;

	if (ch->sock || !ch->waiting)
		return;
	ch->sock = sock_connect(ch->loop, grpc_target(ch), grpc_target(ch)->tls ? ch->tls : NULL, &sock_ops, ch);
	loop_timer_start(&ch->limit, CONNECT_TIMEOUT_US);
}

/* Connecting or draining took too long. */
static void on_limit(void *data)
{
	struct grpc_channel *ch = data;

	enter(ch);
	lost(ch, ch->up ? "the server is going away" : "timed out");
	leave(ch);
}

static void on_keepalive(void *data)
{
	struct grpc_channel *ch = data;
	uint64_t idle = now_monotonic_us() - ch->last_rx;

	if (!ch->active)
		return;
	enter(ch);
	if (ch->pinged) {
		lost(ch, "no answer to a ping");
	} else if (idle < PING_IDLE_US) {
		loop_timer_start(&ch->keepalive, PING_IDLE_US - idle);
	} else {
		ch->pinged = true;
		nghttp2_submit_ping(ch->session, NGHTTP2_FLAG_NONE, NULL);
		loop_timer_start(&ch->keepalive, PING_ANSWER_US);
		flush(ch);
	}
	leave(ch);
}

/* --- channels and calls ---------------------------------------------------- */

static int add_targets(struct grpc_channel *ch, const char *list, char **ret_msg)
{
	_cleanup_free_ char *copy = xstrdup(list);
	char *save = NULL;

	for (char *t = strtok_r(copy, ",", &save); t; t = strtok_r(NULL, ",", &save)) {
		ch->targets = xrealloc(ch->targets, (ch->n_targets + 1) * sizeof(*ch->targets));
		if (sock_target_parse(t, &ch->targets[ch->n_targets], ret_msg) < 0)
			return -EINVAL;
		ch->n_targets++;
	}
	if (ch->n_targets)
		return 0;
	*ret_msg = xstrdup("no address to connect to");
	return -EINVAL;
}

int grpc_channel_new(sd_event *loop, const struct grpc_config *config, struct grpc_channel **ret, char **ret_msg)
{
	struct grpc_channel *ch = xnew0(struct grpc_channel);
	bool tls = false;
	int r;

	ch->loop = sd_event_ref(loop);
	ch->backoff = (struct backoff){ .first_us = 100000, .max_us = 2000000 };
	loop_timer_init(&ch->connect, loop, on_connect, ch);
	loop_timer_init(&ch->limit, loop, on_limit, ch);
	loop_timer_init(&ch->flush, loop, on_flush, ch);
	loop_timer_init(&ch->keepalive, loop, on_keepalive, ch);
	r = add_targets(ch, config->target, ret_msg);
	for (size_t i = 0; i < ch->n_targets; i++)
		tls |= ch->targets[i].tls;
	if (r == 0 && tls)
		r = sock_tls_new(config->ca_file, config->cert_file, config->key_file, &ch->tls, ret_msg);
	if (r < 0) {
		grpc_channel_free(ch);
		return r;
	}
	*ret = ch;
	return 0;
}

void grpc_channel_free(struct grpc_channel *ch)
{
	if (!ch)
		return;
	enter(ch);
	drop_connection(ch);
	loop_timer_stop(&ch->connect);
	while (ch->active)
		stream_free(ch->active);
	while (ch->waiting)
		stream_free(ch->waiting);
	for (size_t i = 0; i < ch->n_targets; i++)
		sock_target_clear(&ch->targets[i]);
	free(ch->targets);
	SSL_CTX_free(ch->tls);
	free(ch->error);
	sd_event_unref(ch->loop);
	ch->dead = true;
	leave(ch);
}

static struct grpc_stream *stream_new(struct grpc_channel *ch, const char *method, void *data)
{
	struct grpc_stream *s = xnew0(struct grpc_stream);

	s->ch = ch;
	s->method = xstrdup(method);
	s->id = -1;
	s->status = -1;
	s->data = data;
	DL_APPEND(ch->waiting, s);
	if (ch->up && !ch->draining)
		loop_timer_start_by(&ch->flush, 0);
	else
		kick(ch);
	return s;
}

static void on_deadline(void *data)
{
	struct grpc_stream *s = data;
	struct grpc_channel *ch = s->ch;

	enter(ch);
	if (s->active)
		grpc_end(s, GRPC_DEADLINE_EXCEEDED,
		    xasprintf("%s did not answer %s within %u ms", grpc_target(ch)->name, s->method, s->timeout_ms));
	else
		grpc_end(s, GRPC_UNAVAILABLE, ch->error ? xstrdup(ch->error)
						   : xasprintf("no connection to %s", grpc_target(ch)->name));
	reset(s, NGHTTP2_CANCEL);
	deliver(ch);
	leave(ch);
}

void grpc_unary(struct grpc_channel *ch, const char *method, const void *req, size_t len,
		unsigned timeout_ms, grpc_unary_cb cb, void *data)
{
	grpc_unary_max(ch, method, req, len, timeout_ms, GRPC_MAX_MESSAGE, cb, data);
}

void grpc_unary_max(struct grpc_channel *ch, const char *method, const void *req, size_t len,
		    unsigned timeout_ms, size_t max_reply, grpc_unary_cb cb, void *data)
{
	struct grpc_stream *s = stream_new(ch, method, data);

	s->cb = cb;
	s->max_reply = max_reply;
	grpc_frame(&s->tx, req, len);
	s->tx_end = true;
	s->timeout_ms = timeout_ms;
	loop_timer_init(&s->deadline, ch->loop, on_deadline, s);
	if (timeout_ms)
		loop_timer_start(&s->deadline, timeout_ms * 1000ULL);
}

struct grpc_stream *grpc_stream_open(struct grpc_channel *ch, const char *method,
				     const struct grpc_stream_ops *ops, void *data)
{
	struct grpc_stream *s = stream_new(ch, method, data);

	s->ops = ops;
	return s;
}

static void more_to_send(struct grpc_stream *s)
{
	if (s->id < 0 || !s->deferred)
		return;
	s->deferred = false;
	nghttp2_session_resume_data(s->ch->session, s->id);
	loop_timer_start_by(&s->ch->flush, 0);
}

void grpc_stream_send(struct grpc_stream *s, const void *p, size_t len)
{
	if (s->tx_end || s->ended)
		return;
	grpc_frame(&s->tx, p, len);
	more_to_send(s);
}

void grpc_stream_send_end(struct grpc_stream *s)
{
	s->tx_end = true;
	more_to_send(s);
}

void grpc_stream_close(struct grpc_stream *s)
{
	if (!s)
		return;
	reset(s, NGHTTP2_CANCEL);
	stream_free(s);
}

void grpc_channel_next_target(struct grpc_channel *ch)
{
	if (ch->n_targets < 2 || !ch->up)
		return;
	/* Later: this may be called from a callback of one of the calls that end by it. */
	ch->leave_target = true;
	loop_timer_start_by(&ch->flush, 0);
}
