// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * list_writer.c - see list_writer.h
 *
 * JSON is written as objects come, and a long list that is asked for as YAML is
 * JSON too, which is YAML. Protobuf says first how long a list is, so that a
 * long one is measured until its end, and written then: of objects that are
 * shared with the cache only references are held meanwhile, of others the bytes.
 */
#include "api/rest/list_writer.h"

#include "api/meta/status.h"
#include "api/rest/form.h"
#include "api/schema/protobuf.h"

#define WHOLE_MAX (256u << 10)		/* a longer answer becomes a stream */
#define BACKLOG_HIGH (256u << 10)	/* what a slow reader leaves: no more is written ... */
#define BACKLOG_LOW (64u << 10)		/* ... until it has come so far */

/* One item that waits for the others to be measured. */
struct held {
	const json *obj;		/* kept, or NULL */
	struct bytes *bytes;		/* or NULL */
};

struct list_writer {
	struct rest_call *call;
	bool paged;
	bool protobuf;
	bool begun;			/* it is a stream */
	bool any;			/* there was an item */
	struct buf out;			/* items: those of a whole answer, or the next to be sent */
	struct held *held;		/* those after them */
	size_t n_held, cap_held, next_held;
	size_t held_len;		/* bytes that they have or will have */
	const struct list_writer_ops *ops;	/* NULL: it has ended, and what is held is being sent */
	void *data;
};

static void drop_held(struct held *h)
{
	json_release(h->obj);
	bytes_unref(h->bytes);
}

static void writer_free(struct list_writer *w)
{
	while (w->next_held < w->n_held)
		drop_held(&w->held[w->next_held++]);
	free(w->held);
	buf_free(&w->out);
	if (w->call)
		rest_call_free(w->call);
	free(w);
}

static void on_gone(void *data)
{
	struct list_writer *w = data;

	if (w->ops)
		w->ops->gone(w->data);
	writer_free(w);
}

static void send_held(struct list_writer *w);

static void on_drain(void *data)
{
	struct list_writer *w = data;

	if (w->ops)
		w->ops->go_on(w->data);
	else
		send_held(w);
}

/* --- the list around its items ------------------------------------------------------------- */

static json *metadata(const struct list_end *end)
{
	_cleanup_free_ char *rv = xasprintf("%lld", (long long)end->rv);
	json *meta = json_new_object();

	if (end->rv)
		json_set_str(meta, "resourceVersion", rv);
	json_set_str(meta, "continue", end->token);
	if (end->remaining > 0)
		json_set_int(meta, "remainingItemCount", end->remaining);
	return meta;
}

static void put_metadata(struct buf *b, const struct list_end *end)
{
	_cleanup_json_ json *meta = metadata(end);

	buf_puts(b, "\"metadata\":");
	json_write(b, meta);
}

static void put_columns(struct list_writer *w, struct buf *b)
{
	_cleanup_json_ json *empty = json_build("{\"items\":[]}");
	_cleanup_json_ json *table = table_new(w->call->path.kind->storage, empty, &w->call->table);

	buf_puts(b, ",\"columnDefinitions\":");
	json_write(b, json_get(table, "columnDefinitions"));
}

/* "PodList", and its version; caller frees both. */
static char *kind_of_list(struct list_writer *w, char **ret_version)
{
	const struct resource *r = w->call->path.kind->res;
	struct rest_accept *a = &w->call->accept;

	*ret_version = a->form == REST_OBJECT ? api_version_of(r) : xasprintf("meta.k8s.io/%s", a->version);
	if (a->form == REST_TABLE)
		return xstrdup("Table");
	if (a->form == REST_PARTIAL)
		return xstrdup("PartialObjectMetadataList");
	return xasprintf("%sList", r->kind);
}

/* Up to the first item; end NULL: metadata comes last. */
static void put_head(struct list_writer *w, struct buf *b, const struct list_end *end)
{
	_cleanup_free_ char *version = NULL, *kind = kind_of_list(w, &version);
	bool table = w->call->accept.form == REST_TABLE;

	if (w->protobuf) {
		_cleanup_json_ json *meta = metadata(end);

		protobuf_list_begin(version, kind, meta, w->out.len + w->held_len, b);
		return;
	}
	buf_printf(b, "{\"kind\":\"%s\",\"apiVersion\":\"%s\"", kind, version);
	if (end) {
		buf_puts(b, ",");
		put_metadata(b, end);
	}
	if (table)
		put_columns(w, b);
	buf_puts(b, table ? ",\"rows\":[" : ",\"items\":[");
}

/* From the last item on; end NULL: metadata came first. */
static void put_tail(struct list_writer *w, struct buf *b, const struct list_end *end)
{
	if (w->protobuf) {
		protobuf_list_end(b);
		return;
	}
	buf_puts(b, "]");
	if (end) {
		buf_puts(b, ",");
		put_metadata(b, end);
	}
	buf_puts(b, "}\n");
}

