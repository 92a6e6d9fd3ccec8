// SPDX-License-Identifier: GPL-2.0-or-later
/* node_object.c - see node_object.h */
#include "agent/node_object.h"

#include "api/schema/quantity.h"
#include "net/plan.h"

const char *node_arch(const char *machine)
{
	static const struct { const char *machine, *arch; } names[] = {
		{ "x86_64", "amd64" }, { "aarch64", "arm64" }, { "armv7l", "arm" }, { "i686", "386" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(machine, names[i].machine))
			return names[i].arch;
	return machine;
}

static json *make_labels(const struct node_info *i)
{
	json *l = json_new_object();

	json_set_str(l, "kubernetes.io/arch", node_arch(i->machine));
	json_set_str(l, "kubernetes.io/hostname", i->name);
	json_set_str(l, "kubernetes.io/os", "linux");
	return l;
}

static json *make_annotations(const struct node_info *i)
{
	_cleanup_free_ char *data = xasprintf("{\"VNI\":%u,\"VtepMAC\":\"%s\"}", i->vni, i->vtep_mac);
	json *a = json_new_object();

	json_set_str(a, ANNOTATION_BACKEND_TYPE, "vxlan");
	json_set_str(a, ANNOTATION_BACKEND_DATA, data);
	json_set_str(a, ANNOTATION_PUBLIC_IP, i->ip);
	json_set_str(a, ANNOTATION_KUBE_MANAGER, "true");
	return a;
}

json *node_object_new(const struct node_info *i)
{
	json *node = json_build("{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{},\"spec\":{}}");
	json *meta = json_get(node, "metadata");

	json_set_str(meta, "name", i->name);
	json_set(meta, "labels", make_labels(i));
	json_set(meta, "annotations", make_annotations(i));
	return node;
}

/* The members of want that have lacks, or NULL. Takes want. */
static json *lacking(json *want, const json *have)
{
	json *out = json_new_object();

	json_each(m, want)
		if (!json_equal(m, json_get(have, json_key(m))))
			json_set(out, json_key(m), json_clone(m));
	json_freep(&want);
	if (!json_len(out)) {
		json_freep(&out);
		return NULL;
	}
	return out;
}

json *node_metadata_patch(const struct node_info *i, const json *node)
{
	json *labels = lacking(make_labels(i), meta_labels(node));
	json *annotations = lacking(make_annotations(i), meta_annotations(node));
	json *patch, *meta;

	if (!labels && !annotations)
		return NULL;
	patch = json_build("{\"metadata\":{}}");
	meta = json_get(patch, "metadata");
	if (labels)
		json_set(meta, "labels", labels);
	if (annotations)
		json_set(meta, "annotations", annotations);
	return patch;
}

static void add_condition(json *list, const json *prev, const char *type, bool value, const char *reason,
			  const char *message, const char *now_text)
{
	const json *old = NULL;
	const char *status = value ? "True" : "False", *since;
	json *c = json_new_object();

	json_each(o, json_get(prev, "conditions"))
		if (streq(json_str(json_get(o, "type")), type))
			old = o;
	since = streq(json_str(json_get(old, "status")), status) ? json_str(json_get(old, "lastTransitionTime")) : NULL;
	json_set_str(c, "type", type);
	json_set_str(c, "status", status);
	json_set_str(c, "lastHeartbeatTime", now_text);
	json_set_str(c, "lastTransitionTime", since ?: now_text);
	json_set_str(c, "reason", reason);
	json_set_str(c, "message", message);
	json_append(list, c);
}

static json *make_conditions(const struct node_health *h, const json *prev, uint64_t now)
{
	_cleanup_free_ char *problem = NULL;
	json *list = json_new_array();
	char text[32];

	format_time(now, text);
	if (h->runtime_problem)
		problem = xasprintf("container runtime is down: %s", h->runtime_problem);
	else if (h->network_problem)
		problem = xasprintf("container runtime network not ready: %s", h->network_problem);
	add_condition(list, prev, "NetworkUnavailable", h->network_problem,
		      h->network_problem ? "KeelsonIsDown" : "KeelsonIsUp",
		      h->network_problem ?: "the keelson datapath is programmed on this node", text);
	add_condition(list, prev, "MemoryPressure", h->memory_low,
		      h->memory_low ? "KubeletHasInsufficientMemory" : "KubeletHasSufficientMemory",
		      h->memory_low ? "kubelet has insufficient memory available" :
		      "kubelet has sufficient memory available", text);
	add_condition(list, prev, "DiskPressure", h->disk_low,
		      h->disk_low ? "KubeletHasDiskPressure" : "KubeletHasNoDiskPressure",
		      h->disk_low ? "kubelet has disk pressure" : "kubelet has no disk pressure", text);
	add_condition(list, prev, "PIDPressure", h->pids_low,
		      h->pids_low ? "KubeletHasInsufficientPID" : "KubeletHasSufficientPID",
		      h->pids_low ? "kubelet has insufficient PID available" :
		      "kubelet has sufficient PID available", text);
	add_condition(list, prev, "Ready", !problem, problem ? "KubeletNotReady" : "KubeletReady",
		      problem ?: "kubelet is posting ready status", text);
	return list;
}

static json *make_amounts(const struct node_info *i)
{
	_cleanup_free_ char *cpu = quantity_from_milli(i->cpu_milli);
	_cleanup_free_ char *memory = xasprintf("%lldKi", (long long)(i->memory / 1024));
	_cleanup_free_ char *storage = xasprintf("%lldKi", (long long)(i->storage / 1024));
	_cleanup_free_ char *pods = xasprintf("%lld", (long long)i->pods);
	json *a = json_new_object();

	json_set_str(a, "cpu", cpu);
	json_set_str(a, "ephemeral-storage", storage);
	json_set_str(a, "memory", memory);
	json_set_str(a, "pods", pods);
	return a;
}

static json *make_address(const char *type, const char *address)
{
	json *a = json_new_object();

	json_set_str(a, "type", type);
	json_set_str(a, "address", address);
	return a;
}

json *node_status_make(const struct node_info *i, const struct node_health *h, const json *prev, uint64_t now)
{
	json *st = json_new_object(), *info = json_new_object(), *addresses = json_new_array();

	json_append(addresses, make_address("InternalIP", i->ip));
	json_append(addresses, make_address("Hostname", i->name));
	json_set(st, "addresses", addresses);
	json_set(st, "capacity", make_amounts(i));
	json_set(st, "allocatable", make_amounts(i));
	json_set(st, "conditions", make_conditions(h, prev, now));
	json_set_int(json_obj(st, "daemonEndpoints", "kubeletEndpoint"), "Port", i->agent_port);
	json_set_str(info, "architecture", node_arch(i->machine));
	json_set_str(info, "bootID", i->boot_id);
	json_set_str(info, "containerRuntimeVersion", i->runtime_version ?: "containerd://unknown");
	json_set_str(info, "kernelVersion", i->kernel);
	json_set_str(info, "kubeProxyVersion", i->version);
	json_set_str(info, "kubeletVersion", i->version);
	json_set_str(info, "machineID", i->machine_id);
	json_set_str(info, "operatingSystem", "linux");
	json_set_str(info, "osImage", i->os_image);
	json_set_str(info, "systemUUID", i->system_uuid);
	json_set(st, "nodeInfo", info);
	return st;
}

bool node_status_same(const json *a, const json *b)
{
	_cleanup_json_ json *ca = json_clone(a), *cb = json_clone(b);

	json_each(c, json_get(ca, "conditions"))
		json_del(c, "lastHeartbeatTime");
	json_each(c, json_get(cb, "conditions"))
		json_del(c, "lastHeartbeatTime");
	return json_equal(ca, cb);
}

bool node_was_overruled(const json *node, const json *sent)
{
	json_each(c, json_get(sent, "conditions")) {
		const json *said = status_condition(node, json_str_or(json_get(c, "type"), ""));

		if (!streq(json_str(json_get(said, "status")), json_str(json_get(c, "status"))))
			return true;
	}
	return false;
}

json *node_lease_new(const char *name, const json *node, uint64_t now)
{
	json *lease = json_build("{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{},\"spec\":{}}");
	json *meta = json_get(lease, "metadata"), *spec = json_get(lease, "spec");
	char text[32];

	format_micro_time(now, text);
	json_set_str(meta, "name", name);
	json_set_str(meta, "namespace", NODE_LEASE_NAMESPACE);
	if (meta_uid(node)) {
		json *owners = json_new_array(), *owner = json_build("{\"apiVersion\":\"v1\",\"kind\":\"Node\"}");

		json_set_str(owner, "name", name);
		json_set_str(owner, "uid", meta_uid(node));
		json_append(owners, owner);
		json_set(meta, "ownerReferences", owners);
	}
	json_set_str(spec, "holderIdentity", name);
	json_set_int(spec, "leaseDurationSeconds", NODE_LEASE_SECONDS);
	json_set_str(spec, "renewTime", text);
	return lease;
}
