// SPDX-License-Identifier: GPL-2.0-or-later
/* node.c - Node */
#include "api/kinds/rules.h"
#include "api/meta/validate_net.h"
#include "api/meta/validate_text.h"
#include "api/schema/quantity.h"
#include "api/schema/strlist.h"

#define EFFECTS "NoExecute,NoSchedule,PreferNoSchedule"

static void default_node(json *obj)
{
	const json *capacity = json_get(obj, "status", "capacity");

	if (capacity && !json_get(obj, "status", "allocatable"))
		json_set(json_get(obj, "status"), "allocatable", json_clone(capacity));
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

/* --- validation --------------------------------------------------------------------- */

static bool taint_before(const json *taints, const json *t)
{
	for (const json *b = taints->child; b != t; b = b->next)
		if (streq(text_of(b, "key"), text_of(t, "key")) && streq(text_of(b, "effect"), text_of(t, "effect")))
			return true;
	return false;
}

/* Kubernetes says that they were below metadata. */
static void validate_taints_of(const json *node, struct field_errors *e)
{
	const json *taints = json_get(node, "spec", "taints");
	int i = 0;

	json_each(t, taints) {
		const char *value = json_str_or(json_get(t, "value"), "");
		PATH(path, "metadata.taints[%d]", i++);
		PATH(key_path, "%s.key", path);
		PATH(value_path, "%s.value", path);

		check_text(json_str_or(json_get(t, "key"), ""), invalid_label_key, key_path, e);
		check_text(value, invalid_label_value, value_path, e);
		validate_enum(t, "effect", EFFECTS, path, e);
		if (taint_before(taints, t)) {
			_cleanup_json_ json *v = json_build("{\"Key\":\"\",\"Value\":\"\",\"Effect\":\"\",\"TimeAdded\":null}");

			json_set_str(v, "Key", json_str_or(json_get(t, "key"), ""));
			json_set_str(v, "Value", value);
			json_set_str(v, "Effect", json_str_or(json_get(t, "effect"), ""));
			if (json_get(t, "timeAdded"))
				json_set(v, "TimeAdded", json_clone(json_get(t, "timeAdded")));
			field_duplicate_json(e, path, v, "taints must be unique by key and effect pair");
		}
	}
}

/* Things that come whole: pods, and what others than Kubernetes count. */
static bool comes_whole(const char *resource)
{
	return streq(resource, "pods") ||
	       (strchr(resource, '/') && !strstr(resource, "kubernetes.io/") && !startswith(resource, "requests."));
}

static void validate_amounts(const json *node, const char *member, struct field_errors *e)
{
	json_each(a, json_get(node, "status", member)) {
		PATH(path, "status.%s.%s", member, json_key(a));

		if (quantity_milli(a, 0) < 0)
			field_invalid(e, path, a, MSG_NEGATIVE);
		if (comes_whole(json_key(a)) && quantity_milli(a, 0) % 1000)
			field_invalid(e, path, a, "must be an integer");
	}
}

static void validate_cidrs(const json *node, const json *was, struct field_errors *e)
{
	const json *cidrs = json_get(node, "spec", "podCIDRs");
	int i = 0, v4 = 0, v6 = 0;

	json_each(c, cidrs) {
		PATH(p, "spec.podCIDRs[%d]", i++);

		validate_cidr_of_old(json_str_or(c, ""), was, p, e);
		v4 += cidr_family(json_str_or(c, "")) == 4;
		v6 += cidr_family(json_str_or(c, "")) == 6;
	}
	if (i > 1 && (!v4 || !v6 || i > 2))
		field_invalid_json(e, "spec.podCIDRs", cidrs, "may specify no more than one CIDR for each IP family");
	i = 0;
	json_each(c, cidrs) {
		bool before = false;
		PATH(p, "spec.podCIDRs[%d]", i++);

		for (const json *b = cidrs->child; b != c; b = b->next)
			before |= json_equal(b, c);
		if (before)
			field_duplicate(e, p, json_str_or(c, ""));
	}
}

static void validate_spec(const json *node, const json *was, struct field_errors *e)
{
	validate_taints_of(node, e);
	validate_amounts(node, "capacity", e);
	validate_amounts(node, "allocatable", e);
	validate_cidrs(node, was, e);
}

static void validate_node(const json *obj, struct field_errors *e)
{
	validate_spec(obj, NULL, e);
}

/* A ConfigMap that no agent reads any more, and that may still be named. */
static void validate_config_source(const json *source, const char *path, bool spec, struct field_errors *e)
{
	static const char *const fixed[] = { "uid", "resourceVersion" };
	const json *map = json_get(source, "configMap");
	PATH(base, "%s.configMap", path);

	if (!source)
		return;
	for (size_t i = 0; map && i < ARRAY_SIZE(fixed); i++) {
		PATH(p, "%s.%s", base, fixed[i]);
		PATH(not_here, "%s must not be set in spec", fixed[i]);
		PATH(here, "%s must be set in status", fixed[i]);

		if (spec && text_of(map, fixed[i]))
			field_forbidden(e, p, not_here);
		else if (!spec)
			need_text(map, fixed[i], base, here, e);
	}
	if (map) {
		need_text(map, "namespace", base, "namespace must be set", e);
		may_name(map, "namespace", invalid_dns1123_label, base, e);
		need_text(map, "name", base, "name must be set", e);
		may_name(map, "name", invalid_dns1123_subdomain, base, e);
		need_text(map, "kubeletConfigKey", base, "kubeletConfigKey must be set", e);
		may_name(map, "kubeletConfigKey", invalid_config_key, base, e);
	} else {
		field_invalid_json(e, path, source, "exactly one reference subfield must be non-nil");
	}
}

static void validate_addresses(const json *node, struct field_errors *e)
{
	const json *list = json_get(node, "status", "addresses");
	int i = 0;

	json_each(a, list) {
		bool before = false;
		PATH(p, "status.addresses[%d]", i++);

		for (const json *b = list->child; b != a; b = b->next)
			before |= streq(text_of(b, "type"), text_of(a, "type")) &&
				  streq(text_of(b, "address"), text_of(a, "address"));
		if (before) {
			_cleanup_json_ json *v = json_new_object();

			json_set_str(v, "Type", json_str_or(json_get(a, "type"), ""));
			json_set_str(v, "Address", json_str_or(json_get(a, "address"), ""));
			field_duplicate_json(e, p, v, NULL);
		}
	}
}

/* The step from old to new, of the object and of its status. */
static void validate_step(const json *new, const json *old, struct field_errors *e)
{
	const json *was = json_get(old, "spec", "podCIDRs"), *status = json_get(new, "status", "config");
	const char *provider = text_of(json_get(old, "spec"), "providerID");

	validate_addresses(new, e);
	if (json_len(was) && !json_equal(was, json_get(new, "spec", "podCIDRs")))
		field_forbidden(e, "spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
	if (provider && !streq(provider, text_of(json_get(new, "spec"), "providerID")))
		field_forbidden(e, "spec.providerID", "node updates may not change providerID except from \"\" to valid");
	validate_config_source(json_get(new, "spec", "configSource"), "spec.configSource", true, e);
	validate_config_source(json_get(status, "assigned"), "status.config.assigned", false, e);
	validate_config_source(json_get(status, "active"), "status.config.active", false, e);
	validate_config_source(json_get(status, "lastKnownGood"), "status.config.lastKnownGood", false, e);
	if (!json_equal(json_get(new, "spec", "externalID"), json_get(old, "spec", "externalID")))
		field_forbidden(e, "spec.externalID", "may not be updated");
}

static void validate_node_update(const json *new, const json *old, struct field_errors *e)
{
	validate_spec(new, json_get(old, "spec", "podCIDRs"), e);
	validate_step(new, old, e);
}

static void validate_node_status(const json *new, const json *old, struct field_errors *e)
{
	validate_amounts(new, "capacity", e);
	validate_amounts(new, "allocatable", e);
	validate_step(new, old, e);
	validate_taints_of(new, e);
}

/* --- what is shown -------------------------------------------------------------------- */

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

/* "6.1.0 (amd64)" */
static char *kernel_text(const json *info)
{
	const char *version = text_of(info, "kernelVersion") ?: "<unknown>", *arch = text_of(info, "architecture");

	return arch ? xasprintf("%s (%s)", version, arch) : xstrdup(version);
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
	cell_take(cells, kernel_text(info));
	cell_str_or(cells, json_str(json_get(info, "containerRuntimeVersion")), "<unknown>");
}

const struct kind_rules kind_rules_node = {
	.defaults = default_node,
	.keeps_status = true,
	.prepare_update = prepare_update,
	.validate = validate_node,
	.validate_update = validate_node_update,
	.order = UPDATE_ALONE,
	.validate_status = validate_node_status,
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
