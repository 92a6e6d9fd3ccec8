// SPDX-License-Identifier: GPL-2.0-or-later
/* informers.c - see informers.h */
#include "controllers/informers.h"

#include <stdio.h>

#include "api/kinds/kinds.h"

#define MAX_INDEXES 16

struct entry {
	const struct resource *res;
	struct informer *informer;
	index_fn index[MAX_INDEXES];
	enum index_mode mode[MAX_INDEXES];
	int number[MAX_INDEXES];	/* what informer_add_index() said */
	int n_indexes;
};

struct informers {
	sd_event *loop;
	struct store *store;
	struct entry *list;
	size_t n;
	bool started;
	informer_contact_cb contact;
	void *contact_data;
	size_t out_of_touch;	/* how many are */
};

struct informers *informers_new(sd_event *loop, struct store *s)
{
	struct informers *set = xnew0(struct informers);

	set->loop = loop;
	set->store = s;
	return set;
}

void informers_free(struct informers *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->n; i++)
		informer_free(set->list[i].informer);
	free(set->list);
	free(set);
}

void informers_on_contact(struct informers *set, informer_contact_cb cb, void *data)
{
	set->contact = cb;
	set->contact_data = data;
}

static void on_contact(void *data, const char *why)
{
	struct informers *set = data;
	bool tell = why ? !set->out_of_touch++ : !--set->out_of_touch;

	if (tell && set->contact)
		set->contact(set->contact_data, why);
}

static struct entry *entry_of(struct informers *set, const struct resource *r)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->list[i].res == r)
			return &set->list[i];
	if (set->started) {
		fprintf(stderr, "informers: %s was not asked for before the start\n", r->plural);
		abort();
	}
	set->list = xrealloc(set->list, (set->n + 1) * sizeof(*set->list));
	set->list[set->n] = (struct entry){
		.res = r,
		.informer = informer_new(set->loop, set->store, r, NULL, NULL),
	};
	informer_on_contact(set->list[set->n].informer, on_contact, set);
	return &set->list[set->n++];
}

struct informer *informers_of(struct informers *set, const struct resource *r)
{
	return entry_of(set, r)->informer;
}

struct informer *informers_find(struct informers *set, const struct resource *r)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->list[i].res == r)
			return set->list[i].informer;
	return NULL;
}

int informers_index(struct informers *set, const struct resource *r, index_fn fn, enum index_mode mode)
{
	struct entry *e = entry_of(set, r);

	for (int i = 0; i < e->n_indexes; i++)
		if (e->index[i] == fn && e->mode[i] == mode)
			return e->number[i];
	if (set->started || e->n_indexes == MAX_INDEXES) {
		fprintf(stderr, "informers: no such index of %s\n", r->plural);
		abort();
	}
	e->index[e->n_indexes] = fn;
	e->mode[e->n_indexes] = mode;
	e->number[e->n_indexes] = informer_add_index(e->informer, fn, mode);
	return e->number[e->n_indexes++];
}

static void gather(const struct resource ***ret, size_t *ret_n)
{
	const struct resource **list = NULL;
	const struct kind *k;
	size_t n = 0;

	for (size_t i = 0; (k = kind_stored_at(i)); i++) {
		if (k->res == &res_events)
			continue;
		list = xrealloc(list, (n + 1) * sizeof(*list));
		list[n++] = k->res;
	}
	*ret = list;
	*ret_n = n;
}

const struct resource *informers_kept_at(size_t i)
{
	static const struct resource **kept;	/* gathered once: the table is one of versions */
	static size_t n;

	if (!kept)
		gather(&kept, &n);
	return i < n ? kept[i] : NULL;
}

bool informers_keep(const struct resource *r)
{
	for (size_t i = 0; informers_kept_at(i); i++)
		if (informers_kept_at(i) == r)
			return true;
	return false;
}

void informers_start(struct informers *set)
{
	set->started = true;
	for (size_t i = 0; i < set->n; i++)
		informer_start(set->list[i].informer);
}

bool informers_synced(const struct informers *set)
{
	for (size_t i = 0; i < set->n; i++)
		if (!informer_synced(set->list[i].informer))
			return false;
	return true;
}

uint64_t informers_visits(const struct informers *set)
{
	uint64_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		n += informer_visits(set->list[i].informer);
	return n;
}

const json *informers_get(struct informers *set, const struct resource *r, const char *ns, const char *name)
{
	return informer_get(informers_of(set, r), ns, name);
}

const json **informers_by(struct informers *set, const struct resource *r, index_fn fn, const char *key, size_t *ret_n)
{
	return informer_by_index(informers_of(set, r), informers_index(set, r, fn, INDEX_EVERY), key, 0, ret_n);
}

const json **informers_owned(struct informers *set, const struct resource *r, const char *owner_uid, size_t *ret_n)
{
	return informers_by(set, r, index_by_controller_uid, owner_uid, ret_n);
}
