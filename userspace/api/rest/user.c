// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * user.c - who asks: the client certificate's common name and organisations
 *
 * A plain listener is local (a loopback address or a unix socket), asks for no
 * proof and lets everything happen: who comes that way is called what Kubernetes
 * called the users of its local port.
 */
#include "api/rest/internal.h"

#include "rpc/http_server.h"

static void add_group(struct rest_user *u, const char *group)
{
	u->groups = xrealloc(u->groups, (u->n_groups + 2) * sizeof(*u->groups));
	u->groups[u->n_groups++] = group;
	u->groups[u->n_groups] = NULL;
}

void rest_user_of(struct http_request *req, struct rest_user *ret)
{
	const char *name = http_request_peer_name(req);

	*ret = (struct rest_user){ 0 };
	if (name) {
		ret->user.name = name;
		for (const char *const *g = http_request_peer_groups(req); g && *g; g++)
			add_group(ret, *g);
		add_group(ret, "system:authenticated");
	} else if (!http_request_is_tls(req)) {
		ret->user.name = "system:unsecured";
		add_group(ret, "system:masters");
		add_group(ret, "system:authenticated");
	} else {
		ret->user.name = "system:anonymous";
		add_group(ret, "system:unauthenticated");
	}
	ret->user.groups = ret->groups;
}

void rest_user_free(struct rest_user *u)
{
	free(u->groups);
	*u = (struct rest_user){ 0 };
}
