// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * runner.c - see runner.h: the queue of keys and when a key may run
 *
 * How the actions of one round are performed is perform.c.
 */
#include "controllers/runner.h"

#include <uthash.h>
#include <utlist.h>

#include "api/kinds/event_recorder.h"
#include "api/kinds/kinds.h"
#include "api/meta/view_meta.h"
#include "base/log.h"
#include "base/loop.h"
#include "controllers/perform.h"

#define MAX_IN_WORK 64
#define BATCH 64			/* syncs per turn of the loop */
#define BACKOFF_FIRST_US 5000ULL
#define BACKOFF_MAX_US (30ULL * 1000000)
#define WAIT_FOR_CACHE_US (30ULL * 1000000)
#define POLL_US 100000ULL		/* while caches are not synced, or keys wait for them */
#define DELETE_ALL_RETRY_US 500000ULL

struct item {
	struct runner *runner;
	char *key;
	bool wanted;			/* somebody asked for a run */
	bool in_work;
	bool in_ready;			/* in runner->ready */
	unsigned failures;		/* in a row */
	char **told;			/* the sentences of the last round's failures */
	size_t n_told;
	struct loop_timer delay;	/* wanted when it fires */
	struct written *written;	/* what the caches have to show first; NULL: nothing */
	size_t n_written;
	uint64_t wait_until;		/* monotonic */
	struct item *prev, *next;	/* in ready */
	struct item *wprev, *wnext;	/* in waiting */
	UT_hash_handle hh;
};

struct watch_ctx {
	struct runner *runner;
	const struct resource *res;
	void (*changed)(struct runner *r, const json *old, const json *new);	/* NULL: every_kind */
};

struct runner {
	sd_event *loop;
	struct store *store;
	struct informers *informers;
	const struct controller *c;
	void *state;
	struct event_recorder *recorder;
	struct item *items;
	struct item *ready;		/* wanted, not in work, not waiting: in order of arrival */
	struct item *waiting;		/* n_written > 0 */
	unsigned in_work;
	struct round *rounds;
	struct watch_ctx *watches;
	struct loop_timer kick;
	bool synced;
};

static bool cache_has_written(struct runner *r, struct item *it, uint64_t now)
{
	if (now >= it->wait_until)
		return true;
	for (size_t i = 0; i < it->n_written; i++) {
		const struct informer *inf = informers_find(r->informers, it->written[i].res);

		if (inf && informer_rv(inf) < it->written[i].rv)
			return false;
	}
	return true;
}

static void forget_failures(struct item *it)
{
	for (size_t i = 0; i < it->n_told; i++)
		free(it->told[i]);
	free(it->told);
	it->told = NULL;
	it->n_told = 0;
}

static void item_free(struct item *it)
{
	struct runner *r = it->runner;

	if (it->in_ready)
		DL_DELETE(r->ready, it);
	if (it->n_written)
		DL_DELETE2(r->waiting, it, wprev, wnext);
	loop_timer_stop(&it->delay);
	HASH_DEL(r->items, it);
	free(it->written);
	forget_failures(it);
	free(it->key);
	free(it);
}

/* Puts the item where its state says it belongs; it may be gone afterwards. */
static void item_settle(struct item *it)
{
	struct runner *r = it->runner;
	bool ready = it->wanted && !it->in_work && !it->n_written;

	if (ready && !it->in_ready) {
		DL_APPEND(r->ready, it);
		it->in_ready = true;
		loop_timer_start_by(&r->kick, 0);
	}
	if (!it->wanted && !it->in_work && !it->n_written && !it->failures && !loop_timer_armed(&it->delay))
		item_free(it);
}

static void delay_over(void *data)
{
	struct item *it = data;

	it->wanted = true;
	item_settle(it);
}

static struct item *item_of(struct runner *r, const char *key)
{
	struct item *it;

	HASH_FIND_STR(r->items, key, it);
	if (!it) {
		it = xnew0(struct item);
		it->runner = r;
		it->key = xstrdup(key);
		loop_timer_init(&it->delay, r->loop, delay_over, it);
		HASH_ADD_KEYPTR(hh, r->items, it->key, strlen(it->key), it);
	}
	return it;
}

void runner_enqueue(struct runner *r, const char *key)
{
	struct item *it = item_of(r, key);

	it->wanted = true;
	item_settle(it);
}

void runner_enqueue_by(struct runner *r, const char *key, uint64_t us)
{
	struct item *it = item_of(r, key);

	if (!it->wanted)
		loop_timer_start_by(&it->delay, us);
}

void runner_enqueue_object(struct runner *r, const char *ns, const char *name)
{
	_cleanup_free_ char *key = ns ? xasprintf("%s/%s", ns, name) : xstrdup(name);

	runner_enqueue(r, key);
}

void runner_changed_self(struct runner *r, const json *old, const json *new)
{
	const json *obj = new ?: old;

	runner_enqueue_object(r, meta_namespace(obj), meta_name(obj));
}

struct informers *runner_informers(struct runner *r)
{
	return r->informers;
}

void *runner_state(struct runner *r)
{
	return r->state;
}

bool runner_idle(const struct runner *r)
{
	return r->synced && !r->ready && !r->waiting && !r->in_work;
}

static uint64_t backoff_us(unsigned failures)
{
	uint64_t us = BACKOFF_FIRST_US;

	while (--failures > 0 && us < BACKOFF_MAX_US)
		us *= 2;
	return us < BACKOFF_MAX_US ? us : BACKOFF_MAX_US;
}

