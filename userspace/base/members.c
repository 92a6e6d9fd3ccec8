// SPDX-License-Identifier: GPL-2.0-or-later
/* members.c - see members.h */
#include "base/members.h"

#define FEW 32	/* look-ups that may walk the list */

static int by_key(const void *a, const void *b)
{
	return strcmp(json_key(*(const json *const *)a), json_key(*(const json *const *)b));
}

const json **members_sorted(const json *obj, unsigned *ret_n)
{
	const json **list = xcalloc(json_len(obj) + 1, sizeof(*list));
	bool in_order = true;
	unsigned n = 0;

	json_each(it, obj) {
		in_order = in_order && (!n || strcmp(json_key(list[n - 1]), json_key(it)) < 0);
		list[n++] = it;
	}
	if (!in_order)
		qsort(list, n, sizeof(*list), by_key);
	*ret_n = n;
	return list;
}

static const json *find_sorted(const struct members *m, const char *key)
{
	unsigned low = 0, high = m->n;

	while (low < high) {
		unsigned mid = (low + high) / 2;
		int order = strcmp(key, json_key(m->sorted[mid]));

		if (!order)
			return m->sorted[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

const json *members_get(struct members *m, const char *key)
{
	const json *v;

	if (m->next && streq(json_key(m->next), key)) {
		v = m->next;
	} else if (++m->misses <= FEW) {
		v = json_get(m->obj, key);
	} else {
		if (!m->sorted)
			m->sorted = members_sorted(m->obj, &m->n);
		v = find_sorted(m, key);
	}
	if (v)
		m->next = v->next;
	return v;
}

void members_free(struct members *m)
{
	free(m->sorted);
	m->sorted = NULL;
}
