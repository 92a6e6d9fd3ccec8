/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_fake_runtime.h - a container runtime in memory, in place of rpc/grpc.c
 *
 * Defines grpc_unary(): the agent packs and unpacks as ever, the answers come
 * from a struct observed that the test writes (see test_agent_pod.h), all of it
 * of pod "default/p", uid "u1". A test can make methods fail and hold answers.
 */
#ifndef TEST_FAKE_RUNTIME_H
#define TEST_FAKE_RUNTIME_H

#include "agent/cri.h"
#include "base/loop.h"
#include "test_agent_pod.h"

struct runtime {
	sd_event *loop;
	struct observed obs;
	const char *fail_method;	/* end of the method's path; NULL: none */
	int fail_status;
	bool hold;			/* lists are not answered while set */
	int exec_status, exec_code;	/* gRPC status and exit status of ExecSync */
	unsigned lists, asked, pending;	/* container lists answered, detail calls made, answers on their way */
	unsigned sandboxes, execs, stops, reopened;
	unsigned detail_timeout_ms;
};
static struct runtime runtime;

struct runtime_answer {
	struct loop_timer timer;
	grpc_unary_cb cb;
	void *data;
	int status;
	uint8_t *p;
	size_t len;
	bool list;
};

static void runtime_answer_now(void *data)
{
	struct runtime_answer *a = data;

	if (a->list && runtime.hold) {
		loop_timer_start(&a->timer, 1000);
		return;
	}
	loop_timer_stop(&a->timer);
	runtime.pending--;
	a->cb(a->data, a->status, a->status ? "the runtime said no" : NULL, a->p, a->len);
	runtime.lists += a->list;
	free(a->p);
	free(a);
}

static Cri__Pair **runtime_labels(const char *container, size_t *n)
{
	Cri__Pair **pairs = NULL;

	*n = 0;
	cri_pair_add(&pairs, n, LABEL_POD_UID, "u1");
	cri_pair_add(&pairs, n, LABEL_POD_NAME, "p");
	cri_pair_add(&pairs, n, LABEL_POD_NAMESPACE, "default");
	if (container)
		cri_pair_add(&pairs, n, LABEL_CONTAINER_NAME, container);
	return pairs;
}

static ProtobufCMessage *list_sandboxes(void)
{
	Cri__ListPodSandboxResponse *list = xmalloc(sizeof(*list));

	cri__list_pod_sandbox_response__init(list);
	list->items = xcalloc(runtime.obs.n_sandboxes + 1, sizeof(*list->items));
	for (size_t i = 0; i < runtime.obs.n_sandboxes; i++) {
		Cri__PodSandbox *s = xmalloc(sizeof(*s));

		cri__pod_sandbox__init(s);
		s->id = xstrdup(runtime.obs.sandboxes[i].id);
		s->created_at = (int64_t)runtime.obs.sandboxes[i].created_us * 1000;
		s->state = runtime.obs.sandboxes[i].ready ? CRI__POD_SANDBOX_STATE__SANDBOX_READY :
							    CRI__POD_SANDBOX_STATE__SANDBOX_NOTREADY;
		s->labels = runtime_labels(NULL, &s->n_labels);
		list->items[list->n_items++] = s;
	}
	return &list->base;
}

static ProtobufCMessage *list_containers(void)
{
	Cri__ListContainersResponse *list = xmalloc(sizeof(*list));

	cri__list_containers_response__init(list);
	list->containers = xcalloc(runtime.obs.n_containers + 1, sizeof(*list->containers));
	for (size_t i = 0; i < runtime.obs.n_containers; i++) {
		const struct obs_container *c = &runtime.obs.containers[i];
		Cri__Container *s = xmalloc(sizeof(*s));

		cri__container__init(s);
		s->id = xstrdup(c->id);
		s->pod_sandbox_id = xstrdup(c->sandbox_id);
		s->image_ref = xstrdup(c->image_ref);
		s->state = (Cri__ContainerState)c->state;
		s->created_at = (int64_t)c->created_us * 1000;
		s->metadata = xmalloc(sizeof(*s->metadata));
		cri__container_metadata__init(s->metadata);
		s->metadata->name = xstrdup(c->name);
		s->metadata->attempt = c->attempt;
		s->labels = runtime_labels(c->name, &s->n_labels);
		list->containers[list->n_containers++] = s;
	}
	return &list->base;
}

