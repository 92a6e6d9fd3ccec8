// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nodelifecycle.c - see nodelifecycle.h
 *
 * Three things in one reconcile of a node, each a consequence of the one
 * before: a node that was silent for too long has its conditions set to
 * Unknown; conditions become taints; NoExecute taints evict the pods that do
 * not tolerate them, or no longer. Silence is measured by our own clock,
 * between changes of what the node writes: clocks of nodes may be wrong. How many
 * nodes may be evicted, and how fast, is decided for each zone (node_zones.c).
 */
#include "controllers/nodelifecycle.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_pod.h"
#include "controllers/controllers.h"
#include "controllers/node_zones.h"

#define TAINT_NOT_READY "node.kubernetes.io/not-ready"
#define TAINT_UNREACHABLE "node.kubernetes.io/unreachable"
#define LEASE_NAMESPACE "kube-node-lease"

/* --- conditions --- */

static const char *condition_status(const json *node, const char *type)
{
	return json_str_or(json_get(status_condition(node, type), "status"), "");
}

static json *unknown_condition(const json *node, const char *type, uint64_t now)
{
	const json *old = status_condition(node, type);
	json *c = json_new_object();
	char time[32];

	format_time(now, time);
	json_set_str(c, "type", type);
	json_set_str(c, "status", "Unknown");
	json_set_str(c, "reason", old ? "NodeStatusUnknown" : "NodeStatusNeverUpdated");
	json_set_str(c, "message", old ? "Kubelet stopped posting node status." : "Kubelet never posted node status.");
	json_set_str(c, "lastHeartbeatTime",
		     json_str_or(json_get(old ?: json_get(node, "metadata"),
					  old ? "lastHeartbeatTime" : "creationTimestamp"), time));
	json_set_str(c, "lastTransitionTime", time);
	return c;
}

static void patch_conditions(struct actions *out, int stage, const struct resource *res, const json *obj, json *list)
{
	json *patch = json_new_object();

	json_set(json_obj(patch, "status"), "conditions", list);
	/* Merged by type: the list has other writers. */
	actions_patch(out, stage, res, obj, "status", patch)->patch_type = STORE_PATCH_STRATEGIC;
}

static void mark_unknown(const struct nodelifecycle_in *in, struct actions *out)
{
	static const char *const types[] = { "Ready", "MemoryPressure", "DiskPressure", "PIDPressure" };
	json *list = json_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!streq(condition_status(in->node, types[i]), "Unknown"))
			json_append(list, unknown_condition(in->node, types[i], in->now));
	if (!json_len(list)) {
		cJSON_Delete(list);
		return;
	}
	if (!streq(condition_status(in->node, "Ready"), "Unknown"))
		actions_event(out, false, "NodeNotReady", "Node %s status is now: NodeNotReady", meta_name(in->node));
	patch_conditions(out, 0, &res_nodes, in->node, list);
}

/* Nobody on a silent node can say that its pods are no longer ready. */
static void mark_pods_not_ready(const struct nodelifecycle_in *in, struct actions *out)
{
	char time[32];

	format_time(in->now, time);
	for (size_t i = 0; i < in->n_pods; i++) {
		json *list, *c;

		if (!pod_ready(in->pods[i]))
			continue;
		list = json_new_array();
		c = json_clone(status_condition(in->pods[i], "Ready"));
		json_set_str(c, "status", "False");
		json_set_str(c, "lastTransitionTime", time);
		json_append(list, c);
		patch_conditions(out, 0, &res_pods, in->pods[i], list);
	}
}

/* --- taints --- */

/* Taints that mirror conditions; any other is the user's. */
static const struct {
	const char *key, *condition, *when;
} condition_taints[] = {
	{ "node.kubernetes.io/memory-pressure", "MemoryPressure", "True" },
	{ "node.kubernetes.io/disk-pressure", "DiskPressure", "True" },
	{ "node.kubernetes.io/pid-pressure", "PIDPressure", "True" },
	{ "node.kubernetes.io/network-unavailable", "NetworkUnavailable", "True" },
};

static bool taint_is_ours(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(condition_taints); i++)
		if (streq(key, condition_taints[i].key))
			return true;
	return streq(key, TAINT_NOT_READY) || streq(key, TAINT_UNREACHABLE) ||
	       streq(key, "node.kubernetes.io/unschedulable");
}

/* Adds a taint; one that is there already keeps the time it was added. */
static void want_taint(json *taints, const json *node, const char *key, const char *effect, uint64_t now)
{
	char time[32];
	json *t;

	json_each(it, json_get(node, "spec", "taints")) {
		if (streq(json_str(json_get(it, "key")), key) && streq(json_str(json_get(it, "effect")), effect)) {
			json_append(taints, json_clone(it));
			return;
		}
	}
	format_time(now, time);
	t = json_new_object();
	json_set_str(t, "key", key);
	json_set_str(t, "effect", effect);
	json_set_str(t, "timeAdded", time);
	json_append(taints, t);
}

