// SPDX-License-Identifier: GPL-2.0-or-later
/* discovery.c - see discovery.h */
#include "api/rest/discovery.h"

#include <sys/utsname.h>

#include "api/kinds/kinds.h"
#include "api/schema/strlist.h"

/* The version of the Kubernetes API that the tables follow. */
#define API_MAJOR "1"
#define API_MINOR "32"
#define API_PATCH "0"

static json *strings(const char *comma_separated)
{
	_cleanup_strlist_ struct strlist l = { 0 };
	json *a = json_new_array();

	strlist_split(&l, comma_separated, ',');
	for (size_t i = 0; i < l.n; i++)
		json_append(a, json_new_str(l.items[i]));
	return a;
}

static json *verbs_of(const struct kind *k)
{
	/* In alphabetical order, as Kubernetes lists them. */
	return strings(kind_deletes_collections(k) ? "create,delete,deletecollection,get,list,patch,update,watch"
						   : "create,delete,get,list,patch,update,watch");
}

struct subresource {
	const char *name;
	const char *group, *version, *kind;	/* of its body; group NULL: those of the parent */
	const char *verbs;
};

static const struct subresource subresources[] = {
	{ "status", NULL, NULL, NULL, "get,patch,update" },
	{ "scale", "autoscaling", "v1", "Scale", "get,patch,update" },
	{ "binding", "", "v1", "Binding", "create" },
	{ "log", NULL, NULL, NULL, "get" },
	{ "finalize", NULL, NULL, NULL, "update" },
};

static const struct subresource *subresource(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(subresources); i++)
		if (streq(subresources[i].name, name))
			return &subresources[i];
	return NULL;
}

json *discovery_api_versions(const char *server_address)
{
	json *a = json_build("{\"kind\":\"APIVersions\",\"versions\":[\"v1\"],"
			     "\"serverAddressByClientCIDRs\":[]}");

	if (server_address) {
		json *entry = json_build("{\"clientCIDR\":\"0.0.0.0/0\"}");

		json_set_str(entry, "serverAddress", server_address);
		json_append(json_get(a, "serverAddressByClientCIDRs"), entry);
	}
	return a;
}

/* True for the first kind of its group and version: groups come out once, in the table's order. */
static bool first_of_group(size_t i)
{
	const struct resource *r = kind_at(i)->res;

	for (size_t j = 0; j < i; j++)
		if (streq(kind_at(j)->res->group, r->group) && streq(kind_at(j)->res->version, r->version))
			return false;
	return true;
}

static json *api_group(const struct resource *r)
{
	json *g = json_build("{\"name\":\"%s\",\"versions\":[{\"groupVersion\":\"%s/%s\",\"version\":\"%s\"}],"
			     "\"preferredVersion\":{\"groupVersion\":\"%s/%s\",\"version\":\"%s\"}}",
			     r->group, r->group, r->version, r->version, r->group, r->version, r->version);

	return g;
}

json *discovery_api_groups(void)
{
	json *list = json_build("{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[]}");

	for (size_t i = 0; kind_at(i); i++)
		if (*kind_at(i)->res->group && first_of_group(i))
			json_append(json_get(list, "groups"), api_group(kind_at(i)->res));
	return list;
}

json *discovery_api_group(const char *group)
{
	for (size_t i = 0; *group && kind_at(i); i++) {
		json *g;

		if (!streq(kind_at(i)->res->group, group))
			continue;
		g = api_group(kind_at(i)->res);
		json_set_str(g, "kind", "APIGroup");
		json_set_str(g, "apiVersion", "v1");
		return g;
	}
	return NULL;
}

static json *api_resource(const struct kind *k)
{
	json *r = json_build("{\"name\":\"%s\",\"singularName\":\"%s\",\"namespaced\":%s,\"kind\":\"%s\"}",
			     k->res->plural, k->singular, k->res->namespaced ? "true" : "false", k->res->kind);

	json_set(r, "verbs", verbs_of(k));
	if (*k->short_names)
		json_set(r, "shortNames", strings(k->short_names));
	if (*k->categories)
		json_set(r, "categories", strings(k->categories));
	return r;
}

static json *api_subresource(const struct kind *k, const struct subresource *s)
{
	json *r = json_build("{\"name\":\"%s/%s\",\"singularName\":\"\",\"namespaced\":%s,\"kind\":\"%s\"}",
			     k->res->plural, s->name, k->res->namespaced ? "true" : "false",
			     s->kind ?: k->res->kind);

	if (s->group && *s->group) {
		json_set_str(r, "group", s->group);
		json_set_str(r, "version", s->version);
	}
	json_set(r, "verbs", strings(s->verbs));
	return r;
}

