// SPDX-License-Identifier: GPL-2.0-or-later
/* lease.c - Lease */
#include "api/kinds/rules.h"
#include "api/meta/validate_text.h"

#define STRATEGY "OldestEmulationVersion"

static void validate_lease(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");
	const char *strategy = json_str(json_get(spec, "strategy"));

	within(spec, "leaseDurationSeconds", 1, INT64_MAX, "must be greater than 0", "spec", e);
	validate_not_negative(spec, "leaseTransitions", "spec", e);
	/* Kubernetes names the member twice. */
	if (strategy && !strchr(strategy, '/') && !streq(strategy, STRATEGY))
		field_not_supported(e, "spec.strategy.strategy", strategy, STRATEGY);
	else if (strategy && strchr(strategy, '/'))
		check_text(strategy, invalid_label_key, "spec.strategy.strategy", e);
	if (text_of(spec, "preferredHolder") && (!strategy || !*strategy))
		field_forbidden(e, "spec.preferredHolder", "may only be specified if `strategy` is defined");
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
