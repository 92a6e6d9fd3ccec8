// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * event.c - Event: the core group's, which takes nearly anything, and the stricter
 *           one of events.k8s.io
 *
 * An event that says when it happened (eventTime) is of the newer kind, whichever
 * group it was written through.
 */
#include "api/kinds/rules.h"
#include "api/meta/validate_text.h"
#include <ctype.h>

#define TEXT_MAX 128
#define NOTE_MAX 1024

/* --- what both groups demand ------------------------------------------------------ */

static bool has_time(const json *obj)
{
	return text_of(obj, "eventTime");
}

/* An event lies in the namespace of what it is about; of what has none, in "default". */
static void validate_namespace(const json *obj, struct field_errors *e)
{
	const char *ns = json_str_or(json_get(obj, "metadata", "namespace"), "");
	const char *about = json_str_or(json_get(obj, "involvedObject", "namespace"), "");
	bool fits = !*about ? one_of(ns, has_time(obj) ? "default,kube-system" : "default") :
		    has_time(obj) || streq(about, ns);

	if (!fits)
		field_invalid_str(e, "involvedObject.namespace", about, "does not match event.namespace");
}

static void short_text(const json *obj, const char *key, size_t max, const char *path, struct field_errors *e)
{
	const char *s = json_str_or(json_get(obj, key), "");
	_cleanup_free_ char *why = xasprintf("can have at most %zu characters", max);

	if (strlen(s) > max)
		field_invalid_str(e, path, "", why);
}

static void validate_event(const json *obj, struct field_errors *e)
{
	const char *controller = json_str_or(json_get(obj, "reportingComponent"), "");

	validate_namespace(obj, e);
	if (!has_time(obj))
		return;
	if (!*controller)
		field_required(e, "reportingController", NULL);
	check_text(controller, invalid_label_key, "reportingController", e);
	need_text(obj, "reportingInstance", "", NULL, e);
	short_text(obj, "reportingInstance", TEXT_MAX, "reportingInstance", e);
	need_text(obj, "action", "", NULL, e);
	short_text(obj, "action", TEXT_MAX, "action", e);
	need_text(obj, "reason", "", NULL, e);
	short_text(obj, "reason", TEXT_MAX, "reason", e);
	short_text(obj, "message", NOTE_MAX, "message", e);
}

/* --- what events.k8s.io/v1 demands besides -------------------------------------------- */

static void validate_series(const json *obj, struct field_errors *e)
{
	const json *series = json_get(obj, "series");

	if (!series)
		return;
	if (json_int(json_get(series, "count"), 0) < 2)
		field_invalid_str(e, "series.count", "", "should be at least 2");
	if (!text_of(series, "lastObservedTime"))
		field_required(e, "series.lastObservedTime", NULL);
}

static void validate_strictly(const json *obj, struct field_errors *e)
{
	static const char *const unset[] = { "firstTimestamp", "lastTimestamp" };
	const char *type = json_str_or(json_get(obj, "type"), "");
	PATH(why, "has invalid value: %s", type);

	validate_series(obj, e);
	need_text(obj, "eventTime", "", NULL, e);
	if (!one_of(type, "Normal,Warning"))
		field_invalid_str(e, "type", "", why);
	for (size_t i = 0; i < ARRAY_SIZE(unset); i++)
		if (text_of(obj, unset[i]))
			field_invalid_str(e, unset[i], "", "needs to be unset");
	if (json_int(json_get(obj, "count"), 0))
		field_invalid_str(e, "count", "", "needs to be unset");
	if (text_of(json_get(obj, "source"), "component") || text_of(json_get(obj, "source"), "host"))
		field_invalid_str(e, "source", "", "needs to be unset");
}

