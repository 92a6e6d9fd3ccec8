// SPDX-License-Identifier: GPL-2.0-or-later
/* discovery.c - see discovery.h */
#include "api/rest/discovery.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/utsname.h>

#include "api/kinds/kinds.h"
#include "api/schema/strlist.h"


static json *strings(const char *comma_separated)
{
	_cleanup_strlist_ struct strlist l = { 0 };
	json *a = json_new_array();

	strlist_split(&l, comma_separated, ',');
	for (size_t i = 0; i < l.n; i++)
		json_append(a, json_new_str(l.items[i]));
	return a;
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

/* True for the first kind of its group: groups come out once, in the table's order. */
static bool first_of_group(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (streq(kind_at(j)->res->group, kind_at(i)->res->group))
			return false;
	return true;
}

/* True for the first kind of its group and version. */
static bool first_of_version(size_t i)
{
	const struct resource *r = kind_at(i)->res;

	for (size_t j = 0; j < i; j++)
		if (streq(kind_at(j)->res->group, r->group) && streq(kind_at(j)->res->version, r->version))
			return false;
	return true;
}

static json *group_version(const struct resource *r)
{
	_cleanup_free_ char *gv = api_version_of(r);
	json *j = json_new_object();

	json_set_str(j, "groupVersion", gv);
	json_set_str(j, "version", r->version);
	return j;
}

/* The versions stand in order of preference. */
static json *api_group(const struct resource *r)
{
	json *g = json_new_object(), *versions;

	json_set_str(g, "name", r->group);
	versions = json_set(g, "versions", json_new_array());
	for (size_t i = 0; kind_at(i); i++)
		if (streq(kind_at(i)->res->group, r->group) && first_of_version(i))
			json_append(versions, group_version(kind_at(i)->res));
	json_set(g, "preferredVersion", group_version(r));
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

/* What tells clients that the stored version has changed: eight bytes of SHA-256, in base64; caller frees. */
static char *storage_version_hash(const struct kind *k)
{
	const struct resource *r = k->storage->res;
	_cleanup_free_ char *name = xasprintf("%s/%s/%s", r->group, r->version, r->kind);
	unsigned char digest[SHA256_DIGEST_LENGTH], text[16];

	SHA256((const unsigned char *)name, strlen(name), digest);
	EVP_EncodeBlock(text, digest, 8);
	return xstrdup((const char *)text);
}

static json *api_resource(const struct kind *k)
{
	json *r = json_build("{\"name\":\"%s\",\"singularName\":\"%s\",\"namespaced\":%s,\"kind\":\"%s\"}",
			     k->res->plural, k->singular, k->res->namespaced ? "true" : "false", k->res->kind);

	json_set(r, "verbs", strings(k->verbs));
	if (*k->short_names)
		json_set(r, "shortNames", strings(k->short_names));
	if (*k->categories)
		json_set(r, "categories", strings(k->categories));
	if (*k->res->etcd_dir) {
		_cleanup_free_ char *hash = storage_version_hash(k);

		json_set_str(r, "storageVersionHash", hash);
	}
	return r;
}

static json *api_subresource(const struct kind *k, const struct subresource *s)
{
	json *r = json_build("{\"name\":\"%s/%s\",\"singularName\":\"\",\"namespaced\":%s,\"kind\":\"%s\"}",
			     k->res->plural, s->name, k->res->namespaced ? "true" : "false",
			     s->kind ?: k->res->kind);

	if (s->kind && (!streq(s->group, k->res->group) || !streq(s->version, k->res->version))) {
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

		if (!streq(k->res->group, group) || !streq(k->res->version, version))
			continue;
		if (!json_len(resources)) {
			_cleanup_free_ char *gv = api_version_of(k->res);

			json_set_str(list, "groupVersion", gv);
		}
		json_append(resources, api_resource(k));
		for (size_t j = 0; j < k->n_subs; j++)
			json_append(resources, api_subresource(k, &k->subs[j]));
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
	const struct resource *res = k->res;
	json *r = json_new_object();

	json_set_str(r, "resource", res->plural);
	json_set(r, "responseKind", response_kind(res->group, res->version, res->kind));
	json_set_str(r, "scope", res->namespaced ? "Namespaced" : "Cluster");
	json_set_str(r, "singularResource", k->singular);
	json_set(r, "verbs", strings(k->verbs));
	if (*k->short_names)
		json_set(r, "shortNames", strings(k->short_names));
	if (*k->categories)
		json_set(r, "categories", strings(k->categories));
	for (size_t i = 0; i < k->n_subs; i++) {
		const struct subresource *s = &k->subs[i];
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

/* One APIVersionDiscovery */
static json *version_discovery(const struct resource *r)
{
	json *v = json_build("{\"version\":\"%s\",\"resources\":[],\"freshness\":\"Current\"}", r->version);

	for (size_t i = 0; kind_at(i); i++)
		if (streq(kind_at(i)->res->group, r->group) && streq(kind_at(i)->res->version, r->version))
			json_append(json_get(v, "resources"), resource_discovery(kind_at(i)));
	return v;
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
		json *group, *versions;

		if (!*r->group != core || !first_of_group(i))
			continue;
		group = json_build("{\"metadata\":{\"creationTimestamp\":null}}");
		if (!core)
			json_set_str(json_get(group, "metadata"), "name", r->group);
		versions = json_set(group, "versions", json_new_array());
		for (size_t j = i; kind_at(j); j++)
			if (streq(kind_at(j)->res->group, r->group) && first_of_version(j))
				json_append(versions, version_discovery(kind_at(j)->res));
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
