/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * namespace_deletion.h - the end of a namespace: what is deleted next, and what it says it waits for
 *
 * Pure; used by namespace.c.
 */
#ifndef KEELSON_CONTROLLERS_NAMESPACE_DELETION_H
#define KEELSON_CONTROLLERS_NAMESPACE_DELETION_H

#include "controllers/actions.h"

/* Most objects that are asked to go in one round. */
#define NAMESPACE_BURST 500

/* What a namespace holds of one kind. */
struct namespace_content {
	const struct resource *res;
	size_t n_remaining;		/* in all */
	/* Those that were not asked to go yet: of many, any NAMESPACE_BURST. */
	const json *const *living;
	size_t n_living;
	json *finalizers;		/* of those that were: name -> number of objects; NULL: none */
};

struct namespace_deletion_in {
	const json *ns;
	const struct namespace_content *content;	/* kinds of which nothing is there may be left out */
	size_t n_content;
	/* Why objects could not be deleted in the last round. */
	const char *const *failures;
	size_t n_failures;
	uint64_t now;
};
/*
 * Pods go first, and other kinds when no pod is left. When nothing is left, every
 * kind is deleted on the server once more, where things may be that no cache has
 * shown, and then the finalizer "kubernetes" goes.
 */
void namespace_delete(const struct namespace_deletion_in *in, struct actions *out);

#endif
