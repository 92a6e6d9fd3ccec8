// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * informer.c - see informer.h
 *
 * Life: list, then watch from the list's revision. A watch that ended is opened
 * again from the last revision seen; one whose revision is compacted leads to a
 * new list. Replaced trees are buried, and freed at the loop's next turn.
 */
#include "store/informer.h"

#include <errno.h>
#include <uthash.h>
#include "base/loop.h"
#include "store/index.h"
#include "store/kube_wire.h"

#define RETRY_FIRST_US 200000
#define RETRY_MAX_US 2000000	/* whoever comes back is heard of soon: datapaths wait for it */
#define WATCH_GOOD_US 10000000	/* a watch that lived that long was not the fault's cause */

struct entry {
	UT_hash_handle hh;
	char *key;		/* "namespace/name" or "name" */
	json *obj;
	struct filed filed;
	bool listed;		/* seen in the list under way */
};

struct handler {
	informer_cb cb;
	void *data;
};

struct change {
	const json *old, *new;
};

/* A list under way; the store cannot cancel it, so that it may outlive the informer. */
struct listing {
	struct informer *inf;	/* NULL: freed */
};

struct informer {
	sd_event *loop;
	struct store *store;
	const struct resource *r;
	char *ns;
	struct store_selector sel;
	char *label, *field;
	struct handler *handlers;
	size_t n_handlers;
	struct index *by_namespace;
	struct index **indexes;
	size_t n_indexes;
	struct entry *entries;
	bool synced;
	int64_t rv;
	struct listing *listing;
	struct store_watch *watch;
	uint64_t watch_since;
	uint64_t fresh_since;	/* monotonic; 0: out of touch */
	informer_contact_cb contact;
	void *contact_data;
	bool lost;		/* the contact callback was told so */
	bool failed;		/* a watch has ended, and nothing was heard since */
	bool relist;		/* what the retry timer does: list or watch */
	struct loop_timer retry, burial;
	struct backoff backoff;
	json **dead;
	size_t n_dead, cap_dead;
	uint64_t visits;
};

/* --- the cache --------------------------------------------------------------------- */

static void bury(struct informer *inf, json *obj)
{
	if (inf->n_dead == inf->cap_dead) {
		inf->cap_dead = inf->cap_dead ? inf->cap_dead * 2 : 16;
		inf->dead = xrealloc(inf->dead, inf->cap_dead * sizeof(*inf->dead));
	}
	inf->dead[inf->n_dead++] = obj;
	loop_timer_start_by(&inf->burial, 0);
}

static void on_burial(void *data)
{
	struct informer *inf = data;

	for (size_t i = 0; i < inf->n_dead; i++)
		cJSON_Delete(inf->dead[i]);
	inf->n_dead = 0;
}

static char *make_key(const char *ns, const char *name)
{
	return ns ? xasprintf("%s/%s", ns, name) : xstrdup(name);
}

static char *key_of(const json *obj)
{
	const char *name = json_str(json_get(obj, "metadata", "name"));

	return name ? make_key(json_str(json_get(obj, "metadata", "namespace")), name) : NULL;
}

static void index_by_namespace(const json *obj, void (*emit)(void *, const char *), void *data)
{
	emit(data, json_str_or(json_get(obj, "metadata", "namespace"), ""));
}

static void reindex(struct informer *inf, struct entry *e)
{
	index_put(inf->by_namespace, &e->filed, e->obj);
	for (size_t i = 0; i < inf->n_indexes; i++)
		index_put(inf->indexes[i], &e->filed, e->obj);
}

static void entry_remove(struct informer *inf, struct entry *e)
{
	filed_remove(&e->filed);
	HASH_DEL(inf->entries, e);
	bury(inf, e->obj);
	free(e->key);
	free(e);
}

static void tell(struct informer *inf, const json *old, const json *new)
{
	if (old && new && !streq(json_str(json_get(old, "metadata", "uid")), json_str(json_get(new, "metadata", "uid")))) {
		tell(inf, old, NULL);
		tell(inf, NULL, new);
		return;
	}
	for (size_t i = 0; i < inf->n_handlers; i++)
		inf->handlers[i].cb(inf->handlers[i].data, old, new);
}

