// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cache_index.c - cache_parts.h's watchers
 *
 * Each is in one bucket, under its namespace and the one thing that must be
 * equal. An event looks into the buckets of its object, as it is and as it was:
 * a few look-ups, however many wait for other objects.
 */
#include "api/registry/cache_parts.h"

#include <uthash.h>
#include <utlist.h>

struct cache_bucket {
	UT_hash_handle hh;
	struct cache_watcher *watchers;
	char *path;		/* of a field; NULL: none */
	bool label;
	char key[];
};

/* What a bucket is found by: 0, 'f' or 'l' with path and value, and the namespace, "" for all. */
static void make_key(struct buf *b, char type, const char *path, const char *value, const char *ns)
{
	b->len = 0;
	if (type) {
		buf_add(b, &type, 1);
		buf_puts(b, path);
		buf_puts(b, "\n");
		buf_puts(b, value);
	}
	buf_puts(b, "\n");
	buf_puts(b, ns);
}

static void count_path(struct cache_index *idx, const char *path, bool more)
{
	size_t i = 0;

	while (i < idx->n_paths && !streq(idx->paths[i].path, path))
		i++;
	if (i == idx->n_paths) {
		idx->paths = xrealloc(idx->paths, (i + 1) * sizeof(*idx->paths));
		idx->paths[idx->n_paths++] = (struct cache_path){ .path = xstrdup(path) };
	}
	idx->paths[i].n += more ? 1 : -1;
	if (idx->paths[i].n)
		return;
	free(idx->paths[i].path);
	idx->paths[i] = idx->paths[--idx->n_paths];
}

void watchers_add(struct cache_index *idx, struct cache_watcher *w)
{
	struct selector_pin pin = selector_pin(w->sel);
	struct cache_bucket *b;
	struct buf key = {0};

	make_key(&key, pin.type == PIN_FIELD ? 'f' : pin.type == PIN_LABEL ? 'l' : 0, pin.path, pin.value, w->ns ? w->ns : "");
	HASH_FIND(hh, idx->buckets, key.data, key.len, b);
	if (!b) {
		b = xcalloc(1, sizeof(*b) + key.len + 1);
		memcpy(b->key, key.data, key.len);
		b->path = pin.type == PIN_FIELD ? xstrdup(pin.path) : NULL;
		b->label = pin.type == PIN_LABEL;
		HASH_ADD_KEYPTR(hh, idx->buckets, b->key, key.len, b);
	}
	buf_free(&key);
	if (b->path)
		count_path(idx, b->path, true);
	idx->n_labels += b->label;
	idx->n++;
	w->bucket = b;
	DL_APPEND(b->watchers, w);
}

void watchers_remove(struct cache_index *idx, struct cache_watcher *w)
{
	struct cache_bucket *b = w->bucket;

	if (!b)
		return;
	if (idx->cursor == w)
		idx->cursor = w->next;
	DL_DELETE(b->watchers, w);
	w->bucket = NULL;
	if (b->path)
		count_path(idx, b->path, false);
	idx->n_labels -= b->label;
	idx->n--;
	if (b->watchers)
		return;
	HASH_DEL(idx->buckets, b);
	free(b->path);
	free(b);
}

static void tell_bucket(struct cache_index *idx, const struct buf *key, struct cache_event *ev)
{
	struct cache_bucket *b;
	struct cache_watcher *w;

	HASH_FIND(hh, idx->buckets, key->data, key->len, b);
	for (w = b ? b->watchers : NULL; w; w = idx->cursor) {
		idx->cursor = w->next;
		w->event(w, ev);
	}
}

/* Of all namespaces, and of the object's. */
static void tell_both(struct cache_index *idx, char type, const char *path, const char *value, const char *ns,
		      struct cache_event *ev)
{
	struct buf key = {0};

	make_key(&key, type, path, value, "");
	tell_bucket(idx, &key, ev);
	if (*ns) {
		make_key(&key, type, path, value, ns);
		tell_bucket(idx, &key, ev);
	}
	buf_free(&key);
}

static void tell_field(struct cache_index *idx, const char *path, const char *ns, struct cache_event *ev)
{
	_cleanup_free_ char *now = ev->now ? selector_field(ev->now, path, idx->value) : NULL;
	_cleanup_free_ char *was = ev->prev ? selector_field(ev->prev, path, idx->value) : NULL;

	if (now)
		tell_both(idx, 'f', path, now, ns, ev);
	if (was && !streq(now, was))
		tell_both(idx, 'f', path, was, ns, ev);
}

static void tell_labels(struct cache_index *idx, const char *ns, struct cache_event *ev)
{
	const json *now = json_get(ev->now, "metadata", "labels"), *was = json_get(ev->prev, "metadata", "labels");

	json_each(l, now)
		tell_both(idx, 'l', json_key(l), json_str_or(l, ""), ns, ev);
	json_each(l, was)
		if (!streq(json_str(json_get(now, json_key(l))), json_str(l)))
			tell_both(idx, 'l', json_key(l), json_str_or(l, ""), ns, ev);
}

void watchers_tell(struct cache_index *idx, struct cache_event *ev)
{
	const char *ns = json_str_or(json_get(ev->now ? ev->now : ev->prev, "metadata", "namespace"), "");
	_cleanup_free_ char **paths = NULL;
	size_t n = idx->n_paths;

	if (!idx->n)
		return;
	/* Paths may come and go with the watchers that are called. */
	paths = xcalloc(n + 1, sizeof(*paths));
	for (size_t i = 0; i < n; i++)
		paths[i] = xstrdup(idx->paths[i].path);
	tell_both(idx, 0, NULL, NULL, ns, ev);
	for (size_t i = 0; i < n; i++)
		tell_field(idx, paths[i], ns, ev);
	if (idx->n_labels)
		tell_labels(idx, ns, ev);
	for (size_t i = 0; i < n; i++)
		free(paths[i]);
}

void watchers_each(struct cache_index *idx, void (*fn)(struct cache_watcher *w, void *data), void *data)
{
	_cleanup_free_ char **keys = xcalloc(HASH_COUNT(idx->buckets) + 1, sizeof(*keys));
	struct cache_bucket *b, *tmp;
	struct cache_watcher *w;
	size_t n = 0;

	HASH_ITER(hh, idx->buckets, b, tmp)
		keys[n++] = xstrdup(b->key);
	for (size_t i = 0; i < n; i++) {
		HASH_FIND_STR(idx->buckets, keys[i], b);
		for (w = b ? b->watchers : NULL; w; w = idx->cursor) {
			idx->cursor = w->next;
			fn(w, data);
		}
		free(keys[i]);
	}
}

void watchers_free(struct cache_index *idx)
{
	while (idx->buckets)
		watchers_remove(idx, idx->buckets->watchers);
	free(idx->paths);
	*idx = (struct cache_index){ .value = idx->value };
}

enum cache_verdict cache_verdict(const struct cache_watcher *w, const struct cache_event *ev)
{
	const char *ns = json_str(json_get(ev->now ? ev->now : ev->prev, "metadata", "namespace"));
	bool is, was;

	if (w->ns && !streq(w->ns, ns))
		return CACHE_NOTHING;
	is = ev->now && selector_match(w->sel, ev->now);
	was = ev->prev && selector_match(w->sel, ev->prev);
	if (is)
		return was ? CACHE_MODIFIED : CACHE_ADDED;
	return was ? CACHE_DELETED : CACHE_NOTHING;
}
