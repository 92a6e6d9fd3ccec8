// SPDX-License-Identifier: GPL-2.0-or-later
/* test_api_registry_faults.c - the registry when etcd's answers are lost */
#include "test_loop.h"

#include <errno.h>
#include "api/kinds.h"
#include "api/registry.h"
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_unheard_create_keeps_its_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
