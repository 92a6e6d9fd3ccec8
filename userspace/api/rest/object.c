// SPDX-License-Identifier: GPL-2.0-or-later
/* object.c - get, list, create, update and patch of objects over HTTP */
#include <errno.h>

#include "api/kinds/rules.h"
#include "api/meta/fielderr.h"
#include "api/registry/registry.h"
#include "api/rest/internal.h"
#include "api/rest/write_options.h"
#include "api/schema/schema.h"
#include "api/meta/status.h"

static void on_result(void *data, const struct store_result *res)
{
	rest_finish(data, res->code, res->obj);
}

/* --- reading ------------------------------------------------------------------------------ */

static void get_one(struct rest_call *c)
{
	json *s = NULL;
	int64_t min_rv = rest_query_int(c, "resourceVersion", 0, &s);

	if (s)
		rest_fail(c, s);
	else if (streq(c->path.sub, "scale"))
		registry_get_scale(c->rest->store, c->path.kind->res, c->path.ns, c->path.name, on_result, c);
	else
		registry_get(c->rest->store, c->path.kind->res, c->path.ns, c->path.name, min_rv, on_result, c);
}

/* --- options of writes ---------------------------------------------------------------------- */

json *rest_bad_dry_run(const char *kind, const json *values)
{
	const struct resource options = { .group = "meta.k8s.io", .version = "v1", .plural = "", .kind = kind };
	_cleanup_field_errors_ struct field_errors e = {0};
	_cleanup_free_ char *list = field_strings(values);

	field_error(&e, "dryRun", FIELD_NOT_SUPPORTED, "Unsupported value: %s: supported values: \"All\"", list);
	return status_invalid(&options, "", &e);
}

json *rest_query_dry_run(struct rest_call *c, const char *kind, bool *ret)
{
	const char *dry = http_request_query(c->req, "dryRun");
	_cleanup_json_ json *values = NULL;

	*ret = dry && *dry;
	if (!*ret || streq(dry, "All"))
		return NULL;
	values = json_new_array();
	json_append(values, json_new_str(dry));
	return rest_bad_dry_run(kind, values);
}

static const char *query_of(const void *data, const char *key)
{
	return http_request_query(data, key);
}

static json *write_opts(struct rest_call *c, enum write_verb verb, struct registry_write_opts *ret, char **ret_manager)
{
	json *s = write_options_parse(verb, query_of, c->req, http_request_header(c->req, "User-Agent"), ret, ret_manager);

	ret->user = &c->user.user;
	return s;
}

/* A header line for each field that stands twice or that nobody knows. */
static void add_warnings(struct rest_call *c, const struct strlist *about)
{
	struct buf b = {0};

	for (size_t i = 0; i < about->n; i++) {
		buf_puts(&b, "Warning: 299 - \"");
		for (const char *p = about->items[i]; *p; p++) {
			if (*p == '"' || *p == '\\')
				buf_puts(&b, "\\");
			/* no line ends here but ours */
			buf_add(&b, (unsigned char)*p < ' ' ? " " : p, 1);
		}
		buf_puts(&b, "\"\r\n");
	}
	c->headers = b.len ? buf_steal(&b) : NULL;
}

/*
 * What fieldValidation makes of the fields in `odd` (those that stand twice) and
 * of those that nobody knows: a refusal, warnings or nothing.
 */
static json *check_fields(struct rest_call *c, const json *body, const struct registry_write_opts *o,
			  struct strlist *odd)
{
	const struct resource *r = c->path.kind->res;
	_cleanup_free_ char *why = NULL;
	bool twice = odd->n;
	struct buf b = {0};
	json *s;

