/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * openapi.h - OpenAPI documents, made from the tables of kinds and schemas
 *
 * All answers are new trees that the caller owns; they never change while the
 * program runs, so callers may keep them.
 */
#ifndef KEELSON_API_OPENAPI_H
#define KEELSON_API_OPENAPI_H

#include "base/json.h"

/* GET /openapi/v3: {"paths": {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1?hash=..."}, ...}} */
json *openapi_v3_index(void);
/* GET /openapi/v3/<path>, path as in the index ("api/v1", "apis/apps/v1"); NULL if there is none. */
json *openapi_v3_document(const char *path);
/* GET /openapi/v2 as JSON (Swagger 2.0). */
json *openapi_v2(void);

/*
 * GET /openapi/v2 for an Accept header that names either media type (kubectl
 * asks for the first, up to 1.26 always, later as a fallback); appends the
 * bytes. The answer's content type is the second: the first has an '@', which
 * newer kubectl refuses to parse.
 */
#define OPENAPI_V2_PROTOBUF_ASKED "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
#define OPENAPI_V2_PROTOBUF "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
void openapi_v2_protobuf(struct buf *out);

#endif
