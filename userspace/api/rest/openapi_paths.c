// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * openapi_paths.c - paths and operations of the OpenAPI documents, see openapi_parts.h
 *
 * Names and extensions are those that generators of clients and kubectl know:
 * operationId, tags, x-kubernetes-action, x-kubernetes-group-version-kind.
 */
#include <ctype.h>

#include "api/rest/openapi_parts.h"
#include "api/schema/strlist.h"
#include "api/schema/tables.h"

static const char *const object_media[] = {
	"application/json", "application/yaml", "application/vnd.kubernetes.protobuf", NULL,
};
static const char *const list_media[] = {
	"application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/json;stream=watch",
	"application/vnd.kubernetes.protobuf;stream=watch", NULL,
};
static const char *const patch_media[] = {
	"application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
	"application/apply-patch+yaml", NULL,
};
static const char *const log_media[] = {
	"text/plain", "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", NULL,
};
static const char *const any_media[] = { "*/*", NULL };

/* One operation; strings are the caller's. */
struct operation {
	const char *method;		/* "get" */
	char *id, *text, *tag;
	const char *action;		/* x-kubernetes-action, or NULL */
	json *gvk;			/* taken; or NULL */
	unsigned calls;			/* enum openapi_calls: its own parameters */
	const char *codes;		/* "200,201": answers of the type */
	struct openapi_type answer;	/* nothing: text */
	const char *const *answer_media;
	struct openapi_type body;	/* nothing: none */
	const char *const *body_media;
	bool body_required;
};

/* --- one operation -------------------------------------------------------------- */

static bool is_type(const struct openapi_type *t)
{
	return t->schema || t->list_of || t->special;
}

static json *media_array(const char *const *media)
{
	json *a = json_new_array();

	for (; *media; media++)
		json_append(a, json_new_str(*media));
	return a;
}

static json *type_or_text(enum openapi_version v, const struct openapi_type *t)
{
	return is_type(t) ? openapi_ref(v, t) : json_build("{\"type\":\"string\"}");
}

/* Version 3: what a body or an answer is in each of its forms. */
static json *content(enum openapi_version v, const char *const *media, const struct openapi_type *t)
{
	json *j = json_new_object();

	for (; *media; media++)
		json_set(json_set(j, *media, json_new_object()), "schema", type_or_text(v, t));
	return j;
}

static json *responses(enum openapi_version v, const struct operation *o)
{
	static const struct {
		const char *code, *text;
	} known[] = { { "200", "OK" }, { "201", "Created" }, { "202", "Accepted" } };
	json *all = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		json *r;

		if (!comma_list_has(o->codes, known[i].code))
			continue;
		r = json_set(all, known[i].code, json_new_object());
		json_set_str(r, "description", known[i].text);
		if (v == OPENAPI_2)
			json_set(r, "schema", type_or_text(v, &o->answer));
		else
			json_set(r, "content", content(v, o->answer_media, &o->answer));
	}
	json_set_str(json_obj(all, "401"), "description", "Unauthorized");
	return all;
}

static void set_body(enum openapi_version v, const struct operation *o, json *op)
{
	json *body;

	if (v == OPENAPI_3) {
		body = json_obj(op, "requestBody");
		json_set(body, "content", content(v, o->body_media, &o->body));
	} else {
		body = json_build("{\"name\":\"body\",\"in\":\"body\"}");
		json_set(body, "schema", openapi_ref(v, &o->body));
		json_append(json_get(op, "parameters"), body);
	}
	if (o->body_required)
		json_set_bool(body, "required", true);
}

