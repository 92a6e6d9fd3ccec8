// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_patch.c - the three patch formats */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/kinds/kinds.h"
#include "api/meta/patch.h"

static json *parse(const char *text)
{
	json *j = NULL;
	char *msg = NULL;

	if (json_parse(text, strlen(text), &j, &msg) < 0)
		fail_msg("%s: %s", text, msg);
	return j;
}

enum how { MERGE, JSON, STRATEGIC };

struct vector {
	enum how how;
	const char *cur, *patch;
	const char *want;	/* NULL: refused with err */
	int err;
};

static int run(const struct vector *v, json **ret, char **msg)
{
	_cleanup_json_ json *cur = parse(v->cur), *patch = parse(v->patch);
	_cleanup_json_ json *cur0 = json_clone(cur), *patch0 = json_clone(patch);
	int r;

	if (v->how == MERGE)
		r = patch_merge(cur, patch, ret, msg);
	else if (v->how == JSON)
		r = patch_json(cur, patch, ret, msg);
	else
		r = patch_strategic(kind_by_name("apps/v1", "Deployment")->schema, cur, patch, ret, msg);
	assert_true(json_equal(cur, cur0));
	assert_true(json_equal(patch, patch0));
	return r;
}

/* Elements' order matters, members' does not. */
static void check(const struct vector *vectors, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct vector *v = &vectors[i];
		_cleanup_json_ json *got = NULL, *want = v->want ? parse(v->want) : NULL;
		_cleanup_free_ char *msg = NULL;
		int r = run(v, &got, &msg);

		if (!want) {
			if (r != v->err || !msg || got)
				fail_msg("%s + %s: %d, wanted %d", v->cur, v->patch, r, v->err);
			continue;
		}
		if (r < 0)
			fail_msg("%s + %s: %s", v->cur, v->patch, msg);
		if (!json_equal(got, want)) {
			_cleanup_free_ char *text = json_print(got);

			fail_msg("%s + %s:\n got %s\nwant %s", v->cur, v->patch, text, v->want);
		}
	}
}

static void merge_follows_rfc7396(void **state)
{
	static const struct vector v[] = {
		{ MERGE, "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}", 0 },
		{ MERGE, "{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}", 0 },
		{ MERGE, "{\"a\":\"b\",\"b\":1}", "{\"a\":null}", "{\"b\":1}", 0 },
		{ MERGE, "{\"a\":[1,2]}", "{\"a\":[3]}", "{\"a\":[3]}", 0 },
		{ MERGE, "{\"a\":[1]}", "{\"a\":{\"b\":null,\"c\":1}}", "{\"a\":{\"c\":1}}", 0 },
		{ MERGE, "{}", "{\"a\":{\"b\":{\"c\":null}}}", "{\"a\":{\"b\":{}}}", 0 },
		{ MERGE, "{\"a\":{\"b\":1}}", "{\"a\":\"x\"}", "{\"a\":\"x\"}", 0 },
		{ MERGE, "{\"n\":9007199254740993}", "{\"m\":9007199254740995}",
		  "{\"n\":9007199254740993,\"m\":9007199254740995}", 0 },
		{ MERGE, "{\"a\":1}", "[1]", NULL, -EINVAL },
	};

	check(v, ARRAY_SIZE(v));
}

