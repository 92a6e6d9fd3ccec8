/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stats.h - the counters of an instance (KEELSON_STATS), one copy a CPU
 *
 * unsigned long, so that no counter tears on any architecture.
 */
#ifndef KEELSON_STATS_H
#define KEELSON_STATS_H

#include <linux/percpu.h>
#include <linux/keelson.h>

/**
 * struct keelson_pcpu - what one CPU writes on every packet
 * @stat: counters, by enum keelson_stat
 * @ip_id: last outer IP identification this CPU used
 */
struct keelson_pcpu {
	unsigned long stat[KEELSON_STAT_MAX + 1];
	u32 ip_id;
};

#define keelson_count(inst, NAME) \
	this_cpu_inc((inst)->pcpu->stat[KEELSON_STAT_##NAME])
#define keelson_count_add(inst, NAME, n) \
	this_cpu_add((inst)->pcpu->stat[KEELSON_STAT_##NAME], n)

#endif /* KEELSON_STATS_H */
