// SPDX-License-Identifier: GPL-2.0-or-later
/* test_agent_config.c - a pod's environment and its configuration in CRI's words */
#include "test_agent_pod.h"

#include "agent/cri.h"
#include "agent/node_object.h"
#include "agent/pod_config.h"
#include "agent/probe.h"
#include "agent/volumes.h"

static const struct node_facts facts = {
	.name = "n1", .ip = "192.0.2.1", .data_dir = "/nonexistent/data", .cgroup_parent = "/keelson",
	.resolv_conf = "# x\nnameserver 192.0.2.53\nsearch a b\noptions ndots:2\n",
	.cpu_milli = 2000, .memory = 4LL << 30,
};

static const char deps_text[] =
	"{\"configmaps\":{\"cm\":{\"data\":{\"k\":\"v\",\"bad key\":\"x\"}}},"
	"\"secrets\":{\"s\":{\"data\":{\"p\":\"aHVudGVyMg==\"}}},"
	"\"services\":[{\"metadata\":{\"name\":\"my-db\",\"namespace\":\"default\"},\"spec\":{\"clusterIP\":\"10.96.0.9\","
	"\"ports\":[{\"port\":5432,\"name\":\"pg\"},{\"port\":1}]}},"
	"{\"metadata\":{\"name\":\"head\",\"namespace\":\"default\"},\"spec\":{\"clusterIP\":\"None\"}}]}";

static const struct {
	const char *what, *container, *expect;	/* "NAME=value;..." or "!message" */
} env_rows[] = {
	{ "values and expansion", "{'env':[{'name':'A','value':'x'},{'name':'B','value':'$(A)-$$(A)-$(NO)-$(A'}]}",
	  "A=x;B=x-$(A)-$(NO)-$(A;" },
	{ "later wins", "{'env':[{'name':'A','value':'1'},{'name':'A','value':'2$(A)'}]}", "A=21;" },
	{ "fields", "{'env':[{'name':'N','valueFrom':{'fieldRef':{'fieldPath':'metadata.name'}}},"
	  "{'name':'L','valueFrom':{'fieldRef':{'fieldPath':'metadata.labels[^app^]'}}},"
	  "{'name':'I','valueFrom':{'fieldRef':{'fieldPath':'status.podIP'}}},"
	  "{'name':'H','valueFrom':{'fieldRef':{'fieldPath':'spec.nodeName'}}}]}", "N=p;L=web;I=10.244.1.7;H=n1;" },
	{ "unknown field", "{'env':[{'name':'N','valueFrom':{'fieldRef':{'fieldPath':'spec.nope'}}}]}",
	  "!field path \"spec.nope\" is not known" },
	{ "resources", "{'resources':{'limits':{'memory':'64Mi','cpu':'1500m'}},'env':["
	  "{'name':'M','valueFrom':{'resourceFieldRef':{'resource':'limits.memory','divisor':'1Mi'}}},"
	  "{'name':'R','valueFrom':{'resourceFieldRef':{'resource':'requests.memory'}}},"
	  "{'name':'C','valueFrom':{'resourceFieldRef':{'resource':'limits.cpu'}}},"
	  "{'name':'m','valueFrom':{'resourceFieldRef':{'resource':'limits.cpu','divisor':'1m'}}}]}",
	  "M=64;R=67108864;C=2;m=1500;" },
	{ "the node's where no limit is", "{'env':[{'name':'C','valueFrom':{'resourceFieldRef':{'resource':'limits.cpu'}}}]}", "C=2;" },
	{ "config map and secret", "{'env':[{'name':'K','valueFrom':{'configMapKeyRef':{'name':'cm','key':'k'}}},"
	  "{'name':'P','valueFrom':{'secretKeyRef':{'name':'s','key':'p'}}}]}", "K=v;P=hunter2;" },
	{ "missing config map", "{'env':[{'name':'K','valueFrom':{'configMapKeyRef':{'name':'no','key':'k'}}}]}",
	  "!configmap \"no\" not found" },
	{ "missing key", "{'env':[{'name':'K','valueFrom':{'secretKeyRef':{'name':'s','key':'no'}}}]}",
	  "!couldn't find key no in Secret s" },
	{ "optional", "{'env':[{'name':'K','valueFrom':{'configMapKeyRef':{'name':'no','key':'k','optional':true}}}]}", "" },
	{ "envFrom, then env", "{'envFrom':[{'prefix':'X_','configMapRef':{'name':'cm'}},{'secretRef':{'name':'s'}}],"
	  "'env':[{'name':'Y','value':'$(X_k)$(p)'}]}", "X_k=v;p=hunter2;Y=vhunter2;" },
	{ "missing envFrom", "{'envFrom':[{'secretRef':{'name':'no'}}]}", "!secret \"no\" not found" },
};

