// SPDX-License-Identifier: GPL-2.0-or-later
/* event.c - Event */
#include "api/kinds/rules.h"
#include <ctype.h>

/* An event lies in the namespace of what it is about; of what has none, in "default". */
static void validate_event(const json *obj, struct field_errors *e)
{
	const char *ns = json_str_or(json_get(obj, "metadata", "namespace"), "");
	const char *about = json_str_or(json_get(obj, "involvedObject", "namespace"), "");

	if (*about ? !streq(about, ns) : !one_of(ns, "default,kube-system"))
		field_invalid_str(e, "involvedObject.namespace", about, "does not match event.namespace");
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
	const char *component = json_str(json_get(event, "source", "component"));
	const char *host = json_str_or(json_get(event, "source", "host"), "");

	if (!component)
		component = json_str_or(json_get(event, "reportingComponent"), "");
	if (!*host)
		host = json_str_or(json_get(event, "reportingInstance"), "");
	return *host ? xasprintf("%s, %s", component, host) : xstrdup(component);
}

static void event_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *series = json_get(obj, "series");
	const char *first = json_str(json_get(obj, "firstTimestamp"));
	const char *last = json_str(json_get(obj, "lastTimestamp"));
	int64_t count = json_int(json_get(obj, "count"), 0);

	if (!first)
		first = json_str(json_get(obj, "eventTime"));
	if (!last)
		last = first;
	if (json_is_object(series)) {
		const char *seen = json_str(json_get(series, "lastObservedTime"));

		last = seen ? seen : last;
		count = json_int(json_get(series, "count"), count);
	}
	cell_take(cells, time_since(last, now_us));
	cell_str(cells, json_str_or(json_get(obj, "type"), ""));
	cell_str(cells, json_str_or(json_get(obj, "reason"), ""));
	cell_take(cells, event_object(obj));
	cell_str(cells, json_str_or(json_get(obj, "involvedObject", "fieldPath"), ""));
	cell_take(cells, event_source(obj));
	cell_str(cells, json_str_or(json_get(obj, "message"), ""));
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
		COLUMN_WIDE("Count", "integer", "How often it happened."),
		{ "Name", "string", "name", 1, "The event's own name." }),
	.cells = event_cells,
	.expires = true,
};
