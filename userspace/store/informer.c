// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * informer.c - see informer.h
 *
 * Life: list, then watch from the list's revision. A watch that ended is opened
 * again from the last revision seen; one whose revision is compacted leads to a
 * new list. Trees are kept, not copied, where the provider has them for itself too
 * (base/frozen.h); replaced ones are buried, and let go at the loop's next turn.
 *
 * Lists come in parts. A part, and events in large numbers, are taken in as far
 * as a turn of the loop allows; what is left over waits in order (loop_work.h),
 * and nothing overtakes it.
 */
#include "store/informer.h"

#include <errno.h>
#include <uthash.h>
#include <utlist.h>
#include "base/frozen.h"
#include "base/loop.h"
#include "base/loop_work.h"
#include "store/index.h"
#include "store/kube_wire.h"

#define RETRY_FIRST_US 200000
#define RETRY_MAX_US 2000000	/* whoever comes back is heard of soon: datapaths wait for it */
#define WATCH_GOOD_US 10000000	/* a watch that lived that long was not the fault's cause */
#define LIST_PART 250		/* objects asked for at a time: the source decodes them all in one turn */

struct entry {
	UT_hash_handle hh;
	char *key;		/* "namespace/name" or "name" */
	const json *obj;	/* kept */
	void *summary;		/* or NULL */
	struct filed filed;
	uint64_t seen;		/* number of the last list that had it */
};

/* An object that was replaced or is gone. */
struct grave {
	const json *obj;
	void *summary;
};

/* An event that has to wait for a later turn. */
struct waiting {
	struct waiting *prev, *next;
	enum store_event_type type;
	const json *obj;	/* kept */
	int64_t rv;
};

struct handler {
	informer_cb cb;
	void *data;
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
	/* The list under way, if there is one; no watch is open then. */
	struct listing *listing;
	uint64_t list_number;
	int64_t part_size, list_rv;
	char *list_more;	/* the token of the part after this one; NULL: this is the last */
	const json **part;	/* the part's items, kept; NULL: none */
	size_t part_n, part_at;	/* from there on they were not taken in yet */
	bool sweeping;		/* all parts are in: entries from sweep on may be gone */
	struct entry *sweep;
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
	struct waiting *backlog;
	struct loop_work work;	/* takes in what is left over */
	struct grave *dead;
	size_t n_dead, cap_dead;
	size_t summary_size;
	void (*summarize)(const json *obj, void *ret);
	uint64_t visits;
};

/* --- the cache --------------------------------------------------------------------- */

static void bury(struct informer *inf, struct entry *e)
{
	if (inf->n_dead == inf->cap_dead) {
		inf->cap_dead = inf->cap_dead ? inf->cap_dead * 2 : 16;
		inf->dead = xrealloc(inf->dead, inf->cap_dead * sizeof(*inf->dead));
	}
	inf->dead[inf->n_dead++] = (struct grave){ e->obj, e->summary };
	loop_timer_start_by(&inf->burial, 0);
}

