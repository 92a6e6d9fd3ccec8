// SPDX-License-Identifier: GPL-2.0-or-later
/* rest.c - see rest.h: which request goes where, and how answers are written */
#include "api/rest/rest.h"

#include "api/rest/form.h"
#include "api/rest/internal.h"
#include "api/rest/list_options.h"
#include "api/rest/openapi_docs.h"
#include "api/rest/request_metrics.h"
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
	r->openapi = openapi_docs_new(loop);
	rest_forms_init(r);
	return r;
}

void rest_free(struct rest *r)
{
	if (!r)
		return;
	rest_agents_free(r);
	openapi_docs_free(r->openapi);
	loop_timer_stop(&r->sweep);
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
	access_user_free(&c->user);
	free(c->headers);
	free(c);
}

/* --- answers ---------------------------------------------------------------------- */

#define NO_CACHE "Cache-Control: no-cache, private\r\n"

char *rest_headers(const char *extra)
{
	return xasprintf("%s%s", NO_CACHE, extra ? extra : "");
}

/* When to come back, where the Status says so. */
static char *retry_header(int code, const json *status)
{
	int64_t after = code >= 400 ? json_int(json_get(status, "details", "retryAfterSeconds"), 0) : 0;

	return after > 0 ? xasprintf("Retry-After: %lld\r\n", (long long)after) : xstrdup("");
}

void rest_respond_json(struct http_request *req, int code, const char *content_type, const json *obj,
		       const char *headers)
{
	_cleanup_free_ char *text = json_print(obj), *line = xasprintf("%s\n", text), *retry = retry_header(code, obj);
	_cleanup_free_ char *more = xasprintf("%s%s", retry, headers ? headers : ""), *all = rest_headers(more);

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

void rest_finish(struct rest_call *c, int code, const json *obj)
{
	_cleanup_free_ char *retry = retry_header(code, obj), *more = xasprintf("%s%s", retry, c->headers ? c->headers : "");
	_cleanup_free_ char *headers = rest_headers(more);
	const char *type;
	struct buf b = {0};

	rest_write_object(c, obj, &b, &type);
	if (streq(type, REST_TYPE_JSON))
		buf_puts(&b, "\n");
	http_respond(c->req, code, type, b.data, b.len, headers);
	buf_free(&b);
	rest_call_free(c);
}

void rest_fail(struct rest_call *c, json *status)
{
	free(TAKE_PTR(c->headers));
	rest_finish(c, status_code(status), status);
	json_freep(&status);
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

static json *check_access(struct http_request *req, const struct rest_path *path, const char *verb, struct access_user *ret)
{
	json *s = access_authenticate(req, ret);
	const struct access_request a = {
		.user = &ret->user, .verb = access_verb(verb, http_request_method(req)), .object = path, .path = http_request_path(req),
	};

	return s ? s : access_authorize(&a);
}

static void handle_objects(struct rest *r, struct http_request *req, struct rest_path *path, const char *verb)
{
	unsigned forms = 1u << REST_TABLE | 1u << REST_PARTIAL | REST_MAY_PROTOBUF;
	struct rest_call *c = xnew0(struct rest_call);
	json *s;

	c->rest = r;
	c->req = req;
	c->path = *path;
	s = check_access(req, &c->path, verb, &c->user);
	if (s) {
		rest_fail(c, s);
		return;
	}
	/* A log is text, whatever the client would also take. */
	if (streq(path->sub, "log")) {
		rest_log(c);
		return;
	}
	if (!rest_query_bool(c, "watch"))
		forms |= REST_MAY_YAML;
	/* What is answered and never kept has no rows. */
	if (!kind_has_verb(path->kind, "list"))
		forms &= REST_MAY_PROTOBUF | REST_MAY_YAML;
	c->accept = rest_accept_parse(http_request_header(req, "Accept"), forms);
	if (c->accept.form == REST_NOT_ACCEPTABLE)
		s = c->accept.known ? status_no_such_form() : status_not_acceptable();
	else if (c->accept.form == REST_TABLE)
		s = table_include(c);
	if (s)
		rest_fail(c, s);
	else
		rest_objects(c);
}

static void handle_others(struct rest *r, struct http_request *req, const char *verb)
{
	struct access_user user;
	json *s = check_access(req, NULL, verb, &user);

	if (s)
		rest_respond_status(req, s);
	else if (!rest_meta(r, req))
		rest_respond_text(req, 404, "404 page not found\n");
	access_user_free(&user);
}

void rest_handle(void *data, struct http_request *req)
{
	const char *peer = http_request_peer_name(req);
	struct rest_path path;
	struct rest *r = data;
	bool object = rest_path_parse(http_request_path(req), &path);
	const char *verb = request_verb(http_request_method(req), http_request_header(req, "Content-Type"), object ? &path : NULL,
					query_bool(rest_query, req, "watch"));

	log_debug("%s %s%s%s", http_request_method(req), http_request_path(req), peer ? " by " : "", peer ? peer : "");
	request_metrics_begin(req, object ? &path : NULL, verb);
	if (object)
		handle_objects(r, req, &path, verb);
	else
		handle_others(r, req, verb);
}
