// SPDX-License-Identifier: GPL-2.0-or-later
/* test_net_cni.c - the pure parts of keelson-cni: environment, config, addresses, results */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* The plugin's parts are no archive; they are built into the test. */
#include "cmd/keelson-cni/config.c"
#include "cmd/keelson-cni/ipam.c"
#include "cmd/keelson-cni/result.c"

/* --- environment ---------------------------------------------------------- */

static const char *vars[5][2];

static char *fake_getenv(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(vars); i++)
		if (vars[i][0] && streq(vars[i][0], name))
			return (char *)vars[i][1];
	return NULL;
}

static void set_vars(const char *command, const char *id, const char *netns, const char *ifname)
{
	const char *const v[][2] = { { "CNI_COMMAND", command }, { "CNI_CONTAINERID", id },
				     { "CNI_NETNS", netns }, { "CNI_IFNAME", ifname } };

	memset(vars, 0, sizeof(vars));
	memcpy(vars, v, sizeof(v));
}

static void assert_env_refused(const char *msg)
{
	struct cni_error e = { 0 };
	struct cni_env env;

	assert_int_equal(cni_env_read(fake_getenv, &env, &e), -1);
	assert_int_equal(e.code, CNI_ERR_INVALID_ENV);
	assert_string_equal(e.msg, msg);
	free(e.msg);
}

static void environment(void **state)
{
	struct cni_error e = { 0 };
	struct cni_env env;

	set_vars("ADD", "a1.b_c-d", "/run/netns/x", "eth0");
	assert_int_equal(cni_env_read(fake_getenv, &env, &e), 0);
	assert_int_equal(env.command, CNI_ADD);
	assert_string_equal(env.netns, "/run/netns/x");
	set_vars("DEL", "a", NULL, "eth0");
	assert_int_equal(cni_env_read(fake_getenv, &env, &e), 0);
	assert_null(env.netns);
	set_vars("VERSION", NULL, NULL, NULL);
	assert_int_equal(cni_env_read(fake_getenv, &env, &e), 0);

	set_vars(NULL, "a", "/x", "eth0");
	assert_env_refused("CNI_COMMAND is missing");
	set_vars("FROB", "a", "/x", "eth0");
	assert_env_refused("CNI_COMMAND FROB is none of ADD, DEL, CHECK, VERSION");
	set_vars("ADD", NULL, "/x", "eth0");
	assert_env_refused("CNI_CONTAINERID is missing");
	set_vars("ADD", "../a", "/x", "eth0");
	assert_env_refused("CNI_CONTAINERID ../a is no container ID");
	set_vars("ADD", "a", "", "eth0");
	assert_env_refused("CNI_NETNS is missing");
	set_vars("CHECK", "a", "/x", "");
	assert_env_refused("CNI_IFNAME is missing");
	set_vars("ADD", "a", "/x", "sixteen-letters-");
	assert_env_refused("CNI_IFNAME sixteen-letters- is no interface name");
	set_vars("ADD", "a", "/x", "a/b");
	assert_env_refused("CNI_IFNAME a/b is no interface name");
}

/* --- config --------------------------------------------------------------- */

static int parse(const char *text, enum cni_command command, struct cni_config *c, struct cni_error *e)
{
	return cni_config_parse(text, strlen(text), command, c, e);
}

static void config_defaults(void **state)
{
	struct cni_error e = { 0 };
	struct cni_config c;
	char text[NET_PREFIX_STRLEN];

	assert_int_equal(parse("{\"cniVersion\":\"1.0.0\",\"name\":\"pods\",\"type\":\"keelson\","
			       "\"subnet\":\"10.244.1.0/24\"}", CNI_ADD, &c, &e), 0);
	net_addr_format(&c.gateway, text);
	assert_string_equal(text, "10.244.1.1");
	assert_string_equal(c.state_dir, "/run/keelson");
	assert_int_equal(c.mtu, 0);
	assert_null(c.prev_result);
	cni_config_free(&c);
	assert_int_equal(parse("{\"cniVersion\":\"0.3.1\",\"subnet\":\"10.244.1.0/24\",\"mtu\":1400,"
			       "\"gateway\":\"10.244.1.254\",\"stateDir\":\"/tmp/x\"}", CNI_ADD, &c, &e), 0);
	net_addr_format(&c.gateway, text);
	assert_string_equal(text, "10.244.1.254");
	assert_int_equal(c.mtu, 1400);
	cni_config_free(&c);
	/* DEL goes on with what there is */
	assert_int_equal(parse("{\"cniVersion\":\"1.0.0\"}", CNI_DEL, &c, &e), 0);
	cni_config_free(&c);
}

