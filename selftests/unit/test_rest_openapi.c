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

static void index_names_every_group(void **state)
{
	static const char *const groups[] = { "api/v1", "apis/apps/v1", "apis/batch/v1beta1", "apis/extensions/v1beta1" };
	_cleanup_json_ json *index = openapi_v3_index();

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		assert_non_null(json_get(index, "paths", groups[i]));
	json_each(path, json_get(index, "paths")) {
		const char *group = json_key(path), *url = json_str(json_get(path, "serverRelativeURL"));
		_cleanup_free_ char *want = xasprintf("/openapi/v3/%s?hash=", group);
		_cleanup_json_ json *doc = openapi_v3_document(group);

		assert_non_null(url);
		assert_true(startswith(url, want));
		assert_non_null(doc);
		check_refs(doc, json_get(doc, "components", "schemas"), "#/components/schemas/");
	}
	assert_null(openapi_v3_document("apis/nope/v1"));
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

	openapi_v2_protobuf(&b);
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
	/* vendor_extension 31 -> Any 2 -> yaml 2 */
	assert_true(is_text(find(find(find(s, 31, "x-kubernetes-patch-merge-key"), 2, NULL), 2, NULL), "\"name\""));
	/* paths 8 -> NamedPathItem 2 -> PathItem 2 -> patch 8 -> parameters 8 -> ... -> query 3 -> name 4 */
	path = find(find(find(doc, 8, NULL), 2, "/api/v1/namespaces/{namespace}/pods/{name}"), 2, NULL);
	s = find(find(find(path, 8, NULL), 8, NULL), 1, NULL);
	s = find(find(s, 2, NULL), 3, NULL);
	assert_true(is_text(find(s, 4, NULL), "dryRun"));
	assert_non_null(find(find(path, 8, NULL), 13, "x-kubernetes-group-version-kind").p);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(index_names_every_group),
		cmocka_unit_test(patch_takes_field_validation),
		cmocka_unit_test(types_say_how_lists_merge),
		cmocka_unit_test(v2_holds_every_kind),
		cmocka_unit_test(protobuf_says_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
