// SPDX-License-Identifier: GPL-2.0-only
/*
 * overlay_rx.c - decapsulate: VXLAN from a known node becomes a packet of a port
 *
 * The fast way in is the uplink's rx_handler, before the host's IP stack; what
 * it does not want (fragments, bad or not yet verified checksums, anything not
 * ours) it passes on, and the UDP socket takes it from there.
 */
#include <linux/udp.h>
#include <net/gro.h>
#include <net/inet_ecn.h>
#include <net/udp.h>
#include "address.h"
#include "forward.h"
#include "node.h"
#include "overlay.h"
#include "packet.h"

/*
 * Take the outer headers off. @skb's data is at the outer UDP header, of which
 * everything up to the inner IP header is linear. Returns the port that shall
 * receive it; NULL: it was consumed.
 */
static struct keelson_port *overlay_decap(struct keelson_instance *inst,
					  const struct keelson_overlay *ov, struct sk_buff *skb,
					  __be32 peer, u8 outer_tos)
{
	const unsigned int len = KEELSON_OVERHEAD - sizeof(struct iphdr);
	const struct vxlanhdr *vh = (const struct vxlanhdr *)(skb->data + sizeof(struct udphdr));
	const struct ethhdr *eth = (const struct ethhdr *)(vh + 1);
	const struct keelson_addr *a;
	const struct iphdr *iph;

	/* As in the kernel's vxlan, reserved bits must be zero. */
	if (unlikely(vh->vx_flags != VXLAN_HF_VNI || vh->vx_vni != ov->vni_field)) {
		keelson_count(inst, UNKNOWN_VNI_DROP);
		goto drop;
	}
	if (unlikely(!keelson_node_find(inst, peer))) {
		keelson_count(inst, UNKNOWN_PEER_DROP);
		goto drop;
	}
	if (unlikely(eth->h_proto != htons(ETH_P_IP)))
		goto malformed;

	skb_postpull_rcsum(skb, __skb_pull(skb, len) - len, len);
	if (skb_is_gso(skb)) {
		if (unlikely(skb_header_unclone(skb, GFP_ATOMIC))) {
			keelson_count(inst, NOMEM_DROP);
			goto drop;
		}
		skb_shinfo(skb)->gso_type &= ~(NETIF_F_GSO_ENCAP_ALL >> NETIF_F_GSO_SHIFT);
	}
	skb->encapsulation = 0;
	skb_reset_network_header(skb);
	skb_clear_hash_if_not_l4(skb);
	if (unlikely(!keelson_pull_ip(skb)))
		goto malformed;
	/* RFC 6040: CE, and ECT(1) over ECT(0), go on inside. */
	if (unlikely(outer_tos & INET_ECN_ECT_1)) {
		if (skb_header_unclone(skb, GFP_ATOMIC)) {
			keelson_count(inst, NOMEM_DROP);
			goto drop;
		}
		if (INET_ECN_decapsulate(skb, outer_tos, ip_hdr(skb)->tos) > 1)
			goto malformed;
	}
	iph = (const struct iphdr *)skb->data;
	a = keelson_addr_find(inst, iph->daddr);
	if (unlikely(!a || !a->port)) {
		keelson_count(inst, NO_ROUTE_DROP);
		goto drop;
	}
	keelson_count(inst, OVERLAY_RX);
	keelson_count_add(inst, OVERLAY_RX_BYTES, skb->len);
	return keelson_enter(inst, a->port, skb) ? a->port : NULL;

malformed:
	keelson_count(inst, MALFORMED_DROP);
drop:
	kfree_skb(skb);
	return NULL;
}

