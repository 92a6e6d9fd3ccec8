// SPDX-License-Identifier: GPL-2.0-or-later
/* serviceaccount.c - ServiceAccount: of the secrets it may use, only the names are kept */
#include "api/kinds/rules.h"

static void keep_names(json *obj)
{
	json_each(s, json_get(obj, "secrets"))
		for (json *it = s->child, *next; it; it = next) {
			next = it->next;
			if (!streq(json_key(it), "name"))
				cJSON_Delete(cJSON_DetachItemViaPointer(s, it));
		}
}

static void prepare_update(const json *cur, json *next)
{
	keep_names(next);
}

const struct kind_rules kind_rules_serviceaccount = {
	.prepare_create = keep_names,
	.prepare_update = prepare_update,
};
