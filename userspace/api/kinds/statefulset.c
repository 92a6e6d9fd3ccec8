// SPDX-License-Identifier: GPL-2.0-or-later
/* statefulset.c - StatefulSet */
#include "api/kinds/claim.h"
#include "api/kinds/defaults_pod.h"
#include "api/kinds/validate_parts.h"
#include "api/kinds/workload.h"
#include "api/meta/validate_values.h"

/* --- defaults ------------------------------------------------------------------- */

static void default_strategy(json *spec)
{
	json *strategy = json_obj(spec, "updateStrategy");

	/* Who names the strategy says also whether it has parameters. */
	if (!text_of(strategy, "type")) {
		json_set_str(strategy, "type", "RollingUpdate");
		json_obj(strategy, "rollingUpdate");
	}
	if (streq(text_of(strategy, "type"), "RollingUpdate") && json_get(strategy, "rollingUpdate"))
		default_int(json_get(strategy, "rollingUpdate"), "partition", 0);
}

static void default_statefulset(json *obj)
{
	json *spec = json_obj(obj, "spec");
	json *retention = json_obj(spec, "persistentVolumeClaimRetentionPolicy");

	default_str(spec, "podManagementPolicy", "OrderedReady");
	default_strategy(spec);
	default_str(retention, "whenDeleted", "Retain");
	default_str(retention, "whenScaled", "Retain");
	default_int(spec, "replicas", 1);
	default_int(spec, "revisionHistoryLimit", 10);
	default_template(spec);
	json_each(claim, json_get(spec, "volumeClaimTemplates")) {
		json_set_str(claim, "apiVersion", "v1");
		json_set_str(claim, "kind", "PersistentVolumeClaim");
		default_claim_spec(json_obj(claim, "spec"));
		default_str(json_obj(claim, "status"), "phase", "Pending");
	}
}

/* --- validation -------------------------------------------------------------------- */

static void validate_rolling_update(const json *ru, struct field_errors *e)
{
	static const char path[] = "spec.updateStrategy.rollingUpdate.maxUnavailable";
	const json *unavailable = json_get(ru, "maxUnavailable");

	validate_not_negative(ru, "partition", "spec.updateStrategy.rollingUpdate", e);
	if (!unavailable)
		return;
	validate_int_or_percent(unavailable, path, e);
	if (!int_or_percent_number(unavailable))
		field_invalid(e, path, unavailable, "cannot be 0");
	validate_at_most_100_percent(unavailable, path, e);
}

static void validate_strategy(const json *spec, struct field_errors *e)
{
	static const struct strategy_member members[] = {
		{ "Partition", "partition", false }, { "MaxUnavailable", "maxUnavailable", true },
	};
	const json *strategy = json_get(spec, "updateStrategy"), *ru = json_get(strategy, "rollingUpdate");
	const char *type = json_str_or(json_get(strategy, "type"), "");
	_cleanup_json_ json *printed = strategy_as_printed(strategy, members);

	if (streq(type, "RollingUpdate")) {
		validate_rolling_update(ru, e);
	} else if (streq(type, "OnDelete")) {
		if (ru)
			field_invalid(e, "spec.updateStrategy.rollingUpdate", json_get(printed, "RollingUpdate"),
				      "only allowed for updateStrategy 'RollingUpdate'");
	} else {
		field_invalid(e, "spec.updateStrategy", printed, "must be 'RollingUpdate' or 'OnDelete'");
	}
}

static void validate_claim_templates(const json *spec, struct field_errors *e)
{
	int i = 0;

	json_each(claim, json_get(spec, "volumeClaimTemplates")) {
		PATH(p, "spec.volumeClaimTemplates[%d].spec", i++);

		validate_claim_spec(json_get(claim, "spec"), p, e);
	}
}

/* The template as its pods will have it: each claim is a volume, in place of one that is called the same. */
static json *template_with_claims(const json *spec)
{
	json *template = json_clone(json_get(spec, "template")), *claims = json_new_array(), *all;

	json_each(claim, json_get(spec, "volumeClaimTemplates")) {
		const char *name = json_str_or(json_get(claim, "metadata", "name"), "");
		json *v;

		if (list_has_before(claims, NULL, "name", name))
			continue;
		v = json_build("{\"name\":\"\",\"persistentVolumeClaim\":{}}");
		json_set_str(v, "name", name);
		json_set_str(json_get(v, "persistentVolumeClaim"), "claimName", name);
		json_append(claims, v);
	}
	all = json_clone(claims);
	json_each(v, json_get(template, "spec", "volumes"))
		if (!list_has_before(claims, NULL, "name", json_str(json_get(v, "name"))))
			json_append(all, json_clone(v));
	json_freep(&claims);
	json_set(json_obj(template, "spec"), "volumes", all);
	return template;
}

