// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * metrics_process.c - what /proc says of this process, under the names that
 *                     Prometheus' libraries use, and how its loop does
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "base/loop_stats.h"
#include "base/metrics.h"

static struct metric_family cpu = {
	.name = "process_cpu_seconds_total", .type = METRIC_COUNTER, .help = "CPU time of the process, in user and system mode.",
};
static struct metric_family resident = {
	.name = "process_resident_memory_bytes", .type = METRIC_GAUGE, .help = "Memory of the process that is in RAM.",
};
static struct metric_family virtual = {
	.name = "process_virtual_memory_bytes", .type = METRIC_GAUGE, .help = "Address space of the process.",
};
static struct metric_family open_fds = {
	.name = "process_open_fds", .type = METRIC_GAUGE, .help = "File descriptors that are open.",
};
static struct metric_family max_fds = {
	.name = "process_max_fds", .type = METRIC_GAUGE, .help = "File descriptors that may be open.",
};
static struct metric_family started = {
	.name = "process_start_time_seconds", .type = METRIC_GAUGE, .help = "When the process was started, in seconds since 1970.",
};

static double turn_bounds[LOOP_STATS_BOUNDS];
static struct metric_family turns = {
	.name = "keelson_loop_turn_duration_seconds", .type = METRIC_HISTOGRAM, .help = "How long turns of the loop took.",
	METRIC_BOUNDS(turn_bounds),
};
static struct metric_family slow_turns = {
	.name = "keelson_loop_slow_turns_total", .type = METRIC_COUNTER, .help = "Turns that took so long that they were logged.",
};
static struct metric_family longest_turn = {
	.name = "keelson_loop_longest_turn_seconds", .type = METRIC_GAUGE, .help = "The longest turn so far.",
};

#define PROC_FILE_MAX 4096

/* The number of an entry of /proc/self/stat, counted as in proc(5); 0 if it cannot be read. */
static double stat_field(const char *stat, int number)
{
	const char *p = strrchr(stat, ')');	/* the name before it may hold anything */

	for (int i = 2; p && i < number; i++) {
		p = strchr(p, ' ');
		p = p ? p + 1 : NULL;
	}
	return p ? strtod(p, NULL) : 0;
}

/* Seconds from 1970 to when the machine was started. */
static double boot_time(void)
{
	struct timespec now, up;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return (double)(now.tv_sec - up.tv_sec) + (double)(now.tv_nsec - up.tv_nsec) / 1e9;
}

static int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = -3;	/* ".", ".." and that of the directory itself */

	if (!d)
		return 0;
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void count_turns(void)
{
	struct loop_stats s;

	loop_stats_get(&s);
	for (size_t i = 0; i < LOOP_STATS_BOUNDS; i++)
		turn_bounds[i] = (double)loop_stats_bounds[i] / 1e6;
	metric_set_histogram(metric_get(&turns, NULL), s.within, s.turns, (double)s.busy_us / 1e6);
	metric_set(metric_get(&slow_turns, NULL), (double)s.slow);
	metric_set(metric_get(&longest_turn, NULL), (double)s.longest_us / 1e6);
}

void metrics_process(void)
{
	static double start;
	_cleanup_free_ char *stat = NULL;
	struct rlimit limit;
	struct timespec used;

	count_turns();
	if (!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used))
		metric_set(metric_get(&cpu, NULL), (double)used.tv_sec + (double)used.tv_nsec / 1e9);
	metric_set(metric_get(&open_fds, NULL), count_fds());
	if (!getrlimit(RLIMIT_NOFILE, &limit))
		metric_set(metric_get(&max_fds, NULL), (double)limit.rlim_cur);
	if (read_file("/proc/self/stat", PROC_FILE_MAX, &stat, NULL))
		return;
	/* A clock that is set meanwhile must not move it. */
	if (start == 0)
		start = boot_time() + stat_field(stat, 22) / (double)sysconf(_SC_CLK_TCK);
	metric_set(metric_get(&started, NULL), start);
	metric_set(metric_get(&virtual, NULL), stat_field(stat, 23));
	metric_set(metric_get(&resident, NULL), stat_field(stat, 24) * (double)sysconf(_SC_PAGESIZE));
}
