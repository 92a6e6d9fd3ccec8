/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schedule.h - which node a pod goes to: pure
 *
 * Filters (filter.c) say for each node whether the pod may run there, and if
 * not, why; scores (score.c) compare the nodes that are left. A new filter or
 * score is a function and a row of the table in its file.
 */
#ifndef KEELSON_SCHEDULER_SCHEDULE_H
#define KEELSON_SCHEDULER_SCHEDULE_H

#include "scheduler/cluster.h"

/* The pod to place, with what filters and scores ask of it again and again. */
struct placement {
	const json *pod;
	struct amounts requested;
	struct host_ports ports;
	const struct cluster *cluster;
};
void placement_init(struct placement *p, const json *pod, const struct cluster *c);
void placement_clear(struct placement *p);

/* Reasons why a node will not do, in the words of Kubernetes' scheduler. */
struct reasons {
	char **list;
	size_t n;
};
void reasons_add(struct reasons *r, const char *fmt, ...) PRINTF(2, 3);
void reasons_clear(struct reasons *r);
/* True when the pod may run on the node; else at least one reason is added. */
bool node_fits(const struct placement *p, const json *node, struct reasons *r);
/* True when one of the pod's tolerations covers the taint {key, value, effect}. */
bool pod_tolerates(const json *pod, const char *key, const char *value, const char *effect);
/* A node selector term's matchExpressions and matchFields; an empty term matches nothing. */
bool node_matches_term(const json *term, const json *node);
/* An amount of status.allocatable (or capacity); dflt when the node does not say. */
int64_t node_allocatable(const json *node, const char *resource, int64_t dflt);

/* One number per node, higher is better; nodes and scores have n entries. */
void nodes_score(const struct placement *p, const json *const *nodes, size_t n, double *scores);

/*
 * The name of the best node, borrowed from nodes; NULL when none fits, and then
 * *ret_message (caller frees) is the sentence for the user. Nodes of equal score
 * are told apart by a hash of pod and node, so that no node is everybody's first.
 *
 * In a large cluster the search ends when enough nodes fit: all of 100, half of
 * them, less the more there are, 5 % at last, but never fewer than 100. It begins
 * at *next, and the next one's where this one ended.
 */
const char *schedule_pod(const json *pod, const json *const *nodes, size_t n, size_t *next, const struct cluster *c,
			 char **ret_message);
/* How many that is. */
size_t schedule_enough(size_t n_nodes);

#endif
