// SPDX-License-Identifier: GPL-2.0-or-later
/* job.c - Job: its defaults, the selector that is made for it, what may change */
#include "api/kinds/job.h"

#include "api/kinds/defaults_pod.h"
#include "api/kinds/validate_parts.h"
#include "api/kinds/workload.h"
#include "api/meta/validate_values.h"
#include "api/meta/view_meta.h"
#include "api/meta/view_selector.h"

/* --- defaults --------------------------------------------------------------------- */

#define NO_LIMIT INT64_C(2147483647)

static void default_job(json *obj)
{
	json *spec = json_obj(obj, "spec"), *meta = json_obj(obj, "metadata");
	const json *labels = json_get(spec, "template", "metadata", "labels");

	if (!json_get(spec, "completions") && !json_get(spec, "parallelism"))
		json_set_int(spec, "completions", 1);
	default_int(spec, "parallelism", 1);
	default_int(spec, "backoffLimit", json_get(spec, "backoffLimitPerIndex") ? NO_LIMIT : 6);
	if (labels && !json_len(json_get(meta, "labels")))
		json_set(meta, "labels", json_clone(labels));
	default_str(spec, "completionMode", "NonIndexed");
	default_bool(spec, "suspend", false);
	default_str(spec, "podReplacementPolicy", json_get(spec, "podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
	default_bool(spec, "manualSelector", false);
	json_each(rule, json_get(spec, "podFailurePolicy", "rules"))
		json_each(c, json_get(rule, "onPodConditions"))
			default_str(c, "status", "True");
	default_template(spec);
}

/* --- its own selector ---------------------------------------------------------------- */

/* Labels by which it knows its pods, unless the user cares for that. */
static void prepare_create(json *obj)
{
	const char *uid = meta_uid(obj) ?: "", *name = meta_name(obj) ?: "";
	json *spec = json_obj(obj, "spec");
	json *labels;

	if (is_true(spec, "manualSelector"))
		return;
	labels = json_obj(spec, "template", "metadata", "labels");
	default_str(labels, JOB_OLD_NAME_LABEL, name);
	default_str(labels, JOB_NAME_LABEL, name);
	default_str(labels, JOB_OLD_UID_LABEL, uid);
	default_str(labels, JOB_UID_LABEL, uid);
	default_str(json_obj(spec, "selector", "matchLabels"), JOB_UID_LABEL, uid);
}

static void validate_own_label(const json *obj, const char *key, const char *want, struct field_errors *e)
{
	const json *labels = json_get(obj, "spec", "template", "metadata", "labels");
	const char *is = json_str(json_get(labels, key));
	PATH(path, "spec.template.metadata.labels[%s]", key);
	PATH(why, "must be '%s'", want);

	if (!is)
		field_required(e, path, why);
	else if (!streq(is, want))
		field_invalid_map(e, path, labels, why);
}

/* Does the template have the labels of now, not only those of before? */
static bool has_new_labels(const json *obj)
{
	const json *labels = json_get(obj, "spec", "template", "metadata", "labels");

	return json_get(labels, JOB_UID_LABEL) && json_get(labels, JOB_NAME_LABEL);
}

/* old: what it is to replace, which may be from before the labels were renamed; or NULL */
static void validate_own_selector(const json *obj, const json *old, struct field_errors *e)
{
	bool renamed = !old || has_new_labels(old);
	const char *uid = meta_uid(obj) ?: "", *name = meta_name(obj) ?: "";
	const json *selector = json_get(obj, "spec", "selector");
	_cleanup_json_ json *own = json_new_object();

	if (is_true(json_get(obj, "spec"), "manualSelector") || !selector)
		return;
	if (!*uid)
		field_required(e, "metadata.uid", NULL);
	validate_own_label(obj, JOB_OLD_UID_LABEL, uid, e);
	validate_own_label(obj, JOB_OLD_NAME_LABEL, name, e);
	json_set_str(own, JOB_OLD_UID_LABEL, uid);
	json_set_str(own, JOB_OLD_NAME_LABEL, name);
	if (renamed) {
		validate_own_label(obj, JOB_UID_LABEL, uid, e);
		validate_own_label(obj, JOB_NAME_LABEL, name, e);
		json_set_str(own, JOB_UID_LABEL, uid);
		json_set_str(own, JOB_NAME_LABEL, name);
	}
	if (selector_is_sound(selector) && !label_selector_matches(selector, own))
		field_invalid_selector(e, "spec.selector", selector, "`selector` not auto-generated");
}

/* --- validation -------------------------------------------------------------------------- */

static void validate_spec(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec"), *selector = json_get(spec, "selector");

	validate_job_spec(spec, "spec", e);
	if (!selector)
		field_required(e, "spec.selector", NULL);
	validate_label_selector(selector, "spec.selector", e);
	if (selector_is_sound(selector))
		validate_template_selected(json_get(spec, "template"), selector, "spec.template", e);
}

/* old may be NULL. */
static void validate_whole(const json *obj, const json *old, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");
	int64_t completions = json_int(json_get(spec, "completions"), 0);

	validate_own_selector(obj, old, e);
	validate_spec(obj, e);
	/* The pod of the last index has the longest name. */
	if (job_is_indexed(spec) && completions > 0) {
		PATH(pod, "%s-%lld", meta_name(obj) ?: "", (long long)completions - 1);
		PATH(why, "will not able to create pod with invalid DNS label: %s", pod);

		if (invalid_dns1123_label(pod))
			field_invalid_str(e, "metadata.name", meta_name(obj) ?: "", why);
	}
}

static void validate_job(const json *obj, struct field_errors *e)
{
	validate_whole(obj, NULL, e);
}

static void validate_completions_update(const json *new, const json *old, struct field_errors *e)
{
	const json *is = json_get(new, "completions"), *was = json_get(old, "completions");

	if (!job_is_indexed(new))
		validate_immutable(is, was, "spec.completions", e);
	else if (is && !json_equal(is, was) && json_int(is, 0) != json_int(json_get(new, "parallelism"), 0))
		field_invalid(e, "spec.completions", is, "can only be modified in tandem with spec.parallelism");
}

static void take_back_resources(json *list, const json *old)
{
	const json *o = old ? old->child : NULL;

	if (json_len(list) != json_len(old))
		return;
	json_each(c, list) {
		keep_member(c, o, "resources");
		o = o->next;
	}
}

/* Where its pods may go is free, and what they ask for, until it has run for the first time. */
static void take_back_directives(json *next, const json *old)
{
	json *meta = json_get(next, "metadata"), *spec = json_get(next, "spec");
	const json *was = json_get(old, "spec");

	keep_member(meta, json_get(old, "metadata"), "labels");
	keep_member(meta, json_get(old, "metadata"), "annotations");
	keep_member(spec, was, "nodeSelector");
	keep_member(spec, was, "tolerations");
	keep_member(spec, was, "schedulingGates");
	if (json_get(spec, "affinity") || json_get(was, "affinity"))
		keep_member(json_obj(spec, "affinity"), json_get(was, "affinity"), "nodeAffinity");
	if (!json_len(json_get(spec, "affinity")) && !json_len(json_get(was, "affinity")))
		keep_member(spec, was, "affinity");
	take_back_resources(json_get(spec, "containers"), json_get(was, "containers"));
	take_back_resources(json_get(spec, "initContainers"), json_get(was, "initContainers"));
}

static void validate_template_update(const json *new, const json *old, struct field_errors *e)
{
	bool free = is_true(json_get(old, "spec"), "suspend") && !json_get(old, "status", "startTime");
	const json *is = json_get(new, "spec", "template"), *was = json_get(old, "spec", "template");
	_cleanup_json_ json *next = json_clone(is);

	if (free)
		take_back_directives(next, was);
	if (!json_equal(next, was))
		field_invalid(e, "spec.template", is, MSG_IMMUTABLE);
}

static void validate_job_update(const json *new, const json *old, struct field_errors *e)
{
	static const char *const fixed[] = { "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy",
					     "successPolicy" };

	validate_whole(new, old, e);
	validate_completions_update(json_get(new, "spec"), json_get(old, "spec"), e);
	validate_selector_update(new, old, e);
	validate_template_update(new, old, e);
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++) {
		PATH(p, "spec.%s", fixed[i]);

		validate_immutable(json_get(new, "spec", fixed[i]), json_get(old, "spec", fixed[i]), p, e);
	}
}

/* --- its row -------------------------------------------------------------------------------- */

static const char *status_text(const json *obj)
{
	static const char *const conditions[] = { "Suspended", "FailureTarget", "SuccessCriteriaMet" };

	if (status_condition_true(obj, "Complete"))
		return "Complete";
	if (status_condition_true(obj, "Failed"))
		return "Failed";
	if (meta_deleting(obj))
		return "Terminating";
	for (size_t i = 0; i < ARRAY_SIZE(conditions); i++)
		if (status_condition_true(obj, conditions[i]))
			return conditions[i];
	return "Running";
}

static char *completions_text(const json *obj)
{
	const json *completions = json_get(obj, "spec", "completions");
	long long done = status_int(obj, "succeeded"), parallel = json_int(json_get(obj, "spec", "parallelism"), 0);

	if (completions)
		return xasprintf("%lld/%lld", done, (long long)json_int(completions, 0));
	return parallel > 1 ? xasprintf("%lld/1 of %lld", done, parallel) : xasprintf("%lld/1", done);
}

static char *duration_text(const json *obj, uint64_t now_us)
{
	uint64_t start = json_time(json_get(obj, "status", "startTime"));
	uint64_t end = json_time(json_get(obj, "status", "completionTime"));

	return start ? human_duration((int64_t)((end ?: now_us) - start)) : xstrdup("");
}

static void job_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, status_text(obj));
	cell_take(cells, completions_text(obj));
	cell_take(cells, duration_text(obj, now_us));
	cell_age(cells, obj, now_us);
	template_cells(cells, obj);
}

const struct kind_rules kind_rules_job = {
	.defaults = default_job,
	.prepare_create = prepare_create,
	.validate = validate_job,
	.validate_update = validate_job_update,
	.order = UPDATE_ALONE,
	.validate_status = validate_job_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Status", "string", "Whether it runs, is done, or has failed."),
		COLUMN("Completions", "string", "Pods that were done, of those wanted."),
		COLUMN("Duration", "string", "How long it has run."),
		COLUMN_AGE,
		TEMPLATE_COLUMNS),
	.cells = job_cells,
};
