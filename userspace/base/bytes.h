/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bytes.h - bytes that many hold and nobody changes
 *
 * What is serialized once and sent to many; one allocation, gone with the last
 * holder.
 */
#ifndef KEELSON_BASE_BYTES_H
#define KEELSON_BASE_BYTES_H

#include "base/util.h"

struct bytes {
	unsigned refs;
	size_t len;
	char data[];	/* and a NUL */
};

/* A copy, with one holder: the caller. */
struct bytes *bytes_new(const void *p, size_t len);

static inline struct bytes *bytes_ref(struct bytes *b)
{
	b->refs++;
	return b;
}

/* NULL is fine. */
static inline void bytes_unref(struct bytes *b)
{
	if (b && !--b->refs)
		free(b);
}

static inline void bytes_unrefp(struct bytes **b)
{
	bytes_unref(*b);
}
#define _cleanup_bytes_ _cleanup_(bytes_unrefp)

#endif
