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
#include "api/meta/view_selector.h"
#include "controllers/labels.h"
#include "controllers/objects.h"

#define BURST 500			/* most pods made or deleted in one round */
#define STAGE_PODS 2			/* first of them */

/* --- whom to delete first --- */

struct victim {
	const struct pod_facts *pod;
	size_t crowd;			/* related pods on its node */
	int age, ready_age;		/* classes */
};

/* Ages are compared by their power of two in nanoseconds: about as old is as old. */
static int age_class(uint64_t since, uint64_t now)
{
	return now <= since ? -1 : ilogb((double)(now - since) * 1000);
}

/* The younger one first; the same age class is told apart by uid, to be stable. */
static int by_youth(const struct victim *a, const struct victim *b, int age_a, int age_b)
{
	return age_a - age_b ?: strcmp(a->pod->uid, b->pod->uid);
}

static int victim_cmp(const void *pa, const void *pb)
{
	const struct victim *a = pa, *b = pb;
	const struct pod_facts *p = a->pod, *q = b->pod;

	if (!p->node != !q->node)
		return p->node ? 1 : -1;
	if (p->phase != q->phase)
		return p->phase - q->phase;
	if (p->ready != q->ready)
		return p->ready ? 1 : -1;
	if (p->deletion_cost != q->deletion_cost)
		return p->deletion_cost < q->deletion_cost ? -1 : 1;
	if (a->crowd != b->crowd)
		return a->crowd > b->crowd ? -1 : 1;
	if (p->ready && p->ready_since != q->ready_since) {
		if (!p->ready_since || !q->ready_since)
			return p->ready_since ? 1 : -1;
		return by_youth(a, b, a->ready_age, b->ready_age);
	}
	if (p->restarts != q->restarts)
		return p->restarts > q->restarts ? -1 : 1;
	if (p->created != q->created) {
		if (!p->created || !q->created)
			return p->created ? 1 : -1;
		return by_youth(a, b, a->age, b->age);
	}
	return strcmp(p->uid, q->uid);
}

/* How many of its own and the related pods are on each node. */
struct crowd {
	const char *node;	/* borrowed from a pod */
	size_t n;
	UT_hash_handle hh;
};

static struct crowd *crowd_find(struct crowd *all, const char *node)
{
	struct crowd *c = NULL;

	if (node)
		HASH_FIND_STR(all, node, c);
	return c;
}

static void crowd_add(struct crowd **all, const char *node)
{
	struct crowd *c = crowd_find(*all, node);

	if (!node)
		return;
	if (!c) {
		c = xnew0(struct crowd);
		c->node = node;
		HASH_ADD_KEYPTR(hh, *all, c->node, strlen(c->node), c);
	}
	c->n++;
}

static void crowds_free(struct crowd *all)
{
	struct crowd *c, *tmp;

	HASH_ITER(hh, all, c, tmp) {
		HASH_DEL(all, c);
		free(c);
	}
}

