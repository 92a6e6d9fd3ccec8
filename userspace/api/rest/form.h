/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * form.h - objects as bytes, in the form, the version and the encoding that a call
 *          asks for
 *
 * An object is kept in one version and sent in many forms: itself, a row of a
 * Table, its metadata alone. What is sent to more than one is made once: an
 * object that is shared (base/frozen.h) carries the bytes for a while.
 */
#ifndef KEELSON_API_REST_FORM_H
#define KEELSON_API_REST_FORM_H

#include "api/rest/internal.h"
#include "base/frozen.h"

/* Appends the object (or a Status) as the body of an answer, and says of which media type that is. */
void rest_write_object(struct rest_call *c, const json *obj, struct buf *out, const char **ret_type);
/* Appends the object as one of a list, or as a row of the call's Table. */
void rest_write_item(struct rest_call *c, const json *obj, struct buf *out);

enum rest_event { REST_ADDED, REST_MODIFIED, REST_DELETED, REST_BOOKMARK, REST_ERROR };
/* The frame of a watch for obj (a Status for REST_ERROR), shared by all calls of the same form. The caller has a reference. */
struct bytes *rest_event_bytes(struct rest_call *c, enum rest_event type, const json *obj);

#endif
