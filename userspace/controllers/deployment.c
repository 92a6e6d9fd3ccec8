// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * deployment.c - see deployment.h
 *
 * The flow of one reconcile: claim the ReplicaSets; find the one with the
 * present template ("new"), the others are old; keep revisions; then, in this
 * order of precedence: being deleted or paused (only report, scale), scaled by
 * the user (spread the difference), Recreate, rolling update. One step is
 * taken, and the changed ReplicaSets bring the Deployment back for the next.
 */
#include "controllers/deployment.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_deployment.h"
#include "api/meta/view_pod.h"
#include "controllers/deployment_rollout.h"
#include "controllers/labels.h"
#include "controllers/objects.h"
#include "controllers/template.h"

#define HISTORY_MAX_CHARS 2000

static void hash_of(const json *d, char out[TEMPLATE_HASH_LEN])
{
	template_hash(workload_template(d), json_int(json_get(d, "status", "collisionCount"), 0), out);
}

char *deployment_new_name(const json *d)
{
	char hash[TEMPLATE_HASH_LEN];

	hash_of(d, hash);
	return xasprintf("%s-%s", meta_name(d), hash);
}

/* --- revisions --- */

static int64_t revision_of(const json *obj)
{
	return rs_annotation(obj, ANNOTATION_REVISION, 0);
}

static int64_t newest_old_revision(const struct rollout *r)
{
	int64_t max = 0;

	for (size_t i = 0; i < r->n; i++)
		if (&r->all[i] != r->new && revision_of(r->all[i].rs) > max)
			max = revision_of(r->all[i].rs);
	return max;
}

/* What a Deployment's annotations do not give to its ReplicaSets. */
static bool annotation_is_own(const char *key)
{
	return streq(key, "kubectl.kubernetes.io/last-applied-configuration") ||
	       streq(key, "deprecated.deployment.rollback.to") ||
	       startswith(key, "deployment.kubernetes.io/");
}

static void set_i64_text(json *obj, const char *key, int64_t v)
{
	_cleanup_free_ char *s = xasprintf("%lld", (long long)v);

	json_set_str(obj, key, s);
}

static json *patch_of(struct rs_plan *p)
{
	if (!p->patch)
		p->patch = patch_guarded(p->rs);
	return p->patch;
}

static void set_revision_of_deployment(struct rollout *r, int64_t revision, int stage)
{
	json *patch;

	if (revision_of(r->d) == revision)
		return;
	patch = json_new_object();
	set_i64_text(json_obj(patch, "metadata", "annotations"), ANNOTATION_REVISION, revision);
	actions_patch(r->out, stage, &res_deployments, r->d, NULL, patch);
}

/* The new ReplicaSet carries the highest revision, the Deployment's annotations and minReadySeconds. */
static void keep_new_in_step(struct rollout *r)
{
	struct rs_plan *p = r->new;
	int64_t revision = newest_old_revision(r) + 1, had = revision_of(p->rs);

	json_each(a, meta_annotations(r->d))
		if (!annotation_is_own(json_key(a)) && !streq(meta_annotation(p->rs, json_key(a)), json_str(a)))
			json_set_str(json_obj(patch_of(p), "metadata", "annotations"), json_key(a), json_str(a));
	if (had < revision) {
		json *annotations = json_obj(patch_of(p), "metadata", "annotations");
		const char *history = meta_annotation(p->rs, ANNOTATION_HISTORY);

		set_i64_text(annotations, ANNOTATION_REVISION, revision);
		/* It was new once before: a rollback. */
		if (had) {
			_cleanup_free_ char *h = history && *history && strlen(history) < HISTORY_MAX_CHARS ?
				xasprintf("%s,%lld", history, (long long)had) : xasprintf("%lld", (long long)had);

			json_set_str(annotations, ANNOTATION_HISTORY, h);
		}
	} else {
		revision = had;
	}
	if (workload_min_ready_seconds(p->rs) != workload_min_ready_seconds(r->d))
		json_set_int(json_obj(patch_of(p), "spec"), "minReadySeconds", workload_min_ready_seconds(r->d));
	set_revision_of_deployment(r, revision, STAGE_REPLICASETS);
	if (rollout_has_deadline(r) && !condition_find(r->seen, "Progressing"))
		rollout_condition(r, "Progressing", "True", "FoundNewReplicaSet", "Found new replica set \"%s\"",
				  meta_name(p->rs));
}

/* --- writing ReplicaSets --- */

static void stamp_sizes(const struct rollout *r, json *annotations)
{
	set_i64_text(annotations, ANNOTATION_DESIRED, r->replicas);
	set_i64_text(annotations, ANNOTATION_MAX, r->replicas + r->surge);
}

