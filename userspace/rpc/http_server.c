// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * http_server.c - see http_server.h; the listening socket is http_listen.c's
 *
 * libmicrohttpd runs only in run(). Its callbacks put requests and closed
 * streams on lists; handlers are called from these when libmicrohttpd is off
 * the stack. A connection that waits for its handler, or a stream with nothing
 * to send, is suspended.
 */
#include "rpc/http_server.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utlist.h>
#include "base/loop.h"
#include "base/loop_stats.h"
#include "rpc/http_listen.h"

#define MAX_BODY (3u << 20)
#define IDLE_TIMEOUT_S 120u	/* of a connection that neither sends nor takes data */
#define CONNECTION_MEMORY ((size_t)(64 << 10))	/* request line, headers and the chunk being sent */
#define CONNECTION_LIMIT 16384u

/* Of a stream, given to the kernel at a time; each stream has a buffer of that. */
#define STREAM_BLOCK ((size_t)(4 << 10))
#define BULK_BLOCK ((size_t)(32 << 10))
#define PIECE_MAX ((size_t)(64 << 10))	/* what is written in small bits is queued in pieces of that */
#define KEEPALIVE_IDLE_S 30
#define KEEPALIVE_INTERVAL_S 10
#define KEEPALIVE_COUNT 3
#define UNANSWERED_MS 60000u	/* what was sent and not acknowledged for so long: the client's machine is gone */

/* What a stream has still to send: shared bytes, or some of its own. */
struct piece {
	struct piece *next;
	struct bytes *shared;
	struct buf own;
};

struct pair {
	char *key, *value;
};

struct pairs {
	struct pair *p;
	size_t n;
};

struct http_request {
	struct http_server *s;		/* NULL: the server is gone */
	struct MHD_Connection *conn;	/* NULL: the client is gone, or has its answer */
	struct http_request *prev, *next;	/* in s->requests while conn is there */
	struct http_request *eprev, *enext;	/* in s->events */
	bool event;
	bool suspended;
	bool handed;			/* the handler has it ... */
	bool done;			/* ... and does not touch it any more */
	char *method, *path, *peer;
	char **groups;			/* of peer */
	struct pairs query, headers;
	struct buf body;
	bool too_large;
	int status;
	struct MHD_Response *response;
	bool streaming, ended, broken;
	struct piece *out, *out_last;
	size_t out_off;			/* of the first piece, sent already */
	size_t backlog;
	size_t drain_low;
	void (*on_drain)(void *data);	/* NULL: nobody waits */
	void (*on_close)(void *data);
	void *close_data;
	sd_event_source *hangup;
	size_t sent;			/* of a stream */
	void (*on_answer)(void *data, int status, size_t bytes);
	void *answer_data;
};

struct http_server {
	sd_event *loop;
	struct MHD_Daemon *mhd;
	sd_event_source *io;
	struct loop_timer timer;
	http_handler handler;
	void *data;
	size_t max_body;
	char *unix_path;
	int port;
	struct http_tls *tls;
	struct http_request *requests, *events;
	unsigned depth;
	bool dead;
};

/* --- requests -------------------------------------------------------------- */

static void pairs_free(struct pairs *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->p[i].key);
		free(l->p[i].value);
	}
	free(l->p);
}

static void drop_piece(struct http_request *req)
{
	struct piece *p = req->out;

	req->out = p->next;
	req->out_off = 0;
	if (!req->out)
		req->out_last = NULL;
	bytes_unref(p->shared);
	buf_free(&p->own);
	free(p);
}

static void maybe_free(struct http_request *req)
{
	if (req->conn || req->event || (req->handed && !req->done))
		return;
	if (req->response)
		MHD_destroy_response(req->response);
	pairs_free(&req->query);
	pairs_free(&req->headers);
	buf_free(&req->body);
	while (req->out)
		drop_piece(req);
	free(req->method);
	free(req->path);
	free(req->peer);
	http_tls_groups_free(req->groups);
	free(req);
}

