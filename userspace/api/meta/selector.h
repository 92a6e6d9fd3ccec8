/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selector.h - label and field selectors of lists and watches
 *
 * The grammar and the refusals are those of Kubernetes' API (labelSelector=,
 * fieldSelector=). Pure.
 */
#ifndef KEELSON_API_SELECTOR_H
#define KEELSON_API_SELECTOR_H

#include "base/json.h"
#include "store/store.h"

struct selector;

/*
 * Compiles both members of sel (NULL: matches everything) for objects of r.
 * 0, or -EINVAL with the API server's sentence in *ret_msg, to free.
 */
int selector_parse(const struct resource *r, const struct store_selector *sel,
		   struct selector **ret, char **ret_msg);
void selector_free(struct selector *s);
/*
 * What a kind's rules say of its fields: rename gives the path by which the
 * object knows it, value what is compared instead of what is there (NULL: that).
 * Either may be NULL.
 */
void selector_set_fields(struct selector *s, const char *(*rename)(const char *path),
			 const char *(*value)(const json *obj, const char *path));

/* NULL matches everything. */
bool selector_match(const struct selector *s, const json *obj);
/* True when there is nothing to ask of an object. */
bool selector_is_empty(const struct selector *s);
/* The name that `metadata.name=` pins the selection to, or NULL. */
const char *selector_name(const struct selector *s);

/*
 * One equality that an object must meet to be selected: whoever has many
 * selectors finds by it the few that an object may concern.
 */
struct selector_pin {
	enum { PIN_NONE, PIN_FIELD, PIN_LABEL } type;
	const char *path;	/* of the field, or the label's key; borrowed from the selector */
	const char *value;
};
/* The one that leaves fewest: a name, then another field, then a label. */
struct selector_pin selector_pin(const struct selector *s);
/* What a field selector compares, value as selector_set_fields()'s; caller frees. */
char *selector_field(const json *obj, const char *path, const char *(*value)(const json *obj, const char *path));

#endif
