// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_status.c - refusals, byte for byte what an API server answers */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/kinds/kinds.h"
#include "api/meta/status.h"

/* Takes the Status. */
static void check(json *s, int err, int code, const char *text)
{
	_cleanup_free_ char *is = json_print(s);

	assert_string_equal(is, text);
	assert_int_equal(status_errno(s), err);
	assert_int_equal(status_code(s), code);
	json_freep(&s);
}

#define FAILURE "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","

static void words_are_kubernetes(void **state)
{
	check(status_not_found(&res_pods, "nope"), -ENOENT, 404,
	      FAILURE "\"message\":\"pods \\\"nope\\\" not found\",\"reason\":\"NotFound\",\"details\":{\"name\":\"nope\",\"kind\":\"pods\"},\"code\":404}");
	check(status_not_found(&res_deployments, "x"), -ENOENT, 404,
	      FAILURE "\"message\":\"deployments.apps \\\"x\\\" not found\",\"reason\":\"NotFound\",\"details\":{\"name\":\"x\",\"group\":\"apps\",\"kind\":\"deployments\"},\"code\":404}");
	check(status_exists(&res_configmaps, "cm1"), -EEXIST, 409,
	      FAILURE "\"message\":\"configmaps \\\"cm1\\\" already exists\",\"reason\":\"AlreadyExists\",\"details\":{\"name\":\"cm1\",\"kind\":\"configmaps\"},\"code\":409}");
	check(status_modified(&res_configmaps, "cm1"), -ESTALE, 409,
	      FAILURE "\"message\":\"Operation cannot be fulfilled on configmaps \\\"cm1\\\": the object has been modified; please apply your changes to the latest version and try again\",\"reason\":\"Conflict\",\"details\":{\"name\":\"cm1\",\"kind\":\"configmaps\"},\"code\":409}");
	check(status_not_acceptable(), -EOPNOTSUPP, 406,
	      FAILURE "\"message\":\"406: Not Acceptable\",\"reason\":\"NotAcceptable\",\"details\":{},\"code\":406}");
	check(status_method_not_allowed(), -EOPNOTSUPP, 405,
	      FAILURE "\"message\":\"the server does not allow this method on the requested resource\",\"reason\":\"MethodNotAllowed\",\"details\":{},\"code\":405}");
	check(status_unsupported_patch(), -EOPNOTSUPP, 415,
	      FAILURE "\"message\":\"415: Unsupported Media Type\",\"reason\":\"UnsupportedMediaType\",\"details\":{},\"code\":415}");
	check(status_expired("too old resource version: %d (%d)", 1, 1545), -EKEYEXPIRED, 410,
	      FAILURE "\"message\":\"too old resource version: 1 (1545)\",\"reason\":\"Expired\",\"code\":410}");
	check(status_deleted(&res_configmaps, "cm1", "u"), 0, 200,
	      "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Success\",\"details\":{\"name\":\"cm1\",\"kind\":\"configmaps\",\"uid\":\"u\"}}");
}

static void causes_are_listed(void **state)
{
	_cleanup_field_errors_ struct field_errors e = {0}, one = {0};
	json *causes = json_new_array();

	field_error(&e, "spec.a", FIELD_INVALID, "Invalid value: \"x\": bad");
	field_required(&e, "spec.b", "");
	check(status_invalid(&res_deployments, "x", &e), -EINVAL, 422,
	      FAILURE "\"message\":\"Deployment.apps \\\"x\\\" is invalid: [spec.a: Invalid value: \\\"x\\\": bad, spec.b: Required value]\",\"reason\":\"Invalid\",\"details\":{\"name\":\"x\",\"group\":\"apps\",\"kind\":\"Deployment\",\"causes\":[{\"reason\":\"FieldValueInvalid\",\"message\":\"Invalid value: \\\"x\\\": bad\",\"field\":\"spec.a\"},{\"reason\":\"FieldValueRequired\",\"message\":\"Required value\",\"field\":\"spec.b\"}]},\"code\":422}");
	field_required(&one, "spec.b", "");
	check(status_invalid(&res_pods, "x", &one), -EINVAL, 422,
	      FAILURE "\"message\":\"Pod \\\"x\\\" is invalid: spec.b: Required value\",\"reason\":\"Invalid\",\"details\":{\"name\":\"x\",\"kind\":\"Pod\",\"causes\":[{\"reason\":\"FieldValueRequired\",\"message\":\"Required value\",\"field\":\"spec.b\"}]},\"code\":422}");
	json_append(causes, status_cause("NamespaceTerminating", "metadata.namespace", "namespace t is being terminated"));
	check(status_forbidden(&res_configmaps, "c", "why", causes), -EACCES, 403,
	      FAILURE "\"message\":\"configmaps \\\"c\\\" is forbidden: why\",\"reason\":\"Forbidden\",\"details\":{\"name\":\"c\",\"kind\":\"configmaps\",\"causes\":[{\"reason\":\"NamespaceTerminating\",\"message\":\"namespace t is being terminated\",\"field\":\"metadata.namespace\"}]},\"code\":403}");
}

static void errors_of_transport_say_try_again(void **state)
{
	check(status_unavailable("etcd: gone"), -EAGAIN, 503,
	      FAILURE "\"message\":\"etcd: gone\",\"reason\":\"ServiceUnavailable\",\"code\":503}");
	check(status_internal("x"), -EAGAIN, 500,
	      FAILURE "\"message\":\"x\",\"reason\":\"InternalError\",\"code\":500}");
	check(status_bad_request("%s", "x"), -EINVAL, 400,
	      FAILURE "\"message\":\"x\",\"reason\":\"BadRequest\",\"code\":400}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_kubernetes),
		cmocka_unit_test(causes_are_listed),
		cmocka_unit_test(errors_of_transport_say_try_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
