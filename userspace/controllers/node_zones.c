// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * node_zones.c - see node_zones.h
 *
 * Nodes stand in a list by when they were heard of last, so that those that have
 * become silent are found at its head. Those that wait for eviction stand in
 * their zone's queue, and only its head asks for the time; whoever becomes the
 * head is called. A node waits a while before its first turn, as those that go
 * down with it may be seen a little later.
 */
#include "controllers/node_zones.h"

#include <uthash.h>
#include <utlist.h>

#include "api/meta/view_meta.h"

#define LABEL_EXCLUDE "node.kubernetes.io/exclude-disruption"
#define SETTLE_PART 8			/* of the grace period: 5 of 40 seconds */

enum zone_state { ZONE_NORMAL, ZONE_PARTLY_DOWN, ZONE_DOWN };

struct zone {
	char *key;
	size_t n, healthy;		/* nodes that count */
	size_t members;			/* all of them */
	enum zone_state state;
	uint64_t granted_at;		/* 0: never */
	struct node *queue;
	UT_hash_handle hh;
};

struct node {
	char *name;
	char *heartbeat, *renewal;	/* the texts of times that it wrote last */
	uint64_t seen;			/* when we saw them change */
	struct zone *zone;		/* NULL: only its lease is known */
	bool counts;			/* in its zone */
	bool ready;			/* says so */
	bool silent;			/* and then not in the list of the heard */
	bool queued, granted;
	bool to_call;
	uint64_t queued_at;
	struct node *hprev, *hnext;	/* the heard, the longest ago first */
	struct node *qprev, *qnext;	/* zone->queue */
	struct node *cprev, *cnext;	/* to be called */
	UT_hash_handle hh;
};

struct node_zones {
	uint64_t grace_us, eviction_us;
	struct zone *zones;
	size_t n_counting, n_down;	/* zones with nodes that count; those that are down */
	struct node *nodes, *heard, *calls;
	uint64_t heard_since;
	bool all_down, turned;
};

struct node_zones *node_zones_new(uint64_t grace_us, uint64_t eviction_us)
{
	struct node_zones *z = xnew0(struct node_zones);

	z->grace_us = grace_us;
	z->eviction_us = eviction_us;
	return z;
}

static struct node *node_find(const struct node_zones *z, const char *name)
{
	struct node *n;

	HASH_FIND_STR(z->nodes, name, n);
	return n;
}

static struct node *node_of(struct node_zones *z, const char *name, uint64_t now)
{
	struct node *n = node_find(z, name);

	if (n)
		return n;
	n = xnew0(struct node);
	n->name = xstrdup(name);
	n->seen = now;
	HASH_ADD_KEYPTR(hh, z->nodes, n->name, strlen(n->name), n);
	DL_APPEND2(z->heard, n, hprev, hnext);
	return n;
}

static void call(struct node_zones *z, struct node *n)
{
	if (!n || n->to_call)
		return;
	n->to_call = true;
	DL_APPEND2(z->calls, n, cprev, cnext);
}

/* --- zones --- */

static enum zone_state state_of(const struct zone *zone)
{
	size_t bad = zone->n - zone->healthy;

	if (zone->n && !zone->healthy)
		return ZONE_DOWN;
	if (bad > 2 && bad * 100 >= zone->n * NODE_ZONE_UNHEALTHY_PERCENT)
		return ZONE_PARTLY_DOWN;
	return ZONE_NORMAL;
}

/* After its numbers changed. was_counting, was_down: before. */
static void judge(struct node_zones *z, struct zone *zone, bool was_counting, bool was_down)
{
	enum zone_state state = state_of(zone);
	bool all_down;

	z->n_counting += (zone->n > 0) - was_counting;
	z->n_down += (state == ZONE_DOWN) - was_down;
	if (state != zone->state)
		call(z, zone->queue);	/* at another pace now */
	zone->state = state;
	all_down = z->n_counting && z->n_down == z->n_counting;
	if (all_down != z->all_down)
		z->turned = !z->turned;
	z->all_down = all_down;
}

/* Takes the node out of its zone's numbers (sign -1) or adds it to them (1). */
static void count(struct node_zones *z, struct node *n, int sign)
{
	struct zone *zone = n->zone;
	bool was_counting, was_down;

	if (!zone || !n->counts)
		return;
	was_counting = zone->n > 0;
	was_down = zone->state == ZONE_DOWN;
	zone->n += sign;
	if (n->ready && !n->silent)
		zone->healthy += sign;
	judge(z, zone, was_counting, was_down);
}

static char *zone_key(const json *node)
{
	static const char *const labels[][2] = {
		{ "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region" },
		{ "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone" },
	};
	const char *part[2];

	for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
		part[i] = meta_label(node, labels[i][0]) ?: meta_label(node, labels[i][1]) ?: "";
	return xasprintf("%s/%s", part[0], part[1]);
}

static struct zone *zone_of(struct node_zones *z, const json *node)
{
	_cleanup_free_ char *key = zone_key(node);
	struct zone *zone;

	HASH_FIND_STR(z->zones, key, zone);
	if (!zone) {
		zone = xnew0(struct zone);
		zone->key = TAKE_PTR(key);
		HASH_ADD_KEYPTR(hh, z->zones, zone->key, strlen(zone->key), zone);
	}
	return zone;
}

static void leave_queue(struct node_zones *z, struct node *n)
{
	bool head = n->zone && n->zone->queue == n;

	if (!n->queued)
		return;
	DL_DELETE2(n->zone->queue, n, qprev, qnext);
	n->queued = false;
	if (head)
		call(z, n->zone->queue);
}

