/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netns.h - network namespaces, by name, path or process
 */
#ifndef KEELSON_NET_NETNS_H
#define KEELSON_NET_NETNS_H

#include "base/util.h"

/*
 * spec: a name below /run/netns, a path ("/proc/12/ns/net"), or "pid:12".
 * -EINVAL when the file is no network namespace. The caller closes *ret_fd.
 */
int netns_open(const char *spec, int *ret_fd, char **ret_msg);
/* Moves the calling thread; -EINVAL when fd is no network namespace. */
int netns_enter(int fd);
/* The calling thread's own. */
int netns_own(int *ret_fd);

#endif
