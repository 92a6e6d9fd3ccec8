/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.h - Kubernetes Status objects, worded as the API server words them
 *
 * Every refusal of the registry and of the REST server is one of these. Each
 * function gives a tree that the caller owns.
 */
#ifndef KEELSON_API_STATUS_H
#define KEELSON_API_STATUS_H

#include "api/meta/fielderr.h"
#include "base/json.h"
#include "store/resource.h"

/* A Failure; details (or NULL) belongs to the Status afterwards. */
json *status_failure(int code, const char *reason, json *details, const char *fmt, ...) PRINTF(4, 5);

/* 404 `pods "x" not found` */
json *status_not_found(const struct resource *r, const char *name);
/* 404 for a path that no kind serves */
json *status_no_resource(void);
/* 409 `pods "x" already exists` */
json *status_exists(const struct resource *r, const char *name);
/* 409 `Operation cannot be fulfilled on pods "x": why` */
json *status_conflict(const struct resource *r, const char *name, const char *why);
/* The conflict of a stale resourceVersion. */
json *status_modified(const struct resource *r, const char *name);
/* 403 `pods "x" is forbidden: why`; causes (an array, or NULL) belongs to the Status afterwards. */
json *status_forbidden(const struct resource *r, const char *name, const char *why, json *causes);
json *status_bad_request(const char *fmt, ...) PRINTF(1, 2);
json *status_method_not_allowed(void);
json *status_not_acceptable(void);	/* for the media type */
json *status_no_such_form(void);	/* for what is asked of it: as=... */
/* 415 for a request body */
json *status_unsupported_body(void);
/* 415 for the content type of a PATCH */
json *status_unsupported_patch(void);
/* 504 for a revision that is not there yet, though it was waited for */
json *status_too_large_rv(int64_t wanted, int64_t current);
/* 410 of a compacted revision */
json *status_expired(const char *fmt, ...) PRINTF(1, 2);
json *status_internal(const char *fmt, ...) PRINTF(1, 2);
json *status_unavailable(const char *fmt, ...) PRINTF(1, 2);
/* 422 `Deployment.apps "x" is invalid: ...`, with every finding as a cause. */
json *status_invalid(const struct resource *r, const char *name, const struct field_errors *e);
/* One member of details.causes. */
json *status_cause(const char *reason, const char *field, const char *message);
/* The Success that a DELETE which removed the object answers; uid may be NULL. */
json *status_deleted(const struct resource *r, const char *name, const char *uid);

/* "pods", "deployments.apps": how messages name a kind; caller frees. */
char *group_resource(const struct resource *r);

/* A Status as negative errno, as store.h lists them; 0 for a Success. */
int status_errno(const json *status);
/* Its HTTP code. */
int status_code(const json *status);

#endif
