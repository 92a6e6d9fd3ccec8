// SPDX-License-Identifier: GPL-2.0-or-later
/* loop.c - see loop.h */
#include "base/loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/random.h>
#include <time.h>

#include "base/loop_stats.h"

/* How much later than asked a timer with a delay may run: lets the kernel join wake-ups. */
#define TIMER_ACCURACY_US 1000

int loop_new(sd_event **ret)
{
	_cleanup_event_ sd_event *e = NULL;
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	r = sd_event_new(&e);
	if (r >= 0)
		r = sd_event_add_signal(e, NULL, SIGTERM, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(e, NULL, SIGINT, NULL, NULL);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(e);
	return 0;
}

void loop_timer_init_as(struct loop_timer *t, sd_event *loop, void (*fn)(void *data), void *data, const char *name)
{
	*t = (struct loop_timer){ .loop = loop, .fn = fn, .data = data, .name = name };
}

static int on_timer(sd_event_source *s, uint64_t us, void *data)
{
	struct loop_timer *t = data;

	loop_part(t->name, NULL);
	t->fn(t->data);
	return 0;
}

static int on_soon(sd_event_source *s, void *data)
{
	struct loop_timer *t = data;

	loop_source_drop(&t->soon);
	loop_part(t->name, NULL);
	t->fn(t->data);
	return 0;
}

static void check(int r)
{
	if (r < 0 && r != -ESTALE)	/* -ESTALE: the loop has ended, nothing runs any more */
		abort();
}

/*
 * Without a clock: no system call, no wait. The source is a new one each time,
 * as an old one would keep its old place in the loop's queue, before everything
 * that has become ready since: a timer that starts itself again and again would
 * let nobody else run.
 */
static void start_soon(struct loop_timer *t)
{
	if (t->source)
		check(sd_event_source_set_enabled(t->source, SD_EVENT_OFF));
	if (!t->soon)
		check(sd_event_add_defer(t->loop, &t->soon, on_soon, t));
}

static void start_at(struct loop_timer *t, uint64_t at)
{
	int r;

	loop_source_drop(&t->soon);
	if (!t->source) {
		r = sd_event_add_time(t->loop, &t->source, CLOCK_MONOTONIC, at, TIMER_ACCURACY_US, on_timer, t);
	} else {
		r = sd_event_source_set_time(t->source, at);
		if (r >= 0)
			r = sd_event_source_set_enabled(t->source, SD_EVENT_ONESHOT);
	}
	check(r);
}

void loop_timer_start(struct loop_timer *t, uint64_t us)
{
	/* The loop's own clock stands still during a turn; a fresh one does not fire early. */
	if (us)
		start_at(t, now_monotonic_us() + us);
	else
		start_soon(t);
}

static bool clock_armed(const struct loop_timer *t)
{
	int on = SD_EVENT_OFF;

	return t->source && sd_event_source_get_enabled(t->source, &on) > 0;
}

void loop_timer_start_by(struct loop_timer *t, uint64_t us)
{
	uint64_t at, old;

	if (!us) {
		start_soon(t);
		return;
	}
	at = now_monotonic_us() + us;
	if (t->soon || (clock_armed(t) && sd_event_source_get_time(t->source, &old) >= 0 && old <= at))
		return;
	start_at(t, at);
}

bool loop_timer_armed(const struct loop_timer *t)
{
	return t->soon || clock_armed(t);
}

void loop_timer_stop(struct loop_timer *t)
{
	loop_source_drop(&t->source);
	loop_source_drop(&t->soon);
}

void loop_source_drop(sd_event_source **s)
{
	*s = sd_event_source_disable_unref(*s);
}

uint64_t backoff_next(struct backoff *b)
{
	uint64_t us = b->next_us ? b->next_us : b->first_us;
	uint16_t spread;

	b->next_us = us * 2 < b->max_us ? us * 2 : b->max_us;
	if (getrandom(&spread, sizeof(spread), 0) != sizeof(spread))
		spread = 0x8000;
	return us * 4 / 5 + us * 2 / 5 * spread / 0xffff;
}
