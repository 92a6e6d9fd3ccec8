/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list.h - lists: pages, continue tokens (pure) and the reading of them */
#ifndef KEELSON_API_REGISTRY_LIST_H
#define KEELSON_API_REGISTRY_LIST_H

#include "base/json.h"

/*
 * A continue token: the revision of the whole list and the key to go on from,
 * below the list's own prefix. base64url of {"v":"meta.k8s.io/v1","rv":N,"start":"..."}.
 * A revision of CONTINUE_NEWEST is what goes with a token that has expired: on
 * from that key, as things are now.
 */
#define CONTINUE_NEWEST -1
char *continue_encode(int64_t rv, const char *start);
/* -EINVAL with the API server's sentence in *ret_msg. Caller frees *ret_start. */
int continue_decode(const char *token, int64_t *ret_rv, char **ret_start, char **ret_msg);

#endif
