// SPDX-License-Identifier: GPL-2.0-or-later
/* stats.c - the instance's counters, at once or as they change */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "cmd/keelsonctl/ctl.h"
#include "cmd/keelsonctl/table.h"

static const struct {
	const char *name, *meaning;
} counters[KEELSON_STAT_MAX + 1] = {
#define COUNTER(NAME, name, text) [KEELSON_STAT_##NAME] = { #name, text },
	KEELSON_STATS(COUNTER)
#undef COUNTER
};

int stats_show(struct ctl *c, struct args *a, char **ret_msg)
{
	struct dp_stats s;
	struct table t;
	int res;

	CTL_END_OR_USAGE(a);
	res = keelson_nl_stats(c->nl, &s, ret_msg);
	if (res < 0)
		return res;
	if (c->json) {
		json *j = json_new_object();

		for (int i = 1; i <= KEELSON_STAT_MAX; i++)
			json_set_int(j, counters[i].name, s.v[i]);
		ctl_print_json(j);
		return 0;
	}
	table_begin(&t, 3, "COUNTER", "VALUE", "MEANING");
	for (int i = 1; i <= KEELSON_STAT_MAX; i++) {
		table_cell(&t, "%s", counters[i].name);
		table_cell(&t, "%" PRIu64, s.v[i]);
		table_cell(&t, "%s", counters[i].meaning);
	}
	table_end(&t, stdout);
	return 0;
}

/* What happened in one interval: a JSON line with all counters, or a text line with those that moved. */
static void print_delta(struct ctl *c, const struct dp_stats *old, const struct dp_stats *new)
{
	json *j = c->json ? json_new_object() : NULL;
	char now[32];

	format_time(now_realtime_us(), now);
	if (c->json)
		json_set_str(j, "time", now);
	else
		printf("%s", now);
	for (int i = 1; i <= KEELSON_STAT_MAX; i++) {
		uint64_t delta = new->v[i] - old->v[i];

		if (c->json)
			json_set_int(j, counters[i].name, delta);
		else if (delta)
			printf("  %s +%" PRIu64, counters[i].name, delta);
	}
	if (c->json)
		ctl_print_json(j);
	else
		printf("\n");
	fflush(stdout);
}

int stats_monitor(struct ctl *c, struct args *a, char **ret_msg)
{
	int64_t interval = 1, count = 0;
	struct dp_stats old, new;
	int res;

	while (args_more(a)) {
		if (args_keyword(a, "interval"))
			args_number(a, "interval", 1, 86400, &interval);
		else if (args_keyword(a, "count"))
			args_number(a, "count", 1, INT32_MAX, &count);
		else
			args_end(a);
	}
	if (a->error)
		return CTL_USAGE;
	res = keelson_nl_stats(c->nl, &old, ret_msg);
	for (int64_t i = 0; res == 0 && (!count || i < count) && !ferror(stdout); i++) {
		struct timespec pause = { .tv_sec = interval };

		while (clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, &pause) == EINTR)
			;
		res = keelson_nl_stats(c->nl, &new, ret_msg);
		if (res == 0)
			print_delta(c, &old, &new);
		old = new;
	}
	return res;
}
