/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keelson_nl.h - the generic netlink family "keelson" from userspace (libmnl)
 *
 * Synchronous: the kernel answers at once. Addresses here are IPv4 in network
 * byte order held in struct net_addr, which has room for IPv6. Errors are
 * negative errno; *ret_msg, where there is one, is the kernel's extack text or
 * our own sentence, to be freed by the caller.
 */
#ifndef KEELSON_NET_KEELSON_NL_H
#define KEELSON_NET_KEELSON_NL_H

#include <linux/keelson.h>
#include "net/addr.h"

struct dp_overlay {
	struct net_addr vtep;	/* our underlay address */
	uint8_t mac[6];
	uint32_t vni;
	uint16_t port;		/* host order here */
	uint32_t uplink;	/* ifindex or 0 */
	uint32_t flags;		/* KEELSON_OVERLAY_F_* */
	uint8_t rx_mode;	/* get only */
	uint32_t mtu;		/* get only */
};
struct dp_node {
	struct net_addr vtep;
	uint8_t mac[6];
};
struct dp_route {
	struct net_addr prefix;
	uint8_t prefix_len;
	struct net_addr vtep;
};
struct dp_port {
	uint32_t id, ifindex;
	char ifname[16];
	int32_t netnsid;	/* -1: the instance's own namespace */
	uint8_t mode;		/* enum keelson_link_mode */
	struct net_addr addrs[KEELSON_MAX_PORT_ADDRS];
	size_t n_addrs;
};
struct dp_backend {
	struct net_addr addr;
	uint16_t port;		/* host order */
	uint8_t state;		/* enum keelson_backend_state */
};
struct dp_service {
	struct net_addr addr;
	uint16_t port;		/* host order */
	uint8_t proto;
	uint32_t flags;
	struct dp_backend *backends;
	size_t n_backends;
};
struct dp_flow {
	uint8_t proto, state;
	struct net_addr src, dst, backend;
	uint16_t src_port, dst_port, backend_port;	/* host order */
	uint32_t idle_ms;
};
struct dp_stats {
	uint64_t v[KEELSON_STAT_MAX + 1];	/* by enum keelson_stat */
};

struct keelson_nl;
/* Opens the family in the caller's network namespace. -ENOENT: the module is not loaded (ret_msg says so). */
int keelson_nl_open(struct keelson_nl **ret, char **ret_msg);
void keelson_nl_close(struct keelson_nl *nl);
/*
 * Set and delete requests between begin and commit go out in few sendmsg calls
 * and return 0 at once. commit gives the first refusal; the rest is still sent.
 * -ECOMM: the socket failed, and what arrived is unknown.
 * on_error, if not NULL, hears of each refusal: index counts requests since
 * begin, from 0; msg is borrowed.
 */
typedef void keelson_nl_refused(void *data, size_t index, int err, const char *msg);
void keelson_nl_batch_begin(struct keelson_nl *nl, keelson_nl_refused *on_error, void *data);
int keelson_nl_batch_commit(struct keelson_nl *nl, char **ret_msg);

int keelson_nl_overlay_set(struct keelson_nl *nl, const struct dp_overlay *o, char **ret_msg);
int keelson_nl_overlay_get(struct keelson_nl *nl, struct dp_overlay *ret, char **ret_msg);	/* -ENOENT: none */
int keelson_nl_overlay_del(struct keelson_nl *nl, char **ret_msg);
int keelson_nl_node_set(struct keelson_nl *nl, const struct dp_node *n, uint32_t generation, char **ret_msg);
int keelson_nl_node_del(struct keelson_nl *nl, const struct net_addr *vtep, char **ret_msg);
int keelson_nl_route_set(struct keelson_nl *nl, const struct dp_route *r, uint32_t generation, char **ret_msg);
int keelson_nl_route_del(struct keelson_nl *nl, const struct net_addr *prefix, uint8_t len, char **ret_msg);
int keelson_nl_port_set(struct keelson_nl *nl, uint32_t id, const struct net_addr *addrs, size_t n, char **ret_msg);
int keelson_nl_service_set(struct keelson_nl *nl, const struct dp_service *s, uint32_t generation, char **ret_msg);
int keelson_nl_service_del(struct keelson_nl *nl, const struct net_addr *addr, uint16_t port, uint8_t proto, char **ret_msg);
/* key NULL: all flows; else those of that service (addr, port, proto). */
int keelson_nl_flow_flush(struct keelson_nl *nl, const struct dp_service *key, char **ret_msg);
/* Drops every object of the kind whose generation is another. */
int keelson_nl_sweep(struct keelson_nl *nl, enum keelson_kind kind, uint32_t generation, char **ret_msg);
int keelson_nl_stats(struct keelson_nl *nl, struct dp_stats *ret, char **ret_msg);

/*
 * Dumps: cb per object (borrowed), called when the whole dump is in and
 * consistent; one that a change interrupted is taken again before that, and
 * -EAGAIN when that never ends.
 */
int keelson_nl_node_dump(struct keelson_nl *nl, void (*cb)(void *, const struct dp_node *, uint32_t gen), void *data, char **ret_msg);
int keelson_nl_route_dump(struct keelson_nl *nl, void (*cb)(void *, const struct dp_route *, uint32_t gen), void *data, char **ret_msg);
int keelson_nl_port_dump(struct keelson_nl *nl, void (*cb)(void *, const struct dp_port *), void *data, char **ret_msg);
int keelson_nl_service_dump(struct keelson_nl *nl, void (*cb)(void *, const struct dp_service *, uint32_t gen), void *data, char **ret_msg);
int keelson_nl_flow_dump(struct keelson_nl *nl, void (*cb)(void *, const struct dp_flow *), void *data, char **ret_msg);

#endif
