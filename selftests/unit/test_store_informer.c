// SPDX-License-Identifier: GPL-2.0-or-later
/* test_store_informer.c - the cache over a store that the test plays */
#include "test_loop.h"

#include <errno.h>
#include <stdio.h>
#include "base/loop.h"
#include "store/informer.h"

static const struct resource pods = { "", "v1", "pods", "Pod", true, "pods", "" };

/* --- a store whose every answer the test gives --------------------------------- */

struct store_watch {
	bool open;
};

struct fake {
	struct store base;
	int lists, watches, closes;	/* calls seen */
	store_cb list_cb;		/* the list to be answered */
	void *list_data;
	char list_ns[64], list_field[64], list_cont[64];
	int64_t list_limit;
	const char *more;		/* the next answer's metadata.continue, or NULL */
	struct store_watch w;
	store_watch_cb watch_cb;
	void *watch_data;
	int64_t watch_rv;
};

static struct fake fake;

static void fake_list(struct store *s, const struct resource *r, const char *ns, const struct store_selector *sel,
		      store_cb cb, void *data)
{
	assert_ptr_equal(r, &pods);
	assert_null(fake.list_cb);
	fake.lists++;
	fake.list_cb = cb;
	fake.list_data = data;
	snprintf(fake.list_ns, sizeof(fake.list_ns), "%s", ns ? ns : "");
	snprintf(fake.list_field, sizeof(fake.list_field), "%s", sel->field ? sel->field : "");
	snprintf(fake.list_cont, sizeof(fake.list_cont), "%s", sel->cont ? sel->cont : "");
	fake.list_limit = sel->limit;
}

static struct store_watch *fake_watch(struct store *s, const struct resource *r, const char *ns,
				      const struct store_selector *sel, int64_t rv, store_watch_cb cb, void *data)
{
	assert_false(fake.w.open);
	fake.watches++;
	fake.w.open = true;
	fake.watch_cb = cb;
	fake.watch_data = data;
	fake.watch_rv = rv;
	return &fake.w;
}

static void fake_watch_close(struct store *s, struct store_watch *w)
{
	assert_true(w->open);
	w->open = false;
	fake.closes++;
}

static const struct store_ops fake_ops = { .list = fake_list, .watch = fake_watch, .watch_close = fake_watch_close };

/* items: "ns/name:uid:rv:node,..." */
static json *object(const char *spec)
{
	char ns[32], name[32], uid[32], rv[32], node[32];

	assert_int_equal(sscanf(spec, "%31[^/]/%31[^:]:%31[^:]:%31[^:]:%31[^,]", ns, name, uid, rv, node), 5);
	return json_build("{\"metadata\":{\"namespace\":\"%s\",\"name\":\"%s\",\"uid\":\"%s\",\"resourceVersion\":\"%s\","
			  "\"ownerReferences\":[{\"uid\":\"x\"},{\"uid\":\"rs-%s\",\"controller\":true}]},"
			  "\"spec\":{\"nodeName\":\"%s\"}}", ns, name, uid, rv, ns, streq(node, "-") ? "" : node);
}

static void answer_list(const char *items, int64_t rv)
{
	_cleanup_json_ json *list = json_new_object();
	struct store_result res = { .code = 200, .obj = list, .rv = rv };
	_cleanup_free_ char *copy = xstrdup(items);
	store_cb cb = fake.list_cb;
	char *save = NULL;

	assert_non_null(cb);
	fake.list_cb = NULL;
	json_set_str(json_obj(list, "metadata"), "continue", TAKE_PTR(fake.more));
	json_set(list, "items", json_new_array());
	for (char *it = strtok_r(copy, ",", &save); it; it = strtok_r(NULL, ",", &save))
		json_append(json_get(list, "items"), object(it));
	cb(fake.list_data, &res);
}

static void fail_list(int err)
{
	_cleanup_json_ json *status = json_build("{\"kind\":\"Status\",\"code\":503,\"message\":\"refused\"}");
	struct store_result res = { .err = err, .obj = status };
	store_cb cb = fake.list_cb;

	fake.list_cb = NULL;
	cb(fake.list_data, &res);
}

