// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * patch_strategic.c - Kubernetes' strategic merge patch, see patch.h
 *
 * Objects are merged member by member; a list is merged when its schema gives a
 * strategy, else replaced. The patch may carry, beside values:
 *	$patch: replace | delete | merge	in an object, or an element of a merged list
 *	$retainKeys: [names]			the members of the object that stay
 *	$deleteFromPrimitiveList/<list>: []	scalars that leave a merged list
 *	$setElementOrder/<list>: []		the order of a merged list: what it names comes in
 *						that order, the rest keeps its place before and after
 */
#include "api/meta/patch.h"

#include <errno.h>

#define PATCH "$patch"
#define RETAIN "$retainKeys"
#define DELETE_FROM "$deleteFromPrimitiveList/"
#define ORDER "$setElementOrder/"

/* Elements are found by walking the list: a longer one is refused, not merged for minutes. */
#define MAX_MERGED 10000

static int merge_object(const struct schema *s, json *cur, const json *patch, char **msg);

static bool is_directive(const char *key)
{
	return streq(key, PATCH) || streq(key, RETAIN) || startswith(key, DELETE_FROM) ||
	       startswith(key, ORDER);
}

/* What a patch value looks like where there was nothing to merge it with: no directives, no nulls. */
static json *plain(const json *patch)
{
	json *j;

	if (json_is_object(patch)) {
		j = json_new_object();
		json_each(it, patch)
			if (!cJSON_IsNull(it) && !is_directive(json_key(it)))
				json_set(j, json_key(it), plain(it));
		return j;
	}
	if (json_is_array(patch)) {
		j = json_new_array();
		json_each(it, patch) {
			const char *d = json_str(json_get(it, PATCH));

			if (!streq(d, "delete") && !streq(d, "replace"))
				json_append(j, plain(it));
		}
		return j;
	}
	return json_clone(patch);
}

/* Do two elements of a merged list mean the same thing? key NULL: scalars. */
static bool same_element(const json *a, const json *b, const char *key)
{
	if (!key)
		return json_equal(a, b);
	return json_get(a, key) && json_equal(json_get(a, key), json_get(b, key));
}

/* Where in the list such an element stands, or -1. */
static int element_index(const json *list, const json *element, const char *key)
{
	int n = 0;

	json_each(it, list) {
		if (same_element(it, element, key))
			return n;
		n++;
	}
	return -1;
}

/*
 * Puts a merged list in order: the elements named in `order` come as there,
 * the others as they stood in `before`; the two rows are then joined so that
 * an element that stood before another in `before` still does, and what is
 * new comes as early as it can.
 */
static void order_list(json *list, const json *order, const json *before, const char *key)
{
	_cleanup_json_ json *named = json_new_array(), *rest = json_new_array();
	json *it;

	json_each(o, order)
		for (it = list->child; it; it = it->next)
			if (same_element(it, o, key)) {
				json_append(named, cJSON_DetachItemViaPointer(list, it));
				break;
			}
	while ((it = list->child))
		json_append(rest, cJSON_DetachItemViaPointer(list, it));
	while (named->child || rest->child) {
		json *from = named;

		if (!named->child) {
			from = rest;
		} else if (rest->child) {
			int r = element_index(before, rest->child, key);
			int n = element_index(before, named->child, key);

			if (r >= 0 && n >= 0 && r < n)
				from = rest;
		}
		json_append(list, cJSON_DetachItemViaPointer(from, from->child));
	}
}

static void delete_elements(json *list, const json *like, const char *key)
{
	for (json *it = list->child, *next; it; it = next) {
		next = it->next;
		if (same_element(it, like, key))
			cJSON_Delete(cJSON_DetachItemViaPointer(list, it));
	}
}

