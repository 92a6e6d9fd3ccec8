/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.h - what the datapath of one node must hold, computed from objects
 *
 * Pure: Nodes, Services and EndpointSlices in, a plan out; no I/O, no clock.
 * net/apply.h makes the kernel agree with a plan.
 */
#ifndef KEELSON_NET_PLAN_H
#define KEELSON_NET_PLAN_H

#include "base/json.h"
#include "net/keelson_nl.h"

/* Node annotations, flannel's so that flannel nodes and ours share one overlay. */
#define ANNOTATION_BACKEND_TYPE	"flannel.alpha.coreos.com/backend-type"		/* "vxlan" */
#define ANNOTATION_BACKEND_DATA	"flannel.alpha.coreos.com/backend-data"		/* {"VNI":1,"VtepMAC":"..."} */
#define ANNOTATION_PUBLIC_IP	"flannel.alpha.coreos.com/public-ip"
#define ANNOTATION_KUBE_MANAGER	"flannel.alpha.coreos.com/kube-subnet-manager"	/* "true" */

struct net_plan {
	struct dp_node *nodes;		/* the others, not ourselves */
	size_t n_nodes;
	struct dp_route *routes;
	size_t n_routes;
	struct dp_service *services;	/* sorted by (addr, port, proto) */
	size_t n_services;
	char **problems;		/* one sentence per object left out, with its name */
	size_t n_problems;
};

/* Arrays of borrowed objects; self is our node's name. The plan is freed with net_plan_free(). */
void net_plan_make(const char *self, const json *const *nodes, size_t n_nodes,
		   const json *const *services, size_t n_services,
		   const json *const *slices, size_t n_slices, struct net_plan *ret);
void net_plan_free(struct net_plan *p);

#endif
