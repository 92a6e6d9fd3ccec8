/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http_client.h - HTTP requests on the event loop (libcurl's multi interface)
 */
#ifndef KEELSON_RPC_HTTP_CLIENT_H
#define KEELSON_RPC_HTTP_CLIENT_H

#include <systemd/sd-event.h>
#include "base/util.h"

struct http_client;
struct http_call;

struct http_client_config {
	const char *base_url;	/* "https://10.0.0.1:6443", "http://127.0.0.1:8080"; with unix_socket the host part is ignored */
	const char *unix_socket;	/* or NULL */
	const char *ca_file, *cert_file, *key_file;	/* or NULL */
	bool any_peer;		/* the server's certificate is not verified */
};
/* Strings are copied. 0, or negative errno with *ret_msg to free. */
int http_client_new(sd_event *loop, const struct http_client_config *config,
		    struct http_client **ret, char **ret_msg);
void http_client_free(struct http_client *c);

/* err: 0 when an answer came (whatever its status), else -EAGAIN / -ETIMEDOUT with msg. Body NUL-terminated. */
typedef void (*http_done_cb)(void *data, int err, const char *msg, int status, const char *body, size_t len);
/* A piece of a streamed body with status 2xx. */
typedef void (*http_chunk_cb)(void *data, const char *p, size_t len);

struct http_call_opts {
	const char *method;		/* "GET" ... */
	const char *path;		/* path and query, already encoded, starts with '/' */
	const char *content_type;	/* or NULL */
	const char *accept;		/* or NULL: application/json; "": none is sent */
	const char *const *headers;	/* more of them, "Name: value" or "Name;" (empty), NULL at the end; or NULL */
	const void *body;		/* copied; NULL: none */
	size_t body_len;
	unsigned timeout_ms;		/* 0: 30 s; ignored with on_chunk */
	http_chunk_cb on_chunk;		/* NULL: the whole body goes to the done callback */
};
/* The callback comes from the loop, exactly once, unless http_call_cancel() came first. */
struct http_call *http_call(struct http_client *c, const struct http_call_opts *opts,
			    http_done_cb cb, void *data);
void http_call_cancel(struct http_call *call);
/*
 * For a slow consumer of chunks: while paused, no more is read from the peer,
 * so that it soon stops sending; what was read already still comes. A peer that
 * goes away meanwhile is noticed afterwards.
 */
void http_call_pause(struct http_call *call, bool paused);
/* Percent-encodes one path segment or query value; caller frees. */
char *url_encode(const char *s);

#endif
