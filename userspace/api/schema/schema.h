/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schema.h - the shape of every object the API knows: one table of fields per type
 *
 * The tables are made at build time from fields.tsv (the API's level),
 * fields-more.tsv (older versions) and docs.tsv (what kubectl explain says) by
 * tables.awk, which declares them in tables.h as sch_core_v1_Pod and so on.
 * From them come decoding checks (check.c), protobuf (protobuf.c), the merge
 * keys of strategic merge patches, the sets and maps of server-side apply and
 * the OpenAPI documents.
 */
#ifndef KEELSON_API_SCHEMA_H
#define KEELSON_API_SCHEMA_H

#include "api/schema/strlist.h"
#include "base/json.h"

enum field_type {
	F_STRING,
	F_BYTES,		/* base64 in a string */
	F_INT32,
	F_INT64,
	F_BOOL,
	F_DOUBLE,
	F_QUANTITY,		/* "100m", or a number */
	F_INT_OR_STRING,
	F_TIME,			/* metav1.Time */
	F_MICRO_TIME,		/* metav1.MicroTime */
	F_DURATION,		/* metav1.Duration: "1m30s" */
	F_ANY,			/* JSON that is not looked into */
	F_SCHEMA_OR_ARRAY,	/* JSON schema's own unions, sub is the schema */
	F_SCHEMA_OR_BOOL,
	F_SCHEMA_OR_STRINGS,
	F_OBJECT,		/* sub */
	F_LIST,			/* of elem (and sub, if elem is F_OBJECT) */
	F_MAP,			/* string to elem (and sub) */
	F_STRINGS,		/* as elem only: a list of strings */
};

/* What a strategic merge patch does with the field; 0: lists are replaced, objects merged. */
enum patch_strategy {
	STRATEGY_MERGE = 1 << 0,	/* the list is merged, by merge_key or as a set of scalars */
	STRATEGY_RETAIN_KEYS = 1 << 1,	/* $retainKeys is honoured */
};

/* x-kubernetes-list-type and x-kubernetes-map-type: who can own what of it. */
enum list_type {
	LIST_NONE,		/* lists: atomic; maps and objects: granular, unless the type is atomic */
	LIST_ATOMIC,
	LIST_SET,
	LIST_MAP,		/* map_keys tell the elements apart */
	LIST_GRANULAR,		/* an object whose type is atomic elsewhere */
};

/* How Go holds a field, which decides what a zero in protobuf says and what stays in JSON. */
enum presence {
	PRESENCE_VALUE,		/* a value that is always written */
	PRESENCE_OMITEMPTY,	/* a value that is left out when zero */
	PRESENCE_POINTER,	/* there or not, zero or not */
	PRESENCE_OMITZERO,	/* a struct that is left out when zero (others are always written) */
};

struct schema;

struct field {
	const char *name;
	const struct schema *sub;	/* for F_OBJECT here or as elem */
	const char *merge_key;		/* strategic merge, or NULL */
	const char *map_keys;		/* x-kubernetes-list-map-keys, comma-separated, or NULL */
	const char *values;		/* the strings that are known, comma-separated, or NULL */
	const char *dflt;		/* the constant default as JSON, or NULL */
	const char *doc;		/* one sentence for kubectl explain, or NULL */
	unsigned short number;		/* protobuf; 0: not in protobuf */
	unsigned short outer[2];	/* numbers of the messages around it that JSON does not show, 0: none */
	unsigned char type, elem;	/* enum field_type; elem: what is in an F_LIST, F_MAP */
	unsigned char strategy;		/* enum patch_strategy */
	unsigned char list;		/* enum list_type */
	unsigned char presence;		/* enum presence */
	bool required;
	bool closed;			/* values are all there are ("" among them if it begins with a comma) */
};

struct schema {
	const char *package;	/* "io.k8s.api.core.v1" */
	const char *name;	/* "PodSpec" */
	const char *doc;	/* one sentence for kubectl explain, or NULL */
	const struct field *fields;	/* in order of their names */
	size_t n_fields;
	const unsigned short *by_number;	/* indexes of fields in the order of protobuf */
	size_t n_numbers;
	bool has_constants;	/* a field has a constant default */
	bool atomic;		/* owned as a whole by server-side apply */
};

/* The field of that name, or NULL. */
const struct field *schema_field(const struct schema *s, const char *name);
/* All of them, NULL at the end; in tables.c. */
extern const struct schema *const schema_types[];
/* "v1", the last part of the package */
const char *schema_version(const struct schema *s);

/*
 * Does the object have the types its schema says? Nulls count as absent.
 *
 * 0, or -EINVAL and in *ret_msg (caller frees) what a Kubernetes server says
 * after "... cannot be handled as a Deployment: ":
 *	json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32
 * and, if strict, also for unknown fields:
 *	strict decoding error: unknown field "spec.replica"
 * With strict false, unknown (may be NULL) collects a warning for each:
 *	unknown field "spec.replica"
 */
int schema_check(const struct schema *s, const json *obj, bool strict, char **ret_msg,
		 struct strlist *unknown);

/*
 * What Kubernetes says when the tree that a strategic merge patch has left cannot
 * become a Go object again: "cannot restore map from string"; caller frees. NULL if
 * it can. Only the first thing is told, without where it is.
 */
char *schema_unrestorable(const struct schema *s, const json *obj);

/*
 * The form in which objects are kept and compared, so that two that mean the same
 * are equal: what Go drops when it decodes and encodes again is gone (nulls,
 * fields that no table names, zeros and empty lists where they say nothing),
 * quantities are canonical, constant defaults are there. Call after
 * schema_check() succeeded; default_object() does it first of all.
 */
void schema_normalise(const struct schema *s, json *obj);

#endif
