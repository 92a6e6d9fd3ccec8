// SPDX-License-Identifier: GPL-2.0-or-later
/* cri.c - see cri.h */
#include "agent/cri.h"

#define CALL_TIMEOUT_MS		(2 * 60 * 1000)	/* what the runtime has to do something for */
#define STATUS_TIMEOUT_MS	(10 * 1000)	/* what it answers soon or not at all */
#define SANDBOX_TIMEOUT_MS	(4 * 60 * 1000)	/* includes the CNI plugin */
#define PULL_TIMEOUT_MS		(15 * 60 * 1000)

static const struct method {
	const char *path;
	const ProtobufCMessageDescriptor *reply;
} methods[CRI_N_METHODS] = {
#define RUNTIME(id, name, msg) [id] = { "/runtime.v1.RuntimeService/" name, &cri__##msg##__descriptor }
#define IMAGE(id, name, msg) [id] = { "/runtime.v1.ImageService/" name, &cri__##msg##__descriptor }
	RUNTIME(CRI_VERSION, "Version", version_response),
	RUNTIME(CRI_RUN_POD_SANDBOX, "RunPodSandbox", run_pod_sandbox_response),
	RUNTIME(CRI_STOP_POD_SANDBOX, "StopPodSandbox", stop_pod_sandbox_response),
	RUNTIME(CRI_REMOVE_POD_SANDBOX, "RemovePodSandbox", remove_pod_sandbox_response),
	RUNTIME(CRI_POD_SANDBOX_STATUS, "PodSandboxStatus", pod_sandbox_status_response),
	RUNTIME(CRI_LIST_POD_SANDBOX, "ListPodSandbox", list_pod_sandbox_response),
	RUNTIME(CRI_CREATE_CONTAINER, "CreateContainer", create_container_response),
	RUNTIME(CRI_START_CONTAINER, "StartContainer", start_container_response),
	RUNTIME(CRI_STOP_CONTAINER, "StopContainer", stop_container_response),
	RUNTIME(CRI_REMOVE_CONTAINER, "RemoveContainer", remove_container_response),
	RUNTIME(CRI_LIST_CONTAINERS, "ListContainers", list_containers_response),
	RUNTIME(CRI_CONTAINER_STATUS, "ContainerStatus", container_status_response),
	RUNTIME(CRI_EXEC_SYNC, "ExecSync", exec_sync_response),
	RUNTIME(CRI_REOPEN_CONTAINER_LOG, "ReopenContainerLog", reopen_container_log_response),
	IMAGE(CRI_IMAGE_STATUS, "ImageStatus", image_status_response),
	IMAGE(CRI_PULL_IMAGE, "PullImage", pull_image_response),
};

struct call {
	const struct method *method;
	cri_cb cb;
	void *data;
};

static void on_reply(void *data, int status, const char *msg, const void *p, size_t len)
{
	_cleanup_free_ struct call *call = data;
	ProtobufCMessage *reply = NULL;

	if (status == GRPC_OK) {
		reply = protobuf_c_message_unpack(call->method->reply, NULL, len, p);
		if (!reply) {
			status = GRPC_INTERNAL;
			msg = "the runtime's answer is no valid message";
		}
	}
	call->cb(call->data, status, status == GRPC_OK ? NULL : msg, reply);
	if (reply)
		protobuf_c_message_free_unpacked(reply, NULL);
}

void cri_call(struct grpc_channel *ch, enum cri_method method, const ProtobufCMessage *req,
	      unsigned timeout_ms, cri_cb cb, void *data)
{
	size_t len = protobuf_c_message_get_packed_size(req);
	_cleanup_free_ uint8_t *packed = xmalloc(len + 1);
	struct call *call = xnew0(struct call);

	call->method = &methods[method];
	call->cb = cb;
	call->data = data;
	protobuf_c_message_pack(req, packed);
	grpc_unary(ch, call->method->path, packed, len, timeout_ms, on_reply, call);
}

void cri_stop_sandbox(struct grpc_channel *ch, const char *id, cri_cb cb, void *data)
{
	Cri__StopPodSandboxRequest req = CRI__STOP_POD_SANDBOX_REQUEST__INIT;

	req.pod_sandbox_id = (char *)id;
	cri_call(ch, CRI_STOP_POD_SANDBOX, &req.base, SANDBOX_TIMEOUT_MS, cb, data);
}

void cri_remove_sandbox(struct grpc_channel *ch, const char *id, cri_cb cb, void *data)
{
	Cri__RemovePodSandboxRequest req = CRI__REMOVE_POD_SANDBOX_REQUEST__INIT;

	req.pod_sandbox_id = (char *)id;
	cri_call(ch, CRI_REMOVE_POD_SANDBOX, &req.base, SANDBOX_TIMEOUT_MS, cb, data);
}

