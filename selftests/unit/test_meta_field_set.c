// SPDX-License-Identifier: GPL-2.0-or-later
/* test_meta_field_set.c - sets of paths, and objects by their schema: fields, differences, merging */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "api/meta/field_object.h"
#include "api/schema/tables.h"

/* 'single quotes' for JSON in C */
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

static struct field_set set_of(const struct schema *s, const char *text)
{
	_cleanup_json_ json *j = parse(text);
	struct field_set set;

	assert_int_equal(field_set_parse(s, j, &set), 0);
	return set;
}

/* Prints the set as the expected text does: with ' for ", and ` for the \" inside. */
static void is_set(const struct field_set *set, const char *want)
{
	_cleanup_json_ json *j = field_set_json(set);
	_cleanup_free_ char *text = json_print(j), *got = xcalloc(1, strlen(text) + 1);
	size_t n = 0;

	for (char *p = text; *p; p++)
		got[n++] = *p == '"' ? '\'' : *p == '\\' && p[1] == '"' ? (p++, '`') : *p;
	assert_string_equal(got, want);
}

static void is_json(const json *got, const char *want)
{
	_cleanup_json_ json *w = parse(want);
	_cleanup_free_ char *text = json_print(got);

	if (!json_equal(got, w))
		fail_msg("got  %s\nwant %s", text, want);
}

static void reads_and_writes_in_order(void **state)
{
	static const struct {
		const char *in, *out;
	} v[] = {
		{ "{}", "{}" },
		{ "{'f:b':{},'f:a':{},'f:a.b/c':{}}", "{'f:a':{},'f:a.b/c':{},'f:b':{}}" },
		/* kinds: names, keys, values, indexes */
		{ "{'i:10':{},'i:9':{},'v:1':{},'k:{\\'a\\':1}':{},'f:z':{}}", NULL },
		{ "{'f:a':{'.':{},'f:b':{}},'f:c':{'f:d':{'.':{}}}}", "{'f:a':{'.':{},'f:b':{}},'f:c':{'f:d':{}}}" },
		/* what a later version made up is skipped; what was only that is a member */
		{ "{'f:a':{'x:b':{}},'f:c':{'x:d':{},'f:e':{}},'x:f':{}}", "{'f:a':{},'f:c':{'f:e':{}}}" },
	};
	static const char *const bad[] = {
		"[]", "1", "{'f':{}}", "{'':{}}", "{'f:a':1}", "{'f:a':[]}", "{'k:x':{}}", "{'k:[1]':{}}", "{'v:x':{}}",
		"{'i:x':{}}", "{'i:-1':{}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_field_set_ struct field_set s = {0};

		if (!v[i].out)
			continue;
		s = set_of(NULL, v[i].in);
		is_set(&s, v[i].out);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_json_ json *j = parse(bad[i]);
		struct field_set s;

		assert_int_equal(field_set_parse(NULL, j, &s), -EINVAL);
	}
}

/* A FieldsV1 of the steps, and the steps of what comes out, separated by blanks. */
static void orders(const char *in, const char *want)
{
	_cleanup_json_ json *j = json_new_object(), *out = NULL;
	_cleanup_free_ char *copy = xstrdup(in);
	_cleanup_field_set_ struct field_set s = {0};
	struct buf b = {0};

	for (char *save, *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save))
		json_set(j, p, json_new_object());
	assert_int_equal(field_set_parse(NULL, j, &s), 0);
	out = field_set_json(&s);
	json_each(it, out)
		buf_printf(&b, "%s%s", b.len ? " " : "", json_key(it));
	assert_string_equal(b.data, want);
	buf_free(&b);
}

