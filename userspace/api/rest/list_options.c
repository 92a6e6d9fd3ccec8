// SPDX-License-Identifier: GPL-2.0-or-later
/* list_options.c - see list_options.h */
#include "api/rest/list_options.h"

#include <strings.h>

#include "api/meta/fielderr.h"
#include "api/meta/status.h"

#define MATCH "resourceVersionMatch"
#define INITIAL "sendInitialEvents"

struct query {
	query_fn get;
	const void *data;
};

/* NULL where there is none; an empty one counts as none. */
static const char *text(const struct query *q, const char *key)
{
	const char *v = q->get(q->data, key);

	return v && *v ? v : NULL;
}

bool query_bool(query_fn query, const void *data, const char *key)
{
	const char *v = query(data, key);

	return v && strcasecmp(v, "false") && !streq(v, "0");
}

static int64_t number(const struct query *q, const char *key, json **status)
{
	const char *v = text(q, key);
	int64_t n = 0;

	if (v && parse_i64(v, INT64_MIN, INT64_MAX, &n) && !*status)
		*status = status_bad_request("strconv.ParseInt: parsing \"%s\": invalid syntax", v);
	return n;
}

static void check_list(const struct query *q, struct field_errors *e)
{
	const char *match = text(q, MATCH), *rv = text(q, "resourceVersion");

	if (match && !rv)
		field_forbidden(e, MATCH, "resourceVersionMatch is forbidden unless resourceVersion is provided");
	if (match && text(q, "continue"))
		field_forbidden(e, MATCH, "resourceVersionMatch is forbidden when continue is provided");
	if (match && !streq(match, "Exact") && !streq(match, "NotOlderThan"))
		field_error(e, MATCH, FIELD_NOT_SUPPORTED,
			    "Unsupported value: \"%s\": supported values: \"Exact\", \"NotOlderThan\", \"\"", match);
	if (streq(match, "Exact") && streq(rv, "0"))
		field_forbidden(e, MATCH, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
	if (q->get(q->data, INITIAL))
		field_forbidden(e, INITIAL, "sendInitialEvents is forbidden for list");
}

static void check_watch(const struct query *q, struct field_errors *e)
{
	const char *match = text(q, MATCH);
	bool initial = q->get(q->data, INITIAL);

	if (initial && !streq(match, "NotOlderThan"))
		field_forbidden(e, MATCH, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
	if (match && !initial)
		field_forbidden(e, MATCH, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
	if (match && !streq(match, "NotOlderThan"))
		field_not_supported(e, MATCH, match, "NotOlderThan");
	if (match && text(q, "continue"))
		field_forbidden(e, MATCH, "resourceVersionMatch is forbidden when continue is provided");
}

static json *check(const struct query *q, bool watch)
{
	static const struct resource options = { .group = "meta.k8s.io", .version = "v1", .plural = "", .kind = "ListOptions" };
	_cleanup_field_errors_ struct field_errors e = {0};

	if (watch)
		check_watch(q, &e);
	else
		check_list(q, &e);
	return e.n ? status_invalid(&options, "", &e) : NULL;
}

/* Which state of things is meant. */
static json *parse_rv(const struct query *q, struct list_options *o)
{
	const char *rv = text(q, "resourceVersion"), *match = text(q, MATCH);

	o->match = RV_UNSET;
	if (!rv)
		return NULL;
	if (parse_i64(rv, 0, INT64_MAX, &o->rv))
		return status_bad_request("resourceVersion: Invalid value: \"%s\": strconv.ParseUint: parsing \"%s\": invalid syntax",
					  rv, rv);
	if (o->continue_token && o->rv)
		return status_bad_request("specifying resource version is not allowed when using continue");
	if (!o->rv)
		o->match = RV_ANY;
	else if (streq(match, "Exact") || (!match && o->limit > 0))
		o->match = RV_EXACT;	/* a page without a match is one of that very list */
	else
		o->match = RV_AT_LEAST;
	return NULL;
}

json *list_options_parse(query_fn query, const void *data, struct list_options *ret)
{
	const struct query q = { query, data };
	struct list_options o = {
		.sel = { .label = query(data, "labelSelector"), .field = query(data, "fieldSelector") },
		.continue_token = text(&q, "continue"),
		.bookmarks = query_bool(query, data, "allowWatchBookmarks"),
	};
	json *s = NULL;

	o.limit = number(&q, "limit", &s);
	o.timeout = number(&q, "timeoutSeconds", &s);
	if (o.limit < 0)
		o.limit = 0;
	if (query(data, INITIAL))
		o.initial = query_bool(query, data, INITIAL) ? INITIAL_SEND : INITIAL_SKIP;
	if (!s)
		s = check(&q, query_bool(query, data, "watch"));
	if (!s)
		s = parse_rv(&q, &o);
	*ret = o;
	return s;
}

struct registry_list_opts list_options_read(const struct list_options *o)
{
	return (struct registry_list_opts){
		.sel = o->sel,
		.limit = o->limit,
		.continue_token = o->continue_token,
		.exact_rv = o->match == RV_EXACT ? o->rv : 0,
		.min_rv = o->match == RV_AT_LEAST ? o->rv : 0,
		.any = o->match == RV_ANY && !o->continue_token,
	};
}
