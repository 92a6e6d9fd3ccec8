// SPDX-License-Identifier: GPL-2.0-or-later
/* test_net_plan.c - from Nodes, Services and EndpointSlices to a plan */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "net/plan.h"

#define MAX 64

static struct {
	json *nodes[MAX], *services[MAX], *slices[MAX];
	size_t n_nodes, n_services, n_slices;
	struct net_plan plan;
} w;

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	return 0;
}

static int teardown(void **state)
{
	net_plan_free(&w.plan);
	for (size_t i = 0; i < MAX; i++) {
		cJSON_Delete(w.nodes[i]);
		cJSON_Delete(w.services[i]);
		cJSON_Delete(w.slices[i]);
	}
	return 0;
}

static void plan(void)
{
	net_plan_free(&w.plan);
	net_plan_make("node1", (const json *const *)w.nodes, w.n_nodes, (const json *const *)w.services, w.n_services,
		      (const json *const *)w.slices, w.n_slices, &w.plan);
}

static json *add_node(const char *name, const char *cidr, const char *address, const char *mac)
{
	json *n = json_build("{\"metadata\":{\"name\":\"%s\",\"annotations\":{}},\"spec\":{},"
			     "\"status\":{\"addresses\":[{\"type\":\"Hostname\",\"address\":\"%s\"}]}}", name, name);

	if (cidr)
		json_set_str(json_obj(n, "spec"), "podCIDR", cidr);
	if (address)
		json_append(json_get(n, "status", "addresses"),
			    json_build("{\"type\":\"InternalIP\",\"address\":\"%s\"}", address));
	if (mac) {
		char data[64];

		snprintf(data, sizeof(data), "{\"VNI\":1,\"VtepMAC\":\"%s\"}", mac);
		json_set_str(json_obj(n, "metadata", "annotations"), ANNOTATION_BACKEND_DATA, data);
	}
	return w.nodes[w.n_nodes++] = n;
}

static json *add_service(const char *name, const char *ip, const char *ports)
{
	return w.services[w.n_services++] =
		json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"default\"},"
			   "\"spec\":{\"type\":\"ClusterIP\",\"clusterIP\":\"%s\",\"clusterIPs\":[\"%s\"],"
			   "\"ports\":%s}}", name, ip, ip, ports);
}

static json *add_slice(const char *service, const char *ports, const char *endpoints)
{
	json *slice =
		json_build("{\"metadata\":{\"name\":\"%s-%zu\",\"namespace\":\"default\","
			   "\"labels\":{\"kubernetes.io/service-name\":\"%s\"}},\"addressType\":\"IPv4\","
			   "\"ports\":%s,\"endpoints\":%s}", service, w.n_slices, service, ports, endpoints);

	return w.slices[w.n_slices++] = slice;
}

#define EP(ip, conditions) "{\"addresses\":[\"" ip "\"],\"conditions\":{" conditions "}}"
#define READY "\"ready\":true,\"serving\":true,\"terminating\":false"
#define UNREADY "\"ready\":false,\"serving\":false,\"terminating\":false"
#define LEAVING "\"ready\":false,\"serving\":true,\"terminating\":true"
#define LEFT "\"ready\":false,\"serving\":false,\"terminating\":true"

/* "10.0.0.1:80/tcp 10.244.1.2:8080 10.244.1.3:8080*" (* draining) */
static const char *service_text(size_t i)
{
	static struct buf b;
	const struct dp_service *s = &w.plan.services[i];
	char text[NET_ENDPOINT_STRLEN];

	assert_true(i < w.plan.n_services);
	buf_consume(&b, b.len);
	net_endpoint_format(&s->addr, s->port, text);
	buf_printf(&b, "%s/%s", text, net_proto_name(s->proto));
	for (size_t k = 0; k < s->n_backends; k++) {
		net_endpoint_format(&s->backends[k].addr, s->backends[k].port, text);
		buf_printf(&b, " %s%s", text, s->backends[k].state == KEELSON_BACKEND_DRAINING ? "*" : "");
	}
	return b.data;
}

static void assert_problem(const char *part)
{
	for (size_t i = 0; i < w.plan.n_problems; i++)
		if (strstr(w.plan.problems[i], part))
			return;
	fail_msg("no problem says '%s'", part);
}

