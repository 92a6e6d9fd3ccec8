/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relist.h - looks at the runtime once a second and after each action
 *
 * CRI has no notification that containerd 1.6 would send, so deaths are seen
 * by listing, as the kubelet's generic event generator does. A round is two
 * lists and one status call per container that changed its state.
 */
#ifndef KEELSON_AGENT_RELIST_H
#define KEELSON_AGENT_RELIST_H

#include "agent/observed.h"
#include "rpc/grpc.h"

struct relist;

/*
 * What one round found of one pod; o is given away (may be emptied with
 * observed_clear). o NULL: something of it is there, but the runtime could not
 * tell all that is to be known; what was found before is the better guess.
 */
struct relist_pod {
	const char *uid, *ns, *name;	/* from the labels */
	struct observed *o;
	uint64_t seq;			/* the round's number */
};
struct relist_ops {
	/* Once per pod in the runtime, then round_end. */
	void (*pod)(void *data, const struct relist_pod *p);
	/* seq: the round's number; what was done before the round was asked for is in it. */
	void (*round_end)(void *data, uint64_t seq);
	/* The round failed: msg is why. */
	void (*failed)(void *data, const char *msg);
};

struct relist *relist_new(sd_event *loop, struct grpc_channel *cri, const struct relist_ops *ops, void *data);
void relist_free(struct relist *r);
/* A round as soon as possible; the answer is the number of the first round that will see what is there now. */
uint64_t relist_soon(struct relist *r);

#endif
