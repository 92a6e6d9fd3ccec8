// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * replicaset.c - see replicaset.h
 *
 * Pods that are finished or on their way out do not count. Missing ones are
 * made in batches of 1, 2, 4 ..., so that a template the server refuses costs
 * one refusal and not hundreds. Surplus ones are chosen so that the least is
 * lost: pods that do no work first, then those of crowded nodes, then young
 * ones.
 */
#include "controllers/replicaset.h"

#include <math.h>
#include <uthash.h>

#include "api/kinds/kinds.h"
#include "api/meta/view_deployment.h"
#include "api/meta/view_pod.h"
#include "controllers/labels.h"
#include "controllers/objects.h"

#define BURST 500			/* most pods made or deleted in one round */
#define STAGE_PODS 2			/* first of them */

/* --- whom to delete first --- */

struct victim {
	const json *pod;
	bool assigned, ready;
	int phase;			/* Pending 0, Unknown 1, Running 2 */
	int64_t cost;			/* annotation controller.kubernetes.io/pod-deletion-cost */
	size_t crowd;			/* related pods on its node */
	uint64_t ready_since, created;	/* microseconds, 0 unknown */
	int64_t restarts;
	uint64_t now;
};

static int64_t deletion_cost(const json *pod)
{
	const char *s = meta_annotation(pod, "controller.kubernetes.io/pod-deletion-cost");
	int64_t v;

	return parse_i64(s, INT32_MIN, INT32_MAX, &v) == 0 ? v : 0;
}

static int64_t most_restarts(const json *pod)
{
	int64_t max = 0;

	json_each(c, json_get(pod, "status", "containerStatuses")) {
		int64_t n = json_int(json_get(c, "restartCount"), 0);

		if (n > max)
			max = n;
	}
	return max;
}

static int phase_rank(const char *phase)
{
	return streq(phase, "Pending") ? 0 : streq(phase, "Unknown") ? 1 : 2;
}

/* Ages are compared by their power of two in nanoseconds: about as old is as old. */
static int age_class(uint64_t since, uint64_t now)
{
	return now <= since ? -1 : ilogb((double)(now - since) * 1000);
}

/* The younger one first; the same age class is told apart by uid, to be stable. */
static int by_youth(const struct victim *a, const struct victim *b, uint64_t sa, uint64_t sb)
{
	int diff = age_class(sa, a->now) - age_class(sb, b->now);

	return diff ?: strcmp(meta_uid(a->pod) ?: "", meta_uid(b->pod) ?: "");
}

static int victim_cmp(const void *pa, const void *pb)
{
	const struct victim *a = pa, *b = pb;

	if (a->assigned != b->assigned)
		return a->assigned ? 1 : -1;
	if (a->phase != b->phase)
		return a->phase - b->phase;
	if (a->ready != b->ready)
		return a->ready ? 1 : -1;
	if (a->cost != b->cost)
		return a->cost < b->cost ? -1 : 1;
	if (a->crowd != b->crowd)
		return a->crowd > b->crowd ? -1 : 1;
	if (a->ready && a->ready_since != b->ready_since) {
		if (!a->ready_since || !b->ready_since)
			return a->ready_since ? 1 : -1;
		return by_youth(a, b, a->ready_since, b->ready_since);
	}
	if (a->restarts != b->restarts)
		return a->restarts > b->restarts ? -1 : 1;
	if (a->created != b->created) {
		if (!a->created || !b->created)
			return a->created ? 1 : -1;
		return by_youth(a, b, a->created, b->created);
	}
	return strcmp(meta_uid(a->pod) ?: "", meta_uid(b->pod) ?: "");
}

/* How many of the related pods are on each node. */
struct crowd {
	const char *node;	/* borrowed from a pod */
	size_t n;
	UT_hash_handle hh;
};

static struct crowd *crowds_count(const struct replicaset_in *in)
{
	struct crowd *all = NULL, *c;

	for (size_t i = 0; i < in->n_related; i++) {
		const char *node = pod_node(in->related[i]);

		if (!node || !pod_active(in->related[i]))
			continue;
		HASH_FIND_STR(all, node, c);
		if (!c) {
			c = xnew0(struct crowd);
			c->node = node;
			HASH_ADD_KEYPTR(hh, all, c->node, strlen(c->node), c);
		}
		c->n++;
	}
	return all;
}

