/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_fake_store.h - a store in memory, for tests of what runs on top of one
 *
 * Answers come from the loop, as the contract says. Knows resource versions,
 * preconditions, generated names, merge patches, finalizers, lists in parts and
 * watches; of subresources only that status and spec are written separately and
 * what a binding does. A test can make writes fail, and hold watch events back.
 */
#ifndef KEELSON_TEST_FAKE_STORE_H
#define KEELSON_TEST_FAKE_STORE_H

#include <errno.h>
#include <stdio.h>

#include "api/kinds/kinds.h"
#include "api/meta/patch.h"
#include "api/meta/view_meta.h"
#include "base/loop.h"
#include "store/store.h"

struct fake_object {
	const struct resource *res;
	json *obj;
};

struct store_watch {
	const struct resource *res;
	store_watch_cb cb;
	void *data;
	int64_t since;
	size_t read;			/* events of the log that it has been told, or skipped */
	struct store_watch *next;
};

struct fake_event {
	const struct resource *res;
	enum store_event_type type;
	json *obj;
	int64_t rv;
};

struct fake_store {
	struct store store;
	sd_event *loop;
	int64_t rv;
	struct fake_object *objects;
	size_t n;
	struct store_watch *watches;
	struct fake_event *log;		/* all there ever were */
	size_t n_log;
	struct loop_timer deliver;
	bool hold;			/* watch events stay back while set */
	/* The next fail_count creates of fail_res fail so; a stage's other writes go through. */
	const struct resource *fail_res;
	int fail_err, fail_count;
	const struct resource *fail_delete_res;	/* no such object can be deleted */
	uint64_t create_us;		/* how long each create holds the loop */
	size_t writes, pending, most_pending;
	size_t listed;			/* objects that lists have given out */
};

/* An answer on its way. */
struct fake_answer {
	struct fake_store *s;
	struct loop_timer timer;
	store_cb cb;
	void *data;
	int err;
	json *obj;
	int64_t rv;
};

static void fake_answer_now(void *data)
{
	struct fake_answer *a = data;
	struct store_result res = { .err = a->err, .code = a->err ? 500 : 200, .obj = a->obj, .rv = a->rv };

	loop_timer_stop(&a->timer);
	a->s->pending--;
	a->cb(a->data, &res);
	cJSON_Delete(a->obj);
	free(a);
}

static void fake_answer(struct fake_store *s, int err, json *obj, store_cb cb, void *data)
{
	struct fake_answer *a = xnew0(struct fake_answer);

	*a = (struct fake_answer){ .s = s, .cb = cb, .data = data, .err = err, .rv = s->rv };
	a->obj = obj ?: json_build("{\"kind\":\"Status\",\"message\":\"error %d\"}", err);
	if (++s->pending > s->most_pending)
		s->most_pending = s->pending;
	loop_timer_init(&a->timer, s->loop, fake_answer_now, a);
	loop_timer_start(&a->timer, 0);
}

/* One event a turn: its callback may close any watch. */
static void fake_deliver(void *data)
{
	struct fake_store *s = data;

	for (struct store_watch *w = s->watches; w && !s->hold; w = w->next) {
		const struct fake_event *e;

		while (w->read < s->n_log && (s->log[w->read].res != w->res || s->log[w->read].rv <= w->since))
			w->read++;
		if (w->read == s->n_log)
			continue;
		e = &s->log[w->read++];
		loop_timer_start(&s->deliver, 0);
		w->cb(w->data, e->type, e->obj, e->rv);
		return;
	}
}

/* Every watch has been told everything. */
static inline bool fake_told(const struct fake_store *s)
{
	for (const struct store_watch *w = s->watches; w; w = w->next)
		if (w->read < s->n_log)
			return false;
	return true;
}

static inline void fake_release(struct fake_store *s)
{
	s->hold = false;
	loop_timer_start(&s->deliver, 0);
}

static void fake_event(struct fake_store *s, const struct resource *r, enum store_event_type type, const json *obj)
{
	s->log = xrealloc(s->log, (s->n_log + 1) * sizeof(*s->log));
	s->log[s->n_log++] = (struct fake_event){ r, type, json_clone(obj), s->rv };
	loop_timer_start(&s->deliver, 0);
}

static json **fake_find(struct fake_store *s, const struct resource *r, const char *ns, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->objects[i].res == r && streq(meta_name(s->objects[i].obj), name) &&
		    (!r->namespaced || streq(meta_namespace(s->objects[i].obj), ns)))
			return &s->objects[i].obj;
	return NULL;
}

static void fake_stamp(struct fake_store *s, json *obj)
{
	_cleanup_free_ char *rv = xasprintf("%lld", (long long)++s->rv);

	s->writes++;
	json_set_str(json_obj(obj, "metadata"), "resourceVersion", rv);
}

