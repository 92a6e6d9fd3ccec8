/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate.h - what an object must satisfy beyond its types, in Kubernetes' words
 *
 * Objects have passed schema_check() and default_object(). Pure; nothing is
 * changed; findings are added to e.
 */
#ifndef KEELSON_API_KINDS_VALIDATE_H
#define KEELSON_API_KINDS_VALIDATE_H

#include "api/meta/validate.h"
#include "api/kinds/kinds.h"

/*
 * k is the version that was asked for, obj in its storage form: what the version
 * demands besides is in its own rules.
 */
void validate_create(const struct kind *k, const json *obj, struct field_errors *e);
/*
 * The new object by itself, and the step from old to new (immutable fields).
 * metadata that the server keeps (uid, creationTimestamp) must have been filled
 * from old where the request left it out.
 */
void validate_update(const struct kind *k, const json *new, const json *old, struct field_errors *e);
/* The same for a subresource with the object itself as its body. */
void validate_update_sub(const struct kind *k, const char *subresource, const json *new, const json *old,
			 struct field_errors *e);
/* The rules of such a one, if it has its own. */
struct sub_rules;
const struct sub_rules *kind_sub_rules(const struct kind *k, const char *subresource);
/* A write to /status: only metadata and status are looked at. */
void validate_update_status(const struct kind *k, const json *new, const json *old, struct field_errors *e);

#endif
