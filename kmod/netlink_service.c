// SPDX-License-Identifier: GPL-2.0-only
/*
 * netlink_service.c - services with their backends, and flows
 */
#include <linux/mm.h>
#include <linux/sort.h>
#include <net/sock.h>
#include "compat.h"
#include "flow.h"
#include "netlink.h"
#include "port.h"
#include "service.h"

#define BACKEND_SIZE	32		/* one backend in a message */
/* A service is dumped in one message, so dumps need this much room. */
#define SERVICE_SIZE	(128 + KEELSON_MAX_BACKENDS * BACKEND_SIZE)

struct service_key {
	__be32 addr;
	__be16 port;
	u8 proto;
};

static int parse_key(struct genl_info *info, struct service_key *key)
{
	struct nlattr **attrs = info->attrs;
	int err;

	err = keelson_nl_require(info, KEELSON_A_ADDR, "addr") ?:
	      keelson_nl_require(info, KEELSON_A_PORT, "port") ?:
	      keelson_nl_require(info, KEELSON_A_PROTO, "proto") ?:
	      keelson_nl_addr(attrs[KEELSON_A_ADDR], &key->addr, info->extack);
	if (err)
		return err;
	key->port = nla_get_be16(attrs[KEELSON_A_PORT]);
	key->proto = nla_get_u8(attrs[KEELSON_A_PROTO]);
	if (key->proto != IPPROTO_TCP && key->proto != IPPROTO_UDP) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[KEELSON_A_PROTO],
				    "a service is TCP or UDP");
		return -EPROTONOSUPPORT;
	}
	return 0;
}

static int parse_backend(const struct nlattr *nest, struct keelson_backend_spec *spec,
			 struct genl_info *info)
{
	struct nlattr *tb[KEELSON_BACKEND_A_MAX + 1];
	int err;

	/* The family's policy has validated what is inside. */
	err = nla_parse_nested(tb, KEELSON_BACKEND_A_MAX, nest,
			       keelson_nl_policy_service[KEELSON_A_BACKEND].nested_policy,
			       info->extack);
	if (err)
		return err;
	if (!tb[KEELSON_BACKEND_A_ADDR] || !tb[KEELSON_BACKEND_A_PORT]) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "a backend needs an address and a port");
		return -EINVAL;
	}
	err = keelson_nl_addr(tb[KEELSON_BACKEND_A_ADDR], &spec->addr, info->extack);
	if (err)
		return err;
	spec->port = nla_get_be16(tb[KEELSON_BACKEND_A_PORT]);
	spec->state = KEELSON_BACKEND_READY;
	if (tb[KEELSON_BACKEND_A_STATE])
		spec->state = nla_get_u8(tb[KEELSON_BACKEND_A_STATE]);
	return 0;
}

static int compare_specs(const void *a, const void *b)
{
	const struct keelson_backend_spec *x = a, *y = b;

	if (x->addr != y->addr)
		return ntohl(x->addr) < ntohl(y->addr) ? -1 : 1;
	return (int)ntohs(x->port) - (int)ntohs(y->port);
}

/* All backends of a request, sorted: dumps and Maglev tables do not depend on their order. */
static int parse_backends(struct genl_info *info, struct keelson_backend_spec **ret,
			  unsigned int *ret_n)
{
	struct keelson_backend_spec *specs;
	const struct nlattr *attr;
	unsigned int n = 0, i;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) == KEELSON_A_BACKEND && ++n > KEELSON_MAX_BACKENDS) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "too many backends for one service");
			return -E2BIG;
		}
	}
	specs = kvcalloc(n ?: 1, sizeof(*specs), GFP_KERNEL);
	if (!specs)
		return -ENOMEM;
	i = 0;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != KEELSON_A_BACKEND)
			continue;
		err = parse_backend(attr, &specs[i++], info);
		if (err)
			goto fail;
	}
	sort(specs, n, sizeof(*specs), compare_specs, NULL);
	for (i = 1; i < n; i++) {
		if (compare_specs(&specs[i - 1], &specs[i]))
			continue;
		NL_SET_ERR_MSG_FMT_MOD(info->extack, "backend %pI4:%u is there twice",
				       &specs[i].addr, ntohs(specs[i].port));
		err = -EINVAL;
		goto fail;
	}
	*ret = specs;
	*ret_n = n;
	return 0;
