// SPDX-License-Identifier: GPL-2.0-or-later
/* hook.c - see hook.h */
#include "agent/hook.h"

#include <arpa/inet.h>
#include <errno.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "agent/cri.h"
#include "base/loop.h"
#include "rpc/http_client.h"

#define OUTPUT_SHOWN 512	/* bytes of a command's output or an answer's body in a message */

struct hook {
	hook_cb cb;
	void *data;
	struct http_client *http;
	int fd;
	sd_event_source *io;
	struct loop_timer timer;
	enum hook_result result;	/* what the timer has to tell */
	char *problem;
};

static void hook_end(struct hook *h, enum hook_result result, const char *problem)
{
	h->cb(h->data, result, problem);
	loop_timer_stop(&h->timer);
	loop_source_drop(&h->io);
	closep(&h->fd);
	http_client_free(h->http);
	free(h->problem);
	free(h);
}

/* Ends from the loop, where the callback may come from and where the HTTP client is not in its own callback. */
static void on_timer(void *data)
{
	struct hook *h = data;

	hook_end(h, h->result, h->problem);
}

static void end_later(struct hook *h, enum hook_result result, char *problem)
{
	free(h->problem);
	h->result = result;
	h->problem = problem;
	loop_timer_start(&h->timer, 0);
}

/* --- exec --- */

static void on_exec(void *data, int status, const char *msg, const void *reply)
{
	const Cri__ExecSyncResponse *res = reply;
	enum hook_result result = HOOK_GOOD;
	_cleanup_free_ char *problem = NULL;

	if (status != GRPC_OK) {
		result = status == GRPC_DEADLINE_EXCEEDED ? HOOK_BAD :
			 status == GRPC_UNAVAILABLE || status == GRPC_CANCELLED ? HOOK_UNREACHED : HOOK_ERROR;
		problem = xstrdup(msg);
	} else if (res->exit_code) {
		const ProtobufCBinaryData *out = res->stderr.len ? &res->stderr : &res->stdout;

		result = HOOK_BAD;
		problem = xasprintf("exit status %d: %.*s", res->exit_code,
				    (int)(out->len < OUTPUT_SHOWN ? out->len : OUTPUT_SHOWN), out->data ? (char *)out->data : "");
	}
	hook_end(data, result, problem);
}

static void run_exec(struct hook *h, const struct hook_target *t, const json *command)
{
	_cleanup_free_ char **words = xcalloc((size_t)json_len(command) + 1, sizeof(*words));
	size_t n = 0;

	json_each(w, command)
		words[n++] = (char *)json_str_or(w, "");
	cri_exec_sync(t->cri, t->container_id, words, n, t->timeout_s, on_exec, h);
}

/* --- httpGet --- */

static void strv_free(char **strv)
{
	for (size_t i = 0; strv && strv[i]; i++)
		free(strv[i]);
	free(strv);
}

static int port_of(const struct hook_target *t, const json *port)
{
	const char *name = json_str(port);
	int64_t n;

	if (!name)
		return (int)json_int(port, 0);
	json_each(p, json_get(t->spec, "ports"))
		if (streq(json_str(json_get(p, "name")), name))
			return (int)json_int(json_get(p, "containerPort"), 0);
	return parse_i64(name, 1, 65535, &n) == 0 ? (int)n : 0;
}

static void on_http(void *data, int err, const char *msg, int status, const char *body, size_t len)
{
	char *problem = NULL;

	if (err)
		problem = xstrdup(msg);
	else if (status < 200 || status >= 400)
		problem = xasprintf("HTTP probe failed with statuscode: %d", status);
	end_later(data, problem ? HOOK_BAD : HOOK_GOOD, problem);
}

/*
 * The handler's own headers, as the client wants them; NULL: one has a line's
 * end in it. Accept is kept apart, because the client sends one of its own; an
 * empty User-Agent takes that one away.
 */
