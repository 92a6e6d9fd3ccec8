// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * admissionpolicy.c - ValidatingAdmissionPolicy, MutatingAdmissionPolicy and their
 *                     bindings; expressions are kept as they are, not compiled
 */
#include "api/kinds/admission.h"
#include "api/meta/validate_text.h"

#include <ctype.h>

#define ANNOTATIONS_MAX 20
#define VALUE_MAX (5 * 1024)
#define CEL_RESERVED "true,false,null,in,as,break,const,continue,else,for,function,if,import,let,loop,package,namespace,return,var,void,while"

static void default_resources(json *match)
{
	if (!match)
		return;
	default_str(match, "matchPolicy", "Equivalent");
	default_selectors(match);
	default_admission_rules(json_get(match, "resourceRules"));
	default_admission_rules(json_get(match, "excludeResourceRules"));
}

static void default_policy(json *obj)
{
	json *spec = json_get(obj, "spec");

	if (!spec)
		return;
	default_str(spec, "failurePolicy", "Fail");
	default_resources(json_get(spec, "matchConstraints"));
}

static void default_binding(json *obj)
{
	default_resources(json_get(obj, "spec", "matchResources"));
}

/* --- what it is about ---------------------------------------------------------------------- */

static void validate_named_rules(const json *match, const char *member, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(r, json_get(match, member)) {
		const json *names = json_get(r, "resourceNames");
		int n = 0;
		PATH(p, "%s.%s[%d]", path, member, i++);

		json_each(name, names) {
			bool before = false;
			PATH(at, "%s.resourceNames[%d]", p, n++);

			check_text(json_str_or(name, ""), invalid_path_segment, at, e);
			for (const json *b = names->child; b != name; b = b->next)
				before |= json_equal(b, name);
			if (before)
				field_duplicate(e, at, json_str_or(name, ""));
		}
		validate_admission_rule(r, p, e);
	}
}

static void validate_resources(const json *match, const char *path, struct field_errors *e)
{
	PATH(namespaces, "%s.namespaceSelector", path);
	PATH(objects, "%s.objectSelector", path);

	if (!match)
		return;
	may_enum(match, "matchPolicy", MATCH_POLICIES, path, e);
	validate_label_selector(json_get(match, "namespaceSelector"), namespaces, e);
	validate_label_selector(json_get(match, "objectSelector"), objects, e);
	validate_named_rules(match, "resourceRules", path, e);
	validate_named_rules(match, "excludeResourceRules", path, e);
}

static void validate_api_version(const char *s, const char *path, struct field_errors *e)
{
	const char *slash = strchr(s, '/');
	_cleanup_free_ char *group = xstrndup(s, slash ? (size_t)(slash - s) : 0);
	const char *version = slash ? slash + 1 : s;
	PATH(odd, "unexpected GroupVersion string: %s", s);

	if (streq(s, "/"))
		version = "";
	if (strchr(version, '/')) {
		field_invalid_str(e, path, s, odd);
		return;
	}
	if (*group)
		check_text(group, invalid_dns1123_subdomain, path, e);
	if (*version)
		check_text(version, invalid_dns1035_label, path, e);
	else
		field_invalid_str(e, path, s, "version must be specified");
}

static void validate_param_kind(const json *kind, struct field_errors *e)
{
	const char *version, *name;
	_cleanup_free_ char *lower = NULL;

	if (!kind)
		return;
	version = need_text(kind, "apiVersion", "spec.paramKind", NULL, e);
	if (version)
		validate_api_version(version, "spec.paramKind.apiVersion", e);
	name = need_text(kind, "kind", "spec.paramKind", NULL, e);
	lower = xstrdup(name ?: "a");
	for (char *p = lower; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	if (invalid_dns1035_label(lower)) {
		PATH(why, "may have mixed case, but should otherwise match: %s", invalid_dns1035_label(lower));

		field_invalid_str(e, "spec.paramKind.kind", name, why);
	}
}

static bool is_cel_identifier(const char *s)
{
	if (isdigit((unsigned char)*s) || one_of(s, CEL_RESERVED))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '_')
			return false;
	return true;
}

static void need_expression(const json *obj, const char *key, const char *why, const char *path, struct field_errors *e)
{
	PATH(p, "%s.%s", path, key);

	if (is_blank(json_str(json_get(obj, key))))
		field_required(e, p, why);
}

