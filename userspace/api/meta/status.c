// SPDX-License-Identifier: GPL-2.0-or-later
/* status.c - see status.h */
#include "api/meta/status.h"

#include "store/kube_wire.h"

static json *status_base(const char *outcome)
{
	json *s = json_new_object();

	json_set_str(s, "kind", "Status");
	json_set_str(s, "apiVersion", "v1");
	json_set(s, "metadata", json_new_object());
	json_set_str(s, "status", outcome);
	return s;
}

static json *failure_v(int code, const char *reason, json *details, const char *fmt, va_list ap)
{
	_cleanup_free_ char *message = xvasprintf(fmt, ap);
	json *s = status_base("Failure");

	json_set_str(s, "message", message);
	json_set_str(s, "reason", reason);
	if (details)
		json_set(s, "details", details);
	json_set_int(s, "code", code);
	return s;
}

json *status_failure(int code, const char *reason, json *details, const char *fmt, ...)
{
	va_list ap;
	json *s;

	va_start(ap, fmt);
	s = failure_v(code, reason, details, fmt, ap);
	va_end(ap);
	return s;
}

char *group_resource(const struct resource *r)
{
	return *r->group ? xasprintf("%s.%s", r->plural, r->group) : xstrdup(r->plural);
}

/* `kind` is the plural in most answers and the Kind in 422. */
static json *details_of(const struct resource *r, const char *name, const char *kind)
{
	json *d = json_new_object();

	if (name && *name)
		json_set_str(d, "name", name);
	if (*r->group)
		json_set_str(d, "group", r->group);
	json_set_str(d, "kind", kind);
	return d;
}

json *status_not_found(const struct resource *r, const char *name)
{
	_cleanup_free_ char *gr = group_resource(r);

	return status_failure(404, "NotFound", details_of(r, name, r->plural), "%s \"%s\" not found", gr, name);
}

json *status_no_resource(void)
{
	return status_failure(404, "NotFound", json_new_object(),
			      "the server could not find the requested resource");
}

json *status_exists(const struct resource *r, const char *name)
{
	_cleanup_free_ char *gr = group_resource(r);

	return status_failure(409, "AlreadyExists", details_of(r, name, r->plural),
			      "%s \"%s\" already exists", gr, name);
}

json *status_conflict(const struct resource *r, const char *name, const char *why)
{
	_cleanup_free_ char *gr = group_resource(r);

	return status_failure(409, "Conflict", details_of(r, name, r->plural),
			      "Operation cannot be fulfilled on %s \"%s\": %s", gr, name, why);
}

json *status_modified(const struct resource *r, const char *name)
{
	return status_conflict(r, name, "the object has been modified; please apply your changes to "
			       "the latest version and try again");
}

json *status_forbidden(const struct resource *r, const char *name, const char *why, json *causes)
{
	_cleanup_free_ char *gr = group_resource(r);
	json *d = details_of(r, name, r->plural);

	if (causes)
		json_set(d, "causes", causes);
	return status_failure(403, "Forbidden", d, "%s \"%s\" is forbidden: %s", gr, name, why);
}

json *status_bad_request(const char *fmt, ...)
{
	va_list ap;
	json *s;

	va_start(ap, fmt);
	s = failure_v(400, "BadRequest", NULL, fmt, ap);
	va_end(ap);
	return s;
}

json *status_method_not_allowed(void)
{
	return status_failure(405, "MethodNotAllowed", json_new_object(),
			      "the server does not allow this method on the requested resource");
}

json *status_not_acceptable(void)
{
	return status_failure(406, "NotAcceptable", json_new_object(), "406: Not Acceptable");
}

json *status_no_such_form(void)
{
	return status_failure(406, "NotAcceptable", NULL, "only the following media types are accepted: "
			      "application/json, application/yaml, application/vnd.kubernetes.protobuf");
}

json *status_unsupported_body(void)
{
	return status_failure(415, "UnsupportedMediaType", NULL,
			      "the body of the request was in an unknown format - accepted media types include: "
			      "application/json, application/yaml, application/vnd.kubernetes.protobuf");
}

json *status_unsupported_patch(void)
{
	return status_failure(415, "UnsupportedMediaType", json_new_object(), "415: Unsupported Media Type");
}

json *status_too_large_rv(int64_t wanted, int64_t current)
{
	json *d = json_new_object(), *cause = json_new_object();

	json_set_str(cause, "reason", "ResourceVersionTooLarge");
	json_set_str(cause, "message", "Too large resource version");
	json_append(json_set(d, "causes", json_new_array()), cause);
	json_set_int(d, "retryAfterSeconds", 1);
	return status_failure(504, "Timeout", d, "Timeout: Too large resource version: %lld, current: %lld", (long long)wanted,
			      (long long)current);
}

json *status_expired(const char *fmt, ...)
{
	va_list ap;
	json *s;

	va_start(ap, fmt);
	s = failure_v(410, "Expired", NULL, fmt, ap);
	va_end(ap);
	return s;
}

json *status_internal(const char *fmt, ...)
{
	va_list ap;
	json *s;

	va_start(ap, fmt);
	s = failure_v(500, "InternalError", NULL, fmt, ap);
	va_end(ap);
	return s;
}

json *status_unavailable(const char *fmt, ...)
{
	va_list ap;
	json *s;

	va_start(ap, fmt);
	s = failure_v(503, "ServiceUnavailable", NULL, fmt, ap);
	va_end(ap);
	return s;
}

json *status_cause(const char *reason, const char *field, const char *message)
{
	json *c = json_new_object();

	json_set_str(c, "reason", reason);
	json_set_str(c, "message", message);
	json_set_str(c, "field", field);
	return c;
}

json *status_invalid(const struct resource *r, const char *name, const struct field_errors *e)
{
	_cleanup_free_ char *text = field_errors_text(e);
	json *d = details_of(r, name, r->kind);

	json_set(d, "causes", field_errors_causes(e));
	return status_failure(422, "Invalid", d, "%s%s%s \"%s\" is invalid: %s", r->kind,
			      *r->group ? "." : "", r->group, name, text);
}

json *status_deleted(const struct resource *r, const char *name, const char *uid)
{
	json *s = status_base("Success"), *d = details_of(r, name, r->plural);

	if (uid)
		json_set_str(d, "uid", uid);
	json_set(s, "details", d);
	return s;
}

int status_code(const json *status)
{
	return (int)json_int(json_get(status, "code"),
			     streq(json_str(json_get(status, "status")), "Success") ? 200 : 500);
}

int status_errno(const json *status)
{
	return kube_errno(status_code(status), status);
}
