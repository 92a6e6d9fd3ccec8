// SPDX-License-Identifier: GPL-2.0-or-later
/* list.c - lists over HTTP: read by page, written object by object, at the client's pace */
#include "api/rest/list_options.h"
#include "api/rest/list_writer.h"

struct list_call {
	struct list_reader *reader;
	struct list_writer *writer;
};

static bool on_item(void *data, const json *obj)
{
	struct list_call *l = data;

	return list_writer_item(l->writer, obj, registry_read_rv(l->reader));
}

static void on_end(void *data, const struct list_end *end)
{
	struct list_call *l = data;

	list_writer_end(l->writer, end);
	free(l);
}

static void on_drain(void *data)
{
	struct list_call *l = data;

	registry_read_on(l->reader);
}

static void on_gone(void *data)
{
	struct list_call *l = data;

	registry_read_stop(l->reader);
	free(l);
}

void rest_list(struct rest_call *c)
{
	static const struct list_writer_ops writer_ops = { .go_on = on_drain, .gone = on_gone };
	static const struct list_ops ops = { .item = on_item, .end = on_end };
	struct list_options q;
	json *s = list_options_parse(rest_query, c->req, &q);
	struct registry_list_opts o = list_options_read(&q);
	struct list_call *l;

	if (s) {
		rest_fail(c, s);
		return;
	}
	l = xnew0(struct list_call);
	l->reader = registry_read(c->rest->store, c->path.kind->res, c->path.ns, &o, &ops, l);
	l->writer = list_writer_new(c, o.limit, &writer_ops, l);
}
