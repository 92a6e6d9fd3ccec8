/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * controllers.h - all controllers of a server, started and stopped together
 *
 * The table in controllers.c says which there are; a new controller is one
 * file with a pure reconcile and one row there (how: runner.h).
 */
#ifndef KEELSON_CONTROLLERS_CONTROLLERS_H
#define KEELSON_CONTROLLERS_CONTROLLERS_H

#include <systemd/sd-event.h>
#include "store/store.h"

struct controllers_config {
	/* PEM of the cluster's CA for the ConfigMap kube-root-ca.crt of each namespace, or NULL: none is made. */
	const char *ca_pem;
	/* How long a node may be silent before it counts as lost; 0: 40 seconds. In microseconds. */
	uint64_t node_grace_us;
	/* How long after one node of a zone the next may be evicted from; 0: 10 seconds. In microseconds. */
	uint64_t eviction_us;
};

struct controllers;

/*
 * To be called in one server of a cluster only. Waits by itself until the store
 * answers. config may be NULL, and its strings are copied.
 */
struct controllers *controllers_start(sd_event *loop, struct store *s, const struct controllers_config *config);
/* NULL is fine. Writes under way may still finish. */
void controllers_free(struct controllers *c);
/* How many objects they have read out of their caches so far: what changes cost, for tests and metrics. */
uint64_t controllers_visits(const struct controllers *c);

#endif
