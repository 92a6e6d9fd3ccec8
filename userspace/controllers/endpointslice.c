// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * endpointslice.c - see endpointslice.h
 *
 * A slice holds endpoints of one address family and one list of ports. For
 * each such group: endpoints that a slice already holds stay where they are;
 * what is left over fills slices that change anyway, then others with room,
 * then new ones. Surplus slices are turned into needed ones before any is made
 * or deleted. A family without endpoints keeps one empty slice.
 */
#include "controllers/endpointslice.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_pod.h"
#include "api/meta/view_service.h"
#include "controllers/backends.h"
#include "controllers/labels.h"
#include "controllers/objects.h"

#define LABEL_SERVICE "kubernetes.io/service-name"
#define LABEL_MANAGED "endpointslice.kubernetes.io/managed-by"
#define MANAGER "endpointslice-controller.k8s.io"
#define LABEL_HEADLESS "service.kubernetes.io/headless"

/* One slice as it is to be. */
struct plan {
	const json *old;	/* NULL: to be made */
	char *family, *key;	/* its group: key is the ports as text */
	json *ports;
	const struct backend **endpoints;
	size_t n, cap;
	bool changed, unwanted;
};

struct work {
	const struct endpointslice_in *in;
	struct plan *plans;
	size_t n;
	json *labels;		/* every slice's */
	struct backends backends[2];	/* of each family that was planned */
	size_t n_families;
};

static bool is_ours(const json *slice, const char *service)
{
	return streq(meta_label(slice, LABEL_SERVICE), service) && streq(meta_label(slice, LABEL_MANAGED), MANAGER);
}

static json *labels_of(const json *svc)
{
	json *l = json_new_object();

	json_each(it, meta_labels(svc))
		if (!streq(json_key(it), LABEL_SERVICE) && !streq(json_key(it), LABEL_MANAGED) &&
		    !streq(json_key(it), LABEL_HEADLESS))
			json_set(l, json_key(it), json_clone(it));
	json_set_str(l, LABEL_SERVICE, meta_name(svc));
	json_set_str(l, LABEL_MANAGED, MANAGER);
	if (!service_cluster_ip(svc))
		json_set_str(l, LABEL_HEADLESS, "");
	return l;
}

static json *endpoint_of(const struct backend *b, const json *svc)
{
	json *e = json_new_object(), *c;

	json_append(json_set(e, "addresses", json_new_array()), json_new_str(b->address));
	c = json_obj(e, "conditions");
	json_set_bool(c, "ready", b->ready);
	json_set_bool(c, "serving", b->serving);
	json_set_bool(c, "terminating", b->terminating);
	json_set_str(e, "hostname", backend_hostname(b, svc));
	json_set(e, "targetRef", backend_target_ref(b));
	json_set_str(e, "nodeName", pod_node(b->pod));
	return e;
}

static struct plan *add_plan(struct work *w, const char *family, const char *key, const json *ports)
{
	w->plans = xrealloc(w->plans, (w->n + 1) * sizeof(*w->plans));
	w->plans[w->n] = (struct plan){
		.family = xstrdup(family), .key = xstrdup(key), .ports = json_clone(ports),
		.changed = true,
	};
	return &w->plans[w->n++];
}

static void plan_existing(struct work *w)
{
	for (size_t i = 0; i < w->in->n_slices; i++) {
		const json *slice = w->in->slices[i];
		_cleanup_json_ json *ports = json_clone(json_get(slice, "ports")) ?: json_new_array();
		_cleanup_free_ char *key = NULL;
		struct plan *p;

		if (!is_ours(slice, meta_name(w->in->svc)) || meta_deleting(slice))
			continue;
		key = backends_ports_key(ports);
		p = add_plan(w, json_str_or(json_get(slice, "addressType"), "IPv4"), key, ports);
		p->old = slice;
		p->changed = !json_equal(meta_labels(slice), w->labels);
		p->unwanted = true;	/* until a group claims it */
	}
}

