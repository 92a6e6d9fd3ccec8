// SPDX-License-Identifier: GPL-2.0-or-later
/* flowcontrol.c - FlowSchema and PriorityLevelConfiguration: which requests wait for which */
#include "api/kinds/rules.h"
#include "api/meta/validate_text.h"

#define VERBS "create,delete,deletecollection,get,list,patch,proxy,update,watch"
#define MAX_QUEUES 10000000
#define MAX_PRECEDENCE 10000
#define HASH_BITS 60
#define EVERYTHING "\"resourceRules\":[{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],\"resources\":[\"*\"],\"namespaces\":[\"*\"]," \
	"\"clusterScope\":true}],\"nonResourceRules\":[{\"verbs\":[\"*\"],\"nonResourceURLs\":[\"*\"]}]"

/* --- what must be as it is ------------------------------------------------------------------------ */

static bool equals(const json *spec, const char *text)
{
	_cleanup_json_ json *want = json_build("%s", text);

	return json_equal(spec, want);
}

static const char *name_of(const json *obj)
{
	return json_str_or(json_get(obj, "metadata", "name"), "");
}

static void validate_mandatory(const json *obj, const json *spec, const char *want, const char *fmt, struct field_errors *e)
{
	_cleanup_free_ char *why = NULL;

	if (!want || equals(spec, want))
		return;
	why = xasprintf("spec of '%s' %s", name_of(obj), fmt);
	field_invalid_json(e, "spec", json_get(obj, "spec"), why);
}

static void validate_mandatory_schema(const json *obj, struct field_errors *e)
{
	static const char exempt[] = "{\"priorityLevelConfiguration\":{\"name\":\"exempt\"},\"matchingPrecedence\":1,\"rules\":[{"
		"\"subjects\":[{\"kind\":\"Group\",\"group\":{\"name\":\"system:masters\"}}]," EVERYTHING "}]}";
	static const char catch_all[] = "{\"priorityLevelConfiguration\":{\"name\":\"catch-all\"},\"matchingPrecedence\":10000,"
		"\"distinguisherMethod\":{\"type\":\"ByUser\"},\"rules\":[{\"subjects\":[{\"kind\":\"Group\",\"group\":"
		"{\"name\":\"system:unauthenticated\"}},{\"kind\":\"Group\",\"group\":{\"name\":\"system:authenticated\"}}]," EVERYTHING "}]}";
	const char *name = name_of(obj);

	validate_mandatory(obj, json_get(obj, "spec"), streq(name, "exempt") ? exempt : streq(name, "catch-all") ? catch_all : NULL,
			   "must equal the fixed value", e);
}

static void validate_mandatory_level(const json *obj, struct field_errors *e)
{
	static const char catch_all[] = "{\"type\":\"Limited\",\"limited\":{\"nominalConcurrencyShares\":5,\"lendablePercent\":0,"
		"\"limitResponse\":{\"type\":\"Reject\"}}}";
	_cleanup_json_ json *spec = json_clone(json_get(obj, "spec"));

	if (streq(name_of(obj), "exempt")) {
		json_del(spec, "exempt");
		validate_mandatory(obj, spec, "{\"type\":\"Exempt\"}", "except the 'spec.exempt' field must equal the fixed value", e);
	} else if (streq(name_of(obj), "catch-all")) {
		validate_mandatory(obj, spec, catch_all, "must equal the fixed value", e);
	}
}

static void validate_conditions_of(const json *obj, struct field_errors *e)
{
	const json *list = json_get(obj, "status", "conditions");
	int i = 0;

	json_each(c, list) {
		const char *type = json_str_or(json_get(c, "type"), "");
		PATH(path, "status.conditions[%d].type", i++);

		for (const json *b = list->child; b != c; b = b->next)
			if (streq(json_str_or(json_get(b, "type"), ""), type)) {
				field_duplicate(e, path, type);
				break;
			}
		if (!*type)
			field_required(e, path, "must not be empty");
	}
}

