/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hook.h - runs a handler of a pod's spec once: exec, httpGet, tcpSocket, sleep
 *
 * Probes and lifecycle hooks share these handlers.
 */
#ifndef KEELSON_AGENT_HOOK_H
#define KEELSON_AGENT_HOOK_H

#include "api/meta/view_pod.h"
#include "rpc/grpc.h"

struct hook_target {
	sd_event *loop;
	struct grpc_channel *cri;
	const char *container_id;
	const char *ip;		/* of the pod; NULL: not known */
	const json *pod, *spec;	/* for named ports */
	const json *handler;	/* {"exec": ...} */
	int64_t timeout_s;	/* at least 1 */
};
enum hook_result {
	HOOK_GOOD,
	HOOK_BAD,	/* it answered so, or not in time */
	HOOK_ERROR,	/* it could not be run: says nothing of the container's health */
	HOOK_UNREACHED,	/* the runtime was not there to run it: worth another try */
};
/* problem is a sentence, NULL with HOOK_GOOD. Called once, from the loop. */
typedef void (*hook_cb)(void *data, enum hook_result result, const char *problem);
/* Everything in t is borrowed for the call only. */
void hook_run(const struct hook_target *t, hook_cb cb, void *data);

#endif