static void validate_variables(const json *spec, struct field_errors *e)
{
	int i = 0;

	json_each(v, json_get(spec, "variables")) {
		const char *name = json_str_or(json_get(v, "name"), "");
		PATH(path, "spec.variables[%d]", i++);
		PATH(name_path, "%s.name", path);

		if (is_blank(name))
			field_required(e, name_path, "name is not specified");
		else if (!is_cel_identifier(name))
			field_invalid_str(e, name_path, name, "name is not a valid CEL identifier");
		need_expression(v, "expression", "expression is not specified", path, e);
	}
}

/* What both kinds of policies say first. conditions: those are to be looked at. */
static void validate_policy(const json *spec, bool conditions, struct field_errors *e)
{
	const json *match = json_get(spec, "matchConstraints");

	validate_enum(spec, "failurePolicy", FAILURE_POLICIES, "spec", e);
	validate_param_kind(json_get(spec, "paramKind"), e);
	if (!match)
		field_required(e, "spec.matchConstraints", NULL);
	validate_resources(match, "spec.matchConstraints", e);
	if (match && !json_len(json_get(match, "resourceRules")))
		field_required(e, "spec.matchConstraints.resourceRules", NULL);
	if (conditions)
		validate_match_conditions(json_get(spec, "matchConditions"), "spec.matchConditions", e);
	validate_variables(spec, e);
}

static bool conditions_change(const json *spec, const json *old)
{
	return !json_equal(json_get(spec, "paramKind"), json_get(old, "paramKind")) ||
	       !json_equal(json_get(spec, "matchConditions"), json_get(old, "matchConditions"));
}

/* --- ValidatingAdmissionPolicy ----------------------------------------------------------------- */

static void validate_validations(const json *spec, struct field_errors *e)
{
	int i = 0;

	json_each(v, json_get(spec, "validations")) {
		const char *message = json_str_or(json_get(v, "message"), "");
		const char *expression = json_str_or(json_get(v, "messageExpression"), "");
		PATH(path, "spec.validations[%d]", i++);
		PATH(message_path, "%s.message", path);
		PATH(expression_path, "%s.messageExpression", path);

		need_expression(v, "expression", "expression is not specified", path, e);
		if (*expression && is_blank(expression))
			field_invalid_str(e, expression_path, expression, "must be non-empty if specified");
		if (*message && is_blank(message))
			field_invalid_str(e, message_path, message, "message must be non-empty if specified");
		else if (strpbrk(message, "\r\n"))
			field_invalid_str(e, message_path, message, "message must not contain line breaks");
		may_enum(v, "reason", "Forbidden,Invalid,RequestEntityTooLarge", path, e);
	}
}

static void validate_audit(const json *spec, const char *policy, struct field_errors *e)
{
	const json *list = json_get(spec, "auditAnnotations");
	int i = 0;

	if (json_len(list) > ANNOTATIONS_MAX)
		field_invalid_json(e, "spec.auditAnnotations", list, "must not have more than 20 auditAnnotations");
	json_each(a, list) {
		const char *key = json_str_or(json_get(a, "key"), ""), *value = json_str_or(json_get(a, "valueExpression"), "");
		_cleanup_free_ char *full = xasprintf("%s/%s", policy, key);
		bool before = false;
		PATH(path, "spec.auditAnnotations[%d]", i++);
		PATH(key_path, "%s.key", path);
		PATH(value_path, "%s.valueExpression", path);

		check_text(full, invalid_label_key, key_path, e);
		if (is_blank(value))
			field_required(e, value_path, "valueExpression is not specified");
		else if (strlen(value) > VALUE_MAX)
			field_required(e, value_path, "must not exceed 5120 bytes in length");
		for (const json *b = list->child; b != a; b = b->next)
			before |= streq(json_str_or(json_get(b, "key"), ""), key);
		if (before)
			field_duplicate(e, key_path, key);
	}
}

static void validate_vap_update(const json *new, const json *old, struct field_errors *e)
{
	static const char neither[] = "validations or auditAnnotations must contain at least one item";
	const json *spec = json_get(new, "spec");

	validate_policy(spec, !old || conditions_change(spec, json_get(old, "spec")), e);
	if (!json_len(json_get(spec, "validations")) && !json_len(json_get(spec, "auditAnnotations"))) {
		field_required(e, "spec.validations", neither);
		field_required(e, "spec.auditAnnotations", neither);
	}
	validate_validations(spec, e);
	validate_audit(spec, json_str_or(json_get(new, "metadata", "name"), ""), e);
}

