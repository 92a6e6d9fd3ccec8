// SPDX-License-Identifier: GPL-2.0-or-later
/* rest.c - see rest.h: which request goes where, and how answers are written */
#include "api/rest/rest.h"

#include "api/rest/internal.h"
#include "api/rest/list_options.h"
#include "api/meta/status.h"
#include "base/log.h"

struct rest *rest_new(sd_event *loop, const struct rest_config *config)
{
	struct rest *r = xnew0(struct rest);

	r->loop = sd_event_ref(loop);
	r->store = config->store;
	r->address = config->address ? xstrdup(config->address) : NULL;
	r->agent_ca = config->agent_ca ? xstrdup(config->agent_ca) : NULL;
	r->agent_cert = config->agent_cert ? xstrdup(config->agent_cert) : NULL;
	r->agent_key = config->agent_key ? xstrdup(config->agent_key) : NULL;
	return r;
}

void rest_free(struct rest *r)
{
	if (!r)
		return;
	rest_agents_free(r);
	free(r->address);
	free(r->agent_ca);
	free(r->agent_cert);
	free(r->agent_key);
	sd_event_unref(r->loop);
	free(r);
}

void rest_call_free(struct rest_call *c)
{
	rest_path_free(&c->path);
	free(c->headers);
	rest_user_free(&c->user);
	free(c);
}

/* --- answers ---------------------------------------------------------------------- */

#define NO_CACHE "Cache-Control: no-cache, private\r\n"

void rest_respond_json(struct http_request *req, int code, const char *content_type, const json *obj,
		       const char *headers)
{
	_cleanup_free_ char *text = json_print(obj), *line = xasprintf("%s\n", text), *all = NULL, *retry = NULL;
	int64_t after = code >= 400 ? json_int(json_get(obj, "details", "retryAfterSeconds"), 0) : 0;

	if (after > 0)
		retry = xasprintf("Retry-After: %lld\r\n", (long long)after);
	all = xasprintf("%s%s%s", NO_CACHE, retry ? retry : "", headers ? headers : "");
	http_respond(req, code, content_type, line, strlen(line), all);
}

void rest_respond_status(struct http_request *req, json *status)
{
	rest_respond_json(req, status_code(status), "application/json", status, NULL);
	json_freep(&status);
}

void rest_respond_text(struct http_request *req, int code, const char *text)
{
	http_respond(req, code, "text/plain; charset=utf-8", text, strlen(text), NO_CACHE);
}

/* An object or list with nothing but its metadata. */
static json *partial_metadata(const json *obj, const char *version)
{
	const json *items = json_get(obj, "items"), *meta = json_get(obj, "metadata");
	_cleanup_free_ char *api = xasprintf("meta.k8s.io/%s", version);
	json *p = json_new_object(), *list;

	json_set_str(p, "kind", items ? "PartialObjectMetadataList" : "PartialObjectMetadata");
	json_set_str(p, "apiVersion", api);
	json_set(p, "metadata", meta ? json_clone(meta) : json_new_object());
	if (items) {
		list = json_set(p, "items", json_new_array());
		json_each(it, items)
			json_append(list, partial_metadata(it, version));
	}
	return p;
}

/* An object or list of objects as the version that was asked for; NULL: it is that already. */
static json *converted(const struct kind *k, const json *obj)
{
	_cleanup_free_ char *version = NULL;
	json *copy;

	if (k->storage == k)
		return NULL;
	copy = json_clone(obj);
	version = api_version_of(k->res);
	if (!json_get(obj, "items")) {
		if (streq(json_str(json_get(obj, "kind")), k->res->kind))
			kind_from_storage(k, copy);
		return copy;
	}
	json_each(it, json_get(copy, "items")) {
		kind_from_storage(k, it);
		json_del(it, "kind");
		json_del(it, "apiVersion");
	}
	json_set_str(copy, "apiVersion", version);
	return copy;
}

