// SPDX-License-Identifier: GPL-2.0-or-later
/* protobuf_decode.c - messages as trees, see protobuf.h */
#include <endian.h>
#include <errno.h>

#include "api/schema/protobuf.h"
#include "api/schema/wire.h"
#include "base/base64.h"

/* Bytes that are read from the front. */
struct reader {
	const unsigned char *p, *end;
};

/* One field as it lies in a message. */
struct item {
	unsigned number;
	enum wire_type type;
	uint64_t value;		/* WIRE_VARINT, WIRE_FIXED64 */
	struct reader bytes;	/* WIRE_BYTES */
};

struct decoding {
	char *msg;		/* the first thing that is wrong */
	int depth;
};

static bool fail(struct decoding *d, const char *why)
{
	if (!d->msg)
		d->msg = xasprintf("proto: %s", why);
	return false;
}

static bool read_varint(struct decoding *d, struct reader *r, uint64_t *ret)
{
	uint64_t v = 0;

	for (int shift = 0; shift < 70; shift += 7) {
		unsigned char c;

		if (r->p == r->end)
			return fail(d, "unexpected EOF");
		c = *r->p++;
		if (shift < 64)
			v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*ret = v;
			return true;
		}
	}
	return fail(d, "integer overflow");
}

static bool take(struct decoding *d, struct reader *r, uint64_t n, struct reader *ret)
{
	if (n > (uint64_t)(r->end - r->p))
		return fail(d, "unexpected EOF");
	*ret = (struct reader){ r->p, r->p + n };
	r->p += n;
	return true;
}

static bool read_item(struct decoding *d, struct reader *r, struct item *ret)
{
	uint64_t tag, len, bits;
	struct reader fixed;

	if (!read_varint(d, r, &tag))
		return false;
	if (tag >> 3 == 0 || tag >> 3 > (1u << 29) - 1)
		return fail(d, "illegal tag");
	ret->number = (unsigned)(tag >> 3);
	ret->type = tag & 7;
	switch (ret->type) {
	case WIRE_VARINT:
		return read_varint(d, r, &ret->value);
	case WIRE_BYTES:
		return read_varint(d, r, &len) && take(d, r, len, &ret->bytes);
	case WIRE_FIXED64:
		if (!take(d, r, 8, &fixed))
			return false;
		memcpy(&bits, fixed.p, sizeof(bits));
		ret->value = le64toh(bits);
		return true;
	case WIRE_FIXED32:
		return take(d, r, 4, &fixed);
	default:
		return fail(d, "illegal wireType");
	}
}

static bool expect(struct decoding *d, const struct item *it, enum wire_type type)
{
	return it->type == type || fail(d, "wrong wireType");
}

/* --- scalars ---------------------------------------------------------------------- */

static json *text_of(struct decoding *d, struct reader r)
{
	_cleanup_free_ char *s = NULL;
	json *j;

	if (memchr(r.p, '\0', (size_t)(r.end - r.p))) {
		fail(d, "a string holds a NUL");
		return NULL;
	}
	if (!utf8_valid((const char *)r.p, (size_t)(r.end - r.p))) {
		fail(d, "a string holds invalid UTF-8");
		return NULL;
	}
	s = xstrndup((const char *)r.p, (size_t)(r.end - r.p));
	j = json_new_str(s);
	return j;
}

static json *double_of(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof(v));
	return cJSON_CreateNumber(v);
}

/* The varints 1 and 2 of a Time, Duration or the like. */
static bool read_pair(struct decoding *d, struct reader r, int64_t *first, int64_t *second)
{
	struct item it;

	while (r.p < r.end) {
		if (!read_item(d, &r, &it))
			return false;
		if (it.number == 1 && expect(d, &it, WIRE_VARINT))
			*first = (int64_t)it.value;
		else if (it.number == 2 && expect(d, &it, WIRE_VARINT))
			*second = (int64_t)it.value;
		if (d->msg)
			return false;
	}
	return true;
}

/* NULL for the zero time, which JSON does not have. */
static json *time_of(struct decoding *d, struct reader r, bool micro)
{
	int64_t seconds = 0, nanos = 0;
	char text[32];
	uint64_t us;

	if (r.p == r.end || !read_pair(d, r, &seconds, &nanos))
		return NULL;
	/* Years 1970 to 9999 */
	if (seconds < 0 || seconds > INT64_C(253402300799) || nanos < 0 || nanos > 999999999) {
		if (seconds >= 0)
			fail(d, "a time is out of range");
		return NULL;
	}
	us = (uint64_t)seconds * 1000000 + (uint64_t)nanos / 1000;
	if (micro)
		format_micro_time(us, text);
	else
		format_time(us, text);
	return json_new_str(text);
}

