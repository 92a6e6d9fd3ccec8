/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * node.h - remote VTEPs, each with everything a packet to it needs
 *
 * A hop is an immutable answer to "how do I reach this node": route, next hop
 * and the whole outer header but for the few fields that differ by packet. It
 * is built by the first packet that needs it and thrown away when route, next
 * hop, uplink or overlay change; the next packet builds another, so whatever
 * happens to the underlay heals by itself.
 */
#ifndef KEELSON_NODE_H
#define KEELSON_NODE_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/rculist.h>
#include <linux/udp.h>
#include <net/neighbour.h>
#include <net/route.h>
#include <net/vxlan.h>
#include "instance.h"

/**
 * struct keelson_outer - what is put before an inner IP packet
 * @ip: outer IP
 * @udp: outer UDP
 * @vxlan: VXLAN
 * @eth: inner Ethernet
 */
struct keelson_outer {
	struct iphdr ip;
	struct udphdr udp;
	struct vxlanhdr vxlan;
	struct ethhdr eth;
} __packed __aligned(2);

#define KEELSON_OVERHEAD	sizeof(struct keelson_outer)
/* What an uplink adds on top of the overhead, at most, without a reallocation. */
#define KEELSON_HEADROOM	(KEELSON_OVERHEAD + HH_DATA_ALIGN(ETH_HLEN))

/**
 * struct keelson_hop - the way to a node
 * @outer: header template, without lengths, id, TOS, source port and checksums
 * @mtu: largest inner IP packet
 * @headroom: what encapsulation and the uplink's link header need, bytes
 * @genid: rt_genid of the namespace when @dst was looked up
 * @ip_sum: ones' complement sum of @outer.ip
 * @udp_sum: sum of pseudo header (without length), ports, VXLAN and inner
 *	Ethernet header
 * @pseudo_sum: sum of the pseudo header without length
 * @no_csum: leave the outer UDP checksum zero
 * @v6_gw: the next hop is an IPv6 router: no cached link header
 * @neigh: next hop
 * @dst: route
 * @dev: uplink
 * @rcu: for freeing
 */
struct keelson_hop {
	struct keelson_outer outer;
	bool no_csum;
	bool v6_gw;
	u32 mtu;
	u32 headroom;
	int genid;
	__wsum ip_sum;
	__wsum udp_sum;
	__wsum pseudo_sum;
	struct neighbour *neigh;
	struct dst_entry *dst;
	struct net_device *dev;
	struct rcu_head rcu;
};

/**
 * struct keelson_node - one remote VTEP
 * @hash: in keelson_instance.nodes
 * @hop: how to reach it; NULL: to be found out
 * @vtep: its underlay address
 * @generation: last SET's
 * @mac: its inner Ethernet address
 * @lock: taken to replace @hop
 * @gone: no hop may be installed any more; under @lock
 * @rcu: for freeing
 */
struct keelson_node {
	struct hlist_node hash;
	struct keelson_hop __rcu *hop;
	__be32 vtep;
	u32 generation;
	u8 mac[ETH_ALEN];
	bool gone;
	spinlock_t lock;	/* see above */
	struct rcu_head rcu;
};

static inline struct hlist_head *
keelson_node_bucket(const struct keelson_instance *inst, __be32 vtep)
{
	return &inst->nodes[hash_32((__force u32)vtep, KEELSON_NODE_BITS)];
}

/* Under RCU or inst->lock. */
static inline struct keelson_node *
keelson_node_find(const struct keelson_instance *inst, __be32 vtep)
{
	struct keelson_node *n;

	hlist_for_each_entry_rcu(n, keelson_node_bucket(inst, vtep), hash,
				 lockdep_is_held(&inst->lock))
		if (n->vtep == vtep)
			return n;
	return NULL;
}

static inline bool keelson_hop_valid(const struct keelson_instance *inst,
				     const struct keelson_hop *hop)
{
	return hop->genid == rt_genid_ipv4(inst->net) &&
	       READ_ONCE(hop->dst->obsolete) == DST_OBSOLETE_FORCE_CHK &&
	       !READ_ONCE(hop->neigh->dead);
}

/**
 * keelson_node_resolve() - build a node's hop
 * @inst: instance
 * @node: node
 * @err: without a hop -ENETUNREACH (no route, no overlay), -ENOMEM, or -EAGAIN
 *	(the underlay keeps changing)
 * Called by a packet, under RCU, softirqs off.
 * Return: a hop to use in this RCU section, or NULL.
 */
struct keelson_hop *keelson_node_resolve(struct keelson_instance *inst,
					 struct keelson_node *node, int *err);

static inline struct keelson_hop *keelson_node_hop(struct keelson_instance *inst,
						   struct keelson_node *node, int *err)
{
	struct keelson_hop *hop = rcu_dereference(node->hop);

	if (likely(hop && keelson_hop_valid(inst, hop)))
		return hop;
	return keelson_node_resolve(inst, node, err);
}

/**
 * keelson_node_set() - create or replace
 * @inst: instance, lock held
 * @vtep: key
 * @mac: inner Ethernet address
 * @generation: kept for SWEEP
 * Return: 0 or -ENOMEM.
 */
int keelson_node_set(struct keelson_instance *inst, __be32 vtep, const u8 *mac,
		     u32 generation);
/* Also takes the routes that lead to it. */
void keelson_node_del(struct keelson_instance *inst, struct keelson_node *node);
void keelson_node_del_all(struct keelson_instance *inst);
void keelson_node_sweep(struct keelson_instance *inst, u32 generation);

/**
 * keelson_node_forget_hops() - drop cached hops
 * @inst: instance, lock held
 * @dev: those over this device; NULL: all
 */
void keelson_node_forget_hops(struct keelson_instance *inst, const struct net_device *dev);

#endif /* KEELSON_NODE_H */
