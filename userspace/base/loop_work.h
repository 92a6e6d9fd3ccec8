/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop_work.h - work that can wait until who is served has been served
 *
 * All such work of a loop stands in one queue. A turn takes what is first there
 * and lets it do one part, of about LOOP_BUDGET_US at most; what has more to do
 * goes to the end of the queue. Between two parts everything else that is ready
 * runs, I/O above all; only if that does not end for LOOP_PATIENCE_US, a part is
 * done in between. So a request waits for one part of work, however much work
 * there is, and work goes on, however many requests there are.
 */
#ifndef KEELSON_BASE_LOOP_WORK_H
#define KEELSON_BASE_LOOP_WORK_H

#include <systemd/sd-event.h>
#include "base/loop_stats.h"

#define LOOP_PATIENCE_US 10000ULL

struct loop_work {
	sd_event *loop;
	bool (*fn)(void *data);
	void *data;
	const char *name;
	bool queued;
	struct loop_work *prev, *next;
};

/*
 * fn does a part: it ends when it is done, and then returns false, or when
 * loop_turn_spent(), and then returns true to be called again. It may free the
 * struct it lies in if it returns false.
 */
void loop_work_init_as(struct loop_work *w, sd_event *loop, bool (*fn)(void *data), void *data, const char *name);
#define loop_work_init(w, loop, fn, data) loop_work_init_as((w), (loop), (fn), (data), __FILE_NAME__ ": " #fn)
/* In a later turn; nothing happens if it is queued already. */
void loop_work_start(struct loop_work *w);
/* Safe on a zeroed struct. */
void loop_work_stop(struct loop_work *w);

#endif
