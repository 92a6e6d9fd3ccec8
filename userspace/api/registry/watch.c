// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch.c - watches: what they tell first, and how they come to the cache
 *
 * A watch reads the objects there are, if they are asked for, and goes on after
 * their revision: with the cache's ring of recent events and then with what
 * comes, or, where the ring does not reach back so far (after a restart of this
 * server, say), with an etcd watch of its own until it does. A watcher that
 * pauses is taken out of the cache and comes back the same way. A lost connection
 * to etcd is not its business: it hears that news are late.
 *
 * An object that a change brings into or takes out of the selection is an ADDED
 * or a DELETED.
 */
#include <errno.h>

#include "api/meta/status.h"
#include "api/registry/cache.h"
#include "api/registry/object.h"

#define REOPEN_US 500000

struct store_watch {
	struct registry *reg;
	const struct kind *k;
	char *ns, *prefix, *end;
	char *label, *field;
	struct selector *sel;
	bool initial, any, mark;	/* as in registry_watch_opts; initial: still to be told */
	bool paused;
	store_watch_cb cb;		/* NULL once closed or failed */
	void *data;
	int64_t rv;			/* everything up to here was told, if it is not in the cache */
	struct list_reader *first;	/* of the initial objects */
	struct cache *cache;		/* used, while it is in it or on its way */
	struct cache_wait wait;
	struct cache_watcher in;	/* in.bucket: the cache tells */
	int64_t last;			/* the revision of the event looked at last */
	int64_t told;			/* the newest that the owner has heard of */
	struct etcd_watch *etcd;	/* of its own */
	struct loop_timer timer;	/* begins, and goes on */
	unsigned refs;			/* the owner's, and one per callback under way */
};

static void drop_cache(struct store_watch *w)
{
	cache_wait_stop(&w->wait);
	if (!w->cache)
		return;
	cache_detach(w->cache, &w->in);
	cache_unuse(TAKE_PTR(w->cache));
}

static void watch_unref(struct store_watch *w)
{
	if (--w->refs)
		return;
	loop_timer_stop(&w->timer);
	selector_free(w->sel);
	free(w->ns);
	free(w->prefix);
	free(w->end);
	free(w->label);
	free(w->field);
	registry_unref(w->reg);
	free(w);
}

static void tell(struct store_watch *w, enum store_event_type type, const json *obj, int64_t rv)
{
	if (rv > w->told)
		w->told = rv;
	if (w->cb && !w->reg->freed)
		w->cb(w->data, type, obj, rv);
}

/* Nothing comes from anywhere any more. */
static void stop(struct store_watch *w)
{
	w->cb = NULL;
	loop_timer_stop(&w->timer);
	registry_read_stop(TAKE_PTR(w->first));
	etcd_watch_close(TAKE_PTR(w->etcd));
	drop_cache(w);
}

/* Takes the Status; the last event there is. */
static void tell_error(struct store_watch *w, json *status)
{
	tell(w, STORE_ERROR, status, 0);
	stop(w);
	json_freep(&status);
}

static void tell_bookmark(struct store_watch *w, bool mark)
{
	int64_t rv = registry_watch_rv(w);
	_cleanup_json_ json *obj = json_new_object();
	_cleanup_free_ char *version = api_version_of(w->k->res);

	json_set_str(obj, "kind", w->k->res->kind);
	json_set_str(obj, "apiVersion", version);
	object_set_rv(obj, rv);
	if (mark)
		json_set_str(json_obj(obj, "metadata", "annotations"), METADATA_INITIAL_END, "true");
	tell(w, STORE_BOOKMARK, obj, rv);
}

/* --- from the cache ------------------------------------------------------------------------- */

static struct store_watch *watch_in(struct cache_watcher *in)
{
	return container_of(in, struct store_watch, in);
}

static void on_event(struct cache_watcher *in, struct cache_event *ev)
{
	struct store_watch *w = watch_in(in);
	enum cache_verdict v;

	if (ev->rv <= w->rv)
		return;
	if (w->paused && ev->rv != w->last && in->bucket) {
		/* Everything before this one was told. */
		w->rv = ev->rv - 1;
		drop_cache(w);
		return;
	}
	v = cache_verdict(in, ev);
	if (v == CACHE_NOTHING)
		return;
	w->last = ev->rv;
	if (v == CACHE_DELETED)
		tell(w, STORE_DELETED, cache_event_gone(ev), ev->rv);
	else
		tell(w, v == CACHE_ADDED ? STORE_ADDED : STORE_MODIFIED, ev->now, ev->rv);
}

static void on_news(struct cache_watcher *in, int what, const json *status)
{
	struct store_watch *w = watch_in(in);

	w->refs++;
	if (what == CACHE_LOST)
		tell_error(w, json_clone(status));
	else if (what == CACHE_STALLED)
		tell(w, STORE_STALLED, status, 0);
	else
		tell_bookmark(w, false);
	watch_unref(w);
}

