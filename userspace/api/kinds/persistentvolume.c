// SPDX-License-Identifier: GPL-2.0-or-later
/* persistentvolume.c - PersistentVolume, and its spec in a VolumeAttachment */
#include "api/kinds/amounts.h"
#include "api/kinds/claim.h"
#include "api/kinds/persistentvolume.h"
#include "api/kinds/validate_pod.h"

#define RECLAIM_POLICIES "Delete,Recycle,Retain"

static void default_volume(json *obj)
{
	json *spec = json_obj(obj, "spec"), *path = json_get(spec, "hostPath");

	default_str(json_obj(obj, "status"), "phase", "Pending");
	default_str(spec, "persistentVolumeReclaimPolicy", "Retain");
	default_str(spec, "volumeMode", "Filesystem");
	if (path && !json_get(path, "type"))
		json_set_str(path, "type", "");
	default_amounts(json_get(spec, "capacity"));
}

/* It has been in its first phase since it was made. */
static void prepare_create(json *obj)
{
	json *status = json_obj(obj, "status");

	json_set_str(status, "phase", "Pending");
	keep_member(status, json_get(obj, "metadata"), "creationTimestamp");
	json_set(status, "lastPhaseTransitionTime", json_take(status, "creationTimestamp"));
}

/* --- what it must be ----------------------------------------------------------------------- */

static void validate_capacity(const json *spec, const char *path, struct field_errors *e)
{
	const json *capacity = json_get(spec, "capacity");

	if (!json_len(capacity))
		child_required(e, path, "capacity", NULL);
	if (!json_get(capacity, "storage") || json_len(capacity) > 1) {
		_cleanup_free_ char *text = capacity ? json_print(capacity) : xstrdup("null");
		PATH(p, "%s.capacity", path);

		field_error(e, p, FIELD_NOT_SUPPORTED, "Unsupported value: %s: supported values: \"storage\"", text);
	}
	json_each(q, capacity) {
		PATH(p, "%s.capacity[%s]", path, json_key(q));

		validate_basic_amount(q, p, e);
		validate_amount_positive(q, p, e);
	}
}

static void validate_node_affinity(const json *spec, const char *path, struct field_errors *e)
{
	const json *affinity = json_get(spec, "nodeAffinity"), *required = json_get(affinity, "required");
	PATH(p, "%s.nodeAffinity.required", path);

	if (required)
		validate_node_selector(required, p, e);
	else if (affinity)
		field_required(e, p, "must specify required node constraints");
}

/* Recycling empties the directory: the root of the node's files is none to be emptied. */
static void validate_recycled_root(const json *spec, const char *path, struct field_errors *e)
{
	const char *dir = json_str_or(json_get(spec, "hostPath", "path"), "");

	if (*dir == '/' && strspn(dir, "/.") == strlen(dir) && !strstr(dir, "...") &&
	    streq(text_of(spec, "persistentVolumeReclaimPolicy"), "Recycle"))
		child_forbidden(e, path, "persistentVolumeReclaimPolicy",
				"may not be 'recycle' for a hostPath mount of '/'");
}

static void validate_attributes_class(const json *spec, const char *path, struct field_errors *e)
{
	const json *class = json_get(spec, "volumeAttributesClassName");

	if (!class)
		return;
	if (!*json_str_or(class, ""))
		child_required(e, path, "volumeAttributesClassName", "an empty string is disallowed");
	validate_name(spec, "volumeAttributesClassName", invalid_dns1123_subdomain, path, e);
	if (!json_get(spec, "csi"))
		child_required(e, path, "csi", "has to be specified when using volumeAttributesClassName");
}

static void validate_modes(const json *spec, const char *path, struct field_errors *e)
{
	if (!json_len(json_get(spec, "accessModes")))
		child_required(e, path, "accessModes", NULL);
	validate_access_modes(spec, path, e);
}

static void validate_volume(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");

	validate_modes(spec, "spec", e);
	validate_capacity(spec, "spec", e);
	validate_known(spec, "persistentVolumeReclaimPolicy", RECLAIM_POLICIES, "spec", e);
	validate_node_affinity(spec, "spec", e);
	validate_volume_source(spec, json_str_or(json_get(obj, "metadata", "name"), ""), json_get(spec, "nodeAffinity"),
			       "spec", e);
	validate_recycled_root(spec, "spec", e);
	validate_name(spec, "storageClassName", invalid_dns1123_subdomain, "spec", e);
	validate_known(spec, "volumeMode", VOLUME_MODES, "spec", e);
	validate_attributes_class(spec, "spec", e);
}

void validate_inline_volume(const json *spec, const char *path, struct field_errors *e)
{
	static const char why[] = "may not be specified in the context of inline volumes";
	const char *reclaim = text_of(spec, "persistentVolumeReclaimPolicy"), *mode = text_of(spec, "volumeMode");

	if (json_get(spec, "claimRef"))
		child_forbidden(e, path, "claimRef", why);
	if (json_len(json_get(spec, "capacity")))
		child_forbidden(e, path, "capacity", why);
	if (!json_get(spec, "csi"))
		child_required(e, path, "csi", "has to be specified in the context of inline volumes");
	validate_modes(spec, path, e);
	if (reclaim && !streq(reclaim, "Retain"))
		child_forbidden(e, path, "persistentVolumeReclaimPolicy",
				"may only be Retain in the context of inline volumes");
	if (json_get(spec, "nodeAffinity"))
		child_forbidden(e, path, "nodeAffinity", why);
	validate_volume_source(spec, "", false, path, e);
	validate_recycled_root(spec, path, e);
	if (text_of(spec, "storageClassName"))
		child_forbidden(e, path, "storageClassName", why);
	if (mode && !streq(mode, "Filesystem"))
		child_forbidden(e, path, "volumeMode",
				"may not specify volumeMode other than Filesystem in the context of inline volumes");
	validate_attributes_class(spec, path, e);
}

