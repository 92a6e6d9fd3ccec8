// SPDX-License-Identifier: GPL-2.0-or-later
/* schema.c - look-ups in the tables of types */
#include "api/schema/schema.h"

const struct field *schema_field(const struct schema *s, const char *name)
{
	size_t low = 0, high = s ? s->n_fields : 0;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = strcmp(name, s->fields[mid].name);

		if (!order)
			return &s->fields[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

const char *schema_version(const struct schema *s)
{
	const char *dot = strrchr(s->package, '.');

	return dot ? dot + 1 : s->package;
}
