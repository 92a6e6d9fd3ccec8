// SPDX-License-Identifier: GPL-2.0-or-later
/* schema.c - look-ups in the tables of types */
#include "api/schema/schema.h"
#include "api/schema/types.h"

static const struct schema *const types[] = {
#define ROW(sym) &sch_##sym,
	SCHEMA_TYPES(ROW)
#undef ROW
};

const struct field *schema_field(const struct schema *s, const char *name)
{
	for (size_t i = 0; s && i < s->n_fields; i++)
		if (strcmp(s->fields[i].name, name) == 0)
			return &s->fields[i];
	return NULL;
}

const struct schema *schema_at(size_t i)
{
	return i < ARRAY_SIZE(types) ? types[i] : NULL;
}

const struct schema *schema_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (streq(types[i]->name, name))
			return types[i];
	return NULL;
}
