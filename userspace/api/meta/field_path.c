// SPDX-License-Identifier: GPL-2.0-or-later
/* field_path.c - see field_path.h */
#include "api/meta/field_path.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

/* --- canonical text ---------------------------------------------------------------- */

void field_text_add_str(struct buf *b, const char *s)
{
	buf_add(b, "\"", 1);
	for (const char *p = s; *p;) {
		size_t plain = 0;

		while ((unsigned char)p[plain] >= ' ' && !strchr("\"\\<>&\xe2", p[plain]))
			plain++;
		buf_add(b, p, plain);
		p += plain;
		if (!*p)
			break;
		if (*p == '"' || *p == '\\')
			buf_printf(b, "\\%c", *p);
		else if (*p == '\n' || *p == '\r' || *p == '\t')
			buf_puts(b, *p == '\n' ? "\\n" : *p == '\r' ? "\\r" : "\\t");
		else if (*p != '\xe2')
			buf_printf(b, "\\u%04x", (unsigned char)*p);
		else if (!strncmp(p, "\xe2\x80\xa8", 3) || !strncmp(p, "\xe2\x80\xa9", 3))
			buf_puts(b, p[2] == '\xa8' ? "\\u2028" : "\\u2029"), p += 2;
		else
			buf_add(b, p, 1);
		p++;
	}
	buf_add(b, "\"", 1);
}

void field_text_add(struct buf *b, const json *value)
{
	_cleanup_free_ char *text = NULL;

	if (json_is_string(value)) {
		field_text_add_str(b, json_str(value));
	} else if (json_is_int(value)) {
		buf_printf(b, "%lld", (long long)json_int(value, 0));
	} else {
		text = json_print(value);
		buf_puts(b, text);
	}
}

static int by_key(const void *a, const void *b)
{
	return strcmp(json_key(*(const json *const *)a), json_key(*(const json *const *)b));
}

/* {"a":1,"b":"x"} with its keys in order; the values are scalars. */
static void add_keys(struct buf *b, const json *obj)
{
	_cleanup_free_ const json **members = xcalloc(json_len(obj) + 1, sizeof(*members));
	int n = 0;

	json_each(it, obj)
		members[n++] = it;
	qsort(members, n, sizeof(*members), by_key);
	for (int i = 0; i < n; i++) {
		buf_puts(b, i ? "," : "{");
		field_text_add_str(b, json_key(members[i]));
		buf_puts(b, ":");
		field_text_add(b, members[i]);
	}
	buf_puts(b, n ? "}" : "{}");
}

/* --- reading ------------------------------------------------------------------------ */

/* Past a string without anything to escape, or an integer; NULL if it is neither. */
static const char *skip_plain(const char *p)
{
	const char *from = p;

	if (*p == '"') {
		for (p++; *p != '"'; p++)
			if ((unsigned char)*p < ' ' || (unsigned char)*p > '~' || strchr("\\<>&", *p))
				return NULL;
		return p + 1;
	}
	if (*p == '-')
		p++;
	from = p;
	while (isdigit((unsigned char)*p))
		p++;
	return p == from || (*from == '0' && p - from > 1) || p - from > 15 ? NULL : p;
}

/* The usual texts are recognised without a tree of them. */
static bool is_canonical_key(const char *p)
{
	const char *last = NULL, *name, *end;
	size_t last_len = 0, len;

	if (*p++ != '{')
		return false;
	for (;; p++) {
		name = p;
		if (*p != '"' || !(end = skip_plain(p)) || *end != ':')
			return false;
		len = end - name;
		/* the quotation mark that ends a name is smaller than every letter of one */
		if (last && strncmp(last, name, last_len < len ? last_len : len) >= 0)
			return false;
		last = name;
		last_len = len;
		p = skip_plain(end + 1);
		if (!p)
			return false;
		if (*p == '}')
			return !p[1];
		if (*p != ',')
			return false;
	}
}

static bool is_canonical_value(const char *p)
{
	const char *end = skip_plain(p);

	return end && !*end;
}

int field_step_parse(const char *s, struct field_step *ret, char **ret_text)
{
	_cleanup_json_ json *j = NULL;
	struct buf b = {0};
	int64_t index;

	*ret_text = NULL;
	if (!*s || s[1] != ':')
		return -EINVAL;
	ret->text = s + 2;
	switch (*s) {
	case 'f':
		ret->kind = STEP_FIELD;
		return 0;
	case 'i':
		ret->kind = STEP_INDEX;
		if (parse_i64(s + 2, 0, INT32_MAX, &index))
			return -EINVAL;
		return 0;
	case 'k':
		ret->kind = STEP_KEY;
		if (is_canonical_key(s + 2))
			return 0;
		break;
	case 'v':
		ret->kind = STEP_VALUE;
		if (is_canonical_value(s + 2))
			return 0;
		break;
	default:
		return -ENOENT;
	}
	if (json_parse(s + 2, strlen(s + 2), &j, NULL) || (*s == 'k' && !json_is_object(j)))
		return -EINVAL;
	if (*s == 'k')
		add_keys(&b, j);
	else
		field_text_add(&b, j);
	*ret_text = buf_steal(&b);
	ret->text = *ret_text;
	return 0;
}