static void validate_pods(const json *spec, struct field_errors *e)
{
	_cleanup_json_ json *template = template_with_claims(spec);

	validate_template_selected(template, json_get(spec, "selector"), "spec.template", e);
	validate_template(template, "spec.template", e);
}

/* old: what it is to replace, or NULL. What older servers let pass does not stand in an update's way. */
static void validate_spec(const json *spec, const json *old, struct field_errors *e)
{
	const json *selector = json_get(spec, "selector");
	_cleanup_field_errors_ struct field_errors before = {0};
	const char *policy = json_str_or(json_get(spec, "podManagementPolicy"), "");
	static const char retention[] = "spec.persistentVolumeClaimRetentionPolicy";

	if (!one_of(policy, "OrderedReady,Parallel"))
		field_invalid_str(e, "spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'");
	validate_strategy(spec, e);
	validate_known(json_get(spec, "persistentVolumeClaimRetentionPolicy"), "whenDeleted", "Retain,Delete", retention, e);
	validate_known(json_get(spec, "persistentVolumeClaimRetentionPolicy"), "whenScaled", "Retain,Delete", retention, e);
	if (!old)
		validate_claim_templates(spec, e);
	validate_not_negatives(spec, "replicas,minReadySeconds,revisionHistoryLimit", "spec", e);
	validate_not_negative(json_get(spec, "ordinals"), "start", "spec.ordinals", e);
	if (!old)
		validate_name(spec, "serviceName", invalid_dns1123_label, "spec", e);
	validate_selector_of(spec, "statefulset", e);
	if (old)
		validate_pods(old, &before);
	if (!selector_is_sound(selector))
		field_invalid_selector(e, "spec.selector", selector, "");
	else if (!before.n)
		validate_pods(spec, e);
	validate_template_runs_always(json_get(spec, "template"), "StatefulSet", "spec.template", e);
}

static void validate_statefulset(const json *obj, struct field_errors *e)
{
	validate_spec(json_get(obj, "spec"), NULL, e);
}

#define MAY_CHANGE "replicas,ordinals,template,updateStrategy,revisionHistoryLimit,persistentVolumeClaimRetentionPolicy," \
	"minReadySeconds"

static bool fixed_differ(const json *new, const json *old)
{
	json_each(m, new)
		if (!one_of(json_key(m), MAY_CHANGE) && !json_equal(m, json_get(old, json_key(m))))
			return true;
	json_each(m, old)
		if (!one_of(json_key(m), MAY_CHANGE) && !json_get(new, json_key(m)))
			return true;
	return false;
}

static void validate_statefulset_update(const json *new, const json *old, struct field_errors *e)
{
	validate_spec(json_get(new, "spec"), json_get(old, "spec"), e);
	if (fixed_differ(json_get(new, "spec"), json_get(old, "spec")))
		field_forbidden(e, "spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', "
				"'template', 'updateStrategy', 'revisionHistoryLimit', "
				"'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
}

static void validate_status(const json *new, const json *old, struct field_errors *e)
{
	const json *status = json_get(new, "status");

	validate_not_negatives(status, "replicas,readyReplicas,currentReplicas,updatedReplicas,availableReplicas,"
			       "observedGeneration,collisionCount", "status", e);
	validate_status_at_most(status, "readyReplicas,currentReplicas,updatedReplicas,availableReplicas", "replicas",
				MSG_ABOVE_REPLICAS, e);
	validate_status_at_most(status, "availableReplicas", "readyReplicas",
				"cannot be greater than status.readyReplicas", e);
	validate_collisions(new, old, e);
}

static void statefulset_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_take(cells, xasprintf("%lld/%lld", (long long)status_int(obj, "readyReplicas"),
				   (long long)json_int(json_get(obj, "spec", "replicas"), 0)));
	cell_age(cells, obj, now_us);
	containers_cells(cells, json_get(obj, "spec", "template", "spec"));
}

const struct kind_rules kind_rules_statefulset = {
	.defaults = default_statefulset,
	.validate = validate_statefulset,
	.validate_update = validate_statefulset_update,
	.order = UPDATE_ALONE,
	.validate_status = validate_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Ready", "string", "Pods that are ready, of those wanted."),
		COLUMN_AGE,
		COLUMN_WIDE("Containers", "string", "The names of the template's containers."),
		COLUMN_WIDE("Images", "string", "The images of the template's containers.")),
	.cells = statefulset_cells,
};
