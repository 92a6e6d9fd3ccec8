// SPDX-License-Identifier: GPL-2.0-or-later
/* yaml.c - see yaml.h: libyaml's events become a tree, and a tree its events */
#include "base/yaml.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <yaml.h>

#define COPIED_MAX 400000	/* values that are copied for the sake of aliases */
#define TAG_PREFIX "tag:yaml.org,2002:"

/* --- scalars ------------------------------------------------------------------------- */

/* One of the words, in lower case, Capitalised or UPPER. */
static bool is_word(const char *s, const char *const *words)
{
	for (; *words; words++) {
		const char *w = *words;
		size_t n = strlen(w), i = 0;
		bool first_up = isupper((unsigned char)*s), upper = first_up && n > 1 && isupper((unsigned char)s[1]);

		while (i < n && s[i] && tolower((unsigned char)s[i]) == w[i] &&
		       !!isupper((unsigned char)s[i]) == (isalpha((unsigned char)w[i]) && (i ? upper : first_up)))
			i++;
		if (i == n && !s[n])
			return true;
	}
	return false;
}

static bool is_true(const char *s)
{
	return is_word(s, (const char *const[]){ "y", "yes", "true", "on", NULL });
}

static bool is_false(const char *s)
{
	return is_word(s, (const char *const[]){ "n", "no", "false", "off", NULL });
}

static bool is_null(const char *s)
{
	return !*s || streq(s, "~") || is_word(s, (const char *const[]){ "null", NULL });
}