/* Takes what the operation owns. */
static void add_operation(enum openapi_version v, struct operation *o, json *item, struct openapi_types *types)
{
	json *op = json_set(item, o->method, json_new_object());
	json *parameters = json_set(op, "parameters", json_new_array());

	json_set_str(op, "description", o->text);
	json_set_str(op, "operationId", o->id);
	json_append(json_set(op, "tags", json_new_array()), json_new_str(o->tag));
	if (v == OPENAPI_2) {
		json_set(op, "schemes", json_build("[\"https\"]"));
		json_set(op, "consumes", media_array(o->calls & CALL_PATCH ? o->body_media : o->action ? any_media : object_media));
		json_set(op, "produces", media_array(o->answer_media));
	}
	openapi_add_query(v, o->calls & ~CALL_ANY, parameters);
	if (is_type(&o->body)) {
		set_body(v, o, op);
		openapi_types_add(types, &o->body);
	}
	if (!json_len(parameters))
		json_del(op, "parameters");
	json_set(op, "responses", responses(v, o));
	if (is_type(&o->answer))
		openapi_types_add(types, &o->answer);
	json_set_str(op, "x-kubernetes-action", o->action);
	json_set(op, "x-kubernetes-group-version-kind", o->gvk);
	free(o->id);
	free(o->text);
	free(o->tag);
}

/* --- names ------------------------------------------------------------------------ */

/* "Apps" of "apps", "RbacAuthorization" of "rbac.authorization.k8s.io", "Core" of ""; caller frees. */
static char *group_words(const char *group)
{
	_cleanup_free_ char *bare = xstrdup(*group ? group : "core");
	struct buf b = { 0 };
	bool start = true;

	if (endswith(bare, ".k8s.io"))
		bare[strlen(bare) - strlen(".k8s.io")] = '\0';
	for (const char *p = bare; *p; p++) {
		char c = start ? (char)toupper((unsigned char)*p) : *p;

		start = *p == '.';
		if (!start)
			buf_add(&b, &c, 1);
	}
	return buf_steal(&b);
}

/* "core_v1", "rbacAuthorization_v1", without a version "apps"; caller frees. */
static char *tag_of(const char *group, const char *version)
{
	_cleanup_free_ char *words = group_words(group);

	*words = (char)tolower((unsigned char)*words);
	return version ? xasprintf("%s_%s", words, version) : TAKE_PTR(words);
}

static char *capital(const char *word)
{
	char *w = xstrdup(word);

	*w = (char)toupper((unsigned char)*w);
	return w;
}

/* "listCoreV1NamespacedPod" of verb "list" and rest "NamespacedPod"; caller frees. */
static char *operation_id(const struct resource *r, const char *verb, const char *rest)
{
	_cleanup_free_ char *group = group_words(r->group), *version = capital(r->version);

	return xasprintf("%s%s%s%s", verb, group, version, rest);
}

/* --- paths ------------------------------------------------------------------------ */

/* A path with the parameters that all its operations have. */
static json *path_item(enum openapi_version v, json *paths, const char *path, const char *kind, unsigned calls)
{
	json *item = json_set(paths, path, json_new_object());
	json *list = json_set(item, "parameters", json_new_array());
	_cleanup_free_ char *text = xasprintf("The name of the object of kind %s.", kind);

	if (strstr(path, "{name}"))
		json_append(list, openapi_parameter(v, "name", "path", "string", text));
	if (strstr(path, "{namespace}"))
		json_append(list, openapi_parameter(v, "namespace", "path", "string", "The namespace that the object is in."));
	if (strstr(path, "{path}"))
		json_append(list, openapi_parameter(v, "path", "path", "string", "The path that is asked for there."));
	openapi_add_query(v, calls & CALL_ANY, list);
	return item;
}