static void steps_have_one_form_and_order(void **state)
{
	orders("i:10 i:9 v:1 k:{\"a\":1} f:z", "f:z k:{\"a\":1} v:1 i:9 i:10");
	/* numbers by size, before strings; booleans, then null */
	orders("v:\"a\" v:10 v:9 v:true v:false v:null v:-1 v:1.5", "v:-1 v:1.5 v:9 v:10 v:\"a\" v:false v:true v:null");
	orders("k:{\"p\":443} k:{\"p\":80} k:{\"p\":\"1\"} k:{\"n\":9}",
	       "k:{\"n\":9} k:{\"p\":80} k:{\"p\":443} k:{\"p\":\"1\"}");
	orders("k:{\"a\":1,\"b\":2} k:{\"a\":1}", "k:{\"a\":1} k:{\"a\":1,\"b\":2}");
	/* a shorter string comes first, whatever follows its end */
	orders("v:\"a!\" v:\"a\" v:\"a#\" v:\"b\" v:\"A\"", "v:\"A\" v:\"a\" v:\"a!\" v:\"a#\" v:\"b\"");
	/* keys in another order, spaces, escapes: one form */
	orders("k:{\"b\":2,\"a\":1} k:{\"a\":1,\"b\":2}", "k:{\"a\":1,\"b\":2}");
	orders("k:{\"protocol\":\"TCP\",\"containerPort\":80}", "k:{\"containerPort\":80,\"protocol\":\"TCP\"}");
	orders("v:\"a<b\" v:\"a\\u003cb\"", "v:\"a\\u003cb\"");
	orders("v:\"\\u00e4\\n\\u0001\\\"\"", "v:\"\xc3\xa4\\n\\u0001\\\"\"");
	orders("v:1.0 v:1", "v:1");
	orders("v:9007199254740993 v:9007199254740992", "v:9007199254740992 v:9007199254740993");
}

