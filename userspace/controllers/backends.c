// SPDX-License-Identifier: GPL-2.0-or-later
/* backends.c - see backends.h */
#include "controllers/backends.h"

#include "api/kinds/kinds.h"
#include "api/meta/view_pod.h"
#include "api/meta/view_service.h"
#include "controllers/labels.h"
#include "controllers/objects.h"

bool service_has_backends(const json *svc)
{
	return service_selector(svc) && !service_is_external_name(svc);
}

static const char *address_of(const json *pod, const char *family)
{
	bool six = streq(family, "IPv6");

	json_each(it, json_get(pod, "status", "podIPs")) {
		const char *ip = json_str(json_get(it, "ip"));

		if (ip && (strchr(ip, ':') != NULL) == six)
			return ip;
	}
	if (pod_ip(pod) && *pod_ip(pod) && (strchr(pod_ip(pod), ':') != NULL) == six)
		return pod_ip(pod);
	return NULL;
}

static json *resolve_ports(const json *svc, const json *pod)
{
	json *ports = json_new_array();

	json_each(sp, service_ports(svc)) {
		const json *target = json_get(sp, "targetPort");
		const char *protocol = json_str_or(json_get(sp, "protocol"), "TCP");
		int64_t number = json_is_string(target) ? pod_named_port(pod, json_str(target), protocol) :
				 json_int(target, json_int(json_get(sp, "port"), 0));
		json *p;

		if (number <= 0)
			continue;
		p = json_new_object();
		json_set_str(p, "name", json_str_or(json_get(sp, "name"), ""));
		json_set_int(p, "port", number);
		json_set_str(p, "protocol", protocol);
		json_set_str(p, "appProtocol", json_str(json_get(sp, "appProtocol")));
		json_append(ports, p);
	}
	return ports;
}

char *backends_ports_key(const json *ports)
{
	struct buf key = { 0 };

	json_each(p, ports)
		buf_printf(&key, "%s:%lld/%s/%s;", json_str_or(json_get(p, "name"), ""),
			   (long long)json_int(json_get(p, "port"), 0),
			   json_str_or(json_get(p, "protocol"), "TCP"),
			   json_str_or(json_get(p, "appProtocol"), ""));
	return buf_steal(&key);
}

static int by_address(const void *a, const void *b)
{
	return strcmp(((const struct backend *)a)->address, ((const struct backend *)b)->address);
}

struct backend *backends_find(const json *svc, const json *const *pods, size_t n, const char *family,
			      size_t *ret_n)
{
	struct backend *list = xcalloc(n, sizeof(*list));
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		struct backend b = { .pod = pods[i], .address = address_of(pods[i], family) };

		if (!b.address || pod_finished(pods[i]) ||
		    !label_map_matches(service_selector(svc), meta_labels(pods[i])))
			continue;
		b.serving = pod_ready(pods[i]);
		b.terminating = pod_terminating(pods[i]);
		b.ready = service_publishes_not_ready(svc) || (b.serving && !b.terminating);
		b.ports = resolve_ports(svc, pods[i]);
		b.ports_key = backends_ports_key(b.ports);
		list[k++] = b;
	}
	qsort(list, k, sizeof(*list), by_address);
	*ret_n = k;
	return list;
}

void backends_free(struct backend *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		cJSON_Delete(b[i].ports);
		free(b[i].ports_key);
	}
	free(b);
}

json *backend_target_ref(const struct backend *b)
{
	json *ref = json_new_object();

	json_set_str(ref, "kind", "Pod");
	json_set_str(ref, "namespace", meta_namespace(b->pod));
	json_set_str(ref, "name", meta_name(b->pod));
	json_set_str(ref, "uid", meta_uid(b->pod));
	return ref;
}

const char *backend_hostname(const struct backend *b, const json *svc)
{
	const char *hostname = json_str(json_get(b->pod, "spec", "hostname"));

	if (!hostname || !*hostname || !streq(json_str(json_get(b->pod, "spec", "subdomain")), meta_name(svc)))
		return NULL;
	return hostname;
}

void backends_init(struct informers *set)
{
	informers_index(set, &res_pods, index_by_labels, INDEX_EVERY);
	informers_index(set, &res_services, index_by_label_map, INDEX_ANY);
}

static void enqueue_services(struct runner *r, const json *pod)
{
	_cleanup_free_ const json **services = NULL;

	if (!pod)
		return;
	services = informers_selecting(runner_informers(r), &res_services, index_by_label_map, pod, NULL);
	for (size_t i = 0; services[i]; i++)
		if (service_has_backends(services[i]) &&
		    label_map_matches(service_selector(services[i]), meta_labels(pod)))
			runner_changed_self(r, NULL, services[i]);
}

void backends_pod_changed(struct runner *r, const json *old, const json *new)
{
	/* A pod without an address stands behind nothing. */
	if (!pod_ip(old) && !pod_ip(new))
		return;
	enqueue_services(r, new);
	if (!new || !json_equal(meta_labels(old), meta_labels(new)))
		enqueue_services(r, old);
}
