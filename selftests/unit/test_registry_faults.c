// SPDX-License-Identifier: GPL-2.0-or-later
/* test_registry_faults.c - the registry when etcd's answers are lost, and what earlier losses left */
#include "test_loop.h"

#include <errno.h>
#include "api/kinds/kinds.h"
#include "api/registry/registry.h"
#include "test_fake_etcd.h"

#define WAIT_MS 5000

static struct store *store;

static void put_namespace(void)
{
	fake_put("/registry/namespaces/default", "{\"metadata\":{\"name\":\"default\"}}");
}

static int setup(void **state)
{
	const struct registry_config config = { .service_cidr = "10.96.0.0/28", .cluster_cidr = "10.244.0.0/22", .node_prefix_len = 24 };
	char *msg = NULL;

	assert_int_equal(loop_new(&fake.loop), 0);
	assert_int_equal(registry_new(fake.loop, NULL, &config, &store, &msg), 0);
	put_namespace();
	return 0;
}

static int teardown(void **state)
{
	store->ops->free(store);
	loop_for(fake.loop, 50);	/* calls under way find it gone */
	fake_free();
	fake.lose = NULL;
	fake.lost = 0;
	fake.max_reply = 0;
	fake.compacted = 0;
	sd_event_unref(fake.loop);
	return 0;
}

struct answer {
	int calls, err;
	json *obj;
};

static void take(void *data, const struct store_result *res)
{
	struct answer *a = data;

	a->calls++;
	a->err = res->err;
	json_freep(&a->obj);
	a->obj = json_clone(res->obj);
}

static json *wait_for(struct answer *a, int err)
{
	loop_until(fake.loop, WAIT_MS, a->calls);
	if (a->err != err)
		fail_msg("%d instead of %d: %s", a->err, err, json_str(json_get(a->obj, "message")));
	return a->obj;
}

static json *service(const char *name, const char *more, int err)
{
	_cleanup_json_ json *svc = json_build("{\"metadata\":{\"name\":\"%s\"},\"spec\":{%s\"ports\":[{\"port\":80}]}}", name, more);
	struct answer a = {0};

	store_create(store, &res_services, "default", NULL, NULL, svc, take, &a);
	return wait_for(&a, err);
}

#define IP_OF(svc) json_str(json_get(svc, "spec", "clusterIP"))
#define AT_5 "\"clusterIP\":\"10.96.0.5\","

/* --- answers that are lost ------------------------------------------------------------ */

static void an_unheard_create_keeps_its_address(void **state)
{
	_cleanup_json_ json *lost = NULL, *other = NULL, *again = NULL;

	fake.lose = "/registry/services/specs/";
	lost = service("a", AT_5, -EAGAIN);
	assert_int_equal(fake.lost, 1);
	fake.lose = NULL;
	loop_for(fake.loop, 50);
	/* the service is there, and nobody else gets its address */
	assert_non_null(fake_find("/registry/services/specs/default/a"));
	assert_non_null(fake_find("/registry/ipaddresses/10.96.0.5"));
	other = service("b", AT_5, -EINVAL);
	again = service("a", AT_5, -EEXIST);
}

static void an_unheard_update_keeps_its_address(void **state)
{
	_cleanup_json_ json *made = service("a", "\"type\":\"ExternalName\",\"externalName\":\"e.com\",", 0), *lost = NULL, *again = NULL;
	_cleanup_json_ json *patch = json_build("{\"spec\":{\"type\":\"ClusterIP\",\"externalName\":null,%s\"clusterIPs\":null}}", AT_5);
	struct answer a = {0}, b = {0};

	/* the reservation's answer is lost: the next attempt finds its own */
	fake.lose = "/registry/ipaddresses/";
	store_patch(store, &res_services, "default", "a", NULL, STORE_PATCH_MERGE, patch, take, &a);
	lost = wait_for(&a, -EAGAIN);
	fake.lose = NULL;
	store_patch(store, &res_services, "default", "a", NULL, STORE_PATCH_MERGE, patch, take, &b);
	again = wait_for(&b, 0);
	assert_string_equal(IP_OF(again), "10.96.0.5");
}

/* --- what they leave --------------------------------------------------------------------- */

