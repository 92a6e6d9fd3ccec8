/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * volumes.h - the files a pod has on its node
 *
 * <data>/pods/<ns>_<name>_<uid>/<container>/<attempt>.log	logs, written by the runtime; .log.1 ... are older
 * <data>/run/<uid>/volumes/<volume>/				emptyDir, configMap, secret, ...
 * <data>/run/<uid>/hosts						the pod's /etc/hosts
 * <data>/run/<uid>/end/<container>-<attempt>			the termination message
 *
 * All calls are synchronous, local and idempotent.
 */
#ifndef KEELSON_AGENT_VOLUMES_H
#define KEELSON_AGENT_VOLUMES_H

#include "agent/pod_env.h"

/* Caller frees. */
char *pod_log_dir(const char *data_dir, const char *ns, const char *name, const char *uid);
char *pod_run_dir(const char *data_dir, const char *uid);
char *pod_hosts_path(const char *data_dir, const char *uid);
char *pod_termination_path(const char *data_dir, const char *uid, const char *container, uint32_t attempt);
/* Where a volume of the pod lies; NULL if the pod has no such volume. */
char *pod_volume_path(const char *data_dir, const json *pod, const char *volume);

/* Makes all volumes of the pod. Negative errno and *ret_msg naming the volume. */
int volumes_make(const json *pod, const json *deps, const struct node_facts *node, const char *pod_ip, char **ret_msg);
/* Log directory, /etc/hosts, the termination file: what a container needs besides volumes. */
int pod_files_make(const json *pod, const struct node_facts *node, const char *pod_ip, char **ret_msg);
int container_files_make(const json *pod, const json *spec, const struct node_facts *node, uint32_t attempt, char **ret_msg);
/* The path for a mount of a volume with subPath, made if it is not there. Caller frees. */
int volume_subpath(const char *volume_path, const char *subpath, char **ret, char **ret_msg);
/* Unmounts and removes everything of a pod, logs too. 0 when it is gone. */
int pod_files_remove(const char *data_dir, const char *ns, const char *name, const char *uid);
/* The same for every pod that has files and is not wanted. */
void pod_files_sweep(const char *data_dir, bool (*wanted)(void *data, const char *uid), void *data);

/* The text of /etc/hosts (pure). Caller frees. */
char *pod_hosts_text(const json *pod, const char *pod_ip);

#endif
