// SPDX-License-Identifier: GPL-2.0-only
/*
 * route.c - see route.h
 */
#include <linux/slab.h>
#include "node.h"
#include "route.h"

int keelson_route_set(struct keelson_instance *inst, __be32 prefix, u8 len,
		      struct keelson_node *node, u32 generation)
{
	struct keelson_route *r = keelson_route_find(inst, prefix, len);

	if (r) {
		r->generation = generation;
		rcu_assign_pointer(r->node, node);
		return 0;
	}
	r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return -ENOMEM;
	r->prefix = prefix;
	r->len = len;
	r->generation = generation;
	RCU_INIT_POINTER(r->node, node);
	hlist_add_head_rcu(&r->hash, keelson_route_bucket(inst, prefix, len));
	if (!inst->n_routes[len]++)
		WRITE_ONCE(inst->route_lens, inst->route_lens | BIT_ULL(len));
	return 0;
}

void keelson_route_del(struct keelson_instance *inst, struct keelson_route *r)
{
	hlist_del_rcu(&r->hash);
	if (!--inst->n_routes[r->len])
		WRITE_ONCE(inst->route_lens, inst->route_lens & ~BIT_ULL(r->len));
	kfree_rcu(r, rcu);
}

void keelson_route_del_node(struct keelson_instance *inst, const struct keelson_node *node)
{
	struct keelson_route *r;
	struct hlist_node *tmp;
	unsigned int i;

	for (i = 0; i < 1U << KEELSON_ROUTE_BITS; i++)
		hlist_for_each_entry_safe(r, tmp, &inst->routes[i], hash)
			if (!node || rcu_access_pointer(r->node) == node)
				keelson_route_del(inst, r);
}

void keelson_route_sweep(struct keelson_instance *inst, u32 generation)
{
	struct keelson_route *r;
	struct hlist_node *tmp;
	unsigned int i;

	for (i = 0; i < 1U << KEELSON_ROUTE_BITS; i++)
		hlist_for_each_entry_safe(r, tmp, &inst->routes[i], hash)
			if (r->generation != generation)
				keelson_route_del(inst, r);
}
