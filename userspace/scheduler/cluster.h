/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cluster.h - what the pods on each node have asked for
 *
 * Kept by the scheduler from pod events, one pod at a time, so that a decision
 * need not add up all pods. A pod may be counted on a node before the API says
 * so: assumed, between the decision and the watch event that shows it.
 */
#ifndef KEELSON_SCHEDULER_CLUSTER_H
#define KEELSON_SCHEDULER_CLUSTER_H

#include "base/json.h"

/* Amounts by resource name: "cpu" in thousandths, everything else in whole units. */
struct amounts {
	struct amount {
		char *name;
		int64_t value;
	} *list;
	size_t n;
};
int64_t amounts_get(const struct amounts *a, const char *name);
void amounts_add(struct amounts *a, const char *name, int64_t value);
void amounts_clear(struct amounts *a);
/* Everything the pod requests. */
void amounts_of_pod(const json *pod, struct amounts *ret);

/* A port of the node itself that a pod occupies. */
struct host_port {
	char *ip;		/* "0.0.0.0": every address */
	char *protocol;
	int64_t port;
};
struct host_ports {
	struct host_port *list;
	size_t n;
};
void host_ports_of_pod(const json *pod, struct host_ports *ret);
void host_ports_clear(struct host_ports *p);
bool host_ports_conflict(const struct host_ports *a, const struct host_ports *b);

struct cluster;
struct cluster *cluster_new(void);
void cluster_free(struct cluster *c);

/* Counts the pod on the node, in place of what was counted for it before. */
void cluster_put(struct cluster *c, const json *pod, const char *node, bool assumed);
/* The node it is assumed on, borrowed; NULL if it is not counted or was confirmed. */
const char *cluster_assumed(const struct cluster *c, const json *pod);
/* Counts it no longer. only_assumed: leave it if the API has confirmed it. */
void cluster_drop(struct cluster *c, const json *pod, bool only_assumed);

/* The sums of a node; all zero where no pod is. Borrowed until the next change. */
struct node_use {
	struct amounts requested;
	/* The same for scores, where a pod that asks for nothing counts as 100m and 200 MB. */
	int64_t score_cpu, score_memory;
	int64_t pods;
	struct host_ports ports;
};
const struct node_use *cluster_node(const struct cluster *c, const char *node);
/* Pods of one controlling owner on the node. */
int64_t cluster_owner_pods(const struct cluster *c, const char *owner_uid, const char *node);

#define SCORE_DEFAULT_CPU 100
#define SCORE_DEFAULT_MEMORY (200LL * 1000 * 1000)

#endif
