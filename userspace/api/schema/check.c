// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check.c - decoding as a Kubernetes server decodes: types, unknown
 *                  fields, nulls, canonical quantities
 *
 * The wording of the errors is that of Go's encoding/json, because kubectl's
 * users know it: the innermost struct's name, then the path without indexes.
 */
#include "api/schema/schema.h"

#include <errno.h>
#include <stdio.h>

#include "api/schema/quantity.h"

/* A Kubernetes server stops listing unknown fields after so many. */
#define MAX_UNKNOWN 100
/* Elements of a list whose keys must differ: comparing them is quadratic. */
#define MAX_KEYED 4096

struct check {
	const struct schema *in;	/* the struct whose field is read, NULL at the top */
	struct buf path;		/* "spec.template.spec.containers" */
	struct buf indexed;		/* "spec.template.spec.containers[0]" */
	struct strlist *unknown;
	char *msg;			/* the first type error */
};

/* A value's type as Go names it in such errors. */
static const char *json_type(const json *j)
{
	if (json_is_string(j))
		return "string";
	if (cJSON_IsBool(j))
		return "bool";
	if (json_is_object(j))
		return "object";
	if (json_is_array(j))
		return "array";
	return "number";
}

static char *go_type(const struct field *f, enum field_type type, const struct schema *sub)
{
	_cleanup_free_ char *elem = NULL;

	switch (type) {
	case F_STRING:
		return xstrdup("string");
	case F_BYTES:
		return xstrdup("[]uint8");
	case F_INT32:
		return xstrdup("int32");
	case F_INT64:
		return xstrdup("int64");
	case F_BOOL:
		return xstrdup("bool");
	case F_DOUBLE:
		return xstrdup("float64");
	case F_OBJECT:
		return xasprintf("%s.%s", schema_version(sub), sub->name);
	case F_LIST:
		elem = go_type(f, f->elem, f->sub);
		return xasprintf("[]%s", elem);
	case F_MAP:
		if (f->elem == F_QUANTITY)
			return xstrdup("v1.ResourceList");
		if (f->elem == F_STRINGS)
			return xstrdup("map[string][]string");
		elem = go_type(f, f->elem, f->sub);
		return xasprintf("map[string]%s", elem);
	default:
		return xstrdup("string");
	}
}

static bool wrong_type(struct check *c, const struct field *f, enum field_type type, const struct schema *sub,
		       const char *got)
{
	_cleanup_free_ char *want = go_type(f, type, sub);

	if (c->in)
		c->msg = xasprintf("json: cannot unmarshal %s into Go struct field %s.%s of type %s", got,
				   c->in->name, c->path.data, want);
	else
		c->msg = xasprintf("json: cannot unmarshal %s into Go value of type %s", got, want);
	return false;
}

static char *number_text(const json *j)
{
	return cJSON_IsRaw(j) ? xstrdup(j->valuestring) : json_print(j);
}

static bool check_int(struct check *c, const struct field *f, enum field_type type, const json *j)
{
	int64_t v;

	if (!cJSON_IsNumber(j) && !cJSON_IsRaw(j))
		return wrong_type(c, f, type, NULL, json_type(j));
	v = json_int(j, 0);
	if (!json_is_int(j) || (type == F_INT32 && (v < INT32_MIN || v > INT32_MAX))) {
		_cleanup_free_ char *n = number_text(j);
		_cleanup_free_ char *got = xasprintf("number %s", n);

		return wrong_type(c, f, type, NULL, got);
	}
	return true;
}

/* Go's decoder of such a value reports without the field. */
static bool check_int_or_string(struct check *c, const json *j)
{
	if (json_is_string(j))
		return true;
	if (!cJSON_IsNumber(j) && !cJSON_IsRaw(j)) {
		c->msg = xasprintf("json: cannot unmarshal %s into Go value of type int32", json_type(j));
		return false;
	}
	if (!json_is_int(j) || json_int(j, 0) < INT32_MIN || json_int(j, 0) > INT32_MAX) {
		_cleanup_free_ char *n = number_text(j);

		c->msg = xasprintf("json: cannot unmarshal number %s into Go value of type int32", n);
		return false;
	}
	return true;
}

