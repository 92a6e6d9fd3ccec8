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
#include "base/loop_work.h"
#include "controllers/perform.h"
#include "controllers/queue_metrics.h"

#define MAX_IN_WORK 64
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
	uint64_t since;			/* it is there, or in work (monotonic) */
	unsigned failures;		/* in a row */
	char **told;			/* the sentences of the last round's failures */
	size_t n_told;
	struct loop_timer delay;	/* wanted when it fires */
	struct written *written;	/* what the caches have to show first */
	size_t n_written;		/* 0: nothing */
	struct cache_wait *waits_in;	/* for the last of written; NULL: does not wait */
	uint64_t wait_until;		/* monotonic */
	struct item *prev, *next;	/* in ready */
	struct item *wprev, *wnext;	/* in waits_in->items */
	UT_hash_handle hh;
};

/* Those that wait for one kind's cache, by the revision that they wait for. */
struct cache_wait {
	const struct resource *res;
	const struct informer *informer;
	struct item *items;
	struct cache_wait *next;
};

/* What runner_enqueue_filed() was asked for, and how far it came. */
struct walk {
	const struct informer *informer;
	int index;
	char *key;
	size_t at;			/* those below are to come */
	void (*fn)(struct runner *r, const struct resource *res, const json *obj);
	const struct resource *res;
	struct walk *prev, *next;
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
	struct cache_wait *waits;
	size_t n_waiting;
	struct walk *walks;
	unsigned in_work;
	struct round *rounds;
	struct watch_ctx *watches;
	struct loop_work work;		/* runs keys, and what else makes keys ready */
	struct loop_timer poll;		/* starts it now and then */
	struct queue_metrics *metrics;
	bool synced;
};

/* --- waiting for caches --- */

static void stop_waiting(struct item *it)
{
	if (it->waits_in)
		DL_DELETE2(it->waits_in->items, it, wprev, wnext);
	if (it->waits_in)
		it->runner->n_waiting--;
	it->waits_in = NULL;
}

static struct cache_wait *cache_wait_of(struct runner *r, const struct resource *res)
{
	struct cache_wait *w;

	LL_FOREACH(r->waits, w)
		if (w->res == res)
			return w;
	w = xnew0(struct cache_wait);
	w->res = res;
	w->informer = informers_find(r->informers, res);
	LL_PREPEND(r->waits, w);
	return w;
}

/* Revisions come in order, almost: the place is near the end. */
static int64_t awaited(const struct item *it)
{
	return it->written[it->n_written - 1].rv;
}

static void wait_in(struct cache_wait *w, struct item *it)
{
	struct item *after = w->items ? w->items->wprev : NULL;

	while (after && awaited(after) > awaited(it))
		after = after == w->items ? NULL : after->wprev;
	if (after)
		DL_APPEND_ELEM2(w->items, after, it, wprev, wnext);
	else
		DL_PREPEND2(w->items, it, wprev, wnext);
	it->waits_in = w;
	it->runner->n_waiting++;
}

/* Puts the item where it waits for the next of its writes that its cache has not shown; false if there is none. */
static bool wait_for_next(struct runner *r, struct item *it)
{
	for (; it->n_written; it->n_written--) {
		struct cache_wait *w = cache_wait_of(r, it->written[it->n_written - 1].res);

		if (!w->informer || informer_rv(w->informer) >= awaited(it))
			continue;
		wait_in(w, it);
		return true;
	}
	free(it->written);
	it->written = NULL;
	return false;
}

/* --- keys --- */

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
	stop_waiting(it);
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
		it->since = now_monotonic_us();
		queue_metrics_waits(r->metrics);
		loop_work_start(&r->work);
	}
	if (!it->wanted && !it->in_work && !it->n_written && !it->failures && !loop_timer_armed(&it->delay))
		item_free(it);
}

static void item_want(struct item *it)
{
	if (!it->wanted)
		queue_metrics_added(it->runner->metrics);
	it->wanted = true;
	item_settle(it);
}

static void delay_over(void *data)
{
	item_want(data);
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
	item_want(item_of(r, key));
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
	return r->synced && !r->ready && !r->n_waiting && !r->in_work && !r->walks;
}

size_t runner_queued(const struct runner *r)
{
	return queue_metrics_depth(r->metrics) + r->in_work;
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
	queue_metrics_worked(r->metrics, now_monotonic_us() - it->since);
	if (res->round)
		DL_DELETE(r->rounds, res->round);
	if (res->n_written) {
		it->written = xcalloc(res->n_written, sizeof(*it->written));
		memcpy(it->written, res->written, res->n_written * sizeof(*it->written));
		it->n_written = res->n_written;
		it->wait_until = now_monotonic_us() + WAIT_FOR_CACHE_US;
		if (wait_for_next(r, it))
			loop_timer_start_by(&r->poll, POLL_US);
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
		queue_metrics_retried(r->metrics);
		loop_timer_start_by(&it->delay, backoff_us(it->failures));
		break;
	}
	loop_work_start(&r->work);
	item_settle(it);
}

