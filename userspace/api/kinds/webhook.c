// SPDX-License-Identifier: GPL-2.0-or-later
/* webhook.c - ValidatingWebhookConfiguration and MutatingWebhookConfiguration */
#include "api/kinds/admission.h"
#include "api/meta/validate_text.h"

#define REVIEW_VERSIONS "v1,v1beta1"
#define NO_SIDE_EFFECTS "None,NoneOnDryRun"
#define SIDE_EFFECTS "None,NoneOnDryRun,Some,Unknown"

static void default_hooks(json *obj, bool mutating)
{
	json_each(h, json_get(obj, "webhooks")) {
		json *service = json_get(h, "clientConfig", "service");

		default_str(h, "failurePolicy", "Fail");
		default_str(h, "matchPolicy", "Equivalent");
		default_selectors(h);
		default_int(h, "timeoutSeconds", 10);
		if (mutating)
			default_str(h, "reinvocationPolicy", "Never");
		default_admission_rules(json_get(h, "rules"));
		if (service)
			default_int(service, "port", 443);
	}
}

static void default_validating(json *obj)
{
	default_hooks(obj, false);
}

static void default_mutating(json *obj)
{
	default_hooks(obj, true);
}

/* --- validation --------------------------------------------------------------------------- */

/* What older servers let through: an object that has it may go on so. */
struct leniency {
	bool side_effects, review_versions, names;
};

static bool name_before(const json *hooks, const json *h)
{
	for (const json *b = hooks->child; b != h; b = b->next)
		if (streq(text_of(b, "name"), text_of(h, "name")))
			return true;
	return false;
}

static bool knows_reviews(const json *versions)
{
	json_each(v, versions)
		if (one_of(json_str_or(v, ""), REVIEW_VERSIONS))
			return true;
	return false;
}

static struct leniency leniency_of(const json *old)
{
	const json *hooks = json_get(old, "webhooks");
	struct leniency l = { 0 };

	json_each(h, hooks) {
		const json *versions = json_get(h, "admissionReviewVersions");

		l.side_effects |= !one_of(json_str_or(json_get(h, "sideEffects"), ""), NO_SIDE_EFFECTS);
		l.review_versions |= json_len(versions) && !knows_reviews(versions);
		l.names |= name_before(hooks, h);
	}
	return l;
}

static void validate_review_versions(const json *versions, bool lenient, const char *path, struct field_errors *e)
{
	int i = 0;

	if (!json_len(versions)) {
		field_required(e, path, "must specify one of v1, v1beta1");
		return;
	}
	json_each(v, versions) {
		bool before = false;
		PATH(p, "%s[%d]", path, i++);

		for (const json *b = versions->child; b != v; b = b->next)
			before |= json_equal(b, v);
		if (before)
			field_invalid(e, p, v, "duplicate version");
		else
			check_text(json_str_or(v, ""), invalid_dns1035_label, p, e);
	}
	if (!lenient && !knows_reviews(versions))
		field_invalid_json(e, path, versions, "must include at least one of v1, v1beta1");
}

static void validate_client(const json *client, const char *path, struct field_errors *e)
{
	const char *url = json_str(json_get(client, "url"));
	const json *service = json_get(client, "service");
	PATH(url_path, "%s.url", path);
	PATH(service_path, "%s.service", path);

	if (!url == !service)
		field_required(e, path, "exactly one of url or service is required");
	else if (url)
		validate_webhook_url(url, url_path, e);
	else
		validate_webhook_service(service, service_path, e);
}

static void validate_hook(const json *h, const struct leniency *l, bool conditions, const char *path, struct field_errors *e)
{
	const char *effects = json_str(json_get(h, "sideEffects")), *name = need_text(h, "name", path, NULL, e);
	const char *allowed = l->side_effects ? SIDE_EFFECTS : NO_SIDE_EFFECTS;
	int i = 0;
	PATH(name_path, "%s.name", path);
	PATH(effects_path, "%s.sideEffects", path);
	PATH(namespaces, "%s.namespaceSelector", path);
	PATH(objects, "%s.objectSelector", path);
	PATH(client, "%s.clientConfig", path);
	PATH(conditions_path, "%s.matchConditions", path);

	if (name)
		validate_domain_name(name, 3, name_path, e);
	json_each(r, json_get(h, "rules")) {
		PATH(p, "%s.rules[%d]", path, i++);

		validate_admission_rule(r, p, e);
	}
	may_enum(h, "failurePolicy", FAILURE_POLICIES, path, e);
	may_enum(h, "matchPolicy", MATCH_POLICIES, path, e);
	if (!effects)
		field_required(e, effects_path, l->side_effects ? "must specify one of None, NoneOnDryRun, Some, Unknown" :
			       "must specify one of None, NoneOnDryRun");
	else if (!one_of(effects, allowed))
		field_not_supported(e, effects_path, effects, allowed);
	within(h, "timeoutSeconds", 1, 30, "the timeout value must be between 1 and 30 seconds", path, e);
	validate_label_selector(json_get(h, "namespaceSelector"), namespaces, e);
	validate_label_selector(json_get(h, "objectSelector"), objects, e);
	may_enum(h, "reinvocationPolicy", "IfNeeded,Never", path, e);
	validate_client(json_get(h, "clientConfig"), client, e);
	if (conditions)
		validate_match_conditions(json_get(h, "matchConditions"), conditions_path, e);
}

/* Conditions are looked at again only if one of them changed. */
static bool conditions_change(const json *hooks, const json *old)
{
	const json *o = old ? old->child : NULL;

	if (json_len(hooks) != json_len(old))
		return true;
	json_each(h, hooks) {
		if (!json_equal(json_get(h, "matchConditions"), json_get(o, "matchConditions")))
			return true;
		o = o->next;
	}
	return false;
}

static void validate_hooks(const json *new, const json *old, struct field_errors *e)
{
	const json *hooks = json_get(new, "webhooks");
	bool conditions = !old || conditions_change(hooks, json_get(old, "webhooks"));
	struct leniency l = leniency_of(old);
	int i = 0;

	json_each(h, hooks) {
		PATH(path, "webhooks[%d]", i++);
		PATH(versions, "%s.admissionReviewVersions", path);
		PATH(name, "%s.name", path);

		validate_hook(h, &l, conditions, path, e);
		validate_review_versions(json_get(h, "admissionReviewVersions"), l.review_versions, versions, e);
		if (!l.names && text_of(h, "name") && name_before(hooks, h))
			field_duplicate(e, name, text_of(h, "name"));
	}
}

static void validate_new(const json *obj, struct field_errors *e)
{
	validate_hooks(obj, NULL, e);
}

static void webhook_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_int(cells, json_len(json_get(obj, "webhooks")));
	cell_age(cells, obj, now_us);
}

static const struct table_column columns[] = {
	COLUMN_NAME,
	COLUMN("Webhooks", "integer", "How many webhooks it has."),
	COLUMN_AGE,
	{ 0 },
};

const struct kind_rules kind_rules_validatingwebhook = {
	.defaults = default_validating,
	.validate = validate_new,
	.validate_update = validate_hooks,
	.order = UPDATE_ALONE,
	.columns = columns,
	.cells = webhook_cells,
};

const struct kind_rules kind_rules_mutatingwebhook = {
	.defaults = default_mutating,
	.validate = validate_new,
	.validate_update = validate_hooks,
	.order = UPDATE_ALONE,
	.columns = columns,
	.cells = webhook_cells,
};
