// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_job_policy.c - when a Job has failed or is done before all its pods are, see job.h */
#include "api/kinds/indexes.h"
#include "api/kinds/job.h"
#include "api/meta/validate_values.h"

#define RULES_MAX 20
#define EXIT_CODES_MAX 255
#define CONDITIONS_MAX 20
#define INDEXES_MAX (64 * 1024)

/* obj[key] is one of the words; in a message those are said as Go prints a list where there is none. */
static void validate_word(const json *obj, const char *key, const char *words, const char *listed, const char *path,
			  struct field_errors *e)
{
	if (!text_of(obj, key))
		child_required(e, path, key, listed);
	else
		validate_known(obj, key, words, path, e);
}

/* --- podFailurePolicy ----------------------------------------------------------- */

static bool has_container(const json *spec, const char *name)
{
	const json *pod = json_get(spec, "template", "spec");

	return list_has_before(json_get(pod, "containers"), NULL, "name", name) ||
	       list_has_before(json_get(pod, "initContainers"), NULL, "name", name);
}

static void validate_codes(const json *codes, bool in, const char *path, struct field_errors *e)
{
	_cleanup_json_ json *seen = json_new_object();
	int64_t before = INT64_MIN;
	bool ordered = true;
	int i = 0;

	json_each(c, codes) {
		int64_t v = json_int(c, 0);
		PATH(p, "%s[%d]", path, i++);
		PATH(key, "%lld", (long long)v);

		if (in && !v)
			field_invalid_int(e, p, v, "must not be 0 for the In operator");
		if (json_get(seen, key))
			field_error(e, p, FIELD_DUPLICATE, "Duplicate value: %s", key);
		json_set_bool(seen, key, true);
		ordered = ordered && before <= v;
		before = v;
	}
	if (!ordered)
		field_invalid(e, path, codes, "must be ordered");
}

static void validate_exit_codes(const json *spec, const json *on, const char *path, struct field_errors *e)
{
	const json *name = json_get(on, "containerName"), *values = json_get(on, "values");
	PATH(values_path, "%s.values", path);

	validate_word(on, "operator", "In,NotIn", "valid values: [\"In\" \"NotIn\"]", path, e);
	if (name && !has_container(spec, json_str_or(name, "")))
		child_invalid(e, path, "containerName", name,
			      "must be one of the container or initContainer names in the pod template");
	if (!json_len(values))
		field_invalid(e, values_path, values, "at least one value is required");
	validate_at_most_items(on, "values", EXIT_CODES_MAX, path, e);
	validate_codes(values, streq(text_of(on, "operator"), "In"), values_path, e);
}

static void validate_on_conditions(const json *rule, const char *path, struct field_errors *e)
{
	int i = 0;

	validate_at_most_items(rule, "onPodConditions", CONDITIONS_MAX, path, e);
	json_each(c, json_get(rule, "onPodConditions")) {
		PATH(base, "%s.onPodConditions[%d]", path, i++);
		PATH(type, "%s.type", base);

		validate_label_name(json_str_or(json_get(c, "type"), ""), type, e);
		validate_word(c, "status", "False,True,Unknown", "valid values: [\"False\" \"True\" \"Unknown\"]", base, e);
	}
}

static void validate_failure_rule(const json *spec, const json *rule, const char *path, struct field_errors *e)
{
	const json *codes = json_get(rule, "onExitCodes");
	bool conditions = json_len(json_get(rule, "onPodConditions"));
	const char *action = text_of(rule, "action");
	PATH(codes_path, "%s.onExitCodes", path);

	validate_word(rule, "action", "Count,FailIndex,FailJob,Ignore",
		      "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]", path, e);
	if (streq(action, "FailIndex") && !json_get(spec, "backoffLimitPerIndex"))
		child_invalid_str(e, path, "action", action, "requires the backoffLimitPerIndex to be set");
	if (codes)
		validate_exit_codes(spec, codes, codes_path, e);
	validate_on_conditions(rule, path, e);
	if (codes && conditions)
		field_error(e, path, FIELD_INVALID,
			    "Invalid value: specifying both OnExitCodes and OnPodConditions is not supported");
	else if (!codes && !conditions)
		field_error(e, path, FIELD_INVALID,
			    "Invalid value: specifying one of OnExitCodes and OnPodConditions is required");
}

