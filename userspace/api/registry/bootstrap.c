// SPDX-License-Identifier: GPL-2.0-or-later
/* bootstrap.c - what every cluster has from its first moment on */
#include <errno.h>

#include "api/registry/internal.h"
#include "base/log.h"

#define RETRY_US 1000000
#define API_PORT 6443	/* where servers usually listen for the nodes */

struct bootstrap {
	struct registry *reg;
	struct loop_timer timer;
	int step;
	char *told;		/* the failure logged last: each is told once */
	void (*done)(void *data);
	void *data;
};

static const char *const namespaces[] = { "default", "kube-system", "kube-public", "kube-node-lease" };

/* Above what users may name. */
static const struct class {
	const char *name;
	int value;
	const char *text;
} classes[] = {
	{ "system-cluster-critical", 2000000000, "For pods that the cluster needs, on whichever node." },
	{ "system-node-critical", 2000001000, "For pods that their node needs, and that have no place elsewhere." },
};

/* In this order; the Service comes last, as the only one that settings can make impossible. */
enum { FIRST_CLASS = ARRAY_SIZE(namespaces), THE_SERVICE = FIRST_CLASS + ARRAY_SIZE(classes) };

static json *priority_class(const struct class *c)
{
	return json_build("{\"apiVersion\":\"scheduling.k8s.io/v1\",\"kind\":\"PriorityClass\",\"metadata\":{\"name\":\"%s\"},"
			  "\"value\":%d,\"description\":\"%s\"}", c->name, c->value, c->text);
}

static json *kubernetes_service(struct registry *reg)
{
	_cleanup_free_ char *ip = ip_format(reg->services.family, reg->services.base + 1);

	return json_build("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"kubernetes\","
			  "\"namespace\":\"default\",\"labels\":{\"component\":\"apiserver\",\"provider\":\"kubernetes\"}},"
			  "\"spec\":{\"clusterIP\":\"%s\",\"ports\":[{\"name\":\"https\",\"port\":443,"
			  "\"protocol\":\"TCP\",\"targetPort\":%d}]}}", ip, API_PORT);
}

static void bootstrap_free(struct bootstrap *b)
{
	loop_timer_stop(&b->timer);
	registry_unref(b->reg);
	free(b->told);
	free(b);
}

/* The others are enough to work with: nothing waits for the Service unless etcd is away. */
static void tell_done(struct bootstrap *b)
{
	void (*done)(void *) = b->done;

	b->done = NULL;
	if (done)
		done(b->data);
}

static void on_created(void *data, const struct store_result *res)
{
	const char *why = json_str_or(json_get(res->obj, "message"), "");
	struct bootstrap *b = data;

	if (res->err && res->err != -EEXIST) {
		if (!streq(b->told, why))
			log_warn("cannot create the cluster's first objects yet: %s", why);
		free(b->told);
		b->told = xstrdup(why);
		loop_timer_start(&b->timer, RETRY_US);
		if (res->err != -EAGAIN && b->step == THE_SERVICE)
			tell_done(b);
		return;
	}
	b->step++;
	loop_timer_start(&b->timer, 0);
}

static void on_timer(void *data)
{
	struct bootstrap *b = data;
	_cleanup_json_ json *obj = NULL;
	struct store *s = &b->reg->store;

	if (b->reg->freed) {
		bootstrap_free(b);
	} else if (b->step < FIRST_CLASS) {
		obj = json_build("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\"}}",
				 namespaces[b->step]);
		store_create(s, &res_namespaces, NULL, NULL, NULL, obj, on_created, b);
	} else if (b->step < THE_SERVICE) {
		obj = priority_class(&classes[b->step - FIRST_CLASS]);
		store_create(s, &res_priorityclasses, NULL, NULL, NULL, obj, on_created, b);
	} else if (b->step == THE_SERVICE) {
		obj = kubernetes_service(b->reg);
		store_create(s, &res_services, "default", NULL, NULL, obj, on_created, b);
	} else {
		if (b->told)
			log_info("the cluster's first objects are there");
		tell_done(b);
		bootstrap_free(b);
	}
}

void registry_bootstrap(struct store *s, void (*done)(void *data), void *data)
{
	struct bootstrap *b = xnew0(struct bootstrap);

	b->reg = registry_ref(registry_of(s));
	b->done = done;
	b->data = data;
	loop_timer_init(&b->timer, b->reg->loop, on_timer, b);
	loop_timer_start(&b->timer, 0);
}
