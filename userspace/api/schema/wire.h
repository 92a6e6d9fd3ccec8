/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire.h - protobuf's wire format (protobuf.dev, "Encoding"), for protobuf_*.c and OpenAPI */
#ifndef KEELSON_API_SCHEMA_WIRE_H
#define KEELSON_API_SCHEMA_WIRE_H

#include "base/util.h"

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	WIRE_BYTES = 2,
	WIRE_FIXED32 = 5,
};

/* Numbers of the messages that are no types of the tables. */
enum {
	MAP_KEY = 1, MAP_VALUE = 2,
	QUANTITY_STRING = 1,
	INTSTR_TYPE = 1, INTSTR_INT = 2, INTSTR_STRING = 3,
	TIME_SECONDS = 1, TIME_NANOS = 2,
	DURATION_NS = 1,
	RAW_BYTES = 1,			/* RawExtension, FieldsV1, JSON */
	OR_ARRAY_SCHEMA = 1, OR_ARRAY_LIST = 2,
	OR_BOOL_ALLOWS = 1, OR_BOOL_SCHEMA = 2,
	OR_STRINGS_SCHEMA = 1, OR_STRINGS_LIST = 2,
	STRINGS_ITEMS = 1,		/* ExtraValue */
	LIST_METADATA = 1, LIST_ITEMS = 2,
	UNKNOWN_TYPE = 1, UNKNOWN_RAW = 2, UNKNOWN_ENCODING = 3, UNKNOWN_CONTENT_TYPE = 4,
	TYPE_API_VERSION = 1, TYPE_KIND = 2,
	EVENT_TYPE = 1, EVENT_OBJECT = 2,
};

void wire_varint(struct buf *b, uint64_t v);
void wire_tag(struct buf *b, unsigned number, enum wire_type type);
void wire_bytes(struct buf *b, unsigned number, const void *data, size_t len);
/* A message whose length is known when it is written: begin gives what end takes. */
size_t wire_begin(struct buf *b, unsigned number);
void wire_end(struct buf *b, size_t at);

#endif
