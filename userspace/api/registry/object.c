// SPDX-License-Identifier: GPL-2.0-or-later
/* object.c - bodies, creates and patches, see object.h */
#include "api/registry/object.h"

#include <errno.h>

#include "api/kinds/rules.h"
#include "api/meta/fielderr.h"
#include "api/meta/go_text.h"
#include "api/meta/patch.h"
#include "api/meta/status.h"
#include "api/schema/strlist.h"
#include "api/schema/tables.h"
#include "api/kinds/validate.h"

/* --- requests ------------------------------------------------------------------- */

/* "core" and "apps", as Go packages are called in messages */
static char *package_of(const struct resource *r)
{
	return xstrndup(*r->group ? r->group : "core", strcspn(*r->group ? r->group : "core", "."));
}

static json *wrong_kind(const struct kind *k, const char *kind)
{
	_cleanup_free_ char *package = package_of(k->res);

	return status_bad_request("%s in version \"%s\" cannot be handled as a %s: converting (%s.%s) to (%s.%s): unknown conversion",
				  kind, k->res->version, k->res->kind, k->res->version, kind, package, k->res->kind);
}

static json *check_types(const struct kind *k, bool strict, const json *obj)
{
	_cleanup_free_ char *why = NULL;

	if (!schema_check(k->schema, obj, strict, &why, NULL))
		return NULL;
	return status_bad_request("%s in version \"%s\" cannot be handled as a %s: %s", k->res->kind,
				  k->res->version, k->res->kind, why);
}

json *object_check_body(const struct kind *k, const char *ns, const char *name, bool strict, json *obj)
{
	_cleanup_free_ char *version = api_version_of(k->res);
	const char *given;
	json *meta, *s;

	if (!json_is_object(obj))
		return status_bad_request("the object provided is unrecognized (must be of type %s): it is no JSON object",
					  k->res->kind);
	given = json_str_or(json_get(obj, "apiVersion"), "");
	if (*given && !streq(given, version))
		return status_bad_request("the API version in the data (%s) does not match the expected API version (%s)",
					  given, version);
	given = json_str_or(json_get(obj, "kind"), "");
	if (*given && !streq(given, k->res->kind))
		return wrong_kind(k, given);
	s = check_types(k, strict, obj);
	if (s)
		return s;
	json_set_str(obj, "kind", k->res->kind);
	json_set_str(obj, "apiVersion", version);
	meta = json_obj(obj, "metadata");
	given = json_str_or(json_get(meta, "name"), "");
	if (name && *given && !streq(given, name))
		return status_bad_request("the name of the object (%s) does not match the name on the URL (%s)",
					  given, name);
	if (name)
		json_set_str(meta, "name", name);
	given = json_str_or(json_get(meta, "namespace"), "");
	if (ns && *given && !streq(given, ns))
		return status_bad_request("the namespace of the provided object does not match the namespace sent on the request");
	if (ns)
		json_set_str(meta, "namespace", ns);
	else if (!*given)
		json_del(meta, "namespace");
	return NULL;
}

json *object_check_scale(const char *name, bool strict, json *scale)
{
	const char *version = json_str_or(json_get(scale, "apiVersion"), "");
	const char *kind = json_str_or(json_get(scale, "kind"), "");
	const char *given = json_str_or(json_get(scale, "metadata", "name"), "");
	_cleanup_free_ char *why = NULL;

	if ((*version && !streq(version, "autoscaling/v1")) || (*kind && !streq(kind, "Scale")))
		return status_bad_request("%s in version \"%s\" cannot be handled as a Scale: no kind \"%s\" is registered for version \"%s\"",
					  kind, version, kind, version);
	if (schema_check(&sch_autoscaling_v1_Scale, scale, strict, &why, NULL))
		return status_bad_request("Scale in version \"v1\" cannot be handled as a Scale: %s", why);
	if (*given && !streq(given, name))
		return status_bad_request("the name of the object (%s) does not match the name on the URL (%s)", given, name);
	return NULL;
}

#define NAME_MAX_BASE 58	/* of generateName, before the random letters */
#define NAME_RANDOM 5

static void generate_name(json *meta)
{
	const char *name = json_str_or(json_get(meta, "name"), "");
	const char *base = json_str_or(json_get(meta, "generateName"), "");
	char suffix[NAME_RANDOM + 1];
	_cleanup_free_ char *made = NULL;

	if (*name || !*base)
		return;
	random_suffix(suffix, NAME_RANDOM);
	made = xasprintf("%.*s%s", NAME_MAX_BASE, base, suffix);
	json_set_str(meta, "name", made);
}

