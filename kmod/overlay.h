/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * overlay.h - our own VTEP: configuration, sending and receiving VXLAN
 */
#ifndef KEELSON_OVERLAY_H
#define KEELSON_OVERLAY_H

#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>
#include "instance.h"

struct keelson_node;

/**
 * struct keelson_overlay - our VTEP; immutable, replaced as a whole
 * @vtep: underlay address
 * @vni_field: the VXLAN header's second word for our VNI
 * @port: UDP port
 * @mac: our inner Ethernet address
 * @vni: 24 bits
 * @uplink: ifindex the user named, or 0
 * @flags: KEELSON_OVERLAY_F_*
 * @rcu: for freeing
 */
struct keelson_overlay {
	__be32 vtep;
	__be32 vni_field;
	__be16 port;
	u8 mac[ETH_ALEN];
	u32 vni;
	u32 uplink;
	u32 flags;
	struct rcu_head rcu;
};

/**
 * keelson_overlay_set() - create or replace the VTEP
 * @inst: instance, RTNL and lock held
 * @cfg: what to set; copied
 * @extack: says what is wrong
 * Return: 0 or negative errno, then nothing has changed.
 */
int keelson_overlay_set(struct keelson_instance *inst, const struct keelson_overlay *cfg,
			struct netlink_ext_ack *extack);
/* RTNL and lock held. Return: 0 or -ENOENT. */
int keelson_overlay_del(struct keelson_instance *inst);
/* Largest inner packet, 0 if there is no overlay or no uplink. RTNL held. */
unsigned int keelson_overlay_mtu(struct keelson_instance *inst);
/* enum keelson_rx_mode; RTNL held */
u8 keelson_overlay_rx_mode(struct keelson_instance *inst);
int keelson_overlay_register(void);
void keelson_overlay_unregister(void);

/**
 * keelson_overlay_xmit() - send an inner packet to a node
 * @inst: instance
 * @from: the port that sends it, for ICMP errors
 * @node: where to
 * @skb: inner packet, data at its IP header, which is linear and its own; consumed
 * @defragged: it was put together from fragments here
 */
void keelson_overlay_xmit(struct keelson_instance *inst, struct keelson_port *from,
			  struct keelson_node *node, struct sk_buff *skb, bool defragged);

/**
 * keelson_overlay_attach() - take or leave the uplink's rx_handler
 * @inst: instance, RTNL and lock held
 * Makes what is registered agree with the overlay and with where its address
 * now is. A handler that somebody else has leaves the socket as the way in.
 */
void keelson_overlay_attach(struct keelson_instance *inst);

/* Receive: the handler on the uplink, and the socket's (overlay_rx.c). */
rx_handler_result_t keelson_overlay_rx_handler(struct sk_buff **pskb);
int keelson_overlay_rx_socket(struct sock *sk, struct sk_buff *skb);
struct sk_buff *keelson_overlay_gro_receive(struct sock *sk, struct list_head *head,
					    struct sk_buff *skb);
int keelson_overlay_gro_complete(struct sock *sk, struct sk_buff *skb, int nhoff);

#endif /* KEELSON_OVERLAY_H */
