// SPDX-License-Identifier: GPL-2.0-or-later
/* gzip.c - see gzip.h */
#include "base/gzip.h"

#include <errno.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16)	/* the largest, and gzip's header instead of zlib's */
#define PIECE (16u << 10)

struct gzip {
	z_stream z;
	struct buf out;
};

struct gzip *gzip_new(int level)
{
	struct gzip *g = xnew0(struct gzip);

	if (deflateInit2(&g->z, level, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	return g;
}

static void run(struct gzip *g, const void *data, size_t len, int flush)
{
	unsigned char piece[PIECE];
	int r;

	g->z.next_in = (Bytef *)data;
	g->z.avail_in = len;
	do {
		g->z.next_out = piece;
		g->z.avail_out = sizeof(piece);
		r = deflate(&g->z, flush);
		if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
			abort();
		buf_add(&g->out, piece, sizeof(piece) - g->z.avail_out);
	} while (g->z.avail_out == 0);
}

void gzip_add(struct gzip *g, const void *data, size_t len)
{
	run(g, data, len, Z_NO_FLUSH);
}

void gzip_finish(struct gzip *g, struct buf *out)
{
	run(g, NULL, 0, Z_FINISH);
	buf_add(out, g->out.data, g->out.len);
	gzip_free(g);
}

void gzip_free(struct gzip *g)
{
	if (!g)
		return;
	deflateEnd(&g->z);
	buf_free(&g->out);
	free(g);
}

int gunzip(const void *data, size_t len, size_t max, struct buf *out)
{
	z_stream z = { .next_in = (Bytef *)data, .avail_in = len };
	unsigned char piece[PIECE];
	size_t total = 0;
	int r, err = 0;

	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		abort();
	do {
		z.next_out = piece;
		z.avail_out = sizeof(piece);
		r = inflate(&z, Z_NO_FLUSH);
		if (r != Z_OK && r != Z_STREAM_END)	/* Z_BUF_ERROR: the end is missing */
			err = -EINVAL;
		total += sizeof(piece) - z.avail_out;
		if (!err && total > max)
			err = -EFBIG;
		if (!err)
			buf_add(out, piece, sizeof(piece) - z.avail_out);
	} while (!err && r != Z_STREAM_END);
	inflateEnd(&z);
	return err;
}
