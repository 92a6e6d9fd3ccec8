/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply.h - makes this namespace's datapath agree with what was planned
 *
 * Needs: keelson.ko for the plan; rtnetlink (libnl-route-3) for keelson0 and
 * host routes; nf_tables (libnftnl) for masquerade. All calls are synchronous
 * and idempotent: calling twice changes nothing, a restart resumes.
 */
#ifndef KEELSON_NET_APPLY_H
#define KEELSON_NET_APPLY_H

#include "net/plan.h"

struct node_net {
	const char *pod_cidr;		/* this node's prefix, "10.244.1.0/24"; keelson0 gets its first address */
	const char *cluster_cidr;	/* all pods, "10.244.0.0/16": not masqueraded among themselves */
	const char *service_cidr;	/* routed into keelson0 */
	struct net_addr vtep;		/* our underlay address */
	uint8_t vtep_mac[6];
	uint32_t vni;			/* 1 */
	uint16_t overlay_port;		/* 8472 */
};
/*
 * keelson0 up with its address, the overlay set, host routes for cluster and
 * service prefixes, forwarding on in this namespace, masquerade for pods going
 * outside (table "keelson", family ip). ret_msg names what could not be done.
 */
int net_apply_node(struct keelson_nl *nl, const struct node_net *n, char **ret_msg);
/*
 * Whole resync: new generation, everything sent, the rest swept. Objects that
 * the kernel finds wrong are left out and do not hinder the others: 0 is
 * returned, and *ret_left_out (caller frees; NULL: none) names them and says
 * why. An error (no socket, no memory, no permission) means that some are not
 * in force that should be; nothing is swept then.
 */
int net_apply_plan(struct keelson_nl *nl, const struct net_plan *plan, char **ret_left_out, char **ret_msg);
/*
 * Only what differs between two plans (old NULL: as net_apply_plan). After an
 * error the kernel may hold something else than new says: resync. What is left
 * out keeps its former self until the next resync.
 */
int net_apply_diff(struct keelson_nl *nl, const struct net_plan *old, const struct net_plan *new,
		   char **ret_left_out, char **ret_msg);

#endif
