// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * field_check.c - does a configuration fit its schema? See field_object.h
 *
 * The wording is that of Kubernetes' server-side apply, which is another one
 * than that of decoding (schema/check.c) and goes before it.
 */
#include "api/meta/field_object.h"

#include <stdio.h>

#include "api/meta/go_text.h"
#include "api/schema/strlist.h"

#define MAX_FINDINGS 100

struct check {
	struct buf path;
	struct strlist found;
};

static void found(struct check *c, char *what)
{
	_cleanup_free_ char *owned = what;

	if (c->found.n < MAX_FINDINGS)
		strlist_take(&c->found, c->path.len ? xasprintf("%s: %s", c->path.data, what) : xstrdup(what));
}

/* A value as Go's %v prints what it is wrapped in. */
static char *wrapped(const json *v)
{
	struct buf b = {0};

	buf_puts(&b, "&{");
	go_text(&b, v);
	buf_puts(&b, "}");
	return buf_steal(&b);
}

static const char *go_type(const json *v)
{
	return json_is_string(v) ? "string" : cJSON_IsBool(v) ? "bool" :
	       json_is_array(v) ? "[]interface {}" : "map[string]interface {}";
}

static bool is_number(const json *v)
{
	return cJSON_IsNumber(v) || cJSON_IsRaw(v);
}

static void check_scalar(struct check *c, enum field_type type, const json *v)
{
	_cleanup_free_ char *text = NULL;
	struct buf b = {0};

	switch (type) {
	case F_INT32:
	case F_INT64:
	case F_DOUBLE:
		if (!is_number(v))
			found(c, xasprintf("expected numeric (int or float), got %s", go_type(v)));
		return;
	case F_BOOL:
		text = wrapped(v);
		if (!cJSON_IsBool(v))
			found(c, xasprintf("expected boolean, got %s", text));
		return;
	case F_STRING:
	case F_BYTES:
		if (json_is_string(v))
			return;
		go_syntax(&b, v);
		found(c, xasprintf("expected string, got &value.valueUnstructured{Value:%s}", b.data));
		buf_free(&b);
		return;
	default:
		text = wrapped(v);
		if (json_is_object(v) || json_is_array(v))
			found(c, xasprintf("expected any scalar, got %s", text));
	}
}

static void check_value(struct check *c, struct field_shape shape, const json *v);

static void check_below(struct check *c, struct field_shape shape, struct field_step step, const json *v)
{
	size_t len = c->path.len;

	field_step_print(&c->path, step);
	check_value(c, field_shape_below(shape, step), v);
	c->path.len = len;
	c->path.data[len] = '\0';
}

static void check_members(struct check *c, struct field_shape shape, const json *obj)
{
	json_each(it, obj) {
		struct field_step step = { STEP_FIELD, json_key(it) };

		if (shape.type == F_OBJECT && !schema_field(shape.sub, step.text)) {
			size_t len = c->path.len;

			field_step_print(&c->path, step);
			found(c, xstrdup("field not declared in schema"));
			c->path.len = len;
			c->path.data[len] = '\0';
		} else {
			check_below(c, shape, step, it);
		}
	}
}

/* Why the value can be no element of a keyed list, or NULL; caller frees. */
static char *bad_element(const struct field *f, const json *v)
{
	_cleanup_strlist_ struct strlist keys = {0};
	_cleanup_free_ char *names = NULL;
	bool map = f->list == LIST_MAP, any = false;
	struct buf b = {0};

	if (!map && json_is_array(v))
		return xstrdup("not supported: associative list with lists as elements");
	if (!map)
		return !json_is_object(v) && !cJSON_IsNull(v) ? NULL :
		       xasprintf("associative list without keys has an element that's %s",
				 cJSON_IsNull(v) ? "an explicit null" : "a map type");
	if (!json_is_object(v))
		return xasprintf("associative list with keys may not have %s",
				 cJSON_IsNull(v) ? "a null element" : "non-map elements");
	strlist_split(&keys, f->map_keys, ',');
	for (size_t i = 0; i < keys.n; i++) {
		const struct field *key = schema_field(f->sub, keys.items[i]);

		any = any || json_get(v, keys.items[i]) || (key && key->dflt);
		buf_printf(&b, "%s\"%s\"", i ? " " : "", keys.items[i]);
	}
	if (any) {
		buf_free(&b);
		return NULL;
	}
	names = buf_steal(&b);
	return xasprintf("associative list with keys has an element that omits all key fields [%s] "
			 "(and doesn't have default values for any key fields)", names);
}

