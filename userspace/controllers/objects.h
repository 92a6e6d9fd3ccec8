/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * objects.h - what several controllers ask of objects: selectors, ownership,
 *             conditions
 *
 * All pure.
 */
#ifndef KEELSON_CONTROLLERS_OBJECTS_H
#define KEELSON_CONTROLLERS_OBJECTS_H

#include "base/json.h"
#include "controllers/actions.h"

/* Services' and ReplicationControllers' kind of selector: a map of labels. NULL and {} match nothing. */
bool label_map_matches(const json *map, const json *labels);
/* One requirement {key, operator, values} of a node selector: In, NotIn, Exists, DoesNotExist, Gt, Lt; value NULL: key absent. */
bool requirement_matches(const json *requirement, const char *value);

/* The reference of a controlling owner, to be put in a dependent's ownerReferences. */
json *controller_ref(const struct resource *r, const json *owner);
/* True when obj's controlling owner is of that kind; the reference's name through ret_name (may be NULL). */
bool controlled_by_kind(const json *obj, const struct resource *r, const char **ret_name);

/*
 * Conditions of a status whose members are type, status, reason, message,
 * lastTransitionTime and, for Deployments, lastUpdateTime.
 */
struct condition {
	const char *type, *status, *reason, *message;
	bool has_update_time;
};
/*
 * Puts c in status.conditions. Nothing changes where status and reason are as
 * they were; lastTransitionTime is kept where status is. True when something changed.
 */
bool condition_set(json *status, const struct condition *c, uint64_t now);
bool condition_remove(json *status, const char *type);
const json *condition_find(const json *status, const char *type);

/*
 * Which of the candidates belong to parent, as Kubernetes decides it: those it
 * controls and selects; those nobody controls and it selects are adopted;
 * those it controls and no longer selects are released. Adds the writes for the
 * latter two (stage 0 asks the server that parent is really alive, stage 1
 * adopts). A parent that is being deleted neither adopts nor releases.
 * Returns a NULL-terminated array for the caller to free; the trees are the candidates'.
 * claim_one() for each candidate and claim_end() are the same, for who looks at
 * each while he is there: thousands of trees do not fit a processor's cache.
 */
struct claim {
	struct actions *actions;
	const struct resource *parent_res;
	const json *parent;
	const struct resource *res;	/* of the candidates */
	bool adopting;
};
bool claim_one(struct claim *c, const json *obj);
void claim_end(struct claim *c);
const json **claim_dependents(struct actions *a, const struct resource *parent_res, const json *parent,
			      const struct resource *res, const json *const *candidates, size_t n,
			      size_t *ret_n);

#endif
