/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pods.h - the pods of this node: from the API to the runtime and back
 *
 * One worker a pod (by uid). A worker looks (relist.h), asks the pure
 * reconcile what to do, does it, and looks again; its status goes to the API
 * when it changes. Nothing is decided from disk: pods are known again by the labels
 * of their sandboxes.
 */
#ifndef KEELSON_AGENT_PODS_H
#define KEELSON_AGENT_PODS_H

#include "agent/pod_env.h"
#include "api/kinds/event_recorder.h"
#include "rpc/grpc.h"
#include "store/informer.h"

struct pods;

struct pods_config {
	sd_event *loop;
	struct grpc_channel *cri;
	struct store *store;
	const struct node_facts *facts;
	struct event_recorder *events;
	struct informer *pods;		/* of this node only; not started yet */
	struct informer *services;	/* for containers' environments */
	/* The runtime has been down for a while (problem), or answers for the first time after it did not (NULL). */
	void (*runtime_changed)(void *data, const char *problem);
	uint64_t runtime_patience_us;	/* that while; 0: 30 s */
	void *data;
};
/* All pointers are borrowed and must outlive the pods. */
struct pods *pods_new(const struct pods_config *config);
/* Stops looking; what runs keeps running. */
void pods_free(struct pods *p);
/* problem NULL: pods can get a network now. Copied. */
void pods_set_network(struct pods *p, const char *problem);

/* The log file of a container, newest instance or the one before; -ENOENT with *ret_msg. Caller frees. */
int pods_log_path(struct pods *p, const char *ns, const char *pod, const char *container, bool previous,
		  char **ret, char **ret_msg);
/* Whether that instance still runs: a follower of its log waits for more. */
bool pods_log_is_growing(struct pods *p, const char *ns, const char *pod, const char *container, const char *path);
/* A PodList of what is here, with the status as the agent sees it. Caller frees. */
json *pods_list(struct pods *p);

#endif
