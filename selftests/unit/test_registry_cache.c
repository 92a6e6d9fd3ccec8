// SPDX-License-Identifier: GPL-2.0-or-later
/* test_registry_cache.c - what the watch cache is made of: ordered objects, the ring of events, watchers by what they want */
#include "test_loop.h"

#include <stdio.h>
#include "api/kinds/kinds.h"
#include "api/registry/cache_parts.h"

static const json *object(const char *ns, const char *name, const char *node, const char *label)
{
	_cleanup_json_ json *j = json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\",\"labels\":{\"app\":\"%s\",\"x\":\"y\"}},"
					    "\"spec\":{\"nodeName\":\"%s\"}}", name, ns, label, node);

	return json_freeze(j);
}

/* --- objects ---------------------------------------------------------------------- */

static void collect(void *data, struct cache_entry *e)
{
	buf_printf(data, "%s ", e->key);
}

static void keys_are(struct cache_entry *root, const char *prefix, const char *want)
{
	struct buf b = {0};

	cache_each(root, prefix, collect, &b);
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
}

static void objects_are_in_order(void **state)
{
	static const char *const keys[] = { "b/z", "a/x", "b/a", "a-b/y", "b/m", "a/x1", "c", "b" };
	const json *o = object("n", "n", "", "");
	struct cache_entry *root = NULL;

	keys_are(root, "", "");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_null(cache_set(&root, keys[i], json_keep(o), (int64_t)i));
	keys_are(root, "", "a-b/y a/x a/x1 b b/a b/m b/z c ");
	keys_are(root, "b/", "b/a b/m b/z ");
	keys_are(root, "a/", "a/x a/x1 ");
	keys_are(root, "d", "");
	assert_int_equal(cache_find(root, "b/m")->rv, 4);
	assert_null(cache_find(root, "b/n"));
	assert_ptr_equal(cache_set(&root, "b/m", json_keep(o), 44), o);
	json_release(o);
	assert_int_equal(cache_find(root, "b/m")->rv, 44);
	assert_ptr_equal(cache_remove(&root, "b/a"), o);
	json_release(o);
	assert_null(cache_remove(&root, "b/a"));
	keys_are(root, "", "a-b/y a/x a/x1 b b/m b/z c ");
	cache_clear(&root);
	assert_false(json_is_shared(o));
	json_release(o);
}

static void count_up(void *data, struct cache_entry *e)
{
	int *n = data, i = 0;

	sscanf(e->key, "%d", &i);
	assert_int_equal(i, *n);
	++*n;
}

static int depth_of(const struct cache_entry *e)
{
	int l = e ? depth_of(e->left) : 0, r = e ? depth_of(e->right) : 0;

	return e ? 1 + (l > r ? l : r) : 0;
}

static void many_objects_stay_flat(void **state)
{
	const json *o = object("n", "n", "", "");
	struct cache_entry *root = NULL;
	int n = 0;

	/* in the worst order for a plain tree */
	for (int i = 0; i < 20000; i++) {
		char key[16];

		snprintf(key, sizeof(key), "%06d", i);
		cache_set(&root, key, json_keep(o), i);
	}
	cache_each(root, "", count_up, &n);
	assert_int_equal(n, 20000);
	assert_true(depth_of(root) < 60);
	cache_clear(&root);
	json_release(o);
}

/* --- events ------------------------------------------------------------------------- */

