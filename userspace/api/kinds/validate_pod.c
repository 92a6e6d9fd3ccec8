// SPDX-License-Identifier: GPL-2.0-or-later
/* validate_pod.c - pods and templates of pods, part by part, see validate_pod.h */
#include "api/kinds/amounts.h"
#include "api/kinds/validate_pod.h"
#include "api/meta/view_selector.h"

#define MSG_IP "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"

/* --- names and addresses ------------------------------------------------------------- */

static void validate_host_aliases(const struct pod_check *c)
{
	int i = 0;

	json_each(a, json_get(c->spec, "hostAliases")) {
		const char *ip = json_str_or(json_get(a, "ip"), "");
		PATH(base, "%s.hostAliases[%d]", c->path, i++);
		PATH(names, "%s.hostnames", base);

		if (!valid_ip(ip))
			child_invalid_str(c->e, base, "ip", ip, MSG_IP);
		validate_strings_as(json_get(a, "hostnames"), invalid_dns1123_subdomain, names, c->e);
	}
}

#define NAMESERVERS_MAX 3
#define SEARCHES_MAX 32
#define SEARCH_CHARS_MAX 2048

static bool is_search_label(const char *s, size_t n)
{
	static const char inside[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";

	if (n && *s == '_') {
		s++;
		n--;
	}
	return n && strspn(s, inside) >= n && !strchr("-_", s[0]) && !strchr("-_", s[n - 1]);
}

/* A subdomain that may have underscores and a dot at its end; a dot alone is the root. */
static const char *invalid_search(const char *s)
{
	size_t left = strlen(s);

	if (streq(s, "."))
		return NULL;
	left -= left && s[left - 1] == '.';
	if (left > 253)
		return "must be no more than 253 characters";
	for (;;) {
		size_t n = strcspn(s, ".");

		if (n > left)
			n = left;
		if (!is_search_label(s, n))
			return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or "
			       "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
			       "for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";
		if (n == left)
			return NULL;
		s += n + 1;
		left -= n + 1;
	}
}

static size_t joined_length(const json *strings)
{
	size_t n = 0;

	json_each(s, strings)
		n += (n ? 1 : 0) + strlen(json_str_or(s, ""));
	return n;
}

static void validate_searches(const json *searches, const char *path, struct field_errors *e)
{
	int i = 0;

	if (json_len(searches) > SEARCHES_MAX)
		field_invalid(e, path, searches, "must not have more than 32 search paths");
	if (joined_length(searches) > SEARCH_CHARS_MAX)
		field_invalid(e, path, searches,
			      "must not have more than 2048 characters (including spaces) in the search list");
	json_each(s, searches) {
		const char *text = json_str_or(s, ""), *why = invalid_search(text);
		_cleanup_free_ char *bare = xstrdup(text);
		PATH(p, "%s[%d]", path, i++);

		if (endswith(bare, "."))
			bare[strlen(bare) - 1] = '\0';
		if (why)
			field_invalid_str(e, p, bare, why);
	}
}

static void validate_dns_config(const struct pod_check *c)
{
	const json *config = json_get(c->spec, "dnsConfig"), *servers = json_get(config, "nameservers");
	bool none = streq(text_of(c->spec, "dnsPolicy"), "None");
	int i = 0;
	PATH(base, "%s.dnsConfig", c->path);
	PATH(searches, "%s.searches", base);

	if (none && !config) {
		field_required(c->e, base, "must provide `dnsConfig` when `dnsPolicy` is None");
		return;
	}
	if (none && !json_len(servers)) {
		child_required(c->e, base, "nameservers",
			       "must provide at least one DNS nameserver when `dnsPolicy` is None");
		return;
	}
	if (json_len(servers) > NAMESERVERS_MAX)
		child_invalid(c->e, base, "nameservers", servers, "must not have more than 3 nameservers");
	json_each(s, servers) {
		PATH(p, "%s.nameservers[%d]", base, i++);

		if (!valid_ip(json_str_or(s, "")))
			field_invalid(c->e, p, s, MSG_IP);
	}
	validate_searches(json_get(config, "searches"), searches, c->e);
	i = 0;
	json_each(o, json_get(config, "options")) {
		PATH(p, "%s.options[%d]", base, i++);

		if (!text_of(o, "name"))
			field_required(c->e, p, "must not be empty");
	}
}

#define HOSTNAME_MAX 64

/* hostnameOverride stands for the pod's own names, and a pod in its node's network has the node's. */
static void validate_hostname_override(const struct pod_check *c)
{
	const json *name = json_get(c->spec, "hostnameOverride");
	const char *s = json_str_or(name, "");
	const char *why = name ? invalid_dns1123_subdomain(s) : NULL;

	if (!name)
		return;
	if (is_true(c->spec, "hostNetwork"))
		child_forbidden(c->e, c->path, "hostnameOverride", "may not be specified when hostNetwork is true");
	if (is_true(c->spec, "setHostnameAsFQDN"))
		child_forbidden(c->e, c->path, "hostnameOverride", "may not be specified when setHostnameAsFQDN is true");
	if (strlen(s) > HOSTNAME_MAX)
		child_too_long(c->e, c->path, "hostnameOverride", HOSTNAME_MAX);
	if (why)
		child_invalid_str(c->e, c->path, "hostnameOverride", s, why);
}

/* In its node's network a container's port is the node's: in a pod they are the same, a template may leave it out. */
static void validate_host_network(const struct pod_check *c)
{
	int i = 0;

	json_each(container, is_true(c->spec, "hostNetwork") ? json_get(c->spec, "containers") : NULL) {
		int n = 0;

		json_each(p, json_get(container, "ports")) {
			int64_t port = json_int(json_get(p, "containerPort"), 0), host = json_int(json_get(p, "hostPort"), 0);
			PATH(base, "%s.containers[%d].ports[%d]", c->path, i, n++);

			if ((c->pod || host) && host != port)
				child_invalid_int(c->e, base, "hostPort", host,
						  "must match `containerPort` when `hostNetwork` is true");
		}
		i++;
	}
}

/* --- gates ------------------------------------------------------------------------------- */

static void validate_gates(const struct pod_check *c)
{
	const json *gates = json_get(c->spec, "schedulingGates");
	int i = 0;

	json_each(g, json_get(c->spec, "readinessGates")) {
		PATH(p, "%s.readinessGates[%d].conditionType", c->path, i++);

		validate_label_name(json_str_or(json_get(g, "conditionType"), ""), p, c->e);
	}
	i = 0;
	json_each(g, gates) {
		const char *name = json_str_or(json_get(g, "name"), "");
		PATH(p, "%s.schedulingGates[%d]", c->path, i++);

		validate_label_name(name, p, c->e);
		if (list_has_before(gates, g, "name", name))
			field_duplicate(c->e, p, name);
	}
}

/* --- the spec ----------------------------------------------------------------------------- */

static void validate_overhead(const struct pod_check *c)
{
	_cleanup_json_ json *limits = json_new_object();
	PATH(p, "%s.overhead", c->path);

	if (!json_get(c->spec, "overhead"))
		return;
	json_set(limits, "limits", json_clone(json_get(c->spec, "overhead")));
	validate_requirements(limits, NULL, validate_container_resource_name, p, c->e);
}

/* What lies beside containers, volumes and security, from the service account on. */
static void validate_the_rest(const struct pod_check *c)
{
	PATH(tolerations, "%s.tolerations", c->path);

	validate_name(c->spec, "serviceAccountName", invalid_dns1123_subdomain, c->path, c->e);
	validate_name(c->spec, "nodeName", invalid_dns1123_subdomain, c->path, c->e);
	validate_between(c->spec, "activeDeadlineSeconds", 1, MSG_HUGE_INT, c->path, c->e);
	validate_name(c->spec, "hostname", invalid_dns1123_label, c->path, c->e);
	validate_name(c->spec, "subdomain", invalid_dns1123_label, c->path, c->e);
	validate_hostname_override(c);
	validate_tolerations(json_get(c->spec, "tolerations"), tolerations, c->e);
	validate_host_aliases(c);
	validate_name(c->spec, "priorityClassName", invalid_dns1123_subdomain, c->path, c->e);
	if (json_get(c->spec, "runtimeClassName")) {
		const char *name = json_str_or(json_get(c->spec, "runtimeClassName"), "");
		const char *why = invalid_dns1123_subdomain(name);

		if (why)
			child_invalid_str(c->e, c->path, "runtimeClassName", name, why);
	}
	if (json_get(c->spec, "preemptionPolicy"))
		validate_enum(c->spec, "preemptionPolicy", "PreemptLowerPriority,Never", c->path, c->e);
	validate_overhead(c);
	validate_os(c);
}

/* pod: whose spec it is, or NULL. */
static void validate_spec(const json *spec, const json *pod, const char *path, struct field_errors *e)
{
	_cleanup_free_ const json **volumes = NULL;
	struct pod_check c = { .spec = spec, .path = path, .pod = pod, .e = e };
	PATH(node_selector, "%s.nodeSelector", path);
	PATH(affinity, "%s.affinity", path);
	PATH(spread, "%s.topologySpreadConstraints", path);

	if (!json_get(spec, "terminationGracePeriodSeconds"))
		child_required(e, path, "terminationGracePeriodSeconds", NULL);
	validate_pod_volumes(&c);
	volumes = c.volumes;
	validate_resource_claims(&c);
	validate_pod_containers(&c);
	validate_pod_resources(&c);
	validate_host_network(&c);
	validate_enum(spec, "restartPolicy", "Always,OnFailure,Never", path, e);
	validate_enum(spec, "dnsPolicy", "ClusterFirstWithHostNet,ClusterFirst,Default,None", path, e);
	validate_labels(json_get(spec, "nodeSelector"), node_selector, e);
	validate_pod_security(&c);
	validate_affinity(json_get(spec, "affinity"), affinity, e);
	validate_dns_config(&c);
	validate_gates(&c);
	validate_spread(json_get(spec, "topologySpreadConstraints"), spread, e);
	validate_windows_host_process(&c);
	validate_host_users(&c);
	validate_the_rest(&c);
	if (pod) {
		validate_pod_images(&c, "containers");
		validate_pod_images(&c, "initContainers");
	}
}

void validate_pod_and_spec(const json *pod, struct field_errors *e)
{
	const json *spec = json_get(pod, "spec");

	validate_pod_annotations(json_get(pod, "metadata", "annotations"), spec, "metadata.annotations", e);
	validate_spec(spec, pod, "spec", e);
}

void validate_pod_create(const json *pod, struct field_errors *e)
{
	const json *spec = json_get(pod, "spec");

	if (json_len(json_get(spec, "ephemeralContainers")))
		field_forbidden(e, "spec.ephemeralContainers", "cannot be set on create");
	if (text_of(spec, "nodeName") && json_len(json_get(spec, "schedulingGates")))
		field_forbidden(e, "spec.nodeName", "cannot be set until all schedulingGates have been cleared");
	validate_profiles_agree(json_get(pod, "metadata"), spec, "spec", e);
}

/* --- templates -------------------------------------------------------------------------------- */

void validate_template(const json *template, const char *path, struct field_errors *e)
{
	const json *meta = json_get(template, "metadata"), *spec = json_get(template, "spec");
	PATH(spec_path, "%s.spec", path);

	validate_template_meta(template, path, e);
	validate_spec(spec, NULL, spec_path, e);
	validate_profiles_agree(meta, spec, spec_path, e);
	if (json_len(json_get(spec, "ephemeralContainers")))
		child_forbidden(e, spec_path, "ephemeralContainers", "ephemeral containers not allowed in pod template");
}

void validate_template_meta(const json *template, const char *path, struct field_errors *e)
{
	const json *meta = json_get(template, "metadata");
	PATH(labels, "%s.labels", path);
	PATH(annotations, "%s.annotations", path);

	validate_labels(json_get(meta, "labels"), labels, e);
	validate_annotations(json_get(meta, "annotations"), annotations, e);
	validate_pod_annotations(json_get(meta, "annotations"), json_get(template, "spec"), annotations, e);
}

void validate_template_selected(const json *template, const json *selector, const char *path, struct field_errors *e)
{
	const json *labels = json_get(template, "metadata", "labels");

	PATH(p, "%s.metadata.labels", path);

	if (!label_selector_matches(selector, labels))
		field_invalid_map(e, p, labels, "`selector` does not match template `labels`");
}

void validate_template_runs_always(const json *template, const char *kind, const char *path, struct field_errors *e)
{
	const char *restart = json_str_or(json_get(template, "spec", "restartPolicy"), "");
	PATH(why, "activeDeadlineSeconds in %s is not Supported", kind);

	if (!streq(restart, "Always"))
		child_not_supported(e, path, "spec.restartPolicy", restart, "Always");
	if (json_get(template, "spec", "activeDeadlineSeconds"))
		child_forbidden(e, path, "spec.activeDeadlineSeconds", why);
}
