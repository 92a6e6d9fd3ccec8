/* SPDX-License-Identifier: GPL-2.0-or-later */
/* queue_metrics.h - a runner's queue as workqueue_* metrics count it */
#ifndef KEELSON_CONTROLLERS_QUEUE_METRICS_H
#define KEELSON_CONTROLLERS_QUEUE_METRICS_H

#include "base/util.h"

struct queue_metrics;

/* name: the controller's, borrowed. running(data): since when the key has been in work that is so longest, 0 if there is none. */
struct queue_metrics *queue_metrics_new(const char *name, uint64_t (*running)(void *data), void *data);
void queue_metrics_free(struct queue_metrics *m);

void queue_metrics_added(struct queue_metrics *m);	/* a key is to run that was not before */
void queue_metrics_retried(struct queue_metrics *m);	/* a key comes back after a failure */
/* It waits for its turn; it has it. */
void queue_metrics_waits(struct queue_metrics *m);
void queue_metrics_taken(struct queue_metrics *m, uint64_t waited_us);
unsigned queue_metrics_depth(const struct queue_metrics *m);
void queue_metrics_worked(struct queue_metrics *m, uint64_t us);

#endif
