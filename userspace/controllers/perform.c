// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * perform.c - see perform.h
 *
 * All rounds of the process together have so many calls to the store under way
 * and not more: their answers come to the same loop as requests, and a request
 * that comes behind a thousand answers waits for them.
 */
#include "controllers/perform.h"

#include <errno.h>
#include <utlist.h>

#include "api/meta/view_meta.h"

#define MAX_TOLD 16
#define DELETE_ALL_PART 200		/* objects that are listed and deleted before it looks again */
#define MAX_IN_FLIGHT 16

/* One call to the store. */
struct call {
	struct round *round;
	size_t index;		/* of the action */
};

static unsigned in_flight;
static struct round *starving;		/* have more to start, in order */

static void start_stage(struct round *r);
static void list_part(struct round *r, size_t index, const char *token);

static void round_free(struct round *r)
{
	cJSON_Delete(r->about);
	free(r->message);
	for (size_t i = 0; i < r->actions.n; i++)
		free(r->more[i]);
	free(r->more);
	for (size_t i = 0; i < r->n_told; i++)
		free(r->told[i]);
	free(r->told);
	free(r->written);
	actions_clear(&r->actions);
	free(r);
}

static void worsen(struct round *r, enum round_outcome o)
{
	if (o > r->outcome)
		r->outcome = o;
}

/* Lists the next parts of what was not listed to its end; false when there are none. */
static bool list_more(struct round *r)
{
	bool some = false;

	for (size_t i = 0; r->cb && i < r->stage_end; i++) {
		_cleanup_free_ char *token = TAKE_PTR(r->more[i]);

		if (token)
			list_part(r, i, token);
		some |= token != NULL;
	}
	return some;
}

/* The next stage, or the end. */
static void advance(struct round *r)
{
	if (r->pending || r->next_action < r->stage_end || list_more(r))
		return;
	if (r->cb && r->outcome == ROUND_DONE && r->next_action < r->actions.n) {
		start_stage(r);
		return;
	}
	if (r->cb)
		r->cb(r->data, &(struct round_result){
			.round = r,
			.outcome = r->outcome,
			.message = r->message,
			.told = r->told,
			.n_told = r->n_told,
			.requeue_us = r->actions.requeue_us,
			.written = r->written,
			.n_written = r->n_written,
		});
	round_free(r);
}

static void note_written(struct round *r, const struct resource *res, const struct store_result *a)
{
	bool status = streq(json_str(json_get(a->obj, "kind")), "Status");
	int64_t rv = status ? 0 : meta_rv(a->obj);

	/* The object's own revision: a write that changed nothing makes no event to wait for. */
	if (!rv)
		rv = a->rv;
	if (!rv)
		return;
	for (size_t i = 0; i < r->n_written; i++) {
		if (r->written[i].res != res)
			continue;
		if (rv > r->written[i].rv)
			r->written[i].rv = rv;
		return;
	}
	r->written = xrealloc(r->written, (r->n_written + 1) * sizeof(*r->written));
	r->written[r->n_written++] = (struct written){ res, rv };
}

static void tell(struct round *r, bool warning, const char *reason, const char *message)
{
	if (r->cb && r->about)
		recorder_event(r->recorder, r->about_res, r->about, NULL, warning ? "Warning" : "Normal",
			       reason, message, r->now);
}

/* "%s" in a message stands for the name of what was written. */
static void tell_ok(struct round *r, const struct action *act, const json *obj)
{
	const char *at = strstr(act->ok_message, "%s");
	_cleanup_free_ char *m = NULL;

	if (at)
		m = xasprintf("%.*s%s%s", (int)(at - act->ok_message), act->ok_message,
			      meta_name(obj) ?: act->name ?: "", at + 2);
	tell(r, false, act->ok_reason, m ?: act->ok_message);
}

static void note_failure(struct round *r, const char *why)
{
	for (size_t i = 0; i < r->n_told; i++)
		if (streq(r->told[i], why))
			return;
	if (r->n_told == MAX_TOLD)
		return;
	r->told = xrealloc(r->told, (r->n_told + 1) * sizeof(*r->told));
	r->told[r->n_told++] = xstrdup(why);
}

