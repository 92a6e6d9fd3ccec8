// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtual.c - kinds of which nothing is stored: reviews are answered on the spot,
 *             lists are what the kind's rules give
 */
#include "api/kinds/rules.h"
#include "api/kinds/validate.h"
#include "api/meta/selector.h"
#include "api/meta/status.h"
#include "api/registry/internal.h"
#include "api/registry/object.h"

static const char *const no_groups[] = { "system:masters", NULL };
static const struct kind_user ourselves = { .name = "system:apiserver", .groups = no_groups };

const struct kind_user *write_user(const struct registry_write_opts *o)
{
	return o->user ? o->user : &ourselves;
}

bool kind_is_virtual(const struct kind *k)
{
	return k && !*k->storage->res->etcd_dir;
}

void virtual_create(struct op *op)
{
	const struct kind_rules *r = op->k->rules;
	json *s = object_check_body(op->as, op->ns, op->name, op->write.field_validation == FIELDS_STRICT, op->body);
	_cleanup_field_errors_ struct field_errors e = { 0 };

	if (!s && !r->answer)
		s = status_method_not_allowed();
	if (s) {
		op_fail(op, s);
		return;
	}
	kind_to_storage(op->as, op->body);
	default_object(op->k, op->body);
	/* Nobody names a review, so that the rules for metadata are not asked. */
	if (r->validate)
		r->validate(op->body, &e);
	s = e.n ? status_invalid(op->as->res, "", &e) : r->answer(op->body, write_user(&op->write));
	if (s) {
		op_fail(op, s);
		return;
	}
	op_done(op, 201, op->body, 0);
}

json *virtual_items(const struct kind *k, const struct selector *sel)
{
	json *all = json_new_array();

	if (k->rules->list)
		k->rules->list(all);
	for (json *it = all->child, *next; it; it = next) {
		next = it->next;
		if (!selector_match(sel, it))
			cJSON_Delete(cJSON_DetachItemViaPointer(all, it));
	}
	return all;
}

void virtual_get(struct op *op)
{
	json *items = virtual_items(op->k, NULL), *found = NULL;

	json_each(it, items)
		if (streq(json_str(json_get(it, "metadata", "name")), op->name))
			found = it;
	op->next = items;
	if (found)
		op_done(op, 200, found, 0);
	else
		op_fail(op, status_not_found(op->k->res, op->name));
}
