// SPDX-License-Identifier: GPL-2.0-or-later
/* cluster.c - see cluster.h */
#include "scheduler/cluster.h"

#include <uthash.h>

#include "api/meta/view_pod.h"

/* What one pod adds to its node. */
struct counted {
	char *uid, *node, *owner;
	bool assumed;
	struct amounts requested;
	int64_t score_cpu, score_memory;
	struct host_ports ports;
	UT_hash_handle hh;
};

struct node {
	char *name;
	struct node_use use;
	UT_hash_handle hh;
};

/* How many pods of an owner are on a node; key is "owner/node". */
struct owner_count {
	char *key;
	int64_t n;
	UT_hash_handle hh;
};

struct cluster {
	struct counted *pods;
	struct node *nodes;
	struct owner_count *owners;
};

int64_t amounts_get(const struct amounts *a, const char *name)
{
	for (size_t i = 0; i < a->n; i++)
		if (streq(a->list[i].name, name))
			return a->list[i].value;
	return 0;
}

void amounts_add(struct amounts *a, const char *name, int64_t value)
{
	for (size_t i = 0; i < a->n; i++) {
		if (!streq(a->list[i].name, name))
			continue;
		if (__builtin_add_overflow(a->list[i].value, value, &a->list[i].value))
			a->list[i].value = INT64_MAX;
		return;
	}
	a->list = xrealloc(a->list, (a->n + 1) * sizeof(*a->list));
	a->list[a->n++] = (struct amount){ xstrdup(name), value };
}

void amounts_clear(struct amounts *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->list[i].name);
	free(a->list);
	*a = (struct amounts){ 0 };
}

static void note_names(struct amounts *a, const json *requests)
{
	json_each(it, requests)
		amounts_add(a, json_key(it), 0);
}

void amounts_of_pod(const json *pod, struct amounts *ret)
{
	struct amounts a = { 0 };

	json_each(c, pod_containers(pod))
		note_names(&a, json_get(c, "resources", "requests"));
	json_each(c, pod_init_containers(pod))
		note_names(&a, json_get(c, "resources", "requests"));
	note_names(&a, json_get(pod, "spec", "overhead"));
	for (size_t i = 0; i < a.n; i++)
		a.list[i].value = pod_request(pod, a.list[i].name);
	*ret = a;
}

void host_ports_of_pod(const json *pod, struct host_ports *ret)
{
	struct host_ports p = { 0 };

	json_each(c, pod_containers(pod)) {
		json_each(it, json_get(c, "ports")) {
			int64_t port = json_int(json_get(it, "hostPort"), 0);
			const char *ip = json_str_or(json_get(it, "hostIP"), "");

			if (!port && pod_host_network(pod))
				port = json_int(json_get(it, "containerPort"), 0);
			if (port <= 0)
				continue;
			p.list = xrealloc(p.list, (p.n + 1) * sizeof(*p.list));
			p.list[p.n++] = (struct host_port){
				.ip = xstrdup(*ip && !streq(ip, "::") ? ip : "0.0.0.0"),
				.protocol = xstrdup(json_str_or(json_get(it, "protocol"), "TCP")),
				.port = port,
			};
		}
	}
	*ret = p;
}

void host_ports_clear(struct host_ports *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->list[i].ip);
		free(p->list[i].protocol);
	}
	free(p->list);
	*p = (struct host_ports){ 0 };
}

static bool same_port(const struct host_port *a, const struct host_port *b)
{
	return a->port == b->port && streq(a->protocol, b->protocol) && streq(a->ip, b->ip);
}

bool host_ports_conflict(const struct host_ports *a, const struct host_ports *b)
{
	for (size_t i = 0; i < a->n; i++) {
		for (size_t j = 0; j < b->n; j++) {
			const struct host_port *x = &a->list[i], *y = &b->list[j];

			if (x->port == y->port && streq(x->protocol, y->protocol) &&
			    (streq(x->ip, y->ip) || streq(x->ip, "0.0.0.0") || streq(y->ip, "0.0.0.0")))
				return true;
		}
	}
	return false;
}

static void ports_add(struct host_ports *to, const struct host_ports *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct host_port *p = &from->list[i];

		to->list = xrealloc(to->list, (to->n + 1) * sizeof(*to->list));
		to->list[to->n++] = (struct host_port){ xstrdup(p->ip), xstrdup(p->protocol), p->port };
	}
}

static void ports_remove(struct host_ports *from, const struct host_ports *what)
{
	for (size_t i = 0; i < what->n; i++) {
		for (size_t j = 0; j < from->n; j++) {
			if (!same_port(&what->list[i], &from->list[j]))
				continue;
			free(from->list[j].ip);
			free(from->list[j].protocol);
			from->list[j] = from->list[--from->n];
			break;
		}
	}
}

