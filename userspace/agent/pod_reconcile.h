/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pod_reconcile.h - what to do next for one pod; pure
 *
 * The API's pod, what the runtime has of it, the agent's book and the time go
 * in; actions come out. pod_worker.c performs them, looks again, and asks again:
 * every state a crash can leave behind is one this function has an answer to.
 */
#ifndef KEELSON_AGENT_POD_RECONCILE_H
#define KEELSON_AGENT_POD_RECONCILE_H

#include "agent/pod_state.h"

enum pod_action_type {
	POD_RUN_SANDBOX,	/* attempt */
	POD_START_CONTAINER,	/* spec, attempt, failures: have the image, create, start */
	POD_RESUME_CONTAINER,	/* id: it was created, start it */
	POD_STOP_CONTAINER,	/* id, spec (NULL: unknown), grace, message: preStop, then stop */
	POD_REMOVE_CONTAINER,	/* id */
	POD_STOP_SANDBOX,	/* id */
	POD_REMOVE_SANDBOX,	/* id: stop it (that gives its network back), remove it with all its containers */
	POD_DELETE,		/* nothing is left here: let the API forget it */
};

struct pod_action {
	enum pod_action_type type;
	const json *spec;	/* the container in the pod, borrowed */
	char *id;		/* container or sandbox */
	char *name;		/* container */
	uint32_t attempt, failures;
	int64_t grace;		/* seconds */
	char *message;		/* why it is stopped, for the event */
};

struct pod_plan {
	struct pod_action *actions;	/* to be done side by side, then look again */
	size_t n_actions;
	uint64_t requeue_us;	/* look again then even if nothing happens; 0: no need */
	bool gone;		/* nothing is left in the runtime and the API has no such pod */
};

void pod_reconcile(const struct pod_input *in, struct pod_plan *ret);
void pod_plan_clear(struct pod_plan *p);

#endif
