// SPDX-License-Identifier: GPL-2.0-or-later
/* test_registry_watch.c - the watch cache against a real etcd: who shares what, who is slow, who comes from long ago */
#include "test_loop.h"

#include <stdio.h>
#include "api/kinds/kinds.h"
#include "api/registry/registry.h"
#include "base/frozen.h"
#include "base/loop.h"
#include "store/informer.h"
#include "test_etcd_server.h"

#define WAIT_MS 20000

static sd_event *loop;
static struct etcd_server server;
static struct etcd *etcd;
static struct store *store;

static void open_store(void)
{
	const struct registry_config config = { .service_cidr = "10.96.0.0/28", .cluster_cidr = "10.244.0.0/22", .node_prefix_len = 24 };
	char *msg = NULL;

	assert_int_equal(registry_new(loop, etcd, &config, &store, &msg), 0);
}

static void close_store(void)
{
	store->ops->free(store);
	loop_for(loop, 50);
}

static int setup(void **state)
{
	struct etcd_config c = {0};
	char *msg = NULL;

	assert_int_equal(loop_new(&loop), 0);
	etcd_server_new(&server);
	c.endpoints = server.url;
	assert_int_equal(etcd_new(loop, &c, &etcd, &msg), 0);
	return 0;
}

static int teardown(void **state)
{
	etcd_free(etcd);
	etcd_server_free(&server);
	sd_event_unref(loop);
	return 0;
}

struct answer {
	int calls, err;
	const json *obj;	/* kept: what the caller shares */
	const json *first;	/* of a list's items */
	int64_t rv;
};

static void take(void *data, const struct store_result *res)
{
	struct answer *a = data;
	const json *items = json_get(res->obj, "items");

	a->calls++;
	a->err = res->err;
	a->rv = res->rv;
	a->obj = json_keep(res->obj);
	a->first = items && items->child ? json_keep(items->child) : NULL;
}

static void answer_free(struct answer *a)
{
	json_release(a->obj);
	json_release(a->first);
	*a = (struct answer){0};
}

static void done(struct answer *a)
{
	loop_until(loop, WAIT_MS, a->calls);
	if (a->err)
		fail_msg("%d: %s", a->err, json_str(json_get(a->obj, "message")));
}

static void created(const struct resource *r, const char *ns, json *obj)
{
	struct answer a = {0};

	store_create(store, r, ns, NULL, NULL, obj, take, &a);
	done(&a);
	answer_free(&a);
	json_freep(&obj);
}

static int64_t patched(const char *name, json *patch)
{
	struct answer a = {0};
	int64_t rv;

	store_patch(store, &res_configmaps, "default", name, NULL, STORE_PATCH_MERGE, patch, take, &a);
	done(&a);
	rv = a.rv;
	answer_free(&a);
	json_freep(&patch);
	return rv;
}

static void deleted(const char *name)
{
	struct answer a = {0};

	store_delete(store, &res_configmaps, "default", name, NULL, take, &a);
	done(&a);
	answer_free(&a);
}

/* --- watchers ------------------------------------------------------------------------ */

struct seen {
	struct store_watch *w;
	struct buf log;
	const json *last;	/* kept */
	int64_t rv;
	bool pause_at_next;
};

static void on_event(void *data, enum store_event_type type, const json *obj, int64_t rv)
{
	static const char letters[] = { [STORE_ADDED] = '+', [STORE_MODIFIED] = '~', [STORE_DELETED] = '-', [STORE_ERROR] = '!' };
	struct seen *s = data;

	if (type == STORE_BOOKMARK || type == STORE_STALLED)
		return;
	buf_printf(&s->log, "%c%s ", letters[type], type == STORE_ERROR ? json_str(json_get(obj, "reason")) :
		   json_str(json_get(obj, "metadata", "name")));
	json_release(s->last);
	s->last = json_keep(obj);
	s->rv = rv;
	if (s->pause_at_next)
		registry_watch_pause(s->w, true);
}

static void saw(struct seen *s, const char *want)
{
	loop_until(loop, WAIT_MS, s->log.len >= strlen(want));
	assert_string_equal(s->log.data ? s->log.data : "", want);
	s->log.len = 0;
}

static void start(struct seen *s, const char *field, int64_t rv)
{
	struct registry_watch_opts o = { .sel.field = field, .initial = !rv, .rv = rv };

	*s = (struct seen){0};
	s->w = registry_watch_with(store, &res_configmaps, NULL, &o, on_event, s);
}

static void end(struct seen *s)
{
	store_watch_close(store, s->w);
	json_release(s->last);
	buf_free(&s->log);
}

