// SPDX-License-Identifier: GPL-2.0-or-later
/* test_registry_virtual.c - kinds of which nothing is stored: answered at once, and etcd is not asked */
#include "test_loop.h"

#include <errno.h>
#include "api/kinds/kinds.h"
#include "api/registry/registry.h"
#include "test_fake_etcd.h"

#define WAIT_MS 5000

static struct store *store;

static int setup(void **state)
{
	const struct registry_config config = { .service_cidr = "10.96.0.0/28", .cluster_cidr = "10.244.0.0/22", .node_prefix_len = 24 };
	char *msg = NULL;

	assert_int_equal(loop_new(&fake.loop), 0);
	assert_int_equal(registry_new(fake.loop, NULL, &config, &store, &msg), 0);
	return 0;
}

static int teardown(void **state)
{
	store->ops->free(store);
	loop_for(fake.loop, 50);
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
	a->obj = json_clone(res->obj);
}

static json *wait_for(struct answer *a, int err)
{
	loop_until(fake.loop, WAIT_MS, a->calls);
	if (a->err != err)
		fail_msg("%d instead of %d: %s", a->err, err, json_str(json_get(a->obj, "message")));
	assert_int_equal(fake.n, 0);
	return a->obj;
}

static json *ask(const struct resource *r, const char *ns, const char *text, const struct kind_user *user, int err)
{
	const struct registry_write_opts o = { .user = user };
	_cleanup_json_ json *obj = json_build("%s", text);
	struct answer a = { 0 };

	registry_create(store, r, ns, NULL, NULL, obj, &o, take, &a);
	return wait_for(&a, err);
}

static void a_review_answers_who_asks(void **state)
{
	static const char *const groups[] = { "g", NULL };
	static const struct kind_user user = { "u", groups };
	_cleanup_json_ json *mine = ask(&res_selfsubjectreviews, NULL, "{}", &user, 0);
	_cleanup_json_ json *own = ask(&res_selfsubjectreviews, NULL, "{}", NULL, 0);
	const json *info = json_get(mine, "status", "userInfo");

	assert_string_equal(json_str(json_get(info, "username")), "u");
	assert_string_equal(json_str(json_get(info, "groups")->child), "g");
	assert_string_equal(json_str(json_get(mine, "kind")), "SelfSubjectReview");
	assert_string_equal(json_str(json_get(own, "status", "userInfo", "username")), "system:apiserver");
}

static void reviews_are_checked(void **state)
{
	_cleanup_json_ json *invalid = ask(&res_selfsubjectaccessreviews, NULL, "{\"spec\":{}}", NULL, -EINVAL);
	_cleanup_json_ json *other = ask(&res_localsubjectaccessreviews, "d", "{\"metadata\":{\"namespace\":\"e\"},\"spec\":{}}", NULL, -EINVAL);
	_cleanup_json_ json *unknown = ask(&res_componentstatuses, NULL, "{\"metadata\":{\"name\":\"x\"}}", NULL, -EOPNOTSUPP);

	assert_int_equal(json_int(json_get(invalid, "code"), 0), 422);
	assert_int_equal(json_int(json_get(other, "code"), 0), 400);
	assert_int_equal(json_int(json_get(unknown, "code"), 0), 405);
}

static json *list(const struct resource *r, const char *field, int err)
{
	const struct registry_list_opts o = { .sel.field = field };
	struct answer a = { 0 };

	registry_list(store, r, NULL, &o, take, &a);
	return wait_for(&a, err);
}

static void lists_are_what_the_rules_give(void **state)
{
	_cleanup_json_ json *all = list(&res_componentstatuses, NULL, 0), *one = list(&res_componentstatuses, "metadata.name=etcd-0", 0);
	_cleanup_json_ json *none = list(&res_metrics_pods, NULL, 0), *bad = list(&res_componentstatuses, "spec.x=1", -EINVAL);

	assert_string_equal(json_str(json_get(all, "kind")), "ComponentStatusList");
	assert_int_equal(json_len(json_get(all, "items")), 3);
	assert_int_equal(json_len(json_get(one, "items")), 1);
	assert_string_equal(json_str(json_get(json_get(one, "items")->child, "metadata", "name")), "etcd-0");
	assert_true(json_is_array(json_get(none, "items")));
	assert_string_equal(json_str(json_get(none, "apiVersion")), "metrics.k8s.io/v1beta1");
	assert_int_equal(json_int(json_get(bad, "code"), 0), 400);
}

static void one_of_them_can_be_got(void **state)
{
	struct answer a = { 0 }, b = { 0 };
	_cleanup_json_ json *found = NULL, *missing = NULL;

	store_get(store, &res_componentstatuses, NULL, "scheduler", take, &a);
	found = wait_for(&a, 0);
	assert_string_equal(json_str(json_get(found, "kind")), "ComponentStatus");
	store_get(store, &res_componentstatuses, NULL, "x", take, &b);
	missing = wait_for(&b, -ENOENT);
	assert_int_equal(json_int(json_get(missing, "code"), 0), 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_review_answers_who_asks, setup, teardown),
		cmocka_unit_test_setup_teardown(reviews_are_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(lists_are_what_the_rules_give, setup, teardown),
		cmocka_unit_test_setup_teardown(one_of_them_can_be_got, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
