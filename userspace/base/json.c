// SPDX-License-Identifier: GPL-2.0-or-later
/* json.c - see json.h */
#include "base/json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/members.h"

/*
 * cJSON prints a number of 16 digits or more in scientific form when that is
 * shorter, and keeps no integer above 2^53; up to here it does neither.
 */
#define PLAIN_DIGITS 15
#define PLAIN_MAX 999999999999999LL
/* cJSON reads numbers through a buffer of 64 bytes. */
#define NUMBER_MAX 60

/* --- keys --- */

/*
 * Most keys are the same few thousand names again and again. Each is kept once,
 * for ever, and trees point to it: that is a third of their size, and who looks
 * for a member reads names that are in the processor's cache. A name that is
 * long, or comes when the table is full, belongs to its node as cJSON has it.
 */
#define KEY_SLOTS 16384			/* a power of two */
#define KEYS_MAX 8192
#define KEY_MAX_LEN 64

static struct {
	const char *name;
	uint32_t hash;
} key_table[KEY_SLOTS];
static size_t n_keys;

/* The one copy of the name; NULL if it has none. */
static const char *intern(const char *name)
{
	uint32_t hash = 2166136261u, at;	/* FNV-1a */
	size_t n = 0;

	for (; name[n]; n++) {
		if (n == KEY_MAX_LEN)
			return NULL;
		hash = (hash ^ (unsigned char)name[n]) * 16777619u;
	}
	for (at = hash & (KEY_SLOTS - 1); key_table[at].name; at = (at + 1) & (KEY_SLOTS - 1))
		if (key_table[at].hash == hash && strcmp(key_table[at].name, name) == 0)
			return key_table[at].name;
	if (n_keys == KEYS_MAX)
		return NULL;
	n_keys++;
	key_table[at].hash = hash;
	key_table[at].name = xstrdup(name);
	return key_table[at].name;
}

void json_intern(const char *key)
{
	intern(key);
}

/* Gives a node its key. */
static void set_key(json *j, const char *key)
{
	const char *one = intern(key);
	char *name = one ? (char *)one : xstrdup(key);

	if (!(j->type & cJSON_StringIsConst))
		cJSON_free(j->string);
	j->string = name;
	j->type = one ? j->type | cJSON_StringIsConst : j->type & ~cJSON_StringIsConst;
}

static void intern_all(json *j)
{
	json_each(it, j) {
		const char *one = it->string && !(it->type & cJSON_StringIsConst) ? intern(it->string) : NULL;

		if (one) {
			cJSON_free(it->string);
			it->string = (char *)one;
			it->type |= cJSON_StringIsConst;
		}
		intern_all(it);
	}
}

/*
 * The check runs over the text before cJSON does: a recursive reader of
 * RFC 8259 that builds nothing. Afterwards exact_numbers() walks text-order
 * and tree together, to put the digits of large integers back.
 */
struct scan {
	const char *text, *p, *end;
	const char *why;
	struct big *bigs;	/* integers that cJSON might not keep or print exactly, in text order */
	size_t n_bigs;
	size_t n_numbers;
};

struct big {
	size_t index;		/* which number of the text, from 0 */
	char *digits;
};

static bool fail(struct scan *s, const char *why)
{
	if (!s->why)
		s->why = why;
	return false;
}

static void skip_space(struct scan *s)
{
	while (s->p < s->end && strchr(" \t\r\n", *s->p) && *s->p)
		s->p++;
}

/* One UTF-8 sequence at p (RFC 3629): its length, 0 if it is none. */
static size_t utf8_len(const unsigned char *p, const unsigned char *end)
{
	size_t n;
	uint32_t c;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if ((size_t)(end - p) < n)
		return 0;
	c = p[0] & (0xff >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if ((n == 3 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))) ||
	    (n == 4 && (c < 0x10000 || c > 0x10ffff)))
		return 0;
	return n;
}

static bool scan_hex4(struct scan *s, unsigned *ret)
{
	unsigned v = 0;

	if (s->end - s->p < 4)
		return false;
	for (int i = 0; i < 4; i++, s->p++) {
		char c = *s->p;
		int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
			c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (d < 0)
			return false;
		v = v << 4 | d;
	}
	*ret = v;
	return true;
}

