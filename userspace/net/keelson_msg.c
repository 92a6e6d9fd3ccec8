// SPDX-License-Identifier: GPL-2.0-or-later
/* keelson_msg.c - see keelson_msg.h */
#include "net/keelson_msg.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdio.h>

#include "net/extack.h"

/* Names of the attributes as docs/netlink/keelson.yaml has them, for error texts. */
static const char *const attr_names[KEELSON_A_MAX + 1] = {
	[KEELSON_A_GENERATION] = "generation",
	[KEELSON_A_KIND] = "kind",
	[KEELSON_A_VTEP] = "vtep",
	[KEELSON_A_MAC] = "mac",
	[KEELSON_A_VNI] = "vni",
	[KEELSON_A_OVERLAY_PORT] = "overlay-port",
	[KEELSON_A_UPLINK] = "uplink",
	[KEELSON_A_OVERLAY_FLAGS] = "overlay-flags",
	[KEELSON_A_RX_MODE] = "rx-mode",
	[KEELSON_A_MTU] = "mtu",
	[KEELSON_A_PREFIX] = "prefix",
	[KEELSON_A_PREFIX_LEN] = "prefix-len",
	[KEELSON_A_PORT_ID] = "port-id",
	[KEELSON_A_IFINDEX] = "ifindex",
	[KEELSON_A_IFNAME] = "ifname",
	[KEELSON_A_NETNSID] = "netnsid",
	[KEELSON_A_LINK_MODE] = "link-mode",
	[KEELSON_A_ADDR] = "addr",
	[KEELSON_A_PORT] = "port",
	[KEELSON_A_PROTO] = "proto",
	[KEELSON_A_SERVICE_FLAGS] = "service-flags",
	[KEELSON_A_BACKEND] = "backend",
	[KEELSON_A_FLOW] = "flow",
	[KEELSON_A_STATS] = "stats",
};

/* --- encode --------------------------------------------------------------- */

struct nlmsghdr *keelson_msg_begin(void *buf, uint16_t family, uint8_t cmd, uint16_t flags, uint32_t seq)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = seq;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = cmd;
	g->version = KEELSON_GENL_VERSION;
	return nlh;
}

static void put_addr(struct nlmsghdr *nlh, uint16_t type, const struct net_addr *a)
{
	mnl_attr_put(nlh, type, a->len, a->bytes);
}

static void put_be16(struct nlmsghdr *nlh, uint16_t type, uint16_t host)
{
	mnl_attr_put_u16(nlh, type, htons(host));
}

void keelson_msg_put_overlay(struct nlmsghdr *nlh, const struct dp_overlay *o)
{
	put_addr(nlh, KEELSON_A_VTEP, &o->vtep);
	mnl_attr_put(nlh, KEELSON_A_MAC, 6, o->mac);
	mnl_attr_put_u32(nlh, KEELSON_A_VNI, o->vni);
	put_be16(nlh, KEELSON_A_OVERLAY_PORT, o->port);
	if (o->uplink)
		mnl_attr_put_u32(nlh, KEELSON_A_UPLINK, o->uplink);
	if (o->flags)
		mnl_attr_put_u32(nlh, KEELSON_A_OVERLAY_FLAGS, o->flags);
}

void keelson_msg_put_vtep(struct nlmsghdr *nlh, const struct net_addr *vtep)
{
	put_addr(nlh, KEELSON_A_VTEP, vtep);
}

void keelson_msg_put_node(struct nlmsghdr *nlh, const struct dp_node *n)
{
	keelson_msg_put_vtep(nlh, &n->vtep);
	mnl_attr_put(nlh, KEELSON_A_MAC, 6, n->mac);
}

void keelson_msg_put_prefix(struct nlmsghdr *nlh, const struct net_addr *prefix, uint8_t len)
{
	put_addr(nlh, KEELSON_A_PREFIX, prefix);
	mnl_attr_put_u8(nlh, KEELSON_A_PREFIX_LEN, len);
}

