// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * show.c - what the module's tables hold, as columns or as JSON
 *
 * Each table has one printer that a dump calls per object; it fills either the
 * JSON array or the text table.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>

#include "cmd/keelsonctl/ctl.h"
#include "cmd/keelsonctl/table.h"
#include "net/host.h"
#include "net/link.h"

struct view {
	json *array;		/* -o json */
	struct table table;	/* otherwise */
	struct dp_service only;	/* service show VIP; addr.len 0: all */
	size_t n;
};

void ctl_print_json(json *j)
{
	_cleanup_free_ char *text = json_print(j);

	puts(text);
	cJSON_Delete(j);
}

static void view_end(struct view *v)
{
	if (v->array)
		ctl_print_json(v->array);
	else
		table_end(&v->table, stdout);
}

/* Drops what was collected: the dump failed. */
static void view_drop(struct view *v)
{
	cJSON_Delete(v->array);
	for (size_t i = 0; i < v->table.n_cells; i++)
		free(v->table.cells[i]);
	free(v->table.cells);
}

static int view_finish(struct view *v, int res)
{
	if (res < 0)
		view_drop(v);
	else
		view_end(v);
	return res;
}

static void set_addr(json *j, const char *key, const struct net_addr *a)
{
	char text[INET6_ADDRSTRLEN];

	net_addr_format(a, text);
	json_set_str(j, key, text);
}

/* The new object of the array. */
static json *add_object(struct view *v)
{
	json *j = json_new_object();

	json_append(v->array, j);
	return j;
}

/* --- nodes and routes ----------------------------------------------------- */

static void print_node(void *data, const struct dp_node *n, uint32_t generation)
{
	char vtep[INET6_ADDRSTRLEN], mac[NET_MAC_STRLEN];
	struct view *v = data;

	net_addr_format(&n->vtep, vtep);
	net_mac_format(n->mac, mac);
	if (v->array) {
		json *j = add_object(v);

		json_set_str(j, "vtep", vtep);
		json_set_str(j, "mac", mac);
		json_set_int(j, "generation", generation);
		return;
	}
	table_cell(&v->table, "%s", vtep);
	table_cell(&v->table, "%s", mac);
	table_cell(&v->table, "%u", generation);
}

int node_show(struct ctl *c, struct args *a, char **ret_msg)
{
	struct view v = { 0 };

	CTL_END_OR_USAGE(a);
	if (c->json)
		v.array = json_new_array();
	else
		table_begin(&v.table, 3, "VTEP", "MAC", "GENERATION");
	return view_finish(&v, keelson_nl_node_dump(c->nl, print_node, &v, ret_msg));
}

static void print_route(void *data, const struct dp_route *r, uint32_t generation)
{
	char prefix[NET_PREFIX_STRLEN], via[INET6_ADDRSTRLEN];
	struct view *v = data;

	net_prefix_format(&r->prefix, r->prefix_len, prefix);
	net_addr_format(&r->vtep, via);
	if (v->array) {
		json *j = add_object(v);

		json_set_str(j, "prefix", prefix);
		json_set_str(j, "via", via);
		json_set_int(j, "generation", generation);
		return;
	}
	table_cell(&v->table, "%s", prefix);
	table_cell(&v->table, "%s", via);
	table_cell(&v->table, "%u", generation);
}

int route_show(struct ctl *c, struct args *a, char **ret_msg)
{
	struct view v = { 0 };

	CTL_END_OR_USAGE(a);
	if (c->json)
		v.array = json_new_array();
	else
		table_begin(&v.table, 3, "PREFIX", "VIA", "GENERATION");
	return view_finish(&v, keelson_nl_route_dump(c->nl, print_route, &v, ret_msg));
}

/* --- ports ---------------------------------------------------------------- */

static json *port_json(const struct dp_port *p)
{
	json *j = json_new_object(), *addrs = json_new_array();
	char text[INET6_ADDRSTRLEN];

	json_set_int(j, "id", p->id);
	json_set_str(j, "ifname", p->ifname);
	json_set_int(j, "ifindex", p->ifindex);
	if (p->netnsid >= 0)
		json_set_int(j, "netnsid", p->netnsid);
	json_set_str(j, "mode", p->mode == KEELSON_LINK_HOST ? "host" : "port");
	for (size_t i = 0; i < p->n_addrs; i++) {
		net_addr_format(&p->addrs[i], text);
		json_append(addrs, json_new_str(text));
	}
	json_set(j, "addresses", addrs);
	return j;
}

