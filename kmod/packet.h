/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packet.h - reading and rewriting IPv4 headers; pure, no tables
 *
 * Every function here expects skb->data at the IP header.
 */
#ifndef KEELSON_PACKET_H
#define KEELSON_PACKET_H

#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/dst.h>
#include <net/ip.h>

/**
 * struct keelson_tuple - what names a flow in one direction
 * @saddr: source address
 * @daddr: destination address
 * @sport: source port
 * @dport: destination port
 * @ports: both ports as they lie in the packet
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 */
struct keelson_tuple {
	__be32 saddr;
	__be32 daddr;
	union {
		struct {
			__be16 sport;
			__be16 dport;
		};
		__be32 ports;
	};
	u32 proto;
};

static inline bool keelson_tuple_equal(const struct keelson_tuple *a,
				       const struct keelson_tuple *b)
{
	return a->ports == b->ports && a->saddr == b->saddr &&
	       a->daddr == b->daddr && a->proto == b->proto;
}

/* The part of an L4 header that is looked at and rewritten; 0: no ports. */
static inline unsigned int keelson_l4_len(u8 proto)
{
	if (proto == IPPROTO_TCP)
		return sizeof(struct tcphdr);
	if (proto == IPPROTO_UDP)
		return sizeof(struct udphdr);
	return 0;
}

/**
 * keelson_pull_ip() - make the IP header linear and check it
 * @skb: packet
 * Return: true if it is an IPv4 header whose lengths fit the packet. The
 * header checksum is left to whoever receives the packet.
 */
static inline bool keelson_pull_ip(struct sk_buff *skb)
{
	const struct iphdr *iph;

	if (unlikely(!pskb_may_pull(skb, sizeof(*iph))))
		return false;
	iph = (const struct iphdr *)skb->data;
	if (unlikely(iph->version != 4 || iph->ihl < 5))
		return false;
	if (unlikely(iph->ihl > 5)) {
		if (!pskb_may_pull(skb, iph->ihl * 4))
			return false;
		iph = (const struct iphdr *)skb->data;
	}
	/* A super-packet longer than 64 KiB says 0. */
	return likely(ntohs(iph->tot_len) >= iph->ihl * 4 && ntohs(iph->tot_len) <= skb->len) ||
	       (skb_is_gso(skb) && !iph->tot_len);
}

/**
 * keelson_pull_tuple() - read a packet's tuple
 * @skb: packet whose IP header is linear
 * @t: where to
 * Return: false if it has no ports: another protocol, or too short. Not to be
 * called for a fragment.
 */
static inline bool keelson_pull_tuple(struct sk_buff *skb, struct keelson_tuple *t)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	unsigned int ihl = iph->ihl * 4, len = keelson_l4_len(iph->protocol);

	if (!len || unlikely(!pskb_may_pull(skb, ihl + len)))
		return false;
	iph = (const struct iphdr *)skb->data;
	t->saddr = iph->saddr;
	t->daddr = iph->daddr;
	t->ports = *(const __be32 *)(skb->data + ihl);
	t->proto = iph->protocol;
	return true;
}

/* Checksum field after the summed bytes changed by @diff (new - old). */
static inline __sum16 keelson_csum_update(__sum16 check, __wsum diff)
{
	return csum_fold(csum_add(~csum_unfold(check), diff));
}

/* The same for the not inverted pseudo header sum of CHECKSUM_PARTIAL. */
static inline __sum16 keelson_csum_update_partial(__sum16 check, __wsum diff)
{
	return ~csum_fold(csum_add(csum_unfold(check), diff));
}

static inline __wsum keelson_csum_diff(__be32 from, __be32 to)
{
	return csum_add((__force __wsum)~(__force u32)from, (__force __wsum)to);
}

/**
 * keelson_rewrite() - give a packet the addresses and ports of another tuple
 * @skb: TCP or UDP packet whose headers are linear and which is no fragment
 * @reply_to: the reverse of the tuple it shall have
 * @addr_diff: new minus old sum of both addresses
 * @port_diff: new minus old sum of both ports
 * Return: 0, or -ENOMEM if its header could not be made writable.
 */
static inline int keelson_rewrite(struct sk_buff *skb, const struct keelson_tuple *reply_to,
				  __wsum addr_diff, __wsum port_diff)
{
	bool tcp = reply_to->proto == IPPROTO_TCP;
	struct iphdr *iph;
	__sum16 *check;
	u8 *l4;

	if (unlikely(skb_header_unclone(skb, GFP_ATOMIC)))
		return -ENOMEM;
	iph = (struct iphdr *)skb->data;
	l4 = skb->data + iph->ihl * 4;
	iph->saddr = reply_to->daddr;
	iph->daddr = reply_to->saddr;
	iph->check = keelson_csum_update(iph->check, addr_diff);
	((__be16 *)l4)[0] = reply_to->dport;
	((__be16 *)l4)[1] = reply_to->sport;

	if (tcp)
		check = &((struct tcphdr *)l4)->check;
	else
		check = &((struct udphdr *)l4)->check;
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		*check = keelson_csum_update_partial(*check, addr_diff);
		return 0;
	}
	if (!tcp && !*check)
		return 0;
	*check = keelson_csum_update(*check, csum_add(addr_diff, port_diff));
	if (!tcp && !*check)
		*check = CSUM_MANGLED_0;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_sub(skb->csum, addr_diff);
	return 0;
}

/**
 * keelson_scrub() - forget what belonged to the namespace a packet leaves
 * @skb: packet
 *
 * What skb_scrub_packet() does for a crossing between namespaces, inline; the
 * socket is kept, so that the sender's back-pressure goes on until the packet
 * is received.
 */
static inline void keelson_scrub(struct sk_buff *skb)
{
	skb->pkt_type = PACKET_HOST;
	skb->skb_iif = 0;
	skb->ignore_df = 0;
	skb->mark = 0;
	skb->priority = 0;
	skb_dst_drop(skb);
	skb_ext_reset(skb);
	nf_reset_ct(skb);
	nf_reset_trace(skb);
	ipvs_reset(skb);
#ifdef CONFIG_NET_SWITCHDEV
	skb->offload_fwd_mark = 0;
	skb->offload_l3_fwd_mark = 0;
#endif
}

#endif /* KEELSON_PACKET_H */