static bool stamps_differ(const struct rollout *r, const json *rs)
{
	return rs_annotation(rs, ANNOTATION_DESIRED, -1) != r->replicas ||
	       rs_annotation(rs, ANNOTATION_MAX, -1) != r->replicas + r->surge;
}

static void write_plans(struct rollout *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct rs_plan *p = &r->all[i];
		struct action *act;

		if (p->size != p->was)
			json_set_int(json_obj(patch_of(p), "spec"), "replicas", p->size);
		if (p->size != p->was || (p->stamp && stamps_differ(r, p->rs)))
			stamp_sizes(r, json_obj(patch_of(p), "metadata", "annotations"));
		if (!p->patch)
			continue;
		act = actions_patch(r->out, STAGE_REPLICASETS, &res_replicasets, p->rs, NULL, TAKE_PTR(p->patch));
		if (p->size != p->was)
			action_on_ok(act, "ScalingReplicaSet", "Scaled %s replica set %s from %lld to %lld",
				     p->size > p->was ? "up" : "down", meta_name(p->rs), (long long)p->was,
				     (long long)p->size);
	}
}

static json *with_hash_label(const json *labels, const char *hash)
{
	json *l = json_clone(labels) ?: json_new_object();

	json_set_str(l, POD_TEMPLATE_HASH_LABEL, hash);
	return l;
}

static json *new_replicaset(struct rollout *r, int64_t size)
{
	_cleanup_free_ char *name = deployment_new_name(r->d);
	json *rs = json_new_object(), *meta, *annotations, *spec, *selector, *template;
	char hash[TEMPLATE_HASH_LEN];

	hash_of(r->d, hash);
	json_set_str(rs, "apiVersion", "apps/v1");
	json_set_str(rs, "kind", "ReplicaSet");
	meta = json_obj(rs, "metadata");
	json_set_str(meta, "name", name);
	json_set_str(meta, "namespace", meta_namespace(r->d));
	json_set(meta, "labels", with_hash_label(meta_labels(workload_template(r->d)), hash));
	annotations = json_obj(meta, "annotations");
	json_each(a, meta_annotations(r->d))
		if (!annotation_is_own(json_key(a)))
			json_set(annotations, json_key(a), json_clone(a));
	set_i64_text(annotations, ANNOTATION_REVISION, newest_old_revision(r) + 1);
	stamp_sizes(r, annotations);
	json_append(json_set(meta, "ownerReferences", json_new_array()), controller_ref(&res_deployments, r->d));
	spec = json_obj(rs, "spec");
	json_set_int(spec, "replicas", size);
	if (workload_min_ready_seconds(r->d))
		json_set_int(spec, "minReadySeconds", workload_min_ready_seconds(r->d));
	selector = json_set(spec, "selector", json_clone(workload_selector(r->d)));
	json_set(selector, "matchLabels", with_hash_label(json_get(selector, "matchLabels"), hash));
	template = json_set(spec, "template", json_clone(workload_template(r->d)));
	json_set(json_obj(template, "metadata"), "labels",
		 with_hash_label(meta_labels(workload_template(r->d)), hash));
	return rs;
}

/* Makes the new ReplicaSet; the round after this one goes on with it. */
static void create_new(struct rollout *r)
{
	_cleanup_free_ char *name = deployment_new_name(r->d);
	int64_t size = rollout_new_size(r);
	struct action *act;

	if (r->in->namesake) {
		/* Somebody else's, or of another template: the next name differs. */
		json_set_int(r->seen, "collisionCount",
			     json_int(json_get(r->seen, "collisionCount"), 0) + 1);
		actions_patch_status(r->out, STAGE_STATUS, &res_deployments, r->d, json_clone(r->seen));
		return;
	}
	if (r->in->last_failure && rollout_has_deadline(r)) {
		rollout_condition(r, "Progressing", "False", "ReplicaSetCreateError",
				  "Failed to create new replica set \"%s\": %s", name, r->in->last_failure);
		actions_patch_status(r->out, STAGE_STATUS, &res_deployments, r->d, json_clone(r->seen));
	}
	act = actions_create(r->out, STAGE_REPLICASETS, &res_replicasets, meta_namespace(r->d),
			     new_replicaset(r, size));
	action_on_failure(act, "ReplicaSetCreateError", "Failed to create new replica set: ");
	if (size > 0)
		action_on_ok(act, "ScalingReplicaSet", "Scaled up replica set %s from 0 to %lld", name,
			     (long long)size);
	set_revision_of_deployment(r, newest_old_revision(r) + 1, STAGE_AFTER_CREATE);
	if (rollout_has_deadline(r))
		rollout_condition(r, "Progressing", "True", "NewReplicaSetCreated",
				  "Created new replica set \"%s\"", name);
	rollout_report(r, false, STAGE_AFTER_CREATE);
}

