// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_pod_update.c - what may change of a pod: its spec, its debuggers, its resources, see validate_pod.h */
#include "api/kinds/validate_pod.h"
#include "api/meta/view_pod.h"
#include "api/schema/quantity.h"

static const char may_change[] =
	"pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
	"`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
	"`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/* --- what may be changed ------------------------------------------------------------------ */

/* False if there are other containers than before: the rest cannot be compared then. */
static bool validate_images(const json *new, const json *old, const char *list, struct field_errors *e)
{
	int i = 0;
	PATH(path, "spec.%s", list);

	if (json_len(json_get(new, list)) != json_len(json_get(old, list))) {
		field_forbidden(e, path, "pod updates may not add or remove containers");
		return false;
	}
	json_each(c, json_get(new, list)) {
		PATH(base, "%s[%d]", path, i++);

		validate_given(c, "image", base, e);
	}
	return true;
}

/* False if it is so wrong that Kubernetes looks no further. */
static bool validate_deadline(const json *new, const json *old, struct field_errors *e)
{
	static const char path[] = "spec.activeDeadlineSeconds";
	const json *is = json_get(new, "activeDeadlineSeconds"), *was = json_get(old, "activeDeadlineSeconds");
	int64_t v = json_int(is, 0);

	if (!is) {
		if (was)
			field_invalid(e, path, NULL, "must not update from a positive integer to nil value");
		return true;
	}
	if (v < 0 || v > MSG_HUGE_INT)
		field_invalid(e, path, is, "must be between 0 and 2147483647, inclusive");
	else if (was && json_int(was, 0) < v)
		field_invalid(e, path, is, "must be less than or equal to previous value");
	else
		return true;
	return false;
}

static bool same_toleration(const json *a, const json *b)
{
	static const char *const members[] = { "key", "operator", "value", "effect" };

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (!streq(text_of(a, members[i]), text_of(b, members[i])))
			return false;
	return true;
}

static void validate_only_more_tolerations(const json *new, const json *old, struct field_errors *e)
{
	json_each(o, old) {
		bool there = false;

		/* How long may change. */
		json_each(n, new)
			there = there || same_toleration(n, o);
		if (!there) {
			field_forbidden(e, "spec.tolerations",
					"existing toleration can not be modified except its tolerationSeconds");
			return;
		}
	}
}

static void validate_only_fewer_gates(const json *new, const json *old, struct field_errors *e)
{
	int i = 0;

	json_each(g, new) {
		const char *name = json_str_or(json_get(g, "name"), "");
		PATH(p, "spec.schedulingGates[%d].name", i++);
		PATH(why, "only deletion is allowed, but found new scheduling gate '%s'", name);

		if (!list_has_before(old, NULL, "name", name))
			field_forbidden(e, p, why);
	}
}

/* --- a pod that waits at a gate may be told more of where it may go ----------------------- */