static void event(enum store_event_type type, const char *spec)
{
	_cleanup_json_ json *obj = spec ? object(spec) : NULL;
	int64_t rv = 0;

	parse_i64(json_str_or(json_get(obj, "metadata", "resourceVersion"), "0"), 0, INT64_MAX, &rv);
	assert_true(fake.w.open);
	fake.watch_cb(fake.watch_data, type, obj, rv);
}

static void watch_error(int code)
{
	_cleanup_json_ json *status = json_build("{\"kind\":\"Status\",\"code\":%d,\"message\":\"ended\"}", code);

	fake.watch_cb(fake.watch_data, STORE_ERROR, status, 0);
}

/* --- what the handlers saw ---------------------------------------------------------- */

static sd_event *loop;
static struct informer *inf;
static int by_owner, by_node;
static char seen[4096];
static const json *kept;	/* a tree borrowed in a handler */

static void note(void *data, const json *old, const json *new)
{
	const json *o = new ? new : old;
	size_t n = strlen(seen);
	const char *ns = json_str(json_get(o, "metadata", "namespace")), *name = json_str(json_get(o, "metadata", "name"));

	snprintf(seen + n, sizeof(seen) - n, "%s%s%s/%s@%s ", (const char *)data, old && new ? "*" : new ? "+" : "-", ns, name,
		 json_str(json_get(o, "metadata", "resourceVersion")));
	if (new) {
		assert_ptr_equal(informer_get(inf, ns, name), new);
		if (old)
			kept = old;
	}
}

static void expect_seen(const char *text)
{
	assert_string_equal(seen, text);
	seen[0] = '\0';
}

static int by_name(const void *a, const void *b)
{
	return strcmp(json_str(json_get(*(const json *const *)a, "metadata", "name")),
		      json_str(json_get(*(const json *const *)b, "metadata", "name")));
}

/* names: in their own order; the index has none. */
static void expect_index(int index, const char *key, const char *names)
{
	_cleanup_free_ char *got = NULL;
	struct buf b = { 0 };
	size_t n, i = 0;
	_cleanup_free_ const json **objs = informer_by_index(inf, index, key, 0, &n);

	if (n)
		qsort(objs, n, sizeof(*objs), by_name);
	for (i = 0; objs[i]; i++)
		buf_printf(&b, "%s ", json_str(json_get(objs[i], "metadata", "name")));
	assert_int_equal(i, n);
	got = buf_steal(&b);
	assert_string_equal(got, names);
}

static char heard[256];

static void contact(void *data, const char *why)
{
	size_t n = strlen(heard);

	snprintf(heard + n, sizeof(heard) - n, "%s ", why ? why : "back");
}

static void expect_heard(const char *text)
{
	assert_string_equal(heard, text);
	heard[0] = '\0';
}

static int setup(void **state)
{
	struct store_selector sel = { .field = "spec.nodeName=n1" };

	fake = (struct fake){ .base.ops = &fake_ops };
	seen[0] = heard[0] = '\0';
	if (loop_new(&loop) < 0)
		return -1;
	inf = informer_new(loop, &fake.base, &pods, NULL, &sel);
	informer_add_handler(inf, note, "");
	by_owner = informer_add_index(inf, index_by_controller_uid, INDEX_EVERY);
	by_node = informer_add_index(inf, index_by_node_name, INDEX_EVERY);
	informer_on_contact(inf, contact, NULL);
	informer_start(inf);
	return 0;
}

static int teardown(void **state)
{
	informer_free(inf);
	assert_false(fake.w.open);
	sd_event_unref(loop);
	return 0;
}

/* --- tests ----------------------------------------------------------------------------- */

