// SPDX-License-Identifier: GPL-2.0-or-later
/* openapi_paths.c - paths and operations of the OpenAPI documents, see openapi.h */
#include "api/rest/openapi_parts.h"
#include "api/schema/strlist.h"
#include "api/schema/tables.h"

#define JSON_TYPE "application/json"

/* What can be said in the query of which calls. */
enum {
	READS_LIST = 1 << 0,
	WRITES = 1 << 1,	/* dry runs, field managers, field validation */
	PATCHES = 1 << 2,
	DELETES = 1 << 3,
};

static const struct query {
	const char *name, *type;
	unsigned calls;
} queries[] = {
	{ "allowWatchBookmarks", "boolean", READS_LIST },
	{ "continue", "string", READS_LIST },
	{ "dryRun", "string", WRITES | PATCHES | DELETES },
	{ "fieldManager", "string", WRITES | PATCHES },
	{ "fieldSelector", "string", READS_LIST },
	{ "fieldValidation", "string", WRITES | PATCHES },
	{ "force", "boolean", PATCHES },
	{ "gracePeriodSeconds", "integer", DELETES },
	{ "labelSelector", "string", READS_LIST },
	{ "limit", "integer", READS_LIST },
	{ "propagationPolicy", "string", DELETES },
	{ "resourceVersion", "string", READS_LIST },
	{ "timeoutSeconds", "integer", READS_LIST },
	{ "watch", "boolean", READS_LIST },
};

static json *parameter(enum openapi_version v, const char *name, const char *in, const char *type)
{
	json *p = json_build("{\"name\":\"%s\",\"in\":\"%s\"}", name, in);
	json *shape = v == OPENAPI_2 ? p : json_set(p, "schema", json_new_object());

	if (streq(in, "path"))
		json_set_bool(p, "required", true);
	json_set_str(shape, "type", type);
	return p;
}

static json *parameters(enum openapi_version v, unsigned calls)
{
	json *a = json_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(queries); i++)
		if (queries[i].calls & calls)
			json_append(a, parameter(v, queries[i].name, "query", queries[i].type));
	return a;
}

/* What a body or an answer of a type is. */
static json *content(enum openapi_version v, const char *const *media, const char *type)
{
	json *j = json_new_object();

	for (; *media; media++)
		json_set(json_set(j, *media, json_new_object()), "schema", openapi_ref(v, type));
	return j;
}

struct operation {
	const char *method;	/* "get" */
	const char *action;	/* x-kubernetes-action: "list" */
	unsigned calls;
	const char *body;	/* type's full name, or NULL */
	const char *answer;
};

static void add_operation(enum openapi_version v, const struct kind *k, const char *gvk_kind,
			  const struct operation *o, json *item)
{
	static const char *const patch_media[] = { "application/json-patch+json", "application/merge-patch+json",
						   "application/strategic-merge-patch+json", NULL };
	static const char *const json_media[] = { JSON_TYPE, NULL };
	const char *const *media = o->calls & PATCHES ? patch_media : json_media;
	bool scale = streq(gvk_kind, "Scale");
	json *op = json_set(item, o->method, json_new_object()), *response;

	json_set(op, "parameters", parameters(v, o->calls));
	response = json_obj(op, "responses", "200");
	json_set_str(response, "description", "OK");
	if (v == OPENAPI_2) {
		json_append(json_set(op, "produces", json_new_array()), json_new_str(JSON_TYPE));
		json_append(json_set(op, "consumes", json_new_array()), json_new_str(*media));
		json_set(response, "schema", openapi_ref(v, o->answer));
		if (o->body) {
			json *p = json_build("{\"name\":\"body\",\"in\":\"body\"}");

			json_set(p, "schema", openapi_ref(v, o->body));
			json_append(json_get(op, "parameters"), p);
		}
	} else {
		json_set(response, "content", content(v, json_media, o->answer));
		if (o->body)
			json_set(json_obj(op, "requestBody"), "content", content(v, media, o->body));
	}
	json_set_str(op, "x-kubernetes-action", o->action);
	json_set(op, "x-kubernetes-group-version-kind",
		 scale ? openapi_gvk("autoscaling", "v1", "Scale") :
		 openapi_gvk(k->res->group, k->res->version, gvk_kind));
}

