// SPDX-License-Identifier: GPL-2.0-or-later
/* pod_reconcile.c - see pod_reconcile.h */
#include "agent/pod_reconcile.h"

#define MIN_GRACE		2	/* seconds a container has at least once preStop has used its time up */
#define DEFAULT_GRACE		30
#define KEEP_DEAD		2	/* instances of a container that are kept: the last one and its predecessor's log */
#define NET_RECHECK		SEC_US

static struct pod_action *add(struct pod_plan *p, enum pod_action_type type)
{
	struct pod_action *a;

	p->actions = xrealloc(p->actions, (p->n_actions + 1) * sizeof(*p->actions));
	a = &p->actions[p->n_actions++];
	memset(a, 0, sizeof(*a));
	a->type = type;
	return a;
}

static void add_id(struct pod_plan *p, enum pod_action_type type, const char *id)
{
	add(p, type)->id = xstrdup(id);
}

static void requeue(struct pod_plan *p, uint64_t at)
{
	if (at && (!p->requeue_us || at < p->requeue_us))
		p->requeue_us = at;
}

static const json *spec_of(const json *pod, const char *name)
{
	const json *const lists[] = { pod_containers(pod), pod_init_containers(pod) };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_each(spec, lists[i])
			if (streq(json_str(json_get(spec, "name")), name))
				return spec;
	return NULL;
}

static bool alive(const struct obs_container *c)
{
	return c->state == CONTAINER_RUNNING || c->state == CONTAINER_UNKNOWN;
}

/* Asks for a stop unless one is under way that ends at least as soon. message NULL: the ordinary one. */
static void stop_container(const struct pod_input *in, struct pod_plan *p,
			   const struct obs_container *c, int64_t grace, const char *message)
{
	const struct container_book *b = pod_book_find(in->book, c->name);
	struct pod_action *a;

	if (b && streq(b->stopping_id, c->id) &&
	    b->stop_by_us <= in->now_us + (uint64_t)grace * SEC_US + SEC_US)
		return;
	a = add(p, POD_STOP_CONTAINER);
	a->id = xstrdup(c->id);
	a->name = xstrdup(c->name);
	a->spec = spec_of(in->pod, c->name);
	a->grace = grace;
	a->message = message ? xstrdup(message) : xasprintf("Stopping container %s", c->name);
}

/* Sidecars outlive the ordinary containers, the last one started goes first. True while any container lives. */
static bool stop_all(const struct pod_input *in, struct pod_plan *p, int64_t grace)
{
	const struct obs_container *last = NULL;
	bool ordinary = false;

	for (size_t i = 0; i < in->obs->n_containers; i++) {
		const struct obs_container *c = &in->obs->containers[i];

		if (!alive(c) || container_is_sidecar(in->pod, c->name))
			continue;
		ordinary = true;
		stop_container(in, p, c, grace, NULL);
	}
	if (ordinary)
		return true;
	json_each(spec, pod_init_containers(in->pod)) {
		const struct obs_container *c = observed_container(in->obs, json_str(json_get(spec, "name")));

		if (c && alive(c))
			last = c;
	}
	if (last)
		stop_container(in, p, last, grace, NULL);
	return last;
}

/* True while something of the pod is left in the runtime. */
static bool remove_all(const struct pod_input *in, struct pod_plan *p)
{
	const struct observed *obs = in->obs;

	if (!obs->n_sandboxes && !obs->n_containers)
		return false;
	if (in->book->cleanup.next_us > in->now_us) {
		requeue(p, in->book->cleanup.next_us);
		return true;
	}
	for (size_t i = 0; i < obs->n_sandboxes; i++)
		add_id(p, POD_REMOVE_SANDBOX, obs->sandboxes[i].id);
	if (!obs->n_sandboxes)
		for (size_t i = 0; i < obs->n_containers; i++)
			add_id(p, POD_REMOVE_CONTAINER, obs->containers[i].id);
	return true;
}

static void terminate(const struct pod_input *in, struct pod_plan *p)
{
	int64_t grace = json_int(json_get(in->pod, "metadata", "deletionGracePeriodSeconds"), DEFAULT_GRACE);
	uint64_t until = meta_deletion_time(in->pod);

	if (grace > 0) {
		int64_t left = until > in->now_us ? (int64_t)((until - in->now_us + SEC_US - 1) / SEC_US) : 0;

		/* The deadline is the API's clock; ours may differ. */
		if (left < grace)
			grace = left > MIN_GRACE ? left : MIN_GRACE;
		if (stop_all(in, p, grace))
			return;
	}
	if (remove_all(in, p))
		return;
	if (in->book->cleanup.next_us > in->now_us)
		requeue(p, in->book->cleanup.next_us);
	else
		add(p, POD_DELETE);
}

/* The pod has run its course: nothing runs on, its network is given back, logs stay. */
static void finish(const struct pod_input *in, struct pod_plan *p)
{
	int64_t grace = json_int(json_get(in->pod, "spec", "terminationGracePeriodSeconds"), DEFAULT_GRACE);

	if (stop_all(in, p, grace))
		return;
	for (size_t i = 0; i < in->obs->n_sandboxes; i++)
		if (in->obs->sandboxes[i].ready)
			add_id(p, POD_STOP_SANDBOX, in->obs->sandboxes[i].id);
}

