/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * address.h - every address this node answers for: endpoints and VIPs
 *
 * One lookup by destination decides what a packet is: for a port here, for a
 * service, or neither. Entries are made by root only, so the hash needs no
 * secret: a sender chooses which chain is walked, never how long it is.
 */
#ifndef KEELSON_ADDRESS_H
#define KEELSON_ADDRESS_H

#include <linux/hash.h>
#include <linux/in.h>
#include <linux/netlink.h>
#include <linux/rculist.h>
#include "instance.h"

/**
 * struct keelson_addr - one address
 * @hash: in keelson_instance.addrs
 * @addr: the address
 * @n_services: how many services have it as their VIP; 0: it is an endpoint
 * @port: the port that has it as an endpoint; NULL: it is a VIP
 * @list: in keelson_port.addrs
 * @rcu: for freeing
 */
struct keelson_addr {
	struct hlist_node hash;
	__be32 addr;
	u32 n_services;
	struct keelson_port *port;
	struct list_head list;
	struct rcu_head rcu;
};

/* May it be one host's address on a network? */
static inline bool keelson_addr_is_unicast(__be32 addr)
{
	return !ipv4_is_zeronet(addr) && !ipv4_is_loopback(addr) && !ipv4_is_multicast(addr) &&
	       !ipv4_is_lbcast(addr);
}

static inline struct hlist_head *
keelson_addr_bucket(const struct keelson_instance *inst, __be32 addr)
{
	return &inst->addrs[hash_32((__force u32)addr, KEELSON_ADDR_BITS)];
}

/* Under RCU or inst->lock. */
static inline struct keelson_addr *
keelson_addr_find(const struct keelson_instance *inst, __be32 addr)
{
	struct keelson_addr *a;

	hlist_for_each_entry_rcu(a, keelson_addr_bucket(inst, addr), hash,
				 lockdep_is_held(&inst->lock))
		if (a->addr == addr)
			return a;
	return NULL;
}

/**
 * keelson_addr_set_endpoints() - give a port exactly these addresses
 * @inst: instance, lock held
 * @port: the port
 * @addrs: addresses; a repeated one is refused
 * @n: how many
 * @extack: told which address is taken, by whom
 * Return: 0; -EEXIST, -EINVAL or -ENOMEM and nothing has changed.
 */
int keelson_addr_set_endpoints(struct keelson_instance *inst, struct keelson_port *port,
			       const __be32 *addrs, unsigned int n,
			       struct netlink_ext_ack *extack);
void keelson_addr_del_endpoints(struct keelson_instance *inst, struct keelson_port *port);

/**
 * keelson_addr_get_vip() - one more service uses this address
 * @inst: instance, lock held
 * @addr: the VIP
 * @extack: told if a port has it
 * Return: 0, -EEXIST (it is an endpoint) or -ENOMEM.
 */
int keelson_addr_get_vip(struct keelson_instance *inst, __be32 addr,
			 struct netlink_ext_ack *extack);
void keelson_addr_put_vip(struct keelson_instance *inst, __be32 addr);

#endif /* KEELSON_ADDRESS_H */
