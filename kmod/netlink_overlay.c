// SPDX-License-Identifier: GPL-2.0-only
/*
 * netlink_overlay.c - the overlay, nodes, routes and the generation sweep
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <net/sock.h>
#include "compat.h"
#include "netlink.h"
#include "node.h"
#include "overlay.h"
#include "route.h"
#include "service.h"

#define OBJECT_SIZE	128	/* room for one overlay, node or route */

int keelson_nl_overlay_set(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_overlay cfg = { .vni = 1, .port = htons(8472) };
	struct nlattr **attrs = info->attrs;
	struct keelson_instance *inst;
	int err;

	err = keelson_nl_require(info, KEELSON_A_VTEP, "vtep") ?:
	      keelson_nl_require(info, KEELSON_A_MAC, "mac") ?:
	      keelson_nl_addr(attrs[KEELSON_A_VTEP], &cfg.vtep, info->extack);
	if (err)
		return err;
	nla_memcpy(cfg.mac, attrs[KEELSON_A_MAC], ETH_ALEN);
	if (!is_valid_ether_addr(cfg.mac)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[KEELSON_A_MAC],
				    "not a unicast Ethernet address");
		return -EINVAL;
	}
	if (attrs[KEELSON_A_VNI])
		cfg.vni = nla_get_u32(attrs[KEELSON_A_VNI]);
	if (attrs[KEELSON_A_OVERLAY_PORT])
		cfg.port = nla_get_be16(attrs[KEELSON_A_OVERLAY_PORT]);
	if (attrs[KEELSON_A_UPLINK])
		cfg.uplink = nla_get_u32(attrs[KEELSON_A_UPLINK]);
	if (attrs[KEELSON_A_OVERLAY_FLAGS])
		cfg.flags = nla_get_u32(attrs[KEELSON_A_OVERLAY_FLAGS]);

	rtnl_lock();
	err = keelson_nl_lock(info, &inst);
	if (!err)
		err = keelson_nl_unlock(inst, keelson_overlay_set(inst, &cfg, info->extack));
	rtnl_unlock();
	return err;
}

int keelson_nl_overlay_del(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_instance *inst = keelson_nl_instance(info);
	int err;

	rtnl_lock();
	mutex_lock(&inst->lock);
	err = keelson_nl_unlock(inst, keelson_overlay_del(inst));
	rtnl_unlock();
	if (err)
		NL_SET_ERR_MSG_MOD(info->extack, "this namespace has no overlay");
	return err;
}

static int fill_overlay(struct sk_buff *skb, struct keelson_instance *inst, const void *object)
{
	const struct keelson_overlay *ov = object;

	return nla_put_in_addr(skb, KEELSON_A_VTEP, ov->vtep) ||
	       nla_put(skb, KEELSON_A_MAC, ETH_ALEN, ov->mac) ||
	       nla_put_u32(skb, KEELSON_A_VNI, ov->vni) ||
	       nla_put_be16(skb, KEELSON_A_OVERLAY_PORT, ov->port) ||
	       nla_put_u32(skb, KEELSON_A_UPLINK, ov->uplink) ||
	       nla_put_u32(skb, KEELSON_A_OVERLAY_FLAGS, ov->flags) ||
	       nla_put_u8(skb, KEELSON_A_RX_MODE, keelson_overlay_rx_mode(inst)) ||
	       nla_put_u32(skb, KEELSON_A_MTU, keelson_overlay_mtu(inst)) ? -EMSGSIZE : 0;
}

int keelson_nl_overlay_get(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_instance *inst = keelson_nl_instance(info);
	const struct keelson_overlay *ov;
	int err = -ENOENT;

	rtnl_lock();
	ov = rtnl_dereference(inst->overlay);
	if (ov)
		err = keelson_nl_reply(info, KEELSON_CMD_OVERLAY_GET, OBJECT_SIZE, inst,
				       fill_overlay, ov);
	else
		NL_SET_ERR_MSG_MOD(info->extack, "this namespace has no overlay");
	rtnl_unlock();
	return err;
}

int keelson_nl_overlay_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct keelson_instance *inst = keelson_instance_of(sock_net(skb->sk));
	const struct keelson_overlay *ov;

	if (cb->args[0]++)
		return 0;
	rtnl_lock();
	ov = rtnl_dereference(inst->overlay);
	if (ov)
		keelson_nl_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, NLM_F_MULTI,
			       KEELSON_CMD_OVERLAY_GET, inst, fill_overlay, ov, cb);
	rtnl_unlock();
	return skb->len;
}