/* --- nodes ---------------------------------------------------------------- */

static void others_become_nodes_and_routes(void **state)
{
	char text[NET_PREFIX_STRLEN];

	add_node("node3", "10.244.3.0/24", "192.168.0.3", "02:00:00:00:00:03");
	add_node("node1", "10.244.1.0/24", "192.168.0.1", "02:00:00:00:00:01");
	add_node("node2", "10.244.2.0/24", "192.168.0.2", "02:00:00:00:00:02");
	plan();
	assert_int_equal(w.plan.n_problems, 0);
	assert_int_equal(w.plan.n_nodes, 2);
	assert_int_equal(w.plan.n_routes, 2);
	net_addr_format(&w.plan.nodes[0].vtep, text);
	assert_string_equal(text, "192.168.0.2");
	assert_memory_equal(w.plan.nodes[0].mac, "\x02\0\0\0\0\x02", 6);
	net_prefix_format(&w.plan.routes[1].prefix, w.plan.routes[1].prefix_len, text);
	assert_string_equal(text, "10.244.3.0/24");
	net_addr_format(&w.plan.routes[1].vtep, text);
	assert_string_equal(text, "192.168.0.3");
}

static void public_ip_wins_over_internal_ip(void **state)
{
	json *n = add_node("node2", "10.244.2.0/24", "192.168.0.2", "02:00:00:00:00:02");
	char text[INET6_ADDRSTRLEN];

	json_set_str(json_obj(n, "metadata", "annotations"), ANNOTATION_PUBLIC_IP, "198.51.100.2");
	plan();
	net_addr_format(&w.plan.nodes[0].vtep, text);
	assert_string_equal(text, "198.51.100.2");
	net_addr_format(&w.plan.routes[0].vtep, text);
	assert_string_equal(text, "198.51.100.2");
}

static void dual_stack_node_gives_its_ipv4_prefix(void **state)
{
	json *n = add_node("node2", "fd00:2::/64", "192.168.0.2", "02:00:00:00:00:02");
	char text[NET_PREFIX_STRLEN];

	json_set(json_obj(n, "spec"), "podCIDRs", json_build("[\"fd00:2::/64\",\"10.244.2.0/24\"]"));
	plan();
	assert_int_equal(w.plan.n_routes, 1);
	net_prefix_format(&w.plan.routes[0].prefix, w.plan.routes[0].prefix_len, text);
	assert_string_equal(text, "10.244.2.0/24");
}

static void incomplete_nodes_are_named(void **state)
{
	json *n;

	add_node("no-cidr", NULL, "192.168.0.2", "02:00:00:00:00:02");
	add_node("no-address", "10.244.3.0/24", NULL, "02:00:00:00:00:03");
	add_node("no-mac", "10.244.4.0/24", "192.168.0.4", NULL);
	add_node("bad-mac", "10.244.5.0/24", "192.168.0.5", "zz");
	n = add_node("host-gw", "10.244.6.0/24", "192.168.0.6", "02:00:00:00:00:06");
	json_set_str(json_obj(n, "metadata", "annotations"), ANNOTATION_BACKEND_TYPE, "host-gw");
	n = add_node("bad-json", "10.244.7.0/24", "192.168.0.7", NULL);
	json_set_str(json_obj(n, "metadata", "annotations"), ANNOTATION_BACKEND_DATA, "{");
	plan();
	assert_int_equal(w.plan.n_nodes, 0);
	assert_int_equal(w.plan.n_routes, 0);
	assert_int_equal(w.plan.n_problems, 6);
	assert_problem("node no-cidr: it has no IPv4 podCIDR");
	assert_problem("node no-address: it has no IPv4 address");
	assert_problem("node no-mac: no VtepMAC");
	assert_problem("node bad-mac: no VtepMAC");
	assert_problem("node bad-json: no VtepMAC");
	assert_problem("node host-gw: its overlay is host-gw");
}

