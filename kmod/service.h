/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * service.h - virtual addresses and the backends behind them
 *
 * A service is replaced as a whole by one pointer swap of its backend set. A
 * backend object outlives the sets: the next set of the same service takes it
 * over, and one that is not taken over is marked gone, which the next packet
 * of every flow to it notices by one load.
 */
#ifndef KEELSON_SERVICE_H
#define KEELSON_SERVICE_H

#include <linux/hash.h>
#include <linux/rculist.h>
#include <linux/refcount.h>
#include "instance.h"

/* After the last state of enum keelson_backend_state: no longer in its service. */
#define KEELSON_BACKEND_GONE	255

/**
 * struct keelson_backend - one address and port behind a service
 * @addr: address
 * @port: port
 * @state: enum keelson_backend_state or KEELSON_BACKEND_GONE
 * @ref: sets and flows that point here
 * @rcu: for freeing
 */
struct keelson_backend {
	__be32 addr;
	__be16 port;
	u8 state;
	/* Above is what packets read, below what new flows write. */
	refcount_t ref ____cacheline_aligned_in_smp;
	struct rcu_head rcu;
};

/**
 * struct keelson_backend_set - the backends of a service at one time; immutable
 * @rcu: for freeing
 * @n: how many backends
 * @size: slots of @table; 0: no backend is ready
 * @table: Maglev table: hash modulo @size to index in @backend
 * @backend: the backends, those that are ready first
 */
struct keelson_backend_set {
	struct rcu_head rcu;
	u32 n;
	u32 size;
	u16 *table;
	struct keelson_backend *backend[];
};

/**
 * struct keelson_service - one VIP, port and protocol
 * @hash: in keelson_instance.services
 * @addr: VIP
 * @port: port
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @flags: KEELSON_SERVICE_F_*
 * @generation: last SET's
 * @set: backends
 * @rcu: for freeing
 */
struct keelson_service {
	struct hlist_node hash;
	__be32 addr;
	__be16 port;
	u8 proto;
	u32 flags;
	u32 generation;
	struct keelson_backend_set __rcu *set;
	struct rcu_head rcu;
};

/**
 * struct keelson_backend_spec - one backend as the user names it
 * @addr: address
 * @port: port
 * @state: enum keelson_backend_state
 */
struct keelson_backend_spec {
	__be32 addr;
	__be16 port;
	u8 state;
};

static inline struct hlist_head *
keelson_service_bucket(const struct keelson_instance *inst, __be32 addr, __be16 port, u8 proto)
{
	u32 key = (__force u32)addr ^ ((u32)(__force u16)port << 8) ^ proto;

	return &inst->services[hash_32(key, KEELSON_SERVICE_BITS)];
}

/* Under RCU or inst->lock. */
static inline struct keelson_service *
keelson_service_find(const struct keelson_instance *inst, __be32 addr, __be16 port, u8 proto)
{
	struct keelson_service *s;

	hlist_for_each_entry_rcu(s, keelson_service_bucket(inst, addr, port, proto), hash,
				 lockdep_is_held(&inst->lock))
		if (s->addr == addr && s->port == port && s->proto == proto)
			return s;
	return NULL;
}

/* The backend that new flows with this hash go to; NULL: none is ready. Under RCU. */
static inline struct keelson_backend *
keelson_service_select(const struct keelson_service *s, u32 hash)
{
	const struct keelson_backend_set *set = rcu_dereference(s->set);

	return set->size ? set->backend[set->table[hash % set->size]] : NULL;
}

void keelson_backend_put(struct keelson_backend *b);

/**
 * keelson_service_set() - create or replace
 * @inst: instance, lock held
 * @addr: VIP
 * @port: port
 * @proto: protocol
 * @flags: KEELSON_SERVICE_F_*
 * @generation: kept for SWEEP
 * @specs: backends, no two alike
 * @n: how many
 * @extack: says what is wrong
 * Return: 0, -EEXIST (the address is an endpoint) or -ENOMEM; then nothing has
 * changed.
 */
int keelson_service_set(struct keelson_instance *inst, __be32 addr, __be16 port, u8 proto,
			u32 flags, u32 generation, const struct keelson_backend_spec *specs,
			unsigned int n, struct netlink_ext_ack *extack);
/* The backend with that address and port, in any state; NULL: none. Under RCU. */
struct keelson_backend *keelson_service_backend(const struct keelson_service *s, __be32 addr,
						__be16 port);
void keelson_service_del(struct keelson_instance *inst, struct keelson_service *s);
void keelson_service_del_all(struct keelson_instance *inst);
void keelson_service_sweep(struct keelson_instance *inst, u32 generation);

#endif /* KEELSON_SERVICE_H */
