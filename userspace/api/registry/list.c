// SPDX-License-Identifier: GPL-2.0-or-later
/* list.c - see list.h */
#include "api/registry/list.h"

#include <ctype.h>
#include <errno.h>

#include "api/registry/cache.h"
#include "api/registry/object.h"
#include "api/registry/pages.h"
#include "api/meta/status.h"
#include "base/frozen.h"
#include "base/loop_stats.h"

/* --- continue tokens --------------------------------------------------------------- */

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Without padding; caller frees. */
static char *base64url_encode(const char *p, size_t len)
{
	struct buf b = {0};

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t v = 0;

		for (size_t j = 0; j < 3; j++)
			v = v << 8 | (j < n ? (uint8_t)p[i + j] : 0);
		for (size_t j = 0; j < n + 1; j++)
			buf_add(&b, &base64url[v >> (18 - 6 * j) & 63], 1);
	}
	return buf_steal(&b);
}

/* Appends to out; -EINVAL with the offset of the first wrong byte. */
static int base64url_decode(const char *s, struct buf *out, size_t *ret_at)
{
	uint32_t v = 0;
	int bits = 0;
	size_t i;

	for (i = 0; s[i] && s[i] != '='; i++) {
		const char *at = strchr(base64url, s[i]);
		char byte;

		if (!at) {
			*ret_at = i;
			return -EINVAL;
		}
		v = v << 6 | (uint32_t)(at - base64url);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			byte = (char)(v >> bits);
			buf_add(out, &byte, 1);
		}
	}
	if (i % 4 != 1)
		return 0;
	*ret_at = i;
	return -EINVAL;
}

char *continue_encode(int64_t rv, const char *start)
{
	_cleanup_json_ json *t = json_new_object();
	_cleanup_free_ char *text = NULL;
	struct buf b = {0};
	char *token;

	json_set_str(t, "v", "meta.k8s.io/v1");
	json_set_int(t, "rv", rv);
	json_set_str(t, "start", start);
	text = json_print(t);
	/* The key after `start` is start and a NUL byte, which a C string does not hold. */
	buf_add(&b, text, strlen(text) - 2);
	buf_puts(&b, "\\u0000\"}");
	token = base64url_encode(b.data, b.len);
	buf_free(&b);
	return token;
}

/* What Go's decoder says of a byte that cannot begin a value. */
static char *json_complaint(const char *p, size_t len)
{
	unsigned char c = len ? (unsigned char)p[0] : 0;

	if (!len)
		return xstrdup("unexpected end of JSON input");
	if (strchr("{[\"-tfn", (char)c) || isdigit(c))
		return xstrdup("unexpected end of JSON input");
	if (c >= 0x80)
		return xasprintf("invalid character '%c%c' looking for beginning of value",
				 0xc0 | c >> 6, 0x80 | (c & 0x3f));
	if (isprint(c))
		return xasprintf("invalid character '%c' looking for beginning of value", c);
	return xasprintf("invalid character '\\x%02x' looking for beginning of value", c);
}

