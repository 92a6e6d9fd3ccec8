// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * http.c - see http.h
 *
 * A list is asked for in pages; a watch is one streamed answer. Both are given
 * out as store.h says, so that nobody above sees the difference to the
 * server's own registry.
 */
#include "store/http.h"

#include <errno.h>
#include <utlist.h>
#include "store/kube_wire.h"

#define PAGE "500"

struct http_store {
	struct store base;
	struct http_client *client;
	struct op *ops;
	struct store_watch *watches;
};

/* One call, or one list with all its pages. */
struct op {
	struct op *prev, *next;
	struct http_store *s;
	struct http_call *call;
	store_cb cb;
	void *data;
	/* lists only */
	const struct resource *r;
	char *path;		/* with the selectors, NULL for other calls */
	bool cached;		/* the server's cache may answer */
	int64_t limit;		/* 0: the list is made whole from pages; else it is one of that size */
	bool whole;		/* no more pages: a token had expired */
	json *list;		/* what came so far */
};

struct store_watch {
	struct store_watch *prev, *next;
	struct http_store *s;
	struct http_call *call;	/* NULL: over */
	struct kube_lines lines;
	store_watch_cb cb;
	void *data;
	bool in_callback, closed;
};

static struct http_store *of(struct store *s)
{
	return container_of(s, struct http_store, base);
}

/* --- calls ----------------------------------------------------------------------- */

static void op_free(struct op *op)
{
	DL_DELETE(op->s->ops, op);
	cJSON_Delete(op->list);
	free(op->path);
	free(op);
}

static void finish(struct op *op, int err, int code, const json *obj, int64_t rv)
{
	struct store_result res = { .err = err, .code = code, .obj = obj, .rv = rv };
	store_cb cb = op->cb;
	void *data = op->data;

	op_free(op);
	cb(data, &res);
}

/*
 * The answer as a tree: the body, or a Status when there was no answer or none
 * in JSON. *ret_err is the errno of it all.
 */
static json *read_answer(int err, const char *msg, int code, const char *body, size_t len, int *ret_err)
{
	_cleanup_json_ json *j = NULL;
	_cleanup_free_ char *why = NULL, *text = NULL;

	if (err) {
		*ret_err = -EAGAIN;
		return kube_failure(503, "ServiceUnavailable", msg);
	}
	if (json_parse(body, len, &j, &why) == 0 && json_is_object(j)) {
		*ret_err = kube_errno(code, j);
		if (*ret_err == 0 || streq(json_str(json_get(j, "kind")), "Status"))
			return TAKE_PTR(j);
	} else if (code / 100 == 2) {
		*ret_err = -EAGAIN;
		text = xasprintf("the server's answer: %s", why ? why : "no JSON object");
		return kube_failure(500, "InternalError", text);
	}
	*ret_err = kube_errno(code, NULL);
	text = xasprintf("the server answered with HTTP status %d: %.200s", code, body);
	return kube_failure(code, code == 404 ? "NotFound" : "Unknown", text);
}

static void on_answer(void *data, int err, const char *msg, int code, const char *body, size_t len)
{
	struct op *op = data;
	int e;
	_cleanup_json_ json *j = read_answer(err, msg, code, body, len, &e);

	finish(op, e, err ? 0 : code, j, e ? 0 : kube_rv(j));
}

static struct op *op_new(struct http_store *s, store_cb cb, void *data)
{
	struct op *op = xnew0(struct op);

	op->s = s;
	op->cb = cb;
	op->data = data;
	DL_APPEND(s->ops, op);
	return op;
}

static void send_json(struct http_store *s, const char *method, const char *path, const char *type, const json *body,
		      store_cb cb, void *data)
{
	struct op *op = op_new(s, cb, data);
	_cleanup_free_ char *text = body ? json_print(body) : NULL;
	struct http_call_opts o = {
		.method = method,
		.path = path,
		.content_type = text ? type : NULL,
		.body = text,
		.body_len = text ? strlen(text) : 0,
	};

	op->call = http_call(s->client, &o, on_answer, op);
}

static void hs_get(struct store *s, const struct resource *r, const char *ns, const char *name,
		   store_cb cb, void *data)
{
	_cleanup_free_ char *path = kube_path(r, ns, name, NULL);

	send_json(of(s), "GET", path, NULL, NULL, cb, data);
}

static void hs_create(struct store *s, const struct resource *r, const char *ns, const char *name,
		      const char *subresource, const json *obj, store_cb cb, void *data)
{
	/* A new object's name is in the object; only a subresource is created below a name. */
	_cleanup_free_ char *path = kube_path(r, ns, subresource ? name : NULL, subresource);

	send_json(of(s), "POST", path, "application/json", obj, cb, data);
}

