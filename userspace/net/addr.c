// SPDX-License-Identifier: GPL-2.0-or-later
/* addr.c - see addr.h */
#include "net/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <strings.h>

int net_addr_parse(const char *s, struct net_addr *ret)
{
	struct net_addr a = { 0 };

	if (inet_pton(AF_INET, s, a.bytes) == 1)
		a.len = 4;
	else if (inet_pton(AF_INET6, s, a.bytes) == 1)
		a.len = 16;
	else
		return -EINVAL;
	*ret = a;
	return 0;
}

void net_addr_format(const struct net_addr *a, char *out)
{
	if (a->len != 4 && a->len != 16)
		strcpy(out, "none");
	else
		inet_ntop(a->len == 4 ? AF_INET : AF_INET6, a->bytes, out, INET6_ADDRSTRLEN);
}

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
	return net_addr_cmp(a, b) == 0;
}

bool net_addr_is_unicast(const struct net_addr *a)
{
	return a->len == 4 && a->bytes[0] != 0 && a->bytes[0] != 127 && a->bytes[0] >> 4 != 0xe &&
	       memcmp(a->bytes, "\xff\xff\xff\xff", 4) != 0;
}

int net_addr_cmp(const struct net_addr *a, const struct net_addr *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->len);
}

/* True if every bit of a from bit `from` on is zero. */
static bool bits_zero_from(const struct net_addr *a, unsigned from)
{
	for (unsigned bit = from; bit < a->len * 8u; bit++)
		if (a->bytes[bit / 8] & (0x80 >> (bit % 8)))
			return false;
	return true;
}

int net_prefix_parse(const char *s, struct net_addr *ret, uint8_t *ret_len)
{
	const char *slash = strchr(s, '/');
	char text[INET6_ADDRSTRLEN];
	struct net_addr a;
	int64_t len;

	if (!slash || (size_t)(slash - s) >= sizeof(text))
		return -EINVAL;
	memcpy(text, s, slash - s);
	text[slash - s] = '\0';
	if (net_addr_parse(text, &a) < 0 || parse_i64(slash + 1, 0, a.len * 8, &len) < 0)
		return -EINVAL;
	if (!bits_zero_from(&a, len))
		return -EINVAL;
	*ret = a;
	*ret_len = len;
	return 0;
}

void net_prefix_format(const struct net_addr *prefix, uint8_t len, char *out)
{
	char text[INET6_ADDRSTRLEN];

	net_addr_format(prefix, text);
	snprintf(out, NET_PREFIX_STRLEN, "%s/%u", text, len);
}

bool net_prefix_contains(const struct net_addr *prefix, uint8_t len, const struct net_addr *a)
{
	if (a->len != prefix->len)
		return false;
	for (unsigned bit = 0; bit < len; bit++) {
		uint8_t mask = 0x80 >> (bit % 8);

		if ((a->bytes[bit / 8] ^ prefix->bytes[bit / 8]) & mask)
			return false;
	}
	return true;
}

static uint32_t low32(const struct net_addr *a)
{
	uint32_t v;

	memcpy(&v, a->bytes + a->len - 4, 4);
	return ntohl(v);
}

int net_prefix_nth(const struct net_addr *prefix, uint8_t len, uint32_t n, struct net_addr *ret)
{
	unsigned host_bits = prefix->len * 8u - len;
	uint32_t v;

	if (host_bits < 32 && n >> host_bits)
		return -ERANGE;
	v = htonl(low32(prefix) + n);
	*ret = *prefix;
	memcpy(ret->bytes + ret->len - 4, &v, 4);
	return 0;
}

uint32_t net_prefix_offset(const struct net_addr *prefix, uint8_t len, const struct net_addr *a)
{
	return low32(a) - low32(prefix);
}

int net_mac_parse(const char *s, uint8_t ret[6])
{
	unsigned b[6];
	int used = 0;

	if (strlen(s) != NET_MAC_STRLEN - 1 || strspn(s, "0123456789abcdefABCDEF:") != NET_MAC_STRLEN - 1)
		return -EINVAL;
	if (sscanf(s, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &used) != 6 ||
	    used != NET_MAC_STRLEN - 1)
		return -EINVAL;
	for (int i = 0; i < 6; i++)
		ret[i] = b[i];
	return 0;
}

void net_mac_format(const uint8_t mac[6], char *out)
{
	snprintf(out, NET_MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
}

int net_endpoint_parse(const char *s, struct net_addr *ret, uint16_t *ret_port)
{
	const char *colon = strrchr(s, ':'), *from = s, *to = colon;
	char text[INET6_ADDRSTRLEN];
	struct net_addr a;
	int64_t port;

	if (!colon || colon == s)
		return -EINVAL;
	if (*s == '[') {
		from = s + 1;
		to = colon - 1;
		if (to < from || *to != ']')
			return -EINVAL;
	}
	if ((size_t)(to - from) >= sizeof(text))
		return -EINVAL;
	memcpy(text, from, to - from);
	text[to - from] = '\0';
	if (net_addr_parse(text, &a) < 0 || parse_i64(colon + 1, 1, 65535, &port) < 0)
		return -EINVAL;
	if ((a.len == 16) != (*s == '['))
		return -EINVAL;
	*ret = a;
	*ret_port = port;
	return 0;
}

void net_endpoint_format(const struct net_addr *a, uint16_t port, char *out)
{
	char text[INET6_ADDRSTRLEN];

	net_addr_format(a, text);
	snprintf(out, NET_ENDPOINT_STRLEN, a->len == 16 ? "[%s]:%u" : "%s:%u", text, port);
}

uint8_t net_proto_parse(const char *s)
{
	if (strcasecmp(s, "tcp") == 0)
		return IPPROTO_TCP;
	if (strcasecmp(s, "udp") == 0)
		return IPPROTO_UDP;
	return 0;
}

const char *net_proto_name(uint8_t proto)
{
	return proto == IPPROTO_TCP ? "tcp" : proto == IPPROTO_UDP ? "udp" : "?";
}
