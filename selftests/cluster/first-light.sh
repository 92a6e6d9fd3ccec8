#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# first-light.sh - the demo's steps, then daemons killed under traffic and bad
# input, against a cluster of three nodes. TAP on stdout. Runs in the VM.
if [ -z "${KEELSON_CLUSTER_DIR:-}" ]; then
	cd "$(dirname "$0")/../.." || exit 1
	exec scripts/cluster --nodes 3 -- selftests/cluster/first-light.sh
fi
set -uo pipefail
. scripts/demo-lib
n=0 failed=0
ok() {	# TEXT COMMAND…
	local text=$1 out
	shift
	n=$((n + 1))
	if out=$("$@" 2>&1); then
		echo "ok $n - $text"
	else
		echo "not ok $n - $text"
		printf '%s\n' "$out" | sed 's/^/# /'
		failed=$((failed + 1))
	fi
}

ok "the demo's steps hold" scripts/demo-steps

# A Service, a client that asks every 100 ms and writes down what it gets.
kubectl apply -f docs/examples/hello.yaml >/dev/null
ok "hello rolls out" kubectl rollout status deployment/hello --timeout=120s
vip=$(kubectl get service hello -o 'jsonpath={.spec.clusterIP}')
until_true 10 all_nodes_have "$vip" 80 3
kubectl run asker --image=localhost/busybox --image-pull-policy=IfNotPresent --restart=Never -- \
	sh -c "while :; do a=\$({ $(ask "$vip"); } 2>&1); case \$a in hello-*) echo ok ;; *) echo \"\$(date +%T) failed: \$a\" ;; esac; usleep 100000; done" >/dev/null
ok "the asker runs" kubectl wait --for=condition=Ready pod/asker --timeout=60s
uids() { kubectl get pods -o 'jsonpath={range .items[*]}{.metadata.uid}{" "}{.status.containerStatuses[0].restartCount}{"\n"}{end}' | sort; }
before=$(uids)
asker_lines() { kubectl logs asker | grep -c "$1"; }

all_running() { [ "$(kubectl get pods --no-headers 2>/dev/null | grep -c ' 1/1 *Running ')" = 4 ]; }
api_up() { kubectl get --raw /readyz; }
more_than() { [ "$(asker_lines ok)" -gt "$1" ]; }
on_asker=$(kubectl get pod asker -o 'jsonpath={.spec.nodeName}')
for daemon in server "agent-$on_asker" etcd "containerd-$on_asker"; do
	seen=$(asker_lines ok)
	ok "kill -9 $daemon" cluster-ctl kill "$daemon"
	# While it is down the module answers for itself: a flow of the datapath, without any daemon.
	hits=$(stat_of "$on_asker" service_hit)
	goes_on() { [ "$(stat_of "$on_asker" service_hit)" -gt $((hits + 50)) ]; }
	ok "traffic goes on without $daemon" until_true 30 goes_on
	cluster-ctl start "$daemon"
	ok "the API answers after $daemon is back" until_true 60 api_up
	ok "nodes are Ready after $daemon is back" kubectl wait --for=condition=Ready node --all --timeout=90s
	ok "pods run after $daemon is back" until_true 60 all_running
	ok "requests went on through it" until_true 30 more_than "$seen"
done
ok "no pod was recreated or restarted" test "$before" = "$(uids)"
none_failed() { ! kubectl logs asker | grep -v '^ok$'; }
ok "no request failed" none_failed
kubectl scale deployment hello --replicas=4 >/dev/null
ok "controllers work after all that" kubectl rollout status deployment/hello --timeout=120s
ok "and the datapath follows" until_true 10 all_nodes_have "$vip" 80 4

refused() {	# PATTERN COMMAND…: the command fails and says PATTERN
	local pattern=$1 out
	shift
	out=$("$@" 2>&1) && { echo "accepted: $out"; return 1; }
	grep -q -- "$pattern" <<<"$out" || { echo "said: $out"; return 1; }
}
apply_text() { kubectl apply -f - <<<"$1"; }
ok "a wrong field is named" refused 'spec.replica' apply_text "$(sed 's/replicas: 3/replica: 3/; s/name: hello$/name: wrong/' docs/examples/hello.yaml)"
ok "a VIP outside the range is refused" refused 'range' apply_text '{"apiVersion":"v1","kind":"Service","metadata":{"name":"outside"},"spec":{"clusterIP":"192.0.2.1","ports":[{"port":80}]}}'
ok "a VIP in use is refused" refused 'already allocated' apply_text '{"apiVersion":"v1","kind":"Service","metadata":{"name":"twice"},"spec":{"clusterIP":"'"$vip"'","ports":[{"port":80}]}}'

# The API's own Service, whose backend is no pod: from a node's process.
by_its_service() {
	on node1 curl -sf --cacert "$KEELSON_CLUSTER_DIR/pki/ca.crt" --cert "$KEELSON_CLUSTER_DIR/pki/node1.crt" \
		--key "$KEELSON_CLUSTER_DIR/pki/node1.key" https://10.96.0.1/readyz
}
ok "a node reaches the API by Service kubernetes" by_its_service

kubectl delete -f docs/examples/hello.yaml >/dev/null
kubectl delete pod asker >/dev/null
ok "nothing is left" until_true 60 left_behind '/(pods|deployments|replicasets|endpointslices|services/[a-z]+)/default/(hello|asker)'

# What a node or a server needs is not there: the thing is named, and when it is back all is well by itself.
ready_says() {	# NODE PATTERN
	kubectl get node "$1" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].message}' | grep -q -- "$2"
}
all_ready() { [ "$(kubectl get nodes --no-headers | grep -cw Ready)" = 3 ]; }
cluster-ctl kill containerd-node1
cluster-ctl kill agent-node1
cluster-ctl start agent-node1
ok "an agent without containerd says so" until_true 60 ready_says node1 'runtime is down.*containerd.sock'
cluster-ctl start containerd-node1
ok "and its node is Ready when it is there" until_true 60 all_ready
# The kernel loads the module by itself for who asks for its family; not while it may not.
loader=$(cat /proc/sys/kernel/modprobe)
echo /bin/false >/proc/sys/kernel/modprobe
ok "the module is unloaded from under the agents" rmmod keelson
ok "which say so" until_true 60 ready_says node2 'module is not loaded'
echo "$loader" >/proc/sys/kernel/modprobe
ok "and their nodes are Ready when it can be loaded" until_true 60 all_ready
vip_back() { backends node3 10.96.0.1 443 | grep -qx 1; }
ok "with the datapath programmed anew" until_true 30 vip_back
cluster-ctl kill etcd
cluster-ctl kill server
cluster-ctl start server
server_names_etcd() { grep -q '127.0.0.1:2379' "$KEELSON_CLUSTER_DIR/logs/server.log"; }
ok "a server without etcd names it" until_true 30 server_names_etcd
not_ready() { ! curl -sf http://127.0.0.1:8080/readyz; }
ok "and is not ready" until_true 10 not_ready
cluster-ctl start etcd
ok "and serves when it is there" until_true 60 api_up
echo "1..$n"
[ "$failed" = 0 ]
