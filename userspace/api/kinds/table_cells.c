// SPDX-License-Identifier: GPL-2.0-or-later
/* table_cells.c - how the cells of tables are worded, see table_cells.h */
#include "api/kinds/table_cells.h"

#include <stdio.h>

void cell_str(json *cells, const char *s)
{
	json_append(cells, json_new_str(s));
}

void cell_str_or(json *cells, const char *s, const char *dflt)
{
	cell_str(cells, s && *s ? s : dflt);
}

void cell_int(json *cells, int64_t v)
{
	json_append(cells, json_new_int(v));
}

void cell_take(json *cells, char *s)
{
	cell_str(cells, s);
	free(s);
}

void cell_name(json *cells, const json *obj)
{
	cell_str(cells, json_str_or(json_get(obj, "metadata", "name"), ""));
}

void cell_age(json *cells, const json *obj, uint64_t now_us)
{
	cell_take(cells, time_since(json_str(json_get(obj, "metadata", "creationTimestamp")), now_us));
}

/* "5m" or "5m12s": the second unit only where it is not zero. */
static char *two_units(int64_t a, const char *unit_a, int64_t b, const char *unit_b)
{
	return b ? xasprintf("%lld%s%lld%s", (long long)a, unit_a, (long long)b, unit_b) :
		   xasprintf("%lld%s", (long long)a, unit_a);
}

char *human_duration(int64_t us)
{
	int64_t s = us / 1000000, m = s / 60, h = s / 3600, d = h / 24;

	if (s < -1)
		return xstrdup("<invalid>");
	if (s < 0)
		return xstrdup("0s");
	if (s < 120)
		return two_units(s, "s", 0, "");
	if (m < 10)
		return two_units(m, "m", s % 60, "s");
	if (m < 180)
		return two_units(m, "m", 0, "");
	if (h < 8)
		return two_units(h, "h", m % 60, "m");
	if (h < 48)
		return two_units(h, "h", 0, "");
	if (h < 24 * 8)
		return two_units(d, "d", h % 24, "h");
	if (h < 24 * 365 * 2)
		return two_units(d, "d", 0, "");
	if (h < 24 * 365 * 8)
		return two_units(d / 365, "y", d % 365, "d");
	return two_units(d / 365, "y", 0, "");
}

char *time_since(const char *timestamp, uint64_t now_us)
{
	uint64_t t;

	if (!timestamp || parse_time(timestamp, &t))
		return xstrdup("<unknown>");
	return human_duration((int64_t)(now_us - t));
}

static int by_key(const void *a, const void *b)
{
	return strcmp(json_key(*(const json *const *)a), json_key(*(const json *const *)b));
}

/* The members of an object in key order; caller frees the array. */
static const json **sorted_members(const json *obj, size_t *ret_n)
{
	const json **list = xcalloc((size_t)json_len(obj) + 1, sizeof(*list));
	size_t n = 0;

	json_each(it, obj)
		list[n++] = it;
	qsort(list, n, sizeof(*list), by_key);
	*ret_n = n;
	return list;
}

static void add_labels(struct buf *b, const json *labels)
{
	size_t n;
	_cleanup_free_ const json **list = sorted_members(labels, &n);

	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s%s=%s", b->len ? "," : "", json_key(list[i]), json_str_or(list[i], ""));
}

char *labels_text(const json *labels)
{
	struct buf b = {0};

	add_labels(&b, labels);
	return b.len ? buf_steal(&b) : xstrdup("<none>");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "(a,b)" with the values in order */
static void add_values(struct buf *b, const json *values)
{
	_cleanup_free_ const char **list = xcalloc((size_t)json_len(values) + 1, sizeof(*list));
	size_t n = 0;

	json_each(v, values)
		list[n++] = json_str_or(v, "");
	qsort(list, n, sizeof(*list), by_text);
	buf_puts(b, " (");
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s%s", i ? "," : "", list[i]);
	buf_puts(b, ")");
}

char *label_selector_text(const json *selector)
{
	struct buf b = {0};

	add_labels(&b, json_get(selector, "matchLabels"));
	json_each(e, json_get(selector, "matchExpressions")) {
		const char *op = json_str_or(json_get(e, "operator"), "");
		const char *key = json_str_or(json_get(e, "key"), "");

		buf_puts(&b, b.len ? "," : "");
		if (streq(op, "Exists")) {
			buf_puts(&b, key);
		} else if (streq(op, "DoesNotExist")) {
			buf_printf(&b, "!%s", key);
		} else {
			buf_printf(&b, "%s %s", key, streq(op, "In") ? "in" : "notin");
			add_values(&b, json_get(e, "values"));
		}
	}
	return b.len ? buf_steal(&b) : xstrdup("<none>");
}

char *containers_text(const json *pod_spec, const char *member)
{
	struct buf b = {0};

	json_each(c, json_get(pod_spec, "containers"))
		buf_printf(&b, "%s%s", b.len ? "," : "", json_str_or(json_get(c, member), ""));
	return buf_steal(&b);
}

const json *find_condition(const json *obj, const char *type)
{
	json_each(c, json_get(obj, "status", "conditions"))
		if (streq(json_str(json_get(c, "type")), type))
			return c;
	return NULL;
}
