/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * keelson.h - what userspace says to keelson.ko
 *
 * Two doors. rtnetlink makes links of kind "keelson" (IFLA_KEELSON_*); the
 * generic netlink family "keelson" programs everything else. The family is
 * specified in docs/netlink/keelson.yaml; this header and that file agree.
 *
 * An *instance* is the module's state in one network namespace ("the node").
 * A generic netlink request acts on the instance of the namespace its socket
 * was opened in. A port belongs for life to the instance it was created from,
 * wherever the device itself is moved.
 *
 * Byte order: addresses and L4 ports (ADDR, VTEP, *_PORT of services, backends
 * and flows, OVERLAY_PORT) are network order; every other number is host order.
 */
#ifndef _UAPI_LINUX_KEELSON_H
#define _UAPI_LINUX_KEELSON_H

#include <linux/types.h>

#define KEELSON_LINK_KIND	"keelson"
#define KEELSON_GENL_NAME	"keelson"
#define KEELSON_GENL_VERSION	1

/* Largest sizes the module accepts; more is refused with extack text. */
#define KEELSON_MAX_BACKENDS		1024	/* per service */
#define KEELSON_MAX_PORT_ADDRS		16	/* endpoints per port */

/* rtnetlink: IFLA_INFO_DATA of a link of kind "keelson" */
enum keelson_link_mode {
	KEELSON_LINK_PORT = 0,		/* a pod's eth0 */
	KEELSON_LINK_HOST = 1,		/* the instance's host leg, keelson0; one per instance */
};

enum {
	IFLA_KEELSON_UNSPEC,
	IFLA_KEELSON_MODE,		/* u8, enum keelson_link_mode; default PORT */
	IFLA_KEELSON_ADDR,		/* be32 or in6_addr; an endpoint of the new port; may repeat */
	IFLA_KEELSON_PORT_ID,		/* u32, get only: this port in KEELSON_A_PORT_ID */
	__IFLA_KEELSON_MAX,
};
#define IFLA_KEELSON_MAX (__IFLA_KEELSON_MAX - 1)

/*
 * Commands. SET creates or replaces the whole object; DEL of an absent object
 * is -ENOENT; GET is a dump, or with the key attributes one object.
 */
enum keelson_cmd {
	KEELSON_CMD_UNSPEC,
	KEELSON_CMD_OVERLAY_SET,	/* the instance's own VTEP; one per instance */
	KEELSON_CMD_OVERLAY_DEL,
	KEELSON_CMD_OVERLAY_GET,
	KEELSON_CMD_NODE_SET,		/* a remote VTEP; key: VTEP */
	KEELSON_CMD_NODE_DEL,
	KEELSON_CMD_NODE_GET,
	KEELSON_CMD_ROUTE_SET,		/* pod prefix -> node; key: PREFIX, PREFIX_LEN */
	KEELSON_CMD_ROUTE_DEL,
	KEELSON_CMD_ROUTE_GET,
	KEELSON_CMD_PORT_SET,		/* a port's endpoints; key: PORT_ID (ports are made by rtnetlink) */
	KEELSON_CMD_PORT_GET,
	KEELSON_CMD_SERVICE_SET,	/* key: ADDR, PORT, PROTO; carries all its backends */
	KEELSON_CMD_SERVICE_DEL,
	KEELSON_CMD_SERVICE_GET,
	KEELSON_CMD_FLOW_GET,		/* dump only */
	KEELSON_CMD_FLOW_FLUSH,		/* all, or those of a service or a BACKEND */
	KEELSON_CMD_SWEEP,		/* KIND + GENERATION: drop what that generation did not touch */
	KEELSON_CMD_STATS_GET,		/* the instance's counters */
	__KEELSON_CMD_MAX,
};
#define KEELSON_CMD_MAX (__KEELSON_CMD_MAX - 1)

/* What SWEEP walks. */
enum keelson_kind {
	KEELSON_KIND_NODE = 1,
	KEELSON_KIND_ROUTE = 2,
	KEELSON_KIND_SERVICE = 3,
};