/* ' for ", ^ for ' */
static json *quoted(const char *s)
{
	_cleanup_free_ char *t = xstrdup(s);

	for (char *p = t; *p; p++)
		*p = *p == '\'' ? '"' : *p == '^' ? '\'' : *p;
	return parse_or_fail(t);
}

static void test_env(void **state)
{
	_cleanup_json_ json *deps = parse_or_fail(deps_text);
	_cleanup_json_ json *pod = quoted("{'metadata':{'name':'p','namespace':'default','labels':{'app':'web'}},"
					  "'spec':{'enableServiceLinks':false}}");

	for (size_t i = 0; i < ARRAY_SIZE(env_rows); i++) {
		_cleanup_json_ json *spec = quoted(env_rows[i].container);
		_cleanup_(env_clear) struct env e = { 0 };
		_cleanup_free_ char *msg = NULL, *got = NULL;
		struct buf b = { 0 };

		if (container_env(pod, spec, deps, &facts, "10.244.1.7", &e, &msg) < 0)
			buf_printf(&b, "!%s", msg);
		else
			for (size_t k = 0; k < e.n; k++)
				buf_printf(&b, "%s=%s;", e.vars[k].name, e.vars[k].value);
		got = buf_steal(&b);
		if (!streq(got, env_rows[i].expect))
			fail_msg("%s: \"%s\"", env_rows[i].what, got);
	}
}

static void test_services_env(void **state)
{
	_cleanup_json_ json *deps = parse_or_fail(deps_text), *pod = parse_or_fail(POD(A_));
	_cleanup_(env_clear) struct env e = { 0 };
	char *msg = NULL;

	assert_int_equal(container_env(pod, NULL, deps, &facts, NULL, &e, &msg), 0);
	assert_string_equal(env_get(&e, "MY_DB_SERVICE_HOST"), "10.96.0.9");
	assert_string_equal(env_get(&e, "MY_DB_SERVICE_PORT"), "5432");
	assert_string_equal(env_get(&e, "MY_DB_SERVICE_PORT_PG"), "5432");
	assert_null(env_get(&e, "HEAD_SERVICE_HOST"));
}

static void test_references(void **state)
{
	_cleanup_json_ json *pod = quoted("{'spec':{'containers':[{'envFrom':[{'configMapRef':{'name':'a'}}],"
		"'env':[{'valueFrom':{'configMapKeyRef':{'name':'b','optional':true}}},{'valueFrom':{'secretKeyRef':{'name':'s'}}}]}],"
		"'volumes':[{'configMap':{'name':'c'}},{'secret':{'secretName':'t'}},"
		"{'projected':{'sources':[{'configMap':{'name':'b'}},{'secret':{'name':'u'}}]}}]}}");
	_cleanup_json_ json *maps = pod_references(pod, "configmaps"), *secrets = pod_references(pod, "secrets");
	_cleanup_free_ char *m = json_print(maps), *s = json_print(secrets);

	/* b is optional in one place and needed in the other */
	assert_string_equal(m, "{\"a\":false,\"b\":false,\"c\":false}");
	assert_string_equal(s, "{\"s\":false,\"t\":false,\"u\":false}");
}

