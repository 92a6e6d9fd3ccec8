// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * server.c - `keelsond server`: the REST API over etcd, controllers, scheduler
 *
 * Nothing here waits for etcd: while it is away, requests are answered 503 and
 * everything goes on by itself when it is back.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

#include "api/registry/ranges.h"
#include "api/registry/registry.h"
#include "api/rest/rest.h"
#include "api/schema/strlist.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/loop_stats.h"
#include "cmd/keelsond/cmd.h"
#include "controllers/controllers.h"
#include "scheduler/scheduler.h"

#define DEFAULT_ETCD "http://127.0.0.1:2379"
#define DEFAULT_LISTEN "127.0.0.1:8080"
#define CA_FILE_MAX (1u << 20)

struct options {
	struct etcd_config etcd;
	struct registry_config registry;
	struct strlist listen;
	const char *tls_ca, *tls_cert, *tls_key;
	const char *agent_ca, *agent_cert, *agent_key;
	const char *advertise;
	bool controllers;
};

enum {
	OPT_ETCD = 256, OPT_ETCD_CA, OPT_ETCD_CERT, OPT_ETCD_KEY, OPT_LISTEN, OPT_TLS_CA, OPT_TLS_CERT, OPT_TLS_KEY,
	OPT_SERVICE_CIDR, OPT_CLUSTER_CIDR, OPT_NODE_PREFIX_LEN, OPT_AGENT_CA, OPT_AGENT_CERT, OPT_AGENT_KEY,
	OPT_CONTROLLERS, OPT_ADVERTISE, OPT_VERSION,
};

static const struct argp_option arguments[] = {
	{ NULL, 0, NULL, 0, "Storage:", 1 },
	{ "etcd", OPT_ETCD, "URL[,URL]", 0, "etcd's endpoints (" DEFAULT_ETCD "); plain http for loopback only", 1 },
	{ "etcd-ca", OPT_ETCD_CA, "FILE", 0, "who signed etcd's certificate", 1 },
	{ "etcd-cert", OPT_ETCD_CERT, "FILE", 0, "client certificate for etcd", 1 },
	{ "etcd-key", OPT_ETCD_KEY, "FILE", 0, "its key", 1 },
	{ NULL, 0, NULL, 0, "Clients:", 2 },
	{ "listen", OPT_LISTEN, "ADDR", 0,
	  "HOST:PORT or unix:PATH (" DEFAULT_LISTEN "); may be given more than once. Loopback and unix sockets speak plain HTTP, "
	  "other addresses TLS with client certificates", 2 },
	{ "advertise-address", OPT_ADVERTISE, "IP", 0,
	  "this server's address in the endpoints of Service default/kubernetes (that of the first --listen that is not loopback)", 2 },
	{ "tls-ca", OPT_TLS_CA, "FILE", 0, "who signs client certificates", 2 },
	{ "tls-cert", OPT_TLS_CERT, "FILE", 0, "this server's certificate", 2 },
	{ "tls-key", OPT_TLS_KEY, "FILE", 0, "its key", 2 },
	{ NULL, 0, NULL, 0, "Nodes:", 3 },
	{ "agent-client-ca", OPT_AGENT_CA, "FILE", 0, "who signed the agents' certificates", 3 },
	{ "agent-client-cert", OPT_AGENT_CERT, "FILE", 0, "client certificate for the agents (logs)", 3 },
	{ "agent-client-key", OPT_AGENT_KEY, "FILE", 0, "its key", 3 },
	{ NULL, 0, NULL, 0, "Cluster:", 4 },
	{ "service-cidr", OPT_SERVICE_CIDR, "PREFIX", 0, "addresses of services (10.96.0.0/16)", 4 },
	{ "cluster-cidr", OPT_CLUSTER_CIDR, "PREFIX", 0, "addresses of pods (10.244.0.0/16)", 4 },
	{ "node-prefix-len", OPT_NODE_PREFIX_LEN, "BITS", 0, "length of the prefix each node gets (24)", 4 },
	{ "controllers", OPT_CONTROLLERS, "true|false", 0, "run controllers and scheduler in this process (true)", 4 },
	{ NULL, 0, NULL, 0, "Other:", -1 },
	{ "verbose", 'v', NULL, 0, "log every request", -1 },
	{ "version", OPT_VERSION, NULL, 0, "print the version and exit", -1 },
	{0},
};

