// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_net_apply.c - which requests a plan, or the difference of two, becomes
 *
 * The requests of keelson_nl.h are replaced by recorders here, so that
 * keelson_nl.c itself is not linked and no module is needed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "net/apply.h"

static struct buf log_;
static uint32_t generations[64];
static size_t n_generations;
static int commit_result;	/* of the next commit */
static int refusal;		/* of one object in the next batch, told to who asked to hear */
static keelson_nl_refused *hears;
static void *hears_data;

static void record(const char *what, const struct net_addr *a, unsigned n)
{
	char text[INET6_ADDRSTRLEN];

	net_addr_format(a, text);
	buf_printf(&log_, "%s %s/%u\n", what, text, n);
}

static void record_generation(uint32_t generation)
{
	assert_true(n_generations < ARRAY_SIZE(generations));
	generations[n_generations++] = generation;
}

void keelson_nl_batch_begin(struct keelson_nl *nl, keelson_nl_refused *on_error, void *data)
{
	buf_puts(&log_, "begin\n");
	hears = on_error;
	hears_data = data;
}

int keelson_nl_batch_commit(struct keelson_nl *nl, char **ret_msg)
{
	int res = commit_result;

	buf_puts(&log_, "commit\n");
	if (refusal && hears) {
		hears(hears_data, 0, refusal, "service 10.96.0.1:80/tcp: in use");
		res = res ?: refusal;
		refusal = 0;
	}
	commit_result = 0;
	if (res && ret_msg)
		*ret_msg = xstrdup("refused");
	return res;
}

int keelson_nl_node_set(struct keelson_nl *nl, const struct dp_node *n, uint32_t generation, char **ret_msg)
{
	record("node set", &n->vtep, n->mac[5]);
	record_generation(generation);
	return 0;
}

int keelson_nl_node_del(struct keelson_nl *nl, const struct net_addr *vtep, char **ret_msg)
{
	record("node del", vtep, 0);
	return 0;
}

int keelson_nl_route_set(struct keelson_nl *nl, const struct dp_route *r, uint32_t generation, char **ret_msg)
{
	record("route set", &r->prefix, r->prefix_len);
	record_generation(generation);
	return 0;
}

int keelson_nl_route_del(struct keelson_nl *nl, const struct net_addr *prefix, uint8_t len, char **ret_msg)
{
	record("route del", prefix, len);
	return 0;
}

int keelson_nl_service_set(struct keelson_nl *nl, const struct dp_service *s, uint32_t generation, char **ret_msg)
{
	record("service set", &s->addr, s->port);
	record_generation(generation);
	return 0;
}

int keelson_nl_service_del(struct keelson_nl *nl, const struct net_addr *addr, uint16_t port, uint8_t proto,
			   char **ret_msg)
{
	record("service del", addr, port);
	return 0;
}

int keelson_nl_sweep(struct keelson_nl *nl, enum keelson_kind kind, uint32_t generation, char **ret_msg)
{
	buf_printf(&log_, "sweep %s\n", kind == KEELSON_KIND_NODE ? "node" :
					kind == KEELSON_KIND_ROUTE ? "route" : "service");
	record_generation(generation);
	return 0;
}

int keelson_nl_overlay_get(struct keelson_nl *nl, struct dp_overlay *ret, char **ret_msg)
{
	return -ENOENT;
}

int keelson_nl_overlay_set(struct keelson_nl *nl, const struct dp_overlay *o, char **ret_msg)
{
	return -EPERM;
}

/* --- plans ---------------------------------------------------------------- */

static struct net_addr addr(const char *text)
{
	struct net_addr a;

	assert_int_equal(net_addr_parse(text, &a), 0);
	return a;
}

static struct net_addr nth(const char *text, uint8_t last)
{
	struct net_addr a = addr(text);

	a.bytes[3] = last;
	return a;
}

