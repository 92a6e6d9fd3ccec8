// SPDX-License-Identifier: GPL-2.0-or-later
/* path.c - see path.h */
#include "api/rest/path.h"

#include <stdio.h>
#include <strings.h>

#include "api/schema/strlist.h"

void rest_path_free(struct rest_path *p)
{
	free(p->ns);
	free(p->name);
	free(p->sub);
	*p = (struct rest_path){0};
}

/* "a//b" and trailing parts that would be empty name nothing. */
static bool split(const char *path, struct strlist *parts)
{
	strlist_split(parts, path, '/');
	return *path == '/' && !strstr(path, "//");
}

bool rest_path_parse(const char *path, struct rest_path *ret)
{
	_cleanup_strlist_ struct strlist parts = {0};
	const char *group = "", *version, *ns = NULL;
	struct rest_path p = {0};
	size_t at;

	if (!split(path, &parts) || parts.n < 3)
		return false;
	if (streq(parts.items[0], "api")) {
		version = parts.items[1];
		at = 2;
	} else if (streq(parts.items[0], "apis") && parts.n >= 4) {
		group = parts.items[1];
		version = parts.items[2];
		at = 3;
	} else {
		return false;
	}
	/* namespaces/NS/PLURAL..., unless it is a namespace or its subresource that is asked for */
	if (streq(parts.items[at], "namespaces") && parts.n > at + 2 &&
	    (p.kind = kind_by_plural(group, version, parts.items[at + 2])) && p.kind->res->namespaced) {
		ns = parts.items[at + 1];
		at += 2;
	} else {
		p.kind = kind_by_plural(group, version, parts.items[at]);
	}
	if (!p.kind || parts.n > at + 3)
		return false;
	/* An object of a namespace has no path without it. */
	if (p.kind->res->namespaced && !ns && parts.n > at + 1)
		return false;
	if (parts.n == at + 3 && !kind_has_subresource(p.kind, parts.items[at + 2]))
		return false;
	p.ns = ns ? xstrdup(ns) : NULL;
	p.name = parts.n > at + 1 ? xstrdup(parts.items[at + 1]) : NULL;
	p.sub = parts.n > at + 2 ? xstrdup(parts.items[at + 2]) : NULL;
	*ret = p;
	return true;
}