static void failed(struct round *r, const struct action *act, const struct store_result *a)
{
	static const char *const verbs[] = {
		[ACTION_CREATE] = "create", [ACTION_UPDATE] = "update", [ACTION_PATCH] = "patch",
		[ACTION_DELETE] = "delete", [ACTION_VERIFY] = "get", [ACTION_VERIFY_GONE] = "get",
		[ACTION_DELETE_ALL] = "delete all",
	};
	const char *why = json_str_or(json_get(a->obj, "message"), "no answer");

	/* A created object that is there already, or a namespace that is going: the cache will tell. */
	if (a->err == -ESTALE || a->err == -ENOENT || a->err == -EEXIST) {
		worsen(r, ROUND_STALE);
	} else {
		worsen(r, ROUND_FAILED);
		if (!r->message)
			r->message = xasprintf("%s %s %s%s%s: %s", verbs[act->type], act->res->plural,
					       act->ns ?: "", act->ns ? "/" : "",
					       act->name ?: json_str_or(json_get(act->body, "metadata", "generateName"), ""),
					       why);
	}
	if (act->fail_reason && a->err != -ESTALE && a->err != -EEXIST) {
		_cleanup_free_ char *m = xasprintf("%s%s", act->fail_prefix, why);

		tell(r, true, act->fail_reason, m);
		note_failure(r, why);
	}
}

static bool is_there(const struct action *act, const struct store_result *a)
{
	return a->err == 0 && (!act->uid || streq(meta_uid(a->obj), act->uid));
}

static void call_over(struct round *r)
{
	struct round *next = starving;

	r->pending--;
	if (--in_flight >= MAX_IN_FLIGHT || !next)
		return;
	DL_DELETE2(starving, next, sprev, snext);
	next->starves = false;
	loop_work_start(&next->start);
}

static void answered(void *data, const struct store_result *a)
{
	struct call *call = data;
	struct round *r = call->round;
	const struct action *act = &r->actions.list[call->index];

	free(call);
	call_over(r);
	switch (act->type) {
	case ACTION_VERIFY:
		if (a->err && a->err != -ENOENT)
			failed(r, act, a);
		else if (!is_there(act, a) || meta_deleting(a->obj))
			worsen(r, ROUND_STALE);
		break;
	case ACTION_VERIFY_GONE:
		if (a->err && a->err != -ENOENT)
			failed(r, act, a);
		else if (is_there(act, a))
			worsen(r, ROUND_STALE);
		break;
	case ACTION_DELETE:
	case ACTION_DELETE_ALL:
		if (a->err == -ENOENT)
			break;
		/* fall through */
	default:
		if (a->err) {
			failed(r, act, a);
			break;
		}
		note_written(r, act->res, a);
		if (act->ok_reason)
			tell_ok(r, act, a->obj);
	}
	advance(r);
}

static struct call *call_new(struct round *r, size_t index)
{
	struct call *c = xnew0(struct call);

	c->round = r;
	c->index = index;
	r->pending++;
	in_flight++;
	return c;
}

static void listed(void *data, const struct store_result *a);

static void list_part(struct round *r, size_t index, const char *token)
{
	const struct action *act = &r->actions.list[index];
	const struct store_selector sel = { .limit = DELETE_ALL_PART, .cont = token };

	store_list(r->store, act->res, act->ns, &sel, listed, call_new(r, index));
}

