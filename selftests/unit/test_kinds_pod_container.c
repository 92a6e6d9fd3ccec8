// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_kinds_pod_container.c - the containers of pods: what they are made of, their probes and resources
 *
 * What a server of Kubernetes 1.20 says too was compared with one.
 */
#include "test_kinds.h"

/* A pod by its spec; by its spec beside an ordinary container; by what is said of its only container besides. */
#define SPEC(spec) "{" META_NS ",'spec':{" spec "}}"
#define POD(spec) SPEC("'containers':[{'name':'c','image':'i'}]," spec)
#define ONE(c) SPEC("'containers':[{'name':'c','image':'i'," c "}]")
#define NEGATIVE "must be greater than or equal to 0"
#define PORT_WHY "must be between 1 and 65535, inclusive"

static void containers(void **state)
{
	static const struct verdict v[] = {
		{ SPEC(""),
		  "spec.containers: Required value" },
		{ "{'metadata':{'namespace':'d','name':'A'},'spec':{'containers':[{'name':'c','image':'i'}]}}",
		  "metadata.name: Invalid value: \"A\": " SUBDOMAIN_WHY },
		{ SPEC("'containers':[{'name':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',"
		  "'image':'i'}]"),
		  "spec.containers[0].name: Invalid value: "
		  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\": must be no more than "
		  "63 characters" },
		{ SPEC("'containers':[{'name':'c','image':''}]"),
		  "spec.containers[0].image: Required value" },
		{ SPEC("'containers':[{'name':'c','image':' i'}]"),
		  "spec.containers[0].image: Invalid value: \" i\": must not have leading or trailing "
		  "whitespace" },
		{ ONE("'imagePullPolicy':'Odd'"),
		  "spec.containers[0].imagePullPolicy: Unsupported value: \"Odd\": supported values: "
		  "\"Always\", \"IfNotPresent\", \"Never\"" },
		{ ONE("'terminationMessagePolicy':'Odd'"),
		  "spec.containers[0].terminationMessagePolicy: Unsupported value: \"Odd\": supported values: "
		  "\"File\", \"FallbackToLogsOnError\"" },
		{ ONE("'ports':[{'containerPort':0},{'containerPort':70000,'hostPort':70000,'protocol':'X'},"
		  "{'name':'A','containerPort':1},{'name':'http','containerPort':2},{'name':'http',"
		  "'containerPort':3},{'containerPort':5,'hostPort':80},{'containerPort':6,'hostPort':80},"
		  "{'name':'a-very-long-port-name','containerPort':9}]"),
		  "[spec.containers[0].ports[0].containerPort: Required value, "
		  "spec.containers[0].ports[1].containerPort: Invalid value: 70000: " PORT_WHY ", "
		  "spec.containers[0].ports[1].hostPort: Invalid value: 70000: " PORT_WHY ", "
		  "spec.containers[0].ports[1].protocol: Unsupported value: \"X\": supported values: \"SCTP\", "
		  "\"TCP\", \"UDP\", spec.containers[0].ports[2].name: Invalid value: \"A\": must contain only "
		  "alpha-numeric characters (a-z, 0-9), and hyphens (-), spec.containers[0].ports[2].name: "
		  "Invalid value: \"A\": must contain at least one letter (a-z), "
		  "spec.containers[0].ports[4].name: Duplicate value: \"http\", "
		  "spec.containers[0].ports[7].name: Invalid value: \"a-very-long-port-name\": must be no more "
		  "than 15 characters, spec.containers[0].ports[6].hostPort: Duplicate value: \"TCP//80\"]" },
		{ ONE("'envFrom':[{},{'prefix':'1 a','configMapRef':{'name':''}},{'secretRef':{'name':''}},"
		  "{'configMapRef':{'name':'a'},'secretRef':{'name':'b'}}]"),
		  "[spec.containers[0].envFrom: Invalid value: \"\": must specify one of: `configMapRef` or "
		  "`secretRef`, spec.containers[0].envFrom[1].configMapRef.name: Required value, "
		  "spec.containers[0].envFrom[2].secretRef.name: Required value, spec.containers[0].envFrom: "
		  "Invalid value: \"\": may not have more than one field specified at a time]" },
		{ SPEC("'containers':[{'name':'c','image':'i','volumeMounts':[{'name':'','mountPath':''},{'name':'w',"
		  "'mountPath':'/a'},{'name':'v','mountPath':'/a'},{'name':'v','mountPath':'/b','subPath':'/x'},"
		  "{'name':'v','mountPath':'/c','subPath':'a/../b'},{'name':'v','mountPath':'/d','subPath':'a',"
		  "'subPathExpr':'b'},{'name':'v','mountPath':'/e','mountPropagation':'Odd'},{'name':'v',"
		  "'mountPath':'/f','mountPropagation':'Bidirectional'}]}],'volumes':[{'name':'v','emptyDir':{}},"
		  "{'name':'p','persistentVolumeClaim':{'claimName':'c'}}]"),
		  "[spec.containers[0].volumeMounts[0].name: Required value, "
		  "spec.containers[0].volumeMounts[0].name: Not found: \"\", "
		  "spec.containers[0].volumeMounts[0].mountPath: Required value, "
		  "spec.containers[0].volumeMounts[1].name: Not found: \"w\", "
		  "spec.containers[0].volumeMounts[2].mountPath: Invalid value: \"/a\": must be unique, "
		  "spec.containers[0].volumeMounts.subPath: Invalid value: \"/x\": must be a relative path, "
		  "spec.containers[0].volumeMounts.subPath: Invalid value: \"a/../b\": must not contain '..', "
		  "spec.containers[0].volumeMounts[5].subPathExpr: Invalid value: \"b\": subPathExpr and "
		  "subPath are mutually exclusive, spec.containers[0].volumeMounts.mountPropagation: "
		  "Unsupported value: \"Odd\": supported values: \"Bidirectional\", \"HostToContainer\", "
		  "\"None\", spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount "
		  "propagation is available only to privileged containers]" },
		{ SPEC("'containers':[{'name':'c','image':'i','volumeDevices':[{'name':'','devicePath':''},{'name':'v',"
		  "'devicePath':'/a'},{'name':'p','devicePath':'/a'},{'name':'p','devicePath':'/../b'}],"
		  "'volumeMounts':[{'name':'p','mountPath':'/a'}]}],'volumes':[{'name':'v','emptyDir':{}},"
		  "{'name':'p','persistentVolumeClaim':{'claimName':'c'}}]"),
		  "[spec.containers[0].volumeMounts[0].name: Invalid value: \"p\": must not already exist in "
		  "volumeDevices, spec.containers[0].volumeMounts[0].mountPath: Invalid value: \"/a\": must "
		  "not already exist as a path in volumeDevices, spec.containers[0].volumeDevices[0].name: "
		  "Required value, spec.containers[0].volumeDevices[0].name: Not found: \"\", "
		  "spec.containers[0].volumeDevices[0].devicePath: Required value, "
		  "spec.containers[0].volumeDevices[1].name: Invalid value: \"v\": can only use volume source "
		  "type of PersistentVolumeClaim or Ephemeral for block mode, "
		  "spec.containers[0].volumeDevices[1].devicePath: Invalid value: \"/a\": must not already "
		  "exist as a path in volumeMounts, spec.containers[0].volumeDevices[2].devicePath: Invalid "
		  "value: \"/a\": must be unique, spec.containers[0].volumeDevices[2].name: Invalid value: "
		  "\"p\": must not already exist in volumeMounts, "
		  "spec.containers[0].volumeDevices[2].devicePath: Invalid value: \"/a\": must not already "
		  "exist as a path in volumeMounts, spec.containers[0].volumeDevices[3].name: Invalid value: "
		  "\"p\": must be unique, spec.containers[0].volumeDevices[3].devicePath: Invalid value: "
		  "\"/../b\": can not contain backsteps ('..'), spec.containers[0].volumeDevices[3].name: "
		  "Invalid value: \"p\": must not already exist in volumeMounts]" },
		{ SPEC("'containers':[{'name':'c','image':'i','ports':[{'containerPort':80,'hostPort':81}]}],"
		  "'hostNetwork':true"),
		  "spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when "
		  "`hostNetwork` is true" },
		{ POD("'ephemeralContainers':[{'name':'d','image':'i'}]"),
		  "spec.ephemeralContainers: Forbidden: cannot be set on create" },
		{ POD("'initContainers':[{'name':'c','image':'i'},{'name':'','image':''},{'name':'e','image':'i',"
		  "'readinessProbe':{'tcpSocket':{'port':1}},'livenessProbe':{'tcpSocket':{'port':1}},"
		  "'lifecycle':{'preStop':{'exec':{'command':['a']}}},'startupProbe':{'tcpSocket':{'port':1}}},"
		  "{'name':'f','image':'i','ports':[{'containerPort':1,'hostPort':1},{'containerPort':2,"
		  "'hostPort':1}]}]"),
		  "[spec.initContainers[0].name: Duplicate value: \"c\", spec.initContainers[1].name: Required "
		  "value, spec.initContainers[1].image: Required value, spec.initContainers[2].lifecycle: "
		  "Forbidden: may not be set for init containers without restartPolicy=Always, "
		  "spec.initContainers[2].livenessProbe: Forbidden: may not be set for init containers without "
		  "restartPolicy=Always, spec.initContainers[2].readinessProbe: Forbidden: may not be set for "
		  "init containers without restartPolicy=Always, spec.initContainers[2].startupProbe: "
		  "Forbidden: may not be set for init containers without restartPolicy=Always, "
		  "spec.initContainers[0].ports[1].hostPort: Duplicate value: \"TCP//1\"]" },
		{ POD("'initContainers':[{'name':'d','image':'i','restartPolicy':'Always',"
		  "'readinessProbe':{'tcpSocket':{'port':1}},'lifecycle':{'preStop':{'exec':{'command':['a']}}}},"
		  "{'name':'e','image':'i','restartPolicy':'OnFailure'}]"),
		  "" },
		{ ONE("'restartPolicy':'Odd'"),
		  "spec.containers[0].restartPolicy: Unsupported value: \"Odd\": supported values: \"Always\", "
		  "\"Never\", \"OnFailure\"" },
		{ ONE("'restartPolicy':'Never'"),
		  "" },
		{ ONE("'restartPolicyRules':[{'action':'Odd'}]"),
		  "[spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart "
		  "rules are used, spec.containers[0].restartPolicyRules[0].action: Unsupported value: "
		  "\"Odd\": supported values: \"Restart\", \"RestartAllContainers\", "
		  "spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified]" },
		{ ONE("'restartPolicy':'Never','restartPolicyRules':[{'action':'Restart','exitCodes':{'operator':'Odd',"
		  "'values':[1,1]}},{'action':'Restart'}]"),
		  "[spec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: \"Odd\": "
		  "supported values: \"In\", \"NotIn\", spec.containers[0].restartPolicyRules[1].exitCodes: "
		  "Required value: must be specified]" },
		{ ONE("'env':[{'name':'A','valueFrom':{'fileKeyRef':{'volumeName':'','path':'','key':''}}},{'name':'B',"
		  "'valueFrom':{'fileKeyRef':{'volumeName':'v','path':'/a','key':'a=b'}}}]"),
		  "[spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Required value, "
		  "spec.containers[0].env[0].valueFrom.fileKeyRef.path: Required value, "
		  "spec.containers[0].env[0].valueFrom.fileKeyRef.key: Required value, "
		  "spec.containers[0].env[1].valueFrom.fileKeyRef.path: Invalid value: \"/a\": must be a "
		  "relative path, spec.containers[0].env[1].valueFrom.fileKeyRef.key: Invalid value: \"a=b\": "
		  "a valid environment variable name must consist only of printable ASCII characters other "
		  "than '=']" },
		{ ONE("'volumeMounts':[{'name':'v','mountPath':'/a','recursiveReadOnly':'Odd'},{'name':'v',"
		  "'mountPath':'/b','recursiveReadOnly':'Enabled','mountPropagation':'HostToContainer'}]"),
		  "[spec.containers[0].volumeMounts[0].name: Not found: \"v\", "
		  "spec.containers[0].volumeMounts.recursiveReadOnly: Unsupported value: \"Odd\": supported "
		  "values: \"Disabled\", \"Enabled\", \"IfPossible\", spec.containers[0].volumeMounts[1].name: "
		  "Not found: \"v\", spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be "
		  "specified when readOnly is true, spec.containers[0].volumeMounts.recursiveReadOnly: "
		  "Forbidden: may only be specified when mountPropagation is None or not specified]" },
	};

	CREATES(pods, v);
}

