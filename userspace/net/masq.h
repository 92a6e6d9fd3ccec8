/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * masq.h - pods going outside take the node's address (nf_tables, libnftnl)
 *
 * Table "keelson", family ip, in the caller's network namespace. Nobody else's
 * table is touched.
 */
#ifndef KEELSON_NET_MASQ_H
#define KEELSON_NET_MASQ_H

#include "net/addr.h"

#define MASQ_TABLE "keelson"

/*
 * Packets from one of `from` to none of `except`, leaving by another device than
 * keelson0, are masqueraded; what is not IPv4 is passed over. Replaces what the
 * table held, in one transaction.
 */
#define MASQ_MAX_FROM 4
#define MASQ_MAX_EXCEPT 32
int masq_set(const struct net_prefix *from, size_t n_from, const struct net_prefix *except, size_t n_except,
	     char **ret_msg);
/* The table's being absent is no error. */
int masq_remove(char **ret_msg);

#endif
