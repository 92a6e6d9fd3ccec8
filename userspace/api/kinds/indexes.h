/* SPDX-License-Identifier: GPL-2.0-or-later */
/* indexes.h - a set of indexes as Jobs write one: "0,2-4" */
#ifndef KEELSON_API_KINDS_INDEXES_H
#define KEELSON_API_KINDS_INDEXES_H

#include <stdint.h>

/*
 * How many there are in *ret. -EINVAL with the reason in *ret_why, to free, for
 * what is no such text, has an index of at least `limit`, or does not rise.
 */
int indexes_count(const char *text, int64_t limit, int64_t *ret, char **ret_why);
/* The first index that is in both, or -1; parts that cannot be read are passed over. */
int64_t indexes_overlap(const char *a, const char *b, int64_t limit);

#endif
