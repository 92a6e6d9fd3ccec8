// SPDX-License-Identifier: GPL-2.0-or-later
/* test_rest_openapi.c - what kubectl reads in the OpenAPI documents */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/kinds/kinds.h"
#include "api/rest/openapi.h"

#define CORE "io.k8s.api.core.v1."
#define APPS "io.k8s.api.apps.v1."
#define META "io.k8s.apimachinery.pkg.apis.meta.v1."
#define CRD "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1."
#define PODS "/api/v1/namespaces/{namespace}/pods"

static json *document(enum openapi_form form, const char *name)
{
	struct buf b = { 0 };
	json *doc = NULL;

	if (!openapi_document(form, name, &b))
		assert_int_equal(json_parse(b.data, b.len, &doc, NULL), 0);
	buf_free(&b);
	return doc;
}

static json *openapi_v2(void)
{
	return document(OPENAPI_V2_JSON, NULL);
}

static json *openapi_v3_document(const char *name)
{
	return document(OPENAPI_V3_JSON, name);
}

/* Every reference in the tree must lead to a type; `prefix` is where types lie. */
static void check_refs(const json *j, const json *types, const char *prefix)
{
	json_each(it, j) {
		/* A type may have a property of that name. */
		if (json_is_object(j) && streq(json_key(it), "$ref") && json_is_string(it)) {
			const char *ref = json_str(it);

			assert_true(startswith(ref, prefix));
			if (!json_get(types, ref + strlen(prefix)))
				fail_msg("%s leads nowhere", ref);
		}
		check_refs(it, types, prefix);
	}
}

static void names_cover_every_version(void **state)
{
	size_t n = 0;
	char *name;

	for (; (name = openapi_v3_name(n)); n++) {
		_cleanup_json_ json *doc = openapi_v3_document(name);

		assert_non_null(doc);
		assert_true(json_len(json_get(doc, "paths")) > 0);
		check_refs(doc, json_get(doc, "components", "schemas"), "#/components/schemas/");
		for (size_t i = 0; i < n; i++) {
			_cleanup_free_ char *other = openapi_v3_name(i);

			assert_string_not_equal(name, other);
		}
		free(name);
	}
	for (size_t i = 0; kind_at(i); i++) {
		const struct resource *r = kind_at(i)->res;
		_cleanup_free_ char *want = *r->group ? xasprintf("apis/%s/%s", r->group, r->version) :
					    xasprintf("api/%s", r->version);
		bool found = false;

		for (size_t j = 0; j < n && !found; j++) {
			_cleanup_free_ char *got = openapi_v3_name(j);

			found = streq(got, want);
		}
		assert_true(found);
	}
	assert_null(openapi_v3_document("apis/nope/v1"));
	assert_null(openapi_v3_document("apis/apps/"));
}

static const json *query(const json *operation, const char *name)
{
	json_each(p, json_get(operation, "parameters"))
		if (streq(json_str(json_get(p, "name")), name) && streq(json_str(json_get(p, "in")), "query"))
			return p;
	return NULL;
}

/* kubectl looks for a PATCH of the kind with these parameters before it asks for server-side validation. */
static void patch_takes_field_validation(void **state)
{
	_cleanup_json_ json *v3 = openapi_v3_document("apis/apps/v1"), *v2 = openapi_v2();
	const json *docs[] = { v3, v2 };

	for (size_t i = 0; i < ARRAY_SIZE(docs); i++) {
		const json *op = json_get(docs[i], "paths", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}",
					  "patch");
		const json *scale = json_get(docs[i], "paths",
					     "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale", "patch");

		assert_non_null(query(op, "fieldValidation"));
		assert_non_null(query(op, "dryRun"));
		assert_non_null(query(op, "fieldManager"));
		assert_non_null(query(op, "force"));
		assert_string_equal(json_str(json_get(op, "x-kubernetes-group-version-kind", "kind")), "Deployment");
		assert_string_equal(json_str(json_get(op, "x-kubernetes-group-version-kind", "group")), "apps");
		assert_string_equal(json_str(json_get(scale, "x-kubernetes-group-version-kind", "group")), "autoscaling");
	}
}

