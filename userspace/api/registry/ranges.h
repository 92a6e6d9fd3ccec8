/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ranges.h - arithmetic on address ranges: which service address or pod prefix
 *           may be given out
 *
 * Pure. Addresses are numbers in host order, IPv4 in the low 32 bits. Who holds
 * what is kept in etcd by alloc.c.
 */
#ifndef KEELSON_API_ALLOC_H
#define KEELSON_API_ALLOC_H

#include "base/util.h"

typedef unsigned __int128 ip_num;

struct ip_range {
	int family;	/* AF_INET or AF_INET6 */
	ip_num base;	/* first address */
	int len;	/* prefix length in bits */
};

/* "10.96.0.10" or "fd00::a"; -EINVAL */
int ip_parse(const char *s, int *ret_family, ip_num *ret);
/* Canonical text; caller frees. */
char *ip_format(int family, ip_num ip);

/* "10.96.0.0/16"; host bits are cut off; -EINVAL */
int ip_range_parse(const char *s, struct ip_range *ret);
/* Canonical text; caller frees. */
char *ip_range_format(const struct ip_range *r);
bool ip_range_contains(const struct ip_range *r, int family, ip_num ip);

/*
 * Service addresses are base + offset for offsets 1 to ip_range_last(): the
 * network's own and, with IPv4, the broadcast address are never given out.
 */
ip_num ip_range_last(const struct ip_range *r);
/*
 * Offsets below this one are for addresses that users ask for by name; others
 * are given from here upward as long as there are any (as Kubernetes does:
 * between 16 and 256 of them, a sixteenth of the range; none in a small one).
 */
ip_num ip_range_dynamic(const struct ip_range *r);

/* The number of prefixes of node_len bits in r (at most 2^31 are used). */
uint32_t ip_range_blocks(const struct ip_range *r, int node_len);
struct ip_range ip_range_block(const struct ip_range *r, int node_len, uint32_t index);
/* The number of the block that s is; -EINVAL if it is none of them. */
int ip_range_block_index(const struct ip_range *r, int node_len, const struct ip_range *s, uint32_t *ret);

#endif
