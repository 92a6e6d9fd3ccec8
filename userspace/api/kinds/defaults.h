/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * defaults.h - what a Kubernetes server fills in where the user said nothing
 */
#ifndef KEELSON_API_KINDS_DEFAULTS_H
#define KEELSON_API_KINDS_DEFAULTS_H

#include "api/kinds/kinds.h"
#include "base/json.h"

/*
 * Brings the object into its normal form (schema_normalise(): what says nothing
 * goes, constants of the tables come), then the kind's own defaults. Idempotent;
 * for every write before validation, and for what is read from etcd. Not here,
 * because it needs other state: uid, times, generation, clusterIP, node ports,
 * pod prefixes. k is a storage version.
 */
void default_object(const struct kind *k, json *obj);
/* The two steps of it: what belongs to whoever wrote the object, and what admission adds. */
void default_fields(const struct kind *k, json *obj);
void admit_object(const struct kind *k, json *obj);

/*
 * For a create, before default_object(): the status a client may not choose is
 * dropped and the kind's first status is set.
 */
void reset_status(const struct kind *k, json *obj);

/* Sets a member only where there is none; an empty string counts as none. */
static inline void default_str(json *obj, const char *key, const char *value)
{
	const json *old = json_get(obj, key);

	if (!old || streq(json_str(old), ""))
		json_set_str(obj, key, value);
}

static inline void default_int(json *obj, const char *key, int64_t value)
{
	if (!json_get(obj, key))
		json_set_int(obj, key, value);
}

static inline void default_bool(json *obj, const char *key, bool value)
{
	if (!json_get(obj, key))
		json_set_bool(obj, key, value);
}

#endif
