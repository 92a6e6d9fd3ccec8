#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# place: loopback
#
# api.sh - the API as kubectl and curl see it, against a real etcd. TAP.
#
# Needs etcd, curl, jq, openssl and kubectl, and nothing but loopback. KEELSOND
# and KUBECTL name other binaries to test.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
. selftests/cluster/server.bash

start_whole_server() {	# [OPTION…]: with every kind of listener
	start_server --listen "unix:$dir/api.sock" --listen "0.0.0.0:$tls" --advertise-address 192.0.2.10 \
		--tls-ca "$dir/ca.crt" --tls-cert "$dir/server.crt" --tls-key "$dir/server.key" "$@"
}

# --- certificates ----------------------------------------------------------------
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test-ca -days 2 \
	-keyout "$dir/ca.key" -out "$dir/ca.crt" 2>/dev/null
for name in server user; do
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/O=testers/CN=$name" \
		-keyout "$dir/$name.key" -out "$dir/$name.csr" 2>/dev/null
	openssl x509 -req -in "$dir/$name.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial -days 2 \
		-extfile <(echo "subjectAltName=IP:127.0.0.1") -out "$dir/$name.crt" 2>/dev/null
done

# --- start: the server first, etcd later --------------------------------------------
like "a prefix that is none" "*bogus is no prefix for service addresses" "$keelsond" server --service-cidr bogus
like "a plain listener for everybody is refused" "*0.0.0.0:$tls*" "$keelsond" server --listen "0.0.0.0:$tls"
like "plain HTTP to an etcd elsewhere is refused" "*--etcd: http://192.0.2.1:2379 is plain HTTP*" \
	"$keelsond" server --etcd http://192.0.2.1:2379
like "and to an API server elsewhere" "*--server: http://192.0.2.1:8080 is plain HTTP*" \
	"$keelsond" agent --server http://192.0.2.1:8080 --node-name n --node-ip 192.0.2.2
start_whole_server --controllers=false
ok "the server answers without etcd" soon get /livez -f
like "without etcd, requests fail and say why" '*"code":503*' get /api/v1/namespaces
like "and it names etcd" "*etcd*127.0.0.1:$client*" get /api/v1/namespaces
start_etcd
ok "it finds etcd by itself" soon get /readyz -f
ok "the first objects are made" soon k get service kubernetes
is "the namespaces are there" "default kube-node-lease kube-public kube-system" \
	k get namespaces -o 'jsonpath={.items[*].metadata.name}'
is "the kubernetes Service has the first address" 10.96.0.1 k get service kubernetes -o 'jsonpath={.spec.clusterIP}'

# --- apply, get, change ----------------------------------------------------------------
cat >"$dir/web.yaml" <<'EOF'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: main, image: busybox, ports: [{containerPort: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 80}]
EOF
is "apply creates" $'deployment.apps/web created\nservice/web created' k apply -f "$dir/web.yaml"
is "apply again changes nothing" $'deployment.apps/web unchanged\nservice/web unchanged' k apply -f "$dir/web.yaml"
sed -i 's/replicas: 2/replicas: 3/' "$dir/web.yaml"
is "apply of a change" $'deployment.apps/web configured\nservice/web unchanged' k apply -f "$dir/web.yaml"
is "defaults are filled in" "25% Always 10" \
	k get deployment web -o 'jsonpath={.spec.strategy.rollingUpdate.maxSurge} {.spec.template.spec.restartPolicy} {.spec.revisionHistoryLimit}'
dry_run() { sed 's/replicas: 3/replicas: 9/;/^---/,$d' "$dir/web.yaml" | k apply --dry-run=server -f -; }
is "a dry run tells" "deployment.apps/web configured (server dry run)" dry_run
is "and changes nothing" 3 k get deployment web -o 'jsonpath={.spec.replicas}'
like "the service got an address" "10.96.*" k get service web -o 'jsonpath={.spec.clusterIP}'
is "create -f" "configmap/settings created" k create -f - <<'EOF'
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "labels": {"tier": "a"}}, "data": {"a": "1"}}
EOF
like "create again" "*configmaps \"settings\" already exists" k create -f - <<'EOF'
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}
EOF
like "a pod without an account" '*pods "one" is forbidden: error looking up service account default/default: serviceaccount "default" not found' \
	k run one --image=busybox --restart=Never
ok "the account is made" make_account
is "run" "pod/one created" k run one --image=busybox --restart=Never --labels=app=one
header() { k get "$@" | sed -n '1s/  */ /gp' | sed 's/ $//'; }
is "get: the columns" "NAME READY UP-TO-DATE AVAILABLE AGE" header deployments
is "get -o wide: more columns" "NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES" header pods -o wide
like "get: a pod" "one*0/1*Pending*0*" k get pods --no-headers
is "get -o name" pod/one k get pods -o name
like "get -o yaml" $'apiVersion: apps/v1\nkind: Deployment\n*' k get deployment web -o yaml
like "get -o json" $'{\n*"apiVersion": "apps/v1",*"kind": "Deployment",*' k get deployment web -o json
is "get -l" configmap/settings k get configmaps -l 'tier in (a,b),!gone' -o name
is "get -l that nothing has" "" k get configmaps -l 'tier=c' -o name
is "its endpoint is this server" "192.0.2.10 https $tls TCP" \
	k get endpoints kubernetes -o 'jsonpath={.subsets[*].addresses[*].ip} {.subsets[*].ports[*].name} {.subsets[*].ports[*].port} {.subsets[*].ports[*].protocol}'
