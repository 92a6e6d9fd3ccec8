// SPDX-License-Identifier: GPL-2.0-or-later
/* ingressclass.c - IngressClass */
#include "api/kinds/rules.h"
#include "api/meta/validate_text.h"

#define CONTROLLER_MAX 250
#define DEFAULT_CLASS "ingressclass.kubernetes.io/is-default-class"

static void default_ingressclass(json *obj)
{
	json *parameters = json_get(obj, "spec", "parameters");

	if (parameters)
		default_str(parameters, "scope", "Cluster");
}

static void validate_parameters(const json *p, struct field_errors *e)
{
	const char *group = json_str(json_get(p, "apiGroup")), *scope = json_str_or(json_get(p, "scope"), "");
	const char *ns = json_str(json_get(p, "namespace"));

	if (group)
		check_text(group, invalid_dns1123_subdomain, "spec.parameters.apiGroup", e);
	need_name(p, "kind", invalid_path_segment, "spec.parameters", e);
	need_name(p, "name", invalid_path_segment, "spec.parameters", e);
	may_enum(p, "scope", "Cluster,Namespace", "spec.parameters", e);
	if (streq(scope, "Namespace") && !ns)
		field_required(e, "spec.parameters.namespace", "`parameters.scope` is set to 'Namespace'");
	else if (streq(scope, "Namespace"))
		check_text(ns, invalid_dns1123_label, "spec.parameters.namespace", e);
	else if (streq(scope, "Cluster") && ns)
		field_forbidden(e, "spec.parameters.namespace", "`parameters.scope` is set to 'Cluster'");
}

static void validate_ingressclass(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");
	const char *controller = need_text(spec, "controller", "spec", NULL, e);

	if (controller && strlen(controller) > CONTROLLER_MAX)
		field_too_long(e, "spec.controller", CONTROLLER_MAX);
	if (controller)
		validate_domain_path(controller, "spec.controller", e);
	if (json_get(spec, "parameters"))
		validate_parameters(json_get(spec, "parameters"), e);
}

static void validate_ingressclass_update(const json *new, const json *old, struct field_errors *e)
{
	validate_immutable(json_get(new, "spec", "controller"), json_get(old, "spec", "controller"), "spec.controller", e);
}

static void ingressclass_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *p = json_get(obj, "spec", "parameters");
	const char *name = json_str_or(json_get(obj, "metadata", "name"), ""), *group = json_str(json_get(p, "apiGroup"));
	bool dflt = streq(json_str(json_get(obj, "metadata", "annotations", DEFAULT_CLASS)), "true");

	cell_take(cells, xasprintf("%s%s", name, dflt ? " (default)" : ""));
	cell_str(cells, json_str_or(json_get(obj, "spec", "controller"), ""));
	cell_take(cells, !p ? xstrdup("<none>") :
		  xasprintf("%s%s%s/%s", json_str_or(json_get(p, "kind"), ""), group ? "." : "", group ?: "",
			    json_str_or(json_get(p, "name"), "")));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_ingressclass = {
	.defaults = default_ingressclass,
	.validate = validate_ingressclass,
	.validate_update = validate_ingressclass_update,
	.order = UPDATE_FIRST,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Controller", "string", "Who looks after ingresses of the class."),
		COLUMN("Parameters", "string", "An object with more of what the controller should know."),
		COLUMN_AGE),
	.cells = ingressclass_cells,
};
