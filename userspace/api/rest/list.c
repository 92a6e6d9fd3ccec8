// SPDX-License-Identifier: GPL-2.0-or-later
/* list.c - lists over HTTP */
#include "api/registry/registry.h"
#include "api/rest/internal.h"
#include "api/rest/list_options.h"

static void on_result(void *data, const struct store_result *res)
{
	rest_finish(data, res->code, res->obj);
}

void rest_list(struct rest_call *c)
{
	struct list_options q;
	json *s = list_options_parse(rest_query, c->req, &q);
	struct registry_list_opts o = {
		.sel = q.sel,
		.limit = q.limit,
		.continue_token = q.continue_token,
		.exact_rv = q.match == RV_EXACT ? q.rv : 0,
		.min_rv = q.match == RV_AT_LEAST ? q.rv : 0,
		.bare_items = true,
	};

	if (s)
		rest_fail(c, s);
	else
		registry_list(c->rest->store, c->path.kind->res, c->path.ns, &o, on_result, c);
}
