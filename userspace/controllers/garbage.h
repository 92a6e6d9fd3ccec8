/* SPDX-License-Identifier: GPL-2.0-or-later */
/* garbage.h - objects go when their owners do (metadata.ownerReferences) */
#ifndef KEELSON_CONTROLLERS_GARBAGE_H
#define KEELSON_CONTROLLERS_GARBAGE_H

#include "controllers/runner.h"

extern const struct controller garbage_controller;

enum owner_state {
	OWNER_THERE,	/* or of a kind we know nothing of: never a reason to delete */
	OWNER_ABSENT,	/* no such name in the cache, or another uid: the server is asked before anything is deleted */
	OWNER_WAITING,	/* is being deleted in the foreground: waits for its dependents to go */
};

struct garbage_object {
	const struct resource *res;
	const json *obj;
};

struct garbage_in {
	struct garbage_object of;
	/* One for each of its ownerReferences, in order. res and ns are NULL for OWNER_THERE. */
	const struct garbage_owner {
		enum owner_state state;
		const struct resource *res;
		const char *ns;
	} *owners;
	/* Objects that name it as an owner: how many there are, and any GARBAGE_BURST of them where they are to be changed. */
	size_t n_dependents;
	const struct garbage_object *dependents;
	size_t n_listed;
	size_t n_blocking;		/* of them that it waits for in a foreground deletion */
};
/* Most dependents that are let go in one round. */
#define GARBAGE_BURST 500
/* True when garbage_reconcile() wants the list. */
bool garbage_orphans(const json *obj);
void garbage_reconcile(const struct garbage_in *in, struct actions *out);

#endif
