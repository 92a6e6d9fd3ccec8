// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_networking.c - Ingress, IngressClass, NetworkPolicy, IPAddress, ServiceCIDR */
#include "test_kinds.h"

#define ING(spec) "{" META_NS ",'spec':" spec "}"
#define TO_SVC "'backend':{'service':{'name':'s','port':{'number':80}}}"
#define PATHS(p) ING("{'rules':[{'http':{'paths':[" p "]}}]}")

static void ingresses(void **state)
{
	static const struct verdict v[] = {
		{ ING("{'defaultBackend':{'service':{'name':'s','port':{'name':'http'}}},'ingressClassName':'c','tls':[{'hosts':['a.b','*.a.b'],"
		      "'secretName':'s'}]}"), "" },
		{ PATHS("{'path':'/a','pathType':'Prefix'," TO_SVC "}"), "" },
		{ PATHS("{'pathType':'ImplementationSpecific'," TO_SVC "}"), "" },
		{ ING("{}"), "spec: Invalid value: null: either `defaultBackend` or `rules` must be specified" },
		{ ING("{'rules':[{'http':{'paths':[]}}]}"), "spec.rules[0].http.paths: Required value" },
		{ PATHS("{" TO_SVC "}"), "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified" },
		{ PATHS("{'pathType':'Odd'," TO_SVC "}"), "spec.rules[0].http.paths[0].pathType: Unsupported value: \"Odd\": supported "
		  "values: \"Exact\", \"ImplementationSpecific\", \"Prefix\"" },
		{ PATHS("{'path':'a//b%2f','pathType':'Exact'," TO_SVC "},{'path':'/a/./b/..','pathType':'Prefix'," TO_SVC "},"
			"{'path':'a','pathType':'ImplementationSpecific'," TO_SVC "}"),
		  "[spec.rules[0].http.paths[0].path: Invalid value: \"a//b%2f\": must be an absolute path, spec.rules[0].http.paths[0].path: "
		  "Invalid value: \"a//b%2f\": must not contain '//', spec.rules[0].http.paths[0].path: Invalid value: \"a//b%2f\": must not "
		  "contain '%2f', spec.rules[0].http.paths[1].path: Invalid value: \"/a/./b/..\": must not contain '/./', "
		  "spec.rules[0].http.paths[1].path: Invalid value: \"/a/./b/..\": cannot end with '/..', spec.rules[0].http.paths[2].path: "
		  "Invalid value: \"a\": must be an absolute path]" },
		{ ING("{'rules':[{'host':'1.2.3.4'},{'host':'A'},{'host':'*a'},{'host':'*.a.b'}]}"),
		  "[spec.rules[0].host: Invalid value: \"1.2.3.4\": must be a DNS name, not an IP address, spec.rules[1].host: Invalid value: "
		  "\"A\": " SUBDOMAIN_WHY ", spec.rules[2].host: Invalid value: \"*a\": a wildcard DNS-1123 subdomain must start with '*.', "
		  "followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an "
		  "alphanumeric character (e.g. '*.example.com', regex used for validation is "
		  "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')]" },
		{ ING("{'defaultBackend':{}}"), "spec.defaultBackend: Invalid value: \"\": resource or service backend is required" },
		{ ING("{'defaultBackend':{'resource':{'kind':'k','name':'n'},'service':{'name':'s'}}}"),
		  "spec.defaultBackend: Invalid value: \"\": cannot set both resource and service backends" },
		{ ING("{'defaultBackend':{'resource':{'apiGroup':'A','name':'a/b','kind':''}}}"),
		  "[spec.defaultBackend.resource.apiGroup: Invalid value: \"A\": " SUBDOMAIN_WHY ", spec.defaultBackend.resource.kind: Required "
		  "value, spec.defaultBackend.resource.name: Invalid value: \"a/b\": may not contain '/']" },
		{ ING("{'defaultBackend':{'service':{'name':'','port':{}}}}"),
		  "[spec.defaultBackend.service.name: Required value, spec.defaultBackend: Required value: port name or number is required]" },
		{ ING("{'defaultBackend':{'service':{'name':'0s','port':{'name':'a','number':1}}}}"),
		  "spec.defaultBackend: Invalid value: \"\": cannot set both port name & port number" },
		{ ING("{'defaultBackend':{'service':{'name':'S','port':{'number':65536}}}}"),
		  "[spec.defaultBackend.service.name: Invalid value: \"S\": " LABEL_WHY ", spec.defaultBackend.service.port.number: Invalid "
		  "value: 65536: must be between 1 and 65535, inclusive]" },
		{ ING("{'defaultBackend':{'service':{'name':'s','port':{'number':1}}},'ingressClassName':'A','tls':[{'hosts':['A'],'secretName':'A'}]}"),
		  "[spec.tls[0].hosts[0]: Invalid value: \"A\": " SUBDOMAIN_WHY ", spec.tls[0].secretName: Invalid value: \"A\": " SUBDOMAIN_WHY
		  ", spec.ingressClassName: Invalid value: \"A\": " SUBDOMAIN_WHY "]" },
		{ "{'metadata':{'name':'x','namespace':'d','annotations':{'kubernetes.io/ingress.class':'a'}},'spec':{'ingressClassName':'b',"
		  "'defaultBackend':{'service':{'name':'s','port':{'number':1}}}}}",
		  "annotations.kubernetes.io/ingress.class: Invalid value: \"a\": must match `ingressClassName` when both are specified" },
	};
	static const struct step status[] = {
		{ ING("{}"), "{" META_NS ",'spec':{},'status':{'loadBalancer':{'ingress':[{'ip':'1.2.3.4'},{'hostname':'a'}]}}}", "" },
		{ ING("{}"), "{" META_NS ",'spec':{},'status':{'loadBalancer':{'ingress':[{'ip':'x'},{'hostname':'1.2.3.4'}]}}}",
		  "[status.loadBalancer.ingress[0].ip: Invalid value: \"x\": " IP_WHY ", status.loadBalancer.ingress[1].hostname: Invalid value: "
		  "\"1.2.3.4\": must be a DNS name, not an IP address]" },
	};

	CREATES(ingresses, v);
	STATUSES(ingresses, status);
	is_row(&kind_ingresses, "{" META ",'spec':{'ingressClassName':'c','rules':[{'host':'a'},{},{'host':'b'},{'host':'c'},{'host':'d'}],'tls':[{}]},"
	       "'status':{'loadBalancer':{'ingress':[{'ip':'2.2.2.2'},{'hostname':'1.a'}]}}}", "x|c|a,b,c + 2 more...|1.a,2.2.2.2|80, 443|60s");
	is_row(&kind_ingresses, "{" META "}", "x|<none>|*||80|60s");
	converts(&kind_ingresses_v1beta1,
		 "{'apiVersion':'networking.k8s.io/v1beta1','kind':'Ingress','spec':{'backend':{'serviceName':'s','servicePort':80},'rules':[{'http':"
		 "{'paths':[{'path':'/','pathType':'Exact','backend':{'serviceName':'t','servicePort':'http'}}]}}]}}",
		 "{'apiVersion':'networking.k8s.io/v1','kind':'Ingress','spec':{'defaultBackend':{'service':{'name':'s','port':{'number':80}}},'rules':"
		 "[{'http':{'paths':[{'path':'/','pathType':'Exact','backend':{'service':{'name':'t','port':{'name':'http'}}}}]}}]}}");
}

