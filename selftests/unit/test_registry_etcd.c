// SPDX-License-Identifier: GPL-2.0-or-later
/* test_registry_etcd.c - the registry against a real etcd: two servers' worth of it, as they race */
#include "test_loop.h"

#include <errno.h>
#include <stdio.h>
#include "api/kinds/kinds.h"
#include "api/registry/registry.h"
#include "base/loop.h"
#include "test_etcd_server.h"

#define WAIT_MS 20000

static sd_event *loop;
static struct etcd_server server;
static struct etcd *etcd[2];
static struct store *store[2];

static int setup(void **state)
{
	const struct registry_config config = { .service_cidr = "10.96.0.0/28", .cluster_cidr = "10.244.0.0/22", .node_prefix_len = 24 };

	assert_int_equal(loop_new(&loop), 0);
	etcd_server_new(&server);
	for (int i = 0; i < 2; i++) {
		const struct etcd_config c = { .endpoints = server.url };
		char *msg = NULL;

		assert_int_equal(etcd_new(loop, &c, &etcd[i], &msg), 0);
		assert_int_equal(registry_new(loop, etcd[i], &config, &store[i], &msg), 0);
	}
	return 0;
}

static int teardown(void **state)
{
	for (int i = 0; i < 2; i++) {
		store[i]->ops->free(store[i]);
		etcd_free(etcd[i]);
	}
	etcd_server_free(&server);
	sd_event_unref(loop);
	return 0;
}

/* --- one call after the other ----------------------------------------------------------- */

struct answer {
	int calls, err;
	json *obj;
	int64_t rv;
};

static void take(void *data, const struct store_result *res)
{
	struct answer *a = data;

	a->calls++;
	a->err = res->err;
	a->rv = res->rv;
	json_freep(&a->obj);
	a->obj = json_clone(res->obj);
}

/* The answer's object; the caller frees. The error must be this one. */
static json *wait_for(struct answer *a, int err)
{
	loop_until(loop, WAIT_MS, a->calls);
	if (a->err != err)
		fail_msg("%d instead of %d: %s", a->err, err, json_str(json_get(a->obj, "message")));
	return a->obj;
}

static json *create_on(int i, const struct resource *r, const char *ns, const char *text, int err)
{
	struct answer a = {0};
	_cleanup_json_ json *obj = NULL;

	assert_int_equal(json_parse(text, strlen(text), &obj, NULL), 0);
	store_create(store[i], r, ns, NULL, NULL, obj, take, &a);
	assert_int_equal(a.calls, 0);
	return wait_for(&a, err);
}

static void created(const struct resource *r, const char *ns, const char *text)
{
	json *obj = create_on(0, r, ns, text, 0);

	json_freep(&obj);
}

static json *get(const struct resource *r, const char *ns, const char *name, int err)
{
	struct answer a = {0};

	store_get(store[0], r, ns, name, take, &a);
	return wait_for(&a, err);
}

static json *patch_on(int i, const struct resource *r, const char *ns, const char *name, const char *text, int err)
{
	struct answer a = {0};
	_cleanup_json_ json *obj = NULL;

	assert_int_equal(json_parse(text, strlen(text), &obj, NULL), 0);
	store_patch(store[i], r, ns, name, NULL, STORE_PATCH_MERGE, obj, take, &a);
	return wait_for(&a, err);
}

static void deleted(const struct resource *r, const char *ns, const char *name)
{
	struct answer a = {0};
	json *obj;

	store_delete(store[1], r, ns, name, NULL, take, &a);
	obj = wait_for(&a, 0);
	json_freep(&obj);
}

static int64_t rv_of(const json *obj)
{
	int64_t rv = 0;

	parse_i64(json_str_or(json_get(obj, "metadata", "resourceVersion"), ""), 0, INT64_MAX, &rv);
	return rv;
}

static void done(void *data)
{
	++*(int *)data;
}

static void nothing(void *data, const struct etcd_result *res)
{
	assert_int_equal(res->err, 0);
	++*(int *)data;
}

/* --- tests --------------------------------------------------------------------------------- */

static void both_servers_make_the_first_objects(void **state)
{
	_cleanup_json_ json *svc = NULL;
	int n = 0;

	registry_bootstrap(store[0], done, &n);
	registry_bootstrap(store[1], done, &n);
	loop_until(loop, WAIT_MS, n == 2);
	svc = get(&res_services, "default", "kubernetes", 0);
	assert_string_equal(json_str(json_get(svc, "spec", "clusterIP")), "10.96.0.1");
	/* a third time, as after a restart */
	registry_bootstrap(store[0], done, &n);
	loop_until(loop, WAIT_MS, n == 3);
}

