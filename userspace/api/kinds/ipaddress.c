// SPDX-License-Identifier: GPL-2.0-or-later
/* ipaddress.c - IPAddress: that a service address is given out, and to whom */
#include "api/kinds/rules.h"
#include "api/meta/validate_text.h"
#include <ctype.h>

static void validate_ipaddress(const json *obj, struct field_errors *e)
{
	const json *parent = json_get(obj, "spec", "parentRef");

	if (!parent) {
		field_required(e, "spec.parentRef", NULL);
		return;
	}
	may_name(parent, "group", invalid_dns1123_subdomain, "spec.parentRef", e);
	need_name(parent, "resource", invalid_path_segment, "spec.parentRef", e);
	need_name(parent, "name", invalid_path_segment, "spec.parentRef", e);
	may_name(parent, "namespace", invalid_path_segment, "spec.parentRef", e);
}

static void validate_ipaddress_update(const json *new, const json *old, struct field_errors *e)
{
	const json *parent = json_get(new, "spec", "parentRef");

	if (!json_equal(parent, json_get(old, "spec", "parentRef")))
		field_invalid_json(e, "spec.parentRef", parent, MSG_IMMUTABLE);
}

/* "services/default/web", "gateways.gateway.networking.k8s.io/default/gw" */
static char *parent_text(const json *p)
{
	const char *group = text_of(p, "group"), *ns = text_of(p, "namespace");
	_cleanup_free_ char *kind = xasprintf("%s%s%s", json_str_or(json_get(p, "resource"), ""), group ? "." : "",
					      group ?: "");

	for (char *c = kind; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return p ? xasprintf("%s%s%s/%s", kind, ns ? "/" : "", ns ?: "", json_str_or(json_get(p, "name"), "")) :
		   xstrdup("<none>");
}

static void ipaddress_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_take(cells, parent_text(json_get(obj, "spec", "parentRef")));
}

const struct kind_rules kind_rules_ipaddress = {
	.validate = validate_ipaddress,
	.validate_update = validate_ipaddress_update,
	.order = UPDATE_ALONE,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("ParentRef", "string", "The object that has the address.")),
	.cells = ipaddress_cells,
};