static json *path_item(enum openapi_version v, json *paths, const char *path)
{
	json *item = json_set(paths, path, json_new_object());
	json *list = json_new_array();

	if (strstr(path, "{name}"))
		json_append(list, parameter(v, "name", "path", "string"));
	if (strstr(path, "{namespace}"))
		json_append(list, parameter(v, "namespace", "path", "string"));
	json_set(item, "parameters", list);
	return item;
}

static void add_subresource(enum openapi_version v, const struct kind *k, const struct subresource *sub,
			    const char *base, json *paths)
{
	_cleanup_free_ char *gv = *(sub->group ?: "") ? xasprintf("%s/%s", sub->group, sub->version) : xstrdup(sub->version ?: "");
	const struct kind *body = sub->kind ? kind_by_name(gv, sub->kind) : NULL;
	const struct schema *s = streq(sub->name, "scale") ? &sch_autoscaling_v1_Scale :
				 streq(sub->name, "eviction") ? &sch_policy_v1_Eviction :
				 streq(sub->name, "token") ? &sch_authentication_v1_TokenRequest :
				 body ? body->schema : k->schema;
	_cleanup_free_ char *path = xasprintf("%s/{name}/%s", base, sub->name);
	_cleanup_free_ char *type = openapi_type_name(s, false);
	const struct operation on_sub[] = {
		{ "get", "get", 0, NULL, type },
		{ "put", "put", WRITES, type, type },
		{ "patch", "patch", PATCHES, "io.k8s.apimachinery.pkg.apis.meta.v1.Patch", type },
		{ "post", "post", WRITES, type, type },
	};
	static const char *const verbs[] = { "get", "update", "patch", "create" };
	json *item = path_item(v, paths, path);

	for (size_t i = 0; i < ARRAY_SIZE(on_sub); i++)
		if (comma_list_has(sub->verbs, verbs[i]))
			add_operation(v, k, sub->kind ? s->name : k->res->kind, &on_sub[i], item);
}

void openapi_add_paths(enum openapi_version v, const struct kind *k, json *paths)
{
	const struct resource *r = k->res;
	_cleanup_free_ char *gv = *r->group ? xasprintf("/apis/%s/%s", r->group, r->version) :
				  xasprintf("/api/%s", r->version);
	_cleanup_free_ char *all = xasprintf("%s/%s", gv, r->plural);
	_cleanup_free_ char *base = r->namespaced ? xasprintf("%s/namespaces/{namespace}/%s", gv, r->plural) :
				    xstrdup(all);
	_cleanup_free_ char *named = xasprintf("%s/{name}", base);
	_cleanup_free_ char *type = openapi_type_name(k->schema, false);
	_cleanup_free_ char *list = openapi_type_name(k->schema, true);
	_cleanup_free_ char *status = openapi_type_name(&sch_meta_v1_Status, false);
	_cleanup_free_ char *delete_options = openapi_type_name(&sch_meta_v1_DeleteOptions, false);
	static const char *const list_verbs[] = { "list", "create", "deletecollection" };
	static const char *const one_verbs[] = { "get", "update", "patch", "delete" };
	const struct operation on_list[] = {
		{ "get", "list", READS_LIST, NULL, list },
		{ "post", "post", WRITES, type, type },
		{ "delete", "deletecollection", READS_LIST | DELETES, delete_options, status },
	};
	const struct operation on_one[] = {
		{ "get", "get", 0, NULL, type },
		{ "put", "put", WRITES, type, type },
		{ "patch", "patch", PATCHES, "io.k8s.apimachinery.pkg.apis.meta.v1" ".Patch", type },
		{ "delete", "delete", DELETES, delete_options, status },
	};
	json *item = path_item(v, paths, base);

	for (size_t i = 0; i < ARRAY_SIZE(on_list); i++)
		if (kind_has_verb(k, list_verbs[i]))
			add_operation(v, k, r->kind, &on_list[i], item);
	if (r->namespaced && kind_has_verb(k, "list"))
		add_operation(v, k, r->kind, &on_list[0], path_item(v, paths, all));
	if (kind_has_verb(k, "get"))
		item = path_item(v, paths, named);
	for (size_t i = 0; i < ARRAY_SIZE(on_one); i++)
		if (kind_has_verb(k, one_verbs[i]))
			add_operation(v, k, r->kind, &on_one[i], item);
	for (size_t i = 0; i < k->n_subs; i++)
		add_subresource(v, k, &k->subs[i], base, paths);
}
