// SPDX-License-Identifier: GPL-2.0-or-later
/* convert_endpointslice.c - EndpointSlice of discovery.k8s.io/v1beta1, stored as v1 */
#include "api/kinds/rules.h"

#define HOSTNAME "kubernetes.io/hostname"
#define ZONE "topology.kubernetes.io/zone"

/* The map of topology: zone and node have members of their own, the rest is deprecatedTopology. */
static void to_storage(json *obj)
{
	json_each(e, json_get(obj, "endpoints")) {
		json *topology = json_take(e, "topology");
		const char *zone = json_str(json_get(topology, ZONE)), *node = json_str(json_get(topology, HOSTNAME));

		json_set_str(e, "zone", zone);
		if (node && !json_get(e, "nodeName"))
			json_set_str(e, "nodeName", node);
		json_del(topology, ZONE);
		json_del(topology, HOSTNAME);
		if (json_len(topology))
			json_set(e, "deprecatedTopology", topology);
		else
			json_freep(&topology);
	}
}

static void from_storage(json *obj)
{
	json_each(e, json_get(obj, "endpoints")) {
		json *topology = json_take(e, "deprecatedTopology");
		_cleanup_json_ json *zone = json_take(e, "zone");
		const char *node = json_str(json_get(e, "nodeName"));

		if (!topology)
			topology = json_new_object();
		json_set_str(topology, ZONE, json_str(zone));
		json_set_str(topology, HOSTNAME, node);
		if (json_len(topology))
			json_set(e, "topology", topology);
		else
			json_freep(&topology);
	}
}

const struct kind_convert kind_convert_endpointslices_v1beta1 = { .to_storage = to_storage, .from_storage = from_storage };
