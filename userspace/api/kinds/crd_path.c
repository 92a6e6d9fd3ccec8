// SPDX-License-Identifier: GPL-2.0-or-later
/* crd_path.c - paths to fields of objects whose schema is in hand, see crd.h */
#include "api/kinds/crd.h"

/* The next token: a delimiter, a text in quotes, or what is before a delimiter. NULL at the end; caller frees. */
static char *next_token(const char **at)
{
	const char *s = *at;
	size_t n;

	if (!*s)
		return NULL;
	if (*s == '\'') {
		for (n = 1; s[n] && !(s[n] == '\'' && s[n - 1] != '\\'); n++)
			;
		n += s[n] != '\0';
	} else {
		n = strcspn(s, ".[]");
		n += !n;
	}
	*at = s + n;
	return xstrndup(s, n);
}

/* What stands in quotes; NULL and *why if it has an escape that does not exist. */
static char *unquote(const char *token, char **why)
{
	static const char from[] = "abfnrtv'\\", to[] = "\a\b\f\n\r\t\v'\\";
	struct buf b = { 0 };

	for (const char *p = token + 1; p[1]; p++) {
		const char *known;
		char c = *p;

		if (c == '\\' && p[2]) {
			known = strchr(from, *++p);
			if (!known) {
				*why = xasprintf("invalid string literal: invalid escape char \\%c", *p);
				buf_free(&b);
				return NULL;
			}
			c = to[known - from];
		}
		buf_add(&b, &c, 1);
	}
	return buf_steal(&b);
}

/* One step down: a property, or whatever a map holds. */
static const json *step(const json *schema, const char *name, struct buf *canonical)
{
	const json *properties = json_get(schema, "properties"), *more = json_get(schema, "additionalProperties");

	if (json_len(properties)) {
		buf_printf(canonical, "%s%s", canonical->len ? "." : "", name);
		return json_get(properties, name);
	}
	buf_printf(canonical, "[%s]", name);
	return json_is_object(more) ? more : NULL;
}

static const json *walk(const json *schema, const char *path, bool brackets, struct buf *canonical, char **why)
{
	const char *at = path;
	bool first = true;

	for (;; first = false) {
		_cleanup_free_ char *token = next_token(&at), *name = NULL, *end = NULL;
		bool bracket = token && streq(token, "[");

		if (!token)
			return first ? NULL : schema;
		if (!bracket && !streq(token, ".")) {
			*why = xasprintf("expected [ or . but got: %s", token);
			return NULL;
		}
		if (bracket && !brackets) {
			*why = xstrdup("array notation is not allowed");
			return NULL;
		}
		name = next_token(&at);
		if (!name) {
			*why = xstrdup("unexpected end of JSON path");
			return NULL;
		}
		if (bracket) {
			size_t n = strlen(name);
			char *inner;

			if (n < 2 || name[0] != '\'' || name[n - 1] != '\'') {
				*why = xasprintf("expected single quoted string but got %s", name);
				return NULL;
			}
			inner = unquote(name, why);
			if (!inner)
				return NULL;
			free(name);
			name = inner;
		}
		schema = step(schema, name, canonical);
		if (!schema) {
			*why = xstrdup("does not refer to a valid field");
			return NULL;
		}
		if (!bracket)
			continue;
		end = next_token(&at);
		if (!end || !streq(end, "]")) {
			*why = end ? xasprintf("expected ] but got %s", end) : xstrdup("unexpected end of JSON path");
			return NULL;
		}
	}
}

const json *crd_field_at(const json *schema, const char *path, bool brackets, char **canonical, char **why)
{
	struct buf b = { 0 };
	const json *found;

	*why = NULL;
	found = walk(schema, path, brackets, &b, why);
	if (canonical)
		*canonical = found ? xstrdup(b.data ?: "") : NULL;
	buf_free(&b);
	return found;
}

void crd_validate_json_path(const char *s, const char *path, struct field_errors *e)
{
	if (*s != '.')
		field_invalid_str(e, path, s, "must be a simple json path starting with .");
}
