// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_controllers_cost.c - one changed object costs the same, however many others there are
 *
 * Not the time is measured, but how many objects the controllers read out of
 * their caches until they are at rest again. The others are in the same
 * namespace and share labels with the one that changes.
 */
#include "test_controllers.h"
#include "test_fake_store.h"
#include "test_loop.h"

#include "controllers/controllers.h"

static struct world {
	sd_event *loop;
	struct fake_store *s;
	struct controllers *c;
} world;

#define LABELS "{\"tier\":\"x\",\"app\":\"%s\"}"

/* All events told and answered, and nothing new for a while. */
static void rest(void)
{
	uint64_t since = now_monotonic_us();
	size_t writes = world.s->writes;

	while (now_monotonic_us() - since < 200000) {
		assert_true(sd_event_run(world.loop, 20000) >= 0);
		if (world.s->writes != writes || world.s->pending || !fake_told(world.s)) {
			writes = world.s->writes;
			since = now_monotonic_us();
		}
	}
}

static void put(const struct resource *res, json *obj)
{
	fake_put(world.s, res, obj);
}

static json *pod(const char *name, const char *app, const char *owner, bool ready)
{
	json *p = json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\",\"labels\":" LABELS ",\"uid\":\"%s\"},"
			     "\"spec\":{\"nodeName\":\"n-%s\"},\"status\":{\"phase\":\"Running\",\"podIP\":\"10.0.%d.%d\","
			     "\"conditions\":[{\"type\":\"Ready\",\"status\":\"%s\"}]}}", name, app, name, app,
			     (int)(strlen(name) * 7 % 256), (name[strlen(name) - 1] * 31 + name[strlen(name) / 2]) % 256,
			     ready ? "True" : "False");

	if (owner)
		json_set(json_get(p, "metadata"), "ownerReferences",
			 json_build("[{\"apiVersion\":\"apps/v1\",\"kind\":\"ReplicaSet\",\"name\":\"%s\",\"uid\":\"rs-%s\",\"controller\":true}]",
				    owner, owner));
	return p;
}

static json *replicaset(const char *app, int replicas)
{
	return json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\",\"uid\":\"rs-%s\"},\"spec\":{\"replicas\":%d,\"selector\":"
			  "{\"matchLabels\":" LABELS "},\"template\":{\"metadata\":{\"labels\":" LABELS "},\"spec\":{}}}}",
			  app, app, replicas, app, app);
}

static json *service(const char *app, int port)
{
	return json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\",\"uid\":\"svc-%s\"},\"spec\":{\"selector\":" LABELS ","
			  "\"clusterIP\":\"10.96.0.9\",\"ports\":[{\"port\":%d}]}}", app, app, app, port);
}

static json *node(const char *app, const char *label, bool ready)
{
	return json_build("{\"metadata\":{\"name\":\"n-%s\",\"labels\":{\"l\":\"%s\"},\"uid\":\"n-%s\"},\"spec\":{},\"status\":{\"conditions\":"
			  "[{\"type\":\"Ready\",\"status\":\"%s\"}]}}", app, label, app, ready ? "True" : "False");
}

/* A set with its pod, their Service, their node, and things that nobody owns. */
static void put_app(const char *app)
{
	_cleanup_free_ char *bare = xasprintf("bare-%s", app), *first = xasprintf("%s-0", app);

	put(&res_nodes, node(app, "a", true));
	put(&res_replicasets, replicaset(app, 1));
	put(&res_pods, pod(first, app, app, true));
	put(&res_pods, pod(bare, bare, NULL, true));
	put(&res_services, service(app, 80));
	put(&res_configmaps, json_build("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\",\"uid\":\"cm-%s\"}}", app, app));
	put(&res_deployments, json_build("{\"metadata\":{\"name\":\"d-%s\",\"namespace\":\"ns\",\"uid\":\"d-%s\"},\"spec\":{\"replicas\":0,"
					 "\"paused\":true,\"selector\":{\"matchLabels\":" LABELS "},\"template\":{\"metadata\":{\"labels\":"
					 LABELS "},\"spec\":{}}}}", app, app, app, app));
}

static void pod_not_ready(void)
{
	put(&res_pods, pod("web-0", "web", "web", false));
}

static void pod_ready(void)
{
	put(&res_pods, pod("web-0", "web", "web", true));
}

