// SPDX-License-Identifier: GPL-2.0-only
/*
 * overlay_tx.c - encapsulate: an inner IP packet becomes VXLAN on the uplink
 *
 * The packet does not pass the host's IP output: no LOCAL_OUT, POST_ROUTING or
 * connection tracking; qdisc, taps and egress hooks of the uplink see it. GSO
 * packets go out whole, checksums stay offloaded.
 */
#include <net/inet_ecn.h>
#include <net/neighbour.h>
#include "forward.h"
#include "fragment.h"
#include "node.h"
#include "overlay.h"
#include "packet.h"
#include "reject.h"

/*
 * Source port: one value for all packets of a flow, in the dynamic range (RFC
 * 7348, 6335). The sender's socket has a hash for its packets already; others
 * get one from addresses and ports.
 */
static __be16 outer_sport(const struct sk_buff *skb, const struct iphdr *iph)
{
	u32 hash = skb->hash;

	if (!(skb->l4_hash || skb->sw_hash)) {
		hash = (__force u32)iph->saddr * 0x9e3779b1 ^ (__force u32)iph->daddr;
		if (!ip_is_fragment(iph) && keelson_l4_len(iph->protocol) &&
		    skb_headlen(skb) >= iph->ihl * 4 + 4)
			hash ^= (__force u32)*(const __be32 *)((const u8 *)iph + iph->ihl * 4);
		hash *= 0x85ebca6b;
	}
	return htons(0xc000 | hash >> 18);
}

/* Does this packet, longer than @mtu, still cross as segments that are not? */
static bool segments_fit(const struct sk_buff *skb, u32 mtu)
{
	return skb_is_gso(skb) && skb->len <= IP_MAX_MTU - KEELSON_OVERHEAD &&
	       skb_gso_validate_network_len(skb, mtu);
}

/* The outer UDP checksum; the sums of what never changes are in the hop. */
static __sum16 outer_check(struct sk_buff *skb, const struct keelson_hop *hop,
			   const struct keelson_outer *o)
{
	__wsum len = (__force __wsum)o->udp.len;
	__sum16 check;

	if (hop->no_csum)
		return 0;
	if (!skb_is_gso(skb) && skb->ip_summed == CHECKSUM_PARTIAL &&
	    likely(skb_checksum_start_offset(skb) ==
		   KEELSON_OVERHEAD + ((const struct iphdr *)(o + 1))->ihl * 4)) {
		/*
		 * Local checksum offload: once the device has filled in the
		 * inner checksum, what it covers sums up to the complement of
		 * what stands there now, and the inner IP header to nothing.
		 */
		const __sum16 *inner = (const __sum16 *)(skb->head + skb->csum_start +
							 skb->csum_offset);

		check = csum_fold(csum_add(csum_add(hop->udp_sum, (__force __wsum)o->udp.source),
					   csum_add(csum_add(len, len), ~csum_unfold(*inner))));
		return check ?: CSUM_MANGLED_0;
	}
	if (!skb_is_gso(skb)) {
		if (skb->ip_summed == CHECKSUM_PARTIAL) {
			__wsum sum = csum_add(csum_add(hop->pseudo_sum, len), lco_csum(skb));

			return csum_fold(sum) ?: CSUM_MANGLED_0;
		}
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct udphdr, check);
	}
	return ~csum_fold(csum_add(hop->pseudo_sum, len));
}

static void overlay_send(struct keelson_instance *inst, const struct keelson_hop *hop,
			 struct sk_buff *skb)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	__be16 sport = outer_sport(skb, iph);
	u8 ecn = INET_ECN_encapsulate(0, iph->tos);
	unsigned int inner_len = skb->len;
	struct keelson_outer *o;
	u32 segs = 1;
	int ret;

	keelson_scrub(skb);
	o = __skb_push(skb, sizeof(*o));
	*o = hop->outer;

	skb->inner_mac_header = (u8 *)&o->eth - skb->head;
	skb->inner_network_header = (u8 *)(o + 1) - skb->head;
	skb->inner_transport_header = skb->transport_header;
	skb_set_inner_protocol(skb, htons(ETH_P_TEB));
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(o->ip));
	if (skb_is_gso(skb)) {
		skb_shinfo(skb)->gso_type |= hop->no_csum ? SKB_GSO_UDP_TUNNEL :
							     SKB_GSO_UDP_TUNNEL_CSUM;
		skb->encapsulation = 1;
		segs = skb_shinfo(skb)->gso_segs ?: 1;
	} else {
		/* Only what a device must look for inside is marked. */
		skb->encapsulation = skb->ip_summed == CHECKSUM_PARTIAL;
		if (!skb->encapsulation)
			skb->ip_summed = CHECKSUM_NONE;
	}

	o->ip.tos = ecn;
	o->ip.tot_len = htons(skb->len);
	/* The first of @segs ids; segmentation counts up from it. */
	o->ip.id = htons((u16)(this_cpu_add_return(inst->pcpu->ip_id, segs) - segs));
	o->ip.check = csum_fold(csum_add(csum_add(hop->ip_sum, (__force __wsum)htons(ecn)),
					 csum_add((__force __wsum)o->ip.tot_len,
						  (__force __wsum)o->ip.id)));
	o->udp.source = sport;
	o->udp.len = htons(skb->len - sizeof(o->ip));
	o->udp.check = outer_check(skb, hop, o);

	skb->dev = hop->dev;
	keelson_count(inst, OVERLAY_TX);
	keelson_count_add(inst, OVERLAY_TX_BYTES, inner_len);
	ret = neigh_output(hop->neigh, skb, hop->v6_gw);
	if (unlikely(ret < 0))
		keelson_count(inst, NEIGH_DROP);
}

void keelson_overlay_xmit(struct keelson_instance *inst, struct keelson_port *from,
			  struct keelson_node *node, struct sk_buff *skb, bool defragged)
{
	struct iphdr *iph = (struct iphdr *)skb->data;
	const struct keelson_hop *hop;
	int err;

	hop = keelson_node_hop(inst, node, &err);
	if (unlikely(!hop)) {
		if (err == -ENOMEM)
			keelson_count(inst, NOMEM_DROP);
		else
			keelson_count(inst, NO_ROUTE_DROP);
		kfree_skb(skb);
		return;
	}
	if (unlikely(skb_headroom(skb) < hop->headroom) &&
	    skb_cow_head(skb, hop->headroom)) {
		keelson_count(inst, NOMEM_DROP);
		kfree_skb(skb);
		return;
	}
	iph = (struct iphdr *)skb->data;
	if (unlikely(skb->len > hop->mtu) && !segments_fit(skb, hop->mtu)) {
		/* One too long for an outer header is cut into segments, whatever DF says. */
		bool fits_cut = skb_is_gso(skb) && skb_gso_validate_network_len(skb, hop->mtu);

		if ((iph->frag_off & htons(IP_DF)) && !defragged && !fits_cut) {
			keelson_count(inst, MTU_EXCEEDED);
			keelson_reject(inst, from, skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
				       hop->mtu);
			return;
		}
		keelson_fragment(inst, from, skb, hop->mtu, defragged);
		return;
	}
	/* The host's own forwarding has counted for what comes from it. */
	if (!keelson_port_is_host(from)) {
		if (unlikely(iph->ttl <= 1)) {
			keelson_count(inst, TTL_DROP);
			keelson_reject(inst, from, skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
			return;
		}
		ip_decrease_ttl(iph);
	}
	overlay_send(inst, hop, skb);
}