static json *duration_of(struct decoding *d, struct reader r)
{
	int64_t ns = 0, none = 0;
	char text[32];

	if (!read_pair(d, r, &ns, &none))
		return NULL;
	format_duration(ns, text);
	return json_new_str(text);
}

/* Field `number` of a message that is one string. */
static bool find_bytes(struct decoding *d, struct reader r, unsigned number, struct reader *ret)
{
	struct item it;

	*ret = (struct reader){ r.end, r.end };
	while (r.p < r.end) {
		if (!read_item(d, &r, &it))
			return false;
		if (it.number != number)
			continue;
		if (!expect(d, &it, WIRE_BYTES))
			return false;
		*ret = it.bytes;
	}
	return true;
}

static json *quantity_of(struct decoding *d, struct reader r)
{
	struct reader text;

	if (!find_bytes(d, r, QUANTITY_STRING, &text))
		return NULL;
	return text.p == text.end ? json_new_str("0") : text_of(d, text);
}

static json *int_or_string_of(struct decoding *d, struct reader r)
{
	struct reader text = { r.end, r.end };
	int64_t type = 0, number = 0;
	struct item it;

	while (r.p < r.end) {
		if (!read_item(d, &r, &it))
			return NULL;
		if (it.number == INTSTR_STRING && expect(d, &it, WIRE_BYTES))
			text = it.bytes;
		else if (it.number == INTSTR_TYPE && expect(d, &it, WIRE_VARINT))
			type = (int64_t)it.value;
		else if (it.number == INTSTR_INT && expect(d, &it, WIRE_VARINT))
			number = (int32_t)it.value;
	}
	return d->msg ? NULL : type ? text_of(d, text) : json_new_int(number);
}

/* JSON text in a message. */
static json *raw_of(struct decoding *d, struct reader r)
{
	_cleanup_free_ char *why = NULL;
	struct reader text;
	json *j = NULL;

	if (!find_bytes(d, r, RAW_BYTES, &text) || text.p == text.end)
		return NULL;
	if (json_parse((const char *)text.p, (size_t)(text.end - text.p), &j, &why) && !d->msg)
		d->msg = xasprintf("proto: a raw value is no JSON: %s", why);
	return j;
}

static json *strings_of(struct decoding *d, struct reader r)
{
	json *list = json_new_array();
	struct item it;

	while (r.p < r.end && read_item(d, &r, &it))
		if (it.number == STRINGS_ITEMS && expect(d, &it, WIRE_BYTES)) {
			json *s = text_of(d, it.bytes);

			if (s)
				json_append(list, s);
		}
	return list;
}

/* --- messages ----------------------------------------------------------------------- */

static json *message_of(struct decoding *d, const struct schema *s, struct reader r);

static json *union_of(struct decoding *d, enum field_type type, const struct schema *s, struct reader r)
{
	json *schema = NULL, *list = NULL;
	bool allows = false;
	struct item it;

	while (r.p < r.end && read_item(d, &r, &it)) {
		bool is_schema = it.number == (type == F_SCHEMA_OR_BOOL ? OR_BOOL_SCHEMA : OR_ARRAY_SCHEMA);

		if (type == F_SCHEMA_OR_BOOL && it.number == OR_BOOL_ALLOWS && expect(d, &it, WIRE_VARINT)) {
			allows = it.value;
		} else if (is_schema && expect(d, &it, WIRE_BYTES)) {
			json_freep(&schema);
			schema = message_of(d, s, it.bytes);
		} else if (it.number == OR_ARRAY_LIST && type != F_SCHEMA_OR_BOOL && expect(d, &it, WIRE_BYTES)) {
			json *j = type == F_SCHEMA_OR_STRINGS ? text_of(d, it.bytes) : message_of(d, s, it.bytes);

			if (!list)
				list = json_new_array();
			if (j)
				json_append(list, j);
		}
	}
	if (schema) {
		json_freep(&list);
		return schema;
	}
	return list ? list : type == F_SCHEMA_OR_BOOL ? json_new_bool(allows) : NULL;
}