static void orphan_pod(void)
{
	put(&res_pods, pod("stray", "web", NULL, true));
}

static void pod_gone(void)
{
	fake_remove(world.s, &res_pods, "ns", "web-0");
}

static void service_changed(void)
{
	put(&res_services, service("web", 81));
}

static void service_gone(void)
{
	fake_remove(world.s, &res_services, "ns", "web");
}

static void set_grows(void)
{
	put(&res_replicasets, replicaset("web", 2));
}

static void orphan_set(void)
{
	json *rs = replicaset("loose", 0);

	json_set_str(json_obj(rs, "metadata", "labels"), "app", "nobody");
	json_set_str(json_obj(rs, "metadata", "labels"), "tier", "x");
	put(&res_replicasets, rs);
}

static void set_gone(void)
{
	fake_remove(world.s, &res_replicasets, "ns", "web");
}

static void node_relabelled(void)
{
	put(&res_nodes, node("web", "b", true));
}

static void node_down(void)
{
	put(&res_nodes, node("web", "b", false));
}

static void node_up(void)
{
	put(&res_nodes, node("web", "b", true));
}

static void node_gone(void)
{
	fake_remove(world.s, &res_nodes, NULL, "n-web");
}

static void map_changed(void)
{
	put(&res_configmaps, json_build("{\"metadata\":{\"name\":\"web\",\"namespace\":\"ns\",\"uid\":\"cm-web\"},\"data\":{\"a\":\"b\"}}"));
}

static void map_gone(void)
{
	fake_remove(world.s, &res_configmaps, "ns", "web");
}

static void namespace_made(void)
{
	put(&res_namespaces, json_build("{\"metadata\":{\"name\":\"other\"},\"spec\":{\"finalizers\":[\"kubernetes\"]}}"));
}

static void namespace_ends(void)
{
	put(&res_namespaces, json_build("{\"metadata\":{\"name\":\"other\",\"deletionTimestamp\":\"2023-11-14T22:13:20Z\"},"
					"\"spec\":{\"finalizers\":[\"kubernetes\"]}}"));
}

/* In this order. */
static const struct {
	const char *what;
	void (*change)(void);
} changes[] = {
	{ "a pod is no longer ready", pod_not_ready }, { "a pod is ready", pod_ready }, { "a pod that nobody owns", orphan_pod },
	{ "a Service changes", service_changed }, { "a ReplicaSet grows", set_grows }, { "a ReplicaSet that nobody owns", orphan_set },
	{ "a pod goes", pod_gone }, { "a ConfigMap changes", map_changed }, { "a ConfigMap goes", map_gone },
	{ "a node gets a label", node_relabelled }, { "a node is down", node_down }, { "a node is up", node_up },
	{ "a namespace", namespace_made }, { "a namespace ends", namespace_ends }, { "a Service goes", service_gone },
	{ "a ReplicaSet goes", set_gone }, { "a node goes", node_gone },
};

static void measure(int others, uint64_t cost[ARRAY_SIZE(changes)])
{
	assert_int_equal(loop_new(&world.loop), 0);
	world.s = fake_store_new(world.loop);
	put(&res_namespaces, json_build("{\"metadata\":{\"name\":\"ns\"},\"spec\":{\"finalizers\":[\"kubernetes\"]}}"));
	put_app("web");
	for (int i = 0; i < others; i++) {
		_cleanup_free_ char *app = xasprintf("other%d", i);

		put_app(app);
	}
	world.c = controllers_start(world.loop, &world.s->store, NULL);
	rest();
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		uint64_t before = controllers_visits(world.c);

		changes[i].change();
		rest();
		cost[i] = controllers_visits(world.c) - before;
	}
	controllers_free(world.c);
	loop_until(world.loop, 2000, !world.s->pending);
	fake_store_free(world.s);
	sd_event_unref(world.loop);
}

static void test_cost(void **state)
{
	uint64_t few[ARRAY_SIZE(changes)], many[ARRAY_SIZE(changes)];
	bool dear = false;

	measure(5, few);
	measure(100, many);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		/* The same, but for what a busy machine may make them look at twice. */
		if (many[i] <= few[i] + 20)
			continue;
		print_error("%s: %llu objects read beside 5 others, %llu beside 100\n", changes[i].what,
			    (unsigned long long)few[i], (unsigned long long)many[i]);
		dear = true;
	}
	assert_false(dear);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
