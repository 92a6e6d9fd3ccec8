// SPDX-License-Identifier: GPL-2.0-or-later
/* node.c - Node */
#include "api/kinds/rules.h"
#include "api/kinds/validate_parts.h"
#include "api/schema/strlist.h"

static void default_node(json *obj)
{
	const json *capacity = json_get(obj, "status", "capacity");
	json *allocatable;

	if (!capacity)
		return;
	allocatable = json_obj(obj, "status", "allocatable");
	json_each(c, capacity)
		if (!json_get(allocatable, json_key(c)))
			json_set(allocatable, json_key(c), json_clone(c));
}

/* What the cluster allotted stays with an object whose new form does not mention it. */
static void prepare_update(const json *cur, json *next)
{
	const json *old = json_get(cur, "spec");

	if (!old)
		return;
	fill_member(json_obj(next, "spec"), old, "podCIDR");
	fill_member(json_obj(next, "spec"), old, "podCIDRs");
}

static void validate_node(const json *obj, struct field_errors *e)
{
	int i = 0;

	validate_taints(json_get(obj, "spec", "taints"), "spec.taints", e);
	json_each(c, json_get(obj, "spec", "podCIDRs")) {
		PATH(p, "spec.podCIDRs[%d]", i++);

		if (!valid_cidr(json_str_or(c, "")))
			field_invalid(e, p, c, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
	}
}

static void validate_node_update(const json *new, const json *old, struct field_errors *e)
{
	const json *was = json_get(old, "spec", "podCIDRs");

	if (json_len(was) && !json_equal(was, json_get(new, "spec", "podCIDRs")))
		field_forbidden(e, "spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *node_roles(const json *node)
{
	static const char prefix[] = "node-role.kubernetes.io/";
	_cleanup_strlist_ struct strlist roles = {0};
	struct buf b = {0};

	json_each(l, json_get(node, "metadata", "labels")) {
		const char *role = NULL;

		if (startswith(json_key(l), prefix))
			role = json_key(l) + strlen(prefix);
		else if (streq(json_key(l), "kubernetes.io/role"))
			role = json_str(l);
		if (role && *role && !strlist_has(&roles, role))
			strlist_take(&roles, xstrdup(role));
	}
	if (!roles.n)
		return xstrdup("<none>");
	qsort(roles.items, roles.n, sizeof(*roles.items), by_text);
	for (size_t i = 0; i < roles.n; i++)
		buf_printf(&b, "%s%s", i ? "," : "", roles.items[i]);
	return buf_steal(&b);
}

static const char *node_address(const json *node, const char *type)
{
	json_each(a, json_get(node, "status", "addresses"))
		if (streq(json_str(json_get(a, "type")), type))
			return json_str(json_get(a, "address"));
	return NULL;
}

static void node_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *ready = find_condition(obj, "Ready"), *info = json_get(obj, "status", "nodeInfo");
	const char *state = !ready ? "Unknown" :
			    streq(json_str(json_get(ready, "status")), "True") ? "Ready" : "NotReady";
	bool unschedulable = json_bool(json_get(obj, "spec", "unschedulable"), false);

	cell_name(cells, obj);
	cell_take(cells, xasprintf("%s%s", state, unschedulable ? ",SchedulingDisabled" : ""));
	cell_take(cells, node_roles(obj));
	cell_age(cells, obj, now_us);
	cell_str(cells, json_str_or(json_get(info, "kubeletVersion"), ""));
	cell_str_or(cells, node_address(obj, "InternalIP"), "<none>");
	cell_str_or(cells, node_address(obj, "ExternalIP"), "<none>");
	cell_str_or(cells, json_str(json_get(info, "osImage")), "<unknown>");
	cell_str_or(cells, json_str(json_get(info, "kernelVersion")), "<unknown>");
	cell_str_or(cells, json_str(json_get(info, "containerRuntimeVersion")), "<unknown>");
}

const struct kind_rules kind_rules_node = {
	.defaults = default_node,
	.keeps_status = true,
	.prepare_update = prepare_update,
	.validate = validate_node,
	.validate_update = validate_node_update,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Status", "string", "Whether the node is ready and takes new pods."),
		COLUMN("Roles", "string", "The node's roles, from its labels."),
		COLUMN_AGE,
		COLUMN("Version", "string", "The agent's version."),
		COLUMN_WIDE("Internal-IP", "string", "The node's address inside the cluster."),
		COLUMN_WIDE("External-IP", "string", "The node's address outside the cluster."),
		COLUMN_WIDE("OS-Image", "string", "The node's operating system."),
		COLUMN_WIDE("Kernel-Version", "string", "The node's kernel."),
		COLUMN_WIDE("Container-Runtime", "string", "The node's container runtime.")),
	.cells = node_cells,
	.allots = ALLOT_POD_CIDR,
};
