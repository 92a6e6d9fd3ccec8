// SPDX-License-Identifier: GPL-2.0-or-later
/* metrics.c - see metrics.h */
#include "base/metrics.h"

#include <math.h>
#include <stdio.h>
#include <uthash.h>
#include <utlist.h>

struct metric {
	const struct metric_family *family;
	char *key;			/* the labels' values, each with its NUL */
	size_t key_len;
	double value;			/* a histogram: the sum */
	uint64_t count;			/* histogram */
	uint64_t *buckets;		/* of family->n_bounds: how many fell just there */
	UT_hash_handle hh;
};

static struct metric_family *families;
static struct metrics_hook *hooks;

static size_t n_labels(const struct metric_family *f)
{
	size_t n = 0;

	while (n < METRIC_LABELS_MAX && f->labels[n])
		n++;
	return n;
}

struct metric *metric_get(struct metric_family *f, const char *const *values)
{
	struct metric *m = NULL;
	struct buf key = { 0 };

	for (size_t i = 0, n = n_labels(f); i < n; i++)
		buf_add(&key, values[i], strlen(values[i]) + 1);
	if (!key.data)
		buf_puts(&key, "");
	HASH_FIND(hh, f->list, key.data, key.len, m);
	if (m) {
		buf_free(&key);
		return m;
	}
	m = xnew0(struct metric);
	m->family = f;
	m->key_len = key.len;
	m->key = buf_steal(&key);
	if (f->n_bounds)
		m->buckets = xcalloc(f->n_bounds, sizeof(*m->buckets));
	HASH_ADD_KEYPTR(hh, f->list, m->key, m->key_len, m);
	if (!f->known)
		LL_PREPEND(families, f);
	f->known = true;
	return m;
}

void metric_labels(const struct metric *m, const char **values)
{
	const char *value = m->key;

	for (size_t i = 0, n = n_labels(m->family); i < n; i++, value += strlen(value) + 1)
		values[i] = value;
}

void metric_add(struct metric *m, double by)
{
	m->value += by;
}

void metric_set(struct metric *m, double to)
{
	m->value = to;
}

void metric_observe(struct metric *m, double value)
{
	size_t low = 0, high = m->family->n_bounds;

	/* The first bound that is not below; beyond the last there is only the count. */
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (m->family->bounds[mid] < value)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < m->family->n_bounds)
		m->buckets[low]++;
	m->count++;
	m->value += value;
}

void metric_set_histogram(struct metric *m, const uint64_t *within, uint64_t count, double sum)
{
	for (size_t i = 0; i < m->family->n_bounds; i++)
		m->buckets[i] = within[i] - (i ? within[i - 1] : 0);
	m->count = count;
	m->value = sum;
}

void metrics_hook_add(struct metrics_hook *h)
{
	LL_PREPEND(hooks, h);
}

void metrics_hook_remove(struct metrics_hook *h)
{
	LL_DELETE(hooks, h);
}

/* --- text ------------------------------------------------------------------------- */

/* The shortest text that is read as the same number. */
static void put_number(struct buf *out, double v)
{
	char text[32];

	if (isnan(v) || isinf(v)) {
		buf_puts(out, isnan(v) ? "NaN" : v > 0 ? "+Inf" : "-Inf");
		return;
	}
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	/* Ten thousand is "1e+04" so; whole numbers are better read whole. */
	if (strchr(text, 'e') && fabs(v) < 1e15 && v == floor(v))
		snprintf(text, sizeof(text), "%.0f", v);
	buf_puts(out, text);
}

/* quote: in a label's value, where '"' has to be escaped too */
static void put_escaped(struct buf *out, const char *s, bool quote)
{
	for (; *s; s++) {
		if (*s == '\\')
			buf_puts(out, "\\\\");
		else if (*s == '\n')
			buf_puts(out, "\\n");
		else if (*s == '"' && quote)
			buf_puts(out, "\\\"");
		else
			buf_add(out, s, 1);
	}
}

/* "{a="b",le="0.5"}", or nothing where there are no labels. */
static void put_labels(struct buf *out, const struct metric *m, const double *bound)
{
	const struct metric_family *f = m->family;
	const char *value = m->key;
	size_t n = n_labels(f);

	if (!n && !bound)
		return;
	buf_puts(out, "{");
	for (size_t i = 0; i < n; i++, value += strlen(value) + 1) {
		buf_printf(out, "%s%s=\"", i ? "," : "", f->labels[i]);
		put_escaped(out, value, true);
		buf_puts(out, "\"");
	}
	if (bound) {
		buf_puts(out, n ? ",le=\"" : "le=\"");
		put_number(out, *bound);
		buf_puts(out, "\"");
	}
	buf_puts(out, "}");
}

static void put_sample(struct buf *out, const struct metric *m, const char *suffix, const double *bound, double value)
{
	buf_printf(out, "%s%s", m->family->name, suffix);
	put_labels(out, m, bound);
	buf_puts(out, " ");
	put_number(out, value);
	buf_puts(out, "\n");
}

static void put_metric(struct buf *out, const struct metric *m)
{
	const struct metric_family *f = m->family;
	const double infinity = INFINITY;
	uint64_t below = 0;

	if (f->type != METRIC_HISTOGRAM) {
		put_sample(out, m, "", NULL, m->value);
		return;
	}
	for (size_t i = 0; i < f->n_bounds; i++) {
		below += m->buckets[i];
		put_sample(out, m, "_bucket", &f->bounds[i], (double)below);
	}
	put_sample(out, m, "_bucket", &infinity, (double)m->count);
	put_sample(out, m, "_sum", NULL, m->value);
	put_sample(out, m, "_count", NULL, (double)m->count);
}

static int by_labels(struct metric *a, struct metric *b)
{
	size_t n = a->key_len < b->key_len ? a->key_len : b->key_len;

	return memcmp(a->key, b->key, n) ?: (int)a->key_len - (int)b->key_len;
}

static int by_name(struct metric_family *a, struct metric_family *b)
{
	return strcmp(a->name, b->name);
}

void metrics_print(struct buf *out)
{
	static const char *const types[] = {
		[METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram",
	};
	struct metric_family *f;
	struct metrics_hook *h;

	LL_FOREACH(hooks, h)
		h->fn(h->data);
	metrics_process();
	LL_SORT(families, by_name);
	LL_FOREACH(families, f) {
		buf_printf(out, "# HELP %s ", f->name);
		put_escaped(out, f->help, false);
		buf_printf(out, "\n# TYPE %s %s\n", f->name, types[f->type]);
		HASH_SORT(f->list, by_labels);
		for (struct metric *m = f->list; m; m = m->hh.next)
			put_metric(out, m);
	}
}
