// SPDX-License-Identifier: GPL-2.0-or-later
/* pod_config.c - see pod_config.h */
#include "agent/pod_config.h"

#include <errno.h>

#include "agent/cri.h"
#include "agent/observed.h"
#include "agent/volumes.h"
#include "api/schema/quantity.h"

#define CPU_PERIOD_US		100000
#define MIN_SHARES		2
#define MIN_QUOTA_US		1000
#define HOSTNAME_LEN		63

/* What a container must not see or write of /proc and /sys unless it is privileged. */
static const char *const masked_paths[] = {
	"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
	"/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
};
static const char *const readonly_paths[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

/* A message of that type on the heap. */
#define NEW(type, init) ({ type *m_ = xmalloc(sizeof(*m_)); init(m_); m_; })

static void set_str(char **field, const char *value)
{
	*field = xstrdup(value ?: "");
}

static Cri__Int64Value *int_value(const json *j)
{
	Cri__Int64Value *v;

	if (!json_is_int(j))
		return NULL;
	v = NEW(Cri__Int64Value, cri__int64_value__init);
	v->value = json_int(j, 0);
	return v;
}

/* The container's own setting, else the pod's. */
static const json *security(const json *pod, const json *spec, const char *key)
{
	return json_get(spec, "securityContext", key) ?: json_get(pod, "spec", "securityContext", key);
}

static Cri__SecurityProfile *seccomp(const json *profile)
{
	const char *type = json_str(json_get(profile, "type"));
	Cri__SecurityProfile *p;

	if (!type)
		return NULL;
	p = NEW(Cri__SecurityProfile, cri__security_profile__init);
	p->profile_type = streq(type, "RuntimeDefault") ? CRI__SECURITY_PROFILE__PROFILE_TYPE__RuntimeDefault :
			  streq(type, "Localhost") ? CRI__SECURITY_PROFILE__PROFILE_TYPE__Localhost :
			  CRI__SECURITY_PROFILE__PROFILE_TYPE__Unconfined;
	set_str(&p->localhost_ref, json_str(json_get(profile, "localhostProfile")));
	return p;
}

static Cri__NamespaceOption *namespaces(const json *pod)
{
	Cri__NamespaceOption *o = NEW(Cri__NamespaceOption, cri__namespace_option__init);

	o->network = pod_host_network(pod) ? CRI__NAMESPACE_MODE__NODE : CRI__NAMESPACE_MODE__POD;
	o->ipc = json_bool(json_get(pod, "spec", "hostIPC"), false) ? CRI__NAMESPACE_MODE__NODE : CRI__NAMESPACE_MODE__POD;
	o->pid = json_bool(json_get(pod, "spec", "hostPID"), false) ? CRI__NAMESPACE_MODE__NODE :
		 json_bool(json_get(pod, "spec", "shareProcessNamespace"), false) ? CRI__NAMESPACE_MODE__POD :
		 CRI__NAMESPACE_MODE__CONTAINER;
	return o;
}

static void add_groups(const json *pod, int64_t **groups, size_t *n)
{
	const json *sc = json_get(pod, "spec", "securityContext"), *list = json_get(sc, "supplementalGroups");
	const json *fs = json_get(sc, "fsGroup");

	*groups = xcalloc((size_t)json_len(list) + 1, sizeof(**groups));
	json_each(g, list)
		(*groups)[(*n)++] = json_int(g, 0);
	if (json_is_int(fs))
		(*groups)[(*n)++] = json_int(fs, 0);
	if (!*n) {
		free(*groups);
		*groups = NULL;
	}
}

static bool privileged(const json *spec)
{
	return json_bool(json_get(spec, "securityContext", "privileged"), false);
}

static bool any_privileged(const json *pod)
{
	json_each(c, pod_containers(pod))
		if (privileged(c))
			return true;
	json_each(c, pod_init_containers(pod))
		if (privileged(c))
			return true;
	return false;
}

/* --- the sandbox --- */

/* resolv.conf(5) lines into the message. */
static void parse_resolv_conf(const char *text, Cri__DNSConfig *d)
{
	_cleanup_free_ char *copy = xstrdup(text ?: "");
	char *save = NULL, *inner;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *word = strtok_r(line, " \t", &inner), *arg;

		while (word && (arg = strtok_r(NULL, " \t", &inner))) {
			if (streq(word, "nameserver"))
				cri_strv_add(&d->servers, &d->n_servers, arg);
			else if (streq(word, "search"))
				cri_strv_add(&d->searches, &d->n_searches, arg);
			else if (streq(word, "options"))
				cri_strv_add(&d->options, &d->n_options, arg);
		}
	}
}

