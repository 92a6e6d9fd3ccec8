// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - keelson.ko: the pod network datapath
 *
 * How it works: docs/datapath.md. What userspace says to it:
 * include/uapi/linux/keelson.h.
 */
#include <linux/module.h>
#include <net/rtnetlink.h>
#include <linux/keelson.h>
#include "flow.h"
#include "instance.h"
#include "netlink.h"
#include "overlay.h"
#include "port.h"

/* Each step needs those before it; they are undone from the last. */
static int __init keelson_init(void)
{
	int err;

	err = keelson_flow_register();
	if (err)
		return err;
	err = keelson_instance_register();
	if (err)
		goto flow;
	err = keelson_overlay_register();
	if (err)
		goto instance;
	err = keelson_port_register();
	if (err)
		goto overlay;
	err = keelson_netlink_register();
	if (err)
		goto port;
	return 0;
port:
	keelson_port_unregister();
overlay:
	keelson_overlay_unregister();
instance:
	keelson_instance_unregister();
flow:
	keelson_flow_unregister();
	return err;
}

static void __exit keelson_exit(void)
{
	keelson_netlink_unregister();
	keelson_port_unregister();
	keelson_overlay_unregister();
	keelson_instance_unregister();
	keelson_flow_unregister();
}

module_init(keelson_init);
module_exit(keelson_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Keelson: pod ports, VXLAN overlay and service addresses");
MODULE_AUTHOR("The Keelson authors");
MODULE_VERSION("0.1.0");
MODULE_ALIAS_RTNL_LINK(KEELSON_LINK_KIND);
MODULE_ALIAS_GENL_FAMILY(KEELSON_GENL_NAME);
