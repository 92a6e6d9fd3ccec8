// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * loop_work.c - see loop_work.h
 *
 * The queue has two event sources while anything is in it. The first runs when
 * no other source is ready; the second is a clock, and as important as any. No
 * system call is made for either: while something is ready the loop does not
 * wait, and looks at its clock in every turn.
 */
#include "base/loop_work.h"

#include <errno.h>
#include <utlist.h>

#include "base/loop.h"

struct queue {
	sd_event *loop;
	struct loop_work *list;
	sd_event_source *idle, *clock;
	bool running;		/* in run_first() */
	struct queue *next;
};

static struct queue *queues;

static struct queue *queue_of(sd_event *loop)
{
	struct queue *q;

	LL_FOREACH(queues, q)
		if (q->loop == loop)
			return q;
	q = xnew0(struct queue);
	q->loop = loop;
	LL_PREPEND(queues, q);
	return q;
}

static void check(int r)
{
	if (r < 0 && r != -ESTALE)	/* -ESTALE: the loop has ended */
		abort();
}

static void run_first(struct queue *q);

static int on_idle(sd_event_source *s, void *data)
{
	run_first(data);
	return 0;
}

static int on_clock(sd_event_source *s, uint64_t us, void *data)
{
	run_first(data);
	return 0;
}

/* Makes the sources what the queue needs; without work there is no queue. */
static void arm(struct queue *q)
{
	loop_source_drop(&q->idle);
	loop_source_drop(&q->clock);
	if (!q->list) {
		LL_DELETE(queues, q);
		free(q);
		return;
	}
	check(sd_event_add_defer(q->loop, &q->idle, on_idle, q));
	if (q->idle)
		check(sd_event_source_set_priority(q->idle, SD_EVENT_PRIORITY_IDLE));
	check(sd_event_add_time(q->loop, &q->clock, CLOCK_MONOTONIC, now_monotonic_us() + LOOP_PATIENCE_US, 1, on_clock, q));
}

static void run_first(struct queue *q)
{
	struct loop_work *w = q->list;

	DL_DELETE(q->list, w);
	w->queued = false;
	q->running = true;
	loop_part(w->name, NULL);
	if (w->fn(w->data) && !w->queued) {
		DL_APPEND(q->list, w);
		w->queued = true;
	}
	q->running = false;
	arm(q);
}

void loop_work_init_as(struct loop_work *w, sd_event *loop, bool (*fn)(void *data), void *data, const char *name)
{
	*w = (struct loop_work){ .loop = loop, .fn = fn, .data = data, .name = name };
}

void loop_work_start(struct loop_work *w)
{
	struct queue *q;

	if (w->queued)
		return;
	q = queue_of(w->loop);
	w->queued = true;
	DL_APPEND(q->list, w);
	if (!q->idle && !q->running)
		arm(q);
}

void loop_work_stop(struct loop_work *w)
{
	struct queue *q;

	if (!w->queued)
		return;
	q = queue_of(w->loop);
	DL_DELETE(q->list, w);
	w->queued = false;
	if (!q->list && !q->running)
		arm(q);
}
