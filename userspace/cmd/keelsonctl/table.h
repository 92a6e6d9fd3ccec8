/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - rows of words, printed in columns as wide as they need to be
 */
#ifndef KEELSONCTL_TABLE_H
#define KEELSONCTL_TABLE_H

#include <stdio.h>
#include "base/util.h"

struct table {
	size_t n_columns;
	char **cells;		/* row after row; the first row is the heading */
	size_t n_cells, cap;
};
/* The heading: n_columns words. */
void table_begin(struct table *t, size_t n_columns, ...);
/* One cell; rows fill from left to right. */
void table_cell(struct table *t, const char *fmt, ...) PRINTF(2, 3);
/* Prints (nothing but the heading if there is no row) and frees. */
void table_end(struct table *t, FILE *f);

#endif
