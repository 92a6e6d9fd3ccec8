// SPDX-License-Identifier: GPL-2.0-or-later
/* validate.c - see validate.h */
#include "api/kinds/validate.h"

#include "api/kinds/rules.h"

static void check(const struct kind *k, const json *obj, struct field_errors *e)
{
	validate_meta(obj, k->res->namespaced, k->invalid_name, e);
	if (k->rules->validate)
		k->rules->validate(obj, e);
}

void validate_create(const struct kind *k, const json *obj, struct field_errors *e)
{
	check(k, obj, e);
}

void validate_update(const struct kind *k, const json *new, const json *old, struct field_errors *e)
{
	validate_meta_update(new, old, e);
	check(k, new, e);
	if (k->rules->validate_update)
		k->rules->validate_update(new, old, e);
}

void validate_update_status(const struct kind *k, const json *new, const json *old, struct field_errors *e)
{
	validate_meta_update(new, old, e);
	validate_meta(new, k->res->namespaced, k->invalid_name, e);
	if (k->rules->validate_status)
		k->rules->validate_status(new, old, e);
}
