/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node_zones.h - which nodes live, zone by zone, and how fast pods may be evicted
 *
 * Nodes that go silent together are rather a broken network than broken nodes,
 * and evicting all their pods would break what still works. So (Kubernetes' rule)
 * each zone is
 *
 *   normal	a further node may be evicted from every 10 seconds;
 *   partly down	if at least 55 % of its nodes, and at least three, are not
 *		healthy: every 100 seconds, and with 50 nodes or fewer not at all;
 *   down	if none is healthy: as normal; but when all zones are down, nothing
 *		is evicted, and evictions that were begun end.
 *
 * A zone is what topology.kubernetes.io/region and /zone name. A node is healthy
 * that says it is ready and was heard of lately. Nothing here walks all nodes,
 * except when contact with the source itself was lost and is back.
 *
 * No I/O, no clock of its own: times are monotonic microseconds.
 */
#ifndef KEELSON_CONTROLLERS_NODE_ZONES_H
#define KEELSON_CONTROLLERS_NODE_ZONES_H

#include "base/json.h"

#define NODE_EVICTION_US (10ULL * 1000000)
#define NODE_EVICTION_SLOWER 10			/* times, in a zone that is partly down */
#define NODE_ZONE_LARGE 50			/* nodes; one that is not larger is not evicted from while partly down */
#define NODE_ZONE_UNHEALTHY_PERCENT 55

struct node_zones;
/* grace_us: silence up to this is no reason for worry; eviction_us: between two nodes of a normal zone. */
struct node_zones *node_zones_new(uint64_t grace_us, uint64_t eviction_us);
void node_zones_free(struct node_zones *z);

/* The node is there, or says something new of its labels and its readiness. */
void node_zones_put(struct node_zones *z, const json *node, uint64_t now);
void node_zones_remove(struct node_zones *z, const char *name);
/* Times that the node wrote: it lives when one is another than before. NULL is none. */
void node_zones_heartbeat(struct node_zones *z, const char *name, const char *text, uint64_t now);
void node_zones_renewal(struct node_zones *z, const char *name, const char *text, uint64_t now);
/* Time passes. heard_since: since when nodes could be heard, 0: they cannot, and nobody is silent. */
void node_zones_pass(struct node_zones *z, uint64_t heard_since, uint64_t now);
/* How long the node could have been heard and was not, as of the last pass. */
uint64_t node_zones_silence(const struct node_zones *z, const char *name, uint64_t now);
/* No node is healthy (and there are some). */
bool node_zones_all_down(const struct node_zones *z);

/*
 * Asks for the node's turn: wanted while it is down and pods ought to go, evicted
 * once they are. True when they may go; it stays so as long as it is wanted. If
 * not yet, *ret_wait_us is when to ask again; 0: node_zones_call() will tell.
 */
bool node_zones_may_evict(struct node_zones *z, const char *name, bool wanted, bool evicted, uint64_t now,
			  uint64_t *ret_wait_us);
/* A node that should ask now, because something changed for it; NULL: none. Borrowed until the next call. */
const char *node_zones_call(struct node_zones *z);
/* Since the last question all zones went down, or not all of them are any more: it concerns every node. */
bool node_zones_turned(struct node_zones *z);

#endif