static bool scan_string(struct scan *s)
{
	if (s->p >= s->end || *s->p != '"')
		return fail(s, "expected a string");
	s->p++;
	while (s->p < s->end && *s->p != '"') {
		unsigned u, lo;
		size_t n;

		if ((unsigned char)*s->p < 0x20)
			return fail(s, "control character in a string");
		if (*s->p != '\\') {
			n = utf8_len((const unsigned char *)s->p, (const unsigned char *)s->end);
			if (!n)
				return fail(s, "invalid UTF-8");
			s->p += n;
			continue;
		}
		if (++s->p >= s->end)
			break;
		if (*s->p != 'u') {
			if (!strchr("\"\\/bfnrt", *s->p) || !*s->p)
				return fail(s, "unknown escape in a string");
			s->p++;
			continue;
		}
		s->p++;
		if (!scan_hex4(s, &u))
			return fail(s, "bad \\u escape");
		if (u == 0)
			return fail(s, "NUL in a string");
		if (u >= 0xdc00 && u <= 0xdfff)
			return fail(s, "lone surrogate in a string");
		if (u >= 0xd800 && u <= 0xdbff) {
			if (s->end - s->p < 6 || s->p[0] != '\\' || s->p[1] != 'u')
				return fail(s, "lone surrogate in a string");
			s->p += 2;
			if (!scan_hex4(s, &lo) || lo < 0xdc00 || lo > 0xdfff)
				return fail(s, "lone surrogate in a string");
		}
	}
	if (s->p >= s->end)
		return fail(s, "string without an end");
	s->p++;
	return true;
}

static bool scan_digits(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > from;
}

static bool scan_number(struct scan *s)
{
	const char *from = s->p;
	bool integer = true;

	if (*s->p == '-')
		s->p++;
	if (s->p < s->end && *s->p == '0')
		s->p++;
	else if (!scan_digits(s))
		return fail(s, "bad number");
	if (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		return fail(s, "number with a leading zero");
	if (s->p < s->end && *s->p == '.') {
		integer = false;
		s->p++;
		if (!scan_digits(s))
			return fail(s, "bad number");
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		integer = false;
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		if (!scan_digits(s))
			return fail(s, "bad number");
	}
	if (s->p - from > NUMBER_MAX)
		return fail(s, "number with too many digits");
	if (!integer && !isfinite(strtod(memcpy((char[NUMBER_MAX + 1]){ 0 }, from, s->p - from), NULL)))
		return fail(s, "number out of range");
	if (integer && s->p - from > PLAIN_DIGITS) {
		s->bigs = xrealloc(s->bigs, (s->n_bigs + 1) * sizeof(*s->bigs));
		s->bigs[s->n_bigs++] = (struct big){ s->n_numbers, xstrndup(from, s->p - from) };
	}
	s->n_numbers++;
	return true;
}

static bool scan_word(struct scan *s, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, w, n) != 0)
		return fail(s, "expected a value");
	s->p += n;
	return true;
}

static bool scan_value(struct scan *s, int depth)
{
	bool object;

	skip_space(s);
	if (s->p >= s->end)
		return fail(s, "unexpected end");
	if (depth > JSON_MAX_DEPTH)
		return fail(s, "nested too deep");
	switch (*s->p) {
	case '"':
		return scan_string(s);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	case '{':
	case '[':
		break;
	default:
		if (*s->p == '-' || (*s->p >= '0' && *s->p <= '9'))
			return scan_number(s);
		return fail(s, "expected a value");
	}
	object = *s->p++ == '{';
	skip_space(s);
	if (s->p < s->end && *s->p == (object ? '}' : ']')) {
		s->p++;
		return true;
	}
	for (;;) {
		if (object) {
			skip_space(s);
			if (!scan_string(s))
				return false;
			skip_space(s);
			if (s->p >= s->end || *s->p != ':')
				return fail(s, "expected ':'");
			s->p++;
		}
		if (!scan_value(s, depth + 1))
			return false;
		skip_space(s);
		if (s->p < s->end && *s->p == ',') {
			s->p++;
			continue;
		}
		if (s->p < s->end && *s->p == (object ? '}' : ']')) {
			s->p++;
			return true;
		}
		return fail(s, object ? "expected ',' or '}'" : "expected ',' or ']'");
	}
}

static void exact_numbers(json *j, const struct scan *s, size_t *n, size_t *next)
{
	if (cJSON_IsNumber(j)) {
		if (*next < s->n_bigs && s->bigs[*next].index == *n) {
			j->type = (j->type & ~0xff) | cJSON_Raw;
			j->valuestring = s->bigs[*next].digits;
			s->bigs[(*next)++].digits = NULL;
		}
		(*n)++;
	}
	json_each(it, j)
		exact_numbers(it, s, n, next);
}

/* Members by key, those of one key as they stand. */
struct member {
	json *item;
	int at;
};

static int by_key(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = strcmp(x->item->string, y->item->string);

	return order ? order : x->at - y->at;
}

struct duplicates {
	json_duplicate_fn tell;		/* NULL: the first one is an error */
	void *data;
	struct buf path;
	char *first;
};

static void walk_duplicates(struct duplicates *d, json *j);

