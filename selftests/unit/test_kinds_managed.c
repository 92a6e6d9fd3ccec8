// SPDX-License-Identifier: GPL-2.0-or-later
/* test_kinds_managed.c - managedFields: what updates and applies make of them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "api/kinds/defaults.h"
#include "api/kinds/managed_kind.h"
#include "api/meta/status.h"

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

/* One object and its history. */
struct story {
	const struct kind *k;	/* of the requests' version */
	json *obj;		/* NULL: not there yet */
	int now;		/* seconds; every write is one later */
};

static void story_free(struct story *s)
{
	json_freep(&s->obj);
}
#define _cleanup_story_ _cleanup_(story_free)

static struct managed_write write_of(struct story *s, const char *manager, const char *sub, char **stored, char **version)
{
	*version = api_version_of(s->k->res);
	return (struct managed_write){
		.versions = managed_versions_of(s->k, stored), .version = *version, .manager = manager,
		.subresource = sub, .resets = managed_resets(s->k, sub), .now_us = (uint64_t)++s->now * 1000000,
	};
}

static void update_sub(struct story *s, const char *manager, const char *sub, json *next)
{
	_cleanup_free_ char *stored = NULL, *version = NULL;
	struct managed_write w = write_of(s, manager, sub, &stored, &version);

	kind_to_storage(s->k, next);
	if (s->obj)
		json_set_str(json_obj(next, "metadata"), "uid", "u");
	default_object(s->k->storage, next);
	managed_update(&w, s->obj, next);
	json_freep(&s->obj);
	s->obj = next;
	json_set_str(json_obj(next, "metadata"), "uid", "u");
}

static void update(struct story *s, const char *manager, const char *next)
{
	update_sub(s, manager, NULL, parse(next));
}

/* As the registry does: /status changes status only. */
static void update_status(struct story *s, const char *manager, const char *status)
{
	json *next = json_clone(s->obj);

	json_set(next, "status", parse(status));
	update_sub(s, manager, "status", next);
}

/* NULL, or the Status. */
static json *try_apply(struct story *s, const char *manager, bool force, const char *config)
{
	_cleanup_free_ char *stored = NULL, *version = NULL;
	struct managed_write w = write_of(s, manager, NULL, &stored, &version);
	_cleanup_json_ json *c = parse(config);
	json *next = NULL, *status;

	json_set_str(c, "apiVersion", version);
	json_set_str(c, "kind", s->k->res->kind);
	status = managed_apply(&w, s->obj, c, force, &next);
	if (status)
		return status;
	default_object(s->k->storage, next);
	json_set_str(json_obj(next, "metadata"), "uid", "u");
	json_freep(&s->obj);
	s->obj = next;
	return NULL;
}

static void apply_with(struct story *s, const char *manager, bool force, const char *config)
{
	_cleanup_json_ json *status = try_apply(s, manager, force, config);

	if (status)
		fail_msg("%s", json_str(json_get(status, "message")));
}

static void apply(struct story *s, const char *manager, const char *config)
{
	apply_with(s, manager, false, config);
}

/* The refusal's message, and all its fields behind a bar. */
static void refused(struct story *s, const char *manager, const char *config, const char *want)
{
	_cleanup_json_ json *status = try_apply(s, manager, false, config);
	struct buf b = {0};

	if (!status)
		fail_msg("it was applied: %s", config);
	buf_printf(&b, "%d %s: %s", status_code(status), json_str_or(json_get(status, "reason"), ""),
		   json_str(json_get(status, "message")));
	json_each(c, json_get(status, "details", "causes"))
		buf_printf(&b, " | %s: %s", json_str(json_get(c, "field")), json_str(json_get(c, "message")));
	assert_string_equal(b.data, want);
	buf_free(&b);
}

