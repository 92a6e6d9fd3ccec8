// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crd_structural.c - is a schema structural, see crd.h
 *
 * In a structural schema the types of all fields stand outside of allOf, anyOf,
 * oneOf and not, so that objects can be pruned and get their defaults whatever
 * their values are.
 */
#include <stdlib.h>

#include "api/kinds/crd.h"

enum level { ROOT, ITEM, FIELD };

#define NESTED "must be undefined to be structural"
#define NESTED_EMPTY "must be empty to be structural"
#define NESTED_FALSE "must be false to be structural"

static const char *const junctors[] = { "anyOf", "allOf", "oneOf" };

static bool flag(const json *schema, const char *key)
{
	return json_bool(json_get(schema, key), false);
}

static bool has(const json *schema, const char *key)
{
	const json *v = json_get(schema, key);

	return v && !cJSON_IsNull(v) && !cJSON_IsFalse(v) && !streq(json_str_or(v, "x"), "") &&
	       !((json_is_array(v) || json_is_object(v)) && !v->child);
}

static const char *type_of(const json *schema)
{
	return json_str_or(json_get(schema, "type"), "");
}

/* --- what cannot be read as a structural schema at all ------------------------------------------ */

static const char *unsupported(const json *schema)
{
	static const struct {
		const char *key, *why;
	} v[] = {
		{ "id", "OpenAPIV3Schema 'id' is not supported" },
		{ "$schema", "OpenAPIV3Schema 'schema' is not supported" },
		{ "$ref", "OpenAPIV3Schema '$ref' is not supported" },
		{ "patternProperties", "OpenAPIV3Schema 'patternProperties' is not supported" },
		{ "dependencies", "OpenAPIV3Schema 'dependencies' is not supported" },
		{ "definitions", "OpenAPIV3Schema 'definitions' is not supported" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (has(schema, v[i].key))
			return v[i].why;
	if (json_get(schema, "additionalItems"))
		return "OpenAPIV3Schema 'additionalItems' is not supported";
	if (cJSON_IsFalse(json_get(schema, "x-kubernetes-preserve-unknown-fields")))
		return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
	if (json_is_array(json_get(schema, "items")))
		return "OpenAPIV3Schema 'items' must be a schema, but is an array";
	return NULL;
}

static bool is_unsupported(const json *schema)
{
	return unsupported(schema);
}

const char *crd_unstructural(const json *schema)
{
	return unsupported(crd_schema_find(schema, is_unsupported));
}

/* --- invariants --------------------------------------------------------------------------------- */

static bool int_or_string(const json *any_of)
{
	const json *a = json_len(any_of) == 2 ? any_of->child : NULL;

	return a && json_len(a) == 1 && streq(type_of(a), "integer") && json_len(a->next) == 1 && streq(type_of(a->next), "string");
}

static void nested(const json *v, bool skip_any_of, const char *path, struct field_errors *e);

/* What stands under allOf and its like, and the pattern. */
static void value_validation(const json *s, bool skip_any_of, bool skip_first, const char *path, struct field_errors *e)
{
	PATH(not, "%s.not", path);

	for (size_t k = 0; k < ARRAY_SIZE(junctors); k++) {
		int i = 0;

		if (k == 0 && skip_any_of)
			continue;
		json_each(v, json_get(s, junctors[k])) {
			PATH(p, "%s.%s[%d]", path, junctors[k], i);

			nested(v, k == 1 && !i && skip_first, p, e);
			i++;
		}
	}
	if (json_get(s, "not"))
		nested(json_get(s, "not"), false, not, e);
}

/* A schema under a junctor says of values only. */
static void nested(const json *v, bool skip_any_of, const char *path, struct field_errors *e)
{
	static const struct {
		const char *key, *why;
	} no[] = {
		{ "type", NESTED_EMPTY }, { "additionalProperties", NESTED }, { "default", NESTED }, { "title", NESTED_EMPTY },
		{ "description", NESTED_EMPTY }, { "nullable", NESTED_FALSE },
		{ "x-kubernetes-preserve-unknown-fields", NESTED_FALSE }, { "x-kubernetes-embedded-resource", NESTED_FALSE },
		{ "x-kubernetes-int-or-string", NESTED_FALSE }, { "x-kubernetes-list-map-keys", NESTED_EMPTY },
		{ "x-kubernetes-list-type", NESTED }, { "x-kubernetes-map-type", NESTED },
		{ "x-kubernetes-validations", NESTED_EMPTY },
	};
	const json *items = json_get(v, "items");
	PATH(items_path, "%s.items", path);

	value_validation(v, skip_any_of, false, path, e);
	if (items)
		nested(items, false, items_path, e);
	json_each(p, json_get(v, "properties")) {
		PATH(child, "%s.properties[%s]", path, json_key(p));

		nested(p, false, child, e);
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		const json *m = json_get(v, no[i].key);
		PATH(p, "%s.%s", path, no[i].key);

		/* a default of false is one, and so is an empty schema of other properties */
		if (i == 1 || i == 2 ? m && !cJSON_IsNull(m) && !(i == 1 && cJSON_IsFalse(m)) : has(v, no[i].key))
			field_forbidden(e, p, no[i].why);
	}
	if (json_get(v, "properties", "metadata")) {
		PATH(p, "%s.properties[metadata]", path);

		field_forbidden(e, p, "must not be specified in a nested context");
	}
}

static bool restricts_names_only(const json *properties)
{
	json_each(p, properties)
		if (!one_of(json_key(p), "name,generateName"))
			return false;
	return true;
}

static void metadata(const json *m, bool is_object, bool root, const char *path, struct field_errors *e)
{
	PATH(type, "%s.type", path);

	if (is_object && !streq(type_of(m), "object"))
		field_invalid_str(e, type, type_of(m), "must be object");
	if (!root)
		return;
	json_each(it, m) {
		const char *key = json_key(it);

		if (one_of(key, "type,default") || !has(m, key) || (streq(key, "properties") && restricts_names_only(it)))
			continue;
		field_forbidden(e, path,
				"must not specify anything other than name and generateName, but metadata is implicitly specified");
		return;
	}
}

/* kind and apiVersion are strings, metadata is what it always is. */
static void object_properties(const json *s, enum level level, const char *path, struct field_errors *e)
{
	static const char *const strings[] = { "kind", "apiVersion" };
	bool is_object = level == ROOT || flag(s, "x-kubernetes-embedded-resource");
	const json *properties = json_get(s, "properties"), *meta = json_get(properties, "metadata");

	for (size_t i = 0; i < ARRAY_SIZE(strings) && is_object; i++) {
		const json *p = json_get(properties, strings[i]);
		PATH(type, "%s.properties[%s].type", path, strings[i]);

		if (p && !streq(type_of(p), "string"))
			field_invalid_str(e, type, type_of(p), "must be string");
	}
	if (meta) {
		PATH(p, "%s.properties[metadata]", path);

		metadata(meta, is_object, level == ROOT, p, e);
	}
}

static void own_type(const json *s, enum level level, const char *path, struct field_errors *e)
{
	static const char *const why[] = {
		[ROOT] = "must not be empty at the root",
		[ITEM] = "must not be empty for specified array items",
		[FIELD] = "must not be empty for specified object fields",
	};
	bool embedded = flag(s, "x-kubernetes-embedded-resource"), int_or_str = flag(s, "x-kubernetes-int-or-string");
	bool preserve = flag(s, "x-kubernetes-preserve-unknown-fields");
	const json *type = json_get(s, "type");
	bool typed = *type_of(s);
	PATH(type_path, "%s.type", path);

	if (embedded && !typed)
		field_required(e, type_path, "must be object if x-kubernetes-embedded-resource is true");
	else if (embedded && !streq(type_of(s), "object"))
		field_invalid(e, type_path, type, "must be object if x-kubernetes-embedded-resource is true");
	else if (!typed && !int_or_str && !preserve)
		field_required(e, type_path, why[level]);
	if (level == ROOT && typed && !streq(type_of(s), "object"))
		field_invalid(e, type_path, type, "must be object at the root");
}

static void invariants(const json *s, enum level level, const char *path, struct field_errors *e)
{
	const json *items = json_get(s, "items"), *more = json_get(s, "additionalProperties");
	bool embedded = flag(s, "x-kubernetes-embedded-resource"), int_or_str = flag(s, "x-kubernetes-int-or-string");
	bool preserve = flag(s, "x-kubernetes-preserve-unknown-fields");
	const json *all_of = json_get(s, "allOf");
	PATH(items_path, "%s.items", path);
	PATH(more_path, "%s.additionalProperties", path);
	PATH(preserve_path, "%s.x-kubernetes-preserve-unknown-fields", path);
	PATH(embedded_path, "%s.x-kubernetes-embedded-resource", path);
	PATH(properties_path, "%s.properties", path);

	if (streq(type_of(s), "array") && !items)
		field_required(e, items_path, "must be specified");
	if (items)
		invariants(items, ITEM, items_path, e);
	json_each(p, json_get(s, "properties")) {
		PATH(child, "%s[%s]", properties_path, json_key(p));

		invariants(p, FIELD, child, e);
	}
	if (more && level == ROOT)
		field_forbidden(e, more_path, "must not be used at the root");
	if (json_is_object(more))
		invariants(more, FIELD, more_path, e);
	if (int_or_str && preserve)
		field_error(e, preserve_path, FIELD_INVALID, "Invalid value: true: must be false if x-kubernetes-int-or-string is true");
	if (int_or_str && embedded)
		field_error(e, embedded_path, FIELD_INVALID, "Invalid value: true: must be false if x-kubernetes-int-or-string is true");
	value_validation(s, int_or_string(json_get(s, "anyOf")),
			 all_of && int_or_string(json_get(all_of->child, "anyOf")), path, e);
	own_type(s, level, path, e);
	if (embedded && more)
		field_forbidden(e, more_path, "must not be used if x-kubernetes-embedded-resource is set");
	object_properties(s, level, path, e);
	if (embedded && !preserve && !has(s, "properties"))
		field_required(e, properties_path,
			       "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields");
}

/* --- completeness: what is said of a value's fields is said of fields that are there ---------------- */

static void complete(const json *v, const json *s, const char *own, const char *from, struct field_errors *e);

static void junctors_complete(const json *v, const json *s, const char *own, const char *from, struct field_errors *e)
{
	static const char *const order[] = { "allOf", "anyOf", "oneOf" };
	PATH(not, "%s.not", from);

	if (json_get(v, "not"))
		complete(json_get(v, "not"), s, own, not, e);
	for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
		int i = 0;

		json_each(it, json_get(v, order[k])) {
			PATH(p, "%s.%s[%d]", from, order[k], i++);

			complete(it, s, own, p, e);
		}
	}
}

static void complete(const json *v, const json *s, const char *own, const char *from, struct field_errors *e)
{
	PATH(own_items, "%s.items", own);
	PATH(from_items, "%s.items", from);

	if (!s) {
		PATH(why, "because it is defined in %s", from);

		field_required(e, own, why);
		return;
	}
	junctors_complete(v, s, own, from, e);
	if (json_get(v, "items"))
		complete(json_get(v, "items"), json_get(s, "items"), own_items, from_items, e);
	json_each(p, json_get(v, "properties")) {
		PATH(own_field, "%s.properties[%s]", own, json_key(p));
		PATH(from_field, "%s.properties[%s]", from, json_key(p));

		complete(p, json_get(s, "properties", json_key(p)), own_field, from_field, e);
	}
}

static int by_text(const void *a, const void *b)
{
	const struct field_error *x = a, *y = b;
	PATH(left, "%s: %s", x->path, x->message);
	PATH(right, "%s: %s", y->path, y->message);

	return strcmp(left, right);
}

void crd_validate_structural(const json *schema, const char *path, struct field_errors *e)
{
	size_t before = e->n;

	invariants(schema, ROOT, path, e);
	junctors_complete(schema, schema, path, path, e);
	if (e->n > before + 1)
		qsort(e->items + before, e->n - before, sizeof(*e->items), by_text);
}

/* --- defaults ------------------------------------------------------------------------------------- */

/* Has the value a field that a server would drop? */
static bool has_unknown(const json *value, const json *schema, bool root)
{
	const json *properties = json_get(schema, "properties"), *more = json_get(schema, "additionalProperties");

	if (json_is_array(value)) {
		json_each(v, value)
			if (has_unknown(v, json_get(schema, "items"), flag(json_get(schema, "items"), "x-kubernetes-embedded-resource")))
				return true;
		return false;
	}
	if (!json_is_object(value))
		return false;
	json_each(v, value) {
		const json *p = json_get(properties, json_key(v));

		if (root && one_of(json_key(v), "metadata,apiVersion,kind"))
			continue;
		if (!p && json_is_object(more))
			p = more;
		if (p ? has_unknown(v, p, flag(p, "x-kubernetes-embedded-resource")) :
			!cJSON_IsTrue(more) && !flag(schema, "x-kubernetes-preserve-unknown-fields"))
			return true;
	}
	return false;
}

static void own_defaults(const json *s, bool in_meta, bool object, const char *path, struct field_errors *e)
{
	const json *dflt = json_get(s, "default"), *items = json_get(s, "items");
	PATH(dflt_path, "%s.default", path);
	PATH(items_path, "%s.items", path);

	object |= flag(s, "x-kubernetes-embedded-resource");
	in_meta &= !object;
	if (dflt && !in_meta && has_unknown(dflt, s, object))
		field_invalid_json(e, dflt_path, dflt, "must not have unknown fields");
	if (items)
		own_defaults(items, in_meta, false, items_path, e);
	json_each(p, json_get(s, "properties")) {
		PATH(child, "%s.properties[%s]", path, json_key(p));

		own_defaults(p, in_meta || (object && one_of(json_key(p), "metadata,apiVersion,kind")), false, child, e);
	}
}

void crd_validate_defaults(const json *schema, const char *path, struct field_errors *e)
{
	own_defaults(schema, false, true, path, e);
}