is "and so is its slice" "192.0.2.10 $tls" \
	k get endpointslices -l kubernetes.io/service-name=kubernetes -o 'jsonpath={.items[*].endpoints[*].addresses[*]} {.items[*].ports[*].port}'
like "get -A" $'default *kubernetes *443/TCP *\ndefault *web *80/TCP *' k get services -A --no-headers
is "get --field-selector" pod/one k get pods --field-selector 'status.phase=Pending,spec.nodeName!=x' -o name
like "describe" "*Replicas:*3 desired*Image:*busybox*" k describe deployment web
like "describe a pod" "*Name:*one*Status:*Pending*" k describe pod one
is "label" "configmap/settings labeled" k label configmap settings colour=red
is "annotate" "configmap/settings annotated" k annotate configmap settings note=x
is "scale" "deployment.apps/web scaled" k scale deployment web --replicas=5
is "the scale is there" 5 field .spec.replicas /apis/apps/v1/namespaces/default/deployments/web/scale
is "edit" "deployment.apps/web edited" env EDITOR='sed -i s/busybox/nginx/' "$kubectl" -s "$url" edit deployment web
is "the edit is there" nginx k get deployment web -o 'jsonpath={.spec.template.spec.containers[0].image}'
is "patch (strategic)" "deployment.apps/web patched" \
	k patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"s"}]}}}}'
is "it merged by name" "main side" \
	field '[.spec.template.spec.containers[].name] | sort | join(" ")' /apis/apps/v1/namespaces/default/deployments/web
is "patch (JSON)" "configmap/settings patched" \
	k patch configmap settings --type=json -p '[{"op":"replace","path":"/data/a","value":"2"}]'
generation() { k get deployment web -o 'jsonpath={.metadata.generation}'; }
before=$(generation)
k label deployment web more=labels >/dev/null
is "generation stays when only metadata changes" "$before" generation
report() {	# REPLICAS [SPEC]: what the controller would say
	get /apis/apps/v1/namespaces/default/deployments/web/status -X PATCH -H 'Content-Type: application/merge-patch+json' \
		-d '{"spec":{"replicas":'"${2:-1}"'},"status":{"replicas":'"$1"',"readyReplicas":'"$1"',"updatedReplicas":'"$1"',"availableReplicas":'"$1"',"observedGeneration":'"$(generation)"'}}' >/dev/null
}
report 5 7
is "the status subresource leaves the spec alone" "5 5" \
	k get deployment web -o 'jsonpath={.spec.replicas} {.status.readyReplicas}'
k apply -f "$dir/web.yaml" >/dev/null
is "and the spec leaves the status alone" "3 5" \
	k get deployment web -o 'jsonpath={.spec.replicas} {.status.readyReplicas}'
report 3
like "rollout status reads them" "*successfully rolled out" k rollout status deployment/web --timeout=10s
like "api-resources" "*deployments*deploy*apps/v1*true*Deployment*" k api-resources
like "version" "*Server Version*v1.*" k version
like "get all" "*pod/one*service/web*deployment.apps/web*" k get all
like "explain" "*KIND:*Deployment*Keeps a number of like pods*spec*What pods there shall be*" k explain deployment
like "explain a field" "*restartPolicy*DESCRIPTION:*Always restarts what ends*" k explain pod.spec.restartPolicy
unexplained() {	# kinds, and fields of them, that nothing is said about
	local name version out
	while read -r name version; do
		out=$(k explain "$name" --api-version="$version" --recursive 2>&1) &&
			[[ $out == *DESCRIPTION:* && $out != *"<empty>"* && $out != *"<no description>"* ]] || echo "$name $version"
	done < <(k api-resources --no-headers | awk '$(NF - 2) !~ /^metrics/ { print $1, $(NF - 2) }')	# 1.20 takes nodes for core's
}
is "explain every kind" "" unexplained

# --- OpenAPI documents ------------------------------------------------------------------------
document=$(field '.paths["apis/apps/v1"].serverRelativeURL' /openapi/v3)
like "a document's address has a hash" "/openapi/v3/apis/apps/v1[?]hash=*" echo "$document"
like "there it may be kept for ever" "*Cache-Control: public, immutable*Expires: *" get "$document" -i
unhashed() { get /openapi/v3/apis/apps/v1 -D - -o /dev/null | grep -ci immutable; }
is "elsewhere not" 0 unhashed
is "an old hash leads to the new one" "301 $url$document" \
	get "/openapi/v3/apis/apps/v1?hash=0" -o /dev/null -w '%{http_code} %{redirect_url}'
