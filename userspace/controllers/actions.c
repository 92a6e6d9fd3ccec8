// SPDX-License-Identifier: GPL-2.0-or-later
/* actions.c - see actions.h */
#include "controllers/actions.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_meta.h"

void actions_clear(struct actions *a)
{
	for (size_t i = 0; i < a->n; i++) {
		struct action *act = &a->list[i];

		free(act->ns);
		free(act->name);
		free(act->uid);
		free(act->ok_message);
		cJSON_Delete(act->body);
	}
	for (size_t i = 0; i < a->n_events; i++)
		free(a->events[i].message);
	free(a->list);
	free(a->events);
	*a = (struct actions){ 0 };
}

/* Keeps the list in order of stages; actions of one stage stay in the order they were added. */
static struct action *add(struct actions *a, enum action_type type, int stage, const struct resource *r,
			  const char *ns, const char *name)
{
	size_t at = a->n;

	a->list = xrealloc(a->list, (a->n + 1) * sizeof(*a->list));
	while (at > 0 && a->list[at - 1].stage > stage) {
		a->list[at] = a->list[at - 1];
		at--;
	}
	a->n++;
	a->list[at] = (struct action){
		.type = type,
		.stage = stage,
		.res = r,
		.ns = ns ? xstrdup(ns) : NULL,
		.name = name ? xstrdup(name) : NULL,
		.grace_period = -1,
	};
	return &a->list[at];
}

/* The objects of a list do not say what they are: a body made from one must. */
static void name_kind(json *body, const struct resource *r)
{
	_cleanup_free_ char *api_version = api_version_of(r);

	if (!json_get(body, "kind"))
		json_set_str(body, "kind", r->kind);
	if (!json_get(body, "apiVersion"))
		json_set_str(body, "apiVersion", api_version);
}

struct action *actions_create(struct actions *a, int stage, const struct resource *r, const char *ns, json *body)
{
	struct action *act = add(a, ACTION_CREATE, stage, r, ns, meta_name(body));

	act->body = body;
	return act;
}

struct action *actions_update(struct actions *a, int stage, const struct resource *r, const json *old,
			      const char *subresource, json *body)
{
	struct action *act = add(a, ACTION_UPDATE, stage, r, meta_namespace(old), meta_name(old));

	act->subresource = subresource;
	act->body = body;
	name_kind(body, r);
	return act;
}

struct action *actions_patch(struct actions *a, int stage, const struct resource *r, const json *old,
			     const char *subresource, json *patch)
{
	struct action *act = add(a, ACTION_PATCH, stage, r, meta_namespace(old), meta_name(old));

	act->subresource = subresource;
	act->body = patch;
	return act;
}

struct action *actions_delete(struct actions *a, int stage, const struct resource *r, const json *obj,
			      const char *propagation)
{
	struct action *act = add(a, ACTION_DELETE, stage, r, meta_namespace(obj), meta_name(obj));

	act->uid = meta_uid(obj) ? xstrdup(meta_uid(obj)) : NULL;
	act->propagation = propagation;
	return act;
}

struct action *actions_verify(struct actions *a, int stage, enum action_type type, const struct resource *r,
			      const char *ns, const char *name, const char *uid)
{
	struct action *act = add(a, type, stage, r, ns, name);

	act->uid = uid ? xstrdup(uid) : NULL;
	return act;
}

struct action *actions_delete_all(struct actions *a, int stage, const struct resource *r, const char *ns)
{
	return add(a, ACTION_DELETE_ALL, stage, r, ns, NULL);
}

struct action *actions_patch_status(struct actions *a, int stage, const struct resource *r, const json *old,
				    json *new_status)
{
	_cleanup_json_ json *status = new_status;
	const json *was = json_get(old, "status");
	json *patch, *diff;
	bool changed = false;

	patch = json_new_object();
	diff = json_obj(patch, "status");
	json_each(it, was) {
		if (!json_get(status, json_key(it))) {
			json_set(diff, json_key(it), json_new_null());
			changed = true;
		}
	}
	json_each(it, status) {
		if (!json_equal(it, json_get(was, json_key(it)))) {
			json_set(diff, json_key(it), json_clone(it));
			changed = true;
		}
	}
	if (!changed) {
		cJSON_Delete(patch);
		return NULL;
	}
	return actions_patch(a, stage, r, old, "status", patch);
}

void action_on_ok(struct action *act, const char *reason, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	free(act->ok_message);
	act->ok_message = xvasprintf(fmt, ap);
	act->ok_reason = reason;
	va_end(ap);
}

void action_on_failure(struct action *act, const char *reason, const char *prefix)
{
	act->fail_reason = reason;
	act->fail_prefix = prefix;
}

void actions_event(struct actions *a, bool warning, const char *reason, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	a->events = xrealloc(a->events, (a->n_events + 1) * sizeof(*a->events));
	a->events[a->n_events++] = (struct action_event){
		.warning = warning, .reason = reason, .message = xvasprintf(fmt, ap),
	};
	va_end(ap);
}

void actions_requeue(struct actions *a, uint64_t us)
{
	if (!us)
		us = 1;
	if (!a->requeue_us || us < a->requeue_us)
		a->requeue_us = us;
}

json *patch_guarded(const json *old)
{
	json *p = json_new_object();

	json_set_str(json_obj(p, "metadata"), "resourceVersion",
		     json_str(json_get(old, "metadata", "resourceVersion")));
	return p;
}
