// SPDX-License-Identifier: GPL-2.0-or-later
/* loop_stats.c - see loop_stats.h; a process has one loop that it runs so */
#include "base/loop_stats.h"

#include <time.h>

#include "base/log.h"

const uint64_t loop_stats_bounds[LOOP_STATS_BOUNDS] = {
	500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 500000, 2000000,
};

static struct loop_stats stats;

struct part {
	const char *what;	/* NULL: nobody said */
	char detail[128];
	uint64_t us;
};

/* The turn that runs now. */
static struct {
	bool on;
	uint64_t begin, cpu_begin;
	struct part now, longest;
	uint64_t part_begin;
} turn;

/* For turns that somebody else runs. */
static struct {
	sd_event *loop;
	uint64_t iteration, begin;
} other;

static void end_part(uint64_t at)
{
	turn.now.us = at - turn.part_begin;
	if (turn.now.us > turn.longest.us)
		turn.longest = turn.now;
	turn.part_begin = at;
}

void loop_part(const char *what, const char *detail)
{
	size_t n = detail ? strnlen(detail, sizeof(turn.now.detail) - 1) : 0;

	if (!turn.on)
		return;
	end_part(now_monotonic_us());
	turn.now.what = what;
	memcpy(turn.now.detail, detail ?: "", n);
	turn.now.detail[n] = '\0';
}

/* What this thread has used of a processor. */
static uint64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void begin_turn(void)
{
	turn.on = true;
	turn.cpu_begin = cpu_us();
	turn.begin = turn.part_begin = now_monotonic_us();
	turn.longest.us = 0;
	turn.longest.what = turn.now.what = NULL;
	turn.longest.detail[0] = turn.now.detail[0] = '\0';
}

static void end_turn(void)
{
	uint64_t at = now_monotonic_us(), us = at - turn.begin;

	end_part(at);
	turn.on = false;
	stats.turns++;
	stats.busy_us += us;
	if (us > stats.longest_us)
		stats.longest_us = us;
	for (size_t i = LOOP_STATS_BOUNDS; i-- > 0 && us <= loop_stats_bounds[i];)
		stats.within[i]++;
	if (us <= LOOP_SLOW_US)
		return;
	stats.slow++;
	/* Without much of a processor's time it was the machine that kept us waiting. */
	log_warn("a turn of the loop took %llu ms (%llu of CPU), %llu of them: %s%s%s", (unsigned long long)us / 1000,
		 (unsigned long long)(cpu_us() - turn.cpu_begin) / 1000, (unsigned long long)turn.longest.us / 1000,
		 turn.longest.what ?: "a source without a name", turn.longest.detail[0] ? " " : "", turn.longest.detail);
}

int loop_run(sd_event *loop)
{
	int r, code;

	while (sd_event_get_state(loop) != SD_EVENT_FINISHED) {
		r = sd_event_prepare(loop);
		if (r == 0)
			r = sd_event_wait(loop, UINT64_MAX);
		if (r > 0) {
			begin_turn();
			r = sd_event_dispatch(loop);
			end_turn();
		}
		if (r < 0)
			return r;
	}
	r = sd_event_get_exit_code(loop, &code);
	return r < 0 ? r : code;
}

bool loop_turn_spent(sd_event *loop)
{
	uint64_t iteration = 0, now = now_monotonic_us();

	if (turn.on)
		return now - turn.begin >= LOOP_BUDGET_US;
	if (sd_event_get_state(loop) != SD_EVENT_RUNNING)
		return false;
	sd_event_get_iteration(loop, &iteration);
	if (other.loop != loop || other.iteration != iteration) {
		other.loop = loop;
		other.iteration = iteration;
		other.begin = now;
	}
	return now - other.begin >= LOOP_BUDGET_US;
}

void loop_stats_get(struct loop_stats *ret)
{
	*ret = stats;
}
