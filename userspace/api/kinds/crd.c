// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * crd.c - CustomResourceDefinition, the object; its schemas: crd_schema.c
 *
 * Kubernetes checks a form of it in which what all versions say alike stands
 * once, above them; paths in messages are that form's: spec.validation, not
 * spec.versions[0].schema.
 */
#include <ctype.h>

#include "api/kinds/admission.h"
#include "api/kinds/crd.h"
#include "api/kinds/csr.h"
#include "api/meta/validate_text.h"
#include "base/base64.h"

#define COLUMN_TYPES "boolean,date,integer,number,string"
#define COLUMN_FORMATS "byte,date,date-time,double,float,int32,int64,password"
#define REVIEW_VERSIONS "v1,v1beta1"
#define MAX_SELECTABLE 8
#define APPROVAL "api-approved.kubernetes.io"

static char *lower_case(const char *s)
{
	char *l = xstrdup(s);

	for (char *p = l; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return l;
}

static bool flag(const json *obj, const char *key)
{
	return json_bool(json_get(obj, key), false);
}

static const char *name_of(const json *version)
{
	return json_str_or(json_get(version, "name"), "");
}

static const json *schema_of(const json *version)
{
	return json_get(version, "schema", "openAPIV3Schema");
}

static bool has_status(const json *version)
{
	return json_get(version, "subresources", "status");
}

/* --- defaults ------------------------------------------------------------------------------------- */

static const char *storage_version(const json *obj)
{
	json_each(v, json_get(obj, "spec", "versions"))
		if (flag(v, "storage"))
			return name_of(v);
	return NULL;
}

/* Objects of this version may lie in etcd from now on. */
static void note_stored(json *obj)
{
	const char *storage = storage_version(obj);
	json *status = json_obj(obj, "status"), *list = json_get(status, "storedVersions");

	if (!storage)
		return;
	if (!list)
		list = json_set(status, "storedVersions", json_new_array());
	json_each(v, list)
		if (streq(json_str(v), storage))
			return;
	json_append(list, json_new_str(storage));
}

static void default_crd(json *obj)
{
	json *spec = json_obj(obj, "spec"), *names = json_obj(spec, "names"), *service;
	const char *kind = json_str_or(json_get(names, "kind"), "");

	if (*kind) {
		_cleanup_free_ char *singular = lower_case(kind), *list = xasprintf("%sList", kind);

		default_str(names, "singular", singular);
		default_str(names, "listKind", list);
	}
	if (!json_get(spec, "conversion"))
		default_str(json_obj(spec, "conversion"), "strategy", "None");
	service = json_get(spec, "conversion", "webhook", "clientConfig", "service");
	if (service)
		default_int(service, "port", 443);
	if (!json_len(json_get(obj, "status", "storedVersions")))
		note_stored(obj);
}

static void prepare_update(const json *cur, json *next)
{
	(void)cur;
	note_stored(next);
}

/* --- what stands once, and what each version says by itself ----------------------------------------- */

static bool all_alike(const json *versions, const char *member)
{
	json_each(v, versions)
		if (!json_equal(json_get(v, member), json_get(versions->child, member)))
			return false;
	return true;
}

/*
 * Versions in the form they are printed in: Go's names, and without what is alike.
 */
static json *as_checked(const json *versions)
{
	static const char *const flags[][2] = { { "served", "Served" }, { "storage", "Storage" }, { "deprecated", "Deprecated" } };
	static const char *const apart[][2] = { { "schema", "Schema" }, { "subresources", "Subresources" },
		{ "additionalPrinterColumns", "AdditionalPrinterColumns" }, { "selectableFields", "SelectableFields" } };
	json *list = json_new_array();

	json_each(v, versions) {
		json *o = json_new_object();
		const json *warning = json_get(v, "deprecationWarning");

		json_set_str(o, "Name", name_of(v));
		for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
			json_set_bool(o, flags[i][1], flag(v, flags[i][0]));
		json_set(o, "DeprecationWarning", warning ? json_clone(warning) : json_new_null());
		for (size_t i = 0; i < ARRAY_SIZE(apart); i++) {
			const json *m = all_alike(versions, apart[i][0]) ? NULL : json_get(v, apart[i][0]);

			json_set(o, apart[i][1], m ? json_clone(m) : json_new_null());
		}
		json_append(list, o);
	}
	return list;
}

/* --- a version's parts ------------------------------------------------------------------------------ */

static void check_warning(const json *version, const char *path, struct field_errors *e)
{
	const char *text = json_str(json_get(version, "deprecationWarning"));
	PATH(p, "%s.deprecationWarning", path);

	if (!text)
		return;
	if (!flag(version, "deprecated")) {
		field_invalid_str(e, p, text, "can only be set for deprecated versions");
		return;
	}
	if (strlen(text) > 256)
		field_invalid_str(e, p, text, "must be <= 256 characters long");
	if (!*text)
		field_invalid_str(e, p, text, "must not be an empty string");
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c < ' ' || *c == 0x7f) {
			PATH(why, "must only contain printable UTF-8 characters; non-printable character found at index %td",
			     c - (const unsigned char *)text);

			field_invalid_str(e, p, text, why);
			return;
		}
}

