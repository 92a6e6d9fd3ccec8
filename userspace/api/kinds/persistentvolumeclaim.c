// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * persistentvolumeclaim.c - PersistentVolumeClaim
 *
 * What needs the store is for admission: the default StorageClass of a claim
 * that names none, and whether its class lets a bound claim grow.
 */
#include "api/kinds/amounts.h"
#include "api/kinds/claim.h"
#include "api/meta/validate_values.h"
#include "api/schema/quantity.h"

/* --- the spec, wherever it stands ------------------------------------------------------ */

/* dataSource is the old name of a dataSourceRef that stays in its namespace: each is shown as the other too. */
static void default_data_source(json *spec)
{
	const json *old = json_get(spec, "dataSource"), *ref = json_get(spec, "dataSourceRef");

	if (!old && ref && !text_of(ref, "namespace"))
		json_set(spec, "dataSource", json_clone(ref));
	else if (old && !ref)
		json_set(spec, "dataSourceRef", json_clone(old));
}

void default_claim_spec(json *spec)
{
	if (!spec)
		return;
	default_str(spec, "volumeMode", "Filesystem");
	default_amounts(json_get(spec, "resources", "requests"));
	default_amounts(json_get(spec, "resources", "limits"));
}

void validate_access_modes(const json *spec, const char *path, struct field_errors *e)
{
	bool single = false, others = false;

	json_each(m, json_get(spec, "accessModes")) {
		const char *mode = json_str_or(m, "");

		if (!one_of(mode, ACCESS_MODES))
			child_not_supported(e, path, "accessModes", mode, ACCESS_MODES);
		else if (streq(mode, "ReadWriteOncePod"))
			single = true;
		else
			others = true;
	}
	if (single && others)
		child_forbidden(e, path, "accessModes", "may not use ReadWriteOncePod with other access modes");
}

static void validate_data_source(const json *spec, const char *key, const char *path, struct field_errors *e)
{
	const json *source = json_get(spec, key);
	const char *kind = json_str_or(json_get(source, "kind"), "");
	PATH(base, "%s.%s", path, key);

	if (!source)
		return;
	validate_given(source, "name", base, e);
	validate_given(source, "kind", base, e);
	if (!text_of(source, "apiGroup") && !streq(kind, "PersistentVolumeClaim"))
		field_invalid_str(e, base, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
	validate_name(source, "apiGroup", invalid_dns1123_subdomain, base, e);
	if (streq(key, "dataSourceRef"))
		validate_name(source, "namespace", invalid_dns1123_label, base, e);
}

static void validate_data_sources(const json *spec, const char *path, struct field_errors *e)
{
	static const char *const members[] = { "apiGroup", "kind", "name" };
	const json *old = json_get(spec, "dataSource"), *ref = json_get(spec, "dataSourceRef");
	_cleanup_json_ json *nothing = json_new_object();
	bool same = true;

	validate_data_source(spec, "dataSource", path, e);
	validate_data_source(spec, "dataSourceRef", path, e);
	if (!old || !ref)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		same = same && streq(text_of(old, members[i]), text_of(ref, members[i]));
	/* What Kubernetes prints for the value is a path, of which nothing is to be seen. */
	if (text_of(ref, "namespace"))
		field_invalid(e, path, nothing, "may not be specified when dataSourceRef.namespace is specified");
	else if (!same)
		field_invalid(e, path, nothing, "must match dataSourceRef");
}

void validate_claim_spec(const json *spec, const char *path, struct field_errors *e)
{
	const json *size = json_get(spec, "resources", "requests", "storage");
	PATH(selector, "%s.selector", path);
	PATH(storage, "%s.resources[storage]", path);

	if (!json_len(json_get(spec, "accessModes")))
		child_required(e, path, "accessModes", "at least 1 access mode is required");
	validate_label_selector(json_get(spec, "selector"), selector, e);
	validate_access_modes(spec, path, e);
	if (!size)
		field_required(e, storage, NULL);
	else
		validate_amount_positive(size, storage, e);
	validate_name(spec, "storageClassName", invalid_dns1123_subdomain, path, e);
	validate_known(spec, "volumeMode", VOLUME_MODES, path, e);
	validate_data_sources(spec, path, e);
	validate_name(spec, "volumeAttributesClassName", invalid_dns1123_subdomain, path, e);
}

void validate_claim_template(const json *template, const char *path, struct field_errors *e)
{
	const json *meta = json_get(template, "metadata");
	PATH(meta_path, "%s.metadata", path);
	PATH(annotations, "%s.annotations", meta_path);
	PATH(labels, "%s.labels", meta_path);
	PATH(spec, "%s.spec", path);

	validate_annotations(json_get(meta, "annotations"), annotations, e);
	validate_labels(json_get(meta, "labels"), labels, e);
	json_each(it, meta)
		if (!one_of(json_key(it), "annotations,labels"))
			child_forbidden(e, meta_path, json_key(it), "cannot be set");
	validate_claim_spec(json_get(template, "spec"), spec, e);
}

char *access_modes_text(const json *modes)
{
	static const char *const names[][2] = {
		{ "ReadWriteOnce", "RWO" }, { "ReadOnlyMany", "ROX" }, { "ReadWriteMany", "RWX" },
		{ "ReadWriteOncePod", "RWOP" },
	};
	struct buf b = {0};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strings_have_before(modes, NULL, names[i][0]))
			buf_printf(&b, "%s%s", b.len ? "," : "", names[i][1]);
	return buf_steal(&b);
}