int keelson_nl_node_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct keelson_instance *inst;
	__be32 vtep;
	int err;

	err = keelson_nl_require(info, KEELSON_A_VTEP, "vtep") ?:
	      keelson_nl_require(info, KEELSON_A_MAC, "mac") ?:
	      keelson_nl_addr(attrs[KEELSON_A_VTEP], &vtep, info->extack);
	if (err)
		return err;
	if (!is_valid_ether_addr(nla_data(attrs[KEELSON_A_MAC]))) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[KEELSON_A_MAC],
				    "not a unicast Ethernet address");
		return -EINVAL;
	}
	err = keelson_nl_lock(info, &inst);
	if (err)
		return err;
	err = keelson_node_set(inst, vtep, nla_data(attrs[KEELSON_A_MAC]),
			       attrs[KEELSON_A_GENERATION] ?
			       nla_get_u32(attrs[KEELSON_A_GENERATION]) : 0);
	return keelson_nl_unlock(inst, err);
}

/* The node that VTEP names; lock held. */
static struct keelson_node *find_node(struct keelson_instance *inst, struct genl_info *info,
				      int *ret_err)
{
	struct nlattr *attr = info->attrs[KEELSON_A_VTEP];
	struct keelson_node *node;
	__be32 vtep;

	*ret_err = keelson_nl_require(info, KEELSON_A_VTEP, "vtep") ?:
		   keelson_nl_addr(attr, &vtep, info->extack);
	if (*ret_err)
		return NULL;
	node = keelson_node_find(inst, vtep);
	if (!node) {
		NL_SET_ERR_MSG_FMT_MOD(info->extack, "no node has the VTEP %pI4", &vtep);
		NL_SET_BAD_ATTR(info->extack, attr);
		*ret_err = -ENOENT;
	}
	return node;
}

int keelson_nl_node_del(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_instance *inst;
	struct keelson_node *node;
	int err = keelson_nl_lock(info, &inst);

	if (err)
		return err;
	node = find_node(inst, info, &err);
	if (node)
		keelson_node_del(inst, node);
	return keelson_nl_unlock(inst, err);
}

static int fill_node(struct sk_buff *skb, struct keelson_instance *inst, const void *object)
{
	const struct keelson_node *node = object;

	return nla_put_in_addr(skb, KEELSON_A_VTEP, node->vtep) ||
	       nla_put(skb, KEELSON_A_MAC, ETH_ALEN, node->mac) ||
	       nla_put_u32(skb, KEELSON_A_GENERATION, node->generation) ? -EMSGSIZE : 0;
}

int keelson_nl_node_get(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_instance *inst;
	struct keelson_node *node;
	int err = keelson_nl_lock(info, &inst);

	if (err)
		return err;
	node = find_node(inst, info, &err);
	if (node)
		err = keelson_nl_reply(info, KEELSON_CMD_NODE_GET, OBJECT_SIZE, inst, fill_node,
				       node);
	mutex_unlock(&inst->lock);
	return err;
}

int keelson_nl_node_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct keelson_instance *inst = keelson_instance_of(sock_net(skb->sk));
	int ret;

	mutex_lock(&inst->lock);
	ret = keelson_nl_dump_table(skb, cb, inst, inst->nodes, KEELSON_NODE_BITS,
				    offsetof(struct keelson_node, hash), KEELSON_CMD_NODE_GET,
				    fill_node);
	mutex_unlock(&inst->lock);
	return ret;
}

/* PREFIX and PREFIX_LEN, which must agree. */
static int parse_prefix(struct genl_info *info, __be32 *prefix, u8 *len)
{
	struct nlattr *attr = info->attrs[KEELSON_A_PREFIX];
	int err;

	err = keelson_nl_require(info, KEELSON_A_PREFIX, "prefix") ?:
	      keelson_nl_require(info, KEELSON_A_PREFIX_LEN, "prefix-len");
	if (err)
		return err;
	if (nla_len(attr) != sizeof(*prefix)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "a prefix is an IPv4 address (4 bytes)");
		return nla_len(attr) == 16 ? -EAFNOSUPPORT : -EINVAL;
	}
	*prefix = nla_get_in_addr(attr);
	*len = nla_get_u8(info->attrs[KEELSON_A_PREFIX_LEN]);
	if (*len > 32) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[KEELSON_A_PREFIX_LEN],
				    "an IPv4 prefix has at most 32 bits");
		return -EINVAL;
	}
	if (*prefix & ~inet_make_mask(*len)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "the prefix has host bits set");
		return -EINVAL;
	}
	return 0;
}

