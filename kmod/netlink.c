// SPDX-License-Identifier: GPL-2.0-only
/*
 * netlink.c - see netlink.h
 */
#include <linux/inetdevice.h>
#include "address.h"
#include "compat.h"
#include "netlink.h"

#define ADDR_POLICY	{ .type = NLA_BINARY, .len = 16 }

static struct netlink_range_validation range_vni = { .max = 0xffffff };
static struct netlink_range_validation range_port = { .min = 1, .max = U16_MAX };

const struct nla_policy keelson_nl_policy_none[KEELSON_A_MAX + 1] = {};

const struct nla_policy keelson_nl_policy_overlay[KEELSON_A_MAX + 1] = {
	[KEELSON_A_VTEP]	  = ADDR_POLICY,
	[KEELSON_A_MAC]		  = NLA_POLICY_EXACT_LEN(ETH_ALEN),
	[KEELSON_A_VNI]		  = NLA_POLICY_FULL_RANGE(NLA_U32, &range_vni),
	[KEELSON_A_OVERLAY_PORT]  = NLA_POLICY_FULL_RANGE(NLA_BE16, &range_port),
	[KEELSON_A_UPLINK]	  = { .type = NLA_U32 },
	[KEELSON_A_OVERLAY_FLAGS] = NLA_POLICY_MASK(NLA_U32, KEELSON_OVERLAY_F_NO_UDP_CSUM |
							     KEELSON_OVERLAY_F_RX_SOCKET),
};

const struct nla_policy keelson_nl_policy_node[KEELSON_A_MAX + 1] = {
	[KEELSON_A_GENERATION]	= { .type = NLA_U32 },
	[KEELSON_A_VTEP]	= ADDR_POLICY,
	[KEELSON_A_MAC]		= NLA_POLICY_EXACT_LEN(ETH_ALEN),
};

const struct nla_policy keelson_nl_policy_node_key[KEELSON_A_MAX + 1] = {
	[KEELSON_A_VTEP]	= ADDR_POLICY,
};

const struct nla_policy keelson_nl_policy_route[KEELSON_A_MAX + 1] = {
	[KEELSON_A_GENERATION]	= { .type = NLA_U32 },
	[KEELSON_A_VTEP]	= ADDR_POLICY,
	[KEELSON_A_PREFIX]	= ADDR_POLICY,
	[KEELSON_A_PREFIX_LEN]	= NLA_POLICY_MAX(NLA_U8, 128),
};

const struct nla_policy keelson_nl_policy_route_key[KEELSON_A_MAX + 1] = {
	[KEELSON_A_PREFIX]	= ADDR_POLICY,
	[KEELSON_A_PREFIX_LEN]	= NLA_POLICY_MAX(NLA_U8, 128),
};

const struct nla_policy keelson_nl_policy_port[KEELSON_A_MAX + 1] = {
	[KEELSON_A_PORT_ID]	= NLA_POLICY_MIN(NLA_U32, 1),
	[KEELSON_A_ADDR]	= ADDR_POLICY,
};