static void validate_node_selector_grew(const json *new, const json *old, struct field_errors *e)
{
	json_each(l, old)
		if (!streq(json_str(l), json_str(json_get(new, json_key(l))))) {
			field_invalid_map(e, "spec.nodeSelector", new,
					  "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
			return;
		}
}

/* Does the longer list begin with the shorter one? */
static bool begins_with(const json *list, const json *start)
{
	const json *it = list ? list->child : NULL;

	json_each(s, start) {
		if (!it || !json_equal(it, s))
			return false;
		it = it->next;
	}
	return true;
}

static bool term_grew(const json *new, const json *old)
{
	const json *expressions = json_get(old, "matchExpressions"), *fields = json_get(old, "matchFields");

	/* A term without requirements matches no node: it stays so. */
	if (!json_len(expressions) && !json_len(fields))
		return !json_len(json_get(new, "matchExpressions")) && !json_len(json_get(new, "matchFields"));
	return begins_with(json_get(new, "matchExpressions"), expressions) &&
	       begins_with(json_get(new, "matchFields"), fields);
}

static void validate_node_affinity_grew(const json *new, const json *old, struct field_errors *e)
{
	static const char required[] = "requiredDuringSchedulingIgnoredDuringExecution";
	const json *terms = json_get(new, required, "nodeSelectorTerms");
	const json *was = json_get(old, required, "nodeSelectorTerms");
	const json *n = terms ? terms->child : NULL;
	int i = 0;
	PATH(path, "spec.affinity.nodeAffinity.%s.nodeSelectorTerms", required);

	if (json_len(was) && json_len(was) != json_len(terms)) {
		field_invalid(e, path, terms,
			      "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
		return;
	}
	json_each(o, was) {
		PATH(p, "%s[%d]", path, i++);

		if (!term_grew(n, o))
			field_invalid(e, p, n, "only additions are allowed (no mutations or deletions)");
		n = n->next;
	}
}

/* Takes what is let change at a gate back in next, so that the rest can be compared. */
static void take_back_gated(json *next, const json *old, struct field_errors *e)
{
	const json *was = json_get(old, "affinity", "nodeAffinity");

	if (!json_equal(json_get(next, "nodeSelector"), json_get(old, "nodeSelector")))
		validate_node_selector_grew(json_get(next, "nodeSelector"), json_get(old, "nodeSelector"), e);
	json_set(next, "nodeSelector", json_clone(json_get(old, "nodeSelector")));
	if (json_equal(json_get(next, "affinity", "nodeAffinity"), was))
		return;
	validate_node_affinity_grew(json_get(next, "affinity", "nodeAffinity"), was, e);
	json_set(json_obj(next, "affinity"), "nodeAffinity", json_clone(was));
	if (!json_len(json_get(next, "affinity")) && !json_get(old, "affinity"))
		json_del(next, "affinity");
}

/* --- update ----------------------------------------------------------------------------------- */

static void take_back_images(json *new, const json *old)
{
	const json *o = old ? old->child : NULL;

	json_each(c, new) {
		json_set_str(c, "image", json_str(json_get(o, "image")));
		o = o->next;
	}
}

void validate_pod_update(const json *new_pod, const json *old_pod, struct field_errors *e)
{
	const json *new = json_get(new_pod, "spec"), *old = json_get(old_pod, "spec");
	_cleanup_json_ json *next = json_clone(new);

	validate_pod_annotations_update(new_pod, old_pod, e);
	if (!validate_images(new, old, "containers", e) || !validate_images(new, old, "initContainers", e) ||
	    !validate_deadline(new, old, e))
		return;
	validate_only_more_tolerations(json_get(new, "tolerations"), json_get(old, "tolerations"), e);
	validate_only_fewer_gates(json_get(new, "schedulingGates"), json_get(old, "schedulingGates"), e);
	take_back_images(json_get(next, "containers"), json_get(old, "containers"));
	take_back_images(json_get(next, "initContainers"), json_get(old, "initContainers"));
	json_set(next, "activeDeadlineSeconds", json_clone(json_get(old, "activeDeadlineSeconds")));
	json_set(next, "tolerations", json_clone(json_get(old, "tolerations")));
	if (json_int(json_get(old, "terminationGracePeriodSeconds"), 0) < 0 &&
	    json_int(json_get(next, "terminationGracePeriodSeconds"), 0) == 1)
		json_set(next, "terminationGracePeriodSeconds",
			 json_clone(json_get(old, "terminationGracePeriodSeconds")));
	if (json_len(json_get(old, "schedulingGates")))
		take_back_gated(next, old, e);
	json_set(next, "schedulingGates", json_clone(json_get(old, "schedulingGates")));
	if (next && !json_equal(next, old))
		field_forbidden(e, "spec", may_change);
}

/* --- /ephemeralcontainers ---------------------------------------------------------------------- */

static const json *named(const json *list, const char *name)
{
	json_each(it, list)
		if (streq(json_str(json_get(it, "name")), name))
			return it;
	return NULL;
}

/* The others were taken from the pod as it is: only these can differ. */
void validate_pod_ephemeral(const json *new, const json *old, struct field_errors *e)
{
	static const char path[] = "spec.ephemeralContainers";
	const json *list = json_get(new, "spec", "ephemeralContainers");

	if (pod_is_mirror(old)) {
		field_forbidden(e, "", "static pods do not support ephemeral containers");
		return;
	}
	validate_pod_annotations_update(new, old, e);
	json_each(o, json_get(old, "spec", "ephemeralContainers")) {
		const char *name = json_str_or(json_get(o, "name"), "");
		const json *n = named(list, name);
		PATH(gone, "existing ephemeral containers \"%s\" may not be removed\n", name);
		PATH(other, "existing ephemeral containers \"%s\" may not be changed\n", name);

		if (!n)
			field_forbidden(e, path, gone);
		else if (!json_equal(n, o))
			field_forbidden(e, path, other);
	}
}

/* --- /resize -------------------------------------------------------------------------------------- */

#define ONLY_COMPUTE "only cpu and memory resources are mutable"

static bool is_sidecar(const json *c)
{
	return streq(text_of(c, "restartPolicy"), "Always");
}

static bool something_removed(const json *new, const json *old)
{
	json_each(q, old)
		if (!json_get(new, json_key(q)))
			return true;
	return false;
}

/* Memory can be taken away only from a container that starts again. */
static void validate_memory_limit(const json *new, const json *old, const char *path, struct field_errors *e)
{
	const json *limit = json_get(new, "resources", "limits", "memory");
	const json *was = json_get(old, "resources", "limits", "memory");
	PATH(p, "%s.limits[memory]", path);

	json_each(policy, json_get(new, "resizePolicy"))
		if (streq(text_of(policy, "resourceName"), "memory") &&
		    streq(text_of(policy, "restartPolicy"), "RestartContainer"))
			return;
	if (limit && was && quantity_compare(limit, was) < 0)
		field_forbidden(e, p, "memory limits cannot be decreased unless resizePolicy is RestartContainer");
}

static void validate_container_resize(const json *new, const json *old, const char *path, struct field_errors *e)
{
	if (something_removed(json_get(new, "resources", "requests"), json_get(old, "resources", "requests")))
		child_forbidden(e, path, "requests", "resource requests cannot be removed");
	if (something_removed(json_get(new, "resources", "limits"), json_get(old, "resources", "limits")))
		child_forbidden(e, path, "limits", "resource limits cannot be removed");
	validate_memory_limit(new, old, path, e);
}

/* Gives cpu, memory and what is done when they change back to c, as old has them. */
static void take_back_compute(json *c, const json *old)
{
	static const char *const lists[] = { "limits", "requests" }, *const names[] = { "cpu", "memory" };

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
			const json *was = json_get(old, "resources", lists[l], names[n]);

			if (was)
				json_set(json_obj(c, "resources", lists[l]), names[n], json_clone(was));
			else
				json_del(json_get(c, "resources", lists[l]), names[n]);
		}
		if (!json_len(json_get(c, "resources", lists[l])))
			json_del(json_get(c, "resources"), lists[l]);
	}
	json_set(c, "resizePolicy", json_clone(json_get(old, "resizePolicy")));
}

