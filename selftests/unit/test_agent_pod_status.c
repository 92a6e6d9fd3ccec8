// SPDX-License-Identifier: GPL-2.0-or-later
/* test_agent_pod_status.c - the status reported for each state of a pod */
#include "test_agent_pod.h"

#include "agent/pod_status.h"

#define R(what_, pod_, obs_, book_, expect_, ...) \
	{ .what = (what_), .pod = (pod_), .obs = (obs_), .book = (book_), .expect = (expect_), ##__VA_ARGS__ }

#define DELETING(spec) "{\"metadata\":{\"name\":\"p\",\"namespace\":\"default\",\"uid\":\"u1\"," \
	"\"deletionTimestamp\":\"2026-11-18T11:07:10Z\"},\"spec\":{" spec "}}"
#define PROBED "\"containers\":[{\"name\":\"a\",\"image\":\"busybox\",\"readinessProbe\":{}}]"
#define STARTUP "\"containers\":[{\"name\":\"a\",\"image\":\"busybox\",\"startupProbe\":{}}]"
#define NOW_TEXT "2026-11-18T11:06:40Z"

/* expect: members that the status must have with these values ('...' instead of " for legibility). */
static const struct row {
	const char *what, *pod, *obs, *book, *expect;
	const char *prev_status;
	unsigned requeue;	/* seconds from now, 0: none */
} rows[] = {
	R("new", POD(A_), "", "",
	  "{'phase':'Pending','hostIP':'192.0.2.1','startTime':'" NOW_TEXT "','qosClass':'BestEffort',"
	  "'containerStatuses':[{'name':'a','ready':false,'restartCount':0,'started':false,'image':'busybox','imageID':'',"
	  "'state':{'waiting':{'reason':'ContainerCreating'}}}],"
	  "'conditions':[{'type':'PodReadyToStartContainers','status':'False'},{'type':'Initialized','status':'True'},"
	  "{'type':'Ready','status':'False','reason':'ContainersNotReady','message':'containers with unready status: [a]'},"
	  "{'type':'ContainersReady','status':'False'},{'type':'PodScheduled','status':'True'}]}"),
	R("running", POD(A_), "S0+ a/0@0:R", "",
	  "{'phase':'Running','podIP':'10.244.1.7','podIPs':[{'ip':'10.244.1.7'}],'hostIPs':[{'ip':'192.0.2.1'}],"
	  "'containerStatuses':[{'ready':true,'started':true,'restartCount':0,'containerID':'containerd://a-0',"
	  "'imageID':'sha256:1','state':{'running':{'startedAt':'2026-11-18T11:05:00Z'}}}],"
	  "'conditions':[{'status':'True'},{'status':'True'},{'type':'Ready','status':'True',"
	  "'lastTransitionTime':'" NOW_TEXT "'},{'type':'ContainersReady','status':'True'}]}"),
	R("times of unchanged conditions stay", POD(A_), "S0+ a/0@0:R", "",
	  "{'startTime':'2026-11-18T10:00:00Z','conditions':[{},{},{'type':'Ready','lastTransitionTime':'2026-11-18T10:00:01Z'},"
	  "{'type':'ContainersReady','lastTransitionTime':'" NOW_TEXT "'}]}",
	  .prev_status = "{'startTime':'2026-11-18T10:00:00Z','conditions':["
	  "{'type':'Ready','status':'True','lastTransitionTime':'2026-11-18T10:00:01Z'},"
	  "{'type':'ContainersReady','status':'False','lastTransitionTime':'2026-11-18T10:00:01Z'}]}"),
	R("host network", POD("\"hostNetwork\":true," A_), "S0+ a/0@0:R", "", "{'podIP':'192.0.2.1'}"),
	R("one of two ready", POD(AB), "S0+ a/0@0:R", "",
	  "{'phase':'Pending','conditions':[{},{},{'status':'False','message':'containers with unready status: [b]'}]}"),
	R("image error, fresh", POD(A_), "S0+", "fail:a=10",
	  "{'phase':'Pending','containerStatuses':[{'state':{'waiting':{'reason':'ErrImagePull','message':'no such image'}}}]}",
	  .requeue = 3),
	R("image error, again", POD(A_), "S0+", "fail:a=10 fail:a=10",
	  "{'containerStatuses':[{'state':{'waiting':{'reason':'ImagePullBackOff',"
	  "'message':'Back-off pulling image \"busybox\": no such image'}}}]}"),
	R("crash loop", POD(A_), "S0+ a/2@0:X3,2,5 a/1@0:X1", "",
	  "{'phase':'Running','containerStatuses':[{'ready':false,'restartCount':2,"
	  "'state':{'waiting':{'reason':'CrashLoopBackOff','message':'back-off 20s restarting failed container=a pod=p_default(u1)'}},"
	  "'lastState':{'terminated':{'exitCode':3,'reason':'Error','finishedAt':'2026-11-18T11:06:35Z','containerID':'containerd://a-2'}}}]}",
	  .requeue = 15),
	R("restarted", POD(A_), "S0+ a/1@0:R a/0@0:X1", "",
	  "{'containerStatuses':[{'ready':true,'restartCount':1,'state':{'running':{}},"
	  "'lastState':{'terminated':{'exitCode':1,'containerID':'containerd://a-0'}}}]}"),
	R("between crash and restart", POD(A_), "S0+ a/0@0:X1", "",
	  "{'phase':'Running','containerStatuses':[{'state':{'terminated':{'exitCode':1}}}]}"),
	R("sandbox died", POD(A_), "S0- a/0@0:X137", "",
	  "{'phase':'Running','podIP':'10.244.1.5','containerStatuses':[{'state':{'terminated':{'exitCode':137}}}]}",
	  .prev_status = "{'podIP':'10.244.1.5'}"),
	R("completed", POD(NEVER A_), "S0- a/0@0:X0", "",
	  "{'phase':'Succeeded','containerStatuses':[{'ready':false,'state':{'terminated':{'exitCode':0,'reason':'Completed'}}}],"
	  "'conditions':[{'status':'False'},{'type':'Initialized','status':'True','reason':'PodCompleted'},"
	  "{'type':'Ready','status':'False','reason':'PodCompleted'}]}"),
	R("failed", POD(NEVER AB), "S0+ a/0@0:X0 b/0@0:X2", "",
	  "{'phase':'Failed','conditions':[{},{},{'type':'Ready','status':'False','reason':'PodFailed'}]}"),
	R("not failed while one runs", POD(NEVER AB), "S0+ a/0@0:R b/0@0:X2", "", "{'phase':'Running'}"),
	R("init under way", POD(INIT2 "," A_), "S0+ i/0@0:R", "",
	  "{'phase':'Pending','initContainerStatuses':[{'name':'i','ready':false,'started':false,'state':{'running':{}}},"
	  "{'name':'j','state':{'waiting':{'reason':'PodInitializing'}}}],"
	  "'containerStatuses':[{'state':{'waiting':{'reason':'PodInitializing'}}}],"
	  "'conditions':[{},{'type':'Initialized','status':'False','reason':'ContainersNotInitialized',"
	  "'message':'containers with incomplete status: [i j]'}]}"),
	R("init done", POD(INIT2 "," A_), "S0+ i/0@0:X0 j/0@0:X0 a/0@0:R", "",
	  "{'phase':'Running','initContainerStatuses':[{'ready':true,'state':{'terminated':{'reason':'Completed'}}},{'ready':true}],"
	  "'conditions':[{},{'type':'Initialized','status':'True'},{'status':'True'}]}"),
	R("init failed for good", POD(NEVER INIT2 "," A_), "S0+ i/0@0:X1", "", "{'phase':'Failed'}"),
	R("sidecar counts as ready", POD(SIDE "," A_), "S0+ i/0@0:X0 s/0@0:R a/0@0:R", "",
	  "{'phase':'Running','initContainerStatuses':[{},{'name':'s','ready':true,'started':true}]}"),
	R("not probed yet", POD(PROBED), "S0+ a/0@0:R", "", "{'phase':'Running','containerStatuses':[{'ready':false,'started':true}]}"),
	R("probe passes", POD(PROBED), "S0+ a/0@0:R", "probed:a=a-0,SR", "{'containerStatuses':[{'ready':true}]}"),
	R("another instance's probe", POD(PROBED), "S0+ a/1@0:R", "probed:a=a-0,SR", "{'containerStatuses':[{'ready':false}]}"),
	R("starting up", POD(STARTUP), "S0+ a/0@0:R", "probed:a=a-0,--", "{'containerStatuses':[{'ready':false,'started':false}]}"),
	R("deadline", POD("\"activeDeadlineSeconds\":60," A_), "S0+ a/0@0:R", "",
	  "{'phase':'Failed','reason':'DeadlineExceeded'}", .prev_status = "{'startTime':'2026-11-18T11:00:00Z'}"),
	R("others' phase and conditions stay", "{" META ",\"spec\":{" A_ "},\"status\":{\"phase\":\"Failed\",\"reason\":\"Evicted\","
	  "\"conditions\":[{\"type\":\"DisruptionTarget\",\"status\":\"True\"}]}}", "S0+ a/0@0:X137", "",
	  "{'phase':'Failed','reason':'Evicted','conditions':[{},{},{},{},{},{'type':'DisruptionTarget','status':'True'}]}"),
	R("readiness gate closed", POD("\"readinessGates\":[{\"conditionType\":\"x\"}]," A_), "S0+ a/0@0:R", "",
	  "{'conditions':[{},{},{'type':'Ready','status':'False','reason':'ReadinessGatesNotReady'},{'type':'ContainersReady','status':'True'}]}"),
	R("on its way out", DELETING(A_), "S0+ a/0@0:X0", "", "{'containerStatuses':[{'state':{'terminated':{}},'ready':false}]}"),
	R("on its way out, nothing left", DELETING(A_), "", "", NULL),
};

static char *with_quotes(const char *s)
{
	char *t = xstrdup(s);

	if (strchr(t, '\'') == NULL)
		return t;
	/* '"' inside a value is written \" in JSON */
	struct buf b = { 0 };
	for (const char *p = t; *p; p++)
		buf_puts(&b, *p == '\'' ? "\"" : *p == '"' ? "\\\"" : (char[]){ *p, 0 });
	free(t);
	return buf_steal(&b);
}

/* NULL, or where `got` lacks what `want` has. */
static char *missing(const json *want, const json *got, const char *path)
{
	if (json_is_object(want)) {
		json_each(w, want) {
			_cleanup_free_ char *at = xasprintf("%s.%s", path, json_key(w));
			char *m = missing(w, json_get(got, json_key(w)), at);

			if (m)
				return m;
		}
		return got ? NULL : xasprintf("%s is missing", path);
	}
	if (json_is_array(want)) {
		const json *g = got ? got->child : NULL;
		int i = 0;

		json_each(w, want) {
			_cleanup_free_ char *at = xasprintf("%s[%d]", path, i++);
			char *m = missing(w, g, at);

			if (m)
				return m;
			g = g->next;
		}
		return NULL;
	}
	if (json_equal(want, got))
		return NULL;
	_cleanup_free_ char *w = json_print(want), *g = got ? json_print(got) : xstrdup("nothing");
	return xasprintf("%s is %s, not %s", path, g, w);
}

static void test_rows(void **state)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		_cleanup_free_ char *want_text = r->expect ? with_quotes(r->expect) : NULL;
		_cleanup_free_ char *prev_text = r->prev_status ? with_quotes(r->prev_status) : NULL;
		_cleanup_json_ json *pod = parse_or_fail(r->pod);
		_cleanup_json_ json *prev = prev_text ? parse_or_fail(prev_text) : NULL;
		_cleanup_json_ json *want = want_text ? parse_or_fail(want_text) : NULL, *got = NULL;
		_cleanup_free_ char *problem = NULL;
		struct observed obs;
		struct pod_book book;
		struct pod_input in = { .pod = pod, .prev_status = prev, .obs = &obs, .book = &book,
			.host_ip = "192.0.2.1", .now_us = NOW };
		uint64_t requeue_us;

		parse_obs(r->obs, &obs);
		parse_book(r->book, &book);
		got = pod_status_make(&in, &requeue_us);
		if (want)
			problem = missing(want, got, "");
		else if (got)
			problem = xstrdup("there is a status");
		if (!problem && requeue_us != (r->requeue ? NOW + r->requeue * SEC_US : 0))
			problem = xasprintf("requeue is off");
		if (problem) {
			print_error("%s: %s\n", r->what, problem);
			wrong++;
		}
		pod_book_clear(&book);
		observed_clear(&obs);
	}
	assert_int_equal(wrong, 0);
}

