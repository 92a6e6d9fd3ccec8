/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * openapi.h - OpenAPI documents, made from the tables of kinds and types
 *
 * There is one document of version 2 (Swagger) about everything, as JSON and as
 * protobuf, and many of version 3, one for each version of each group and some
 * for discovery. They are megabytes in all and never change while the program
 * runs, so they are made when somebody first asks, a piece at a time
 * (openapi_docs.c), and kept compressed.
 */
#ifndef KEELSON_API_OPENAPI_H
#define KEELSON_API_OPENAPI_H

#include "base/json.h"

enum openapi_form {
	OPENAPI_V2_JSON,
	OPENAPI_V2_PROTOBUF,
	OPENAPI_V3_JSON,
};

/*
 * What kubectl up to 1.26 asks for, and what the answer is called: the former
 * has an '@', which newer kubectl refuses to parse.
 */
#define OPENAPI_V2_PROTOBUF_ASKED "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
#define OPENAPI_V2_PROTOBUF_TYPE "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

/* The names of version 3's documents ("api/v1", "apis/apps/v1", "version"); NULL past the last. Caller frees. */
char *openapi_v3_name(size_t i);

/* A document in the making. */
struct openapi_doc;
/* name: of one of version 3, else NULL. NULL if there is none of that name. */
struct openapi_doc *openapi_doc_new(enum openapi_form form, const char *name);
/* Adds the next piece, a kind or a type (some 0.1 ms); false when there is none left. */
bool openapi_doc_step(struct openapi_doc *d);
/* What is made of it, appended to out; frees d. Call after openapi_doc_step() said false. */
void openapi_doc_finish(struct openapi_doc *d, struct buf *out);
void openapi_doc_free(struct openapi_doc *d);	/* instead of openapi_doc_finish(); NULL is fine */

/* All of it at once; -ENOENT. */
int openapi_document(enum openapi_form form, const char *name, struct buf *out);

#endif
