// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rest_schema.c - decoding checks, the tables themselves, kinds and discovery */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/rest/discovery.h"
#include "api/kinds/kinds.h"
#include "api/schema/schema.h"

static json *parse(const char *text)
{
	json *j = NULL;
	char *msg = NULL;

	if (json_parse(text, strlen(text), &j, &msg) < 0)
		fail_msg("%s: %s", text, msg);
	return j;
}

static const struct schema *deployment(void)
{
	return kind_by_name("apps/v1", "Deployment")->schema;
}

#define POD(x) "{\"spec\":{\"template\":{\"spec\":" x "}}}"

static void type_errors_read_as_the_servers(void **state)
{
	static const struct {
		const char *obj, *msg;
	} v[] = {
		{ "[]", "json: cannot unmarshal array into Go value of type v1.Deployment" },
		{ "{\"spec\":{\"replicas\":\"3\"}}",
		  "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32" },
		{ "{\"spec\":{\"replicas\":1.5}}",
		  "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32" },
		{ "{\"spec\":{\"replicas\":4294967296}}",
		  "json: cannot unmarshal number 4294967296 into Go struct field DeploymentSpec.spec.replicas of type int32" },
		{ "{\"metadata\":{\"labels\":{\"a\":1}}}",
		  "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string" },
		{ "{\"metadata\":{\"labels\":[]}}",
		  "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string" },
		{ POD("{\"containers\":\"x\"}"),
		  "json: cannot unmarshal string into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container" },
		{ POD("{\"containers\":[{\"env\":[{\"name\":\"A\",\"value\":1}]}]}"),
		  "json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string" },
		{ POD("{\"hostNetwork\":\"true\"}"),
		  "json: cannot unmarshal string into Go struct field PodSpec.spec.template.spec.hostNetwork of type bool" },
		{ POD("{\"affinity\":1}"),
		  "json: cannot unmarshal number into Go struct field PodSpec.spec.template.spec.affinity of type v1.Affinity" },
		{ POD("{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":\"1mi\"}}}]}"),
		  "unable to parse quantity's suffix" },
		{ "{\"metadata\":{\"creationTimestamp\":\"yesterday\"}}",
		  "parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"" },
		{ "{\"spec\":{\"strategy\":{\"rollingUpdate\":{\"maxSurge\":true}}}}",
		  "json: cannot unmarshal bool into Go value of type int32" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_json_ json *j = parse(v[i].obj);
		_cleanup_free_ char *msg = NULL;

		assert_int_equal(schema_check(deployment(), j, false, &msg, NULL), -EINVAL);
		assert_string_equal(msg, v[i].msg);
	}
}

static void unknown_fields_are_told_or_refused(void **state)
{
	_cleanup_json_ json *j = parse("{\"kind\":\"Deployment\",\"spec\":{\"replica\":3,\"template\":{\"spec\":"
				       "{\"containers\":[{\"name\":\"a\"},{\"imag\":\"x\"}]}}},\"x\":1}");
	_cleanup_strlist_ struct strlist unknown = { 0 };
	_cleanup_free_ char *msg = NULL;

	assert_int_equal(schema_check(deployment(), j, false, &msg, &unknown), 0);
	assert_int_equal(unknown.n, 3);
	assert_string_equal(unknown.items[0], "unknown field \"spec.replica\"");
	assert_string_equal(unknown.items[1], "unknown field \"spec.template.spec.containers[1].imag\"");
	assert_string_equal(unknown.items[2], "unknown field \"x\"");
	assert_int_equal(schema_check(deployment(), j, true, &msg, NULL), -EINVAL);
	assert_string_equal(msg, "strict decoding error: unknown field \"spec.replica\", unknown field "
				 "\"spec.template.spec.containers[1].imag\", unknown field \"x\"");
}

static void good_objects_pass(void **state)
{
	_cleanup_json_ json *j = parse(
		"{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"x\",\"creationTimestamp\":null,"
		"\"managedFields\":[{\"manager\":\"m\",\"time\":\"2026-11-23T05:56:46Z\",\"fieldsV1\":{\"f:x\":{}}}]},"
		"\"spec\":{\"replicas\":3,\"strategy\":{\"rollingUpdate\":{\"maxSurge\":\"25%\",\"maxUnavailable\":1}},"
		"\"template\":{\"spec\":{\"securityContext\":{\"runAsUser\":9007199254740993},\"containers\":"
		"[{\"resources\":{\"limits\":{\"cpu\":1,\"memory\":\"1Gi\"}},\"ports\":[{\"containerPort\":80}]}]}}},\"status\":{}}");
	_cleanup_json_ json *secret = parse("{\"data\":{\"a\":\"aGVsbG8=\",\"b\":\"\"}}");
	_cleanup_json_ json *bad = parse("{\"data\":{\"a\":\"aGVsbG8\"}}");
	const struct schema *s = kind_by_name("v1", "Secret")->schema;
	_cleanup_free_ char *msg = NULL;

	assert_int_equal(schema_check(deployment(), j, true, &msg, NULL), 0);
	assert_int_equal(schema_check(s, secret, true, &msg, NULL), 0);
	assert_int_equal(schema_check(s, bad, true, &msg, NULL), -EINVAL);
	assert_string_equal(msg, "illegal base64 data at input byte 4");
}

static void normal_form_drops_what_says_nothing(void **state)
{
	_cleanup_json_ json *j = parse(
		"{\"metadata\":{\"creationTimestamp\":null,\"labels\":{\"a\":null},\"finalizers\":null},\"odd\":null,"
		"\"spec\":{\"selector\":{\"matchLabels\":{}},\"template\":{\"spec\":{\"tolerations\":[],\"containers\":[{\"env\":[],\"resources\":{\"limits\":{},\"requests\":{\"cpu\":0.5,\"memory\":\"1024Mi\"}}}],"
		"\"volumes\":[{\"emptyDir\":{\"sizeLimit\":\"1000000\"}}]}}}}");
	_cleanup_json_ json *want = parse(
		"{\"metadata\":{\"labels\":{\"a\":\"\"}},"
		"\"spec\":{\"selector\":{},\"template\":{\"spec\":{\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"500m\",\"memory\":\"1Gi\"}}}],"
		"\"volumes\":[{\"emptyDir\":{\"sizeLimit\":\"1M\"}}]}}}}");

	schema_normalise(deployment(), j);
	assert_true(json_equal(j, want));
}

/* No field stands twice, types of types are there, what is merged by a key has that key; each kind has its own type. */
static void tables_are_sound(void **state)
{
	for (size_t i = 0; schema_types[i]; i++) {
		const struct schema *s = schema_types[i];

		for (size_t a = 0; a < s->n_fields; a++) {
			const struct field *f = &s->fields[a];
			unsigned char type = f->type == F_LIST || f->type == F_MAP ? f->elem : f->type;
			bool holds = type >= F_SCHEMA_OR_ARRAY && type <= F_OBJECT;

			assert_ptr_equal(schema_field(s, f->name), f);
			assert_int_equal(holds, f->sub != NULL);
			if (f->merge_key)
				assert_non_null(schema_field(f->sub, f->merge_key));
		}
	}
	for (size_t i = 0; kind_at(i); i++) {
		assert_string_equal(kind_at(i)->schema->name, kind_at(i)->res->kind);
		assert_non_null(schema_field(kind_at(i)->schema, "metadata"));
	}
}

static void kinds_are_found(void **state)
{
	const struct kind *k = kind_by_plural("apps", "v1", "deployments");

	assert_non_null(k);
	assert_ptr_equal(k, kind_by_name("apps/v1", "Deployment"));
	assert_ptr_equal(k, kind_of(&res_deployments));
	assert_true(kind_has_subresource(k, "scale"));
	assert_true(kind_has_subresource(k, "status"));
	assert_false(kind_has_subresource(k, "stat"));
	assert_false(kind_has_subresource(kind_of(&res_configmaps), "status"));
	assert_null(kind_by_plural("", "v1", "deployments"));
	assert_null(kind_by_name("v1", "Deployment"));
}

static const json *named(const json *list, const char *key, const char *name)
{
	json_each(it, list)
		if (streq(json_str(json_get(it, key)), name))
			return it;
	return NULL;
}

static void discovery_lists_what_is_served(void **state)
{
	_cleanup_json_ json *core = discovery_api_resources("", "v1"), *apps = discovery_api_resources("apps", "v1");
	_cleanup_json_ json *groups = discovery_api_groups(), *v2 = discovery_aggregated(false, "v2");
	_cleanup_json_ json *legacy = discovery_aggregated(true, "v2beta1"), *version = discovery_version();
	const json *pods = named(json_get(core, "resources"), "name", "pods");
	const json *scale = named(json_get(apps, "resources"), "name", "deployments/scale");
	const json *r;
	int n_groups = 0;

	for (size_t i = 0; kind_at(i); i++) {
		bool first = *kind_at(i)->res->group;

		for (size_t j = 0; j < i; j++)
			first &= !streq(kind_at(j)->res->group, kind_at(i)->res->group);
		n_groups += first;
	}
	assert_string_equal(json_str(json_get(core, "groupVersion")), "v1");
	assert_true(json_bool(json_get(pods, "namespaced"), false));
	assert_string_equal(json_str(json_get(pods, "shortNames")->child), "po");
	assert_string_equal(json_str(json_get(pods, "categories")->child), "all");
	assert_string_equal(json_str(json_get(scale, "kind")), "Scale");
	assert_string_equal(json_str(json_get(scale, "group")), "autoscaling");
	assert_null(discovery_api_resources("nope", "v1"));
	assert_null(discovery_api_group(""));
	assert_int_equal(json_len(json_get(groups, "groups")), n_groups);
	assert_null(discovery_aggregated(true, "v3"));

	assert_string_equal(json_str(json_get(v2, "apiVersion")), "apidiscovery.k8s.io/v2");
	assert_string_equal(json_str(json_get(json_get(v2, "items")->child, "metadata", "name")), "apps");
	r = json_get(json_get(json_get(v2, "items")->child, "versions")->child, "resources");
	r = named(r, "resource", "deployments");
	assert_string_equal(json_str(json_get(r, "scope")), "Namespaced");
	assert_string_equal(json_str(json_get(named(json_get(r, "subresources"), "subresource", "scale"),
					      "responseKind", "kind")), "Scale");
	assert_int_equal(json_len(json_get(legacy, "items")), 1);
	assert_string_equal(json_str(json_get(version, "major")), "1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_errors_read_as_the_servers),
		cmocka_unit_test(unknown_fields_are_told_or_refused),
		cmocka_unit_test(good_objects_pass),
		cmocka_unit_test(normal_form_drops_what_says_nothing),
		cmocka_unit_test(tables_are_sound),
		cmocka_unit_test(kinds_are_found),
		cmocka_unit_test(discovery_lists_what_is_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
