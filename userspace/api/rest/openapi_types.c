// SPDX-License-Identifier: GPL-2.0-or-later
/* openapi_types.c - definitions of types in the OpenAPI documents, see openapi_parts.h */
#include "api/rest/openapi_parts.h"

#include "api/schema/strlist.h"
#include "api/schema/tables.h"

#define META "io.k8s.apimachinery.pkg.apis.meta.v1."
#define CRD "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."

/* Types that are written as one value, or as anything: shape without the text, in both dialects. */
struct openapi_special {
	enum field_type type;
	const char *name;
	const char *v2, *v3;
	const char *doc;
};

const struct openapi_special openapi_patch = {
	F_ANY, META "Patch", "{\"type\":\"object\"}", "{\"type\":\"object\"}",
	"A patch; the request's Content-Type says of which format.",
};

static const struct openapi_special fields_v1 = {
	F_ANY, META "FieldsV1", "{\"type\":\"object\"}", "{\"type\":\"object\"}",
	"A set of fields: a member \"f:NAME\" for each field, \"k:{...}\" for an item of a list by its keys, "
	"\"v:VALUE\" for one of a set, \".\" for the object itself.",
};
static const struct openapi_special any_json = {
	F_ANY, CRD "JSON", "{}", "{}", "Any JSON value.",
};
static const struct openapi_special any_object = {
	F_ANY, "io.k8s.apimachinery.pkg.runtime.RawExtension", "{\"type\":\"object\"}", "{\"type\":\"object\"}",
	"An object of any kind.",
};

static const struct openapi_special specials[] = {
	{ F_QUANTITY, "io.k8s.apimachinery.pkg.api.resource.Quantity", "{\"type\":\"string\"}",
	  "{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}",
	  "An amount as a decimal number with an optional suffix: n, u, m, k, M, G, T, P, E for powers of ten, "
	  "Ki, Mi, Gi, Ti, Pi, Ei for powers of 1024, or an exponent as in 1e3." },
	{ F_INT_OR_STRING, "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
	  "{\"type\":\"string\",\"format\":\"int-or-string\"}",
	  "{\"format\":\"int-or-string\",\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"string\"}]}",
	  "A number, or a string such as a percentage or a name." },
	{ F_TIME, META "Time", "{\"type\":\"string\",\"format\":\"date-time\"}",
	  "{\"type\":\"string\",\"format\":\"date-time\"}", "A time to the second (RFC 3339)." },
	{ F_MICRO_TIME, META "MicroTime", "{\"type\":\"string\",\"format\":\"date-time\"}",
	  "{\"type\":\"string\",\"format\":\"date-time\"}", "A time to the microsecond (RFC 3339)." },
	{ F_DURATION, META "Duration", "{\"type\":\"string\"}", "{\"type\":\"string\"}",
	  "A length of time such as 1h30m or 500ms." },
	{ F_SCHEMA_OR_ARRAY, CRD "JSONSchemaPropsOrArray", "{}", "{}", "A schema, or a list of schemas." },
	{ F_SCHEMA_OR_BOOL, CRD "JSONSchemaPropsOrBool", "{}", "{}", "A schema, or true or false." },
	{ F_SCHEMA_OR_STRINGS, CRD "JSONSchemaPropsOrStringArray", "{}", "{}", "A schema, or a list of strings." },
};

static bool is_container(const struct field *f)
{
	return f->type == F_LIST || f->type == F_MAP;
}

/* The special type of a field's value, or of what is in its list or map; NULL if it is none. */
static const struct openapi_special *special_of(const struct schema *owner, const struct field *f)
{
	enum field_type type = is_container(f) ? f->elem : f->type;

	if (type == F_ANY)
		return streq(f->name, "fieldsV1") ? &fields_v1 : startswith(CRD, owner->package) ? &any_json : &any_object;
	for (size_t i = 0; i < ARRAY_SIZE(specials); i++)
		if (specials[i].type == type)
			return &specials[i];
	return NULL;
}

/* --- sets of types ------------------------------------------------------------- */

void openapi_types_free(struct openapi_types *t)
{
	free(t->list);
	*t = (struct openapi_types){ 0 };
}

