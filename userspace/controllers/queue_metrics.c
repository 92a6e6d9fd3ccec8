// SPDX-License-Identifier: GPL-2.0-or-later
/* queue_metrics.c - see queue_metrics.h */
#include "controllers/queue_metrics.h"

#include "base/metrics.h"

static const double seconds[] = { 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000 };

static struct metric_family depth = {
	.name = "workqueue_depth", .type = METRIC_GAUGE, .help = "Keys that wait for their turn.", .labels = { "name" },
};
static struct metric_family adds = {
	.name = "workqueue_adds_total", .type = METRIC_COUNTER, .help = "Keys that were put into the queue.", .labels = { "name" },
};
static struct metric_family retries = {
	.name = "workqueue_retries_total", .type = METRIC_COUNTER, .help = "Keys that came back after a failure.", .labels = { "name" },
};
static struct metric_family waited = {
	.name = "workqueue_queue_duration_seconds", .type = METRIC_HISTOGRAM, .help = "How long keys waited for their turn.",
	.labels = { "name" }, METRIC_BOUNDS(seconds),
};
static struct metric_family worked = {
	.name = "workqueue_work_duration_seconds", .type = METRIC_HISTOGRAM,
	.help = "How long keys were in work, until their writes were answered.", .labels = { "name" }, METRIC_BOUNDS(seconds),
};
static struct metric_family longest = {
	.name = "workqueue_longest_running_processor_seconds", .type = METRIC_GAUGE,
	.help = "How long the key has been in work that is so longest.", .labels = { "name" },
};

struct queue_metrics {
	struct metric *depth, *adds, *retries, *waited, *worked, *longest;
	unsigned waiting;	/* of depth, ours: another queue may have the same name */
	struct metrics_hook hook;
	uint64_t (*running)(void *data);
	void *data;
};

static void on_print(void *data)
{
	struct queue_metrics *m = data;
	uint64_t since = m->running(m->data);

	metric_set(m->longest, since ? (double)(now_monotonic_us() - since) / 1e6 : 0);
}

struct queue_metrics *queue_metrics_new(const char *name, uint64_t (*running)(void *data), void *data)
{
	struct queue_metrics *m = xnew0(struct queue_metrics);

	m->depth = metric_of(&depth, name);
	m->adds = metric_of(&adds, name);
	m->retries = metric_of(&retries, name);
	m->waited = metric_of(&waited, name);
	m->worked = metric_of(&worked, name);
	m->longest = metric_of(&longest, name);
	m->running = running;
	m->data = data;
	m->hook = (struct metrics_hook){ .fn = on_print, .data = m };
	metrics_hook_add(&m->hook);
	return m;
}

void queue_metrics_free(struct queue_metrics *m)
{
	metrics_hook_remove(&m->hook);
	metric_add(m->depth, -(double)m->waiting);
	free(m);
}

void queue_metrics_added(struct queue_metrics *m)
{
	metric_add(m->adds, 1);
}

void queue_metrics_retried(struct queue_metrics *m)
{
	metric_add(m->retries, 1);
}

void queue_metrics_waits(struct queue_metrics *m)
{
	m->waiting++;
	metric_add(m->depth, 1);
}

void queue_metrics_taken(struct queue_metrics *m, uint64_t waited_us)
{
	m->waiting--;
	metric_add(m->depth, -1);
	metric_observe(m->waited, (double)waited_us / 1e6);
}

unsigned queue_metrics_depth(const struct queue_metrics *m)
{
	return m->waiting;
}

void queue_metrics_worked(struct queue_metrics *m, uint64_t us)
{
	metric_observe(m->worked, (double)us / 1e6);
}
