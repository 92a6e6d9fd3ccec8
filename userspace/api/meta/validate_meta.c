// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_meta.c - metadata, label selectors and common fields, see validate.h */
#include <ctype.h>
#include <strings.h>

#include "api/meta/validate_values.h"
#include "api/meta/view_meta.h"

#define ANNOTATIONS_MAX (256 * 1024)

void validate_immutable(const json *new, const json *old, const char *path, struct field_errors *e)
{
	if (!json_equal(new, old))
		field_invalid(e, path, new, MSG_IMMUTABLE);
}

void validate_not_negative(const json *obj, const char *key, const char *path, struct field_errors *e)
{
	int64_t v = json_int(json_get(obj, key), 0);
	CHILD(p, path, key);

	if (v < 0)
		field_invalid_int(e, p, v, MSG_NEGATIVE);
}

void validate_enum(const json *obj, const char *key, const char *values, const char *path, struct field_errors *e)
{
	const char *s = text_of(obj, key);
	CHILD(p, path, key);

	if (!s)
		field_required(e, p, NULL);
	else if (!one_of(s, values))
		field_not_supported(e, p, s, values);
}

void validate_port_number(int64_t port, const char *path, struct field_errors *e)
{
	if (port < 1 || port > 65535)
		field_invalid_int(e, path, port, MSG_PORT);
}

void validate_port_or_name(const json *port, const char *path, struct field_errors *e)
{
	const char *name = json_str(port);

	if (name)
		validate_port_name(name, path, e);
	else
		validate_port_number(json_int(port, 0), path, e);
}

void validate_labels(const json *labels, const char *path, struct field_errors *e)
{
	json_each(l, labels) {
		const char *why = invalid_label_value(json_str_or(l, ""));

		validate_label_name(json_key(l), path, e);
		if (why)
			field_invalid_str(e, path, json_str_or(l, ""), why);
	}
}

void validate_annotations(const json *annotations, const char *path, struct field_errors *e)
{
	size_t total = 0;

	json_each(a, annotations) {
		_cleanup_free_ char *key = xstrdup(json_key(a));
		const char *why;

		/* Upper case is let through in an annotation's prefix. */
		for (char *p = key; *p; p++)
			*p = tolower((unsigned char)*p);
		why = invalid_label_key(key);
		if (why)
			field_invalid_str(e, path, json_key(a), why);
		total += strlen(key) + strlen(json_str_or(a, ""));
	}
	if (total > ANNOTATIONS_MAX)
		field_too_long(e, path, ANNOTATIONS_MAX);
}

static void validate_owners(const json *owners, struct field_errors *e)
{
	static const char *const required[][2] = {
		{ "apiVersion", "version must not be empty" }, { "kind", "must not be empty" },
		{ "name", "must not be empty" }, { "uid", "must not be empty" },
	};
	const json *controller = NULL;
	int i = 0;

	json_each(ref, owners) {
		for (size_t f = 0; f < ARRAY_SIZE(required); f++) {
			PATH(p, "metadata.ownerReferences[%d].%s", i, required[f][0]);

			if (!text_of(ref, required[f][0]))
				field_invalid_str(e, p, "", required[f][1]);
		}
		if (json_bool(json_get(ref, "controller"), false)) {
			if (controller) {
				PATH(why, "Only one reference can have Controller set to true. Found \"true\" in "
				     "references for %s/%s and %s/%s", json_str_or(json_get(controller, "kind"), ""),
				     json_str_or(json_get(controller, "name"), ""),
				     json_str_or(json_get(ref, "kind"), ""), json_str_or(json_get(ref, "name"), ""));

				field_invalid(e, "metadata.ownerReferences", owners, why);
			}
			controller = ref;
		}
		i++;
	}
}

static void validate_finalizers(const json *obj, struct field_errors *e)
{
	json_each(f, json_get(obj, "metadata", "finalizers")) {
		const char *why = invalid_label_key(json_str_or(f, ""));

		if (why)
			field_invalid(e, "metadata.finalizers", f, why);
	}
	if (meta_has_finalizer(obj, "orphan") && meta_has_finalizer(obj, "foregroundDeletion"))
		field_invalid(e, "metadata.finalizers", json_get(obj, "metadata", "finalizers"),
			      "finalizer orphan and foregroundDeletion cannot be both set");
}