/* Only a series goes on. */
static void validate_strict_update(const json *new, const json *old, struct field_errors *e)
{
	static const char *const fixed[][2] = {
		{ "involvedObject", "involvedObject" }, { "reason", "reason" }, { "message", "message" },
		{ "source", "source" }, { "firstTimestamp", "firstTimestamp" }, { "lastTimestamp", "lastTimestamp" },
		{ "count", "count" }, { "type", "type" }, { "eventTime", "eventTime" }, { "action", "action" },
		{ "related", "related" }, { "reportingComponent", "reportingController" },
		{ "reportingInstance", "reportingInstance" },
	};

	if (!json_equal(json_get(new, "series"), json_get(old, "series")))
		validate_series(new, e);
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		validate_immutable(json_get(new, fixed[i][0]), json_get(old, fixed[i][0]), fixed[i][1], e);
}

/* --- what is selected and shown ----------------------------------------------------------- */

static const char *first_of(const char *a, const char *b)
{
	return a && *a ? a : b && *b ? b : "";
}

static const char *field(const json *obj, const char *path)
{
	return streq(path, "source") ? first_of(json_str(json_get(obj, "source", "component")),
						json_str(json_get(obj, "reportingComponent"))) : NULL;
}

static char *event_object(const json *event)
{
	char *s = xasprintf("%s/%s", json_str_or(json_get(event, "involvedObject", "kind"), ""),
			    json_str_or(json_get(event, "involvedObject", "name"), ""));

	for (char *p = s; *p && *p != '/'; p++)
		*p = (char)tolower((unsigned char)*p);
	if (endswith(s, "/"))
		s[strlen(s) - 1] = '\0';
	return s;
}

static char *event_source(const json *event)
{
	const char *component = field(event, "source");
	const char *host = first_of(json_str(json_get(event, "source", "host")),
				    json_str(json_get(event, "reportingInstance")));

	return *host ? xasprintf("%s, %s", component, host) : xstrdup(component);
}

static char *event_message(const json *event)
{
	const char *s = json_str_or(json_get(event, "message"), "");
	size_t n;

	for (; isspace((unsigned char)*s); s++)
		;
	for (n = strlen(s); n && isspace((unsigned char)s[n - 1]); n--)
		;
	return xstrndup(s, n);
}

static void event_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *series = json_get(obj, "series");
	const char *first = text_of(obj, "firstTimestamp") ?: text_of(obj, "eventTime");
	const char *last = text_of(series, "lastObservedTime") ?: text_of(obj, "lastTimestamp") ?: first;
	int64_t count = json_int(json_get(series, "count"), json_int(json_get(obj, "count"), 0));

	cell_take(cells, time_since(last, now_us));
	cell_str(cells, json_str_or(json_get(obj, "type"), ""));
	cell_str(cells, json_str_or(json_get(obj, "reason"), ""));
	cell_take(cells, event_object(obj));
	cell_str(cells, json_str_or(json_get(obj, "involvedObject", "fieldPath"), ""));
	cell_take(cells, event_source(obj));
	cell_take(cells, event_message(obj));
	cell_take(cells, time_since(first, now_us));
	cell_int(cells, count ? count : 1);
	cell_name(cells, obj);
}

const struct kind_rules kind_rules_event = {
	.validate = validate_event,
	.columns = COLUMNS(
		COLUMN("Last Seen", "string", "The time since it happened last."),
		COLUMN("Type", "string", "Normal or Warning."),
		COLUMN("Reason", "string", "What happened, in one word."),
		COLUMN("Object", "string", "The object it happened to."),
		COLUMN_WIDE("Subobject", "string", "The part of the object it happened to."),
		COLUMN_WIDE("Source", "string", "Who reported it."),
		COLUMN("Message", "string", "What happened, in a sentence."),
		COLUMN_WIDE("First Seen", "string", "The time since it happened first."),
		COLUMN_WIDE("Count", "string", "How often it happened."),
		{ "Name", "string", "name", 1, "The event's own name." }),
	.cells = event_cells,
	.field = field,
	.expires = true,
};

const struct kind_rules kind_rules_event_v1 = {
	.validate = validate_strictly,
	.validate_update = validate_strict_update,
	.order = UPDATE_ALONE,
};