const char *storage_class_of(const json *obj)
{
	const json *old = json_get(obj, "metadata", "annotations", BETA_STORAGE_CLASS);

	return json_str_or(old ?: json_get(obj, "spec", "storageClassName"), "");
}

/* --- a claim ------------------------------------------------------------------------------- */

static void default_claim(json *obj)
{
	json *spec = json_obj(obj, "spec");

	default_claim_spec(spec);
	default_data_source(spec);
	default_str(json_obj(obj, "status"), "phase", "Pending");
	default_amounts(json_get(obj, "status", "capacity"));
	default_amounts(json_get(obj, "status", "allocatedResources"));
}

/* dataSource by itself is only for what it was made for; anything else is named by dataSourceRef. */
static void prepare_create(json *obj)
{
	json *spec = json_get(obj, "spec");
	const json *source = json_get(spec, "dataSource");
	const char *kind = text_of(source, "kind"), *group = text_of(source, "apiGroup");
	bool claim = streq(kind, "PersistentVolumeClaim") && !group;
	bool snapshot = streq(kind, "VolumeSnapshot") && streq(group, "snapshot.storage.k8s.io");

	if (source && !claim && !snapshot)
		json_del(spec, "dataSource");
}

static void validate_claim(const json *obj, struct field_errors *e)
{
	validate_claim_spec(json_get(obj, "spec"), "spec", e);
}

/* Did the class move from the old annotation to the field, or was there none so far? */
static bool class_may_come(const json *new, const json *old)
{
	const char *before = json_str(json_get(old, "metadata", "annotations", BETA_STORAGE_CLASS));
	const char *now = json_str(json_get(new, "spec", "storageClassName"));

	return now && !json_get(old, "spec", "storageClassName") && (!before || streq(before, now));
}

static void validate_annotation_stays(const json *new, const json *old, struct field_errors *e)
{
	const json *was = json_get(old, "metadata", "annotations", BETA_STORAGE_CLASS);
	const json *is = json_get(new, "metadata", "annotations", BETA_STORAGE_CLASS);
	const char *class = json_str(json_get(new, "spec", "storageClassName"));
	bool moved = was && class_may_come(new, old) && streq(class, json_str(was)) && !is;

	if (!moved && !json_equal(is, was))
		field_invalid_str(e, "metadata.annotations." BETA_STORAGE_CLASS, json_str_or(is, ""), MSG_IMMUTABLE);
}

static void validate_size(const json *new, const json *old, struct field_errors *e)
{
	const json *is = json_get(new, "spec", "resources", "requests", "storage");
	const json *was = json_get(old, "spec", "resources", "requests", "storage");

	/* To shrink what has not grown yet is how a growth that cannot be is taken back. */
	if (quantity_compare(is, was) < 0 && quantity_compare(is, json_get(old, "status", "capacity", "storage")) <= 0)
		field_forbidden(e, "spec.resources.requests.storage", "field can not be less than status.capacity");
}

static void validate_attributes_class(const json *new, const json *old, struct field_errors *e)
{
	const json *is = json_get(new, "spec", "volumeAttributesClassName");

	if (!json_get(old, "spec", "volumeAttributesClassName"))
		return;
	if (!is)
		field_forbidden(e, "spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden");
	else if (!*json_str_or(is, ""))
		field_forbidden(e, "spec.volumeAttributesClassName",
				"update from non-nil value to an empty string is forbidden");
}

