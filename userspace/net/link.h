/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link.h - rtnetlink: links of kind "keelson", addresses, routes (libnl)
 *
 * Synchronous, in the namespace the socket was opened for. Refusals carry the
 * kernel's extack text. net/port.h and net/apply.h are built of these.
 */
#ifndef KEELSON_NET_LINK_H
#define KEELSON_NET_LINK_H

#include <linux/if.h>
#include "net/addr.h"

struct link_sock;
/* netns: where the socket lives; -1: the caller's namespace. */
int link_open(int netns, struct link_sock **ret, char **ret_msg);
void link_close(struct link_sock *s);
static inline void link_closep(struct link_sock **s)
{
	link_close(*s);
}
#define _cleanup_link_ _cleanup_(link_closep)

struct link_spec {
	const char *name;
	int netns;			/* where the device shall be; -1: the socket's namespace */
	uint8_t mode;			/* enum keelson_link_mode */
	uint32_t mtu;			/* 0: the module's choice */
	const struct net_addr *addrs;	/* endpoints */
	size_t n_addrs;
};
/* A port (or the host leg) of the instance of the socket's namespace, down and without an address. */
int link_create(struct link_sock *s, const struct link_spec *spec, char **ret_msg);

struct link_info {
	int ifindex;
	bool up;
	uint32_t mtu;
	uint8_t mac[6];			/* zero for a link without one */
	char kind[IFNAMSIZ];		/* "" for plain devices */
	uint8_t mode;			/* kind keelson: enum keelson_link_mode */
	uint32_t port_id;		/* kind keelson */
};
int link_get(struct link_sock *s, const char *name, struct link_info *ret, char **ret_msg);	/* -ENODEV */
int link_set_up(struct link_sock *s, int ifindex, char **ret_msg);
/*
 * Before it is set up: no link-local address, so no router solicitations into
 * a network that has no IPv6. Where the kernel has none either, nothing to do.
 */
void link_no_ipv6_autoconf(struct link_sock *s, int ifindex);
/* netnsid: of the namespace the device is in, as seen from the socket's; -1: the same. */
int link_delete(struct link_sock *s, int netnsid, int ifindex, char **ret_msg);

/* Having the address already is no error. */
int link_addr_add(struct link_sock *s, int ifindex, const struct net_addr *a, uint8_t prefix_len, char **ret_msg);
/* Whether the link has that address (any prefix length); -errno. */
int link_addr_has(struct link_sock *s, int ifindex, const struct net_addr *a, char **ret_msg);
/* The index of a link that has the address; -EADDRNOTAVAIL. */
int link_with_addr(struct link_sock *s, const struct net_addr *a, char **ret_msg);

/* Replaces the route in the main table: prefix dev ifindex scope link [src]; src may be NULL. */
int link_route_set(struct link_sock *s, const struct net_addr *prefix, uint8_t len, int ifindex,
		   const struct net_addr *src, char **ret_msg);
/* Whether the main table has prefix dev ifindex; -errno. */
int link_route_has(struct link_sock *s, const struct net_addr *prefix, uint8_t len, int ifindex, char **ret_msg);

#endif
