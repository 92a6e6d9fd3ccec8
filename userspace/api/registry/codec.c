// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * codec.c - objects as etcd holds them, see object.h
 *
 * Written as Kubernetes writes them: protobuf in its envelope, in the storage
 * version; the kinds of the aggregator and of custom resources as JSON. Both are
 * read for every kind, whoever wrote them. What is read gets its defaults anew: a
 * server that knows a new one is then no reason for anything to change.
 */
#include <errno.h>
#include <stdio.h>

#include "api/kinds/rules.h"
#include "api/registry/object.h"
#include "api/schema/protobuf.h"

void object_set_rv(json *obj, int64_t rv)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)rv);
	json_set_str(json_obj(obj, "metadata"), "resourceVersion", text);
}

/* --- writing ----------------------------------------------------------------------- */

/* The members of obj but the one called `but`, borrowed. */
static json *without(const json *obj, const char *but, const char *and_but)
{
	json *copy = json_new_object();

	json_each(it, obj)
		if (!streq(json_key(it), but) && !streq(json_key(it), and_but))
			cJSON_AddItemReferenceToObject(copy, json_key(it), it);
	return copy;
}

void object_encode(const json *obj, struct buf *out)
{
	const struct kind *k = kind_by_name(json_str_or(json_get(obj, "apiVersion"), ""),
					    json_str_or(json_get(obj, "kind"), ""));
	/* what etcd itself knows is not written */
	_cleanup_json_ json *stored = without(obj, "metadata", NULL);
	_cleanup_free_ char *text = NULL;

	json_set(stored, "metadata", without(json_get(obj, "metadata"), "resourceVersion", "selfLink"));
	if (k && !(k->flags & KIND_STORED_JSON)) {
		protobuf_encode_object(k->schema, stored, out);
		return;
	}
	text = json_print(stored);
	buf_puts(out, text);
	buf_puts(out, "\n");
}

/* --- reading ----------------------------------------------------------------------- */

static int decode_protobuf(const char *value, size_t len, json **ret, char **ret_why)
{
	_cleanup_envelope_ struct protobuf_envelope e = { 0 };
	const struct kind *k;
	int err;

	err = protobuf_open(value, len, &e, ret_why);
	if (err)
		return err;
	k = kind_by_name(e.api_version, e.kind);
	if (!k) {
		*ret_why = xasprintf("it is a %s of %s, which this server does not know", e.kind, e.api_version);
		return -EINVAL;
	}
	err = protobuf_decode(k->schema, e.raw, e.raw_len, ret, ret_why);
	if (err)
		return err;
	json_set_str(*ret, "apiVersion", e.api_version);
	json_set_str(*ret, "kind", e.kind);
	return 0;
}

/* Another server's version becomes ours; what that server did not know is filled in. */
static void bring_up_to_date(json *obj)
{
	const struct kind *k = kind_by_name(json_str_or(json_get(obj, "apiVersion"), ""),
					    json_str_or(json_get(obj, "kind"), ""));

	if (!k)
		return;
	kind_to_storage(k, obj);
	default_object(k->storage, obj);
}

int object_decode(const char *key, const char *value, size_t len, int64_t revision, json **ret, char **ret_msg)
{
	_cleanup_free_ char *why = NULL;
	json *obj = NULL;

	if (protobuf_has_magic(value, len)) {
		if (decode_protobuf(value, len, &obj, &why)) {
			*ret_msg = xasprintf("%s in etcd cannot be read: %s", key, why);
			return -EINVAL;
		}
	} else if (json_parse(value, len, &obj, &why)) {
		*ret_msg = xasprintf("%s in etcd is no JSON: %s", key, why);
		return -EINVAL;
	}
	if (!json_is_object(obj) || !json_is_object(json_get(obj, "metadata"))) {
		json_freep(&obj);
		*ret_msg = xasprintf("%s in etcd is no object with metadata", key);
		return -EINVAL;
	}
	bring_up_to_date(obj);
	object_set_rv(obj, revision);
	*ret = obj;
	return 0;
}
