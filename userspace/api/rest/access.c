// SPDX-License-Identifier: GPL-2.0-or-later
/* access.c - see access.h */
#include "api/rest/access.h"

#include "api/meta/status.h"

#define LOCAL "system:unsecured"	/* as Kubernetes called the users of its local port */
#define MASTERS "system:masters"
#define AUTHENTICATED "system:authenticated"
#define NOBODY "system:anonymous"
#define NOT_AUTHENTICATED "system:unauthenticated"
#define ACCOUNT "system:serviceaccount:"
#define ACCOUNTS "system:serviceaccounts"

void access_user_free(struct access_user *u)
{
	for (size_t i = 0; i < u->n_groups; i++)
		free(u->groups[i]);
	free(u->groups);
	free((char *)u->user.name);
	*u = (struct access_user){ 0 };
}

static void add_group(void *data, const char *group)
{
	struct access_user *u = data;

	for (size_t i = 0; i < u->n_groups; i++)
		if (streq(u->groups[i], group))
			return;
	u->groups = xrealloc(u->groups, (u->n_groups + 2) * sizeof(*u->groups));
	u->groups[u->n_groups++] = xstrdup(group);
	u->groups[u->n_groups] = NULL;
	u->user.groups = (const char *const *)u->groups;
}

/* Whom it speaks for, in place of who it is. */
static void impersonate(struct http_request *req, const char *name, struct access_user *u)
{
	const char *account = startswith(name, ACCOUNT) ? name + strlen(ACCOUNT) : NULL;
	_cleanup_free_ char *of_namespace = NULL;

	access_user_free(u);
	u->user.name = xstrdup(name);
	http_request_each_header(req, "Impersonate-Group", add_group, u);
	if (account && !u->n_groups) {
		of_namespace = xasprintf(ACCOUNTS ":%.*s", (int)strcspn(account, ":"), account);
		add_group(u, ACCOUNTS);
		add_group(u, of_namespace);
	}
	add_group(u, AUTHENTICATED);
}

json *access_authenticate(struct http_request *req, struct access_user *u)
{
	const char *peer = http_request_peer_name(req), *as = http_request_header(req, "Impersonate-User");
	const char *const *groups = http_request_peer_groups(req);
	bool tls = http_request_is_tls(req);

	*u = (struct access_user){ 0 };
	u->user.name = xstrdup(peer ? peer : tls ? NOBODY : LOCAL);
	while (peer && groups && *groups)
		add_group(u, *groups++);
	if (!tls)
		add_group(u, MASTERS);
	add_group(u, tls && !peer ? NOT_AUTHENTICATED : AUTHENTICATED);
	if (as && *as)
		impersonate(req, as, u);
	else if (http_request_header(req, "Impersonate-Group"))
		return status_bad_request("Impersonate-Group is of no use without Impersonate-User");
	return NULL;
}

const char *access_verb(const char *request_verb, const char *method)
{
	static const struct {
		const char *request, *verb;
	} verbs[] = {
		{ "GET", "get" }, { "LIST", "list" }, { "WATCH", "watch" }, { "POST", "create" }, { "PUT", "update" },
		{ "PATCH", "patch" }, { "APPLY", "patch" }, { "DELETE", "delete" }, { "DELETECOLLECTION", "deletecollection" },
	};

	/* A connection is what its method would be: exec by GET is a get. */
	if (streq(request_verb, "CONNECT"))
		request_verb = streq(method, "HEAD") ? "GET" : method;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (streq(verbs[i].request, request_verb))
			return verbs[i].verb;
	return "";
}

/*
 * Who has an objection, as a Status. There are no rules yet that could make one
 * (docs/architecture.md): whoever has a certificate of the CA may do everything.
 */
static json *(*const authorizers[])(const struct access_request *a) = {
	NULL,
};

json *access_authorize(const struct access_request *a)
{
	json *s = NULL;

	for (size_t i = 0; !s && authorizers[i]; i++)
		s = authorizers[i](a);
	return s;
}
