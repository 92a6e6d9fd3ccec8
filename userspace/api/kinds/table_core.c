// SPDX-License-Identifier: GPL-2.0-or-later
/* table_core.c - rows of the core kinds */
#include "api/kinds/table_cells.h"

#include <ctype.h>
#include <stdio.h>

#include "api/schema/strlist.h"

static void namespace_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "status", "phase"), ""));
	cell_age(cells, obj, now_us);
}

/* --- nodes ------------------------------------------------------------------------- */

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

/* --- services and endpoints --------------------------------------------------------- */

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

/* --- events -------------------------------------------------------------------------- */

static char *event_object(const json *event)
{
	char *s = xasprintf("%s/%s", json_str_or(json_get(event, "involvedObject", "kind"), ""),
			    json_str_or(json_get(event, "involvedObject", "name"), ""));

	for (char *p = s; *p && *p != '/'; p++)
		*p = (char)tolower((unsigned char)*p);
	if (endswith(s, "/"))
		s[strlen(s) - 1] = '\0';
	return s;
}

static char *event_source(const json *event)
{
	const char *component = json_str(json_get(event, "source", "component"));
	const char *host = json_str_or(json_get(event, "source", "host"), "");

	if (!component)
		component = json_str_or(json_get(event, "reportingComponent"), "");
	if (!*host)
		host = json_str_or(json_get(event, "reportingInstance"), "");
	return *host ? xasprintf("%s, %s", component, host) : xstrdup(component);
}

static void event_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *series = json_get(obj, "series");
	const char *first = json_str(json_get(obj, "firstTimestamp"));
	const char *last = json_str(json_get(obj, "lastTimestamp"));
	int64_t count = json_int(json_get(obj, "count"), 0);

	if (!first)
		first = json_str(json_get(obj, "eventTime"));
	if (!last)
		last = first;
	if (json_is_object(series)) {
		const char *seen = json_str(json_get(series, "lastObservedTime"));

		last = seen ? seen : last;
		count = json_int(json_get(series, "count"), count);
	}
	cell_take(cells, time_since(last, now_us));
	cell_str(cells, json_str_or(json_get(obj, "type"), ""));
	cell_str(cells, json_str_or(json_get(obj, "reason"), ""));
	cell_take(cells, event_object(obj));
	cell_str(cells, json_str_or(json_get(obj, "involvedObject", "fieldPath"), ""));
	cell_take(cells, event_source(obj));
	cell_str(cells, json_str_or(json_get(obj, "message"), ""));
	cell_take(cells, time_since(first, now_us));
	cell_int(cells, count ? count : 1);
	cell_name(cells, obj);
}

/* --- configuration ------------------------------------------------------------------- */

static void configmap_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_int(cells, json_len(json_get(obj, "data")) + json_len(json_get(obj, "binaryData")));
	cell_age(cells, obj, now_us);
}

static void secret_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "type"), ""));
	cell_int(cells, json_len(json_get(obj, "data")));
	cell_age(cells, obj, now_us);
}

static void serviceaccount_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_int(cells, json_len(json_get(obj, "secrets")));
	cell_age(cells, obj, now_us);
}

const struct table_printer table_core_printers[] = {
	{ &res_pods, table_pod_columns, table_pod_cells },
	{ &res_namespaces, COLUMNS(
		COLUMN_NAME,
		COLUMN("Status", "string", "Active, or Terminating while its content is being deleted."),
		COLUMN_AGE), namespace_cells },
	{ &res_nodes, COLUMNS(
		COLUMN_NAME,
		COLUMN("Status", "string", "Whether the node is ready and takes new pods."),
		COLUMN("Roles", "string", "The node's roles, from its labels."),
		COLUMN_AGE,
		COLUMN("Version", "string", "The agent's version."),
		COLUMN_WIDE("Internal-IP", "string", "The node's address inside the cluster."),
		COLUMN_WIDE("External-IP", "string", "The node's address outside the cluster."),
		COLUMN_WIDE("OS-Image", "string", "The node's operating system."),
		COLUMN_WIDE("Kernel-Version", "string", "The node's kernel."),
		COLUMN_WIDE("Container-Runtime", "string", "The node's container runtime.")), node_cells },
	{ &res_services, COLUMNS(
		COLUMN_NAME,
		COLUMN("Type", "string", "How the service is published."),
		COLUMN("Cluster-IP", "string", "The service's virtual address."),
		COLUMN("External-IP", "string", "Addresses outside the cluster that lead to the service."),
		COLUMN("Port(s)", "string", "The service's ports, and node ports behind a colon."),
		COLUMN_AGE,
		COLUMN_WIDE("Selector", "string", "The labels that pick the pods.")), service_cells },
	{ &res_endpoints, COLUMNS(
		COLUMN_NAME,
		COLUMN("Endpoints", "string", "Addresses and ports behind the service."),
		COLUMN_AGE), endpoints_cells },
	{ &res_events, COLUMNS(
		COLUMN("Last Seen", "string", "The time since it happened last."),
		COLUMN("Type", "string", "Normal or Warning."),
		COLUMN("Reason", "string", "What happened, in one word."),
		COLUMN("Object", "string", "The object it happened to."),
		COLUMN_WIDE("Subobject", "string", "The part of the object it happened to."),
		COLUMN_WIDE("Source", "string", "Who reported it."),
		COLUMN("Message", "string", "What happened, in a sentence."),
		COLUMN_WIDE("First Seen", "string", "The time since it happened first."),
		COLUMN_WIDE("Count", "integer", "How often it happened."),
		{ "Name", "string", "name", 1, "The event's own name." }), event_cells },
	{ &res_configmaps, COLUMNS(
		COLUMN_NAME,
		COLUMN("Data", "integer", "The number of entries."),
		COLUMN_AGE), configmap_cells },
	{ &res_secrets, COLUMNS(
		COLUMN_NAME,
		COLUMN("Type", "string", "What the secret is for."),
		COLUMN("Data", "integer", "The number of entries."),
		COLUMN_AGE), secret_cells },
	{ &res_serviceaccounts, COLUMNS(
		COLUMN_NAME,
		COLUMN("Secrets", "integer", "The number of secrets the account may use."),
		COLUMN_AGE), serviceaccount_cells },
	{0},
};