static void delete_surplus(const struct replicaset_in *in, const struct pod_facts *const *pods, size_t n,
			   size_t surplus, struct actions *out)
{
	_cleanup_free_ struct victim *v = xcalloc(n, sizeof(*v));
	struct crowd *crowds = NULL;

	for (size_t i = 0; i < n; i++)
		crowd_add(&crowds, pods[i]->node);
	for (size_t i = 0; i < in->n_related; i++)
		if (pod_facts_active(in->related[i]))
			crowd_add(&crowds, in->related[i]->node);
	for (size_t i = 0; i < n; i++) {
		const struct crowd *c = crowd_find(crowds, pods[i]->node);

		v[i] = (struct victim){
			.pod = pods[i],
			.crowd = c ? c->n : 0,
			.age = age_class(pods[i]->created, in->now),
			.ready_age = age_class(pods[i]->ready_since, in->now),
		};
	}
	crowds_free(crowds);
	if (surplus < n)
		qsort(v, n, sizeof(*v), victim_cmp);
	for (size_t i = 0; i < surplus && i < BURST; i++) {
		const json *obj = v[i].pod->obj;
		struct action *act = actions_delete(out, STAGE_PODS, &res_pods, obj, NULL);

		action_on_ok(act, "SuccessfulDelete", "Deleted pod: %s", meta_name(obj));
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

/* Ready for minReadySeconds; if not yet, the set is looked at again when it is. */
static bool is_available(const struct pod_facts *p, int64_t min_ready, uint64_t now, struct actions *out)
{
	uint64_t due = p->ready_since + (uint64_t)min_ready * 1000000;

	if (!p->ready)
		return false;
	if (min_ready <= 0 || (p->ready_since && due <= now))
		return true;
	actions_requeue(out, due > now ? due - now : 1000000);
	return false;
}

static void report(const struct replicaset_in *in, const struct pod_facts *const *pods, size_t n, bool creating,
		   struct actions *out)
{
	struct label_question of_template = { .match = label_map_matches, .arg = meta_labels(workload_template(in->rs)) };
	int64_t min_ready = workload_min_ready_seconds(in->rs);
	int64_t labelled = 0, ready = 0, available = 0;
	json *status = json_new_object();

	for (size_t i = 0; i < n; i++) {
		labelled += label_question_ask(&of_template, pods[i]);
		ready += pods[i]->ready;
		available += is_available(pods[i], min_ready, in->now, out);
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

/* The active ones among those it owns and selects, and those it adopts. Caller frees the array. */
static const struct pod_facts **claim_pods(const struct replicaset_in *in, struct actions *out, size_t *ret_n)
{
	struct claim claim = { .actions = out, .parent_res = &res_replicasets, .parent = in->rs, .res = &res_pods };
	struct label_question selected = { .match = label_selector_matches, .arg = workload_selector(in->rs) };
	const struct pod_facts **pods = xcalloc(in->n_owned + in->n_orphans, sizeof(*pods));
	size_t n = 0;

	for (size_t i = 0; i < in->n_owned; i++) {
		const struct pod_facts *p = in->owned[i];

		/* What it owns and selects is its own without more ado; the rare other is released. */
		if ((label_question_ask(&selected, p) || claim_one(&claim, p->obj)) && pod_facts_active(p))
			pods[n++] = p;
	}
	for (size_t i = 0; i < in->n_orphans; i++) {
		const struct pod_facts *p = in->orphans[i];

		if (label_question_ask(&selected, p) && claim_one(&claim, p->obj) && pod_facts_active(p))
			pods[n++] = p;
	}
	claim_end(&claim);
	*ret_n = n;
	return pods;
}

void replicaset_reconcile(const struct replicaset_in *in, struct actions *out)
{
	_cleanup_free_ const struct pod_facts **pods = NULL;
	int64_t wanted = workload_replicas(in->rs);
	size_t n;

	out->about_res = &res_replicasets;
	out->about = in->rs;
	pods = claim_pods(in, out, &n);
	report(in, pods, n, wanted > (int64_t)n, out);
	if (meta_deleting(in->rs))
		return;
	if ((int64_t)n < wanted)
		create_missing(in, wanted - n, out);
	else if ((int64_t)n > wanted)
		delete_surplus(in, pods, n, n - wanted, out);
}

/* --- the shell's side --- */

/* The pods of every other ReplicaSet of the same owner. */
static const struct pod_facts **related_pods(struct informers *set, const json *rs, size_t *ret_n)
{
	const char *owner = meta_controller_uid(rs);
	_cleanup_free_ const json **siblings = NULL;
	const struct pod_facts **all = NULL;
	size_t n = 0, m = 0;

	if (owner)
		siblings = informers_owned(set, &res_replicasets, owner, &m);
	for (size_t i = 0; i < m; i++) {
		_cleanup_free_ const struct pod_facts **pods = NULL;
		size_t k;

		if (meta_same(siblings[i], rs))
			continue;
		pods = pod_facts_by(set, index_by_controller_uid, meta_uid(siblings[i]), &k);
		all = xrealloc(all, (n + k + 1) * sizeof(*all));
		memcpy(all + n, pods, k * sizeof(*all));
		n += k;
	}
	*ret_n = n;
	return all;
}

static void sync_replicaset(const struct sync *s, struct actions *out)
{
	const json *rs = informers_get(s->informers, &res_replicasets, s->ns, s->name);
	_cleanup_free_ const struct pod_facts **owned = NULL, **orphans = NULL, **related = NULL;
	struct replicaset_in in = { .rs = rs, .now = s->now, .last_failure = s->last_failure };
	_cleanup_free_ char *key = NULL;

	if (!rs)
		return;
	key = informers_labelled_key(s->informers, &res_pods, index_orphans, s->ns,
				     json_get(workload_selector(rs), "matchLabels"));
	in.owned = owned = pod_facts_by(s->informers, index_by_controller_uid, meta_uid(rs) ?: "", &in.n_owned);
	in.orphans = orphans = pod_facts_by(s->informers, index_orphans, key, &in.n_orphans);
	/* Only who has too many asks where to take from. */
	if ((int64_t)(in.n_owned + in.n_orphans) > workload_replicas(rs))
		in.related = related = related_pods(s->informers, rs, &in.n_related);
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
	pod_facts_init(set);
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
