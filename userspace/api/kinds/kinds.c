// SPDX-License-Identifier: GPL-2.0-or-later
/* kinds.c - look-ups in the table of kinds */
#include "api/kinds/kinds.h"

#include "api/kinds/rules.h"
#include "api/meta/selector.h"
#include "api/schema/strlist.h"
#include "api/schema/tables.h"

extern const struct kind *const kind_table[];	/* made by kinds.awk */
extern const struct kind_rules kind_rules_none;	/* what a row without rules has */
const struct kind_rules kind_rules_none = { 0 };

const struct kind *kind_at(size_t i)
{
	static size_t n;

	while (!n || kind_table[n])
		n++;
	return i < n ? kind_table[i] : NULL;
}

const struct kind *kind_stored_at(size_t i)
{
	for (size_t j = 0; kind_at(j); j++)
		if (kind_at(j)->storage == kind_at(j) && *kind_at(j)->res->etcd_dir && i-- == 0)
			return kind_at(j);
	return NULL;
}

const struct kind *kind_by_plural(const char *group, const char *version, const char *plural)
{
	for (size_t i = 0; kind_at(i); i++) {
		const struct resource *r = kind_at(i)->res;

		if (streq(r->plural, plural) && streq(r->version, version) && streq(r->group, group))
			return kind_at(i);
	}
	return NULL;
}

const struct kind *kind_by_name(const char *api_version, const char *kind)
{
	const char *slash = strchr(api_version, '/');
	size_t group_len = slash ? (size_t)(slash - api_version) : 0;

	for (size_t i = 0; kind_at(i); i++) {
		const struct resource *r = kind_at(i)->res;

		if (streq(r->kind, kind) && streq(r->version, slash ? slash + 1 : api_version) &&
		    strlen(r->group) == group_len && startswith(api_version, r->group))
			return kind_at(i);
	}
	return NULL;
}

const struct kind *kind_of(const struct resource *r)
{
	for (size_t i = 0; kind_at(i); i++)
		if (kind_at(i)->res == r)
			return kind_at(i);
	return r ? kind_by_plural(r->group, r->version, r->plural) : NULL;
}

const struct schema *kind_schema(const char *api_version, const char *kind)
{
	static const struct {
		const char *version, *kind;	/* version NULL: every one */
		const struct schema *schema;
	} others[] = {
		{ "autoscaling/v1", "Scale", &sch_autoscaling_v1_Scale },
		{ "v1", "Status", &sch_meta_v1_Status },
		{ NULL, "DeleteOptions", &sch_meta_v1_DeleteOptions },
		{ "policy/v1", "Eviction", &sch_policy_v1_Eviction },
		{ "policy/v1beta1", "Eviction", &sch_policy_v1beta1_Eviction },
		{ "authentication.k8s.io/v1", "TokenRequest", &sch_authentication_v1_TokenRequest },
		{ "meta.k8s.io/v1", "PartialObjectMetadata", &sch_meta_v1_PartialObjectMetadata },
		{ "meta.k8s.io/v1beta1", "PartialObjectMetadata", &sch_meta_v1_PartialObjectMetadata },
	};
	const struct kind *k = kind_by_name(api_version, kind);

	if (k)
		return k->schema;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (streq(others[i].kind, kind) && (!others[i].version || streq(others[i].version, api_version)))
			return others[i].schema;
	return NULL;
}

char *api_version_of(const struct resource *r)
{
	return *r->group ? xasprintf("%s/%s", r->group, r->version) : xstrdup(r->version);
}

bool kind_has_verb(const struct kind *k, const char *verb)
{
	return comma_list_has(k->verbs, verb);
}

const struct subresource *kind_subresource(const struct kind *k, const char *sub)
{
	for (size_t i = 0; sub && i < k->n_subs; i++)
		if (streq(k->subs[i].name, sub))
			return &k->subs[i];
	return NULL;
}

bool kind_has_subresource(const struct kind *k, const char *sub)
{
	return kind_subresource(k, sub);
}

static void set_version(const struct kind *k, json *obj)
{
	_cleanup_free_ char *version = api_version_of(k->res);

	json_set_str(obj, "apiVersion", version);
	json_set_str(obj, "kind", k->res->kind);
}

void kind_to_storage(const struct kind *k, json *obj)
{
	if (k->storage == k)
		return;
	if (k->convert)
		k->convert->to_storage(obj);
	set_version(k->storage, obj);
}

void kind_from_storage(const struct kind *k, json *obj)
{
	if (k->storage == k)
		return;
	if (k->convert)
		k->convert->from_storage(obj);
	set_version(k, obj);
}

int kind_selector_parse(const struct kind *k, const struct store_selector *sel, struct selector **ret, char **ret_msg)
{
	int err = selector_parse(k->res, sel, ret, ret_msg);

	if (!err)
		selector_set_fields(*ret, k->convert ? k->convert->field_to_storage : NULL, k->storage->rules->field);
	return err;
}

void keep_member(json *to, const json *from, const char *member)
{
	const json *v = json_get(from, member);

	json_set(to, member, v ? json_clone(v) : NULL);
}

void keep_own_metadata(const json *cur, json *next)
{
	static const char *const members[] = { "labels", "annotations", "finalizers", "ownerReferences" };

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		keep_member(json_obj(next, "metadata"), json_get(cur, "metadata"), members[i]);
}

void fill_member(json *to, const json *from, const char *member)
{
	const json *v = json_get(to, member);

	if (!v || cJSON_IsNull(v))
		keep_member(to, from, member);
}
