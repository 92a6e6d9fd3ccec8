/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pod_env.h - what a container's environment, command and downward files are
 *             made of; pure
 *
 * `deps` is what the pod refers to, fetched beforehand:
 * {"configmaps": {name: object}, "secrets": {name: object}, "services": [objects]}.
 */
#ifndef KEELSON_AGENT_POD_ENV_H
#define KEELSON_AGENT_POD_ENV_H

#include "api/meta/view_pod.h"

/* The node as its containers may ask for it. */
struct node_facts {
	const char *name;
	const char *ip;
	const char *data_dir;
	const char *cgroup_parent;	/* "/keelson" */
	const char *resolv_conf;	/* the text of the host's file; NULL: none */
	int64_t cpu_milli;		/* allocatable */
	int64_t memory;			/* bytes */
};

struct env {
	struct env_var { char *name, *value; } *vars;	/* names are unique, in order of definition */
	size_t n;
};
/* NULL when not set. */
const char *env_get(const struct env *e, const char *name);
void env_set(struct env *e, const char *name, const char *value);
void env_clear(struct env *e);

/* $(NAME) becomes its value, $$(NAME) becomes $(NAME), unknown names stay as they are. Caller frees. */
char *env_expand(const struct env *e, const char *text);

/* The names of config maps ("configmaps") or secrets ("secrets") that the pod refers to: a JSON object, name → optional (bool). */
json *pod_references(const json *pod, const char *kind);

/* "metadata.labels['a']", "status.podIP" ...: caller frees; -EINVAL with *ret_msg for an unknown path. */
int pod_field(const json *pod, const struct node_facts *node, const char *pod_ip, const char *path,
	      char **ret, char **ret_msg);
/* "limits.cpu", "requests.memory" of a container, divided; what is not set is the node's. */
int pod_resource_field(const json *pod, const struct node_facts *node, const json *ref,
		       const json *dflt_container, char **ret, char **ret_msg);

/* Fills an empty env with what the container will see. -ENOENT, -EINVAL with *ret_msg: what is missing. */
int container_env(const json *pod, const json *spec, const json *deps, const struct node_facts *node,
		  const char *pod_ip, struct env *ret, char **ret_msg);

#endif