static void conflicting_nodes_are_left_out(void **state)
{
	char text[NET_PREFIX_STRLEN];

	add_node("node1", "10.244.1.0/24", "192.168.0.1", "02:00:00:00:00:01");
	add_node("z-same-address", "10.244.9.0/24", "192.168.0.2", "02:00:00:00:00:09");
	add_node("z-same-prefix", "10.244.2.128/25", "192.168.0.8", "02:00:00:00:00:08");
	add_node("z-our-prefix", "10.244.0.0/23", "192.168.0.7", "02:00:00:00:00:07");
	add_node("node2", "10.244.2.0/24", "192.168.0.2", "02:00:00:00:00:02");
	plan();
	assert_int_equal(w.plan.n_nodes, 1);
	assert_int_equal(w.plan.n_routes, 1);
	net_prefix_format(&w.plan.routes[0].prefix, w.plan.routes[0].prefix_len, text);
	assert_string_equal(text, "10.244.2.0/24");
	assert_int_equal(w.plan.n_problems, 3);
	assert_problem("node z-same-address: another node has its address 192.168.0.2");
	assert_problem("node z-same-prefix: its podCIDR 10.244.2.128/25 overlaps another node's");
	assert_problem("node z-our-prefix: its podCIDR 10.244.0.0/23 overlaps our own");
}

/* --- services ------------------------------------------------------------- */

static void ports_are_matched_by_name(void **state)
{
	add_service("web", "10.96.0.10",
		    "[{\"name\":\"http\",\"port\":80,\"protocol\":\"TCP\"},{\"name\":\"dns\",\"port\":53,\"protocol\":\"UDP\"}]");
	add_slice("web", "[{\"name\":\"dns\",\"port\":5353,\"protocol\":\"UDP\"},"
			 "{\"name\":\"http\",\"port\":8080,\"protocol\":\"TCP\"}]",
		  "[" EP("10.244.2.2", READY) "," EP("10.244.1.2", READY) "]");
	plan();
	assert_int_equal(w.plan.n_problems, 0);
	assert_int_equal(w.plan.n_services, 2);
	assert_string_equal(service_text(0), "10.96.0.10:53/udp 10.244.1.2:5353 10.244.2.2:5353");
	assert_string_equal(service_text(1), "10.96.0.10:80/tcp 10.244.1.2:8080 10.244.2.2:8080");
}

static void unnamed_port_and_defaults(void **state)
{
	/* no name, no protocol, no conditions: TCP and ready */
	add_service("web", "10.96.0.10", "[{\"port\":80}]");
	add_slice("web", "[{\"port\":8080}]", "[{\"addresses\":[\"10.244.1.2\"]}]");
	/* of another name, and of another protocol: not ours */
	add_slice("web", "[{\"name\":\"x\",\"port\":1},{\"port\":2,\"protocol\":\"UDP\"}]",
		  "[{\"addresses\":[\"10.244.1.9\"]}]");
	plan();
	assert_int_equal(w.plan.n_services, 1);
	assert_string_equal(service_text(0), "10.96.0.10:80/tcp 10.244.1.2:8080");
}

static void services_without_vip_are_skipped(void **state)
{
	json *s;

	add_service("headless", "None", "[{\"port\":80}]");
	add_service("fresh", "", "[{\"port\":80}]");
	s = add_service("elsewhere", "10.96.0.10", "[{\"port\":80}]");
	json_set_str(json_obj(s, "spec"), "type", "ExternalName");
	plan();
	assert_int_equal(w.plan.n_services, 0);
	assert_int_equal(w.plan.n_problems, 0);
}

static void service_without_endpoints_is_there(void **state)
{
	add_service("web", "10.96.0.10", "[{\"port\":80}]");
	plan();
	assert_int_equal(w.plan.n_services, 1);
	assert_string_equal(service_text(0), "10.96.0.10:80/tcp");
}

static void tcp_keeps_what_is_not_ready_as_draining(void **state)
{
	add_service("web", "10.96.0.10", "[{\"port\":80}]");
	add_slice("web", "[{\"port\":8080}]",
		  "[" EP("10.244.1.2", READY) "," EP("10.244.1.3", LEAVING) "," EP("10.244.1.4", UNREADY) ","
		      EP("10.244.1.5", LEFT) "]");
	plan();
	assert_string_equal(service_text(0), "10.96.0.10:80/tcp 10.244.1.2:8080 10.244.1.3:8080* "
					     "10.244.1.4:8080* 10.244.1.5:8080*");
}

