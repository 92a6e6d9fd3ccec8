// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plan_service.c - Services and EndpointSlices to VIPs and their backends
 *
 * Who takes new connections is decided as kube-proxy does: the endpoints that
 * are ready; if there is none, those that are terminating and still serving.
 * The others are kept as draining where their established flows deserve to go
 * on: over TCP always (a pod whose readiness probe fails keeps its open
 * connections), over UDP only while the endpoint says that it is serving.
 */
#include <stdio.h>
#include <uthash.h>

#include "net/plan_internal.h"

#define LABEL_SERVICE_NAME "kubernetes.io/service-name"

/* --- slices by the service they belong to --------------------------------- */

struct slice_list {
	char *key;		/* NAMESPACE/NAME of the service */
	const json **slices;
	size_t n;
	UT_hash_handle hh;
};

static char *key_of(const char *namespace, const char *name)
{
	return xasprintf("%s/%s", namespace ? namespace : "", name);
}

static struct slice_list *index_slices(const json *const *slices, size_t n)
{
	struct slice_list *map = NULL, *list;

	for (size_t i = 0; i < n; i++) {
		const json *meta = json_get(slices[i], "metadata");
		const char *service = json_str(json_get(meta, "labels", LABEL_SERVICE_NAME));
		char *key;

		if (!service || !streq(json_str(json_get(slices[i], "addressType")), "IPv4"))
			continue;
		key = key_of(json_str(json_get(meta, "namespace")), service);
		HASH_FIND_STR(map, key, list);
		if (list) {
			free(key);
		} else {
			list = xnew0(struct slice_list);
			list->key = key;
			HASH_ADD_KEYPTR(hh, map, list->key, strlen(list->key), list);
		}
		list->slices = plan_grow(list->slices, list->n, sizeof(*list->slices));
		list->slices[list->n++] = slices[i];
	}
	return map;
}

static void free_index(struct slice_list *map)
{
	struct slice_list *list, *next;

	HASH_ITER(hh, map, list, next) {
		HASH_DEL(map, list);
		free(list->key);
		free(list->slices);
		free(list);
	}
}

/* --- backends ------------------------------------------------------------- */

/* One endpoint for one port, before it is known who takes new connections. */
struct candidate {
	struct net_addr addr;
	uint16_t port;
	bool ready, serving, terminating;
};

struct candidates {
	struct candidate *v;
	size_t n;
};

static bool condition(const json *endpoint, const char *name, bool dflt)
{
	return json_bool(json_get(endpoint, "conditions", name), dflt);
}

/* The slice's port of that name and protocol; 0: none. */
static uint16_t slice_port(const json *slice, const char *name, uint8_t proto)
{
	json_each(port, json_get(slice, "ports")) {
		int64_t n = json_int(json_get(port, "port"), 0);

		if (streq(json_str_or(json_get(port, "name"), ""), name) && n > 0 && n <= 65535 &&
		    net_proto_parse(json_str_or(json_get(port, "protocol"), "TCP")) == proto)
			return n;
	}
	return 0;
}

static void add_candidates(struct candidates *c, const json *slice, uint16_t port)
{
	json_each(endpoint, json_get(slice, "endpoints")) {
		/* All addresses of an endpoint are the same pod; the first is used, as kube-proxy does. */
		const json *addresses = json_get(endpoint, "addresses");
		const char *text = json_is_array(addresses) && addresses->child ? json_str(addresses->child) : NULL;
		struct candidate e = { .port = port };

		/* One wrong address must not cost the service the others. */
		if (!text || net_addr_parse(text, &e.addr) < 0 || !net_addr_is_unicast(&e.addr))
			continue;
		e.ready = condition(endpoint, "ready", true);
		e.serving = condition(endpoint, "serving", e.ready);
		e.terminating = condition(endpoint, "terminating", false);
		c->v = plan_grow(c->v, c->n, sizeof(*c->v));
		c->v[c->n++] = e;
	}
}

static int candidate_cmp(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int c = net_addr_cmp(&x->addr, &y->addr);

	if (c)
		return c;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	/* Of one that stands in two slices the better comes first, and counts. */
	if (x->ready != y->ready)
		return y->ready - x->ready;
	return y->serving - x->serving;
}

static void sort_candidates(struct candidates *c)
{
	size_t kept = 0;

	if (!c->n)
		return;
	qsort(c->v, c->n, sizeof(*c->v), candidate_cmp);
	for (size_t i = 0; i < c->n; i++)
		if (!kept || !net_addr_equal(&c->v[kept - 1].addr, &c->v[i].addr) || c->v[kept - 1].port != c->v[i].port)
			c->v[kept++] = c->v[i];
	c->n = kept;
}

static void add_backend(struct dp_service *s, const struct candidate *c, uint8_t state)
{
	s->backends = plan_grow(s->backends, s->n_backends, sizeof(*s->backends));
	s->backends[s->n_backends++] = (struct dp_backend){ .addr = c->addr, .port = c->port, .state = state };
}

/* c is sorted; so are the backends. Draining ones give way when there are too many. */
static void choose_backends(struct dp_service *s, const struct candidates *c, size_t *ret_left_out)
{
	size_t n_ready = 0, n_serving = 0, ready_room, draining_room;

	for (size_t i = 0; i < c->n; i++) {
		n_ready += c->v[i].ready;
		n_serving += !c->v[i].ready && c->v[i].serving && c->v[i].terminating;
	}
	if (!n_ready)
		n_ready = n_serving;
	else
		n_serving = 0;
	ready_room = n_ready < KEELSON_MAX_BACKENDS ? n_ready : KEELSON_MAX_BACKENDS;
	draining_room = KEELSON_MAX_BACKENDS - ready_room;
	*ret_left_out = n_ready - ready_room;
	for (size_t i = 0; i < c->n; i++) {
		const struct candidate *e = &c->v[i];
		bool takes_new = e->ready || (n_serving && e->serving && e->terminating);

		if (takes_new && ready_room) {
			add_backend(s, e, KEELSON_BACKEND_READY);
			ready_room--;
		} else if (!takes_new && draining_room &&
			   (s->proto == IPPROTO_TCP || (e->serving && e->terminating))) {
			add_backend(s, e, KEELSON_BACKEND_DRAINING);
			draining_room--;
		}
	}
}