static json *configmap(const char *name)
{
	return json_build("{\"metadata\":{\"name\":\"%s\"},\"data\":{\"a\":\"b\"}}", name);
}

/* --- tests --------------------------------------------------------------------------------- */

static void everybody_has_the_same_object(void **state)
{
	const struct registry_list_opts any = { .any = true }, exact = {0};
	struct informer *inf[2];
	struct answer a = {0}, b = {0}, c = {0};
	struct seen s, t;
	const json *one;

	open_store();
	created(&res_namespaces, NULL, json_build("{\"metadata\":{\"name\":\"default\"}}"));
	created(&res_configmaps, "default", configmap("a"));
	for (int i = 0; i < 2; i++) {
		inf[i] = informer_new(loop, store, &res_configmaps, NULL, NULL);
		informer_start(inf[i]);
	}
	loop_until(loop, WAIT_MS, informer_synced(inf[0]) && informer_synced(inf[1]));
	one = informer_get(inf[0], "default", "a");
	assert_non_null(one);
	assert_ptr_equal(informer_get(inf[1], "default", "a"), one);
	start(&s, NULL, 0);
	start(&t, "metadata.name=a", 0);
	saw(&s, "+a ");
	saw(&t, "+a ");
	assert_ptr_equal(s.last, one);
	assert_ptr_equal(t.last, one);
	/* exact reads too, since etcd says that it is the current one */
	registry_list(store, &res_configmaps, NULL, &any, take, &a);
	registry_list(store, &res_configmaps, "default", &exact, take, &b);
	store_get(store, &res_configmaps, "default", "a", take, &c);
	done(&a);
	done(&b);
	done(&c);
	assert_ptr_equal(a.first, one);
	assert_ptr_equal(b.first, one);
	assert_ptr_equal(c.obj, one);
	assert_true(b.rv >= a.rv);
	answer_free(&a);
	answer_free(&b);
	answer_free(&c);
	/* and so is what comes */
	patched("a", json_build("{\"data\":{\"a\":\"c\"}}"));
	saw(&s, "~a ");
	saw(&t, "~a ");
	assert_ptr_equal(s.last, t.last);
	loop_until(loop, WAIT_MS, informer_get(inf[1], "default", "a") == s.last);
	assert_ptr_equal(informer_get(inf[0], "default", "a"), s.last);
	deleted("a");
	saw(&s, "-a ");
	saw(&t, "-a ");
	assert_ptr_equal(s.last, t.last);
	assert_int_equal(s.rv, t.rv);
	end(&s);
	end(&t);
	informer_free(inf[0]);
	informer_free(inf[1]);
	close_store();
}

static void exact_is_exact(void **state)
{
	enum { N = 60 };
	const struct registry_list_opts exact = {0};
	struct answer a[N] = {0}, l = {0};
	struct seen s;

	open_store();
	start(&s, NULL, 0);
	created(&res_configmaps, "default", configmap("first"));
	saw(&s, "+first ");
	/* the cache hears of these later than their writers: a list right after the last has them all, as they are */
	for (int i = 0; i < N; i++) {
		_cleanup_free_ char *name = xasprintf("e%02d", i);
		_cleanup_json_ json *obj = configmap(name);

		store_create(store, &res_configmaps, "default", NULL, NULL, obj, take, &a[i]);
	}
	for (int i = 0; i < N; i++)
		done(&a[i]);
	registry_list(store, &res_configmaps, NULL, &exact, take, &l);
	done(&l);
	assert_int_equal(json_len(json_get(l.obj, "items")), N + 1);
	for (int i = 0; i < N; i++) {
		assert_true(l.rv >= a[i].rv);
		answer_free(&a[i]);
	}
	answer_free(&l);
	/* of an old revision: those values are not in the cache any more */
	for (int round = 0; round < 2; round++) {
		struct registry_list_opts old = {0};
		struct answer before = {0};

		for (int i = 0; i < (round ? N : 3); i++) {
			_cleanup_free_ char *name = xasprintf("e%02d", i);

			if (i == 1)
				old.exact_rv = patched(name, json_build("{\"data\":{\"round\":\"%d\"}}", round));
			else
				patched(name, json_build("{\"data\":{\"round\":\"%d\"}}", round));
		}
		registry_list(store, &res_configmaps, "default", &old, take, &before);
		done(&before);
		assert_int_equal(before.rv, old.exact_rv);
		assert_int_equal(json_len(json_get(before.obj, "items")), N + 1);
		json_each(it, json_get(before.obj, "items")) {
			const char *name = json_str(json_get(it, "metadata", "name"));
			const char *want = streq(name, "e00") || streq(name, "e01") ? (round ? "1" : "0") :
					   streq(name, "e02") && round ? "0" : NULL;

			if (!streq(json_str(json_get(it, "data", "round")), want))
				fail_msg("round %d: %s has %s", round, name, json_str(json_get(it, "data", "round")));
		}
		answer_free(&before);
	}
	for (int i = 0; i < N; i++) {
		_cleanup_free_ char *name = xasprintf("e%02d", i);

		deleted(name);
	}
	deleted("first");
	end(&s);
	close_store();
}

