// SPDX-License-Identifier: GPL-2.0-only
/*
 * reject.c - see reject.h
 */
#include <linux/inetdevice.h>
#include <net/icmp.h>
#include <net/tcp.h>
#include "forward.h"
#include "overlay.h"
#include "packet.h"
#include "reject.h"

#define ICMP_QUOTE	(576 - sizeof(struct iphdr) - sizeof(struct icmphdr))

/*
 * Errors about the way come from the gateway: the host leg's address, else the
 * VTEP's. To the host itself that would be its own address and refused, so
 * there, and for errors about the destination, it is the packet's destination.
 */
static __be32 reject_source(const struct keelson_instance *inst, const struct keelson_port *to,
			    const struct iphdr *iph, bool about_destination)
{
	const struct keelson_port *host = rcu_dereference(inst->host);
	const struct keelson_overlay *ov = rcu_dereference(inst->overlay);
	__be32 addr = 0;

	if (!about_destination && to != host) {
		if (host)
			addr = READ_ONCE(host->addr0);
		if (!addr && ov)
			addr = ov->vtep;
	}
	return addr ?: iph->daddr;
}

static struct sk_buff *reject_alloc(unsigned int len, const struct iphdr *old, __be32 saddr,
				    u8 proto)
{
	struct sk_buff *skb = alloc_skb(LL_MAX_HEADER + len, GFP_ATOMIC | __GFP_NOWARN);
	struct iphdr *iph;

	if (!skb)
		return NULL;
	skb_reserve(skb, LL_MAX_HEADER);
	skb->protocol = htons(ETH_P_IP);
	skb_reset_network_header(skb);
	iph = skb_put_zero(skb, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 5;
	iph->tot_len = htons(len);
	iph->frag_off = htons(IP_DF);
	iph->ttl = 64;
	iph->protocol = proto;
	iph->saddr = saddr;
	iph->daddr = old->saddr;
	ip_send_check(iph);
	return skb;
}

static bool may_answer(const struct sk_buff *skb)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct icmphdr _icmp;
	const struct icmphdr *icmp;

	if ((iph->frag_off & htons(IP_OFFSET)) || ipv4_is_zeronet(iph->saddr) ||
	    ipv4_is_multicast(iph->saddr) || ipv4_is_lbcast(iph->saddr) ||
	    ipv4_is_loopback(iph->saddr) || ipv4_is_multicast(iph->daddr) ||
	    ipv4_is_lbcast(iph->daddr))
		return false;
	if (iph->protocol != IPPROTO_ICMP)
		return true;
	icmp = skb_header_pointer(skb, iph->ihl * 4, sizeof(_icmp), &_icmp);
	return icmp && (icmp->type == ICMP_ECHO || icmp->type == ICMP_ECHOREPLY ||
			icmp->type == ICMP_TIMESTAMP || icmp->type == ICMP_TIMESTAMPREPLY);
}

void keelson_reject(struct keelson_instance *inst, struct keelson_port *to,
		    struct sk_buff *skb, u8 type, u8 code, u32 mtu)
{
	const struct iphdr *old = (const struct iphdr *)skb->data;
	bool about_destination = type == ICMP_DEST_UNREACH && code != ICMP_FRAG_NEEDED;
	unsigned int quote = min_t(unsigned int, skb->len, ICMP_QUOTE);
	struct icmphdr *icmp;
	struct sk_buff *answer;

	if (!may_answer(skb))
		goto out;
	answer = reject_alloc(sizeof(*old) + sizeof(*icmp) + quote, old,
			      reject_source(inst, to, old, about_destination), IPPROTO_ICMP);
	if (!answer) {
		keelson_count(inst, NOMEM_DROP);
		goto out;
	}
	icmp = skb_put_zero(answer, sizeof(*icmp));
	icmp->type = type;
	icmp->code = code;
	if (code == ICMP_FRAG_NEEDED && type == ICMP_DEST_UNREACH)
		icmp->un.frag.mtu = htons(min_t(u32, mtu, IP_MAX_MTU));
	if (skb_copy_bits(skb, 0, skb_put(answer, quote), quote)) {
		kfree_skb(answer);
		goto out;
	}
	icmp->checksum = ip_compute_csum(icmp, sizeof(*icmp) + quote);
	keelson_deliver(inst, to, answer);
out:
	kfree_skb(skb);
}

void keelson_reject_tcp(struct keelson_instance *inst, struct keelson_port *to,
			struct sk_buff *skb)
{
	const struct iphdr *old = (const struct iphdr *)skb->data;
	const struct tcphdr *oth = (const struct tcphdr *)(skb->data + old->ihl * 4);
	struct sk_buff *answer;
	struct tcphdr *th;

	if (oth->rst)
		goto out;
	answer = reject_alloc(sizeof(*old) + sizeof(*th), old, old->daddr, IPPROTO_TCP);
	if (!answer) {
		keelson_count(inst, NOMEM_DROP);
		goto out;
	}
	th = skb_put_zero(answer, sizeof(*th));
	th->source = oth->dest;
	th->dest = oth->source;
	th->doff = sizeof(*th) / 4;
	th->rst = 1;
	if (oth->ack) {
		th->seq = oth->ack_seq;
	} else {
		th->ack = 1;
		th->ack_seq = htonl(ntohl(oth->seq) + oth->syn + oth->fin + ntohs(old->tot_len) -
				    old->ihl * 4 - oth->doff * 4);
	}
	th->check = csum_tcpudp_magic(old->daddr, old->saddr, sizeof(*th), IPPROTO_TCP,
				      csum_partial(th, sizeof(*th), 0));
	keelson_deliver(inst, to, answer);
out:
	kfree_skb(skb);
}