void keelson_msg_put_route(struct nlmsghdr *nlh, const struct dp_route *r)
{
	keelson_msg_put_prefix(nlh, &r->prefix, r->prefix_len);
	put_addr(nlh, KEELSON_A_VTEP, &r->vtep);
}

void keelson_msg_put_port(struct nlmsghdr *nlh, uint32_t id, const struct net_addr *addrs, size_t n)
{
	mnl_attr_put_u32(nlh, KEELSON_A_PORT_ID, id);
	for (size_t i = 0; i < n; i++)
		put_addr(nlh, KEELSON_A_ADDR, &addrs[i]);
}

void keelson_msg_put_service_key(struct nlmsghdr *nlh, const struct net_addr *addr, uint16_t port, uint8_t proto)
{
	put_addr(nlh, KEELSON_A_ADDR, addr);
	put_be16(nlh, KEELSON_A_PORT, port);
	mnl_attr_put_u8(nlh, KEELSON_A_PROTO, proto);
}

void keelson_msg_put_service(struct nlmsghdr *nlh, const struct dp_service *s)
{
	keelson_msg_put_service_key(nlh, &s->addr, s->port, s->proto);
	if (s->flags)
		mnl_attr_put_u32(nlh, KEELSON_A_SERVICE_FLAGS, s->flags);
	for (size_t i = 0; i < s->n_backends; i++) {
		const struct dp_backend *b = &s->backends[i];
		struct nlattr *nest = mnl_attr_nest_start(nlh, KEELSON_A_BACKEND);

		put_addr(nlh, KEELSON_BACKEND_A_ADDR, &b->addr);
		put_be16(nlh, KEELSON_BACKEND_A_PORT, b->port);
		if (b->state != KEELSON_BACKEND_READY)
			mnl_attr_put_u8(nlh, KEELSON_BACKEND_A_STATE, b->state);
		mnl_attr_nest_end(nlh, nest);
	}
}

void keelson_msg_put_generation(struct nlmsghdr *nlh, uint32_t generation)
{
	mnl_attr_put_u32(nlh, KEELSON_A_GENERATION, generation);
}

void keelson_msg_put_sweep(struct nlmsghdr *nlh, enum keelson_kind kind, uint32_t generation)
{
	mnl_attr_put_u8(nlh, KEELSON_A_KIND, kind);
	keelson_msg_put_generation(nlh, generation);
}

/* --- decode --------------------------------------------------------------- */

/* The last attribute of each type; MAX is the largest type looked for. */
#define ATTRS_MAX KEELSON_A_MAX
struct attrs {
	const struct nlattr *v[ATTRS_MAX + 1];
};

static int keep_attr(const struct nlattr *a, void *data)
{
	struct attrs *t = data;

	if (mnl_attr_get_type(a) <= ATTRS_MAX)
		t->v[mnl_attr_get_type(a)] = a;
	return MNL_CB_OK;
}

static void attrs_of(const struct nlmsghdr *nlh, struct attrs *t)
{
	*t = (struct attrs){ 0 };
	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), keep_attr, t);
}

static void attrs_of_nest(const struct nlattr *nest, struct attrs *t)
{
	*t = (struct attrs){ 0 };
	mnl_attr_parse_nested(nest, keep_attr, t);
}

static bool read_addr(const struct nlattr *a, struct net_addr *ret)
{
	size_t len = a ? mnl_attr_get_payload_len(a) : 0;

	if (len != 4 && len != 16)
		return false;
	*ret = (struct net_addr){ .len = len };
	memcpy(ret->bytes, mnl_attr_get_payload(a), len);
	return true;
}

/* Copies exactly n bytes; absent or of another size: false, *ret untouched. */
static bool read_bytes(const struct nlattr *a, void *ret, size_t n)
{
	if (!a || mnl_attr_get_payload_len(a) != n)
		return false;
	memcpy(ret, mnl_attr_get_payload(a), n);
	return true;
}