static void json_patch_follows_rfc6902(void **state)
{
	static const struct vector v[] = {
		{ JSON, "{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/b\",\"value\":null}]", "{\"a\":1,\"b\":null}", 0 },
		{ JSON, "{\"a\":[1,3]}", "[{\"op\":\"add\",\"path\":\"/a/1\",\"value\":2}]", "{\"a\":[1,2,3]}", 0 },
		{ JSON, "{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/-\",\"value\":2}]", "{\"a\":[1,2]}", 0 },
		{ JSON, "{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/1\",\"value\":2}]", "{\"a\":[1,2]}", 0 },
		{ JSON, "{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/2\",\"value\":2}]", NULL, -EBADMSG },
		{ JSON, "{\"a\":[1]}", "[{\"op\":\"add\",\"path\":\"/a/01\",\"value\":2}]", NULL, -EBADMSG },
		{ JSON, "{\"a\":[1,2]}", "[{\"op\":\"remove\",\"path\":\"/a/0\"}]", "{\"a\":[2]}", 0 },
		{ JSON, "{\"a\":[1]}", "[{\"op\":\"remove\",\"path\":\"/a/-\"}]", NULL, -EBADMSG },
		{ JSON, "{}", "[{\"op\":\"remove\",\"path\":\"/a\"}]", NULL, -EBADMSG },
		{ JSON, "{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"/b\",\"value\":1}]", NULL, -EBADMSG },
		{ JSON, "{\"a\":[1,2]}", "[{\"op\":\"replace\",\"path\":\"/a/1\",\"value\":{\"x\":1}}]",
		  "{\"a\":[1,{\"x\":1}]}", 0 },
		{ JSON, "{\"a/b\":1,\"m~n\":2}",
		  "[{\"op\":\"replace\",\"path\":\"/a~1b\",\"value\":3},{\"op\":\"replace\",\"path\":\"/m~0n\",\"value\":4}]",
		  "{\"a/b\":3,\"m~n\":4}", 0 },
		{ JSON, "{\"~1\":1}", "[{\"op\":\"remove\",\"path\":\"/~01\"}]", "{}", 0 },
		{ JSON, "{\"a\":1}", "[{\"op\":\"remove\",\"path\":\"/a~2\"}]", NULL, -EINVAL },
		{ JSON, "{\"a\":1}", "[{\"op\":\"remove\",\"path\":\"a\"}]", NULL, -EINVAL },
		{ JSON, "{\"a\":{\"b\":1}}", "[{\"op\":\"move\",\"from\":\"/a/b\",\"path\":\"/c\"}]",
		  "{\"a\":{},\"c\":1}", 0 },
		{ JSON, "{\"a\":[1,2,3]}", "[{\"op\":\"move\",\"from\":\"/a/0\",\"path\":\"/a/2\"}]",
		  "{\"a\":[2,3,1]}", 0 },
		{ JSON, "{\"a\":{\"b\":1}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b\"}]", NULL, -EBADMSG },
		{ JSON, "{\"a\":{\"b\":1}}", "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/a/c\"}]",
		  "{\"a\":{\"b\":1,\"c\":{\"b\":1}}}", 0 },
		{ JSON, "{\"a\":{\"b\":1,\"c\":2}}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":{\"c\":2,\"b\":1.0}}]",
		  "{\"a\":{\"b\":1,\"c\":2}}", 0 },
		{ JSON, "{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":\"1\"}]", NULL, -EBADMSG },
		{ JSON, "{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/b\",\"value\":null}]", "{\"a\":1}", 0 },
		{ JSON, "{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/b/c\",\"value\":null}]", NULL, -EBADMSG },
		/* Nothing of a patch that fails in its second step is kept: the copy is dropped. */
		{ JSON, "{\"a\":1}",
		  "[{\"op\":\"remove\",\"path\":\"/a\"},{\"op\":\"test\",\"path\":\"/b\",\"value\":1}]", NULL, -EBADMSG },
		{ JSON, "{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":{\"b\":2}}]", "{\"b\":2}", 0 },
		{ JSON, "{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":3}]", NULL, -EBADMSG },
		{ JSON, "{\"a\":1}", "[{\"op\":\"bogus\",\"path\":\"/a\"}]", NULL, -EINVAL },
		{ JSON, "{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/a\"}]", NULL, -EINVAL },
		{ JSON, "{\"a\":1}", "{}", NULL, -EINVAL },
	};

	check(v, ARRAY_SIZE(v));
}

/* 40 copies that each double a value of 200 bytes would make 200 TiB. */
static void json_patch_bounds_what_copies_cost(void **state)
{
	struct buf b = { 0 };
	struct vector v = { JSON, "{\"a\":[\"" "0123456789012345678901234567890123456789" "\"]}", NULL, NULL, -EBADMSG };

	buf_puts(&b, "[");
	for (int i = 0; i < 40; i++)
		buf_printf(&b, "%s{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/a/-\"}", i ? "," : "");
	buf_puts(&b, "]");
	v.patch = b.data;
	check(&v, 1);
	buf_free(&b);
}

#define SPEC(x) "{\"spec\":{\"template\":{\"spec\":" x "}}}"

static void strategic_merges_lists_by_key(void **state)
{
	static const struct vector v[] = {
		/* the image of one container, as kubectl set image says it */
		{ STRATEGIC,
		  SPEC("{\"containers\":[{\"name\":\"a\",\"image\":\"x\"},{\"name\":\"b\",\"image\":\"y\",\"tty\":true}]}"),
		  SPEC("{\"$setElementOrder/containers\":[{\"name\":\"a\"},{\"name\":\"b\"}],"
		       "\"containers\":[{\"name\":\"b\",\"image\":\"z\"}]}"),
		  SPEC("{\"containers\":[{\"name\":\"a\",\"image\":\"x\"},{\"name\":\"b\",\"image\":\"z\",\"tty\":true}]}"), 0 },
		/* deeper: env by name, in the order wanted */
		{ STRATEGIC,
		  SPEC("{\"containers\":[{\"name\":\"a\",\"env\":[{\"name\":\"X\",\"value\":\"1\"},{\"name\":\"Y\",\"value\":\"2\"}]}]}"),
		  SPEC("{\"containers\":[{\"name\":\"a\",\"$setElementOrder/env\":[{\"name\":\"Y\"},{\"name\":\"Z\"},{\"name\":\"X\"}],"
		       "\"env\":[{\"name\":\"Z\",\"value\":\"3\"}]}]}"),
		  SPEC("{\"containers\":[{\"name\":\"a\",\"env\":[{\"name\":\"Y\",\"value\":\"2\"},{\"name\":\"Z\",\"value\":\"3\"},"
		       "{\"name\":\"X\",\"value\":\"1\"}]}]}"), 0 },
		/* what the server added keeps its place among what the client orders */
		{ STRATEGIC,
		  SPEC("{\"containers\":[{\"name\":\"s1\"},{\"name\":\"a\"},{\"name\":\"s2\"},{\"name\":\"b\"}]}"),
		  SPEC("{\"$setElementOrder/containers\":[{\"name\":\"a\"},{\"name\":\"n\"},{\"name\":\"b\"}],"
		       "\"containers\":[{\"name\":\"n\"}]}"),
		  SPEC("{\"containers\":[{\"name\":\"s1\"},{\"name\":\"a\"},{\"name\":\"n\"},{\"name\":\"s2\"},{\"name\":\"b\"}]}"), 0 },
		/* an order by itself only moves */
		{ STRATEGIC, SPEC("{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]}"),
		  SPEC("{\"$setElementOrder/containers\":[{\"name\":\"b\"},{\"name\":\"a\"}]}"),
		  SPEC("{\"containers\":[{\"name\":\"b\"},{\"name\":\"a\"}]}"), 0 },
		{ STRATEGIC, SPEC("{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]}"),
		  SPEC("{\"containers\":[{\"$patch\":\"delete\",\"name\":\"a\"}]}"),
		  SPEC("{\"containers\":[{\"name\":\"b\"}]}"), 0 },
		{ STRATEGIC, SPEC("{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]}"),
		  SPEC("{\"containers\":[{\"name\":\"c\"},{\"$patch\":\"replace\"}]}"),
		  SPEC("{\"containers\":[{\"name\":\"c\"}]}"), 0 },
		/* tolerations have no merge key: replaced */
		{ STRATEGIC, SPEC("{\"tolerations\":[{\"key\":\"a\"}]}"), SPEC("{\"tolerations\":[{\"key\":\"b\"}]}"),
		  SPEC("{\"tolerations\":[{\"key\":\"b\"}]}"), 0 },
		/* a field no schema knows: objects are merged, lists replaced */
		{ STRATEGIC, "{\"spec\":{\"odd\":{\"a\":1,\"l\":[1]}}}", "{\"spec\":{\"odd\":{\"b\":2,\"l\":[2]}}}",
		  "{\"spec\":{\"odd\":{\"a\":1,\"b\":2,\"l\":[2]}}}", 0 },
		{ STRATEGIC, SPEC("{\"containers\":[{\"name\":\"a\"}]}"), SPEC("{\"containers\":[{\"image\":\"x\"}]}"),
		  NULL, -EINVAL },
		{ STRATEGIC, SPEC("{\"containers\":[{\"name\":\"a\"}]}"),
		  SPEC("{\"containers\":[{\"name\":\"a\",\"$patch\":\"odd\"}]}"), NULL, -EINVAL },
		{ STRATEGIC, SPEC("{\"containers\":[{\"name\":\"a\"}]}"),
		  SPEC("{\"$setElementOrder/containers\":[{\"name\":\"a\"}],\"containers\":[{\"name\":\"b\"}]}"),
		  NULL, -EINVAL },
	};

	check(v, ARRAY_SIZE(v));
}

static void strategic_obeys_directives_in_objects(void **state)
{
	static const struct vector v[] = {
		/* what kubectl apply sends for RollingUpdate -> Recreate */
		{ STRATEGIC,
		  "{\"spec\":{\"strategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxSurge\":1}}}}",
		  "{\"spec\":{\"strategy\":{\"$retainKeys\":[\"type\"],\"type\":\"Recreate\"}}}",
		  "{\"spec\":{\"strategy\":{\"type\":\"Recreate\"}}}", 0 },
		{ STRATEGIC, "{\"spec\":{\"strategy\":{\"type\":\"RollingUpdate\"}}}",
		  "{\"spec\":{\"strategy\":{\"$retainKeys\":[\"x\"],\"type\":\"Recreate\"}}}", NULL, -EINVAL },
		/* a volume that changes its source keeps no trace of the old one */
		{ STRATEGIC, SPEC("{\"volumes\":[{\"name\":\"v\",\"emptyDir\":{}}]}"),
		  SPEC("{\"volumes\":[{\"name\":\"v\",\"$retainKeys\":[\"name\",\"hostPath\"],\"emptyDir\":null,"
		       "\"hostPath\":{\"path\":\"/x\"}}]}"),
		  SPEC("{\"volumes\":[{\"name\":\"v\",\"hostPath\":{\"path\":\"/x\"}}]}"), 0 },
		{ STRATEGIC, "{\"metadata\":{\"labels\":{\"a\":\"1\",\"b\":\"2\"}}}",
		  "{\"metadata\":{\"labels\":{\"$patch\":\"replace\",\"c\":\"3\"}}}",
		  "{\"metadata\":{\"labels\":{\"c\":\"3\"}}}", 0 },
		{ STRATEGIC, "{\"metadata\":{\"labels\":{\"a\":\"1\"}}}",
		  "{\"metadata\":{\"labels\":{\"$patch\":\"delete\"}}}", "{\"metadata\":{\"labels\":{}}}", 0 },
		{ STRATEGIC, "{\"metadata\":{\"labels\":{\"a\":\"1\"}}}",
		  "{\"metadata\":{\"labels\":{\"$patch\":\"odd\"}}}", NULL, -EINVAL },
		{ STRATEGIC, "{\"metadata\":{\"labels\":{\"a\":\"1\"},\"annotations\":{\"x\":\"y\"}}}",
		  "{\"metadata\":{\"labels\":null,\"annotations\":{\"x\":null}}}", "{\"metadata\":{\"annotations\":{}}}", 0 },
		/* scalars: finalizers are a merged set */
		{ STRATEGIC, "{\"metadata\":{\"finalizers\":[\"a\",\"b\"]}}",
		  "{\"metadata\":{\"finalizers\":[\"c\",\"a\"]}}", "{\"metadata\":{\"finalizers\":[\"c\",\"a\",\"b\"]}}", 0 },
		{ STRATEGIC, "{\"metadata\":{\"finalizers\":[\"a\",\"b\",\"c\"]}}",
		  "{\"metadata\":{\"$deleteFromPrimitiveList/finalizers\":[\"b\"],"
		  "\"$setElementOrder/finalizers\":[\"c\",\"a\"]}}", "{\"metadata\":{\"finalizers\":[\"c\",\"a\"]}}", 0 },
		/* added where there was nothing: no directive is left behind */
		{ STRATEGIC, "{}",
		  "{\"metadata\":{\"labels\":{\"a\":\"1\",\"b\":null},\"$setElementOrder/finalizers\":[\"x\"],\"finalizers\":[\"x\"]}}",
		  "{\"metadata\":{\"labels\":{\"a\":\"1\"},\"finalizers\":[\"x\"]}}", 0 },
		{ STRATEGIC, "{}", "[]", NULL, -EINVAL },
	};

	check(v, ARRAY_SIZE(v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merge_follows_rfc7396),
		cmocka_unit_test(json_patch_follows_rfc6902),
		cmocka_unit_test(json_patch_bounds_what_copies_cost),
		cmocka_unit_test(strategic_merges_lists_by_key),
		cmocka_unit_test(strategic_obeys_directives_in_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
