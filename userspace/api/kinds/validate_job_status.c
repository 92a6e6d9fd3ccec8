// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * validate_job_status.c - what may be said in a Job's status, see job.h
 *
 * What was there before, let in by a server of old, does not stand in the way: a
 * rule looks only at a status in which something it speaks of changes.
 */
#include "api/kinds/indexes.h"
#include "api/kinds/job.h"
#include "api/meta/validate_values.h"
#include "api/meta/view_meta.h"

#define COMPLETE 1
#define FAILED 2
#define FAILURE_TARGET 4
#define CRITERIA_MET 8
#define FINISHED (COMPLETE | FAILED)

/* The two statuses, and what of the conditions is True in them. */
struct job_step {
	const json *spec, *new, *old;
	unsigned is, was;
	struct field_errors *e;
};

static unsigned conditions_of(const json *job)
{
	return (status_condition_true(job, "Complete") ? COMPLETE : 0) |
	       (status_condition_true(job, "Failed") ? FAILED : 0) |
	       (status_condition_true(job, "FailureTarget") ? FAILURE_TARGET : 0) |
	       (status_condition_true(job, "SuccessCriteriaMet") ? CRITERIA_MET : 0);
}

static bool turned(const struct job_step *s, unsigned conditions)
{
	return (s->is ^ s->was) & conditions;
}

/* Finished or not is one thing, whichever way. */
static bool finish_turned(const struct job_step *s)
{
	return !(s->is & FINISHED) != !(s->was & FINISHED);
}

static bool changed(const struct job_step *s, const char *member)
{
	return !json_equal(json_get(s->new, member), json_get(s->old, member));
}

static int64_t number(const struct job_step *s, const char *member)
{
	return json_int(json_get(s->new, member), 0);
}

static void bad_conditions(const struct job_step *s, const char *why)
{
	field_error(s->e, "status.conditions", FIELD_INVALID, "Invalid value: %s", why);
}

static void bad_time(const struct job_step *s, const char *why)
{
	field_invalid(s->e, "status.completionTime", json_get(s->new, "completionTime"), why);
}

/* --- pods that ended and are not counted yet --------------------------------------- */

static void validate_uncounted(const struct job_step *s, const char *list, json *seen)
{
	int i = 0;

	json_each(u, json_get(s->new, "uncountedTerminatedPods", list)) {
		const char *uid = json_str_or(u, "");
		PATH(p, "status.uncountedTerminatedPods.%s[%d]", list, i++);

		if (!*uid)
			field_invalid_str(s->e, p, uid, "must not be empty");
		else if (json_get(seen, uid))
			field_duplicate(s->e, p, uid);
		else
			json_set_bool(seen, uid, true);
	}
}

/* --- the end of a Job ------------------------------------------------------------------ */

