/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flow.h - which backend a client's flow was given, in both directions
 *
 * One object, hashed twice in one table: by the tuple the client sends (ORIG)
 * and by the tuple the backend answers with (REPLY). A hit in either direction
 * carries everything the packet needs: the other tuple, reversed, is what the
 * packet becomes, and the two checksum differences are kept with it.
 *
 * Buckets are fixed, the hash is keyed with a secret, readers take no lock.
 * Insertion takes the striped locks of both buckets and is insert-or-find: of
 * two packets that start one flow, the second adopts the first one's choice.
 * At the limit a flow that never saw a reply, else the longest idle one among
 * a few, makes room.
 */
#ifndef KEELSON_FLOW_H
#define KEELSON_FLOW_H

#include <linux/jiffies.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>
#include "instance.h"
#include "packet.h"
#include "service.h"

enum {
	KEELSON_FLOW_ORIG,
	KEELSON_FLOW_REPLY,
};

/**
 * struct keelson_flow_dir - one direction of a flow
 * @hash_node: in a bucket of the table
 * @match: the tuple of its packets before they are translated
 * @hash: hash of @match
 * @addr_diff: what translation adds to the sum of the addresses
 * @port_diff: what translation adds to the sum of the ports
 * @which: KEELSON_FLOW_ORIG or _REPLY
 * @fin: a FIN was sent this way
 */
struct keelson_flow_dir {
	struct hlist_node hash_node;
	struct keelson_tuple match;
	u32 hash;
	__wsum addr_diff;
	__wsum port_diff;
	u8 which;
	u8 fin;
};

/**
 * struct keelson_flow - one flow
 * @dir: its directions
 * @backend: whom it was given to
 * @port: the client's port
 * @seen: jiffies of the last packet, to the second
 * @replied: the backend has answered
 * @acked: the client has sent more than its SYN
 * @reset: an RST went by
 * @dead: taken out of the table
 * @rcu: for freeing
 */
struct keelson_flow {
	struct keelson_flow_dir dir[2];
	struct keelson_backend *backend;
	struct keelson_port *port;
	unsigned long seen;
	u8 replied;
	u8 acked;
	u8 reset;
	u8 dead;
	struct rcu_head rcu;
};

#define KEELSON_FLOW_LOCKS	256

/**
 * struct keelson_flow_table - an instance's flows
 * @buckets: heads of keelson_flow_dir.hash_node
 * @mask: number of buckets - 1
 * @count: flows in the table
 * @inst: home
 * @gc_next: bucket the collector goes on with
 * @gc: the collector
 * @locks: bucket & (KEELSON_FLOW_LOCKS - 1) gives a bucket's lock
 */
struct keelson_flow_table {
	struct hlist_head *buckets;
	u32 mask;
	struct keelson_instance *inst;
	/* Above is what packets read, below what new flows write. */
	atomic_t count ____cacheline_aligned_in_smp;
	u32 gc_next;
	struct delayed_work gc;
	spinlock_t locks[KEELSON_FLOW_LOCKS];
};

static inline struct keelson_flow *keelson_flow_of(struct keelson_flow_dir *d)
{
	return container_of(d, struct keelson_flow, dir[d->which]);
}

static inline const struct keelson_flow_dir *keelson_flow_other(const struct keelson_flow_dir *d)
{
	return d->which == KEELSON_FLOW_ORIG ? d + 1 : d - 1;
}

static inline u32 keelson_flow_hash(const struct keelson_instance *inst,
				    const struct keelson_tuple *t)
{
	return hsiphash_3u32((__force u32)t->saddr, (__force u32)t->daddr,
			     (__force u32)t->ports, &inst->flow_key);
}

/* Under RCU. */
static inline struct keelson_flow_dir *
keelson_flow_find(const struct keelson_flow_table *table, const struct keelson_tuple *t, u32 hash)
{
	struct keelson_flow_dir *d;

	hlist_for_each_entry_rcu(d, &table->buckets[hash & table->mask], hash_node)
		if (keelson_tuple_equal(&d->match, t))
			return d;
	return NULL;
}

static inline void keelson_flow_touch(struct keelson_flow *flow)
{
	if (unlikely(time_after(jiffies, READ_ONCE(flow->seen) + HZ)))
		WRITE_ONCE(flow->seen, jiffies);
}

/* Both sides have finished, or one has reset. */
static inline bool keelson_flow_closing(const struct keelson_flow *flow)
{
	return READ_ONCE(flow->reset) ||
	       (READ_ONCE(flow->dir[0].fin) && READ_ONCE(flow->dir[1].fin));
}

/* Learn from a TCP packet of direction @d. */
static inline void keelson_flow_track(struct keelson_flow *flow, struct keelson_flow_dir *d,
				      const struct tcphdr *th)
{
	if (unlikely(!READ_ONCE(flow->acked)) && d->which == KEELSON_FLOW_ORIG && !th->syn)
		WRITE_ONCE(flow->acked, 1);
	if (unlikely(th->fin))
		WRITE_ONCE(d->fin, 1);
	if (unlikely(th->rst))
		WRITE_ONCE(flow->reset, 1);
}

/**
 * keelson_flow_create() - make a flow, or find the one that was made meanwhile
 * @table: table
 * @port: the client's
 * @t: the client's tuple
 * @hash: its hash
 * @backend: whom it shall go to
 * Under RCU, softirqs off.
 * Return: the ORIG direction of the flow that is now in the table; NULL if
 * there is no memory or no free reply tuple.
 */
struct keelson_flow_dir *keelson_flow_create(struct keelson_flow_table *table,
					     struct keelson_port *port,
					     const struct keelson_tuple *t, u32 hash,
					     struct keelson_backend *backend);
/* Take it out. Under RCU. Return: false if somebody else did. */
bool keelson_flow_remove(struct keelson_flow_table *table, struct keelson_flow *flow);

/**
 * struct keelson_flow_filter - which flows to flush; a field left 0 matches all
 * @port: the client's port
 * @vip: service address
 * @vport: service port
 * @proto: protocol
 * @backend_addr: backend
 * @backend_port: its port
 */
struct keelson_flow_filter {
	const struct keelson_port *port;
	__be32 vip;
	__be16 vport;
	u8 proto;
	__be32 backend_addr;
	__be16 backend_port;
};

void keelson_flow_flush(struct keelson_flow_table *table, const struct keelson_flow_filter *filter);
/* enum keelson_flow_state */
u8 keelson_flow_state(const struct keelson_flow *flow);

/**
 * keelson_flow_table_create() - make sure an instance has its flow table
 * @inst: instance, lock held
 * Return: 0 or -ENOMEM.
 */
int keelson_flow_table_create(struct keelson_instance *inst);
/* When no packet can come any more; waits for what is being freed. */
void keelson_flow_table_destroy(struct keelson_instance *inst);
int keelson_flow_register(void);
void keelson_flow_unregister(void);

#endif /* KEELSON_FLOW_H */
