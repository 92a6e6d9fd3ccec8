// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_net.c - see validate_net.h */
#include "api/meta/validate_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#define MSG_IP "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
#define MSG_CIDR "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
#define OCTET_MAX 255

/* --- reading --------------------------------------------------------------------- */

/* Four numbers with dots between them, zeros before them. */
static int parse_v4(const char *s, unsigned char out[4])
{
	for (int i = 0; i < 4; i++) {
		unsigned n = 0, digits = 0;

		for (; *s >= '0' && *s <= '9' && n <= OCTET_MAX; s++, digits++)
			n = n * 10 + (unsigned)(*s - '0');
		if (!digits || n > OCTET_MAX || *s != (i < 3 ? '.' : '\0'))
			return -EINVAL;
		out[i] = (unsigned char)n;
		s++;
	}
	return 0;
}

static bool is_mapped(const unsigned char a[16])
{
	static const unsigned char prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(a, prefix, sizeof(prefix));
}

/* The address as it is written: a mapped one stays IPv6. */
static int parse_as_written(const char *s, struct net_prefix *ret)
{
	struct net_prefix p = { .family = strchr(s, ':') ? 6 : 4 };

	p.len = p.family == 6 ? 128 : 32;
	if (p.family == 6 ? inet_pton(AF_INET6, s, p.addr) != 1 : parse_v4(s, p.addr))
		return -EINVAL;
	*ret = p;
	return 0;
}

int parse_ip_loosely(const char *s, struct net_prefix *ret)
{
	struct net_prefix p;

	if (parse_as_written(s, &p))
		return -EINVAL;
	if (p.family == 6 && is_mapped(p.addr)) {
		p = (struct net_prefix){ .family = 4, .len = 32,
					 .addr = { p.addr[12], p.addr[13], p.addr[14], p.addr[15] } };
	}
	*ret = p;
	return 0;
}

int parse_cidr_loosely(const char *s, struct net_prefix *ret)
{
	const char *slash = strchr(s, '/');
	_cleanup_free_ char *ip = slash ? xstrndup(s, (size_t)(slash - s)) : NULL;
	struct net_prefix p;
	const char *len;
	int64_t n;

	if (!slash || parse_as_written(ip, &p))
		return -EINVAL;
	for (len = slash + 1; len[0] == '0' && len[1]; len++)
		;
	if (*len < '0' || *len > '9' || parse_i64(len, 0, p.len, &n))
		return -EINVAL;
	p.len = (int)n;
	*ret = p;
	return 0;
}

int ip_family(const char *s)
{
	struct net_prefix p;

	return parse_ip_loosely(s, &p) ? 0 : p.family;
}

int cidr_family(const char *s)
{
	struct net_prefix p;

	return parse_cidr_loosely(s, &p) ? 0 : p.family;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, int n)
{
	int whole = n / 8, rest = n % 8;

	return !memcmp(a, b, (size_t)whole) && (!rest || !((a[whole] ^ b[whole]) >> (8 - rest)));
}

bool prefix_contains(const struct net_prefix *a, const struct net_prefix *b)
{
	return a->family == b->family && same_bits(a->addr, b->addr, a->len);
}

static void mask(struct net_prefix *p)
{
	for (int bit = p->len; bit < (p->family == 6 ? 128 : 32); bit++)
		p->addr[bit / 8] &= (unsigned char)~(0x80 >> (bit % 8));
}

/* --- writing --------------------------------------------------------------------- */

/* RFC 5952: lower case, the longest run of zero groups as "::", never a dotted end. */
static char *format_v6(const unsigned char a[16])
{
	int best = -1, best_len = 1;
	struct buf b = { 0 };

	for (int i = 0; i < 8; i++) {
		int n = 0;

		while (i + n < 8 && !a[2 * (i + n)] && !a[2 * (i + n) + 1])
			n++;
		if (n > best_len) {
			best = i;
			best_len = n;
		}
	}
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			buf_puts(&b, "::");
			i += best_len - 1;
			continue;
		}
		if (i && (best < 0 || i != best + best_len))
			buf_puts(&b, ":");
		buf_printf(&b, "%x", a[2 * i] << 8 | a[2 * i + 1]);
	}
	return buf_steal(&b);
}

static char *format_ip(const struct net_prefix *p)
{
	return p->family == 6 ? format_v6(p->addr) :
	       xasprintf("%d.%d.%d.%d", p->addr[0], p->addr[1], p->addr[2], p->addr[3]);
}

