// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * apply.c - see apply.h
 *
 * Order matters: a node is there before the route that names it, a route
 * before the services whose backends it reaches; what goes, goes after that
 * and the other way round, when nothing names it any more.
 */
#include "net/apply.h"

#include <errno.h>
#include <stdio.h>

#include "net/host.h"
#include "net/link.h"
#include "net/masq.h"
#include "net/plan_internal.h"

/* --- the node ------------------------------------------------------------- */

static int read_prefix(const char *what, const char *text, struct net_prefix *ret, char **ret_msg)
{
	if (text && net_prefix_parse(text, &ret->addr, &ret->len) == 0)
		return 0;
	if (ret_msg)
		*ret_msg = xasprintf("%s %s is no prefix", what, text ? text : "(absent)");
	return -EINVAL;
}

static bool overlay_equal(const struct dp_overlay *a, const struct dp_overlay *b)
{
	return net_addr_equal(&a->vtep, &b->vtep) && memcmp(a->mac, b->mac, 6) == 0 && a->vni == b->vni &&
	       a->port == b->port && a->uplink == b->uplink && a->flags == b->flags;
}

static int uplink_of(const struct net_addr *vtep, uint32_t *ret_ifindex, char **ret_msg)
{
	_cleanup_link_ struct link_sock *s = NULL;
	int res = link_open(-1, &s, ret_msg);

	if (res == 0)
		res = link_with_addr(s, vtep, ret_msg);
	if (res < 0)
		return res;
	*ret_ifindex = res;
	return 0;
}

/* Sets the overlay unless it is as wanted: setting it anew would drop packets under way. */
static int ensure_overlay(struct keelson_nl *nl, const struct node_net *n, struct dp_overlay *ret, char **ret_msg)
{
	struct dp_overlay want = { .vtep = n->vtep, .vni = n->vni, .port = n->overlay_port }, have;
	int res;

	memcpy(want.mac, n->vtep_mac, 6);
	res = uplink_of(&n->vtep, &want.uplink, ret_msg);
	if (res < 0)
		return res;
	if (keelson_nl_overlay_get(nl, &have, NULL) == 0 && overlay_equal(&want, &have)) {
		*ret = have;
		return 0;
	}
	res = keelson_nl_overlay_set(nl, &want, ret_msg);
	return res == 0 ? keelson_nl_overlay_get(nl, ret, ret_msg) : res;
}

int net_apply_node(struct keelson_nl *nl, const struct node_net *n, char **ret_msg)
{
	struct net_prefix from[2], routes[2];	/* pods and VIPs of this node; of all */
	struct dp_overlay overlay;
	struct host_leg leg = { .routes = routes, .n_routes = ARRAY_SIZE(routes) };
	int res;

	res = read_prefix("pod CIDR", n->pod_cidr, &from[0], ret_msg);
	if (res == 0)
		res = read_prefix("cluster CIDR", n->cluster_cidr, &routes[0], ret_msg);
	if (res == 0)
		res = read_prefix("service CIDR", n->service_cidr, &routes[1], ret_msg);
	if (res < 0)
		return res;
	/* A VIP is the source of what a process of the node sends to a backend that is no pod. */
	from[1] = routes[1];
	if (net_prefix_nth(&from[0].addr, from[0].len, 1, &leg.addr) < 0) {
		if (ret_msg)
			*ret_msg = xasprintf("pod CIDR %s has no room for pods", n->pod_cidr);
		return -EINVAL;
	}
	res = ensure_overlay(nl, n, &overlay, ret_msg);
	if (res == 0) {
		leg.mtu = overlay.mtu;
		res = host_leg_make(&leg, ret_msg);
	}
	if (res == 0)
		res = masq_set(from, ARRAY_SIZE(from), &routes[0], 1, ret_msg);
	return res;
}

/* --- the plan ------------------------------------------------------------- */

/* A number that no object in the kernel has yet, also after a restart. */
static uint32_t new_generation(void)
{
	static uint32_t last;

	last = last ? last + 1 : now_realtime_us() / 1000;
	if (!last)
		last = 1;
	return last;
}

