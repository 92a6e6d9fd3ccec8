// SPDX-License-Identifier: GPL-2.0-only
/*
 * fragment.c - see fragment.h
 */
#include <net/ip.h>
#include <net/route.h>
#include "compat.h"
#include "fragment.h"
#include "overlay.h"
#include "packet.h"
#include "route.h"

/*
 * Our fragments must not meet those the host's own stack collects in the same
 * namespace. The last of the values set apart for bridges' conntrack zones is
 * nobody's, and is among those for which no timeout is reported to the sender.
 */
#define KEELSON_DEFRAG_USER	__IP_DEFRAG_CONNTRACK_BRIDGE_IN

int keelson_defrag(struct keelson_instance *inst, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	int err;

	skb_orphan(skb);
	skb_dst_drop(skb);
	skb_reset_network_header(skb);
	memset(IPCB(skb), 0, sizeof(struct inet_skb_parm));
	err = ip_defrag(inst->net, skb, KEELSON_DEFRAG_USER);
	if (err) {
		if (err != -EINPROGRESS)
			keelson_count(inst, FRAG_DROP);
		return err;
	}
	skb->dev = dev;
	skb_clear_hash(skb);
	ip_send_check(ip_hdr(skb));
	/* The pieces' checksums do not add up to the whole's. */
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

/* One piece: it goes where the whole would have gone. */
static int fragment_output(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct keelson_port *from = netdev_priv(skb->dev);
	struct keelson_instance *inst = from->inst;
	struct keelson_node *node;

	skb_dst_drop(skb);
	node = keelson_route_lookup(inst, ip_hdr(skb)->daddr);
	if (node && !skb_cow_head(skb, from->dev->needed_headroom)) {
		keelson_overlay_xmit(inst, from, node, skb, false);
	} else {
		keelson_count(inst, FRAG_DROP);
		kfree_skb(skb);
	}
	return 0;
}

static unsigned int fragment_dst_mtu(const struct dst_entry *dst)
{
	return container_of(dst, struct rtable, dst)->rt_pmtu;
}

static struct dst_ops fragment_dst_ops = {
	.family = AF_INET,
	.mtu = fragment_dst_mtu,
};

static void fragment_one(struct keelson_instance *inst, struct keelson_port *from,
			 struct sk_buff *skb, u32 mtu)
{
	struct rtable rt = {};

	if (skb->len <= mtu) {
		fragment_output(inst->net, NULL, skb);
		return;
	}
	/* ip_do_fragment() reads device and MTU from a route: here is one for the time. */
	keelson_dst_init(&rt.dst, &fragment_dst_ops);
	rt.dst.dev = from->dev;
	rt.dst.expires = jiffies + HZ;
	rt.rt_pmtu = mtu;
	skb_dst_set_noref(skb, &rt.dst);
	if (ip_do_fragment(inst->net, NULL, skb, fragment_output))
		keelson_count(inst, FRAG_DROP);
}

void keelson_fragment(struct keelson_instance *inst, struct keelson_port *from,
		      struct sk_buff *skb, u32 mtu, bool defragged)
{
	struct sk_buff *segs, *next;

	skb->dev = from->dev;
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb_reset_network_header(skb);
	if (!defragged)
		memset(IPCB(skb), 0, sizeof(struct inet_skb_parm));
	if (!skb_is_gso(skb)) {
		fragment_one(inst, from, skb, mtu);
		return;
	}
	/* A super-packet whose segments are too long themselves, and may be cut. */
	segs = skb_gso_segment(skb, NETIF_F_SG);
	if (IS_ERR_OR_NULL(segs)) {
		keelson_count(inst, FRAG_DROP);
		kfree_skb(skb);
		return;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, skb, next) {
		skb_mark_not_on_list(skb);
		memset(IPCB(skb), 0, sizeof(struct inet_skb_parm));
		fragment_one(inst, from, skb, mtu);
	}
}