void cri_sandbox_status(struct grpc_channel *ch, const char *id, cri_cb cb, void *data)
{
	Cri__PodSandboxStatusRequest req = CRI__POD_SANDBOX_STATUS_REQUEST__INIT;

	req.pod_sandbox_id = (char *)id;
	cri_call(ch, CRI_POD_SANDBOX_STATUS, &req.base, STATUS_TIMEOUT_MS, cb, data);
}

void cri_start_container(struct grpc_channel *ch, const char *id, cri_cb cb, void *data)
{
	Cri__StartContainerRequest req = CRI__START_CONTAINER_REQUEST__INIT;

	req.container_id = (char *)id;
	cri_call(ch, CRI_START_CONTAINER, &req.base, CALL_TIMEOUT_MS, cb, data);
}

void cri_stop_container(struct grpc_channel *ch, const char *id, int64_t grace, cri_cb cb, void *data)
{
	Cri__StopContainerRequest req = CRI__STOP_CONTAINER_REQUEST__INIT;

	req.container_id = (char *)id;
	req.timeout = grace;
	cri_call(ch, CRI_STOP_CONTAINER, &req.base, CALL_TIMEOUT_MS + (unsigned)grace * 1000, cb, data);
}

void cri_remove_container(struct grpc_channel *ch, const char *id, cri_cb cb, void *data)
{
	Cri__RemoveContainerRequest req = CRI__REMOVE_CONTAINER_REQUEST__INIT;

	req.container_id = (char *)id;
	cri_call(ch, CRI_REMOVE_CONTAINER, &req.base, CALL_TIMEOUT_MS, cb, data);
}

void cri_container_status(struct grpc_channel *ch, const char *id, cri_cb cb, void *data)
{
	Cri__ContainerStatusRequest req = CRI__CONTAINER_STATUS_REQUEST__INIT;

	req.container_id = (char *)id;
	cri_call(ch, CRI_CONTAINER_STATUS, &req.base, STATUS_TIMEOUT_MS, cb, data);
}

void cri_reopen_log(struct grpc_channel *ch, const char *id, cri_cb cb, void *data)
{
	Cri__ReopenContainerLogRequest req = CRI__REOPEN_CONTAINER_LOG_REQUEST__INIT;

	req.container_id = (char *)id;
	cri_call(ch, CRI_REOPEN_CONTAINER_LOG, &req.base, STATUS_TIMEOUT_MS, cb, data);
}

void cri_image_status(struct grpc_channel *ch, const char *image, cri_cb cb, void *data)
{
	Cri__ImageStatusRequest req = CRI__IMAGE_STATUS_REQUEST__INIT;
	Cri__ImageSpec spec = CRI__IMAGE_SPEC__INIT;

	spec.image = (char *)image;
	req.image = &spec;
	cri_call(ch, CRI_IMAGE_STATUS, &req.base, STATUS_TIMEOUT_MS, cb, data);
}

void cri_pull_image(struct grpc_channel *ch, const char *image, cri_cb cb, void *data)
{
	Cri__PullImageRequest req = CRI__PULL_IMAGE_REQUEST__INIT;
	Cri__ImageSpec spec = CRI__IMAGE_SPEC__INIT;

	spec.image = (char *)image;
	req.image = &spec;
	cri_call(ch, CRI_PULL_IMAGE, &req.base, PULL_TIMEOUT_MS, cb, data);
}

void cri_exec_sync(struct grpc_channel *ch, const char *container_id, char *const *cmd, size_t n,
		   int64_t timeout, cri_cb cb, void *data)
{
	Cri__ExecSyncRequest req = CRI__EXEC_SYNC_REQUEST__INIT;

	req.container_id = (char *)container_id;
	req.cmd = (char **)cmd;
	req.n_cmd = n;
	req.timeout = timeout;
	/* The runtime ends the command at its time-out; a little later we stop waiting for it. */
	cri_call(ch, CRI_EXEC_SYNC, &req.base, (unsigned)timeout * 1000 + 2000, cb, data);
}

const char *cri_pair(Cri__Pair *const *pairs, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (streq(pairs[i]->key, key))
			return pairs[i]->value;
	return NULL;
}

void cri_pair_add(Cri__Pair ***pairs, size_t *n, const char *key, const char *value)
{
	Cri__Pair *p = xmalloc(sizeof(*p));

	cri__pair__init(p);
	p->key = xstrdup(key);
	p->value = xstrdup(value);
	*pairs = xrealloc(*pairs, (*n + 1) * sizeof(**pairs));
	(*pairs)[(*n)++] = p;
}

void cri_strv_add(char ***strv, size_t *n, const char *s)
{
	*strv = xrealloc(*strv, (*n + 1) * sizeof(**strv));
	(*strv)[(*n)++] = xstrdup(s);
}
