// SPDX-License-Identifier: GPL-2.0-or-later
/* scheduler.c - see scheduler.h */
#include "scheduler/scheduler.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_pod.h"
#include "base/loop.h"
#include "controllers/objects.h"
#include "controllers/runner.h"
#include "scheduler/schedule.h"

/* Pods that found no node are tried again at most this often, however much happens. */
#define WAKE_US 1000000ULL
/* And when nothing happened at all. */
#define RETRY_US (60ULL * 1000000)

struct scheduler {
	struct informers *informers;
	struct runner *runner;
	struct cluster *cluster;
	struct loop_timer wake;
	int pending;		/* index of pods that wait for a node */
};

static bool is_waiting(const json *pod)
{
	const char *by = json_str_or(json_get(pod, "spec", "schedulerName"), "default-scheduler");

	return !pod_node(pod) && pod_active(pod) && streq(by, "default-scheduler") &&
	       !json_len(json_get(pod, "spec", "schedulingGates"));
}

static void index_waiting(const json *pod, void (*emit)(void *, const char *), void *data)
{
	if (is_waiting(pod))
		emit(data, "waiting");
}

static json *binding_of(const json *pod, const char *node)
{
	json *b = json_new_object(), *meta, *target;

	json_set_str(b, "apiVersion", "v1");
	json_set_str(b, "kind", "Binding");
	meta = json_obj(b, "metadata");
	json_set_str(meta, "name", meta_name(pod));
	json_set_str(meta, "namespace", meta_namespace(pod));
	json_set_str(meta, "uid", meta_uid(pod));
	target = json_obj(b, "target");
	json_set_str(target, "apiVersion", "v1");
	json_set_str(target, "kind", "Node");
	json_set_str(target, "name", node);
	return b;
}

/* Says so in an event and the pod's condition, unless it was said already. */
static void report_unschedulable(const json *pod, const char *message, uint64_t now, struct actions *out)
{
	const json *old = status_condition(pod, "PodScheduled");
	struct action *act;
	json *patch, *c;
	char time[32];

	if (streq(json_str(json_get(old, "status")), "False") &&
	    streq(json_str(json_get(old, "reason")), "Unschedulable") &&
	    streq(json_str(json_get(old, "message")), message))
		return;
	format_time(now, time);
	patch = json_new_object();
	c = json_new_object();
	json_append(json_set(json_obj(patch, "status"), "conditions", json_new_array()), c);
	json_set_str(c, "type", "PodScheduled");
	json_set_str(c, "status", "False");
	json_set_str(c, "reason", "Unschedulable");
	json_set_str(c, "message", message);
	json_set_str(c, "lastTransitionTime",
		     streq(json_str(json_get(old, "status")), "False") ?
		     json_str_or(json_get(old, "lastTransitionTime"), time) : time);
	/* Conditions of other owners lie in the same list: merged by type. */
	act = actions_patch(out, 0, &res_pods, pod, "status", patch);
	act->patch_type = STORE_PATCH_STRATEGIC;
	actions_event(out, true, "FailedScheduling", "%s", message);
}

static void sync_pod(const struct sync *s, struct actions *out)
{
	struct scheduler *sched = s->state;
	const json *pod = informers_get(s->informers, &res_pods, s->ns, s->name);
	_cleanup_free_ const json **nodes = NULL;
	_cleanup_free_ char *message = NULL;
	struct action *act;
	const char *node;
	size_t n;

	if (!pod || !is_waiting(pod))
		return;
	/* Still without a node although the cache has all we wrote: that binding failed. */
	cluster_drop(sched->cluster, pod, true);
	nodes = informer_list(informers_of(s->informers, &res_nodes), NULL, &n);
	node = schedule_pod(pod, nodes, n, sched->cluster, &message);
	out->about_res = &res_pods;
	out->about = pod;
	if (!node) {
		report_unschedulable(pod, message, s->now, out);
		actions_requeue(out, RETRY_US);
		return;
	}
	cluster_put(sched->cluster, pod, node, true);
	act = actions_create(out, 0, &res_pods, s->ns, binding_of(pod, node));
	act->subresource = "binding";
	action_on_ok(act, "Scheduled", "Successfully assigned %s/%s to %s", s->ns, s->name, node);
	action_on_failure(act, "FailedScheduling", "binding rejected: ");
}

static void pod_changed(struct runner *r, const json *old, const json *new)
{
	struct scheduler *sched = runner_state(r);

	if (!new) {
		cluster_drop(sched->cluster, old, false);
	} else if (pod_node(new) && !pod_finished(new)) {
		/* Its requests and its node do not change: once is enough. */
		if (!old || !pod_node(old))
			cluster_put(sched->cluster, new, pod_node(new), false);
		return;
	} else if (pod_finished(new)) {
		cluster_drop(sched->cluster, new, false);
	} else {
		if (is_waiting(new))
			runner_changed_self(r, old, new);
		return;
	}
	/* Room was made. */
	if (pod_node(new ?: old))
		loop_timer_start_by(&sched->wake, WAKE_US);
}

static void node_changed(struct runner *r, const json *old, const json *new)
{
	struct scheduler *sched = runner_state(r);

	if (!new)
		return;
	/* Heartbeats change nothing for us. */
	if (old && json_equal(json_get(old, "spec"), json_get(new, "spec")) &&
	    json_equal(meta_labels(old), meta_labels(new)) &&
	    json_equal(json_get(old, "status", "allocatable"), json_get(new, "status", "allocatable")) &&
	    status_condition_true(old, "Ready") == status_condition_true(new, "Ready"))
		return;
	loop_timer_start_by(&sched->wake, old ? WAKE_US / 10 : 0);
}

static void wake_waiting(void *data)
{
	struct scheduler *sched = data;
	size_t n;
	_cleanup_free_ const json **pods = informer_by_index(informers_of(sched->informers, &res_pods),
							    sched->pending, "waiting", 0, &n);

	for (size_t i = 0; i < n; i++)
		runner_enqueue_object(sched->runner, meta_namespace(pods[i]), meta_name(pods[i]));
}

static void *init(struct informers *set, const struct controllers_config *config)
{
	struct scheduler *sched = xnew0(struct scheduler);

	sched->informers = set;
	sched->cluster = cluster_new();
	sched->pending = informers_index(set, &res_pods, index_waiting, INDEX_EVERY);
	return sched;
}

static const struct controller scheduler_controller = {
	.name = "default-scheduler",
	.watches = (const struct controller_watch[]){
		{ &res_pods, pod_changed },
		{ &res_nodes, node_changed },
		{ 0 },
	},
	.init = init,
	.sync = sync_pod,
};

struct scheduler *scheduler_start(sd_event *loop, struct store *s)
{
	struct informers *set = informers_new(loop, s);
	struct runner *runner = runner_new(loop, s, set, &scheduler_controller, NULL);
	struct scheduler *sched = runner_state(runner);

	sched->runner = runner;
	loop_timer_init(&sched->wake, loop, wake_waiting, sched);
	informers_start(set);
	return sched;
}

void scheduler_free(struct scheduler *s)
{
	struct informers *set;

	if (!s)
		return;
	set = s->informers;
	runner_free(s->runner);
	loop_timer_stop(&s->wake);
	cluster_free(s->cluster);
	informers_free(set);
	free(s);
}
