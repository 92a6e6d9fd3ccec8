/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * members.h - members of objects that may have very many: looked up, and in order
 *
 * cJSON's objects are lists. A user's ConfigMap may have a hundred thousand
 * members, and comparing two of them must not take their product.
 */
#ifndef KEELSON_BASE_MEMBERS_H
#define KEELSON_BASE_MEMBERS_H

#include "base/json.h"

/*
 * Looks members up one after the other. Where they are asked for in the order
 * they are in, each costs nothing.
 */
struct members {
	const json *obj;
	const json *next;	/* what is asked for probably */
	const json **sorted;	/* made when many look-ups missed it */
	unsigned n, misses;
};
/* obj may be NULL. Free with members_free(). */
static inline struct members members_of(const json *obj)
{
	return (struct members){ .obj = obj, .next = obj ? obj->child : NULL };
}
/* NULL if there is none. */
const json *members_get(struct members *m, const char *key);
void members_free(struct members *m);
#define _cleanup_members_ _cleanup_(members_free)

/* All members, borrowed, in order of their names; caller frees the array. */
const json **members_sorted(const json *obj, unsigned *ret_n);

#endif
