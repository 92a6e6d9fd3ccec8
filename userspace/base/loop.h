/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop.h - small helpers around sd-event
 *
 * Every daemon has one loop. A timer is a member of the struct it serves; it
 * holds no memory while it is stopped except its event source.
 */
#ifndef KEELSON_BASE_LOOP_H
#define KEELSON_BASE_LOOP_H

#include <systemd/sd-event.h>
#include "base/util.h"

static inline void sd_event_unrefp_(sd_event **e)
{
	sd_event_unref(*e);
}
#define _cleanup_event_ _cleanup_(sd_event_unrefp_)

/*
 * The daemon's loop. Ignores SIGPIPE for the process (a peer that went away is
 * an error of write()), and ends the loop with 0 on SIGTERM and SIGINT.
 */
int loop_new(sd_event **ret);

struct loop_timer {
	sd_event *loop;
	sd_event_source *source;	/* for delays; NULL until the first of them */
	sd_event_source *soon;		/* while it is to run at the next turn */
	void (*fn)(void *data);
	void *data;
	const char *name;		/* "file.c: function", for loop_stats.h */
};
/* fn runs from the loop, once per start; it may start the timer again or free the struct it lies in. */
void loop_timer_init_as(struct loop_timer *t, sd_event *loop, void (*fn)(void *data), void *data, const char *name);
#define loop_timer_init(t, loop, fn, data) loop_timer_init_as((t), (loop), (fn), (data), __FILE_NAME__ ": " #fn)
/*
 * In us microseconds from now (and up to a millisecond later, to join others), in
 * place of an earlier start; 0: at the next turn of the loop, after what was
 * ready before it.
 */
void loop_timer_start(struct loop_timer *t, uint64_t us);
/* As above, but an earlier start that comes sooner stays. */
void loop_timer_start_by(struct loop_timer *t, uint64_t us);
bool loop_timer_armed(const struct loop_timer *t);
/* Stops and lets go of the event source; the timer can be started again. Safe on a zeroed struct. */
void loop_timer_stop(struct loop_timer *t);

/* Stops an event source and sets *s to NULL; NULL is fine. */
void loop_source_drop(sd_event_source **s);

/*
 * Delays for retries: doubles from first_us to max_us; each answer is spread
 * over 0.8 to 1.2 of that, so that many clients do not come back together.
 */
struct backoff {
	uint64_t first_us, max_us;
	uint64_t next_us;	/* 0: start over with first_us */
};
uint64_t backoff_next(struct backoff *b);
static inline void backoff_reset(struct backoff *b)
{
	b->next_us = 0;
}

#endif
