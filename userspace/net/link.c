// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * link.c - see link.h
 *
 * libnl builds, sends and receives; it reduces errno to codes of its own and
 * drops extack, so an error callback keeps both. Every request is one
 * transact(): the answers are seen by one callback, then the ack ends it.
 */
#include "net/link.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/keelson.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "net/extack.h"
#include "net/netns.h"

struct link_sock {
	struct nl_sock *sk;
	void (*object)(void *data, struct nlmsghdr *nlh);	/* of the present transaction */
	void *data;
	bool ended;			/* the ack, the end of the dump or an error was seen */
	int err;			/* the kernel's, negative */
	char *text;			/* its extack text */
};

typedef struct nl_msg nlmsg;
static void msg_freep(nlmsg **m)
{
	if (*m)
		nlmsg_free(*m);
}
#define _cleanup_msg_ _cleanup_(msg_freep)

/* --- socket --------------------------------------------------------------- */

static int on_error(struct sockaddr_nl *who, struct nlmsgerr *e, void *arg)
{
	struct link_sock *s = arg;
	struct extack x;

	extack_parse((const struct nlmsghdr *)((const char *)e - NLMSG_HDRLEN), &x);
	s->ended = true;
	s->err = e->error;
	free(s->text);
	s->text = x.text ? xstrdup(x.text) : NULL;
	return NL_STOP;
}

static int on_end(struct nl_msg *m, void *arg)
{
	((struct link_sock *)arg)->ended = true;
	return NL_STOP;
}

static int on_object(struct nl_msg *m, void *arg)
{
	struct link_sock *s = arg;

	if (s->object)
		s->object(s->data, nlmsg_hdr(m));
	return NL_OK;
}

static int socket_failed(int err, char **ret_msg)
{
	if (ret_msg)
		*ret_msg = xasprintf("rtnetlink socket: %s", strerror(-err));
	return err;
}

static int connect_in(struct nl_sock *sk, int netns)
{
	_cleanup_close_ int own = -1;
	int res, back;

	if (netns < 0)
		return nl_connect(sk, NETLINK_ROUTE) < 0 ? -errno : 0;
	res = netns_own(&own);
	if (res < 0)
		return res;
	res = netns_enter(netns);
	if (res < 0)
		return res;
	res = nl_connect(sk, NETLINK_ROUTE) < 0 ? -errno : 0;
	back = netns_enter(own);
	return back < 0 ? back : res;
}

