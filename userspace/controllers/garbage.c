// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * garbage.c - see garbage.h
 *
 * A key is one object of any kind. Two questions are asked of it: do its
 * owners still live (if none does, it goes), and, while it is being deleted
 * itself, what its finalizers ask of its dependents: foregroundDeletion waits
 * until those that block it are gone, orphan lets them go on without it.
 *
 * Caches of different kinds are not in step. Therefore an owner that is missing
 * in its cache is looked for on the server before a dependent is deleted.
 */
#include "controllers/garbage.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_meta.h"
#include "controllers/objects.h"

#define FOREGROUND "foregroundDeletion"
#define ORPHAN "orphan"

static bool waits_for_dependents(const json *obj)
{
	return meta_deleting(obj) && meta_has_finalizer(obj, FOREGROUND);
}

static json *null_if_empty(json *array)
{
	if (json_len(array))
		return array;
	cJSON_Delete(array);
	return json_new_null();
}

static void drop_finalizer(const struct garbage_object *o, const char *name, int stage, struct actions *out)
{
	json *left = json_new_array(), *patch = patch_guarded(o->obj);

	json_each(f, json_get(o->obj, "metadata", "finalizers"))
		if (!streq(json_str(f), name))
			json_append(left, json_clone(f));
	json_set(json_get(patch, "metadata"), "finalizers", null_if_empty(left));
	actions_patch(out, stage, o->res, o->obj, NULL, patch);
}

/* Leaves only these references. */
static void drop_owners(const struct garbage_object *o, const json *owners_left, int stage, struct actions *out)
{
	json *patch = patch_guarded(o->obj);

	json_set(json_get(patch, "metadata"), "ownerReferences", null_if_empty(json_clone(owners_left)));
	actions_patch(out, stage, o->res, o->obj, NULL, patch);
}

bool garbage_orphans(const json *obj)
{
	return meta_deleting(obj) && meta_has_finalizer(obj, ORPHAN);
}

static void orphan_dependents(const struct garbage_in *in, struct actions *out)
{
	const char *uid = meta_uid(in->of.obj);

	for (size_t i = 0; i < in->n_listed; i++) {
		_cleanup_json_ json *left = json_new_array();

		json_each(ref, meta_owners(in->dependents[i].obj))
			if (!streq(json_str(json_get(ref, "uid")), uid))
				json_append(left, json_clone(ref));
		drop_owners(&in->dependents[i], left, 0, out);
	}
	if (in->n_listed < in->n_dependents)
		actions_requeue(out, 1);	/* the caches show these first */
	else
		drop_finalizer(&in->of, ORPHAN, 1, out);
}

static void judge_owners(const struct garbage_in *in, struct actions *out)
{
	_cleanup_json_ json *there = json_new_array();
	size_t i = 0, gone = 0, waiting = 0;
	const char *policy = "Background";

	json_each(ref, meta_owners(in->of.obj)) {
		const struct garbage_owner *o = &in->owners[i++];

		if (o->state == OWNER_THERE) {
			json_append(there, json_clone(ref));
			continue;
		}
		waiting += o->state == OWNER_WAITING;
		gone += o->state == OWNER_ABSENT;
		if (o->state == OWNER_ABSENT)
			actions_verify(out, 0, ACTION_VERIFY_GONE, o->res, o->ns,
				       json_str_or(json_get(ref, "name"), ""),
				       json_str_or(json_get(ref, "uid"), ""));
	}
	if (!gone && !waiting)
		return;
	if (json_len(there)) {
		drop_owners(&in->of, there, 1, out);
		return;
	}
	if (meta_has_finalizer(in->of.obj, ORPHAN))
		policy = "Orphan";
	else if (meta_has_finalizer(in->of.obj, FOREGROUND) || (waiting && in->n_dependents))
		policy = "Foreground";
	actions_delete(out, 1, in->of.res, in->of.obj, policy);
}

