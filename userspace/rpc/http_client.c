// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * http_client.c - see http_client.h
 *
 * Inside libcurl's callbacks bytes are only put aside; the users' callbacks run
 * in deliver(), when libcurl is off the stack. So they may make and cancel
 * calls and free the client.
 */
#include "rpc/http_client.h"

#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <utlist.h>
#include "base/loop.h"
#include "base/loop_stats.h"

#define CONNECT_TIMEOUT_MS 10000L
#define TIMEOUT_MS 30000u
#define MAX_ANSWER (256u << 20)
#define KEEPALIVE_IDLE_S 15L
#define KEEPALIVE_INTERVAL_S 5L
#define USER_TIMEOUT_MS 30000u	/* unanswered data or probes end a connection after this */

struct http_call {
	struct http_client *c;
	struct http_call *prev, *next;		/* in c->calls */
	struct http_call *rprev, *rnext;	/* in c->ready */
	CURL *easy;
	struct curl_slist *headers;
	char error[CURL_ERROR_SIZE];
	bool ready, over;
	CURLcode result;
	struct buf rx;
	http_chunk_cb on_chunk;
	http_done_cb cb;
	void *data;
};

struct http_client {
	sd_event *loop;
	CURLM *multi;
	char *base_url, *unix_socket, *ca_file, *cert_file, *key_file;
	bool any_peer;
	struct loop_timer timer;
	struct http_call *calls, *ready, *current;
	unsigned depth;
	bool dead;
};

static void leave(struct http_client *c)
{
	if (--c->depth == 0 && c->dead)
		free(c);
}

static void mark_ready(struct http_call *call)
{
	if (call->ready)
		return;
	call->ready = true;
	DL_APPEND2(call->c->ready, call, rprev, rnext);
}

static void call_free(struct http_call *call)
{
	struct http_client *c = call->c;

	DL_DELETE(c->calls, call);
	if (call->ready)
		DL_DELETE2(c->ready, call, rprev, rnext);
	if (c->current == call)
		c->current = NULL;
	if (!call->over)
		curl_multi_remove_handle(c->multi, call->easy);
	curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	buf_free(&call->rx);
	free(call);
}

static int status_of(const struct http_call *call)
{
	long status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static void finish(struct http_call *call, struct buf *rx)
{
	struct http_client *c = call->c;
	CURLcode result = call->result;
	int status = status_of(call), err = 0;
	_cleanup_free_ char *msg = NULL;
	http_done_cb cb = call->cb;
	void *data = call->data;

	if (result != CURLE_OK) {
		err = result == CURLE_OPERATION_TIMEDOUT ? -ETIMEDOUT : -EAGAIN;
		msg = xasprintf("%s%s%s: %s", c->base_url, c->unix_socket ? " at " : "",
				c->unix_socket ? c->unix_socket : "",
				call->error[0] ? call->error : curl_easy_strerror(result));
	}
	call_free(call);
	cb(data, err, msg, status, rx->data ? rx->data : "", rx->len);
}

static bool streams(const struct http_call *call)
{
	return call->on_chunk && status_of(call) / 100 == 2;
}

static void deliver(struct http_client *c)
{
	while (!c->dead && c->ready) {
		struct http_call *call = c->ready;
		struct buf rx = call->rx;

		DL_DELETE2(c->ready, call, rprev, rnext);
		call->ready = false;
		call->rx = (struct buf){ 0 };	/* must outlive the call during its callback */
		c->current = call;
		if (streams(call) && rx.len) {
			call->on_chunk(call->data, rx.data, rx.len);
			buf_free(&rx);
		}
		if (c->current && call->over) {
			finish(call, &rx);
		} else if (c->current && rx.data) {
			call->rx = rx;
			rx = (struct buf){ 0 };
		}
		c->current = NULL;
		buf_free(&rx);
	}
}

/* --- libcurl's side ---------------------------------------------------------- */

static size_t on_body(char *p, size_t size, size_t n, void *data)
{
	struct http_call *call = data;

	if (call->rx.len + size * n > MAX_ANSWER)
		return 0;
	buf_add(&call->rx, p, size * n);
	if (call->on_chunk)
		mark_ready(call);
	return size * n;
}

static void act(struct http_client *c, curl_socket_t fd, int mask)
{
	struct http_call *call;
	CURLMsg *m;
	int left, running;

	loop_part("answers of", c->base_url);
	c->depth++;
	curl_multi_socket_action(c->multi, fd, mask, &running);
	while ((m = curl_multi_info_read(c->multi, &left))) {
		CURLcode result = m->data.result;

		if (m->msg != CURLMSG_DONE || curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &call) != CURLE_OK)
			continue;
		curl_multi_remove_handle(c->multi, call->easy);
		call->over = true;
		call->result = result;
		mark_ready(call);
	}
	deliver(c);
	leave(c);
}

