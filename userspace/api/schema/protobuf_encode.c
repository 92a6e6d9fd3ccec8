// SPDX-License-Identifier: GPL-2.0-or-later
/* protobuf_encode.c - trees as messages, see protobuf.h */
#include <arpa/inet.h>
#include <endian.h>

#include "api/schema/protobuf.h"
#include "api/schema/quantity.h"
#include "api/schema/tables.h"
#include "api/schema/wire.h"
#include "base/base64.h"

void wire_varint(struct buf *b, uint64_t v)
{
	unsigned char bytes[10];
	size_t n = 0;

	do {
		bytes[n++] = (unsigned char)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
		v >>= 7;
	} while (v);
	buf_add(b, bytes, n);
}

void wire_tag(struct buf *b, unsigned number, enum wire_type type)
{
	wire_varint(b, (uint64_t)number << 3 | type);
}

void wire_bytes(struct buf *b, unsigned number, const void *data, size_t len)
{
	wire_tag(b, number, WIRE_BYTES);
	wire_varint(b, len);
	buf_add(b, data, len);
}

size_t wire_begin(struct buf *b, unsigned number)
{
	wire_tag(b, number, WIRE_BYTES);
	buf_add(b, "", 1);	/* most messages are shorter than 128 bytes */
	return b->len;
}

void wire_end(struct buf *b, size_t at)
{
	uint64_t len = b->len - at;
	size_t more = 0;

	for (uint64_t v = len; v > 0x7f; v >>= 7)
		more++;
	if (more) {
		buf_add(b, "\0\0\0\0\0\0\0\0\0", more);
		memmove(b->data + at + more, b->data + at, len);
	}
	for (size_t i = 0; i <= more; i++, len >>= 7)
		b->data[at - 1 + i] = (char)((len & 0x7f) | (i < more ? 0x80 : 0));
}

static void put_int(struct buf *b, unsigned number, int64_t v)
{
	wire_tag(b, number, WIRE_VARINT);
	wire_varint(b, (uint64_t)v);
}

static void put_str(struct buf *b, unsigned number, const char *s)
{
	wire_bytes(b, number, s, strlen(s));
}

static void put_time(const json *j, bool micro, struct buf *b)
{
	uint64_t us;

	if (!json_is_string(j) || parse_time(j->valuestring, &us))
		return;
	put_int(b, TIME_SECONDS, (int64_t)(us / 1000000));
	put_int(b, TIME_NANOS, micro ? (int64_t)(us % 1000000) * 1000 : 0);
}

static void put_int_or_string(const json *j, struct buf *b)
{
	bool text = json_is_string(j);

	put_int(b, INTSTR_TYPE, text);
	put_int(b, INTSTR_INT, text ? 0 : json_int(j, 0));
	put_str(b, INTSTR_STRING, text ? j->valuestring : "");
}

/* Digits of a number that is one, text of a string. */
static void put_quantity(const json *j, struct buf *b)
{
	_cleanup_free_ char *digits = json_is_string(j) ? NULL : json_print(j);

	put_str(b, QUANTITY_STRING, digits ? digits : j->valuestring);
}

static void put_raw(const json *j, struct buf *b)
{
	_cleanup_free_ char *text = json_print(j);

	put_str(b, RAW_BYTES, text);
}

static void put_union(enum field_type type, const struct schema *s, const json *j, struct buf *b)
{
	size_t at;

	if (type == F_SCHEMA_OR_BOOL)
		put_int(b, OR_BOOL_ALLOWS, json_is_object(j) || json_bool(j, false));
	if (json_is_object(j)) {
		at = wire_begin(b, type == F_SCHEMA_OR_BOOL ? OR_BOOL_SCHEMA : OR_ARRAY_SCHEMA);
		protobuf_encode(s, j, b);
		wire_end(b, at);
		return;
	}
	if (!json_is_array(j))
		return;
	json_each(it, j) {
		if (type == F_SCHEMA_OR_STRINGS) {
			put_str(b, OR_STRINGS_LIST, json_str_or(it, ""));
			continue;
		}
		at = wire_begin(b, OR_ARRAY_LIST);
		protobuf_encode(s, it, b);
		wire_end(b, at);
	}
}