static void types_say_how_lists_merge(void **state)
{
	_cleanup_json_ json *v3 = openapi_v3_document("apis/apps/v1"), *v2 = openapi_v2();
	const json *docs[] = { json_get(v3, "components", "schemas"), json_get(v2, "definitions") };

	for (size_t i = 0; i < ARRAY_SIZE(docs); i++) {
		const json *spec = json_get(docs[i], CORE "PodSpec");
		const json *containers = json_get(spec, "properties", "containers");
		const json *ports = json_get(docs[i], CORE "Container", "properties", "ports");
		const json *strategy = json_get(docs[i], APPS "DeploymentSpec", "properties", "strategy");
		const json *volumes = json_get(spec, "properties", "volumes");
		const json *gvk = json_get(docs[i], APPS "Deployment", "x-kubernetes-group-version-kind");

		assert_string_equal(json_str(json_get(containers, "x-kubernetes-patch-merge-key")), "name");
		assert_string_equal(json_str(json_get(containers, "x-kubernetes-patch-strategy")), "merge");
		assert_string_equal(json_str(json_get(containers, "x-kubernetes-list-type")), "map");
		assert_int_equal(json_len(json_get(ports, "x-kubernetes-list-map-keys")), 2);
		assert_string_equal(json_str(json_get(strategy, "x-kubernetes-patch-strategy")), "retainKeys");
		assert_string_equal(json_str(json_get(volumes, "x-kubernetes-patch-strategy")), "merge,retainKeys");
		assert_string_equal(json_str(json_get(spec, "required")->child), "containers");
		assert_string_equal(json_str(json_get(gvk->child, "kind")), "Deployment");
		assert_non_null(json_get(docs[i], APPS "DeploymentList"));
	}
}

static void v2_holds_every_kind(void **state)
{
	_cleanup_json_ json *v2 = openapi_v2();

	check_refs(v2, json_get(v2, "definitions"), "#/definitions/");
	for (size_t i = 0; kind_at(i); i++) {
		bool found = false;

		json_each(t, json_get(v2, "definitions"))
			json_each(gvk, json_get(t, "x-kubernetes-group-version-kind"))
				found = found || (streq(json_str(json_get(gvk, "kind")), kind_at(i)->res->kind) &&
						  streq(json_str(json_get(gvk, "group")), kind_at(i)->res->group));
		assert_true(found);
	}
}

/* Whoever runs kubectl explain finds a word of ours for each type and each field. */
static void everything_is_described(void **state)
{
	_cleanup_json_ json *v2 = openapi_v2();
	int n = 0;

	json_each(t, json_get(v2, "definitions")) {
		if (!json_get(t, "description"))
			fail_msg("%s has no description", json_key(t));
		json_each(p, json_get(t, "properties")) {
			if (!json_get(p, "description"))
				fail_msg("%s.%s has no description", json_key(t), json_key(p));
			n++;
		}
	}
	assert_true(n > 2000);
	json_each(path, json_get(v2, "paths"))
		json_each(op, path) {
			json_each(p, json_is_array(op) ? op : json_get(op, "parameters"))
				if (!json_get(p, "description") && !streq(json_str(json_get(p, "in")), "body"))
					fail_msg("%s %s: %s has no description", json_key(path), json_key(op), json_str(json_get(p, "name")));
			if (json_is_object(op))
				assert_non_null(json_get(op, "description"));
		}
}

