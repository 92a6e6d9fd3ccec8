// SPDX-License-Identifier: GPL-2.0-or-later
/* networkpolicy.c - NetworkPolicy */
#include "api/kinds/rules.h"
#include "api/meta/validate_net.h"
#include "api/meta/validate_text.h"
#include "api/meta/validate_values.h"

static const char *const directions[][2] = { { "ingress", "from" }, { "egress", "to" } };

static void default_networkpolicy(json *obj)
{
	json *spec = json_get(obj, "spec");

	if (!spec)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(directions); i++)
		json_each(r, json_get(spec, directions[i][0]))
			json_each(p, json_get(r, "ports"))
				default_str(p, "protocol", "TCP");
	if (!json_len(json_get(spec, "policyTypes")))
		json_set(spec, "policyTypes", json_build(json_len(json_get(spec, "egress")) ? "[\"Ingress\",\"Egress\"]" :
							 "[\"Ingress\"]"));
}

/* --- validation --------------------------------------------------------------------- */

static void validate_port(const json *p, const char *path, struct field_errors *e)
{
	const json *port = json_get(p, "port"), *end = json_get(p, "endPort");
	const char *name = json_str(port);
	int64_t last = json_int(end, 0);
	PATH(port_path, "%s.port", path);
	PATH(end_path, "%s.endPort", path);

	may_enum(p, "protocol", "TCP,UDP,SCTP", path, e);
	if (!port) {
		if (end)
			field_invalid_int(e, end_path, last, "may not be specified when `port` is not specified");
		return;
	}
	if (name) {
		if (end)
			field_invalid_int(e, end_path, last, "may not be specified when `port` is non-numeric");
		validate_port_name(name, port_path, e);
		return;
	}
	validate_port_number(json_int(port, 0), port_path, e);
	if (!end)
		return;
	if (last < json_int(port, 0))
		field_invalid_int(e, end_path, last, "must be greater than or equal to `port`");
	validate_port_number(last, end_path, e);
}

static void validate_block(const json *block, const json *was, const char *path, struct field_errors *e)
{
	const char *cidr = need_text(block, "cidr", path, NULL, e);
	struct net_prefix whole, part;
	int i = 0;
	PATH(cidr_path, "%s.cidr", path);

	if (!cidr)
		return;
	validate_cidr_of_old(cidr, was, cidr_path, e);
	if (parse_cidr_loosely(cidr, &whole))
		return;
	json_each(x, json_get(block, "except")) {
		const char *s = json_str_or(x, "");
		PATH(p, "%s.except[%d]", path, i++);

		validate_cidr_of_old(s, was, p, e);
		if (!parse_cidr_loosely(s, &part) && (!prefix_contains(&whole, &part) || whole.len >= part.len))
			field_invalid_str(e, p, s, "must be a strict subset of `cidr`");
	}
}

static void validate_peer(const json *peer, const json *was, const char *path, struct field_errors *e)
{
	const json *pods = json_get(peer, "podSelector"), *namespaces = json_get(peer, "namespaceSelector");
	const json *block = json_get(peer, "ipBlock");
	PATH(pods_path, "%s.podSelector", path);
	PATH(namespaces_path, "%s.namespaceSelector", path);
	PATH(block_path, "%s.ipBlock", path);

	validate_label_selector(pods, pods_path, e);
	validate_label_selector(namespaces, namespaces_path, e);
	if (block)
		validate_block(block, was, block_path, e);
	if (!pods && !namespaces && !block)
		field_required(e, path, "must specify a peer");
	else if (block && (pods || namespaces))
		field_forbidden(e, path, "may not specify both ipBlock and another peer");
}

static void validate_rules(const json *spec, const char *list, const char *peers, const json *was, struct field_errors *e)
{
	int i = 0;

	json_each(r, json_get(spec, list)) {
		int n = 0;
		PATH(path, "spec.%s[%d]", list, i++);

		json_each(p, json_get(r, "ports")) {
			PATH(at, "%s.ports[%d]", path, n++);

			validate_port(p, at, e);
		}
		n = 0;
		json_each(p, json_get(r, peers)) {
			PATH(at, "%s.%s[%d]", path, peers, n++);

			validate_peer(p, was, at, e);
		}
	}
}

/* Every prefix in the policy: what may go on as it is. */
static json *prefixes_of(const json *policy)
{
	json *all = json_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(directions); i++)
		json_each(r, json_get(policy, "spec", directions[i][0]))
			json_each(p, json_get(r, directions[i][1])) {
				json_append(all, json_new_str(json_str_or(json_get(p, "ipBlock", "cidr"), "")));
				json_each(x, json_get(p, "ipBlock", "except"))
					json_append(all, json_clone(x));
			}
	return all;
}

static void validate_update(const json *new, const json *old, struct field_errors *e)
{
	const json *spec = json_get(new, "spec"), *types = json_get(spec, "policyTypes");
	_cleanup_json_ json *was = prefixes_of(old);
	int i = 0;

	validate_label_selector(json_get(spec, "podSelector"), "spec.podSelector", e);
	for (size_t d = 0; d < ARRAY_SIZE(directions); d++)
		validate_rules(spec, directions[d][0], directions[d][1], was, e);
	if (json_len(types) > 2) {
		field_invalid_json(e, "spec.policyTypes", types, "may not specify more than two policyTypes");
		return;
	}
	json_each(t, types) {
		PATH(p, "spec.policyTypes[%d]", i++);

		if (!one_of(json_str_or(t, ""), "Ingress,Egress"))
			field_not_supported(e, p, json_str_or(t, ""), "Ingress,Egress");
	}
}

static void validate(const json *obj, struct field_errors *e)
{
	validate_update(obj, NULL, e);
}

static void networkpolicy_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_take(cells, label_selector_text(json_get(obj, "spec", "podSelector")));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_networkpolicy = {
	.defaults = default_networkpolicy,
	.validate = validate,
	.validate_update = validate_update,
	.order = UPDATE_ALONE,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Pod-Selector", "string", "The pods that it is about."),
		COLUMN_AGE),
	.cells = networkpolicy_cells,
};