static void changes_race_and_none_is_lost(void **state)
{
	enum { N = 40 };
	struct answer a[N] = {0};
	_cleanup_json_ json *cm = NULL;

	created(&res_configmaps, "default", "{\"metadata\":{\"name\":\"race\"}}");
	for (int i = 0; i < N; i++) {
		_cleanup_json_ json *p = json_build("{\"data\":{\"k%d\":\"v\"}}", i);

		store_patch(store[i % 2], &res_configmaps, "default", "race", NULL, STORE_PATCH_MERGE, p, take, &a[i]);
	}
	for (int i = 0; i < N; i++) {
		json *obj = wait_for(&a[i], 0);

		json_freep(&obj);
	}
	cm = get(&res_configmaps, "default", "race", 0);
	assert_int_equal(json_len(json_get(cm, "data")), N);
}

static void a_named_version_loses_the_race(void **state)
{
	_cleanup_json_ json *old = get(&res_configmaps, "default", "race", 0);
	_cleanup_json_ json *now = patch_on(0, &res_configmaps, "default", "race", "{\"data\":{\"x\":\"1\"}}", 0);
	_cleanup_json_ json *same = NULL, *refused = NULL;
	struct answer a = {0};

	store_update(store[1], &res_configmaps, "default", "race", NULL, old, take, &a);
	refused = wait_for(&a, -ESTALE);
	/* what changes nothing writes nothing */
	same = patch_on(1, &res_configmaps, "default", "race", "{\"data\":{\"x\":\"1\"}}", 0);
	assert_int_equal(rv_of(same), rv_of(now));
}

static void apply_on(int i, const char *manager, const char *name, const char *text, struct answer *a)
{
	const struct registry_write_opts o = { .manager = manager };
	_cleanup_json_ json *config = NULL;

	assert_int_equal(json_parse(text, strlen(text), &config, NULL), 0);
	registry_patch(store[i], &res_configmaps, "default", name, NULL, STORE_PATCH_APPLY, config, &o, take, a);
}

/* Both want to make the object: one does, the other finds it and adds its own. */
static void applies_race_and_none_is_lost(void **state)
{
	struct answer a = {0}, b = {0};
	_cleanup_json_ json *x = NULL, *y = NULL, *got = NULL;

	apply_on(0, "one", "raced", "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"raced\"},\"data\":{\"a\":\"1\"}}", &a);
	apply_on(1, "two", "raced", "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"raced\"},\"data\":{\"b\":\"1\"}}", &b);
	x = wait_for(&a, 0);
	y = wait_for(&b, 0);
	got = get(&res_configmaps, "default", "raced", 0);
	assert_string_equal(json_str(json_get(got, "data", "a")), "1");
	assert_string_equal(json_str(json_get(got, "data", "b")), "1");
	assert_int_equal(json_len(json_get(got, "metadata", "managedFields")), 2);
	deleted(&res_configmaps, "default", "raced");
}

static void what_is_applied_again_is_not_written(void **state)
{
	static const char config[] = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"again\"},\"data\":{\"a\":\"1\"}}";
	struct answer a = {0}, b = {0};
	_cleanup_json_ json *x = NULL, *y = NULL;

	apply_on(0, "one", "again", config, &a);
	x = wait_for(&a, 0);
	sleep(1);	/* managedFields have seconds */
	apply_on(0, "one", "again", config, &b);
	y = wait_for(&b, 0);
	assert_int_equal(rv_of(x), rv_of(y));
	assert_true(json_equal(x, y));
	deleted(&res_configmaps, "default", "again");
}

/* 1.2 MB of an object whose managedFields would be another half. */
static void large_objects_go_without_managed_fields(void **state)
{
	_cleanup_json_ json *obj = NULL, *other = NULL;
	struct buf b = {0};

	buf_puts(&b, "{\"metadata\":{\"name\":\"large\"},\"data\":{");
	for (int i = 0; i < 5000; i++)
		buf_printf(&b, "%s\"%0100d\":\"%0140d\"", i ? "," : "", i, i);
	buf_puts(&b, "}}");
	obj = create_on(0, &res_configmaps, "default", b.data, 0);
	buf_free(&b);
	assert_null(json_get(obj, "metadata", "managedFields"));
	assert_int_equal(json_len(json_get(obj, "data")), 5000);
	other = patch_on(0, &res_configmaps, "default", "large", "{\"data\":{\"a\":\"b\"}}", 0);
	assert_null(json_get(other, "metadata", "managedFields"));
	deleted(&res_configmaps, "default", "large");
}

