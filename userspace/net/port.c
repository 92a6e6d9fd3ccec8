// SPDX-License-Identifier: GPL-2.0-or-later
/* port.c - see port.h */
#include "net/port.h"

#include <errno.h>

/* The address as prefix of all addresses of its family. */
static struct net_addr any_of(const struct net_addr *a)
{
	return (struct net_addr){ .len = a->len };
}

static bool first_of_family(const struct port_spec *spec, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (spec->addrs[j].len == spec->addrs[i].len)
			return false;
	return true;
}

static bool has_ipv6(const struct port_spec *spec)
{
	for (size_t i = 0; i < spec->n_addrs; i++)
		if (spec->addrs[i].len == 16)
			return true;
	return false;
}

static int bring_up(struct link_sock *in, const struct port_spec *spec, struct link_info *ret, char **ret_msg)
{
	struct link_info lo;
	int res;

	res = link_get(in, "lo", &lo, ret_msg);
	if (res == 0 && !lo.up)
		res = link_set_up(in, lo.ifindex, ret_msg);
	if (res == 0)
		res = link_get(in, spec->ifname, ret, ret_msg);
	if (res == 0 && !has_ipv6(spec))
		link_no_ipv6_autoconf(in, ret->ifindex);
	for (size_t i = 0; res == 0 && i < spec->n_addrs; i++)
		res = link_addr_add(in, ret->ifindex, &spec->addrs[i], spec->addrs[i].len * 8, ret_msg);
	if (res == 0)
		res = link_set_up(in, ret->ifindex, ret_msg);
	for (size_t i = 0; res == 0 && spec->default_route && i < spec->n_addrs; i++) {
		struct net_addr any = any_of(&spec->addrs[i]);

		if (first_of_family(spec, i))
			res = link_route_set(in, &any, 0, ret->ifindex, &spec->addrs[i], ret_msg);
	}
	if (res == 0)
		res = link_get(in, spec->ifname, ret, ret_msg);
	return res;
}

int port_make(const struct port_spec *spec, struct link_info *ret, char **ret_msg)
{
	_cleanup_link_ struct link_sock *here = NULL, *in = NULL;
	struct link_spec link = {
		.name = spec->ifname, .netns = spec->netns, .mode = KEELSON_LINK_PORT,
		.mtu = spec->mtu, .addrs = spec->addrs, .n_addrs = spec->n_addrs,
	};
	struct link_info info;
	int res;

	res = link_open(-1, &here, ret_msg);
	if (res == 0)
		res = link_open(spec->netns, &in, ret_msg);
	if (res == 0)
		res = link_create(here, &link, ret_msg);
	if (res < 0)
		return res;
	res = bring_up(in, spec, &info, ret_msg);
	if (res < 0) {
		if (link_get(in, spec->ifname, &info, NULL) == 0)
			link_delete(in, -1, info.ifindex, NULL);
		return res;
	}
	*ret = info;
	return 0;
}

static int check_addr(struct link_sock *in, const struct port_spec *spec, size_t i, int ifindex, char **ret_msg)
{
	const struct net_addr *a = &spec->addrs[i];
	struct net_addr any = any_of(a);
	char text[INET6_ADDRSTRLEN];
	int has;

	net_addr_format(a, text);
	has = link_addr_has(in, ifindex, a, ret_msg);
	if (has < 0)
		return has;
	if (!has) {
		if (ret_msg)
			*ret_msg = xasprintf("%s does not have the address %s", spec->ifname, text);
		return -ENXIO;
	}
	if (!spec->default_route || !first_of_family(spec, i))
		return 0;
	has = link_route_has(in, &any, 0, ifindex, ret_msg);
	if (has < 0)
		return has;
	if (!has && ret_msg)
		*ret_msg = xasprintf("the default route does not go by %s", spec->ifname);
	return has ? 0 : -ENXIO;
}

int port_check(const struct port_spec *spec, struct link_info *ret, char **ret_msg)
{
	_cleanup_link_ struct link_sock *in = NULL;
	struct link_info info;
	int res;

	res = link_open(spec->netns, &in, ret_msg);
	if (res == 0)
		res = link_get(in, spec->ifname, &info, ret_msg);
	if (res < 0)
		return res;
	if (!streq(info.kind, KEELSON_LINK_KIND) || info.mode != KEELSON_LINK_PORT || !info.up) {
		if (ret_msg)
			*ret_msg = xasprintf("%s is %s", spec->ifname,
					     info.up ? "no keelson port" : "not up");
		return -ENXIO;
	}
	for (size_t i = 0; i < spec->n_addrs; i++) {
		res = check_addr(in, spec, i, info.ifindex, ret_msg);
		if (res < 0)
			return res;
	}
	*ret = info;
	return 0;
}
