// SPDX-License-Identifier: GPL-2.0-or-later
/* openapi_query.c - parameters in the OpenAPI documents, see openapi_parts.h */
#include "api/rest/openapi_parts.h"

/* What can be said in the query, of which calls. */
static const struct query {
	const char *name, *type;
	unsigned calls;
	const char *text;
} queries[] = {
	{ "allowWatchBookmarks", "boolean", CALL_LIST,
	  "Whether a watch may tell from time to time up to which resourceVersion it has told everything (events of type BOOKMARK)." },
	{ "continue", "string", CALL_LIST,
	  "The token from metadata.continue of the page before: the list goes on after it, as of the same resourceVersion. "
	  "410 when that is too old; the answer then has a token with which the list goes on as of now." },
	{ "dryRun", "string", CALL_WRITE | CALL_DELETE,
	  "All: everything is done and answered as usual, but nothing is stored." },
	{ "fieldManager", "string", CALL_WRITE,
	  "The name under which metadata.managedFields counts what this request changes; at most 128 printable characters. "
	  "Without it the name is what User-Agent has before the first /. An apply must say it." },
	{ "fieldSelector", "string", CALL_LIST,
	  "Only objects whose fields have (=) or have not (!=) these values, separated by commas. Which fields can be asked for depends on the kind; "
	  "metadata.name always, metadata.namespace where there is one." },
	{ "fieldValidation", "string", CALL_WRITE,
	  "What becomes of fields that are not known or are there twice. Strict: the request is refused; Warn (if it is not said): they are dropped, "
	  "with a warning each; Ignore: they are dropped without a word." },
	{ "force", "boolean", CALL_PATCH,
	  "For an apply only: takes fields over from other managers instead of failing with a conflict." },
	{ "gracePeriodSeconds", "integer", CALL_DELETE,
	  "How long a pod has to stop by itself. 0: it is removed at once, although it may still run. If it is not said, the object decides." },
	{ "labelSelector", "string", CALL_LIST, "Only objects whose labels match, as app=web,tier in (a,b),!old." },
	{ "limit", "integer", CALL_LIST,
	  "At most so many objects; metadata.continue of the answer asks for the next. All pages together are one list at one resourceVersion." },
	{ "orphanDependents", "boolean", CALL_DELETE,
	  "The older way to say propagationPolicy: true is Orphan, false is Background. Only one of the two may be said." },
	{ "pretty", "string", CALL_ANY, "true: JSON with line breaks and indentation." },
	{ "propagationPolicy", "string", CALL_DELETE,
	  "What becomes of objects that this one owns. Background: they are deleted after it; Foreground: it stays until they are gone; "
	  "Orphan: they stay. If it is not said, the object's finalizers and the kind decide." },
	{ "resourceVersion", "string", CALL_LIST,
	  "For a watch: what changed after this version. For a list: 0 for whatever is at hand, another for something at least as new "
	  "(see resourceVersionMatch); if it is not said, what is there now." },
	{ "resourceVersionMatch", "string", CALL_LIST,
	  "How a list takes resourceVersion. Exact: as of that version; NotOlderThan: at least as new." },
	{ "sendInitialEvents", "boolean", CALL_LIST,
	  "For a watch with allowWatchBookmarks and resourceVersionMatch=NotOlderThan. true: it begins with an ADDED for every object there is, "
	  "and a bookmark with the annotation k8s.io/initial-events-end says when that is done." },
	{ "timeoutSeconds", "integer", CALL_LIST, "How long a watch lasts; if it is not said, half an hour to an hour." },
	{ "watch", "boolean", CALL_LIST, "true: a stream of changes (events ADDED, MODIFIED, DELETED, BOOKMARK, ERROR) instead of a list." },
};

json *openapi_parameter(enum openapi_version v, const char *name, const char *in, const char *type, const char *text)
{
	json *p = json_new_object(), *shape;

	json_set_str(p, "name", name);
	json_set_str(p, "in", in);
	json_set_str(p, "description", text);
	if (streq(in, "path"))
		json_set_bool(p, "required", true);
	shape = v == OPENAPI_2 ? p : json_set(p, "schema", json_new_object());
	json_set_str(shape, "type", type);
	return p;
}

void openapi_add_query(enum openapi_version v, unsigned calls, json *parameters)
{
	for (size_t i = 0; i < ARRAY_SIZE(queries); i++)
		if (queries[i].calls & calls)
			json_append(parameters, openapi_parameter(v, queries[i].name, "query", queries[i].type, queries[i].text));
}

/* Lists are said by saying the parameter more than once: each is one value. */
static const char *query_type(const struct field *f)
{
	switch (f->type == F_LIST ? f->elem : f->type) {
	case F_BOOL:
		return "boolean";
	case F_INT32:
	case F_INT64:
		return "integer";
	default:
		return "string";
	}
}

void openapi_add_options(enum openapi_version v, const struct schema *options, json *parameters)
{
	for (size_t i = 0; i < options->n_fields; i++) {
		const struct field *f = &options->fields[i];

		if (f->number)	/* not apiVersion and kind */
			json_append(parameters, openapi_parameter(v, f->name, "query", query_type(f), f->doc));
	}
}