static void late_changes_miss_the_successor(void **state)
{
	static const char *const subs[] = { "status", "scale" };

	created(&res_replicasets, "default", "{\"metadata\":{\"name\":\"rs\"},\"spec\":{\"replicas\":0,\"selector\":{\"matchLabels\":{\"a\":\"b\"}},"
		"\"template\":{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}}}");
	for (size_t i = 0; i < ARRAY_SIZE(subs); i++) {
		_cleanup_json_ json *late = json_build("{\"metadata\":{\"uid\":\"gone\"},\"spec\":{\"replicas\":3},\"status\":{\"replicas\":3}}");
		_cleanup_json_ json *refused = NULL, *done = NULL, *rs = get(&res_replicasets, "default", "rs", 0);
		const char *uid = json_str(json_get(rs, "metadata", "uid"));
		_cleanup_free_ char *why = xasprintf("Operation cannot be fulfilled on replicasets.apps \"rs\": Precondition failed: "
						     "UID in precondition: gone, UID in object meta: %s", uid);
		struct answer a = {0}, b = {0};

		store_patch(store[0], &res_replicasets, "default", "rs", subs[i], STORE_PATCH_MERGE, late, take, &a);
		refused = wait_for(&a, -ESTALE);
		assert_string_equal(json_str(json_get(refused, "message")), why);
		json_set_str(json_get(late, "metadata"), "uid", uid);
		store_patch(store[0], &res_replicasets, "default", "rs", subs[i], STORE_PATCH_MERGE, late, take, &b);
		done = wait_for(&b, 0);
	}
}

static void addresses_are_given_once(void **state)
{
	/* 10.96.0.0/28: .1 is the kubernetes Service's, .2 to .14 are free */
	enum { FREE = 13 };
	struct answer a[FREE] = {0};
	_cleanup_json_ json *full = NULL, *again = NULL, *taken = NULL;
	char seen[FREE][32];

	for (int i = 0; i < FREE; i++) {
		_cleanup_json_ json *svc = json_build("{\"metadata\":{\"name\":\"s%d\"},\"spec\":{\"ports\":[{\"port\":80}]}}", i);

		store_create(store[i % 2], &res_services, "default", NULL, NULL, svc, take, &a[i]);
	}
	for (int i = 0; i < FREE; i++) {
		_cleanup_json_ json *obj = wait_for(&a[i], 0);

		snprintf(seen[i], sizeof(seen[i]), "%s", json_str(json_get(obj, "spec", "clusterIP")));
		assert_true(startswith(seen[i], "10.96.0."));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(seen[i], seen[j]);
	}
	full = create_on(0, &res_services, "default", "{\"metadata\":{\"name\":\"more\"},\"spec\":{\"ports\":[{\"port\":80}]}}", -EAGAIN);
	assert_string_equal(json_str(json_get(full, "message")), "Internal error occurred: failed to allocate a serviceIP: range is full");
	taken = create_on(1, &res_services, "default", "{\"metadata\":{\"name\":\"more\"},\"spec\":{\"clusterIP\":\"10.96.0.1\",\"ports\":[{\"port\":80}]}}", -EINVAL);
	deleted(&res_services, "default", "s7");
	again = create_on(0, &res_services, "default", "{\"metadata\":{\"name\":\"more\"},\"spec\":{\"ports\":[{\"port\":80}]}}", 0);
	assert_string_equal(json_str(json_get(again, "spec", "clusterIP")), seen[7]);
}

static void a_refused_service_holds_no_address(void **state)
{
	_cleanup_json_ json *exists = NULL, *now = NULL;

	deleted(&res_services, "default", "more");
	/* the one free address is tried for a name that exists */
	exists = create_on(0, &res_services, "default", "{\"metadata\":{\"name\":\"s1\"},\"spec\":{\"ports\":[{\"port\":80}]}}", -EEXIST);
	now = create_on(0, &res_services, "default", "{\"metadata\":{\"name\":\"more\"},\"spec\":{\"ports\":[{\"port\":80}]}}", 0);
}