/* What can be done with objects and collections, by verbs of the table of kinds. */
static const struct call {
	const char *verb, *method, *action;
	const char *id, *collection;	/* of operationId, before and after group and version */
	const char *text;		/* with the kind in it */
	unsigned calls;
	const char *codes;
} calls_on_list[] = {
	{ "list", "get", "list", "list", "", "List objects of kind %s, or watch them.", CALL_LIST, "200" },
	{ "create", "post", "post", "create", "", "Create an object of kind %s.", CALL_WRITE, "200,201,202" },
	{ "deletecollection", "delete", "deletecollection", "delete", "Collection",
	  "Delete all objects of kind %s that the selectors match.", CALL_LIST | CALL_DELETE, "200" },
}, calls_on_one[] = {
	{ "get", "get", "get", "read", "", "Read one object of kind %s.", 0, "200" },
	{ "update", "put", "put", "replace", "", "Replace one object of kind %s.", CALL_WRITE, "200,201" },
	{ "patch", "patch", "patch", "patch", "", "Change parts of one object of kind %s.", CALL_WRITE | CALL_PATCH, "200,201" },
	{ "delete", "delete", "delete", "delete", "", "Delete one object of kind %s.", CALL_DELETE, "200,202" },
}, calls_on_sub[] = {
	{ "get", "get", "get", "read", "", "Read %s of one object of kind %s.", 0, "200" },
	{ "update", "put", "put", "replace", "", "Replace %s of one object of kind %s.", CALL_WRITE, "200,201" },
	{ "patch", "patch", "patch", "patch", "", "Change parts of %s of one object of kind %s.", CALL_WRITE | CALL_PATCH, "200,201" },
	{ "create", "post", "post", "create", "", "Post %s for one object of kind %s.", CALL_WRITE, "200,201,202" },
};

/* What such a call takes and gives, where that is objects of type t. */
static void set_types(struct operation *o, const struct call *c, const struct openapi_type *t)
{
	o->answer = *t;
	o->answer_media = object_media;
	o->body_media = any_media;
	if (c->calls & CALL_PATCH) {
		o->body.special = &openapi_patch;
		o->body_media = patch_media;
		o->body_required = true;
	} else if (c->calls & CALL_DELETE) {
		o->body.schema = &sch_meta_v1_DeleteOptions;
		o->answer = (struct openapi_type){ .schema = &sch_meta_v1_Status };
	} else if (c->calls & CALL_WRITE) {
		o->body = *t;
		o->body_required = true;
	} else if (c->calls & CALL_LIST) {
		o->answer_media = list_media;
	}
}

/* rest: of operationId, after group and version. */
static void add_call(enum openapi_version v, const struct kind *k, const struct call *c, const char *rest, const char *text,
		     json *item, struct openapi_types *types)
{
	const struct resource *r = k->res;
	bool list = streq(c->verb, "list");
	_cleanup_free_ char *all = xasprintf("%s%s", c->collection, rest);
	struct operation o = {
		.method = c->method, .action = c->action, .calls = c->calls, .codes = c->codes,
		.id = operation_id(r, c->id, all), .text = xasprintf(text, r->kind), .tag = tag_of(r->group, r->version),
		.gvk = openapi_gvk(r->group, r->version, r->kind),
	};

	set_types(&o, c, &(struct openapi_type){ .schema = list ? NULL : k->schema, .list_of = list ? k : NULL });
	add_operation(v, &o, item, types);
}

/* One method of a subresource that is a stream, not an object: exec, proxy ... */
static void add_connection(enum openapi_version v, const struct kind *k, const struct subresource *sub, const char *method,
			   const char *suffix, json *item, struct openapi_types *types)
{
	const struct resource *r = k->res;
	_cleanup_free_ char *name = capital(sub->name), *word = capital(method);
	_cleanup_free_ char *rest = xasprintf("%s%s%s%s", r->namespaced ? "Namespaced" : "", r->kind, name, suffix);
	_cleanup_free_ char *group = group_words(r->group), *version = capital(r->version);
	struct operation o = {
		.method = method, .action = "connect", .codes = "200", .answer_media = any_media,
		.id = xasprintf("connect%s%s%s%s", group, version, word, rest), .tag = tag_of(r->group, r->version),
		.text = xasprintf("Connect to %s of one object of kind %s.", sub->name, r->kind),
		.gvk = openapi_gvk(sub->group, sub->version, sub->kind),
	};

	add_operation(v, &o, item, types);
}

