// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * record.c - who set what: managedFields of every write, and server-side apply,
 *            see object.h
 */
#include "api/kinds/defaults.h"
#include "api/kinds/managed_kind.h"
#include "api/meta/status.h"
#include "api/registry/object.h"
#include "api/schema/tables.h"

static const char *name_of(const json *obj)
{
	return json_str_or(json_get(obj, "metadata", "name"), "");
}

void object_set_managed(json *obj, json *managed)
{
	json *meta = json_obj(obj, "metadata");

	json_del(meta, "managedFields");
	if (managed)
		json_set(meta, "managedFields", managed);
}

void object_mark_reset(json *meta)
{
	json *list = json_get(meta, "managedFields");

	if (json_is_array(list) && !list->child)
		json_append(list, json_new_object());
}

/* --- /scale: an object of its own ------------------------------------------------------ */

static const struct schema *scale_schema(const void *data, const char *version)
{
	return streq(version, MANAGED_SCALE_VERSION) ? &sch_autoscaling_v1_Scale : NULL;
}

/* It has one version. */
static void convert_scale(const void *data, json *obj, const char *from, const char *to)
{
}

static struct managed_write scale_write(const struct object_writer *w)
{
	return (struct managed_write){
		.versions = { .stored = MANAGED_SCALE_VERSION, .schema = scale_schema, .convert = convert_scale },
		.version = MANAGED_SCALE_VERSION, .manager = w->manager, .subresource = "scale",
		.resets = "status", .now_us = w->now_us,
	};
}

/* The object's scale with the entries of managedFields that are about it. */
static json *managed_scale(const struct managed_versions *v, const json *obj)
{
	json *scale = object_scale(obj);

	object_set_managed(scale, managed_to_scale(v, obj));
	return scale;
}

static void record_scale(const struct object_writer *w, const json *cur, json *next)
{
	_cleanup_free_ char *stored = NULL, *version = api_version_of(w->as->res);
	struct managed_versions v = managed_versions_of(w->as, &stored);
	_cleanup_json_ json *before = managed_scale(&v, cur), *after = object_scale(next);
	struct managed_write write = scale_write(w);

	object_set_managed(next, json_clone(json_get(cur, "metadata", "managedFields")));
	/* Nothing is recorded of an object that has nothing recorded. */
	if (!json_get(cur, "metadata", "managedFields") || json_equal(json_get(before, "spec"), json_get(after, "spec")))
		return;
	managed_update(&write, before, after);
	managed_from_scale(&v, version, next, after);
}

/* --- updates --------------------------------------------------------------------------- */

static struct managed_write write_of(const struct object_writer *w, const char *subresource, char **ret_stored,
				     char **ret_version)
{
	*ret_version = api_version_of(w->as->res);
	return (struct managed_write){
		.versions = managed_versions_of(w->as, ret_stored), .version = *ret_version, .manager = w->manager,
		.subresource = subresource, .resets = managed_resets(w->as, subresource), .now_us = w->now_us,
	};
}

void object_record(const struct object_writer *w, const char *subresource, const json *cur, json *next)
{
	_cleanup_free_ char *stored = NULL, *version = NULL;
	struct managed_write write;

	if (streq(subresource, "scale")) {
		record_scale(w, cur, next);
		return;
	}
	write = write_of(w, subresource, &stored, &version);
	managed_update(&write, cur, next);
}

json *object_record_create(const struct object_writer *w, const json *body)
{
	_cleanup_json_ json *written = json_clone(body);
	_cleanup_free_ char *stored = NULL, *version = NULL;
	struct managed_write write = write_of(w, NULL, &stored, &version);

	default_fields(w->as->storage, written);
	managed_update(&write, NULL, written);
	return json_take(json_get(written, "metadata"), "managedFields");
}

/* --- apply ------------------------------------------------------------------------------- */

/* The configuration names its kind, which is the endpoint's. */
static json *check_kind(const char *version, const char *kind, const json *config)
{
	const char *v = json_str_or(json_get(config, "apiVersion"), ""), *k = json_str_or(json_get(config, "kind"), "");

	if (!json_is_object(config))
		return status_bad_request("error decoding patch: it is no JSON object");
	if (streq(v, version) && streq(k, kind))
		return NULL;
	return status_bad_request("invalid object type: %s%s, Kind=%s", strchr(v, '/') ? "" : "/", v, k);
}

/* Of the object that came out; what it does not name is filled in. */
static json *check_place(const char *ns, const char *name, json *obj)
{
	json *meta = json_obj(obj, "metadata");
	const char *given = json_str_or(json_get(meta, "namespace"), "");

	if (ns ? *given && !streq(given, ns) : *given)
		return status_bad_request("the namespace of the provided object does not match the namespace sent on the request");
	if (ns)
		json_set_str(meta, "namespace", ns);
	given = json_str_or(json_get(meta, "name"), "");
	if (!*given)
		return status_bad_request("the name of the object (%s based on URL) was undeterminable: name must be provided",
					  name);
	if (!streq(given, name))
		return status_bad_request("the name of the object (%s) does not match the name on the URL (%s)", given, name);
	return NULL;
}

static json *apply_scale(const struct object_writer *w, const json *cur, const json *config, bool force, json **ret,
			 json **ret_managed)
{
	_cleanup_free_ char *stored = NULL, *version = api_version_of(w->as->res);
	struct managed_versions v = managed_versions_of(w->as, &stored);
	_cleanup_json_ json *before = managed_scale(&v, cur), *copy = json_clone(cur);
	struct managed_write write = scale_write(w);
	json *s = check_kind(MANAGED_SCALE_VERSION, "Scale", config);

	if (!s)
		s = managed_apply(&write, before, config, force, ret);
	if (s)
		return s;
	managed_from_scale(&v, version, copy, *ret);
	object_set_managed(*ret, NULL);
	*ret_managed = json_take(json_get(copy, "metadata"), "managedFields");
	return object_check_scale(name_of(cur), false, *ret);
}

json *object_apply(const struct object_writer *w, const char *ns, const char *name, const char *subresource,
		   const json *cur, const json *config, bool force, json **ret, json **ret_managed)
{
	_cleanup_free_ char *stored = NULL, *version = NULL, *why = NULL;
	const struct kind *k = w->as->storage;
	struct managed_write write;
	json *s;

	*ret = *ret_managed = NULL;
	if (streq(subresource, "scale"))
		return apply_scale(w, cur, config, force, ret, ret_managed);
	write = write_of(w, subresource, &stored, &version);
	s = check_kind(version, w->as->res->kind, config);
	if (!s)
		s = managed_apply(&write, cur, config, force, ret);
	if (s)
		return s;
	*ret_managed = json_take(json_get(*ret, "metadata"), "managedFields");
	if (!cur && *json_str_or(json_get(*ret, "metadata", "uid"), "")) {
		why = xasprintf("uid mismatch: the provided object specified uid %s, and no existing object was found",
				json_str(json_get(*ret, "metadata", "uid")));
		return status_conflict(k->res, name, why);
	}
	s = check_place(ns, name, *ret);
	if (!s && schema_check(k->schema, *ret, false, &why, NULL))
		s = status_bad_request("%s in version \"%s\" cannot be handled as a %s: %s", k->res->kind, k->res->version,
				       k->res->kind, why);
	return s;
}
