// SPDX-License-Identifier: GPL-2.0-or-later
/* defaults_pod.c - defaults of pods and their containers, see defaults.h */
#include "api/kinds/defaults_pod.h"

#include "api/kinds/amounts.h"
#include "api/kinds/claim.h"
#include "api/meta/validate.h"

static void default_http_get(json *action)
{
	if (!action)
		return;
	default_str(action, "path", "/");
	default_str(action, "scheme", "HTTP");
}

/* A zero counts as absent. */
static void default_positive(json *obj, const char *key, int64_t value)
{
	if (json_int(json_get(obj, key), 0) == 0)
		json_set_int(obj, key, value);
}

static void default_probe(json *probe)
{
	if (!probe)
		return;
	default_positive(probe, "timeoutSeconds", 1);
	default_positive(probe, "periodSeconds", 10);
	default_positive(probe, "successThreshold", 1);
	default_positive(probe, "failureThreshold", 3);
	default_http_get(json_get(probe, "httpGet"));
	if (json_get(probe, "grpc") && !json_get(probe, "grpc", "service"))
		json_set_str(json_get(probe, "grpc"), "service", "");
}

/* Does the image's name say nothing newer could be behind it? Its tag is not "latest", or it has a digest. */
static bool image_is_pinned(const char *image)
{
	const char *last = strrchr(image, '/');
	const char *tag;

	if (strchr(image, '@'))
		return true;
	tag = strchr(last ? last : image, ':');
	return tag && tag[1] && !streq(tag + 1, "latest");
}

static void default_container(json *c)
{
	static const char *const probes[] = { "livenessProbe", "readinessProbe", "startupProbe" };
	static const char *const handlers[] = { "postStart", "preStop" };
	const char *image = json_str_or(json_get(c, "image"), "");

	default_str(c, "terminationMessagePath", "/dev/termination-log");
	default_str(c, "terminationMessagePolicy", "File");
	default_str(c, "imagePullPolicy", !*image || image_is_pinned(image) ? "IfNotPresent" : "Always");
	if (!json_get(c, "resources"))
		json_set(c, "resources", json_new_object());
	default_amounts(json_get(c, "resources", "limits"));
	default_amounts(json_get(c, "resources", "requests"));
	json_each(p, json_get(c, "ports"))
		default_str(p, "protocol", "TCP");
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		default_probe(json_get(c, probes[i]));
	for (size_t i = 0; i < ARRAY_SIZE(handlers); i++)
		default_http_get(json_get(c, "lifecycle", handlers[i], "httpGet"));
	json_each(e, json_get(c, "env")) {
		json *ref = json_get(e, "valueFrom", "fieldRef");

		if (ref)
			default_str(ref, "apiVersion", "v1");
	}
}

/* rw-r--r-- */
#define FILE_MODE 0644

static void default_field_refs(json *items)
{
	json_each(it, items) {
		json *ref = json_get(it, "fieldRef");

		if (ref)
			default_str(ref, "apiVersion", "v1");
	}
}

static void default_volume(json *v)
{
	static const char *const with_mode[] = { "secret", "configMap", "downwardAPI", "projected" };
	json *path = json_get(v, "hostPath"), *image = json_get(v, "image");
	bool source = false;

	json_each(it, v)
		source = source || !streq(json_key(it), "name");
	if (!source)
		json_set(v, "emptyDir", json_new_object());
	for (size_t i = 0; i < ARRAY_SIZE(with_mode); i++)
		if (json_get(v, with_mode[i]))
			default_int(json_get(v, with_mode[i]), "defaultMode", FILE_MODE);
	if (path && !json_get(path, "type"))
		json_set_str(path, "type", "");
	if (image)
		default_str(image, "pullPolicy", image_is_pinned(json_str_or(json_get(image, "reference"), "")) ?
			    "IfNotPresent" : "Always");
	default_claim_spec(json_get(v, "ephemeral", "volumeClaimTemplate", "spec"));
	default_field_refs(json_get(v, "downwardAPI", "items"));
	json_each(s, json_get(v, "projected", "sources")) {
		json *token = json_get(s, "serviceAccountToken");

		if (token)
			default_int(token, "expirationSeconds", 3600);
		default_field_refs(json_get(s, "downwardAPI", "items"));
	}
}

/* serviceAccount is the old name of serviceAccountName: both are shown, the new one rules. */
static void copy_service_account(json *spec)
{
	const char *name = json_str_or(json_get(spec, "serviceAccountName"), "");
	const char *old = json_str_or(json_get(spec, "serviceAccount"), "");

	if (*name)
		json_set_str(spec, "serviceAccount", name);
	else if (*old)
		json_set_str(spec, "serviceAccountName", old);
}