static void set_all(struct keelson_nl *nl, const struct net_plan *plan, uint32_t generation)
{
	for (size_t i = 0; i < plan->n_nodes; i++)
		keelson_nl_node_set(nl, &plan->nodes[i], generation, NULL);
	for (size_t i = 0; i < plan->n_routes; i++)
		keelson_nl_route_set(nl, &plan->routes[i], generation, NULL);
	for (size_t i = 0; i < plan->n_services; i++)
		keelson_nl_service_set(nl, &plan->services[i], generation, NULL);
}

/* What a batch met. */
struct refusals {
	struct buf left_out;	/* objects that are wrong, and why */
	int err;		/* the first that is not an object's fault */
	char *msg;
};

/* Is it the object that is wrong, and not the time or the socket? */
static bool is_objects_fault(int err)
{
	switch (err) {
	case -EINVAL:
	case -EEXIST:
	case -ENOENT:
	case -ERANGE:
	case -EAFNOSUPPORT:
	case -EOPNOTSUPP:
		return true;
	default:
		return false;
	}
}

static void on_refusal(void *data, size_t index, int err, const char *msg)
{
	struct refusals *r = data;

	if (is_objects_fault(err)) {
		buf_printf(&r->left_out, "%s%s", r->left_out.len ? "; " : "", msg);
	} else if (!r->err) {
		r->err = err;
		r->msg = xstrdup(msg);
	}
}

/* Ends a batch that was begun with on_refusal. */
static int commit(struct keelson_nl *nl, struct refusals *r, char **ret_left_out, char **ret_msg)
{
	_cleanup_free_ char *msg = NULL;
	int res = keelson_nl_batch_commit(nl, &msg);

	if (res != -ECOMM)
		res = r->err;
	if (res < 0) {
		buf_free(&r->left_out);
		if (ret_msg)
			*ret_msg = TAKE_PTR(r->msg) ?: TAKE_PTR(msg);
		free(r->msg);
		return res;
	}
	*ret_left_out = r->left_out.len ? buf_steal(&r->left_out) : NULL;
	return 0;
}

int net_apply_plan(struct keelson_nl *nl, const struct net_plan *plan, char **ret_left_out, char **ret_msg)
{
	uint32_t generation = new_generation();
	_cleanup_free_ char *left_out = NULL;
	struct refusals r = { 0 };
	int res;

	keelson_nl_batch_begin(nl, on_refusal, &r);
	set_all(nl, plan, generation);
	res = commit(nl, &r, &left_out, ret_msg);
	if (res < 0)
		return res;
	/* What the kernel refused is swept with the rest: an object that is wrong does not keep its former self. */
	keelson_nl_batch_begin(nl, NULL, NULL);
	keelson_nl_sweep(nl, KEELSON_KIND_SERVICE, generation, NULL);
	keelson_nl_sweep(nl, KEELSON_KIND_ROUTE, generation, NULL);
	keelson_nl_sweep(nl, KEELSON_KIND_NODE, generation, NULL);
	res = keelson_nl_batch_commit(nl, ret_msg);
	if (res == 0)
		*ret_left_out = TAKE_PTR(left_out);
	return res;
}

static bool node_equal(const struct dp_node *a, const struct dp_node *b)
{
	return net_addr_equal(&a->vtep, &b->vtep) && memcmp(a->mac, b->mac, 6) == 0;
}

static int route_key_cmp(const struct dp_route *a, const struct dp_route *b)
{
	int c = net_addr_cmp(&a->prefix, &b->prefix);

	return c ? c : a->prefix_len - b->prefix_len;
}

static bool service_equal(const struct dp_service *a, const struct dp_service *b)
{
	if (a->flags != b->flags || a->n_backends != b->n_backends)
		return false;
	for (size_t i = 0; i < a->n_backends; i++) {
		const struct dp_backend *x = &a->backends[i], *y = &b->backends[i];

		if (!net_addr_equal(&x->addr, &y->addr) || x->port != y->port || x->state != y->state)
			return false;
	}
	return true;
}

/*
 * Walks two sorted tables side by side. Each step yields indexes; one side is
 * past its end (SIZE_MAX) when the key is only in the other.
 */
struct pair {
	size_t old, new;
};

