# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# proxy.sh - service rules in the form kube-proxy gives them, for the benchmark
#
# proxy_KIND N BACKEND prints rules for N services, each with one endpoint. The
# one in the middle is TCP and UDP and leads to BACKEND, so that a walk through
# a list costs what it costs on average; the others are TCP and lead nowhere.

# vip I: the address of service I, from 10.96.0.0/16
vip() { echo "10.96.$(($1 / 250)).$(($1 % 250 + 1))"; }

# each_service N BACKEND CALLBACK: CALLBACK NAME VIP PROTO BACKEND, once per service port
each_service() {
	local i name
	for ((i = 1; i <= $1; i++)); do
		printf -v name '%015d' "$i"
		if [ "$i" -eq $(($1 / 2)) ]; then
			"$3" "T$name" "$(vip "$i")" tcp "$2"
			"$3" "U$name" "$(vip "$i")" udp "$2"
		else
			"$3" "T$name" "10.96.$((i / 250)).$((i % 250 + 1))" tcp \
				"10.244.$((i / 250 + 3)).$((i % 250 + 2))"
		fi
	done
}

ipt_chain() { echo ":KUBE-SVC-$1 - [0:0]"; echo ":KUBE-SEP-$1 - [0:0]"; }
ipt_service() {
	local c="-m comment --comment \"bench/svc-$1\""
	echo "-A KUBE-SERVICES -d $2/32 -p $3 $c -m $3 --dport $VIP_PORT -j KUBE-SVC-$1"
	echo "-A KUBE-SVC-$1 ! -s $POD_CIDR -d $2/32 -p $3 $c -m $3 --dport $VIP_PORT -j KUBE-MARK-MASQ"
	echo "-A KUBE-SVC-$1 $c -j KUBE-SEP-$1"
	echo "-A KUBE-SEP-$1 -s $4/32 $c -j KUBE-MARK-MASQ"
	echo "-A KUBE-SEP-$1 -p $3 $c -m $3 -j DNAT --to-destination $4:$BACKEND_PORT"
}
proxy_iptables() {
	cat <<-'EOR'
	*filter
	:KUBE-FORWARD - [0:0]
	-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
	-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
	-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
	-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	COMMIT
	*nat
	:KUBE-SERVICES - [0:0]
	:KUBE-POSTROUTING - [0:0]
	:KUBE-MARK-MASQ - [0:0]
	EOR
	each_service "$1" "$2" ipt_chain
	cat <<-'EOR'
	-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
	-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
	-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
	-A KUBE-POSTROUTING -j MASQUERADE --random-fully
	-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
	EOR
	each_service "$1" "$2" ipt_service
	echo COMMIT
}

nft_service() {
	echo "add chain ip kube-proxy endpoint-$1"
	echo "add rule ip kube-proxy endpoint-$1 ip saddr $4 jump mark-for-masquerade"
	echo "add rule ip kube-proxy endpoint-$1 meta l4proto $3 dnat to $4:$BACKEND_PORT"
	echo "add chain ip kube-proxy service-$1"
	echo "add rule ip kube-proxy service-$1 ip daddr $2 $3 dport $VIP_PORT ip saddr != $POD_CIDR jump mark-for-masquerade"
	echo "add rule ip kube-proxy service-$1 numgen random mod 1 vmap { 0 : goto endpoint-$1 }"
	echo "add element ip kube-proxy cluster-ips { $2 }"
	echo "add element ip kube-proxy service-ips { $2 . $3 . $VIP_PORT : goto service-$1 }"
}
proxy_nftables() {
	cat <<-'EOR'
	table ip kube-proxy {
		map service-ips {
			type ipv4_addr . inet_proto . inet_service : verdict
		}
		chain mark-for-masquerade {
			meta mark set meta mark or 0x4000
		}
		chain masquerading {
			meta mark & 0x4000 == 0 return
			meta mark set meta mark xor 0x4000
			masquerade fully-random
		}
		chain services {
			ip daddr . meta l4proto . th dport vmap @service-ips
		}
		set cluster-ips {
			type ipv4_addr
		}
		map no-endpoint-services {
			type ipv4_addr . inet_proto . inet_service : verdict
		}
		map firewall-ips {
			type ipv4_addr . inet_proto . inet_service : verdict
		}
		chain cluster-ips-check {
			ip daddr @cluster-ips reject
		}
		chain service-endpoints-check {
			ip daddr . meta l4proto . th dport vmap @no-endpoint-services
		}
		chain firewall-check {
			ip daddr . meta l4proto . th dport vmap @firewall-ips
		}
		chain filter-prerouting {
			type filter hook prerouting priority -110;
			ct state new jump firewall-check
		}
		chain filter-forward {
			type filter hook forward priority -110;
			ct state new jump service-endpoints-check
			ct state new jump cluster-ips-check
		}
		chain nat-prerouting {
			type nat hook prerouting priority dstnat;
			jump services
		}
		chain nat-output {
			type nat hook output priority -100;
			jump services
		}
		chain nat-postrouting {
			type nat hook postrouting priority srcnat;
			jump masquerading
		}
	}
	EOR
	each_service "$1" "$2" nft_service
}

ipvs_service() {
	echo "-A -${3:0:1} $2:$VIP_PORT -s rr"
	echo "-a -${3:0:1} $2:$VIP_PORT -r $4:$BACKEND_PORT -m"
}
proxy_ipvs() { each_service "$1" "$2" ipvs_service; }
