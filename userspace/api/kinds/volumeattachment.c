// SPDX-License-Identifier: GPL-2.0-or-later
/* volumeattachment.c - VolumeAttachment */
#include "api/kinds/persistentvolume.h"
#include "api/kinds/rules.h"
#include "api/kinds/storageclass.h"
#include "api/kinds/validate_pod.h"

#define MESSAGE_MAX 1024

static void default_attachment(json *obj)
{
	json *path = json_get(obj, "spec", "source", "inlineVolumeSpec", "hostPath");

	if (path && !json_get(path, "type"))
		json_set_str(path, "type", "");
}

/* What is done to the object itself is not for /status. */
static void prepare_status(const json *cur, json *next)
{
	json_set(next, "metadata", json_clone(json_get(cur, "metadata")));
}

static void validate_source(const json *source, struct field_errors *e)
{
	static const char one[] = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
	const json *name = json_get(source, "persistentVolumeName"), *inline_spec = json_get(source, "inlineVolumeSpec");

	if (!name && !inline_spec)
		field_required(e, "spec.source", one);
	else if (name && inline_spec)
		field_forbidden(e, "spec.source", one);
	else if (inline_spec)
		validate_inline_volume(inline_spec, "spec.source.inlineVolumeSpec", e);
	else if (!*json_str_or(name, ""))
		field_required(e, "spec.source.persistentVolumeName", "must specify non empty persistentVolumeName");
}

static void validate_error(const json *status, const char *key, struct field_errors *e)
{
	const json *error = json_get(status, key);
	PATH(p, "status.%s", key);

	/* The limit that is named is another one, as in Kubernetes. */
	if (strlen(json_str_or(json_get(error, "message"), "")) > MESSAGE_MAX)
		child_too_long(e, p, "message", MAP_BYTES_MAX);
	validate_between(error, "errorCode", 0, MSG_HUGE_INT, p, e);
}

static void validate_attachment(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec"), *status = json_get(obj, "status");
	const char *node = json_str_or(json_get(spec, "nodeName"), "");
	const char *why = invalid_dns1123_subdomain(node);

	validate_given(spec, "attacher", "spec", e);
	validate_source(json_get(spec, "source"), e);
	if (why)
		field_invalid_str(e, "spec.nodeName", node, why);
	if (map_bytes(json_get(status, "attachmentMetadata")) > MAP_BYTES_MAX)
		field_too_long(e, "status.attachmentMetadata", MAP_BYTES_MAX);
	validate_error(status, "attachError", e);
	validate_error(status, "detachError", e);
}

/* What v1 asks for in a new one, and objects of before need not have. */
static void validate_new(const json *obj, struct field_errors *e)
{
	const json *name = json_get(obj, "spec", "source", "persistentVolumeName");
	const char *why = name ? invalid_dns1123_subdomain(json_str_or(name, "")) : NULL;

	validate_attachment(obj, e);
	validate_csi_driver_name(json_str_or(json_get(obj, "spec", "attacher"), ""), "spec.attacher", e);
	if (why)
		field_invalid(e, "spec.source.persistentVolumeName", name, why);
}

static void validate_attachment_update(const json *new, const json *old, struct field_errors *e)
{
	validate_immutable(json_get(new, "spec"), json_get(old, "spec"), "spec", e);
}

static void validate_status(const json *new, const json *old, struct field_errors *e)
{
	validate_attachment(new, e);
}

static void attachment_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *spec = json_get(obj, "spec");

	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(spec, "attacher"), ""));
	cell_str(cells, json_str_or(json_get(spec, "source", "persistentVolumeName"), ""));
	cell_str(cells, json_str_or(json_get(spec, "nodeName"), ""));
	json_append(cells, json_new_bool(is_true(json_get(obj, "status"), "attached")));
	cell_age(cells, obj, now_us);
}

const struct kind_rules kind_rules_volumeattachment = {
	.defaults = default_attachment,
	.prepare_status = prepare_status,
	.validate = validate_attachment,
	.validate_create = validate_new,
	.validate_update = validate_attachment_update,
	.validate_status = validate_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		{ "Attacher", "string", "name", 0, "What attaches the volume." },
		COLUMN("PV", "string", "The volume."),
		COLUMN("Node", "string", "Where it is to be attached."),
		COLUMN("Attached", "boolean", "Whether it is."),
		COLUMN_AGE),
	.cells = attachment_cells,
};
