// SPDX-License-Identifier: GPL-2.0-or-later
/* webhook_config.c - URLs and Services that the API server is to call, see admission.h */
#include "api/kinds/admission.h"
#include "api/meta/validate_text.h"

#include <ctype.h>

#define FORM "; desired format: https://host[/path]"

/* The parts of a URL, as Go's net/url tells them apart; all owned. */
struct url {
	char *scheme, *user, *host, *query, *fragment;
};

static void url_free(struct url *u)
{
	free(u->scheme);
	free(u->user);
	free(u->host);
	free(u->query);
	free(u->fragment);
}

/* Cuts off what follows the first c; "" if there is none. */
static char *cut(char *s, char c)
{
	char *at = strchr(s, c);

	if (!at)
		return xstrdup("");
	*at = '\0';
	return xstrdup(at + 1);
}

static void url_parse(const char *text, struct url *u)
{
	_cleanup_free_ char *s = xstrdup(text), *authority = NULL;
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
	const char *rest;
	char *at;

	u->fragment = cut(s, '#');
	u->query = cut(s, '?');
	u->scheme = xstrndup(s, n && isalpha((unsigned char)s[0]) && s[n] == ':' ? n : 0);
	rest = *u->scheme ? s + n + 1 : s;
	authority = startswith(rest, "//") ? xstrndup(rest + 2, strcspn(rest + 2, "/")) : xstrdup("");
	at = strrchr(authority, '@');
	u->user = at ? xstrndup(authority, (size_t)(at - authority)) : NULL;
	u->host = xstrdup(at ? at + 1 : authority);
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if (iscntrl((unsigned char)*s) || *s == ' ')
			return true;
	return false;
}

void validate_webhook_url(const char *url, const char *path, struct field_errors *e)
{
	_cleanup_(url_free) struct url u = { 0 };

	if (has_control(url)) {
		PATH(why, "url must be a valid URL: parse \"%s\": invalid character in URL" FORM, url);

		field_required(e, path, why);
		return;
	}
	url_parse(url, &u);
	if (!streq(u.scheme, "https"))
		field_invalid_str(e, path, u.scheme, "'https' is the only allowed URL scheme" FORM);
	if (!*u.host)
		field_invalid_str(e, path, "", "host must be specified" FORM);
	if (u.user)
		field_invalid_str(e, path, u.user, "user information is not permitted in the URL");
	if (*u.fragment)
		field_invalid_str(e, path, u.fragment, "fragments are not permitted in the URL");
	if (*u.query)
		field_invalid_str(e, path, u.query, "query parameters are not permitted in the URL");
}

static void validate_url_path(const char *s, const char *path, struct field_errors *e)
{
	_cleanup_free_ char *copy = NULL;
	int i = 0;

	if (!*s || streq(s, "/"))
		return;
	if (streq(s, "//")) {
		field_invalid_str(e, path, s, "segment[0] may not be empty");
		return;
	}
	if (*s != '/')
		field_invalid_str(e, path, s, "must start with a '/'");
	copy = xstrdup(s + 1);
	if (*copy && endswith(copy, "/"))
		copy[strlen(copy) - 1] = '\0';
	for (char *step = copy, *next; step; step = next, i++) {
		const char *why;

		next = strchr(step, '/');
		if (next)
			*next++ = '\0';
		why = *step ? invalid_dns1123_subdomain(step) : NULL;
		if (!*step || why) {
			PATH(full, "segment[%d]%s%s", i, why ? ": " : "", why ?: " may not be empty");

			field_invalid_str(e, path, s, full);
		}
	}
}

void validate_webhook_service(const json *service, const char *path, struct field_errors *e)
{
	int64_t port = json_int(json_get(service, "port"), 0);
	PATH(port_path, "%s.port", path);
	PATH(url_path, "%s.path", path);

	need_text(service, "name", path, NULL, e);
	need_text(service, "namespace", path, NULL, e);
	if (port < 1 || port > 65535)
		field_invalid_int(e, port_path, port, "port is not valid: " MSG_PORT);
	validate_url_path(json_str_or(json_get(service, "path"), ""), url_path, e);
}
