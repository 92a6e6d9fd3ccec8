/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pod_state.h - questions about a pod and its containers that both the
 *               reconcile and the status ask; pure
 */
#ifndef KEELSON_AGENT_POD_STATE_H
#define KEELSON_AGENT_POD_STATE_H

#include "agent/observed.h"
#include "agent/pod_book.h"
#include "api/meta/view_pod.h"

struct pod_input {
	const json *pod;		/* NULL: the API has it no more */
	const json *prev_status;	/* what was last reported, else what the API holds; may be NULL */
	const struct observed *obs;
	const struct pod_book *book;
	const char *host_ip;
	const char *net_problem;	/* why pods cannot get a network now; NULL: they can */
	uint64_t now_us;		/* wall clock */
};

enum restart_policy { RESTART_ALWAYS, RESTART_ON_FAILURE, RESTART_NEVER };
enum restart_policy pod_restart_policy(const json *pod);

/* The entry of that container in a pod's status (not the pod); NULL when absent. */
const json *status_of_container(const json *status, const char *name);

/* An init container with restartPolicy Always: it runs beside the others. */
bool container_is_sidecar(const json *pod, const char *name);

/* Whether an exited container is to be started again. */
bool container_restarts(const json *pod, const struct obs_container *c);
/* When it may be (0: at once): 10 s doubling to 300 s, forgotten after 10 good minutes. */
uint64_t container_restart_at(const struct obs_container *c);
/* ANNOTATION_FAILURES of the container that follows c. */
uint32_t container_next_failures(const struct obs_container *c);

/* Started and, where there is a startup probe, passed it. */
bool container_started(const struct pod_input *in, const json *spec, const struct obs_container *c);
bool container_ready(const struct pod_input *in, const json *spec, const struct obs_container *c);

/* All init containers are done, or the ordinary ones were already started in this sandbox. */
bool pod_initialized(const struct pod_input *in);
/* The init container that is next or under way; NULL when initialized. */
const json *pod_current_init(const struct pod_input *in);

/* "Pending", "Running", "Succeeded", "Failed" from what is observed; *ret_reason NULL or e.g. "DeadlineExceeded". */
const char *pod_observed_phase(const struct pod_input *in, const char **ret_reason);
/* spec.activeDeadlineSeconds as a time; 0: none. */
uint64_t pod_deadline(const struct pod_input *in);

#endif