static bool next_pair(size_t *i, size_t n_old, size_t *k, size_t n_new, int (*cmp)(const void *, size_t, size_t),
		      const void *ctx, struct pair *ret)
{
	int c;

	if (*i >= n_old && *k >= n_new)
		return false;
	c = *i >= n_old ? 1 : *k >= n_new ? -1 : cmp(ctx, *i, *k);
	ret->old = c <= 0 ? (*i)++ : SIZE_MAX;
	ret->new = c >= 0 ? (*k)++ : SIZE_MAX;
	return true;
}

struct two_plans {
	const struct net_plan *old, *new;
};

static int cmp_nodes(const void *ctx, size_t i, size_t k)
{
	const struct two_plans *t = ctx;

	return net_addr_cmp(&t->old->nodes[i].vtep, &t->new->nodes[k].vtep);
}

static int cmp_routes(const void *ctx, size_t i, size_t k)
{
	const struct two_plans *t = ctx;

	return route_key_cmp(&t->old->routes[i], &t->new->routes[k]);
}

static int cmp_services(const void *ctx, size_t i, size_t k)
{
	const struct two_plans *t = ctx;

	return plan_service_cmp(&t->old->services[i], &t->new->services[k]);
}

static void diff_nodes(struct keelson_nl *nl, const struct two_plans *t, bool deletes, uint32_t generation)
{
	size_t i = 0, k = 0;
	struct pair p;

	while (next_pair(&i, t->old->n_nodes, &k, t->new->n_nodes, cmp_nodes, t, &p)) {
		if (p.new == SIZE_MAX && deletes)
			keelson_nl_node_del(nl, &t->old->nodes[p.old].vtep, NULL);
		else if (p.new != SIZE_MAX && !deletes &&
			 (p.old == SIZE_MAX || !node_equal(&t->old->nodes[p.old], &t->new->nodes[p.new])))
			keelson_nl_node_set(nl, &t->new->nodes[p.new], generation, NULL);
	}
}

static void diff_routes(struct keelson_nl *nl, const struct two_plans *t, bool deletes, uint32_t generation)
{
	size_t i = 0, k = 0;
	struct pair p;

	while (next_pair(&i, t->old->n_routes, &k, t->new->n_routes, cmp_routes, t, &p)) {
		const struct dp_route *old = p.old == SIZE_MAX ? NULL : &t->old->routes[p.old];

		if (p.new == SIZE_MAX && deletes)
			keelson_nl_route_del(nl, &old->prefix, old->prefix_len, NULL);
		else if (p.new != SIZE_MAX && !deletes &&
			 (!old || !net_addr_equal(&old->vtep, &t->new->routes[p.new].vtep)))
			keelson_nl_route_set(nl, &t->new->routes[p.new], generation, NULL);
	}
}

static void diff_services(struct keelson_nl *nl, const struct two_plans *t, bool deletes, uint32_t generation)
{
	size_t i = 0, k = 0;
	struct pair p;

	while (next_pair(&i, t->old->n_services, &k, t->new->n_services, cmp_services, t, &p)) {
		const struct dp_service *old = p.old == SIZE_MAX ? NULL : &t->old->services[p.old];

		if (p.new == SIZE_MAX && deletes)
			keelson_nl_service_del(nl, &old->addr, old->port, old->proto, NULL);
		else if (p.new != SIZE_MAX && !deletes && (!old || !service_equal(old, &t->new->services[p.new])))
			keelson_nl_service_set(nl, &t->new->services[p.new], generation, NULL);
	}
}

int net_apply_diff(struct keelson_nl *nl, const struct net_plan *old, const struct net_plan *new,
		   char **ret_left_out, char **ret_msg)
{
	struct two_plans t = { .old = old, .new = new };
	struct refusals r = { 0 };
	uint32_t generation;

	if (!old)
		return net_apply_plan(nl, new, ret_left_out, ret_msg);
	generation = new_generation();
	keelson_nl_batch_begin(nl, on_refusal, &r);
	diff_nodes(nl, &t, false, generation);
	diff_routes(nl, &t, false, generation);
	diff_services(nl, &t, false, generation);
	diff_services(nl, &t, true, generation);
	diff_routes(nl, &t, true, generation);
	diff_nodes(nl, &t, true, generation);
	return commit(nl, &r, ret_left_out, ret_msg);
}
