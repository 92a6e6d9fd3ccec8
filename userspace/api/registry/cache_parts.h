/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache_parts.h - what the watch cache is made of, without etcd: objects in the
 *                 order of their keys, the ring of recent events, watchers by what
 *                 they wait for (pure)
 */
#ifndef KEELSON_API_REGISTRY_CACHE_PARTS_H
#define KEELSON_API_REGISTRY_CACHE_PARTS_H

#include "api/meta/selector.h"
#include "base/frozen.h"

/* --- objects ---------------------------------------------------------------------- */

/* A treap: a search tree by key, a heap by random priority. */
struct cache_entry {
	struct cache_entry *left, *right;
	const json *obj;	/* frozen, kept */
	int64_t rv;
	uint32_t prio;
	bool seen;		/* in the list under way */
	char key[];		/* below the kind's prefix: "namespace/name" or "name" */
};

struct cache_entry *cache_find(struct cache_entry *root, const char *key);
/* Keeps the object from now on (takes the caller's reference); in place of an older one, which is given back, else NULL. */
const json *cache_set(struct cache_entry **root, const char *key, const json *obj, int64_t rv);
/* Takes the object out; NULL if there is none. The caller releases it. */
const json *cache_remove(struct cache_entry **root, const char *key);
/* Calls fn for each key that begins with prefix, in order. Not to be changed meanwhile. */
void cache_each(struct cache_entry *root, const char *prefix, void (*fn)(void *data, struct cache_entry *e), void *data);
void cache_clear(struct cache_entry **root);

/* --- events ------------------------------------------------------------------------- */

/* One change of one object. */
struct cache_event {
	int64_t rv;
	const json *now;	/* NULL: deleted; kept */
	const json *prev;	/* NULL: created; kept */
	const json *gone;	/* prev with rv as its version, made when somebody first needs it; kept */
};
/* What a DELETED tells: the last state, with the version in which it went. Borrowed from the event. */
const json *cache_event_gone(struct cache_event *ev);

#define RING_EVENTS 1024		/* at most */
#define RING_BYTES ((size_t)(1 << 20))	/* of earlier states that nothing but the ring keeps; or more, see ring_trim() */

struct cache_ring {
	struct cache_event *events;	/* oldest at `first`, a power of two of them */
	size_t first, n, cap;
	size_t bytes;			/* of earlier states */
	int64_t base;			/* every event after this revision is there */
};

/* Takes the references of *ev. The place is good until the next push. */
struct cache_event *ring_push(struct cache_ring *r, const struct cache_event *ev);
/* Forgets the oldest until there are no more than RING_EVENTS, and no more than `bytes` bytes. */
void ring_trim(struct cache_ring *r, size_t bytes);
static inline bool ring_covers(const struct cache_ring *r, int64_t rv)
{
	return rv >= r->base;
}
/* The first event after revision rv, as a number for ring_at(); ring->n if there is none. */
size_t ring_after(const struct cache_ring *r, int64_t rv);
static inline struct cache_event *ring_at(struct cache_ring *r, size_t i)
{
	return &r->events[(r->first + i) & (r->cap - 1)];
}
/* Empty, and nothing before `base` is known. */
void ring_reset(struct cache_ring *r, int64_t base);
void ring_free(struct cache_ring *r);

/* --- watchers ------------------------------------------------------------------------ */

struct cache_bucket;

struct cache_watcher {
	const char *ns;			/* NULL: all; borrowed, as the selector is */
	const struct selector *sel;
	void (*event)(struct cache_watcher *w, struct cache_event *ev);
	void (*news)(struct cache_watcher *w, int what, const json *status);	/* enum cache_news */
	struct cache_watcher *prev, *next;
	struct cache_bucket *bucket;	/* NULL: not in an index */
};

/* Watchers by namespace and by one thing that must be equal (selector_pin()). */
struct cache_index {
	const char *(*value)(const json *obj, const char *path);	/* the kind's rule for fields, or NULL */
	struct cache_bucket *buckets;
	struct cache_path {
		char *path;		/* of a field by which somebody is found */
		size_t n;
	} *paths;
	size_t n_paths;
	size_t n_labels;		/* watchers that are found by a label */
	size_t n;			/* watchers */
	struct cache_watcher *cursor;	/* who is called next, while an event is told */
};

void watchers_add(struct cache_index *idx, struct cache_watcher *w);
/* At any time, from the callback of this or another watcher too. */
void watchers_remove(struct cache_index *idx, struct cache_watcher *w);
/* Calls those whom the event may concern; whether it does, they find out. */
void watchers_tell(struct cache_index *idx, struct cache_event *ev);
/* Calls all of them; each may take itself or others out. */
void watchers_each(struct cache_index *idx, void (*fn)(struct cache_watcher *w, void *data), void *data);
void watchers_free(struct cache_index *idx);

/* What an event is for one watcher. */
enum cache_verdict { CACHE_NOTHING, CACHE_ADDED, CACHE_MODIFIED, CACHE_DELETED };
enum cache_verdict cache_verdict(const struct cache_watcher *w, const struct cache_event *ev);

#endif
