// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_service.c - Service, Endpoints and EndpointSlice, see validate.h */
#include <arpa/inet.h>

#include "api/kinds/validate_parts.h"

#define PROTOCOLS "SCTP,TCP,UDP"
#define MSG_IP "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
#define MAX_SLICE_ENDPOINTS 1000
#define MAX_ENDPOINT_ADDRESSES 100
#define MAX_SLICE_PORTS 20000

static bool is_type(const json *spec, const char *type)
{
	return streq(text_of(spec, "type"), type);
}

static bool headless(const json *spec)
{
	return streq(text_of(spec, "clusterIP"), "None");
}

/* Ports of a list that differ from `p`, before it: same text member, or same protocol and number. */
static bool twice(const json *list, const json *p, const char *key)
{
	for (const json *b = list->child; b != p; b = b->next) {
		if (key && text_of(p, key) && streq(text_of(b, key), text_of(p, key)))
			return true;
		if (!key && streq(text_of(b, "protocol"), text_of(p, "protocol")) &&
		    json_equal(json_get(b, "port"), json_get(p, "port")))
			return true;
	}
	return false;
}

static void validate_service_ports(const json *spec, struct field_errors *e)
{
	const json *ports = json_get(spec, "ports");
	bool many = json_len(ports) > 1;
	int i = 0;

	if (!ports || !ports->child) {
		if (!headless(spec) && !is_type(spec, "ExternalName"))
			field_required(e, "spec.ports", NULL);
		return;
	}
	json_each(p, ports) {
		const char *name = text_of(p, "name");
		const char *why = name ? invalid_dns1123_label(name) : NULL;
		int64_t node = json_int(json_get(p, "nodePort"), 0);
		PATH(base, "spec.ports[%d]", i++);
		PATH(name_path, "%s.name", base);
		PATH(port_path, "%s.port", base);
		PATH(target_path, "%s.targetPort", base);
		PATH(node_path, "%s.nodePort", base);

		if (!name && many)
			field_required(e, name_path, NULL);
		else if (why)
			field_invalid_str(e, name_path, name, why);
		else if (twice(ports, p, "name"))
			field_duplicate(e, name_path, name);
		validate_port_number(json_int(json_get(p, "port"), 0), port_path, e);
		validate_enum(p, "protocol", PROTOCOLS, base, e);
		validate_port_or_name(json_get(p, "targetPort"), target_path, e);
		if (twice(ports, p, NULL)) {
			_cleanup_free_ char *text = json_print(p);

			field_error(e, base, FIELD_DUPLICATE, "Duplicate value: %s", text);
		}
		if (node && is_type(spec, "ClusterIP"))
			field_forbidden(e, node_path, "may not be used when `type` is 'ClusterIP'");
		else if (node)
			validate_port_number(node, node_path, e);
	}
}

static void validate_ip_list(const json *spec, const char *key, struct field_errors *e)
{
	int i = 0;

	json_each(ip, json_get(spec, key)) {
		PATH(p, "spec.%s[%d]", key, i++);

		if (!valid_ip(json_str_or(ip, "")))
			field_invalid(e, p, ip, MSG_IP);
	}
}

static bool is_v6(const json *ip)
{
	return strchr(json_str_or(ip, ""), ':');
}

/* What more than one address must be: one of each family, in the order of ipFamilies. */
static void validate_families(const json *spec, const json *ips, struct field_errors *e)
{
	const json *f = json_get(spec, "ipFamilies");
	bool v4 = false, v6 = false;
	int i = 0;

	f = f ? f->child : NULL;
	json_each(ip, ips) {
		PATH(p, "spec.clusterIPs[%d]", i);
		PATH(why, "expected an %s value as indicated by `ipFamilies[%d]`", json_str_or(f, ""), i);

		i++;
		v4 |= !is_v6(ip);
		v6 |= is_v6(ip);
		if (f && is_v6(ip) != streq(json_str(f), "IPv6"))
			field_invalid(e, p, ip, why);
		f = f ? f->next : NULL;
	}
	if (i > 1 && !(v4 && v6))
		field_invalid_strings(e, "spec.clusterIPs", ips, "may specify no more than one IP for each IP family");
	if (i == 2 && streq(text_of(spec, "ipFamilyPolicy"), "SingleStack"))
		field_invalid_str(e, "spec.ipFamilyPolicy", "SingleStack",
				  "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified");
}

