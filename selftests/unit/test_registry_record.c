// SPDX-License-Identifier: GPL-2.0-or-later
/* test_registry_record.c - who set what, as writes to an object and its subresources record it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/kinds/defaults.h"
#include "api/meta/status.h"
#include "api/registry/object.h"

#define NOW (1767225600ULL * 1000000)	/* 2026-01-01 */

static json *parse(const char *text)
{
	_cleanup_free_ char *t = xstrdup(text), *why = NULL;
	json *j = NULL;

	for (char *p = t; *p; p++)
		if (*p == '\'')
			*p = '"';
	if (json_parse(t, strlen(t), &j, &why))
		fail_msg("%s: %s", text, why);
	return j;
}

static struct object_writer writer(const struct kind *k, const char *manager)
{
	return (struct object_writer){ .as = k, .manager = manager, .now_us = NOW };
}

/* "MANAGER OPERATION[/SUBRESOURCE] VERSION FIELDS;" of each entry, with ' for " */
static void entries(const json *obj, const char *want)
{
	struct buf b = {0};

	json_each(e, json_get(obj, "metadata", "managedFields")) {
		_cleanup_free_ char *fields = json_print(json_get(e, "fieldsV1"));
		const char *sub = json_str(json_get(e, "subresource"));

		for (char *p = fields; *p; p++)
			*p = *p == '"' ? '\'' : *p;
		buf_printf(&b, "%s %s%s%s %s %s;", json_str(json_get(e, "manager")), json_str(json_get(e, "operation")),
			   sub ? "/" : "", sub ? sub : "", json_str(json_get(e, "apiVersion")), fields);
	}
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
}

/* A Deployment as `one` made it. */
static json *deployment(void)
{
	json *obj = parse("{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'w','namespace':'d'},"
			  "'spec':{'replicas':1,'paused':true},'status':{'replicas':7}}");
	struct object_writer w = writer(&kind_deployments, "one");

	object_set_managed(obj, object_record_create(&w, obj));
	json_set_str(json_obj(obj, "metadata"), "uid", "u");
	return obj;
}

/* What it owns, defaults included, with and without replicas. */
#define OWNED(replicas) "one Update apps/v1 {'f:spec':{'f:paused':{},'f:progressDeadlineSeconds':{}," replicas	\
	"'f:revisionHistoryLimit':{},'f:strategy':{'f:rollingUpdate':{'.':{},'f:maxSurge':{},'f:maxUnavailable':{}},'f:type':{}},"		\
	"'f:template':{'f:spec':{'f:dnsPolicy':{},'f:restartPolicy':{},'f:schedulerName':{},'f:securityContext':{},"	\
	"'f:terminationGracePeriodSeconds':{}}}}};"
#define ONE OWNED("'f:replicas':{},")
#define ONE_SCALED OWNED("")

static void makers_own_no_status(void **state)
{
	_cleanup_json_ json *obj = deployment();

	entries(obj, ONE);
}

static void scaling_takes_the_replicas(void **state)
{
	_cleanup_json_ json *cur = deployment(), *next = json_clone(cur), *again = NULL;
	struct object_writer w = writer(&kind_deployments, "two");

	/* to what they were: nothing happens */
	object_record(&w, "scale", cur, next);
	entries(next, ONE);
	json_set_int(json_get(next, "spec"), "replicas", 3);
	object_record(&w, "scale", cur, next);
	entries(next, "two Update/scale apps/v1 {'f:spec':{'f:replicas':{}}};" ONE_SCALED);
	/* the owner takes them back */
	again = json_clone(next);
	json_set_int(json_get(again, "spec"), "replicas", 4);
	w.manager = "one";
	object_record(&w, NULL, next, again);
	entries(again, ONE);
}

static void scales_can_be_applied(void **state)
{
	_cleanup_json_ json *cur = deployment(), *wanted = NULL, *managed = NULL, *s = NULL, *next = NULL;
	_cleanup_json_ json *config = parse("{'apiVersion':'autoscaling/v1','kind':'Scale','metadata':{'name':'w'},'spec':{'replicas':5}}");
	struct object_writer w = writer(&kind_deployments, "two");

	s = object_apply(&w, "d", "w", "scale", cur, config, false, &wanted, &managed);
	assert_string_equal(json_str(json_get(s, "message")),
			    "Apply failed with 1 conflict: conflict with \"one\" using autoscaling/v1: .spec.replicas");
	json_freep(&s);
	s = object_apply(&w, "d", "w", "scale", cur, config, true, &wanted, &managed);
	assert_null(s);
	assert_null(object_prepare_update(&kind_deployments, "scale", cur, TAKE_PTR(wanted), &next));
	object_set_managed(next, TAKE_PTR(managed));
	assert_int_equal(json_int(json_get(next, "spec", "replicas"), 0), 5);
	entries(next, "two Apply/scale apps/v1 {'f:spec':{'f:replicas':{}}};" ONE_SCALED);
}