static void a_type_change_frees_and_takes(void **state)
{
	_cleanup_json_ json *name = patch_on(0, &res_services, "default", "more",
					     "{\"spec\":{\"type\":\"ExternalName\",\"externalName\":\"e.com\",\"clusterIP\":\"\",\"clusterIPs\":null}}", 0);
	_cleanup_json_ json *other = create_on(1, &res_services, "default", "{\"metadata\":{\"name\":\"other\"},\"spec\":{\"ports\":[{\"port\":80}]}}", 0);
	_cleanup_json_ json *full = patch_on(0, &res_services, "default", "more", "{\"spec\":{\"type\":\"ClusterIP\",\"externalName\":null}}", -EAGAIN);
	_cleanup_json_ json *back = NULL;

	deleted(&res_services, "default", "other");
	back = patch_on(0, &res_services, "default", "more", "{\"spec\":{\"type\":\"ClusterIP\",\"externalName\":null}}", 0);
	assert_string_equal(json_str(json_get(back, "spec", "clusterIP")), json_str(json_get(other, "spec", "clusterIP")));
}

static void prefixes_are_given_once(void **state)
{
	struct answer a[4] = {0};
	unsigned seen = 0;
	_cleanup_json_ json *full = NULL, *again = NULL;

	for (int i = 0; i < 4; i++) {
		_cleanup_json_ json *node = json_build("{\"metadata\":{\"name\":\"n%d\"}}", i);

		store_create(store[i % 2], &res_nodes, NULL, NULL, NULL, node, take, &a[i]);
	}
	for (int i = 0; i < 4; i++) {
		_cleanup_json_ json *node = wait_for(&a[i], 0);
		unsigned third = 0;

		assert_int_equal(sscanf(json_str(json_get(node, "spec", "podCIDR")), "10.244.%u.0/24", &third), 1);
		assert_int_equal(json_len(json_get(node, "spec", "podCIDRs")), 1);
		seen |= 1u << third;
	}
	assert_int_equal(seen, 0xf);
	full = create_on(0, &res_nodes, NULL, "{\"metadata\":{\"name\":\"n9\"}}", -EAGAIN);
	deleted(&res_nodes, NULL, "n2");
	again = create_on(0, &res_nodes, NULL, "{\"metadata\":{\"name\":\"n9\"}}", 0);
}

static void generated_names_differ(void **state)
{
	_cleanup_json_ json *a = create_on(0, &res_configmaps, "default", "{\"metadata\":{\"generateName\":\"g-\"}}", 0);
	_cleanup_json_ json *b = create_on(1, &res_configmaps, "default", "{\"metadata\":{\"generateName\":\"g-\"}}", 0);

	assert_string_not_equal(json_str(json_get(a, "metadata", "name")), json_str(json_get(b, "metadata", "name")));
}

static void lists_are_whole(void **state)
{
	enum { N = 1200 };	/* more than etcd is asked for at a time */
	struct registry_list_opts o = { .sel.label = "big=yes" };
	static struct answer made[N];
	struct answer a = {0}, b = {0};
	_cleanup_json_ json *all = NULL, *page = NULL;
	_cleanup_free_ char *token = NULL;

	for (int i = 0; i < N; i++) {
		_cleanup_json_ json *cm = json_build("{\"metadata\":{\"name\":\"big-%d\",\"labels\":{\"big\":\"yes\"}}}", i);

		store_create(store[i % 2], &res_configmaps, "default", NULL, NULL, cm, take, &made[i]);
	}
	for (int i = 0; i < N; i++) {
		json *obj = wait_for(&made[i], 0);

		json_freep(&obj);
	}
	registry_list(store[0], &res_configmaps, NULL, &o, take, &a);
	all = wait_for(&a, 0);
	assert_int_equal(json_len(json_get(all, "items")), N);
	assert_null(json_get(all, "metadata", "continue"));
	assert_int_equal(rv_of(all), a.rv);
	o.limit = 1100;
	registry_list(store[0], &res_configmaps, "default", &o, take, &b);
	page = wait_for(&b, 0);
	assert_int_equal(json_len(json_get(page, "items")), 1100);
	token = xstrdup(json_str(json_get(page, "metadata", "continue")));
	json_freep(&page);
	b = (struct answer){0};
	o.continue_token = token;
	/* what happens meanwhile does not show: pages are of one revision */
	deleted(&res_configmaps, "default", "big-999");
	registry_list(store[1], &res_configmaps, "default", &o, take, &b);
	page = wait_for(&b, 0);
	assert_int_equal(json_len(json_get(page, "items")), 100);
}