static void udp_drops_what_does_not_serve(void **state)
{
	add_service("dns", "10.96.0.10", "[{\"port\":53,\"protocol\":\"UDP\"}]");
	add_slice("dns", "[{\"port\":53,\"protocol\":\"UDP\"}]",
		  "[" EP("10.244.1.2", READY) "," EP("10.244.1.3", LEAVING) "," EP("10.244.1.4", UNREADY) ","
		      EP("10.244.1.5", LEFT) "]");
	plan();
	assert_string_equal(service_text(0), "10.96.0.10:53/udp 10.244.1.2:53 10.244.1.3:53*");
}

static void terminating_take_over_when_none_is_ready(void **state)
{
	add_service("web", "10.96.0.10", "[{\"port\":80}]");
	add_slice("web", "[{\"port\":8080}]",
		  "[" EP("10.244.1.3", LEAVING) "," EP("10.244.1.4", UNREADY) "," EP("10.244.1.5", LEFT) "]");
	plan();
	assert_string_equal(service_text(0), "10.96.0.10:80/tcp 10.244.1.3:8080 10.244.1.4:8080* 10.244.1.5:8080*");
}

static void slices_are_merged_without_duplicates(void **state)
{
	add_service("web", "10.96.0.10", "[{\"port\":80}]");
	add_slice("web", "[{\"port\":8080}]", "[" EP("10.244.1.3", UNREADY) "," EP("10.244.1.2", READY) "]");
	add_slice("web", "[{\"port\":8080}]", "[" EP("10.244.1.3", READY) "," EP("10.244.1.2", READY) "]");
	/* an older pod template has the named port elsewhere */
	add_slice("web", "[{\"port\":9090}]", "[" EP("10.244.1.2", READY) "]");
	plan();
	assert_string_equal(service_text(0), "10.96.0.10:80/tcp 10.244.1.2:8080 10.244.1.2:9090 10.244.1.3:8080");
}

static void wrong_addresses_do_not_cost_the_others(void **state)
{
	add_service("web", "10.96.0.10", "[{\"port\":80}]");
	add_service("wide", "224.0.0.1", "[{\"port\":80}]");
	add_slice("web", "[{\"port\":8080}]", "[" EP("239.1.1.1", READY) "," EP("127.0.0.1", READY) ","
		  EP("255.255.255.255", READY) "," EP("10.244.1.2", READY) "]");
	plan();
	assert_int_equal(w.plan.n_services, 1);
	assert_string_equal(service_text(0), "10.96.0.10:80/tcp 10.244.1.2:8080");
	assert_problem("service default/wide: clusterIP 224.0.0.1 is no IPv4 unicast");
}

static void strangers_slices_are_not_taken(void **state)
{
	json *s;

	add_service("web", "10.96.0.10", "[{\"port\":80}]");
	s = add_slice("web", "[{\"port\":8080}]", "[" EP("10.244.1.2", READY) "]");
	json_set_str(json_obj(s, "metadata"), "namespace", "other");
	s = add_slice("web", "[{\"port\":8080}]", "[" EP("fd00::2", READY) "]");
	json_set_str(s, "addressType", "IPv6");
	add_slice("webs", "[{\"port\":8080}]", "[" EP("10.244.1.4", READY) "]");
	s = add_slice("web", "[{\"port\":8080}]", "[" EP("10.244.1.5", READY) "]");
	json_del(json_obj(s, "metadata"), "labels");
	/* broken endpoints in a slice that is ours */
	add_slice("web", "[{\"port\":8080}]", "[{\"addresses\":[]},{\"addresses\":[\"nonsense\"]},{}]");
	/* a port without a number, as for a Service of any port */
	add_slice("web", "[{}]", "[" EP("10.244.1.6", READY) "]");
	plan();
	assert_string_equal(service_text(0), "10.96.0.10:80/tcp");
}

static void what_is_not_carried_is_named(void **state)
{
	json *s;

	add_service("sctp", "10.96.0.10", "[{\"name\":\"m3ua\",\"port\":2905,\"protocol\":\"SCTP\"},{\"port\":80}]");
	add_service("six", "fd00::10", "[{\"port\":80}]");
	s = add_service("dual", "10.96.0.11", "[{\"port\":80}]");
	json_set(json_obj(s, "spec"), "clusterIPs", json_build("[\"10.96.0.11\",\"fd00::11\"]"));
	add_service("broken", "10.96.0", "[{\"port\":80}]");
	plan();
	assert_int_equal(w.plan.n_services, 2);
	assert_int_equal(w.plan.n_problems, 4);
	assert_problem("service default/sctp: port m3ua 2905/SCTP is left out");
	assert_problem("service default/six: clusterIP fd00::10 is no IPv4");
	assert_problem("service default/dual: clusterIP fd00::11 is no IPv4");
	assert_problem("service default/broken: clusterIP 10.96.0 is no IP address");
}

