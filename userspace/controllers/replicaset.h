/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replicaset.h - keeps as many pods of one template as spec.replicas says */
#ifndef KEELSON_CONTROLLERS_REPLICASET_H
#define KEELSON_CONTROLLERS_REPLICASET_H

#include "controllers/pod_facts.h"
#include "controllers/runner.h"

extern const struct controller replicaset_controller;

struct replicaset_in {
	const json *rs;
	/* Pods that it controls, and pods of the namespace that nobody controls and that it may select. */
	const struct pod_facts *const *owned, *const *orphans;
	size_t n_owned, n_orphans;
	/* Pods of the other ReplicaSets of its Deployment: they crowd nodes as its own do. */
	const struct pod_facts *const *related;
	size_t n_related;
	uint64_t now;			/* microseconds since the epoch */
	const char *last_failure;	/* why pods could not be made or deleted lately, or NULL */
};
void replicaset_reconcile(const struct replicaset_in *in, struct actions *out);

#endif
