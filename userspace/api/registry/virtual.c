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

/* What the rules list, selected; NULL with a Status if the selector is none. */
static json *items_of(struct op *op, const struct store_selector *sel, json **ret_status)
{
	json *all = json_new_array();
	_cleanup_free_ char *why = NULL;
	struct selector *s = NULL;

	if (kind_selector_parse(op->as, sel, &s, &why)) {
		json_freep(&all);
		*ret_status = status_bad_request("%s", why);
		return NULL;
	}
	if (op->k->rules->list)
		op->k->rules->list(all);
	for (json *it = all->child, *next; it; it = next) {
		next = it->next;
		if (!selector_match(s, it))
			cJSON_Delete(cJSON_DetachItemViaPointer(all, it));
	}
	selector_free(s);
	return all;
}

void virtual_get(struct op *op)
{
	json *s = NULL, *items = items_of(op, NULL, &s), *found = NULL;

	json_each(it, items)
		if (streq(json_str(json_get(it, "metadata", "name")), op->name))
			found = it;
	op->next = items;
	if (found)
		op_done(op, 200, found, 0);
	else
		op_fail(op, status_not_found(op->k->res, op->name));
}

void virtual_list(struct op *op, const struct store_selector *sel, bool bare)
{
	_cleanup_free_ char *version = api_version_of(op->k->res), *kind = xasprintf("%sList", op->k->res->kind);
	json *s = NULL, *items = items_of(op, sel, &s);

	if (!items) {
		op_fail(op, s);
		return;
	}
	op->next = json_new_object();
	json_set_str(op->next, "kind", kind);
	json_set_str(op->next, "apiVersion", version);
	json_obj(op->next, "metadata");
	json_set(op->next, "items", items);
	json_each(it, items) {
		if (!bare)
			continue;
		json_del(it, "kind");
		json_del(it, "apiVersion");
	}
	op_done(op, 200, op->next, 0);
}
