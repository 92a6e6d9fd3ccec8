/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * openapi_docs.h - OpenAPI documents over HTTP: made once, kept compressed
 *
 * The first who asks for a document waits until it is made, as work that can wait
 * (base/loop_work.h); from then on it is bytes. An answer has an ETag, and
 * under the address that the index names (?hash=...) it may be kept for ever.
 */
#ifndef KEELSON_API_OPENAPI_DOCS_H
#define KEELSON_API_OPENAPI_DOCS_H

#include <systemd/sd-event.h>
#include "rpc/http_server.h"

struct openapi_docs;

struct openapi_docs *openapi_docs_new(sd_event *loop);
/* Whoever still waits is answered 503. NULL is fine. */
void openapi_docs_free(struct openapi_docs *docs);
/* Answers, now or later, if the path is one of /openapi/...; else false. */
bool openapi_docs_serve(struct openapi_docs *docs, struct http_request *req);

#endif
