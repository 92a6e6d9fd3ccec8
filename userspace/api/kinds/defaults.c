// SPDX-License-Identifier: GPL-2.0-or-later
/* defaults.c - see defaults.h */
#include "api/kinds/defaults.h"

#include "api/kinds/rules.h"
#include "api/schema/schema.h"

void default_fields(const struct kind *k, json *obj)
{
	schema_normalise(k->schema, obj);
	if (k->rules->defaults)
		k->rules->defaults(obj);
}

void admit_object(const struct kind *k, json *obj)
{
	if (k->rules->admit)
		k->rules->admit(obj);
}

void default_object(const struct kind *k, json *obj)
{
	default_fields(k, obj);
	admit_object(k, obj);
}

void reset_status(const struct kind *k, json *obj)
{
	if (kind_has_subresource(k, "status") && !k->rules->keeps_status)
		json_set(obj, "status", json_new_object());
	if (k->rules->prepare_create)
		k->rules->prepare_create(obj);
}
