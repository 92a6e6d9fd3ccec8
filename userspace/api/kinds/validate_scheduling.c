// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_scheduling.c - where pods may run: tolerations and taints, affinity, spreading, see validate_pod.h */
#include "api/kinds/validate_pod.h"

#define EFFECTS "NoSchedule,PreferNoSchedule,NoExecute"
#define MSG_OPERATOR "not a valid selector operator"

/* --- tolerations and taints --------------------------------------------------- */

static void validate_toleration_operator(const json *t, const char *base, struct field_errors *e)
{
	const char *op = text_of(t, "operator") ?: "Equal";
	const char *value = json_str_or(json_get(t, "value"), "");
	const char *why = invalid_label_value(value);

	if (!one_of(op, "Equal,Exists"))
		child_not_supported(e, base, "operator", op, "Equal,Exists");
	else if (streq(op, "Equal") && why)
		child_invalid_str(e, base, "operator", value, why);
	else if (streq(op, "Exists") && *value)
		child_invalid_str(e, base, "operator", value, "value must be empty when `operator` is 'Exists'");
}

void validate_tolerations(const json *list, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(t, list) {
		const char *key = text_of(t, "key"), *effect = json_str_or(json_get(t, "effect"), "");
		PATH(base, "%s[%d]", path, i++);
		PATH(key_path, "%s.key", base);

		if (key)
			validate_label_name(key, key_path, e);
		else if (!streq(text_of(t, "operator"), "Exists"))
			child_invalid_str(e, base, "operator", json_str_or(json_get(t, "operator"), ""),
					  "operator must be Exists when `key` is empty, which means "
					  "\"match all values and all keys\"");
		if (json_get(t, "tolerationSeconds") && !streq(effect, "NoExecute"))
			child_invalid_str(e, base, "effect", effect,
					  "effect must be 'NoExecute' when `tolerationSeconds` is set");
		validate_toleration_operator(t, base, e);
		if (*effect && !one_of(effect, EFFECTS))
			child_not_supported(e, base, "effect", effect, EFFECTS);
	}
}

void validate_taints(const json *list, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(t, list) {
		const char *key = json_str_or(json_get(t, "key"), ""), *effect = text_of(t, "effect");
		const char *value = json_str_or(json_get(t, "value"), "");
		bool twice = false;
		PATH(base, "%s[%d]", path, i++);
		PATH(key_path, "%s.key", base);

		validate_label_name(key, key_path, e);
		if (invalid_label_value(value))
			child_invalid_str(e, base, "value", value, invalid_label_value(value));
		validate_enum(t, "effect", EFFECTS, base, e);
		for (const json *b = list->child; b != t; b = b->next)
			twice = twice || (streq(text_of(b, "key"), key) && streq(text_of(b, "effect"), effect));
		if (twice)
			field_duplicate(e, base, key);
	}
}

/* --- node selectors ------------------------------------------------------------- */

