/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grpc_wire.h - the texts and frames of gRPC over HTTP/2, without any I/O
 */
#ifndef KEELSON_RPC_GRPC_WIRE_H
#define KEELSON_RPC_GRPC_WIRE_H

#include "base/util.h"

/* Longer messages end a stream; for a call it is the greatest max_reply. */
#define GRPC_MAX_MESSAGE (256u << 20)
#define GRPC_PREFIX_LEN 5

/* Appends the 5-byte prefix (not compressed, big-endian length) and the message. */
void grpc_frame(struct buf *out, const void *p, size_t len);
/*
 * The next whole message in p[0..len): 1 and its place (past the prefix),
 * 0 if there is no whole one yet, -EBADMSG when compressed, -EMSGSIZE.
 */
int grpc_next_message(const char *p, size_t len, const char **ret, size_t *ret_len);
/* The length that the prefix of the first message there announces; 0 while it is not whole. */
size_t grpc_announced(const char *p, size_t len);

/* "grpc-message": percent-encoded UTF-8; bad escapes stay as they are. Caller frees. */
char *grpc_message_decode(const char *s, size_t len);
/* "grpc-timeout": at most 8 digits and a unit. */
void grpc_timeout_format(unsigned ms, char out[16]);
/* The status of an answer that carried none, from its HTTP status. */
int grpc_status_of_http(int http_status);
/* The status of a stream that the peer reset, from the HTTP/2 error code (RFC 9113, section 7). */
int grpc_status_of_reset(uint32_t h2_error);

#endif