static void on_burial(void *data)
{
	struct informer *inf = data;

	for (size_t i = 0; i < inf->n_dead; i++) {
		json_release(inf->dead[i].obj);
		free(inf->dead[i].summary);
	}
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
	bury(inf, e);
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

/* Puts the object, whose reference it takes, into the cache, and tells if that changed it. */
static void put(struct informer *inf, const json *obj)
{
	_cleanup_free_ char *key = key_of(obj);
	const json *old = NULL;
	struct entry *e = NULL;
	int64_t rv = kube_rv(obj);

	if (key)
		HASH_FIND_STR(inf->entries, key, e);
	if (!key || (e && rv && kube_rv(e->obj) == rv)) {
		if (e)
			e->seen = inf->list_number;
		json_release(obj);
		return;
	}
	if (e) {
		old = e->obj;
		bury(inf, e);
	} else {
		e = xnew0(struct entry);
		e->key = TAKE_PTR(key);
		HASH_ADD_KEYPTR(hh, inf->entries, e->key, strlen(e->key), e);
	}
	e->seen = inf->list_number;
	e->obj = obj;
	if (inf->summarize) {
		e->summary = xmalloc(inf->summary_size);
		inf->summarize(obj, e->summary);
	}
	reindex(inf, e);
	tell(inf, old, obj);
}

static void take_out(struct informer *inf, struct entry *e)
{
	const json *old = e->obj;

	entry_remove(inf, e);
	tell(inf, old, NULL);
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
static void on_list(void *data, const struct store_result *res);
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

static void ask_part(struct informer *inf)
{
	struct store_selector sel = inf->sel;

	sel.limit = inf->part_size;
	sel.cont = inf->list_more;
	/* The first state may be a little old; what is known already must not be followed by what was before. */
	sel.cached = !inf->synced;
	inf->listing = xnew0(struct listing);
	inf->listing->inf = inf;
	store_list(inf->store, inf->r, inf->ns, &sel, on_list, inf->listing);
}

static void forget_part(struct informer *inf)
{
	while (inf->part_at < inf->part_n)
		json_release(inf->part[inf->part_at++]);
	free(TAKE_PTR(inf->part));
}

static void keep_part(struct informer *inf, const json *items)
{
	inf->part = xcalloc((size_t)json_len(items) + 1, sizeof(*inf->part));
	inf->part_n = inf->part_at = 0;
	json_each(it, items)
		inf->part[inf->part_n++] = json_keep(it);
}

static void forget_list(struct informer *inf)
{
	forget_part(inf);
	free(TAKE_PTR(inf->list_more));
	inf->sweeping = false;
	inf->list_rv = 0;
}

static void list(struct informer *inf)
{
	forget_list(inf);
	inf->list_number++;
	ask_part(inf);
}

/* What no part of the list had is gone. True when all of them are through. */
static bool sweep(struct informer *inf)
{
	while (inf->sweep) {
		struct entry *e = inf->sweep;

		inf->sweep = e->hh.next;
		if (e->seen != inf->list_number)
			take_out(inf, e);
		if (inf->sweep && loop_turn_spent(inf->loop))
			return false;
	}
	return true;
}

/* Goes on with the list. True when it is the turn's end that stops it. */
static bool take_list(struct informer *inf)
{
	while (inf->part && inf->part_at < inf->part_n) {
		put(inf, inf->part[inf->part_at++]);
		if (loop_turn_spent(inf->loop))
			return true;
	}
	forget_part(inf);
	if (inf->list_more && !inf->sweeping) {
		ask_part(inf);
		return false;
	}
	if (!inf->sweeping) {
		inf->sweeping = true;
		inf->sweep = inf->entries;
	}
	if (!sweep(inf))
		return true;
	inf->rv = inf->list_rv;
	inf->synced = true;
	inf->part_size = LIST_PART;
	forget_list(inf);
	in_touch(inf);
	watch(inf);
	return false;
}

static void on_list(void *data, const struct store_result *res)
{
	struct listing *l = data;
	struct informer *inf = l->inf;
	const char *more;

	free(l);
	if (!inf)
		return;
	inf->listing = NULL;
	loop_part("list of", inf->r->plural);
	if (res->err) {
		/* The parts took longer than the server remembers: from the start, and more at a time. */
		if (res->err == -EKEYEXPIRED && inf->list_more)
			inf->part_size *= 8;
		else
			out_of_touch(inf, res->obj);
		retry(inf, true);
		return;
	}
	if (!inf->list_rv)
		inf->list_rv = res->rv ? res->rv : kube_rv(res->obj);
	more = json_str(json_get(res->obj, "metadata", "continue"));
	free(inf->list_more);
	inf->list_more = more && *more ? xstrdup(more) : NULL;
	keep_part(inf, json_get(res->obj, "items"));
	if (take_list(inf))
		loop_work_start(&inf->work);
}

/* --- watch --------------------------------------------------------------------------- */

static void on_deleted(struct informer *inf, const json *obj)
{
	_cleanup_free_ char *key = key_of(obj);
	struct entry *e;

	if (!key)
		return;
	HASH_FIND_STR(inf->entries, key, e);
	if (e)
		take_out(inf, e);
}

static void on_watch_end(struct informer *inf, const json *status)
{
	bool gone = json_int(json_get(status, "code"), 0) == 410;

	/* Watches end now and then; it is another matter if the next one ends too. */
	inf->fresh_since = 0;
	if (inf->failed && !gone)
		out_of_touch(inf, status);
	inf->failed = true;
	if (now_monotonic_us() - inf->watch_since >= WATCH_GOOD_US)
		backoff_reset(&inf->backoff);
	store_watch_close(inf->store, TAKE_PTR(inf->watch));
	retry(inf, gone);
}

static void take_event(struct informer *inf, enum store_event_type type, const json *obj, int64_t rv)
{
	if (type == STORE_STALLED) {
		out_of_touch(inf, obj);
		return;
	}
	if (type == STORE_ERROR) {
		on_watch_end(inf, obj);
		return;
	}
	in_touch(inf);
	backoff_reset(&inf->backoff);
	if (rv > inf->rv)
		inf->rv = rv;
	if (type == STORE_ADDED || type == STORE_MODIFIED)
		put(inf, json_keep(obj));
	else if (type == STORE_DELETED)
		on_deleted(inf, obj);
	/* A bookmark moves the revision only. */
}

static void on_event(void *data, enum store_event_type type, const json *obj, int64_t rv)
{
	struct informer *inf = data;
	struct waiting *w;

	loop_part("changes of", inf->r->plural);
	if (!inf->backlog && !loop_turn_spent(inf->loop)) {
		take_event(inf, type, obj, rv);
		return;
	}
	w = xnew0(struct waiting);
	*w = (struct waiting){ .type = type, .obj = json_keep(obj), .rv = rv };
	DL_APPEND(inf->backlog, w);
	loop_work_start(&inf->work);
}

/* There is a list under way, or a watch that has said much at once; never both. */
static bool go_on(void *data)
{
	struct informer *inf = data;
	struct waiting *w;

	loop_part("changes of", inf->r->plural);
	if (inf->part || inf->sweeping)
		return take_list(inf);
	while ((w = inf->backlog)) {
		DL_DELETE(inf->backlog, w);
		take_event(inf, w->type, w->obj, w->rv);
		json_release(w->obj);
		free(w);
		if (loop_turn_spent(inf->loop))
			break;
	}
	return inf->backlog;
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
	inf->part_size = LIST_PART;
	inf->backoff = (struct backoff){ .first_us = RETRY_FIRST_US, .max_us = RETRY_MAX_US };
	loop_timer_init(&inf->retry, loop, on_retry, inf);
	loop_timer_init(&inf->burial, loop, on_burial, inf);
	loop_work_init(&inf->work, loop, go_on, inf);
	return inf;
}

void informer_free(struct informer *inf)
{
	struct entry *e, *tmp;
	struct waiting *w, *next;

	if (!inf)
		return;
	loop_work_stop(&inf->work);
	DL_FOREACH_SAFE(inf->backlog, w, next) {
		json_release(w->obj);
		free(w);
	}
	forget_list(inf);
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

void informer_summarize(struct informer *inf, size_t size, void (*make)(const json *obj, void *ret))
{
	if (inf->summarize && inf->summarize != make)
		abort();
	inf->summary_size = size;
	inf->summarize = make;
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

const void **informer_summaries(const struct informer *inf, int index, const char *key, size_t *ret_n)
{
	size_t n;
	struct filed *const *slots = index_find(inf->indexes[index], key, &n);
	const void **list = xcalloc(n + 1, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		list[i] = entry_of(slots[i])->summary;
	((struct informer *)inf)->visits += n;
	*ret_n = n;
	return list;
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