/* Secrets go to etcd: not in plain text over a network. */
static void check_etcd(struct argp_state *state, const char *endpoints)
{
	_cleanup_free_ char *copy = xstrdup(endpoints);
	char *save = NULL;

	for (char *t = strtok_r(copy, ",", &save); t; t = strtok_r(NULL, ",", &save))
		if (!http_url_is_safe(t))
			argp_failure(state, 2, 0, "--etcd: %s is plain HTTP to another machine: give an https:// URL", t);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	int family;
	int64_t n;
	ip_num ip;

	switch (key) {
	case OPT_ETCD:
		check_etcd(state, arg);
		o->etcd.endpoints = arg;
		break;
	case OPT_ETCD_CA:
		o->etcd.ca_file = arg;
		break;
	case OPT_ETCD_CERT:
		o->etcd.cert_file = arg;
		break;
	case OPT_ETCD_KEY:
		o->etcd.key_file = arg;
		break;
	case OPT_LISTEN:
		strlist_take(&o->listen, xstrdup(arg));
		break;
	case OPT_ADVERTISE:
		if (ip_parse(arg, &family, &ip))
			argp_failure(state, 2, 0, "--advertise-address: \"%s\" is no IP address", arg);
		o->advertise = arg;
		break;
	case OPT_TLS_CA:
		o->tls_ca = arg;
		break;
	case OPT_TLS_CERT:
		o->tls_cert = arg;
		break;
	case OPT_TLS_KEY:
		o->tls_key = arg;
		break;
	case OPT_SERVICE_CIDR:
		o->registry.service_cidr = arg;
		break;
	case OPT_CLUSTER_CIDR:
		o->registry.cluster_cidr = arg;
		break;
	case OPT_NODE_PREFIX_LEN:
		if (parse_i64(arg, 1, 128, &n))
			argp_failure(state, 2, 0, "--node-prefix-len: \"%s\" is no prefix length", arg);
		o->registry.node_prefix_len = (int)n;
		break;
	case OPT_AGENT_CA:
		o->agent_ca = arg;
		break;
	case OPT_AGENT_CERT:
		o->agent_cert = arg;
		break;
	case OPT_AGENT_KEY:
		o->agent_key = arg;
		break;
	case OPT_CONTROLLERS:
		if (strcmp(arg, "true") && strcmp(arg, "false"))
			argp_failure(state, 2, 0, "--controllers: \"%s\" is neither true nor false", arg);
		o->controllers = !strcmp(arg, "true");
		break;
	case 'v':
		log_set_level(LOG_DEBUG);
		break;
	case OPT_VERSION:
		printf("%s\n", "keelsond " KEELSON_VERSION);
		exit(0);
	case ARGP_KEY_ARG:
		argp_failure(state, 2, 0, "\"%s\" is no option", arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Everything that runs; freed from the top down. */
struct server {
	const struct options *o;
	sd_event *loop;
	struct etcd *etcd;
	struct store *store;
	struct rest *rest;
	struct http_server **http;
	size_t n_http;
	struct controllers *controllers;
	struct scheduler *scheduler;
	char *ca_pem;
};

static void server_free(struct server *s)
{
	scheduler_free(s->scheduler);
	controllers_free(s->controllers);
	for (size_t i = 0; i < s->n_http; i++)
		http_server_free(s->http[i]);
	free(s->http);
	rest_free(s->rest);
	if (s->store)
		s->store->ops->free(s->store);
	etcd_free(s->etcd);
	free(s->ca_pem);
	sd_event_unref(s->loop);
}

/* "203.0.113.10" of "203.0.113.10:6443", "::1" of "[::1]:6443"; caller frees. */
static char *host_of(const char *listen)
{
	const char *colon = strrchr(listen, ':');

	if (*listen == '[')
		return xstrndup(listen + 1, (size_t)(colon - listen) - 2);
	return xstrndup(listen, (size_t)(colon - listen));
}

/* Puts this server among the endpoints of Service default/kubernetes, if others can call it. */
static void advertise(struct server *s)
{
	const struct options *o = s->o;
	_cleanup_free_ char *host = NULL;
	size_t i = 0;

	while (i < o->listen.n && http_listen_is_local(o->listen.items[i]))
		i++;
	if (i == o->listen.n) {
		if (o->advertise)
			log_warn("--advertise-address %s is of no use: this server listens for this machine only", o->advertise);
		return;
	}
	host = o->advertise ? xstrdup(o->advertise) : host_of(o->listen.items[i]);
	if (!streq(host, "0.0.0.0") && !streq(host, "::"))
		registry_advertise(s->store, host, http_server_port(s->http[i]));
	else
		log_warn("Service default/kubernetes gets no endpoint for %s: say with --advertise-address which address it is",
			 o->listen.items[i]);
}

static void on_bootstrapped(void *data)
{
	struct server *s = data;
	const struct controllers_config config = { .ca_pem = s->ca_pem };

	advertise(s);
	if (!s->o->controllers)
		return;
	s->controllers = controllers_start(s->loop, s->store, &config);
	s->scheduler = scheduler_start(s->loop, s->store);
}

static int listen_all(struct server *s, char **ret_msg)
{
	const struct options *o = s->o;

	s->http = xcalloc(o->listen.n, sizeof(*s->http));
	for (size_t i = 0; i < o->listen.n; i++) {
		struct http_server_config c = { .listen = o->listen.items[i] };
		int err;

		if (!http_listen_is_local(c.listen)) {
			c.ca_file = o->tls_ca;
			c.cert_file = o->tls_cert;
			c.key_file = o->tls_key;
		}
		err = http_server_new(s->loop, &c, rest_handle, s->rest, &s->http[i], ret_msg);
		if (err)
			return err;
		s->n_http++;
		log_info("listening on %s", c.listen);
	}
	return 0;
}

/* The address that discovery tells clients: the first that is not only for this machine. */
static const char *public_address(const struct options *o)
{
	for (size_t i = 0; i < o->listen.n; i++)
		if (!http_listen_is_local(o->listen.items[i]))
			return o->listen.items[i];
	return o->listen.n && !startswith(o->listen.items[0], "unix:") ? o->listen.items[0] : NULL;
}

static int start(struct server *s, char **ret_msg)
{
	const struct options *o = s->o;
	struct rest_config rest = {
		.address = public_address(o), .agent_ca = o->agent_ca, .agent_cert = o->agent_cert, .agent_key = o->agent_key,
	};
	int err;

	err = loop_new(&s->loop);
	if (err) {
		*ret_msg = xasprintf("cannot start the event loop: %s", strerror(-err));
		return err;
	}
	if (o->tls_ca) {
		err = read_file(o->tls_ca, CA_FILE_MAX, &s->ca_pem, NULL);
		if (err) {
			*ret_msg = xasprintf("%s: %s", o->tls_ca, strerror(-err));
			return err;
		}
	}
	err = etcd_new(s->loop, &o->etcd, &s->etcd, ret_msg);
	if (!err)
		err = registry_new(s->loop, s->etcd, &o->registry, &s->store, ret_msg);
	if (err)
		return err;
	rest.store = s->store;
	s->rest = rest_new(s->loop, &rest);
	err = listen_all(s, ret_msg);
	if (err)
		return err;
	registry_bootstrap(s->store, on_bootstrapped, s);
	return 0;
}

int cmd_server(int argc, char **argv)
{
	static const struct argp argp = {
		.options = arguments, .parser = parse_option,
		.doc = "Serves the Kubernetes API; objects are kept in etcd.",
	};
	struct options o = {
		.etcd.endpoints = DEFAULT_ETCD,
		.registry = { .service_cidr = "10.96.0.0/16", .cluster_cidr = "10.244.0.0/16", .node_prefix_len = 24 },
		.controllers = true,
	};
	struct server s = { .o = &o };
	_cleanup_free_ char *why = NULL;
	int err;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!o.listen.n)
		strlist_take(&o.listen, xstrdup(DEFAULT_LISTEN));
	err = start(&s, &why);
	if (!err) {
		sd_notify(false, "READY=1");
		err = loop_run(s.loop);
		sd_notify(false, "STOPPING=1");
	} else {
		log_err("%s", why ? why : strerror(-err));
	}
	server_free(&s);
	strlist_free(&o.listen);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