static void add_event(struct http_request *req)
{
	if (req->event)
		return;
	req->event = true;
	DL_APPEND2(req->s->events, req, eprev, enext);
	loop_timer_start_by(&req->s->timer, 0);
}

static void resume(struct http_request *req)
{
	if (!req->suspended)
		return;
	req->suspended = false;
	MHD_resume_connection(req->conn);
	loop_timer_start_by(&req->s->timer, 0);
}

static void suspend(struct http_request *req)
{
	req->suspended = true;
	MHD_suspend_connection(req->conn);
}

static enum MHD_Result take_pair(void *data, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct pairs *l = data;

	l->p = xrealloc(l->p, (l->n + 1) * sizeof(*l->p));
	l->p[l->n++] = (struct pair){ xstrdup(key), xstrdup(value ? value : "") };
	return MHD_YES;
}

static struct http_request *request_new(struct http_server *s, struct MHD_Connection *conn, const char *method,
					const char *url)
{
	struct http_request *req = xnew0(struct http_request);
	const union MHD_ConnectionInfo *info;
	const char *length;
	int64_t n;

	req->s = s;
	req->conn = conn;
	req->method = xstrdup(method);
	req->path = xstrdup(url);
	MHD_get_connection_values(conn, MHD_GET_ARGUMENT_KIND, take_pair, &req->query);
	MHD_get_connection_values(conn, MHD_HEADER_KIND, take_pair, &req->headers);
	if (s->tls) {
		info = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_GNUTLS_SESSION);
		req->peer = http_tls_peer(info->tls_session, &req->groups);
	}
	length = http_request_header(req, "Content-Length");
	req->too_large = length && (parse_i64(length, 0, INT64_MAX, &n) < 0 || (uint64_t)n > s->max_body);
	DL_APPEND(s->requests, req);
	return req;
}

static enum MHD_Result refuse(struct http_request *req, int status, const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result ret;

	if (!r)
		abort();
	MHD_add_response_header(r, "Content-Type", "text/plain");
	ret = MHD_queue_response(req->conn, status, r);
	MHD_destroy_response(r);
	return ret;
}

/* The beginning of a request, each piece of its body, and its end. */
static enum MHD_Result on_access(void *data, struct MHD_Connection *conn, const char *url, const char *method,
				 const char *version, const char *upload, size_t *upload_len, void **con_cls)
{
	struct http_request *req = *con_cls;
	struct http_server *s = data;

	if (!req) {
		*con_cls = req = request_new(s, conn, method, url);
		if (s->tls && !req->peer)
			return refuse(req, 401, "a client certificate is required\n");
		if (req->too_large)
			return refuse(req, 413, "the request body is too long\n");
		return MHD_YES;
	}
	if (*upload_len) {
		req->too_large |= req->body.len + *upload_len > s->max_body;
		if (!req->too_large)
			buf_add(&req->body, upload, *upload_len);
		*upload_len = 0;
		return MHD_YES;
	}
	if (req->too_large)
		return refuse(req, 413, "the request body is too long\n");
	if (req->response)
		return MHD_queue_response(conn, req->status, req->response);
	suspend(req);
	req->handed = true;
	add_event(req);
	return MHD_YES;
}

static void on_completed(void *data, struct MHD_Connection *conn, void **con_cls,
			 enum MHD_RequestTerminationCode why)
{
	struct http_request *req = *con_cls;
	struct http_server *s = data;

	if (!req)
		return;
	*con_cls = NULL;
	loop_source_drop(&req->hangup);
	DL_DELETE(s->requests, req);
	req->conn = NULL;
	req->suspended = false;
	if (req->streaming && !req->ended)
		add_event(req);
	maybe_free(req);
}

static void answered(struct http_request *req, size_t bytes)
{
	void (*fn)(void *, int, size_t) = TAKE_PTR(req->on_answer);

	if (fn)
		fn(req->answer_data, req->status, bytes);
}