static void add_connections(enum openapi_version v, const struct kind *k, const struct subresource *sub, const char *path,
			    const char *suffix, json *paths, struct openapi_types *types)
{
	static const struct {
		const char *verb, *method;
	} calls[] = {
		{ "get", "get" }, { "create", "post" }, { "update", "put" }, { "patch", "patch" }, { "delete", "delete" },
	};
	json *item = path_item(v, paths, path, k->res->kind, 0);

	openapi_add_options(v, openapi_schema_of(sub->group, sub->version, sub->kind), json_get(item, "parameters"));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (comma_list_has(sub->verbs, calls[i].verb))
			add_connection(v, k, sub, calls[i].method, suffix, item, types);
}

static void add_log(enum openapi_version v, const struct kind *k, json *paths, const char *path, struct openapi_types *types)
{
	json *item = path_item(v, paths, path, k->res->kind, CALL_ANY);
	struct operation o = {
		.method = "get", .action = "get", .codes = "200", .answer_media = log_media,
		.id = operation_id(k->res, "read", "NamespacedPodLog"), .tag = tag_of(k->res->group, k->res->version),
		.text = xstrdup("Read what a container of one object of kind Pod has written."),
		.gvk = openapi_gvk(k->res->group, k->res->version, k->res->kind),
	};

	openapi_add_options(v, &sch_core_v1_PodLogOptions, json_get(item, "parameters"));
	add_operation(v, &o, item, types);
}

/* Is its body told in the query, not as an object? */
static bool is_connection(const struct subresource *sub)
{
	return sub->kind && endswith(sub->kind, "Options");
}

static void add_subresource(enum openapi_version v, const struct kind *k, const struct subresource *sub, const char *base,
			    json *paths, struct openapi_types *types)
{
	const struct resource *r = k->res;
	_cleanup_free_ char *path = xasprintf("%s/{name}/%s", base, sub->name), *with_path = xasprintf("%s/{path}", path);
	_cleanup_free_ char *name = capital(sub->name);
	_cleanup_free_ char *rest = xasprintf("%s%s%s", r->namespaced ? "Namespaced" : "", r->kind, name);
	struct openapi_type type = { .schema = k->schema };
	json *item;

	if (is_connection(sub)) {
		add_connections(v, k, sub, path, "", paths, types);
		if (streq(sub->name, "proxy"))
			add_connections(v, k, sub, with_path, "WithPath", paths, types);
		return;
	}
	if (streq(sub->name, "log")) {
		add_log(v, k, paths, path, types);
		return;
	}
	if (sub->kind)
		type.schema = openapi_schema_of(sub->group, sub->version, sub->kind);
	item = path_item(v, paths, path, r->kind, CALL_ANY);
	for (size_t i = 0; i < ARRAY_SIZE(calls_on_sub); i++) {
		const struct call *c = &calls_on_sub[i];
		struct operation o = {
			.method = c->method, .action = c->action, .calls = c->calls, .codes = c->codes,
		};

		if (!comma_list_has(sub->verbs, c->verb))
			continue;
		o.id = operation_id(r, c->id, rest);
		o.text = xasprintf(c->text, sub->name, r->kind);
		o.tag = tag_of(r->group, r->version);
		o.gvk = sub->kind ? openapi_gvk(sub->group, sub->version, sub->kind) : openapi_gvk(r->group, r->version, r->kind);
		set_types(&o, c, &type);
		add_operation(v, &o, item, types);
	}
}

