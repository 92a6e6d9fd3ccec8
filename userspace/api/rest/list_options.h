/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list_options.h - what the query of a list or a watch asks for (pure)
 */
#ifndef KEELSON_API_REST_LIST_OPTIONS_H
#define KEELSON_API_REST_LIST_OPTIONS_H

#include "api/registry/registry.h"
#include "base/json.h"
#include "store/store.h"

enum rv_match {
	RV_UNSET,		/* as of now, exactly */
	RV_ANY,			/* resourceVersion=0: whatever is at hand */
	RV_AT_LEAST,
	RV_EXACT,
};

struct list_options {
	struct store_selector sel;
	int64_t limit;			/* 0: none */
	const char *continue_token;	/* or NULL */
	enum rv_match match;
	int64_t rv;			/* RV_AT_LEAST, RV_EXACT */
	/* watches only */
	enum { INITIAL_LEGACY, INITIAL_SEND, INITIAL_SKIP } initial;	/* LEGACY: sent unless a version is named, no mark after it */
	bool bookmarks;
	int64_t timeout;		/* seconds; 0: none given */
};

/* The value of a parameter, NULL if absent, "" without value. */
typedef const char *(*query_fn)(const void *data, const char *key);

/* False for an absent, "false" or "0" parameter. */
bool query_bool(query_fn query, const void *data, const char *key);
/*
 * The options, or a Status that the caller owns: 400 for what is no number,
 * 422 for what does not go together. The strings are the query's.
 */
json *list_options_parse(query_fn query, const void *data, struct list_options *ret);

/* The same for the registry. */
struct registry_list_opts list_options_read(const struct list_options *o);

#endif