int link_open(int netns, struct link_sock **ret, char **ret_msg)
{
	struct link_sock *s = xnew0(struct link_sock);
	int one = 1, res;

	s->sk = nl_socket_alloc();
	if (!s->sk) {
		link_close(s);
		return socket_failed(-ENOMEM, ret_msg);
	}
	res = connect_in(s->sk, netns);
	if (res < 0) {
		link_close(s);
		return socket_failed(res, ret_msg);
	}
	setsockopt(nl_socket_get_fd(s->sk), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(nl_socket_get_fd(s->sk), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	nl_socket_modify_cb(s->sk, NL_CB_VALID, NL_CB_CUSTOM, on_object, s);
	nl_socket_modify_cb(s->sk, NL_CB_ACK, NL_CB_CUSTOM, on_end, s);
	nl_socket_modify_cb(s->sk, NL_CB_FINISH, NL_CB_CUSTOM, on_end, s);
	nl_socket_modify_err_cb(s->sk, NL_CB_CUSTOM, on_error, s);
	*ret = s;
	return 0;
}

void link_close(struct link_sock *s)
{
	if (!s)
		return;
	if (s->sk)
		nl_socket_free(s->sk);
	free(s->text);
	free(s);
}

/*
 * Sends m and hears the answers out; negative errno. A dump that a change
 * interrupted is taken again, so that object may hear of one thing twice.
 */
static int transact(struct link_sock *s, nlmsg *m, void (*object)(void *, struct nlmsghdr *), void *data)
{
	int res, tries = 10;

	s->object = object;
	s->data = data;
	s->err = 0;
	free(s->text);
	s->text = NULL;
	do {
		nlmsg_hdr(m)->nlmsg_seq = NL_AUTO_SEQ;
		s->ended = false;
		res = nl_send_auto_complete(s->sk, m);
		/* One call reads one datagram: an object and its ack come in two. */
		while (res >= 0 && !s->ended)
			res = nl_recvmsgs_default(s->sk);
	} while (res == -NLE_DUMP_INTR && --tries);
	if (s->err)
		return s->err;
	return res < 0 ? -EIO : 0;
}

/* "WHAT: why" for an error that transact() gave. */
static int refused(struct link_sock *s, int err, char **ret_msg, const char *fmt, ...) PRINTF(4, 5);
static int refused(struct link_sock *s, int err, char **ret_msg, const char *fmt, ...)
{
	_cleanup_free_ char *what = NULL;
	va_list ap;

	if (!ret_msg)
		return err;
	va_start(ap, fmt);
	what = xvasprintf(fmt, ap);
	va_end(ap);
	*ret_msg = xasprintf("%s: %s", what, s->text ? s->text : strerror(-err));
	return err;
}

static nlmsg *new_msg(int type, int flags, const void *header, size_t len)
{
	nlmsg *m = nlmsg_alloc_simple(type, flags);

	if (!m || nlmsg_append(m, (void *)header, len, NLMSG_ALIGNTO) < 0)
		abort();	/* as x*() do */
	return m;
}

static void put(nlmsg *m, int type, const void *data, size_t len)
{
	if (nla_put(m, type, len, data) < 0)
		abort();
}

static void put_u32(nlmsg *m, int type, uint32_t v)
{
	put(m, type, &v, sizeof(v));
}

static int family_of(const struct net_addr *a)
{
	return a->len == 4 ? AF_INET : AF_INET6;
}

/* --- links ---------------------------------------------------------------- */

int link_create(struct link_sock *s, const struct link_spec *spec, char **ret_msg)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	_cleanup_msg_ nlmsg *m = new_msg(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	struct nlattr *info, *data;
	int res;

	put(m, IFLA_IFNAME, spec->name, strlen(spec->name) + 1);
	if (spec->mtu)
		put_u32(m, IFLA_MTU, spec->mtu);
	if (spec->netns >= 0)
		put_u32(m, IFLA_NET_NS_FD, spec->netns);
	info = nla_nest_start(m, IFLA_LINKINFO);
	put(m, IFLA_INFO_KIND, KEELSON_LINK_KIND, strlen(KEELSON_LINK_KIND));
	data = nla_nest_start(m, IFLA_INFO_DATA | NLA_F_NESTED);
	put(m, IFLA_KEELSON_MODE, &spec->mode, 1);
	for (size_t i = 0; i < spec->n_addrs; i++)
		put(m, IFLA_KEELSON_ADDR, spec->addrs[i].bytes, spec->addrs[i].len);
	nla_nest_end(m, data);
	nla_nest_end(m, info);
	res = transact(s, m, NULL, NULL);
	/* What the kernel says to a kind that it neither knows nor can load. */
	if (res == -EOPNOTSUPP && (!s->text || streq(s->text, "Unknown device type"))) {
		if (ret_msg)
			*ret_msg = xasprintf("making link %s: the keelson module is not loaded (modprobe keelson)",
					     spec->name);
		return -ENOENT;
	}
	if (res == -EEXIST && !s->text) {
		if (ret_msg)
			*ret_msg = xasprintf("making link %s: there is a device of that name already", spec->name);
		return res;
	}
	return res < 0 ? refused(s, res, ret_msg, "making link %s", spec->name) : 0;
}

static void read_keelson_data(struct nlattr *data, struct link_info *ret)
{
	struct nlattr *t[IFLA_KEELSON_MAX + 1];

	if (nla_parse_nested(t, IFLA_KEELSON_MAX, data, NULL) < 0)
		return;
	if (t[IFLA_KEELSON_MODE])
		ret->mode = nla_get_u8(t[IFLA_KEELSON_MODE]);
	if (t[IFLA_KEELSON_PORT_ID])
		ret->port_id = nla_get_u32(t[IFLA_KEELSON_PORT_ID]);
}

static void read_link(void *data, struct nlmsghdr *nlh)
{
	struct nlattr *t[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1];
	struct ifinfomsg *ifi = nlmsg_data(nlh);
	struct link_info *ret = data;

	if (nlh->nlmsg_type != RTM_NEWLINK || nlmsg_parse(nlh, sizeof(*ifi), t, IFLA_MAX, NULL) < 0)
		return;
	*ret = (struct link_info){ .ifindex = ifi->ifi_index, .up = ifi->ifi_flags & IFF_UP };
	if (t[IFLA_MTU])
		ret->mtu = nla_get_u32(t[IFLA_MTU]);
	if (t[IFLA_ADDRESS] && nla_len(t[IFLA_ADDRESS]) == 6)
		memcpy(ret->mac, nla_data(t[IFLA_ADDRESS]), 6);
	if (!t[IFLA_LINKINFO] || nla_parse_nested(info, IFLA_INFO_MAX, t[IFLA_LINKINFO], NULL) < 0)
		return;
	if (info[IFLA_INFO_KIND])
		nla_strlcpy(ret->kind, info[IFLA_INFO_KIND], sizeof(ret->kind));
	if (info[IFLA_INFO_DATA] && streq(ret->kind, KEELSON_LINK_KIND))
		read_keelson_data(info[IFLA_INFO_DATA], ret);
}

int link_get(struct link_sock *s, const char *name, struct link_info *ret, char **ret_msg)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	_cleanup_msg_ nlmsg *m = new_msg(RTM_GETLINK, 0, &ifi, sizeof(ifi));
	struct link_info info = { 0 };
	int res;

	put(m, IFLA_IFNAME, name, strlen(name) + 1);
	res = transact(s, m, read_link, &info);
	if (res < 0)
		return refused(s, res, ret_msg, "link %s", name);
	*ret = info;
	return 0;
}

int link_set_up(struct link_sock *s, int ifindex, char **ret_msg)
{
	struct ifinfomsg ifi = {
		.ifi_family = AF_UNSPEC, .ifi_index = ifindex, .ifi_flags = IFF_UP, .ifi_change = IFF_UP,
	};
	_cleanup_msg_ nlmsg *m = new_msg(RTM_NEWLINK, 0, &ifi, sizeof(ifi));
	int res = transact(s, m, NULL, NULL);

	return res < 0 ? refused(s, res, ret_msg, "setting link %d up", ifindex) : 0;
}

void link_no_ipv6_autoconf(struct link_sock *s, int ifindex)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };
	_cleanup_msg_ nlmsg *m = new_msg(RTM_NEWLINK, 0, &ifi, sizeof(ifi));
	uint8_t mode = IN6_ADDR_GEN_MODE_NONE;
	struct nlattr *spec, *inet6;

	spec = nla_nest_start(m, IFLA_AF_SPEC);
	inet6 = nla_nest_start(m, AF_INET6);
	put(m, IFLA_INET6_ADDR_GEN_MODE, &mode, 1);
	nla_nest_end(m, inet6);
	nla_nest_end(m, spec);
	transact(s, m, NULL, NULL);
}

