// SPDX-License-Identifier: GPL-2.0-or-later
/* agent.c - see agent.h: puts the parts together and carries word between them */
#include "agent/agent.h"

#include <errno.h>

#include "agent/api.h"
#include "agent/cri.h"
#include "agent/datapath.h"
#include "agent/node.h"
#include "agent/pods.h"
#include "api/kinds/kinds.h"
#include "base/log.h"
#include "base/loop.h"
#include "rpc/http_client.h"
#include "store/http.h"

#define VERSION_TIMEOUT_MS	5000
#define RETRY_US		1000000

struct agent {
	struct agent_config c;
	struct http_client *http;
	struct store *store;
	struct grpc_channel *cri;
	struct informer *node_cache, *service_cache, *slice_cache, *pod_cache;
	unsigned out_of_touch;		/* how many of the caches are */
	struct event_recorder *events;
	struct node *node;
	struct datapath *datapath;
	struct pods *pods;
	struct agent_api *api;
	struct node_facts facts;
	struct node_info info;
	struct loop_timer version_timer;
	char *resolv_conf;
	char vtep_mac[NET_MAC_STRLEN];
};

static void on_runtime_version(void *data, int status, const char *msg, const void *reply)
{
	const Cri__VersionResponse *v = reply;
	struct agent *a = data;
	_cleanup_free_ char *text = NULL;

	if (status != GRPC_OK) {
		loop_timer_start(&a->version_timer, RETRY_US);
		return;
	}
	text = xasprintf("%s://%s", v->runtime_name, v->runtime_version);
	log_info("container runtime: %s", text);
	node_set_runtime(a->node, NULL, text);
}

static void ask_runtime_version(void *data)
{
	Cri__VersionRequest req = CRI__VERSION_REQUEST__INIT;
	struct agent *a = data;

	cri_call(a->cri, CRI_VERSION, &req.base, VERSION_TIMEOUT_MS, on_runtime_version, a);
}

static void on_runtime_changed(void *data, const char *problem)
{
	struct agent *a = data;

	node_set_runtime(a->node, problem, NULL);
	/* It may have been upgraded while it was away. */
	if (!problem)
		ask_runtime_version(a);
}

static void on_datapath_changed(void *data, const char *problem)
{
	struct agent *a = data;

	node_set_network(a->node, problem);
	pods_set_network(a->pods, problem);
}

static int read_machine(struct agent *a, struct node_net *net, char **ret_msg)
{
	const struct agent_config *c = &a->c;
	int64_t port = 0;
	int r = mkdir_p(c->data_dir, 0755);

	if (r == 0)
		r = datapath_vtep_mac(c->data_dir, net->vtep_mac);
	if (r < 0) {
		*ret_msg = xasprintf("data directory %s: %s", c->data_dir, strerror(-r));
		return r;
	}
	net_mac_format(net->vtep_mac, a->vtep_mac);
	if (net_addr_parse(c->node_ip, &net->vtep) < 0) {
		*ret_msg = xasprintf("node IP \"%s\" is no address", c->node_ip);
		return -EINVAL;
	}
	if (!strrchr(c->listen, ':') || parse_i64(strrchr(c->listen, ':') + 1, 1, 65535, &port) < 0) {
		*ret_msg = xasprintf("listen address \"%s\" has no port", c->listen);
		return -EINVAL;
	}
	node_info_read(&a->info, c->data_dir);
	a->info.name = c->node_name;
	a->info.ip = c->node_ip;
	a->info.version = c->version;
	a->info.agent_port = (int)port;
	a->info.vtep_mac = a->vtep_mac;
	a->info.vni = (uint32_t)c->vni;
	if (c->capacity_cpu)
		a->info.cpu_milli = c->capacity_cpu * 1000;
	if (c->capacity_memory)
		a->info.memory = c->capacity_memory;
	if (read_file("/etc/resolv.conf", 65536, &a->resolv_conf, NULL) < 0)
		a->resolv_conf = NULL;
	a->facts = (struct node_facts){
		.name = c->node_name, .ip = c->node_ip, .data_dir = c->data_dir,
		.cgroup_parent = c->cgroup_parent, .resolv_conf = a->resolv_conf,
		.cpu_milli = a->info.cpu_milli, .memory = a->info.memory,
	};
	return 0;
}

/* Four caches of one server: one line for all of them. */
static void on_contact(void *data, const char *why)
{
	struct agent *a = data;

	if (why && !a->out_of_touch++)
		log_warn("cannot reach the API server: %s", why);
	else if (!why && !--a->out_of_touch)
		log_info("in touch with the API server");
}

