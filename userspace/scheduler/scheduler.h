/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scheduler.h - gives every pod that has none a node
 *
 * The decision is schedule.h; this is the shell around it, run by the runner
 * of the controllers (controllers/runner.h): a pod is a key, a binding is its
 * one action.
 */
#ifndef KEELSON_SCHEDULER_SCHEDULER_H
#define KEELSON_SCHEDULER_SCHEDULER_H

#include <systemd/sd-event.h>
#include "store/store.h"

struct scheduler;

/* To be called in one server of a cluster only. Waits by itself until the store answers. */
struct scheduler *scheduler_start(sd_event *loop, struct store *s);
/* NULL is fine. Writes under way may still finish. */
void scheduler_free(struct scheduler *s);
/* How many objects it has read out of its caches so far: what its decisions cost, for tests and metrics. */
uint64_t scheduler_visits(const struct scheduler *s);

#endif
