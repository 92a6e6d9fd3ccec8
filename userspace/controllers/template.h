/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * template.h - pod templates: when two are the same, and a name for each
 *
 * Two templates are the same when they say the same: members in any order,
 * null, and what Go leaves out when empty, do not count. Both functions leave
 * out the label pod-template-hash.
 */
#ifndef KEELSON_CONTROLLERS_TEMPLATE_H
#define KEELSON_CONTROLLERS_TEMPLATE_H

#include "base/json.h"

#define POD_TEMPLATE_HASH_LABEL "pod-template-hash"

bool template_equal(const json *a, const json *b);

/* Room for a template's hash and its NUL. */
#define TEMPLATE_HASH_LEN 16
/* A stable short word, fit for names and labels; another one for each collisions count. */
void template_hash(const json *template, int64_t collisions, char out[TEMPLATE_HASH_LEN]);

#endif
