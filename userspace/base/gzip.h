/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gzip.h - gzip (RFC 1952) both ways, by zlib
 */
#ifndef KEELSON_BASE_GZIP_H
#define KEELSON_BASE_GZIP_H

#include "base/util.h"

/* Compresses what comes piece by piece, so that no piece takes long. */
struct gzip;
/* level as zlib's: 1 (fast) to 9 (small) */
struct gzip *gzip_new(int level);
void gzip_add(struct gzip *g, const void *data, size_t len);
/* Appends the whole file to out and frees g. */
void gzip_finish(struct gzip *g, struct buf *out);
void gzip_free(struct gzip *g);	/* instead of gzip_finish(); NULL is fine */

/* Appends what is inside; -EINVAL if it is no gzip file, -EFBIG if more than max bytes are in it. */
int gunzip(const void *data, size_t len, size_t max, struct buf *out);

#endif
