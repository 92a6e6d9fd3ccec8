/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grpc_session.h - what grpc.c (channels, connections, calls) and
 *                  grpc_session.c (HTTP/2) share
 *
 * Inside nghttp2's callbacks, all in grpc_session.c, only bytes are put aside;
 * the users' callbacks run in grpc.c's deliver(), when nghttp2 is off the stack.
 * So they may open and close streams and free the channel.
 */
#ifndef KEELSON_RPC_GRPC_SESSION_H
#define KEELSON_RPC_GRPC_SESSION_H

#include <nghttp2/nghttp2.h>
#include "base/loop.h"
#include "rpc/grpc.h"
#include "rpc/sock.h"

struct grpc_stream {
	struct grpc_channel *ch;
	struct grpc_stream *prev, *next;	/* in ch->waiting or ch->active */
	struct grpc_stream *rprev, *rnext;	/* in ch->ready */
	char *method;
	int32_t id;		/* -1: not (or no longer) a stream of the session */
	bool active, ready, ended, deferred;
	struct buf tx;		/* framed; a unary call keeps it, to be able to send it again */
	size_t tx_off;
	bool tx_end;
	struct buf rx;
	size_t max_reply;	/* of a unary call */
	int http_status, status;	/* status -1: none yet */
	char *msg;
	unsigned refusals;
	unsigned timeout_ms;
	struct loop_timer deadline;
	grpc_unary_cb cb;	/* a unary call, else ops */
	const struct grpc_stream_ops *ops;
	void *data;
};

struct grpc_channel {
	sd_event *loop;
	struct sock_target *targets;
	size_t n_targets, cur;
	SSL_CTX *tls;
	struct sock *sock;
	nghttp2_session *session;
	bool got_settings, up, draining, pinged, leave_target;
	char *error;		/* of the last attempt to connect */
	struct backoff backoff;
	size_t failures;	/* attempts since the last success */
	uint64_t up_since, last_rx, retry_at;
	struct loop_timer connect, limit, flush, keepalive;
	struct grpc_stream *waiting, *active, *ready;
	struct grpc_stream *current;	/* whose callback runs */
	unsigned depth;
	bool dead;
};

static inline const struct sock_target *grpc_target(const struct grpc_channel *ch)
{
	return &ch->targets[ch->cur];
}

/* Has deliver() look at the stream. */
void grpc_mark_ready(struct grpc_stream *s);
/* Ends a stream; deliver() tells its user. The message belongs to the stream afterwards. */
void grpc_end(struct grpc_stream *s, int status, char *msg);

/* A client session with our settings queued. */
nghttp2_session *grpc_session_new(struct grpc_channel *ch);
/* Sends a waiting stream's request. */
void grpc_submit(struct grpc_channel *ch, struct grpc_stream *s);

#endif
