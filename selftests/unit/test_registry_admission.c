// SPDX-License-Identifier: GPL-2.0-or-later
/* test_registry_admission.c - what is refused or filled in before a write, and namespaces that end in its midst */
#include "test_loop.h"

#include <errno.h>
#include "api/kinds/kinds.h"
#include "api/registry/registry.h"
#include "test_fake_etcd.h"

#define WAIT_MS 5000
#define NAMESPACE "/registry/namespaces/n"

static struct store *store;

static void put_object(const char *key, const char *api_version, const char *kind, const char *name, const char *more)
{
	_cleanup_free_ char *text = xasprintf("{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\"}%s}", api_version, kind,
					      name, more);

	fake_put(key, text);
}

static void put_namespace(void)
{
	put_object(NAMESPACE, "v1", "Namespace", "n", "");
}

static void put_account(const char *name, const char *more)
{
	_cleanup_free_ char *key = xasprintf("/registry/serviceaccounts/n/%s", name);

	put_object(key, "v1", "ServiceAccount", name, more);
}

static void put_class(const char *name, int value, const char *more)
{
	_cleanup_free_ char *key = xasprintf("/registry/priorityclasses/%s", name);
	_cleanup_free_ char *all = xasprintf(",\"value\":%d%s", value, more);

	put_object(key, "scheduling.k8s.io/v1", "PriorityClass", name, all);
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
	loop_for(fake.loop, 150);	/* calls under way find it gone */
	fake.before_write = NULL;
	fake_free();
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

/* Caller frees. */
static json *wait_for(struct answer *a, int err)
{
	loop_until(fake.loop, WAIT_MS, a->calls);
	if (a->err != err)
		fail_msg("%d instead of %d: %s", a->err, err, json_str(json_get(a->obj, "message")));
	return a->obj;
}

static json *create(const struct resource *r, const char *ns, int err, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_json_ json *obj = NULL;
	struct answer a = { 0 };
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	assert_int_equal(json_parse(text, strlen(text), &obj, NULL), 0);
	store_create(store, r, ns, NULL, NULL, obj, take, &a);
	return wait_for(&a, err);
}

static void refused(json *status_, const char *message)
{
	_cleanup_json_ json *status = status_;

	assert_string_equal(json_str(json_get(status, "message")), message);
}

static json *config_map(int err)
{
	return create(&res_configmaps, "n", err, "{\"metadata\":{\"name\":\"c\"}}");
}

#define POD(more) "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]" more "}}"

static json *pod(int err, const char *more)
{
	return create(&res_pods, "n", err, POD("%s"), more);
}

/* --- namespaces ---------------------------------------------------------------------- */

static void a_namespace_has_to_be_there(void **state)
{
	_cleanup_json_ json *made = config_map(0), *s = NULL;

	refused(create(&res_configmaps, "m", -ENOENT, "{\"metadata\":{\"name\":\"c\"}}"), "namespaces \"m\" not found");
	fake_put(NAMESPACE, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"n\","
			    "\"deletionTimestamp\":\"2024-01-01T00:00:00Z\"}}");
	s = create(&res_configmaps, "n", -EACCES, "{\"metadata\":{\"generateName\":\"c-\"}}");
	assert_string_equal(json_str(json_get(s, "message")),
			    "configmaps \"c-\" is forbidden: unable to create new content in namespace n because it is being terminated");
	assert_string_equal(json_str(json_get(json_get(s, "details", "causes")->child, "reason")), "NamespaceTerminating");
}

static int before_writes;

/* The namespace goes when the object is just about to be written. */
static void namespace_goes(const char *key)
{
	if (startswith(key, "/registry/configmaps/") || startswith(key, "/registry/services/specs/")) {
		before_writes++;
		fake_del(NAMESPACE);
	}
}

static void nothing_lands_in_what_is_gone(void **state)
{
	before_writes = 0;
	fake.before_write = namespace_goes;
	refused(config_map(-ENOENT), "namespaces \"n\" not found");
	assert_int_equal(before_writes, 1);
	assert_null(fake_find("/registry/configmaps/n/c"));
	/* What was reserved for it is given back. */
	fake.before_write = NULL;
	put_namespace();
	fake.before_write = namespace_goes;
	refused(create(&res_services, "n", -ENOENT, "{\"metadata\":{\"name\":\"s\"},\"spec\":{\"clusterIP\":\"10.96.0.5\",\"ports\":[{\"port\":1}]}}"),
		"namespaces \"n\" not found");
	assert_null(fake_find("/registry/ipaddresses/10.96.0.5"));
}

static void namespace_changes(const char *key)
{
	if (startswith(key, "/registry/configmaps/") && before_writes++ < 3)
		put_namespace();
}

static void a_changed_namespace_is_looked_at_again(void **state)
{
	_cleanup_json_ json *made = NULL;

	before_writes = 0;
	fake.before_write = namespace_changes;
	made = config_map(0);
	assert_int_equal(before_writes, 4);
	refused(config_map(-EEXIST), "configmaps \"c\" already exists");
}

static void some_namespaces_stay(void **state)
{
	struct answer a = { 0 };

	put_object("/registry/namespaces/kube-system", "v1", "Namespace", "kube-system", "");
	store_delete(store, &res_namespaces, NULL, "kube-system", NULL, take, &a);
	refused(wait_for(&a, -EACCES), "namespaces \"kube-system\" is forbidden: this namespace may not be deleted");
}

/* --- pods ------------------------------------------------------------------------------ */

static void pods_have_an_account(void **state)
{
	_cleanup_json_ json *made = NULL;
	uint64_t before;

	put_account("sa", ",\"imagePullSecrets\":[{\"name\":\"s\"}]");
	refused(pod(-EACCES, ",\"serviceAccountName\":\"other\""),
		"pods \"p\" is forbidden: error looking up service account n/other: serviceaccount \"other\" not found");
	/* The controller may be about to make the default one. */
	before = now_monotonic_us();
	refused(pod(-EACCES, ""), "pods \"p\" is forbidden: error looking up service account n/default: serviceaccount \"default\" not found");
	assert_true(now_monotonic_us() - before > 500000);
	made = pod(0, ",\"serviceAccountName\":\"sa\"");
	assert_string_equal(json_str(json_get(made, "spec", "serviceAccountName")), "sa");
	assert_string_equal(json_str(json_get(made, "spec", "serviceAccount")), "sa");
	assert_string_equal(json_str(json_get(json_get(made, "spec", "imagePullSecrets")->child, "name")), "s");
}

static void the_default_account_is_waited_for(void **state)
{
	_cleanup_json_ json *obj = json_build(POD("")), *made = NULL;
	struct answer a = { 0 };

	store_create(store, &res_pods, "n", NULL, NULL, obj, take, &a);
	loop_for(fake.loop, 150);
	assert_int_equal(a.calls, 0);
	put_account("default", "");
	made = wait_for(&a, 0);
	assert_string_equal(json_str(json_get(made, "spec", "serviceAccountName")), "default");
	assert_null(json_get(made, "spec", "imagePullSecrets"));
}

/* Freed while it waits. */
static void who_waits_may_be_left(void **state)
{
	_cleanup_json_ json *obj = json_build(POD(""));
	struct answer a = { 0 };

	store_create(store, &res_pods, "n", NULL, NULL, obj, take, &a);
	loop_for(fake.loop, 50);
	assert_int_equal(a.calls, 0);
}

static int64_t priority_of(json *made_, const char *class, const char *policy)
{
	_cleanup_json_ json *made = made_;

	assert_true(streq(json_str(json_get(made, "spec", "priorityClassName")), class));
	assert_string_equal(json_str(json_get(made, "spec", "preemptionPolicy")), policy);
	fake_del("/registry/pods/n/p");
	return json_int(json_get(made, "spec", "priority"), -1);
}

#define LOWER "PreemptLowerPriority"

static void priorities_come_from_classes(void **state)
{
	put_account("default", "");
	put_class("high", 1000, ",\"preemptionPolicy\":\"Never\"");
	assert_int_equal(priority_of(pod(0, ""), NULL, LOWER), 0);
	assert_int_equal(priority_of(pod(0, ",\"priorityClassName\":\"high\""), "high", "Never"), 1000);
	assert_int_equal(priority_of(pod(0, ",\"priorityClassName\":\"high\",\"priority\":1000"), "high", "Never"), 1000);
	refused(pod(-EACCES, ",\"priorityClassName\":\"none\""), "pods \"p\" is forbidden: no PriorityClass with name none was found");
	refused(pod(-EACCES, ",\"priorityClassName\":\"high\",\"priority\":7"),
		"pods \"p\" is forbidden: the integer value of priority (7) must not be provided in pod spec; "
		"priority admission controller computed 1000 from the given PriorityClass name");
	refused(pod(-EACCES, ",\"priority\":7"),
		"pods \"p\" is forbidden: the integer value of priority (7) must not be provided in pod spec; "
		"priority admission controller computed 0 from the given PriorityClass name");
	refused(pod(-EACCES, ",\"priorityClassName\":\"high\",\"preemptionPolicy\":\"" LOWER "\""),
		"pods \"p\" is forbidden: the string value of PreemptionPolicy (" LOWER ") must not be provided in pod spec; "
		"priority admission controller computed Never from the given PriorityClass name");
	/* Of two defaults the lower one counts. */
	put_class("usual", 20, ",\"globalDefault\":true");
	put_class("more", 30, ",\"globalDefault\":true");
	assert_int_equal(priority_of(pod(0, ""), "usual", LOWER), 20);
}

static void a_priority_stays(void **state)
{
	_cleanup_json_ json *made = NULL, *put = NULL, *after = NULL;
	struct answer a = { 0 };

	put_account("default", "");
	put_class("high", 1000, "");
	made = pod(0, ",\"priorityClassName\":\"high\"");
	fake_del("/registry/priorityclasses/high");
	put = json_clone(made);
	json_del(json_get(put, "spec"), "priority");
	json_del(json_get(put, "spec"), "preemptionPolicy");
	json_set_str(json_obj(put, "metadata", "labels"), "a", "b");
	store_update(store, &res_pods, "n", "p", NULL, put, take, &a);
	after = wait_for(&a, 0);
	assert_int_equal(json_int(json_get(after, "spec", "priority"), 0), 1000);
	assert_string_equal(json_str(json_get(after, "metadata", "labels", "a")), "b");
}

static void one_class_is_the_default(void **state)
{
	_cleanup_json_ json *first = NULL, *again = NULL;
	_cleanup_json_ json *patch = json_build("{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"), *mark = json_build("{\"globalDefault\":true}");
	struct answer a = { 0 }, b = { 0 };

	first = create(&res_priorityclasses, NULL, 0, "{\"metadata\":{\"name\":\"a\"},\"value\":1,\"globalDefault\":true}");
	refused(create(&res_priorityclasses, NULL, -EACCES, "{\"metadata\":{\"name\":\"b\"},\"value\":1,\"globalDefault\":true}"),
		"priorityclasses.scheduling.k8s.io \"b\" is forbidden: PriorityClass a is already marked as default. Only one default can exist");
	store_patch(store, &res_priorityclasses, NULL, "a", NULL, STORE_PATCH_MERGE, patch, take, &a);
	again = wait_for(&a, 0);
	put_class("c", 5, "");
	store_patch(store, &res_priorityclasses, NULL, "c", NULL, STORE_PATCH_MERGE, mark, take, &b);
	refused(wait_for(&b, -EACCES),
		"priorityclasses.scheduling.k8s.io \"c\" is forbidden: PriorityClass a is already marked as default. Only one default can exist");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_namespace_has_to_be_there, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_lands_in_what_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_changed_namespace_is_looked_at_again, setup, teardown),
		cmocka_unit_test_setup_teardown(some_namespaces_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(pods_have_an_account, setup, teardown),
		cmocka_unit_test_setup_teardown(the_default_account_is_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(who_waits_may_be_left, setup, teardown),
		cmocka_unit_test_setup_teardown(priorities_come_from_classes, setup, teardown),
		cmocka_unit_test_setup_teardown(a_priority_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(one_class_is_the_default, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
