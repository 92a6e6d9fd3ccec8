// SPDX-License-Identifier: GPL-2.0-or-later
/* service_validate.c - what a Service must satisfy, see service.h */
#include "api/kinds/service.h"
#include "api/meta/validate_net.h"
#include "api/meta/validate_text.h"

#define AFFINITY_TIMEOUT_MAX 86400
#define NODE_PORT_MIN 30000
#define NODE_PORT_MAX 32767
#define ONLY_LOAD_BALANCER "may only be used when `type` is 'LoadBalancer'"
#define NOT_EXTERNAL_NAME "may not be set for ExternalName services"
#define SOURCE_RANGES "service.beta.kubernetes.io/load-balancer-source-ranges"
#define TOPOLOGY_HINTS "service.kubernetes.io/topology-aware-hints"
#define TOPOLOGY_MODE "service.kubernetes.io/topology-mode"

bool service_is(const json *spec, const char *type)
{
	return streq(json_str_or(json_get(spec, "type"), "ClusterIP"), type);
}

bool service_is_headless(const json *spec)
{
	const json *ips = json_get(spec, "clusterIPs");

	return json_len(ips) == 1 && streq(json_str(ips->child), "None");
}

/* Reached from outside: by node ports, a load balancer or external addresses. */
bool service_is_external(const json *spec)
{
	return service_is(spec, "NodePort") || service_is(spec, "LoadBalancer") ||
	       (service_is(spec, "ClusterIP") && json_len(json_get(spec, "externalIPs")));
}

bool service_needs_health_check(const json *spec)
{
	return service_is(spec, "LoadBalancer") && streq(text_of(spec, "externalTrafficPolicy"), "Local");
}

/* --- ports ------------------------------------------------------------------------- */

/* Another port before p with the same text member, or the same protocol and number. */
static bool twice(const json *list, const json *p, const char *text, const char *number)
{
	for (const json *b = list->child; b != p; b = b->next) {
		if (text && text_of(p, text) && streq(text_of(b, text), text_of(p, text)))
			return true;
		if (number && streq(text_of(b, "protocol"), text_of(p, "protocol")) && json_get(p, number) &&
		    json_equal(json_get(b, number), json_get(p, number)))
			return true;
	}
	return false;
}

static void validate_port(const json *ports, const json *p, const char *path, struct field_errors *e)
{
	const char *name = text_of(p, "name");
	PATH(name_path, "%s.name", path);
	PATH(port_path, "%s.port", path);
	PATH(target_path, "%s.targetPort", path);

	if (!name && json_len(ports) > 1)
		field_required(e, name_path, NULL);
	may_name(p, "name", invalid_dns1123_label, path, e);
	if (twice(ports, p, "name", NULL))
		field_duplicate(e, name_path, name);
	validate_port_number(json_int(json_get(p, "port"), 0), port_path, e);
	validate_enum(p, "protocol", "SCTP,TCP,UDP", path, e);
	validate_port_or_name(json_get(p, "targetPort"), target_path, e);
	may_name(p, "appProtocol", invalid_label_key, path, e);
}

/* What is wrong with the ports seen together. */
static void validate_ports_together(const json *spec, struct field_errors *e)
{
	const json *ports = json_get(spec, "ports");
	int i = 0;

	json_each(p, service_is(spec, "ClusterIP") ? ports : NULL) {
		PATH(path, "spec.ports[%d].nodePort", i++);

		if (json_int(json_get(p, "nodePort"), 0))
			field_forbidden(e, path, "may not be used when `type` is 'ClusterIP'");
	}
	i = 0;
	json_each(p, ports) {
		PATH(path, "spec.ports[%d].nodePort", i++);

		if (json_int(json_get(p, "nodePort"), 0) && twice(ports, p, NULL, "nodePort"))
			field_duplicate_json(e, path, json_get(p, "nodePort"), NULL);
	}
	i = 0;
	json_each(p, ports) {
		_cleanup_json_ json *key = NULL;
		PATH(path, "spec.ports[%d]", i++);

		if (!twice(ports, p, NULL, "port"))
			continue;
		key = json_build("{\"Name\":\"\",\"Protocol\":null,\"AppProtocol\":null,\"Port\":%lld,\"TargetPort\":0,"
				 "\"NodePort\":0}", (long long)json_int(json_get(p, "port"), 0));
		json_set_str(key, "Protocol", json_str_or(json_get(p, "protocol"), ""));
		field_duplicate_json(e, path, key, NULL);
	}
}