/* --- checks ---------------------------------------------------------------------- */

static bool has(const json *strings, const char *s)
{
	json_each(it, strings)
		if (streq(json_str(it), s))
			return true;
	return false;
}

/* "010.0.0.1" and "10.0.0.0/08" mean different things to different programs. */
static bool leading_zeros(const char *s)
{
	bool v6 = strchr(s, ':');
	const char *slash = strchr(s, '/');

	for (const char *p = v6 ? slash ? slash : s + strlen(s) : s; *p; p++) {
		bool start = p == s || p[-1] == '.' || p[-1] == '/';

		if (start && *p == '0' && p[1] >= '0' && p[1] <= '9')
			return true;
	}
	return false;
}

static bool refuse(const char *s, const char *path, struct field_errors *e, const char *why)
{
	field_invalid_str(e, path, s, why);
	return false;
}

bool validate_ip_of_old(const char *s, const json *was, const char *path, struct field_errors *e)
{
	struct net_prefix p;

	if (has(was, s))
		return true;
	if (parse_as_written(s, &p))
		return refuse(s, path, e, MSG_IP);
	if (leading_zeros(s))
		return refuse(s, path, e, "must not have leading 0s");
	if (p.family == 6 && is_mapped(p.addr))
		return refuse(s, path, e, "must not be an IPv4-mapped IPv6 address");
	return true;
}

bool validate_ip(const char *s, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *canonical = NULL, *why = NULL;
	struct net_prefix p;

	if (!validate_ip_of_old(s, NULL, path, e))
		return false;
	parse_as_written(s, &p);
	canonical = format_ip(&p);
	why = xasprintf("must be in canonical form (\"%s\")", canonical);
	return streq(s, canonical) || refuse(s, path, e, why);
}

bool validate_cidr_of_old(const char *s, const json *was, const char *path, struct field_errors *e)
{
	struct net_prefix p, masked;

	if (has(was, s))
		return true;
	if (parse_cidr_loosely(s, &p))
		return refuse(s, path, e, MSG_CIDR);
	masked = p;
	mask(&masked);
	if (leading_zeros(s))
		return refuse(s, path, e, "must not have leading 0s in IP or prefix length");
	if (p.family == 6 && is_mapped(p.addr))
		return refuse(s, path, e, "must not have an IPv4-mapped IPv6 address");
	if (memcmp(p.addr, masked.addr, sizeof(p.addr)))
		return refuse(s, path, e, "must not have bits set beyond the prefix length");
	return true;
}

bool validate_cidr(const char *s, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *ip = NULL, *canonical = NULL, *why = NULL;
	struct net_prefix p;

	if (!validate_cidr_of_old(s, NULL, path, e))
		return false;
	parse_cidr_loosely(s, &p);
	ip = format_ip(&p);
	canonical = xasprintf("%s/%d", ip, p.len);
	why = xasprintf("must be in canonical form (\"%s\")", canonical);
	return streq(s, canonical) || refuse(s, path, e, why);
}

static bool starts_with(const struct net_prefix *p, const char *cidr)
{
	struct net_prefix range;

	return !parse_cidr_loosely(cidr, &range) && prefix_contains(&range, p);
}

void validate_ordinary_ip(const char *s, const char *path, struct field_errors *e)
{
	static const unsigned char nothing[16];
	_cleanup_free_ char *why = xasprintf("may not be unspecified (%s)", s);
	struct net_prefix p;

	if (parse_ip_loosely(s, &p)) {
		refuse(s, path, e, "must be a valid IP address");
		return;
	}
	if (!memcmp(p.addr, nothing, sizeof(nothing)))
		refuse(s, path, e, why);
	if (starts_with(&p, "127.0.0.0/8") || starts_with(&p, "::1/128"))
		refuse(s, path, e, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
	if (starts_with(&p, "169.254.0.0/16") || starts_with(&p, "fe80::/10"))
		refuse(s, path, e, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
	if (starts_with(&p, "224.0.0.0/24") || starts_with(&p, "ff02::/16"))
		refuse(s, path, e, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
}

const char *invalid_ip_name(const char *s)
{
	static char why[128];
	_cleanup_field_errors_ struct field_errors e = { 0 };

	if (validate_ip(s, "", &e))
		return NULL;
	snprintf(why, sizeof(why), "%s", strstr(e.items[0].message, ": must") + 2);
	return why;
}
