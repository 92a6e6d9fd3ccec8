// SPDX-License-Identifier: GPL-2.0-or-later
/* podgc.c - see podgc.h */
#include "controllers/podgc.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_pod.h"

static void delete_now(const json *pod, int stage, struct actions *out)
{
	actions_delete(out, stage, &res_pods, pod, NULL)->grace_period = 0;
}

void podgc_reconcile(const json *pod, bool node_known, uint64_t now, struct actions *out)
{
	uint64_t due = meta_created(pod) + PODGC_QUARANTINE_US;

	if (!pod_node(pod)) {
		if (pod_terminating(pod))
			delete_now(pod, 0, out);
		return;
	}
	if (node_known)
		return;
	if (now < due) {
		actions_requeue(out, due - now);
		return;
	}
	actions_verify(out, 0, ACTION_VERIFY_GONE, &res_nodes, NULL, pod_node(pod), NULL);
	delete_now(pod, 1, out);
}

/* --- the shell's side --- */

static void sync_pod(const struct sync *s, struct actions *out)
{
	const json *pod = informers_get(s->informers, &res_pods, s->ns, s->name);

	if (pod)
		podgc_reconcile(pod, pod_node(pod) && informers_get(s->informers, &res_nodes, NULL, pod_node(pod)),
				s->now, out);
}

static void pod_changed(struct runner *r, const json *old, const json *new)
{
	if (new && (!old || !streq(pod_node(old), pod_node(new)) || (!pod_node(new) && pod_terminating(new))))
		runner_changed_self(r, old, new);
}

static void node_changed(struct runner *r, const json *old, const json *new)
{
	_cleanup_free_ const json **pods = NULL;
	size_t n;

	if (new)
		return;
	pods = informers_by(runner_informers(r), &res_pods, index_by_node_name, meta_name(old), &n);
	for (size_t i = 0; i < n; i++)
		runner_changed_self(r, NULL, pods[i]);
}

static void *init(struct informers *set, const struct controllers_config *config)
{
	informers_index(set, &res_pods, index_by_node_name, INDEX_EVERY);
	return NULL;
}

const struct controller podgc_controller = {
	.name = "pod-garbage-collector",
	.watches = (const struct controller_watch[]){
		{ &res_pods, pod_changed },
		{ &res_nodes, node_changed },
		{ 0 },
	},
	.init = init,
	.sync = sync_pod,
};
