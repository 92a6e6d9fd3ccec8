// SPDX-License-Identifier: GPL-2.0-or-later
/* test_net_msg.c - messages of the keelson family: built, read back, refused */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "net/extack.h"
#include "net/keelson_msg.h"

static char message[KEELSON_MSG_MAX], reply[4096];

static struct nlmsghdr *begin(uint8_t cmd)
{
	memset(message, 0xee, sizeof(message));
	return keelson_msg_begin(message, 30, cmd, NLM_F_ACK, 7);
}

static struct net_addr addr(const char *text)
{
	struct net_addr a;

	assert_int_equal(net_addr_parse(text, &a), 0);
	return a;
}

static void overlay_round_trip(void **state)
{
	struct dp_overlay o = {
		.vtep = addr("192.168.0.1"), .mac = { 2, 0, 0, 0, 0, 1 }, .vni = 1, .port = 8472, .uplink = 5,
		.flags = KEELSON_OVERLAY_F_RX_SOCKET,
	}, back;
	struct nlmsghdr *nlh = begin(KEELSON_CMD_OVERLAY_SET);

	keelson_msg_put_overlay(nlh, &o);
	assert_int_equal(nlh->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	/* what only the kernel says */
	mnl_attr_put_u8(nlh, KEELSON_A_RX_MODE, KEELSON_RX_SOCKET);
	mnl_attr_put_u32(nlh, KEELSON_A_MTU, 1450);
	assert_int_equal(keelson_msg_get_overlay(nlh, &back), 0);
	assert_true(net_addr_equal(&back.vtep, &o.vtep));
	assert_memory_equal(back.mac, o.mac, 6);
	assert_int_equal(back.vni, 1);
	assert_int_equal(back.port, 8472);
	assert_int_equal(back.uplink, 5);
	assert_int_equal(back.flags, KEELSON_OVERLAY_F_RX_SOCKET);
	assert_int_equal(back.rx_mode, KEELSON_RX_SOCKET);
	assert_int_equal(back.mtu, 1450);
}

static void byte_order_on_the_wire(void **state)
{
	struct dp_service s = { .addr = addr("10.96.0.10"), .port = 80, .proto = IPPROTO_TCP };
	struct nlmsghdr *nlh = begin(KEELSON_CMD_SERVICE_SET);
	const struct nlattr *a;
	int seen = 0;

	keelson_msg_put_service(nlh, &s);
	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) == KEELSON_A_PORT)
			assert_memory_equal(mnl_attr_get_payload(a), "\0\x50", 2), seen++;
		if (mnl_attr_get_type(a) == KEELSON_A_ADDR)
			assert_memory_equal(mnl_attr_get_payload(a), "\x0a\x60\0\x0a", 4), seen++;
	}
	assert_int_equal(seen, 2);
}

static void node_and_route_round_trip(void **state)
{
	struct dp_node n = { .vtep = addr("192.168.0.2"), .mac = { 2, 0, 0, 0, 0, 2 } }, n2;
	struct dp_route r = { .prefix = addr("10.244.2.0"), .prefix_len = 24, .vtep = n.vtep }, r2;
	struct nlmsghdr *nlh = begin(KEELSON_CMD_NODE_SET);
	uint32_t gen;

	keelson_msg_put_node(nlh, &n);
	keelson_msg_put_generation(nlh, 0xdeadbeef);
	assert_int_equal(keelson_msg_get_node(nlh, &n2, &gen), 0);
	assert_true(net_addr_equal(&n.vtep, &n2.vtep));
	assert_memory_equal(n.mac, n2.mac, 6);
	assert_int_equal(gen, 0xdeadbeef);
	/* a node is no route: the prefix is not there */
	assert_int_equal(keelson_msg_get_route(nlh, &r2, &gen), -EBADMSG);

	nlh = begin(KEELSON_CMD_ROUTE_SET);
	keelson_msg_put_route(nlh, &r);
	assert_int_equal(keelson_msg_get_route(nlh, &r2, &gen), 0);
	assert_true(net_addr_equal(&r.prefix, &r2.prefix));
	assert_int_equal(r2.prefix_len, 24);
	assert_int_equal(gen, 0);

	nlh = begin(KEELSON_CMD_ROUTE_SET);
	r.prefix_len = 33;
	keelson_msg_put_route(nlh, &r);
	assert_int_equal(keelson_msg_get_route(nlh, &r2, &gen), -EBADMSG);
}

