/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * instance.h - the module's state in one network namespace ("the node")
 *
 * Every namespace has a (small) instance; its tables are allocated when the
 * first object is put in. Readers are packets, under RCU; writers are netlink
 * and the notifiers, under @lock. Lock order: RTNL, then @lock, then the spin
 * locks inside nodes and the flow table.
 */
#ifndef KEELSON_INSTANCE_H
#define KEELSON_INSTANCE_H

#include <linux/cache.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/siphash.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include "stats.h"

struct keelson_flow_table;
struct keelson_overlay;
struct keelson_port;

#define KEELSON_ADDR_BITS	13
#define KEELSON_ROUTE_BITS	12
#define KEELSON_NODE_BITS	10
#define KEELSON_SERVICE_BITS	13

/**
 * struct keelson_instance - one node
 * @pcpu: counters
 * @addrs: every address this node answers for, by address (address.h)
 * @routes: pod prefixes of other nodes, by length and prefix (route.h)
 * @route_lens: bit n set: some prefix of length n is there
 * @flow_key: secret of the flow hash
 * @flows: flow table; NULL until the first service
 * @host: the host leg; NULL: none
 * @overlay: our own VTEP; NULL: none
 * @nodes: the other VTEPs, by underlay address (node.h)
 * @services: by address, port and protocol (service.h)
 * @net: our namespace
 * @lock: held by every writer of the tables
 * @hop_gen: changes whenever a node's cached hop may no longer be right
 * @ports: every port that was created from here, wherever it now is
 * @last_port_id: the last port id given out
 * @n_routes: entries of @routes by prefix length
 * @seq: changes with every write; makes dumps consistent
 * @rx_dev: uplink that carries our rx_handler, or NULL
 * @rx_sock: the VXLAN UDP socket, or NULL
 */
struct keelson_instance {
	struct keelson_pcpu __percpu *pcpu;
	struct hlist_head *addrs;
	struct hlist_head *routes;
	u64 route_lens;
	hsiphash_key_t flow_key;
	struct keelson_flow_table __rcu *flows;
	struct keelson_port __rcu *host;
	struct keelson_overlay __rcu *overlay;
	struct hlist_head *nodes;
	struct hlist_head *services;

	struct net *net ____cacheline_aligned;
	struct mutex lock;
	atomic_t hop_gen;
	struct list_head ports;
	u32 last_port_id;
	u32 n_routes[33];
	u32 seq;
	struct net_device *rx_dev;
	struct socket *rx_sock;
};

/**
 * keelson_instance_of() - the instance of a namespace
 * @net: any namespace
 * Return: its instance, never NULL while the module is loaded.
 */
struct keelson_instance *keelson_instance_of(const struct net *net);

/**
 * keelson_instance_activate() - allocate the tables if they are not there yet
 * @inst: instance, @inst->lock held
 * Return: 0 or -ENOMEM.
 */
int keelson_instance_activate(struct keelson_instance *inst);

/*
 * Are the tables there? They stay until the namespace goes. Devices appear in a
 * namespace before its instance does, so notifiers may ask with NULL.
 */
static inline bool keelson_instance_active(const struct keelson_instance *inst)
{
	/* Pairs with keelson_instance_activate(). */
	return inst && smp_load_acquire(&inst->pcpu);
}

int keelson_instance_register(void);
void keelson_instance_unregister(void);

#endif /* KEELSON_INSTANCE_H */
