/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extack.h - what the kernel says beyond an errno (NETLINK_EXT_ACK)
 */
#ifndef KEELSON_NET_EXTACK_H
#define KEELSON_NET_EXTACK_H

#include <linux/netlink.h>
#include "base/util.h"

struct extack {
	const char *text;	/* borrowed from the message, or NULL; without the module's name in front */
	uint32_t offset;	/* of the attribute in the request; 0: none named */
	uint32_t missing;	/* type of the attribute that is absent; 0: none named */
};
/* reply is a whole NLMSG_ERROR or NLMSG_DONE message; pure. */
void extack_parse(const struct nlmsghdr *reply, struct extack *ret);

#endif