static void test_list_then_watch(void **state)
{
	assert_false(informer_synced(inf));
	assert_int_equal(informer_count(inf), 0);
	assert_string_equal(fake.list_field, "spec.nodeName=n1");
	answer_list("b/two:u2:5:n1,a/one:u1:3:-", 7);
	expect_seen("+b/two@5 +a/one@3 ");
	assert_true(informer_synced(inf));
	assert_int_equal(informer_rv(inf), 7);
	assert_int_equal(informer_count(inf), 2);
	assert_int_equal(fake.watches, 1);
	assert_int_equal(fake.watch_rv, 7);
	assert_non_null(informer_get(inf, "a", "one"));
	assert_null(informer_get(inf, "a", "two"));
	assert_null(informer_get(inf, NULL, "one"));

	event(STORE_ADDED, "a/three:u3:8:n2");
	event(STORE_MODIFIED, "a/one:u1:9:n1");
	event(STORE_DELETED, "b/two:u2:10:n1");
	event(STORE_DELETED, "b/unknown:u9:11:n1");
	event(STORE_BOOKMARK, "x/x:x:20:-");
	expect_seen("+a/three@8 *a/one@9 -b/two@5 ");
	assert_int_equal(informer_rv(inf), 20);
	assert_int_equal(informer_count(inf), 2);
}

/* Silence means nothing while the source is out of reach. */
static void test_fresh(void **state)
{
	uint64_t first;

	assert_int_equal(informer_fresh_since(inf), 0);
	answer_list("a/one:u1:3:n1", 3);
	first = informer_fresh_since(inf);
	assert_true(first > 0 && first <= now_monotonic_us());
	event(STORE_ADDED, "a/two:u2:4:n1");
	assert_int_equal(informer_fresh_since(inf), first);
	event(STORE_STALLED, NULL);
	assert_int_equal(informer_fresh_since(inf), 0);
	assert_int_equal(informer_count(inf), 2);
	event(STORE_BOOKMARK, "x/x:x:4:-");
	assert_true(informer_fresh_since(inf) > first);
}

/* Contact that is lost is told once, and once that it is back. */
static void test_contact(void **state)
{
	fail_list(-EAGAIN);
	expect_heard("refused ");
	loop_until(loop, 20000, fake.lists == 2);
	fail_list(-EAGAIN);
	expect_heard("");
	loop_until(loop, 20000, fake.lists == 3);
	answer_list("a/p1:u1:1:n1", 1);
	expect_heard("back ");
	/* a watch that ends is opened again without a word */
	watch_error(503);
	loop_until(loop, 20000, fake.watches == 2);
	event(STORE_BOOKMARK, "x/x:x:4:-");
	watch_error(410);
	loop_until(loop, 20000, fake.lists == 4);
	answer_list("a/p1:u1:1:n1", 5);
	expect_heard("");
	/* if it cannot be, that is a loss */
	watch_error(503);
	loop_until(loop, 20000, fake.watches == 4);
	watch_error(503);
	expect_heard("ended ");
	loop_until(loop, 20000, fake.watches == 5);
	watch_error(503);
	loop_until(loop, 20000, fake.watches == 6);
	event(STORE_BOOKMARK, "x/x:x:7:-");
	expect_heard("back ");
	event(STORE_STALLED, NULL);
	event(STORE_STALLED, NULL);
	expect_heard("no answer ");
	event(STORE_ADDED, "a/p2:u2:8:n1");
	expect_heard("back ");
}

static void test_indexes(void **state)
{
	answer_list("a/p1:u1:1:n1,a/p2:u2:2:n1,b/p3:u3:3:-", 3);
	expect_index(by_node, "n1", "p1 p2 ");
	expect_index(by_node, "", "");
	expect_index(by_owner, "rs-a", "p1 p2 ");
	expect_index(by_owner, "rs-b", "p3 ");
	expect_index(by_owner, "x", "");	/* an owner, not the controller */
	event(STORE_MODIFIED, "b/p3:u3:4:n1");
	event(STORE_MODIFIED, "a/p1:u1:5:n2");
	expect_index(by_node, "n1", "p2 p3 ");
	expect_index(by_node, "n2", "p1 ");
	event(STORE_DELETED, "a/p2:u2:6:n1");
	expect_index(by_node, "n1", "p3 ");
	expect_index(by_owner, "rs-a", "p1 ");
	assert_int_equal(informer_index_count(inf, by_node, "n1"), 1);
	assert_ptr_equal(informer_index_at(inf, by_node, "n1", 0), informer_get(inf, "b", "p3"));
	assert_null(informer_index_at(inf, by_node, "n1", 1));
}

