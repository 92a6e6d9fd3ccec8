/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache.h - the watch cache: what etcd holds of a kind, decoded once, for all
 *           who read or watch it
 *
 * See cache.c for how it works.
 */
#ifndef KEELSON_API_REGISTRY_CACHE_H
#define KEELSON_API_REGISTRY_CACHE_H

#include "api/registry/cache_parts.h"
#include "api/registry/internal.h"

struct cache;

/* The kind's cache (that of its storage version), which is started if it is not there. */
struct cache *cache_of(struct registry *reg, const struct kind *k);
/* The same if it is there and what it holds can be told; else NULL. */
struct cache *cache_ready(struct registry *reg, const struct kind *k);
bool cache_has_failed(const struct cache *c);
/* Between these it stays. */
void cache_use(struct cache *c);
void cache_unuse(struct cache *c);
void caches_free(struct registry *reg);

/* Somebody who waits until the cache is ready. */
struct cache_wait {
	void (*fn)(void *data, const json *status);	/* NULL: it is; else why not */
	void *data;
	struct cache_wait *prev, *next;
	struct cache *cache;		/* NULL: does not wait */
};
/* fn and data are set. Called once, later; at the next turn if it is ready, or has failed. */
void cache_wait(struct cache *c, struct cache_wait *w);
void cache_wait_stop(struct cache_wait *w);

/* --- of a cache that is ready ------------------------------------------------------- */

/* Everything up to this revision is in it. */
int64_t cache_rv(const struct cache *c);
/* The objects of a namespace (NULL: all) in the order of their keys; borrowed. */
void cache_list(struct cache *c, const char *ns, void (*fn)(void *data, const json *obj), void *data);
/* The object at a key of etcd if this is its mod revision; borrowed, NULL if it is not. */
const json *cache_at(struct cache *c, const char *key, int64_t mod_revision);
/*
 * The object at a key as the cache has it, and its revision: what an update may
 * begin from, whose transaction finds out whether it was current. NULL: not there,
 * or no cache. Borrowed until the loop's next turn; json_keep() shares it.
 */
const json *cache_current(struct registry *reg, const struct kind *k, const char *key, int64_t *ret_rv);

/* --- watchers ------------------------------------------------------------------------ */

/* What a watcher hears of besides events. */
enum cache_news {
	CACHE_PROGRESS,	/* everything up to cache_rv() was told; also when etcd is back */
	CACHE_STALLED,	/* etcd is away, the Status says why */
	CACHE_LOST,	/* the cache has failed, the Status says why; the watcher was taken out */
};

/* Whether all events after revision rv can be had from here. */
bool cache_covers(struct cache *c, int64_t rv);
/*
 * Calls w->event() for what came after revision rv and is still known, and then for
 * what comes; while w->bucket is set. stop, if not NULL: true ends the former
 * after a whole revision, which is returned then, and w is not put in; else 0.
 */
int64_t cache_attach(struct cache *c, struct cache_watcher *w, int64_t rv, bool (*stop)(struct cache_watcher *w));
void cache_detach(struct cache *c, struct cache_watcher *w);

#endif
