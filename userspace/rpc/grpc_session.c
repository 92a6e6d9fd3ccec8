// SPDX-License-Identifier: GPL-2.0-or-later
/* grpc_session.c - see grpc_session.h */
#include "rpc/grpc_session.h"

#include <utlist.h>
#include "rpc/grpc_wire.h"

#define STREAM_WINDOW (8 << 20)
#define CONNECTION_WINDOW (32 << 20)
#define MAX_REFUSALS 3

static ssize_t read_tx(nghttp2_session *session, int32_t id, uint8_t *out, size_t len, uint32_t *flags,
		       nghttp2_data_source *source, void *user_data)
{
	struct grpc_stream *s = nghttp2_session_get_stream_user_data(session, id);
	size_t n;

	if (!s)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	n = s->tx.len - s->tx_off;
	if (n == 0 && !s->tx_end) {
		s->deferred = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	n = n < len ? n : len;
	if (n)
		memcpy(out, s->tx.data + s->tx_off, n);
	s->tx_off += n;
	if (s->tx_off == s->tx.len) {
		if (s->tx_end)
			*flags |= NGHTTP2_DATA_FLAG_EOF;
		if (!s->cb)
			s->tx.len = s->tx_off = 0;
	}
	return n;
}

#define HEADER(n, v) { (uint8_t *)(n), (uint8_t *)(v), strlen(n), strlen(v), NGHTTP2_NV_FLAG_NONE }

void grpc_submit(struct grpc_channel *ch, struct grpc_stream *s)
{
	nghttp2_data_provider tx = { .read_callback = read_tx };
	char timeout[16] = "";
	nghttp2_nv headers[] = {
		HEADER(":method", "POST"),
		HEADER(":scheme", grpc_target(ch)->tls ? "https" : "http"),
		HEADER(":path", s->method),
		HEADER(":authority", grpc_target(ch)->authority),
		HEADER("te", "trailers"),
		HEADER("content-type", "application/grpc"),
		HEADER("user-agent", "keelson"),
		{ 0 },
	};
	size_t n = ARRAY_SIZE(headers) - 1;
	int32_t id;

	if (s->timeout_ms) {
		grpc_timeout_format(s->timeout_ms, timeout);
		headers[n++] = (nghttp2_nv)HEADER("grpc-timeout", timeout);
	}
	DL_DELETE(ch->waiting, s);
	DL_APPEND(ch->active, s);
	s->active = true;
	s->deferred = false;
	id = nghttp2_submit_request(ch->session, NULL, headers, n, &tx, s);
	if (id < 0)
		grpc_end(s, GRPC_UNAVAILABLE, xasprintf("%s: %s", grpc_target(ch)->name, nghttp2_strerror(id)));
	else
		s->id = id;
}

/* The connection will not serve this stream (any more): it waits for the next one. */
static void back_to_waiting(struct grpc_stream *s)
{
	struct grpc_channel *ch = s->ch;

	s->id = -1;
	s->tx_off = 0;
	s->rx.len = 0;
	s->http_status = 0;
	s->status = -1;
	DL_DELETE(ch->active, s);
	DL_APPEND(ch->waiting, s);
	s->active = false;
}

static void stream_over(struct grpc_stream *s, uint32_t h2_error)
{
	if (h2_error == NGHTTP2_REFUSED_STREAM && s->cb && s->refusals++ < MAX_REFUSALS) {
		back_to_waiting(s);
		return;
	}
	s->id = -1;
	if (s->status >= 0)
		grpc_end(s, s->status, s->msg ? TAKE_PTR(s->msg) : xstrdup(""));
	else if (h2_error)
		grpc_end(s, grpc_status_of_reset(h2_error),
		    xasprintf("%s: stream reset: %s", grpc_target(s->ch)->name, nghttp2_http2_strerror(h2_error)));
	else
		grpc_end(s, s->http_status == 200 ? GRPC_INTERNAL : grpc_status_of_http(s->http_status),
		    xasprintf("%s: no gRPC answer, HTTP status %d", grpc_target(s->ch)->name, s->http_status));
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t namelen,
		     const uint8_t *value, size_t valuelen, uint8_t flags, void *user_data)
{
	struct grpc_stream *s = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	const char *n = (const char *)name, *v = (const char *)value;	/* nghttp2 ends both with NUL */
	int64_t code;

	if (!s)
		return 0;
	if (streq(n, ":status") && parse_i64(v, 100, 999, &code) == 0) {
		s->http_status = code;
	} else if (streq(n, "grpc-status")) {
		s->status = parse_i64(v, 0, 16, &code) == 0 ? (int)code : GRPC_UNKNOWN;
	} else if (streq(n, "grpc-message")) {
		free(s->msg);
		s->msg = grpc_message_decode(v, valuelen);
	}
	return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user_data)
{
	struct grpc_channel *ch = user_data;
	struct grpc_stream *s;

	switch (frame->hd.type) {
	case NGHTTP2_SETTINGS:
		ch->got_settings = true;
		break;
	case NGHTTP2_GOAWAY:
		ch->draining = true;
		break;
	case NGHTTP2_HEADERS:
	case NGHTTP2_DATA:
		if (!(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
			break;
		s = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
		if (!s)
			break;
		nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, NULL);
		/* The answer is whole; what we might still send, nobody reads. */
		if (!s->tx_end || s->tx_off < s->tx.len)
			nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
		stream_over(s, NGHTTP2_NO_ERROR);
		break;
	}
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t len,
		   void *user_data)
{
	struct grpc_stream *s = nghttp2_session_get_stream_user_data(session, id);

	if (!s || s->ended)
		return 0;
	buf_add(&s->rx, data, len);
	if (s->cb && grpc_announced(s->rx.data, s->rx.len) > s->max_reply) {
		nghttp2_session_set_stream_user_data(session, id, NULL);
		nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
		s->id = -1;
		grpc_end(s, GRPC_REPLY_TOO_LONG, xasprintf("the reply of %zu bytes is too long", grpc_announced(s->rx.data, s->rx.len)));
		return 0;
	}
	grpc_mark_ready(s);
	return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t error, void *user_data)
{
	struct grpc_stream *s = nghttp2_session_get_stream_user_data(session, id);

	if (s)
		stream_over(s, error);
	return 0;
}

nghttp2_session *grpc_session_new(struct grpc_channel *ch)
{
	static const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW },
	};
	nghttp2_session_callbacks *cbs;
	nghttp2_session *session;

	if (nghttp2_session_callbacks_new(&cbs))
		abort();
	nghttp2_session_callbacks_set_on_header_callback(cbs, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cbs, on_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cbs, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(cbs, on_stream_close);
	if (nghttp2_session_client_new(&session, cbs, ch) ||
	    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, ARRAY_SIZE(settings)) ||
	    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW))
		abort();
	nghttp2_session_callbacks_del(cbs);
	return session;
}
