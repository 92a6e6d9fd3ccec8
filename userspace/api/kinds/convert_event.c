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

const struct kind_convert kind_convert_events = { .to_storage = to_storage, .from_storage = from_storage };
