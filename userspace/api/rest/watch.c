// SPDX-License-Identifier: GPL-2.0-or-later
/* watch.c - a watch as a stream of JSON events, one a line */
#include <errno.h>
#include <stdlib.h>

#include "api/rest/internal.h"
#include "api/meta/selector.h"
#include "api/meta/status.h"
#include "base/loop.h"

#define TIMEOUT_MIN_S 1800		/* where the client names none: this to twice this */
#define BOOKMARK_US (60 * UINT64_C(1000000))
#define BACKLOG_MAX (16u << 20)		/* a reader that far behind has to start over */

struct rest_stream {
	struct rest_call *call;
	struct store_watch *watch;
	struct loop_timer timeout, bookmark;
	bool bookmarks;		/* the client wants them */
	bool silent;		/* nothing was told since the watch was opened or etcd came back */
	int64_t rv;		/* the newest revision that the client has been told, 0: none */
};

static void stream_free(struct rest_stream *st)
{
	store_watch_close(st->call->rest->store, st->watch);
	loop_timer_stop(&st->timeout);
	loop_timer_stop(&st->bookmark);
	rest_call_free(st->call);
	free(st);
}

static void on_client_gone(void *data)
{
	stream_free(data);
}

static void end_stream(struct rest_stream *st)
{
	http_stream_end(st->call->req);
	stream_free(st);
}

static void write_event(struct rest_stream *st, const char *type, const json *obj)
{
	enum rest_encoding encoding = st->call->accept.encoding;
	struct buf object = { 0 }, event = { 0 };
	const char *media;

	rest_encode(encoding, obj, &object, &media);
	rest_encode_event(encoding, type, object.data, object.len, &event);
	http_stream_write(st->call->req, event.data, event.len);
	buf_free(&object);
	buf_free(&event);
}

/* A bookmark has no row: only the revision counts. */
static void write_bookmark(struct rest_stream *st)
{
	struct rest_call *c = st->call;
	_cleanup_json_ json *obj = json_new_object();
	_cleanup_free_ char *rv = xasprintf("%lld", (long long)st->rv), *version = api_version_of(c->path.kind->res);
	bool table = c->accept.form == REST_TABLE;

	json_set_str(obj, "kind", table ? "Table" : c->path.kind->res->kind);
	json_set_str(obj, "apiVersion", table ? "meta.k8s.io/v1" : version);
	json_set_str(json_obj(obj, "metadata"), "resourceVersion", rv);
	if (table) {
		json_set(obj, "columnDefinitions", json_new_array());
		json_set(obj, "rows", json_new_array());
	} else {
		json_set(json_obj(obj, "metadata"), "creationTimestamp", json_new_null());
	}
	write_event(st, "BOOKMARK", obj);
}

static void on_bookmark(void *data)
{
	struct rest_stream *st = data;

	if (st->rv)
		write_bookmark(st);
	loop_timer_start(&st->bookmark, BOOKMARK_US);
}

static void on_timeout(void *data)
{
	struct rest_stream *st = data;

	if (st->bookmarks && st->rv)
		write_bookmark(st);
	end_stream(st);
}

static void on_event(void *data, enum store_event_type type, const json *obj, int64_t rv)
{
	static const char *const names[] = {
		[STORE_ADDED] = "ADDED", [STORE_MODIFIED] = "MODIFIED", [STORE_DELETED] = "DELETED",
	};
	struct rest_stream *st = data;
	_cleanup_json_ json *owned = NULL;

	if (rv > st->rv)
		st->rv = rv;
	if (type == STORE_STALLED) {
		st->silent = true;
		return;
	}
	/* Bookmarks are told by our own clock, but for the first: who waits for news learns that there is a source. */
	if (type == STORE_BOOKMARK) {
		if (st->silent && st->bookmarks && st->rv)
			write_bookmark(st);
		st->silent = false;
		return;
	}
	st->silent = false;
	if (type == STORE_ERROR) {
		write_event(st, "ERROR", obj);
		end_stream(st);
		return;
	}
	write_event(st, names[type], rest_shape(st->call, obj, &owned));
	st->call->table.no_columns = true;
	if (http_stream_backlog(st->call->req) > BACKLOG_MAX)
		end_stream(st);
}

void rest_watch(struct rest_call *c)
{
	const struct store_selector sel = {
		.label = http_request_query(c->req, "labelSelector"),
		.field = http_request_query(c->req, "fieldSelector"),
	};
	json *s = NULL;
	int64_t rv = rest_query_int(c, "resourceVersion", 0, &s);
	int64_t timeout = rest_query_int(c, "timeoutSeconds", 0, &s);
	_cleanup_free_ char *why = NULL;
	struct selector *checked = NULL;
	struct rest_stream *st;

	if (!s && rest_query_bool(c, "sendInitialEvents"))
		s = status_failure(422, "Invalid", NULL, "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: "
				   "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
	if (!s && selector_parse(c->path.kind->res, &sel, &checked, &why))
		s = status_bad_request("%s", why);
	selector_free(checked);
	if (s) {
		rest_fail(c, s);
		return;
	}
	if (timeout <= 0 || timeout > INT32_MAX)
		timeout = TIMEOUT_MIN_S + random() % TIMEOUT_MIN_S;
	st = xnew0(struct rest_stream);
	st->call = c;
	st->rv = rv;
	st->silent = true;
	st->bookmarks = rest_query_bool(c, "allowWatchBookmarks");
	http_stream_begin(c->req, 200, c->accept.encoding == REST_PROTOBUF ? REST_TYPE_PROTOBUF_WATCH : REST_TYPE_JSON,
			  on_client_gone, st);
	loop_timer_init(&st->timeout, c->rest->loop, on_timeout, st);
	loop_timer_start(&st->timeout, (uint64_t)timeout * 1000000);
	loop_timer_init(&st->bookmark, c->rest->loop, on_bookmark, st);
	if (st->bookmarks)
		loop_timer_start(&st->bookmark, BOOKMARK_US);
	st->watch = store_watch(c->rest->store, c->path.kind->res, c->path.ns, &sel, rv, on_event, st);
}
