// SPDX-License-Identifier: GPL-2.0-or-later
/* crd_schema.c - what an OpenAPI schema of a CustomResourceDefinition may say, see crd.h */
#include "api/kinds/admission.h"
#include "api/kinds/crd.h"

#define REASONS "FieldValueDuplicate,FieldValueForbidden,FieldValueInvalid,FieldValueRequired"

/* Where in the object the schema is. */
struct place {
	bool in_meta;		/* within kind, apiVersion or metadata */
	const char *no_default;	/* "must not be set ...", or NULL where defaults are allowed */
};

static const char *type_of(const json *schema)
{
	return json_str_or(json_get(schema, "type"), "");
}

static bool flag(const json *schema, const char *key)
{
	return json_bool(json_get(schema, key), false);
}

/* --- looking through a schema ----------------------------------------------------------------- */

static const json *find_in(const json *list, bool (*pred)(const json *))
{
	const json *found = NULL;

	json_each(s, list) {
		found = crd_schema_find(s, pred);
		if (found)
			return found;
	}
	return NULL;
}

const json *crd_schema_find(const json *schema, bool (*pred)(const json *))
{
	static const char *const schemas[] = { "items", "not", "additionalProperties", "additionalItems" };
	static const char *const lists[] = { "items", "allOf", "anyOf", "oneOf" };
	static const char *const maps[] = { "properties", "patternProperties", "definitions", "dependencies" };
	const json *found = NULL;

	if (!json_is_object(schema))
		return NULL;
	if (pred(schema))
		return schema;
	for (size_t i = 0; i < ARRAY_SIZE(schemas) && !found; i++)
		found = crd_schema_find(json_get(schema, schemas[i]), pred);
	for (size_t i = 0; i < ARRAY_SIZE(lists) && !found; i++)
		if (json_is_array(json_get(schema, lists[i])))
			found = find_in(json_get(schema, lists[i]), pred);
	for (size_t i = 0; i < ARRAY_SIZE(maps) && !found; i++)
		found = find_in(json_get(schema, maps[i]), pred);
	return found;
}

bool crd_has_other_type(const json *schema)
{
	return *type_of(schema) && !one_of(type_of(schema), OPENAPI_TYPES);
}

/* --- one schema, those in it aside -------------------------------------------------------------- */

static void standard(const json *s, const struct place *at, const struct crd_leniency *l, const char *path,
		     struct field_errors *e)
{
	static const char *const no[] = { "id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref" };
	PATH(type, "%s.type", path);
	PATH(dflt, "%s.default", path);
	PATH(items, "%s.items", path);
	PATH(embedded, "%s.x-kubernetes-embedded-resource", path);

	if (!l->types && crd_has_other_type(s))
		field_not_supported(e, type, type_of(s), OPENAPI_TYPES);
	if (json_get(s, "default") && at->no_default)
		field_forbidden(e, dflt, at->no_default);
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		PATH(p, "%s.%s", path, no[i]);
		PATH(why, "%s is not supported", no[i]);

		if (json_get(s, no[i]))
			field_forbidden(e, p, why);
	}
	if (streq(type_of(s), "null"))
		field_forbidden(e, type, "type cannot be set to null, use nullable as an alternative");
	if (json_is_array(json_get(s, "items")))
		field_forbidden(e, items, "items must be a schema object and not an array");
	if (at->in_meta && flag(s, "x-kubernetes-embedded-resource"))
		field_forbidden(e, embedded, "must not be used inside of resource meta");
}

/* The type that an extension asks for. */
static bool has_type(const json *s, const char *type, const char *why, const char *path, struct field_errors *e)
{
	PATH(p, "%s.type", path);

	if (streq(type_of(s), type))
		return true;
	if (*type_of(s))
		field_invalid_str(e, p, type_of(s), why);
	else
		field_required(e, p, why);
	return false;
}

/* The extension that keeps the items of a set from being atoms, or NULL. */
static const char *loose_item(const json *items)
{
	const char *list = json_str(json_get(items, "x-kubernetes-list-type"));

	if (streq(type_of(items), "array") && list && !streq(list, "atomic"))
		return "x-kubernetes-list-type";
	if (streq(type_of(items), "object") && !streq(json_str(json_get(items, "x-kubernetes-map-type")), "atomic"))
		return "x-kubernetes-map-type";
	return NULL;
}