void openapi_types_add(struct openapi_types *types, const struct openapi_type *t)
{
	for (size_t i = 0; i < types->n; i++)
		if (types->list[i].schema == t->schema && types->list[i].list_of == t->list_of &&
		    types->list[i].special == t->special)
			return;
	if (!(types->n & (types->n - 1)))	/* full: a power of two, or nothing yet */
		types->list = xrealloc(types->list, (types->n ? types->n * 2 : 1) * sizeof(*types->list));
	types->list[types->n++] = *t;
}

void openapi_types_follow(struct openapi_types *types, size_t i)
{
	const struct schema *s = types->list[i].schema;

	if (types->list[i].list_of) {
		openapi_types_add(types, &(struct openapi_type){ .schema = types->list[i].list_of->schema });
		openapi_types_add(types, &(struct openapi_type){ .schema = &sch_meta_v1_ListMeta });
	}
	for (size_t j = 0; s && j < s->n_fields; j++) {
		const struct openapi_special *special = special_of(s, &s->fields[j]);

		if (special)
			openapi_types_add(types, &(struct openapi_type){ .special = special });
		if (s->fields[j].sub)	/* beside a special type as well: a schema is what one of its forms is */
			openapi_types_add(types, &(struct openapi_type){ .schema = s->fields[j].sub });
	}
}

/* --- names --------------------------------------------------------------------- */

char *openapi_type_name(const struct openapi_type *t)
{
	if (t->special)
		return xstrdup(t->special->name);
	if (t->list_of)
		return xasprintf("%s.%sList", t->list_of->schema->package, t->list_of->schema->name);
	return xasprintf("%s.%s", t->schema->package, t->schema->name);
}

json *openapi_ref(enum openapi_version v, const struct openapi_type *t)
{
	_cleanup_free_ char *name = openapi_type_name(t);
	_cleanup_free_ char *ref = xasprintf("%s%s", v == OPENAPI_2 ? "#/definitions/" : "#/components/schemas/", name);
	json *j = json_new_object();

	json_set_str(j, "$ref", ref);
	return j;
}

const struct schema *openapi_schema_of(const char *group, const char *version, const char *kind)
{
	size_t n = *group ? strcspn(group, ".") : strlen("core");
	const char *first = *group ? group : "core";

	for (const struct schema *const *s = schema_types; *s; s++) {
		const char *at = (*s)->package;

		if (!streq((*s)->name, kind) || !streq(schema_version(*s), version))
			continue;
		at += strlen(at) - strlen(version) - 1;
		if ((size_t)(at - (*s)->package) > n && !strncmp(at - n, first, n) && at[-(ssize_t)n - 1] == '.')
			return *s;
	}
	return NULL;
}

json *openapi_gvk(const char *group, const char *version, const char *kind)
{
	json *j = json_new_object();

	json_set_str(j, "group", group);
	json_set_str(j, "kind", kind);
	json_set_str(j, "version", version);
	return j;
}

/* --- definitions --------------------------------------------------------------- */

/* A reference beside which other members may stand: version 3 wants it wrapped. */
static json *reference(enum openapi_version v, const struct openapi_type *t)
{
	json *ref = openapi_ref(v, t), *j;

	if (v == OPENAPI_2)
		return ref;
	j = json_new_object();
	json_append(json_set(j, "allOf", json_new_array()), ref);
	return j;
}