/* --- writing ---------------------------------------------------------------------------------- */

struct list_writer *list_writer_new(struct rest_call *c, bool paged, const struct list_writer_ops *ops, void *data)
{
	struct list_writer *w = xnew0(struct list_writer);

	w->call = c;
	w->paged = paged;
	w->protobuf = c->accept.encoding == REST_PROTOBUF;
	w->ops = ops;
	w->data = data;
	return w;
}

static const char *media_type(const struct list_writer *w)
{
	return w->protobuf ? REST_TYPE_PROTOBUF : w->call->accept.encoding == REST_YAML ? REST_TYPE_YAML : REST_TYPE_JSON;
}

static void flush(struct list_writer *w)
{
	http_stream_write(w->call->req, w->out.data, w->out.len);
	w->out.len = 0;
}

static void begin(struct list_writer *w, const struct list_end *end)
{
	_cleanup_free_ char *headers = rest_headers(w->call->headers);
	struct buf head = {0};

	w->begun = true;
	http_stream_begin_bulk(w->call->req, 200, media_type(w), headers, on_gone, w);
	put_head(w, &head, end);
	http_stream_write(w->call->req, head.data, head.len);
	buf_free(&head);
}

/* True while the reader keeps up. */
static bool keeps_up(struct list_writer *w)
{
	if (http_stream_backlog(w->call->req) < BACKLOG_HIGH)
		return true;
	http_stream_on_drain(w->call->req, BACKLOG_LOW, on_drain);
	return false;
}

static void hold(struct list_writer *w, const json *obj)
{
	struct buf b = {0};
	struct held *h;

	if (w->n_held == w->cap_held) {
		w->cap_held = w->cap_held ? w->cap_held * 2 : 64;
		w->held = xrealloc(w->held, w->cap_held * sizeof(*w->held));
	}
	h = &w->held[w->n_held++];
	*h = (struct held){0};
	rest_write_item(w->call, obj, &b);
	w->held_len += b.len;
	if (json_is_shared(obj))
		h->obj = json_keep(obj);
	else
		h->bytes = bytes_new(b.data, b.len);
	buf_free(&b);
}

bool list_writer_item(struct list_writer *w, const json *obj, int64_t rv)
{
	const struct list_end so_far = { .rv = rv, .remaining = -1 };

	if (w->protobuf && w->out.len >= WHOLE_MAX) {
		hold(w, obj);
		return true;
	}
	if (w->any && !w->protobuf)
		buf_puts(&w->out, ",");
	w->any = true;
	rest_write_item(w->call, obj, &w->out);
	if (w->protobuf || (!w->begun && w->out.len < WHOLE_MAX))
		return true;
	if (!w->begun)
		begin(w, w->paged ? NULL : &so_far);
	flush(w);
	return keeps_up(w);
}

/* A short list is for people. */
static const char *to_yaml(struct buf *b)
{
	_cleanup_json_ json *list = NULL;
	const char *type = REST_TYPE_JSON;

	if (!json_parse(b->data, b->len, &list, NULL)) {
		b->len = 0;
		rest_encode(REST_YAML, list, b, &type);
	}
	return type;
}

static void answer_whole(struct list_writer *w, const struct list_end *end)
{
	_cleanup_free_ char *headers = rest_headers(w->call->headers);
	const char *type = media_type(w);
	struct buf b = {0};

	put_head(w, &b, end);
	buf_add(&b, w->out.data, w->out.len);
	put_tail(w, &b, NULL);
	if (w->call->accept.encoding == REST_YAML)
		type = to_yaml(&b);
	http_respond(w->call->req, 200, type, b.data, b.len, headers);
	buf_free(&b);
}

/* What was measured, as its reader takes it; then the end. */
static void send_held(struct list_writer *w)
{
	while (w->next_held < w->n_held) {
		struct held *h = &w->held[w->next_held++];

		if (h->bytes) {
			http_stream_write_bytes(w->call->req, h->bytes);
		} else {
			rest_write_item(w->call, h->obj, &w->out);
			flush(w);
		}
		drop_held(h);
		if (!keeps_up(w))
			return;
	}
	put_tail(w, &w->out, NULL);
	flush(w);
	http_stream_end(w->call->req);
	writer_free(w);
}

void list_writer_end(struct list_writer *w, const struct list_end *end)
{
	w->ops = NULL;
	if (end->status && w->begun) {
		http_stream_abort(w->call->req);
	} else if (end->status) {
		rest_finish(TAKE_PTR(w->call), status_code(end->status), end->status);
	} else if (w->begun) {
		put_tail(w, &w->out, w->paged ? end : NULL);
		flush(w);
		http_stream_end(w->call->req);
	} else if (w->n_held) {
		begin(w, end);
		flush(w);
		send_held(w);
		return;
	} else {
		answer_whole(w, end);
	}
	writer_free(w);
}
