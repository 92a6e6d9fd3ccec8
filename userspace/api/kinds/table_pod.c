// SPDX-License-Identifier: GPL-2.0-or-later
/* table_pod.c - a pod as a row: its STATUS is made from phase, containers and deletion */
#include "api/kinds/table_cells.h"

const struct table_column table_pod_columns[] = {
	COLUMN_NAME,
	COLUMN("Ready", "string", "Containers that are ready, of those the pod has."),
	COLUMN("Status", "string", "What the pod and its containers are at, in one word."),
	COLUMN("Restarts", "string", "How often the pod's containers were restarted, and when last."),
	COLUMN_AGE,
	COLUMN_WIDE("IP", "string", "The pod's address."),
	COLUMN_WIDE("Node", "string", "The node the pod runs on."),
	COLUMN_WIDE("Nominated Node", "string", "The node that is being freed for the pod."),
	COLUMN_WIDE("Readiness Gates", "string", "Readiness gates that are true, of those the pod has."),
	{0},
};

struct pod_summary {
	char *reason;
	int ready;
	int64_t restarts;
	const char *last_restart;	/* RFC 3339, borrowed; NULL: never */
};

static void set_reason(struct pod_summary *s, char *reason)
{
	free(s->reason);
	s->reason = reason;
}

static void count_restarts(struct pod_summary *s, const json *status)
{
	const char *at = json_str(json_get(status, "lastState", "terminated", "finishedAt"));

	s->restarts += json_int(json_get(status, "restartCount"), 0);
	/* RFC 3339 in UTC sorts as text */
	if (at && (!s->last_restart || strcmp(at, s->last_restart) > 0))
		s->last_restart = at;
}

/* "Error", "Signal:9" or "ExitCode:3" of a terminated state; caller frees. */
static char *termination_text(const json *terminated, const char *prefix)
{
	const char *reason = json_str_or(json_get(terminated, "reason"), "");
	long long signal = json_int(json_get(terminated, "signal"), 0);

	if (*reason)
		return xasprintf("%s%s", prefix, reason);
	if (signal)
		return xasprintf("%sSignal:%lld", prefix, signal);
	return xasprintf("%sExitCode:%lld", prefix, (long long)json_int(json_get(terminated, "exitCode"), 0));
}

/* An init container that keeps running beside the others. */
static bool is_sidecar(const json *pod, const char *name)
{
	json_each(c, json_get(pod, "spec", "initContainers"))
		if (streq(json_str(json_get(c, "name")), name))
			return streq(json_str(json_get(c, "restartPolicy")), "Always");
	return false;
}

/*
 * Goes through the init containers up to the first that is not done; true if
 * there is one. Restarts of sidecars are also counted in *sidecars: once the
 * pod is initialised, only theirs still matter.
 */
static bool init_containers(struct pod_summary *s, struct pod_summary *sidecars, const json *pod)
{
	int i = 0, total = json_len(json_get(pod, "spec", "initContainers"));

	json_each(c, json_get(pod, "status", "initContainerStatuses")) {
		const json *terminated = json_get(c, "state", "terminated");
		const char *waiting = json_str_or(json_get(c, "state", "waiting", "reason"), "");
		bool sidecar = is_sidecar(pod, json_str(json_get(c, "name")));

		count_restarts(s, c);
		if (sidecar)
			count_restarts(sidecars, c);
		if (terminated && !json_int(json_get(terminated, "exitCode"), 0)) {
			i++;
			continue;
		}
		if (sidecar && json_bool(json_get(c, "started"), false)) {
			if (json_bool(json_get(c, "ready"), false))
				s->ready++;
			i++;
			continue;
		}
		if (terminated)
			set_reason(s, termination_text(terminated, "Init:"));
		else if (*waiting && !streq(waiting, "PodInitializing"))
			set_reason(s, xasprintf("Init:%s", waiting));
		else
			set_reason(s, xasprintf("Init:%d/%d", i, total));
		return true;
	}
	return false;
}

static bool condition_true(const json *pod, const char *type)
{
	return streq(json_str(json_get(find_condition(pod, type), "status")), "True");
}