/* --- services ------------------------------------------------------------- */

struct named {
	const json *object;
	char *key;		/* NAMESPACE/NAME */
};

static void add_port(struct net_plan *p, const struct named *svc, const struct net_addr *vip, const json *port,
		     const struct slice_list *list)
{
	const char *protocol = json_str_or(json_get(port, "protocol"), "TCP");
	const char *name = json_str_or(json_get(port, "name"), "");
	int64_t number = json_int(json_get(port, "port"), 0);
	struct dp_service s = { .addr = *vip, .port = number, .proto = net_proto_parse(protocol) };
	struct candidates c = { 0 };
	size_t left_out;

	if (!s.proto || number < 1 || number > 65535) {
		plan_problem(p, "service %s: port %s%s%lld/%s is left out: only TCP and UDP ports are carried",
			     svc->key, name, *name ? " " : "", (long long)number, protocol);
		return;
	}
	for (size_t i = 0; list && i < list->n; i++) {
		uint16_t target = slice_port(list->slices[i], name, s.proto);

		if (target)
			add_candidates(&c, list->slices[i], target);
	}
	sort_candidates(&c);
	choose_backends(&s, &c, &left_out);
	free(c.v);
	if (left_out)
		plan_problem(p, "service %s: port %lld has %zu endpoints more than the %d that are carried", svc->key,
			     (long long)number, left_out, KEELSON_MAX_BACKENDS);
	p->services = plan_grow(p->services, p->n_services, sizeof(*p->services));
	p->services[p->n_services++] = s;
}

static void add_vip(struct net_plan *p, const struct named *svc, const char *text, const struct slice_list *list)
{
	struct net_addr vip;

	if (net_addr_parse(text, &vip) < 0) {
		plan_problem(p, "service %s: clusterIP %s is no IP address", svc->key, text);
		return;
	}
	if (!net_addr_is_unicast(&vip)) {
		plan_problem(p, "service %s: clusterIP %s is no IPv4 unicast address and is left out", svc->key, text);
		return;
	}
	json_each(port, json_get(svc->object, "spec", "ports"))
		add_port(p, svc, &vip, port, list);
}

static void add_service(struct net_plan *p, const struct named *svc, const struct slice_list *list)
{
	const json *spec = json_get(svc->object, "spec"), *ips = json_get(spec, "clusterIPs");
	const char *ip = json_str(json_get(spec, "clusterIP"));

	if (streq(json_str(json_get(spec, "type")), "ExternalName") || !ip || !*ip || streq(ip, "None"))
		return;
	add_vip(p, svc, ip, list);
	json_each(more, ips)
		if (json_str(more) && !streq(json_str(more), ip))
			add_vip(p, svc, json_str(more), list);
}

int plan_service_cmp(const struct dp_service *a, const struct dp_service *b)
{
	int c = net_addr_cmp(&a->addr, &b->addr);

	if (c)
		return c;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	return a->proto - b->proto;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->key, ((const struct named *)b)->key);
}

/* A service and where it stood, so that sorting keeps the order of names among equals. */
struct ranked {
	struct dp_service service;
	size_t rank;
};

static int by_vip(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int c = plan_service_cmp(&x->service, &y->service);

	return c ? c : x->rank < y->rank ? -1 : 1;
}

/* Sorts, and of several services with one VIP and port keeps the first by name. */
static void sort_services(struct net_plan *p)
{
	struct ranked *r = xcalloc(p->n_services ? p->n_services : 1, sizeof(*r));
	size_t kept = 0;

	for (size_t i = 0; i < p->n_services; i++)
		r[i] = (struct ranked){ .service = p->services[i], .rank = i };
	qsort(r, p->n_services, sizeof(*r), by_vip);
	for (size_t i = 0; i < p->n_services; i++) {
		struct dp_service *s = &r[i].service;

		if (kept && plan_service_cmp(&p->services[kept - 1], s) == 0) {
			char text[NET_ENDPOINT_STRLEN];

			net_endpoint_format(&s->addr, s->port, text);
			plan_problem(p, "service address %s/%s: more than one Service has it; the first by name is used",
				     text, net_proto_name(s->proto));
			free(s->backends);
		} else {
			p->services[kept++] = *s;
		}
	}
	p->n_services = kept;
	free(r);
}

void plan_services(struct net_plan *p, const json *const *services, size_t n_services,
		   const json *const *slices, size_t n_slices)
{
	struct slice_list *map = index_slices(slices, n_slices), *list;
	struct named *named = xcalloc(n_services, sizeof(*named));

	for (size_t i = 0; i < n_services; i++) {
		const json *meta = json_get(services[i], "metadata");

		named[i].object = services[i];
		named[i].key = key_of(json_str(json_get(meta, "namespace")),
				      json_str_or(json_get(meta, "name"), "(no name)"));
	}
	qsort(named, n_services, sizeof(*named), by_key);
	for (size_t i = 0; i < n_services; i++) {
		HASH_FIND_STR(map, named[i].key, list);
		add_service(p, &named[i], list);
		free(named[i].key);
	}
	free(named);
	free_index(map);
	sort_services(p);
}
