# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# keelson.sh - the benchmark's paths through keelson.ko, programmed by keelsonctl
#
# Same nodes and addresses as topology.sh; pods have ports instead of a veth
# pair and a bridge.

ctl() { "${KEELSON_CTL:-keelsonctl}" "$@"; }

# keelson_node NODE N PEER: node N's overlay, and the other node
keelson_node() {
	ctl -n "$1" overlay set vtep "$UNDERLAY.$2" dev u0 mac "$(vtep_mac "$2")" vni 1 port 8472 &&
	ctl -n "$1" node set "$UNDERLAY.$3" mac "$(vtep_mac "$3")" &&
	ctl -n "$1" route set "10.244.$3.0/24" via "$UNDERLAY.$3"
}

# keelson_pod NODE POD ADDR
keelson_pod() {
	add_ns "$2"
	ctl -n "$1" port add eth0 netns "$2" addr "$3"
}

setup_keelson_local() {
	add_ns n1
	keelson_pod n1 pc 10.244.1.2 && keelson_pod n1 ps 10.244.1.3 || return 1
	CLIENT_NS=pc SERVER_NS=ps TARGET=10.244.1.3 BIND=10.244.1.3 SERVICES=0
}

setup_keelson_overlay() {
	add_nodes
	keelson_node n1 1 2 && keelson_node n2 2 1 &&
	keelson_pod n1 pc 10.244.1.2 && keelson_pod n2 ps 10.244.2.2 || return 1
	CLIENT_NS=pc SERVER_NS=ps TARGET=10.244.2.2 BIND=10.244.2.2 SERVICES=0
}

ctl_service() { echo "service set $2:$VIP_PORT/$3 backend $4:$BACKEND_PORT"; }
setup_keelson_vip() {
	setup_keelson_overlay || return 1
	SERVICES=$BENCH_SERVICES
	TARGET=$(vip "$((SERVICES / 2))")
	each_service "$SERVICES" "$BIND" ctl_service >/run/bench.rules
	ctl -n n1 -b /run/bench.rules && ctl -n n2 -b /run/bench.rules
}
