/* SPDX-License-Identifier: GPL-2.0-or-later */
/* managed_kind.h - the versions of a kind, as managed.h asks for them */
#ifndef KEELSON_API_KINDS_MANAGED_KIND_H
#define KEELSON_API_KINDS_MANAGED_KIND_H

#include "api/kinds/kinds.h"
#include "api/meta/managed.h"

/* Objects are in k's storage version. *ret_stored (to free after use) holds its name. */
struct managed_versions managed_versions_of(const struct kind *k, char **ret_stored);
/* The paths that a write to the subresource (NULL: the object itself) of k never changes, comma-separated. */
const char *managed_resets(const struct kind *k, const char *subresource);

#endif
