// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan.c - see plan.h; nodes and routes
 *
 * Objects are walked in the order of their names, so that of two that claim
 * the same thing always the same one wins, whatever order a cache has.
 */
#include "net/plan.h"

#include <stdio.h>

#include "net/plan_internal.h"

void plan_problem(struct net_plan *p, const char *fmt, ...)
{
	va_list ap;

	p->problems = plan_grow(p->problems, p->n_problems, sizeof(*p->problems));
	va_start(ap, fmt);
	p->problems[p->n_problems++] = xvasprintf(fmt, ap);
	va_end(ap);
}

void *plan_grow(void *array, size_t n, size_t size)
{
	/* Doubles at powers of two. */
	return n & (n - 1) ? array : xrealloc(array, (n ? 2 * n : 1) * size);
}

/* --- nodes ---------------------------------------------------------------- */

static const char *name_of(const json *object)
{
	return json_str_or(json_get(object, "metadata", "name"), "(no name)");
}

static const char *annotation(const json *node, const char *key)
{
	return json_str(json_get(node, "metadata", "annotations", key));
}

static bool parse_ipv4(const char *text, struct net_addr *ret)
{
	return text && net_addr_parse(text, ret) == 0 && net_addr_is_unicast(ret);
}

static bool node_underlay(const json *node, struct net_addr *ret)
{
	const char *public_ip = annotation(node, ANNOTATION_PUBLIC_IP);

	if (public_ip)
		return parse_ipv4(public_ip, ret);
	json_each(a, json_get(node, "status", "addresses"))
		if (streq(json_str(json_get(a, "type")), "InternalIP") &&
		    parse_ipv4(json_str(json_get(a, "address")), ret))
			return true;
	return false;
}

static bool node_mac(const json *node, uint8_t ret[6])
{
	const char *text = annotation(node, ANNOTATION_BACKEND_DATA), *mac;
	_cleanup_json_ json *data = NULL;

	if (!text || json_parse(text, strlen(text), &data, NULL) < 0)
		return false;
	mac = json_str(json_get(data, "VtepMAC"));
	return mac && net_mac_parse(mac, ret) == 0;
}

static bool prefix_ipv4(const char *text, struct net_prefix *ret)
{
	return text && net_prefix_parse(text, &ret->addr, &ret->len) == 0 && ret->addr.len == 4;
}

/* The IPv4 one of spec.podCIDRs, or spec.podCIDR. */
static bool node_prefix(const json *node, struct net_prefix *ret)
{
	json_each(p, json_get(node, "spec", "podCIDRs"))
		if (prefix_ipv4(json_str(p), ret))
			return true;
	return prefix_ipv4(json_str(json_get(node, "spec", "podCIDR")), ret);
}

/* What one Node object says, if all of it is there. */
struct node_facts {
	struct net_addr vtep;
	uint8_t mac[6];
	struct net_prefix prefix;
};

static bool read_node(struct net_plan *p, const json *node, struct node_facts *ret)
{
	const char *name = name_of(node), *type = annotation(node, ANNOTATION_BACKEND_TYPE);

	if (type && strcmp(type, "vxlan") != 0)
		plan_problem(p, "node %s: its overlay is %s, not vxlan", name, type);
	else if (!node_prefix(node, &ret->prefix))
		plan_problem(p, "node %s: it has no IPv4 podCIDR yet", name);
	else if (!node_underlay(node, &ret->vtep))
		plan_problem(p, "node %s: it has no IPv4 address (annotation %s or an InternalIP)", name,
			     ANNOTATION_PUBLIC_IP);
	else if (!node_mac(node, ret->mac))
		plan_problem(p, "node %s: no VtepMAC in its annotation %s yet", name, ANNOTATION_BACKEND_DATA);
	else
		return true;
	return false;
}

static bool overlap(const struct net_prefix *a, const struct net_prefix *b)
{
	return a->len <= b->len ? net_prefix_contains(&a->addr, a->len, &b->addr) :
				  net_prefix_contains(&b->addr, b->len, &a->addr);
}