static void combines(void **state)
{
	static const struct {
		const char *a, *b, *add, *remove, *remove_below, *keep;
	} v[] = {
		{ "{'f:a':{},'f:b':{}}", "{'f:b':{},'f:c':{}}",
		  "{'f:a':{},'f:b':{},'f:c':{}}", "{'f:a':{}}", "{'f:a':{}}", "{'f:b':{}}" },
		{ "{}", "{'f:a':{}}", "{'f:a':{}}", "{}", "{}", "{}" },
		{ "{'f:a':{}}", "{}", "{'f:a':{}}", "{'f:a':{}}", "{'f:a':{}}", "{}" },
		/* a parent and what is below it are two things */
		{ "{'f:a':{'.':{},'f:b':{}}}", "{'f:a':{}}",
		  "{'f:a':{'.':{},'f:b':{}}}", "{'f:a':{'f:b':{}}}", "{}", "{'f:a':{}}" },
		{ "{'f:a':{}}", "{'f:a':{'f:b':{}}}", "{'f:a':{'.':{},'f:b':{}}}", "{'f:a':{}}", "{'f:a':{}}", "{}" },
		{ "{'f:a':{'f:b':{'f:c':{}}}}", "{'f:a':{'f:b':{'f:c':{}}}}",
		  "{'f:a':{'f:b':{'f:c':{}}}}", "{}", "{}", "{'f:a':{'f:b':{'f:c':{}}}}" },
		{ "{'f:a':{'f:b':{},'f:c':{}},'f:d':{}}", "{'f:a':{'f:b':{}},'f:d':{'f:e':{}}}",
		  "{'f:a':{'f:b':{},'f:c':{}},'f:d':{'.':{},'f:e':{}}}", "{'f:a':{'f:c':{}},'f:d':{}}",
		  "{'f:a':{'f:c':{}},'f:d':{}}", "{'f:a':{'f:b':{}}}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_field_set_ struct field_set a = set_of(NULL, v[i].a), b = set_of(NULL, v[i].b);
		_cleanup_field_set_ struct field_set sum = field_set_clone(&a), rest = field_set_clone(&a),
						     deep = field_set_clone(&a), common = field_set_clone(&a);

		assert_true(field_set_equal(&a, &sum));
		field_set_add(&sum, &b);
		is_set(&sum, v[i].add);
		field_set_remove(&rest, &b);
		is_set(&rest, v[i].remove);
		field_set_remove_below(&deep, &b);
		is_set(&deep, v[i].remove_below);
		field_set_keep(&common, &b);
		is_set(&common, v[i].keep);
		assert_int_equal(field_set_meets(&a, &b), !field_set_empty(&common));
		assert_int_equal(field_set_equal(&a, &sum), !strcmp(v[i].a, v[i].add));
	}
}

static void add_line(void *data, const char *path)
{
	buf_printf(data, "%s\n", path);
}

static void names_paths(void **state)
{
	_cleanup_field_set_ struct field_set s =
		set_of(NULL, "{'f:spec':{'f:containers':{'k:{\\'name\\':\\'c\\'}':{'.':{},'f:ports':{"
			     "'k:{\\'containerPort\\':80,\\'protocol\\':\\'TCP\\'}':{}},'f:image':{}}},'f:replicas':{}},"
			     "'f:metadata':{'f:finalizers':{'v:\\'x/y\\'':{}},'f:labels':{'f:a.b/c':{}}}}");
	struct buf b = {0};

	field_set_each(&s, add_line, &b);
	assert_string_equal(b.data, ".metadata.finalizers[=\"x/y\"]\n"
				    ".metadata.labels.a.b/c\n"
				    ".spec.replicas\n"
				    ".spec.containers[name=\"c\"]\n"
				    ".spec.containers[name=\"c\"].image\n"
				    ".spec.containers[name=\"c\"].ports[containerPort=80,protocol=\"TCP\"]\n");
	buf_free(&b);
}

static void what_became_atomic_is_owned_whole(void **state)
{
	_cleanup_field_set_ struct field_set s =
		set_of(&sch_apps_v1_Deployment, "{'f:spec':{'f:selector':{'f:matchLabels':{'f:app':{}}},"
						"'f:template':{'f:spec':{'f:tolerations':{'.':{},'i:0':{}}}}}}");

	is_set(&s, "{'f:spec':{'f:selector':{},'f:template':{'f:spec':{'f:tolerations':{}}}}}");
	field_set_free(&s);
	s = set_of(&sch_apps_v1_ControllerRevision, "{'f:data':{'f:a':{'.':{},'f:b':{}}},'f:revision':{}}");
	is_set(&s, "{'f:data':{},'f:revision':{}}");
}

static void sees_what_a_configuration_names(void **state)
{
	static const struct {
		const struct schema *schema;
		const char *config, *set;
	} v[] = {
		{ &sch_core_v1_ConfigMap, "{'metadata':{'name':'a','labels':{'x':'y'}},'data':{'k':'v'}}",
		  "{'f:data':{'f:k':{}},'f:metadata':{'f:labels':{'f:x':{}},'f:name':{}}}" },
		/* what is empty is owned if it is an object, not if it is a list of elements */
		{ &sch_core_v1_Pod, "{'spec':{'securityContext':{},'volumes':[],'tolerations':[],'nodeName':null}}",
		  "{'f:spec':{'f:nodeName':{},'f:securityContext':{},'f:tolerations':{}}}" },
		{ &sch_core_v1_Pod, "{'spec':{'volumes':[]}}", "{}" },
		{ &sch_core_v1_Pod, "{'spec':{'containers':[{'name':'c','image':'i','ports':[{'containerPort':80},"
				    "{'containerPort':80,'protocol':'UDP'}],'args':['x'],'resources':{'limits':{'cpu':'1'}}}]}}",
		  "{'f:spec':{'f:containers':{'k:{`name`:`c`}':{'.':{},'f:args':{},'f:image':{},'f:name':{},'f:ports':{"
		  "'k:{`containerPort`:80,`protocol`:`TCP`}':{'.':{},'f:containerPort':{}},"
		  "'k:{`containerPort`:80,`protocol`:`UDP`}':{'.':{},'f:containerPort':{},'f:protocol':{}}},"
		  "'f:resources':{'f:limits':{'f:cpu':{}}}}}}}" },
		{ &sch_core_v1_Pod, "{'metadata':{'finalizers':['b','a'],'ownerReferences':[{'uid':'u','name':'n'}]}}",
		  "{'f:metadata':{'f:finalizers':{'v:`a`':{},'v:`b`':{}},'f:ownerReferences':{'k:{`uid`:`u`}':{}}}}" },
		/* a list that is no set is one field, also inside an atomic type */
		{ &sch_apps_v1_Deployment, "{'spec':{'selector':{'matchLabels':{'a':'b'}}}}", "{'f:spec':{'f:selector':{}}}" },
		/* atomic elsewhere, not here */
		{ &sch_core_v1_PersistentVolume, "{'spec':{'claimRef':{'name':'a'}}}",
		  "{'f:spec':{'f:claimRef':{'f:name':{}}}}" },
		/* what no table looks into is one field */
		{ &sch_apps_v1_ControllerRevision, "{'data':{'a':{'b':[1],'c':{}}}}", "{'f:data':{}}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_field_set_ struct field_set s = {0};
		_cleanup_json_ json *j = parse(v[i].config);

		field_set_of(v[i].schema, j, &s);
		is_set(&s, v[i].set);
	}
}

static void compare(const struct schema *schema, const char *old, const char *new, const char *added,
		    const char *modified, const char *removed)
{
	_cleanup_json_ json *a = old ? parse(old) : NULL, *b = parse(new);
	_cleanup_field_changes_ struct field_changes c;

	field_compare(schema, a, b, &c);
	is_set(&c.added, added);
	is_set(&c.modified, modified);
	is_set(&c.removed, removed);
}

static void sees_what_changed(void **state)
{
	const struct schema *pod = &sch_core_v1_Pod, *map = &sch_core_v1_ConfigMap;

	compare(map, "{'data':{'a':'1','b':'2','c':'3'}}", "{'data':{'a':'1','b':'x','d':'4'}}",
		"{'f:data':{'f:d':{}}}", "{'f:data':{'f:b':{}}}", "{'f:data':{'f:c':{}}}");
	/* what comes or goes with all that is in it */
	compare(map, "{}", "{'data':{'a':'1'}}", "{'f:data':{'.':{},'f:a':{}}}", "{}", "{}");
	compare(map, "{'data':{'a':'1'}}", "{}", "{}", "{}", "{'f:data':{'.':{},'f:a':{}}}");
	/* managedFields never count */
	compare(map, "{'metadata':{'managedFields':[{'manager':'a'}]}}", "{'metadata':{'managedFields':[]}}", "{}", "{}", "{}");
	compare(map, "{'metadata':{}}", "{'metadata':{'managedFields':[]}}", "{}", "{}", "{}");
	/* the order of keyed lists says nothing, that of others does */
	compare(pod, "{'spec':{'volumes':[{'name':'a'},{'name':'b'}],'tolerations':[{'key':'a'},{'key':'b'}]}}",
		"{'spec':{'volumes':[{'name':'b'},{'name':'a'}],'tolerations':[{'key':'b'},{'key':'a'}]}}",
		"{}", "{'f:spec':{'f:tolerations':{}}}", "{}");
	/* duplicates are one field */
	compare(pod, "{'spec':{'volumes':[{'name':'a','emptyDir':{}},{'name':'a'}]}}", "{'spec':{'volumes':[{'name':'a'}]}}",
		"{'f:spec':{'f:volumes':{'k:{`name`:`a`}':{'.':{},'f:name':{}}}}}", "{}",
		"{'f:spec':{'f:volumes':{'k:{`name`:`a`}':{}}}}");
	compare(pod, "{'spec':{'volumes':[{'name':'a'}]}}", "{'spec':{'volumes':[{'name':'a'},{'name':'a'}]}}",
		"{'f:spec':{'f:volumes':{'k:{`name`:`a`}':{}}}}", "{}",
		"{'f:spec':{'f:volumes':{'k:{`name`:`a`}':{'.':{},'f:name':{}}}}}");
	compare(pod, "{'spec':{'volumes':[{'name':'a'},{'name':'a'}]}}", "{'spec':{'volumes':[{'name':'a'},{'name':'a','nfs':{}}]}}",
		"{}", "{'f:spec':{'f:volumes':{'k:{`name`:`a`}':{}}}}", "{}");
	/* of another type than the schema says: still no more than a difference */
	compare(pod, "{'spec':{'volumes':'x'}}", "{'spec':{'volumes':[{'name':'a'}]}}", "{}", "{'f:spec':{'f:volumes':{}}}", "{}");
	compare(pod, "{'spec':1}", "{'spec':{'nodeName':'x'}}", "{}", "{'f:spec':{}}", "{}");
}

/* As a Go client's objects look: structs are there although nothing is in them. */
static void knows_what_go_writes(void **state)
{
	compare(&sch_core_v1_Pod, NULL,
		"{'metadata':{'name':'p','labels':{'a':'b'}},"
		"'spec':{'containers':[{'name':'c','image':'i','ports':[{'containerPort':80,'protocol':'TCP'}]}],"
		"'securityContext':{},'volumes':[{'name':'v','emptyDir':{}}]},"
		"'status':{'conditions':[{'type':'Ready','status':'True'}]}}",
		"{'f:metadata':{'f:labels':{'.':{},'f:a':{}},'f:name':{}},"
		"'f:spec':{'f:containers':{'k:{`name`:`c`}':{'.':{},'f:image':{},'f:name':{},'f:ports':{'.':{},"
		"'k:{`containerPort`:80,`protocol`:`TCP`}':{'.':{},'f:containerPort':{},'f:protocol':{}}},'f:resources':{}}},"
		"'f:securityContext':{},'f:volumes':{'.':{},'k:{`name`:`v`}':{'.':{},'f:emptyDir':{},'f:name':{}}}},"
		"'f:status':{'f:conditions':{'.':{},'k:{`type`:`Ready`}':{'.':{},'f:lastProbeTime':{},"
		"'f:lastTransitionTime':{},'f:status':{},'f:type':{}}}}}", "{}", "{}");
	/* a struct that comes and goes without anything in it is no change */
	compare(&sch_apps_v1_Deployment, "{'spec':{'strategy':{}}}", "{}", "{}", "{}", "{}");
	compare(&sch_apps_v1_Deployment, "{}", "{'spec':{'template':{'metadata':{}}}}", "{}", "{}", "{}");
	/* a pointer is */
	compare(&sch_apps_v1_Deployment, "{'spec':{'strategy':{'rollingUpdate':{}}}}", "{}", "{}", "{}",
		"{'f:spec':{'f:strategy':{'f:rollingUpdate':{}}}}");
	/* what is always written is modified, not added */
	compare(&sch_core_v1_Event, "{}", "{'reason':'x','involvedObject':{'kind':'Pod'}}",
		"{'f:reason':{}}", "{'f:involvedObject':{}}", "{}");
}

static void merges(const struct schema *s, const char *live, const char *config, const char *want)
{
	_cleanup_json_ json *a = parse(live), *b = parse(config), *out = field_merge(s, a, b);

	is_json(out, want);
}

/* The names of volumes, merged. */
static void merges_names(const char *live, const char *config, const char *want)
{
	struct buf a = {0}, b = {0}, got = {0};
	_cleanup_json_ json *x = NULL, *y = NULL, *out = NULL;

	for (const char *p = live; *p; p++)
		buf_printf(&a, "%s{'name':'%c'}", a.len ? "," : "{'spec':{'volumes':[", *p);
	for (const char *p = config; *p; p++)
		buf_printf(&b, "%s{'name':'%c'}", b.len ? "," : "{'spec':{'volumes':[", *p);
	buf_puts(&a, "]}}");
	buf_puts(&b, "]}}");
	x = parse(*live ? a.data : "{'spec':{}}");
	y = parse(*config ? b.data : "{'spec':{}}");
	out = field_merge(&sch_core_v1_Pod, x, y);
	json_each(it, json_get(out, "spec", "volumes"))
		buf_puts(&got, json_str(json_get(it, "name")));
	assert_string_equal(got.data ? got.data : "", want);
	buf_free(&a);
	buf_free(&b);
	buf_free(&got);
}

static void merges_by_schema(void **state)
{
	const struct schema *pod = &sch_core_v1_Pod, *map = &sch_core_v1_ConfigMap;

	merges(map, "{'data':{'a':'1','b':'2'}}", "{'data':{'b':'x','c':'3'}}", "{'data':{'a':'1','b':'x','c':'3'}}");
	merges(map, "{'data':{'a':'1'}}", "{'data':{}}", "{'data':{'a':'1'}}");
	merges(map, "{'data':{'a':'1'}}", "{'data':null}", "{'data':{'a':'1'}}");
	merges(map, "{'data':{'a':'1'}}", "{'data':{'a':null}}", "{'data':{'a':null}}");
	merges(map, "{}", "{'data':{'a':'1'}}", "{'data':{'a':'1'}}");
	/* atomic ones are replaced */
	merges(&sch_apps_v1_Deployment, "{'spec':{'selector':{'matchLabels':{'a':'b'}}}}",
	       "{'spec':{'selector':{'matchLabels':{'c':'d'}}}}", "{'spec':{'selector':{'matchLabels':{'c':'d'}}}}");
	merges(pod, "{'spec':{'tolerations':[{'key':'a'}]}}", "{'spec':{'tolerations':[{'key':'b'}]}}",
	       "{'spec':{'tolerations':[{'key':'b'}]}}");
	/* elements by their keys, defaults included; sets by their values */
	merges(pod, "{'spec':{'containers':[{'name':'c','image':'i','ports':[{'containerPort':80,'protocol':'TCP','name':'http'}]}]}}",
	       "{'spec':{'containers':[{'name':'c','ports':[{'containerPort':80,'hostPort':1}]},{'name':'d'}]}}",
	       "{'spec':{'containers':[{'name':'c','image':'i','ports':[{'containerPort':80,'protocol':'TCP','name':'http',"
	       "'hostPort':1}]},{'name':'d'}]}}");
	merges(pod, "{'metadata':{'finalizers':['a','b']}}", "{'metadata':{'finalizers':['c','b']}}",
	       "{'metadata':{'finalizers':['a','c','b']}}");
	/* several live ones of a key give way to the configuration's one */
	merges(pod, "{'spec':{'volumes':[{'name':'a','nfs':{}},{'name':'b'},{'name':'a'}]}}",
	       "{'spec':{'volumes':[{'name':'a','emptyDir':{}}]}}",
	       "{'spec':{'volumes':[{'name':'a','emptyDir':{}},{'name':'b'}]}}");
}

static void merges_in_order(void **state)
{
	merges_names("abc", "", "abc");
	merges_names("", "abc", "abc");
	merges_names("abc", "abc", "abc");
	merges_names("abc", "cba", "cba");
	merges_names("abc", "b", "abc");
	merges_names("abc", "d", "abcd");
	merges_names("abc", "bd", "abcd");
	merges_names("abc", "db", "adbc");
	merges_names("abcd", "dxb", "acdxb");
	merges_names("abc", "cxa", "bcxa");
	merges_names("axbyc", "cba", "xycba");
	merges_names("abc", "xyz", "abcxyz");
	merges_names("abc", "axc", "abxc");
}

static void takes_out(const struct schema *s, const char *obj, const char *set, const char *want)
{
	_cleanup_json_ json *j = parse(obj);
	_cleanup_field_set_ struct field_set what = set_of(s, set);

	field_take_out(s, j, &what);
	is_json(j, want);
}

static void takes_fields_out(void **state)
{
	const struct schema *pod = &sch_core_v1_Pod, *map = &sch_core_v1_ConfigMap;

	takes_out(map, "{'data':{'a':'1','b':'2'}}", "{'f:data':{'f:a':{}}}", "{'data':{'b':'2'}}");
	takes_out(map, "{'data':{'a':'1'}}", "{'f:data':{'f:a':{},'f:z':{}}}", "{}");
	takes_out(map, "{'data':{'a':'1'}}", "{'f:data':{}}", "{}");
	takes_out(map, "{'data':{'a':'1'}}", "{'f:data':{'f:z':{}}}", "{'data':{'a':'1'}}");
	takes_out(pod, "{'spec':{'containers':[{'name':'c','image':'i'},{'name':'d','image':'j'}]}}",
		  "{'f:spec':{'f:containers':{'k:{\\'name\\':\\'c\\'}':{'f:image':{}},'k:{\\'name\\':\\'d\\'}':{}}}}",
		  "{'spec':{'containers':[{'name':'c'}]}}");
	takes_out(pod, "{'spec':{'containers':[{'name':'c'}]},'metadata':{'finalizers':['a','b']}}",
		  "{'f:spec':{'f:containers':{'k:{\\'name\\':\\'c\\'}':{'f:name':{}}}},'f:metadata':{'f:finalizers':{'v:\\'a\\'':{}}}}",
		  "{'spec':{'containers':[{}]},'metadata':{'finalizers':['b']}}");
}

static void finds_what_fits_no_schema(void **state)
{
	static const struct {
		const char *config, *want;
	} v[] = {
		{ "{'metadata':{'name':'a'},'spec':{'replicas':1,'template':{'spec':{'containers':[]}}}}", NULL },
		{ "{'spec':{'replicas':null}}", NULL },
		{ "{'spec':{'foo':1}}", ".spec.foo: field not declared in schema" },
		{ "{'spec':{'replicas':'1'}}", ".spec.replicas: expected numeric (int or float), got string" },
		{ "{'spec':{'replicas':{}}}", ".spec.replicas: expected numeric (int or float), got map[string]interface {}" },
		{ "{'spec':{'paused':'x'}}", ".spec.paused: expected boolean, got &{x}" },
		{ "{'spec':{'template':{'spec':{'nodeName':1}}}}",
		  ".spec.template.spec.nodeName: expected string, got &value.valueUnstructured{Value:1}" },
		{ "{'spec':{'template':[]}}", ".spec.template: expected map, got &{[]}" },
		{ "{'spec':{'template':{'spec':{'containers':{'a':'b'}}}}}",
		  ".spec.template.spec.containers: expected list, got &{map[a:b]}" },
		{ "{'spec':{'template':{'spec':{'containers':[{'name':'a'},{'name':'a'}]}}}}",
		  ".spec.template.spec.containers: duplicate entries for key [name=\"a\"]" },
		{ "{'spec':{'template':{'spec':{'containers':[{'image':'a'}]}}}}",
		  ".spec.template.spec.containers: element 0: associative list with keys has an element that omits all key "
		  "fields [\"name\"] (and doesn't have default values for any key fields)" },
		{ "{'spec':{'template':{'spec':{'containers':[null]}}}}",
		  ".spec.template.spec.containers: element 0: associative list with keys may not have a null element" },
		{ "{'metadata':{'finalizers':[{}]}}",
		  ".metadata.finalizers: element 0: associative list without keys has an element that's a map type" },
		{ "{'spec':{'template':{'spec':{'tolerations':[{'foo':1}]}}}}",
		  ".spec.template.spec.tolerations[0].foo: field not declared in schema" },
		{ "{'spec':{'template':{'spec':{'containers':[{'name':'c','foo':1,'image':2}]}}}}",
		  "errors:\n  .spec.template.spec.containers[name=\"c\"].foo: field not declared in schema"
		  "\n  .spec.template.spec.containers[name=\"c\"].image: expected string, got &value.valueUnstructured{Value:2}" },
		{ "{'spec':{'template':{'spec':{'containers':[{'name':'c','resources':{'limits':{'cpu':[]}}}]}}}}",
		  ".spec.template.spec.containers[name=\"c\"].resources.limits.cpu: expected any scalar, got &{[]}" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		_cleanup_json_ json *j = parse(v[i].config);
		_cleanup_free_ char *got = field_check(&sch_apps_v1_Deployment, j);

		if (!v[i].want)
			assert_null(got);
		else
			assert_string_equal(got ? got : "(nothing)", v[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_in_order),
		cmocka_unit_test(steps_have_one_form_and_order),
		cmocka_unit_test(combines),
		cmocka_unit_test(names_paths),
		cmocka_unit_test(what_became_atomic_is_owned_whole),
		cmocka_unit_test(sees_what_a_configuration_names),
		cmocka_unit_test(sees_what_changed),
		cmocka_unit_test(knows_what_go_writes),
		cmocka_unit_test(merges_by_schema),
		cmocka_unit_test(merges_in_order),
		cmocka_unit_test(takes_fields_out),
		cmocka_unit_test(finds_what_fits_no_schema),
	};

	return cmocka_run_group_tests_name("field_set", tests, NULL, NULL);
}