/* One line an entry: "MANAGER OPERATION[/SUBRESOURCE] VERSION @TIME FIELDS", with ' for " and ` for \" */
static void entries(struct story *s, const char *want)
{
	struct buf b = {0};

	json_each(e, json_get(s->obj, "metadata", "managedFields")) {
		_cleanup_free_ char *fields = json_print(json_get(e, "fieldsV1"));
		const char *sub = json_str(json_get(e, "subresource")), *time = json_str(json_get(e, "time"));
		char *to = fields;

		for (char *p = fields; *p; p++)
			*to++ = *p == '"' ? '\'' : *p == '\\' && p[1] == '"' ? (p++, '`') : *p;
		*to = '\0';
		buf_printf(&b, "%s %s%s%s %s %s%.2s %s\n", json_str_or(json_get(e, "manager"), ""),
			   json_str(json_get(e, "operation")), sub ? "/" : "", sub ? sub : "",
			   json_str(json_get(e, "apiVersion")), time ? "@" : "-", time ? time + 17 : "", fields);
		assert_string_equal(json_str(json_get(e, "fieldsType")), "FieldsV1");
	}
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
}

/* The object without its metadata. */
static void content(struct story *s, const char *want)
{
	_cleanup_json_ json *j = json_clone(s->obj), *w = parse(want);
	_cleanup_free_ char *text = NULL;

	json_del(j, "metadata");
	json_del(j, "apiVersion");
	json_del(j, "kind");
	text = json_print(j);
	if (!json_equal(j, w))
		fail_msg("got  %s\nwant %s", text, want);
}

#define MAP "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a'},"

static void updates_take_what_they_change(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_configmaps };

	update(&s, "one", MAP "'data':{'a':'1','b':'1'}}");
	entries(&s, "one Update v1 @01 {'f:data':{'.':{},'f:a':{},'f:b':{}}}\n");
	/* nothing changed: nothing is recorded */
	update(&s, "two", MAP "'data':{'a':'1','b':'1'}}");
	entries(&s, "one Update v1 @01 {'f:data':{'.':{},'f:a':{},'f:b':{}}}\n");
	update(&s, "two", MAP "'data':{'a':'2','b':'1','c':'1'}}");
	entries(&s, "one Update v1 @01 {'f:data':{'.':{},'f:b':{}}}\n"
		    "two Update v1 @03 {'f:data':{'f:a':{},'f:c':{}}}\n");
	/* its own entry grows */
	update(&s, "one", MAP "'data':{'a':'2','b':'1','c':'3'}}");
	entries(&s, "two Update v1 @03 {'f:data':{'f:a':{}}}\n"
		    "one Update v1 @04 {'f:data':{'.':{},'f:b':{},'f:c':{}}}\n");
	/* what is gone is nobody's, and who has nothing left is gone */
	update(&s, "three", MAP "'data':{'b':'1','c':'3'}}");
	entries(&s, "one Update v1 @04 {'f:data':{'.':{},'f:b':{},'f:c':{}}}\n");
	update(&s, "three", MAP "'immutable':true}");
	entries(&s, "three Update v1 @06 {'f:immutable':{}}\n");
	update(&s, "", MAP "'immutable':true,'data':{'z':'1'}}");
	entries(&s, "three Update v1 @06 {'f:immutable':{}}\n"
		    "unknown Update v1 @07 {'f:data':{'.':{},'f:z':{}}}\n");
}