int keelson_nl_route_set(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_instance *inst;
	struct keelson_node *node;
	__be32 prefix;
	u8 len;
	int err;

	err = parse_prefix(info, &prefix, &len);
	if (err)
		return err;
	err = keelson_nl_lock(info, &inst);
	if (err)
		return err;
	node = find_node(inst, info, &err);
	if (node)
		err = keelson_route_set(inst, prefix, len, node,
					info->attrs[KEELSON_A_GENERATION] ?
					nla_get_u32(info->attrs[KEELSON_A_GENERATION]) : 0);
	return keelson_nl_unlock(inst, err);
}

static struct keelson_route *find_route(struct keelson_instance *inst, struct genl_info *info,
					int *ret_err)
{
	struct keelson_route *r;
	__be32 prefix;
	u8 len;

	*ret_err = parse_prefix(info, &prefix, &len);
	if (*ret_err)
		return NULL;
	r = keelson_route_find(inst, prefix, len);
	if (!r) {
		NL_SET_ERR_MSG_FMT_MOD(info->extack, "no route for %pI4/%u", &prefix, len);
		NL_SET_BAD_ATTR(info->extack, info->attrs[KEELSON_A_PREFIX]);
		*ret_err = -ENOENT;
	}
	return r;
}

int keelson_nl_route_del(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_instance *inst;
	struct keelson_route *r;
	int err = keelson_nl_lock(info, &inst);

	if (err)
		return err;
	r = find_route(inst, info, &err);
	if (r)
		keelson_route_del(inst, r);
	return keelson_nl_unlock(inst, err);
}

static int fill_route(struct sk_buff *skb, struct keelson_instance *inst, const void *object)
{
	const struct keelson_route *r = object;
	const struct keelson_node *node =
		rcu_dereference_protected(r->node, lockdep_is_held(&inst->lock));

	return nla_put_in_addr(skb, KEELSON_A_PREFIX, r->prefix) ||
	       nla_put_u8(skb, KEELSON_A_PREFIX_LEN, r->len) ||
	       nla_put_in_addr(skb, KEELSON_A_VTEP, node->vtep) ||
	       nla_put_u32(skb, KEELSON_A_GENERATION, r->generation) ? -EMSGSIZE : 0;
}

int keelson_nl_route_get(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_instance *inst;
	struct keelson_route *r;
	int err = keelson_nl_lock(info, &inst);

	if (err)
		return err;
	r = find_route(inst, info, &err);
	if (r)
		err = keelson_nl_reply(info, KEELSON_CMD_ROUTE_GET, OBJECT_SIZE, inst,
				       fill_route, r);
	mutex_unlock(&inst->lock);
	return err;
}

int keelson_nl_route_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct keelson_instance *inst = keelson_instance_of(sock_net(skb->sk));
	int ret;

	mutex_lock(&inst->lock);
	ret = keelson_nl_dump_table(skb, cb, inst, inst->routes, KEELSON_ROUTE_BITS,
				    offsetof(struct keelson_route, hash), KEELSON_CMD_ROUTE_GET,
				    fill_route);
	mutex_unlock(&inst->lock);
	return ret;
}

int keelson_nl_sweep(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_instance *inst;
	u32 generation;
	int err;

	err = keelson_nl_require(info, KEELSON_A_KIND, "kind") ?:
	      keelson_nl_require(info, KEELSON_A_GENERATION, "generation");
	if (err)
		return err;
	generation = nla_get_u32(info->attrs[KEELSON_A_GENERATION]);
	err = keelson_nl_lock(info, &inst);
	if (err)
		return err;
	switch (nla_get_u8(info->attrs[KEELSON_A_KIND])) {
	case KEELSON_KIND_NODE:
		keelson_node_sweep(inst, generation);
		break;
	case KEELSON_KIND_ROUTE:
		keelson_route_sweep(inst, generation);
		break;
	case KEELSON_KIND_SERVICE:
		keelson_service_sweep(inst, generation);
		break;
	}
	return keelson_nl_unlock(inst, 0);
}