struct cluster *cluster_new(void)
{
	return xnew0(struct cluster);
}

static struct node *node_of(struct cluster *c, const char *name)
{
	struct node *n;

	HASH_FIND_STR(c->nodes, name, n);
	if (!n) {
		n = xnew0(struct node);
		n->name = xstrdup(name);
		HASH_ADD_KEYPTR(hh, c->nodes, n->name, strlen(n->name), n);
	}
	return n;
}

static void count_owner(struct cluster *c, const struct counted *p, int64_t delta)
{
	_cleanup_free_ char *key = NULL;
	struct owner_count *o;

	if (!p->owner)
		return;
	key = xasprintf("%s/%s", p->owner, p->node);
	HASH_FIND_STR(c->owners, key, o);
	if (!o) {
		o = xnew0(struct owner_count);
		o->key = TAKE_PTR(key);
		HASH_ADD_KEYPTR(hh, c->owners, o->key, strlen(o->key), o);
	}
	o->n += delta;
	if (!o->n) {
		HASH_DEL(c->owners, o);
		free(o->key);
		free(o);
	}
}

static void node_free(struct cluster *c, struct node *n)
{
	HASH_DEL(c->nodes, n);
	amounts_clear(&n->use.requested);
	host_ports_clear(&n->use.ports);
	free(n->name);
	free(n);
}

/* sign 1 or -1 */
static void apply(struct cluster *c, const struct counted *p, int sign)
{
	struct node *n = node_of(c, p->node);

	for (size_t i = 0; i < p->requested.n; i++)
		amounts_add(&n->use.requested, p->requested.list[i].name, sign * p->requested.list[i].value);
	n->use.score_cpu += sign * p->score_cpu;
	n->use.score_memory += sign * p->score_memory;
	n->use.pods += sign;
	if (sign > 0)
		ports_add(&n->use.ports, &p->ports);
	else
		ports_remove(&n->use.ports, &p->ports);
	count_owner(c, p, sign);
	if (!n->use.pods)
		node_free(c, n);
}

static void counted_free(struct cluster *c, struct counted *p)
{
	apply(c, p, -1);
	HASH_DEL(c->pods, p);
	amounts_clear(&p->requested);
	host_ports_clear(&p->ports);
	free(p->uid);
	free(p->node);
	free(p->owner);
	free(p);
}

void cluster_free(struct cluster *c)
{
	struct counted *p, *tmp;

	if (!c)
		return;
	HASH_ITER(hh, c->pods, p, tmp)
		counted_free(c, p);
	free(c);
}

const char *cluster_assumed(const struct cluster *c, const json *pod)
{
	struct counted *p;

	HASH_FIND_STR(c->pods, meta_uid(pod) ?: "", p);
	return p && p->assumed ? p->node : NULL;
}

void cluster_drop(struct cluster *c, const json *pod, bool only_assumed)
{
	const char *uid = meta_uid(pod) ?: "";
	struct counted *p;

	HASH_FIND_STR(c->pods, uid, p);
	if (p && (p->assumed || !only_assumed))
		counted_free(c, p);
}

void cluster_put(struct cluster *c, const json *pod, const char *node, bool assumed)
{
	struct counted *p = xnew0(struct counted);
	int64_t cpu, memory;

	cluster_drop(c, pod, false);
	p->uid = xstrdup(meta_uid(pod) ?: "");
	p->node = xstrdup(node);
	p->owner = meta_controller_uid(pod) ? xstrdup(meta_controller_uid(pod)) : NULL;
	p->assumed = assumed;
	amounts_of_pod(pod, &p->requested);
	cpu = amounts_get(&p->requested, "cpu");
	memory = amounts_get(&p->requested, "memory");
	p->score_cpu = cpu ?: SCORE_DEFAULT_CPU;
	p->score_memory = memory ?: SCORE_DEFAULT_MEMORY;
	host_ports_of_pod(pod, &p->ports);
	HASH_ADD_KEYPTR(hh, c->pods, p->uid, strlen(p->uid), p);
	apply(c, p, 1);
}

const struct node_use *cluster_node(const struct cluster *c, const char *node)
{
	static const struct node_use none;
	struct node *n;

	HASH_FIND_STR(c->nodes, node, n);
	return n ? &n->use : &none;
}

int64_t cluster_owner_pods(const struct cluster *c, const char *owner_uid, const char *node)
{
	_cleanup_free_ char *key = NULL;
	struct owner_count *o;

	if (!owner_uid)
		return 0;
	key = xasprintf("%s/%s", owner_uid, node);
	HASH_FIND_STR(c->owners, key, o);
	return o ? o->n : 0;
}