static void port_round_trip(void **state)
{
	struct net_addr addrs[] = { addr("10.244.1.2"), addr("10.244.1.3") };
	struct nlmsghdr *nlh = begin(KEELSON_CMD_PORT_GET);
	struct dp_port p;

	keelson_msg_put_port(nlh, 12, addrs, 2);
	assert_int_equal(keelson_msg_get_port(nlh, &p), 0);
	assert_int_equal(p.id, 12);
	assert_int_equal(p.netnsid, -1);
	assert_int_equal(p.n_addrs, 2);
	assert_true(net_addr_equal(&p.addrs[1], &addrs[1]));
	mnl_attr_put_u32(nlh, KEELSON_A_NETNSID, 3);
	mnl_attr_put_strz(nlh, KEELSON_A_IFNAME, "eth0");
	mnl_attr_put_u8(nlh, KEELSON_A_LINK_MODE, KEELSON_LINK_HOST);
	assert_int_equal(keelson_msg_get_port(nlh, &p), 0);
	assert_int_equal(p.netnsid, 3);
	assert_int_equal(p.mode, KEELSON_LINK_HOST);
	assert_string_equal(p.ifname, "eth0");
	/* more addresses than a port can have */
	for (int i = 0; i < KEELSON_MAX_PORT_ADDRS; i++)
		mnl_attr_put(nlh, KEELSON_A_ADDR, 4, addrs[0].bytes);
	assert_int_equal(keelson_msg_get_port(nlh, &p), -EBADMSG);
}

static void largest_service_round_trip(void **state)
{
	struct dp_service s = { .addr = addr("fd00::10"), .port = 443, .proto = IPPROTO_UDP }, back;
	struct nlmsghdr *nlh = begin(KEELSON_CMD_SERVICE_SET);
	uint32_t gen;

	s.n_backends = KEELSON_MAX_BACKENDS;
	s.backends = xcalloc(s.n_backends, sizeof(*s.backends));
	for (size_t i = 0; i < s.n_backends; i++) {
		s.backends[i].addr = addr("fd00:1::");
		s.backends[i].addr.bytes[14] = i >> 8;
		s.backends[i].addr.bytes[15] = i;
		s.backends[i].port = 8000 + i;
		s.backends[i].state = i % 3 ? KEELSON_BACKEND_READY : KEELSON_BACKEND_DRAINING;
	}
	keelson_msg_put_service(nlh, &s);
	keelson_msg_put_generation(nlh, 3);
	assert_true(nlh->nlmsg_len < KEELSON_MSG_MAX);
	assert_int_equal(keelson_msg_get_service(nlh, &back, &gen), 0);
	assert_int_equal(gen, 3);
	assert_int_equal(back.port, 443);
	assert_int_equal(back.proto, IPPROTO_UDP);
	assert_int_equal(back.n_backends, s.n_backends);
	for (size_t i = 0; i < s.n_backends; i++) {
		assert_true(net_addr_equal(&back.backends[i].addr, &s.backends[i].addr));
		assert_int_equal(back.backends[i].port, s.backends[i].port);
		assert_int_equal(back.backends[i].state, s.backends[i].state);
	}
	free(back.backends);
	free(s.backends);
}

static void broken_backend_is_refused(void **state)
{
	struct dp_service s = { .addr = addr("10.96.0.1"), .port = 1, .proto = IPPROTO_TCP }, back;
	struct nlmsghdr *nlh = begin(KEELSON_CMD_SERVICE_GET);
	struct nlattr *nest;
	uint32_t gen;

	keelson_msg_put_service(nlh, &s);
	nest = mnl_attr_nest_start(nlh, KEELSON_A_BACKEND);
	mnl_attr_put(nlh, KEELSON_BACKEND_A_ADDR, 5, "12345");
	mnl_attr_nest_end(nlh, nest);
	assert_int_equal(keelson_msg_get_service(nlh, &back, &gen), -EBADMSG);
}

