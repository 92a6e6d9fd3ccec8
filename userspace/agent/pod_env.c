// SPDX-License-Identifier: GPL-2.0-or-later
/* pod_env.c - see pod_env.h */
#include "agent/pod_env.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/evp.h>

#include "api/schema/quantity.h"

/* --- the list --- */

const char *env_get(const struct env *e, const char *name)
{
	for (size_t i = 0; i < e->n; i++)
		if (streq(e->vars[i].name, name))
			return e->vars[i].value;
	return NULL;
}

void env_set(struct env *e, const char *name, const char *value)
{
	char *copy = xstrdup(value);

	for (size_t i = 0; i < e->n; i++)
		if (streq(e->vars[i].name, name)) {
			free(e->vars[i].value);
			e->vars[i].value = copy;
			return;
		}
	e->vars = xrealloc(e->vars, (e->n + 1) * sizeof(*e->vars));
	e->vars[e->n].name = xstrdup(name);
	e->vars[e->n++].value = copy;
}

void env_clear(struct env *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->vars[i].name);
		free(e->vars[i].value);
	}
	free(e->vars);
	memset(e, 0, sizeof(*e));
}

char *env_expand(const struct env *e, const char *text)
{
	struct buf b = { 0 };

	for (const char *p = text; *p; p++) {
		const char *end = *p == '$' && p[1] == '(' ? strchr(p, ')') : NULL;

		if (*p == '$' && p[1] == '$') {
			buf_puts(&b, "$");
			p++;
		} else if (end) {
			_cleanup_free_ char *name = xstrndup(p + 2, (size_t)(end - p - 2));
			const char *value = env_get(e, name);

			if (value)
				buf_puts(&b, value);
			else
				buf_add(&b, p, (size_t)(end - p + 1));
			p = end;
		} else {
			buf_add(&b, p, 1);
		}
	}
	return buf_steal(&b);
}

/* --- what the pod refers to --- */

static void note(json *refs, const json *name, const json *ref)
{
	bool optional = json_bool(json_get(ref, "optional"), false);
	const char *s = json_str(name);

	if (s && *s)
		json_set_bool(refs, s, optional && json_bool(json_get(refs, s), true));
}

json *pod_references(const json *pod, const char *kind)
{
	const json *const lists[] = { pod_init_containers(pod), pod_containers(pod) };
	bool secrets = streq(kind, "secrets");
	json *refs = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_each(c, lists[i]) {
			json_each(from, json_get(c, "envFrom")) {
				const json *ref = json_get(from, secrets ? "secretRef" : "configMapRef");

				note(refs, json_get(ref, "name"), ref);
			}
			json_each(var, json_get(c, "env")) {
				const json *ref = json_get(var, "valueFrom", secrets ? "secretKeyRef" : "configMapKeyRef");

				note(refs, json_get(ref, "name"), ref);
			}
		}
	json_each(v, json_get(pod, "spec", "volumes")) {
		const json *ref = json_get(v, secrets ? "secret" : "configMap");

		note(refs, json_get(ref, secrets ? "secretName" : "name"), ref);
		json_each(source, json_get(v, "projected", "sources")) {
			ref = json_get(source, secrets ? "secret" : "configMap");
			note(refs, json_get(ref, "name"), ref);
		}
	}
	return refs;
}

/* --- single values --- */