/* How many values the operator goes with. */
static void validate_value_count(const char *op, int n, const char *base, struct field_errors *e)
{
	if (one_of(op, "In,NotIn")) {
		if (!n)
			child_required(e, base, "values", "must be specified when `operator` is 'In' or 'NotIn'");
	} else if (one_of(op, "Exists,DoesNotExist")) {
		if (n)
			child_forbidden(e, base, "values",
					"may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
	} else if (one_of(op, "Gt,Lt")) {
		if (n != 1)
			child_required(e, base, "values",
				       "must be specified single value when `operator` is 'Lt' or 'Gt'");
	} else {
		child_invalid_str(e, base, "operator", op, MSG_OPERATOR);
	}
}

/* Required terms are held to values that labels can have; what is only preferred may name others. */
static void validate_node_expression(const json *x, bool required, const char *base, struct field_errors *e)
{
	const json *values = json_get(x, "values");
	PATH(key_path, "%s.key", base);
	PATH(values_path, "%s.values", base);

	validate_value_count(json_str_or(json_get(x, "operator"), ""), json_len(values), base, e);
	validate_label_name(json_str_or(json_get(x, "key"), ""), key_path, e);
	if (required)
		validate_strings_as(values, invalid_label_value, values_path, e);
}

/* A node's field: its name is the only one. */
static void validate_node_field(const json *x, const char *base, struct field_errors *e)
{
	const char *op = json_str_or(json_get(x, "operator"), ""), *key = json_str_or(json_get(x, "key"), "");
	const json *values = json_get(x, "values");
	PATH(values_path, "%s.values", base);

	if (!one_of(op, "In,NotIn"))
		child_invalid_str(e, base, "operator", op, MSG_OPERATOR);
	else if (json_len(values) != 1)
		child_required(e, base, "values",
			       "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
	if (!streq(key, "metadata.name"))
		child_invalid_str(e, base, "key", key, "not a valid field selector key");
	else
		validate_strings_as(values, invalid_dns1123_subdomain, values_path, e);
}

static void validate_node_term(const json *term, bool required, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(x, json_get(term, "matchExpressions")) {
		PATH(base, "%s.matchExpressions[%d]", path, i++);

		validate_node_expression(x, required, base, e);
	}
	i = 0;
	json_each(x, json_get(term, "matchFields")) {
		PATH(base, "%s.matchFields[%d]", path, i++);

		validate_node_field(x, base, e);
	}
}

void validate_node_selector(const json *selector, const char *path, struct field_errors *e)
{
	const json *terms = json_get(selector, "nodeSelectorTerms");
	int i = 0;

	if (!json_len(terms))
		child_required(e, path, "nodeSelectorTerms", "must have at least one node selector term");
	json_each(t, terms) {
		PATH(base, "%s.nodeSelectorTerms[%d]", path, i++);

		validate_node_term(t, true, base, e);
	}
}

/* --- affinity --------------------------------------------------------------------- */

#define REQUIRED "requiredDuringSchedulingIgnoredDuringExecution"
#define PREFERRED "preferredDuringSchedulingIgnoredDuringExecution"

static void validate_weight(const json *term, const char *path, struct field_errors *e)
{
	int64_t weight = json_int(json_get(term, "weight"), 0);

	if (weight < 1 || weight > 100)
		child_invalid_int(e, path, "weight", weight, "must be in the range 1-100");
}

static void validate_node_affinity(const json *affinity, const char *path, struct field_errors *e)
{
	const json *required = json_get(affinity, REQUIRED);
	int i = 0;
	PATH(required_path, "%s." REQUIRED, path);

	if (required)
		validate_node_selector(required, required_path, e);
	json_each(t, json_get(affinity, PREFERRED)) {
		PATH(base, "%s." PREFERRED "[%d]", path, i++);
		PATH(preference, "%s.preference", base);

		validate_weight(t, base, e);
		validate_node_term(json_get(t, "preference"), false, preference, e);
	}
}

static void validate_label_keys(const json *term, const char *key, const char *path, struct field_errors *e)
{
	const json *keys = json_get(term, key);
	int i = 0;

	if (!json_len(keys))
		return;
	if (!json_get(term, "labelSelector")) {
		child_forbidden(e, path, key, "must not be specified when labelSelector is not set");
		return;
	}
	json_each(k, keys) {
		PATH(p, "%s.%s[%d]", path, key, i++);

		validate_label_name(json_str_or(k, ""), p, e);
	}
}

static int index_of(const json *strings, const char *s)
{
	int i = 0;

	json_each(it, strings) {
		if (streq(json_str(it), s))
			return i;
		i++;
	}
	return -1;
}

/*
 * matchLabelKeys and mismatchLabelKeys: a pod's were turned into expressions of
 * the selector when it was created, so a key that stands there once is its own.
 */
static void validate_match_label_keys(const json *term, const char *path, struct field_errors *e)
{
	const json *selector = json_get(term, "labelSelector"), *match = json_get(term, "matchLabelKeys");
	const json *expressions = json_get(selector, "matchExpressions");
	int i = 0;

	validate_label_keys(term, "matchLabelKeys", path, e);
	validate_label_keys(term, "mismatchLabelKeys", path, e);
	json_each(x, expressions) {
		const char *key = json_str_or(json_get(x, "key"), "");
		int at = index_of(match, key);
		PATH(p, "%s[%d]", path, at);

		if (at >= 0 && (json_get(selector, "matchLabels", key) || list_has_before(expressions, x, "key", key)))
			field_invalid_str(e, p, key, "exists in both matchLabelKeys and labelSelector");
	}
	json_each(k, match) {
		PATH(p, "%s.matchLabelKeys[%d]", path, i++);

		if (strings_have_before(json_get(term, "mismatchLabelKeys"), NULL, json_str(k)))
			field_invalid_str(e, p, json_str_or(k, ""), "exists in both matchLabelKeys and mismatchLabelKeys");
	}
}

static void validate_pod_term(const json *term, const char *path, struct field_errors *e)
{
	const char *key = json_str_or(json_get(term, "topologyKey"), "");
	PATH(selector, "%s.labelSelector", path);
	PATH(namespaces, "%s.namespaceSelector", path);
	PATH(topology, "%s.topologyKey", path);

	validate_label_selector(json_get(term, "labelSelector"), selector, e);
	validate_label_selector(json_get(term, "namespaceSelector"), namespaces, e);
	json_each(ns, json_get(term, "namespaces")) {
		const char *why = invalid_dns1123_label(json_str_or(ns, ""));

		if (why)
			child_invalid_str(e, path, "namespace", json_str_or(ns, ""), why);
	}
	validate_match_label_keys(term, path, e);
	if (!*key)
		field_required(e, topology, "can not be empty");
	validate_label_name(key, topology, e);
}

/* podAffinity or podAntiAffinity */
static void validate_pod_affinity(const json *affinity, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(t, json_get(affinity, REQUIRED)) {
		PATH(base, "%s." REQUIRED "[%d]", path, i++);

		validate_pod_term(t, base, e);
	}
	i = 0;
	json_each(t, json_get(affinity, PREFERRED)) {
		PATH(base, "%s." PREFERRED "[%d]", path, i++);
		PATH(term, "%s.podAffinityTerm", base);

		validate_weight(t, base, e);
		validate_pod_term(json_get(t, "podAffinityTerm"), term, e);
	}
}

void validate_affinity(const json *affinity, const char *path, struct field_errors *e)
{
	PATH(node, "%s.nodeAffinity", path);
	PATH(pod, "%s.podAffinity", path);
	PATH(anti, "%s.podAntiAffinity", path);

	validate_node_affinity(json_get(affinity, "nodeAffinity"), node, e);
	validate_pod_affinity(json_get(affinity, "podAffinity"), pod, e);
	validate_pod_affinity(json_get(affinity, "podAntiAffinity"), anti, e);
}

/* --- spreading ---------------------------------------------------------------------- */

/* One key and action make one constraint: is it said again below? */
static void validate_spread_once(const json *c, const char *base, struct field_errors *e)
{
	const char *key = json_str_or(json_get(c, "topologyKey"), "");
	const char *action = json_str_or(json_get(c, "whenUnsatisfiable"), "");

	for (const json *other = c->next; other; other = other->next)
		if (streq(json_str_or(json_get(other, "topologyKey"), ""), key) &&
		    streq(json_str_or(json_get(other, "whenUnsatisfiable"), ""), action)) {
			PATH(pair, "{%s, %s}", key, action);

			child_duplicate(e, base, "{topologyKey, whenUnsatisfiable}", pair);
			return;
		}
}

static void validate_min_domains(const json *c, const char *base, struct field_errors *e)
{
	const json *min = json_get(c, "minDomains");
	const char *action = json_str_or(json_get(c, "whenUnsatisfiable"), "");
	PATH(why, "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not %s", action);

	if (!min)
		return;
	validate_positive(c, "minDomains", base, e);
	if (!streq(action, "DoNotSchedule"))
		child_invalid(e, base, "minDomains", min, why);
}

void validate_spread(const json *constraints, const char *path, struct field_errors *e)
{
	static const char actions[] = "DoNotSchedule,ScheduleAnyway";
	int i = 0;

	json_each(c, constraints) {
		const char *action = json_str_or(json_get(c, "whenUnsatisfiable"), "");
		PATH(base, "%s[%d]", path, i++);
		PATH(selector, "%s.labelSelector", base);

		validate_positive(c, "maxSkew", base, e);
		if (!text_of(c, "topologyKey"))
			child_required(e, base, "topologyKey", "can not be empty");
		if (!one_of(action, actions))
			child_not_supported(e, base, "whenUnsatisfiable", action, actions);
		validate_spread_once(c, base, e);
		validate_min_domains(c, base, e);
		validate_known(c, "nodeAffinityPolicy", "Honor,Ignore", base, e);
		validate_known(c, "nodeTaintsPolicy", "Honor,Ignore", base, e);
		validate_match_label_keys(c, base, e);
		validate_label_selector(json_get(c, "labelSelector"), selector, e);
	}
}

/* --- topologies of storage ------------------------------------------------------------ */

static void validate_topology_expressions(const json *term, const char *path, struct field_errors *e)
{
	const json *list = json_get(term, "matchLabelExpressions");
	int i = 0;

	json_each(x, list) {
		const char *key = json_str_or(json_get(x, "key"), "");
		const json *values = json_get(x, "values");
		int n = 0;
		PATH(base, "%s.matchLabelExpressions[%d]", path, i++);
		PATH(key_path, "%s.key", base);

		if (!json_len(values))
			child_required(e, base, "values", NULL);
		json_each(v, values) {
			PATH(p, "%s.values[%d]", base, n++);

			if (strings_have_before(values, v, json_str(v)))
				field_duplicate(e, p, json_str_or(v, ""));
		}
		validate_label_name(key, key_path, e);
		if (list_has_before(list, x, "key", key))
			field_duplicate(e, key_path, key);
	}
}

/* Do two terms ask for the same: the same values of the same keys, in any order? */
static bool same_term(const json *a, const json *b)
{
	const json *x = json_get(a, "matchLabelExpressions"), *y = json_get(b, "matchLabelExpressions");

	if (json_len(x) != json_len(y))
		return false;
	json_each(i, x) {
		bool found = false;

		json_each(j, y) {
			const json *v = json_get(i, "values"), *w = json_get(j, "values");
			bool same = streq(json_str(json_get(i, "key")), json_str(json_get(j, "key"))) &&
				    json_len(v) == json_len(w);

			json_each(it, v)
				same = same && strings_have_before(w, NULL, json_str(it));
			found = found || same;
		}
		if (!found)
			return false;
	}
	return true;
}

void validate_topologies(const json *terms, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(t, terms) {
		PATH(base, "%s[%d]", path, i++);

		validate_topology_expressions(t, base, e);
		/* Kubernetes compares with as many terms of nothing as there are terms. */
		for (int n = 0; n < json_len(terms) && !json_len(json_get(t, "matchLabelExpressions")); n++)
			child_duplicate(e, base, "matchLabelExpressions", "");
		for (const json *b = terms->child; b != t; b = b->next)
			if (same_term(b, t))
				child_duplicate(e, base, "matchLabelExpressions", "");
	}
}