static void clients_send_their_own(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_configmaps };

	update(&s, "one", MAP "'data':{'a':'1'}}");
	/* by hand, in any order */
	update(&s, "two", "{'metadata':{'name':'a','managedFields':[{'manager':'me','operation':'Update','apiVersion':'v1',"
			  "'time':'2020-01-01T00:00:50Z','fieldsType':'FieldsV1','fieldsV1':{'f:x':{},'f:data':{'f:b':{},'f:a':{}}}},"
			  "{'manager':'you','operation':'Apply','apiVersion':'v1','fieldsType':'FieldsV1','fieldsV1':{'f:y':{}}}]},"
			  "'data':{'a':'1'}}");
	entries(&s, "you Apply v1 - {'f:y':{}}\n"
		    "me Update v1 @50 {'f:data':{'f:a':{},'f:b':{}},'f:x':{}}\n");
	/* what cannot be read counts as not sent */
	update(&s, "two", "{'metadata':{'managedFields':[{'manager':'bad'}]},'data':{'a':'1'}}");
	entries(&s, "you Apply v1 - {'f:y':{}}\n"
		    "me Update v1 @50 {'f:data':{'f:a':{},'f:b':{}},'f:x':{}}\n");
	update(&s, "two", "{'metadata':{'managedFields':[{'manager':'bad','operation':'Update','apiVersion':'v1',"
			  "'fieldsType':'FieldsV1','fieldsV1':{'x':{}}}]},'data':{'a':'1'}}");
	entries(&s, "you Apply v1 - {'f:y':{}}\n"
		    "me Update v1 @50 {'f:data':{'f:a':{},'f:b':{}},'f:x':{}}\n");
	/* a version that there is not (any more) */
	update(&s, "two", "{'metadata':{'managedFields':[{'manager':'old','operation':'Update','apiVersion':'v0',"
			  "'fieldsType':'FieldsV1','fieldsV1':{'f:data':{}}}]},'data':{'a':'2'}}");
	entries(&s, "two Update v1 @05 {'f:data':{'f:a':{}}}\n");
	/* forgotten, and not begun again */
	update(&s, "two", "{'metadata':{'managedFields':[{}]},'data':{'a':'3'}}");
	entries(&s, "");
	update(&s, "two", "{'metadata':{},'data':{'a':'4'}}");
	entries(&s, "");
	update(&s, "two", "{'metadata':{'managedFields':[]},'data':{'a':'5'}}");
	entries(&s, "");
}

static void metadata_is_owned_but_for_what_names_the_object(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_configmaps };

	update(&s, "one", "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','namespace':'n','generateName':'g',"
			  "'uid':'u','creationTimestamp':'2020-01-01T00:00:00Z','generation':3,'resourceVersion':'1',"
			  "'labels':{'a/b':'c'},'annotations':{'x':'y'},'finalizers':['f/g'],"
			  "'ownerReferences':[{'apiVersion':'v1','kind':'Pod','name':'p','uid':'u1'}]}}");
	entries(&s, "one Update v1 @01 {'f:metadata':{'f:annotations':{'.':{},'f:x':{}},'f:finalizers':{'.':{},'v:`f/g`':{}},"
		    "'f:generateName':{},'f:labels':{'.':{},'f:a/b':{}},"
		    "'f:ownerReferences':{'.':{},'k:{`uid`:`u1`}':{}}}}\n");
}

#define POD_SPEC "'spec':{'containers':[{'name':'c','image':'i'}]}}"

/* A template that was left out is there with its defaults. */
#define TEMPLATE_OWNED "'f:template':{'f:spec':{'f:dnsPolicy':{},'f:restartPolicy':{},'f:schedulerName':{},'f:securityContext':{}," \
	"'f:terminationGracePeriodSeconds':{}}}"

static void status_has_an_entry_of_its_own(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_replicasets };

	/* who makes an object owns no status, even if it brings one */
	update(&s, "one", "{'metadata':{'name':'a'},'spec':{'replicas':1,'selector':{'matchLabels':{'a':'b'}}},'status':{'replicas':9}}");
	entries(&s, "one Update apps/v1 @01 {'f:spec':{'f:replicas':{},'f:selector':{}," TEMPLATE_OWNED "}}\n");
	update_status(&s, "one", "{'replicas':1,'conditions':[{'type':'X','status':'True'}]}");
	entries(&s, "one Update apps/v1 @01 {'f:spec':{'f:replicas':{},'f:selector':{}," TEMPLATE_OWNED "}}\n"
		    "one Update/status apps/v1 @02 {'f:status':{'f:conditions':{'.':{},'k:{`type`:`X`}':{'.':{},"
		    "'f:lastTransitionTime':{},'f:status':{},'f:type':{}}},'f:replicas':{}}}\n");
	update_status(&s, "two", "{'replicas':1,'readyReplicas':1,'conditions':[{'type':'X','status':'False'}]}");
	entries(&s, "one Update apps/v1 @01 {'f:spec':{'f:replicas':{},'f:selector':{}," TEMPLATE_OWNED "}}\n"
		    "one Update/status apps/v1 @02 {'f:status':{'f:conditions':{'.':{},'k:{`type`:`X`}':{'.':{},"
		    "'f:lastTransitionTime':{},'f:type':{}}},'f:replicas':{}}}\n"
		    "two Update/status apps/v1 @03 {'f:status':{'f:conditions':{'k:{`type`:`X`}':{'f:status':{}}},"
		    "'f:readyReplicas':{}}}\n");
}

