// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rest_path.c - what paths ask for */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/rest/path.h"
#include "api/rest/request_metrics.h"

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

/* As metrics name them. */
static void verbs(void **state)
{
	static const struct {
		const char *method, *path, *type;
		bool watch;
		const char *want;
	} v[] = {
		{ "GET", "/api/v1/pods", NULL, false, "LIST" },
		{ "HEAD", "/api/v1/pods", NULL, false, "LIST" },
		{ "GET", "/api/v1/namespaces/d/pods", NULL, true, "WATCH" },
		{ "GET", "/api/v1/namespaces/d/pods/p", NULL, false, "GET" },
		{ "GET", "/api/v1/namespaces/d/pods/p/log", NULL, true, "GET" },
		{ "POST", "/api/v1/namespaces/d/pods/p/exec", NULL, false, "CONNECT" },
		{ "POST", "/api/v1/namespaces/d/pods", NULL, false, "POST" },
		{ "PUT", "/api/v1/namespaces/d/pods/p", NULL, false, "PUT" },
		{ "PATCH", "/api/v1/namespaces/d/pods/p", "application/merge-patch+json", false, "PATCH" },
		{ "PATCH", "/api/v1/namespaces/d/pods/p", "application/apply-patch+yaml", false, "APPLY" },
		{ "DELETE", "/api/v1/namespaces/d/pods/p", NULL, false, "DELETE" },
		{ "DELETE", "/api/v1/namespaces/d/pods", NULL, false, "DELETECOLLECTION" },
		{ "GET", NULL, NULL, false, "GET" },
		{ "BREW", NULL, NULL, false, "OTHER" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		struct rest_path p = { 0 };

		if (v[i].path)
			assert_true(rest_path_parse(v[i].path, &p));
		assert_string_equal(request_verb(v[i].method, v[i].type, v[i].path ? &p : NULL, v[i].watch), v[i].want);
		rest_path_free(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(verbs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
