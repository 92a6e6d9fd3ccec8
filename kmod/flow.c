// SPDX-License-Identifier: GPL-2.0-only
/*
 * flow.c - see flow.h
 */
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include "address.h"
#include "flow.h"
#include "port.h"
#include "route.h"

static unsigned int flow_buckets = 65536;
module_param(flow_buckets, uint, 0444);
MODULE_PARM_DESC(flow_buckets, "Buckets of each instance's flow table, rounded up to a power of two");

static unsigned int flow_max = 262144;
module_param(flow_max, uint, 0644);
MODULE_PARM_DESC(flow_max, "Most flows an instance holds");

/* How long a flow without packets stays, in seconds. */
#define UDP_NEW			30
#define UDP_REPLIED		120
#define TCP_NEW			60
#define TCP_ESTABLISHED		(24 * 3600)
#define TCP_HALF_CLOSED		300
#define TCP_CLOSING		15

#define GC_SLICE	4096		/* buckets a run looks at */
#define GC_INTERVAL	(HZ / 2)
#define EVICT_SCAN	64		/* buckets searched for a flow to push out */
#define PORT_TRIES	32		/* other client ports tried when a reply tuple is taken */

static struct kmem_cache *flow_cache;

static unsigned long flow_timeout(const struct keelson_flow *flow)
{
	if (flow->dir[0].match.proto == IPPROTO_UDP)
		return READ_ONCE(flow->replied) ? UDP_REPLIED : UDP_NEW;
	if (keelson_flow_closing(flow))
		return TCP_CLOSING;
	if (!READ_ONCE(flow->replied))
		return TCP_NEW;
	if (READ_ONCE(flow->dir[0].fin) || READ_ONCE(flow->dir[1].fin))
		return TCP_HALF_CLOSED;
	return TCP_ESTABLISHED;
}

static bool flow_expired(const struct keelson_flow *flow)
{
	unsigned long timeout = flow_timeout(flow);

	if (READ_ONCE(flow->backend->state) == KEELSON_BACKEND_GONE)
		timeout = min_t(unsigned long, timeout, TCP_CLOSING);
	return time_after(jiffies, READ_ONCE(flow->seen) + timeout * HZ);
}

u8 keelson_flow_state(const struct keelson_flow *flow)
{
	if (keelson_flow_closing(flow) || READ_ONCE(flow->dir[0].fin) ||
	    READ_ONCE(flow->dir[1].fin))
		return KEELSON_FLOW_CLOSING;
	return READ_ONCE(flow->replied) ? KEELSON_FLOW_ESTABLISHED : KEELSON_FLOW_NEW;
}

/* Both directions' locks, in one order for everybody; they may be one and the same. */
static void flow_lock(struct keelson_flow_table *table, u32 h1, u32 h2)
	__acquires(table->locks) __acquires(table->locks)
{
	u32 a = h1 & table->mask & (KEELSON_FLOW_LOCKS - 1);
	u32 b = h2 & table->mask & (KEELSON_FLOW_LOCKS - 1);

	if (a > b)
		swap(a, b);
	spin_lock_bh(&table->locks[a]);
	if (a != b)
		spin_lock_nested(&table->locks[b], SINGLE_DEPTH_NESTING);
	else
		__acquire(&table->locks[b]);
}

static void flow_unlock(struct keelson_flow_table *table, u32 h1, u32 h2)
	__releases(table->locks) __releases(table->locks)
{
	u32 a = h1 & table->mask & (KEELSON_FLOW_LOCKS - 1);
	u32 b = h2 & table->mask & (KEELSON_FLOW_LOCKS - 1);

	if (a > b)
		swap(a, b);
	if (a != b)
		spin_unlock(&table->locks[b]);
	else
		__release(&table->locks[b]);
	spin_unlock_bh(&table->locks[a]);
}

static void flow_free_rcu(struct rcu_head *rcu)
{
	struct keelson_flow *flow = container_of(rcu, struct keelson_flow, rcu);

	keelson_backend_put(flow->backend);
	kmem_cache_free(flow_cache, flow);
}

bool keelson_flow_remove(struct keelson_flow_table *table, struct keelson_flow *flow)
{
	u32 h0 = flow->dir[0].hash, h1 = flow->dir[1].hash;
	bool ours;

	flow_lock(table, h0, h1);
	ours = !flow->dead;
	if (ours) {
		WRITE_ONCE(flow->dead, 1);
		hlist_del_rcu(&flow->dir[0].hash_node);
		hlist_del_rcu(&flow->dir[1].hash_node);
	}
	flow_unlock(table, h0, h1);
	if (!ours)
		return false;
	atomic_dec(&table->count);
	atomic_dec(&flow->port->flows);
	call_rcu(&flow->rcu, flow_free_rcu);
	return true;
}

