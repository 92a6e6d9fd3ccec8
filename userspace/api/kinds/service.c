// SPDX-License-Identifier: GPL-2.0-or-later
/* service.c - Service: what is in validate_service.c, and the rest */
#include "api/kinds/rules.h"
#include "api/kinds/validate_parts.h"

/* clusterIP is clusterIPs[0]; whichever is there gives the other. */
static void default_cluster_ips(json *spec)
{
	const char *ip = json_str_or(json_get(spec, "clusterIP"), "");
	const json *ips = json_get(spec, "clusterIPs");

	if (*ip && !json_len(ips)) {
		json_append(json_set(spec, "clusterIPs", json_new_array()), json_new_str(ip));
	} else if (!*ip && json_len(ips) && json_is_string(ips->child)) {
		json_set_str(spec, "clusterIP", ips->child->valuestring);
	}
}

static void default_service_port(json *p)
{
	const json *target = json_get(p, "targetPort");

	default_str(p, "protocol", "TCP");
	if (!target || (json_is_int(target) && json_int(target, 0) == 0) || streq(json_str(target), ""))
		json_set_int(p, "targetPort", json_int(json_get(p, "port"), 0));
}

static void default_service(json *obj)
{
	json *spec = json_obj(obj, "spec");
	const char *type;
	bool node_ports;

	default_str(spec, "type", "ClusterIP");
	default_str(spec, "sessionAffinity", "None");
	type = json_str_or(json_get(spec, "type"), "");
	node_ports = streq(type, "NodePort") || streq(type, "LoadBalancer");
	if (streq(json_str(json_get(spec, "sessionAffinity")), "ClientIP"))
		default_int(json_obj(spec, "sessionAffinityConfig", "clientIP"), "timeoutSeconds", 10800);
	else
		json_del(spec, "sessionAffinityConfig");
	json_each(p, json_get(spec, "ports"))
		default_service_port(p);
	/* What says nothing for this type is left over from another one. */
	if (node_ports || (streq(type, "ClusterIP") && json_len(json_get(spec, "externalIPs"))))
		default_str(spec, "externalTrafficPolicy", "Cluster");
	else
		json_del(spec, "externalTrafficPolicy");
	if (streq(type, "LoadBalancer"))
		default_bool(spec, "allocateLoadBalancerNodePorts", true);
	else
		json_del(spec, "allocateLoadBalancerNodePorts");
	if (streq(type, "ExternalName"))
		return;
	default_str(spec, "internalTrafficPolicy", "Cluster");
	default_str(spec, "ipFamilyPolicy", "SingleStack");
	default_cluster_ips(spec);
	if (!json_len(json_get(spec, "ipFamilies")))
		json_append(json_set(spec, "ipFamilies", json_new_array()),
			    json_new_str(strchr(json_str_or(json_get(spec, "clusterIP"), ""), ':') ? "IPv6" : "IPv4"));
}

static void prepare_create(json *obj)
{
	json_set(json_obj(obj, "status"), "loadBalancer", json_new_object());
}

static bool has_node_ports(const json *spec)
{
	const char *type = json_str_or(json_get(spec, "type"), "");

	return streq(type, "NodePort") || streq(type, "LoadBalancer");
}

/* A service that stops having node ports need not say so for each port. */
static void drop_node_ports(const json *old, json *spec)
{
	if (!has_node_ports(old) || has_node_ports(spec))
		return;
	json_each(was, json_get(old, "ports"))
		json_each(p, json_get(spec, "ports"))
			if (json_get(p, "nodePort") && json_equal(json_get(p, "nodePort"), json_get(was, "nodePort")))
				json_del(p, "nodePort");
}

/* What the cluster allotted stays with an object whose new form does not mention it. */
static void prepare_update(const json *cur, json *next)
{
	static const char *const allotted[] = { "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy" };
	const json *old = json_get(cur, "spec");
	json *spec = json_obj(next, "spec");

	if (!streq(json_str(json_get(spec, "type")), "ExternalName") &&
	    !streq(json_str(json_get(old, "type")), "ExternalName"))
		for (size_t i = 0; i < ARRAY_SIZE(allotted); i++)
			fill_member(spec, old, allotted[i]);
	drop_node_ports(old, spec);
}

static void add_addresses(struct buf *b, const json *list, const char *member)
{
	json_each(a, list) {
		const char *s = json_str(member ? json_get(a, member) : a);

		if (s && *s)
			buf_printf(b, "%s%s", b->len ? "," : "", s);
	}
}

static char *service_external(const json *svc, const char *type)
{
	const json *ingress = json_get(svc, "status", "loadBalancer", "ingress");
	struct buf b = {0};

	if (streq(type, "ExternalName"))
		return xstrdup(json_str_or(json_get(svc, "spec", "externalName"), ""));
	if (streq(type, "LoadBalancer")) {
		json_each(i, ingress) {
			const char *ip = json_str_or(json_get(i, "ip"), "");

			buf_printf(&b, "%s%s", b.len ? "," : "",
				   *ip ? ip : json_str_or(json_get(i, "hostname"), ""));
		}
	}
	add_addresses(&b, json_get(svc, "spec", "externalIPs"), NULL);
	if (b.len)
		return buf_steal(&b);
	return xstrdup(streq(type, "LoadBalancer") ? "<pending>" : "<none>");
}

static char *service_ports(const json *svc)
{
	struct buf b = {0};

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
	cell_take(cells, service_external(obj, type));
	cell_take(cells, service_ports(obj));
	cell_age(cells, obj, now_us);
	cell_take(cells, labels_text(json_get(obj, "spec", "selector")));
}

const struct kind_rules kind_rules_service = {
	.defaults = default_service,
	.prepare_create = prepare_create,
	.prepare_update = prepare_update,
	.validate = validate_service,
	.validate_update = validate_service_update,
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
