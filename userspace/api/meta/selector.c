// SPDX-License-Identifier: GPL-2.0-or-later
/* selector.c - see selector.h; the grammar of labels is in selector_label.c */
#include "api/meta/selector.h"

#include <errno.h>

#include "api/meta/selector_label.h"
#include "api/schema/strlist.h"

/* One term of a field selector: path = value, or path != value. */
struct field_term {
	char *path;
	char *value;
	bool negate;
};

struct selector {
	struct label_selector *label;	/* NULL: all */
	struct field_term *fields;
	size_t n_fields;
	const char *(*value)(const json *obj, const char *path);	/* or NULL */
};

/* --- which fields a kind can be selected by ------------------------------------ */

/* NULL if the kind can be selected by this path, else why not (to free). */
static char *unsupported_field(const struct resource *r, const char *path)
{
	if (streq(path, "metadata.name") || streq(path, "metadata.namespace") || comma_list_has(r->fields, path))
		return NULL;
	if (*r->fields)
		return xasprintf("field label not supported: %s", path);
	return xasprintf("\"%s\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
			 path);
}

/* --- the grammar of field selectors ---------------------------------------------- */

/* Takes the backslashes out of a value; NULL with *ret_msg if it is no value. */
static char *unescape_value(const char *p, size_t len, char **ret_msg)
{
	struct buf b = {0};

	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\\') {
			if (i + 1 == len || !strchr("\\,=", p[i + 1])) {
				*ret_msg = xasprintf("invalid field selector: invalid escape sequence: %.*s",
						     i + 1 == len ? 1 : 2, p + i);
				buf_free(&b);
				return NULL;
			}
			i++;
		} else if (p[i] == ',' || p[i] == '=') {
			*ret_msg = xasprintf("invalid field selector: unescaped character in value: %d", p[i]);
			buf_free(&b);
			return NULL;
		}
		buf_add(&b, p + i, 1);
	}
	return buf_steal(&b);
}

/* Splits one term at its first operator: the operator's length, 0 if there is none. */
static size_t find_operator(const char *p, size_t len, size_t *ret_at)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '\\') {
			i++;
			continue;
		}
		if (p[i] == '!' && i + 1 < len && p[i + 1] == '=') {
			*ret_at = i;
			return 2;
		}
		if (p[i] == '=') {
			*ret_at = i;
			return i + 1 < len && p[i + 1] == '=' ? 2 : 1;
		}
	}
	return 0;
}

static int add_field_term(struct selector *s, const struct resource *r, const char *whole, const char *p,
			  size_t len, char **ret_msg)
{
	size_t at = 0, oplen = find_operator(p, len, &at);
	struct field_term *t;
	char *why, *value;

	if (!oplen) {
		*ret_msg = xasprintf("invalid selector: '%s'; can't understand '%.*s'", whole, (int)len, p);
		return -EINVAL;
	}
	value = unescape_value(p + at + oplen, len - at - oplen, ret_msg);
	if (!value)
		return -EINVAL;
	s->fields = xrealloc(s->fields, (s->n_fields + 1) * sizeof(*s->fields));
	t = &s->fields[s->n_fields++];
	*t = (struct field_term){ .path = xstrndup(p, at), .value = value, .negate = p[at] == '!' };
	why = unsupported_field(r, t->path);
	if (!why)
		return 0;
	*ret_msg = why;
	return -EINVAL;
}

static int parse_fields(struct selector *s, const struct resource *r, const char *text, char **ret_msg)
{
	const char *start = text;

	for (const char *p = text;; p++) {
		if (*p == '\\' && p[1]) {
			p++;
			continue;
		}
		if (*p && *p != ',')
			continue;
		if (p > start) {
			int err = add_field_term(s, r, text, start, (size_t)(p - start), ret_msg);

			if (err)
				return err;
		}
		if (!*p)
			return 0;
		start = p + 1;
	}
}

int selector_parse(const struct resource *r, const struct store_selector *sel, struct selector **ret,
		   char **ret_msg)
{
	struct selector *s = xnew0(struct selector);
	char *msg = NULL;
	int err = 0;

	if (sel && sel->label && *sel->label)
		err = label_selector_parse(sel->label, &s->label, &msg);
	if (!err && sel && sel->field && *sel->field)
		err = parse_fields(s, r, sel->field, &msg);
	if (err) {
		selector_free(s);
		if (ret_msg)
			*ret_msg = TAKE_PTR(msg);
		free(msg);
		return err;
	}
	*ret = s;
	return 0;
}

void selector_free(struct selector *s)
{
	if (!s)
		return;
	label_selector_free(s->label);
	for (size_t i = 0; i < s->n_fields; i++) {
		free(s->fields[i].path);
		free(s->fields[i].value);
	}
	free(s->fields);
	free(s);
}

void selector_set_fields(struct selector *s, const char *(*rename)(const char *path),
			 const char *(*value)(const json *obj, const char *path))
{
	s->value = value;
	for (size_t i = 0; rename && i < s->n_fields; i++) {
		char *path = xstrdup(rename(s->fields[i].path));

		free(s->fields[i].path);
		s->fields[i].path = path;
	}
}

/* --- matching ---------------------------------------------------------------------- */

/* A scalar of the object as selectors compare it; what is absent is the type's zero. */
char *selector_field(const json *obj, const char *path, const char *(*value)(const json *obj, const char *path))
{
	const char *own = value ? value(obj, path) : NULL;
	_cleanup_free_ char *copy = xstrdup(path);
	const json *v = obj;
	char *save = NULL;

	if (own)
		return xstrdup(own);
	for (char *part = strtok_r(copy, ".", &save); part; part = strtok_r(NULL, ".", &save))
		v = json_get(v, part);
	if (streq(path, "spec.unschedulable") || streq(path, "spec.hostNetwork"))
		return xstrdup(json_bool(v, false) ? "true" : "false");
	if (streq(path, "status.replicas"))
		return xasprintf("%lld", (long long)json_int(v, 0));
	return xstrdup(json_str_or(v, ""));
}

bool selector_match(const struct selector *s, const json *obj)
{
	if (!s)
		return true;
	if (s->label && !label_selector_match(s->label, json_get(obj, "metadata", "labels")))
		return false;
	for (size_t i = 0; i < s->n_fields; i++) {
		_cleanup_free_ char *v = selector_field(obj, s->fields[i].path, s->value);

		if (streq(v, s->fields[i].value) == s->fields[i].negate)
			return false;
	}
	return true;
}

bool selector_is_empty(const struct selector *s)
{
	return !s || (!s->label && !s->n_fields);
}

const char *selector_name(const struct selector *s)
{
	for (size_t i = 0; s && i < s->n_fields; i++)
		if (!s->fields[i].negate && streq(s->fields[i].path, "metadata.name"))
			return s->fields[i].value;
	return NULL;
}

struct selector_pin selector_pin(const struct selector *s)
{
	struct selector_pin pin = {0};
	const char *key, *value;

	for (size_t i = 0; s && i < s->n_fields; i++) {
		const struct field_term *t = &s->fields[i];

		if (t->negate || streq(t->path, "metadata.namespace"))
			continue;
		if (!pin.type || streq(t->path, "metadata.name"))
			pin = (struct selector_pin){ PIN_FIELD, t->path, t->value };
	}
	if (!pin.type && s && s->label && label_selector_pin(s->label, &key, &value))
		pin = (struct selector_pin){ PIN_LABEL, key, value };
	return pin;
}
