/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * port.h - the network device of kind "keelson": a pod's eth0, or the host leg
 *
 * The device's private area is the port. It belongs for life to the instance
 * it was created from, which unregisters it when it goes.
 */
#ifndef KEELSON_PORT_H
#define KEELSON_PORT_H

#include <linux/netdevice.h>
#include "instance.h"

/**
 * struct keelson_port - one device
 * @inst: home
 * @dev: its device
 * @addr0: its first endpoint, compared before the table is asked
 * @mode: enum keelson_link_mode
 * @flows: flows whose client is this port; 0: no reply needs restoring
 * @id: KEELSON_A_PORT_ID
 * @addrs: its struct keelson_addr, under inst->lock
 * @list: in keelson_instance.ports, under inst->lock
 */
struct keelson_port {
	struct keelson_instance *inst;
	struct net_device *dev;
	__be32 addr0;
	u8 mode;
	atomic_t flows;
	u32 id;
	struct list_head addrs;
	struct list_head list;
};

static inline bool keelson_port_is_host(const struct keelson_port *port)
{
	return port->mode == KEELSON_LINK_HOST;
}

/**
 * keelson_port_find() - a port by its id
 * @inst: instance, lock held
 * @id: KEELSON_A_PORT_ID
 * Return: the port or NULL.
 */
struct keelson_port *keelson_port_find(struct keelson_instance *inst, u32 id);

/**
 * keelson_port_destroy_all() - unregister every port of an instance
 * @inst: instance whose namespace goes, RTNL held
 * @kill: list for unregister_netdevice_many()
 */
void keelson_port_destroy_all(struct keelson_instance *inst, struct list_head *kill);

int keelson_port_register(void);
void keelson_port_unregister(void);

#endif /* KEELSON_PORT_H */
