// SPDX-License-Identifier: GPL-2.0-or-later
/* meta.c - discovery, OpenAPI, version and health: what is asked besides objects */
#include <errno.h>

#include "api/rest/discovery.h"
#include "api/rest/openapi_docs.h"
#include "api/rest/internal.h"
#include "api/meta/status.h"
#include "api/schema/strlist.h"
#include "base/metrics.h"

/* Takes the tree. */
static void respond(struct http_request *req, const char *content_type, json *obj)
{
	rest_respond_json(req, 200, content_type, obj, NULL);
	json_freep(&obj);
}

static const char *accept_header(struct http_request *req)
{
	return http_request_header(req, "Accept");
}

/* --- discovery ----------------------------------------------------------------------- */

static void discovery_root(struct rest *r, struct http_request *req, bool core)
{
	struct rest_accept a = rest_accept_parse(accept_header(req), 1u << REST_DISCOVERY);

	if (a.form == REST_NOT_ACCEPTABLE) {
		rest_respond_status(req, status_not_acceptable());
	} else if (a.form == REST_DISCOVERY) {
		_cleanup_free_ char *type = xasprintf("application/json;g=apidiscovery.k8s.io;v=%s;as=APIGroupDiscoveryList",
						      a.version);

		respond(req, type, discovery_aggregated(core, a.version));
	} else {
		respond(req, "application/json", core ? discovery_api_versions(r->address) : discovery_api_groups());
	}
}

/* /api, /api/v1, /apis, /apis/GROUP, /apis/GROUP/VERSION */
static bool discovery(struct rest *r, struct http_request *req, const struct strlist *parts)
{
	bool core = streq(parts->items[0], "api");
	json *obj = NULL;

	if (!core && !streq(parts->items[0], "apis"))
		return false;
	if (parts->n == 1) {
		discovery_root(r, req, core);
		return true;
	}
	if (core && parts->n == 2)
		obj = discovery_api_resources("", parts->items[1]);
	else if (!core && parts->n == 2)
		obj = discovery_api_group(parts->items[1]);
	else if (!core && parts->n == 3)
		obj = discovery_api_resources(parts->items[1], parts->items[2]);
	if (!obj)
		return false;
	if (rest_accept_parse(accept_header(req), 0).form == REST_NOT_ACCEPTABLE) {
		json_freep(&obj);
		rest_respond_status(req, status_not_acceptable());
		return true;
	}
	respond(req, "application/json", obj);
	return true;
}

/* --- health ------------------------------------------------------------------------------- */

static void etcd_asked(void *data, const struct store_result *res)
{
	struct http_request *req = data;
	_cleanup_free_ char *text = NULL;

	if (res->err != -EAGAIN) {
		rest_respond_text(req, 200, "ok");
		return;
	}
	text = xasprintf("[+]ping ok\n[-]etcd failed: %s\nhealthz check failed\n",
			 json_str_or(json_get(res->obj, "message"), "no answer"));
	rest_respond_text(req, 500, text);
}

/* The process lives as long as it answers; it is ready when etcd answers too. */
static bool health(struct rest *r, struct http_request *req, const char *path)
{
	if (streq(path, "/livez") || startswith(path, "/livez/")) {
		rest_respond_text(req, 200, "ok");
		return true;
	}
	if (streq(path, "/healthz") || streq(path, "/readyz") || streq(path, "/healthz/etcd") || streq(path, "/readyz/etcd")) {
		store_get(r->store, &res_namespaces, NULL, "default", etcd_asked, req);
		return true;
	}
	return false;
}

static bool metrics(struct http_request *req, const char *path)
{
	struct buf text = {0};

	if (!streq(path, "/metrics"))
		return false;
	metrics_print(&text);
	http_respond(req, 200, METRICS_CONTENT_TYPE, text.data, text.len, "Cache-Control: no-cache, private\r\n");
	buf_free(&text);
	return true;
}

static json *root_paths(void)
{
	static const char *const others[] = { "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/readyz", "/version" };
	_cleanup_json_ json *groups = discovery_api_groups();
	json *obj = json_new_object(), *list = json_set(obj, "paths", json_new_array());

	json_append(list, json_new_str("/api"));
	json_append(list, json_new_str("/api/v1"));
	json_append(list, json_new_str("/apis"));
	json_each(g, json_get(groups, "groups")) {
		_cleanup_free_ char *path = xasprintf("/apis/%s", json_str_or(json_get(g, "name"), ""));

		json_append(list, json_new_str(path));
		json_each(v, json_get(g, "versions")) {
			_cleanup_free_ char *versioned = xasprintf("/apis/%s", json_str_or(json_get(v, "groupVersion"), ""));

			json_append(list, json_new_str(versioned));
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		json_append(list, json_new_str(others[i]));
	return obj;
}

bool rest_meta(struct rest *r, struct http_request *req)
{
	const char *path = http_request_path(req), *method = http_request_method(req);
	_cleanup_strlist_ struct strlist parts = {0};

	if (!streq(method, "GET") && !streq(method, "HEAD"))
		return false;
	strlist_split(&parts, path, '/');
	if (!parts.n) {
		respond(req, "application/json", root_paths());
		return true;
	}
	if (streq(path, "/version") || streq(path, "/version/")) {
		respond(req, "application/json", discovery_version());
		return true;
	}
	return discovery(r, req, &parts) || openapi_docs_serve(r->openapi, req) || health(r, req, path) ||
	       metrics(req, path);
}
