/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * datapath.h - keeps this node's datapath as the API's objects want it
 *
 * Nodes, Services and EndpointSlices → net/plan.h → net/apply.h. Also writes
 * the CNI configuration once pods can be given a network. Nothing is torn down
 * when the agent ends: traffic goes on.
 */
#ifndef KEELSON_AGENT_DATAPATH_H
#define KEELSON_AGENT_DATAPATH_H

#include "net/apply.h"
#include "store/informer.h"

struct datapath;

struct datapath_config {
	sd_event *loop;
	const char *node_name;
	struct informer *nodes, *services, *slices;	/* not started yet */
	struct node_net net;		/* pod_cidr is found in the Node; strings borrowed for good */
	const char *cni_conf_dir;
	const char *data_dir;
	/* problem NULL: the datapath is programmed and pods can be given a network. */
	void (*changed)(void *data, const char *problem);
	void *data;
};
/* What is borrowed must outlive the datapath. */
struct datapath *datapath_new(const struct datapath_config *config);
void datapath_free(struct datapath *d);

/* The MAC address of this node's VTEP, kept in data_dir: made once, locally administered. Negative errno. */
int datapath_vtep_mac(const char *data_dir, uint8_t ret[6]);
/* The text of the CNI network configuration list (pure). Caller frees. */
char *datapath_cni_conf(const char *pod_cidr, const char *state_dir);

#endif