static void old_updates_are_thrown_together(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_configmaps };
	char manager[8], object[512];
	struct buf data = {0};

	for (int i = 0; i < 12; i++) {
		buf_printf(&data, "%s'k%02d':'x'", i ? "," : "", i);
		snprintf(manager, sizeof(manager), "m%02d", i);
		snprintf(object, sizeof(object), "{'metadata':{'name':'a'},'data':{%s}}", data.data);
		update(&s, manager, object);
	}
	buf_free(&data);
	entries(&s, "ancient-changes Update v1 @03 {'f:data':{'.':{},'f:k00':{},'f:k01':{},'f:k02':{}}}\n"
		    "m03 Update v1 @04 {'f:data':{'f:k03':{}}}\n"
		    "m04 Update v1 @05 {'f:data':{'f:k04':{}}}\n"
		    "m05 Update v1 @06 {'f:data':{'f:k05':{}}}\n"
		    "m06 Update v1 @07 {'f:data':{'f:k06':{}}}\n"
		    "m07 Update v1 @08 {'f:data':{'f:k07':{}}}\n"
		    "m08 Update v1 @09 {'f:data':{'f:k08':{}}}\n"
		    "m09 Update v1 @10 {'f:data':{'f:k09':{}}}\n"
		    "m10 Update v1 @11 {'f:data':{'f:k10':{}}}\n"
		    "m11 Update v1 @12 {'f:data':{'f:k11':{}}}\n");
}

static void applies_and_shares(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_configmaps };

	apply(&s, "one", "{'metadata':{'name':'a','labels':{'x':'y'}},'data':{'a':'1','b':'1'}}");
	content(&s, "{'data':{'a':'1','b':'1'}}");
	entries(&s, "one Apply v1 @01 {'f:data':{'f:a':{},'f:b':{}},'f:metadata':{'f:labels':{'f:x':{}}}}\n");
	/* the same again is no change, also not of the time */
	apply(&s, "one", "{'metadata':{'name':'a','labels':{'x':'y'}},'data':{'a':'1','b':'1'}}");
	entries(&s, "one Apply v1 @01 {'f:data':{'f:a':{},'f:b':{}},'f:metadata':{'f:labels':{'f:x':{}}}}\n");
	/* an equal value is shared; Kubernetes gives no time to who changed nothing */
	apply(&s, "two", "{'metadata':{'name':'a'},'data':{'a':'1'}}");
	entries(&s, "two Apply v1 - {'f:data':{'f:a':{}}}\n"
		    "one Apply v1 @01 {'f:data':{'f:a':{},'f:b':{}},'f:metadata':{'f:labels':{'f:x':{}}}}\n");
	/* what one leaves out and the other has stays */
	apply(&s, "one", "{'metadata':{'name':'a'},'data':{'b':'1'}}");
	content(&s, "{'data':{'a':'1','b':'1'}}");
	entries(&s, "two Apply v1 - {'f:data':{'f:a':{}}}\n"
		    "one Apply v1 @04 {'f:data':{'f:b':{}}}\n");
	assert_null(json_get(s.obj, "metadata", "labels"));
	/* and goes when the last one leaves it out */
	apply(&s, "two", "{'metadata':{'name':'a'},'data':{'c':'1'}}");
	content(&s, "{'data':{'b':'1','c':'1'}}");
	entries(&s, "one Apply v1 @04 {'f:data':{'f:b':{}}}\n"
		    "two Apply v1 @05 {'f:data':{'f:c':{}}}\n");
	/* it may come back */
	apply(&s, "one", "{'metadata':{'name':'a'},'data':{'a':'2','b':'1'}}");
	content(&s, "{'data':{'a':'2','b':'1','c':'1'}}");
	apply(&s, "one", "{'metadata':{'name':'a'}}");
	apply(&s, "two", "{'metadata':{'name':'a'}}");
	content(&s, "{}");
	entries(&s, "");
}

