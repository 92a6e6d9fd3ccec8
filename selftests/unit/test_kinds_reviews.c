// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_reviews.c - what is answered and not stored: reviews, ComponentStatus, metrics */
#include "test_kinds.h"

static const char *const admins[] = { "system:masters", "system:authenticated", NULL };
static const char *const strangers[] = { "system:unauthenticated", NULL };
static const struct kind_user admin = { "admin", admins }, stranger = { "system:anonymous", strangers };

#define YES "there is no authorization yet: everybody who is authenticated may do everything"
#define NO "there is no authorization yet: nobody who is not authenticated may do anything"

/* The answer to a valid review. */
static void answers(const struct kind *k, const struct kind_user *user, const char *obj, const char *want)
{
	_cleanup_json_ json *o = obj_of(k, obj), *s = NULL;

	kind_to_storage(k, o);
	default_object(k->storage, o);
	s = k->storage->rules->answer(o, user);
	assert_null(s);
	kind_from_storage(k, o);
	json_del(o, "apiVersion");
	json_del(o, "kind");
	is_json(o, obj, want);
}

static void refuses(const struct kind *k, const char *obj, const char *want)
{
	_cleanup_json_ json *o = obj_of(k, obj), *s = k->rules->answer(o, &admin);

	assert_non_null(s);
	assert_int_equal(json_int(json_get(s, "code"), 0), 400);
	assert_string_equal(json_str(json_get(s, "message")), want);
}

static void valid(const struct kind *k, const struct verdict *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_field_errors_ struct field_errors e = { 0 };
		_cleanup_json_ json *o = obj_of(k, v[i].obj);

		default_object(k, o);
		k->rules->validate(o, &e);
		is_said(&e, v[i].obj, v[i].want);
	}
}

static void who_am_i(void **state)
{
	answers(&kind_selfsubjectreviews, &admin, "{}",
		"{'status':{'userInfo':{'username':'admin','groups':['system:masters','system:authenticated']}}}");
	answers(&kind_tokenreviews, &admin, "{'spec':{'token':'x'},'status':{'authenticated':true}}",
		"{'spec':{'token':'x'},'status':{'user':{},'error':'invalid bearer token'}}");
	answers(&kind_tokenreviews_v1beta1, &admin, "{'spec':{'token':'x'}}",
		"{'spec':{'token':'x'},'status':{'user':{},'error':'invalid bearer token'}}");
	refuses(&kind_tokenreviews, "{'spec':{}}", "token is required for TokenReview in authentication");
}

#define PODS "'resourceAttributes':{'verb':'get','resource':'pods'}"