tag=$(get "$document" -D - -o /dev/null | tr -d '\r' | sed -n 's/^[Ee][Tt]ag: //p')
is "who has it need not fetch it" 304 get /openapi/v3/apis/apps/v1 -o /dev/null -w '%{http_code}' -H "If-None-Match: $tag"
compressed() { cmp <(get /openapi/v2) <(get /openapi/v2 -H 'Accept-Encoding: gzip' | gzip -dc); }
ok "compressed it is the same" compressed
is "no document" "404 page not found" get /openapi/v3/apis/nope/v1
is "no such form of it" 406 get /openapi/v3/api/v1 -o /dev/null -w '%{http_code}' -H 'Accept: text/html'

# --- refusals, in the API's words -------------------------------------------------------------
core=/api/v1/namespaces/default apps=/apis/apps/v1/namespaces/default
misspelt() { sed 's/replicas:/replica:/;/^---/,$d' "$dir/web.yaml" | k apply -f -; }
like "an unknown field is told" '*unknown field "*replica"*' misspelt
is "a patch with an unknown field" '422 Invalid:  "" is invalid: patch: Invalid value: "map[spec:map[replica:1]]": strict decoding error: unknown field "spec.replica"' \
	refusal "$apps/deployments/web?fieldValidation=Strict" -X PATCH -H 'Content-Type: application/strategic-merge-patch+json' -d '{"spec":{"replica":1}}'
is "a dry run of what exists" '409 AlreadyExists: configmaps "settings" already exists' \
	refusal "$core/configmaps?dryRun=All" -H "$json" -d '{"metadata":{"name":"settings"}}'
is "a dry run of half" '422 Invalid: CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"' \
	refusal "$core/configmaps?dryRun=Some" -H "$json" -d '{"metadata":{"name":"x"}}'
is "a deletion that is half dry" '422 Invalid: DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"' \
	refusal $core/configmaps/settings -X DELETE -H "$json" -d '{"kind":"DeleteOptions","apiVersion":"v1","dryRun":["Some"]}'
is "all namespaces at once" '405 MethodNotAllowed: the server does not allow this method on the requested resource' \
	refusal /api/v1/namespaces -X DELETE
post $core/pods '{"metadata":{"name":"short"},"spec":{"nodeName":"n","containers":[{"name":"c","image":"i"}]}}' >/dev/null
is "a negative grace is one second" 1 field .metadata.deletionGracePeriodSeconds "$core/pods/short?gracePeriodSeconds=-5" -X DELETE
get "$core/pods/short?gracePeriodSeconds=0" -X DELETE >/dev/null
is "not found" '404 NotFound: pods "nope" not found' refusal $core/pods/nope
is "a wrong type" '400 BadRequest: Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32' \
	refusal $apps/deployments -H "$json" -d '{"metadata":{"name":"x"},"spec":{"replicas":"three"}}'
is "a wrong kind" '400 BadRequest: ConfigMap in version "v1" cannot be handled as a Pod: converting (v1.ConfigMap) to (core.Pod): unknown conversion' \
	refusal $core/pods -H "$json" -d '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}'
like "an invalid object" '422 Invalid: Deployment.apps "x" is invalid: *spec.template.spec.containers: Required value*' \
	refusal $apps/deployments -H "$json" -d '{"metadata":{"name":"x"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"c"}},"spec":{}}}}'
is "no such namespace" '404 NotFound: namespaces "nowhere" not found' \
	refusal /api/v1/namespaces/nowhere/configmaps -H "$json" -d '{"metadata":{"name":"x"}}'
is "a stale version" '409 Conflict: Operation cannot be fulfilled on configmaps "settings": the object has been modified; please apply your changes to the latest version and try again' \
	refusal $core/configmaps/settings -X PUT -H "$json" -d '{"metadata":{"name":"settings","resourceVersion":"1"}}'
is "another name than the URL's" '400 BadRequest: the name of the object (b) does not match the name on the URL (a)' \
	refusal $core/configmaps/a -X PUT -H "$json" -d '{"metadata":{"name":"b"}}'
is "a review as a table" '406 NotAcceptable: only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf' \
	refusal /apis/authorization.k8s.io/v1/selfsubjectaccessreviews -H "$json" -H 'Accept: application/json;as=Table;v=v1;g=meta.k8s.io' \
	-d '{"spec":{"nonResourceAttributes":{"path":"/","verb":"get"}}}'
is "a strategic patch of the wrong type" \
	'422 Invalid:  "" is invalid: patch: Invalid value: "map[metadata:map[labels:invalid]]": cannot restore map from string' \
	refusal $core/configmaps/settings -X PATCH -H 'Content-Type: application/strategic-merge-patch+json' -d '{"metadata":{"labels":"invalid"}}'
like "a merge patch of the wrong type" '422 Invalid:  "" is invalid: patch: Invalid value: "{*": json: cannot unmarshal string into Go struct field *' \
	refusal $core/configmaps/settings -X PATCH -H 'Content-Type: application/merge-patch+json' -d '{"metadata":{"labels":"invalid"}}'
is "a member that stands twice, strictly" '400 BadRequest: ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.a"' \
	refusal "$core/configmaps?fieldValidation=Strict" -H "$json" -d '{"metadata":{"name":"twice"},"data":{"a":"1","a":"2"}}'