/* All pairs of an object as files of the downward API show them: key="value" lines, sorted by key. */
static char *pairs_text(const json *pairs)
{
	struct buf b = { 0 };
	const json *last = NULL;

	for (;;) {
		const json *next = NULL;

		json_each(p, pairs)
			if ((!last || strcmp(json_key(p), json_key(last)) > 0) &&
			    (!next || strcmp(json_key(p), json_key(next)) < 0))
				next = p;
		if (!next)
			return buf_steal(&b);
		buf_printf(&b, "%s%s=\"", b.len ? "\n" : "", json_key(next));
		for (const char *c = json_str_or(next, ""); *c; c++) {
			if (*c == '\n')
				buf_puts(&b, "\\n");
			else
				buf_printf(&b, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
		}
		buf_puts(&b, "\"");
		last = next;
	}
}

int pod_field(const json *pod, const struct node_facts *node, const char *pod_ip, const char *path,
	      char **ret, char **ret_msg)
{
	static const char *const maps[] = { "labels", "annotations" };
	const char *value = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		_cleanup_free_ char *whole = xasprintf("metadata.%s", maps[i]);
		const json *map = json_get(pod, "metadata", maps[i]);
		size_t n = strlen(whole), len = strlen(path);

		if (streq(path, whole)) {
			*ret = pairs_text(map);
			return 0;
		}
		if (startswith(path, whole) && startswith(path + n, "['") && endswith(path, "']")) {
			_cleanup_free_ char *key = xstrndup(path + n + 2, len - n - 4);

			*ret = xstrdup(json_str_or(json_get(map, key), ""));
			return 0;
		}
	}
	if (streq(path, "metadata.name"))
		value = meta_name(pod);
	else if (streq(path, "metadata.namespace"))
		value = meta_namespace(pod);
	else if (streq(path, "metadata.uid"))
		value = meta_uid(pod);
	else if (streq(path, "spec.nodeName"))
		value = node->name;
	else if (streq(path, "spec.serviceAccountName"))
		value = json_str_or(json_get(pod, "spec", "serviceAccountName"), "");
	else if (streq(path, "status.hostIP") || streq(path, "status.hostIPs"))
		value = node->ip;
	else if (streq(path, "status.podIP") || streq(path, "status.podIPs"))
		value = pod_ip ?: "";
	else {
		*ret_msg = xasprintf("field path \"%s\" is not known", path);
		return -EINVAL;
	}
	*ret = xstrdup(value ?: "");
	return 0;
}

static const json *container_named(const json *pod, const char *name)
{
	const json *const lists[] = { pod_containers(pod), pod_init_containers(pod) };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_each(c, lists[i])
			if (streq(json_str(json_get(c, "name")), name))
				return c;
	return NULL;
}

int pod_resource_field(const json *pod, const struct node_facts *node, const json *ref,
		       const json *dflt_container, char **ret, char **ret_msg)
{
	const char *resource = json_str_or(json_get(ref, "resource"), "");
	const char *dot = strchr(resource, '.'), *name = json_str(json_get(ref, "containerName"));
	const json *spec = name && *name ? container_named(pod, name) : dflt_container;
	const json *limits = json_get(spec, "resources", "limits"), *requests = json_get(spec, "resources", "requests");
	const json *divisor = json_get(ref, "divisor"), *amount = NULL;
	int64_t value, unit;
	bool cpu;

	if (!spec || !dot || (!startswith(resource, "limits.") && !startswith(resource, "requests."))) {
		*ret_msg = xasprintf("resource field \"%s\" is not known", resource);
		return -EINVAL;
	}
	cpu = streq(dot + 1, "cpu");
	if (!cpu && !streq(dot + 1, "memory") && !startswith(dot + 1, "ephemeral-storage")) {
		*ret_msg = xasprintf("resource field \"%s\" is not known", resource);
		return -EINVAL;
	}
	amount = json_get(*resource == 'l' ? limits : requests, dot + 1);
	if (!amount && *resource == 'r')
		amount = json_get(limits, dot + 1);
	if (cpu) {
		/* Cores, rounded up, unless the divisor is finer. */
		value = quantity_milli(amount, *resource == 'l' ? node->cpu_milli : 0);
		unit = quantity_milli(divisor, 1000) ?: 1000;
	} else {
		value = quantity_value(amount, *resource == 'l' && streq(dot + 1, "memory") ? node->memory : 0);
		unit = quantity_value(divisor, 1) ?: 1;
	}
	*ret = xasprintf("%lld", (long long)((value + unit - 1) / unit));
	return 0;
}

static char *base64_decode(const char *text)
{
	size_t len = strlen(text);
	unsigned char *out = xmalloc(len / 4 * 3 + 4);
	int n = EVP_DecodeBlock(out, (const unsigned char *)text, (int)len);

	if (n < 0) {
		free(out);
		return NULL;
	}
	while (len && text[len - 1] == '=') {
		len--;
		n--;
	}
	out[n] = '\0';
	return (char *)out;
}

/* One key of a config map or secret; *ret NULL when it is absent and may be. */
static int key_ref(const json *deps, bool secret, const json *ref, char **ret, char **ret_msg)
{
	const char *name = json_str_or(json_get(ref, "name"), ""), *key = json_str_or(json_get(ref, "key"), "");
	const json *obj = json_get(deps, secret ? "secrets" : "configmaps", name);
	const char *text = json_str(json_get(obj, "data", key));

	*ret = text ? (secret ? base64_decode(text) : xstrdup(text)) : NULL;
	if (*ret || json_bool(json_get(ref, "optional"), false))
		return 0;
	if (!obj)
		*ret_msg = xasprintf("%s \"%s\" not found", secret ? "secret" : "configmap", name);
	else
		*ret_msg = xasprintf("couldn't find key %s in %s %s", key, secret ? "Secret" : "ConfigMap", name);
	return -ENOENT;
}

