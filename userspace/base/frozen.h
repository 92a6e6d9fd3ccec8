/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frozen.h - JSON trees that nobody changes any more, shared by all who keep them
 *
 * A frozen tree is one block of memory: its nodes, then its strings; keys that
 * json.h shares lie outside. That is about half of what the tree of json.h takes,
 * and one free() ends it. To its readers it is a const json like any other. It
 * lives until the last who keeps it releases it.
 *
 * Not for threads: references are counted without atomics.
 */
#ifndef KEELSON_BASE_FROZEN_H
#define KEELSON_BASE_FROZEN_H

#include "base/bytes.h"
#include "base/json.h"

/* A frozen copy, kept by the caller. */
const json *json_freeze(const json *tree);
/*
 * The tree for as long as the caller wants it: one more reference if it is
 * frozen (or an item that json_append_frozen() made), else a frozen copy.
 */
const json *json_keep(const json *tree);
/* Only what json_freeze() or json_keep() gave; NULL is fine. */
void json_release(const json *frozen);
bool json_is_frozen(const json *tree);
/* Frozen, and kept by more than one. */
bool json_is_shared(const json *tree);
/* The bytes it takes, without its forms. */
size_t json_frozen_size(const json *frozen);

/* Puts a frozen tree into an array that is a list of such, and that must not outlive it. */
void json_append_frozen(json *array, const json *frozen);

/* --- forms: what a frozen tree looks like serialized, made once and shared ------------ */

/* What was put there under this number, or NULL. Borrowed until the loop's next turn. */
struct bytes *json_form(const json *frozen, unsigned form);
/*
 * Keeps the bytes (with a reference of its own) for whoever asks next. Not for
 * long: see json_forms_sweep(); and not at all while all forms there are have
 * FORMS_MAX bytes. Nothing happens to a tree that is not frozen.
 */
void json_put_form(const json *frozen, unsigned form, struct bytes *bytes);
#define FORMS_MAX ((size_t)(8 << 20))
/* Drops the forms of trees that got none since the sweep before. True while there are forms left. */
bool json_forms_sweep(void);

#endif