void garbage_reconcile(const struct garbage_in *in, struct actions *out)
{
	if (!meta_deleting(in->of.obj)) {
		judge_owners(in, out);
		return;
	}
	/* In the foreground, the blocking dependents see OWNER_WAITING and go by their own keys. */
	if (garbage_orphans(in->of.obj))
		orphan_dependents(in, out);
	else if (meta_has_finalizer(in->of.obj, FOREGROUND) && !in->n_blocking)
		drop_finalizer(&in->of, FOREGROUND, 0, out);
}

/* --- the shell's side: keys are "group/plural/namespace/name" --- */

static void index_by_owners(const json *obj, void (*emit)(void *, const char *), void *data)
{
	json_each(ref, meta_owners(obj))
		if (json_str(json_get(ref, "uid")))
			emit(data, json_str(json_get(ref, "uid")));
}

static void index_by_blocked(const json *obj, void (*emit)(void *, const char *), void *data)
{
	json_each(ref, meta_owners(obj))
		if (json_str(json_get(ref, "uid")) && json_bool(json_get(ref, "blockOwnerDeletion"), false))
			emit(data, json_str(json_get(ref, "uid")));
}

static void enqueue(struct runner *r, const struct resource *res, const char *ns, const char *name)
{
	_cleanup_free_ char *key = xasprintf("%s/%s/%s/%s", res->group, res->plural, ns ?: "", name);

	runner_enqueue(r, key);
}

/* Cuts the key apart in place; NULL if the kind is not known. */
static const struct resource *parse_key(char *key, char **ret_ns, char **ret_name)
{
	char *plural = strchr(key, '/'), *ns = plural ? strchr(plural + 1, '/') : NULL;
	char *name = ns ? strchr(ns + 1, '/') : NULL;

	if (!name)
		return NULL;
	*plural++ = *ns++ = *name++ = '\0';
	*ret_ns = *ns ? ns : NULL;
	*ret_name = name;
	for (size_t i = 0; informers_kept_at(i); i++)
		if (streq(informers_kept_at(i)->group, key) && streq(informers_kept_at(i)->plural, plural))
			return informers_kept_at(i);
	return NULL;
}

static size_t count_dependents(struct informers *set, index_fn fn, const char *uid)
{
	const struct resource *res;
	size_t n = 0;

	for (size_t i = 0; (res = informers_kept_at(i)); i++)
		n += informer_index_count(informers_of(set, res), informers_index(set, res, fn, INDEX_EVERY), uid);
	return n;
}

/* At most GARBAGE_BURST of them. */
static struct garbage_object *find_dependents(struct informers *set, const char *uid, size_t *ret_n)
{
	struct garbage_object *list = xcalloc(GARBAGE_BURST, sizeof(*list));
	const struct resource *res;
	size_t n = 0;

	for (size_t i = 0; n < GARBAGE_BURST && (res = informers_kept_at(i)); i++) {
		int index = informers_index(set, res, index_by_owners, INDEX_EVERY);
		size_t k;
		_cleanup_free_ const json **found = informer_by_index(informers_of(set, res), index, uid,
								      GARBAGE_BURST - n, &k);

		for (size_t j = 0; j < k; j++)
			list[n++] = (struct garbage_object){ res, found[j] };
	}
	*ret_n = n;
	return list;
}

/* The kind that a reference names, in any version we serve of its group; NULL if unknown. */
static const struct resource *kind_of_reference(const json *ref)
{
	const char *version = json_str_or(json_get(ref, "apiVersion"), "");
	const struct kind *k = kind_by_name(version, json_str_or(json_get(ref, "kind"), ""));

	return k && informers_keep(k->storage->res) ? k->storage->res : NULL;
}

static struct garbage_owner look_up_owner(struct informers *set, const json *obj, const json *ref)
{
	const struct resource *res = kind_of_reference(ref);
	const char *ns = meta_namespace(obj);
	const json *owner;