/* Of members with one key the last stays, as in Go. */
static void drop_duplicates(struct duplicates *d, json *j, int n)
{
	_cleanup_free_ struct member *members = xcalloc((size_t)n, sizeof(*members));
	int i = 0;

	for (json *it = j->child; it; it = it->next, i++)
		members[i] = (struct member){ it, i };
	qsort(members, (size_t)n, sizeof(*members), by_key);
	for (i = 1; i < n && !d->first; i++) {
		json *former = members[i - 1].item;
		size_t len = d->path.len;

		if (strcmp(former->string, members[i].item->string))
			continue;
		buf_printf(&d->path, "%s%s", len ? "." : "", former->string);
		if (d->tell)
			d->tell(d->data, d->path.data);
		else
			d->first = xstrdup(former->string);
		d->path.len = len;
		d->path.data[len] = '\0';
		cJSON_Delete(cJSON_DetachItemViaPointer(j, former));
	}
}

static void walk_duplicates(struct duplicates *d, json *j)
{
	bool object = cJSON_IsObject(j);
	int n = object ? json_len(j) : 0, i = 0;

	if (n > 1)
		drop_duplicates(d, j, n);
	json_each(it, j) {
		size_t len = d->path.len;

		if (d->first)
			return;
		if (it->child && object)
			buf_printf(&d->path, "%s%s", len ? "." : "", it->string);
		else if (it->child)
			buf_printf(&d->path, "[%d]", i);
		i++;
		walk_duplicates(d, it);
		if (d->path.len > len) {
			d->path.len = len;
			d->path.data[len] = '\0';
		}
	}
}

int json_parse(const char *text, size_t len, json **ret, char **ret_msg)
{
	return json_parse_duplicates(text, len, NULL, NULL, ret, ret_msg);
}

int json_parse_duplicates(const char *text, size_t len, json_duplicate_fn tell, void *data, json **ret, char **ret_msg)
{
	struct scan s = { .text = text, .p = text, .end = text + len };
	struct duplicates d = { .tell = tell, .data = data };
	_cleanup_json_ json *j = NULL;
	_cleanup_free_ char *msg = NULL;
	size_t n = 0, next = 0;

	if (scan_value(&s, 0)) {
		skip_space(&s);
		if (s.p != s.end)
			fail(&s, "text after the value");
	}
	if (s.why) {
		msg = xasprintf("invalid JSON at byte %zu: %s", (size_t)(s.p - text), s.why);
	} else {
		j = cJSON_ParseWithLength(text, len);
		if (!j) {
			msg = xasprintf("invalid JSON");
		} else {
			exact_numbers(j, &s, &n, &next);
			walk_duplicates(&d, j);
			if (d.first)
				msg = xasprintf("invalid JSON: key \"%s\" stands twice in one object", d.first);
		}
	}
	buf_free(&d.path);
	free(d.first);
	for (size_t i = 0; i < s.n_bigs; i++)
		free(s.bigs[i].digits);
	free(s.bigs);
	if (msg) {
		if (ret_msg)
			*ret_msg = TAKE_PTR(msg);
		return -EINVAL;
	}
	intern_all(j);
	*ret = TAKE_PTR(j);
	return 0;
}

static char *checked(char *s)
{
	if (!s)
		abort();
	return s;
}

char *json_print_pretty(const json *j)
{
	return checked(cJSON_Print(j));
}

/* In place of cJSON's own, which is a call into a library for each level: everything is read through here. */
static const json *member(const json *obj, const char *key)
{
	const json *it = obj->child;

	while (it && !(it->string && it->string[0] == key[0] && strcmp(it->string, key) == 0))
		it = it->next;
	return it;
}

json *json_get_path(const json *j, const char *const *path)
{
	for (; j && *path; path++)
		j = cJSON_IsObject(j) ? member(j, *path) : NULL;
	return (json *)j;
}

bool json_is_object(const json *j)
{
	return cJSON_IsObject(j);
}

bool json_is_array(const json *j)
{
	return cJSON_IsArray(j);
}

bool json_is_string(const json *j)
{
	return cJSON_IsString(j);
}

static bool int_value(const json *j, int64_t *ret)
{
	if (cJSON_IsRaw(j))
		return parse_i64(j->valuestring, INT64_MIN, INT64_MAX, ret) == 0;
	if (!cJSON_IsNumber(j) || j->valuedouble != floor(j->valuedouble) || fabs(j->valuedouble) > 9e15)
		return false;
	*ret = (int64_t)j->valuedouble;
	return true;
}

bool json_is_int(const json *j)
{
	int64_t v;

	return int_value(j, &v);
}

const char *json_str(const json *j)
{
	return cJSON_IsString(j) ? j->valuestring : NULL;
}

const char *json_str_or(const json *j, const char *dflt)
{
	return cJSON_IsString(j) ? j->valuestring : dflt;
}

