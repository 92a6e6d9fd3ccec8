// SPDX-License-Identifier: GPL-2.0-or-later
/* deployment_status.c - counts and conditions of a Deployment; see deployment_rollout.h */
#include "api/kinds/kinds.h"
#include "api/meta/view_deployment.h"
#include "controllers/deployment_rollout.h"
#include "controllers/objects.h"

static int64_t count(const json *status, const char *key)
{
	return json_int(json_get(status, key), 0);
}

bool deployment_complete(const json *d, const json *status)
{
	int64_t n = workload_replicas(d);

	return count(status, "updatedReplicas") == n && count(status, "replicas") == n &&
	       count(status, "availableReplicas") == n &&
	       count(status, "observedGeneration") >= meta_generation(d);
}

void rollout_condition(struct rollout *r, const char *type, const char *status, const char *reason,
		       const char *fmt, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list ap;

	va_start(ap, fmt);
	message = xvasprintf(fmt, ap);
	va_end(ap);
	condition_set(r->seen, &(struct condition){
		.type = type, .status = status, .reason = reason, .message = message, .has_update_time = true,
	}, r->in->now);
}

bool rollout_has_deadline(const struct rollout *r)
{
	return deployment_progress_deadline(r->d) != INT32_MAX;
}

static void set_count(json *status, const char *key, int64_t v)
{
	json_set(status, key, v ? json_new_int(v) : NULL);
}

/* The counts in r->seen, from what the ReplicaSets report. */
static void set_counts(struct rollout *r)
{
	int64_t total = 0, actual = 0, ready = 0, available = 0;

	for (size_t i = 0; i < r->n; i++) {
		const json *rs = r->all[i].rs;

		total += r->all[i].was;
		actual += rs_actual(rs);
		ready += json_int(json_get(rs, "status", "readyReplicas"), 0);
		available += rs_available(rs);
	}
	set_count(r->seen, "observedGeneration", meta_generation(r->d));
	set_count(r->seen, "replicas", actual);
	set_count(r->seen, "updatedReplicas", r->new ? rs_actual(r->new->rs) : 0);
	set_count(r->seen, "readyReplicas", ready);
	set_count(r->seen, "availableReplicas", available);
	set_count(r->seen, "unavailableReplicas", total > available ? total - available : 0);
	if (available >= r->replicas - r->unavailable)
		rollout_condition(r, "Available", "True", "MinimumReplicasAvailable",
				  "Deployment has minimum availability.");
	else
		rollout_condition(r, "Available", "False", "MinimumReplicasUnavailable",
				  "Deployment does not have minimum availability.");
}

/* Any count moved in the right direction since the last report. */
static bool advanced(const json *was, const json *is)
{
	int64_t old_was = count(was, "replicas") - count(was, "updatedReplicas");
	int64_t old_is = count(is, "replicas") - count(is, "updatedReplicas");

	return count(is, "updatedReplicas") > count(was, "updatedReplicas") || old_is < old_was ||
	       count(is, "readyReplicas") > count(was, "readyReplicas") ||
	       count(is, "availableReplicas") > count(was, "availableReplicas");
}

static const char *reason_of(const json *condition)
{
	return json_str_or(json_get(condition, "reason"), "");
}

/* When the rollout fails unless something moves before; 0 when there is nothing to fail. */
static uint64_t deadline_of(const struct rollout *r, const json *progressing)
{
	uint64_t since = json_time(json_get(progressing, "lastUpdateTime"));

	return since ? since + (uint64_t)deployment_progress_deadline(r->d) * 1000000 : 0;
}

/* was: the status that the counts are compared with. */
static void judge_progress(struct rollout *r, const json *was)
{
	const json *cond = condition_find(r->seen, "Progressing");
	_cleanup_free_ char *who = NULL;
	uint64_t deadline;

	if (!rollout_has_deadline(r)) {
		condition_remove(r->seen, "Progressing");
		return;
	}
	/* A rollout that has completed stays so, whatever its pods do later. */
	if (count(r->seen, "replicas") == count(r->seen, "updatedReplicas") &&
	    streq(reason_of(cond), "NewReplicaSetAvailable"))
		return;
	who = r->new ? xasprintf("ReplicaSet \"%s\"", meta_name(r->new->rs)) :
		       xasprintf("Deployment \"%s\"", meta_name(r->d));
	deadline = deadline_of(r, cond);
	if (deployment_complete(r->d, r->seen)) {
		rollout_condition(r, "Progressing", "True", "NewReplicaSetAvailable",
				  "%s has successfully progressed.", who);
	} else if (advanced(was, r->seen)) {
		/* Each step moves lastUpdateTime, even where status and reason stay. */
		bool held = streq(json_str(json_get(cond, "status")), "True");
		_cleanup_free_ char *since = held ? xstrdup(json_str_or(json_get(cond, "lastTransitionTime"), "")) : NULL;

		condition_remove(r->seen, "Progressing");
		rollout_condition(r, "Progressing", "True", "ReplicaSetUpdated", "%s is progressing.", who);
		if (since && *since)
			json_set_str((json *)condition_find(r->seen, "Progressing"), "lastTransitionTime", since);
	} else if (cond && !streq(reason_of(cond), "NewReplicaSetAvailable") &&
		   (streq(reason_of(cond), "ProgressDeadlineExceeded") || (deadline && deadline < r->in->now))) {
		rollout_condition(r, "Progressing", "False", "ProgressDeadlineExceeded",
				  "%s has timed out progressing.", who);
	}
	cond = condition_find(r->seen, "Progressing");
	deadline = deadline_of(r, cond);
	if (deadline && !deployment_complete(r->d, r->seen) && !streq(reason_of(cond), "ProgressDeadlineExceeded"))
		actions_requeue(r->out, deadline > r->in->now ? deadline - r->in->now + 1000000 : 1000000);
}

/* A ReplicaSet that cannot make its pods: the new one's word counts first. */
static void pass_on_failure(struct rollout *r)
{
	const json *failure = r->new ? status_condition(r->new->rs, "ReplicaFailure") : NULL;

	for (size_t i = 0; i < r->n && !failure; i++)
		failure = status_condition(r->all[i].rs, "ReplicaFailure");
	if (failure)
		rollout_condition(r, "ReplicaFailure", json_str_or(json_get(failure, "status"), "True"),
				  reason_of(failure), "%s", json_str_or(json_get(failure, "message"), ""));
	else
		condition_remove(r->seen, "ReplicaFailure");
}

void rollout_report(struct rollout *r, bool with_progress, int stage)
{
	_cleanup_json_ json *was = json_clone(r->seen);

	set_counts(r);
	if (with_progress) {
		judge_progress(r, was);
		pass_on_failure(r);
	}
	actions_patch_status(r->out, stage, &res_deployments, r->d, json_clone(r->seen));
}