static void hs_update(struct store *s, const struct resource *r, const char *ns, const char *name,
		      const char *subresource, const json *obj, store_cb cb, void *data)
{
	_cleanup_free_ char *path = kube_path(r, ns, name, subresource);

	send_json(of(s), "PUT", path, "application/json", obj, cb, data);
}

static void hs_patch(struct store *s, const struct resource *r, const char *ns, const char *name,
		     const char *subresource, enum store_patch_type type, const json *patch,
		     store_cb cb, void *data)
{
	_cleanup_free_ char *path = kube_path(r, ns, name, subresource);
	struct buf url = { 0 };

	buf_puts(&url, path);
	if (type == STORE_PATCH_APPLY) {
		kube_add_query(&url, "fieldManager", "keelson");
		kube_add_query(&url, "force", "true");
	}
	send_json(of(s), "PATCH", url.data, kube_patch_type(type), patch, cb, data);
	buf_free(&url);
}

static void hs_del(struct store *s, const struct resource *r, const char *ns, const char *name,
		   const struct store_delete_opts *opts, store_cb cb, void *data)
{
	_cleanup_free_ char *path = kube_path(r, ns, name, NULL);
	_cleanup_json_ json *body = kube_delete_options(opts);

	send_json(of(s), "DELETE", path, "application/json", body, cb, data);
}

/* --- lists ------------------------------------------------------------------------ */

static void on_page(void *data, int err, const char *msg, int code, const char *body, size_t len);

static void ask_page(struct op *op, const char *token)
{
	struct http_call_opts o = { .method = "GET" };
	struct buf url = { 0 };

	buf_puts(&url, op->path);
	if (op->limit) {
		_cleanup_free_ char *limit = xasprintf("%lld", (long long)op->limit);

		kube_add_query(&url, "limit", limit);
	} else if (!op->whole) {
		kube_add_query(&url, "limit", PAGE);
	}
	kube_add_query(&url, "continue", token);
	if (op->cached && !token)
		kube_add_query(&url, "resourceVersion", "0");
	o.path = url.data;
	op->call = http_call(op->s->client, &o, on_page, op);
	buf_free(&url);
}

/* Items of a list carry no kind of their own; objects elsewhere do. */
static void name_kind(json *item, const struct resource *r)
{
	_cleanup_free_ char *gv = r->group[0] ? xasprintf("%s/%s", r->group, r->version) : xstrdup(r->version);

	if (!json_get(item, "kind"))
		json_set_str(item, "kind", r->kind);
	if (!json_get(item, "apiVersion"))
		json_set_str(item, "apiVersion", gv);
}

/* Moves all items of a page to the end of the list. */
static void move_items(json *to, json *from)
{
	json *a = json_get(to, "items"), *b = json_get(from, "items"), *last;

	if (!json_is_array(a) || !json_is_array(b) || !b->child)
		return;
	if (!a->child) {
		a->child = b->child;
	} else {
		/* cJSON keeps the last child in the first one's prev. */
		last = b->child->prev;
		a->child->prev->next = b->child;
		b->child->prev = a->child->prev;
		a->child->prev = last;
	}
	b->child = NULL;
}

static void on_page(void *data, int err, const char *msg, int code, const char *body, size_t len)
{
	struct op *op = data;
	int e;
	_cleanup_json_ json *page = read_answer(err, msg, code, body, len, &e), *list = NULL;
	_cleanup_free_ char *token = NULL;

	if (e == -EKEYEXPIRED && op->list) {
		/* The pages took longer than the server remembers: all at once, from the start. */
		cJSON_Delete(TAKE_PTR(op->list));
		op->whole = true;
		ask_page(op, NULL);
		return;
	}
	if (e) {
		finish(op, e, err ? 0 : code, page, 0);
		return;
	}
	if (!json_is_array(json_get(page, "items")))	/* Go prints an empty slice as null */
		json_set(page, "items", json_new_array());
	json_each(it, json_get(page, "items"))
		name_kind(it, op->r);
	token = xstrdup(json_str_or(json_get(page, "metadata", "continue"), ""));
	if (op->list)
		move_items(op->list, page);
	else
		op->list = TAKE_PTR(page);
	if (token[0] && !op->limit) {
		ask_page(op, token);
		return;
	}
	list = TAKE_PTR(op->list);
	if (!op->limit) {
		json_del(json_obj(list, "metadata"), "continue");
		json_del(json_obj(list, "metadata"), "remainingItemCount");
	}
	finish(op, 0, code, list, kube_rv(list));
}

static void add_selector(struct buf *url, const struct store_selector *sel)
{
	if (!sel)
		return;
	kube_add_query(url, "labelSelector", sel->label);
	kube_add_query(url, "fieldSelector", sel->field);
}

