/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path.h - what a URL's path asks for (pure) */
#ifndef KEELSON_API_REST_PATH_H
#define KEELSON_API_REST_PATH_H

#include "api/kinds/kinds.h"
#include "base/util.h"

/* /api/v1/namespaces/NS/pods/NAME/log and its shorter forms */
struct rest_path {
	const struct kind *kind;
	char *ns;	/* NULL: cluster-scoped, or all namespaces */
	char *name;	/* NULL: the collection */
	char *sub;	/* NULL: the object itself */
};
/* False if no kind is served at that (percent-decoded) path. Free with rest_path_free() on true. */
bool rest_path_parse(const char *path, struct rest_path *ret);
void rest_path_free(struct rest_path *p);

#endif
