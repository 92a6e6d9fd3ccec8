// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cache.c - see cache.h
 *
 * One etcd watch for each kind that somebody watches or lists at resourceVersion
 * 0. It begins with the pages of a list at one revision and goes on with the
 * events after it, so that at any time the cache is what etcd held at cache_rv().
 *
 *  - An object is decoded once, and frozen (base/frozen.h): the cache, informers
 *    in this process, lists being written and the ring of events have references
 *    to the same block, and the bytes that were made of it for one client are there
 *    for the others. What is idle has the tree alone.
 *  - Events of the last while are in a ring, each with the state before it: a
 *    watch that starts a little back, or was slow, replays them. One that starts
 *    further back has an etcd watch of its own until it has come to where the ring
 *    begins (watch.c). So the ring is a matter of cost: history ends where etcd's does.
 *  - Watchers are found by what they select (cache_index.c). A watcher whose
 *    reader is slow is taken out and holds nothing but its revision.
 *  - Exact reads are not answered from here on trust: etcd is asked for the keys
 *    and their revisions at this moment (or for the one object), and the cache
 *    only saves the values of those it has at just that revision (list.c). etcd
 *    3.4 cannot reliably say that a watch has come up to a revision, so that waiting
 *    for the cache instead could tell old things as new, or wait for ever on a
 *    kind that does not change.
 *  - etcd out of reach: what is there stays, watchers are told that news are late,
 *    and the watch goes on from cache_rv(). History compacted meanwhile: the list
 *    is read again, and the difference is told as events, in the order of their
 *    revisions.
 *  - A value that is no object makes the cache fail, and with it whoever needs the
 *    whole of it; they are told which key it is. It is tried again when somebody
 *    asks.
 *  - Nobody uses it for IDLE_US: it goes.
 */
#include "api/registry/cache.h"

#include <errno.h>
#include <utlist.h>

#include "api/kinds/rules.h"
#include "api/meta/status.h"
#include "api/registry/object.h"
#include "api/registry/pages.h"

#define REOPEN_US 500000
#define RETRY_US 2000000	/* after a failure, nobody gets another attempt before */
#define IDLE_US (60 * UINT64_C(1000000))

enum state {
	STARTING,	/* the list is being read (again) */
	READY,
	FAILED,
};

struct cache {
	struct cache *prev, *next;	/* in the registry's list */
	struct registry *reg;
	const struct kind *k;
	char *prefix, *end;
	enum state state;
	bool filled;			/* there was a whole list already: the next is told as a difference */
	json *why;			/* FAILED: a Status */
	uint64_t failed_at;
	struct cache_entry *objects;
	size_t bytes;			/* of them */
	int64_t rv;
	struct cache_ring ring;
	struct cache_event *diff;	/* what the list under way has found different */
	size_t n_diff, cap_diff;
	struct cache_index index;
	struct cache_wait *waits;
	struct pages *pages;		/* the list under way */
	struct etcd_watch *etcd;
	bool stalled;
	struct loop_timer reopen, idle, wake;
	unsigned users;
};

static void start_list(struct cache *c);

static const char *tail(const struct cache *c, const char *key)
{
	return key + strlen(c->prefix);
}

/* --- who waits --------------------------------------------------------------------------- */

static void wake_one(struct cache *c, const json *status)
{
	struct cache_wait *w = c->waits;

	DL_DELETE(c->waits, w);
	w->cache = NULL;
	w->fn(w->data, status);
}

static void on_wake(void *data)
{
	struct cache *c = data;

	while (c->state != STARTING && c->waits)
		wake_one(c, c->state == FAILED ? c->why : NULL);
}

void cache_wait(struct cache *c, struct cache_wait *w)
{
	w->cache = c;
	DL_APPEND(c->waits, w);
	if (c->state != STARTING)
		loop_timer_start_by(&c->wake, 0);
}

void cache_wait_stop(struct cache_wait *w)
{
	if (!w->cache)
		return;
	DL_DELETE(w->cache->waits, w);
	w->cache = NULL;
}

/* --- telling ------------------------------------------------------------------------------- */

struct news {
	enum cache_news what;
	const json *status;
};

static void tell_one(struct cache_watcher *w, void *data)
{
	const struct news *n = data;

	w->news(w, n->what, n->status);
}

static void tell_all(struct cache *c, enum cache_news what, const json *status)
{
	struct news n = { what, status };

	watchers_each(&c->index, tell_one, &n);
}