static ProtobufCMessage *sandbox_status(const uint8_t *req, size_t len)
{
	Cri__PodSandboxStatusResponse *res = xmalloc(sizeof(*res));

	cri__pod_sandbox_status_response__init(res);
	res->status = xmalloc(sizeof(*res->status));
	cri__pod_sandbox_status__init(res->status);
	res->status->network = xmalloc(sizeof(*res->status->network));
	cri__pod_sandbox_network_status__init(res->status->network);
	res->status->network->ip = xstrdup("10.244.1.7");
	return &res->base;
}

static ProtobufCMessage *container_status(const uint8_t *p, size_t len)
{
	Cri__ContainerStatusRequest *req = cri__container_status_request__unpack(NULL, len, p);
	Cri__ContainerStatusResponse *res = xmalloc(sizeof(*res));

	cri__container_status_response__init(res);
	for (size_t i = 0; i < runtime.obs.n_containers; i++) {
		const struct obs_container *c = &runtime.obs.containers[i];

		if (!streq(c->id, req->container_id))
			continue;
		res->status = xmalloc(sizeof(*res->status));
		cri__container_status__init(res->status);
		res->status->id = xstrdup(c->id);
		res->status->state = (Cri__ContainerState)c->state;
		res->status->created_at = (int64_t)c->created_us * 1000;
		res->status->started_at = (int64_t)c->started_us * 1000;
		res->status->finished_at = (int64_t)c->finished_us * 1000;
		res->status->exit_code = c->exit_code;
		res->status->image_ref = xstrdup(c->image_ref);
	}
	cri__container_status_request__free_unpacked(req, NULL);
	return &res->base;
}

static ProtobufCMessage *exec_sync(void)
{
	Cri__ExecSyncResponse *res = xmalloc(sizeof(*res));

	cri__exec_sync_response__init(res);
	res->exit_code = runtime.exec_code;
	return &res->base;
}

void grpc_unary(struct grpc_channel *ch, const char *method, const void *req, size_t len,
		unsigned timeout_ms, grpc_unary_cb cb, void *data)
{
	struct runtime_answer *a = xnew0(struct runtime_answer);
	ProtobufCMessage *m = NULL;

	a->cb = cb;
	a->data = data;
	if (endswith(method, "/ListPodSandbox")) {
		m = list_sandboxes();
	} else if (endswith(method, "/ListContainers")) {
		m = list_containers();
		a->list = true;
	} else if (endswith(method, "/PodSandboxStatus")) {
		m = sandbox_status(req, len);
	} else if (endswith(method, "/ContainerStatus")) {
		m = container_status(req, len);
		runtime.asked++;
		runtime.detail_timeout_ms = timeout_ms;
	} else if (endswith(method, "/ExecSync")) {
		m = exec_sync();
		runtime.execs++;
		a->status = runtime.exec_status;
	} else if (endswith(method, "/ReopenContainerLog")) {
		runtime.reopened++;
	} else if (endswith(method, "/StartContainer")) {
		/* runs from the next runtime_set() on */
	} else if (endswith(method, "/StopContainer")) {
		runtime.stops++;
	} else {
		runtime.sandboxes += endswith(method, "/RunPodSandbox");
		a->status = GRPC_UNIMPLEMENTED;
	}
	if (runtime.fail_method && endswith(method, runtime.fail_method))
		a->status = runtime.fail_status;
	if (m) {
		a->len = protobuf_c_message_get_packed_size(m);
		a->p = xmalloc(a->len + 1);
		protobuf_c_message_pack(m, a->p);
		protobuf_c_message_free_unpacked(m, NULL);
	}
	runtime.pending++;
	loop_timer_init(&a->timer, runtime.loop, runtime_answer_now, a);
	loop_timer_start(&a->timer, 0);
}

static inline void runtime_set(const char *text)
{
	observed_clear(&runtime.obs);
	parse_obs(text, &runtime.obs);
}

#endif
