/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resource.h - what the store needs to know of a kind to name its objects
 *
 * The table of kinds is api/kinds.h; the store only reads these fields.
 */
#ifndef KEELSON_STORE_RESOURCE_H
#define KEELSON_STORE_RESOURCE_H

#include <stdbool.h>

struct resource {
	const char *group;	/* "" is the core group */
	const char *version;	/* "v1" */
	const char *plural;	/* "pods", as in URLs */
	const char *kind;	/* "Pod" */
	bool namespaced;
	const char *etcd_dir;	/* below /registry: "pods", "services/specs", "minions" */
	const char *fields;	/* what field selectors may name besides metadata.name and .namespace; comma-separated */
};

#endif
