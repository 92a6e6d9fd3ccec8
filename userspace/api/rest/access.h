/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * access.h - who sends a request, and whether they may
 *
 * Every request passes access_authenticate() and access_authorize() before
 * anything is read or written; what it would write passes admission besides
 * (api/registry/admission.h).
 */
#ifndef KEELSON_API_REST_ACCESS_H
#define KEELSON_API_REST_ACCESS_H

#include "api/rest/path.h"
#include "rpc/http_server.h"

/* Who sends the request. */
struct access_user {
	struct kind_user user;		/* what others look at */
	char **groups;			/* user.groups, up to a NULL */
	size_t n_groups;
};
void access_user_free(struct access_user *u);

/*
 * From the client's certificate: its common name, in the groups that are its
 * organizations. A plain connection, which is a local one, is system:unsecured,
 * one of the masters. Both may speak for another by the headers Impersonate-User and Impersonate-Group. NULL,
 * or a Status that the request is to be refused with.
 */
json *access_authenticate(struct http_request *req, struct access_user *ret);

/* What somebody wants. */
struct access_request {
	const struct kind_user *user;
	const char *verb;		/* get, list, watch, create, update, patch, delete, deletecollection */
	const struct rest_path *object;	/* NULL: something else */
	const char *path;		/* of the URL */
};
/* NULL, or 403. */
json *access_authorize(const struct access_request *a);

/* The verb as rules name it: "list" for LIST, "create" for POST and CONNECT ... of request_verb(). */
const char *access_verb(const char *request_verb, const char *method);

#endif