/* Elements that are objects, found by the merge key. */
static int merge_keyed(const struct field *f, json *list, const json *patch, char **msg)
{
	const char *key = f->merge_key;

	json_each(p, patch) {
		const char *directive = json_str(json_get(p, PATCH));
		json *cur = NULL;
		int r;

		if (json_get(p, PATCH)) {
			if (streq(directive, "replace")) {
				_cleanup_json_ json *whole = plain(patch);

				while (list->child)
					cJSON_Delete(cJSON_DetachItemViaPointer(list, list->child));
				while (whole->child)
					json_append(list, cJSON_DetachItemViaPointer(whole, whole->child));
				return 0;
			}
			if (!streq(directive, "delete") && !streq(directive, "merge")) {
				*msg = xasprintf("unknown $patch directive in the list %s", f->name);
				return -EINVAL;
			}
		}
		if (!json_get(p, key)) {
			_cleanup_free_ char *text = json_print(p);

			*msg = xasprintf("map: %s does not contain declared merge key: %s", text, key);
			return -EINVAL;
		}
		if (streq(directive, "delete")) {
			delete_elements(list, p, key);
			continue;
		}
		json_each(it, list)
			if (!cur && same_element(it, p, key))
				cur = it;
		if (!cur) {
			json_append(list, plain(p));
			continue;
		}
		r = merge_object(f->sub, cur, p, msg);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Every element of the patch must stand in the order list, in that order. */
static int check_order(const struct field *f, const json *patch, const json *order, char **msg)
{
	int last = -1;

	json_each(p, patch) {
		int n = element_index(order, p, f->merge_key);

		if (json_get(p, PATCH))
			continue;
		if (n < 0 || n < last) {
			*msg = xasprintf("the order of the patch's list %s does not match "
					 "its $setElementOrder list", f->name);
			return -EINVAL;
		}
		last = n;
	}
	return 0;
}

/*
 * One list with strategy merge. patch (the values), removed (scalars) and order
 * may each be NULL.
 */
static int merge_list(const struct field *f, json *list, const json *patch, const json *removed,
		      const json *order, char **msg)
{
	_cleanup_json_ json *before = json_clone(list);
	int r;

	if (json_len(list) + json_len(patch) > MAX_MERGED || json_len(order) > MAX_MERGED ||
	    json_len(removed) > MAX_MERGED) {
		*msg = xasprintf("the list %s has more than %d elements: too many to merge", f->name,
				 MAX_MERGED);
		return -EINVAL;
	}
	if (patch && order) {
		r = check_order(f, patch, order, msg);
		if (r < 0)
			return r;
	}
	json_each(it, removed)
		delete_elements(list, it, NULL);
	if (f->merge_key) {
		r = merge_keyed(f, list, patch, msg);
		if (r < 0)
			return r;
	} else {
		json_each(it, patch)
			if (element_index(list, it, NULL) < 0)
				json_append(list, json_clone(it));
	}
	if (patch || order)
		order_list(list, order ?: patch, before, f->merge_key);
	return 0;
}

static const json *directive_for(const json *patch, const char *prefix, const char *name)
{
	_cleanup_free_ char *key = xasprintf("%s%s", prefix, name);

	return json_get(patch, key);
}

/* The list member `name` of cur, with whatever the patch says of it. */
static int merge_list_member(const struct field *f, json *cur, const char *name, const json *patch, char **msg)
{
	const json *value = json_get(patch, name);
	const json *removed = directive_for(patch, DELETE_FROM, name);
	const json *order = directive_for(patch, ORDER, name);
	json *list = json_get(cur, name);

	if ((removed && !json_is_array(removed)) || (order && !json_is_array(order))) {
		*msg = xasprintf("the directives of the list %s must be lists", name);
		return -EINVAL;
	}
	if (cJSON_IsNull(value)) {
		json_del(cur, name);
		return 0;
	}
	if (!f || !(f->strategy & STRATEGY_MERGE) || (value && !json_is_array(value))) {
		if (value)
			json_set(cur, name, plain(value));
		return 0;
	}
	if (!json_is_array(list)) {
		if (!value)
			return 0;
		list = json_set(cur, name, json_new_array());
	}
	return merge_list(f, list, value, removed, order, msg);
}

/* Handles $patch and $retainKeys; 1: the object is done. */
static int object_directives(json *cur, const json *patch, char **msg)
{
	const json *directive = json_get(patch, PATCH), *retain = json_get(patch, RETAIN);

	if (directive) {
		const char *d = json_str(directive);

		if (!streq(d, "merge")) {
			if (!streq(d, "replace") && !streq(d, "delete")) {
				*msg = xstrdup("unknown $patch directive: it is merge, replace or delete");
				return -EINVAL;
			}
			while (cur->child)
				cJSON_Delete(cJSON_DetachItemViaPointer(cur, cur->child));
			if (*d == 'r') {
				_cleanup_json_ json *whole = plain(patch);

				json_each(it, whole)
					json_set(cur, json_key(it), json_clone(it));
			}
			return 1;
		}
	}
	if (!retain)
		return 0;
	if (!json_is_array(retain)) {
		*msg = xstrdup("$retainKeys must be a list");
		return -EINVAL;
	}
	json_each(it, patch) {
		bool listed = is_directive(json_key(it)) || cJSON_IsNull(it);

		json_each(k, retain)
			listed = listed || streq(json_str(k), json_key(it));
		if (!listed) {
			*msg = xasprintf("$retainKeys does not list %s, which the patch sets", json_key(it));
			return -EINVAL;
		}
	}
	for (json *it = cur->child, *next; it; it = next) {
		bool keep = false;

		next = it->next;
		json_each(k, retain)
			keep = keep || streq(json_str(k), json_key(it));
		if (!keep)
			cJSON_Delete(cJSON_DetachItemViaPointer(cur, it));
	}
	return 0;
}

static int merge_object(const struct schema *s, json *cur, const json *patch, char **msg)
{
	int r = object_directives(cur, patch, msg);

	if (r != 0)
		return r < 0 ? r : 0;
	json_each(p, patch) {
		const char *name = json_key(p);
		bool list_directive = startswith(name, DELETE_FROM) || startswith(name, ORDER);
		const struct field *f;
		json *old;

		if (list_directive) {
			name = strchr(name, '/') + 1;
			/* A list that also has a value is merged when the value comes by. */
			if (json_get(patch, name))
				continue;
		} else if (is_directive(name)) {
			continue;
		}
		f = schema_field(s, name);
		old = json_get(cur, name);
		if (list_directive || json_is_array(p)) {
			r = merge_list_member(f, cur, name, patch, msg);
		} else if (cJSON_IsNull(p)) {
			json_del(cur, name);
		} else if (json_is_object(p) && json_is_object(old)) {
			r = merge_object(f && (f->type == F_OBJECT || f->type == F_MAP) ? f->sub : NULL,
					 old, p, msg);
		} else if (json_is_object(p) && streq(json_str(json_get(p, PATCH)), "delete")) {
			json_del(cur, name);
		} else {
			json_set(cur, name, plain(p));
		}
		if (r < 0)
			return r;
	}
	return 0;
}

int patch_strategic(const struct schema *s, const json *cur, const json *patch, json **ret, char **msg)
{
	_cleanup_json_ json *j = json_clone(cur);
	int r;

	if (!json_is_object(patch) || !json_is_object(j)) {
		*msg = xstrdup("a strategic merge patch must be a JSON object");
		return -EINVAL;
	}
	r = merge_object(s, j, patch, msg);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(j);
	return 0;
}
