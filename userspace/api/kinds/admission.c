// SPDX-License-Identifier: GPL-2.0-or-later
/* admission.c - rules, selectors and conditions of webhooks and admission policies, see admission.h */
#include "api/kinds/admission.h"
#include "api/meta/validate_text.h"

#include <ctype.h>

#define CONDITIONS_MAX 64

void default_admission_rules(json *rules)
{
	json_each(r, rules)
		default_str(r, "scope", "*");
}

void default_selectors(json *obj)
{
	static const char *const selectors[] = { "namespaceSelector", "objectSelector" };

	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++)
		if (!json_get(obj, selectors[i]))
			json_set(obj, selectors[i], json_new_object());
}

bool is_blank(const char *s)
{
	for (; s && *s; s++)
		if (!isspace((unsigned char)*s))
			return false;
	return true;
}

/* --- rules --------------------------------------------------------------------------- */

static bool has(const json *list, const char *s)
{
	json_each(it, list)
		if (streq(json_str(it), s))
			return true;
	return false;
}

/* A list that is there, in which "*" stands alone. */
static void validate_list(const json *rule, const char *member, const char *path, const char *what, struct field_errors *e)
{
	const json *list = json_get(rule, member);
	PATH(p, "%s.%s", path, member);
	PATH(why, "if '*' is present, must not specify other %s", what);

	if (!json_len(list))
		field_required(e, p, NULL);
	else if (json_len(list) > 1 && has(list, "*"))
		field_invalid_json(e, p, list, why);
}

/* All subresources of pods, named before, leave nothing for pods/status to say, nor does that of all resources. */
static void covered_before(const json *list, const json *it, const char *path, struct field_errors *e)
{
	const char *s = json_str(it), *slash = strchr(s, '/');
	_cleanup_free_ char *res = xstrndup(s, (size_t)(slash - s));
	PATH(all_of_it, "%s/*", res);
	PATH(of_all, "*/%s", slash + 1);
	PATH(why, "if '%s' is present, must not specify %s", all_of_it, s);
	PATH(why_of_all, "if '%s' is present, must not specify %s", of_all, s);
	bool one = false, other = false;

	for (const json *b = list->child; b != it; b = b->next) {
		one |= streq(json_str(b), all_of_it);
		other |= streq(json_str(b), of_all);
	}
	if (one)
		field_invalid_str(e, path, s, why);
	if (other)
		field_invalid_str(e, path, s, why_of_all);
}

static void validate_resources(const json *list, const char *path, struct field_errors *e)
{
	bool plain = false;
	int i = 0;

	if (!json_len(list))
		field_required(e, path, NULL);
	json_each(it, list) {
		const char *s = json_str_or(it, "");
		PATH(p, "%s[%d]", path, i++);

		if (!*s)
			field_required(e, p, NULL);
		else if (strchr(s, '/'))
			covered_before(list, it, p, e);
		else
			plain = !streq(s, "*");
	}
	if (json_len(list) > 1 && has(list, "*/*"))
		field_invalid_json(e, path, list, "if '*/*' is present, must not specify other resources");
	if (has(list, "*") && plain)
		field_invalid_json(e, path, list, "if '*' is present, must not specify other resources without subresources");
}

void validate_admission_rule(const json *rule, const char *path, struct field_errors *e)
{
	int i = 0;
	PATH(resources, "%s.resources", path);

	validate_list(rule, "operations", path, "operations", e);
	json_each(o, json_get(rule, "operations")) {
		PATH(p, "%s.operations[%d]", path, i++);

		if (!one_of(json_str_or(o, ""), "*,CONNECT,CREATE,DELETE,UPDATE"))
			field_not_supported(e, p, json_str_or(o, ""), "*,CONNECT,CREATE,DELETE,UPDATE");
	}
	validate_list(rule, "apiGroups", path, "API groups", e);
	validate_list(rule, "apiVersions", path, "API versions", e);
	i = 0;
	json_each(v, json_get(rule, "apiVersions")) {
		PATH(p, "%s.apiVersions[%d]", path, i++);

		if (!*json_str_or(v, ""))
			field_required(e, p, NULL);
	}
	validate_resources(json_get(rule, "resources"), resources, e);
	may_enum(rule, "scope", "*,Cluster,Namespaced", path, e);
}

/* --- conditions ------------------------------------------------------------------------ */

static bool name_before(const json *list, const json *it)
{
	for (const json *b = list->child; b != it; b = b->next)
		if (streq(text_of(b, "name"), text_of(it, "name")))
			return true;
	return false;
}

void validate_match_conditions(const json *list, const char *path, struct field_errors *e)
{
	int i = 0;

	at_most(list, CONDITIONS_MAX, path, e);
	json_each(c, list) {
		PATH(at, "%s[%d]", path, i++);
		PATH(expression, "%s.expression", at);
		PATH(name, "%s.name", at);

		if (is_blank(json_str(json_get(c, "expression"))))
			field_required(e, expression, NULL);
		need_name(c, "name", invalid_label_key, at, e);
		if (text_of(c, "name") && name_before(list, c))
			field_duplicate(e, name, text_of(c, "name"));
	}
}