static void may_i(void **state)
{
	static const struct verdict self[] = {
		{ "{'spec':{" PODS "}}", "" },
		{ "{'spec':{'nonResourceAttributes':{'path':'/','verb':'get'}}}", "" },
		{ "{'spec':{}}", "spec.resourceAttributes: Invalid value: null: "
		  "exactly one of nonResourceAttributes or resourceAttributes must be specified" },
		{ "{'metadata':{'name':'x'},'spec':{" PODS ",'nonResourceAttributes':{'path':'/'}}}",
		  "[spec.nonResourceAttributes: Invalid value: {\"path\":\"/\"}: cannot be specified in combination with resourceAttributes, "
		  "metadata: Invalid value: {\"name\":\"x\"}: must be empty]" },
		{ "{'spec':{'resourceAttributes':{'fieldSelector':{},'labelSelector':{'rawSelector':'a','requirements':[{'operator':'In'},"
		  "{'key':'k','operator':'Exists','values':['v']},{'key':'k','operator':'New'}]}}}}",
		  "[spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, "
		  "requirements or rawSelector is required, "
		  "spec.resourceAttributes.labelSelector.rawSelector: Invalid value: \"a\": may not specified at the same time as requirements, "
		  "spec.resourceAttributes.labelSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn', "
		  "spec.resourceAttributes.labelSelector.requirements[0].key: Required value: must be specified, "
		  "spec.resourceAttributes.labelSelector.requirements[1].values: Forbidden: "
		  "may not be specified when `operator` is 'Exists' or 'DoesNotExist']" },
	};
	static const struct verdict other[] = {
		{ "{'spec':{'user':'u'," PODS "}}", "" },
		{ "{'spec':{'groups':['g']," PODS "}}", "" },
		{ "{'spec':{" PODS "}}", "spec.user: Invalid value: \"\": at least one of user or group must be specified" },
	};
	static const struct verdict local[] = {
		{ "{'metadata':{'namespace':'d'},'spec':{'user':'u','resourceAttributes':{'namespace':'d'}}}", "" },
		{ "{'metadata':{'namespace':'d','labels':{'a':'b'}},'spec':{'user':'u','resourceAttributes':{'namespace':'e'}}}",
		  "[metadata: Invalid value: {\"namespace\":\"d\",\"labels\":{\"a\":\"b\"}}: must be empty except for namespace, "
		  "spec.resourceAttributes.namespace: Invalid value: \"e\": must match metadata.namespace]" },
		{ "{'metadata':{'namespace':'d'},'spec':{'user':'u','nonResourceAttributes':{'path':'/'}}}",
		  "spec.nonResourceAttributes: Invalid value: {\"path\":\"/\"}: disallowed on this kind of request" },
	};

	valid(&kind_selfsubjectaccessreviews, self, ARRAY_SIZE(self));
	valid(&kind_subjectaccessreviews, other, ARRAY_SIZE(other));
	valid(&kind_localsubjectaccessreviews, local, ARRAY_SIZE(local));
	answers(&kind_selfsubjectaccessreviews, &admin, "{'spec':{" PODS "}}",
		"{'spec':{" PODS "},'status':{'allowed':true,'reason':'" YES "'}}");
	answers(&kind_selfsubjectaccessreviews, &stranger, "{'spec':{" PODS "}}",
		"{'spec':{" PODS "},'status':{'allowed':false,'reason':'" NO "'}}");
	answers(&kind_subjectaccessreviews, &admin, "{'spec':{'user':'u'," PODS "}}",
		"{'spec':{'user':'u'," PODS "},'status':{'allowed':true,'reason':'" YES "'}}");
	answers(&kind_subjectaccessreviews, &admin, "{'spec':{'user':'system:anonymous'," PODS "}}",
		"{'spec':{'user':'system:anonymous'," PODS "},'status':{'allowed':false,'reason':'" NO "'}}");
	answers(&kind_subjectaccessreviews_v1beta1, &admin, "{'spec':{'group':['system:unauthenticated']," PODS "}}",
		"{'spec':{'group':['system:unauthenticated']," PODS "},'status':{'allowed':false,'reason':'" NO "'}}");
}

static void what_may_i(void **state)
{
	answers(&kind_selfsubjectrulesreviews, &admin, "{'spec':{'namespace':'d'}}",
		"{'spec':{},'status':{'resourceRules':[{'verbs':['*'],'apiGroups':['*'],'resources':['*']}],"
		"'nonResourceRules':[{'verbs':['*'],'nonResourceURLs':['*']}],'incomplete':false}}");
	answers(&kind_selfsubjectrulesreviews, &stranger, "{'spec':{'namespace':'d'}}",
		"{'spec':{},'status':{'resourceRules':[],'nonResourceRules':[],'incomplete':false}}");
	refuses(&kind_selfsubjectrulesreviews, "{'spec':{}}", "no namespace on request");
}

static void components(void **state)
{
	static const char *const names[] = { "controller-manager", "etcd-0", "scheduler" };
	_cleanup_json_ json *items = json_new_array();
	int i = 0;

	kind_componentstatuses.rules->list(items);
	assert_int_equal(json_len(items), 3);
	json_each(it, items) {
		assert_string_equal(json_str(json_get(it, "metadata", "name")), names[i++]);
	}
	is_row(&kind_componentstatuses, "{" META ",'conditions':[{'type':'Healthy','status':'True','message':'ok'}]}", "x|Healthy|ok|");
	is_row(&kind_componentstatuses, "{" META ",'conditions':[{'type':'Healthy','status':'False','error':'no'}]}", "x|Unhealthy||no");
	is_row(&kind_componentstatuses, "{" META "}", "x|Unknown||");
}

static void usage(void **state)
{
	is_row(&kind_metrics_nodes, "{" META ",'window':'30s','usage':{'cpu':'250m','memory':'1Gi'}}", "x|250m|1Gi|30s");
	is_row(&kind_metrics_pods, "{" META ",'window':'30s','containers':[{'usage':{'cpu':'250m','memory':'1Mi'}},"
	       "{'usage':{'cpu':'1','memory':'2Mi'}},{'usage':{}}]}", "x|1250m|3Mi|30s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_am_i),
		cmocka_unit_test(may_i),
		cmocka_unit_test(what_may_i),
		cmocka_unit_test(components),
		cmocka_unit_test(usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