static void a_leftover_does_not_block_its_object(void **state)
{
	_cleanup_json_ json *lost = NULL, *other = NULL, *made = NULL, *exists = NULL;

	fake.lose = "/registry/ipaddresses/";
	lost = service("a", AT_5, -EAGAIN);
	fake.lose = NULL;
	assert_null(fake_find("/registry/services/specs/default/a"));
	other = service("b", AT_5, -EINVAL);
	assert_non_null(strstr(json_str(json_get(other, "message")), "provided IP is already allocated"));
	made = service("a", AT_5, 0);
	assert_string_equal(IP_OF(made), "10.96.0.5");
	exists = service("a", AT_5, -EEXIST);
	assert_non_null(fake_find("/registry/ipaddresses/10.96.0.5"));
}

static void a_leftover_does_not_block_its_node(void **state)
{
	_cleanup_json_ json *node = json_build("{\"metadata\":{\"name\":\"n\"},\"spec\":{\"podCIDR\":\"10.244.1.0/24\"}}");
	_cleanup_json_ json *lost = NULL, *made = NULL;
	struct answer a = {0}, b = {0};

	fake.lose = "/registry/keelson/podcidrs/";
	store_create(store, &res_nodes, NULL, NULL, NULL, node, take, &a);
	lost = wait_for(&a, -EAGAIN);
	fake.lose = NULL;
	store_create(store, &res_nodes, NULL, NULL, NULL, node, take, &b);
	made = wait_for(&b, 0);
	assert_string_equal(json_str(json_get(made, "spec", "podCIDR")), "10.244.1.0/24");
}

static void done(void *data)
{
	++*(int *)data;
}

static void the_kubernetes_service_takes_its_leftover(void **state)
{
	int n = 0;

	fake_put("/registry/ipaddresses/10.96.0.1", "{\"metadata\":{\"name\":\"10.96.0.1\"},\"spec\":{\"parentRef\":{\"group\":\"\","
		 "\"resource\":\"services\",\"namespace\":\"default\",\"name\":\"kubernetes\"}}}");
	registry_bootstrap(store, done, &n);
	loop_until(fake.loop, WAIT_MS, n == 1);
	assert_non_null(fake_find("/registry/services/specs/default/kubernetes"));
}

static void a_foreign_address_does_not_stop_the_rest(void **state)
{
	int n = 0;

	fake_put("/registry/ipaddresses/10.96.0.1", "{\"metadata\":{\"name\":\"10.96.0.1\",\"creationTimestamp\":\"2999-01-01T00:00:00Z\"},"
		 "\"spec\":{\"parentRef\":{\"group\":\"\",\"resource\":\"services\",\"namespace\":\"default\",\"name\":\"other\"}}}");
	registry_bootstrap(store, done, &n);
	loop_until(fake.loop, WAIT_MS, n == 1);
	assert_null(fake_find("/registry/services/specs/default/kubernetes"));
	/* it is tried again */
	fake_del("/registry/ipaddresses/10.96.0.1");
	loop_until(fake.loop, WAIT_MS, fake_find("/registry/services/specs/default/kubernetes"));
	loop_for(fake.loop, 50);
	assert_int_equal(n, 1);
}

/* --- what one range of addresses cannot give ------------------------------------------------ */

static void a_second_family_is_refused(void **state)
{
	_cleanup_json_ json *two = service("a", "\"ipFamilyPolicy\":\"PreferDualStack\",\"clusterIP\":\"10.96.0.5\",\"clusterIPs\":[\"10.96.0.5\",\"fd00::1\"],", -EINVAL);
	_cleanup_json_ json *dual = service("a", "\"ipFamilyPolicy\":\"RequireDualStack\",", -EINVAL);
	_cleanup_json_ json *named = service("a", "\"ipFamilyPolicy\":\"PreferDualStack\",\"ipFamilies\":[\"IPv4\",\"IPv6\"],", -EINVAL);
	_cleanup_json_ json *one = service("a", "\"ipFamilyPolicy\":\"PreferDualStack\",\"clusterIP\":\"10.96.0.5\",\"clusterIPs\":[\"10.96.0.5\"],", 0);

	assert_string_equal(json_str(json_get(two, "message")), "Service \"a\" is invalid: spec.clusterIPs[1]: Invalid value: "
			    "[\"10.96.0.5\",\"fd00::1\"]: IPv6 is not configured on this cluster");
	assert_string_equal(json_str(json_get(dual, "message")), "Service \"a\" is invalid: spec.ipFamilyPolicy: Invalid value: "
			    "\"RequireDualStack\": this cluster is not configured for dual-stack services");
	assert_string_equal(json_str(json_get(named, "message")), "Service \"a\" is invalid: spec.ipFamilies[1]: Invalid value: "
			    "\"IPv6\": not configured on this cluster");
}