static void scale_path(const json *scale, const char *key, bool required, const char *path, struct field_errors *e)
{
	const char *s = json_str_or(json_get(scale, key), "");
	bool spec = startswith(s, ".spec."), status = startswith(s, ".status.");
	size_t before = e->n;
	PATH(p, "%s.%s", path, key);

	if (!*s) {
		if (required)
			field_required(e, p, NULL);
		return;
	}
	crd_validate_json_path(s, p, e);
	if (e->n > before)
		return;
	if (streq(key, "specReplicasPath") && !spec)
		field_invalid_str(e, p, s, "should be a json path under .spec");
	else if (streq(key, "statusReplicasPath") && !status)
		field_invalid_str(e, p, s, "should be a json path under .status");
	else if (!spec && !status)
		field_invalid_str(e, p, s, "should be a json path under either .spec or .status");
}

static void subresources(const json *sub, const char *path, struct field_errors *e)
{
	const json *scale = json_get(sub, "scale");
	PATH(p, "%s.scale", path);

	if (!scale)
		return;
	scale_path(scale, "specReplicasPath", true, p, e);
	scale_path(scale, "statusReplicasPath", true, p, e);
	scale_path(scale, "labelSelectorPath", false, p, e);
}

static void columns(const json *list, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(c, list) {
		const char *type = json_str_or(json_get(c, "type"), ""), *format = json_str_or(json_get(c, "format"), "");
		const char *at = json_str_or(json_get(c, "jsonPath"), "");
		PATH(p, "%s[%d]", path, i++);
		PATH(type_path, "%s.type", p);
		PATH(format_path, "%s.format", p);
		PATH(at_path, "%s.JSONPath", p);

		need_text(c, "name", p, NULL, e);
		if (!*type)
			field_required(e, type_path, "must be one of " COLUMN_TYPES);
		else if (!one_of(type, COLUMN_TYPES))
			field_invalid_str(e, type_path, type, "must be one of " COLUMN_TYPES);
		if (*format && !one_of(format, COLUMN_FORMATS))
			field_invalid_str(e, format_path, format, "must be one of " COLUMN_FORMATS);
		if (*at)
			crd_validate_json_path(at, at_path, e);
		else
			field_required(e, at_path, NULL);
	}
}

/* One field that selectors may name; its path in canonical, or NULL. */
static char *selectable_field(const json *f, const json *schema, const char *path, struct field_errors *e)
{
	const char *at = json_str_or(json_get(f, "jsonPath"), "");
	_cleanup_free_ char *why = NULL;
	char *canonical = NULL;
	const json *found;
	PATH(p, "%s.jsonPath", path);

	if (!*at) {
		field_required(e, p, NULL);
		return NULL;
	}
	found = crd_field_at(schema, at, false, &canonical, &why);
	if (!found) {
		PATH(text, "is an invalid path: %s", why ?: "");

		field_invalid_str(e, p, at, text);
		return NULL;
	}
	if (streq(canonical, "metadata") || startswith(canonical, "metadata.") || startswith(canonical, "metadata["))
		field_invalid_str(e, p, at, "must not point to fields in metadata");
	if (!one_of(json_str_or(json_get(found, "type"), ""), "string,boolean,integer"))
		field_invalid_str(e, p, at, "must point to a field of type string, boolean or integer. "
				  "Enum string fields and strings with formats are allowed.");
	return canonical;
}