static bool check_time(struct check *c, const json *j, bool micro)
{
	uint64_t us;

	if (!json_is_string(j)) {
		c->msg = xasprintf("json: cannot unmarshal %s into Go value of type string", json_type(j));
		return false;
	}
	if (parse_time(j->valuestring, &us) < 0) {
		c->msg = xasprintf("parsing time \"%s\" as \"2006-01-02T15:04:05%sZ07:00\": cannot parse \"%s\" as \"2006\"",
				   j->valuestring, micro ? ".000000" : "", j->valuestring);
		return false;
	}
	return true;
}

static bool check_quantity(struct check *c, const json *j)
{
	const char *why = NULL;
	quantity_t q;

	if (json_is_string(j) && quantity_parse(j->valuestring, &q, NULL, &why) < 0) {
		c->msg = xstrdup(why);
		return false;
	}
	if (!json_is_string(j) && !cJSON_IsNumber(j) && !cJSON_IsRaw(j)) {
		c->msg = xstrdup("quantities must match the regular expression "
				 "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
		return false;
	}
	return true;
}

/* Standard base64 with padding; line breaks are let through, as Go lets them. */
static bool check_base64(struct check *c, const json *j)
{
	size_t n = 0, pad = 0;

	for (const char *p = j->valuestring; *p; p++) {
		bool letter = (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') ||
			      (*p >= '0' && *p <= '9') || *p == '+' || *p == '/';

		if (*p == '\n' || *p == '\r')
			continue;
		if (*p == '=')
			pad++;
		if ((!letter && *p != '=') || (letter && pad) || pad > 2) {
			c->msg = xasprintf("illegal base64 data at input byte %zu", (size_t)(p - j->valuestring));
			return false;
		}
		n++;
	}
	if (n % 4) {
		c->msg = xasprintf("illegal base64 data at input byte %zu", n / 4 * 4);
		return false;
	}
	return true;
}

static bool check_duration(struct check *c, const json *j)
{
	int64_t ns;

	if (!json_is_string(j)) {
		c->msg = xasprintf("json: cannot unmarshal %s into Go value of type string", json_type(j));
		return false;
	}
	if (parse_duration(j->valuestring, &ns) < 0) {
		c->msg = xasprintf("time: invalid duration \"%s\"", j->valuestring);
		return false;
	}
	return true;
}

/* An element that is a list of strings itself. */
static bool check_strings(struct check *c, const struct field *f, const json *j)
{
	const struct field element = { .name = f->name, .type = F_STRING };

	if (!json_is_array(j))
		return wrong_type(c, f, F_STRING, NULL, json_type(j));
	json_each(it, j)
		if (!json_is_string(it))
			return wrong_type(c, &element, F_STRING, NULL, json_type(it));
	return true;
}

static bool check_object(struct check *c, const struct schema *s, const json *j);

/* JSON schema's members that are a schema or something else. */
static bool check_union(struct check *c, const struct field *f, enum field_type type, const struct schema *sub,
			const json *j)
{
	if (json_is_object(j))
		return check_object(c, sub, j);
	if (type == F_SCHEMA_OR_BOOL && cJSON_IsBool(j))
		return true;
	if (type == F_SCHEMA_OR_STRINGS && json_is_array(j))
		return check_strings(c, f, j);
	if (type == F_SCHEMA_OR_ARRAY && json_is_array(j)) {
		json_each(it, j)
			if (!json_is_object(it) || !check_object(c, sub, it))
				return c->msg ? false : wrong_type(c, f, F_OBJECT, sub, json_type(it));
		return true;
	}
	c->msg = xasprintf("json: cannot unmarshal %s into Go value of type %s", json_type(j), f->name);
	return false;
}

static bool check_value(struct check *c, const struct field *f, enum field_type type, const struct schema *sub,
			const json *j)
{
	size_t i = 0, len;

	if (cJSON_IsNull(j))
		return true;
	switch (type) {
	case F_STRING:
		return json_is_string(j) || wrong_type(c, f, type, sub, json_type(j));
	case F_BYTES:
		return json_is_string(j) ? check_base64(c, j) : wrong_type(c, f, type, sub, json_type(j));
	case F_BOOL:
		return cJSON_IsBool(j) || wrong_type(c, f, type, sub, json_type(j));
	case F_INT32:
	case F_INT64:
		return check_int(c, f, type, j);
	case F_INT_OR_STRING:
		return check_int_or_string(c, j);
	case F_TIME:
	case F_MICRO_TIME:
		return check_time(c, j, type == F_MICRO_TIME);
	case F_QUANTITY:
		return check_quantity(c, j);
	case F_DURATION:
		return check_duration(c, j);
	case F_DOUBLE:
		return cJSON_IsNumber(j) || cJSON_IsRaw(j) || wrong_type(c, f, type, sub, json_type(j));
	case F_ANY:
		return true;
	case F_STRINGS:
		return check_strings(c, f, j);
	case F_SCHEMA_OR_ARRAY:
	case F_SCHEMA_OR_BOOL:
	case F_SCHEMA_OR_STRINGS:
		return check_union(c, f, type, sub, j);
	case F_OBJECT:
		return json_is_object(j) ? check_object(c, sub, j) :
		       wrong_type(c, f, type, sub, json_type(j));
	case F_LIST:
	case F_MAP:
		if (type == F_LIST ? !json_is_array(j) : !json_is_object(j))
			return wrong_type(c, f, type, sub, json_type(j));
		if ((f->list == LIST_MAP || f->list == LIST_SET) && json_len(j) > MAX_KEYED) {
			c->msg = xasprintf("%s has more than %d elements", c->path.data, MAX_KEYED);
			return false;
		}
		len = c->indexed.len;
		json_each(it, j) {
			if (type == F_LIST)
				buf_printf(&c->indexed, "[%zu]", i++);
			else
				buf_printf(&c->indexed, "[%s]", json_key(it));
			if (!check_value(c, f, f->elem, f->sub, it))
				return false;
			c->indexed.len = len;
			c->indexed.data[len] = '\0';
		}
		return true;
	}
	return true;
}

static void descend(struct buf *path, const char *name)
{
	buf_printf(path, "%s%s", path->len ? "." : "", name);
}

static void ascend(struct buf *path, size_t len)
{
	path->len = len;
	path->data[len] = '\0';
}

static bool check_object(struct check *c, const struct schema *s, const json *j)
{
	const struct schema *outer = c->in;
	size_t len = c->path.len, indexed_len = c->indexed.len;

	c->in = s;
	json_each(it, j) {
		const struct field *f = schema_field(s, json_key(it));

		descend(&c->path, json_key(it));
		descend(&c->indexed, json_key(it));
		if (f && !check_value(c, f, f->type, f->sub, it))
			return false;
		if (!f && c->unknown && c->unknown->n < MAX_UNKNOWN)
			strlist_take(c->unknown, xasprintf("unknown field \"%s\"", c->indexed.data));
		ascend(&c->path, len);
		ascend(&c->indexed, indexed_len);
	}
	c->in = outer;
	return true;
}

int schema_check(const struct schema *s, const json *obj, bool strict, char **ret_msg, struct strlist *unknown)
{
	_cleanup_strlist_ struct strlist own = { 0 };
	struct check c = { .unknown = strict ? &own : unknown };

	if (!json_is_object(obj))
		wrong_type(&c, NULL, F_OBJECT, s, json_type(obj));
	else
		check_object(&c, s, obj);
	buf_free(&c.path);
	buf_free(&c.indexed);
	if (!c.msg && own.n) {
		struct buf b = { 0 };

		for (size_t i = 0; i < own.n; i++)
			buf_printf(&b, "%s%s", i ? ", " : "strict decoding error: ", own.items[i]);
		c.msg = buf_steal(&b);
	}
	if (!c.msg)
		return 0;
	if (ret_msg)
		*ret_msg = c.msg;
	else
		free(c.msg);
	return -EINVAL;
}

/* --- normal form ---------------------------------------------------------- */

static void normalise_quantity(json *j)
{
	enum quantity_format format = QUANTITY_DECIMAL_SI;
	_cleanup_free_ char *text = NULL, *old = NULL;
	quantity_t q = 0;

	old = json_is_string(j) ? xstrdup(j->valuestring) : number_text(j);
	if (quantity_parse(old, &q, &format, NULL) < 0)
		return;
	text = quantity_format(q, format);
	if (json_is_string(j)) {
		cJSON_SetValuestring(j, text);
		return;
	}
	free(j->valuestring);
	j->type = (j->type & ~0xff) | cJSON_String;
	j->valuestring = TAKE_PTR(text);
}

/* In UTC, with the digits of the type; durations in their largest units. */
static void normalise_time(enum field_type type, json *j)
{
	char text[32];
	uint64_t us;
	int64_t ns;

	if (!json_is_string(j))
		return;
	if (type == F_DURATION ? parse_duration(j->valuestring, &ns) : parse_time(j->valuestring, &us))
		return;
	if (type == F_DURATION)
		format_duration(ns, text);
	else if (type == F_TIME)
		format_time(us, text);
	else
		format_micro_time(us, text);
	if (!streq(text, j->valuestring))
		cJSON_SetValuestring(j, text);
}

/* What Go makes of a null inside a list or map: the type's zero. */
static json *zero_of(enum field_type type)
{
	switch (type) {
	case F_OBJECT:
		return json_new_object();
	case F_QUANTITY:
		return json_new_str("0");
	case F_INT32:
	case F_INT64:
		return json_new_int(0);
	case F_STRINGS:
		return json_new_array();
	default:
		return json_new_str("");
	}
}

static void normalise_union(const struct field *f, json *j)
{
	if (json_is_object(j))
		schema_normalise(f->sub, j);
	else if (f->type == F_SCHEMA_OR_ARRAY)
		json_each(it, j)
			schema_normalise(f->sub, it);
}

static void normalise_elements(const struct field *f, json *j)
{
	for (json *it = j->child, *next; it; it = next) {
		next = it->next;
		if (cJSON_IsNull(it) && f->elem != F_ANY) {
			json *zero = zero_of(f->elem);

			if (json_is_object(j))
				json_set(j, json_key(it), zero);
			else
				cJSON_ReplaceItemViaPointer(j, it, zero);
		} else if (f->elem == F_OBJECT) {
			schema_normalise(f->sub, it);
		} else if (f->elem >= F_SCHEMA_OR_ARRAY && f->elem <= F_SCHEMA_OR_STRINGS) {
			const struct field element = { .type = f->elem, .sub = f->sub };

			normalise_union(&element, it);
		} else if (f->elem == F_QUANTITY) {
			normalise_quantity(it);
		}
	}
}

/* A zero that Go does not write. */
static bool is_zero(const struct field *f, const json *j)
{
	if (f->presence != PRESENCE_OMITEMPTY)
		return false;
	switch (f->type) {
	case F_STRING:
	case F_BYTES:
		return json_is_string(j) && !*j->valuestring;
	case F_INT32:
	case F_INT64:
		return json_is_int(j) && !json_int(j, 1);
	case F_BOOL:
		return cJSON_IsFalse(j);
	default:
		return false;
	}
}

/* Go leaves optional lists and maps out when they are empty; required ones stay. */
static bool left_out(const struct field *f, const json *j)
{
	return cJSON_IsNull(j) || ((f->type == F_LIST || f->type == F_MAP) && !f->required && !j->child) || is_zero(f, j);
}

static bool is_zero_text(const char *text)
{
	return streq(text, "\"\"") || streq(text, "0") || streq(text, "false");
}

static void set_constants(const struct schema *s, json *obj)
{
	for (size_t i = 0; i < s->n_fields; i++) {
		const struct field *f = &s->fields[i];

		if (f->dflt && !json_get(obj, f->name) &&
		    (f->presence == PRESENCE_POINTER || !is_zero_text(f->dflt)))
			json_set(obj, f->name, json_build("%s", f->dflt));
	}
}

void schema_normalise(const struct schema *s, json *obj)
{
	for (json *it = obj->child, *next; it; it = next) {
		const struct field *f = schema_field(s, json_key(it));

		next = it->next;
		if (!f || left_out(f, it)) {
			cJSON_Delete(cJSON_DetachItemViaPointer(obj, it));
			continue;
		}
		switch (f->type) {
		case F_OBJECT:
			schema_normalise(f->sub, it);
			break;
		case F_SCHEMA_OR_ARRAY:
		case F_SCHEMA_OR_BOOL:
		case F_SCHEMA_OR_STRINGS:
			normalise_union(f, it);
			break;
		case F_LIST:
		case F_MAP:
			normalise_elements(f, it);
			break;
		case F_QUANTITY:
			normalise_quantity(it);
			break;
		case F_TIME:
		case F_MICRO_TIME:
		case F_DURATION:
			normalise_time(f->type, it);
			break;
		}
	}
	if (s->has_constants)
		set_constants(s, obj);
}