/* Generators of clients name their functions so. */
static void operations_have_the_usual_names(void **state)
{
	static const struct {
		const char *path, *method, *id, *action;
	} known[] = {
		{ PODS, "get", "listCoreV1NamespacedPod", "list" },
		{ PODS, "post", "createCoreV1NamespacedPod", "post" },
		{ PODS, "delete", "deleteCoreV1CollectionNamespacedPod", "deletecollection" },
		{ "/api/v1/pods", "get", "listCoreV1PodForAllNamespaces", "list" },
		{ PODS "/{name}", "put", "replaceCoreV1NamespacedPod", "put" },
		{ PODS "/{name}/status", "patch", "patchCoreV1NamespacedPodStatus", "patch" },
		{ PODS "/{name}/exec", "post", "connectCoreV1PostNamespacedPodExec", "connect" },
		{ PODS "/{name}/proxy/{path}", "get", "connectCoreV1GetNamespacedPodProxyWithPath", "connect" },
		{ PODS "/{name}/log", "get", "readCoreV1NamespacedPodLog", "get" },
		{ PODS "/{name}/eviction", "post", "createCoreV1NamespacedPodEviction", "post" },
		{ "/api/v1/namespaces/{name}/finalize", "put", "replaceCoreV1NamespaceFinalize", "put" },
		{ "/api/v1/nodes/{name}", "delete", "deleteCoreV1Node", "delete" },
		{ "/apis/rbac.authorization.k8s.io/v1/clusterroles", "get", "listRbacAuthorizationV1ClusterRole", "list" },
		{ "/apis/batch/v1beta1/cronjobs", "get", "listBatchV1beta1CronJobForAllNamespaces", "list" },
		{ "/apis/authorization.k8s.io/v1/subjectaccessreviews", "post", "createAuthorizationV1SubjectAccessReview", "post" },
		{ "/apis/flowcontrol.apiserver.k8s.io/v1/", "get", "getFlowcontrolApiserverV1APIResources", NULL },
		{ "/apis/apps/", "get", "getAppsAPIGroup", NULL },
		{ "/apis/", "get", "getAPIVersions", NULL },
		{ "/version/", "get", "getCodeVersion", NULL },
	};
	_cleanup_json_ json *v2 = openapi_v2(), *ids = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const json *op = json_get(v2, "paths", known[i].path, known[i].method);

		assert_string_equal(json_str_or(json_get(op, "operationId"), known[i].path), known[i].id);
		assert_true(streq(json_str(json_get(op, "x-kubernetes-action")), known[i].action));
		assert_int_equal(json_len(json_get(op, "tags")), 1);
	}
	/* A name is one operation's. */
	json_each(path, json_get(v2, "paths"))
		json_each(op, path) {
			const char *id = json_str(json_get(op, "operationId"));

			if (!id)
				continue;
			if (json_get(ids, id))
				fail_msg("%s is there twice", id);
			json_set_bool(ids, id, true);
		}
	assert_string_equal(json_str(json_get(v2, "paths", "/apis/rbac.authorization.k8s.io/v1/roles", "get", "tags")->child),
			    "rbacAuthorization_v1");
}

static const char *ref_of(const json *schema)
{
	const char *ref = json_str(json_get(schema, "$ref"));

	return ref ? strrchr(ref, '/') + 1 : NULL;
}