/* NULL: the runtime gives the pod the host's resolv.conf. */
static Cri__DNSConfig *dns(const json *pod, const struct node_facts *node)
{
	const json *extra = json_get(pod, "spec", "dnsConfig");
	bool none = streq(json_str(json_get(pod, "spec", "dnsPolicy")), "None");
	Cri__DNSConfig *d;

	if (!extra && !none)
		return NULL;
	d = NEW(Cri__DNSConfig, cri__dnsconfig__init);
	if (!none)
		parse_resolv_conf(node->resolv_conf, d);
	json_each(s, json_get(extra, "nameservers"))
		cri_strv_add(&d->servers, &d->n_servers, json_str_or(s, ""));
	json_each(s, json_get(extra, "searches"))
		cri_strv_add(&d->searches, &d->n_searches, json_str_or(s, ""));
	json_each(o, json_get(extra, "options")) {
		const char *name = json_str_or(json_get(o, "name"), ""), *value = json_str(json_get(o, "value"));
		_cleanup_free_ char *text = value ? xasprintf("%s:%s", name, value) : xstrdup(name);

		cri_strv_add(&d->options, &d->n_options, text);
	}
	return d;
}

static void add_identity(const json *pod, Cri__Pair ***labels, size_t *n)
{
	cri_pair_add(labels, n, LABEL_POD_NAME, meta_name(pod));
	cri_pair_add(labels, n, LABEL_POD_NAMESPACE, meta_namespace(pod));
	cri_pair_add(labels, n, LABEL_POD_UID, meta_uid(pod));
}

static Cri__LinuxPodSandboxConfig *sandbox_linux(const json *pod, const struct node_facts *node)
{
	Cri__LinuxPodSandboxConfig *l = NEW(Cri__LinuxPodSandboxConfig, cri__linux_pod_sandbox_config__init);
	Cri__LinuxSandboxSecurityContext *s =
		NEW(Cri__LinuxSandboxSecurityContext, cri__linux_sandbox_security_context__init);

	set_str(&l->cgroup_parent, node->cgroup_parent);
	l->security_context = s;
	s->namespace_options = namespaces(pod);
	s->run_as_user = int_value(json_get(pod, "spec", "securityContext", "runAsUser"));
	if (s->run_as_user)
		s->run_as_group = int_value(json_get(pod, "spec", "securityContext", "runAsGroup"));
	s->seccomp = seccomp(json_get(pod, "spec", "securityContext", "seccompProfile"));
	s->privileged = any_privileged(pod);
	add_groups(pod, &s->supplemental_groups, &s->n_supplemental_groups);
	json_each(c, json_get(pod, "spec", "securityContext", "sysctls"))
		cri_pair_add(&l->sysctls, &l->n_sysctls, json_str_or(json_get(c, "name"), ""),
			     json_str_or(json_get(c, "value"), ""));
	return l;
}

Cri__PodSandboxConfig *pod_sandbox_config(const json *pod, uint32_t attempt, const struct node_facts *node)
{
	Cri__PodSandboxConfig *c = NEW(Cri__PodSandboxConfig, cri__pod_sandbox_config__init);
	_cleanup_free_ char *hostname = xstrndup(json_str_or(json_get(pod, "spec", "hostname"), meta_name(pod)),
						 HOSTNAME_LEN);

	c->metadata = NEW(Cri__PodSandboxMetadata, cri__pod_sandbox_metadata__init);
	set_str(&c->metadata->name, meta_name(pod));
	set_str(&c->metadata->uid, meta_uid(pod));
	set_str(&c->metadata->namespace_, meta_namespace(pod));
	c->metadata->attempt = attempt;
	set_str(&c->hostname, pod_host_network(pod) ? NULL : hostname);
	c->log_directory = pod_log_dir(node->data_dir, meta_namespace(pod), meta_name(pod), meta_uid(pod));
	c->dns_config = dns(pod, node);
	json_each(l, meta_labels(pod))
		cri_pair_add(&c->labels, &c->n_labels, json_key(l), json_str_or(l, ""));
	add_identity(pod, &c->labels, &c->n_labels);
	json_each(a, meta_annotations(pod))
		cri_pair_add(&c->annotations, &c->n_annotations, json_key(a), json_str_or(a, ""));
	c->linux_config = sandbox_linux(pod, node);
	return c;
}

/* --- a container --- */

