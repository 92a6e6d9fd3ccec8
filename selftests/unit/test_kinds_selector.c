// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_selector.c - what selectors match, and how wrong ones are refused */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/kinds/kinds.h"
#include "api/meta/selector.h"

/* The refusal of a selector; NULL if it is accepted. Caller frees. */
static char *refusal(const struct resource *r, const char *label, const char *field)
{
	const struct store_selector sel = { .label = label, .field = field };
	struct selector *s = NULL;
	char *msg = NULL;
	int err = kind_selector_parse(kind_of(r), &sel, &s, &msg);

	assert_true(err == 0 ? msg == NULL : err == -EINVAL && msg != NULL);
	selector_free(s);
	return msg;
}

static bool matches(const struct resource *r, const char *label, const char *field, const char *obj)
{
	const struct store_selector sel = { .label = label, .field = field };
	_cleanup_json_ json *o = NULL;
	struct selector *s = NULL;
	char *msg = NULL;
	bool yes;

	assert_int_equal(json_parse(obj, strlen(obj), &o, NULL), 0);
	if (kind_selector_parse(kind_of(r), &sel, &s, &msg))
		fail_msg("%s: %s", label ? label : field, msg);
	yes = selector_match(s, o);
	selector_free(s);
	return yes;
}

static void labels_match(void **state)
{
	static const char obj[] = "{\"metadata\":{\"labels\":{\"app\":\"web\",\"tier\":\"\",\"n\":\"5\",\"in\":\"notin\",\"example.com/x\":\"y\"}}}";
	static const struct {
		const char *sel;
		bool yes;
	} v[] = {
		{ "", true }, { "app", true }, { "!app", false }, { "gone", false }, { "!gone", true }, { " app ", true },
		{ "app=web", true }, { "app==web", true }, { "app = web", true }, { "app!=web", false }, { "app=db", false },
		{ "gone!=x", true }, { "gone=x", false }, { "tier=", true }, { "tier", true }, { "app=", false },
		{ "app in (web)", true }, { "app in (db, web)", true }, { "app in (db)", false }, { "gone in (a)", false },
		{ "app notin (db)", true }, { "app notin (web,db)", false }, { "gone notin (a)", true },
		{ "tier in (,a)", true }, { "tier in (a,)", true }, { "tier in (,)", true }, { "app in (,a)", false },
		{ "n>4", true }, { "n>5", false }, { "n<6", true }, { "n < 5", false }, { "app>1", false }, { "gone<1", false },
		{ "in=notin", true }, { "in in (notin)", true }, { "in", true }, { "notin", false },
		{ "app=web,tier,!gone,n>4", true }, { "app=web,gone", false }, { "example.com/x=y", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (matches(&res_pods, v[i].sel, NULL, obj) != v[i].yes)
			fail_msg("\"%s\" should %smatch", v[i].sel, v[i].yes ? "" : "not ");
	assert_true(matches(&res_pods, "!a,b!=c", NULL, "{}"));
	assert_false(matches(&res_pods, "a", NULL, "{}"));
}

static void wrong_labels_are_refused(void **state)
{
	static const struct {
		const char *sel, *why;
	} v[] = {
		{ "a=b,,", "found ',', expected: identifier after ','" },
		{ "a,", "found '', expected: identifier after ','" },
		{ ",a", "found ',', expected: !, identifier, or 'end of string'" },
		{ "a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt" },
		{ "a=b c", "found 'c', expected: ',' or 'end of string'" },
		{ "!a=b", "found '=', expected: ',' or 'end of string'" },
		{ "!", "unable to parse requirement: found '', expected: identifier" },
		{ "a in b", "unable to parse requirement: found 'b' expected: '('" },
		{ "a in ()", "unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty" },
		{ "a in (b", "unable to parse requirement: found '', expected: ',' or ')'" },
		{ "a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'" },
		{ "a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier" },
		{ "a==(", "unable to parse requirement: found '(', expected: identifier" },
		{ "a>b", "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_free_ char *why = refusal(&res_pods, v[i].sel, NULL);

		assert_non_null(why);
		assert_string_equal(why, v[i].why);
	}
}

static void bad_names_are_refused(void **state)
{
	_cleanup_free_ char *key = refusal(&res_pods, "-a", NULL), *value = refusal(&res_pods, "a=-b", NULL);

	assert_true(startswith(key, "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of"));
	assert_true(startswith(value, "unable to parse requirement: values[0][a]: Invalid value: \"-b\": a valid label must be"));
}

static void fields_match(void **state)
{
	static const char pod[] = "{\"metadata\":{\"name\":\"p\",\"namespace\":\"d\"},\"spec\":{\"nodeName\":\"n1\"},\"status\":{\"phase\":\"Running\"}}";

	assert_true(matches(&res_pods, NULL, "metadata.name=p", pod));
	assert_true(matches(&res_pods, NULL, "metadata.name==p,metadata.namespace=d", pod));
	assert_false(matches(&res_pods, NULL, "metadata.name!=p", pod));
	assert_true(matches(&res_pods, NULL, "spec.nodeName=n1,status.phase!=Succeeded,status.phase!=Failed", pod));
	assert_false(matches(&res_pods, NULL, "spec.nodeName=", pod));
	assert_true(matches(&res_pods, NULL, "spec.nodeName=", "{}"));
	assert_true(matches(&res_pods, NULL, "spec.nodeName!=n2,", pod));
	assert_true(matches(&res_pods, NULL, "spec.hostNetwork=false", pod));
	assert_true(matches(&res_nodes, NULL, "spec.unschedulable=true", "{\"spec\":{\"unschedulable\":true}}"));
	assert_true(matches(&res_events, NULL, "involvedObject.kind=Pod,source=kubelet",
			    "{\"involvedObject\":{\"kind\":\"Pod\"},\"source\":{\"component\":\"kubelet\"}}"));
	assert_true(matches(&res_secrets, NULL, "type=a\\,b\\=c", "{\"type\":\"a,b=c\"}"));
	assert_true(matches(&res_replicationcontrollers, NULL, "status.replicas=0", "{}"));
}

static void wrong_fields_are_refused(void **state)
{
	static const struct {
		const struct resource *r;
		const char *sel, *why;
	} v[] = {
		{ &res_pods, "foo=bar", "field label not supported: foo" },
		{ &res_configmaps, "foo=bar", "\"foo\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"" },
		{ &res_pods, "metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'" },
		{ &res_pods, "metadata.name=a,b", "invalid selector: 'metadata.name=a,b'; can't understand 'b'" },
		{ &res_pods, "metadata.name=a=b", "invalid field selector: unescaped character in value: 61" },
		{ &res_pods, "metadata.name=a\\x", "invalid field selector: invalid escape sequence: \\x" },
		{ &res_pods, "metadata.name=a\\", "invalid field selector: invalid escape sequence: \\" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_free_ char *why = refusal(v[i].r, NULL, v[i].sel);

		assert_non_null(why);
		assert_string_equal(why, v[i].why);
	}
}

static void names_are_found(void **state)
{
	const struct store_selector sel = { .field = "metadata.name!=a,metadata.name=b" }, none = {0};
	struct selector *s = NULL;

	assert_int_equal(selector_parse(&res_pods, &sel, &s, NULL), 0);
	assert_string_equal(selector_name(s), "b");
	assert_false(selector_is_empty(s));
	selector_free(s);
	assert_int_equal(selector_parse(&res_pods, &none, &s, NULL), 0);
	assert_true(selector_is_empty(s));
	assert_null(selector_name(s));
	selector_free(s);
	assert_true(selector_match(NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_match),
		cmocka_unit_test(wrong_labels_are_refused),
		cmocka_unit_test(bad_names_are_refused),
		cmocka_unit_test(fields_match),
		cmocka_unit_test(wrong_fields_are_refused),
		cmocka_unit_test(names_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