static void a_slow_watcher_misses_nothing(void **state)
{
	_cleanup_free_ char *fill = xcalloc(1, 300001);
	struct seen s, t;

	memset(fill, 'x', 300000);
	open_store();
	start(&s, NULL, 0);
	start(&t, "metadata.name=b", 0);
	loop_for(loop, 200);
	created(&res_configmaps, "default", configmap("a"));
	saw(&s, "+a ");
	s.pause_at_next = t.pause_at_next = true;
	created(&res_configmaps, "default", configmap("b"));
	saw(&s, "+b ");
	saw(&t, "+b ");
	patched("b", json_build("{\"data\":{\"a\":\"1\"}}"));
	patched("a", json_build("{\"data\":{\"a\":\"1\"}}"));
	created(&res_configmaps, "default", configmap("c"));
	deleted("b");
	loop_for(loop, 200);
	assert_int_equal(s.log.len + t.log.len, 0);
	/* one at a time, from the ring */
	registry_watch_pause(s.w, false);
	saw(&s, "~b ");
	loop_for(loop, 100);
	assert_int_equal(s.log.len, 0);
	s.pause_at_next = t.pause_at_next = false;
	registry_watch_pause(s.w, false);
	registry_watch_pause(t.w, false);
	saw(&s, "~a +c -b ");
	saw(&t, "~b -b ");
	/* more than the ring keeps: the rest is in etcd */
	registry_watch_pause(s.w, true);
	registry_watch_pause(t.w, true);
	for (int i = 0; i < 6; i++)
		patched("a", json_build("{\"data\":{\"a\":\"%d\",\"f\":\"%s\"}}", i, fill));
	created(&res_configmaps, "default", configmap("b"));
	loop_for(loop, 200);
	assert_int_equal(s.log.len + t.log.len, 0);
	registry_watch_pause(s.w, false);
	registry_watch_pause(t.w, false);
	saw(&s, "~a ~a ~a ~a ~a ~a +b ");
	saw(&t, "+b ");
	/* and from there on they are together again */
	patched("b", json_build("{\"data\":{\"a\":\"2\"}}"));
	saw(&s, "~b ");
	saw(&t, "~b ");
	assert_ptr_equal(s.last, t.last);
	deleted("a");
	deleted("b");
	deleted("c");
	end(&s);
	end(&t);
	close_store();
}

/* As after a restart of the server: its cache begins now, the watcher's revision is older. */
static void history_before_the_cache_is_told(void **state)
{
	int64_t rv;
	struct seen s, t, now;

	open_store();
	created(&res_configmaps, "default", configmap("a"));
	rv = patched("a", json_build("{\"data\":{\"a\":\"1\"}}"));
	patched("a", json_build("{\"data\":{\"a\":\"2\"}}"));
	created(&res_configmaps, "default", configmap("b"));
	close_store();
	open_store();
	start(&now, NULL, 0);
	saw(&now, "+a +b ");
	start(&s, NULL, rv);
	start(&t, "metadata.name=a", rv);
	saw(&s, "~a +b ");
	saw(&t, "~a ");
	patched("b", json_build("{\"data\":{\"a\":\"1\"}}"));
	patched("a", json_build("{\"data\":{\"a\":\"3\"}}"));
	saw(&now, "~b ~a ");
	saw(&s, "~b ~a ");
	saw(&t, "~a ");
	patched("a", json_build("{\"data\":{\"a\":\"4\"}}"));
	saw(&now, "~a ");
	saw(&s, "~a ");
	saw(&t, "~a ");
	assert_ptr_equal(s.last, now.last);
	assert_ptr_equal(t.last, now.last);
	end(&now);
	end(&s);
	end(&t);
	close_store();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_has_the_same_object),
		cmocka_unit_test(exact_is_exact),
		cmocka_unit_test(a_slow_watcher_misses_nothing),
		cmocka_unit_test(history_before_the_cache_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
