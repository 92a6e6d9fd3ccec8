// SPDX-License-Identifier: GPL-2.0-or-later
/* scheduler.c - see scheduler.h */
#include "scheduler/scheduler.h"

#include <uthash.h>

#include "api/kinds/kinds.h"
#include "api/meta/view_pod.h"
#include "base/loop.h"
#include "base/loop_work.h"
#include "base/metrics.h"
#include "controllers/objects.h"
#include "controllers/runner.h"
#include "scheduler/schedule.h"
#include "scheduler/waiting.h"

/* How long what happens to nodes is gathered before those that wait are asked whether it helps them. */
#define WAKE_US 100000ULL
/* The first of each class is tried again when nothing happened at all, and the others too. */
#define RETRY_US (60ULL * 1000000)
#define RETRY_ALL_US (300ULL * 1000000)

/* A node that has more room, or changed. */
struct improved {
	char *node;
	size_t at;		/* classes below this number were not asked yet */
	bool asking;
	UT_hash_handle hh;
};

static const double seconds[] = {
	0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384,
};
static struct metric_family attempts = {
	.name = "scheduler_schedule_attempts_total", .type = METRIC_COUNTER, .help = "Looks for a node for a pod, by what came of them.",
	.labels = { "result", "profile" },
};
static struct metric_family attempt_duration = {
	.name = "scheduler_scheduling_attempt_duration_seconds", .type = METRIC_HISTOGRAM, .help = "How long a look for a node took.",
	.labels = { "result", "profile" }, METRIC_BOUNDS(seconds),
};
static struct metric_family pending_pods = {
	.name = "scheduler_pending_pods", .type = METRIC_GAUGE,
	.help = "Pods without a node: active are about to be looked at, unschedulable found none.", .labels = { "queue" },
};
#define PROFILE "default-scheduler"

struct scheduler {
	struct informers *informers;
	struct runner *runner;
	struct cluster *cluster;
	struct waiting *waiting;
	struct improved *improved;
	struct loop_timer wake;
	struct loop_work ask;
	struct metrics_hook metrics;
	size_t next_node;	/* where the next pod's search begins */
};

static bool is_waiting(const json *pod)
{
	const char *by = json_str_or(json_get(pod, "spec", "schedulerName"), "default-scheduler");

	return !pod_node(pod) && pod_active(pod) && streq(by, "default-scheduler") &&
	       !json_len(json_get(pod, "spec", "schedulingGates"));
}

static void index_all(const json *obj, void (*emit)(void *, const char *), void *data)
{
	emit(data, "");
}

/* Pods that wait may fit there now. */
static void improve(struct scheduler *sched, const char *node, uint64_t us)
{
	struct improved *i;

	if (!node)
		return;
	HASH_FIND_STR(sched->improved, node, i);
	if (!i) {
		i = xnew0(struct improved);
		i->node = xstrdup(node);
		HASH_ADD_KEYPTR(hh, sched->improved, i->node, strlen(i->node), i);
	}
	i->asking = false;	/* from the start */
	loop_timer_start_by(&sched->wake, us);
}

static void improved_free(struct scheduler *sched, struct improved *i)
{
	HASH_DEL(sched->improved, i);
	free(i->node);
	free(i);
}

