// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_text.c - see validate_text.h */
#include "api/meta/validate_values.h"

#include <ctype.h>

#define SUBDOMAIN_FMT "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
#define REASON_MAX 1024
#define MESSAGE_MAX (32 * 1024)

char *member_path(const char *path, const char *key)
{
	return *path ? xasprintf("%s.%s", path, key) : xstrdup(key);
}

void check_text(const char *s, name_check check, const char *path, struct field_errors *e)
{
	const char *why = check(s);

	if (why)
		field_invalid_str(e, path, s, why);
}

const char *need_text(const json *obj, const char *key, const char *path, const char *why, struct field_errors *e)
{
	_cleanup_free_ char *p = member_path(path, key);
	const char *s = text_of(obj, key);

	if (!s)
		field_required(e, p, why);
	return s;
}

void need_name(const json *obj, const char *key, name_check check, const char *path, struct field_errors *e)
{
	if (need_text(obj, key, path, NULL, e))
		may_name(obj, key, check, path, e);
}

void may_name(const json *obj, const char *key, name_check check, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *p = member_path(path, key);
	const char *s = text_of(obj, key);

	if (s)
		check_text(s, check, p, e);
}

void may_enum(const json *obj, const char *key, const char *values, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *p = member_path(path, key);
	const char *s = json_str(json_get(obj, key));

	if (s && !one_of(s, values))
		field_not_supported(e, p, s, values);
}

bool at_most(const json *list, int max, const char *path, struct field_errors *e)
{
	int n = json_len(list);

	if (n > max)
		field_error(e, path, FIELD_TOO_MANY, "Too many: %d: must have at most %d item%s", n, max,
			    max == 1 ? "" : "s");
	return n <= max;
}

void within(const json *obj, const char *key, int64_t min, int64_t max, const char *why, const char *path,
	    struct field_errors *e)
{
	_cleanup_free_ char *p = member_path(path, key);
	const json *v = json_get(obj, key);

	if (v && (json_int(v, min) < min || json_int(v, min) > max))
		field_invalid_int(e, p, json_int(v, 0), why);
}

const char *invalid_wildcard_subdomain(const char *s)
{
	if (strlen(s) > 253)
		return "must be no more than 253 characters";
	if (!startswith(s, "*.") || invalid_dns1123_subdomain(s + 2))
		return "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must "
		       "consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character "
		       "(e.g. '*.example.com', regex used for validation is '\\*\\." SUBDOMAIN_FMT "')";
	return NULL;
}

void validate_domain_path(const char *s, const char *path, struct field_errors *e)
{
	const char *slash = strchr(s, '/');
	_cleanup_free_ char *host = slash ? xstrndup(s, (size_t)(slash - s)) : NULL;

	if (!host || !*host || !slash[1]) {
		field_invalid_str(e, path, s, "must be a domain-prefixed path (such as \"acme.io/foo\")");
		return;
	}
	check_text(host, invalid_dns1123_subdomain, path, e);
	for (const char *p = slash + 1; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("/-._~%!$&'()*+,;=:", *p)) {
			field_invalid_str(e, path, slash + 1, "Invalid path (regex used for validation is "
					  "'[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')");
			return;
		}
}

void validate_domain_name(const char *s, int parts, const char *path, struct field_errors *e)
{
	const char *why = invalid_dns1123_subdomain(s);
	int n = 1;

	for (const char *p = s; *p; p++)
		n += *p == '.';
	if (!why && n < parts)
		why = parts == 2 ? "should be a domain with at least two segments separated by dots" :
		      "should be a domain with at least three segments separated by dots";
	if (why)
		field_invalid_str(e, path, s, why);
}

static const char *invalid_condition_reason(const char *s)
{
	size_t n = strlen(s);
	bool ok = isalpha((unsigned char)s[0]) && (isalnum((unsigned char)s[n - 1]) || s[n - 1] == '_');

	for (const char *p = s; ok && *p; p++)
		ok = isalnum((unsigned char)*p) || strchr("_,:", *p);
	return ok ? NULL : "a condition reason must start with alphabetic character, optionally followed by a string of "
			   "alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. "
			   "'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex "
			   "used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";
}

static void validate_condition(const json *c, const char *path, struct field_errors *e)
{
	const char *reason, *status = json_str_or(json_get(c, "status"), "");
	const char *message = json_str_or(json_get(c, "message"), "");
	PATH(status_path, "%s.status", path);
	PATH(reason_path, "%s.reason", path);
	PATH(message_path, "%s.message", path);

	if (!one_of(status, "False,True,Unknown"))
		field_not_supported(e, status_path, status, "False,True,Unknown");
	within(c, "observedGeneration", 0, INT64_MAX, "must be greater than or equal to zero", path, e);
	need_text(c, "lastTransitionTime", path, NULL, e);
	reason = need_text(c, "reason", path, NULL, e);
	if (reason)
		check_text(reason, invalid_condition_reason, reason_path, e);
	if (reason && strlen(reason) > REASON_MAX)
		field_too_long(e, reason_path, REASON_MAX);
	if (strlen(message) > MESSAGE_MAX)
		field_too_long(e, message_path, MESSAGE_MAX);
}

void validate_conditions(const json *conditions, const char *path, struct field_errors *e)
{
	int i = 0;

	json_each(c, conditions) {
		const char *type = json_str_or(json_get(c, "type"), "");
		bool twice = false;
		PATH(p, "%s[%d]", path, i++);
		PATH(type_path, "%s.type", p);

		for (const json *b = conditions->child; b != c; b = b->next)
			twice |= streq(text_of(b, "type"), text_of(c, "type"));
		if (twice)
			field_duplicate(e, type_path, type);
		validate_label_name(type, type_path, e);
		validate_condition(c, p, e);
	}
}
