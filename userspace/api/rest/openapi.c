// SPDX-License-Identifier: GPL-2.0-or-later
/* openapi.c - documents and types, see openapi.h */
#include "api/rest/openapi.h"

#include "api/rest/openapi_parts.h"
#include "api/schema/strlist.h"
#include "api/schema/tables.h"

#define PKG_RESOURCE "io.k8s.apimachinery.pkg.api.resource"
#define PKG_INTSTR "io.k8s.apimachinery.pkg.util.intstr"

/* Types that are written as one value. */
static const struct scalar {
	enum field_type type;
	const char *name;
	const char *v2, *v3;
} scalars[] = {
	{ F_QUANTITY, PKG_RESOURCE ".Quantity", "{\"type\":\"string\"}",
	  "{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}" },
	{ F_INT_OR_STRING, PKG_INTSTR ".IntOrString", "{\"type\":\"string\",\"format\":\"int-or-string\"}",
	  "{\"format\":\"int-or-string\",\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"string\"}]}" },
	{ F_TIME, "io.k8s.apimachinery.pkg.apis.meta.v1" ".Time", "{\"type\":\"string\",\"format\":\"date-time\"}",
	  "{\"type\":\"string\",\"format\":\"date-time\"}" },
	{ F_MICRO_TIME, "io.k8s.apimachinery.pkg.apis.meta.v1" ".MicroTime", "{\"type\":\"string\",\"format\":\"date-time\"}",
	  "{\"type\":\"string\",\"format\":\"date-time\"}" },
	{ F_ANY, "io.k8s.apimachinery.pkg.apis.meta.v1" ".FieldsV1", "{\"type\":\"object\"}", "{\"type\":\"object\"}" },
};

static const struct scalar *scalar_of(enum field_type type)
{
	for (size_t i = 0; i < ARRAY_SIZE(scalars); i++)
		if (scalars[i].type == type)
			return &scalars[i];
	return NULL;
}

json *openapi_ref(enum openapi_version v, const char *name)
{
	_cleanup_free_ char *ref = xasprintf("%s%s", v == OPENAPI_2 ? "#/definitions/" : "#/components/schemas/",
					     name);
	json *j = json_new_object();

	json_set_str(j, "$ref", ref);
	return j;
}

char *openapi_type_name(const struct schema *s, bool list)
{
	return xasprintf("%s.%s%s", s->package, s->name, list ? "List" : "");
}

json *openapi_gvk(const char *group, const char *version, const char *kind)
{
	json *j = json_new_object();

	json_set_str(j, "group", group);
	json_set_str(j, "kind", kind);
	json_set_str(j, "version", version);
	return j;
}

/* A reference beside which other members may stand: version 3 wants it wrapped. */
static json *reference(enum openapi_version v, const char *name)
{
	json *ref = openapi_ref(v, name), *j;

	if (v == OPENAPI_2)
		return ref;
	j = json_new_object();
	json_append(json_set(j, "allOf", json_new_array()), ref);
	return j;
}

/* The shape of one value of a type. */
static json *value_shape(enum openapi_version v, enum field_type type, const struct schema *sub)
{
	const struct scalar *s = scalar_of(type);
	_cleanup_free_ char *name = NULL;

	if (s)
		return reference(v, s->name);
	switch (type) {
	case F_BYTES:
		return json_build("{\"type\":\"string\",\"format\":\"byte\"}");
	case F_INT32:
		return json_build("{\"type\":\"integer\",\"format\":\"int32\"}");
	case F_INT64:
		return json_build("{\"type\":\"integer\",\"format\":\"int64\"}");
	case F_BOOL:
		return json_build("{\"type\":\"boolean\"}");
	case F_OBJECT:
		name = openapi_type_name(sub, false);
		return reference(v, name);
	default:
		return json_build("{\"type\":\"string\"}");
	}
}

static json *string_array(const char *comma_separated)
{
	_cleanup_strlist_ struct strlist l = { 0 };
	json *a = json_new_array();

	strlist_split(&l, comma_separated, ',');
	for (size_t i = 0; i < l.n; i++)
		json_append(a, json_new_str(l.items[i]));
	return a;
}