static void detach_one(struct cache_watcher *w, void *data)
{
	struct cache *c = data;

	watchers_remove(&c->index, w);
	w->news(w, CACHE_LOST, c->why);
}

static void drop_diff(struct cache *c)
{
	for (size_t i = 0; i < c->n_diff; i++) {
		json_release(c->diff[i].now);
		json_release(c->diff[i].prev);
	}
	free(c->diff);
	c->diff = NULL;
	c->n_diff = c->cap_diff = 0;
}

/* Takes the Status. What is there may miss events: it goes. */
static void fail(struct cache *c, json *status)
{
	json_freep(&c->why);
	c->why = status;
	c->state = FAILED;
	c->filled = c->stalled = false;
	c->failed_at = now_monotonic_us();
	pages_free(TAKE_PTR(c->pages));
	etcd_watch_close(TAKE_PTR(c->etcd));
	loop_timer_stop(&c->reopen);
	loop_timer_start_by(&c->wake, 0);
	watchers_each(&c->index, detach_one, c);
	drop_diff(c);
	ring_reset(&c->ring, 0);
	cache_clear(&c->objects);
	c->bytes = 0;
}

/* Changes the content and gives the event: true if it is one. ret's references belong to the caller. */
static bool apply(struct cache *c, const char *key, const json *now, int64_t rv, struct cache_event *ret)
{
	*ret = (struct cache_event){ .rv = rv, .now = now };
	ret->prev = now ? cache_set(&c->objects, tail(c, key), json_keep(now), rv) : cache_remove(&c->objects, tail(c, key));
	if (now)
		c->bytes += json_frozen_size(now);
	if (ret->prev)
		c->bytes -= json_frozen_size(ret->prev);
	return now || ret->prev;
}

/* The value as a frozen object, or NULL and the cache has failed. */
static const json *decode(struct cache *c, const struct etcd_kv *kv)
{
	_cleanup_json_ json *obj = NULL;
	_cleanup_free_ char *why = NULL;

	if (!object_decode(kv->key, kv->value, kv->value_len, kv->mod_revision, &obj, &why))
		return json_freeze(obj);
	fail(c, status_internal("%s", why));
	return NULL;
}

static void trim(struct cache *c)
{
	size_t share = c->bytes / 8;

	ring_trim(&c->ring, share > RING_BYTES ? share : RING_BYTES);
}

/* Takes the event. */
static void tell_event(struct cache *c, const struct cache_event *ev)
{
	watchers_tell(&c->index, ring_push(&c->ring, ev));
}

/* --- the watch on etcd ---------------------------------------------------------------------- */

/* False if the cache has failed. */
static bool on_change(struct cache *c, const struct etcd_event *ev)
{
	struct cache_event told;
	const json *now = NULL;

	if (!ev->deleted) {
		now = decode(c, &ev->kv);
		if (!now)
			return false;
	}
	if (apply(c, ev->kv.key, now, ev->kv.mod_revision, &told))
		tell_event(c, &told);
	return true;
}

static void watch_lost(struct cache *c, int err)
{
	_cleanup_json_ json *status = NULL;

	etcd_watch_close(TAKE_PTR(c->etcd));
	if (err == -EKEYEXPIRED) {
		start_list(c);
	} else if (err == -EAGAIN) {
		c->stalled = true;
		loop_timer_start(&c->reopen, REOPEN_US);
		status = status_unavailable("etcd does not answer");
		tell_all(c, CACHE_STALLED, status);
	} else {
		fail(c, status_internal("etcd ended the watch: %s", strerror(-err)));
	}
}

static void on_etcd(void *data, int err, const struct etcd_event *ev, size_t n, int64_t revision)
{
	struct cache *c = data;

	if (err) {
		watch_lost(c, err);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (!on_change(c, &ev[i]))
			return;
		if (i + 1 == n || ev[i + 1].kv.mod_revision != ev[i].kv.mod_revision)
			c->rv = ev[i].kv.mod_revision;
	}
	trim(c);
	if (revision > c->rv)
		c->rv = revision;
	if (!n || c->stalled)
		tell_all(c, CACHE_PROGRESS, NULL);
	c->stalled = false;
}

static void open_watch(void *data)
{
	struct cache *c = data;

	c->etcd = etcd_watch(c->reg->etcd, c->prefix, c->end, c->rv + 1, false, on_etcd, c);
}

/* --- the list ---------------------------------------------------------------------------------- */