static void the_ring_forgets_the_oldest(void **state)
{
	const json *o = object("n", "n", "", "");
	size_t size = json_frozen_size(o);
	struct cache_ring r = {0};

	ring_reset(&r, 100);
	assert_true(ring_covers(&r, 100));
	assert_false(ring_covers(&r, 99));
	for (int i = 0; i < 3 * RING_EVENTS; i++) {
		struct cache_event ev = { .rv = 101 + i / 2, .now = json_keep(o), .prev = i % 2 ? json_keep(o) : NULL };

		assert_int_equal(ring_push(&r, &ev)->rv, 101 + i / 2);
		if (i % 2)
			ring_trim(&r, SIZE_MAX);
	}
	/* two of each revision, known together */
	assert_int_equal(r.n, RING_EVENTS);
	assert_int_equal(r.base, 100 + RING_EVENTS);
	assert_true(ring_covers(&r, 100 + RING_EVENTS));
	assert_false(ring_covers(&r, 99 + RING_EVENTS));
	assert_int_equal(ring_after(&r, r.base), 0);
	assert_int_equal(ring_after(&r, r.base + 1), 2);
	assert_int_equal(ring_at(&r, 2)->rv, r.base + 2);
	assert_int_equal(ring_after(&r, 100 + 3 * RING_EVENTS / 2), r.n);
	ring_trim(&r, 10 * size);
	assert_true(r.bytes <= 10 * size);
	assert_int_equal(r.n, 20);
	/* what is cut in the middle of a revision goes whole */
	ring_trim(&r, 10 * size - 1);
	assert_int_equal(r.n, 18);
	ring_free(&r);
	assert_false(json_is_shared(o));
	json_release(o);
}

static void what_is_gone_has_the_version_of_its_end(void **state)
{
	const json *o = object("n", "p", "", "");
	struct cache_event ev = { .rv = 77, .prev = o };
	const json *gone = cache_event_gone(&ev);

	assert_string_equal(json_str(json_get(gone, "metadata", "resourceVersion")), "77");
	assert_string_equal(json_str(json_get(gone, "metadata", "name")), "p");
	assert_ptr_equal(cache_event_gone(&ev), gone);
	assert_null(json_get(o, "metadata", "resourceVersion"));
	json_release(gone);
	json_release(o);
}

/* --- watchers ------------------------------------------------------------------------ */

struct watcher {
	struct cache_watcher w;
	struct selector *sel;
	int called, told;
	enum cache_verdict last;
	struct cache_index *idx;
	struct watcher *removes;	/* when called */
};

static int all_calls;

static void on_event(struct cache_watcher *w, struct cache_event *ev)
{
	struct watcher *me = (struct watcher *)w;

	me->called++;
	all_calls++;
	me->last = cache_verdict(w, ev);
	me->told += me->last != CACHE_NOTHING;
	if (me->removes)
		watchers_remove(me->idx, &me->removes->w);
}

static void watch(struct cache_index *idx, struct watcher *me, const char *ns, const char *label, const char *field)
{
	const struct store_selector sel = { .label = label, .field = field };

	*me = (struct watcher){ .idx = idx };
	assert_int_equal(selector_parse(&res_pods, &sel, &me->sel, NULL), 0);
	me->w.ns = ns;
	me->w.sel = me->sel;
	me->w.event = on_event;
	watchers_add(idx, &me->w);
}

static void unwatch(struct watcher *me)
{
	watchers_remove(me->idx, &me->w);
	selector_free(me->sel);
}

/* Takes the objects. */
static void happens(struct cache_index *idx, const json *prev, const json *now)
{
	struct cache_event ev = { .rv = 1, .prev = prev, .now = now };

	all_calls = 0;
	watchers_tell(idx, &ev);
	json_release(prev);
	json_release(now);
}