twice() { get "$core/configmaps?dryRun=All" -H "$json" -D "$dir/headers" -d '{"metadata":{"name":"twice"},"data":{"a":"1","a":"2"}}' | jq -r .data.a; cat "$dir/headers"; }
like "and otherwise the last counts, with a warning" '2*Warning: 299 - "duplicate field \\"data.a\\""*' twice
is "a PUT of a Lease that names no version" '422 Invalid: Lease.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update' \
	eval "get /apis/coordination.k8s.io/v1/namespaces/default/leases/l -X PUT -H '$json' -d '{}' >/dev/null
	refusal /apis/coordination.k8s.io/v1/namespaces/default/leases/l -X PUT -H '$json' -d '{\"spec\":{\"holderIdentity\":\"x\"}}'"
put_missing() { get "$1" -X PUT -H "$json" -d "$2" -o /dev/null -w '%{http_code}'; }
is "a PUT makes what some kinds have not yet" 201 put_missing /apis/rbac.authorization.k8s.io/v1/namespaces/default/roles/put '{}'
is "and others not" 404 put_missing $core/configmaps/put '{}'
like "a dry run of a Service shows an address" '10.96.*' field .spec.clusterIP "$core/services?dryRun=All" -H "$json" -d '{"metadata":{"name":"dry"},"spec":{"ports":[{"port":80}]}}'
like "and refuses one that is out of range" '422 Invalid: Service "dry" is invalid: spec.clusterIPs: *is not in the valid range*' \
	refusal "$core/services?dryRun=All" -H "$json" -d '{"metadata":{"name":"dry"},"spec":{"clusterIP":"192.0.2.1","ports":[{"port":80}]}}'
like "and one that is taken" '422 Invalid: *provided IP is already allocated' \
	refusal "$core/services?dryRun=All" -H "$json" -d '{"metadata":{"name":"dry"},"spec":{"clusterIP":"10.96.0.1","ports":[{"port":80}]}}'
scale_of=/apis/apps/v1/namespaces/default/deployments/web/scale
like "a Scale that does not fit" '400 BadRequest: Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal number 5000000000 into Go struct field ScaleSpec.spec.replicas of type int32' \
	refusal $scale_of -X PUT -H "$json" -d '{"spec":{"replicas":5000000000}}'
like "a Scale of another name" '400 BadRequest: the name of the object (b) does not match the name on the URL (web)' \
	refusal $scale_of -X PUT -H "$json" -d '{"metadata":{"name":"b"},"spec":{"replicas":1}}'
like "a Scale that is none" '400 BadRequest: Pod in version "v1" cannot be handled as a Scale: *' \
	refusal $scale_of -X PUT -H "$json" -d '{"kind":"Pod","apiVersion":"v1","spec":{"replicas":1}}'
like "a body of a form" '415 UnsupportedMediaType: *' refusal $core/pods -d a=b
like "a patch of no known type" '415 UnsupportedMediaType: *' refusal $core/pods/x -X PATCH -H 'Content-Type: text/x' -d '{}'
is "a JSON patch whose test fails" '422 Invalid: the server rejected our request due to an error in our request' \
	refusal $core/configmaps/settings -X PATCH -H 'Content-Type: application/json-patch+json' \
	-d '[{"op":"test","path":"/data/a","value":"no"}]'
is "no form that we have" '406 NotAcceptable: 406: Not Acceptable' refusal /api/v1/pods -H 'Accept: text/html'
is "a method that is not" '405 MethodNotAllowed: the server does not allow this method on the requested resource' \
	refusal /api/v1/pods -X POST -H "$json" -d '{}'
is "no such path" "404 page not found" get /api/v1/things
is "a bad label selector" "400 BadRequest: found ',', expected: identifier after ','" refusal '/api/v1/pods?labelSelector=a,,'
is "a bad field selector" "400 BadRequest: field label not supported: foo" refusal '/api/v1/pods?fieldSelector=foo%3Dbar'
is "a bad continue token" "400 BadRequest: invalid continue token: continue key is not valid: invalid character 'Ï' looking for beginning of value" \
	refusal '/api/v1/pods?limit=1&continue=zzz'
is "an unknown match of versions" '422 Invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Some": supported values: "Exact", "NotOlderThan", ""' \
	refusal '/api/v1/pods?resourceVersion=1&resourceVersionMatch=Some'
like "a version to come" '504 Timeout: Timeout: Too large resource version: 99999, current: *' \
	refusal '/api/v1/pods?resourceVersion=99999&resourceVersionMatch=Exact'
like "a version to come, waited for" '504 Timeout: Timeout: Too large resource version: 99999, current: *' \
	refusal '/api/v1/namespaces/default?resourceVersion=99999'
service() { echo "{\"metadata\":{\"name\":\"$1\"},\"spec\":{\"clusterIP\":\"$2\",\"ports\":[{\"port\":1}]}}"; }
is "an address outside the range" '422 Invalid: Service "far" is invalid: spec.clusterIPs: Invalid value: ["10.200.0.1"]: failed to allocate IP 10.200.0.1: the provided IP (10.200.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16' \
	refusal $core/services -H "$json" -d "$(service far 10.200.0.1)"