/* A round is over: when does its key run again? */
static void round_over(void *data, const struct round_result *res)
{
	struct item *it = data;
	struct runner *r = it->runner;

	it->in_work = false;
	r->in_work--;
	if (res->round)
		DL_DELETE(r->rounds, res->round);
	if (res->n_written) {
		it->written = xcalloc(res->n_written, sizeof(*it->written));
		memcpy(it->written, res->written, res->n_written * sizeof(*it->written));
		it->n_written = res->n_written;
		it->wait_until = now_monotonic_us() + WAIT_FOR_CACHE_US;
		DL_APPEND2(r->waiting, it, wprev, wnext);
	}
	forget_failures(it);
	it->told = xcalloc(res->n_told, sizeof(*it->told));
	for (; it->n_told < res->n_told; it->n_told++)
		it->told[it->n_told] = xstrdup(res->told[it->n_told]);
	switch (res->outcome) {
	case ROUND_DONE:
		it->failures = 0;
		if (res->requeue_us)
			loop_timer_start_by(&it->delay, res->requeue_us);
		break;
	case ROUND_AGAIN:
		it->failures = 0;
		loop_timer_start_by(&it->delay, DELETE_ALL_RETRY_US);
		break;
	case ROUND_FAILED:
		log_warn("%s: %s: %s", r->c->name, it->key, res->message);
		/* fall through */
	case ROUND_STALE:
		it->failures++;
		loop_timer_start_by(&it->delay, backoff_us(it->failures));
		break;
	}
	loop_timer_start_by(&r->kick, 0);
	item_settle(it);
}

static void run_item(struct runner *r, struct item *it)
{
	const char *slash = strchr(it->key, '/');
	struct sync s = {
		.informers = r->informers,
		.state = r->state,
		.key = it->key,
		.ns = slash ? xstrndup(it->key, slash - it->key) : NULL,
		.name = xstrdup(slash ? slash + 1 : it->key),
		.now = now_realtime_us(),
		.last_failure = it->n_told ? it->told[0] : NULL,
		.failures = (const char *const *)it->told,
		.n_failures = it->n_told,
	};
	struct actions out = { 0 };
	struct round *round;

	DL_DELETE(r->ready, it);
	it->in_ready = false;
	it->wanted = false;
	it->in_work = true;
	r->in_work++;
	loop_timer_stop(&it->delay);
	r->c->sync(&s, &out);
	free(s.ns);
	free(s.name);
	round = round_start(r->store, r->recorder, &out, s.now, round_over, it);
	if (round)
		DL_APPEND(r->rounds, round);
}

/* Lets go of the keys whose writes the caches have shown by now. */
static void check_waiting(struct runner *r)
{
	uint64_t now = now_monotonic_us();
	struct item *it, *tmp;

	DL_FOREACH_SAFE2(r->waiting, it, tmp, wnext) {
		if (!cache_has_written(r, it, now))
			continue;
		DL_DELETE2(r->waiting, it, wprev, wnext);
		free(it->written);
		it->written = NULL;
		it->n_written = 0;
		item_settle(it);
	}
}

static void kick(void *data)
{
	struct runner *r = data;

	if (!r->synced && !informers_synced(r->informers)) {
		loop_timer_start(&r->kick, POLL_US);
		return;
	}
	r->synced = true;
	check_waiting(r);
	for (int i = 0; i < BATCH && r->ready && r->in_work < MAX_IN_WORK; i++)
		run_item(r, r->ready);
	if (r->ready && r->in_work < MAX_IN_WORK)
		loop_timer_start_by(&r->kick, 0);
	else if (r->waiting)
		loop_timer_start_by(&r->kick, POLL_US);
}

static void informer_changed(void *data, const json *old, const json *new)
{
	struct watch_ctx *ctx = data;
	struct runner *r = ctx->runner;

	if (ctx->changed)
		ctx->changed(r, old, new);
	else
		r->c->every_kind(r, ctx->res, old, new);
	if (r->waiting)
		loop_timer_start_by(&r->kick, 0);
}

static void add_watch(struct runner *r, struct watch_ctx *ctx, const struct resource *res,
		      void (*changed)(struct runner *, const json *, const json *))
{
	*ctx = (struct watch_ctx){ r, res, changed };
	informer_add_handler(informers_of(r->informers, res), informer_changed, ctx);
}

struct runner *runner_new(sd_event *loop, struct store *s, struct informers *informers,
			  const struct controller *c, const struct controllers_config *config)
{
	struct runner *r = xnew0(struct runner);
	size_t n = 0, all;

	r->loop = loop;
	r->store = s;
	r->informers = informers;
	r->c = c;
	r->recorder = recorder_new(s, c->name, NULL);
	loop_timer_init(&r->kick, loop, kick, r);
	if (c->init)
		r->state = c->init(informers, config);
	while (c->watches && c->watches[n].res)
		n++;
	for (all = 0; informers_kept_at(all); all++)
		;
	/* Informers keep pointers into it: it must not move. */
	r->watches = xcalloc(n + all, sizeof(*r->watches));
	for (size_t i = 0; i < n; i++)
		add_watch(r, &r->watches[i], c->watches[i].res, c->watches[i].changed);
	for (size_t i = 0; c->every_kind && i < all; i++)
		add_watch(r, &r->watches[n + i], informers_kept_at(i), NULL);
	loop_timer_start(&r->kick, 0);
	return r;
}

void runner_free(struct runner *r)
{
	struct item *it, *tmp;
	struct round *round, *next;

	if (!r)
		return;
	DL_FOREACH_SAFE(r->rounds, round, next)
		round_abandon(round);
	HASH_ITER(hh, r->items, it, tmp)
		item_free(it);
	loop_timer_stop(&r->kick);
	recorder_free(r->recorder);
	if (r->c->free)
		r->c->free(r->state);
	free(r->watches);
	free(r);
}
