/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * internal.h - between the files of the registry: its state, and the
 *                       operation under way
 *
 * Every call of the store becomes a struct op. It starts from the loop (so that
 * its answer never comes from inside the call), goes from one etcd answer to
 * the next, and ends in exactly one of op_done() and op_fail(), which free it.
 */
#ifndef KEELSON_API_REGISTRY_INTERNAL_H
#define KEELSON_API_REGISTRY_INTERNAL_H

#include "api/registry/admission.h"
#include "api/registry/ranges.h"
#include "api/kinds/kinds.h"
#include "api/registry/registry.h"
#include "api/meta/selector.h"
#include "base/loop.h"

#define REGISTRY_PREFIX "/registry/"

struct registry {
	struct store store;		/* first, see store.h */
	sd_event *loop;
	struct etcd *etcd;
	unsigned refs;			/* the owner's and one per operation and watch */
	bool freed;			/* the owner is gone: nobody is called back */
	struct ip_range services;	/* service addresses */
	struct ip_range pods;		/* what nodes' prefixes are cut from */
	int node_prefix_len;
	int64_t event_lease;		/* events hang on it; 0: none yet */
	uint64_t event_lease_until;	/* new events take a new one after this (monotonic, us) */
	struct maintenance *maintenance;
	struct counts *counts;
	struct advertise *advertise;	/* NULL: this server is not for others to call */
	struct cache *caches;		/* see cache.h */
	int64_t *page_hints;		/* by the kinds' order in the table, see pages.h */
};

struct registry *registry_of(struct store *s);
struct registry *registry_ref(struct registry *reg);
void registry_unref(struct registry *reg);

/* Where the size of the kind's pages is remembered. */
int64_t *registry_page_hint(struct registry *reg, const struct kind *k);
/* "/registry/pods/default/web"; name NULL: the prefix of a namespace; ns NULL as well: of the kind. Caller frees. */
char *registry_key(const struct resource *r, const char *ns, const char *name);

/* A key that is held for the object being written, and can be given back. */
struct reservation {
	char *key;
	int64_t revision;
};

struct op {
	struct registry *reg;
	const struct kind *k;		/* the stored version */
	const struct kind *as;		/* the version of what the caller sends */
	char *ns, *name, *sub;		/* NULL as in store.h */
	char *key;
	store_cb cb;
	void *data;
	struct loop_timer start;
	void (*begin)(struct op *op);

	struct registry_write_opts write;
	enum store_patch_type patch_type;
	json *body;			/* what the caller wants: object, patch, Binding */
	json *managed;			/* managedFields of what was applied; NULL: recorded in the end */
	bool is_patch;
	struct store_delete_opts del;	/* strings owned */

	json *cur;			/* as etcd holds it */
	int64_t cur_rv;
	json *next;			/* to be written */
	json *status;			/* a refusal on its way, while something is undone */
	struct admission admission;
	struct etcd_guard guard;	/* what has to be still so when it is written; key owned, NULL: nothing */
	int64_t write_rv;
	int attempts;

	struct reservation *held;	/* in the course of this operation */
	size_t n_held;
	void (*then)(struct op *op, json *status);	/* where alloc.c goes on */
	char *held_key;			/* the key asked for last */
	int64_t leftover;		/* revision of the reservation there, if it names this very object; else 0 */
	int probes;

	int64_t min_rv;			/* of a read: what it gives is not older */
	uint64_t give_up;		/* waiting for that; 0: not waiting */
};

/* Whether the write is a server-side apply, also one that makes the object. */
static inline bool op_is_apply(const struct op *op)
{
	return op->is_patch && op->patch_type == STORE_PATCH_APPLY;
}
/* Copies the strings. k NULL (a resource the table does not know) is answered 404. */
struct op *op_new(struct registry *reg, const struct resource *r, const char *ns, const char *name,
		  const char *sub, void (*begin)(struct op *op), store_cb cb, void *data);
/* obj is borrowed. */
void op_done(struct op *op, int code, const json *obj, int64_t rv);
/* Takes the Status. */
void op_fail(struct op *op, json *status);
/* etcd did not do it: a Status for res->err. */
json *etcd_status(const struct etcd_result *res);
/* True (and the operation freed) if the registry's owner is gone. For the first line of etcd's callbacks. */
bool op_orphaned(struct op *op);
/* The write is to happen only while this cluster-scoped object of another kind is as it is now. */
void op_guard(struct op *op, const struct resource *r, const json *obj);
/*
 * True if etcd is not as new as op->min_rv: then begin() is called again in a
 * while, or the operation has failed. For etcd's answer to a read of the newest.
 */
bool op_too_old(struct op *op, int64_t revision);
/* The object of a range answer into op->cur; NULL or the Status to fail with. */
json *op_take_current(struct op *op, const struct etcd_kv *kv);

/* --- write.c --- */
void write_begin_create(struct op *op);
void write_begin_update(struct op *op);
/* --- virtual.c: kinds of which nothing is stored --- */
bool kind_is_virtual(const struct kind *k);
void virtual_create(struct op *op);
void virtual_get(struct op *op);
/* What the kind's rules list, as far as it is selected; a new array. */
json *virtual_items(const struct kind *k, const struct selector *sel);
/* Who writes; the server itself where nobody is named. */
const struct kind_user *write_user(const struct registry_write_opts *o);
/* --- delete.c --- */
void delete_begin(struct op *op);
/* --- watch.c --- */
struct store_watch *registry_watch(struct store *s, const struct resource *r, const char *ns,
				   const struct store_selector *sel, int64_t rv, store_watch_cb cb, void *data);
void registry_watch_close(struct store *s, struct store_watch *w);

/* --- alloc.c: service addresses and pod prefixes --- */

/*
 * Reserves what op->next needs beyond op->cur (NULL: a create) and writes it
 * into op->next; then(op, NULL), or then(op, Status) with nothing held.
 */
void alloc_reserve(struct op *op, void (*then)(struct op *op, json *status));
/* Gives back what this operation reserved, because the object is not written. then(op, NULL). */
void alloc_undo(struct op *op, void (*then)(struct op *op, json *status));
/* Gives back what op->cur held and op->next (NULL: deleted) does not. then(op, NULL). */
void alloc_release(struct op *op, void (*then)(struct op *op, json *status));
/* Where reservations lie in etcd; name: an address, or "10.244.1.0-24". Caller frees. */
#define SERVICE_IP_PREFIX REGISTRY_PREFIX "ipaddresses/"
#define POD_CIDR_PREFIX REGISTRY_PREFIX "keelson/podcidrs/"
char *service_ip_key(int family, ip_num ip);
char *pod_cidr_key(const struct ip_range *r);
/* What lies there, naming the owner; caller frees. */
char *reservation_text(const char *key, const struct resource *owner, const json *obj);
/* The owner's uid in it, "" if none; caller frees. */
char *reservation_owner(const struct etcd_kv *kv);

/* --- maintain.c: what every server does now and then --- */
void maintenance_start(struct registry *reg);
void maintenance_stop(struct registry *reg);

/* --- counts.c --- */
void counts_start(struct registry *reg);
void counts_stop(struct registry *reg);

/* --- advertise.c --- */
void advertise_stop(struct registry *reg);

#endif