static void subresources_take_their_own_types(void **state)
{
	_cleanup_json_ json *v3 = openapi_v3_document("api/v1"), *apps = openapi_v3_document("apis/apps/v1");
	const json *eviction = json_get(v3, "paths", PODS "/{name}/eviction", "post");
	const json *token = json_get(v3, "paths", "/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", "post");
	const json *log = json_get(v3, "paths", PODS "/{name}/log"), *exec = json_get(v3, "paths", PODS "/{name}/exec");
	const json *pods = json_get(v3, "paths", PODS);
	const json *scale = json_get(apps, "paths", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale");

	assert_string_equal(ref_of(json_get(eviction, "requestBody", "content", "*/*", "schema")), "io.k8s.api.policy.v1.Eviction");
	assert_string_equal(json_str(json_get(eviction, "x-kubernetes-group-version-kind", "group")), "policy");
	assert_string_equal(ref_of(json_get(token, "responses", "201", "content", "application/json", "schema")),
			    "io.k8s.api.authentication.v1.TokenRequest");
	assert_string_equal(ref_of(json_get(scale, "get", "responses", "200", "content", "application/vnd.kubernetes.protobuf", "schema")),
			    "io.k8s.api.autoscaling.v1.Scale");
	assert_string_equal(ref_of(json_get(scale, "patch", "requestBody", "content", "application/apply-patch+yaml", "schema")), META "Patch");
	assert_non_null(query(log, "tailLines"));
	assert_null(query(log, "kind"));
	assert_string_equal(json_str(json_get(log, "get", "responses", "200", "content", "text/plain", "schema", "type")), "string");
	assert_non_null(query(exec, "command"));
	assert_string_equal(json_str(json_get(exec, "get", "x-kubernetes-group-version-kind", "kind")), "PodExecOptions");
	assert_non_null(json_get(pods, "get", "responses", "200", "content", "application/json;stream=watch"));
	assert_non_null(query(pods, "pretty"));
	assert_non_null(query(json_get(pods, "get"), "resourceVersionMatch"));
	assert_non_null(query(json_get(pods, "delete"), "propagationPolicy"));
	assert_true(json_bool(json_get(pods, "post", "requestBody", "required"), false));
	assert_false(json_bool(json_get(pods, "delete", "requestBody", "required"), false));
}

static bool is_gvk(const json *list, const char *group, const char *version, const char *kind)
{
	json_each(it, list)
		if (streq(json_str(json_get(it, "group")), group) && streq(json_str(json_get(it, "version")), version) &&
		    streq(json_str(json_get(it, "kind")), kind))
			return true;
	return false;
}

static void types_say_what_they_are(void **state)
{
	_cleanup_json_ json *v3 = openapi_v3_document("api/v1"), *v2 = openapi_v2();
	const json *types = json_get(v3, "components", "schemas"), *old = json_get(v2, "definitions");
	const char *const gvk = "x-kubernetes-group-version-kind";
	const json *props = json_get(old, CRD "JSONSchemaProps", "properties");

	for (int i = 0; i < 2; i++, types = old) {
		const json *options = json_get(types, META "DeleteOptions", gvk);

		assert_true(is_gvk(options, "", "v1", "DeleteOptions") && is_gvk(options, "apps", "v1", "DeleteOptions") &&
			    is_gvk(options, "extensions", "v1beta1", "DeleteOptions"));
		assert_true(is_gvk(json_get(types, META "WatchEvent", gvk), "batch", "v1", "WatchEvent"));
		assert_true(is_gvk(json_get(types, META "Status", gvk), "", "v1", "Status"));
		assert_int_equal(json_len(json_get(types, META "Status", gvk)), 1);
		assert_true(is_gvk(json_get(types, "io.k8s.api.policy.v1.Eviction", gvk), "policy", "v1", "Eviction"));
		assert_true(is_gvk(json_get(types, CORE "PodList", gvk), "", "v1", "PodList"));
		assert_string_equal(json_str(json_get(types, META "LabelSelector", "x-kubernetes-map-type")), "atomic");
		assert_string_equal(json_str(json_get(types, CORE "ServiceSpec", "properties", "selector", "x-kubernetes-map-type")),
				    "atomic");
		assert_null(json_get(types, META "ObjectMeta", "properties", "labels", "x-kubernetes-map-type"));
		assert_string_equal(json_str(json_get(types, CORE "ServicePort", "properties", "protocol", "default")), "TCP");
		assert_non_null(json_get(types, META "FieldsV1"));
	}
	types = json_get(v3, "components", "schemas");
	/* In order, and only where there are no others: a condition's type may be anything. */
	assert_string_equal(json_str(json_get(types, CORE "PodSpec", "properties", "restartPolicy", "enum")->child), "Always");
	assert_int_equal(json_len(json_get(types, CORE "PodSpec", "properties", "restartPolicy", "enum")), 3);
	assert_string_equal(json_str(json_get(types, CORE "HostPathVolumeSource", "properties", "type", "enum")->child), "");
	assert_int_equal(json_len(json_get(types, CORE "PersistentVolumeClaimSpec", "properties", "accessModes", "items", "enum")), 4);
	assert_null(json_get(types, CORE "PodCondition", "properties", "type", "enum"));
	assert_null(json_get(types, CORE "Secret", "properties", "type", "enum"));
	assert_null(json_get(old, CORE "PodSpec", "properties", "restartPolicy", "enum"));
	/* JSON schema's own unions, and what is any JSON. */
	assert_string_equal(ref_of(json_get(props, "items")), CRD "JSONSchemaPropsOrArray");
	assert_string_equal(ref_of(json_get(props, "additionalProperties")), CRD "JSONSchemaPropsOrBool");
	assert_string_equal(ref_of(json_get(props, "default")), CRD "JSON");
	assert_null(json_get(old, CRD "JSON", "type"));
	assert_string_equal(ref_of(json_get(old, APPS "ControllerRevision", "properties", "data")),
			    "io.k8s.apimachinery.pkg.runtime.RawExtension");
	assert_string_equal(ref_of(json_get(old, CORE "ResourceRequirements", "properties", "limits", "additionalProperties")),
			    "io.k8s.apimachinery.pkg.api.resource.Quantity");
	assert_string_equal(json_str(json_get(old, "io.k8s.api.authorization.v1.SubjectAccessReviewSpec", "properties", "extra",
					      "additionalProperties", "type")), "array");
}

/* --- protobuf: walk the bytes as any reader would -------------------------------- */

struct span {
	const unsigned char *p, *end;
};

static uint64_t varint(struct span *s)
{
	uint64_t v = 0;

	for (int shift = 0; s->p < s->end && shift < 64; shift += 7) {
		unsigned char c = *s->p++;

		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return v;
	}
	fail_msg("varint without an end");
	return 0;
}

/* The next field of a message; false at its end. A varint's value goes to *ret_number. */
static bool next_field(struct span *s, int *ret_field, struct span *ret, uint64_t *ret_number)
{
	uint64_t tag, len;

	if (s->p == s->end)
		return false;
	tag = varint(s);
	*ret_field = tag >> 3;
	if ((tag & 7) == 0) {
		*ret_number = varint(s);
		return true;
	}
	assert_int_equal(tag & 7, 2);
	len = varint(s);
	assert_true(len <= (uint64_t)(s->end - s->p));
	*ret = (struct span){ s->p, s->p + len };
	s->p += len;
	return true;
}

static bool is_text(struct span s, const char *text)
{
	return (size_t)(s.end - s.p) == strlen(text) && memcmp(s.p, text, strlen(text)) == 0;
}

/* The first submessage `field` whose own field 1 is that name (NULL: any). */
static struct span find(struct span s, int field, const char *name)
{
	struct span value = { 0 }, inner;
	uint64_t number;
	int f;

	while (next_field(&s, &f, &value, &number)) {
		struct span first = value;

		if (f != field)
			continue;
		if (!name)
			return value;
		if (next_field(&first, &f, &inner, &number) && f == 1 && is_text(inner, name))
			return value;
	}
	return (struct span){ 0 };
}

static void protobuf_says_the_same(void **state)
{
	struct buf b = { 0 };
	struct span doc, s, path;

	assert_int_equal(openapi_document(OPENAPI_V2_PROTOBUF, NULL, &b), 0);
	doc = (struct span){ (unsigned char *)b.data, (unsigned char *)b.data + b.len };
	assert_true(is_text(find(doc, 1, NULL), "2.0"));
	/* definitions 9 -> NamedSchema 1 -> Schema 2 -> properties 25 -> NamedSchema 1 -> Schema 2 */
	s = find(find(find(doc, 9, NULL), 1, APPS "DeploymentSpec"), 2, NULL);
	s = find(find(find(s, 25, NULL), 1, "replicas"), 2, NULL);
	assert_true(is_text(find(s, 2, NULL), "int32"));
	assert_true(is_text(find(find(s, 22, NULL), 1, NULL), "integer"));
	s = find(find(find(doc, 9, NULL), 1, CORE "PodSpec"), 2, NULL);
	assert_true(is_text(find(s, 19, NULL), "containers"));
	s = find(find(find(s, 25, NULL), 1, "containers"), 2, NULL);
	assert_true(is_text(find(find(find(s, 23, NULL), 1, NULL), 1, NULL), "#/definitions/" CORE "Container"));
	/* default 5 -> Any; description 4 */
	s = find(find(find(doc, 9, NULL), 1, CORE "ServicePort"), 2, NULL);
	s = find(find(find(s, 25, NULL), 1, "protocol"), 2, NULL);
	assert_true(is_text(find(find(s, 5, NULL), 2, NULL), "\"TCP\""));
	assert_non_null(find(s, 4, NULL).p);
	s = find(find(find(doc, 9, NULL), 1, CORE "PodSpec"), 2, NULL);
	s = find(find(find(s, 25, NULL), 1, "containers"), 2, NULL);
	/* vendor_extension 31 -> Any 2 -> yaml 2 */
	assert_true(is_text(find(find(find(s, 31, "x-kubernetes-patch-merge-key"), 2, NULL), 2, NULL), "\"name\""));
	/* paths 8 -> NamedPathItem 2 -> PathItem 2 -> patch 8 -> parameters 8 -> ... -> query 3 -> name 4 */
	path = find(find(find(doc, 8, NULL), 2, "/api/v1/namespaces/{namespace}/pods/{name}"), 2, NULL);
	s = find(find(find(path, 8, NULL), 8, NULL), 1, NULL);
	s = find(find(s, 2, NULL), 3, NULL);
	assert_true(is_text(find(s, 4, NULL), "dryRun"));
	assert_true(is_text(find(find(path, 8, NULL), 5, NULL), "patchCoreV1NamespacedPod"));
	assert_non_null(find(find(path, 8, NULL), 13, "x-kubernetes-group-version-kind").p);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_cover_every_version),
		cmocka_unit_test(patch_takes_field_validation),
		cmocka_unit_test(types_say_how_lists_merge),
		cmocka_unit_test(v2_holds_every_kind),
		cmocka_unit_test(everything_is_described),
		cmocka_unit_test(operations_have_the_usual_names),
		cmocka_unit_test(subresources_take_their_own_types),
		cmocka_unit_test(types_say_what_they_are),
		cmocka_unit_test(protobuf_says_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