static void run_sandbox(const struct pod_input *in, struct pod_plan *p, const struct obs_sandbox *old)
{
	if (old && stop_all(in, p, 0))
		return;
	if (in->net_problem && !pod_host_network(in->pod)) {
		requeue(p, in->now_us + NET_RECHECK);
		return;
	}
	if (in->book->sandbox.next_us > in->now_us) {
		requeue(p, in->book->sandbox.next_us);
		return;
	}
	if (old && !streq(in->book->stopped_sandbox, old->id)) {
		add_id(p, POD_STOP_SANDBOX, old->id);
		return;
	}
	add(p, POD_RUN_SANDBOX)->attempt = old ? old->attempt + 1 : 0;
}

static void start_container(const struct pod_input *in, struct pod_plan *p, const json *spec,
			    const struct obs_container *old)
{
	const char *name = json_str_or(json_get(spec, "name"), "");
	const struct container_book *b = pod_book_find(in->book, name);
	const json *said;
	struct pod_action *a;

	if (b && b->start.next_us > in->now_us) {
		requeue(p, b->start.next_us);
		return;
	}
	a = add(p, POD_START_CONTAINER);
	a->spec = spec;
	a->name = xstrdup(name);
	if (old) {
		a->attempt = old->attempt + 1;
		a->failures = container_next_failures(old);
		return;
	}
	/* The runtime lost it, but the API remembers that it ran: count on. */
	said = status_of_container(in->prev_status, name);
	if (*json_str_or(json_get(said, "containerID"), ""))
		a->attempt = (uint32_t)json_int(json_get(said, "restartCount"), 0) + 1;
}

static void run_container(const struct pod_input *in, struct pod_plan *p, const json *spec)
{
	const char *name = json_str_or(json_get(spec, "name"), "");
	const struct obs_container *c = observed_container(in->obs, name);
	const struct container_book *b = pod_book_find(in->book, name);
	int64_t grace = json_int(json_get(in->pod, "spec", "terminationGracePeriodSeconds"), DEFAULT_GRACE);
	struct pod_action *a;

	if (!c || !streq(c->sandbox_id, observed_sandbox(in->obs)->id)) {
		start_container(in, p, spec, c);
		return;
	}
	switch (c->state) {
	case CONTAINER_CREATED:
		if (b && b->start.next_us > in->now_us) {
			requeue(p, b->start.next_us);
			break;
		}
		a = add(p, POD_RESUME_CONTAINER);
		a->id = xstrdup(c->id);
		a->name = xstrdup(name);
		a->spec = spec;
		break;
	case CONTAINER_RUNNING:
		if (b && streq(b->unhealthy_id, c->id))
			stop_container(in, p, c, grace, b->unhealthy_message);
		break;
	case CONTAINER_EXITED:
		if (!container_restarts(in->pod, c))
			break;
		if (container_restart_at(c) > in->now_us)
			requeue(p, container_restart_at(c));
		else
			start_container(in, p, spec, c);
		break;
	case CONTAINER_UNKNOWN:
		stop_container(in, p, c, 0, NULL);
		break;
	}
}

/* Old instances and old sandboxes are let go once their successors stand. */
static void collect_garbage(const struct pod_input *in, struct pod_plan *p)
{
	const struct observed *obs = in->obs;
	unsigned same = 0;

	for (size_t i = 0; i < obs->n_containers; i++) {
		const struct obs_container *c = &obs->containers[i];

		same = i && streq(c->name, c[-1].name) ? same + 1 : 0;
		if (same >= KEEP_DEAD && !alive(c))
			add_id(p, POD_REMOVE_CONTAINER, c->id);
	}
	json_each(spec, pod_containers(in->pod)) {
		const struct obs_container *c = observed_container(obs, json_str(json_get(spec, "name")));

		if (!c || !streq(c->sandbox_id, obs->sandboxes[0].id))
			return;
	}
	if (in->book->cleanup.next_us > in->now_us)
		return;
	for (size_t i = 1; i < obs->n_sandboxes; i++)
		add_id(p, POD_REMOVE_SANDBOX, obs->sandboxes[i].id);
}

static void run(const struct pod_input *in, struct pod_plan *p)
{
	const struct obs_sandbox *sb = observed_sandbox(in->obs);
	const json *current;

	requeue(p, pod_deadline(in));
	if (!sb || !sb->ready) {
		run_sandbox(in, p, sb);
		return;
	}
	current = pod_current_init(in);
	json_each(spec, pod_init_containers(in->pod)) {
		if (spec == current || container_is_sidecar(in->pod, json_str(json_get(spec, "name"))))
			run_container(in, p, spec);
		if (spec == current)
			return;
	}
	json_each(spec, pod_containers(in->pod))
		run_container(in, p, spec);
	collect_garbage(in, p);
}

void pod_reconcile(const struct pod_input *in, struct pod_plan *ret)
{
	const char *phase, *reason;

	memset(ret, 0, sizeof(*ret));
	if (!in->pod) {
		ret->gone = !remove_all(in, ret);
		return;
	}
	if (pod_terminating(in->pod)) {
		terminate(in, ret);
		return;
	}
	phase = pod_finished(in->pod) ? pod_phase(in->pod) : pod_observed_phase(in, &reason);
	if (streq(phase, "Succeeded") || streq(phase, "Failed"))
		finish(in, ret);
	else
		run(in, ret);
}

void pod_plan_clear(struct pod_plan *p)
{
	for (size_t i = 0; i < p->n_actions; i++) {
		free(p->actions[i].id);
		free(p->actions[i].name);
		free(p->actions[i].message);
	}
	free(p->actions);
	memset(p, 0, sizeof(*p));
}
