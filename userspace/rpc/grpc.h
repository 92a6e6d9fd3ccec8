/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grpc.h - a gRPC client channel over HTTP/2 (libnghttp2), bytes in and out
 *
 * Frames of https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md;
 * the messages themselves are packed by protobuf-c in the layers above.
 * Reconnects with back-off; all streams of a lost connection end with
 * GRPC_UNAVAILABLE.
 */
#ifndef KEELSON_RPC_GRPC_H
#define KEELSON_RPC_GRPC_H

#include <systemd/sd-event.h>
#include "base/util.h"

enum grpc_status {	/* https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
	GRPC_OK = 0, GRPC_CANCELLED = 1, GRPC_UNKNOWN = 2, GRPC_INVALID_ARGUMENT = 3,
	GRPC_DEADLINE_EXCEEDED = 4, GRPC_NOT_FOUND = 5, GRPC_ALREADY_EXISTS = 6,
	GRPC_PERMISSION_DENIED = 7, GRPC_RESOURCE_EXHAUSTED = 8, GRPC_FAILED_PRECONDITION = 9,
	GRPC_ABORTED = 10, GRPC_OUT_OF_RANGE = 11, GRPC_UNIMPLEMENTED = 12, GRPC_INTERNAL = 13,
	GRPC_UNAVAILABLE = 14, GRPC_DATA_LOSS = 15, GRPC_UNAUTHENTICATED = 16,
	GRPC_REPLY_TOO_LONG = 100,	/* no server says so: the reply is longer than the caller takes */
};

struct grpc_channel;
struct grpc_stream;

struct grpc_config {
	/*
	 * "unix:/run/containerd/containerd.sock", "http://127.0.0.1:2379", "https://host:2379", or several,
	 * comma-separated: when one cannot be reached or is lost, the next is tried.
	 */
	const char *target;
	const char *ca_file, *cert_file, *key_file;	/* https only */
};
int grpc_channel_new(sd_event *loop, const struct grpc_config *config,
		     struct grpc_channel **ret, char **ret_msg);
/* Open calls end without a callback. */
void grpc_channel_free(struct grpc_channel *ch);
/*
 * Leaves this connection for the next target, when the caller finds that the
 * server answers but does not serve. Open calls end with GRPC_UNAVAILABLE.
 * Nothing happens with a single target.
 */
void grpc_channel_next_target(struct grpc_channel *ch);

/* status GRPC_OK: p/len is the reply message. Else msg is the server's grpc-message or a sentence naming the target. */
typedef void (*grpc_unary_cb)(void *data, int status, const char *msg, const void *p, size_t len);
/*
 * method: "/etcdserverpb.KV/Range". The request is copied. Called back from
 * the loop, once. A call with a time-out waits for a connection that long, then
 * ends with GRPC_UNAVAILABLE; one without (0) ends so at the first attempt to
 * connect that fails. GRPC_DEADLINE_EXCEEDED: it was sent and not answered.
 */
void grpc_unary(struct grpc_channel *ch, const char *method, const void *req, size_t len,
		unsigned timeout_ms, grpc_unary_cb cb, void *data);
/* As above; a reply of more than max_reply bytes ends the call, as soon as its length is known, with GRPC_REPLY_TOO_LONG. */
void grpc_unary_max(struct grpc_channel *ch, const char *method, const void *req, size_t len,
		    unsigned timeout_ms, size_t max_reply, grpc_unary_cb cb, void *data);

/*
 * Bidirectional (or server-) streaming. on_message per message; on_end once,
 * last; the stream is gone after it. Without a connection a stream waits for
 * the next attempt to connect and ends with GRPC_UNAVAILABLE if that fails.
 */
struct grpc_stream_ops {
	void (*on_message)(void *data, const void *p, size_t len);
	void (*on_end)(void *data, int status, const char *msg);
};
struct grpc_stream *grpc_stream_open(struct grpc_channel *ch, const char *method,
				     const struct grpc_stream_ops *ops, void *data);
void grpc_stream_send(struct grpc_stream *s, const void *p, size_t len);
/* Half-closes; the server may still send. */
void grpc_stream_send_end(struct grpc_stream *s);
/* Resets the stream; no callback comes after it. */
void grpc_stream_close(struct grpc_stream *s);

#endif
