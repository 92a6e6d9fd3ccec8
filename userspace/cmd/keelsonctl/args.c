// SPDX-License-Identifier: GPL-2.0-or-later
/* args.c - see args.h */
#include "cmd/keelsonctl/args.h"

#include <linux/if.h>

void args_free(struct args *a)
{
	free(a->error);
	a->error = NULL;
}

bool args_fail(struct args *a, const char *fmt, ...)
{
	va_list ap;

	if (a->error)
		return false;
	va_start(ap, fmt);
	a->error = xvasprintf(fmt, ap);
	va_end(ap);
	return false;
}

bool args_more(const struct args *a)
{
	return !a->error && a->next < a->n;
}

bool args_keyword(struct args *a, const char *keyword)
{
	if (!args_more(a) || !streq(a->words[a->next], keyword))
		return false;
	a->next++;
	return true;
}

bool args_word(struct args *a, const char *what, const char **ret)
{
	if (a->error)
		return false;
	if (a->next >= a->n) {
		args_fail(a, "%s is missing", what);
		return false;
	}
	*ret = a->words[a->next++];
	return true;
}

bool args_number(struct args *a, const char *what, int64_t min, int64_t max, int64_t *ret)
{
	const char *w;

	if (!args_word(a, what, &w))
		return false;
	if (parse_i64(w, min, max, ret) < 0)
		return args_fail(a, "%s: %s is no number from %lld to %lld", what, w, (long long)min,
				 (long long)max);
	return true;
}

bool args_addr(struct args *a, const char *what, struct net_addr *ret)
{
	const char *w;

	if (!args_word(a, what, &w))
		return false;
	if (net_addr_parse(w, ret) < 0)
		return args_fail(a, "%s: %s is no IP address", what, w);
	return true;
}

bool args_prefix(struct args *a, const char *what, struct net_prefix *ret)
{
	const char *w;

	if (!args_word(a, what, &w))
		return false;
	if (net_prefix_parse(w, &ret->addr, &ret->len) < 0)
		return args_fail(a, "%s: %s is no prefix such as 10.244.2.0/24 (host bits must be zero)", what, w);
	return true;
}

bool args_mac(struct args *a, const char *what, uint8_t ret[6])
{
	const char *w;

	if (!args_word(a, what, &w))
		return false;
	if (net_mac_parse(w, ret) < 0)
		return args_fail(a, "%s: %s is no Ethernet address", what, w);
	return true;
}

static bool args_endpoint(struct args *a, const char *what, struct net_addr *ret, uint16_t *ret_port)
{
	const char *w;

	if (!args_word(a, what, &w))
		return false;
	if (net_endpoint_parse(w, ret, ret_port) < 0)
		return args_fail(a, "%s: %s is not ADDRESS:PORT", what, w);
	return true;
}

bool args_vip(struct args *a, const char *what, struct net_addr *ret, uint16_t *ret_port, uint8_t *ret_proto)
{
	_cleanup_free_ char *endpoint = NULL;
	const char *w, *slash;

	if (!args_word(a, what, &w))
		return false;
	slash = strrchr(w, '/');
	*ret_proto = slash ? net_proto_parse(slash + 1) : 0;
	endpoint = slash ? xstrndup(w, slash - w) : NULL;
	if (!*ret_proto || net_endpoint_parse(endpoint, ret, ret_port) < 0)
		return args_fail(a, "%s: %s is not ADDRESS:PORT/tcp or ADDRESS:PORT/udp", what, w);
	return true;
}

bool args_end(struct args *a)
{
	if (args_more(a))
		args_fail(a, "'%s' is not understood here", a->words[a->next]);
	return !a->error;
}

/* "generation N", where a command may have it. */
static bool take_generation(struct args *a, uint32_t *ret)
{
	int64_t n;

	if (!args_keyword(a, "generation") || !args_number(a, "generation", 0, UINT32_MAX, &n))
		return false;
	*ret = n;
	return true;
}

