// SPDX-License-Identifier: GPL-2.0-only
/*
 * forward.c - see forward.h
 */
#include "address.h"
#include "forward.h"
#include "node.h"
#include "overlay.h"
#include "route.h"

void keelson_deliver(struct keelson_instance *inst, struct keelson_port *to,
		     struct sk_buff *skb)
{
	if (keelson_enter(inst, to, skb))
		netif_rx(skb);
}

/*
 * The host's stack takes what is for nobody we know: it routes, filters,
 * masquerades. What it sent itself it gets back only if it was translated, from
 * a VIP to a backend that is no pod: else packets would go round.
 */
static void forward_to_host(struct keelson_instance *inst, const struct keelson_port *from,
			    struct sk_buff *skb, bool translated)
{
	struct keelson_port *host = rcu_dereference(inst->host);
	__be32 daddr = ((const struct iphdr *)skb->data)->daddr;

	if (!host || (host == from && !translated) || !keelson_addr_is_unicast(daddr)) {
		keelson_count(inst, NO_ROUTE_DROP);
		kfree_skb(skb);
		return;
	}
	keelson_count(inst, HOST_TX);
	keelson_deliver(inst, host, skb);
}

static bool source_is_ours(const struct keelson_instance *inst, const struct keelson_port *from,
			   __be32 saddr)
{
	const struct keelson_addr *a;

	if (likely(saddr == READ_ONCE(from->addr0) && saddr))
		return true;
	if (keelson_port_is_host(from))
		return true;
	a = keelson_addr_find(inst, saddr);
	return a && a->port == from;
}

void keelson_forward(struct keelson_instance *inst, struct keelson_port *from,
		     struct sk_buff *skb)
{
	const struct keelson_addr *a;
	const struct iphdr *iph;
	struct keelson_node *node;
	bool defragged = false, translated = false;

	if (unlikely(skb->protocol != htons(ETH_P_IP))) {
		keelson_count(inst, NO_ROUTE_DROP);
		goto drop;
	}
	if (unlikely(!keelson_pull_ip(skb))) {
		keelson_count(inst, MALFORMED_DROP);
		goto drop;
	}
	iph = (const struct iphdr *)skb->data;
	if (unlikely(!source_is_ours(inst, from, iph->saddr))) {
		keelson_count(inst, SPOOF_DROP);
		goto drop;
	}
	/* From here on the headers are this packet's own, with room before them. */
	if (unlikely(skb_cow_head(skb, KEELSON_HEADROOM))) {
		keelson_count(inst, NOMEM_DROP);
		goto drop;
	}
	iph = (const struct iphdr *)skb->data;
	a = keelson_addr_find(inst, iph->daddr);
	if (a && !a->port) {
		if (!keelson_translate_request(inst, from, skb, &defragged))
			return;
		translated = true;
		iph = (const struct iphdr *)skb->data;
		a = keelson_addr_find(inst, iph->daddr);
	}
	if (a && likely(a->port)) {
		keelson_count(inst, LOCAL_TX);
		keelson_deliver(inst, a->port, skb);
		return;
	}
	node = keelson_route_lookup(inst, iph->daddr);
	if (node)
		keelson_overlay_xmit(inst, from, node, skb, defragged);
	else
		forward_to_host(inst, from, skb, translated);
	return;
drop:
	kfree_skb(skb);
}
