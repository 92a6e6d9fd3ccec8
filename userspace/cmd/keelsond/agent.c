// SPDX-License-Identifier: GPL-2.0-or-later
/* agent.c - `keelsond agent`: options in, the loop until SIGTERM */
#include <argp.h>
#include <errno.h>
#include <stdio.h>

#include "agent/agent.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/loop_stats.h"
#include "cmd/keelsond/cmd.h"
#include "rpc/http_server.h"

enum {
	OPT_SERVER = 256, OPT_TLS_CA, OPT_TLS_CERT, OPT_TLS_KEY, OPT_NODE_NAME, OPT_NODE_IP, OPT_CONTAINERD,
	OPT_CNI_CONF_DIR, OPT_DATA_DIR, OPT_LISTEN, OPT_CLUSTER_CIDR, OPT_SERVICE_CIDR, OPT_VNI, OPT_OVERLAY_PORT,
	OPT_CGROUP_PARENT, OPT_CAPACITY_CPU, OPT_CAPACITY_MEMORY,
};

static const struct argp_option options[] = {
	{ "server", OPT_SERVER, "URL", 0, "the API server, https://HOST:PORT (plain http for loopback only)", 0 },
	{ "tls-ca", OPT_TLS_CA, "FILE", 0, "certificate authority of the cluster (PEM)", 0 },
	{ "tls-cert", OPT_TLS_CERT, "FILE", 0, "this node's certificate, towards the server and for callers", 0 },
	{ "tls-key", OPT_TLS_KEY, "FILE", 0, "its key", 0 },
	{ "node-name", OPT_NODE_NAME, "NAME", 0, "name of the Node object", 0 },
	{ "node-ip", OPT_NODE_IP, "IP", 0, "this node's underlay address, its end of the overlay", 0 },
	{ "containerd", OPT_CONTAINERD, "TARGET", 0, "CRI socket (unix:/run/containerd/containerd.sock)", 0 },
	{ "cni-conf-dir", OPT_CNI_CONF_DIR, "DIR", 0, "where the runtime looks for networks (/etc/cni/net.d)", 0 },
	{ "data-dir", OPT_DATA_DIR, "DIR", 0, "volumes and logs of pods (/var/lib/keelson/agent)", 0 },
	{ "listen", OPT_LISTEN, "IP:PORT", 0, "where logs are served (the node's IP, port 10250)", 0 },
	{ "cluster-cidr", OPT_CLUSTER_CIDR, "PREFIX", 0, "all pods of the cluster (10.244.0.0/16)", 0 },
	{ "service-cidr", OPT_SERVICE_CIDR, "PREFIX", 0, "all service addresses (10.96.0.0/16)", 0 },
	{ "vni", OPT_VNI, "N", 0, "VXLAN network identifier (1)", 0 },
	{ "overlay-port", OPT_OVERLAY_PORT, "PORT", 0, "VXLAN's UDP port (8472)", 0 },
	{ "cgroup-parent", OPT_CGROUP_PARENT, "PATH", 0, "cgroup that pods live under (/keelson)", 0 },
	{ "capacity-cpu", OPT_CAPACITY_CPU, "CORES", 0, "what to offer, where the machine is shared by nodes", 0 },
	{ "capacity-memory", OPT_CAPACITY_MEMORY, "BYTES", 0, "what to offer, where the machine is shared by nodes", 0 },
	{ "verbose", 'v', NULL, 0, "log more", 0 },
	{ 0 }
};

static void number(struct argp_state *state, const char *option, const char *text, int64_t min, int64_t max, int64_t *ret)
{
	if (parse_i64(text, min, max, ret) < 0)
		argp_error(state, "--%s: \"%s\" is no number from %lld to %lld", option, text,
			   (long long)min, (long long)max);
}

static void check(struct argp_state *state, const struct agent_config *c)
{
	const struct { const char *value, *option; } needed[] = {
		{ c->server, "server" }, { c->node_name, "node-name" }, { c->node_ip, "node-ip" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!needed[i].value)
			argp_error(state, "--%s is missing", needed[i].option);
	if (!http_url_is_safe(c->server))
		argp_failure(state, 2, 0, "--server: %s is plain HTTP to another machine: give an https:// URL", c->server);
	if (!c->tls_ca != !c->tls_cert || !c->tls_ca != !c->tls_key)
		argp_error(state, "--tls-ca, --tls-cert and --tls-key go together");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct agent_config *c = state->input;

	switch (key) {
	case OPT_SERVER: c->server = arg; break;
	case OPT_TLS_CA: c->tls_ca = arg; break;
	case OPT_TLS_CERT: c->tls_cert = arg; break;
	case OPT_TLS_KEY: c->tls_key = arg; break;
	case OPT_NODE_NAME: c->node_name = arg; break;
	case OPT_NODE_IP: c->node_ip = arg; break;
	case OPT_CONTAINERD: c->containerd = arg; break;
	case OPT_CNI_CONF_DIR: c->cni_conf_dir = arg; break;
	case OPT_DATA_DIR: c->data_dir = arg; break;
	case OPT_LISTEN: c->listen = arg; break;
	case OPT_CLUSTER_CIDR: c->cluster_cidr = arg; break;
	case OPT_SERVICE_CIDR: c->service_cidr = arg; break;
	case OPT_VNI: number(state, "vni", arg, 1, (1 << 24) - 1, &c->vni); break;
	case OPT_OVERLAY_PORT: number(state, "overlay-port", arg, 1, 65535, &c->overlay_port); break;
	case OPT_CGROUP_PARENT: c->cgroup_parent = arg; break;
	case OPT_CAPACITY_CPU: number(state, "capacity-cpu", arg, 1, 4096, &c->capacity_cpu); break;
	case OPT_CAPACITY_MEMORY: number(state, "capacity-memory", arg, 1, INT64_MAX, &c->capacity_memory); break;
	case 'v': log_set_level(LOG_DEBUG); break;
	case ARGP_KEY_ARG: argp_error(state, "\"%s\" is one argument too many", arg); break;
	case ARGP_KEY_END: check(state, c); break;
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	options, parse, NULL,
	"Registers this machine as a node, runs its pods through containerd and programs its datapath.",
	NULL, NULL, NULL
};

int cmd_agent(int argc, char **argv)
{
	struct agent_config c = {
		.containerd = "unix:/run/containerd/containerd.sock", .cni_conf_dir = "/etc/cni/net.d",
		.data_dir = "/var/lib/keelson/agent", .cluster_cidr = "10.244.0.0/16",
		.service_cidr = "10.96.0.0/16", .cgroup_parent = "/keelson", .vni = 1, .overlay_port = 8472,
		.version = "v1.32.0+keelson" KEELSON_VERSION,
	};
	_cleanup_free_ char *listen = NULL, *name = NULL, *msg = NULL;
	_cleanup_event_ sd_event *loop = NULL;
	struct agent *agent;
	int r;

	r = argp_parse(&argp, argc, argv, 0, NULL, &c);
	if (r)
		return EXIT_FAILURE;
	listen = xasprintf("%s:10250", c.node_ip);
	if (!c.listen)
		c.listen = listen;
	name = xasprintf("agent %s", c.node_name);
	log_set_name(name);
	r = loop_new(&loop);
	if (r == 0)
		r = agent_new(loop, &c, &agent, &msg);
	if (r < 0) {
		log_err("%s", msg ?: strerror(-r));
		return EXIT_FAILURE;
	}
	log_info("started: server %s, runtime %s, node IP %s", c.server, c.containerd, c.node_ip);
	r = loop_run(loop);
	agent_free(agent);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
