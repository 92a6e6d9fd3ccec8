// SPDX-License-Identifier: GPL-2.0-or-later
/* endpointslice.c - EndpointSlice */
#include "api/kinds/rules.h"
#include "api/meta/validate_net.h"
#include "api/meta/validate_text.h"

#define ENDPOINTS_MAX 1000
#define ADDRESSES_MAX 100
#define PORTS_MAX 20000
#define TOPOLOGY_MAX 16
#define HINTS_MAX 8
#define SHOWN 3		/* ports and addresses told before "more" */

static void default_endpointslice(json *obj)
{
	json_each(p, json_get(obj, "ports")) {
		default_str(p, "protocol", "TCP");
		default_str(p, "name", "");
	}
}

/* --- validation ------------------------------------------------------------------- */

static json *addresses_of(const json *slice)
{
	json *all = json_new_array();

	json_each(ep, json_get(slice, "endpoints"))
		json_each(a, json_get(ep, "addresses"))
			json_append(all, json_clone(a));
	return all;
}

static void validate_address(const char *type, const char *s, const json *was, const char *path, struct field_errors *e)
{
	int family = streq(type, "IPv4") ? 4 : streq(type, "IPv6") ? 6 : 0;

	if (streq(type, "FQDN")) {
		_cleanup_free_ char *name = xstrdup(s);

		if (*name && endswith(name, "."))
			name[strlen(name) - 1] = '\0';
		validate_domain_name(name, 2, path, e);
	} else if (family && validate_ip_of_old(s, was, path, e)) {
		if (ip_family(s) != family)
			field_invalid_str(e, path, s, family == 4 ? "must be a valid IPv4 address" :
					  "must be a valid IPv6 address");
		validate_ordinary_ip(s, path, e);
	}
}

static bool name_before(const json *list, const json *it, const char *key)
{
	for (const json *b = list->child; b != it; b = b->next)
		if (streq(json_str_or(json_get(b, key), ""), json_str_or(json_get(it, key), "")))
			return true;
	return false;
}

static void validate_hints(const json *hints, const char *member, const char *path, struct field_errors *e)
{
	const json *list = json_get(hints, member);
	int i = 0;
	PATH(base, "%s.hints.%s", path, member);

	if (!at_most(list, HINTS_MAX, base, e))
		return;
	json_each(z, list) {
		const char *name = json_str_or(json_get(z, "name"), "");
		PATH(p, "%s[%d].name", base, i++);

		if (name_before(list, z, "name"))
			field_duplicate(e, p, name);
		check_text(name, streq(member, "forZones") ? invalid_label_value : invalid_dns1123_subdomain, p, e);
	}
}

static void validate_endpoint(const json *ep, const char *type, const json *was, const char *path, struct field_errors *e)
{
	const json *addresses = json_get(ep, "addresses"), *topology = json_get(ep, "deprecatedTopology");
	const char *host = json_str(json_get(ep, "hostname"));
	int n = 0;
	PATH(base, "%s.addresses", path);
	PATH(topology_path, "%s.deprecatedTopology", path);
	PATH(host_path, "%s.hostname", path);

	if (!json_len(addresses))
		field_required(e, base, "must contain at least 1 address");
	else
		at_most(addresses, ADDRESSES_MAX, base, e);
	json_each(a, addresses) {
		PATH(p, "%s[%d]", base, n++);

		validate_address(type, json_str_or(a, ""), was, p, e);
	}
	may_name(ep, "nodeName", invalid_dns1123_subdomain, path, e);
	at_most(topology, TOPOLOGY_MAX, topology_path, e);
	validate_labels(topology, topology_path, e);
	if (host)
		check_text(host, invalid_dns1123_label, host_path, e);
	validate_hints(json_get(ep, "hints"), "forZones", path, e);
	validate_hints(json_get(ep, "hints"), "forNodes", path, e);
}

