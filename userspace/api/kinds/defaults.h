/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * defaults.h - what a Kubernetes server fills in where the user said nothing
 */
#ifndef KEELSON_API_DEFAULTS_H
#define KEELSON_API_DEFAULTS_H

#include "api/kinds/kinds.h"
#include "base/json.h"

/*
 * Drops nulls and empty lists, canonicalises quantities (schema_normalise), then sets
 * defaults, admission's included (pods: not-ready/unreachable tolerations,
 * service account, priority). Idempotent; for every write, before validation.
 * Not here, because it needs other state: uid, times, generation, clusterIP,
 * node ports, pod prefixes.
 */
void default_object(const struct kind *k, json *obj);

/*
 * For a create, before default_object(): the status a client may not choose is
 * dropped and the kind's first status is set (pod: Pending and its QoS class;
 * namespace: Active; service: no load balancer; others that have one: {}). A
 * node keeps the one that it brings.
 */
void reset_status(const struct kind *k, json *obj);

#endif