static void probes(void **state)
{
	static const struct verdict v[] = {
		{ ONE("'livenessProbe':{}"),
		  "spec.containers[0].livenessProbe: Required value: must specify a handler type" },
		{ ONE("'livenessProbe':{'exec':{'command':[]},'httpGet':{'port':0,'scheme':'Odd','path':'x',"
		  "'httpHeaders':[{'name':'a b'}]},'tcpSocket':{'port':'1'}}"),
		  "[spec.containers[0].livenessProbe.exec.command: Required value, "
		  "spec.containers[0].livenessProbe.httpGet: Forbidden: may not specify more than 1 handler "
		  "type, spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 "
		  "handler type]" },
		{ ONE("'livenessProbe':{'httpGet':{'port':'x y'},'initialDelaySeconds':-1,'timeoutSeconds':-1,"
		  "'periodSeconds':-1,'successThreshold':-1,'failureThreshold':-1}"),
		  "[spec.containers[0].livenessProbe.httpGet.port: Invalid value: \"x y\": must contain only "
		  "alpha-numeric characters (a-z, 0-9), and hyphens (-), "
		  "spec.containers[0].livenessProbe.initialDelaySeconds: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].livenessProbe.timeoutSeconds: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].livenessProbe.successThreshold: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].livenessProbe.failureThreshold: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].livenessProbe.successThreshold: Invalid value: -1: must be 1]" },
		{ ONE("'livenessProbe':{'tcpSocket':{'port':80},'successThreshold':2}"),
		  "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1" },
		{ ONE("'livenessProbe':{'tcpSocket':{'port':0}}"),
		  "spec.containers[0].livenessProbe.tcpSocket.port: Invalid value: 0: " PORT_WHY },
		{ ONE("'livenessProbe':{'httpGet':{'port':80,'scheme':'odd'}}"),
		  "spec.containers[0].livenessProbe.httpGet.scheme: Unsupported value: \"odd\": supported "
		  "values: \"HTTP\", \"HTTPS\"" },
		{ ONE("'readinessProbe':{}"),
		  "spec.containers[0].readinessProbe: Required value: must specify a handler type" },
		{ ONE("'readinessProbe':{'exec':{'command':[]},'httpGet':{'port':0,'scheme':'Odd','path':'x',"
		  "'httpHeaders':[{'name':'a b'}]},'tcpSocket':{'port':'1'}}"),
		  "[spec.containers[0].readinessProbe.exec.command: Required value, "
		  "spec.containers[0].readinessProbe.httpGet: Forbidden: may not specify more than 1 handler "
		  "type, spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 "
		  "handler type]" },
		{ ONE("'readinessProbe':{'httpGet':{'port':'x y'},'initialDelaySeconds':-1,'timeoutSeconds':-1,"
		  "'periodSeconds':-1,'successThreshold':-1,'failureThreshold':-1}"),
		  "[spec.containers[0].readinessProbe.httpGet.port: Invalid value: \"x y\": must contain only "
		  "alpha-numeric characters (a-z, 0-9), and hyphens (-), "
		  "spec.containers[0].readinessProbe.initialDelaySeconds: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].readinessProbe.timeoutSeconds: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].readinessProbe.periodSeconds: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].readinessProbe.successThreshold: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].readinessProbe.failureThreshold: Invalid value: -1: " NEGATIVE "]" },
		{ ONE("'readinessProbe':{'tcpSocket':{'port':80},'successThreshold':2}"),
		  "" },
		{ ONE("'readinessProbe':{'tcpSocket':{'port':0}}"),
		  "spec.containers[0].readinessProbe.tcpSocket.port: Invalid value: 0: " PORT_WHY },
		{ ONE("'readinessProbe':{'httpGet':{'port':80,'scheme':'odd'}}"),
		  "spec.containers[0].readinessProbe.httpGet.scheme: Unsupported value: \"odd\": supported "
		  "values: \"HTTP\", \"HTTPS\"" },
		{ ONE("'startupProbe':{}"),
		  "spec.containers[0].startupProbe: Required value: must specify a handler type" },
		{ ONE("'startupProbe':{'exec':{'command':[]},'httpGet':{'port':0,'scheme':'Odd','path':'x',"
		  "'httpHeaders':[{'name':'a b'}]},'tcpSocket':{'port':'1'}}"),
		  "[spec.containers[0].startupProbe.exec.command: Required value, "
		  "spec.containers[0].startupProbe.httpGet: Forbidden: may not specify more than 1 handler "
		  "type, spec.containers[0].startupProbe.tcpSocket: Forbidden: may not specify more than 1 "
		  "handler type]" },
		{ ONE("'startupProbe':{'httpGet':{'port':'x y'},'initialDelaySeconds':-1,'timeoutSeconds':-1,"
		  "'periodSeconds':-1,'successThreshold':-1,'failureThreshold':-1}"),
		  "[spec.containers[0].startupProbe.httpGet.port: Invalid value: \"x y\": must contain only "
		  "alpha-numeric characters (a-z, 0-9), and hyphens (-), "
		  "spec.containers[0].startupProbe.initialDelaySeconds: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].startupProbe.timeoutSeconds: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].startupProbe.periodSeconds: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].startupProbe.successThreshold: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].startupProbe.failureThreshold: Invalid value: -1: " NEGATIVE ", "
		  "spec.containers[0].startupProbe.successThreshold: Invalid value: -1: must be 1]" },
		{ ONE("'startupProbe':{'tcpSocket':{'port':80},'successThreshold':2}"),
		  "spec.containers[0].startupProbe.successThreshold: Invalid value: 2: must be 1" },
		{ ONE("'startupProbe':{'tcpSocket':{'port':0}}"),
		  "spec.containers[0].startupProbe.tcpSocket.port: Invalid value: 0: " PORT_WHY },
		{ ONE("'startupProbe':{'httpGet':{'port':80,'scheme':'odd'}}"),
		  "spec.containers[0].startupProbe.httpGet.scheme: Unsupported value: \"odd\": supported "
		  "values: \"HTTP\", \"HTTPS\"" },
		{ ONE("'lifecycle':{'postStart':{},'preStop':{'exec':{'command':[]}}}"),
		  "[spec.containers[0].lifecycle.postStart: Required value: must specify a handler type, "
		  "spec.containers[0].lifecycle.preStop.exec.command: Required value]" },
		{ ONE("'lifecycle':{'postStart':{'httpGet':{'port':0}},'preStop':{'exec':{'command':['a']},"
		  "'tcpSocket':{'port':1}}}"),
		  "[spec.containers[0].lifecycle.postStart.httpGet.port: Invalid value: 0: " PORT_WHY ", "
		  "spec.containers[0].lifecycle.preStop.tcpSocket: Forbidden: may not specify more than 1 "
		  "handler type]" },
		{ ONE("'lifecycle':{'preStop':{'sleep':{'seconds':-1}}}"),
		  "spec.containers[0].lifecycle.preStop.sleep: Invalid value: -1: must be non-negative and "
		  "less than terminationGracePeriodSeconds (30)" },
		{ ONE("'lifecycle':{'preStop':{'sleep':{'seconds':31}}}"),
		  "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and "
		  "less than terminationGracePeriodSeconds (30)" },
		{ ONE("'lifecycle':{'stopSignal':'SIGTERM'}"),
		  "spec.containers[0].lifecycle.stopSignal: Forbidden: may not be set for containers with "
		  "empty `spec.os.name`" },
		{ SPEC("'containers':[{'name':'c','image':'i','lifecycle':{'stopSignal':'SIGODD'}}],"
		  "'os':{'name':'linux'}"),
		  "spec.containers[0].lifecycle.stopSignal: Unsupported value: \"SIGODD\": supported values: "
		  "\"SIGABRT\", \"SIGALRM\", \"SIGBUS\", \"SIGCHLD\", \"SIGCLD\", \"SIGCONT\", \"SIGFPE\", "
		  "\"SIGHUP\", \"SIGILL\", \"SIGINT\", \"SIGIO\", \"SIGIOT\", \"SIGKILL\", \"SIGPIPE\", "
		  "\"SIGPOLL\", \"SIGPROF\", \"SIGPWR\", \"SIGQUIT\", \"SIGRTMAX\", \"SIGRTMIN\", \"SIGSEGV\", "
		  "\"SIGSTKFLT\", \"SIGSTOP\", \"SIGSYS\", \"SIGTERM\", \"SIGTRAP\", \"SIGTSTP\", \"SIGTTIN\", "
		  "\"SIGTTOU\", \"SIGURG\", \"SIGUSR1\", \"SIGUSR2\", \"SIGVTALRM\", \"SIGWINCH\", "
		  "\"SIGXCPU\", \"SIGXFSZ\"" },
		{ ONE("'livenessProbe':{'grpc':{'port':0}}"),
		  "spec.containers[0].livenessProbe.grpc.port: Invalid value: 0: " PORT_WHY },
		{ ONE("'livenessProbe':{'tcpSocket':{'port':1},'terminationGracePeriodSeconds':0}"),
		  "spec.containers[0].livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be "
		  "greater than 0" },
		{ ONE("'readinessProbe':{'tcpSocket':{'port':1},'terminationGracePeriodSeconds':5}"),
		  "spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not "
		  "be set for readinessProbes" },
	};

	CREATES(pods, v);
}