#define CLASS(spec) "{" META ",'spec':" spec "}"

static void ingress_classes(void **state)
{
	static const struct verdict v[] = {
		{ CLASS("{'controller':'a.b/c','parameters':{'kind':'K','name':'n'}}"), "" },
		{ CLASS("{}"), "spec.controller: Required value" },
		{ CLASS("{'controller':'a'}"), "spec.controller: Invalid value: \"a\": must be a domain-prefixed path (such as \"acme.io/foo\")" },
		{ CLASS("{'controller':'A/b c'}"), "[spec.controller: Invalid value: \"A\": " SUBDOMAIN_WHY ", spec.controller: Invalid value: "
		  "\"b c\": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')]" },
		{ CLASS("{'controller':'a/b','parameters':{'kind':'','name':'','scope':'Odd'}}"),
		  "[spec.parameters.kind: Required value, spec.parameters.name: Required value, spec.parameters.scope: Unsupported value: "
		  "\"Odd\": supported values: \"Cluster\", \"Namespace\"]" },
		{ CLASS("{'controller':'a/b','parameters':{'kind':'K','name':'n','scope':'Namespace'}}"),
		  "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'" },
		{ CLASS("{'controller':'a/b','parameters':{'kind':'K','name':'n','namespace':'d'}}"),
		  "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'" },
	};
	static const struct step s[] = {
		{ CLASS("{'controller':'a/b'}"), CLASS("{'controller':'a/c'}"), "spec.controller: Invalid value: \"a/c\": field is immutable" },
	};
	static const struct change d[] = {
		{ "{'spec':{'parameters':{'kind':'K','name':'n'}}}", "{'spec':{'parameters':{'kind':'K','name':'n','scope':'Cluster'}}}" },
	};

	CREATES(ingressclasses, v);
	UPDATES(ingressclasses, s);
	DEFAULTS(ingressclasses, d);
	is_row(&kind_ingressclasses, "{'metadata':{'name':'x','annotations':{'ingressclass.kubernetes.io/is-default-class':'true'},"
	       "'creationTimestamp':'2025-12-31T23:59:00Z'},'spec':{'controller':'a/b','parameters':{'apiGroup':'g','kind':'K','name':'n'}}}",
	       "x (default)|a/b|K.g/n|60s");
	is_row(&kind_ingressclasses, "{" META ",'spec':{'controller':'a/b'}}", "x|a/b|<none>|60s");
}

