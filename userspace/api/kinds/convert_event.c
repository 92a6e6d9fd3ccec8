// SPDX-License-Identifier: GPL-2.0-or-later
/* convert_event.c - Event of events.k8s.io, stored as the core group's */
#include "api/kinds/rules.h"

static const struct {
	const char *other, *stored;
} names[] = {
	{ "regarding", "involvedObject" },
	{ "note", "message" },
	{ "reportingController", "reportingComponent" },
	{ "deprecatedSource", "source" },
	{ "deprecatedFirstTimestamp", "firstTimestamp" },
	{ "deprecatedLastTimestamp", "lastTimestamp" },
	{ "deprecatedCount", "count" },
};

static void rename_member(json *obj, const char *from, const char *to)
{
	json *value = json_take(obj, from);

	if (value)
		json_set(obj, to, value);
}

static void to_storage(json *obj)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		rename_member(obj, names[i].other, names[i].stored);
}

static void from_storage(json *obj)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		rename_member(obj, names[i].stored, names[i].other);
}

/* "regarding.name" is "involvedObject.name" there. */
static const char *field_to_storage(const char *path)
{
	static const char *const fields[][2] = {
		{ "regarding.kind", "involvedObject.kind" },
		{ "regarding.namespace", "involvedObject.namespace" },
		{ "regarding.name", "involvedObject.name" },
		{ "regarding.uid", "involvedObject.uid" },
		{ "regarding.apiVersion", "involvedObject.apiVersion" },
		{ "regarding.resourceVersion", "involvedObject.resourceVersion" },
		{ "regarding.fieldPath", "involvedObject.fieldPath" },
		{ "reportingController", "reportingComponent" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (streq(path, fields[i][0]))
			return fields[i][1];
	return path;
}

const struct kind_convert kind_convert_events = {
	.to_storage = to_storage, .from_storage = from_storage, .field_to_storage = field_to_storage,
};