is "an address that is taken" '422 Invalid: Service "twice" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated' \
	refusal $core/services -H "$json" -d "$(service twice 10.96.0.1)"
is "a service that exists, with its own address" '409 AlreadyExists: services "kubernetes" already exists' \
	refusal $core/services -H "$json" -d "$(service kubernetes 10.96.0.1)"

# --- server-side apply, and who set what -------------------------------------------------------------
cat >"$dir/mine.yaml" <<'EOF'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: mine
  labels: {app: mine}
spec:
  replicas: 2
  selector: {matchLabels: {app: mine}}
  template:
    metadata: {labels: {app: mine}}
    spec:
      containers:
      - name: main
        image: busybox
        ports:
        - containerPort: 80
EOF
managers() {	# PATH: the entries of managedFields, by operation and name
	field '[.metadata.managedFields[]? | .manager + " " + .operation + (if .subresource then "/" + .subresource else "" end)] | sort | join(", ")' "$1"
}
owns() {	# PATH MANAGER OPERATION JQ-PATH: what the manager has below that path
	field "[.metadata.managedFields[] | select(.manager == \"$2\" and .operation == \"$3\") | .fieldsV1 | $4 | keys[]] | join(\" \")" "$1"
}
container='."f:spec"."f:template"."f:spec"."f:containers"."k:{\"name\":\"main\"}"'
mine=$apps/deployments/mine
ssa() { sed "$1" "$dir/mine.yaml" | k apply --server-side "${@:2}" -f -; }
is "apply --server-side creates" "deployment.apps/mine serverside-applied" ssa ''
is "and is the only manager" "kubectl Apply" managers $mine
is "of what it says, not of defaults" "f:replicas f:selector f:template" owns $mine kubectl Apply '."f:spec"'
is "in elements by their keys, with the keys' defaults" '. f:image f:name f:ports k:{"containerPort":80,"protocol":"TCP"}' \
	owns $mine kubectl Apply "($container | ., .\"f:ports\")"
version() { field .metadata.resourceVersion "$1"; }
before=$(version $mine)
ssa '' >/dev/null
is "the same again writes nothing" "$before" version $mine
like "another value for another's field" '*Apply failed with 1 conflict: conflict with "kubectl"*.spec.template.spec.containers\[name="main"\].image*' \
	ssa s/busybox/nginx/ --field-manager=other
is "the same value is shared" "deployment.apps/mine serverside-applied" ssa '' --field-manager=other
is "so that there are two" "kubectl Apply, other Apply" managers $mine
is "force takes it" "deployment.apps/mine serverside-applied" ssa s/busybox/nginx/ --field-manager=other --force-conflicts
is "from who had it" '. f:name f:ports' owns $mine kubectl Apply "$container"
k scale deployment mine --replicas=4 >/dev/null
is "scale takes the replicas" "kubectl Apply, kubectl Update/scale, other Apply" managers $mine
like "and the conflict says where" '*conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas*' \
	ssa s/busybox/nginx/ --field-manager=other
get $mine/status -X PATCH -H 'Content-Type: application/merge-patch+json' -A 'ctl/1.0 (test)' -d '{"status":{"replicas":4}}' >/dev/null
is "a status has its writer" "f:replicas" owns $mine ctl Update '."f:status"'
is "leaving fields out" "deployment.apps/mine serverside-applied" \
	ssa 's/busybox/nginx/;s/ports:/env: [{name: A, value: b}]/;/containerPort/d;/replicas/d' --field-manager=other
is "leaves them to whom else they are" "80 b" \
	k get deployment mine -o 'jsonpath={.spec.template.spec.containers[0].ports[0].containerPort} {.spec.template.spec.containers[0].env[0].value}'
is "who had them last" "deployment.apps/mine serverside-applied" ssa 's/busybox/nginx/;/ports:/d;/containerPort/d;/replicas/d'
is "takes them away" "null" field '.spec.template.spec.containers[0].ports' $mine
diff_of() {	# SED ARGUMENT…: what diff prints, and its status
	sed "$1" "$dir/mine.yaml" | k diff "${@:2}" -f - 2>&1
	echo "$?"
}
settled='s/busybox/nginx/;/ports:/d;/containerPort/d;/replicas/d'
is "diff of what is there" 0 diff_of "$settled" --server-side
like "diff of what is not" $'*-*image: nginx\n+*image: foo*1' diff_of "$settled;s/nginx/foo/" --server-side --force-conflicts
like "diff without server-side" $'*-*image: nginx\n+*image: foo*1' diff_of "$settled;s/nginx/foo/"

printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: moved}\ndata: {a: "1", b: "1"}\n' >"$dir/moved.yaml"
k apply -f "$dir/moved.yaml" >/dev/null
is "client-side apply is an update" "kubectl-client-side-apply Update" managers $core/configmaps/moved
move() { sed "$1" "$dir/moved.yaml" | k apply --server-side -f -; }
is "moving to server-side apply" "configmap/moved serverside-applied" move 's/a: "1"/a: "2"/'
is "takes over what kubectl had" '2 1' k get configmap moved -o 'jsonpath={.data.a} {.data.b}'
like "and tells client-side apply" '*"data":{"a":"2","b":"1"}*' \
	field '.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]' $core/configmaps/moved
