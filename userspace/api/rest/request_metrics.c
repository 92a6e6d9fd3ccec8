// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * request_metrics.c - see request_metrics.h
 *
 * What is counted of requests that are alike (kind, verb, scope ...) is found
 * by one look-up and kept, so that a request costs a few additions.
 */
#include "api/rest/request_metrics.h"

#include <stdio.h>
#include <uthash.h>

#include "api/rest/media.h"
#include "base/metrics.h"

#define SERIES_LABELS "verb", "dry_run", "group", "version", "resource", "subresource", "scope", "component"
#define COMPONENT "apiserver"

static const double duration_bounds[] = {
	0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
};
static const double size_bounds[] = { 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9 };

static struct metric_family total = {
	.name = "apiserver_request_total", .type = METRIC_COUNTER, .help = "Requests that were answered.",
	.labels = { SERIES_LABELS, "code" },
};
static struct metric_family duration = {
	.name = "apiserver_request_duration_seconds", .type = METRIC_HISTOGRAM,
	.help = "Time from a request to its answer, of a watch to its end.",
	.labels = { SERIES_LABELS }, METRIC_BOUNDS(duration_bounds),
};
static struct metric_family sizes = {
	.name = "apiserver_response_sizes", .type = METRIC_HISTOGRAM, .help = "Bytes in the bodies of answers to GET and LIST.",
	.labels = { "component", "group", "resource", "scope", "subresource", "verb", "version" }, METRIC_BOUNDS(size_bounds),
};
static struct metric_family longrunning = {
	.name = "apiserver_longrunning_requests", .type = METRIC_GAUGE, .help = "Watches, logs and other streams that are open.",
	.labels = { "component", "group", "resource", "scope", "subresource", "verb", "version" },
};
static struct metric_family inflight = {
	.name = "apiserver_current_inflight_requests", .type = METRIC_GAUGE, .help = "Requests, but for streams, that have no answer yet.",
	.labels = { "request_kind" },
};

enum scope { SCOPE_NONE, SCOPE_CLUSTER, SCOPE_NAMESPACE, SCOPE_RESOURCE };

/* Requests with the same of these are counted together; all pointers are to what is static. */
struct series_key {
	const struct kind *k;	/* NULL: no object */
	const char *sub;	/* "": the object itself */
	const char *verb;
	enum scope scope;
	int dry_run;
};

struct series {
	struct series_key key;
	struct metric *duration;
	struct metric *sizes;		/* or NULL */
	struct metric *open;		/* the gauge of those without an answer */
	struct code {
		int code;
		struct metric *total;
	} *codes;			/* those that were answered so far */
	size_t n_codes;
	UT_hash_handle hh;
};

static struct series *all;

/* One request under way. */
struct request {
	struct series *s;
	uint64_t since;
};

/* --- what it is --------------------------------------------------------------------- */

static bool is_stream(const char *sub)
{
	return streq(sub, "exec") || streq(sub, "attach") || streq(sub, "portforward") || streq(sub, "proxy");
}

const char *request_verb(const char *method, const char *content_type, const struct rest_path *path, bool watch)
{
	if (path && is_stream(path->sub))
		return "CONNECT";
	if (streq(method, "GET") || streq(method, "HEAD"))
		return path && watch && !path->sub ? "WATCH" : path && !path->name ? "LIST" : "GET";
	if (streq(method, "POST"))
		return "POST";
	if (streq(method, "PUT"))
		return "PUT";
	if (streq(method, "PATCH"))
		return rest_body_type(content_type) == REST_BODY_APPLY_PATCH ? "APPLY" : "PATCH";
	if (streq(method, "DELETE"))
		return path && !path->name ? "DELETECOLLECTION" : "DELETE";
	return "OTHER";
}

static enum scope scope_of(const struct rest_path *path, const char *verb)
{
	if (!path)
		return SCOPE_NONE;
	if (path->name || streq(verb, "POST"))
		return SCOPE_RESOURCE;
	return path->ns ? SCOPE_NAMESPACE : SCOPE_CLUSTER;
}

static bool is_long(const struct series_key *k)
{
	return streq(k->verb, "WATCH") || streq(k->verb, "CONNECT") || streq(k->sub, "log");
}

/* --- its metrics ---------------------------------------------------------------------- */

static struct series *series_new(const struct series_key *key)
{
	static const char *const scopes[] = {
		[SCOPE_NONE] = "", [SCOPE_CLUSTER] = "cluster", [SCOPE_NAMESPACE] = "namespace", [SCOPE_RESOURCE] = "resource",
	};
	const struct resource none = { .group = "", .version = "", .plural = "" }, *r = key->k ? key->k->res : &none;
	const char *scope = scopes[key->scope];
	struct series *s = xnew0(struct series);

	s->key = *key;
	s->duration = metric_of(&duration, key->verb, key->dry_run ? "All" : "", r->group, r->version, r->plural, key->sub, scope,
				COMPONENT);
	if (streq(key->verb, "GET") || streq(key->verb, "LIST"))
		s->sizes = metric_of(&sizes, COMPONENT, r->group, r->plural, scope, key->sub, key->verb, r->version);
	if (is_long(key))
		s->open = metric_of(&longrunning, COMPONENT, r->group, r->plural, scope, key->sub, key->verb, r->version);
	else
		s->open = metric_of(&inflight, streq(key->verb, "GET") || streq(key->verb, "LIST") ? "readOnly" : "mutating");
	HASH_ADD(hh, all, key, sizeof(s->key), s);
	return s;
}

static struct metric *total_of(struct series *s, int code)
{
	const char *values[METRIC_LABELS_MAX];
	char text[16];
	size_t i;

	for (i = 0; i < s->n_codes; i++)
		if (s->codes[i].code == code)
			return s->codes[i].total;
	snprintf(text, sizeof(text), "%d", code);
	metric_labels(s->duration, values);
	values[8] = text;
	s->codes = xrealloc(s->codes, (i + 1) * sizeof(*s->codes));
	s->codes[i] = (struct code){ code, metric_get(&total, values) };
	s->n_codes++;
	return s->codes[i].total;
}

static void on_answer(void *data, int status, size_t bytes)
{
	struct request *r = data;

	metric_add(r->s->open, -1);
	metric_add(total_of(r->s, status), 1);
	metric_observe(r->s->duration, (double)(now_monotonic_us() - r->since) / 1e6);
	if (r->s->sizes)
		metric_observe(r->s->sizes, (double)bytes);
	free(r);
}

void request_metrics_begin(struct http_request *req, const struct rest_path *path, const char *verb)
{
	const struct subresource *sub = path ? kind_subresource(path->kind, path->sub) : NULL;
	struct request *r = xnew0(struct request);
	struct series_key key;

	memset(&key, 0, sizeof(key));	/* it is compared byte by byte */
	key.k = path ? path->kind : NULL;
	key.sub = sub ? sub->name : "";
	key.verb = verb;
	key.scope = scope_of(path, verb);
	key.dry_run = streq(http_request_query(req, "dryRun"), "All");
	HASH_FIND(hh, all, &key, sizeof(key), r->s);
	if (!r->s)
		r->s = series_new(&key);
	r->since = now_monotonic_us();
	metric_add(r->s->open, 1);
	http_request_on_answer(req, on_answer, r);
}