fail:
	kvfree(specs);
	return err;
}

static u32 attr_u32(const struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : 0;
}

int keelson_nl_service_set(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_backend_spec *specs;
	struct keelson_instance *inst;
	struct service_key key;
	unsigned int n;
	int err;

	err = parse_key(info, &key) ?: parse_backends(info, &specs, &n);
	if (err)
		return err;
	err = keelson_nl_lock(info, &inst);
	if (!err) {
		err = keelson_service_set(inst, key.addr, key.port, key.proto,
					  attr_u32(info, KEELSON_A_SERVICE_FLAGS),
					  attr_u32(info, KEELSON_A_GENERATION), specs, n,
					  info->extack);
		if (err == -EEXIST)
			NL_SET_BAD_ATTR(info->extack, info->attrs[KEELSON_A_ADDR]);
		keelson_nl_unlock(inst, err);
	}
	kvfree(specs);
	return err;
}

static struct keelson_service *find_service(struct keelson_instance *inst, struct genl_info *info,
					    int *ret_err)
{
	struct keelson_service *s;
	struct service_key key;

	*ret_err = parse_key(info, &key);
	if (*ret_err)
		return NULL;
	s = keelson_service_find(inst, key.addr, key.port, key.proto);
	if (!s) {
		NL_SET_ERR_MSG_FMT_MOD(info->extack, "no service at %pI4:%u/%s", &key.addr,
				       ntohs(key.port), key.proto == IPPROTO_TCP ? "tcp" : "udp");
		*ret_err = -ENOENT;
	}
	return s;
}

int keelson_nl_service_del(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_instance *inst;
	struct keelson_service *s;
	int err = keelson_nl_lock(info, &inst);

	if (err)
		return err;
	s = find_service(inst, info, &err);
	if (s)
		keelson_service_del(inst, s);
	return keelson_nl_unlock(inst, err);
}

static int fill_service(struct sk_buff *skb, struct keelson_instance *inst, const void *object)
{
	const struct keelson_service *s = object;
	const struct keelson_backend_set *set =
		rcu_dereference_protected(s->set, lockdep_is_held(&inst->lock));
	u32 i;

	if (nla_put_in_addr(skb, KEELSON_A_ADDR, s->addr) ||
	    nla_put_be16(skb, KEELSON_A_PORT, s->port) ||
	    nla_put_u8(skb, KEELSON_A_PROTO, s->proto) ||
	    nla_put_u32(skb, KEELSON_A_SERVICE_FLAGS, s->flags) ||
	    nla_put_u32(skb, KEELSON_A_GENERATION, s->generation))
		return -EMSGSIZE;
	for (i = 0; i < set->n; i++) {
		const struct keelson_backend *b = set->backend[i];
		struct nlattr *nest = nla_nest_start(skb, KEELSON_A_BACKEND);

		if (!nest || nla_put_in_addr(skb, KEELSON_BACKEND_A_ADDR, b->addr) ||
		    nla_put_be16(skb, KEELSON_BACKEND_A_PORT, b->port) ||
		    nla_put_u8(skb, KEELSON_BACKEND_A_STATE, b->state))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

int keelson_nl_service_get(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_instance *inst;
	struct keelson_service *s;
	int err = keelson_nl_lock(info, &inst);

	if (err)
		return err;
	s = find_service(inst, info, &err);
	if (s)
		err = keelson_nl_reply(info, KEELSON_CMD_SERVICE_GET, SERVICE_SIZE, inst,
				       fill_service, s);
	mutex_unlock(&inst->lock);
	return err;
}

int keelson_nl_service_dump_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = SERVICE_SIZE;
	return 0;
}

int keelson_nl_service_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct keelson_instance *inst = keelson_instance_of(sock_net(skb->sk));
	int ret;

	mutex_lock(&inst->lock);
	ret = keelson_nl_dump_table(skb, cb, inst, inst->services, KEELSON_SERVICE_BITS,
				    offsetof(struct keelson_service, hash),
				    KEELSON_CMD_SERVICE_GET, fill_service);
	mutex_unlock(&inst->lock);
	return ret;
}

