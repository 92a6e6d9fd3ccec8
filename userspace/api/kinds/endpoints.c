// SPDX-License-Identifier: GPL-2.0-or-later
/* endpoints.c - Endpoints */
#include "api/kinds/rules.h"
#include "api/kinds/validate_parts.h"

static void default_endpoints(json *obj)
{
	json_each(s, json_get(obj, "subsets"))
		json_each(p, json_get(s, "ports"))
			default_str(p, "protocol", "TCP");
}

#define ENDPOINTS_SHOWN 3

static char *endpoints_text(const json *endpoints)
{
	struct buf b = {0};
	int n = 0;

	json_each(subset, json_get(endpoints, "subsets")) {
		const json *ports = json_get(subset, "ports");

		for (const json *p = ports ? ports->child : NULL;; p = p->next) {
			if (!p && json_len(ports))
				break;
			json_each(a, json_get(subset, "addresses")) {
				const char *ip = json_str_or(json_get(a, "ip"), "");

				if (n++ >= ENDPOINTS_SHOWN)
					continue;
				buf_puts(&b, n > 1 ? "," : "");
				buf_printf(&b, p && strchr(ip, ':') ? "[%s]" : "%s", ip);
				if (p)
					buf_printf(&b, ":%lld", (long long)json_int(json_get(p, "port"), 0));
			}
			if (!p)
				break;
		}
	}
	if (n > ENDPOINTS_SHOWN)
		buf_printf(&b, " + %d more...", n - ENDPOINTS_SHOWN);
	return json_len(json_get(endpoints, "subsets")) ? buf_steal(&b) : xstrdup("<none>");
}

static void endpoints_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_take(cells, endpoints_text(obj));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_endpoints = {
	.defaults = default_endpoints,
	.validate = validate_endpoints,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Endpoints", "string", "Addresses and ports behind the service."),
		COLUMN_AGE),
	.cells = endpoints_cells,
};