static void add_diff(struct cache *c, const struct cache_event *ev)
{
	if (c->n_diff == c->cap_diff) {
		c->cap_diff = c->cap_diff ? c->cap_diff * 2 : 16;
		c->diff = xrealloc(c->diff, c->cap_diff * sizeof(*c->diff));
	}
	c->diff[c->n_diff++] = *ev;
}

static int by_revision(const void *a, const void *b)
{
	const struct cache_event *x = a, *y = b;

	return x->rv < y->rv ? -1 : x->rv > y->rv;
}

struct unseen {
	char **keys;
	size_t n, cap;
};

static void note_unseen(void *data, struct cache_entry *e)
{
	struct unseen *u = data;

	if (e->seen)
		return;
	if (u->n == u->cap) {
		u->cap = u->cap ? u->cap * 2 : 16;
		u->keys = xrealloc(u->keys, u->cap * sizeof(*u->keys));
	}
	u->keys[u->n++] = xstrdup(e->key);
}

/* What the list did not name is gone, as of its revision. */
static void remove_unseen(struct cache *c, int64_t revision)
{
	struct unseen u = {0};

	cache_each(c->objects, "", note_unseen, &u);
	for (size_t i = 0; i < u.n; i++) {
		struct cache_event ev = { .rv = revision, .prev = cache_remove(&c->objects, u.keys[i]) };

		c->bytes -= json_frozen_size(ev.prev);
		add_diff(c, &ev);
		free(u.keys[i]);
	}
	free(u.keys);
}

static void list_over(struct cache *c)
{
	struct cache_event *diff;
	int64_t revision = pages_revision(c->pages);
	size_t n;

	pages_free(TAKE_PTR(c->pages));
	if (c->filled) {
		remove_unseen(c, revision);
		qsort(c->diff, c->n_diff, sizeof(*c->diff), by_revision);
	} else {
		ring_reset(&c->ring, revision);
	}
	c->state = READY;
	c->filled = true;
	diff = TAKE_PTR(c->diff);
	n = c->n_diff;
	c->n_diff = c->cap_diff = 0;
	for (size_t i = 0; i < n; i++)
		tell_event(c, &diff[i]);
	free(diff);
	c->rv = revision;
	trim(c);
	open_watch(c);
	loop_timer_start_by(&c->wake, 0);
}

static void list_failed(struct cache *c, const struct etcd_result *res)
{
	json *status = etcd_status(res);

	if (!c->filled || res->err != -EAGAIN) {
		fail(c, status);
		return;
	}
	/* Those who watch already will hear of the difference; who came meanwhile does not wait for etcd. */
	pages_free(TAKE_PTR(c->pages));
	c->stalled = true;
	loop_timer_start(&c->reopen, REOPEN_US);
	tell_all(c, CACHE_STALLED, status);
	while (c->waits)
		wake_one(c, status);
	json_freep(&status);
}

static void on_page(void *data, const struct etcd_result *res)
{
	struct cache *c = data;

	if (res->err) {
		list_failed(c, res);
		return;
	}
	for (size_t i = 0; i < res->n_kvs; i++) {
		const struct etcd_kv *kv = &res->kvs[i];
		struct cache_entry *e = cache_find(c->objects, tail(c, kv->key));
		struct cache_event ev;
		const json *now;

		if (e && e->rv == kv->mod_revision) {
			e->seen = true;
			continue;
		}
		now = decode(c, kv);
		if (!now)
			return;
		apply(c, kv->key, now, kv->mod_revision, &ev);
		if (c->filled) {
			add_diff(c, &ev);
			continue;
		}
		json_release(ev.now);
		json_release(ev.prev);
	}
	if (res->more)
		pages_next(c->pages, 0);
	else
		list_over(c);
}

static void mark_unseen(void *data, struct cache_entry *e)
{
	e->seen = false;
}

static void start_list(struct cache *c)
{
	c->state = STARTING;
	cache_each(c->objects, "", mark_unseen, NULL);
	c->pages = pages_new(c->reg->etcd, c->prefix, c->end, 0, registry_page_hint(c->reg, c->k), on_page, c);
	pages_next(c->pages, 0);
}

/* --- life ------------------------------------------------------------------------------------------ */

static void on_reopen(void *data)
{
	struct cache *c = data;

	if (c->state == STARTING)
		start_list(c);
	else
		open_watch(c);
}