const struct nla_policy keelson_nl_policy_port_key[KEELSON_A_MAX + 1] = {
	[KEELSON_A_PORT_ID]	= NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy backend_policy[KEELSON_BACKEND_A_MAX + 1] = {
	[KEELSON_BACKEND_A_ADDR]  = ADDR_POLICY,
	[KEELSON_BACKEND_A_PORT]  = NLA_POLICY_FULL_RANGE(NLA_BE16, &range_port),
	[KEELSON_BACKEND_A_STATE] = NLA_POLICY_MAX(NLA_U8, KEELSON_BACKEND_DRAINING),
};

const struct nla_policy keelson_nl_policy_service[KEELSON_A_MAX + 1] = {
	[KEELSON_A_GENERATION]	  = { .type = NLA_U32 },
	[KEELSON_A_ADDR]	  = ADDR_POLICY,
	[KEELSON_A_PORT]	  = NLA_POLICY_FULL_RANGE(NLA_BE16, &range_port),
	[KEELSON_A_PROTO]	  = { .type = NLA_U8 },
	[KEELSON_A_SERVICE_FLAGS] = NLA_POLICY_MAX(NLA_U32, KEELSON_SERVICE_F_NONE),
	[KEELSON_A_BACKEND]	  = NLA_POLICY_NESTED(backend_policy),
};

const struct nla_policy keelson_nl_policy_service_key[KEELSON_A_MAX + 1] = {
	[KEELSON_A_ADDR]	= ADDR_POLICY,
	[KEELSON_A_PORT]	= NLA_POLICY_FULL_RANGE(NLA_BE16, &range_port),
	[KEELSON_A_PROTO]	= { .type = NLA_U8 },
};

const struct nla_policy keelson_nl_policy_flush[KEELSON_A_MAX + 1] = {
	[KEELSON_A_ADDR]	= ADDR_POLICY,
	[KEELSON_A_PORT]	= NLA_POLICY_FULL_RANGE(NLA_BE16, &range_port),
	[KEELSON_A_PROTO]	= { .type = NLA_U8 },
	[KEELSON_A_BACKEND]	= NLA_POLICY_NESTED(backend_policy),
};

const struct nla_policy keelson_nl_policy_sweep[KEELSON_A_MAX + 1] = {
	[KEELSON_A_GENERATION]	= { .type = NLA_U32 },
	[KEELSON_A_KIND]	= NLA_POLICY_RANGE(NLA_U8, KEELSON_KIND_NODE, KEELSON_KIND_SERVICE),
};

int keelson_nl_require(struct genl_info *info, int attr, const char *name)
{
	if (info->attrs[attr])
		return 0;
	NL_SET_ERR_MSG_FMT_MOD(info->extack, "missing attribute: %s", name);
	NL_SET_ERR_ATTR_MISS(info->extack, NULL, attr);
	return -EINVAL;
}

int keelson_nl_addr(const struct nlattr *attr, __be32 *ret, struct netlink_ext_ack *extack)
{
	__be32 addr;

	if (nla_len(attr) == 16) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "IPv6 addresses are not supported");
		return -EAFNOSUPPORT;
	}
	if (nla_len(attr) != sizeof(addr)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "an address has 4 bytes");
		return -EINVAL;
	}
	addr = nla_get_in_addr(attr);
	if (!keelson_addr_is_unicast(addr)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "not a unicast address");
		return -EINVAL;
	}
	*ret = addr;
	return 0;
}

/* What anybody may ask must not make the tables. */
static bool only_asks(const struct genl_info *info)
{
	switch (info->genlhdr->cmd) {
	case KEELSON_CMD_NODE_GET:
	case KEELSON_CMD_ROUTE_GET:
	case KEELSON_CMD_PORT_GET:
	case KEELSON_CMD_SERVICE_GET:
		return true;
	default:
		return false;
	}
}

int keelson_nl_lock(struct genl_info *info, struct keelson_instance **ret)
{
	struct keelson_instance *inst = keelson_nl_instance(info);
	int err;

	if (only_asks(info) && !keelson_instance_active(inst)) {
		NL_SET_ERR_MSG_MOD(info->extack, "nothing has been set in this namespace");
		return -ENOENT;
	}
	mutex_lock(&inst->lock);
	err = keelson_instance_activate(inst);
	if (err) {
		mutex_unlock(&inst->lock);
		return err;
	}
	*ret = inst;
	return 0;
}

int keelson_nl_unlock(struct keelson_instance *inst, int err)
{
	if (!err)
		inst->seq++;
	mutex_unlock(&inst->lock);
	return err;
}

int keelson_nl_put(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd,
		   struct keelson_instance *inst, keelson_nl_fill_t fill, const void *object,
		   struct netlink_callback *cb)
{
	void *hdr = genlmsg_put(skb, portid, seq, &keelson_genl_family, flags, cmd);

