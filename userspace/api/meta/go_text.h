/* SPDX-License-Identifier: GPL-2.0-or-later */
/* go_text.h - JSON values as Go prints them, for messages that clients compare or know */
#ifndef KEELSON_API_META_GO_TEXT_H
#define KEELSON_API_META_GO_TEXT_H

#include "base/json.h"

/* %v: map[a:1 b:[x y]], members in order of their names */
void go_text(struct buf *b, const json *v);
/* %#v: map[string]interface {}{"a":1, "b":[]interface {}{"x", "y"}} */
void go_syntax(struct buf *b, const json *v);

#endif
