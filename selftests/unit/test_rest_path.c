// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rest_path.c - paths and media types */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/rest/path.h"

/* "plural ns name sub", "-" for what is absent; "" if there is no such path. Caller frees. */
static char *path(const char *text)
{
	struct rest_path p;
	char *s;

	if (!rest_path_parse(text, &p))
		return xstrdup("");
	s = xasprintf("%s %s %s %s", p.kind->res->plural, p.ns ? p.ns : "-", p.name ? p.name : "-", p.sub ? p.sub : "-");
	rest_path_free(&p);
	return s;
}

static void paths(void **state)
{
	static const struct {
		const char *path, *want;
	} v[] = {
		{ "/api/v1/pods", "pods - - -" },
		{ "/api/v1/namespaces/d/pods", "pods d - -" },
		{ "/api/v1/namespaces/d/pods/", "pods d - -" },
		{ "/api/v1/namespaces/d/pods/p", "pods d p -" },
		{ "/api/v1/namespaces/d/pods/p/log", "pods d p log" },
		{ "/api/v1/namespaces/d/pods/p/binding", "pods d p binding" },
		{ "/api/v1/namespaces", "namespaces - - -" },
		{ "/api/v1/namespaces/d", "namespaces - d -" },
		{ "/api/v1/namespaces/d/status", "namespaces - d status" },
		{ "/api/v1/namespaces/d/finalize", "namespaces - d finalize" },
		{ "/api/v1/nodes/n", "nodes - n -" },
		{ "/apis/apps/v1/deployments", "deployments - - -" },
		{ "/apis/apps/v1/namespaces/d/deployments/w/scale", "deployments d w scale" },
		{ "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n", "leases kube-node-lease n -" },
		/* and what is no object */
		{ "/", "" }, { "", "" }, { "/api", "" }, { "/api/v1", "" }, { "/apis/apps/v1", "" }, { "/api/v2/pods", "" },
		{ "/api/v1/things", "" }, { "/apis/apps/v1/pods", "" }, { "/api/v1/pods/p", "" }, { "/api/v1/namespaces/d/nodes", "" },
		{ "/api/v1/namespaces/d/pods/p/nothing", "" }, { "/api/v1/namespaces/d/pods/p/log/more", "" },
		{ "/api/v1//pods", "" }, { "api/v1/pods", "" }, { "/api/v1/namespaces//pods", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_free_ char *is = path(v[i].path);

		if (!streq(is, v[i].want))
			fail_msg("%s is \"%s\", want \"%s\"", v[i].path, is, v[i].want);
	}
}

static void accepts(void **state)
{
	static const char kubectl_get[] = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
	static const char kubectl_discovery[] = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
	static const struct {
		const char *header;
		unsigned forms;
		enum rest_form form;
		const char *version;
	} v[] = {
		{ NULL, 0, REST_JSON, "" },
		{ "", 0, REST_JSON, "" },
		{ "*/*", 0, REST_JSON, "" },
		{ "application/*", 0, REST_JSON, "" },
		{ "application/json, */*", 0, REST_JSON, "" },
		{ "Application/JSON;charset=utf-8", 0, REST_JSON, "" },
		{ "application/vnd.kubernetes.protobuf,application/json", 1 << REST_TABLE, REST_JSON, "" },
		{ "application/vnd.kubernetes.protobuf, */*", 0, REST_JSON, "" },
		{ "application/vnd.kubernetes.protobuf", 0, REST_NOT_ACCEPTABLE, "" },
		{ "text/html", 0, REST_NOT_ACCEPTABLE, "" },
		{ kubectl_get, 1 << REST_TABLE, REST_TABLE, "v1" },
		{ kubectl_get, 0, REST_JSON, "" },
		{ "application/json;as=Table;v=v2;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io", 1 << REST_TABLE, REST_TABLE, "v1beta1" },
		{ kubectl_discovery, 1 << REST_DISCOVERY, REST_DISCOVERY, "v2" },
		{ "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", 1 << REST_PARTIAL, REST_PARTIAL, "v1" },
		{ "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", 1 << REST_OPENAPI_V2_PROTOBUF, REST_OPENAPI_V2_PROTOBUF, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		struct rest_accept a = rest_accept_parse(v[i].header, v[i].forms);

		if (a.form != v[i].form || !streq(a.version, v[i].version))
			fail_msg("%s: form %d %s", v[i].header, a.form, a.version);
	}
}

static void bodies(void **state)
{
	assert_int_equal(rest_body_type(NULL), REST_BODY_JSON);
	assert_int_equal(rest_body_type("application/json; charset=utf-8"), REST_BODY_JSON);
	assert_int_equal(rest_body_type("application/merge-patch+json"), REST_BODY_MERGE_PATCH);
	assert_int_equal(rest_body_type("application/strategic-merge-patch+json"), REST_BODY_STRATEGIC_PATCH);
	assert_int_equal(rest_body_type("application/json-patch+json"), REST_BODY_JSON_PATCH);
	assert_int_equal(rest_body_type("application/apply-patch+yaml"), REST_BODY_APPLY_PATCH);
	assert_int_equal(rest_body_type("application/vnd.kubernetes.protobuf"), REST_BODY_OTHER);
	assert_int_equal(rest_body_type("application/jsonx"), REST_BODY_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(accepts),
		cmocka_unit_test(bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
