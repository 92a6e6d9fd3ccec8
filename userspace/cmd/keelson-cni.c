// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * keelson-cni.c - CNI plugin: a keelson port for each pod sandbox
 *
 * The container runtime runs it in the node's network namespace: that is the
 * instance whose port it makes, right inside the sandbox's namespace. Nothing
 * runs in between and nothing is kept but the lock file of ipam.h.
 *
 * Called by the name "loopback" it is the plugin of that name, which containerd
 * runs for each sandbox before any other: it sets lo up.
 */
#include <errno.h>
#include <stdio.h>

#include "cmd/keelson-cni/config.h"
#include "cmd/keelson-cni/ipam.h"
#include "cmd/keelson-cni/result.h"
#include "net/keelson_nl.h"
#include "net/netns.h"
#include "net/port.h"

#define MAX_INPUT (1 << 20)

/* A refusal by the kernel or the system; takes msg. */
static int refused(struct cni_error *e, enum cni_code code, int err, char *msg)
{
	e->code = code;
	e->msg = msg ? msg : xstrdup(strerror(-err));
	return -1;
}

/* --- addresses in use ----------------------------------------------------- */

struct used {
	const struct net_prefix *subnet;
	uint32_t *offsets;
	size_t n, cap;
};

static void collect_used(void *data, const struct dp_port *p)
{
	struct used *u = data;

	for (size_t i = 0; i < p->n_addrs; i++) {
		if (!net_prefix_contains(&u->subnet->addr, u->subnet->len, &p->addrs[i]))
			continue;
		if (u->n == u->cap) {
			u->cap = u->cap ? u->cap * 2 : 128;
			u->offsets = xrealloc(u->offsets, u->cap * sizeof(*u->offsets));
		}
		u->offsets[u->n++] = net_prefix_offset(&u->subnet->addr, u->subnet->len, &p->addrs[i]);
	}
}

static int choose_addr(struct keelson_nl *nl, const struct cni_config *c, uint32_t last, uint32_t *ret,
		       struct cni_error *e)
{
	struct used u = { .subnet = &c->subnet };
	uint32_t gateway = net_prefix_offset(&c->subnet.addr, c->subnet.len, &c->gateway);
	char *msg = NULL, text[NET_PREFIX_STRLEN];
	int res;

	res = keelson_nl_port_dump(nl, collect_used, &u, &msg);
	if (res < 0) {
		free(u.offsets);
		return refused(e, CNI_ERR_DATAPATH, res, msg);
	}
	res = ipam_choose(&c->subnet, gateway, u.offsets, u.n, last, ret);
	free(u.offsets);
	if (res == 0)
		return 0;
	net_prefix_format(&c->subnet.addr, c->subnet.len, text);
	return cni_fail(e, CNI_ERR_TRY_LATER, "no address is free in subnet %s", text);
}

/* --- commands ------------------------------------------------------------- */

/* The largest packet the overlay carries, or 0 where there is none: the module knows then. */
static uint32_t overlay_mtu(struct keelson_nl *nl)
{
	struct dp_overlay o;

	return keelson_nl_overlay_get(nl, &o, NULL) == 0 ? o.mtu : 0;
}

/* Under the lock: choose, make, remember. */
static int add_port(struct keelson_nl *nl, const struct cni_config *c, const struct cni_env *env, int netns,
		    struct net_addr *ret_addr, struct link_info *ret_link, struct cni_error *e)
{
	_cleanup_close_ int lock = -1;
	struct port_spec spec = {
		.ifname = env->ifname, .netns = netns, .addrs = ret_addr, .n_addrs = 1,
		.mtu = c->mtu ? c->mtu : overlay_mtu(nl), .default_route = true,
	};
	uint32_t last, offset;
	char *msg = NULL;
	int res;

	res = ipam_lock(c->state_dir, &c->subnet, &lock, &last, &msg);
	if (res < 0)
		return refused(e, CNI_ERR_IO, res, msg);
	if (choose_addr(nl, c, last, &offset, e) < 0)
		return -1;
	net_prefix_nth(&c->subnet.addr, c->subnet.len, offset, ret_addr);
	res = port_make(&spec, ret_link, &msg);
	if (res < 0)
		return refused(e, CNI_ERR_DATAPATH, res, msg);
	ipam_remember(lock, offset);
	return 0;
}