static bool has_paused(struct cache_watcher *in)
{
	return watch_in(in)->paused || !watch_in(in)->cb;
}

static void follow(struct store_watch *w);

static void on_ready(void *data, const json *status)
{
	struct store_watch *w = data;

	/* The cache may have failed by an object that this watch never meets. */
	w->refs++;
	if (w->cb && !w->reg->freed)
		follow(w);
	watch_unref(w);
}

/* --- from etcd, further back than the cache knows -------------------------------------------- */

/* Name and namespace are all that is known of an object whose last value was compacted away. */
static json *object_from_key(struct store_watch *w, const char *key)
{
	json *obj = json_new_object(), *meta = json_obj(obj, "metadata");
	const char *rest = key + strlen(REGISTRY_PREFIX) + strlen(w->k->res->etcd_dir) + 1, *slash = strchr(rest, '/');
	_cleanup_free_ char *version = api_version_of(w->k->res), *ns = NULL;

	json_set_str(obj, "kind", w->k->res->kind);
	json_set_str(obj, "apiVersion", version);
	json_set_str(meta, "name", slash ? slash + 1 : rest);
	ns = slash ? xstrndup(rest, (size_t)(slash - rest)) : NULL;
	json_set_str(meta, "namespace", ns);
	return obj;
}

/* One change of one key. */
static void on_change(struct store_watch *w, const struct etcd_event *ev)
{
	_cleanup_json_ json *now = NULL, *before = NULL;
	_cleanup_free_ char *why = NULL;
	int64_t rv = ev->kv.mod_revision;
	bool plain = selector_is_empty(w->sel), is, was;

	if (!ev->deleted && object_decode(ev->kv.key, ev->kv.value, ev->kv.value_len, rv, &now, &why)) {
		tell_error(w, status_internal("%s", why));
		return;
	}
	/* The value before counts where it may have been selected and this one is not. */
	if (ev->has_prev && (ev->deleted || !plain) &&
	    object_decode(ev->prev.key, ev->prev.value, ev->prev.value_len, rv, &before, &why)) {
		tell_error(w, status_internal("%s", why));
		return;
	}
	is = now && selector_match(w->sel, now);
	if (!plain && !is && !ev->has_prev && (ev->deleted || ev->kv.create_revision != ev->kv.mod_revision)) {
		/* Compacted away, so that nobody knows whether it was selected: the watcher has to list. */
		tell_error(w, status_expired("The resourceVersion for the provided watch is too old."));
		return;
	}
	if (ev->deleted && !before)
		before = object_from_key(w, ev->kv.key);
	was = plain ? ev->deleted || ev->kv.create_revision != ev->kv.mod_revision : before && selector_match(w->sel, before);
	if (is)
		tell(w, was ? STORE_MODIFIED : STORE_ADDED, now, rv);
	else if (was && before)
		tell(w, STORE_DELETED, before, rv);
}

static void etcd_ended(struct store_watch *w, int err, int64_t revision)
{
	_cleanup_json_ json *status = NULL;

	etcd_watch_close(TAKE_PTR(w->etcd));
	if (err == -EKEYEXPIRED) {
		tell_error(w, status_expired("too old resource version: %lld (%lld)", (long long)w->rv, (long long)revision));
	} else if (err == -EAGAIN) {
		status = status_unavailable("etcd does not answer");
		loop_timer_start(&w->timer, REOPEN_US);
		tell(w, STORE_STALLED, status, 0);
	} else {
		tell_error(w, status_internal("etcd ended the watch: %s", strerror(-err)));
	}
}

static void on_etcd(void *data, int err, const struct etcd_event *ev, size_t n, int64_t revision)
{
	struct store_watch *w = data;
	struct cache *c;

	w->refs++;
	if (err)
		etcd_ended(w, err, revision);
	for (size_t i = 0; i < n && !err && w->cb; i++) {
		on_change(w, &ev[i]);
		w->last = ev[i].kv.mod_revision;
		if (w->last > w->rv)
			w->rv = w->last;
	}
	if (!err && w->cb) {
		if (revision > w->rv)
			w->rv = revision;
		/* What the selector holds back moves the revision nevertheless: history before it may go. */
		if (!n || w->told < w->rv)
			tell_bookmark(w, false);
		c = cache_ready(w->reg, w->k);
		if (w->etcd && (w->paused || (w->rv && c && cache_covers(c, w->rv)))) {
			etcd_watch_close(TAKE_PTR(w->etcd));
			follow(w);
		}
	}
	watch_unref(w);
}

/* --- one after the other ------------------------------------------------------------------------ */