static char *servers_of(const json *slice)
{
	struct buf b = {0};

	json_each(e, json_get(slice, "endpoints"))
		buf_printf(&b, "%s ", json_str(json_get(e, "addresses")->child));
	return buf_steal(&b);
}

static bool servers_are(const char *want)
{
	_cleanup_json_ json *slice = NULL, *ep = NULL, *port = json_build("[{\"name\":\"https\",\"port\":6443,\"protocol\":\"TCP\"}]");
	_cleanup_free_ char *have = NULL;
	const json *subset;
	struct answer a = {0};

	store_get(store[0], &res_endpointslices, "default", "kubernetes", take, &a);
	loop_until(loop, WAIT_MS, a.calls);
	slice = a.obj;
	have = servers_of(slice);
	if (a.err || !streq(have, want))
		return false;
	assert_string_equal(json_str(json_get(slice, "addressType")), "IPv4");
	assert_string_equal(json_str(json_get(slice, "metadata", "labels", "kubernetes.io/service-name")), "kubernetes");
	assert_true(json_equal(json_get(slice, "ports"), port));
	ep = get(&res_endpoints, "default", "kubernetes", 0);
	subset = json_get(ep, "subsets")->child;
	assert_int_equal(json_len(json_get(subset, "addresses")), json_len(json_get(slice, "endpoints")));
	assert_true(json_equal(json_get(subset, "ports"), port));
	return true;
}

static void lease_key(void *data, const struct etcd_result *res)
{
	assert_int_equal(res->err, 0);
	*(int64_t *)data = res->lease;
}

static void servers_are_the_endpoints_of_kubernetes(void **state)
{
	int64_t lease = 0;
	int n = 0;

	/* one that dies at once */
	etcd_lease_grant(etcd[0], 1, lease_key, &lease);
	loop_until(loop, WAIT_MS, lease);
	etcd_txn_put(etcd[0], "/registry/masterleases/203.0.113.9", 0, "{\"subsets\":[{\"ports\":[{\"port\":6443}]}]}", 39, lease, nothing, &n);
	loop_until(loop, WAIT_MS, n);
	registry_advertise(store[0], "203.0.113.10", 6443);
	loop_until(loop, WAIT_MS, servers_are("203.0.113.10 203.0.113.9 "));
	registry_advertise(store[1], "203.0.113.11", 6443);
	loop_until(loop, WAIT_MS, servers_are("203.0.113.10 203.0.113.11 203.0.113.9 "));
	loop_until(loop, WAIT_MS, servers_are("203.0.113.10 203.0.113.11 "));
}

/* --- watches ------------------------------------------------------------------------------------ */

struct seen {
	struct store_watch *w;
	char log[4096];
	int64_t rv;
	bool close_at_next;
};

static void on_event(void *data, enum store_event_type type, const json *obj, int64_t rv)
{
	static const char letters[] = { [STORE_ADDED] = '+', [STORE_MODIFIED] = '~', [STORE_DELETED] = '-',
					[STORE_BOOKMARK] = 'b', [STORE_ERROR] = '!' };
	struct seen *s = data;
	size_t n = strlen(s->log);

	if (type == STORE_BOOKMARK || type == STORE_STALLED)
		return;
	snprintf(s->log + n, sizeof(s->log) - n, "%c%s ", letters[type],
		 type == STORE_ERROR ? json_str(json_get(obj, "reason")) : json_str(json_get(obj, "metadata", "name")));
	s->rv = rv;
	if (type != STORE_ERROR) {
		assert_string_equal(json_str(json_get(obj, "kind")), "Secret");
		assert_int_equal(rv_of(obj), rv);
	}
	if (s->close_at_next) {
		store_watch_close(store[0], s->w);
		s->w = NULL;
	}
}

static void saw(struct seen *s, const char *want)
{
	loop_until(loop, WAIT_MS, strlen(s->log) >= strlen(want));
	assert_string_equal(s->log, want);
	s->log[0] = '\0';
}