static void validate_vap(const json *obj, struct field_errors *e)
{
	validate_vap_update(obj, NULL, e);
}

static void validate_vap_status(const json *new, const json *old, struct field_errors *e)
{
	int i = 0;

	json_each(w, json_get(new, "status", "typeChecking", "expressionWarnings")) {
		PATH(path, "status.typeChecking.expressionWarnings[%d]", i++);

		need_text(w, "warning", path, NULL, e);
		need_expression(w, "fieldRef", NULL, path, e);
	}
	validate_conditions(json_get(new, "status", "conditions"), "status.conditions", e);
}

/* --- MutatingAdmissionPolicy --------------------------------------------------------------------- */

static void validate_mutation(const json *m, const char *path, struct field_errors *e)
{
	static const char *const members[][2] = { { "ApplyConfiguration", "applyConfiguration" }, { "JSONPatch", "jsonPatch" } };
	const char *type = need_text(m, "patchType", path, NULL, e);

	if (!type)
		return;
	may_enum(m, "patchType", "ApplyConfiguration,JSONPatch", path, e);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const json *patch = json_get(m, members[i][1]);
		PATH(p, "%s.%s", path, members[i][1]);
		PATH(needed, "must be specified when patchType is %s", type);
		PATH(not_here, "must not be specified when patchType is %s", type);

		if (!one_of(type, "ApplyConfiguration,JSONPatch"))
			break;
		if (streq(type, members[i][0]) && !patch)
			field_required(e, p, needed);
		else if (streq(type, members[i][0]))
			need_expression(patch, "expression", "expression is not specified", p, e);
		else if (patch)
			field_invalid_json(e, p, patch, not_here);
	}
}

static void validate_map_update(const json *new, const json *old, struct field_errors *e)
{
	const json *spec = json_get(new, "spec");
	int i = 0;

	validate_policy(spec, !old || conditions_change(spec, json_get(old, "spec")), e);
	if (!json_len(json_get(spec, "mutations")))
		field_required(e, "spec.mutations", "mutations must contain at least one item");
	json_each(m, json_get(spec, "mutations")) {
		PATH(path, "spec.mutations[%d]", i++);

		validate_mutation(m, path, e);
	}
	validate_enum(spec, "reinvocationPolicy", "IfNeeded,Never", "spec", e);
}

static void validate_map(const json *obj, struct field_errors *e)
{
	validate_map_update(obj, NULL, e);
}

/* --- bindings ------------------------------------------------------------------------------------- */

static void validate_param_ref(const json *ref, struct field_errors *e)
{
	static const char both[] = "name and selector are mutually exclusive";
	const char *name = text_of(ref, "name");
	const json *selector = json_get(ref, "selector");

	if (!ref)
		return;
	may_name(ref, "name", invalid_path_segment, "spec.paramRef", e);
	if (name && selector)
		field_forbidden(e, "spec.paramRef.name", both);
	validate_label_selector(selector, "spec.paramRef.selector", e);
	if (name && selector)
		field_forbidden(e, "spec.paramRef.selector", both);
	if (!name && !selector)
		field_required(e, "spec.paramRef", "one of name or selector must be specified");
	validate_enum(ref, "parameterNotFoundAction", "Deny,Allow", "spec.paramRef", e);
}

static void validate_binding(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");

	need_name(spec, "policyName", invalid_dns1123_subdomain, "spec", e);
	validate_param_ref(json_get(spec, "paramRef"), e);
	validate_resources(json_get(spec, "matchResources"), "spec.matchResources", e);
}

static void validate_vap_binding(const json *obj, struct field_errors *e)
{
	const json *actions = json_get(obj, "spec", "validationActions");
	bool deny = false, warn = false;
	int i = 0;

	validate_binding(obj, e);
	json_each(a, actions) {
		bool before = false;
		PATH(path, "spec.validationActions[%d]", i++);

		deny |= streq(json_str(a), "Deny");
		warn |= streq(json_str(a), "Warn");
		if (!one_of(json_str_or(a, ""), "Audit,Deny,Warn"))
			field_not_supported(e, path, json_str_or(a, ""), "Audit,Deny,Warn");
		for (const json *b = actions->child; b != a; b = b->next)
			before |= json_equal(b, a);
		if (before)
			field_duplicate(e, path, json_str_or(a, ""));
	}
	if (deny && warn)
		field_invalid_json(e, "spec.validationActions", actions, "must not contain both Deny and Warn (repeating the same "
				   "validation failure information in the API response and headers serves no purpose)");
	if (!json_len(actions))
		field_required(e, "spec.validationActions", "at least one validation action is required");
}

