/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service.h - between the files of Service: what it is, and what it must satisfy */
#ifndef KEELSON_API_KINDS_SERVICE_H
#define KEELSON_API_KINDS_SERVICE_H

#include "api/kinds/rules.h"

/* spec.type, where "" and nothing are ClusterIP */
bool service_is(const json *spec, const char *type);
bool service_is_headless(const json *spec);
/* Reached from outside: externalTrafficPolicy means something. */
bool service_is_external(const json *spec);
/* Its load balancer asks each node for endpoints of its own. */
bool service_needs_health_check(const json *spec);

void validate_service(const json *obj, struct field_errors *e);
void validate_service_update(const json *new, const json *old, struct field_errors *e);
void validate_service_status(const json *new, const json *old, struct field_errors *e);
/* status.loadBalancer.ingress, also of an Ingress; was: addresses that were there. modes: ipMode means something. */
void validate_load_balancer_ingress(const json *ingress, const json *was, bool modes, struct field_errors *e);
/* The addresses or names in it, in order, each once, comma-separated: appended to b. */
void load_balancer_text(struct buf *b, const json *obj);

#endif