static void print_port(void *data, const struct dp_port *p)
{
	_cleanup_(buf_free) struct buf addrs = { 0 };
	char text[INET6_ADDRSTRLEN];
	struct view *v = data;

	if (v->array) {
		json_append(v->array, port_json(p));
		return;
	}
	for (size_t i = 0; i < p->n_addrs; i++) {
		net_addr_format(&p->addrs[i], text);
		buf_printf(&addrs, "%s%s", i ? " " : "", text);
	}
	table_cell(&v->table, "%u", p->id);
	table_cell(&v->table, "%s", p->ifname);
	if (p->netnsid >= 0)
		table_cell(&v->table, "%d", p->netnsid);
	else
		table_cell(&v->table, "own");
	table_cell(&v->table, "%s", p->mode == KEELSON_LINK_HOST ? "host" : "port");
	table_cell(&v->table, "%s", addrs.len ? addrs.data : "-");
}

int port_show(struct ctl *c, struct args *a, char **ret_msg)
{
	struct view v = { 0 };

	CTL_END_OR_USAGE(a);
	if (c->json)
		v.array = json_new_array();
	else
		table_begin(&v.table, 5, "ID", "IFNAME", "NETNSID", "MODE", "ADDRESSES");
	return view_finish(&v, keelson_nl_port_dump(c->nl, print_port, &v, ret_msg));
}

static void print_host(void *data, const struct dp_port *p)
{
	if (p->mode == KEELSON_LINK_HOST)
		print_port(data, p);
}

int host_show(struct ctl *c, struct args *a, char **ret_msg)
{
	struct view v = { 0 };

	CTL_END_OR_USAGE(a);
	if (c->json)
		v.array = json_new_array();
	else
		table_begin(&v.table, 5, "ID", "IFNAME", "NETNSID", "MODE", "ADDRESSES");
	return view_finish(&v, keelson_nl_port_dump(c->nl, print_host, &v, ret_msg));
}

/* --- services and flows --------------------------------------------------- */

static const char *backend_state(uint8_t state)
{
	return state == KEELSON_BACKEND_READY ? "ready" : state == KEELSON_BACKEND_DRAINING ? "draining" : "?";
}

static void service_json(struct view *v, const struct dp_service *s, uint32_t generation)
{
	json *j = add_object(v), *backends = json_new_array();

	set_addr(j, "address", &s->addr);
	json_set_int(j, "port", s->port);
	json_set_str(j, "protocol", net_proto_name(s->proto));
	json_set_int(j, "flags", s->flags);
	json_set_int(j, "generation", generation);
	for (size_t i = 0; i < s->n_backends; i++) {
		json *b = json_new_object();

		set_addr(b, "address", &s->backends[i].addr);
		json_set_int(b, "port", s->backends[i].port);
		json_set_str(b, "state", backend_state(s->backends[i].state));
		json_append(backends, b);
	}
	json_set(j, "backends", backends);
}

/* One row a backend; the first carries the service. */
static void service_rows(struct table *t, const struct dp_service *s, uint32_t generation)
{
	char text[NET_ENDPOINT_STRLEN];

	net_endpoint_format(&s->addr, s->port, text);
	table_cell(t, "%s/%s", text, net_proto_name(s->proto));
	table_cell(t, "%u", generation);
	for (size_t i = 0; i < s->n_backends; i++) {
		if (i) {
			table_cell(t, "%s", "");
			table_cell(t, "%s", "");
		}
		net_endpoint_format(&s->backends[i].addr, s->backends[i].port, text);
		table_cell(t, "%s", text);
		table_cell(t, "%s", backend_state(s->backends[i].state));
	}
	if (!s->n_backends) {
		table_cell(t, "none");
		table_cell(t, "-");
	}
}

static void print_service(void *data, const struct dp_service *s, uint32_t generation)
{
	struct view *v = data;

	if (v->only.addr.len && (!net_addr_equal(&v->only.addr, &s->addr) || v->only.port != s->port ||
				 v->only.proto != s->proto))
		return;
	v->n++;
	if (v->array)
		service_json(v, s, generation);
	else
		service_rows(&v->table, s, generation);
}

