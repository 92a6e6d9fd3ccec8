/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log_rotate.h - 0.log, 0.log.1 (the newest before it), 0.log.2 ...
 *
 * The runtime writes on to the file it has open, whatever its name is by then,
 * until it is asked to open path again.
 */
#ifndef KEELSON_AGENT_LOG_ROTATE_H
#define KEELSON_AGENT_LOG_ROTATE_H

#include "base/util.h"

/*
 * Renames path, if it has more than max bytes, so that at most keep files
 * remain with the one to come. 1: the runtime is to open path anew (also when
 * that was left undone earlier); 0: nothing to do; negative errno.
 */
int log_rotate(const char *path, int64_t max, unsigned keep);
/* The runtime did not: path.1 is path again, unless there is one. */
void log_rotate_undo(const char *path);

#endif
