// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_job.c - the spec of a Job, see job.h */
#include "api/kinds/job.h"
#include "api/kinds/validate_parts.h"
#include "api/meta/validate_values.h"

#define MANAGED_BY_MAX 63
#define PARALLEL_MAX 100000		/* of an indexed Job: what is done is listed */
#define FAILED_INDEXES_MAX 100000
#define MANY_COMPLETIONS 100000		/* with these, the two may be only */
#define WITH_MANY_MAX 10000

bool job_is_indexed(const json *spec)
{
	return streq(json_str(json_get(spec, "completionMode")), "Indexed");
}

static int64_t number(const json *spec, const char *key)
{
	return json_int(json_get(spec, key), 0);
}

static void validate_counts(const json *spec, const char *path, struct field_errors *e)
{
	const char *manager = json_str(json_get(spec, "managedBy"));
	PATH(managed_by, "%s.managedBy", path);

	validate_not_negatives(spec, "parallelism,completions,activeDeadlineSeconds,backoffLimit,ttlSecondsAfterFinished,"
			       "backoffLimitPerIndex,maxFailedIndexes", path, e);
	if (json_get(spec, "maxFailedIndexes") && !json_get(spec, "backoffLimitPerIndex"))
		child_required(e, path, "backoffLimitPerIndex", "when maxFailedIndexes is specified");
	if (manager)
		validate_domain_path(manager, managed_by, e);
	if (manager && strlen(manager) > MANAGED_BY_MAX)
		field_too_long(e, managed_by, MANAGED_BY_MAX);
}

static void validate_many(const json *spec, const char *path, struct field_errors *e)
{
	static const char why[] = "must be less than or equal to 10000 when completions are above 100000 and used with "
		"backoff limit per index";

	if (!json_get(spec, "maxFailedIndexes"))
		child_required(e, path, "maxFailedIndexes", "must be specified when completions is above 100000");
	if (number(spec, "parallelism") > WITH_MANY_MAX)
		child_invalid_int(e, path, "parallelism", number(spec, "parallelism"), why);
	if (number(spec, "maxFailedIndexes") > WITH_MANY_MAX)
		child_invalid_int(e, path, "maxFailedIndexes", number(spec, "maxFailedIndexes"), why);
}

static void validate_indexed(const json *spec, const char *path, struct field_errors *e)
{
	const json *completions = json_get(spec, "completions");
	int64_t parallel = number(spec, "parallelism"), failed = number(spec, "maxFailedIndexes");

	if (!completions)
		child_required(e, path, "completions", "when completion mode is Indexed");
	if (parallel > PARALLEL_MAX)
		child_invalid_int(e, path, "parallelism", parallel,
				  "must be less than or equal to 100000 when completion mode is Indexed");
	if (completions && failed > json_int(completions, 0))
		child_invalid_int(e, path, "maxFailedIndexes", failed, "must be less than or equal to completions");
	if (failed > FAILED_INDEXES_MAX)
		child_invalid_int(e, path, "maxFailedIndexes", failed, "must be less than or equal to 100000");
	if (json_int(completions, 0) > MANY_COMPLETIONS && json_get(spec, "backoffLimitPerIndex"))
		validate_many(spec, path, e);
}

static void validate_completion_mode(const json *spec, const char *path, struct field_errors *e)
{
	static const char *const only_indexed[] = { "backoffLimitPerIndex", "maxFailedIndexes" };
	const char *mode = json_str_or(json_get(spec, "completionMode"), "NonIndexed");

	validate_known(spec, "completionMode", "NonIndexed,Indexed", path, e);
	if (streq(mode, "Indexed"))
		validate_indexed(spec, path, e);
	for (size_t i = 0; i < ARRAY_SIZE(only_indexed); i++)
		if (streq(mode, "NonIndexed") && json_get(spec, only_indexed[i]))
			child_invalid_int(e, path, only_indexed[i], number(spec, only_indexed[i]),
					  "requires indexed completion mode");
}

static void validate_restart(const json *spec, const char *path, struct field_errors *e)
{
	const char *restart = json_str_or(json_get(spec, "template", "spec", "restartPolicy"), "Always");
	PATH(p, "%s.template.spec.restartPolicy", path);

	if (streq(restart, "Always"))
		field_required(e, p, "valid values: \"OnFailure\", \"Never\"");
	else if (!one_of(restart, "OnFailure,Never"))
		field_not_supported(e, p, restart, "OnFailure,Never");
	else if (json_get(spec, "podFailurePolicy") && !streq(restart, "Never"))
		field_invalid_str(e, p, restart, "only \"Never\" is supported when podFailurePolicy is specified");
}

void validate_job_spec(const json *spec, const char *path, struct field_errors *e)
{
	PATH(template, "%s.template", path);

	validate_counts(spec, path, e);
	validate_completion_mode(spec, path, e);
	validate_job_failure_policy(spec, path, e);
	validate_job_success_policy(spec, path, e);
	validate_known(spec, "podReplacementPolicy",
		       json_get(spec, "podFailurePolicy") ? "Failed" : "Failed,TerminatingOrFailed", path, e);
	validate_template(json_get(spec, "template"), template, e);
	validate_restart(spec, path, e);
}