static void validate_end(const struct job_step *s)
{
	const json *start = json_get(s->new, "startTime"), *end = json_get(s->new, "completionTime");
	bool end_moved = changed(s, "completionTime");

	if (turned(s, FINISHED) && (s->is & FINISHED) == FINISHED)
		bad_conditions(s, "cannot set Complete=True and Failed=true conditions");
	if (turned(s, COMPLETE | FAILURE_TARGET) && (s->is & COMPLETE) && (s->is & FAILURE_TARGET))
		bad_conditions(s, "cannot set Complete=True and FailureTarget=true conditions");
	if ((turned(s, COMPLETE) || end_moved) && end && !(s->is & COMPLETE))
		bad_time(s, "cannot set completionTime when there is no Complete=True condition");
	if ((turned(s, COMPLETE) || end_moved) && !end && (s->is & COMPLETE))
		field_required(s->e, "status.completionTime", "completionTime is required for Complete jobs");
	if ((changed(s, "startTime") || end_moved) && start && end && json_time(end) < json_time(start))
		bad_time(s, "completionTime cannot be set before startTime");
	if (turned(s, FAILED | FAILURE_TARGET) && (s->is & FAILED) && !(s->is & FAILURE_TARGET))
		bad_conditions(s, "cannot set Failed=True condition without the FailureTarget=true condition");
	if (turned(s, COMPLETE | CRITERIA_MET) && (s->is & COMPLETE) && !(s->is & CRITERIA_MET))
		bad_conditions(s, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
}

static void validate_finished(const struct job_step *s)
{
	const json *uncounted = json_get(s->new, "uncountedTerminatedPods");

	if (!(s->is & FINISHED))
		return;
	if ((finish_turned(s) || changed(s, "active")) && number(s, "active") > 0)
		field_invalid_int(s->e, "status.active", number(s, "active"), "active>0 is invalid for finished job");
	if ((finish_turned(s) || changed(s, "startTime")) && !json_get(s->new, "startTime"))
		field_required(s->e, "status.startTime", "startTime is required for finished job");
	if ((finish_turned(s) || changed(s, "uncountedTerminatedPods")) &&
	    (json_len(json_get(uncounted, "succeeded")) || json_len(json_get(uncounted, "failed"))))
		field_invalid(s->e, "status.uncountedTerminatedPods", uncounted,
			      "uncountedTerminatedPods needs to be empty for finished job");
}

/* --- indexes ------------------------------------------------------------------------------ */

static void validate_index_text(const struct job_step *s, const char *member)
{
	int64_t n, limit = json_int(json_get(s->spec, "completions"), 0);
	const char *text = json_str(json_get(s->new, member));
	_cleanup_free_ char *why = NULL;

	if (text && indexes_count(text, limit, &n, &why)) {
		PATH(detail, "error parsing %s: %s", member, why);

		child_invalid_str(s->e, "status", member, text, detail);
	}
}

static void validate_indexes(const struct job_step *s)
{
	const json *completions = json_get(s->spec, "completions"), *per_index = json_get(s->spec, "backoffLimitPerIndex");
	const char *completed = json_str_or(json_get(s->new, "completedIndexes"), "");
	const char *failed = json_str(json_get(s->new, "failedIndexes"));
	bool completed_moved = changed(s, "completedIndexes"), failed_moved = changed(s, "failedIndexes");
	int64_t both = -1;

	if (completed_moved && completions)
		validate_index_text(s, "completedIndexes");
	if (failed_moved && completions && per_index)
		validate_index_text(s, "failedIndexes");
	if (completed_moved && *completed && !job_is_indexed(s->spec))
		field_invalid_str(s->e, "status.completedIndexes", completed,
				  "cannot set non-empty completedIndexes when non-indexed completion mode");
	if (failed_moved && failed && !per_index)
		field_invalid_str(s->e, "status.failedIndexes", failed,
				  "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
	if ((completed_moved || failed_moved) && completions && failed)
		both = indexes_overlap(completed, failed, json_int(completions, 0));
	if (both >= 0) {
		PATH(why, "failedIndexes and completedIndexes overlap at index: %lld", (long long)both);

		field_invalid_str(s->e, "status.failedIndexes", failed, why);
	}
}

/* --- the whole ------------------------------------------------------------------------------- */

static void validate_criteria(const struct job_step *s)
{
	if ((finish_turned(s) || changed(s, "terminating")) && (s->is & FINISHED) && number(s, "terminating") > 0)
		field_invalid_int(s->e, "status.terminating", number(s, "terminating"),
				  "terminating>0 is invalid for finished job");
	if ((changed(s, "ready") || changed(s, "active")) && number(s, "ready") > number(s, "active"))
		field_invalid_int(s->e, "status.ready", number(s, "ready"), "cannot set more ready pods than active");
	if ((s->is & CRITERIA_MET) && (s->is & FAILED))
		bad_conditions(s, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
	if ((s->is & CRITERIA_MET) && (s->is & FAILURE_TARGET))
		bad_conditions(s, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
	if (json_get(s->spec, "successPolicy") && (s->is & COMPLETE) && !(s->is & CRITERIA_MET))
		bad_conditions(s, "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
}

/* What was said for good. */
static void validate_step(const struct job_step *s)
{
	static const struct {
		unsigned bit;
		const char *why;
	} terminal[] = {
		{ FAILED, "cannot disable the terminal Failed=True condition" },
		{ COMPLETE, "cannot disable the terminal Complete=True condition" },
		{ FAILURE_TARGET, "cannot disable the terminal FailureTarget=True condition" },
	};
	bool elastic = job_is_indexed(s->spec) &&
		       json_equal(json_get(s->spec, "completions"), json_get(s->spec, "parallelism"));

	for (size_t i = 0; i < ARRAY_SIZE(terminal); i++)
		if ((s->was & ~s->is) & terminal[i].bit)
			bad_conditions(s, terminal[i].why);
	if (number(s, "failed") < json_int(json_get(s->old, "failed"), 0))
		field_invalid_int(s->e, "status.failed", number(s, "failed"), "cannot decrease the failed counter");
	/* A Job that may shrink has fewer indexes then, done ones too. */
	if (!elastic && number(s, "succeeded") < json_int(json_get(s->old, "succeeded"), 0))
		field_invalid_int(s->e, "status.succeeded", number(s, "succeeded"), "cannot decrease the succeeded counter");
	if (json_get(s->new, "completionTime") && json_get(s->old, "completionTime") && changed(s, "completionTime"))
		bad_time(s, "completionTime cannot be mutated");
	if (json_get(s->old, "startTime") && changed(s, "startTime") && !is_true(s->spec, "suspend"))
		field_required(s->e, "status.startTime", "startTime cannot be removed for unsuspended job");
	if ((s->was & ~s->is) & CRITERIA_MET)
		bad_conditions(s, "cannot disable the SuccessCriteriaMet=True condition");
	if ((s->was & COMPLETE) && (s->is & ~s->was & CRITERIA_MET))
		bad_conditions(s, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
}

void validate_job_status(const json *new, const json *old, struct field_errors *e)
{
	struct job_step s = {
		.spec = json_get(new, "spec"), .new = json_get(new, "status"), .old = json_get(old, "status"),
		.is = conditions_of(new), .was = conditions_of(old), .e = e,
	};
	_cleanup_json_ json *seen = json_new_object();

	validate_not_negatives(s.new, "active,succeeded,failed,ready,terminating", "status", e);
	validate_uncounted(&s, "succeeded", seen);
	validate_uncounted(&s, "failed", seen);
	validate_end(&s);
	validate_finished(&s);
	validate_indexes(&s);
	validate_criteria(&s);
	validate_step(&s);
}
