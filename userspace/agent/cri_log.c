// SPDX-License-Identifier: GPL-2.0-or-later
/* cri_log.c - see cri_log.h */
#include "agent/cri_log.h"

#include <errno.h>
#include <sys/stat.h>

#define BLOCK 8192

/* The word at *p and what is behind it and one blank; false at the end of the line. */
static bool next_word(const char **p, const char *end, const char **word, size_t *len)
{
	const char *blank = memchr(*p, ' ', (size_t)(end - *p));

	if (!blank)
		return false;
	*word = *p;
	*len = (size_t)(blank - *p);
	*p = blank + 1;
	return true;
}

static bool is_word(const char *word, size_t len, const char *s)
{
	return len == strlen(s) && memcmp(word, s, len) == 0;
}

static void put(struct log_format *f, struct buf *out, const char *p, size_t len)
{
	if (f->o.limit >= 0 && (int64_t)len >= f->o.limit) {
		len = (size_t)f->o.limit;
		f->full = true;
	}
	if (f->o.limit >= 0)
		f->o.limit -= (int64_t)len;
	buf_add(out, p, len);
}

static void put_line(struct log_format *f, const char *line, size_t len, struct buf *out)
{
	const char *p = line, *end = line + len, *when, *stream, *tag;
	size_t when_len, stream_len, tag_len;
	bool piece, begins = !f->middle;
	char text[64];
	uint64_t us;

	if (!next_word(&p, end, &when, &when_len) || !next_word(&p, end, &stream, &stream_len) ||
	    when_len >= sizeof(text)) {
		put(f, out, line, len);
		if (!f->full)
			put(f, out, "\n", 1);
		return;
	}
	if (!next_word(&p, end, &tag, &tag_len)) {	/* an empty text may come without its blank */
		tag = p;
		tag_len = (size_t)(end - p);
		p = end;
	}
	memcpy(text, when, when_len);
	text[when_len] = '\0';
	piece = tag_len && *tag == 'P';
	f->middle = piece;
	if ((f->o.no_stdout && is_word(stream, stream_len, "stdout")) ||
	    (f->o.no_stderr && is_word(stream, stream_len, "stderr")))
		return;
	if (f->o.since_us && parse_time(text, &us) == 0 && us < f->o.since_us)
		return;
	if (f->o.timestamps && begins) {
		put(f, out, text, when_len);
		if (!f->full)
			put(f, out, " ", 1);
	}
	if (!f->full)
		put(f, out, p, (size_t)(end - p));
	if (!f->full && !piece)
		put(f, out, "\n", 1);
}

void log_format_feed(struct log_format *f, const char *p, size_t len, struct buf *out)
{
	size_t done = 0;

	buf_add(&f->carry, p, len);
	while (!f->full && done < f->carry.len) {
		const char *line = f->carry.data + done;
		const char *end = memchr(line, '\n', f->carry.len - done);

		if (!end)
			break;
		put_line(f, line, (size_t)(end - line), out);
		done = (size_t)(end + 1 - f->carry.data);
	}
	if (done)
		buf_consume(&f->carry, done);
}

void log_format_clear(struct log_format *f)
{
	buf_free(&f->carry);
}

int64_t log_tail_offset(int fd, int64_t n)
{
	struct stat st;
	char block[BLOCK];
	int64_t at, end;

	if (fstat(fd, &st) < 0)
		return -errno;
	end = st.st_size;
	/* n newlines before the last one, which ends the last line. */
	for (at = end; at > 0;) {
		int64_t from = at > BLOCK ? at - BLOCK : 0;
		ssize_t got = pread(fd, block, (size_t)(at - from), from);

		if (got != at - from)
			return got < 0 ? -errno : -EIO;
		for (ssize_t i = got - 1; i >= 0; i--)
			if (block[i] == '\n' && from + i != end - 1 && --n == 0)
				return from + i + 1;
		if (n <= 0)
			return end;
		at = from;
	}
	return 0;
}
