// SPDX-License-Identifier: GPL-2.0-or-later
/* servicecidr.c - ServiceCIDR: a range of service addresses, or one of each family */
#include "api/kinds/rules.h"
#include "api/meta/validate_net.h"

static void validate_servicecidr(const json *obj, struct field_errors *e)
{
	const json *cidrs = json_get(obj, "spec", "cidrs");
	const json *first = cidrs ? cidrs->child : NULL;
	int i = 0;

	if (!json_len(cidrs)) {
		field_required(e, "spec.cidrs", "at least one CIDR required");
		return;
	}
	if (json_len(cidrs) > 2) {
		_cleanup_json_ json *spec = json_new_object();

		json_set(spec, "CIDRs", json_clone(cidrs));
		field_invalid_json(e, "spec.cidrs", spec, "may only hold up to 2 values");
		return;
	}
	json_each(c, cidrs) {
		PATH(p, "spec.cidrs[%d]", i++);

		validate_cidr(json_str_or(c, ""), p, e);
	}
	if (i == 2 && cidr_family(json_str_or(first, "")) &&
	    cidr_family(json_str_or(first, "")) == cidr_family(json_str_or(first->next, "")))
		field_invalid_json(e, "spec.cidrs", cidrs, "may specify no more than one IP for each IP family, i.e "
				   "192.168.0.0/24 and 2001:db8::/64");
}

/* A second family may come; nothing else changes. */
static void validate_servicecidr_update(const json *new, const json *old, struct field_errors *e)
{
	const json *cidrs = json_get(new, "spec", "cidrs"), *was = json_get(old, "spec", "cidrs");
	const json *n = cidrs ? cidrs->child : NULL;
	int had = json_len(was), has = json_len(cidrs), i = 0;

	if (had != has && !(had == 1 && has == 2)) {
		field_invalid_json(e, "spec.cidrs", cidrs, MSG_IMMUTABLE);
		return;
	}
	json_each(o, was) {
		PATH(p, "spec.cidrs[%d]", i++);

		if (!json_equal(n, o))
			field_invalid(e, p, n, MSG_IMMUTABLE);
		n = n->next;
	}
	if (had != has)
		validate_servicecidr(new, e);
}

static void servicecidr_cells(json *cells, const json *obj, uint64_t now_us)
{
	struct buf b = { 0 };

	json_each(c, json_get(obj, "spec", "cidrs"))
		buf_printf(&b, "%s%s", b.len ? "," : "", json_str_or(c, ""));
	cell_name(cells, obj);
	cell_take(cells, buf_steal(&b));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_servicecidr = {
	.validate = validate_servicecidr,
	.validate_update = validate_servicecidr_update,
	.order = UPDATE_ALONE,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("CIDRs", "string", "The ranges that service addresses are taken from."),
		COLUMN_AGE),
	.cells = servicecidr_cells,
};
