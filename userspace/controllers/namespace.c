// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * namespace.c - see namespace.h
 *
 * How a namespace ends is namespace_deletion.c; the API refuses new objects in
 * it meanwhile. What it holds is read from the caches, which have it by
 * namespace; of events there is none.
 */
#include "controllers/namespace.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_meta.h"
#include "controllers/controllers.h"
#include "controllers/namespace_deletion.h"

#define ACCOUNT "default"
#define CA_MAP "kube-root-ca.crt"
#define CA_KEY "ca.crt"
/* How long changes in a namespace that ends are gathered before it looks again. */
#define CONTENT_US 100000ULL
#define SAMPLE 500

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

static void index_living(const json *obj, void (*emit)(void *, const char *), void *data)
{
	if (!meta_deleting(obj) && meta_namespace(obj))
		emit(data, meta_namespace(obj));
}

static void index_dying(const json *obj, void (*emit)(void *, const char *), void *data)
{
	if (meta_deleting(obj) && meta_namespace(obj))
		emit(data, meta_namespace(obj));
}

/* "namespace/finalizer" of what is on its way out. */
static void index_holders(const json *obj, void (*emit)(void *, const char *), void *data)
{
	if (!meta_deleting(obj) || !meta_namespace(obj))
		return;
	json_each(f, json_get(obj, "metadata", "finalizers")) {
		_cleanup_free_ char *key = json_str(f) ? xasprintf("%s/%s", meta_namespace(obj), json_str(f)) : NULL;

		if (key)
			emit(data, key);
	}
}

/* How many objects each finalizer holds; of very many, those finalizers that SAMPLE of them have. */
static json *count_holders(struct informers *set, const struct resource *res, const char *ns)
{
	const struct informer *inf = informers_of(set, res);
	int dying = informers_index(set, res, index_dying, INDEX_EVERY);
	int holders = informers_index(set, res, index_holders, INDEX_EVERY);
	_cleanup_free_ const json **some = informer_by_index(inf, dying, ns, SAMPLE, NULL);
	json *counts = json_new_object();

	for (size_t i = 0; some[i]; i++) {
		json_each(f, json_get(some[i], "metadata", "finalizers")) {
			_cleanup_free_ char *key = NULL;

			if (!json_str(f) || json_get(counts, json_str(f)))
				continue;
			key = xasprintf("%s/%s", ns, json_str(f));
			json_set_int(counts, json_str(f), informer_index_count(inf, holders, key));
		}
	}
	return counts;
}

static void sync_terminating(const struct sync *s, const json *ns, struct actions *out)
{
	struct namespace_deletion_in in = {
		.ns = ns, .now = s->now, .failures = s->failures, .n_failures = s->n_failures,
	};
	struct namespace_content *list = NULL;
	size_t k = 0;

	for (const struct resource *res; (res = informers_kept_at(k)); k++) {
		struct namespace_content c = { .res = res };
		const struct informer *inf;
		int living, dying;

		if (!res->namespaced)
			continue;
		inf = informers_of(s->informers, res);
		living = informers_index(s->informers, res, index_living, INDEX_EVERY);
		dying = informers_index(s->informers, res, index_dying, INDEX_EVERY);
		c.n_remaining = informer_index_count(inf, living, s->name) + informer_index_count(inf, dying, s->name);
		if (!c.n_remaining)
			continue;
		c.living = informer_by_index(inf, living, s->name, NAMESPACE_BURST, &c.n_living);
		c.finalizers = count_holders(s->informers, res, s->name);
		list = xrealloc(list, (in.n_content + 1) * sizeof(*list));
		list[in.n_content++] = c;
	}
	in.content = list;
	namespace_delete(&in, out);
	for (size_t i = 0; i < in.n_content; i++) {
		free((void *)list[i].living);
		cJSON_Delete(list[i].finalizers);
	}
	free(list);
}

static void sync_namespace(const struct sync *s, struct actions *out)
{
	struct namespace_in in = {
		.ns = informers_get(s->informers, &res_namespaces, NULL, s->name),
		.account = informers_get(s->informers, &res_serviceaccounts, s->name, ACCOUNT),
		.ca = informers_get(s->informers, &res_configmaps, s->name, CA_MAP),
		.ca_pem = s->state,
	};

	if (in.ns && meta_deleting(in.ns))
		sync_terminating(s, in.ns, out);
	else if (in.ns)
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

/* Something goes, or waits for less: one step nearer to the end of a namespace that ends. */
static void content_changed(struct runner *r, const struct resource *res, const json *old, const json *new)
{
	const char *ns = meta_namespace(new ?: old);
	const json *obj;

	if (!ns || (new && !meta_deleting(new)))
		return;
	if (old && new && meta_deleting(old) &&
	    json_equal(json_get(old, "metadata", "finalizers"), json_get(new, "metadata", "finalizers")))
		return;
	obj = informers_get(runner_informers(r), &res_namespaces, NULL, ns);
	if (obj && meta_deleting(obj))
		runner_enqueue_by(r, ns, CONTENT_US);
}

/* The state is the PEM text, or NULL. */
static void *init(struct informers *set, const struct controllers_config *config)
{
	const struct resource *res;

	for (size_t i = 0; (res = informers_kept_at(i)); i++) {
		if (!res->namespaced)
			continue;
		informers_index(set, res, index_living, INDEX_EVERY);
		informers_index(set, res, index_dying, INDEX_EVERY);
		informers_index(set, res, index_holders, INDEX_EVERY);
	}
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
	.every_kind = content_changed,
	.init = init,
	.free = free,
	.sync = sync_namespace,
};