static bool read_be16(const struct nlattr *a, uint16_t *ret)
{
	uint16_t v;

	if (!read_bytes(a, &v, 2))
		return false;
	*ret = ntohs(v);
	return true;
}

int keelson_msg_get_overlay(const struct nlmsghdr *nlh, struct dp_overlay *ret)
{
	struct dp_overlay o = { 0 };
	struct attrs t;

	attrs_of(nlh, &t);
	if (!read_addr(t.v[KEELSON_A_VTEP], &o.vtep) || !read_bytes(t.v[KEELSON_A_MAC], o.mac, 6) ||
	    !read_bytes(t.v[KEELSON_A_VNI], &o.vni, 4) || !read_be16(t.v[KEELSON_A_OVERLAY_PORT], &o.port))
		return -EBADMSG;
	read_bytes(t.v[KEELSON_A_UPLINK], &o.uplink, 4);
	read_bytes(t.v[KEELSON_A_OVERLAY_FLAGS], &o.flags, 4);
	read_bytes(t.v[KEELSON_A_RX_MODE], &o.rx_mode, 1);
	read_bytes(t.v[KEELSON_A_MTU], &o.mtu, 4);
	*ret = o;
	return 0;
}

static uint32_t generation_of(const struct attrs *t)
{
	uint32_t gen = 0;

	read_bytes(t->v[KEELSON_A_GENERATION], &gen, 4);
	return gen;
}

int keelson_msg_get_node(const struct nlmsghdr *nlh, struct dp_node *ret, uint32_t *ret_generation)
{
	struct dp_node n;
	struct attrs t;

	attrs_of(nlh, &t);
	if (!read_addr(t.v[KEELSON_A_VTEP], &n.vtep) || !read_bytes(t.v[KEELSON_A_MAC], n.mac, 6))
		return -EBADMSG;
	*ret = n;
	*ret_generation = generation_of(&t);
	return 0;
}

int keelson_msg_get_route(const struct nlmsghdr *nlh, struct dp_route *ret, uint32_t *ret_generation)
{
	struct dp_route r;
	struct attrs t;

	attrs_of(nlh, &t);
	if (!read_addr(t.v[KEELSON_A_PREFIX], &r.prefix) || !read_addr(t.v[KEELSON_A_VTEP], &r.vtep) ||
	    !read_bytes(t.v[KEELSON_A_PREFIX_LEN], &r.prefix_len, 1) || r.prefix_len > r.prefix.len * 8)
		return -EBADMSG;
	*ret = r;
	*ret_generation = generation_of(&t);
	return 0;
}

int keelson_msg_get_port(const struct nlmsghdr *nlh, struct dp_port *ret)
{
	struct dp_port p = { .netnsid = -1 };
	const struct nlattr *a;
	struct attrs t;

	attrs_of(nlh, &t);
	if (!read_bytes(t.v[KEELSON_A_PORT_ID], &p.id, 4))
		return -EBADMSG;
	read_bytes(t.v[KEELSON_A_IFINDEX], &p.ifindex, 4);
	read_bytes(t.v[KEELSON_A_NETNSID], &p.netnsid, 4);
	read_bytes(t.v[KEELSON_A_LINK_MODE], &p.mode, 1);
	a = t.v[KEELSON_A_IFNAME];
	if (a && mnl_attr_validate(a, MNL_TYPE_NUL_STRING) == 0 && mnl_attr_get_payload_len(a) <= sizeof(p.ifname))
		strcpy(p.ifname, mnl_attr_get_str(a));
	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) != KEELSON_A_ADDR)
			continue;
		if (p.n_addrs == ARRAY_SIZE(p.addrs) || !read_addr(a, &p.addrs[p.n_addrs++]))
			return -EBADMSG;
	}
	*ret = p;
	return 0;
}

