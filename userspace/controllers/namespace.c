// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * namespace.c - see namespace.h
 *
 * A namespace that is being deleted is asked to delete everything in it, kind
 * by kind, until the server finds nothing more; the API refuses new objects in
 * it meanwhile. Then the finalizer "kubernetes" goes, and with it the namespace.
 */
#include "controllers/namespace.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_meta.h"
#include "controllers/controllers.h"

#define ACCOUNT "default"
#define CA_MAP "kube-root-ca.crt"
#define CA_KEY "ca.crt"

static bool holds_finalizer(const json *ns)
{
	json_each(f, json_get(ns, "spec", "finalizers"))
		if (streq(json_str(f), "kubernetes"))
			return true;
	return false;
}

static void empty_and_finalize(const json *ns, struct actions *out)
{
	json *body, *left;

	if (!holds_finalizer(ns))
		return;
	for (size_t i = 0; kind_at(i); i++)
		if (kind_at(i)->res->namespaced)
			actions_delete_all(out, 0, kind_at(i)->res, meta_name(ns));
	body = json_clone(ns);
	left = json_new_array();
	json_each(f, json_get(ns, "spec", "finalizers"))
		if (!streq(json_str(f), "kubernetes"))
			json_append(left, json_clone(f));
	json_set(json_obj(body, "spec"), "finalizers", left);
	actions_update(out, 1, &res_namespaces, ns, "finalize", body);
}

static json *named(const char *kind, const char *name, const char *ns)
{
	json *o = json_new_object(), *meta;

	json_set_str(o, "apiVersion", "v1");
	json_set_str(o, "kind", kind);
	meta = json_obj(o, "metadata");
	json_set_str(meta, "name", name);
	json_set_str(meta, "namespace", ns);
	return o;
}

void namespace_reconcile(const struct namespace_in *in, struct actions *out)
{
	const char *name = meta_name(in->ns);

	if (meta_deleting(in->ns)) {
		empty_and_finalize(in->ns, out);
		return;
	}
	if (!in->account)
		actions_create(out, 0, &res_serviceaccounts, name, named("ServiceAccount", ACCOUNT, name));
	if (!in->ca_pem)
		return;
	if (!in->ca) {
		json *map = named("ConfigMap", CA_MAP, name);

		json_set_str(json_obj(map, "data"), CA_KEY, in->ca_pem);
		actions_create(out, 0, &res_configmaps, name, map);
	} else if (!streq(json_str(json_get(in->ca, "data", CA_KEY)), in->ca_pem)) {
		json *map = json_clone(in->ca);

		json_set_str(json_obj(map, "data"), CA_KEY, in->ca_pem);
		actions_update(out, 0, &res_configmaps, in->ca, NULL, map);
	}
}

/* --- the shell's side --- */

static void sync_namespace(const struct sync *s, struct actions *out)
{
	struct namespace_in in = {
		.ns = informers_get(s->informers, &res_namespaces, NULL, s->name),
		.account = informers_get(s->informers, &res_serviceaccounts, s->name, ACCOUNT),
		.ca = informers_get(s->informers, &res_configmaps, s->name, CA_MAP),
		.ca_pem = s->state,
	};

	if (in.ns)
		namespace_reconcile(&in, out);
}

static void account_changed(struct runner *r, const json *old, const json *new)
{
	if (!new && streq(meta_name(old), ACCOUNT))
		runner_enqueue_object(r, NULL, meta_namespace(old));
}

static void map_changed(struct runner *r, const json *old, const json *new)
{
	if (old && streq(meta_name(old), CA_MAP))
		runner_enqueue_object(r, NULL, meta_namespace(old));
}

/* The state is the PEM text, or NULL. */
static void *init(struct informers *set, const struct controllers_config *config)
{
	return config && config->ca_pem ? xstrdup(config->ca_pem) : NULL;
}

const struct controller namespace_controller = {
	.name = "namespace-controller",
	.watches = (const struct controller_watch[]){
		{ &res_namespaces, runner_changed_self },
		{ &res_serviceaccounts, account_changed },
		{ &res_configmaps, map_changed },
		{ 0 },
	},
	.init = init,
	.free = free,
	.sync = sync_namespace,
};
