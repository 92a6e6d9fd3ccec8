// SPDX-License-Identifier: GPL-2.0-or-later
/* rbac.c - Role, ClusterRole, and the bindings of both */
#include "api/kinds/rules.h"
#include "api/meta/validate_text.h"

#define GROUP "rbac.authorization.k8s.io"

/* --- roles ------------------------------------------------------------------------- */

static void validate_rules(const json *obj, bool namespaced, struct field_errors *e)
{
	int i = 0;

	json_each(r, json_get(obj, "rules")) {
		const json *urls = json_get(r, "nonResourceURLs");
		PATH(verbs, "rules[%d].verbs", i);
		PATH(urls_path, "rules[%d].nonResourceURLs", i);
		PATH(groups, "rules[%d].apiGroups", i);
		PATH(resources, "rules[%d].resources", i);

		i++;
		if (!json_len(json_get(r, "verbs")))
			field_required(e, verbs, "verbs must contain at least one value");
		if (json_len(urls)) {
			if (namespaced)
				field_invalid_json(e, urls_path, urls, "namespaced rules cannot apply to non-resource URLs");
			if (json_len(json_get(r, "apiGroups")) || json_len(json_get(r, "resources")) ||
			    json_len(json_get(r, "resourceNames")))
				field_invalid_json(e, urls_path, urls,
						   "rules cannot apply to both regular resources and non-resource URLs");
			continue;
		}
		if (!json_len(json_get(r, "apiGroups")))
			field_required(e, groups, "resource rules must supply at least one api group");
		if (!json_len(json_get(r, "resources")))
			field_required(e, resources, "resource rules must supply at least one resource");
	}
}

static void validate_role(const json *obj, struct field_errors *e)
{
	validate_rules(obj, true, e);
}

static void validate_clusterrole(const json *obj, struct field_errors *e)
{
	const json *rule = json_get(obj, "aggregationRule"), *selectors = json_get(rule, "clusterRoleSelectors");
	int i = 0;

	validate_rules(obj, false, e);
	if (rule && !json_len(selectors))
		field_required(e, "aggregationRule.clusterRoleSelectors",
			       "at least one clusterRoleSelector required if aggregationRule is non-nil");
	json_each(s, selectors) {
		size_t before = e->n;
		PATH(path, "aggregationRule.clusterRoleSelectors[%d]", i++);

		validate_label_selector(s, path, e);
		if (e->n != before)
			field_invalid_json(e, path, NULL, "invalid label selector.");
	}
}

/* --- bindings ------------------------------------------------------------------------ */

static void default_binding(json *obj)
{
	default_str(json_obj(obj, "roleRef"), "apiGroup", GROUP);
	json_each(s, json_get(obj, "subjects"))
		if (one_of(json_str_or(json_get(s, "kind"), ""), "User,Group"))
			default_str(s, "apiGroup", GROUP);
}

static void wrong_group(const json *obj, const char *want, const char *path, struct field_errors *e)
{
	const char *group = json_str_or(json_get(obj, "apiGroup"), "");

	if (streq(group, want))
		return;
	if (*want)
		field_not_supported(e, path, group, want);
	else
		field_error(e, path, FIELD_NOT_SUPPORTED, "Unsupported value: \"%s\": supported values: \"\"", group);
}

static void validate_subject(const json *s, bool namespaced, const char *path, struct field_errors *e)
{
	const char *kind = json_str_or(json_get(s, "kind"), ""), *name = need_text(s, "name", path, NULL, e);
	PATH(group_path, "%s.apiGroup", path);
	PATH(kind_path, "%s.kind", path);
	PATH(name_path, "%s.name", path);

	if (streq(kind, "ServiceAccount")) {
		may_name(s, "name", invalid_dns1123_subdomain, path, e);
		wrong_group(s, "", group_path, e);
		if (!namespaced)
			need_text(s, "namespace", path, NULL, e);
	} else if (one_of(kind, "User,Group")) {
		if (!name)
			field_invalid_str(e, name_path, "", streq(kind, "User") ? "user name cannot be empty" :
					  "group name cannot be empty");
		wrong_group(s, GROUP, group_path, e);
	} else {
		field_not_supported(e, kind_path, kind, "ServiceAccount,User,Group");
	}
}