/* Nodes and routes 1..n, of which node i has the MAC ending in mac[i]. */
static void add_nodes(struct net_plan *p, const uint8_t *mac, size_t n)
{
	p->nodes = xcalloc(n, sizeof(*p->nodes));
	p->routes = xcalloc(n, sizeof(*p->routes));
	p->n_nodes = p->n_routes = n;
	for (size_t i = 0; i < n; i++) {
		p->nodes[i] = (struct dp_node){ .vtep = nth("192.168.0.0", i + 1), .mac = { 2, 0, 0, 0, 0, mac[i] } };
		p->routes[i] = (struct dp_route){ .prefix = addr("10.244.0.0"), .prefix_len = 24,
						  .vtep = p->nodes[i].vtep };
		p->routes[i].prefix.bytes[2] = i + 1;
	}
}

static void add_service(struct net_plan *p, uint16_t port, uint16_t backend_port, uint8_t state)
{
	struct dp_service *s;

	p->services = xrealloc(p->services, (p->n_services + 1) * sizeof(*s));
	s = &p->services[p->n_services++];
	*s = (struct dp_service){ .addr = addr("10.96.0.1"), .port = port, .proto = IPPROTO_TCP };
	s->backends = xcalloc(1, sizeof(*s->backends));
	s->n_backends = 1;
	s->backends[0] = (struct dp_backend){ .addr = addr("10.244.1.2"), .port = backend_port, .state = state };
}

static int setup(void **state)
{
	buf_free(&log_);
	buf_puts(&log_, "");
	n_generations = 0;
	commit_result = refusal = 0;
	return 0;
}

static int teardown(void **state)
{
	buf_free(&log_);
	return 0;
}

static void resync_sends_all_and_sweeps(void **state)
{
	char *left_out = NULL;
	static const uint8_t mac[] = { 1 };
	struct net_plan p = { 0 };
	uint32_t first;

	add_nodes(&p, mac, 1);
	add_service(&p, 80, 8080, KEELSON_BACKEND_READY);
	assert_int_equal(net_apply_plan(NULL, &p, &left_out, NULL), 0);
	assert_string_equal(log_.data,
			    "begin\nnode set 192.168.0.1/1\nroute set 10.244.1.0/24\nservice set 10.96.0.1/80\ncommit\n"
			    "begin\nsweep service\nsweep route\nsweep node\ncommit\n");
	first = generations[0];
	assert_true(first != 0);
	for (size_t i = 0; i < n_generations; i++)
		assert_int_equal(generations[i], first);
	n_generations = 0;
	net_apply_plan(NULL, &p, &left_out, NULL);
	assert_true(generations[0] != first);
	net_plan_free(&p);
}

static void wrong_object_is_left_out(void **state)
{
	struct net_plan p = { 0 }, none = { 0 };
	char *left_out = NULL;

	add_service(&p, 80, 8080, KEELSON_BACKEND_READY);
	refusal = -EEXIST;
	assert_int_equal(net_apply_plan(NULL, &p, &left_out, NULL), 0);
	assert_string_equal(left_out, "service 10.96.0.1:80/tcp: in use");
	free(TAKE_PTR(left_out));
	assert_non_null(strstr(log_.data, "sweep service"));
	refusal = -EINVAL;
	assert_int_equal(net_apply_diff(NULL, &none, &p, &left_out, NULL), 0);
	assert_string_equal(left_out, "service 10.96.0.1:80/tcp: in use");
	free(left_out);
	net_plan_free(&p);
}

/* Not the object's fault: what is there stays. */
static void no_memory_does_not_sweep(void **state)
{
	char *msg = NULL, *left_out = NULL;
	struct net_plan p = { 0 };

	add_service(&p, 80, 8080, KEELSON_BACKEND_READY);
	refusal = -ENOMEM;
	assert_int_equal(net_apply_plan(NULL, &p, &left_out, &msg), -ENOMEM);
	assert_string_equal(msg, "service 10.96.0.1:80/tcp: in use");
	assert_null(left_out);
	free(msg);
	assert_null(strstr(log_.data, "sweep"));
	net_plan_free(&p);
}

static void dead_socket_does_not_sweep(void **state)
{
	char *left_out = NULL;
	struct net_plan p = { 0 };
	char *msg = NULL;

	add_service(&p, 80, 8080, KEELSON_BACKEND_READY);
	commit_result = -ECOMM;
	assert_int_equal(net_apply_plan(NULL, &p, &left_out, &msg), -ECOMM);
	free(msg);
	assert_null(strstr(log_.data, "sweep"));
	net_plan_free(&p);
}