/* True, and a problem, if a node before this one has the same address or prefix. */
static bool conflicts(struct net_plan *p, const char *name, const struct node_facts *f,
		      const struct net_prefix *own)
{
	char text[NET_PREFIX_STRLEN];

	for (size_t i = 0; i < p->n_nodes; i++) {
		if (net_addr_equal(&p->nodes[i].vtep, &f->vtep)) {
			net_addr_format(&f->vtep, text);
			plan_problem(p, "node %s: another node has its address %s too", name, text);
			return true;
		}
	}
	for (size_t i = 0; i < p->n_routes; i++) {
		struct net_prefix other = { .addr = p->routes[i].prefix, .len = p->routes[i].prefix_len };

		if (overlap(&other, &f->prefix)) {
			net_prefix_format(&f->prefix.addr, f->prefix.len, text);
			plan_problem(p, "node %s: its podCIDR %s overlaps another node's", name, text);
			return true;
		}
	}
	if (own->addr.len && overlap(own, &f->prefix)) {
		net_prefix_format(&f->prefix.addr, f->prefix.len, text);
		plan_problem(p, "node %s: its podCIDR %s overlaps our own", name, text);
		return true;
	}
	return false;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(name_of(*(const json *const *)a), name_of(*(const json *const *)b));
}

static int by_vtep(const void *a, const void *b)
{
	return net_addr_cmp(&((const struct dp_node *)a)->vtep, &((const struct dp_node *)b)->vtep);
}

static int by_prefix(const void *a, const void *b)
{
	const struct dp_route *x = a, *y = b;
	int c = net_addr_cmp(&x->prefix, &y->prefix);

	return c ? c : x->prefix_len - y->prefix_len;
}

static void add_node(struct net_plan *p, const struct node_facts *f)
{
	struct dp_node *n;
	struct dp_route *r;

	p->nodes = plan_grow(p->nodes, p->n_nodes, sizeof(*p->nodes));
	n = &p->nodes[p->n_nodes++];
	*n = (struct dp_node){ .vtep = f->vtep };
	memcpy(n->mac, f->mac, 6);

	p->routes = plan_grow(p->routes, p->n_routes, sizeof(*p->routes));
	r = &p->routes[p->n_routes++];
	*r = (struct dp_route){ .prefix = f->prefix.addr, .prefix_len = f->prefix.len, .vtep = f->vtep };
}

static void plan_nodes(struct net_plan *p, const char *self, const json *const *nodes, size_t n)
{
	const json **sorted = xcalloc(n ? n : 1, sizeof(*sorted));
	struct net_prefix own = { 0 };

	memcpy(sorted, nodes, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_name);
	for (size_t i = 0; i < n; i++)
		if (streq(name_of(sorted[i]), self))
			node_prefix(sorted[i], &own);
	for (size_t i = 0; i < n; i++) {
		struct node_facts f;

		if (streq(name_of(sorted[i]), self) || !read_node(p, sorted[i], &f))
			continue;
		if (!conflicts(p, name_of(sorted[i]), &f, &own))
			add_node(p, &f);
	}
	free(sorted);
	if (p->n_nodes) {
		qsort(p->nodes, p->n_nodes, sizeof(*p->nodes), by_vtep);
		qsort(p->routes, p->n_routes, sizeof(*p->routes), by_prefix);
	}
}

/* --- the whole ------------------------------------------------------------ */

void net_plan_make(const char *self, const json *const *nodes, size_t n_nodes,
		   const json *const *services, size_t n_services,
		   const json *const *slices, size_t n_slices, struct net_plan *ret)
{
	struct net_plan p = { 0 };

	if (n_nodes)
		plan_nodes(&p, self, nodes, n_nodes);
	if (n_services)
		plan_services(&p, services, n_services, slices, n_slices);
	*ret = p;
}

void net_plan_free(struct net_plan *p)
{
	free(p->nodes);
	free(p->routes);
	for (size_t i = 0; i < p->n_services; i++)
		free(p->services[i].backends);
	free(p->services);
	for (size_t i = 0; i < p->n_problems; i++)
		free(p->problems[i]);
	free(p->problems);
	*p = (struct net_plan){ 0 };
}
