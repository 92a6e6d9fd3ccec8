// SPDX-License-Identifier: GPL-2.0-or-later
/* path.c - see path.h */
#include "api/rest/path.h"

#include <stdio.h>
#include <strings.h>

#include "api/rest/openapi.h"
#include "api/schema/strlist.h"

void rest_path_free(struct rest_path *p)
{
	free(p->ns);
	free(p->name);
	free(p->sub);
	*p = (struct rest_path){0};
}

/* "a//b" and trailing parts that would be empty name nothing. */
static bool split(const char *path, struct strlist *parts)
{
	strlist_split(parts, path, '/');
	return *path == '/' && !strstr(path, "//");
}

bool rest_path_parse(const char *path, struct rest_path *ret)
{
	_cleanup_strlist_ struct strlist parts = {0};
	const char *group = "", *version, *ns = NULL;
	struct rest_path p = {0};
	size_t at;

	if (!split(path, &parts) || parts.n < 3)
		return false;
	if (streq(parts.items[0], "api")) {
		version = parts.items[1];
		at = 2;
	} else if (streq(parts.items[0], "apis") && parts.n >= 4) {
		group = parts.items[1];
		version = parts.items[2];
		at = 3;
	} else {
		return false;
	}
	/* namespaces/NS/PLURAL..., unless it is a namespace or its subresource that is asked for */
	if (streq(parts.items[at], "namespaces") && parts.n > at + 2 &&
	    (p.kind = kind_by_plural(group, version, parts.items[at + 2])) && p.kind->res->namespaced) {
		ns = parts.items[at + 1];
		at += 2;
	} else {
		p.kind = kind_by_plural(group, version, parts.items[at]);
	}
	if (!p.kind || parts.n > at + 3)
		return false;
	/* An object of a namespace has no path without it. */
	if (p.kind->res->namespaced && !ns && parts.n > at + 1)
		return false;
	if (parts.n == at + 3 && !kind_has_subresource(p.kind, parts.items[at + 2]))
		return false;
	p.ns = ns ? xstrdup(ns) : NULL;
	p.name = parts.n > at + 1 ? xstrdup(parts.items[at + 1]) : NULL;
	p.sub = parts.n > at + 2 ? xstrdup(parts.items[at + 2]) : NULL;
	*ret = p;
	return true;
}

/* --- media types -------------------------------------------------------------------- */

/* The value of a parameter of a media range into out (empty if absent). */
static void parameter(const char *range, const char *name, char *out, size_t size)
{
	const char *p = range;

	*out = '\0';
	while ((p = strchr(p, ';'))) {
		p += 1 + strspn(p + 1, " ");
		if (!strncasecmp(p, name, strlen(name)) && p[strlen(name)] == '=') {
			p += strlen(name) + 1;
			snprintf(out, size, "%.*s", (int)strcspn(p, "; "), p);
			return;
		}
	}
}

/* The media type without parameters and space. */
static bool type_is(const char *range, const char *type)
{
	size_t n = strcspn(range, "; \t");

	return n == strlen(type) && !strncasecmp(range, type, n);
}

static struct rest_accept form_of(const char *range)
{
	struct rest_accept a = { .form = REST_NOT_ACCEPTABLE };
	char as[48];

	if (type_is(range, OPENAPI_V2_PROTOBUF_ASKED) || type_is(range, OPENAPI_V2_PROTOBUF)) {
		a.form = REST_OPENAPI_V2_PROTOBUF;
		return a;
	}
	if (!type_is(range, "application/json") && !type_is(range, "*/*") && !type_is(range, "application/*"))
		return a;
	parameter(range, "as", as, sizeof(as));
	parameter(range, "v", a.version, sizeof(a.version));
	if (!*as)
		a.form = REST_JSON;
	else if (streq(as, "Table"))
		a.form = streq(a.version, "v1") || streq(a.version, "v1beta1") ? REST_TABLE : REST_NOT_ACCEPTABLE;
	else if (startswith(as, "PartialObjectMetadata"))
		a.form = streq(a.version, "v1") || streq(a.version, "v1beta1") ? REST_PARTIAL : REST_NOT_ACCEPTABLE;
	else if (streq(as, "APIGroupDiscoveryList"))
		a.form = streq(a.version, "v2") || streq(a.version, "v2beta1") ? REST_DISCOVERY : REST_NOT_ACCEPTABLE;
	return a;
}

struct rest_accept rest_accept_parse(const char *header, unsigned forms)
{
	struct rest_accept none = { .form = REST_NOT_ACCEPTABLE }, plain = { .form = REST_JSON };
	_cleanup_strlist_ struct strlist ranges = {0};

	if (!header || !*header)
		return plain;
	strlist_split(&ranges, header, ',');
	for (size_t i = 0; i < ranges.n; i++) {
		const char *range = ranges.items[i] + strspn(ranges.items[i], " \t");
		struct rest_accept a = form_of(range);

		if (a.form != REST_NOT_ACCEPTABLE && ((forms | 1u << REST_JSON) >> a.form & 1))
			return a;
	}
	return none;
}

enum rest_body rest_body_type(const char *content_type)
{
	if (!content_type || !*content_type || type_is(content_type, "application/json"))
		return REST_BODY_JSON;
	if (type_is(content_type, "application/merge-patch+json"))
		return REST_BODY_MERGE_PATCH;
	if (type_is(content_type, "application/strategic-merge-patch+json"))
		return REST_BODY_STRATEGIC_PATCH;
	if (type_is(content_type, "application/json-patch+json"))
		return REST_BODY_JSON_PATCH;
	if (type_is(content_type, "application/apply-patch+yaml"))
		return REST_BODY_APPLY_PATCH;
	return REST_BODY_OTHER;
}
