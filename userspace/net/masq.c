// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * masq.c - see masq.h
 *
 * What it loads, in nft(8)'s words:
 *
 *	table ip keelson {
 *		chain postrouting {
 *			type nat hook postrouting priority srcnat;
 *			ip saddr FROM ip daddr != EXCEPT oifname != "keelson0" masquerade fully-random	(for each FROM)
 *		}
 *	}
 *
 * IPv4 only: pods with IPv6 addresses are routed as they are.
 */
#include "net/masq.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <stddef.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include "net/extack.h"
#include "net/host.h"

#define CHAIN "postrouting"
#define BATCH_BYTES 32768	/* holds the most rules of the most matches that masq.h allows */

/* --- the rule ------------------------------------------------------------- */

static struct nftnl_expr *new_expr(const char *name)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);

	if (!e)
		abort();	/* as x*() do */
	return e;
}

static void add_cmp(struct nftnl_rule *r, uint32_t op, const void *data, size_t len)
{
	struct nftnl_expr *e = new_expr("cmp");

	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, len);
	nftnl_rule_add_expr(r, e);
}

/* The IPv4 address at that offset of the header lies in the prefix (or, with NFT_CMP_NEQ, does not). */
static void add_prefix_match(struct nftnl_rule *r, size_t offset, uint32_t op, const struct net_prefix *p)
{
	struct nftnl_expr *e = new_expr("payload");
	uint32_t mask = htonl(p->len ? ~0u << (32 - p->len) : 0), zero = 0;

	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, 4);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_rule_add_expr(r, e);

	e = new_expr("bitwise");
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, 4);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, &mask, 4);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, &zero, 4);
	nftnl_rule_add_expr(r, e);

	add_cmp(r, op, p->addr.bytes, 4);
}

static void add_not_by_host_leg(struct nftnl_rule *r)
{
	struct nftnl_expr *e = new_expr("meta");
	char name[IFNAMSIZ] = HOST_LEG_NAME;

	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, NFT_META_OIFNAME);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
	nftnl_rule_add_expr(r, e);
	add_cmp(r, NFT_CMP_NEQ, name, sizeof(name));
}

static struct nftnl_rule *make_rule(const struct net_prefix *from, const struct net_prefix *except, size_t n_except)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	struct nftnl_expr *e;

	if (!r)
		abort();
	nftnl_rule_set_u32(r, NFTNL_RULE_FAMILY, NFPROTO_IPV4);
	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, MASQ_TABLE);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, CHAIN);
	add_prefix_match(r, offsetof(struct iphdr, saddr), NFT_CMP_EQ, from);
	for (size_t i = 0; i < n_except; i++)
		add_prefix_match(r, offsetof(struct iphdr, daddr), NFT_CMP_NEQ, &except[i]);
	add_not_by_host_leg(r);
	e = new_expr("masq");
	nftnl_expr_set_u32(e, NFTNL_EXPR_MASQ_FLAGS, NF_NAT_RANGE_PROTO_RANDOM_FULLY);
	nftnl_rule_add_expr(r, e);
	return r;
}

/* --- the transaction ------------------------------------------------------ */

struct transaction {
	char bytes[2 * BATCH_BYTES];
	struct mnl_nlmsg_batch *batch;
	uint32_t seq;
};

static void transaction_begin(struct transaction *t)
{
	t->batch = mnl_nlmsg_batch_start(t->bytes, BATCH_BYTES);
	if (!t->batch)
		abort();
	nftnl_batch_begin(mnl_nlmsg_batch_current(t->batch), ++t->seq);
	mnl_nlmsg_batch_next(t->batch);
}

static struct nlmsghdr *add_message(struct transaction *t, uint16_t type, uint16_t flags)
{
	return nftnl_nlmsg_build_hdr(mnl_nlmsg_batch_current(t->batch), type, NFPROTO_IPV4, flags, ++t->seq);
}

