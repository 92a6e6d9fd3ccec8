/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * informer.h - a cache of one kind, kept current by list and watch
 *
 * Re-lists by itself, with back-off, after a lost connection or a compacted
 * revision; handlers then see the difference, as if it had been watched. What is
 * much at once, a list or a burst of changes, is taken in over several turns of
 * the loop, and handlers are called as it goes. The cached trees are never changed
 * in place: a new event brings a new tree. A borrowed tree is good until control
 * returns to the event loop.
 */
#ifndef KEELSON_STORE_INFORMER_H
#define KEELSON_STORE_INFORMER_H

#include <systemd/sd-event.h>
#include "store/index.h"
#include "store/store.h"

struct informer;

/* old is NULL for an added object, new is NULL for a deleted one. */
typedef void (*informer_cb)(void *data, const json *old, const json *new);
/* why: a sentence when the source cannot be reached, NULL when it can again. In turns; the first is a loss. */
typedef void (*informer_contact_cb)(void *data, const char *why);
/* sel may be NULL; strings are copied. The store and loop must outlive the informer. */
struct informer *informer_new(sd_event *loop, struct store *s, const struct resource *r,
			      const char *ns, const struct store_selector *sel);
/* Not from inside a handler. */
void informer_free(struct informer *inf);
/*
 * Before informer_start(). Handlers are called in the order they were added;
 * the cache holds the new state already. An object that was deleted and created
 * again under its name meanwhile is seen as a deleted and an added one.
 */
void informer_add_handler(struct informer *inf, informer_cb cb, void *data);
/*
 * Before informer_start(); returns the index's number for informer_by_index().
 * Each is a promise that one changed object costs the same however many others
 * there are: whoever needs objects by an owner, a node, a label asks for an index
 * of it and walks no list. By namespace there is one always.
 */
int informer_add_index(struct informer *inf, index_fn fn, enum index_mode mode);
/*
 * Before informer_start(): beside each object a summary of size bytes is kept,
 * which make fills in when the object comes. It may point into the object, and
 * lives as long. One for each informer: another one later is refused (abort).
 */
void informer_summarize(struct informer *inf, size_t size, void (*make)(const json *obj, void *ret));
/* Before informer_start(). The callback may not free the informer. */
void informer_on_contact(struct informer *inf, informer_contact_cb cb, void *data);
void informer_start(struct informer *inf);

/* True once the first list is in the cache. */
bool informer_synced(const struct informer *inf);
/* The newest revision whose effect is in the cache: a writer waits for its own write with it. */
int64_t informer_rv(const struct informer *inf);
/*
 * Since when (monotonic microseconds) every change has been heard of as it came;
 * 0 while the source is out of reach. Who draws conclusions from silence asks this.
 */
uint64_t informer_fresh_since(const struct informer *inf);

/* NULL when absent. ns NULL for cluster-scoped kinds. */
const json *informer_get(const struct informer *inf, const char *ns, const char *name);
size_t informer_count(const struct informer *inf);
/*
 * Objects of a namespace (ns NULL: all), ordered by namespace and name: a
 * NULL-terminated array that the caller frees (the trees are borrowed).
 */
const json **informer_list(const struct informer *inf, const char *ns, size_t *ret_n);
/* Objects under one key of an index, at most max (0: all), in no order, in the same form. */
const json **informer_by_index(const struct informer *inf, int index, const char *key, size_t max, size_t *ret_n);
/* Their summaries, all of them. */
const void **informer_summaries(const struct informer *inf, int index, const char *key, size_t *ret_n);
size_t informer_index_count(const struct informer *inf, int index, const char *key);
/* One after the other, over several turns of the loop: see index_at(). */
const json *informer_index_at(const struct informer *inf, int index, const char *key, size_t i);
/* How many objects these calls have given out so far: what reading costs, for tests and metrics. */
uint64_t informer_visits(const struct informer *inf);

/* The common indexes: by the uid of the controlling owner; by spec.nodeName. */
void index_by_controller_uid(const json *obj, void (*emit)(void *, const char *), void *data);
void index_by_node_name(const json *obj, void (*emit)(void *, const char *), void *data);

#endif
