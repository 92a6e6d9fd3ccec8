// SPDX-License-Identifier: GPL-2.0-or-later
/* update.c - updates, bindings, scales and deletions of objects, see object.h */
#include "api/registry/object.h"

#include "api/kinds/rules.h"
#include "api/kinds/validate.h"
#include "api/meta/fielderr.h"
#include "api/meta/status.h"

static const char *name_of(const json *obj)
{
	return json_str_or(json_get(obj, "metadata", "name"), "");
}

static void keep_metadata(const json *cur, json *next)
{
	const json *old = json_get(cur, "metadata");
	json *meta = json_obj(next, "metadata");

	fill_member(meta, old, "name");
	fill_member(meta, old, "namespace");
	fill_member(meta, old, "uid");
	fill_member(meta, old, "creationTimestamp");
	keep_member(meta, old, "deletionTimestamp");
	keep_member(meta, old, "deletionGracePeriodSeconds");
	keep_member(meta, old, "generation");
	keep_member(meta, old, "resourceVersion");
	json_del(meta, "selfLink");
	object_mark_reset(meta);
}

/* True when anything but metadata and status differs. */
static bool wants_differ(const json *a, const json *b)
{
	_cleanup_json_ json *x = json_clone(a), *y = json_clone(b);

	json_del(x, "metadata");
	json_del(x, "status");
	json_del(y, "metadata");
	json_del(y, "status");
	return !json_equal(x, y);
}

static json *check_rv(const struct kind *k, const json *cur, const json *wanted)
{
	const char *rv = json_str_or(json_get(wanted, "metadata", "resourceVersion"), "");

	if (!*rv || streq(rv, "0") || streq(rv, json_str(json_get(cur, "metadata", "resourceVersion"))))
		return NULL;
	return status_modified(k->res, name_of(cur));
}

json *object_check_uid(const struct kind *k, const json *cur, const json *wanted)
{
	const char *uid = json_str_or(json_get(wanted, "metadata", "uid"), "");
	const char *is = json_str_or(json_get(cur, "metadata", "uid"), "");
	_cleanup_free_ char *why = NULL;

	if (!*uid || streq(uid, is))
		return NULL;
	why = xasprintf("Precondition failed: UID in precondition: %s, UID in object meta: %s", uid, is);
	return status_conflict(k->res, name_of(cur), why);
}

static json *prepare_scale(const struct kind *k, const json *cur, const json *scale, json **ret)
{
	_cleanup_field_errors_ struct field_errors e = {0};
	const json *replicas = json_get(scale, "spec", "replicas");

	if (json_int(replicas, 0) < 0) {
		static const struct resource scale_res = { "autoscaling", "v1", "scales", "Scale", true, "", "" };

		field_invalid_int(&e, "spec.replicas", json_int(replicas, 0), "must be greater than or equal to 0");
		return status_invalid(&scale_res, name_of(cur), &e);
	}
	*ret = json_clone(cur);
	json_set_int(json_obj(*ret, "spec"), "replicas", json_int(replicas, 0));
	return NULL;
}

json *object_prepare_update(const struct kind *k, const char *subresource, const json *cur, json *wanted_,
			    json **ret)
{
	_cleanup_json_ json *wanted = wanted_;
	_cleanup_json_ json *next = NULL;
	json *s = check_rv(k, cur, wanted);

	if (s)
		return s;
	if (streq(subresource, "status")) {
		next = json_clone(cur);
		keep_member(next, wanted, "metadata");
		keep_metadata(cur, next);
		keep_member(next, wanted, "status");
		if (k->rules->prepare_status)
			k->rules->prepare_status(cur, next);
	} else if (kind_sub_rules(k, subresource)) {
		next = TAKE_PTR(wanted);
		keep_metadata(cur, next);
		kind_sub_rules(k, subresource)->prepare(cur, next);
	} else if (streq(subresource, "scale")) {
		s = prepare_scale(k, cur, wanted, &next);
		if (s)
			return s;
	} else {
		next = TAKE_PTR(wanted);
		keep_metadata(cur, next);
		if (kind_has_subresource(k, "status"))
			keep_member(next, cur, "status");
		if (k->rules->prepare_update)
			k->rules->prepare_update(cur, next);
	}
	default_object(k, next);
	if ((k->flags & KIND_GENERATION) && !streq(subresource, "status") && (k->rules->counts ?: wants_differ)(cur, next))
		json_set_int(json_get(next, "metadata"), "generation",
			     json_int(json_get(cur, "metadata", "generation"), 0) + 1);
	*ret = TAKE_PTR(next);
	return NULL;
}

/* --- scale and binding ------------------------------------------------------------ */

/* The selector's text, what autoscalers read; a map where the kind has one of before LabelSelector; caller frees. */
static char *selector_of(const json *obj)
{
	const json *selector = json_get(obj, "spec", "selector");

	if (!json_len(selector))
		return xstrdup("");
	return json_get(selector, "matchLabels") || json_get(selector, "matchExpressions") ?
	       label_selector_text(selector) : labels_text(selector);
}