/* A look-up shows what was asked for, and touches nothing else. */
static void test_visits(void **state)
{
	_cleanup_free_ const json **some = NULL, **of_b = NULL;
	struct buf items = { 0 };
	uint64_t before;
	size_t n;

	for (int i = 0; i < 1000; i++)
		buf_printf(&items, "%sa/p%d:u%d:1:n%d", i ? "," : "", i, i, i % 10);
	buf_puts(&items, ",b/x:ux:1:-");
	answer_list(items.data, 1);
	buf_free(&items);
	before = informer_visits(inf);
	of_b = informer_list(inf, "b", &n);
	assert_int_equal(n, 1);
	some = informer_by_index(inf, by_node, "n7", 3, &n);
	assert_int_equal(n, 3);
	assert_null(some[3]);
	assert_int_equal(informer_index_count(inf, by_node, "n7"), 100);
	event(STORE_MODIFIED, "a/p7:u7:2:n8");
	event(STORE_DELETED, "a/p8:u8:3:n8");
	assert_int_equal(informer_visits(inf) - before, 1 + 3 + 1);	/* one by the handler of this test */
}

static void test_order(void **state)
{
	_cleanup_free_ const json **all = NULL, **of_a = NULL;
	size_t n;

	answer_list("b/z:u1:1:-,a/y:u2:2:-,b/a:u3:3:-", 3);
	event(STORE_ADDED, "a/b:u4:4:-");
	all = informer_list(inf, NULL, &n);
	assert_int_equal(n, 4);
	assert_ptr_equal(all[0], informer_get(inf, "a", "b"));
	assert_ptr_equal(all[1], informer_get(inf, "a", "y"));
	assert_ptr_equal(all[2], informer_get(inf, "b", "a"));
	assert_ptr_equal(all[3], informer_get(inf, "b", "z"));
	assert_null(all[4]);
	of_a = informer_list(inf, "a", &n);
	assert_int_equal(n, 2);
	assert_ptr_equal(of_a[1], all[1]);
}

/* The old tree stays readable until control is back in the loop, and is freed then (or LeakSanitizer tells). */
static void test_borrowed_trees(void **state)
{
	answer_list("a/p1:u1:1:n1", 1);
	kept = NULL;
	event(STORE_MODIFIED, "a/p1:u1:2:n1");
	event(STORE_DELETED, "a/p1:u1:3:n1");
	assert_string_equal(json_str(json_get(kept, "metadata", "resourceVersion")), "1");
	loop_for(loop, 5);
}

static void test_list_fails(void **state)
{
	uint64_t start = now_monotonic_us();

	fail_list(-EAGAIN);
	loop_until(loop, 20000, fake.lists == 2);
	assert_true(now_monotonic_us() - start >= 150000);
	fail_list(-EAGAIN);
	loop_until(loop, 20000, fake.lists == 3);
	assert_true(now_monotonic_us() - start >= 450000);	/* the second pause is longer */
	assert_false(informer_synced(inf));
	answer_list("a/p1:u1:1:n1", 1);
	assert_true(informer_synced(inf));
}

/* A lost connection: watched again from where it was, without a list. */
static void test_watch_lost(void **state)
{
	answer_list("a/p1:u1:1:n1", 1);
	event(STORE_MODIFIED, "a/p1:u1:6:n1");
	watch_error(503);
	assert_int_equal(fake.closes, 1);
	loop_until(loop, 20000, fake.watches == 2);
	assert_int_equal(fake.watch_rv, 6);
	assert_int_equal(fake.lists, 1);
	event(STORE_MODIFIED, "a/p1:u1:7:n1");
	expect_seen("+a/p1@1 *a/p1@6 *a/p1@7 ");
}