/* Tells what came after w->rv, from wherever it can be had. */
static void follow(struct store_watch *w)
{
	struct cache *c;

	if (w->paused || w->etcd || w->in.bucket || w->wait.cache)
		return;
	if (!w->cache) {
		w->cache = cache_of(w->reg, w->k);
		cache_use(w->cache);
	}
	c = cache_ready(w->reg, w->k);
	if (!c && !cache_has_failed(w->cache)) {
		cache_wait(w->cache, &w->wait);
		return;
	}
	if (c && !w->rv)
		w->rv = cache_rv(c);
	if (!c || !cache_covers(c, w->rv)) {
		w->etcd = etcd_watch(w->reg->etcd, w->prefix, w->end, w->rv ? w->rv + 1 : 0, true, on_etcd, w);
		return;
	}
	w->last = 0;
	w->in.ns = w->ns;
	w->in.sel = w->sel;
	w->rv = cache_attach(c, &w->in, w->rv, has_paused) ?: w->rv;
	if (w->in.bucket && w->cb)
		tell_bookmark(w, false);
	if (!w->in.bucket)
		drop_cache(w);
}

static bool on_first(void *data, const json *obj)
{
	struct store_watch *w = data;
	int64_t rv = 0;
	bool more;

	parse_i64(json_str_or(json_get(obj, "metadata", "resourceVersion"), "0"), 0, INT64_MAX, &rv);
	w->refs++;
	tell(w, STORE_ADDED, obj, rv);
	more = !w->paused;
	watch_unref(w);
	return more;
}

static void on_first_end(void *data, const struct list_end *end)
{
	struct store_watch *w = data;

	w->refs++;
	w->first = NULL;
	if (end->status) {
		tell_error(w, json_clone(end->status));
	} else if (w->cb) {
		w->initial = false;
		w->rv = end->rv;
		if (w->mark)
			tell_bookmark(w, true);
		if (w->cb)
			follow(w);
	}
	watch_unref(w);
}

static void read_first(struct store_watch *w)
{
	static const struct list_ops ops = { .item = on_first, .end = on_first_end };
	struct registry_list_opts o = {
		.sel = { .label = w->label, .field = w->field }, .min_rv = w->rv, .any = w->any, .watched = true,
	};

	w->first = registry_read(&w->reg->store, w->k->res, w->ns, &o, &ops, w);
}

static void on_timer(void *data)
{
	struct store_watch *w = data;
	const struct store_selector sel = { .label = w->label, .field = w->field };
	_cleanup_free_ char *why = NULL;

	if (!w->cb || w->reg->freed)
		return;
	w->refs++;
	if (!w->sel && kind_selector_parse(w->k, &sel, &w->sel, &why))
		tell_error(w, status_bad_request("%s", why));
	else if (w->first)
		registry_read_on(w->first);
	else if (w->initial)
		read_first(w);
	else
		follow(w);
	watch_unref(w);
}

struct store_watch *registry_watch_with(struct store *s, const struct resource *r, const char *ns,
					const struct registry_watch_opts *o, store_watch_cb cb, void *data)
{
	struct store_watch *w = xnew0(struct store_watch);

	w->reg = registry_ref(registry_of(s));
	w->k = kind_of(r);
	w->ns = ns && r->namespaced ? xstrdup(ns) : NULL;
	w->prefix = registry_key(r, w->ns, NULL);
	w->end = etcd_prefix_end(w->prefix);
	w->label = o->sel.label ? xstrdup(o->sel.label) : NULL;
	w->field = o->sel.field ? xstrdup(o->sel.field) : NULL;
	w->initial = o->initial;
	w->any = o->any;
	w->mark = o->initial && o->mark;
	w->cb = cb;
	w->data = data;
	w->rv = o->rv;
	w->refs = 1;
	w->wait.fn = on_ready;
	w->wait.data = w;
	w->in.event = on_event;
	w->in.news = on_news;
	loop_timer_init(&w->timer, w->reg->loop, on_timer, w);
	loop_timer_start(&w->timer, 0);
	return w;
}

struct store_watch *registry_watch(struct store *s, const struct resource *r, const char *ns,
				   const struct store_selector *sel, int64_t rv, store_watch_cb cb, void *data)
{
	struct registry_watch_opts o = { .initial = !rv, .rv = rv };

	if (sel)
		o.sel = *sel;
	return registry_watch_with(s, r, ns, &o, cb, data);
}

void registry_watch_pause(struct store_watch *w, bool paused)
{
	if (w->paused && !paused)
		loop_timer_start(&w->timer, 0);
	w->paused = paused;
}

int64_t registry_watch_rv(const struct store_watch *w)
{
	if (w->initial)
		return 0;
	return w->in.bucket && cache_rv(w->cache) > w->rv ? cache_rv(w->cache) : w->rv;
}

void registry_watch_close(struct store *s, struct store_watch *w)
{
	stop(w);
	watch_unref(w);
}
