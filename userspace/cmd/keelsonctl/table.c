// SPDX-License-Identifier: GPL-2.0-or-later
/* table.c - see table.h */
#include "cmd/keelsonctl/table.h"

static void add(struct table *t, char *text)
{
	if (t->n_cells == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 64;
		t->cells = xrealloc(t->cells, t->cap * sizeof(*t->cells));
	}
	t->cells[t->n_cells++] = text;
}

void table_begin(struct table *t, size_t n_columns, ...)
{
	va_list ap;

	*t = (struct table){ .n_columns = n_columns };
	va_start(ap, n_columns);
	for (size_t i = 0; i < n_columns; i++)
		add(t, xstrdup(va_arg(ap, const char *)));
	va_end(ap);
}

void table_cell(struct table *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(t, xvasprintf(fmt, ap));
	va_end(ap);
}

void table_end(struct table *t, FILE *f)
{
	size_t *width = xcalloc(t->n_columns, sizeof(*width));

	for (size_t i = 0; i < t->n_cells; i++) {
		size_t len = strlen(t->cells[i]);

		if (len > width[i % t->n_columns])
			width[i % t->n_columns] = len;
	}
	for (size_t i = 0; i < t->n_cells; i++) {
		size_t col = i % t->n_columns;

		if (col + 1 < t->n_columns)
			fprintf(f, "%-*s  ", (int)width[col], t->cells[i]);
		else
			fprintf(f, "%s\n", t->cells[i]);
		free(t->cells[i]);
	}
	free(t->cells);
	free(width);
	*t = (struct table){ 0 };
}
