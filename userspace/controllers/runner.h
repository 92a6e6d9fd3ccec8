/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runner.h - the shell that all controllers share
 *
 * A controller is a row of the table in controllers.c and one file with:
 *
 *   watches  which kinds it looks at, and for a changed object of each, which
 *            keys ("namespace/name", or any text) have to be reconciled;
 *   sync     finds the objects of a key in the caches and hands them to the
 *            controller's pure reconcile function, which fills struct actions.
 *
 * The runner does the rest, on the daemon's one loop:
 *
 *   - Keys wait in a queue, each at most once. Changes while a key is being
 *     worked on make it run once more afterwards, never twice at a time.
 *   - As many keys run in one turn of the loop as its budget allows, and then
 *     others have their turn (base/loop_work.h). So one sync must be short: its
 *     cost may grow with what it decides about, and with nothing else; and it
 *     decides on so many writes as one round may have.
 *   - Nothing runs before every cache holds its first list.
 *   - Actions are performed stage by stage through the store.
 *   - Read your writes: after a round that wrote, the key rests until the
 *     caches have seen the revisions of its own writes (or WAIT_FOR_CACHE_US
 *     has passed). So a reconcile never decides twice on the same old state.
 *   - A failure brings the key back after 5 ms, doubling to 30 s. A conflict
 *     (-ESTALE), a lost object (-ENOENT) or a question answered with no is the
 *     ordinary fate of a stale cache and is not logged; anything else is, once
 *     a round.
 *
 * State is in etcd only. If the process dies in the middle of a round, the next
 * one reads what was done and decides afresh.
 */
#ifndef KEELSON_CONTROLLERS_RUNNER_H
#define KEELSON_CONTROLLERS_RUNNER_H

#include <systemd/sd-event.h>
#include "controllers/actions.h"
#include "controllers/informers.h"

struct runner;

/* What a sync is given. */
struct sync {
	struct runner *runner;		/* to enqueue others */
	struct informers *informers;
	void *state;			/* the controller's own, from init */
	const char *key;		/* as it was enqueued */
	char *ns, *name;		/* the key's parts; ns NULL where the key has no '/' */
	uint64_t now;			/* wall clock, microseconds */
	/* The server's sentence when an action with a fail_reason failed in the last round, or NULL; and all of them. */
	const char *last_failure;
	const char *const *failures;
	size_t n_failures;
};

struct controller_watch {
	const struct resource *res;
	/* Calls runner_enqueue() for every key the change concerns; old and new as informer_cb. */
	void (*changed)(struct runner *r, const json *old, const json *new);
};

struct controllers_config;	/* controllers/controllers.h */

struct controller {
	const char *name;	/* source of its events, and of its log lines */
	/* Ends with a row whose res is NULL; may be NULL. */
	const struct controller_watch *watches;
	/* For a controller of all kinds: as a watch of every kind of which there is a cache, informers_keep(); or NULL. */
	void (*every_kind)(struct runner *r, const struct resource *res, const json *old, const json *new);
	void (*sync)(const struct sync *s, struct actions *out);
	/*
	 * May be NULL. Before the caches start: asks for the indexes it needs and
	 * makes the controller's own state, if it has any.
	 */
	void *(*init)(struct informers *informers, const struct controllers_config *config);
	void (*free)(void *state);	/* may be NULL */
};

/*
 * c, loop, store and informers must outlive the runner. To be called before
 * informers_start(). Works by itself from then on.
 */
struct runner *runner_new(sd_event *loop, struct store *s, struct informers *informers,
			  const struct controller *c, const struct controllers_config *config);
/*
 * Answers to writes under way may still come afterwards; they are dropped. The
 * informers keep its handlers: they are to be freed before the loop turns again.
 */
void runner_free(struct runner *r);

void runner_enqueue(struct runner *r, const char *key);
/* Within us microseconds, together with what else happens until then. */
void runner_enqueue_by(struct runner *r, const char *key, uint64_t us);
/*
 * Calls enqueue, which enqueues, for each object that the index fn (INDEX_EVERY,
 * asked for in init) files under key, in parts over several turns of the loop;
 * what is filed there later may be missed, and something may be shown twice.
 */
void runner_enqueue_filed(struct runner *r, const struct resource *res, index_fn fn, const char *key,
			  void (*enqueue)(struct runner *r, const struct resource *res, const json *obj));
/* "ns/name", or just the name when ns is NULL. */
void runner_enqueue_object(struct runner *r, const char *ns, const char *name);
struct informers *runner_informers(struct runner *r);
void *runner_state(struct runner *r);
/* Keys that wait for their turn or are in work. */
size_t runner_queued(const struct runner *r);
/* True when no key is queued, in work, or waiting for a cache (delayed ones do not count). For tests. */
bool runner_idle(const struct runner *r);

/* Ready-made `changed`: the object itself is the key. */
void runner_changed_self(struct runner *r, const json *old, const json *new);

#endif
