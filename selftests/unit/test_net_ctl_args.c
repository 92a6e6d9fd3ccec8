// SPDX-License-Identifier: GPL-2.0-or-later
/* test_net_ctl_args.c - the words that keelsonctl understands, and what it says to the others */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* keelsonctl is no archive; its parts are built into the test. */
#include "cmd/keelsonctl/args.c"
#include "cmd/keelsonctl/table.c"

static char line[1024];
static char *words[128];

static struct args split(const char *text)
{
	struct args a = { .words = words };
	char *save;

	snprintf(line, sizeof(line), "%s", text);
	for (char *w = strtok_r(line, " ", &save); w; w = strtok_r(NULL, " ", &save))
		words[a.n++] = w;
	return a;
}

static void overlay(void **state)
{
	struct args a = split("vtep 192.168.0.1 dev uplink0 mac 02:00:00:00:00:01 vni 7 port 4789 no-csum rx socket");
	struct overlay_args o;

	assert_true(args_overlay(&a, &o));
	assert_string_equal(o.dev, "uplink0");
	assert_int_equal(o.overlay.vni, 7);
	assert_int_equal(o.overlay.port, 4789);
	assert_int_equal(o.overlay.flags, KEELSON_OVERLAY_F_NO_UDP_CSUM | KEELSON_OVERLAY_F_RX_SOCKET);
	a = split("mac 02:00:00:00:00:01 vtep 192.168.0.1");
	assert_true(args_overlay(&a, &o));
	assert_null(o.dev);
	assert_int_equal(o.overlay.vni, 1);
	assert_int_equal(o.overlay.port, 8472);
	assert_int_equal(o.overlay.flags, 0);
}

static void service(void **state)
{
	struct args a = split("10.96.0.10:80/tcp backend 10.244.1.2:8080 backend 10.244.2.2:8080 draining generation 9");
	uint32_t generation = 0;
	struct dp_service s;

	assert_true(args_service(&a, &s, &generation));
	assert_int_equal(s.proto, IPPROTO_TCP);
	assert_int_equal(s.n_backends, 2);
	assert_int_equal(s.backends[0].state, KEELSON_BACKEND_READY);
	assert_int_equal(s.backends[1].state, KEELSON_BACKEND_DRAINING);
	assert_int_equal(s.backends[1].port, 8080);
	assert_int_equal(generation, 9);
	free(s.backends);
	a = split("10.96.0.10:53/UDP");
	assert_true(args_service(&a, &s, &generation));
	assert_int_equal(s.n_backends, 0);
	free(s.backends);
}

static void port(void **state)
{
	struct args a = split("eth0 netns a addr 10.244.1.2 10.244.1.3 mtu 1400 no-route");
	struct port_args p;

	assert_true(args_port_add(&a, &p));
	assert_string_equal(p.ifname, "eth0");
	assert_string_equal(p.netns, "a");
	assert_int_equal(p.n_addrs, 2);
	assert_int_equal(p.mtu, 1400);
	assert_true(p.no_route);
}

enum what { OVERLAY, NODE, ROUTE, SERVICE, PORT };

static void refusals(void **state)
{
	static const struct {
		enum what what;
		const char *text, *error;
	} cases[] = {
		{ OVERLAY, "mac 02:00:00:00:00:01", "vtep ADDRESS is missing" },
		{ OVERLAY, "vtep 10.0.0.1", "mac ADDRESS is missing" },
		{ OVERLAY, "vtep", "vtep is missing" },
		{ OVERLAY, "vtep 10.0.0", "vtep: 10.0.0 is no IP address" },
		{ OVERLAY, "vtep 10.0.0.1 vni 16777216", "vni: 16777216 is no number from 0 to 16777215" },
		{ OVERLAY, "vtep 10.0.0.1 rx fast", "rx: only 'socket' can be asked for" },
		{ OVERLAY, "vtep 10.0.0.1 colour red", "'colour' is not understood here" },
		{ NODE, "", "the node's VTEP is missing" },
		{ NODE, "10.0.0.1", "mac ADDRESS is missing" },
		{ NODE, "10.0.0.1 mac 1:2", "mac: 1:2 is no Ethernet address" },
		{ ROUTE, "10.0.0.1/24 via 10.0.0.2",
		  "the route's PREFIX: 10.0.0.1/24 is no prefix such as 10.244.2.0/24 (host bits must be zero)" },
		{ ROUTE, "10.0.0.0/24", "via VTEP is missing" },
		{ ROUTE, "10.0.0.0/24 via 10.0.0.2 generation x", "generation: x is no number from 0 to 4294967295" },
		{ SERVICE, "10.0.0.1:80", "the service: 10.0.0.1:80 is not ADDRESS:PORT/tcp or ADDRESS:PORT/udp" },
		{ SERVICE, "10.0.0.1:80/sctp", "the service: 10.0.0.1:80/sctp is not ADDRESS:PORT/tcp or ADDRESS:PORT/udp" },
		{ SERVICE, "10.0.0.1:80/tcp backend 1.2.3.4", "backend: 1.2.3.4 is not ADDRESS:PORT" },
		{ SERVICE, "10.0.0.1:80/tcp draining", "'draining' is not understood here" },
		{ PORT, "eth0", "addr ADDRESS is missing" },
		{ PORT, "eth0 addr nowhere", "addr: nowhere is no IP address" },
		{ PORT, "a-name-of-16-char addr 10.0.0.1", "a-name-of-16-char is no interface name" },
		{ PORT, "eth0 addr 10.0.0.1 mtu 10", "mtu: 10 is no number from 68 to 65535" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct args a = split(cases[i].text);
		struct overlay_args o;
		struct dp_service s = { 0 };
		struct dp_node n;
		struct dp_route r;
		struct port_args p;
		uint32_t generation;
		bool ok = true;

		switch (cases[i].what) {
		case OVERLAY:
			ok = args_overlay(&a, &o);
			break;
		case NODE:
			ok = args_node(&a, &n, &generation);
			break;
		case ROUTE:
			ok = args_route(&a, &r, &generation);
			break;
		case SERVICE:
			ok = args_service(&a, &s, &generation);
			break;
		case PORT:
			ok = args_port_add(&a, &p);
			break;
		}
		assert_false(ok);
		assert_string_equal(a.error, cases[i].error);
		free(s.backends);
		args_free(&a);
	}
}

static void too_many_addresses(void **state)
{
	struct args a = split("eth0 addr 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7 10.0.0.8 "
			      "10.0.0.9 10.0.0.10 10.0.0.11 10.0.0.12 10.0.0.13 10.0.0.14 10.0.0.15 10.0.0.16 10.0.0.17");
	struct port_args p;

	assert_false(args_port_add(&a, &p));
	assert_string_equal(a.error, "more than 16 addresses");
	args_free(&a);
}

static void columns_line_up(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct table t;

	table_begin(&t, 2, "A", "LONGER");
	table_cell(&t, "%s", "longest");
	table_cell(&t, "%d", 1);
	table_end(&t, f);
	fclose(f);
	assert_string_equal(text, "A        LONGER\nlongest  1\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlay), cmocka_unit_test(service), cmocka_unit_test(port),
		cmocka_unit_test(refusals), cmocka_unit_test(too_many_addresses), cmocka_unit_test(columns_line_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