/* --- lists that no message holds ---------------------------------------------------------------- */

static json *listed(const struct registry_list_opts *o, int err)
{
	struct answer a = {0};

	registry_list(store, &res_configmaps, NULL, o, take, &a);
	return wait_for(&a, err);
}

static void put_configmaps(int n, size_t size)
{
	_cleanup_free_ char *fill = xcalloc(1, size + 1);

	memset(fill, 'x', size);
	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *key = xasprintf("/registry/configmaps/default/c%02d", i);
		_cleanup_free_ char *value = xasprintf("{\"metadata\":{\"name\":\"c%02d\",\"namespace\":\"default\"},\"data\":{\"f\":\"%s\"}}",
						       i, fill);

		fake_put(key, value);
	}
}

static void a_page_too_large_is_halved(void **state)
{
	const struct registry_list_opts all = {0}, some = { .limit = 17 };
	_cleanup_json_ json *list = NULL, *page = NULL;
	int i = 0;

	put_configmaps(40, 1000);
	/* room for two of them */
	fake.max_reply = 2500;
	list = listed(&all, 0);
	assert_int_equal(json_len(json_get(list, "items")), 40);
	json_each(it, json_get(list, "items")) {
		_cleanup_free_ char *name = xasprintf("c%02d", i++);

		assert_string_equal(json_str(json_get(it, "metadata", "name")), name);
	}
	page = listed(&some, 0);
	assert_int_equal(json_len(json_get(page, "items")), 17);
	assert_int_equal(json_int(json_get(page, "metadata", "remainingItemCount"), 0), 23);
}

/* --- revisions that are gone or not there yet ---------------------------------------------------- */

static void an_expired_token_comes_with_a_fresh_one(void **state)
{
	struct registry_list_opts o = { .limit = 2 };
	_cleanup_json_ json *page = NULL, *gone = NULL, *rest = NULL, *last = NULL;

	put_configmaps(5, 1);
	page = listed(&o, 0);
	fake_put("/registry/configmaps/default/c021", "{\"metadata\":{\"name\":\"c021\"}}");
	fake.compacted = fake.revision - 1;
	o.continue_token = json_str(json_get(page, "metadata", "continue"));
	gone = listed(&o, -EKEYEXPIRED);
	assert_string_equal(json_str(json_get(gone, "reason")), "Expired");
	assert_non_null(strstr(json_str(json_get(gone, "message")), "use the continue token in this response"));
	o.continue_token = json_str(json_get(gone, "metadata", "continue"));
	rest = listed(&o, 0);
	assert_string_equal(json_str(json_get(json_get(rest, "items")->child, "metadata", "name")), "c02");
	assert_string_equal(json_str(json_get(json_get(rest, "items")->child->next, "metadata", "name")), "c021");
	assert_int_equal(json_int(json_get(rest, "metadata", "remainingItemCount"), 0), 2);
	/* from there on of one revision again */
	o.continue_token = json_str(json_get(rest, "metadata", "continue"));
	fake_put("/registry/configmaps/default/c09", "{\"metadata\":{\"name\":\"c09\"}}");
	fake.compacted = fake.revision - 1;
	last = listed(&o, -EKEYEXPIRED);
}

static void too_large(json *s, int64_t wanted)
{
	_cleanup_free_ char *want = xasprintf("Timeout: Too large resource version: %lld, current: %lld", (long long)wanted,
					      (long long)fake.revision);

	assert_int_equal(json_int(json_get(s, "code"), 0), 504);
	assert_string_equal(json_str(json_get(s, "reason")), "Timeout");
	assert_string_equal(json_str(json_get(s, "message")), want);
	assert_string_equal(json_str(json_get(json_get(s, "details", "causes")->child, "reason")), "ResourceVersionTooLarge");
	assert_int_equal(json_int(json_get(s, "details", "retryAfterSeconds"), 0), 1);
}