static void flow_is_read(void **state)
{
	struct nlmsghdr *nlh = begin(KEELSON_CMD_FLOW_GET);
	struct nlattr *nest = mnl_attr_nest_start(nlh, KEELSON_A_FLOW);
	struct dp_flow f;

	mnl_attr_put_u8(nlh, KEELSON_FLOW_A_PROTO, IPPROTO_TCP);
	mnl_attr_put(nlh, KEELSON_FLOW_A_SRC_ADDR, 4, "\x0a\xf4\x01\x02");
	mnl_attr_put(nlh, KEELSON_FLOW_A_SRC_PORT, 2, "\x9c\x40");
	mnl_attr_put(nlh, KEELSON_FLOW_A_DST_ADDR, 4, "\x0a\x60\x00\x0a");
	mnl_attr_put(nlh, KEELSON_FLOW_A_DST_PORT, 2, "\x00\x50");
	mnl_attr_put(nlh, KEELSON_FLOW_A_BACKEND_ADDR, 4, "\x0a\xf4\x02\x02");
	mnl_attr_put(nlh, KEELSON_FLOW_A_BACKEND_PORT, 2, "\x1f\x90");
	mnl_attr_put_u8(nlh, KEELSON_FLOW_A_STATE, KEELSON_FLOW_ESTABLISHED);
	mnl_attr_put_u32(nlh, KEELSON_FLOW_A_IDLE_MS, 2000);
	mnl_attr_nest_end(nlh, nest);
	assert_int_equal(keelson_msg_get_flow(nlh, &f), 0);
	assert_int_equal(f.src_port, 40000);
	assert_int_equal(f.dst_port, 80);
	assert_int_equal(f.backend_port, 8080);
	assert_int_equal(f.state, KEELSON_FLOW_ESTABLISHED);
	assert_int_equal(f.idle_ms, 2000);
	assert_int_equal(keelson_msg_get_flow(begin(KEELSON_CMD_FLOW_GET), &f), -EBADMSG);
}

static void stats_of_a_newer_module(void **state)
{
	struct nlmsghdr *nlh = begin(KEELSON_CMD_STATS_GET);
	struct nlattr *nest = mnl_attr_nest_start(nlh, KEELSON_A_STATS);
	struct dp_stats s;

	mnl_attr_put_u64(nlh, KEELSON_STAT_OVERLAY_TX, 1ull << 40);
	mnl_attr_put_u64(nlh, KEELSON_STAT_MAX + 3, 9);
	mnl_attr_nest_end(nlh, nest);
	assert_int_equal(keelson_msg_get_stats(nlh, &s), 0);
	assert_true(s.v[KEELSON_STAT_OVERLAY_TX] == 1ull << 40);
	assert_true(s.v[KEELSON_STAT_LOCAL_TX] == 0);
}

static void requests_are_described(void **state)
{
	struct net_addr vip = addr("10.96.0.10"), vtep = addr("192.168.0.2"), prefix = addr("10.244.2.0");
	struct nlmsghdr *nlh;
	char *text;

	nlh = begin(KEELSON_CMD_SERVICE_DEL);
	keelson_msg_put_service_key(nlh, &vip, 80, IPPROTO_TCP);
	text = keelson_msg_describe(nlh);
	assert_string_equal(text, "service del 10.96.0.10:80/tcp");
	free(text);
	nlh = begin(KEELSON_CMD_NODE_DEL);
	keelson_msg_put_vtep(nlh, &vtep);
	text = keelson_msg_describe(nlh);
	assert_string_equal(text, "node del 192.168.0.2");
	free(text);
	nlh = begin(KEELSON_CMD_ROUTE_SET);
	keelson_msg_put_prefix(nlh, &prefix, 24);
	text = keelson_msg_describe(nlh);
	assert_string_equal(text, "route set 10.244.2.0/24");
	free(text);
	nlh = begin(KEELSON_CMD_PORT_SET);
	keelson_msg_put_port(nlh, 4, &vip, 1);
	text = keelson_msg_describe(nlh);
	assert_string_equal(text, "port set 4");
	free(text);
	text = keelson_msg_describe(begin(KEELSON_CMD_STATS_GET));
	assert_string_equal(text, "stats get");
	free(text);
}