int link_delete(struct link_sock *s, int netnsid, int ifindex, char **ret_msg)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };
	_cleanup_msg_ nlmsg *m = new_msg(RTM_DELLINK, 0, &ifi, sizeof(ifi));
	int res;

	if (netnsid >= 0)
		put_u32(m, IFLA_TARGET_NETNSID, netnsid);
	res = transact(s, m, NULL, NULL);
	return res < 0 ? refused(s, res, ret_msg, "deleting link %d", ifindex) : 0;
}

/* --- addresses ------------------------------------------------------------ */

int link_addr_add(struct link_sock *s, int ifindex, const struct net_addr *a, uint8_t prefix_len, char **ret_msg)
{
	struct ifaddrmsg ifa = {
		.ifa_family = family_of(a), .ifa_prefixlen = prefix_len, .ifa_index = ifindex,
	};
	_cleanup_msg_ nlmsg *m = new_msg(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &ifa, sizeof(ifa));
	char text[INET6_ADDRSTRLEN];
	int res;

	put(m, IFA_LOCAL, a->bytes, a->len);
	put(m, IFA_ADDRESS, a->bytes, a->len);
	if (a->len == 16)
		put_u32(m, IFA_FLAGS, IFA_F_NODAD);
	res = transact(s, m, NULL, NULL);
	if (res == 0 || res == -EEXIST)
		return 0;
	net_addr_format(a, text);
	return refused(s, res, ret_msg, "address %s", text);
}

struct addr_search {
	int ifindex;			/* 0: any link */
	const struct net_addr *addr;
	int found;			/* ifindex of the link that has it */
};

static void match_addr(void *data, struct nlmsghdr *nlh)
{
	struct addr_search *q = data;
	struct ifaddrmsg *ifa = nlmsg_data(nlh);
	struct nlattr *t[IFA_MAX + 1], *a;

	if (nlh->nlmsg_type != RTM_NEWADDR || nlmsg_parse(nlh, sizeof(*ifa), t, IFA_MAX, NULL) < 0)
		return;
	a = t[IFA_LOCAL] ? t[IFA_LOCAL] : t[IFA_ADDRESS];
	if ((!q->ifindex || (int)ifa->ifa_index == q->ifindex) && a && nla_len(a) == q->addr->len &&
	    memcmp(nla_data(a), q->addr->bytes, q->addr->len) == 0)
		q->found = ifa->ifa_index;
}