static char **make_headers(const json *get, const char **ret_accept)
{
	const json *list = json_get(get, "httpHeaders");
	char **lines = xcalloc((size_t)json_len(list) + 1, sizeof(*lines));
	size_t n = 0;

	json_each(p, list) {
		const char *name = json_str_or(json_get(p, "name"), ""), *value = json_str_or(json_get(p, "value"), "");

		if (strpbrk(name, "\r\n:;") || strpbrk(value, "\r\n")) {
			strv_free(lines);
			return NULL;
		}
		if (strcasecmp(name, "Accept") == 0)
			*ret_accept = value;
		else if (*value || strcasecmp(name, "User-Agent") == 0)
			lines[n++] = xasprintf("%s: %s", name, value);
		else if (*name)
			lines[n++] = xasprintf("%s;", name);
	}
	return lines;
}

static void run_http(struct hook *h, const struct hook_target *t, const json *get)
{
	const char *host = json_str_or(json_get(get, "host"), t->ip);
	const char *scheme = streq(json_str(json_get(get, "scheme")), "HTTPS") ? "https" : "http";
	_cleanup_free_ char *url = xasprintf(strchr(host, ':') ? "%s://[%s]:%d" : "%s://%s:%d", scheme, host,
					     port_of(t, json_get(get, "port")));
	/* Pods sign their own certificates. */
	struct http_client_config config = { .base_url = url, .any_peer = true };
	struct http_call_opts opts = { .method = "GET", .path = json_str_or(json_get(get, "path"), "/"),
		.accept = "*/*", .timeout_ms = (unsigned)t->timeout_s * 1000 };
	_cleanup_free_ char *path = *opts.path == '/' ? NULL : xasprintf("/%s", opts.path);
	char **headers = make_headers(get, &opts.accept);
	char *msg = NULL;

	if (!headers) {
		end_later(h, HOOK_ERROR, xstrdup("a header of httpHeaders is none"));
		return;
	}
	opts.headers = (const char *const *)headers;
	if (path)
		opts.path = path;
	if (http_client_new(t->loop, &config, &h->http, &msg) < 0) {
		h->http = NULL;
		end_later(h, HOOK_ERROR, msg);
	} else {
		http_call(h->http, &opts, on_http, h);
	}
	strv_free(headers);
}

/* --- tcpSocket --- */

static int on_connected(sd_event_source *s, int fd, uint32_t revents, void *data)
{
	int err = 0;
	socklen_t len = sizeof(err);

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	hook_end(data, err ? HOOK_BAD : HOOK_GOOD, err ? strerror(err) : NULL);
	return 0;
}

static void run_tcp(struct hook *h, const struct hook_target *t, const json *tcp)
{
	const char *host = json_str_or(json_get(tcp, "host"), t->ip);
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port_of(t, json_get(tcp, "port"))) };

	if (inet_pton(AF_INET, host, &sa.sin_addr) != 1) {
		end_later(h, HOOK_ERROR, xasprintf("\"%s\" is no IPv4 address", host));
		return;
	}
	h->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (h->fd < 0 || (connect(h->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 && errno != EINPROGRESS)) {
		end_later(h, h->fd < 0 ? HOOK_ERROR : HOOK_BAD, xstrdup(strerror(errno)));
		return;
	}
	h->result = HOOK_BAD;
	h->problem = xasprintf("no connection within %llds", (long long)t->timeout_s);
	loop_timer_start(&h->timer, (uint64_t)t->timeout_s * 1000000);
	sd_event_add_io(t->loop, &h->io, h->fd, EPOLLOUT, on_connected, h);
}

void hook_run(const struct hook_target *t, hook_cb cb, void *data)
{
	struct hook *h = xnew0(struct hook);
	const json *command = json_get(t->handler, "exec", "command"), *get = json_get(t->handler, "httpGet");
	const json *tcp = json_get(t->handler, "tcpSocket"), *nap = json_get(t->handler, "sleep");

	h->cb = cb;
	h->data = data;
	h->fd = -1;
	loop_timer_init(&h->timer, t->loop, on_timer, h);
	if (command)
		run_exec(h, t, command);
	else if ((get || tcp) && !t->ip)
		end_later(h, HOOK_ERROR, xstrdup("the pod has no address"));
	else if (get)
		run_http(h, t, get);
	else if (tcp)
		run_tcp(h, t, tcp);
	else if (nap)
		loop_timer_start(&h->timer, (uint64_t)json_int(json_get(nap, "seconds"), 0) * 1000000);
	else
		end_later(h, HOOK_ERROR, xstrdup("this kind of handler is not supported"));
}