like "which finds its way back" "configmap/moved configured" k apply -f "$dir/moved.yaml"
is "with all it names" '{"a":"1","b":"1"}' field '.data | tojson' $core/configmaps/moved

ssa_of() {	# PATH BODY [QUERY]: the refusal
	refusal "$1?${3:-fieldManager=t}" -X PATCH -H 'Content-Type: application/apply-patch+yaml' --data-binary "$2"
}
cm=$core/configmaps/applied
is "an apply without a manager" '422 Invalid: PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch' \
	ssa_of $cm '{}' force=true
is "force without an apply" '422 Invalid: PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch' \
	refusal "$core/configmaps/settings?force=true" -X PATCH -H 'Content-Type: application/merge-patch+json' -d '{}'
is "YAML that is none" '400 BadRequest: error decoding patch: error converting YAML to JSON: yaml: mapping values are not allowed in this context' \
	ssa_of $cm 'a: b: c'
is "an object of another kind" '400 BadRequest: invalid object type: /v1, Kind=Secret' ssa_of $cm '{apiVersion: v1, kind: Secret}'
is "a field that is none" '500 null: failed to create typed patch object (/applied; /v1, Kind=ConfigMap): .foo: field not declared in schema' \
	ssa_of $cm '{apiVersion: v1, kind: ConfigMap, metadata: {name: applied}, foo: 1}'
is "managedFields are not to be applied" '400 BadRequest: metadata.managedFields must be nil' \
	ssa_of $cm '{apiVersion: v1, kind: ConfigMap, metadata: {name: applied, managedFields: []}}'
is "the status of what is not there" '404 NotFound: deployments.apps "nope" not found' \
	ssa_of $apps/deployments/nope/status '{apiVersion: apps/v1, kind: Deployment, metadata: {name: nope}}'
is "keys that stand twice, strictly" $'400 BadRequest: error strict decoding patch: error converting YAML to JSON: yaml: unmarshal errors:\n  line 4: key "name" already set in map' \
	ssa_of $cm $'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b,\n name: applied}' 'fieldManager=t&fieldValidation=Strict'
code() { get "$1" -o /dev/null -w '%{http_code}' "${@:2}"; }
is "an apply makes what is not there" 201 code "$cm?fieldManager=t" -X PATCH -H 'Content-Type: application/apply-patch+yaml' \
	--data-binary $'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: applied\ndata:\n  text: yes and no\n'
yaml_body() {
	get $core/configmaps -H 'Content-Type: application/yaml' \
		--data-binary $'kind: ConfigMap\nmetadata: {name: yaml}\ndata: {"on": "off", "n": "1"}' | jq -r '.data | tojson'
}
is "a body may be YAML" '{"on":"off","n":"1"}' yaml_body
like "and an answer too" $'apiVersion: v1\ndata:\n  "n": "1"\n  "on": "off"\nkind: ConfigMap\n*' get $core/configmaps/yaml -H 'Accept: application/yaml'
like "but no watch" '406 NotAcceptable: *' refusal "$core/configmaps?watch=1" -H 'Accept: application/yaml'

# --- pages ---------------------------------------------------------------------------------------
pages() {
	local token='' out
	while :; do
		out=$(get "/api/v1/namespaces?limit=3&continue=$token") || return 1
		jq -r '.items[].metadata.name' <<<"$out"
		token=$(jq -r '.metadata.continue // ""' <<<"$out")
		[ -n "$token" ] || break
	done
}
is "pages add up" "default kube-node-lease kube-public kube-system" words pages
is "a page says how much is left" 1 field .metadata.remainingItemCount '/api/v1/namespaces?limit=3'

# --- addresses and prefixes ------------------------------------------------------------------------
is "an address asked for" 10.96.7.7 field .spec.clusterIP $core/services -H "$json" -d "$(service fixed 10.96.7.7)"
k delete service fixed >/dev/null
is "is free again after deletion" 10.96.7.7 field .spec.clusterIP $core/services -H "$json" -d "$(service next 10.96.7.7)"
is "a headless service has none" None field .spec.clusterIP $core/services -H "$json" -d "$(service headless None)"
for i in 1 2 3; do post /api/v1/nodes '{"metadata":{"name":"n'$i'"}}' >/dev/null; done
is "nodes get prefixes" "10.244.0.0/24 10.244.1.0/24 10.244.2.0/24" k get nodes -o 'jsonpath={.items[*].spec.podCIDR}'
k delete node n2 >/dev/null
post /api/v1/nodes '{"metadata":{"name":"n4"}}' >/dev/null
is "a prefix is used again" 10.244.1.0/24 k get node n4 -o 'jsonpath={.spec.podCIDR}'
many() {	# forty services at once, no address twice
	local i pids=()
	for ((i = 0; i < 40; i++)); do
		post /api/v1/namespaces/default/services '{"metadata":{"generateName":"m-","labels":{"many":"yes"}},"spec":{"ports":[{"port":1}]}}' >/dev/null &
		pids+=($!)
	done
	wait "${pids[@]}"
	k get services -l many=yes -o 'jsonpath={range .items[*]}{.spec.clusterIP}{"\n"}{end}' | sort -u | wc -l
}
is "many at once get different ones" 40 many
get "$core/services?labelSelector=many%3Dyes" -X DELETE >/dev/null
is "deletecollection" "" k get services -l many=yes -o name