static void conflicts_are_told(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_configmaps };

	update(&s, "editor", MAP "'data':{'a':'1','b':'1'}}");
	apply(&s, "one", "{'metadata':{'name':'a'},'data':{'a':'1'}}");
	refused(&s, "two", "{'metadata':{'name':'a'},'data':{'b':'2'}}",
		"409 Conflict: Apply failed with 1 conflict: conflict with \"editor\" using v1: .data.b"
		" | .data.b: conflict with \"editor\" using v1");
	refused(&s, "two", "{'metadata':{'name':'a'},'data':{'a':'2','b':'2'}}",
		"409 Conflict: Apply failed with 3 conflicts: conflicts with \"editor\" using v1:\n- .data.a\n- .data.b\n"
		"conflicts with \"one\":\n- .data.a"
		" | .data.a: conflict with \"editor\" using v1 | .data.b: conflict with \"editor\" using v1"
		" | .data.a: conflict with \"one\"");
	content(&s, "{'data':{'a':'1','b':'1'}}");
	apply_with(&s, "two", true, "{'metadata':{'name':'a'},'data':{'a':'2','b':'2'}}");
	content(&s, "{'data':{'a':'2','b':'2'}}");
	entries(&s, "two Apply v1 @05 {'f:data':{'f:a':{},'f:b':{}}}\n"
		    "editor Update v1 @01 {'f:data':{}}\n");
	/* an update takes from who applied, without asking */
	update(&s, "editor", MAP "'data':{'a':'3','b':'2'}}");
	entries(&s, "two Apply v1 @05 {'f:data':{'f:b':{}}}\n"
		    "editor Update v1 @06 {'f:data':{'.':{},'f:a':{}}}\n");
	/* its own updates are another's */
	update(&s, "two", MAP "'data':{'a':'3','b':'3'}}");
	refused(&s, "two", "{'metadata':{'name':'a'},'data':{'b':'4'}}",
		"409 Conflict: Apply failed with 1 conflict: conflict with \"two\" using v1: .data.b"
		" | .data.b: conflict with \"two\" using v1");
}

static void the_subresource_is_in_the_conflict(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_configmaps };
	_cleanup_json_ json *next = parse(MAP "'data':{'a':'1'}}");

	update(&s, "one", MAP "'data':{'b':'1'}}");
	update_sub(&s, "two", "scale", json_clone(next));
	refused(&s, "three", "{'metadata':{'name':'a'},'data':{'a':'2'}}",
		"409 Conflict: Apply failed with 1 conflict: conflict with \"two\" with subresource \"scale\" using v1: .data.a"
		" | .data.a: conflict with \"two\" with subresource \"scale\" using v1");
}

static void objects_from_before(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_configmaps, .obj = parse(MAP "'data':{'a':'1','b':'1'}}") };

	update(&s, "one", MAP "'data':{'a':'1','b':'2'}}");
	entries(&s, "");
	apply(&s, "one", "{'metadata':{'name':'a'},'data':{'a':'1'}}");
	entries(&s, "one Apply v1 - {'f:data':{'f:a':{}}}\n"
		    "before-first-apply Update v1 @02 {'f:data':{'.':{},'f:a':{},'f:b':{}}}\n");
	refused(&s, "one", "{'metadata':{'name':'a'},'data':{'b':'1'}}",
		"409 Conflict: Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .data.b"
		" | .data.b: conflict with \"before-first-apply\" using v1");
}