static int command_add(const struct cni_config *c, const struct cni_env *env, json **ret, struct cni_error *e)
{
	_cleanup_close_ int netns = -1;
	struct keelson_nl *nl = NULL;
	struct link_info link;
	struct net_addr addr;
	char *msg = NULL;
	int res;

	res = netns_open(env->netns, &netns, &msg);
	if (res < 0)
		return refused(e, CNI_ERR_INVALID_ENV, res, msg);
	res = keelson_nl_open(&nl, &msg);
	if (res < 0)
		return refused(e, CNI_ERR_DATAPATH, res, msg);
	res = add_port(nl, c, env, netns, &addr, &link, e);
	keelson_nl_close(nl);
	if (res == 0)
		*ret = cni_result(c, env, &addr, link.mac);
	return res;
}

/* A namespace or a port that is gone is what DEL wants. */
static int command_del(const struct cni_env *env, struct cni_error *e)
{
	_cleanup_link_ struct link_sock *s = NULL;
	_cleanup_close_ int netns = -1;
	struct link_info link;
	char *msg = NULL;
	int res;

	if (!env->netns || netns_open(env->netns, &netns, NULL) < 0)
		return 0;
	res = link_open(netns, &s, &msg);
	if (res < 0)
		return refused(e, CNI_ERR_IO, res, msg);
	res = link_get(s, env->ifname, &link, &msg);
	if (res == -ENODEV) {
		free(msg);
		return 0;
	}
	if (res == 0 && streq(link.kind, KEELSON_LINK_KIND))
		res = link_delete(s, -1, link.ifindex, &msg);
	return res < 0 && res != -ENODEV ? refused(e, CNI_ERR_DATAPATH, res, msg) : 0;
}

/* What CHECK looks for in the port table. */
struct port_search {
	uint32_t id;
	struct dp_port found;	/* id 0: none */
};

static void match_port(void *data, const struct dp_port *p)
{
	struct port_search *q = data;

	if (p->id == q->id)
		q->found = *p;
}

static int check_table(uint32_t port_id, const struct net_addr *addrs, size_t n, struct cni_error *e)
{
	struct port_search q = { .id = port_id };
	struct keelson_nl *nl = NULL;
	char *msg = NULL, text[INET6_ADDRSTRLEN];
	int res;

	res = keelson_nl_open(&nl, &msg);
	if (res == 0)
		res = keelson_nl_port_dump(nl, match_port, &q, &msg);
	keelson_nl_close(nl);
	if (res < 0)
		return refused(e, CNI_ERR_DATAPATH, res, msg);
	if (!q.found.id)
		return cni_fail(e, CNI_ERR_CHECK_FAILED, "port %u is not in this node's table", port_id);
	for (size_t i = 0; i < n; i++) {
		bool has = false;

		for (size_t k = 0; k < q.found.n_addrs; k++)
			has |= net_addr_equal(&q.found.addrs[k], &addrs[i]);
		net_addr_format(&addrs[i], text);
		if (!has)
			return cni_fail(e, CNI_ERR_CHECK_FAILED, "%s is no endpoint of port %u", text, port_id);
	}
	return 0;
}

static int command_check(const struct cni_config *c, const struct cni_env *env, struct cni_error *e)
{
	struct net_addr addrs[KEELSON_MAX_PORT_ADDRS];
	_cleanup_close_ int netns = -1;
	struct port_spec spec = { .ifname = env->ifname, .addrs = addrs, .default_route = true };
	struct link_info link;
	char *msg = NULL;
	int n, res;

	n = cni_result_addrs(c, env, addrs, ARRAY_SIZE(addrs), e);
	if (n < 0)
		return n;
	res = netns_open(env->netns, &netns, &msg);
	if (res < 0)
		return refused(e, CNI_ERR_INVALID_ENV, res, msg);
	spec.netns = netns;
	spec.n_addrs = n;
	res = port_check(&spec, &link, &msg);
	if (res < 0)
		return refused(e, CNI_ERR_CHECK_FAILED, res, msg);
	return check_table(link.port_id, addrs, n, e);
}

