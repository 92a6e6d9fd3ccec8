// SPDX-License-Identifier: GPL-2.0-only
/*
 * port.c - see port.h
 */
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>
#include <net/ip_tunnels.h>
#include <net/rtnetlink.h>
#include "address.h"
#include "compat.h"
#include "flow.h"
#include "forward.h"
#include "node.h"
#include "overlay.h"
#include "port.h"

/*
 * TCP and UDP super-packets pass whole. A pod's own tunnels do not: ours would
 * be the second encapsulation, which no skb can describe, so the core cuts them
 * and fills in their checksums before they come here.
 */
#define PORT_FEATURES	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_RXCSUM | \
			 NETIF_F_HIGHDMA | NETIF_F_ALL_TSO | NETIF_F_GSO_UDP_L4)

static netdev_tx_t port_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct keelson_port *port = netdev_priv(dev);

	dev_sw_netstats_tx_add(dev, 1, skb->len);
	rcu_read_lock();
	keelson_forward(port->inst, port, skb);
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

static int port_init(struct net_device *dev)
{
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

/* No packet can come from this device any more; others may still be sending to it. */
static void port_uninit(struct net_device *dev)
{
	struct keelson_port *port = netdev_priv(dev);
	struct keelson_instance *inst = port->inst;
	struct keelson_flow_table *flows;

	mutex_lock(&inst->lock);
	if (!list_empty(&port->list)) {
		keelson_addr_del_endpoints(inst, port);
		list_del_init(&port->list);
		if (rcu_access_pointer(inst->host) == port)
			RCU_INIT_POINTER(inst->host, NULL);
		flows = rcu_dereference_protected(inst->flows, lockdep_is_held(&inst->lock));
		if (flows && atomic_read(&port->flows))
			keelson_flow_flush(flows, &(struct keelson_flow_filter){ .port = port });
		inst->seq++;
	}
	mutex_unlock(&inst->lock);
}

static void port_free(struct net_device *dev)
{
	free_percpu(dev->tstats);
}

/*
 * What comes out of the host leg and is for nobody is routed back into it, once.
 * That is no reason to tell a pod of a better way.
 */
static int port_open(struct net_device *dev)
{
	const struct keelson_port *port = netdev_priv(dev);
	struct in_device *in_dev = __in_dev_get_rtnl(dev);

	if (in_dev && keelson_port_is_host(port)) {
		IN_DEV_CONF_SET(in_dev, SEND_REDIRECTS, false);
		IPV4_DEVCONF_ALL(dev_net(dev), SEND_REDIRECTS) = false;
	}
	return 0;
}

/* A pod's eth0 hangs below the host leg, as a veth does on its peer. */
static int port_get_iflink(const struct net_device *dev)
{
	const struct keelson_port *port = netdev_priv(dev), *host;
	int ifindex = 0;

	if (keelson_port_is_host(port))
		return READ_ONCE(dev->ifindex);
	rcu_read_lock();
	host = rcu_dereference(port->inst->host);
	if (host)
		ifindex = READ_ONCE(host->dev->ifindex);
	rcu_read_unlock();
	return ifindex;
}

static const struct net_device_ops port_netdev_ops = {
	.ndo_init		= port_init,
	.ndo_uninit		= port_uninit,
	.ndo_open		= port_open,
	.ndo_start_xmit		= port_xmit,
	.ndo_get_stats64	= dev_get_tstats64,
	.ndo_get_iflink		= port_get_iflink,
	.ndo_features_check	= passthru_features_check,
};

static void port_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KEELSON_LINK_KIND, sizeof(info->driver));
}

static const struct ethtool_ops port_ethtool_ops = {
	.get_drvinfo		= port_get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_ts_info		= ethtool_op_get_ts_info,
};

static const struct device_type port_device_type = { .name = KEELSON_LINK_KIND };

static void port_setup(struct net_device *dev)
{
	dev->netdev_ops = &port_netdev_ops;
	dev->ethtool_ops = &port_ethtool_ops;
	dev->header_ops = &ip_tunnel_header_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = port_free;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->hard_header_len = 0;
	dev->addr_len = 0;
	dev->needed_headroom = KEELSON_HEADROOM;
	dev->mtu = ETH_DATA_LEN;
	dev->min_mtu = 68;
	dev->max_mtu = IP_MAX_MTU - KEELSON_OVERHEAD;
	dev->features |= PORT_FEATURES;
	dev->hw_features |= PORT_FEATURES;
	dev->vlan_features |= PORT_FEATURES;
	keelson_dev_set_lltx(dev);
	netif_set_tso_max_size(dev, GSO_MAX_SIZE);
	SET_NETDEV_DEVTYPE(dev, &port_device_type);
}

static const struct nla_policy port_policy[IFLA_KEELSON_MAX + 1] = {
	[IFLA_KEELSON_MODE]	= NLA_POLICY_MAX(NLA_U8, KEELSON_LINK_HOST),
	[IFLA_KEELSON_ADDR]	= { .type = NLA_BINARY, .len = 16 },
	[IFLA_KEELSON_PORT_ID]	= { .type = NLA_REJECT },
};

/* The repeated IFLA_KEELSON_ADDR of a new link; the attribute array has only the last. */
static int port_parse_addrs(struct nlattr *tb[], struct nlattr *data[], __be32 *addrs,
			    struct netlink_ext_ack *extack)
{
	const struct nlattr *a;
	int rem, n = 0;

