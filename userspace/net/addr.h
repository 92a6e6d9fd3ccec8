/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addr.h - IP addresses, prefixes and Ethernet addresses as text and bytes
 *
 * IPv4 today; struct net_addr has room for IPv6 and so has every function
 * here. Bytes are in network order. All functions are pure.
 */
#ifndef KEELSON_NET_ADDR_H
#define KEELSON_NET_ADDR_H

#include <netinet/in.h>
#include "base/util.h"

struct net_addr {
	uint8_t len;		/* 4 or 16; 0: none */
	uint8_t bytes[16];
};

struct net_prefix {
	struct net_addr addr;	/* host bits zero */
	uint8_t len;
};

#define NET_MAC_STRLEN		18
#define NET_PREFIX_STRLEN	(INET6_ADDRSTRLEN + 4)
#define NET_ENDPOINT_STRLEN	(INET6_ADDRSTRLEN + 16)

/* Text ("10.0.0.1") to address, -EINVAL; and back, out has INET6_ADDRSTRLEN bytes ("none" for none). */
int net_addr_parse(const char *s, struct net_addr *ret);
void net_addr_format(const struct net_addr *a, char *out);
bool net_addr_equal(const struct net_addr *a, const struct net_addr *b);
/* One host's address, as the datapath wants them: not 0.0.0.0/8, loopback, multicast or broadcast. IPv4 only. */
bool net_addr_is_unicast(const struct net_addr *a);
/* Order for sorting: IPv4 before IPv6, then by bytes. */
int net_addr_cmp(const struct net_addr *a, const struct net_addr *b);

/* "10.244.1.0/24"; -EINVAL also when host bits are set. */
int net_prefix_parse(const char *s, struct net_addr *ret, uint8_t *ret_len);
/* out has NET_PREFIX_STRLEN bytes. */
void net_prefix_format(const struct net_addr *prefix, uint8_t len, char *out);
bool net_prefix_contains(const struct net_addr *prefix, uint8_t len, const struct net_addr *a);
/* The n-th address of a prefix (0: the network's own); -ERANGE outside of it. n counts within the last 32 bits. */
int net_prefix_nth(const struct net_addr *prefix, uint8_t len, uint32_t n, struct net_addr *ret);
/* How far an address lies from the prefix's first; the inverse of net_prefix_nth. */
uint32_t net_prefix_offset(const struct net_addr *prefix, uint8_t len, const struct net_addr *a);

/* "02:00:00:00:00:01", either case; -EINVAL. out has NET_MAC_STRLEN bytes. */
int net_mac_parse(const char *s, uint8_t ret[6]);
void net_mac_format(const uint8_t mac[6], char *out);

/* "10.0.0.1:80", "[fd00::1]:80": address and port (1..65535, host order); -EINVAL. */
int net_endpoint_parse(const char *s, struct net_addr *ret, uint16_t *ret_port);
/* out has NET_ENDPOINT_STRLEN bytes. */
void net_endpoint_format(const struct net_addr *a, uint16_t port, char *out);
/* IPPROTO_TCP or IPPROTO_UDP from "tcp", "UDP", ...; 0: neither. */
uint8_t net_proto_parse(const char *s);
/* "tcp", "udp" or "?". */
const char *net_proto_name(uint8_t proto);

#endif