/*
 * One attribute space for the family's top level. An object reply carries its
 * attributes at the top level, one object a message.
 */
enum keelson_attr {
	KEELSON_A_UNSPEC,
	KEELSON_A_PAD,
	KEELSON_A_GENERATION,	/* u32; kept with the object, compared by SWEEP */
	KEELSON_A_KIND,		/* u8, enum keelson_kind */

	/* overlay (ours) and node (theirs) */
	KEELSON_A_VTEP,		/* be32 or in6_addr: underlay address, the node's key */
	KEELSON_A_MAC,		/* 6 bytes: the VTEP's inner Ethernet address */
	KEELSON_A_VNI,		/* u32, 24 bits */
	KEELSON_A_OVERLAY_PORT,	/* be16: UDP destination port (flannel: 8472, RFC 7348: 4789) */
	KEELSON_A_UPLINK,	/* u32 ifindex in the instance's namespace; 0: whatever the route says */
	KEELSON_A_OVERLAY_FLAGS,/* u32, KEELSON_OVERLAY_F_* */
	KEELSON_A_RX_MODE,	/* u8, enum keelson_rx_mode; get only: the way that was taken */
	KEELSON_A_MTU,		/* u32: get only: largest inner IP packet */

	/* route */
	KEELSON_A_PREFIX,	/* be32 or in6_addr, host bits zero */
	KEELSON_A_PREFIX_LEN,	/* u8 */

	/* port */
	KEELSON_A_PORT_ID,	/* u32, given by the module, never 0 */
	KEELSON_A_IFINDEX,	/* u32, in the namespace where the device now is */
	KEELSON_A_IFNAME,	/* string */
	KEELSON_A_NETNSID,	/* s32, id of that namespace as seen from ours; absent when it is ours */
	KEELSON_A_LINK_MODE,	/* u8, enum keelson_link_mode */
	KEELSON_A_ADDR,		/* be32 or in6_addr; port: an endpoint, may repeat; service: the VIP */

	/* service, flow */
	KEELSON_A_PORT,		/* be16 */
	KEELSON_A_PROTO,	/* u8: IPPROTO_TCP or IPPROTO_UDP */
	KEELSON_A_SERVICE_FLAGS,/* u32, KEELSON_SERVICE_F_* */
	KEELSON_A_BACKEND,	/* nest of KEELSON_BACKEND_A_*, may repeat */
	KEELSON_A_FLOW,		/* nest of KEELSON_FLOW_A_* */

	KEELSON_A_STATS,	/* nest: see KEELSON_STAT_* (u64 each) */
	__KEELSON_A_MAX,
};
#define KEELSON_A_MAX (__KEELSON_A_MAX - 1)

#define KEELSON_OVERLAY_F_NO_UDP_CSUM	(1U << 0)	/* send outer UDP checksum zero, as flannel does */
#define KEELSON_OVERLAY_F_RX_SOCKET	(1U << 1)	/* receive by the UDP socket: netfilter sees it */

enum keelson_rx_mode {
	KEELSON_RX_NONE = 0,
	KEELSON_RX_SOCKET = 1,		/* UDP tunnel socket */
	KEELSON_RX_HANDLER = 2,		/* rx_handler on the uplink */
};

#define KEELSON_SERVICE_F_NONE		0U

enum keelson_backend_state {
	KEELSON_BACKEND_READY = 0,
	KEELSON_BACKEND_DRAINING = 1,	/* no new flows; old ones go on */
};

enum {
	KEELSON_BACKEND_A_UNSPEC,
	KEELSON_BACKEND_A_ADDR,		/* be32 or in6_addr */
	KEELSON_BACKEND_A_PORT,		/* be16 */
	KEELSON_BACKEND_A_STATE,	/* u8, enum keelson_backend_state; default READY */
	__KEELSON_BACKEND_A_MAX,
};
#define KEELSON_BACKEND_A_MAX (__KEELSON_BACKEND_A_MAX - 1)