static void resources(void **state)
{
	static const struct verdict v[] = {
		{ ONE("'resources':{'limits':{'odd':'1'}}"),
		  "[spec.containers[0].resources.limits[odd]: Invalid value: \"odd\": must be a standard "
		  "resource type or fully qualified, spec.containers[0].resources.limits[odd]: Invalid value: "
		  "\"odd\": must be a standard resource for containers, "
		  "spec.containers[0].resources.requests[odd]: Invalid value: \"odd\": must be a standard "
		  "resource type or fully qualified, spec.containers[0].resources.requests[odd]: Invalid "
		  "value: \"odd\": must be a standard resource for containers]" },
		{ ONE("'resources':{'limits':{'a/b/c':'1'}}"),
		  "[spec.containers[0].resources.limits[a/b/c]: Invalid value: \"a/b/c\": a valid label key "
		  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
		  "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
		  "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain "
		  "prefix and '/' (e.g. 'example.com/MyName'), spec.containers[0].resources.limits[a/b/c]: "
		  "Invalid value: \"a/b/c\": doesn't follow extended resource name standard, "
		  "spec.containers[0].resources.requests[a/b/c]: Invalid value: \"a/b/c\": a valid label key "
		  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
		  "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
		  "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain "
		  "prefix and '/' (e.g. 'example.com/MyName'), spec.containers[0].resources.requests[a/b/c]: "
		  "Invalid value: \"a/b/c\": doesn't follow extended resource name standard]" },
		{ ONE("'resources':{'requests':{'example.com/x':'1'}}"),
		  "spec.containers[0].resources.limits: Required value: Limit must be set for non "
		  "overcommitable resources" },
		{ ONE("'resources':{'limits':{'example.com/x':'1500m'}}"),
		  "[spec.containers[0].resources.limits[example.com/x]: Invalid value: \"1500m\": must be an "
		  "integer, spec.containers[0].resources.requests[example.com/x]: Invalid value: \"1500m\": "
		  "must be an integer]" },
		{ ONE("'resources':{'limits':{'example.com/x':'2'},'requests':{'example.com/x':'1'}}"),
		  "spec.containers[0].resources.requests: Invalid value: \"1\": must be equal to example.com/x "
		  "limit of 2" },
		{ ONE("'resources':{'requests':{'cpu':'2'},'limits':{'cpu':'1'}}"),
		  "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to "
		  "cpu limit of 1" },
		{ ONE("'resources':{'limits':{'hugepages-2Mi':'2Mi'}}"),
		  "spec.containers[0].resources: Forbidden: HugePages require cpu or memory" },
		{ ONE("'resources':{'requests':{'hugepages-2Mi':'2Mi'}}"),
		  "[spec.containers[0].resources.limits: Required value: Limit must be set for non "
		  "overcommitable resources, spec.containers[0].resources: Forbidden: HugePages require cpu or "
		  "memory]" },
		{ ONE("'resources':{'limits':{'cpu':'-1'}}"),
		  "[spec.containers[0].resources.limits[cpu]: Invalid value: \"-1\": " NEGATIVE ", "
		  "spec.containers[0].resources.requests[cpu]: Invalid value: \"-1\": " NEGATIVE "]" },
		{ ONE("'resources':{'limits':{'hugepages-2Mi':'3Mi','cpu':'1'}}"),
		  "[spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not "
		  "positive integer multiple of hugepages-2Mi, "
		  "spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not "
		  "positive integer multiple of hugepages-2Mi]" },
		{ ONE("'resources':{'limits':{'requests.example.com/x':'1'}}"),
		  "[spec.containers[0].resources.limits[requests.example.com/x]: Invalid value: "
		  "\"requests.example.com/x\": doesn't follow extended resource name standard, "
		  "spec.containers[0].resources.requests[requests.example.com/x]: Invalid value: "
		  "\"requests.example.com/x\": doesn't follow extended resource name standard]" },
		{ ONE("'resources':{'limits':{'kubernetes.io/x':'1'}}"),
		  "" },
		{ POD("'overhead':{'odd':'1','cpu':'-1'}"),
		  "[spec.overhead.limits[odd]: Invalid value: \"odd\": must be a standard resource type or "
		  "fully qualified, spec.overhead.limits[odd]: Invalid value: \"odd\": must be a standard "
		  "resource for containers, spec.overhead.limits[cpu]: Invalid value: \"-1\": " NEGATIVE "]" },
		{ SPEC("'containers':[{'name':'c','image':'i','resources':{'claims':[{'name':'a'}]}}],"
		  "'resourceClaims':[{'name':'a','resourceClaimName':'x'}]"),
		  "" },
		{ SPEC("'containers':[{'name':'c','image':'i','resources':{'claims':[{'name':'q'},{'name':'a'},"
		  "{'name':'a'},{'name':''}]}}],'resourceClaims':[{'name':''},{'name':'A','resourceClaimName':'x',"
		  "'resourceClaimTemplateName':'y'},{'name':'a','resourceClaimName':'X'},{'name':'a',"
		  "'resourceClaimName':'x'},{'name':'b','resourceClaimTemplateName':'X'}]"),
		  "[spec.resourceClaims[0].name: Required value, spec.resourceClaims[0]: Invalid value: "
		  "{\"name\":\"\"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`, "
		  "spec.resourceClaims[1].name: Invalid value: \"A\": " LABEL_WHY ", spec.resourceClaims[1]: "
		  "Invalid value: {\"name\":\"A\",\"resourceClaimName\":\"x\","
		  "\"resourceClaimTemplateName\":\"y\"}: at most one of `resourceClaimName` or "
		  "`resourceClaimTemplateName` may be specified, spec.resourceClaims[2].resourceClaimName: "
		  "Invalid value: \"X\": " SUBDOMAIN_WHY ", spec.resourceClaims[3].name: Duplicate value: "
		  "\"a\", spec.resourceClaims[4].resourceClaimTemplateName: Invalid value: \"X\": "
		  SUBDOMAIN_WHY ", spec.containers[0].resources.claims[0]: Not found: \"q\": must be one of "
		  "the names in pod.spec.resourceClaims: , A, a, a, b, spec.containers[0].resources.claims[2]: "
		  "Duplicate value: \"a\", spec.containers[0].resources.claims[3]: Required value]" },
		{ POD("'resources':{'limits':{'cpu':'1','odd':'1'},'requests':{'cpu':'2'}}"),
		  "[spec.resources.limits[odd]: Invalid value: \"odd\": must be a standard resource type or "
		  "fully qualified, spec.resources.requests: Invalid value: \"2\": must be less than or equal "
		  "to cpu limit of 1]" },
		{ SPEC("'containers':[{'name':'c','image':'i','resources':{'requests':{'cpu':'2'}}}],"
		  "'resources':{'limits':{'cpu':'1'}}"),
		  "spec.resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1" },
		{ POD("'resources':{'limits':{'example.com/x':'1'},'claims':[{'name':'a'}]}"),
		  "[spec.resources.claims: Forbidden: claims cannot be set for Resources at pod-level, "
		  "spec.resources.limits[example.com/x]: Unsupported value: \"example.com/x\": supported "
		  "values: \"cpu\", \"memory\", spec.resources.claims[0]: Not found: \"a\": must be one of the "
		  "names in pod.spec.resourceClaims which is empty]" },
		{ SPEC("'containers':[{'name':'c','image':'i','resources':{'limits':{'memory':'2Gi'}}}],"
		  "'resources':{'limits':{'memory':'1Gi'}}"),
		  "[spec.resources.requests: Invalid value: \"2Gi\": must be less than or equal to memory "
		  "limit of 1Gi, spec.resources.containers[0][memory].limits: Invalid value: \"2Gi\": must be "
		  "less than or equal to pod limits of 1Gi]" },
		{ ONE("'resizePolicy':[{'resourceName':'odd','restartPolicy':'Odd'},{'resourceName':'cpu',"
		  "'restartPolicy':'NotRequired'},{'resourceName':'cpu','restartPolicy':'NotRequired'},"
		  "{'resourceName':'','restartPolicy':''}]"),
		  "[spec.containers[0].resizePolicy: Unsupported value: \"odd\": supported values: \"cpu\", "
		  "\"memory\", spec.containers[0].resizePolicy: Unsupported value: \"Odd\": supported values: "
		  "\"NotRequired\", \"RestartContainer\", spec.containers[0].resizePolicy[2]: Duplicate value: "
		  "\"cpu\", spec.containers[0].resizePolicy: Required value]" },
		{ SPEC("'containers':[{'name':'c','image':'i','resizePolicy':[{'resourceName':'cpu',"
		  "'restartPolicy':'RestartContainer'}]}],'restartPolicy':'Never'"),
		  "spec.containers[0].resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' "
		  "when `restartPolicy` is 'Never'" },
		{ ONE("'resources':{'claims':[{'name':'a'}]}"),
		  "spec.containers[0].resources.claims[0]: Not found: \"a\": must be one of the names in "
		  "pod.spec.resourceClaims which is empty" },
	};

	CREATES(pods, v);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(containers),
		cmocka_unit_test(probes),
		cmocka_unit_test(resources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
