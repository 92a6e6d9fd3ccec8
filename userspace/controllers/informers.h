/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * informers.h - one cache per kind, shared by all controllers of a process
 *
 * A kind's informer is made when somebody first asks for it, before
 * informers_start(); asking again gives the same one.
 */
#ifndef KEELSON_CONTROLLERS_INFORMERS_H
#define KEELSON_CONTROLLERS_INFORMERS_H

#include <systemd/sd-event.h>
#include "store/informer.h"

struct informers;

struct informers *informers_new(sd_event *loop, struct store *s);
void informers_free(struct informers *set);
/* Once for all of them: when the first loses contact, and when the last has it again. Before the first is made. */
void informers_on_contact(struct informers *set, informer_contact_cb cb, void *data);

/* After informers_start() only kinds that were asked for before; aborts on another (a programming error). */
struct informer *informers_of(struct informers *set, const struct resource *r);
/* NULL if nobody asked for it. */
struct informer *informers_find(struct informers *set, const struct resource *r);
/* The number of an index for informer_by_index(); the same function and mode give the same index. */
int informers_index(struct informers *set, const struct resource *r, index_fn fn, enum index_mode mode);
/*
 * The kinds that a controller of every kind has caches of, in the table's order;
 * NULL past the last. All that are stored, but not events, which are many and own
 * nothing.
 */
const struct resource *informers_kept_at(size_t i);
bool informers_keep(const struct resource *r);
void informers_start(struct informers *set);
/* True once every first list is in its cache. */
bool informers_synced(const struct informers *set);

/* How many objects were read out of the caches so far: informer_visits() of all of them. */
uint64_t informers_visits(const struct informers *set);

/* The most common look-ups; the caller frees the arrays. informers_owned: objects whose controlling owner has that uid. */
const json *informers_get(struct informers *set, const struct resource *r, const char *ns, const char *name);
const json **informers_by(struct informers *set, const struct resource *r, index_fn fn, const char *key, size_t *ret_n);
const json **informers_owned(struct informers *set, const struct resource *r, const char *owner_uid, size_t *ret_n);

#endif
