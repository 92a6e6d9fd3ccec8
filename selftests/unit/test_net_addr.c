// SPDX-License-Identifier: GPL-2.0-or-later
/* test_net_addr.c - addresses, prefixes, endpoints as text and bytes */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/addr.h"

static void addresses(void **state)
{
	static const char *const bad[] = { "", "10.0.0", "10.0.0.256", "10.0.0.1/24", " 10.0.0.1", "fd00::g", "::1%lo" };
	char text[INET6_ADDRSTRLEN];
	struct net_addr a, b;

	assert_int_equal(net_addr_parse("10.96.0.10", &a), 0);
	assert_int_equal(a.len, 4);
	assert_memory_equal(a.bytes, "\x0a\x60\x00\x0a", 4);
	net_addr_format(&a, text);
	assert_string_equal(text, "10.96.0.10");
	assert_int_equal(net_addr_parse("fd00::1", &b), 0);
	assert_int_equal(b.len, 16);
	net_addr_format(&b, text);
	assert_string_equal(text, "fd00::1");
	assert_true(net_addr_cmp(&a, &b) < 0);
	assert_true(net_addr_cmp(&b, &a) > 0);
	assert_false(net_addr_equal(&a, &b));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(net_addr_parse(bad[i], &a), -EINVAL);
	net_addr_format(&(struct net_addr){ 0 }, text);
	assert_string_equal(text, "none");
}

static void prefixes(void **state)
{
	static const char *const bad[] = { "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/24", "/8", "10.0.0.0/-1",
					   "10.0.0.0/ 8", "10.128.0.0/8" };
	struct net_addr p, a;
	char text[NET_PREFIX_STRLEN];
	uint8_t len;

	assert_int_equal(net_prefix_parse("10.244.1.0/24", &p, &len), 0);
	assert_int_equal(len, 24);
	net_prefix_format(&p, len, text);
	assert_string_equal(text, "10.244.1.0/24");
	net_addr_parse("10.244.1.255", &a);
	assert_true(net_prefix_contains(&p, len, &a));
	net_addr_parse("10.244.2.0", &a);
	assert_false(net_prefix_contains(&p, len, &a));
	net_addr_parse("fd00::1", &a);
	assert_false(net_prefix_contains(&p, len, &a));
	assert_int_equal(net_prefix_parse("0.0.0.0/0", &p, &len), 0);
	net_addr_parse("192.0.2.1", &a);
	assert_true(net_prefix_contains(&p, len, &a));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(net_prefix_parse(bad[i], &p, &len), -EINVAL);
}

static void nth_address(void **state)
{
	struct net_addr p, a;
	char text[INET6_ADDRSTRLEN];
	uint8_t len;

	net_prefix_parse("10.244.254.0/23", &p, &len);
	assert_int_equal(net_prefix_nth(&p, len, 1, &a), 0);
	net_addr_format(&a, text);
	assert_string_equal(text, "10.244.254.1");
	assert_int_equal(net_prefix_nth(&p, len, 511, &a), 0);
	net_addr_format(&a, text);
	assert_string_equal(text, "10.244.255.255");
	assert_int_equal(net_prefix_offset(&p, len, &a), 511);
	assert_int_equal(net_prefix_nth(&p, len, 512, &a), -ERANGE);
	net_prefix_parse("10.0.0.1/32", &p, &len);
	assert_int_equal(net_prefix_nth(&p, len, 0, &a), 0);
	assert_int_equal(net_prefix_nth(&p, len, 1, &a), -ERANGE);
}

static void macs(void **state)
{
	static const char *const bad[] = { "", "02:00:00:00:00", "02:00:00:00:00:001", "02-00-00-00-00-01",
					   "0g:00:00:00:00:01", "2::0:00:00:00:00:1" };
	char text[NET_MAC_STRLEN];
	uint8_t mac[6];

	assert_int_equal(net_mac_parse("02:aB:00:00:00:fF", mac), 0);
	net_mac_format(mac, text);
	assert_string_equal(text, "02:ab:00:00:00:ff");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(net_mac_parse(bad[i], mac), -EINVAL);
}

static void endpoints(void **state)
{
	static const char *const bad[] = { "10.0.0.1", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536", ":80", "fd00::1:80",
					   "[10.0.0.1]:80", "[fd00::1]80", "[fd00::1:80", "[:80", "[]:80" };
	char text[NET_ENDPOINT_STRLEN];
	struct net_addr a;
	uint16_t port;

	assert_int_equal(net_endpoint_parse("10.96.0.10:65535", &a, &port), 0);
	assert_int_equal(port, 65535);
	net_endpoint_format(&a, port, text);
	assert_string_equal(text, "10.96.0.10:65535");
	assert_int_equal(net_endpoint_parse("[fd00::1]:80", &a, &port), 0);
	net_endpoint_format(&a, port, text);
	assert_string_equal(text, "[fd00::1]:80");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(net_endpoint_parse(bad[i], &a, &port), -EINVAL);
	assert_int_equal(net_proto_parse("TCP"), IPPROTO_TCP);
	assert_int_equal(net_proto_parse("udp"), IPPROTO_UDP);
	assert_int_equal(net_proto_parse("SCTP"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses), cmocka_unit_test(prefixes), cmocka_unit_test(nth_address),
		cmocka_unit_test(macs), cmocka_unit_test(endpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