static void secret(const char *name, const char *in)
{
	_cleanup_json_ json *obj = json_build("{\"metadata\":{\"name\":\"%s\",\"labels\":{\"in\":\"%s\"}}}", name, in);
	struct answer a = {0};
	json *made;

	store_create(store[1], &res_secrets, "default", NULL, NULL, obj, take, &a);
	made = wait_for(&a, 0);
	json_freep(&made);
}

static void relabel(const char *name, const char *in)
{
	_cleanup_free_ char *text = xasprintf("{\"metadata\":{\"labels\":{\"in\":\"%s\"}}}", in);
	json *obj = patch_on(1, &res_secrets, "default", name, text, 0);

	json_freep(&obj);
}

static void watches_see_what_is_selected(void **state)
{
	const struct store_selector sel = { .label = "in=yes" };
	struct seen all = {0}, some = {0};

	secret("a", "yes");
	all.w = store_watch(store[0], &res_secrets, NULL, NULL, 0, on_event, &all);
	some.w = store_watch(store[0], &res_secrets, "default", &sel, 0, on_event, &some);
	saw(&all, "+a ");
	saw(&some, "+a ");
	secret("b", "no");
	relabel("b", "yes");
	relabel("a", "no");
	relabel("a", "never");
	deleted(&res_secrets, "default", "b");
	deleted(&res_secrets, "default", "a");
	saw(&all, "+b ~b ~a ~a -b -a ");
	saw(&some, "+b -a -b ");
	store_watch_close(store[0], all.w);
	store_watch_close(store[0], some.w);
}

static void a_watch_may_be_closed_from_its_callback(void **state)
{
	struct seen s = { .close_at_next = true };

	s.w = store_watch(store[0], &res_secrets, NULL, NULL, 0, on_event, &s);
	secret("c1", "yes");
	secret("c2", "yes");
	loop_until(loop, WAIT_MS, !s.w);
	loop_for(loop, 200);
	assert_string_equal(s.log, "+c1 ");
}

static void a_bad_selector_is_an_error(void **state)
{
	const struct store_selector sel = { .label = "a,," };
	struct seen s = {0};

	s.w = store_watch(store[0], &res_secrets, NULL, &sel, 0, on_event, &s);
	saw(&s, "!BadRequest ");
	store_watch_close(store[0], s.w);
}

static void etcd_goes_away_and_comes_back(void **state)
{
	struct seen s = {0};
	struct answer a = {0};
	_cleanup_json_ json *refused = NULL, *back = NULL;

	s.w = store_watch(store[0], &res_secrets, NULL, NULL, 0, on_event, &s);
	saw(&s, "+c1 +c2 ");
	etcd_server_stop(&server, SIGKILL);
	store_get(store[0], &res_secrets, "default", "c1", take, &a);
	refused = wait_for(&a, -EAGAIN);
	assert_non_null(strstr(json_str(json_get(refused, "message")), server.url));
	etcd_server_start(&server);
	for (int i = 0; i < 20 && !back; i++) {
		a = (struct answer){0};
		store_get(store[1], &res_secrets, "default", "c1", take, &a);
		loop_until(loop, WAIT_MS, a.calls);
		if (a.err)
			json_freep(&a.obj);
		else
			back = a.obj;
	}
	assert_non_null(back);
	deleted(&res_secrets, "default", "c1");
	saw(&s, "-c1 ");
	store_watch_close(store[0], s.w);
}

static void compacted_history_is_an_error(void **state)
{
	struct seen s = {0};
	struct answer a = {0};
	_cleanup_json_ json *list = NULL;
	int n = 0;

	store_list(store[0], &res_secrets, NULL, NULL, take, &a);
	list = wait_for(&a, 0);
	etcd_compact(etcd[0], a.rv, nothing, &n);
	loop_until(loop, WAIT_MS, n);
	s.w = store_watch(store[0], &res_secrets, NULL, NULL, 2, on_event, &s);
	saw(&s, "!Expired ");
	store_watch_close(store[0], s.w);
}

static void broken_values_are_named(void **state)
{
	_cleanup_json_ json *refused = NULL;
	int n = 0;

	etcd_txn_put(etcd[0], "/registry/leases/default/p", 0, "k8s\0\n", 5, 0, nothing, &n);
	loop_until(loop, WAIT_MS, n);
	refused = get(&res_leases, "default", "p", -EAGAIN);
	assert_non_null(strstr(json_str(json_get(refused, "message")), "/registry/leases/default/p in etcd cannot be read"));
}

