// SPDX-License-Identifier: GPL-2.0-or-later
/* netns.c - see netns.h */
#include "net/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

int netns_open(const char *spec, int *ret_fd, char **ret_msg)
{
	_cleanup_free_ char *path = NULL;
	int64_t pid;
	int fd;

	if (startswith(spec, "pid:")) {
		if (parse_i64(spec + 4, 1, INT32_MAX, &pid) < 0) {
			if (ret_msg)
				*ret_msg = xasprintf("network namespace %s: no process number", spec);
			return -EINVAL;
		}
		path = xasprintf("/proc/%lld/ns/net", (long long)pid);
	} else {
		path = spec[0] == '/' ? xstrdup(spec) : xasprintf("/run/netns/%s", spec);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		int err = -errno;

		if (ret_msg)
			*ret_msg = xasprintf("network namespace %s: %s: %s", spec, path, strerror(-err));
		return err;
	}
	/* A leftover mount point of a namespace that is gone is an ordinary empty file. */
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
		close(fd);
		if (ret_msg)
			*ret_msg = xasprintf("network namespace %s: %s is none", spec, path);
		return -EINVAL;
	}
	*ret_fd = fd;
	return 0;
}

int netns_enter(int fd)
{
	return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

int netns_own(int *ret_fd)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