int64_t json_int(const json *j, int64_t dflt)
{
	int64_t v;

	return int_value(j, &v) ? v : dflt;
}

bool json_bool(const json *j, bool dflt)
{
	return cJSON_IsBool(j) ? cJSON_IsTrue(j) : dflt;
}

int json_len(const json *j)
{
	return cJSON_IsArray(j) || cJSON_IsObject(j) ? cJSON_GetArraySize(j) : 0;
}

static json *made(json *j)
{
	if (!j)
		abort();
	return j;
}

json *json_new_object(void)
{
	return made(cJSON_CreateObject());
}

json *json_new_array(void)
{
	return made(cJSON_CreateArray());
}

json *json_new_str(const char *s)
{
	return made(cJSON_CreateString(s));
}

json *json_new_int(int64_t v)
{
	char digits[24];

	if (v <= PLAIN_MAX && v >= -PLAIN_MAX)
		return made(cJSON_CreateNumber((double)v));
	snprintf(digits, sizeof(digits), "%lld", (long long)v);
	return made(cJSON_CreateRaw(digits));
}

json *json_new_bool(bool v)
{
	return made(cJSON_CreateBool(v));
}

json *json_new_null(void)
{
	return made(cJSON_CreateNull());
}

json *json_clone(const json *j)
{
	json *c;

	if (!j)
		return NULL;
	c = made(cJSON_Duplicate(j, true));
	return c;
}

json *json_set(json *obj, const char *key, json *value)
{
	json *old = json_get(obj, key);

	if (!value) {
		cJSON_DeleteItemFromObjectCaseSensitive(obj, key);
	} else if (!old) {
		set_key(value, key);
		cJSON_AddItemToArray(obj, value);	/* to any node with children */
	} else if (old != value) {
		set_key(value, key);
		cJSON_ReplaceItemViaPointer(obj, old, value);
	}
	return value;
}

void json_set_str(json *obj, const char *key, const char *s)
{
	json_set(obj, key, s ? json_new_str(s) : NULL);
}

void json_set_int(json *obj, const char *key, int64_t v)
{
	json_set(obj, key, json_new_int(v));
}

void json_set_bool(json *obj, const char *key, bool v)
{
	json_set(obj, key, json_new_bool(v));
}

void json_del(json *obj, const char *key)
{
	cJSON_DeleteItemFromObjectCaseSensitive(obj, key);
}

json *json_take(json *obj, const char *key)
{
	return cJSON_IsObject(obj) ? cJSON_DetachItemFromObjectCaseSensitive(obj, key) : NULL;
}

void json_append(json *array, json *value)
{
	cJSON_AddItemToArray(array, value);
}

json *json_obj_path(json *j, const char *const *path)
{
	for (; *path; path++) {
		json *next = json_get(j, *path);

		if (!cJSON_IsObject(next))
			next = json_set(j, *path, json_new_object());
		j = next;
	}
	return j;
}

json *json_build(const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	json *j = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	if (json_parse(text, strlen(text), &j, NULL) < 0) {
		fprintf(stderr, "json_build: no JSON: %s\n", text);
		abort();
	}
	return j;
}

bool json_equal(const json *a, const json *b)
{
	if (!a || !b)
		return a == b;
	if (cJSON_IsRaw(a) && cJSON_IsRaw(b))
		return strcmp(a->valuestring, b->valuestring) == 0;
	if (cJSON_IsRaw(a))
		return cJSON_IsNumber(b) && strtod(a->valuestring, NULL) == b->valuedouble;
	if (cJSON_IsRaw(b))
		return json_equal(b, a);
	if (cJSON_IsObject(a)) {
		_cleanup_members_ struct members others = members_of(b);

		if (!cJSON_IsObject(b) || json_len(a) != json_len(b))
			return false;
		json_each(it, a)
			if (!json_equal(it, members_get(&others, it->string)))
				return false;
		return true;
	}
	if (cJSON_IsArray(a)) {
		const json *y = b->child;

		if (!cJSON_IsArray(b) || json_len(a) != json_len(b))
			return false;
		for (const json *x = a->child; x; x = x->next, y = y->next)
			if (!json_equal(x, y))
				return false;
		return true;
	}
	if (cJSON_IsString(a))
		return cJSON_IsString(b) && strcmp(a->valuestring, b->valuestring) == 0;
	if (cJSON_IsNumber(a))
		return cJSON_IsNumber(b) && a->valuedouble == b->valuedouble;
	return (a->type & 0xff) == (b->type & 0xff);
}

bool utf8_valid(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;

	while (p < end) {
		size_t n = utf8_len(p, end);

		if (!n)
			return false;
		p += n;
	}
	return true;
}
