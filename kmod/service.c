// SPDX-License-Identifier: GPL-2.0-only
/*
 * service.c - see service.h
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "address.h"
#include "flow.h"
#include "maglev.h"
#include "service.h"

void keelson_backend_put(struct keelson_backend *b)
{
	if (refcount_dec_and_test(&b->ref))
		kfree_rcu(b, rcu);
}

static void set_free_rcu(struct rcu_head *rcu)
{
	struct keelson_backend_set *set = container_of(rcu, struct keelson_backend_set, rcu);
	u32 i;

	for (i = 0; i < set->n; i++)
		keelson_backend_put(set->backend[i]);
	kvfree(set->table);
	kvfree(set);
}

static struct keelson_backend *set_find(const struct keelson_backend_set *set,
					const struct keelson_backend_spec *spec)
{
	u32 i;

	for (i = 0; set && i < set->n; i++)
		if (set->backend[i]->addr == spec->addr && set->backend[i]->port == spec->port)
			return set->backend[i];
	return NULL;
}

static int set_fill_table(struct keelson_backend_set *set, unsigned int n_ready)
{
	struct keelson_maglev_seed *seeds;
	u32 *scratch, i;
	int err = -ENOMEM;

	if (!n_ready)
		return 0;
	seeds = kcalloc(n_ready, sizeof(*seeds), GFP_KERNEL_ACCOUNT);
	scratch = kcalloc(2 * n_ready, sizeof(*scratch), GFP_KERNEL_ACCOUNT);
	set->size = keelson_maglev_size(n_ready);
	set->table = kvmalloc_array(set->size, sizeof(*set->table), GFP_KERNEL_ACCOUNT);
	if (!seeds || !scratch || !set->table)
		goto out;
	for (i = 0; i < n_ready; i++) {
		seeds[i].addr = set->backend[i]->addr;
		seeds[i].port = set->backend[i]->port;
	}
	keelson_maglev_fill(set->table, set->size, seeds, n_ready, scratch);
	err = 0;
out:
	kfree(seeds);
	kfree(scratch);
	return err;
}

/* A new set; backends that @old has too are taken over from it. */
static struct keelson_backend_set *set_build(const struct keelson_backend_set *old,
					     const struct keelson_backend_spec *specs,
					     unsigned int n)
{
	struct keelson_backend_set *set;
	unsigned int i, n_ready = 0;
	int ready;

	set = kvzalloc(struct_size(set, backend, n), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;
	/* Those that are ready come first: the table indexes only them. */
	for (ready = 1; ready >= 0; ready--) {
		for (i = 0; i < n; i++) {
			struct keelson_backend *b;

			if (ready != !specs[i].state)	/* READY is 0 */
				continue;
			b = set_find(old, &specs[i]);
			if (b) {
				refcount_inc(&b->ref);
			} else {
				b = kzalloc(sizeof(*b), GFP_KERNEL_ACCOUNT);
				if (!b)
					goto fail;
				b->addr = specs[i].addr;
				b->port = specs[i].port;
				b->state = specs[i].state;
				refcount_set(&b->ref, 1);
			}
			set->backend[set->n++] = b;
		}
		if (ready)
			n_ready = set->n;
	}
	if (set_fill_table(set, n_ready))
		goto fail;
	return set;
fail:
	set_free_rcu(&set->rcu);
	return NULL;
}

struct keelson_backend *keelson_service_backend(const struct keelson_service *s, __be32 addr,
						__be16 port)
{
	const struct keelson_backend_spec spec = { .addr = addr, .port = port };

	return set_find(rcu_dereference(s->set), &spec);
}

static bool set_has(const struct keelson_backend_set *set, const struct keelson_backend *b)
{
	u32 i;

	for (i = 0; set && i < set->n; i++)
		if (set->backend[i] == b)
			return true;
	return false;
}

/* Is that what the set holds already? */
static bool set_is(const struct keelson_backend_set *set,
		   const struct keelson_backend_spec *specs, unsigned int n)
{
	unsigned int i, k = 0;
	int ready;

	if (!set || set->n != n)
		return false;
	for (ready = 1; ready >= 0; ready--) {
		for (i = 0; i < n; i++) {
			const struct keelson_backend *b;

			if (ready != !specs[i].state)
				continue;
			b = set->backend[k++];
			if (b->addr != specs[i].addr || b->port != specs[i].port ||
			    b->state != specs[i].state)
				return false;
		}
	}
	return true;
}

/* After the swap from @old to @set: what was not taken over is gone, the rest as the user says. */
static void set_apply_states(const struct keelson_backend_set *old,
			     const struct keelson_backend_set *set,
			     const struct keelson_backend_spec *specs, unsigned int n)
{
	unsigned int i;

	for (i = 0; old && i < old->n; i++)
		if (!set_has(set, old->backend[i]))
			WRITE_ONCE(old->backend[i]->state, KEELSON_BACKEND_GONE);
	for (i = 0; i < n; i++)
		WRITE_ONCE(set_find(set, &specs[i])->state, specs[i].state);
}

int keelson_service_set(struct keelson_instance *inst, __be32 addr, __be16 port, u8 proto,
			u32 flags, u32 generation, const struct keelson_backend_spec *specs,
			unsigned int n, struct netlink_ext_ack *extack)
{
	struct keelson_backend_set *old = NULL, *set;
	struct keelson_service *s, *new = NULL;
	int err;

	err = keelson_flow_table_create(inst);
	if (err)
		return err;
	s = keelson_service_find(inst, addr, port, proto);
	if (!s) {
		new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
		if (!new)
			return -ENOMEM;
		err = keelson_addr_get_vip(inst, addr, extack);
		if (err) {
			kfree(new);
			return err;
		}
		new->addr = addr;
		new->port = port;
		new->proto = proto;
		s = new;
	} else {
		old = rcu_dereference_protected(s->set, lockdep_is_held(&inst->lock));
	}
	/* A resync that changes nothing allocates nothing, and so cannot fail. */
	if (set_is(old, specs, n)) {
		s->flags = flags;
		s->generation = generation;
		return 0;
	}
	set = set_build(old, specs, n);
	if (!set) {
		if (new) {
			keelson_addr_put_vip(inst, addr);
			kfree(new);
		}
		return -ENOMEM;
	}
	s->flags = flags;
	s->generation = generation;
	rcu_assign_pointer(s->set, set);
	set_apply_states(old, set, specs, n);
	if (new)
		hlist_add_head_rcu(&new->hash, keelson_service_bucket(inst, addr, port, proto));
	if (old)
		call_rcu(&old->rcu, set_free_rcu);
	return 0;
}

void keelson_service_del(struct keelson_instance *inst, struct keelson_service *s)
{
	struct keelson_backend_set *set =
		rcu_dereference_protected(s->set, lockdep_is_held(&inst->lock));

	hlist_del_rcu(&s->hash);
	keelson_addr_put_vip(inst, s->addr);
	set_apply_states(set, NULL, NULL, 0);
	/* The set stays readable as long as the service is. */
	call_rcu(&set->rcu, set_free_rcu);
	kfree_rcu(s, rcu);
}

static void service_del_where(struct keelson_instance *inst, bool all, u32 generation)
{
	struct keelson_service *s;
	struct hlist_node *tmp;
	unsigned int i;

	for (i = 0; i < 1U << KEELSON_SERVICE_BITS; i++)
		hlist_for_each_entry_safe(s, tmp, &inst->services[i], hash)
			if (all || s->generation != generation)
				keelson_service_del(inst, s);
}

void keelson_service_del_all(struct keelson_instance *inst)
{
	service_del_where(inst, true, 0);
}

void keelson_service_sweep(struct keelson_instance *inst, u32 generation)
{
	service_del_where(inst, false, generation);
}
