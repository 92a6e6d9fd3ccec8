/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cri.h - the Container Runtime Interface, one asynchronous call per method
 *
 * A thin door: messages are those of cri.proto, packed and unpacked here.
 */
#ifndef KEELSON_AGENT_CRI_H
#define KEELSON_AGENT_CRI_H

#include "agent/cri.pb-c.h"
#include "rpc/grpc.h"

enum cri_method {
	CRI_VERSION,
	CRI_RUN_POD_SANDBOX, CRI_STOP_POD_SANDBOX, CRI_REMOVE_POD_SANDBOX,
	CRI_POD_SANDBOX_STATUS, CRI_LIST_POD_SANDBOX,
	CRI_CREATE_CONTAINER, CRI_START_CONTAINER, CRI_STOP_CONTAINER, CRI_REMOVE_CONTAINER,
	CRI_LIST_CONTAINERS, CRI_CONTAINER_STATUS, CRI_EXEC_SYNC, CRI_REOPEN_CONTAINER_LOG,
	CRI_IMAGE_STATUS, CRI_PULL_IMAGE,
	CRI_N_METHODS,
};

/*
 * status is a gRPC status (GRPC_OK: reply is the method's response message,
 * borrowed; else NULL, and msg is one sentence). Called once, from the loop.
 */
typedef void (*cri_cb)(void *data, int status, const char *msg, const void *reply);

/* req is the method's request message (any Cri__*Request with its `base`), copied. timeout_ms 0: none. */
void cri_call(struct grpc_channel *ch, enum cri_method method, const ProtobufCMessage *req,
	      unsigned timeout_ms, cri_cb cb, void *data);

/* The calls that take nothing but an identity. */
void cri_stop_sandbox(struct grpc_channel *ch, const char *id, cri_cb cb, void *data);
void cri_remove_sandbox(struct grpc_channel *ch, const char *id, cri_cb cb, void *data);
void cri_sandbox_status(struct grpc_channel *ch, const char *id, cri_cb cb, void *data);
void cri_start_container(struct grpc_channel *ch, const char *id, cri_cb cb, void *data);
/* grace: seconds between SIGTERM and SIGKILL; 0: SIGKILL at once. */
void cri_stop_container(struct grpc_channel *ch, const char *id, int64_t grace, cri_cb cb, void *data);
void cri_remove_container(struct grpc_channel *ch, const char *id, cri_cb cb, void *data);
void cri_container_status(struct grpc_channel *ch, const char *id, cri_cb cb, void *data);
void cri_reopen_log(struct grpc_channel *ch, const char *id, cri_cb cb, void *data);
void cri_image_status(struct grpc_channel *ch, const char *image, cri_cb cb, void *data);
void cri_pull_image(struct grpc_channel *ch, const char *image, cri_cb cb, void *data);
/* cmd: n words, not through a shell; timeout in seconds. */
void cri_exec_sync(struct grpc_channel *ch, const char *container_id, char *const *cmd, size_t n,
		   int64_t timeout, cri_cb cb, void *data);

/* NULL when there is none of that key. */
const char *cri_pair(Cri__Pair *const *pairs, size_t n, const char *key);
/* Appends a pair (copied) to a message's list, to be freed by the message's free_unpacked. */
void cri_pair_add(Cri__Pair ***pairs, size_t *n, const char *key, const char *value);
/* Appends a string (copied) to a message's list. */
void cri_strv_add(char ***strv, size_t *n, const char *s);

#endif
