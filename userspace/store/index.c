// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * index.c - see index.h
 *
 * A bucket holds what is filed under one key; whoever leaves it is replaced by
 * the last one. Each side knows its place on the other: filed.at[].slot is the
 * place in the bucket, bucket.back[] the place in filed.at[].
 */
#include "store/index.h"

#include <uthash.h>

struct bucket {
	UT_hash_handle hh;
	char *key;
	struct filed **slots;
	size_t *back;		/* slots[i]->at[back[i]] is this place */
	size_t n, cap;
};

struct index {
	index_fn fn;
	enum index_mode mode;
	struct bucket *buckets;
};

struct index *index_new(index_fn fn, enum index_mode mode)
{
	struct index *x = xnew0(struct index);

	x->fn = fn;
	x->mode = mode;
	return x;
}

void index_free(struct index *x)
{
	free(x);
}

static struct bucket *bucket_find(const struct index *x, const char *key)
{
	struct bucket *b;

	HASH_FIND_STR(x->buckets, key, b);
	return b;
}

static void add(struct index *x, struct filed *f, const char *key)
{
	struct bucket *b = bucket_find(x, key);

	if (!b) {
		b = xnew0(struct bucket);
		b->key = xstrdup(key);
		HASH_ADD_KEYPTR(hh, x->buckets, b->key, strlen(b->key), b);
	}
	if (b->n == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 2;
		b->slots = xrealloc(b->slots, b->cap * sizeof(*b->slots));
		b->back = xrealloc(b->back, b->cap * sizeof(*b->back));
	}
	if (f->n == f->cap) {
		f->cap = f->cap ? f->cap * 2 : 4;
		f->at = xrealloc(f->at, f->cap * sizeof(*f->at));
	}
	b->slots[b->n] = f;
	b->back[b->n] = f->n;
	f->at[f->n++] = (struct filed_at){ x, b, b->n++ };
}

/* Ends the i-th of f's places. */
static void drop(struct filed *f, size_t i)
{
	struct filed_at at = f->at[i];
	struct bucket *b = at.bucket;

	b->n--;
	if (at.slot != b->n) {
		b->slots[at.slot] = b->slots[b->n];
		b->back[at.slot] = b->back[b->n];
		b->slots[at.slot]->at[b->back[at.slot]].slot = at.slot;
	}
	f->n--;
	if (i != f->n) {
		f->at[i] = f->at[f->n];
		f->at[i].bucket->back[f->at[i].slot] = i;
	}
	if (b->n)
		return;
	HASH_DEL(at.index->buckets, b);
	free(b->slots);
	free(b->back);
	free(b->key);
	free(b);
}

/* --- filing --- */

struct filing {
	struct index *index;
	struct filed *f;
	size_t n_before;	/* of f's places; those behind are new */
	bool *keep;		/* which of those before stay */
	char *best;		/* INDEX_ANY: the least crowded key so far */
	size_t best_n;
	bool settled;		/* INDEX_ANY: a place of before is still right */
};

/* f's place under the key, of before or new; f->n: none. */
static size_t place_of(const struct filing *w, const char *key)
{
	size_t i;

	for (i = 0; i < w->f->n; i++)
		if (w->f->at[i].index == w->index && streq(w->f->at[i].bucket->key, key))
			break;
	return i;
}

static void file_under(void *data, const char *key)
{
	struct filing *w = data;
	size_t i = place_of(w, key), n;

	if (i < w->f->n) {
		if (i < w->n_before)
			w->keep[i] = true;
		w->settled = true;
		return;
	}
	if (w->index->mode == INDEX_EVERY) {
		add(w->index, w->f, key);
		return;
	}
	n = index_count(w->index, key);
	if (w->best && n >= w->best_n)
		return;
	free(w->best);
	w->best = xstrdup(key);
	w->best_n = n;
}

void index_put(struct index *x, struct filed *f, const json *obj)
{
	_cleanup_free_ bool *keep = xcalloc(f->n, sizeof(*keep));
	struct filing w = { .index = x, .f = f, .n_before = f->n, .keep = keep };

	if (obj)
		x->fn(obj, file_under, &w);
	if (w.best && !w.settled)
		add(x, f, w.best);
	free(w.best);
	/* From the end, as the last place moves to where one ends: what is behind i was looked at. */
	for (size_t i = w.n_before; i-- > 0;)
		if (f->at[i].index == x && !keep[i])
			drop(f, i);
}

void filed_remove(struct filed *f)
{
	while (f->n)
		drop(f, f->n - 1);
	free(f->at);
	*f = (struct filed){ 0 };
}

/* --- reading --- */

size_t index_count(const struct index *x, const char *key)
{
	const struct bucket *b = bucket_find(x, key);

	return b ? b->n : 0;
}

struct filed *index_at(const struct index *x, const char *key, size_t i)
{
	const struct bucket *b = bucket_find(x, key);

	return b && i < b->n ? b->slots[i] : NULL;
}

struct filed *const *index_find(const struct index *x, const char *key, size_t *ret_n)
{
	const struct bucket *b = bucket_find(x, key);

	*ret_n = b ? b->n : 0;
	return b ? b->slots : NULL;
}
