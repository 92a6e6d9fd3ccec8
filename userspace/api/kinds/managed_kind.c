// SPDX-License-Identifier: GPL-2.0-or-later
/* managed_kind.c - see managed_kind.h */
#include "api/kinds/managed_kind.h"

/* The kind in that version; NULL if it has none of it. */
static const struct kind *in_version(const struct kind *k, const char *version)
{
	const struct kind *v = kind_by_name(version, k->res->kind);

	return v && v->storage == k->storage ? v : NULL;
}

static const struct schema *schema_of(const void *data, const char *version)
{
	const struct kind *v = in_version(data, version);

	return v ? v->schema : NULL;
}

static void convert(const void *data, json *obj, const char *from, const char *to)
{
	kind_to_storage(in_version(data, from), obj);
	kind_from_storage(in_version(data, to), obj);
	/* conversion writes zeros that Go does not */
	schema_normalise(schema_of(data, to), obj);
}

struct managed_versions managed_versions_of(const struct kind *k, char **ret_stored)
{
	*ret_stored = api_version_of(k->storage->res);
	return (struct managed_versions){ .stored = *ret_stored, .schema = schema_of, .convert = convert, .data = k };
}

const char *managed_resets(const struct kind *k, const char *subresource)
{
	unsigned flags = k->storage->flags;

	if (!subresource || streq(subresource, "finalize"))
		return kind_has_subresource(k, "status") ? "status" : NULL;
	if (!streq(subresource, "status"))
		return NULL;
	return flags & KIND_STATUS_METADATA ? "spec,metadata" :
	       flags & KIND_STATUS_LABELS ? "spec,metadata.labels" :
	       flags & KIND_STATUS_OWNERS ? "spec,metadata.ownerReferences,metadata.deletionTimestamp" : "spec";
}
