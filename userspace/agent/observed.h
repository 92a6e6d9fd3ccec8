/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observed.h - what the container runtime has of one pod
 *
 * Plain data between the relist (which fills it from CRI answers) and the pure
 * reconcile (which reads it). Times are microseconds since the epoch, 0: none.
 */
#ifndef KEELSON_AGENT_OBSERVED_H
#define KEELSON_AGENT_OBSERVED_H

#include "agent/cri.pb-c.h"
#include "base/util.h"

/* Labels and annotations as the kubelet's, by which a pod is known again after a restart. */
#define LABEL_POD_NAME		"io.kubernetes.pod.name"
#define LABEL_POD_NAMESPACE	"io.kubernetes.pod.namespace"
#define LABEL_POD_UID		"io.kubernetes.pod.uid"
#define LABEL_CONTAINER_NAME	"io.kubernetes.container.name"
#define ANNOTATION_RESTARTS	"io.kubernetes.container.restartCount"
/* How many times in a row this container came back after a short life; steers its back-off. */
#define ANNOTATION_FAILURES	"keelson.dev/consecutive-failures"

enum container_state { CONTAINER_CREATED, CONTAINER_RUNNING, CONTAINER_EXITED, CONTAINER_UNKNOWN };

struct obs_sandbox {
	char *id;
	uint32_t attempt;
	bool ready;
	uint64_t created_us;
	char *ip;		/* NULL with host networking, or not known yet */
};

struct obs_container {
	char *id;
	char *sandbox_id;
	char *name;		/* as in the pod's spec */
	char *image;		/* as the runtime names it */
	char *image_ref;
	uint32_t attempt;	/* the restart count */
	uint32_t failures;	/* ANNOTATION_FAILURES */
	enum container_state state;
	uint64_t created_us, started_us, finished_us;
	int exit_code;
	char *reason, *message;	/* the runtime's; may be empty */
};

struct observed {
	struct obs_sandbox *sandboxes;	/* newest attempt first */
	size_t n_sandboxes;
	struct obs_container *containers;	/* by name, then newest attempt first */
	size_t n_containers;
};

/* The arrays grow by one zeroed element, which is returned. */
struct obs_sandbox *observed_add_sandbox(struct observed *o);
struct obs_container *observed_add_container(struct observed *o);
/* Brings both arrays in the order promised above. */
void observed_sort(struct observed *o);
void observed_clear(struct observed *o);

/* The newest sandbox; NULL when there is none. */
const struct obs_sandbox *observed_sandbox(const struct observed *o);
/* The newest container of that name, and the one before it; NULL when there is none. */
const struct obs_container *observed_container(const struct observed *o, const char *name);
const struct obs_container *observed_previous(const struct observed *o, const char *name);

/* What a CRI answer says, copied. */
void obs_container_from_status(struct obs_container *c, const Cri__ContainerStatus *st);

#endif
