/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * actions.h - what a reconcile decided: writes to be made, events to be told,
 *             when to look again
 *
 * A reconcile is a pure function: it reads objects, is told the time, and adds
 * to a struct actions. The runner (runner.h) performs them. So a test reads the
 * decision itself, without a store.
 *
 * Actions have a stage. All actions of a stage are started together; the next
 * stage begins only when every one of them succeeded. A failed stage ends the
 * round, and the key is reconciled again after a back-off.
 */
#ifndef KEELSON_CONTROLLERS_ACTIONS_H
#define KEELSON_CONTROLLERS_ACTIONS_H

#include "base/json.h"
#include "store/store.h"

enum action_type {
	ACTION_CREATE,		/* body; the name is metadata.name, or the server's by metadata.generateName */
	ACTION_UPDATE,		/* body replaces; its metadata.resourceVersion must still be current */
	ACTION_PATCH,		/* body is a patch of patch_type */
	ACTION_DELETE,
	/* Questions to the server itself, where a cache that lags would be dangerous: */
	ACTION_VERIFY,		/* succeeds if the object is there, has this uid and is not being deleted */
	ACTION_VERIFY_GONE,	/* succeeds if no object of this name and uid (NULL: any) is there */
	/*
	 * Deletes objects of the kind in the namespace, some at a time; succeeds
	 * only when there was none left to delete, so that it is asked again until then.
	 */
	ACTION_DELETE_ALL,
};

struct action {
	enum action_type type;
	int stage;
	const struct resource *res;
	char *ns, *name;		/* ns NULL for cluster-scoped kinds; name NULL with generateName */
	const char *subresource;	/* static, or NULL */
	json *body;
	enum store_patch_type patch_type;	/* STORE_PATCH_MERGE unless changed */
	char *uid;			/* VERIFY*: whom; DELETE: precondition, or NULL */
	const char *propagation;	/* DELETE: static, or NULL */
	int64_t grace_period;		/* DELETE: seconds, -1: the object's own */
	/*
	 * Told about the reconciled object when the action is done: reason NULL
	 * for none. In ok_message "%s" stands for the written object's name; a
	 * failure's message is fail_prefix and the server's sentence.
	 */
	const char *ok_reason;
	char *ok_message;
	const char *fail_reason, *fail_prefix;
};

/* An event that depends on no write. */
struct action_event {
	bool warning;
	const char *reason;		/* static */
	char *message;
};

struct actions {
	struct action *list;		/* stages ascend */
	size_t n;
	struct action_event *events;
	size_t n_events;
	/* Whom events are about: borrowed, the reconcile sets it; NULL: no events. */
	const struct resource *about_res;
	const json *about;
	uint64_t requeue_us;		/* reconcile again after this long; 0: only when something changes */
};

/* Frees what is inside and empties it. */
void actions_clear(struct actions *a);
#define _cleanup_actions_ _cleanup_(actions_clear)

/*
 * Each adds one action and returns it, so that the caller can set an event or
 * the stage; the pointer is good until the next one is added. body belongs to
 * the actions afterwards; strings are copied.
 */
struct action *actions_create(struct actions *a, int stage, const struct resource *r, const char *ns, json *body);
struct action *actions_update(struct actions *a, int stage, const struct resource *r, const json *old,
			      const char *subresource, json *body);
struct action *actions_patch(struct actions *a, int stage, const struct resource *r, const json *old,
			     const char *subresource, json *patch);
struct action *actions_delete(struct actions *a, int stage, const struct resource *r, const json *obj,
			      const char *propagation);
struct action *actions_verify(struct actions *a, int stage, enum action_type type, const struct resource *r,
			      const char *ns, const char *name, const char *uid);
struct action *actions_delete_all(struct actions *a, int stage, const struct resource *r, const char *ns);

/*
 * A merge patch of the status subresource that turns old's status into
 * new_status (taken): only the members that differ, null for the ones that go.
 * Members must be scalars or arrays (a merge patch would mix objects).
 * Adds nothing, and returns NULL, when they are equal.
 */
struct action *actions_patch_status(struct actions *a, int stage, const struct resource *r, const json *old,
				    json *new_status);

/* The event when the action succeeded / failed; see struct action. */
void action_on_ok(struct action *act, const char *reason, const char *fmt, ...) PRINTF(3, 4);
void action_on_failure(struct action *act, const char *reason, const char *prefix);

void actions_event(struct actions *a, bool warning, const char *reason, const char *fmt, ...) PRINTF(4, 5);

/* Look again after us at the latest. */
void actions_requeue(struct actions *a, uint64_t us);

/* {"metadata": {"resourceVersion": old's}}: the start of a merge patch that must not meet a changed object. */
json *patch_guarded(const json *old);

#endif
