/* SPDX-License-Identifier: GPL-2.0-or-later */
/* node_object.h - this machine as a Node object; pure */
#ifndef KEELSON_AGENT_NODE_OBJECT_H
#define KEELSON_AGENT_NODE_OBJECT_H

#include "api/meta/view_meta.h"

struct node_info {
	const char *name, *ip;
	int64_t cpu_milli, memory, storage, pods;	/* capacity; memory and storage in bytes */
	const char *kernel, *os_image, *machine;	/* "6.1.0-1-amd64", "Debian GNU/Linux 12", "x86_64" */
	const char *machine_id, *boot_id, *system_uuid;
	const char *runtime_version;			/* "containerd://1.6.20"; NULL: not known yet */
	const char *version;				/* ours */
	int agent_port;
	const char *vtep_mac;				/* "02:..." */
	uint32_t vni;
};

/* What of the node is well; a NULL problem is no problem. */
struct node_health {
	const char *runtime_problem;
	const char *network_problem;
	bool memory_low, disk_low, pids_low;
};

/* amd64 for x86_64 and so on, as Kubernetes names machines. */
const char *node_arch(const char *machine);

/* The object to create. Caller frees. */
json *node_object_new(const struct node_info *i);
/* What an existing node has to be patched with (labels, annotations; merge patch). NULL: nothing. */
json *node_metadata_patch(const struct node_info *i, const json *node);
/* The status; prev is the one before (its times are kept), may be NULL. now: microseconds since the epoch. */
json *node_status_make(const struct node_info *i, const struct node_health *h, const json *prev, uint64_t now);
/* Equal but for heartbeat times. */
bool node_status_same(const json *a, const json *b);
/* Does the API's node say of any condition something else than the status that was sent? */
bool node_was_overruled(const json *node, const json *sent);

/* The lease kube-node-lease/<name>; node may be NULL (then it has no owner). */
json *node_lease_new(const char *name, const json *node, uint64_t now);
#define NODE_LEASE_NAMESPACE	"kube-node-lease"
#define NODE_LEASE_SECONDS	40

#endif