/* A compacted revision: a new list, and the handlers see the difference. */
static void test_watch_expired(void **state)
{
	answer_list("a/same:u1:1:n1,a/changed:u2:2:n1,a/gone:u3:3:n1,a/again:u4:4:n1", 4);
	seen[0] = '\0';
	watch_error(410);
	loop_until(loop, 20000, fake.lists == 2);
	assert_int_equal(informer_count(inf), 4);	/* as it was, meanwhile */
	assert_true(informer_synced(inf));
	answer_list("a/same:u1:1:n1,a/changed:u2:8:n2,a/again:u5:9:n1,a/new:u6:10:n1", 12);
	expect_seen("*a/changed@8 -a/again@4 +a/again@9 +a/new@10 -a/gone@3 ");
	assert_int_equal(informer_rv(inf), 12);
	assert_int_equal(fake.watch_rv, 12);
	assert_null(informer_get(inf, "a", "gone"));
	expect_index(by_node, "n1", "again new same ");
	expect_index(by_node, "n2", "changed ");
}

/* In parts; the cache is what one revision was when the last of them is in. */
static void test_list_in_parts(void **state)
{
	assert_int_equal(fake.list_limit, 250);
	assert_string_equal(fake.list_cont, "");
	fake.more = "t1";
	answer_list("a/p1:u1:1:n1", 7);
	assert_false(informer_synced(inf));
	assert_int_equal(informer_rv(inf), 0);
	assert_string_equal(fake.list_cont, "t1");
	fake.more = "t2";
	answer_list("a/p2:u2:2:n1", 8);
	answer_list("a/p3:u3:3:n1", 9);
	assert_string_equal(fake.list_cont, "t2");
	assert_true(informer_synced(inf));
	assert_int_equal(fake.watch_rv, 7);
	expect_seen("+a/p1@1 +a/p2@2 +a/p3@3 ");
	/* Again: what is in no part is gone, but only after the last. */
	watch_error(410);
	loop_until(loop, 20000, fake.lists == 4);
	fake.more = "t3";
	answer_list("a/p1:u1:1:n1", 20);
	expect_seen("");
	answer_list("a/p4:u4:9:n1", 20);
	expect_seen("+a/p4@9 -a/p2@2 -a/p3@3 ");
	assert_int_equal(informer_count(inf), 2);
	assert_int_equal(fake.watch_rv, 20);
}

/* The parts took too long: from the start, and more at a time. */
static void test_list_expires(void **state)
{
	fake.more = "t1";
	answer_list("a/p1:u1:1:n1,a/p2:u2:2:n1", 7);
	fail_list(-EKEYEXPIRED);
	expect_heard("");
	loop_until(loop, 20000, fake.lists == 3);
	assert_string_equal(fake.list_cont, "");
	assert_true(fake.list_limit > 250);
	answer_list("a/p1:u1:1:n1", 9);
	expect_seen("+a/p1@1 +a/p2@2 -a/p2@2 ");
	assert_int_equal(fake.watch_rv, 9);
}

static struct loop_timer burst_timer;
static int burst_size;
static bool burst_ends;		/* with the watch's end */

/* Many changes in one turn of the loop. */
static void burst(void *data)
{
	for (int i = 0; i < burst_size; i++) {
		_cleanup_free_ char *spec = xasprintf("a/p%d:u%d:%d:n1", i, i, 10 + i);

		event(STORE_ADDED, spec);
	}
	if (burst_ends)
		watch_error(503);
}

/* A handler that takes its time. */
static void slow(void *data, const json *old, const json *new)
{
	uint64_t end = now_monotonic_us() + 1000;

	while (now_monotonic_us() < end)
		;
}