const json *rest_shape(struct rest_call *c, const json *obj, json **ret_owned)
{
	_cleanup_json_ json *other = NULL;

	*ret_owned = NULL;
	if (streq(json_str(json_get(obj, "kind")), "Status"))
		return obj;
	/* Tables are printed from what is stored. */
	if (c->accept.form == REST_TABLE && c->table.include != TABLE_OBJECT) {
		c->table.now_us = now_realtime_us();
		*ret_owned = table_new(c->path.kind->storage, obj, &c->table);
		return *ret_owned;
	}
	other = converted(c->path.kind, obj);
	if (other)
		obj = other;
	if (c->accept.form == REST_TABLE) {
		c->table.now_us = now_realtime_us();
		*ret_owned = table_new(c->path.kind, obj, &c->table);
	} else if (c->accept.form == REST_PARTIAL) {
		*ret_owned = partial_metadata(obj, c->accept.version);
	} else {
		*ret_owned = TAKE_PTR(other);
	}
	return *ret_owned ? *ret_owned : obj;
}

/* obj in the encoding that was asked for */
static void respond(struct rest_call *c, int code, const json *obj, const char *headers)
{
	_cleanup_free_ char *all = xasprintf("%s%s", NO_CACHE, headers ? headers : "");
	struct buf b = { 0 };
	const char *type;

	rest_encode(c->accept.encoding, obj, &b, &type);
	http_respond(c->req, code, type, b.data, b.len, all);
	buf_free(&b);
}

void rest_finish(struct rest_call *c, int code, const json *obj)
{
	_cleanup_json_ json *owned = NULL;

	respond(c, code, rest_shape(c, obj, &owned), c->headers);
	rest_call_free(c);
}

void rest_fail(struct rest_call *c, json *status)
{
	respond(c, status_code(status), status, NULL);
	json_freep(&status);
	rest_call_free(c);
}

/* --- parameters --------------------------------------------------------------------- */

int64_t rest_query_int(struct rest_call *c, const char *key, int64_t dflt, json **ret_status)
{
	const char *v = http_request_query(c->req, key);
	int64_t n;

	if (!v || !*v)
		return dflt;
	if (!parse_i64(v, 0, INT64_MAX, &n))
		return n;
	if (!*ret_status)
		*ret_status = status_bad_request("strconv.ParseInt: parsing \"%s\": invalid syntax", v);
	return dflt;
}

const char *rest_query(const void *data, const char *key)
{
	return http_request_query(data, key);
}

bool rest_query_bool(struct rest_call *c, const char *key)
{
	return query_bool(rest_query, c->req, key);
}

/* What rows carry: ?includeObject=None|Metadata|Object */
static json *table_include(struct rest_call *c)
{
	const char *v = http_request_query(c->req, "includeObject");

	c->table.version = c->accept.version;
	if (!v || !*v || streq(v, "Metadata"))
		c->table.include = TABLE_METADATA;
	else if (streq(v, "Object"))
		c->table.include = TABLE_OBJECT;
	else if (streq(v, "None"))
		c->table.include = TABLE_NONE;
	else
		return status_bad_request("unrecognized includeObject value: \"%s\"", v);
	return NULL;
}

/* --- requests ------------------------------------------------------------------------- */

static void handle_objects(struct rest *r, struct http_request *req, struct rest_path *path)
{
	unsigned forms = 1u << REST_TABLE | 1u << REST_PARTIAL | REST_MAY_PROTOBUF;
	struct rest_call *c = xnew0(struct rest_call);
	json *s = NULL;

	c->rest = r;
	c->req = req;
	c->path = *path;
	/* A log is text, whatever the client would also take. */
	if (streq(path->sub, "log")) {
		rest_log(c);
		return;
	}
	c->accept = rest_accept_parse(http_request_header(req, "Accept"), forms);
	if (c->accept.form == REST_NOT_ACCEPTABLE)
		s = status_not_acceptable();
	else if (c->accept.form == REST_TABLE)
		s = table_include(c);
	if (s)
		rest_fail(c, s);
	else
		rest_objects(c);
}

void rest_handle(void *data, struct http_request *req)
{
	const char *peer = http_request_peer_name(req);
	struct rest_path path;
	struct rest *r = data;

	log_debug("%s %s%s%s", http_request_method(req), http_request_path(req), peer ? " by " : "", peer ? peer : "");
	if (rest_path_parse(http_request_path(req), &path))
		handle_objects(r, req, &path);
	else if (!rest_meta(r, req))
		rest_respond_text(req, 404, "404 page not found\n");
}