static size_t crowd_on(struct crowd *all, const char *node)
{
	struct crowd *c = NULL;

	if (node)
		HASH_FIND_STR(all, node, c);
	return c ? c->n : 0;
}

static void crowds_free(struct crowd *all)
{
	struct crowd *c, *tmp;

	HASH_ITER(hh, all, c, tmp) {
		HASH_DEL(all, c);
		free(c);
	}
}

static void delete_surplus(const struct replicaset_in *in, const json *const *pods, size_t n, size_t surplus,
			   struct actions *out)
{
	_cleanup_free_ struct victim *v = xcalloc(n, sizeof(*v));
	struct crowd *crowds = crowds_count(in);

	for (size_t i = 0; i < n; i++) {
		const json *pod = pods[i];

		v[i] = (struct victim){
			.pod = pod,
			.assigned = pod_node(pod) != NULL,
			.phase = phase_rank(pod_phase(pod)),
			.ready = pod_ready(pod),
			.cost = deletion_cost(pod),
			.crowd = crowd_on(crowds, pod_node(pod)),
			.ready_since = pod_ready_since(pod),
			.restarts = most_restarts(pod),
			.created = meta_created(pod),
			.now = in->now,
		};
	}
	crowds_free(crowds);
	if (surplus < n)
		qsort(v, n, sizeof(*v), victim_cmp);
	for (size_t i = 0; i < surplus && i < BURST; i++) {
		struct action *act = actions_delete(out, STAGE_PODS, &res_pods, v[i].pod, NULL);

		action_on_ok(act, "SuccessfulDelete", "Deleted pod: %s", meta_name(v[i].pod));
		action_on_failure(act, "FailedDelete", "Error deleting: ");
	}
}

/* --- making pods --- */

static json *pod_from_template(const json *rs)
{
	const json *template = workload_template(rs);
	json *pod = json_new_object(), *meta, *owners;

	json_set_str(pod, "apiVersion", "v1");
	json_set_str(pod, "kind", "Pod");
	meta = json_obj(pod, "metadata");
	{
		_cleanup_free_ char *prefix = xasprintf("%s-", meta_name(rs));

		json_set_str(meta, "generateName", prefix);
	}
	json_set_str(meta, "namespace", meta_namespace(rs));
	json_set(meta, "labels", json_clone(meta_labels(template)));
	json_set(meta, "annotations", json_clone(meta_annotations(template)));
	json_set(meta, "finalizers", json_clone(json_get(template, "metadata", "finalizers")));
	owners = json_set(meta, "ownerReferences", json_new_array());
	json_append(owners, controller_ref(&res_replicasets, rs));
	json_set(pod, "spec", json_clone(json_get(template, "spec")) ?: json_new_object());
	return pod;
}

static void create_missing(const struct replicaset_in *in, size_t missing, struct actions *out)
{
	size_t made = 0, batch = 1;

	if (missing > BURST)
		missing = BURST;
	for (int stage = STAGE_PODS; made < missing; stage++, batch *= 2) {
		for (size_t i = 0; i < batch && made < missing; i++, made++) {
			struct action *act = actions_create(out, stage, &res_pods, meta_namespace(in->rs),
							    pod_from_template(in->rs));

			action_on_ok(act, "SuccessfulCreate", "Created pod: %%s");
			action_on_failure(act, "FailedCreate", "Error creating: ");
		}
	}
}

/* --- status --- */

static void set_unless_zero(json *status, const char *key, int64_t v)
{
	if (v)
		json_set_int(status, key, v);
}

static void report(const struct replicaset_in *in, const json *const *pods, size_t n, bool creating,
		   struct actions *out)
{
	const json *template_labels = meta_labels(workload_template(in->rs));
	int64_t min_ready = workload_min_ready_seconds(in->rs);
	int64_t labelled = 0, ready = 0, available = 0;
	json *status = json_new_object();

	for (size_t i = 0; i < n; i++) {
		if (label_map_matches(template_labels, meta_labels(pods[i])))
			labelled++;
		if (!pod_ready(pods[i]))
			continue;
		ready++;
		if (pod_available(pods[i], min_ready, in->now)) {
			available++;
		} else {
			uint64_t due = pod_ready_since(pods[i]) + (uint64_t)min_ready * 1000000;

			actions_requeue(out, due > in->now ? due - in->now : 1000000);
		}
	}
	json_set_int(status, "replicas", n);
	set_unless_zero(status, "fullyLabeledReplicas", labelled);
	set_unless_zero(status, "readyReplicas", ready);
	set_unless_zero(status, "availableReplicas", available);
	set_unless_zero(status, "observedGeneration", meta_generation(in->rs));
	json_set(status, "conditions", json_clone(json_get(in->rs, "status", "conditions")));
	if (in->last_failure)
		condition_set(status, &(struct condition){
			.type = "ReplicaFailure", .status = "True",
			.reason = creating ? "FailedCreate" : "FailedDelete", .message = in->last_failure,
		}, in->now);
	else
		condition_remove(status, "ReplicaFailure");
	actions_patch_status(out, 0, &res_replicasets, in->rs, status);
}

