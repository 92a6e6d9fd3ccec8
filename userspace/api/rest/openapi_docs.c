// SPDX-License-Identifier: GPL-2.0-or-later
/* openapi_docs.c - see openapi_docs.h */
#include "api/rest/openapi_docs.h"

#include <malloc.h>
#include <stdio.h>
#include <time.h>
#include <utlist.h>

#include "api/meta/status.h"
#include "api/rest/internal.h"
#include "api/rest/openapi.h"
#include "base/gzip.h"
#include "base/loop_work.h"

#define PIECE (32u << 10)	/* is compressed between two looks at the clock */
#define GZIP_LEVEL 6
#define DOCUMENT_MAX (64u << 20)
#define V3 "/openapi/v3/"

/* A request that waits for its document. */
struct waiter {
	struct http_request *req;
	struct document *d;
	struct waiter *next;
};

struct document {
	enum openapi_form form;
	char *name;			/* of version 3 */
	const char *type;		/* Content-Type */
	struct buf gz;			/* all of it, when hash is there */
	char hash[17];
	/* in the making */
	struct openapi_doc *doc;
	struct buf text;
	size_t compressed;		/* of text */
	struct gzip *gzip;
};

struct openapi_docs {
	struct loop_work work;
	struct document *list;		/* the index of version 3 comes last: it needs the others */
	size_t n;
	struct waiter *waiters;		/* in order of arrival */
};

/* --- documents in the making ------------------------------------------------------ */

static void document_add(struct openapi_docs *docs, enum openapi_form form, char *name, const char *type)
{
	docs->list = xrealloc(docs->list, (docs->n + 1) * sizeof(*docs->list));
	docs->list[docs->n++] = (struct document){ .form = form, .name = name, .type = type };
}

static struct document *the_index(struct openapi_docs *docs)
{
	return &docs->list[docs->n - 1];
}

/* FNV-1a, 64 bits: tells one text of a document from another. */
static void set_hash(struct document *d)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < d->text.len; i++)
		h = (h ^ (unsigned char)d->text.data[i]) * UINT64_C(0x100000001b3);
	snprintf(d->hash, sizeof(d->hash), "%016llX", (unsigned long long)h);
}

static void make_index(struct openapi_docs *docs)
{
	_cleanup_json_ json *index = json_new_object();
	_cleanup_free_ char *text = NULL;
	json *paths = json_set(index, "paths", json_new_object());

	for (size_t i = 0; i < docs->n; i++) {
		const struct document *d = &docs->list[i];
		_cleanup_free_ char *url = NULL;

		if (!d->name)
			continue;
		url = xasprintf(V3 "%s?hash=%s", d->name, d->hash);
		json_set_str(json_set(paths, d->name, json_new_object()), "serverRelativeURL", url);
	}
	text = json_print(index);
	buf_puts(&the_index(docs)->text, text);
}

/* A step on the way of a document; false when it is made. */
static bool step(struct openapi_docs *docs, struct document *d)
{
	size_t n;

	if (*d->hash)
		return false;
	if (!d->gzip && !d->doc && d != the_index(docs)) {
		d->doc = openapi_doc_new(d->form, d->name);
	} else if (d->doc && openapi_doc_step(d->doc)) {
		;
	} else if (!d->gzip) {
		if (d == the_index(docs))
			make_index(docs);
		else
			openapi_doc_finish(TAKE_PTR(d->doc), &d->text);
		d->gzip = gzip_new(GZIP_LEVEL);
	} else if (d->compressed < d->text.len) {
		n = d->text.len - d->compressed < PIECE ? d->text.len - d->compressed : PIECE;
		gzip_add(d->gzip, d->text.data + d->compressed, n);
		d->compressed += n;
	} else {
		gzip_finish(TAKE_PTR(d->gzip), &d->gz);
		d->gz.data = xrealloc(d->gz.data, d->gz.len + 1);
		set_hash(d);
		buf_free(&d->text);
		return false;
	}
	return true;
}

/* The next document that is to be made for d to be there: the index needs all of version 3. */
static struct document *next_for(struct openapi_docs *docs, struct document *d)
{
	for (size_t i = 0; d == the_index(docs) && i < docs->n; i++)
		if (docs->list[i].name && !*docs->list[i].hash)
			return &docs->list[i];
	return d;
}

/* --- answers ------------------------------------------------------------------------ */

static bool wants_gzip(struct http_request *req)
{
	const char *accept = http_request_header(req, "Accept-Encoding");

	return accept && strstr(accept, "gzip") && !strstr(accept, "gzip;q=0");
}

/* An HTTP date a year from now; caller frees. */
static char *next_year(void)
{
	time_t at = time(NULL) + 365 * 24 * 3600;
	char text[64];
	struct tm tm;

	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&at, &tm));
	return xstrdup(text);
}

static void redirect(struct http_request *req, const struct document *d)
{
	_cleanup_free_ char *to = xasprintf("Location: " V3 "%s?hash=%s\r\n", d->name, d->hash);

	http_respond(req, 301, NULL, "", 0, to);
}

