/* SPDX-License-Identifier: GPL-2.0-or-later */
/* openapi_parts.h - what the openapi*.c files share */
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

/* {"$ref": ...} to a type by its full name */
json *openapi_ref(enum openapi_version v, const char *name);
/* "io.k8s.api.core.v1.Pod"; with list "...PodList"; caller frees. */
char *openapi_type_name(const struct schema *s, bool list);
/* x-kubernetes-group-version-kind of a kind, as one object */
json *openapi_gvk(const char *group, const char *version, const char *kind);

/* openapi_paths.c: adds the paths of one kind with their operations. */
void openapi_add_paths(enum openapi_version v, const struct kind *k, json *paths);

#endif