/* Puts a copy into the cache: true if that changed it. */
static bool put(struct informer *inf, const json *obj, struct change *ret)
{
	_cleanup_free_ char *key = key_of(obj);
	struct entry *e;
	int64_t rv;

	if (!key)
		return false;
	HASH_FIND_STR(inf->entries, key, e);
	rv = kube_rv(obj);
	if (e) {
		e->listed = true;
		if (rv && kube_rv(e->obj) == rv)
			return false;
		*ret = (struct change){ e->obj, json_clone(obj) };
		bury(inf, e->obj);
	} else {
		e = xnew0(struct entry);
		e->listed = true;
		e->key = TAKE_PTR(key);
		HASH_ADD_KEYPTR(hh, inf->entries, e->key, strlen(e->key), e);
		*ret = (struct change){ NULL, json_clone(obj) };
	}
	e->obj = (json *)ret->new;
	reindex(inf, e);
	return true;
}

static void in_touch(struct informer *inf)
{
	if (!inf->fresh_since)
		inf->fresh_since = now_monotonic_us();
	inf->failed = false;
	if (!inf->lost)
		return;
	inf->lost = false;
	if (inf->contact)
		inf->contact(inf->contact_data, NULL);
}

static void out_of_touch(struct informer *inf, const json *status)
{
	inf->fresh_since = 0;
	if (inf->lost)
		return;
	inf->lost = true;
	if (inf->contact)
		inf->contact(inf->contact_data, json_str_or(json_get(status, "message"), "no answer"));
}

/* --- list ---------------------------------------------------------------------------- */

static void list(struct informer *inf);
static void watch(struct informer *inf);

static void retry(struct informer *inf, bool relist)
{
	inf->relist = relist;
	loop_timer_start(&inf->retry, backoff_next(&inf->backoff));
}

static void on_retry(void *data)
{
	struct informer *inf = data;

	if (inf->relist)
		list(inf);
	else
		watch(inf);
}

/* Makes the cache what the list says, then tells the difference. */
static void replace(struct informer *inf, const json *items, int64_t rv)
{
	_cleanup_free_ struct change *changes = NULL;
	struct entry *e, *tmp;
	size_t n = 0, removed = 0;

	HASH_ITER(hh, inf->entries, e, tmp)
		e->listed = false;
	changes = xcalloc(json_len(items) + HASH_COUNT(inf->entries) + 1, sizeof(*changes));
	json_each(it, items)
		n += put(inf, it, &changes[n]);
	HASH_ITER(hh, inf->entries, e, tmp) {
		if (e->listed)
			continue;
		changes[n + removed++] = (struct change){ e->obj, NULL };
		entry_remove(inf, e);
	}
	inf->rv = rv;
	inf->synced = true;
	in_touch(inf);
	for (size_t i = n; i < n + removed; i++)
		tell(inf, changes[i].old, NULL);
	for (size_t i = 0; i < n; i++)
		tell(inf, changes[i].old, changes[i].new);
}

static void on_list(void *data, const struct store_result *res)
{
	struct listing *l = data;
	struct informer *inf = l->inf;

	free(l);
	if (!inf)
		return;
	inf->listing = NULL;
	if (res->err) {
		out_of_touch(inf, res->obj);
		retry(inf, true);
		return;
	}
	replace(inf, json_get(res->obj, "items"), res->rv ? res->rv : kube_rv(res->obj));
	watch(inf);
}

static void list(struct informer *inf)
{
	inf->listing = xnew0(struct listing);
	inf->listing->inf = inf;
	store_list(inf->store, inf->r, inf->ns, &inf->sel, on_list, inf->listing);
}

/* --- watch --------------------------------------------------------------------------- */