	/* A namespaced owner of a cluster-wide object cannot be named: nothing is concluded. */
	if (!res || (res->namespaced && !ns))
		return (struct garbage_owner){ .state = OWNER_THERE };
	if (!res->namespaced)
		ns = NULL;
	owner = informers_get(set, res, ns, json_str_or(json_get(ref, "name"), ""));
	if (!owner || !streq(meta_uid(owner), json_str(json_get(ref, "uid"))))
		return (struct garbage_owner){ OWNER_ABSENT, res, ns };
	return (struct garbage_owner){ waits_for_dependents(owner) ? OWNER_WAITING : OWNER_THERE, res, ns };
}

static void sync_object(const struct sync *s, struct actions *out)
{
	_cleanup_free_ char *key = xstrdup(s->key);
	_cleanup_free_ struct garbage_owner *owners = NULL;
	_cleanup_free_ struct garbage_object *dependents = NULL;
	struct garbage_in in = { 0 };
	const char *uid;
	char *ns, *name;
	size_t n = 0;

	in.of.res = parse_key(key, &ns, &name);
	if (!in.of.res)
		return;
	in.of.obj = informers_get(s->informers, in.of.res, ns, name);
	if (!in.of.obj)
		return;
	owners = xcalloc(json_len(meta_owners(in.of.obj)), sizeof(*owners));
	json_each(ref, meta_owners(in.of.obj))
		owners[n++] = look_up_owner(s->informers, in.of.obj, ref);
	in.owners = owners;
	uid = meta_uid(in.of.obj) ?: "";
	in.n_dependents = count_dependents(s->informers, index_by_owners, uid);
	in.n_blocking = count_dependents(s->informers, index_by_blocked, uid);
	if (garbage_orphans(in.of.obj))
		in.dependents = dependents = find_dependents(s->informers, uid, &in.n_listed);
	garbage_reconcile(&in, out);
}

static void enqueue_dependent(struct runner *r, const struct resource *res, const json *obj)
{
	enqueue(r, res, meta_namespace(obj), meta_name(obj));
}

static void enqueue_dependents(struct runner *r, const json *owner)
{
	const struct resource *res;

	for (size_t i = 0; meta_uid(owner) && (res = informers_kept_at(i)); i++)
		runner_enqueue_filed(r, res, index_by_owners, meta_uid(owner), enqueue_dependent);
}

static void enqueue_owners(struct runner *r, const json *obj)
{
	json_each(ref, meta_owners(obj)) {
		const struct resource *res = kind_of_reference(ref);

		if (res && json_str(json_get(ref, "name")))
			enqueue(r, res, res->namespaced ? meta_namespace(obj) : NULL, json_str(json_get(ref, "name")));
	}
}

static void object_changed(struct runner *r, const struct resource *res, const json *old, const json *new)
{
	bool owners_changed, life_changed;

	if (!new) {
		enqueue_dependents(r, old);
		enqueue_owners(r, old);
		return;
	}
	owners_changed = old ? !json_equal(meta_owners(old), meta_owners(new)) : json_len(meta_owners(new)) > 0;
	life_changed = old ? meta_deleting(old) != meta_deleting(new) ||
			     !json_equal(json_get(old, "metadata", "finalizers"), json_get(new, "metadata", "finalizers")) :
			     meta_deleting(new);
	if (owners_changed && old)
		enqueue_owners(r, old);
	if (owners_changed || life_changed)
		enqueue(r, res, meta_namespace(new), meta_name(new));
	if (life_changed && waits_for_dependents(new))
		enqueue_dependents(r, new);
}

static void *init(struct informers *set, const struct controllers_config *config)
{
	const struct resource *res;

	for (size_t i = 0; (res = informers_kept_at(i)); i++) {
		informers_index(set, res, index_by_owners, INDEX_EVERY);
		informers_index(set, res, index_by_blocked, INDEX_EVERY);
	}
	return NULL;
}

const struct controller garbage_controller = {
	.name = "garbage-collector-controller",
	.every_kind = object_changed,
	.init = init,
	.sync = sync_object,
};
