/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reject.h - answers to the sender of a packet that goes nowhere
 */
#ifndef KEELSON_REJECT_H
#define KEELSON_REJECT_H

#include <linux/icmp.h>
#include <linux/skbuff.h>
#include "instance.h"
#include "port.h"

/**
 * keelson_reject() - answer with an ICMP error, as a router does
 * @inst: instance
 * @to: the port that sent @skb
 * @skb: the packet, data at its IP header; consumed
 * @type: ICMP type
 * @code: ICMP code
 * @mtu: for ICMP_FRAG_NEEDED
 *
 * Nothing is sent in answer to ICMP errors, to fragments but the first, and to
 * what is not from or for one host (RFC 1812, 4.3.2.7).
 */
void keelson_reject(struct keelson_instance *inst, struct keelson_port *to,
		    struct sk_buff *skb, u8 type, u8 code, u32 mtu);

/**
 * keelson_reject_tcp() - answer a TCP segment with a reset
 * @inst: instance
 * @to: the port that sent @skb
 * @skb: the segment, data at its IP header, headers linear; consumed
 */
void keelson_reject_tcp(struct keelson_instance *inst, struct keelson_port *to,
			struct sk_buff *skb);

#endif /* KEELSON_REJECT_H */
