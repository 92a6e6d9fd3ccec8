/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request_metrics.h - requests as apiserver_* metrics count them */
#ifndef KEELSON_API_REST_REQUEST_METRICS_H
#define KEELSON_API_REST_REQUEST_METRICS_H

#include "api/rest/path.h"
#include "rpc/http_server.h"

/* Counts the request from now until its answer. path: what it is for, NULL if that is no object; verb: request_verb()'s. */
void request_metrics_begin(struct http_request *req, const struct rest_path *path, const char *verb);

/*
 * The verb as Kubernetes names it: GET, LIST, WATCH, POST, PUT, PATCH, APPLY,
 * DELETE, DELETECOLLECTION, CONNECT. path NULL: no object; watch: the query asks for one.
 */
const char *request_verb(const char *method, const char *content_type, const struct rest_path *path, bool watch);

#endif