	/* Wrong types are the registry's to refuse, and so are unknown fields, strictly, where there is nothing else. */
	if (o->field_validation == FIELDS_IGNORE || schema_check(c->path.kind->schema, body, false, &why, odd))
		return NULL;
	if (o->field_validation == FIELDS_WARN) {
		add_warnings(c, odd);
		return NULL;
	}
	if (!twice)
		return NULL;
	for (size_t i = 0; i < odd->n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", odd->items[i]);
	s = status_bad_request("%s in version \"%s\" cannot be handled as a %s: strict decoding error: %s", r->kind,
			       r->version, r->kind, b.data);
	buf_free(&b);
	return s;
}

/* The body as a tree, or NULL and a Status. */
static json *parse_body(struct rest_call *c, enum rest_body type, struct strlist *duplicates, json **ret_status)
{
	const struct subresource *sub = kind_subresource(c->path.kind, c->path.sub);
	const struct resource *r = c->path.kind->res;
	_cleanup_free_ char *version = NULL;
	const char *text;
	size_t len;

	text = http_request_body(c->req, &len);
	if (sub && sub->kind)
		version = *sub->group ? xasprintf("%s/%s", sub->group, sub->version) : xstrdup(sub->version);
	else
		version = api_version_of(r);
	return rest_decode(type, text ? text : "", len, version, sub && sub->kind ? sub->kind : r->kind, duplicates,
			   ret_status);
}

/* What is to be applied, as a tree, or NULL and a Status. */
static json *parse_config(struct rest_call *c, const struct registry_write_opts *o, json **ret_status)
{
	_cleanup_strlist_ struct strlist odd = {0};
	_cleanup_json_ json *config = NULL;
	const char *text;
	size_t len;

	text = http_request_body(c->req, &len);
	config = rest_decode_config(text ? text : "", len, &odd, ret_status);
	if (config && odd.n && o->field_validation == FIELDS_STRICT) {
		*ret_status = status_bad_request("error strict decoding patch: %s", odd.items[0]);
		return NULL;
	}
	if (config && o->field_validation == FIELDS_WARN)
		add_warnings(c, &odd);
	return TAKE_PTR(config);
}

/* --- writing --------------------------------------------------------------------------------- */

static void write_body(struct rest_call *c, bool create)
{
	enum rest_body type = rest_body_type(http_request_header(c->req, "Content-Type"));
	const struct rest_path *p = &c->path;
	_cleanup_strlist_ struct strlist odd = {0};
	_cleanup_json_ json *body = NULL;
	_cleanup_free_ char *manager = NULL;
	struct registry_write_opts o;
	json *s = NULL;

	if (type != REST_BODY_JSON && type != REST_BODY_YAML && type != REST_BODY_PROTOBUF)
		s = status_unsupported_body();
	else
		s = write_opts(c, create ? WRITE_CREATE : WRITE_UPDATE, &o, &manager);
	if (!s)
		body = parse_body(c, type, &odd, &s);
	if (type == REST_BODY_PROTOBUF)	/* says nothing that the tables do not know */
		o.field_validation = FIELDS_IGNORE;
	if (!s && (!p->sub || streq(p->sub, "status")))
		s = check_fields(c, body, &o, &odd);
	if (s) {
		rest_fail(c, s);
		return;
	}
	if (create)
		registry_create(c->rest->store, p->kind->res, p->ns, p->name, p->sub, body, &o, on_result, c);
	else
		registry_update(c->rest->store, p->kind->res, p->ns, p->name, p->sub, body, &o, on_result, c);
}

static void patch(struct rest_call *c)
{
	static const enum store_patch_type types[] = {
		[REST_BODY_MERGE_PATCH] = STORE_PATCH_MERGE,
		[REST_BODY_STRATEGIC_PATCH] = STORE_PATCH_STRATEGIC,
		[REST_BODY_JSON_PATCH] = STORE_PATCH_JSON,
		[REST_BODY_APPLY_PATCH] = STORE_PATCH_APPLY,
	};
	enum rest_body type = rest_body_type(http_request_header(c->req, "Content-Type"));
	const struct rest_path *p = &c->path;
	bool apply = type == REST_BODY_APPLY_PATCH;
	_cleanup_json_ json *body = NULL;
	_cleanup_free_ char *manager = NULL;
	struct registry_write_opts o;
	json *s = NULL;

	if (type != REST_BODY_MERGE_PATCH && type != REST_BODY_STRATEGIC_PATCH && type != REST_BODY_JSON_PATCH && !apply)
		s = status_unsupported_patch();
	else
		s = write_opts(c, apply ? WRITE_APPLY : WRITE_PATCH, &o, &manager);
	if (!s)
		body = apply ? parse_config(c, &o, &s) : parse_body(c, REST_BODY_JSON, NULL, &s);
	if (s) {
		rest_fail(c, s);
		return;
	}
	registry_patch(c->rest->store, p->kind->res, p->ns, p->name, p->sub, types[type], body, &o, on_result, c);
}

/* --- which verb --------------------------------------------------------------------------------- */

static bool serves(const struct rest_call *c, const char *verb)
{
	return kind_has_verb(c->path.kind, verb);
}

static void collection(struct rest_call *c, const char *method)
{
	bool anywhere = c->path.kind->res->namespaced && !c->path.ns;

	if (streq(method, "GET") && rest_query_bool(c, "watch") && serves(c, "watch"))
		rest_watch(c);
	else if (streq(method, "GET") && serves(c, "list"))
		rest_list(c);
	else if (streq(method, "POST") && !anywhere && serves(c, "create"))
		write_body(c, true);
	else if (streq(method, "DELETE") && !anywhere && kind_has_verb(c->path.kind, "deletecollection"))
		rest_delete(c);
	else
		rest_fail(c, status_method_not_allowed());
}

/* What is told or written about an object by another name; the rest are streams and doors, see log.c. */
static bool is_object_or_part(const struct subresource *sub)
{
	return !sub->kind || streq(sub->name, "scale") || streq(sub->name, "binding");
}

static void subresource(struct rest_call *c, const char *method)
{
	const struct subresource *sub = kind_subresource(c->path.kind, c->path.sub);
	const char *verbs = is_object_or_part(sub) ? sub->verbs : "";

	if (streq(method, "POST") && comma_list_has(verbs, "create"))
		write_body(c, true);
	else if (streq(method, "PUT") && comma_list_has(verbs, "update"))
		write_body(c, false);
	else if (streq(method, "GET") && comma_list_has(verbs, "get"))
		get_one(c);
	else if (streq(method, "PATCH") && comma_list_has(verbs, "patch"))
		patch(c);
	else
		rest_fail(c, status_method_not_allowed());
}

void rest_objects(struct rest_call *c)
{
	const char *method = http_request_method(c->req);

	if (streq(method, "HEAD"))
		method = "GET";
	if (!c->path.name)
		collection(c, method);
	else if (c->path.sub)
		subresource(c, method);
	else if (streq(method, "GET") && serves(c, "get"))
		get_one(c);
	else if (streq(method, "PUT") && serves(c, "update"))
		write_body(c, false);
	else if (streq(method, "PATCH") && serves(c, "patch"))
		patch(c);
	else if (streq(method, "DELETE") && serves(c, "delete"))
		rest_delete(c);
	else
		rest_fail(c, status_method_not_allowed());
}