/* next's list becomes old's where only what may change differs; true if it does. */
static bool validate_list_resize(json *next, const json *old, const char *list, struct field_errors *e)
{
	bool init = streq(list, "initContainers");
	const json *o = json_get(old, list);
	size_t before = e->n;

	o = o ? o->child : NULL;
	json_each(c, json_get(next, list)) {
		if (!init || is_sidecar(c))
			take_back_compute(c, o);
		if (!json_equal(c, o))
			field_forbidden(e, "spec", !init ? ONLY_COMPUTE : is_sidecar(c) ?
					"only cpu and memory resources for sidecar containers are mutable" :
					"resources for non-sidecar init containers are immutable");
		o = o->next;
	}
	return e->n == before;
}

static void validate_all_resizes(const json *new, const json *old, const char *list, struct field_errors *e)
{
	const json *o = json_get(old, list);
	int i = 0;

	o = o ? o->child : NULL;
	json_each(c, json_get(new, list)) {
		PATH(p, "spec.%s[%d].resources", list, i++);

		if (streq(list, "containers") || is_sidecar(c))
			validate_container_resize(c, o, p, e);
		o = o->next;
	}
}

static bool has_pod_resources(const json *pod)
{
	const json *r = json_get(pod, "spec", "resources");

	return json_len(json_get(r, "limits")) || json_len(json_get(r, "requests"));
}

void validate_pod_resize(const json *new, const json *old, struct field_errors *e)
{
	_cleanup_json_ json *next = json_clone(json_get(new, "spec"));
	const json *was = json_get(old, "spec");
	const char *class = pod_qos_class(new);
	bool ok;

	if (has_pod_resources(old) || has_pod_resources(new))
		field_forbidden(e, "", "pods with pod-level resources cannot be resized");
	else if (pod_is_mirror(old))
		field_forbidden(e, "", "static pods cannot be resized");
	else if (streq(json_str(json_get(was, "os", "name")), "windows"))
		field_forbidden(e, "", "windows pods cannot be resized");
	if (e->n)
		return;
	if (!streq(pod_qos_class(old), class))
		field_invalid_str(e, "spec", class, "Pod QOS Class may not change as a result of resizing");
	validate_all_resizes(next, was, "initContainers", e);
	validate_all_resizes(next, was, "containers", e);
	ok = validate_list_resize(next, was, "containers", e);
	ok = validate_list_resize(next, was, "initContainers", e) && ok;
	if (ok && !e->n && !json_equal(next, was))
		field_forbidden(e, "spec", ONLY_COMPUTE);
}
