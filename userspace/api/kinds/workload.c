// SPDX-License-Identifier: GPL-2.0-or-later
/* workload.c - see workload.h */
#include "api/kinds/workload.h"

void template_cells(json *cells, const json *obj)
{
	const json *spec = json_get(obj, "spec", "template", "spec");

	cell_take(cells, containers_text(spec, "name"));
	cell_take(cells, containers_text(spec, "image"));
	cell_take(cells, label_selector_text(json_get(obj, "spec", "selector")));
}

int64_t status_int(const json *obj, const char *member)
{
	return json_int(json_get(obj, "status", member), 0);
}

void validate_selector_update(const json *new, const json *old, struct field_errors *e)
{
	const json *selector = json_get(new, "spec", "selector");

	if (!json_equal(selector, json_get(old, "spec", "selector")))
		field_invalid_selector(e, "spec.selector", selector, MSG_IMMUTABLE);
}