static void validate_status(const json *new, const json *old, struct field_errors *e)
{
	(void)old;
	validate_conditions_of(new, e);
}

/* --- FlowSchema: whom and what it is about ----------------------------------------------------------- */

static bool has_wildcard(const json *list)
{
	json_each(s, list)
		if (streq(json_str(s), "*"))
			return true;
	return false;
}

static bool all_verbs(const json *list)
{
	json_each(s, list)
		if (!one_of(json_str_or(s, ""), VERBS))
			return false;
	return true;
}

/* There is something in the list, and nothing beside a "*". what: "other verbs". True if there is no "*". */
static bool check_list(const json *rule, const char *key, const char *none, const char *what, const char *path,
		       struct field_errors *e)
{
	const json *list = json_get(rule, key);
	PATH(p, "%s.%s", path, key);
	PATH(why, "if '*' is present, must not specify %s", what);

	if (!json_len(list)) {
		field_required(e, p, none);
		return false;
	}
	if (!has_wildcard(list))
		return true;
	if (json_len(list) > 1)
		field_invalid_strings(e, p, list, why);
	return false;
}

static void check_verbs(const json *rule, const char *path, struct field_errors *e)
{
	const json *verbs = json_get(rule, "verbs");
	PATH(p, "%s.verbs", path);

	if (check_list(rule, "verbs", "verbs must contain at least one value", "other verbs", path, e) && !all_verbs(verbs)) {
		_cleanup_free_ char *value = json_print(verbs);

		field_error(e, p, FIELD_NOT_SUPPORTED, "Unsupported value: %s: supported values: \"create\", \"delete\", "
			    "\"deletecollection\", \"get\", \"list\", \"patch\", \"proxy\", \"update\", \"watch\"", value);
	}
}

static const char *invalid_url_path(const char *s)
{
	const char *star = strchr(s, '*');

	if (!*s)
		return "must not be empty";
	if (*s != '/')
		return "must start with slash";
	if (strchr(s, ' '))
		return "must not contain white-space";
	if (strstr(s, "//"))
		return "must not contain double slash";
	if (star && (star[1] || star[-1] != '/'))
		return "wildcard can only do suffix matching";
	return NULL;
}

static void non_resource_rule(const json *rule, const char *path, struct field_errors *e)
{
	int i = 0;

	check_verbs(rule, path, e);
	if (!check_list(rule, "nonResourceURLs", "nonResourceURLs must contain at least one value", "other non-resource URLs", path, e))
		return;
	json_each(u, json_get(rule, "nonResourceURLs")) {
		PATH(p, "%s.nonResourceURLs[%d]", path, i++);

		check_text(json_str_or(u, ""), invalid_url_path, p, e);
	}
}

static void resource_rule(const json *rule, const char *path, struct field_errors *e)
{
	const json *namespaces = json_get(rule, "namespaces");
	int i = 0;

	check_verbs(rule, path, e);
	check_list(rule, "apiGroups", "resource rules must supply at least one api group", "other api groups", path, e);
	check_list(rule, "resources", "resource rules must supply at least one resource", "other resources", path, e);
	if (!json_len(namespaces) && json_bool(json_get(rule, "clusterScope"), false))
		return;
	if (!check_list(rule, "namespaces", "resource rules that are not cluster scoped must supply at least one namespace",
			"other namespaces", path, e))
		return;
	json_each(n, namespaces) {
		const char *why = invalid_dns1123_label(json_str_or(n, ""));
		PATH(p, "%s.namespaces[%d]", path, i++);
		PATH(full, "each member of this list must be '*' or a DNS-1123 label; %s", why ?: "");

		if (why)
			field_invalid(e, p, n, full);
	}
}