static int on_io(sd_event_source *src, int fd, uint32_t revents, void *data)
{
	int mask = 0;

	if (revents & EPOLLIN)
		mask |= CURL_CSELECT_IN;
	if (revents & EPOLLOUT)
		mask |= CURL_CSELECT_OUT;
	if (revents & (EPOLLERR | EPOLLHUP))
		mask |= CURL_CSELECT_ERR;
	act(data, fd, mask);
	return 0;
}

static void on_timer(void *data)
{
	act(data, CURL_SOCKET_TIMEOUT, 0);
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *per_socket)
{
	struct http_client *c = data;
	sd_event_source *src = per_socket;
	uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);

	if (what == CURL_POLL_REMOVE) {
		loop_source_drop(&src);
		curl_multi_assign(c->multi, fd, NULL);
		return 0;
	}
	if (src) {
		sd_event_source_set_io_events(src, events);
		return 0;
	}
	if (sd_event_add_io(c->loop, &src, fd, events, on_io, c) < 0)
		return -1;
	curl_multi_assign(c->multi, fd, src);
	return 0;
}

static int set_timer(CURLM *multi, long ms, void *data)
{
	struct http_client *c = data;

	if (ms < 0)
		loop_timer_stop(&c->timer);
	else
		loop_timer_start(&c->timer, ms * 1000ULL);
	return 0;
}

static int set_socket_options(void *data, curl_socket_t fd, curlsocktype purpose)
{
	unsigned ms = USER_TIMEOUT_MS;

	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));	/* fails on a unix socket, which needs none */
	return CURL_SOCKOPT_OK;
}

/* --- the client ------------------------------------------------------------- */

static int check_config(const struct http_client_config *config, char **ret_msg)
{
	const char *files[] = { config->ca_file, config->cert_file, config->key_file };
	CURLU *u = curl_url();
	CURLUcode code = config->base_url ? curl_url_set(u, CURLUPART_URL, config->base_url, 0) : CURLUE_NO_HOST;

	curl_url_cleanup(u);
	if (code || (!startswith(config->base_url, "http://") && !startswith(config->base_url, "https://"))) {
		*ret_msg = xasprintf("\"%s\" is no HTTP address", config->base_url ? config->base_url : "");
		return -EINVAL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (files[i] && access(files[i], R_OK) < 0) {
			int r = -errno;

			*ret_msg = xasprintf("%s: %s", files[i], strerror(-r));
			return r;
		}
	}
	return 0;
}

