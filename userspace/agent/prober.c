// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prober.c - asks a pod's running containers how they are
 *
 * One prober per container instance and kind of probe. The startup probe holds
 * the others back until it passes. Readiness and start are written to the
 * book; a container that fails its liveness or startup probe is marked there
 * for the reconcile to stop.
 */
#include "agent/hook.h"
#include "agent/pod_worker.h"
#include "agent/probe.h"

struct prober {
	struct pod_worker *w;		/* NULL: the worker went away while an answer was awaited */
	struct prober *next;
	char *name, *id;		/* of the container */
	enum probe_kind kind;
	struct probe_config config;
	struct probe_counters counters;
	struct loop_timer timer;
	bool asking;
	bool wanted;			/* during a sync */
};

static const json *spec_of(const struct pod_worker *w, const char *name)
{
	const json *const lists[] = { pod_containers(w->pod), pod_init_containers(w->pod) };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_each(c, lists[i])
			if (streq(json_str(json_get(c, "name")), name))
				return c;
	return NULL;
}

static void prober_free(struct prober *p)
{
	loop_timer_stop(&p->timer);
	p->w = NULL;
	if (p->asking)		/* the answer frees it */
		return;
	free(p->name);
	free(p->id);
	free(p);
}

static void give_up(struct prober *p, struct container_book *b)
{
	free(b->unhealthy_id);
	free(b->unhealthy_message);
	b->unhealthy_id = xstrdup(p->id);
	b->unhealthy_message = xasprintf("Container %s failed %s probe, will be restarted", p->name,
					 p->kind == PROBE_LIVENESS ? "liveness" : "startup");
}

static void on_answer(void *data, enum hook_result result, const char *problem)
{
	struct prober *p = data;
	struct pod_worker *w = p->w;
	enum probe_verdict verdict;
	struct container_book *b;

	p->asking = false;
	if (!w) {
		prober_free(p);
		return;
	}
	loop_timer_start(&p->timer, (uint64_t)p->config.period * SEC_US);
	b = pod_book_container(&w->book, p->name);
	if (!streq(b->probed_id, p->id))
		return;
	if (problem && !pod_terminating(w->pod))
		worker_event(w, p->name, "Warning", "Unhealthy", "%s probe %s: %s", probe_word(p->kind),
			     result == HOOK_BAD ? "failed" : "errored", problem);
	/* Nobody was asked: the container is no worse for that. */
	if (result != HOOK_GOOD && result != HOOK_BAD)
		return;
	verdict = probe_note(&p->counters, &p->config, result == HOOK_GOOD);
	if (verdict == PROBE_UNDECIDED)
		return;
	if (p->kind == PROBE_READINESS)
		b->ready = verdict == PROBE_PASSED;
	else if (verdict == PROBE_FAILED)
		give_up(p, b);
	else if (p->kind == PROBE_STARTUP)
		b->started = true;
	worker_wake(w);
}

static void on_time(void *data)
{
	struct prober *p = data;
	struct pod_worker *w = p->w;
	const struct container_book *b = pod_book_find(&w->book, p->name);
	const json *spec = spec_of(w, p->name);
	struct hook_target t = { .loop = w->pods->c.loop, .cri = w->pods->c.cri, .container_id = p->id,
		.ip = pod_host_network(w->pod) ? w->pods->c.facts->ip :
		      w->obs.n_sandboxes ? w->obs.sandboxes[0].ip : NULL,
		.pod = w->pod, .spec = spec, .handler = json_get(spec, probe_key(p->kind)),
		.timeout_s = p->config.timeout };
	bool started = b && b->started;

	if (p->kind == PROBE_STARTUP && started)
		return;		/* passed for good */
	if (!t.handler || (p->kind != PROBE_STARTUP && !started) ||
	    (p->kind != PROBE_READINESS && pod_terminating(w->pod))) {
		loop_timer_start(&p->timer, SEC_US);
		return;
	}
	p->asking = true;
	hook_run(&t, on_answer, p);
}

/* The first look at a running instance; after a restart of ours the API remembers what we said of it. */
static void book_instance(struct pod_worker *w, const json *spec, const struct obs_container *c)
{
	struct container_book *b = pod_book_container(&w->book, c->name);
	const json *said = pod_container_status(w->pod, c->name);
	_cleanup_free_ char *id = xasprintf("containerd://%s", c->id);

	if (streq(b->probed_id, c->id))
		return;
	free(b->probed_id);
	b->probed_id = xstrdup(c->id);
	b->started = !json_get(spec, "startupProbe");
	b->ready = !json_get(spec, "readinessProbe");
	if (streq(json_str(json_get(said, "containerID")), id)) {
		b->started |= json_bool(json_get(said, "started"), false);
		b->ready |= json_bool(json_get(said, "ready"), false);
	}
}

static void want_prober(struct pod_worker *w, const json *spec, const struct obs_container *c, enum probe_kind kind)
{
	const json *probe = json_get(spec, probe_key(kind));
	uint64_t now = now_realtime_us(), first;
	struct prober *p;

	if (!probe)
		return;
	for (p = w->probers; p; p = p->next)
		if (p->kind == kind && streq(p->id, c->id)) {
			p->wanted = true;
			return;
		}
	p = xnew0(struct prober);
	p->w = w;
	p->name = xstrdup(c->name);
	p->id = xstrdup(c->id);
	p->kind = kind;
	p->config = probe_config(probe);
	p->wanted = true;
	p->next = w->probers;
	w->probers = p;
	first = c->started_us + (uint64_t)p->config.initial_delay * SEC_US;
	loop_timer_init(&p->timer, w->pods->c.loop, on_time, p);
	loop_timer_start(&p->timer, first > now ? first - now : 0);
}

void probers_sync(struct pod_worker *w)
{
	const json *const lists[] = { pod_containers(w->pod), pod_init_containers(w->pod) };
	struct prober **at = &w->probers;

	for (struct prober *p = w->probers; p; p = p->next)
		p->wanted = false;
	for (size_t i = 0; i < ARRAY_SIZE(lists) && !w->gone; i++)
		json_each(spec, lists[i]) {
			const char *name = json_str_or(json_get(spec, "name"), "");
			const struct obs_container *c = observed_container(&w->obs, name);

			if (!c || c->state != CONTAINER_RUNNING || (i == 1 && !container_is_sidecar(w->pod, name)))
				continue;
			book_instance(w, spec, c);
			for (enum probe_kind k = 0; k < PROBE_N_KINDS; k++)
				want_prober(w, spec, c, k);
		}
	while (*at) {
		struct prober *p = *at;

		if (p->wanted) {
			at = &p->next;
			continue;
		}
		*at = p->next;
		prober_free(p);
	}
}

void probers_free(struct pod_worker *w)
{
	while (w->probers) {
		struct prober *p = w->probers;

		w->probers = p->next;
		prober_free(p);
	}
}
