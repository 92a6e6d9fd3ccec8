// SPDX-License-Identifier: GPL-2.0-or-later
/* pages.c - see pages.h */
#include "api/registry/pages.h"

#include <errno.h>

struct pages {
	struct etcd *etcd;
	char *from;		/* where the next page begins */
	char *end;		/* NULL: the one key */
	int64_t revision;
	int64_t *hint;		/* NULL: keys only */
	int64_t size;		/* keys to ask for */
	int64_t limit;		/* what the reader wants at most; 0: no limit */
	int64_t asked;		/* keys, in the call under way */
	bool busy;		/* a call is under way ... */
	bool dead;		/* ... for nobody */
	bool in_callback;
	pages_cb cb;
	void *data;
};

int64_t page_size(int64_t n, size_t bytes)
{
	int64_t fit = n ? (int64_t)(PAGE_TARGET / (bytes / (size_t)n + 1)) : PAGE_FIRST;

	return fit < 1 ? 1 : fit > PAGE_KEYS ? PAGE_KEYS : fit;
}

/* No name holds a byte below '-', so that nothing lies between a key and this. */
char *key_after(const char *key)
{
	return xasprintf("%s\x01", key);
}

static void release(struct pages *p)
{
	if (p->busy || p->in_callback)
		return;
	free(p->from);
	free(p->end);
	free(p);
}

static void ask(struct pages *p);

static void on_page(void *data, const struct etcd_result *res)
{
	struct pages *p = data;
	size_t bytes = 0;

	p->busy = false;
	if (p->dead) {
		release(p);
		return;
	}
	if (res->err == -EMSGSIZE && p->asked > 1) {
		p->size = p->asked / 2;
		ask(p);
		return;
	}
	if (!res->err) {
		if (!p->revision)
			p->revision = res->revision;
		for (size_t i = 0; i < res->n_kvs; i++)
			bytes += res->kvs[i].value_len + strlen(res->kvs[i].key);
		if (res->n_kvs) {
			free(p->from);
			p->from = key_after(res->kvs[res->n_kvs - 1].key);
			p->size = page_size((int64_t)res->n_kvs, bytes);
			if (p->hint)
				*p->hint = p->size;
		}
	}
	p->in_callback = true;
	p->cb(p->data, res);
	p->in_callback = false;
	if (p->dead)
		release(p);
}

static void ask(struct pages *p)
{
	struct etcd_range_opts o = { .revision = p->revision, .keys_only = !p->hint };

	p->asked = p->limit && p->limit < p->size ? p->limit : p->size;
	o.limit = p->asked;
	/* What does not fit as a single key either is taken as it is. */
	o.max_bytes = p->asked > 1 ? PAGE_MAX : 0;
	p->busy = true;
	etcd_range(p->etcd, p->from, p->end, &o, on_page, p);
}

struct pages *pages_new(struct etcd *etcd, const char *from, const char *end, int64_t revision, int64_t *hint,
			pages_cb cb, void *data)
{
	struct pages *p = xnew0(struct pages);

	p->etcd = etcd;
	p->from = xstrdup(from);
	p->end = end ? xstrdup(end) : NULL;
	p->revision = revision;
	p->hint = hint;
	p->size = !hint ? PAGE_KEYS : *hint ? *hint : PAGE_FIRST;
	p->cb = cb;
	p->data = data;
	return p;
}

void pages_next(struct pages *p, int64_t limit)
{
	p->limit = limit;
	ask(p);
}

const char *pages_from(const struct pages *p)
{
	return p->from;
}

int64_t pages_revision(const struct pages *p)
{
	return p->revision;
}

void pages_free(struct pages *p)
{
	if (!p)
		return;
	p->dead = true;
	release(p);
}