	if (!data || !data[IFLA_KEELSON_ADDR])
		return 0;
	nla_for_each_nested(a, tb[IFLA_LINKINFO], rem) {
		const struct nlattr *b;
		int brem;

		if (nla_type(a) != IFLA_INFO_DATA)
			continue;
		nla_for_each_nested(b, a, brem) {
			if (nla_type(b) != IFLA_KEELSON_ADDR)
				continue;
			if (nla_len(b) != sizeof(__be32)) {
				NL_SET_ERR_MSG_ATTR(extack, b, "an endpoint is an IPv4 address (4 bytes)");
				return nla_len(b) == 16 ? -EAFNOSUPPORT : -EINVAL;
			}
			if (n == KEELSON_MAX_PORT_ADDRS) {
				NL_SET_ERR_MSG_ATTR(extack, b, "too many endpoints for one port");
				return -E2BIG;
			}
			addrs[n] = nla_get_in_addr(b);
			if (!keelson_addr_is_unicast(addrs[n])) {
				NL_SET_ERR_MSG_ATTR(extack, b, "an endpoint must be a unicast address");
				return -EINVAL;
			}
			n++;
		}
	}
	return n;
}

static int port_newlink(struct net *src_net, struct net_device *dev, struct nlattr *tb[],
			struct nlattr *data[], struct netlink_ext_ack *extack)
{
	struct keelson_instance *inst = keelson_instance_of(src_net);
	struct keelson_port *port = netdev_priv(dev);
	__be32 addrs[KEELSON_MAX_PORT_ADDRS];
	int n, err;
	u32 mtu;

	port->inst = inst;
	port->dev = dev;
	INIT_LIST_HEAD(&port->addrs);
	INIT_LIST_HEAD(&port->list);
	if (data && data[IFLA_KEELSON_MODE])
		port->mode = nla_get_u8(data[IFLA_KEELSON_MODE]);
	n = port_parse_addrs(tb, data, addrs, extack);
	if (n < 0)
		return n;

	mutex_lock(&inst->lock);
	err = keelson_instance_activate(inst);
	if (err)
		goto unlock;
	if (keelson_port_is_host(port) && rcu_access_pointer(inst->host)) {
		NL_SET_ERR_MSG_FMT_MOD(extack, "this namespace has its host leg already: %s",
				       rtnl_dereference(inst->host)->dev->name);
		err = -EEXIST;
		goto unlock;
	}
	mtu = keelson_overlay_mtu(inst);
	if (!tb[IFLA_MTU] && mtu)
		dev->mtu = mtu;
	port->id = inst->last_port_id + 1 ?: 1;
	err = keelson_addr_set_endpoints(inst, port, addrs, n, extack);
	if (err)
		goto unlock;
	/* register_netdevice() may come to port_uninit(), which takes the lock. */
	mutex_unlock(&inst->lock);
	err = register_netdevice(dev);
	mutex_lock(&inst->lock);
	if (err) {
		keelson_addr_del_endpoints(inst, port);
		mutex_unlock(&inst->lock);
		/* The caller frees the device now; a packet may have found it. */
		synchronize_net();
		return err;
	}
	inst->last_port_id = port->id;
	list_add_tail(&port->list, &inst->ports);
	if (keelson_port_is_host(port))
		rcu_assign_pointer(inst->host, port);
	inst->seq++;
unlock:
	mutex_unlock(&inst->lock);
	return err;
}

static void port_dellink(struct net_device *dev, struct list_head *head)
{
	unregister_netdevice_queue(dev, head);
}

static size_t port_get_size(const struct net_device *dev)
{
	return nla_total_size(sizeof(u8)) + nla_total_size(sizeof(u32)) +
	       KEELSON_MAX_PORT_ADDRS * nla_total_size(sizeof(__be32));
}

static int port_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	struct keelson_port *port = netdev_priv(dev);
	const struct keelson_addr *a;
	int err;

	if (nla_put_u8(skb, IFLA_KEELSON_MODE, port->mode) ||
	    nla_put_u32(skb, IFLA_KEELSON_PORT_ID, port->id))
		return -EMSGSIZE;
	err = 0;
	mutex_lock(&port->inst->lock);
	list_for_each_entry(a, &port->addrs, list)
		err = err ?: nla_put_in_addr(skb, IFLA_KEELSON_ADDR, a->addr);
	mutex_unlock(&port->inst->lock);
	return err;
}

static struct net *port_get_link_net(const struct net_device *dev)
{
	const struct keelson_port *port = netdev_priv(dev);

	return port->inst->net;
}

static struct rtnl_link_ops port_link_ops __read_mostly = {
	.kind		= KEELSON_LINK_KIND,
	.priv_size	= sizeof(struct keelson_port),
	.setup		= port_setup,
	.maxtype	= IFLA_KEELSON_MAX,
	.policy		= port_policy,
	.newlink	= port_newlink,
	.dellink	= port_dellink,
	.get_size	= port_get_size,
	.fill_info	= port_fill_info,
	.get_link_net	= port_get_link_net,
};

struct keelson_port *keelson_port_find(struct keelson_instance *inst, u32 id)
{
	struct keelson_port *port;

	list_for_each_entry(port, &inst->ports, list)
		if (port->id == id)
			return port;
	return NULL;
}

void keelson_port_destroy_all(struct keelson_instance *inst, struct list_head *kill)
{
	struct keelson_port *port;

	list_for_each_entry(port, &inst->ports, list)
		unregister_netdevice_queue(port->dev, kill);
}

int keelson_port_register(void)
{
	return rtnl_link_register(&port_link_ops);
}

void keelson_port_unregister(void)
{
	rtnl_link_unregister(&port_link_ops);
}