bool crd_has_loose_set(const json *s)
{
	return streq(json_str(json_get(s, "x-kubernetes-list-type")), "set") && json_is_object(json_get(s, "items")) &&
	       loose_item(json_get(s, "items"));
}

static bool among(const json *list, const char *s)
{
	json_each(it, list)
		if (streq(json_str(it), s))
			return true;
	return false;
}

/* The keys of a map in a list are members of its items, each once. */
static void key_names(const json *keys, const json *items, const char *path, struct field_errors *e)
{
	PATH(keys_path, "%s.x-kubernetes-list-map-keys", path);

	json_each(k, keys) {
		const json *p = json_get(items, "properties", json_str_or(k, ""));
		PATH(type, "%s.items.properties[%s].type", path, json_str_or(k, ""));

		if (!p)
			field_invalid_strings(e, keys_path, keys, "entries must all be names of item properties");
		else if (one_of(type_of(p), "array,object"))
			field_invalid_str(e, type, type_of(items), "must be a scalar type if parent array's x-kubernetes-list-type is map");
		for (const json *b = keys->child; b != k; b = b->next)
			if (json_equal(b, k)) {
				field_invalid_strings(e, keys_path, keys, "must not contain duplicate entries");
				break;
			}
	}
}

static void map_list(const json *s, const char *path, struct field_errors *e)
{
	const json *keys = json_get(s, "x-kubernetes-list-map-keys"), *items = json_get(s, "items");
	PATH(keys_path, "%s.x-kubernetes-list-map-keys", path);
	PATH(items_path, "%s.items", path);
	PATH(type, "%s.items.type", path);

	if (!json_len(keys))
		field_required(e, keys_path, "must not be empty if x-kubernetes-list-type is map");
	if (!items)
		field_required(e, items_path, "must have a schema if x-kubernetes-list-type is map");
	else if (!json_is_object(items))
		field_invalid_json(e, items_path, items, "must only have a single schema if x-kubernetes-list-type is map");
	else if (!streq(type_of(items), "object"))
		field_invalid_str(e, type, type_of(items), "must be object if parent array's x-kubernetes-list-type is map");
	else
		key_names(keys, items, path, e);
}