static void run_item(struct runner *r, struct item *it)
{
	const char *slash = strchr(it->key, '/');
	struct sync s = {
		.runner = r,
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
	uint64_t now = now_monotonic_us();

	DL_DELETE(r->ready, it);
	it->in_ready = false;
	it->wanted = false;
	it->in_work = true;
	r->in_work++;
	queue_metrics_taken(r->metrics, now - it->since);
	it->since = now;
	loop_timer_stop(&it->delay);
	loop_part(r->c->name, it->key);
	r->c->sync(&s, &out);
	free(s.ns);
	free(s.name);
	round = round_start(r->loop, r->store, r->recorder, &out, s.now, round_over, it);
	if (round)
		DL_APPEND(r->rounds, round);
}

/* Lets go of the keys whose writes the caches have shown by now, or that have waited long enough. */
static void check_waiting(struct runner *r)
{
	uint64_t now = now_monotonic_us();
	struct cache_wait *w;

	LL_FOREACH(r->waits, w) {
		struct item *it;

		while ((it = w->items) && (informer_rv(w->informer) >= awaited(it) || now >= it->wait_until)) {
			stop_waiting(it);
			if (now >= it->wait_until)
				it->n_written = 0;
			if (!wait_for_next(r, it))
				item_settle(it);
		}
	}
}

/* --- walks --- */

void runner_enqueue_filed(struct runner *r, const struct resource *res, index_fn fn, const char *key,
			  void (*enqueue)(struct runner *r, const struct resource *res, const json *obj))
{
	const struct informer *inf = informers_of(r->informers, res);
	int index = informers_index(r->informers, res, fn, INDEX_EVERY);
	size_t n = informer_index_count(inf, index, key);
	struct walk *w;

	if (!n)
		return;
	w = xnew0(struct walk);
	*w = (struct walk){ .informer = inf, .index = index, .key = xstrdup(key), .at = n, .fn = enqueue, .res = res };
	DL_APPEND(r->walks, w);
	loop_work_start(&r->work);
}

static void walk_free(struct runner *r, struct walk *w)
{
	DL_DELETE(r->walks, w);
	free(w->key);
	free(w);
}

/* A part of the first walk. */
static void go_on_walking(struct runner *r)
{
	struct walk *w = r->walks;
	size_t n = informer_index_count(w->informer, w->index, w->key);

	loop_part(r->c->name, w->key);
	if (w->at > n)
		w->at = n;
	while (w->at > 0) {
		w->fn(r, w->res, informer_index_at(w->informer, w->index, w->key, --w->at));
		if (loop_turn_spent(r->loop))
			break;
	}
	if (!w->at)
		walk_free(r, w);
}

/* --- running --- */

static bool may_run(const struct runner *r)
{
	return r->ready && r->in_work < MAX_IN_WORK;
}

static bool do_part(void *data)
{
	struct runner *r = data;

	if (!r->synced && !informers_synced(r->informers)) {
		loop_timer_start(&r->poll, POLL_US);
		return false;
	}
	r->synced = true;
	check_waiting(r);
	if (r->walks)
		go_on_walking(r);
	while (may_run(r) && !loop_turn_spent(r->loop))
		run_item(r, r->ready);
	if (r->n_waiting)
		loop_timer_start_by(&r->poll, POLL_US);
	return may_run(r) || r->walks;
}

static void poll(void *data)
{
	struct runner *r = data;

	loop_work_start(&r->work);
}

static void informer_changed(void *data, const json *old, const json *new)
{
	struct watch_ctx *ctx = data;
	struct runner *r = ctx->runner;

	if (ctx->changed)
		ctx->changed(r, old, new);
	else
		r->c->every_kind(r, ctx->res, old, new);
	if (r->n_waiting)
		loop_work_start(&r->work);
}

static void add_watch(struct runner *r, struct watch_ctx *ctx, const struct resource *res,
		      void (*changed)(struct runner *, const json *, const json *))
{
	*ctx = (struct watch_ctx){ r, res, changed };
	informer_add_handler(informers_of(r->informers, res), informer_changed, ctx);
}

/* Since when the key has been in work that is so longest; for queue_metrics_new(). */
static uint64_t longest_in_work(void *data)
{
	struct runner *r = data;
	struct item *it, *tmp;
	uint64_t since = 0;

	HASH_ITER(hh, r->items, it, tmp)
		if (it->in_work && (!since || it->since < since))
			since = it->since;
	return since;
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
	r->metrics = queue_metrics_new(c->name, longest_in_work, r);
	r->recorder = recorder_new(s, c->name, NULL);
	loop_work_init(&r->work, loop, do_part, r);
	loop_timer_init(&r->poll, loop, poll, r);
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
	loop_work_start(&r->work);
	return r;
}

void runner_free(struct runner *r)
{
	struct item *it, *tmp;
	struct round *round, *next;
	struct cache_wait *w, *wnext;

	if (!r)
		return;
	DL_FOREACH_SAFE(r->rounds, round, next)
		round_abandon(round);
	HASH_ITER(hh, r->items, it, tmp)
		item_free(it);
	while (r->walks)
		walk_free(r, r->walks);
	LL_FOREACH_SAFE(r->waits, w, wnext)
		free(w);
	loop_work_stop(&r->work);
	loop_timer_stop(&r->poll);
	queue_metrics_free(r->metrics);
	recorder_free(r->recorder);
	if (r->c->free)
		r->c->free(r->state);
	free(r->watches);
	free(r);
}
