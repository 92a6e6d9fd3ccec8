// SPDX-License-Identifier: GPL-2.0-or-later
/* validate.c - see validate.h */
#include "api/kinds/validate.h"

#include "api/kinds/rules.h"

static void check(const struct kind_rules *r, const json *obj, struct field_errors *e)
{
	if (r->validate)
		r->validate(obj, e);
}

static void check_update(const struct kind_rules *r, const json *new, const json *old, struct field_errors *e)
{
	if (r->order == UPDATE_LAST)
		check(r, new, e);
	if (r->validate_update)
		r->validate_update(new, old, e);
	if (r->order == UPDATE_FIRST)
		check(r, new, e);
}

static void check_new(const struct kind_rules *r, const json *obj, struct field_errors *e)
{
	if (r->validate_create)
		r->validate_create(obj, e);
	else
		check(r, obj, e);
}

void validate_create(const struct kind *k, const json *obj, struct field_errors *e)
{
	validate_meta(obj, k->res->namespaced, k->invalid_name, e);
	check_new(k->storage->rules, obj, e);
	if (k != k->storage)
		check_new(k->rules, obj, e);
}

void validate_update(const struct kind *k, const json *new, const json *old, struct field_errors *e)
{
	validate_meta_update(new, old, e);
	validate_meta(new, k->res->namespaced, k->invalid_name, e);
	check_update(k->storage->rules, new, old, e);
	if (k != k->storage)
		check_update(k->rules, new, old, e);
}

const struct sub_rules *kind_sub_rules(const struct kind *k, const char *subresource)
{
	for (const struct sub_rules *s = k->storage->rules->subs; subresource && s && s->name; s++)
		if (streq(s->name, subresource))
			return s;
	return NULL;
}

void validate_update_sub(const struct kind *k, const char *subresource, const json *new, const json *old,
			 struct field_errors *e)
{
	const struct sub_rules *s = kind_sub_rules(k, subresource);

	if (streq(subresource, "status")) {
		validate_update_status(k, new, old, e);
	} else if (s && s->validate) {
		validate_meta_update(new, old, e);
		validate_meta(new, k->res->namespaced, k->invalid_name, e);
		s->validate(new, old, e);
	} else {
		validate_update(k, new, old, e);
	}
}

void validate_update_status(const struct kind *k, const json *new, const json *old, struct field_errors *e)
{
	validate_meta_update(new, old, e);
	validate_meta(new, k->res->namespaced, k->invalid_name, e);
	if (k->storage->rules->validate_status)
		k->storage->rules->validate_status(new, old, e);
}