static int by_revision(const void *pa, const void *pb)
{
	int64_t a = revision_of((*(struct rs_plan *const *)pa)->rs);
	int64_t b = revision_of((*(struct rs_plan *const *)pb)->rs);

	return a < b ? -1 : a > b;
}

/* Empty old ReplicaSets beyond revisionHistoryLimit go, the oldest revisions first. */
static void trim_history(struct rollout *r)
{
	_cleanup_free_ struct rs_plan **old = xcalloc(r->n, sizeof(*old));
	int64_t surplus;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (&r->all[i] != r->new && !meta_deleting(r->all[i].rs))
			old[n++] = &r->all[i];
	surplus = (int64_t)n - deployment_history_limit(r->d);
	if (surplus <= 0)
		return;
	qsort(old, n, sizeof(*old), by_revision);
	for (int64_t i = 0; i < surplus; i++) {
		const json *rs = old[i]->rs;

		if (rs_actual(rs) || old[i]->was ||
		    meta_generation(rs) > json_int(json_get(rs, "status", "observedGeneration"), 0))
			continue;
		actions_delete(r->out, STAGE_REPLICASETS, &res_replicasets, rs, "Background");
	}
}

/* --- the ways to go on --- */

/* Pods of old ReplicaSets that are not finished, whether counted by them or not. */
static bool old_pods_running(const struct rollout *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (&r->all[i] != r->new && rs_actual(r->all[i].rs) > 0)
			return true;
	for (size_t i = 0; i < r->in->n_pods; i++) {
		const json *pod = r->in->pods[i];

		if (pod_finished(pod) || (r->new && streq(meta_controller_uid(pod), meta_uid(r->new->rs))))
			continue;
		return true;
	}
	return false;
}

static void finish_step(struct rollout *r)
{
	if (deployment_complete(r->d, json_get(r->d, "status")))
		trim_history(r);
	rollout_report(r, true, STAGE_STATUS);
}

static void recreate(struct rollout *r)
{
	bool shrunk = false;

	for (size_t i = 0; i < r->n; i++) {
		if (&r->all[i] == r->new || !r->all[i].was)
			continue;
		r->all[i].size = 0;
		shrunk = true;
	}
	if (shrunk || old_pods_running(r)) {
		rollout_report(r, true, STAGE_STATUS);
		return;
	}
	if (!r->new) {
		create_new(r);
		return;
	}
	r->new->size = r->replicas;
	finish_step(r);
}

static void roll(struct rollout *r)
{
	int64_t size;

	if (!r->new) {
		create_new(r);
		return;
	}
	size = r->new->was > r->replicas ? r->replicas : rollout_new_size(r);
	if (size != r->new->was) {
		r->new->size = size;
		rollout_report(r, true, STAGE_STATUS);
	} else if (rollout_shrink_old(r)) {
		rollout_report(r, true, STAGE_STATUS);
	} else {
		finish_step(r);
	}
}

