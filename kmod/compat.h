/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compat.h - what differs between the kernels Keelson is built for
 *
 * The rest of the module is written for mainline; every older or newer way of
 * saying the same thing is here and nowhere else.
 */
#ifndef KEELSON_COMPAT_H
#define KEELSON_COMPAT_H

#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/version.h>
#include <net/dst.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>	/* was part of linux/netdevice.h */
#endif

/* 6.12 made "no transmit lock" a property of the device instead of a feature. */
static inline void keelson_dev_set_lltx(struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/* A dst that lives on the stack; 6.7 dropped the initial reference count. */
static inline void keelson_dst_init(struct dst_entry *dst, struct dst_ops *ops)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	dst_init(dst, ops, NULL, DST_OBSOLETE_NONE, DST_NOCOUNT);
#else
	dst_init(dst, ops, NULL, 1, DST_OBSOLETE_NONE, DST_NOCOUNT);
#endif
}

/*
 * Refusals that name the thing. Before 6.3 an extack only points at a text, so
 * the text goes to one of a few static buffers, in turns: it must live until
 * the answer is built, and a very unlikely reuse can only show another refusal.
 */
#ifndef NL_SET_ERR_MSG_FMT_MOD
#define KEELSON_EXTACK_BUFFERS	16
#define KEELSON_EXTACK_LEN	96
char *keelson_extack_buffer(void);
#define NL_SET_ERR_MSG_FMT_MOD(extack, fmt, args...) do {			\
	struct netlink_ext_ack *__extack = (extack);				\
	char *__text = keelson_extack_buffer();					\
										\
	snprintf(__text, KEELSON_EXTACK_LEN, KBUILD_MODNAME ": " fmt, ##args);	\
	if (__extack)								\
		__extack->_msg = __text;					\
} while (0)
#endif

#endif /* KEELSON_COMPAT_H */
