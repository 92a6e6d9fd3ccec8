// SPDX-License-Identifier: GPL-2.0-or-later
/* convert_review.c - SubjectAccessReview and its local form of v1beta1: groups is called group */
#include "api/kinds/rules.h"

static void rename_member(json *obj, const char *from, const char *to)
{
	json *value = json_take(obj, from);

	if (value)
		json_set(obj, to, value);
}

static void to_storage(json *obj)
{
	rename_member(json_get(obj, "spec"), "group", "groups");
}

static void from_storage(json *obj)
{
	rename_member(json_get(obj, "spec"), "groups", "group");
}

const struct kind_convert kind_convert_subjectaccessreviews_v1beta1 = { .to_storage = to_storage, .from_storage = from_storage };
