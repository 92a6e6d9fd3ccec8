// SPDX-License-Identifier: GPL-2.0-or-later
/* pod_status.c - see pod_status.h */
#include "agent/pod_status.h"

#define CONTAINER_ID_SCHEME	"containerd://"
#define FRESH_FAILURE		(3 * SEC_US)	/* how long a failed pull is shown as such before it is a back-off */

static void set_time(json *obj, const char *key, uint64_t us)
{
	char text[32];

	if (!us)
		return;
	format_time(us, text);
	json_set_str(obj, key, text);
}

static void set_container_id(json *obj, const struct obs_container *c)
{
	_cleanup_free_ char *id = xasprintf(CONTAINER_ID_SCHEME "%s", c->id);

	json_set_str(obj, "containerID", id);
}

/* --- one container --- */

static json *terminated(const struct obs_container *c)
{
	json *state = json_new_object(), *t = json_new_object();

	json_set_int(t, "exitCode", c->exit_code);
	json_set_str(t, "reason", c->reason && *c->reason ? c->reason : c->exit_code ? "Error" : "Completed");
	if (c->message && *c->message)
		json_set_str(t, "message", c->message);
	set_time(t, "startedAt", c->started_us ?: c->created_us);
	set_time(t, "finishedAt", c->finished_us);
	set_container_id(t, c);
	json_set(state, "terminated", t);
	return state;
}

static json *waiting(const char *reason, const char *message)
{
	json *state = json_new_object(), *w = json_new_object();

	json_set_str(w, "reason", reason);
	if (message && *message)
		json_set_str(w, "message", message);
	json_set(state, "waiting", w);
	return state;
}

static json *running(const struct obs_container *c)
{
	json *state = json_new_object(), *r = json_new_object();

	set_time(r, "startedAt", c->started_us);
	json_set(state, "running", r);
	return state;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return !a || (b && b < a) ? b : a;
}

static json *waiting_for_retry(const struct pod_input *in, const json *spec, const struct retry *r,
			       uint64_t *requeue_us)
{
	const char *reason = r->reason;
	_cleanup_free_ char *message = NULL;

	if (streq(reason, "ErrImagePull")) {
		if (r->failures > 1 || in->now_us >= r->failed_us + FRESH_FAILURE) {
			message = xasprintf("Back-off pulling image \"%s\": %s",
					    json_str_or(json_get(spec, "image"), ""), r->message);
			return waiting("ImagePullBackOff", message);
		}
		*requeue_us = sooner(*requeue_us, r->failed_us + FRESH_FAILURE);
	}
	return waiting(reason, r->message);
}

static json *waiting_for_restart(const struct pod_input *in, const struct obs_container *c)
{
	_cleanup_free_ char *message = xasprintf("back-off %llus restarting failed container=%s pod=%s_%s(%s)",
		(unsigned long long)((container_restart_at(c) - c->finished_us) / SEC_US), c->name,
		meta_name(in->pod), meta_namespace(in->pod), meta_uid(in->pod));

	return waiting("CrashLoopBackOff", message);
}

static json *container_status(const struct pod_input *in, const json *spec, bool init, uint64_t *requeue_us)
{
	const char *name = json_str_or(json_get(spec, "name"), "");
	const struct obs_container *c = observed_container(in->obs, name), *last = observed_previous(in->obs, name);
	const struct container_book *b = pod_book_find(in->book, name);
	const struct retry *failed = b && b->start.reason ? &b->start : NULL;
	const struct obs_sandbox *sb = observed_sandbox(in->obs);
	bool sidecar = container_is_sidecar(in->pod, name);
	bool ready = false;
	json *st = json_new_object(), *state = NULL;

	if (c && c->state == CONTAINER_RUNNING) {
		state = running(c);
		ready = container_ready(in, spec, c) && (!init || sidecar);
	} else if (c && c->state == CONTAINER_EXITED) {
		bool replaced = sb && !streq(sb->id, c->sandbox_id);

		ready = init && !sidecar && c->exit_code == 0;
		if (pod_terminating(in->pod) || (!replaced && !container_restarts(in->pod, c))) {
			state = terminated(c);
		} else if (failed) {
			state = waiting_for_retry(in, spec, failed, requeue_us);
			last = c;
		} else if (!replaced && container_restart_at(c) > in->now_us) {
			state = waiting_for_restart(in, c);
			*requeue_us = sooner(*requeue_us, container_restart_at(c));
			last = c;
		} else {
			state = terminated(c);
		}
	} else if (failed) {
		state = waiting_for_retry(in, spec, failed, requeue_us);
	} else {
		state = waiting(pod_init_containers(in->pod) && (init ? !c : !pod_initialized(in)) ?
				"PodInitializing" : "ContainerCreating", NULL);
	}
	json_set_str(st, "name", name);
	json_set(st, "state", state);
	json_set(st, "lastState", last && last->state == CONTAINER_EXITED ? terminated(last) : json_new_object());
	json_set_bool(st, "ready", ready);
	json_set_int(st, "restartCount", c ? c->attempt :
		     json_int(json_get(status_of_container(in->prev_status, name), "restartCount"), 0));
	json_set_str(st, "image", c && c->image && *c->image ? c->image : json_str_or(json_get(spec, "image"), ""));
	json_set_str(st, "imageID", c && c->image_ref ? c->image_ref : "");
	if (c)
		set_container_id(st, c);
	json_set_bool(st, "started", init && !sidecar ? false : container_started(in, spec, c));
	return st;
}

