// SPDX-License-Identifier: GPL-2.0-or-later
/* ipam.c - see ipam.h */
#include "cmd/keelson-cni/ipam.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

/* "DIR/cni.10.244.1.0-24.lock" */
static char *lock_path(const char *dir, const struct net_prefix *subnet)
{
	char text[NET_PREFIX_STRLEN];

	net_prefix_format(&subnet->addr, subnet->len, text);
	*strchr(text, '/') = '-';
	return xasprintf("%s/cni.%s.lock", dir, text);
}

int ipam_lock(const char *dir, const struct net_prefix *subnet, int *ret_fd, uint32_t *ret_last, char **ret_msg)
{
	_cleanup_free_ char *path = lock_path(dir, subnet);
	_cleanup_close_ int fd = -1;
	char text[16];
	ssize_t got;
	int64_t last;
	int res;

	res = mkdir_p(dir, 0755);
	if (res < 0) {
		*ret_msg = xasprintf("%s: %s", dir, strerror(-res));
		return res;
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		goto failed;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			goto failed;
	got = pread(fd, text, sizeof(text) - 1, 0);
	if (got < 0)
		goto failed;
	text[got] = '\0';
	text[strcspn(text, "\n")] = '\0';
	*ret_last = parse_i64(text, 0, UINT32_MAX, &last) == 0 ? last : 0;
	*ret_fd = TAKE_FD(fd);
	return 0;
failed:
	res = -errno;
	*ret_msg = xasprintf("%s: %s", path, strerror(-res));
	return res;
}

int ipam_remember(int fd, uint32_t last)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u\n", last);

	/* A torn write costs at most the memory of the last address. */
	return pwrite(fd, text, n, 0) == n && ftruncate(fd, n) == 0 ? 0 : -EIO;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

int ipam_choose(const struct net_prefix *subnet, uint32_t gateway, uint32_t *used, size_t n_used, uint32_t last,
		uint32_t *ret)
{
	unsigned host_bits = subnet->addr.len * 8 - subnet->len;
	uint64_t size = 1ull << (host_bits < 32 ? host_bits : 32);

	if (n_used)
		qsort(used, n_used, sizeof(*used), by_value);
	for (uint64_t i = 1; i <= size; i++) {
		uint32_t at = (last + i) % size;

		if (at == 0 || at == size - 1 || at == gateway)
			continue;
		if (n_used && bsearch(&at, used, n_used, sizeof(*used), by_value))
			continue;
		*ret = at;
		return 0;
	}
	return -ENOSPC;
}