json *object_scale(const json *obj)
{
	static const char *const members[] = { "name", "namespace", "uid", "resourceVersion", "creationTimestamp" };
	json *scale = json_build("{\"kind\":\"Scale\",\"apiVersion\":\"autoscaling/v1\",\"metadata\":{}}");
	_cleanup_free_ char *selector = selector_of(obj);
	json *status;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		keep_member(json_get(scale, "metadata"), json_get(obj, "metadata"), members[i]);
	json_set_int(json_obj(scale, "spec"), "replicas", json_int(json_get(obj, "spec", "replicas"), 0));
	status = json_obj(scale, "status");
	json_set_int(status, "replicas", json_int(json_get(obj, "status", "replicas"), 0));
	json_set_str(status, "selector", selector);
	return scale;
}

static void set_scheduled(json *pod, uint64_t now_us)
{
	json *status = json_obj(pod, "status"), *list = json_get(status, "conditions"), *c = NULL;
	char now[32];

	if (!json_is_array(list))
		list = json_set(status, "conditions", json_new_array());
	json_each(it, list)
		if (streq(json_str(json_get(it, "type")), "PodScheduled"))
			c = it;
	if (!c) {
		c = json_new_object();
		json_append(list, c);
	}
	format_time(now_us, now);
	if (!streq(json_str(json_get(c, "status")), "True"))
		json_set_str(c, "lastTransitionTime", now);
	json_set_str(c, "type", "PodScheduled");
	json_set_str(c, "status", "True");
	json_del(c, "reason");
	json_del(c, "message");
}

json *object_bind(const json *pod, const json *binding, uint64_t now_us, json **ret)
{
	const char *node = json_str_or(json_get(binding, "target", "name"), "");
	const char *kind = json_str_or(json_get(binding, "target", "kind"), "Node");
	const char *uid = json_str_or(json_get(binding, "metadata", "uid"), "");
	const char *bound = json_str_or(json_get(pod, "spec", "nodeName"), "");
	static const struct resource binding_res = { "", "v1", "pods/binding", "Binding", true, "", "" };
	_cleanup_field_errors_ struct field_errors e = {0};
	_cleanup_free_ char *why = NULL;

	if (!*node)
		field_required(&e, "target.name", "");
	if (*kind && !streq(kind, "Node"))
		field_not_supported(&e, "target.kind", kind, "Node");
	if (e.n)
		return status_invalid(&binding_res, name_of(pod), &e);
	if (*uid && !streq(uid, json_str(json_get(pod, "metadata", "uid"))))
		why = xasprintf("the UID in the precondition (%s) does not match the UID in record (%s). "
				"The object might have been deleted and then recreated", uid,
				json_str_or(json_get(pod, "metadata", "uid"), ""));
	else if (json_str(json_get(pod, "metadata", "deletionTimestamp")))
		why = xasprintf("pod %s is being deleted, cannot be assigned to a host", name_of(pod));
	else if (*bound)
		why = xasprintf("pod %s is already assigned to node \"%s\"", name_of(pod), bound);
	if (why)
		return status_conflict(&binding_res, name_of(pod), why);
	*ret = json_clone(pod);
	json_set_str(json_obj(*ret, "spec"), "nodeName", node);
	json_each(a, json_get(binding, "metadata", "annotations"))
		json_set(json_obj(*ret, "metadata", "annotations"), json_key(a), json_clone(a));
	set_scheduled(*ret, now_us);
	return NULL;
}

/* --- deletion --------------------------------------------------------------------- */

static json *check_preconditions(const struct kind *k, const json *cur, const struct store_delete_opts *opts)
{
	const char *uid = json_str_or(json_get(cur, "metadata", "uid"), "");
	const char *rv = json_str_or(json_get(cur, "metadata", "resourceVersion"), "");
	_cleanup_free_ char *wanted = NULL, *why = NULL;

	if (opts->uid && !streq(opts->uid, uid)) {
		why = xasprintf("the UID in the precondition (%s) does not match the UID in record (%s). "
				"The object might have been deleted and then recreated", opts->uid, uid);
		return status_conflict(k->res, name_of(cur), why);
	}
	wanted = xasprintf("%lld", (long long)opts->rv);
	if (opts->rv && !streq(wanted, rv)) {
		why = xasprintf("the ResourceVersion in the precondition (%s) does not match the ResourceVersion in record (%s). "
				"The object might have been modified", wanted, rv);
		return status_conflict(k->res, name_of(cur), why);
	}
	return NULL;
}

static void remove_finalizer(json *list, const char *name)
{
	int i = 0;

	json_each(f, list) {
		if (streq(json_str(f), name)) {
			cJSON_DeleteItemFromArray(list, i);
			return;
		}
		i++;
	}
}