/* --- the environment --- */

static bool is_env_name(const char *s)
{
	if (!*s || isdigit((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("_-.", *s))
			return false;
	return true;
}

static int add_from(const json *from, const json *deps, struct env *e, char **ret_msg)
{
	const char *prefix = json_str_or(json_get(from, "prefix"), "");
	bool secret = json_get(from, "secretRef");
	const json *ref = json_get(from, secret ? "secretRef" : "configMapRef");
	const char *name = json_str_or(json_get(ref, "name"), "");
	const json *obj = json_get(deps, secret ? "secrets" : "configmaps", name);

	if (!obj && !json_bool(json_get(ref, "optional"), false)) {
		*ret_msg = xasprintf("%s \"%s\" not found", secret ? "secret" : "configmap", name);
		return -ENOENT;
	}
	json_each(p, json_get(obj, "data")) {
		_cleanup_free_ char *key = xasprintf("%s%s", prefix, json_key(p));
		_cleanup_free_ char *value = secret ? base64_decode(json_str_or(p, "")) : xstrdup(json_str_or(p, ""));

		if (is_env_name(key) && value)
			env_set(e, key, value);
	}
	return 0;
}

static char *upper(const char *name)
{
	char *s = xstrdup(name);

	for (char *p = s; *p; p++)
		*p = *p == '-' || *p == '.' ? '_' : (char)toupper((unsigned char)*p);
	return s;
}

/* NAME_SERVICE_HOST and NAME_SERVICE_PORT[_PORTNAME] of the namespace's services and of kubernetes. */
static void add_services(const json *pod, const json *services, struct env *e)
{
	bool links = json_bool(json_get(pod, "spec", "enableServiceLinks"), true);

	json_each(svc, services) {
		const char *ip = json_str_or(json_get(svc, "spec", "clusterIP"), "");
		_cleanup_free_ char *name = upper(meta_name(svc) ?: "");
		_cleanup_free_ char *host = xasprintf("%s_SERVICE_HOST", name), *port = xasprintf("%s_SERVICE_PORT", name);
		bool master = streq(meta_name(svc), "kubernetes") && streq(meta_namespace(svc), "default");

		if (!*ip || streq(ip, "None") || !(master || (links && streq(meta_namespace(svc), meta_namespace(pod)))))
			continue;
		env_set(e, host, ip);
		json_each(p, json_get(svc, "spec", "ports")) {
			_cleanup_free_ char *number = xasprintf("%d", (int)json_int(json_get(p, "port"), 0));
			const char *port_name = json_str(json_get(p, "name"));

			if (!env_get(e, port))
				env_set(e, port, number);
			if (port_name && *port_name) {
				_cleanup_free_ char *up = upper(port_name), *var = xasprintf("%s_%s", port, up);

				env_set(e, var, number);
			}
		}
	}
}

int container_env(const json *pod, const json *spec, const json *deps, const struct node_facts *node,
		  const char *pod_ip, struct env *e, char **ret_msg)
{
	int r = 0;

	add_services(pod, json_get(deps, "services"), e);
	json_each(from, json_get(spec, "envFrom")) {
		r = add_from(from, deps, e, ret_msg);
		if (r < 0)
			return r;
	}
	json_each(var, json_get(spec, "env")) {
		const char *name = json_str_or(json_get(var, "name"), "");
		const json *from = json_get(var, "valueFrom"), *ref;
		_cleanup_free_ char *value = NULL;

		if (!from)
			value = env_expand(e, json_str_or(json_get(var, "value"), ""));
		else if (json_get(from, "fieldRef"))
			r = pod_field(pod, node, pod_ip, json_str_or(json_get(from, "fieldRef", "fieldPath"), ""),
				      &value, ret_msg);
		else if ((ref = json_get(from, "resourceFieldRef")))
			r = pod_resource_field(pod, node, ref, spec, &value, ret_msg);
		else if ((ref = json_get(from, "configMapKeyRef")))
			r = key_ref(deps, false, ref, &value, ret_msg);
		else if ((ref = json_get(from, "secretKeyRef")))
			r = key_ref(deps, true, ref, &value, ret_msg);
		if (r < 0)
			return r;
		if (value)
			env_set(e, name, value);
	}
	return 0;
}
