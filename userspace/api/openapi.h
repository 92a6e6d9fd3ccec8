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

#define OPENAPI_V2_PROTOBUF "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
/* GET /openapi/v2 as kubectl up to 1.26 asks for it (that media type); appends the bytes. */
void openapi_v2_protobuf(struct buf *out);

#endif
