// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_net_link.c - rtnetlink and nf_tables against the running kernel
 *
 * In a network namespace of its own; without the right to make one, or without
 * nf_tables, the tests concerned are skipped. The keelson kind itself is tested
 * in selftests/net, where the module is.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "net/apply.h"
#include "net/link.h"
#include "net/masq.h"
#include "net/netns.h"

static bool alone;	/* in our own namespace */
static struct link_sock *s;
static int lo;

static int setup(void **state)
{
	struct link_info info;

	if (!alone && unshare(CLONE_NEWNET) == 0)
		alone = true;
	if (!alone)
		return 0;
	assert_int_equal(link_open(-1, &s, NULL), 0);
	assert_int_equal(link_get(s, "lo", &info, NULL), 0);
	lo = info.ifindex;
	return 0;
}

static int teardown(void **state)
{
	link_close(s);
	s = NULL;
	return 0;
}

#define NEEDS_NAMESPACE() do { if (!alone) skip(); } while (0)

static struct net_addr addr(const char *text)
{
	struct net_addr a;

	assert_int_equal(net_addr_parse(text, &a), 0);
	return a;
}

static struct net_prefix prefix(const char *text)
{
	struct net_prefix p;

	assert_int_equal(net_prefix_parse(text, &p.addr, &p.len), 0);
	return p;
}

static void links(void **state)
{
	struct link_info info;
	char *msg = NULL;

	NEEDS_NAMESPACE();
	assert_int_equal(link_set_up(s, lo, NULL), 0);
	assert_int_equal(link_get(s, "lo", &info, NULL), 0);
	assert_true(info.up);
	assert_string_equal(info.kind, "");
	assert_int_equal(link_get(s, "nothere", &info, &msg), -ENODEV);
	assert_string_equal(msg, "link nothere: No such device");
	free(msg);
}

static void addresses(void **state)
{
	struct net_addr a = addr("192.0.2.1"), six = addr("2001:db8::1");
	char *msg = NULL;

	NEEDS_NAMESPACE();
	assert_int_equal(link_addr_has(s, lo, &a, NULL), 0);
	assert_int_equal(link_with_addr(s, &a, &msg), -EADDRNOTAVAIL);
	assert_string_equal(msg, "no device here has the address 192.0.2.1");
	free(msg);
	assert_int_equal(link_addr_add(s, lo, &a, 32, NULL), 0);
	assert_int_equal(link_addr_add(s, lo, &a, 32, NULL), 0);
	assert_int_equal(link_addr_has(s, lo, &a, NULL), 1);
	assert_int_equal(link_with_addr(s, &a, NULL), lo);
	assert_int_equal(link_addr_add(s, lo, &six, 128, NULL), 0);
	assert_int_equal(link_addr_has(s, lo, &six, NULL), 1);
	assert_int_equal(link_addr_add(s, 9999, &a, 32, &msg), -ENODEV);
	assert_non_null(msg);
	free(msg);
}

static void routes(void **state)
{
	struct net_addr a = addr("192.0.2.1");
	struct net_prefix p = prefix("198.51.100.0/24"), all = prefix("0.0.0.0/0");

	NEEDS_NAMESPACE();
	link_set_up(s, lo, NULL);
	link_addr_add(s, lo, &a, 32, NULL);
	assert_int_equal(link_route_has(s, &p.addr, p.len, lo, NULL), 0);
	assert_int_equal(link_route_set(s, &p.addr, p.len, lo, &a, NULL), 0);
	assert_int_equal(link_route_set(s, &p.addr, p.len, lo, &a, NULL), 0);
	assert_int_equal(link_route_has(s, &p.addr, p.len, lo, NULL), 1);
	assert_int_equal(link_route_has(s, &all.addr, 0, lo, NULL), 0);
	assert_int_equal(link_route_set(s, &all.addr, 0, lo, NULL, NULL), 0);
	assert_int_equal(link_route_has(s, &all.addr, 0, lo, NULL), 1);
}