static json *property(enum openapi_version v, const struct field *f)
{
	json *j;

	if (f->type == F_LIST) {
		j = json_build("{\"type\":\"array\"}");
		json_set(j, "items", value_shape(v, f->elem, f->sub));
		json_set_str(j, "x-kubernetes-list-type", f->list == LIST_MAP ? "map" : f->list == LIST_SET ? "set" : "atomic");
		if (f->list == LIST_MAP)
			json_set(j, "x-kubernetes-list-map-keys", string_array(f->map_keys));
	} else if (f->type == F_MAP) {
		j = json_build("{\"type\":\"object\"}");
		json_set(j, "additionalProperties", value_shape(v, f->elem, f->sub));
	} else {
		j = value_shape(v, f->type, f->sub);
	}
	if (f->merge_key)
		json_set_str(j, "x-kubernetes-patch-merge-key", f->merge_key);
	if (f->strategy)
		json_set_str(j, "x-kubernetes-patch-strategy",
			     f->strategy == (STRATEGY_MERGE | STRATEGY_RETAIN_KEYS) ? "merge,retainKeys" :
			     f->strategy == STRATEGY_MERGE ? "merge" : "retainKeys");
	if (f->values && v == OPENAPI_3)
		json_set(j, "enum", string_array(f->values));
	return j;
}

static const struct kind *kind_with(const struct schema *s)
{
	for (size_t i = 0; kind_at(i); i++)
		if (kind_at(i)->schema == s)
			return kind_at(i);
	return NULL;
}

static json *type_shape(enum openapi_version v, const struct schema *s)
{
	const struct kind *k = kind_with(s);
	json *j = json_new_object(), *required = NULL, *properties;

	if (s->doc)
		json_set_str(j, "description", s->doc);
	json_set_str(j, "type", "object");
	for (size_t i = 0; i < s->n_fields; i++)
		if (s->fields[i].required) {
			if (!required)
				required = json_set(j, "required", json_new_array());
			json_append(required, json_new_str(s->fields[i].name));
		}
	properties = json_set(j, "properties", json_new_object());
	for (size_t i = 0; i < s->n_fields; i++)
		json_set(properties, s->fields[i].name, property(v, &s->fields[i]));
	if (k)
		json_append(json_set(j, "x-kubernetes-group-version-kind", json_new_array()),
			    openapi_gvk(k->res->group, k->res->version, k->res->kind));
	else if (s == &sch_autoscaling_v1_Scale)
		json_append(json_set(j, "x-kubernetes-group-version-kind", json_new_array()),
			    openapi_gvk("autoscaling", "v1", "Scale"));
	else if (s == &sch_meta_v1_DeleteOptions || s == &sch_meta_v1_Status || s == &sch_core_v1_Binding)
		json_append(json_set(j, "x-kubernetes-group-version-kind", json_new_array()),
			    openapi_gvk("", "v1", s->name));
	return j;
}

static json *list_shape(enum openapi_version v, const struct kind *k)
{
	_cleanup_free_ char *item = openapi_type_name(k->schema, false);
	_cleanup_free_ char *meta = openapi_type_name(&sch_meta_v1_ListMeta, false);
	_cleanup_free_ char *kind = xasprintf("%sList", k->res->kind);
	json *j = json_build("{\"description\":\"A list of %s.\",\"type\":\"object\",\"required\":[\"items\"],"
			     "\"properties\":{\"apiVersion\":{\"type\":\"string\"},\"items\":{\"type\":\"array\"},"
			     "\"kind\":{\"type\":\"string\"}}}", k->res->plural);

	json_set(json_get(j, "properties", "items"), "items", reference(v, item));
	json_set(json_get(j, "properties"), "metadata", reference(v, meta));
	json_append(json_set(j, "x-kubernetes-group-version-kind", json_new_array()),
		    openapi_gvk(k->res->group, k->res->version, kind));
	return j;
}

