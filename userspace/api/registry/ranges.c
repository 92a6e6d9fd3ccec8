// SPDX-License-Identifier: GPL-2.0-or-later
/* ranges.c - see ranges.h */
#include "api/registry/ranges.h"

#include <arpa/inet.h>
#include <errno.h>

static int width(int family)
{
	return family == AF_INET ? 32 : 128;
}

/* 2^bits, 0 for 2^128 */
static ip_num power(int bits)
{
	return bits >= 128 ? 0 : (ip_num)1 << bits;
}

int ip_parse(const char *s, int *ret_family, ip_num *ret)
{
	uint8_t b[16];
	int family = strchr(s, ':') ? AF_INET6 : AF_INET;
	ip_num n = 0;

	if (inet_pton(family, s, b) != 1)
		return -EINVAL;
	for (int i = 0; i < width(family) / 8; i++)
		n = n << 8 | b[i];
	*ret_family = family;
	*ret = n;
	return 0;
}

char *ip_format(int family, ip_num ip)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t b[16];

	for (int i = width(family) / 8 - 1; i >= 0; i--, ip >>= 8)
		b[i] = (uint8_t)ip;
	inet_ntop(family, b, text, sizeof(text));
	return xstrdup(text);
}

int ip_range_parse(const char *s, struct ip_range *ret)
{
	const char *slash = strchr(s, '/');
	_cleanup_free_ char *ip = slash ? xstrndup(s, (size_t)(slash - s)) : NULL;
	struct ip_range r;
	int64_t len;

	if (!ip || ip_parse(ip, &r.family, &r.base) || parse_i64(slash + 1, 0, width(r.family), &len))
		return -EINVAL;
	r.len = (int)len;
	r.base &= ~(power(width(r.family) - r.len) - 1);
	*ret = r;
	return 0;
}

char *ip_range_format(const struct ip_range *r)
{
	_cleanup_free_ char *ip = ip_format(r->family, r->base);

	return xasprintf("%s/%d", ip, r->len);
}

bool ip_range_contains(const struct ip_range *r, int family, ip_num ip)
{
	return family == r->family && (ip & ~(power(width(family) - r->len) - 1)) == r->base;
}

ip_num ip_range_last(const struct ip_range *r)
{
	ip_num last = power(width(r->family) - r->len) - 1;

	return r->family == AF_INET && last ? last - 1 : last;
}

#define DYNAMIC_MIN 16
#define DYNAMIC_MAX 256
#define DYNAMIC_SHARE 16

ip_num ip_range_dynamic(const struct ip_range *r)
{
	ip_num size = ip_range_last(r), band = size / DYNAMIC_SHARE;

	if (size < DYNAMIC_MIN)
		return 1;
	band = band < DYNAMIC_MIN ? DYNAMIC_MIN : band > DYNAMIC_MAX ? DYNAMIC_MAX : band;
	return band < size ? band + 1 : 1;
}

uint32_t ip_range_blocks(const struct ip_range *r, int node_len)
{
	int bits = node_len - r->len;

	if (bits < 0 || node_len > width(r->family))
		return 0;
	return bits > 31 ? UINT32_C(1) << 31 : UINT32_C(1) << bits;
}

struct ip_range ip_range_block(const struct ip_range *r, int node_len, uint32_t index)
{
	return (struct ip_range){
		.family = r->family,
		.base = r->base + (ip_num)index * power(width(r->family) - node_len),
		.len = node_len,
	};
}

int ip_range_block_index(const struct ip_range *r, int node_len, const struct ip_range *s, uint32_t *ret)
{
	ip_num index;

	if (s->len != node_len || !ip_range_contains(r, s->family, s->base))
		return -EINVAL;
	index = (s->base - r->base) >> (width(r->family) - node_len);
	if (index >= ip_range_blocks(r, node_len))
		return -EINVAL;
	*ret = (uint32_t)index;
	return 0;
}