void validate_job_failure_policy(const json *spec, const char *path, struct field_errors *e)
{
	const json *policy = json_get(spec, "podFailurePolicy");
	int i = 0;
	PATH(base, "%s.podFailurePolicy", path);

	validate_at_most_items(policy, "rules", RULES_MAX, base, e);
	json_each(rule, json_get(policy, "rules")) {
		PATH(p, "%s.rules[%d]", base, i++);

		validate_failure_rule(spec, rule, p, e);
	}
}

/* --- successPolicy ------------------------------------------------------------------ */

static void validate_success_count(const json *rule, int64_t completions, int64_t indexes, const char *path,
				   struct field_errors *e)
{
	int64_t count = json_int(json_get(rule, "succeededCount"), 0);
	PATH(of_all, "must be less than or equal to %lld (the number of specified completions)", (long long)completions);
	PATH(of_these, "must be less than or equal to %lld (the number of indexes in the specified succeededIndexes field)",
	     (long long)indexes);

	validate_not_negative(rule, "succeededCount", path, e);
	if (count > completions)
		child_invalid_int(e, path, "succeededCount", count, of_all);
	if (json_get(rule, "succeededIndexes") && count > indexes)
		child_invalid_int(e, path, "succeededCount", count, of_these);
}

static void validate_success_rule(const json *spec, const json *rule, const char *path, struct field_errors *e)
{
	int64_t completions = json_int(json_get(spec, "completions"), 0), n = 0;
	const char *indexes = json_str(json_get(rule, "succeededIndexes"));
	_cleanup_free_ char *why = NULL;

	if (!indexes && !json_get(rule, "succeededCount"))
		field_required(e, path, "at least one of succeededCount or succeededIndexes must be specified");
	if (indexes && strlen(indexes) > INDEXES_MAX)
		child_too_long(e, path, "succeededIndexes", INDEXES_MAX);
	if (indexes && indexes_count(indexes, completions, &n, &why)) {
		PATH(text, "error parsing succeededIndexes: %s", why);

		child_invalid_str(e, path, "succeededIndexes", indexes, text);
	}
	if (json_get(rule, "succeededCount"))
		validate_success_count(rule, completions, n, path, e);
}

/* As Kubernetes prints its own form of one. */
static json *policy_as_printed(const json *policy)
{
	json *printed = json_build("{\"Rules\":[]}");

	json_each(rule, json_get(policy, "rules")) {
		const json *indexes = json_get(rule, "succeededIndexes"), *count = json_get(rule, "succeededCount");
		json *r = json_new_object();

		json_set(r, "SucceededIndexes", indexes ? json_clone(indexes) : json_new_null());
		json_set(r, "SucceededCount", count ? json_clone(count) : json_new_null());
		json_append(json_get(printed, "Rules"), r);
	}
	return printed;
}

void validate_job_success_policy(const json *spec, const char *path, struct field_errors *e)
{
	const json *policy = json_get(spec, "successPolicy");
	int i = 0;
	PATH(base, "%s.successPolicy", path);

	if (!policy)
		return;
	if (!job_is_indexed(spec)) {
		_cleanup_json_ json *printed = policy_as_printed(policy);

		field_invalid(e, base, printed, "requires indexed completion mode");
		return;
	}
	if (!json_len(json_get(policy, "rules")))
		child_required(e, base, "rules", "at least one rules must be specified when the successPolicy is specified");
	validate_at_most_items(policy, "rules", RULES_MAX, base, e);
	json_each(rule, json_get(policy, "rules")) {
		PATH(p, "%s.rules[%d]", base, i++);

		validate_success_rule(spec, rule, p, e);
	}
}
