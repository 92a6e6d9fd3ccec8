// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch.c - watches: etcd's events as events of objects
 *
 * An object that a change brings into or takes out of the selection is an
 * ADDED or a DELETED, for which etcd sends the value before. A lost connection
 * to etcd is not the watcher's business: the watch goes on after the last
 * revision it has told. So does one whose owner was slow: it is closed while
 * the owner pauses, and history waits in etcd.
 */
#include <errno.h>

#include "api/registry/internal.h"
#include "api/registry/object.h"
#include "api/meta/status.h"

#define REOPEN_US 500000

struct store_watch {
	struct registry *reg;
	const struct kind *k;
	char *ns, *prefix, *end;
	char *label, *field;
	struct selector *sel;
	bool initial, listing, mark, paused;
	json *first;			/* the list of what there is, while it is being told */
	const json *next;		/* of its items */
	store_watch_cb cb;		/* NULL once closed or failed */
	void *data;
	int64_t rv;			/* everything up to here was told */
	int64_t told;			/* the newest revision that the owner has heard of */
	struct etcd_watch *etcd;
	struct loop_timer timer;	/* starts the watch, and opens it again */
	unsigned refs;			/* the owner's, and one per callback under way */
};

static void watch_unref(struct store_watch *w)
{
	if (--w->refs)
		return;
	if (w->etcd)
		etcd_watch_close(w->etcd);
	loop_timer_stop(&w->timer);
	selector_free(w->sel);
	json_freep(&w->first);
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

/* Takes the Status; the last event there is. */
static void tell_error(struct store_watch *w, json *status)
{
	tell(w, STORE_ERROR, status, 0);
	w->cb = NULL;
	json_freep(&status);
}

static void tell_bookmark(struct store_watch *w, bool mark)
{
	_cleanup_json_ json *obj = json_new_object();
	_cleanup_free_ char *version = api_version_of(w->k->res);

	json_set_str(obj, "kind", w->k->res->kind);
	json_set_str(obj, "apiVersion", version);
	object_set_rv(obj, w->rv);
	json_set(json_get(obj, "metadata"), "creationTimestamp", json_new_null());
	if (mark)
		json_set_str(json_obj(obj, "metadata", "annotations"), METADATA_INITIAL_END, "true");
	tell(w, STORE_BOOKMARK, obj, w->rv);
}

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

static void on_etcd(void *data, int err, const struct etcd_event *ev, size_t n, int64_t revision)
{
	struct store_watch *w = data;

	w->refs++;
	if (err) {
		etcd_watch_close(w->etcd);
		w->etcd = NULL;
	}
	if (err == -EKEYEXPIRED) {
		tell_error(w, status_expired("too old resource version: %lld (%lld)", (long long)w->rv,
					     (long long)revision));
	} else if (err == -EAGAIN && w->cb) {
		_cleanup_json_ json *status = status_unavailable("etcd does not answer");

		if (!w->paused)
			loop_timer_start(&w->timer, REOPEN_US);
		tell(w, STORE_STALLED, status, 0);
	} else if (err) {
		tell_error(w, status_internal("etcd ended the watch: %s", strerror(-err)));
	}
	for (size_t i = 0; i < n && !err && w->cb; i++) {
		on_change(w, &ev[i]);
		if (ev[i].kv.mod_revision > w->rv)
			w->rv = ev[i].kv.mod_revision;
	}
	if (!err && revision > w->rv)
		w->rv = revision;
	/* What the selector holds back moves the revision nevertheless: history before it may go. */
	if (!err && w->cb && (!n || w->told < w->rv))
		tell_bookmark(w, false);
	if (w->paused && w->etcd && w->rv) {
		etcd_watch_close(w->etcd);
		w->etcd = NULL;
	}
	watch_unref(w);
}

static void open_etcd(struct store_watch *w)
{
	w->etcd = etcd_watch(w->reg->etcd, w->prefix, w->end, w->rv ? w->rv + 1 : 0, on_etcd, w);
}

/* The objects there are, as if they had just been added; as long as the owner takes them. */
static void tell_first(struct store_watch *w)
{
	w->refs++;
	while (w->next && w->cb && !w->paused) {
		const json *it = w->next;
		int64_t rv = 0;

		w->next = it->next;
		parse_i64(json_str_or(json_get(it, "metadata", "resourceVersion"), "0"), 0, INT64_MAX, &rv);
		tell(w, STORE_ADDED, it, rv);
	}
	if (!w->next && w->cb) {
		json_freep(&w->first);
		if (w->mark)
			tell_bookmark(w, true);
		if (w->cb && !w->paused)
			open_etcd(w);
	}
	watch_unref(w);
}

static void on_first_list(void *data, const struct store_result *res)
{
	struct store_watch *w = data;
	const json *items;

	w->listing = false;
	if (res->err) {
		tell_error(w, json_clone(res->obj));
		watch_unref(w);
		return;
	}
	w->first = json_clone(res->obj);
	items = json_get(w->first, "items");
	w->next = items ? items->child : NULL;
	w->rv = res->rv;
	w->initial = false;
	tell_first(w);
	watch_unref(w);
}

static void on_timer(void *data)
{
	struct store_watch *w = data;
	struct registry_list_opts o = { .sel = { .label = w->label, .field = w->field } };
	_cleanup_free_ char *why = NULL;

	if (!w->cb || w->reg->freed || w->etcd || w->listing)
		return;
	w->refs++;
	if (!w->sel && kind_selector_parse(w->k, &o.sel, &w->sel, &why)) {
		tell_error(w, status_bad_request("%s", why));
	} else if (w->initial) {
		w->refs++;
		w->listing = true;
		o.min_rv = w->rv;
		registry_list(&w->reg->store, w->k->res, w->ns, &o, on_first_list, w);
	} else if (w->first) {
		tell_first(w);
	} else if (!w->paused) {
		open_etcd(w);
	}
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
	w->mark = o->initial && o->mark;
	w->cb = cb;
	w->data = data;
	w->rv = o->rv;
	w->refs = 1;
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
	return w->initial || w->first ? 0 : w->rv;
}

void registry_watch_close(struct store *s, struct store_watch *w)
{
	w->cb = NULL;
	loop_timer_stop(&w->timer);
	if (w->etcd) {
		etcd_watch_close(w->etcd);
		w->etcd = NULL;
	}
	watch_unref(w);
}
