/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * forward.h - the way of a packet: from a port to wherever it goes, and into a port
 */
#ifndef KEELSON_FORWARD_H
#define KEELSON_FORWARD_H

#include <linux/skbuff.h>
#include "instance.h"
#include "packet.h"
#include "port.h"
#include "translate.h"

/**
 * keelson_forward() - send a packet that a port transmits on its way
 * @inst: the port's home
 * @from: the port
 * @skb: packet, data at its network header; consumed
 * Under RCU, softirqs off.
 */
void keelson_forward(struct keelson_instance *inst, struct keelson_port *from,
		     struct sk_buff *skb);

/**
 * keelson_enter() - make a packet one that its port has received
 * @inst: the port's home
 * @to: the port
 * @skb: IPv4 packet, data at its IP header, which is linear and checked
 *
 * Restores a translated reply and takes off what belonged to where the packet
 * came from.
 * Return: true if @skb may now be received; false if it was consumed.
 */
static inline bool keelson_enter(struct keelson_instance *inst, struct keelson_port *to,
				 struct sk_buff *skb)
{
	struct net_device *dev = to->dev;

	if (unlikely(!(READ_ONCE(dev->flags) & IFF_UP))) {
		dev_core_stats_rx_dropped_inc(dev);
		kfree_skb(skb);
		return false;
	}
	if (atomic_read(&to->flows) && unlikely(!keelson_translate_reply(inst, skb)))
		return false;
	keelson_scrub(skb);
	skb_clear_tstamp(skb);
	skb->dev = dev;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_reset_mac_len(skb);
	dev_sw_netstats_rx_add(dev, skb->len);
	return true;
}

/**
 * keelson_deliver() - hand a packet to a port
 * @inst: the port's home
 * @to: the port
 * @skb: as for keelson_enter(); consumed
 */
void keelson_deliver(struct keelson_instance *inst, struct keelson_port *to,
		     struct sk_buff *skb);

#endif /* KEELSON_FORWARD_H */
