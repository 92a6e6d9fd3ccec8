/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pages.h - a range of etcd's keys, read page by page at one revision
 *
 * A page is as large as its reader can bear: the first asks for few keys, or as
 * many as did well the last time, the next for as many as fill PAGE_TARGET by
 * what keys have cost so far, and one that is too large is halved and asked for
 * again.
 */
#ifndef KEELSON_API_REGISTRY_PAGES_H
#define KEELSON_API_REGISTRY_PAGES_H

#include "store/etcd.h"

#define PAGE_FIRST 100			/* keys */
#define PAGE_KEYS 5000			/* at most; of keys alone too */
#define PAGE_TARGET (256u << 10)	/* bytes: what is decoded in a few milliseconds */
#define PAGE_MAX (4u << 20)		/* bytes; a single key may have more */

struct pages;

/*
 * One page, in the order of keys; res->more: pages_next() gives another. With
 * res->err the reading is over, and a page that was given before stays right.
 */
typedef void (*pages_cb)(void *data, const struct etcd_result *res);

/*
 * Nothing is asked for before pages_next(). from and end as etcd_range()'s, copied.
 * revision 0: the newest, which is then that of all pages. hint: where the size of
 * pages with values is remembered, 0 at first; NULL: keys only. etcd must outlive
 * the answer, the pages need not.
 */
struct pages *pages_new(struct etcd *etcd, const char *from, const char *end, int64_t revision, int64_t *hint,
			pages_cb cb, void *data);
/* Asks for the next page, of at most `limit` keys (0: as many as there are). One at a time; not after the last. */
void pages_next(struct pages *p, int64_t limit);
/* Where the next page begins; borrowed until then. */
const char *pages_from(const struct pages *p);
/* What all pages are read at; 0 before the first. */
int64_t pages_revision(const struct pages *p);
/* At any time, in the callback too: no page comes after it. */
void pages_free(struct pages *p);

/* --- pure, for tests --- */

/* How many keys to ask for after n keys had `bytes` bytes. */
int64_t page_size(int64_t n, size_t bytes);
/* The key from which the reading goes on after this one; caller frees. */
char *key_after(const char *key);

#endif
