// SPDX-License-Identifier: GPL-2.0-only
/*
 * address.c - see address.h
 */
#include <linux/slab.h>
#include "address.h"
#include "compat.h"
#include "port.h"

static void addr_unlink(struct keelson_addr *a)
{
	hlist_del_rcu(&a->hash);
	kfree_rcu(a, rcu);
}

static int addr_check_free(struct keelson_instance *inst, const struct keelson_port *port,
			   __be32 addr, struct netlink_ext_ack *extack)
{
	const struct keelson_addr *a = keelson_addr_find(inst, addr);

	if (!a || a->port == port)
		return 0;
	if (a->port)
		NL_SET_ERR_MSG_FMT_MOD(extack, "address %pI4 is already an endpoint of port %u",
				       &addr, a->port->id);
	else
		NL_SET_ERR_MSG_FMT_MOD(extack, "address %pI4 is a service's virtual address",
				       &addr);
	return -EEXIST;
}

int keelson_addr_set_endpoints(struct keelson_instance *inst, struct keelson_port *port,
			       const __be32 *addrs, unsigned int n,
			       struct netlink_ext_ack *extack)
{
	struct keelson_addr *made[KEELSON_MAX_PORT_ADDRS] = {}, *a, *tmp;
	unsigned int i, j;
	int err;

	for (i = 0; i < n; i++) {
		for (j = 0; j < i; j++) {
			if (addrs[i] == addrs[j]) {
				NL_SET_ERR_MSG_FMT_MOD(extack, "address %pI4 is there twice",
						       &addrs[i]);
				return -EINVAL;
			}
		}
		err = addr_check_free(inst, port, addrs[i], extack);
		if (err)
			return err;
	}
	for (i = 0; i < n; i++) {
		if (keelson_addr_find(inst, addrs[i]))
			continue;
		made[i] = kzalloc(sizeof(*made[i]), GFP_KERNEL_ACCOUNT);
		if (!made[i])
			goto nomem;
		made[i]->addr = addrs[i];
		made[i]->port = port;
	}

	list_for_each_entry_safe(a, tmp, &port->addrs, list) {
		for (i = 0; i < n && addrs[i] != a->addr; i++)
			;
		if (i < n)
			continue;
		list_del(&a->list);
		addr_unlink(a);
	}
	for (i = 0; i < n; i++) {
		if (!made[i])
			continue;
		list_add_tail(&made[i]->list, &port->addrs);
		hlist_add_head_rcu(&made[i]->hash, keelson_addr_bucket(inst, addrs[i]));
	}
	WRITE_ONCE(port->addr0, n ? addrs[0] : 0);
	return 0;
nomem:
	for (i = 0; i < n; i++)
		kfree(made[i]);
	return -ENOMEM;
}

void keelson_addr_del_endpoints(struct keelson_instance *inst, struct keelson_port *port)
{
	keelson_addr_set_endpoints(inst, port, NULL, 0, NULL);
}

int keelson_addr_get_vip(struct keelson_instance *inst, __be32 addr,
			 struct netlink_ext_ack *extack)
{
	struct keelson_addr *a = keelson_addr_find(inst, addr);
	int err;

	if (a) {
		err = addr_check_free(inst, NULL, addr, extack);
		if (!a->port)
			err = 0;
		if (!err)
			a->n_services++;
		return err;
	}
	a = kzalloc(sizeof(*a), GFP_KERNEL_ACCOUNT);
	if (!a)
		return -ENOMEM;
	a->addr = addr;
	a->n_services = 1;
	hlist_add_head_rcu(&a->hash, keelson_addr_bucket(inst, addr));
	return 0;
}

void keelson_addr_put_vip(struct keelson_instance *inst, __be32 addr)
{
	struct keelson_addr *a = keelson_addr_find(inst, addr);

	if (!--a->n_services)
		addr_unlink(a);
}
