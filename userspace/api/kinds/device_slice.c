// SPDX-License-Identifier: GPL-2.0-or-later
/* device_slice.c - ResourceSlice: the devices that a driver has, on a node or reachable from several */
#include "api/kinds/device.h"
#include "api/meta/validate_text.h"
#include "api/schema/quantity.h"

#define MAX_DEVICES 128
#define MAX_SPECIAL_DEVICES 64		/* with taints, counters or lists of values */
#define MAX_COUNTER_SETS 8
#define MAX_COUNTERS 32
#define MAX_CONSUMED_SETS 2
#define MAX_PROPERTIES 32		/* attributes and capacities */
#define MAX_VALUES 48
#define MAX_TAINTS 16
#define MAX_OPTIONS 10
#define MAX_VALUE 64
#define MAX_KEY (63 + 1 + 32)

static const char *const value_lists[] = { "bools", "ints", "strings", "versions" };

static bool flag(const json *obj, const char *key)
{
	return json_bool(json_get(obj, key), false);
}

static const json *device_named(const json *slice, const char *name)
{
	json_each(d, json_get(slice, "spec", "devices"))
		if (streq(json_str_or(json_get(d, "name"), ""), name))
			return d;
	return NULL;
}

/* --- times of taints ------------------------------------------------------------------------------------ */

/* A taint that says no time is there since now, in whole seconds. */
static void date_taints(const json *slice, const char *now)
{
	json_each(d, json_get(slice, "spec", "devices"))
		json_each(t, json_get(d, "taints"))
			default_str(t, "timeAdded", now);
}

static void prepare_create(json *obj)
{
	date_taints(obj, json_str(json_get(obj, "metadata", "creationTimestamp")));
}

static void prepare_update(const json *cur, json *next)
{
	char now[32];

	(void)cur;
	format_time(now_realtime_us(), now);
	date_taints(next, now);
}

/* --- nodes ------------------------------------------------------------------------------------------------ */

/* Which of the ways to name nodes are used; adds to set, "`nodeName`, " and so on; the number. */
static int node_choice(const json *obj, const char *empty, const char *path, struct buf *set, struct field_errors *e)
{
	const json *name = json_get(obj, "nodeName"), *selector = json_get(obj, "nodeSelector"), *all = json_get(obj, "allNodes");
	int n = 0;
	PATH(name_path, "%s.nodeName", path);
	PATH(selector_path, "%s.nodeSelector", path);
	PATH(all_path, "%s.allNodes", path);

	if (name && *json_str_or(name, "")) {
		check_text(json_str(name), invalid_dns1123_subdomain, name_path, e);
		buf_puts(set, "`nodeName`, ");
		n++;
	} else if (name) {
		field_invalid(e, name_path, name, empty);
	}
	if (selector) {
		device_node_selector(selector, selector_path, e);
		buf_puts(set, "`nodeSelector`, ");
		n++;
	}
	if (cJSON_IsFalse(all)) {
		field_invalid(e, all_path, all, "must be either unset or set to true");
	} else if (all) {
		buf_puts(set, "`allNodes`, ");
		n++;
	}
	return n;
}

static void one_choice(int n, const struct buf *set, const char *none, const char *many, const char *path, struct field_errors *e)
{
	PATH(value, "{%.*s}", set->len ? (int)set->len - 2 : 0, set->len ? set->data : "");

	if (!n)
		field_required(e, path, none);
	else if (n > 1)
		field_invalid_str(e, path, value, many);
}

static void slice_nodes(const json *spec, struct field_errors *e)
{
#define ONE_OF "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"
	const json *per_device = json_get(spec, "perDeviceNodeSelection"), *selector = json_get(spec, "nodeSelector");
	const json *terms = json_get(selector, "nodeSelectorTerms");
	struct buf set = { 0 };
	int n = node_choice(spec, "must be either unset or set to a non-empty string", "spec", &set, e);

	if (selector && json_len(terms) != 1)
		field_invalid_json(e, "spec.nodeSelector.nodeSelectorTerms", terms, "must have exactly one node selector term");
	if (cJSON_IsFalse(per_device)) {
		field_invalid(e, "spec.perDeviceNodeSelection", per_device, "must be either unset or set to true");
	} else if (per_device) {
		buf_puts(&set, "`perDeviceNodeSelection`, ");
		n++;
	}
	one_choice(n, &set, ONE_OF, ONE_OF ", but multiple fields are set", "spec", e);
	buf_free(&set);
}