static void test_container(void **state)
{
	_cleanup_json_ json *pod = quoted("{'metadata':{'name':'p','namespace':'default','uid':'u1'},"
		"'spec':{'securityContext':{'runAsUser':1000,'fsGroup':5},'volumes':[{'name':'v','emptyDir':{}},{'name':'h','hostPath':{'path':'/srv'}}],"
		"'containers':[{'name':'a','image':'busybox','command':['sh','-c'],'args':['echo $(X)'],'workingDir':'/w',"
		"'env':[{'name':'X','value':'1'}],'resources':{'limits':{'cpu':'500m','memory':'64Mi'},'requests':{'cpu':'250m'}},"
		"'securityContext':{'readOnlyRootFilesystem':true,'allowPrivilegeEscalation':false,'capabilities':{'add':['NET_ADMIN'],'drop':['ALL']}},"
		"'volumeMounts':[{'name':'v','mountPath':'/v','readOnly':true},{'name':'h','mountPath':'/h','mountPropagation':'HostToContainer'}]}]}}");
	struct container_args args = { .pod = pod, .spec = json_get(pod, "spec", "containers")->child,
		.node = &facts, .image = "busybox", .attempt = 3, .failures = 2 };
	Cri__LinuxContainerSecurityContext *s;
	Cri__ContainerConfig *c;
	char *msg = NULL;

	assert_int_equal(container_config(&args, &c, &msg), 0);
	assert_string_equal(c->metadata->name, "a");
	assert_int_equal(c->metadata->attempt, 3);
	assert_string_equal(c->log_path, "a/3.log");
	assert_string_equal(cri_pair(c->annotations, c->n_annotations, ANNOTATION_FAILURES), "2");
	assert_string_equal(cri_pair(c->labels, c->n_labels, LABEL_POD_UID), "u1");
	assert_int_equal(c->n_command, 2);
	assert_string_equal(c->args[0], "echo 1");
	assert_string_equal(c->working_dir, "/w");
	assert_int_equal(c->n_mounts, 4);
	assert_string_equal(c->mounts[0]->host_path, "/nonexistent/data/run/u1/volumes/v");
	assert_true(c->mounts[0]->readonly);
	assert_string_equal(c->mounts[1]->host_path, "/srv");
	assert_int_equal(c->mounts[1]->propagation, CRI__MOUNT__PROPAGATION__HOST_TO_CONTAINER);
	assert_string_equal(c->mounts[2]->container_path, "/etc/hosts");
	assert_string_equal(c->mounts[3]->container_path, "/dev/termination-log");
	assert_int_equal(c->linux_config->resources->cpu_shares, 256);
	assert_int_equal(c->linux_config->resources->cpu_quota, 50000);
	assert_int_equal(c->linux_config->resources->memory_limit_in_bytes, 64 << 20);
	s = c->linux_config->security_context;
	assert_int_equal(s->run_as_user->value, 1000);
	assert_int_equal(s->supplemental_groups[0], 5);
	assert_true(s->readonly_rootfs);
	assert_true(s->no_new_privs);
	assert_string_equal(s->capabilities->drop_capabilities[0], "ALL");
	assert_true(s->n_masked_paths > 5);
	assert_int_equal(s->namespace_options->pid, CRI__NAMESPACE_MODE__CONTAINER);
	cri__container_config__free_unpacked(c, NULL);
}

static void test_bad_mount(void **state)
{
	_cleanup_json_ json *pod = quoted("{'metadata':{'name':'p','namespace':'default','uid':'u1'},'spec':{'containers':"
		"[{'name':'a','volumeMounts':[{'name':'no','mountPath':'/v'}]}]}}");
	struct container_args args = { .pod = pod, .spec = json_get(pod, "spec", "containers")->child,
		.node = &facts, .image = "busybox" };
	Cri__ContainerConfig *c;
	_cleanup_free_ char *msg = NULL;

	assert_true(container_config(&args, &c, &msg) < 0);
	assert_string_equal(msg, "volume mount \"no\" names no volume of the pod");
}

static void test_sandbox(void **state)
{
	_cleanup_json_ json *pod = quoted("{'metadata':{'name':'p','namespace':'default','uid':'u1','labels':{'app':'web'}},"
		"'spec':{'hostPID':true,'dnsConfig':{'nameservers':['192.0.2.54'],'options':[{'name':'timeout','value':'3'}]},'containers':[]}}");
	_cleanup_json_ json *host = quoted("{'metadata':{'name':'p','namespace':'default','uid':'u1'},'spec':{'hostNetwork':true}}");
	Cri__PodSandboxConfig *c = pod_sandbox_config(pod, 2, &facts);

	assert_int_equal(c->metadata->attempt, 2);
	assert_string_equal(c->hostname, "p");
	assert_string_equal(c->log_directory, "/nonexistent/data/pods/default_p_u1");
	assert_string_equal(cri_pair(c->labels, c->n_labels, "app"), "web");
	assert_string_equal(cri_pair(c->labels, c->n_labels, LABEL_POD_NAME), "p");
	assert_int_equal(c->dns_config->n_servers, 2);
	assert_string_equal(c->dns_config->servers[0], "192.0.2.53");
	assert_int_equal(c->dns_config->n_searches, 2);
	assert_string_equal(c->dns_config->options[1], "timeout:3");
	assert_int_equal(c->linux_config->security_context->namespace_options->network, CRI__NAMESPACE_MODE__POD);
	assert_int_equal(c->linux_config->security_context->namespace_options->pid, CRI__NAMESPACE_MODE__NODE);
	cri__pod_sandbox_config__free_unpacked(c, NULL);
	c = pod_sandbox_config(host, 0, &facts);
	assert_int_equal(c->linux_config->security_context->namespace_options->network, CRI__NAMESPACE_MODE__NODE);
	assert_string_equal(c->hostname, "");
	assert_null(c->dns_config);
	cri__pod_sandbox_config__free_unpacked(c, NULL);
}