void default_pod_spec(json *spec)
{
	static const char *const lists[] = { "containers", "initContainers", "ephemeralContainers" };

	if (!spec)
		return;
	default_str(spec, "restartPolicy", "Always");
	default_str(spec, "dnsPolicy", "ClusterFirst");
	default_str(spec, "schedulerName", "default-scheduler");
	default_int(spec, "terminationGracePeriodSeconds", 30);
	if (json_int(json_get(spec, "terminationGracePeriodSeconds"), 0) < 0)
		json_set_int(spec, "terminationGracePeriodSeconds", 1);
	if (!json_get(spec, "securityContext"))
		json_set(spec, "securityContext", json_new_object());
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_each(c, json_get(spec, lists[i]))
			default_container(c);
	default_amounts(json_get(spec, "overhead"));
	default_amounts(json_get(spec, "resources", "limits"));
	default_amounts(json_get(spec, "resources", "requests"));
	json_each(v, json_get(spec, "volumes"))
		default_volume(v);
	copy_service_account(spec);
}

void default_template(json *owner)
{
	default_pod_spec(json_obj(owner, "template", "spec"));
}

/* What is limited but not asked for is asked for up to the limit. */
static void requests_from_limits(json *container)
{
	json *resources = json_get(container, "resources");

	json_each(limit, json_get(resources, "limits"))
		if (!json_get(resources, "requests", json_key(limit)))
			json_set(json_obj(resources, "requests"), json_key(limit), json_clone(limit));
}

/* Without a word of its own a pod stays five minutes on a node that is gone. */
static void tolerate(json *spec, const char *taint)
{
	json *list = json_get(spec, "tolerations");
	json *t;

	json_each(it, list) {
		const char *key = json_str_or(json_get(it, "key"), "");
		const char *effect = json_str_or(json_get(it, "effect"), "");

		if ((!*key || streq(key, taint)) && (!*effect || streq(effect, "NoExecute")))
			return;
	}
	if (!list)
		list = json_set(spec, "tolerations", json_new_array());
	t = json_build("{\"key\":\"%s\",\"operator\":\"Exists\",\"effect\":\"NoExecute\",\"tolerationSeconds\":300}",
		       taint);
	json_append(list, t);
}

/* --- resources of the pod as a whole ---------------------------------------------------- */

/* Pages that the containers may have together. */
static void limit_hugepages(json *resources, const json *spec)
{
	json_each(c, json_get(spec, "containers"))
		json_each(limit, json_get(c, "resources", "limits")) {
			const char *name = json_key(limit);
			_cleanup_free_ char *sum = NULL;

			if (!resource_is_hugepages(name) || json_get(resources, "limits", name) ||
			    json_get(resources, "requests", name))
				continue;
			sum = containers_request(spec, name);
			if (sum)
				json_set_str(json_obj(resources, "limits"), name, sum);
		}
}

/* What a pod with limits asks for: as much as its containers, or else up to the limit. */
static void request_for_pod(json *resources, const json *spec)
{
	static const char *const names[] = { "cpu", "memory" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *sum = containers_request(spec, names[i]);

		if (sum && !json_get(resources, "requests", names[i]))
			json_set_str(json_obj(resources, "requests"), names[i], sum);
	}
	json_each(limit, json_get(resources, "limits"))
		if ((one_of(json_key(limit), "cpu,memory") || resource_is_hugepages(json_key(limit))) &&
		    !json_get(resources, "requests", json_key(limit)))
			json_set(json_obj(resources, "requests"), json_key(limit), json_clone(limit));
}

static void default_pod_resources(json *spec)
{
	json *resources = json_get(spec, "resources");

	if (!json_len(json_get(resources, "limits")) && !json_len(json_get(resources, "requests")))
		return;
	limit_hugepages(resources, spec);
	if (json_len(json_get(resources, "limits")))
		request_for_pod(resources, spec);
}

void default_pod(json *pod)
{
	static const char *const lists[] = { "containers", "initContainers" };
	json *spec = json_obj(pod, "spec");
	bool host_network = json_bool(json_get(spec, "hostNetwork"), false);

	default_pod_spec(spec);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		json_each(c, json_get(spec, lists[i])) {
			requests_from_limits(c);
			json_each(p, host_network ? json_get(c, "ports") : NULL)
				default_positive(p, "hostPort", json_int(json_get(p, "containerPort"), 0));
		}
	default_pod_resources(spec);
	default_bool(spec, "enableServiceLinks", true);
}

void admit_pod(json *pod)
{
	json *spec = json_obj(pod, "spec");

	tolerate(spec, "node.kubernetes.io/not-ready");
	tolerate(spec, "node.kubernetes.io/unreachable");
}