void replicaset_reconcile(const struct replicaset_in *in, struct actions *out)
{
	_cleanup_free_ const json **claimed = NULL, **active = NULL;
	int64_t wanted = workload_replicas(in->rs);
	size_t n, n_active = 0;

	out->about_res = &res_replicasets;
	out->about = in->rs;
	claimed = claim_dependents(out, &res_replicasets, in->rs, &res_pods, in->candidates, in->n_candidates, &n);
	active = xcalloc(n + 1, sizeof(*active));
	for (size_t i = 0; i < n; i++)
		if (pod_active(claimed[i]))
			active[n_active++] = claimed[i];
	report(in, active, n_active, wanted > (int64_t)n_active, out);
	if (meta_deleting(in->rs))
		return;
	if ((int64_t)n_active < wanted)
		create_missing(in, wanted - n_active, out);
	else if ((int64_t)n_active > wanted)
		delete_surplus(in, active, n_active, n_active - wanted, out);
}

/* --- the shell's side --- */

/* The pods of every ReplicaSet of the same owner; its own where it has none. */
static const json **related_pods(struct informers *set, const json *rs, size_t *ret_n)
{
	const char *owner = meta_controller_uid(rs);
	_cleanup_free_ const json **siblings = NULL;
	const json **all = NULL;
	size_t n = 0, m;

	if (!owner)
		return informers_owned(set, &res_pods, meta_uid(rs), ret_n);
	siblings = informers_owned(set, &res_replicasets, owner, &m);
	for (size_t i = 0; i < m; i++) {
		size_t k;
		_cleanup_free_ const json **pods = informers_owned(set, &res_pods, meta_uid(siblings[i]), &k);

		all = xrealloc(all, (n + k + 1) * sizeof(*all));
		for (size_t j = 0; j < k; j++)
			all[n++] = pods[j];
	}
	*ret_n = n;
	return all;
}

static void sync_replicaset(const struct sync *s, struct actions *out)
{
	const json *rs = informers_get(s->informers, &res_replicasets, s->ns, s->name);
	_cleanup_free_ const json **candidates = NULL, **related = NULL;
	struct replicaset_in in = { .rs = rs, .now = s->now, .last_failure = s->last_failure };

	if (!rs)
		return;
	candidates = find_candidates(s->informers, &res_pods, rs, &in.n_candidates);
	related = related_pods(s->informers, rs, &in.n_related);
	in.candidates = candidates;
	in.related = related;
	replicaset_reconcile(&in, out);
}

static void enqueue_owner(struct runner *r, const json *pod)
{
	const char *name;

	if (pod && controlled_by_kind(pod, &res_replicasets, &name))
		runner_enqueue_object(r, meta_namespace(pod), name);
}

static void pod_changed(struct runner *r, const json *old, const json *new)
{
	enqueue_owner(r, new);
	if (!new || !streq(meta_controller_uid(old), meta_controller_uid(new)))
		enqueue_owner(r, old);
	if (new && !meta_controller(new) && !meta_deleting(new))
		enqueue_adopters(r, &res_replicasets, new);
}

static void *init(struct informers *set, const struct controllers_config *config)
{
	informers_index(set, &res_pods, index_by_controller_uid, INDEX_EVERY);
	informers_index(set, &res_pods, index_orphans, INDEX_EVERY);
	informers_index(set, &res_replicasets, index_by_controller_uid, INDEX_EVERY);
	informers_index(set, &res_replicasets, index_by_label_selector, INDEX_ANY);
	return NULL;
}

const struct controller replicaset_controller = {
	.name = "replicaset-controller",
	.watches = (const struct controller_watch[]){
		{ &res_replicasets, runner_changed_self },
		{ &res_pods, pod_changed },
		{ 0 },
	},
	.init = init,
	.sync = sync_replicaset,
};
