/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crd.h - the schemas inside CustomResourceDefinitions: what may stand in one
 *
 * A schema is an OpenAPI v3 schema in JSON as its author wrote it. `path` is its
 * own path.
 */
#ifndef KEELSON_API_KINDS_CRD_H
#define KEELSON_API_KINDS_CRD_H

#include "api/kinds/rules.h"

#define OPENAPI_TYPES "array,boolean,integer,number,object,string"

/* What the object that is replaced has already, its successor may have too. */
struct crd_leniency {
	bool types;		/* other types than OpenAPI's */
	bool structure;		/* no structural schema */
	bool defaults;		/* defaults with unknown fields */
	bool sets;		/* lists that are sets of what is no atom */
	bool keys;		/* keys of lists that may be missing */
};

/* --- crd_schema.c: a schema by itself --- */

/* Everything there is to say of a version's schema; status: the version has the subresource. */
void crd_validate_schema(const json *schema, bool status, const struct crd_leniency *l, const char *path,
			 struct field_errors *e);
/* The schema or one inside it of which pred holds, or NULL. */
const json *crd_schema_find(const json *schema, bool (*pred)(const json *));
bool crd_has_other_type(const json *schema);
bool crd_has_loose_set(const json *schema);
bool crd_has_loose_keys(const json *schema);

/* --- crd_structural.c: is the shape of objects told apart from what their values may be? --- */

/* What keeps the schema from being read as a structural one (static), or NULL. */
const char *crd_unstructural(const json *schema);
/* Sorted, as it is a set of findings. */
void crd_validate_structural(const json *schema, const char *path, struct field_errors *e);
/* Defaults have only fields that the schema knows. */
void crd_validate_defaults(const json *schema, const char *path, struct field_errors *e);

/* --- crd_path.c: paths to fields --- */

/*
 * The schema of what a path like ".spec.a['b']" leads to; canonical (may be NULL)
 * gets the path as fields are written elsewhere, which the caller frees. NULL and
 * in *why (static or NULL) what is wrong.
 */
const json *crd_field_at(const json *schema, const char *path, bool brackets, char **canonical, char **why);
/* ".spec.replicas" */
void crd_validate_json_path(const char *s, const char *path, struct field_errors *e);

#endif
