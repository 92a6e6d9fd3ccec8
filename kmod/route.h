/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * route.h - pod prefixes of other nodes: longest match to a node
 *
 * One hash over (prefix, length) and a bit for every length in use, tried from
 * the longest. A cluster has one or two lengths, so a lookup is one or two
 * probes whatever the number of nodes.
 */
#ifndef KEELSON_ROUTE_H
#define KEELSON_ROUTE_H

#include <linux/hash.h>
#include <linux/inetdevice.h>
#include <linux/rculist.h>
#include "instance.h"

struct keelson_node;

/**
 * struct keelson_route - one prefix
 * @hash: in keelson_instance.routes
 * @prefix: host bits zero
 * @len: 0..32
 * @generation: last SET's
 * @node: where it leads; replaced in place
 * @rcu: for freeing
 */
struct keelson_route {
	struct hlist_node hash;
	__be32 prefix;
	u8 len;
	u32 generation;
	struct keelson_node __rcu *node;
	struct rcu_head rcu;
};

static inline struct hlist_head *
keelson_route_bucket(const struct keelson_instance *inst, __be32 prefix, u8 len)
{
	/* Prefixes end in zero bits: fold the length in and let the multiplication spread them. */
	return &inst->routes[hash_32(be32_to_cpu(prefix) + len, KEELSON_ROUTE_BITS)];
}

static inline struct keelson_route *
keelson_route_find(const struct keelson_instance *inst, __be32 prefix, u8 len)
{
	struct keelson_route *r;

	hlist_for_each_entry_rcu(r, keelson_route_bucket(inst, prefix, len), hash,
				 lockdep_is_held(&inst->lock))
		if (r->prefix == prefix && r->len == len)
			return r;
	return NULL;
}

/* The node that @daddr belongs to, or NULL. Under RCU. */
static inline struct keelson_node *
keelson_route_lookup(const struct keelson_instance *inst, __be32 daddr)
{
	u64 lens = READ_ONCE(inst->route_lens);

	while (lens) {
		unsigned int len = fls64(lens) - 1;
		struct keelson_route *r;

		r = keelson_route_find(inst, daddr & inet_make_mask(len), len);
		if (r)
			return rcu_dereference(r->node);
		lens &= ~BIT_ULL(len);
	}
	return NULL;
}

/**
 * keelson_route_set() - create or replace
 * @inst: instance, lock held
 * @prefix: host bits zero
 * @len: 0..32
 * @node: where to
 * @generation: kept for SWEEP
 * Return: 0 or -ENOMEM.
 */
int keelson_route_set(struct keelson_instance *inst, __be32 prefix, u8 len,
		      struct keelson_node *node, u32 generation);
void keelson_route_del(struct keelson_instance *inst, struct keelson_route *route);
/* Every route that leads to @node; NULL: every route. */
void keelson_route_del_node(struct keelson_instance *inst, const struct keelson_node *node);
void keelson_route_sweep(struct keelson_instance *inst, u32 generation);

#endif /* KEELSON_ROUTE_H */