#define NP(spec) "{" META_NS ",'spec':" spec "}"
#define FROM(p) NP("{'podSelector':{},'ingress':[{'from':[" p "]}]}")

static void network_policies(void **state)
{
	static const struct verdict v[] = {
		{ NP("{'podSelector':{'matchLabels':{'a':'b'}},'egress':[{'ports':[{'port':80,'endPort':81},{'port':'http'},{}],'to':[{'podSelector':{}},"
		     "{'ipBlock':{'cidr':'10.0.0.0/8','except':['10.1.0.0/16']}}]}]}"), "" },
		{ NP("{'podSelector':{'matchExpressions':[{'key':'a','operator':'In'}]},'policyTypes':['Odd']}"),
		  "[spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn', "
		  "spec.policyTypes[0]: Unsupported value: \"Odd\": supported values: \"Ingress\", \"Egress\"]" },
		{ NP("{'podSelector':{},'policyTypes':['Ingress','Egress','Ingress']}"),
		  "spec.policyTypes: Invalid value: [\"Ingress\",\"Egress\",\"Ingress\"]: may not specify more than two policyTypes" },
		{ NP("{'podSelector':{},'ingress':[{'ports':[{'protocol':'Odd','port':0},{'port':80,'endPort':79},{'port':'-','endPort':1},{'endPort':1}]}]}"),
		  "[spec.ingress[0].ports[0].protocol: Unsupported value: \"Odd\": supported values: \"TCP\", \"UDP\", \"SCTP\", "
		  "spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, spec.ingress[0].ports[1].endPort: "
		  "Invalid value: 79: must be greater than or equal to `port`, spec.ingress[0].ports[2].endPort: Invalid value: 1: may not be "
		  "specified when `port` is non-numeric, spec.ingress[0].ports[2].port: Invalid value: \"-\": must contain at least one letter "
		  "(a-z), spec.ingress[0].ports[2].port: Invalid value: \"-\": must not begin or end with a hyphen, "
		  "spec.ingress[0].ports[3].endPort: Invalid value: 1: may not be specified when `port` is not specified]" },
		{ FROM("{}"), "spec.ingress[0].from[0]: Required value: must specify a peer" },
		{ FROM("{'ipBlock':{'cidr':'10.0.0.0/8'},'podSelector':{}}"),
		  "spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer" },
		{ FROM("{'ipBlock':{'cidr':''}},{'ipBlock':{'cidr':'x'}},{'ipBlock':{'cidr':'10.0.0.0/8','except':['11.0.0.0/16','10.0.0.0/8','y']}}"),
		  "[spec.ingress[0].from[0].ipBlock.cidr: Required value, spec.ingress[0].from[1].ipBlock.cidr: Invalid value: \"x\": " CIDR_WHY
		  ", spec.ingress[0].from[2].ipBlock.except[0]: Invalid value: \"11.0.0.0/16\": must be a strict subset of `cidr`, "
		  "spec.ingress[0].from[2].ipBlock.except[1]: Invalid value: \"10.0.0.0/8\": must be a strict subset of `cidr`, "
		  "spec.ingress[0].from[2].ipBlock.except[2]: Invalid value: \"y\": " CIDR_WHY "]" },
	};
	static const struct change d[] = {
		{ "{'spec':{'podSelector':{},'ingress':[{'ports':[{'port':80}]}]}}",
		  "{'spec':{'podSelector':{},'ingress':[{'ports':[{'port':80,'protocol':'TCP'}]}],'policyTypes':['Ingress']}}" },
		{ "{'spec':{'podSelector':{},'egress':[{}]}}", "{'spec':{'podSelector':{},'egress':[{}],'policyTypes':['Ingress','Egress']}}" },
	};

	CREATES(networkpolicies, v);
	DEFAULTS(networkpolicies, d);
	is_row(&kind_networkpolicies, "{" META ",'spec':{'podSelector':{}}}", "x|<none>|60s");
	is_row(&kind_networkpolicies, "{" META ",'spec':{'podSelector':{'matchLabels':{'a':'b'}}}}", "x|a=b|60s");
}

