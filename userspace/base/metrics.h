/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics.h - counters, gauges and histograms, as Prometheus reads them
 *
 * A family is a static struct of the file that counts; it is shown as soon as
 * there is something of it. What is counted on a hot path is looked up once by
 * its labels (metric_of()) and kept: counting is then an addition. Everything
 * belongs to the process and to its one thread.
 *
 * Format: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
#ifndef KEELSON_BASE_METRICS_H
#define KEELSON_BASE_METRICS_H

#include "base/util.h"

#define METRIC_LABELS_MAX 10

enum metric_type {
	METRIC_COUNTER,		/* never less than before; name ends in _total */
	METRIC_GAUGE,
	METRIC_HISTOGRAM,
};

struct metric;		/* one of a family: a value, or a histogram, for each set of labels */

struct metric_family {
	const char *name, *help;
	enum metric_type type;
	const char *labels[METRIC_LABELS_MAX];	/* names, NULL after the last */
	const double *bounds;			/* of a histogram's buckets, ascending, without infinity */
	size_t n_bounds;

	struct metric *list;			/* metrics.c's own */
	struct metric_family *next;
	bool known;
};

/* Among the members of a histogram: its bounds. */
#define METRIC_BOUNDS(array) .bounds = (array), .n_bounds = ARRAY_SIZE(array)

/*
 * The one with these values of the labels, in their order; made (with 0) if there
 * is none. Lives as long as the process. values may be NULL where there are no labels.
 */
struct metric *metric_get(struct metric_family *f, const char *const *values);
#define metric_of(f, ...) metric_get((f), (const char *const[]){ __VA_ARGS__ })

/* Its labels' values in their order, borrowed for ever; values has room for all of them. */
void metric_labels(const struct metric *m, const char **values);

void metric_add(struct metric *m, double by);	/* a gauge's may be negative */
void metric_set(struct metric *m, double to);
void metric_observe(struct metric *m, double value);
/* A histogram that is counted elsewhere: within[i] of count values, sum in all, are at most bounds[i]. */
void metric_set_histogram(struct metric *m, const uint64_t *within, uint64_t count, double sum);

/* What is known only when somebody asks: fn sets gauges just before all is printed. */
struct metrics_hook {
	void (*fn)(void *data);
	void *data;
	struct metrics_hook *next;
};
void metrics_hook_add(struct metrics_hook *h);
void metrics_hook_remove(struct metrics_hook *h);

/* All families in order of their names, and those of the process (process_...); appended to out. */
void metrics_print(struct buf *out);
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* --- metrics_process.c: called by metrics_print() --- */
void metrics_process(void);

#endif