/* Make room: the first flow found that carries nothing, else the longest idle. */
static void flow_evict(struct keelson_flow_table *table, u32 hash)
{
	struct keelson_flow *victim = NULL;
	u32 i;

	for (i = 0; i < EVICT_SCAN; i++) {
		struct keelson_flow_dir *d;

		hlist_for_each_entry_rcu(d, &table->buckets[(hash + i) & table->mask], hash_node) {
			struct keelson_flow *flow = keelson_flow_of(d);

			if (!READ_ONCE(flow->replied) || keelson_flow_closing(flow)) {
				victim = flow;
				goto found;
			}
			if (!victim || time_before(READ_ONCE(flow->seen), READ_ONCE(victim->seen)))
				victim = flow;
		}
	}
found:
	if (victim)
		keelson_flow_remove(table, victim);
	keelson_count(table->inst, FLOW_FULL);
}

/*
 * Would the translated packet come back into the port that sent it? A pod that
 * is its own backend; or the host, whose stack shall route to a backend that is
 * no pod. Neither takes a packet with a source address of its own.
 */
static bool flow_turns_back(const struct keelson_instance *inst, const struct keelson_port *port,
			    __be32 backend)
{
	const struct keelson_addr *a = keelson_addr_find(inst, backend);

	if (a)
		return a->port == port;
	return keelson_port_is_host(port) && !keelson_route_lookup(inst, backend);
}

static __wsum ports_sum(const struct keelson_tuple *t)
{
	return (__force __wsum)((__force u32)t->sport + (__force u32)t->dport);
}

/*
 * What the REPLY direction matches and what either direction adds to the sums.
 * In a flow that turns back the VIP stands for the client: the backend sees a
 * stranger and answers through us.
 */
static void flow_set_reply(struct keelson_instance *inst, struct keelson_flow *flow, __be16 sport,
			   bool turns_back)
{
	const struct keelson_tuple *o = &flow->dir[0].match;
	struct keelson_tuple *r = &flow->dir[1].match;

	r->saddr = flow->backend->addr;
	r->daddr = turns_back ? o->daddr : o->saddr;
	r->sport = flow->backend->port;
	r->dport = sport;
	r->proto = o->proto;
	flow->dir[1].hash = keelson_flow_hash(inst, r);

	flow->dir[0].addr_diff = csum_add(keelson_csum_diff(o->saddr, r->daddr),
					  keelson_csum_diff(o->daddr, r->saddr));
	flow->dir[0].port_diff = csum_sub(ports_sum(r), ports_sum(o));
	flow->dir[1].addr_diff = csum_sub(0, flow->dir[0].addr_diff);
	flow->dir[1].port_diff = csum_sub(0, flow->dir[0].port_diff);
}

struct keelson_flow_dir *keelson_flow_create(struct keelson_flow_table *table,
					     struct keelson_port *port,
					     const struct keelson_tuple *t, u32 hash,
					     struct keelson_backend *backend)
{
	struct keelson_flow_dir *winner = NULL;
	struct keelson_flow *flow;
	bool first = false, turns_back;
	__be16 sport = t->sport;
	unsigned int tries;

	if (unlikely(atomic_read(&table->count) >= READ_ONCE(flow_max)))
		flow_evict(table, hash);
	flow = kmem_cache_zalloc(flow_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!flow)
		return NULL;
	if (!refcount_inc_not_zero(&backend->ref)) {
		kmem_cache_free(flow_cache, flow);
		return NULL;
	}
	flow->backend = backend;
	flow->port = port;
	flow->seen = jiffies;
	flow->dir[0].match = *t;
	flow->dir[0].hash = hash;
	flow->dir[1].which = KEELSON_FLOW_REPLY;

	turns_back = flow_turns_back(table->inst, port, backend->addr);

	for (tries = 0; tries < PORT_TRIES; tries++) {
		bool taken;

		flow_set_reply(table->inst, flow, sport, turns_back);
		flow_lock(table, hash, flow->dir[1].hash);
		winner = keelson_flow_find(table, t, hash);
		taken = !winner && keelson_flow_find(table, &flow->dir[1].match, flow->dir[1].hash);
		if (!winner && !taken) {
			/* Counted before it can be found: else a flush may leave it behind. */
			atomic_inc(&port->flows);
			first = atomic_inc_return(&table->count) == 1;
			hlist_add_head_rcu(&flow->dir[0].hash_node,
					   &table->buckets[hash & table->mask]);
			hlist_add_head_rcu(&flow->dir[1].hash_node,
					   &table->buckets[flow->dir[1].hash & table->mask]);
		}
		flow_unlock(table, hash, flow->dir[1].hash);
		if (winner)
			break;
		if (!taken) {
			if (first)
				queue_delayed_work(system_power_efficient_wq, &table->gc,
						   GC_INTERVAL);
			keelson_count(table->inst, FLOW_NEW);
			return &flow->dir[0];
		}
		/* The client uses one port towards two VIPs and both came to this backend. */
		sport = htons(1024 + (get_random_u32() & 0x7fff) + 16384);
	}
	/* Never published. */
	keelson_backend_put(flow->backend);
	kmem_cache_free(flow_cache, flow);
	return winner;
}