static bool in_group(const struct plan *p, const char *family, const char *key)
{
	return streq(p->family, family) && streq(p->key, key);
}

static const char *target_uid(const json *endpoint)
{
	return json_str_or(json_get(endpoint, "targetRef", "uid"), "");
}

static const char *first_address(const json *endpoint)
{
	const json *a = json_get(endpoint, "addresses");

	return a && a->child ? json_str_or(a->child, "") : "";
}

/* The object has this string or, where it is NULL, no such member; counts those it should have. */
static bool says(const json *obj, const char *key, const char *s, int *n)
{
	*n += s != NULL;
	return s ? streq(json_str(json_get(obj, key)), s) : !json_get(obj, key);
}

/* Is it just what endpoint_of() makes? Without making it: most endpoints stay as they are. */
static bool still_true(const json *e, const struct backend *b, const json *svc)
{
	const json *c = json_get(e, "conditions"), *ref = json_get(e, "targetRef");
	int members = 3, in_ref = 0;

	return json_len(json_get(e, "addresses")) == 1 && streq(first_address(e), b->address) &&
	       json_len(c) == 3 && json_bool(json_get(c, "ready"), !b->ready) == b->ready &&
	       json_bool(json_get(c, "serving"), !b->serving) == b->serving &&
	       json_bool(json_get(c, "terminating"), !b->terminating) == b->terminating &&
	       says(ref, "kind", "Pod", &in_ref) && says(ref, "namespace", meta_namespace(b->pod), &in_ref) &&
	       says(ref, "name", meta_name(b->pod), &in_ref) && says(ref, "uid", meta_uid(b->pod), &in_ref) &&
	       json_len(ref) == in_ref && says(e, "hostname", backend_hostname(b, svc), &members) &&
	       says(e, "nodeName", pod_node(b->pod), &members) && json_len(e) == members;
}

/* A backend of the group under planning, to be found by its pod's uid and its address. */
struct wanted {
	const struct backend *backend;
	char *key;
	bool placed;		/* in a slice */
	UT_hash_handle hh;
};

static void put_in(struct plan *p, const struct backend *b)
{
	if (p->n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 8;
		p->endpoints = xrealloc(p->endpoints, p->cap * sizeof(*p->endpoints));
	}
	p->endpoints[p->n++] = b;
}

/* What the slice holds and is still wanted stays, in its place. */
static void keep_endpoints(const struct work *w, struct plan *p, struct wanted *wanted)
{
	json_each(e, json_get(p->old, "endpoints")) {
		_cleanup_free_ char *key = xasprintf("%s/%s", target_uid(e), first_address(e));
		struct wanted *found;

		HASH_FIND_STR(wanted, key, found);
		if (!found || found->placed) {
			p->changed = true;
			continue;
		}
		found->placed = true;
		if (!still_true(e, found->backend, w->in->svc))
			p->changed = true;
		put_in(p, found->backend);
	}
}

static size_t room_in(const struct plan *p)
{
	return p->n < ENDPOINTS_PER_SLICE ? ENDPOINTS_PER_SLICE - p->n : 0;
}

/* Endpoints of the smallest changed slice go to the others if these have room: fewer slices. */
static void merge_small(struct work *w, const char *family, const char *key)
{
	for (;;) {
		struct plan *least = NULL;
		size_t room = 0;

		for (size_t i = 0; i < w->n; i++) {
			struct plan *p = &w->plans[i];

			if (!in_group(p, family, key) || !p->changed || !p->n)
				continue;
			room += room_in(p);
			if (!least || p->n < least->n)
				least = p;
		}
		if (!least || least->n > room - room_in(least))
			return;
		for (size_t i = 0; i < w->n; i++) {
			struct plan *p = &w->plans[i];

			if (p == least || !in_group(p, family, key) || !p->changed || !p->n)
				continue;
			while (least->n && room_in(p))
				put_in(p, least->endpoints[--least->n]);
		}
	}
}

