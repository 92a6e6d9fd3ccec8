/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * yaml.h - YAML as Kubernetes' clients and servers read and write it, to and from
 *          JSON trees
 *
 * Scalars are what Go's YAML library makes of them: YAML 1.1's booleans (yes, on,
 * y ...), octal, hexadecimal and binary integers, .inf and .nan (which JSON
 * cannot say: an error), strings that look like times. Keys become strings.
 * Anchors, aliases and merge keys (<<) are followed, within bounds. Only the
 * first document of a text is read.
 */
#ifndef KEELSON_BASE_YAML_H
#define KEELSON_BASE_YAML_H

#include "base/json.h"

/*
 * 0 and a tree that the caller owns; or -EINVAL and a sentence in *ret_msg, which
 * the caller frees. A key that stands twice in a mapping counts as its last; each
 * of them is a line `line 3: key "a" already set in map` in *ret_duplicates
 * (NULL: none; caller frees).
 */
int yaml_parse(const char *text, size_t len, json **ret, char **ret_duplicates, char **ret_msg);

/* Appends the tree as a YAML document: keys in order, lists not indented. */
void yaml_print(const json *j, struct buf *out);

#endif
