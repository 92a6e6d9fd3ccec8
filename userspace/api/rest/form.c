// SPDX-License-Identifier: GPL-2.0-or-later
/* form.c - see form.h */
#include "api/rest/form.h"

#include "api/schema/protobuf.h"
#include "api/schema/tables.h"

#define SWEEP_US 1000000	/* how often the bytes that nobody needs any more are dropped */

/* Parts of a form's number; where each kind of them has its place. */
enum {
	PART_ITEM,		/* of a list */
	PART_EVENT,		/* and enum rest_event: frames of a watch */
	FORM_SHIFT = 4,		/* enum rest_form */
	ENCODING_SHIFT = 8,	/* enum rest_encoding */
	BETA_SHIFT = 10,	/* v1beta1 of Table and PartialObjectMetadata */
	INCLUDE_SHIFT = 11,	/* enum table_include */
	COLUMNS_SHIFT = 13,	/* a Table that has them */
	KIND_SHIFT = 14,	/* which version of its kind the object is sent in */
};

/* The number under which bytes are shared: equal for calls whose bytes are the same. */
static unsigned form_id(const struct rest_call *c, unsigned part)
{
	unsigned id = part | (unsigned)c->accept.form << FORM_SHIFT | (unsigned)c->accept.encoding << ENCODING_SHIFT;
	unsigned version = 0;

	for (const struct kind *k; (k = kind_at(version)) && k != c->path.kind; )
		version++;
	id |= version << KIND_SHIFT;
	if (c->accept.form != REST_OBJECT)
		id |= (unsigned)streq(c->accept.version, "v1beta1") << BETA_SHIFT;
	if (c->accept.form == REST_TABLE)
		id |= (unsigned)c->table.include << INCLUDE_SHIFT | (unsigned)!c->table.no_columns << COLUMNS_SHIFT;
	return id;
}

static void on_sweep(void *data)
{
	struct rest *r = data;

	if (json_forms_sweep())
		loop_timer_start(&r->sweep, SWEEP_US);
}

void rest_forms_init(struct rest *r)
{
	loop_timer_init(&r->sweep, r->loop, on_sweep, r);
}

static void share(struct rest_call *c, const json *obj, unsigned id, struct bytes *bytes)
{
	json_put_form(obj, id, bytes);
	loop_timer_start_by(&c->rest->sweep, SWEEP_US);
}

/* --- forms --------------------------------------------------------------------------------- */

static bool is_status(const json *obj)
{
	return streq(json_str(json_get(obj, "kind")), "Status");
}

/* The object in the version that is asked for; *ret_owned is to be freed, if there is one. */
static const json *in_version(const struct rest_call *c, const json *obj, json **ret_owned)
{
	const struct kind *k = c->path.kind;

	*ret_owned = NULL;
	/* What is no object of the kind, a Scale, has one version. */
	if (k->storage == k || !streq(json_str(json_get(obj, "kind")), k->res->kind))
		return obj;
	*ret_owned = json_clone(obj);
	kind_from_storage(k, *ret_owned);
	return *ret_owned;
}

static json *table_of(struct rest_call *c, const json *obj, bool no_columns)
{
	_cleanup_json_ json *owned = NULL;
	struct table_opts o = c->table;

	o.now_us = now_realtime_us();
	o.no_columns = no_columns;
	/* Tables are printed from what is stored. */
	if (o.include != TABLE_OBJECT)
		return table_new(c->path.kind->storage, obj, &o);
	obj = in_version(c, obj, &owned);
	return table_new(c->path.kind, obj, &o);
}

/* Nothing but the metadata. */
static json *partial_of(struct rest_call *c, const json *obj)
{
	const json *meta = json_get(obj, "metadata");
	_cleanup_free_ char *version = xasprintf("meta.k8s.io/%s", c->accept.version);
	json *p = json_new_object();

	json_set_str(p, "kind", "PartialObjectMetadata");
	json_set_str(p, "apiVersion", version);
	json_set(p, "metadata", meta ? json_clone(meta) : json_new_object());
	return p;
}

