// SPDX-License-Identifier: GPL-2.0-only
/*
 * overlay.c - see overlay.h: configuration, the socket, the uplink
 */
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/udp_tunnel.h>
#include "compat.h"
#include "node.h"
#include "overlay.h"
#include "port.h"

static struct keelson_overlay *overlay_of(struct keelson_instance *inst)
{
	return rcu_dereference_protected(inst->overlay, lockdep_is_held(&inst->lock));
}

/* The device that packets to our VTEP come in by. */
static struct net_device *overlay_uplink(const struct keelson_instance *inst,
					 const struct keelson_overlay *ov)
{
	struct net_device *dev;

	if (!ov)
		return NULL;
	if (ov->uplink)
		dev = __dev_get_by_index(inst->net, ov->uplink);
	else
		dev = __ip_dev_find(inst->net, ov->vtep, false);
	if (dev && (dev->flags & IFF_LOOPBACK))
		return NULL;
	return dev;
}

unsigned int keelson_overlay_mtu(struct keelson_instance *inst)
{
	const struct net_device *dev = overlay_uplink(inst, rtnl_dereference(inst->overlay));

	return dev && dev->mtu > KEELSON_OVERHEAD ? dev->mtu - KEELSON_OVERHEAD : 0;
}

u8 keelson_overlay_rx_mode(struct keelson_instance *inst)
{
	if (inst->rx_dev)
		return KEELSON_RX_HANDLER;
	return inst->rx_sock ? KEELSON_RX_SOCKET : KEELSON_RX_NONE;
}

static void overlay_detach(struct keelson_instance *inst)
{
	if (!inst->rx_dev)
		return;
	netdev_rx_handler_unregister(inst->rx_dev);
	inst->rx_dev = NULL;
}

void keelson_overlay_attach(struct keelson_instance *inst)
{
	const struct keelson_overlay *ov = overlay_of(inst);
	struct net_device *dev = NULL;

	if (ov && !(ov->flags & KEELSON_OVERLAY_F_RX_SOCKET))
		dev = overlay_uplink(inst, ov);
	if (dev == inst->rx_dev)
		return;
	overlay_detach(inst);
	/* Taken by a bridge, bond or the like: then the socket is the way in. */
	if (dev && !netdev_rx_handler_register(dev, keelson_overlay_rx_handler, inst))
		inst->rx_dev = dev;
}

static struct socket *overlay_open_socket(struct keelson_instance *inst, __be16 port,
					  struct netlink_ext_ack *extack)
{
	struct udp_port_cfg ucfg = { .family = AF_INET, .local_udp_port = port };
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = inst,
		.encap_type = 1,
		.encap_rcv = keelson_overlay_rx_socket,
		.gro_receive = keelson_overlay_gro_receive,
		.gro_complete = keelson_overlay_gro_complete,
	};
	struct socket *sock;
	int err;

	err = udp_sock_create(inst->net, &ucfg, &sock);
	if (err) {
		if (err == -EADDRINUSE)
			NL_SET_ERR_MSG_FMT_MOD(extack, "UDP port %u is in use by somebody else",
					       ntohs(port));
		else
			NL_SET_ERR_MSG_FMT_MOD(extack, "UDP port %u cannot be opened (error %d)",
					       ntohs(port), err);
		return ERR_PTR(err);
	}
	setup_udp_tunnel_sock(inst->net, sock, &cfg);
	udp_allow_gso(sock->sk);
	udp_tunnel_notify_add_rx_port(sock, UDP_TUNNEL_TYPE_VXLAN);
	return sock;
}

static void overlay_close_socket(struct socket *sock)
{
	if (!sock)
		return;
	udp_tunnel_notify_del_rx_port(sock, UDP_TUNNEL_TYPE_VXLAN);
	udp_tunnel_sock_release(sock);
}

int keelson_overlay_set(struct keelson_instance *inst, const struct keelson_overlay *cfg,
			struct netlink_ext_ack *extack)
{
	struct keelson_overlay *old = overlay_of(inst), *ov;
	struct socket *sock = inst->rx_sock;