static int search_addr(struct link_sock *s, struct addr_search *q)
{
	struct ifaddrmsg ifa = { .ifa_family = family_of(q->addr), .ifa_index = q->ifindex };
	_cleanup_msg_ nlmsg *m = new_msg(RTM_GETADDR, NLM_F_DUMP, &ifa, sizeof(ifa));

	return transact(s, m, match_addr, q);
}

int link_addr_has(struct link_sock *s, int ifindex, const struct net_addr *a, char **ret_msg)
{
	struct addr_search q = { .ifindex = ifindex, .addr = a };
	int res = search_addr(s, &q);

	return res < 0 ? refused(s, res, ret_msg, "addresses of link %d", ifindex) : q.found != 0;
}

int link_with_addr(struct link_sock *s, const struct net_addr *a, char **ret_msg)
{
	struct addr_search q = { .addr = a };
	char text[INET6_ADDRSTRLEN];
	int res = search_addr(s, &q);

	if (res < 0)
		return refused(s, res, ret_msg, "reading addresses");
	if (q.found)
		return q.found;
	net_addr_format(a, text);
	if (ret_msg)
		*ret_msg = xasprintf("no device here has the address %s", text);
	return -EADDRNOTAVAIL;
}

/* --- routes --------------------------------------------------------------- */

static nlmsg *route_msg(int type, int flags, const struct net_addr *prefix, uint8_t len, int ifindex)
{
	struct rtmsg r = {
		.rtm_family = family_of(prefix), .rtm_dst_len = len, .rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = type == RTM_NEWROUTE ? RTPROT_STATIC : RTPROT_UNSPEC,
		.rtm_scope = type == RTM_NEWROUTE ? RT_SCOPE_LINK : RT_SCOPE_NOWHERE,
		.rtm_type = type == RTM_NEWROUTE ? RTN_UNICAST : RTN_UNSPEC,
	};
	nlmsg *m = new_msg(type, flags, &r, sizeof(r));

	put(m, RTA_DST, prefix->bytes, prefix->len);
	put_u32(m, RTA_OIF, ifindex);
	return m;
}

int link_route_set(struct link_sock *s, const struct net_addr *prefix, uint8_t len, int ifindex,
		   const struct net_addr *src, char **ret_msg)
{
	_cleanup_msg_ nlmsg *m = route_msg(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, prefix, len, ifindex);
	char text[NET_PREFIX_STRLEN];
	int res;

	if (src)
		put(m, RTA_PREFSRC, src->bytes, src->len);
	res = transact(s, m, NULL, NULL);
	net_prefix_format(prefix, len, text);
	return res < 0 ? refused(s, res, ret_msg, "route %s dev %d", text, ifindex) : 0;
}

struct route_search {
	const struct net_addr *prefix;
	uint8_t len;
	int ifindex;
	bool found;
};

static void match_route(void *data, struct nlmsghdr *nlh)
{
	struct route_search *q = data;
	struct rtmsg *r = nlmsg_data(nlh);
	struct nlattr *t[RTA_MAX + 1], *dst;

	if (nlh->nlmsg_type != RTM_NEWROUTE || nlmsg_parse(nlh, sizeof(*r), t, RTA_MAX, NULL) < 0)
		return;
	dst = t[RTA_DST];
	if (r->rtm_table != RT_TABLE_MAIN || r->rtm_dst_len != q->len || !t[RTA_OIF] ||
	    (int)nla_get_u32(t[RTA_OIF]) != q->ifindex)
		return;
	/* the default route carries no RTA_DST */
	if (q->len == 0 || (dst && nla_len(dst) == q->prefix->len &&
			    memcmp(nla_data(dst), q->prefix->bytes, q->prefix->len) == 0))
		q->found = true;
}

int link_route_has(struct link_sock *s, const struct net_addr *prefix, uint8_t len, int ifindex, char **ret_msg)
{
	struct rtmsg r = { .rtm_family = family_of(prefix) };
	_cleanup_msg_ nlmsg *m = new_msg(RTM_GETROUTE, NLM_F_DUMP, &r, sizeof(r));
	struct route_search q = { .prefix = prefix, .len = len, .ifindex = ifindex };
	int res = transact(s, m, match_route, &q);

	return res < 0 ? refused(s, res, ret_msg, "reading routes") : q.found;
}