static void test_hosts(void **state)
{
	_cleanup_json_ json *pod = quoted("{'metadata':{'name':'p','namespace':'ns'},'spec':{'subdomain':'sub',"
		"'hostAliases':[{'ip':'192.0.2.9','hostnames':['x','y']}]}}");
	_cleanup_free_ char *text = pod_hosts_text(pod, "10.244.1.7");

	assert_non_null(strstr(text, "127.0.0.1\tlocalhost\n"));
	assert_non_null(strstr(text, "10.244.1.7\tp.sub.ns.svc.cluster.local\tp\n"));
	assert_non_null(strstr(text, "192.0.2.9\tx\ty\n"));
}

static void test_probe(void **state)
{
	_cleanup_json_ json *probe = quoted("{'periodSeconds':5,'failureThreshold':2,'successThreshold':2}");
	struct probe_config c = probe_config(probe), d = probe_config(NULL);
	struct probe_counters n = { 0 };

	assert_int_equal(d.period, 10);
	assert_int_equal(d.timeout, 1);
	assert_int_equal(d.failure_threshold, 3);
	assert_int_equal(c.period, 5);
	assert_int_equal(probe_note(&n, &c, true), PROBE_UNDECIDED);
	assert_int_equal(probe_note(&n, &c, true), PROBE_PASSED);
	assert_int_equal(probe_note(&n, &c, false), PROBE_UNDECIDED);
	assert_int_equal(probe_note(&n, &c, true), PROBE_UNDECIDED);
	assert_int_equal(probe_note(&n, &c, false), PROBE_UNDECIDED);
	assert_int_equal(probe_note(&n, &c, false), PROBE_FAILED);
	assert_int_equal(probe_note(&n, &c, false), PROBE_FAILED);
}

static void test_node(void **state)
{
	struct node_info i = { .name = "n1", .ip = "192.0.2.1", .cpu_milli = 2000, .memory = 4LL << 30, .storage = 1LL << 30,
		.pods = 110, .kernel = "6.1", .os_image = "x", .machine = "x86_64", .machine_id = "", .boot_id = "",
		.system_uuid = "", .version = "v1", .agent_port = 10250, .vtep_mac = "02:00:00:00:00:01", .vni = 1 };
	struct node_health sick = { .runtime_problem = "no answer" }, well = { 0 };
	_cleanup_json_ json *node = node_object_new(&i), *patch, *st1, *st2, *st3;
	const json *ready;

	assert_string_equal(meta_label(node, "kubernetes.io/arch"), "amd64");
	assert_string_equal(meta_annotation(node, "flannel.alpha.coreos.com/backend-data"),
			    "{\"VNI\":1,\"VtepMAC\":\"02:00:00:00:00:01\"}");
	assert_null(node_metadata_patch(&i, node));
	i.vtep_mac = "02:00:00:00:00:02";
	patch = node_metadata_patch(&i, node);
	assert_int_equal(json_len(json_get(patch, "metadata", "annotations")), 1);
	assert_null(json_get(patch, "metadata", "labels"));
	st1 = node_status_make(&i, &sick, NULL, NOW);
	json_set(node, "status", json_clone(st1));
	ready = status_condition(node, "Ready");
	assert_string_equal(json_str(json_get(ready, "status")), "False");
	assert_string_equal(json_str(json_get(ready, "message")), "container runtime is down: no answer");
	assert_int_equal(json_int(json_get(st1, "daemonEndpoints", "kubeletEndpoint", "Port"), 0), 10250);
	assert_string_equal(json_str(json_get(st1, "capacity", "memory")), "4194304Ki");
	/* later, still sick: the same but for the heartbeat */
	st2 = node_status_make(&i, &sick, st1, NOW + 60 * SEC_US);
	assert_true(node_status_same(st1, st2));
	assert_false(json_equal(st1, st2));
	st3 = node_status_make(&i, &well, st2, NOW + 90 * SEC_US);
	assert_false(node_status_same(st2, st3));
	json_set(node, "status", json_clone(st3));
	ready = status_condition(node, "Ready");
	assert_string_equal(json_str(json_get(ready, "status")), "True");
	assert_string_equal(json_str(json_get(ready, "lastTransitionTime")), "2026-11-18T11:08:10Z");
	assert_string_equal(json_str(json_get(status_condition(node, "DiskPressure"), "lastTransitionTime")),
			    "2026-11-18T11:06:40Z");
	/* the node controller thought us dead */
	assert_false(node_was_overruled(node, st3));
	json_set_str((json *)status_condition(node, "Ready"), "status", "Unknown");
	assert_true(node_was_overruled(node, st3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_env),
		cmocka_unit_test(test_services_env),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_container),
		cmocka_unit_test(test_bad_mount),
		cmocka_unit_test(test_sandbox),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