rx_handler_result_t keelson_overlay_rx_handler(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct keelson_instance *inst;
	const struct keelson_overlay *ov;
	const struct keelson_outer *o;
	unsigned int len;

	if (skb->protocol != htons(ETH_P_IP) || skb->pkt_type != PACKET_HOST ||
	    skb_vlan_tag_present(skb) || !pskb_may_pull(skb, sizeof(*o) + sizeof(struct iphdr)))
		return RX_HANDLER_PASS;
	inst = rcu_dereference(skb->dev->rx_handler_data);
	ov = rcu_dereference(inst->overlay);
	o = (const struct keelson_outer *)skb->data;
	if (unlikely(!ov) || o->ip.protocol != IPPROTO_UDP || o->udp.dest != ov->port ||
	    o->ip.daddr != ov->vtep || *(const u8 *)&o->ip != 0x45 || ip_is_fragment(&o->ip))
		return RX_HANDLER_PASS;
	len = ntohs(o->ip.tot_len);
	if (unlikely(len > skb->len || len < sizeof(*o) + sizeof(struct iphdr) ||
		     ntohs(o->udp.len) != len - sizeof(o->ip) || ip_fast_csum(&o->ip, 5)))
		return RX_HANDLER_PASS;
	/* What nobody has verified yet, the socket's way verifies. */
	if (o->udp.check && !skb_csum_unnecessary(skb) &&
	    (skb->ip_summed != CHECKSUM_COMPLETE || skb->len != len ||
	     csum_tcpudp_magic(o->ip.saddr, o->ip.daddr, len - sizeof(o->ip), IPPROTO_UDP,
			       skb->csum)))
		return RX_HANDLER_PASS;
	/* Datagrams merged as plain UDP are no tunnelled packet: the socket's way cuts them. */
	if (skb_is_gso(skb) &&
	    !(skb_shinfo(skb)->gso_type & (SKB_GSO_UDP_TUNNEL | SKB_GSO_UDP_TUNNEL_CSUM)))
		return RX_HANDLER_PASS;

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb))
		return RX_HANDLER_CONSUMED;
	*pskb = skb;
	if (unlikely(skb->len > len) && pskb_trim_rcsum(skb, len)) {
		keelson_count(inst, NOMEM_DROP);
		kfree_skb(skb);
		return RX_HANDLER_CONSUMED;
	}
	o = (const struct keelson_outer *)skb->data;
	/* One checksum verified less: the next is the inner one. */
	__skb_decr_checksum_unnecessary(skb);
	__skb_pull(skb, sizeof(o->ip));
	if (!overlay_decap(inst, ov, skb, o->ip.saddr, o->ip.tos))
		return RX_HANDLER_CONSUMED;
	return RX_HANDLER_ANOTHER;
}

int keelson_overlay_rx_socket(struct sock *sk, struct sk_buff *skb)
{
	struct keelson_instance *inst = rcu_dereference_sk_user_data(sk);
	const struct keelson_overlay *ov;
	const struct iphdr *outer;

	ov = inst ? rcu_dereference(inst->overlay) : NULL;
	outer = ip_hdr(skb);
	if (!ov || outer->daddr != ov->vtep)
		goto drop;
	if (!pskb_may_pull(skb, KEELSON_OVERHEAD)) {
		keelson_count(inst, MALFORMED_DROP);
		goto drop;
	}
	outer = ip_hdr(skb);
	if (overlay_decap(inst, ov, skb, outer->saddr, outer->tos))
		netif_rx(skb);
	return 0;
drop:
	kfree_skb(skb);
	return 0;
}

/* GRO: packets of one inner flow under one VXLAN header may be merged. */
struct sk_buff *keelson_overlay_gro_receive(struct sock *sk, struct list_head *head,
					    struct sk_buff *skb)
{
	unsigned int off = skb_gro_offset(skb);
	const struct vxlanhdr *vh, *vh2;
	struct sk_buff *pp = NULL, *p;
	int flush = 1;

	vh = skb_gro_header(skb, off + sizeof(*vh), off);
	if (!vh || vh->vx_flags != VXLAN_HF_VNI)
		goto out;
	skb_gro_pull(skb, sizeof(*vh));
	skb_gro_postpull_rcsum(skb, vh, sizeof(*vh));
	list_for_each_entry(p, head, list) {
		if (!NAPI_GRO_CB(p)->same_flow)
			continue;
		vh2 = (const struct vxlanhdr *)(p->data + off);
		if (vh->vx_flags != vh2->vx_flags || vh->vx_vni != vh2->vx_vni)
			NAPI_GRO_CB(p)->same_flow = 0;
	}
	pp = call_gro_receive(eth_gro_receive, head, skb);
	flush = 0;
out:
	skb_gro_flush_final(skb, pp, flush);
	return pp;
}

int keelson_overlay_gro_complete(struct sock *sk, struct sk_buff *skb, int nhoff)
{
	return eth_gro_complete(skb, nhoff + sizeof(struct vxlanhdr));
}