/* One value; NULL if it says nothing, or with d->msg. */
static json *value_of(struct decoding *d, enum field_type type, const struct schema *sub, const struct item *it)
{
	_cleanup_free_ char *text = NULL;

	switch (type) {
	case F_INT32:
		return expect(d, it, WIRE_VARINT) ? json_new_int((int32_t)it->value) : NULL;
	case F_INT64:
		return expect(d, it, WIRE_VARINT) ? json_new_int((int64_t)it->value) : NULL;
	case F_BOOL:
		return expect(d, it, WIRE_VARINT) ? json_new_bool(it->value) : NULL;
	case F_DOUBLE:
		return expect(d, it, WIRE_FIXED64) ? double_of(it->value) : NULL;
	default:
		break;
	}
	if (!expect(d, it, WIRE_BYTES))
		return NULL;
	switch (type) {
	case F_STRING:
		return text_of(d, it->bytes);
	case F_BYTES:
		text = base64_encode(it->bytes.p, (size_t)(it->bytes.end - it->bytes.p));
		return json_new_str(text);
	case F_QUANTITY:
		return quantity_of(d, it->bytes);
	case F_INT_OR_STRING:
		return int_or_string_of(d, it->bytes);
	case F_TIME:
	case F_MICRO_TIME:
		return time_of(d, it->bytes, type == F_MICRO_TIME);
	case F_DURATION:
		return duration_of(d, it->bytes);
	case F_ANY:
		return raw_of(d, it->bytes);
	case F_STRINGS:
		return strings_of(d, it->bytes);
	case F_OBJECT:
		return message_of(d, sub, it->bytes);
	default:
		return union_of(d, type, sub, it->bytes);
	}
}

/* What Go puts where an element or a map's value says nothing. */
static json *zero_value(enum field_type type)
{
	switch (type) {
	case F_INT32:
	case F_INT64:
		return json_new_int(0);
	case F_BOOL:
		return json_new_bool(false);
	case F_OBJECT:
		return json_new_object();
	case F_STRINGS:
		return json_new_array();
	case F_QUANTITY:
		return json_new_str("0");
	case F_STRING:
	case F_BYTES:
		return json_new_str("");
	default:
		return json_new_null();
	}
}

/* A member under a name that lives as long as the tables. */
static void set_const(json *obj, const char *name, json *value)
{
	if (json_get(obj, name))
		json_set(obj, name, value);
	else
		cJSON_AddItemToObjectCS(obj, name, value);
}

static bool add_to_map(struct decoding *d, const struct field *f, const struct item *entry, json *map)
{
	_cleanup_json_ json *key = NULL;
	json *value = NULL;
	struct reader r;
	struct item it;

	if (!expect(d, entry, WIRE_BYTES))
		return false;
	r = entry->bytes;
	while (r.p < r.end && read_item(d, &r, &it)) {
		if (it.number == MAP_KEY && expect(d, &it, WIRE_BYTES)) {
			json_freep(&key);
			key = text_of(d, it.bytes);
		} else if (it.number == MAP_VALUE) {
			json_freep(&value);
			value = value_of(d, f->elem, f->sub, &it);
		}
	}
	if (d->msg) {
		json_freep(&value);
		return false;
	}
	json_set(map, json_str_or(key, ""), value ? value : zero_value(f->elem));
	return true;
}

/* Several scalars in one field, as other encoders write them. */
static bool add_packed(struct decoding *d, const struct field *f, struct reader r, json *list)
{
	while (r.p < r.end) {
		struct item it = { .type = WIRE_VARINT };

		if (!read_varint(d, &r, &it.value))
			return false;
		json_append(list, value_of(d, f->elem, NULL, &it));
	}
	return true;
}

static bool add_to_list(struct decoding *d, const struct field *f, const struct item *it, json *list)
{
	bool number = f->elem == F_INT32 || f->elem == F_INT64 || f->elem == F_BOOL;
	json *value;

	if (number && it->type == WIRE_BYTES)
		return add_packed(d, f, it->bytes, list);
	value = value_of(d, f->elem, f->sub, it);
	if (d->msg) {
		json_freep(&value);
		return false;
	}
	json_append(list, value ? value : zero_value(f->elem));
	return true;
}

/* A zero in a field that Go leaves out of JSON when it is zero. */
static bool says_nothing(const struct field *f, const json *value)
{
	if (f->presence != PRESENCE_OMITEMPTY)
		return false;
	switch (f->type) {
	case F_STRING:
	case F_BYTES:
		return !*json_str_or(value, "");
	case F_INT32:
	case F_INT64:
		return !json_int(value, 0);
	case F_BOOL:
		return !json_bool(value, true);
	default:
		return false;
	}
}