/* The pod waits no more; if there may be room for the next of its class, that one is tried. */
static void leave(struct scheduler *sched, const char *key, bool placed)
{
	_cleanup_free_ char *next = waiting_drop(sched->waiting, key, placed);

	if (next)
		runner_enqueue(sched->runner, next);
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

static const char *find_node(struct scheduler *sched, const struct sync *s, const json *pod, const char *class,
			     char **ret_message)
{
	const char *verdict = waiting_verdict(sched->waiting, class, s->key);
	_cleanup_free_ const json **nodes = NULL;
	size_t n;

	if (verdict) {
		*ret_message = xstrdup(verdict);
		return NULL;
	}
	nodes = informers_by(s->informers, &res_nodes, index_all, "", &n);
	return schedule_pod(pod, nodes, n, &sched->next_node, sched->cluster, ret_message);
}

static void count_attempt(const char *result, uint64_t since)
{
	metric_add(metric_of(&attempts, result, PROFILE), 1);
	metric_observe(metric_of(&attempt_duration, result, PROFILE), (double)(now_monotonic_us() - since) / 1e6);
}

static void sync_pod(const struct sync *s, struct actions *out)
{
	struct scheduler *sched = s->state;
	const json *pod = informers_get(s->informers, &res_pods, s->ns, s->name);
	_cleanup_free_ char *message = NULL, *class = NULL;
	struct action *act;
	uint64_t since = now_monotonic_us();
	const char *node;

	if (!pod || !is_waiting(pod)) {
		leave(sched, s->key, false);
		return;
	}
	/* Still without a node although the cache has all we wrote: that binding failed. */
	improve(sched, cluster_assumed(sched->cluster, pod), WAKE_US);
	cluster_drop(sched->cluster, pod, true);
	class = waiting_class_of(pod);
	node = find_node(sched, s, pod, class, &message);
	count_attempt(node ? "scheduled" : "unschedulable", since);
	out->about_res = &res_pods;
	out->about = pod;
	if (!node) {
		report_unschedulable(pod, message, s->now, out);
		actions_requeue(out, waiting_put(sched->waiting, s->key, class, message) ? RETRY_US : RETRY_ALL_US);
		return;
	}
	leave(sched, s->key, true);
	cluster_put(sched->cluster, pod, node, true);
	act = actions_create(out, 0, &res_pods, s->ns, binding_of(pod, node));
	act->subresource = "binding";
	action_on_ok(act, "Scheduled", "Successfully assigned %s/%s to %s", s->ns, s->name, node);
	action_on_failure(act, "FailedScheduling", "binding rejected: ");
}

static void pod_changed(struct runner *r, const json *old, const json *new)
{
	struct scheduler *sched = runner_state(r);

	/* One that waits no more is forgotten. */
	if (old && is_waiting(old) && (!new || !is_waiting(new)))
		runner_changed_self(r, old, new);
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
	improve(sched, pod_node(new ?: old), WAKE_US);
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
	improve(sched, meta_name(new), old ? WAKE_US : 0);
}

static void wake(void *data)
{
	struct scheduler *sched = data;

	loop_work_start(&sched->ask);
}

/* Does the node fit the class? Its first pod answers for all of them. */
static void ask_class(struct scheduler *sched, const json *node, size_t class)
{
	_cleanup_free_ char *key = xstrdup(waiting_first(sched->waiting, class)), *ns = NULL;
	char *slash = strchr(key, '/');
	struct reasons reasons = { 0 };
	struct placement p;
	const json *pod;

	ns = xstrndup(key, slash - key);
	pod = informers_get(sched->informers, &res_pods, ns, slash + 1);
	if (!pod) {
		leave(sched, key, false);
		return;
	}
	placement_init(&p, pod, sched->cluster);
	if (node_fits(&p, node, &reasons)) {
		waiting_call(sched->waiting, class);
		runner_enqueue(sched->runner, key);
	}
	reasons_clear(&reasons);
	placement_clear(&p);
}

/* Asks the classes, one by one, about each node that is better than before. */
static bool ask_part(void *data)
{
	struct scheduler *sched = data;
	struct improved *i;

	while ((i = sched->improved)) {
		const json *node = informers_get(sched->informers, &res_nodes, NULL, i->node);
		size_t n = waiting_n_classes(sched->waiting);

		if (!i->asking || i->at > n)
			i->at = n;
		i->asking = true;
		while (node && i->at > 0) {
			ask_class(sched, node, --i->at);
			if (loop_turn_spent(sched->ask.loop))
				return true;
			if (i->at > waiting_n_classes(sched->waiting))
				i->at = waiting_n_classes(sched->waiting);
		}
		improved_free(sched, i);
	}
	return false;
}

/* Just before metrics are printed. */
static void count_pending(void *data)
{
	struct scheduler *sched = data;

	metric_set(metric_of(&pending_pods, "active"), (double)runner_queued(sched->runner));
	metric_set(metric_of(&pending_pods, "unschedulable"), (double)waiting_count(sched->waiting));
}

static void *init(struct informers *set, const struct controllers_config *config)
{
	struct scheduler *sched = xnew0(struct scheduler);

	sched->informers = set;
	sched->cluster = cluster_new();
	sched->waiting = waiting_new();
	informers_index(set, &res_nodes, index_all, INDEX_EVERY);
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
	loop_timer_init(&sched->wake, loop, wake, sched);
	loop_work_init(&sched->ask, loop, ask_part, sched);
	sched->metrics = (struct metrics_hook){ .fn = count_pending, .data = sched };
	metrics_hook_add(&sched->metrics);
	informers_start(set);
	return sched;
}

void scheduler_free(struct scheduler *s)
{
	struct improved *i, *tmp;
	struct informers *set;

	if (!s)
		return;
	set = s->informers;
	runner_free(s->runner);
	loop_timer_stop(&s->wake);
	loop_work_stop(&s->ask);
	metrics_hook_remove(&s->metrics);
	HASH_ITER(hh, s->improved, i, tmp)
		improved_free(s, i);
	waiting_free(s->waiting);
	cluster_free(s->cluster);
	informers_free(set);
	free(s);
}

uint64_t scheduler_visits(const struct scheduler *s)
{
	return informers_visits(s->informers);
}
