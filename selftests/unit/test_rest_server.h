/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_rest_server.h - the whole API in a test: etcd, the registry, REST on a
 *                      unix socket, and a client
 *
 * etcd is a real one, or test_fake_etcd.h where that was included before.
 */
#ifndef KEELSON_TEST_REST_SERVER_H
#define KEELSON_TEST_REST_SERVER_H

#include "test_loop.h"

#include <stdio.h>
#include "api/kinds/kinds.h"
#include "api/registry/registry.h"
#include "api/rest/rest.h"
#include "base/loop.h"
#include "rpc/http_client.h"
#include "test_etcd_server.h"

#define WAIT_MS 30000

static struct {
	sd_event *loop;
	struct etcd_server server;
	struct etcd *etcd;
	struct store *store;
	struct rest *rest;
	struct http_server *http;
	struct http_client *client;
} api;

static inline void api_start(void)
{
	const struct registry_config config = { .service_cidr = "10.96.0.0/16", .cluster_cidr = "10.244.0.0/16", .node_prefix_len = 24 };
	_cleanup_free_ char *listen = NULL;
	struct http_client_config c = { .base_url = "http://localhost" };
	struct http_server_config h = {0};
	_cleanup_free_ char *sock = NULL;
	struct rest_config r = {0};
	char *msg = NULL;

	assert_int_equal(loop_new(&api.loop), 0);
	sock = xasprintf("/tmp/keelson-test-rest.%d.sock", getpid());
	listen = xasprintf("unix:%s", sock);
	h.listen = listen;
	c.unix_socket = sock;
#ifdef KEELSON_TEST_FAKE_ETCD_H
	fake.loop = api.loop;
#else
	struct etcd_config e = {0};

	etcd_server_new(&api.server);
	e.endpoints = api.server.url;
	assert_int_equal(etcd_new(api.loop, &e, &api.etcd, &msg), 0);
#endif
	assert_int_equal(registry_new(api.loop, api.etcd, &config, &api.store, &msg), 0);
	r.store = api.store;
	api.rest = rest_new(api.loop, &r);
	assert_int_equal(http_server_new(api.loop, &h, rest_handle, api.rest, &api.http, &msg), 0);
	assert_int_equal(http_client_new(api.loop, &c, &api.client, &msg), 0);
}

static inline void api_stop(void)
{
	http_client_free(api.client);
	http_server_free(api.http);
	rest_free(api.rest);
	api.store->ops->free(api.store);
	loop_for(api.loop, 50);
#ifndef KEELSON_TEST_FAKE_ETCD_H
	etcd_free(api.etcd);
	etcd_server_free(&api.server);
#endif
	sd_event_unref(api.loop);
}

/* --- requests ------------------------------------------------------------------------ */

struct reply {
	struct http_call *call;
	int calls, err, status;
	struct buf body;
	size_t pause_at;	/* stops reading when so much is there; 0: never */
	bool paused;
};

static inline void on_reply(void *data, int err, const char *msg, int status, const char *body, size_t len)
{
	struct reply *r = data;

	r->calls++;
	r->err = err;
	r->status = status;
	if (len)
		buf_add(&r->body, body, len);
}

static inline void on_reply_chunk(void *data, const char *p, size_t len)
{
	struct reply *r = data;

	buf_add(&r->body, p, len);
	if (r->pause_at && r->body.len >= r->pause_at && !r->paused) {
		r->paused = true;
		http_call_pause(r->call, true);
	}
}

/* A streamed answer goes to r->body as it comes. */
static inline void api_ask(struct reply *r, const char *method, const char *path, const char *body, const char *accept, bool stream)
{
	const struct http_call_opts o = {
		.method = method, .path = path, .body = body, .body_len = body ? strlen(body) : 0, .accept = accept,
		.content_type = body ? "application/json" : NULL, .on_chunk = stream ? on_reply_chunk : NULL,
	};

	r->call = http_call(api.client, &o, on_reply, r);
}

static inline void reply_free(struct reply *r)
{
	buf_free(&r->body);
	*r = (struct reply){0};
}

/* The answer as a tree that the caller owns. */
static inline json *api_json(const char *method, const char *path, const char *body, int status)
{
	struct reply r = {0};
	json *j = NULL;

	api_ask(&r, method, path, body, NULL, false);
	loop_until(api.loop, WAIT_MS, r.calls);
	if (r.err || r.status != status)
		fail_msg("%s %s: %d, %d %.300s", method, path, r.err, r.status, r.body.data ? r.body.data : "");
	assert_int_equal(json_parse(r.body.data, r.body.len, &j, NULL), 0);
	reply_free(&r);
	return j;
}

static inline void api_do(const char *method, const char *path, const char *body, int status)
{
	json *j = api_json(method, path, body, status);

	json_freep(&j);
}

/* --- watches -------------------------------------------------------------------------- */

/* "ADDED a,MODIFIED b,..." of what came so far; good until the next call. */
static inline const char *events_of(const struct reply *r)
{
	static char text[4096];
	struct buf b = {0};
	const char *p = r->body.data, *end;

	for (; p && (end = strchr(p, '\n')); p = end + 1) {
		_cleanup_json_ json *ev = NULL;
		const json *meta;

		assert_int_equal(json_parse(p, (size_t)(end - p), &ev, NULL), 0);
		meta = json_get(ev, "object", "metadata");
		buf_printf(&b, "%s%s", b.len ? "," : "", json_str(json_get(ev, "type")));
		if (json_get(meta, "name"))
			buf_printf(&b, " %s", json_str(json_get(meta, "name")));
		else if (json_get(meta, "annotations"))
			buf_puts(&b, " end");
		else if (json_get(ev, "object", "code"))
			buf_printf(&b, " %lld", (long long)json_int(json_get(ev, "object", "code"), 0));
	}
	snprintf(text, sizeof(text), "%s", b.data ? b.data : "");
	buf_free(&b);
	return text;
}

static inline bool events_are(const struct reply *r, const char *want)
{
	return !strcmp(events_of(r), want);
}

#endif