# --- pods: binding, grace, finalizers --------------------------------------------------------------------
binding() { echo '{"apiVersion":"v1","kind":"Binding","metadata":{"name":"one"},"target":{"kind":"Node","name":"'"$1"'"}}'; }
is "binding" Success field .status $core/pods/one/binding -H "$json" -d "$(binding n1)"
is "sets the node and the condition" "n1 True" \
	k get pod one -o 'jsonpath={.spec.nodeName} {.status.conditions[?(@.type=="PodScheduled")].status}'
like "binding twice" '409 Conflict: *pod one is already assigned to node "n1"' refusal $core/pods/one/binding -H "$json" -d "$(binding n3)"
get /api/v1/namespaces/default/pods/one -X DELETE -H "$json" -d '{"gracePeriodSeconds":20}' >/dev/null
is "a bound pod is deleted with grace" 20 k get pod one -o 'jsonpath={.metadata.deletionGracePeriodSeconds}'
like "and shows it" "one*Terminating*" k get pod one --no-headers
is "grace 0 ends it" Success field .status $core/pods/one -X DELETE -H "$json" -d '{"gracePeriodSeconds":0}'
like "it is gone" '*"one" not found*' k get pod one
post /api/v1/namespaces/default/configmaps '{"metadata":{"name":"held","finalizers":["example.com/hold"]}}' >/dev/null
is "a finalizer keeps an object" held field 'select(.metadata.deletionTimestamp) | .metadata.name' $core/configmaps/held -X DELETE
k patch configmap held --type=merge -p '{"metadata":{"finalizers":null}}' >/dev/null
like "until it is taken away" '*"held" not found*' k get configmap held
get /apis/apps/v1/namespaces/default/deployments/web -X DELETE -H "$json" -d '{"propagationPolicy":"Foreground"}' >/dev/null
is "foreground deletion is a finalizer" foregroundDeletion k get deployment web -o 'jsonpath={.metadata.finalizers[0]}'
k patch deployment web --type=merge -p '{"metadata":{"finalizers":[]}}' >/dev/null
like "a precondition that does not hold" '*the UID in the precondition (zz) does not match the UID in record*' \
	get /api/v1/namespaces/default/configmaps/settings -X DELETE -H "$json" -d '{"preconditions":{"uid":"zz"}}'
like "delete" 'configmap "settings" deleted*' k delete configmap settings

# --- namespaces ---------------------------------------------------------------------------------------------
post /api/v1/namespaces '{"metadata":{"name":"tmp"}}' >/dev/null
is "a namespace ends slowly" Terminating field .status.phase /api/v1/namespaces/tmp -X DELETE
like "nothing new in it meanwhile" '*unable to create new content in namespace tmp because it is being terminated*' \
	post /api/v1/namespaces/tmp/configmaps '{"metadata":{"name":"x"}}'
get /api/v1/namespaces/tmp/finalize -X PUT -H "$json" -d '{"metadata":{"name":"tmp"},"spec":{"finalizers":[]}}' >/dev/null
like "finalize removes it" '*"tmp" not found*' k get namespace tmp
like "default stays" '*this namespace may not be deleted*' get /api/v1/namespaces/default -X DELETE

# --- watches, etcd away and back ---------------------------------------------------------------------------------
k get configmaps -w >"$dir/watch" 2>&1 &
watch_pid=$!
get '/api/v1/namespaces/default/configmaps?watch=1&labelSelector=in%3Dyes' -N --max-time 60 >"$dir/events" 2>/dev/null &
events_pid=$!
watch_pid="$watch_pid $events_pid"
add() { post /api/v1/namespaces/default/configmaps '{"metadata":{"name":"'"$1"'","labels":{"in":"'"$2"'"}},"data":{"a":"b"}}'; }
soon add w1 yes
ok "a new row comes" soon grep -q '^w1 *1 ' "$dir/watch"
ok "an event comes" soon grep -q '"ADDED".*"w1"' "$dir/events"
k label --overwrite configmap w1 in=no >/dev/null
ok "leaving the selection is a DELETED" soon grep -q '"DELETED".*"w1"' "$dir/events"
kill -9 "$etcd_pid"
wait "$etcd_pid" 2>/dev/null
like "etcd away: a Status that names it" '*"message":"etcd*"code":503*' get /api/v1/namespaces
is "the server is not ready" 500 curl -sS -o /dev/null -w '%{http_code}' --max-time 20 "$url/readyz"
start_etcd
ok "etcd back: it answers again" soon get /readyz -f
soon add w2 yes
ok "the old watch goes on" soon grep -q '"ADDED".*"w2"' "$dir/events"
ok "and kubectl's too" soon grep -q '^w2 *1 ' "$dir/watch"
compacted() {
	local rv
	rv=$(get /api/v1/namespaces | jq -r .metadata.resourceVersion)
	ETCDCTL_API=3 etcdctl --endpoints "127.0.0.1:$client" compact "$rv" >/dev/null || return 1
	get '/api/v1/namespaces?watch=1&resourceVersion=2&timeoutSeconds=5' | head -n 1 |
		jq -r '"\(.type) \(.object.code) \(.object.reason) \(.object.message)"'
}
like "a watch from compacted history" "ERROR 410 Expired too old resource version: 2 (*)" compacted
timed_watch() { get '/api/v1/nodes?watch=1&resourceVersion=0&timeoutSeconds=1' >/dev/null; echo $?; }
is "a watch ends when asked to" 0 timed_watch

