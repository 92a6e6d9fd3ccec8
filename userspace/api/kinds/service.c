// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * service.c - Service: defaults, what an update keeps, what is shown
 *
 * A Service's type decides which other members mean something. A user who
 * changes the type need not take away what the server put there for the former
 * one, as long as it is as it was: prepare_update() does.
 */
#include "api/kinds/service.h"
#include "api/schema/strlist.h"

/* --- defaults ---------------------------------------------------------------------- */

static void default_port(json *p)
{
	const json *target = json_get(p, "targetPort");

	default_str(p, "protocol", "TCP");
	if (!target || (json_is_int(target) && json_int(target, 0) == 0) || streq(json_str(target), ""))
		json_set_int(p, "targetPort", json_int(json_get(p, "port"), 0));
}

/* No selector and no address: nobody knows which families its endpoints will have. */
static bool takes_any_family(const json *spec)
{
	return streq(json_str(json_get(spec, "clusterIP")), "None") && !json_len(json_get(spec, "selector"));
}

/* What stands for the families that the cluster has: those of its addresses, or IPv4. */
static void default_families(json *spec)
{
	const char *ip = json_str_or(json_get(spec, "clusterIP"), "");
	bool any = takes_any_family(spec), v6;
	json *families = json_get(spec, "ipFamilies");

	default_str(spec, "ipFamilyPolicy", any ? "RequireDualStack" : "SingleStack");
	if (!json_len(families)) {
		families = json_set(spec, "ipFamilies", json_new_array());
		json_append(families, json_new_str(strchr(ip, ':') ? "IPv6" : "IPv4"));
	}
	v6 = streq(json_str(families->child), "IPv6");
	if (any && json_len(families) == 1 && !streq(json_str(json_get(spec, "ipFamilyPolicy")), "SingleStack"))
		json_append(families, json_new_str(v6 ? "IPv4" : "IPv6"));
}

static void default_service(json *obj)
{
	json *spec = json_obj(obj, "spec");

	default_str(spec, "sessionAffinity", "None");
	if (streq(json_str(json_get(spec, "sessionAffinity")), "None"))
		json_del(spec, "sessionAffinityConfig");
	if (streq(json_str(json_get(spec, "sessionAffinity")), "ClientIP"))
		default_int(json_obj(spec, "sessionAffinityConfig", "clientIP"), "timeoutSeconds", 10800);
	default_str(spec, "type", "ClusterIP");
	json_each(p, json_get(spec, "ports"))
		default_port(p);
	if (service_is_external(spec))
		default_str(spec, "externalTrafficPolicy", "Cluster");
	if (!service_is(spec, "ExternalName"))
		default_str(spec, "internalTrafficPolicy", "Cluster");
	if (service_is(spec, "LoadBalancer")) {
		default_bool(spec, "allocateLoadBalancerNodePorts", true);
		json_each(i, json_get(obj, "status", "loadBalancer", "ingress"))
			if (json_get(i, "ip"))
				default_str(i, "ipMode", "VIP");
	}
}

/* What the cluster gives; clusterIP and ports come from what is reserved. */
static void admit_service(json *obj)
{
	json *spec = json_obj(obj, "spec");
	const char *ip = json_str_or(json_get(spec, "clusterIP"), "");

	if (service_is(spec, "ExternalName"))
		return;
	if (*ip && !json_len(json_get(spec, "clusterIPs")))
		json_append(json_set(spec, "clusterIPs", json_new_array()), json_new_str(ip));
	default_families(spec);
}

static void prepare_create(json *obj)
{
	json_set(json_obj(obj, "status"), "loadBalancer", json_new_object());
}

/* --- updates ------------------------------------------------------------------------- */

static bool has_node_ports(const json *spec)
{
	return service_is(spec, "NodePort") ||
	       (service_is(spec, "LoadBalancer") && json_bool(json_get(spec, "allocateLoadBalancerNodePorts"), true));
}

static bool same(const json *a, const json *b, const char *member)
{
	return json_equal(json_get(a, member), json_get(b, member));
}

