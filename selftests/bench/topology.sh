# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# topology.sh - the network each benchmark path runs over
#
# Two nodes, namespaces n1 and n2, joined by one veth pair (the underlay
# 10.99.0.0/24), and a pod on each side, namespaces pc (client) and ps (server).
# setup_PATH builds one; teardown takes everything away. After setup:
#   SERVER_NS CLIENT_NS   where the two programs run
#   TARGET                the address the client speaks to
#   BIND                  the address the server listens on
#   SERVICES              how many services are loaded

UNDERLAY=10.99.0
POD_CIDR=10.244.0.0/16
VIP_PORT=80
BACKEND_PORT=8080
FLANNEL_MTU=1450

in_ns() { ip netns exec "$@"; }

teardown() {
	local ns
	for ns in pc ps n1 n2; do
		ip netns del $ns 2>/dev/null
	done
	# The last reference to a namespace goes by work queue: the next path's
	# instructions must not pay for it.
	sleep 1
}

add_ns() {
	ip netns add "$1"
	ip -n "$1" link set lo up
}

# Two nodes on one wire.
add_nodes() {
	add_ns n1
	add_ns n2
	ip -n n1 link add u0 type veth peer name u0 netns n2
	ip -n n1 addr add $UNDERLAY.1/24 dev u0
	ip -n n2 addr add $UNDERLAY.2/24 dev u0
	ip -n n1 link set u0 up
	ip -n n2 link set u0 up
}

# add_bridge NODE N: the node's bridge, gateway of 10.244.N.0/24
add_bridge() {
	ip -n "$1" link add cni0 type bridge
	ip -n "$1" addr add "10.244.$2.1/24" dev cni0
	ip -n "$1" link set cni0 up
	in_ns "$1" sysctl -qw net.ipv4.ip_forward=1
}

# add_bridge_pod NODE N POD HOST MTU: pod 10.244.N.HOST by veth on the node's bridge
add_bridge_pod() {
	local node=$1 n=$2 pod=$3 host=$4 mtu=$5
	add_ns "$pod"
	ip -n "$node" link add "v$pod" mtu "$mtu" type veth peer name eth0 mtu "$mtu" netns "$pod"
	ip -n "$node" link set "v$pod" master cni0 up
	ip -n "$pod" addr add "10.244.$n.$host/24" dev eth0
	ip -n "$pod" link set eth0 up
	ip -n "$pod" route add default via "10.244.$n.1"
}

# add_flannel NODE N: what flanneld makes on node N (itself), 10.99.0.N on the underlay
vtep_mac() { printf '0a:58:0a:f4:%02x:00' "$1"; }
add_flannel() {
	ip -n "$1" link add flannel.1 address "$(vtep_mac "$2")" mtu $FLANNEL_MTU type vxlan \
		id 1 local "$UNDERLAY.$2" dev u0 dstport 8472 nolearning
	ip -n "$1" addr add "10.244.$2.0/32" dev flannel.1
	ip -n "$1" link set flannel.1 up
}
# add_flannel_peer NODE M: what flanneld adds there for node M
add_flannel_peer() {
	ip -n "$1" neigh add "10.244.$2.0" lladdr "$(vtep_mac "$2")" dev flannel.1 nud permanent
	in_ns "$1" bridge fdb append "$(vtep_mac "$2")" dev flannel.1 dst "$UNDERLAY.$2"
	ip -n "$1" route add "10.244.$2.0/24" via "10.244.$2.0" dev flannel.1 onlink
}

setup_host() {
	add_nodes
	CLIENT_NS=n1 SERVER_NS=n2 TARGET=$UNDERLAY.2 BIND=$UNDERLAY.2 SERVICES=0
}

setup_bridge() {
	add_ns n1
	add_bridge n1 1
	add_bridge_pod n1 1 pc 2 1500
	add_bridge_pod n1 1 ps 3 1500
	CLIENT_NS=pc SERVER_NS=ps TARGET=10.244.1.3 BIND=10.244.1.3 SERVICES=0
}

setup_routed() {
	add_nodes
	add_bridge n1 1
	add_bridge n2 2
	add_bridge_pod n1 1 pc 2 1500
	add_bridge_pod n2 2 ps 2 1500
	ip -n n1 route add 10.244.2.0/24 via $UNDERLAY.2
	ip -n n2 route add 10.244.1.0/24 via $UNDERLAY.1
	CLIENT_NS=pc SERVER_NS=ps TARGET=10.244.2.2 BIND=10.244.2.2 SERVICES=0
}

setup_vxlan() {
	add_nodes
	add_bridge n1 1
	add_bridge n2 2
	add_flannel n1 1
	add_flannel n2 2
	add_flannel_peer n1 2
	add_flannel_peer n2 1
	add_bridge_pod n1 1 pc 2 $FLANNEL_MTU
	add_bridge_pod n2 2 ps 2 $FLANNEL_MTU
	CLIENT_NS=pc SERVER_NS=ps TARGET=10.244.2.2 BIND=10.244.2.2 SERVICES=0
}

# setup_vxlan_PROXY: vxlan, and on the client's node what kube-proxy writes
setup_vxlan_proxy() {
	setup_vxlan
	SERVICES=$BENCH_SERVICES
	TARGET=$(vip "$((SERVICES / 2))")
	"proxy_$1" "$SERVICES" $BIND >/run/bench.rules
	case $1 in
	iptables) in_ns n1 iptables-restore </run/bench.rules ;;
	nftables) in_ns n1 nft -f /run/bench.rules ;;
	ipvs)
		ip -n n1 link add kube-ipvs0 type dummy
		ip -n n1 addr add "$TARGET/32" dev kube-ipvs0
		in_ns n1 sysctl -qw net.ipv4.vs.conntrack=1
		in_ns n1 ipvsadm -R </run/bench.rules
		;;
	esac
}
setup_vxlan_iptables() { setup_vxlan_proxy iptables; }
setup_vxlan_nftables() { setup_vxlan_proxy nftables; }
setup_vxlan_ipvs() { modprobe ip_vs && setup_vxlan_proxy ipvs; }