static void first_name_wins_a_shared_vip(void **state)
{
	add_service("b", "10.96.0.10", "[{\"port\":80}]");
	add_service("a", "10.96.0.10", "[{\"port\":80}]");
	add_slice("a", "[{\"port\":1}]", "[" EP("10.244.1.1", READY) "]");
	add_slice("b", "[{\"port\":2}]", "[" EP("10.244.1.2", READY) "]");
	plan();
	assert_int_equal(w.plan.n_services, 1);
	assert_string_equal(service_text(0), "10.96.0.10:80/tcp 10.244.1.1:1");
	assert_problem("service address 10.96.0.10:80/tcp: more than one Service has it");
}

static void services_are_sorted(void **state)
{
	add_service("c", "10.96.0.200", "[{\"port\":80}]");
	add_service("b", "10.96.0.3", "[{\"name\":\"u\",\"port\":53,\"protocol\":\"UDP\"},{\"name\":\"t\",\"port\":53}]");
	add_service("a", "10.96.0.3", "[{\"port\":9}]");
	plan();
	assert_int_equal(w.plan.n_services, 4);
	assert_string_equal(service_text(0), "10.96.0.3:9/tcp");
	assert_string_equal(service_text(1), "10.96.0.3:53/tcp");
	assert_string_equal(service_text(2), "10.96.0.3:53/udp");
	assert_string_equal(service_text(3), "10.96.0.200:80/tcp");
}

static void too_many_endpoints_are_cut_and_named(void **state)
{
	json *slice, *endpoints;
	size_t ready = 0;

	add_service("web", "10.96.0.10", "[{\"port\":80}]");
	slice = add_slice("web", "[{\"port\":8080}]", "[]");
	endpoints = json_get(slice, "endpoints");
	for (int i = 0; i < 10; i++)
		json_append(endpoints, json_build("{\"addresses\":[\"10.1.0.%d\"],\"conditions\":{" LEAVING "}}", i));
	for (int i = 0; i < KEELSON_MAX_BACKENDS + 5; i++)
		json_append(endpoints, json_build("{\"addresses\":[\"10.2.%d.%d\"]}", i / 256, i % 256));
	plan();
	assert_int_equal(w.plan.services[0].n_backends, KEELSON_MAX_BACKENDS);
	for (size_t i = 0; i < w.plan.services[0].n_backends; i++)
		ready += w.plan.services[0].backends[i].state == KEELSON_BACKEND_READY;
	assert_int_equal(ready, KEELSON_MAX_BACKENDS);
	assert_int_equal(w.plan.n_problems, 1);
	assert_problem("service default/web: port 80 has 5 endpoints more than the 1024");
}

static void nothing_gives_an_empty_plan(void **state)
{
	plan();
	assert_int_equal(w.plan.n_nodes + w.plan.n_routes + w.plan.n_services + w.plan.n_problems, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(others_become_nodes_and_routes), TEST(public_ip_wins_over_internal_ip),
		TEST(dual_stack_node_gives_its_ipv4_prefix), TEST(incomplete_nodes_are_named),
		TEST(conflicting_nodes_are_left_out), TEST(ports_are_matched_by_name),
		TEST(unnamed_port_and_defaults), TEST(services_without_vip_are_skipped),
		TEST(service_without_endpoints_is_there), TEST(tcp_keeps_what_is_not_ready_as_draining),
		TEST(udp_drops_what_does_not_serve), TEST(terminating_take_over_when_none_is_ready),
		TEST(slices_are_merged_without_duplicates), TEST(strangers_slices_are_not_taken), TEST(wrong_addresses_do_not_cost_the_others),
		TEST(what_is_not_carried_is_named), TEST(first_name_wins_a_shared_vip), TEST(services_are_sorted),
		TEST(too_many_endpoints_are_cut_and_named), TEST(nothing_gives_an_empty_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
