/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fragment.h - putting IPv4 fragments together and taking packets apart
 */
#ifndef KEELSON_FRAGMENT_H
#define KEELSON_FRAGMENT_H

#include <linux/skbuff.h>
#include "instance.h"
#include "port.h"

/**
 * keelson_defrag() - collect fragments until the packet is whole
 * @inst: instance; its namespace's limits and timers apply
 * @skb: a fragment, data at its IP header; consumed unless 0 is returned
 * Return: 0: @skb now is the whole packet. Otherwise it was kept or dropped.
 */
int keelson_defrag(struct keelson_instance *inst, struct sk_buff *skb);

/**
 * keelson_fragment() - send a too long packet to a node in pieces
 * @inst: instance
 * @from: the port that sends it
 * @skb: packet without DF, or one that keelson_defrag() made; consumed
 * @mtu: largest piece
 * @defragged: keelson_defrag() made it
 */
void keelson_fragment(struct keelson_instance *inst, struct keelson_port *from,
		      struct sk_buff *skb, u32 mtu, bool defragged);

#endif /* KEELSON_FRAGMENT_H */