static void note_pause(struct rollout *r)
{
	const char *reason = json_str_or(json_get(condition_find(r->seen, "Progressing"), "reason"), "");
	bool noted = streq(reason, "DeploymentPaused"), paused = deployment_paused(r->d);

	if (!rollout_has_deadline(r) || streq(reason, "ProgressDeadlineExceeded") || noted == paused)
		return;
	if (paused)
		rollout_condition(r, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
	else
		rollout_condition(r, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed");
}

static int oldest_first(const void *pa, const void *pb)
{
	const json *a = ((const struct rs_plan *)pa)->rs, *b = ((const struct rs_plan *)pb)->rs;
	uint64_t ta = meta_created(a), tb = meta_created(b);

	if (ta != tb)
		return ta < tb ? -1 : 1;
	return strcmp(meta_name(a) ?: "", meta_name(b) ?: "");
}

static void make_plans(struct rollout *r, const json *const *sets, size_t n)
{
	r->n = n;
	r->all = xcalloc(n, sizeof(*r->all));
	for (size_t i = 0; i < n; i++)
		r->all[i] = (struct rs_plan){
			.rs = sets[i], .was = workload_replicas(sets[i]), .size = workload_replicas(sets[i]),
		};
	qsort(r->all, n, sizeof(*r->all), oldest_first);
	for (size_t i = 0; i < n && !r->new; i++)
		if (template_equal(workload_template(r->d), workload_template(r->all[i].rs)))
			r->new = &r->all[i];
}

void deployment_reconcile(const struct deployment_in *in, struct actions *out)
{
	_cleanup_free_ const json **sets = NULL;
	struct rollout r = {
		.in = in, .d = in->d, .out = out, .replicas = workload_replicas(in->d),
		.seen = json_clone(json_get(in->d, "status")) ?: json_new_object(),
	};
	size_t n;

	out->about_res = &res_deployments;
	out->about = in->d;
	deployment_bounds(in->d, &r.surge, &r.unavailable);
	sets = claim_dependents(out, &res_deployments, in->d, &res_replicasets, in->candidates,
				in->n_candidates, &n);
	make_plans(&r, sets, n);
	if (meta_deleting(in->d)) {
		rollout_report(&r, false, STAGE_STATUS);
	} else {
		note_pause(&r);
		if (r.new)
			keep_new_in_step(&r);
		if (deployment_paused(in->d) || rollout_is_scaling(&r)) {
			rollout_scale(&r);
			if (deployment_paused(in->d))
				trim_history(&r);
			rollout_report(&r, false, STAGE_STATUS);
		} else if (deployment_recreates(in->d)) {
			recreate(&r);
		} else {
			roll(&r);
		}
		write_plans(&r);
	}
	for (size_t i = 0; i < r.n; i++)
		cJSON_Delete(r.all[i].patch);
	free(r.all);
	cJSON_Delete(r.seen);
}

/* --- the shell's side --- */

static void sync_deployment(const struct sync *s, struct actions *out)
{
	const json *d = informers_get(s->informers, &res_deployments, s->ns, s->name);
	_cleanup_free_ const json **candidates = NULL, **pods = NULL;
	struct deployment_in in = { .d = d, .now = s->now, .last_failure = s->last_failure };
	_cleanup_free_ char *name = NULL;

	if (!d)
		return;
	candidates = find_candidates(s->informers, &res_replicasets, d, &in.n_candidates);
	in.candidates = candidates;
	if (deployment_recreates(d)) {
		for (size_t i = 0; i < in.n_candidates; i++) {
			size_t k;
			_cleanup_free_ const json **of_rs = NULL;

			if (!streq(meta_controller_uid(candidates[i]), meta_uid(d)))
				continue;
			of_rs = informers_owned(s->informers, &res_pods, meta_uid(candidates[i]), &k);
			pods = xrealloc(pods, (in.n_pods + k + 1) * sizeof(*pods));
			for (size_t j = 0; j < k; j++)
				pods[in.n_pods++] = of_rs[j];
		}
		in.pods = pods;
	}
	name = deployment_new_name(d);
	in.namesake = informers_get(s->informers, &res_replicasets, s->ns, name);
	deployment_reconcile(&in, out);
}

static void enqueue_owner(struct runner *r, const json *rs)
{
	const char *name;

	if (rs && controlled_by_kind(rs, &res_deployments, &name))
		runner_enqueue_object(r, meta_namespace(rs), name);
}

static void replicaset_changed(struct runner *r, const json *old, const json *new)
{
	enqueue_owner(r, new);
	if (!new || !streq(meta_controller_uid(old), meta_controller_uid(new)))
		enqueue_owner(r, old);
	if (new && !meta_controller(new) && !meta_deleting(new))
		enqueue_adopters(r, &res_deployments, new);
}

/* Only Recreate looks at pods, and only at whether they are gone. */
static void pod_changed(struct runner *r, const json *old, const json *new)
{
	const char *name;
	const json *rs;

	if ((new && !pod_finished(new)) || !controlled_by_kind(old ?: new, &res_replicasets, &name))
		return;
	rs = informers_get(runner_informers(r), &res_replicasets, meta_namespace(old ?: new), name);
	enqueue_owner(r, rs);
}

static void *init(struct informers *set, const struct controllers_config *config)
{
	informers_index(set, &res_deployments, index_by_label_selector, INDEX_ANY);
	informers_index(set, &res_replicasets, index_by_controller_uid, INDEX_EVERY);
	informers_index(set, &res_replicasets, index_orphans, INDEX_EVERY);
	informers_index(set, &res_pods, index_by_controller_uid, INDEX_EVERY);
	return NULL;
}

const struct controller deployment_controller = {
	.name = "deployment-controller",
	.watches = (const struct controller_watch[]){
		{ &res_deployments, runner_changed_self },
		{ &res_replicasets, replicaset_changed },
		{ &res_pods, pod_changed },
		{ 0 },
	},
	.init = init,
	.sync = sync_deployment,
};
