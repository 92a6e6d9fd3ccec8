/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * patch.h - the three patch formats a Kubernetes server takes
 *
 * Each works on a copy: `cur` and `patch` are untouched and *ret is a new tree
 * that the caller owns. Errors: -EINVAL, the patch is malformed (400); for
 * patch_json also -EBADMSG, the patch is well-formed but cannot be applied or
 * its test failed (422). *msg (caller frees) is then a sentence.
 */
#ifndef KEELSON_API_PATCH_H
#define KEELSON_API_PATCH_H

#include "api/schema/schema.h"

/* RFC 7396 */
int patch_merge(const json *cur, const json *patch, json **ret, char **msg);
/* RFC 6902 */
int patch_json(const json *cur, const json *patch, json **ret, char **msg);
/*
 * Strategic merge patch with $patch (delete, replace, merge), $retainKeys,
 * $setElementOrder/<list> and $deleteFromPrimitiveList/<list>; merge keys come
 * from the schema; where the schema knows nothing, lists are replaced.
 */
int patch_strategic(const struct schema *s, const json *cur, const json *patch, json **ret, char **msg);

#endif