/* An NLMSG_ERROR as the kernel builds it for `message`. */
static struct nlmsghdr *refuse(int err, bool capped)
{
	const struct nlmsghdr *request = (void *)message;
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(reply);
	struct nlmsgerr *e;
	size_t size = sizeof(*e) + (capped ? 0 : request->nlmsg_len - sizeof(*request));

	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = NLM_F_ACK_TLVS | (capped ? NLM_F_CAPPED : 0);
	e = mnl_nlmsg_put_extra_header(nlh, size);
	e->error = err;
	memcpy(&e->msg, request, capped ? sizeof(*request) : request->nlmsg_len);
	return nlh;
}

static void refusals_become_sentences(void **state)
{
	struct dp_service s = { .addr = addr("10.96.0.10"), .port = 80, .proto = IPPROTO_TCP };
	struct nlmsghdr *nlh = begin(KEELSON_CMD_SERVICE_SET), *no;
	const struct nlattr *a;
	uint32_t offset = 0;
	char *text;

	keelson_msg_put_service(nlh, &s);
	no = refuse(-EINVAL, true);
	mnl_attr_put_strz(no, NLMSGERR_ATTR_MSG, "keelson: backend address missing");
	text = keelson_msg_refusal(nlh, no, -EINVAL);
	assert_string_equal(text, "service set 10.96.0.10:80/tcp: backend address missing");
	free(text);

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == KEELSON_A_PROTO)
			offset = (const char *)a - message;
	no = refuse(-EINVAL, false);
	mnl_attr_put_strz(no, NLMSGERR_ATTR_MSG, "neither TCP nor UDP");
	mnl_attr_put_u32(no, NLMSGERR_ATTR_OFFS, offset);
	text = keelson_msg_refusal(nlh, no, -EINVAL);
	assert_string_equal(text, "service set 10.96.0.10:80/tcp: neither TCP nor UDP (attribute proto)");
	free(text);

	no = refuse(-EINVAL, true);
	mnl_attr_put_u32(no, NLMSGERR_ATTR_MISS_TYPE, KEELSON_A_MAC);
	text = keelson_msg_refusal(nlh, no, -EINVAL);
	assert_string_equal(text, "service set 10.96.0.10:80/tcp: mac is missing");
	free(text);

	text = keelson_msg_refusal(nlh, refuse(-ENOENT, true), -ENOENT);
	assert_string_equal(text, "service set 10.96.0.10:80/tcp: there is none");
	free(text);
}

static void extack_without_flag_is_not_read(void **state)
{
	struct nlmsghdr *no;
	struct extack x;

	begin(KEELSON_CMD_STATS_GET);
	no = refuse(-EINVAL, true);
	mnl_attr_put_strz(no, NLMSGERR_ATTR_MSG, "text");
	extack_parse(no, &x);
	assert_string_equal(x.text, "text");
	no->nlmsg_flags &= ~NLM_F_ACK_TLVS;
	extack_parse(no, &x);
	assert_null(x.text);
	/* a request length that reaches beyond the reply */
	no->nlmsg_flags = NLM_F_ACK_TLVS;
	((struct nlmsgerr *)mnl_nlmsg_get_payload(no))->msg.nlmsg_len = 100000;
	extack_parse(no, &x);
	assert_null(x.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlay_round_trip), cmocka_unit_test(byte_order_on_the_wire),
		cmocka_unit_test(node_and_route_round_trip), cmocka_unit_test(port_round_trip),
		cmocka_unit_test(largest_service_round_trip), cmocka_unit_test(broken_backend_is_refused),
		cmocka_unit_test(flow_is_read), cmocka_unit_test(stats_of_a_newer_module),
		cmocka_unit_test(requests_are_described), cmocka_unit_test(refusals_become_sentences),
		cmocka_unit_test(extack_without_flag_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