static void validate_ports(const json *ports, struct field_errors *e)
{
	int i = 0;

	json_each(p, at_most(ports, PORTS_MAX, "ports", e) ? ports : NULL) {
		const char *name = json_str_or(json_get(p, "name"), "");
		PATH(base, "ports[%d]", i++);
		PATH(name_path, "%s.name", base);

		may_name(p, "name", invalid_dns1123_label, base, e);
		if (name_before(ports, p, "name"))
			field_duplicate(e, name_path, name);
		validate_enum(p, "protocol", "SCTP,TCP,UDP", base, e);
		may_name(p, "appProtocol", invalid_label_key, base, e);
	}
}

static void validate_slice(const json *obj, const json *old, struct field_errors *e)
{
	_cleanup_json_ json *was = addresses_of(old);
	const json *endpoints = json_get(obj, "endpoints");
	const char *type = text_of(obj, "addressType");
	int i = 0;

	if (need_text(obj, "addressType", "", NULL, e))
		may_enum(obj, "addressType", "FQDN,IPv4,IPv6", "", e);
	json_each(ep, at_most(endpoints, ENDPOINTS_MAX, "endpoints", e) ? endpoints : NULL) {
		PATH(path, "endpoints[%d]", i++);

		validate_endpoint(ep, type, was, path, e);
	}
	validate_ports(json_get(obj, "ports"), e);
}

static void validate(const json *obj, struct field_errors *e)
{
	validate_slice(obj, NULL, e);
}

static void validate_update(const json *new, const json *old, struct field_errors *e)
{
	validate_slice(new, old, e);
	validate_immutable(json_get(new, "addressType"), json_get(old, "addressType"), "addressType", e);
}

/* Its labels count too: they say which service it is of. */
static bool counts(const json *cur, const json *next)
{
	_cleanup_json_ json *a = json_clone(cur), *b = json_clone(next);

	if (!json_equal(json_get(cur, "metadata", "labels"), json_get(next, "metadata", "labels")))
		return true;
	json_del(a, "metadata");
	json_del(b, "metadata");
	return !json_equal(a, b);
}

/* --- what is shown ------------------------------------------------------------------ */

static char *ports_text(const json *slice)
{
	struct buf b = {0};
	int n = 0;

	json_each(p, json_get(slice, "ports")) {
		const char *name = json_str_or(json_get(p, "name"), "");

		if (n++ >= SHOWN)
			continue;
		buf_puts(&b, n > 1 ? "," : "");
		if (json_is_int(json_get(p, "port")))
			buf_printf(&b, "%lld", (long long)json_int(json_get(p, "port"), 0));
		else
			buf_puts(&b, *name ? name : "*");
	}
	if (n > SHOWN)
		buf_printf(&b, " + %d more...", n - SHOWN);
	return n ? buf_steal(&b) : xstrdup("<unset>");
}

static char *addresses_text(const json *slice)
{
	struct buf b = {0};
	int n = 0;

	json_each(e, json_get(slice, "endpoints"))
		json_each(a, json_get(e, "addresses"))
			if (n++ < SHOWN)
				buf_printf(&b, "%s%s", n > 1 ? "," : "", json_str_or(a, ""));
	if (n > SHOWN)
		buf_printf(&b, " + %d more...", n - SHOWN);
	return n ? buf_steal(&b) : xstrdup("<unset>");
}

static void slice_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "addressType"), ""));
	cell_take(cells, ports_text(obj));
	cell_take(cells, addresses_text(obj));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_endpointslice = {
	.defaults = default_endpointslice,
	.validate = validate,
	.validate_update = validate_update,
	.order = UPDATE_ALONE,
	.counts = counts,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("AddressType", "string", "The family of the addresses."),
		COLUMN("Ports", "string", "The ports of each endpoint."),
		COLUMN("Endpoints", "string", "The endpoints' addresses."),
		COLUMN_AGE),
	.cells = slice_cells,
};
