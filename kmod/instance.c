// SPDX-License-Identifier: GPL-2.0-only
/*
 * instance.c - see instance.h
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <net/netns/generic.h>
#include "flow.h"
#include "instance.h"
#include "node.h"
#include "overlay.h"
#include "port.h"
#include "route.h"
#include "service.h"

static unsigned int instance_net_id;

struct keelson_instance *keelson_instance_of(const struct net *net)
{
	return net_generic(net, instance_net_id);
}

static void instance_free_tables(struct keelson_instance *inst)
{
	kvfree(inst->addrs);
	kvfree(inst->routes);
	kvfree(inst->nodes);
	kvfree(inst->services);
	free_percpu(inst->pcpu);
	inst->addrs = NULL;
	inst->routes = NULL;
	inst->nodes = NULL;
	inst->services = NULL;
	inst->pcpu = NULL;
}

int keelson_instance_activate(struct keelson_instance *inst)
{
	struct keelson_pcpu __percpu *pcpu;
	int cpu;

	lockdep_assert_held(&inst->lock);
	if (inst->pcpu)
		return 0;
	pcpu = alloc_percpu(struct keelson_pcpu);
	inst->addrs = kvcalloc(1U << KEELSON_ADDR_BITS, sizeof(*inst->addrs), GFP_KERNEL_ACCOUNT);
	inst->routes = kvcalloc(1U << KEELSON_ROUTE_BITS, sizeof(*inst->routes),
				GFP_KERNEL_ACCOUNT);
	inst->nodes = kvcalloc(1U << KEELSON_NODE_BITS, sizeof(*inst->nodes), GFP_KERNEL_ACCOUNT);
	inst->services = kvcalloc(1U << KEELSON_SERVICE_BITS, sizeof(*inst->services),
				  GFP_KERNEL_ACCOUNT);
	if (!pcpu || !inst->addrs || !inst->routes || !inst->nodes || !inst->services) {
		instance_free_tables(inst);
		free_percpu(pcpu);
		return -ENOMEM;
	}
	get_random_bytes(&inst->flow_key, sizeof(inst->flow_key));
	/* Far apart, so that two CPUs rarely use one identification at one time. */
	for_each_possible_cpu(cpu)
		per_cpu_ptr(pcpu, cpu)->ip_id = get_random_u32();
	/* Pairs with keelson_instance_active(): who sees this sees the tables. */
	smp_store_release(&inst->pcpu, pcpu);
	return 0;
}

static int __net_init instance_init(struct net *net)
{
	struct keelson_instance *inst = keelson_instance_of(net);

	inst->net = net;
	mutex_init(&inst->lock);
	INIT_LIST_HEAD(&inst->ports);
	return 0;
}

/* A namespace goes: its ports first, wherever they are; then nothing sends any more. */
static void __net_exit instance_exit_batch(struct list_head *nets)
{
	struct keelson_instance *inst;
	LIST_HEAD(kill);
	struct net *net;

	rtnl_lock();
	list_for_each_entry(net, nets, exit_list)
		keelson_port_destroy_all(keelson_instance_of(net), &kill);
	unregister_netdevice_many(&kill);
	list_for_each_entry(net, nets, exit_list) {
		inst = keelson_instance_of(net);
		mutex_lock(&inst->lock);
		keelson_overlay_del(inst);
		mutex_unlock(&inst->lock);
	}
	rtnl_unlock();

	list_for_each_entry(net, nets, exit_list) {
		inst = keelson_instance_of(net);
		if (!keelson_instance_active(inst))
			continue;
		mutex_lock(&inst->lock);
		keelson_service_del_all(inst);
		keelson_node_del_all(inst);
		mutex_unlock(&inst->lock);
	}
	/* Readers of the tables, then what they were waiting to free. */
	synchronize_net();
	list_for_each_entry(net, nets, exit_list)
		keelson_flow_table_destroy(keelson_instance_of(net));
	rcu_barrier();
	list_for_each_entry(net, nets, exit_list) {
		inst = keelson_instance_of(net);
		/* Devices of this namespace still go, and tell our notifiers. */
		mutex_lock(&inst->lock);
		instance_free_tables(inst);
		mutex_unlock(&inst->lock);
	}
}

static struct pernet_operations instance_ops = {
	.init		= instance_init,
	.exit_batch	= instance_exit_batch,
	.id		= &instance_net_id,
	.size		= sizeof(struct keelson_instance),
};

int keelson_instance_register(void)
{
	return register_pernet_device(&instance_ops);
}

void keelson_instance_unregister(void)
{
	unregister_pernet_device(&instance_ops);
}
