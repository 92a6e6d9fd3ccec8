/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cri_log.h - container logs as the runtime writes them; pure but for the tail
 *
 * A line is "TIME STREAM TAG TEXT": TIME is RFC 3339 with nanoseconds, STREAM
 * stdout or stderr, TAG F for a whole line or P for a piece of one.
 */
#ifndef KEELSON_AGENT_CRI_LOG_H
#define KEELSON_AGENT_CRI_LOG_H

#include "base/util.h"

struct log_options {
	bool timestamps;	/* keep TIME in front of each line */
	bool no_stdout, no_stderr;
	uint64_t since_us;	/* 0: all; lines before are left out */
	int64_t limit;		/* bytes of output; -1: no limit */
};

struct log_format {
	struct log_options o;
	struct buf carry;	/* an unfinished line of the file */
	bool middle;		/* the last piece was a P: the next belongs to the same line */
	bool full;		/* the limit is reached */
};
/* Adds to out what bytes of the file say to a reader; they may end anywhere. Lines of another format are passed as they are. */
void log_format_feed(struct log_format *f, const char *p, size_t len, struct buf *out);
void log_format_clear(struct log_format *f);

/* Where the last n lines of a file begin; negative errno. */
int64_t log_tail_offset(int fd, int64_t n);

#endif
