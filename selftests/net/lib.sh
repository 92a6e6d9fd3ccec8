# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# lib.sh - what the tests of the datapath share
#
# A test file is sourced by `all` in a shell of its own, with keelson.ko loaded
# and no namespace of ours there. It builds nodes and pods, says what must hold,
# one line a case, and leaves the tearing down to `all`:
#
#   two_nodes                  nodes n1 and n2 with overlays, a wire between them
#   pod a1 n1 10.244.1.2       namespace a1 with a port of node n1
#   serve a1 tcp 8080          a server there (peer.c)
#   check "text" COMMAND...    passes if COMMAND succeeds
#   check_not, check_is "text" WANT GOT, check_has "text" PATTERN COMMAND...
#
# Addresses: node N is 10.99.0.N on the underlay (network namespace wire,
# bridge br0, no pods), its pods 10.244.N.0/24, its host leg 10.244.N.1.

ctl() { "${KEELSON_CTL:-keelsonctl}" "$@"; }
# Not `ip netns exec`, which mounts a /sys for each command.
in_ns() {
	local ns=$1
	shift
	nsenter "--net=/run/netns/$ns" -- "$@"
}
UNDERLAY=10.99.0
POD_CIDR=10.244.0.0/16
VIP_CIDR=10.96.0.0/16

# --- verdicts -------------------------------------------------------------------
# The count is kept in a file, since cases may be judged in subshells.
verdict() {
	local n
	read -r n <"$work/count"
	echo $((++n)) >"$work/count"
	[ "$1" = ok ] || echo "$2" >>"$work/failed"
	echo "$1 $n - $test_name: $2"
}
# More of what went wrong, in TAP's comments.
note() { printf '%s\n' "$@" | cut -c1-300 | head -n 40 | sed 's/^/#   /'; }

check() {
	local text=$1 out
	shift
	if out=$("$@" 2>&1); then
		verdict ok "$text"
	else
		verdict "not ok" "$text"
		note "$* failed:" "$out"
	fi
}
check_not() {
	local text=$1 out
	shift
	if out=$("$@" 2>&1); then
		verdict "not ok" "$text"
		note "$* did not fail:" "$out"
	else
		verdict ok "$text"
	fi
}
check_is() {
	if [ "$2" = "$3" ]; then
		verdict ok "$1"
	else
		verdict "not ok" "$1"
		note "wanted: $2" "got:    $3"
	fi
}
# check_has TEXT PATTERN COMMAND...: the output, of both kinds, matches; the exit status is no matter
check_has() {
	local text=$1 pattern=$2 out
	shift 2
	out=$("$@" 2>&1)
	if grep -qE -- "$pattern" <<<"$out"; then
		verdict ok "$text"
	else
		verdict "not ok" "$text"
		note "wanted: $pattern" "got:" "$out"
	fi
}
skip() {
	local n
	read -r n <"$work/count"
	echo $((++n)) >"$work/count"
	echo "ok $n - $test_name: $1 # SKIP $2"
}