int service_show(struct ctl *c, struct args *a, char **ret_msg)
{
	struct view v = { 0 };
	int res;

	if (args_more(a))
		args_vip(a, "the service", &v.only.addr, &v.only.port, &v.only.proto);
	CTL_END_OR_USAGE(a);
	if (c->json)
		v.array = json_new_array();
	else
		table_begin(&v.table, 4, "SERVICE", "GENERATION", "BACKEND", "STATE");
	res = keelson_nl_service_dump(c->nl, print_service, &v, ret_msg);
	if (res == 0 && v.only.addr.len && !v.n) {
		char text[NET_ENDPOINT_STRLEN];

		net_endpoint_format(&v.only.addr, v.only.port, text);
		*ret_msg = xasprintf("service show %s/%s: there is none", text, net_proto_name(v.only.proto));
		res = -ENOENT;
	}
	return view_finish(&v, res);
}

static const char *flow_state(uint8_t state)
{
	return state == KEELSON_FLOW_NEW	 ? "new" :
	       state == KEELSON_FLOW_ESTABLISHED ? "established" :
	       state == KEELSON_FLOW_CLOSING	 ? "closing" : "?";
}

static void print_flow(void *data, const struct dp_flow *f)
{
	char text[NET_ENDPOINT_STRLEN];
	struct view *v = data;

	if (v->array) {
		json *j = add_object(v);

		json_set_str(j, "protocol", net_proto_name(f->proto));
		json_set_str(j, "state", flow_state(f->state));
		set_addr(j, "client", &f->src);
		json_set_int(j, "clientPort", f->src_port);
		set_addr(j, "vip", &f->dst);
		json_set_int(j, "vipPort", f->dst_port);
		set_addr(j, "backend", &f->backend);
		json_set_int(j, "backendPort", f->backend_port);
		json_set_int(j, "idleMs", f->idle_ms);
		return;
	}
	table_cell(&v->table, "%s", net_proto_name(f->proto));
	net_endpoint_format(&f->src, f->src_port, text);
	table_cell(&v->table, "%s", text);
	net_endpoint_format(&f->dst, f->dst_port, text);
	table_cell(&v->table, "%s", text);
	net_endpoint_format(&f->backend, f->backend_port, text);
	table_cell(&v->table, "%s", text);
	table_cell(&v->table, "%s", flow_state(f->state));
	table_cell(&v->table, "%u.%us", f->idle_ms / 1000, f->idle_ms % 1000 / 100);
}

int flow_show(struct ctl *c, struct args *a, char **ret_msg)
{
	struct view v = { 0 };

	CTL_END_OR_USAGE(a);
	if (c->json)
		v.array = json_new_array();
	else
		table_begin(&v.table, 6, "PROTO", "CLIENT", "VIP", "BACKEND", "STATE", "IDLE");
	return view_finish(&v, keelson_nl_flow_dump(c->nl, print_flow, &v, ret_msg));
}

/* --- overlay and status --------------------------------------------------- */

static const char *rx_mode(uint8_t mode)
{
	return mode == KEELSON_RX_SOCKET ? "socket" : mode == KEELSON_RX_HANDLER ? "handler" : "none";
}

static json *overlay_json(const struct dp_overlay *o)
{
	json *j = json_new_object(), *flags = json_new_array();
	char mac[NET_MAC_STRLEN], dev[IF_NAMESIZE];

	set_addr(j, "vtep", &o->vtep);
	net_mac_format(o->mac, mac);
	json_set_str(j, "mac", mac);
	json_set_int(j, "vni", o->vni);
	json_set_int(j, "port", o->port);
	json_set_str(j, "uplink", if_indextoname(o->uplink, dev));
	if (o->flags & KEELSON_OVERLAY_F_NO_UDP_CSUM)
		json_append(flags, json_new_str("no-csum"));
	if (o->flags & KEELSON_OVERLAY_F_RX_SOCKET)
		json_append(flags, json_new_str("rx-socket"));
	json_set(j, "flags", flags);
	json_set_str(j, "rxMode", rx_mode(o->rx_mode));
	json_set_int(j, "mtu", o->mtu);
	return j;
}

/* As "overlay set" takes it, with what the module found added. */
static char *overlay_text(const struct dp_overlay *o)
{
	char vtep[INET6_ADDRSTRLEN], mac[NET_MAC_STRLEN], dev[IF_NAMESIZE];
	bool has_dev = if_indextoname(o->uplink, dev);

	net_addr_format(&o->vtep, vtep);
	net_mac_format(o->mac, mac);
	return xasprintf("vtep %s%s%s mac %s vni %u port %u%s rx %s mtu %u", vtep, has_dev ? " dev " : "",
			 has_dev ? dev : "", mac, o->vni, o->port,
			 o->flags & KEELSON_OVERLAY_F_NO_UDP_CSUM ? " no-csum" : "", rx_mode(o->rx_mode), o->mtu);
}

