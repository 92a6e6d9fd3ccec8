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

/* The number of one of the Service's ports in the pod; 0: it has none of that name. */
static int64_t target_port(const json *sp, const json *pod)
{
	const json *target = json_get(sp, "targetPort");

	if (json_is_string(target))
		return pod_named_port(pod, json_str(target), json_str_or(json_get(sp, "protocol"), "TCP"));
	return json_int(target, json_int(json_get(sp, "port"), 0));
}

/* What the pod has to do with it. */
static bool has_named_target(const json *svc)
{
	json_each(sp, service_ports(svc))
		if (json_is_string(json_get(sp, "targetPort")))
			return true;
	return false;
}

static void add_to_key(struct buf *key, const json *p, int64_t number)
{
	buf_printf(key, "%s:%lld/%s/%s;", json_str_or(json_get(p, "name"), ""), (long long)number,
		   json_str_or(json_get(p, "protocol"), "TCP"), json_str_or(json_get(p, "appProtocol"), ""));
}

char *backends_ports_key(const json *ports)
{
	struct buf key = { 0 };

	json_each(p, ports)
		add_to_key(&key, p, json_int(json_get(p, "port"), 0));
	return buf_steal(&key);
}

static char *resolved_key(const json *svc, const json *pod)
{
	struct buf key = { 0 };

	json_each(sp, service_ports(svc))
		if (target_port(sp, pod) > 0)
			add_to_key(&key, sp, target_port(sp, pod));
	return buf_steal(&key);
}

static json *resolve_ports(const json *svc, const json *pod)
{
	json *ports = json_new_array();

	json_each(sp, service_ports(svc)) {
		json *p;

		if (target_port(sp, pod) <= 0)
			continue;
		p = json_new_object();
		json_set_str(p, "name", json_str_or(json_get(sp, "name"), ""));
		json_set_int(p, "port", target_port(sp, pod));
		json_set_str(p, "protocol", json_str_or(json_get(sp, "protocol"), "TCP"));
		json_set_str(p, "appProtocol", json_str(json_get(sp, "appProtocol")));
		json_append(ports, p);
	}
	return ports;
}

static const struct port_set *ports_of(struct backends *b, const json *svc, const json *pod)
{
	_cleanup_free_ char *key = resolved_key(svc, pod);
	struct port_set *set;

	HASH_FIND_STR(b->ports, key, set);
	if (!set) {
		set = xnew0(struct port_set);
		set->number = HASH_COUNT(b->ports);
		set->ports = resolve_ports(svc, pod);
		set->key = TAKE_PTR(key);
		HASH_ADD_KEYPTR(hh, b->ports, set->key, strlen(set->key), set);
	}
	return set;
}

static int by_address(const void *a, const void *b)
{
	return strcmp(((const struct backend *)a)->address, ((const struct backend *)b)->address);
}

struct backends backends_find(const json *svc, const json *const *pods, size_t n, const char *family)
{
	bool publish = service_publishes_not_ready(svc), named = has_named_target(svc);
	struct backends all = { .list = xcalloc(n, sizeof(*all.list)) };

	for (size_t i = 0; i < n; i++) {
		struct backend b = { .pod = pods[i], .address = address_of(pods[i], family) };

		if (!b.address || pod_finished(pods[i]) ||
		    !label_map_matches(service_selector(svc), meta_labels(pods[i])))
			continue;
		b.serving = pod_ready(pods[i]);
		b.terminating = pod_terminating(pods[i]);
		b.ready = publish || (b.serving && !b.terminating);
		all.list[all.n++] = b;
	}
	qsort(all.list, all.n, sizeof(*all.list), by_address);
	for (size_t i = 0; i < all.n; i++)
		all.list[i].ports = named || i == 0 ? ports_of(&all, svc, all.list[i].pod) : all.list[0].ports;
	return all;
}

void backends_free(struct backends *b)
{
	struct port_set *set, *tmp;

	HASH_ITER(hh, b->ports, set, tmp) {
		HASH_DEL(b->ports, set);
		cJSON_Delete(set->ports);
		free(set->key);
		free(set);
	}
	free(b->list);
	*b = (struct backends){ 0 };
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