/* was: the same list of the object that is replaced, which may have too many. */
static void selectable(const json *list, const json *was, const json *schema, const char *path, struct field_errors *e)
{
	_cleanup_json_ json *seen = json_new_object();
	int i = 0;

	json_each(f, list) {
		_cleanup_free_ char *canonical = NULL;
		PATH(p, "%s[%d]", path, i++);
		PATH(at, "%s.jsonPath", p);

		canonical = selectable_field(f, schema, p, e);
		if (!canonical)
			continue;
		if (json_get(seen, canonical))
			field_duplicate(e, at, json_str(json_get(f, "jsonPath")));
		else
			json_set(seen, canonical, json_new_null());
	}
	if (json_len(seen) > MAX_SELECTABLE && !json_equal(list, was))
		field_error(e, path, FIELD_TOO_MANY, "Too many: %d: must have at most %d items", json_len(seen), MAX_SELECTABLE);
}

/* --- names ------------------------------------------------------------------------------------------ */

static void mixed_case(const json *names, const char *key, const char *path, struct field_errors *e)
{
	const char *s = json_str_or(json_get(names, key), "");
	_cleanup_free_ char *lower = lower_case(s);
	const char *why = *s ? invalid_dns1035_label(lower) : NULL;
	PATH(p, "%s.%s", path, key);

	if (why) {
		PATH(full, "may have mixed case, but should otherwise match: %s", why);

		field_invalid_str(e, p, s, full);
	}
}

static void labels_in(const json *names, const char *key, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(s, json_get(names, key)) {
		PATH(p, "%s.%s[%d]", path, key, i++);

		check_text(json_str_or(s, ""), invalid_dns1035_label, p, e);
	}
}

static void validate_names(const json *names, const char *path, struct field_errors *e)
{
	const char *kind = text_of(names, "kind"), *list = text_of(names, "listKind");
	PATH(list_path, "%s.listKind", path);

	may_name(names, "plural", invalid_dns1035_label, path, e);
	may_name(names, "singular", invalid_dns1035_label, path, e);
	mixed_case(names, "kind", path, e);
	mixed_case(names, "listKind", path, e);
	labels_in(names, "shortNames", path, e);
	if (kind && streq(kind, list))
		field_invalid_str(e, list_path, list, "kind and listKind may not be the same");
	labels_in(names, "categories", path, e);
}

/* --- conversion ------------------------------------------------------------------------------------- */

static void review_versions(const json *list, bool lenient, struct field_errors *e)
{
	static const char path[] = "spec.conversion.conversionReviewVersions";
	bool known = lenient;
	int i = 0;

	if (!json_len(list)) {
		field_required(e, path, NULL);
		return;
	}
	json_each(v, list) {
		const json *b = list->child;
		PATH(p, "%s[%d]", path, i++);

		while (b != v && !json_equal(b, v))
			b = b->next;
		if (b != v) {
			field_invalid(e, p, v, "duplicate version");
			continue;
		}
		check_text(json_str_or(v, ""), invalid_dns1035_label, p, e);
		known |= one_of(json_str_or(v, ""), REVIEW_VERSIONS);
	}
	if (!known)
		field_invalid_strings(e, path, list, "must include at least one of v1, v1beta1");
}

static bool knows_no_review(const json *old)
{
	const json *list = json_get(old, "spec", "conversion", "webhook", "conversionReviewVersions");

	json_each(v, list)
		if (one_of(json_str_or(v, ""), REVIEW_VERSIONS))
			return false;
	return json_len(list);
}

static bool established(const json *obj)
{
	return streq(json_str(json_get(find_condition(obj, "Established"), "status")), "True");
}

static bool holds_certificates(const json *bundle)
{
	struct buf pem = { 0 };
	bool good;

	base64_decode(json_str(bundle), strlen(json_str(bundle)), &pem);
	good = !certificates_fault(pem.data ?: "", pem.len);
	buf_free(&pem);
	return good;
}

/* Broken certificates are told once the kind is served. */
static void ca_bundle(const json *client, const json *old, struct field_errors *e)
{
	const json *bundle = json_get(client, "caBundle");
	const json *was = json_get(old, "spec", "conversion", "webhook", "clientConfig", "caBundle");

	if (!text_of(client, "caBundle") || !old || !established(old) || holds_certificates(bundle))
		return;
	if (json_is_string(was) && *json_str(was) && !holds_certificates(was))
		return;
	field_invalid(e, "spec.conversion.webhookClientConfig.caBundle", bundle, "unable to load root certificates: "
		      "data does not contain any valid RSA or ECDSA certificates");
}