json *discovery_api_resources(const char *group, const char *version)
{
	json *list, *resources;

	list = json_build("{\"kind\":\"APIResourceList\",\"apiVersion\":\"v1\"}");
	resources = json_new_array();
	for (size_t i = 0; kind_at(i); i++) {
		const struct kind *k = kind_at(i);
		_cleanup_strlist_ struct strlist subs = { 0 };

		if (!streq(k->res->group, group) || !streq(k->res->version, version))
			continue;
		if (!json_len(resources)) {
			_cleanup_free_ char *gv = api_version_of(k->res);

			json_set_str(list, "groupVersion", gv);
		}
		json_append(resources, api_resource(k));
		strlist_split(&subs, k->subresources, ',');
		for (size_t j = 0; j < subs.n; j++)
			json_append(resources, api_subresource(k, subresource(subs.items[j])));
	}
	if (!json_len(resources)) {
		cJSON_Delete(list);
		cJSON_Delete(resources);
		return NULL;
	}
	json_set(list, "resources", resources);
	return list;
}

static json *response_kind(const char *group, const char *version, const char *kind)
{
	json *r = json_new_object();

	json_set_str(r, "group", group);
	json_set_str(r, "version", version);
	json_set_str(r, "kind", kind);
	return r;
}

/* One APIResourceDiscovery */
static json *resource_discovery(const struct kind *k)
{
	_cleanup_strlist_ struct strlist subs = { 0 };
	const struct resource *res = k->res;
	json *r = json_new_object();

	json_set_str(r, "resource", res->plural);
	json_set(r, "responseKind", response_kind(res->group, res->version, res->kind));
	json_set_str(r, "scope", res->namespaced ? "Namespaced" : "Cluster");
	json_set_str(r, "singularResource", k->singular);
	json_set(r, "verbs", verbs_of(k));
	if (*k->short_names)
		json_set(r, "shortNames", strings(k->short_names));
	if (*k->categories)
		json_set(r, "categories", strings(k->categories));
	strlist_split(&subs, k->subresources, ',');
	for (size_t i = 0; i < subs.n; i++) {
		const struct subresource *s = subresource(subs.items[i]);
		json *j = json_new_object();

		json_set_str(j, "subresource", s->name);
		json_set(j, "responseKind", response_kind(s->group ?: res->group, s->version ?: res->version,
							  s->kind ?: res->kind));
		json_set(j, "verbs", strings(s->verbs));
		if (!json_get(r, "subresources"))
			json_set(r, "subresources", json_new_array());
		json_append(json_get(r, "subresources"), j);
	}
	return r;
}

json *discovery_aggregated(bool core, const char *version)
{
	json *list, *items;

	if (!streq(version, "v2") && !streq(version, "v2beta1"))
		return NULL;
	list = json_build("{\"kind\":\"APIGroupDiscoveryList\",\"apiVersion\":\"apidiscovery.k8s.io/%s\","
			  "\"metadata\":{},\"items\":[]}", version);
	items = json_get(list, "items");
	for (size_t i = 0; kind_at(i); i++) {
		const struct resource *r = kind_at(i)->res;
		json *group, *v;

		if (!*r->group != core || !first_of_group(i))
			continue;
		group = json_build("{\"metadata\":{\"creationTimestamp\":null},\"versions\":"
				   "[{\"version\":\"%s\",\"resources\":[],\"freshness\":\"Current\"}]}",
				   r->version);
		if (!core)
			json_set_str(json_get(group, "metadata"), "name", r->group);
		v = json_get(group, "versions")->child;
		for (size_t j = i; kind_at(j); j++)
			if (streq(kind_at(j)->res->group, r->group) &&
			    streq(kind_at(j)->res->version, r->version))
				json_append(json_get(v, "resources"), resource_discovery(kind_at(j)));
		json_append(items, group);
	}
	return list;
}

json *discovery_version(void)
{
	struct utsname u = { .machine = "" };
	const char *arch;

	/* The platform in Go's words. */
	uname(&u);
	arch = streq(u.machine, "x86_64") ? "amd64" : streq(u.machine, "aarch64") ? "arm64" : u.machine;
	return json_build("{\"major\":\"" API_MAJOR "\",\"minor\":\"" API_MINOR "\","
			  "\"gitVersion\":\"v" API_MAJOR "." API_MINOR "." API_PATCH "+keelson\","
			  "\"gitCommit\":\"\",\"gitTreeState\":\"clean\",\"buildDate\":\"\","
			  "\"goVersion\":\"\",\"compiler\":\"gcc\",\"platform\":\"linux/%s\"}", arch);
}