/* What older servers took is not refused when it does not change. */
static void what_was_there_stays_valid(void **state)
{
	_cleanup_json_ json *np = obj_of(&kind_networkpolicies, FROM("{'ipBlock':{'cidr':'10.0.0.1/8'}}"));
	_cleanup_json_ json *svc = obj_of(&kind_services, "{" META_NS ",'spec':{'ports':[{'port':80}],'externalIPs':['010.0.0.1']}}");
	_cleanup_json_ json *ep = obj_of(&kind_endpoints, "{" META_NS ",'subsets':[{'addresses':[{'ip':'010.0.0.1'}]}]}");
	const struct {
		const struct kind *k;
		json *obj;
	} v[] = { { &kind_networkpolicies, np }, { &kind_services, svc }, { &kind_endpoints, ep } };

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_field_errors_ struct field_errors made = { 0 }, same = { 0 };

		default_object(v[i].k, v[i].obj);
		validate_create(v[i].k, v[i].obj, &made);
		validate_update(v[i].k, v[i].obj, v[i].obj, &same);
		assert_int_equal(made.n, 1);
		is_said(&same, v[i].k->res->kind, NULL);
	}
}

#define IP(name, spec) "{'metadata':{'name':'" name "'},'spec':" spec "}"
#define PARENT "{'parentRef':{'resource':'services','namespace':'d','name':'n'}}"
#define CIDRS(c) "{" META ",'spec':{'cidrs':[" c "]}}"

static void ip_addresses(void **state)
{
	static const struct verdict v[] = {
		{ IP("10.0.0.1", PARENT), "" },
		{ IP("fd00::1", PARENT), "" },
		{ IP("fd00::0:1", PARENT), "metadata.name: Invalid value: \"fd00::0:1\": must be in canonical form (\"fd00::1\")" },
		{ IP("x", PARENT), "metadata.name: Invalid value: \"x\": " IP_WHY },
		{ IP("10.0.0.1", "{}"), "spec.parentRef: Required value" },
		{ IP("10.0.0.1", "{'parentRef':{'group':'A','namespace':'a/b'}}"),
		  "[spec.parentRef.group: Invalid value: \"A\": " SUBDOMAIN_WHY ", spec.parentRef.resource: Required value, spec.parentRef.name: "
		  "Required value, spec.parentRef.namespace: Invalid value: \"a/b\": may not contain '/']" },
	};
	static const struct step s[] = {
		{ IP("10.0.0.1", PARENT), IP("10.0.0.1", "{'parentRef':{'resource':'services','name':'m'}}"),
		  "spec.parentRef: Invalid value: {\"resource\":\"services\",\"name\":\"m\"}: field is immutable" },
	};
	static const struct verdict c[] = {
		{ CIDRS("'10.0.0.0/16','fd00::/64'"), "" },
		{ CIDRS(""), "spec.cidrs: Required value: at least one CIDR required" },
		{ CIDRS("'10.0.0.0/16','10.1.0.0/16'"), "spec.cidrs: Invalid value: [\"10.0.0.0/16\",\"10.1.0.0/16\"]: may specify no more than "
		  "one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64" },
		{ CIDRS("'10.0.0.1/16','fd00:0::/64'"), "[spec.cidrs[0]: Invalid value: \"10.0.0.1/16\": must not have bits set beyond the prefix "
		  "length, spec.cidrs[1]: Invalid value: \"fd00:0::/64\": must be in canonical form (\"fd00::/64\")]" },
		{ CIDRS("'a','b','c'"), "spec.cidrs: Invalid value: {\"CIDRs\":[\"a\",\"b\",\"c\"]}: may only hold up to 2 values" },
	};
	static const struct step cs[] = {
		{ CIDRS("'10.0.0.0/16'"), CIDRS("'10.0.0.0/16','fd00::/64'"), "" },
		{ CIDRS("'10.0.0.0/16'"), CIDRS("'10.1.0.0/16'"), "spec.cidrs[0]: Invalid value: \"10.1.0.0/16\": field is immutable" },
		{ CIDRS("'10.0.0.0/16','fd00::/64'"), CIDRS("'10.0.0.0/16'"), "spec.cidrs: Invalid value: [\"10.0.0.0/16\"]: field is immutable" },
	};

	CREATES(ipaddresses, v);
	UPDATES(ipaddresses, s);
	CREATES(servicecidrs, c);
	UPDATES(servicecidrs, cs);
	is_row(&kind_ipaddresses, "{" META ",'spec':{'parentRef':{'group':'G.b','resource':'Gateways','namespace':'d','name':'N'}}}",
	       "x|gateways.g.b/d/N");
	is_row(&kind_ipaddresses, "{" META "}", "x|<none>");
	is_row(&kind_servicecidrs, CIDRS("'10.0.0.0/16','fd00::/64'"), "x|10.0.0.0/16,fd00::/64|60s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ingresses),
		cmocka_unit_test(ingress_classes),
		cmocka_unit_test(network_policies),
		cmocka_unit_test(what_was_there_stays_valid),
		cmocka_unit_test(ip_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
