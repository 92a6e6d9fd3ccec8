// SPDX-License-Identifier: GPL-2.0-or-later
/* pod_worker.c - one turn of a pod: report, decide, act */
#include "agent/pod_worker.h"

#include <errno.h>

#include "agent/cri.h"
#include "agent/pod_status.h"
#include "agent/volumes.h"
#include "api/kinds/kinds.h"
#include "base/log.h"

#define HOLD_US (2 * SEC_US)
#define OVERRULED_US SEC_US	/* between answers to whoever sets the status otherwise */

/* --- the status --- */

struct status_call {
	struct pod_worker *w;
	json *status;
};

static void on_status_sent(void *data, const struct store_result *res)
{
	struct status_call *call = data;
	struct pod_worker *w = call->w;

	w->status_in_flight = false;
	if (res->err == -EAGAIN || res->err == -ESTALE) {
		/* What is in w->status did not get there: send again whatever it is by then. */
		w->status_dirty = true;
		loop_timer_start_by(&w->timer, backoff_next(&w->status_backoff));
	} else if (res->err < 0 && res->err != -ENOENT) {
		log_warn("pod %s/%s: its status was refused: %s", w->ns, w->name,
			 json_str_or(json_get(res->obj, "message"), strerror(-res->err)));
		worker_wake(w);
	} else {
		backoff_reset(&w->status_backoff);
		if (res->err == 0)
			w->status_rv = meta_rv(res->obj) ?: res->rv;
		worker_wake(w);
	}
	json_freep(&call->status);
	free(call);
}

/* Whether the API already holds all that we would say. */
static bool holds(const json *have, const json *want)
{
	json_each(m, want)
		if (!json_equal(json_get(have, json_key(m)), m))
			return false;
	return true;
}

/* Somebody set the status otherwise after our last word. Each version of the pod is answered once. */
static bool is_overruled(struct pod_worker *w, uint64_t now, uint64_t *requeue_us)
{
	int64_t rv = meta_rv(w->pod);

	if (!w->status || rv < w->status_rv || rv == w->overruled_rv || !pod_was_overruled(w->pod, w->status))
		return false;
	if (now < w->overruled_us + OVERRULED_US) {
		if (!*requeue_us || *requeue_us > w->overruled_us + OVERRULED_US)
			*requeue_us = w->overruled_us + OVERRULED_US;
		return false;
	}
	w->overruled_rv = rv;
	w->overruled_us = now;
	return true;
}

void worker_report(struct pod_worker *w, uint64_t *ret_requeue_us)
{
	static const char *const optional[] = { "reason", "message", "podIP", "podIPs" };
	struct pod_input in = worker_input(w);
	_cleanup_json_ json *status = NULL, *patch = NULL;
	const json *have = w->status ?: json_get(w->pod, "status");
	struct status_call *call;

	*ret_requeue_us = 0;
	if (w->gone || !w->pod || w->status_in_flight)
		return;
	status = pod_status_make(&in, ret_requeue_us);
	if (!status || (!w->status_dirty && holds(have, status) && !is_overruled(w, in.now_us, ret_requeue_us)))
		return;
	w->status_dirty = false;
	patch = json_build("{\"metadata\":{}}");
	json_set_str(json_get(patch, "metadata"), "uid", w->uid);
	json_set(patch, "status", json_clone(status));
	for (size_t i = 0; i < ARRAY_SIZE(optional); i++)
		if (!json_get(status, optional[i]) && json_get(w->pod, "status", optional[i]))
			json_set(json_get(patch, "status"), optional[i], json_new_null());
	json_freep(&w->status);
	w->status = TAKE_PTR(status);
	w->status_in_flight = true;
	call = xnew0(struct status_call);
	call->w = w;
	store_patch(w->pods->c.store, &res_pods, w->ns, w->name, "status", STORE_PATCH_MERGE, patch,
		    on_status_sent, call);
}

/* --- actions --- */

struct action_call {
	struct pod_worker *w;
	enum pod_action_type type;
	char *id;
};

static struct action_call *call_new(struct pod_worker *w, const struct pod_action *a)
{
	struct action_call *call = xnew0(struct action_call);

	call->w = w;
	call->type = a->type;
	call->id = a->id ? xstrdup(a->id) : NULL;
	w->busy++;
	return call;
}

static void call_end(struct action_call *call)
{
	struct pod_worker *w = call->w;

	free(call->id);
	free(call);
	worker_action_done(w);
}

void worker_action_done(struct pod_worker *w)
{
	w->busy--;
	w->needs_seq = relist_soon(w->pods->relist);
	worker_wake(w);
}

static void note_cleanup_failure(struct pod_worker *w, const char *what, const char *msg)
{
	retry_failed(&w->book.cleanup, "FailedKillPod", msg, 1, 10, now_realtime_us());
	worker_event(w, NULL, "Warning", "FailedKillPod", "%s: %s", what, msg);
}

static void on_removed(void *data, int status, const char *msg, const void *reply)
{
	struct action_call *call = data;

	if (status != GRPC_OK && status != GRPC_NOT_FOUND)
		note_cleanup_failure(call->w, "cannot remove the sandbox", msg);
	else
		retry_clear(&call->w->book.cleanup);
	call_end(call);
}

