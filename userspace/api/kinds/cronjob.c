// SPDX-License-Identifier: GPL-2.0-or-later
/* cronjob.c - CronJob */
#include <ctype.h>
#include <strings.h>

#include "api/kinds/cron.h"
#include "api/kinds/defaults_pod.h"
#include "api/kinds/job.h"
#include "api/kinds/workload.h"
#include "api/meta/validate_values.h"
#include "api/meta/view_meta.h"
#include "base/zone.h"

static void default_cronjob(json *obj)
{
	json *spec = json_obj(obj, "spec");

	default_str(spec, "concurrencyPolicy", "Allow");
	default_bool(spec, "suspend", false);
	default_int(spec, "successfulJobsHistoryLimit", 3);
	default_int(spec, "failedJobsHistoryLimit", 1);
	default_template(json_obj(spec, "jobTemplate", "spec"));
	json_each(rule, json_get(spec, "jobTemplate", "spec", "podFailurePolicy", "rules"))
		json_each(c, json_get(rule, "onPodConditions"))
			default_str(c, "status", "True");
}

/* --- validation --------------------------------------------------------------------- */

/* A zone may not stand in the schedule any more; where it stood, it may stay. */
static void validate_schedule(const json *spec, const json *old, struct field_errors *e)
{
	const char *text = json_str_or(json_get(spec, "schedule"), "");
	bool names_zone = strstr(text, "TZ"), may = strstr(json_str_or(json_get(old, "schedule"), ""), "TZ");
	_cleanup_free_ char *name = cron_text_zone(text), *why = NULL;
	_cleanup_cron_ struct cron *c = NULL;
	_cleanup_zone_ struct zone *zone = NULL;

	if (!*text) {
		field_required(e, "spec.schedule", NULL);
		return;
	}
	if (name && zone_load(name, &zone))
		why = xasprintf("provided bad location %s: unknown time zone %s", name, name);
	else
		cron_parse(text, &c, &why);
	if (why)
		field_invalid_str(e, "spec.schedule", text, why);
	if (names_zone && !may)
		field_invalid_str(e, "spec.schedule", text,
				  "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
	else if (names_zone && json_get(spec, "timeZone"))
		field_invalid_str(e, "spec.schedule", text,
				  "cannot use both timeZone field and TZ or CRON_TZ in schedule");
}

#define ZONE_PART_MAX 14

/* A part of a zone's name: a file in the database, and nothing else. */
static bool is_zone_part(const char *s, size_t n)
{
	if (!n || n > ZONE_PART_MAX || *s == '-' || (n <= 2 && strspn(s, ".") >= n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr(".-_+", s[i]))
			return false;
	return true;
}

static bool is_zone_name(const char *s)
{
	for (;;) {
		size_t n = strcspn(s, "/");

		if (!is_zone_part(s, n))
			return false;
		if (!s[n])
			return true;
		s += n + 1;
	}
}

static void validate_zone(const json *spec, struct field_errors *e)
{
	const char *name = json_str(json_get(spec, "timeZone"));
	_cleanup_zone_ struct zone *zone = NULL;
	PATH(unknown, "unknown time zone %s", name ?: "");

	if (!name)
		return;
	if (!*name) {
		field_invalid_str(e, "spec.timeZone", name, "timeZone must be nil or non-empty string");
		return;
	}
	if (!is_zone_name(name)) {
		field_invalid_str(e, "spec.timeZone", name, unknown);
		return;
	}
	if (!strcasecmp(name, "Local"))
		field_invalid_str(e, "spec.timeZone", name, "timeZone must be an explicit time zone as defined in "
				  "https://www.iana.org/time-zones");
	if (!streq(name, "Local") && zone_load(name, &zone))
		field_invalid_str(e, "spec.timeZone", name, unknown);
}

static void validate_job_template(const json *spec, struct field_errors *e)
{
	const json *job = json_get(spec, "jobTemplate", "spec"), *selector = json_get(job, "selector");

	validate_job_spec(job, "spec.jobTemplate.spec", e);
	if (selector)
		field_invalid_selector(e, "spec.jobTemplate.spec.selector", selector, "`selector` will be auto-generated");
	if (is_true(job, "manualSelector"))
		field_error(e, "spec.jobTemplate.spec.manualSelector", FIELD_NOT_SUPPORTED,
			    "Unsupported value: true: supported values: \"nil\", \"false\"");
}

/* old: what it is to replace, or NULL */
static void validate_spec(const json *spec, const json *old, struct field_errors *e)
{
	validate_schedule(spec, old, e);
	validate_not_negative(spec, "startingDeadlineSeconds", "spec", e);
	if (!old || !json_equal(json_get(old, "timeZone"), json_get(spec, "timeZone")))
		validate_zone(spec, e);
	validate_enum(spec, "concurrencyPolicy", "Allow,Forbid,Replace", "spec", e);
	validate_job_template(spec, e);
	validate_not_negatives(spec, "successfulJobsHistoryLimit,failedJobsHistoryLimit", "spec", e);
}

/* Its Jobs are called after it, with the time. */
#define NAME_MAX_LEN 52

static void validate_cronjob(const json *obj, struct field_errors *e)
{
	const char *name = meta_name(obj) ?: "";

	validate_spec(json_get(obj, "spec"), NULL, e);
	if (strlen(name) > NAME_MAX_LEN)
		field_invalid_str(e, "metadata.name", name, "must be no more than 52 characters");
}

static void validate_cronjob_update(const json *new, const json *old, struct field_errors *e)
{
	validate_spec(json_get(new, "spec"), json_get(old, "spec"), e);
}

/* --- its row ---------------------------------------------------------------------------- */

static void cronjob_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *spec = json_get(obj, "spec"), *suspend = json_get(spec, "suspend");
	const char *last = json_str(json_get(obj, "status", "lastScheduleTime"));

	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(spec, "schedule"), ""));
	cell_str_or(cells, json_str(json_get(spec, "timeZone")), "<none>");
	cell_str(cells, !suspend ? "<unset>" : json_bool(suspend, false) ? "True" : "False");
	cell_int(cells, json_len(json_get(obj, "status", "active")));
	cell_take(cells, last ? time_since(last, now_us) : xstrdup("<none>"));
	cell_age(cells, obj, now_us);
	containers_cells(cells, json_get(spec, "jobTemplate", "spec", "template", "spec"));
	cell_take(cells, label_selector_text(json_get(spec, "jobTemplate", "spec", "selector")));
}

const struct kind_rules kind_rules_cronjob = {
	.defaults = default_cronjob,
	.validate = validate_cronjob,
	.validate_update = validate_cronjob_update,
	.order = UPDATE_ALONE,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Schedule", "string", "When its Jobs are made."),
		COLUMN("Timezone", "string", "By whose clocks."),
		COLUMN("Suspend", "boolean", "Whether none are made for now."),
		COLUMN("Active", "integer", "Its Jobs that run."),
		COLUMN("Last Schedule", "string", "The time since the last was due that was made."),
		COLUMN_AGE,
		COLUMN_WIDE("Containers", "string", "The names of the containers of its Jobs' pods."),
		COLUMN_WIDE("Images", "string", "The images of these containers."),
		COLUMN_WIDE("Selector", "string", "The labels that pick the pods.")),
	.cells = cronjob_cells,
};
