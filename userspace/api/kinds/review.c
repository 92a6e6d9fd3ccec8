// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * review.c - reviews, which are questions and are answered at once: who am I, whose
 *            token is this, may somebody do that
 *
 * There is no authorization yet: whoever has proved who he is may do everything,
 * and the reason in the answers says so.
 */
#include "api/kinds/rules.h"
#include "api/meta/status.h"

#define ANONYMOUS "system:anonymous"
#define UNAUTHENTICATED "system:unauthenticated"
#define ALLOWED "there is no authorization yet: everybody who is authenticated may do everything"
#define NOT_ALLOWED "there is no authorization yet: nobody who is not authenticated may do anything"

static json *strings(const char *const *list)
{
	json *a = json_new_array();

	for (; list && *list; list++)
		json_append(a, json_new_str(*list));
	return a;
}

/* --- who asks, and with what token ----------------------------------------------------------------- */

static json *answer_self(json *obj, const struct kind_user *user)
{
	json *info = json_obj(obj, "status", "userInfo");

	json_set_str(info, "username", user->name);
	json_set(info, "groups", strings(user->groups));
	return NULL;
}

/* No token is known. */
static json *answer_token(json *obj, const struct kind_user *user)
{
	json *status;

	(void)user;
	if (!text_of(json_get(obj, "spec"), "token"))
		return status_bad_request("token is required for TokenReview in authentication");
	json_del(obj, "status");
	status = json_obj(obj, "status");
	json_obj(status, "user");
	json_set_str(status, "error", "invalid bearer token");
	return NULL;
}

const struct kind_rules kind_rules_selfsubjectreview = { .answer = answer_self };
const struct kind_rules kind_rules_tokenreview = { .answer = answer_token };

/* --- may somebody do something ----------------------------------------------------------------------- */

static bool is_anonymous(const struct kind_user *user)
{
	for (const char *const *g = user->groups; g && *g; g++)
		if (streq(*g, UNAUTHENTICATED))
			return true;
	return streq(user->name, ANONYMOUS);
}

static void set_answer(json *obj, bool allowed)
{
	json *status;

	json_del(obj, "status");
	status = json_obj(obj, "status");
	json_set_bool(status, "allowed", allowed);
	json_set_str(status, "reason", allowed ? ALLOWED : NOT_ALLOWED);
}

static json *answer_self_access(json *obj, const struct kind_user *user)
{
	set_answer(obj, !is_anonymous(user));
	return NULL;
}

static json *answer_access(json *obj, const struct kind_user *user)
{
	const json *spec = json_get(obj, "spec");
	bool anonymous = streq(text_of(spec, "user"), ANONYMOUS);

	(void)user;
	json_each(g, json_get(spec, "groups"))
		anonymous |= streq(json_str(g), UNAUTHENTICATED);
	set_answer(obj, !anonymous);
	return NULL;
}