/* Kind and version first, as Go writes them; or without, as items of lists are. */
static void write_json(struct buf *out, const json *obj, bool typed)
{
	const char *comma = "";

	buf_puts(out, "{");
	if (typed) {
		buf_puts(out, "\"kind\":");
		json_write_str(out, json_str_or(json_get(obj, "kind"), ""));
		buf_puts(out, ",\"apiVersion\":");
		json_write_str(out, json_str_or(json_get(obj, "apiVersion"), ""));
		comma = ",";
	}
	json_each(it, obj) {
		if (streq(json_key(it), "kind") || streq(json_key(it), "apiVersion"))
			continue;
		buf_puts(out, comma);
		json_write_str(out, json_key(it));
		buf_puts(out, ":");
		json_write(out, it);
		comma = ",";
	}
	buf_puts(out, "}");
}

void rest_write_object(struct rest_call *c, const json *obj, struct buf *out, const char **ret_type)
{
	_cleanup_json_ json *owned = NULL, *made = NULL;

	*ret_type = REST_TYPE_JSON;
	if (is_status(obj)) {
		rest_encode(c->accept.encoding, obj, out, ret_type);
	} else if (c->accept.form == REST_TABLE) {
		made = table_of(c, obj, c->table.no_columns);
		rest_encode(c->accept.encoding, made, out, ret_type);
	} else if (c->accept.form == REST_PARTIAL) {
		made = partial_of(c, obj);
		rest_encode(c->accept.encoding, made, out, ret_type);
	} else {
		obj = in_version(c, obj, &owned);
		if (c->accept.encoding == REST_JSON)
			write_json(out, obj, true);
		else
			rest_encode(c->accept.encoding, obj, out, ret_type);
	}
	/* The line end is for who ends the line. */
	if (streq(*ret_type, REST_TYPE_JSON) && out->len && out->data[out->len - 1] == '\n')
		out->data[--out->len] = '\0';
}

static void write_item(struct rest_call *c, const json *obj, struct buf *out)
{
	bool protobuf = c->accept.encoding == REST_PROTOBUF;
	_cleanup_json_ json *owned = NULL, *made = NULL;

	if (c->accept.form == REST_TABLE) {
		made = table_of(c, obj, true);
		json_write(out, json_get(made, "rows")->child);
	} else if (c->accept.form == REST_PARTIAL) {
		made = partial_of(c, obj);
		if (protobuf)
			protobuf_encode_item(&sch_meta_v1_PartialObjectMetadata, made, out);
		else
			json_write(out, made);
	} else {
		obj = in_version(c, obj, &owned);
		if (protobuf)
			protobuf_encode_item(c->path.kind->schema, obj, out);
		else
			write_json(out, obj, false);
	}
}

void rest_write_item(struct rest_call *c, const json *obj, struct buf *out)
{
	/* A row tells ages: it does not keep. */
	bool keeps = json_is_shared(obj) && c->accept.form != REST_TABLE;
	unsigned id = form_id(c, PART_ITEM);
	_cleanup_bytes_ struct bytes *made = NULL;
	struct bytes *b = keeps ? json_form(obj, id) : NULL;
	size_t from = out->len;

	if (b) {
		buf_add(out, b->data, b->len);
		return;
	}
	write_item(c, obj, out);
	if (!keeps)
		return;
	made = bytes_new(out->data + from, out->len - from);
	share(c, obj, id, made);
}

/* --- watches ---------------------------------------------------------------------------------- */

struct bytes *rest_event_bytes(struct rest_call *c, enum rest_event type, const json *obj)
{
	static const char *const names[] = {
		[REST_ADDED] = "ADDED", [REST_MODIFIED] = "MODIFIED", [REST_DELETED] = "DELETED",
		[REST_BOOKMARK] = "BOOKMARK", [REST_ERROR] = "ERROR",
	};
	unsigned id = form_id(c, PART_EVENT + type);
	struct buf object = {0}, frame = {0};
	struct bytes *b = json_form(obj, id);
	const char *media;

	if (b)
		return bytes_ref(b);
	rest_write_object(c, obj, &object, &media);
	rest_encode_event(c->accept.encoding, names[type], object.data, object.len, &frame);
	b = bytes_new(frame.data, frame.len);
	buf_free(&object);
	buf_free(&frame);
	share(c, obj, id, b);
	return b;
}