/* The finalizers that the garbage collector takes away when it is done with the dependents. */
static void set_propagation(json *meta, const char *policy)
{
	const char *add = streq(policy, "Orphan") ? "orphan" : streq(policy, "Foreground") ? "foregroundDeletion" : NULL;
	json *list = json_get(meta, "finalizers");

	if (!policy)
		return;
	remove_finalizer(list, "orphan");
	remove_finalizer(list, "foregroundDeletion");
	if (add && !json_is_array(list))
		list = json_set(meta, "finalizers", json_new_array());
	if (add)
		json_append(list, json_new_str(add));
	if (list && !json_len(list))
		json_del(meta, "finalizers");
}

#define POD_GRACE_DEFAULT 30	/* seconds */

static int64_t pod_grace(const json *pod, int64_t asked)
{
	const char *phase = json_str(json_get(pod, "status", "phase"));

	if (!*json_str_or(json_get(pod, "spec", "nodeName"), "") || streq(phase, "Succeeded") || streq(phase, "Failed"))
		return 0;
	if (asked >= 0)
		return asked;
	return json_int(json_get(pod, "spec", "terminationGracePeriodSeconds"), POD_GRACE_DEFAULT);
}

static void mark(json *obj, int64_t grace, uint64_t at_us)
{
	json *meta = json_get(obj, "metadata");
	char at[32];

	format_time(at_us, at);
	json_set_str(meta, "deletionTimestamp", at);
	json_set_int(meta, "deletionGracePeriodSeconds", grace);
	if (json_get(meta, "generation"))
		json_set_int(meta, "generation", json_int(json_get(meta, "generation"), 0) + 1);
}

static enum object_fate delete_namespace(const struct kind *k, const json *cur, uint64_t now_us, json **ret,
					 json **ret_status)
{
	bool marked = json_str(json_get(cur, "metadata", "deletionTimestamp"));

	if (!json_len(json_get(cur, "spec", "finalizers")) && !json_len(json_get(cur, "metadata", "finalizers")))
		return OBJECT_REMOVE;
	if (marked) {
		*ret_status = status_conflict(k->res, name_of(cur), "The system is ensuring all content is removed from this namespace.  "
					      "Upon completion, this namespace will automatically be purged by the system.");
		return OBJECT_KEEP;
	}
	*ret = json_clone(cur);
	mark(*ret, 0, now_us);
	json_del(json_get(*ret, "metadata"), "deletionGracePeriodSeconds");
	json_set_str(json_obj(*ret, "status"), "phase", "Terminating");
	return OBJECT_MARK;
}

/* A second DELETE of a pod may shorten its grace, never lengthen it. */
static enum object_fate delete_pod_again(const json *cur, int64_t asked, json **ret)
{
	int64_t left = json_int(json_get(cur, "metadata", "deletionGracePeriodSeconds"), 0);
	const char *at = json_str_or(json_get(cur, "metadata", "deletionTimestamp"), "");
	int64_t grace = pod_grace(cur, asked < 0 ? left : asked);
	uint64_t at_us;

	if (!grace)
		return json_len(json_get(cur, "metadata", "finalizers")) ? OBJECT_MARK : OBJECT_REMOVE;
	if (grace >= left || parse_time(at, &at_us))
		return OBJECT_KEEP;
	*ret = json_clone(cur);
	mark(*ret, grace, at_us - (uint64_t)(left - grace) * 1000000);
	return OBJECT_MARK;
}

enum object_fate object_delete(const struct kind *k, const json *cur, const struct store_delete_opts *opts,
			       uint64_t now_us, json **ret, json **ret_status)
{
	bool marked = json_str(json_get(cur, "metadata", "deletionTimestamp")), pod = k->rules->deletion == DELETE_GRACEFULLY;
	_cleanup_json_ json *next = json_clone(cur);
	json *meta = json_get(next, "metadata");
	int64_t grace = pod ? pod_grace(cur, opts->grace_period) : 0;

	*ret_status = check_preconditions(k, cur, opts);
	if (*ret_status)
		return OBJECT_KEEP;
	if (k->rules->deletion == DELETE_FINALIZED)
		return delete_namespace(k, cur, now_us, ret, ret_status);
	if (pod && marked) {
		enum object_fate fate = delete_pod_again(cur, opts->grace_period, ret);

		if (fate != OBJECT_MARK || *ret)
			return fate;
		grace = 0;	/* finalizers keep it: only say that grace is over */
	}
	set_propagation(meta, opts->propagation);
	if (!grace && !json_len(json_get(meta, "finalizers")))
		return OBJECT_REMOVE;
	if (!marked || (pod && json_int(json_get(meta, "deletionGracePeriodSeconds"), 0) != grace))
		mark(next, grace, now_us + (uint64_t)grace * 1000000);
	if (json_equal(next, cur))
		return OBJECT_KEEP;
	*ret = TAKE_PTR(next);
	return OBJECT_MARK;
}

bool object_is_finished(const struct kind *k, const json *obj)
{
	const json *meta = json_get(obj, "metadata");

	if (!json_str(json_get(meta, "deletionTimestamp")) || json_len(json_get(meta, "finalizers")))
		return false;
	if (k->rules->deletion == DELETE_FINALIZED)
		return !json_len(json_get(obj, "spec", "finalizers"));
	return !json_int(json_get(meta, "deletionGracePeriodSeconds"), 0);
}
