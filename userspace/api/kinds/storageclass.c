// SPDX-License-Identifier: GPL-2.0-or-later
/* storageclass.c - StorageClass */
#include "api/kinds/storageclass.h"

#include <ctype.h>

#include "api/kinds/rules.h"
#include "api/kinds/validate_parts.h"
#include "api/meta/validate_values.h"
#include "api/meta/view_meta.h"

#define PARAMETERS_MAX 512

/* --- of classes ----------------------------------------------------------------------- */

void validate_provisioner(const json *obj, const char *key, struct field_errors *e)
{
	_cleanup_free_ char *name = xstrdup(json_str_or(json_get(obj, key), ""));

	for (char *p = name; *p; p++)
		*p = tolower((unsigned char)*p);
	if (*name)
		validate_label_name(name, key, e);
	else
		field_required(e, key, NULL);
}

size_t map_bytes(const json *map)
{
	size_t n = 0;

	json_each(it, map)
		n += strlen(json_key(it)) + strlen(json_str_or(it, ""));
	return n;
}

void validate_parameters(const json *obj, bool not_empty, struct field_errors *e)
{
	const json *parameters = json_get(obj, "parameters");

	if (json_len(parameters) > PARAMETERS_MAX) {
		field_too_long(e, "parameters", PARAMETERS_MAX);
		return;
	}
	if (json_get(parameters, ""))
		field_invalid_str(e, "parameters", "", "field can not be empty.");
	if (map_bytes(parameters) > MAP_BYTES_MAX)
		field_too_long(e, "parameters", MAP_BYTES_MAX);
	if (not_empty && !json_len(parameters))
		field_required(e, "parameters", "must contain at least one key/value pair");
}

void validate_parameters_kept(const json *new, const json *old, struct field_errors *e)
{
	if (!json_equal(json_get(new, "parameters"), json_get(old, "parameters")))
		field_forbidden(e, "parameters", "updates to parameters are forbidden.");
}

void validate_word_kept(const json *new, const json *old, const char *key, struct field_errors *e)
{
	PATH(why, "updates to %s are forbidden.", key);

	if (!streq(text_of(new, key), text_of(old, key)))
		field_forbidden(e, key, why);
}

/* --- this one ---------------------------------------------------------------------------- */

static void default_class(json *obj)
{
	default_str(obj, "reclaimPolicy", "Delete");
	default_str(obj, "volumeBindingMode", "Immediate");
}

static void validate_class(const json *obj, struct field_errors *e)
{
	validate_provisioner(obj, "provisioner", e);
	validate_parameters(obj, false, e);
	validate_known(obj, "reclaimPolicy", "Delete,Retain", "", e);
	validate_enum(obj, "volumeBindingMode", "Immediate,WaitForFirstConsumer", "", e);
	validate_topologies(json_get(obj, "allowedTopologies"), "allowedTopologies", e);
}

static void validate_class_update(const json *new, const json *old, struct field_errors *e)
{
	validate_parameters_kept(new, old, e);
	validate_word_kept(new, old, "provisioner", e);
	validate_word_kept(new, old, "reclaimPolicy", e);
	validate_immutable(json_get(new, "volumeBindingMode"), json_get(old, "volumeBindingMode"), "volumeBindingMode", e);
}

static void class_cells(json *cells, const json *obj, uint64_t now_us)
{
	static const char key[] = "is-default-class";
	PATH(now, "storageclass.kubernetes.io/%s", key);
	PATH(beta, "storageclass.beta.kubernetes.io/%s", key);
	bool dflt = streq(meta_annotation(obj, now), "true") || streq(meta_annotation(obj, beta), "true");

	cell_take(cells, xasprintf("%s%s", meta_name(obj) ?: "", dflt ? " (default)" : ""));
	cell_str(cells, json_str_or(json_get(obj, "provisioner"), ""));
	cell_str_or(cells, json_str(json_get(obj, "reclaimPolicy")), "Delete");
	cell_str_or(cells, json_str(json_get(obj, "volumeBindingMode")), "Immediate");
	json_append(cells, json_new_bool(is_true(obj, "allowVolumeExpansion")));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_storageclass = {
	.defaults = default_class,
	.validate = validate_class,
	.validate_update = validate_class_update,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Provisioner", "string", "What makes the volumes."),
		COLUMN("ReclaimPolicy", "string", "What becomes of a volume whose claim is gone."),
		COLUMN("VolumeBindingMode", "string", "When a volume is made for a claim."),
		COLUMN("AllowVolumeExpansion", "string", "Whether claims may grow."),
		COLUMN_AGE),
	.cells = class_cells,
};
