/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view_pod.h - typed readers of a Pod
 *
 * What is returned is borrowed from the tree. NULL (or 0) means absent.
 */
#ifndef KEELSON_API_VIEW_POD_H
#define KEELSON_API_VIEW_POD_H

#include "api/meta/view_meta.h"

static inline const char *pod_node(const json *pod)
{
	const char *s = json_str(json_get(pod, "spec", "nodeName"));

	return s && *s ? s : NULL;
}

/* "Pending", "Running", "Succeeded", "Failed", "Unknown"; Pending while nobody said */
static inline const char *pod_phase(const json *pod)
{
	return json_str_or(json_get(pod, "status", "phase"), "Pending");
}

/* Succeeded or Failed: its containers will not run again. */
static inline bool pod_finished(const json *pod)
{
	return streq(pod_phase(pod), "Succeeded") || streq(pod_phase(pod), "Failed");
}

static inline bool pod_terminating(const json *pod)
{
	return meta_deleting(pod);
}

/* Neither finished nor on its way out: counts for its controller. */
static inline bool pod_active(const json *pod)
{
	return !pod_finished(pod) && !pod_terminating(pod);
}

static inline bool pod_ready(const json *pod)
{
	return status_condition_true(pod, "Ready");
}

/* When it last became ready or unready; 0 when never said. */
static inline uint64_t pod_ready_since(const json *pod)
{
	return json_time(json_get(status_condition(pod, "Ready"), "lastTransitionTime"));
}

/* Ready for min_ready_seconds; now in microseconds. */
static inline bool pod_available(const json *pod, int64_t min_ready_seconds, uint64_t now)
{
	uint64_t since = pod_ready_since(pod);

	if (!pod_ready(pod))
		return false;
	return min_ready_seconds <= 0 ||
	       (since && since + (uint64_t)min_ready_seconds * 1000000 <= now);
}

static inline const char *pod_ip(const json *pod)
{
	return json_str(json_get(pod, "status", "podIP"));
}

static inline bool pod_host_network(const json *pod)
{
	return json_bool(json_get(pod, "spec", "hostNetwork"), false);
}

static inline const json *pod_containers(const json *pod)
{
	return json_get(pod, "spec", "containers");
}

static inline const json *pod_init_containers(const json *pod)
{
	return json_get(pod, "spec", "initContainers");
}

/* The status of the container of that name (of init containers too), or NULL. */
static inline const json *pod_container_status(const json *pod, const char *name)
{
	static const char *const lists[] = { "containerStatuses", "initContainerStatuses",
					     "ephemeralContainerStatuses" };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_each(s, json_get(pod, "status", lists[i]))
			if (streq(json_str(json_get(s, "name")), name))
				return s;
	return NULL;
}

/* The number of a port by its name in a container, or 0; protocol NULL is TCP. */
static inline int pod_named_port(const json *pod, const char *name, const char *protocol)
{
	json_each(c, pod_containers(pod))
		json_each(p, json_get(c, "ports"))
			if (streq(json_str(json_get(p, "name")), name) &&
			    streq(json_str_or(json_get(p, "protocol"), "TCP"), protocol ?: "TCP"))
				return json_int(json_get(p, "containerPort"), 0);
	return 0;
}

/*
 * What the pod asks of a node for a resource ("cpu", "memory",
 * "ephemeral-storage", ...): the larger of the sum over its containers (with
 * the init containers that keep running) and of each init container's need,
 * plus spec.overhead. CPU in thousandths, all else in whole units.
 */
int64_t pod_request(const json *pod, const char *resource);

/* "Guaranteed", "Burstable" or "BestEffort" (static) */
const char *pod_qos_class(const json *pod);

#endif