static char *dup_or_null(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

int http_client_new(sd_event *loop, const struct http_client_config *config,
		    struct http_client **ret, char **ret_msg)
{
	static bool initialized;
	struct http_client *c;
	size_t n;
	int r;

	if (!initialized && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort();
	initialized = true;
	r = check_config(config, ret_msg);
	if (r < 0)
		return r;
	c = xnew0(struct http_client);
	c->loop = sd_event_ref(loop);
	c->base_url = xstrdup(config->base_url);
	n = strlen(c->base_url);
	if (c->base_url[n - 1] == '/')
		c->base_url[n - 1] = '\0';
	c->unix_socket = dup_or_null(config->unix_socket);
	c->ca_file = dup_or_null(config->ca_file);
	c->cert_file = dup_or_null(config->cert_file);
	c->key_file = dup_or_null(config->key_file);
	c->any_peer = config->any_peer;
	loop_timer_init(&c->timer, loop, on_timer, c);
	c->multi = curl_multi_init();
	if (!c->multi)
		abort();
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	*ret = c;
	return 0;
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	c->depth++;
	while (c->calls)
		call_free(c->calls);
	curl_multi_cleanup(c->multi);
	loop_timer_stop(&c->timer);
	free(c->base_url);
	free(c->unix_socket);
	free(c->ca_file);
	free(c->cert_file);
	free(c->key_file);
	sd_event_unref(c->loop);
	c->dead = true;
	leave(c);
}

static void add_line(struct http_call *call, const char *line)
{
	struct curl_slist *l = curl_slist_append(call->headers, line);

	if (!l)
		abort();
	call->headers = l;
}

static void add_header(struct http_call *call, const char *name, const char *value)
{
	_cleanup_free_ char *line = xasprintf("%s: %s", name, value);

	add_line(call, line);
}

static void set_method(CURL *e, const struct http_call_opts *o)
{
	if (streq(o->method, "HEAD")) {
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
		return;
	}
	if (o->body || streq(o->method, "POST") || streq(o->method, "PUT") || streq(o->method, "PATCH")) {
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)o->body_len);
		curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS, o->body ? o->body : "");
	}
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, o->method);
}

static void set_tls(CURL *e, const struct http_client *c)
{
	if (c->ca_file)
		curl_easy_setopt(e, CURLOPT_CAINFO, c->ca_file);
	if (c->cert_file)
		curl_easy_setopt(e, CURLOPT_SSLCERT, c->cert_file);
	if (c->key_file)
		curl_easy_setopt(e, CURLOPT_SSLKEY, c->key_file);
	if (c->any_peer) {
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

struct http_call *http_call(struct http_client *c, const struct http_call_opts *o,
			    http_done_cb cb, void *data)
{
	_cleanup_free_ char *url = xasprintf("%s%s", c->base_url, o->path);
	struct http_call *call = xnew0(struct http_call);
	CURL *e = curl_easy_init();

	if (!e)
		abort();
	call->c = c;
	call->easy = e;
	call->cb = cb;
	call->data = data;
	call->on_chunk = o->on_chunk;
	curl_easy_setopt(e, CURLOPT_PRIVATE, call);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, call->error);
	curl_easy_setopt(e, CURLOPT_URL, url);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "keelson");
	if (c->unix_socket)
		curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, c->unix_socket);
	set_tls(e, c);
	set_method(e, o);
	add_header(call, "Accept", o->accept ? o->accept : "application/json");
	add_header(call, "Content-Type", o->content_type ? o->content_type : "");	/* empty: libcurl leaves it out */
	add_header(call, "Expect", "");
	for (size_t i = 0; o->headers && o->headers[i]; i++)
		add_line(call, o->headers[i]);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, call->headers);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	if (!o->on_chunk)
		curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)(o->timeout_ms ? o->timeout_ms : TIMEOUT_MS));
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
	curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, set_socket_options);
	DL_APPEND(c->calls, call);
	if (curl_multi_add_handle(c->multi, e) != CURLM_OK)
		abort();
	return call;
}

void http_call_cancel(struct http_call *call)
{
	if (call)
		call_free(call);
}

void http_call_pause(struct http_call *call, bool paused)
{
	if (call->over)
		return;
	curl_easy_pause(call->easy, paused ? CURLPAUSE_RECV : CURLPAUSE_CONT);
	if (!paused)
		loop_timer_start_by(&call->c->timer, 0);	/* what libcurl had kept is delivered from there */
}

char *url_encode(const char *s)
{
	struct buf b = { 0 };

	for (; *s; s++) {
		unsigned char ch = *s;

		if ((ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') ||
		    strchr("-._~", ch))
			buf_add(&b, s, 1);
		else
			buf_printf(&b, "%%%02X", ch);
	}
	return buf_steal(&b);
}