static void device_nodes(const json *device, bool per_device, const char *path, struct field_errors *e)
{
	static const char why[] = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when "
		"`perDeviceNodeSelection` is set to true in the ResourceSlice spec";
	struct buf set = { 0 };

	if (per_device)
		one_choice(node_choice(device, "must not be empty", path, &set, e), &set, why, why, path, e);
	else if (json_get(device, "nodeName") || json_get(device, "nodeSelector") || json_get(device, "allNodes"))
		field_invalid(e, path, NULL, "`nodeName`, `nodeSelector` and `allNodes` can only be set if "
			      "`perDeviceNodeSelection` is set to true in the ResourceSlice spec");
	buf_free(&set);
}

/* --- attributes -------------------------------------------------------------------------------------------- */

static bool digits(const char *s, size_t n)
{
	return n && strspn(s, "0123456789") >= n;
}

/* Parts with dots between them, of letters, digits and hyphens; of numbers without leading zeros if strict. */
static bool identifiers(const char *s, size_t n, bool strict)
{
	while (true) {
		size_t part = strcspn(s, ".");

		if (part > n)
			part = n;
		if (!part || strspn(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") < part)
			return false;
		if (strict && part > 1 && *s == '0' && digits(s, part))
			return false;
		if (part == n)
			return true;
		s += part + 1;
		n -= part + 1;
	}
}

/* semver.org 2.0.0 */
static bool is_version(const char *s)
{
	const char *plus = strchr(s, '+'), *dash, *end = plus ? plus : s + strlen(s);

	dash = memchr(s, '-', (size_t)(end - s));
	if (plus && !identifiers(plus + 1, strlen(plus + 1), false))
		return false;
	if (dash && !identifiers(dash + 1, (size_t)(end - dash - 1), true))
		return false;
	if (dash)
		end = dash;
	for (int i = 0; i < 3; i++) {
		size_t n = strspn(s, "0123456789");

		if (!n || (n > 1 && *s == '0') || (i < 2 && s[n] != '.'))
			return false;
		s += n + (i < 2);
	}
	return s == end;
}

static void text_value(const json *v, const char *path, struct field_errors *e)
{
	if (strlen(json_str_or(v, "")) > MAX_VALUE)
		field_too_long(e, path, MAX_VALUE);
}

static void version_value(const json *v, const char *path, struct field_errors *e)
{
	if (!is_version(json_str_or(v, "")))
		field_invalid(e, path, v, "must be a string compatible with semver.org spec 2.0.0");
	text_value(v, path, e);
}

static void values(const json *list, const char *key, const char *path, struct field_errors *e)
{
	int i = 0;

	if (!list->child)
		field_invalid_json(e, path, list, "must not be empty if specified");
	json_each(v, list) {
		PATH(p, "%s[%d]", path, i++);

		if (streq(key, "strings"))
			text_value(v, p, e);
		else if (streq(key, "versions"))
			version_value(v, p, e);
	}
}

static void attribute(const json *a, const char *path, struct field_errors *e)
{
	int n = !!json_get(a, "bool") + !!json_get(a, "int") + !!json_get(a, "string") + !!json_get(a, "version");
	PATH(string, "%s.string", path);
	PATH(version, "%s.version", path);

	if (json_get(a, "string"))
		text_value(json_get(a, "string"), string, e);
	if (json_get(a, "version"))
		version_value(json_get(a, "version"), version, e);
	for (size_t i = 0; i < ARRAY_SIZE(value_lists); i++) {
		const json *list = json_get(a, value_lists[i]);
		PATH(p, "%s.%s", path, value_lists[i]);

		if (list)
			values(list, value_lists[i], p, e);
		n += list != NULL;
	}
	if (!n)
		field_invalid_str(e, path, "", "exactly one value must be specified");
	else if (n > 1)
		field_invalid_json(e, path, a, "exactly one value must be specified");
}

static int values_of(const json *device)
{
	int n = 0;

	json_each(a, json_get(device, "attributes")) {
		int lists = 0;

		for (size_t i = 0; i < ARRAY_SIZE(value_lists); i++)
			lists += json_len(json_get(a, value_lists[i]));
		n += lists ? lists : 1;
	}
	return n;
}

/* --- capacity ------------------------------------------------------------------------------------------------ */

struct amount {
	quantity_t q;
	char *text;	/* canonical */
	bool there;
};

static void amount_free(struct amount *a)
{
	free(a->text);
}
#define _cleanup_amount_ _cleanup_(amount_free)

static struct amount amount_of(const json *j)
{
	enum quantity_format format;
	struct amount a = { 0 };
	_cleanup_free_ char *number = json_is_string(j) || !j ? NULL : json_print(j);
	const char *s = number ? number : json_str(j);

	a.there = s && !quantity_parse(s, &a.q, &format, NULL);
	if (a.there)
		a.text = quantity_format(a.q, format);
	return a;
}

/* Where a is larger than b: told is what is said to be wrong, limit what it is held against. */
static void is_more(const struct amount *a, const struct amount *b, const struct amount *told, const struct amount *limit,
		    const char *what, const char *path, struct field_errors *e)
{
	PATH(why, "%s: %s", what, limit->text ?: "");

	if (a->there && b->there && a->q > b->q)
		field_invalid_str(e, path, told->text, why);
}

static void valid_values(const json *list, const struct amount *dflt, const struct amount *max, const char *path,
			 struct field_errors *e)
{
	bool found = false;
	int i = 0;

	for (const json *v = list->child; v && v->next; v = v->next) {
		_cleanup_amount_ struct amount a = amount_of(v), b = amount_of(v->next);
		PATH(p, "%s[%d]", path, ++i);

		if (a.q > b.q)
			field_invalid_str(e, p, b.text ?: "", "values must be sorted in ascending order");
	}
	if (!at_most(list, MAX_OPTIONS, path, e))
		return;
	i = 0;
	json_each(v, list) {
		_cleanup_amount_ struct amount a = amount_of(v);
		PATH(p, "%s[%d]", path, i++);

		is_more(&a, max, &a, max, "option is larger than capacity value", p, e);
		found |= a.q == dflt->q;
	}
	i = 0;
	json_each(v, list) {
		_cleanup_amount_ struct amount a = amount_of(v);
		bool twice = false;
		PATH(p, "%s[%d]", path, i++);
		PATH(key, "%jd", (intmax_t)quantity_value(v, 0));

		for (const json *b = list->child; b != v; b = b->next)
			twice |= quantity_value(b, 0) == quantity_value(v, 0);
		if (twice)
			field_duplicate(e, p, key);
	}
	if (!found)
		field_invalid_str(e, path, dflt->text ?: "", "default value is not valid according to the requestPolicy");
}

static void in_steps(const struct amount *a, const struct amount *min, const struct amount *step, const char *path,
		     struct field_errors *e)
{
	PATH(why, "value is not a multiple of a given step (%s) from (%s)", step->text, min->text);

	if (a->there && (a->q - min->q) % step->q)
		field_invalid_str(e, path, a->text, why);
}

static void range_step(const struct amount *step, const struct amount *dflt, const struct amount *min, const struct amount *max,
		       const struct amount *capacity, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *sum = quantity_format(min->q + step->q, QUANTITY_DECIMAL_SI);
	PATH(larger, "one step %s is larger than capacity value: %s", sum, capacity->text ?: "");

	if (step->q <= 0) {
		field_invalid_str(e, path, step->text, "must be greater than zero");
		return;
	}
	if (capacity->there && min->q + step->q > capacity->q)
		field_invalid_str(e, path, step->text, larger);
	in_steps(dflt, min, step, path, e);
	in_steps(max, min, step, path, e);
}

static void valid_range(const json *r, const struct amount *dflt, const struct amount *capacity, const char *path,
			struct field_errors *e)
{
	_cleanup_amount_ struct amount min = amount_of(json_get(r, "min")), max = amount_of(json_get(r, "max"));
	_cleanup_amount_ struct amount step = amount_of(json_get(r, "step"));
	PATH(min_path, "%s.min", path);
	PATH(max_path, "%s.max", path);
	PATH(dflt_path, "%s.default", path);
	PATH(step_path, "%s.step", path);

	if (!min.there) {
		field_required(e, min_path, "required when validRange is defined");
		return;
	}
	is_more(&min, capacity, &min, capacity, "min is larger than capacity value", min_path, e);
	is_more(&min, dflt, dflt, &min, "default is less than min", dflt_path, e);
	is_more(&min, &max, &min, &max, "min is larger than max", max_path, e);
	is_more(&max, capacity, &max, capacity, "max is larger than capacity value", max_path, e);
	is_more(dflt, &max, dflt, &max, "default is more than max", dflt_path, e);
	if (step.there)
		range_step(&step, dflt, &min, &max, capacity, step_path, e);
}

static void request_policy(const json *c, const char *path, struct field_errors *e)
{
	const json *policy = json_get(c, "requestPolicy"), *list = json_get(policy, "validValues"), *r = json_get(policy, "validRange");
	_cleanup_amount_ struct amount dflt = amount_of(json_get(policy, "default")), max = amount_of(json_get(c, "value"));
	PATH(dflt_path, "%s.default", path);
	PATH(list_path, "%s.validValues", path);
	PATH(range_path, "%s.validRange", path);

	if (json_len(list) && r)
		field_forbidden(e, path, "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" "
				"at the same time");
	else if (json_len(list) && !dflt.there)
		field_required(e, dflt_path, "required when validValues is defined");
	else if (json_len(list))
		valid_values(list, &dflt, &max, list_path, e);
	else if (r && !dflt.there)
		field_required(e, dflt_path, "required when validRange is defined");
	else if (r)
		valid_range(r, &dflt, &max, range_path, e);
}

/* --- a device -------------------------------------------------------------------------------------------------- */

/* A key as it stands in a path: not longer than good ones are. */
static char *short_key(const char *key)
{
	int n = (int)strlen(key), rest = MAX_KEY - 3;

	if (n <= MAX_KEY)
		return xstrdup(key);
	return xasprintf("%.*s...%s", (rest + 1) / 2, key, key + n - rest / 2);
}

static void properties(const json *device, const json *old, const char *path, struct field_errors *e)
{
	const json *capacity = json_get(device, "capacity");
	PATH(attributes_path, "%s.attributes", path);
	PATH(capacity_path, "%s.capacity", path);

	json_each(a, json_get(device, "attributes")) {
		_cleanup_free_ char *key = short_key(json_key(a));
		PATH(p, "%s[%s]", attributes_path, key);

		device_qualified_name(json_key(a), attributes_path, e);
		attribute(a, p, e);
	}
	if (old && json_equal(capacity, json_get(old, "capacity")))
		return;
	json_each(c, capacity) {
		_cleanup_free_ char *key = short_key(json_key(c));
		PATH(p, "%s[%s].requestPolicy", capacity_path, key);

		device_qualified_name(json_key(c), capacity_path, e);
		if (!json_get(c, "requestPolicy"))
			continue;
		if (flag(device, "allowMultipleAllocations"))
			request_policy(c, p, e);
		else
			field_forbidden(e, p, "allowMultipleAllocations must be true");
	}
}

/* name and counters of a set, be it one that is there or one that a device takes from. */
static void counter_set(const json *set, const char *name, const char *path, struct field_errors *e)
{
	const json *counters = json_get(set, "counters");
	PATH(p, "%s.counters", path);

	need_name(set, name, invalid_dns1123_label, path, e);
	if (!json_len(counters)) {
		field_required(e, p, NULL);
		return;
	}
	if (!at_most(counters, MAX_COUNTERS, p, e))
		return;
	json_each(c, counters)
		check_text(json_key(c), invalid_dns1123_label, p, e);
}

static void counter_sets(const json *list, const char *name, int max, const char *path, struct field_errors *e)
{
	int i = 0;

	if (!at_most(list, max, path, e))
		return;
	json_each(s, list) {
		PATH(p, "%s[%d]", path, i++);

		counter_set(s, name, p, e);
	}
	device_unique(list, name, path, e);
}

static void taints(const json *device, const json *old, const char *path, struct field_errors *e)
{
	const json *list = json_get(device, "taints");
	int i = 0;
	PATH(list_path, "%s.taints", path);

	if ((old && json_equal(list, json_get(old, "taints"))) || !at_most(list, MAX_TAINTS, list_path, e))
		return;
	json_each(t, list) {
		PATH(p, "%s[%d]", list_path, i++);

		device_taint(t, p, e);
	}
}

static void validate_device(const json *device, const json *old, bool per_device, const char *path, struct field_errors *e)
{
	int n = json_len(json_get(device, "attributes")) + json_len(json_get(device, "capacity"));
	PATH(name, "%s.name", path);
	PATH(consumes, "%s.consumesCounters", path);

	check_text(json_str_or(json_get(device, "name"), ""), invalid_dns1123_label, name, e);
	if (n > MAX_PROPERTIES)
		field_invalid_int(e, path, n, "the total number of attributes and capacities must not exceed 32");
	if (values_of(device) > MAX_VALUES)
		field_invalid_int(e, path, values_of(device), "the total number of attribute values must not exceed 48");
	properties(device, old, path, e);
	taints(device, old, path, e);
	counter_sets(json_get(device, "consumesCounters"), "counterSet", MAX_CONSUMED_SETS, consumes, e);
	device_nodes(device, per_device, path, e);
	device_binding(device, path, e);
}

/* --- the slice ---------------------------------------------------------------------------------------------------- */

static bool has_special_devices(const json *spec)
{
	json_each(d, json_get(spec, "devices")) {
		if (json_len(json_get(d, "taints")) || json_len(json_get(d, "consumesCounters")))
			return true;
		json_each(a, json_get(d, "attributes"))
			for (size_t i = 0; i < ARRAY_SIZE(value_lists); i++)
				if (json_get(a, value_lists[i]))
					return true;
	}
	return false;
}

static void devices(const json *spec, const json *old, struct field_errors *e)
{
	const json *list = json_get(spec, "devices");
	int i = 0;

	if (!at_most(list, has_special_devices(spec) ? MAX_SPECIAL_DEVICES : MAX_DEVICES, "spec.devices", e))
		return;
	json_each(d, list) {
		PATH(p, "spec.devices[%d]", i++);

		validate_device(d, device_named(old, json_str_or(json_get(d, "name"), "")), flag(spec, "perDeviceNodeSelection"), p, e);
	}
	device_unique(list, "name", "spec.devices", e);
}

static void pool(const json *p, struct field_errors *e)
{
	int64_t slices = json_int(json_get(p, "resourceSliceCount"), 0), generation = json_int(json_get(p, "generation"), 0);

	device_pool_name(json_str_or(json_get(p, "name"), ""), "spec.pool.name", e);
	if (slices <= 0)
		field_invalid_int(e, "spec.pool.resourceSliceCount", slices, "must be greater than zero");
	if (generation < 0)
		field_invalid_int(e, "spec.pool.generation", generation, "must be greater than or equal to zero");
}

static void same(const json *new, const json *old, const char *path, struct field_errors *e)
{
	if (!json_equal(new, old) && (new || old))
		validate_immutable(new, old, path, e);
}

static void validate_slice_update(const json *new, const json *old, struct field_errors *e)
{
	const json *spec = json_get(new, "spec"), *was = json_get(old, "spec");

	device_driver_name(json_str_or(json_get(spec, "driver"), ""), "spec.driver", e);
	pool(json_get(spec, "pool"), e);
	if (old) {
		same(json_get(spec, "pool", "name"), json_get(was, "pool", "name"), "spec.pool.name", e);
		same(json_get(spec, "driver"), json_get(was, "driver"), "spec.driver", e);
		same(json_get(spec, "nodeName"), json_get(was, "nodeName"), "spec.nodeName", e);
	}
	slice_nodes(spec, e);
	if (json_get(spec, "sharedCounters") && json_get(spec, "devices"))
		field_invalid_str(e, "spec", "", "only one of `sharedCounters` or `devices` is allowed");
	devices(spec, old, e);
	counter_sets(json_get(spec, "sharedCounters"), "name", MAX_COUNTER_SETS, "spec.sharedCounters", e);
}

static void validate_slice(const json *obj, struct field_errors *e)
{
	validate_slice_update(obj, NULL, e);
}

static void slice_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *spec = json_get(obj, "spec");

	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(spec, "nodeName"), ""));
	cell_str(cells, json_str_or(json_get(spec, "driver"), ""));
	cell_str(cells, json_str_or(json_get(spec, "pool", "name"), ""));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_resourceslice = {
	.prepare_create = prepare_create,
	.prepare_update = prepare_update,
	.validate = validate_slice,
	.validate_update = validate_slice_update,
	.order = UPDATE_ALONE,
	.columns = COLUMNS(COLUMN_NAME,
			   COLUMN("Node", "string", "The node that has the devices."),
			   COLUMN("Driver", "string", "The driver that has them in hand."),
			   COLUMN("Pool", "string", "The pool that the slice is a part of."),
			   COLUMN_AGE),
	.cells = slice_cells,
};