	if (!hdr)
		return -EMSGSIZE;
	if (cb)
		genl_dump_check_consistent(cb, hdr);
	if (fill(skb, inst, object)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int keelson_nl_reply(struct genl_info *info, u8 cmd, size_t size, struct keelson_instance *inst,
		     keelson_nl_fill_t fill, const void *object)
{
	struct sk_buff *skb = genlmsg_new(size, GFP_KERNEL);
	int err;

	if (!skb)
		return -ENOMEM;
	err = keelson_nl_put(skb, info->snd_portid, info->snd_seq, 0, cmd, inst, fill, object,
			     NULL);
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	return genlmsg_reply(skb, info);
}

int keelson_nl_dump_table(struct sk_buff *skb, struct netlink_callback *cb,
			  struct keelson_instance *inst, struct hlist_head *table,
			  unsigned int bits, size_t offset, u8 cmd, keelson_nl_fill_t fill)
{
	unsigned long bucket, i;

	cb->seq = inst->seq + 1;
	for (bucket = cb->args[0]; table && bucket < 1UL << bits; bucket++, cb->args[1] = 0) {
		struct hlist_node *n;

		i = 0;
		hlist_for_each(n, &table[bucket]) {
			if (i++ < cb->args[1])
				continue;
			if (keelson_nl_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
					   NLM_F_MULTI, cmd, inst, fill, (char *)n - offset, cb)) {
				cb->args[0] = bucket;
				return skb->len ?: -EMSGSIZE;
			}
			cb->args[1] = i;
		}
	}
	cb->args[0] = bucket;
	return skb->len;
}

#define OP(_cmd, _policy, _flags, ...) {				\
	.cmd = KEELSON_CMD_##_cmd, .flags = _flags,			\
	.policy = keelson_nl_policy_##_policy, .maxattr = KEELSON_A_MAX, \
	__VA_ARGS__ }
#define WRITE_OP(_cmd, _policy, _doit) OP(_cmd, _policy, GENL_UNS_ADMIN_PERM, .doit = _doit)
#define READ_OP(_cmd, _policy, ...) OP(_cmd, _policy, 0, __VA_ARGS__)

static const struct genl_ops netlink_ops[] = {
	WRITE_OP(OVERLAY_SET, overlay, keelson_nl_overlay_set),
	WRITE_OP(OVERLAY_DEL, none, keelson_nl_overlay_del),
	READ_OP(OVERLAY_GET, none,
		.doit = keelson_nl_overlay_get, .dumpit = keelson_nl_overlay_dump),
	WRITE_OP(NODE_SET, node, keelson_nl_node_set),
	WRITE_OP(NODE_DEL, node_key, keelson_nl_node_del),
	READ_OP(NODE_GET, node_key, .doit = keelson_nl_node_get, .dumpit = keelson_nl_node_dump),
	WRITE_OP(ROUTE_SET, route, keelson_nl_route_set),
	WRITE_OP(ROUTE_DEL, route_key, keelson_nl_route_del),
	READ_OP(ROUTE_GET, route_key,
		.doit = keelson_nl_route_get, .dumpit = keelson_nl_route_dump),
	WRITE_OP(PORT_SET, port, keelson_nl_port_set),
	READ_OP(PORT_GET, port_key, .doit = keelson_nl_port_get, .dumpit = keelson_nl_port_dump),
	WRITE_OP(SERVICE_SET, service, keelson_nl_service_set),
	WRITE_OP(SERVICE_DEL, service_key, keelson_nl_service_del),
	READ_OP(SERVICE_GET, service_key, .doit = keelson_nl_service_get,
		.start = keelson_nl_service_dump_start, .dumpit = keelson_nl_service_dump),
	OP(FLOW_GET, none, GENL_UNS_ADMIN_PERM, .dumpit = keelson_nl_flow_dump),
	WRITE_OP(FLOW_FLUSH, flush, keelson_nl_flow_flush),
	WRITE_OP(SWEEP, sweep, keelson_nl_sweep),
	READ_OP(STATS_GET, none, .doit = keelson_nl_stats_get, .dumpit = keelson_nl_stats_dump),
};

struct genl_family keelson_genl_family __ro_after_init = {
	.name		= KEELSON_GENL_NAME,
	.version	= KEELSON_GENL_VERSION,
	.maxattr	= KEELSON_A_MAX,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.ops		= netlink_ops,
	.n_ops		= ARRAY_SIZE(netlink_ops),
	.resv_start_op	= KEELSON_CMD_UNSPEC + 1,
};

int __init keelson_netlink_register(void)
{
	return genl_register_family(&keelson_genl_family);
}

void keelson_netlink_unregister(void)
{
	genl_unregister_family(&keelson_genl_family);
}