static void service_account(const json *s, const char *path, struct field_errors *e)
{
	const char *name = need_text(s, "name", path, NULL, e), *ns;
	PATH(name_path, "%s.name", path);
	PATH(ns_path, "%s.namespace", path);

	if (name && !streq(name, "*"))
		check_text(name, invalid_dns1123_subdomain, name_path, e);
	ns = need_text(s, "namespace", path, "must specify namespace for service account", e);
	if (ns)
		check_text(ns, invalid_dns1123_label, ns_path, e);
}

static void subject(const json *s, const char *path, struct field_errors *e)
{
	static const char *const kinds[][2] = { { "ServiceAccount", "serviceAccount" }, { "User", "user" }, { "Group", "group" } };
	const char *kind = json_str_or(json_get(s, "kind"), "");
	PATH(kind_path, "%s.kind", path);

	if (!one_of(kind, "ServiceAccount,User,Group")) {
		field_not_supported(e, kind_path, kind, "Group,ServiceAccount,User");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const json *m = json_get(s, kinds[i][1]);
		PATH(p, "%s.%s", path, kinds[i][1]);
		PATH(required, "%s is required when subject kind is '%s'", kinds[i][1], kinds[i][0]);

		if (!streq(kind, kinds[i][0]))
			continue;
		if (!m)
			field_required(e, p, required);
		else if (i == 0)
			service_account(m, p, e);
		else
			need_text(m, "name", p, NULL, e);
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		PATH(p, "%s.%s", path, kinds[i][1]);
		PATH(forbidden, "%s is forbidden when subject kind is not '%s'", kinds[i][1], kinds[i][0]);

		if (!streq(kind, kinds[i][0]) && json_get(s, kinds[i][1]))
			field_forbidden(e, p, forbidden);
	}
}

static void each(const json *obj, const char *key, void (*check)(const json *, const char *, struct field_errors *),
		 const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(it, json_get(obj, key)) {
		PATH(p, "%s.%s[%d]", path, key, i++);

		check(it, p, e);
	}
}

static void rule(const json *r, const char *path, struct field_errors *e)
{
	PATH(subjects, "%s.subjects", path);

	each(r, "subjects", subject, path, e);
	if (!json_len(json_get(r, "subjects")))
		field_required(e, subjects, "subjects must contain at least one value");
	if (!json_len(json_get(r, "resourceRules")) && !json_len(json_get(r, "nonResourceRules")))
		field_required(e, path, "at least one of resourceRules and nonResourceRules has to be non-empty");
	each(r, "resourceRules", resource_rule, path, e);
	each(r, "nonResourceRules", non_resource_rule, path, e);
}

static void default_flowschema(json *obj)
{
	json *spec = json_obj(obj, "spec");

	if (!json_int(json_get(spec, "matchingPrecedence"), 0))
		json_set_int(spec, "matchingPrecedence", 1000);
}

static void precedence(const json *obj, struct field_errors *e)
{
	static const char path[] = "spec.matchingPrecedence";
	int64_t v = json_int(json_get(obj, "spec", "matchingPrecedence"), 0);

	if (v <= 0)
		field_invalid_int(e, path, v, "must be a positive value");
	if (v > MAX_PRECEDENCE)
		field_invalid_int(e, path, v, "must not be greater than 10000");
	if (v == 1 && !streq(name_of(obj), "exempt"))
		field_invalid_int(e, path, v, "only the schema named 'exempt' may have matchingPrecedence 1");
}

static void validate_flowschema(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec"), *method = json_get(spec, "distinguisherMethod");
	const json *level = json_get(spec, "priorityLevelConfiguration");
	const char *type = json_str_or(json_get(method, "type"), ""), *name;

	precedence(obj, e);
	if (method && !one_of(type, "ByNamespace,ByUser"))
		field_error(e, "spec.distinguisherMethod.type", FIELD_NOT_SUPPORTED,
			    "Unsupported value: {\"Type\":\"%s\"}: supported values: \"ByNamespace\", \"ByUser\"", type);
	name = need_text(level, "name", "spec.priorityLevelConfiguration", "must reference a priority level", e);
	if (name)
		check_text(name, invalid_dns1123_subdomain, "spec.priorityLevelConfiguration.name", e);
	each(spec, "rules", rule, "spec", e);
	validate_mandatory_schema(obj, e);
	validate_conditions_of(obj, e);
}