static void same_plan_sends_nothing(void **state)
{
	char *left_out = NULL;
	static const uint8_t mac[] = { 1, 2 };
	struct net_plan a = { 0 }, b = { 0 };

	add_nodes(&a, mac, 2);
	add_service(&a, 80, 8080, KEELSON_BACKEND_READY);
	add_nodes(&b, mac, 2);
	add_service(&b, 80, 8080, KEELSON_BACKEND_READY);
	assert_int_equal(net_apply_diff(NULL, &a, &b, &left_out, NULL), 0);
	assert_string_equal(log_.data, "begin\ncommit\n");
	net_plan_free(&a);
	net_plan_free(&b);
}

static void only_the_difference_is_sent(void **state)
{
	char *left_out = NULL;
	static const uint8_t old_mac[] = { 1, 2, 3 }, new_mac[] = { 1, 9 };
	struct net_plan a = { 0 }, b = { 0 };

	add_nodes(&a, old_mac, 3);
	add_service(&a, 80, 8080, KEELSON_BACKEND_READY);	/* stays */
	add_service(&a, 81, 8080, KEELSON_BACKEND_READY);	/* drains */
	add_service(&a, 82, 8080, KEELSON_BACKEND_READY);	/* goes */
	add_nodes(&b, new_mac, 2);
	b.routes[0].vtep = b.nodes[1].vtep;			/* another node has the prefix now */
	add_service(&b, 79, 8080, KEELSON_BACKEND_READY);	/* comes */
	add_service(&b, 80, 8080, KEELSON_BACKEND_READY);
	add_service(&b, 81, 8080, KEELSON_BACKEND_DRAINING);
	assert_int_equal(net_apply_diff(NULL, &a, &b, &left_out, NULL), 0);
	assert_string_equal(log_.data,
			    "begin\n"
			    "node set 192.168.0.2/9\n"
			    "route set 10.244.1.0/24\n"
			    "service set 10.96.0.1/79\n"
			    "service set 10.96.0.1/81\n"
			    "service del 10.96.0.1/82\n"
			    "route del 10.244.3.0/24\n"
			    "node del 192.168.0.3/0\n"
			    "commit\n");
	net_plan_free(&a);
	net_plan_free(&b);
}

static void without_a_former_plan_it_is_a_resync(void **state)
{
	char *left_out = NULL;
	struct net_plan p = { 0 };

	assert_int_equal(net_apply_diff(NULL, NULL, &p, &left_out, NULL), 0);
	assert_non_null(strstr(log_.data, "sweep node"));
}

static void node_that_cannot_be(void **state)
{
	struct node_net n = { .pod_cidr = "10.244.1.0/24", .cluster_cidr = "10.244.0.0/16",
			      .service_cidr = "10.96.0.1/12", .vtep = addr("192.0.2.77") };
	char *msg = NULL;

	assert_int_equal(net_apply_node(NULL, &n, &msg), -EINVAL);
	assert_string_equal(msg, "service CIDR 10.96.0.1/12 is no prefix");
	free(msg);
	n.service_cidr = "10.96.0.0/12";
	n.pod_cidr = "10.244.1.0/32";
	assert_int_equal(net_apply_node(NULL, &n, &msg), -EINVAL);
	assert_string_equal(msg, "pod CIDR 10.244.1.0/32 has no room for pods");
	free(msg);
	n.pod_cidr = NULL;
	assert_int_equal(net_apply_node(NULL, &n, &msg), -EINVAL);
	assert_string_equal(msg, "pod CIDR (absent) is no prefix");
	free(msg);
	n.pod_cidr = "10.244.1.0/24";
	assert_int_equal(net_apply_node(NULL, &n, &msg), -EADDRNOTAVAIL);
	assert_string_equal(msg, "no device here has the address 192.0.2.77");
	free(msg);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(resync_sends_all_and_sweeps), TEST(wrong_object_is_left_out), TEST(no_memory_does_not_sweep),
		TEST(dead_socket_does_not_sweep),
		TEST(same_plan_sends_nothing), TEST(only_the_difference_is_sent),
		TEST(without_a_former_plan_it_is_a_resync), TEST(node_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