/* --- the plugin "loopback" ------------------------------------------------ */

static int loopback(const struct cni_config *c, const struct cni_env *env, json **ret, struct cni_error *e)
{
	_cleanup_link_ struct link_sock *s = NULL;
	_cleanup_close_ int netns = -1;
	struct link_info lo;
	char *msg = NULL;
	int res;

	/* It goes with its namespace. */
	if (env->command == CNI_DEL)
		return 0;
	res = netns_open(env->netns, &netns, &msg);
	if (res < 0)
		return refused(e, CNI_ERR_INVALID_ENV, res, msg);
	res = link_open(netns, &s, &msg);
	if (res == 0)
		res = link_get(s, "lo", &lo, &msg);
	if (res == 0 && env->command == CNI_CHECK)
		return lo.up ? 0 : cni_fail(e, CNI_ERR_CHECK_FAILED, "lo is not up");
	if (res == 0)
		res = link_set_up(s, lo.ifindex, &msg);
	if (res < 0)
		return refused(e, CNI_ERR_IO, res, msg);
	*ret = cni_loopback_result(c, env);
	return 0;
}

/* --- main ----------------------------------------------------------------- */

static int run(const struct cni_env *env, const struct cni_config *c, json **ret, struct cni_error *e)
{
	switch (env->command) {
	case CNI_ADD:
		return command_add(c, env, ret, e);
	case CNI_DEL:
		return command_del(env, e);
	case CNI_CHECK:
		return command_check(c, env, e);
	case CNI_VERSION:
		*ret = cni_version_result(json_str(json_get(c->doc, "cniVersion")));
		return 0;
	}
	return -1;
}

static int read_stdin(struct buf *b, struct cni_error *e)
{
	char chunk[4096];
	ssize_t got;

	while ((got = read(STDIN_FILENO, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return cni_fail(e, CNI_ERR_IO, "reading the network config: %s", strerror(errno));
		if (b->len + got > MAX_INPUT)
			return cni_fail(e, CNI_ERR_DECODE, "network config: more than %d bytes", MAX_INPUT);
		buf_add(b, chunk, got);
	}
	return 0;
}

static void print_json(const json *j)
{
	_cleanup_free_ char *text = json_print_pretty(j);

	puts(text);
}

int main(int argc, char **argv)
{
	bool is_loopback = streq(program_invocation_short_name, "loopback");
	_cleanup_(buf_free) struct buf input = { 0 };
	_cleanup_json_ json *answer = NULL;
	struct cni_error e = { 0 };
	struct cni_config c = { 0 };
	struct cni_env env;
	int res;

	if (argc > 1 || (isatty(STDIN_FILENO) && !getenv("CNI_COMMAND"))) {
		bool asked = argc > 1 && (streq(argv[1], "-h") || streq(argv[1], "--help") ||
					  streq(argv[1], "-V") || streq(argv[1], "--version"));

		fprintf(asked ? stdout : stderr,
			"keelson-cni: CNI plugin, versions 0.3.0, 0.3.1, 0.4.0, 1.0.0; a container runtime runs it "
			"with CNI_COMMAND set and its config on standard input, see keelson-cni(8)\n");
		return asked ? 0 : 2;
	}
	res = cni_env_read(getenv, &env, &e);
	if (res == 0)
		res = read_stdin(&input, &e);
	/* Asking for the version by hand needs no config. */
	if (res == 0 && env.command == CNI_VERSION && !input.len)
		buf_puts(&input, "{}");
	/* As for DEL, the config of "loopback" names no subnet. */
	if (res == 0)
		res = cni_config_parse(input.data ? input.data : "", input.len,
				       is_loopback && env.command != CNI_VERSION ? CNI_DEL : env.command, &c, &e);
	if (res == 0 && is_loopback && env.command != CNI_VERSION)
		res = loopback(&c, &env, &answer, &e);
	else if (res == 0)
		res = run(&env, &c, &answer, &e);
	if (res < 0)
		answer = cni_error_result(c.version, &e);
	if (answer)
		print_json(answer);
	cni_config_free(&c);
	free(e.msg);
	return res < 0;
}