static bool is_empty(const json *spec, const char *member)
{
	const json *v = json_get(spec, member);

	return !v || cJSON_IsNull(v) || streq(json_str(v), "") || (json_is_array(v) && !v->child) ||
	       (json_is_int(v) && !json_int(v, 0));
}

static const char *protocol_of(const json *port)
{
	const char *s = json_str_or(json_get(port, "protocol"), "");

	return *s ? s : "TCP";
}

static bool uses_node_port(const json *spec, const json *number)
{
	json_each(p, json_get(spec, "ports"))
		if (json_equal(json_get(p, "nodePort"), number))
			return true;
	return false;
}

/* A port that stays has the node port it had. */
static void keep_node_ports(const json *old, json *spec)
{
	json_each(p, json_get(spec, "ports")) {
		if (!is_empty(p, "nodePort"))
			continue;
		json_each(o, json_get(old, "ports"))
			if (same(o, p, "port") && streq(protocol_of(o), protocol_of(p)) && !is_empty(o, "nodePort") &&
			    !uses_node_port(spec, json_get(o, "nodePort"))) {
				keep_member(p, o, "nodePort");
				break;
			}
	}
}

/* What the cluster allotted stays where the update does not mention it. */
static void keep_allotted(const json *old, json *spec)
{
	if (!service_is(old, "ExternalName") && !service_is(spec, "ExternalName")) {
		if (is_empty(spec, "clusterIP"))
			keep_member(spec, old, "clusterIP");
		if (is_empty(spec, "clusterIPs") && same(spec, old, "clusterIP"))
			keep_member(spec, old, "clusterIPs");
		if (is_empty(spec, "ipFamilyPolicy"))
			keep_member(spec, old, "ipFamilyPolicy");
		if (is_empty(spec, "ipFamilies"))
			keep_member(spec, old, "ipFamilies");
	}
	if (has_node_ports(old) && has_node_ports(spec))
		keep_node_ports(old, spec);
	if (service_needs_health_check(old) && service_needs_health_check(spec) && is_empty(spec, "healthCheckNodePort"))
		keep_member(spec, old, "healthCheckNodePort");
}

/* clusterIP is clusterIPs[0]: who knows only one of them changes both. */
static void match_cluster_ips(const json *old, json *spec)
{
	const char *ip = json_str_or(json_get(spec, "clusterIP"), "");

	if (same(spec, old, "clusterIP") || !same(spec, old, "clusterIPs"))
		return;
	json_del(spec, "clusterIPs");
	if (*ip)
		json_append(json_set(spec, "clusterIPs", json_new_array()), json_new_str(ip));
}

static bool same_node_ports(const json *old, const json *spec)
{
	json_each(p, json_get(spec, "ports"))
		if (!is_empty(p, "nodePort") && !uses_node_port(old, json_get(p, "nodePort")))
			return false;
	return true;
}

static void drop_if_same(const json *old, json *spec, const char *member)
{
	if (same(spec, old, member))
		json_del(spec, member);
}

/* What meant something for the former type only. */
static void drop_of_former_type(const json *old, json *spec)
{
	if (!service_is(old, "ExternalName") && service_is(spec, "ExternalName")) {
		if (same(spec, old, "clusterIPs"))
			json_del(spec, "clusterIP");
		drop_if_same(old, spec, "clusterIPs");
		drop_if_same(old, spec, "ipFamilies");
		drop_if_same(old, spec, "ipFamilyPolicy");
	}
	if (has_node_ports(old) && !has_node_ports(spec) && same_node_ports(old, spec))
		json_each(p, json_get(spec, "ports"))
			json_del(p, "nodePort");
	if (service_needs_health_check(old) && !service_needs_health_check(spec))
		drop_if_same(old, spec, "healthCheckNodePort");
	if (service_is(old, "LoadBalancer") && !service_is(spec, "LoadBalancer")) {
		drop_if_same(old, spec, "allocateLoadBalancerNodePorts");
		drop_if_same(old, spec, "loadBalancerClass");
	}
	if (service_is_external(old) && !service_is_external(spec))
		drop_if_same(old, spec, "externalTrafficPolicy");
}

