/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop_stats.h - how long each turn of the loop takes, and what it did meanwhile
 *
 * A turn is the run of one event source. While it lasts nobody else is served:
 * whoever may have much to do asks loop_turn_spent() and leaves the rest to a
 * later turn (loop_work.h). A turn that took too long all the same is logged and
 * counted.
 */
#ifndef KEELSON_BASE_LOOP_STATS_H
#define KEELSON_BASE_LOOP_STATS_H

#include <systemd/sd-event.h>
#include "base/util.h"

#define LOOP_BUDGET_US 5000ULL		/* what work that can wait may take of a turn */
#define LOOP_SLOW_US 20000ULL		/* a turn that took longer is logged */

/* Runs the loop until it ends and gives its exit code, as sd_event_loop(), with an eye on each turn. */
int loop_run(sd_event *loop);

/*
 * What this turn does from here on, until the next call: a slow turn is logged
 * with its longest part. what is static; detail ("namespace/name") is copied and
 * may be NULL.
 */
void loop_part(const char *what, const char *detail);

/*
 * True when this turn has lasted for LOOP_BUDGET_US. Outside of loop_run() whoever
 * is the first to ask starts the turn's clock; outside of any turn it is false.
 */
bool loop_turn_spent(sd_event *loop);

#define LOOP_STATS_BOUNDS 10
/* Microseconds: 500, 1,000, 2,000, 5,000, 10,000, 20,000, 50,000, 100,000, 500,000, 2,000,000 */
extern const uint64_t loop_stats_bounds[LOOP_STATS_BOUNDS];

/* Since the process started, of loop_run(). */
struct loop_stats {
	uint64_t turns;
	uint64_t slow;			/* of them took longer than LOOP_SLOW_US */
	uint64_t busy_us, longest_us;
	uint64_t within[LOOP_STATS_BOUNDS];	/* turns that took at most loop_stats_bounds[i]: a histogram, cumulative */
};
void loop_stats_get(struct loop_stats *ret);

#endif
