// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_probe.c - how containers are asked and told: probes, hooks, see validate_pod.h */
#include "api/kinds/validate_pod.h"

#include <ctype.h>

static bool is_header_name(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '-')
			return false;
	return *s;
}

static void validate_http_get(const json *get, const char *path, struct field_errors *e)
{
	const char *scheme = json_str_or(json_get(get, "scheme"), "");
	PATH(port, "%s.port", path);

	validate_given(get, "path", path, e);
	validate_port_or_name(json_get(get, "port"), port, e);
	if (!one_of(scheme, "HTTP,HTTPS"))
		child_not_supported(e, path, "scheme", scheme, "HTTP,HTTPS");
	json_each(h, json_get(get, "httpHeaders"))
		if (!is_header_name(json_str_or(json_get(h, "name"), "")))
			child_invalid_str(e, path, "httpHeaders", json_str_or(json_get(h, "name"), ""),
					  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. "
					  "'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')");
}

static void validate_sleep(const struct pod_check *c, const json *sleep, const char *path)
{
	const json *grace = json_get(c->spec, "terminationGracePeriodSeconds");
	int64_t seconds = json_int(json_get(sleep, "seconds"), 0), most = json_int(grace, 0);
	PATH(why, "must be non-negative and less than terminationGracePeriodSeconds (%lld)", (long long)most);

	if (grace && (seconds < 0 || seconds > most))
		field_invalid_int(c->e, path, seconds, why);
}

/* Exactly one of the ways to ask, and that one whole. */
static void validate_handler(const struct pod_check *c, const json *h, const char *path)
{
	static const char *const ways[] = { "exec", "httpGet", "tcpSocket", "grpc", "sleep" };
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		const json *way = json_get(h, ways[i]);
		PATH(base, "%s.%s", path, ways[i]);
		PATH(port, "%s.port", base);

		if (!way)
			continue;
		if (any) {
			field_forbidden(c->e, base, "may not specify more than 1 handler type");
			continue;
		}
		any = true;
		if (streq(ways[i], "exec") && !json_len(json_get(way, "command")))
			child_required(c->e, base, "command", NULL);
		else if (streq(ways[i], "httpGet"))
			validate_http_get(way, base, c->e);
		else if (one_of(ways[i], "tcpSocket,grpc"))
			validate_port_or_name(json_get(way, "port"), port, c->e);
		else if (streq(ways[i], "sleep"))
			validate_sleep(c, way, base);
	}
	if (!any)
		field_required(c->e, path, "must specify a handler type");
}

static void validate_probe(const struct pod_check *c, const json *container, const char *key, const char *path)
{
	const json *probe = json_get(container, key), *grace = json_get(probe, "terminationGracePeriodSeconds");
	int64_t success = json_int(json_get(probe, "successThreshold"), 1);
	bool readiness = streq(key, "readinessProbe");
	PATH(base, "%s.%s", path, key);

	if (!probe)
		return;
	validate_handler(c, probe, base);
	validate_not_negatives(probe, "initialDelaySeconds,timeoutSeconds,periodSeconds,successThreshold,failureThreshold",
			       base, c->e);
	if (grace && json_int(grace, 1) <= 0)
		child_invalid(c->e, base, "terminationGracePeriodSeconds", grace, "must be greater than 0");
	if (readiness && grace)
		child_invalid(c->e, base, "terminationGracePeriodSeconds", grace, "must not be set for readinessProbes");
	if (!readiness && success != 1)
		child_invalid_int(c->e, base, "successThreshold", success, "must be 1");
}

void validate_probes(const struct pod_check *c, const json *container, const char *path)
{
	validate_probe(c, container, "livenessProbe", path);
	validate_probe(c, container, "readinessProbe", path);
	validate_probe(c, container, "startupProbe", path);
}

/* --- hooks ------------------------------------------------------------------------ */

/* RTMIN+1 to RTMIN+15 and RTMAX-14 to RTMAX-1 */
static bool is_realtime_signal(const char *s)
{
	int64_t n;

	if (streq(s, "SIGRTMIN") || streq(s, "SIGRTMAX"))
		return true;
	if (startswith(s, "SIGRTMIN+"))
		return parse_i64(s + strlen("SIGRTMIN+"), 1, 15, &n) == 0;
	return startswith(s, "SIGRTMAX-") && parse_i64(s + strlen("SIGRTMAX-"), 1, 14, &n) == 0;
}

#define SIGNALS "SIGABRT,SIGALRM,SIGBUS,SIGCHLD,SIGCLD,SIGCONT,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGIO,SIGIOT,SIGKILL,"	\
	"SIGPIPE,SIGPOLL,SIGPROF,SIGPWR,SIGQUIT,SIGRTMAX,SIGRTMIN,SIGSEGV,SIGSTKFLT,SIGSTOP,SIGSYS,SIGTERM,SIGTRAP,"	\
	"SIGTSTP,SIGTTIN,SIGTTOU,SIGURG,SIGUSR1,SIGUSR2,SIGVTALRM,SIGWINCH,SIGXCPU,SIGXFSZ"

static void validate_stop_signal(const struct pod_check *c, const char *signal, const char *path)
{
	const char *os = text_of(json_get(c->spec, "os"), "name");

	if (!os)
		child_forbidden(c->e, path, "stopSignal", "may not be set for containers with empty `spec.os.name`");
	else if (streq(os, "windows") && !one_of(signal, "SIGKILL,SIGTERM"))
		child_not_supported(c->e, path, "stopSignal", signal, "SIGKILL,SIGTERM");
	else if (!one_of(signal, SIGNALS) && !is_realtime_signal(signal))
		child_not_supported(c->e, path, "stopSignal", signal, SIGNALS);
}

void validate_lifecycle(const struct pod_check *c, const json *container, const char *path)
{
	const json *lifecycle = json_get(container, "lifecycle");
	PATH(base, "%s.lifecycle", path);
	PATH(post, "%s.postStart", base);
	PATH(pre, "%s.preStop", base);

	if (json_get(lifecycle, "postStart"))
		validate_handler(c, json_get(lifecycle, "postStart"), post);
	if (json_get(lifecycle, "preStop"))
		validate_handler(c, json_get(lifecycle, "preStop"), pre);
	if (json_get(lifecycle, "stopSignal"))
		validate_stop_signal(c, json_str_or(json_get(lifecycle, "stopSignal"), ""), base);
}
