/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pod_config.h - a pod in the words of the Container Runtime Interface */
#ifndef KEELSON_AGENT_POD_CONFIG_H
#define KEELSON_AGENT_POD_CONFIG_H

#include "agent/cri.pb-c.h"
#include "agent/pod_env.h"

/* Pure. Freed with cri__pod_sandbox_config__free_unpacked(c, NULL). */
Cri__PodSandboxConfig *pod_sandbox_config(const json *pod, uint32_t attempt, const struct node_facts *node);

struct container_args {
	const json *pod;
	const json *spec;	/* the container in it */
	const json *deps;	/* see pod_env.h */
	const struct node_facts *node;
	const char *pod_ip;	/* or NULL */
	const char *image;	/* what the runtime calls the image */
	uint32_t attempt, failures;
};
/*
 * Freed with cri__container_config__free_unpacked(c, NULL). Looks at the file
 * system for subPath only. -ENOENT or -EINVAL with *ret_msg: the pod asks for
 * something that is not there.
 */
int container_config(const struct container_args *a, Cri__ContainerConfig **ret, char **ret_msg);

#endif