static void only_those_concerned_are_called(void **state)
{
	enum { N = 1000 };
	static struct watcher w[N];
	struct cache_index idx = {0};
	struct watcher all, ns, name, label, other;

	for (int i = 0; i < N; i++) {
		_cleanup_free_ char *field = xasprintf("spec.nodeName=n%d", i);

		watch(&idx, &w[i], NULL, NULL, field);
	}
	happens(&idx, NULL, object("a", "p", "n7", "web"));
	assert_int_equal(all_calls, 1);
	assert_int_equal(w[7].last, CACHE_ADDED);
	happens(&idx, object("a", "p", "n7", "web"), object("a", "p", "n8", "web"));
	assert_int_equal(all_calls, 2);
	assert_int_equal(w[7].last, CACHE_DELETED);
	assert_int_equal(w[8].last, CACHE_ADDED);
	happens(&idx, object("a", "p", "n8", "web"), object("a", "p", "n8", "api"));
	assert_int_equal(all_calls, 1);
	assert_int_equal(w[8].last, CACHE_MODIFIED);
	watch(&idx, &all, NULL, NULL, NULL);
	watch(&idx, &ns, "a", NULL, NULL);
	watch(&idx, &name, "a", NULL, "metadata.name=p");
	watch(&idx, &label, NULL, "app in (web),x", NULL);
	watch(&idx, &other, "b", "app=web", NULL);
	happens(&idx, object("a", "p", "n8", "web"), object("a", "p", "n8", "api"));
	assert_int_equal(all_calls, 5);
	assert_int_equal(all.last, CACHE_MODIFIED);
	assert_int_equal(ns.last, CACHE_MODIFIED);
	assert_int_equal(name.last, CACHE_MODIFIED);
	assert_int_equal(label.last, CACHE_DELETED);
	assert_int_equal(other.called, 0);
	happens(&idx, object("b", "q", "n8", "web"), NULL);
	assert_int_equal(all_calls, 4);
	assert_int_equal(other.last, CACHE_DELETED);
	assert_int_equal(name.called, 1);
	for (int i = 0; i < N; i++)
		unwatch(&w[i]);
	assert_int_equal(idx.n_paths, 1);	/* the name's */
	unwatch(&all);
	unwatch(&ns);
	unwatch(&name);
	unwatch(&label);
	unwatch(&other);
	assert_int_equal(idx.n, 0);
	assert_null(idx.buckets);
	watchers_free(&idx);
}

static void watchers_leave_while_they_are_called(void **state)
{
	struct cache_index idx = {0};
	struct watcher w[4];

	for (int i = 0; i < 4; i++)
		watch(&idx, &w[i], NULL, NULL, NULL);
	w[0].removes = &w[1];	/* the next */
	w[2].removes = &w[2];	/* itself */
	happens(&idx, NULL, object("a", "p", "n", "x"));
	assert_int_equal(all_calls, 3);
	assert_int_equal(w[1].called, 0);
	happens(&idx, NULL, object("a", "p", "n", "x"));
	assert_int_equal(all_calls, 2);
	w[0].removes = &w[0];
	w[3].removes = &w[3];
	happens(&idx, NULL, object("a", "p", "n", "x"));
	assert_int_equal(all_calls, 2);
	assert_int_equal(idx.n, 0);
	happens(&idx, NULL, object("a", "p", "n", "x"));
	assert_int_equal(all_calls, 0);
	for (int i = 0; i < 4; i++)
		selector_free(w[i].sel);
	watchers_free(&idx);
}

static void the_best_pin_is_taken(void **state)
{
	static const struct {
		const char *label, *field;
		int type;
		const char *path, *value;
	} v[] = {
		{ NULL, NULL, PIN_NONE, NULL, NULL },
		{ "a,b!=c,d in (e,f),g notin (h)", "spec.nodeName!=n", PIN_NONE, NULL, NULL },
		{ "a,b=c", NULL, PIN_LABEL, "b", "c" },
		{ "a in (z)", "metadata.namespace=n", PIN_LABEL, "a", "z" },
		{ "b=c", "status.phase=Running", PIN_FIELD, "status.phase", "Running" },
		{ "b=c", "spec.nodeName=n,metadata.name=p", PIN_FIELD, "metadata.name", "p" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		const struct store_selector sel = { .label = v[i].label, .field = v[i].field };
		struct selector *s = NULL;
		struct selector_pin pin;

		assert_int_equal(selector_parse(&res_pods, &sel, &s, NULL), 0);
		pin = selector_pin(s);
		assert_int_equal(pin.type, v[i].type);
		assert_true(streq(pin.path, v[i].path) && streq(pin.value, v[i].value));
		selector_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_in_order),
		cmocka_unit_test(many_objects_stay_flat),
		cmocka_unit_test(the_ring_forgets_the_oldest),
		cmocka_unit_test(what_is_gone_has_the_version_of_its_end),
		cmocka_unit_test(only_those_concerned_are_called),
		cmocka_unit_test(watchers_leave_while_they_are_called),
		cmocka_unit_test(the_best_pin_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