	if (cfg->uplink && !__dev_get_by_index(inst->net, cfg->uplink)) {
		NL_SET_ERR_MSG_FMT_MOD(extack, "no device has the index %u", cfg->uplink);
		return -ENODEV;
	}
	ov = kmemdup(cfg, sizeof(*cfg), GFP_KERNEL);
	if (!ov)
		return -ENOMEM;
	ov->vni_field = vxlan_vni_field(cpu_to_be32(ov->vni));
	if (!old || old->port != ov->port) {
		sock = overlay_open_socket(inst, ov->port, extack);
		if (IS_ERR(sock)) {
			kfree(ov);
			return PTR_ERR(sock);
		}
	}
	rcu_assign_pointer(inst->overlay, ov);
	if (sock != inst->rx_sock)
		overlay_close_socket(inst->rx_sock);
	inst->rx_sock = sock;
	keelson_node_forget_hops(inst, NULL);
	keelson_overlay_attach(inst);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

int keelson_overlay_del(struct keelson_instance *inst)
{
	struct keelson_overlay *old = overlay_of(inst);

	if (!old)
		return -ENOENT;
	RCU_INIT_POINTER(inst->overlay, NULL);
	keelson_overlay_attach(inst);
	overlay_close_socket(inst->rx_sock);
	inst->rx_sock = NULL;
	keelson_node_forget_hops(inst, NULL);
	kfree_rcu(old, rcu);
	return 0;
}

/*
 * A device that goes takes its hops with it: they hold its neighbours. One that
 * comes, or an address that moves, may be the uplink we wait for.
 */
static int overlay_netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct keelson_instance *inst = keelson_instance_of(dev_net(dev));

	if (!keelson_instance_active(inst))
		return NOTIFY_DONE;
	mutex_lock(&inst->lock);
	switch (event) {
	case NETDEV_UNREGISTER:
		if (dev == inst->rx_dev)
			overlay_detach(inst);
		fallthrough;
	case NETDEV_DOWN:
	case NETDEV_CHANGEMTU:
		keelson_node_forget_hops(inst, dev);
		break;
	case NETDEV_UP:
		keelson_overlay_attach(inst);
		break;
	case NETDEV_UDP_TUNNEL_PUSH_INFO:
		if (inst->rx_sock)
			udp_tunnel_push_rx_port(dev, inst->rx_sock, UDP_TUNNEL_TYPE_VXLAN);
		break;
	case NETDEV_UDP_TUNNEL_DROP_INFO:
		if (inst->rx_sock)
			udp_tunnel_drop_rx_port(dev, inst->rx_sock, UDP_TUNNEL_TYPE_VXLAN);
		break;
	}
	mutex_unlock(&inst->lock);
	return NOTIFY_DONE;
}

static int overlay_addr_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	const struct in_ifaddr *ifa = ptr;
	struct keelson_instance *inst = keelson_instance_of(dev_net(ifa->ifa_dev->dev));

	if (!keelson_instance_active(inst))
		return NOTIFY_DONE;
	mutex_lock(&inst->lock);
	keelson_node_forget_hops(inst, NULL);
	keelson_overlay_attach(inst);
	mutex_unlock(&inst->lock);
	return NOTIFY_DONE;
}

static struct notifier_block overlay_netdev_nb = { .notifier_call = overlay_netdev_event };
static struct notifier_block overlay_addr_nb = { .notifier_call = overlay_addr_event };

int keelson_overlay_register(void)
{
	int err = register_netdevice_notifier(&overlay_netdev_nb);

	if (err)
		return err;
	err = register_inetaddr_notifier(&overlay_addr_nb);
	if (err)
		unregister_netdevice_notifier(&overlay_netdev_nb);
	return err;
}

void keelson_overlay_unregister(void)
{
	unregister_inetaddr_notifier(&overlay_addr_nb);
	unregister_netdevice_notifier(&overlay_netdev_nb);
}
