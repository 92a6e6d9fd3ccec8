// SPDX-License-Identifier: GPL-2.0-or-later
/* defaults.c - defaults of every kind, see defaults.h */
#include "api/kinds/defaults.h"

#include <openssl/evp.h>

#include "api/kinds/defaults_pod.h"
#include "api/schema/schema.h"
#include "api/meta/view_pod.h"

#define NAMESPACE_NAME_LABEL "kubernetes.io/metadata.name"

static void default_deployment(json *obj)
{
	json *spec = json_obj(obj, "spec");
	json *strategy = json_obj(spec, "strategy");

	default_int(spec, "replicas", 1);
	default_int(spec, "revisionHistoryLimit", 10);
	default_int(spec, "progressDeadlineSeconds", 600);
	default_str(strategy, "type", "RollingUpdate");
	if (streq(json_str(json_get(strategy, "type")), "RollingUpdate")) {
		json *ru = json_obj(strategy, "rollingUpdate");

		default_str(ru, "maxUnavailable", "25%");
		default_str(ru, "maxSurge", "25%");
	}
	default_pod_spec(json_get(spec, "template", "spec"));
}

static void default_replicaset(json *obj)
{
	default_int(json_obj(obj, "spec"), "replicas", 1);
	default_pod_spec(json_get(obj, "spec", "template", "spec"));
}

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

static void default_endpoints(json *obj)
{
	json_each(s, json_get(obj, "subsets"))
		json_each(p, json_get(s, "ports"))
			default_str(p, "protocol", "TCP");
}

static void default_endpointslice(json *obj)
{
	json_each(p, json_get(obj, "ports")) {
		default_str(p, "protocol", "TCP");
		default_str(p, "name", "");
	}
}

/* stringData is only a way to write: it becomes data. */
static void default_secret(json *obj)
{
	_cleanup_json_ json *text = json_take(obj, "stringData");

	default_str(obj, "type", "Opaque");
	json_each(it, text) {
		const char *s = json_str_or(it, "");
		size_t n = strlen(s);
		_cleanup_free_ char *b64 = xmalloc(n / 3 * 4 + 5);

		EVP_EncodeBlock((unsigned char *)b64, (const unsigned char *)s, n);
		json_set_str(json_obj(obj, "data"), json_key(it), b64);
	}
}

static void default_namespace(json *obj)
{
	const char *name = json_str(json_get(obj, "metadata", "name"));

	if (name && *name)
		json_set_str(json_obj(obj, "metadata", "labels"), NAMESPACE_NAME_LABEL, name);
}

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

static const struct {
	const struct resource *res;
	void (*fn)(json *obj);
} defaulters[] = {
	{ &res_pods, default_pod },
	{ &res_deployments, default_deployment },
	{ &res_replicasets, default_replicaset },
	{ &res_services, default_service },
	{ &res_endpoints, default_endpoints },
	{ &res_endpointslices, default_endpointslice },
	{ &res_secrets, default_secret },
	{ &res_namespaces, default_namespace },
	{ &res_nodes, default_node },
};

void default_object(const struct kind *k, json *obj)
{
	schema_normalise(k->schema, obj);
	for (size_t i = 0; i < ARRAY_SIZE(defaulters); i++)
		if (defaulters[i].res == k->res)
			defaulters[i].fn(obj);
}

void reset_status(const struct kind *k, json *obj)
{
	json *status;

	/* A node reports about itself from the start. */
	if (!schema_field(k->schema, "status") || k->res == &res_nodes)
		return;
	status = json_set(obj, "status", json_new_object());
	if (k->res == &res_pods) {
		json_set_str(status, "phase", "Pending");
		json_set_str(status, "qosClass", pod_qos_class(obj));
	} else if (k->res == &res_namespaces) {
		json_set_str(status, "phase", "Active");
	} else if (k->res == &res_services) {
		json_set(status, "loadBalancer", json_new_object());
	}
}