/* Items are told apart by what is always there. */
static void key_values(const json *s, const char *path, struct field_errors *e)
{
	const char *type = json_str_or(json_get(s, "x-kubernetes-list-type"), "");
	const json *items = json_get(s, "items");

	if (!json_is_object(items) || !one_of(type, "set,map"))
		return;
	if (flag(items, "nullable")) {
		PATH(p, "%s.items.nullable", path);
		PATH(why, "cannot be nullable when x-kubernetes-list-type is %s", type);

		field_forbidden(e, p, why);
	}
	if (streq(type, "set"))
		return;
	json_each(k, json_get(s, "x-kubernetes-list-map-keys")) {
		const char *key = json_str_or(k, "");
		const json *p = json_get(items, "properties", key);
		PATH(dflt, "%s.items.properties[%s].default", path, key);
		PATH(nullable, "%s.items.properties[%s].nullable", path, key);

		if (p && !among(json_get(items, "required"), key) && !json_get(p, "default"))
			field_required(e, dflt,
				       "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
		if (p && flag(p, "nullable"))
			field_forbidden(e, nullable, "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
	}
}

bool crd_has_loose_keys(const json *s)
{
	_cleanup_field_errors_ struct field_errors e = { 0 };

	key_values(s, "", &e);
	return e.n;
}

static void extensions(const json *s, const struct crd_leniency *l, const char *path, struct field_errors *e)
{
	const char *map = json_str(json_get(s, "x-kubernetes-map-type")), *list = json_str(json_get(s, "x-kubernetes-list-type"));
	const json *preserve = json_get(s, "x-kubernetes-preserve-unknown-fields");
	PATH(preserve_path, "%s.x-kubernetes-preserve-unknown-fields", path);
	PATH(map_path, "%s.x-kubernetes-map-type", path);
	PATH(list_path, "%s.x-kubernetes-list-type", path);

	if (cJSON_IsFalse(preserve))
		field_invalid(e, preserve_path, preserve, "must be true or undefined");
	if (map)
		has_type(s, "object", "must be object if x-kubernetes-map-type is specified", path, e);
	if (map && !one_of(map, "atomic,granular"))
		field_not_supported(e, map_path, map, "atomic,granular");
	if (list && has_type(s, "array", "must be array if x-kubernetes-list-type is specified", path, e) && !l->sets &&
	    crd_has_loose_set(s)) {
		PATH(p, "%s.items.%s", path, loose_item(json_get(s, "items")));

		field_invalid(e, p, json_get(s, "items", "x-kubernetes-list-type"),
			      "must be atomic as item of a list with x-kubernetes-list-type=set");
	}
	if (list && !one_of(list, "atomic,set,map"))
		field_not_supported(e, list_path, list, "atomic,set,map");
	if (json_len(json_get(s, "x-kubernetes-list-map-keys")) && !list)
		field_required(e, list_path, "must be map if x-kubernetes-list-map-keys is non-empty");
	else if (json_len(json_get(s, "x-kubernetes-list-map-keys")) && !streq(list, "map"))
		field_invalid_str(e, list_path, list, "must be map if x-kubernetes-list-map-keys is non-empty");
	if (streq(list, "map"))
		map_list(s, path, e);
	if (!l->keys)
		key_values(s, path, e);
}

/* Where its ends are trimmed, does the text have more than one line? */
static bool has_lines(const char *s)
{
	size_t n;

	s += strspn(s, " \t\n\v\f\r");
	for (n = strlen(s); n && strchr(" \t\n\v\f\r", s[n - 1]); n--)
		;
	return memchr(s, '\n', n) || memchr(s, '\r', n);
}

static bool leads_somewhere(const json *schema, const char *path)
{
	_cleanup_free_ char *why = NULL;

	if (crd_unstructural(schema))
		return true;
	crd_field_at(schema, path, true, NULL, &why);
	return !why;
}

/* A CEL rule; the expressions are not compiled. */
static void rule(const json *r, const json *schema, const char *path, struct field_errors *e)
{
	const char *text = json_str_or(json_get(r, "rule"), ""), *message = json_str_or(json_get(r, "message"), "");
	const char *expr = json_str_or(json_get(r, "messageExpression"), ""), *reason = json_str(json_get(r, "reason"));
	const char *at = json_str_or(json_get(r, "fieldPath"), "");
	PATH(rule_path, "%s.rule", path);
	PATH(message_path, "%s.message", path);
	PATH(expr_path, "%s.messageExpression", path);
	PATH(reason_path, "%s.reason", path);
	PATH(at_path, "%s.fieldPath", path);

	if (is_blank(text))
		field_required(e, rule_path, "rule is not specified");
	else if (*message && is_blank(message))
		field_invalid_str(e, message_path, message, "must be non-empty if specified");
	else if (has_lines(message))
		field_invalid_str(e, message_path, message, "must not contain line breaks");
	else if (has_lines(text) && !*message)
		field_required(e, message_path, "message must be specified if rule contains line breaks");
	if (*expr && is_blank(expr))
		field_required(e, expr_path, "messageExpression must be non-empty if specified");
	if (reason && !one_of(reason, REASONS))
		field_not_supported(e, reason_path, reason, REASONS);
	if (*at && is_blank(at))
		field_invalid_str(e, at_path, at, "must be non-empty if specified");
	if (strpbrk(at, "\n\r"))
		field_invalid_str(e, at_path, at, "must not contain line breaks");
	if (*at && !leads_somewhere(schema, at))
		field_invalid_str(e, at_path, at, "must be a valid path");
}

/* --- with all that is in it ----------------------------------------------------------------------- */

static void openapi(const json *s, const struct place *at, bool root, const struct crd_leniency *l, const char *path,
		    struct field_errors *e);

static void properties(const json *s, const struct place *at, bool root, const struct crd_leniency *l, const char *path,
		       struct field_errors *e)
{
	json_each(p, json_get(s, "properties")) {
		struct place below = *at;
		PATH(child, "%s.properties[%s]", path, json_key(p));
		PATH(why, "must not be set in top-level %s", json_key(p));

		if ((root || flag(s, "x-kubernetes-embedded-resource")) && one_of(json_key(p), "metadata,kind,apiVersion")) {
			below.in_meta = true;
			if (root)
				below.no_default = why;
		}
		openapi(p, &below, false, l, child, e);
	}
}

static void other_properties(const json *s, const struct place *at, const struct crd_leniency *l, const char *path,
			     struct field_errors *e)
{
	const json *more = json_get(s, "additionalProperties");
	struct place below = *at;
	PATH(p, "%s.additionalProperties", path);

	if (!more)
		return;
	if (json_len(json_get(s, "properties")) && !cJSON_IsTrue(more))
		field_forbidden(e, p, "additionalProperties and properties are mutual exclusive");
	if (at->in_meta)
		below.no_default = "must not be set inside additionalProperties applying to object metadata";
	if (json_is_object(more))
		openapi(more, &below, false, l, p, e);
}

static void listed(const json *s, const char *key, const struct place *at, const struct crd_leniency *l, const char *path,
		   struct field_errors *e)
{
	int i = 0;

	json_each(it, json_get(s, key)) {
		PATH(p, "%s.%s[%d]", path, key, i++);

		openapi(it, at, false, l, p, e);
	}
}

static void named(const json *s, const char *key, const struct place *at, const struct crd_leniency *l, const char *path,
		  struct field_errors *e)
{
	json_each(it, json_get(s, key)) {
		PATH(p, "%s.%s[%s]", path, key, json_key(it));

		if (json_is_object(it))
			openapi(it, at, false, l, p, e);
	}
}

static void openapi(const json *s, const struct place *at, bool root, const struct crd_leniency *l, const char *path,
		    struct field_errors *e)
{
	const json *items = json_get(s, "items"), *not = json_get(s, "not");
	int i = 0;
	PATH(unique, "%s.uniqueItems", path);
	PATH(not_path, "%s.not", path);
	PATH(items_path, "%s.items", path);

	standard(s, at, l, path, e);
	if (flag(s, "uniqueItems"))
		field_forbidden(e, unique, "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
	other_properties(s, at, l, path, e);
	properties(s, at, root, l, path, e);
	if (not)
		openapi(not, at, false, l, not_path, e);
	listed(s, "allOf", at, l, path, e);
	listed(s, "oneOf", at, l, path, e);
	listed(s, "anyOf", at, l, path, e);
	named(s, "definitions", at, l, path, e);
	if (json_is_object(items))
		openapi(items, at, false, l, items_path, e);
	else
		listed(s, "items", at, l, path, e);
	named(s, "dependencies", at, l, path, e);
	extensions(s, l, path, e);
	json_each(r, json_get(s, "x-kubernetes-validations")) {
		PATH(p, "%s.x-kubernetes-validations[%d]", path, i++);

		rule(r, s, p, e);
	}
}

/* What /status leaves alone, and what it is checked by, lies in properties: the root says nothing else of it. */
static void root_of_status(const json *s, const char *path, struct field_errors *e)
{
	static const char allowed[] = "description,type,format,title,maximum,exclusiveMaximum,minimum,exclusiveMinimum,maxLength,"
		"minLength,pattern,maxItems,minItems,uniqueItems,multipleOf,required,items,properties,externalDocs,example,"
		"x-kubernetes-preserve-unknown-fields,x-kubernetes-validations";
	static const char why[] = "only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength "
		"MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example "
		"XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled";
	PATH(type, "%s.type", path);

	if (*type_of(s) && !streq(type_of(s), "object")) {
		field_invalid_str(e, type, type_of(s),
				  "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled");
		return;
	}
	json_each(it, s)
		if (!one_of(json_key(it), allowed)) {
			field_invalid_json(e, path, s, why);
			return;
		}
}

void crd_validate_schema(const json *schema, bool status, const struct crd_leniency *l, const char *path,
			 struct field_errors *e)
{
	const char *unstructural = l->structure ? NULL : crd_unstructural(schema);
	struct place at = { 0 };
	size_t before = e->n;
	PATH(nullable, "%s.nullable", path);

	if (status)
		root_of_status(schema, path, e);
	if (flag(schema, "nullable"))
		field_forbidden(e, nullable, "nullable cannot be true at the root");
	if (!l->structure && !unstructural) {
		size_t n = e->n;

		crd_validate_structural(schema, path, e);
		if (e->n == n && !l->defaults)
			crd_validate_defaults(schema, path, e);
	}
	openapi(schema, &at, true, l, path, e);
	if (e->n == before && unstructural)
		field_invalid_str(e, path, "", unstructural);
}
