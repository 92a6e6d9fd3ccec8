// SPDX-License-Identifier: GPL-2.0-or-later
/* kinds.c - the table of kinds.h as data, and look-ups in it */
#include "api/kinds/kinds.h"
#include "api/schema/strlist.h"
#include "api/schema/types.h"
#include "base/util.h"

#define FIELDS_namespaces "status.phase"
#define FIELDS_nodes "spec.unschedulable"
#define FIELDS_pods "spec.nodeName,spec.restartPolicy,spec.schedulerName,spec.serviceAccountName,spec.hostNetwork," \
	"status.phase,status.podIP,status.nominatedNodeName"
#define FIELDS_services "spec.clusterIP,spec.type"
#define FIELDS_endpoints ""
#define FIELDS_events "involvedObject.kind,involvedObject.namespace,involvedObject.name,involvedObject.uid," \
	"involvedObject.apiVersion,involvedObject.resourceVersion,involvedObject.fieldPath,reason,reportingComponent,source,type"
#define FIELDS_configmaps ""
#define FIELDS_secrets "type"
#define FIELDS_serviceaccounts ""
#define FIELDS_deployments ""
#define FIELDS_replicasets "status.replicas"
#define FIELDS_endpointslices ""
#define FIELDS_leases ""
#define RESOURCE(id, g, v, p, s, k, nsd, dir, ...)						\
	const struct resource res_##id = {							\
		.group = g, .version = v, .plural = p, .kind = k, .namespaced = nsd, .etcd_dir = dir,	\
		.fields = FIELDS_##id,							\
	};
KINDS(RESOURCE)
#undef RESOURCE

/* The row's type of the same name in types.h: "Pod" is sch_Pod. */
static const struct kind kinds[] = {
#define KIND(id, g, v, p, s, k, nsd, dir, shorts, subs, cats, type)					\
	{ .res = &res_##id, .singular = s, .short_names = shorts, .subresources = subs,		\
	  .categories = cats, .schema = &sch_##type },
	KINDS(KIND)
#undef KIND
};

const struct kind *kind_at(size_t i)
{
	return i < ARRAY_SIZE(kinds) ? &kinds[i] : NULL;
}

const struct kind *kind_by_plural(const char *group, const char *version, const char *plural)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct resource *r = kinds[i].res;

		if (streq(r->group, group) && streq(r->version, version) && streq(r->plural, plural))
			return &kinds[i];
	}
	return NULL;
}

const struct kind *kind_by_name(const char *api_version, const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		_cleanup_free_ char *av = api_version_of(kinds[i].res);

		if (streq(kinds[i].res->kind, kind) && streq(av, api_version))
			return &kinds[i];
	}
	return NULL;
}

const struct kind *kind_of(const struct resource *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].res == r)
			return &kinds[i];
	return r ? kind_by_plural(r->group, r->version, r->plural) : NULL;
}

char *api_version_of(const struct resource *r)
{
	return *r->group ? xasprintf("%s/%s", r->group, r->version) : xstrdup(r->version);
}

bool kind_deletes_collections(const struct kind *k)
{
	return k->res != &res_namespaces;
}

bool kind_has_subresource(const struct kind *k, const char *sub)
{
	return comma_list_has(k->subresources, sub);
}
