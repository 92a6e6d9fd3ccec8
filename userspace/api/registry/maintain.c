// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * maintain.c - what every server does now and then: compaction of
 *                       etcd's history, and repair of reservations
 *
 * All of it may run on any number of servers at once: compaction is idempotent,
 * and repairs are transactions on the revision that was looked at.
 */
#include <uthash.h>

#include "api/registry/internal.h"
#include "api/registry/object.h"

#define COMPACT_US (5 * 60 * UINT64_C(1000000))	/* history that old goes */
#define REPAIR_US (3 * 60 * UINT64_C(1000000))
#define RETRY_US (5 * UINT64_C(1000000))
#define REPAIR_AGE_US (60 * UINT64_C(1000000))	/* younger reservations may belong to a write under way */

/* What an object uses: the key that should be there, and the object. */
struct used {
	char *key;
	json *obj;
	const struct resource *res;
	bool reserved;
	UT_hash_handle hh;
};

struct maintenance {
	struct registry *reg;
	struct loop_timer compact, repair;
	int64_t compact_revision;	/* of the last round; 0: none yet */
	struct used *used;
	int step;
	bool stopped, busy;
};

static void forget_used(struct maintenance *m)
{
	struct used *u, *tmp;

	HASH_ITER(hh, m->used, u, tmp) {
		HASH_DEL(m->used, u);
		free(u->key);
		json_freep(&u->obj);
		free(u);
	}
}

/* Frees a stopped maintenance once no answer is awaited any more. */
static bool is_over(struct maintenance *m)
{
	if (!m->stopped)
		return false;
	if (!m->busy) {
		forget_used(m);
		free(m);
	}
	return true;
}

/* --- compaction ------------------------------------------------------------------- */

static void ignore_answer(void *data, const struct etcd_result *res)
{
}

static void compact_revision(void *data, const struct etcd_result *res)
{
	struct registry *reg = data;
	struct maintenance *m = reg->maintenance;

	if (m && !res->err) {
		if (m->compact_revision)
			etcd_compact(reg->etcd, m->compact_revision, ignore_answer, NULL);
		m->compact_revision = res->revision;
	}
	registry_unref(reg);
}

static void on_compact(void *data)
{
	struct maintenance *m = data;
	static const struct etcd_range_opts count = { .count_only = true };

	etcd_range(m->reg->etcd, REGISTRY_PREFIX "namespaces/default", NULL, &count, compact_revision,
		   registry_ref(m->reg));
	loop_timer_start(&m->compact, COMPACT_US);
}

/* --- repair ------------------------------------------------------------------------- */

static void note_used(struct maintenance *m, char *key, const struct resource *res, json *obj)
{
	struct used *u;

	HASH_FIND_STR(m->used, key, u);
	if (u) {
		free(key);
		json_freep(&obj);
		return;
	}
	u = xnew0(struct used);
	u->key = key;
	u->res = res;
	u->obj = obj;
	HASH_ADD_KEYPTR(hh, m->used, u->key, strlen(u->key), u);
}

static void note_service(struct maintenance *m, json *obj)
{
	const char *ip = json_str_or(json_get(obj, "spec", "clusterIP"), "");
	int family;
	ip_num n;

	if (!ip_parse(ip, &family, &n) && ip_range_contains(&m->reg->services, family, n))
		note_used(m, service_ip_key(family, n), &res_services, obj);
	else
		json_freep(&obj);
}

static void note_node(struct maintenance *m, json *obj)
{
	const char *cidr = json_str_or(json_get(obj, "spec", "podCIDR"), "");
	struct ip_range r;
	uint32_t index;

	if (!ip_range_parse(cidr, &r) && !ip_range_block_index(&m->reg->pods, m->reg->node_prefix_len, &r, &index))
		note_used(m, pod_cidr_key(&r), &res_nodes, obj);
	else
		json_freep(&obj);
}

static bool is_old(const struct etcd_kv *kv)
{
	_cleanup_json_ json *r = NULL;
	uint64_t made;

	if (json_parse(kv->value, kv->value_len, &r, NULL) ||
	    parse_time(json_str_or(json_get(r, "metadata", "creationTimestamp"), ""), &made))
		return true;
	return now_realtime_us() > made + REPAIR_AGE_US;
}

static void check_reservation(struct maintenance *m, const struct etcd_kv *kv)
{
	struct used *u;

	HASH_FIND_STR(m->used, kv->key, u);
	if (u)
		u->reserved = true;
	else if (is_old(kv))
		etcd_txn_put(m->reg->etcd, kv->key, kv->mod_revision, NULL, 0, 0, ignore_answer, NULL);
}

static void reserve_missing(struct maintenance *m)
{
	struct used *u, *tmp;

	HASH_ITER(hh, m->used, u, tmp) {
		_cleanup_free_ char *text = NULL;

		if (u->reserved)
			continue;
		text = reservation_text(u->key, u->res, u->obj);
		etcd_txn_put(m->reg->etcd, u->key, 0, text, strlen(text), 0, ignore_answer, NULL);
	}
}

enum { READ_SERVICES, READ_NODES, READ_ADDRESSES, READ_PREFIXES, READ_ALL };
static const char *const read_prefix[READ_ALL] = {
	[READ_SERVICES] = REGISTRY_PREFIX "services/specs/",
	[READ_NODES] = REGISTRY_PREFIX "minions/",
	[READ_ADDRESSES] = SERVICE_IP_PREFIX,
	[READ_PREFIXES] = POD_CIDR_PREFIX,
};

static void read_next(struct maintenance *m);

static void on_read(void *data, const struct etcd_result *res)
{
	struct maintenance *m = data;

	m->busy = false;
	if (is_over(m))
		return;
	if (res->err) {
		loop_timer_start(&m->repair, RETRY_US);
		return;
	}
	for (size_t i = 0; i < res->n_kvs; i++) {
		const struct etcd_kv *kv = &res->kvs[i];
		_cleanup_free_ char *why = NULL;
		json *obj;

		if (m->step >= READ_ADDRESSES)
			check_reservation(m, kv);
		else if (object_decode(kv->key, kv->value, kv->value_len, kv->mod_revision, &obj, &why))
			continue;
		else if (m->step == READ_SERVICES)
			note_service(m, obj);
		else
			note_node(m, obj);
	}
	m->step++;
	read_next(m);
}

static void read_next(struct maintenance *m)
{
	_cleanup_free_ char *end = NULL;

	if (m->step == READ_ALL) {
		reserve_missing(m);
		forget_used(m);
		loop_timer_start(&m->repair, REPAIR_US);
		return;
	}
	end = etcd_prefix_end(read_prefix[m->step]);
	m->busy = true;
	etcd_range(m->reg->etcd, read_prefix[m->step], end, NULL, on_read, m);
}

static void on_repair(void *data)
{
	struct maintenance *m = data;

	forget_used(m);
	m->step = READ_SERVICES;
	read_next(m);
}

void maintenance_start(struct registry *reg)
{
	struct maintenance *m = xnew0(struct maintenance);

	m->reg = reg;
	reg->maintenance = m;
	loop_timer_init(&m->compact, reg->loop, on_compact, m);
	loop_timer_init(&m->repair, reg->loop, on_repair, m);
	loop_timer_start(&m->compact, 0);
	loop_timer_start(&m->repair, 0);
}

void maintenance_stop(struct registry *reg)
{
	struct maintenance *m = reg->maintenance;

	reg->maintenance = NULL;
	loop_timer_stop(&m->compact);
	loop_timer_stop(&m->repair);
	m->stopped = true;
	is_over(m);
}