/* How readily the kernel kills it when memory is out: guaranteed pods last, best effort first. */
static int64_t oom_score(const json *pod, const json *spec, const struct node_facts *node)
{
	const char *qos = pod_qos_class(pod);
	int64_t memory = quantity_value(json_get(spec, "resources", "requests", "memory"), 0), score;

	if (streq(qos, "Guaranteed"))
		return -997;
	if (streq(qos, "BestEffort") || node->memory <= 0)
		return 1000;
	score = 1000 - memory * 1000 / node->memory;
	return score < 3 ? 3 : score > 999 ? 999 : score;
}

static Cri__LinuxContainerResources *resources(const json *pod, const json *spec, const struct node_facts *node)
{
	Cri__LinuxContainerResources *r = NEW(Cri__LinuxContainerResources, cri__linux_container_resources__init);
	const json *limits = json_get(spec, "resources", "limits"), *requests = json_get(spec, "resources", "requests");
	int64_t limit = quantity_milli(json_get(limits, "cpu"), 0);
	int64_t request = quantity_milli(json_get(requests, "cpu"), limit);

	r->cpu_shares = request * 1024 / 1000 > MIN_SHARES ? request * 1024 / 1000 : MIN_SHARES;
	if (limit > 0) {
		r->cpu_period = CPU_PERIOD_US;
		r->cpu_quota = limit * CPU_PERIOD_US / 1000 > MIN_QUOTA_US ? limit * CPU_PERIOD_US / 1000 : MIN_QUOTA_US;
	}
	r->memory_limit_in_bytes = quantity_value(json_get(limits, "memory"), 0);
	r->oom_score_adj = oom_score(pod, spec, node);
	return r;
}

static Cri__LinuxContainerConfig *container_linux(const json *pod, const json *spec, const struct node_facts *node)
{
	Cri__LinuxContainerConfig *l = NEW(Cri__LinuxContainerConfig, cri__linux_container_config__init);
	Cri__LinuxContainerSecurityContext *s =
		NEW(Cri__LinuxContainerSecurityContext, cri__linux_container_security_context__init);
	const json *sc = json_get(spec, "securityContext");

	l->resources = resources(pod, spec, node);
	l->security_context = s;
	s->namespace_options = namespaces(pod);
	s->privileged = privileged(spec);
	s->run_as_user = int_value(security(pod, spec, "runAsUser"));
	if (s->run_as_user)
		s->run_as_group = int_value(security(pod, spec, "runAsGroup"));
	s->readonly_rootfs = json_bool(json_get(sc, "readOnlyRootFilesystem"), false);
	s->no_new_privs = !json_bool(json_get(sc, "allowPrivilegeEscalation"), true);
	s->seccomp = seccomp(security(pod, spec, "seccompProfile"));
	add_groups(pod, &s->supplemental_groups, &s->n_supplemental_groups);
	if (json_get(sc, "capabilities")) {
		Cri__Capability *c = NEW(Cri__Capability, cri__capability__init);

		json_each(cap, json_get(sc, "capabilities", "add"))
			cri_strv_add(&c->add_capabilities, &c->n_add_capabilities, json_str_or(cap, ""));
		json_each(cap, json_get(sc, "capabilities", "drop"))
			cri_strv_add(&c->drop_capabilities, &c->n_drop_capabilities, json_str_or(cap, ""));
		s->capabilities = c;
	}
	if (!s->privileged && !streq(json_str(json_get(sc, "procMount")), "Unmasked")) {
		for (size_t i = 0; i < ARRAY_SIZE(masked_paths); i++)
			cri_strv_add(&s->masked_paths, &s->n_masked_paths, masked_paths[i]);
		for (size_t i = 0; i < ARRAY_SIZE(readonly_paths); i++)
			cri_strv_add(&s->readonly_paths, &s->n_readonly_paths, readonly_paths[i]);
	}
	return l;
}

/* Takes host_path. */
static Cri__Mount *add_mount(Cri__ContainerConfig *c, const char *container_path, char *host_path)
{
	Cri__Mount *m = NEW(Cri__Mount, cri__mount__init);

	set_str(&m->container_path, container_path);
	m->host_path = host_path;
	c->mounts = xrealloc(c->mounts, (c->n_mounts + 1) * sizeof(*c->mounts));
	c->mounts[c->n_mounts++] = m;
	return m;
}

