// SPDX-License-Identifier: GPL-2.0-or-later
/* delete.c - DELETE of an object and of a collection */
#include <errno.h>

#include "api/registry/registry.h"
#include "api/rest/internal.h"
#include "api/schema/tables.h"
#include "api/meta/status.h"

struct deletion {
	struct rest_call *call;
	json *body;			/* DeleteOptions, {} if there is no body */
	struct store_delete_opts opts;	/* strings lie in body or in the request */
	struct registry_write_opts write;
	json *list;			/* of a collection */
	const json *next;		/* of its items */
};

static void deletion_free(struct deletion *d)
{
	json_freep(&d->body);
	json_freep(&d->list);
	free(d);
}

static json *bad_propagation(const char *value)
{
	static const struct resource options = { "meta.k8s.io", "v1", "", "DeleteOptions", false, "", "" };
	_cleanup_field_errors_ struct field_errors e = {0};

	field_not_supported(&e, "propagationPolicy", value, "Foreground,Background,Orphan");
	return status_invalid(&options, "", &e);
}

/* In the body or, as in other writes, in the query. */
static json *parse_dry_run(struct deletion *d)
{
	const json *dry = json_get(d->body, "dryRun");

	json_each(it, dry)
		if (!streq(json_str(it), "All"))
			return rest_bad_dry_run("DeleteOptions", dry);
	d->write.dry_run = json_len(dry) > 0;
	return d->write.dry_run ? NULL : rest_query_dry_run(d->call, "DeleteOptions", &d->write.dry_run);
}

/* A negative period counts as one second; -1 is what says that none was given. */
static int64_t given_grace(int64_t seconds)
{
	return seconds < 0 ? 1 : seconds;
}

static json *parse_body(struct rest_call *c, json **ret)
{
	_cleanup_free_ char *why = NULL;
	const char *text, *kind;
	_cleanup_json_ json *body = NULL;
	enum rest_body type;
	json *s = NULL;
	size_t len;

	text = http_request_body(c->req, &len);
	if (!len) {
		*ret = json_new_object();
		return NULL;
	}
	type = rest_body_type(http_request_header(c->req, "Content-Type"));
	if (type != REST_BODY_JSON && type != REST_BODY_PROTOBUF)
		return status_unsupported_body();
	body = rest_decode(type, text, len, "v1", "DeleteOptions", NULL, &s);
	if (s)
		return s;
	if (!json_is_object(body))
		return status_bad_request("couldn't get version/kind; json parse error: no object");
	kind = json_str(json_get(body, "kind"));
	if (kind && !streq(kind, "DeleteOptions"))
		return status_bad_request("%s in version \"%s\" cannot be handled as a DeleteOptions: decoded object cannot be converted to DeleteOptions",
					  kind, json_str_or(json_get(body, "apiVersion"), ""));
	if (schema_check(&sch_meta_v1_DeleteOptions, body, false, &why, NULL))
		return status_bad_request("DeleteOptions in version \"v1\" cannot be handled as a DeleteOptions: %s", why);
	*ret = TAKE_PTR(body);
	return NULL;
}

/* From the body, or where that says nothing from the query. */
static json *parse_options(struct deletion *d)
{
	struct rest_call *c = d->call;
	const json *grace;
	const char *q;
	int64_t n = 0;
	json *s;

	s = parse_body(c, &d->body);
	if (s)
		return s;
	d->opts.grace_period = -1;
	grace = json_get(d->body, "gracePeriodSeconds");
	q = http_request_query(c->req, "gracePeriodSeconds");
	if (json_is_int(grace))
		d->opts.grace_period = given_grace(json_int(grace, 0));
	else if (q && *q && parse_i64(q, INT64_MIN, INT64_MAX, &n))
		s = status_bad_request("strconv.ParseInt: parsing \"%s\": invalid syntax", q);
	else if (q && *q)
		d->opts.grace_period = given_grace(n);
	d->opts.propagation = json_str(json_get(d->body, "propagationPolicy"));
	if (!d->opts.propagation)
		d->opts.propagation = http_request_query(c->req, "propagationPolicy");
	if (d->opts.propagation && !*d->opts.propagation)
		d->opts.propagation = NULL;
	if (!d->opts.propagation && json_get(d->body, "orphanDependents"))
		d->opts.propagation = json_bool(json_get(d->body, "orphanDependents"), false) ? "Orphan" : "Background";
	d->opts.uid = json_str(json_get(d->body, "preconditions", "uid"));
	if (parse_i64(json_str_or(json_get(d->body, "preconditions", "resourceVersion"), "0"), 0, INT64_MAX, &d->opts.rv) && !s)
		s = status_bad_request("preconditions.resourceVersion is no resource version");
	if (!s)
		s = parse_dry_run(d);
	if (!s && d->opts.propagation && !streq(d->opts.propagation, "Foreground") &&
	    !streq(d->opts.propagation, "Background") && !streq(d->opts.propagation, "Orphan"))
		s = bad_propagation(d->opts.propagation);
	return s;
}

static void on_one(void *data, const struct store_result *res)
{
	struct deletion *d = data;
	struct rest_call *c = d->call;

	deletion_free(d);
	rest_finish(c, res->code, res->obj);
}

static void next_item(struct deletion *d);

static void on_item(void *data, const struct store_result *res)
{
	struct deletion *d = data;

	/* Somebody else was faster: gone is gone. */
	if (res->err && res->err != -ENOENT) {
		struct rest_call *c = d->call;

		deletion_free(d);
		rest_finish(c, res->code, res->obj);
		return;
	}
	d->next = d->next->next;
	next_item(d);
}

static void next_item(struct deletion *d)
{
	struct rest_call *c = d->call;
	const json *meta;

	if (!d->next) {
		json *list = TAKE_PTR(d->list);

		deletion_free(d);
		rest_finish(c, 200, list);
		json_freep(&list);
		return;
	}
	meta = json_get(d->next, "metadata");
	registry_delete(c->rest->store, c->path.kind->res, json_str(json_get(meta, "namespace")),
			json_str(json_get(meta, "name")), &d->opts, &d->write, on_item, d);
}

static void on_list(void *data, const struct store_result *res)
{
	struct deletion *d = data;
	const json *items;

	if (res->err) {
		struct rest_call *c = d->call;

		deletion_free(d);
		rest_finish(c, res->code, res->obj);
		return;
	}
	d->list = json_clone(res->obj);
	items = json_get(d->list, "items");
	d->next = items ? items->child : NULL;
	next_item(d);
}

void rest_delete(struct rest_call *c)
{
	struct deletion *d = xnew0(struct deletion);
	struct registry_list_opts o = {
		.sel.label = http_request_query(c->req, "labelSelector"),
		.sel.field = http_request_query(c->req, "fieldSelector"),
		.bare_items = true,
	};
	json *s;

	d->call = c;
	d->write.user = &c->user.user;
	s = parse_options(d);
	if (s) {
		deletion_free(d);
		rest_fail(c, s);
		return;
	}
	if (c->path.name)
		registry_delete(c->rest->store, c->path.kind->res, c->path.ns, c->path.name, &d->opts, &d->write, on_one, d);
	else
		registry_list(c->rest->store, c->path.kind->res, c->path.ns, &o, on_list, d);
}