static void hs_list(struct store *s, const struct resource *r, const char *ns,
		    const struct store_selector *sel, store_cb cb, void *data)
{
	_cleanup_free_ char *path = kube_path(r, ns, NULL, NULL);
	struct op *op = op_new(of(s), cb, data);
	struct buf url = { 0 };

	buf_puts(&url, path);
	add_selector(&url, sel);
	op->path = buf_steal(&url);
	op->r = r;
	op->limit = sel ? sel->limit : 0;
	op->cached = sel && sel->cached;
	ask_page(op, sel ? sel->cont : NULL);
}

/* --- watches ---------------------------------------------------------------------- */

static void watch_free(struct store_watch *w)
{
	DL_DELETE(w->s->watches, w);
	http_call_cancel(w->call);
	kube_lines_free(&w->lines);
	free(w);
}

/* False when the owner closed the watch in its callback; it is freed then. */
static bool give(struct store_watch *w, enum store_event_type type, const json *obj, int64_t rv)
{
	w->in_callback = true;
	w->cb(w->data, type, obj, rv);
	w->in_callback = false;
	if (!w->closed)
		return true;
	watch_free(w);
	return false;
}

static void end_watch(struct store_watch *w, int code, const char *reason, const char *msg)
{
	_cleanup_json_ json *status = kube_failure(code, reason, msg);

	http_call_cancel(TAKE_PTR(w->call));
	give(w, STORE_ERROR, status, 0);
}

static void on_watch_chunk(void *data, const char *p, size_t len)
{
	struct store_watch *w = data;
	const char *line;
	size_t n;
	int r;

	kube_lines_add(&w->lines, p, len);
	while ((r = kube_lines_next(&w->lines, &line, &n)) == 1) {
		_cleanup_json_ json *obj = NULL;
		enum store_event_type type;

		if (kube_event_parse(line, n, &type, &obj) < 0) {
			end_watch(w, 500, "InternalError", "the server sent a watch event that is none");
			return;
		}
		if (type == STORE_ERROR)
			http_call_cancel(TAKE_PTR(w->call));
		if (!give(w, type, obj, kube_rv(obj)) || type == STORE_ERROR)
			return;
	}
	if (r < 0)
		end_watch(w, 500, "InternalError", "the server sent a watch event that is too long");
}

static void on_watch_end(void *data, int err, const char *msg, int code, const char *body, size_t len)
{
	struct store_watch *w = data;
	_cleanup_json_ json *status = NULL;
	int e;

	w->call = NULL;
	if (!err && code / 100 == 2)
		status = kube_failure(503, "ServiceUnavailable", "the server ended the watch");
	else
		status = read_answer(err, msg, code, body, len, &e);
	give(w, STORE_ERROR, status, 0);
}

static struct store_watch *hs_watch(struct store *s, const struct resource *r, const char *ns,
				    const struct store_selector *sel, int64_t rv,
				    store_watch_cb cb, void *data)
{
	_cleanup_free_ char *path = kube_path(r, ns, NULL, NULL), *from = xasprintf("%lld", (long long)rv);
	struct http_call_opts o = { .method = "GET", .on_chunk = on_watch_chunk };
	struct store_watch *w = xnew0(struct store_watch);
	struct buf url = { 0 };

	buf_puts(&url, path);
	kube_add_query(&url, "watch", "true");
	kube_add_query(&url, "allowWatchBookmarks", "true");
	kube_add_query(&url, "resourceVersion", rv ? from : NULL);
	add_selector(&url, sel);
	w->s = of(s);
	w->cb = cb;
	w->data = data;
	DL_APPEND(w->s->watches, w);
	o.path = url.data;
	w->call = http_call(w->s->client, &o, on_watch_end, w);
	buf_free(&url);
	return w;
}

static void hs_watch_close(struct store *s, struct store_watch *w)
{
	w->closed = true;
	if (!w->in_callback)
		watch_free(w);
}

/* --- life -------------------------------------------------------------------------- */

static void hs_free(struct store *s)
{
	struct http_store *hs = of(s);

	while (hs->ops) {
		http_call_cancel(hs->ops->call);
		op_free(hs->ops);
	}
	while (hs->watches)
		watch_free(hs->watches);
	free(hs);
}

struct store *store_http_new(sd_event *loop, struct http_client *client)
{
	static const struct store_ops ops = {
		.get = hs_get,
		.list = hs_list,
		.watch = hs_watch,
		.watch_close = hs_watch_close,
		.create = hs_create,
		.update = hs_update,
		.patch = hs_patch,
		.del = hs_del,
		.free = hs_free,
	};
	struct http_store *s = xnew0(struct http_store);

	s->base.ops = &ops;
	s->client = client;
	return &s->base;
}