void validate_meta(const json *obj, bool namespaced, name_check check, struct field_errors *e)
{
	const json *meta = json_get(obj, "metadata");
	const char *name = text_of(meta, "name"), *ns = text_of(meta, "namespace");
	const char *generate = text_of(meta, "generateName");
	const char *why;

	if (generate) {
		/* The name made of it ends in letters, whatever it ends in itself. */
		PATH(sample, "%sa", generate);

		why = check(sample);
		if (why)
			field_invalid_str(e, "metadata.generateName", generate, why);
	}
	why = name ? check(name) : NULL;
	if (!name)
		field_required(e, "metadata.name", "name or generateName is required");
	else if (why)
		field_invalid_str(e, "metadata.name", name, why);
	why = ns && namespaced ? invalid_dns1123_label(ns) : NULL;
	if (namespaced && !ns)
		field_required(e, "metadata.namespace", NULL);
	else if (!namespaced && ns)
		field_forbidden(e, "metadata.namespace", "not allowed on this type");
	else if (why)
		field_invalid_str(e, "metadata.namespace", ns, why);
	validate_labels(meta_labels(obj), "metadata.labels", e);
	validate_annotations(meta_annotations(obj), "metadata.annotations", e);
	validate_owners(meta_owners(obj), e);
	validate_finalizers(obj, e);
}

void validate_meta_update(const json *new, const json *old, struct field_errors *e)
{
	static const char *const fixed[] = { "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp",
					     "deletionGracePeriodSeconds" };

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++) {
		PATH(p, "metadata.%s", fixed[i]);

		validate_immutable(json_get(new, "metadata", fixed[i]), json_get(old, "metadata", fixed[i]), p, e);
	}
	/* While an object is being deleted no finalizer joins. */
	json_each(f, meta_deleting(old) ? json_get(new, "metadata", "finalizers") : NULL)
		if (!meta_has_finalizer(old, json_str_or(f, "")))
			field_forbidden(e, "metadata.finalizers",
					"no new finalizers can be added if the object is being deleted");
}

/* --- label selectors ---------------------------------------------------------- */

/* Its members in the order in which Kubernetes has them. */
void field_invalid_selector(struct field_errors *e, const char *path, const json *selector, const char *why)
{
	const json *labels = json_get(selector, "matchLabels"), *expressions = json_get(selector, "matchExpressions");
	_cleanup_json_ json *printed = json_new_object();

	if (json_len(labels))
		json_set(printed, "matchLabels", field_sorted(labels));
	if (json_len(expressions))
		json_set(printed, "matchExpressions", json_new_array());
	json_each(x, expressions) {
		json *copy = json_new_object();

		json_set_str(copy, "key", json_str_or(json_get(x, "key"), ""));
		json_set_str(copy, "operator", json_str_or(json_get(x, "operator"), ""));
		if (json_len(json_get(x, "values")))
			json_set(copy, "values", json_clone(json_get(x, "values")));
		json_append(json_get(printed, "matchExpressions"), copy);
	}
	field_invalid(e, path, selector ? printed : NULL, why);
}

void validate_label_selector(const json *selector, const char *path, struct field_errors *e)
{
	PATH(labels, "%s.matchLabels", path);
	int i = 0;

	validate_labels(json_get(selector, "matchLabels"), labels, e);
	json_each(x, json_get(selector, "matchExpressions")) {
		const char *op = json_str_or(json_get(x, "operator"), "");
		const char *key = json_str_or(json_get(x, "key"), "");
		int n = json_len(json_get(x, "values"));
		PATH(base, "%s.matchExpressions[%d]", path, i++);
		PATH(key_path, "%s.key", base);
		PATH(op_path, "%s.operator", base);
		PATH(values, "%s.values", base);

		if (one_of(op, "In,NotIn")) {
			if (!n)
				field_required(e, values, "must be specified when `operator` is 'In' or 'NotIn'");
		} else if (one_of(op, "Exists,DoesNotExist")) {
			if (n)
				field_forbidden(e, values,
						"may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
		} else {
			field_invalid_str(e, op_path, op, "not a valid selector operator");
		}
		validate_label_name(key, key_path, e);
		validate_strings_as(json_get(x, "values"), invalid_label_value, values, e);
	}
}
