// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log.c - a container's log: asked of the agent on the pod's node, handed
 *              through as it comes
 */
#include <errno.h>

#include "api/registry/registry.h"
#include "api/rest/internal.h"
#include "api/meta/status.h"
#include "base/loop.h"
#include "rpc/http_client.h"

#define AGENT_PORT 10250
/* How far the client may be behind before the agent is made to wait, and how near it must come again. */
#define BACKLOG_HIGH (4u << 20)
#define BACKLOG_LOW (1u << 20)
#define DRAIN_US 100000

/* One per address; kept, so that connections are used again. */
struct agent_client {
	char *base_url;
	struct http_client *http;
	struct agent_client *next;
};

struct log_call {
	struct rest_call *call;
	char *container, *node;
	struct http_call *http;
	struct loop_timer drain;	/* armed while the agent waits */
	bool begun;		/* the answer has begun: what goes wrong now only ends it */
};

static void log_free(struct log_call *l)
{
	loop_timer_stop(&l->drain);
	free(l->container);
	free(l->node);
	rest_call_free(l->call);
	free(l);
}

static void log_fail(struct log_call *l, json *status)
{
	rest_respond_status(l->call->req, status);
	log_free(l);
}

void rest_agents_free(struct rest *r)
{
	while (r->agents) {
		struct agent_client *a = r->agents;

		r->agents = a->next;
		http_client_free(a->http);
		free(a->base_url);
		free(a);
	}
}

/* NULL with *ret_msg if there can be none. */
static struct http_client *agent_at(struct rest *r, const char *address, int64_t port, char **ret_msg)
{
	bool v6 = strchr(address, ':');
	_cleanup_free_ char *url = xasprintf("%s://%s%s%s:%lld", r->agent_cert ? "https" : "http", v6 ? "[" : "", address,
					     v6 ? "]" : "", (long long)port);
	const struct http_client_config config = {
		.base_url = url, .ca_file = r->agent_ca, .cert_file = r->agent_cert, .key_file = r->agent_key,
	};
	struct http_client *http;
	struct agent_client *a;

	for (a = r->agents; a; a = a->next)
		if (streq(a->base_url, url))
			return a->http;
	if (!http_url_is_safe(url)) {
		*ret_msg = xasprintf("%s is plain HTTP to another machine, and this server has no client certificate for agents", url);
		return NULL;
	}
	if (http_client_new(r->loop, &config, &http, ret_msg))
		return NULL;
	a = xnew0(struct agent_client);
	a->base_url = TAKE_PTR(url);
	a->http = http;
	a->next = r->agents;
	r->agents = a;
	return http;
}

/* --- the agent's answer -------------------------------------------------------------------- */

static void on_client_gone(void *data)
{
	struct log_call *l = data;

	if (l->http)
		http_call_cancel(l->http);
	log_free(l);
}

static void begin(struct log_call *l)
{
	if (l->begun)
		return;
	l->begun = true;
	http_stream_begin(l->call->req, 200, "text/plain", on_client_gone, l);
}

static void on_chunk(void *data, const char *p, size_t len)
{
	struct log_call *l = data;

	begin(l);
	http_stream_write(l->call->req, p, len);
	if (http_stream_backlog(l->call->req) > BACKLOG_HIGH && !loop_timer_armed(&l->drain)) {
		http_call_pause(l->http, true);
		loop_timer_start(&l->drain, DRAIN_US);
	}
}

static void on_drain(void *data)
{
	struct log_call *l = data;

	if (!l->http)
		return;
	if (http_stream_backlog(l->call->req) > BACKLOG_LOW)
		loop_timer_start(&l->drain, DRAIN_US);
	else
		http_call_pause(l->http, false);
}

static void on_done(void *data, int err, const char *msg, int code, const char *body, size_t len)
{
	struct log_call *l = data;

	l->http = NULL;
	if (l->begun || (!err && code >= 200 && code < 300)) {
		begin(l);
		http_stream_end(l->call->req);
		log_free(l);
	} else if (err) {
		log_fail(l, status_internal("cannot reach the agent of node %s: %s", l->node, msg ? msg : strerror(-err)));
	} else if (code == 404) {
		log_fail(l, status_failure(404, "NotFound", NULL, "%s", body && *body ? body : "the agent knows no such container"));
	} else if (code >= 400 && code < 500) {
		log_fail(l, status_bad_request("%s", body && *body ? body : "the agent refuses"));
	} else {
		log_fail(l, status_internal("the agent of node %s answers %d: %s", l->node, code, body ? body : ""));
	}
}