# --- metrics ------------------------------------------------------------------------------------
metric() { get /metrics | sed -n "s/^$1 //p"; }
labels='dry_run="",group="apps",version="v1",resource="deployments",subresource="",scope="resource",component="apiserver"'
before=$(metric "apiserver_request_total{verb=\"GET\",$labels,code=\"404\"}")
get $apps/deployments/nobody >/dev/null
more=$(metric "apiserver_request_total{verb=\"GET\",$labels,code=\"404\"}")
is "a request is counted" $((${before:-0} + 1)) echo "$more"
like "and timed" "[1-9]*" metric "apiserver_request_duration_seconds_bucket{verb=\"GET\",$labels,le=\"+Inf\"}"
dry_runs() { get /metrics | grep -c 'apiserver_request_total{verb="POST",dry_run="All",.*resource="configmaps",.*code="409"} [1-9]'; }
is "dry runs by themselves" 1 dry_runs
like "watches are open" "[1-9]" metric 'apiserver_longrunning_requests{component="apiserver",group="",resource="configmaps",scope="namespace",subresource="",verb="WATCH",version="v1"}'
like "etcd is timed" "[1-9]*" metric 'etcd_request_duration_seconds_count{operation="create",type="pods"}'
stored() { [[ $(metric 'apiserver_storage_objects{resource="namespaces"}') == [1-9] ]]; }
ok "objects are counted" soon stored
like "the process is there" "1*" metric process_start_time_seconds
is "it is Prometheus' text" "text/plain; version=0.0.4; charset=utf-8" get /metrics -o /dev/null -w '%{content_type}'
well_formed() {	# each line a comment or NAME{LABELS} VALUE, each family's type said once
	get /metrics | awk '
		/^# (HELP|TYPE) / { if ($2 == "TYPE" && seen[$3]++) exit 1; next }
		!/^[a-z_]+({([a-z_]+="[^"]*",?)+})? (NaN|[-+]?Inf|[-+0-9.e]+)$/ { print; exit 1 }'
}
ok "every line of it" well_formed

# --- how one gets in --------------------------------------------------------------------------------------------
is "a unix socket" ok curl -sS --unix-socket "$dir/api.sock" http://localhost/livez
secure() { curl -sS --max-time 10 --cacert "$dir/ca.crt" "https://127.0.0.1:$tls$1" "${@:2}"; }
is "TLS with a client certificate" ok secure /livez --cert "$dir/user.crt" --key "$dir/user.key"
refused() { ! secure /api/v1/secrets -f; }
ok "TLS without one is refused" refused
kill "$server_pid"
wait "$server_pid"
result $? "SIGTERM ends the server with 0"
server_pid=''
start_whole_server
ok "a new server sees what was written" soon k get configmap w2

# --- with controllers: what each namespace has, accounts and priorities of pods --------------------------
post /api/v1/namespaces '{"metadata":{"name":"new"}}' >/dev/null
is "a pod at once in a new namespace" "pod/first created" k run first -n new --image=busybox --restart=Never
is "it runs as the default account" default k get pod first -n new -o 'jsonpath={.spec.serviceAccountName}'
ok "the cluster's CA is there" soon k get configmap kube-root-ca.crt -n new
like "another account has to be there" '403 Forbidden: pods "x" is forbidden: error looking up service account new/no: serviceaccount "no" not found' \
	refusal /api/v1/namespaces/new/pods -H "$json" -d '{"metadata":{"name":"x"},"spec":{"serviceAccountName":"no","containers":[{"name":"c","image":"i"}]}}'
pod_of() { echo '{"metadata":{"name":"'"$1"'"},"spec":{"priorityClassName":"'"$2"'","containers":[{"name":"c","image":"i"}]}}'; }
is "a class that is none" '403 Forbidden: pods "x" is forbidden: no PriorityClass with name none was found' \
	refusal /api/v1/namespaces/new/pods -H "$json" -d "$(pod_of x none)"
is "a class of the system" 2000000000 field .spec.priority /api/v1/namespaces/new/pods -H "$json" -d "$(pod_of x system-cluster-critical)"
is "create priorityclass" "priorityclass.scheduling.k8s.io/usual created" k create priorityclass usual --value=50 --global-default
is "the default class" "usual 50" field '"\(.spec.priorityClassName) \(.spec.priority)"' /api/v1/namespaces/new/pods -H "$json" -d "$(pod_of y '')"
like "one default is enough" "*PriorityClass usual is already marked as default*" k create priorityclass other --value=60 --global-default

finish
