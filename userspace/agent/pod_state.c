// SPDX-License-Identifier: GPL-2.0-or-later
/* pod_state.c - see pod_state.h */
#include "agent/pod_state.h"

#define BACKOFF_FIRST	(10 * SEC_US)
#define BACKOFF_MAX	(300 * SEC_US)
#define GOOD_RUN	(600 * SEC_US)

enum restart_policy pod_restart_policy(const json *pod)
{
	const char *s = json_str_or(json_get(pod, "spec", "restartPolicy"), "Always");

	return streq(s, "Never") ? RESTART_NEVER :
	       streq(s, "OnFailure") ? RESTART_ON_FAILURE : RESTART_ALWAYS;
}

static bool is_sidecar(const json *spec)
{
	return streq(json_str(json_get(spec, "restartPolicy")), "Always");
}

static const char *name_of(const json *spec)
{
	return json_str_or(json_get(spec, "name"), "");
}

static const json *init_spec(const json *pod, const char *name)
{
	json_each(spec, pod_init_containers(pod))
		if (streq(name_of(spec), name))
			return spec;
	return NULL;
}

const json *status_of_container(const json *status, const char *name)
{
	const json *const lists[] = { json_get(status, "containerStatuses"),
				      json_get(status, "initContainerStatuses") };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_each(s, lists[i])
			if (streq(json_str(json_get(s, "name")), name))
				return s;
	return NULL;
}

bool container_is_sidecar(const json *pod, const char *name)
{
	return is_sidecar(init_spec(pod, name));
}

bool container_restarts(const json *pod, const struct obs_container *c)
{
	const json *init = init_spec(pod, c->name);
	enum restart_policy policy = pod_restart_policy(pod);

	if (init && is_sidecar(init))
		return true;
	if (init || policy == RESTART_ON_FAILURE)
		return c->exit_code != 0 && policy != RESTART_NEVER;
	return policy == RESTART_ALWAYS;
}

static uint32_t failures_before(const struct obs_container *c)
{
	bool good = c->started_us && c->finished_us >= c->started_us + GOOD_RUN;

	return good ? 0 : c->failures;
}

uint64_t container_restart_at(const struct obs_container *c)
{
	uint32_t n = failures_before(c);
	uint64_t delay = BACKOFF_FIRST;

	if (!n)
		return 0;
	while (--n && delay < BACKOFF_MAX)
		delay *= 2;
	return c->finished_us + (delay < BACKOFF_MAX ? delay : BACKOFF_MAX);
}

uint32_t container_next_failures(const struct obs_container *c)
{
	return failures_before(c) + 1;
}

/* The book of the container if it speaks of this very instance. */
static const struct container_book *probed(const struct pod_input *in, const struct obs_container *c)
{
	const struct container_book *b = pod_book_find(in->book, c->name);

	return b && streq(b->probed_id, c->id) ? b : NULL;
}

bool container_started(const struct pod_input *in, const json *spec, const struct obs_container *c)
{
	const struct container_book *b;

	if (!c || c->state != CONTAINER_RUNNING)
		return false;
	b = probed(in, c);
	return b ? b->started : !json_get(spec, "startupProbe");
}

bool container_ready(const struct pod_input *in, const json *spec, const struct obs_container *c)
{
	const struct container_book *b;

	if (!container_started(in, spec, c))
		return false;
	b = probed(in, c);
	return b ? b->ready : !json_get(spec, "readinessProbe");
}

static bool in_sandbox(const struct obs_container *c, const struct obs_sandbox *sb)
{
	return c && sb && streq(c->sandbox_id, sb->id);
}

static bool init_done(const struct pod_input *in, const json *spec)
{
	const struct obs_container *c = observed_container(in->obs, name_of(spec));

	if (is_sidecar(spec))
		return in_sandbox(c, observed_sandbox(in->obs)) && container_started(in, spec, c);
	return in_sandbox(c, observed_sandbox(in->obs)) && c->state == CONTAINER_EXITED && c->exit_code == 0;
}

const json *pod_current_init(const struct pod_input *in)
{
	/* Ordinary containers start only after the init ones: one of them in this sandbox is proof enough. */
	json_each(spec, pod_containers(in->pod))
		if (in_sandbox(observed_container(in->obs, name_of(spec)), observed_sandbox(in->obs)))
			return NULL;
	json_each(spec, pod_init_containers(in->pod))
		if (!init_done(in, spec))
			return spec;
	return NULL;
}

bool pod_initialized(const struct pod_input *in)
{
	return !pod_init_containers(in->pod) || !pod_current_init(in);
}

uint64_t pod_deadline(const struct pod_input *in)
{
	int64_t s = json_int(json_get(in->pod, "spec", "activeDeadlineSeconds"), 0);
	uint64_t start = json_time(json_get(in->prev_status, "startTime"));

	return s > 0 && start ? start + (uint64_t)s * SEC_US : 0;
}

const char *pod_observed_phase(const struct pod_input *in, const char **ret_reason)
{
	enum restart_policy policy = pod_restart_policy(in->pod);
	bool all_stopped = true, all_succeeded = true, any_waiting = false;
	uint64_t deadline = pod_deadline(in);
	const json *init;

	*ret_reason = NULL;
	if (deadline && in->now_us >= deadline) {
		*ret_reason = "DeadlineExceeded";
		return "Failed";
	}
	init = pod_current_init(in);
	if (init) {
		const struct obs_container *c = observed_container(in->obs, name_of(init));

		if (c && c->state == CONTAINER_EXITED && c->exit_code && policy == RESTART_NEVER &&
		    !is_sidecar(init))
			return "Failed";
	}
	json_each(spec, pod_containers(in->pod)) {
		const struct obs_container *c = observed_container(in->obs, name_of(spec));

		if (!c || c->state == CONTAINER_CREATED) {
			/* Between two runs of a container the pod stays as it was. */
			if (!c || !observed_previous(in->obs, c->name))
				any_waiting = true;
			all_stopped = false;
		} else if (c->state != CONTAINER_EXITED) {
			all_stopped = false;
		} else if (c->exit_code) {
			all_succeeded = false;
		}
	}
	if (any_waiting || (init && !all_stopped))
		return "Pending";
	if (!all_stopped || policy == RESTART_ALWAYS)
		return "Running";
	if (all_succeeded)
		return "Succeeded";
	return policy == RESTART_NEVER ? "Failed" : "Running";
}