static json *container_statuses(const struct pod_input *in, const json *specs, bool init, uint64_t *requeue_us)
{
	json *list = json_new_array();

	json_each(spec, specs)
		json_append(list, container_status(in, spec, init, requeue_us));
	return list;
}

/* --- conditions --- */

/* All other conditions are others' to set. */
static const char *const own_conditions[] = { "PodReadyToStartContainers", "Initialized", "Ready",
					      "ContainersReady", "PodScheduled" };

static bool is_own_condition(const json *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_conditions); i++)
		if (streq(json_str(json_get(c, "type")), own_conditions[i]))
			return true;
	return false;
}

static const json *find_condition(const json *conditions, const char *type)
{
	json_each(c, conditions)
		if (streq(json_str(json_get(c, "type")), type))
			return c;
	return NULL;
}

/* Keeps the time of the last change while the status stays the same. */
static void add_condition(const struct pod_input *in, json *list, const char *type, bool value,
			  const char *reason, const char *message)
{
	const json *old = find_condition(json_get(in->prev_status, "conditions"), type);
	const char *status = value ? "True" : "False";
	json *c = json_new_object();
	const char *since = json_str(json_get(old, "lastTransitionTime"));

	json_set_str(c, "type", type);
	json_set_str(c, "status", status);
	json_set(c, "lastProbeTime", json_new_null());
	if (since && streq(json_str(json_get(old, "status")), status))
		json_set_str(c, "lastTransitionTime", since);
	else
		set_time(c, "lastTransitionTime", in->now_us);
	if (reason)
		json_set_str(c, "reason", reason);
	if (message)
		json_set_str(c, "message", message);
	json_append(list, c);
}

/* "containers with unready status: [a b]" of those whose entry says ready: false; NULL when there is none. */
static char *name_unready(const char *what, const json *statuses)
{
	struct buf b = { 0 };

	json_each(st, statuses)
		if (!json_bool(json_get(st, "ready"), false))
			buf_printf(&b, "%s%s", b.len ? " " : what, json_str_or(json_get(st, "name"), ""));
	if (!b.len)
		return NULL;
	buf_puts(&b, "]");
	return buf_steal(&b);
}

static bool gates_open(const struct pod_input *in)
{
	const json *conditions = json_get(in->pod, "status", "conditions");

	json_each(g, json_get(in->pod, "spec", "readinessGates")) {
		const json *c = find_condition(conditions, json_str_or(json_get(g, "conditionType"), ""));

		if (!streq(json_str(json_get(c, "status")), "True"))
			return false;
	}
	return true;
}

static json *make_conditions(const struct pod_input *in, const json *status, const char *phase)
{
	_cleanup_free_ char *unready = name_unready("containers with unready status: [",
						    json_get(status, "containerStatuses"));
	_cleanup_free_ char *uninit = name_unready("containers with incomplete status: [",
						   json_get(status, "initContainerStatuses"));
	const struct obs_sandbox *sb = observed_sandbox(in->obs);
	bool done = streq(phase, "Succeeded"), failed = streq(phase, "Failed");
	bool initialized = done || pod_initialized(in), ready = !unready && !done && !failed;
	const char *why = done ? "PodCompleted" : failed ? "PodFailed" : ready ? NULL : "ContainersNotReady";
	json *list = json_new_array();

	add_condition(in, list, "PodReadyToStartContainers", sb && sb->ready && json_get(status, "podIP"), NULL, NULL);
	add_condition(in, list, "Initialized", initialized,
		      done ? "PodCompleted" : initialized ? NULL : "ContainersNotInitialized",
		      initialized ? NULL : uninit);
	add_condition(in, list, "Ready", ready && gates_open(in),
		      ready && !gates_open(in) ? "ReadinessGatesNotReady" : why,
		      ready && !gates_open(in) ? "the status of pod readiness gates is not \"True\"" :
		      why && !done && !failed ? unready : NULL);
	add_condition(in, list, "ContainersReady", ready, why, why && !done && !failed ? unready : NULL);
	add_condition(in, list, "PodScheduled", true, NULL, NULL);
	/* Conditions of others (readiness gates, disruption) stay as they are. */
	json_each(c, json_get(in->pod, "status", "conditions"))
		if (!is_own_condition(c))
			json_append(list, json_clone(c));
	return list;
}