static int connect_to_server(struct agent *a, sd_event *loop, char **ret_msg)
{
	struct http_client_config config = { .base_url = a->c.server, .ca_file = a->c.tls_ca,
		.cert_file = a->c.tls_cert, .key_file = a->c.tls_key };
	_cleanup_free_ char *field = xasprintf("spec.nodeName=%s", a->c.node_name);
	struct store_selector mine = { .field = field };
	int r = http_client_new(loop, &config, &a->http, ret_msg);

	if (r < 0)
		return r;
	a->store = store_http_new(loop, a->http);
	a->events = recorder_new(a->store, "kubelet", a->c.node_name);
	a->node_cache = informer_new(loop, a->store, &res_nodes, NULL, NULL);
	a->service_cache = informer_new(loop, a->store, &res_services, NULL, NULL);
	a->slice_cache = informer_new(loop, a->store, &res_endpointslices, NULL, NULL);
	a->pod_cache = informer_new(loop, a->store, &res_pods, NULL, &mine);
	informer_on_contact(a->node_cache, on_contact, a);
	informer_on_contact(a->service_cache, on_contact, a);
	informer_on_contact(a->slice_cache, on_contact, a);
	informer_on_contact(a->pod_cache, on_contact, a);
	return 0;
}

static void make_parts(struct agent *a, sd_event *loop, struct node_net *net)
{
	struct node_config node = { .loop = loop, .store = a->store, .nodes = a->node_cache,
		.data_dir = a->c.data_dir, .info = a->info,
		.own_machine = !a->c.capacity_cpu && !a->c.capacity_memory };
	struct datapath_config datapath = { .loop = loop, .node_name = a->c.node_name,
		.nodes = a->node_cache, .services = a->service_cache, .slices = a->slice_cache,
		.cni_conf_dir = a->c.cni_conf_dir, .data_dir = a->c.data_dir,
		.changed = on_datapath_changed, .data = a };
	struct pods_config pods = { .loop = loop, .cri = a->cri, .store = a->store, .facts = &a->facts,
		.events = a->events, .pods = a->pod_cache, .services = a->service_cache,
		.runtime_changed = on_runtime_changed, .data = a };

	net->cluster_cidr = a->c.cluster_cidr;
	net->service_cidr = a->c.service_cidr;
	net->vni = (uint32_t)a->c.vni;
	net->overlay_port = (uint16_t)a->c.overlay_port;
	datapath.net = *net;
	a->node = node_new(&node);
	a->pods = pods_new(&pods);
	a->datapath = datapath_new(&datapath);
	informer_start(a->node_cache);
	informer_start(a->service_cache);
	informer_start(a->slice_cache);
	informer_start(a->pod_cache);
}

int agent_new(sd_event *loop, const struct agent_config *config, struct agent **ret, char **ret_msg)
{
	struct grpc_config cri = { .target = config->containerd };
	struct http_server_config api = { .listen = config->listen, .ca_file = config->tls_ca,
		.cert_file = config->tls_cert, .key_file = config->tls_key };
	struct agent *a = xnew0(struct agent);
	struct node_net net = { 0 };
	int r;

	a->c = *config;
	loop_timer_init(&a->version_timer, loop, ask_runtime_version, a);
	r = read_machine(a, &net, ret_msg);
	if (r == 0)
		r = grpc_channel_new(loop, &cri, &a->cri, ret_msg);
	if (r == 0)
		r = connect_to_server(a, loop, ret_msg);
	if (r == 0) {
		make_parts(a, loop, &net);
		r = agent_api_new(loop, &api, a->pods, &a->api, ret_msg);
	}
	if (r < 0) {
		agent_free(a);
		return r;
	}
	*ret = a;
	return 0;
}

void agent_free(struct agent *a)
{
	if (!a)
		return;
	agent_api_free(a->api);
	loop_timer_stop(&a->version_timer);
	/* First what would call back, then what is called. */
	grpc_channel_free(a->cri);
	informer_free(a->pod_cache);
	informer_free(a->slice_cache);
	informer_free(a->service_cache);
	informer_free(a->node_cache);
	if (a->store)
		a->store->ops->free(a->store);
	http_client_free(a->http);
	datapath_free(a->datapath);
	pods_free(a->pods);
	node_free(a->node);
	recorder_free(a->events);
	free(a->resolv_conf);
	free(a);
}