/* Pods are being evicted already. */
static bool bears_eviction(const json *node)
{
	json_each(t, json_get(node, "spec", "taints")) {
		const char *key = json_str(json_get(t, "key"));

		if (streq(json_str(json_get(t, "effect")), "NoExecute") &&
		    (streq(key, TAINT_NOT_READY) || streq(key, TAINT_UNREACHABLE)))
			return true;
	}
	return false;
}

static json *wanted_taints(const struct nodelifecycle_in *in, const char *ready)
{
	json *taints = json_new_array();
	const char *key = streq(ready, "Unknown") ? TAINT_UNREACHABLE : TAINT_NOT_READY;

	json_each(t, json_get(in->node, "spec", "taints"))
		if (!taint_is_ours(json_str_or(json_get(t, "key"), "")))
			json_append(taints, json_clone(t));
	if (json_bool(json_get(in->node, "spec", "unschedulable"), false))
		want_taint(taints, in->node, "node.kubernetes.io/unschedulable", "NoSchedule", in->now);
	for (size_t i = 0; i < ARRAY_SIZE(condition_taints); i++)
		if (streq(condition_status(in->node, condition_taints[i].condition), condition_taints[i].when))
			want_taint(taints, in->node, condition_taints[i].key, "NoSchedule", in->now);
	if (!streq(ready, "True")) {
		want_taint(taints, in->node, key, "NoSchedule", in->now);
		/* A node that never said anything has nothing to evict. One taint may become the other at any time. */
		if (*ready && !in->all_down && (in->may_evict || bears_eviction(in->node)))
			want_taint(taints, in->node, key, "NoExecute", in->now);
	}
	return taints;
}

/* Same taints, in any order. */
static bool same_taints(const json *a, const json *b)
{
	if (json_len(a) != json_len(b))
		return false;
	json_each(x, a) {
		bool found = false;

		json_each(y, b)
			if (json_equal(x, y))
				found = true;
		if (!found)
			return false;
	}
	return true;
}

static void keep_taints(const struct nodelifecycle_in *in, const char *ready, struct actions *out)
{
	json *taints = wanted_taints(in, ready), *patch;

	if (same_taints(taints, json_get(in->node, "spec", "taints"))) {
		cJSON_Delete(taints);
		return;
	}
	if (!json_len(taints)) {
		cJSON_Delete(taints);
		taints = json_new_null();
	}
	patch = json_new_object();
	json_set(json_obj(patch, "spec"), "taints", taints);
	actions_patch(out, 1, &res_nodes, in->node, NULL, patch);
}

/* --- evictions --- */

static bool tolerates(const json *t, const json *taint)
{
	const char *key = json_str_or(json_get(t, "key"), ""), *effect = json_str_or(json_get(t, "effect"), "");

	if (*effect && !streq(effect, "NoExecute"))
		return false;
	if (*key && !streq(key, json_str(json_get(taint, "key"))))
		return false;
	if (streq(json_str(json_get(t, "operator")), "Exists"))
		return true;
	return *key && streq(json_str_or(json_get(t, "value"), ""), json_str_or(json_get(taint, "value"), ""));
}

/* How long the pod bears the taint: seconds, 0 not at all, -1 for ever. */
static int64_t endurance(const json *pod, const json *taint)
{
	bool any = false;
	int64_t least = -1;

	json_each(t, json_get(pod, "spec", "tolerations")) {
		int64_t s = json_int(json_get(t, "tolerationSeconds"), -1);

		if (!tolerates(t, taint))
			continue;
		any = true;
		if (!json_get(t, "tolerationSeconds") || cJSON_IsNull(json_get(t, "tolerationSeconds")))
			continue;
		if (s < 0)
			s = 0;
		if (least < 0 || s < least)
			least = s;
	}
	return any ? least : 0;
}

/* When the pod has to go, by the taints the node bears now; 0: never. */
static uint64_t eviction_time(const json *pod, const json *node)
{
	uint64_t first = 0;

	json_each(taint, json_get(node, "spec", "taints")) {
		uint64_t added = json_time(json_get(taint, "timeAdded")), due;
		int64_t s;

		if (!streq(json_str(json_get(taint, "effect")), "NoExecute"))
			continue;
		s = endurance(pod, taint);
		if (s < 0)
			continue;
		due = added + (uint64_t)s * 1000000;
		if (!due)
			due = 1;
		if (!first || due < first)
			first = due;
	}
	return first;
}

static void evict(const struct nodelifecycle_in *in, const char *ready, struct actions *out)
{
	for (size_t i = 0; i < in->n_pods; i++) {
		uint64_t due = eviction_time(in->pods[i], in->node);

		if (!due || pod_terminating(in->pods[i]))
			continue;
		if (due > in->now)
			actions_requeue(out, due - in->now);
		else if (!in->all_down || streq(ready, "True"))
			actions_delete(out, 1, &res_pods, in->pods[i], NULL);
	}
}

void nodelifecycle_reconcile(const struct nodelifecycle_in *in, struct actions *out)
{
	const char *ready = condition_status(in->node, "Ready");

	out->about_res = &res_nodes;
	out->about = in->node;
	if (in->silent_us >= in->grace_us) {
		mark_unknown(in, out);
		mark_pods_not_ready(in, out);
		ready = "Unknown";
	} else {
		actions_requeue(out, in->grace_us - in->silent_us);
	}
	keep_taints(in, ready, out);
	evict(in, ready, out);
}

