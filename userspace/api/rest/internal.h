/* SPDX-License-Identifier: GPL-2.0-or-later */
/* internal.h - between the files of the REST server */
#ifndef KEELSON_API_REST_INTERNAL_H
#define KEELSON_API_REST_INTERNAL_H

#include "api/rest/access.h"
#include "api/rest/media.h"
#include "api/rest/rest.h"
#include "api/rest/path.h"
#include "api/rest/table.h"
#include "base/json.h"
#include "base/loop.h"

struct agent_client;

struct rest {
	sd_event *loop;
	struct store *store;
	char *address;
	char *agent_ca, *agent_cert, *agent_key;
	struct agent_client *agents;	/* by node address, see log.c */
	struct openapi_docs *openapi;
	struct loop_timer sweep;	/* see form.c */
};

/* One request for objects, from the handler to its answer. */
struct rest_call {
	struct rest *rest;
	struct http_request *req;
	struct rest_path path;
	struct access_user user;
	struct rest_accept accept;
	struct table_opts table;
	char *headers;		/* extra ones for the answer, or NULL */
};
void rest_call_free(struct rest_call *c);

/* Answers with a JSON tree (borrowed) and a newline. */
void rest_respond_json(struct http_request *req, int code, const char *content_type, const json *obj,
		       const char *headers);
/* Answers with the Status, which it takes, as JSON. */
void rest_respond_status(struct http_request *req, json *status);
void rest_respond_text(struct http_request *req, int code, const char *text);
/* Answers in the form that the client accepts (a Table, say) and frees the call. */
void rest_finish(struct rest_call *c, int code, const json *obj);
/* Takes the Status and frees the call. */
void rest_fail(struct rest_call *c, json *status);
/* The headers of every answer and those extra ones (or NULL), as http_respond() takes them; caller frees. */
char *rest_headers(const char *extra);
/* A query parameter as a whole number, dflt where absent; a Status in *ret_status if it is none. */
int64_t rest_query_int(struct rest_call *c, const char *key, int64_t dflt, json **ret_status);
/* The query's dryRun: true in *ret for "All". A Status if it is something else; kind: "CreateOptions" */
json *rest_query_dry_run(struct rest_call *c, const char *kind, bool *ret);
/* 422 `CreateOptions.meta.k8s.io "" is invalid: dryRun: ...` */
json *rest_bad_dry_run(const char *kind, const json *values);
bool rest_query_bool(struct rest_call *c, const char *key);

/* object.c: the verbs; each takes the call */
void rest_objects(struct rest_call *c);
/* list.c */
void rest_list(struct rest_call *c);
/* The query as list_options_parse() wants it; data is the struct http_request. */
const char *rest_query(const void *data, const char *key);
/* delete.c */
void rest_delete(struct rest_call *c);
/* watch.c */
void rest_watch(struct rest_call *c);
/* log.c */
void rest_log(struct rest_call *c);
void rest_agents_free(struct rest *r);
/* form.c */
void rest_forms_init(struct rest *r);
/* meta.c: everything that is no object; false if it is none of that either */
bool rest_meta(struct rest *r, struct http_request *req);

#endif