static bool read_backend(const struct nlattr *nest, struct dp_backend *ret)
{
	struct attrs t;

	attrs_of_nest(nest, &t);
	*ret = (struct dp_backend){ .state = KEELSON_BACKEND_READY };
	read_bytes(t.v[KEELSON_BACKEND_A_STATE], &ret->state, 1);
	return read_addr(t.v[KEELSON_BACKEND_A_ADDR], &ret->addr) &&
	       read_be16(t.v[KEELSON_BACKEND_A_PORT], &ret->port);
}

int keelson_msg_get_service(const struct nlmsghdr *nlh, struct dp_service *ret, uint32_t *ret_generation)
{
	struct dp_service s = { 0 };
	const struct nlattr *a;
	size_t n = 0;
	struct attrs t;

	attrs_of(nlh, &t);
	if (!read_addr(t.v[KEELSON_A_ADDR], &s.addr) || !read_be16(t.v[KEELSON_A_PORT], &s.port) ||
	    !read_bytes(t.v[KEELSON_A_PROTO], &s.proto, 1))
		return -EBADMSG;
	read_bytes(t.v[KEELSON_A_SERVICE_FLAGS], &s.flags, 4);
	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		n += mnl_attr_get_type(a) == KEELSON_A_BACKEND;
	s.backends = n ? xcalloc(n, sizeof(*s.backends)) : NULL;
	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) != KEELSON_A_BACKEND)
			continue;
		if (!read_backend(a, &s.backends[s.n_backends++])) {
			free(s.backends);
			return -EBADMSG;
		}
	}
	*ret = s;
	*ret_generation = generation_of(&t);
	return 0;
}

int keelson_msg_get_flow(const struct nlmsghdr *nlh, struct dp_flow *ret)
{
	struct dp_flow f = { 0 };
	struct attrs t;

	attrs_of(nlh, &t);
	if (!t.v[KEELSON_A_FLOW])
		return -EBADMSG;
	attrs_of_nest(t.v[KEELSON_A_FLOW], &t);
	if (!read_bytes(t.v[KEELSON_FLOW_A_PROTO], &f.proto, 1) ||
	    !read_addr(t.v[KEELSON_FLOW_A_SRC_ADDR], &f.src) ||
	    !read_be16(t.v[KEELSON_FLOW_A_SRC_PORT], &f.src_port) ||
	    !read_addr(t.v[KEELSON_FLOW_A_DST_ADDR], &f.dst) ||
	    !read_be16(t.v[KEELSON_FLOW_A_DST_PORT], &f.dst_port) ||
	    !read_addr(t.v[KEELSON_FLOW_A_BACKEND_ADDR], &f.backend) ||
	    !read_be16(t.v[KEELSON_FLOW_A_BACKEND_PORT], &f.backend_port))
		return -EBADMSG;
	read_bytes(t.v[KEELSON_FLOW_A_STATE], &f.state, 1);
	read_bytes(t.v[KEELSON_FLOW_A_IDLE_MS], &f.idle_ms, 4);
	*ret = f;
	return 0;
}

int keelson_msg_get_stats(const struct nlmsghdr *nlh, struct dp_stats *ret)
{
	struct dp_stats s = { 0 };
	const struct nlattr *a;
	struct attrs t;

	attrs_of(nlh, &t);
	if (!t.v[KEELSON_A_STATS])
		return -EBADMSG;
	/* A newer module may have more counters than we know: those are left out. */
	mnl_attr_for_each_nested(a, t.v[KEELSON_A_STATS])
		if (mnl_attr_get_type(a) <= KEELSON_STAT_MAX)
			read_bytes(a, &s.v[mnl_attr_get_type(a)], 8);
	*ret = s;
	return 0;
}

/* --- words ---------------------------------------------------------------- */

