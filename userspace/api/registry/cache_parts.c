// SPDX-License-Identifier: GPL-2.0-or-later
/* cache_parts.c - see cache_parts.h: objects and events; watchers are in cache_index.c */
#include "api/registry/cache_parts.h"

#include "api/registry/object.h"

/* --- objects ---------------------------------------------------------------------- */

/* Priorities need no secrecy, only to be spread. */
static uint32_t next_prio(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32);
}

struct cache_entry *cache_find(struct cache_entry *root, const char *key)
{
	while (root) {
		int c = strcmp(key, root->key);

		if (!c)
			return root;
		root = c < 0 ? root->left : root->right;
	}
	return NULL;
}

/* Those before the key and those after it; it is not there itself. */
static void split(struct cache_entry *t, const char *key, struct cache_entry **before, struct cache_entry **after)
{
	if (!t) {
		*before = *after = NULL;
	} else if (strcmp(t->key, key) < 0) {
		split(t->right, key, &t->right, after);
		*before = t;
	} else {
		split(t->left, key, before, &t->left);
		*after = t;
	}
}

static struct cache_entry *merge(struct cache_entry *a, struct cache_entry *b)
{
	if (!a || !b)
		return a ? a : b;
	if (a->prio > b->prio) {
		a->right = merge(a->right, b);
		return a;
	}
	b->left = merge(a, b->left);
	return b;
}

const json *cache_set(struct cache_entry **root, const char *key, const json *obj, int64_t rv)
{
	struct cache_entry *e = cache_find(*root, key), **at = root;
	const json *old = NULL;

	if (e) {
		old = e->obj;
		e->obj = obj;
		e->rv = rv;
		e->seen = true;
		return old;
	}
	e = xcalloc(1, sizeof(*e) + strlen(key) + 1);
	strcpy(e->key, key);
	e->obj = obj;
	e->rv = rv;
	e->seen = true;
	e->prio = next_prio();
	while (*at && (*at)->prio > e->prio)
		at = strcmp(key, (*at)->key) < 0 ? &(*at)->left : &(*at)->right;
	split(*at, key, &e->left, &e->right);
	*at = e;
	return NULL;
}

const json *cache_remove(struct cache_entry **root, const char *key)
{
	struct cache_entry *e, **at = root;
	const json *obj;
	int c;

	while (*at && (c = strcmp(key, (*at)->key)))
		at = c < 0 ? &(*at)->left : &(*at)->right;
	e = *at;
	if (!e)
		return NULL;
	*at = merge(e->left, e->right);
	obj = e->obj;
	free(e);
	return obj;
}

void cache_each(struct cache_entry *e, const char *prefix, void (*fn)(void *data, struct cache_entry *e), void *data)
{
	int c;

	if (!e)
		return;
	c = strncmp(e->key, prefix, strlen(prefix));
	if (c >= 0)
		cache_each(e->left, prefix, fn, data);
	if (!c)
		fn(data, e);
	if (c <= 0)
		cache_each(e->right, prefix, fn, data);
}

void cache_clear(struct cache_entry **root)
{
	if (!*root)
		return;
	cache_clear(&(*root)->left);
	cache_clear(&(*root)->right);
	json_release((*root)->obj);
	free(*root);
	*root = NULL;
}

/* --- events ------------------------------------------------------------------------- */

const json *cache_event_gone(struct cache_event *ev)
{
	_cleanup_json_ json *copy = NULL;

	if (!ev->gone) {
		copy = json_clone(ev->prev);
		object_set_rv(copy, ev->rv);
		ev->gone = json_freeze(copy);
	}
	return ev->gone;
}

static size_t weight(const struct cache_event *ev)
{
	return ev->prev ? json_frozen_size(ev->prev) : 0;
}

static void drop_oldest(struct cache_ring *r)
{
	struct cache_event *ev = ring_at(r, 0);

	r->base = ev->rv;
	r->bytes -= weight(ev);
	json_release(ev->now);
	json_release(ev->prev);
	json_release(ev->gone);
	r->first = (r->first + 1) & (r->cap - 1);
	r->n--;
}

static void grow(struct cache_ring *r)
{
	size_t cap = r->cap ? r->cap * 2 : 16;
	struct cache_event *events = xcalloc(cap, sizeof(*events));

	for (size_t i = 0; i < r->n; i++)
		events[i] = *ring_at(r, i);
	free(r->events);
	r->events = events;
	r->first = 0;
	r->cap = cap;
}

struct cache_event *ring_push(struct cache_ring *r, const struct cache_event *ev)
{
	if (r->n == r->cap)
		grow(r);
	r->n++;
	*ring_at(r, r->n - 1) = *ev;
	r->bytes += weight(ev);
	return ring_at(r, r->n - 1);
}

void ring_trim(struct cache_ring *r, size_t bytes)
{
	while (r->n > RING_EVENTS || (r->n && r->bytes > bytes))
		drop_oldest(r);
	/* Events of one revision are known together or not at all. */
	while (r->n && ring_at(r, 0)->rv == r->base)
		drop_oldest(r);
}

size_t ring_after(const struct cache_ring *r, int64_t rv)
{
	size_t lo = 0, hi = r->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (ring_at((struct cache_ring *)r, mid)->rv > rv)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

void ring_reset(struct cache_ring *r, int64_t base)
{
	while (r->n)
		drop_oldest(r);
	r->base = base;
}

void ring_free(struct cache_ring *r)
{
	ring_reset(r, 0);
	free(r->events);
	*r = (struct cache_ring){0};
}