static void a_revision_to_come_is_waited_for(void **state)
{
	struct registry_list_opts exact = { .exact_rv = fake.revision + 9 }, later = { .min_rv = fake.revision + 2 };
	_cleanup_json_ json *a = listed(&exact, -EAGAIN), *b = NULL, *c = NULL, *d = NULL;
	uint64_t before = now_monotonic_us();
	struct answer wait = {0}, get = {0};

	too_large(a, exact.exact_rv);
	b = listed(&later, -EAGAIN);
	too_large(b, later.min_rv);
	assert_true(now_monotonic_us() - before >= 2500000);
	registry_list(store, &res_configmaps, NULL, &later, take, &wait);
	registry_get(store, &res_namespaces, NULL, "default", later.min_rv, take, &get);
	loop_for(fake.loop, 300);
	assert_int_equal(wait.calls + get.calls, 0);
	put_configmaps(2, 1);
	c = wait_for(&wait, 0);
	assert_int_equal(json_len(json_get(c, "items")), 2);
	d = wait_for(&get, 0);
}

/* --- history that is gone --------------------------------------------------------------------- */

static void on_event(void *data, enum store_event_type type, const json *obj, int64_t rv)
{
	static const char *const names[] = { [STORE_ADDED] = "added", [STORE_MODIFIED] = "modified", [STORE_DELETED] = "deleted",
					     [STORE_ERROR] = "error" };
	struct buf *log = data;

	if (type == STORE_BOOKMARK)
		buf_printf(log, "at %lld ", (long long)rv);
	else
		buf_printf(log, "%s %s ", names[type], type == STORE_ERROR ? json_str(json_get(obj, "reason")) :
			   json_str(json_get(obj, "metadata", "name")));
}

static bool had_cache;

/* What a watch from an old revision tells of one event whose value before was compacted away. */
static void told(const char *field, struct etcd_event ev, const char *want)
{
	const struct store_selector sel = { .field = field };
	struct etcd_watch *cache;
	struct buf log = {0};
	struct store_watch *w;

	/* the cache begins after that event: the watch asks etcd for what was before */
	while (fake.revision < 20)
		fake_put("/registry/other", "x");
	fake.watch = NULL;
	w = store_watch(store, &res_pods, NULL, &sel, 5, on_event, &log);
	loop_until(fake.loop, WAIT_MS, fake.watch);
	cache = fake.watch;
	if (!had_cache)
		loop_until(fake.loop, WAIT_MS, fake.watch != cache);
	had_cache = true;
	fake.watch->cb(fake.watch->data, 0, &ev, 1, ev.kv.mod_revision);
	assert_string_equal(log.data ? log.data : "", want);
	store_watch_close(store, w);
	loop_for(fake.loop, 20);
	buf_free(&log);
}

static void a_lost_value_does_not_hide_a_deletion(void **state)
{
	static const char here[] = "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"nodeName\":\"n1\"}}";
	struct etcd_event gone = { .deleted = true, .kv = { .key = "/registry/pods/d/p", .mod_revision = 9 } };
	struct etcd_event changed = { .kv = { .key = "/registry/pods/d/p", .value = here, .value_len = sizeof(here) - 1,
					      .create_revision = 3, .mod_revision = 9 } };
	struct etcd_event made = changed;

	made.kv.create_revision = 9;
	had_cache = false;
	told("spec.nodeName=n1", gone, "error Expired ");
	told("spec.nodeName=n2", changed, "error Expired ");
	told("spec.nodeName=n1", changed, "added p ");
	told("spec.nodeName=n2", made, "at 9 ");
	told(NULL, gone, "deleted p ");
}

static void put_map(const char *name, const char *label)
{
	_cleanup_free_ char *key = xasprintf("/registry/configmaps/default/%s", name);
	_cleanup_free_ char *value = xasprintf("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"default\",\"labels\":{\"in\":\"%s\"}}}", name, label);

	fake_put(key, value);
}

