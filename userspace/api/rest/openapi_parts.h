/* SPDX-License-Identifier: GPL-2.0-or-later */
/* openapi_parts.h - what the openapi*.c files share: pieces of documents as trees */
#ifndef KEELSON_API_OPENAPI_PARTS_H
#define KEELSON_API_OPENAPI_PARTS_H

#include "api/kinds/kinds.h"
#include "api/rest/openapi.h"
#include "api/schema/schema.h"

/* The two dialects differ in where types lie, how they are named and what may stand beside a name. */
enum openapi_version {
	OPENAPI_2,	/* Swagger 2.0: #/definitions/ */
	OPENAPI_3,	/* OpenAPI 3.0: #/components/schemas/ */
};

/* --- openapi_types.c --- */

/* A type that a document has a definition of; one of the three. */
struct openapi_type {
	const struct schema *schema;
	const struct kind *list_of;
	const struct openapi_special *special;	/* written as one value: Quantity, Time ... */
};

/* Types in the order in which they were named, each once. */
struct openapi_types {
	struct openapi_type *list;
	size_t n;
};
void openapi_types_free(struct openapi_types *t);
/* Adds one type; those that it is made of are added by openapi_types_follow(). */
void openapi_types_add(struct openapi_types *types, const struct openapi_type *t);
void openapi_types_follow(struct openapi_types *types, size_t i);

/* "io.k8s.api.core.v1.Pod", "io.k8s.api.core.v1.PodList"; caller frees. */
char *openapi_type_name(const struct openapi_type *t);
/* Its definition. */
json *openapi_definition(enum openapi_version v, const struct openapi_type *t);
/* {"$ref": ...} to it */
json *openapi_ref(enum openapi_version v, const struct openapi_type *t);
/* The type of a kind that need not be served by itself, such as Scale; NULL if there is none. */
const struct schema *openapi_schema_of(const char *group, const char *version, const char *kind);
/* x-kubernetes-group-version-kind of a kind, as one object */
json *openapi_gvk(const char *group, const char *version, const char *kind);
/* The body of a PATCH. */
extern const struct openapi_special openapi_patch;

/* --- openapi_paths.c --- */

/* Adds the paths of one kind with their operations to paths, and to types the types that they take and give. */
void openapi_add_paths(enum openapi_version v, const struct kind *k, json *paths, struct openapi_types *types);
/*
 * The path that says what is there: "/api/", "/apis/", "/apis/GROUP/" (version
 * NULL), "/api/v1/" or "/apis/GROUP/VERSION/". group NULL: of all groups.
 */
void openapi_add_discovery(enum openapi_version v, const char *group, const char *version, json *paths,
			   struct openapi_types *types);
void openapi_add_version(enum openapi_version v, json *paths, struct openapi_types *types);

/* --- openapi_query.c: what can be said in the query --- */

enum openapi_calls {
	CALL_ANY = 1 << 0,	/* pretty */
	CALL_LIST = 1 << 1,
	CALL_WRITE = 1 << 2,	/* create, replace, patch */
	CALL_PATCH = 1 << 3,
	CALL_DELETE = 1 << 4,
};
/* Appends a parameter for each thing that calls of these kinds understand. */
void openapi_add_query(enum openapi_version v, unsigned calls, json *parameters);
/* Appends a parameter for each field of a type such as PodExecOptions. */
void openapi_add_options(enum openapi_version v, const struct schema *options, json *parameters);
/* One parameter; in: "path" or "query", type: "string" ... */
json *openapi_parameter(enum openapi_version v, const char *name, const char *in, const char *type, const char *text);

/* --- openapi_v2.c: a piece of the document of version 2 as protobuf --- */

/* Appends paths (the same for definitions) to the message Paths; the caller puts head and lengths around it. */
void openapi_v2_put_paths(struct buf *b, const json *paths);
void openapi_v2_put_definitions(struct buf *b, const json *definitions);
/* The whole document around the two messages. */
void openapi_v2_put_document(struct buf *b, const json *head, const struct buf *paths, const struct buf *definitions);

#endif
