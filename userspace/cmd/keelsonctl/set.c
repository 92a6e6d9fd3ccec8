// SPDX-License-Identifier: GPL-2.0-or-later
/* set.c - commands that put objects into the module's tables and take them out */
#include <errno.h>
#include <net/if.h>

#include "cmd/keelsonctl/ctl.h"

int overlay_set(struct ctl *c, struct args *a, char **ret_msg)
{
	struct overlay_args o;

	if (!args_overlay(a, &o))
		return CTL_USAGE;
	if (o.dev) {
		o.overlay.uplink = if_nametoindex(o.dev);
		if (!o.overlay.uplink) {
			*ret_msg = xasprintf("overlay set: there is no device %s in this namespace", o.dev);
			return -ENODEV;
		}
	}
	return keelson_nl_overlay_set(c->nl, &o.overlay, ret_msg);
}

int overlay_del(struct ctl *c, struct args *a, char **ret_msg)
{
	CTL_END_OR_USAGE(a);
	return keelson_nl_overlay_del(c->nl, ret_msg);
}

int node_set(struct ctl *c, struct args *a, char **ret_msg)
{
	struct dp_node n = { 0 };
	uint32_t generation = 0;

	if (!args_node(a, &n, &generation))
		return CTL_USAGE;
	return keelson_nl_node_set(c->nl, &n, generation, ret_msg);
}

int node_del(struct ctl *c, struct args *a, char **ret_msg)
{
	struct net_addr vtep;

	args_addr(a, "the node's VTEP", &vtep);
	CTL_END_OR_USAGE(a);
	return keelson_nl_node_del(c->nl, &vtep, ret_msg);
}

int route_set(struct ctl *c, struct args *a, char **ret_msg)
{
	struct dp_route r = { 0 };
	uint32_t generation = 0;

	if (!args_route(a, &r, &generation))
		return CTL_USAGE;
	return keelson_nl_route_set(c->nl, &r, generation, ret_msg);
}

int route_del(struct ctl *c, struct args *a, char **ret_msg)
{
	struct net_prefix p;

	args_prefix(a, "the route's PREFIX", &p);
	CTL_END_OR_USAGE(a);
	return keelson_nl_route_del(c->nl, &p.addr, p.len, ret_msg);
}

int service_set(struct ctl *c, struct args *a, char **ret_msg)
{
	struct dp_service s;
	uint32_t generation = 0;
	int res = CTL_USAGE;

	if (args_service(a, &s, &generation))
		res = keelson_nl_service_set(c->nl, &s, generation, ret_msg);
	free(s.backends);
	return res;
}

int service_del(struct ctl *c, struct args *a, char **ret_msg)
{
	struct dp_service s;

	args_vip(a, "the service", &s.addr, &s.port, &s.proto);
	CTL_END_OR_USAGE(a);
	return keelson_nl_service_del(c->nl, &s.addr, s.port, s.proto, ret_msg);
}

int flow_flush(struct ctl *c, struct args *a, char **ret_msg)
{
	struct dp_service s = { 0 };
	bool one = args_keyword(a, "service");

	if (one)
		args_vip(a, "the service", &s.addr, &s.port, &s.proto);
	CTL_END_OR_USAGE(a);
	return keelson_nl_flow_flush(c->nl, one ? &s : NULL, ret_msg);
}

int sweep(struct ctl *c, struct args *a, char **ret_msg)
{
	enum keelson_kind kind = KEELSON_KIND_NODE;
	int64_t generation = 0;
	const char *w;

	if (args_word(a, "node, route or service", &w)) {
		if (streq(w, "route"))
			kind = KEELSON_KIND_ROUTE;
		else if (streq(w, "service"))
			kind = KEELSON_KIND_SERVICE;
		else if (!streq(w, "node"))
			args_fail(a, "%s is not node, route or service", w);
	}
	if (!args_keyword(a, "generation"))
		args_fail(a, "generation N is missing");
	args_number(a, "generation", 0, UINT32_MAX, &generation);
	CTL_END_OR_USAGE(a);
	return keelson_nl_sweep(c->nl, kind, generation, ret_msg);
}
