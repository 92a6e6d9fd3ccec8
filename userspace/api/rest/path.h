/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path.h - what a URL's path and an Accept header ask for (pure) */
#ifndef KEELSON_API_REST_PATH_H
#define KEELSON_API_REST_PATH_H

#include "api/kinds/kinds.h"
#include "base/util.h"

/* /api/v1/namespaces/NS/pods/NAME/log and its shorter forms */
struct rest_path {
	const struct kind *kind;
	char *ns;	/* NULL: cluster-scoped, or all namespaces */
	char *name;	/* NULL: the collection */
	char *sub;	/* NULL: the object itself */
};
/* False if no kind is served at that (percent-decoded) path. Free with rest_path_free() on true. */
bool rest_path_parse(const char *path, struct rest_path *ret);
void rest_path_free(struct rest_path *p);

/* The forms an answer can take. */
enum rest_form {
	REST_JSON,
	REST_TABLE,			/* as=Table */
	REST_PARTIAL,			/* as=PartialObjectMetadata or ...List */
	REST_DISCOVERY,			/* as=APIGroupDiscoveryList */
	REST_OPENAPI_V2_PROTOBUF,
	REST_NOT_ACCEPTABLE,
};
struct rest_accept {
	enum rest_form form;
	char version[16];	/* the v= parameter of as=..., such as "v1" */
};
/*
 * The first media range of the header (NULL: anything) whose form is among
 * `forms` (bits 1 << REST_...; REST_JSON is always among them).
 */
struct rest_accept rest_accept_parse(const char *header, unsigned forms);

enum rest_body {
	REST_BODY_JSON,
	REST_BODY_MERGE_PATCH,
	REST_BODY_STRATEGIC_PATCH,
	REST_BODY_JSON_PATCH,
	REST_BODY_APPLY_PATCH,
	REST_BODY_OTHER,
};
/* From the Content-Type header; NULL or "" is JSON. */
enum rest_body rest_body_type(const char *content_type);

#endif
