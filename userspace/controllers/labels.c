// SPDX-License-Identifier: GPL-2.0-or-later
/* labels.c - see labels.h */
#include "controllers/labels.h"

#include "api/meta/view_meta.h"
#include "api/meta/view_selector.h"

static void emit_pair(const char *ns, const char *label, const char *value, void (*emit)(void *, const char *),
		      void *data)
{
	_cleanup_free_ char *key = value ? xasprintf("%s/%s=%s", ns, label, value) : xasprintf("%s/%s", ns, label);

	emit(data, key);
}

static void emit_labels(const char *ns, const json *labels, void (*emit)(void *, const char *), void *data)
{
	json_each(l, labels)
		if (json_str(l))
			emit_pair(ns, json_key(l), json_str(l), emit, data);
}

void index_by_labels(const json *obj, void (*emit)(void *, const char *), void *data)
{
	emit_labels(meta_namespace(obj) ?: "", meta_labels(obj), emit, data);
}

void index_orphans(const json *obj, void (*emit)(void *, const char *), void *data)
{
	if (meta_controller(obj))
		return;
	emit_pair(meta_namespace(obj) ?: "", "", NULL, emit, data);
	index_by_labels(obj, emit, data);
}

void index_by_label_map(const json *obj, void (*emit)(void *, const char *), void *data)
{
	emit_labels(meta_namespace(obj) ?: "", json_get(obj, "spec", "selector"), emit, data);
}

/* A demand for a value is a key by itself; one for a label's presence is less, and what demands nothing is last. */
void index_by_label_selector(const json *obj, void (*emit)(void *, const char *), void *data)
{
	const json *selector = json_get(obj, "spec", "selector");
	const char *ns = meta_namespace(obj) ?: "";
	bool some = json_len(json_get(selector, "matchLabels")) > 0;

	emit_labels(ns, json_get(selector, "matchLabels"), emit, data);
	json_each(req, json_get(selector, "matchExpressions")) {
		const char *op = json_str_or(json_get(req, "operator"), ""), *label = json_str(json_get(req, "key"));
		const json *values = json_get(req, "values");

		if (!label || (!streq(op, "In") && !streq(op, "Exists")))
			continue;
		emit_pair(ns, label, streq(op, "In") && json_len(values) == 1 ? json_str(values->child) : NULL, emit, data);
		some = true;
	}
	if (!some)
		emit_pair(ns, "", NULL, emit, data);
}

struct least {
	const struct informer *inf;
	int index;
	char *key;
	size_t n;
};

static void take_least(void *data, const char *key)
{
	struct least *l = data;
	size_t n = informer_index_count(l->inf, l->index, key);

	if (l->key && n >= l->n)
		return;
	free(l->key);
	l->key = xstrdup(key);
	l->n = n;
}

char *informers_labelled_key(struct informers *set, const struct resource *r, index_fn fn, const char *ns,
			     const json *labels)
{
	struct least l = { .inf = informers_of(set, r), .index = informers_index(set, r, fn, INDEX_EVERY) };

	emit_labels(ns ?: "", labels, take_least, &l);
	if (!l.key)
		emit_pair(ns ?: "", "", NULL, take_least, &l);
	return l.key;
}

const json **informers_labelled(struct informers *set, const struct resource *r, index_fn fn, const char *ns,
				const json *labels, size_t *ret_n)
{
	_cleanup_free_ char *key = informers_labelled_key(set, r, fn, ns, labels);

	return informers_by(set, r, fn, key, ret_n);
}

struct gathering {
	const struct informer *inf;
	int index;
	const json **objs;
	size_t n;
};

static void gather(void *data, const char *key)
{
	struct gathering *g = data;
	size_t n;
	_cleanup_free_ const json **found = informer_by_index(g->inf, g->index, key, 0, &n);

	if (!n)
		return;
	g->objs = xrealloc(g->objs, (g->n + n + 1) * sizeof(*g->objs));
	memcpy(g->objs + g->n, found, (n + 1) * sizeof(*found));
	g->n += n;
}

const json **informers_selecting(struct informers *set, const struct resource *r, index_fn fn, const json *obj,
				 size_t *ret_n)
{
	struct gathering g = { .inf = informers_of(set, r), .index = informers_index(set, r, fn, INDEX_ANY) };
	const char *ns = meta_namespace(obj) ?: "";

	json_each(l, meta_labels(obj)) {
		if (json_str(l))
			emit_pair(ns, json_key(l), json_str(l), gather, &g);
		emit_pair(ns, json_key(l), NULL, gather, &g);
	}
	emit_pair(ns, "", NULL, gather, &g);
	if (ret_n)
		*ret_n = g.n;
	return g.objs ?: xcalloc(1, sizeof(*g.objs));
}

/* --- adoption --- */

const json **find_candidates(struct informers *set, const struct resource *r, const json *parent, size_t *ret_n)
{
	_cleanup_free_ const json **orphans = NULL;
	const json **found;
	size_t n, m;

	found = informers_owned(set, r, meta_uid(parent) ?: "", &n);
	orphans = informers_labelled(set, r, index_orphans, meta_namespace(parent),
				     json_get(parent, "spec", "selector", "matchLabels"), &m);
	found = xrealloc(found, (n + m + 1) * sizeof(*found));
	for (size_t i = 0; i < m; i++)
		found[n + i] = orphans[i];
	found[n + m] = NULL;
	*ret_n = n + m;
	return found;
}

void enqueue_adopters(struct runner *r, const struct resource *parents, const json *orphan)
{
	_cleanup_free_ const json **list = informers_selecting(runner_informers(r), parents, index_by_label_selector,
							       orphan, NULL);

	for (size_t i = 0; list[i]; i++)
		if (label_selector_matches(json_get(list[i], "spec", "selector"), meta_labels(orphan)))
			runner_changed_self(r, NULL, list[i]);
}