/* The content of a value that is a message. */
static void put_message(enum field_type type, const struct schema *sub, const json *j, struct buf *b)
{
	int64_t ns;

	switch (type) {
	case F_OBJECT:
		protobuf_encode(sub, j, b);
		break;
	case F_TIME:
	case F_MICRO_TIME:
		put_time(j, type == F_MICRO_TIME, b);
		break;
	case F_DURATION:
		if (json_is_string(j) && !parse_duration(j->valuestring, &ns))
			put_int(b, DURATION_NS, ns);
		break;
	case F_QUANTITY:
		put_quantity(j, b);
		break;
	case F_INT_OR_STRING:
		put_int_or_string(j, b);
		break;
	case F_ANY:
		put_raw(j, b);
		break;
	case F_STRINGS:
		json_each(it, j)
			put_str(b, STRINGS_ITEMS, json_str_or(it, ""));
		break;
	default:
		put_union(type, sub, j, b);
		break;
	}
}

/* One value with its number. */
static void put_value(unsigned number, enum field_type type, const struct schema *sub, const json *j, struct buf *b)
{
	struct buf bytes = { 0 };
	uint64_t bits;
	double d;
	size_t at;

	switch (type) {
	case F_STRING:
		put_str(b, number, json_str_or(j, ""));
		break;
	case F_BYTES:
		if (json_is_string(j))
			base64_decode(j->valuestring, strlen(j->valuestring), &bytes);
		wire_bytes(b, number, bytes.data ? bytes.data : "", bytes.len);
		buf_free(&bytes);
		break;
	case F_INT32:
	case F_INT64:
		put_int(b, number, json_int(j, 0));
		break;
	case F_BOOL:
		put_int(b, number, json_bool(j, false));
		break;
	case F_DOUBLE:
		d = cJSON_IsRaw(j) ? strtod(j->valuestring, NULL) : j->valuedouble;
		wire_tag(b, number, WIRE_FIXED64);
		memcpy(&bits, &d, sizeof(bits));
		bits = htole64(bits);
		buf_add(b, &bits, sizeof(bits));
		break;
	default:
		at = wire_begin(b, number);
		put_message(type, sub, j, b);
		wire_end(b, at);
		break;
	}
}

static int by_key(const void *a, const void *b)
{
	return strcmp(json_key(*(const json *const *)a), json_key(*(const json *const *)b));
}

static void put_map(const struct field *f, const json *j, struct buf *b)
{
	size_t n = (size_t)json_len(j), i = 0;
	_cleanup_free_ const json **sorted = xcalloc(n + 1, sizeof(*sorted));

	json_each(it, j)
		sorted[i++] = it;
	qsort(sorted, n, sizeof(*sorted), by_key);
	for (i = 0; i < n; i++) {
		size_t at = wire_begin(b, f->number);

		put_str(b, MAP_KEY, json_key(sorted[i]));
		put_value(MAP_VALUE, f->elem, f->sub, sorted[i], b);
		wire_end(b, at);
	}
}

static void put_field(const struct field *f, const json *j, struct buf *b)
{
	if (f->type == F_MAP)
		put_map(f, j, b);
	else if (f->type == F_LIST)
		json_each(it, j)
			put_value(f->number, f->elem, f->sub, it, b);
	else
		put_value(f->number, f->type, f->sub, j, b);
}

/*
 * Fields i.. of a message `depth` embedded messages deep; gives the first that is
 * not in it. What Go embeds and JSON flattens lies together in the order of numbers.
 */
static size_t put_fields(const struct schema *s, const json *obj, size_t i, int depth, struct buf *b)
{
	const struct field *first = &s->fields[s->by_number[i]];

	while (i < s->n_numbers) {
		const struct field *f = &s->fields[s->by_number[i]];
		unsigned outer = depth < 2 ? f->outer[depth] : 0;
		const json *j;

		if ((depth > 0 && f->outer[0] != first->outer[0]) || (depth > 1 && f->outer[1] != first->outer[1]) ||
		    (depth == 1 && !f->outer[0]))
			break;
		if (outer) {
			size_t start = b->len, at = wire_begin(b, outer), end;

			i = put_fields(s, obj, i, depth + 1, b);
			end = b->len;
			wire_end(b, at);
			if (end == at)	/* nothing of it is there */
				b->len = start;
			continue;
		}
		j = json_get(obj, f->name);
		if (j && !cJSON_IsNull(j))
			put_field(f, j, b);
		i++;
	}
	return i;
}