enum {
	KEELSON_FLOW_A_UNSPEC,
	KEELSON_FLOW_A_PROTO,		/* u8 */
	KEELSON_FLOW_A_SRC_ADDR,	/* client */
	KEELSON_FLOW_A_SRC_PORT,	/* be16 */
	KEELSON_FLOW_A_DST_ADDR,	/* VIP */
	KEELSON_FLOW_A_DST_PORT,	/* be16 */
	KEELSON_FLOW_A_BACKEND_ADDR,
	KEELSON_FLOW_A_BACKEND_PORT,	/* be16 */
	KEELSON_FLOW_A_STATE,		/* u8, enum keelson_flow_state */
	KEELSON_FLOW_A_IDLE_MS,		/* u32: since the last packet, to the second */
	__KEELSON_FLOW_A_MAX,
};
#define KEELSON_FLOW_A_MAX (__KEELSON_FLOW_A_MAX - 1)

enum keelson_flow_state {
	KEELSON_FLOW_NEW = 0,		/* no reply seen */
	KEELSON_FLOW_ESTABLISHED = 1,
	KEELSON_FLOW_CLOSING = 2,	/* TCP FIN or RST seen */
};

/*
 * Counters of KEELSON_A_STATS, in this order, u64 each; the attribute type is
 * the counter. New ones are appended. A *_drop counter names why.
 */
#define KEELSON_STATS(X)							\
	X(LOCAL_TX,		local_tx,		"packets handed to a port on this node")	\
	X(OVERLAY_TX,		overlay_tx,		"packets sent in VXLAN")			\
	X(OVERLAY_TX_BYTES,	overlay_tx_bytes,	"inner bytes sent in VXLAN")			\
	X(OVERLAY_RX,		overlay_rx,		"packets received in VXLAN")			\
	X(OVERLAY_RX_BYTES,	overlay_rx_bytes,	"inner bytes received in VXLAN")		\
	X(HOST_TX,		host_tx,		"packets handed to the host leg")		\
	X(SERVICE_HIT,		service_hit,		"packets translated to a backend")		\
	X(SERVICE_REPLY,	service_reply,		"replies restored")				\
	X(SERVICE_NO_BACKEND,	service_no_backend,	"packets refused: service without backends")	\
	X(FLOW_NEW,		flow_new,		"flows made")					\
	X(FLOW_EXPIRED,		flow_expired,		"flows that timed out")				\
	X(FLOW_FULL,		flow_full,		"flows pushed out: table full")		\
	X(FRAG_DROP,		frag_drop,		"fragments that could not be put together")	\
	X(MTU_EXCEEDED,		mtu_exceeded,		"packets answered with 'too big'")		\
	X(NO_ROUTE_DROP,	no_route_drop,		"packets with no endpoint, route or host leg")	\
	X(SPOOF_DROP,		spoof_drop,		"packets whose source is not the port's")	\
	X(MALFORMED_DROP,	malformed_drop,		"packets that do not parse")			\
	X(UNKNOWN_VNI_DROP,	unknown_vni_drop,	"VXLAN packets of another VNI")			\
	X(UNKNOWN_PEER_DROP,	unknown_peer_drop,	"VXLAN packets from an address that is no node")\
	X(NEIGH_DROP,		neigh_drop,		"packets lost waiting for the next hop")	\
	X(TTL_DROP,		ttl_drop,		"packets whose hop limit ran out")		\
	X(NOMEM_DROP,		nomem_drop,		"packets lost for want of memory")

enum keelson_stat {
	KEELSON_STAT_UNSPEC,
#define KEELSON_STAT_ENUM(NAME, name, text) KEELSON_STAT_##NAME,
	KEELSON_STATS(KEELSON_STAT_ENUM)
#undef KEELSON_STAT_ENUM
	__KEELSON_STAT_MAX,
};
#define KEELSON_STAT_MAX (__KEELSON_STAT_MAX - 1)

#endif /* _UAPI_LINUX_KEELSON_H */