/* Adds a type and, before it returns, every type it is made of. */
static void add_type(enum openapi_version v, const struct schema *s, json *types)
{
	_cleanup_free_ char *name = openapi_type_name(s, false);

	if (json_get(types, name))
		return;
	json_set(types, name, type_shape(v, s));
	for (size_t i = 0; i < s->n_fields; i++) {
		const struct field *f = &s->fields[i];
		const struct scalar *scalar = scalar_of(f->type == F_LIST || f->type == F_MAP ? f->elem : f->type);

		if (f->sub)
			add_type(v, f->sub, types);
		else if (scalar && !json_get(types, scalar->name))
			json_set(types, scalar->name, json_build("%s", v == OPENAPI_2 ? scalar->v2 : scalar->v3));
	}
}

/* Types and paths of one kind: itself, its list, and what its calls take and give. */
static void add_kind(enum openapi_version v, const struct kind *k, json *types, json *paths)
{
	_cleanup_free_ char *list = openapi_type_name(k->schema, true);

	add_type(v, k->schema, types);
	json_set(types, list, list_shape(v, k));
	add_type(v, &sch_meta_v1_ListMeta, types);
	add_type(v, &sch_meta_v1_DeleteOptions, types);
	add_type(v, &sch_meta_v1_Status, types);
	if (kind_has_subresource(k, "scale"))
		add_type(v, &sch_autoscaling_v1_Scale, types);
	if (kind_has_subresource(k, "binding"))
		add_type(v, &sch_core_v1_Binding, types);
	if (kind_has_subresource(k, "eviction"))
		add_type(v, &sch_policy_v1_Eviction, types);
	if (kind_has_subresource(k, "token"))
		add_type(v, &sch_authentication_v1_TokenRequest, types);
	if (!json_get(types, "io.k8s.apimachinery.pkg.apis.meta.v1" ".Patch"))
		json_set(types, "io.k8s.apimachinery.pkg.apis.meta.v1" ".Patch",
			 json_build("{\"description\":\"A patch of any of the formats.\",\"type\":\"object\"}"));
	openapi_add_paths(v, k, paths);
}

static char *group_path(const struct resource *r)
{
	return *r->group ? xasprintf("apis/%s/%s", r->group, r->version) : xasprintf("api/%s", r->version);
}

json *openapi_v3_document(const char *path)
{
	_cleanup_json_ json *doc = json_build("{\"openapi\":\"3.0.0\",\"info\":{\"title\":\"Kubernetes\","
					      "\"version\":\"v1.36.0\"},\"paths\":{},\"components\":{\"schemas\":{}}}");
	json *types = json_get(doc, "components", "schemas"), *paths = json_get(doc, "paths");

	for (size_t i = 0; kind_at(i); i++) {
		_cleanup_free_ char *p = group_path(kind_at(i)->res);

		if (streq(p, path))
			add_kind(OPENAPI_3, kind_at(i), types, paths);
	}
	return json_len(types) ? TAKE_PTR(doc) : NULL;
}

/* FNV-1a, 64 bits: tells one text of a document from another. */
static uint64_t digest(const char *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return h;
}

json *openapi_v3_index(void)
{
	json *index = json_build("{\"paths\":{}}"), *paths = json_get(index, "paths");

	for (size_t i = 0; kind_at(i); i++) {
		_cleanup_free_ char *path = group_path(kind_at(i)->res), *text = NULL, *url = NULL;
		_cleanup_json_ json *doc = NULL;

		if (json_get(paths, path))
			continue;
		doc = openapi_v3_document(path);
		text = json_print(doc);
		url = xasprintf("/openapi/v3/%s?hash=%016llX", path, (unsigned long long)digest(text));
		json_set_str(json_set(paths, path, json_new_object()), "serverRelativeURL", url);
	}
	return index;
}

json *openapi_v2(void)
{
	json *doc = json_build("{\"swagger\":\"2.0\",\"info\":{\"title\":\"Kubernetes\",\"version\":\"v1.36.0\"},"
			       "\"paths\":{},\"definitions\":{}}");

	for (size_t i = 0; kind_at(i); i++)
		add_kind(OPENAPI_2, kind_at(i), json_get(doc, "definitions"), json_get(doc, "paths"));
	return doc;
}
