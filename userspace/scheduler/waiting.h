/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * waiting.h - pods that found no node, by what they ask of one
 *
 * Pods that ask the same fit the same nodes: where one finds no place, none of
 * its class does, and where room was made for one, it is enough to try the one
 * that has waited longest, and the next when that was placed. So ten thousand
 * replicas that wait cost as much as one.
 */
#ifndef KEELSON_SCHEDULER_WAITING_H
#define KEELSON_SCHEDULER_WAITING_H

#include "base/json.h"

struct waiting;
struct waiting *waiting_new(void);
void waiting_free(struct waiting *w);

/* All of the pod that filters look at, as text; caller frees. */
char *waiting_class_of(const json *pod);

/*
 * Pod key ("namespace/name") was tried on every node and fits none; message is
 * what was said. True if it is the first of its class, the one to be tried again.
 */
bool waiting_put(struct waiting *w, const char *key, const char *class, const char *message);
/*
 * Forgets the pod; it may not be there. If others of its class wait, and the class
 * was called for or this one was placed, the first of them has to be tried now:
 * its key, for the caller to free.
 */
char *waiting_drop(struct waiting *w, const char *key, bool placed);

/* How many wait. */
size_t waiting_count(const struct waiting *w);

/* What was said of the class, as long as it was not called for since; NULL: nothing that holds, or key is its first. */
const char *waiting_verdict(const struct waiting *w, const char *class, const char *key);

/* Classes by number, in no order: counted down, a walk over several turns misses none that stays. */
size_t waiting_n_classes(const struct waiting *w);
/* The key of its first pod; NULL past the last. */
const char *waiting_first(const struct waiting *w, size_t i);
/* A node fits the class now: what was said of it does not hold any more. */
void waiting_call(struct waiting *w, size_t i);

#endif
