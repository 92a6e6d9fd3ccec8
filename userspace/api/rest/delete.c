// SPDX-License-Identifier: GPL-2.0-or-later
/* delete.c - DELETE of an object and of a collection */
#include <errno.h>

#include "api/registry/registry.h"
#include "api/rest/internal.h"
#include "api/rest/list_options.h"
#include "api/rest/list_writer.h"
#include "api/schema/tables.h"
#include "api/meta/status.h"
#include "base/frozen.h"

struct deletion {
	struct rest_call *call;
	json *body;			/* DeleteOptions, {} if there is no body */
	struct store_delete_opts opts;	/* strings lie in body or in the request */
	struct registry_write_opts write;
	/* of a collection */
	struct list_reader *reader;	/* NULL: it has ended */
	struct list_writer *writer;	/* NULL: the client is gone */
	const json *item;		/* being deleted */
};

static void deletion_free(struct deletion *d)
{
	json_freep(&d->body);
	json_release(d->item);
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

/* --- collections: one after the other as they are read, and the answer is written with them ------- */

static void collection_end(struct deletion *d, const struct list_end *end)
{
	list_writer_end(d->writer, end);
	deletion_free(d);
}

static void on_deleted(void *data, const struct store_result *res)
{
	struct deletion *d = data;
	const json *item = TAKE_PTR(d->item);
	bool more = true;

	/* Somebody else was faster: gone is gone. */
	if (!d->writer) {
		deletion_free(d);
	} else if (res->err && res->err != -ENOENT) {
		registry_read_stop(d->reader);
		collection_end(d, &(struct list_end){ .status = res->obj });
	} else {
		more = list_writer_item(d->writer, item, registry_read_rv(d->reader));
		if (more)
			registry_read_on(d->reader);
	}
	json_release(item);
}

static bool on_item(void *data, const json *obj)
{
	struct deletion *d = data;
	struct rest_call *c = d->call;
	const json *meta = json_get(obj, "metadata");

	d->item = json_keep(obj);
	registry_delete(c->rest->store, c->path.kind->res, json_str(json_get(meta, "namespace")), json_str(json_get(meta, "name")),
			&d->opts, &d->write, on_deleted, d);
	return false;
}

static void on_end(void *data, const struct list_end *end)
{
	collection_end(data, end);
}

static void on_drain(void *data)
{
	struct deletion *d = data;

	registry_read_on(d->reader);
}

static void on_gone(void *data)
{
	struct deletion *d = data;

	registry_read_stop(TAKE_PTR(d->reader));
	d->writer = NULL;
	if (!d->item)
		deletion_free(d);
}

static void delete_collection(struct deletion *d)
{
	static const struct list_writer_ops writer_ops = { .go_on = on_drain, .gone = on_gone };
	static const struct list_ops ops = { .item = on_item, .end = on_end };
	struct rest_call *c = d->call;
	struct list_options q;
	json *s = list_options_parse(rest_query, c->req, &q);
	struct registry_list_opts o = list_options_read(&q);

	if (s) {
		deletion_free(d);
		rest_fail(c, s);
		return;
	}
	d->reader = registry_read(c->rest->store, c->path.kind->res, c->path.ns, &o, &ops, d);
	d->writer = list_writer_new(c, o.limit, &writer_ops, d);
}

void rest_delete(struct rest_call *c)
{
	struct deletion *d = xnew0(struct deletion);
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
		delete_collection(d);
}