static void a_status_that_is_applied_owns_status(void **state)
{
	_cleanup_json_ json *cur = deployment(), *wanted = NULL, *managed = NULL, *s = NULL, *next = NULL;
	_cleanup_json_ json *config = parse("{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'w','labels':{'a':'b'}},"
					    "'spec':{'replicas':5},'status':{'readyReplicas':2}}");
	struct object_writer w = writer(&kind_deployments, "two");

	s = object_apply(&w, "d", "w", "status", cur, config, false, &wanted, &managed);
	assert_null(s);
	assert_null(object_prepare_update(&kind_deployments, "status", cur, TAKE_PTR(wanted), &next));
	object_set_managed(next, TAKE_PTR(managed));
	assert_int_equal(json_int(json_get(next, "spec", "replicas"), 0), 1);
	assert_int_equal(json_int(json_get(next, "status", "readyReplicas"), 0), 2);
	entries(next, "two Apply/status apps/v1 {'f:status':{'f:readyReplicas':{}}};" ONE);
}

static void an_empty_list_forgets(void **state)
{
	_cleanup_json_ json *cur = deployment(), *wanted = json_clone(cur), *next = NULL;
	struct object_writer w = writer(&kind_deployments, "two");

	json_set(json_get(wanted, "metadata"), "managedFields", json_new_array());
	assert_null(object_prepare_update(&kind_deployments, NULL, cur, TAKE_PTR(wanted), &next));
	object_record(&w, NULL, cur, next);
	entries(next, "");
}

static void bindings_record_nothing(void **state)
{
	_cleanup_json_ json *pod = parse("{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p'},'spec':{'containers':[{'name':'c'}]}}");
	_cleanup_json_ json *binding = parse("{'target':{'name':'n'}}"), *next = NULL;
	struct object_writer w = writer(&kind_pods, "one");

	object_set_managed(pod, object_record_create(&w, pod));
	assert_null(object_bind(pod, binding, NOW, &next));
	assert_true(json_equal(json_get(pod, "metadata", "managedFields"), json_get(next, "metadata", "managedFields")));
}

/* What the cluster adds is nobody's. */
static void additions_are_nobodys(void **state)
{
	_cleanup_json_ json *pod = parse("{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p'},'spec':{'containers':[{'name':'c'}]}}");
	_cleanup_json_ json *svc = parse("{'apiVersion':'v1','kind':'Service','metadata':{'name':'s'},'spec':{'ports':[{'port':1}]}}");
	_cleanup_json_ json *ns = parse("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'n'}}");
	struct object_writer w = writer(&kind_pods, "one");
	_cleanup_json_ json *of_pod = object_record_create(&w, pod), *of_svc = NULL, *of_ns = NULL;
	const json *spec = json_get(of_pod->child, "fieldsV1", "f:spec");

	admit_object(&kind_pods, pod);
	assert_non_null(json_get(pod, "spec", "tolerations"));
	assert_non_null(json_get(spec, "f:restartPolicy"));
	assert_null(json_get(spec, "f:tolerations"));
	w.as = &kind_services;
	of_svc = object_record_create(&w, svc);
	spec = json_get(of_svc->child, "fieldsV1", "f:spec");
	assert_non_null(json_get(spec, "f:internalTrafficPolicy"));
	assert_null(json_get(spec, "f:ipFamilies"));
	w.as = &kind_namespaces;
	of_ns = object_record_create(&w, ns);
	assert_null(json_get(of_ns ? of_ns->child : NULL, "fieldsV1", "f:spec"));
}

static void refusals(void **state)
{
	static const struct {
		const char *config, *why;
		int code;
	} v[] = {
		{ "{'metadata':{'name':'c'}}", "invalid object type: /, Kind=", 400 },
		{ "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'c'}}", "invalid object type: /v1, Kind=Secret", 400 },
		{ "{'apiVersion':'x/v1','kind':'ConfigMap'}", "invalid object type: x/v1, Kind=ConfigMap", 400 },
		{ "[]", "error decoding patch: it is no JSON object", 400 },
		{ "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'d'}}", "the name of the object (d) does not match the name on the URL (c)", 400 },
		{ "{'apiVersion':'v1','kind':'ConfigMap'}", "the name of the object (c based on URL) was undeterminable: name must be provided", 400 },
		{ "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c','namespace':'e'}}",
		  "the namespace of the provided object does not match the namespace sent on the request", 400 },
		{ "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c','uid':'u'}}",
		  "Operation cannot be fulfilled on configmaps \"c\": uid mismatch: the provided object specified uid u, and no existing object was found", 409 },
		{ "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c','generation':1.5}}",
		  "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64", 400 },
	};
	struct object_writer w = writer(&kind_configmaps, "one");

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_json_ json *config = parse(v[i].config), *wanted = NULL, *managed = NULL, *s = NULL;

		s = object_apply(&w, "d", "c", NULL, NULL, config, false, &wanted, &managed);
		assert_non_null(s);
		assert_string_equal(json_str(json_get(s, "message")), v[i].why);
		assert_int_equal(status_code(s), v[i].code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makers_own_no_status),
		cmocka_unit_test(scaling_takes_the_replicas),
		cmocka_unit_test(scales_can_be_applied),
		cmocka_unit_test(a_status_that_is_applied_owns_status),
		cmocka_unit_test(an_empty_list_forgets),
		cmocka_unit_test(bindings_record_nothing),
		cmocka_unit_test(additions_are_nobodys),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