static const char *const cmd_names[KEELSON_CMD_MAX + 1] = {
	[KEELSON_CMD_OVERLAY_SET] = "overlay set",
	[KEELSON_CMD_OVERLAY_DEL] = "overlay del",
	[KEELSON_CMD_OVERLAY_GET] = "overlay get",
	[KEELSON_CMD_NODE_SET] = "node set",
	[KEELSON_CMD_NODE_DEL] = "node del",
	[KEELSON_CMD_NODE_GET] = "node get",
	[KEELSON_CMD_ROUTE_SET] = "route set",
	[KEELSON_CMD_ROUTE_DEL] = "route del",
	[KEELSON_CMD_ROUTE_GET] = "route get",
	[KEELSON_CMD_PORT_SET] = "port set",
	[KEELSON_CMD_PORT_GET] = "port get",
	[KEELSON_CMD_SERVICE_SET] = "service set",
	[KEELSON_CMD_SERVICE_DEL] = "service del",
	[KEELSON_CMD_SERVICE_GET] = "service get",
	[KEELSON_CMD_FLOW_GET] = "flow get",
	[KEELSON_CMD_FLOW_FLUSH] = "flow flush",
	[KEELSON_CMD_SWEEP] = "sweep",
	[KEELSON_CMD_STATS_GET] = "stats get",
};

char *keelson_msg_describe(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(nlh);
	char text[NET_PREFIX_STRLEN > NET_ENDPOINT_STRLEN ? NET_PREFIX_STRLEN : NET_ENDPOINT_STRLEN];
	const char *name = g->cmd <= KEELSON_CMD_MAX && cmd_names[g->cmd] ? cmd_names[g->cmd] : "request";
	struct net_addr addr;
	struct attrs t;
	uint16_t port;
	uint32_t id;
	uint8_t u8;

	attrs_of(nlh, &t);
	if (read_addr(t.v[KEELSON_A_ADDR], &addr) && read_be16(t.v[KEELSON_A_PORT], &port) &&
	    read_bytes(t.v[KEELSON_A_PROTO], &u8, 1)) {
		net_endpoint_format(&addr, port, text);
		return xasprintf("%s %s/%s", name, text, net_proto_name(u8));
	}
	if (read_addr(t.v[KEELSON_A_PREFIX], &addr) && read_bytes(t.v[KEELSON_A_PREFIX_LEN], &u8, 1)) {
		net_prefix_format(&addr, u8, text);
		return xasprintf("%s %s", name, text);
	}
	if (read_addr(t.v[KEELSON_A_VTEP], &addr)) {
		net_addr_format(&addr, text);
		return xasprintf("%s %s", name, text);
	}
	if (read_bytes(t.v[KEELSON_A_PORT_ID], &id, 4))
		return xasprintf("%s %u", name, id);
	return xstrdup(name);
}

/* The name of the request's top-level attribute that holds the byte at offset, or NULL. */
static const char *attr_at(const struct nlmsghdr *request, uint32_t offset)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, request, sizeof(struct genlmsghdr)) {
		uint32_t start = (const char *)a - (const char *)request;

		if (offset >= start && offset < start + MNL_ALIGN(mnl_attr_get_len(a)))
			return mnl_attr_get_type(a) <= KEELSON_A_MAX ? attr_names[mnl_attr_get_type(a)] : NULL;
	}
	return NULL;
}

char *keelson_msg_refusal(const struct nlmsghdr *request, const struct nlmsghdr *reply, int err)
{
	_cleanup_free_ char *what = keelson_msg_describe(request);
	const char *attr = NULL, *why;
	struct extack x;

	extack_parse(reply, &x);
	if (x.missing && x.missing <= KEELSON_A_MAX && attr_names[x.missing])
		return xasprintf("%s: %s is missing", what, attr_names[x.missing]);
	if (x.offset)
		attr = attr_at(request, x.offset);
	why = x.text ? x.text : err == -ENOENT ? "there is none" : strerror(-err);
	return attr ? xasprintf("%s: %s (attribute %s)", what, why, attr) : xasprintf("%s: %s", what, why);
}
