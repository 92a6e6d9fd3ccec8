// SPDX-License-Identifier: GPL-2.0-or-later
/* lease.c - Lease */
#include "api/kinds/rules.h"

static void validate_lease(const json *obj, struct field_errors *e)
{
	const json *seconds = json_get(obj, "spec", "leaseDurationSeconds");

	if (seconds && json_int(seconds, 0) <= 0)
		field_invalid_int(e, "spec.leaseDurationSeconds", json_int(seconds, 0), "must be greater than 0");
	validate_not_negative(json_get(obj, "spec"), "leaseTransitions", "spec", e);
}

static void lease_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "spec", "holderIdentity"), ""));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_lease = {
	.validate = validate_lease,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Holder", "string", "Who holds the lease."),
		COLUMN_AGE),
	.cells = lease_cells,
};
