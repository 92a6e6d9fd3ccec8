// SPDX-License-Identifier: GPL-2.0-or-later
/* pod_stop.c - the way down of a container: its preStop hook, then the signal */
#include "agent/cri.h"
#include "agent/hook.h"
#include "agent/pod_worker.h"

#define MIN_STOP_GRACE	2	/* what is left for the signal when the hook took all the time */

struct stop {
	struct pod_worker *w;
	char *id, *name;
	int64_t grace;
	uint64_t begun_us;	/* monotonic */
};

static void on_stopped(void *data, int status, const char *msg, const void *reply)
{
	struct stop *s = data;
	struct pod_worker *w = s->w;
	struct container_book *b = pod_book_container(&w->book, s->name);

	if (status != GRPC_OK && status != GRPC_NOT_FOUND) {
		worker_event(w, s->name, "Warning", "FailedKillPod", "cannot stop container %s: %s", s->name, msg);
		w->hold_us = now_realtime_us() + SEC_US;
	}
	/* A second, sooner stop may have taken over the note. */
	if (streq(b->stopping_id, s->id)) {
		free(b->stopping_id);
		b->stopping_id = NULL;
	}
	free(s->id);
	free(s->name);
	free(s);
	w->stops--;
	w->needs_seq = relist_soon(w->pods->relist);
	worker_wake(w);
}

static void signal_it(struct stop *s)
{
	int64_t used = (int64_t)((now_monotonic_us() - s->begun_us) / SEC_US), left = s->grace - used;

	if (s->grace && left < MIN_STOP_GRACE)
		left = MIN_STOP_GRACE;
	cri_stop_container(s->w->pods->c.cri, s->id, left, on_stopped, s);
}

static void on_hook(void *data, enum hook_result result, const char *problem)
{
	struct stop *s = data;

	if (problem)
		worker_event(s->w, s->name, "Warning", "FailedPreStopHook", "PreStopHook failed: %s", problem);
	signal_it(s);
}

void stop_container(struct pod_worker *w, const struct pod_action *a)
{
	struct container_book *b = pod_book_container(&w->book, a->name);
	const json *hook = json_get(a->spec, "lifecycle", "preStop");
	bool again = streq(b->stopping_id, a->id);
	struct stop *s = xnew0(struct stop);

	s->w = w;
	s->id = xstrdup(a->id);
	s->name = xstrdup(a->name);
	s->grace = a->grace;
	s->begun_us = now_monotonic_us();
	if (!again) {
		free(b->stopping_id);
		b->stopping_id = xstrdup(a->id);
		worker_event(w, a->name, "Normal", "Killing", "%s", a->message);
	}
	b->stop_by_us = now_realtime_us() + (uint64_t)a->grace * SEC_US;
	w->stops++;
	if (hook && a->grace > 0 && !again) {
		struct hook_target t = { .loop = w->pods->c.loop, .cri = w->pods->c.cri, .container_id = a->id,
			.pod = w->pod, .spec = a->spec, .handler = hook, .timeout_s = a->grace,
			.ip = pod_host_network(w->pod) ? w->pods->c.facts->ip :
			      w->obs.n_sandboxes ? w->obs.sandboxes[0].ip : NULL };

		hook_run(&t, on_hook, s);
	} else {
		signal_it(s);
	}
}