static void validate_client(const json *client, const json *old, struct field_errors *e)
{
	static const char path[] = "spec.conversion.webhookClientConfig";
	const char *url = json_str(json_get(client, "url"));
	const json *service = json_get(client, "service");

	if (!client) {
		field_required(e, path, "required when strategy is set to Webhook");
		return;
	}
	if (!url == !service)
		field_required(e, path, "exactly one of url or service is required");
	else if (url)
		validate_webhook_url(url, "spec.conversion.webhookClientConfig.url", e);
	else
		validate_webhook_service(service, "spec.conversion.webhookClientConfig.service", e);
	ca_bundle(client, old, e);
}

static void validate_conversion(const json *spec, const json *old, struct field_errors *e)
{
	const json *c = json_get(spec, "conversion"), *client = json_get(c, "webhook", "clientConfig");
	const json *versions = json_get(c, "webhook", "conversionReviewVersions");
	const char *strategy = text_of(c, "strategy");

	if (!c)
		return;
	if (!streq(strategy, "None") && flag(spec, "preserveUnknownFields"))
		field_invalid_str(e, "spec.conversion.strategy", strategy ?: "", "must be None if spec.preserveUnknownFields is true");
	if (!strategy)
		field_required(e, "spec.conversion.strategy", NULL);
	else if (!one_of(strategy, "None,Webhook"))
		field_not_supported(e, "spec.conversion.strategy", strategy, "None,Webhook");
	if (streq(strategy, "Webhook")) {
		validate_client(client, old, e);
		review_versions(versions, knows_no_review(old), e);
		return;
	}
	if (client)
		field_forbidden(e, "spec.conversion.webhookClientConfig", "should not be set when strategy is not set to Webhook");
	if (json_len(versions))
		field_forbidden(e, "spec.conversion.conversionReviewVersions",
				"should not be set when strategy is not set to Webhook");
}

/* --- the whole -------------------------------------------------------------------------------------- */

static bool some_schema(const json *obj, bool (*pred)(const json *))
{
	json_each(v, json_get(obj, "spec", "versions"))
		if (crd_schema_find(schema_of(v), pred))
			return true;
	return false;
}

static bool has_default(const json *schema)
{
	return json_get(schema, "default");
}

static bool has_unknown_default(const json *schema)
{
	_cleanup_field_errors_ struct field_errors e = { 0 };

	if (!crd_unstructural(schema))
		crd_validate_defaults(schema, "", &e);
	return e.n;
}

static struct crd_leniency leniency_of(const json *obj, const json *old)
{
	struct crd_leniency l = { 0 };

	if (!old)
		return l;
	l.types = some_schema(old, crd_has_other_type);
	l.structure = json_bool(json_get(obj, "spec", "preserveUnknownFields"), false) &&
		      json_bool(json_get(old, "spec", "preserveUnknownFields"), false);
	l.sets = some_schema(old, crd_has_loose_set);
	l.keys = some_schema(old, crd_has_loose_keys);
	json_each(v, json_get(old, "spec", "versions"))
		l.defaults |= schema_of(v) && has_unknown_default(schema_of(v));
	return l;
}

static const json *version_named(const json *obj, const char *name)
{
	json_each(v, json_get(obj, "spec", "versions"))
		if (streq(name_of(v), name))
			return v;
	return NULL;
}

/* What of a version stands in the place of path: the schema, subresources, columns and selectors of it. */
static void version_parts(const json *version, const json *old, bool alike, bool status, const struct crd_leniency *l,
			  const char *path, struct field_errors *e)
{
	const json *versions = json_get(old, "spec", "versions");
	const json *was = json_get(alike && versions ? versions->child : version_named(old, name_of(version)), "selectableFields");
	const json *list = json_get(version, "selectableFields");
	PATH(schema, "%s.%s.openAPIV3Schema", path, alike ? "validation" : "schema");
	PATH(sub, "%s.subresources", path);
	PATH(cols, "%s.additionalPrinterColumns", path);
	PATH(fields, "%s.selectableFields", path);

	if (schema_of(version))
		crd_validate_schema(schema_of(version), status, l, schema, e);
	subresources(json_get(version, "subresources"), sub, e);
	columns(json_get(version, "additionalPrinterColumns"), cols, e);
	if (json_len(list) && !schema_of(version))
		field_invalid_str(e, fields, "", alike ? "may only be set when validations.schema is included" :
				  "may only be set when `version.schema.openAPIV3Schema` is not included");
	else if (json_len(list))
		selectable(list, was, schema_of(version), fields, e);
}