static int add_volume_mounts(const struct container_args *a, const struct env *e, Cri__ContainerConfig *c,
			     bool *ret_hosts, char **ret_msg)
{
	json_each(vm, json_get(a->spec, "volumeMounts")) {
		const char *name = json_str_or(json_get(vm, "name"), ""), *at = json_str_or(json_get(vm, "mountPath"), "");
		const char *sub = json_str(json_get(vm, "subPath")), *expr = json_str(json_get(vm, "subPathExpr"));
		_cleanup_free_ char *expanded = expr && *expr ? env_expand(e, expr) : NULL;
		char *path = pod_volume_path(a->node->data_dir, a->pod, name);
		const char *propagation = json_str(json_get(vm, "mountPropagation"));
		Cri__Mount *m;

		if (!path) {
			*ret_msg = xasprintf("volume mount \"%s\" names no volume of the pod", name);
			return -EINVAL;
		}
		sub = expanded ?: sub;
		if (sub && *sub) {
			_cleanup_free_ char *volume = path;
			int r = volume_subpath(volume, sub, &path, ret_msg);

			if (r < 0)
				return r;
		}
		m = add_mount(c, at, path);
		m->readonly = json_bool(json_get(vm, "readOnly"), false);
		m->propagation = streq(propagation, "Bidirectional") ? CRI__MOUNT__PROPAGATION__BIDIRECTIONAL :
				 streq(propagation, "HostToContainer") ? CRI__MOUNT__PROPAGATION__HOST_TO_CONTAINER :
				 CRI__MOUNT__PROPAGATION__PRIVATE;
		*ret_hosts |= streq(at, "/etc/hosts");
	}
	return 0;
}

static void add_words(const struct env *e, const json *words, char ***strv, size_t *n)
{
	json_each(w, words) {
		_cleanup_free_ char *expanded = env_expand(e, json_str_or(w, ""));

		cri_strv_add(strv, n, expanded);
	}
}

static int fill(const struct container_args *a, struct env *e, Cri__ContainerConfig *c, char **ret_msg)
{
	const char *name = json_str_or(json_get(a->spec, "name"), ""), *uid = meta_uid(a->pod);
	_cleanup_free_ char *restarts = xasprintf("%u", a->attempt), *failures = xasprintf("%u", a->failures);
	bool hosts = pod_host_network(a->pod);
	int r;

	c->metadata = NEW(Cri__ContainerMetadata, cri__container_metadata__init);
	set_str(&c->metadata->name, name);
	c->metadata->attempt = a->attempt;
	c->image = NEW(Cri__ImageSpec, cri__image_spec__init);
	set_str(&c->image->image, a->image);
	c->log_path = xasprintf("%s/%u.log", name, a->attempt);
	add_identity(a->pod, &c->labels, &c->n_labels);
	cri_pair_add(&c->labels, &c->n_labels, LABEL_CONTAINER_NAME, name);
	cri_pair_add(&c->annotations, &c->n_annotations, ANNOTATION_RESTARTS, restarts);
	cri_pair_add(&c->annotations, &c->n_annotations, ANNOTATION_FAILURES, failures);
	set_str(&c->working_dir, json_str(json_get(a->spec, "workingDir")));
	c->stdin = json_bool(json_get(a->spec, "stdin"), false);
	c->stdin_once = json_bool(json_get(a->spec, "stdinOnce"), false);
	c->tty = json_bool(json_get(a->spec, "tty"), false);
	c->linux_config = container_linux(a->pod, a->spec, a->node);
	r = container_env(a->pod, a->spec, a->deps, a->node, a->pod_ip, e, ret_msg);
	if (r < 0)
		return r;
	for (size_t i = 0; i < e->n; i++)
		cri_pair_add(&c->envs, &c->n_envs, e->vars[i].name, e->vars[i].value);
	add_words(e, json_get(a->spec, "command"), &c->command, &c->n_command);
	add_words(e, json_get(a->spec, "args"), &c->args, &c->n_args);
	r = add_volume_mounts(a, e, c, &hosts, ret_msg);
	if (r < 0)
		return r;
	if (!hosts)
		add_mount(c, "/etc/hosts", pod_hosts_path(a->node->data_dir, uid));
	add_mount(c, json_str_or(json_get(a->spec, "terminationMessagePath"), "/dev/termination-log"),
		  pod_termination_path(a->node->data_dir, uid, name, a->attempt));
	return 0;
}

int container_config(const struct container_args *a, Cri__ContainerConfig **ret, char **ret_msg)
{
	Cri__ContainerConfig *c = NEW(Cri__ContainerConfig, cri__container_config__init);
	_cleanup_(env_clear) struct env e = { 0 };
	int r = fill(a, &e, c, ret_msg);

	if (r < 0)
		cri__container_config__free_unpacked(c, NULL);
	else
		*ret = c;
	return r;
}