/* The cache's watch ends because its history is gone: those who watch hear of the difference, in order. */
static void compacted_history_is_made_up_for(void **state)
{
	const struct store_selector in = { .label = "in=yes" };
	struct buf all = {0}, some = {0};
	struct store_watch *w, *v;

	put_map("a", "yes");
	put_map("b", "yes");
	put_map("c", "yes");
	put_map("d", "yes");
	w = store_watch(store, &res_configmaps, NULL, NULL, 0, on_event, &all);
	v = store_watch(store, &res_configmaps, "default", &in, 0, on_event, &some);
	loop_until(fake.loop, WAIT_MS, some.data && strstr(some.data, "at ") && all.data && strstr(all.data, "at "));
	all.len = some.len = 0;
	put_map("d", "no");
	put_map("a", "yes");
	fake_del("/registry/configmaps/default/c");
	put_map("e", "no");
	fake.watch->cb(fake.watch->data, -EKEYEXPIRED, NULL, 0, fake.revision);
	loop_until(fake.loop, WAIT_MS, strstr(all.data, "deleted c"));
	all.data[all.len] = some.data[some.len] = '\0';
	assert_string_equal(all.data, "modified d modified a added e deleted c ");
	assert_string_equal(some.data, "deleted d modified a deleted c ");
	/* who was away longer hears the same */
	all.len = 0;
	store_watch_close(store, w);
	w = store_watch(store, &res_configmaps, NULL, NULL, fake.revision - 1, on_event, &all);
	loop_until(fake.loop, WAIT_MS, strstr(all.data, "deleted c at"));
	assert_true(startswith(all.data, "added e deleted c at"));
	store_watch_close(store, w);
	store_watch_close(store, v);
	loop_for(fake.loop, 20);
	buf_free(&all);
	buf_free(&some);
}

/* What is no object ends the watches that would need it, and is read again when it was mended. */
static void a_cache_that_fails_comes_back(void **state)
{
	struct etcd_event bad = { .kv = { .key = "/registry/configmaps/default/a", .value = "no", .value_len = 2, .mod_revision = 99 } };
	struct registry_list_opts any = { .any = true, .watched = true };
	struct buf log = {0}, again = {0};
	struct store_watch *w;
	json *broken, *list;

	put_map("a", "yes");
	w = store_watch(store, &res_configmaps, NULL, NULL, 0, on_event, &log);
	loop_until(fake.loop, WAIT_MS, log.data && strstr(log.data, "at "));
	log.len = 0;
	fake_put("/registry/configmaps/default/a", "no");
	bad.kv.mod_revision = fake.revision;
	fake.watch->cb(fake.watch->data, 0, &bad, 1, fake.revision);
	loop_until(fake.loop, WAIT_MS, strstr(log.data, "error InternalError"));
	store_watch_close(store, w);
	broken = listed(&any, -EAGAIN);
	assert_non_null(strstr(json_str(json_get(broken, "message")), "/registry/configmaps/default/a in etcd is no JSON"));
	json_freep(&broken);
	put_map("a", "no");
	list = listed(&any, 0);
	assert_int_equal(json_len(json_get(list, "items")), 1);
	json_freep(&list);
	loop_for(fake.loop, 2100);
	w = store_watch(store, &res_configmaps, NULL, NULL, 0, on_event, &again);
	loop_until(fake.loop, WAIT_MS, again.data && strstr(again.data, "at "));
	assert_true(startswith(again.data, "added a at "));
	store_watch_close(store, w);
	loop_for(fake.loop, 20);
	buf_free(&log);
	buf_free(&again);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_unheard_create_keeps_its_address),
		TEST(an_unheard_update_keeps_its_address),
		TEST(a_leftover_does_not_block_its_object),
		TEST(a_leftover_does_not_block_its_node),
		TEST(the_kubernetes_service_takes_its_leftover),
		TEST(a_foreign_address_does_not_stop_the_rest),
		TEST(a_second_family_is_refused),
		TEST(a_page_too_large_is_halved),
		TEST(an_expired_token_comes_with_a_fresh_one),
		TEST(a_revision_to_come_is_waited_for),
		TEST(a_lost_value_does_not_hide_a_deletion),
		TEST(compacted_history_is_made_up_for),
		TEST(a_cache_that_fails_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