/* --- what is shown ---------------------------------------------------------------------------------- */

static void policy_cells(json *cells, const json *obj, uint64_t now_us, const char *list)
{
	const json *kind = json_get(obj, "spec", "paramKind");

	cell_name(cells, obj);
	cell_int(cells, json_len(json_get(obj, "spec", list)));
	cell_take(cells, kind ? xasprintf("%s/%s", json_str_or(json_get(kind, "apiVersion"), ""),
					  json_str_or(json_get(kind, "kind"), "")) : xstrdup("<unset>"));
	cell_age(cells, obj, now_us);
}

static void vap_cells(json *cells, const json *obj, uint64_t now_us)
{
	policy_cells(cells, obj, now_us, "validations");
}

static void map_cells(json *cells, const json *obj, uint64_t now_us)
{
	policy_cells(cells, obj, now_us, "mutations");
}

/* A selector as Go prints the message that it is. */
static char *selector_message(const json *selector)
{
	struct buf b = { 0 };

	buf_puts(&b, "&LabelSelector{MatchLabels:map[string]string{");
	json_each(l, json_get(selector, "matchLabels"))
		buf_printf(&b, "%s: %s,", json_key(l), json_str_or(l, ""));
	buf_puts(&b, "},MatchExpressions:[]LabelSelectorRequirement{");
	json_each(x, json_get(selector, "matchExpressions")) {
		buf_printf(&b, "LabelSelectorRequirement{Key:%s,Operator:%s,Values:[", json_str_or(json_get(x, "key"), ""),
			   json_str_or(json_get(x, "operator"), ""));
		json_each(v, json_get(x, "values"))
			buf_printf(&b, "%s%s", json_str_or(v, ""), v->next ? " " : "");
		buf_puts(&b, "],},");
	}
	buf_puts(&b, "},}");
	return buf_steal(&b);
}

static void binding_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *ref = json_get(obj, "spec", "paramRef");
	const char *name = text_of(ref, "name");

	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "spec", "policyName"), ""));
	if (name)
		cell_take(cells, xasprintf("%s/%s", text_of(ref, "namespace") ?: "*", name));
	else if (json_get(ref, "selector"))
		cell_take(cells, selector_message(json_get(ref, "selector")));
	else
		cell_str(cells, "<unset>");
	cell_age(cells, obj, now_us);
}

static const struct table_column binding_columns[] = {
	COLUMN_NAME,
	COLUMN("PolicyName", "string", "The policy that is put to use."),
	COLUMN("ParamRef", "string", "The objects with its parameters."),
	COLUMN_AGE,
	{ 0 },
};

const struct kind_rules kind_rules_validatingpolicy = {
	.defaults = default_policy,
	.prepare_status = keep_own_metadata,
	.validate = validate_vap,
	.validate_update = validate_vap_update,
	.order = UPDATE_ALONE,
	.validate_status = validate_vap_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Validations", "integer", "How many expressions are validated."),
		COLUMN("ParamKind", "string", "The kind of its parameters."),
		COLUMN_AGE),
	.cells = vap_cells,
};

const struct kind_rules kind_rules_mutatingpolicy = {
	.defaults = default_policy,
	.validate = validate_map,
	.validate_update = validate_map_update,
	.order = UPDATE_ALONE,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Mutations", "integer", "How many mutations it makes."),
		COLUMN("ParamKind", "string", "The kind of its parameters."),
		COLUMN_AGE),
	.cells = map_cells,
};

const struct kind_rules kind_rules_validatingpolicybinding = {
	.defaults = default_binding,
	.validate = validate_vap_binding,
	.columns = binding_columns,
	.cells = binding_cells,
};

const struct kind_rules kind_rules_mutatingpolicybinding = {
	.defaults = default_binding,
	.validate = validate_binding,
	.columns = binding_columns,
	.cells = binding_cells,
};
