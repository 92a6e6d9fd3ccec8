// SPDX-License-Identifier: GPL-2.0-or-later
/* endpointslice.c - EndpointSlice */
#include "api/kinds/rules.h"
#include "api/kinds/validate_parts.h"

static void default_endpointslice(json *obj)
{
	json_each(p, json_get(obj, "ports")) {
		default_str(p, "protocol", "TCP");
		default_str(p, "name", "");
	}
}

static void validate_endpointslice_update(const json *new, const json *old, struct field_errors *e)
{
	validate_immutable(json_get(new, "addressType"), json_get(old, "addressType"), "addressType", e);
}

#define SLICE_SHOWN 3	/* ports and addresses told before "more" */

static char *slice_ports(const json *slice)
{
	struct buf b = {0};
	int n = 0;

	json_each(p, json_get(slice, "ports")) {
		if (n++ >= SLICE_SHOWN)
			continue;
		if (json_is_int(json_get(p, "port")))
			buf_printf(&b, "%s%lld", n > 1 ? "," : "", (long long)json_int(json_get(p, "port"), 0));
		else
			buf_printf(&b, "%s%s", n > 1 ? "," : "", json_str_or(json_get(p, "name"), ""));
	}
	if (n > SLICE_SHOWN)
		buf_printf(&b, " + %d more...", n - SLICE_SHOWN);
	return n ? buf_steal(&b) : xstrdup("<unset>");
}

static char *slice_addresses(const json *slice)
{
	struct buf b = {0};
	int n = 0;

	json_each(e, json_get(slice, "endpoints"))
		json_each(a, json_get(e, "addresses"))
			if (n++ < SLICE_SHOWN)
				buf_printf(&b, "%s%s", n > 1 ? "," : "", json_str_or(a, ""));
	if (n > SLICE_SHOWN)
		buf_printf(&b, " + %d more...", n - SLICE_SHOWN);
	return n ? buf_steal(&b) : xstrdup("<unset>");
}

static void slice_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "addressType"), ""));
	cell_take(cells, slice_ports(obj));
	cell_take(cells, slice_addresses(obj));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_endpointslice = {
	.defaults = default_endpointslice,
	.validate = validate_endpointslice,
	.validate_update = validate_endpointslice_update,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("AddressType", "string", "The family of the addresses."),
		COLUMN("Ports", "string", "The ports of each endpoint."),
		COLUMN("Endpoints", "string", "The endpoints' addresses."),
		COLUMN_AGE),
	.cells = slice_cells,
};