/* The members of a version that are alike in all, or those that are not. */
static json *parts_of(const json *versions, const json *version, bool alike)
{
	static const char *const apart[] = { "schema", "subresources", "additionalPrinterColumns", "selectableFields" };
	json *part = json_new_object();

	json_set_str(part, "name", name_of(version));
	for (size_t i = 0; i < ARRAY_SIZE(apart); i++)
		if (all_alike(versions, apart[i]) == alike && json_get(version, apart[i]))
			json_set(part, apart[i], json_clone(json_get(version, apart[i])));
	return part;
}

static void validate_versions(const json *versions, const json *old, const struct crd_leniency *l, struct field_errors *e)
{
	_cleanup_json_ json *printed = versions ? as_checked(versions) : NULL;
	int i = 0, stored = 0;
	bool unique = true;

	json_each(v, versions) {
		_cleanup_json_ json *part = parts_of(versions, v, false);
		PATH(p, "spec.versions[%d]", i++);
		PATH(name, "%s.name", p);

		stored += flag(v, "storage");
		for (const json *b = versions->child; b != v; b = b->next)
			unique &= !streq(name_of(b), name_of(v));
		check_text(name_of(v), invalid_dns1035_label, name, e);
		check_warning(v, p, e);
		version_parts(part, old, false, has_status(v), l, p, e);
	}
	if (!unique)
		field_invalid_json(e, "spec.versions", printed, "must contain unique version names");
	if (stored != 1)
		field_invalid_json(e, "spec.versions", printed, "must have exactly one version marked as storage version");
	if (versions && versions->child && *name_of(versions->child))
		check_text(name_of(versions->child), invalid_dns1035_label, "spec.version", e);
}

static void validate_group(const json *spec, struct field_errors *e)
{
	const char *group = text_of(spec, "group"), *why = group ? invalid_dns1123_subdomain(group) : NULL;

	if (!group)
		field_required(e, "spec.group", NULL);
	else if (why)
		field_invalid_str(e, "spec.group", group, why);
	else if (!strchr(group, '.'))
		field_invalid_str(e, "spec.group", group, "should be a domain with at least one dot");
}

static void validate_alike(const json *versions, const json *old, const struct crd_leniency *l, struct field_errors *e)
{
	_cleanup_json_ json *part = NULL;
	bool status = false;

	if (!versions || !versions->child)
		return;
	json_each(v, versions)
		status |= has_status(v);
	part = parts_of(versions, versions->child, true);
	version_parts(part, old, true, status, l, "spec", e);
}

static void validate_spec(const json *obj, const json *old, struct field_errors *e)
{
	static const char *const needed[] = { "plural", "singular", "kind", "listKind" };
	const json *spec = json_get(obj, "spec"), *versions = json_get(spec, "versions"), *names = json_get(spec, "names");
	struct crd_leniency l = leniency_of(obj, old);
	int i = 0;

	validate_group(spec, e);
	validate_enum(spec, "scope", "Cluster,Namespaced", "spec", e);
	json_each(v, versions) {
		PATH(p, "spec.versions[%d].schema.openAPIV3Schema", i++);

		if (!schema_of(v))
			field_required(e, p, NULL);
	}
	if (flag(spec, "preserveUnknownFields") && some_schema(obj, has_default))
		field_error(e, "spec.preserveUnknownFields", FIELD_INVALID,
			    "Invalid value: true: must be false in order to use defaults in the schema");
	validate_versions(versions, old, &l, e);
	for (size_t n = 0; n < ARRAY_SIZE(needed); n++)
		need_text(names, needed[n], "spec.names", NULL, e);
	validate_names(names, "spec.names", e);
	validate_alike(versions, old, &l, e);
	validate_conversion(spec, old, e);
}

static void validate_stored(const json *obj, struct field_errors *e)
{
	static const char path[] = "status.storedVersions";
	const json *list = json_get(obj, "status", "storedVersions");
	const char *storage = storage_version(obj);
	bool there = !storage;
	int i = 0;

	if (!json_len(list)) {
		field_invalid_strings(e, path, list, "must have at least one stored version");
		return;
	}
	json_each(v, list)
		there |= streq(json_str(v), storage);
	if (!there) {
		PATH(why, "must have the storage version %s", storage);

		field_invalid_strings(e, path, list, why);
	}
	json_each(v, list) {
		const char *s = json_str_or(v, "");
		PATH(p, "%s[%d]", path, i++);
		PATH(why, "missing from spec.versions; %s was previously a storage version, and must remain in spec.versions until "
		     "a storage migration ensures no data remains persisted in %s and removes %s from status.storedVersions",
		     s, s, s);

		if (!version_named(obj, s))
			field_invalid_str(e, p, s, why);
	}
}

