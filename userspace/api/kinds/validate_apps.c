// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_apps.c - Deployment and ReplicaSet, see validate.h */
#include "api/kinds/validate_parts.h"

/* "25%" is 25; -1 if the text is no percentage. */
static int64_t percent(const char *s)
{
	size_t n = strlen(s);
	_cleanup_free_ char *digits = NULL;
	int64_t v;

	if (n < 2 || s[n - 1] != '%')
		return -1;
	digits = xstrndup(s, n - 1);
	return *digits != '-' && parse_i64(digits, 0, INT32_MAX, &v) == 0 ? v : -1;
}

static void validate_int_or_percent(const json *j, const char *path, bool at_most_100, struct field_errors *e)
{
	const char *s = json_str(j);

	if (!j)
		return;
	if (!s) {
		if (json_int(j, 0) < 0)
			field_invalid_int(e, path, json_int(j, 0), MSG_NEGATIVE);
		return;
	}
	if (percent(s) < 0)
		field_invalid_str(e, path, s, "a valid percent string must be a numeric string followed by an ending '%' "
				  "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
	else if (at_most_100 && percent(s) > 100)
		field_invalid_str(e, path, s, "must not be greater than 100%");
}

static bool is_zero(const json *j)
{
	return json_is_string(j) ? percent(j->valuestring) == 0 : json_int(j, 1) == 0;
}

static void validate_strategy(const json *spec, struct field_errors *e)
{
	const json *strategy = json_get(spec, "strategy"), *ru = json_get(strategy, "rollingUpdate");
	const char *type = json_str_or(json_get(strategy, "type"), "");
	const json *surge = json_get(ru, "maxSurge"), *unavailable = json_get(ru, "maxUnavailable");

	if (streq(type, "Recreate")) {
		if (ru)
			field_forbidden(e, "spec.strategy.rollingUpdate",
					"may not be specified when strategy `type` is 'Recreate'");
	} else if (!streq(type, "RollingUpdate")) {
		field_not_supported(e, "spec.strategy.type", type, "Recreate,RollingUpdate");
	} else {
		validate_int_or_percent(unavailable, "spec.strategy.rollingUpdate.maxUnavailable", true, e);
		validate_int_or_percent(surge, "spec.strategy.rollingUpdate.maxSurge", false, e);
		if (is_zero(surge) && is_zero(unavailable))
			field_invalid(e, "spec.strategy.rollingUpdate.maxUnavailable", unavailable,
				      "may not be 0 when `maxSurge` is 0");
	}
}

static void validate_selector_of(const json *spec, struct field_errors *e)
{
	const json *selector = json_get(spec, "selector");

	if (!selector) {
		field_required(e, "spec.selector", NULL);
		return;
	}
	validate_label_selector(selector, "spec.selector", e);
	if (!json_len(json_get(selector, "matchLabels")) && !json_len(json_get(selector, "matchExpressions")))
		field_invalid_selector(e, "spec.selector", selector, "empty selector is invalid for deployment");
}

void validate_deployment(const json *obj, struct field_errors *e)
{
	static const char *const numbers[] = { "replicas", "minReadySeconds", "revisionHistoryLimit",
					       "progressDeadlineSeconds" };
	const json *spec = json_get(obj, "spec");
	const json *deadline = json_get(spec, "progressDeadlineSeconds");

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		validate_not_negative(spec, numbers[i], "spec", e);
	validate_selector_of(spec, e);
	validate_pod_template(json_get(spec, "template"), json_get(spec, "selector"), "spec.template", e);
	validate_strategy(spec, e);
	if (deadline && json_int(deadline, 0) >= 0 &&
	    json_int(deadline, 0) <= json_int(json_get(spec, "minReadySeconds"), 0))
		field_invalid_int(e, "spec.progressDeadlineSeconds", json_int(deadline, 0),
				  "must be greater than minReadySeconds");
}

void validate_replicaset(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");

	validate_not_negative(spec, "replicas", "spec", e);
	validate_not_negative(spec, "minReadySeconds", "spec", e);
	validate_selector_of(spec, e);
	if (!json_get(spec, "template"))
		field_required(e, "spec.template", NULL);
	else
		validate_pod_template(json_get(spec, "template"), json_get(spec, "selector"), "spec.template", e);
}