/* A slice of the group with room: one that changes anyway, else one that has some, else a new one. */
static struct plan *find_room(struct work *w, const char *family, const struct port_set *ports)
{
	struct plan *best = NULL;

	for (size_t i = 0; i < w->n; i++) {
		struct plan *p = &w->plans[i];

		if (!in_group(p, family, ports->key) || !room_in(p))
			continue;
		if (!best || (p->changed && !best->changed))
			best = p;
	}
	return best ?: add_plan(w, family, ports->key, ports->ports);
}

/* All backends of one family that have the same ports. */
static void plan_group(struct work *w, const char *family, const struct backends *all, const struct port_set *ports)
{
	struct wanted *list = xcalloc(all->n, sizeof(*list)), *wanted = NULL;
	struct plan *room = NULL;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct backend *b = &all->list[i];

		if (b->ports != ports)
			continue;
		list[n] = (struct wanted){
			.backend = b, .key = xasprintf("%s/%s", meta_uid(b->pod) ?: "", b->address),
		};
		HASH_ADD_KEYPTR(hh, wanted, list[n].key, strlen(list[n].key), &list[n]);
		n++;
	}
	for (size_t i = 0; i < w->n; i++)
		if (in_group(&w->plans[i], family, ports->key) && w->plans[i].old)
			keep_endpoints(w, &w->plans[i], wanted);
	merge_small(w, family, ports->key);
	for (size_t i = 0; i < n; i++) {
		if (list[i].placed)
			continue;
		if (!room || !room_in(room))
			room = find_room(w, family, ports);
		room->changed = true;
		put_in(room, list[i].backend);
	}
	for (size_t i = 0; i < w->n; i++)
		if (in_group(&w->plans[i], family, ports->key))
			w->plans[i].unwanted = !w->plans[i].n;
	HASH_CLEAR(hh, wanted);
	for (size_t i = 0; i < n; i++)
		free(list[i].key);
	free(list);
}

static void plan_family(struct work *w, const char *family)
{
	struct backends *b;

	if (w->n_families == ARRAY_SIZE(w->backends))
		return;
	b = &w->backends[w->n_families++];
	*b = backends_find(w->in->svc, w->in->pods, w->in->n_pods, family);
	for (const struct port_set *p = b->ports; p; p = p->hh.next)
		plan_group(w, family, b, p);
	if (!b->n) {
		_cleanup_json_ json *none = json_new_array();
		struct plan *empty = NULL;

		for (size_t i = 0; i < w->n && !empty; i++)
			if (in_group(&w->plans[i], family, ""))
				empty = &w->plans[i];
		if (empty && json_len(json_get(empty->old, "endpoints")))
			empty->changed = true;
		(empty ?: add_plan(w, family, "", none))->unwanted = false;
	}
}

/* A surplus slice becomes one that would have to be made. */
static void recycle(struct work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct plan *new = &w->plans[i];

		if (new->old || new->unwanted)
			continue;
		for (size_t j = 0; j < w->n; j++) {
			struct plan *spare = &w->plans[j];

			/* The family of a slice cannot be changed. */
			if (!spare->old || !spare->unwanted || !streq(spare->family, new->family))
				continue;
			new->old = TAKE_PTR(spare->old);
			break;
		}
	}
}

static json *slice_body(const struct work *w, const struct plan *p)
{
	const json *svc = w->in->svc;
	_cleanup_free_ char *prefix = NULL;
	json *s = json_clone(p->old), *meta, *endpoints;

	if (!s) {
		s = json_new_object();
		json_set_str(s, "apiVersion", "discovery.k8s.io/v1");
		json_set_str(s, "kind", "EndpointSlice");
		meta = json_obj(s, "metadata");
		prefix = xasprintf("%s-", meta_name(svc));
		json_set_str(meta, "generateName", prefix);
		json_set_str(meta, "namespace", meta_namespace(svc));
		json_append(json_set(meta, "ownerReferences", json_new_array()),
			    controller_ref(&res_services, svc));
		json_set_str(s, "addressType", p->family);
	}
	json_set(json_obj(s, "metadata"), "labels", json_clone(w->labels));
	endpoints = json_set(s, "endpoints", json_new_array());
	for (size_t i = 0; i < p->n; i++)
		json_append(endpoints, endpoint_of(p->endpoints[i], svc));
	json_set(s, "ports", json_clone(p->ports));
	return s;
}