/* "SingleStack" alone says that the second address and family go. */
static void drop_second_family(const json *old, json *spec)
{
	static const char *const lists[] = { "clusterIPs", "ipFamilies" };

	if (!streq(json_str(json_get(spec, "ipFamilyPolicy")), "SingleStack") || service_is(spec, "ExternalName"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (same(spec, old, lists[i]) && json_len(json_get(spec, lists[i])) > 1)
			cJSON_DeleteItemFromArray(json_get(spec, lists[i]), 1);
}

static void prepare_update(const json *cur, json *next)
{
	const json *old = json_get(cur, "spec");
	json *spec = json_obj(next, "spec");

	keep_allotted(old, spec);
	match_cluster_ips(old, spec);
	drop_of_former_type(old, spec);
	drop_second_family(old, spec);
}

/* --- what is shown ------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void load_balancer_text(struct buf *b, const json *obj)
{
	_cleanup_strlist_ struct strlist l = { 0 };

	json_each(i, json_get(obj, "status", "loadBalancer", "ingress")) {
		const char *ip = json_str_or(json_get(i, "ip"), "");

		if (!*ip)
			ip = json_str_or(json_get(i, "hostname"), "");
		if (*ip && !strlist_has(&l, ip))
			strlist_take(&l, xstrdup(ip));
	}
	if (l.n)
		qsort(l.items, l.n, sizeof(*l.items), by_text);
	for (size_t i = 0; i < l.n; i++)
		buf_printf(b, "%s%s", i ? "," : "", l.items[i]);
}

static char *external_text(const json *svc, const char *type)
{
	struct buf b = { 0 };

	if (streq(type, "ExternalName"))
		return xstrdup(json_str_or(json_get(svc, "spec", "externalName"), ""));
	if (streq(type, "LoadBalancer"))
		load_balancer_text(&b, svc);
	json_each(ip, json_get(svc, "spec", "externalIPs"))
		buf_printf(&b, "%s%s", b.len ? "," : "", json_str_or(ip, ""));
	if (b.len)
		return buf_steal(&b);
	return xstrdup(streq(type, "LoadBalancer") ? "<pending>" : "<none>");
}

static char *ports_text(const json *svc)
{
	struct buf b = { 0 };

	json_each(p, json_get(svc, "spec", "ports")) {
		long long node_port = json_int(json_get(p, "nodePort"), 0);

		buf_printf(&b, "%s%lld", b.len ? "," : "", (long long)json_int(json_get(p, "port"), 0));
		if (node_port)
			buf_printf(&b, ":%lld", node_port);
		buf_printf(&b, "/%s", json_str_or(json_get(p, "protocol"), "TCP"));
	}
	return b.len ? buf_steal(&b) : xstrdup("<none>");
}

static void service_cells(json *cells, const json *obj, uint64_t now_us)
{
	const char *type = json_str_or(json_get(obj, "spec", "type"), "ClusterIP");

	cell_name(cells, obj);
	cell_str(cells, type);
	cell_str_or(cells, json_str(json_get(obj, "spec", "clusterIP")), "<none>");
	cell_take(cells, external_text(obj, type));
	cell_take(cells, ports_text(obj));
	cell_age(cells, obj, now_us);
	cell_take(cells, labels_text(json_get(obj, "spec", "selector")));
}

const struct kind_rules kind_rules_service = {
	.defaults = default_service,
	.admit = admit_service,
	.prepare_create = prepare_create,
	.prepare_update = prepare_update,
	.validate = validate_service,
	.validate_update = validate_service_update,
	.order = UPDATE_ALONE,
	.validate_status = validate_service_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Type", "string", "How the service is published."),
		COLUMN("Cluster-IP", "string", "The service's virtual address."),
		COLUMN("External-IP", "string", "Addresses outside the cluster that lead to the service."),
		COLUMN("Port(s)", "string", "The service's ports, and node ports behind a colon."),
		COLUMN_AGE,
		COLUMN_WIDE("Selector", "string", "The labels that pick the pods.")),
	.cells = service_cells,
	.allots = ALLOT_SERVICE_IP,
};
