// SPDX-License-Identifier: GPL-2.0-or-later
/* table_apps.c - rows of the workload kinds and of leases and endpoint slices */
#include "api/kinds/table_cells.h"

/* The wide columns of everything that has a pod template. */
#define TEMPLATE_COLUMNS										\
	COLUMN_WIDE("Containers", "string", "The names of the template's containers."),			\
	COLUMN_WIDE("Images", "string", "The images of the template's containers."),			\
	COLUMN_WIDE("Selector", "string", "The labels that pick the pods.")

static void template_cells(json *cells, const json *obj)
{
	const json *spec = json_get(obj, "spec", "template", "spec");

	cell_take(cells, containers_text(spec, "name"));
	cell_take(cells, containers_text(spec, "image"));
	cell_take(cells, label_selector_text(json_get(obj, "spec", "selector")));
}

static int64_t status_int(const json *obj, const char *member)
{
	return json_int(json_get(obj, "status", member), 0);
}

static void deployment_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_take(cells, xasprintf("%lld/%lld", (long long)status_int(obj, "readyReplicas"),
				   (long long)json_int(json_get(obj, "spec", "replicas"), 0)));
	cell_int(cells, status_int(obj, "updatedReplicas"));
	cell_int(cells, status_int(obj, "availableReplicas"));
	cell_age(cells, obj, now_us);
	template_cells(cells, obj);
}

static void replicaset_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_int(cells, json_int(json_get(obj, "spec", "replicas"), 0));
	cell_int(cells, status_int(obj, "replicas"));
	cell_int(cells, status_int(obj, "readyReplicas"));
	cell_age(cells, obj, now_us);
	template_cells(cells, obj);
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

static void lease_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "spec", "holderIdentity"), ""));
	cell_age(cells, obj, now_us);
}

const struct table_printer table_apps_printers[] = {
	{ &res_deployments, COLUMNS(
		COLUMN_NAME,
		COLUMN("Ready", "string", "Pods that are ready, of those wanted."),
		COLUMN("Up-to-date", "integer", "Pods made from the newest template."),
		COLUMN("Available", "integer", "Pods that have been ready for long enough."),
		COLUMN_AGE,
		TEMPLATE_COLUMNS), deployment_cells },
	{ &res_replicasets, COLUMNS(
		COLUMN_NAME,
		COLUMN("Desired", "integer", "Pods wanted."),
		COLUMN("Current", "integer", "Pods there are."),
		COLUMN("Ready", "integer", "Pods that are ready."),
		COLUMN_AGE,
		TEMPLATE_COLUMNS), replicaset_cells },
	{ &res_endpointslices, COLUMNS(
		COLUMN_NAME,
		COLUMN("AddressType", "string", "The family of the addresses."),
		COLUMN("Ports", "string", "The ports of each endpoint."),
		COLUMN("Endpoints", "string", "The endpoints' addresses."),
		COLUMN_AGE), slice_cells },
	{ &res_leases, COLUMNS(
		COLUMN_NAME,
		COLUMN("Holder", "string", "Who holds the lease."),
		COLUMN_AGE), lease_cells },
	{0},
};