static void lists_are_merged(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_services };

	apply(&s, "one", "{'metadata':{'name':'a'},'spec':{'ports':[{'name':'x','port':1},{'name':'y','port':2}]}}");
	apply(&s, "two", "{'metadata':{'name':'a'},'spec':{'ports':[{'name':'z','port':3,'protocol':'UDP'},{'name':'y','port':2}]}}");
	entries(&s, "one Apply v1 @01 {'f:spec':{'f:ports':{'k:{`port`:1,`protocol`:`TCP`}':{'.':{},'f:name':{},'f:port':{}},"
		    "'k:{`port`:2,`protocol`:`TCP`}':{'.':{},'f:name':{},'f:port':{}}}}}\n"
		    "two Apply v1 @02 {'f:spec':{'f:ports':{'k:{`port`:2,`protocol`:`TCP`}':{'.':{},'f:name':{},'f:port':{}},"
		    "'k:{`port`:3,`protocol`:`UDP`}':{'.':{},'f:name':{},'f:port':{},'f:protocol':{}}}}}\n");
	/* the element that both have stays, the other goes */
	apply(&s, "one", "{'metadata':{'name':'a'},'spec':{'ports':[]}}");
	assert_int_equal(json_len(json_get(s.obj, "spec", "ports")), 2);
	assert_string_equal(json_str(json_get(json_get(s.obj, "spec", "ports")->child, "name")), "z");
	entries(&s, "two Apply v1 @02 {'f:spec':{'f:ports':{'k:{`port`:2,`protocol`:`TCP`}':{'.':{},'f:name':{},'f:port':{}},"
		    "'k:{`port`:3,`protocol`:`UDP`}':{'.':{},'f:name':{},'f:port':{},'f:protocol':{}}}}}\n");
}

/* A field inside an element that another manager has: the element stays for its sake. */
static void parts_of_an_element_have_owners(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_deployments };

	apply(&s, "one", "{'metadata':{'name':'a'},'spec':{'template':{'spec':{'containers':[{'name':'c','image':'i'},{'name':'d','image':'j'}]}}}}");
	apply(&s, "two", "{'metadata':{'name':'a'},'spec':{'template':{'spec':{'containers':[{'name':'c','stdin':true}]}}}}");
	apply(&s, "one", "{'metadata':{'name':'a'},'spec':{'replicas':2}}");
	entries(&s, "two Apply apps/v1 @02 {'f:spec':{'f:template':{'f:spec':{'f:containers':{'k:{`name`:`c`}':{'.':{},"
		    "'f:name':{},'f:stdin':{}}}}}}}\n"
		    "one Apply apps/v1 @03 {'f:spec':{'f:replicas':{}}}\n");
	assert_int_equal(json_len(json_get(s.obj, "spec", "template", "spec", "containers")), 1);
	assert_null(json_get(json_get(s.obj, "spec", "template", "spec", "containers")->child, "image"));
	/* nobody's any more: what defaults made of it goes too */
	apply(&s, "two", "{'metadata':{'name':'a'},'spec':{'paused':true}}");
	assert_int_equal(json_len(json_get(s.obj, "spec", "template", "spec", "containers")), 0);
	entries(&s, "one Apply apps/v1 @03 {'f:spec':{'f:replicas':{}}}\n"
		    "two Apply apps/v1 @04 {'f:spec':{'f:paused':{}}}\n");
}

/* What updates own is not taken away by who applied something beside it. */
static void updates_keep_what_they_own(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_configmaps };

	apply(&s, "one", "{'metadata':{'name':'a'},'data':{'a':'1','b':'1'}}");
	update(&s, "two", MAP "'data':{'a':'1','b':'2'}}");
	entries(&s, "one Apply v1 @01 {'f:data':{'f:a':{}}}\n"
		    "two Update v1 @02 {'f:data':{'f:b':{}}}\n");
	apply(&s, "one", "{'metadata':{'name':'a'},'data':{'a':'1'}}");
	content(&s, "{'data':{'a':'1','b':'2'}}");
	apply(&s, "one", "{'metadata':{'name':'a'}}");
	content(&s, "{'data':{'b':'2'}}");
	entries(&s, "two Update v1 @02 {'f:data':{'f:b':{}}}\n");
}