static void module_that_is_not_loaded(void **state)
{
	struct link_spec spec = { .name = "keelson0", .netns = -1 };
	struct keelson_nl *nl = NULL;
	char *msg = NULL;

	NEEDS_NAMESPACE();
	if (keelson_nl_open(&nl, &msg) == 0) {
		keelson_nl_close(nl);
		skip();
	}
	assert_string_equal(msg, "the keelson module is not loaded (modprobe keelson)");
	free(msg);
	assert_int_equal(link_create(s, &spec, &msg), -ENOENT);
	assert_string_equal(msg, "making link keelson0: the keelson module is not loaded (modprobe keelson)");
	free(msg);
}

static void other_namespaces(void **state)
{
	struct net_addr a = addr("203.0.113.1");
	struct link_sock *there = NULL;
	_cleanup_close_ int own = -1, first = -1;
	struct link_info info;
	char *msg = NULL;

	NEEDS_NAMESPACE();
	assert_int_equal(netns_own(&first), 0);
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	assert_int_equal(netns_own(&own), 0);
	/* a socket in the first one, made from here */
	assert_int_equal(link_open(first, &there, NULL), 0);
	assert_int_equal(link_get(there, "lo", &info, NULL), 0);
	assert_int_equal(link_addr_add(there, info.ifindex, &a, 32, NULL), 0);
	link_close(there);
	assert_int_equal(link_open(-1, &there, NULL), 0);
	assert_int_equal(link_addr_has(there, 1, &a, NULL), 0);
	link_close(there);
	assert_int_equal(netns_enter(first), 0);
	assert_int_equal(link_addr_has(s, lo, &a, NULL), 1);

	assert_int_equal(netns_open("/etc/hostname", &own, &msg), -EINVAL);
	assert_string_equal(msg, "network namespace /etc/hostname: /etc/hostname is none");
	free(msg);
	assert_int_equal(netns_open("pid:x", &own, &msg), -EINVAL);
	free(msg);
	assert_int_equal(netns_open("no-such-name", &own, &msg), -ENOENT);
	assert_string_equal(msg, "network namespace no-such-name: /run/netns/no-such-name: No such file or directory");
	free(msg);
}

static char *command_output(const char *command)
{
	FILE *f = popen(command, "re");
	struct buf b = { 0 };
	char chunk[512];
	size_t n;

	assert_non_null(f);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, chunk, n);
	pclose(f);
	return buf_steal(&b);
}

static void masquerade(void **state)
{
	struct net_prefix from[] = { prefix("10.244.1.0/24"), prefix("10.96.0.0/12") };
	struct net_prefix except[] = { prefix("10.244.0.0/16"), prefix("10.96.0.0/12") };
	char *text;

	NEEDS_NAMESPACE();
	if (system("nft list ruleset >/dev/null 2>&1") != 0)
		skip();
	assert_int_equal(masq_set(from, 2, except, 2, NULL), 0);
	assert_int_equal(masq_set(from, 2, except, 2, NULL), 0);
	text = command_output("nft list ruleset");
	assert_string_equal(text,
			    "table ip keelson {\n"
			    "\tchain postrouting {\n"
			    "\t\ttype nat hook postrouting priority srcnat; policy accept;\n"
			    "\t\tip saddr 10.244.1.0/24 ip daddr != 10.244.0.0/16 ip daddr != 10.96.0.0/12 "
			    "oifname != \"keelson0\" masquerade fully-random\n"
			    "\t\tip saddr 10.96.0.0/12 ip daddr != 10.244.0.0/16 ip daddr != 10.96.0.0/12 "
			    "oifname != \"keelson0\" masquerade fully-random\n"
			    "\t}\n"
			    "}\n");
	free(text);
	assert_int_equal(masq_remove(NULL), 0);
	assert_int_equal(masq_remove(NULL), 0);
	text = command_output("nft list ruleset");
	assert_string_equal(text, "");
	free(text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(links), TEST(addresses), TEST(routes), TEST(module_that_is_not_loaded), TEST(other_namespaces),
		TEST(masquerade),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
