/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kinds.h - the kinds that are served, one row each in kinds.tsv
 *
 * From the rows kinds.awk makes at build time struct resource res_ID and struct
 * kind kind_ID. Storage, REST paths, discovery, OpenAPI and printing follow
 * from the row and the type it names. A kind has versions: each is a struct
 * kind of its own, and all but one point to the one that is stored.
 */
#ifndef KEELSON_API_KINDS_KINDS_H
#define KEELSON_API_KINDS_KINDS_H

#include <stddef.h>
#include "api/schema/schema.h"
#include "store/resource.h"

struct kind_rules;	/* api/kinds/rules.h */
struct kind_convert;

enum kind_flags {
	KIND_GENERATION = 1 << 0,	/* metadata.generation counts changes */
	KIND_PUT_CREATES = 1 << 1,	/* a PUT of what is not there makes it */
	KIND_NEEDS_RV = 1 << 2,		/* a PUT must name a resourceVersion */
	KIND_STORED_JSON = 1 << 3,	/* lies in etcd as JSON, not as protobuf */
	/* What a write of /status leaves alone besides spec: */
	KIND_STATUS_LABELS = 1 << 4,	/* labels */
	KIND_STATUS_METADATA = 1 << 5,	/* all metadata */
	KIND_STATUS_OWNERS = 1 << 6,	/* ownerReferences and deletionTimestamp */
};

/* What the cluster gives to an object of the kind: registry/alloc.c */
enum kind_allots {
	ALLOT_NOTHING,
	ALLOT_SERVICE_IP,
	ALLOT_POD_CIDR,
};

/* How an object goes. */
enum kind_deletion {
	DELETE_AT_ONCE,		/* when its finalizers are gone */
	DELETE_GRACEFULLY,	/* a pod: its node stops it first */
	DELETE_FINALIZED,	/* a namespace: spec.finalizers too, and not every one may go */
};

/* Who asks. */
struct kind_user {
	const char *name;	/* never NULL */
	const char *const *groups;	/* ends at NULL */
};

struct subresource {
	const char *name;	/* "scale" */
	const char *verbs;	/* comma-separated */
	/* Of its body, where it is not the object itself; NULL */
	const char *group, *version, *kind;
};

struct kind {
	const struct resource *res;	/* of this version; etcd_dir "" if nothing is stored */
	const char *singular;
	const char *short_names;	/* comma-separated, may be "" */
	const char *categories;		/* comma-separated, may be ""; "all" is what kubectl get all shows */
	const char *verbs;		/* comma-separated */
	const struct subresource *subs;	/* in order of their names */
	size_t n_subs;
	const struct schema *schema;
	unsigned flags;			/* enum kind_flags */
	const char *(*invalid_name)(const char *name);	/* as in api/meta/validate.h */
	const struct kind_rules *rules;	/* never NULL */
	const struct kind *storage;	/* the version that is kept in etcd: itself, or another */
	const struct kind_convert *convert;	/* between this version and storage; NULL: they differ in name only */
};

/* All kinds in the table's order, versions of a group in order of preference; NULL past the last. */
const struct kind *kind_at(size_t i);
/* The same without what is not stored or is another version of what is. */
const struct kind *kind_stored_at(size_t i);
/* By URL parts or by apiVersion ("apps/v1") and kind; NULL if unknown. */
const struct kind *kind_by_plural(const char *group, const char *version, const char *plural);
const struct kind *kind_by_name(const char *api_version, const char *kind);
const struct kind *kind_of(const struct resource *r);
/*
 * The type of what is sent under that name: of a kind, or of what is none but
 * travels (Scale, Status, DeleteOptions of every group, ...); NULL if unknown.
 */
const struct schema *kind_schema(const char *api_version, const char *kind);
/* "apps/v1", "v1"; caller frees. */
char *api_version_of(const struct resource *r);
bool kind_has_verb(const struct kind *k, const char *verb);
/* NULL if it has none of that name. */
const struct subresource *kind_subresource(const struct kind *k, const char *sub);
bool kind_has_subresource(const struct kind *k, const char *sub);

/* obj of version k becomes one of k->storage, or the other way; in place. */
void kind_to_storage(const struct kind *k, json *obj);
void kind_from_storage(const struct kind *k, json *obj);

/* selector_parse() for lists of version k, matching objects as they are stored. */
struct selector;
struct store_selector;
int kind_selector_parse(const struct kind *k, const struct store_selector *sel, struct selector **ret, char **ret_msg);

#include "api/kinds/table.h"	/* made by kinds.awk: res_ID, kind_ID */

#endif