void protobuf_encode(const struct schema *s, const json *obj, struct buf *out)
{
	if (s->n_numbers)
		put_fields(s, obj, 0, 0, out);
}

/* --- envelopes ------------------------------------------------------------------- */

static void begin_envelope(const char *api_version, const char *kind, struct buf *out)
{
	size_t at;

	buf_add(out, PROTOBUF_MAGIC, PROTOBUF_MAGIC_LEN);
	at = wire_begin(out, UNKNOWN_TYPE);
	put_str(out, TYPE_API_VERSION, api_version);
	put_str(out, TYPE_KIND, kind);
	wire_end(out, at);
}

static void end_envelope(struct buf *out)
{
	put_str(out, UNKNOWN_ENCODING, "");
	put_str(out, UNKNOWN_CONTENT_TYPE, "");
}

void protobuf_wrap(const char *api_version, const char *kind, const void *raw, size_t raw_len, struct buf *out)
{
	begin_envelope(api_version, kind, out);
	wire_bytes(out, UNKNOWN_RAW, raw, raw_len);
	end_envelope(out);
}

static const char *member(const json *obj, const char *name)
{
	return json_str_or(json_get(obj, name), "");
}

void protobuf_encode_object(const struct schema *s, const json *obj, struct buf *out)
{
	size_t at;

	begin_envelope(member(obj, "apiVersion"), member(obj, "kind"), out);
	at = wire_begin(out, UNKNOWN_RAW);
	protobuf_encode(s, obj, out);
	wire_end(out, at);
	end_envelope(out);
}

void protobuf_encode_item(const struct schema *s, const json *item, struct buf *out)
{
	size_t at = wire_begin(out, LIST_ITEMS);

	protobuf_encode(s, item, out);
	wire_end(out, at);
}

void protobuf_list_begin(const char *api_version, const char *kind, const json *metadata, size_t items_len, struct buf *out)
{
	struct buf meta = { 0 };
	size_t at = wire_begin(&meta, LIST_METADATA);

	protobuf_encode(&sch_meta_v1_ListMeta, metadata, &meta);
	wire_end(&meta, at);
	begin_envelope(api_version, kind, out);
	wire_tag(out, UNKNOWN_RAW, WIRE_BYTES);
	wire_varint(out, meta.len + items_len);
	buf_add(out, meta.data, meta.len);
	buf_free(&meta);
}

void protobuf_list_end(struct buf *out)
{
	end_envelope(out);
}

void protobuf_encode_list(const struct schema *s, const json *list, struct buf *out)
{
	size_t raw, at;

	begin_envelope(member(list, "apiVersion"), member(list, "kind"), out);
	raw = wire_begin(out, UNKNOWN_RAW);
	at = wire_begin(out, LIST_METADATA);
	if (json_get(list, "metadata"))
		protobuf_encode(&sch_meta_v1_ListMeta, json_get(list, "metadata"), out);
	wire_end(out, at);
	json_each(it, json_get(list, "items"))
		protobuf_encode_item(s, it, out);
	wire_end(out, raw);
	end_envelope(out);
}

void protobuf_frame(const char *event_type, const void *object, size_t len, struct buf *out)
{
	size_t start = out->len, at;
	uint32_t n;

	buf_add(out, "\0\0\0\0", 4);
	put_str(out, EVENT_TYPE, event_type);
	at = wire_begin(out, EVENT_OBJECT);
	wire_bytes(out, RAW_BYTES, object, len);
	wire_end(out, at);
	n = htonl((uint32_t)(out->len - start - 4));
	memcpy(out->data + start, &n, sizeof(n));
}
