// SPDX-License-Identifier: GPL-2.0-or-later
/* csidriver.c - CSIDriver */
#include "api/kinds/rules.h"
#include "api/meta/validate_values.h"

static void default_driver(json *obj)
{
	json *spec = json_obj(obj, "spec");

	default_bool(spec, "attachRequired", true);
	default_bool(spec, "podInfoOnMount", false);
	default_bool(spec, "storageCapacity", false);
	default_str(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
	if (!json_len(json_get(spec, "volumeLifecycleModes")))
		json_set(spec, "volumeLifecycleModes", json_build("[\"Persistent\"]"));
	default_bool(spec, "requiresRepublish", false);
	default_bool(spec, "seLinuxMount", false);
}

/* Changes are counted, from the first one on. */
static void prepare_create(json *obj)
{
	json_del(json_obj(obj, "metadata"), "generation");
}

#define TOKEN_MIN 600	/* seconds */
#define TOKEN_MAX (INT64_C(1) << 32)

static void validate_tokens(const json *tokens, struct field_errors *e)
{
	_cleanup_json_ json *audiences = json_new_object();
	int i = 0;

	json_each(t, tokens) {
		const char *audience = json_str_or(json_get(t, "audience"), "");
		const json *seconds = json_get(t, "expirationSeconds");
		PATH(p, "spec.tokenRequests[%d]", i++);

		if (json_get(audiences, audience)) {
			child_duplicate(e, p, "audience", audience);
			continue;
		}
		json_set_bool(audiences, audience, true);
		if (seconds && json_int(seconds, 0) < TOKEN_MIN)
			child_invalid(e, p, "expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
		if (json_int(seconds, 0) > TOKEN_MAX)
			child_invalid(e, p, "expirationSeconds", seconds,
				      "may not specify a duration larger than 2^32 seconds");
	}
}

#define PERIOD_MIN 10

static void validate_driver(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec"), *period = json_get(spec, "nodeAllocatableUpdatePeriodSeconds");

	validate_known(spec, "fsGroupPolicy", "File,None,ReadWriteOnceWithFSType", "spec", e);
	validate_tokens(json_get(spec, "tokenRequests"), e);
	json_each(m, json_get(spec, "volumeLifecycleModes"))
		if (!one_of(json_str_or(m, ""), "Persistent,Ephemeral"))
			child_not_supported(e, "spec", "volumeLifecycleModes", json_str_or(m, ""), "Persistent,Ephemeral");
	if (period && json_int(period, 0) < PERIOD_MIN)
		child_invalid(e, "spec", "nodeAllocatableUpdatePeriodSeconds", period,
			      "must be greater than or equal to 10 seconds");
}

static void validate_driver_update(const json *new, const json *old, struct field_errors *e)
{
	/* Kubernetes names it so. */
	validate_immutable(json_get(new, "spec", "attachRequired"), json_get(old, "spec", "attachRequired"),
			   "spec.attachedRequired", e);
	validate_immutable(json_get(new, "spec", "volumeLifecycleModes"), json_get(old, "spec", "volumeLifecycleModes"),
			   "spec.volumeLifecycleModes", e);
}

/* A member of each object of the list, or the strings themselves (NULL), joined by commas; dflt if there is no list. */
static char *list_text(const json *list, const char *member, const char *dflt)
{
	struct buf b = {0};

	if (!list)
		return xstrdup(dflt);
	json_each(it, list)
		buf_printf(&b, "%s%s", it == list->child ? "" : ",", json_str_or(member ? json_get(it, member) : it, ""));
	return buf_steal(&b);
}

static void driver_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *spec = json_get(obj, "spec");

	cell_name(cells, obj);
	json_append(cells, json_new_bool(json_bool(json_get(spec, "attachRequired"), true)));
	json_append(cells, json_new_bool(is_true(spec, "podInfoOnMount")));
	json_append(cells, json_new_bool(is_true(spec, "storageCapacity")));
	cell_take(cells, list_text(json_get(spec, "tokenRequests"), "audience", "<unset>"));
	json_append(cells, json_new_bool(is_true(spec, "requiresRepublish")));
	cell_take(cells, list_text(json_get(spec, "volumeLifecycleModes"), NULL, "<none>"));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_csidriver = {
	.defaults = default_driver,
	.prepare_create = prepare_create,
	.validate = validate_driver,
	.validate_update = validate_driver_update,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("AttachRequired", "boolean", "Whether volumes are attached before they are mounted."),
		COLUMN("PodInfoOnMount", "boolean", "Whether it is told which pod it mounts for."),
		COLUMN("StorageCapacity", "boolean", "Whether it says how much there is."),
		COLUMN("TokenRequests", "string", "For whom it gets tokens of the pod's account."),
		COLUMN("RequiresRepublish", "boolean", "Whether it is called again while the volume is mounted."),
		COLUMN("Modes", "string", "The kinds of volumes it has."),
		COLUMN_AGE),
	.cells = driver_cells,
};