bool args_overlay(struct args *a, struct overlay_args *ret)
{
	struct overlay_args o = { .overlay = { .vni = 1, .port = 8472 } };
	bool mac = false;
	const char *w;
	int64_t n;

	while (args_more(a)) {
		if (args_keyword(a, "vtep")) {
			args_addr(a, "vtep", &o.overlay.vtep);
		} else if (args_keyword(a, "dev")) {
			args_word(a, "dev", &o.dev);
		} else if (args_keyword(a, "mac")) {
			mac = args_mac(a, "mac", o.overlay.mac);
		} else if (args_keyword(a, "vni")) {
			if (args_number(a, "vni", 0, 0xffffff, &n))
				o.overlay.vni = n;
		} else if (args_keyword(a, "port")) {
			if (args_number(a, "port", 1, 65535, &n))
				o.overlay.port = n;
		} else if (args_keyword(a, "no-csum")) {
			o.overlay.flags |= KEELSON_OVERLAY_F_NO_UDP_CSUM;
		} else if (args_keyword(a, "rx")) {
			if (args_word(a, "rx", &w) && !streq(w, "socket"))
				args_fail(a, "rx: only 'socket' can be asked for");
			o.overlay.flags |= KEELSON_OVERLAY_F_RX_SOCKET;
		} else {
			args_end(a);
		}
	}
	if (!o.overlay.vtep.len)
		args_fail(a, "vtep ADDRESS is missing");
	if (!mac)
		args_fail(a, "mac ADDRESS is missing");
	if (a->error)
		return false;
	*ret = o;
	return true;
}

bool args_node(struct args *a, struct dp_node *ret, uint32_t *ret_generation)
{
	bool mac = false;

	args_addr(a, "the node's VTEP", &ret->vtep);
	while (args_more(a)) {
		if (args_keyword(a, "mac"))
			mac = args_mac(a, "mac", ret->mac);
		else if (!take_generation(a, ret_generation))
			args_end(a);
	}
	if (!mac)
		args_fail(a, "mac ADDRESS is missing");
	return !a->error;
}

bool args_route(struct args *a, struct dp_route *ret, uint32_t *ret_generation)
{
	struct net_prefix p = { 0 };
	bool via = false;

	args_prefix(a, "the route's PREFIX", &p);
	while (args_more(a)) {
		if (args_keyword(a, "via"))
			via = args_addr(a, "via", &ret->vtep);
		else if (!take_generation(a, ret_generation))
			args_end(a);
	}
	if (!via)
		args_fail(a, "via VTEP is missing");
	ret->prefix = p.addr;
	ret->prefix_len = p.len;
	return !a->error;
}

bool args_service(struct args *a, struct dp_service *ret, uint32_t *ret_generation)
{
	size_t cap = 0;

	*ret = (struct dp_service){ 0 };
	args_vip(a, "the service", &ret->addr, &ret->port, &ret->proto);
	while (args_more(a)) {
		if (args_keyword(a, "backend")) {
			struct dp_backend b = { .state = KEELSON_BACKEND_READY };

			if (!args_endpoint(a, "backend", &b.addr, &b.port))
				break;
			if (args_keyword(a, "draining"))
				b.state = KEELSON_BACKEND_DRAINING;
			if (ret->n_backends == cap) {
				cap = cap ? cap * 2 : 8;
				ret->backends = xrealloc(ret->backends, cap * sizeof(b));
			}
			ret->backends[ret->n_backends++] = b;
		} else if (!take_generation(a, ret_generation)) {
			args_end(a);
		}
	}
	return !a->error;
}

bool args_addr_list(struct args *a, struct net_addr *addrs, size_t max, size_t *n)
{
	struct net_addr addr;

	if (!args_addr(a, "addr", &addr))
		return false;
	do {
		if (*n == max)
			return args_fail(a, "more than %zu addresses", max);
		addrs[(*n)++] = addr;
		if (!args_more(a) || net_addr_parse(a->words[a->next], &addr) < 0)
			return !a->error;
		a->next++;
	} while (true);
}

bool args_port_add(struct args *a, struct port_args *ret)
{
	struct port_args p = { 0 };
	int64_t n;

	if (args_word(a, "the port's IFNAME", &p.ifname) &&
	    (!*p.ifname || strlen(p.ifname) >= IFNAMSIZ || strchr(p.ifname, '/')))
		args_fail(a, "%s is no interface name", p.ifname);
	while (args_more(a)) {
		if (args_keyword(a, "netns")) {
			args_word(a, "netns", &p.netns);
		} else if (args_keyword(a, "addr")) {
			args_addr_list(a, p.addrs, ARRAY_SIZE(p.addrs), &p.n_addrs);
		} else if (args_keyword(a, "mtu")) {
			if (args_number(a, "mtu", 68, 65535, &n))
				p.mtu = n;
		} else if (args_keyword(a, "no-route")) {
			p.no_route = true;
		} else {
			args_end(a);
		}
	}
	if (!p.n_addrs)
		args_fail(a, "addr ADDRESS is missing");
	if (a->error)
		return false;
	*ret = p;
	return true;
}