static bool add_field(struct decoding *d, const struct field *f, const struct item *it, json *obj)
{
	json *value;

	if (f->type == F_LIST || f->type == F_MAP) {
		value = json_get(obj, f->name);
		if (!value) {
			value = f->type == F_LIST ? json_new_array() : json_new_object();
			cJSON_AddItemToObjectCS(obj, f->name, value);
		}
		return f->type == F_LIST ? add_to_list(d, f, it, value) : add_to_map(d, f, it, value);
	}
	value = value_of(d, f->type, f->sub, it);
	if (!value || d->msg || says_nothing(f, value))
		json_freep(&value);
	else
		set_const(obj, f->name, value);
	return !d->msg;
}

/* The field of that number in the message that `outer` (depth numbers) leads to; *embedded: it is one more such message. */
static const struct field *find_field(const struct schema *s, const unsigned *outer, int depth, unsigned number,
				      bool *embedded)
{
	for (size_t i = 0; i < s->n_numbers; i++) {
		const struct field *f = &s->fields[s->by_number[i]];
		unsigned inner = depth < 2 ? f->outer[depth] : 0;

		if ((depth > 0 && f->outer[0] != outer[0]) || (depth > 1 && f->outer[1] != outer[1]))
			continue;
		if (inner ? inner == number : f->number == number) {
			*embedded = inner;
			return f;
		}
	}
	return NULL;
}

static bool add_fields(struct decoding *d, const struct schema *s, struct reader r, const unsigned *outer, int depth,
		       json *obj)
{
	struct item it;

	while (r.p < r.end) {
		const struct field *f;
		bool embedded;

		if (!read_item(d, &r, &it))
			return false;
		f = find_field(s, outer, depth, it.number, &embedded);
		if (!f)
			continue;
		if (embedded) {
			unsigned path[2] = { depth ? outer[0] : it.number, it.number };

			if (!expect(d, &it, WIRE_BYTES) || !add_fields(d, s, it.bytes, path, depth + 1, obj))
				return false;
		} else if (!add_field(d, f, &it, obj)) {
			return false;
		}
	}
	return true;
}

static json *message_of(struct decoding *d, const struct schema *s, struct reader r)
{
	json *obj = json_new_object();

	if (++d->depth > JSON_MAX_DEPTH)
		fail(d, "nested too deep");
	else
		add_fields(d, s, r, NULL, 0, obj);
	d->depth--;
	return obj;
}

int protobuf_decode(const struct schema *s, const void *data, size_t len, json **ret, char **ret_msg)
{
	struct decoding d = { 0 };
	struct reader r = { data, (const unsigned char *)data + len };
	json *obj = message_of(&d, s, r);

	if (!d.msg) {
		*ret = obj;
		return 0;
	}
	json_freep(&obj);
	if (ret_msg)
		*ret_msg = d.msg;
	else
		free(d.msg);
	return -EINVAL;
}

/* --- envelopes ------------------------------------------------------------------------ */

bool protobuf_has_magic(const void *data, size_t len)
{
	return len >= PROTOBUF_MAGIC_LEN && !memcmp(data, PROTOBUF_MAGIC, PROTOBUF_MAGIC_LEN);
}

void protobuf_envelope_free(struct protobuf_envelope *e)
{
	free(e->api_version);
	free(e->kind);
	*e = (struct protobuf_envelope){ 0 };
}

static char *string_in(struct decoding *d, struct reader r, unsigned number)
{
	_cleanup_json_ json *text = NULL;
	struct reader bytes;

	if (find_bytes(d, r, number, &bytes))
		text = text_of(d, bytes);
	return xstrdup(json_str_or(text, ""));
}

int protobuf_open(const void *data, size_t len, struct protobuf_envelope *ret, char **ret_msg)
{
	struct decoding d = { 0 };
	struct reader r = { data, (const unsigned char *)data + len }, type, raw;

	if (!len) {
		*ret_msg = xstrdup("empty data");
		return -EINVAL;
	}
	if (!protobuf_has_magic(data, len)) {
		*ret_msg = xstrdup("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
		return -EINVAL;
	}
	r.p += PROTOBUF_MAGIC_LEN;
	if (r.p == r.end) {
		*ret_msg = xstrdup("empty body");
		return -EINVAL;
	}
	if (find_bytes(&d, r, UNKNOWN_TYPE, &type) && find_bytes(&d, r, UNKNOWN_RAW, &raw)) {
		ret->api_version = string_in(&d, type, TYPE_API_VERSION);
		ret->kind = string_in(&d, type, TYPE_KIND);
		ret->raw = raw.p;
		ret->raw_len = (size_t)(raw.end - raw.p);
	}
	if (!d.msg)
		return 0;
	protobuf_envelope_free(ret);
	*ret_msg = d.msg;
	return -EINVAL;
}
