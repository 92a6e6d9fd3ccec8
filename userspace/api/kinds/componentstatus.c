// SPDX-License-Identifier: GPL-2.0-or-later
/* componentstatus.c - ComponentStatus: the parts of the control plane, as older clients ask for them */
#include "api/kinds/rules.h"

/*
 * None of them is asked: they are parts of this server, but for etcd, without which
 * it is not ready.
 */
static void list_components(json *items)
{
	static const char *const names[] = { "controller-manager", "etcd-0", "scheduler" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		json_append(items, json_build("{\"kind\":\"ComponentStatus\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"%s\"},"
					      "\"conditions\":[{\"type\":\"Healthy\",\"status\":\"True\",\"message\":\"ok\"}]}", names[i]));
}

static void cells(json *cells, const json *obj, uint64_t now_us)
{
	const char *status = "Unknown", *message = "", *error = "";

	(void)now_us;
	json_each(c, json_get(obj, "conditions")) {
		if (!streq(json_str(json_get(c, "type")), "Healthy"))
			continue;
		status = streq(json_str(json_get(c, "status")), "True") ? "Healthy" : "Unhealthy";
		message = json_str_or(json_get(c, "message"), "");
		error = json_str_or(json_get(c, "error"), "");
		break;
	}
	cell_name(cells, obj);
	cell_str(cells, status);
	cell_str(cells, message);
	cell_str(cells, error);
}

const struct kind_rules kind_rules_componentstatus = {
	.list = list_components,
	.columns = COLUMNS(COLUMN_NAME,
			   COLUMN("Status", "string", "Is it healthy?"),
			   COLUMN("Message", "string", "What it says of itself."),
			   COLUMN("Error", "string", "What is wrong with it.")),
	.cells = cells,
};
