/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * netlink.h - the generic netlink family "keelson": what its files share
 *
 * netlink.c has the family and the attribute helpers; netlink_overlay.c the
 * overlay, nodes and routes; netlink_port.c ports and counters;
 * netlink_service.c services and flows. Specified in
 * docs/netlink/keelson.yaml.
 */
#ifndef KEELSON_NETLINK_H
#define KEELSON_NETLINK_H

#include <net/genetlink.h>
#include <linux/keelson.h>
#include "instance.h"

extern struct genl_family keelson_genl_family;

int keelson_netlink_register(void);
void keelson_netlink_unregister(void);

/* One policy a command: what is not in it is refused. Arrays of KEELSON_A_MAX + 1. */
extern const struct nla_policy keelson_nl_policy_none[];
extern const struct nla_policy keelson_nl_policy_overlay[];
extern const struct nla_policy keelson_nl_policy_node[];
extern const struct nla_policy keelson_nl_policy_node_key[];
extern const struct nla_policy keelson_nl_policy_route[];
extern const struct nla_policy keelson_nl_policy_route_key[];
extern const struct nla_policy keelson_nl_policy_port[];
extern const struct nla_policy keelson_nl_policy_port_key[];
extern const struct nla_policy keelson_nl_policy_service[];
extern const struct nla_policy keelson_nl_policy_service_key[];
extern const struct nla_policy keelson_nl_policy_flush[];
extern const struct nla_policy keelson_nl_policy_sweep[];

int keelson_nl_overlay_set(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_overlay_del(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_overlay_get(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_overlay_dump(struct sk_buff *skb, struct netlink_callback *cb);
int keelson_nl_node_set(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_node_del(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_node_get(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_node_dump(struct sk_buff *skb, struct netlink_callback *cb);
int keelson_nl_route_set(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_route_del(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_route_get(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_route_dump(struct sk_buff *skb, struct netlink_callback *cb);
int keelson_nl_port_set(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_port_get(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_port_dump(struct sk_buff *skb, struct netlink_callback *cb);
int keelson_nl_service_set(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_service_del(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_service_get(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_service_dump_start(struct netlink_callback *cb);
int keelson_nl_service_dump(struct sk_buff *skb, struct netlink_callback *cb);
int keelson_nl_flow_dump(struct sk_buff *skb, struct netlink_callback *cb);
int keelson_nl_flow_flush(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_sweep(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_stats_get(struct sk_buff *skb, struct genl_info *info);
int keelson_nl_stats_dump(struct sk_buff *skb, struct netlink_callback *cb);

static inline struct keelson_instance *keelson_nl_instance(const struct genl_info *info)
{
	return keelson_instance_of(genl_info_net((struct genl_info *)info));
}

/**
 * keelson_nl_require() - refuse a request that lacks an attribute
 * @info: request
 * @attr: enum keelson_attr
 * @name: what to call it
 * Return: 0 or -EINVAL, with extack text and the missing attribute.
 */
int keelson_nl_require(struct genl_info *info, int attr, const char *name);

/**
 * keelson_nl_addr() - read an address attribute
 * @attr: attribute
 * @ret: where to; an IPv4 unicast address
 * @extack: told what is wrong
 * Return: 0, -EAFNOSUPPORT (IPv6) or -EINVAL.
 */
int keelson_nl_addr(const struct nlattr *attr, __be32 *ret, struct netlink_ext_ack *extack);

/**
 * keelson_nl_lock() - begin a change
 * @info: request
 * @ret: the instance, locked and with its tables
 * Return: 0 or -ENOMEM, then nothing is locked.
 */
int keelson_nl_lock(struct genl_info *info, struct keelson_instance **ret);
/* End a change that came to @err. Return: @err. */
int keelson_nl_unlock(struct keelson_instance *inst, int err);

/* Writes one object as one message. Return: 0 or -EMSGSIZE. */
typedef int (*keelson_nl_fill_t)(struct sk_buff *skb, struct keelson_instance *inst,
				 const void *object);

/**
 * keelson_nl_put() - write one object as one message
 * @skb: where to
 * @portid: receiver
 * @seq: sequence number of the request
 * @flags: NLM_F_*
 * @cmd: enum keelson_cmd
 * @inst: instance
 * @fill: writes the attributes
 * @object: its argument
 * @cb: dump this belongs to, or NULL
 * Return: 0 or -EMSGSIZE, then @skb is as before.
 */
int keelson_nl_put(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd,
		   struct keelson_instance *inst, keelson_nl_fill_t fill, const void *object,
		   struct netlink_callback *cb);
/* Answer a request with one object. */
int keelson_nl_reply(struct genl_info *info, u8 cmd, size_t size, struct keelson_instance *inst,
		     keelson_nl_fill_t fill, const void *object);

/**
 * keelson_nl_dump_table() - go on dumping a hash table of objects
 * @skb: where to
 * @cb: the dump; args[0] is the bucket, args[1] the object in it
 * @table: buckets, or NULL if the instance has none yet
 * @bits: how many, as a power of two
 * @offset: of the hlist_node in an object
 * @cmd: enum keelson_cmd
 * @fill: writes an object
 * Called with the instance locked.
 * Return: as a dump does.
 */
int keelson_nl_dump_table(struct sk_buff *skb, struct netlink_callback *cb,
			  struct keelson_instance *inst, struct hlist_head *table,
			  unsigned int bits, size_t offset, u8 cmd, keelson_nl_fill_t fill);

#endif /* KEELSON_NETLINK_H */