/* --- the shell's side --- */

struct watcher {
	struct node_zones *zones;
	uint64_t grace_us;
};

/*
 * Since when nodes could be heard; 0: they cannot. While etcd is out of reach no
 * node can say anything, and when it is back each gets its time anew.
 */
static uint64_t heard_since(struct informers *set)
{
	const struct resource *const from[] = { &res_leases, &res_nodes };
	uint64_t since = 1;

	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		uint64_t fresh = informer_fresh_since(informers_of(set, from[i]));

		if (!fresh)
			return 0;
		if (fresh > since)
			since = fresh;
	}
	return since;
}

static void index_all(const json *obj, void (*emit)(void *, const char *), void *data)
{
	emit(data, "");
}

static void enqueue_node(struct runner *r, const struct resource *res, const json *node)
{
	runner_enqueue_object(r, NULL, meta_name(node));
}

/* Does what follows from what the zones have come to: whose turn it is, or that the cluster is down or up. */
static void follow_zones(struct runner *r, struct watcher *w)
{
	const char *name;

	while ((name = node_zones_call(w->zones)))
		runner_enqueue_object(r, NULL, name);
	if (node_zones_turned(w->zones))
		runner_enqueue_filed(r, &res_nodes, index_all, "", enqueue_node);
}

static void sync_node(const struct sync *s, struct actions *out)
{
	struct watcher *w = s->state;
	_cleanup_free_ const json **pods = NULL;
	struct nodelifecycle_in in = {
		.node = informers_get(s->informers, &res_nodes, NULL, s->name),
		.grace_us = w->grace_us, .now = s->now,
	};
	const char *ready = condition_status(in.node, "Ready");
	uint64_t now = now_monotonic_us(), wait_us = 0;
	bool down;

	if (!in.node)
		return;
	node_zones_pass(w->zones, heard_since(s->informers), now);
	in.silent_us = node_zones_silence(w->zones, s->name, now);
	in.all_down = node_zones_all_down(w->zones);
	down = in.silent_us >= w->grace_us || (*ready && !streq(ready, "True"));
	in.may_evict = node_zones_may_evict(w->zones, s->name, down && !in.all_down, bears_eviction(in.node), now, &wait_us);
	if (wait_us)
		actions_requeue(out, wait_us);
	follow_zones(s->runner, w);
	pods = informers_by(s->informers, &res_pods, index_by_node_name, s->name, &in.n_pods);
	in.pods = pods;
	nodelifecycle_reconcile(&in, out);
}

static void node_changed(struct runner *r, const json *old, const json *new)
{
	struct watcher *w = runner_state(r);
	uint64_t now = now_monotonic_us();

	if (!new) {
		node_zones_remove(w->zones, meta_name(old));
	} else {
		node_zones_put(w->zones, new, now);
		/* What we wrote ourselves is no sign of life. */
		if (!streq(condition_status(new, "Ready"), "Unknown"))
			node_zones_heartbeat(w->zones, meta_name(new),
					     json_str(json_get(status_condition(new, "Ready"), "lastHeartbeatTime")), now);
		runner_enqueue_object(r, NULL, meta_name(new));
	}
	follow_zones(r, w);
}

/* Not a reason to reconcile: the node's own delay finds out how long it was silent. */
static void lease_changed(struct runner *r, const json *old, const json *new)
{
	struct watcher *w = runner_state(r);

	if (!new || !streq(meta_namespace(new), LEASE_NAMESPACE))
		return;
	node_zones_renewal(w->zones, meta_name(new), json_str(json_get(new, "spec", "renewTime")), now_monotonic_us());
	follow_zones(r, w);
}

static void pod_changed(struct runner *r, const json *old, const json *new)
{
	if (new && pod_node(new) && (!old || !streq(pod_node(old), pod_node(new))))
		runner_enqueue_object(r, NULL, pod_node(new));
}

static void *init(struct informers *set, const struct controllers_config *config)
{
	struct watcher *w = xnew0(struct watcher);

	w->grace_us = config && config->node_grace_us ? config->node_grace_us : NODE_GRACE_US;
	w->zones = node_zones_new(w->grace_us, config && config->eviction_us ? config->eviction_us : NODE_EVICTION_US);
	informers_index(set, &res_pods, index_by_node_name, INDEX_EVERY);
	informers_index(set, &res_nodes, index_all, INDEX_EVERY);
	return w;
}

static void watcher_free(void *state)
{
	struct watcher *w = state;

	node_zones_free(w->zones);
	free(w);
}

const struct controller nodelifecycle_controller = {
	.name = "node-controller",
	.watches = (const struct controller_watch[]){
		{ &res_nodes, node_changed },
		{ &res_leases, lease_changed },
		{ &res_pods, pod_changed },
		{ 0 },
	},
	.init = init,
	.free = watcher_free,
	.sync = sync_node,
};
