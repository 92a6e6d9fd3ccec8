// SPDX-License-Identifier: GPL-2.0-or-later
/* host.c - see host.h */
#include "net/host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keelson.h>

#include "net/link.h"

/* /proc/sys/net is that of the caller's network namespace. */
static int set_sysctl(const char *path, const char *value, char **ret_msg)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err;

	if (fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value))
		return 0;
	err = -errno;
	if (ret_msg)
		*ret_msg = xasprintf("writing %s to %s: %s", value, path, strerror(-err));
	return err;
}

static int set_sysctls(const struct host_leg *h, char **ret_msg)
{
	int res;

	/* IPv6 has no reverse path filter here, and forwarding would end router advertisements on the uplink. */
	if (h->addr.len != 4)
		return 0;
	res = set_sysctl("/proc/sys/net/ipv4/ip_forward", "1", ret_msg);
	/* The larger of conf/all and conf/DEV counts: 2, loose, wins over a strict default. */
	if (res == 0)
		res = set_sysctl("/proc/sys/net/ipv4/conf/" HOST_LEG_NAME "/rp_filter", "2", ret_msg);
	return res;
}

/* Finds a leg that fits, takes away one that does not. 1: found. */
static int find_leg(struct link_sock *s, const struct host_leg *h, struct link_info *ret, char **ret_msg)
{
	int res = link_get(s, HOST_LEG_NAME, ret, ret_msg);

	if (res == -ENODEV) {
		if (ret_msg) {
			free(*ret_msg);
			*ret_msg = NULL;
		}
		return 0;
	}
	if (res < 0)
		return res;
	if (!streq(ret->kind, KEELSON_LINK_KIND) || ret->mode != KEELSON_LINK_HOST) {
		if (ret_msg)
			*ret_msg = xasprintf("%s is there already and is not keelson's host leg (ip link del %s)",
					     HOST_LEG_NAME, HOST_LEG_NAME);
		return -EEXIST;
	}
	res = link_addr_has(s, ret->ifindex, &h->addr, ret_msg);
	if (res != 0)
		return res;
	return link_delete(s, -1, ret->ifindex, ret_msg);
}

int host_leg_make(const struct host_leg *h, char **ret_msg)
{
	struct link_spec spec = {
		.name = HOST_LEG_NAME, .netns = -1, .mode = KEELSON_LINK_HOST, .mtu = h->mtu,
		.addrs = &h->addr, .n_addrs = 1,
	};
	_cleanup_link_ struct link_sock *s = NULL;
	struct link_info leg;
	int res;

	res = link_open(-1, &s, ret_msg);
	if (res < 0)
		return res;
	res = find_leg(s, h, &leg, ret_msg);
	if (res == 0) {
		res = link_create(s, &spec, ret_msg);
		if (res == 0)
			res = link_get(s, HOST_LEG_NAME, &leg, ret_msg);
	}
	if (res < 0)
		return res;
	if (h->addr.len == 4)
		link_no_ipv6_autoconf(s, leg.ifindex);
	res = set_sysctls(h, ret_msg);
	if (res == 0)
		res = link_addr_add(s, leg.ifindex, &h->addr, h->addr.len * 8, ret_msg);
	if (res == 0)
		res = link_set_up(s, leg.ifindex, ret_msg);
	for (size_t i = 0; res == 0 && i < h->n_routes; i++)
		res = link_route_set(s, &h->routes[i].addr, h->routes[i].len, leg.ifindex, &h->addr, ret_msg);
	return res;
}

int host_leg_remove(char **ret_msg)
{
	_cleanup_link_ struct link_sock *s = NULL;
	struct link_info leg;
	int res;

	res = link_open(-1, &s, ret_msg);
	if (res < 0)
		return res;
	res = link_get(s, HOST_LEG_NAME, &leg, NULL);
	if (res == -ENODEV || (res == 0 && !streq(leg.kind, KEELSON_LINK_KIND)))
		return 0;
	return link_delete(s, -1, leg.ifindex, ret_msg);
}
