/* SPDX-License-Identifier: GPL-2.0-or-later */
/* strlist.h - a growing list of owned strings; {0} is empty */
#ifndef KEELSON_API_STRLIST_H
#define KEELSON_API_STRLIST_H

#include "base/util.h"

struct strlist {
	char **items;	/* NULL while empty */
	size_t n;
};

/* The list owns s afterwards. */
static inline void strlist_take(struct strlist *l, char *s)
{
	l->items = xrealloc(l->items, (l->n + 1) * sizeof(*l->items));
	l->items[l->n++] = s;
}

static inline bool strlist_has(const struct strlist *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (streq(l->items[i], s))
			return true;
	return false;
}

static inline void strlist_free(struct strlist *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->items[i]);
	free(l->items);
	*l = (struct strlist){ 0 };
}
#define _cleanup_strlist_ _cleanup_(strlist_free)

/* Splits "a,b" at every sep; empty parts are left out. */
static inline void strlist_split(struct strlist *l, const char *s, char sep)
{
	while (*s) {
		const char *end = strchrnul(s, sep);

		if (end > s)
			strlist_take(l, xstrndup(s, end - s));
		s = *end ? end + 1 : end;
	}
}

/* "a" is in "b,a" */
static inline bool comma_list_has(const char *list, const char *s)
{
	size_t n = strlen(s);

	for (const char *p = list; *p;) {
		const char *end = strchrnul(p, ',');

		if ((size_t)(end - p) == n && strncmp(p, s, n) == 0)
			return true;
		p = *end ? end + 1 : end;
	}
	return false;
}

#endif