/* Puts an object in, as somebody else's write; takes it. */
static inline void fake_put(struct fake_store *s, const struct resource *r, json *obj)
{
	json **slot = fake_find(s, r, meta_namespace(obj), meta_name(obj));

	fake_stamp(s, obj);
	if (!meta_uid(obj)) {
		char uid[37];

		random_uuid(uid);
		json_set_str(json_get(obj, "metadata"), "uid", uid);
	}
	fake_event(s, r, slot ? STORE_MODIFIED : STORE_ADDED, obj);
	if (slot) {
		cJSON_Delete(*slot);
		*slot = obj;
		return;
	}
	s->objects = xrealloc(s->objects, (s->n + 1) * sizeof(*s->objects));
	s->objects[s->n++] = (struct fake_object){ r, obj };
}

static inline void fake_remove(struct fake_store *s, const struct resource *r, const char *ns, const char *name)
{
	json **slot = fake_find(s, r, ns, name);
	struct fake_object *o = container_of(slot, struct fake_object, obj);

	fake_stamp(s, *slot);
	fake_event(s, r, STORE_DELETED, *slot);
	cJSON_Delete(*slot);
	*o = s->objects[--s->n];
}

static inline size_t fake_count(const struct fake_store *s, const struct resource *r)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->objects[i].res == r;
	return n;
}

static struct fake_store *fake_of(struct store *s)
{
	return container_of(s, struct fake_store, store);
}

static void fake_get(struct store *st, const struct resource *r, const char *ns, const char *name, store_cb cb,
		     void *data)
{
	json **slot = fake_find(fake_of(st), r, ns, name);

	fake_answer(fake_of(st), slot ? 0 : -ENOENT, slot ? json_clone(*slot) : NULL, cb, data);
}

static void fake_list(struct store *st, const struct resource *r, const char *ns, const struct store_selector *sel,
		      store_cb cb, void *data)
{
	struct fake_store *s = fake_of(st);
	json *list = json_build("{\"kind\":\"List\",\"metadata\":{},\"items\":[]}");
	size_t i = sel && sel->cont ? strtoul(sel->cont, NULL, 10) : 0;
	int64_t left = sel && sel->limit ? sel->limit : INT64_MAX;

	for (; i < s->n && left; i++) {
		if (s->objects[i].res != r || (ns && !streq(meta_namespace(s->objects[i].obj), ns)))
			continue;
		json_append(json_get(list, "items"), json_clone(s->objects[i].obj));
		s->listed++;
		left--;
	}
	if (i < s->n) {
		_cleanup_free_ char *token = xasprintf("%zu", i);

		json_set_str(json_get(list, "metadata"), "continue", token);
	}
	fake_answer(s, 0, list, cb, data);
}

static struct store_watch *fake_watch(struct store *st, const struct resource *r, const char *ns,
				      const struct store_selector *sel, int64_t rv, store_watch_cb cb, void *data)
{
	struct store_watch *w = xnew0(struct store_watch);

	*w = (struct store_watch){ .res = r, .cb = cb, .data = data, .since = rv, .next = fake_of(st)->watches };
	fake_of(st)->watches = w;
	loop_timer_start(&fake_of(st)->deliver, 0);
	return w;
}

static void fake_watch_close(struct store *st, struct store_watch *w)
{
	struct store_watch **p = &fake_of(st)->watches;

	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
	free(w);
}

static bool fake_fails(struct fake_store *s, const struct resource *r, store_cb cb, void *data)
{
	if (s->fail_res != r || !s->fail_count)
		return false;
	s->fail_count--;
	fake_answer(s, s->fail_err, NULL, cb, data);
	return true;
}

static void fake_create(struct store *st, const struct resource *r, const char *ns, const char *name,
			const char *subresource, const json *obj, store_cb cb, void *data)
{
	struct fake_store *s = fake_of(st);
	uint64_t end = now_monotonic_us() + s->create_us;
	json *new, **slot;

	while (s->create_us && now_monotonic_us() < end)
		;
	if (fake_fails(s, r, cb, data))
		return;
	if (streq(subresource, "binding")) {
		slot = fake_find(s, r, ns, name);
		if (!slot || json_get(*slot, "spec", "nodeName")) {
			fake_answer(s, slot ? -ESTALE : -ENOENT, NULL, cb, data);
			return;
		}
		new = json_clone(*slot);
		json_set_str(json_obj(new, "spec"), "nodeName", json_str(json_get(obj, "target", "name")));
		fake_put(s, r, new);
		fake_answer(s, 0, json_build("{\"kind\":\"Status\"}"), cb, data);
		return;
	}
	if (name && fake_find(s, r, ns, name)) {
		fake_answer(s, -EEXIST, NULL, cb, data);
		return;
	}
	new = json_clone(obj);
	if (!name) {
		_cleanup_free_ char *made = NULL;
		char suffix[6];

		random_suffix(suffix, 5);
		made = xasprintf("%s%s", json_str(json_get(obj, "metadata", "generateName")), suffix);
		json_set_str(json_get(new, "metadata"), "name", made);
	}
	fake_put(s, r, new);
	fake_answer(s, 0, json_clone(new), cb, data);
}