static void flow_gc(struct work_struct *work)
{
	struct keelson_flow_table *table =
		container_of(to_delayed_work(work), struct keelson_flow_table, gc);
	u32 i, n = min_t(u32, GC_SLICE, table->mask + 1);

	for (i = 0; i < n; i++) {
		struct hlist_head *head = &table->buckets[table->gc_next];
		struct keelson_flow_dir *d;

		table->gc_next = (table->gc_next + 1) & table->mask;
		if (hlist_empty(head))
			continue;
		rcu_read_lock();
		hlist_for_each_entry_rcu(d, head, hash_node) {
			struct keelson_flow *flow = keelson_flow_of(d);

			if (d->which == KEELSON_FLOW_ORIG && flow_expired(flow) &&
			    keelson_flow_remove(table, flow))
				keelson_count(table->inst, FLOW_EXPIRED);
		}
		rcu_read_unlock();
		cond_resched();
	}
	if (atomic_read(&table->count))
		queue_delayed_work(system_power_efficient_wq, &table->gc, GC_INTERVAL);
}

static bool flow_matches(const struct keelson_flow *flow, const struct keelson_flow_filter *f)
{
	const struct keelson_tuple *o = &flow->dir[0].match;

	return (!f->port || flow->port == f->port) &&
	       (!f->vip || o->daddr == f->vip) &&
	       (!f->vport || o->dport == f->vport) &&
	       (!f->proto || o->proto == f->proto) &&
	       (!f->backend_addr || flow->backend->addr == f->backend_addr) &&
	       (!f->backend_port || flow->backend->port == f->backend_port);
}

void keelson_flow_flush(struct keelson_flow_table *table, const struct keelson_flow_filter *filter)
{
	u32 i;

	for (i = 0; i <= table->mask && atomic_read(&table->count); i++) {
		struct keelson_flow_dir *d;

		if (hlist_empty(&table->buckets[i]))
			continue;
		rcu_read_lock();
		hlist_for_each_entry_rcu(d, &table->buckets[i], hash_node)
			if (d->which == KEELSON_FLOW_ORIG &&
			    flow_matches(keelson_flow_of(d), filter))
				keelson_flow_remove(table, keelson_flow_of(d));
		rcu_read_unlock();
		cond_resched();
	}
}

int keelson_flow_table_create(struct keelson_instance *inst)
{
	struct keelson_flow_table *table;
	unsigned int i, n;

	if (rcu_access_pointer(inst->flows))
		return 0;
	n = roundup_pow_of_two(clamp(flow_buckets, (unsigned int)KEELSON_FLOW_LOCKS, 1U << 24));
	table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	if (!table)
		return -ENOMEM;
	table->buckets = kvcalloc(n, sizeof(*table->buckets), GFP_KERNEL_ACCOUNT);
	if (!table->buckets) {
		kfree(table);
		return -ENOMEM;
	}
	table->mask = n - 1;
	table->inst = inst;
	INIT_DELAYED_WORK(&table->gc, flow_gc);
	for (i = 0; i < KEELSON_FLOW_LOCKS; i++)
		spin_lock_init(&table->locks[i]);
	rcu_assign_pointer(inst->flows, table);
	return 0;
}

void keelson_flow_table_destroy(struct keelson_instance *inst)
{
	struct keelson_flow_table *table = rcu_dereference_protected(inst->flows, true);

	if (!table)
		return;
	keelson_flow_flush(table, &(struct keelson_flow_filter){});
	cancel_delayed_work_sync(&table->gc);
	RCU_INIT_POINTER(inst->flows, NULL);
	rcu_barrier();
	kvfree(table->buckets);
	kfree(table);
}

int keelson_flow_register(void)
{
	flow_cache = KMEM_CACHE(keelson_flow, SLAB_HWCACHE_ALIGN);
	return flow_cache ? 0 : -ENOMEM;
}

void keelson_flow_unregister(void)
{
	rcu_barrier();
	kmem_cache_destroy(flow_cache);
}