static void flowschema_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *spec = json_get(obj, "spec");

	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(spec, "priorityLevelConfiguration", "name"), ""));
	cell_int(cells, json_int(json_get(spec, "matchingPrecedence"), 0));
	cell_str_or(cells, json_str(json_get(spec, "distinguisherMethod", "type")), "<none>");
	cell_age(cells, obj, now_us);
	cell_str_or(cells, json_str(json_get(find_condition(obj, "Dangling"), "status")), "?");
}

const struct kind_rules kind_rules_flowschema = {
	.defaults = default_flowschema,
	.prepare_status = keep_own_metadata,
	.validate = validate_flowschema,
	.validate_status = validate_status,
	.columns = COLUMNS(COLUMN_NAME,
			   COLUMN("PriorityLevel", "string", "The priority level that its requests get."),
			   COLUMN("MatchingPrecedence", "string", "Of the schemas that match, the one with the smallest counts."),
			   COLUMN("DistinguisherMethod", "string", "By what its requests are told apart into flows."),
			   COLUMN_AGE,
			   COLUMN("MissingPL", "string", "Is its priority level missing?")),
	.cells = flowschema_cells,
};

/* --- PriorityLevelConfiguration: how many at once ----------------------------------------------------- */

static void default_level(json *obj)
{
	json *exempt = json_get(obj, "spec", "exempt"), *limited = json_get(obj, "spec", "limited");
	json *queuing = json_get(limited, "limitResponse", "queuing");
	static const struct {
		const char *key;
		int dflt;
	} v[] = { { "handSize", 8 }, { "queues", 64 }, { "queueLengthLimit", 50 } };

	if (exempt) {
		default_int(exempt, "nominalConcurrencyShares", 0);
		default_int(exempt, "lendablePercent", 0);
	}
	if (limited) {
		default_int(limited, "nominalConcurrencyShares", 30);
		default_int(limited, "lendablePercent", 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(v) && queuing; i++)
		if (!json_int(json_get(queuing, v[i].key), 0))
			json_set_int(queuing, v[i].key, v[i].dflt);
}

/* Do that many cards out of that many take more bits than a hash has? */
static bool takes_many_bits(int64_t deck, int64_t hand)
{
	unsigned __int128 n = 1;

	while (hand-- > 0) {
		n *= (unsigned __int128)deck;
		if (n > (unsigned __int128)1 << HASH_BITS)
			return true;
	}
	return false;
}

static void queuing(const json *q, struct field_errors *e)
{
#define Q "spec.limited.limitResponse.queuing."
	int64_t length = json_int(json_get(q, "queueLengthLimit"), 0), queues = json_int(json_get(q, "queues"), 0);
	int64_t hand = json_int(json_get(q, "handSize"), 0);

	if (length <= 0)
		field_invalid_int(e, Q "queueLengthLimit", length, "must be positive");
	if (queues <= 0)
		field_invalid_int(e, Q "queues", queues, "must be positive");
	else if (queues > MAX_QUEUES)
		field_invalid_int(e, Q "queues", queues, "must not be greater than 10000000");
	if (hand <= 0) {
		field_invalid_int(e, Q "handSize", hand, "must be positive");
	} else if (hand > queues) {
		PATH(why, "should not be greater than queues (%jd)", (intmax_t)queues);

		field_invalid_int(e, Q "handSize", hand, why);
	} else if (takes_many_bits(queues, hand)) {
		PATH(why, "required entropy bits of deckSize %jd and handSize %jd should not be greater than %d",
		     (intmax_t)queues, (intmax_t)hand, HASH_BITS);

		field_invalid_int(e, Q "handSize", hand, why);
	}
}

static void limit_response(const json *r, struct field_errors *e)
{
	const char *type = json_str_or(json_get(r, "type"), "");
	const json *q = json_get(r, "queuing");

	if (streq(type, "Reject") && q)
		field_forbidden(e, "spec.limited.limitResponse.queuing", "must be nil if limited.limitResponse.type is not Limited");
	else if (streq(type, "Queue") && !q)
		field_required(e, "spec.limited.limitResponse.queuing", "must not be empty if limited.limitResponse.type is Limited");
	else if (streq(type, "Queue"))
		queuing(q, e);
	else if (!streq(type, "Reject"))
		field_not_supported(e, "spec.limited.limitResponse.type", type, "Queue,Reject");
}

static void shares(const json *level, const char *path, struct field_errors *e)
{
	within(level, "nominalConcurrencyShares", 0, INT32_MAX, "must be a non-negative integer", path, e);
}

static void lendable(const json *level, const char *path, struct field_errors *e)
{
	within(level, "lendablePercent", 0, 100, "must be between 0 and 100, inclusive", path, e);
}

static void exempt(const json *spec, struct field_errors *e)
{
	if (json_get(spec, "limited"))
		field_forbidden(e, "spec.limited", "must be nil if the type is not Limited");
	shares(json_get(spec, "exempt"), "spec.exempt", e);
	lendable(json_get(spec, "exempt"), "spec.exempt", e);
}

static void limited(const json *spec, struct field_errors *e)
{
	const json *l = json_get(spec, "limited");

	if (json_get(spec, "exempt"))
		field_forbidden(e, "spec.exempt", "must be nil if the type is Limited");
	if (!l) {
		field_required(e, "spec.limited", "must not be empty when type is Limited");
		return;
	}
	shares(l, "spec.limited", e);
	limit_response(json_get(l, "limitResponse"), e);
	lendable(l, "spec.limited", e);
	within(l, "borrowingLimitPercent", 0, INT32_MAX, "if specified, must be a non-negative integer", "spec.limited", e);
}

static void validate_level(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");
	const char *type = json_str_or(json_get(spec, "type"), "");

	if (streq(name_of(obj), "exempt") != streq(type, "Exempt"))
		field_invalid_str(e, "spec.type", type, "type must be 'Exempt' if and only if name is 'exempt'");
	if (streq(type, "Exempt"))
		exempt(spec, e);
	else if (streq(type, "Limited"))
		limited(spec, e);
	else
		field_not_supported(e, "spec.type", type, "Exempt,Limited");
	validate_mandatory_level(obj, e);
	validate_conditions_of(obj, e);
}

static void int_cell(json *cells, const json *obj, const char *key)
{
	if (json_get(obj, key))
		cell_int(cells, json_int(json_get(obj, key), 0));
	else
		cell_str(cells, "<none>");
}

static void level_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *l = json_get(obj, "spec", "limited"), *q = json_get(l, "limitResponse", "queuing");

	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "spec", "type"), ""));
	int_cell(cells, l, "nominalConcurrencyShares");
	int_cell(cells, q, "queues");
	int_cell(cells, q, "handSize");
	int_cell(cells, q, "queueLengthLimit");
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_prioritylevel = {
	.defaults = default_level,
	.prepare_status = keep_own_metadata,
	.validate = validate_level,
	.validate_status = validate_status,
	.columns = COLUMNS(COLUMN_NAME,
			   COLUMN("Type", "string", "Are requests of this level limited?"),
			   COLUMN("NominalConcurrencyShares", "string", "Its share of the requests that run at once."),
			   COLUMN("Queues", "string", "How many queues there are."),
			   COLUMN("HandSize", "string", "Among how many of them a flow can choose."),
			   COLUMN("QueueLengthLimit", "string", "How many requests can wait in one."),
			   COLUMN_AGE),
	.cells = level_cells,
};