static void on_deleted(struct informer *inf, const json *obj)
{
	_cleanup_free_ char *key = key_of(obj);
	const json *old;
	struct entry *e;

	if (!key)
		return;
	HASH_FIND_STR(inf->entries, key, e);
	if (!e)
		return;
	old = e->obj;
	entry_remove(inf, e);
	tell(inf, old, NULL);
}

static void on_event(void *data, enum store_event_type type, const json *obj, int64_t rv)
{
	struct informer *inf = data;
	struct change c;

	if (type == STORE_STALLED) {
		out_of_touch(inf, obj);
		return;
	}
	if (type == STORE_ERROR) {
		bool gone = json_int(json_get(obj, "code"), 0) == 410;

		/* Watches end now and then; it is another matter if the next one ends too. */
		inf->fresh_since = 0;
		if (inf->failed && !gone)
			out_of_touch(inf, obj);
		inf->failed = true;
		if (now_monotonic_us() - inf->watch_since >= WATCH_GOOD_US)
			backoff_reset(&inf->backoff);
		store_watch_close(inf->store, TAKE_PTR(inf->watch));
		retry(inf, gone);
		return;
	}
	in_touch(inf);
	backoff_reset(&inf->backoff);
	if (rv > inf->rv)
		inf->rv = rv;
	switch (type) {
	case STORE_ADDED:
	case STORE_MODIFIED:
		if (put(inf, obj, &c))
			tell(inf, c.old, c.new);
		break;
	case STORE_DELETED:
		on_deleted(inf, obj);
		break;
	default:	/* a bookmark moves the revision only */
		break;
	}
}

static void watch(struct informer *inf)
{
	inf->watch_since = now_monotonic_us();
	inf->watch = store_watch(inf->store, inf->r, inf->ns, &inf->sel, inf->rv, on_event, inf);
}

/* --- life ------------------------------------------------------------------------------ */

struct informer *informer_new(sd_event *loop, struct store *s, const struct resource *r,
			      const char *ns, const struct store_selector *sel)
{
	struct informer *inf = xnew0(struct informer);

	inf->loop = sd_event_ref(loop);
	inf->store = s;
	inf->r = r;
	inf->ns = ns ? xstrdup(ns) : NULL;
	inf->label = sel && sel->label ? xstrdup(sel->label) : NULL;
	inf->field = sel && sel->field ? xstrdup(sel->field) : NULL;
	inf->sel = (struct store_selector){ .label = inf->label, .field = inf->field };
	inf->by_namespace = index_new(index_by_namespace, INDEX_EVERY);
	inf->backoff = (struct backoff){ .first_us = RETRY_FIRST_US, .max_us = RETRY_MAX_US };
	loop_timer_init(&inf->retry, loop, on_retry, inf);
	loop_timer_init(&inf->burial, loop, on_burial, inf);
	return inf;
}

void informer_free(struct informer *inf)
{
	struct entry *e, *tmp;

	if (!inf)
		return;
	store_watch_close(inf->store, inf->watch);
	if (inf->listing)
		inf->listing->inf = NULL;
	HASH_ITER(hh, inf->entries, e, tmp)
		entry_remove(inf, e);
	on_burial(inf);
	loop_timer_stop(&inf->retry);
	loop_timer_stop(&inf->burial);
	sd_event_unref(inf->loop);
	free(inf->dead);
	free(inf->handlers);
	index_free(inf->by_namespace);
	for (size_t i = 0; i < inf->n_indexes; i++)
		index_free(inf->indexes[i]);
	free(inf->indexes);
	free(inf->ns);
	free(inf->label);
	free(inf->field);
	free(inf);
}

void informer_add_handler(struct informer *inf, informer_cb cb, void *data)
{
	inf->handlers = xrealloc(inf->handlers, (inf->n_handlers + 1) * sizeof(*inf->handlers));
	inf->handlers[inf->n_handlers++] = (struct handler){ cb, data };
}

void informer_on_contact(struct informer *inf, informer_contact_cb cb, void *data)
{
	inf->contact = cb;
	inf->contact_data = data;
}