/* As much as the turn's budget allows at once, the rest in order in later turns, and nothing overtakes it. */
static void test_burst(void **state)
{
	uint64_t longest = 0;
	int before;

	informer_free(inf);
	inf = informer_new(loop, &fake.base, &pods, NULL, NULL);
	informer_add_handler(inf, slow, NULL);
	answer_list("", 1);	/* of the one before: it finds nobody */
	informer_start(inf);
	answer_list("", 5);
	burst_size = 40;
	burst_ends = true;
	before = fake.watches;
	loop_timer_init(&burst_timer, loop, burst, NULL);
	loop_timer_start(&burst_timer, 0);
	assert_true(sd_event_run(loop, 1000000) > 0);
	assert_true(informer_count(inf) > 0);
	assert_true(informer_count(inf) < 40);
	assert_int_equal(informer_rv(inf), 9 + informer_count(inf));
	assert_true(fake.w.open);
	while (informer_count(inf) < 40) {
		size_t had = informer_count(inf);

		assert_true(sd_event_run(loop, 1000000) > 0);
		if (informer_count(inf) - had > longest)
			longest = informer_count(inf) - had;
	}
	assert_true(longest <= 6);	/* of a millisecond each; the budget is five */
	/* The watch's end was told last: it is opened again after all that it said. */
	loop_until(loop, 20000, fake.watches == before + 1);
	assert_int_equal(fake.watch_rv, 49);
	loop_timer_stop(&burst_timer);
}

static void answer_many(void *data)
{
	struct buf items = { 0 };

	for (int i = 0; i < 40; i++)
		buf_printf(&items, "%sa/p%d:u%d:1:n1", i ? "," : "", i, i);
	answer_list(items.data, 5);
	buf_free(&items);
}

/* A list too. */
static void test_long_list(void **state)
{
	informer_free(inf);
	inf = informer_new(loop, &fake.base, &pods, NULL, NULL);
	informer_add_handler(inf, slow, NULL);
	answer_list("", 1);
	informer_start(inf);
	loop_timer_init(&burst_timer, loop, answer_many, NULL);
	loop_timer_start(&burst_timer, 0);
	assert_true(sd_event_run(loop, 1000000) > 0);
	assert_true(informer_count(inf) > 0 && informer_count(inf) < 40);
	assert_false(informer_synced(inf));
	assert_int_equal(fake.watches, 0);
	loop_until(loop, 20000, informer_synced(inf));
	assert_int_equal(informer_count(inf), 40);
	assert_int_equal(fake.watch_rv, 5);
	loop_timer_stop(&burst_timer);
}

/* Freed with work left over (the sanitizer watches). */
static void test_free_with_backlog(void **state)
{
	test_list_then_watch(state);
	informer_add_handler(inf, slow, NULL);
	burst_size = 20;
	burst_ends = false;
	loop_timer_init(&burst_timer, loop, burst, NULL);
	loop_timer_start(&burst_timer, 0);
	assert_true(sd_event_run(loop, 1000000) > 0);
	assert_true(informer_count(inf) < 20);
	loop_timer_stop(&burst_timer);
}

/* The same state told again is no news. */
static void test_repeated_events(void **state)
{
	answer_list("a/p1:u1:1:n1", 1);
	event(STORE_ADDED, "a/p1:u1:1:n1");
	expect_seen("+a/p1@1 ");
	assert_int_equal(informer_rv(inf), 1);
}

static void test_many_handlers(void **state)
{
	struct informer *old = inf;

	inf = informer_new(loop, &fake.base, &pods, "a", NULL);
	informer_free(old);	/* with a list under way: its answer finds nobody */
	answer_list("a/p1:u1:1:n1", 1);
	expect_seen("");
	informer_add_handler(inf, note, "1");
	informer_add_handler(inf, note, "2");
	informer_start(inf);
	assert_string_equal(fake.list_ns, "a");
	answer_list("a/p1:u1:1:n1", 1);
	expect_seen("1+a/p1@1 2+a/p1@1 ");
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_list_then_watch),
		TEST(test_indexes),
		TEST(test_visits),
		TEST(test_order),
		TEST(test_fresh),
		TEST(test_contact),
		TEST(test_borrowed_trees),
		TEST(test_list_fails),
		TEST(test_watch_lost),
		TEST(test_watch_expired),
		TEST(test_list_in_parts),
		TEST(test_list_expires),
		TEST(test_burst),
		TEST(test_long_list),
		TEST(test_free_with_backlog),
		TEST(test_repeated_events),
		TEST(test_many_handlers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