/* --- asking -------------------------------------------------------------------------------------- */

static char *log_path(struct log_call *l)
{
	static const char *const options[] = { "follow", "previous", "timestamps", "sinceSeconds", "sinceTime",
					       "tailLines", "limitBytes" };
	struct rest_call *c = l->call;
	struct buf b = {0};
	char sep = '?';

	buf_printf(&b, "/containerLogs/%s/%s/%s", c->path.ns, c->path.name, l->container);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const char *v = http_request_query(c->req, options[i]);
		_cleanup_free_ char *encoded = v ? url_encode(v) : NULL;

		if (!v)
			continue;
		buf_printf(&b, "%c%s=%s", sep, options[i], encoded);
		sep = '&';
	}
	return buf_steal(&b);
}

static void on_node(void *data, const struct store_result *res)
{
	struct log_call *l = data;
	_cleanup_free_ char *path = NULL, *why = NULL;
	const char *address = NULL;
	struct http_client *http;
	struct http_call_opts o = { .method = "GET", .accept = "*/*", .on_chunk = on_chunk };

	if (res->err) {
		log_fail(l, json_clone(res->obj));
		return;
	}
	json_each(a, json_get(res->obj, "status", "addresses"))
		if (!address && streq(json_str(json_get(a, "type")), "InternalIP"))
			address = json_str(json_get(a, "address"));
	if (!address) {
		log_fail(l, status_internal("node %s has no InternalIP", l->node));
		return;
	}
	http = agent_at(l->call->rest, address,
			json_int(json_get(res->obj, "status", "daemonEndpoints", "kubeletEndpoint", "Port"), AGENT_PORT), &why);
	if (!http) {
		log_fail(l, status_internal("cannot call the agent of node %s: %s", l->node, why));
		return;
	}
	path = log_path(l);
	o.path = path;
	l->http = http_call(http, &o, on_done, l);
}

/* Which container: the one asked for, or the only one. A Status if that is unclear. */
static json *choose_container(struct log_call *l, const json *pod)
{
	static const char *const lists[] = { "containers", "initContainers", "ephemeralContainers" };
	const char *asked = http_request_query(l->call->req, "container");
	const json *containers = json_get(pod, "spec", "containers");
	struct buf names = {0};
	json *s;

	if (asked && *asked) {
		for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
			json_each(it, json_get(pod, "spec", lists[i]))
				if (streq(json_str(json_get(it, "name")), asked))
					l->container = xstrdup(asked);
		return l->container ? NULL : status_bad_request("container %s is not valid for pod %s", asked, l->call->path.name);
	}
	if (json_len(containers) == 1) {
		l->container = xstrdup(json_str_or(json_get(containers->child, "name"), ""));
		return NULL;
	}
	json_each(it, containers)
		buf_printf(&names, "%s%s", names.len ? " " : "", json_str_or(json_get(it, "name"), ""));
	s = status_bad_request("a container name must be specified for pod %s, choose one of: [%s]", l->call->path.name,
			       names.data ? names.data : "");
	buf_free(&names);
	return s;
}

static void on_pod(void *data, const struct store_result *res)
{
	struct log_call *l = data;
	const char *node;
	json *s;

	if (res->err) {
		log_fail(l, json_clone(res->obj));
		return;
	}
	s = choose_container(l, res->obj);
	node = json_str_or(json_get(res->obj, "spec", "nodeName"), "");
	if (!s && !*node)
		s = status_bad_request("pod %s does not have a host assigned", l->call->path.name);
	if (s) {
		log_fail(l, s);
		return;
	}
	l->node = xstrdup(node);
	store_get(l->call->rest->store, &res_nodes, NULL, l->node, on_node, l);
}

void rest_log(struct rest_call *c)
{
	const char *method = http_request_method(c->req);
	struct log_call *l;

	if (!streq(method, "GET")) {
		rest_fail(c, status_method_not_allowed());
		return;
	}
	l = xnew0(struct log_call);
	l->call = c;
	loop_timer_init(&l->drain, c->rest->loop, on_drain, l);
	store_get(c->rest->store, c->path.kind->res, c->path.ns, c->path.name, on_pod, l);
}
