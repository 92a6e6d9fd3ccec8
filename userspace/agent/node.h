/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node.h - registers this machine and keeps its Node and Lease current
 *
 * A Node that is there already is adopted; one that vanishes is made again.
 */
#ifndef KEELSON_AGENT_NODE_H
#define KEELSON_AGENT_NODE_H

#include "agent/node_object.h"
#include "store/informer.h"

struct node;

struct node_config {
	sd_event *loop;
	struct store *store;
	struct informer *nodes;		/* all of them; not started yet */
	const char *data_dir;
	struct node_info info;		/* strings borrowed for good */
	bool own_machine;		/* the pressure of the machine is this node's (it is not one of several on it) */
};
/* What is borrowed must outlive the node. */
struct node *node_new(const struct node_config *config);
void node_free(struct node *n);

/* NULL: well again. Copied; a change is reported at once. */
void node_set_runtime(struct node *n, const char *problem, const char *runtime_version);
void node_set_network(struct node *n, const char *problem);

/* Capacity and descriptions of this machine into info (strings owned by the caller for the process's life). */
void node_info_read(struct node_info *info, const char *data_dir);

#endif