/* --- groups of Kubernetes' own ------------------------------------------------------------------------ */

enum approval { MISSING, UNAPPROVED, APPROVED, BROKEN };

static bool is_url(const char *s)
{
	const char *colon = strstr(s, "://");

	if (!colon || colon == s || !isalpha((unsigned char)*s) || !colon[3] || colon[3] == '/')
		return false;
	for (const char *p = s; p < colon; p++)
		if (!isalnum((unsigned char)*p) && !strchr("+-.", *p))
			return false;
	for (const char *p = colon; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	return true;
}

static enum approval approval_of(const json *obj)
{
	const char *s = json_str_or(json_get(obj, "metadata", "annotations", APPROVAL), "");

	if (!*s)
		return MISSING;
	return startswith(s, "unapproved") ? UNAPPROVED : is_url(s) ? APPROVED : BROKEN;
}

static void validate_approval(const json *obj, const json *old, struct field_errors *e)
{
	static const char path[] = "metadata.annotations[" APPROVAL "]";
	const char *group = json_str_or(json_get(obj, "spec", "group"), "");
	enum approval a = approval_of(obj);

	if (!one_of(group, "k8s.io,kubernetes.io") && !endswith(group, ".k8s.io") && !endswith(group, ".kubernetes.io"))
		return;
	if (old && approval_of(old) == a)
		return;
	if (a == MISSING)
		field_required(e, path, "protected groups must have approval annotation \"" APPROVAL "\", "
			       "see https://github.com/kubernetes/enhancements/pull/1111");
	else if (a == BROKEN)
		field_invalid(e, path, json_get(obj, "metadata", "annotations", APPROVAL),
			      "protected groups must have approval annotation \"" APPROVAL "\" with either a URL or a reason "
			      "starting with \"unapproved\", see https://github.com/kubernetes/enhancements/pull/1111");
}

static void validate_whole(const json *obj, const json *old, struct field_errors *e)
{
	const json *preserve = json_get(obj, "spec", "preserveUnknownFields");

	validate_names(json_get(obj, "status", "acceptedNames"), "status.acceptedNames", e);
	validate_stored(obj, e);
	validate_approval(obj, old, e);
	if (json_bool(preserve, false) && !json_bool(json_get(old, "spec", "preserveUnknownFields"), false))
		field_invalid(e, "spec.preserveUnknownFields", preserve,
			      "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
}

static void validate_crd(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec");
	const char *name = json_str_or(json_get(obj, "metadata", "name"), "");
	PATH(wanted, "%s.%s", json_str_or(json_get(spec, "names", "plural"), ""), json_str_or(json_get(spec, "group"), ""));

	if (!streq(name, wanted))
		field_invalid_str(e, "metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
	validate_spec(obj, NULL, e);
	validate_whole(obj, NULL, e);
}

static void same(const json *new, const json *old, const char *path, struct field_errors *e)
{
	_cleanup_json_ json *none = json_new_str("");

	validate_immutable(new ?: none, old ?: none, path, e);
}

static void validate_crd_update(const json *new, const json *old, struct field_errors *e)
{
	const json *spec = json_get(new, "spec"), *was = json_get(old, "spec");

	validate_spec(new, old, e);
	if (established(old)) {
		same(json_get(spec, "scope"), json_get(was, "scope"), "spec.scope", e);
		same(json_get(spec, "names", "kind"), json_get(was, "names", "kind"), "spec.names.kind", e);
	}
	same(json_get(spec, "group"), json_get(was, "group"), "spec.group", e);
	same(json_get(spec, "names", "plural"), json_get(was, "names", "plural"), "spec.names.plural", e);
	validate_whole(new, old, e);
}

static void validate_crd_status(const json *new, const json *old, struct field_errors *e)
{
	(void)old;
	validate_names(json_get(new, "status", "acceptedNames"), "status.acceptedNames", e);
}

static void crd_cells(json *cells, const json *obj, uint64_t now_us)
{
	(void)now_us;
	cell_name(cells, obj);
	cell_str(cells, json_str_or(json_get(obj, "metadata", "creationTimestamp"), ""));
}

const struct kind_rules kind_rules_crd = {
	.defaults = default_crd,
	.prepare_update = prepare_update,
	.validate = validate_crd,
	.validate_update = validate_crd_update,
	.order = UPDATE_ALONE,
	.validate_status = validate_crd_status,
	.columns = COLUMNS(COLUMN_NAME, COLUMN("Created At", "date", "When the object was created.")),
	.cells = crd_cells,
};
