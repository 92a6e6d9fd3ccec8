// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_rest_object.c - an object's way through a write: the first two bytes
 *                      choose a kind, the third says whether the rest is protobuf;
 *                      else it is a line of JSON, and what follows is a patch
 *
 * The object is created as the registry does it, kept and read again, replaced by
 * itself, patched in every way, and printed. Nothing may be lost on the way.
 */
#include "fuzz_kinds.h"

#include "api/kinds/rules.h"
#include "api/kinds/validate.h"
#include "api/meta/status.h"
#include "api/registry/object.h"
#include "api/rest/table.h"
#include "api/schema/protobuf.h"

#define NOW UINT64_C(1767225600000000)	/* 2026-01-01T00:00:00Z */

/* A refusal is a Status of a client's fault. */
static bool refused(json *status)
{
	int code = status ? status_code(status) : 0;

	must(!status || (code >= 400 && code < 500));
	json_freep(&status);
	return code;
}

/* What etcd gives back is what was written. */
static void is_kept(const json *obj)
{
	_cleanup_json_ json *again = NULL, *was = json_clone(obj);
	_cleanup_free_ char *why = NULL;
	struct buf b = { 0 };

	object_encode(obj, &b);
	if (object_decode("key", b.data, b.len, 7, &again, &why)) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	object_set_rv(was, 7);
	must_equal(was, again);
	buf_free(&b);
}

static void is_printed(const struct kind *k, const json *obj)
{
	static const struct table_opts opts = { .version = "v1", .include = TABLE_OBJECT, .now_us = NOW };
	_cleanup_json_ json *table = table_new(k->storage, obj, &opts), *own = json_clone(obj);

	must(json_len(json_get(table, "rows")) == 1);
	kind_from_storage(k, own);
	must(streq(json_str(json_get(own, "kind")), k->res->kind));
}

static void replace(const struct kind *k, const json *cur, json *wanted, const char *sub, bool by_itself)
{
	static const struct object_writer writer = { .manager = "fuzz", .now_us = NOW + 1000000 };
	struct object_writer w = writer;
	_cleanup_json_ json *next = NULL;

	w.as = k;
	if (refused(object_prepare_update(k->storage, sub, cur, wanted, &next))) {
		must(!by_itself);
		return;
	}
	object_record(&w, sub, cur, next);
	if (by_itself)
		must_equal(cur, next);
	if (!refused(object_validate(k, sub, next, cur)))
		is_kept(next);
}

static void patch(const struct kind *k, const json *cur, const json *change)
{
	static const enum store_patch_type types[] = { STORE_PATCH_MERGE, STORE_PATCH_STRATEGIC, STORE_PATCH_JSON };
	struct object_writer w = { .as = k, .manager = "fuzz", .now_us = NOW + 1000000 };
	json *next = NULL, *managed = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		for (int strict = 0; strict < 2; strict++)
			if (!refused(object_patch(k, NULL, cur, types[i], change, strict, &next)))
				replace(k, cur, TAKE_PTR(next), NULL, false);
	if (!json_is_object(change))
		return;
	for (int force = 0; force < 2; force++) {
		if (!refused(object_apply(&w, json_str(json_get(cur, "metadata", "namespace")),
					  json_str_or(json_get(cur, "metadata", "name"), ""), NULL, cur, change, force, &next, &managed)))
			replace(k, cur, TAKE_PTR(next), NULL, false);
		json_freep(&next);
		json_freep(&managed);
	}
}

/* The body as an object that could be written, NULL if it is refused. */
static json *created(const struct kind *k, json *body)
{
	struct object_writer w = { .as = k, .manager = "fuzz", .now_us = NOW };
	_cleanup_json_ json *obj = body, *again = NULL;

	if (refused(object_check_body(k, k->res->namespaced ? "ns" : NULL, NULL, false, obj)))
		return NULL;
	kind_to_storage(k, obj);
	if (refused(object_prepare_create(k->storage, obj, NOW)))
		return NULL;
	object_record(&w, NULL, NULL, obj);
	admit_object(k->storage, obj);
	again = json_clone(obj);
	default_object(k->storage, again);
	must_equal(obj, again);
	if (refused(object_validate(k, NULL, obj, NULL)))
		return NULL;
	return TAKE_PTR(obj);
}

static void life(const struct kind *k, json *body, const json *change)
{
	static const char *const nobody[] = { NULL };
	static const struct kind_user user = { "u", nobody };
	_cleanup_json_ json *obj = created(k, body);

	if (!obj)
		return;
	if (k->storage->rules->answer) {
		refused(k->storage->rules->answer(obj, &user));
		return;
	}
	object_set_rv(obj, 3);
	is_kept(obj);
	is_printed(k, obj);
	replace(k, obj, json_clone(obj), NULL, true);
	if (kind_has_subresource(k, "status"))
		replace(k, obj, json_clone(obj), "status", true);
	if (change)
		patch(k, obj, change);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct parts in = { (const char *)data + 3, len - 3 };
	_cleanup_json_ json *change = NULL;
	_cleanup_free_ char *text = NULL;
	const struct kind *k;
	json *body = NULL;

	if (len < 3)
		return 0;
	k = chosen_kind(data);
	if (data[2] & 1) {
		if (!protobuf_decode(k->schema, in.p, in.left, &body, NULL))
			life(k, body, NULL);
		return 0;
	}
	text = next_part(&in);
	if (json_parse_duplicates(text, strlen(text), NULL, NULL, &body, NULL))
		return 0;
	if (json_parse_duplicates(in.p, in.left, NULL, NULL, &change, NULL))
		change = NULL;
	life(k, body, change);
	return 0;
}