int continue_decode(const char *token, int64_t *ret_rv, char **ret_start, char **ret_msg)
{
	static const char nul_escape[] = "\\u0000\"";
	_cleanup_json_ json *t = NULL;
	struct buf b = {0};
	size_t at = 0;
	const char *start;
	int err = -EINVAL;
	char *nul;

	if (base64url_decode(token, &b, &at)) {
		*ret_msg = xasprintf("invalid continue token: continue key is not valid: illegal base64 data at input byte %zu", at);
		goto out;
	}
	/* The escaped NUL at the end of "start" becomes the end of the string. */
	nul = b.data ? memmem(b.data, b.len, nul_escape, strlen(nul_escape)) : NULL;
	if (nul)
		memcpy(nul, "\"      ", strlen(nul_escape));
	if (json_parse(b.data ? b.data : "", b.len, &t, NULL)) {
		_cleanup_free_ char *why = json_complaint(b.data, b.len);

		*ret_msg = xasprintf("invalid continue token: continue key is not valid: %s", why);
		goto out;
	}
	start = json_str_or(json_get(t, "start"), "");
	if (!streq(json_str(json_get(t, "v")), "meta.k8s.io/v1")) {
		*ret_msg = xasprintf("invalid continue token: continue key is not valid: server does not recognize this encoded version \"%s\"",
				     json_str_or(json_get(t, "v"), ""));
	} else if (!json_int(json_get(t, "rv"), 0)) {
		*ret_msg = xstrdup("invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
	} else if (!*start || *start == '/' || strstr(start, "..")) {
		*ret_msg = xstrdup("invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)");
	} else {
		*ret_rv = json_int(json_get(t, "rv"), 0);
		if (*ret_rv < 0)
			*ret_rv = CONTINUE_NEWEST;
		*ret_start = xstrdup(start);
		err = 0;
	}
out:
	buf_free(&b);
	return err;
}

/* --- reading ------------------------------------------------------------------------- */

#define FRESH_US 3000000	/* how long a revision that is not there yet is waited for ... */
#define FRESH_AGAIN_US 100000	/* ... and how often it is looked for */
#define MISSING_MAX 32		/* values fetched one by one for a page of which the cache has the rest */

/* A key whose value the cache does not have, and where its object goes. */
struct missing {
	struct list_reader *l;
	size_t at;
};

struct list_reader {
	struct registry *reg;
	const struct kind *as;		/* the version that was asked for ... */
	const struct kind *k;		/* ... and the one that is stored */
	char *ns, *prefix;
	char *label, *field, *token;	/* as asked */
	struct selector *sel;
	bool plain;			/* everything is selected */
	bool any, watched;		/* as in registry_list_opts */
	char *start;			/* of the continue token: below the prefix, or NULL */
	int64_t limit;			/* still to be told; 0: all */
	int64_t rv;			/* the revision that is read; 0: not known yet */
	int64_t min_rv;
	uint64_t give_up;		/* waiting for min_rv; 0: not yet */
	struct loop_timer timer;	/* begins, goes on, looks again */
	struct cache_wait wait;
	bool waited;			/* for the cache, once is enough */
	struct pages *pages;
	char *page_from;		/* where the page under way begins */
	bool keys_only;			/* the cache has the values */
	const json **objs;		/* of the page at hand; NULL: not there yet */
	size_t n, next;
	bool select;			/* they were not looked at by the selector */
	size_t missing;			/* values on their way */
	bool more;			/* etcd has more after that page */
	int64_t count;			/* from that page on */
	bool last;			/* nothing comes after that page */
	struct list_end end;
	bool begun;
	bool held;			/* the owner takes no more for now */
	bool waiting;			/* for a page */
	const struct list_ops *ops;	/* NULL: nobody listens any more */
	void *data;
	unsigned refs;			/* the owner's, and one per callback under way */
};

static void drop_page(struct list_reader *l)
{
	while (l->next < l->n)
		json_release(l->objs[l->next++]);
	l->n = l->next = 0;
}

static void reader_unref(struct list_reader *l)
{
	if (--l->refs)
		return;
	loop_timer_stop(&l->timer);
	cache_wait_stop(&l->wait);
	pages_free(l->pages);
	drop_page(l);
	free(l->objs);
	free(l->page_from);
	selector_free(l->sel);
	free(l->ns);
	free(l->prefix);
	free(l->label);
	free(l->field);
	free(l->token);
	free(l->start);
	free((char *)l->end.token);
	registry_unref(l->reg);
	free(l);
}

/* The owner's part ends with it. */
static void tell_end(struct list_reader *l, const json *status)
{
	const struct list_ops *ops = TAKE_PTR(l->ops);

	l->end.status = status;
	l->end.rv = l->rv;
	if (!ops)
		return;
	ops->end(l->data, &l->end);
	reader_unref(l);
}

/* Takes the Status. */
static void reader_fail(struct list_reader *l, json *status)
{
	tell_end(l, status);
	json_freep(&status);
}

/* Tells what is at hand, as far as the owner takes it, and asks for more. */
static void pump(struct list_reader *l)
{
	bool late = false;

	l->refs++;
	while (l->ops && !l->held && !late && l->next < l->n) {
		const json *obj = l->objs[l->next++];

		if (!l->select || selector_match(l->sel, obj))
			l->held = !l->ops->item(l->data, obj);
		json_release(obj);
		late = loop_turn_spent(l->reg->loop);
	}
	if (l->ops && !l->held && late && l->next < l->n) {
		/* Others have their turn first. */
		loop_timer_start(&l->timer, 0);
	} else if (l->ops && !l->held && !l->waiting) {
		if (l->last) {
			tell_end(l, NULL);
		} else {
			l->waiting = true;
			free(l->page_from);
			l->page_from = xstrdup(pages_from(l->pages));
			pages_next(l->pages, l->plain ? l->limit : 0);
		}
	}
	reader_unref(l);
}

static void read_from(struct list_reader *l, const char *from);

/* The key of an object, below the prefix. */
static char *token_after(struct list_reader *l, const json *meta)
{
	const char *name = json_str_or(json_get(meta, "name"), ""), *ns = json_str(json_get(meta, "namespace"));
	_cleanup_free_ char *start = l->ns || !ns ? xstrdup(name) : xasprintf("%s/%s", ns, name);

	return continue_encode(l->rv, start);
}

/* The 410 of a token whose revision is gone, with one that goes on from the same key. */
static json *token_expired(const struct list_reader *l)
{
	_cleanup_free_ char *token = continue_encode(CONTINUE_NEWEST, l->start);
	json *s = status_expired("The provided continue parameter is too old to display a consistent list result. "
				 "You can start a new list without the continue parameter, or use the continue token in this "
				 "response to retrieve the remainder of the results. Continuing with the provided token results "
				 "in an inconsistent list - objects that were created, modified, or deleted between the time the "
				 "first chunk was returned and now may show up in the list.");

	json_set_str(json_obj(s, "metadata"), "continue", token);
	return s;
}

static void tell_current(void *data, const struct etcd_result *res)
{
	struct list_reader *l = data;

	if (l->ops)
		reader_fail(l, res->err ? etcd_status(res) : status_too_large_rv(l->rv, res->revision));
	reader_unref(l);
}

static void page_failed(struct list_reader *l, const struct etcd_result *res)
{
	static const struct etcd_range_opts count = { .count_only = true };

	if (res->err == -ERANGE) {
		l->refs++;
		etcd_range(l->reg->etcd, l->prefix, NULL, &count, tell_current, l);
	} else if (res->err == -EKEYEXPIRED && l->start) {
		reader_fail(l, token_expired(l));
	} else {
		reader_fail(l, etcd_status(res));
	}
}

/* True if the first page is from before what was asked for: it is read again later, or the list has failed. */
static bool too_old(struct list_reader *l, int64_t revision)
{
	uint64_t now = now_monotonic_us();

	if (l->rv || revision >= l->min_rv)
		return false;
	if (!l->give_up)
		l->give_up = now + FRESH_US;
	if (now >= l->give_up)
		reader_fail(l, status_too_large_rv(l->min_rv, revision));
	else
		loop_timer_start(&l->timer, FRESH_AGAIN_US);
	return true;
}

/* Leaves of the page what is selected, as far as the limit goes. */
static void select_page(struct list_reader *l)
{
	size_t n = l->n, kept = 0;

	l->last = !l->more;
	for (size_t i = 0; i < n; i++) {
		const json *obj = l->objs[i], *meta = json_get(obj, "metadata");

		if (l->last && l->end.token) {
			json_release(obj);
			continue;
		}
		if (!selector_match(l->sel, obj)) {
			json_release(obj);
			continue;
		}
		l->objs[kept++] = obj;
		if (!l->limit || --l->limit)
			continue;
		l->last = true;
		if (i + 1 == n && !l->more)
			break;
		l->end.token = token_after(l, meta);
		l->end.remaining = l->plain ? l->count - (int64_t)i - 1 : -1;
	}
	l->n = kept;
	pump(l);
}

/* The object of a key of etcd; NULL and the list has failed. */
static const json *take_value(struct list_reader *l, const struct etcd_kv *kv)
{
	struct cache *c = cache_ready(l->reg, l->k);
	const json *have = c ? cache_at(c, kv->key, kv->mod_revision) : NULL;
	_cleanup_free_ char *why = NULL;
	_cleanup_json_ json *obj = NULL;

	if (have)
		return json_keep(have);
	if (!object_decode(kv->key, kv->value, kv->value_len, kv->mod_revision, &obj, &why))
		return json_freeze(obj);
	reader_fail(l, status_internal("%s", why));
	return NULL;
}

static void take_values(struct list_reader *l, const struct etcd_result *res)
{
	for (size_t i = 0; i < res->n_kvs; i++) {
		const json *obj = take_value(l, &res->kvs[i]);

		if (!obj)
			return;
		l->objs[l->n++] = obj;
	}
	select_page(l);
}

static void on_missing(void *data, const struct etcd_result *res)
{
	struct missing *m = data;
	struct list_reader *l = m->l;
	size_t at = m->at;

	free(m);
	l->missing--;
	if (l->ops && (res->err || !res->n_kvs))
		page_failed(l, res);
	else if (l->ops)
		l->objs[at] = take_value(l, &res->kvs[0]);
	if (l->ops && !l->missing)
		select_page(l);
	reader_unref(l);
}

/* The keys, of which the cache has most values. */
static void take_keys(struct list_reader *l, const struct etcd_result *res)
{
	struct cache *c = cache_ready(l->reg, l->k);
	struct etcd_range_opts o = { .revision = l->rv };
	size_t missing = 0;

	for (size_t i = 0; i < res->n_kvs; i++) {
		const json *have = c ? cache_at(c, res->kvs[i].key, res->kvs[i].mod_revision) : NULL;

		l->objs[l->n++] = have ? json_keep(have) : NULL;
		missing += !have;
	}
	if (missing > MISSING_MAX) {
		/* An old revision, or a cache that is behind: this page again, with values. */
		l->keys_only = false;
		drop_page(l);
		read_from(l, l->page_from);
		return;
	}
	l->missing = missing;
	for (size_t i = 0; i < res->n_kvs && missing; i++) {
		struct missing *m;

		if (l->objs[i])
			continue;
		m = xnew0(struct missing);
		*m = (struct missing){ l, i };
		l->refs++;
		etcd_range(l->reg->etcd, res->kvs[i].key, NULL, &o, on_missing, m);
	}
	if (!missing)
		select_page(l);
}

static void on_page(void *data, const struct etcd_result *res)
{
	struct list_reader *l = data;

	l->waiting = false;
	l->refs++;
	if (l->reg->freed) {
		reader_fail(l, status_unavailable("the server ends"));
	} else if (res->err) {
		page_failed(l, res);
	} else if (!too_old(l, res->revision)) {
		if (!l->rv)
			l->rv = res->revision;
		l->give_up = 0;
		l->more = res->more;
		l->count = res->count;
		l->n = l->next = 0;
		l->objs = xrealloc(l->objs, (res->n_kvs + 1) * sizeof(*l->objs));
		if (l->keys_only)
			take_keys(l, res);
		else
			take_values(l, res);
	}
	reader_unref(l);
}

static void read_from(struct list_reader *l, const char *from)
{
	_cleanup_free_ char *start = xstrdup(from), *end = etcd_prefix_end(l->prefix);
	const char *name = selector_name(l->sel);
	bool one = name && *name && !strchr(name, '/') && !l->start && (l->ns || !l->k->res->namespaced);

	if (one) {
		free(start);
		start = registry_key(l->k->res, l->ns, name);
	}
	pages_free(l->pages);
	l->pages = pages_new(l->reg->etcd, start, one ? NULL : end, l->rv,
			     l->keys_only && !one ? NULL : registry_page_hint(l->reg, l->k), on_page, l);
	l->keys_only = l->keys_only && !one;
	pump(l);
}

/* From etcd: only the keys if the cache has the values. */
static void read_etcd(struct list_reader *l)
{
	_cleanup_free_ char *last = xasprintf("%s%s", l->prefix, l->start ? l->start : ""), *after = key_after(last);

	l->keys_only = cache_ready(l->reg, l->k);
	read_from(l, l->start ? after : l->prefix);
}

static void take_cached(void *data, const json *obj)
{
	struct list_reader *l = data;

	if (!(l->n & (l->n - 1)))	/* room for twice as many */
		l->objs = xrealloc(l->objs, (l->n ? l->n * 2 : 1) * sizeof(*l->objs));
	l->objs[l->n++] = json_keep(obj);
}

static void begin(struct list_reader *l);

static void on_cache(void *data, const json *status)
{
	struct list_reader *l = data;

	/* A cache that failed by one object does not keep from reading others. */
	l->refs++;
	if (l->ops && status && status_code(status) == 503)
		reader_fail(l, json_clone(status));
	else if (l->ops)
		begin(l);
	reader_unref(l);
}

/* What the cache has, if that will do. */
static void begin(struct list_reader *l)
{
	struct cache *c = cache_ready(l->reg, l->k);

	if (l->watched && !c && !l->waited) {
		l->waited = true;
		cache_wait(cache_of(l->reg, l->k), &l->wait);
		return;
	}
	if (!c || l->rv || l->start || !(l->any || (l->min_rv && !l->limit && cache_rv(c) >= l->min_rv))) {
		read_etcd(l);
		return;
	}
	l->rv = cache_rv(c);
	l->limit = 0;
	l->select = true;
	cache_list(c, l->ns, take_cached, l);
	l->last = true;
	pump(l);
}

/* NULL, or why it cannot be read. */
static json *parse_asked(struct list_reader *l)
{
	const struct store_selector sel = { .label = l->label, .field = l->field };
	_cleanup_free_ char *why = NULL;

	if (!l->as)
		return status_no_resource();
	if (kind_selector_parse(l->as, &sel, &l->sel, &why) ||
	    (l->token && continue_decode(l->token, &l->rv, &l->start, &why)))
		return status_bad_request("%s", why);
	if (l->rv == CONTINUE_NEWEST)
		l->rv = 0;
	l->plain = selector_is_empty(l->sel);
	return NULL;
}

/* Of a kind of which nothing is stored. */
static void read_virtual(struct list_reader *l)
{
	_cleanup_json_ json *items = virtual_items(l->k, l->sel);

	l->objs = xcalloc((size_t)json_len(items) + 1, sizeof(*l->objs));
	json_each(it, items)
		l->objs[l->n++] = json_freeze(it);
	l->last = true;
	pump(l);
}

static void on_timer(void *data)
{
	struct list_reader *l = data;
	bool first = !l->begun;
	json *s = NULL;

	if (!l->ops)
		return;
	l->refs++;
	l->begun = true;
	if (l->reg->freed)
		s = status_unavailable("the server ends");
	else if (first)
		s = parse_asked(l);
	if (s)
		reader_fail(l, s);
	else if (first && kind_is_virtual(l->k))
		read_virtual(l);
	else if (first)
		begin(l);
	else if (l->give_up)
		read_etcd(l);
	else
		pump(l);
	reader_unref(l);
}

struct list_reader *registry_read(struct store *s, const struct resource *r, const char *ns,
				  const struct registry_list_opts *o, const struct list_ops *ops, void *data)
{
	struct list_reader *l = xnew0(struct list_reader);

	l->reg = registry_ref(registry_of(s));
	l->as = kind_of(r);
	l->k = l->as ? l->as->storage : NULL;
	l->ns = ns && r->namespaced ? xstrdup(ns) : NULL;
	l->prefix = registry_key(r, l->ns, NULL);
	l->label = o->sel.label ? xstrdup(o->sel.label) : NULL;
	l->field = o->sel.field ? xstrdup(o->sel.field) : NULL;
	l->token = o->continue_token && *o->continue_token ? xstrdup(o->continue_token) : NULL;
	l->limit = o->limit;
	l->rv = o->exact_rv;
	l->min_rv = o->min_rv;
	l->any = o->any;
	l->watched = o->watched;
	l->wait.fn = on_cache;
	l->wait.data = l;
	l->end.remaining = -1;
	l->ops = ops;
	l->data = data;
	l->refs = 1;
	loop_timer_init(&l->timer, l->reg->loop, on_timer, l);
	loop_timer_start(&l->timer, 0);
	return l;
}

int64_t registry_read_rv(const struct list_reader *l)
{
	return l->rv;
}

void registry_read_on(struct list_reader *l)
{
	if (!l->held)
		return;
	l->held = false;
	loop_timer_start(&l->timer, 0);
}

void registry_read_stop(struct list_reader *l)
{
	if (!l)
		return;
	l->ops = NULL;
	cache_wait_stop(&l->wait);
	reader_unref(l);
}

/* --- whole lists, for callers in this process ------------------------------------------------ */

struct whole {
	struct registry *reg;
	json *list, *items;
	const json **kept;		/* what the items refer to */
	size_t n, cap;
	store_cb cb;
	void *data;
};

static bool whole_item(void *data, const json *obj)
{
	struct whole *w = data;

	if (w->n == w->cap) {
		w->cap = w->cap ? w->cap * 2 : 16;
		w->kept = xrealloc(w->kept, w->cap * sizeof(*w->kept));
	}
	w->kept[w->n++] = json_keep(obj);
	json_append_frozen(w->items, obj);
	return true;
}

static void whole_end(void *data, const struct list_end *end)
{
	struct whole *w = data;
	json *meta = json_obj(w->list, "metadata");
	_cleanup_free_ char *rv = xasprintf("%lld", (long long)end->rv);
	struct store_result res = { .code = 200, .obj = w->list, .rv = end->rv };

	json_set_str(meta, "resourceVersion", rv);
	json_set_str(meta, "continue", end->token);
	if (end->remaining > 0)
		json_set_int(meta, "remainingItemCount", end->remaining);
	if (end->status)
		res = (struct store_result){
			.err = status_errno(end->status), .code = status_code(end->status), .obj = end->status,
		};
	if (!w->reg->freed)
		w->cb(w->data, &res);
	registry_unref(w->reg);
	json_freep(&w->list);
	for (size_t i = 0; i < w->n; i++)
		json_release(w->kept[i]);
	free(w->kept);
	free(w);
}

void registry_list(struct store *s, const struct resource *r, const char *ns, const struct registry_list_opts *o,
		   store_cb cb, void *data)
{
	static const struct list_ops ops = { .item = whole_item, .end = whole_end };
	_cleanup_free_ char *version = api_version_of(r), *kind = xasprintf("%sList", r->kind);
	struct whole *w = xnew0(struct whole);

	w->reg = registry_ref(registry_of(s));
	w->cb = cb;
	w->data = data;
	w->list = json_new_object();
	json_set_str(w->list, "kind", kind);
	json_set_str(w->list, "apiVersion", version);
	json_obj(w->list, "metadata");
	w->items = json_set(w->list, "items", json_new_array());
	registry_read(s, r, ns, o, &ops, w);
}