int overlay_show(struct ctl *c, struct args *a, char **ret_msg)
{
	struct dp_overlay o;
	int res;

	CTL_END_OR_USAGE(a);
	res = keelson_nl_overlay_get(c->nl, &o, ret_msg);
	if (res < 0)
		return res;
	if (c->json) {
		ctl_print_json(overlay_json(&o));
	} else {
		_cleanup_free_ char *text = overlay_text(&o);

		puts(text);
	}
	return 0;
}

struct counts {
	size_t nodes, routes, ports, services, backends, flows;
	struct dp_port host;	/* id 0: none */
};

static void count_node(void *data, const struct dp_node *n, uint32_t generation)
{
	((struct counts *)data)->nodes++;
}

static void count_route(void *data, const struct dp_route *r, uint32_t generation)
{
	((struct counts *)data)->routes++;
}

static void count_port(void *data, const struct dp_port *p)
{
	struct counts *n = data;

	if (p->mode == KEELSON_LINK_HOST)
		n->host = *p;
	else
		n->ports++;
}

static void count_service(void *data, const struct dp_service *s, uint32_t generation)
{
	((struct counts *)data)->services++;
	((struct counts *)data)->backends += s->n_backends;
}

static void count_flow(void *data, const struct dp_flow *f)
{
	((struct counts *)data)->flows++;
}

static int count_all(struct ctl *c, struct counts *n, char **ret_msg)
{
	int res = keelson_nl_node_dump(c->nl, count_node, n, ret_msg);

	if (res == 0)
		res = keelson_nl_route_dump(c->nl, count_route, n, ret_msg);
	if (res == 0)
		res = keelson_nl_port_dump(c->nl, count_port, n, ret_msg);
	if (res == 0)
		res = keelson_nl_service_dump(c->nl, count_service, n, ret_msg);
	if (res == 0)
		res = keelson_nl_flow_dump(c->nl, count_flow, n, ret_msg);
	return res;
}

static void status_json(const struct dp_overlay *o, const struct counts *n)
{
	json *j = json_new_object();

	json_set_bool(j, "loaded", true);
	json_set(j, "overlay", o ? overlay_json(o) : json_new_null());
	json_set(j, "host", n->host.id ? port_json(&n->host) : json_new_null());
	json_set_int(j, "nodes", n->nodes);
	json_set_int(j, "routes", n->routes);
	json_set_int(j, "ports", n->ports);
	json_set_int(j, "services", n->services);
	json_set_int(j, "backends", n->backends);
	json_set_int(j, "flows", n->flows);
	ctl_print_json(j);
}

static void status_text(const struct dp_overlay *o, const struct counts *n)
{
	_cleanup_free_ char *overlay = o ? overlay_text(o) : xstrdup("none");
	char addr[INET6_ADDRSTRLEN] = "";

	if (n->host.n_addrs)
		net_addr_format(&n->host.addrs[0], addr);
	printf("module    loaded\n");
	printf("overlay   %s\n", overlay);
	printf("host leg  %s %s\n", n->host.id ? n->host.ifname : "none", addr);
	printf("nodes     %zu\nroutes    %zu\nports     %zu\n", n->nodes, n->routes, n->ports);
	printf("services  %zu (%zu backends)\nflows     %zu\n", n->services, n->backends, n->flows);
}

int status_show(struct ctl *c, struct args *a, char **ret_msg)
{
	struct counts n = { 0 };
	struct dp_overlay o;
	bool has_overlay;
	int res;

	CTL_END_OR_USAGE(a);
	res = keelson_nl_overlay_get(c->nl, &o, ret_msg);
	has_overlay = res == 0;
	if (res == -ENOENT) {
		free(*ret_msg);
		*ret_msg = NULL;
		res = 0;
	}
	if (res == 0)
		res = count_all(c, &n, ret_msg);
	if (res < 0)
		return res;
	if (c->json)
		status_json(has_overlay ? &o : NULL, &n);
	else
		status_text(has_overlay ? &o : NULL, &n);
	return 0;
}
