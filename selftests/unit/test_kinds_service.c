// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_service.c - Service, Endpoints, EndpointSlice */
#include "test_kinds.h"

#define SVC(spec) "{" META_NS ",'spec':" spec "}"
#define PORT "'ports':[{'port':80}]"

static void services(void **state)
{
	static const struct verdict v[] = {
		{ SVC("{" PORT "}"), "" },
		{ SVC("{'clusterIP':'None'}"), "" },
		{ SVC("{}"), "spec.ports: Required value" },
		{ SVC("{" PORT ",'type':'LoadBalancer','clusterIP':'None'}"),
		  "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer services" },
		{ SVC("{" PORT ",'type':'NodePort','clusterIP':'None'}"),
		  "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services" },
		{ SVC("{" PORT ",'type':'Odd'}"),
		  "spec.type: Unsupported value: \"Odd\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"" },
		{ SVC("{" PORT ",'selector':{'a':'b c'}}"),
		  "spec.selector: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric "
		  "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
		  "'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')" },
		{ SVC("{" PORT ",'sessionAffinity':'Odd'}"),
		  "spec.sessionAffinity: Unsupported value: \"Odd\": supported values: \"ClientIP\", \"None\"" },
		{ SVC("{" PORT ",'sessionAffinity':'ClientIP','sessionAffinityConfig':{'clientIP':{'timeoutSeconds':86401}}}"),
		  "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400" },
		{ SVC("{" PORT ",'externalIPs':['1.2.3','127.0.0.1','010.0.0.1']}"),
		  "[spec.externalIPs[0]: Invalid value: \"1.2.3\": " IP_WHY ", spec.externalIPs[1]: Invalid value: \"127.0.0.1\": "
		  "may not be in the loopback range (127.0.0.0/8, ::1/128), spec.externalIPs[2]: Invalid value: \"010.0.0.1\": "
		  "must not have leading 0s]" },
		{ SVC("{" PORT ",'loadBalancerSourceRanges':['10.0.0.0/8']}"),
		  "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'" },
		{ SVC("{" PORT ",'type':'LoadBalancer','loadBalancerSourceRanges':[' 10.0.0.0/8','10.0.0.1/8','x']}"),
		  "[spec.LoadBalancerSourceRanges[1]: Invalid value: \"10.0.0.1/8\": must not have bits set beyond the prefix length, "
		  "spec.LoadBalancerSourceRanges[2]: Invalid value: \"x\": " CIDR_WHY "]" },
		{ SVC("{" PORT ",'allocateLoadBalancerNodePorts':true,'loadBalancerClass':'a'}"),
		  "[spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer', "
		  "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer']" },
		{ SVC("{" PORT ",'type':'LoadBalancer','loadBalancerClass':'-'}"),
		  "spec.loadBalancerClass: Invalid value: \"-\": " NAME_PART_WHY },
		{ SVC("{" PORT ",'externalTrafficPolicy':'Cluster'}"),
		  "spec.externalTrafficPolicy: Invalid value: \"Cluster\": may only be set for externally-accessible services" },
		{ SVC("{" PORT ",'externalIPs':['10.0.0.1'],'externalTrafficPolicy':'Local'}"), "" },
		{ SVC("{" PORT ",'type':'NodePort','externalTrafficPolicy':'Odd','internalTrafficPolicy':'Odd'}"),
		  "[spec.externalTrafficPolicy: Unsupported value: \"Odd\": supported values: \"Cluster\", \"Local\", "
		  "spec.internalTrafficPolicy: Unsupported value: \"Odd\": supported values: \"Cluster\", \"Local\"]" },
		{ SVC("{" PORT ",'type':'NodePort','healthCheckNodePort':30000}"),
		  "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and "
		  "`externalTrafficPolicy` is 'Local'" },
		{ SVC("{" PORT ",'type':'LoadBalancer','externalTrafficPolicy':'Local','healthCheckNodePort':30000}"), "" },
		{ SVC("{" PORT ",'trafficDistribution':'PreferClose'}"), "" },
		{ SVC("{" PORT ",'trafficDistribution':'Odd'}"), "spec.trafficDistribution: Unsupported value: \"Odd\": supported "
		  "values: \"PreferClose\", \"PreferSameNode\", \"PreferSameZone\"" },
		{ "{'metadata':{'name':'x','namespace':'d','annotations':{'service.beta.kubernetes.io/load-balancer-source-ranges':"
		  "'10.0.0.0/8, x'}},'spec':{" PORT ",'type':'LoadBalancer'}}",
		  "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: \"x\": " CIDR_WHY },
		{ "{'metadata':{'name':'0s','namespace':'d'},'spec':{" PORT "}}",
		  "metadata.name: Invalid value: \"0s\": a DNS-1035 label must consist of lower case alphanumeric characters or "
		  "'-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
		  "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')" },
	};

	CREATES(services, v);
}

static void ports(void **state)
{
	static const struct verdict v[] = {
		{ SVC("{'ports':[{'port':80},{'port':81,'name':'b'}]}"), "spec.ports[0].name: Required value" },
		{ SVC("{'ports':[{'port':80,'name':'b'},{'port':0,'name':'b','targetPort':1}]}"),
		  "[spec.ports[1].name: Duplicate value: \"b\", spec.ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive]" },
		{ SVC("{'ports':[{'port':80,'name':'A'}]}"), "spec.ports[0].name: Invalid value: \"A\": " LABEL_WHY },
		{ SVC("{'ports':[{'port':80,'protocol':'Odd','targetPort':'a--b','appProtocol':'a b'}]}"),
		  "[spec.ports[0].protocol: Unsupported value: \"Odd\": supported values: \"SCTP\", \"TCP\", \"UDP\", "
		  "spec.ports[0].targetPort: Invalid value: \"a--b\": must not contain consecutive hyphens, "
		  "spec.ports[0].appProtocol: Invalid value: \"a b\": " NAME_PART_WHY "]" },
		{ SVC("{'ports':[{'port':80,'name':'a'},{'port':80,'name':'b'},{'port':80,'name':'c','protocol':'UDP'}]}"),
		  "spec.ports[1]: Duplicate value: {\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,\"Port\":80,"
		  "\"TargetPort\":0,\"NodePort\":0}" },
		{ SVC("{'ports':[{'port':80,'nodePort':30000}]}"),
		  "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'" },
		{ SVC("{'type':'NodePort','ports':[{'port':80,'nodePort':30000}]}"), "" },
		{ SVC("{'type':'NodePort','ports':[{'port':80,'nodePort':8080}]}"),
		  "spec.ports[0].nodePort: Invalid value: 8080: provided port is not in the valid range. The range of valid ports is 30000-32767" },
		{ SVC("{'type':'NodePort','ports':[{'name':'a','port':80,'nodePort':30000},{'name':'b','port':81,'nodePort':30000}]}"),
		  "spec.ports[1].nodePort: Duplicate value: 30000" },
		{ SVC("{'type':'NodePort','ports':[{'name':'a','port':80,'nodePort':30000},{'name':'b','port':80,'nodePort':30000,"
		      "'protocol':'UDP'}]}"), "" },
	};

	CREATES(services, v);
}

static void addresses(void **state)
{
	static const struct verdict v[] = {
		{ SVC("{" PORT ",'clusterIP':'1.2.3'}"), "spec.clusterIPs[0]: Invalid value: \"1.2.3\": " IP_WHY },
		{ SVC("{" PORT ",'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.2']}"),
		  "spec.clusterIPs: Invalid value: [\"10.0.0.2\"]: first value must match `clusterIP`" },
		{ SVC("{" PORT ",'clusterIPs':['10.0.0.2']}"),
		  "spec.clusterIPs: Invalid value: [\"10.0.0.2\"]: must be empty when `clusterIP` is not specified" },
		{ SVC("{" PORT ",'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','10.0.0.2'],'ipFamilyPolicy':'PreferDualStack'}"),
		  "spec.clusterIPs: Invalid value: [\"10.0.0.1\",\"10.0.0.2\"]: may specify no more than one IP for each IP family" },
		{ SVC("{" PORT ",'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::1','10.0.0.2'],'ipFamilyPolicy':'PreferDualStack'}"),
		  "[spec.clusterIPs: Invalid value: [\"10.0.0.1\",\"fd00::1\",\"10.0.0.2\"]: may only hold up to 2 values, "
		  "spec.clusterIPs: Invalid value: [\"10.0.0.1\",\"fd00::1\",\"10.0.0.2\"]: may specify no more than one IP for each IP family]" },
		{ SVC("{" PORT ",'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::1']}"),
		  "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified" },
		{ SVC("{" PORT ",'ipFamilies':['IPv4','IPv6']}"),
		  "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified" },
		{ SVC("{" PORT ",'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::1'],'ipFamilyPolicy':'PreferDualStack'}"), "" },
		{ SVC("{" PORT ",'clusterIP':'None','clusterIPs':['None','10.0.0.1']}"),
		  "spec.clusterIPs: Invalid value: [\"None\",\"10.0.0.1\"]: 'None' must be the first and only value" },
		{ SVC("{" PORT ",'clusterIP':'10.0.0.1','ipFamilies':['IPv6']}"),
		  "spec.clusterIPs[0]: Invalid value: \"10.0.0.1\": expected an IPv6 value as indicated by `ipFamilies[0]`" },
		{ SVC("{" PORT ",'ipFamilies':['IPv5','IPv5'],'ipFamilyPolicy':'Odd'}"),
		  "[spec.ipFamilies[0]: Unsupported value: \"IPv5\": supported values: \"IPv4\", \"IPv6\", "
		  "spec.ipFamilies[1]: Unsupported value: \"IPv5\": supported values: \"IPv4\", \"IPv6\", "
		  "spec.ipFamilies[1]: Duplicate value: \"IPv5\", spec.ipFamilyPolicy: Unsupported value: \"Odd\": supported values: "
		  "\"PreferDualStack\", \"RequireDualStack\", \"SingleStack\"]" },
		{ SVC("{'type':'ExternalName'}"), "spec.externalName: Required value" },
		{ SVC("{'type':'ExternalName','externalName':'a.b.'}"), "" },
		{ SVC("{'type':'ExternalName','externalName':'A'}"), "spec.externalName: Invalid value: \"A\": " SUBDOMAIN_WHY },
		{ SVC("{'type':'ExternalName','externalName':'a','clusterIPs':['10.0.0.1'],'ipFamilies':['IPv4'],'ipFamilyPolicy':'SingleStack'}"),
		  "[spec.clusterIPs: Forbidden: may not be set for ExternalName services, spec.ipFamilies: Forbidden: may not be set "
		  "for ExternalName services, spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services]" },
	};

	CREATES(services, v);
}

static void services_change(void **state)
{
	static const struct step v[] = {
		{ SVC("{" PORT ",'clusterIP':'10.0.0.1'}"), SVC("{" PORT ",'clusterIP':'10.0.0.2'}"),
		  "spec.clusterIPs[0]: Invalid value: [\"10.0.0.2\"]: may not change once set" },
		{ SVC("{" PORT ",'clusterIP':'10.0.0.1'}"), SVC("{" PORT "}"), "" },
		{ SVC("{" PORT ",'clusterIP':'10.0.0.1'}"), SVC("{" PORT ",'clusterIP':'10.0.0.1','ipFamilies':['IPv6']}"),
		  "[spec.ipFamilies[0]: Invalid value: [\"IPv6\"]: may not change once set, spec.clusterIPs[0]: Invalid value: "
		  "\"10.0.0.1\": expected an IPv6 value as indicated by `ipFamilies[0]`]" },
		{ SVC("{" PORT ",'clusterIP':'10.0.0.1'}"), SVC("{'type':'ExternalName','externalName':'a','clusterIP':'10.0.0.1'}"), "" },
		{ SVC("{'type':'ExternalName','externalName':'a'}"), SVC("{" PORT ",'clusterIP':'10.0.0.1'}"), "" },
		{ SVC("{" PORT ",'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::1'],'ipFamilyPolicy':'PreferDualStack','ipFamilies':['IPv4','IPv6']}"),
		  SVC("{" PORT ",'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::1'],'ipFamilyPolicy':'SingleStack','ipFamilies':['IPv4','IPv6']}"), "" },
		{ SVC("{" PORT ",'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1','fd00::1'],'ipFamilyPolicy':'PreferDualStack','ipFamilies':['IPv4','IPv6']}"),
		  SVC("{" PORT ",'clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1'],'ipFamilyPolicy':'PreferDualStack','ipFamilies':['IPv4','IPv6']}"),
		  "spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be set to 'SingleStack' when releasing the secondary clusterIP" },
		{ SVC("{" PORT ",'type':'LoadBalancer','loadBalancerClass':'a'}"), SVC("{" PORT ",'type':'LoadBalancer'}"),
		  "spec.loadBalancerClass: Invalid value: null: may not change once set" },
		{ SVC("{" PORT ",'type':'LoadBalancer','loadBalancerClass':'a'}"), SVC("{" PORT ",'loadBalancerClass':'a'}"), "" },
		{ SVC("{" PORT ",'type':'LoadBalancer','externalTrafficPolicy':'Local','healthCheckNodePort':30000}"),
		  SVC("{" PORT ",'type':'LoadBalancer','externalTrafficPolicy':'Local','healthCheckNodePort':30001}"),
		  "spec.healthCheckNodePort: Forbidden: field is immutable" },
		/* what was there may stay */
		{ SVC("{" PORT ",'type':'NodePort','externalTrafficPolicy':'Local'}"), SVC("{" PORT ",'externalTrafficPolicy':'Local'}"), "" },
	};

	UPDATES(services, v);
}

static void what_the_server_gave_stays(void **state)
{
	static const char np[] = SVC("{'type':'NodePort','clusterIP':'10.0.0.1','ports':[{'port':80,'nodePort':30001}]}");

	prepared(&kind_services, np, SVC("{'type':'NodePort','ports':[{'port':80,'name':'a'},{'port':81,'name':'b'}]}"),
		 SVC("{'type':'NodePort','clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1'],'ipFamilies':['IPv4'],"
		     "'ipFamilyPolicy':'SingleStack','externalTrafficPolicy':'Cluster','internalTrafficPolicy':'Cluster',"
		     "'sessionAffinity':'None','ports':[{'port':80,'name':'a','protocol':'TCP','targetPort':80,'nodePort':30001},"
		     "{'port':81,'name':'b','protocol':'TCP','targetPort':81}]}"));
	/* the type changes, and what belonged to it goes */
	prepared(&kind_services, np, SVC("{'type':'ClusterIP','externalTrafficPolicy':'Cluster','ports':[{'port':80,'nodePort':30001}]}"),
		 SVC("{'type':'ClusterIP','clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1'],'ipFamilies':['IPv4'],"
		     "'ipFamilyPolicy':'SingleStack','internalTrafficPolicy':'Cluster','sessionAffinity':'None',"
		     "'ports':[{'port':80,'protocol':'TCP','targetPort':80}]}"));
	/* not where the user changed it too */
	prepared(&kind_services, np, SVC("{'type':'ClusterIP','ports':[{'port':80,'nodePort':30002}]}"),
		 SVC("{'type':'ClusterIP','clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1'],'ipFamilies':['IPv4'],"
		     "'ipFamilyPolicy':'SingleStack','internalTrafficPolicy':'Cluster','sessionAffinity':'None',"
		     "'ports':[{'port':80,'protocol':'TCP','targetPort':80,'nodePort':30002}]}"));
	prepared(&kind_services, np, SVC("{'type':'ExternalName','externalName':'a','clusterIP':'10.0.0.1','clusterIPs':['10.0.0.1']}"),
		 SVC("{'type':'ExternalName','externalName':'a','sessionAffinity':'None'}"));
	/* a client that knows clusterIP only */
	prepared(&kind_services, np, SVC("{'type':'NodePort','clusterIP':'10.0.0.2','clusterIPs':['10.0.0.1'],'ports':[{'port':80}]}"),
		 SVC("{'type':'NodePort','clusterIP':'10.0.0.2','clusterIPs':['10.0.0.2'],'ipFamilies':['IPv4'],"
		     "'ipFamilyPolicy':'SingleStack','externalTrafficPolicy':'Cluster','internalTrafficPolicy':'Cluster',"
		     "'sessionAffinity':'None','ports':[{'port':80,'protocol':'TCP','targetPort':80,'nodePort':30001}]}"));
}

static void service_defaults(void **state)
{
	static const struct change v[] = {
		{ "{'spec':{'type':'NodePort','sessionAffinity':'ClientIP'}}",
		  "{'spec':{'type':'NodePort','sessionAffinity':'ClientIP','sessionAffinityConfig':{'clientIP':{'timeoutSeconds':10800}},"
		  "'externalTrafficPolicy':'Cluster','internalTrafficPolicy':'Cluster','ipFamilies':['IPv4'],'ipFamilyPolicy':'SingleStack'}}" },
		{ "{'spec':{'clusterIP':'None'}}",
		  "{'spec':{'clusterIP':'None','clusterIPs':['None'],'type':'ClusterIP','sessionAffinity':'None','internalTrafficPolicy':'Cluster',"
		  "'ipFamilies':['IPv4','IPv6'],'ipFamilyPolicy':'RequireDualStack'}}" },
		{ "{'spec':{'clusterIP':'None','selector':{'a':'b'}}}",
		  "{'spec':{'clusterIP':'None','clusterIPs':['None'],'selector':{'a':'b'},'type':'ClusterIP','sessionAffinity':'None',"
		  "'internalTrafficPolicy':'Cluster','ipFamilies':['IPv4'],'ipFamilyPolicy':'SingleStack'}}" },
		{ "{'spec':{'type':'LoadBalancer','clusterIP':'fd00::1'},'status':{'loadBalancer':{'ingress':[{'ip':'1.1.1.1'},{'hostname':'a'}]}}}",
		  "{'spec':{'type':'LoadBalancer','clusterIP':'fd00::1','clusterIPs':['fd00::1'],'allocateLoadBalancerNodePorts':true,"
		  "'sessionAffinity':'None','externalTrafficPolicy':'Cluster','internalTrafficPolicy':'Cluster','ipFamilies':['IPv6'],"
		  "'ipFamilyPolicy':'SingleStack'},'status':{'loadBalancer':{'ingress':[{'ip':'1.1.1.1','ipMode':'VIP'},{'hostname':'a'}]}}}" },
	};

	DEFAULTS(services, v);
}

#define LB "'spec':{'type':'LoadBalancer','ports':[{'port':80}]}"
#define INGRESS(i) "{" META_NS "," LB ",'status':{'loadBalancer':{'ingress':[" i "]}}}"

static void service_status(void **state)
{
	static const struct step v[] = {
		{ "{" META_NS "," LB "}", INGRESS("{'ip':'1.2.3.4','ipMode':'Proxy'},{'hostname':'a.b'}"), "" },
		{ "{" META_NS "," LB "}", INGRESS("{'ip':'1.2.3'},{'hostname':'1.2.3.4'},{'hostname':'a','ipMode':'VIP'}"),
		  "[status.loadBalancer.ingress[0].ip: Invalid value: \"1.2.3\": " IP_WHY ", status.loadBalancer.ingress[1].hostname: "
		  "Invalid value: \"1.2.3.4\": must be a DNS name, not an IP address, status.loadBalancer.ingress[2].ipMode: Forbidden: "
		  "may not be specified when `ip` is not set]" },
		{ "{" META_NS "," LB "}", INGRESS("{'ip':'1.2.3.4','ipMode':'Odd'}"),
		  "status.loadBalancer.ingress[0].ipMode: Unsupported value: \"Odd\": supported values: \"Proxy\", \"VIP\"" },
		{ SVC("{" PORT "}"), "{" META_NS ",'spec':{'ports':[{'port':80}]},'status':{'loadBalancer':{'ingress':[{'ip':'1.2.3.4'}]}}}",
		  "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'" },
	};

	STATUSES(services, v);
}

static void service_rows(void **state)
{
	is_row(&kind_services, "{" META ",'spec':{'type':'ClusterIP','clusterIP':'10.96.0.9','ports':[{'port':80,'protocol':'TCP'},"
	       "{'port':53,'protocol':'UDP','nodePort':30053}],'selector':{'app':'w'}}}",
	       "x|ClusterIP|10.96.0.9|<none>|80/TCP,53:30053/UDP|60s|app=w");
	is_row(&kind_services, "{" META ",'spec':{'type':'ExternalName','externalName':'e.com'}}",
	       "x|ExternalName|<none>|e.com|<none>|60s|<none>");
	is_row(&kind_services, "{" META ",'spec':{'type':'LoadBalancer','clusterIP':'10.96.0.9','externalIPs':['9.9.9.9']},"
	       "'status':{'loadBalancer':{'ingress':[{'ip':'2.2.2.2'},{'hostname':'1.a'},{'ip':'2.2.2.2'}]}}}",
	       "x|LoadBalancer|10.96.0.9|1.a,2.2.2.2,9.9.9.9|<none>|60s|<none>");
	is_row(&kind_services, "{" META ",'spec':{'type':'LoadBalancer','clusterIP':'10.96.0.9'}}",
	       "x|LoadBalancer|10.96.0.9|<pending>|<none>|60s|<none>");
}

#define EP(subsets) "{" META_NS ",'subsets':" subsets "}"

static void endpoints(void **state)
{
	static const struct verdict v[] = {
		{ EP("[{'addresses':[{'ip':'10.0.0.1','hostname':'a','nodeName':'n'}],'ports':[{'port':80}]}]"), "" },
		{ EP("[{}]"), "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`" },
		{ EP("[{'addresses':[{'ip':'127.0.0.1'},{'ip':'0.0.0.0'}],'notReadyAddresses':[{'ip':'fe80::1'},{'ip':'224.0.0.1'}]}]"),
		  "[subsets[0].addresses[0].ip: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128), "
		  "subsets[0].addresses[1].ip: Invalid value: \"0.0.0.0\": may not be unspecified (0.0.0.0), "
		  "subsets[0].notReadyAddresses[0].ip: Invalid value: \"fe80::1\": may not be in the link-local range (169.254.0.0/16, "
		  "fe80::/10), subsets[0].notReadyAddresses[1].ip: Invalid value: \"224.0.0.1\": may not be in the link-local multicast "
		  "range (224.0.0.0/24, ff02::/10)]" },
		{ EP("[{'addresses':[{'ip':'x','hostname':'A'}]}]"),
		  "[subsets[0].addresses[0].ip: Invalid value: \"x\": " IP_WHY ", subsets[0].addresses[0].hostname: Invalid value: \"A\": "
		  LABEL_WHY ", subsets[0].addresses[0].ip: Invalid value: \"x\": must be a valid IP address]" },
		{ EP("[{'addresses':[{'ip':'10.0.0.1'}],'ports':[{'port':80},{'port':0,'name':'A','protocol':'Odd'}]}]"),
		  "[subsets[0].ports[0].name: Required value, subsets[0].ports[1].name: Invalid value: \"A\": " LABEL_WHY ", "
		  "subsets[0].ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive, subsets[0].ports[1].protocol: "
		  "Unsupported value: \"Odd\": supported values: \"SCTP\", \"TCP\", \"UDP\"]" },
	};

	CREATES(endpoints, v);
	is_row(&kind_endpoints, "{" META ",'subsets':[{'addresses':[{'ip':'10.0.0.1'},{'ip':'fd00::1'}],'ports':[{'port':80},{'port':81}]}]}",
	       "x|10.0.0.1:80,[fd00::1]:80,10.0.0.1:81 + 1 more...|60s");
	is_row(&kind_endpoints, "{" META "}", "x|<none>|60s");
}

#define SLICE(type, endpoints, ports) "{" META_NS ",'addressType':'" type "','endpoints':" endpoints ",'ports':" ports "}"

static void slices(void **state)
{
	static const struct verdict v[] = {
		{ SLICE("IPv4", "[{'addresses':['10.0.0.1'],'hints':{'forZones':[{'name':'a'}]}}]", "[{'port':80}]"), "" },
		{ SLICE("Odd", "[]", "[]"), "addressType: Unsupported value: \"Odd\": supported values: \"FQDN\", \"IPv4\", \"IPv6\"" },
		{ "{" META_NS "}", "addressType: Required value" },
		{ SLICE("IPv4", "[{'addresses':[]},{'addresses':['fd00::1','127.0.0.1'],'hostname':'A'}]", "[]"),
		  "[endpoints[0].addresses: Required value: must contain at least 1 address, endpoints[1].addresses[0]: Invalid value: "
		  "\"fd00::1\": must be a valid IPv4 address, endpoints[1].addresses[1]: Invalid value: \"127.0.0.1\": may not be in the "
		  "loopback range (127.0.0.0/8, ::1/128), endpoints[1].hostname: Invalid value: \"A\": " LABEL_WHY "]" },
		{ SLICE("FQDN", "[{'addresses':['a.b.','a']}]", "[]"),
		  "endpoints[0].addresses[1]: Invalid value: \"a\": should be a domain with at least two segments separated by dots" },
		{ SLICE("IPv6", "[{'addresses':['fd00::1'],'hints':{'forZones':[{'name':'a'},{'name':'a'}]}}]",
			"[{'name':'A'},{},{'protocol':'Odd'}]"),
		  "[endpoints[0].hints.forZones[1].name: Duplicate value: \"a\", ports[0].name: Invalid value: \"A\": " LABEL_WHY ", "
		  "ports[2].name: Duplicate value: \"\", ports[2].protocol: Unsupported value: \"Odd\": supported values: \"SCTP\", "
		  "\"TCP\", \"UDP\"]" },
	};
	static const struct step s[] = {
		{ SLICE("IPv4", "[]", "[]"), SLICE("IPv6", "[]", "[]"), "addressType: Invalid value: \"IPv6\": field is immutable" },
	};
	static const struct change d[] = {
		{ "{'addressType':'IPv4','endpoints':[],'ports':[{'port':1}]}",
		  "{'addressType':'IPv4','ports':[{'port':1,'protocol':'TCP','name':''}]}" },
	};
	struct buf b = { 0 };
	struct verdict many = { NULL, "endpoints[0].addresses: Too many: 101: must have at most 100 items" };

	CREATES(endpointslices, v);
	UPDATES(endpointslices, s);
	DEFAULTS(endpointslices, d);
	buf_puts(&b, "{" META_NS ",'addressType':'IPv4','ports':[],'endpoints':[{'addresses':[");
	for (int i = 0; i < 101; i++)
		buf_printf(&b, "%s'10.0.0.%d'", i ? "," : "", i + 1);
	buf_puts(&b, "]}]}");
	many.obj = b.data;
	creates(&kind_endpointslices, &many, 1);
	buf_free(&b);
	is_row(&kind_endpointslices, "{" META ",'addressType':'IPv4','ports':[{'port':80},{'name':'a'},{},{'port':1}],'endpoints':"
	       "[{'addresses':['10.0.0.1']},{'addresses':['10.0.0.2']}]}", "x|IPv4|80,a,* + 1 more...|10.0.0.1,10.0.0.2|60s");
	is_row(&kind_endpointslices, "{" META "}", "x||<unset>|<unset>|60s");
	converts(&kind_endpointslices_v1beta1,
		 "{'apiVersion':'discovery.k8s.io/v1beta1','kind':'EndpointSlice','endpoints':[{'addresses':['10.0.0.1'],'nodeName':'n',"
		 "'topology':{'topology.kubernetes.io/zone':'z','kubernetes.io/hostname':'n','a':'b'}}]}",
		 "{'apiVersion':'discovery.k8s.io/v1','kind':'EndpointSlice','endpoints':[{'addresses':['10.0.0.1'],'nodeName':'n',"
		 "'zone':'z','deprecatedTopology':{'a':'b'}}]}");
}

static void slices_count_labels(void **state)
{
	_cleanup_json_ json *a = obj_of(NULL, "{'metadata':{'labels':{'a':'b'}},'ports':[]}");
	_cleanup_json_ json *b = obj_of(NULL, "{'metadata':{'labels':{'a':'c'}},'ports':[]}");
	_cleanup_json_ json *c = obj_of(NULL, "{'metadata':{'labels':{'a':'b'},'annotations':{'x':'y'}},'ports':[]}");

	assert_true(kind_endpointslices.rules->counts(a, b));
	assert_false(kind_endpointslices.rules->counts(a, c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services),
		cmocka_unit_test(ports),
		cmocka_unit_test(addresses),
		cmocka_unit_test(services_change),
		cmocka_unit_test(what_the_server_gave_stays),
		cmocka_unit_test(service_defaults),
		cmocka_unit_test(service_status),
		cmocka_unit_test(service_rows),
		cmocka_unit_test(endpoints),
		cmocka_unit_test(slices),
		cmocka_unit_test(slices_count_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