static void on_stopped(void *data, int status, const char *msg, const void *reply)
{
	struct action_call *call = data;
	struct pod_worker *w = call->w;

	if (status != GRPC_OK && status != GRPC_NOT_FOUND) {
		if (call->type == POD_STOP_SANDBOX)
			retry_failed(&w->book.sandbox, "FailedKillPod", msg, 1, 10, now_realtime_us());
		w->hold_us = now_realtime_us() + HOLD_US;
		note_cleanup_failure(w, "cannot stop the sandbox", msg);
		call_end(call);
		return;
	}
	free(w->book.stopped_sandbox);
	w->book.stopped_sandbox = xstrdup(call->id);
	if (call->type == POD_REMOVE_SANDBOX)
		cri_remove_sandbox(w->pods->c.cri, call->id, on_removed, call);
	else
		call_end(call);
}

static void on_container_removed(void *data, int status, const char *msg, const void *reply)
{
	struct action_call *call = data;

	if (status != GRPC_OK && status != GRPC_NOT_FOUND) {
		call->w->hold_us = now_realtime_us() + HOLD_US;
		log_warn("pod %s/%s: cannot remove an old container: %s", call->w->ns, call->w->name, msg);
	}
	call_end(call);
}

static void on_deleted(void *data, const struct store_result *res)
{
	struct action_call *call = data;
	struct pod_worker *w = call->w;

	/* The informer tells when it is gone; -ESTALE: another pod has the name already. */
	w->hold_us = now_realtime_us() + HOLD_US;
	if (res->err < 0 && res->err != -ENOENT && res->err != -ESTALE)
		note_cleanup_failure(w, "cannot delete the pod in the API",
				     json_str_or(json_get(res->obj, "message"), strerror(-res->err)));
	call_end(call);
}

static void delete_pod(struct pod_worker *w, const struct pod_action *a)
{
	struct store_delete_opts opts = { .grace_period = 0, .uid = w->uid };

	pod_files_remove(w->pods->c.facts->data_dir, w->ns, w->name, w->uid);
	store_delete(w->pods->c.store, &res_pods, w->ns, w->name, &opts, on_deleted, call_new(w, a));
}

static void act(struct pod_worker *w, const struct pod_action *a)
{
	struct grpc_channel *cri = w->pods->c.cri;

	switch (a->type) {
	case POD_RUN_SANDBOX:
		w->busy++;
		start_sandbox(w, a->attempt);
		break;
	case POD_START_CONTAINER:
		w->busy++;
		start_container(w, a);
		break;
	case POD_RESUME_CONTAINER:
		w->busy++;
		resume_container(w, a);
		break;
	case POD_STOP_CONTAINER:
		stop_container(w, a);
		break;
	case POD_STOP_SANDBOX:
	case POD_REMOVE_SANDBOX:
		cri_stop_sandbox(cri, a->id, on_stopped, call_new(w, a));
		break;
	case POD_REMOVE_CONTAINER:
		cri_remove_container(cri, a->id, on_container_removed, call_new(w, a));
		break;
	case POD_DELETE:
		delete_pod(w, a);
		break;
	}
}

/* --- a turn --- */

static void wake_at(struct pod_worker *w, uint64_t at, uint64_t now)
{
	if (at)
		loop_timer_start_by(&w->timer, at > now ? at - now : 0);
}

void worker_sync(struct pod_worker *w)
{
	struct pod_input in;
	struct pod_plan plan;
	uint64_t requeue_us;
	bool gone;

	probers_sync(w);
	if (w->obs_seq < w->needs_seq)
		return;
	worker_report(w, &requeue_us);
	in = worker_input(w);
	wake_at(w, requeue_us, in.now_us);
	if (w->hold_us > in.now_us) {
		wake_at(w, w->hold_us, in.now_us);
		return;
	}
	if (in.net_problem && in.pod && pod_active(in.pod) && !pod_host_network(in.pod) &&
	    !in.obs->n_sandboxes && !w->told_network) {
		w->told_network = true;
		worker_event(w, NULL, "Warning", "NetworkNotReady", "network is not ready: %s", in.net_problem);
	}
	pod_reconcile(&in, &plan);
	for (size_t i = 0; i < plan.n_actions; i++)
		if (plan.actions[i].type == POD_STOP_CONTAINER)
			act(w, &plan.actions[i]);
	if (!w->busy)
		for (size_t i = 0; i < plan.n_actions; i++)
			if (plan.actions[i].type != POD_STOP_CONTAINER)
				act(w, &plan.actions[i]);
	wake_at(w, plan.requeue_us, in.now_us);
	gone = plan.gone;
	pod_plan_clear(&plan);
	if (!gone || w->busy || w->stops || w->status_in_flight)
		return;
	pod_files_remove(w->pods->c.facts->data_dir, w->ns, w->name, w->uid);
	worker_free(w);
}

void worker_free(struct pod_worker *w)
{
	HASH_DEL(w->pods->workers, w);
	loop_timer_stop(&w->timer);
	probers_free(w);
	observed_clear(&w->obs);
	pod_book_clear(&w->book);
	json_freep(&w->pod);
	json_freep(&w->status);
	free(w->uid);
	free(w->ns);
	free(w->name);
	free(w);
}
