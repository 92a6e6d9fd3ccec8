// SPDX-License-Identifier: GPL-2.0-or-later
/* fielderr.c - see fielderr.h */
#include "api/meta/fielderr.h"

#include <stdio.h>

#include "api/schema/strlist.h"

static void add(struct field_errors *e, const char *path, const char *reason, char *message)
{
	e->items = xrealloc(e->items, (e->n + 1) * sizeof(*e->items));
	e->items[e->n++] = (struct field_error){ xstrdup(path), reason, message };
}

void field_error(struct field_errors *e, const char *path, const char *reason, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(e, path, reason, xvasprintf(fmt, ap));
	va_end(ap);
}

/* A string as Go's %q prints one: what JSON escapes, it escapes nearly alike. */
static char *quoted(const char *s)
{
	_cleanup_json_ json *j = json_new_str(s);

	return json_print(j);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(json_key(*(const json *const *)a), json_key(*(const json *const *)b));
}

static bool map_of_strings(const json *j)
{
	json_each(it, j)
		if (!json_is_string(it))
			return false;
	return json_is_object(j) && j->child;
}

json *field_sorted(const json *map)
{
	_cleanup_free_ const json **members = xcalloc((size_t)json_len(map) + 1, sizeof(*members));
	json *sorted = json_new_object();
	int n = 0;

	json_each(it, map)
		members[n++] = it;
	qsort(members, n, sizeof(*members), by_key);
	for (int i = 0; i < n; i++)
		json_set(sorted, json_key(members[i]), json_clone(members[i]));
	return sorted;
}

static char *value_text(const json *value)
{
	_cleanup_json_ json *sorted = map_of_strings(value) ? field_sorted(value) : NULL;

	return value ? json_print(sorted ?: value) : xstrdup("null");
}

/* "Label: value" or "Label: value: why" */
static void with_value(struct field_errors *e, const char *path, const char *reason, const char *label,
		       const char *value, const char *why)
{
	bool more = why && *why;

	add(e, path, reason, xasprintf("%s: %s%s%s", label, value, more ? ": " : "", more ? why : ""));
}

void field_required(struct field_errors *e, const char *path, const char *why)
{
	bool more = why && *why;

	add(e, path, FIELD_REQUIRED, xasprintf("Required value%s%s", more ? ": " : "", more ? why : ""));
}

void field_invalid(struct field_errors *e, const char *path, const json *value, const char *why)
{
	_cleanup_free_ char *v = value_text(value);

	with_value(e, path, FIELD_INVALID, "Invalid value", v, why);
}

void field_invalid_str(struct field_errors *e, const char *path, const char *value, const char *why)
{
	_cleanup_free_ char *v = quoted(value);

	with_value(e, path, FIELD_INVALID, "Invalid value", v, why);
}

static void json_value(struct field_errors *e, const char *path, const char *reason, const char *label,
		       const json *value, const char *why)
{
	_cleanup_free_ char *v = value ? json_print(value) : xstrdup("null");

	with_value(e, path, reason, label, v, why);
}

void field_invalid_json(struct field_errors *e, const char *path, const json *value, const char *why)
{
	json_value(e, path, FIELD_INVALID, "Invalid value", value, why);
}

char *field_strings(const json *list)
{
	return list ? json_print(list) : xstrdup("null");
}

void field_invalid_strings(struct field_errors *e, const char *path, const json *list, const char *why)
{
	field_invalid_json(e, path, list, why);
}

void field_duplicate_json(struct field_errors *e, const char *path, const json *value, const char *why)
{
	json_value(e, path, FIELD_DUPLICATE, "Duplicate value", value, why);
}

void field_invalid_map(struct field_errors *e, const char *path, const json *map, const char *why)
{
	field_invalid(e, path, json_len(map) ? map : NULL, why);
}

void field_invalid_int(struct field_errors *e, const char *path, int64_t value, const char *why)
{
	_cleanup_free_ char *v = xasprintf("%lld", (long long)value);

	with_value(e, path, FIELD_INVALID, "Invalid value", v, why);
}

void field_duplicate(struct field_errors *e, const char *path, const char *value)
{
	_cleanup_free_ char *v = quoted(value);

	with_value(e, path, FIELD_DUPLICATE, "Duplicate value", v, NULL);
}

void field_forbidden(struct field_errors *e, const char *path, const char *why)
{
	add(e, path, FIELD_FORBIDDEN, xasprintf("Forbidden: %s", why));
}

void field_not_supported(struct field_errors *e, const char *path, const char *value, const char *supported)
{
	_cleanup_strlist_ struct strlist l = { 0 };
	_cleanup_free_ char *v = quoted(value);
	struct buf b = { 0 };

	strlist_split(&l, supported, ',');
	buf_printf(&b, "supported values: %s", *supported == ',' ? "\"\", " : "");
	for (size_t i = 0; i < l.n; i++)
		buf_printf(&b, "%s\"%s\"", i ? ", " : "", l.items[i]);
	with_value(e, path, FIELD_NOT_SUPPORTED, "Unsupported value", v, b.data);
	buf_free(&b);
}

void field_too_long(struct field_errors *e, const char *path, int max)
{
	add(e, path, FIELD_TOO_LONG, xasprintf("Too long: may not be more than %d bytes", max));
}

void field_not_found(struct field_errors *e, const char *path, const char *value)
{
	_cleanup_free_ char *v = quoted(value);

	with_value(e, path, FIELD_NOT_FOUND, "Not found", v, NULL);
}

char *field_errors_text(const struct field_errors *e)
{
	_cleanup_strlist_ struct strlist said = { 0 };
	struct buf b = { 0 };

	for (size_t i = 0; i < e->n; i++) {
		char *s = xasprintf("%s: %s", e->items[i].path, e->items[i].message);

		if (strlist_has(&said, s))
			free(s);
		else
			strlist_take(&said, s);
	}
	for (size_t i = 0; i < said.n; i++)
		buf_printf(&b, "%s%s", i ? ", " : said.n > 1 ? "[" : "", said.items[i]);
	if (said.n > 1)
		buf_puts(&b, "]");
	return buf_steal(&b);
}

json *field_errors_causes(const struct field_errors *e)
{
	json *a = json_new_array();

	for (size_t i = 0; i < e->n; i++) {
		json *c = json_new_object();

		json_set_str(c, "reason", e->items[i].reason);
		json_set_str(c, "message", e->items[i].message);
		json_set_str(c, "field", e->items[i].path);
		json_append(a, c);
	}
	return a;
}

void field_errors_free(struct field_errors *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->items[i].path);
		free(e->items[i].message);
	}
	free(e->items);
	*e = (struct field_errors){ 0 };
}