/* --- addresses and families ----------------------------------------------------------- */

static bool is_v6(const json *ip)
{
	return strchr(json_str_or(ip, ""), ':');
}

/* Each entry by itself; false if one is no address. */
static bool validate_each_ip(const json *ips, const json *was, struct field_errors *e)
{
	bool fit = true;
	int i = 0;

	json_each(ip, ips) {
		PATH(path, "spec.clusterIPs[%d]", i++);

		if (i > 1 || !streq(json_str(ip), "None")) {
			fit &= validate_ip_of_old(json_str_or(ip, ""), was, path, e);
		} else if (ip->next) {
			field_invalid_json(e, "spec.clusterIPs", ips, "'None' must be the first and only value");
			fit = false;
		}
	}
	return fit;
}

static void validate_family_list(const json *families, struct field_errors *e)
{
	int i = 0;

	json_each(f, families) {
		const char *s = json_str_or(f, "");
		bool before = false;
		PATH(path, "spec.ipFamilies[%d]", i++);

		for (const json *b = families->child; b != f; b = b->next)
			before |= json_equal(b, f);
		if (!one_of(s, "IPv4,IPv6"))
			field_not_supported(e, path, s, "IPv4,IPv6");
		if (before)
			field_duplicate(e, path, s);
	}
}

/* Addresses are of the families named beside them, one of each. */
static void validate_ips_and_families(const json *ips, const json *families, bool headless, struct field_errors *e)
{
	const json *f = families && !headless ? families->child : NULL;
	bool v4 = false, v6 = false;
	int i = 0;

	json_each(ip, ips) {
		v4 |= !is_v6(ip);
		v6 |= is_v6(ip);
	}
	if (json_len(ips) > 1 && (!(v4 && v6) || json_len(ips) > 2))
		field_invalid_json(e, "spec.clusterIPs", ips, "may specify no more than one IP for each IP family");
	for (const json *ip = ips ? ips->child : NULL; ip && f; ip = ip->next, f = f->next, i++) {
		const char *family = json_str_or(f, "");
		PATH(path, "spec.clusterIPs[%d]", i);
		PATH(why, "expected an %s value as indicated by `ipFamilies[%d]`", family, i);

		if (is_v6(ip) ? streq(family, "IPv4") : streq(family, "IPv6"))
			field_invalid(e, path, ip, why);
	}
}

/* What a policy of one family does not go with; said last of all. */
static void validate_single_stack(const json *spec, struct field_errors *e)
{
	if (!streq(text_of(spec, "ipFamilyPolicy"), "SingleStack"))
		return;
	if (json_len(json_get(spec, "clusterIPs")) == 2)
		field_invalid_str(e, "spec.ipFamilyPolicy", "SingleStack",
				  "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified");
	if (json_len(json_get(spec, "ipFamilies")) == 2)
		field_invalid_str(e, "spec.ipFamilyPolicy", "SingleStack",
				  "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified");
}

static void validate_cluster_ips(const json *spec, const json *was, struct field_errors *e)
{
	const json *ips = json_get(spec, "clusterIPs"), *families = json_get(spec, "ipFamilies");
	const char *ip = text_of(spec, "clusterIP");
	bool fit;

	if (service_is(spec, "ExternalName"))
		return;
	if (ip && !json_len(ips))
		field_required(e, "spec.clusterIPs", NULL);
	else if (ip && !streq(json_str(ips->child), ip))
		field_invalid_json(e, "spec.clusterIPs", ips, "first value must match `clusterIP`");
	else if (!ip && json_len(ips))
		field_invalid_json(e, "spec.clusterIPs", ips, "must be empty when `clusterIP` is not specified");
	validate_family_list(families, e);
	may_enum(spec, "ipFamilyPolicy", "PreferDualStack,RequireDualStack,SingleStack", "spec", e);
	fit = validate_each_ip(ips, was, e);
	if (json_len(ips) > 2)
		field_invalid_json(e, "spec.clusterIPs", ips, "may only hold up to 2 values");
	if (fit)
		validate_ips_and_families(ips, families, service_is_headless(spec), e);
}