static int by_step(const void *a, const void *b)
{
	const struct field_item *x = *(const struct field_item *const *)a, *y = *(const struct field_item *const *)b;
	int order = strcmp(x->step.text, y->step.text);

	return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

/* Which items have the step of a former one. */
static bool *repeated(const struct field_item *items, unsigned n)
{
	_cleanup_free_ const struct field_item **order = xcalloc(n + 1, sizeof(*order));
	bool *again = xcalloc(n + 1, sizeof(*again));

	for (unsigned i = 0; i < n; i++)
		order[i] = &items[i];
	qsort(order, n, sizeof(*order), by_step);
	for (unsigned i = 1; i < n; i++)
		again[order[i]->index] = streq(order[i - 1]->step.text, order[i]->step.text);
	return again;
}

static void check_keyed(struct check *c, struct field_shape shape, const json *list)
{
	_cleanup_free_ bool *again = NULL;
	struct field_item *items;
	unsigned n, i = 0;

	json_each(it, list) {
		_cleanup_free_ char *why = bad_element(shape.f, it);

		if (why) {
			found(c, xasprintf("element %u: %s", i, why));
			return;
		}
		i++;
	}
	items = field_items(shape, list, false, &n);
	again = repeated(items, n);
	for (i = 0; i < n; i++) {
		struct buf b = {0};

		if (again[i]) {
			field_step_print(&b, items[i].step);
			found(c, xasprintf("duplicate entries for key %s", b.data));
			buf_free(&b);
		}
		check_below(c, shape, items[i].step, items[i].value);
	}
	field_items_free(items, n);
}

static void check_list(struct check *c, struct field_shape shape, const json *list)
{
	char text[16];
	unsigned i = 0;

	if (field_shape_is_keyed(shape)) {
		check_keyed(c, shape, list);
		return;
	}
	json_each(it, list) {
		snprintf(text, sizeof(text), "%u", i++);
		check_below(c, shape, (struct field_step){ STEP_INDEX, text }, it);
	}
}

static void check_value(struct check *c, struct field_shape shape, const json *v)
{
	bool list = shape.type == F_LIST, map = shape.type == F_OBJECT || shape.type == F_MAP;
	_cleanup_free_ char *text = NULL;

	if (cJSON_IsNull(v) || shape.type == F_ANY)
		return;
	if (!list && !map) {
		check_scalar(c, shape.type, v);
	} else if (list ? !json_is_array(v) : !json_is_object(v)) {
		text = wrapped(v);
		found(c, xasprintf("expected %s, got %s", list ? "list" : "map", text));
	} else if (list) {
		check_list(c, shape, v);
	} else {
		check_members(c, shape, v);
	}
}

char *field_check(const struct schema *s, const json *config)
{
	struct check c = {0};
	struct buf b = {0};

	buf_puts(&c.path, "");
	check_value(&c, field_shape_of(s), config);
	if (c.found.n > 1)
		buf_puts(&b, "errors:");
	for (size_t i = 0; i < c.found.n; i++)
		buf_printf(&b, "%s%s", c.found.n > 1 ? "\n  " : "", c.found.items[i]);
	buf_free(&c.path);
	strlist_free(&c.found);
	return b.len ? buf_steal(&b) : NULL;
}
