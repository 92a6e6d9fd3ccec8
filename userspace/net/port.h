/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port.h - a whole port: the link, its address and what a namespace needs to use it
 */
#ifndef KEELSON_NET_PORT_H
#define KEELSON_NET_PORT_H

#include "net/keelson_nl.h"
#include "net/link.h"

struct port_spec {
	const char *ifname;		/* in the namespace where it will be */
	int netns;			/* that namespace; -1: the caller's, the instance's own */
	const struct net_addr *addrs;	/* endpoints, at least one; each is put on the link as a host address */
	size_t n_addrs;
	uint32_t mtu;			/* 0: the module's choice */
	bool default_route;		/* the default route of that namespace goes by the port */
};
/*
 * Makes the port in the namespace, up, with lo up too. All or nothing: on
 * failure the link is gone again. *ret describes it.
 */
int port_make(const struct port_spec *spec, struct link_info *ret, char **ret_msg);

/*
 * Whether the namespace has the port as specified: 0, or -ENODEV, -ENXIO (a
 * link of another kind, down, an address or the route is missing) with the
 * difference in *ret_msg.
 */
int port_check(const struct port_spec *spec, struct link_info *ret, char **ret_msg);

#endif
