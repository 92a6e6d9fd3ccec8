/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keelson_msg.h - messages of the netlink family "keelson", encoded and decoded
 *
 * Pure: bytes in, bytes out. keelson_nl.c sends and receives them. A put
 * function appends attributes to a message begun by keelson_msg_begin(), whose
 * buffer has KEELSON_MSG_MAX bytes, more than the largest object takes.
 */
#ifndef KEELSON_NET_KEELSON_MSG_H
#define KEELSON_NET_KEELSON_MSG_H

#include <linux/netlink.h>
#include "net/keelson_nl.h"

#define KEELSON_MSG_MAX 65536

struct nlmsghdr *keelson_msg_begin(void *buf, uint16_t family, uint8_t cmd, uint16_t flags, uint32_t seq);

void keelson_msg_put_overlay(struct nlmsghdr *nlh, const struct dp_overlay *o);
void keelson_msg_put_node(struct nlmsghdr *nlh, const struct dp_node *n);
void keelson_msg_put_vtep(struct nlmsghdr *nlh, const struct net_addr *vtep);
void keelson_msg_put_route(struct nlmsghdr *nlh, const struct dp_route *r);
void keelson_msg_put_prefix(struct nlmsghdr *nlh, const struct net_addr *prefix, uint8_t len);
/* At most KEELSON_MAX_PORT_ADDRS addresses. */
void keelson_msg_put_port(struct nlmsghdr *nlh, uint32_t id, const struct net_addr *addrs, size_t n);
/* At most KEELSON_MAX_BACKENDS backends. */
void keelson_msg_put_service(struct nlmsghdr *nlh, const struct dp_service *s);
void keelson_msg_put_service_key(struct nlmsghdr *nlh, const struct net_addr *addr, uint16_t port, uint8_t proto);
void keelson_msg_put_generation(struct nlmsghdr *nlh, uint32_t generation);
void keelson_msg_put_sweep(struct nlmsghdr *nlh, enum keelson_kind kind, uint32_t generation);

/* -EBADMSG when an attribute that the object cannot do without is absent or of a wrong size. */
int keelson_msg_get_overlay(const struct nlmsghdr *nlh, struct dp_overlay *ret);
int keelson_msg_get_node(const struct nlmsghdr *nlh, struct dp_node *ret, uint32_t *ret_generation);
int keelson_msg_get_route(const struct nlmsghdr *nlh, struct dp_route *ret, uint32_t *ret_generation);
int keelson_msg_get_port(const struct nlmsghdr *nlh, struct dp_port *ret);
/* ret->backends belongs to the caller, free() it. */
int keelson_msg_get_service(const struct nlmsghdr *nlh, struct dp_service *ret, uint32_t *ret_generation);
int keelson_msg_get_flow(const struct nlmsghdr *nlh, struct dp_flow *ret);
int keelson_msg_get_stats(const struct nlmsghdr *nlh, struct dp_stats *ret);

/* What a request asks, for error texts: "service set 10.96.0.10:80/tcp". Caller frees. */
char *keelson_msg_describe(const struct nlmsghdr *nlh);
/*
 * The kernel's refusal of request, as a sentence that the caller frees: "WHAT:
 * TEXT", with the attribute where the kernel points at one. err is the negative
 * errno; reply the NLMSG_ERROR message.
 */
char *keelson_msg_refusal(const struct nlmsghdr *request, const struct nlmsghdr *reply, int err);

#endif
