// SPDX-License-Identifier: GPL-2.0-or-later
/* service.c - field tables: Service, Endpoints and EndpointSlice */
#include "api/schema/types.h"

TYPE(ServicePort, PKG_CORE, NULL,
	STR("appProtocol"),
	STR("name"),
	INT32("nodePort"),
	INT32("port", REQUIRED),
	STR("protocol", ONE_OF("SCTP,TCP,UDP")),
	INT_OR_STRING("targetPort"))

TYPE(ClientIPConfig, PKG_CORE, NULL,
	INT32("timeoutSeconds"))

TYPE(SessionAffinityConfig, PKG_CORE, NULL,
	OBJECT("clientIP", ClientIPConfig))

TYPE(ServiceSpec, PKG_CORE, "What a Service offers and to whom.",
	BOOL("allocateLoadBalancerNodePorts"),
	STR("clusterIP"),
	STRINGS("clusterIPs"),
	STRINGS("externalIPs"),
	STR("externalName"),
	STR("externalTrafficPolicy", ONE_OF("Cluster,Local")),
	INT32("healthCheckNodePort"),
	STR("internalTrafficPolicy", ONE_OF("Cluster,Local")),
	STRINGS("ipFamilies"),
	STR("ipFamilyPolicy", ONE_OF("PreferDualStack,RequireDualStack,SingleStack")),
	STR("loadBalancerClass"),
	STR("loadBalancerIP"),
	STRINGS("loadBalancerSourceRanges"),
	LIST("ports", ServicePort, MERGE_BY("port", "port,protocol")),
	BOOL("publishNotReadyAddresses"),
	STRINGS_MAP("selector"),
	STR("sessionAffinity", ONE_OF("ClientIP,None")),
	OBJECT("sessionAffinityConfig", SessionAffinityConfig),
	STR("trafficDistribution"),
	STR("type", ONE_OF("ClusterIP,ExternalName,LoadBalancer,NodePort")))

TYPE(PortStatus, PKG_CORE, NULL,
	STR("error"),
	INT32("port", REQUIRED),
	STR("protocol", REQUIRED))

TYPE(LoadBalancerIngress, PKG_CORE, NULL,
	STR("hostname"),
	STR("ip"),
	STR("ipMode"),
	LIST("ports", PortStatus))

TYPE(LoadBalancerStatus, PKG_CORE, NULL,
	LIST("ingress", LoadBalancerIngress))

TYPE(ServiceStatus, PKG_CORE, NULL,
	LIST("conditions", Condition, MERGE_BY("type", "type")),
	OBJECT("loadBalancer", LoadBalancerStatus))

TYPE(Service, PKG_CORE, "A name and an address for a set of pods.",
	STR("apiVersion"),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	OBJECT("spec", ServiceSpec),
	OBJECT("status", ServiceStatus))

TYPE(EndpointAddress, PKG_CORE, NULL,
	STR("hostname"),
	STR("ip", REQUIRED),
	STR("nodeName"),
	OBJECT("targetRef", ObjectReference))

TYPE(EndpointPort, PKG_CORE, NULL,
	STR("appProtocol"),
	STR("name"),
	INT32("port", REQUIRED),
	STR("protocol"))

TYPE(EndpointSubset, PKG_CORE, NULL,
	LIST("addresses", EndpointAddress),
	LIST("notReadyAddresses", EndpointAddress),
	LIST("ports", EndpointPort))

TYPE(Endpoints, PKG_CORE, "The addresses behind a Service.",
	STR("apiVersion"),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	LIST("subsets", EndpointSubset))

TYPE(EndpointConditions, PKG_DISCOVERY, NULL,
	BOOL("ready"),
	BOOL("serving"),
	BOOL("terminating"))

TYPE(ForZone, PKG_DISCOVERY, NULL,
	STR("name", REQUIRED))

TYPE(EndpointHints, PKG_DISCOVERY, NULL,
	LIST("forZones", ForZone))

TYPE(Endpoint, PKG_DISCOVERY, NULL,
	STRINGS("addresses", REQUIRED, SET),
	OBJECT("conditions", EndpointConditions),
	STRINGS_MAP("deprecatedTopology"),
	OBJECT("hints", EndpointHints),
	STR("hostname"),
	STR("nodeName"),
	OBJECT("targetRef", ObjectReference),
	STR("zone"))

TYPE_NAMED(SliceEndpointPort, "EndpointPort", PKG_DISCOVERY, NULL,
	STR("appProtocol"),
	STR("name"),
	INT32("port"),
	STR("protocol"))

TYPE(EndpointSlice, PKG_DISCOVERY, "A part of the addresses behind a Service.",
	STR("addressType", REQUIRED, ONE_OF("FQDN,IPv4,IPv6")),
	STR("apiVersion"),
	LIST("endpoints", Endpoint, REQUIRED),
	STR("kind"),
	OBJECT("metadata", ObjectMeta),
	LIST("ports", SliceEndpointPort))
