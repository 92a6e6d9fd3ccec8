/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nodelifecycle.h - notices silent nodes, taints what is not well, evicts what does not bear it */
#ifndef KEELSON_CONTROLLERS_NODELIFECYCLE_H
#define KEELSON_CONTROLLERS_NODELIFECYCLE_H

#include "controllers/runner.h"

extern const struct controller nodelifecycle_controller;

#define NODE_GRACE_US (40ULL * 1000000)

struct nodelifecycle_in {
	const json *node;
	uint64_t silent_us;		/* since the last sign of life that was seen here */
	uint64_t grace_us;		/* silence up to this is no reason for worry */
	bool all_down;			/* no node of the cluster is ready: then it is rather us who see nothing */
	bool may_evict;			/* its turn has come; see node_zones.h */
	const json *const *pods;	/* bound to the node */
	size_t n_pods;
	uint64_t now;			/* microseconds since the epoch */
};
void nodelifecycle_reconcile(const struct nodelifecycle_in *in, struct actions *out);

#endif