# until_true SECONDS COMMAND...: tries it until it succeeds; where the kernel watches
# itself everything takes longer, and KEELSON_TEST_SLOW says how many times
until_true() {
	local end=$((SECONDS + $1 * ${KEELSON_TEST_SLOW:-1}))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# --- nodes ----------------------------------------------------------------------
add_ns() {
	ip netns add "$1"
	ip -n "$1" link set lo up
	# No neighbour discovery of IPv6 in the counts.
	in_ns "$1" sh -c 'for i in all default; do echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done'
}
node_mac() { printf '0a:58:0a:f4:%02x:00' "$1"; }

wire() {
	add_ns wire
	ip -n wire link add br0 type bridge mcast_snooping 0
	ip -n wire link set br0 up
}
# plug NS N [MTU]: NS gets the device u0 on the wire, 10.99.0.N
plug() {
	ip -n "$1" -b - <<-EOB
	link add u0 mtu ${3:-1500} type veth peer name w$1 mtu ${3:-1500} netns wire
	addr add $UNDERLAY.$2/24 dev u0
	link set u0 up
	EOB
	ip -n wire link set "w$1" master br0 up
}
# node N [OVERLAY-OPTION...]: a keelson node nN
node() {
	local n=$1
	shift
	add_ns "n$n"
	plug "n$n" "$n"
	ctl -n "n$n" overlay set vtep "$UNDERLAY.$n" dev u0 mac "$(node_mac "$n")" vni 1 port 8472 "$@"
}
# peer_node N M: node N knows node M and its pods
peer_node() {
	ctl -n "n$1" node set "$UNDERLAY.$2" mac "$(node_mac "$2")"
	ctl -n "n$1" route set "10.244.$2.0/24" via "$UNDERLAY.$2"
}
# two_nodes [OVERLAY-OPTION...]
two_nodes() {
	wire
	node 1 "$@"
	node 2 "$@"
	peer_node 1 2
	peer_node 2 1
}
# host_leg N: node N's keelson0, 10.244.N.1, with routes to pods and VIPs
host_leg() {
	ctl -n "n$1" host add addr "10.244.$1.1" to "$POD_CIDR" to "$VIP_CIDR" \
		masquerade "$POD_CIDR" masquerade "$VIP_CIDR" except "$POD_CIDR" except "$VIP_CIDR"
}
# offloads_off FEATURE...: of both ends of the wires of n1 and n2
offloads_off() {
	local f args=()
	for f; do args+=("$f" off); done
	for ns in n1 n2; do
		in_ns $ns ethtool -K u0 "${args[@]}"
		in_ns wire ethtool -K w$ns "${args[@]}"
	done
} >/dev/null
# pod NAME NODE ADDR [OPTION...]
pod() {
	local name=$1 node=$2 addr=$3
	shift 3
	add_ns "$name"
	ctl -n "$node" port add eth0 netns "$name" addr "$addr" "$@"
}

# flannel_node N: a node nN of the stock kernel's own parts, as flannel makes it;
# its pod fN is 10.244.N.2, by veth on a bridge. [CSUM]: udpcsum or noudpcsum.
flannel_node() {
	local n=$1 csum=${2:-udpcsum}
	add_ns "n$n"
	plug "n$n" "$n"
	in_ns "n$n" sysctl -qw net.ipv4.ip_forward=1
	add_ns "f$n"
	ip -n "n$n" -b - <<-EOB
	link add flannel.1 address $(node_mac "$n") mtu 1450 type vxlan id 1 local $UNDERLAY.$n dev u0 dstport 8472 nolearning $csum
	addr add 10.244.$n.0/32 dev flannel.1
	link set flannel.1 up
	link add cni0 mtu 1450 type bridge
	addr add 10.244.$n.1/24 dev cni0
	link set cni0 up
	link add vpod mtu 1450 type veth peer name eth0 mtu 1450 netns f$n
	link set vpod master cni0 up
	EOB
	ip -n "f$n" -b - <<-EOB
	addr add 10.244.$n.2/24 dev eth0
	link set eth0 up
	route add default via 10.244.$n.1
	EOB
}
flannel_peer() {
	ip -n "n$1" neigh add "10.244.$2.0" lladdr "$(node_mac "$2")" dev flannel.1 nud permanent
	in_ns "n$1" bridge fdb append "$(node_mac "$2")" dev flannel.1 dst "$UNDERLAY.$2"
	ip -n "n$1" route add "10.244.$2.0/24" via "10.244.$2.0" dev flannel.1 onlink
}

# Every process in a namespace of ours, then the namespaces.
tear_down() {
	local own
	own=$(readlink /proc/self/ns/net)
	find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/net' -printf '%l %p\n' |
		awk -v own="$own" '$1 != own { split($2, p, "/"); print p[3] }' | xargs -r kill -KILL
	ip -all netns del
} 2>/dev/null

# --- traffic --------------------------------------------------------------------
listens() { in_ns "$1" ss -Hln "--$2" "sport = :$3" | grep -q .; }
# serve NS tcp|udp PORT [NAME]: answers with NAME (NS); returns once it listens
serve() {
	in_ns "$1" "$peer" serve "${4:-$1}" "$2" "$3" >>"$work/serve.log" 2>&1 &
	echo $! >"$work/serve-$1-$2-$3"
	until_true 10 listens "$1" "$2" "$3" || note "the server $* does not listen"
}
# stop_serving NS tcp|udp PORT
stop_serving() {
	kill "$(cat "$work/serve-$1-$2-$3")"
	until_true 10 not listens "$1" "$2" "$3"
}
not() { ! "$@"; }
# ask NS [OPTION...] tcp|udp ADDR PORT: see peer.c
ask() {
	local ns=$1
	shift
	in_ns "$ns" "$peer" ask "$@"
}
ping_from() {
	local ns=$1
	shift
	in_ns "$ns" ping -n -q -W 2 "$@"
}
# stat NODE NAME: one of the instance's counters
stat() { ctl -n "$1" -o json stats | jq ".$2"; }
# packets NS DEV rx|tx: by the kernel's count
packets() {
	local column=3
	[ "$3" = rx ] || column=11
	in_ns "$1" awk -v "c=$column" -v "dev=$2:" '$1 == dev { print $c }' /proc/net/dev
}

# capture NAME NS DEV FILTER...: tcpdump until captured NAME, which prints it
capture() {
	local name=$1 ns=$2 dev=$3
	shift 3
	in_ns "$ns" tcpdump -n -p -U --immediate-mode -Z root -i "$dev" -w "$work/$name.pcap" "$@" 2>"$work/$name.err" &
	echo $! >"$work/$name.pid"
	until_true 10 grep -q 'listening on' "$work/$name.err"
}
# captured NAME [TCPDUMP-OPTION...]
captured() {
	local name=$1 pid
	shift
	pid=$(cat "$work/$name.pid")
	if [ -e "/proc/$pid" ]; then
		sleep 0.3	# what the kernel has and tcpdump has not read yet
		kill -TERM "$pid"
		until_true 10 test ! -e "/proc/$pid"
	fi
	tcpdump -n -r "$work/$name.pcap" "$@" 2>/dev/null
}