static void kubectl_takes_over_what_it_applied_itself(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_configmaps };
	json *next = parse(MAP "'data':{'a':'1','b':'1'}}");

	json_set_str(json_obj(next, "metadata", "annotations"), "kubectl.kubernetes.io/last-applied-configuration",
		     "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"annotations\":{},\"name\":\"a\"},"
		     "\"data\":{\"a\":\"1\"}}\n");
	update_sub(&s, "kubectl-client-side-apply", NULL, next);
	/* another tool has no claim */
	refused(&s, "other", "{'metadata':{'name':'a'},'data':{'a':'2'}}",
		"409 Conflict: Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .data.a"
		" | .data.a: conflict with \"kubectl-client-side-apply\" using v1");
	/* nor kubectl on what it did not apply */
	refused(&s, "kubectl", "{'metadata':{'name':'a'},'data':{'a':'2','b':'2'}}",
		"409 Conflict: Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using v1: .data.b"
		" | .data.b: conflict with \"kubectl-client-side-apply\" using v1");
	apply(&s, "kubectl", "{'metadata':{'name':'a','annotations':{}},'data':{'a':'<2>'}}");
	content(&s, "{'data':{'a':'<2>','b':'1'}}");
	assert_string_equal(json_str(json_get(s.obj, "metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")),
			    "{\"apiVersion\":\"v1\",\"data\":{\"a\":\"\\u003c2\\u003e\"},\"kind\":\"ConfigMap\","
			    "\"metadata\":{\"annotations\":{},\"name\":\"a\"}}\n");
}

static void other_versions_have_other_names(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_ingresses };

	update(&s, "one", "{'apiVersion':'networking.k8s.io/v1','kind':'Ingress','metadata':{'name':'a'},'spec':{'defaultBackend':"
			  "{'service':{'name':'s','port':{'number':80}}}}}");
	s.k = &kind_ingresses_v1beta1;
	apply(&s, "two", "{'metadata':{'name':'a'},'spec':{'ingressClassName':'x'}}");
	entries(&s, "two Apply networking.k8s.io/v1beta1 @02 {'f:spec':{'f:ingressClassName':{}}}\n"
		    "one Update networking.k8s.io/v1 @01 {'f:spec':{'f:defaultBackend':{'.':{},'f:service':{'.':{},'f:name':{},'f:port':{}}}}}\n");
	assert_string_equal(json_str(json_get(s.obj, "apiVersion")), "networking.k8s.io/v1");
	/* in v1beta1 it has another name, and is the same field */
	refused(&s, "two", "{'metadata':{'name':'a'},'spec':{'backend':{'serviceName':'t','servicePort':80}}}",
		"409 Conflict: Apply failed with 1 conflict: conflict with \"one\" using networking.k8s.io/v1: .spec.defaultBackend.service.name"
		" | .spec.defaultBackend.service.name: conflict with \"one\" using networking.k8s.io/v1");
	apply_with(&s, "two", true, "{'metadata':{'name':'a'},'spec':{'backend':{'serviceName':'t','servicePort':80}}}");
	entries(&s, "two Apply networking.k8s.io/v1beta1 @04 {'f:spec':{'f:backend':{'f:serviceName':{},'f:servicePort':{}}}}\n"
		    "one Update networking.k8s.io/v1 @01 {'f:spec':{'f:defaultBackend':{'.':{},'f:service':{'.':{},'f:port':{}}}}}\n");
	/* the other way: what was applied in one version is left out in the other */
	s.k = &kind_ingresses;
	apply(&s, "two", "{'metadata':{'name':'a'},'spec':{'ingressClassName':'x'}}");
	entries(&s, "two Apply networking.k8s.io/v1 @05 {'f:spec':{'f:ingressClassName':{}}}\n"
		    "one Update networking.k8s.io/v1 @01 {'f:spec':{'f:defaultBackend':{'.':{},'f:service':{'.':{},'f:port':{}}}}}\n");
	assert_string_equal(json_str_or(json_get(s.obj, "spec", "defaultBackend", "service", "name"), ""), "");
	assert_non_null(json_get(s.obj, "spec", "defaultBackend", "service", "port"));
}

static void bad_configurations(void **state)
{
	_cleanup_story_ struct story s = { .k = &kind_deployments };

	refused(&s, "one", "{'metadata':{'name':'a','namespace':'n','managedFields':[]},'spec':{}}",
		"400 BadRequest: metadata.managedFields must be nil");
	refused(&s, "one", "{'metadata':{'name':'a','namespace':'n'},'spec':{'foo':1}}",
		"500 : failed to create typed patch object (n/a; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema");
	s.k = &kind_configmaps;
	refused(&s, "one", "{'data':[]}",
		"500 : failed to create typed patch object (/; /v1, Kind=ConfigMap): .data: expected map, got &{[]}");
}