static void deliver(struct http_server *s)
{
	while (s->events) {
		struct http_request *req = s->events;

		DL_DELETE2(s->events, req, eprev, enext);
		req->event = false;
		if (!req->streaming && !req->done) {
			loop_part("request for", http_request_path(req));
			s->handler(s->data, req);
		} else if (req->streaming && !req->ended && !req->conn) {
			req->ended = req->done = true;
			answered(req, req->sent);
			req->on_close(req->close_data);
			maybe_free(req);
		} else if (req->streaming && !req->ended) {
			void (*fn)(void *) = TAKE_PTR(req->on_drain);

			if (fn)
				fn(req->close_data);
		} else {
			maybe_free(req);
		}
	}
}

static void leave(struct http_server *s)
{
	if (--s->depth == 0 && s->dead)
		free(s);
}

static void run(struct http_server *s)
{
	MHD_UNSIGNED_LONG_LONG ms;

	loop_part("HTTP server", NULL);
	s->depth++;
	MHD_run(s->mhd);
	deliver(s);
	if (!s->dead && MHD_get_timeout(s->mhd, &ms) == MHD_YES)
		loop_timer_start_by(&s->timer, ms * 1000);
	leave(s);
}

static int on_io(sd_event_source *src, int fd, uint32_t revents, void *data)
{
	run(data);
	return 0;
}

static void on_timer(void *data)
{
	run(data);
}

/* --- life -------------------------------------------------------------------- */

/* A stream may have nothing to send for hours: the kernel finds out whether there is still somebody. */
static void notice_dead_peers(int fd)
{
	static const int on = 1, idle = KEEPALIVE_IDLE_S, interval = KEEPALIVE_INTERVAL_S, count = KEEPALIVE_COUNT;
	static const unsigned unanswered = UNANSWERED_MS;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered, sizeof(unanswered));
}

