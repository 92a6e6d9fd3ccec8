// SPDX-License-Identifier: GPL-2.0-or-later
/* link.c - commands that make and remove devices: ports and the host leg */
#include <errno.h>
#include <stdio.h>

#include "cmd/keelsonctl/ctl.h"
#include "net/host.h"
#include "net/masq.h"
#include "net/netns.h"
#include "net/port.h"

#define MAX_PREFIXES 32

struct host_args {
	struct host_leg leg;
	struct net_prefix routes[MAX_PREFIXES];
	struct net_prefix masquerade[MASQ_MAX_FROM], except[MASQ_MAX_EXCEPT];
	size_t n_masquerade, n_except;
};

static bool add_prefix(struct args *a, const char *what, struct net_prefix *list, size_t *n, size_t max)
{
	if (*n == max)
		return args_fail(a, "%s: more than %zu prefixes", what, max);
	return args_prefix(a, what, &list[(*n)++]);
}

static bool read_host(struct args *a, struct host_args *h)
{
	int64_t n;

	while (args_more(a)) {
		if (args_keyword(a, "addr")) {
			args_addr(a, "addr", &h->leg.addr);
		} else if (args_keyword(a, "mtu")) {
			if (args_number(a, "mtu", 68, 65535, &n))
				h->leg.mtu = n;
		} else if (args_keyword(a, "to")) {
			add_prefix(a, "to", h->routes, &h->leg.n_routes, ARRAY_SIZE(h->routes));
		} else if (args_keyword(a, "masquerade")) {
			add_prefix(a, "masquerade", h->masquerade, &h->n_masquerade, ARRAY_SIZE(h->masquerade));
		} else if (args_keyword(a, "except")) {
			add_prefix(a, "except", h->except, &h->n_except, ARRAY_SIZE(h->except));
		} else {
			args_end(a);
		}
	}
	h->leg.routes = h->routes;
	if (!h->leg.addr.len)
		args_fail(a, "addr ADDRESS is missing");
	if (h->n_except && !h->n_masquerade)
		args_fail(a, "except PREFIX needs masquerade PREFIX");
	return !a->error;
}

int host_add(struct ctl *c, struct args *a, char **ret_msg)
{
	struct host_args h = { 0 };
	int res;

	if (!read_host(a, &h))
		return CTL_USAGE;
	res = host_leg_make(&h.leg, ret_msg);
	if (res == 0 && h.n_masquerade)
		res = masq_set(h.masquerade, h.n_masquerade, h.except, h.n_except, ret_msg);
	return res;
}

int host_del(struct ctl *c, struct args *a, char **ret_msg)
{
	int res;

	CTL_END_OR_USAGE(a);
	res = host_leg_remove(ret_msg);
	return res == 0 ? masq_remove(ret_msg) : res;
}

int port_add(struct ctl *c, struct args *a, char **ret_msg)
{
	_cleanup_close_ int netns = -1;
	struct port_spec spec;
	struct link_info info;
	struct port_args p;
	int res;

	if (!args_port_add(a, &p))
		return CTL_USAGE;
	if (p.netns) {
		res = netns_open(p.netns, &netns, ret_msg);
		if (res < 0)
			return res;
	}
	spec = (struct port_spec){
		.ifname = p.ifname, .netns = netns, .addrs = p.addrs, .n_addrs = p.n_addrs, .mtu = p.mtu,
		.default_route = p.netns && !p.no_route,
	};
	res = port_make(&spec, &info, ret_msg);
	if (res == 0 && c->json) {
		json *j = json_new_object();

		json_set_int(j, "id", info.port_id);
		json_set_str(j, "ifname", p.ifname);
		json_set_int(j, "ifindex", info.ifindex);
		ctl_print_json(j);
	}
	return res;
}

int port_set(struct ctl *c, struct args *a, char **ret_msg)
{
	struct net_addr addrs[KEELSON_MAX_PORT_ADDRS];
	int64_t id = 0;
	size_t n = 0;

	args_number(a, "the port's ID (see keelsonctl port show)", 1, UINT32_MAX, &id);
	if (!args_keyword(a, "addr"))
		args_fail(a, "addr ADDRESS is missing");
	args_addr_list(a, addrs, ARRAY_SIZE(addrs), &n);
	CTL_END_OR_USAGE(a);
	return keelson_nl_port_set(c->nl, id, addrs, n, ret_msg);
}

/* What "port del" was given, and the port that it fits. */
struct port_search {
	int64_t id;		/* 0: by address */
	struct net_addr addr;
	struct dp_port found;	/* id 0: none yet */
};

static void match_port(void *data, const struct dp_port *p)
{
	struct port_search *q = data;

	if (q->id) {
		if (p->id == q->id)
			q->found = *p;
		return;
	}
	for (size_t i = 0; i < p->n_addrs; i++)
		if (net_addr_equal(&p->addrs[i], &q->addr))
			q->found = *p;
}

static int delete_found(struct ctl *c, struct port_search *q, const char *what, char **ret_msg)
{
	_cleanup_link_ struct link_sock *s = NULL;
	int res = keelson_nl_port_dump(c->nl, match_port, q, ret_msg);

	if (res < 0)
		return res;
	if (!q->found.id) {
		*ret_msg = xasprintf("port del %s: there is none", what);
		return -ENOENT;
	}
	res = link_open(-1, &s, ret_msg);
	return res < 0 ? res : link_delete(s, q->found.netnsid, q->found.ifindex, ret_msg);
}

static int delete_named(const char *ifname, const char *spec, char **ret_msg)
{
	_cleanup_link_ struct link_sock *s = NULL;
	_cleanup_close_ int netns = -1;
	struct link_info info;
	int res = 0;

	if (spec)
		res = netns_open(spec, &netns, ret_msg);
	if (res == 0)
		res = link_open(netns, &s, ret_msg);
	if (res == 0)
		res = link_get(s, ifname, &info, ret_msg);
	if (res == 0 && !streq(info.kind, KEELSON_LINK_KIND)) {
		*ret_msg = xasprintf("port del %s: it is no keelson port", ifname);
		res = -EINVAL;
	}
	return res < 0 ? res : link_delete(s, -1, info.ifindex, ret_msg);
}

int port_del(struct ctl *c, struct args *a, char **ret_msg)
{
	const char *word = NULL, *netns = NULL;
	struct port_search q = { 0 };

	if (args_keyword(a, "addr")) {
		word = args_more(a) ? a->words[a->next] : NULL;
		args_addr(a, "addr", &q.addr);
		CTL_END_OR_USAGE(a);
		return delete_found(c, &q, word, ret_msg);
	}
	args_word(a, "the port's ID, addr ADDRESS or IFNAME", &word);
	if (args_keyword(a, "netns"))
		args_word(a, "netns", &netns);
	CTL_END_OR_USAGE(a);
	if (!netns && parse_i64(word, 1, UINT32_MAX, &q.id) == 0)
		return delete_found(c, &q, word, ret_msg);
	return delete_named(word, netns, ret_msg);
}