static void validate_claim_update(const json *new, const json *old, struct field_errors *e)
{
	_cleanup_json_ json *next = json_clone(json_get(new, "spec")), *was = json_clone(json_get(old, "spec"));
	bool bound = streq(json_str(json_get(new, "status", "phase")), "Bound");

	if (!text_of(was, "volumeName"))
		json_set(was, "volumeName", json_clone(json_get(next, "volumeName")));
	validate_annotation_stays(new, old, e);
	if (class_may_come(new, old))
		json_del(next, "storageClassName");
	if (bound && json_get(next, "resources", "requests"))
		json_set(json_get(next, "resources", "requests"), "storage",
			 json_clone(json_get(was, "resources", "requests", "storage")));
	if (bound && json_get(next, "volumeAttributesClassName"))
		json_set(next, "volumeAttributesClassName", json_clone(json_get(was, "volumeAttributesClassName")));
	if (!json_equal(next, was))
		field_forbidden(e, "spec", "spec is immutable after creation except resources.requests and "
				"volumeAttributesClassName for bound claims");
	validate_size(new, old, e);
	validate_immutable(json_get(new, "spec", "volumeMode"), json_get(old, "spec", "volumeMode"), "volumeMode", e);
	validate_attributes_class(new, old, e);
}

/* Only storage is counted of what Kubernetes itself names. */
static bool validate_status_key(const char *name, const char *path, struct field_errors *e)
{
	size_t before = e->n;

	validate_label_name(name, path, e);
	if (e->n == before && resource_is_native(name) && !streq(name, "storage"))
		field_not_supported(e, path, name, "storage");
	return e->n == before;
}

static void validate_claim_status(const json *new, const json *old, struct field_errors *e)
{
	static const char states[] = "ControllerResizeInProgress,ControllerResizeInfeasible,NodeResizePending,"
				     "NodeResizeInProgress,NodeResizeInfeasible";
	static const char sorted[] = "ControllerResizeInProgress,ControllerResizeInfeasible,NodeResizeInProgress,"
				     "NodeResizeInfeasible,NodeResizePending";
	const json *status = json_get(new, "status");

	json_each(q, json_get(status, "capacity")) {
		PATH(p, "status.capacity[%s]", json_key(q));

		validate_basic_amount(q, p, e);
	}
	json_each(s, json_get(status, "allocatedResourceStatuses")) {
		validate_status_key(json_key(s), "status.allocatedResourceStatus", e);
		if (!one_of(json_str_or(s, ""), states))
			field_not_supported(e, "status.allocatedResourceStatus", json_key(s), sorted);
	}
	json_each(q, json_get(status, "allocatedResources")) {
		PATH(p, "status.allocatedResources[%s]", json_key(q));

		if (validate_status_key(json_key(q), "status.allocatedResources", e))
			validate_basic_amount(q, p, e);
	}
}

/* --- its row ------------------------------------------------------------------------------------ */

static void claim_cells(json *cells, const json *obj, uint64_t now_us)
{
	const json *spec = json_get(obj, "spec"), *status = json_get(obj, "status");
	bool deleting = text_of(json_get(obj, "metadata"), "deletionTimestamp");
	const char *volume = json_str_or(json_get(spec, "volumeName"), "");

	cell_name(cells, obj);
	cell_str(cells, deleting ? "Terminating" : json_str_or(json_get(status, "phase"), ""));
	cell_str(cells, volume);
	cell_str(cells, *volume ? json_str_or(json_get(status, "capacity", "storage"), "0") : "");
	cell_take(cells, *volume ? access_modes_text(json_get(status, "accessModes")) : xstrdup(""));
	cell_str(cells, storage_class_of(obj));
	cell_str_or(cells, text_of(spec, "volumeAttributesClassName"), "<unset>");
	cell_age(cells, obj, now_us);
	cell_str_or(cells, text_of(spec, "volumeMode"), "<unset>");
}

const struct kind_rules kind_rules_persistentvolumeclaim = {
	.defaults = default_claim,
	.prepare_create = prepare_create,
	.validate = validate_claim,
	.validate_update = validate_claim_update,
	.validate_status = validate_claim_status,
	.columns = COLUMNS(
		COLUMN_NAME,
		COLUMN("Status", "string", "Whether a volume was found for the claim."),
		COLUMN("Volume", "string", "The volume that is bound to the claim."),
		COLUMN("Capacity", "string", "How much there is."),
		COLUMN("Access Modes", "string", "From how many nodes or pods it can be used."),
		COLUMN("StorageClass", "string", "The class of storage that is asked for."),
		COLUMN("VolumeAttributesClass", "string", "The class of attributes that is asked for."),
		COLUMN_AGE,
		COLUMN_WIDE("VolumeMode", "string", "A filesystem or a raw device.")),
	.cells = claim_cells,
};
