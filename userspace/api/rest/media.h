/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * media.h - what form an answer takes and what form a body has (pure)
 *
 * Content negotiation as Kubernetes does it: the clauses of Accept by their q,
 * the more specific before wildcards, else in order; the first that fits wins.
 */
#ifndef KEELSON_API_REST_MEDIA_H
#define KEELSON_API_REST_MEDIA_H

#include "api/schema/strlist.h"
#include "base/json.h"

/* What an answer says. */
enum rest_form {
	REST_OBJECT,			/* the object as it is */
	REST_TABLE,			/* as=Table */
	REST_PARTIAL,			/* as=PartialObjectMetadata or ...List */
	REST_DISCOVERY,			/* as=APIGroupDiscoveryList */
	REST_OPENAPI_V2_PROTOBUF,
	REST_NOT_ACCEPTABLE,
};

/* How it is written. */
enum rest_encoding {
	REST_JSON,
	REST_PROTOBUF,
	REST_YAML,
};

struct rest_accept {
	enum rest_form form;
	enum rest_encoding encoding;
	char version[16];	/* the v= parameter of as=..., such as "v1" */
	bool known;		/* a clause names a type that is written, whatever it asks of it */
};

/* For `forms`: bits 1 << REST_TABLE and so on; REST_OBJECT is always among them. And: */
#define REST_MAY_PROTOBUF (1u << 31)	/* objects and partial ones may be protobuf */
#define REST_MAY_YAML (1u << 30)	/* objects, partial ones and Tables may be YAML */

/* For an Accept header; NULL is anything. */
struct rest_accept rest_accept_parse(const char *header, unsigned forms);

#define REST_TYPE_JSON "application/json"
#define REST_TYPE_YAML "application/yaml"
#define REST_TYPE_PROTOBUF "application/vnd.kubernetes.protobuf"
#define REST_TYPE_PROTOBUF_WATCH REST_TYPE_PROTOBUF ";stream=watch"

enum rest_body {
	REST_BODY_JSON,
	REST_BODY_YAML,
	REST_BODY_PROTOBUF,
	REST_BODY_MERGE_PATCH,
	REST_BODY_STRATEGIC_PATCH,
	REST_BODY_JSON_PATCH,
	REST_BODY_APPLY_PATCH,
	REST_BODY_OTHER,
};
/* From the Content-Type header; NULL or "" is JSON. */
enum rest_body rest_body_type(const char *content_type);

/*
 * Appends the object, list or Status (with kind and apiVersion) as it is written;
 * JSON ends with a line end. A Table, or a type that no table knows, is JSON
 * whatever is asked: the content type says which.
 */
void rest_encode(enum rest_encoding encoding, const json *obj, struct buf *out, const char **ret_type);
/*
 * Appends one event of a watch around an object that rest_encode() has written
 * (a line end after JSON is taken off).
 */
void rest_encode_event(enum rest_encoding encoding, const char *type, const void *object, size_t len, struct buf *out);

/*
 * A body as a tree. Protobuf must be of a type the server knows, and where it does
 * not say which, it is `kind` and `api_version`. JSON members that stand twice
 * count once, the last; for each there is a `duplicate field "a.b"` in duplicates
 * (NULL: not asked). NULL and a Status otherwise.
 */
json *rest_decode(enum rest_body type, const char *text, size_t len, const char *api_version, const char *kind,
		  struct strlist *duplicates, json **ret_status);
/*
 * The body of a server-side apply, which is YAML or JSON, as a tree. Names that
 * stand twice count once, the last; what Kubernetes says of them is one string in odd.
 */
json *rest_decode_config(const char *text, size_t len, struct strlist *odd, json **ret_status);

#endif
