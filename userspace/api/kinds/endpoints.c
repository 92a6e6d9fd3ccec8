// SPDX-License-Identifier: GPL-2.0-or-later
/* endpoints.c - Endpoints */
#include "api/kinds/rules.h"
#include "api/meta/validate_net.h"
#include "api/meta/validate_text.h"

#define ENDPOINTS_SHOWN 3

static void default_endpoints(json *obj)
{
	json_each(s, json_get(obj, "subsets"))
		json_each(p, json_get(s, "ports"))
			default_str(p, "protocol", "TCP");
}

/* --- validation ------------------------------------------------------------------- */

/* Every address in the object, for what may stay as it is. */
static json *addresses_of(const json *endpoints)
{
	static const char *const lists[] = { "addresses", "notReadyAddresses" };
	json *all = json_new_array();

	json_each(s, json_get(endpoints, "subsets"))
		for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
			json_each(a, json_get(s, lists[i]))
				json_append(all, json_new_str(json_str_or(json_get(a, "ip"), "")));
	return all;
}

static void validate_addresses(const json *list, const json *was, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(a, list) {
		const char *ip = json_str_or(json_get(a, "ip"), "");
		PATH(base, "%s[%d]", path, i++);
		PATH(ip_path, "%s.ip", base);

		validate_ip_of_old(ip, was, ip_path, e);
		may_name(a, "hostname", invalid_dns1123_label, base, e);
		may_name(a, "nodeName", invalid_dns1123_subdomain, base, e);
		validate_ordinary_ip(ip, ip_path, e);
	}
}

static void validate_ports(const json *ports, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(p, ports) {
		PATH(base, "%s[%d]", path, i++);
		PATH(port_path, "%s.port", base);

		if (json_len(ports) > 1)
			need_text(p, "name", base, NULL, e);
		may_name(p, "name", invalid_dns1123_label, base, e);
		validate_port_number(json_int(json_get(p, "port"), 0), port_path, e);
		validate_enum(p, "protocol", "SCTP,TCP,UDP", base, e);
		may_name(p, "appProtocol", invalid_label_key, base, e);
	}
}

static void validate_update(const json *new, const json *old, struct field_errors *e)
{
	_cleanup_json_ json *was = addresses_of(old);
	int i = 0;

	json_each(s, json_get(new, "subsets")) {
		PATH(base, "subsets[%d]", i++);
		PATH(ready, "%s.addresses", base);
		PATH(not_ready, "%s.notReadyAddresses", base);
		PATH(ports, "%s.ports", base);

		if (!json_len(json_get(s, "addresses")) && !json_len(json_get(s, "notReadyAddresses")))
			field_required(e, base, "must specify `addresses` or `notReadyAddresses`");
		validate_addresses(json_get(s, "addresses"), was, ready, e);
		validate_addresses(json_get(s, "notReadyAddresses"), was, not_ready, e);
		validate_ports(json_get(s, "ports"), ports, e);
	}
}

static void validate(const json *obj, struct field_errors *e)
{
	validate_update(obj, NULL, e);
}

/* --- what is shown ------------------------------------------------------------------ */

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
	.validate = validate,
	.validate_update = validate_update,
	.order = UPDATE_ALONE,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Endpoints", "string", "Addresses and ports behind the service."),
		COLUMN_AGE),
	.cells = endpoints_cells,
};