static void validate_cluster_ips(const json *spec, struct field_errors *e)
{
	const json *ips = json_get(spec, "clusterIPs");
	const char *ip = text_of(spec, "clusterIP");
	size_t before = e->n;

	if (is_type(spec, "ExternalName")) {
		if (ip && !headless(spec))
			field_forbidden(e, "spec.clusterIP", "may not be set when `type` is 'ExternalName'");
		return;
	}
	if (headless(spec) && !is_type(spec, "ClusterIP"))
		field_invalid_str(e, "spec.clusterIPs[0]", "None",
				  "may not be set to 'None' for NodePort or LoadBalancer services");
	if (headless(spec) && json_len(ips) > 1)
		field_invalid_strings(e, "spec.clusterIPs", ips, "'None' must be the first and only value");
	if (headless(spec))
		return;
	if (ip && ips && ips->child && !streq(json_str(ips->child), ip))
		field_invalid_strings(e, "spec.clusterIPs", ips, "first value must match `clusterIP`");
	validate_ip_list(spec, "clusterIPs", e);
	if (json_len(ips) > 2)
		field_invalid_strings(e, "spec.clusterIPs", ips, "may only hold up to 2 values");
	if (e->n == before)
		validate_families(spec, ips, e);
}

void validate_service(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");
	const char *external = text_of(spec, "externalName");
	int i = 0;

	validate_service_ports(spec, e);
	validate_labels(json_get(spec, "selector"), "spec.selector", e);
	validate_enum(spec, "sessionAffinity", "ClientIP,None", "spec", e);
	if (is_type(spec, "ExternalName")) {
		const char *why = external ? invalid_dns1123_subdomain(external) : NULL;

		if (!external)
			field_required(e, "spec.externalName", NULL);
		else if (why)
			field_invalid_str(e, "spec.externalName", external, why);
	} else {
		validate_enum(spec, "internalTrafficPolicy", "Cluster,Local", "spec", e);
	}
	validate_enum(spec, "type", "ClusterIP,ExternalName,LoadBalancer,NodePort", "spec", e);
	validate_cluster_ips(spec, e);
	validate_ip_list(spec, "externalIPs", e);
	if (text_of(spec, "ipFamilyPolicy"))
		validate_enum(spec, "ipFamilyPolicy", "PreferDualStack,RequireDualStack,SingleStack", "spec", e);
	if (text_of(spec, "externalTrafficPolicy"))
		validate_enum(spec, "externalTrafficPolicy", "Cluster,Local", "spec", e);
	json_each(r, json_get(spec, "loadBalancerSourceRanges")) {
		PATH(p, "spec.loadBalancerSourceRanges[%d]", i++);

		if (!valid_cidr(json_str_or(r, "")))
			field_invalid(e, p, r, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
	}
}

/* The first address stays for good, unless the service becomes, or was, an ExternalName. */
void validate_service_update(const json *new, const json *old, struct field_errors *e)
{
	const json *spec = json_get(new, "spec"), *was = json_get(old, "spec");
	const char *old_ip = text_of(was, "clusterIP");

	if (is_type(spec, "ExternalName") || is_type(was, "ExternalName") || !old_ip)
		return;
	if (!streq(text_of(spec, "clusterIP"), old_ip))
		field_invalid(e, "spec.clusterIPs[0]", json_get(spec, "clusterIP"), "may not change once set");
}

/* --- Endpoints and EndpointSlice --------------------------------------------- */

/* NULL, or why no pod can have that address */
static const char *invalid_endpoint_ip(const char *s)
{
	struct in6_addr a6;
	struct in_addr a;

	if (!valid_ip(s))
		return MSG_IP;
	if (inet_pton(AF_INET, s, &a) == 1) {
		uint32_t ip = ntohl(a.s_addr);

		if (ip == 0)
			return "may not be unspecified (0.0.0.0 or ::)";
		if (ip >> 24 == 127)
			return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
		if (ip >> 16 == 0xa9fe)
			return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
		if (ip >> 8 == 0xe00000)
			return "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
		return NULL;
	}
	inet_pton(AF_INET6, s, &a6);
	if (IN6_IS_ADDR_UNSPECIFIED(&a6))
		return "may not be unspecified (0.0.0.0 or ::)";
	if (IN6_IS_ADDR_LOOPBACK(&a6))
		return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
	if (IN6_IS_ADDR_LINKLOCAL(&a6))
		return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
	if (IN6_IS_ADDR_MC_LINKLOCAL(&a6))
		return "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
	return NULL;
}

static void validate_subset_addresses(const json *subset, const char *key, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(a, json_get(subset, key)) {
		const char *ip = json_str_or(json_get(a, "ip"), "");
		const char *why = invalid_endpoint_ip(ip);
		PATH(p, "%s.%s[%d].ip", path, key, i++);

		if (why)
			field_invalid_str(e, p, ip, why);
	}
}

/* A list of ports with numbers and, if there are several, names. */
static void validate_endpoint_ports(const json *ports, bool number_needed, const char *path, struct field_errors *e)
{
	bool many = json_len(ports) > 1;
	int i = 0;

	json_each(p, ports) {
		const char *name = text_of(p, "name");
		const char *why = name ? invalid_dns1123_label(name) : NULL;
		PATH(base, "%s[%d]", path, i++);
		PATH(name_path, "%s.name", base);
		PATH(port_path, "%s.port", base);

		if (!name && many && number_needed)
			field_required(e, name_path, NULL);
		else if (why)
			field_invalid_str(e, name_path, name, why);
		if (json_get(p, "port") || number_needed)
			validate_port_number(json_int(json_get(p, "port"), 0), port_path, e);
		validate_enum(p, "protocol", PROTOCOLS, base, e);
	}
}

void validate_endpoints(const json *obj, struct field_errors *e)
{
	int i = 0;

	json_each(s, json_get(obj, "subsets")) {
		PATH(base, "subsets[%d]", i++);
		PATH(ports, "%s.ports", base);

		if (!json_len(json_get(s, "addresses")) && !json_len(json_get(s, "notReadyAddresses")))
			field_required(e, base, "must specify `addresses` or `notReadyAddresses`");
		validate_subset_addresses(s, "addresses", base, e);
		validate_subset_addresses(s, "notReadyAddresses", base, e);
		validate_endpoint_ports(json_get(s, "ports"), true, ports, e);
	}
}

static void validate_slice_address(const char *type, const char *address, const char *path, struct field_errors *e)
{
	const char *why = NULL;

	if (streq(type, "FQDN"))
		why = invalid_dns1123_subdomain(address);
	else if (streq(type, "IPv4") && strchr(address, ':'))
		why = "must be a valid IPv4 address";
	else if (streq(type, "IPv6") && !strchr(address, ':'))
		why = "must be a valid IPv6 address";
	else
		why = invalid_endpoint_ip(address);
	if (why)
		field_invalid_str(e, path, address, why);
}

void validate_endpointslice(const json *obj, struct field_errors *e)
{
	const char *type = text_of(obj, "addressType");
	int i = 0;

	if (!type)
		field_required(e, "addressType", NULL);
	else if (!one_of(type, "FQDN,IPv4,IPv6"))
		field_not_supported(e, "addressType", type, "FQDN,IPv4,IPv6");
	if (json_len(json_get(obj, "endpoints")) > MAX_SLICE_ENDPOINTS)
		field_error(e, "endpoints", FIELD_TOO_MANY, "Too many: %d: must have at most %d items",
			    json_len(json_get(obj, "endpoints")), MAX_SLICE_ENDPOINTS);
	if (json_len(json_get(obj, "ports")) > MAX_SLICE_PORTS)
		field_error(e, "ports", FIELD_TOO_MANY, "Too many: %d: must have at most %d items",
			    json_len(json_get(obj, "ports")), MAX_SLICE_PORTS);
	validate_endpoint_ports(json_get(obj, "ports"), false, "ports", e);
	json_each(ep, json_get(obj, "endpoints")) {
		const json *addresses = json_get(ep, "addresses");
		int n = 0;
		PATH(base, "endpoints[%d].addresses", i++);

		if (!json_len(addresses))
			field_required(e, base, "must contain at least 1 address");
		else if (json_len(addresses) > MAX_ENDPOINT_ADDRESSES)
			field_error(e, base, FIELD_TOO_MANY, "Too many: %d: must have at most %d items",
				    json_len(addresses), MAX_ENDPOINT_ADDRESSES);
		json_each(a, addresses) {
			PATH(p, "%s[%d]", base, n++);

			validate_slice_address(type, json_str_or(a, ""), p, e);
		}
	}
}
