# SPDX-License-Identifier: GPL-2.0-or-later
#
# server.bash - sourced by the tests on loopback: an etcd, a server, TAP
#
# Sets dir (removed afterwards), client, peer, api, tls (ports), url, keelsond and
# kubectl; KEELSOND and KUBECTL name other binaries to test.
keelsond=${KEELSOND:-${B:-build}/bin/keelsond}
kubectl=${KUBECTL:-kubectl}

# in memory where possible: a busy disk makes etcd slow
dir=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")") || exit 1
etcd_pid='' server_pid='' watch_pid=''
cleanup() {
	for pid in $watch_pid $server_pid $etcd_pid; do kill "$pid" 2>/dev/null; done
	wait 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
export HOME=$dir KUBECONFIG=$dir/kubeconfig
: >"$KUBECONFIG"

n=0 failed=0
result() {	# STATUS TEXT [OUTPUT]
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		printf '%s\n' "${3:-}" | head -n 40 | sed 's/^/# /'
		failed=$((failed + 1))
	fi
}
ok() {		# TEXT COMMAND…: it succeeds
	local text=$1 out rc
	shift
	out=$("$@" 2>&1)
	rc=$?
	result $rc "$text" "$out"
}
like() {	# TEXT PATTERN COMMAND…: what it prints (with errors) matches the glob
	local text=$1 pattern=$2 out
	shift 2
	out=$("$@" 2>&1)
	# shellcheck disable=SC2053
	[[ $out == $pattern ]]
	result $? "$text" "got:  $out"$'\n'"want: $pattern"
}
is() {		# TEXT EXPECTED COMMAND…: it prints exactly this
	local text=$1 want=$2 out
	shift 2
	out=$("$@" 2>&1)
	[ "$out" = "$want" ]
	result $? "$text" "got:  $out"$'\n'"want: $want"
}
soon() {	# COMMAND…: within ten seconds it succeeds
	local i
	for ((i = 0; i < 100; i++)); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	"$@"
}

port() {	# one that nothing listens on
	local p
	while p=$((20000 + RANDOM % 20000)); do
		(exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || break
	done
	echo "$p"
}
client=$(port) peer=$(port) api=$(port) tls=$(port)
start_etcd() {
	etcd --data-dir "$dir/etcd" --log-level error --listen-client-urls "http://127.0.0.1:$client" \
		--advertise-client-urls "http://127.0.0.1:$client" --listen-peer-urls "http://127.0.0.1:$peer" \
		--initial-advertise-peer-urls "http://127.0.0.1:$peer" \
		--initial-cluster "default=http://127.0.0.1:$peer" >>"$dir/etcd.log" 2>&1 &
	etcd_pid=$!
}
start_server() {	# [OPTION…]
	"$keelsond" server --etcd "http://127.0.0.1:$client" --listen "127.0.0.1:$api" "$@" >>"$dir/server.log" 2>&1 &
	server_pid=$!
}
# Without controllers nobody makes the account that pods need.
make_account() { post /api/v1/namespaces/default/serviceaccounts '{"metadata":{"name":"default"}}' -f; }
k() { "$kubectl" --server "http://127.0.0.1:$api" "$@"; }
url=http://127.0.0.1:$api
get() { curl -sS --max-time 20 "$url$1" "${@:2}"; }
json='Content-Type: application/json'
post() { get "$1" -H "$json" -d "$2" "${@:3}"; }
field() {	# FILTER PATH [CURL ARGUMENT…]: a piece of the answer
	get "${@:2}" | jq -r "$1"
}
refusal() { field '"\(.code) \(.reason): \(.message)"' "$@"; }
words() { "$@" | xargs; }

finish() {	# the plan, and whether all went well
	[ "$failed" = 0 ] || [ ! -s "$dir/server.log" ] || tail -n 20 "$dir/server.log" | sed 's/^/# server: /'
	echo "1..$n"
	[ "$failed" = 0 ]
}
