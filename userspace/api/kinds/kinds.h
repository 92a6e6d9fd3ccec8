/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kinds.h - the table of kinds: where the adding of a kind begins
 *
 * A row of KINDS says how a kind is named, where it lies in etcd and which
 * schema, short names and subresources it has. Discovery, OpenAPI and REST
 * paths follow from the row. Beside it a kind has
 *  - its type: a row in types.h (and PKG_* of a new group there), a
 *    table in a schema_*.c
 * and, where it needs them,
 *  - a row in defaults.c and in validate.c, its first status in reset_status()
 *    of defaults.c
 *  - a row in a table_*.c: what kubectl get prints
 *  - its field selectors in selector.c
 *  - a place in has_generation() of object.c
 * A subresource that no kind had yet has a row in discovery.c, its operations
 * in openapi_paths.c and in object.c, and its meaning in
 * update.c.
 */
#ifndef KEELSON_API_KINDS_H
#define KEELSON_API_KINDS_H

#include <stddef.h>
#include "store/resource.h"

struct schema;	/* api/schema.h */

/*
 *   id, group, version, plural, singular, Kind, namespaced, directory in etcd,
 *   short names, subresources, categories (each comma-separated), type in types.h
 */
#define KINDS(X)											\
	X(namespaces, "", "v1", "namespaces", "namespace", "Namespace", false, "namespaces",		\
	  "ns", "status,finalize", "", Namespace)							\
	X(nodes, "", "v1", "nodes", "node", "Node", false, "minions",					\
	  "no", "status", "", Node)									\
	X(pods, "", "v1", "pods", "pod", "Pod", true, "pods",						\
	  "po", "status,binding,log", "all", Pod)							\
	X(services, "", "v1", "services", "service", "Service", true, "services/specs",			\
	  "svc", "status", "all", Service)								\
	X(endpoints, "", "v1", "endpoints", "endpoints", "Endpoints", true, "services/endpoints",	\
	  "ep", "", "", Endpoints)									\
	X(events, "", "v1", "events", "event", "Event", true, "events",					\
	  "ev", "", "", Event)										\
	X(configmaps, "", "v1", "configmaps", "configmap", "ConfigMap", true, "configmaps",		\
	  "cm", "", "", ConfigMap)									\
	X(secrets, "", "v1", "secrets", "secret", "Secret", true, "secrets",				\
	  "", "", "", Secret)										\
	X(serviceaccounts, "", "v1", "serviceaccounts", "serviceaccount", "ServiceAccount", true, "serviceaccounts",\
	  "sa", "", "", ServiceAccount)									\
	X(deployments, "apps", "v1", "deployments", "deployment", "Deployment", true, "deployments",	\
	  "deploy", "status,scale", "all", Deployment)							\
	X(replicasets, "apps", "v1", "replicasets", "replicaset", "ReplicaSet", true, "replicasets",	\
	  "rs", "status,scale", "all", ReplicaSet)							\
	X(endpointslices, "discovery.k8s.io", "v1", "endpointslices", "endpointslice", "EndpointSlice", true, "endpointslices",\
	  "", "", "", EndpointSlice)									\
	X(leases, "coordination.k8s.io", "v1", "leases", "lease", "Lease", true, "leases",		\
	  "", "", "", Lease)

#define KIND_EXTERN(id, ...) extern const struct resource res_##id;
KINDS(KIND_EXTERN)
#undef KIND_EXTERN

struct kind {
	const struct resource *res;
	const char *singular;
	const char *short_names;	/* comma-separated, may be "" */
	const char *subresources;	/* comma-separated, may be "" */
	const char *categories;		/* comma-separated, may be ""; "all" is what kubectl get all shows */
	const struct schema *schema;
};

/* All kinds in the table's order; NULL past the last. */
const struct kind *kind_at(size_t i);
/* By URL parts or by apiVersion ("apps/v1") and kind; NULL if unknown. */
const struct kind *kind_by_plural(const char *group, const char *version, const char *plural);
const struct kind *kind_by_name(const char *api_version, const char *kind);
const struct kind *kind_of(const struct resource *r);
/* "apps/v1", "v1"; caller frees. */
char *api_version_of(const struct resource *r);
/* Whether all of them can be deleted at once: namespaces cannot. */
bool kind_deletes_collections(const struct kind *k);
bool kind_has_subresource(const struct kind *k, const char *sub);

#endif