static void validate_any_binding(const json *obj, bool namespaced, struct field_errors *e)
{
	const json *ref = json_get(obj, "roleRef");
	const char *kind = json_str_or(json_get(ref, "kind"), "");
	int i = 0;

	wrong_group(ref, GROUP, "roleRef.apiGroup", e);
	if (!one_of(kind, namespaced ? "Role,ClusterRole" : "ClusterRole"))
		field_not_supported(e, "roleRef.kind", kind, namespaced ? "Role,ClusterRole" : "ClusterRole");
	need_name(ref, "name", invalid_path_segment, "roleRef", e);
	json_each(s, json_get(obj, "subjects")) {
		PATH(path, "subjects[%d]", i++);

		validate_subject(s, namespaced, path, e);
	}
}

static void validate_rolebinding(const json *obj, struct field_errors *e)
{
	validate_any_binding(obj, true, e);
}

static void validate_clusterrolebinding(const json *obj, struct field_errors *e)
{
	validate_any_binding(obj, false, e);
}

/* Who has a role is not who had another one. */
static void validate_binding_update(const json *new, const json *old, struct field_errors *e)
{
	static const char *const members[][2] = { { "apiGroup", "APIGroup" }, { "kind", "Kind" }, { "name", "Name" } };
	const json *ref = json_get(new, "roleRef");
	_cleanup_json_ json *value = NULL;

	if (json_equal(ref, json_get(old, "roleRef")))
		return;
	value = json_new_object();
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		json_set_str(value, members[i][1], json_str_or(json_get(ref, members[i][0]), ""));
	field_invalid_json(e, "roleRef", value, "cannot change roleRef");
}

/* --- what is shown --------------------------------------------------------------------- */

static void role_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "metadata", "creationTimestamp"), ""));
}

static void subjects_cell(json *cells, const json *obj, const char *kind)
{
	struct buf b = { 0 };

	json_each(s, json_get(obj, "subjects")) {
		const char *name = json_str_or(json_get(s, "name"), "");

		if (!streq(json_str(json_get(s, "kind")), kind))
			continue;
		buf_puts(&b, b.len ? ", " : "");
		if (streq(kind, "ServiceAccount"))
			buf_printf(&b, "%s/", json_str_or(json_get(s, "namespace"), ""));
		buf_puts(&b, name);
	}
	cell_take(cells, buf_steal(&b));
}

static void binding_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *ref = json_get(obj, "roleRef");

	cell_name(cells, obj);
	cell_take(cells, xasprintf("%s/%s", json_str_or(json_get(ref, "kind"), ""), json_str_or(json_get(ref, "name"), "")));
	cell_age(cells, obj, now_us);
	subjects_cell(cells, obj, "User");
	subjects_cell(cells, obj, "Group");
	subjects_cell(cells, obj, "ServiceAccount");
}

static const struct table_column role_columns[] = {
	COLUMN_NAME,
	COLUMN("Created At", "date", "When the object was created."),
	{ 0 },
};

static const struct table_column binding_columns[] = {
	COLUMN_NAME,
	COLUMN("Role", "string", "The role that is given."),
	COLUMN_AGE,
	COLUMN_WIDE("Users", "string", "The users it is given to."),
	COLUMN_WIDE("Groups", "string", "The groups it is given to."),
	COLUMN_WIDE("ServiceAccounts", "string", "The service accounts it is given to."),
	{ 0 },
};

const struct kind_rules kind_rules_role = {
	.validate = validate_role,
	.columns = role_columns,
	.cells = role_cells,
};

const struct kind_rules kind_rules_clusterrole = {
	.validate = validate_clusterrole,
	.columns = role_columns,
	.cells = role_cells,
};

const struct kind_rules kind_rules_rolebinding = {
	.defaults = default_binding,
	.validate = validate_rolebinding,
	.validate_update = validate_binding_update,
	.columns = binding_columns,
	.cells = binding_cells,
};

const struct kind_rules kind_rules_clusterrolebinding = {
	.defaults = default_binding,
	.validate = validate_clusterrolebinding,
	.validate_update = validate_binding_update,
	.columns = binding_columns,
	.cells = binding_cells,
};
