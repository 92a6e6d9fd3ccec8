// SPDX-License-Identifier: GPL-2.0-or-later
/* limitrange.c - LimitRange */
#include "api/kinds/amounts.h"
#include "api/kinds/rules.h"
#include "api/meta/validate_values.h"
#include "api/schema/quantity.h"

/* --- defaults --------------------------------------------------------------------- */

/* What `to` has no amount of, it has from the other list. */
static void fill_amounts(json *item, const char *to, const char *from)
{
	json_each(q, json_get(item, from))
		if (!json_get(item, to, json_key(q)))
			json_set(json_obj(item, to), json_key(q), json_clone(q));
}

static void default_limitrange(json *obj)
{
	static const char *const lists[] = { "max", "min", "default", "defaultRequest", "maxLimitRequestRatio" };

	json_each(item, json_get(obj, "spec", "limits")) {
		for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
			default_amounts(json_get(item, lists[i]));
		if (!streq(json_str(json_get(item, "type")), "Container"))
			continue;
		fill_amounts(item, "default", "max");
		fill_amounts(item, "defaultRequest", "default");
		fill_amounts(item, "defaultRequest", "min");
	}
}

/* --- validation ---------------------------------------------------------------------- */

static void validate_type(const json *limits, const json *item, const char *path, struct field_errors *e)
{
	const char *type = json_str_or(json_get(item, "type"), "");
	size_t before = e->n;
	PATH(p, "%s.type", path);

	validate_label_name(type, p, e);
	if (e->n == before && !strchr(type, '/') && !one_of(type, "Pod,Container,PersistentVolumeClaim"))
		field_invalid_str(e, p, type, "must be a standard limit type or fully qualified");
	if (list_has_before(limits, item, "type", type))
		field_duplicate(e, p, type);
}

/* An item of spec.limits, and all the names that are in its lists. */
struct limits {
	const json *item;
	const char *path;
	json *names;
	struct field_errors *e;
};

static void validate_names(const struct limits *l, const char *list)
{
	bool of_pods = one_of(json_str_or(json_get(l->item, "type"), ""), "Pod,Container");

	json_each(q, json_get(l->item, list)) {
		PATH(p, "%s.%s[%s]", l->path, list, json_key(q));

		if (of_pods)
			validate_container_resource_name(json_key(q), p, l->e);
		else
			validate_resource_name(json_key(q), p, l->e);
		json_set_bool(l->names, json_key(q), true);
	}
}

static void validate_defaults(const struct limits *l)
{
	static const char *const lists[] = { "default", "defaultRequest" };
	bool pod = streq(json_str(json_get(l->item, "type")), "Pod");

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (!pod)
			validate_names(l, lists[i]);
		else if (json_len(json_get(l->item, lists[i])))
			child_forbidden(l->e, l->path, lists[i], "may not be specified when `type` is 'Pod'");
}

/* At `list`: one amount may not be above another. */
struct above {
	const char *list;
	const char *lower, *upper;	/* the lists they are in */
	const char *value;		/* the list whose amount is printed */
	const char *why;		/* with both amounts */
};

static void validate_order(const struct limits *l, const char *name, const struct above *rule)
{
	const json *lower = json_get(l->item, rule->lower, name), *upper = json_get(l->item, rule->upper, name);
	const char *dots = strstr(rule->why, "...");
	PATH(p, "%s.%s[%s]", l->path, rule->list, name);

	if (lower && upper && quantity_compare(lower, upper) > 0) {
		PATH(why, "%.*s%s%s%s", (int)(dots - rule->why), rule->why, json_str_or(lower, ""), dots + 3,
		     json_str_or(upper, ""));

		field_invalid(l->e, p, json_get(l->item, rule->value, name), why);
	}
}

static void validate_ratio(const struct limits *l, const char *name)
{
	const json *ratio = json_get(l->item, "maxLimitRequestRatio", name);
	const json *min = json_get(l->item, "min", name), *max = json_get(l->item, "max", name);
	double most = min && max ? (double)quantity_milli(max, 0) / quantity_milli(min, 0) : 0;
	double is = quantity_milli(ratio, 0) / 1000.0;
	PATH(p, "%s.maxLimitRequestRatio[%s]", l->path, name);

	if (ratio && is < 1) {
		PATH(why, "ratio %s is less than 1", json_str_or(ratio, ""));

		field_invalid(l->e, p, ratio, why);
	}
	if (ratio && min && max && is > most) {
		PATH(why, "ratio %s is greater than max/min = %f", json_str_or(ratio, ""), most);

		field_invalid(l->e, p, ratio, why);
	}
}

/* What cannot be promised twice is asked for as much as it is limited. */
static void validate_exact(const struct limits *l, const char *name)
{
	const json *limit = json_get(l->item, "default", name), *request = json_get(l->item, "defaultRequest", name);
	PATH(p, "%s.defaultRequest[%s]", l->path, name);

	if (limit && request && !resource_may_overcommit(name) && quantity_compare(limit, request)) {
		PATH(why, "default value %s must equal to defaultRequest value %s in %s", json_str_or(limit, ""),
		     json_str_or(request, ""), name);

		field_invalid(l->e, p, request, why);
	}
}

static void validate_amounts(const struct limits *l, const char *name)
{
	static const struct above rules[] = {
		{ "min", "min", "max", "min", "min value ... is greater than max value " },
		{ "defaultRequest", "min", "defaultRequest", "defaultRequest",
		  "min value ... is greater than default request value " },
		{ "defaultRequest", "defaultRequest", "max", "defaultRequest",
		  "default request value ... is greater than max value " },
		{ "defaultRequest", "defaultRequest", "default", "defaultRequest",
		  "default request value ... is greater than default limit value " },
		{ "default", "min", "default", "min", "min value ... is greater than default value " },
		{ "default", "default", "max", "max", "default value ... is greater than max value " },
	};
	/* Of a pod no defaults are compared: it has none. */
	bool pod = streq(json_str(json_get(l->item, "type")), "Pod");

	for (size_t i = 0; i < (pod ? 1 : ARRAY_SIZE(rules)); i++)
		validate_order(l, name, &rules[i]);
	validate_ratio(l, name);
	if (!pod)
		validate_exact(l, name);
}

static void validate_item(const json *limits, const json *item, const char *path, struct field_errors *e)
{
	_cleanup_json_ json *names = json_new_object();
	const struct limits l = { item, path, names, e };

	validate_type(limits, item, path, e);
	validate_names(&l, "max");
	validate_names(&l, "min");
	validate_defaults(&l);
	if (streq(json_str(json_get(item, "type")), "PersistentVolumeClaim") &&
	    !json_get(item, "min", "storage") && !json_get(item, "max", "storage"))
		child_required(e, path, "limits",
			       "either minimum or maximum storage value is required, but neither was provided");
	validate_names(&l, "maxLimitRequestRatio");
	json_each(n, names)
		validate_amounts(&l, json_key(n));
}

static void validate_limitrange(const json *obj, struct field_errors *e)
{
	const json *limits = json_get(obj, "spec", "limits");
	int i = 0;

	json_each(item, limits) {
		PATH(p, "spec.limits[%d]", i++);

		validate_item(limits, item, p, e);
	}
}

static void limitrange_cells(json *cells, const json *obj, uint64_t now_us)
{
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "metadata", "creationTimestamp"), ""));
}

const struct kind_rules kind_rules_limitrange = {
	.defaults = default_limitrange,
	.validate = validate_limitrange,
	.columns = COLUMNS(COLUMN_NAME, COLUMN("Created At", "date", "When the object was created.")),
	.cells = limitrange_cells,
};
