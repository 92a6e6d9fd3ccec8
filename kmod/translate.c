// SPDX-License-Identifier: GPL-2.0-only
/*
 * translate.c - see translate.h
 */
#include <linux/icmp.h>
#include "flow.h"
#include "fragment.h"
#include "packet.h"
#include "reject.h"
#include "service.h"
#include "translate.h"

static const struct tcphdr *tcp_of(const struct sk_buff *skb)
{
	return (const struct tcphdr *)(skb->data + ((const struct iphdr *)skb->data)->ihl * 4);
}

/* Rewrite a packet that matched @d. */
static bool apply(struct keelson_instance *inst, struct sk_buff *skb, struct keelson_flow_dir *d)
{
	struct keelson_flow *flow = keelson_flow_of(d);

	keelson_flow_touch(flow);
	if (d->match.proto == IPPROTO_TCP)
		keelson_flow_track(flow, d, tcp_of(skb));
	if (likely(!keelson_rewrite(skb, &keelson_flow_other(d)->match, d->addr_diff,
				    d->port_diff)))
		return true;
	keelson_count(inst, NOMEM_DROP);
	kfree_skb(skb);
	return false;
}

/*
 * ICMP errors. One that travels from X to Y is about a packet that went from Y
 * to X; if X to Y is a direction of a flow, the error is translated as packets
 * of that direction are, and the packet it quotes as their answers.
 */
static bool icmp_is_error(u8 type)
{
	return type == ICMP_DEST_UNREACH || type == ICMP_TIME_EXCEEDED ||
	       type == ICMP_PARAMETERPROB;
}

static bool translate_icmp(struct keelson_instance *inst, const struct keelson_flow_table *table,
			   struct sk_buff *skb)
{
	unsigned int ihl = ((const struct iphdr *)skb->data)->ihl * 4;
	unsigned int off = ihl + sizeof(struct icmphdr);
	const struct keelson_tuple *other;
	struct keelson_tuple t;
	struct keelson_flow_dir *d;
	struct iphdr *iph, *quoted;
	struct icmphdr *icmp;
	__be16 *ports;
	__be32 old;

	if (!pskb_may_pull(skb, off + sizeof(*quoted)))
		return true;
	icmp = (struct icmphdr *)(skb->data + ihl);
	quoted = (struct iphdr *)(skb->data + off);
	if (!icmp_is_error(icmp->type) || quoted->version != 4 || quoted->ihl < 5 ||
	    (quoted->frag_off & htons(IP_OFFSET)) || !keelson_l4_len(quoted->protocol))
		return true;
	/* The whole quoted headers, and the whole error for its checksum. */
	if (!pskb_may_pull(skb, off + quoted->ihl * 4 + 8) || skb_linearize(skb))
		return true;
	/* Padding is no part of it. */
	if (skb->len > ntohs(((const struct iphdr *)skb->data)->tot_len) &&
	    pskb_trim_rcsum(skb, ntohs(((const struct iphdr *)skb->data)->tot_len)))
		return true;
	quoted = (struct iphdr *)(skb->data + off);
	ports = (__be16 *)((u8 *)quoted + quoted->ihl * 4);
	t = (struct keelson_tuple){ .saddr = quoted->daddr, .daddr = quoted->saddr,
				    .sport = ports[1], .dport = ports[0],
				    .proto = quoted->protocol };
	d = keelson_flow_find(table, &t, keelson_flow_hash(inst, &t));
	if (!d)
		return true;
	if (skb_header_unclone(skb, GFP_ATOMIC) || skb_ensure_writable(skb, skb->len)) {
		keelson_count(inst, NOMEM_DROP);
		kfree_skb(skb);
		return false;
	}
	other = &keelson_flow_other(d)->match;
	iph = (struct iphdr *)skb->data;
	icmp = (struct icmphdr *)(skb->data + ihl);
	quoted = (struct iphdr *)(skb->data + off);
	ports = (__be16 *)((u8 *)quoted + quoted->ihl * 4);

	/* A router on the way keeps its own address. */
	old = iph->saddr;
	if (iph->saddr == d->match.saddr)
		iph->saddr = other->daddr;
	csum_replace4(&iph->check, old, iph->saddr);
	old = iph->daddr;
	iph->daddr = other->saddr;
	csum_replace4(&iph->check, old, iph->daddr);

	csum_replace4(&quoted->check, quoted->saddr, other->saddr);
	csum_replace4(&quoted->check, quoted->daddr, other->daddr);
	quoted->saddr = other->saddr;
	quoted->daddr = other->daddr;
	ports[0] = other->sport;
	ports[1] = other->dport;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	icmp->checksum = 0;
	icmp->checksum = ip_compute_csum(icmp, skb->len - ihl);
	return true;
}

