// SPDX-License-Identifier: GPL-2.0-or-later
/* media.c - see media.h: Accept and Content-Type */
#include "api/rest/media.h"

#include <math.h>
#include <stdio.h>
#include <strings.h>

#include "api/rest/openapi.h"
#include "api/schema/strlist.h"

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

static bool is_wildcard(const char *range)
{
	return type_is(range, "*/*") || type_is(range, "application/*");
}

static struct rest_accept form_of(const char *range)
{
	struct rest_accept a = { .form = REST_NOT_ACCEPTABLE };
	char as[48];

	if (type_is(range, OPENAPI_V2_PROTOBUF_ASKED) || type_is(range, OPENAPI_V2_PROTOBUF_TYPE)) {
		a.form = REST_OPENAPI_V2_PROTOBUF;
		return a;
	}
	if (type_is(range, REST_TYPE_PROTOBUF))
		a.encoding = REST_PROTOBUF;
	else if (type_is(range, REST_TYPE_YAML))
		a.encoding = REST_YAML;
	else if (!type_is(range, REST_TYPE_JSON) && !is_wildcard(range))
		return a;
	a.known = true;
	parameter(range, "as", as, sizeof(as));
	parameter(range, "v", a.version, sizeof(a.version));
	if (!*as)
		a.form = REST_OBJECT;
	else if (streq(as, "Table") && a.encoding != REST_PROTOBUF)
		a.form = streq(a.version, "v1") || streq(a.version, "v1beta1") ? REST_TABLE : REST_NOT_ACCEPTABLE;
	else if (startswith(as, "PartialObjectMetadata"))
		a.form = streq(a.version, "v1") || streq(a.version, "v1beta1") ? REST_PARTIAL : REST_NOT_ACCEPTABLE;
	else if (streq(as, "APIGroupDiscoveryList") && a.encoding == REST_JSON)
		a.form = streq(a.version, "v2") || streq(a.version, "v2beta1") ? REST_DISCOVERY : REST_NOT_ACCEPTABLE;
	return a;
}

/* A clause's weight, higher first: its q, then how much it says. */
static double weight(const char *range)
{
	char text[16];
	double q = 1;

	parameter(range, "q", text, sizeof(text));
	if (*text) {
		q = strtod(text, NULL);
		if (!isfinite(q))
			q = 0;
	}
	return q * 4 + (type_is(range, "*/*") ? 0 : is_wildcard(range) ? 1 : 2) / 1000.0;
}

struct rest_accept rest_accept_parse(const char *header, unsigned forms)
{
	struct rest_accept best = { .form = REST_NOT_ACCEPTABLE }, plain = { .form = REST_OBJECT };
	_cleanup_strlist_ struct strlist ranges = {0};
	double best_weight = -1;

	if (!header || !*header)
		return plain;
	strlist_split(&ranges, header, ',');
	for (size_t i = 0; i < ranges.n; i++) {
		const char *range = ranges.items[i] + strspn(ranges.items[i], " \t");
		struct rest_accept a = form_of(range);

		best.known |= a.known;
		if (a.form == REST_NOT_ACCEPTABLE || !((forms | 1u << REST_OBJECT) >> a.form & 1) ||
		    (a.encoding == REST_PROTOBUF && !(forms & REST_MAY_PROTOBUF)) ||
		    (a.encoding == REST_YAML && !(forms & REST_MAY_YAML)))
			continue;
		if (weight(range) > best_weight) {
			best_weight = weight(range);
			best = a;
			best.known = true;
		}
	}
	return best;
}

enum rest_body rest_body_type(const char *content_type)
{
	static const struct {
		const char *type;
		enum rest_body body;
	} types[] = {
		{ REST_TYPE_JSON, REST_BODY_JSON },
		{ REST_TYPE_YAML, REST_BODY_YAML },
		{ REST_TYPE_PROTOBUF, REST_BODY_PROTOBUF },
		{ "application/merge-patch+json", REST_BODY_MERGE_PATCH },
		{ "application/strategic-merge-patch+json", REST_BODY_STRATEGIC_PATCH },
		{ "application/json-patch+json", REST_BODY_JSON_PATCH },
		{ "application/apply-patch+yaml", REST_BODY_APPLY_PATCH },
	};

	if (!content_type || !*content_type)
		return REST_BODY_JSON;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (type_is(content_type, types[i].type))
			return types[i].body;
	return REST_BODY_OTHER;
}