static void cache_free(struct cache *c)
{
	DL_DELETE(c->reg->caches, c);
	pages_free(c->pages);
	etcd_watch_close(c->etcd);
	loop_timer_stop(&c->reopen);
	loop_timer_stop(&c->idle);
	loop_timer_stop(&c->wake);
	drop_diff(c);
	watchers_free(&c->index);
	ring_free(&c->ring);
	cache_clear(&c->objects);
	json_freep(&c->why);
	free(c->prefix);
	free(c->end);
	free(c);
}

static void on_idle(void *data)
{
	struct cache *c = data;

	if (!c->users && !c->waits)
		cache_free(c);
	else if (!c->users)
		loop_timer_start(&c->idle, IDLE_US);
}

static struct cache *find(struct registry *reg, const struct kind *k)
{
	struct cache *c;

	DL_SEARCH_SCALAR(reg->caches, c, k, k->storage);
	return c;
}

struct cache *cache_of(struct registry *reg, const struct kind *k)
{
	struct cache *c = find(reg, k);

	if (!c) {
		c = xnew0(struct cache);
		c->reg = reg;
		c->k = k->storage;
		c->index.value = c->k->rules->field;
		c->prefix = registry_key(c->k->res, NULL, NULL);
		c->end = etcd_prefix_end(c->prefix);
		loop_timer_init(&c->reopen, reg->loop, on_reopen, c);
		loop_timer_init(&c->idle, reg->loop, on_idle, c);
		loop_timer_init(&c->wake, reg->loop, on_wake, c);
		DL_APPEND(reg->caches, c);
		start_list(c);
	} else if (c->state == FAILED && now_monotonic_us() - c->failed_at >= RETRY_US) {
		start_list(c);
	}
	if (!c->users)
		loop_timer_start(&c->idle, IDLE_US);
	return c;
}

struct cache *cache_ready(struct registry *reg, const struct kind *k)
{
	struct cache *c = find(reg, k);

	return c && c->state == READY ? c : NULL;
}

bool cache_has_failed(const struct cache *c)
{
	return c->state == FAILED;
}

void cache_use(struct cache *c)
{
	c->users++;
}

void cache_unuse(struct cache *c)
{
	if (!--c->users)
		loop_timer_start(&c->idle, IDLE_US);
}

void caches_free(struct registry *reg)
{
	struct cache *c, *tmp;

	DL_FOREACH_SAFE(reg->caches, c, tmp) {
		fail(c, status_unavailable("the server ends"));
		on_wake(c);
		cache_free(c);
	}
}

/* --- reading ------------------------------------------------------------------------------------------ */

int64_t cache_rv(const struct cache *c)
{
	return c->rv;
}

struct visit {
	void (*fn)(void *data, const json *obj);
	void *data;
};

static void visit(void *data, struct cache_entry *e)
{
	struct visit *v = data;

	v->fn(v->data, e->obj);
}

void cache_list(struct cache *c, const char *ns, void (*fn)(void *data, const json *obj), void *data)
{
	_cleanup_free_ char *prefix = ns ? xasprintf("%s/", ns) : xstrdup("");
	struct visit v = { fn, data };

	cache_each(c->objects, prefix, visit, &v);
}

const json *cache_at(struct cache *c, const char *key, int64_t mod_revision)
{
	struct cache_entry *e = cache_find(c->objects, tail(c, key));

	return e && e->rv == mod_revision ? e->obj : NULL;
}

const json *cache_current(struct registry *reg, const struct kind *k, const char *key, int64_t *ret_rv)
{
	struct cache *c = cache_ready(reg, k);
	struct cache_entry *e = c ? cache_find(c->objects, tail(c, key)) : NULL;

	if (!e)
		return NULL;
	*ret_rv = e->rv;
	return e->obj;
}

/* --- watchers --------------------------------------------------------------------------------------------- */

bool cache_covers(struct cache *c, int64_t rv)
{
	return ring_covers(&c->ring, rv);
}

int64_t cache_attach(struct cache *c, struct cache_watcher *w, int64_t rv, bool (*stop)(struct cache_watcher *w))
{
	for (size_t i = ring_after(&c->ring, rv); i < c->ring.n; i++) {
		struct cache_event *ev = ring_at(&c->ring, i);
		bool whole = i + 1 == c->ring.n || ring_at(&c->ring, i + 1)->rv != ev->rv;

		w->event(w, ev);
		if (stop && whole && stop(w))
			return ev->rv;
	}
	watchers_add(&c->index, w);
	return 0;
}

void cache_detach(struct cache *c, struct cache_watcher *w)
{
	watchers_remove(&c->index, w);
}