static void validate_external_ips(const json *spec, const json *was, struct field_errors *e)
{
	int i = 0;

	json_each(ip, json_get(spec, "externalIPs")) {
		const char *s = json_str_or(ip, "");
		PATH(path, "spec.externalIPs[%d]", i++);

		if (validate_ip_of_old(s, was, path, e))
			validate_ordinary_ip(s, path, e);
	}
}

/* --- by type ----------------------------------------------------------------------------- */

static void validate_external_name(const json *spec, struct field_errors *e)
{
	const char *name = json_str_or(json_get(spec, "externalName"), "");
	_cleanup_free_ char *cname = xstrdup(name);
	static const char *const not_here[] = { "clusterIPs", "ipFamilies", "ipFamilyPolicy" };

	for (size_t i = 0; i < ARRAY_SIZE(not_here); i++) {
		PATH(path, "spec.%s", not_here[i]);

		if (json_get(spec, not_here[i]))
			field_forbidden(e, path, NOT_EXTERNAL_NAME);
	}
	/* A dot at the end says that the name is whole. */
	if (endswith(cname, "."))
		cname[strlen(cname) - 1] = '\0';
	if (*cname)
		check_text(cname, invalid_dns1123_subdomain, "spec.externalName", e);
	else
		field_required(e, "spec.externalName", NULL);
}

static void validate_type(const json *spec, struct field_errors *e)
{
	if (service_is(spec, "ExternalName"))
		validate_external_name(spec, e);
	else if (service_is(spec, "LoadBalancer") && service_is_headless(spec))
		field_invalid_str(e, "spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services");
	else if (service_is(spec, "NodePort") && service_is_headless(spec))
		field_invalid_str(e, "spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services");
}

static void validate_affinity(const json *spec, struct field_errors *e)
{
	const json *config = json_get(spec, "sessionAffinityConfig"), *seconds = json_get(config, "clientIP", "timeoutSeconds");

	validate_enum(spec, "sessionAffinity", "ClientIP,None", "spec", e);
	if (streq(text_of(spec, "sessionAffinity"), "None")) {
		if (config)
			field_forbidden(e, "spec.sessionAffinityConfig", "must not be set when session affinity is None");
	} else if (streq(text_of(spec, "sessionAffinity"), "ClientIP")) {
		if (seconds && (json_int(seconds, 0) <= 0 || json_int(seconds, 0) > AFFINITY_TIMEOUT_MAX))
			field_invalid_int(e, "spec.sessionAffinityConfig.clientIP.timeoutSeconds", json_int(seconds, 0),
					  "must be greater than 0 and less than 86400");
	}
}

static char *trimmed(const char *s)
{
	size_t n;

	s += strspn(s, " \t");
	for (n = strlen(s); n && strchr(" \t", s[n - 1]); n--)
		;
	return xstrndup(s, n);
}

/* The list, or else the annotation of old that says the same. */
static void validate_source_ranges(const json *obj, const json *was, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec"), *list = json_get(spec, "loadBalancerSourceRanges");
	const char *text = json_str(json_get(obj, "metadata", "annotations", SOURCE_RANGES));
	const char *path = list ? "spec.LoadBalancerSourceRanges" : "metadata.annotations[" SOURCE_RANGES "]";
	_cleanup_free_ char *copy = text ? trimmed(text) : NULL;
	char *save = NULL;
	int i = 0;

	if ((list || text) && !service_is(spec, "LoadBalancer"))
		field_forbidden(e, path, ONLY_LOAD_BALANCER);
	json_each(r, list) {
		_cleanup_free_ char *s = trimmed(json_str_or(r, ""));
		PATH(p, "%s[%d]", path, i++);

		validate_cidr_of_old(s, was, p, e);
	}
	for (char *s = list || !copy ? NULL : strtok_r(copy, ",", &save); s; s = strtok_r(NULL, ",", &save)) {
		_cleanup_free_ char *range = trimmed(s);

		validate_cidr_of_old(range, NULL, path, e);
	}
}

static void validate_load_balancer_class(const json *spec, struct field_errors *e)
{
	const char *class = json_str(json_get(spec, "loadBalancerClass"));

	if (class && service_is(spec, "LoadBalancer"))
		check_text(class, invalid_label_key, "spec.loadBalancerClass", e);
	else if (class)
		field_forbidden(e, "spec.loadBalancerClass", ONLY_LOAD_BALANCER);
}