/* What of a selector's requirements can be wrong; an operator that is not known is let through. */
static void requirement(const json *r, const char *path, struct field_errors *e)
{
	const char *operator = json_str_or(json_get(r, "operator"), "");
	int n = json_len(json_get(r, "values"));
	PATH(values, "%s.values", path);
	PATH(key, "%s.key", path);

	if (one_of(operator, "In,NotIn") && !n)
		field_required(e, values, "must be specified when `operator` is 'In' or 'NotIn'");
	else if (one_of(operator, "Exists,DoesNotExist") && n)
		field_forbidden(e, values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
	if (!text_of(r, "key"))
		field_required(e, key, "must be specified");
}

static void selector(const json *attributes, const char *member, struct field_errors *e)
{
	const json *s = json_get(attributes, member), *list = json_get(s, "requirements");
	const char *raw = text_of(s, "rawSelector");
	int i = 0;
	PATH(path, "spec.resourceAttributes.%s", member);
	PATH(raw_path, "%s.rawSelector", path);
	PATH(list_path, "%s.requirements", path);
	PATH(why, "when %s is specified, requirements or rawSelector is required", path);

	if (!s)
		return;
	if (raw && json_len(list))
		field_invalid_str(e, raw_path, raw, "may not specified at the same time as requirements");
	if (!raw && !json_len(list))
		field_required(e, list_path, why);
	json_each(r, list) {
		PATH(p, "%s[%d]", list_path, i++);

		requirement(r, p, e);
	}
}

static void attributes(const json *spec, struct field_errors *e)
{
	const json *resource = json_get(spec, "resourceAttributes"), *other = json_get(spec, "nonResourceAttributes");

	if (resource && other)
		field_invalid_json(e, "spec.nonResourceAttributes", other, "cannot be specified in combination with resourceAttributes");
	if (!resource && !other)
		field_invalid_json(e, "spec.resourceAttributes", NULL,
				   "exactly one of nonResourceAttributes or resourceAttributes must be specified");
	selector(resource, "fieldSelector", e);
	selector(resource, "labelSelector", e);
}

/* A question has no name. */
static void no_metadata(const json *obj, const char *but, const char *why, struct field_errors *e)
{
	json_each(m, json_get(obj, "metadata"))
		if (!one_of(json_key(m), but)) {
			field_invalid_json(e, "metadata", json_get(obj, "metadata"), why);
			return;
		}
}

static void validate_self_access(const json *obj, struct field_errors *e)
{
	attributes(json_get(obj, "spec"), e);
	no_metadata(obj, "managedFields", "must be empty", e);
}

static void somebody(const json *spec, struct field_errors *e)
{
	attributes(spec, e);
	if (!text_of(spec, "user") && !json_len(json_get(spec, "groups")))
		field_invalid_str(e, "spec.user", "", "at least one of user or group must be specified");
}

static void validate_access(const json *obj, struct field_errors *e)
{
	somebody(json_get(obj, "spec"), e);
	no_metadata(obj, "managedFields", "must be empty", e);
}

static void validate_local_access(const json *obj, struct field_errors *e)
{
	const json *spec = json_get(obj, "spec"), *resource = json_get(spec, "resourceAttributes");
	const char *ns = json_str_or(json_get(obj, "metadata", "namespace"), "");
	const char *wanted = json_str_or(json_get(resource, "namespace"), "");

	somebody(spec, e);
	no_metadata(obj, "managedFields,namespace", "must be empty except for namespace", e);
	if (resource && !streq(wanted, ns))
		field_invalid_str(e, "spec.resourceAttributes.namespace", wanted, "must match metadata.namespace");
	if (json_get(spec, "nonResourceAttributes"))
		field_invalid_json(e, "spec.nonResourceAttributes", json_get(spec, "nonResourceAttributes"),
				   "disallowed on this kind of request");
}

const struct kind_rules kind_rules_selfsubjectaccessreview = { .validate = validate_self_access, .answer = answer_self_access };
const struct kind_rules kind_rules_subjectaccessreview = { .validate = validate_access, .answer = answer_access };
const struct kind_rules kind_rules_localsubjectaccessreview = { .validate = validate_local_access, .answer = answer_access };

/* --- what may I do ------------------------------------------------------------------------------------ */

static json *answer_rules(json *obj, const struct kind_user *user)
{
	bool none = is_anonymous(user);
	json *status;

	if (!text_of(json_get(obj, "spec"), "namespace"))
		return status_bad_request("no namespace on request");
	json_del(obj, "spec");
	json_del(obj, "status");
	json_obj(obj, "spec");
	status = json_obj(obj, "status");
	json_set(status, "resourceRules", none ? json_new_array() :
		 json_build("[{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],\"resources\":[\"*\"]}]"));
	json_set(status, "nonResourceRules", none ? json_new_array() : json_build("[{\"verbs\":[\"*\"],\"nonResourceURLs\":[\"*\"]}]"));
	json_set_bool(status, "incomplete", false);
	return NULL;
}

const struct kind_rules kind_rules_selfsubjectrulesreview = { .answer = answer_rules };