static void config_refusals(void **state)
{
	static const struct {
		enum cni_command command;
		const char *text;
		int code;
		const char *msg;
	} cases[] = {
		{ CNI_ADD, "{", 6, "network config: " },
		{ CNI_ADD, "[]", 6, "network config: it is no JSON object" },
		{ CNI_ADD, "{}", 1, "cniVersion 0.2.0 is not supported" },
		{ CNI_ADD, "{\"cniVersion\":\"2.0.0\"}", 1, "cniVersion 2.0.0 is not supported" },
		{ CNI_DEL, "{\"cniVersion\":\"2.0.0\"}", 1, "cniVersion 2.0.0 is not supported" },
		{ CNI_ADD, "{\"cniVersion\":\"1.0.0\"}", 7, "invalid network config: subnet is missing" },
		{ CNI_ADD, "{\"cniVersion\":\"1.0.0\",\"subnet\":7}", 7, "invalid network config: subnet (not a string)" },
		{ CNI_ADD, "{\"cniVersion\":\"1.0.0\",\"subnet\":\"10.0.0.1/24\"}", 7,
		  "invalid network config: subnet 10.0.0.1/24 is no prefix" },
		{ CNI_ADD, "{\"cniVersion\":\"1.0.0\",\"subnet\":\"10.0.0.0/31\"}", 7,
		  "invalid network config: subnet 10.0.0.0/31 has no room" },
		{ CNI_ADD, "{\"cniVersion\":\"1.0.0\",\"subnet\":\"fd00::/64\"}", 7,
		  "invalid network config: subnet fd00::/64 is not IPv4" },
		{ CNI_ADD, "{\"cniVersion\":\"1.0.0\",\"subnet\":\"10.0.0.0/24\",\"gateway\":\"10.0.1.1\"}", 7,
		  "invalid network config: gateway 10.0.1.1 is not in the subnet" },
		{ CNI_ADD, "{\"cniVersion\":\"1.0.0\",\"subnet\":\"10.0.0.0/24\",\"mtu\":\"1400\"}", 7,
		  "invalid network config: mtu is no number" },
		{ CNI_ADD, "{\"cniVersion\":\"1.0.0\",\"subnet\":\"10.0.0.0/24\",\"mtu\":67}", 7,
		  "invalid network config: mtu is no number" },
		{ CNI_ADD, "{\"cniVersion\":\"1.0.0\",\"subnet\":\"10.0.0.0/24\",\"stateDir\":\"x\"}", 7,
		  "invalid network config: stateDir is no absolute path" },
		{ CNI_CHECK, "{\"cniVersion\":\"1.0.0\",\"subnet\":\"10.0.0.0/24\"}", 7,
		  "invalid network config: prevResult is missing" },
		{ CNI_CHECK, "{\"cniVersion\":\"0.3.1\",\"subnet\":\"10.0.0.0/24\",\"prevResult\":{}}", 1,
		  "cniVersion 0.3.1 has no CHECK" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cni_error e = { 0 };
		struct cni_config c;

		assert_int_equal(parse(cases[i].text, cases[i].command, &c, &e), -1);
		assert_int_equal(e.code, cases[i].code);
		if (!startswith(e.msg, cases[i].msg))
			fail_msg("%s: said '%s'", cases[i].text, e.msg);
		free(e.msg);
	}
}

/* --- addresses ------------------------------------------------------------ */

static struct net_prefix prefix(const char *text)
{
	struct net_prefix p;

	assert_int_equal(net_prefix_parse(text, &p.addr, &p.len), 0);
	return p;
}

static void addresses_go_round(void **state)
{
	struct net_prefix p = prefix("10.0.0.0/29");	/* 2..6 can be given, 1 is the gateway */
	uint32_t used[8], at, last = 0, seen = 0;

	for (int i = 0; i < 5; i++) {
		assert_int_equal(ipam_choose(&p, 1, used, i, last, &at), 0);
		assert_in_range(at, 2, 6);
		assert_false(seen & 1 << at);
		seen |= 1 << at;
		used[i] = last = at;
	}
	assert_int_equal(ipam_choose(&p, 1, used, 5, last, &at), -ENOSPC);
	/* 3 is free again: found, wherever the search starts */
	used[0] = 2, used[1] = 6, used[2] = 4, used[3] = 5;
	for (last = 0; last < 8; last++) {
		assert_int_equal(ipam_choose(&p, 1, used, 4, last, &at), 0);
		assert_int_equal(at, 3);
	}
}

static void freed_address_is_not_given_at_once(void **state)
{
	struct net_prefix p = prefix("10.0.0.0/24");
	uint32_t at;

	assert_int_equal(ipam_choose(&p, 1, NULL, 0, 5, &at), 0);
	assert_int_equal(at, 6);
	assert_int_equal(ipam_choose(&p, 1, NULL, 0, 254, &at), 0);
	assert_int_equal(at, 2);
	/* a memory from another time, beyond the subnet */
	assert_int_equal(ipam_choose(&p, 1, NULL, 0, UINT32_MAX, &at), 0);
	assert_in_range(at, 2, 254);
	/* a gateway in the middle */
	assert_int_equal(ipam_choose(&p, 7, NULL, 0, 6, &at), 0);
	assert_int_equal(at, 8);
}

static void memory_of_the_last_address(void **state)
{
	char dir[] = "/tmp/keelson-test-XXXXXX";
	struct net_prefix p = prefix("10.244.1.0/24");
	_cleanup_free_ char *path = NULL;
	uint32_t last = 99;
	char *msg = NULL;
	int fd;

	assert_non_null(mkdtemp(dir));
	path = xasprintf("%s/cni.10.244.1.0-24.lock", dir);
	assert_int_equal(ipam_lock(dir, &p, &fd, &last, &msg), 0);
	assert_int_equal(last, 0);
	assert_int_equal(ipam_remember(fd, 200), 0);
	assert_int_equal(ipam_remember(fd, 17), 0);
	close(fd);
	assert_int_equal(ipam_lock(dir, &p, &fd, &last, &msg), 0);
	assert_int_equal(last, 17);
	close(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(ipam_lock("/dev/null/x", &p, &fd, &last, &msg), -ENOTDIR);
	assert_true(startswith(msg, "/dev/null/x: "));
	free(msg);
}

/* --- results -------------------------------------------------------------- */

static void assert_result(const char *version, const char *expected)
{
	_cleanup_free_ char *config = xasprintf("{\"cniVersion\":\"%s\",\"subnet\":\"10.244.1.0/24\"}", version);
	struct cni_env env = { .command = CNI_ADD, .container_id = "a", .netns = "/run/netns/a", .ifname = "eth0" };
	static const uint8_t mac[6];
	_cleanup_json_ json *got = NULL, *want = NULL;
	struct cni_error e = { 0 };
	struct net_addr addr;
	struct cni_config c;

	assert_int_equal(parse(config, CNI_ADD, &c, &e), 0);
	net_addr_parse("10.244.1.5", &addr);
	got = cni_result(&c, &env, &addr, mac);
	assert_int_equal(json_parse(expected, strlen(expected), &want, NULL), 0);
	assert_true(json_equal(got, want));
	cni_config_free(&c);
}

static void results_of_each_version(void **state)
{
	assert_result("1.0.0",
		      "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"eth0\",\"sandbox\":\"/run/netns/a\"}],"
		      "\"ips\":[{\"interface\":0,\"address\":\"10.244.1.5/32\",\"gateway\":\"10.244.1.1\"}],"
		      "\"routes\":[{\"dst\":\"0.0.0.0/0\"}],\"dns\":{}}");
	assert_result("0.4.0",
		      "{\"cniVersion\":\"0.4.0\",\"interfaces\":[{\"name\":\"eth0\",\"sandbox\":\"/run/netns/a\"}],"
		      "\"ips\":[{\"version\":\"4\",\"interface\":0,\"address\":\"10.244.1.5/32\","
		      "\"gateway\":\"10.244.1.1\"}],\"routes\":[{\"dst\":\"0.0.0.0/0\"}],\"dns\":{}}");
}

static void addresses_of_prev_result(void **state)
{
	struct cni_env env = { .command = CNI_CHECK, .container_id = "a", .netns = "/run/netns/a", .ifname = "eth0" };
	struct net_addr addrs[2];
	struct cni_error e = { 0 };
	char text[INET6_ADDRSTRLEN];
	struct cni_config c;

	assert_int_equal(parse("{\"cniVersion\":\"1.0.0\",\"subnet\":\"10.244.1.0/24\",\"prevResult\":{"
			       "\"interfaces\":[{\"name\":\"eth0\"},{\"name\":\"eth0\",\"sandbox\":\"/run/netns/a\"}],"
			       "\"ips\":[{\"address\":\"10.9.9.9/32\",\"interface\":0},"
			       "{\"address\":\"10.244.1.5/32\",\"interface\":1}]}}", CNI_CHECK, &c, &e), 0);
	assert_int_equal(cni_result_addrs(&c, &env, addrs, 2, &e), 1);
	net_addr_format(&addrs[0], text);
	assert_string_equal(text, "10.244.1.5");
	env.ifname = "net1";
	assert_int_equal(cni_result_addrs(&c, &env, addrs, 2, &e), -1);
	assert_int_equal(e.code, CNI_ERR_INVALID_CONFIG);
	free(e.msg);
	cni_config_free(&c);
}

static void loopback_result(void **state)
{
	struct cni_env env = { .command = CNI_ADD, .container_id = "a", .netns = "/run/netns/a", .ifname = "lo" };
	_cleanup_json_ json *got = NULL, *want = NULL;
	struct cni_error e = { 0 };
	struct cni_config c;

	assert_int_equal(parse("{\"cniVersion\":\"0.3.1\",\"type\":\"loopback\"}", CNI_DEL, &c, &e), 0);
	got = cni_loopback_result(&c, &env);
	want = json_build("{\"cniVersion\":\"0.3.1\",\"interfaces\":[{\"name\":\"lo\",\"mac\":\"00:00:00:00:00:00\","
			  "\"sandbox\":\"/run/netns/a\"}],\"ips\":[{\"version\":\"4\",\"interface\":0,"
			  "\"address\":\"127.0.0.1/8\"}],\"dns\":{}}");
	assert_true(json_equal(got, want));
	cni_config_free(&c);
}

static void versions_and_errors(void **state)
{
	struct cni_error e = { .code = 7, .msg = (char *)"invalid network config: subnet is missing" };
	_cleanup_json_ json *v = cni_version_result("0.4.0"), *err = cni_error_result("0.4.0", &e);
	_cleanup_json_ json *want = json_build("{\"cniVersion\":\"0.4.0\",\"supportedVersions\":"
					       "[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\"]}");

	assert_true(json_equal(v, want));
	assert_int_equal(json_int(json_get(err, "code"), 0), 7);
	assert_string_equal(json_str(json_get(err, "msg")), e.msg);
	assert_string_equal(json_str(json_get(err, "cniVersion")), "0.4.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(environment), cmocka_unit_test(config_defaults), cmocka_unit_test(config_refusals),
		cmocka_unit_test(addresses_go_round), cmocka_unit_test(freed_address_is_not_given_at_once),
		cmocka_unit_test(memory_of_the_last_address), cmocka_unit_test(results_of_each_version),
		cmocka_unit_test(addresses_of_prev_result), cmocka_unit_test(versions_and_errors),
		cmocka_unit_test(loopback_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
