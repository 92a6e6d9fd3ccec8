// SPDX-License-Identifier: GPL-2.0-or-later
/* go_text.c - see go_text.h */
#include "api/meta/go_text.h"

static int by_key(const void *a, const void *b)
{
	return strcmp(json_key(*(const json *const *)a), json_key(*(const json *const *)b));
}

/* Members or elements, those of an object in order of their names; caller frees. */
static const json **children(const json *v, int *ret_n)
{
	const json **list = xcalloc(json_len(v) + 1, sizeof(*list));
	int n = 0;

	json_each(it, v)
		list[n++] = it;
	if (json_is_object(v))
		qsort(list, n, sizeof(*list), by_key);
	*ret_n = n;
	return list;
}

void go_text(struct buf *b, const json *v)
{
	_cleanup_free_ const json **list = NULL;
	_cleanup_free_ char *text = NULL;
	bool map = json_is_object(v);
	int n = 0;

	if (map || json_is_array(v)) {
		list = children(v, &n);
		buf_puts(b, map ? "map[" : "[");
		for (int i = 0; i < n; i++) {
			buf_printf(b, "%s%s%s", i ? " " : "", map ? json_key(list[i]) : "", map ? ":" : "");
			go_text(b, list[i]);
		}
		buf_puts(b, "]");
	} else if (json_is_string(v)) {
		buf_puts(b, json_str(v));
	} else {
		text = cJSON_IsNull(v) ? xstrdup("<nil>") : json_print(v);
		buf_puts(b, text);
	}
}

static void add_printed(struct buf *b, const json *v)
{
	_cleanup_free_ char *text = json_print(v);

	buf_puts(b, text);
}

void go_syntax(struct buf *b, const json *v)
{
	_cleanup_free_ const json **list = NULL;
	bool map = json_is_object(v);
	int n = 0;

	if (map || json_is_array(v)) {
		list = children(v, &n);
		buf_puts(b, map ? "map[string]interface {}{" : "[]interface {}{");
		for (int i = 0; i < n; i++) {
			_cleanup_json_ json *key = map ? json_new_str(json_key(list[i])) : NULL;

			buf_puts(b, i ? ", " : "");
			if (map) {
				add_printed(b, key);
				buf_puts(b, ":");
			}
			go_syntax(b, list[i]);
		}
		buf_puts(b, "}");
	} else if (cJSON_IsNull(v)) {
		buf_puts(b, "interface {}(nil)");
	} else {
		add_printed(b, v);
	}
}
