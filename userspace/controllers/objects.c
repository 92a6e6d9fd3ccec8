// SPDX-License-Identifier: GPL-2.0-or-later
/* objects.c - see objects.h */
#include "controllers/objects.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_meta.h"
#include "api/meta/view_selector.h"

bool label_map_matches(const json *map, const json *labels)
{
	if (json_len(map) == 0)
		return false;
	json_each(want, map)
		if (!json_str(want) || !streq(json_str(json_get(labels, json_key(want))), json_str(want)))
			return false;
	return true;
}

bool requirement_matches(const json *req, const char *value)
{
	const char *op = json_str_or(json_get(req, "operator"), "");
	const json *values = json_get(req, "values");
	bool found = false;
	int64_t have, bound;

	json_each(v, values)
		if (value && streq(json_str(v), value))
			found = true;
	if (streq(op, "In"))
		return found;
	if (streq(op, "NotIn"))
		return !found;
	if (streq(op, "Exists"))
		return value != NULL;
	if (streq(op, "DoesNotExist"))
		return value == NULL;
	if (!streq(op, "Gt") && !streq(op, "Lt"))
		return false;
	if (json_len(values) != 1 || parse_i64(value, INT64_MIN, INT64_MAX, &have) < 0 ||
	    parse_i64(json_str(values->child), INT64_MIN, INT64_MAX, &bound) < 0)
		return false;
	return *op == 'G' ? have > bound : have < bound;
}

json *controller_ref(const struct resource *r, const json *owner)
{
	_cleanup_free_ char *api_version = api_version_of(r);
	json *ref = json_new_object();

	json_set_str(ref, "apiVersion", api_version);
	json_set_str(ref, "kind", r->kind);
	json_set_str(ref, "name", meta_name(owner));
	json_set_str(ref, "uid", meta_uid(owner));
	json_set_bool(ref, "controller", true);
	json_set_bool(ref, "blockOwnerDeletion", true);
	return ref;
}

bool controlled_by_kind(const json *obj, const struct resource *r, const char **ret_name)
{
	const json *ref = meta_controller(obj);
	const char *version = json_str(json_get(ref, "apiVersion")), *name = json_str(json_get(ref, "name"));
	size_t n = strlen(r->group);

	if (!name || !version || !streq(json_str(json_get(ref, "kind")), r->kind))
		return false;
	/* Any version of the same group. */
	if (n ? strncmp(version, r->group, n) != 0 || version[n] != '/' : strchr(version, '/') != NULL)
		return false;
	if (ret_name)
		*ret_name = name;
	return true;
}

const json *condition_find(const json *status, const char *type)
{
	json_each(c, json_get(status, "conditions"))
		if (streq(json_str(json_get(c, "type")), type))
			return c;
	return NULL;
}

bool condition_remove(json *status, const char *type)
{
	json *all = json_get(status, "conditions"), *kept;
	bool found = false;

	if (!condition_find(status, type))
		return false;
	kept = json_new_array();
	json_each(c, all) {
		if (streq(json_str(json_get(c, "type")), type))
			found = true;
		else
			json_append(kept, json_clone(c));
	}
	json_set(status, "conditions", json_len(kept) ? kept : NULL);
	if (!json_len(kept))
		cJSON_Delete(kept);
	return found;
}

bool condition_set(json *status, const struct condition *c, uint64_t now)
{
	const json *old = condition_find(status, c->type);
	json *new, *all;
	char time[32];

	if (old && streq(json_str(json_get(old, "status")), c->status) &&
	    streq(json_str(json_get(old, "reason")), c->reason))
		return false;
	format_time(now, time);
	new = json_new_object();
	json_set_str(new, "type", c->type);
	json_set_str(new, "status", c->status);
	if (c->has_update_time)
		json_set_str(new, "lastUpdateTime", time);
	if (old && streq(json_str(json_get(old, "status")), c->status))
		json_set_str(new, "lastTransitionTime",
			     json_str_or(json_get(old, "lastTransitionTime"), time));
	else
		json_set_str(new, "lastTransitionTime", time);
	json_set_str(new, "reason", c->reason);
	json_set_str(new, "message", c->message);
	condition_remove(status, c->type);
	all = json_get(status, "conditions");
	if (!json_is_array(all))
		all = json_set(status, "conditions", json_new_array());
	json_append(all, new);
	return true;
}

/* The merge patch that gives obj these references, refused if it changed meanwhile. */
static json *owners_patch(const json *obj, json *owners)
{
	json *p = patch_guarded(obj);

	if (!json_len(owners)) {
		cJSON_Delete(owners);
		owners = json_new_null();
	}
	json_set(json_get(p, "metadata"), "ownerReferences", owners);
	return p;
}

bool claim_one(struct claim *c, const json *obj)
{
	bool selected = label_selector_matches(json_get(c->parent, "spec", "selector"), meta_labels(obj));
	const json *controller = meta_controller(obj);
	json *owners;

	if (!controller) {
		if (!selected || meta_deleting(c->parent) || meta_deleting(obj))
			return false;
		owners = json_clone(meta_owners(obj)) ?: json_new_array();
		json_append(owners, controller_ref(c->parent_res, c->parent));
		actions_patch(c->actions, 1, c->res, obj, NULL, owners_patch(obj, owners));
		c->adopting = true;
		return true;
	}
	if (!streq(json_str(json_get(controller, "uid")), meta_uid(c->parent)))
		return false;
	if (selected || meta_deleting(c->parent))
		return selected;
	owners = json_new_array();
	json_each(ref, meta_owners(obj))
		if (!streq(json_str(json_get(ref, "uid")), meta_uid(c->parent)))
			json_append(owners, json_clone(ref));
	actions_patch(c->actions, 1, c->res, obj, NULL, owners_patch(obj, owners));
	return false;
}

void claim_end(struct claim *c)
{
	if (c->adopting)
		actions_verify(c->actions, 0, ACTION_VERIFY, c->parent_res, meta_namespace(c->parent),
			       meta_name(c->parent), meta_uid(c->parent));
}

const json **claim_dependents(struct actions *a, const struct resource *parent_res, const json *parent,
			      const struct resource *res, const json *const *candidates, size_t n,
			      size_t *ret_n)
{
	struct claim c = { .actions = a, .parent_res = parent_res, .parent = parent, .res = res };
	const json **mine = xcalloc(n + 1, sizeof(*mine));
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (claim_one(&c, candidates[i]))
			mine[k++] = candidates[i];
	claim_end(&c);
	*ret_n = k;
	return mine;
}