static void on_connection(void *data, struct MHD_Connection *conn, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http_server *s = data;
	const union MHD_ConnectionInfo *info;

	if (code != MHD_CONNECTION_NOTIFY_STARTED)
		return;
	if (!s->unix_path)
		notice_dead_peers(MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
	if (!s->tls)
		return;
	info = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	http_tls_require_peer(info->tls_session);
}

static struct MHD_Daemon *start(struct http_server *s, int fd)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | (s->tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem options[] = {
		{ MHD_OPTION_LISTEN_SOCKET, fd, NULL },
		{ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, s },
		{ MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, s },
		{ MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S, NULL },
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, CONNECTION_LIMIT, NULL },
		{ MHD_OPTION_END, 0, NULL },	/* room for the three of TLS */
		{ MHD_OPTION_END, 0, NULL },
		{ MHD_OPTION_END, 0, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem *end = options;

	while (end->option != MHD_OPTION_END)
		end++;
	if (s->tls) {
		*end++ = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_TRUST, 0, s->tls->ca };
		*end++ = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, s->tls->cert };
		*end++ = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, s->tls->key };
	}
	return MHD_start_daemon(flags, 0, NULL, NULL, on_access, s, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

int http_server_new(sd_event *loop, const struct http_server_config *config, http_handler handler,
		    void *data, struct http_server **ret, char **ret_msg)
{
	struct http_server *s = xnew0(struct http_server);
	_cleanup_close_ int fd = -1;
	int r = 0;

	s->loop = sd_event_ref(loop);
	s->handler = handler;
	s->data = data;
	s->max_body = config->max_body ? config->max_body : MAX_BODY;
	loop_timer_init(&s->timer, loop, on_timer, s);
	if (config->ca_file || config->cert_file || config->key_file)
		r = http_tls_load(config->ca_file, config->cert_file, config->key_file, &s->tls, ret_msg);
	if (r == 0)
		r = fd = http_listen(config->listen, s->tls != NULL, &s->unix_path, &s->port, ret_msg);
	if (r >= 0) {
		s->mhd = start(s, fd);
		if (s->mhd) {
			TAKE_FD(fd);	/* libmicrohttpd closes it */
		} else {
			r = -EIO;
			*ret_msg = xasprintf("cannot serve HTTP on %s: libmicrohttpd does not start", config->listen);
		}
	}
	if (r >= 0)
		r = sd_event_add_io(loop, &s->io, MHD_get_daemon_info(s->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
				    EPOLLIN, on_io, s);
	if (r < 0) {
		http_server_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

void http_server_free(struct http_server *s)
{
	struct http_request *req;

	if (!s)
		return;
	s->depth++;
	loop_source_drop(&s->io);
	if (s->mhd) {
		/* It cannot stop while connections are suspended. */
		DL_FOREACH(s->requests, req) {
			req->broken = true;
			resume(req);
			if (req->streaming)
				continue;
			if (req->event)		/* its handler never saw it */
				req->done = true;
			else if (!req->done)
				req->s = NULL;
		}
		MHD_stop_daemon(s->mhd);
	}
	deliver(s);
	loop_timer_stop(&s->timer);
	if (s->unix_path)
		unlink(s->unix_path);
	free(s->unix_path);
	http_tls_free(s->tls);
	sd_event_unref(s->loop);
	s->dead = true;
	leave(s);
}

int http_server_port(const struct http_server *s)
{
	return s->port;
}

/* --- reading ------------------------------------------------------------------ */

const char *http_request_method(const struct http_request *req)
{
	return req->method;
}

const char *http_request_path(const struct http_request *req)
{
	return req->path;
}

const char *http_request_query(const struct http_request *req, const char *key)
{
	for (size_t i = 0; i < req->query.n; i++)
		if (streq(req->query.p[i].key, key))
			return req->query.p[i].value;
	return NULL;
}

void http_request_each_query(const struct http_request *req,
			     void (*fn)(void *data, const char *key, const char *value), void *data)
{
	for (size_t i = 0; i < req->query.n; i++)
		fn(data, req->query.p[i].key, req->query.p[i].value);
}

const char *http_request_header(const struct http_request *req, const char *name)
{
	for (size_t i = 0; i < req->headers.n; i++)
		if (strcasecmp(req->headers.p[i].key, name) == 0)
			return req->headers.p[i].value;
	return NULL;
}

const char *http_request_body(const struct http_request *req, size_t *ret_len)
{
	if (ret_len)
		*ret_len = req->body.len;
	return req->body.data ? req->body.data : "";
}

void http_request_each_header(const struct http_request *req, const char *name,
			      void (*fn)(void *data, const char *value), void *data)
{
	for (size_t i = 0; i < req->headers.n; i++)
		if (strcasecmp(req->headers.p[i].key, name) == 0)
			fn(data, req->headers.p[i].value);
}

const char *const *http_request_peer_groups(const struct http_request *req)
{
	return (const char *const *)req->groups;
}

const char *http_request_peer_name(const struct http_request *req)
{
	return req->peer;
}

bool http_request_is_tls(const struct http_request *req)
{
	return req->s && req->s->tls;
}

/* --- answering ---------------------------------------------------------------- */

void http_request_on_answer(struct http_request *req, void (*fn)(void *data, int status, size_t bytes), void *data)
{
	req->on_answer = fn;
	req->answer_data = data;
}

static void add_headers(struct MHD_Response *r, const char *content_type, const char *extra)
{
	_cleanup_free_ char *copy = xstrdup(extra ? extra : "");
	char *save = NULL;

	if (content_type)
		MHD_add_response_header(r, "Content-Type", content_type);
	for (char *line = strtok_r(copy, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon++ = '\0';
		MHD_add_response_header(r, line, colon + strspn(colon, " "));
	}
}

void http_respond(struct http_request *req, int status, const char *content_type,
		  const void *body, size_t len, const char *extra_headers)
{
	req->done = true;
	req->status = status;
	answered(req, len);
	if (!req->conn) {
		maybe_free(req);
		return;
	}
	req->response = MHD_create_response_from_buffer(len, (void *)body, MHD_RESPMEM_MUST_COPY);
	if (!req->response)
		abort();
	add_headers(req->response, content_type, extra_headers);
	resume(req);
}

static bool drained(const struct http_request *req)
{
	return req->on_drain && !req->ended && req->backlog <= req->drain_low;
}

static ssize_t read_stream(void *data, uint64_t pos, char *out, size_t max)
{
	struct http_request *req = data;
	size_t n = 0;

	if (req->broken)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (!req->out && req->ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	while (req->out && n < max) {
		const struct piece *p = req->out;
		const char *from = p->shared ? p->shared->data : p->own.data;
		size_t len = p->shared ? p->shared->len : p->own.len, some = len - req->out_off;

		some = some < max - n ? some : max - n;
		memcpy(out + n, from + req->out_off, some);
		n += some;
		req->out_off += some;
		if (req->out_off == len)
			drop_piece(req);
	}
	req->backlog -= n;
	if (drained(req))
		add_event(req);
	if (!n)
		suspend(req);
	req->sent += n;
	return (ssize_t)n;
}

/* A suspended connection is not in libmicrohttpd's epoll set, so that nobody else sees its client go. */
static int on_hangup(sd_event_source *src, int fd, uint32_t revents, void *data)
{
	struct http_request *req = data;

	loop_source_drop(&req->hangup);
	req->broken = true;
	resume(req);
	return 0;
}

static void stream_begin(struct http_request *req, int status, const char *content_type, const char *extra_headers,
			 size_t block, void (*on_close)(void *data), void *data)
{
	const union MHD_ConnectionInfo *info;

	req->streaming = true;
	req->status = status;
	req->on_close = on_close;
	req->close_data = data;
	if (!req->conn) {
		if (req->s)
			add_event(req);
		return;
	}
	req->response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, block, read_stream, req, NULL);
	if (!req->response)
		abort();
	add_headers(req->response, content_type, extra_headers);
	req->status = status;
	info = MHD_get_connection_info(req->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (sd_event_add_io(req->s->loop, &req->hangup, info->connect_fd, EPOLLRDHUP, on_hangup, req) < 0)
		abort();
	resume(req);
}

void http_stream_begin(struct http_request *req, int status, const char *content_type,
		       void (*on_close)(void *data), void *data)
{
	stream_begin(req, status, content_type, NULL, STREAM_BLOCK, on_close, data);
}

void http_stream_begin_bulk(struct http_request *req, int status, const char *content_type, const char *extra_headers,
			    void (*on_close)(void *data), void *data)
{
	stream_begin(req, status, content_type, extra_headers, BULK_BLOCK, on_close, data);
}

static struct piece *add_piece(struct http_request *req)
{
	struct piece *p = xnew0(struct piece);

	if (req->out_last)
		req->out_last->next = p;
	else
		req->out = p;
	req->out_last = p;
	return p;
}

void http_stream_write(struct http_request *req, const void *p, size_t len)
{
	struct piece *last = req->out_last;

	if (!req->conn || req->broken || !len)
		return;
	if (!last || last->shared || last->own.len >= PIECE_MAX)
		last = add_piece(req);
	buf_add(&last->own, p, len);
	req->backlog += len;
	resume(req);
}

void http_stream_write_bytes(struct http_request *req, struct bytes *b)
{
	if (!req->conn || req->broken || !b->len)
		return;
	add_piece(req)->shared = bytes_ref(b);
	req->backlog += b->len;
	resume(req);
}

void http_stream_end(struct http_request *req)
{
	req->ended = req->done = true;
	answered(req, req->sent + http_stream_backlog(req));
	if (req->conn)
		resume(req);
	else
		maybe_free(req);
}

void http_stream_abort(struct http_request *req)
{
	req->broken = true;
	http_stream_end(req);
}

size_t http_stream_backlog(const struct http_request *req)
{
	return req->backlog;
}

void http_stream_on_drain(struct http_request *req, size_t low, void (*fn)(void *data))
{
	req->drain_low = low;
	req->on_drain = fn;
	if (req->conn && drained(req))
		add_event(req);
}
