/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.h - objects filed under keys that are made from them
 *
 * An object is in as many indexes as its cache has, under any number of keys of
 * each. Filing it anew costs a look-up for each of its keys, and nothing that
 * grows with the number of other objects, under the same key or elsewhere.
 */
#ifndef KEELSON_STORE_INDEX_H
#define KEELSON_STORE_INDEX_H

#include "base/json.h"

/* The keys of an object: calls emit(key) any number of times. */
typedef void (*index_fn)(const json *obj, void (*emit)(void *emit_data, const char *key), void *emit_data);

struct index;

enum index_mode {
	INDEX_EVERY,	/* under each of its keys */
	/*
	 * Under one of them, that which fewest objects are filed under: for who
	 * looks through all of a question's keys anyway, such as a pod's labels
	 * for the selectors that may match them.
	 */
	INDEX_ANY,
};

/* Where one object is filed: a member of the cache's entry, {0} before it is filed first. */
struct filed {
	struct filed_at {
		struct index *index;
		struct bucket *bucket;
		size_t slot;		/* in the bucket */
	} *at;
	size_t n, cap;
};

struct index *index_new(index_fn fn, enum index_mode mode);
/* When nothing is filed any more. NULL is fine. */
void index_free(struct index *x);

/* Files f under obj's keys in this index, and no longer under those it had before; obj NULL: under none. */
void index_put(struct index *x, struct filed *f, const json *obj);
/* Takes f out of every index and frees its memory. */
void filed_remove(struct filed *f);

/* How many are filed under the key. */
size_t index_count(const struct index *x, const char *key);
/*
 * The i-th of them, in no order; NULL past the last. Who goes on in a later turn
 * of the loop counts i down from index_count(): what is put or taken out
 * meanwhile may show him an object twice, but hides none that stays.
 */
struct filed *index_at(const struct index *x, const char *key, size_t i);
/* All at once: the slots of a key, good until the index changes. */
struct filed *const *index_find(const struct index *x, const char *key, size_t *ret_n);

#endif
