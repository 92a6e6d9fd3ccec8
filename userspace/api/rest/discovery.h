/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * discovery.h - what /api, /apis and /version answer, made from the table of kinds
 *
 * New trees that the caller owns.
 */
#ifndef KEELSON_API_DISCOVERY_H
#define KEELSON_API_DISCOVERY_H

#include "base/json.h"

/* The version of the Kubernetes API that the tables follow. */
#define API_MAJOR "1"
#define API_MINOR "36"
#define API_PATCH "0"

/* GET /api: APIVersions. server_address ("10.0.0.1:6443") may be NULL. */
json *discovery_api_versions(const char *server_address);
/* GET /apis: APIGroupList */
json *discovery_api_groups(void);
/* GET /apis/<group>: APIGroup, or NULL */
json *discovery_api_group(const char *group);
/* GET /api/v1 (group "") and /apis/<group>/<version>: APIResourceList, or NULL */
json *discovery_api_resources(const char *group, const char *version);
/*
 * GET /api (core) or /apis (not core) when the client accepts
 * "application/json;g=apidiscovery.k8s.io;v=<version>;as=APIGroupDiscoveryList";
 * version is "v2" or "v2beta1", else NULL is answered. The answer's content type
 * is that same text.
 */
json *discovery_aggregated(bool core, const char *version);
/* GET /version */
json *discovery_version(void);

#endif
