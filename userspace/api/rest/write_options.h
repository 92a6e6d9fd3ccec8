/* SPDX-License-Identifier: GPL-2.0-or-later */
/* write_options.h - what the query of a create, update or patch asks for (pure) */
#ifndef KEELSON_API_REST_WRITE_OPTIONS_H
#define KEELSON_API_REST_WRITE_OPTIONS_H

#include "api/registry/registry.h"

enum write_verb {
	WRITE_CREATE,
	WRITE_UPDATE,
	WRITE_PATCH,
	WRITE_APPLY,	/* a patch too */
};

/* A parameter of the query; NULL if absent. */
typedef const char *(*query_fn)(const void *data, const char *key);

/*
 * dryRun, fieldValidation, fieldManager and force. The manager's name is the
 * query's, else what user_agent (NULL: nothing) says before its first slash; it is
 * in *ret_manager, for the caller to free after use. NULL, or a Status.
 */
json *write_options_parse(enum write_verb verb, query_fn query, const void *data, const char *user_agent,
			  struct registry_write_opts *ret, char **ret_manager);

/* For a "true", an absent value and anything else but "false" and "0". */
bool query_is_true(const char *value);

#endif