/* .nan and .inf: numbers, but none of JSON's */
static bool is_no_number(const char *s)
{
	static const char *const words[] = {
		".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (streq(s, words[i]))
			return true;
	return false;
}

static const char *digits(const char *p)
{
	while (isdigit((unsigned char)*p))
		p++;
	return p;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool is_float(const char *p)
{
	const char *from;

	p += *p == '-' || *p == '+';
	from = p;
	p = digits(p);
	if (p == from && *p != '.')
		return false;
	if (*p == '.') {
		p++;
		if (p == from + 1 && !isdigit((unsigned char)*p))
			return false;
		p = digits(p);
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		p += *p == '-' || *p == '+';
		from = p;
		p = digits(p);
		if (p == from)
			return false;
	}
	return !*p;
}

/* An integer with Go's prefixes, of at most 64 bits; NULL if it is none. */
static json *integer(const char *s)
{
	bool negative = *s == '-';
	const char *p = s + (*s == '-' || *s == '+');
	unsigned long long v;
	char text[24], *end;
	int base = 10;

	if (*p == '0' && p[1]) {
		char c = tolower((unsigned char)p[1]);

		base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
		p += c == 'x' || c == 'b' || c == 'o' ? 2 : 1;
	}
	if (!isxdigit((unsigned char)*p))
		return NULL;
	errno = 0;
	v = strtoull(p, &end, base);
	if (*end || errno || (negative && v > (unsigned long long)INT64_MAX + 1))
		return NULL;
	if (v <= INT64_MAX || negative)
		return json_new_int(negative ? -(int64_t)(v - !!v) - !!v : (int64_t)v);
	snprintf(text, sizeof(text), "%llu", v);
	return cJSON_CreateRaw(text);
}

/* 2001-2-3, with or without a time: Go sees a time, and hands on the text */
static bool looks_like_time(const char *s)
{
	int y, m, d, n = 0;

	return digits(s) == s + 4 && sscanf(s, "%4d-%2d-%2d%n", &y, &m, &d, &n) == 3 && n > 0 &&
	       (!s[n] || strchr("Tt ", s[n])) && m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

static json *number(const char *s)
{
	_cleanup_free_ char *plain = xstrdup(s);
	char *to = plain;
	json *j;

	if (looks_like_time(s))
		return NULL;
	for (const char *p = s; *p; p++)
		if (*p != '_')
			*to++ = *p;
	*to = '\0';
	j = integer(plain);
	if (!j && is_float(plain) && isfinite(strtod(plain, NULL)))
		j = cJSON_CreateNumber(strtod(plain, NULL));
	return j;
}

/* A plain scalar. */
static json *resolve(const char *s)
{
	json *j = NULL;

	if (is_null(s))
		return json_new_null();
	if (is_true(s) || is_false(s))
		return json_new_bool(is_true(s));
	if (isdigit((unsigned char)*s) || *s == '-' || *s == '+')
		j = number(s);
	else if (*s == '.' && is_float(s))
		j = cJSON_CreateNumber(strtod(s, NULL));
	return j ? j : json_new_str(s);
}

/* --- reading ---------------------------------------------------------------------------- */

struct anchor {
	char *name;
	json *value;	/* NULL while it is being read */
};

struct reader {
	yaml_parser_t parser;
	yaml_event_t event;	/* the current one */
	bool has_event;
	struct anchor *anchors;
	size_t n_anchors;
	size_t copied;		/* values, for anchors and aliases */
	struct buf duplicates;
	char *why;		/* what is wrong */
};

static json *fail(struct reader *r, char *why)
{
	if (!r->why)
		r->why = xasprintf("yaml: %s", why);
	free(why);
	return NULL;
}

/* libyaml's own finding, with the line that Go names. */
static json *fail_parser(struct reader *r)
{
	size_t line = r->parser.problem_mark.line ? r->parser.problem_mark.line + (r->parser.error == YAML_SCANNER_ERROR) :
		      r->parser.context_mark.line;
	const char *problem = r->parser.problem ? r->parser.problem : "unknown problem parsing YAML content";

	return fail(r, line ? xasprintf("line %zu: %s", line, problem) : xstrdup(problem));
}

static bool next(struct reader *r)
{
	if (r->has_event)
		yaml_event_delete(&r->event);
	r->has_event = yaml_parser_parse(&r->parser, &r->event);
	if (!r->has_event)
		fail_parser(r);
	return r->has_event;
}

static size_t count_values(const json *j)
{
	size_t n = 1;

	json_each(it, j)
		n += count_values(it);
	return n;
}

/* Copies for anchors and aliases must not make a small document a large one. */
static bool may_copy(struct reader *r, const json *j)
{
	r->copied += count_values(j);
	if (r->copied > COPIED_MAX)
		fail(r, xstrdup("document contains excessive aliasing"));
	return r->copied <= COPIED_MAX;
}

static json *read_alias(struct reader *r)
{
	const char *name = (const char *)r->event.data.alias.anchor;

	for (size_t i = r->n_anchors; i-- > 0;) {
		struct anchor *a = &r->anchors[i];

		if (!streq(a->name, name))
			continue;
		if (!a->value)
			return fail(r, xasprintf("anchor '%s' value contains itself", name));
		return may_copy(r, a->value) ? json_clone(a->value) : NULL;
	}
	return fail(r, xasprintf("unknown anchor '%s' referenced", name));
}

/* "!!int" for the long form. */
static const char *short_tag(const char *tag)
{
	return tag && startswith(tag, TAG_PREFIX) ? tag + strlen(TAG_PREFIX) : "";
}

static json *read_scalar(struct reader *r)
{
	const char *s = (const char *)r->event.data.scalar.value, *full = (const char *)r->event.data.scalar.tag;
	const char *tag = short_tag(full);
	_cleanup_json_ json *j = NULL;
	bool fits;

	if (strlen(s) != r->event.data.scalar.length)
		return fail(r, xstrdup("NUL in a string"));
	if (!full)
		j = r->event.data.scalar.plain_implicit ? resolve(s) : json_new_str(s);
	else if (!*tag || streq(tag, "str") || streq(tag, "timestamp"))
		j = json_new_str(s);
	else
		j = resolve(s);
	if (is_no_number(s) && (full ? streq(tag, "float") : r->event.data.scalar.plain_implicit))
		return fail(r, xasprintf("%s is no number in JSON", s));
	fits = !*tag || streq(tag, "str") || streq(tag, "timestamp") ||
	       (streq(tag, "int") && json_is_int(j)) ||
	       (streq(tag, "float") && (cJSON_IsNumber(j) || cJSON_IsRaw(j))) ||
	       (streq(tag, "bool") && cJSON_IsBool(j)) || (streq(tag, "null") && cJSON_IsNull(j));
	if (!fits)
		return fail(r, xasprintf("cannot decode `%s` as a !!%s", s, tag));
	return TAKE_PTR(j);
}

static json *read_value(struct reader *r, int depth);

static json *read_sequence(struct reader *r, int depth)
{
	_cleanup_json_ json *list = json_new_array();
	json *v;

	while (next(r) && r->event.type != YAML_SEQUENCE_END_EVENT) {
		v = read_value(r, depth + 1);
		if (!v)
			return NULL;
		json_append(list, v);
	}
	return r->why ? NULL : TAKE_PTR(list);
}

/* The key as text, NULL if it can be none; caller frees. */
static char *key_text(struct reader *r, const json *key)
{
	char number[32];

	if (json_is_string(key))
		return xstrdup(json_str(key));
	if (cJSON_IsBool(key))
		return xstrdup(cJSON_IsTrue(key) ? "true" : "false");
	if (json_is_int(key))
		return json_print(key);
	if (cJSON_IsNumber(key)) {
		snprintf(number, sizeof(number), "%.7g", key->valuedouble);
		return xstrdup(number);
	}
	fail(r, xstrdup("a key of a mapping is neither a string nor a number nor a boolean"));
	return NULL;
}

/* A mapping while it is read: keys that stand twice are looked for in the end. */
struct mapping {
	json *map;
	struct entry {
		json *value;
		size_t line, index;
		bool again;	/* the key stood before */
	} *entries;
	size_t n, cap;
};

static void put(struct mapping *m, const char *key, json *value, size_t line)
{
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 8;
		m->entries = xrealloc(m->entries, m->cap * sizeof(*m->entries));
	}
	cJSON_AddItemToObject(m->map, key, value);
	m->entries[m->n] = (struct entry){ .value = value, .line = line, .index = m->n };
	m->n++;
}

static int by_entry_key(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;
	int order = strcmp(json_key(x->value), json_key(y->value));

	return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

/* Of several with one key the last stays. */
static void drop_duplicates(struct reader *r, struct mapping *m)
{
	_cleanup_free_ struct entry **order = xcalloc(m->n + 1, sizeof(*order));
	bool any = false;

	for (size_t i = 0; i < m->n; i++)
		order[i] = &m->entries[i];
	qsort(order, m->n, sizeof(*order), by_entry_key);
	for (size_t i = 1; i < m->n; i++) {
		order[i]->again = streq(json_key(order[i - 1]->value), json_key(order[i]->value));
		any = any || order[i]->again;
	}
	for (size_t i = 0; any && i < m->n; i++) {
		_cleanup_json_ json *name = m->entries[i].again ? json_new_str(json_key(m->entries[i].value)) : NULL;
		_cleanup_free_ char *text = name ? json_print(name) : NULL;

		if (name)
			buf_printf(&r->duplicates, "%sline %zu: key %s already set in map", r->duplicates.len ? "\n" : "",
				   m->entries[i].line + 1, text);
	}
	for (size_t i = 1; any && i < m->n; i++)
		if (order[i]->again)
			cJSON_Delete(cJSON_DetachItemViaPointer(m->map, order[i - 1]->value));
}

/* What << brings: a mapping, or several, the first of which counts most. */
static bool merge(struct reader *r, struct mapping *m, const json *from, size_t line)
{
	const json *last = json_is_array(from) && from->child ? from->child->prev : NULL;

	if (json_is_object(from)) {
		json_each(it, from)
			put(m, json_key(it), json_clone(it), line);
		return true;
	}
	for (const json *it = last; it && json_is_object(it) && merge(r, m, it, line); it = it->prev)
		if (it == from->child)
			return true;
	fail(r, xstrdup("map merge requires map or sequence of maps as the value"));
	return false;
}

static bool is_merge(const yaml_event_t *e)
{
	return e->type == YAML_SCALAR_EVENT && streq((const char *)e->data.scalar.value, "<<") && e->data.scalar.plain_implicit;
}

/* The key that the current event begins, and its value. */
static bool read_entry(struct reader *r, struct mapping *m, int depth)
{
	bool merges = is_merge(&r->event);
	_cleanup_json_ json *key = read_value(r, depth + 1), *value = NULL;
	_cleanup_free_ char *text = key ? key_text(r, key) : NULL;
	size_t line;

	if (!text || !next(r))
		return false;
	line = r->event.start_mark.line;
	value = read_value(r, depth + 1);
	if (!value)
		return false;
	if (merges)
		return merge(r, m, value, line);
	put(m, text, TAKE_PTR(value), line);
	return true;
}

static json *read_mapping(struct reader *r, int depth)
{
	struct mapping m = { .map = json_new_object() };

	while (next(r) && r->event.type != YAML_MAPPING_END_EVENT && read_entry(r, &m, depth))
		;
	if (r->why)
		json_freep(&m.map);
	else
		drop_duplicates(r, &m);
	free(m.entries);
	return m.map;
}

static const char *anchor_of(const yaml_event_t *e)
{
	return (const char *)(e->type == YAML_SCALAR_EVENT ? e->data.scalar.anchor :
			      e->type == YAML_SEQUENCE_START_EVENT ? e->data.sequence_start.anchor :
			      e->type == YAML_MAPPING_START_EVENT ? e->data.mapping_start.anchor : NULL);
}

/* The value that the current event begins; NULL with r->why set. */
static json *read_value(struct reader *r, int depth)
{
	const char *name = anchor_of(&r->event);
	size_t anchor = r->n_anchors;
	json *v;

	if (depth > JSON_MAX_DEPTH)
		return fail(r, xstrdup("nested too deep"));
	if (name) {
		r->anchors = xrealloc(r->anchors, (anchor + 1) * sizeof(*r->anchors));
		r->anchors[r->n_anchors++] = (struct anchor){ .name = xstrdup(name) };
	}
	switch (r->event.type) {
	case YAML_SCALAR_EVENT:
		v = read_scalar(r);
		break;
	case YAML_SEQUENCE_START_EVENT:
		v = read_sequence(r, depth);
		break;
	case YAML_MAPPING_START_EVENT:
		v = read_mapping(r, depth);
		break;
	default:
		return read_alias(r);
	}
	if (name && v && may_copy(r, v))
		r->anchors[anchor].value = json_clone(v);
	if (r->why)
		json_freep(&v);
	return v;
}

static json *read_document(struct reader *r)
{
	if (!next(r) || !next(r))	/* the stream's start, then the document's */
		return NULL;
	if (r->event.type == YAML_STREAM_END_EVENT)
		return json_new_null();
	return next(r) ? read_value(r, 0) : NULL;
}

int yaml_parse(const char *text, size_t len, json **ret, char **ret_duplicates, char **ret_msg)
{
	struct reader r = {0};
	json *j;

	*ret_duplicates = NULL;
	if (!yaml_parser_initialize(&r.parser))
		abort();
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
	j = read_document(&r);
	if (r.has_event)
		yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	for (size_t i = 0; i < r.n_anchors; i++) {
		free(r.anchors[i].name);
		json_freep(&r.anchors[i].value);
	}
	free(r.anchors);
	if (j && r.duplicates.len)
		*ret_duplicates = buf_steal(&r.duplicates);
	buf_free(&r.duplicates);
	if (!j) {
		*ret_msg = r.why;
		return -EINVAL;
	}
	*ret = j;
	return 0;
}

/* --- writing -------------------------------------------------------------------------------- */

static int add_bytes(void *data, unsigned char *bytes, size_t len)
{
	buf_add(data, bytes, len);
	return 1;
}

static void emit(yaml_emitter_t *e, yaml_event_t *event)
{
	if (!yaml_emitter_emit(e, event))
		abort();	/* memory */
}

/* Quoted where it would be something else than a string without. */
static void emit_string(yaml_emitter_t *e, const char *s)
{
	_cleanup_json_ json *plain = resolve(s);
	bool other = !json_is_string(plain) || is_no_number(s) || looks_like_time(s) || streq(s, "<<");
	yaml_scalar_style_t style = other ? YAML_DOUBLE_QUOTED_SCALAR_STYLE :
				    strchr(s, '\n') ? YAML_LITERAL_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE;
	yaml_event_t event;

	yaml_scalar_event_initialize(&event, NULL, NULL, (const unsigned char *)s, (int)strlen(s), !other, 1, style);
	emit(e, &event);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(json_key(*(const json *const *)a), json_key(*(const json *const *)b));
}

static void emit_value(yaml_emitter_t *e, const json *j);

static void emit_members(yaml_emitter_t *e, const json *obj)
{
	_cleanup_free_ const json **members = xcalloc(json_len(obj) + 1, sizeof(*members));
	yaml_mapping_style_t style = obj->child ? YAML_BLOCK_MAPPING_STYLE : YAML_FLOW_MAPPING_STYLE;
	yaml_event_t event;
	int n = 0;

	json_each(it, obj)
		members[n++] = it;
	qsort(members, n, sizeof(*members), by_key);
	yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, style);
	emit(e, &event);
	for (int i = 0; i < n; i++) {
		emit_string(e, json_key(members[i]));
		emit_value(e, members[i]);
	}
	yaml_mapping_end_event_initialize(&event);
	emit(e, &event);
}

static void emit_value(yaml_emitter_t *e, const json *j)
{
	_cleanup_free_ char *text = NULL;
	yaml_event_t event;

	if (json_is_string(j)) {
		emit_string(e, json_str(j));
	} else if (json_is_object(j)) {
		emit_members(e, j);
	} else if (json_is_array(j)) {
		yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
						     j->child ? YAML_BLOCK_SEQUENCE_STYLE : YAML_FLOW_SEQUENCE_STYLE);
		emit(e, &event);
		json_each(it, j)
			emit_value(e, it);
		yaml_sequence_end_event_initialize(&event);
		emit(e, &event);
	} else {
		text = json_print(j);
		yaml_scalar_event_initialize(&event, NULL, NULL, (const unsigned char *)text, (int)strlen(text), 1, 1,
					     YAML_PLAIN_SCALAR_STYLE);
		emit(e, &event);
	}
}

void yaml_print(const json *j, struct buf *out)
{
	yaml_emitter_t e;
	yaml_event_t event;

	if (!yaml_emitter_initialize(&e))
		abort();
	yaml_emitter_set_output(&e, add_bytes, out);
	yaml_emitter_set_unicode(&e, 1);
	yaml_emitter_set_width(&e, -1);
	yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
	emit(&e, &event);
	yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1);
	emit(&e, &event);
	emit_value(&e, j);
	yaml_document_end_event_initialize(&event, 1);
	emit(&e, &event);
	yaml_stream_end_event_initialize(&event);
	emit(&e, &event);
	yaml_emitter_delete(&e);
}