static void leave_zone(struct node_zones *z, struct node *n)
{
	struct zone *zone = n->zone;

	if (!zone)
		return;
	leave_queue(z, n);
	n->zone = NULL;
	if (--zone->members)
		return;
	HASH_DEL(z->zones, zone);
	free(zone->key);
	free(zone);
}

/* --- nodes --- */

void node_zones_put(struct node_zones *z, const json *obj, uint64_t now)
{
	struct node *n = node_of(z, meta_name(obj), now);
	struct zone *zone = zone_of(z, obj);

	count(z, n, -1);
	if (zone != n->zone) {
		zone->members++;
		leave_zone(z, n);
		n->zone = zone;
	}
	n->counts = !meta_label(obj, LABEL_EXCLUDE);
	n->ready = status_condition_true(obj, "Ready");
	count(z, n, 1);
}

static void node_free(struct node_zones *z, struct node *n)
{
	count(z, n, -1);
	leave_zone(z, n);
	if (!n->silent)
		DL_DELETE2(z->heard, n, hprev, hnext);
	if (n->to_call)
		DL_DELETE2(z->calls, n, cprev, cnext);
	HASH_DEL(z->nodes, n);
	free(n->name);
	free(n->heartbeat);
	free(n->renewal);
	free(n);
}

void node_zones_remove(struct node_zones *z, const char *name)
{
	struct node *n = node_find(z, name);

	if (n)
		node_free(z, n);
}

void node_zones_free(struct node_zones *z)
{
	struct node *n, *tmp;

	if (!z)
		return;
	HASH_ITER(hh, z->nodes, n, tmp)
		node_free(z, n);
	free(z);
}

/* Takes the node out of the list of the heard; it is put into it at once. */
static void hear_again(struct node_zones *z, struct node *n, uint64_t when)
{
	if (!n->silent) {
		DL_DELETE2(z->heard, n, hprev, hnext);
	} else {
		count(z, n, -1);
		n->silent = false;
		count(z, n, 1);
	}
	n->seen = when;
}

static void note(struct node_zones *z, struct node *n, char **slot, const char *text, uint64_t now)
{
	if (!text || streq(*slot, text))
		return;
	free(*slot);
	*slot = xstrdup(text);
	hear_again(z, n, now);
	DL_APPEND2(z->heard, n, hprev, hnext);
}

void node_zones_heartbeat(struct node_zones *z, const char *name, const char *text, uint64_t now)
{
	struct node *n = node_of(z, name, now);

	note(z, n, &n->heartbeat, text, now);
}

void node_zones_renewal(struct node_zones *z, const char *name, const char *text, uint64_t now)
{
	struct node *n = node_of(z, name, now);

	note(z, n, &n->renewal, text, now);
}

void node_zones_pass(struct node_zones *z, uint64_t heard_since, uint64_t now)
{
	struct node *n, *tmp;

	if (heard_since && heard_since != z->heard_since) {
		/* Who was heard of before that gets his time anew. */
		HASH_ITER(hh, z->nodes, n, tmp) {
			if (!n->silent && n->seen >= heard_since)
				continue;
			hear_again(z, n, heard_since);
			DL_PREPEND2(z->heard, n, hprev, hnext);
		}
	}
	z->heard_since = heard_since;
	while (heard_since && (n = z->heard) && now >= n->seen + z->grace_us) {
		count(z, n, -1);
		DL_DELETE2(z->heard, n, hprev, hnext);
		n->silent = true;
		count(z, n, 1);
	}
}

uint64_t node_zones_silence(const struct node_zones *z, const char *name, uint64_t now)
{
	const struct node *n = node_find(z, name);

	return n && z->heard_since && now > n->seen ? now - n->seen : 0;
}

bool node_zones_all_down(const struct node_zones *z)
{
	return z->all_down;
}

/* --- turns --- */

/* Between two nodes; 0: none at all. */
static uint64_t interval_of(const struct node_zones *z, const struct zone *zone)
{
	if (z->all_down)
		return 0;
	if (zone->state != ZONE_PARTLY_DOWN)
		return z->eviction_us;
	return zone->n > NODE_ZONE_LARGE ? z->eviction_us * NODE_EVICTION_SLOWER : 0;
}

bool node_zones_may_evict(struct node_zones *z, const char *name, bool wanted, bool evicted, uint64_t now,
			  uint64_t *ret_wait_us)
{
	struct node *n = node_find(z, name);
	uint64_t interval, at;

	*ret_wait_us = 0;
	if (!n || !n->zone)
		return false;
	if (!wanted || evicted) {
		n->granted = false;
		leave_queue(z, n);
		return false;
	}
	if (n->granted)
		return true;
	if (!n->queued) {
		DL_APPEND2(n->zone->queue, n, qprev, qnext);
		n->queued = true;
		n->queued_at = now;
	}
	interval = interval_of(z, n->zone);
	if (n->zone->queue != n || !interval)
		return false;
	at = n->queued_at + z->grace_us / SETTLE_PART;
	if (n->zone->granted_at && n->zone->granted_at + interval > at)
		at = n->zone->granted_at + interval;
	if (now < at) {
		*ret_wait_us = at - now;
		return false;
	}
	n->granted = true;
	n->zone->granted_at = now;
	leave_queue(z, n);
	return true;
}

const char *node_zones_call(struct node_zones *z)
{
	struct node *n = z->calls;

	if (!n)
		return NULL;
	DL_DELETE2(z->calls, n, cprev, cnext);
	n->to_call = false;
	return n->name;
}

bool node_zones_turned(struct node_zones *z)
{
	bool turned = z->turned;

	z->turned = false;
	return turned;
}