static int fill_flow(struct sk_buff *skb, struct keelson_instance *inst, const void *object)
{
	const struct keelson_flow *flow = object;
	const struct keelson_tuple *o = &flow->dir[KEELSON_FLOW_ORIG].match;
	struct nlattr *nest = nla_nest_start(skb, KEELSON_A_FLOW);
	u32 idle = jiffies_to_msecs(jiffies - READ_ONCE(flow->seen));

	if (!nest || nla_put_u8(skb, KEELSON_FLOW_A_PROTO, o->proto) ||
	    nla_put_in_addr(skb, KEELSON_FLOW_A_SRC_ADDR, o->saddr) ||
	    nla_put_be16(skb, KEELSON_FLOW_A_SRC_PORT, o->sport) ||
	    nla_put_in_addr(skb, KEELSON_FLOW_A_DST_ADDR, o->daddr) ||
	    nla_put_be16(skb, KEELSON_FLOW_A_DST_PORT, o->dport) ||
	    nla_put_in_addr(skb, KEELSON_FLOW_A_BACKEND_ADDR, flow->backend->addr) ||
	    nla_put_be16(skb, KEELSON_FLOW_A_BACKEND_PORT, flow->backend->port) ||
	    nla_put_u8(skb, KEELSON_FLOW_A_STATE, keelson_flow_state(flow)) ||
	    nla_put_u32(skb, KEELSON_FLOW_A_IDLE_MS, idle))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Flows come and go under a dump; a bucket is dumped whole or from where it stopped. */
int keelson_nl_flow_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct keelson_instance *inst = keelson_instance_of(sock_net(skb->sk));
	const struct keelson_flow_table *table;
	unsigned long bucket, i;

	rcu_read_lock();
	table = rcu_dereference(inst->flows);
	for (bucket = cb->args[0]; table && bucket <= table->mask; bucket++, cb->args[1] = 0) {
		struct keelson_flow_dir *d;

		i = 0;
		hlist_for_each_entry_rcu(d, &table->buckets[bucket], hash_node) {
			if (d->which != KEELSON_FLOW_ORIG || i++ < cb->args[1])
				continue;
			if (keelson_nl_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
					   NLM_F_MULTI, KEELSON_CMD_FLOW_GET, inst, fill_flow,
					   keelson_flow_of(d), NULL))
				goto full;
			cb->args[1] = i;
		}
	}
full:
	cb->args[0] = bucket;
	rcu_read_unlock();
	return skb->len;
}

int keelson_nl_flow_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct keelson_instance *inst = keelson_nl_instance(info);
	struct keelson_flow_filter filter = {};
	struct keelson_flow_table *table;
	struct nlattr **attrs = info->attrs;
	int err;

	if (attrs[KEELSON_A_ADDR] || attrs[KEELSON_A_PORT] || attrs[KEELSON_A_PROTO]) {
		struct service_key key;

		err = parse_key(info, &key);
		if (err)
			return err;
		filter.vip = key.addr;
		filter.vport = key.port;
		filter.proto = key.proto;
	}
	if (attrs[KEELSON_A_BACKEND]) {
		struct keelson_backend_spec spec;

		err = parse_backend(attrs[KEELSON_A_BACKEND], &spec, info);
		if (err)
			return err;
		filter.backend_addr = spec.addr;
		filter.backend_port = spec.port;
	}
	mutex_lock(&inst->lock);
	table = rcu_dereference_protected(inst->flows, lockdep_is_held(&inst->lock));
	if (table)
		keelson_flow_flush(table, &filter);
	mutex_unlock(&inst->lock);
	return 0;
}
