/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - keelson0: the node's own leg in the pod network
 *
 * Pods reach the node and the outside by it, the node reaches pods and VIPs by
 * it. All of this acts in the caller's network namespace.
 */
#ifndef KEELSON_NET_HOST_H
#define KEELSON_NET_HOST_H

#include "net/addr.h"

#define HOST_LEG_NAME "keelson0"

struct host_leg {
	struct net_addr addr;			/* put on the link as a host address; source towards pods and VIPs */
	uint32_t mtu;				/* 0: the module's choice */
	const struct net_prefix *routes;	/* routed into it */
	size_t n_routes;
};
/*
 * The link up with its address and routes, forwarding on, its reverse path
 * filter loose. What is right already stays; a keelson0 with another address
 * is made anew.
 */
int host_leg_make(const struct host_leg *h, char **ret_msg);
/* Its being absent is no error; the routes go with it. */
int host_leg_remove(char **ret_msg);

#endif