static void listed(void *data, const struct store_result *a)
{
	struct call *call = data;
	struct round *r = call->round;
	size_t index = call->index;
	const struct action *act = &r->actions.list[index];
	const char *more = json_str(json_get(a->obj, "metadata", "continue"));

	free(call);
	call_over(r);
	if (a->err == -EKEYEXPIRED) {
		worsen(r, ROUND_AGAIN);
	} else if (a->err) {
		failed(r, act, a);
	} else if (r->cb) {
		json_each(obj, json_get(a->obj, "items")) {
			struct store_delete_opts opts = {
				.grace_period = -1, .propagation = "Background", .uid = meta_uid(obj),
			};

			worsen(r, ROUND_AGAIN);
			if (!meta_deleting(obj))
				store_delete(r->store, act->res, act->ns, meta_name(obj), &opts, answered,
					     call_new(r, index));
		}
		r->more[index] = more && *more ? xstrdup(more) : NULL;
	}
	advance(r);
}

static void start_action(struct round *r, size_t i)
{
	const struct action *act = &r->actions.list[i];
	struct store_delete_opts opts = {
		.grace_period = act->grace_period, .propagation = act->propagation, .uid = act->uid,
	};
	struct call *c = act->type == ACTION_DELETE_ALL ? NULL : call_new(r, i);

	switch (act->type) {
	case ACTION_CREATE:
		store_create(r->store, act->res, act->ns, act->name, act->subresource, act->body, answered, c);
		break;
	case ACTION_UPDATE:
		store_update(r->store, act->res, act->ns, act->name, act->subresource, act->body, answered, c);
		break;
	case ACTION_PATCH:
		store_patch(r->store, act->res, act->ns, act->name, act->subresource, act->patch_type,
			    act->body, answered, c);
		break;
	case ACTION_DELETE:
		store_delete(r->store, act->res, act->ns, act->name, &opts, answered, c);
		break;
	case ACTION_VERIFY:
	case ACTION_VERIFY_GONE:
		store_get(r->store, act->res, act->ns, act->name, answered, c);
		break;
	case ACTION_DELETE_ALL:
		list_part(r, i, NULL);
		break;
	}
}

/* As much of the stage as this turn has time for, and the store is not too busy for. */
static bool start_part(void *data)
{
	struct round *r = data;

	do {
		if (in_flight >= MAX_IN_FLIGHT) {
			DL_APPEND2(starving, r, sprev, snext);
			r->starves = true;
			return false;
		}
		start_action(r, r->next_action++);
	} while (r->next_action < r->stage_end && !loop_turn_spent(r->start.loop));
	return r->next_action < r->stage_end;
}

static void start_stage(struct round *r)
{
	int stage = r->actions.list[r->next_action].stage;

	r->stage_end = r->next_action;
	while (r->stage_end < r->actions.n && r->actions.list[r->stage_end].stage == stage)
		r->stage_end++;
	if (start_part(r))
		loop_work_start(&r->start);
}

struct round *round_start(sd_event *loop, struct store *s, struct event_recorder *recorder, struct actions *actions,
			  uint64_t now, round_cb done, void *data)
{
	struct round *r = xnew0(struct round);

	loop_work_init(&r->start, loop, start_part, r);
	r->store = s;
	r->recorder = recorder;
	r->actions = *actions;
	*actions = (struct actions){ 0 };
	r->now = now;
	r->cb = done;
	r->data = data;
	r->more = xcalloc(r->actions.n, sizeof(*r->more));
	r->about_res = r->actions.about_res;
	if (r->actions.about) {
		r->about = json_new_object();
		json_set(r->about, "metadata", json_clone(json_get(r->actions.about, "metadata")));
	}
	r->actions.about = NULL;
	for (size_t i = 0; i < r->actions.n_events; i++)
		tell(r, r->actions.events[i].warning, r->actions.events[i].reason,
		     r->actions.events[i].message);
	if (r->actions.n) {
		start_stage(r);
		return r;
	}
	done(data, &(struct round_result){ .requeue_us = r->actions.requeue_us });
	round_free(r);
	return NULL;
}

void round_abandon(struct round *r)
{
	r->cb = NULL;
	loop_work_stop(&r->start);
	if (r->starves)
		DL_DELETE2(starving, r, sprev, snext);
	r->starves = false;
	r->next_action = r->stage_end = r->actions.n;
	if (!r->pending)
		round_free(r);
	/* Else its last answer frees it. */
}