int informer_add_index(struct informer *inf, index_fn fn, enum index_mode mode)
{
	inf->indexes = xrealloc(inf->indexes, (inf->n_indexes + 1) * sizeof(*inf->indexes));
	inf->indexes[inf->n_indexes] = index_new(fn, mode);
	return inf->n_indexes++;
}

void informer_start(struct informer *inf)
{
	list(inf);
}

/* --- reading ---------------------------------------------------------------------------- */

bool informer_synced(const struct informer *inf)
{
	return inf->synced;
}

int64_t informer_rv(const struct informer *inf)
{
	return inf->rv;
}

uint64_t informer_fresh_since(const struct informer *inf)
{
	return inf->fresh_since;
}

uint64_t informer_visits(const struct informer *inf)
{
	return inf->visits;
}

static const json *visit(const struct informer *inf, const struct entry *e)
{
	((struct informer *)inf)->visits++;	/* no part of what the cache says */
	return e->obj;
}

static struct entry *entry_of(struct filed *f)
{
	return container_of(f, struct entry, filed);
}

const json *informer_get(const struct informer *inf, const char *ns, const char *name)
{
	_cleanup_free_ char *key = make_key(ns, name);
	struct entry *e;

	HASH_FIND_STR(inf->entries, key, e);
	return e ? visit(inf, e) : NULL;
}

size_t informer_count(const struct informer *inf)
{
	return HASH_COUNT(inf->entries);
}

static const json **objects(const struct informer *inf, struct filed *const *slots, size_t n, size_t *ret_n)
{
	const json **objs = xcalloc(n + 1, sizeof(*objs));

	for (size_t i = 0; i < n; i++)
		objs[i] = visit(inf, entry_of(slots[i]));
	if (ret_n)
		*ret_n = n;
	return objs;
}

static int by_key(const void *a, const void *b)
{
	return strcmp((*(struct entry *const *)a)->key, (*(struct entry *const *)b)->key);
}

const json **informer_list(const struct informer *inf, const char *ns, size_t *ret_n)
{
	_cleanup_free_ struct entry **entries = NULL;
	const json **objs;
	size_t n = 0;

	if (ns) {
		struct filed *const *slots = index_find(inf->by_namespace, ns, &n);

		entries = xcalloc(n, sizeof(*entries));
		for (size_t i = 0; i < n; i++)
			entries[i] = entry_of(slots[i]);
	} else {
		entries = xcalloc(informer_count(inf), sizeof(*entries));
		for (struct entry *e = inf->entries; e; e = e->hh.next)
			entries[n++] = e;
	}
	if (n)
		qsort(entries, n, sizeof(*entries), by_key);
	objs = xcalloc(n + 1, sizeof(*objs));
	for (size_t i = 0; i < n; i++)
		objs[i] = visit(inf, entries[i]);
	if (ret_n)
		*ret_n = n;
	return objs;
}

const json **informer_by_index(const struct informer *inf, int index, const char *key, size_t max, size_t *ret_n)
{
	size_t n;
	struct filed *const *slots = index_find(inf->indexes[index], key, &n);

	return objects(inf, slots, max && n > max ? max : n, ret_n);
}

size_t informer_index_count(const struct informer *inf, int index, const char *key)
{
	return index_count(inf->indexes[index], key);
}

const json *informer_index_at(const struct informer *inf, int index, const char *key, size_t i)
{
	struct filed *f = index_at(inf->indexes[index], key, i);

	return f ? visit(inf, entry_of(f)) : NULL;
}

void index_by_controller_uid(const json *obj, void (*emit)(void *, const char *), void *data)
{
	json_each(ref, json_get(obj, "metadata", "ownerReferences")) {
		const char *uid = json_str(json_get(ref, "uid"));

		if (uid && json_bool(json_get(ref, "controller"), false))
			emit(data, uid);
	}
}

void index_by_node_name(const json *obj, void (*emit)(void *, const char *), void *data)
{
	const char *node = json_str(json_get(obj, "spec", "nodeName"));

	if (node && node[0])
		emit(data, node);
}
