// SPDX-License-Identifier: GPL-2.0-or-later
/* openapi.c - documents put together from their pieces, see openapi.h */
#include "api/rest/openapi.h"

#include <errno.h>

#include "api/rest/discovery.h"
#include "api/rest/openapi_parts.h"

#define VERSION "v" API_MAJOR "." API_MINOR "." API_PATCH

struct openapi_doc {
	enum openapi_form form;
	char *name;			/* version 3 */
	size_t kind;			/* the next to be added */
	size_t type;			/* the next, when all kinds are */
	bool known;			/* something bears the name */
	struct openapi_types types;
	struct buf paths, definitions;	/* what stands in {}, or the inside of a message */
};

static enum openapi_version version_of(const struct openapi_doc *d)
{
	return d->form == OPENAPI_V3_JSON ? OPENAPI_3 : OPENAPI_2;
}

/* --- which documents there are ------------------------------------------------- */

static char *name_of_version(const struct resource *r)
{
	return *r->group ? xasprintf("apis/%s/%s", r->group, r->version) : xasprintf("api/%s", r->version);
}

static char *name_of_group(const struct resource *r)
{
	return *r->group ? xasprintf("apis/%s", r->group) : xstrdup("api");
}

/* Is this the first row of its group, or of its group's version? */
static bool is_first(size_t i, bool version)
{
	const struct resource *r = kind_at(i)->res;

	for (size_t j = 0; j < i; j++)
		if (streq(kind_at(j)->res->group, r->group) && (!version || streq(kind_at(j)->res->version, r->version)))
			return false;
	return true;
}

char *openapi_v3_name(size_t n)
{
	if (n < 2)
		return xstrdup(n ? "version" : "apis");
	n -= 2;
	for (size_t i = 0; kind_at(i); i++) {
		if (is_first(i, false) && n-- == 0)
			return name_of_group(kind_at(i)->res);
		if (is_first(i, true) && n-- == 0)
			return name_of_version(kind_at(i)->res);
	}
	return NULL;
}

/* --- pieces --------------------------------------------------------------------- */

/* The members of an object as JSON prints them between the braces. */
static void put_members(struct buf *b, const json *object)
{
	_cleanup_free_ char *text = json_print(object);

	if (!json_len(object))
		return;
	if (b->len)
		buf_puts(b, ",");
	buf_add(b, text + 1, strlen(text) - 2);
}

static void put_paths(struct openapi_doc *d, const json *paths)
{
	if (d->form == OPENAPI_V2_PROTOBUF)
		openapi_v2_put_paths(&d->paths, paths);
	else
		put_members(&d->paths, paths);
}

/* Is it in the document: everything, or what bears the name? */
static bool wanted(struct openapi_doc *d, char *name_)
{
	_cleanup_free_ char *name = name_;
	bool is = !d->name || streq(d->name, name);

	d->known = d->known || is;
	return is;
}

static void add_kind(struct openapi_doc *d, size_t i)
{
	const struct kind *k = kind_at(i);
	enum openapi_version v = version_of(d);
	_cleanup_json_ json *paths = json_new_object();

	if (is_first(i, false) && wanted(d, name_of_group(k->res)))
		openapi_add_discovery(v, k->res->group, NULL, paths, &d->types);
	if (wanted(d, name_of_version(k->res))) {
		if (is_first(i, true))
			openapi_add_discovery(v, k->res->group, k->res->version, paths, &d->types);
		openapi_add_paths(v, k, paths, &d->types);
	}
	put_paths(d, paths);
}

static void add_type(struct openapi_doc *d, size_t i)
{
	_cleanup_free_ char *name = openapi_type_name(&d->types.list[i]);
	_cleanup_json_ json *definitions = json_new_object();

	openapi_types_follow(&d->types, i);
	json_set(definitions, name, openapi_definition(version_of(d), &d->types.list[i]));
	if (d->form == OPENAPI_V2_PROTOBUF)
		openapi_v2_put_definitions(&d->definitions, definitions);
	else
		put_members(&d->definitions, definitions);
}

/* --- a document ------------------------------------------------------------------- */

struct openapi_doc *openapi_doc_new(enum openapi_form form, const char *name)
{
	struct openapi_doc *d = xnew0(struct openapi_doc);
	_cleanup_json_ json *paths = json_new_object();

	d->form = form;
	d->name = name ? xstrdup(name) : NULL;
	if (wanted(d, xstrdup("apis")))
		openapi_add_discovery(version_of(d), NULL, NULL, paths, &d->types);
	if (wanted(d, xstrdup("version")))
		openapi_add_version(version_of(d), paths, &d->types);
	put_paths(d, paths);
	for (size_t i = 0; kind_at(i) && !d->known; i++)
		if (!wanted(d, name_of_group(kind_at(i)->res)))
			wanted(d, name_of_version(kind_at(i)->res));
	if (d->known)
		return d;
	openapi_doc_free(d);
	return NULL;
}

bool openapi_doc_step(struct openapi_doc *d)
{
	if (kind_at(d->kind))
		add_kind(d, d->kind++);
	else if (d->type < d->types.n)
		add_type(d, d->type++);
	else
		return false;
	return true;
}

static void put_json(const struct openapi_doc *d, struct buf *out)
{
	bool v3 = d->form == OPENAPI_V3_JSON;

	buf_printf(out, "{\"%s\",\"info\":{\"title\":\"Kubernetes\",\"version\":\"" VERSION "\"},\"paths\":{",
		   v3 ? "openapi\":\"3.0.0" : "swagger\":\"2.0");
	buf_add(out, d->paths.data, d->paths.len);
	buf_puts(out, v3 ? "},\"components\":{\"schemas\":{" : "},\"definitions\":{");
	buf_add(out, d->definitions.data, d->definitions.len);
	buf_puts(out, v3 ? "}}}\n" : "}}\n");
}

void openapi_doc_finish(struct openapi_doc *d, struct buf *out)
{
	_cleanup_json_ json *head = json_build("{\"swagger\":\"2.0\",\"info\":{\"title\":\"Kubernetes\",\"version\":\"" VERSION "\"}}");

	if (d->form == OPENAPI_V2_PROTOBUF)
		openapi_v2_put_document(out, head, &d->paths, &d->definitions);
	else
		put_json(d, out);
	openapi_doc_free(d);
}

void openapi_doc_free(struct openapi_doc *d)
{
	if (!d)
		return;
	openapi_types_free(&d->types);
	buf_free(&d->paths);
	buf_free(&d->definitions);
	free(d->name);
	free(d);
}

int openapi_document(enum openapi_form form, const char *name, struct buf *out)
{
	struct openapi_doc *d = openapi_doc_new(form, name);

	if (!d)
		return -ENOENT;
	while (openapi_doc_step(d))
		;
	openapi_doc_finish(d, out);
	return 0;
}