json *object_prepare_create(const struct kind *k, json *obj, uint64_t now_us)
{
	static const char *const not_yours[] = { "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion",
						 "selfLink", "generation" };
	json *meta = json_obj(obj, "metadata");
	const char *rv = json_str_or(json_get(meta, "resourceVersion"), "");
	char uid[37], now[32];

	if (*rv && !streq(rv, "0"))
		return status_bad_request("resourceVersion should not be set on objects to be created");
	for (size_t i = 0; i < ARRAY_SIZE(not_yours); i++)
		json_del(meta, not_yours[i]);
	generate_name(meta);
	random_uuid(uid);
	json_set_str(meta, "uid", uid);
	format_time(now_us, now);
	json_set_str(meta, "creationTimestamp", now);
	if (k->flags & KIND_GENERATION)
		json_set_int(meta, "generation", 1);
	reset_status(k, obj);
	default_fields(k, obj);
	return NULL;
}

json *object_validate(const struct kind *k, const char *subresource, const json *obj, const json *cur)
{
	_cleanup_field_errors_ struct field_errors e = {0};

	if (!cur)
		validate_create(k, obj, &e);
	else
		validate_update_sub(k, subresource, obj, cur, &e);
	return e.n ? status_invalid(k->res, json_str_or(json_get(obj, "metadata", "name"), ""), &e) : NULL;
}

/* --- patches -------------------------------------------------------------------- */

static int apply_patch(const struct schema *schema, const json *cur, enum store_patch_type type, const json *patch,
		       json **ret, json **ret_status)
{
	_cleanup_free_ char *why = NULL;
	int err;

	switch (type) {
	case STORE_PATCH_MERGE:
		err = patch_merge(cur, patch, ret, &why);
		break;
	case STORE_PATCH_STRATEGIC:
		err = patch_strategic(schema, cur, patch, ret, &why);
		break;
	case STORE_PATCH_JSON:
		err = patch_json(cur, patch, ret, &why);
		break;
	default:
		*ret_status = status_unsupported_patch();
		return -EOPNOTSUPP;
	}
	if (err == -EBADMSG)
		*ret_status = status_failure(422, "Invalid", json_new_object(),
					     "the server rejected our request due to an error in our request");
	else if (err)
		*ret_status = status_bad_request("%s", why ? why : "the patch cannot be read");
	return err;
}

/* 422 ` "" is invalid: patch: Invalid value: "...": why` with what Kubernetes decoded last */
static json *patch_refused(enum store_patch_type type, const json *patch, const json *next, const char *why)
{
	static const struct resource nothing = { "", "", "", "", false, "", "" };
	_cleanup_field_errors_ struct field_errors e = {0};
	_cleanup_free_ char *text = NULL;
	struct buf b = {0};
	json *s;

	if (type == STORE_PATCH_STRATEGIC)
		go_text(&b, patch);
	text = type == STORE_PATCH_STRATEGIC ? buf_steal(&b) : json_print(next);
	field_invalid_str(&e, "patch", text, why);
	s = status_invalid(&nothing, "", &e);
	json_del(json_get(s, "details"), "kind");
	return s;
}

/* A refusal for what the patch makes of the wrong type. */
static json *check_patched(const struct kind *k, enum store_patch_type type, const json *patch, const json *next)
{
	_cleanup_free_ char *why = NULL, *whole = NULL;

	if (!schema_check(k->schema, next, false, &why, NULL))
		return NULL;
	if (type == STORE_PATCH_STRATEGIC)
		whole = schema_unrestorable(k->schema, next);
	return patch_refused(type, patch, next, whole ? whole : why);
}

/* A refusal for the fields that the patch brings and the schema does not know. */
static json *check_new_fields(const struct kind *k, const json *cur, enum store_patch_type type, const json *patch,
			      const json *next)
{
	_cleanup_strlist_ struct strlist before = {0}, after = {0};
	_cleanup_free_ char *why = NULL, *whole = NULL;
	struct buf list = {0};

	schema_check(k->schema, next, false, &why, &after);
	schema_check(k->schema, cur, false, &why, &before);
	for (size_t i = 0; i < after.n; i++)
		if (!strlist_has(&before, after.items[i]))
			buf_printf(&list, "%s%s", list.len ? ", " : "", after.items[i]);
	if (!list.len)
		return NULL;
	whole = xasprintf("strict decoding error: %s", list.data);
	buf_free(&list);
	return patch_refused(type, patch, next, whole);
}

json *object_patch(const struct kind *k, const char *subresource, const json *stored, enum store_patch_type type,
		   const json *patch, bool strict, json **ret)
{
	bool scale = streq(subresource, "scale");
	_cleanup_json_ json *cur = scale ? object_scale(stored) : json_clone(stored);
	_cleanup_json_ json *next = NULL;
	json *s = NULL;

	if (!scale)
		kind_from_storage(k, cur);
	if (apply_patch(scale ? &sch_autoscaling_v1_Scale : k->schema, cur, type, patch, &next, &s))
		return s;
	if (!json_is_object(next))
		return status_bad_request("the patch makes the object something else");
	if (scale)
		s = object_check_scale(json_str_or(json_get(cur, "metadata", "name"), ""), strict, next);
	else
		s = check_patched(k, type, patch, next);
	if (!s && !scale && strict)
		s = check_new_fields(k, cur, type, patch, next);
	if (s)
		return s;
	if (!scale)
		kind_to_storage(k, next);
	*ret = TAKE_PTR(next);
	return NULL;
}