void endpointslice_reconcile(const struct endpointslice_in *in, struct actions *out)
{
	struct work w = { .in = in, .labels = labels_of(in->svc) };
	const json *families = json_get(in->svc, "spec", "ipFamilies");

	out->about_res = &res_services;
	out->about = in->svc;
	plan_existing(&w);
	if (json_len(families)) {
		json_each(f, families)
			plan_family(&w, json_str_or(f, "IPv4"));
	} else {
		plan_family(&w, "IPv4");
	}
	recycle(&w);
	for (size_t i = 0; i < w.n; i++) {
		struct plan *p = &w.plans[i];

		if (p->unwanted) {
			if (p->old)
				actions_delete(out, 1, &res_endpointslices, p->old, NULL);
		} else if (!p->old) {
			actions_create(out, 0, &res_endpointslices, meta_namespace(in->svc), slice_body(&w, p));
		} else if (p->changed) {
			actions_update(out, 0, &res_endpointslices, p->old, NULL, slice_body(&w, p));
		}
		free(p->family);
		free(p->key);
		cJSON_Delete(p->ports);
		free(p->endpoints);
	}
	for (size_t i = 0; i < w.n_families; i++)
		backends_free(&w.backends[i]);
	free(w.plans);
	cJSON_Delete(w.labels);
}

/* --- the shell's side --- */

static void index_by_service(const json *slice, void (*emit)(void *, const char *), void *data)
{
	const char *name = meta_label(slice, LABEL_SERVICE);

	if (name) {
		_cleanup_free_ char *key = xasprintf("%s/%s", meta_namespace(slice), name);

		emit(data, key);
	}
}

static void sync_service(const struct sync *s, struct actions *out)
{
	const json *svc = informers_get(s->informers, &res_services, s->ns, s->name);
	_cleanup_free_ const json **pods = NULL, **slices = NULL;
	struct endpointslice_in in = { .svc = svc };

	if (!svc || meta_deleting(svc) || !service_has_backends(svc))
		return;
	pods = informers_labelled(s->informers, &res_pods, index_by_labels, s->ns, service_selector(svc), &in.n_pods);
	slices = informers_by(s->informers, &res_endpointslices, index_by_service, s->key, &in.n_slices);
	in.pods = pods;
	in.slices = slices;
	endpointslice_reconcile(&in, out);
}

static void slice_changed(struct runner *r, const json *old, const json *new)
{
	const json *slice = new ?: old;
	const char *name = meta_label(slice, LABEL_SERVICE);

	if (name && is_ours(slice, name))
		runner_enqueue_object(r, meta_namespace(slice), name);
	if (old && new && meta_label(old, LABEL_SERVICE) && !streq(name, meta_label(old, LABEL_SERVICE)))
		runner_enqueue_object(r, meta_namespace(old), meta_label(old, LABEL_SERVICE));
}

static void *init(struct informers *set, const struct controllers_config *config)
{
	informers_index(set, &res_endpointslices, index_by_service, INDEX_EVERY);
	backends_init(set);
	return NULL;
}

const struct controller endpointslice_controller = {
	.name = "endpoint-slice-controller",
	.watches = (const struct controller_watch[]){
		{ &res_services, runner_changed_self },
		{ &res_pods, backends_pod_changed },
		{ &res_endpointslices, slice_changed },
		{ 0 },
	},
	.init = init,
	.sync = sync_service,
};
