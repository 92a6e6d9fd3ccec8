// SPDX-License-Identifier: GPL-2.0-or-later
/* filter.c - may the pod run on the node? See schedule.h */
#include "api/schema/quantity.h"
#include "api/meta/view_pod.h"
#include "controllers/objects.h"
#include "scheduler/schedule.h"

#define DEFAULT_MAX_PODS 110

void placement_init(struct placement *p, const json *pod, const struct cluster *c)
{
	*p = (struct placement){ .pod = pod, .cluster = c };
	amounts_of_pod(pod, &p->requested);
	host_ports_of_pod(pod, &p->ports);
}

void placement_clear(struct placement *p)
{
	amounts_clear(&p->requested);
	host_ports_clear(&p->ports);
}

void reasons_add(struct reasons *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	r->list = xrealloc(r->list, (r->n + 1) * sizeof(*r->list));
	r->list[r->n++] = xvasprintf(fmt, ap);
	va_end(ap);
}

void reasons_clear(struct reasons *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->list[i]);
	free(r->list);
	*r = (struct reasons){ 0 };
}

int64_t node_allocatable(const json *node, const char *resource, int64_t dflt)
{
	const json *q = json_get(node, "status", "allocatable", resource) ?:
			json_get(node, "status", "capacity", resource);

	return streq(resource, "cpu") ? quantity_milli(q, dflt) : quantity_value(q, dflt);
}

static bool toleration_covers(const json *t, const char *key, const char *value, const char *effect)
{
	const char *t_key = json_str_or(json_get(t, "key"), ""), *t_effect = json_str_or(json_get(t, "effect"), "");
	const char *op = json_str_or(json_get(t, "operator"), "Equal");

	if (*t_effect && !streq(t_effect, effect))
		return false;
	if (*t_key && !streq(t_key, key))
		return false;
	if (streq(op, "Exists"))
		return true;
	return *t_key && (streq(op, "Equal") || !*op) && streq(json_str_or(json_get(t, "value"), ""), value);
}

bool pod_tolerates(const json *pod, const char *key, const char *value, const char *effect)
{
	json_each(t, json_get(pod, "spec", "tolerations"))
		if (toleration_covers(t, key, value, effect))
			return true;
	return false;
}

static bool fits_schedulable(const struct placement *p, const json *node, struct reasons *r)
{
	if (!json_bool(json_get(node, "spec", "unschedulable"), false) ||
	    pod_tolerates(p->pod, "node.kubernetes.io/unschedulable", "", "NoSchedule"))
		return true;
	reasons_add(r, "node(s) were unschedulable");
	return false;
}

static bool fits_taints(const struct placement *p, const json *node, struct reasons *r)
{
	json_each(t, json_get(node, "spec", "taints")) {
		const char *key = json_str_or(json_get(t, "key"), ""), *value = json_str_or(json_get(t, "value"), "");
		const char *effect = json_str_or(json_get(t, "effect"), "");

		if ((streq(effect, "NoSchedule") || streq(effect, "NoExecute")) &&
		    !pod_tolerates(p->pod, key, value, effect)) {
			reasons_add(r, "node(s) had untolerated taint {%s: %s}", key, value);
			return false;
		}
	}
	/* A node that is not ready will bear this taint as soon as the node controller has seen it. */
	if (!status_condition_true(node, "Ready") &&
	    !pod_tolerates(p->pod, "node.kubernetes.io/not-ready", "", "NoSchedule")) {
		reasons_add(r, "node(s) had untolerated taint {node.kubernetes.io/not-ready: }");
		return false;
	}
	return true;
}

bool node_matches_term(const json *term, const json *node)
{
	const json *expressions = json_get(term, "matchExpressions"), *fields = json_get(term, "matchFields");

	if (!json_len(expressions) && !json_len(fields))
		return false;
	json_each(req, expressions) {
		const char *key = json_str_or(json_get(req, "key"), "");

		if (!requirement_matches(req, json_str(json_get(meta_labels(node), key))))
			return false;
	}
	json_each(req, fields)
		if (!streq(json_str(json_get(req, "key")), "metadata.name") ||
		    !requirement_matches(req, meta_name(node)))
			return false;
	return true;
}

static bool fits_affinity(const struct placement *p, const json *node, struct reasons *r)
{
	const json *selector = json_get(p->pod, "spec", "nodeSelector");
	const json *required = json_get(p->pod, "spec", "affinity", "nodeAffinity",
					"requiredDuringSchedulingIgnoredDuringExecution");
	bool fits = !json_len(selector) || label_map_matches(selector, meta_labels(node));

	if (fits && required) {
		fits = false;
		json_each(term, json_get(required, "nodeSelectorTerms"))
			if (node_matches_term(term, node))
				fits = true;
	}
	if (!fits)
		reasons_add(r, "node(s) didn't match Pod's node affinity/selector");
	return fits;
}

static bool fits_ports(const struct placement *p, const json *node, struct reasons *r)
{
	if (!host_ports_conflict(&p->ports, &cluster_node(p->cluster, meta_name(node))->ports))
		return true;
	reasons_add(r, "node(s) didn't have free ports for the requested pod ports");
	return false;
}

static bool fits_resources(const struct placement *p, const json *node, struct reasons *r)
{
	const struct node_use *use = cluster_node(p->cluster, meta_name(node));
	bool fits = true;

	if (use->pods + 1 > node_allocatable(node, "pods", DEFAULT_MAX_PODS)) {
		reasons_add(r, "Too many pods");
		fits = false;
	}
	for (size_t i = 0; i < p->requested.n; i++) {
		const struct amount *a = &p->requested.list[i];

		if (a->value <= 0 ||
		    a->value <= node_allocatable(node, a->name, 0) - amounts_get(&use->requested, a->name))
			continue;
		reasons_add(r, "Insufficient %s", a->name);
		fits = false;
	}
	return fits;
}

bool node_fits(const struct placement *p, const json *node, struct reasons *r)
{
	/* In this order; the first that says no ends it. What they read of a pod is in waiting_class_of(). */
	static bool (*const filters[])(const struct placement *, const json *, struct reasons *) = {
		fits_schedulable, fits_taints, fits_affinity, fits_ports, fits_resources,
	};

	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (!filters[i](p, node, r))
			return false;
	return true;
}