/* --- order --------------------------------------------------------------------------- */

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

/* Numbers, strings, booleans, lists, maps, null: in this order. */
static int rank(const json *v)
{
	return json_is_string(v) ? 1 : cJSON_IsBool(v) ? 2 : json_is_array(v) ? 3 : json_is_object(v) ? 4 :
	       cJSON_IsNull(v) ? 5 : 0;
}

static double number(const json *v)
{
	return json_is_int(v) ? (double)json_int(v, 0) : v->valuedouble;
}

static int cmp_values(const json *a, const json *b)
{
	_cleanup_free_ char *x = NULL, *y = NULL;

	if (rank(a) != rank(b))
		return sign(rank(a) - rank(b));
	switch (rank(a)) {
	case 0:
		if (json_is_int(a) && json_is_int(b))
			return (json_int(a, 0) > json_int(b, 0)) - (json_int(a, 0) < json_int(b, 0));
		return (number(a) > number(b)) - (number(a) < number(b));
	case 1:
		return sign(strcmp(json_str(a), json_str(b)));
	case 2:
		return !!cJSON_IsTrue(a) - !!cJSON_IsTrue(b);
	default:
		x = json_print(a);
		y = json_print(b);
		return sign(strcmp(x, y));
	}
}

static int cmp_parsed(const char *a, const char *b)
{
	_cleanup_json_ json *x = NULL, *y = NULL;
	const json *i, *j;
	int order = 0;

	if (json_parse(a, strlen(a), &x, NULL) || json_parse(b, strlen(b), &y, NULL))
		return sign(strcmp(a, b));
	if (!json_is_object(x) || !json_is_object(y))
		return cmp_values(x, y);
	for (i = x->child, j = y->child; i && j && !order; i = i->next, j = j->next) {
		order = sign(strcmp(json_key(i), json_key(j)));
		if (!order)
			order = cmp_values(i, j);
	}
	return order ? order : !!i - !!j;
}

/*
 * Where two canonical texts part inside a string that needs no escape, their
 * bytes decide (the quotation mark at the end of the shorter one is below every
 * letter, and space and "!" need the longer way); in numbers they do not.
 */
static bool bytes_decide(const char *a, const char *b, size_t at)
{
	bool in_string = false;

	for (size_t i = 0; i < at; i++) {
		if (a[i] == '\\')
			return false;
		if (a[i] == '"')
			in_string = !in_string;
	}
	return in_string && a[at] != '\\' && b[at] != '\\' &&
	       (unsigned char)a[at] >= '"' && (unsigned char)b[at] >= '"';
}

int field_step_cmp(struct field_step a, struct field_step b)
{
	size_t at = 0;

	if (a.kind != b.kind)
		return a.kind < b.kind ? -1 : 1;
	if (a.text == b.text)
		return 0;
	if (a.kind == STEP_FIELD)
		return sign(strcmp(a.text, b.text));
	while (a.text[at] && a.text[at] == b.text[at])
		at++;
	if (a.text[at] == b.text[at])
		return 0;
	if (a.kind == STEP_INDEX)
		return strlen(a.text) != strlen(b.text) ? (strlen(a.text) < strlen(b.text) ? -1 : 1) :
		       sign(strcmp(a.text, b.text));
	if (bytes_decide(a.text, b.text, at))
		return (unsigned char)a.text[at] < (unsigned char)b.text[at] ? -1 : 1;
	return cmp_parsed(a.text, b.text);
}

/* --- for messages ---------------------------------------------------------------------- */

static void print_value(struct buf *b, const json *v)
{
	_cleanup_free_ char *text = json_print(v);

	buf_puts(b, text);
}

void field_step_print(struct buf *b, struct field_step s)
{
	_cleanup_json_ json *j = NULL;

	if (s.kind == STEP_FIELD) {
		buf_printf(b, ".%s", s.text);
	} else if (s.kind == STEP_INDEX) {
		buf_printf(b, "[%s]", s.text);
	} else if (json_parse(s.text, strlen(s.text), &j, NULL)) {
		buf_printf(b, "[%s]", s.text);
	} else if (s.kind == STEP_VALUE) {
		buf_puts(b, "[=");
		print_value(b, j);
		buf_puts(b, "]");
	} else {
		buf_puts(b, "[");
		json_each(it, j) {
			buf_printf(b, "%s%s=", it == j->child ? "" : ",", json_key(it));
			print_value(b, it);
		}
		buf_puts(b, "]");
	}
}
