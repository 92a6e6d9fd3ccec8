/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schema.h - the shape of every object the API knows: one table of fields per type
 *
 * From these tables come decoding checks (schema_check), the merge keys of
 * strategic merge patches (patch_strategic) and the OpenAPI documents. The
 * tables are in schema_*.c; the list of types is in types.h. The JSON
 * document stays the truth: a field that no table names is kept.
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
	F_QUANTITY,		/* "100m", or a number */
	F_INT_OR_STRING,
	F_TIME,			/* metav1.Time */
	F_MICRO_TIME,		/* metav1.MicroTime */
	F_ANY,			/* any object, not looked into */
	F_OBJECT,		/* sub */
	F_LIST,			/* of elem (and sub, if elem is F_OBJECT) */
	F_MAP,			/* string to elem (and sub) */
};

/* What a strategic merge patch does with the field; 0: lists are replaced, objects merged. */
enum patch_strategy {
	STRATEGY_MERGE = 1 << 0,	/* the list is merged, by merge_key or as a set of scalars */
	STRATEGY_RETAIN_KEYS = 1 << 1,	/* $retainKeys is honoured */
};

struct schema;

struct field {
	const char *name;
	enum field_type type;
	enum field_type elem;		/* F_LIST, F_MAP: what is in it */
	const struct schema *sub;	/* for F_OBJECT here or as elem */
	unsigned strategy;		/* enum patch_strategy */
	const char *merge_key;		/* strategic merge, or NULL */
	const char *map_keys;		/* x-kubernetes-list-map-keys, comma-separated, or NULL */
	const char *values;		/* the strings allowed, comma-separated, or NULL: any */
	bool required;
	bool set;			/* the list is a set */
};

struct schema {
	const char *package;	/* "io.k8s.api.core.v1" */
	const char *name;	/* "PodSpec" */
	const char *doc;	/* one sentence for kubectl explain, or NULL */
	const struct field *fields;
	size_t n_fields;
};

/* The field of that name, or NULL. */
const struct field *schema_field(const struct schema *s, const char *name);
/* All types in the table's order; NULL past the last. */
const struct schema *schema_at(size_t i);
/* By name ("Scale", "DeleteOptions", "Binding", "Status"): types that are no kind of their own; NULL if unknown. */
const struct schema *schema_by_name(const char *name);

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
 * What decoding and encoding again changes: members that are null go, and
 * optional lists and maps that are empty (two pod templates that mean the same
 * are then equal); numbers in quantities become canonical strings. Call after schema_check() succeeded;
 * default_object() does it first of all.
 */
void schema_normalise(const struct schema *s, json *obj);

#endif