static void scales(void **state)
{
	_cleanup_free_ char *stored = NULL;
	struct managed_versions v = managed_versions_of(&kind_deployments, &stored);
	_cleanup_story_ struct story s = { .k = &kind_deployments };
	_cleanup_json_ json *list = NULL, *scale = json_new_object();

	apply(&s, "one", "{'metadata':{'name':'a'},'spec':{'replicas':1,'paused':true}}");
	update(&s, "two", "{'metadata':{'name':'a'},'spec':{'replicas':2,'paused':true}}");
	apply(&s, "one", "{'metadata':{'name':'a'},'spec':{'replicas':2,'paused':true}}");
	list = managed_to_scale(&v, s.obj);
	assert_int_equal(json_len(list), 2);
	assert_string_equal(json_str(json_get(list->child, "apiVersion")), "autoscaling/v1");
	/* nothing changed */
	json_set(json_obj(scale, "metadata"), "managedFields", json_clone(list));
	managed_from_scale(&v, "apps/v1", s.obj, scale);
	entries(&s, "one Apply apps/v1 @03 {'f:spec':{'f:paused':{},'f:replicas':{}}}\n"
		    "two Update apps/v1 @02 {'f:spec':{'f:replicas':{}}}\n");
	/* somebody scales: the others lose the field */
	json_set(json_obj(scale, "metadata"), "managedFields",
		 parse("[{'manager':'two','operation':'Update','apiVersion':'autoscaling/v1','subresource':'scale',"
		       "'time':'2020-01-01T00:00:00Z','fieldsType':'FieldsV1','fieldsV1':{'f:spec':{'f:replicas':{}}}}]"));
	managed_from_scale(&v, "apps/v1", s.obj, scale);
	entries(&s, "one Apply apps/v1 @03 {'f:spec':{'f:paused':{}}}\n"
		    "two Update/scale apps/v1 - {'f:spec':{'f:replicas':{}}}\n");
}

static void only_times_differ(void **state)
{
	_cleanup_json_ json *a = parse("{'metadata':{'name':'a','managedFields':[{'manager':'m','time':'1'}]},'data':{'a':'1'}}"),
			    *b = parse("{'metadata':{'name':'a','managedFields':[{'manager':'m','time':'2'}]},'data':{'a':'1'}}"),
			    *c = parse("{'metadata':{'name':'a','managedFields':[{'manager':'n','time':'1'}]},'data':{'a':'1'}}"),
			    *d = parse("{'metadata':{'name':'a','managedFields':[{'manager':'m','time':'1'}]},'data':{'a':'2'}}"),
			    *e = parse("{'metadata':{'name':'a'},'data':{'a':'1'}}");

	assert_true(managed_same_but_times(a, b));
	assert_true(managed_same_but_times(e, e));
	assert_false(managed_same_but_times(a, c));
	assert_false(managed_same_but_times(a, d));
	assert_false(managed_same_but_times(a, e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates_take_what_they_change),
		cmocka_unit_test(clients_send_their_own),
		cmocka_unit_test(metadata_is_owned_but_for_what_names_the_object),
		cmocka_unit_test(status_has_an_entry_of_its_own),
		cmocka_unit_test(old_updates_are_thrown_together),
		cmocka_unit_test(applies_and_shares),
		cmocka_unit_test(conflicts_are_told),
		cmocka_unit_test(the_subresource_is_in_the_conflict),
		cmocka_unit_test(objects_from_before),
		cmocka_unit_test(lists_are_merged),
		cmocka_unit_test(parts_of_an_element_have_owners),
		cmocka_unit_test(updates_keep_what_they_own),
		cmocka_unit_test(kubectl_takes_over_what_it_applied_itself),
		cmocka_unit_test(other_versions_have_other_names),
		cmocka_unit_test(bad_configurations),
		cmocka_unit_test(scales),
		cmocka_unit_test(only_times_differ),
	};

	return cmocka_run_group_tests_name("managed", tests, NULL, NULL);
}
