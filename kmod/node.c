// SPDX-License-Identifier: GPL-2.0-only
/*
 * node.c - see node.h
 */
#include <linux/slab.h>
#include <net/arp.h>
#include "node.h"
#include "overlay.h"
#include "route.h"

/*
 * Route and next hop are let go at once, so that an uplink can leave: both stay
 * readable for the RCU section of a packet that still holds the hop, as dst and
 * neighbour are freed by RCU themselves.
 */
static void hop_drop(struct keelson_hop *hop)
{
	neigh_release(hop->neigh);
	dst_release(hop->dst);
	kfree_rcu(hop, rcu);
}

/* Fill in the header template and the sums over it that never change. */
static void hop_set_header(struct keelson_hop *hop, const struct keelson_overlay *ov,
			   const struct keelson_node *node, const struct rtable *rt)
{
	struct keelson_outer *o = &hop->outer;

	o->ip.version = 4;
	o->ip.ihl = 5;
	o->ip.protocol = IPPROTO_UDP;
	o->ip.ttl = ip4_dst_hoplimit(&rt->dst);
	o->ip.saddr = ov->vtep;
	o->ip.daddr = node->vtep;
	o->udp.dest = ov->port;
	o->vxlan.vx_flags = VXLAN_HF_VNI;
	o->vxlan.vx_vni = ov->vni_field;
	ether_addr_copy(o->eth.h_dest, node->mac);
	ether_addr_copy(o->eth.h_source, ov->mac);
	o->eth.h_proto = htons(ETH_P_IP);

	hop->no_csum = ov->flags & KEELSON_OVERLAY_F_NO_UDP_CSUM;
	hop->ip_sum = csum_partial(&o->ip, sizeof(o->ip), 0);
	hop->pseudo_sum = csum_tcpudp_nofold(ov->vtep, node->vtep, 0, IPPROTO_UDP, 0);
	hop->udp_sum = csum_partial(&o->udp, sizeof(*o) - sizeof(o->ip), hop->pseudo_sum);
}

/*
 * Build and install a hop. NULL: *@err is -EAGAIN if something it depends on
 * changed meanwhile, else why there is none.
 */
static struct keelson_hop *node_build_hop(struct keelson_instance *inst, struct keelson_node *node,
					  int *err)
{
	int gen = atomic_read_acquire(&inst->hop_gen);
	const struct keelson_overlay *ov = rcu_dereference(inst->overlay);
	struct keelson_hop *hop, *old;
	struct flowi4 fl4 = {};
	struct rtable *rt;

	*err = -ENETUNREACH;
	if (!ov)
		return NULL;
	hop = kzalloc(sizeof(*hop), GFP_ATOMIC | __GFP_NOWARN);
	if (!hop) {
		*err = -ENOMEM;
		return NULL;
	}
	hop->genid = rt_genid_ipv4(inst->net);
	fl4.daddr = node->vtep;
	fl4.saddr = ov->vtep;
	fl4.flowi4_oif = ov->uplink;
	fl4.flowi4_proto = IPPROTO_UDP;
	fl4.fl4_dport = ov->port;
	rt = ip_route_output_key(inst->net, &fl4);
	if (IS_ERR(rt))
		goto free;
	/* A way that leads to ourselves, or to many, is none. */
	if ((rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST | RTCF_LOCAL)) ||
	    dst_mtu(&rt->dst) <= KEELSON_OVERHEAD + 68)
		goto put_route;
	hop->neigh = dst_neigh_lookup(&rt->dst, &node->vtep);
	if (!hop->neigh)
		goto put_route;
	hop->dst = &rt->dst;
	hop->dev = rt->dst.dev;
	hop->v6_gw = rt->rt_gw_family == AF_INET6;
	hop->mtu = dst_mtu(&rt->dst) - KEELSON_OVERHEAD;
	hop->headroom = KEELSON_OVERHEAD + LL_RESERVED_SPACE(rt->dst.dev);
	hop_set_header(hop, ov, node, rt);

	spin_lock_bh(&node->lock);
	if (node->gone || atomic_read(&inst->hop_gen) != gen) {
		*err = node->gone ? -ENETUNREACH : -EAGAIN;
		spin_unlock_bh(&node->lock);
		hop_drop(hop);
		return NULL;
	}
	old = rcu_replace_pointer(node->hop, hop, lockdep_is_held(&node->lock));
	spin_unlock_bh(&node->lock);
	if (old)
		hop_drop(old);
	return hop;

put_route:
	ip_rt_put(rt);
free:
	kfree(hop);
	return NULL;
}

struct keelson_hop *keelson_node_resolve(struct keelson_instance *inst,
					 struct keelson_node *node, int *err)
{
	struct keelson_hop *hop;
	int tries = 3;

	do {
		hop = node_build_hop(inst, node, err);
	} while (!hop && *err == -EAGAIN && --tries);
	return hop;
}

static void node_forget_hop(struct keelson_node *node, const struct net_device *dev, bool gone)
{
	struct keelson_hop *hop;

	spin_lock_bh(&node->lock);
	node->gone |= gone;
	hop = rcu_dereference_protected(node->hop, lockdep_is_held(&node->lock));
	if (hop && (!dev || hop->dev == dev || hop->neigh->dev == dev))
		RCU_INIT_POINTER(node->hop, NULL);
	else
		hop = NULL;
	spin_unlock_bh(&node->lock);
	if (hop)
		hop_drop(hop);
}

void keelson_node_forget_hops(struct keelson_instance *inst, const struct net_device *dev)
{
	struct keelson_node *node;
	unsigned int i;

	if (!keelson_instance_active(inst))
		return;
	atomic_inc(&inst->hop_gen);
	for (i = 0; i < 1U << KEELSON_NODE_BITS; i++)
		hlist_for_each_entry(node, &inst->nodes[i], hash)
			node_forget_hop(node, dev, false);
}

int keelson_node_set(struct keelson_instance *inst, __be32 vtep, const u8 *mac,
		     u32 generation)
{
	struct keelson_node *node = keelson_node_find(inst, vtep);

	if (node) {
		node->generation = generation;
		if (!ether_addr_equal(node->mac, mac)) {
			ether_addr_copy(node->mac, mac);
			/* A hop being built with the old address must not be installed. */
			atomic_inc(&inst->hop_gen);
			node_forget_hop(node, NULL, false);
		}
		return 0;
	}
	node = kzalloc(sizeof(*node), GFP_KERNEL_ACCOUNT);
	if (!node)
		return -ENOMEM;
	spin_lock_init(&node->lock);
	node->vtep = vtep;
	node->generation = generation;
	ether_addr_copy(node->mac, mac);
	hlist_add_head_rcu(&node->hash, keelson_node_bucket(inst, vtep));
	return 0;
}

void keelson_node_del(struct keelson_instance *inst, struct keelson_node *node)
{
	keelson_route_del_node(inst, node);
	hlist_del_rcu(&node->hash);
	node_forget_hop(node, NULL, true);
	kfree_rcu(node, rcu);
}

static void node_del_where(struct keelson_instance *inst, bool all, u32 generation)
{
	struct keelson_node *node;
	struct hlist_node *tmp;
	unsigned int i;

	for (i = 0; i < 1U << KEELSON_NODE_BITS; i++)
		hlist_for_each_entry_safe(node, tmp, &inst->nodes[i], hash)
			if (all || node->generation != generation)
				keelson_node_del(inst, node);
}

void keelson_node_del_all(struct keelson_instance *inst)
{
	node_del_where(inst, true, 0);
}

void keelson_node_sweep(struct keelson_instance *inst, u32 generation)
{
	node_del_where(inst, false, generation);
}
