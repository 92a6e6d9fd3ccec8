/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http_server.h - HTTP/1.1 over TCP, TLS or a unix socket, on the event loop
 *
 * A thin layer over libmicrohttpd (external epoll, suspend and resume). A
 * handler gets a whole request and answers when it likes, at once or later,
 * with one body or with a stream.
 */
#ifndef KEELSON_RPC_HTTP_SERVER_H
#define KEELSON_RPC_HTTP_SERVER_H

#include <systemd/sd-event.h>
#include "base/bytes.h"
#include "base/util.h"

struct http_server;
struct http_request;

struct http_server_config {
	const char *listen;	/* "127.0.0.1:6443", "localhost:6443", "[::1]:6443", "0.0.0.0:6443" or "unix:/run/x.sock" */
	/* PEM files; all three or none. Without them only loopback and unix: are allowed (-EPERM). */
	const char *ca_file, *cert_file, *key_file;
	size_t max_body;	/* bytes; larger requests are answered 413; 0: 3 MiB, etcd's own limit doubled */
};

/*
 * Called from the loop once per request, when its body is complete. It must
 * answer, now or later, even when the client went away meanwhile; the request
 * is gone with http_respond(), http_stream_end() or on_close.
 */
typedef void (*http_handler)(void *data, struct http_request *req);

/* 0, or negative errno and *ret_msg (a sentence, to free): -EPERM, -EADDRINUSE, -EINVAL ... */
int http_server_new(sd_event *loop, const struct http_server_config *config, http_handler handler,
		    void *data, struct http_server **ret, char **ret_msg);
/*
 * Streams that are open get their on_close. A request that was not answered
 * yet stays with its handler, which still answers it, to nobody.
 */
void http_server_free(struct http_server *s);
/* True for a `listen` that needs no TLS: a unix socket or a loopback address. */
bool http_listen_is_local(const char *listen);
/* False for an http:// URL whose host is not loopback: what is said there, anybody on the way can read and change. */
bool http_url_is_safe(const char *url);
/* The TCP port it listens on (when `listen` said ":0"); 0 on a unix socket. */
int http_server_port(const struct http_server *s);

/* Reading; borrowed until the request is answered and done. */
const char *http_request_method(const struct http_request *req);
const char *http_request_path(const struct http_request *req);	/* percent-decoded, starts with '/' */
const char *http_request_query(const struct http_request *req, const char *key);	/* decoded; NULL if absent, "" if without value */
void http_request_each_query(const struct http_request *req, void (*fn)(void *data, const char *key, const char *value), void *data);
const char *http_request_header(const struct http_request *req, const char *name);	/* case-insensitive */
/* The same for a header that may be there more than once. */
void http_request_each_header(const struct http_request *req, const char *name,
			      void (*fn)(void *data, const char *value), void *data);
const char *http_request_body(const struct http_request *req, size_t *ret_len);	/* NUL-terminated */
/* Common name of the verified client certificate; NULL on plain connections. */
const char *http_request_peer_name(const struct http_request *req);
/* False where no certificate could be asked for: plain HTTP on a local socket. */
bool http_request_is_tls(const struct http_request *req);
/* Its organizations, up to a NULL; NULL on plain connections. */
const char *const *http_request_peer_groups(const struct http_request *req);

/*
 * Calls fn once when the request has its answer: a body's when it is given, a
 * stream's when it ends or its client went away. bytes of body, as far as known.
 */
void http_request_on_answer(struct http_request *req, void (*fn)(void *data, int status, size_t bytes), void *data);

/* Answer with one body (copied); ends the request. extra_headers: NULL or "Name: value\r\n..." */
void http_respond(struct http_request *req, int status, const char *content_type,
		  const void *body, size_t len, const char *extra_headers);

/*
 * Answer with a stream (chunked). After http_stream_begin() any number of
 * http_stream_write() (copied, queued), then http_stream_end(). If the client
 * goes away first, on_close is called, once, and the request must not be
 * touched after it; it is not called after http_stream_end().
 */
void http_stream_begin(struct http_request *req, int status, const char *content_type,
		       void (*on_close)(void *data), void *data);
/* As above, for much at once; extra_headers as http_respond()'s. */
void http_stream_begin_bulk(struct http_request *req, int status, const char *content_type, const char *extra_headers,
			    void (*on_close)(void *data), void *data);
void http_stream_write(struct http_request *req, const void *p, size_t len);
/* Queues them without a copy: takes a reference of its own. */
void http_stream_write_bytes(struct http_request *req, struct bytes *b);
void http_stream_end(struct http_request *req);
/* Instead of http_stream_end(): the client is to see that the answer is not whole. */
void http_stream_abort(struct http_request *req);
/* Bytes queued and not yet sent: a slow reader's backlog. */
size_t http_stream_backlog(const struct http_request *req);
/*
 * fn(data), with on_close's data, from the loop and once: as soon as no more
 * than `low` bytes are queued. A later call replaces an earlier one; not after the end.
 */
void http_stream_on_drain(struct http_request *req, size_t low, void (*fn)(void *data));

#endif