static void validate_traffic(const json *spec, struct field_errors *e)
{
	const char *external = text_of(spec, "externalTrafficPolicy");
	int64_t port = json_int(json_get(spec, "healthCheckNodePort"), 0);

	if (service_is_external(spec))
		validate_enum(spec, "externalTrafficPolicy", "Cluster,Local", "spec", e);
	else if (external)
		field_invalid_str(e, "spec.externalTrafficPolicy", external,
				  "may only be set for externally-accessible services");
	if (port && !service_needs_health_check(spec))
		field_invalid_int(e, "spec.healthCheckNodePort", port,
				  "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
	else if (port)
		validate_port_number(port, "spec.healthCheckNodePort", e);
	if (!service_is(spec, "ExternalName") || json_get(spec, "internalTrafficPolicy"))
		validate_enum(spec, "internalTrafficPolicy", "Cluster,Local", "spec", e);
	may_enum(spec, "trafficDistribution", "PreferClose,PreferSameNode,PreferSameZone", "spec", e);
}

/* What a server with one range of ports says when it is to give one out. */
static void validate_node_port_range(const json *spec, struct field_errors *e)
{
	int i = 0;

	json_each(p, json_get(spec, "ports")) {
		int64_t port = json_int(json_get(p, "nodePort"), 0);
		PATH(path, "spec.ports[%d].nodePort", i++);

		if (port && (port < NODE_PORT_MIN || port > NODE_PORT_MAX))
			field_invalid_int(e, path, port, "provided port is not in the valid range. The range of valid "
					  "ports is 30000-32767");
	}
}

static void validate_annotations_of(const json *obj, struct field_errors *e)
{
	const char *hints = json_str(json_get(obj, "metadata", "annotations", TOPOLOGY_HINTS));
	const char *mode = json_str(json_get(obj, "metadata", "annotations", TOPOLOGY_MODE));

	if (hints && mode && !streq(hints, mode))
		field_invalid_str(e, "metadata.annotations[" TOPOLOGY_MODE "]", mode,
				  "must match annotations[" TOPOLOGY_HINTS "] when both are specified");
}

static void validate(const json *obj, const json *old, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec"), *was = json_get(old, "spec"), *ports = json_get(spec, "ports");
	size_t before = e->n;
	int i = 0;

	validate_annotations_of(obj, e);
	if (!json_len(ports) && !service_is_headless(spec) && !service_is(spec, "ExternalName"))
		field_required(e, "spec.ports", NULL);
	validate_type(spec, e);
	json_each(p, ports) {
		PATH(path, "spec.ports[%d]", i++);

		validate_port(ports, p, path, e);
	}
	validate_labels(json_get(spec, "selector"), "spec.selector", e);
	validate_affinity(spec, e);
	validate_cluster_ips(spec, json_get(was, "clusterIPs"), e);
	validate_external_ips(spec, json_get(was, "externalIPs"), e);
	validate_enum(spec, "type", "ClusterIP,ExternalName,LoadBalancer,NodePort", "spec", e);
	validate_ports_together(spec, e);
	validate_source_ranges(obj, json_get(was, "loadBalancerSourceRanges"), e);
	if (json_get(spec, "allocateLoadBalancerNodePorts") && !service_is(spec, "LoadBalancer"))
		field_forbidden(e, "spec.allocateLoadBalancerNodePorts", ONLY_LOAD_BALANCER);
	validate_load_balancer_class(spec, e);
	validate_traffic(spec, e);
	if (e->n != before)
		return;
	if (!service_is(spec, "ExternalName"))
		validate_single_stack(spec, e);
	if (e->n == before)
		validate_node_port_range(spec, e);
}

void validate_service(const json *obj, struct field_errors *e)
{
	validate(obj, NULL, e);
}

/* --- changes -------------------------------------------------------------------------------- */

/* What is said of clusterIPs and of ipFamilies; ips: the new clusterIPs. */
struct list_words {
	const char *first;	/* the path of the first entry */
	const char *each;	/* of all, with the index to put in; NULL: the first's */
	const char *unset, *released;
};

/* The first entry stays, a second may come, or go if the policy says so. */
static void validate_list_change(const json *new, const json *old, const json *ips, const json *policy,
				 const struct list_words *w, struct field_errors *e)
{
	int had = json_len(old), has = json_len(new), i = 0;
	const json *n = new ? new->child : NULL;

	if (had == has) {
		json_each(o, old) {
			_cleanup_free_ char *path = w->each ? xasprintf("%s[%d]", w->each, i) : xstrdup(w->first);

			if (!json_equal(o, n))
				field_invalid_json(e, path, new, "may not change once set");
			n = n->next;
			i++;
		}
		return;
	}
	if (had > has && !json_len(ips))
		field_invalid_json(e, w->first, new, w->unset);
	if (had && has && !json_equal(new->child, old->child))
		field_invalid_json(e, w->first, ips, "may not change once set");
	if (had > has && has == 1 && !streq(json_str(policy), "SingleStack"))
		field_invalid_json(e, "spec.ipFamilyPolicy", policy, w->released);
}

static void validate_address_change(const json *spec, const json *was, struct field_errors *e)
{
	static const struct list_words ips = {
		"spec.clusterIPs[0]", "spec.clusterIPs", "primary clusterIP can not be unset",
		"must be set to 'SingleStack' when releasing the secondary clusterIP",
	};
	static const struct list_words families = {
		"spec.ipFamilies[0]", NULL, "primary ipFamily can not be unset",
		"must be set to 'SingleStack' when releasing the secondary ipFamily",
	};
	const json *policy = json_get(spec, "ipFamilyPolicy"), *new_ips = json_get(spec, "clusterIPs");
	bool headless = service_is_headless(spec), was_headless = service_is_headless(was);

	if (service_is(spec, "ExternalName") || service_is(was, "ExternalName"))
		return;
	if (!headless || !was_headless)
		validate_list_change(new_ips, json_get(was, "clusterIPs"), new_ips, policy, &ips, e);
	if (!headless && !was_headless)
		validate_list_change(json_get(spec, "ipFamilies"), json_get(was, "ipFamilies"), new_ips, policy, &families, e);
}

void validate_service_update(const json *new, const json *old, struct field_errors *e)
{
	const json *spec = json_get(new, "spec"), *was = json_get(old, "spec");

	validate_address_change(spec, was, e);
	if (service_is(spec, "LoadBalancer") && service_is(was, "LoadBalancer") &&
	    !json_equal(json_get(spec, "loadBalancerClass"), json_get(was, "loadBalancerClass")))
		field_invalid_json(e, "spec.loadBalancerClass", json_get(spec, "loadBalancerClass"), "may not change once set");
	validate_load_balancer_class(spec, e);
	if (service_needs_health_check(spec) && service_needs_health_check(was) &&
	    !json_equal(json_get(spec, "healthCheckNodePort"), json_get(was, "healthCheckNodePort")))
		field_forbidden(e, "spec.healthCheckNodePort", MSG_IMMUTABLE);
	validate(new, old, e);
}

void validate_service_status(const json *new, const json *old, struct field_errors *e)
{
	const json *ingress = json_get(new, "status", "loadBalancer", "ingress");
	_cleanup_json_ json *was = json_new_array();

	json_each(i, json_get(old, "status", "loadBalancer", "ingress"))
		if (text_of(i, "ip"))
			json_append(was, json_new_str(text_of(i, "ip")));
	if (json_len(ingress) && !service_is(json_get(new, "spec"), "LoadBalancer"))
		field_forbidden(e, "status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'");
	else
		validate_load_balancer_ingress(ingress, was, true, e);
}

void validate_load_balancer_ingress(const json *ingress, const json *was, bool modes, struct field_errors *e)
{
	int n = 0;

	json_each(i, ingress) {
		const char *ip = text_of(i, "ip"), *host = text_of(i, "hostname"), *mode = json_str(json_get(i, "ipMode"));
		PATH(path, "status.loadBalancer.ingress[%d]", n++);
		PATH(ip_path, "%s.ip", path);
		PATH(mode_path, "%s.ipMode", path);
		PATH(host_path, "%s.hostname", path);

		if (ip)
			validate_ip_of_old(ip, was, ip_path, e);
		if (modes && ip && !mode)
			field_required(e, mode_path, "must be specified when `ip` is set");
		else if (modes && mode && !ip)
			field_forbidden(e, mode_path, "may not be specified when `ip` is not set");
		else if (modes)
			may_enum(i, "ipMode", "Proxy,VIP", path, e);
		if (host)
			check_text(host, invalid_dns1123_subdomain, host_path, e);
		if (host && ip_family(host))
			field_invalid_str(e, host_path, host, "must be a DNS name, not an IP address");
	}
}