static void add_table_message(struct transaction *t, uint16_t type, uint16_t flags)
{
	struct nftnl_table *table = nftnl_table_alloc();

	if (!table)
		abort();
	nftnl_table_set_u32(table, NFTNL_TABLE_FAMILY, NFPROTO_IPV4);
	nftnl_table_set_str(table, NFTNL_TABLE_NAME, MASQ_TABLE);
	nftnl_table_nlmsg_build_payload(add_message(t, type, flags), table);
	mnl_nlmsg_batch_next(t->batch);
	nftnl_table_free(table);
}

static void add_chain_message(struct transaction *t)
{
	struct nftnl_chain *c = nftnl_chain_alloc();

	if (!c)
		abort();
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, MASQ_TABLE);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, CHAIN);
	nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, "nat");
	nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, NF_INET_POST_ROUTING);
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, NF_IP_PRI_NAT_SRC);
	nftnl_chain_nlmsg_build_payload(add_message(t, NFT_MSG_NEWCHAIN, NLM_F_CREATE), c);
	mnl_nlmsg_batch_next(t->batch);
	nftnl_chain_free(c);
}

static void add_rule_message(struct transaction *t, struct nftnl_rule *r)
{
	nftnl_rule_nlmsg_build_payload(add_message(t, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND), r);
	mnl_nlmsg_batch_next(t->batch);
	nftnl_rule_free(r);
}

/*
 * The kernel works a transaction off inside sendmsg(), so its refusals are
 * queued by now and silence means it was taken. The first refusal, or 0.
 */
static int hear(struct mnl_socket *sock, char **ret_msg)
{
	char answer[8192];
	struct extack x;

	for (;;) {
		ssize_t got = recv(mnl_socket_get_fd(sock), answer, sizeof(answer), MSG_DONTWAIT);
		int rest = got, err;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? 0 : -errno;
		for (const struct nlmsghdr *nlh = (void *)answer; mnl_nlmsg_ok(nlh, rest);
		     nlh = mnl_nlmsg_next(nlh, &rest)) {
			if (nlh->nlmsg_type != NLMSG_ERROR)
				continue;
			err = ((const struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->error;
			extack_parse(nlh, &x);
			if (err && x.text)
				*ret_msg = xasprintf("nf_tables table %s: %s", MASQ_TABLE, x.text);
			if (err)
				return err;
		}
	}
}

/* Ends and sends the transaction. */
static int transaction_commit(struct transaction *t, char **ret_msg)
{
	struct mnl_socket *sock = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	char *why = NULL;
	int one = 1, res = 0;

	nftnl_batch_end(mnl_nlmsg_batch_current(t->batch), ++t->seq);
	mnl_nlmsg_batch_next(t->batch);
	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0)
		res = -errno;
	if (res == 0) {
		mnl_socket_setsockopt(sock, NETLINK_EXT_ACK, &one, sizeof(one));
		if (mnl_socket_sendto(sock, mnl_nlmsg_batch_head(t->batch), mnl_nlmsg_batch_size(t->batch)) < 0)
			res = -errno;
	}
	if (res == 0)
		res = hear(sock, &why);
	mnl_nlmsg_batch_stop(t->batch);
	if (sock)
		mnl_socket_close(sock);
	if (res < 0 && ret_msg)
		*ret_msg = why ? TAKE_PTR(why) :
				 xasprintf("nf_tables table %s: %s", MASQ_TABLE, strerror(-res));
	free(why);
	return res;
}

int masq_set(const struct net_prefix *from, size_t n_from, const struct net_prefix *except, size_t n_except,
	     char **ret_msg)
{
	struct transaction t = { 0 };

	transaction_begin(&t);
	/* Added so that it can be deleted whether or not it was there; the kernel shows none of this before the end. */
	add_table_message(&t, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	add_table_message(&t, NFT_MSG_DELTABLE, 0);
	add_table_message(&t, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	add_chain_message(&t);
	for (size_t i = 0; i < n_from; i++)
		if (from[i].addr.len == 4)
			add_rule_message(&t, make_rule(&from[i], except, n_except));
	return transaction_commit(&t, ret_msg);
}

int masq_remove(char **ret_msg)
{
	struct transaction t = { 0 };

	transaction_begin(&t);
	add_table_message(&t, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	add_table_message(&t, NFT_MSG_DELTABLE, 0);
	return transaction_commit(&t, ret_msg);
}