/* --- the pod --- */

static void set_ips(const struct pod_input *in, json *status)
{
	const struct obs_sandbox *sb = observed_sandbox(in->obs);
	const char *ip = NULL;
	json *entry, *list;

	json_set_str(status, "hostIP", in->host_ip);
	list = json_new_array();
	entry = json_new_object();
	json_set_str(entry, "ip", in->host_ip);
	json_append(list, entry);
	json_set(status, "hostIPs", list);
	if (pod_host_network(in->pod))
		ip = sb ? in->host_ip : NULL;
	else if (sb)
		ip = sb->ip || sb->ready ? sb->ip : json_str(json_get(in->prev_status, "podIP"));
	if (!ip)
		return;
	json_set_str(status, "podIP", ip);
	list = json_new_array();
	entry = json_new_object();
	json_set_str(entry, "ip", ip);
	json_append(list, entry);
	json_set(status, "podIPs", list);
}

json *pod_status_make(const struct pod_input *in, uint64_t *ret_requeue_us)
{
	const char *phase, *reason = NULL, *message = NULL;
	bool told = pod_finished(in->pod);	/* by the API: somebody's decision, or ours of before */
	json *status;

	*ret_requeue_us = 0;
	if ((told || pod_terminating(in->pod)) && !in->obs->n_containers)
		return NULL;
	phase = told ? pod_phase(in->pod) : pod_observed_phase(in, &reason);
	if (told) {
		reason = json_str(json_get(in->pod, "status", "reason"));
		message = json_str(json_get(in->pod, "status", "message"));
	} else if (reason) {
		message = "Pod was active on the node longer than the specified deadline";
	}
	status = json_new_object();
	json_set_str(status, "phase", phase);
	json_set_str(status, "reason", reason);
	json_set_str(status, "message", message);
	set_ips(in, status);
	if (json_str(json_get(in->prev_status, "startTime")))
		json_set_str(status, "startTime", json_str(json_get(in->prev_status, "startTime")));
	else
		set_time(status, "startTime", in->now_us);
	json_set_str(status, "qosClass", pod_qos_class(in->pod));
	if (pod_init_containers(in->pod))
		json_set(status, "initContainerStatuses",
			 container_statuses(in, pod_init_containers(in->pod), true, ret_requeue_us));
	json_set(status, "containerStatuses",
		 container_statuses(in, pod_containers(in->pod), false, ret_requeue_us));
	json_set(status, "conditions", make_conditions(in, status, phase));
	return status;
}

/* Absent and empty are the same. */
static bool same_text(const json *a, const json *b, const char *key)
{
	return streq(json_str_or(json_get(a, key), ""), json_str_or(json_get(b, key), ""));
}

static bool same_flag(const json *a, const json *b, const char *key)
{
	return json_bool(json_get(a, key), false) == json_bool(json_get(b, key), false);
}

bool pod_was_overruled(const json *pod, const json *sent)
{
	static const char *const lists[] = { "containerStatuses", "initContainerStatuses" };
	const json *held = json_get(pod, "status");

	if (!same_text(held, sent, "phase") || !same_text(held, sent, "podIP"))
		return true;
	json_each(c, json_get(sent, "conditions"))
		if (is_own_condition(c) &&
		    !same_text(find_condition(json_get(held, "conditions"), json_str(json_get(c, "type"))), c, "status"))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_each(c, json_get(sent, lists[i])) {
			const json *said = status_of_container(held, json_str_or(json_get(c, "name"), ""));

			if (!same_text(said, c, "containerID") || !same_flag(said, c, "ready") ||
			    !same_flag(said, c, "started"))
				return true;
		}
	return false;
}
