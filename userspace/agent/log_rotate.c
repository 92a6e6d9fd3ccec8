// SPDX-License-Identifier: GPL-2.0-or-later
/* log_rotate.c - see log_rotate.h */
#include "agent/log_rotate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int log_rotate(const char *path, int64_t max, unsigned keep)
{
	_cleanup_free_ char *first = xasprintf("%s.1", path);
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno != ENOENT)
			return -errno;
		return access(first, F_OK) == 0;
	}
	if (st.st_size <= max)
		return 0;
	for (unsigned i = keep - 1; i > 1; i--) {
		_cleanup_free_ char *from = xasprintf("%s.%u", path, i - 1), *to = xasprintf("%s.%u", path, i);

		if (rename(from, to) < 0 && errno != ENOENT)
			return -errno;
	}
	return rename(path, first) < 0 ? -errno : 1;
}

void log_rotate_undo(const char *path)
{
	_cleanup_free_ char *first = xasprintf("%s.1", path);

	renameat2(AT_FDCWD, first, AT_FDCWD, path, RENAME_NOREPLACE);
}