/* A flow for a packet that has none: service, backend, entry. */
static struct keelson_flow_dir *request_start(struct keelson_instance *inst,
					      struct keelson_flow_table *table,
					      struct keelson_port *from, struct sk_buff *skb,
					      const struct keelson_tuple *t, u32 hash)
{
	const struct keelson_service *s = keelson_service_find(inst, t->daddr, t->dport, t->proto);
	struct keelson_backend *backend = s ? keelson_service_select(s, hash) : NULL;
	struct keelson_flow_dir *d;

	if (!backend) {
		keelson_count(inst, SERVICE_NO_BACKEND);
		keelson_reject(inst, from, skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
		return NULL;
	}
	d = keelson_flow_create(table, from, t, hash, backend);
	if (!d) {
		keelson_count(inst, NOMEM_DROP);
		kfree_skb(skb);
	}
	return d;
}

/*
 * Is a flow that was found still the one to use? Not if its backend has left
 * the service, and not if this is a new connection over the remains of an old:
 * a SYN after the client's FIN, or towards a backend that takes no new ones.
 */
static bool flow_is_stale(const struct keelson_flow *flow, const struct keelson_tuple *t,
			  const struct sk_buff *skb)
{
	if (unlikely(READ_ONCE(flow->backend->state) == KEELSON_BACKEND_GONE))
		return true;
	return t->proto == IPPROTO_TCP && unlikely(tcp_of(skb)->syn) && !tcp_of(skb)->ack &&
	       (keelson_flow_closing(flow) || READ_ONCE(flow->dir[KEELSON_FLOW_ORIG].fin) ||
		((!READ_ONCE(flow->replied) || READ_ONCE(flow->acked)) &&
		 READ_ONCE(flow->backend->state) != KEELSON_BACKEND_READY));
}

/*
 * A connection whose backend had left the service: if the same address and port
 * is back in it, the connection goes on there. Not if its port was changed.
 */
static struct keelson_flow_dir *request_resume(struct keelson_instance *inst,
					       struct keelson_flow_table *table,
					       struct keelson_port *from,
					       const struct keelson_flow *old,
					       const struct keelson_tuple *t, u32 hash)
{
	const struct keelson_service *s = keelson_service_find(inst, t->daddr, t->dport, t->proto);
	struct keelson_backend *backend;
	struct keelson_flow_dir *d;

	if (!s || old->dir[KEELSON_FLOW_REPLY].match.dport != t->sport)
		return NULL;
	backend = keelson_service_backend(s, old->backend->addr, old->backend->port);
	d = backend ? keelson_flow_create(table, from, t, hash, backend) : NULL;
	if (d && READ_ONCE(old->replied))
		WRITE_ONCE(keelson_flow_of(d)->replied, 1);
	return d;
}

bool keelson_translate_request(struct keelson_instance *inst, struct keelson_port *from,
			       struct sk_buff *skb, bool *ret_defragged)
{
	struct keelson_flow_table *table = rcu_dereference(inst->flows);
	struct keelson_flow_dir *d;
	struct keelson_tuple t;
	u32 hash;

	if (unlikely(ip_is_fragment((const struct iphdr *)skb->data))) {
		if (keelson_defrag(inst, skb))
			return false;
		*ret_defragged = true;
		if (skb_cow_head(skb, from->dev->needed_headroom)) {
			keelson_count(inst, NOMEM_DROP);
			kfree_skb(skb);
			return false;
		}
	}
	/* A VIP may be seen before the table that was made for it. */
	if (unlikely(!table)) {
		keelson_count(inst, SERVICE_NO_BACKEND);
		kfree_skb(skb);
		return false;
	}
	if (unlikely(!keelson_pull_tuple(skb, &t))) {
		u8 proto = ((const struct iphdr *)skb->data)->protocol;

		if (proto == IPPROTO_ICMP) {
			__be32 vip = ((const struct iphdr *)skb->data)->daddr;

			if (!translate_icmp(inst, table, skb))
				return false;
			if (((const struct iphdr *)skb->data)->daddr != vip)
				return true;
		}
		if (keelson_l4_len(proto)) {
			keelson_count(inst, MALFORMED_DROP);
			kfree_skb(skb);
		} else {
			keelson_count(inst, SERVICE_NO_BACKEND);
			keelson_reject(inst, from, skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
		}
		return false;
	}

	hash = keelson_flow_hash(inst, &t);
	d = keelson_flow_find(table, &t, hash);
	if (unlikely(d && d->which == KEELSON_FLOW_ORIG &&
		     flow_is_stale(keelson_flow_of(d), &t, skb))) {
		const struct keelson_flow *old = keelson_flow_of(d);

		keelson_flow_remove(table, keelson_flow_of(d));
		d = NULL;
		if (t.proto == IPPROTO_TCP && !tcp_of(skb)->syn) {
			d = request_resume(inst, table, from, old, &t, hash);
			if (!d) {
				keelson_count(inst, SERVICE_NO_BACKEND);
				keelson_reject_tcp(inst, from, skb);
				return false;
			}
		}
	}
	if (unlikely(!d)) {
		d = request_start(inst, table, from, skb, &t, hash);
		if (!d)
			return false;
	}
	if (unlikely(d->which == KEELSON_FLOW_REPLY)) {
		/* A pod that serves itself answers to the VIP, which stood for it. */
		if (!READ_ONCE(keelson_flow_of(d)->replied))
			WRITE_ONCE(keelson_flow_of(d)->replied, 1);
		keelson_count(inst, SERVICE_REPLY);
	} else {
		keelson_count(inst, SERVICE_HIT);
	}
	return apply(inst, skb, d);
}

bool keelson_translate_reply(struct keelson_instance *inst, struct sk_buff *skb)
{
	struct keelson_flow_table *table = rcu_dereference(inst->flows);
	struct keelson_flow *flow;
	struct keelson_flow_dir *d;
	struct keelson_tuple t;

	if (unlikely(ip_is_fragment((const struct iphdr *)skb->data)) && keelson_defrag(inst, skb))
		return false;
	if (unlikely(!keelson_pull_tuple(skb, &t))) {
		if (((const struct iphdr *)skb->data)->protocol == IPPROTO_ICMP)
			return translate_icmp(inst, table, skb);
		return true;
	}
	d = keelson_flow_find(table, &t, keelson_flow_hash(inst, &t));
	if (!d || d->which != KEELSON_FLOW_REPLY)
		return true;
	flow = keelson_flow_of(d);
	if (unlikely(!READ_ONCE(flow->replied)))
		WRITE_ONCE(flow->replied, 1);
	keelson_count(inst, SERVICE_REPLY);
	return apply(inst, skb, d);
}