static json *shape(const char *type, const char *format)
{
	json *j = json_new_object();

	json_set_str(j, "type", type);
	json_set_str(j, "format", format);
	return j;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A comma-separated list as an array of strings. */
static json *string_array(const char *list)
{
	_cleanup_strlist_ struct strlist l = { 0 };
	json *a = json_new_array();

	strlist_split(&l, list, ',');
	for (size_t i = 0; i < l.n; i++)
		json_append(a, json_new_str(l.items[i]));
	return a;
}

/* The same in alphabetical order; "" is among them if it begins with a comma. */
static json *enumeration(const char *list)
{
	_cleanup_strlist_ struct strlist l = { 0 };
	json *a = json_new_array();

	strlist_split(&l, list, ',');
	qsort(l.items, l.n, sizeof(*l.items), by_text);
	if (*list == ',')
		json_append(a, json_new_str(""));
	for (size_t i = 0; i < l.n; i++)
		json_append(a, json_new_str(l.items[i]));
	return a;
}

/* The shape of a field's value, or of what is in its list or map. */
static json *value_shape(enum openapi_version v, const struct schema *owner, const struct field *f)
{
	const struct openapi_special *s = special_of(owner, f);
	json *j;

	if (s)
		return reference(v, &(struct openapi_type){ .special = s });
	switch (is_container(f) ? f->elem : f->type) {
	case F_BYTES:
		return shape("string", "byte");
	case F_INT32:
		return shape("integer", "int32");
	case F_INT64:
		return shape("integer", "int64");
	case F_DOUBLE:
		return shape("number", "double");
	case F_BOOL:
		return shape("boolean", NULL);
	case F_OBJECT:
		return reference(v, &(struct openapi_type){ .schema = f->sub });
	case F_STRINGS:
		j = shape("array", NULL);
		json_set(j, "items", shape("string", NULL));
		return j;
	default:
		j = shape("string", NULL);
		if (f->closed && v == OPENAPI_3)
			json_set(j, "enum", enumeration(f->values));
		return j;
	}
}

/* What apiVersion and kind say is the same everywhere; they are no fields in protobuf. */
static const char *text_of(const struct field *f)
{
	if (f->doc || f->number)
		return f->doc;
	if (streq(f->name, "apiVersion"))
		return "Group and version of the API in which the object is written, as apps/v1; v1 for the core group.";
	if (streq(f->name, "kind"))
		return "What the object is, as Deployment; with apiVersion it says which fields there are. It cannot be changed.";
	return NULL;
}

static void set_list_type(json *j, const struct field *f)
{
	static const char *const of_list[] = { [LIST_ATOMIC] = "atomic", [LIST_SET] = "set", [LIST_MAP] = "map" };

	if (f->type == F_LIST && f->list != LIST_NONE && f->list != LIST_GRANULAR)
		json_set_str(j, "x-kubernetes-list-type", of_list[f->list]);
	if (f->type == F_LIST && f->list == LIST_MAP)
		json_set(j, "x-kubernetes-list-map-keys", string_array(f->map_keys));
	if (f->type != F_LIST && f->list == LIST_ATOMIC)
		json_set_str(j, "x-kubernetes-map-type", "atomic");
	if (f->type != F_LIST && f->list == LIST_GRANULAR)
		json_set_str(j, "x-kubernetes-map-type", "granular");
}

static json *constant(const char *text)
{
	json *j = NULL;

	if (json_parse(text, strlen(text), &j, NULL))
		abort();
	return j;
}

static json *property(enum openapi_version v, const struct schema *owner, const struct field *f)
{
	json *j;

	if (is_container(f)) {
		j = shape(f->type == F_LIST ? "array" : "object", NULL);
		json_set(j, f->type == F_LIST ? "items" : "additionalProperties", value_shape(v, owner, f));
	} else {
		j = value_shape(v, owner, f);
	}
	json_set_str(j, "description", text_of(f));
	/* Version 2 lets nothing count beside a reference. */
	if (f->dflt && !json_get(j, "$ref"))
		json_set(j, "default", constant(f->dflt));
	set_list_type(j, f);
	if (f->merge_key)
		json_set_str(j, "x-kubernetes-patch-merge-key", f->merge_key);
	if (f->strategy)
		json_set_str(j, "x-kubernetes-patch-strategy",
			     f->strategy == (STRATEGY_MERGE | STRATEGY_RETAIN_KEYS) ? "merge,retainKeys" :
			     f->strategy == STRATEGY_MERGE ? "merge" : "retainKeys");
	return j;
}

/* Every group's every version knows this kind. */
static void add_everywhere(json *list, const char *kind)
{
	for (size_t i = 0; kind_at(i); i++) {
		const struct resource *r = kind_at(i)->res;
		bool known = false;

		for (size_t j = 0; j < i && !known; j++)
			known = streq(kind_at(j)->res->group, r->group) && streq(kind_at(j)->res->version, r->version);
		if (!known)
			json_append(list, openapi_gvk(r->group, r->version, kind));
	}
}

/* The kinds that are of this type, as clients look them up. */
static json *kinds_of(const struct schema *s)
{
	static const struct schema *const of_core[] = {
		&sch_meta_v1_Status, &sch_meta_v1_APIGroup, &sch_meta_v1_APIGroupList, &sch_meta_v1_APIResourceList,
		&sch_meta_v1_APIVersions,
	};
	json *list = json_new_array();

	for (size_t i = 0; kind_at(i); i++)
		if (kind_at(i)->schema == s)
			json_append(list, openapi_gvk(kind_at(i)->res->group, kind_at(i)->res->version, kind_at(i)->res->kind));
	for (size_t i = 0; kind_at(i); i++)
		for (size_t j = 0; j < kind_at(i)->n_subs; j++) {
			const struct subresource *sub = &kind_at(i)->subs[j];

			if (!json_len(list) && streq(sub->kind, s->name) &&
			    openapi_schema_of(sub->group, sub->version, sub->kind) == s)
				json_append(list, openapi_gvk(sub->group, sub->version, sub->kind));
		}
	for (size_t i = 0; i < ARRAY_SIZE(of_core); i++)
		if (of_core[i] == s)
			json_append(list, openapi_gvk("", "v1", s->name));
	if (s == &sch_meta_v1_DeleteOptions || s == &sch_meta_v1_WatchEvent)
		add_everywhere(list, s->name);
	return list;
}

static json *object_definition(enum openapi_version v, const struct schema *s)
{
	json *j = json_new_object(), *required = NULL, *properties, *kinds = kinds_of(s);

	json_set_str(j, "description", s->doc);
	json_set_str(j, "type", "object");
	for (size_t i = 0; i < s->n_fields; i++)
		if (s->fields[i].required) {
			if (!required)
				required = json_set(j, "required", json_new_array());
			json_append(required, json_new_str(s->fields[i].name));
		}
	properties = s->n_fields ? json_set(j, "properties", json_new_object()) : NULL;
	for (size_t i = 0; i < s->n_fields; i++)
		json_set(properties, s->fields[i].name, property(v, s, &s->fields[i]));
	if (s->atomic)
		json_set_str(j, "x-kubernetes-map-type", "atomic");
	if (json_len(kinds))
		json_set(j, "x-kubernetes-group-version-kind", kinds);
	else
		json_freep(&kinds);
	return j;
}

static json *list_definition(enum openapi_version v, const struct kind *k)
{
	static const struct field version = { .name = "apiVersion", .type = F_STRING }, kind = { .name = "kind", .type = F_STRING };
	const struct field items = {
		.name = "items", .type = F_LIST, .elem = F_OBJECT, .sub = k->schema, .doc = "The objects.",
	};
	const struct field meta = {
		.name = "metadata", .type = F_OBJECT, .sub = &sch_meta_v1_ListMeta,
		.doc = "As of which resourceVersion the list is, and how to get the rest of it.",
	};
	const struct field *const fields[] = { &version, &items, &kind, &meta };
	_cleanup_free_ char *name = xasprintf("%sList", k->res->kind);
	_cleanup_free_ char *text = xasprintf("Objects of kind %s as one answer, with the resourceVersion they were read at.",
					      k->res->kind);
	json *j = json_build("{\"type\":\"object\",\"required\":[\"items\"],\"properties\":{}}");

	json_set_str(j, "description", text);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		json_set(json_get(j, "properties"), fields[i]->name, property(v, k->schema, fields[i]));
	json_append(json_set(j, "x-kubernetes-group-version-kind", json_new_array()),
		    openapi_gvk(k->res->group, k->res->version, name));
	return j;
}

json *openapi_definition(enum openapi_version v, const struct openapi_type *t)
{
	json *j;

	if (t->list_of)
		return list_definition(v, t->list_of);
	if (t->schema)
		return object_definition(v, t->schema);
	j = constant(v == OPENAPI_2 ? t->special->v2 : t->special->v3);
	json_set_str(j, "description", t->special->doc);
	return j;
}
