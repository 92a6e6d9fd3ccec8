/* SPDX-License-Identifier: GPL-2.0-or-later */
/* workload.h - what the kinds with a pod template share */
#ifndef KEELSON_API_KINDS_WORKLOAD_H
#define KEELSON_API_KINDS_WORKLOAD_H

#include "api/kinds/rules.h"

/* The wide columns of everything that has a pod template. */
#define TEMPLATE_COLUMNS										\
	COLUMN_WIDE("Containers", "string", "The names of the template's containers."),			\
	COLUMN_WIDE("Images", "string", "The images of the template's containers."),			\
	COLUMN_WIDE("Selector", "string", "The labels that pick the pods.")

void template_cells(json *cells, const json *obj);
/* The names and the images of a PodSpec's containers. */
void containers_cells(json *cells, const json *pod_spec);
int64_t status_int(const json *obj, const char *member);

/* A selector is a LabelSelector, except in a ReplicationController. */

/* Is there nothing wrong with it? NULL is sound: it chooses nothing. */
bool selector_is_sound(const json *selector);
/* spec.selector, which must be there and choose something; kind: "deployment", as the message calls it. */
void validate_selector_of(const json *spec, const char *kind, struct field_errors *e);
/* spec.template: its labels are chosen by the selector, its pods run on and on; kind: "ReplicaSet" in messages. */
void validate_running_template(const json *spec, const json *selector, const char *kind, struct field_errors *e);
/* spec.selector may not change. */
void validate_selector_update(const json *new, const json *old, struct field_errors *e);

/* A member of rollingUpdate as Kubernetes calls it in a message; what it prints where there is none: null, or 0. */
struct strategy_member {
	const char *name, *key;
	bool null;
};
#define SURGE_MEMBERS ((const struct strategy_member[]){						\
	{ "MaxUnavailable", "maxUnavailable", false }, { "MaxSurge", "maxSurge", false } })

/* A strategy of update as Kubernetes prints one in a message; rollingUpdate has two members. Caller frees. */
json *strategy_as_printed(const json *strategy, const struct strategy_member members[2]);
/* `Unsupported value: {"Type":...}`; supported: as it is to be printed */
void strategy_not_supported(struct field_errors *e, const char *path, const json *strategy, const char *supported);

/* Each of the members named, separated by commas, is at most status[most]; else `why`. */
void validate_status_at_most(const json *status, const char *members, const char *most, const char *why,
			     struct field_errors *e);
/* status.collisionCount only grows. */
void validate_collisions(const json *new, const json *old, struct field_errors *e);

#define MSG_ABOVE_REPLICAS "cannot be greater than status.replicas"

/* The status of a ReplicaSet or ReplicationController. */
void validate_replicas_status(const json *new, const json *old, struct field_errors *e);

#endif
