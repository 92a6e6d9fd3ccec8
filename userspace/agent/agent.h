/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent.h - the agent whole: the node, its datapath, its pods, its own API
 *
 * Everything hangs on one loop. Ending the process changes nothing of what
 * runs; the next start finds it again.
 */
#ifndef KEELSON_AGENT_AGENT_H
#define KEELSON_AGENT_AGENT_H

#include <systemd/sd-event.h>
#include "base/util.h"

struct agent;

struct agent_config {
	const char *server;			/* URL of the API server */
	const char *tls_ca, *tls_cert, *tls_key; /* all or none; the same pair serves and asks */
	const char *node_name, *node_ip;
	const char *containerd;			/* "unix:/run/containerd/containerd.sock" */
	const char *cni_conf_dir, *data_dir;
	const char *listen;			/* "10.0.0.1:10250" */
	const char *cluster_cidr, *service_cidr;
	const char *cgroup_parent;
	int64_t vni, overlay_port;
	int64_t capacity_cpu;			/* cores; 0: the machine's */
	int64_t capacity_memory;		/* bytes; 0: the machine's */
	const char *version;			/* "v1.32.0+keelson0.1.0" */
};
/* 0, or negative errno with *ret_msg to free. Strings are borrowed for the agent's life. */
int agent_new(sd_event *loop, const struct agent_config *config, struct agent **ret, char **ret_msg);
void agent_free(struct agent *a);

#endif