static void main_containers(struct pod_summary *s, const json *pod)
{
	const json *failed = NULL;	/* the first that ended with an error */
	bool running = false, first = true;

	/* The first container with something to say names the reason. */
	json_each(c, json_get(pod, "status", "containerStatuses")) {
		const json *terminated = json_get(c, "state", "terminated");
		const char *waiting = json_str_or(json_get(c, "state", "waiting", "reason"), "");

		count_restarts(s, c);
		if (!failed && json_int(json_get(terminated, "exitCode"), 0))
			failed = terminated;
		if (*waiting || terminated) {
			if (first)
				set_reason(s, *waiting ? xstrdup(waiting) : termination_text(terminated, ""));
			first = false;
		} else if (json_bool(json_get(c, "ready"), false) && json_get(c, "state", "running")) {
			running = true;
			s->ready++;
		}
	}
	if (!streq(s->reason, "Completed"))
		return;
	if (running && condition_true(pod, "Ready"))
		set_reason(s, xstrdup("Running"));
	else if (failed)
		set_reason(s, termination_text(failed, ""));
	else if (running)
		set_reason(s, xstrdup("NotReady"));
}

static void summarise(struct pod_summary *s, const json *pod)
{
	const char *phase = json_str_or(json_get(pod, "status", "phase"), "");
	const char *reason = json_str_or(json_get(pod, "status", "reason"), "");
	const json *scheduled = find_condition(pod, "PodScheduled");
	struct pod_summary sidecars = {0};
	bool initialising;

	set_reason(s, xstrdup(*reason ? reason : phase));
	if (streq(json_str(json_get(scheduled, "reason")), "SchedulingGated"))
		set_reason(s, xstrdup("SchedulingGated"));
	initialising = init_containers(s, &sidecars, pod);
	if (!initialising || condition_true(pod, "Initialized")) {
		s->restarts = sidecars.restarts;
		s->last_restart = sidecars.last_restart;
		main_containers(s, pod);
	}
	if (json_str(json_get(pod, "metadata", "deletionTimestamp"))) {
		if (streq(reason, "NodeLost"))
			set_reason(s, xstrdup("Unknown"));
		else if (!streq(phase, "Succeeded") && !streq(phase, "Failed"))
			set_reason(s, xstrdup("Terminating"));
	}
}

static void readiness_gates(json *cells, const json *pod)
{
	int total = 0, met = 0;

	json_each(g, json_get(pod, "spec", "readinessGates")) {
		total++;
		met += condition_true(pod, json_str_or(json_get(g, "conditionType"), ""));
	}
	cell_take(cells, total ? xasprintf("%d/%d", met, total) : xstrdup("<none>"));
}

void table_pod_cells(json *cells, const json *pod, uint64_t now_us)
{
	int total = json_len(json_get(pod, "spec", "containers"));
	const json *ips = json_get(pod, "status", "podIPs");
	struct pod_summary s = {0};
	const char *ip;

	json_each(c, json_get(pod, "spec", "initContainers"))
		total += streq(json_str(json_get(c, "restartPolicy")), "Always");
	summarise(&s, pod);
	cell_name(cells, pod);
	cell_take(cells, xasprintf("%d/%d", s.ready, total));
	cell_take(cells, s.reason);
	if (s.restarts && s.last_restart) {
		_cleanup_free_ char *ago = time_since(s.last_restart, now_us);

		cell_take(cells, xasprintf("%lld (%s ago)", (long long)s.restarts, ago));
	} else {
		cell_take(cells, xasprintf("%lld", (long long)s.restarts));
	}
	cell_age(cells, pod, now_us);
	ip = json_len(ips) ? json_str(json_get(ips->child, "ip")) : json_str(json_get(pod, "status", "podIP"));
	cell_str_or(cells, ip, "<none>");
	cell_str_or(cells, json_str(json_get(pod, "spec", "nodeName")), "<none>");
	cell_str_or(cells, json_str(json_get(pod, "status", "nominatedNodeName")), "<none>");
	readiness_gates(cells, pod);
}