/* The status of a running pod is sent; `api` is merged into it, as somebody else's write or the API's own form. */
static void test_overruled(void **state)
{
	static const struct {
		const char *what, *api;
		bool expect;
	} cases[] = {
		{ "as sent", "{}", false },
		{ "not ready", "{'conditions':[{'type':'Initialized','status':'True'},{'type':'PodReadyToStartContainers','status':'True'},"
		  "{'type':'Ready','status':'False'},{'type':'ContainersReady','status':'True'},{'type':'PodScheduled','status':'True'}]}", true },
		{ "a condition lost", "{'conditions':[{'type':'Ready','status':'True'}]}", true },
		{ "no conditions", "{'conditions':null}", true },
		{ "no address", "{'podIP':null}", true },
		{ "phase", "{'phase':'Unknown'}", true },
		{ "container not ready", "{'containerStatuses':[{'name':'a','ready':false,'started':true,'containerID':'containerd://a-0'}]}", true },
		{ "another container", "{'containerStatuses':[{'name':'a','ready':true,'started':true,'containerID':'containerd://a-1'}]}", true },
		{ "no container", "{'containerStatuses':null}", true },
		{ "the rest of a container", "{'containerStatuses':[{'name':'a','ready':true,'started':true,'containerID':'containerd://a-0','image':'x'}]}", false },
		{ "others' members", "{'resize':'x','hostIPs':null,'message':'hello'}", false },
		{ "others' condition", "{'conditions':[{'type':'x','status':'False'},{'type':'PodReadyToStartContainers','status':'True'},"
		  "{'type':'Initialized','status':'True'},{'type':'Ready','status':'True'},{'type':'ContainersReady','status':'True'},"
		  "{'type':'PodScheduled','status':'True'}]}", false },
	};
	_cleanup_json_ json *pod = parse_or_fail(POD(A_)), *sent = NULL;
	struct pod_book book = { 0 };
	struct observed obs;
	struct pod_input in = { .pod = pod, .obs = &obs, .book = &book, .host_ip = "192.0.2.1", .now_us = NOW };
	uint64_t requeue;

	parse_obs("S0+ a/0@0:R", &obs);
	sent = pod_status_make(&in, &requeue);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = with_quotes(cases[i].api);
		_cleanup_json_ json *change = parse_or_fail(text), *api = json_clone(pod), *status = json_clone(sent);

		json_each(m, change)
			json_set(status, json_key(m), json_clone(m));
		json_set(api, "status", TAKE_PTR(status));
		if (pod_was_overruled(api, sent) != cases[i].expect)
			fail_msg("%s: expected %d", cases[i].what, cases[i].expect);
	}
	observed_clear(&obs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_overruled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
