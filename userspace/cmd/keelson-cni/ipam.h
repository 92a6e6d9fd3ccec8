/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipam.h - which address a new pod gets
 *
 * The kernel's port table is the truth about what is in use: an address is
 * free again when its port is gone, whoever crashed. A file per subnet is the
 * lock between plugins that run at the same time, and remembers the last
 * address given, so that a fresh one is not that of a pod just deleted.
 */
#ifndef KEELSON_CNI_IPAM_H
#define KEELSON_CNI_IPAM_H

#include "net/addr.h"

/* Locked until the descriptor is closed. *ret_last: offset in the subnet, 0 when there is none yet. */
int ipam_lock(const char *dir, const struct net_prefix *subnet, int *ret_fd, uint32_t *ret_last, char **ret_msg);
int ipam_remember(int fd, uint32_t last);

/*
 * Pure: the offset in the subnet of the first free address after last, round
 * and round; never the network, the gateway or the broadcast address. used
 * holds offsets in any order and is sorted. -ENOSPC when all are taken.
 */
int ipam_choose(const struct net_prefix *subnet, uint32_t gateway, uint32_t *used, size_t n_used, uint32_t last,
		uint32_t *ret);

#endif