/* --- what may change of it --------------------------------------------------------------------- */

/* What is left of a spec without its source's neighbours. */
static json *source_of(const json *spec)
{
	static const char *const others[] = { "capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy",
					      "storageClassName", "mountOptions", "volumeMode", "nodeAffinity",
					      "volumeAttributesClassName" };
	json *source = json_clone(spec);

	for (size_t i = 0; source && i < ARRAY_SIZE(others); i++)
		json_del(source, others[i]);
	return source;
}

static void validate_source_stays(const json *new, const json *old, struct field_errors *e)
{
	_cleanup_json_ json *is = source_of(json_get(new, "spec")), *was = source_of(json_get(old, "spec"));

	/* The secret that growing needs may come later. */
	if (json_get(was, "csi") && !json_get(was, "csi", "controllerExpandSecretRef"))
		json_del(json_get(is, "csi"), "controllerExpandSecretRef");
	if (!json_equal(is, was))
		field_forbidden(e, "spec.persistentvolumesource",
				"spec.persistentvolumesource is immutable after creation");
}

/* Labels of nodes had other names once: a term may go over to the new one. */
static void modern_labels(json *affinity)
{
	static const char *const names[][2] = {
		{ "failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone" },
		{ "failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region" },
		{ "beta.kubernetes.io/os", "kubernetes.io/os" },
		{ "beta.kubernetes.io/arch", "kubernetes.io/arch" },
		{ "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type" },
	};

	json_each(t, json_get(affinity, "required", "nodeSelectorTerms"))
		json_each(x, json_get(t, "matchExpressions"))
			for (size_t i = 0; i < ARRAY_SIZE(names); i++)
				if (streq(text_of(x, "key"), names[i][0]))
					json_set_str(x, "key", names[i][1]);
}

static void validate_volume_update(const json *new, const json *old, struct field_errors *e)
{
	const json *affinity = json_get(new, "spec", "nodeAffinity");
	_cleanup_json_ json *is = json_clone(affinity), *was = json_clone(json_get(old, "spec", "nodeAffinity"));

	validate_source_stays(new, old, e);
	validate_immutable(json_get(new, "spec", "volumeMode"), json_get(old, "spec", "volumeMode"), "volumeMode", e);
	if (was && !json_equal(affinity, was)) {
		modern_labels(is);
		modern_labels(was);
		if (!json_equal(is, was))
			field_invalid(e, "nodeAffinity", affinity,
				      MSG_IMMUTABLE ", except for updating from beta label to GA");
	}
	if (json_get(old, "spec", "volumeAttributesClassName") && !json_get(new, "spec", "volumeAttributesClassName"))
		field_forbidden(e, "spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden");
}

/* --- its row --------------------------------------------------------------------------------------- */

static void volume_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *spec = json_get(obj, "spec"), *claim = json_get(spec, "claimRef");
	bool deleting = text_of(json_get(obj, "metadata"), "deletionTimestamp");

	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(spec, "capacity", "storage"), "0"));
	cell_take(cells, access_modes_text(json_get(spec, "accessModes")));
	cell_str(cells, json_str_or(json_get(spec, "persistentVolumeReclaimPolicy"), ""));
	cell_str(cells, deleting ? "Terminating" : json_str_or(json_get(obj, "status", "phase"), ""));
	cell_take(cells, claim ? xasprintf("%s/%s", json_str_or(json_get(claim, "namespace"), ""),
					   json_str_or(json_get(claim, "name"), "")) : xstrdup(""));
	cell_str(cells, storage_class_of(obj));
	cell_str_or(cells, text_of(spec, "volumeAttributesClassName"), "<unset>");
	cell_str(cells, json_str_or(json_get(obj, "status", "reason"), ""));
	cell_age(cells, obj, now_us);
	cell_str_or(cells, text_of(spec, "volumeMode"), "<unset>");
}

const struct kind_rules kind_rules_persistentvolume = {
	.defaults = default_volume,
	.prepare_create = prepare_create,
	.validate = validate_volume,
	.validate_update = validate_volume_update,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Capacity", "string", "How much there is."),
		COLUMN("Access Modes", "string", "From how many nodes or pods it can be used."),
		COLUMN("Reclaim Policy", "string", "What becomes of it when its claim goes."),
		COLUMN("Status", "string", "Whether a claim has it."),
		COLUMN("Claim", "string", "The claim that has it."),
		COLUMN("StorageClass", "string", "The class of storage it belongs to."),
		COLUMN("VolumeAttributesClass", "string", "The class of attributes it has."),
		COLUMN("Reason", "string", "Why it is in its state, in one word."),
		COLUMN_AGE,
		COLUMN_WIDE("VolumeMode", "string", "A filesystem or a raw device.")),
	.cells = volume_cells,
};
