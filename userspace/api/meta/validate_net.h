/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_net.h - addresses and prefixes in objects
 *
 * Kubernetes knows two kinds of fields: those of old, which take any way of
 * writing an address that says one thing only, and newer ones, which take
 * RFC 5952's. What an object holds already stays valid: `was` is an array of
 * strings, or NULL.
 */
#ifndef KEELSON_API_META_VALIDATE_NET_H
#define KEELSON_API_META_VALIDATE_NET_H

#include "api/meta/validate.h"

struct net_prefix {
	int family;		/* 4 or 6 */
	unsigned char addr[16];	/* network order; 4 or 16 bytes of it */
	int len;
};

/* An address, leading zeros allowed; an IPv4-mapped one is IPv4. -EINVAL */
int parse_ip_loosely(const char *s, struct net_prefix *ret);
/* "10.0.0.0/8", bits beyond the length allowed */
int parse_cidr_loosely(const char *s, struct net_prefix *ret);
/* 4, 6, or 0 where s is none. */
int ip_family(const char *s);
int cidr_family(const char *s);
/* Is the address of b in a? */
bool prefix_contains(const struct net_prefix *a, const struct net_prefix *b);

/* True if s is fit. */
bool validate_ip_of_old(const char *s, const json *was, const char *path, struct field_errors *e);
bool validate_cidr_of_old(const char *s, const json *was, const char *path, struct field_errors *e);
bool validate_ip(const char *s, const char *path, struct field_errors *e);
bool validate_cidr(const char *s, const char *path, struct field_errors *e);
/* No pod can have an unspecified, loopback or link-local address. */
void validate_ordinary_ip(const char *s, const char *path, struct field_errors *e);

#endif
