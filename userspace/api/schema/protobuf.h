/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * protobuf.h - objects as Kubernetes' protobuf, both ways, from the tables
 *
 * Kubernetes' API doc "Alternate representations of resources" has the envelope
 * ("k8s\0" and runtime.Unknown); the numbers are those of the types' .proto
 * files. proto2 as Go writes it: fields in ascending order, maps sorted by key.
 *
 * A tree is what Go would have read from the same object's JSON: a zero in a
 * field that Go leaves out when it is zero is no member (struct field.presence).
 */
#ifndef KEELSON_API_SCHEMA_PROTOBUF_H
#define KEELSON_API_SCHEMA_PROTOBUF_H

#include "api/schema/schema.h"

/*
 * Appends the message of obj, which must have passed schema_check(). Members
 * that no table names are left out, and so are zeros that are not there.
 */
void protobuf_encode(const struct schema *s, const json *obj, struct buf *out);

/*
 * A message as a tree that the caller owns; fields that no table names are
 * skipped. -EINVAL with a sentence in *ret_msg (to free) if it is no message of
 * that type: cut off, a wrong wire type, a string that is no UTF-8 or holds a NUL.
 */
int protobuf_decode(const struct schema *s, const void *data, size_t len, json **ret, char **ret_msg);

/* --- the envelope ------------------------------------------------------------------ */

#define PROTOBUF_MAGIC "k8s\0"
#define PROTOBUF_MAGIC_LEN 4

bool protobuf_has_magic(const void *data, size_t len);

/* What is in an envelope; borrowed from the bytes it was read from. */
struct protobuf_envelope {
	char *api_version, *kind;	/* "" if not said */
	const void *raw;
	size_t raw_len;
};
/* -EINVAL with the API server's sentence in *ret_msg (to free). */
int protobuf_open(const void *data, size_t len, struct protobuf_envelope *ret, char **ret_msg);
void protobuf_envelope_free(struct protobuf_envelope *e);
#define _cleanup_envelope_ _cleanup_(protobuf_envelope_free)

/* Appends an envelope around the message. */
void protobuf_wrap(const char *api_version, const char *kind, const void *raw, size_t raw_len, struct buf *out);
/* Envelope and message of obj, whose apiVersion and kind go into the former. */
void protobuf_encode_object(const struct schema *s, const json *obj, struct buf *out);
/* The same of a list: its items are of type s. */
void protobuf_encode_list(const struct schema *s, const json *list, struct buf *out);
/* The same piece by piece: metadata, then items of together items_len bytes, then the end. */
void protobuf_list_begin(const char *api_version, const char *kind, const json *metadata, size_t items_len, struct buf *out);
void protobuf_list_end(struct buf *out);
/* A list's item as part of its message: appends field `items`. */
void protobuf_encode_item(const struct schema *s, const json *item, struct buf *out);
/*
 * A frame of a watch stream: length and WatchEvent, around an enveloped object.
 */
void protobuf_frame(const char *event_type, const void *object, size_t len, struct buf *out);

#endif