/* The object with new's status or all but the status; a stale resourceVersion is refused. */
static void fake_write(struct fake_store *s, const struct resource *r, const char *ns, const char *name,
		       const char *subresource, json *new, store_cb cb, void *data)
{
	json **slot = fake_find(s, r, ns, name);
	bool status = streq(subresource, "status");

	if (!slot || (meta_rv(new) && meta_rv(new) != meta_rv(*slot))) {
		cJSON_Delete(new);
		fake_answer(s, slot ? -ESTALE : -ENOENT, NULL, cb, data);
		return;
	}
	if (status) {
		json *kept = json_clone(*slot);

		json_set(kept, "status", json_clone(json_get(new, "status")));
		cJSON_Delete(new);
		new = kept;
	} else {
		json_set(new, "status", json_clone(json_get(*slot, "status")));
	}
	if (json_equal(new, *slot)) {
		fake_answer(s, 0, new, cb, data);
		return;
	}
	if (meta_deleting(new) && !json_len(json_get(new, "metadata", "finalizers")) &&
	    !json_len(json_get(new, "spec", "finalizers"))) {
		fake_remove(s, r, ns, name);
		fake_answer(s, 0, new, cb, data);
		return;
	}
	fake_put(s, r, new);
	fake_answer(s, 0, json_clone(new), cb, data);
}

static void fake_update(struct store *st, const struct resource *r, const char *ns, const char *name,
			const char *subresource, const json *obj, store_cb cb, void *data)
{
	fake_write(fake_of(st), r, ns, name, subresource, json_clone(obj), cb, data);
}

static void fake_patch(struct store *st, const struct resource *r, const char *ns, const char *name,
		       const char *subresource, enum store_patch_type type, const json *patch, store_cb cb, void *data)
{
	struct fake_store *s = fake_of(st);
	json **slot = fake_find(s, r, ns, name), *new = NULL;
	char *msg = NULL;
	int err;

	if (fake_fails(s, r, cb, data))
		return;
	if (!slot) {
		fake_answer(s, -ENOENT, NULL, cb, data);
		return;
	}
	err = type == STORE_PATCH_STRATEGIC ? patch_strategic(kind_of(r)->schema, *slot, patch, &new, &msg) :
					      patch_merge(*slot, patch, &new, &msg);
	free(msg);
	if (err)
		fake_answer(s, -EINVAL, NULL, cb, data);
	else
		fake_write(s, r, ns, name, subresource, new, cb, data);
}

static void fake_delete(struct store *st, const struct resource *r, const char *ns, const char *name,
			const struct store_delete_opts *opts, store_cb cb, void *data)
{
	struct fake_store *s = fake_of(st);
	json **slot = fake_find(s, r, ns, name);

	if (!slot || (opts && opts->uid && !streq(opts->uid, meta_uid(*slot)))) {
		fake_answer(s, slot ? -ESTALE : -ENOENT, NULL, cb, data);
		return;
	}
	if (s->fail_delete_res == r) {
		fake_answer(s, -EACCES, NULL, cb, data);
		return;
	}
	if (json_len(json_get(*slot, "metadata", "finalizers"))) {
		json *marked = json_clone(*slot);

		json_set_str(json_get(marked, "metadata"), "deletionTimestamp", "2023-11-14T22:13:20Z");
		if (meta_deleting(*slot))
			cJSON_Delete(marked);
		else
			fake_put(s, r, marked);
	} else {
		fake_remove(s, r, ns, name);
	}
	fake_answer(s, 0, json_build("{\"kind\":\"Status\"}"), cb, data);
}

static inline struct fake_store *fake_store_new(sd_event *loop)
{
	static const struct store_ops ops = {
		.get = fake_get, .list = fake_list, .watch = fake_watch, .watch_close = fake_watch_close,
		.create = fake_create, .update = fake_update, .patch = fake_patch, .del = fake_delete,
	};
	struct fake_store *s = xnew0(struct fake_store);

	s->store.ops = &ops;
	s->loop = loop;
	loop_timer_init(&s->deliver, loop, fake_deliver, s);
	return s;
}

/* After the last answer. */
static inline void fake_store_free(struct fake_store *s)
{
	for (size_t i = 0; i < s->n; i++)
		cJSON_Delete(s->objects[i].obj);
	for (size_t i = 0; i < s->n_log; i++)
		cJSON_Delete(s->log[i].obj);
	loop_timer_stop(&s->deliver);
	free(s->objects);
	free(s->log);
	free(s);
}

#endif
