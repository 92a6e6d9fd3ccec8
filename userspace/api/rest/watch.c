// SPDX-License-Identifier: GPL-2.0-or-later
/* watch.c - a watch as a stream of JSON events, one a line */
#include <errno.h>
#include <stdlib.h>

#include "api/registry/registry.h"
#include "api/rest/form.h"
#include "api/rest/internal.h"
#include "api/rest/list_options.h"
#include "api/meta/selector.h"
#include "api/meta/status.h"
#include "base/loop.h"

#define TIMEOUT_MIN_S 1800		/* where the client names none: this to twice this */
#define BOOKMARK_US (60 * UINT64_C(1000000))
#define BACKLOG_HIGH (1u << 20)		/* a reader that far behind is told no more ... */
#define BACKLOG_LOW (64u << 10)		/* ... until it has come so far */

struct rest_stream {
	struct rest_call *call;
	struct store_watch *watch;
	struct loop_timer timeout, bookmark;
	bool bookmarks;		/* the client wants them */
	bool silent;		/* nothing was told since the watch was opened or etcd came back */
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

static void write_event(struct rest_stream *st, enum rest_event type, const json *obj)
{
	_cleanup_bytes_ struct bytes *frame = rest_event_bytes(st->call, type, obj);

	http_stream_write_bytes(st->call->req, frame);
	st->call->table.no_columns = true;
}

/* Nothing while the client could not go on from there. */
static void write_bookmark(struct rest_stream *st)
{
	const struct resource *r = st->call->path.kind->res;
	int64_t at = registry_watch_rv(st->watch);
	_cleanup_json_ json *obj = json_new_object();
	_cleanup_free_ char *rv = xasprintf("%lld", (long long)at), *version = api_version_of(r);

	if (!at)
		return;
	json_set_str(obj, "kind", r->kind);
	json_set_str(obj, "apiVersion", version);
	json_set_str(json_obj(obj, "metadata"), "resourceVersion", rv);
	json_set(json_obj(obj, "metadata"), "creationTimestamp", json_new_null());
	write_event(st, REST_BOOKMARK, obj);
}

static void on_drain(void *data)
{
	struct rest_stream *st = data;

	registry_watch_pause(st->watch, false);
}

static void on_bookmark(void *data)
{
	struct rest_stream *st = data;

	write_bookmark(st);
	loop_timer_start(&st->bookmark, BOOKMARK_US);
}

static void on_timeout(void *data)
{
	struct rest_stream *st = data;

	if (st->bookmarks)
		write_bookmark(st);
	end_stream(st);
}

static void on_event(void *data, enum store_event_type type, const json *obj, int64_t rv)
{
	static const enum rest_event types[] = {
		[STORE_ADDED] = REST_ADDED, [STORE_MODIFIED] = REST_MODIFIED, [STORE_DELETED] = REST_DELETED,
	};
	struct rest_stream *st = data;

	if (type == STORE_STALLED) {
		st->silent = true;
		return;
	}
	/* Bookmarks are told by our own clock, but for the first: who waits for news learns that there is a source. */
	if (type == STORE_BOOKMARK && json_get(obj, "metadata", "annotations", METADATA_INITIAL_END)) {
		write_event(st, REST_BOOKMARK, obj);
		return;
	}
	if (type == STORE_BOOKMARK) {
		if (st->silent && st->bookmarks)
			write_bookmark(st);
		st->silent = false;
		return;
	}
	st->silent = false;
	if (type == STORE_ERROR) {
		write_event(st, REST_ERROR, obj);
		end_stream(st);
		return;
	}
	write_event(st, types[type], obj);
	if (http_stream_backlog(st->call->req) > BACKLOG_HIGH) {
		registry_watch_pause(st->watch, true);
		http_stream_on_drain(st->call->req, BACKLOG_LOW, on_drain);
	}
}

/* What the registry is asked for; see "Semantics for watch" in Kubernetes' API concepts. */
static struct registry_watch_opts watch_opts(const struct list_options *q)
{
	bool initial = q->initial == INITIAL_SEND || (q->initial == INITIAL_LEGACY && q->match != RV_AT_LEAST);

	return (struct registry_watch_opts){
		.sel = q->sel,
		.initial = initial,
		.any = q->match == RV_ANY,
		.mark = q->initial == INITIAL_SEND && q->bookmarks,
		.rv = q->rv,
	};
}

void rest_watch(struct rest_call *c)
{
	struct list_options q;
	json *s = list_options_parse(rest_query, c->req, &q);
	struct registry_watch_opts o = watch_opts(&q);
	_cleanup_free_ char *why = NULL;
	struct selector *checked = NULL;
	struct rest_stream *st;

	if (!s && selector_parse(c->path.kind->res, &q.sel, &checked, &why))
		s = status_bad_request("%s", why);
	selector_free(checked);
	if (s) {
		rest_fail(c, s);
		return;
	}
	if (q.timeout <= 0 || q.timeout > INT32_MAX)
		q.timeout = TIMEOUT_MIN_S + random() % TIMEOUT_MIN_S;
	st = xnew0(struct rest_stream);
	st->call = c;
	st->silent = true;
	st->bookmarks = q.bookmarks;
	http_stream_begin(c->req, 200, c->accept.encoding == REST_PROTOBUF ? REST_TYPE_PROTOBUF_WATCH : REST_TYPE_JSON,
			  on_client_gone, st);
	loop_timer_init(&st->timeout, c->rest->loop, on_timeout, st);
	loop_timer_start(&st->timeout, (uint64_t)q.timeout * 1000000);
	loop_timer_init(&st->bookmark, c->rest->loop, on_bookmark, st);
	if (st->bookmarks)
		loop_timer_start(&st->bookmark, BOOKMARK_US);
	st->watch = registry_watch_with(c->rest->store, c->path.kind->res, c->path.ns, &o, on_event, st);
}
