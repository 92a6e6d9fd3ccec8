// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * endpoints.c - see endpoints.h
 *
 * Differs from EndpointSlices in that terminating pods are left out, and that
 * what is beyond ENDPOINTS_MAX_ADDRESSES is, with an annotation that says so.
 */
#include "controllers/endpoints.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_pod.h"
#include "api/meta/view_service.h"
#include "controllers/backends.h"
#include "controllers/labels.h"
#include "controllers/objects.h"

#define LABEL_MANAGED "endpoints.kubernetes.io/managed-by"
#define MANAGER "endpoint-controller"
#define LABEL_HEADLESS "service.kubernetes.io/headless"
#define ANNOTATION_OVER "endpoints.kubernetes.io/over-capacity"

static json *address_of(const struct backend *b, const json *svc)
{
	json *a = json_new_object();

	json_set_str(a, "ip", b->address);
	json_set_str(a, "hostname", backend_hostname(b, svc));
	json_set_str(a, "nodeName", pod_node(b->pod));
	json_set(a, "targetRef", backend_target_ref(b));
	return a;
}

static bool counts(const struct backend *b, const json *svc)
{
	return !b->terminating || service_publishes_not_ready(svc);
}

/* One subset for each list of ports; at most `room` addresses, ready ones first. */
static json *subsets_of(const struct backends *all, const json *svc, size_t room)
{
	_cleanup_free_ json **subset_of = xcalloc(HASH_COUNT(all->ports), sizeof(*subset_of));
	json *subsets = json_new_array();

	for (int pass = 0; pass < 2; pass++) {
		bool ready = pass == 0;

		for (size_t i = 0; i < all->n && room; i++) {
			const struct backend *b = &all->list[i];
			json **subset = &subset_of[b->ports->number], *list;

			if (b->ready != ready || !counts(b, svc))
				continue;
			if (!*subset) {
				*subset = json_new_object();
				if (json_len(b->ports->ports))
					json_set(*subset, "ports", json_clone(b->ports->ports));
				json_append(subsets, *subset);
			}
			list = json_get(*subset, ready ? "addresses" : "notReadyAddresses");
			if (!list)
				list = json_set(*subset, ready ? "addresses" : "notReadyAddresses", json_new_array());
			json_append(list, address_of(b, svc));
			room--;
		}
	}
	/* Here, unlike in slices, a port without a name has none. */
	json_each(s, subsets)
		json_each(p, json_get(s, "ports"))
			if (streq(json_str(json_get(p, "name")), ""))
				json_del(p, "name");
	return subsets;
}

static json *labels_of(const json *svc)
{
	json *l = json_new_object();

	json_each(it, meta_labels(svc))
		if (!streq(json_key(it), LABEL_MANAGED) && !streq(json_key(it), LABEL_HEADLESS))
			json_set(l, json_key(it), json_clone(it));
	json_set_str(l, LABEL_MANAGED, MANAGER);
	if (!service_cluster_ip(svc))
		json_set_str(l, LABEL_HEADLESS, "");
	return l;
}

void endpoints_reconcile(const struct endpoints_in *in, struct actions *out)
{
	const json *families = json_get(in->svc, "spec", "ipFamilies"), *had = json_get(in->endpoints, "subsets");
	const char *family = json_len(families) ? json_str_or(families->child, "IPv4") : "IPv4";
	_cleanup_json_ json *subsets = NULL, *labels = labels_of(in->svc);
	struct backends b = backends_find(in->svc, in->pods, in->n_pods, family);
	size_t total = 0;
	json *body;
	bool over;

	out->about_res = &res_services;
	out->about = in->svc;
	for (size_t i = 0; i < b.n; i++)
		total += counts(&b.list[i], in->svc);
	over = total > ENDPOINTS_MAX_ADDRESSES;
	subsets = subsets_of(&b, in->svc, ENDPOINTS_MAX_ADDRESSES);
	backends_free(&b);
	if (in->endpoints && (json_equal(subsets, had) || (!json_len(subsets) && !json_len(had))) &&
	    json_equal(labels, meta_labels(in->endpoints)) &&
	    over == (meta_annotation(in->endpoints, ANNOTATION_OVER) != NULL))
		return;
	body = json_clone(in->endpoints);
	if (!body) {
		body = json_new_object();
		json_set_str(body, "apiVersion", "v1");
		json_set_str(body, "kind", "Endpoints");
		json_set_str(json_obj(body, "metadata"), "name", meta_name(in->svc));
		json_set_str(json_obj(body, "metadata"), "namespace", meta_namespace(in->svc));
	}
	json_set(json_obj(body, "metadata"), "labels", TAKE_PTR(labels));
	if (over)
		json_set_str(json_obj(body, "metadata", "annotations"), ANNOTATION_OVER, "truncated");
	else
		json_del(json_obj(body, "metadata", "annotations"), ANNOTATION_OVER);
	if (!json_len(json_get(body, "metadata", "annotations")))
		json_del(json_get(body, "metadata"), "annotations");
	json_set(body, "subsets", json_len(subsets) ? TAKE_PTR(subsets) : NULL);
	if (in->endpoints)
		actions_update(out, 0, &res_endpoints, in->endpoints, NULL, body);
	else
		actions_create(out, 0, &res_endpoints, meta_namespace(in->svc), body);
}

/* --- the shell's side --- */

static void sync_service(const struct sync *s, struct actions *out)
{
	const json *svc = informers_get(s->informers, &res_services, s->ns, s->name);
	const json *endpoints = informers_get(s->informers, &res_endpoints, s->ns, s->name);
	_cleanup_free_ const json **pods = NULL;
	struct endpoints_in in = { .svc = svc, .endpoints = endpoints };

	if (!svc) {
		if (endpoints && !meta_deleting(endpoints))
			actions_delete(out, 0, &res_endpoints, endpoints, NULL);
		return;
	}
	if (meta_deleting(svc) || !service_has_backends(svc))
		return;
	pods = informers_labelled(s->informers, &res_pods, index_by_labels, s->ns, service_selector(svc), &in.n_pods);
	in.pods = pods;
	endpoints_reconcile(&in, out);
}

/* Only our own: somebody may make Endpoints by hand before their Service is there. */
static void endpoints_changed(struct runner *r, const json *old, const json *new)
{
	if (streq(meta_label(new ?: old, LABEL_MANAGED), MANAGER))
		runner_changed_self(r, old, new);
}

static void *init(struct informers *set, const struct controllers_config *config)
{
	backends_init(set);
	return NULL;
}

const struct controller endpoints_controller = {
	.name = "endpoint-controller",
	.watches = (const struct controller_watch[]){
		{ &res_services, runner_changed_self },
		{ &res_pods, backends_pod_changed },
		{ &res_endpoints, endpoints_changed },
		{ 0 },
	},
	.init = init,
	.sync = sync_service,
};