static void see_lease(void *data, const struct etcd_result *res)
{
	assert_int_equal(res->err, 0);
	assert_int_equal(res->n_kvs, 1);
	*(int64_t *)data = res->kvs[0].lease;
}

static void events_hang_on_a_lease(void **state)
{
	_cleanup_json_ json *ev = create_on(0, &res_events, "default", "{\"metadata\":{\"name\":\"e.1\"},\"reason\":\"R\",\"message\":\"m\","
					    "\"type\":\"Normal\",\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"p\",\"namespace\":\"default\"}}", 0);
	int64_t lease = 0;

	assert_string_equal(json_str(json_get(ev, "reason")), "R");
	etcd_range(etcd[0], "/registry/events/default/e.1", NULL, NULL, see_lease, &lease);
	loop_until(loop, WAIT_MS, lease);
}

static void see_count(void *data, const struct etcd_result *res)
{
	assert_int_equal(res->err, 0);
	*(int *)data = (int)res->n_kvs;
}

static int count(const char *key)
{
	int n = -1;

	etcd_range(etcd[0], key, NULL, NULL, see_count, &n);
	loop_until(loop, WAIT_MS, n >= 0);
	return n;
}

static void put_key(const char *key, const char *value)
{
	int n = 0;

	etcd_txn_put(etcd[0], key, 0, value, strlen(value), 0, nothing, &n);
	loop_until(loop, WAIT_MS, n);
}

static void leftovers_are_taken_away(void **state)
{
	const struct registry_config config = { .service_cidr = "10.96.0.0/28", .cluster_cidr = "10.245.0.0/16", .node_prefix_len = 24 };
	char now[32];
	struct store *later;
	char *msg = NULL;
	_cleanup_free_ char *young = NULL;

	format_time(now_realtime_us(), now);
	young = xasprintf("{\"metadata\":{\"creationTimestamp\":\"%s\"}}", now);
	put_key("/registry/keelson/podcidrs/10.245.7.0-24", "{\"metadata\":{\"creationTimestamp\":\"2020-01-01T00:00:00Z\"}}");
	put_key("/registry/keelson/podcidrs/10.245.8.0-24", young);
	/* a node from before there were reservations */
	put_key("/registry/minions/old", "{\"kind\":\"Node\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"old\",\"uid\":\"u\"},"
		"\"spec\":{\"podCIDR\":\"10.245.9.0/24\"}}");
	assert_int_equal(registry_new(loop, etcd[0], &config, &later, &msg), 0);
	loop_until(loop, WAIT_MS, !count("/registry/keelson/podcidrs/10.245.7.0-24"));
	loop_until(loop, WAIT_MS, count("/registry/keelson/podcidrs/10.245.9.0-24"));
	assert_int_equal(count("/registry/keelson/podcidrs/10.245.8.0-24"), 1);
	assert_int_equal(count("/registry/ipaddresses/10.96.0.1"), 1);
	later->ops->free(later);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_servers_make_the_first_objects),
		cmocka_unit_test(changes_race_and_none_is_lost),
		cmocka_unit_test(a_named_version_loses_the_race),
		cmocka_unit_test(applies_race_and_none_is_lost),
		cmocka_unit_test(what_is_applied_again_is_not_written),
		cmocka_unit_test(large_objects_go_without_managed_fields),
		cmocka_unit_test(late_changes_miss_the_successor),
		cmocka_unit_test(addresses_are_given_once),
		cmocka_unit_test(a_refused_service_holds_no_address),
		cmocka_unit_test(a_type_change_frees_and_takes),
		cmocka_unit_test(prefixes_are_given_once),
		cmocka_unit_test(generated_names_differ),
		cmocka_unit_test(lists_are_whole),
		cmocka_unit_test(servers_are_the_endpoints_of_kubernetes),
		cmocka_unit_test(watches_see_what_is_selected),
		cmocka_unit_test(a_watch_may_be_closed_from_its_callback),
		cmocka_unit_test(a_bad_selector_is_an_error),
		cmocka_unit_test(etcd_goes_away_and_comes_back),
		cmocka_unit_test(compacted_history_is_an_error),
		cmocka_unit_test(broken_values_are_named),
		cmocka_unit_test(events_hang_on_a_lease),
		cmocka_unit_test(leftovers_are_taken_away),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