void openapi_add_paths(enum openapi_version v, const struct kind *k, json *paths, struct openapi_types *types)
{
	const struct resource *r = k->res;
	_cleanup_free_ char *gv = *r->group ? xasprintf("/apis/%s/%s", r->group, r->version) : xasprintf("/api/%s", r->version);
	_cleanup_free_ char *all = xasprintf("%s/%s", gv, r->plural);
	_cleanup_free_ char *base = r->namespaced ? xasprintf("%s/namespaces/{namespace}/%s", gv, r->plural) : xstrdup(all);
	_cleanup_free_ char *named = xasprintf("%s/{name}", base);
	_cleanup_free_ char *rest = xasprintf("%s%s", r->namespaced ? "Namespaced" : "", r->kind);
	_cleanup_free_ char *everywhere = xasprintf("%sForAllNamespaces", r->kind);
	json *item = path_item(v, paths, base, r->kind, CALL_ANY);

	for (size_t i = 0; i < ARRAY_SIZE(calls_on_list); i++)
		if (kind_has_verb(k, calls_on_list[i].verb))
			add_call(v, k, &calls_on_list[i], rest, calls_on_list[i].text, item, types);
	if (r->namespaced && kind_has_verb(k, "list"))
		add_call(v, k, &calls_on_list[0], everywhere, "List objects of kind %s in all namespaces, or watch them.",
			 path_item(v, paths, all, r->kind, CALL_ANY), types);
	if (kind_has_verb(k, "get"))
		item = path_item(v, paths, named, r->kind, CALL_ANY);
	for (size_t i = 0; i < ARRAY_SIZE(calls_on_one); i++)
		if (kind_has_verb(k, calls_on_one[i].verb))
			add_call(v, k, &calls_on_one[i], rest, calls_on_one[i].text, item, types);
	for (size_t i = 0; i < k->n_subs; i++)
		add_subresource(v, k, &k->subs[i], base, paths, types);
	if (kind_has_verb(k, "watch"))
		openapi_types_add(types, &(struct openapi_type){ .schema = &sch_meta_v1_WatchEvent });
}

/* --- what is there ------------------------------------------------------------------ */

static void add_meta(enum openapi_version v, const char *path, const char *id, const char *text, char *tag,
		     const struct schema *answer, json *paths, struct openapi_types *types)
{
	struct operation o = {
		.method = "get", .codes = "200", .answer.schema = answer, .answer_media = object_media,
		.id = xstrdup(id), .text = xstrdup(text), .tag = tag,
	};

	add_operation(v, &o, json_set(paths, path, json_new_object()), types);
}

void openapi_add_discovery(enum openapi_version v, const char *group, const char *version, json *paths,
			   struct openapi_types *types)
{
	_cleanup_free_ char *words = group_words(group ?: ""), *number = capital(version ?: "");
	_cleanup_free_ char *id = NULL, *path = NULL;

	if (!group) {
		add_meta(v, "/apis/", "getAPIVersions", "List the groups of the API with their versions.", xstrdup("apis"),
			 &sch_meta_v1_APIGroupList, paths, types);
	} else if (version) {
		id = xasprintf("get%s%sAPIResources", words, number);
		path = *group ? xasprintf("/apis/%s/%s/", group, version) : xasprintf("/api/%s/", version);
		add_meta(v, path, id, "List the resources of this version.", tag_of(group, version),
			 &sch_meta_v1_APIResourceList, paths, types);
	} else if (*group) {
		id = xasprintf("get%sAPIGroup", words);
		path = xasprintf("/apis/%s/", group);
		add_meta(v, path, id, "List the versions of this group.", tag_of(group, NULL), &sch_meta_v1_APIGroup, paths, types);
	} else {
		add_meta(v, "/api/", "getCoreAPIVersions", "List the versions of the core group.", xstrdup("core"),
			 &sch_meta_v1_APIVersions, paths, types);
	}
}

void openapi_add_version(enum openapi_version v, json *paths, struct openapi_types *types)
{
	add_meta(v, "/version/", "getCodeVersion", "Say which version the server is of.", xstrdup("version"),
		 &sch_pkg_version_Info, paths, types);
}
