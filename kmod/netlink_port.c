// SPDX-License-Identifier: GPL-2.0-only
/*
 * netlink_port.c - ports' endpoints, and the instance's counters
 */
#include <net/sock.h>
#include "address.h"
#include "compat.h"
#include "netlink.h"
#include "port.h"

#define PORT_SIZE	(128 + KEELSON_MAX_PORT_ADDRS * 8)

static struct keelson_port *find_port(struct keelson_instance *inst, struct genl_info *info,
				      int *ret_err)
{
	struct keelson_port *port;
	u32 id;

	*ret_err = keelson_nl_require(info, KEELSON_A_PORT_ID, "port-id");
	if (*ret_err)
		return NULL;
	id = nla_get_u32(info->attrs[KEELSON_A_PORT_ID]);
	port = keelson_port_find(inst, id);
	if (!port) {
		NL_SET_ERR_MSG_FMT_MOD(info->extack, "no port has the id %u", id);
		NL_SET_BAD_ATTR(info->extack, info->attrs[KEELSON_A_PORT_ID]);
		*ret_err = -ENODEV;
	}
	return port;
}

int keelson_nl_port_set(struct sk_buff *skb, struct genl_info *info)
{
	__be32 addrs[KEELSON_MAX_PORT_ADDRS];
	const struct nlattr *attr;
	struct keelson_instance *inst;
	struct keelson_port *port;
	unsigned int n = 0;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != KEELSON_A_ADDR)
			continue;
		if (n == KEELSON_MAX_PORT_ADDRS) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr, "too many endpoints for one port");
			return -E2BIG;
		}
		err = keelson_nl_addr(attr, &addrs[n++], info->extack);
		if (err)
			return err;
	}
	err = keelson_nl_lock(info, &inst);
	if (err)
		return err;
	port = find_port(inst, info, &err);
	if (port)
		err = keelson_addr_set_endpoints(inst, port, addrs, n, info->extack);
	return keelson_nl_unlock(inst, err);
}

static int fill_port(struct sk_buff *skb, struct keelson_instance *inst, const void *object)
{
	const struct keelson_port *port = object;
	const struct keelson_addr *a;
	int err;

	err = nla_put_u32(skb, KEELSON_A_PORT_ID, port->id) ?:
	      nla_put_u32(skb, KEELSON_A_IFINDEX, READ_ONCE(port->dev->ifindex)) ?:
	      nla_put_string(skb, KEELSON_A_IFNAME, port->dev->name) ?:
	      nla_put_u8(skb, KEELSON_A_LINK_MODE, port->mode);
	rcu_read_lock();
	if (!err && !net_eq(dev_net(port->dev), inst->net))
		err = nla_put_s32(skb, KEELSON_A_NETNSID,
				  peernet2id_alloc(inst->net, dev_net(port->dev), GFP_ATOMIC));
	rcu_read_unlock();
	list_for_each_entry(a, &port->addrs, list)
		err = err ?: nla_put_in_addr(skb, KEELSON_A_ADDR, a->addr);
	return err;
}

int keelson_nl_port_get(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_instance *inst;
	struct keelson_port *port;
	int err = keelson_nl_lock(info, &inst);

	if (err)
		return err;
	port = find_port(inst, info, &err);
	if (port)
		err = keelson_nl_reply(info, KEELSON_CMD_PORT_GET, PORT_SIZE, inst, fill_port,
				       port);
	mutex_unlock(&inst->lock);
	return err;
}

int keelson_nl_port_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct keelson_instance *inst = keelson_instance_of(sock_net(skb->sk));
	struct keelson_port *port;

	mutex_lock(&inst->lock);
	cb->seq = inst->seq + 1;
	/* Ids only grow, and the list is in their order. */
	list_for_each_entry(port, &inst->ports, list) {
		if (port->id <= cb->args[0])
			continue;
		if (keelson_nl_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				   NLM_F_MULTI, KEELSON_CMD_PORT_GET, inst, fill_port, port, cb))
			break;
		cb->args[0] = port->id;
	}
	mutex_unlock(&inst->lock);
	return skb->len;
}

static int fill_stats(struct sk_buff *skb, struct keelson_instance *inst, const void *object)
{
	struct nlattr *nest = nla_nest_start(skb, KEELSON_A_STATS);
	int i, cpu;

	if (!nest)
		return -EMSGSIZE;
	for (i = 1; i <= KEELSON_STAT_MAX; i++) {
		u64 sum = 0;

		if (keelson_instance_active(inst))
			for_each_possible_cpu(cpu)
				sum += READ_ONCE(per_cpu_ptr(inst->pcpu, cpu)->stat[i]);
		/* Type 0 is no counter, so it can pad. */
		if (nla_put_u64_64bit(skb, i, sum, KEELSON_STAT_UNSPEC))
			return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

int keelson_nl_stats_get(struct sk_buff *skb, struct genl_info *info)
{
	return keelson_nl_reply(info, KEELSON_CMD_STATS_GET, 64 + KEELSON_STAT_MAX * 16,
				keelson_nl_instance(info), fill_stats, NULL);
}

int keelson_nl_stats_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct keelson_instance *inst = keelson_instance_of(sock_net(skb->sk));

	if (cb->args[0]++)
		return 0;
	keelson_nl_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, NLM_F_MULTI,
		       KEELSON_CMD_STATS_GET, inst, fill_stats, NULL, cb);
	return skb->len;
}