static void answer(struct http_request *req, const struct document *d)
{
	const char *known = http_request_header(req, "If-None-Match"), *hash = http_request_query(req, "hash");
	_cleanup_free_ char *until = next_year(), *headers = NULL;
	bool gzip = wants_gzip(req), by_hash = d->name && hash && *hash;
	struct buf text = { 0 };

	if (by_hash && !streq(hash, d->hash)) {
		redirect(req, d);
		return;
	}
	headers = xasprintf("ETag: \"%s\"\r\nVary: Accept, Accept-Encoding\r\n%s%s%s", d->hash,
			    gzip ? "Content-Encoding: gzip\r\n" : "",
			    by_hash ? "Cache-Control: public, immutable\r\nExpires: " : "Cache-Control: no-cache, private\r\n",
			    by_hash ? until : "");
	if (known && strstr(known, d->hash)) {
		http_respond(req, 304, NULL, "", 0, headers);
	} else if (gzip) {
		http_respond(req, 200, d->type, d->gz.data, d->gz.len, headers);
	} else {
		if (gunzip(d->gz.data, d->gz.len, DOCUMENT_MAX, &text))
			abort();
		http_respond(req, 200, d->type, text.data, text.len, headers);
		buf_free(&text);
	}
}

/* Which document a request asks for; NULL and a Status (or NULL: 404) if none. */
static struct document *asked_for(struct openapi_docs *docs, struct http_request *req, json **ret_status)
{
	const char *path = http_request_path(req);
	bool v2 = streq(path, "/openapi/v2");
	struct rest_accept a = rest_accept_parse(http_request_header(req, "Accept"), v2 ? 1u << REST_OPENAPI_V2_PROTOBUF : 0);
	enum openapi_form form = !v2 ? OPENAPI_V3_JSON : a.form == REST_OPENAPI_V2_PROTOBUF ? OPENAPI_V2_PROTOBUF : OPENAPI_V2_JSON;
	const char *name = startswith(path, V3) ? path + strlen(V3) : NULL;

	if (!v2 && !name && !streq(path, "/openapi/v3"))
		return NULL;
	for (size_t i = 0; i < docs->n; i++) {
		if (docs->list[i].form != form || !streq(docs->list[i].name, name))
			continue;
		if (a.form != REST_NOT_ACCEPTABLE)
			return &docs->list[i];
		*ret_status = status_not_acceptable();
	}
	return NULL;
}

/* Works on what the first waiter needs, for as long as a turn may last; for loop_work_init(). */
static bool make_documents(void *data)
{
	struct openapi_docs *docs = data;

	while (docs->waiters) {
		struct waiter *w = docs->waiters;

		if (loop_turn_spent(docs->work.loop))
			return true;
		if (step(docs, next_for(docs, w->d)) || !*w->d->hash)
			continue;
		LL_DELETE(docs->waiters, w);
		answer(w->req, w->d);
		free(w);
	}
	malloc_trim(0);	/* the text of documents was megabytes, which malloc() would keep */
	return false;
}

bool openapi_docs_serve(struct openapi_docs *docs, struct http_request *req)
{
	json *status = NULL;
	struct document *d = asked_for(docs, req, &status);
	struct waiter *w;

	if (!d && status)
		rest_respond_status(req, status);
	if (!d)
		return status;
	if (*d->hash) {
		answer(req, d);
		return true;
	}
	w = xnew0(struct waiter);
	w->req = req;
	w->d = d;
	LL_APPEND(docs->waiters, w);
	loop_work_start(&docs->work);
	return true;
}

/* --- life --------------------------------------------------------------------------- */

struct openapi_docs *openapi_docs_new(sd_event *loop)
{
	struct openapi_docs *docs = xnew0(struct openapi_docs);
	char *name;

	loop_work_init(&docs->work, loop, make_documents, docs);
	document_add(docs, OPENAPI_V2_JSON, NULL, "application/json");
	document_add(docs, OPENAPI_V2_PROTOBUF, NULL, OPENAPI_V2_PROTOBUF_TYPE);
	for (size_t i = 0; (name = openapi_v3_name(i)); i++)
		document_add(docs, OPENAPI_V3_JSON, name, "application/json");
	document_add(docs, OPENAPI_V3_JSON, NULL, "application/json");
	return docs;
}

void openapi_docs_free(struct openapi_docs *docs)
{
	struct waiter *w, *next;

	if (!docs)
		return;
	loop_work_stop(&docs->work);
	LL_FOREACH_SAFE(docs->waiters, w, next) {
		rest_respond_status(w->req, status_unavailable("the server is ending"));
		free(w);
	}
	for (size_t i = 0; i < docs->n; i++) {
		struct document *d = &docs->list[i];

		openapi_doc_free(d->doc);
		gzip_free(d->gzip);
		buf_free(&d->text);
		buf_free(&d->gz);
		free(d->name);
	}
	free(docs->list);
	free(docs);
}
